// The menu as data: what stands where, and for whom. `text` is a key of the namespace `common` below "menu.".
import type { Extension } from "../api/extensions";

export interface MenuItem {
  text: string;
  path?: string;
  admin?: boolean;
  extension?: Extension; // where the server has it
  children?: readonly MenuItem[];
}

const floatingIps = "floating-ips";

export const menu: readonly MenuItem[] = [
  {
    text: "project",
    children: [
      { text: "overview", path: "/overview" },
      {
        text: "compute",
        children: [
          { text: "instances", path: "/instances" },
          // Where Horizon had it until 2017, and where tutorials look for it; the page is the one under Network.
          { text: "accessAndSecurity", children: [{ text: floatingIps, path: "/access-and-security/floating-ips" }] },
        ],
      },
      {
        text: "network",
        children: [
          { text: "topology", path: "/topology" },
          { text: "networks", path: "/networks" },
          { text: "routers", path: "/routers" },
          { text: "ports", path: "/ports" },
          { text: floatingIps, path: "/floating-ips" },
          { text: "address-history", path: "/address-history", extension: "buoy-history" },
        ],
      },
    ],
  },
  {
    text: "admin",
    admin: true,
    children: [
      { text: "pools", path: "/admin/pools" },
      { text: "qos-policies", path: "/admin/qos-policies" },
      { text: "nodes", path: "/admin/nodes" },
      { text: "projects", path: "/admin/projects" },
      { text: "users", path: "/admin/users" },
    ],
  },
];
