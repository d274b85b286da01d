// "What would change?" of a dialog: asked of the server, shown in the dialog, forgotten once something else is chosen.
import { Button, Label, Title } from "@patternfly/react-core";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useOffered } from "../api/extensions";
import { planOf, type Plan, type PlannedChange, type PlannedFact } from "../api/plan";
import { Alert } from "./alert";
import type { FormState, Values } from "./form";
import "./plan.css";

export interface Planning {
  busy: boolean;
  plan: Plan | null;
  ask: () => Promise<void>;
  forget: () => void;
}

export function usePlanning(change: ((values: Values) => Promise<unknown>) | undefined, form: FormState): Planning {
  const [plan, setPlan] = useState<Plan | null>(null);
  const [busy, setBusy] = useState(false);
  const asking = useRef<AbortController | null>(null);
  const { checked, setError } = form;

  const forget = () => {
    asking.current?.abort();
    asking.current = null;
    setPlan(null);
  };
  useEffect(() => () => asking.current?.abort(), []);

  const ask = async () => {
    forget();
    const values = checked();
    if (!values || !change) return;
    const abort = new AbortController();
    asking.current = abort;
    setBusy(true);
    setError(null);
    try {
      const found = await planOf(() => change(values), abort.signal);
      if (!abort.signal.aborted) setPlan(found);
    } catch (problem) {
      if (!abort.signal.aborted) setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return { busy, plan, ask, forget };
}

export function PlanButton({ planning, disabled }: { planning: Planning; disabled: boolean }) {
  const { t } = useTranslation("time");
  if (!useOffered()("buoy-plan")) return null;
  const { busy, ask } = planning;
  return (
    <Button variant="secondary" isLoading={busy} isDisabled={busy || disabled} onClick={() => void ask()}>
      {t("plan.ask")}
    </Button>
  );
}

const signs = { create: "+", add: "+", update: "~", change: "~", delete: "−", remove: "−" } as const;
const looks = { "+": "green", "~": "blue", "−": "red" } as const;

// The sign is for the eye, the word for the ear.
function Sign({ action }: { action: keyof typeof signs }) {
  const { t } = useTranslation("time");
  const sign = signs[action];
  return (
    <Label isCompact color={looks[sign]} variant="outline">
      <span aria-hidden="true">{sign}</span>
      <span className="pf-v6-screen-reader">{t(`plan.action.${action}`)}</span>
    </Label>
  );
}

function valueText(value: unknown, none: string): string {
  if (value === null || value === undefined || value === "") return none;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Attribute({ name, before, after }: { name: string; before: unknown; after: unknown }) {
  const { t } = useTranslation("time");
  const none = t("common:none");
  return (
    <li>
      <code>{name}</code>: {valueText(before, none)} <span aria-hidden="true">→</span>
      <span className="pf-v6-screen-reader">{t("plan.becomes")}</span> {valueText(after, none)}
    </li>
  );
}

// What only follows from the rest, or from its being written at all.
const derived = new Set(["port_details", "created_at", "updated_at", "revision_number"]);

function ObjectLine({ change: { action, resource, id, name, attributes } }: { change: PlannedChange }) {
  const { t } = useTranslation("time");
  const told = Object.entries(attributes).filter(([key]) => !derived.has(key));
  return (
    <li>
      <Sign action={action} /> {t(`plan.resource.${resource}`, resource)} <strong>{name || id}</strong>
      {action !== "delete" && (
        <ul>
          {told.map(([key, { before, after }]) => (
            <Attribute key={key} name={key} before={before} after={after} />
          ))}
        </ul>
      )}
    </li>
  );
}

function FactLine({ fact: { action, fact, was } }: { fact: PlannedFact }) {
  const { t } = useTranslation("time");
  return (
    <li>
      <Sign action={action} /> <code>{fact}</code>
      {was !== null && (
        <div className="buoy-fine">
          {t("plan.now")} <code>{was}</code>
        </div>
      )}
    </li>
  );
}

const mostLines = 100;

// The first of them, and how many there are beside.
function Some<R>({
  rows,
  hidden,
  line,
}: {
  rows: readonly R[];
  hidden: number;
  line: (row: R, index: number) => ReactNode;
}) {
  const { t } = useTranslation("time");
  const left = rows.length - mostLines;
  return (
    <>
      {rows.length === 0 && hidden === 0 && <p>{t("plan.nothing")}</p>}
      <ul className="buoy-plan">{rows.slice(0, mostLines).map(line)}</ul>
      {left > 0 && <p>{t("plan.more", { count: left })}</p>}
      {hidden > 0 && <p>{t("plan.hidden", { count: hidden })}</p>}
    </>
  );
}

function Kernel({ kernel }: { kernel: Plan["kernel"] }) {
  const { t } = useTranslation("time");
  if (!kernel) return <p>{t("plan.noKernel")}</p>;
  return (
    <>
      <Title headingLevel="h3" size="md">
        {t("plan.kernel", { node: kernel.node })}
      </Title>
      <Some
        rows={kernel.changes}
        hidden={kernel.hidden}
        line={(fact, index) => <FactLine key={index} fact={fact} />}
      />
      {kernel.impossible.map(({ resource, id, name, why }) => (
        <Alert
          key={`${resource} ${id} ${why}`}
          variant="warning"
          isInline
          component="h4"
          title={t("plan.impossible", { name: name || id })}
        >
          {why}
        </Alert>
      ))}
    </>
  );
}

// Heard when it comes; seen, since it is scrolled to.
export function PlanNote({ plan }: { plan: Plan | null }) {
  const { t } = useTranslation("time");
  const id = useId();
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (plan) place.current?.focus();
  }, [plan]);
  if (!plan) return null;
  return (
    <section ref={place} tabIndex={-1} aria-labelledby={id} className="buoy-plan-note">
      <Title headingLevel="h2" size="lg" id={id}>
        {t("plan.title")}
      </Title>
      <Some
        rows={plan.changes}
        hidden={plan.hidden}
        line={(change, index) => <ObjectLine key={index} change={change} />}
      />
      {plan.later > 0 && <p>{t("plan.later")}</p>}
      <Kernel kernel={plan.kernel} />
      <p className="buoy-fine">{t("plan.notDone")}</p>
    </section>
  );
}
