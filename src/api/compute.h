/* The legacy compute API below /compute/v2.1: what `nova`, `openstack server`, `nova-manage floating` and
 * dashboards ask for. It boots nothing: a server is whatever owns ports with its device_id, or what
 * POST /servers has registered. Everything that it changes goes through the hooks of the network resources.
 *
 * Microversions: 2.1 (a client without a header speaks it) to 2.COMPUTE_MAX_MINOR. Some of what follows are
 * proxies that Nova ended at some microversion: above it the answer is 404. */
#pragma once
#include "api/frame.h"

#define COMPUTE_MAX_MINOR 60
#define COMPUTE_BULK_PAGE 10000
#define COMPUTE_BULK_MAX  262144

/* clang-format off */
/* The contract of what was nova-network's, and of what is ours in the rest (paths are behind /compute/v2.1):
 *
 * FLOATINGIP = {"id": "<uuid>", "ip": "10.200.3.1", "fixed_ip": "10.200.2.5" | null,
 *               "instance_id": "<server's id>" | null, "pool": "nova"}
 *
 * GET /os-floating-ips  (2.1-2.35)
 *     200 {"floating_ips": [FLOATINGIP...]}: the token's project's, by address
 * POST /os-floating-ips  (2.1-2.35)  {"pool": "nova"} | {} | {"pool": null} | nothing
 *     200 {"floating_ip": FLOATINGIP}: the lowest free address. The pool's default is the configuration's.
 *     404 "Floating IP pool not found."
 *     404 "No more floating IPs in pool nova."; no pool in the body: "No more floating IPs available."
 *     403 "IP allocation over quota in pool nova."; no pool in the body: "IP allocation over quota."
 * GET /os-floating-ips/<id>  (2.1-2.35)
 *     200 {"floating_ip": FLOATINGIP}; 404 "Floating IP not found for ID <id>"
 * DELETE /os-floating-ips/<id>  (2.1-2.35)
 *     202, no body; disassociates when it has to; 404 as above
 * GET /os-floating-ip-pools  (2.1-2.35)
 *     200 {"floating_ip_pools": [{"name": "nova"}...]}, by name
 *
 * For administrators (403 for others), at every microversion:
 *
 * GET /os-floating-ips-bulk?limit=N&marker=ADDRESS
 *     200 {"floating_ip_info": [{"address": "10.200.3.1", "project_id": "<id>" | null,
 *          "instance_uuid": "<server's id>" | null, "fixed_ip": "10.200.2.5" | null, "pool": "nova",
 *          "interface": "eth0"}...]}
 *     Every address that a project has or can have, sorted by address (10.200.3.9 before 10.200.3.10).
 *     `limit`: 1 to COMPUTE_BULK_PAGE, more is taken as that; `marker`: what is behind this address. More than
 *     COMPUTE_BULK_MAX addresses without a limit: 400.
 * GET /os-floating-ips-bulk/<host>
 *     The same, of the addresses that are associated, on that node; none: 404 "Floating IP not found for host
 *     <host>."
 * POST /os-floating-ips-bulk  {"floating_ips_bulk_create": {"ip_range": "10.200.3.0/24" | "10.200.3.7",
 *                              "pool"?: "nova", "interface"?: "eth0"}}
 *     200 {"floating_ips_bulk_create": {"ip_range": ..., "pool": "nova", "interface": "eth0"}}, with what was
 *     left out. A pool that does not exist is made.
 *     400 "Invalid input received: <why>" for what is no IPv4 range, for fewer than four addresses ("/31 should
 *     be specified as single address(es) not in cidr format"), for a million or more ("Too many IP addresses
 *     will be generated.  Please increase /8 to reduce the number generated.")
 *     409 "Floating IP 10.200.3.1 already exists."
 * PUT /os-floating-ips-bulk/delete  {"ip_range": "10.200.3.0/24" | "10.200.3.7"}
 *     200 {"floating_ips_bulk_delete": "10.200.3.0/24"}: takes exactly these away, those that exist.
 *     409 "Floating IP 10.200.3.1 is in use by project <id>; ..." when one is allocated: then none is taken
 *     away.
 *
 * POST /servers/<id>/action  (2.1-2.43)  {"addFloatingIp": {"address": "10.200.3.2", "fixed_address"?:
 *                            "10.200.2.5"}} | {"removeFloatingIp": {"address": "10.200.3.2"}}
 *     202, no body
 *     404 "Instance <id> could not be found.", "floating IP not found"
 *     400 "No fixed IPs associated to instance", "Specified fixed address not assigned to instance", "Unable to
 *     associate floating IP <ip> to fixed IP <ip> for instance <id>. Error: <why>"
 *     409 "Floating IP <ip> is not associated with instance <id>."
 * GET /servers, /servers/detail
 *     200 {"servers": [SERVER...]}, newest first. Filters: name (a regular expression), status, ip, ip6, uuid,
 *     host, flavor, image, changes-since, project_id; all_tenants for administrators. limit, marker,
 *     sort_key, sort_dir, "servers_links".
 * GET /servers/<id>
 *     200 {"server": SERVER}
 *     SERVER = {"id", "name", "status": "ACTIVE", "tenant_id", "user_id", "created", "updated", "hostId",
 *          "addresses": {"<network's name>": [{"version": 4, "addr": "10.200.2.5",
 *               "OS-EXT-IPS:type": "fixed" | "floating", "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:..."}...]},
 *          "flavor": {"id", "links"}, "image": {"id", "links"} | "", "key_name", "metadata": {}, "links",
 *          "accessIPv4", "accessIPv6", "config_drive", "progress", "security_groups",
 *          "OS-EXT-STS:vm_state": "active", "OS-EXT-STS:task_state": null,
 *          "OS-EXT-STS:power_state": 1 (one of its ports is plugged) | 0 (not known),
 *          "OS-EXT-AZ:availability_zone": "nova", "OS-DCF:diskConfig", "OS-SRV-USG:launched_at", ...}
 * POST /servers  {"server": {"name", "flavorRef"?, "imageRef"?, "networks"?: [{"uuid"} | {"port"} | {"uuid",
 *                "fixed_ip"}...] | "auto" | "none", "metadata"?, "description"?, ...}}
 *     202 {"server": {"id", "links", "adminPass", "OS-DCF:diskConfig", "security_groups"}}: registers it and
 *     makes its ports
 * PUT /servers/<id>  {"server": {"name"?, "description"?}}
 *     200 {"server": SERVER}
 * DELETE /servers/<id>
 *     204: takes along the ports that it made
 *
 * An id of a server is the device_id of its ports: a UUID where it was registered here, any text otherwise. An
 * error is {"itemNotFound": {"code": 404, "message": "..."}}, with badRequest, forbidden, badMethod,
 * conflictingRequest, overLimit, notImplemented, serviceUnavailable, computeFault alike; 401 is {"error":
 * {...}}, as Keystone's middleware has it. */
/* clang-format on */
