// What a router's page shows below its facts: the interfaces and the static routes.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { useList } from "../../api/resources";
import type { Port, Route, Router } from "../../api/types";
import { addressColumn } from "../../resource/columns";
import { DeleteDialog } from "../../resource/dialogs";
import { nameOf } from "../../resource/names";
import { sourceOf, TableSection } from "../../resource/table";
import { DialogButton, type Action } from "../../ui/actions";
import type { Column } from "../../ui/data-table";
import { usePortColumns, type PortColumn } from "../ports/columns";
import { removeInterface, removeRoute } from "./changes";
import { AddInterfaceDialog, AddRouteDialog } from "./dialogs";

const isGateway = (port: Port) => port.device_owner === "network:router_gateway";
const shownColumns: readonly PortColumn[] = ["name", "network", "fixedIps", "status", "adminState"];
const noPorts: readonly Port[] = [];

export function Interfaces({ router }: { router: Router }) {
  const { t } = useTranslation("routers");
  const list = useList("port", { device_id: router.id });
  const common = usePortColumns(shownColumns);
  const columns = useMemo<Column<Port>[]>(
    () => [
      ...common,
      {
        key: "type",
        label: t("type"),
        value: (port) => (isGateway(port) ? t("gateway") : t("internal")),
      },
    ],
    [common, t],
  );
  const actions = useMemo<Action<Port>[]>(
    () => [
      {
        key: "delete",
        label: t("deleteInterface"),
        danger: true,
        when: (port) => !isGateway(port),
        dialog: (port, close) => (
          <DeleteDialog
            title={t("deleteInterface")}
            name={nameOf(port)}
            remove={() => removeInterface(router.id, port)}
            onClose={close}
          />
        ),
      },
    ],
    [t, router.id],
  );
  return (
    <TableSection
      label={t("interfaces")}
      {...sourceOf(list)}
      columns={columns}
      rowKey={(port) => port.id}
      nameOf={nameOf}
      actions={actions}
      empty={{ title: t("noInterfaces") }}
      buttons={
        <DialogButton
          label={t("addInterface")}
          variant="secondary"
          dialog={(close) => (
            <AddInterfaceDialog router={router} interfaces={list.data?.rows ?? noPorts} onClose={close} />
          )}
        />
      }
    />
  );
}

const routeName = (route: Route) => `${route.destination} → ${route.nexthop}`;

export function StaticRoutes({ router }: { router: Router }) {
  const { t } = useTranslation("routers");
  const columns = useMemo<Column<Route>[]>(
    () => [
      addressColumn("destination", t("destination"), (route) => route.destination),
      addressColumn("nexthop", t("nexthop"), (route) => route.nexthop),
    ],
    [t],
  );
  const actions = useMemo<Action<Route>[]>(
    () => [
      {
        key: "delete",
        label: t("deleteRoute"),
        danger: true,
        dialog: (route, close) => (
          <DeleteDialog
            title={t("deleteRoute")}
            name={routeName(route)}
            remove={() => removeRoute(router.id, route)}
            onClose={close}
          />
        ),
      },
    ],
    [t, router.id],
  );
  return (
    <TableSection
      label={t("routes")}
      rows={router.routes}
      columns={columns}
      rowKey={routeName}
      nameOf={routeName}
      actions={actions}
      empty={{ title: t("noRoutes") }}
      buttons={
        <DialogButton
          label={t("addRoute")}
          variant="secondary"
          dialog={(close) => <AddRouteDialog router={router} onClose={close} />}
        />
      }
    />
  );
}
