/* Routers that are the host itself: the planner's facts in the host's own namespace (nova-network's mode).
 * Called by plan_router for a router whose way out is the host's own interface. */
#include "plan/plan_int.h"

#include "model/scope.h"

#include <stdio.h>
#include <string.h>

bool node_is_router(const struct plan_node *node)
{
	for (size_t i = 0; i < node->physical_count; i++)
		if (node->physical[i].type == PHYSICAL_HOST)
			return true;
	return false;
}

bool router_is_host(const struct plan_input *in, const struct router *r)
{
	struct leg leg;

	return node_is_router(in->node) && router_gateway(in, r, &leg) && leg.place.type == PLACE_HOST;
}

/* --- legs --- */

/* Only what is private may come into the host's own routing table: it must not be led astray by what somebody
 * calls a network. */
static bool is_private(const struct cidr *c)
{
	static const struct {
		uint32_t addr;
		uint8_t len;
	} ranges[] = {{0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}, {0x64400000, 10}};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct cidr range = {ip_from_v4(ranges[i].addr), ranges[i].len, true};

		if (ip_is_v4(&c->addr) && c->len >= range.len && cidr_has(&range, &c->addr))
			return true;
	}
	return false;
}

/* The next IPv4 subnet of the leg; *at starts at 0. */
static const struct subnet *next_subnet(const struct plan_input *in, const struct leg *leg, uint32_t *at,
					const struct ip **ret_address)
{
	const struct fixed_ip *ip = leg->port->fixed_ips.items;

	while (*at < leg->port->fixed_ips.count) {
		const struct fixed_ip *f = &ip[(*at)++];
		const struct subnet *sub = leg_subnet(in->snap, leg, f);

		if (!sub || !ip_is_v4(&f->ip_address))
			continue;
		if (ret_address)
			*ret_address = &f->ip_address;
		return sub;
	}
	return NULL;
}

void host_leg_explain(const struct plan_input *in, const struct leg *gateway, const struct leg *leg,
		      struct buf *why)
{
	struct uuid scope = network_scope(in->snap, &leg->port->network_id, true);
	const struct subnet *sub;
	char text[CIDR_TEXT];
	uint32_t at = 0;

	if (!uuid_is_null(&scope)) {
		buf_puts(why, "the host itself routes here, which keeps no address scopes apart");
		return;
	}
	if (leg->place.type != PLACE_OWN && leg->place.type != PLACE_BRIDGE) {
		buf_printf(why, "the host itself routes here, for which %s would have to be a bridge",
			   leg->place.device);
		return;
	}
	if (strcmp(leg->place.device, gateway->place.device) == 0) {
		buf_printf(why, "%s is the host's way out already", leg->place.device);
		return;
	}
	while (leg->place.type == PLACE_OWN && (sub = next_subnet(in, leg, &at, NULL)))
		if (!is_private(&sub->cidr)) {
			buf_printf(why, "the host itself routes here, and %s is no private range",
				   cidr_print(&sub->cidr, text));
			return;
		}
}

static bool is_inside(const struct plan_input *in, const struct leg *gateway, const struct leg *leg)
{
	AUTO_BUF struct buf why = {0};

	if (leg->gateway || !leg->up)
		return false;
	host_leg_explain(in, gateway, leg, &why);
	return !why.len;
}

/* --- routers in each other's way --- */

/* Who was there first stays. */
static bool is_before(const struct port *a, const struct port *b)
{
	if (a->row.created_at != b->row.created_at)
		return a->row.created_at < b->row.created_at;
	return uuid_cmp(&a->row.id, &b->row.id) < 0;
}

static bool overlap(const struct plan_input *in, const struct leg *a, const struct leg *b)
{
	const struct subnet *x, *y;
	uint32_t i = 0;

	if (strcmp(a->place.device, b->place.device) == 0)
		return true;
	while ((x = next_subnet(in, a, &i, NULL))) {
		uint32_t j = 0;

		while ((y = next_subnet(in, b, &j, NULL)))
			if (cidr_has(&x->cidr, &y->cidr.addr) || cidr_has(&y->cidr, &x->cidr.addr))
				return true;
	}
	return false;
}

/* The other router's leg that is in the way of one of these. */
static const struct leg *in_the_way(const struct plan_input *in, const struct legs *mine,
				    const struct legs *other)
{
	for (size_t i = 1; i < mine->count; i++)
		for (size_t j = 1; j < other->count; j++) {
			const struct leg *a = &mine->list[i], *b = &other->list[j];

			if (is_inside(in, mine->list, a) && is_inside(in, other->list, b) &&
			    is_before(b->port, a->port) && overlap(in, a, b))
				return b;
		}
	return NULL;
}

void host_router_explain(const struct plan_input *in, const struct router *r, struct buf *why)
{
	AUTO_LEGS struct legs mine = router_legs(in, r);
	const struct router *other;
	char id[UUID_TEXT];
	struct scan scan;

	for (other = scan_kind(&scan, in->snap, KIND_ROUTER, NULL); other && !why->len;
	     other = scan_next(&scan)) {
		AUTO_LEGS struct legs legs = {0};

		if (other == r || !router_is_on(in, other) || !router_is_host(in, other))
			continue;
		legs = router_legs(in, other);
		if (in_the_way(in, &mine, &legs))
			buf_printf(why, "the host is router %s too, whose inside network has these addresses",
				   other->name && other->name[0] ? other->name
								 : uuid_print(&other->row.id, id));
	}
}

bool host_router_is_live(const struct plan_input *in, const struct router *r)
{
	AUTO_BUF struct buf why = {0};
	struct leg gateway;

	if (!router_is_on(in, r) || !router_gateway(in, r, &gateway) || !gateway.up ||
	    gateway.place.type != PLACE_HOST)
		return false;
	host_router_explain(in, r, &why);
	return !why.len;
}

/* --- facts --- */

/* Which router's facts include what all of them share: the first one's. */
static bool is_first(struct planner *p, const struct router *r)
{
	const struct router *other;
	struct scan scan;

	if (!p->host_first_known)
		for (other = scan_kind(&scan, p->s, KIND_ROUTER, NULL); other; other = scan_next(&scan))
			if (router_is_host(p->in, other) && host_router_is_live(p->in, other)) {
				p->host_first = other->row.id;
				break;
			}
	p->host_first_known = true;
	return uuid_eq(&p->host_first, &r->row.id);
}

static void add_shared(struct planner *p, const struct router *r)
{
	struct fact table = {.kind = FACT_TABLE}, forward = {.kind = FACT_SYSCTL};

	table.value.num = p->in->node->host_table_hash;
	plan_add(p, &table, &r->row.id);
	forward.which = SYSCTL_IP_FORWARD;
	forward.value.num = 1;
	plan_add(p, &forward, &r->row.id);
	plan_metadata(p, 0, r);
}

/* The gateway's own addresses, when it has any, are like floating IPs to the host. Returns the first. */
static struct ip add_outside(struct planner *p, const struct leg *leg)
{
	struct fact f = {.kind = FACT_ADDRESS, .dev = symtab_put(p->syms, leg->place.device), .plen = 32};
	struct ip first = ip_from_v4(0);
	const struct ip *address;
	uint32_t at = 0;

	while (next_subnet(p->in, leg, &at, &address)) {
		f.addr = *address;
		f.value.num = ADDRESS_ANNOUNCE | ADDRESS_LINK;
		plan_add(p, &f, &leg->port->row.id);
		if (ip_to_v4(&first) == 0)
			first = *address;
	}
	return first;
}

/* A bridge that somebody else made has the host's address already. */
static void add_inside(struct planner *p, const struct leg *leg)
{
	struct fact f = {.kind = FACT_ADDRESS, .dev = symtab_put(p->syms, leg->place.device)};
	const struct ip *address;
	const struct subnet *sub;
	uint32_t at = 0;

	while (leg->place.type == PLACE_OWN && (sub = next_subnet(p->in, leg, &at, &address))) {
		f.addr = *address;
		f.plen = sub->cidr.len;
		f.value.num = ADDRESS_ANNOUNCE;
		plan_add(p, &f, &leg->port->row.id);
	}
}

/* Two legs may be on one bridge, when its network has two subnets. */
static bool has_device(const struct plan_input *in, const struct legs *legs, size_t before)
{
	for (size_t i = 1; i < before; i++)
		if (strcmp(legs->list[i].place.device, legs->list[before].place.device) == 0 &&
		    is_inside(in, legs->list, &legs->list[i]))
			return true;
	return false;
}

void plan_host_router(struct planner *p, const struct router *r)
{
	AUTO_LEGS struct legs legs = router_legs(p->in, r);
	struct fact gateway = {.kind = FACT_GATEWAY};
	struct ip source;

	if (!host_router_is_live(p->in, r))
		return;
	if (is_first(p, r))
		add_shared(p, r);
	source = add_outside(p, &legs.list[0]);
	gateway.value.dev = symtab_put(p->syms, legs.list[0].place.device);
	if (r->external_gateway_info.enable_snat)
		gateway.value.ip = source;
	/* The host's own address is not Buoy's to limit (plan_impossible.c). */
	if (ip_to_v4(&source))
		plan_gateway_limits(p, 0, &source, &r->external_gateway_info.qos_policy_id, &r->row.id);
	for (size_t i = 1; i < legs.count; i++) {
		if (!is_inside(p->in, legs.list, &legs.list[i]))
			continue;
		add_inside(p, &legs.list[i]);
		gateway.dev = symtab_put(p->syms, legs.list[i].place.device);
		if (!has_device(p->in, &legs, i))
			plan_add(p, &gateway, &r->row.id);
	}
}
