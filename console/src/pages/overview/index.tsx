// The landing page: how much of its quota the project uses, what is wrong, what waits to be used, and the way to the
// next floating IP.
import { Card, CardBody, Gallery, Skeleton } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import { queryString } from "../../api/client";
import { useGet } from "../../api/resources";
import { useProjectId, useSession } from "../../api/session";
import type { FloatingIp, Quotas } from "../../api/types";
import { Section } from "../../resource/table";
import { useActions } from "../../ui/actions";
import { ErrorNote } from "../../ui/error-note";
import { Frame } from "../../ui/page";
import { QuotaBar } from "../../ui/quota-bar";
import { addressOf, AllocateButton, useFloatingIpActions } from "../floating-ips/actions";
import { Faults } from "./faults";
import "./overview.css";

// What is counted, and the page that shows it.
const counted: readonly { kind: keyof Quotas; path: string }[] = [
  { kind: "floatingip", path: "/floating-ips" },
  { kind: "network", path: "/networks" },
  { kind: "subnet", path: "/networks" },
  { kind: "port", path: "/ports" },
  { kind: "router", path: "/routers" },
];

function Gauges() {
  const { t } = useTranslation("overview");
  const { data, error, refetch } = useGet<{ quota: Quotas }>(`/v2.0/quotas/${useProjectId()}/details`);
  if (error && !data) return <ErrorNote error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton screenreaderText={t("common:loading")} height="6rem" />;
  return (
    <Gallery hasGutter minWidths={{ default: "15rem" }} component="ul">
      {counted.map(({ kind, path }) => (
        <Card key={kind} isCompact component="li">
          <CardBody>
            <QuotaBar
              title={t(`kind.${kind}`)}
              link={<Link to={path}>{t(`kind.${kind}`)}</Link>}
              quota={data.quota[kind]}
            />
          </CardBody>
        </Card>
      ))}
    </Gallery>
  );
}

const mostFree = 5;

// Asks for as many as are shown, and one more to know whether there are: a project may have thousands.
function Free() {
  const { t } = useTranslation("overview");
  const query = queryString({ project_id: useProjectId(), port_id: "", limit: mostFree + 1 });
  const { data, error, refetch } = useGet<{ floatingips: FloatingIp[] }>(`/v2.0/floatingips${query}`);
  const { menu, dialog } = useActions(useFloatingIpActions(), addressOf);
  if (error && !data) return <ErrorNote error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton screenreaderText={t("common:loading")} height="4rem" />;
  const fips = data.floatingips;
  if (fips.length === 0) return <p>{t("free.none")}</p>;
  return (
    <>
      <ul className="buoy-overview-list">
        {fips.slice(0, mostFree).map((fip) => (
          <li key={fip.id}>
            <span>
              <Link to={`/floating-ips/${fip.id}`} className="buoy-address">
                {fip.floating_ip_address}
              </Link>{" "}
              {fip.description}
            </span>
            {menu(fip)}
          </li>
        ))}
      </ul>
      {fips.length > mostFree && <Link to="/floating-ips?state=free">{t("free.all")}</Link>}
      {dialog}
    </>
  );
}

export default function Overview() {
  const { t } = useTranslation("overview");
  const { project } = useSession();
  return (
    <Frame
      title={t("title")}
      description={t("description", { name: project?.name ?? "" })}
      actions={<AllocateButton />}
    >
      <Section title={t("quota.title")}>
        <Gauges />
      </Section>
      <Section title={t("faults.title")}>
        <Faults />
      </Section>
      <Section title={t("free.title")}>
        <Free />
      </Section>
      <Section title={t("next.title")}>
        <ul className="buoy-overview-links">
          {(["floating-ips", "topology", "instances", "routers"] as const).map((path) => (
            <li key={path}>
              <Link to={`/${path}`}>{t(`next.${path}`)}</Link>
            </li>
          ))}
        </ul>
      </Section>
    </Frame>
  );
}
