// Routers: the list, and a page for each with its interfaces and static routes.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useParams } from "react-router-dom";

import { useList, useOne } from "../../api/resources";
import type { Router } from "../../api/types";
import { AsOfPages } from "../../resource/as-of";
import { nameOf, NameLink, useProjectName } from "../../resource/names";
import { ResourcePage, type Fact } from "../../resource/page";
import { useScope } from "../../resource/scope";
import { ListPage, sourceOf } from "../../resource/table";
import { useAdminState, useStandardFacts, useYesNo } from "../../resource/words";
import { DialogButton } from "../../ui/actions";
import type { Column } from "../../ui/data-table";
import { Status } from "../../ui/status";
import { Addresses } from "../ports/columns";
import { CreateRouterDialog, useExternalNetworks, useRouterActions } from "./dialogs";
import { Interfaces, StaticRoutes } from "./sections";

// The name of the external network that a router's gateway is on.
function useGatewayName(): (router: Router) => string {
  const external = useExternalNetworks();
  return useMemo(() => {
    const names = new Map((external ?? []).map((network) => [network.id, nameOf(network)]));
    return ({ external_gateway_info: gateway }: Router) =>
      gateway ? (names.get(gateway.network_id) ?? gateway.network_id) : "";
  }, [external]);
}

function useRouterColumns(allProjects: boolean): Column<Router>[] {
  const { t } = useTranslation("routers");
  const adminState = useAdminState();
  const projectName = useProjectName();
  const gatewayName = useGatewayName();
  return useMemo(() => {
    const project: Column<Router> = {
      key: "project",
      label: t("common:field.project"),
      value: (router) => projectName(router.project_id),
    };
    return [
      ...(allProjects ? [project] : []),
      {
        key: "name",
        label: t("common:field.name"),
        value: nameOf,
        cell: (router) => <NameLink to="/routers" row={router} />,
      },
      {
        key: "status",
        label: t("common:field.status"),
        value: (router) => router.status,
        cell: (router) => <Status status={router.status} />,
      },
      {
        key: "external",
        label: t("external"),
        value: gatewayName,
        cell: (router) => gatewayName(router) || t("common:none"),
      },
      { key: "adminState", label: t("adminState"), value: (router) => adminState(router.admin_state_up) },
    ];
  }, [t, adminState, projectName, gatewayName, allProjects]);
}

function RouterList() {
  const { t } = useTranslation("routers");
  const scope = useScope();
  const list = useList("router", scope.params);
  return (
    <ListPage
      label={t("title")}
      {...sourceOf(list)}
      columns={useRouterColumns(scope.all)}
      rowKey={(router) => router.id}
      nameOf={nameOf}
      actions={useRouterActions()}
      toolbar={scope.toolbar}
      empty={{ title: t("empty.title"), body: t("empty.body") }}
      buttons={<DialogButton label={t("create")} dialog={(close) => <CreateRouterDialog onClose={close} />} />}
    />
  );
}

function RouterPage() {
  const { t } = useTranslation("routers");
  const { id } = useParams();
  const query = useOne("router", id);
  const standard = useStandardFacts();
  const adminState = useAdminState();
  const yesNo = useYesNo();
  const gatewayName = useGatewayName();
  const gatewayFacts = (router: Router): Fact[] => {
    const gateway = router.external_gateway_info;
    if (!gateway) return [{ label: t("external"), value: t("common:none") }];
    return [
      {
        label: t("external"),
        value: <Link to={`/networks/${gateway.network_id}`}>{gatewayName(router)}</Link>,
      },
      {
        label: t("externalIps"),
        value: gateway.external_fixed_ips && (
          <Addresses list={gateway.external_fixed_ips.map((fixed) => fixed.ip_address)} />
        ),
      },
      { label: t("snatState"), value: gateway.enable_snat === undefined ? "" : yesNo(gateway.enable_snat) },
    ];
  };
  const facts = (router: Router): Fact[] => [
    { label: t("common:field.status"), value: <Status status={router.status} /> },
    { label: t("adminState"), value: adminState(router.admin_state_up) },
    ...gatewayFacts(router),
    ...standard(router),
  ];
  return (
    <ResourcePage
      above={{ to: "/routers", text: t("title") }}
      query={query}
      nameOf={nameOf}
      actions={useRouterActions("/routers")}
      facts={facts}
    >
      {(router) => (
        <>
          <Interfaces router={router} />
          <StaticRoutes router={router} />
        </>
      )}
    </ResourcePage>
  );
}

export default function Routers() {
  return (
    <AsOfPages>
      <Routes>
        <Route index element={<RouterList />} />
        <Route path=":id" element={<RouterPage />} />
      </Routes>
    </AsOfPages>
  );
}
