/* Floating IPs: the guard of each, and what a router does with an associated one.
 * The planner's most numerous unit: what they share is looked up once. */
#include "plan/plan_int.h"

#include <string.h>
#include <uthash.h>

#define FETCH_AHEAD 8

/* The device on which a network's floating IPs are seen from outside. */
struct outlet {
	UT_hash_handle hh;
	struct uuid id; /* of the network */
	bool open;
	sym dev;
};

/* The leg by which a router's floating IPs of one network leave. */
struct exit {
	UT_hash_handle hh;
	struct exit_id {
		struct uuid router, network;
	} id;
	bool open, host;
	uint16_t way;  /* FACT_RULE's; 0: the router has one only */
	uint32_t ways; /* all of the router's, as bits */
	sym ns, dev;
	struct leg leg;
	struct legs legs; /* owned; the express data path's only */
	size_t count;     /* claims, while plan_fips orders them */
};

/* A floating IP that a router claims. Its addresses are copied: the rows are far apart in memory, and coming
 * back to them in another order costs more than anything else here. */
struct claim {
	struct exit *exit;
	struct ip floating, fixed;
	struct rate_limit limits[LIMIT_DIRECTIONS];
	struct uuid row;
	const struct floatingip *fip;
	sym outlet;
	bool forwards; /* it is not associated: what its ports lead to are units of their own */
};

void fip_caches_done(struct planner *p)
{
	struct outlet *o, *next_outlet;
	struct exit *e, *next_exit;

	HASH_ITER (hh, p->outlets, o, next_outlet) {
		HASH_DEL(p->outlets, o);
		free(o);
	}
	HASH_ITER (hh, p->exits, e, next_exit) {
		HASH_DEL(p->exits, e);
		legs_done(&e->legs);
		free(e);
	}
}

static struct outlet *get_outlet(struct planner *p, const struct uuid *network_id)
{
	struct place place;
	struct outlet *o;

	if (p->last_outlet && uuid_eq(&p->last_outlet->id, network_id))
		return p->last_outlet;
	HASH_FIND(hh, p->outlets, network_id, sizeof(*network_id), o);
	if (!o) {
		place = place_of(p->in, snap_get(p->s, KIND_NETWORK, network_id));
		o = xalloc(sizeof(*o));
		o->id = *network_id;
		o->open = place.type != PLACE_NONE;
		if (o->open)
			o->dev = symtab_put(p->syms, place.device);
		HASH_ADD(hh, p->outlets, id, sizeof(o->id), o);
	}
	p->last_outlet = o;
	return o;
}

/* The legs at the gateways of a router that floating IPs may lead through; none otherwise. */
static struct legs find_exits(const struct plan_input *in, const struct uuid *router_id)
{
	const struct router *r = snap_get(in->snap, KIND_ROUTER, router_id);
	struct legs legs = {0};

	if (r && router_is_on(in, r))
		legs = router_gateway_legs(in, r);
	if (legs.count && legs.list[0].place.type == PLACE_HOST && !host_router_is_live(in, r))
		legs_done(&legs);
	return legs;
}

/* The live leg at a router's first gateway to the network that is up; *ret_way as in struct exit. */
static bool find_exit(const struct plan_input *in, const struct exit_id *id, struct leg *ret,
		      uint16_t *ret_way)
{
	AUTO_LEGS struct legs legs = find_exits(in, &id->router);

	for (size_t i = 0; i < legs.count; i++)
		if (legs.list[i].up && uuid_eq(&legs.list[i].port->network_id, &id->network)) {
			*ret = legs.list[i];
			*ret_way = legs_have_ways(&legs) ? ret->number : 0;
			return true;
		}
	return false;
}

static bool has_same_addresses(const struct port *a, const struct port *b)
{
	const struct fixed_ip *x = a->fixed_ips.items, *y = b->fixed_ips.items;

	if (a->fixed_ips.count != b->fixed_ips.count)
		return false;
	for (uint32_t i = 0; i < a->fixed_ips.count; i++)
		if (!ip_eq(&x[i].ip_address, &y[i].ip_address) || !uuid_eq(&x[i].subnet_id, &y[i].subnet_id))
			return false;
	return true;
}

/* What the express data path has of a leg at each floating IP. */
static bool is_same_leg(const struct leg *a, const struct leg *b)
{
	return uuid_eq(&a->port->row.id, &b->port->row.id) && a->up == b->up &&
	       !memcmp(&a->port->mac_address, &b->port->mac_address, sizeof(a->port->mac_address)) &&
	       has_same_addresses(a->port, b->port) &&
	       (!a->up || network_mtu(a->network) == network_mtu(b->network));
}

static bool legs_differ(const struct plan_input *was, const struct plan_input *is,
			const struct uuid *router_id)
{
	AUTO_LEGS struct legs a = router_legs(was, snap_get(was->snap, KIND_ROUTER, router_id));
	AUTO_LEGS struct legs b = router_legs(is, snap_get(is->snap, KIND_ROUTER, router_id));
	bool differ = a.count != b.count;

	for (size_t i = 0; !differ && i < a.count; i++)
		differ = !is_same_leg(&a.list[i], &b.list[i]);
	return differ;
}

static uint32_t ways_of(const struct plan_input *in, const struct uuid *router_id)
{
	AUTO_LEGS struct legs legs = find_exits(in, router_id);
	uint32_t ways = 0;

	for (size_t i = 0; i < legs.count; i++)
		if (legs.list[i].up)
			ways |= 1U << legs.list[i].number;
	return ways;
}

/* Those that are up, in their order. */
static size_t only_up(struct legs *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		if (l->list[i].up)
			l->list[n++] = l->list[i];
	return n;
}

bool fip_exit_differs(const struct plan_input *was, const struct plan_input *is, const struct uuid *router_id)
{
	AUTO_LEGS struct legs a = find_exits(was, router_id), b = find_exits(is, router_id);
	size_t count = only_up(&a);

	if (count != only_up(&b))
		return true;
	for (size_t i = 0; i < count; i++)
		if (!uuid_eq(&a.list[i].port->row.id, &b.list[i].port->row.id) ||
		    !uuid_eq(&a.list[i].port->network_id, &b.list[i].port->network_id) ||
		    a.list[i].number != b.list[i].number)
			return true;
	return count && is_express(is) && a.list[0].place.type != PLACE_HOST &&
	       legs_differ(was, is, router_id);
}

static struct exit *get_exit(struct planner *p, const struct uuid *router_id, const struct uuid *network_id)
{
	const struct exit_id id = {*router_id, *network_id};
	struct exit *e;

	if (p->last_exit && memcmp(&p->last_exit->id, &id, sizeof(id)) == 0)
		return p->last_exit;
	HASH_FIND(hh, p->exits, &id, sizeof(id), e);
	if (!e) {
		e = xalloc(sizeof(*e));
		e->id = id;
		e->open = find_exit(p->in, &id, &e->leg, &e->way);
		e->ways = e->way ? ways_of(p->in, router_id) : 0;
		if (e->open) {
			e->host = e->leg.place.type == PLACE_HOST;
			e->ns = e->host ? 0 : router_netns(p, router_id);
			e->dev = e->host ? symtab_put(p->syms, e->leg.place.device)
					 : dev_sym(p, "qg-", &e->leg.port->row.id);
			if (is_express(p->in) && !e->host)
				e->legs = router_legs(p->in, snap_get(p->s, KIND_ROUTER, router_id));
		}
		HASH_ADD(hh, p->exits, id, sizeof(e->id), e);
	}
	p->last_exit = e;
	return e;
}

bool fip_in_conflict(const struct plan_input *in, const char *device, const struct ip *addr)
{
	struct fact key = {.kind = FACT_GUARD, .addr = *addr};

	if (!in->conflicts || !in->conflicts->count)
		return false;
	key.dev = symtab_put(in->conflicts->syms, device);
	return facts_find(in->conflicts, &key);
}

static bool in_conflict(const struct planner *p, const struct outlet *o, const struct ip *addr)
{
	struct fact key = {.kind = FACT_GUARD, .dev = o->dev, .addr = *addr};

	return p->in->conflicts && p->in->conflicts->count && facts_find(p->in->conflicts, &key);
}

/* --- limits --- */

/* The kernel merges TCP segments to packets of this size on their way: a bucket that holds less would never
 * let one through. */
#define LARGEST_PACKET_KBIT (65536 * 8 / 1000 + 1)
/* 100 Gbit/s. Faster than any machine forwards, and nftables refuses what does not fit its arithmetic. */
#define NO_LIMIT_KBPS 100000000
/* nftables counts the burst in 32 bits of bytes. */
#define MOST_BURST_KBIT (UINT32_MAX / 125)

static struct rate_limit limit_of(const struct qos_rule *rule)
{
	int64_t rate = rule->max_kbps, burst = rule->max_burst_kbps;

	if (rate <= 0 || rate > NO_LIMIT_KBPS)
		return (struct rate_limit){0};
	if (burst == 0)
		burst = rate * 8 / 10; /* Neutron's default, for TCP */
	burst = MIN(MAX(burst, (int64_t)LARGEST_PACKET_KBIT), (int64_t)MOST_BURST_KBIT);
	return (struct rate_limit){(uint32_t)rate, (uint32_t)burst};
}

void plan_policy_limits(const struct snap *s, const struct uuid *policy_id,
			struct rate_limit ret[LIMIT_DIRECTIONS])
{
	const struct qos_rule *rule;
	struct scan scan;

	memset(ret, 0, LIMIT_DIRECTIONS * sizeof(*ret));
	if (uuid_is_null(policy_id))
		return;
	for (rule = scan_index(&scan, s, IX_RULE_POLICY, policy_id, NULL); rule; rule = scan_next(&scan))
		ret[strcmp(rule->direction, "ingress") == 0 ? LIMIT_IN : LIMIT_OUT] = limit_of(rule);
}

void plan_fip_limits(const struct snap *s, const struct floatingip *f,
		     struct rate_limit ret[LIMIT_DIRECTIONS])
{
	plan_policy_limits(s, &f->qos_policy_id, ret);
}

/* nftables' bucket holds a second of the rate at the least. */
static void add_limits(struct planner *p, sym ns, const struct ip *address,
		       const struct rate_limit limits[LIMIT_DIRECTIONS], const struct uuid *row)
{
	struct fact f = {.kind = FACT_LIMIT, .ns = ns, .addr = *address};

	for (f.which = 0; f.which < LIMIT_DIRECTIONS; f.which++) {
		f.limit = limits[f.which];
		f.limit.burst_kbit = MAX(f.limit.burst_kbit, f.limit.rate_kbps);
		if (f.limit.rate_kbps)
			plan_add(p, &f, row);
	}
}

static void add_claim_limits(struct planner *p, const struct claim *c)
{
	add_limits(p, c->exit->ns, &c->floating, c->limits, &c->row);
}

/* --- one --- */

/* A router that has it, but no port. */
static bool has_forwardings(const struct floatingip *f)
{
	return uuid_is_null(&f->port_id) && ip_is_null(&f->fixed_ip_address) && !uuid_is_null(&f->router_id);
}

/* Whether a router claims it, which has its open outlet. */
static bool is_claimed(struct planner *p, const struct floatingip *f, struct outlet *o, struct claim *ret)
{
	struct exit *e;

	if (uuid_is_null(&f->router_id) || (!ip_is_v4(&f->fixed_ip_address) && !has_forwardings(f)) ||
	    in_conflict(p, o, &f->floating_ip_address))
		return false;
	e = get_exit(p, &f->router_id, &f->floating_network_id);
	if (!e->open)
		return false;
	*ret = (struct claim){.exit = e,
			      .floating = f->floating_ip_address,
			      .fixed = f->fixed_ip_address,
			      .row = f->row.id,
			      .fip = f,
			      .outlet = o->dev,
			      .forwards = has_forwardings(f)};
	plan_fip_limits(p->s, f, ret->limits);
	return true;
}

void plan_gateway_limits(struct planner *p, sym ns, const struct ip *address, const struct uuid *policy_id,
			 const struct uuid *row)
{
	struct rate_limit limits[LIMIT_DIRECTIONS];

	plan_policy_limits(p->s, policy_id, limits);
	add_limits(p, ns, address, limits, row);
}

/* Ports lead to several instances: such a floating IP is left to the router, with its connections. */
static bool is_express_claim(const struct planner *p, const struct claim *c)
{
	return is_express(p->in) && !c->exit->host && !c->forwards;
}

/* By which way the fixed IP leaves: the express data path's programs know it by themselves, and what leads to
 * several of them leaves by the way that it came. */
static void add_way(struct planner *p, const struct claim *c)
{
	struct fact f = {.kind = FACT_WAY, .ns = c->exit->ns, .addr = c->fixed};

	f.value.num = c->exit->way;
	if (f.value.num && !c->forwards && !is_express_claim(p, c))
		plan_add(p, &f, &c->row);
}

/* Guarded whether it is associated or not, and while a stranger answers for it too: that is how we learn
 * that the stranger has gone. Returns whether a router claims it. */
static bool guard(struct planner *p, const struct floatingip *f, struct claim *ret)
{
	struct outlet *o = get_outlet(p, &f->floating_network_id);
	struct fact fact = {.kind = FACT_GUARD, .dev = o->dev, .addr = f->floating_ip_address};

	if (!o->open || !ip_is_v4(&f->floating_ip_address))
		return false;
	plan_add(p, &fact, &f->row.id);
	return is_claimed(p, f, o, ret);
}

bool fip_forwards(struct planner *p, const struct floatingip *f, sym *ret)
{
	struct outlet *o = get_outlet(p, &f->floating_network_id);
	struct claim claim;

	if (!has_forwardings(f) || !o->open || !ip_is_v4(&f->floating_ip_address) ||
	    !is_claimed(p, f, o, &claim))
		return false;
	*ret = claim.exit->ns;
	return true;
}

/* Where the forwardings of a floating IP are. */
struct forwarder {
	bool is, host;
	struct uuid router_id;
	struct ip addr;
};

static struct forwarder forwarder_of(const struct plan_input *in, const struct floatingip *f)
{
	struct exit_id id;
	struct place place;
	struct leg leg;
	uint16_t way;

	if (!f || !has_forwardings(f) || !ip_is_v4(&f->floating_ip_address))
		return (struct forwarder){0};
	id = (struct exit_id){f->router_id, f->floating_network_id};
	if (!find_exit(in, &id, &leg, &way))
		return (struct forwarder){0};
	place = place_of(in, snap_get(in->snap, KIND_NETWORK, &f->floating_network_id));
	if (place.type == PLACE_NONE || fip_in_conflict(in, place.device, &f->floating_ip_address))
		return (struct forwarder){0};
	return (struct forwarder){true, leg.place.type == PLACE_HOST, f->router_id, f->floating_ip_address};
}

bool fip_forwards_differ(const struct plan_input *was, const struct plan_input *is, const struct uuid *id)
{
	struct forwarder a = forwarder_of(was, snap_get(was->snap, KIND_FLOATINGIP, id));
	struct forwarder b = forwarder_of(is, snap_get(is->snap, KIND_FLOATINGIP, id));

	return a.is != b.is || a.host != b.host || !uuid_eq(&a.router_id, &b.router_id) ||
	       !ip_eq(&a.addr, &b.addr);
}

bool fip_forwards_at(const struct plan_input *in, const struct uuid *router_id, const struct ip *addr)
{
	const struct floatingip *f;
	struct scan scan;

	for (f = scan_index(&scan, in->snap, IX_FLOATINGIP_ADDRESS, addr, NULL); f; f = scan_next(&scan))
		if (uuid_eq(&f->router_id, router_id) && forwarder_of(in, f).is)
			return true;
	return false;
}

static void add_nat(struct planner *p, const struct claim *c)
{
	struct fact f = {.kind = FACT_NAT, .ns = c->exit->ns, .addr = c->floating};

	if (!c->forwards)
		f.value.ip = c->fixed;
	plan_add(p, &f, &c->row);
}

static void add_address(struct planner *p, const struct claim *c)
{
	struct fact f = {.kind = FACT_ADDRESS, .ns = c->exit->ns, .dev = c->exit->dev, .addr = c->floating};

	f.plen = 32;
	f.value.num = ADDRESS_ANNOUNCE | (c->exit->host ? ADDRESS_LINK | ADDRESS_FLOATING : 0);
	plan_add(p, &f, &c->row);
}

/* --- the express data path --- */

/* Instances do not send past the router to an address that it has itself. */
static void add_own_path(struct planner *p, const struct claim *c)
{
	struct fact f = {.kind = FACT_PATH, .ns = c->exit->ns, .addr = c->floating, .plen = 32};

	if (!is_express(p->in) || c->exit->host)
		return;
	if (!c->exit->ways)
		plan_add(p, &f, &c->row);
	for (f.which = 1; f.which <= ROUTER_GATEWAYS_MAX; f.which++)
		if (c->exit->ways & 1U << f.which)
			plan_add(p, &f, &c->row);
}

/* The router's inside leg that the fixed IP is behind; NULL when none is up. The address need not be one of
 * the port's own: it may be allowed there. */
static const struct leg *inside_leg(const struct planner *p, const struct exit *e, const struct port *port,
				    const struct ip *fixed)
{
	for (size_t l = 0; l < e->legs.count; l++) {
		const struct leg *leg = &e->legs.list[l];
		const struct fixed_ip *its = leg->port->fixed_ips.items;

		if (!leg->up || leg->gateway || !uuid_eq(&leg->port->network_id, &port->network_id))
			continue;
		for (uint32_t i = 0; i < leg->port->fixed_ips.count; i++) {
			const struct subnet *sub = leg_subnet(p->s, leg, &its[i]);

			if (sub && cidr_has(&sub->cidr, fixed))
				return leg;
		}
	}
	return NULL;
}

static struct ip first_v4(const struct port *port)
{
	const struct fixed_ip *ip = port->fixed_ips.items;

	for (uint32_t i = 0; i < port->fixed_ips.count; i++)
		if (ip_is_v4(&ip[i].ip_address))
			return ip[i].ip_address;
	return (struct ip){{0}};
}

static uint16_t mtu16(const struct network *n)
{
	return (uint16_t)MIN(network_mtu(n), (uint32_t)UINT16_MAX);
}

static void add_express(struct planner *p, const struct claim *c)
{
	const struct port *port = snap_get(p->s, KIND_PORT, &c->fip->port_id);
	const struct leg *out = &c->exit->leg, *leg = port ? inside_leg(p, c->exit, port, &c->fixed) : NULL;
	struct express_spec spec = {
		.ns = c->exit->ns,
		.out = c->exit->dev,
		.fixed = c->fixed,
		.gateway = first_v4(out->port),
		.outer = out->port->mac_address,
		.mtu_in = mtu16(out->network),
		.mtu_out = mtu16(out->network),
		.way = c->exit->way,
	};
	struct fact f = {.kind = FACT_EXPRESS, .dev = c->outlet, .addr = c->floating, .express = &spec};

	memcpy(spec.limits, c->limits, sizeof(spec.limits));
	if (leg) {
		spec.leg = dev_sym(p, "qr-", &leg->port->row.id);
		spec.tap = port_tap(p, port);
		spec.inner = leg->port->mac_address;
		spec.mtu_in = mtu16(leg->network);
	}
	plan_add(p, &f, &c->row);
}

/* What makes the router answer for the address: in the express data path its programs do. */
static void add_claim(struct planner *p, const struct claim *c)
{
	if (is_express_claim(p, c)) {
		add_express(p, c);
		return;
	}
	add_address(p, c);
	if (c->forwards)
		add_own_path(p, c);
}

void plan_fip(struct planner *p, const struct floatingip *f)
{
	struct claim claim;

	if (!guard(p, f, &claim))
		return;
	add_claim_limits(p, &claim);
	add_way(p, &claim);
	add_nat(p, &claim);
	add_claim(p, &claim);
}

/* --- all of them --- */

static int cmp_exit(const void *a, const void *b)
{
	const struct exit *x = *(const struct exit *const *)a, *y = *(const struct exit *const *)b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

/* Turns each router's count into the place of its first claim, routers in the order of their facts. */
static void assign_places(struct planner *p)
{
	size_t n = HASH_COUNT(p->exits), i = 0, at = 0;
	struct exit **list AUTO_FREE = xalloc(n * sizeof(struct exit *)), *e, *next;

	HASH_ITER (hh, p->exits, e, next)
		list[i++] = e;
	if (n > 1)
		qsort(list, n, sizeof(struct exit *), cmp_exit);
	for (i = 0; i < n; i++) {
		size_t count = list[i]->count;

		list[i]->count = at;
		at += count;
	}
}

/* Asks for a row's memory some rows before it is read. */
static void fetch(const struct floatingip *f)
{
	for (size_t at = 0; at < sizeof(*f); at += 64)
		__builtin_prefetch((const char *)f + at);
}

/* Guards in the order of addresses. Returns the claims, in the same order. */
static struct claim *plan_guards(struct planner *p, size_t *ret_count)
{
	size_t room = snap_count(p->s, KIND_FLOATINGIP), n = 0;
	const struct floatingip **fips AUTO_FREE = xalloc(room * sizeof(*fips)), *f;
	struct claim *claims = xalloc(room * sizeof(*claims));
	struct scan scan;

	for (f = scan_order(&scan, p->s, IX_FLOATINGIP_ADDRESS); f; f = scan_next(&scan))
		fips[n++] = f;
	*ret_count = 0;
	for (size_t i = 0; i < n; i++) {
		if (i + FETCH_AHEAD < n)
			fetch(fips[i + FETCH_AHEAD]);
		if (guard(p, fips[i], &claims[*ret_count]))
			claims[(*ret_count)++].exit->count++;
	}
	return claims;
}

void plan_fips(struct planner *p)
{
	size_t n;
	struct claim *claims AUTO_FREE = plan_guards(p, &n);
	struct claim **ordered AUTO_FREE = xalloc(n * sizeof(*ordered));

	assign_places(p);
	for (size_t i = 0; i < n; i++)
		ordered[claims[i].exit->count++] = &claims[i];
	for (size_t i = 0; i < n; i++)
		add_claim_limits(p, ordered[i]);
	for (size_t i = 0; i < n; i++)
		add_way(p, ordered[i]);
	for (size_t i = 0; i < n; i++)
		add_nat(p, ordered[i]);
	for (size_t i = 0; i < n; i++)
		add_claim(p, ordered[i]);
}
