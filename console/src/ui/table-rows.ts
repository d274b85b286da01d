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

// Rows in which every word of the filter stands somewhere.
export function filterRows<R>(rows: readonly R[], columns: readonly Column<R>[], filter: string): readonly R[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = columns.map((column) => String(column.value(row)).toLowerCase()).join("\n");
    return words.every((word) => text.includes(word));
  });
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
