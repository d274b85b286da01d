/* Reading back, place by place: planned, observed, compared, put right.
 * Beside agent.c, which compares everything when something has gone wrong. */
#include "daemon/agent_verify.h"
#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_LINES 10

void agent_verify_init(struct agent_verify *v, int64_t round_us)
{
	*v = (struct agent_verify){.round_us = round_us, .next_us = round_us ? 0 : INT64_MAX, .first = true};
}

void agent_verify_done(struct agent_verify *v)
{
	free(v->routers);
	*v = (struct agent_verify){0};
}

int64_t agent_verify_next(const struct agent_verify *v)
{
	return v->round_us ? v->next_us : INT64_MAX;
}

/* --- what is known --- */

static size_t find_slot(const struct agent_verify *v, const struct uuid *router)
{
	size_t low = 0, high = v->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (uuid_cmp(&v->routers[middle].router, router) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void set_router(struct agent_verify *v, const struct uuid *router, uint64_t revision, int64_t wall_us)
{
	size_t at = find_slot(v, router);

	if (at == v->count || !uuid_eq(&v->routers[at].router, router)) {
		if (v->count == v->cap) {
			v->cap = MAX(2 * v->cap, (size_t)16);
			v->routers = xrealloc(v->routers, v->cap * sizeof(*v->routers));
		}
		memmove(&v->routers[at + 1], &v->routers[at], (v->count - at) * sizeof(*v->routers));
		v->count++;
	}
	v->routers[at] = (struct node_verified){*router, revision, wall_us};
	v->changed = true;
}

/* Once a round: routers that are no more. */
static void forget_gone(struct agent_verify *v, const struct snap *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->count; i++)
		if (snap_get(s, KIND_ROUTER, &v->routers[i].router))
			v->routers[kept++] = v->routers[i];
	v->changed |= kept != v->count;
	v->count = kept;
}

/* A router is seen right with its namespace and with what of it is in the host: the older of the two counts.
 * One without a namespace is in the host altogether. */
static void seen_right(struct agent_verify *v, const struct agent *a, const struct uuid *router,
		       int64_t wall_us)
{
	struct plan_input in = agent_input(a);
	const struct router *r;
	struct scan scan;

	if (router && v->host_us) {
		set_router(v, router, MIN(a->follow.snap->revision, v->host_revision),
			   MIN(wall_us, v->host_us));
		return;
	}
	if (router)
		return;
	v->host_us = wall_us;
	v->host_revision = a->follow.snap->revision;
	forget_gone(v, a->follow.snap);
	for (r = scan_kind(&scan, a->follow.snap, KIND_ROUTER, NULL); r; r = scan_next(&scan))
		if (plan_router_in_host(&in, r))
			set_router(v, &r->row.id, a->follow.snap->revision, wall_us);
}

void agent_verify_all(struct agent_verify *v, const struct agent *a, int64_t wall_us)
{
	const struct router *r;
	struct scan scan;

	if (!v->round_us)
		return;
	seen_right(v, a, NULL, wall_us);
	for (r = scan_kind(&scan, a->follow.snap, KIND_ROUTER, NULL); r; r = scan_next(&scan))
		seen_right(v, a, &r->row.id, wall_us);
}

/* --- one place --- */

static void tell(const struct agent *a, const struct changes *changes, void (*log)(const char *line))
{
	static const char *const words[] = {"was not there: ", "was too much: ", "was wrong: "};

	for (size_t i = 0; i < changes->count; i++) {
		const struct change *c = &changes->items[i];
		AUTO_BUF struct buf line = {0};

		if (i == MAX_LINES) {
			buf_printf(&line, "drift: and %zu more", changes->count - i);
			log(buf_text(&line));
			return;
		}
		buf_printf(&line, "drift: %s", words[!c->want ? 1 : c->have ? 2 : 0]);
		fact_print(c->want ? c->want : c->have, a->syms, &line);
		buf_puts(&line, c->result < 0 ? "; it can not be put right" : "; put right");
		log(buf_text(&line));
	}
}

/* What has failed before is no drift: it is tried again in its own time. */
static void drop_known(const struct agent *a, struct changes *changes)
{
	size_t kept = 0;

	for (size_t i = 0; i < changes->count; i++) {
		const struct change *c = &changes->items[i];

		if (!failures_has(a->failures, c->want ? c->want : c->have))
			changes->items[kept++] = *c;
	}
	changes->count = kept;
}

/* Whether it was as it should be; -errno when nobody could look. */
static int compare(struct agent *a, const struct uuid *router, int64_t now_us, void (*log)(const char *line))
{
	AUTO_FACTS struct facts want, have;
	AUTO_CHANGES struct changes changes = {0};
	char name[64] = "", id[UUID_TEXT];
	struct plan_input in;
	int r;

	facts_init(&want, a->syms);
	facts_init(&have, a->syms);
	/* A tap that has just come or gone is no drift. */
	if (!router && (r = agent_look_for_taps(a, now_us, NULL)) < 0)
		return r;
	in = agent_input(a);
	if (router)
		snprintf(name, sizeof(name), "qrouter-%s", uuid_print(router, id));
	r = a->kernel->ops->observe_place(a->kernel, router ? symtab_put(a->syms, name) : 0, &have, NULL);
	if (r < 0)
		return r;
	facts_sort(&have);
	plan_place(&in, router, &want);
	facts_diff(&want, &have, &changes);
	drop_known(a, &changes);
	if (!changes.count)
		return 1;
	agent_heal(a, &changes, now_us);
	tell(a, &changes, log);
	return 0;
}

/* A small place is looked at every few seconds, many large ones as often as the round asks for. */
static void plan_next_step(struct agent_verify *v, const struct agent *a, int64_t now_us, int64_t cost_us)
{
	int64_t places = 1 + (int64_t)snap_count(a->follow.snap, KIND_ROUTER);
	int64_t easy_us = MAX(cost_us * VERIFY_REST, (int64_t)VERIFY_PAUSE_US);

	v->next_us = now_us + cost_us + (v->first ? VERIFY_AGAIN_US : MIN(v->round_us / places, easy_us));
}

void agent_verify_step(struct agent_verify *v, struct agent *a, int64_t now_us, int64_t wall_us,
		       void (*log)(const char *line))
{
	const struct router *r = NULL;
	int64_t begun_us = clock_mono_us();
	struct plan_input in;
	struct scan scan;
	bool host;
	int right;

	if (!a->compared) {
		v->next_us = now_us + VERIFY_PAUSE_US;
		return;
	}
	host = uuid_is_null(&v->at);
	if (!host)
		r = snap_get(a->follow.snap, KIND_ROUTER, &v->at);
	right = host || r ? compare(a, host ? NULL : &v->at, now_us, log) : -ENOENT;
	in = agent_input(a);
	if (right == 1 && !(r && plan_router_in_host(&in, r)))
		seen_right(v, a, host ? NULL : &v->at, wall_us);
	plan_next_step(v, a, now_us, clock_mono_us() - begun_us);
	/* Once more, at once; if it is wrong again, somebody does that: then in the next round. */
	if (right == 0 && !v->again) {
		v->again = true;
		v->next_us = now_us + VERIFY_AGAIN_US;
		return;
	}
	v->again = false;
	r = scan_kind(&scan, a->follow.snap, KIND_ROUTER, host ? NULL : &v->at);
	v->first &= r != NULL;
	v->at = r ? r->row.id : (struct uuid){0};
}
