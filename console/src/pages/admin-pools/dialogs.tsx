// Create pools, add ranges to them and take ranges away.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { createOne, removeOne, updateOne } from "../../api/resources";
import type { AddressRange, Network, Subnet } from "../../api/types";
import { ChangeDialog, deleteAction, DeleteDialog } from "../../resource/dialogs";
import { nameOf } from "../../resource/names";
import { useChecks } from "../../resource/words";
import type { Action } from "../../ui/actions";
import type { Values } from "../../ui/form-dialog";
import { createWithSubnet } from "../networks/dialogs";
import { subnetAttributes, useSubnetFields } from "../networks/subnet-form";
import { rangeText, type Range } from "./count";

// Of a subnet's fields, those that matter where nothing asks for DHCP.
const poolFields = new Set(["cidr", "gateway", "noGateway", "pools"]);

export function CreatePoolDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("admin");
  const subnet = useSubnetFields();
  return (
    <ChangeDialog
      title={t("pools.create")}
      description={t("pools.createHelp")}
      fields={[
        { name: "name", label: t("pools.name"), required: true },
        {
          name: "physical",
          label: t("pools.physical"),
          help: t("pools.physicalHelp"),
          required: true,
        },
        ...subnet.filter(({ name }) => poolFields.has(name)),
      ]}
      submit={t("pools.create")}
      notice={({ name }) => t("resource:done.created", { name })}
      change={(values) =>
        createWithSubnet(
          {
            name: (values.name ?? "").trim(),
            "router:external": true,
            "provider:network_type": "flat",
            "provider:physical_network": (values.physical ?? "").trim(),
          },
          subnetAttributes(values),
        )
      }
      onClose={onClose}
    />
  );
}

// A range in a subnet that is there, or in a new one.
function addRange(pool: Network, subnets: readonly Subnet[], values: Values): Promise<unknown> {
  const start = (values.first ?? "").trim();
  const range: AddressRange = { start, end: (values.last ?? "").trim() || start };
  const subnet = subnets.find(({ id }) => id === values.subnet);
  if (subnet) return updateOne("subnet", subnet.id, { allocation_pools: [...subnet.allocation_pools, range] });
  return createOne("subnet", {
    ...subnetAttributes(values),
    network_id: pool.id,
    allocation_pools: [range],
  });
}

export function AddRangeDialog(props: { pool: Network; subnets: readonly Subnet[]; onClose: () => void }) {
  const { pool, subnets, onClose } = props;
  const { t } = useTranslation("admin");
  const check = useChecks();
  const isNew = ({ subnet }: Values) => !subnet;
  const ofSubnet = useSubnetFields()
    .filter(({ name }) => name !== "pools" && poolFields.has(name))
    .map((field) => ({
      ...field,
      ...(field.name === "gateway" && { help: t("pools.gatewayHelp") }),
      when: (all: Values) => isNew(all) && (!field.when || field.when(all)),
    }));
  return (
    <ChangeDialog
      title={t("pools.addRange")}
      description={t("pools.addRangeHelp", { name: nameOf(pool) })}
      fields={[
        {
          name: "subnet",
          label: t("pools.subnet"),
          type: "select",
          options: [
            ...subnets.map(({ id, cidr }) => ({ value: id, label: cidr })),
            { value: "", label: t("pools.newSubnet") },
          ],
          initial: subnets[0]?.id ?? "",
        },
        ...ofSubnet,
        { name: "first", label: t("pools.first"), required: true, check: check.ip },
        { name: "last", label: t("pools.last"), check: check.ip },
      ]}
      submit={t("pools.addRange")}
      notice={({ first, last }) =>
        t("pools.rangeAdded", { range: rangeText({ start: first ?? "", end: last || (first ?? "") }) })
      }
      change={(values) => addRange(pool, subnets, values)}
      onClose={onClose}
    />
  );
}

// A subnet without ranges gives nothing: it goes with its last one.
export function removeRange({ subnet, range }: Range): Promise<unknown> {
  const rest = subnet.allocation_pools.filter(({ start }) => start !== range.start);
  if (rest.length === 0) return removeOne("subnet", subnet.id);
  return updateOne("subnet", subnet.id, { allocation_pools: rest });
}

export function useRangeActions(): Action<Range>[] {
  const { t } = useTranslation("admin");
  return useMemo(
    () => [
      {
        key: "delete",
        label: t("pools.deleteRange"),
        danger: true,
        dialog: (row, close) => (
          <DeleteDialog
            title={t("pools.deleteRange")}
            name={rangeText(row.range)}
            note={t("pools.deleteRangeNote")}
            remove={() => removeRange(row)}
            onClose={close}
          />
        ),
      },
    ],
    [t],
  );
}

export function usePoolActions(leave?: string): Action<Network>[] {
  const { t } = useTranslation("admin");
  return useMemo(
    () => [
      deleteAction<Network>("network", t("pools.delete"), nameOf, {
        ...(leave !== undefined && { leave }),
        note: () => t("pools.deleteNote"),
      }),
    ],
    [t, leave],
  );
}
