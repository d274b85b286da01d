// Which rows a table shows, and in which order. Pure.
import type { ReactNode } from "react";

export interface Column<R> {
  key: string;
  label: string;
  // What the column is sorted and filtered by.
  value: (row: R) => string | number;
  // What it shows; default: the value.
  cell?: (row: R) => ReactNode;
  unsorted?: boolean; // its value is not what one would sort by
  width?: 10 | 15 | 20 | 25 | 30 | 35 | 40; // per cent
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export function compareValues(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}

// Finds the rows in which every word of a filter stands somewhere. What the rows are searched by is put together once,
// with the first filter: the further letters only look.
export function searchIn<R>(rows: readonly R[], columns: readonly Column<R>[]): (filter: string) => readonly R[] {
  let texts: string[] | undefined;
  const textOf = (row: R) => columns.map((column) => String(column.value(row)).toLowerCase()).join("\n");
  return (filter) => {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return rows;
    const searched = (texts ??= rows.map(textOf));
    return rows.filter((_row, index) => words.every((word) => searched[index]?.includes(word)));
  };
}

export interface Sorting {
  key: string;
  direction: "asc" | "desc";
}

export function sortRows<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  sorting: Sorting | null,
): readonly R[] {
  const column = sorting && columns.find(({ key }) => key === sorting.key);
  if (!column) return rows;
  const sign = sorting.direction === "asc" ? 1 : -1;
  return rows
    .map((row) => ({ row, value: column.value(row) }))
    .sort((a, b) => sign * compareValues(a.value, b.value))
    .map(({ row }) => row);
}
