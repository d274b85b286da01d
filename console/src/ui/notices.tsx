// Short notices of what was done, read out to those who do not see them.
import { Alert, AlertActionCloseButton, AlertGroup } from "@patternfly/react-core";
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from "react";

interface Notice {
  id: number;
  text: string;
  action?: ReactNode;
}

const Context = createContext<(text: string, action?: ReactNode) => void>(() => undefined);

// notice("Floating IP 10.10.10.3 is released")
export function useNotice(): (text: string, action?: ReactNode) => void {
  return useContext(Context);
}

const showMs = 8000;

export function NoticeProvider({ children }: { children: ReactNode }) {
  const [list, setList] = useState<readonly Notice[]>([]);
  const drop = useCallback((id: number) => setList((was) => was.filter((notice) => notice.id !== id)), []);
  const add = useCallback((text: string, action?: ReactNode) => {
    setList((was) => [...was, { id: (was.at(-1)?.id ?? 0) + 1, text, action }]);
  }, []);
  const group = useMemo(
    () =>
      list.map(({ id, text, action }) => (
        <Alert
          key={id}
          variant="success"
          title={text}
          timeout={showMs}
          onTimeout={() => drop(id)}
          actionClose={<AlertActionCloseButton onClose={() => drop(id)} />}
          {...(action ? { actionLinks: action } : {})}
        />
      )),
    [list, drop],
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
