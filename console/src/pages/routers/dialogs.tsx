// Create and edit routers, their gateways, interfaces and static routes.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { createOne, updateOne, useList } from "../../api/resources";
import { useSession } from "../../api/session";
import type { Network, Port, Router, Subnet } from "../../api/types";
import { ChangeConfirmation, ChangeDialog, deleteAction } from "../../resource/dialogs";
import { nameOf, optionsOf } from "../../resource/names";
import { useChecks } from "../../resource/words";
import type { Action } from "../../ui/actions";
import { Alert } from "../../ui/alert";
import type { Field, Values } from "../../ui/form-dialog";
import { subnetLabel } from "../ports/dialogs";
import { addInterface, addRoute, clearGateway, gatewayAttributes, setGateway, type GatewayWish } from "./changes";

interface DialogProps {
  router: Router;
  onClose: () => void;
}

export function useExternalNetworks(): Network[] | undefined {
  return useList("network", { "router:external": true }).data?.rows;
}

function useSnatField(initial: boolean, when?: Field["when"]): Field[] {
  const { t } = useTranslation("routers");
  const { admin } = useSession();
  const field: Field = {
    name: "snat",
    label: t("snat"),
    type: "checkbox",
    help: t("snatHelp"),
    initial: initial ? "yes" : "",
    ...(when && { when }),
  };
  return admin ? [field] : [];
}

// What was filled in; a field that was not there says nothing.
function gatewayWish(values: Values): GatewayWish {
  return {
    networkId: values.network ?? "",
    ...(values.snat !== undefined && { snat: Boolean(values.snat) }),
    ...(values.address && { address: values.address.trim() }),
  };
}

function useCommonFields(router?: Router): Field[] {
  const { t } = useTranslation("routers");
  return [
    { name: "name", label: t("name"), initial: router?.name ?? "" },
    {
      name: "adminState",
      label: t("enableAdminState"),
      type: "checkbox",
      initial: !router || router.admin_state_up ? "yes" : "",
    },
    { name: "description", label: t("common:field.description"), initial: router?.description ?? "" },
  ];
}

const commonAttributes = (values: Values) => ({
  name: values.name ?? "",
  description: values.description ?? "",
  admin_state_up: Boolean(values.adminState),
});

export function CreateRouterDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("routers");
  const external = useExternalNetworks();
  const common = useCommonFields();
  const hasGateway = (all: Values) => Boolean(all.network);
  const snat = useSnatField(true, hasGateway);
  const network: Field = {
    name: "network",
    label: t("external"),
    type: "select",
    options: [{ value: "", label: t("noExternal") }, ...optionsOf(external)],
  };
  return (
    <ChangeDialog
      title={t("create")}
      fields={[...common, network, ...snat]}
      submit={t("create")}
      notice={({ name }) => t("resource:done.created", { name: name || t("router") })}
      change={(values) =>
        createOne("router", {
          ...commonAttributes(values),
          ...(values.network && { external_gateway_info: gatewayAttributes(gatewayWish(values)) }),
        })
      }
      onClose={onClose}
    />
  );
}

function EditRouterDialog({ router, onClose }: DialogProps) {
  const { t } = useTranslation("routers");
  return (
    <ChangeDialog
      title={t("edit")}
      fields={useCommonFields(router)}
      submit={t("common:action.save")}
      notice={t("resource:done.saved", { name: nameOf(router) })}
      change={(values) => updateOne("router", router.id, commonAttributes(values))}
      onClose={onClose}
    />
  );
}

export function SetGatewayDialog({ router, onClose }: DialogProps) {
  const { t } = useTranslation("routers");
  const check = useChecks();
  const { admin } = useSession();
  const external = useExternalNetworks();
  const snat = useSnatField(router.external_gateway_info?.enable_snat ?? true);
  const address: Field = {
    name: "address",
    label: t("address"),
    help: t("addressHelp"),
    check: check.ip,
  };
  const nothing = external?.length === 0;
  return (
    <ChangeDialog
      title={t("setGateway")}
      description={t("setGatewayHelp")}
      fields={[
        {
          name: "network",
          label: t("external"),
          type: "select",
          required: true,
          initial: router.external_gateway_info?.network_id ?? "",
          options: optionsOf(external),
        },
        ...snat,
        ...(admin ? [address] : []),
      ]}
      submit={t("setGateway")}
      blocked={nothing}
      notice={t("gatewaySet", { name: nameOf(router) })}
      change={(values) => setGateway(router.id, gatewayWish(values))}
      onClose={onClose}
    >
      {nothing && <Alert variant="warning" isInline component="p" title={t("noPools")} />}
    </ChangeDialog>
  );
}

export function ClearGatewayDialog({ router, onClose }: DialogProps) {
  const { t } = useTranslation("routers");
  return (
    <ChangeConfirmation
      title={t("clearGateway")}
      description={t("clearGatewayHelp", { name: nameOf(router) })}
      submit={t("clearGateway")}
      danger
      notice={t("gatewayCleared", { name: nameOf(router) })}
      change={() => clearGateway(router.id)}
      onClose={onClose}
    />
  );
}

// The subnets that come into question for a router: its project's and shared ones, not of external networks, without
// those that are connected already.
export function freeSubnets(
  router: Router,
  subnets: readonly Subnet[],
  networks: readonly Network[],
  interfaces: readonly Port[], // the router's own
  ofRouters: readonly Port[], // those of all routers
): { subnet: Subnet; network: Network }[] {
  const byId = new Map(networks.map((network) => [network.id, network]));
  const taken = new Set(interfaces.flatMap((port) => port.fixed_ips.map((fixed) => fixed.subnet_id)));
  const free = subnets.flatMap((subnet) => {
    const network = byId.get(subnet.network_id);
    if (!network || network["router:external"] || taken.has(subnet.id)) return [];
    return network.project_id === router.project_id || network.shared ? [{ subnet, network }] : [];
  });
  // Behind the others, those whose gateway address another router has: they need an address of their own.
  const routed = new Set(ofRouters.flatMap((port) => port.fixed_ips.map((fixed) => fixed.subnet_id)));
  const rank = (subnet: Subnet) => Number(routed.has(subnet.id));
  return free.sort((a, b) => rank(a.subnet) - rank(b.subnet));
}

export function AddInterfaceDialog({ router, interfaces, onClose }: DialogProps & { interfaces: readonly Port[] }) {
  const { t } = useTranslation("routers");
  const check = useChecks();
  const subnets = useList("subnet").data?.rows;
  const networks = useList("network").data?.rows;
  const ofRouters = useList("port", { device_owner: "network:router_interface" }).data?.rows;
  const free = useMemo(
    () => freeSubnets(router, subnets ?? [], networks ?? [], interfaces, ofRouters ?? []),
    [router, subnets, networks, interfaces, ofRouters],
  );
  const known = subnets && networks && ofRouters;
  const nothing = Boolean(known) && free.length === 0;
  return (
    <ChangeDialog
      title={t("addInterface")}
      description={t("addInterfaceHelp")}
      fields={[
        {
          name: "subnet",
          label: t("subnet"),
          type: "select",
          required: true,
          options: free.map(({ subnet, network }) => ({
            value: subnet.id,
            label: `${nameOf(network)}: ${subnetLabel(subnet)}`,
          })),
        },
        { name: "address", label: t("address"), check: check.ip },
      ]}
      submit={t("addInterface")}
      blocked={!known || nothing}
      notice={t("interfaceAdded", { name: nameOf(router) })}
      change={async (values) => {
        const chosen = free.find(({ subnet }) => subnet.id === values.subnet);
        if (chosen) await addInterface(router.id, chosen.subnet, (values.address ?? "").trim());
      }}
      onClose={onClose}
    >
      {nothing && <Alert variant="warning" isInline component="p" title={t("noSubnets")} />}
    </ChangeDialog>
  );
}

export function AddRouteDialog({ router, onClose }: DialogProps) {
  const { t } = useTranslation("routers");
  const check = useChecks();
  const routeOf = (values: Values) => ({
    destination: (values.destination ?? "").trim(),
    nexthop: (values.nexthop ?? "").trim(),
  });
  return (
    <ChangeDialog
      title={t("addRoute")}
      fields={[
        { name: "destination", label: t("destination"), required: true, check: check.prefix },
        { name: "nexthop", label: t("nexthop"), help: t("nexthopHelp"), required: true, check: check.ip },
      ]}
      submit={t("addRoute")}
      notice={(values) => t("routeAdded", { destination: routeOf(values).destination })}
      change={(values) => addRoute(router.id, routeOf(values))}
      onClose={onClose}
    />
  );
}

export function useRouterActions(leave?: string): Action<Router>[] {
  const { t } = useTranslation("routers");
  return useMemo(
    () => [
      {
        key: "setGateway",
        label: t("setGateway"),
        when: (router) => !router.external_gateway_info,
        dialog: (router, close) => <SetGatewayDialog router={router} onClose={close} />,
      },
      {
        key: "clearGateway",
        label: t("clearGateway"),
        danger: true,
        when: (router) => Boolean(router.external_gateway_info),
        dialog: (router, close) => <ClearGatewayDialog router={router} onClose={close} />,
      },
      {
        key: "edit",
        label: t("edit"),
        dialog: (router, close) => <EditRouterDialog router={router} onClose={close} />,
      },
      deleteAction<Router>("router", t("delete"), nameOf, {
        ...(leave !== undefined && { leave }),
        note: () => t("deleteNote"),
      }),
    ],
    [t, leave],
  );
}
