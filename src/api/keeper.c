/* The keeper: a thread that ends what has an end; see keeper.h.
 * Beside the requests, on the same ledger; each kind of row with an end is a line of the table. */
#include "api/keeper.h"
#include "api/live.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <talloc.h>

#define BATCH   500
#define LOOK_US 1000000
#define NOTE_US 60000000 /* between two looks at what carried packets */

/* Who does it, in the event log. */
static const struct actor self = {.user_name = "buoy", .admin = true};

struct keeper {
	struct api *api;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
};

static int drop_row(struct verb *v, const struct row *row, struct err *err)
{
	struct uuid id = row->id;

	return txn_del(v->t, row->kind, &id, err);
}

/* With what would be in the way of a DELETE. */
static int end_lease(struct verb *v, const struct row *row, struct err *err)
{
	const struct uuid id = row->id;
	const struct row *forwarding;
	int r = 0;

	/* Each look-up is a new one: a scan does not survive a change of its tree. */
	while (r == 0 && (forwarding = snap_find(v->t->work, IX_FORWARDING_FIP, &id)))
		r = verb_drop(v, forwarding, err);
	row = txn_get(v->t, KIND_FLOATINGIP, &id);
	return r < 0 ? r : verb_drop(v, row, err);
}

/* Each with an index of the time at which its rows end. */
static const struct ending {
	enum index_id index;
	const char *what; /* for the metric */
	int (*end)(struct verb *v, const struct row *row, struct err *err);
} endings[] = {
	{IX_FLOATINGIP_EXPIRES, "lease", end_lease},
	{IX_REST_UNTIL, "rest", drop_row},
	{IX_TRANSFER_EXPIRES, "transfer", drop_row},
	{IX_ONCE_EXPIRES, "idempotency_key", drop_row},
};

static int64_t end_of(const struct ending *e, const struct row *row)
{
	return *(const int64_t *)attr_at(index_attr(e->index), row);
}

/* The next row to end behind `skip` others, if its time has come. */
static const struct row *due(const struct snap *s, const struct ending *e, int64_t now_us, size_t skip)
{
	struct scan scan;
	const struct row *row = scan_order(&scan, s, e->index);

	while (row && skip--)
		row = scan_next(&scan);
	return row && end_of(e, row) <= now_us / 1000000 ? row : NULL;
}

/* What one transaction ends. */
struct batch {
	struct api *api;
	const struct snap *s;
	int64_t now_us;
	size_t first, last; /* which endings */
	size_t most;        /* rows of each */
	size_t skip;        /* of them, those that can not be ended now */
	size_t count[ARRAY_SIZE(endings)];
};

static int end_some(struct verb *v, const struct batch *b, const struct ending *e, size_t *ret,
		    struct err *err)
{
	const struct row *row;
	int r = 0;

	/* Each look-up is a new one: a scan does not survive a change of its tree. */
	while (r == 0 && *ret < b->most && (row = due(v->t->work, e, b->now_us, b->skip))) {
		r = e->end(v, row, err);
		(*ret)++;
	}
	return r;
}

static int end_all(struct txn *t, void *arg, struct err *err)
{
	struct batch *b = arg;
	struct call *c = talloc_zero(t->region, struct call);
	struct verb v = {.c = c, .t = t};
	int r = 0;

	*c = (struct call){.api = b->api,
			   .snap = b->s,
			   .req = talloc_zero(t->region, struct http_request),
			   .caller = {.actor = self, .admin = true, .member = true}};
	c->req->region = t->region;
	memset(b->count, 0, sizeof(b->count));
	for (size_t i = b->first; i < b->last && r == 0; i++)
		r = end_some(&v, b, &endings[i], &b->count[i], err);
	return r;
}

/* One transaction; how many rows it ended. */
static int write_batch(struct batch *b, size_t *ret_total)
{
	void *region = talloc_new(NULL);
	struct err err = {0};
	int r = ledger_write_sync(b->api->ledger, region, &self, "expire", end_all, b, &err);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(endings); i++) {
		*ret_total += b->count[i];
		if (b->count[i])
			metrics_add(b->api->metrics, METRIC_EXPIRED, METRIC_LABELS(endings[i].what),
				    b->count[i]);
	}
	talloc_free(region);
	return r;
}

/* One after another, when together they can not be ended: what is in the way of one holds up no other. */
static size_t end_singly(struct batch *b)
{
	size_t total = 0;

	b->most = 1;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		b->first = i;
		b->last = i + 1;
		b->skip = 0;
		for (size_t n = 0; n < BATCH; n++) {
			size_t before = total;

			if (write_batch(b, &total) < 0)
				b->skip++;
			else if (total == before)
				break;
		}
	}
	return total;
}

size_t keeper_step(struct api *api, int64_t now_us)
{
	AUTO_SNAP const struct snap *s = ledger_snap(api->ledger);
	struct batch b = {.api = api, .s = s, .now_us = now_us, .last = ARRAY_SIZE(endings), .most = BATCH};
	size_t total = 0;
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		any |= due(s, &endings[i], now_us, 0) != NULL;
	if (any && write_batch(&b, &total) < 0)
		total = end_singly(&b);
	return total;
}

/* --- last packets --- */

struct sightings {
	const struct snap *s;
	int64_t coarse_s;
	struct sighting *list;
	size_t count, cap, at;
};

static bool is_news(int64_t seen, int64_t written, int64_t coarse_s)
{
	return seen && seen - written > coarse_s;
}

static void collect_seen(void *arg, const struct uuid *id, const struct traffic_seen *seen)
{
	struct sightings *g = arg;
	const struct sighting *old = snap_get(g->s, KIND_SIGHTING, id);
	int64_t in = seen->us[EXPRESS_IN] / 1000000, out = seen->us[EXPRESS_OUT] / 1000000;

	if (!is_news(in, old ? old->seen_in : 0, g->coarse_s) &&
	    !is_news(out, old ? old->seen_out : 0, g->coarse_s))
		return;
	if (g->count == g->cap) {
		g->cap = MAX(g->cap * 2, (size_t)64);
		g->list = xrealloc(g->list, g->cap * sizeof(*g->list));
	}
	g->list[g->count++] = (struct sighting){
		.row = {.id = *id},
		.seen_in = MAX(in, old ? old->seen_in : 0),
		.seen_out = MAX(out, old ? old->seen_out : 0),
	};
}

static int write_seen(struct txn *t, void *arg, struct err *err)
{
	struct sightings *g = arg;
	size_t end = MIN(g->at + BATCH, g->count);
	int r = 0;

	for (size_t i = g->at; i < end && r == 0; i++) {
		struct sighting *draft;

		if (!txn_get(t, KIND_FLOATINGIP, &g->list[i].row.id))
			continue;
		draft = txn_new(t, KIND_SIGHTING);
		draft->row.id = g->list[i].row.id;
		draft->seen_in = g->list[i].seen_in;
		draft->seen_out = g->list[i].seen_out;
		r = txn_put(t, draft, err);
	}
	return r;
}

void keeper_note_seen(struct api *api, int64_t coarse_s)
{
	AUTO_SNAP const struct snap *s = ledger_snap(api->ledger);
	struct sightings g = {.s = s, .coarse_s = coarse_s};
	struct err err = {0};

	traffic_each_seen(live_traffic(api->live), collect_seen, &g);
	for (; g.at < g.count; g.at += BATCH) {
		void *region = talloc_new(NULL);
		int r = ledger_write_sync(api->ledger, region, &self, "seen", write_seen, &g, &err);

		talloc_free(region);
		if (r < 0)
			break;
	}
	free(g.list);
}

/* --- the clock --- */

bool keeper_trusts(struct keeper_clock *k, int64_t wall_us, int64_t mono_us)
{
	int64_t passed = mono_us - k->mono_us, shown = wall_us - k->wall_us;

	if (k->mono_us && shown - passed > KEEPER_LEAP_S * 1000000LL)
		k->doubt_until_us = mono_us + KEEPER_DOUBT_S * 1000000LL;
	k->wall_us = wall_us;
	k->mono_us = mono_us;
	return mono_us >= k->doubt_until_us;
}

/* --- the thread --- */

/* False: it is time to stop. */
static bool sleep_until_next(struct keeper *k, bool more)
{
	int64_t until_us = clock_mono_us() + (more ? 0 : LOOK_US);
	struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
	bool stop;

	pthread_mutex_lock(&k->lock);
	while (!k->stop && pthread_cond_timedwait(&k->wake, &k->lock, &until) != ETIMEDOUT)
		;
	stop = k->stop;
	pthread_mutex_unlock(&k->lock);
	return !stop;
}

static void *keeper_main(void *arg)
{
	struct keeper *k = arg;
	struct keeper_clock clock = {0};
	int64_t note_us = clock_mono_us() + NOTE_US;
	bool more = false;

	while (sleep_until_next(k, more)) {
		int64_t now_us = clock_now_us();

		more = keeper_trusts(&clock, now_us, clock_mono_us()) && keeper_step(k->api, now_us) >= BATCH;
		if (clock_mono_us() < note_us)
			continue;
		keeper_note_seen(k->api, KEEPER_COARSE_S);
		note_us = clock_mono_us() + NOTE_US;
	}
	keeper_note_seen(k->api, KEEPER_LAST_S);
	return NULL;
}

void keeper_start(struct api *api)
{
	struct keeper *k = xalloc(sizeof(*k));
	pthread_condattr_t attr;

	k->api = api;
	pthread_mutex_init(&k->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&k->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&k->thread, NULL, keeper_main, k) == 0)
		api->keeper = k;
	else
		free(k);
}

void keeper_stop(struct api *api)
{
	struct keeper *k = api->keeper;

	if (!k)
		return;
	pthread_mutex_lock(&k->lock);
	k->stop = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
	pthread_cond_destroy(&k->wake);
	pthread_mutex_destroy(&k->lock);
	free(k);
	api->keeper = NULL;
}
