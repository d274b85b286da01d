// Packets and bits per second of a floating IP as they come. Each draws itself anew, and only when its own numbers
// change; its place stays the same, however long they are.
import { memo } from "react";
import { useTranslation } from "react-i18next";

import { useRates } from "../../api/live";
import { bitRate, packetRate } from "../../ui/format";
import "./rates.css";

const still = { inPps: 0, inBps: 0, outPps: 0, outBps: 0 };

interface Direction {
  key: "in" | "out";
  arrow: string;
}
export const directions: readonly Direction[] = [
  { key: "in", arrow: "↓" },
  { key: "out", arrow: "↑" },
];

// In a row of a table; empty while nothing flows.
export const RateCell = memo(function RateCell({ id }: { id: string }) {
  const { t } = useTranslation("floatingips");
  const rates = useRates(id);
  return (
    <span className="buoy-rates">
      {rates &&
        directions.map(({ key, arrow }) => (
          <span key={key} title={packetRate(rates[`${key}Pps`])}>
            <span aria-hidden="true">{arrow}</span>
            <span className="pf-v6-screen-reader">{t(`rate.${key}`)}</span> {bitRate(rates[`${key}Bps`])}
          </span>
        ))}
    </span>
  );
});

// On the floating IP's own page: both units, zeros too.
export function RatesNow({ id }: { id: string }) {
  const { t } = useTranslation("floatingips");
  const rates = useRates(id) ?? still;
  return (
    <dl className="buoy-rates-now">
      {directions.map(({ key, arrow }) => (
        <div key={key}>
          <dt>
            <span aria-hidden="true">{arrow}</span> {t(`rate.${key}`)}
          </dt>
          <dd>{bitRate(rates[`${key}Bps`])}</dd>
          <dd className="buoy-fine">{packetRate(rates[`${key}Pps`])}</dd>
        </div>
      ))}
    </dl>
  );
}
