/* The network as it was: snapshots of the past, made of the present one and the event log.
 * Between the frame (api.c) and the store. */
#include "api/past.h"
#include "store/gather.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define QUEUE 64
#define KEPT  4 /* snapshots; they share what is the same */

struct past {
	struct jobs *jobs; /* one thread */
	pthread_mutex_t lock;
	struct kept {
		uint64_t revision;
		const struct snap *snap; /* NULL: free */
		uint64_t used;
	} kept[KEPT];
	uint64_t clock;
};

int past_new(struct past **ret, struct err *err)
{
	struct past *p = xalloc(sizeof(*p));
	int r = jobs_new(1, QUEUE, &p->jobs, err);

	if (r < 0) {
		free(p);
		return r;
	}
	pthread_mutex_init(&p->lock, NULL);
	*ret = p;
	return 0;
}

void past_free(struct past *p)
{
	if (!p)
		return;
	jobs_free(p->jobs);
	for (size_t i = 0; i < KEPT; i++)
		snap_drop(p->kept[i].snap);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

int past_job(struct call *c, void (*fn)(struct call *c), int (*resumed)(struct call *c, struct err *err),
	     struct err *err)
{
	if (!c->api->history)
		return err_api(err, 501, "NotImplemented", "This server keeps no history.");
	return call_job_on(c, c->api->past->jobs, fn, resumed, err);
}

/* --- when --- */

/* "+01:00" */
static int parse_offset(const char *text, int64_t *ret_s)
{
	if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
	    strspn(text + 1, "0123456789") != 2 || strspn(text + 4, "0123456789") != 2)
		return -EINVAL;
	*ret_s = (atoi(text + 1) * 60 + atoi(text + 4)) * 60 * (text[0] == '-' ? -1 : 1);
	return 0;
}

int past_parse_time(const char *text, int64_t *ret_us)
{
	char plain[TIME_TEXT];
	int64_t seconds, offset = 0, us = 999999;
	const char *at = text + 19;

	if (strlen(text) < 19)
		return -EINVAL;
	snprintf(plain, sizeof(plain), "%.19sZ", text);
	if (plain[10] == ' ' || plain[10] == 't')
		plain[10] = 'T';
	if (time_parse(plain, &seconds) < 0)
		return -EINVAL;
	if (*at == '.') {
		int64_t unit = 100000;

		for (us = 0, at++; isdigit((unsigned char)*at); at++, unit /= 10)
			us += (*at - '0') * unit;
	}
	/* In a query a plus that nobody has escaped is a blank. */
	if (*at == ' ') {
		char plus[8];

		snprintf(plus, sizeof(plus), "+%.6s", at + 1);
		if (parse_offset(plus, &offset) < 0)
			return -EINVAL;
	} else if (*at && strcasecmp(at, "Z") != 0 && parse_offset(at, &offset) < 0) {
		return -EINVAL;
	}
	*ret_us = (seconds - offset) * 1000000 + us;
	return 0;
}

static int too_old(const struct store_horizon *h, const char *key, struct err *err)
{
	char time[TIME_TEXT];

	return err_api(err, 410, "HistoryForgotten",
		       "%s is before what is remembered: that begins with revision %" PRIu64 ", %s", key,
		       h->revision, time_print(h->time_us / 1000000, time));
}

static int of_time(struct call *c, const struct store_horizon *h, const char *key, int64_t us, uint64_t *ret,
		   struct err *err)
{
	struct store *st = c->api->history;

	if (us / 1000000 > clock_now_us() / 1000000)
		return err_api(err, 400, "HTTPBadRequest", "Invalid input for %s: it is in the future.", key);
	if (us < h->time_us || !h->time_us)
		return too_old(h, key, err);
	return st->ops->revision_at(st, us, ret, err);
}

int past_revision(struct call *c, const char *key, const char *text, uint64_t *ret, struct err *err)
{
	struct store *st = c->api->history;
	AUTO_SNAP const struct snap *now = ledger_snap(c->api->ledger);
	bool number = *text && strspn(text, "0123456789") == strlen(text) && strlen(text) <= 18;
	struct store_horizon h;
	int64_t us;
	int r = st->ops->horizon(st, &h, err);

	if (r < 0)
		return r;
	if (number) {
		*ret = strtoull(text, NULL, 10);
		if (*ret > now->revision)
			return err_api(err, 400, "HTTPBadRequest",
				       "Invalid input for %s: the newest revision is %" PRIu64 ".", key,
				       now->revision);
		return *ret < h.revision ? too_old(&h, key, err) : 0;
	}
	if (past_parse_time(text, &us) < 0)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for %s: '%.40s' is neither a revision nor a time like "
			       "2026-11-28T10:00:00Z.",
			       key, text);
	return of_time(c, &h, key, us, ret, err);
}

/* --- the snapshot --- */

static int rebuild(struct api *api, struct store *st, uint64_t revision, const struct snap **ret,
		   struct err *err)
{
	const struct snap *now = ledger_snap(api->ledger);
	struct snap *s = snap_edit(now);
	struct gather g = {0};
	int r = st->ops->past(st, revision, gather_one, &g, err);

	if (r == 0)
		r = gather_apply(s, UINT64_MAX, &g, err);
	gather_done(&g);
	snap_drop(now);
	s->revision = revision;
	if (r == 0)
		*ret = s;
	else
		snap_drop(s);
	return r;
}

static const struct snap *find_kept(struct past *p, uint64_t revision)
{
	const struct snap *s = NULL;

	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < KEPT; i++)
		if (p->kept[i].snap && p->kept[i].revision == revision) {
			p->kept[i].used = ++p->clock;
			s = snap_take(p->kept[i].snap);
		}
	pthread_mutex_unlock(&p->lock);
	return s;
}

/* In the place of the one that nobody has asked for for the longest time. */
static void keep(struct past *p, const struct snap *s)
{
	struct kept *oldest = &p->kept[0];

	pthread_mutex_lock(&p->lock);
	for (size_t i = 1; i < KEPT; i++)
		if (p->kept[i].used < oldest->used)
			oldest = &p->kept[i];
	snap_drop(oldest->snap);
	*oldest = (struct kept){s->revision, snap_take(s), ++p->clock};
	pthread_mutex_unlock(&p->lock);
}

int past_snap(struct api *api, struct store *st, uint64_t revision, const struct snap **ret, struct err *err)
{
	const struct snap *s = find_kept(api->past, revision);
	int r;

	if (!s) {
		if ((r = rebuild(api, st, revision, &s, err)) < 0)
			return r == -ESTALE ? err_api(err, 410, "HistoryForgotten",
						      "Revision %" PRIu64 " is forgotten.", revision)
					    : r;
		keep(api->past, s);
	}
	*ret = s;
	return 0;
}

/* --- calls --- */

struct looking {
	const char *text;
	const struct snap *snap; /* ours */
	int result;
	struct err err;
};

static void look_job(struct call *c)
{
	struct looking *l = c->past;
	uint64_t revision;

	l->result = past_revision(c, "as_of", l->text, &revision, &l->err);
	if (l->result == 0)
		l->result = past_snap(c->api, c->api->history, revision, &l->snap, &l->err);
}

static int looked(struct call *c, struct err *err)
{
	const struct looking *l = c->past;

	if (l->result < 0) {
		*err = l->err;
		return l->result;
	}
	c->now = c->snap;
	c->snap = l->snap;
	http_add_header(c->req, c->resp, "X-Buoy-Revision",
			talloc_asprintf(c->req->region, "%" PRIu64, c->snap->revision));
	return 0;
}

int past_prepare(struct call *c, struct err *err)
{
	const char *text = http_param(c->req, "as_of");
	bool reads = c->req->method == HTTP_GET || c->req->method == HTTP_HEAD;
	struct looking *l;

	if (!text || c->route->family != FAMILY_NETWORK)
		return 0;
	if (!reads)
		return err_api(err, 400, "HTTPBadRequest",
			       "as_of looks at the past, which can not be changed.");
	if (c->route->flags & (ROUTE_NOW | ROUTE_OPEN))
		return err_api(err, 400, "HTTPBadRequest", "as_of: this is about the present only.");
	/* The call's, not the region's: it must be there until past_drop(). */
	l = talloc_zero(c, struct looking);
	l->text = text;
	c->past = l;
	return past_job(c, look_job, looked, err);
}

void past_drop(struct call *c)
{
	struct looking *l = c->past;

	if (l)
		snap_drop(l->snap);
}
