// Projects and users are enabled or not.
import { Label } from "@patternfly/react-core";

import { updateOne } from "../api/resources";
import type { Action } from "../ui/actions";
import { ChangeConfirmation } from "./dialogs";
import type { Nameable } from "./names";
import { useYesNo } from "./words";

export function Enabled({ on }: { on: boolean }) {
  const yesNo = useYesNo();
  return (
    <Label {...(on ? { status: "success" } : { color: "grey" })} variant="outline" isCompact>
      {yesNo(on)}
    </Label>
  );
}

export interface EnabledWords {
  label: string;
  help: (name: string) => string;
  done: (name: string) => string;
}

// Switches on what is off, or the other way round: two rows of a menu, of which one fits.
export function enabledActions<R extends Nameable & { enabled: boolean }>(
  kind: "project" | "user",
  words: { enable: EnabledWords; disable: EnabledWords },
): Action<R>[] {
  return ([true, false] as const).map((on) => {
    const { label, help, done } = on ? words.enable : words.disable;
    return {
      key: on ? "enable" : "disable",
      label,
      danger: !on,
      when: (row) => row.enabled !== on,
      dialog: (row, close) => (
        <ChangeConfirmation
          planned={false}
          title={label}
          description={help(row.name)}
          submit={label}
          danger={!on}
          notice={done(row.name)}
          change={() => updateOne(kind, row.id, { enabled: on })}
          onClose={close}
        />
      ),
    };
  });
}
