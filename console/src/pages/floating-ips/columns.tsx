// The columns of the list, in the reference document's words.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import { useAsOf } from "../../api/as-of";
import type { FloatingIp } from "../../api/types";
import type { Column } from "../../ui/data-table";
import { Label } from "../../ui/label";
import { Status } from "../../ui/status";
import { addressOf } from "./actions";
import "./columns.css";
import { ForwardingLines } from "./life/forwardings";
import { forwardingsOf, forwards, insideOf } from "./life/forwards";
import { EndLine } from "./life/lease";
import type { InstanceName, Names } from "./names";
import { RateCell } from "./rates";

export function Description({ fip }: { fip: FloatingIp }) {
  const { t } = useTranslation("floatingips");
  return (
    <>
      {fip.description && `${fip.description} `}
      {fip.tags.length > 0 && (
        <ul className="buoy-tags" aria-label={t("tags")}>
          {fip.tags.map((tag) => (
            <li key={tag}>
              <Label>{tag}</Label>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

export function InstanceLink({ instance }: { instance: InstanceName }) {
  if (instance.id === "") return <>{instance.name}</>;
  return <Link to={`/instances/${encodeURIComponent(instance.id)}`}>{instance.name}</Link>;
}

function Mapped({ fip, names }: { fip: FloatingIp; names: Names }) {
  const instance = names.instance(fip);
  if (forwards(fip)) return <ForwardingLines fip={fip} />;
  if (!instance) return <span aria-hidden="true">–</span>;
  return (
    <>
      <InstanceLink instance={instance} /> <span className="buoy-address">{fip.fixed_ip_address}</span>
    </>
  );
}

// `projectName`: only where the list shows those of all projects.
export function useColumns(names: Names, projectName?: (id: string) => string): readonly Column<FloatingIp>[] {
  const { t } = useTranslation("floatingips");
  const past = useAsOf() !== null; // rates are of now
  return useMemo(() => {
    const project: Column<FloatingIp>[] = projectName
      ? [{ key: "project", label: t("common:field.project"), value: (fip) => projectName(fip.project_id) }]
      : [];
    const rates: Column<FloatingIp> = {
      key: "rates",
      label: t("traffic"),
      unsorted: true,
      value: () => "",
      cell: (fip) => <RateCell id={fip.id} />,
    };
    return [
      {
        key: "address",
        label: t("address"),
        value: addressOf,
        cell: (fip) => (
          <Link to={`/floating-ips/${fip.id}`} className="buoy-address">
            {fip.floating_ip_address}
          </Link>
        ),
      },
      {
        key: "description",
        width: 15,
        label: t("common:field.description"),
        value: (fip) => [fip.description, ...fip.tags].join(" "),
        cell: (fip) => (
          <>
            <Description fip={fip} />
            <EndLine time={fip.expires_at} />
          </>
        ),
      },
      {
        key: "fixed",
        label: t("fixed"),
        value: (fip) =>
          forwards(fip)
            ? [t("life:forwarding.word"), ...forwardingsOf(fip).map(insideOf)].join(" ")
            : `${names.instance(fip)?.name ?? ""} ${fip.fixed_ip_address ?? ""}`.trim(),
        cell: (fip) => <Mapped fip={fip} names={names} />,
      },
      { key: "pool", label: t("pool"), value: (fip) => names.pool(fip.floating_network_id) },
      ...project,
      {
        key: "status",
        label: t("common:field.status"),
        value: (fip) => fip.status,
        cell: (fip) => <Status status={fip.status} />,
      },
      ...(past ? [] : [rates]),
    ];
  }, [t, names, projectName, past]);
}
