// Associations that change together: two floating IPs swapped, several moved, and whom a refusal blames.
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import FloatingIps from "../src/pages/floating-ips";
import { refusal } from "./fake-api";
import { serve } from "./floatingips-cloud";
import { expectAccessible, renderPage } from "./render";
import { choose, closed, dialog, press, sent } from "./resource-server";
import { added, changed, floatingIp, referenceCloud } from "./some-cloud";

const path = "/v2.0/buoy/change-sets";
const vm1 = { port_id: "portvm1-aaaaaaaa", fixed_ip_address: "172.16.100.3" };
const vm3 = { port_id: "portvm3-aaaaaaaa", fixed_ip_address: "172.16.101.3" };

// 10.10.10.3 leads to vm3, 10.10.10.9 to vm1.
const both = () =>
  changed(referenceCloud(), "floatingips", "fip9", { ...vm1, router_id: "router_100_101", revision_number: 4 });
const draw = (at?: string) => renderPage(<FloatingIps />, "floating-ips/*", at);
const lines = (table: HTMLElement) =>
  within(table)
    .getAllByRole("row")
    .slice(1)
    .map((row) =>
      within(row)
        .getAllByRole("cell")
        .map((cell) => cell.textContent),
    );

describe("Swap", () => {
  it("shows both sides, and sends both with their revisions", async () => {
    const { api } = serve(both());
    const { user } = draw();
    await choose(user, "10.10.10.3", "Swap with ...");
    const form = await dialog();
    expect(lines(await form.findByRole("grid", { name: "What will change" }))).toEqual([
      ["10.10.10.3", "cirros-vm3 (172.16.101.3)", "cirros-vm1 (172.16.100.3)"],
      ["10.10.10.9", "cirros-vm1 (172.16.100.3)", "cirros-vm3 (172.16.101.3)"],
    ]);
    await expectAccessible();
    await press(user, "Swap");
    expect(await screen.findByText("10.10.10.3 and 10.10.10.9 are swapped")).toBeTruthy();
    expect(sent(api, "PUT", path)).toEqual({
      change_set: {
        associations: [
          { floatingip_id: "fip3", ...vm1, revision_number: 1 },
          { floatingip_id: "fip9", ...vm3, revision_number: 4 },
        ],
      },
    });
  });

  it("is offered on the page of an address, and says when there is nothing to swap with", async () => {
    serve(referenceCloud());
    const { user } = draw("/floating-ips/fip3");
    await choose(user, "10.10.10.3", "Swap with ...");
    const form = await dialog();
    expect(await form.findByText("The project has no other floating IP that is associated.")).toBeTruthy();
    expect(form.getByRole("button", { name: "Swap" })).toHaveProperty("disabled", true);
    await expectAccessible();
  });

  it("says that somebody changed one meanwhile, and works on what there is then", async () => {
    const { api, fips } = serve(both());
    const { user } = draw();
    await choose(user, "10.10.10.3", "Swap with ...");
    await (await dialog()).findByRole("grid", { name: "What will change" });
    fips[1] = { ...fips[1]!, revision_number: 9 };
    const why = "Constrained to 4, but current revision is 9";
    const stale = refusal(412, "RevisionNumberConstraintFailed", `associations[1]: ${why}`);
    api.on("PUT", path, stale);
    await press(user, "Swap");
    const form = await dialog();
    expect(await form.findByText(new RegExp(`10\\.10\\.10\\.9: ${why}`))).toBeTruthy();
    expect(form.getByText(/Somebody else changed it meanwhile/)).toBeTruthy();
    await press(user, "Swap");
    await waitFor(() =>
      expect(sent(api, "PUT", path)).toMatchObject({
        change_set: { associations: [{ revision_number: 1 }, { revision_number: 9 }] },
      }),
    );
  });

  it("says so when the others can not be listed", async () => {
    const { api } = serve(both());
    const { user } = draw("/floating-ips/fip3");
    await screen.findByRole("heading", { level: 1, name: "10.10.10.3" });
    api.on("GET", "/v2.0/floatingips", refusal(503, "", "No list now"));
    await choose(user, "10.10.10.3", "Swap with ...");
    expect(await (await dialog()).findByText(/No list now/)).toBeTruthy();
  });
});

describe("Change Associations", () => {
  const open = async (user: ReturnType<typeof draw>["user"]) => {
    await screen.findByRole("link", { name: "10.10.10.3" });
    await user.click(screen.getByRole("checkbox", { name: "Choose all rows of this page" }));
    await user.click(screen.getByRole("button", { name: "Change Associations" }));
    const form = await dialog();
    const select = (address: string) => form.findByRole("combobox", { name: `New port of ${address}` });
    return { form, select };
  };

  it("exchanges what they have: one request with what changes", async () => {
    const { api } = serve(
      added(both(), "floatingips", floatingIp({ id: "free", floating_ip_address: "10.10.10.20" })),
    );
    const { user } = draw();
    const { form, select } = await open(user);
    expect(await form.findByText(/Nothing yet/)).toBeTruthy();
    const first = await select("10.10.10.3");
    expect([...first.querySelectorAll("option")].map(({ textContent }) => textContent)).toEqual([
      "None",
      "cirros-vm1 (172.16.100.3)",
      "cirros-vm3 (172.16.101.3)",
    ]);
    await user.selectOptions(first, "cirros-vm1 (172.16.100.3)");
    expect(form.getByText("10.10.10.9 is to lead there, too.")).toBeTruthy();
    expect(form.getByRole("button", { name: "Change" })).toHaveProperty("disabled", true);
    await expectAccessible();
    await user.selectOptions(await select("10.10.10.9"), "None");
    expect(lines(form.getByRole("grid", { name: "What will change" }))).toEqual([
      ["10.10.10.3", "cirros-vm3 (172.16.101.3)", "cirros-vm1 (172.16.100.3)"],
      ["10.10.10.9", "cirros-vm1 (172.16.100.3)", "None"],
    ]);
    await press(user, "Change");
    expect(await screen.findByText("2 associations are changed")).toBeTruthy();
    expect(sent(api, "PUT", path)).toEqual({
      change_set: {
        associations: [
          { floatingip_id: "fip3", ...vm1, revision_number: 1 },
          { floatingip_id: "fip9", port_id: null, revision_number: 4 },
        ],
      },
    });
    await closed();
  });

  it("shows a refusal at the row that it names, until something else is chosen there", async () => {
    const { api } = serve(both());
    api.on("PUT", path, refusal(404, "PortNotFound", "associations[1]: Port is not there"));
    const { user } = draw();
    const { form, select } = await open(user);
    await user.selectOptions(await select("10.10.10.3"), "None");
    await user.selectOptions(await select("10.10.10.9"), "cirros-vm3 (172.16.101.3)");
    await press(user, "Change");
    expect(await form.findByText("Port is not there")).toBeTruthy();
    const second = await select("10.10.10.9");
    expect(second.getAttribute("aria-invalid")).toBe("true");
    expect((await select("10.10.10.3")).getAttribute("aria-invalid")).toBe("false");
    expect(form.getByText(/10\.10\.10\.9: Port is not there/)).toBeTruthy();
    await expectAccessible();
    await user.selectOptions(second, "None");
    expect(second.getAttribute("aria-invalid")).toBe("false");
  });

  it("tells what blames nobody", async () => {
    const { api } = serve(both());
    api.on("PUT", path, refusal(503, "", "The kernel is away"));
    const { user } = draw();
    const { form, select } = await open(user);
    await user.selectOptions(await select("10.10.10.3"), "None");
    await press(user, "Change");
    expect(await form.findByText(/The kernel is away/)).toBeTruthy();
  });

  it("is about one project, and so many as fit a form", async () => {
    const strange = floatingIp({ id: "strange", floating_ip_address: "10.10.10.30", project_id: "p2" });
    serve(added(both(), "floatingips", strange), { session: { admin: true } });
    const { user } = draw();
    await user.click(await screen.findByRole("checkbox", { name: "All projects" }));
    await screen.findByRole("link", { name: "10.10.10.30" });
    const { form } = await open(user);
    expect(form.getByText(/belong to several projects/)).toBeTruthy();
    expect(form.getByRole("button", { name: "Change" })).toHaveProperty("disabled", true);
    await press(user, "Cancel");
  });
});
