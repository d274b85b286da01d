// Who is logged in, to which project. The token itself is in a cookie that no script can read.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

import { ApiError, beginSession, request, sessionPath, setSignedOut } from "./client";

export interface Session {
  user: { id: string; name: string; domain_id: string };
  project: { id: string; name: string } | null;
  projects: { id: string; name: string }[];
  roles: string[];
  admin: boolean;
  regions: string[];
  region: string;
  expires_at: string;
  identity: "builtin" | "keystone";
}

export interface Credentials {
  username: string;
  password: string;
  domain: string;
}

interface SessionContext {
  session: Session | null | undefined; // undefined: not known yet
  ended: boolean; // a session came to its end by itself
  problem: ApiError | null; // why it is not known
  retry: () => void;
  login: (credentials: Credentials) => Promise<void>;
  logout: () => Promise<void>;
  switchProject: (projectId: string) => Promise<void>;
}

const Context = createContext<SessionContext | null>(null);

export function useSessionContext(): SessionContext {
  const value = useContext(Context);
  if (!value) throw new Error("no SessionProvider above");
  return value;
}

// Below the login page: there is a session.
export function useSession(): Session {
  const { session } = useSessionContext();
  if (!session) throw new Error("no session");
  return session;
}

// The project that pages are about; "" when the user has none.
export function useProjectId(): string {
  return useSession().project?.id ?? "";
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [ended, setEnded] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let current = true;
    request<Session>("GET", sessionPath)
      .then((found) => current && setSession(found))
      .catch((error: unknown) => {
        if (!current) return;
        if (error instanceof ApiError && error.status === 401) setSession(null);
        else setProblem(error instanceof ApiError ? error : new ApiError(String(error), 0, "", ""));
      });
    return () => {
      current = false;
    };
  }, [attempt]);

  useEffect(() => {
    setSignedOut(() => {
      setSession((was) => {
        if (was) setEnded(true);
        return null;
      });
    });
  }, []);

  const retry = useCallback(() => {
    setProblem(null);
    setAttempt((n) => n + 1);
  }, []);

  const login = useCallback(
    async (credentials: Credentials) => {
      const fresh = await request<Session>("POST", sessionPath, credentials);
      beginSession();
      queries.clear();
      setEnded(false);
      setSession(fresh);
    },
    [queries],
  );

  const logout = useCallback(async () => {
    await request("DELETE", sessionPath);
    queries.clear();
    setSession(null);
  }, [queries]);

  const switchProject = useCallback(
    async (projectId: string) => {
      beginSession(); // a Keystone may end the old token before all that was asked with it is answered
      const fresh = await request<Session>("PUT", sessionPath, { project_id: projectId });
      beginSession();
      queries.clear();
      setSession(fresh);
    },
    [queries],
  );

  const value = useMemo(
    () => ({ session, ended, problem, retry, login, logout, switchProject }),
    [session, ended, problem, retry, login, logout, switchProject],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}
