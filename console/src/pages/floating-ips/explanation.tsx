// What the node says that it would do with a packet: the verdict, each step to it, the packet before and after.
import { Gallery, List, ListComponent, ListItem } from "@patternfly/react-core";
import BadIcon from "@patternfly/react-icons/dist/esm/icons/rh-ui-error-fill-icon";
import GoodIcon from "@patternfly/react-icons/dist/esm/icons/rh-ui-check-circle-fill-icon";
import { Caption, Table, Tbody, Td, Th, Tr } from "@patternfly/react-table";
import { useTranslation } from "react-i18next";

import type { Explanation, ExplanationStep, PacketFields } from "../../api/types";
import { useYesNo } from "../../resource/words";
import { Alert } from "../../ui/alert";
import "./explanation.css";
import { alertOf, useVerdictName } from "./verdict";

// In the order in which they are shown; what else a packet has comes behind them, by the server's word.
const known = [
  "source",
  "source_port",
  "source_mac",
  "target",
  "port",
  "target_mac",
  "protocol",
  "ttl",
  "length",
  "df",
] as const;
type Known = (typeof known)[number];
const isKnown = (field: string): field is Known => (known as readonly string[]).includes(field);

const fieldsOf = (packet: PacketFields): string[] => [
  ...known.filter((field) => field in packet),
  ...Object.keys(packet).filter((field) => !isKnown(field)),
];

interface PacketTableProps {
  title: string;
  packet: PacketFields;
  other: PacketFields | null; // as it is on the other side of the translation
}

function PacketTable({ title, packet, other }: PacketTableProps) {
  const { t } = useTranslation("explain");
  const yesNo = useYesNo();
  const text = (value: PacketFields[string] | undefined) => (typeof value === "boolean" ? yesNo(value) : value);
  return (
    <Table variant="compact" gridBreakPoint="">
      <Caption>{title}</Caption>
      <Tbody>
        {fieldsOf(packet)
          .filter((field) => packet[field] !== null)
          .map((field) => (
            <Tr key={field}>
              <Th scope="row">{isKnown(field) ? t(`field.${field}`) : field.replaceAll("_", " ")}</Th>
              <Td modifier="breakWord">
                {other && other[field] !== packet[field] ? (
                  <>
                    <mark className="buoy-changed">{text(packet[field])}</mark>
                    <span className="pf-v6-screen-reader"> ({t("way:changed")})</span>
                  </>
                ) : (
                  text(packet[field])
                )}
              </Td>
            </Tr>
          ))}
      </Tbody>
    </Table>
  );
}

function Step({ step: { what, ok, advice } }: { step: ExplanationStep }) {
  const { t } = useTranslation("explain");
  return (
    <ListItem icon={ok ? <GoodIcon className="buoy-good" /> : <BadIcon className="buoy-bad" />}>
      <span className="pf-v6-screen-reader">{ok ? t("step.good") : t("step.bad")} </span>
      {what}
      {advice && <p className="buoy-fine">{advice}</p>}
    </ListItem>
  );
}

export function ExplanationView({ explanation }: { explanation: Explanation }) {
  const { t } = useTranslation("explain");
  const name = useVerdictName();
  const { verdict, summary, steps, packet, generation, datapath } = explanation;
  return (
    <div className="buoy-explanation">
      <Alert isInline isLiveRegion variant={alertOf(verdict)} component="h3" title={name(verdict)}>
        {summary}
      </Alert>
      <List isPlain component={ListComponent.ol} aria-label={t("step.all")}>
        {steps.map((step, index) => (
          <Step key={index} step={step} />
        ))}
      </List>
      <Gallery hasGutter minWidths={{ default: "240px" }}>
        <PacketTable title={t("way:before")} packet={packet.before} other={packet.after} />
        {packet.after && <PacketTable title={t("way:after")} packet={packet.after} other={packet.before} />}
      </Gallery>
      {!packet.after && <p>{t("noAfter")}</p>}
      {datapath && (
        <p className="buoy-fine">
          {t("datapath", { datapath })} {generation !== null && t("generation", { generation })}
        </p>
      )}
    </div>
  );
}
