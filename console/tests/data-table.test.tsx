// The table of all lists: it filters, sorts and turns pages, and keeps to that while rows come anew.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { DataTable, type Column, type DataTableProps } from "../src/ui/data-table";
import { searchIn, sortRows } from "../src/ui/table-rows";

interface Row {
  id: string;
  address: string;
  name: string;
}

const columns: readonly Column<Row>[] = [
  { key: "address", label: "Address", value: (row) => row.address },
  { key: "name", label: "Name", value: (row) => row.name },
];
const someRows = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({ id: String(i), address: `10.0.0.${count - i}`, name: `Web ${i}` }));

const rowKey = ({ id }: Row) => id;
const table = (rows: readonly Row[] | undefined, more: Partial<DataTableProps<Row>> = {}) => (
  <DataTable label="Things" columns={columns} rows={rows} rowKey={rowKey} sortedBy="address" {...more} />
);
const addresses = () =>
  [...document.querySelectorAll("tbody tr")].map((row) => row.querySelector("td")?.textContent ?? "");

describe("rows", () => {
  it("are found by all words of the filter, wherever they stand and however they are written", () => {
    const search = searchIn(someRows(12), columns);
    expect(search("WEB 10.0.0.12").map(rowKey)).toEqual(["0"]);
    expect(search("  ")).toHaveLength(12);
    expect(search("web nothing")).toHaveLength(0);
  });

  it("are put into words once, however much is typed", () => {
    const value = vi.fn(({ name }: Row) => name);
    const search = searchIn(someRows(50), [{ key: "name", label: "Name", value }]);
    for (const filter of ["w", "we", "web", "web 1"]) search(filter);
    expect(value).toHaveBeenCalledTimes(50);
  });

  it("stand in the order of numbers within text", () => {
    const sorted = sortRows(someRows(12), columns, { key: "address", direction: "desc" });
    expect(sorted.slice(0, 3).map(({ address }) => address)).toEqual(["10.0.0.12", "10.0.0.11", "10.0.0.10"]);
  });
});

describe("the table", () => {
  it("keeps filter, order and page while rows come anew", async () => {
    const user = userEvent.setup();
    const { rerender } = render(table(someRows(120)));
    await user.click(screen.getByRole("button", { name: "Address" }));
    await user.type(screen.getByRole("textbox", { name: "Filter" }), "web 1");
    await user.click(screen.getByRole("button", { name: "Next page" }));
    const before = addresses();
    expect(before[0]).toBe("10.0.0.100");
    rerender(table(someRows(120)));
    expect(addresses()).toEqual(before);
    expect(screen.getByRole("textbox", { name: "Filter" })).toHaveProperty("value", "web 1");
  });

  it("shows the last page that is left when rows go", async () => {
    const user = userEvent.setup();
    const { rerender } = render(table(someRows(45)));
    await user.click(screen.getByRole("button", { name: "Next page" }));
    await user.click(screen.getByRole("button", { name: "Next page" }));
    expect(addresses()).toHaveLength(5);
    rerender(table(someRows(3)));
    expect(addresses()).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  });

  it("does not hide the filter that hides its rows", async () => {
    const user = userEvent.setup();
    const { rerender } = render(table(someRows(21), { brief: true }));
    await user.type(screen.getByRole("textbox", { name: "Filter" }), "nowhere");
    rerender(table(someRows(5), { brief: true }));
    expect(screen.getByText("Nothing matches the filter")).toBeDefined();
    await user.click(screen.getByRole("button", { name: "Clear the filter" }));
    expect(addresses()).toHaveLength(5);
    expect(screen.queryByRole("textbox", { name: "Filter" })).toBeNull();
  });

  it("says that there are further rows, that there are none, and what failed", () => {
    const { rerender } = render(table(someRows(2), { more: true }));
    expect(within(screen.getByRole("status")).getByText(/2/)).toBeDefined();
    rerender(table([], { empty: { title: "No thing yet" } }));
    expect(screen.getByRole("heading", { name: "No thing yet" })).toBeDefined();
    rerender(table(undefined, { error: new Error("broken") }));
    expect(screen.getByText(/broken/)).toBeDefined();
  });
});
