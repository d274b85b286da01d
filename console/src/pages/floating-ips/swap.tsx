// "Swap with ...": two floating IPs get each other's association in one step.
import { Skeleton } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";

import { useList } from "../../api/resources";
import type { FloatingIp } from "../../api/types";
import { ChangeDialog } from "../../resource/dialogs";
import { compareValues } from "../../ui/data-table";
import { ErrorNote } from "../../ui/error-note";
import type { Field } from "../../ui/form-dialog";
import { putMoves, swapOf } from "./change-set";
import { MoveTable, usePlace } from "./move-table";

// The floating IP and those that it can be swapped with, as they are now: after a refusal they are read anew.
function useOthers(given: FloatingIp) {
  const { data, error, refetch } = useList("floatingip", { project_id: given.project_id });
  const others = data?.rows
    .filter(({ id, port_id }) => id !== given.id && port_id !== null)
    .sort((a, b) => compareValues(a.floating_ip_address, b.floating_ip_address));
  const fip = data?.rows.find(({ id }) => id === given.id) ?? given;
  return { fip, others, error, retry: () => void refetch() };
}

export default function SwapDialog({ fip: given, onClose }: { fip: FloatingIp; onClose: () => void }) {
  const { t } = useTranslation("floatingips");
  const place = usePlace();
  const { fip, others, error, retry } = useOthers(given);
  const find = (id: string | undefined) => others?.find((other) => other.id === id);
  const names = (id: string | undefined) => ({
    address: fip.floating_ip_address,
    other: find(id)?.floating_ip_address ?? "",
  });
  const none = others?.length === 0;
  const fields: Field[] = [
    {
      name: "other",
      label: t("swap.other"),
      type: "select",
      required: true,
      options: (others ?? []).map((other) => ({
        value: other.id,
        label: `${other.floating_ip_address}: ${place(other)}`,
      })),
    },
  ];
  return (
    <ChangeDialog
      title={t("swap.title", { address: fip.floating_ip_address })}
      description={none ? t("swap.none") : t("swap.help")}
      fields={others && !none ? fields : []}
      submit={t("swap.submit")}
      blocked={!others || none}
      wide
      change={async (values) => {
        const other = find(values.other);
        if (other) await putMoves(swapOf(fip, other));
      }}
      notice={(values) => t("swap.done", names(values.other))}
      onClose={onClose}
    >
      {(values) => {
        const other = find(values.other);
        if (error && !others) return <ErrorNote error={error} retry={retry} />;
        if (!others) return <Skeleton screenreaderText={t("common:loading")} height="6rem" />;
        if (!other) return null;
        return (
          <MoveTable
            label={t("move.preview")}
            rows={[
              { fip, before: place(fip), after: place(other) },
              { fip: other, before: place(other), after: place(fip) },
            ]}
          />
        );
      }}
    </ChangeDialog>
  );
}
