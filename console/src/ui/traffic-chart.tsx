// The traffic of the last hour: a chart for those who see it, a sentence and a table for everybody.
import { ExpandableSection, Flex, ToggleGroup, ToggleGroupItem } from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { TrafficPoint } from "../api/types";
import "./traffic-chart.css";
import { units, type Unit } from "./traffic-units";

const Plot = lazy(() => import("./traffic-plot"));

interface Part {
  points: readonly TrafficPoint[];
  unit: Unit;
}

// "Highest: in 1.2 Mbit/s, out 80 kbit/s. Last: ..."
function Summary({ points, unit }: Part) {
  const { t } = useTranslation("chart");
  const { text, ...keys } = units[unit];
  const most = (key: (typeof keys)["in" | "out"]) => text(Math.max(0, ...points.map((point) => point[key])));
  const last = points.at(-1);
  return (
    <p className="buoy-fine">
      {t("highest", { in: most(keys.in), out: most(keys.out) })}
      {last && ` ${t("last", { in: text(last[keys.in]), out: text(last[keys.out]) })}`}
    </p>
  );
}

// Newest first: what one wants to know is on top.
function PointTable({ points, unit }: Part) {
  const { t, i18n } = useTranslation("chart");
  const { text, ...keys } = units[unit];
  const clock = new Intl.DateTimeFormat(i18n.language, { hour: "numeric", minute: "2-digit", second: "2-digit" });
  return (
    <div className="buoy-chart-table" tabIndex={0} role="region" aria-label={t("title")}>
      <Table aria-label={t("title")} variant="compact" gridBreakPoint="" isStickyHeader>
        <Thead>
          <Tr>
            <Th>{t("time")}</Th>
            <Th>{t("in")}</Th>
            <Th>{t("out")}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {[...points].reverse().map((point) => (
            <Tr key={point.time}>
              <Td>{clock.format(new Date(point.time))}</Td>
              <Td>{text(point[keys.in])}</Td>
              <Td>{text(point[keys.out])}</Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

export function TrafficChart({ points }: { points: readonly TrafficPoint[] }) {
  const { t } = useTranslation("chart");
  const [unit, setUnit] = useState<Unit>("bits");
  const [open, setOpen] = useState(false);
  // A browser (or a test) that cannot draw shows the sentence and the table.
  const canDraw = useMemo(() => typeof ResizeObserver !== "undefined", []);
  if (points.length === 0) return <p>{t("empty")}</p>;
  return (
    <figure className="buoy-chart" aria-label={t("title")}>
      <Flex justifyContent={{ default: "justifyContentSpaceBetween" }}>
        <Summary points={points} unit={unit} />
        <ToggleGroup aria-label={t("unit")} isCompact>
          {(Object.keys(units) as Unit[]).map((key) => (
            <ToggleGroupItem
              key={key}
              text={t(`units.${key}`)}
              buttonId={`chart-${key}`}
              isSelected={unit === key}
              onChange={() => setUnit(key)}
            />
          ))}
        </ToggleGroup>
      </Flex>
      {canDraw && (
        <Suspense fallback={<div className="buoy-chart-plot" />}>
          <Plot points={points} unit={unit} />
        </Suspense>
      )}
      <ExpandableSection
        toggleText={t(open ? "hideTable" : "showTable")}
        isExpanded={open}
        onToggle={(_event, next) => setOpen(next)}
      >
        {open && <PointTable points={points} unit={unit} />}
      </ExpandableSection>
    </figure>
  );
}
