// A table of resources with what can be done with each: the content of a list page, or a section of another page.
import { ActionList, ActionListGroup, ActionListItem, Flex, FlexItem, Title } from "@patternfly/react-core";
import { Children, type ReactNode } from "react";

import { useActions, type Action } from "../ui/actions";
import { DataTable, type Column } from "../ui/data-table";
import { Frame } from "../ui/page";

// What a query of a list, or something made of one, says.
export interface Source<R> {
  rows: readonly R[] | undefined;
  more?: boolean;
  error?: unknown;
  retry?: () => void;
}

export function sourceOf<R>(query: {
  data: { rows: R[]; more: boolean } | undefined;
  error: unknown;
  refetch: () => unknown;
}): Source<R> {
  return {
    rows: query.data?.rows,
    more: query.data?.more ?? false,
    error: query.error,
    retry: () => void query.refetch(),
  };
}

export interface ResourceTableProps<R> extends Source<R> {
  label: string;
  columns: readonly Column<R>[];
  rowKey: (row: R) => string;
  actions?: readonly Action<R>[];
  nameOf: (row: R) => string;
  toolbar?: ReactNode;
  empty?: { title: string; body?: string };
  brief?: boolean;
}

const none: readonly never[] = [];

export function ResourceTable<R>({ actions, nameOf, ...table }: ResourceTableProps<R>) {
  const { menu, dialog } = useActions(actions ?? none, nameOf);
  return (
    <>
      <DataTable {...table} {...(actions && { actions: menu })} />
      {dialog}
    </>
  );
}

export function ListPage<R>({
  description,
  buttons,
  ...table
}: ResourceTableProps<R> & { description?: string; buttons?: ReactNode }) {
  return (
    <Frame title={table.label} description={description} actions={buttons}>
      <ResourceTable {...table} />
    </Frame>
  );
}

// A part of a page, with a heading and what can be added to it.
export function Section({ title, buttons, children }: { title: string; buttons?: ReactNode; children: ReactNode }) {
  // Without a name of its own it is no landmark: pages have many, and headings lead to them.
  return (
    <section className="buoy-section">
      <Flex justifyContent={{ default: "justifyContentSpaceBetween" }}>
        <FlexItem>
          <Title headingLevel="h2">{title}</Title>
        </FlexItem>
        {buttons && (
          <ActionList>
            <ActionListGroup>
              {Children.map(buttons, (button) => (
                <ActionListItem>{button}</ActionListItem>
              ))}
            </ActionListGroup>
          </ActionList>
        )}
      </Flex>
      {children}
    </section>
  );
}

export function TableSection<R>({ buttons, ...table }: ResourceTableProps<R> & { buttons?: ReactNode }) {
  return (
    <Section title={table.label} buttons={buttons}>
      <ResourceTable {...table} brief />
    </Section>
  );
}
