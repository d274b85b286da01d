// QoS policies: those of floating IPs, and the administrator's page of all.
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import type { QosPolicy } from "../src/api/types";
import QosPolicies from "../src/pages/admin-qos-policies";
import FloatingIps from "../src/pages/floating-ips";
import { refusal, type Asked } from "./fake-api";
import { serve as serveFips } from "./floatingips-cloud";
import { keepPolicies, rule } from "./policies";
import { expectAccessible, renderPage } from "./render";
import { administrator, choose, closed, dialog, fill, press, sent, serve } from "./resource-server";
import { changed, policy, referenceCloud } from "./some-cloud";

const path = "/v2.0/qos/policies";
const slow = () => policy({ id: "slow", rules: [rule("egress", 100_000), rule("ingress", 200_000, 50_000)] });
const open = () => policy({ id: "open", shared: false });

describe("a floating IP", () => {
  function draw(qos_policy_id: string | null, at = "/floating-ips/fip3") {
    const cloud = serveFips(changed(referenceCloud(), "floatingips", "fip3", { qos_policy_id }));
    keepPolicies(cloud.api, [slow(), open()]);
    return { ...cloud, ...renderPage(<FloatingIps />, "floating-ips/*", at) };
  }

  it("shows its policy and both rates", async () => {
    draw("slow");
    expect(await screen.findByText("slow (in: 200 Mbit/s, out: 100 Mbit/s)")).toBeTruthy();
  });

  it("shows the id of one that is not to be seen", async () => {
    draw("strange-policy-id");
    expect(await screen.findByText("strange-")).toBeTruthy();
  });

  it("gets another policy, or none, and nothing else is written", async () => {
    const { api, user } = draw(null);
    await choose(user, "10.10.10.3", "Edit Floating IP");
    const select = await (await dialog()).findByRole("combobox", { name: "QoS policy" });
    await within(select).findByRole("option", { name: "open (in: no limit, out: no limit)" });
    await expectAccessible();
    await user.selectOptions(select, "slow");
    await press(user, "Save");
    expect(await screen.findByText("10.10.10.3 is saved")).toBeTruthy();
    expect(sent(api, "PUT", "/v2.0/floatingips/fip3")).toEqual({ floatingip: { qos_policy_id: "slow" } });
    await choose(user, "10.10.10.3", "Edit Floating IP");
    await fill(user, { "QoS policy": "" });
    await press(user, "Save");
    await closed();
    expect(sent(api, "PUT", "/v2.0/floatingips/fip3")).toEqual({ floatingip: { qos_policy_id: null } });
  });

  it("keeps a policy that is not to be seen", async () => {
    const { api, user } = draw("strange-policy-id");
    await choose(user, "10.10.10.3", "Edit Floating IP");
    await fill(user, { Description: "new words" });
    await press(user, "Save");
    await closed();
    expect(sent(api, "PUT", "/v2.0/floatingips/fip3")).toEqual({ floatingip: { description: "new words" } });
  });

  it("names policies in its history", async () => {
    const { api } = draw("slow", "/floating-ips/fip3?part=history");
    const base = { time: "2026-01-01T00:00:00Z", user_id: "u1", user_name: "", project_id: "p1", action: "update" };
    const history = [
      { ...base, revision: 2, request_id: "req-2", was: { qos_policy_id: "slow" }, is: { qos_policy_id: null } },
      { ...base, revision: 1, request_id: "req-1", was: {}, is: { qos_policy_id: "slow" } },
    ];
    api.on("GET", "/v2.0/floatingips/{}/history", { history });
    expect(await screen.findByText("QoS policy: slow")).toBeTruthy();
    expect(screen.getByText("QoS policy removed")).toBeTruthy();
  });
});

describe("the page of policies", () => {
  function draw(policies: QosPolicy[] = [slow(), open()]) {
    const api = serve(administrator);
    keepPolicies(api, policies);
    return { api, policies, ...renderPage(<QosPolicies />, "admin/qos-policies") };
  }
  const rulesPath = `${path}/slow/bandwidth_limit_rules`;

  it("is for administrators", async () => {
    const api = serve();
    renderPage(<QosPolicies />, "admin/qos-policies");
    expect(await screen.findByText("For administrators only")).toBeTruthy();
    expect(api.of("GET", path)).toHaveLength(0);
  });

  it("lists rates and bursts", async () => {
    draw();
    const row = within((await screen.findByText("slow")).closest("tr")!);
    for (const text of ["200 Mbit/s", "50.0 Mbit at once", "100 Mbit/s", "Yes", "demo"])
      expect(row.getByText(text)).toBeTruthy();
    expect(screen.getAllByText("no limit")).toHaveLength(2);
    await expectAccessible();
  });

  it("creates a policy with its rules", async () => {
    const { api, user } = draw([]);
    expect(await screen.findByText("No QoS policies yet")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Create QoS Policy" }));
    const form = await dialog();
    const [inward, outward] = form.getAllByLabelText(/^Rate/);
    await fill(user, { Name: "gold" });
    await user.type(outward!, "300000");
    expect(form.getAllByLabelText(/^Burst/)).toHaveLength(1);
    await user.type(form.getByLabelText(/^Burst/), "9000");
    expect(inward).toHaveProperty("value", "");
    await expectAccessible();
    await press(user, "Create QoS Policy");
    expect(await screen.findByText("gold is created")).toBeTruthy();
    expect(sent(api, "POST", path)).toEqual({ policy: { name: "gold", description: "", shared: true } });
    expect(api.of("POST").map(({ body }) => body)).toContainEqual({
      bandwidth_limit_rule: { direction: "egress", max_kbps: 300_000, max_burst_kbps: 9000 },
    });
    expect(api.of("POST")).toHaveLength(2);
  });

  it("leaves nothing behind when a rule is refused", async () => {
    const { api, user, policies } = draw([]);
    api.on("POST", `${path}/{}/bandwidth_limit_rules`, refusal(400, "HTTPBadRequest", "Not such a rate"));
    await user.click(await screen.findByRole("button", { name: "Create QoS Policy" }));
    await fill(user, { Name: "gold" });
    await user.type((await dialog()).getAllByLabelText(/^Rate/)[0]!, "1");
    await press(user, "Create QoS Policy");
    expect(await screen.findByText(/Not such a rate/)).toBeTruthy();
    await waitFor(() => expect(policies).toHaveLength(0));
  });

  it("takes whole numbers only", async () => {
    const { api, user } = draw();
    await choose(user, "slow", "Edit QoS Policy");
    const [inward] = (await dialog()).getAllByLabelText(/^Rate/);
    await user.clear(inward!);
    await user.type(inward!, "1.5");
    await press(user, "Save");
    expect(screen.getByText("A number from 0 to 2147483647.")).toBeTruthy();
    expect(api.of("PUT")).toHaveLength(0);
  });

  it("changes, adds and removes rules, and leaves alone what stays", async () => {
    const { api, user, policies } = draw();
    await choose(user, "slow", "Edit QoS Policy");
    const [inward, outward] = (await dialog()).getAllByLabelText(/^Rate/);
    await user.clear(inward!);
    await user.clear(outward!);
    await user.type(outward!, "150000");
    await press(user, "Save");
    expect(await screen.findByText("slow is saved")).toBeTruthy();
    expect(api.of("DELETE").map((asked: Asked) => asked.path)).toEqual([`${rulesPath}/ingress-rule`]);
    expect(sent(api, "PUT", `${rulesPath}/egress-rule`)).toEqual({
      bandwidth_limit_rule: { max_kbps: 150_000, max_burst_kbps: 0 },
    });
    await choose(user, "slow", "Edit QoS Policy");
    await user.type((await dialog()).getAllByLabelText(/^Rate/)[0]!, "7000");
    await press(user, "Save");
    await closed();
    expect(sent(api, "POST", rulesPath)).toEqual({
      bandwidth_limit_rule: { direction: "ingress", max_kbps: 7000, max_burst_kbps: 0 },
    });
    expect(api.of("PUT", `${rulesPath}/egress-rule`)).toHaveLength(1);
    expect(policies[0]?.rules).toHaveLength(2);
  });

  it("goes on where it was refused when it is tried again", async () => {
    const { api, user, policies } = draw([policy({ id: "slow" })]);
    let refused = false;
    api.on("PUT", `${path}/{}`, (_asked: Asked, id: string) => ({ policy: policies.find((one) => one.id === id) }));
    api.on("POST", rulesPath, ({ body }: Asked) => {
      const { direction } = (body as { bandwidth_limit_rule: { direction: "ingress" | "egress" } })
        .bandwidth_limit_rule;
      if (direction === "egress" && !refused) {
        refused = true;
        return refusal(503, "", "Not now");
      }
      policies[0] = { ...policies[0]!, rules: [...policies[0]!.rules, rule(direction, 5000)] };
      return {};
    });
    await choose(user, "slow", "Edit QoS Policy");
    for (const field of (await dialog()).getAllByLabelText(/^Rate/)) await user.type(field, "5000");
    await press(user, "Save");
    expect(await screen.findByText(/Not now/)).toBeTruthy();
    await press(user, "Save");
    await closed();
    const directions = api.of("POST", rulesPath).map(({ body }) => JSON.stringify(body).match(/ingress|egress/)?.[0]);
    expect(directions).toEqual(["ingress", "egress", "egress"]);
  });

  it("deletes, and says why it can not", async () => {
    const { api, user, policies } = draw();
    await choose(user, "open", "Delete QoS Policy");
    await press(user, "Delete QoS Policy");
    expect(await screen.findByText("open is deleted")).toBeTruthy();
    expect(policies).toHaveLength(1);
    api.on("DELETE", `${path}/{}`, refusal(409, "QosPolicyInUse", "QoS Policy slow is used by floatingip fip3."));
    await choose(user, "slow", "Delete QoS Policy");
    await press(user, "Delete QoS Policy");
    expect(await screen.findByText(/is used by floatingip fip3/)).toBeTruthy();
    expect(screen.getByText(/Take it from the floating IPs that have it first/)).toBeTruthy();
  });

  it("says what went wrong", async () => {
    serve(administrator).on("GET", path, refusal(503, "", "No policies now"));
    renderPage(<QosPolicies />, "admin/qos-policies");
    expect(await screen.findByText(/No policies now/)).toBeTruthy();
  });
});
