// Short notices of what was done, read out to those who do not see them.
import { AlertActionCloseButton, AlertGroup, Button } from "@patternfly/react-core";
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { write } from "../api/plan";
import { Alert } from "./alert";

export type NoticeLook = "success" | "danger" | "warning";

interface Notice {
  id: number;
  text: string;
  action: ReactNode;
  look: NoticeLook;
}

// Returns what takes the notice away, for an action that is done once.
export type Notify = (text: string, action?: ReactNode, look?: NoticeLook) => () => void;

const Context = createContext<Notify>(() => () => undefined);

// notice("Floating IP 10.10.10.3 is released")
export function useNotice(): Notify {
  return useContext(Context);
}

export interface Undo {
  label: string;
  run: () => Promise<unknown>;
}

// A notice of what can be undone, once.
export function useUndoable(): (text: string, undo: Undo) => void {
  const tell = useNotice();
  return useCallback(
    (text, { label, run }) => {
      const undo = () => {
        close();
        void write(run);
      };
      const close = tell(
        text,
        <Button variant="link" isInline onClick={undo}>
          {label}
        </Button>,
      );
    },
    [tell],
  );
}

const showMs = 8000;

export function NoticeProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [list, setList] = useState<readonly Notice[]>([]);
  const drop = useCallback((id: number) => setList((was) => was.filter((notice) => notice.id !== id)), []);
  const lastId = useRef(0);
  const add = useCallback<Notify>(
    (text, action = null, look = "success") => {
      const id = ++lastId.current;
      setList((was) => [...was, { id, text, action, look }]);
      return () => drop(id);
    },
    [drop],
  );
  const group = useMemo(
    () =>
      list.map(({ id, text, action, look }) => (
        <Alert
          key={id}
          variant={look}
          component="p"
          title={text}
          timeout={showMs}
          onTimeout={() => drop(id)}
          actionClose={
            <AlertActionCloseButton aria-label={`${t("action.close")}: ${text}`} onClose={() => drop(id)} />
          }
          {...(action ? { actionLinks: action } : {})}
        />
      )),
    [list, drop, t],
  );
  return (
    <Context.Provider value={add}>
      {children}
      <AlertGroup isToast isLiveRegion>
        {group}
      </AlertGroup>
    </Context.Provider>
  );
}
