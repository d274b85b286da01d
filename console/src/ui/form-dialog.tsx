// Every question of the console: a dialog whose fields are data. The server's refusal shows inside it, and what was
// typed stays.
import { Button, Form, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import CloseIcon from "@patternfly/react-icons/dist/esm/icons/rh-microns-close-icon";
import { useId, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { ErrorNote } from "./error-note";
import { Lines, useForm, type Field, type Values } from "./form";
import { PlanButton, PlanNote, usePlanning } from "./plan";

export type { Field, Option, Values } from "./form";

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
  // The same, to be planned instead of done: "What would change?" is asked with it, where the server can plan.
  onPlan?: (values: Values) => Promise<unknown>;
  onClose: () => void;
  children?: ReactNode | ((values: Values, set: (name: string, value: string) => void) => ReactNode); // below the fields
}

export function FormDialog(props: FormDialogProps) {
  const { title, description, submit, danger, blocked, wide, onPlan, onClose, children } = props;
  const { t } = useTranslation();
  const base = useId();
  const form = useForm({ ...props, onDone: onClose }, base);
  const planning = usePlanning(onPlan, form);
  const [first] = form.shown;

  return (
    <Modal
      isOpen
      variant={wide || planning.plan ? "medium" : "small"}
      onEscapePress={onClose}
      aria-labelledby={`${base}-title`}
      {...(first && { elementToFocus: `[id="${base}-${first.name}"]` })}
    >
      {/* Where PatternFly has its own, which speaks English only. */}
      <div className="pf-v6-c-modal-box__close">
        <Button variant="plain" aria-label={t("action.close")} icon={<CloseIcon />} onClick={onClose} />
      </div>
      <ModalHeader title={title} labelId={`${base}-title`} description={description} />
      <ModalBody>
        <Form id={`${base}-form`} onSubmit={(event) => void form.send(event)} onChange={planning.forget} noValidate>
          {form.error ? <ErrorNote error={form.error} /> : null}
          <Lines form={form} base={base} />
          {typeof children === "function" ? children(form.values, form.set) : children}
        </Form>
        <PlanNote plan={planning.plan} />
      </ModalBody>
      <ModalFooter>
        <Button
          type="submit"
          form={`${base}-form`}
          variant={danger ? "danger" : "primary"}
          isLoading={form.busy}
          isDisabled={form.busy || Boolean(blocked)}
        >
          {submit}
        </Button>
        {onPlan && <PlanButton planning={planning} disabled={form.busy || Boolean(blocked)} />}
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
