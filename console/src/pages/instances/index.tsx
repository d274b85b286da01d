// Instances: the list, and a page for each with its addresses.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useParams } from "react-router-dom";

import { useList, useOne } from "../../api/resources";
import type { Server, ServerAddress } from "../../api/types";
import { addressColumn } from "../../resource/columns";
import { nameOf, NameLink, useProjectName } from "../../resource/names";
import { ResourcePage, type Fact } from "../../resource/page";
import { useScope } from "../../resource/scope";
import { ListPage, sourceOf, TableSection } from "../../resource/table";
import { DialogButton, type Action } from "../../ui/actions";
import type { Column } from "../../ui/data-table";
import { dateTime } from "../../ui/format";
import { Status } from "../../ui/status";
import { DisassociateDialog } from "../floating-ips/dialogs";
import { Plug } from "../ports/plug";
import { isFree, type Address } from "./addresses";
import { AssociateDialog, RegisterDialog, useAddresses, useInstanceActions } from "./dialogs";

const allAddresses = (server: Server): ServerAddress[] => Object.values(server.addresses).flat();
const isFloating = (address: ServerAddress) => address["OS-EXT-IPS:type"] === "floating";

function useInstanceColumns(allProjects: boolean): Column<Server>[] {
  const { t, i18n } = useTranslation("instances");
  const projectName = useProjectName();
  const { language } = i18n;
  return useMemo(() => {
    const project: Column<Server> = {
      key: "project",
      label: t("common:field.project"),
      value: (server) => projectName(server.tenant_id),
    };
    const some = (server: Server, floating: boolean) =>
      allAddresses(server)
        .filter((address) => isFloating(address) === floating)
        .map(({ addr }) => addr);
    const addressColumn = (key: string, label: string, floating: boolean): Column<Server> => ({
      key,
      label,
      value: (server) => some(server, floating).join(" "),
      cell: (server) =>
        some(server, floating).map((address) => (
          <div key={address} className="buoy-address">
            {address}
          </div>
        )),
    });
    return [
      ...(allProjects ? [project] : []),
      {
        key: "name",
        label: t("name"),
        value: nameOf,
        cell: (server) => <NameLink to="/instances" row={server} />,
      },
      addressColumn("fixed", t("fixed"), false),
      addressColumn("floating", t("floating"), true),
      {
        key: "status",
        label: t("common:field.status"),
        value: (server) => server.status,
        cell: (server) => <Status status={server.status} />,
      },
      {
        key: "created",
        label: t("common:field.created"),
        value: (server) => server.created,
        cell: (server) => dateTime(server.created, language),
      },
    ];
  }, [t, language, projectName, allProjects]);
}

function InstanceList() {
  const { t } = useTranslation("instances");
  const scope = useScope();
  const list = useList("server", scope.all ? { all_tenants: 1 } : {});
  return (
    <ListPage
      label={t("title")}
      description={t("about")}
      {...sourceOf(list)}
      columns={useInstanceColumns(scope.all)}
      rowKey={(server) => server.id}
      nameOf={nameOf}
      actions={useInstanceActions()}
      toolbar={scope.toolbar}
      empty={{ title: t("empty.title"), body: t("empty.body") }}
      buttons={<DialogButton label={t("register")} dialog={(close) => <RegisterDialog onClose={close} />} />}
    />
  );
}

function useAddressActions(server: Server): Action<Address>[] {
  const { t } = useTranslation("instances");
  return useMemo(
    () => [
      {
        key: "associate",
        label: t("associate"),
        when: isFree,
        dialog: ({ fixed }, close) => <AssociateDialog server={server} fixed={fixed} onClose={close} />,
      },
      {
        key: "disassociate",
        label: t("disassociate"),
        danger: true,
        when: ({ floating }) => Boolean(floating),
        dialog: ({ floating }, close) => floating && <DisassociateDialog fips={[floating]} onClose={close} />,
      },
    ],
    [t, server],
  );
}

const addressName = ({ fixed }: Address) => fixed;

function Addresses({ server }: { server: Server }) {
  const { t } = useTranslation("instances");
  const { addresses, error } = useAddresses(server);
  const networks = useList("network").data?.rows;
  const columns = useMemo<Column<Address>[]>(() => {
    const names = new Map((networks ?? []).map((network) => [network.id, nameOf(network)]));
    const network = ({ port }: Address) => names.get(port.network_id) ?? port.network_id;
    return [
      {
        key: "network",
        label: t("network"),
        value: network,
        cell: (address) => <Link to={`/networks/${address.port.network_id}`}>{network(address)}</Link>,
      },
      addressColumn("fixed", t("fixed"), addressName),
      {
        key: "floating",
        label: t("floating"),
        value: ({ floating }) => floating?.floating_ip_address ?? "",
        cell: ({ floating }) =>
          floating ? (
            <Link to={`/floating-ips/${floating.id}`} className="buoy-address">
              {floating.floating_ip_address}
            </Link>
          ) : (
            t("common:none")
          ),
      },
      {
        key: "port",
        label: t("port"),
        value: ({ port }) => nameOf(port),
        cell: ({ port }) => <NameLink to="/ports" row={port} />,
      },
      addressColumn("mac", t("mac"), ({ port }) => port.mac_address),
      {
        key: "status",
        label: t("common:field.status"),
        value: ({ port }) => port.status,
        cell: ({ port }) => <Status status={port.status} />,
      },
    ];
  }, [t, networks]);
  return (
    <>
      <TableSection
        label={t("addresses")}
        rows={addresses}
        error={error}
        columns={columns}
        rowKey={({ key }) => key}
        nameOf={addressName}
        actions={useAddressActions(server)}
        empty={{ title: t("none"), body: t("noPorts") }}
      />
      {addresses?.[0] && <Plug port={addresses[0].port} name={server.name} />}
    </>
  );
}

function InstancePage() {
  const { t, i18n } = useTranslation("instances");
  const { id = "" } = useParams();
  const query = useOne("server", encodeURIComponent(id));
  const projectName = useProjectName();
  const facts = (server: Server): Fact[] => [
    { label: t("common:field.status"), value: <Status status={server.status} /> },
    { label: t("common:field.id"), value: <span className="buoy-id">{server.id}</span> },
    { label: t("common:field.project"), value: projectName(server.tenant_id) },
    { label: t("common:field.created"), value: dateTime(server.created, i18n.language) },
  ];
  return (
    <ResourcePage
      above={{ to: "/instances", text: t("title") }}
      query={query}
      nameOf={nameOf}
      actions={useInstanceActions("/instances")}
      facts={facts}
    >
      {(server) => <Addresses server={server} />}
    </ResourcePage>
  );
}

export default function Instances() {
  return (
    <Routes>
      <Route index element={<InstanceList />} />
      <Route path=":id" element={<InstancePage />} />
    </Routes>
  );
}
