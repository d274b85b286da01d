// Ports: the list, and a page for each.
import { Label } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useParams } from "react-router-dom";

import { useAsOf } from "../../api/as-of";
import { useList, useOne } from "../../api/resources";
import type { Port } from "../../api/types";
import { AsOfPages } from "../../resource/as-of";
import { nameOf } from "../../resource/names";
import { ResourcePage, type Fact } from "../../resource/page";
import { useScope } from "../../resource/scope";
import { ListPage, sourceOf } from "../../resource/table";
import { useAdminState, useStandardFacts } from "../../resource/words";
import { DialogButton } from "../../ui/actions";
import { Status } from "../../ui/status";
import { Addresses, Device, isInstances, usePortColumns } from "./columns";
import { CreatePortDialog, usePortActions } from "./dialogs";
import { Plug } from "./plug";

function PortList() {
  const { t } = useTranslation("ports");
  const scope = useScope();
  const list = useList("port", scope.params);
  return (
    <ListPage
      label={t("title")}
      {...sourceOf(list)}
      columns={usePortColumns()}
      rowKey={(port) => port.id}
      nameOf={nameOf}
      actions={usePortActions()}
      toolbar={scope.toolbar}
      empty={{ title: t("empty.title"), body: t("empty.body") }}
      buttons={<DialogButton label={t("create")} dialog={(close) => <CreatePortDialog onClose={close} />} />}
    />
  );
}

const plugMs = 5000; // whether something is plugged in changes without a commit

function PortPage() {
  const { t } = useTranslation("ports");
  const { id = "" } = useParams();
  const past = useAsOf() !== null;
  const query = useOne("port", id, { refetchInterval: plugMs });
  const network = useOne("network", query.data?.network_id);
  const standard = useStandardFacts();
  const adminState = useAdminState();
  const facts = (port: Port): Fact[] => [
    { label: t("common:field.status"), value: <Status status={port.status} /> },
    { label: t("adminState"), value: adminState(port.admin_state_up) },
    {
      label: t("network"),
      value: <Link to={`/networks/${port.network_id}`}>{network.data ? nameOf(network.data) : port.network_id}</Link>,
    },
    {
      label: t("fixedIps"),
      value: port.fixed_ips.length > 0 && <Addresses list={port.fixed_ips.map((fixed) => fixed.ip_address)} />,
    },
    { label: t("mac"), value: <span className="buoy-address">{port.mac_address}</span> },
    { label: t("device"), value: (port.device_id || port.device_owner) && <Device port={port} /> },
    { label: t("deviceId"), value: port.device_id },
    { label: t("deviceOwner"), value: port.device_owner },
    { label: t("host"), value: port["binding:host_id"] && <Label>{port["binding:host_id"]}</Label> },
    ...standard(port),
  ];
  return (
    <ResourcePage
      above={{ to: "/ports", text: t("title") }}
      query={query}
      nameOf={nameOf}
      actions={usePortActions("/ports")}
      facts={facts}
    >
      {(port) => isInstances(port) && !past && <Plug port={port} />}
    </ResourcePage>
  );
}

export default function Ports() {
  return (
    <AsOfPages>
      <Routes>
        <Route index element={<PortList />} />
        <Route path=":id" element={<PortPage />} />
      </Routes>
    </AsOfPages>
  );
}
