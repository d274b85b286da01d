// One way to talk to buoyd: every request carries the header that makes the session cookie count (a form on a strange
// site cannot send it), every failure becomes an ApiError with the server's own sentence.

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number, // 0: the server was not reached
    readonly type: string, // "OverQuota" and the like; "" when the server gave none
    readonly requestId: string,
  ) {
    super(message);
  }
}

// Called when the server says that there is no session (any more); the session context sets it.
let onSignedOut: () => void = () => undefined;
export function setSignedOut(fn: () => void): void {
  onSignedOut = fn;
}
export function tellSignedOut(): void {
  onSignedOut();
}

// Counts log-ins and changes of the project: what an older session is told does not end the present one.
let sessions = 0;
export function beginSession(): void {
  sessions++;
}

// {"NeutronError": {"type", "message"}}, {"itemNotFound": {"message"}}, {"error": {"message"}}, {"error": "text"}.
export function parseError(body: unknown): { message: string; type: string } {
  if (typeof body !== "object" || body === null) return { message: "", type: "" };
  const inner: unknown = Object.values(body)[0];
  if (typeof inner === "string") return { message: inner, type: "" };
  if (typeof inner !== "object" || inner === null) return { message: "", type: "" };
  const { message, type } = inner as { message?: unknown; type?: unknown };
  return { message: typeof message === "string" ? message : "", type: typeof type === "string" ? type : "" };
}

export const consoleHeaders = { "X-Buoy-Console": "1" };

// What a refusal says.
export async function failure(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const { message, type } = parseError(body);
  const id = response.headers.get("X-Openstack-Request-Id") ?? "";
  return new ApiError(message || `${response.status} ${response.statusText}`, response.status, type, id);
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

// Where writes go instead while a plan is made; see plan.ts.
export type Detour = (method: Method, path: string, body: unknown) => Promise<unknown>;
let detour: Detour | null = null;
export function setDetour(fn: Detour | null): void {
  detour = fn;
}

// `T` is what the caller expects of the answer; null for answers without a body.
export async function request<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  if (detour && method !== "GET" && path !== sessionPath) return (await detour(method, path, body)) as T;
  return send<T>(method, path, body, signal);
}

// What `request` does when nothing is planned.
export async function send<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { ...consoleHeaders, Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const session = sessions;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "same-origin",
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError("", 0, "Unreachable", "");
  }
  if (response.status === 401 && path !== sessionPath && session === sessions) onSignedOut();
  if (!response.ok) throw await failure(response);
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as T;
}

export const sessionPath = "/console/api/session";

// "?a=1&b=2&b=3"; undefined values are left out.
export type Params = Record<string, string | number | boolean | readonly string[] | undefined>;
export function queryString(params: Params): string {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) out.append(key, String(one));
  }
  const text = out.toString();
  return text ? `?${text}` : "";
}
