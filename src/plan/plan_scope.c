/* Address scopes of a router's legs: which of its networks may reach each other as they are.
 * A part of the router's unit; the rules are constant (rules.c). */
#include "plan/plan_int.h"

#include "model/scope.h"
#include "plan/rules.h"

/* Legs of one scope have one number: the place of the first of them, counted from 2. */
static uint32_t number_of(const struct uuid *scopes, size_t at)
{
	size_t first = 0;

	if (uuid_is_null(&scopes[at]))
		return 1;
	while (!uuid_eq(&scopes[first], &scopes[at]))
		first++;
	return (uint32_t)first + 2;
}

/* IPv4's rules are in every router's table; IPv6 has a table for this alone. */
static void add_table(struct planner *p, const struct router *r, sym ns)
{
	struct fact f = {.kind = FACT_TABLE, .ns = ns, .which = FACT_IPV6};

	f.value.num = rules_hash(&rules_scopes6);
	plan_add(p, &f, &r->row.id);
}

static void plan_family(struct planner *p, const struct router *r, sym ns, const struct legs *legs,
			enum fact_family family)
{
	struct uuid *scopes AUTO_FREE = xalloc(legs->count * sizeof(*scopes));
	struct fact f = {.kind = FACT_SCOPE, .ns = ns, .which = (uint16_t)family};
	bool any = false;

	for (size_t i = 0; i < legs->count; i++) {
		scopes[i] = network_scope(p->s, &legs->list[i].port->network_id, family == FACT_IPV4);
		any = any || !uuid_is_null(&scopes[i]);
	}
	if (any && family == FACT_IPV6)
		add_table(p, r, ns);
	for (size_t i = 0; any && i < legs->count; i++) {
		if (!legs->list[i].up)
			continue;
		f.dev = legs->list[i].dev;
		f.value.num = number_of(scopes, i);
		plan_add(p, &f, &r->row.id);
	}
}

void plan_scopes(struct planner *p, const struct router *r, sym ns, const struct legs *legs)
{
	plan_family(p, r, ns, legs, FACT_IPV4);
	plan_family(p, r, ns, legs, FACT_IPV6);
}

bool plan_scope_differs(const struct snap *was, const struct snap *is, const struct uuid *pool_id)
{
	const struct subnetpool *a = snap_get(was, KIND_SUBNETPOOL, pool_id);
	const struct subnetpool *b = snap_get(is, KIND_SUBNETPOOL, pool_id);

	const struct uuid none = {{0}};

	return !uuid_eq(a ? &a->address_scope_id : &none, b ? &b->address_scope_id : &none);
}
