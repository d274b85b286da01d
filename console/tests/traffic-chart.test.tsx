// The chart: its sentence, its table, its unit; what is handed to the drawing.
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { TrafficPoint } from "../src/api/types";
import { TrafficChart } from "../src/ui/traffic-chart";
import { columns } from "../src/ui/traffic-plot";
import { expectAccessible } from "./render";

const drawn = vi.hoisted(() => [] as { data: unknown; series: { label?: string }[]; gone: boolean }[]);
vi.mock("uplot", () => ({
  default: class {
    width = 0;
    private readonly record;
    constructor(options: { series: { label?: string }[] }, data: unknown) {
      this.record = { data, series: options.series, gone: false };
      drawn.push(this.record);
    }
    setData(data: unknown) {
      this.record.data = data;
    }
    setSize() {}
    destroy() {
      this.record.gone = true;
    }
  },
}));

vi.setConfig({ testTimeout: 30000 });
afterEach(() => {
  drawn.length = 0;
  vi.unstubAllGlobals();
});

const at = (second: number, in_bps: number): TrafficPoint => ({
  time: new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString(),
  in_pps: in_bps / 1000,
  in_bps,
  out_pps: 1,
  out_bps: 1000,
});
const points = [at(0, 1000), at(10, 2500000), at(20, 4000)];

describe("the chart", () => {
  it("says the highest and the last, in the unit that is chosen", async () => {
    const user = userEvent.setup();
    const { container } = render(<TrafficChart points={points} />);
    expect(screen.getByText(/Highest: in 2.50 Mbit\/s, out 1.00 kbit\/s. Last: in 4.00 kbit\/s/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Packets per second" }));
    expect(screen.getByText(/Highest: in 2.50 kp\/s, out 1 p\/s/)).toBeTruthy();
    await expectAccessible(container);
  });

  it("is a table for who wants it, the newest on top", async () => {
    const user = userEvent.setup();
    const { container } = render(<TrafficChart points={points} />);
    await user.click(screen.getByRole("button", { name: "Show as a table" }));
    const rows = within(screen.getByRole("grid", { name: "Traffic of the last hour" })).getAllByRole("row");
    expect(rows).toHaveLength(4);
    expect(rows[1]?.textContent).toContain("4.00 kbit/s");
    await expectAccessible(container);
  });

  it("says that there was nothing", () => {
    render(<TrafficChart points={[]} />);
    expect(screen.getByText("No traffic in the last hour.")).toBeTruthy();
  });

  it("draws where it can, follows new points, and leaves nothing behind", async () => {
    vi.stubGlobal(
      "ResizeObserver",
      class {
        observe() {}
        disconnect() {}
      },
    );
    const user = userEvent.setup();
    const view = render(<TrafficChart points={points} />);
    await waitFor(() => expect(drawn).toHaveLength(1));
    expect(drawn[0]?.series.map(({ label }) => label)).toEqual(["Time", "In", "Out"]);
    expect(drawn[0]?.data).toEqual(columns(points, "bits"));
    view.rerender(<TrafficChart points={[...points, at(30, 9)]} />);
    expect(drawn[0]?.data).toEqual(columns([...points, at(30, 9)], "bits"));
    await user.click(screen.getByRole("button", { name: "Packets per second" }));
    expect(drawn).toHaveLength(2);
    expect(drawn[0]?.gone).toBe(true);
    expect(drawn[1]?.data).toEqual(columns([...points, at(30, 9)], "packets"));
    view.unmount();
    expect(drawn[1]?.gone).toBe(true);
  });

  it("breaks its line where nothing was measured", () => {
    const [times, inward] = columns([at(0, 1), at(10, 2), at(20, 3), at(55, 4)], "bits");
    expect(inward).toEqual([1, 2, 3, null, 4]);
    expect(times).toHaveLength(5);
    expect(columns([], "bits")).toEqual([[], [], []]);
    expect(columns([at(0, 7)], "bits")[1]).toEqual([7]);
  });
});
