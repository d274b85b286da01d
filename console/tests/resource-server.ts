// A server that keeps the network resources of a cloud and does what is asked of them, and what tests of the pages
// of resources do all the time.
import { screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { expect } from "vitest";

import type { Session } from "../src/api/session";
import { FakeApi, type Asked } from "./fake-api";
import { referenceCloud } from "./some-cloud";

const kinds = ["networks", "subnets", "ports", "routers", "floatingips"] as const;
type Row = { id: string };

export const administrator: Partial<Session> = { admin: true, roles: ["admin"] };

// A port that is to be in a subnet gets an address there.
function withAddresses(row: { fixed_ips?: object[] }): object {
  const { fixed_ips } = row;
  return fixed_ips
    ? { ...row, fixed_ips: fixed_ips.map((fixed) => ({ ip_address: "172.16.100.99", ...fixed })) }
    : row;
}

// Rows that can be listed, made, changed and deleted below `path`.
export function keep(api: FakeApi, plural: string, rows: Row[], path = `/v2.0/${plural}`): void {
  const one = plural.replace(/s$/, "");
  const given = ({ body }: Asked) => withAddresses((body as Record<string, object>)[one] ?? {});
  const at = (id: string) => rows.findIndex((row) => row.id === id);
  api.list(plural, rows, path);
  api.on("POST", path, (asked: Asked) => {
    const row = { ...rows[0], id: `new-${plural}-${rows.length}`, ...given(asked) };
    rows.push(row);
    return { [one]: row };
  });
  for (const method of ["PUT", "PATCH"])
    api.on(method, `${path}/{}`, (asked: Asked, id: string) => {
      const row = { ...rows[at(id)], id, ...given(asked) };
      rows[at(id)] = row;
      return { [one]: row };
    });
  api.on("DELETE", `${path}/{}`, (_asked: Asked, id: string) => {
    rows.splice(at(id), 1);
    return { status: 204 };
  });
}

export function serve(session: Partial<Session> = {}, cloud = referenceCloud()): FakeApi {
  const api = new FakeApi(session);
  for (const kind of kinds) keep(api, kind, [...cloud[kind]]);
  api.list("projects", [{ id: "p1", name: "demo" } as Row], "/identity/v3/projects");
  return api;
}

export const dialog = async () => within(await screen.findByRole("dialog"));

export async function closed(): Promise<void> {
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
}

// Fills the fields of the open dialog: a text is written, a choice made, a box ticked or not.
export async function fill(user: UserEvent, fields: Record<string, string | boolean>): Promise<void> {
  const { getByLabelText } = await dialog();
  for (const [label, value] of Object.entries(fields)) {
    const field = getByLabelText(new RegExp(`^${label}`));
    if (typeof value === "boolean") {
      if ((field as HTMLInputElement).checked !== value) await user.click(field);
    } else if (field instanceof HTMLSelectElement) {
      await user.selectOptions(field, value);
    } else {
      await user.clear(field);
      await user.click(field);
      await user.paste(value);
    }
  }
}

export async function press(user: UserEvent, name: string): Promise<void> {
  await user.click((await dialog()).getByRole("button", { name }));
}

// Opens the menu of what is called so and chooses from it.
export async function choose(user: UserEvent, name: string, action: string): Promise<void> {
  const [menu] = await screen.findAllByRole("button", { name: `More actions for ${name}` });
  await user.click(menu!);
  await user.click(await screen.findByRole("menuitem", { name: action }));
}

// What the newest request of that kind said.
export function sent(api: FakeApi, method: string, path: string): unknown {
  return api.of(method, path).at(-1)?.body;
}
