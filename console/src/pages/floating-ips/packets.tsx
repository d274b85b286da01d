// "Watch packets": the last of a floating IP's packets, and what the node did with each.
import { Button } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { FloatingIp, PacketFields, SeenPacket } from "../../api/types";
import { Section } from "../../resource/table";
import { ErrorNote } from "../../ui/error-note";
import { clockTime } from "../../ui/format";
import { useReasonName } from "./drops";
import { mostPackets, usePackets, type Watched } from "./use-packets";
import { useNodeAdvice, Verdict } from "./verdict";

// "198.51.100.9:40000 → 10.10.10.3:443 tcp"
function frameText({ source, source_port, target, port, protocol }: PacketFields): string {
  const end = (address: PacketFields[string] | undefined, number: PacketFields[string] | undefined) =>
    typeof number === "number" ? `${address}:${number}` : address;
  return `${end(source, source_port)} → ${end(target, port)} ${protocol}`;
}

function Frame({ packet: { packet, summary } }: { packet: SeenPacket }) {
  return (
    <>
      {packet && <span className="buoy-id">{frameText(packet)}</span>}
      {summary && <div className="buoy-fine">{summary}</div>}
    </>
  );
}

interface Column {
  label: string;
  cell: (packet: SeenPacket) => ReactNode;
}

function useColumns(): readonly Column[] {
  const { t, i18n } = useTranslation("explain");
  const reasonName = useReasonName();
  const directions: Record<string, string> = { in: t("floatingips:rate.in"), out: t("floatingips:rate.out") };
  return [
    { label: t("packets.time"), cell: ({ time }) => clockTime(time, i18n.language) },
    { label: t("way:direction.label"), cell: ({ direction }) => directions[direction] ?? direction },
    { label: t("packets.verdict"), cell: ({ verdict }) => <Verdict verdict={verdict} /> },
    { label: t("packets.reason"), cell: ({ reason }) => reason && reasonName(reason) },
    { label: t("packets.packet"), cell: (packet) => <Frame packet={packet} /> },
  ];
}

function PacketTable({ packets }: Pick<Watched, "packets">) {
  const { t } = useTranslation("explain");
  const columns = useColumns();
  return (
    <Table aria-label={t("packets.title")} variant="compact" gridBreakPoint="grid-md">
      <Thead>
        <Tr>
          {columns.map(({ label }) => (
            <Th key={label}>{label}</Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {packets.map((packet) => (
          <Tr key={packet.key}>
            {columns.map(({ label, cell }) => (
              <Td key={label} dataLabel={label} modifier="breakWord">
                {cell(packet)}
              </Td>
            ))}
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

export function Packets({ fip }: { fip: FloatingIp }) {
  const { t } = useTranslation("explain");
  const { state, packets, error, start, stop } = usePackets(fip.id);
  const advise = useNodeAdvice();
  const on = state === "opening" || state === "watching";
  return (
    <Section
      title={t("packets.title")}
      buttons={
        <Button variant="secondary" onClick={on ? stop : start}>
          {on ? t("packets.stop") : t("packets.start")}
        </Button>
      }
    >
      {error ? <ErrorNote error={error} retry={start} advise={advise} /> : null}
      <p role="status">{t(`packets.state.${state}`, { address: fip.floating_ip_address, most: mostPackets })}</p>
      {packets.length > 0 && <PacketTable packets={packets} />}
    </Section>
  );
}
