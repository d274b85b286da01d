/* Subnets: prefix, gateway and allocation pools, and who holds addresses in them.
 * Hooks of the generic verbs; the pools are what addresses are chosen from. */
#include "api/net.h"
#include "api/rbac.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

static int invalid(struct err *err, const char *why)
{
	return err_api(err, 400, "InvalidInput", "Invalid input for operation: %s.", why);
}

/* --- prefix --- */

/* Prefixes that no host can have addresses from. */
static bool is_reserved(const struct cidr *c)
{
	static const char *const reserved[] = {"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "ff00::/8",
					       "::/127"};

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		struct cidr r;

		cidr_parse(reserved[i], &r);
		if (cidr_overlaps(&r, c))
			return true;
	}
	return false;
}

static int check_cidr(const struct subnet *s, bool gateway, struct err *err)
{
	bool needs_room = gateway || s->enable_dhcp;
	char text[CIDR_TEXT];
	int r;

	if (s->ip_version != 4 && s->ip_version != 6)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for ip_version. Reason: '%" PRId64 "' is not in [4, 6].",
			       s->ip_version);
	if ((r = net_check_prefix("cidr", &s->cidr, err)) < 0)
		return r;
	if (ip_is_v4(&s->cidr.addr) != (s->ip_version == 4))
		return err_api(
			err, 400, "InvalidInput",
			"Invalid input for operation: cidr '%s' does not match the ip_version '%" PRId64 "'.",
			cidr_print(&s->cidr, text), s->ip_version);
	if (s->cidr.len == 0 || is_reserved(&s->cidr))
		return err_api(err, 400, "InvalidInput",
			       "Invalid input for operation: '%s' can not be a subnet.",
			       cidr_print(&s->cidr, text));
	if (needs_room && s->cidr.len > (s->ip_version == 4 ? 30 : 126))
		return err_api(err, 400, "InvalidInput",
			       "Invalid input for operation: '%s' has no room for a gateway and a host.",
			       cidr_print(&s->cidr, text));
	return 0;
}

static int check_overlap(const struct verb *v, const struct subnet *s, struct err *err)
{
	const struct subnet *other;
	struct scan scan;
	char cidr[CIDR_TEXT], id[UUID_TEXT];

	for (other = scan_index(&scan, net_snap(v), IX_SUBNET_NETWORK, &s->network_id, NULL); other;
	     other = scan_next(&scan))
		if (!uuid_eq(&other->row.id, &s->row.id) && cidr_overlaps(&other->cidr, &s->cidr))
			return err_api(
				err, 400, "InvalidInput",
				"Invalid input for operation: Requested subnet with cidr: %s for network: %s "
				"overlaps with another subnet.",
				cidr_print(&s->cidr, cidr), uuid_print(&s->network_id, id));
	return 0;
}

static int check_ipv6_modes(const struct subnet *s, struct err *err)
{
	const char *addr = s->ipv6_address_mode, *ra = s->ipv6_ra_mode;

	if (!addr && !ra)
		return 0;
	if (s->ip_version == 4)
		return invalid(err, "ipv6_address_mode and ipv6_ra_mode are not valid when ip_version is 4");
	if (!s->enable_dhcp)
		return invalid(
			err,
			"ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False");
	if (addr && ra && strcmp(addr, ra) != 0)
		return invalid(err, "ipv6_ra_mode and ipv6_address_mode must be the same when both are set");
	if (net_is_automatic(s) && s->cidr.len != 64)
		return invalid(
			err,
			"a subnet in which instances make their addresses themselves has a prefix of /64");
	return 0;
}

/* --- gateway and pools --- */

static bool is_link_local(const struct ip *ip)
{
	return ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
}

static int check_gateway(const struct subnet *s, struct err *err)
{
	const struct pool *p = s->allocation_pools.items;
	char gateway[IP_TEXT], start[IP_TEXT], end[IP_TEXT];

	if (ip_is_null(&s->gateway_ip) || is_link_local(&s->gateway_ip))
		return ip_is_null(&s->gateway_ip) || s->ip_version == 6
			       ? 0
			       : invalid(err, "Gateway is not valid on subnet");
	if (!net_usable(s, &s->gateway_ip))
		return invalid(err, "Gateway is not valid on subnet");
	for (uint32_t i = 0; i < s->allocation_pools.count; i++)
		if (ip_cmp(&p[i].start, &s->gateway_ip) <= 0 && ip_cmp(&s->gateway_ip, &p[i].end) <= 0)
			return err_api(err, 409, "GatewayConflictWithAllocationPools",
				       "Gateway ip %s conflicts with allocation pool %s-%s.",
				       ip_print(&s->gateway_ip, gateway), ip_print(&p[i].start, start),
				       ip_print(&p[i].end, end));
	return 0;
}

/* Every host address but the gateway's: one range, or the two around it. */
static void default_pools(void *region, struct subnet *s)
{
	struct pool *p = talloc_array(region, struct pool, 2);
	struct ip first = net_first_host(s), last = net_last_host(s);
	uint32_t n = 0;

	if (ip_is_null(&s->gateway_ip) || !cidr_has(&s->cidr, &s->gateway_ip)) {
		p[n++] = (struct pool){first, last};
	} else {
		struct ip before = ip_add(&s->gateway_ip, -1), after = ip_add(&s->gateway_ip, 1);

		if (ip_cmp(&first, &before) <= 0)
			p[n++] = (struct pool){first, before};
		if (ip_cmp(&after, &last) <= 0)
			p[n++] = (struct pool){after, last};
	}
	s->allocation_pools = (struct list){p, n};
}

static int cmp_pool(const void *a, const void *b)
{
	return ip_cmp(&((const struct pool *)a)->start, &((const struct pool *)b)->start);
}

static int check_pool(const struct subnet *s, const struct pool *p, struct err *err)
{
	char start[IP_TEXT], end[IP_TEXT], cidr[CIDR_TEXT];
	struct ip first = net_first_host(s), last = net_last_host(s);

	if (ip_is_v4(&p->start) != ip_is_v4(&p->end) || ip_cmp(&p->end, &p->start) < 0 ||
	    ip_is_v4(&p->start) != (s->ip_version == 4))
		return err_api(err, 400, "InvalidAllocationPool", "The allocation pool %s-%s is not valid.",
			       ip_print(&p->start, start), ip_print(&p->end, end));
	if (ip_cmp(&p->start, &first) < 0 || ip_cmp(&last, &p->end) < 0)
		return err_api(err, 400, "OutOfBoundsAllocationPool",
			       "The allocation pool %s-%s spans beyond the subnet cidr %s.",
			       ip_print(&p->start, start), ip_print(&p->end, end),
			       cidr_print(&s->cidr, cidr));
	return 0;
}

/* Checks the pools that were given and puts them in order, so that the lowest address is found first. */
static int check_pools(void *region, struct subnet *s, struct err *err)
{
	struct pool *p;
	char a[IP_TEXT], b[IP_TEXT], c[IP_TEXT], d[IP_TEXT], cidr[CIDR_TEXT];
	uint32_t n = s->allocation_pools.count;
	int r;

	if (n == 0)
		return 0;
	p = talloc_memdup(region, s->allocation_pools.items, n * sizeof(*p));
	qsort(p, n, sizeof(*p), cmp_pool);
	for (uint32_t i = 0; i < n; i++)
		if ((r = check_pool(s, &p[i], err)) < 0)
			return r;
	for (uint32_t i = 1; i < n; i++)
		if (ip_cmp(&p[i].start, &p[i - 1].end) <= 0)
			return err_api(err, 409, "OverlappingAllocationPools",
				       "Found overlapping allocation pools: %s-%s %s-%s for subnet %s.",
				       ip_print(&p[i - 1].start, a), ip_print(&p[i - 1].end, b),
				       ip_print(&p[i].start, c), ip_print(&p[i].end, d),
				       cidr_print(&s->cidr, cidr));
	s->allocation_pools.items = p;
	return 0;
}

static int check_host_routes(const struct subnet *s, struct err *err)
{
	const struct ip_route *route = s->host_routes.items;
	int r;

	for (uint32_t i = 0; i < s->host_routes.count; i++) {
		if ((r = net_check_prefix("host_routes", &route[i].destination, err)) < 0)
			return r;
		if (ip_is_v4(&route[i].destination.addr) != ip_is_v4(&route[i].nexthop))
			return invalid(err, "a host route's destination and nexthop are not of one family");
	}
	return 0;
}

static int check_service_types(const struct subnet *s, struct err *err)
{
	static const char *const prefixes[] = {"network:", "compute:", "neutron:", "baremetal:"};
	const struct text_item *t = s->service_types.items;

	for (uint32_t i = 0; i < s->service_types.count; i++) {
		bool fits = false;

		for (size_t p = 0; p < ARRAY_SIZE(prefixes); p++)
			fits |= strncmp(t[i].text, prefixes[p], strlen(prefixes[p])) == 0;
		if (!fits)
			return err_api(
				err, 400, "InvalidSubnetServiceType",
				"Subnet service type %.100s does not correspond to a valid device owner.",
				t[i].text);
	}
	return 0;
}

/* --- verbs --- */

static int fill_addresses(struct verb *v, struct subnet *s, struct err *err)
{
	int r;

	if (!verb_given(v, KIND_SUBNET, "gateway_ip"))
		s->gateway_ip = net_first_host(s);
	if (!verb_given(v, KIND_SUBNET, "allocation_pools")) {
		if ((r = check_gateway(s, err)) == 0)
			default_pools(v->t->region, s);
		return r;
	}
	r = check_pools(v->t->region, s, err);
	return r < 0 ? r : check_gateway(s, err);
}

static int subnet_create(struct verb *v, void *draft, struct err *err)
{
	struct subnet *s = draft;
	bool gateway = !verb_given(v, KIND_SUBNET, "gateway_ip") || !ip_is_null(&s->gateway_ip);
	const void *network;
	int r;

	if ((r = verb_ref(v, KIND_NETWORK, &s->network_id, &network, err)) < 0)
		return r;
	if (!net_owns(net_who(v), ((const struct network *)network)->project_id))
		return net_forbid("create_subnet", err);
	if ((r = net_choose_prefix(v, s, err)) < 0 || (r = check_cidr(s, gateway, err)) < 0 ||
	    (r = check_ipv6_modes(s, err)) < 0 || (r = check_overlap(v, s, err)) < 0 ||
	    (r = check_host_routes(s, err)) < 0 || (r = check_service_types(s, err)) < 0)
		return r;
	if (((const struct network *)network)->external &&
	    (r = net_check_attached_overlap(net_snap(v), s, err)) < 0)
		return r;
	r = fill_addresses(v, s, err);
	return r < 0 ? r : net_give_automatic(v, s, err);
}

/* A router's interface holds the gateway address: instances would lose it. */
static int check_gateway_free(const struct verb *v, const struct subnet *was, const struct subnet *s,
			      struct err *err)
{
	const struct holding *old = snap_holding(net_snap(v), &s->row.id, &was->gateway_ip);
	const struct holding *now = snap_holding(net_snap(v), &s->row.id, &s->gateway_ip);
	const struct port *p = old && old->kind == KIND_PORT ? txn_get(v->t, KIND_PORT, &old->id) : NULL;
	char ip[IP_TEXT], id[UUID_TEXT];

	if (p && net_is_router_interface(p))
		return err_api(err, 409, "GatewayIpInUse",
			       "Current gateway ip %s already in use by port %s. Unable to update.",
			       ip_print(&was->gateway_ip, ip), uuid_print(&p->row.id, id));
	if (now && now->kind == KIND_FLOATINGIP)
		return err_api(err, 409, "IpAddressInUse", "IP address %s is already in use on subnet %s.",
			       ip_print(&s->gateway_ip, ip), uuid_print(&s->row.id, id));
	return 0;
}

static int subnet_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct subnet *was = old;
	struct subnet *s = draft;
	bool moved = !ip_eq(&was->gateway_ip, &s->gateway_ip);
	int r;

	if ((r = check_host_routes(s, err)) < 0 || (r = check_ipv6_modes(s, err)) < 0 ||
	    (r = check_service_types(s, err)) < 0)
		return r;
	if (verb_given(v, KIND_SUBNET, "allocation_pools") && (r = check_pools(v->t->region, s, err)) < 0)
		return r;
	if (moved && (r = check_gateway_free(v, was, s, err)) < 0)
		return r;
	v->touches_kernel |= moved;
	return check_gateway(s, err);
}

static int subnet_remove(struct verb *v, const void *row, struct err *err)
{
	const struct uuid *id = &((const struct row *)row)->id;
	struct bcursor cursor;
	char text[UUID_TEXT];
	int r = net_take_automatic(v, row, err);

	if (r == 0)
		r = net_rest_end_all(v, IX_REST_SUBNET, id, err);

	if (r < 0)
		return r;
	if (snap_first_holding(net_snap(v), id, NULL, &cursor))
		return err_api(err, 409, "SubnetInUse",
			       "Unable to complete operation on subnet %s: One or more ports have an IP "
			       "allocation from "
			       "this subnet.",
			       uuid_print(id, text));
	v->touches_kernel = true;
	return 0;
}

/* --- who --- */

static const struct network *network_of(const struct snap *s, const struct row *row)
{
	return snap_get(s, KIND_NETWORK, &((const struct subnet *)row)->network_id);
}

static bool subnet_visible(const struct snap *s, const struct caller *who, const struct row *row)
{
	const struct network *n = network_of(s, row);

	return net_owns(who, ((const struct subnet *)row)->project_id) || (n && net_uses_network(s, who, n));
}

/* A subnet's addresses are the network owner's to give. */
static bool subnet_writable(const struct snap *s, const struct caller *who, const struct row *row)
{
	const struct network *n = network_of(s, row);

	return net_owns(who, ((const struct subnet *)row)->project_id) || (n && net_owns(who, n->project_id));
}

/* Subnets are shared as their networks are; it is not shown. */
static int subnet_filter(struct call *c, const struct row *row, const char *key, const char *value,
			 struct err *err)
{
	const struct network *n = network_of(c->snap, row);
	struct network probe = {0};

	if (strcmp(key, "shared") != 0)
		return -ENOENT;
	if (attr_parse_text(shape_attr(shape_of(KIND_NETWORK), "shared"), value, c->req->region, &probe) < 0)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for shared. Reason: '%.100s' cannot be converted to boolean.",
			       value);
	return n && rbac_shares(c->snap, &n->row.id, c->caller.actor.project_id) == probe.shared;
}

const struct resource subnet_resource = {
	.kind = KIND_SUBNET,
	.quota = KIND_SUBNET,
	.part_of = "network_id",
	.visible = subnet_visible,
	.writable = subnet_writable,
	.create = subnet_create,
	.update = subnet_update,
	.remove = subnet_remove,
	.filter = subnet_filter,
};
