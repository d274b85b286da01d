// Register, edit and delete instances; lead a floating IP to one.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { createOne, updateOne, useList } from "../../api/resources";
import type { FloatingIp, Server } from "../../api/types";
import { ChangeDialog, deleteAction } from "../../resource/dialogs";
import { nameOf, optionsOf } from "../../resource/names";
import { useChecks } from "../../resource/words";
import type { Action } from "../../ui/actions";
import { allocate, associate } from "../floating-ips/changes";
import { isFree as isUnused } from "../floating-ips/life/forwards";
import { addressesOf, isFree, type Address } from "./addresses";
import { Alert } from "../../ui/alert";

export function RegisterDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("instances");
  const check = useChecks();
  const networks = useList("network").data?.rows;
  return (
    <ChangeDialog
      planned={false}
      title={t("register")}
      description={t("registerHelp")}
      fields={[
        { name: "name", label: t("name"), required: true },
        {
          name: "network",
          label: t("network"),
          type: "select",
          required: true,
          options: optionsOf(networks?.filter((network) => !network["router:external"])),
        },
        { name: "fixedIp", label: t("fixedIp"), help: t("fixedIpHelp"), check: check.ip },
      ]}
      submit={t("register")}
      notice={({ name }) => t("registered", { name })}
      change={({ name, network, fixedIp }) =>
        createOne("server", {
          name: (name ?? "").trim(),
          networks: [{ uuid: network, ...(fixedIp && { fixed_ip: fixedIp.trim() }) }],
        })
      }
      onClose={onClose}
    />
  );
}

function EditDialog({ server, onClose }: { server: Server; onClose: () => void }) {
  const { t } = useTranslation("instances");
  return (
    <ChangeDialog
      planned={false}
      title={t("edit")}
      fields={[{ name: "name", label: t("name"), initial: server.name, required: true }]}
      submit={t("common:action.save")}
      notice={({ name }) => t("resource:done.saved", { name })}
      change={({ name }) => updateOne("server", server.id, { name: (name ?? "").trim() })}
      onClose={onClose}
    />
  );
}

// What is known of where an instance's addresses are, and the floating IPs of its project.
export function useAddresses(server: Server): { addresses: Address[] | undefined; error: unknown } {
  const ports = useList("port", { device_id: server.id });
  const floatingIps = useList("floatingip", { project_id: server.tenant_id });
  const addresses = useMemo(
    () => ports.data && floatingIps.data && addressesOf(ports.data.rows, floatingIps.data.rows),
    [ports.data, floatingIps.data],
  );
  return { addresses, error: ports.error ?? floatingIps.error };
}

const newFrom = "new:"; // in front of a pool's id: one that is not there yet

// `fixed`: the address to begin with.
export function AssociateDialog({ server, fixed, onClose }: { server: Server; fixed?: string; onClose: () => void }) {
  const { t } = useTranslation("instances");
  const { addresses } = useAddresses(server);
  const floatingIps = useList("floatingip", { project_id: server.tenant_id }).data?.rows;
  const pools = useList("network", { "router:external": true }).data?.rows;
  const free = (floatingIps ?? []).filter(isUnused);
  const targets = (addresses ?? []).filter(isFree);
  const choices = [
    ...free.map((fip) => ({ value: fip.id, label: fip.floating_ip_address })),
    ...(pools ?? []).map((pool) => ({
      value: newFrom + pool.id,
      label: t("newFrom", { pool: nameOf(pool) }),
    })),
  ];
  const known = addresses && floatingIps && pools;
  const problem = known && (targets.length === 0 ? t("noIpv4") : choices.length === 0 ? t("nothingFree") : undefined);

  const lead = (floating: string | undefined, key: string | undefined) => {
    const target = targets.find((address) => address.key === key);
    const goal = target && { portId: target.port.id, fixedIp: target.fixed };
    const fip = free.find(({ id }) => id === floating);
    if (fip && goal) return associate(fip, goal);
    return allocate({
      poolId: (floating ?? "").slice(newFrom.length),
      projectId: server.tenant_id,
      address: "",
      description: "",
      goal: goal ?? null,
    });
  };
  return (
    <ChangeDialog
      title={t("associate")}
      description={server.name}
      fields={[
        { name: "floating", label: t("freeIp"), type: "select", required: true, options: choices },
        {
          name: "target",
          label: t("toAddress"),
          type: "select",
          required: true,
          initial: targets.find((address) => address.fixed === fixed)?.key ?? "",
          options: targets.map((address) => ({
            value: address.key,
            label: address.port.name ? `${address.fixed} (${address.port.name})` : address.fixed,
          })),
        },
      ]}
      submit={t("associate")}
      blocked={Boolean(problem) || !known}
      notice={(_values, fip: FloatingIp) =>
        t("associated", { floating: fip.floating_ip_address, fixed: fip.fixed_ip_address ?? "" })
      }
      change={({ floating, target }) => lead(floating, target)}
      onClose={onClose}
    >
      {problem && <Alert variant="warning" isInline component="p" title={problem} />}
    </ChangeDialog>
  );
}

export function useInstanceActions(leave?: string): Action<Server>[] {
  const { t } = useTranslation("instances");
  return useMemo(
    () => [
      {
        key: "associate",
        label: t("associate"),
        dialog: (server, close) => <AssociateDialog server={server} onClose={close} />,
      },
      {
        key: "edit",
        label: t("edit"),
        dialog: (server, close) => <EditDialog server={server} onClose={close} />,
      },
      deleteAction<Server>("server", t("delete"), nameOf, {
        ...(leave !== undefined && { leave }),
        note: () => t("deleteNote"),
      }),
    ],
    [t, leave],
  );
}
