// The page of one resource: what is known about it, what can be done with it, what belongs to it.
import {
  Bullseye,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  Spinner,
} from "@patternfly/react-core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useActions, type Action } from "../ui/actions";
import { ErrorNote } from "../ui/error-note";
import { Frame } from "../ui/page";

export interface Fact {
  label: string;
  value: ReactNode; // empty: not shown
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <DescriptionList columnModifier={{ default: "1Col", md: "2Col", xl: "3Col" }} isCompact className="buoy-section">
      {facts
        .filter(({ value }) => value !== undefined && value !== null && value !== "" && value !== false)
        .map(({ label, value }) => (
          <DescriptionListGroup key={label}>
            <DescriptionListTerm>{label}</DescriptionListTerm>
            <DescriptionListDescription>{value}</DescriptionListDescription>
          </DescriptionListGroup>
        ))}
    </DescriptionList>
  );
}

export interface ResourcePageProps<R> {
  above: { to: string; text: string };
  query: { data: R | undefined; error: unknown; refetch: () => unknown };
  nameOf: (row: R) => string;
  actions: readonly Action<R>[];
  facts: (row: R) => readonly Fact[];
  children?: (row: R) => ReactNode;
}

export function ResourcePage<R>({ above, query, nameOf, actions, facts, children }: ResourcePageProps<R>) {
  const { t } = useTranslation();
  const { buttons, dialog } = useActions(actions, nameOf);
  const { data, error, refetch } = query;
  if (!data)
    return (
      <Frame above={above} title={above.text}>
        {error ? (
          <ErrorNote error={error} retry={() => void refetch()} />
        ) : (
          <Bullseye>
            <Spinner aria-label={t("loading")} />
          </Bullseye>
        )}
      </Frame>
    );
  return (
    <Frame above={above} title={nameOf(data)} actions={buttons(data)}>
      {error ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      <Facts facts={facts(data)} />
      {children?.(data)}
      {dialog}
    </Frame>
  );
}
