// Columns that several tables have.
import type { Column } from "../ui/data-table";

// An address, a prefix, a MAC address; `none` stands where there is none.
export function addressColumn<R>(
  key: string,
  label: string,
  value: (row: R) => string | null | undefined,
  none = "",
): Column<R> {
  return {
    key,
    label,
    value: (row) => value(row) ?? "",
    cell: (row) => {
      const text = value(row);
      return text ? <span className="buoy-address">{text}</span> : none;
    },
  };
}
