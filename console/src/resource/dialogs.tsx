// The questions that all resources have: make one, change one, delete one.
import { Content } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";

import { canPlan } from "../api/plan";
import { kinds, removeOne, useChange, type KindName } from "../api/resources";
import type { Action } from "../ui/actions";
import { ConfirmDialog, FormDialog, type FormDialogProps, type Values } from "../ui/form-dialog";
import { useNotice, useUndoable, type Undo } from "../ui/notices";

export interface ChangeDialogProps<R> extends Omit<FormDialogProps, "onSubmit"> {
  change: (values: Values) => Promise<R>;
  notice: string | ((values: Values, result: R) => string); // what was done
  planned?: boolean; // whether it can be planned (default): it does nothing but write to the network API
}

// A dialog whose change is followed by a notice, and by everything on the page being read anew.
export function ChangeDialog<R>({ change, notice, planned = true, ...dialog }: ChangeDialogProps<R>) {
  const tell = useNotice();
  const { mutateAsync } = useChange(change);
  return (
    <FormDialog
      {...dialog}
      {...(planned && { onPlan: change })}
      onSubmit={async (values) => {
        const result = await mutateAsync(values);
        tell(typeof notice === "string" ? notice : notice(values, result));
      }}
    />
  );
}

// The same without fields.
export function ChangeConfirmation<R>(props: Omit<ChangeDialogProps<R>, "fields">) {
  return <ChangeDialog {...props} fields={[]} />;
}

// Once the dialog is closed: the row is gone, and the button in it that the focus would have gone back to.
function focusTitle(): void {
  if (document.activeElement === document.body) document.getElementById("page-title")?.focus();
}

export interface DeleteDialogProps {
  title: string; // "Delete Network"
  name: string;
  question?: ReactNode; // default: that it is deleted for good
  done?: string; // the notice; default: that it is deleted
  note?: ReactNode; // what else happens
  remove: () => Promise<unknown>;
  planned?: boolean; // as for other changes
  undo?: () => Promise<Undo | undefined>; // asked once it is done: whether it can be undone, and how
  leave?: string; // where to go from a page whose thing is gone
  onClose: () => void;
}

export function DeleteDialog(props: DeleteDialogProps) {
  const { title, name, question, done, note, remove, planned = true, undo, leave, onClose } = props;
  const { t } = useTranslation("resource");
  const tell = useNotice();
  const tellUndoable = useUndoable();
  const client = useQueryClient();
  const navigate = useNavigate();
  const send = async () => {
    await remove();
    const text = done ?? t("done.deleted", { name });
    const way = await undo?.();
    if (way) tellUndoable(text, way);
    else tell(text);
    if (leave === undefined) {
      await client.invalidateQueries();
      setTimeout(focusTitle);
      return;
    }
    // Everything is out of date, but what is on this page is not asked for again: it is not there any more.
    await client.invalidateQueries({ refetchType: "none" });
    navigate(leave);
  };
  return (
    <ConfirmDialog
      title={title}
      submit={title}
      danger
      onSubmit={send}
      {...(planned && { onPlan: remove })}
      onClose={onClose}
    >
      <Content component="p">{question ?? t("confirm", { name })}</Content>
      {typeof note === "string" ? <Content component="p">{note}</Content> : note}
    </ConfirmDialog>
  );
}

// The last row of most menus.
export function deleteAction<R extends { id: string }>(
  kind: KindName,
  title: string,
  nameOf: (row: R) => string,
  more: { leave?: string; note?: (row: R) => ReactNode; when?: (row: R) => boolean } = {},
): Action<R> {
  const { leave, note, when } = more;
  return {
    key: "delete",
    label: title,
    danger: true,
    ...(when && { when }),
    dialog: (row, close) => (
      <DeleteDialog
        title={title}
        name={nameOf(row)}
        note={note?.(row)}
        remove={() => removeOne(kind, row.id)}
        planned={canPlan(kinds[kind].path)}
        {...(leave !== undefined && { leave })}
        onClose={close}
      />
    ),
  };
}
