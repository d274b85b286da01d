// Every list of the console: columns as data, with filter, sorting and paging in the browser.
import {
  Bullseye,
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
import { Tbody, Th, Thead, Tr, type ThProps } from "@patternfly/react-table";
import { memo, useDeferredValue, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import "@patternfly/react-styles/css/components/Table/table.css";
import "@patternfly/react-styles/css/components/Table/table-grid.css";
import "./data-table.css";
import { ErrorNote } from "./error-note";
import { ChooseAll, Line, useChoose, type Selection } from "./table-line";
import { searchIn, sortRows, type Column, type Sorting } from "./table-rows";

export type { Chosen, Selection } from "./table-line";
export { compareValues, type Column } from "./table-rows";

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

// So many do not stand beside each other on a tablet.
const manyColumns = 5;
const grid = (columns: number) => (columns > manyColumns ? "pf-m-grid-lg" : "pf-m-grid-md");

const pageSizes = [20, 50, 100, 500];
const briefRows = 20;

const none: readonly never[] = [];

// What of the rows is to be seen, and the ways to change that.
function useView<R>({ rows = none, columns, sortedBy }: DataTableProps<R>) {
  const [filter, setFilter] = useState("");
  const [sorting, setSorting] = useState<Sorting | null>(sortedBy ? { key: sortedBy, direction: "asc" } : null);
  const [page, setPage] = useState(1);
  const [perPage, setPerPage] = useState(briefRows);
  const wanted = useDeferredValue(filter); // typing goes on while the rows follow
  // Sorted before they are filtered: a letter of the filter sorts nothing.
  const sorted = useMemo(() => sortRows(rows, columns, sorting), [rows, columns, sorting]);
  const search = useMemo(() => searchIn(sorted, columns), [sorted, columns]);
  const found = useMemo(() => search(wanted), [search, wanted]);
  const at = Math.min(page, Math.max(1, Math.ceil(found.length / perPage)));
  const shown = useMemo(() => found.slice((at - 1) * perPage, at * perPage), [found, at, perPage]);
  return {
    filter,
    setFilter: (next: string) => {
      setFilter(next);
      setPage(1);
    },
    sorting,
    setSorting,
    page: at,
    setPage,
    perPage,
    setPerPage: (next: number) => {
      setPerPage(next);
      setPage(1);
    },
    count: found.length,
    shown,
  };
}
type View<R> = ReturnType<typeof useView<R>>;

function Pages<R>({ view, label }: { view: View<R>; label: string }) {
  const { t } = useTranslation();
  return (
    <Pagination
      itemCount={view.count}
      page={view.page}
      perPage={view.perPage}
      perPageOptions={pageSizes.map((value) => ({ title: String(value), value }))}
      onSetPage={(_event, next) => view.setPage(next)}
      onPerPageSelect={(_event, next) => view.setPerPage(next)}
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
}

function Bar<R>({ view, label, toolbar }: { view: View<R>; label: string; toolbar: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Toolbar>
      <ToolbarContent>
        <ToolbarItem>
          <SearchInput
            aria-label={t("table.filter")}
            placeholder={t("table.filter")}
            value={view.filter}
            onChange={(_event, value) => view.setFilter(value)}
            onClear={() => view.setFilter("")}
            resetButtonLabel={t("table.clear")}
          />
        </ToolbarItem>
        {toolbar}
        <ToolbarItem variant="pagination" align={{ default: "alignEnd" }}>
          <Pages view={view} label={label} />
        </ToolbarItem>
      </ToolbarContent>
    </Toolbar>
  );
}

interface HeadProps<R> {
  columns: readonly Column<R>[];
  sorting: Sorting | null;
  setSorting: (next: Sorting) => void;
  actions: boolean;
}

function sortOf<R>({ columns, sorting, setSorting }: HeadProps<R>, index: number): NonNullable<ThProps["sort"]> {
  const by = sorting && { index: columns.findIndex(({ key }) => key === sorting.key), direction: sorting.direction };
  return {
    columnIndex: index,
    sortBy: by ?? {},
    onSort: (_event, at, direction) => setSorting({ key: columns[at]?.key ?? "", direction }),
  };
}

function PlainHead<R>(props: HeadProps<R>) {
  const { t } = useTranslation();
  return (
    <>
      {props.columns.map((column, index) => (
        <Th
          key={column.key}
          modifier="wrap"
          {...(column.width && { width: column.width })}
          {...(!column.unsorted && { sort: sortOf(props, index) })}
        >
          {column.label}
        </Th>
      ))}
      {props.actions && <Th screenReaderText={t("table.actions")} />}
    </>
  );
}
// Not drawn anew with each letter of the filter: PatternFly's heads are measured whenever they are drawn.
const Head = memo(PlainHead) as typeof PlainHead;

// No rows at all, or none that the filter leaves.
function Nothing({ filtered, empty }: { filtered: boolean; empty: DataTableProps<unknown>["empty"] }) {
  const { t } = useTranslation();
  if (filtered) return <EmptyState variant="sm" headingLevel="h2" titleText={t("table.noMatch")} />;
  return (
    <EmptyState variant="sm" headingLevel="h2" titleText={empty?.title ?? t("table.empty")}>
      {empty?.body && <EmptyStateBody>{empty.body}</EmptyStateBody>}
      {empty?.action && (
        <EmptyStateFooter>
          <EmptyStateActions>{empty.action}</EmptyStateActions>
        </EmptyStateFooter>
      )}
    </EmptyState>
  );
}

export function DataTable<R>(props: DataTableProps<R>) {
  const { label, columns, rows, rowKey, more, error, retry, actions, selection, toolbar, brief, empty } = props;
  const { t } = useTranslation();
  const view = useView(props);
  const choose = useChoose(selection?.set);

  if (error && !rows) return <ErrorNote error={error} {...(retry && { retry })} />;
  if (!rows)
    return (
      <Bullseye>
        <Spinner aria-label={t("loading")} />
      </Bullseye>
    );
  return (
    <>
      {error ? <ErrorNote error={error} {...(retry && { retry })} /> : null}
      {!(brief && rows.length <= briefRows && view.filter === "") && (
        <Bar view={view} label={label} toolbar={toolbar} />
      )}
      {more && <p role="status">{t("table.more", { count: rows.length })}</p>}
      {/* The element, not PatternFly's component, which has all heads drawn anew with it. */}
      <table
        role="grid"
        aria-label={label}
        className={`pf-v6-c-table pf-m-compact ${grid(columns.length)} buoy-table`}
      >
        <Thead>
          <Tr>
            {selection && <ChooseAll ids={view.shown.map(rowKey)} chosen={selection.chosen} choose={choose} />}
            <Head columns={columns} sorting={view.sorting} setSorting={view.setSorting} actions={Boolean(actions)} />
          </Tr>
        </Thead>
        <Tbody>
          {view.shown.map((row) => (
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
      </table>
      {view.count === 0 && <Nothing filtered={rows.length > 0} empty={empty} />}
    </>
  );
}
