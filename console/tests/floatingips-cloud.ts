// A server that holds the cloud of the reference document and does with its floating IPs what is asked.
import type { FloatingIp } from "../src/api/types";
import type { Session } from "../src/api/session";
import type { Resources } from "../src/way/cloud";
import { FakeApi, refusal, type Asked } from "./fake-api";
import { floatingIp } from "./some-cloud";

export interface Association {
  floatingip_id: string;
  port_id: string | null;
  fixed_ip_address?: string;
  revision_number: number;
}

export interface Cloud {
  api: FakeApi;
  fips: FloatingIp[];
}

const body = (asked: Asked) => (asked.body as { floatingip: Partial<FloatingIp> }).floatingip;

// port_details as the server prints them.
function complete(fip: FloatingIp, { ports }: Resources): FloatingIp {
  const port = ports.find(({ id }) => id === fip.port_id);
  const details = port && {
    name: port.name,
    device_id: port.device_id,
    device_owner: port.device_owner,
    mac_address: port.mac_address,
  };
  return { ...fip, port_details: details ?? null };
}

export function serve(all: Resources, more: { limit?: number; session?: Partial<Session> } = {}): Cloud {
  const api = new FakeApi(more.session);
  const fips = all.floatingips.map((fip) => complete(fip, all));
  const find = (id: string) => fips.findIndex((fip) => fip.id === id);
  for (const kind of ["networks", "subnets", "ports", "routers"] as const) api.list(kind, all[kind]);
  api.list("floatingips", fips);
  api.on("GET", "/compute/v2.1/servers/detail", { servers: all.servers });
  const counted = (used: number, limit: number) => ({ used, limit, reserved: 0 });
  api.on("GET", "/v2.0/quotas/{}/details", () => ({
    quota: {
      floatingip: counted(fips.length, more.limit ?? 50),
      network: counted(3, 10),
      subnet: counted(3, 10),
      port: counted(4, -1),
      router: counted(1, 1),
    },
  }));
  api.on("POST", "/v2.0/floatingips", (asked: Asked) => {
    const fip = complete(
      floatingIp({ id: `new${fips.length}`, floating_ip_address: "10.10.10.4", ...body(asked) }),
      all,
    );
    fips.push(fip);
    return { floatingip: fip };
  });
  api.on("PUT", "/v2.0/floatingips/{}", (asked: Asked, id: string) => {
    const at = find(id);
    const was = fips[at];
    if (!was) return refusal(404, "FloatingIPNotFound", `Floating IP ${id} could not be found`);
    const wanted = body(asked);
    const freed = wanted.port_id === null ? { fixed_ip_address: null, router_id: null } : {};
    const fip = complete({ ...was, ...wanted, ...freed }, all);
    fips[at] = fip;
    return { floatingip: fip };
  });
  api.on("PUT", "/v2.0/buoy/change-sets", (asked: Asked) => {
    const { associations } = (asked.body as { change_set: { associations: Association[] } }).change_set;
    for (const { floatingip_id, ...wanted } of associations) {
      const was = fips[find(floatingip_id)]!;
      const goal = { fixed_ip_address: null, ...wanted };
      fips[find(floatingip_id)] = complete({ ...was, ...goal, revision_number: was.revision_number + 1 }, all);
    }
    return { change_set: { associations, floatingips: fips } };
  });
  api.on("PUT", "/v2.0/floatingips/{}/tags", (asked: Asked, id: string) => {
    const was = fips[find(id)];
    if (was) fips[find(id)] = { ...was, tags: (asked.body as { tags: string[] }).tags };
    return asked.body;
  });
  api.on("DELETE", "/v2.0/floatingips/{}", (_asked: Asked, id: string) => {
    if (find(id) < 0) return refusal(404, "FloatingIPNotFound", `Floating IP ${id} could not be found`);
    fips.splice(find(id), 1);
    return { status: 204 };
  });
  return { api, fips };
}
