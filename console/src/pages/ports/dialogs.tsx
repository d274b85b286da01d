// Create, edit and delete ports.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { createOne, updateOne, useList, type Attributes } from "../../api/resources";
import { useSession } from "../../api/session";
import type { Port, Subnet } from "../../api/types";
import { ChangeDialog, deleteAction } from "../../resource/dialogs";
import { nameOf, optionsOf } from "../../resource/names";
import { useChecks } from "../../resource/words";
import type { Action } from "../../ui/actions";
import type { Field, Values } from "../../ui/form-dialog";
import { readAddress, readLines } from "../../ui/lines";
import { isRouters } from "./columns";

const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

function useCommonFields(port?: Port): { name: Field; others: Field[] } {
  const { t } = useTranslation("ports");
  const { admin } = useSession();
  const host: Field = {
    name: "host",
    label: t("host"),
    help: t("hostHelp"),
    initial: port?.["binding:host_id"] ?? "",
  };
  return {
    name: { name: "name", label: t("common:field.name"), initial: port?.name ?? "" },
    others: [
      {
        name: "adminState",
        label: t("enableAdminState"),
        type: "checkbox",
        initial: !port || port.admin_state_up ? "yes" : "",
      },
      {
        name: "device",
        label: t("deviceId"),
        help: t("deviceIdHelp"),
        initial: port?.device_id ?? "",
      },
      { name: "description", label: t("common:field.description"), initial: port?.description ?? "" },
      ...(admin ? [host] : []),
    ],
  };
}

function commonAttributes(values: Values): Attributes {
  return {
    name: values.name ?? "",
    description: values.description ?? "",
    admin_state_up: Boolean(values.adminState),
    ...(values.host !== undefined && { "binding:host_id": values.host.trim() }),
  };
}

export function subnetLabel(subnet: Subnet): string {
  return subnet.name ? `${subnet.name}: ${subnet.cidr}` : subnet.cidr;
}

// Which address: none said, any of a subnet, or this one.
function useAddressFields(networkId: string | undefined): Field[] {
  const { t } = useTranslation("ports");
  const check = useChecks();
  const subnets = useList("subnet").data?.rows;
  const choices = (network: string | undefined) =>
    (subnets ?? [])
      .filter((subnet) => subnet.network_id === network)
      .map((subnet) => ({ value: subnet.id, label: subnetLabel(subnet) }));
  return [
    {
      name: "specify",
      label: t("specify"),
      type: "select",
      options: [
        { value: "", label: t("byNothing") },
        { value: "subnet", label: t("bySubnet") },
        { value: "address", label: t("byAddress") },
      ],
    },
    {
      name: "subnet",
      label: t("bySubnet"),
      type: "select",
      required: true,
      options: (all) => choices(networkId ?? all.network),
      when: ({ specify }) => specify === "subnet",
    },
    {
      name: "address",
      label: t("byAddress"),
      required: true,
      check: check.ip,
      when: ({ specify }) => specify === "address",
    },
  ];
}

function addressAttributes(values: Values): Attributes {
  if (values.subnet) return { fixed_ips: [{ subnet_id: values.subnet }] };
  if (values.address) return { fixed_ips: [{ ip_address: values.address.trim() }] };
  return {};
}

// On a network's page the network is known.
export function CreatePortDialog({ networkId, onClose }: { networkId?: string; onClose: () => void }) {
  const { t } = useTranslation("ports");
  const networks = useList("network", {}, { enabled: networkId === undefined });
  const { name, others } = useCommonFields();
  const network: Field = {
    name: "network",
    label: t("network"),
    type: "select",
    required: true,
    options: optionsOf(networks.data?.rows),
  };
  const mac: Field = {
    name: "mac",
    label: t("mac"),
    help: t("macHelp"),
    check: (value) => (macPattern.test(value.trim()) ? undefined : t("notMac")),
  };
  const addresses = useAddressFields(networkId);
  return (
    <ChangeDialog
      title={t("create")}
      fields={[name, ...(networkId === undefined ? [network] : []), ...addresses, mac, ...others]}
      submit={t("create")}
      notice={(values) => t("resource:done.created", { name: values.name || t("port") })}
      change={(values) =>
        createOne("port", {
          ...commonAttributes(values),
          ...addressAttributes(values),
          network_id: networkId ?? values.network,
          ...(values.mac && { mac_address: values.mac.trim() }),
          ...(values.device && { device_id: values.device.trim() }),
        })
      }
      onClose={onClose}
    />
  );
}

// Only what was changed: that somebody else's port keeps its addresses needs no right to give them.
export function editedPort(port: Port, values: Values): Attributes {
  const addresses = readLines(values.addresses ?? "", readAddress).items;
  const was = port.fixed_ips.map((fixed) => fixed.ip_address);
  const device = (values.device ?? "").trim();
  const fixedIps = addresses.map((ip_address) => {
    const same = port.fixed_ips.find((fixed) => fixed.ip_address === ip_address);
    return same ?? { ip_address };
  });
  return {
    ...commonAttributes(values),
    ...(addresses.join() !== was.join() && { fixed_ips: fixedIps }),
    ...(device !== port.device_id && { device_id: device }),
  };
}

export function EditPortDialog({ port, onClose }: { port: Port; onClose: () => void }) {
  const { t } = useTranslation("ports");
  const { name, others } = useCommonFields(port);
  const addresses: Field = {
    name: "addresses",
    label: t("fixedIps"),
    type: "textarea",
    help: t("addressesHelp"),
    initial: port.fixed_ips.map((fixed) => fixed.ip_address).join("\n"),
    check: (value) => (readLines(value, readAddress).wrong === undefined ? undefined : t("common:form.notIp")),
  };
  return (
    <ChangeDialog
      title={t("edit")}
      fields={[name, addresses, ...others]}
      submit={t("common:action.save")}
      notice={t("resource:done.saved", { name: nameOf(port) })}
      change={(values) => updateOne("port", port.id, editedPort(port, values))}
      onClose={onClose}
    />
  );
}

export function usePortActions(leave?: string): Action<Port>[] {
  const { t } = useTranslation("ports");
  return useMemo(
    () => [
      {
        key: "edit",
        label: t("edit"),
        dialog: (port, close) => <EditPortDialog port={port} onClose={close} />,
      },
      deleteAction<Port>("port", t("delete"), nameOf, {
        ...(leave !== undefined && { leave }),
        note: () => t("deleteNote"),
        when: (port) => !isRouters(port),
      }),
    ],
    [t, leave],
  );
}
