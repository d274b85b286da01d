// The drawing of the chart, a chunk of its own because of uPlot.
import "uplot/dist/uPlot.min.css";

import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";

import type { TrafficPoint } from "../api/types";
import { useTheme } from "../shell/theme";
import { units, type Unit } from "./traffic-units";

const height = 220;
const gapFactor = 3; // so many times the usual step without a point: the line breaks

// Columns as uPlot wants them: seconds, in, out; a hole where nothing was measured.
export function columns(
  points: readonly TrafficPoint[],
  unit: Unit,
): [number[], (number | null)[], (number | null)[]] {
  const out: [number[], (number | null)[], (number | null)[]] = [[], [], []];
  const times = points.map((point) => Date.parse(point.time) / 1000);
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  points.forEach((point, i) => {
    const time = times[i] ?? 0;
    const before = times[i - 1];
    if (before !== undefined && usual > 0 && time - before > gapFactor * usual) {
      out[0].push(before + usual);
      out[1].push(null);
      out[2].push(null);
    }
    out[0].push(time);
    out[1].push(point[units[unit].in]);
    out[2].push(point[units[unit].out]);
  });
  return out;
}

const token = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--pf-t--global--${name}`).trim();

interface Words {
  time: string;
  in: string;
  out: string;
  language: string;
}

function options(width: number, unit: Unit, words: Words): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: token("text--color--subtle"),
    font: `12px ${token("font--family--body")}`,
    grid: { stroke: token("border--color--subtle"), width: 1 },
    ticks: { stroke: token("border--color--subtle"), width: 1 },
  };
  const { text } = units[unit];
  const minutes = new Intl.DateTimeFormat(words.language, { hour: "numeric", minute: "2-digit" });
  const seconds = new Intl.DateTimeFormat(words.language, { hour: "numeric", minute: "2-digit", second: "2-digit" });
  const at = (time: number) => new Date(time * 1000);
  const value = (_plot: uPlot, raw: number | null) => (raw === null ? "—" : text(raw));
  const blue = token("border--color--brand--default");
  const plain = token("text--color--regular");
  return {
    width,
    height,
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, 1) * 1.1] } },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map((time) => minutes.format(at(time))), space: 70 },
      { ...axis, values: (_plot, ticks) => ticks.map(text), size: 90 },
    ],
    series: [
      { label: words.time, value: (_plot, raw: number | null) => (raw === null ? "—" : seconds.format(at(raw))) },
      { label: words.in, stroke: blue, width: 2, value, points: { show: false } },
      { label: words.out, stroke: plain, width: 2, dash: [6, 4], value, points: { show: false } },
    ],
  };
}

export default function Plot({ points, unit }: { points: readonly TrafficPoint[]; unit: Unit }) {
  const { t, i18n } = useTranslation("chart");
  const { dark } = useTheme();
  const room = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const data = useRef<uPlot.AlignedData>([[], [], []]);

  useEffect(() => {
    data.current = columns(points, unit);
    plot.current?.setData(data.current);
  }, [points, unit]);

  // Colours, words and the unit are the drawing's for its life.
  useEffect(() => {
    const box = room.current;
    if (!box) return;
    const words = { time: t("time"), in: t("in"), out: t("out"), language: i18n.language };
    const drawn = new uPlot(options(box.clientWidth, unit, words), data.current, box);
    plot.current = drawn;
    const observer = new ResizeObserver(() => {
      if (box.clientWidth > 0 && box.clientWidth !== drawn.width) drawn.setSize({ width: box.clientWidth, height });
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [t, i18n.language, unit, dark]);

  // What it says is said by the sentence above it and the table below.
  return <div ref={room} className="buoy-chart-plot" aria-hidden="true" />;
}
