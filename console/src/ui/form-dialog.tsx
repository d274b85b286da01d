// Every question of the console: a dialog whose fields are data. The server's refusal shows inside it, and what was
// typed stays.
import {
  Button,
  Checkbox,
  Form,
  FormGroup,
  FormHelperText,
  FormSelect,
  FormSelectOption,
  HelperText,
  HelperTextItem,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextArea,
  TextInput,
} from "@patternfly/react-core";
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { ErrorNote } from "./error-note";

export type Values = Record<string, string>; // a checkbox is "" or "yes"

export interface Field {
  name: string;
  label: string;
  type?: "text" | "password" | "number" | "textarea" | "select" | "checkbox"; // default: text
  options?: readonly { value: string; label: string; disabled?: boolean }[]; // of a select
  initial?: string;
  required?: boolean;
  help?: string;
  // What is wrong with the value, or undefined. Asked when the form is sent, and from then on.
  check?: (value: string, all: Values) => string | undefined;
  // Whether the field is there, given the others.
  when?: (all: Values) => boolean;
}

export interface FormDialogProps {
  title: string;
  description?: ReactNode;
  fields: readonly Field[];
  submit: string; // the button's word
  danger?: boolean;
  blocked?: boolean; // it can not be sent now; the children say why
  wide?: boolean;
  // Sends it; the dialog closes when it resolves and shows the error when it rejects.
  onSubmit: (values: Values) => Promise<unknown>;
  onClose: () => void;
  children?: ReactNode | ((values: Values, set: (name: string, value: string) => void) => ReactNode); // below the fields
}

function initialValues(fields: readonly Field[]): Values {
  return Object.fromEntries(
    fields.map((f) => [f.name, f.initial ?? (f.type === "select" ? (f.options?.[0]?.value ?? "") : "")]),
  );
}

interface ControlProps {
  field: Field;
  id: string;
  value: string;
  wrong: boolean;
  describedBy: string | undefined;
  onChange: (value: string) => void;
}

function Control({ field, id, value, wrong, describedBy, onChange }: ControlProps) {
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
          {(field.options ?? []).map((option) => (
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
          value={value}
          autoComplete={field.type === "password" ? "new-password" : "off"}
          onChange={(_event, next) => onChange(next)}
        />
      );
  }
}

export function FormDialog(props: FormDialogProps) {
  const { title, description, fields, submit, danger, blocked, wide, onSubmit, onClose, children } = props;
  const { t } = useTranslation();
  const base = useId();
  const [values, setValues] = useState(() => initialValues(fields));
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const shown = fields.filter((field) => !field.when || field.when(values));
  const set = (name: string, value: string) => setValues((was) => ({ ...was, [name]: value }));

  const mistake = (field: Field): string | undefined => {
    const value = values[field.name] ?? "";
    if (field.required && value.trim() === "") return t("form.required");
    return value === "" ? undefined : field.check?.(value, values);
  };

  const send = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const wrong = shown.find((field) => mistake(field));
    if (wrong) {
      document.getElementById(`${base}-${wrong.name}`)?.focus();
      return;
    }
    if (busy || blocked) return;
    setBusy(true);
    setError(null);
    try {
      await onSubmit(Object.fromEntries(shown.map(({ name }) => [name, values[name] ?? ""])));
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };

  return (
    <Modal isOpen variant={wide ? "medium" : "small"} onClose={onClose} aria-labelledby={`${base}-title`}>
      <ModalHeader title={title} labelId={`${base}-title`} description={description} />
      <ModalBody>
        {error ? <ErrorNote error={error} /> : null}
        <Form id={`${base}-form`} onSubmit={(event) => void send(event)} noValidate>
          {shown.map((field) => {
            const wrong = tried ? mistake(field) : undefined;
            const id = `${base}-${field.name}`;
            const helpId = wrong || field.help ? `${id}-help` : undefined;
            return (
              <FormGroup
                key={field.name}
                {...(field.type !== "checkbox" && { label: field.label, fieldId: id })}
                isRequired={Boolean(field.required)}
              >
                <Control
                  field={field}
                  id={id}
                  value={values[field.name] ?? ""}
                  wrong={Boolean(wrong)}
                  describedBy={helpId}
                  onChange={(value) => set(field.name, value)}
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
          })}
          {typeof children === "function" ? children(values, set) : children}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button
          type="submit"
          form={`${base}-form`}
          variant={danger ? "danger" : "primary"}
          isLoading={busy}
          isDisabled={busy || Boolean(blocked)}
        >
          {submit}
        </Button>
        <Button variant="link" onClick={onClose}>
          {t("action.cancel")}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

// A question without fields: delete this?
export function ConfirmDialog(props: Omit<FormDialogProps, "fields">) {
  return <FormDialog {...props} fields={[]} />;
}
