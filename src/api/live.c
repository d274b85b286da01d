/* The live stream: who listens, the thread that asks for counters and tells, and when a stream ends.
 * Between the nodes' reports and http.h's streams; see live.h. */
#include "api/live.h"
#include "api/console.h"
#include "api/identity.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <utlist.h>

#define ASK_US       2000000  /* while somebody listens */
#define ASK_IDLE_US  60000000 /* while nobody does */
#define TICK_US      250000   /* between two looks for changes, and two events that tell of them */
#define COMMENT_US   15000000
#define MAX_PENDING  (2 * 1024 * 1024)
#define MAX_IN_EVENT 16384 /* floating IPs in one event: about 1.5 MB */

struct listener {
	struct http_stream *stream;
	char *token, *user, *project;
	struct token_state allowed; /* as far as is known: a Keystone does not always answer */
	bool changed;               /* not told yet */
	int64_t told_us;
	struct listener *prev, *next;
};

struct live {
	struct api *api;
	struct traffic *traffic;
	pthread_t thread;
	bool running;         /* the thread is there */
	pthread_mutex_t lock; /* listeners; never held while counters are worked on */
	struct listener *listeners;
	atomic_size_t count;
	bool closed;              /* nobody is let in any more */
	pthread_mutex_t sleeping; /* the rest; taken inside `lock` or without it, for a moment only */
	pthread_cond_t wake;
	bool stop, poked, reported; /* reported: counters came */
	/* Of the thread alone. */
	uint64_t revision, version;
	int64_t ask_us, check_us, change_us;
};

/* --- saying --- */

/* A client that can not be reached is noticed when the listeners are gone through. */
static void tell(struct listener *l, const struct buf *b, int64_t now_us)
{
	http_stream_write(l->stream, buf_text(b), b->len);
	l->told_us = now_us;
}

static void drop(struct live *live, struct listener *l)
{
	DL_DELETE(live->listeners, l);
	live->count--;
	http_stream_close(l->stream);
	explicit_bzero(l->token, strlen(l->token));
	free(l->token);
	free(l->user);
	free(l->project);
	free(l);
}

static void say_bye(struct live *live, struct listener *l, const char *reason)
{
	AUTO_BUF struct buf b = {0};

	buf_printf(&b, "event: bye\ndata: {\"reason\": \"%s\"}\n\n", reason);
	http_stream_write(l->stream, b.data, b.len);
	drop(live, l);
}

/* --- changes --- */

static void print_change(struct buf *b, uint64_t revision)
{
	buf_printf(b, "event: change\ndata: {\"revision\": %" PRIu64 "}\n\n", revision);
}

static void tell_changes(struct live *live, uint64_t revision, int64_t now_us)
{
	AUTO_BUF struct buf b = {0};
	struct listener *l;

	print_change(&b, revision);
	DL_FOREACH(live->listeners, l)
	{
		/* It tells nothing that the one which still waits does not. */
		if (!l->changed || http_stream_pending(l->stream) > 0)
			continue;
		l->changed = false;
		tell(l, &b, now_us);
	}
}

static void look_for_changes(struct live *live, const struct snap *s, int64_t now_us)
{
	uint64_t version = nodes_version(live->api->nodes);
	struct listener *l;

	if (now_us < live->change_us)
		return;
	DL_FOREACH(live->listeners, l)
	l->changed |= s->revision != live->revision || version != live->version;
	live->revision = s->revision;
	live->version = version;
	live->change_us = now_us + TICK_US;
	tell_changes(live, s->revision, now_us);
}

/* --- traffic --- */

/* One event for all: each floating IP's text is printed once, and listeners get those that they see. */
struct piece {
	const char *project;
	size_t at, len;
};

struct event {
	const struct snap *s;
	struct buf text;
	struct piece *pieces;
	size_t count, cap;
};

/* Few digits, and none that say nothing. */
static void print_number(struct buf *b, double v)
{
	int64_t tenths = (int64_t)(v * 10 + 0.5);

	if (v >= 100 || tenths % 10 == 0)
		buf_json_int(b, (int64_t)(v + 0.5));
	else
		buf_printf(b, "%" PRId64 ".%d", tenths / 10, (int)(tenths % 10));
}

static void add_rates(void *arg, const struct uuid *id, const double rate[TRAFFIC_COUNTERS])
{
	struct event *e = arg;
	const struct floatingip *fip = snap_get(e->s, KIND_FLOATINGIP, id);
	size_t at = e->text.len;
	char text[UUID_TEXT];

	if (!fip || e->count == MAX_IN_EVENT)
		return;
	buf_printf(&e->text, "\"%s\":[", uuid_print(id, text));
	for (int i = 0; i < TRAFFIC_COUNTERS; i++) {
		buf_puts(&e->text, i ? "," : "");
		print_number(&e->text, i == IN_BYTES || i == OUT_BYTES ? rate[i] * 8 : rate[i]);
	}
	buf_puts(&e->text, "],");
	if (e->count == e->cap) {
		e->cap = MAX(e->cap * 2, (size_t)64);
		e->pieces = xrealloc(e->pieces, e->cap * sizeof(*e->pieces));
	}
	e->pieces[e->count++] = (struct piece){fip->project_id, at, e->text.len - at};
}

static void add_seen(const struct event *e, const struct listener *l, struct buf *b)
{
	if (l->allowed.admin) {
		buf_add(b, buf_text(&e->text), e->text.len);
		return;
	}
	for (size_t i = 0; i < e->count; i++)
		if (e->pieces[i].project && l->project && strcmp(e->pieces[i].project, l->project) == 0)
			buf_add(b, e->text.data + e->pieces[i].at, e->pieces[i].len);
}

static void print_time(int64_t now_us, char *out, size_t size)
{
	char seconds[TIME_TEXT];

	time_print(now_us / 1000000, seconds);
	snprintf(out, size, "%.19s.%03dZ", seconds, (int)(now_us / 1000 % 1000));
}

static void print_head(struct buf *b, double interval)
{
	char text[40];

	print_time(clock_now_us(), text, sizeof(text));
	buf_printf(b, "event: traffic\ndata: {\"time\":\"%s\",\"interval\":%.1f,\"floatingips\":{", text,
		   interval);
}

static void tell_traffic(struct live *live, const struct event *e, double interval, int64_t now_us)
{
	AUTO_BUF struct buf head = {0}, b = {0};
	struct listener *l;

	print_head(&head, interval);
	DL_FOREACH(live->listeners, l)
	{
		if (http_stream_pending(l->stream) != 0)
			continue;
		b.len = 0;
		buf_add(&b, head.data, head.len);
		add_seen(e, l, &b);
		if (b.data[b.len - 1] == ',')
			b.len--;
		buf_puts(&b, "}}\n\n");
		tell(l, &b, now_us);
	}
}

/* Counters came. */
static void take_traffic(struct live *live, const struct snap *s, int64_t now_us)
{
	struct event e = {.s = s};
	double interval;

	traffic_sample(live->traffic, live->api->nodes, s, now_us, clock_now_us());
	if (live->count) {
		interval = traffic_each_rate(live->traffic, add_rates, &e);
		pthread_mutex_lock(&live->lock);
		tell_traffic(live, &e, interval, now_us);
		pthread_mutex_unlock(&live->lock);
	}
	buf_done(&e.text);
	free(e.pieces);
}

/* --- who still listens --- */

static void check_listeners(struct live *live, const struct snap *s, int64_t now_us)
{
	static const struct buf comment = {(char *)(uintptr_t) ":\n\n", 3, 0};
	struct listener *l, *next;

	DL_FOREACH_SAFE(live->listeners, l, next)
	{
		int r = identity_recheck(live->api->identity, s, l->token, &l->allowed);

		if (http_stream_pending(l->stream) < 0)
			drop(live, l);
		else if (r == -EACCES || l->allowed.expires_us <= clock_now_us())
			say_bye(live, l, "session");
		else if (now_us - l->told_us >= COMMENT_US)
			tell(l, &comment, now_us);
	}
}

/* --- the thread --- */

static void ask(struct live *live, int64_t now_us)
{
	if (live->api->ask_traffic)
		live->api->ask_traffic();
	live->ask_us = now_us + (live->count ? ASK_US : ASK_IDLE_US);
}

static void work(struct live *live, bool reported, bool poked)
{
	AUTO_SNAP const struct snap *s = ledger_snap(live->api->ledger);
	int64_t now_us = clock_mono_us();

	if (reported)
		take_traffic(live, s, now_us);
	pthread_mutex_lock(&live->lock);
	look_for_changes(live, s, now_us);
	if (now_us >= live->check_us) {
		check_listeners(live, s, now_us);
		live->check_us = now_us + ASK_US;
	}
	pthread_mutex_unlock(&live->lock);
	if (poked || now_us >= live->ask_us)
		ask(live, now_us);
}

/* Until there is something to do. False: no more. */
static bool sleep_a_while(struct live *live, bool *ret_reported, bool *ret_poked)
{
	int64_t at = live->count ? clock_mono_us() + TICK_US : live->ask_us;
	struct timespec ts = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};
	bool stop;

	pthread_mutex_lock(&live->sleeping);
	while (!live->stop && !live->reported && !live->poked &&
	       pthread_cond_timedwait(&live->wake, &live->sleeping, &ts) != ETIMEDOUT)
		;
	*ret_reported = live->reported;
	*ret_poked = live->poked;
	live->reported = live->poked = false;
	stop = live->stop;
	pthread_mutex_unlock(&live->sleeping);
	return !stop;
}

static void *live_main(void *arg)
{
	struct live *live = arg;
	bool reported, poked;

	while (sleep_a_while(live, &reported, &poked))
		work(live, reported, poked);
	pthread_mutex_lock(&live->lock);
	live->closed = true;
	while (live->listeners)
		say_bye(live, live->listeners, "shutdown");
	pthread_mutex_unlock(&live->lock);
	return NULL;
}

static void wake(struct live *live, bool *flag)
{
	pthread_mutex_lock(&live->sleeping);
	*flag = true;
	pthread_cond_signal(&live->wake);
	pthread_mutex_unlock(&live->sleeping);
}

static void on_report(void *arg, bool traffic)
{
	struct live *live = arg;

	if (traffic)
		wake(live, &live->reported);
}

int live_new(struct api *api, struct live **ret, struct err *err)
{
	struct live *live = xalloc(sizeof(*live));
	pthread_condattr_t attr;
	int r;

	live->api = api;
	live->traffic = traffic_new();
	live->ask_us = clock_mono_us() + ASK_US;
	pthread_mutex_init(&live->lock, NULL);
	pthread_mutex_init(&live->sleeping, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&live->wake, &attr);
	pthread_condattr_destroy(&attr);
	r = pthread_create(&live->thread, NULL, live_main, live);
	live->running = r == 0;
	if (r) {
		live_free(live);
		return err_set(err, -r, "cannot start a thread: %s", strerror(r));
	}
	nodes_watch(api->nodes, on_report, live);
	*ret = live;
	return 0;
}

void live_stop(struct live *live)
{
	if (!live || !live->running)
		return;
	nodes_watch(live->api->nodes, NULL, NULL);
	wake(live, &live->stop);
	pthread_join(live->thread, NULL);
	live->running = false;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	live_stop(live);
	pthread_cond_destroy(&live->wake);
	pthread_mutex_destroy(&live->sleeping);
	pthread_mutex_destroy(&live->lock);
	traffic_free(live->traffic);
	free(live);
}

struct traffic *live_traffic(struct live *live)
{
	return live->traffic;
}

/* --- the route --- */

/* Locked. Who has gone makes room. */
static int check_room(struct live *live, const char *user, struct call *c, struct err *err)
{
	struct listener *l, *next;
	size_t own = 0;

	DL_FOREACH_SAFE(live->listeners, l, next)
	{
		if (http_stream_pending(l->stream) < 0)
			drop(live, l);
		else
			own += strcmp(l->user, user) == 0;
	}
	if (!live->closed && live->count < LIVE_MAX && own < LIVE_MAX_USER)
		return 0;
	http_add_header(c->req, c->resp, "Retry-After", "10");
	if (!live->closed && own >= LIVE_MAX_USER)
		return err_api(err, 429, "TooManyRequests", "You listen %d times already: close a window.",
			       LIVE_MAX_USER);
	return err_api(err, 503, "ServiceUnavailable", "Too many listen already; try again later.");
}

static void add_listener(struct live *live, struct call *c, const char *user)
{
	struct listener *l = xalloc(sizeof(*l));
	AUTO_BUF struct buf b = {0};

	l->stream = http_stream_open(c->req, c->resp, MAX_PENDING);
	l->token = xstrdup(console_token(c));
	l->user = xstrdup(user);
	l->project = xstrdup(c->caller.actor.project_id);
	l->allowed = (struct token_state){c->caller.admin, INT64_MAX};
	identity_recheck(live->api->identity, c->snap, l->token, &l->allowed);
	/* Who asks anew after this sees everything that was told to the others before. */
	print_change(&b, c->snap->revision);
	tell(l, &b, clock_mono_us());
	DL_APPEND(live->listeners, l);
	if (!live->count++)
		wake(live, &live->poked);
}

int live_open(struct call *c, struct err *err)
{
	const char *user = c->caller.actor.user_id ? c->caller.actor.user_id : "";
	struct live *live = c->api->live;
	int r = 0;

	c->resp->content_type = "text/event-stream";
	http_add_header(c->req, c->resp, "Cache-Control", "no-store");
	http_add_header(c->req, c->resp, "X-Accel-Buffering", "no"); /* nginx would collect it */
	if (strcmp(c->req->method_name, "HEAD") == 0)
		return 0;
	pthread_mutex_lock(&live->lock);
	r = check_room(live, user, c, err);
	if (r == 0)
		add_listener(live, c, user);
	pthread_mutex_unlock(&live->lock);
	return r;
}
