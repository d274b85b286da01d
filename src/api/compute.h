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
 *     200 {"servers": [SERVER...]}, newest first. Filters: name (a part; ^ $ . and * as in regular expressions), status, ip, ip6, uuid,
 *     host, flavor, image, changes-since, project_id; all_tenants, or a tenant_id, for administrators. limit, marker,
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
 *     202 {"server": {"id", "links", "OS-DCF:diskConfig", "security_groups"}}: registers it and makes its
 *     ports. There is no adminPass: nothing boots.
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

/* Before the route's function: which microversion the request speaks, announced in the reply; 400 for what is
 * no version, 406 for one that is not spoken. A project's id in the path must be the token's (400). */
int compute_prepare(struct call *c, struct err *err);
/* 404 above 2.`minor`: Nova ended it there. */
int compute_until(const struct call *c, unsigned minor, struct err *err);

/* --- bodies (compute.c) --- */

/* The body's object of that name; 400. */
int compute_object(struct call *c, const char *name, json_t **ret, struct err *err);
/* A text of a body; `ret` keeps its value when it is absent or null, 400 when it is none or longer than 255.
 */
int compute_text(const json_t *object, const char *name, const char **ret, struct err *err);
/* The answer of what has no other: 202, no body. */
int compute_accepted(struct call *c, struct err *err);

/* --- servers (compute_inventory.c) --- */

/* A server as a caller sees it: a registered row, or what the ports say. */
struct instance {
	const char *id, *name, *project_id, *user_id;
	const struct server *row; /* NULL: not registered */
	const struct port **ports;
	size_t port_count;
	int64_t created, updated;
};
/* 404 "Instance <id> could not be found." */
int compute_find(const struct call *c, const struct snap *s, void *region, const char *id,
		 struct instance *ret, struct err *err);
/* The servers of a project (NULL: all), in no order. */
struct instances {
	struct instance *list;
	size_t count;
};
struct instances compute_inventory(const struct snap *s, void *region, const char *project_id);
/* The id of the server that a port belongs to; NULL when it is nobody's, or a router's. */
const char *compute_server_of(const struct port *port);
/* Whether one of its ports is plugged. */
bool compute_is_plugged(const struct call *c, const struct instance *s);
/* The node that the server is said to be on. */
const char *compute_host(const struct call *c, const struct instance *s);
/* Whether the text has a part that matches: ^ $ . and * mean what they do in regular expressions. Pure. */
bool compute_matches(const char *pattern, const char *text);

/* --- printing (compute_print.c) --- */

void compute_print_brief(struct call *c, const struct instance *s);
void compute_print_server(struct call *c, const struct instance *s);
/* {"<label>": [...]}; `full` adds the type and the MAC address. */
void compute_print_addresses(struct call *c, const struct instance *s, const char *only_label, bool full);
/* "links": [{"rel": "self", ...}, {"rel": "bookmark", ...}] of an object. */
void compute_print_links(struct call *c, const char *plural, const char *id);
void compute_print_flavor(struct call *c, const char *id);
void compute_put_time(struct buf *b, const char *key, int64_t seconds);
/* What it was registered with; the one flavor that there is when nothing was said. */
const char *compute_flavor_of(const struct instance *s);
#define COMPUTE_FLAVOR "registered"
#define COMPUTE_ZONE   "nova"

/* --- registered servers (compute_register.c) --- */

/* A project may register so many: a row costs memory, and nothing else limits them. A server has so many
 * ports. */
#define COMPUTE_MAX_SERVERS 1000
#define COMPUTE_MAX_NICS    100
/* The server that the path names, inside a transaction; 409 when it is none that was registered. */
int compute_find_registered(struct verb *v, struct instance *ret, struct err *err);
/* Gives the server (its id and project are looked at) a port as a body describes it: {"uuid" or "net_id":
 * network} or {"port" or "port_id": port}. */
int compute_plug(struct verb *v, const struct instance *server, const json_t *nic, struct nic *ret,
		 struct err *err);
/* Takes the port away from it; deletes it when it was made for the server. */
int compute_unplug(struct verb *v, const struct port *p, bool made, struct err *err);
bool compute_made(const struct instance *s, const struct uuid *port_id);
/* Checks metadata and makes their stored text. */
int compute_read_metadata(struct call *c, const json_t *object, const char **ret, struct err *err);

/* --- floating IPs (compute_floating.c) --- */

/* The external network of that name or id; NULL: the default pool. 404, 409. */
int compute_pool(const struct call *c, const struct snap *s, const char *name, const struct network **ret,
		 struct err *err);
const char *compute_default_pool(const struct call *c);
/* What lists call the interface that a pool is on: the configured one, else the physical network; NULL: none.
 */
const char *compute_interface_of(const struct call *c, const struct network *n);
/* A floating IP that the caller may use, by its address: its project's before others'. 404. */
int compute_floating_by_address(const struct call *c, const struct snap *s, const char *address,
				const struct floatingip **ret, struct err *err);

/* --- ranges (compute_range.c) --- */

/* What nova-manage takes for a range: one address, or the hosts of a prefix. */
struct compute_range {
	struct ip first, last;
	struct cidr cidr;
};
/* 400 in nova-network's words. Pure: the fuzzer calls it. */
int compute_range_parse(const char *text, struct compute_range *ret, struct err *err);

/* Gives a pool a range, as POST /os-floating-ips-bulk does; 409 when some of it exists (compute_bulk.c). */
int compute_bulk_make(struct verb *v, const char *range, const char *pool, struct err *err);

/* --- route functions, by the table in compute_routes.c --- */

int compute_versions(struct call *c, struct err *err);
int compute_version(struct call *c, struct err *err);
int compute_servers(struct call *c, struct err *err);
int compute_servers_detail(struct call *c, struct err *err);
int compute_server(struct call *c, struct err *err);
int compute_server_register(struct call *c, struct err *err);
int compute_server_update(struct call *c, struct err *err);
int compute_server_delete(struct call *c, struct err *err);
int compute_server_action(struct call *c, struct err *err);
int compute_ips(struct call *c, struct err *err);
int compute_ips_of(struct call *c, struct err *err);
int compute_metadata(struct call *c, struct err *err);
int compute_metadata_write(struct call *c, struct err *err);
int compute_metadata_item(struct call *c, struct err *err);
int compute_metadata_item_write(struct call *c, struct err *err);
int compute_interfaces(struct call *c, struct err *err);
int compute_interface(struct call *c, struct err *err);
int compute_interface_attach(struct call *c, struct err *err);
int compute_interface_detach(struct call *c, struct err *err);
int compute_floating_ips(struct call *c, struct err *err);
int compute_floating_ip(struct call *c, struct err *err);
int compute_floating_create(struct call *c, struct err *err);
int compute_floating_delete(struct call *c, struct err *err);
int compute_pools(struct call *c, struct err *err);
int compute_bulk_list(struct call *c, struct err *err);
int compute_bulk_host(struct call *c, struct err *err);
int compute_bulk_create(struct call *c, struct err *err);
int compute_bulk_delete(struct call *c, struct err *err);
int compute_limits(struct call *c, struct err *err);
int compute_quota(struct call *c, struct err *err);
int compute_quota_detail(struct call *c, struct err *err);
int compute_quota_defaults(struct call *c, struct err *err);
int compute_quota_class(struct call *c, struct err *err);
int compute_quota_update(struct call *c, struct err *err);
int compute_quota_reset(struct call *c, struct err *err);
int compute_usage(struct call *c, struct err *err);
int compute_usages(struct call *c, struct err *err);
int compute_flavors(struct call *c, struct err *err);
int compute_flavors_detail(struct call *c, struct err *err);
int compute_flavor(struct call *c, struct err *err);
int compute_flavor_specs(struct call *c, struct err *err);
int compute_zones(struct call *c, struct err *err);
int compute_zones_detail(struct call *c, struct err *err);
int compute_extensions(struct call *c, struct err *err);
int compute_extension(struct call *c, struct err *err);
int compute_services(struct call *c, struct err *err);
int compute_hypervisors(struct call *c, struct err *err);
int compute_hypervisors_detail(struct call *c, struct err *err);
int compute_hypervisor(struct call *c, struct err *err);
int compute_hypervisor_statistics(struct call *c, struct err *err);
/* Lists of what Buoy has none of, so that dashboards need no special case. */
int compute_nothing(struct call *c, struct err *err);
int compute_nothing_of_server(struct call *c, struct err *err);
int compute_no_such(struct call *c, struct err *err);
int compute_cannot(struct call *c, struct err *err);
