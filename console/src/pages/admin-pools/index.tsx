// Pools: the external networks, with what is used and free of their ranges.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useParams } from "react-router-dom";

import { ApiError } from "../../api/client";
import type { AddressRange, FloatingIp, Network } from "../../api/types";
import { AdminOnly } from "../../resource/admin-only";
import { addressColumn } from "../../resource/columns";
import { nameOf, NameLink, useProjectName } from "../../resource/names";
import { ResourcePage, type Fact } from "../../resource/page";
import { ListPage, TableSection } from "../../resource/table";
import { DialogButton, type Action } from "../../ui/actions";
import type { Column } from "../../ui/data-table";
import { Status } from "../../ui/status";
import { rangeText, type Range, type Usage } from "./count";
import { AddRangeDialog, CreatePoolDialog, usePoolActions, useRangeActions } from "./dialogs";
import { usePools, type PoolRow } from "./usage";

// How many there are, used, free.
function useUsageColumns<R extends Usage & { partly?: boolean }>(): Column<R>[] {
  const { t } = useTranslation("admin");
  return useMemo(
    () => [
      { key: "total", label: t("pools.total"), value: ({ total }) => Number(total) },
      {
        key: "used",
        label: t("pools.used"),
        value: ({ used }) => used,
        cell: ({ used, partly }) => (partly ? t("pools.atLeast", { count: used }) : used),
      },
      {
        key: "free",
        label: t("pools.free"),
        value: ({ total, used }) => Number(total - BigInt(used)),
        cell: ({ total, used, partly }) => (partly ? t("common:none") : String(total - BigInt(used))),
      },
    ],
    [t],
  );
}

function usePoolColumns(): Column<PoolRow>[] {
  const { t } = useTranslation("admin");
  const usage = useUsageColumns<PoolRow>();
  return useMemo(
    () => [
      {
        key: "name",
        label: t("common:field.name"),
        value: nameOf,
        cell: (pool) => <NameLink to="/admin/pools" row={pool} />,
      },
      {
        key: "physical",
        label: t("pools.physical"),
        value: ({ network }) => network["provider:physical_network"] ?? "",
      },
      {
        key: "ranges",
        label: t("pools.ranges"),
        value: ({ ranges }) => ranges.map(({ range }) => rangeText(range)).join(" "),
        cell: ({ ranges }) => <Ranges ranges={ranges} />,
      },
      ...usage,
    ],
    [t, usage],
  );
}

// The two addresses may stand in two lines where there is little room.
function RangeText({ range: { start, end } }: { range: AddressRange }) {
  return (
    <>
      <span className="buoy-address">{start}</span>
      {end !== start && (
        <>
          {" – "}
          <span className="buoy-address">{end}</span>
        </>
      )}
    </>
  );
}

const shownRanges = 3;

function Ranges({ ranges }: { ranges: readonly Range[] }) {
  return (
    <>
      {ranges.slice(0, shownRanges).map(({ range }) => (
        <div key={range.start}>
          <RangeText range={range} />
        </div>
      ))}
      {ranges.length > shownRanges && "…"}
    </>
  );
}

function PoolList() {
  const { t } = useTranslation("admin");
  const { rows, error, retry } = usePools();
  const toNetwork = usePoolActions();
  const actions = useMemo<Action<PoolRow>[]>(
    () => [
      {
        key: "add",
        label: t("pools.addRange"),
        dialog: ({ network, subnets }, close) => <AddRangeDialog pool={network} subnets={subnets} onClose={close} />,
      },
      ...toNetwork.map((action): Action<PoolRow> => ({
        ...action,
        when: () => true,
        dialog: ({ network }, close) => action.dialog(network, close),
      })),
    ],
    [t, toNetwork],
  );
  return (
    <ListPage
      label={t("pools.title")}
      description={t("pools.about")}
      rows={rows}
      error={error}
      retry={retry}
      columns={usePoolColumns()}
      rowKey={({ id }) => id}
      nameOf={nameOf}
      actions={actions}
      empty={{ title: t("pools.empty.title"), body: t("pools.empty.body") }}
      buttons={<DialogButton label={t("pools.create")} dialog={(close) => <CreatePoolDialog onClose={close} />} />}
    />
  );
}

const rangeName = ({ range }: Range) => rangeText(range);

function RangeSection({ pool }: { pool: PoolRow }) {
  const { t } = useTranslation("admin");
  const usage = useUsageColumns<Range>();
  const columns = useMemo<Column<Range>[]>(
    () => [
      {
        key: "range",
        label: t("pools.range"),
        value: rangeName,
        cell: ({ range }) => <RangeText range={range} />,
      },
      addressColumn("subnet", t("pools.subnet"), ({ subnet }) => subnet.cidr),
      ...usage,
    ],
    [t, usage],
  );
  return (
    <TableSection
      label={t("pools.ranges")}
      rows={pool.ranges}
      columns={columns}
      rowKey={({ range }) => range.start}
      nameOf={rangeName}
      actions={useRangeActions()}
      empty={{ title: t("pools.noRanges") }}
      buttons={
        <DialogButton
          label={t("pools.addRange")}
          variant="secondary"
          dialog={(close) => <AddRangeDialog pool={pool.network} subnets={pool.subnets} onClose={close} />}
        />
      }
    />
  );
}

const fipName = (fip: FloatingIp) => fip.floating_ip_address;

function FloatingIpSection({ rows }: { rows: readonly FloatingIp[] | undefined }) {
  const { t } = useTranslation("admin");
  const projectName = useProjectName();
  const columns = useMemo<Column<FloatingIp>[]>(
    () => [
      {
        key: "address",
        label: t("pools.address"),
        value: fipName,
        cell: (fip) => (
          <Link to={`/floating-ips/${fip.id}`} className="buoy-address">
            {fipName(fip)}
          </Link>
        ),
      },
      {
        key: "project",
        label: t("projects.project"),
        value: (fip) => projectName(fip.project_id),
      },
      addressColumn("fixed", t("pools.fixed"), (fip) => fip.fixed_ip_address, t("common:none")),
      {
        key: "status",
        label: t("common:field.status"),
        value: (fip) => fip.status,
        cell: (fip) => <Status status={fip.status} />,
      },
    ],
    [t, projectName],
  );
  return (
    <TableSection
      label={t("pools.floatingIps")}
      rows={rows}
      columns={columns}
      rowKey={(fip) => fip.id}
      nameOf={fipName}
      empty={{ title: t("pools.noFloatingIps") }}
    />
  );
}

function PoolPage() {
  const { t } = useTranslation("admin");
  const { id = "" } = useParams();
  const { rows, floatingIps, error, retry } = usePools(id);
  const pool = rows?.find((row) => row.id === id);
  const missing = rows && !pool ? new ApiError(t("resource:notFound"), -1, "", "") : null;
  const facts = (network: Network): Fact[] => [
    { label: t("pools.physical"), value: network["provider:physical_network"] },
    { label: t("pools.total"), value: pool && String(pool.total) },
    { label: t("pools.used"), value: pool?.used },
    { label: t("pools.network"), value: <NameLink to="/networks" row={network} /> },
    { label: t("common:field.id"), value: <span className="buoy-id">{network.id}</span> },
  ];
  return (
    <ResourcePage
      above={{ to: "/admin/pools", text: t("pools.title") }}
      query={{ data: pool?.network, error: error ?? missing, refetch: retry }}
      nameOf={nameOf}
      actions={usePoolActions("/admin/pools")}
      facts={facts}
    >
      {() =>
        pool && (
          <>
            <RangeSection pool={pool} />
            <FloatingIpSection rows={floatingIps} />
          </>
        )
      }
    </ResourcePage>
  );
}

export default function Pools() {
  const { t } = useTranslation("admin");
  return (
    <AdminOnly title={t("pools.title")}>
      <Routes>
        <Route index element={<PoolList />} />
        <Route path=":id" element={<PoolPage />} />
      </Routes>
    </AdminOnly>
  );
}
