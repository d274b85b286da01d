// The choice of an instance's address that a floating IP is to lead to: what is reachable first, then the others with
// the reason why they are not.
import { FormGroup, Radio, SearchInput, Skeleton } from "@patternfly/react-core";
import type { TFunction } from "i18next";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { compareValues } from "../../ui/data-table";
import { ErrorNote } from "../../ui/error-note";
import type { Surroundings } from "./ground";
import { findTargets, isReachable, type Hindrance, type Target } from "./reach";
import "./target-list.css";

export interface TargetListProps {
  label: string;
  around: Surroundings;
  targets: readonly Target[] | undefined;
  value: string; // a target's key; "": none
  optional?: boolean; // "none" is a choice
  onChange: (key: string) => void;
}

// What can be chosen, then what could be with some work, then what never can.
function rankOf({ hindrance }: Target): number {
  if (!hindrance) return 0;
  return hindrance.why === "networkPort" ? 2 : 1;
}

// Targets in the order in which they are offered.
export function inOrder(targets: readonly Target[], nameOf: Surroundings["nameOf"]): Target[] {
  return targets
    .map((target) => ({ target, rank: rankOf(target), name: nameOf(target.port) }))
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        compareValues(a.name, b.name) ||
        compareValues(a.target.address, b.target.address) ||
        compareValues(a.target.key, b.target.key),
    )
    .map(({ target }) => target);
}

// The targets of a pool, for one floating IP.
export function useTargets(around: Surroundings, poolId: string, forId?: string): readonly Target[] | undefined {
  const { ground, nameOf } = around;
  return useMemo(
    () => ground && inOrder(findTargets(ground, poolId, forId === undefined ? [] : [forId]), nameOf),
    [ground, nameOf, poolId, forId],
  );
}

function reason(t: TFunction<"floatingips">, hindrance: Hindrance, networkName: (id: string) => string): string {
  const names = (list: readonly { id: string; name: string }[]) =>
    list.map(({ id, name }) => name || id.slice(0, 8)).join(", ");
  switch (hindrance.why) {
    case "noGateway":
      return t("reason.noGateway", { router: names(hindrance.routers) });
    case "otherPool":
      return t("reason.otherPool", {
        router: names(hindrance.routers),
        pool: hindrance.pools.map(networkName).join(", "),
      });
    case "taken":
      return t("reason.taken", { address: hindrance.by });
    default:
      return t(`reason.${hindrance.why}`);
  }
}

// As many as one looks through without searching; a thousand radio buttons would be slow to draw.
const mostShown = 60;
const searchFrom = 6;

function matching(around: Surroundings, targets: readonly Target[], search: string): readonly Target[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return targets;
  return targets.filter(({ port, address }) => {
    const parts = [around.nameOf(port), address, port.name, port.id, around.networkName(port.network_id)];
    const text = parts.join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

interface ChoiceProps {
  target: Target;
  group: string;
  around: Surroundings;
  checked: boolean;
  onChange: (key: string) => void;
}

function Choice({ target, group, around, checked, onChange }: ChoiceProps) {
  const { t } = useTranslation("floatingips");
  const { port, address, hindrance, unsure, key } = target;
  const network = t("target.network", { network: around.networkName(port.network_id) });
  const more = hindrance
    ? reason(t, hindrance, around.networkName)
    : unsure
      ? t("reason.unsure", { network: around.networkName(port.network_id) })
      : network;
  return (
    <Radio
      id={`${group}-${key}`}
      name={group}
      isChecked={checked}
      isDisabled={hindrance !== undefined}
      onChange={() => onChange(key)}
      label={
        <>
          {around.nameOf(port)} <span className="buoy-address">{address}</span>
        </>
      }
      description={more}
    />
  );
}

function Search({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation("floatingips");
  return (
    <SearchInput
      aria-label={t("target.search")}
      placeholder={t("target.search")}
      value={value}
      onChange={(_event, next) => onChange(next)}
      onClear={() => onChange("")}
      // Enter looks for something; it does not send the form.
      onKeyDown={(event) => {
        if (event.key === "Enter") event.preventDefault();
      }}
    />
  );
}

export function TargetList({ label, around, targets, value, optional, onChange }: TargetListProps) {
  const { t } = useTranslation("floatingips");
  const group = useId();
  const [search, setSearch] = useState("");
  const found = useMemo(() => matching(around, targets ?? [], search), [around, targets, search]);
  const shown = found.slice(0, mostShown);
  const reachable = (targets ?? []).filter(isReachable).length;

  if (around.error) return <ErrorNote error={around.error} retry={around.retry} />;
  if (!targets) return <Skeleton screenreaderText={t("common:loading")} height="6rem" />;
  return (
    <FormGroup role="radiogroup" fieldId={group} label={label} isRequired={!optional} isStack>
      {targets.length >= searchFrom && <Search value={search} onChange={setSearch} />}
      <div className="buoy-choices" tabIndex={shown.some(isReachable) || optional ? undefined : 0}>
        {optional && (
          <Radio
            id={`${group}-none`}
            name={group}
            label={t("target.none")}
            isChecked={value === ""}
            onChange={() => onChange("")}
          />
        )}
        {shown.map((target) => (
          <Choice
            key={target.key}
            target={target}
            group={group}
            around={around}
            checked={target.key === value}
            onChange={onChange}
          />
        ))}
      </div>
      <p className="buoy-fine" role="status">
        {targets.length === 0
          ? t("target.nothing")
          : found.length > shown.length
            ? t("target.more", { shown: shown.length, count: found.length })
            : t("target.reachable", { reachable, count: targets.length })}
      </p>
    </FormGroup>
  );
}
