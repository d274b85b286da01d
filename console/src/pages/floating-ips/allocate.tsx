// "Allocate IP To Project": a new floating IP, on wish associated at once.
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { useOffered } from "../../api/extensions";
import { useGet } from "../../api/resources";
import { useProjectId } from "../../api/session";
import type { Quotas } from "../../api/types";
import { ChangeDialog } from "../../resource/dialogs";
import { useChecks } from "../../resource/words";
import { Alert } from "../../ui/alert";
import { ErrorNote } from "../../ui/error-note";
import type { Field, Values } from "../../ui/form-dialog";
import { fits, QuotaBar } from "../../ui/quota-bar";
import { allocate } from "./changes";
import { useGround, type Surroundings } from "./ground";
import { leaseOf, useLeaseFields } from "./life/lease-fields";
import { useNames } from "./names";
import { findTargets, isReachable, likelyPool, type Target } from "./reach";
import { TargetList, useTargets } from "./target-list";

function useFields(around: Surroundings): { fields: Field[]; noPool: boolean } {
  const { t } = useTranslation("floatingips");
  const check = useChecks();
  const { pools, pool } = useNames();
  const { ground } = around;
  const ids = useMemo(() => pools?.map(({ id }) => id) ?? [], [pools]);
  const likely = useMemo(() => (ground ? likelyPool(ground, ids) : ids[0]), [ground, ids]);
  const leases = useOffered()("buoy-leases");
  const ends = useLeaseFields();
  const fields: Field[] = [
    {
      name: "pool",
      label: t("pool"),
      type: "select",
      required: true,
      options: ids.map((id) => ({ value: id, label: pool(id) })),
      ...(likely !== undefined && { initial: likely }),
    },
    { name: "description", label: t("common:field.description") },
    {
      name: "address",
      label: t("allocate.address"),
      help: t("allocate.addressHelp"),
      check: check.ipv4,
    },
    ...(leases ? ends : []),
  ];
  return { fields, noPool: pools !== undefined && pools.length === 0 };
}

function reachableTarget(around: Surroundings, poolId: string, key: string): Target | undefined {
  if (!around.ground || key === "") return undefined;
  return findTargets(around.ground, poolId).find((target) => target.key === key && isReachable(target));
}

interface GoalChoiceProps {
  around: Surroundings;
  poolId: string;
  value: string;
  onChange: (key: string) => void;
}

function GoalChoice({ around, poolId, value, onChange }: GoalChoiceProps) {
  const { t } = useTranslation("floatingips");
  const targets = useTargets(around, poolId);
  const chosen = targets?.some((target) => target.key === value && isReachable(target)) ? value : "";
  return (
    <TargetList
      label={t("allocate.goal")}
      around={around}
      targets={targets}
      value={chosen}
      optional
      onChange={onChange}
    />
  );
}

function QuotaNote({ quotas, error }: { quotas: Quotas | undefined; error: unknown }) {
  const { t } = useTranslation("floatingips");
  if (error && !quotas) return <ErrorNote error={error} />;
  if (!quotas) return null;
  const quota = quotas.floatingip;
  const full = !fits(quota, 1);
  return (
    <>
      <QuotaBar title={t("allocate.quota")} quota={quota} adding={full ? 0 : 1} />
      {full && (
        <Alert variant="warning" isInline component="p" title={t("allocate.full", { limit: quota.limit })}>
          {t("common:error.advice.overQuota")}
        </Alert>
      )}
    </>
  );
}

export default function AllocateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("floatingips");
  const projectId = useProjectId();
  const around = useGround(projectId);
  const { fields, noPool } = useFields(around);
  const quota = useGet<{ quota: Quotas }>(`/v2.0/quotas/${projectId}/details`);
  const [goal, setGoal] = useState("");
  const quotas = quota.data?.quota;

  const change = async (values: Values) => {
    const target = reachableTarget(around, values.pool ?? "", goal);
    const fip = await allocate({
      poolId: values.pool ?? "",
      projectId,
      address: (values.address ?? "").trim(),
      description: values.description ?? "",
      goal: target ? { portId: target.port.id, fixedIp: target.address } : null,
      ...(values.end && { lease: leaseOf(values) }),
    });
    const instance = target ? around.nameOf(target.port) : "";
    return t(target ? "done.allocatedFor" : "done.allocated", { address: fip.floating_ip_address, instance });
  };
  return (
    <ChangeDialog
      title={t("allocate.title")}
      description={noPool ? t("allocate.noPool") : t("allocate.help")}
      fields={fields}
      submit={t("allocate.submit")}
      blocked={noPool || (quotas !== undefined && !fits(quotas.floatingip, 1))}
      wide
      change={change}
      notice={(_values, words) => words}
      onClose={onClose}
    >
      {(values) => (
        <>
          <QuotaNote quotas={quotas} error={quota.error} />
          <GoalChoice around={around} poolId={values.pool ?? ""} value={goal} onChange={setGoal} />
        </>
      )}
    </ChangeDialog>
  );
}
