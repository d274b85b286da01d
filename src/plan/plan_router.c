/* Routers: namespace, settings, rules, legs with their addresses, routes.
 * One of the planner's units; floating IPs are units of their own. */
#include "plan/plan_router.h"

#include "model/hosting.h"

#include <stdio.h>
#include <string.h>

#define OWNER_INTERFACE "network:router_interface"
#define OWNER_GATEWAY   "network:router_gateway"

static bool owner_is(const struct port *port, const char *owner)
{
	return port->device_owner && strcmp(port->device_owner, owner) == 0;
}

bool router_is_on(const struct plan_input *in, const struct router *r)
{
	return r->admin_state_up && router_is_hosted(in->snap, in->node->name, r);
}

/* --- legs --- */

void legs_done(struct legs *l)
{
	free(l->list);
	*l = (struct legs){0};
}

static struct leg make_leg(const struct plan_input *in, const struct port *port,
			   const struct router_gateway *gateway)
{
	struct leg leg = {.port = port, .gateway = gateway};

	if (gateway) {
		leg.snat = gateway->enable_snat;
		leg.number = (uint16_t)gateway->number;
		leg.policy_id = gateway->qos_policy_id;
	}

	leg.network = snap_get(in->snap, KIND_NETWORK, &port->network_id);
	leg.place = place_of(in, leg.network);
	leg.up = port->admin_state_up && leg.place.type != PLACE_NONE && !mac_is_null(&port->mac_address) &&
		 (gateway || leg.place.type != PLACE_HOST);
	return leg;
}

const struct router *port_router(const struct snap *s, const struct port *port)
{
	const struct router *r;
	struct gateways gateways;
	char text[UUID_TEXT];
	struct uuid id;

	if (!port->device_id || uuid_parse(port->device_id, &id) < 0)
		return NULL;
	r = snap_get(s, KIND_ROUTER, &id);
	if (!r || strcmp(port->device_id, uuid_print(&id, text)) != 0)
		return NULL;
	router_gateways(r, &gateways);
	if (owner_is(port, OWNER_GATEWAY))
		return gateways_at(&gateways, &port->row.id) ? r : NULL;
	return owner_is(port, OWNER_INTERFACE) ? r : NULL;
}

bool port_is_live_leg(const struct plan_input *in, const struct port *port)
{
	const struct router *r = port_router(in->snap, port);

	return r && router_is_on(in, r) && make_leg(in, port, NULL).up;
}

static bool gateway_leg(const struct plan_input *in, const struct router *r, const struct router_gateway *g,
			struct leg *ret)
{
	const struct port *port =
		uuid_is_null(&g->port_id) ? NULL : snap_get(in->snap, KIND_PORT, &g->port_id);

	if (!port || !owner_is(port, OWNER_GATEWAY) || port_router(in->snap, port) != r)
		return false;
	*ret = make_leg(in, port, g);
	return true;
}

bool router_gateway(const struct plan_input *in, const struct router *r, struct leg *ret)
{
	struct gateways gateways;

	router_gateways(r, &gateways);
	return gateways.count && gateway_leg(in, r, &gateways.list[0], ret);
}

static void append_leg(struct legs *l, const struct leg *leg)
{
	/* Room is doubled at each power of two. */
	if ((l->count & (l->count - 1)) == 0)
		l->list = xrealloc(l->list, MAX(l->count * 2, (size_t)1) * sizeof(*l->list));
	l->list[l->count++] = *leg;
}

/* The host itself leaves by its first gateway only, and no other router can leave by the host's interface. */
struct legs router_gateway_legs(const struct plan_input *in, const struct router *r)
{
	struct legs legs = {0};
	struct gateways gateways;
	struct leg leg;

	router_gateways(r, &gateways);
	for (uint32_t i = 0; i < gateways.count; i++) {
		if (!gateway_leg(in, r, &gateways.list[i], &leg))
			continue;
		if (i &&
		    (leg.place.type == PLACE_HOST || (legs.count && legs.list[0].place.type == PLACE_HOST)))
			leg.up = false;
		append_leg(&legs, &leg);
	}
	legs.gateways = legs.count;
	return legs;
}

bool legs_have_ways(const struct legs *l)
{
	size_t up = 0;

	for (size_t i = 0; i < l->gateways; i++)
		up += l->list[i].up;
	return up > 1;
}

struct legs router_legs(const struct plan_input *in, const struct router *r)
{
	struct legs legs = router_gateway_legs(in, r);
	const struct port *port;
	char id[UUID_TEXT];
	struct scan scan;
	struct leg leg;

	uuid_print(&r->row.id, id);
	for (port = scan_index(&scan, in->snap, IX_PORT_DEVICE, id, NULL); port; port = scan_next(&scan)) {
		if (!owner_is(port, OWNER_INTERFACE))
			continue;
		leg = make_leg(in, port, NULL);
		append_leg(&legs, &leg);
	}
	return legs;
}

const struct subnet *leg_subnet(const struct snap *s, const struct leg *leg, const struct fixed_ip *f)
{
	const struct subnet *sub = snap_get(s, KIND_SUBNET, &f->subnet_id);

	return sub && uuid_eq(&sub->network_id, &leg->port->network_id) ? sub : NULL;
}

/* --- the leg's facts --- */

static void add_link(struct work *w, struct leg *leg)
{
	struct planner *p = w->p;
	const struct uuid *id = &leg->port->row.id;
	sym device = symtab_put(p->syms, leg->place.device);
	struct link_spec spec = {.mtu = network_mtu(leg->network), .mac = leg->port->mac_address};
	struct fact f = {.kind = FACT_LINK, .ns = w->ns, .dev = leg->dev, .link = &spec};

	if (leg->place.type == PLACE_NIC) {
		spec.type = LINK_MACVLAN;
		spec.parent = device;
	} else {
		spec.type = LINK_VETH;
		spec.peer = dev_sym(p, "tap", id);
		spec.peer_master = device;
	}
	plan_add(p, &f, id);
}

static bool is_v4_prefix(const struct fact *f)
{
	return ip_is_v4(&f->addr) && f->plen <= 32;
}

/* Two ways to one prefix: where they differ, the router is to decide. */
static void merge_path(struct fact *f, const struct ip *via, bool external)
{
	const struct ip none = {{0}};

	if (f->value.num && external && ip_eq(&f->value.ip, via ? via : &none))
		return;
	f->value.num = 0;
	f->value.ip = none;
}

/* What the express data path knows of the router's table. */
static void add_path(struct work *w, const struct ip *addr, uint8_t plen, const struct ip *via, bool external)
{
	struct fact f = {.kind = FACT_PATH, .ns = w->ns, .which = w->way, .addr = *addr, .plen = plen};

	/* Where there are ways every floating IP has one. */
	if (!is_express(w->p->in) || !is_v4_prefix(&f) || (w->ways && !w->way))
		return;
	for (size_t i = w->first_fact; i < w->p->ret->count; i++)
		if (fact_key_cmp(&w->p->ret->items[i], &f) == 0) {
			merge_path(&w->p->ret->items[i], via, external);
			return;
		}
	f.value.num = external;
	if (via && external)
		f.value.ip = *via;
	plan_add(w->p, &f, &w->router->row.id);
}

static void add_leg_paths(struct work *w, const struct leg *leg, const struct fact *address)
{
	struct cidr net = {address->addr, address->plen, true};
	struct ip first = cidr_first(&net);

	add_path(w, &first, address->plen, NULL, leg->gateway);
	add_path(w, &address->addr, 32, NULL, false);
}

void router_add_own_paths(struct work *w, const struct leg *leg)
{
	const struct fixed_ip *ip = leg->port->fixed_ips.items;

	for (uint32_t i = 0; i < leg->port->fixed_ips.count; i++)
		add_path(w, &ip[i].ip_address, 32, NULL, false);
}

static void add_hook(struct work *w, const struct leg *leg)
{
	struct hook_spec spec = {.role = leg->gateway ? HOOK_OUTER : HOOK_INNER,
				 .mac = leg->port->mac_address,
				 .way = w->ways ? leg->number : 0};
	struct fact f = {.kind = FACT_HOOK, .ns = w->ns, .dev = leg->dev, .hook = &spec};

	if (!is_express(w->p->in))
		return;
	spec.device = symtab_put(w->p->syms, leg->place.device);
	plan_add(w->p, &f, &leg->port->row.id);
}

static void add_addresses(struct work *w, const struct leg *leg)
{
	const struct fixed_ip *ip = leg->port->fixed_ips.items;

	for (uint32_t i = 0; i < leg->port->fixed_ips.count; i++) {
		const struct subnet *sub = leg_subnet(w->p->s, leg, &ip[i]);
		struct fact f = {.kind = FACT_ADDRESS, .ns = w->ns, .dev = leg->dev};

		if (!sub)
			continue;
		f.addr = ip[i].ip_address;
		f.plen = sub->cidr.len;
		f.value.num = ADDRESS_ANNOUNCE;
		plan_add(w->p, &f, &leg->port->row.id);
		add_leg_paths(w, leg, &f);
		w->ipv6 = w->ipv6 || !ip_is_v4(&f.addr);
	}
}

static struct ip first_address(const struct leg *leg)
{
	const struct fixed_ip *ip = leg->port->fixed_ips.items;

	for (uint32_t i = 0; i < leg->port->fixed_ips.count; i++)
		if (ip_is_v4(&ip[i].ip_address))
			return ip[i].ip_address;
	return (struct ip){{0}};
}

/* Instances leave with the gateway's first IPv4 address, or not at all. */
static void add_gateway(struct work *w, const struct leg *leg)
{
	struct fact f = {.kind = FACT_GATEWAY, .ns = w->ns, .dev = leg->dev};

	if (leg->snat)
		f.value.ip = first_address(leg);
	f.value.num = w->ways ? (uint32_t)leg->number << 8 : 0;
	plan_add(w->p, &f, &w->router->row.id);
	if (!ip_is_null(&f.value.ip))
		plan_gateway_limits(w->p, w->ns, &f.value.ip, &leg->policy_id, &w->router->row.id);
}

/* --- routes --- */

/* The first one to a destination counts. */
void router_add_route(struct work *w, const struct cidr *to, const struct ip *via, const struct leg *leg)
{
	struct fact f = {
		.kind = FACT_ROUTE, .ns = w->ns, .which = w->way, .addr = cidr_first(to), .plen = to->len};

	for (size_t i = w->first_route; i < w->p->ret->count; i++)
		if (fact_key_cmp(&w->p->ret->items[i], &f) == 0)
			return;
	if (via)
		f.value.ip = *via;
	f.value.dev = leg ? leg->dev : 0;
	plan_add(w->p, &f, &w->router->row.id);
	/* An address that the router has itself, for port forwardings, is the floating IP's to tell. */
	if (leg && (f.plen != 32 || !fip_forwards_at(w->p->in, &w->router->row.id, &f.addr)))
		add_path(w, &f.addr, f.plen, via, leg->gateway);
}

const struct leg *route_leg(const struct snap *s, const struct legs *legs, const struct ip_route *route)
{
	for (size_t i = 0; i < legs->count; i++) {
		const struct leg *leg = &legs->list[i];
		const struct fixed_ip *ip = leg->port->fixed_ips.items;

		for (uint32_t j = 0; j < leg->port->fixed_ips.count; j++) {
			const struct subnet *sub = leg_subnet(s, leg, &ip[j]);

			if (sub && cidr_has(&sub->cidr, &route->nexthop))
				return leg;
		}
	}
	return NULL;
}

bool route_is_repeated(const struct ip_route *list, uint32_t at)
{
	struct ip to = cidr_first(&list[at].destination);

	for (uint32_t i = 0; i < at; i++) {
		struct ip other = cidr_first(&list[i].destination);

		if (ip_eq(&to, &other) && list[i].destination.len == list[at].destination.len)
			return true;
	}
	return false;
}

/* Of a way: those that do not leave by another one. */
void router_add_extra_routes(struct work *w, const struct leg *way)
{
	const struct ip_route *route = w->router->routes.items;

	for (uint32_t i = 0; i < w->router->routes.count; i++) {
		const struct leg *leg = route_leg(w->p->s, &w->legs, &route[i]);

		if (way && leg && leg->gateway && leg != way)
			continue;
		if (leg && leg->up && !route_is_repeated(route, i) &&
		    ip_is_v4(&route[i].destination.addr) == ip_is_v4(&route[i].nexthop))
			router_add_route(w, &route[i].destination, &route[i].nexthop, leg);
	}
}

static bool is_own_address(const struct leg *leg, const struct ip *ip)
{
	const struct fixed_ip *f = leg->port->fixed_ips.items;

	for (uint32_t i = 0; i < leg->port->fixed_ips.count; i++)
		if (ip_eq(&f[i].ip_address, ip))
			return true;
	return false;
}

/* The gateway of the leg's subnet, when it has one in the family of the address. */
static const struct ip *gateway_of(const struct leg *leg, const struct subnet *sub, const struct fixed_ip *f)
{
	if (!sub || ip_is_null(&sub->gateway_ip) || ip_is_v4(&sub->gateway_ip) != ip_is_v4(&f->ip_address) ||
	    is_own_address(leg, &sub->gateway_ip))
		return NULL;
	return &sub->gateway_ip;
}

const struct ip *router_next_hop(struct work *w, const struct leg *leg)
{
	const struct fixed_ip *f = leg->port->fixed_ips.items;
	const struct ip *via;

	for (uint32_t i = 0; i < leg->port->fixed_ips.count; i++)
		if (ip_is_v4(&f[i].ip_address) &&
		    (via = gateway_of(leg, leg_subnet(w->p->s, leg, &f[i]), &f[i])))
			return via;
	return NULL;
}

/* Out by the gateway of the first external subnet that has one, in each family. */
void router_add_default_routes(struct work *w, const struct leg *leg)
{
	const struct fixed_ip *f = leg->port->fixed_ips.items;

	for (uint32_t i = 0; i < leg->port->fixed_ips.count; i++) {
		const struct subnet *sub = leg_subnet(w->p->s, leg, &f[i]);
		const struct ip *via = gateway_of(leg, sub, &f[i]);
		bool v4 = ip_is_v4(&f[i].ip_address);
		struct cidr all = {v4 ? ip_from_v4(0) : (struct ip){{0}}, 0, true};
		struct cidr host = {.len = v4 ? 32 : 128, .set = true};

		if (!via || (w->way && !v4))
			continue;
		host.addr = *via;
		if (!cidr_has(&sub->cidr, via))
			router_add_route(w, &host, NULL, leg);
		if (!v4 || w->way || !w->spread)
			router_add_route(w, &all, via, leg);
	}
}

static bool has_address_in(const struct leg *leg, const struct subnet *sub)
{
	const struct fixed_ip *f = leg->port->fixed_ips.items;

	for (uint32_t i = 0; i < leg->port->fixed_ips.count; i++)
		if (uuid_eq(&f[i].subnet_id, &sub->row.id))
			return true;
	return false;
}

static bool has_ipv6(const struct leg *leg)
{
	const struct fixed_ip *f = leg->port->fixed_ips.items;

	for (uint32_t i = 0; i < leg->port->fixed_ips.count; i++)
		if (!ip_is_v4(&f[i].ip_address))
			return true;
	return false;
}

/* Hosts of the external network's other subnets are on the same wire. IPv6 is left alone where the leg does
 * not speak it; IPv4 comes with the first floating IP, if not before. */
void router_add_on_link_routes(struct work *w, const struct leg *leg)
{
	const struct subnet *sub;
	struct scan scan;

	for (sub = scan_index(&scan, w->p->s, IX_SUBNET_NETWORK, &leg->port->network_id, NULL); sub;
	     sub = scan_next(&scan))
		if (!has_address_in(leg, sub) && (ip_is_v4(&sub->cidr.addr) || (has_ipv6(leg) && !w->way)))
			router_add_route(w, &sub->cidr, NULL, leg);
}

/* What the user asked for comes first: it may take the place of the default route. Then the gateways in their
 * order. */
static void add_routes(struct work *w)
{
	w->first_route = w->p->ret->count;
	router_add_extra_routes(w, NULL);
	for (size_t i = 0; i < w->legs.gateways; i++)
		if (w->legs.list[i].up)
			router_add_on_link_routes(w, &w->legs.list[i]);
	if (w->ways && w->router->enable_default_route_ecmp)
		router_add_spread(w);
	for (size_t i = 0; i < w->legs.gateways; i++)
		if (w->legs.list[i].up)
			router_add_default_routes(w, &w->legs.list[i]);
	if (w->ways)
		router_add_ways(w);
}

/* --- the router's own facts --- */

static void add_settings(struct work *w)
{
	static const struct {
		enum fact_sysctl which;
		uint32_t value;
	} settings[] = {
		{SYSCTL_IP_FORWARD, 1},
		{SYSCTL_RP_FILTER_ALL, 0},
		{SYSCTL_RP_FILTER_DEFAULT, 0},
		{SYSCTL_ARP_IGNORE_ALL, 1},
		{SYSCTL_ARP_ANNOUNCE_ALL, 2},
		{SYSCTL_SEND_REDIRECTS_ALL, 0},
		{SYSCTL_SEND_REDIRECTS_DEFAULT, 0},
		/* A router does not judge what it forwards: conntrack would call such packets invalid. */
		{SYSCTL_CONNTRACK_CHECKSUM, 0},
		{SYSCTL_CONNTRACK_TCP_BE_LIBERAL, 1},
		{SYSCTL_FWMARK_REFLECT, 1},
		{SYSCTL_MULTIPATH_HASH, 1},
		{SYSCTL_IP6_FORWARD, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		struct fact f = {.kind = FACT_SYSCTL, .ns = w->ns, .which = settings[i].which};

		/* A kernel without IPv6 does not have it. */
		if (f.which == SYSCTL_IP6_FORWARD && !w->ipv6)
			continue;
		if ((f.which == SYSCTL_FWMARK_REFLECT || f.which == SYSCTL_MULTIPATH_HASH) && !w->ways)
			continue;
		f.value.num = settings[i].value;
		plan_add(w->p, &f, &w->router->row.id);
	}
}

void plan_metadata(struct planner *p, sym ns, const struct router *r)
{
	struct fact f = {.kind = FACT_METADATA, .ns = ns};

	f.value.ip = p->in->node->metadata;
	f.value.num = p->in->node->metadata_port;
	if (f.value.num)
		plan_add(p, &f, &r->row.id);
}

static void add_namespace(struct work *w)
{
	struct fact ns = {.kind = FACT_NETNS, .ns = w->ns};
	struct fact table = {.kind = FACT_TABLE, .ns = w->ns};

	plan_add(w->p, &ns, &w->router->row.id);
	table.value.num =
		is_express(w->p->in) ? w->p->in->node->express_table_hash : w->p->in->node->table_hash;
	plan_add(w->p, &table, &w->router->row.id);
	plan_metadata(w->p, w->ns, w->router);
}

sym router_netns(struct planner *p, const struct uuid *id)
{
	char text[UUID_TEXT], name[sizeof("qrouter-") + UUID_TEXT];

	snprintf(name, sizeof(name), "qrouter-%s", uuid_print(id, text));
	return symtab_put(p->syms, name);
}

void plan_router(struct planner *p, const struct router *r)
{
	AUTO_LEGS struct legs legs = router_legs(p->in, r);
	struct work w = {.p = p,
			 .router = r,
			 .legs = legs,
			 .ways = legs_have_ways(&legs),
			 .first_fact = p->ret->count};

	if (!router_is_on(p->in, r) || !legs.count)
		return;
	if (router_is_host(p->in, r)) {
		plan_host_router(p, r);
		return;
	}
	w.ns = router_netns(p, &r->row.id);
	add_namespace(&w);
	for (size_t i = 0; i < legs.count; i++) {
		struct leg *leg = &legs.list[i];

		if (!leg->up)
			continue;
		leg->dev = dev_sym(p, leg->gateway ? "qg-" : "qr-", &leg->port->row.id);
		add_link(&w, leg);
		add_addresses(&w, leg);
		add_hook(&w, leg);
		if (leg->gateway)
			add_gateway(&w, leg);
	}
	plan_scopes(p, r, w.ns, &legs);
	add_routes(&w);
	add_settings(&w);
}
