// The times in which an address was somebody's, newest first: from when to when, whose, where it led, who changed that.
import { Button, EmptyState, EmptyStateBody, Skeleton } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import { useAddressHistory, type Edge, type Interval } from "../../api/address-history";
import { useSession } from "../../api/session";
import { useProjectName } from "../../resource/names";
import { ErrorNote } from "../../ui/error-note";
import { dateTime } from "../../ui/format";

function Moment({ edge }: { edge: Edge | null }) {
  const { t, i18n } = useTranslation("time");
  if (!edge) return <>{t("who.stillSo")}</>;
  if (edge.time !== null) return <time dateTime={edge.time}>{dateTime(edge.time, i18n.language)}</time>;
  return (
    <>{edge.before === null ? t("who.unknown") : t("who.before", { time: dateTime(edge.before, i18n.language) })}</>
  );
}

// The change that began or ended it: who, what, in which request.
function Change({ edge }: { edge: Edge | null }) {
  const { t } = useTranslation("time");
  const { user } = useSession();
  if (!edge) return <>{t("common:none")}</>;
  if (edge.revision === null) return <>{t("who.unknown")}</>;
  const self = edge.user_id === user.id ? user.name : "";
  return (
    <>
      <div>{edge.user_name || self || edge.user_id || t("who.somebody")}</div>
      <div className="buoy-fine">{edge.action}</div>
      <div className="buoy-fine">{edge.request_id}</div>
    </>
  );
}

function Target({ row }: { row: Interval }) {
  const { t } = useTranslation("time");
  if (row.port_id === null) return <>{t("who.nowhere")}</>;
  const names = row.devices.map(({ device_id }) => device_id).filter(Boolean);
  return (
    <>
      {row.device_id && (
        <>
          <Link to={`/instances/${encodeURIComponent(row.device_id)}`}>{row.device_id}</Link>{" "}
        </>
      )}
      <Link to={`/ports/${row.port_id}`} className="buoy-address">
        {row.fixed_ip_address ?? row.port_id.slice(0, 8)}
      </Link>
      {names.length > 1 && <div className="buoy-fine">{t("who.instances", { names: names.join(", ") })}</div>}
    </>
  );
}

function Line({ row }: { row: Interval }) {
  const { t } = useTranslation("time");
  const projectName = useProjectName();
  return (
    <Tr>
      <Td dataLabel={t("who.from")}>
        <Moment edge={row.start} />
      </Td>
      <Td dataLabel={t("who.to")}>
        <Moment edge={row.end} />
      </Td>
      <Td dataLabel={t("common:field.project")} modifier="breakWord">
        {projectName(row.project_id)}
      </Td>
      <Td dataLabel={t("floatingips:one")} modifier="breakWord">
        <Link to={`/floating-ips/${row.floatingip_id}`}>{row.floatingip_id.slice(0, 8)}</Link>
      </Td>
      <Td dataLabel={t("who.target")} modifier="breakWord">
        <Target row={row} />
      </Td>
      <Td dataLabel={t("who.began")} modifier="breakWord">
        <Change edge={row.start} />
      </Td>
      <Td dataLabel={t("who.ended")} modifier="breakWord">
        <Change edge={row.end} />
      </Td>
    </Tr>
  );
}

export function Intervals({ address, at }: { address: string; at: string | undefined }) {
  const { t, i18n } = useTranslation("time");
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useAddressHistory(address, at);
  const note = error ? <ErrorNote error={error} retry={() => void refetch()} /> : null;
  if (!data) return note ?? <Skeleton screenreaderText={t("common:loading")} height="8rem" />;
  if (data.rows.length === 0 && !hasNextPage)
    return (
      <EmptyState variant="sm" headingLevel="h2" titleText={t("who.empty")}>
        <EmptyStateBody>{t("who.emptyHelp")}</EmptyStateBody>
      </EmptyState>
    );
  return (
    <>
      {note}
      <Table aria-label={`${t("who.title")}: ${address}`} variant="compact" gridBreakPoint="grid-lg">
        <Thead>
          <Tr>
            <Th modifier="wrap">{t("who.from")}</Th>
            <Th modifier="wrap">{t("who.to")}</Th>
            <Th modifier="wrap">{t("common:field.project")}</Th>
            <Th modifier="wrap">{t("floatingips:one")}</Th>
            <Th modifier="wrap">{t("who.target")}</Th>
            <Th modifier="wrap">{t("who.began")}</Th>
            <Th modifier="wrap">{t("who.ended")}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {data.rows.map((row) => (
            <Line key={`${row.floatingip_id} ${row.start.revision ?? ""} ${row.end?.revision ?? ""}`} row={row} />
          ))}
        </Tbody>
      </Table>
      {data.horizon?.time && (
        <p className="buoy-fine">{t("who.horizon", { time: dateTime(data.horizon.time, i18n.language) })}</p>
      )}
      {hasNextPage && (
        <Button variant="link" isLoading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("who.older")}
        </Button>
      )}
    </>
  );
}
