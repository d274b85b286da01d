/* Ways: a router of several gateways keeps what belongs to one of them to its leg.
 *
 * Beside the main table, which leads out by the first gateway or is spread over all, each external leg has a
 * table of its own: what is inside, what is on its own link, and the way out by it, which never leads to
 * another leg. A mark on the packet says which table: of a floating IP's it is that of the leg at its
 * network, of a connection's that of the leg by which it came or first left. IPv4 only. Called by
 * plan_router.c. */
#include "plan/plan_router.h"

static void add_spread_hop(struct work *w, struct spread_spec *spec, const struct leg *leg)
{
	const struct ip *via = leg->up ? router_next_hop(w, leg) : NULL;

	if (!via || spec->count == SPREAD_MAX)
		return;
	spec->hop[spec->count++] = (struct spread_hop){*via, leg->dev};
}

void router_add_spread(struct work *w)
{
	struct fact f = {.kind = FACT_SPREAD, .ns = w->ns, .addr = ip_from_v4(0)};
	struct fact route = {.kind = FACT_ROUTE, .ns = w->ns, .addr = f.addr};
	struct spread_spec spec = {0};

	for (size_t i = w->first_route; i < w->p->ret->count; i++)
		if (fact_key_cmp(&w->p->ret->items[i], &route) == 0)
			return;
	for (size_t i = 0; i < w->legs.gateways; i++)
		add_spread_hop(w, &spec, &w->legs.list[i]);
	f.spread = &spec;
	if (spec.count < 2)
		return;
	plan_add(w->p, &f, &w->router->row.id);
	w->spread = true;
}

/* What comes with the leg's addresses in the main table. */
static void add_connected(struct work *w, const struct leg *leg)
{
	const struct fixed_ip *f = leg->port->fixed_ips.items;

	for (uint32_t i = 0; i < leg->port->fixed_ips.count; i++) {
		const struct subnet *sub = leg_subnet(w->p->s, leg, &f[i]);

		if (sub && ip_is_v4(&f[i].ip_address))
			router_add_route(w, &sub->cidr, NULL, leg);
	}
}

static void add_table(struct work *w, const struct leg *leg)
{
	const struct cidr all = {ip_from_v4(0), 0, true};
	struct fact rule = {.kind = FACT_RULE, .ns = w->ns, .which = leg->number};

	w->way = leg->number;
	w->first_route = w->p->ret->count;
	for (size_t i = 0; i < w->legs.count; i++) {
		const struct leg *other = &w->legs.list[i];

		if (!other->up)
			continue;
		if (other == leg || !other->gateway)
			add_connected(w, other);
		router_add_own_paths(w, other);
	}
	router_add_extra_routes(w, leg);
	router_add_on_link_routes(w, leg);
	router_add_default_routes(w, leg);
	router_add_route(w, &all, NULL, NULL); /* unless there is one */
	plan_add(w->p, &rule, &w->router->row.id);
	w->way = 0;
}

void router_add_ways(struct work *w)
{
	for (size_t i = 0; i < w->legs.gateways; i++)
		if (w->legs.list[i].up)
			add_table(w, &w->legs.list[i]);
}
