/* What clients and dashboards ask for besides servers and floating IPs: the one flavor, the one availability
 * zone, extensions, services and hypervisors (the nodes), and lists of what Buoy has none of. Route functions
 * of the compute API. */
#include "api/compute.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

static int not_found(const char *what, const char *id, struct err *err)
{
	return err_api(err, 404, "HTTPNotFound", "%s %.100s could not be found.", what, id);
}

/* --- flavors --- */

int compute_flavors(struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;

	buf_puts(b, "{\"flavors\":[{\"id\":\"" COMPUTE_FLAVOR "\",\"name\":\"" COMPUTE_FLAVOR "\"");
	compute_print_links(c, "flavors", COMPUTE_FLAVOR);
	buf_puts(b, "}]}");
	return 0;
}

int compute_flavors_detail(struct call *c, struct err *err)
{
	buf_puts(&c->resp->body, "{\"flavors\":[");
	compute_print_flavor(c, COMPUTE_FLAVOR);
	buf_puts(&c->resp->body, "]}");
	return 0;
}

static int check_flavor(const struct call *c, struct err *err)
{
	return strcmp(c->arg[0], COMPUTE_FLAVOR) == 0 ? 0 : not_found("Flavor", c->arg[0], err);
}

int compute_flavor(struct call *c, struct err *err)
{
	int r = check_flavor(c, err);

	if (r < 0)
		return r;
	buf_puts(&c->resp->body, "{\"flavor\":");
	compute_print_flavor(c, COMPUTE_FLAVOR);
	buf_putc(&c->resp->body, '}');
	return 0;
}

int compute_flavor_specs(struct call *c, struct err *err)
{
	int r = check_flavor(c, err);

	if (r == 0)
		buf_puts(&c->resp->body, "{\"extra_specs\":{}}");
	return r;
}

/* --- nodes --- */

/* One node as some route prints it; nodes_each calls it. */
struct nodes_out {
	struct call *c;
	bool detail;
	const char *only; /* a hypervisor's id; NULL: all */
	unsigned count;
};

static void put_node_id(struct call *c, const struct nodes_out *out, const char *name)
{
	unsigned until = 52;

	/* Numbers up to 2.52, then UUIDs; the name is as good an id, and says more. */
	buf_json_key(&c->resp->body, "id");
	if (c->microversion <= until)
		buf_json_int(&c->resp->body, out->count);
	else
		buf_json_str(&c->resp->body, name);
}

static void print_zone_host(void *arg, const struct node_info *node)
{
	struct nodes_out *out = arg;
	struct buf *b = &out->c->resp->body;

	buf_json_key(b, node->name);
	buf_printf(b, "{\"buoy-agent\":{\"active\":true,\"available\":%s", node->alive ? "true" : "false");
	compute_put_time(b, "updated_at", node->heartbeat_us / 1000000);
	buf_puts(b, "}}");
}

static void print_zone(struct call *c, bool detail)
{
	struct nodes_out out = {.c = c};
	struct buf *b = &c->resp->body;

	buf_puts(b, "{\"availabilityZoneInfo\":[{\"zoneName\":\"" COMPUTE_ZONE
		    "\",\"zoneState\":{\"available\":true},\"hosts\":");
	if (detail) {
		buf_putc(b, '{');
		nodes_each(c->api->nodes, print_zone_host, &out);
		buf_putc(b, '}');
	} else {
		buf_puts(b, "null");
	}
	buf_puts(b, "}]}");
}

int compute_zones(struct call *c, struct err *err)
{
	print_zone(c, false);
	return 0;
}

int compute_zones_detail(struct call *c, struct err *err)
{
	print_zone(c, true);
	return 0;
}

static void print_service(void *arg, const struct node_info *node)
{
	struct nodes_out *out = arg;
	struct buf *b = &out->c->resp->body;

	out->count++;
	buf_json_next(b);
	buf_putc(b, '{');
	put_node_id(out->c, out, node->name);
	buf_json_member(b, "binary", "buoy-agent");
	buf_json_member(b, "host", node->name);
	buf_json_member(b, "zone", COMPUTE_ZONE);
	buf_json_member(b, "status", "enabled");
	buf_json_member(b, "state", node->alive ? "up" : "down");
	compute_put_time(b, "updated_at", node->heartbeat_us / 1000000);
	buf_puts(b, ",\"disabled_reason\":null");
	if (out->c->microversion >= 11)
		buf_puts(b, ",\"forced_down\":false");
	buf_putc(b, '}');
}

int compute_services(struct call *c, struct err *err)
{
	struct nodes_out out = {.c = c};

	buf_puts(&c->resp->body, "{\"services\":[");
	nodes_each(c->api->nodes, print_service, &out);
	buf_puts(&c->resp->body, "]}");
	return 0;
}

static bool is_only(const struct nodes_out *out, const char *name)
{
	char number[12];

	snprintf(number, sizeof(number), "%u", out->count);
	return !out->only || strcmp(out->only, name) == 0 || strcmp(out->only, number) == 0;
}

static void put_hypervisor_detail(struct call *c, const struct nodes_out *out, const struct node_info *node)
{
	struct buf *b = &c->resp->body;

	buf_puts(b, ",\"hypervisor_type\":\"none\",\"hypervisor_version\":0,\"host_ip\":null,\"cpu_info\":");
	buf_puts(b, c->microversion >= 28 ? "{}" : "\"\"");
	buf_puts(b, ",\"vcpus\":0,\"vcpus_used\":0,\"memory_mb\":0,\"memory_mb_used\":0,\"free_ram_mb\":0,"
		    "\"local_gb\":0,\"local_gb_used\":0,\"free_disk_gb\":0,\"disk_available_least\":0,"
		    "\"current_workload\":0,\"running_vms\":0,\"service\":{");
	put_node_id(c, out, node->name);
	buf_json_member(b, "host", node->name);
	buf_puts(b, ",\"disabled_reason\":null}");
}

static void print_hypervisor(void *arg, const struct node_info *node)
{
	struct nodes_out *out = arg;
	struct call *c = out->c;
	struct buf *b = &c->resp->body;

	out->count++;
	if (!is_only(out, node->name))
		return;
	if (!out->only)
		buf_json_next(b);
	buf_putc(b, '{');
	put_node_id(c, out, node->name);
	buf_json_member(b, "hypervisor_hostname", node->name);
	buf_json_member(b, "state", node->alive ? "up" : "down");
	buf_json_member(b, "status", "enabled");
	if (out->detail)
		put_hypervisor_detail(c, out, node);
	buf_putc(b, '}');
}

static int list_hypervisors(struct call *c, bool detail)
{
	struct nodes_out out = {.c = c, .detail = detail};

	buf_puts(&c->resp->body, "{\"hypervisors\":[");
	nodes_each(c->api->nodes, print_hypervisor, &out);
	buf_puts(&c->resp->body, "]}");
	return 0;
}

int compute_hypervisors(struct call *c, struct err *err)
{
	return list_hypervisors(c, false);
}

int compute_hypervisors_detail(struct call *c, struct err *err)
{
	return list_hypervisors(c, true);
}

int compute_hypervisor(struct call *c, struct err *err)
{
	struct nodes_out out = {.c = c, .detail = true, .only = c->arg[0]};
	size_t empty;

	buf_puts(&c->resp->body, "{\"hypervisor\":");
	empty = c->resp->body.len;
	nodes_each(c->api->nodes, print_hypervisor, &out);
	if (c->resp->body.len == empty)
		return not_found("Compute host", c->arg[0], err);
	buf_putc(&c->resp->body, '}');
	return 0;
}

static void count_node(void *arg, const struct node_info *node)
{
	((struct nodes_out *)arg)->count++;
}

int compute_hypervisor_statistics(struct call *c, struct err *err)
{
	struct nodes_out out = {.c = c};

	nodes_each(c->api->nodes, count_node, &out);
	buf_printf(&c->resp->body,
		   "{\"hypervisor_statistics\":{\"count\":%u,\"vcpus\":0,\"vcpus_used\":0,\"memory_mb\":0,"
		   "\"memory_mb_used\":0,\"free_ram_mb\":0,\"local_gb\":0,\"local_gb_used\":0,"
		   "\"free_disk_gb\":0,\"disk_available_least\":0,\"current_workload\":0,\"running_vms\":0}}",
		   out.count);
	return 0;
}

/* --- extensions --- */

static const struct {
	const char *alias, *name, *description;
} extensions[] = {
	{"servers", "Servers", "Registered workloads"},
	{"os-attach-interfaces", "AttachInterfaces", "Ports of servers, attached and detached"},
	{"ips", "Ips", "Addresses of servers"},
	{"os-extended-ips", "ExtendedIps", "Whether an address is fixed or floating"},
	{"os-extended-ips-mac", "ExtendedIpsMac", "The MAC address behind an address"},
	{"os-floating-ips", "FloatingIps", "Floating IPs"},
	{"os-floating-ip-pools", "FloatingIpPools", "Pools of floating IPs"},
	{"os-floating-ips-bulk", "FloatingIpsBulk", "Floating IPs made and deleted by the range"},
	{"os-availability-zone", "AvailabilityZone", "The availability zone"},
	{"os-hypervisors", "Hypervisors", "The nodes"},
	{"os-services", "Services", "The agents of the nodes"},
	{"os-quota-sets", "Quotas", "Quotas of projects"},
	{"os-used-limits", "UsedLimits", "What is used of the limits"},
	{"os-simple-tenant-usage", "SimpleTenantUsage", "Hours of servers"},
	{"flavors", "Flavors", "The one flavor"},
	{"limits", "Limits", "Limits"},
	{"server-metadata", "ServerMetadata", "Metadata of servers"},
};

static void print_extension(struct call *c, size_t i)
{
	struct buf *b = &c->resp->body;

	buf_putc(b, '{');
	buf_json_member(b, "alias", extensions[i].alias);
	buf_json_member(b, "name", extensions[i].name);
	buf_json_member(b, "description", extensions[i].description);
	buf_puts(b, ",\"namespace\":\"\",\"updated\":\"2014-12-03T00:00:00Z\",\"links\":[]}");
}

int compute_extensions(struct call *c, struct err *err)
{
	buf_puts(&c->resp->body, "{\"extensions\":[");
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++) {
		buf_json_next(&c->resp->body);
		print_extension(c, i);
	}
	buf_puts(&c->resp->body, "]}");
	return 0;
}

int compute_extension(struct call *c, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++) {
		if (strcmp(extensions[i].alias, c->arg[0]) != 0)
			continue;
		buf_puts(&c->resp->body, "{\"extension\":");
		print_extension(c, i);
		buf_putc(&c->resp->body, '}');
		return 0;
	}
	return err_api(err, 404, "HTTPNotFound", "The resource could not be found.");
}

/* --- what there is none of --- */

static const struct {
	const char *resource, *name;
	unsigned until;
} nothing[] = {
	{"os-keypairs", "keypairs", 99},
	{"images", "images", 35},
	{"os-server-groups", "server_groups", 99},
	{"os-security-groups", "security_groups", 35},
	{"os-aggregates", "aggregates", 99},
	{"os-migrations", "migrations", 99},
	{"os-instance-actions", "instanceActions", 99},
	{"os-volume_attachments", "volumeAttachments", 99},
	{"server-security-groups", "security_groups", 99},
};

int compute_nothing(struct call *c, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++) {
		int r;

		if (strcmp(nothing[i].resource, c->route->resource) != 0)
			continue;
		if ((r = compute_until(c, nothing[i].until, err)) < 0)
			return r;
		buf_printf(&c->resp->body, "{\"%s\":[]}", nothing[i].name);
		return 0;
	}
	return err_api(err, 404, "HTTPNotFound", "The resource could not be found.");
}

int compute_no_such(struct call *c, struct err *err)
{
	return not_found("Nothing here:", c->arg[0], err);
}
