// Which floating IPs the list shows: by pool and by state.
import { FormSelect, FormSelectOption, ToolbarItem } from "@patternfly/react-core";
import { useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { FloatingIp } from "../../api/types";
import { isFree } from "./life/forwards";
import type { Names } from "./names";

const states = {
  associated: (fip: FloatingIp) => !isFree(fip),
  free: isFree,
  error: (fip: FloatingIp) => fip.status === "ERROR",
} as const;
export type State = keyof typeof states;
const stateNames = Object.keys(states) as State[];

interface PickProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

function Pick({ label, value, options, onChange }: PickProps) {
  return (
    <ToolbarItem>
      <FormSelect aria-label={label} value={value} onChange={(_event, next) => onChange(next)}>
        {options.map((option) => (
          <FormSelectOption key={option.value} {...option} />
        ))}
      </FormSelect>
    </ToolbarItem>
  );
}

export interface Filters {
  rows: readonly FloatingIp[] | undefined;
  toolbar: ReactNode;
}

export function useFilters(rows: readonly FloatingIp[] | undefined, names: Names, first: string | null): Filters {
  const { t } = useTranslation("floatingips");
  const [pool, setPool] = useState("");
  const [state, setState] = useState<State | "">(stateNames.find((name) => name === first) ?? "");
  const shown = useMemo(
    () =>
      rows?.filter(
        (fip) => (pool === "" || fip.floating_network_id === pool) && (state === "" || states[state](fip)),
      ),
    [rows, pool, state],
  );
  const counts = useMemo(
    () => new Map(stateNames.map((name) => [name, rows?.filter(states[name]).length ?? 0])),
    [rows],
  );
  const pools = [
    { value: "", label: t("filter.anyPool") },
    ...(names.pools ?? []).map(({ id }) => ({ value: id, label: names.pool(id) })),
  ];
  const choices = [
    { value: "", label: t("filter.anyState") },
    ...stateNames.map((name) => ({ value: name, label: t(`filter.${name}`, { count: counts.get(name) ?? 0 }) })),
  ];
  return {
    rows: shown,
    toolbar: (
      <>
        <Pick label={t("filter.pool")} value={pool} options={pools} onChange={setPool} />
        <Pick
          label={t("filter.state")}
          value={state}
          options={choices}
          onChange={(next) => setState(stateNames.find((name) => name === next) ?? "")}
        />
      </>
    ),
  };
}
