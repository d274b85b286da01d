// Create and edit networks and subnets.
import { useTranslation } from "react-i18next";

import { createOne, removeOne, updateOne, useList, type Attributes } from "../../api/resources";
import { useSession } from "../../api/session";
import type { Network, Subnet } from "../../api/types";
import { ChangeDialog } from "../../resource/dialogs";
import { nameOf, optionsOf } from "../../resource/names";
import { useChecks } from "../../resource/words";
import type { Field, Values } from "../../ui/form-dialog";
import { subnetAttributes, useSubnetFields } from "./subnet-form";

// What administrators may say of a network, new or not.
function useSharedFields(network?: Network): Field[] {
  const { t } = useTranslation("networks");
  const check = useChecks();
  return [
    { name: "shared", label: t("shared"), type: "checkbox", initial: network?.shared ? "yes" : "" },
    {
      name: "external",
      label: t("external"),
      type: "checkbox",
      initial: network?.["router:external"] ? "yes" : "",
    },
    {
      name: "mtu",
      label: t("mtu"),
      type: "number",
      initial: network ? String(network.mtu) : "",
      ...(network ? { required: true } : { help: t("mtuHelp") }),
      check: check.number,
    },
  ];
}

// What only a new network can be given, by administrators: whose it is, and what it is made of.
function useProviderFields(): Field[] {
  const { t } = useTranslation("networks");
  const check = useChecks();
  const session = useSession();
  const builtin = session.identity === "builtin";
  const projects = useList("project", {}, { enabled: builtin && session.admin });
  const section = t("provider");
  return [
    {
      name: "project",
      label: t("common:field.project"),
      type: "select",
      help: t("projectHelp"),
      initial: session.project?.id ?? "",
      options: optionsOf(projects.data?.rows ?? session.projects),
    },
    {
      name: "type",
      label: t("networkType"),
      type: "select",
      section,
      options: [
        { value: "", label: t("typeDefault") },
        ...["vxlan", "flat", "local"].map((value) => ({ value, label: value })),
      ],
    },
    {
      name: "physical",
      label: t("physical"),
      section,
      help: t("physicalHelp"),
      required: true,
      when: ({ type }) => type === "flat",
    },
    {
      name: "segment",
      label: t("segmentation"),
      type: "number",
      section,
      check: check.number,
      when: ({ type }) => type === "vxlan",
    },
  ];
}

function adminAttributes(values: Values): Attributes {
  return {
    shared: Boolean(values.shared),
    "router:external": Boolean(values.external),
    ...(values.mtu && { mtu: Number(values.mtu) }),
  };
}

function networkAttributes(values: Values, admin: boolean): Attributes {
  return {
    name: values.name ?? "",
    description: values.description ?? "",
    admin_state_up: Boolean(values.adminState),
    ...(admin && adminAttributes(values)),
    ...(values.project && { project_id: values.project }),
    ...(values.type && { "provider:network_type": values.type }),
    ...(values.physical && { "provider:physical_network": values.physical.trim() }),
    ...(values.segment && { "provider:segmentation_id": Number(values.segment) }),
  };
}

// A network and its subnet, or neither.
export async function createWithSubnet(network: Attributes, subnet: Attributes | undefined): Promise<void> {
  const { id } = await createOne("network", network);
  if (!subnet) return;
  try {
    await createOne("subnet", { ...subnet, network_id: id });
  } catch (error) {
    // The reason is the subnet's; that a network stays behind when even this fails shows in the list.
    await removeOne("network", id).catch(() => undefined);
    throw error;
  }
}

function useCommonFields(network?: Network): Field[] {
  const { t } = useTranslation("networks");
  return [
    { name: "name", label: t("name"), initial: network?.name ?? "" },
    {
      name: "adminState",
      label: t("enableAdminState"),
      type: "checkbox",
      initial: !network || network.admin_state_up ? "yes" : "",
    },
    {
      name: "description",
      label: t("common:field.description"),
      initial: network?.description ?? "",
    },
  ];
}

export function CreateNetworkDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("networks");
  const { admin } = useSession();
  const common = useCommonFields();
  const shared = useSharedFields();
  const provider = useProviderFields();
  const subnet = useSubnetFields();
  const withSubnet = (field: Field, section: string): Field => ({
    ...field,
    section,
    when: (all) => Boolean(all.subnet) && (!field.when || field.when(all)),
  });
  const details = new Set(["dhcp", "pools", "dns", "routes"]);
  const fields: Field[] = [
    ...common,
    ...(admin ? [...shared, ...provider] : []),
    {
      name: "subnet",
      label: t("subnet.create"),
      type: "checkbox",
      initial: "yes",
      section: t("subnet.title"),
    },
    ...subnet.map((field) => withSubnet(field, details.has(field.name) ? t("subnet.details") : t("subnet.title"))),
  ];
  return (
    <ChangeDialog
      title={t("create")}
      description={t("createHelp")}
      fields={fields}
      submit={t("create")}
      notice={({ name }) => t("resource:done.created", { name: name || t("network") })}
      change={(values) =>
        createWithSubnet(networkAttributes(values, admin), values.subnet ? subnetAttributes(values) : undefined)
      }
      onClose={onClose}
    />
  );
}

export function EditNetworkDialog({ network, onClose }: { network: Network; onClose: () => void }) {
  const { t } = useTranslation("networks");
  const { admin } = useSession();
  const common = useCommonFields(network);
  const shared = useSharedFields(network);
  return (
    <ChangeDialog
      title={t("edit")}
      fields={admin ? [...common, ...shared] : common}
      submit={t("common:action.save")}
      notice={t("resource:done.saved", { name: nameOf(network) })}
      change={(values) => updateOne("network", network.id, networkAttributes(values, admin))}
      onClose={onClose}
    />
  );
}

export function CreateSubnetDialog({ networkId, onClose }: { networkId: string; onClose: () => void }) {
  const { t } = useTranslation("networks");
  return (
    <ChangeDialog
      title={t("subnet.create")}
      fields={useSubnetFields()}
      submit={t("subnet.create")}
      notice={({ subnetName, cidr }) => t("resource:done.created", { name: subnetName || cidr })}
      change={(values) => createOne("subnet", { ...subnetAttributes(values), network_id: networkId })}
      onClose={onClose}
    />
  );
}

export function EditSubnetDialog({ subnet, onClose }: { subnet: Subnet; onClose: () => void }) {
  const { t } = useTranslation("networks");
  return (
    <ChangeDialog
      title={t("subnet.edit")}
      description={subnet.cidr}
      fields={useSubnetFields(subnet)}
      submit={t("common:action.save")}
      notice={t("resource:done.saved", { name: nameOf(subnet) })}
      change={(values) => updateOne("subnet", subnet.id, subnetAttributes(values))}
      onClose={onClose}
    />
  );
}
