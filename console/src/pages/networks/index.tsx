// Networks: the list, and a page for each with its subnets and ports.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes, useParams } from "react-router-dom";

import { useList, useOne } from "../../api/resources";
import type { Network, Subnet } from "../../api/types";
import { AsOfPages } from "../../resource/as-of";
import { deleteAction } from "../../resource/dialogs";
import { nameOf } from "../../resource/names";
import { ResourcePage, type Fact } from "../../resource/page";
import { useScope } from "../../resource/scope";
import { ListPage, sourceOf, TableSection } from "../../resource/table";
import { useAdminState, useStandardFacts, useYesNo } from "../../resource/words";
import { DialogButton, type Action } from "../../ui/actions";
import { Status } from "../../ui/status";
import { usePortColumns, type PortColumn } from "../ports/columns";
import { CreatePortDialog, usePortActions } from "../ports/dialogs";
import { useNetworkColumns, useSubnetColumns } from "./columns";
import { CreateNetworkDialog, CreateSubnetDialog, EditNetworkDialog, EditSubnetDialog } from "./dialogs";

function useNetworkActions(leave?: string): Action<Network>[] {
  const { t } = useTranslation("networks");
  return useMemo(
    () => [
      {
        key: "edit",
        label: t("edit"),
        dialog: (network, close) => <EditNetworkDialog network={network} onClose={close} />,
      },
      {
        key: "subnet",
        label: t("subnet.create"),
        dialog: (network, close) => <CreateSubnetDialog networkId={network.id} onClose={close} />,
      },
      deleteAction<Network>("network", t("delete"), nameOf, {
        ...(leave !== undefined && { leave }),
        note: () => t("deleteNote"),
      }),
    ],
    [t, leave],
  );
}

function NetworkList() {
  const { t } = useTranslation("networks");
  const scope = useScope();
  const list = useList("network");
  const source = sourceOf(list);
  const { all, projectId } = scope;
  const rows = useMemo(
    () =>
      all
        ? source.rows
        : source.rows?.filter(
            (network) => network.project_id === projectId || network.shared || network["router:external"],
          ),
    [source.rows, all, projectId],
  );
  return (
    <ListPage
      label={t("title")}
      {...source}
      rows={rows}
      columns={useNetworkColumns(all)}
      rowKey={(network) => network.id}
      nameOf={nameOf}
      actions={useNetworkActions()}
      toolbar={scope.toolbar}
      empty={{ title: t("empty.title"), body: t("empty.body") }}
      buttons={<DialogButton label={t("create")} dialog={(close) => <CreateNetworkDialog onClose={close} />} />}
    />
  );
}

function Subnets({ network }: { network: Network }) {
  const { t } = useTranslation("networks");
  const list = useList("subnet", { network_id: network.id });
  const actions = useMemo<Action<Subnet>[]>(
    () => [
      {
        key: "edit",
        label: t("subnet.edit"),
        dialog: (subnet, close) => <EditSubnetDialog subnet={subnet} onClose={close} />,
      },
      deleteAction<Subnet>("subnet", t("subnet.delete"), nameOf),
    ],
    [t],
  );
  return (
    <TableSection
      label={t("subnets")}
      {...sourceOf(list)}
      columns={useSubnetColumns()}
      rowKey={(subnet) => subnet.id}
      nameOf={nameOf}
      actions={actions}
      empty={{ title: t("subnet.empty") }}
      buttons={
        <DialogButton
          label={t("subnet.create")}
          variant="secondary"
          dialog={(close) => <CreateSubnetDialog networkId={network.id} onClose={close} />}
        />
      }
    />
  );
}

const portColumns: readonly PortColumn[] = ["name", "fixedIps", "mac", "device", "status", "adminState"];

function Ports({ network }: { network: Network }) {
  const { t } = useTranslation("ports");
  const list = useList("port", { network_id: network.id });
  return (
    <TableSection
      label={t("title")}
      {...sourceOf(list)}
      columns={usePortColumns(portColumns)}
      rowKey={(port) => port.id}
      nameOf={nameOf}
      actions={usePortActions()}
      empty={{ title: t("empty.title"), body: t("empty.body") }}
      buttons={
        <DialogButton
          label={t("create")}
          variant="secondary"
          dialog={(close) => <CreatePortDialog networkId={network.id} onClose={close} />}
        />
      }
    />
  );
}

function NetworkPage() {
  const { t } = useTranslation("networks");
  const { id } = useParams();
  const query = useOne("network", id);
  const standard = useStandardFacts();
  const adminState = useAdminState();
  const yesNo = useYesNo();
  const facts = (network: Network): Fact[] => [
    { label: t("common:field.status"), value: <Status status={network.status} /> },
    { label: t("adminState"), value: adminState(network.admin_state_up) },
    { label: t("shared"), value: yesNo(network.shared) },
    { label: t("external"), value: yesNo(network["router:external"]) },
    { label: t("mtu"), value: network.mtu },
    { label: t("networkType"), value: network["provider:network_type"] },
    { label: t("physical"), value: network["provider:physical_network"] },
    { label: t("segmentation"), value: network["provider:segmentation_id"] },
    ...standard(network),
  ];
  return (
    <ResourcePage
      above={{ to: "/networks", text: t("title") }}
      query={query}
      nameOf={nameOf}
      actions={useNetworkActions("/networks")}
      facts={facts}
    >
      {(network) => (
        <>
          <Subnets network={network} />
          <Ports network={network} />
        </>
      )}
    </ResourcePage>
  );
}

export default function Networks() {
  return (
    <AsOfPages>
      <Routes>
        <Route index element={<NetworkList />} />
        <Route path=":id" element={<NetworkPage />} />
      </Routes>
    </AsOfPages>
  );
}
