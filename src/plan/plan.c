/* The planner's calls: everything, or what a few touched rows make different.
 * Between a snapshot and the facts that the kernel is to hold. */
#include "plan/plan.h"

#include <stdio.h>
#include <string.h>

#include "plan/plan_int.h"

void planner_init(struct planner *p, const struct plan_input *in, struct facts *ret)
{
	*p = (struct planner){.in = in, .s = in->snap, .ret = ret, .syms = ret->syms};
}

void planner_done(struct planner *p)
{
	free(p->taps);
	free(p->tap_networks);
	fip_caches_done(p);
	*p = (struct planner){0};
}

char *dev_name(const char *prefix, const struct uuid *id, char out[DEV_TEXT])
{
	char text[UUID_TEXT];

	snprintf(out, DEV_TEXT, "%s%.11s", prefix, uuid_print(id, text));
	return out;
}

sym dev_sym(struct planner *p, const char *prefix, const struct uuid *id)
{
	char name[DEV_TEXT];

	return symtab_put(p->syms, dev_name(prefix, id, name));
}

struct fact *plan_add(struct planner *p, const struct fact *fact, const struct uuid *row)
{
	struct fact *f = facts_add(p->ret, fact);

	f->row = *row;
	return f;
}

/* After each unit: what is not of the place goes. Within one, facts are made with an eye to those before. */
static void keep_place(struct planner *p)
{
	struct facts *f = p->ret;

	for (size_t i = p->kept; p->one_place && i < f->count; i++)
		if (fact_place(&f->items[i]) == p->place)
			f->items[p->kept++] = f->items[i];
	if (p->one_place)
		f->count = p->kept;
}

static void plan_with(struct planner *p)
{
	const void *row;
	struct scan scan;

	for (row = scan_kind(&scan, p->s, KIND_ROUTER, NULL); row; row = scan_next(&scan)) {
		plan_router(p, row);
		keep_place(p);
	}
	for (row = scan_kind(&scan, p->s, KIND_NETWORK, NULL); row; row = scan_next(&scan))
		plan_network(p, row);
	plan_taps(p);
	keep_place(p);
	plan_fips(p);
	for (row = scan_kind(&scan, p->s, KIND_PORT_FORWARDING, NULL); row; row = scan_next(&scan))
		plan_forward(p, row);
	keep_place(p);
}

void plan_everything(const struct plan_input *in, struct facts *ret)
{
	AUTO_PLANNER struct planner p;

	planner_init(&p, in, ret);
	plan_with(&p);
}

bool plan_router_in_host(const struct plan_input *in, const struct router *r)
{
	return router_is_host(in, r);
}

/* Paths are kept in a map of the host's, whosever they are. */
sym fact_place(const struct fact *f)
{
	return f->kind == FACT_PATH ? 0 : f->ns;
}

static void plan_fip_of_router(struct planner *p, const struct floatingip *f)
{
	const struct port_forwarding *pf;
	struct scan scan;

	plan_fip(p, f);
	for (pf = scan_index(&scan, p->s, IX_FORWARDING_FIP, &f->row.id, NULL); pf; pf = scan_next(&scan))
		plan_forward(p, pf);
}

void plan_place(const struct plan_input *in, const struct uuid *router_id, struct facts *ret)
{
	AUTO_PLANNER struct planner p;
	const struct router *r = router_id ? snap_get(in->snap, KIND_ROUTER, router_id) : NULL;
	const struct floatingip *f;
	struct scan scan;

	planner_init(&p, in, ret);
	p.one_place = true;
	p.kept = ret->count;
	p.place = router_id ? router_netns(&p, router_id) : 0;
	if (!router_id)
		plan_with(&p);
	if (r)
		plan_router(&p, r);
	for (f = r ? scan_index(&scan, p.s, IX_FLOATINGIP_ROUTER, router_id, NULL) : NULL; f;
	     f = scan_next(&scan))
		plan_fip_of_router(&p, f);
	keep_place(&p);
	facts_sort(ret);
}

void plan_all(const struct plan_input *in, struct facts *ret)
{
	plan_everything(in, ret);
	facts_sort(ret);
}

static void plan_units(const struct plan_input *in, const struct units *units, struct facts *ret)
{
	AUTO_PLANNER struct planner p;

	planner_init(&p, in, ret);
	for (size_t i = 0; i < units->count; i++)
		plan_unit(&p, &units->list[i]);
	facts_sort(ret);
}

void plan_delta(const struct plan_input *was, const struct plan_input *is, const struct plan_touch *touched,
		size_t count, struct facts *ret_was, struct facts *ret_is)
{
	AUTO_UNITS struct units units = {0};

	units_collect(&units, was, is, touched, count);
	plan_units(was, &units, ret_was);
	plan_units(is, &units, ret_is);
}
