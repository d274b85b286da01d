/* Address scopes of a router's legs: which of its networks may reach each other as they are.
 * A part of the router's unit; the rules are constant (rules.c). */
#include "plan/plan_int.h"

#include "model/scope.h"

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

void plan_scopes(struct planner *p, const struct router *r, sym ns, const struct legs *legs)
{
	struct uuid *scopes AUTO_FREE = xalloc(legs->count * sizeof(*scopes));
	struct fact f = {.kind = FACT_SCOPE, .ns = ns};
	bool any = false;

	for (size_t i = 0; i < legs->count; i++) {
		scopes[i] = network_scope(p->s, &legs->list[i].port->network_id, true);
		any = any || !uuid_is_null(&scopes[i]);
	}
	for (size_t i = 0; any && i < legs->count; i++) {
		if (!legs->list[i].up)
			continue;
		f.dev = legs->list[i].dev;
		f.value.num = number_of(scopes, i);
		plan_add(p, &f, &r->row.id);
	}
}

bool plan_scope_differs(const struct snap *was, const struct snap *is, const struct uuid *pool_id)
{
	const struct subnetpool *a = snap_get(was, KIND_SUBNETPOOL, pool_id);
	const struct subnetpool *b = snap_get(is, KIND_SUBNETPOOL, pool_id);

	return a && b && !uuid_eq(&a->address_scope_id, &b->address_scope_id);
}
