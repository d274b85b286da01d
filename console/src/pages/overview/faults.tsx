// What is in error in the project, and where to look.
import { Skeleton } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import { useList } from "../../api/resources";
import { useProjectId } from "../../api/session";
import { ErrorNote } from "../../ui/error-note";
import { Status } from "../../ui/status";

interface Fault {
  id: string;
  kind: "floatingip" | "router" | "port" | "network";
  name: string;
  path: string;
}

const paths: Record<Fault["kind"], string> = {
  floatingip: "/floating-ips",
  router: "/routers",
  port: "/ports",
  network: "/networks",
};

interface Thing {
  id: string;
  name?: string;
  floating_ip_address?: string;
}

function faultsOf(kind: Fault["kind"], rows: readonly Thing[] | undefined): Fault[] {
  return (rows ?? []).map(({ id, name, floating_ip_address }) => ({
    id,
    kind,
    name: floating_ip_address ?? (name || id.slice(0, 8)),
    path: `${paths[kind]}/${id}`,
  }));
}

const mostShown = 8;

export function Faults() {
  const { t } = useTranslation("overview");
  const wanted = { project_id: useProjectId(), status: "ERROR" };
  const floatingIps = useList("floatingip", wanted);
  const routers = useList("router", wanted);
  const ports = useList("port", wanted);
  const networks = useList("network", wanted);
  const queries = [floatingIps, routers, ports, networks];
  const failed = queries.find(({ error, data }) => error && !data);
  if (failed)
    return <ErrorNote error={failed.error} retry={() => queries.forEach(({ refetch }) => void refetch())} />;
  if (queries.some(({ data }) => !data)) return <Skeleton screenreaderText={t("common:loading")} height="2rem" />;
  const faults = [
    ...faultsOf("floatingip", floatingIps.data?.rows),
    ...faultsOf("router", routers.data?.rows),
    ...faultsOf("port", ports.data?.rows),
    ...faultsOf("network", networks.data?.rows),
  ];
  if (faults.length === 0) return <p>{t("faults.none")}</p>;
  return (
    <>
      <ul className="buoy-overview-list">
        {faults.slice(0, mostShown).map(({ id, kind, name, path }) => (
          <li key={id}>
            <span>
              {t(`one.${kind}`)} <Link to={path}>{name}</Link>
            </span>
            <Status status="ERROR" />
          </li>
        ))}
      </ul>
      {faults.length > mostShown && (
        <Link to={floatingIps.data?.rows.length ? "/floating-ips?state=error" : "/topology"}>
          {t("faults.all", { count: faults.length })}
        </Link>
      )}
    </>
  );
}
