/* Units: which of them a touched row belongs to, before and after.
 * Under plan_delta and plan_impossible. The rules name everything that a unit's facts depend on. */
#include "model/hosting.h"
#include "plan/plan_int.h"

#include <string.h>

void units_done(struct units *u)
{
	free(u->list);
	*u = (struct units){0};
}

static void add(struct units *u, enum kind kind, const struct uuid *id)
{
	if (u->count == u->cap) {
		u->cap = MAX(u->cap * 2, (size_t)16);
		u->list = xrealloc(u->list, u->cap * sizeof(*u->list));
	}
	u->list[u->count++] = (struct plan_touch){kind, *id};
}

static int cmp_touch(const void *a, const void *b)
{
	const struct plan_touch *x = a, *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : uuid_cmp(&x->id, &y->id);
}

static void sort_once(struct units *u)
{
	size_t kept = 0;

	if (u->count > 1)
		qsort(u->list, u->count, sizeof(*u->list), cmp_touch);
	for (size_t i = 0; i < u->count; i++)
		if (!kept || cmp_touch(&u->list[kept - 1], &u->list[i]))
			u->list[kept++] = u->list[i];
	u->count = kept;
}

/* --- rules --- */

static void add_rows(struct units *u, enum kind kind, const struct snap *s, enum index_id index,
		     const struct uuid *value)
{
	const struct row *row;
	struct scan scan;

	for (row = scan_index(&scan, s, index, value, NULL); row; row = scan_next(&scan))
		add(u, kind, &row->id);
}

/* Routers with a leg on the network: their links take its MTU and place, their routes its subnets. */
static void touch_routers_on(struct units *u, const struct snap *s, const struct uuid *network_id)
{
	const struct port *port;
	struct scan scan;

	for (port = scan_index(&scan, s, IX_PORT_NETWORK, network_id, NULL); port; port = scan_next(&scan)) {
		const struct router *r = port_router(s, port);

		if (r)
			add(u, KIND_ROUTER, &r->row.id);
	}
}

static void touch_network(struct units *u, const struct plan_input *was, const struct plan_input *is,
			  const struct uuid *id)
{
	const struct plan_input *sides[] = {was, is};
	struct place a = place_of(was, snap_get(was->snap, KIND_NETWORK, id));
	struct place b = place_of(is, snap_get(is->snap, KIND_NETWORK, id));

	add(u, KIND_NETWORK, id);
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		touch_routers_on(u, sides[i]->snap, id);
		if (place_eq(&a, &b))
			continue;
		add_rows(u, KIND_PORT, sides[i]->snap, IX_PORT_NETWORK, id);
		add_rows(u, KIND_FLOATINGIP, sides[i]->snap, IX_FLOATINGIP_NETWORK, id);
	}
}

static void touch_subnet(struct units *u, const struct plan_input *in, const struct uuid *id)
{
	const struct subnet *sub = snap_get(in->snap, KIND_SUBNET, id);

	if (!sub)
		return;
	add(u, KIND_NETWORK, &sub->network_id);
	touch_routers_on(u, in->snap, &sub->network_id);
}

/* A tap belongs to the first of the ports that its name fits: another one may come to be the first. */
static void touch_port(struct units *u, const struct plan_input *in, const struct uuid *id)
{
	const struct port *port = port_first_alike(in->snap, id);
	const struct router *r;
	struct scan scan;

	for (; port && port_alike(port, id); port = scan_kind(&scan, in->snap, KIND_PORT, &port->row.id)) {
		add(u, KIND_PORT, &port->row.id);
		add(u, KIND_NETWORK, &port->network_id);
		/* Their way to the instance's tap. */
		if (is_express(in))
			add_rows(u, KIND_FLOATINGIP, in->snap, IX_FLOATINGIP_PORT, &port->row.id);
		r = port_router(in->snap, port);
		if (r)
			add(u, KIND_ROUTER, &r->row.id);
	}
}

/* The bridges of its legs are there for routers that are up. */
static void touch_router(struct units *u, const struct plan_input *in, const struct uuid *id)
{
	const struct router *r = snap_get(in->snap, KIND_ROUTER, id);
	AUTO_LEGS struct legs legs = {0};

	add(u, KIND_ROUTER, id);
	if (r)
		legs = router_legs(in, r);
	for (size_t i = 0; i < legs.count; i++)
		add(u, KIND_NETWORK, &legs.list[i].port->network_id);
}

/* The guard needs its device: a bridge of ours is there for it; and the express data path its uplink. */
static void touch_fip(struct units *u, const struct plan_input *in, const struct uuid *id)
{
	const struct floatingip *f = snap_get(in->snap, KIND_FLOATINGIP, id);
	const struct network *n = f ? snap_get(in->snap, KIND_NETWORK, &f->floating_network_id) : NULL;

	add(u, KIND_FLOATINGIP, id);
	if (n && (is_express(in) || place_of(in, n).type == PLACE_OWN))
		add(u, KIND_NETWORK, &n->row.id);
}

/* Routers are thousands at the most, and limits change by an administrator's hand. */
static void touch_routers_with(struct units *u, const struct snap *s, const struct uuid *policy_id)
{
	const struct router *r;
	struct scan scan;

	for (r = scan_kind(&scan, s, KIND_ROUTER, NULL); r; r = scan_next(&scan))
		if (router_has_policy(r, policy_id))
			add(u, KIND_ROUTER, &r->row.id);
}

/* A policy's floating IPs are many, and most changes of it leave its limits as they are. */
static void touch_policy(struct units *u, const struct plan_input *was, const struct plan_input *is,
			 const struct uuid *id)
{
	struct rate_limit a[LIMIT_DIRECTIONS], b[LIMIT_DIRECTIONS];

	plan_policy_limits(was->snap, id, a);
	plan_policy_limits(is->snap, id, b);
	if (memcmp(a, b, sizeof(a)) == 0)
		return;
	add_rows(u, KIND_FLOATINGIP, was->snap, IX_FLOATINGIP_POLICY, id);
	add_rows(u, KIND_FLOATINGIP, is->snap, IX_FLOATINGIP_POLICY, id);
	touch_routers_with(u, was->snap, id);
	touch_routers_with(u, is->snap, id);
}

/* The routers on the networks of a pool that is in another scope now. */
static void touch_pool(struct units *u, const struct plan_input *was, const struct plan_input *is,
		       const struct uuid *id)
{
	const struct plan_input *sides[] = {was, is};
	const struct subnet *sub;
	struct scan scan;

	for (size_t i = 0; plan_scope_differs(was->snap, is->snap, id) && i < ARRAY_SIZE(sides); i++)
		for (sub = scan_index(&scan, sides[i]->snap, IX_SUBNET_POOL, id, NULL); sub;
		     sub = scan_next(&scan))
			touch_routers_on(u, sides[i]->snap, &sub->network_id);
}

static void touch_rule(struct units *u, const struct plan_input *was, const struct plan_input *is,
		       const struct uuid *id)
{
	const struct plan_input *sides[] = {was, is};

	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		const struct qos_rule *rule = snap_get(sides[i]->snap, KIND_QOS_RULE, id);

		if (rule)
			touch_policy(u, was, is, &rule->qos_policy_id);
	}
}

static void touch(struct units *u, const struct plan_input *in, const struct plan_touch *t)
{
	if (t->kind == KIND_SUBNET)
		touch_subnet(u, in, &t->id);
	else if (t->kind == KIND_PORT)
		touch_port(u, in, &t->id);
	else if (t->kind == KIND_ROUTER)
		touch_router(u, in, &t->id);
	else if (t->kind == KIND_FLOATINGIP)
		touch_fip(u, in, &t->id);
	else if (t->kind == KIND_PORT_FORWARDING)
		add(u, KIND_PORT_FORWARDING, &t->id);
}

/* A router's floating IPs are many, and most changes of a router leave them as they are. */
static void touch_fips_of_routers(struct units *u, const struct plan_input *was, const struct plan_input *is)
{
	size_t count = u->count;

	for (size_t i = 0; i < count; i++) {
		struct plan_touch t = u->list[i];

		if (t.kind != KIND_ROUTER || !fip_exit_differs(was, is, &t.id))
			continue;
		add_rows(u, KIND_FLOATINGIP, was->snap, IX_FLOATINGIP_ROUTER, &t.id);
		add_rows(u, KIND_FLOATINGIP, is->snap, IX_FLOATINGIP_ROUTER, &t.id);
	}
}

/* A route to the floating IP itself says something else where the router has that address. */
static void touch_route_to(struct units *u, const struct plan_input *in, const struct uuid *fip_id)
{
	const struct floatingip *f = snap_get(in->snap, KIND_FLOATINGIP, fip_id);
	const struct router *r = f ? snap_get(in->snap, KIND_ROUTER, &f->router_id) : NULL;
	const struct ip_route *route = r ? r->routes.items : NULL;

	for (uint32_t i = 0; r && i < r->routes.count; i++)
		if (ip_eq(&route[i].destination.addr, &f->floating_ip_address))
			add(u, KIND_ROUTER, &r->row.id);
}

/* A floating IP's forwardings are many, and most changes of it leave them where they are. */
static void touch_forwards_of_fips(struct units *u, const struct plan_input *was, const struct plan_input *is)
{
	size_t count = u->count;

	for (size_t i = 0; i < count; i++) {
		struct plan_touch t = u->list[i];

		if (t.kind != KIND_FLOATINGIP || !fip_forwards_differ(was, is, &t.id))
			continue;
		add_rows(u, KIND_PORT_FORWARDING, was->snap, IX_FORWARDING_FIP, &t.id);
		add_rows(u, KIND_PORT_FORWARDING, is->snap, IX_FORWARDING_FIP, &t.id);
		touch_route_to(u, was, &t.id);
		touch_route_to(u, is, &t.id);
	}
}

static bool is_host_router(const struct plan_input *in, const struct uuid *id)
{
	const struct router *r = snap_get(in->snap, KIND_ROUTER, id);

	return r && router_is_host(in, r);
}

/* Routers that are the host itself share its table, and may be in each other's way: one of them touches all.
 */
static void touch_host_routers(struct units *u, const struct plan_input *was, const struct plan_input *is)
{
	const struct plan_input *sides[] = {was, is};
	const struct router *r;
	bool any = false;
	struct scan scan;

	for (size_t i = 0; node_is_router(is->node) && !any && i < u->count; i++)
		any = u->list[i].kind == KIND_ROUTER &&
		      (is_host_router(was, &u->list[i].id) || is_host_router(is, &u->list[i].id));
	for (size_t i = 0; any && i < ARRAY_SIZE(sides); i++)
		for (r = scan_kind(&scan, sides[i]->snap, KIND_ROUTER, NULL); r; r = scan_next(&scan))
			if (router_is_host(sides[i], r))
				add(u, KIND_ROUTER, &r->row.id);
	sort_once(u);
}

static bool serves(const struct plan_input *in, enum agent_role role)
{
	return agent_is_on(in->snap, in->node->name, role);
}

/* The node's L3 agent was switched: all routers come or go; its DHCP agent: the DHCP of all networks. */
static void touch_agent(struct units *u, const struct plan_input *was, const struct plan_input *is)
{
	const struct plan_input *sides[] = {was, is};
	bool routers = serves(was, AGENT_L3) != serves(is, AGENT_L3);
	bool networks = serves(was, AGENT_DHCP) != serves(is, AGENT_DHCP);
	const struct row *row;
	struct scan scan;

	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		row = routers ? scan_kind(&scan, sides[i]->snap, KIND_ROUTER, NULL) : NULL;
		for (; row; row = scan_next(&scan))
			touch_router(u, sides[i], &row->id);
		row = networks ? scan_kind(&scan, sides[i]->snap, KIND_NETWORK, NULL) : NULL;
		for (; row; row = scan_next(&scan))
			add(u, KIND_NETWORK, &row->id);
	}
}

/* What touches others only where the two sides differ. */
static bool touch_compared(struct units *u, const struct plan_input *was, const struct plan_input *is,
			   const struct plan_touch *t)
{
	if (t->kind == KIND_NETWORK)
		touch_network(u, was, is, &t->id);
	else if (t->kind == KIND_QOS_POLICY)
		touch_policy(u, was, is, &t->id);
	else if (t->kind == KIND_SUBNETPOOL)
		touch_pool(u, was, is, &t->id);
	else if (t->kind == KIND_QOS_RULE)
		touch_rule(u, was, is, &t->id);
	else if (t->kind == KIND_AGENT)
		touch_agent(u, was, is);
	else
		return false;
	return true;
}

void units_collect(struct units *u, const struct plan_input *was, const struct plan_input *is,
		   const struct plan_touch *touched, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (touch_compared(u, was, is, &touched[i]))
			continue;
		touch(u, was, &touched[i]);
		if (was != is)
			touch(u, is, &touched[i]);
	}
	sort_once(u);
	touch_host_routers(u, was, is);
	if (was != is) {
		touch_fips_of_routers(u, was, is);
		sort_once(u);
		touch_forwards_of_fips(u, was, is);
		sort_once(u);
	}
}

/* --- planning --- */

void plan_unit(struct planner *p, const struct plan_touch *unit)
{
	const void *row = snap_get(p->s, unit->kind, &unit->id);

	if (!row)
		return;
	if (unit->kind == KIND_NETWORK)
		plan_network(p, row);
	else if (unit->kind == KIND_PORT)
		plan_port(p, row);
	else if (unit->kind == KIND_ROUTER)
		plan_router(p, row);
	else if (unit->kind == KIND_FLOATINGIP)
		plan_fip(p, row);
	else if (unit->kind == KIND_PORT_FORWARDING)
		plan_forward(p, row);
}
