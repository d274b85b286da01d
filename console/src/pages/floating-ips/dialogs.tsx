// The questions about floating IPs that exist: associate, disassociate, describe, release.
import { List, ListItem } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../../api/client";
import { useOffered } from "../../api/extensions";
import { useChange, useList } from "../../api/resources";
import type { FloatingIp } from "../../api/types";
import { ChangeDialog, DeleteDialog } from "../../resource/dialogs";
import { usePolicyText } from "../../resource/policies";
import { ConfirmDialog, type Field } from "../../ui/form-dialog";
import { useNotice, useUndoable } from "../../ui/notices";
import { associate, describe, each, goalOf, release, splitTags } from "./changes";
import { useGround } from "./ground";
import { forwardingsOf, forwards } from "./life/forwards";
import { findResting, useUndoRelease } from "./life/take-back";
import { useNames } from "./names";
import { isReachable } from "./reach";
import { TargetList, useTargets } from "./target-list";

interface OneProps {
  fip: FloatingIp;
  onClose: () => void;
}

interface SomeProps {
  fips: readonly FloatingIp[];
  onClose: () => void;
}

export function AssociateDialog({ fip, onClose }: OneProps) {
  const { t } = useTranslation("floatingips");
  const around = useGround(fip.project_id);
  const targets = useTargets(around, fip.floating_network_id, fip.id);
  const [chosen, setChosen] = useState("");
  const reachable = (targets ?? []).filter(isReachable);
  const target = reachable.find(({ key }) => key === chosen) ?? (reachable.length === 1 ? reachable[0] : undefined);
  const address = fip.floating_ip_address;
  return (
    <ChangeDialog
      title={t("associate.title")}
      description={t("associate.help", { address, pool: around.networkName(fip.floating_network_id) })}
      fields={[]}
      submit={t("action.associate")}
      blocked={target === undefined}
      wide
      change={async () => {
        if (target) await associate(fip, { portId: target.port.id, fixedIp: target.address });
      }}
      notice={t("done.associated", { address, instance: target ? around.nameOf(target.port) : "" })}
      onClose={onClose}
    >
      <TargetList
        label={t("associate.port")}
        around={around}
        targets={targets}
        value={target?.key ?? ""}
        onChange={setChosen}
      />
    </ChangeDialog>
  );
}

const named = (fips: readonly FloatingIp[]) => fips.map(({ floating_ip_address }) => floating_ip_address).join(", ");

// What the dialog is about, one line for each when there are several.
function Lines({ fips, line }: { fips: readonly FloatingIp[]; line: (fip: FloatingIp) => ReactNode }) {
  const [first] = fips;
  if (first && fips.length === 1) return <p>{line(first)}</p>;
  return (
    <List className="buoy-lines">
      {fips.map((fip) => (
        <ListItem key={fip.id}>{line(fip)}</ListItem>
      ))}
    </List>
  );
}

// Associates again what was disassociated, and says how that went.
function useUndo(): (was: readonly FloatingIp[]) => Promise<void> {
  const { t } = useTranslation("floatingips");
  const tell = useNotice();
  const client = useQueryClient();
  return async (was) => {
    try {
      await each(was, (fip) => associate(fip, goalOf(fip)));
      tell(t("done.undone", { address: named(was) }));
    } catch (error) {
      tell(t("done.notUndone", { why: error instanceof ApiError ? error.message : String(error) }), null, "danger");
    }
    await client.invalidateQueries();
  };
}

function useLeadsTo(): (fip: FloatingIp) => { instance: string; fixed: string; address: string } {
  const { instance } = useNames();
  return (fip) => ({
    address: fip.floating_ip_address,
    fixed: fip.fixed_ip_address ?? "",
    instance: instance(fip)?.name ?? "",
  });
}

export function DisassociateDialog({ fips, onClose }: SomeProps) {
  const { t } = useTranslation("floatingips");
  const tellUndoable = useUndoable();
  const undo = useUndo();
  const leadsTo = useLeadsTo();
  const change = () => each(fips, (fip) => associate(fip, null));
  const { mutateAsync } = useChange(change);
  const send = async () => {
    await mutateAsync(undefined);
    tellUndoable(t("done.disassociated", { address: named(fips) }), {
      label: t("action.undo"),
      run: () => undo(fips),
    });
  };
  return (
    <ConfirmDialog
      title={t("disassociate.title")}
      submit={t("action.disassociate")}
      danger
      onSubmit={send}
      onPlan={change}
      onClose={onClose}
    >
      <Lines fips={fips} line={(fip) => t("disassociate.traffic", leadsTo(fip))} />
      <p>{t("disassociate.kept")}</p>
    </ConfirmDialog>
  );
}

export function ReleaseDialog({ fips, leave, onClose }: SomeProps & { leave?: string }) {
  const { t } = useTranslation("floatingips");
  const leadsTo = useLeadsTo();
  const rests = useOffered()("buoy-quarantine");
  const undo = useUndoRelease();
  const line = (fip: FloatingIp) => {
    const address = fip.floating_ip_address;
    if (forwards(fip)) return t("life:release.forwards", { address, count: forwardingsOf(fip).length });
    return fip.port_id ? t("release.traffic", leadsTo(fip)) : t("release.free", { address });
  };
  const count = fips.length;
  return (
    <DeleteDialog
      title={t("action.release", { count })}
      name={named(fips)}
      question={rests ? t("life:release.question", { count }) : t("release.question", { count })}
      done={t("done.released", { address: named(fips) })}
      note={<Lines fips={fips} line={line} />}
      remove={() => each(fips, release)}
      {...(rests && {
        undo: async () => {
          const resting = await findResting(fips).catch(() => []);
          return resting.length > 0 ? { label: t("action.undo"), run: () => undo(resting) } : undefined;
        },
      })}
      {...(leave !== undefined && { leave })}
      onClose={onClose}
    />
  );
}

function usePolicyField(present: string | null): Field {
  const { t } = useTranslation("floatingips");
  const text = usePolicyText();
  const policies = useList("policy").data?.rows ?? [];
  const options = policies.map((policy) => ({ value: policy.id, label: text(policy) }));
  // The present one is a choice, though it may not be there yet, or not to be seen.
  if (present && !policies.some(({ id }) => id === present))
    options.push({ value: present, label: present.slice(0, 8) });
  return {
    name: "policy",
    label: t("qos:policy"),
    type: "select",
    options: [{ value: "", label: t("qos:none") }, ...options],
    initial: present ?? "",
  };
}

export function DescribeDialog({ fip, onClose }: OneProps) {
  const { t } = useTranslation("floatingips");
  const fields: Field[] = [
    { name: "description", label: t("common:field.description"), type: "textarea", initial: fip.description },
    { name: "tags", label: t("tags"), help: t("describe.tagsHelp"), initial: fip.tags.join(", ") },
    usePolicyField(fip.qos_policy_id),
  ];
  return (
    <ChangeDialog
      title={t("action.describe")}
      description={<span className="buoy-address">{fip.floating_ip_address}</span>}
      fields={fields}
      submit={t("common:action.save")}
      change={({ description = "", policy = "", tags = "" }) =>
        describe(fip, { description, policyId: policy || null, tags: splitTags(tags) })
      }
      notice={t("resource:done.saved", { name: fip.floating_ip_address })}
      onClose={onClose}
    />
  );
}
