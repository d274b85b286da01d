// What can be done with resting addresses: take back; administrators hold them, change their end, and lift the rest.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { createOne, removeOne, updateOne, useList } from "../../../api/resources";
import { useProjectId, useSession } from "../../../api/session";
import type { RestingAddress } from "../../../api/types";
import { ChangeConfirmation, ChangeDialog, DeleteDialog } from "../../../resource/dialogs";
import { endOf, useEndFields } from "../../../resource/ends";
import { optionsOf } from "../../../resource/names";
import { useChecks } from "../../../resource/words";
import type { Action } from "../../../ui/actions";
import { useNames } from "../names";
import { takeBack } from "./take-back";

interface RowProps {
  row: RestingAddress;
  onClose: () => void;
}

function TakeBackDialog({ row, onClose }: RowProps) {
  const { t } = useTranslation("life");
  const address = row.floating_ip_address;
  return (
    <ChangeConfirmation
      title={t("takeBack.title")}
      description={t("takeBack.help", { address })}
      submit={t("takeBack.title")}
      change={() => takeBack(row.id)}
      notice={t("takeBack.done", { address })}
      onClose={onClose}
    />
  );
}

function EndDialog({ row, onClose }: RowProps) {
  const { t } = useTranslation("life");
  const address = row.floating_ip_address;
  const initial = row.rests_until ? "day" : "";
  return (
    <ChangeDialog
      title={t("resting.change")}
      description={t("resting.changeHelp", { address })}
      fields={[
        ...useEndFields({ label: t("resting.ends"), never: t("resting.noEnd"), initial }),
        { name: "reason", label: t("resting.reason"), initial: row.reason },
      ]}
      submit={t("common:action.save")}
      change={(values) =>
        updateOne("resting", row.id, { rests_until: endOf(values), reason: (values.reason ?? "").trim() })
      }
      notice={t("resource:done.saved", { name: address })}
      onClose={onClose}
    />
  );
}

export function HoldDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("life");
  const check = useChecks();
  const { pools, pool } = useNames();
  const { identity, projects } = useSession();
  const all = useList("project", {}, { enabled: identity === "builtin" }).data?.rows ?? projects;
  const own = useProjectId();
  const ends = useEndFields({ label: t("resting.ends"), never: t("resting.noEnd") });
  return (
    <ChangeDialog
      title={t("resting.hold")}
      description={t("resting.holdHelp")}
      fields={[
        {
          name: "pool",
          label: t("floatingips:pool"),
          type: "select",
          required: true,
          options: (pools ?? []).map(({ id }) => ({ value: id, label: pool(id) })),
        },
        { name: "address", label: t("floatingips:address"), required: true, check: check.ipv4 },
        { name: "reason", label: t("resting.reason") },
        ...ends,
        {
          name: "project",
          label: t("resting.keptFor"),
          type: "select",
          initial: own,
          options: optionsOf(all),
          when: ({ end }) => end !== "",
        },
      ]}
      submit={t("resting.hold")}
      change={(values) =>
        createOne("resting", {
          floating_network_id: values.pool,
          floating_ip_address: (values.address ?? "").trim(),
          reason: (values.reason ?? "").trim(),
          rests_until: endOf(values),
          ...(values.project && { project_id: values.project }),
        })
      }
      notice={({ address }) => t("resting.holdDone", { address: (address ?? "").trim() })}
      onClose={onClose}
    />
  );
}

function LiftDialog({ row, onClose }: RowProps) {
  const { t } = useTranslation("life");
  const address = row.floating_ip_address;
  return (
    <DeleteDialog
      title={t("resting.lift")}
      name={address}
      question={t("resting.liftNote", { address })}
      done={t("resting.lifted", { address })}
      remove={() => removeOne("resting", row.id)}
      onClose={onClose}
    />
  );
}

export function useRestingActions(): Action<RestingAddress>[] {
  const { t } = useTranslation("life");
  const { admin } = useSession();
  const own = useProjectId();
  return useMemo(() => {
    const forAdmins: Action<RestingAddress>[] = [
      {
        key: "change",
        label: t("resting.change"),
        dialog: (row, close) => <EndDialog row={row} onClose={close} />,
      },
      {
        key: "lift",
        label: t("resting.lift"),
        danger: true,
        dialog: (row, close) => <LiftDialog row={row} onClose={close} />,
      },
    ];
    return [
      {
        key: "takeBack",
        label: t("takeBack.title"),
        inRow: true,
        when: (row) => (admin || row.project_id === own) && row.rests_until !== null,
        dialog: (row, close) => <TakeBackDialog row={row} onClose={close} />,
      },
      ...(admin ? forAdmins : []),
    ];
  }, [t, admin, own]);
}
