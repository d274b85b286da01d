/* The agent: follows the store and makes the kernel hold what the plan says.
 * Between the store, the planner and the kernel. */
#include "daemon/agent.h"
#include "daemon/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define RECHECK_US 30000000
#define SETTLE_US  3000000

int agent_init(struct agent *a, struct store *st, struct kernel *k, struct symtab *syms,
	       const struct plan_node *node, struct err *err)
{
	int r;

	*a = (struct agent){.kernel = k, .syms = syms, .node = *node, .recheck_us = INT64_MAX};
	facts_init(&a->taps, syms);
	facts_init(&a->conflicts, syms);
	facts_init(&a->confirmed, syms);
	a->failures = failures_new(syms);
	a->dirty = REPORT_FAILURES | REPORT_PLUGGED;
	r = follow_init(&a->follow, st, KINDS_ALL, err);
	if (r < 0)
		agent_done(a);
	return r;
}

void agent_done(struct agent *a)
{
	if (a->follow.store)
		follow_done(&a->follow);
	if (a->kernel)
		a->kernel->ops->free(a->kernel);
	if (a->failures)
		failures_free(a->failures);
	facts_done(&a->taps);
	facts_done(&a->conflicts);
	facts_done(&a->confirmed);
	free(a->plugged);
	symtab_free(a->syms);
	*a = (struct agent){0};
}

static struct plan_input input(const struct agent *a, const struct snap *s)
{
	return (struct plan_input){.snap = s, .node = &a->node, .taps = &a->taps, .conflicts = &a->conflicts};
}

struct plan_input agent_input(const struct agent *a)
{
	return input(a, a->follow.snap);
}

/* Somebody took away what is ours: to be put back without waiting for the next comparison. */
static void note_drift(struct agent *a)
{
	a->resync |= a->kernel->drift;
	a->kernel->drift = false;
}

/* A long list of failures is sent again only when it differs. */
static void note_failures(struct agent *a)
{
	if (failures_version(a->failures) != a->failures_seen)
		a->dirty |= REPORT_FAILURES;
	a->failures_seen = failures_version(a->failures);
}

static void apply(struct agent *a, struct changes *changes, int64_t now_us)
{
	if (!changes->count)
		return;
	a->kernel->ops->apply(a->kernel, changes);
	note_drift(a);
	failures_take(a->failures, changes, now_us);
	for (size_t i = 0; i < changes->count; i++)
		a->resync |= changes->items[i].want && changes->items[i].have &&
			     changes->items[i].want->kind == FACT_LINK;
	note_failures(a);
}

void agent_heal(struct agent *a, struct changes *changes, int64_t now_us)
{
	apply(a, changes, now_us);
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *c = &changes->items[i];

		a->healed[(c->want ? c->want : c->have)->kind] += c->result >= 0;
	}
	a->dirty |= REPORT_HEALED;
}

/* --- taps --- */

/* The port that a tap belongs to: "tap" and the first 11 characters of its id, which are its first 5 bytes.
 */
static const struct port *port_of_tap(const struct snap *s, const char *tap)
{
	char text[UUID_TEXT] = "00000000-0000-0000-0000-000000000000";
	struct uuid id;
	const struct port *p;
	struct scan scan;

	if (strlen(tap) != 14 || strncmp(tap, "tap", 3) != 0)
		return NULL;
	memcpy(text, tap + 3, 11);
	if (uuid_parse(text, &id) < 0)
		return NULL;
	p = snap_get(s, KIND_PORT, &id);
	if (!p)
		p = scan_kind(&scan, s, KIND_PORT, &id);
	return p && memcmp(p->row.id.b, id.b, 5) == 0 ? p : NULL;
}

static int cmp_uuid(const void *a, const void *b)
{
	return uuid_cmp(a, b);
}

/* Ports of taps that the kernel shows on a bridge. */
static void list_plugged(struct agent *a)
{
	struct uuid *list = xalloc(a->taps.count * sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < a->taps.count; i++) {
		const struct fact *tap = &a->taps.items[i];
		const struct port *p = port_of_tap(a->follow.snap, symtab_text(a->syms, tap->dev));

		if (p && tap->value.dev)
			list[n++] = p->row.id;
	}
	if (n > 1)
		qsort(list, n, sizeof(*list), cmp_uuid);
	if (n != a->plugged_count || (n && memcmp(list, a->plugged, n * sizeof(*list)) != 0))
		a->dirty |= REPORT_PLUGGED;
	free(a->plugged);
	a->plugged = list;
	a->plugged_count = n;
}

static int read_taps(struct agent *a, struct facts *ret, struct err *err)
{
	int r;

	facts_init(ret, a->syms);
	r = a->kernel->ops->taps(a->kernel, ret, err);
	if (r < 0)
		facts_done(ret);
	else
		facts_sort(ret);
	return r;
}

static void replace_facts(struct facts *slot, struct facts *by)
{
	facts_done(slot);
	*slot = *by;
	*by = (struct facts){0};
}

/* --- planning what changed --- */

static void set_impossible(void *arg, const struct uuid *row, const char *why)
{
	struct agent *a = arg;

	if (why)
		failures_set_row(a->failures, row, why);
	else
		failures_clear_row(a->failures, row);
}

static void check_possible(struct agent *a, const struct plan_input *was, const struct plan_touch *touched,
			   size_t count)
{
	struct plan_input in = input(a, a->follow.snap);

	if (!touched)
		failures_clear_rows(a->failures);
	for (size_t i = 0; touched && i < count; i++)
		failures_clear_row(a->failures, &touched[i].id);
	plan_impossible(was, &in, touched, count, set_impossible, a);
	note_failures(a);
}

static void plan_and_apply(struct agent *a, const struct plan_input *was, const struct plan_touch *touched,
			   size_t count, int64_t now_us)
{
	struct plan_input is = input(a, a->follow.snap);
	AUTO_FACTS struct facts want, have;
	AUTO_CHANGES struct changes changes = {0};

	facts_init(&want, a->syms);
	facts_init(&have, a->syms);
	plan_delta(was, &is, touched, count, &have, &want);
	facts_diff(&want, &have, &changes);
	check_possible(a, was, touched, count);
	apply(a, &changes, now_us);
}

/* Taps whose presence differs, as touches of their ports. */
static struct plan_touch *tap_touches(const struct agent *a, const struct facts *x, const struct facts *y,
				      struct plan_touch *list, size_t *count)
{
	list = xrealloc(list, (*count + x->count) * sizeof(*list));
	for (size_t i = 0; i < x->count; i++) {
		const struct port *p;

		if (facts_find(y, &x->items[i]))
			continue;
		p = port_of_tap(a->follow.snap, symtab_text(a->syms, x->items[i].dev));
		if (p)
			list[(*count)++] = (struct plan_touch){KIND_PORT, p->row.id};
	}
	return list;
}

/* Plans and applies what it means that these taps are there, and no others. Takes the facts over; returns how
 * many ports that concerned. */
static size_t change_taps(struct agent *a, struct facts *now, int64_t now_us)
{
	struct facts was_taps = a->taps;
	struct plan_input was = input(a, a->follow.snap);
	struct plan_touch *touched = NULL;
	size_t count = 0;

	touched = tap_touches(a, now, &was_taps, touched, &count);
	touched = tap_touches(a, &was_taps, now, touched, &count);
	was.taps = &was_taps;
	a->taps = *now;
	*now = (struct facts){0};
	if (count)
		plan_and_apply(a, &was, touched, count, now_us);
	free(touched);
	facts_done(&was_taps);
	return count;
}

/* The taps of before that are still the same device. One that was replaced since the last look, under its
 * name, has nothing of what was done for the old one. */
static void list_same_taps(const struct agent *a, const struct facts *now, struct facts *ret)
{
	facts_init(ret, a->syms);
	for (size_t i = 0; i < a->taps.count; i++) {
		const struct fact *tap = &a->taps.items[i], *is = facts_find(now, tap);

		if (is && is->value.num == tap->value.num)
			facts_add(ret, tap);
	}
}

static int refresh_taps(struct agent *a, int64_t now_us, struct err *err)
{
	struct facts now, same, again;
	size_t count;
	int r = read_taps(a, &now, err);

	if (r < 0)
		return r;
	list_same_taps(a, &now, &same);
	count = change_taps(a, &same, now_us);
	count += change_taps(a, &now, now_us);
	if (count && read_taps(a, &again, err) == 0) /* now with their bridges */
		replace_facts(&a->taps, &again);
	list_plugged(a);
	return 0;
}

int agent_look_for_taps(struct agent *a, int64_t now_us, struct err *err)
{
	return refresh_taps(a, now_us, err);
}

/* Of an address that nobody wants any more nothing is remembered: whoever allocates it again asks anew. */
static void forget_conflicts(struct agent *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->conflicts.count; i++)
		if (snap_find(a->follow.snap, IX_FLOATINGIP_ADDRESS, &a->conflicts.items[i].addr))
			a->conflicts.items[n++] = a->conflicts.items[i];
	a->conflicts.count = n;
}

int agent_follow(struct agent *a, int64_t now_us, struct err *err)
{
	const struct snap *old;
	struct touched *rows;
	struct plan_touch *touched;
	struct plan_input was;
	bool ports = false;
	size_t count;
	int r = follow_poll(&a->follow, &old, &rows, &count, err);

	if (r < 0)
		return r;
	touched = xalloc(count * sizeof(*touched));
	for (size_t i = 0; i < count; i++) {
		touched[i] = (struct plan_touch){rows[i].kind, rows[i].id};
		ports |= rows[i].kind == KIND_PORT;
	}
	was = input(a, old);
	if (count)
		plan_and_apply(a, &was, touched, count, now_us);
	forget_conflicts(a);
	if (ports && a->taps.count)
		r = refresh_taps(a, now_us, err);
	free(touched);
	free(rows);
	snap_drop(old);
	return r;
}

/* --- everything --- */

static int observe(struct agent *a, struct facts *have, struct err *err)
{
	int r;

	facts_init(have, a->syms);
	r = a->kernel->ops->observe(a->kernel, have, err);
	if (r < 0)
		facts_done(have);
	else
		facts_sort(have);
	return r;
}

int agent_preview(struct agent *a, struct facts *want, struct facts *have, struct changes *ret,
		  struct err *err)
{
	struct plan_input in = input(a, a->follow.snap);
	struct facts taps;
	int r = read_taps(a, &taps, err);

	if (r < 0)
		return r;
	replace_facts(&a->taps, &taps);
	r = observe(a, have, err);
	if (r < 0)
		return r;
	facts_init(want, a->syms);
	plan_all(&in, want);
	*ret = (struct changes){0};
	facts_diff(want, have, ret);
	return 0;
}

uint64_t agent_applied(const struct agent *a)
{
	return a->compared ? a->follow.snap->revision : 0;
}

int agent_resync(struct agent *a, int64_t now_us, size_t *ret_changes, struct err *err)
{
	struct facts want, have, taps;
	struct changes changes;
	/* A wake may be lost: whoever compares everything does so with what the store has now. */
	int stale = agent_follow(a, now_us, err), r = agent_preview(a, &want, &have, &changes, err);

	if (r < 0)
		return r;
	failures_clear(a->failures);
	check_possible(a, NULL, NULL, 0);
	if (a->compared && changes.count)
		agent_heal(a, &changes, now_us);
	else
		apply(a, &changes, now_us);
	a->compared = true;
	if (ret_changes)
		*ret_changes = changes.count;
	changes_done(&changes);
	facts_done(&want);
	facts_done(&have);
	r = read_taps(a, &taps, err);
	if (r < 0)
		return r;
	replace_facts(&a->taps, &taps);
	list_plugged(a);
	return stale;
}

/* --- conflicts --- */

static bool is_our_mac(void *arg, const struct mac *mac)
{
	const struct agent *a = arg;

	return snap_find(a->follow.snap, IX_PORT_MAC, mac) != NULL;
}

static void replan_conflicts(struct agent *a, struct facts *now, int64_t now_us)
{
	struct plan_input was = input(a, a->follow.snap);
	struct facts was_conflicts = a->conflicts;
	struct plan_touch *touched = xalloc((now->count + was_conflicts.count) * sizeof(*touched));
	const struct facts *both[] = {now, &was_conflicts};
	size_t count = 0;

	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < both[side]->count; i++) {
			const struct fact *x = &both[side]->items[i];
			const struct floatingip *fip;
			struct scan scan;

			if (facts_find(both[!side], x))
				continue;
			for (fip = scan_index(&scan, a->follow.snap, IX_FLOATINGIP_ADDRESS, &x->addr, NULL);
			     fip; fip = scan_next(&scan)) {
				touched = xrealloc(touched, (count + 1 + now->count + was_conflicts.count) *
								    sizeof(*touched));
				touched[count++] = (struct plan_touch){KIND_FLOATINGIP, fip->row.id};
			}
		}
	was.conflicts = &was_conflicts;
	a->conflicts = *now;
	*now = (struct facts){0};
	plan_and_apply(a, &was, touched, count, now_us);
	facts_done(&was_conflicts);
	free(touched);
}

static void add_conflicts(struct agent *a, const struct facts *fresh, int64_t now_us)
{
	struct facts now;
	const struct facts *both[] = {&a->conflicts, fresh};

	facts_init(&now, a->syms);
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < both[side]->count; i++)
			facts_add(&now, &both[side]->items[i]);
	facts_sort(&now);
	for (size_t i = 0; i < fresh->count; i++)
		facts_add(&a->confirmed, &fresh->items[i]);
	facts_sort(&a->confirmed);
	/* However often a stranger speaks, the others' turn to be asked comes. */
	if (!a->settle_us)
		a->recheck_us = MIN(a->recheck_us, now_us + RECHECK_US);
	replan_conflicts(a, &now, now_us);
	facts_done(&now);
}

/* Asks again for every address in conflict; an answer within SETTLE_US comes as an event. */
static void probe_conflicts(struct agent *a, int64_t now_us)
{
	struct changes again = {.items = xalloc(a->conflicts.count * sizeof(*again.items))};

	for (size_t i = 0; i < a->conflicts.count; i++)
		again.items[again.count++] = (struct change){.want = &a->conflicts.items[i]};
	a->kernel->ops->apply(a->kernel, &again);
	changes_done(&again);
	facts_done(&a->confirmed);
	facts_init(&a->confirmed, a->syms);
	a->recheck_us = INT64_MAX;
	a->settle_us = now_us + SETTLE_US;
}

/* What nobody answered for since the probe is in conflict no longer; the rest is asked for again later. */
static void settle_conflicts(struct agent *a, int64_t now_us)
{
	struct facts still = a->confirmed;

	facts_init(&a->confirmed, a->syms);
	a->settle_us = 0;
	replan_conflicts(a, &still, now_us);
	a->recheck_us = a->conflicts.count ? now_us + RECHECK_US : INT64_MAX;
}

int agent_events(struct agent *a, int64_t now_us, struct err *err)
{
	AUTO_FACTS struct facts fresh;
	bool taps = false;
	int r;

	facts_init(&fresh, a->syms);
	r = a->kernel->ops->read_events(a->kernel, &taps, &fresh, is_our_mac, a, err);
	note_drift(a);
	if (r < 0)
		return r;
	facts_sort(&fresh);
	if (fresh.count)
		add_conflicts(a, &fresh, now_us);
	return taps ? refresh_taps(a, now_us, err) : 0;
}

void agent_tick(struct agent *a, int64_t now_us)
{
	AUTO_FACTS struct facts owner;
	AUTO_CHANGES struct changes due;

	failures_due(a->failures, now_us, &owner, &due);
	apply(a, &due, now_us);
	if (a->settle_us && a->settle_us <= now_us)
		settle_conflicts(a, now_us);
	if (a->recheck_us <= now_us)
		probe_conflicts(a, now_us);
}

int64_t agent_next_tick(const struct agent *a)
{
	int64_t next = MIN(failures_next(a->failures), a->recheck_us);

	return a->settle_us ? MIN(next, a->settle_us) : next;
}
