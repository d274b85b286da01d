// A server for component tests: answers by path, remembers what was asked, can refuse, be slow and tell by itself.
import { vi } from "vitest";

import type { Session } from "../src/api/session";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  headers: Headers;
}

export interface Reply {
  status: number;
  body?: unknown;
}

type Answer = (asked: Asked, ...parts: string[]) => unknown;

interface Rule {
  method: string;
  pattern: RegExp;
  answer: Answer;
}

const isReply = (value: unknown): value is Reply =>
  typeof value === "object" && value !== null && typeof (value as Reply).status === "number" && !("id" in value);

const livePath = "/v2.0/buoy/live";

// "/v2.0/ports/{}" -> a pattern whose {} are handed to the answer
const toPattern = (path: string) =>
  new RegExp(`^${path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll("{}", "([^/]+)")}$`);

export const refusal = (status: number, type: string, message: string): Reply => ({
  status,
  body: { NeutronError: { type, message, detail: "" } },
});

export const someSession: Session = {
  user: { id: "u1", name: "cloudman", domain_id: "default" },
  project: { id: "p1", name: "demo" },
  projects: [{ id: "p1", name: "demo" }],
  roles: ["member"],
  admin: false,
  regions: ["RegionOne"],
  region: "RegionOne",
  expires_at: "2030-01-01T00:00:00Z",
  identity: "builtin",
};

export class FakeApi {
  readonly asked: Asked[] = [];
  private rules: Rule[] = [];
  private held: (() => void)[] | null = null;
  private streams = new Map<string, Set<ReadableStreamDefaultController<Uint8Array>>>([[livePath, new Set()]]);

  constructor(session: Partial<Session> = {}) {
    this.on("GET", "/console/api/session", { ...someSession, ...session });
    vi.stubGlobal("fetch", (path: string, init?: RequestInit) => this.fetch(path, init));
  }

  // `answer`: a body, a Reply, or what makes one of them. The newest rule that fits counts.
  on(method: string, path: string, answer: unknown): this {
    const make = typeof answer === "function" ? (answer as Answer) : () => answer;
    this.rules.unshift({ method, pattern: toPattern(path), answer: make });
    return this;
  }

  // A list of the network API, with its filters, and each of it by its id.
  list(plural: string, rows: readonly { id: string }[], path = `/v2.0/${plural}`): this {
    const one = plural.replace(/s$/, "");
    const fits = (row: object, query: URLSearchParams) =>
      [...new Set(query.keys())]
        .filter((key) => key !== "limit" && key !== "marker" && key in row)
        .every((key) => query.getAll(key).includes(String((row as Record<string, unknown>)[key] ?? "")));
    this.on("GET", path, ({ query }: Asked) => {
      const found = rows.filter((row) => fits(row, query));
      const from = query.has("marker") ? found.findIndex(({ id }) => id === query.get("marker")) + 1 : 0;
      return { [plural]: found.slice(from, from + Number(query.get("limit") ?? found.length)) };
    });
    return this.on("GET", `${path}/{}`, (_asked: Asked, id: string) => {
      const row = rows.find((candidate) => candidate.id === id);
      return row ? { [one]: row } : refusal(404, "NotFound", `${one} ${id} could not be found.`);
    });
  }

  // From now on nothing is answered, until the returned function is called.
  hold(): () => void {
    const waiting: (() => void)[] = [];
    this.held = waiting;
    return () => {
      this.held = null;
      for (const go of waiting) go();
    };
  }

  // From now on this path tells by itself, too.
  stream(path: string): this {
    this.streams.set(path, new Set());
    return this;
  }

  // How many listen to it.
  listeners(path: string): number {
    return this.streams.get(path)?.size ?? 0;
  }

  // Sends an event to whoever listens.
  tell(event: string, data: unknown, path = livePath): void {
    const bytes = new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    for (const stream of this.streams.get(path) ?? []) stream.enqueue(bytes);
  }

  // Ends what they listen to, as a server does that stops.
  hangUp(path = livePath): void {
    const streams = this.streams.get(path);
    for (const stream of streams ?? []) stream.close();
    streams?.clear();
  }

  // What was asked with this method, oldest first.
  of(method: string, path?: string): Asked[] {
    return this.asked.filter((asked) => asked.method === method && (path === undefined || asked.path === path));
  }

  private open(streams: Set<ReadableStreamDefaultController<Uint8Array>>, init: RequestInit | undefined): Response {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        streams.add(controller);
        init?.signal?.addEventListener("abort", () => {
          streams.delete(controller);
          controller.error(new DOMException("aborted", "AbortError"));
        });
      },
    });
    return new Response(body, { status: 200, headers: { "Content-Type": "text/event-stream" } });
  }

  private async fetch(url: string, init?: RequestInit): Promise<Response> {
    const { pathname, searchParams } = new URL(url, "http://buoy.test");
    const method = init?.method ?? "GET";
    const streams = this.streams.get(pathname);
    if (streams) return this.open(streams, init);
    const text = typeof init?.body === "string" ? init.body : "";
    const asked: Asked = {
      method,
      path: pathname,
      query: searchParams,
      body: text ? (JSON.parse(text) as unknown) : null,
      headers: new Headers(init?.headers),
    };
    this.asked.push(asked);
    const { held } = this;
    if (held) await new Promise<void>((go) => held.push(go));
    return this.answer(asked);
  }

  private answer(asked: Asked): Response {
    for (const { method, pattern, answer } of this.rules) {
      const match = method === asked.method ? pattern.exec(asked.path) : null;
      if (!match) continue;
      const made = answer(asked, ...match.slice(1).map(decodeURIComponent));
      if (made instanceof Error) throw made; // the server is not reached
      const reply = isReply(made) ? made : { status: asked.method === "POST" ? 201 : 200, body: made };
      return respond(reply);
    }
    return respond(refusal(404, "HTTPNotFound", `No rule for ${asked.method} ${asked.path}`));
  }
}

function respond({ status, body }: Reply): Response {
  const text = body === undefined || body === null ? null : JSON.stringify(body);
  return new Response(text, {
    status,
    headers: { "Content-Type": "application/json", "X-Openstack-Request-Id": "req-1" },
  });
}
