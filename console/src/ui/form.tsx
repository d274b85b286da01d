// Fields as data: what they hold, what of it is wrong, and sending it. What was typed stays when the server refuses it.
import {
  Checkbox,
  FormGroup,
  FormHelperText,
  FormSection,
  FormSelect,
  FormSelectOption,
  HelperText,
  HelperTextItem,
  TextArea,
  TextInput,
} from "@patternfly/react-core";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { write } from "../api/plan";
import { wordsOf } from "./error-note";
import { useNotice } from "./notices";

export type Values = Record<string, string>; // a checkbox is "" or "yes"

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

export interface Field {
  name: string;
  label: string;
  section?: string; // neighbours of the same section stand under its heading
  type?: "text" | "password" | "number" | "datetime-local" | "textarea" | "select" | "checkbox"; // default: text
  options?: readonly Option[] | ((all: Values) => readonly Option[]); // of a select
  initial?: string;
  required?: boolean;
  help?: string;
  // What is wrong with the value, or undefined. Asked when the form is sent, and from then on.
  check?: (value: string, all: Values) => string | undefined;
  // Whether the field is there, given the others.
  when?: (all: Values) => boolean;
}

function optionsOf(field: Field, all: Values): readonly Option[] {
  return typeof field.options === "function" ? field.options(all) : (field.options ?? []);
}

// What the fields hold. A select holds one of its options, whatever they have become meanwhile: they may depend on
// the fields before it, or have come later than the dialog.
export function settled(fields: readonly Field[], typed: Values): Values {
  const out: Values = { ...typed };
  for (const field of fields) {
    const value = typed[field.name] ?? field.initial ?? "";
    const options = field.type === "select" ? optionsOf(field, out) : undefined;
    out[field.name] =
      !options || options.some((option) => option.value === value) ? value : (options[0]?.value ?? "");
  }
  return out;
}

// Neighbours of the same section together.
function bySection(fields: readonly Field[]): { section: string | undefined; fields: Field[] }[] {
  const out: { section: string | undefined; fields: Field[] }[] = [];
  for (const field of fields) {
    const last = out.at(-1);
    if (last && last.section === field.section) last.fields.push(field);
    else out.push({ section: field.section, fields: [field] });
  }
  return out;
}

interface ControlProps {
  field: Field;
  id: string;
  value: string;
  all: Values;
  wrong: boolean;
  describedBy: string | undefined;
  onChange: (value: string) => void;
}

function Control({ field, id, value, all, wrong, describedBy, onChange }: ControlProps) {
  const common = {
    id,
    isRequired: Boolean(field.required),
    validated: wrong ? ("error" as const) : ("default" as const),
    "aria-invalid": wrong,
    ...(describedBy && { "aria-describedby": describedBy }),
  };
  switch (field.type) {
    case "select":
      return (
        <FormSelect {...common} value={value} onChange={(_event, next) => onChange(next)}>
          {optionsOf(field, all).map((option) => (
            <FormSelectOption
              key={option.value}
              value={option.value}
              label={option.label}
              isDisabled={Boolean(option.disabled)}
            />
          ))}
        </FormSelect>
      );
    case "checkbox":
      return (
        <Checkbox
          id={id}
          label={field.label}
          isChecked={value !== ""}
          onChange={(_event, on) => onChange(on ? "yes" : "")}
        />
      );
    case "textarea":
      return <TextArea {...common} value={value} autoResize onChange={(_event, next) => onChange(next)} />;
    default:
      return (
        <TextInput
          {...common}
          type={field.type ?? "text"}
          {...(field.type === "datetime-local" && { step: 1 })}
          value={value}
          autoComplete={field.type === "password" ? "new-password" : "off"}
          onChange={(_event, next) => onChange(next)}
        />
      );
  }
}

// Whether the dialog is there (yet): it may be closed while its request is under way.
function useThere(): { readonly current: boolean } {
  const there = useRef(true);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  return there;
}

export interface FormProps {
  title: string;
  fields: readonly Field[];
  blocked?: boolean; // it can not be sent now
  onSubmit: (values: Values) => Promise<unknown>;
  onDone?: () => void; // it is sent
}

// What was typed, what of it is wrong, and sending it. `base`: what the ids of its fields begin with.
export function useForm({ title, fields, blocked, onSubmit, onDone }: FormProps, base: string) {
  const { t } = useTranslation();
  const tell = useNotice();
  const there = useThere();
  const [typed, setTyped] = useState<Values>({});
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const values = settled(fields, typed);
  const shown = fields.filter((field) => !field.when || field.when(values));

  const mistake = (field: Field): string | undefined => {
    const value = values[field.name] ?? "";
    if (field.required && value.trim() === "") return t("form.required");
    return value === "" ? undefined : field.check?.(value, values);
  };

  // What the fields that are there say; null: one of them is wrong, and shows it.
  const checked = (): Values | null => {
    setTried(true);
    const wrong = shown.find((field) => mistake(field));
    if (wrong) document.getElementById(`${base}-${wrong.name}`)?.focus();
    return wrong ? null : Object.fromEntries(shown.map(({ name }) => [name, values[name] ?? ""]));
  };

  const send = async (event: FormEvent) => {
    event.preventDefault();
    const said = checked();
    if (!said || busy || blocked) return;
    setBusy(true);
    setError(null);
    try {
      await write(() => onSubmit(said));
      if (there.current) onDone?.(); // else it would close the dialog that was opened since
    } catch (problem) {
      setError(problem);
      if (!there.current) tell(t("form.failed", { title, why: wordsOf(problem, t("error.title")) }), null, "danger");
    } finally {
      setBusy(false);
    }
  };

  return {
    values,
    shown,
    busy,
    error,
    setError,
    checked,
    send,
    set: (name: string, value: string) => setTyped((was) => ({ ...was, [name]: value })),
    wrong: (field: Field) => (tried ? mistake(field) : undefined),
  };
}
export type FormState = ReturnType<typeof useForm>;

function Line({ field, form, base }: { field: Field; form: FormState; base: string }) {
  const wrong = form.wrong(field);
  const id = `${base}-${field.name}`;
  const helpId = wrong || field.help ? `${id}-help` : undefined;
  return (
    <FormGroup
      {...(field.type !== "checkbox" && { label: field.label, fieldId: id })}
      isRequired={Boolean(field.required)}
    >
      <Control
        field={field}
        id={id}
        value={form.values[field.name] ?? ""}
        all={form.values}
        wrong={Boolean(wrong)}
        describedBy={helpId}
        onChange={(value) => form.set(field.name, value)}
      />
      {helpId && (
        <FormHelperText>
          <HelperText id={helpId}>
            <HelperTextItem variant={wrong ? "error" : "default"}>{wrong ?? field.help}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      )}
    </FormGroup>
  );
}

export function Lines({ form, base }: { form: FormState; base: string }) {
  const lines = (group: readonly Field[]) =>
    group.map((field) => <Line key={field.name} field={field} form={form} base={base} />);
  return bySection(form.shown).map(({ section, fields }) =>
    section === undefined ? (
      lines(fields)
    ) : (
      <FormSection key={section} title={section} titleElement="h2">
        {lines(fields)}
      </FormSection>
    ),
  );
}
