/* Tenures of all addresses, or of one, as lines: for abuse desks, auditors, spreadsheets.
 * A thread that walks the log by address and writes into a stream (http.h) as fast as the client takes it;
 * what it holds at a time is one address' page. */
#include "api/history.h"
#include "api/past.h"
#include "api/tenure.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <talloc.h>

#define PENDING_MAX  (4 << 20)
#define PENDING_MANY (1 << 20)
#define CHUNK        (64 << 10)
#define PAGE         500
#define PAUSE_US     5000

struct exports {
	struct api *api;
	pthread_mutex_t lock;
	pthread_t thread;
	bool started; /* `thread` is to be joined */
	atomic_bool busy, stop;
	/* Of the export under way. */
	struct http_stream *stream;
	const struct snap *now;
	struct ip address; /* null: all */
	int64_t from_us, to_us;
	bool csv;
	struct buf out;
	int result;
};

struct exports *exports_new(struct api *api)
{
	struct exports *x = xalloc(sizeof(*x));

	x->api = api;
	pthread_mutex_init(&x->lock, NULL);
	return x;
}

void exports_stop(struct exports *x)
{
	x->stop = true;
	pthread_mutex_lock(&x->lock);
	if (x->started)
		pthread_join(x->thread, NULL);
	x->started = false;
	pthread_mutex_unlock(&x->lock);
}

void exports_free(struct exports *x)
{
	if (!x)
		return;
	exports_stop(x);
	pthread_mutex_destroy(&x->lock);
	free(x);
}

/* --- the thread --- */

/* Waits until the client has taken most of it. */
static int flush(struct exports *x)
{
	ssize_t waiting = 0;

	while (!x->stop && (waiting = http_stream_pending(x->stream)) > PENDING_MANY)
		usleep(PAUSE_US);
	if (x->stop || waiting < 0)
		return -EPIPE;
	if (x->out.len && http_stream_write(x->stream, x->out.data, x->out.len) < 0)
		return -EPIPE;
	x->out.len = 0;
	return 0;
}

static int write_tenure(struct exports *x, const struct tenure *t, const struct store_horizon *h)
{
	if ((t->start.revision && t->start.time_us > x->to_us) || (t->ended && t->end.time_us < x->from_us))
		return 0;
	if (x->csv) {
		tenure_print_csv(t, h, &x->out);
	} else {
		tenure_print(t, h, &x->out);
		buf_putc(&x->out, '\n');
	}
	return x->out.len > CHUNK ? flush(x) : 0;
}

static int write_address(struct exports *x, const struct ip *address)
{
	struct tenure_question q = {
		.st = x->api->exports_store, .now = x->now, .address = *address, .limit = PAGE};
	int r = 0;

	for (bool more = true; more && r == 0;) {
		void *region = talloc_new(NULL);
		struct tenures found;

		r = tenures_find(region, &q, &found, NULL);
		for (size_t i = 0; i < found.count && r == 0; i++)
			r = write_tenure(x, &found.items[i], &found.horizon);
		more = r == 0 && found.more && found.last > 1;
		q.before = found.last;
		talloc_free(region);
		if (x->stop)
			r = -EPIPE;
	}
	return r;
}

static int count_one(void *arg, const struct store_event *e, struct err *err)
{
	*(bool *)arg = true;
	return 0;
}

/* Whether the log has anything of an address: then it was written already. */
static int is_written(struct exports *x, const struct ip *address, bool *ret)
{
	struct store *st = x->api->exports_store;
	char key[IP_TEXT];

	*ret = false;
	return st->ops->log(
		st,
		&(struct store_question){.kind = KIND_FLOATINGIP, .key = ip_print(address, key), .limit = 1},
		count_one, ret, NULL);
}

/* Those that came before everything that is remembered. */
static int write_silent(struct exports *x)
{
	const struct floatingip *f;
	struct ip last = {0};
	struct scan scan;
	bool written;
	int r = 0;

	for (f = scan_order(&scan, x->now, IX_FLOATINGIP_ADDRESS); f && r == 0; f = scan_next(&scan)) {
		if (ip_cmp(&last, &f->floating_ip_address) == 0)
			continue;
		last = f->floating_ip_address;
		r = is_written(x, &last, &written);
		if (r == 0 && !written)
			r = write_address(x, &last);
	}
	return r;
}

static int write_all(struct exports *x)
{
	struct store *st = x->api->exports_store;
	char key[STORE_KEY] = "";
	struct ip ip;
	int r;

	while ((r = st->ops->next_address(st, key, key, NULL)) == 1)
		if (ip_parse(key, &ip) == 0 && (r = write_address(x, &ip)) < 0)
			return r;
	return r ? r : write_silent(x);
}

static void *export_main(void *arg)
{
	struct exports *x = arg;
	int r;

	if (x->csv)
		buf_puts(&x->out, tenure_csv_head);
	r = ip_is_null(&x->address) ? write_all(x) : write_address(x, &x->address);
	if (r == 0)
		flush(x);
	http_stream_close(x->stream);
	snap_drop(x->now);
	buf_done(&x->out);
	x->busy = false;
	return NULL;
}

/* --- the request --- */

struct asked {
	int64_t from_us, to_us;
	struct ip address;
	bool csv;
	int result;
	struct err err;
};

static int take_time(struct call *c, const char *key, int64_t *ret, struct err *err)
{
	const char *text = http_param(c->req, key);
	uint64_t revision;

	if (!text)
		return 0;
	if (past_parse_time(text, ret) < 0)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for %s: '%.40s' is no time like 2026-11-28T10:00:00Z.", key,
			       text);
	return past_revision(c, key, text, &revision, err);
}

static void check_job(struct call *c)
{
	struct asked *a = c->state;

	a->result = take_time(c, "from", &a->from_us, &a->err);
	if (a->result == 0)
		a->result = take_time(c, "to", &a->to_us, &a->err);
	if (a->result == 0 && a->from_us > a->to_us)
		a->result = err_api(&a->err, 400, "HTTPBadRequest", "from is after to.");
}

/* Under the lock: begins, or says why not. What an earlier one has left is gathered in. */
static int start(struct exports *x, struct call *c, struct err *err)
{
	const struct asked *a = c->state;

	if (x->stop || x->busy)
		return err_api(err, 503, "ServiceUnavailable", "Another export is under way; try again.");
	if (x->started)
		pthread_join(x->thread, NULL);
	x->address = a->address;
	x->from_us = a->from_us;
	x->to_us = a->to_us;
	x->csv = a->csv;
	x->out = (struct buf){0};
	x->now = snap_take(c->snap);
	x->stream = http_stream_open(c->req, c->resp, PENDING_MAX);
	x->busy = true;
	x->started = pthread_create(&x->thread, NULL, export_main, x) == 0;
	if (x->started)
		return 0;
	x->busy = false;
	snap_drop(x->now);
	http_stream_close(x->stream);
	return 0;
}

static int begin_export(struct call *c, struct err *err)
{
	struct exports *x = c->api->exports;
	const struct asked *a = c->state;
	int r;

	if (a->result < 0) {
		*err = a->err;
		return a->result;
	}
	pthread_mutex_lock(&x->lock);
	r = start(x, c, err);
	pthread_mutex_unlock(&x->lock);
	if (r < 0)
		return r;
	c->resp->content_type = a->csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
	http_add_header(c->req, c->resp, "Content-Disposition",
			a->csv ? "attachment; filename=\"addresses.csv\""
			       : "attachment; filename=\"addresses.jsonl\"");
	return 0;
}

int history_export(struct call *c, struct err *err)
{
	static const char *const known[] = {"from", "to", "address", "format"};
	struct asked *a = talloc_zero(c->req->region, struct asked);
	const char *address = http_param(c->req, "address"), *format = http_param(c->req, "format");

	for (size_t i = 0; i < c->req->param_count; i++) {
		bool found = false;

		for (size_t k = 0; k < ARRAY_SIZE(known); k++)
			found |= strcmp(known[k], c->req->params[i].key) == 0;
		if (!found)
			return err_api(err, 400, "HTTPBadRequest",
				       "Invalid input for %.40s: there is no such parameter.",
				       c->req->params[i].key);
	}
	a->to_us = INT64_MAX;
	a->csv = !format || strcmp(format, "csv") == 0;
	if (!a->csv && strcmp(format, "jsonl") != 0)
		return err_api(err, 400, "HTTPBadRequest", "Invalid input for format: it is csv or jsonl.");
	if (address && ip_parse(address, &a->address) < 0)
		return err_api(err, 400, "HTTPBadRequest", "Invalid input for address: it is no IP address.");
	if (!c->api->exports_store)
		return err_api(err, 501, "NotImplemented", "This server keeps no history.");
	c->state = a;
	return past_job(c, check_job, begin_export, err);
}
