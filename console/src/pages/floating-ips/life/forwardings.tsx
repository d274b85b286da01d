// The port forwardings of a floating IP.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { FloatingIp, PortForwarding } from "../../../api/types";
import { addressColumn } from "../../../resource/columns";
import { TableSection } from "../../../resource/table";
import type { Column } from "../../../ui/data-table";
import { forwardingsOf, insideOf, outsideOf } from "./forwards";

const keyOf = (one: PortForwarding) => one.id ?? `${one.protocol} ${outsideOf(one)}`;

export function Forwardings({ fip }: { fip: FloatingIp }) {
  const { t } = useTranslation("life");
  const columns = useMemo<Column<PortForwarding>[]>(
    () => [
      { key: "protocol", label: t("forwarding.protocol"), value: ({ protocol }) => protocol.toUpperCase() },
      addressColumn<PortForwarding>("outside", t("forwarding.outside"), outsideOf),
      addressColumn<PortForwarding>("inside", t("forwarding.inside"), insideOf),
    ],
    [t],
  );
  return (
    <TableSection
      label={t("forwarding.title")}
      columns={columns}
      rows={forwardingsOf(fip)}
      rowKey={keyOf}
      nameOf={keyOf}
    />
  );
}

// "TCP 80 → 172.16.101.3:8080", one below the other, where there is room for few words.
export function ForwardingLines({ fip }: { fip: FloatingIp }) {
  const { t } = useTranslation("life");
  const most = 3;
  const all = forwardingsOf(fip);
  return (
    <>
      {t("forwarding.some", { count: all.length })}
      {all.slice(0, most).map((one) => (
        <div key={keyOf(one)} className="buoy-fine">
          {one.protocol.toUpperCase()} {outsideOf(one)} → {insideOf(one)}
        </div>
      ))}
      {all.length > most && <div className="buoy-fine">{t("forwarding.more", { count: all.length - most })}</div>}
    </>
  );
}
