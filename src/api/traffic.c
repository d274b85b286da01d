/* Rates and history of floating IPs: a table by id, and a ring of minutes for those with traffic.
 * See traffic.h. */
#include "api/traffic.h"

#include <pthread.h>
#include <string.h>
#include <uthash.h>

#define MINUTE_US 60000000LL

/* Sums of the last hour's minutes; a minute is at its number modulo 60. */
struct ring {
	int64_t first, last; /* minutes since the epoch */
	float sum[TRAFFIC_MINUTES][TRAFFIC_COUNTERS];
};

struct entry {
	struct uuid id;
	uint64_t counter[TRAFFIC_COUNTERS];
	uint64_t dropped[DROP_REASONS];
	int64_t mono_us; /* when they were read */
	double rate[TRAFFIC_COUNTERS];
	bool active, was_active;
	uint64_t sample;                                   /* the last one that it was in */
	int64_t last_seen_us, seen_us[EXPRESS_DIRECTIONS]; /* as in traffic_stats */
	struct traffic_seen last; /* of each direction, also where the data path does not say */
	struct ring *ring;
	UT_hash_handle hh;
};

/* What a node says, and whose it is. */
struct reading {
	struct node_traffic node;
	struct uuid id; /* null: nobody's */
};

struct traffic {
	pthread_mutex_t lock;
	struct entry *entries;
	size_t rings;
	uint64_t sample;
	int64_t mono_us; /* of the last sample; 0: none */
	double interval;
	/* For traffic_sample alone (one thread), kept from one time to the next. */
	struct reading *list;
	size_t count, cap;
};

struct traffic *traffic_new(void)
{
	struct traffic *t = xalloc(sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	return t;
}

static void drop_ring(struct traffic *t, struct entry *e)
{
	t->rings -= e->ring != NULL;
	free(TAKE(e->ring));
}

static void drop_entry(struct traffic *t, struct entry *e)
{
	drop_ring(t, e);
	HASH_DEL(t->entries, e);
	free(e);
}

void traffic_free(struct traffic *t)
{
	struct entry *e, *next;

	if (!t)
		return;
	HASH_ITER (hh, t->entries, e, next)
		drop_entry(t, e);
	pthread_mutex_destroy(&t->lock);
	free(t->list);
	free(t);
}

/* --- minutes --- */

static float *slot(struct ring *r, int64_t minute)
{
	return r->sum[minute % TRAFFIC_MINUTES];
}

/* Makes `minute` the newest one. */
static void advance(struct ring *r, int64_t minute)
{
	for (int64_t m = MAX(r->last, minute - TRAFFIC_MINUTES) + 1; m <= minute; m++)
		memset(slot(r, m), 0, sizeof(r->sum[0]));
	r->last = MAX(r->last, minute);
}

static void add_share(struct ring *r, int64_t minute, const uint64_t delta[TRAFFIC_COUNTERS], double share)
{
	if (minute > r->last - TRAFFIC_MINUTES && minute <= r->last)
		for (int i = 0; i < TRAFFIC_COUNTERS; i++)
			slot(r, minute)[i] += (float)((double)delta[i] * share);
}

/* Spreads what came between two times. */
static void record(struct ring *r, int64_t from_us, int64_t to_us, const uint64_t delta[TRAFFIC_COUNTERS])
{
	advance(r, to_us / MINUTE_US);
	r->first = MIN(r->first, from_us / MINUTE_US);
	for (int64_t at = from_us; at < to_us;) {
		int64_t end = MIN((at / MINUTE_US + 1) * MINUTE_US, to_us);

		add_share(r, at / MINUTE_US, delta, (double)(end - at) / (double)(to_us - from_us));
		at = end;
	}
}

static struct ring *ring_of(struct traffic *t, struct entry *e, int64_t from_us)
{
	if (!e->ring && t->rings < TRAFFIC_MAX_HISTORY) {
		e->ring = xalloc(sizeof(*e->ring));
		e->ring->first = e->ring->last = from_us / MINUTE_US;
		t->rings++;
	}
	return e->ring;
}

/* --- samples --- */

static void collect(void *arg, const struct node_traffic *one)
{
	struct traffic *t = arg;

	if (t->count == t->cap) {
		t->cap = MAX(t->cap * 2, (size_t)64);
		t->list = xrealloc(t->list, t->cap * sizeof(*t->list));
	}
	t->list[t->count++].node = *one;
}

static struct entry *entry_of(struct traffic *t, const struct uuid *id)
{
	struct entry *e;

	HASH_FIND(hh, t->entries, id, sizeof(*id), e);
	if (!e) {
		e = xalloc(sizeof(*e));
		e->id = *id;
		HASH_ADD(hh, t->entries, id, sizeof(e->id), e);
	}
	return e;
}

static void take_counters(struct traffic *t, struct entry *e, const uint64_t now[TRAFFIC_COUNTERS],
			  int64_t mono_us, int64_t now_us)
{
	int64_t took_us = e->mono_us ? mono_us - e->mono_us : 0;
	uint64_t delta[TRAFFIC_COUNTERS];
	bool active = false;

	for (int i = 0; i < TRAFFIC_COUNTERS; i++) {
		delta[i] = now[i] < e->counter[i] ? now[i] : now[i] - e->counter[i];
		e->rate[i] = took_us > 0 ? (double)delta[i] * 1e6 / (double)took_us : 0;
		active |= took_us > 0 && delta[i];
	}
	memcpy(e->counter, now, sizeof(e->counter));
	e->mono_us = mono_us;
	e->active = active;
	if (!active)
		return;
	if (delta[IN_PACKETS])
		e->last.us[EXPRESS_IN] = now_us;
	if (delta[OUT_PACKETS])
		e->last.us[EXPRESS_OUT] = now_us;
	/* What has just been counted came since the last sample: the data path says when, or does not. */
	if (e->last_seen_us < now_us - took_us)
		e->last_seen_us = now_us;
	if (ring_of(t, e, now_us - took_us))
		record(e->ring, now_us - took_us, now_us, delta);
}

/* Of an address that two nodes have, while it moves, the first one counts. */
static void take_one(struct traffic *t, const struct reading *r, int64_t mono_us, int64_t now_us)
{
	const struct node_traffic *n = &r->node;
	uint64_t now[TRAFFIC_COUNTERS] = {n->in_packets, n->in_bytes, n->out_packets, n->out_bytes};
	struct entry *e;

	if (uuid_is_null(&r->id))
		return;
	e = entry_of(t, &r->id);
	if (e->sample == t->sample)
		return;
	e->sample = t->sample;
	memcpy(e->dropped, n->dropped, sizeof(e->dropped));
	memcpy(e->seen_us, n->seen_us, sizeof(e->seen_us));
	for (int i = 0; i < EXPRESS_DIRECTIONS; i++) {
		e->last_seen_us = MAX(e->last_seen_us, n->seen_us[i]);
		e->last.us[i] = MAX(e->last.us[i], n->seen_us[i]);
	}
	take_counters(t, e, now, mono_us, now_us);
}

/* Who was not in the sample is at rest; who is gone for good is forgotten. */
static void take_rest(struct traffic *t, const struct snap *s, int64_t now_us)
{
	struct entry *e, *next;

	HASH_ITER (hh, t->entries, e, next) {
		if (e->sample != t->sample) {
			e->active = false;
			memset(e->rate, 0, sizeof(e->rate));
			if (!snap_get(s, KIND_FLOATINGIP, &e->id)) {
				drop_entry(t, e);
				continue;
			}
		}
		if (e->ring && now_us / MINUTE_US - e->ring->last >= TRAFFIC_MINUTES)
			drop_ring(t, e);
	}
}

/* Counters come by address, and external networks may number alike, also one that a project has made. What is
 * on a physical network is an administrator's, and comes first: nobody else is shown what passes it. */
static const struct floatingip *whose(const struct snap *s, const struct ip *address)
{
	const struct floatingip *f, *first = NULL;
	struct scan scan;

	for (f = scan_index(&scan, s, IX_FLOATINGIP_ADDRESS, address, NULL); f; f = scan_next(&scan)) {
		const struct network *n = snap_get(s, KIND_NETWORK, &f->floating_network_id);

		if (n && n->physical_network && *n->physical_network)
			return f;
		if (!first)
			first = f;
	}
	return first;
}

void traffic_sample(struct traffic *t, struct nodes *n, const struct snap *s, int64_t mono_us, int64_t now_us)
{
	struct entry *e, *next;

	/* Copied, and looked up, so that nobody waits for the rest. */
	t->count = 0;
	nodes_each_traffic(n, collect, t);
	for (size_t i = 0; i < t->count; i++) {
		const struct floatingip *fip = whose(s, &t->list[i].node.floating_ip);

		t->list[i].id = fip ? fip->row.id : (struct uuid){0};
	}
	pthread_mutex_lock(&t->lock);
	t->sample++;
	HASH_ITER (hh, t->entries, e, next)
		e->was_active = e->active;
	for (size_t i = 0; i < t->count; i++)
		take_one(t, &t->list[i], mono_us, now_us);
	take_rest(t, s, now_us);
	t->interval = t->mono_us ? (double)(mono_us - t->mono_us) / 1e6 : 0;
	t->mono_us = mono_us;
	pthread_mutex_unlock(&t->lock);
}

/* --- reading --- */

double traffic_each_rate(struct traffic *t,
			 void (*fn)(void *arg, const struct uuid *id, const double rate[TRAFFIC_COUNTERS]),
			 void *arg)
{
	struct entry *e, *next;
	double interval;

	pthread_mutex_lock(&t->lock);
	interval = t->interval;
	HASH_ITER (hh, t->entries, e, next)
		if (e->active || e->was_active)
			fn(arg, &e->id, e->rate);
	pthread_mutex_unlock(&t->lock);
	return interval;
}

static void read_ring(struct ring *r, int64_t now_us, struct traffic_stats *ret)
{
	int64_t now = now_us / MINUTE_US, from = MAX(r->first, MAX(r->last, now) - TRAFFIC_MINUTES + 1);

	advance(r, now);
	for (int64_t m = from; m <= now; m++) {
		double seconds = m == now ? (double)MAX(now_us - m * MINUTE_US, 1000000LL) / 1e6 : 60;
		size_t at = ret->minutes++;

		ret->history[at].time = m * 60;
		for (int i = 0; i < TRAFFIC_COUNTERS; i++)
			ret->history[at].rate[i] = (double)slot(r, m)[i] / seconds;
	}
}

void traffic_read(struct traffic *t, const struct uuid *id, int64_t now_us, struct traffic_stats *ret)
{
	struct entry *e;

	memset(ret, 0, sizeof(*ret));
	pthread_mutex_lock(&t->lock);
	HASH_FIND(hh, t->entries, id, sizeof(*id), e);
	if (e) {
		memcpy(ret->counter, e->counter, sizeof(ret->counter));
		memcpy(ret->dropped, e->dropped, sizeof(ret->dropped));
		memcpy(ret->rate, e->rate, sizeof(ret->rate));
		memcpy(ret->seen_us, e->seen_us, sizeof(ret->seen_us));
		ret->last_seen_us = e->last_seen_us;
		if (e->ring)
			read_ring(e->ring, now_us, ret);
	}
	pthread_mutex_unlock(&t->lock);
}

bool traffic_last(struct traffic *t, const struct uuid *id, struct traffic_seen *ret)
{
	struct entry *e;

	*ret = (struct traffic_seen){{0}};
	pthread_mutex_lock(&t->lock);
	HASH_FIND(hh, t->entries, id, sizeof(*id), e);
	if (e)
		*ret = e->last;
	pthread_mutex_unlock(&t->lock);
	return e != NULL;
}

void traffic_each_seen(struct traffic *t,
		       void (*fn)(void *arg, const struct uuid *id, const struct traffic_seen *seen),
		       void *arg)
{
	struct entry *e, *next;

	pthread_mutex_lock(&t->lock);
	HASH_ITER (hh, t->entries, e, next)
		if (e->last.us[EXPRESS_IN] || e->last.us[EXPRESS_OUT])
			fn(arg, &e->id, &e->last);
	pthread_mutex_unlock(&t->lock);
}

void traffic_forget(struct traffic *t, const struct uuid *id)
{
	struct entry *e;

	pthread_mutex_lock(&t->lock);
	HASH_FIND(hh, t->entries, id, sizeof(*id), e);
	if (e)
		drop_entry(t, e);
	pthread_mutex_unlock(&t->lock);
}
