// The landing page: quota, faults, free floating IPs, and one click to the next one.
import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";

import Overview from "../src/pages/overview";
import { refusal } from "./fake-api";
import { serve } from "./floatingips-cloud";
import { expectAccessible, renderPage } from "./render";
import { changed, referenceCloud } from "./some-cloud";

const draw = () => renderPage(<Overview />, "overview");

it("shows how much of the quota is used, and what is free", async () => {
  serve(referenceCloud());
  draw();
  expect(await screen.findByText("2 of 50 used")).toBeTruthy();
  expect(screen.getByText("4 used, no limit")).toBeTruthy();
  expect(await screen.findByRole("link", { name: "10.10.10.9" })).toBeTruthy();
  expect(screen.queryByRole("link", { name: "10.10.10.3" })).toBeNull();
  expect(await screen.findByText("Nothing is in error.")).toBeTruthy();
  await expectAccessible();
});

it("names what is in error", async () => {
  const broken = changed(referenceCloud(), "floatingips", "fip3", { status: "ERROR" });
  serve(changed(broken, "routers", "router_100_101", { status: "ERROR" }));
  draw();
  const address = await screen.findByRole("link", { name: "10.10.10.3" });
  expect(address.getAttribute("href")).toBe("/floating-ips/fip3");
  const router = screen.getByRole("link", { name: "router_100_101" });
  expect(router.getAttribute("href")).toBe("/routers/router_100_101");
});

it("allocates and associates in three clicks from logged in", async () => {
  const { api } = serve(referenceCloud());
  const { user } = draw();
  await user.click(await screen.findByRole("button", { name: "Allocate IP To Project" }));
  await user.click(await screen.findByRole("radio", { name: /cirros-vm1/ }));
  await user.click(screen.getByRole("button", { name: "Allocate IP" }));
  expect(await screen.findByText("10.10.10.4 is allocated and leads to cirros-vm1")).toBeTruthy();
  expect(api.of("POST")).toHaveLength(1);
});

it("associates a free one from here", async () => {
  serve(referenceCloud());
  const { user } = draw();
  await user.click(await screen.findByRole("button", { name: "Associate: 10.10.10.9" }));
  const dialog = within(await screen.findByRole("dialog"));
  await dialog.findByRole("radio", { name: /cirros-vm1/ });
  await user.click(dialog.getByRole("button", { name: "Associate" }));
  expect(await screen.findByText("10.10.10.9 leads to cirros-vm1")).toBeTruthy();
  expect(await screen.findByText(/None is free/)).toBeTruthy();
});

it("shows each part that works when another fails", async () => {
  const { api } = serve(referenceCloud());
  api.on("GET", "/v2.0/quotas/{}/details", refusal(500, "", "No quotas"));
  draw();
  expect(await screen.findByText(/No quotas/)).toBeTruthy();
  expect(await screen.findByRole("link", { name: "10.10.10.9" })).toBeTruthy();
});
