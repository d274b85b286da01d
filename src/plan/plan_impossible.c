/* Why rows can not be realised on this node.
 * Beside the planner, by the same rules. What a row's report depends on is what its unit depends on, and for
 * a router's ports and floating IPs the router. */
#include "plan/plan_int.h"

#include <string.h>
#include <uthash.h>

/* Why a router's floating IPs do not work, asked once for all of them. */
struct refused {
	UT_hash_handle hh;
	struct uuid id; /* of the router */
	struct buf why;
};

struct reporter {
	const struct plan_input *in;
	const struct snap *s;
	struct refused *refused; /* owned */
	bool all;                /* what is possible is not told */
	void (*fn)(void *arg, const struct uuid *row, const char *why);
	void *arg;
};

static void report(const struct reporter *r, const struct uuid *row, const struct buf *why)
{
	if (why->len || !r->all)
		r->fn(r->arg, row, why->len ? buf_text(why) : NULL);
}

static void reporter_done(struct reporter *r)
{
	struct refused *at, *next;

	HASH_ITER (hh, r->refused, at, next) {
		HASH_DEL(r->refused, at);
		buf_done(&at->why);
		free(at);
	}
}

static void judge_network(const struct reporter *r, const struct network *n)
{
	AUTO_BUF struct buf why = {0};

	if (place_of(r->in, n).type == PLACE_NONE)
		place_explain(r->in, n, &why);
	report(r, &n->row.id, &why);
}

static void explain_leg(const struct reporter *r, const struct leg *leg, struct buf *why)
{
	if (leg->place.type == PLACE_NONE)
		place_explain(r->in, leg->network, why);
	else if (mac_is_null(&leg->port->mac_address))
		buf_puts(why, "a router's port needs a MAC address");
}

/* A gateway after the first one. */
static void explain_further(const struct reporter *r, const struct router *router, const struct leg *leg,
			    struct buf *why)
{
	if (router_is_host(r->in, router))
		buf_puts(why, "the router is the host itself, which can have one gateway only");
	else if (leg->place.type == PLACE_HOST)
		buf_printf(why, "%s is the host's own interface: it can only be a router's first gateway",
			   leg->place.device);
}

static void explain_inside_leg(const struct reporter *r, const struct router *router, const struct leg *leg,
			       struct buf *why)
{
	struct gateways gateways;
	const struct router_gateway *gateway;
	struct leg out;

	router_gateways(router, &gateways);
	gateway = gateways_at(&gateways, &leg->port->row.id);
	explain_leg(r, leg, why);
	if (!why->len && gateway && gateway != gateways.list)
		explain_further(r, router, leg, why);
	if (why->len || gateway)
		return;
	if (leg->place.type == PLACE_HOST)
		buf_printf(why, "%s is the host's own interface: it can only be a router's way out",
			   leg->place.device);
	else if (router_is_host(r->in, router) && router_gateway(r->in, router, &out))
		host_leg_explain(r->in, &out, leg, why);
}

/* Whether the instance is, or may be, on this node. */
static bool may_be_here(const struct plan_input *in, const struct port *port)
{
	return !port->host_id || !port->host_id[0] ||
	       (in->node->name && strcmp(port->host_id, in->node->name) == 0);
}

static void explain_tap(const struct reporter *r, const struct leg *leg, struct buf *why)
{
	if (leg->place.type == PLACE_NONE)
		place_explain(r->in, leg->network, why);
	else if (leg->place.type == PLACE_HOST)
		buf_printf(why, "instances can not be on %s: only floating IPs can", leg->place.device);
	else if (leg->place.type == PLACE_NIC)
		buf_printf(why,
			   "instances can not be plugged into NIC %s: map physical network %s to a bridge",
			   leg->place.device, leg->network->physical_network);
}

static void judge_port(const struct reporter *r, const struct port *port)
{
	const struct network *n = snap_get(r->s, KIND_NETWORK, &port->network_id);
	struct leg leg = {.port = port, .network = n, .place = place_of(r->in, n)};
	AUTO_BUF struct buf why = {0};

	if (port->admin_state_up && port_router(r->s, port))
		explain_inside_leg(r, port_router(r->s, port), &leg, &why);
	else if (port->admin_state_up && port_is_instance(port) && may_be_here(r->in, port))
		explain_tap(r, &leg, &why);
	report(r, &port->row.id, &why);
}

static void explain_route(const struct ip_route *route, const char *what, struct buf *why)
{
	char to[CIDR_TEXT], via[IP_TEXT];

	buf_printf(why, "route to %s via %s: %s", cidr_print(&route->destination, to),
		   ip_print(&route->nexthop, via), what);
}

static void explain_routes(const struct reporter *r, const struct router *router, const struct legs *legs,
			   struct buf *why)
{
	const struct ip_route *route = router->routes.items;

	for (uint32_t i = 0; i < router->routes.count && !why->len; i++) {
		if (route_is_repeated(route, i))
			explain_route(&route[i], "there is another one to the same destination", why);
		else if (ip_is_v4(&route[i].destination.addr) != ip_is_v4(&route[i].nexthop))
			explain_route(&route[i], "not of one address family", why);
		else if (!route_leg(r->s, legs, &route[i]))
			explain_route(&route[i], "no subnet of the router has the next hop", why);
	}
}

static void explain_router(const struct reporter *r, const struct router *router, struct buf *why)
{
	AUTO_LEGS struct legs legs = router_legs(r->in, router);

	/* An interface's trouble is its port's. */
	for (size_t i = 0; i < legs.gateways && !why->len; i++) {
		if (legs.list[i].port->admin_state_up)
			explain_leg(r, &legs.list[i], why);
		if (i && !why->len)
			explain_further(r, router, &legs.list[i], why);
	}
	if (why->len)
		return;
	if (!router_is_host(r->in, router)) {
		explain_routes(r, router, &legs, why);
		return;
	}
	host_router_explain(r->in, router, why);
	if (!why->len && !legs.list[0].port->fixed_ips.count &&
	    !uuid_is_null(&router->external_gateway_info.qos_policy_id))
		buf_puts(why, "its gateway has the host's own address, which has no limit");
	if (!why->len && router->routes.count)
		buf_puts(why, "its routes are the host's own: give them to the host");
}

static void judge_router(const struct reporter *r, const struct router *router)
{
	AUTO_BUF struct buf why = {0};

	if (router_is_on(r->in, router))
		explain_router(r, router, &why);
	report(r, &router->row.id, &why);
}

/* Why nothing that leads to this router works; NULL when something may. */
static const struct buf *refusal(struct reporter *r, const struct uuid *router_id)
{
	const struct router *router = snap_get(r->s, KIND_ROUTER, router_id);
	struct refused *at;
	char id[UUID_TEXT];

	if (!node_is_router(r->in->node) || !router)
		return NULL;
	HASH_FIND(hh, r->refused, router_id, sizeof(*router_id), at);
	if (!at) {
		AUTO_BUF struct buf why = {0};

		at = xalloc(sizeof(*at));
		at->id = *router_id;
		if (router_is_on(r->in, router) && router_is_host(r->in, router))
			host_router_explain(r->in, router, &why);
		if (why.len)
			buf_printf(&at->why, "router %s: %s",
				   router->name && router->name[0] ? router->name : uuid_print(router_id, id),
				   buf_text(&why));
		HASH_ADD(hh, r->refused, id, sizeof(at->id), at);
	}
	return at->why.len ? &at->why : NULL;
}

/* Whether the leg's subnet has what the floating IP leads to: its fixed IP, or that of a port forwarding. */
static bool leads_into(const struct reporter *r, const struct floatingip *f, const struct subnet *sub)
{
	const struct port_forwarding *pf;
	struct scan scan;

	if (!ip_is_null(&f->fixed_ip_address))
		return cidr_has(&sub->cidr, &f->fixed_ip_address);
	for (pf = scan_index(&scan, r->s, IX_FORWARDING_FIP, &f->row.id, NULL); pf; pf = scan_next(&scan))
		if (cidr_has(&sub->cidr, &pf->internal_ip_address))
			return true;
	return false;
}

/* Why the host does not lead to the fixed IP. */
static void explain_way_in(const struct reporter *r, const struct floatingip *f, struct buf *why)
{
	const struct router *router = snap_get(r->s, KIND_ROUTER, &f->router_id);
	AUTO_LEGS struct legs legs = {0};

	if (!router || !router_is_on(r->in, router) || !router_is_host(r->in, router))
		return;
	legs = router_legs(r->in, router);
	for (size_t i = legs.gateways; i < legs.count && !why->len; i++) {
		const struct fixed_ip *ip = legs.list[i].port->fixed_ips.items;

		for (uint32_t j = 0; j < legs.list[i].port->fixed_ips.count && !why->len; j++) {
			const struct subnet *sub = leg_subnet(r->s, &legs.list[i], &ip[j]);

			if (sub && leads_into(r, f, sub))
				host_leg_explain(r->in, &legs.list[0], &legs.list[i], why);
		}
	}
}

static void judge_fip(struct reporter *r, const struct floatingip *f)
{
	const struct network *n = snap_get(r->s, KIND_NETWORK, &f->floating_network_id);
	struct place place = place_of(r->in, n);
	AUTO_BUF struct buf why = {0};
	const struct buf *refused;
	char id[UUID_TEXT], ip[IP_TEXT];

	if (place.type == PLACE_NONE)
		place_explain(r->in, n, &why);
	else if (!ip_is_v4(&f->floating_ip_address))
		buf_puts(&why, "only IPv4 addresses are translated");
	else if (fip_in_conflict(r->in, place.device, &f->floating_ip_address))
		buf_printf(&why, "another host on %s answers for %s",
			   n->name && n->name[0] ? n->name : uuid_print(&n->row.id, id),
			   ip_print(&f->floating_ip_address, ip));
	else if ((refused = refusal(r, &f->router_id)))
		buf_puts(&why, buf_text(refused));
	else if (node_is_router(r->in->node))
		explain_way_in(r, f, &why);
	report(r, &f->row.id, &why);
}

static void judge(struct reporter *r, enum kind kind, const void *row)
{
	if (!row)
		return;
	if (kind == KIND_NETWORK)
		judge_network(r, row);
	else if (kind == KIND_PORT)
		judge_port(r, row);
	else if (kind == KIND_ROUTER)
		judge_router(r, row);
	else if (kind == KIND_FLOATINGIP)
		judge_fip(r, row);
}

/* What a forwarding is, or was, a part of. */
static void judge_fip_of(const struct reporter *side, struct reporter *is, const struct uuid *forwarding_id)
{
	const struct port_forwarding *pf = snap_get(side->s, KIND_PORT_FORWARDING, forwarding_id);

	if (pf)
		judge(is, KIND_FLOATINGIP, snap_get(is->s, KIND_FLOATINGIP, &pf->floatingip_id));
}

/* The ports that are the router's, or were. */
static void judge_ports_of(const struct reporter *side, struct reporter *is, const struct uuid *router_id)
{
	const struct router *router = snap_get(side->s, KIND_ROUTER, router_id);
	AUTO_LEGS struct legs legs = {0};

	if (router)
		legs = router_legs(side->in, router);
	for (size_t i = 0; i < legs.count; i++)
		judge(is, KIND_PORT, snap_get(is->s, KIND_PORT, &legs.list[i].port->row.id));
}

static bool is_host(const struct reporter *r, const struct uuid *router_id)
{
	const struct router *router = snap_get(r->s, KIND_ROUTER, router_id);

	return router && router_is_host(r->in, router);
}

/* What belongs to a router beside its own unit. Only the host refuses floating IPs for their router. */
static void judge_others_of(const struct reporter *was, struct reporter *is, const struct uuid *router_id)
{
	const struct floatingip *f;
	struct scan scan;

	judge_ports_of(was, is, router_id);
	judge_ports_of(is, is, router_id);
	if (!is_host(was, router_id) && !is_host(is, router_id))
		return;
	for (f = scan_index(&scan, is->s, IX_FLOATINGIP_ROUTER, router_id, NULL); f; f = scan_next(&scan))
		judge_fip(is, f);
}

static void judge_touched(const struct reporter *was, struct reporter *is, const struct plan_touch *touched,
			  size_t count)
{
	AUTO_UNITS struct units units = {0};

	units_collect(&units, was->in, is->in, touched, count);
	for (size_t i = 0; i < units.count; i++) {
		const struct plan_touch *t = &units.list[i];

		judge(is, t->kind, snap_get(is->s, t->kind, &t->id));
		if (t->kind == KIND_ROUTER)
			judge_others_of(was, is, &t->id);
		if (t->kind == KIND_PORT_FORWARDING) {
			judge_fip_of(was, is, &t->id);
			judge_fip_of(is, is, &t->id);
		}
	}
}

void plan_impossible(const struct plan_input *was, const struct plan_input *is,
		     const struct plan_touch *touched, size_t count,
		     void (*fn)(void *arg, const struct uuid *row, const char *why), void *arg)
{
	static const enum kind kinds[] = {KIND_NETWORK, KIND_PORT, KIND_ROUTER, KIND_FLOATINGIP};
	CLEANUP(reporter_done)
	struct reporter now = {.in = is, .s = is->snap, .all = !touched, .fn = fn, .arg = arg};
	const void *row;
	struct scan scan;

	if (touched) {
		const struct reporter then = {.in = was, .s = was->snap};

		judge_touched(&then, &now, touched, count);
		return;
	}
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (row = scan_kind(&scan, now.s, kinds[k], NULL); row; row = scan_next(&scan))
			judge(&now, kinds[k], row);
}
