/* Floating IPs: the guard of each, and what a router does with an associated one.
 * The planner's most numerous unit: what they share is looked up once. */
#include "plan/plan_int.h"

#include <string.h>
#include <uthash.h>

/* The device on which a network's floating IPs are seen from outside. */
struct outlet {
	UT_hash_handle hh;
	struct uuid id; /* of the network */
	bool open;
	sym dev;
};

/* The leg by which a router's floating IPs leave. */
struct exit {
	UT_hash_handle hh;
	struct uuid id; /* of the router */
	bool open;
	struct uuid network_id;
	sym ns, dev;
	size_t count; /* claims, while plan_fips orders them */
};

/* A floating IP and the router that claims it. */
struct claim {
	struct exit *exit;
	const struct floatingip *fip;
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

/* The live leg at a router's gateway. */
static bool find_exit(const struct plan_input *in, const struct uuid *router_id, struct leg *ret)
{
	const struct router *r = snap_get(in->snap, KIND_ROUTER, router_id);

	return r && r->admin_state_up && router_gateway(in, r, ret) && ret->up;
}

bool fip_exit_differs(const struct plan_input *was, const struct plan_input *is, const struct uuid *router_id)
{
	struct leg a, b;
	bool had = find_exit(was, router_id, &a), has = find_exit(is, router_id, &b);

	if (!had || !has)
		return had != has;
	return !uuid_eq(&a.port->row.id, &b.port->row.id) ||
	       !uuid_eq(&a.port->network_id, &b.port->network_id);
}

static struct exit *get_exit(struct planner *p, const struct uuid *router_id)
{
	struct exit *e;
	struct leg leg;

	if (p->last_exit && uuid_eq(&p->last_exit->id, router_id))
		return p->last_exit;
	HASH_FIND(hh, p->exits, router_id, sizeof(*router_id), e);
	if (!e) {
		e = xalloc(sizeof(*e));
		e->id = *router_id;
		e->open = find_exit(p->in, router_id, &leg);
		if (e->open) {
			e->network_id = leg.port->network_id;
			e->ns = router_netns(p, router_id);
			e->dev = dev_sym(p, "qg-", &leg.port->row.id);
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

/* Guarded whether it is associated or not, and while a stranger answers for it too: that is how we learn
 * that the stranger has gone. Returns the router that claims it, NULL when none does. */
static struct exit *guard(struct planner *p, const struct floatingip *f)
{
	struct outlet *o = get_outlet(p, &f->floating_network_id);
	struct fact fact = {.kind = FACT_GUARD, .dev = o->dev, .addr = f->floating_ip_address};
	struct exit *e;

	if (!o->open || !ip_is_v4(&f->floating_ip_address))
		return NULL;
	plan_add(p, &fact, &f->row.id);
	if (uuid_is_null(&f->router_id) || !ip_is_v4(&f->fixed_ip_address) ||
	    in_conflict(p, o, &f->floating_ip_address))
		return NULL;
	e = get_exit(p, &f->router_id);
	return e->open && uuid_eq(&e->network_id, &f->floating_network_id) ? e : NULL;
}

static void add_claim(struct planner *p, const struct claim *c)
{
	struct fact nat = {.kind = FACT_NAT, .ns = c->exit->ns, .addr = c->fip->floating_ip_address};
	struct fact address = {.kind = FACT_ADDRESS,
			       .plen = 32,
			       .ns = c->exit->ns,
			       .dev = c->exit->dev,
			       .addr = c->fip->floating_ip_address};

	nat.value.ip = c->fip->fixed_ip_address;
	plan_add(p, &nat, &c->fip->row.id);
	address.value.num = ADDRESS_ANNOUNCE;
	plan_add(p, &address, &c->fip->row.id);
}

void plan_fip(struct planner *p, const struct floatingip *f)
{
	struct claim claim = {guard(p, f), f};

	if (claim.exit)
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

void plan_fips(struct planner *p)
{
	size_t room = snap_count(p->s, KIND_FLOATINGIP), n = 0;
	struct claim *claims AUTO_FREE = xalloc(room * sizeof(*claims));
	struct claim *ordered AUTO_FREE = xalloc(room * sizeof(*ordered));
	const struct floatingip *f;
	struct scan scan;

	for (f = scan_order(&scan, p->s, IX_FLOATINGIP_ADDRESS); f; f = scan_next(&scan)) {
		struct exit *e = guard(p, f);

		if (!e)
			continue;
		claims[n++] = (struct claim){e, f};
		e->count++;
	}
	assign_places(p);
	for (size_t i = 0; i < n; i++)
		ordered[claims[i].exit->count++] = claims[i];
	for (size_t i = 0; i < n; i++)
		add_claim(p, &ordered[i]);
}
