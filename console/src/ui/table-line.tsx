// A row of a table, and the boxes by which rows are chosen.
import { Checkbox } from "@patternfly/react-core";
import { memo, useCallback, useId, type Dispatch, type ReactNode, type SetStateAction } from "react";
import { useTranslation } from "react-i18next";

import type { Column } from "./table-rows";

export type Chosen = ReadonlySet<string>; // keys of rows

export interface Selection<R> {
  chosen: Chosen;
  set: Dispatch<SetStateAction<Chosen>>;
  label: (row: R) => string; // of the box; stable (useCallback)
}

interface LineProps<R> {
  row: R;
  id: string;
  columns: readonly Column<R>[];
  actions: ((row: R) => ReactNode) | undefined;
  chosen: boolean | undefined; // undefined: rows are not to be chosen
  choose: (ids: readonly string[], on: boolean) => void;
  chooseLabel: ((row: R) => string) | undefined;
}

// Elements instead of PatternFly's components: those measure each cell whenever it is drawn, and make the browser lay
// out the page a thousand times.
function PlainLine<R>({ row, id, columns, actions, chosen, choose, chooseLabel }: LineProps<R>) {
  return (
    <tr className="pf-v6-c-table__tr">
      {chosen !== undefined && (
        <td className="pf-v6-c-table__td pf-v6-c-table__check">
          <Checkbox
            id={`choose-${id}`}
            aria-label={chooseLabel?.(row)}
            isChecked={chosen}
            onChange={(_event, on) => choose([id], on)}
          />
        </td>
      )}
      {columns.map((column) => (
        <td key={column.key} data-label={column.label} className="pf-v6-c-table__td pf-m-break-word">
          {column.cell ? column.cell(row) : column.value(row)}
        </td>
      ))}
      {actions && <td className="pf-v6-c-table__td pf-v6-c-table__action">{actions(row)}</td>}
    </tr>
  );
}
export const Line = memo(PlainLine) as typeof PlainLine;

export function useChoose(set: Selection<unknown>["set"] | undefined): LineProps<unknown>["choose"] {
  return useCallback(
    (ids, on) =>
      set?.((was) => {
        const next = new Set(was);
        for (const id of ids) {
          if (on) next.add(id);
          else next.delete(id);
        }
        return next;
      }),
    [set],
  );
}

// Chooses the rows of the page, or none of them.
export function ChooseAll({
  ids,
  chosen,
  choose,
}: {
  ids: string[];
  chosen: Chosen;
  choose: LineProps<unknown>["choose"];
}) {
  const { t } = useTranslation();
  const count = ids.filter((id) => chosen.has(id)).length;
  return (
    <th className="pf-v6-c-table__th pf-v6-c-table__check" scope="col">
      <Checkbox
        id={useId()}
        aria-label={t("table.chooseAll")}
        isChecked={count === 0 ? false : count === ids.length ? true : null}
        isDisabled={ids.length === 0}
        onChange={(_event, on) => choose(ids, on)}
      />
    </th>
  );
}
