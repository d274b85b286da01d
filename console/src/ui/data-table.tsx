// Every list of the console: columns as data, with filter, sorting and paging in the browser.
import {
  Bullseye,
  Checkbox,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  Pagination,
  SearchInput,
  Spinner,
  Toolbar,
  ToolbarContent,
  ToolbarItem,
} from "@patternfly/react-core";
import { Table, Tbody, Th, Thead, Tr } from "@patternfly/react-table";
import {
  memo,
  useCallback,
  useDeferredValue,
  useId,
  useMemo,
  useState,
  type Dispatch,
  type ReactNode,
  type SetStateAction,
} from "react";
import { useTranslation } from "react-i18next";

import "./data-table.css";
import { ErrorNote } from "./error-note";

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

export type Chosen = ReadonlySet<string>; // keys of rows

export interface Selection<R> {
  chosen: Chosen;
  set: Dispatch<SetStateAction<Chosen>>;
  label: (row: R) => string; // of the box; stable (useCallback)
}

export interface DataTableProps<R> {
  label: string; // of the table, for screen readers
  columns: readonly Column<R>[]; // keep it stable (useMemo): rows are drawn anew when it changes
  rows: readonly R[] | undefined; // undefined: not there yet
  rowKey: (row: R) => string;
  more?: boolean; // there are further rows that were not fetched
  error?: unknown;
  retry?: () => void;
  actions?: (row: R) => ReactNode; // the last cell; stable, too (useCallback)
  selection?: Selection<R>; // a box in front of each row
  toolbar?: ReactNode; // ToolbarItems beside the filter
  sortedBy?: string; // key of a column, from the start; default: the order of `rows`
  brief?: boolean; // no filter and pages as long as all rows fit on one
  empty?: { title: string; body?: string; action?: ReactNode };
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
const Line = memo(PlainLine) as typeof PlainLine;

function useChoose(set: Selection<unknown>["set"] | undefined): LineProps<unknown>["choose"] {
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
function ChooseAll({ ids, chosen, choose }: { ids: string[]; chosen: Chosen; choose: LineProps<unknown>["choose"] }) {
  const { t } = useTranslation();
  const count = ids.filter((id) => chosen.has(id)).length;
  return (
    <Th className="pf-v6-c-table__check">
      <Checkbox
        id={useId()}
        aria-label={t("table.chooseAll")}
        isChecked={count === 0 ? false : count === ids.length ? true : null}
        isDisabled={ids.length === 0}
        onChange={(_event, on) => choose(ids, on)}
      />
    </Th>
  );
}

// So many do not stand beside each other on a tablet.
const manyColumns = 5;

const pageSizes = [20, 50, 100, 500];
const briefRows = 20;

export function DataTable<R>(props: DataTableProps<R>) {
  const { label, columns, rows, rowKey, more, error, retry, actions, selection, toolbar, sortedBy, brief, empty } =
    props;
  const { t } = useTranslation();
  const [filter, setFilter] = useState("");
  const [sorting, setSorting] = useState<Sorting | null>(sortedBy ? { key: sortedBy, direction: "asc" } : null);
  const [page, setPage] = useState(1);
  const [perPage, setPerPage] = useState(20);
  const wanted = useDeferredValue(filter); // typing goes on while the rows follow
  const found = useMemo(() => filterRows(rows ?? [], columns, wanted), [rows, columns, wanted]);
  const sorted = useMemo(() => sortRows(found, columns, sorting), [found, columns, sorting]);
  const choose = useChoose(selection?.set);
  const lastPage = Math.max(1, Math.ceil(sorted.length / perPage));
  const at = Math.min(page, lastPage);
  const shown = useMemo(() => sorted.slice((at - 1) * perPage, at * perPage), [sorted, at, perPage]);

  if (error && !rows) return <ErrorNote error={error} {...(retry && { retry })} />;
  if (!rows)
    return (
      <Bullseye>
        <Spinner aria-label={t("loading")} />
      </Bullseye>
    );

  const pages = (
    <Pagination
      itemCount={sorted.length}
      page={at}
      perPage={perPage}
      perPageOptions={pageSizes.map((value) => ({ title: String(value), value }))}
      onSetPage={(_event, next) => setPage(next)}
      onPerPageSelect={(_event, next) => {
        setPerPage(next);
        setPage(1);
      }}
      isCompact
      titles={{
        paginationAriaLabel: t("table.pages", { label }),
        ofWord: t("table.of"),
        items: "",
        itemsPerPage: t("table.perPage"),
        perPageSuffix: "",
        toPreviousPageAriaLabel: t("table.previous"),
        toNextPageAriaLabel: t("table.next"),
      }}
    />
  );
  return (
    <>
      {error ? <ErrorNote error={error} {...(retry && { retry })} /> : null}
      {!(brief && rows.length <= briefRows) && (
        <Toolbar>
          <ToolbarContent>
            <ToolbarItem>
              <SearchInput
                aria-label={t("table.filter")}
                placeholder={t("table.filter")}
                value={filter}
                onChange={(_event, value) => {
                  setFilter(value);
                  setPage(1);
                }}
                onClear={() => setFilter("")}
                resetButtonLabel={t("table.clear")}
              />
            </ToolbarItem>
            {toolbar}
            <ToolbarItem variant="pagination" align={{ default: "alignEnd" }}>
              {pages}
            </ToolbarItem>
          </ToolbarContent>
        </Toolbar>
      )}
      {more && <p role="status">{t("table.more", { count: rows.length })}</p>}
      <Table
        aria-label={label}
        variant="compact"
        gridBreakPoint={columns.length > manyColumns ? "grid-lg" : "grid-md"}
        className="buoy-table"
      >
        <Thead>
          <Tr>
            {selection && <ChooseAll ids={shown.map(rowKey)} chosen={selection.chosen} choose={choose} />}
            {columns.map((column, index) => (
              <Th
                key={column.key}
                modifier="wrap"
                {...(column.width && { width: column.width })}
                {...(!column.unsorted && {
                  sort: {
                    columnIndex: index,
                    sortBy: sorting
                      ? {
                          index: columns.findIndex(({ key }) => key === sorting.key),
                          direction: sorting.direction,
                        }
                      : {},
                    onSort: (_event, _index, direction) => setSorting({ key: column.key, direction }),
                  },
                })}
              >
                {column.label}
              </Th>
            ))}
            {actions && <Th screenReaderText={t("table.actions")} />}
          </Tr>
        </Thead>
        <Tbody>
          {shown.map((row) => (
            <Line
              key={rowKey(row)}
              row={row}
              id={rowKey(row)}
              columns={columns}
              actions={actions}
              chosen={selection?.chosen.has(rowKey(row))}
              choose={choose}
              chooseLabel={selection?.label}
            />
          ))}
        </Tbody>
      </Table>
      {sorted.length === 0 && (
        <EmptyState
          variant="sm"
          headingLevel="h2"
          titleText={rows.length > 0 ? t("table.noMatch") : (empty?.title ?? t("table.empty"))}
        >
          {rows.length === 0 && empty?.body && <EmptyStateBody>{empty.body}</EmptyStateBody>}
          {rows.length === 0 && empty?.action && (
            <EmptyStateFooter>
              <EmptyStateActions>{empty.action}</EmptyStateActions>
            </EmptyStateFooter>
          )}
        </EmptyState>
      )}
    </>
  );
}
