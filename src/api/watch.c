/* Who looks at packets of which floating IP, and the thread that keeps the agent telling. See watch.h. */
#include "api/watch.h"
#include "api/console.h"
#include "api/explain.h"
#include "api/frame.h"
#include "api/identity.h"
#include "api/words.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <utlist.h>

#define RENEW_US    2000000
#define COMMENT_US  15000000
#define WAIT_US     3000000 /* for the agent's word on whether there is anything to see */
#define MAX_PENDING (256 * 1024)

struct watcher {
	struct http_stream *stream;
	char *token, *project;
	struct token_state allowed;
	struct uuid floatingip;
	struct ip addr;
	int64_t told_us;
	struct watcher *prev, *next;
};

struct watches {
	struct api *api;
	bool (*ask)(const struct probe_watch *w);
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* the rest */
	pthread_cond_t wake;
	struct watcher *list;
	size_t count;
	bool stop;
};

/* --- streams; locked --- */

static void drop(struct watches *ws, struct watcher *w)
{
	DL_DELETE(ws->list, w);
	ws->count--;
	http_stream_close(w->stream);
	explicit_bzero(w->token, strlen(w->token));
	free(w->token);
	free(w->project);
	free(w);
}

static void say_bye(struct watches *ws, struct watcher *w, const char *reason)
{
	AUTO_FREE char *text = xasprintf("event: bye\ndata: {\"reason\": \"%s\"}\n\n", reason);

	http_stream_write(w->stream, text, strlen(text));
	drop(ws, w);
}

static bool still_sees(const struct watcher *w, const struct snap *s)
{
	const struct floatingip *fip = snap_get(s, KIND_FLOATINGIP, &w->floatingip);

	return fip && (w->allowed.admin || (w->project && strcmp(w->project, fip->project_id) == 0));
}

static void check(struct watches *ws, struct watcher *w, const struct snap *s, int64_t now_us)
{
	static const char comment[] = ":\n\n";
	int r = identity_recheck(ws->api->identity, s, w->token, &w->allowed);

	if (http_stream_pending(w->stream) < 0) {
		drop(ws, w);
	} else if (r == -EACCES || w->allowed.expires_us <= clock_now_us()) {
		say_bye(ws, w, "session");
	} else if (!still_sees(w, s)) {
		say_bye(ws, w, "gone");
	} else if (now_us - w->told_us >= COMMENT_US) {
		http_stream_write(w->stream, comment, strlen(comment));
		w->told_us = now_us;
	}
}

/* --- the thread --- */

static bool is_first_of_its_address(const struct watches *ws, const struct watcher *w)
{
	const struct watcher *other;

	DL_FOREACH(ws->list, other)
	if (uuid_eq(&other->floatingip, &w->floatingip))
		return other == w;
	return true;
}

static void renew(struct watches *ws)
{
	struct watcher *w;

	DL_FOREACH(ws->list, w)
	if (is_first_of_its_address(ws, w))
		ws->ask(&(struct probe_watch){.floatingip = w->floatingip});
}

static void work(struct watches *ws)
{
	AUTO_SNAP const struct snap *s = ledger_snap(ws->api->ledger);
	struct watcher *w, *next;
	int64_t now_us = clock_mono_us();

	DL_FOREACH_SAFE(ws->list, w, next)
	check(ws, w, s, now_us);
	renew(ws);
}

static void sleep_a_while(struct watches *ws)
{
	int64_t at = clock_mono_us() + RENEW_US;
	struct timespec ts = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};

	if (ws->count)
		pthread_cond_timedwait(&ws->wake, &ws->lock, &ts);
	else
		pthread_cond_wait(&ws->wake, &ws->lock);
}

static void *watch_main(void *arg)
{
	struct watches *ws = arg;

	pthread_mutex_lock(&ws->lock);
	while (!ws->stop) {
		sleep_a_while(ws);
		if (!ws->stop)
			work(ws);
	}
	while (ws->list)
		say_bye(ws, ws->list, "shutdown");
	pthread_mutex_unlock(&ws->lock);
	return NULL;
}

int watches_new(struct api *api, bool (*ask)(const struct probe_watch *w), struct watches **ret,
		struct err *err)
{
	struct watches *ws = xalloc(sizeof(*ws));
	pthread_condattr_t attr;
	int r;

	ws->api = api;
	ws->ask = ask;
	pthread_mutex_init(&ws->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&ws->wake, &attr);
	pthread_condattr_destroy(&attr);
	r = pthread_create(&ws->thread, NULL, watch_main, ws);
	ws->running = r == 0;
	if (r) {
		watches_free(ws);
		return err_set(err, -r, "cannot start a thread: %s", strerror(r));
	}
	*ret = ws;
	return 0;
}

void watches_stop(struct watches *ws)
{
	if (!ws || !ws->running)
		return;
	pthread_mutex_lock(&ws->lock);
	ws->stop = true;
	pthread_cond_signal(&ws->wake);
	pthread_mutex_unlock(&ws->lock);
	pthread_join(ws->thread, NULL);
	ws->running = false;
}

void watches_free(struct watches *ws)
{
	if (!ws)
		return;
	watches_stop(ws);
	pthread_cond_destroy(&ws->wake);
	pthread_mutex_destroy(&ws->lock);
	free(ws);
}

/* --- packets --- */

/* The words of what happened, and the reason's name or NULL. */
static const char *words_of(const struct probe_seen *p, const char **ret_reason)
{
	*ret_reason = NULL;
	if (p->verdict == VERDICT_DROP && p->reason < DROP_REASONS) {
		*ret_reason = drop_words[p->reason].name;
		return drop_words[p->reason].text;
	}
	if (p->verdict == VERDICT_ROUTER && p->reason < SLOW_REASONS) {
		*ret_reason = slow_words[p->reason].name;
		return slow_words[p->reason].text;
	}
	return verdict_words[p->verdict].text;
}

static void print_text(struct buf *b, const char *key, const char *text)
{
	buf_printf(b, ", \"%s\": ", key);
	if (text && *text)
		buf_json_str(b, text);
	else
		buf_puts(b, "null");
}

static void print_packet(struct buf *b, const struct probe_seen *p, bool admin)
{
	char seconds[TIME_TEXT], via[IP_TEXT];
	const char *reason, *what = words_of(p, &reason);

	time_print(p->time_us / 1000000, seconds);
	buf_printf(
		b,
		"event: packet\ndata: {\"time\": \"%.19s.%03dZ\", \"direction\": \"%s\", \"verdict\": \"%s\"",
		seconds, (int)(p->time_us / 1000 % 1000), p->direction == PROBE_IN ? "in" : "out",
		verdict_words[p->verdict].name);
	print_text(b, "reason", reason);
	print_text(b, "summary", what);
	buf_puts(b, ", \"packet\": ");
	if (p->whole)
		explain_print_frame(b, &p->frame);
	else
		buf_puts(b, "null");
	print_text(b, "via", ip_is_null(&p->via) ? NULL : ip_print(&p->via, via));
	print_text(b, "at", admin ? p->at : NULL);
	print_text(b, "to", admin ? p->to : NULL);
	buf_printf(b, ", \"generation\": %" PRIu64 ", \"missed\": %" PRIu64 "}\n\n", p->generation,
		   p->missed);
}

static void tell(struct watches *ws, const struct probe_seen *p)
{
	struct watcher *w;

	DL_FOREACH(ws->list, w)
	{
		AUTO_BUF struct buf b = {0};

		if (!ip_eq(&w->addr, &p->floating_ip))
			continue;
		print_packet(&b, p, w->allowed.admin);
		http_stream_write(w->stream, b.data, b.len);
		w->told_us = clock_mono_us();
	}
}

void watches_seen(struct watches *ws, const struct probe_seen *list, size_t count)
{
	pthread_mutex_lock(&ws->lock);
	for (size_t i = 0; i < count; i++)
		if (list[i].verdict < VERDICTS)
			tell(ws, &list[i]);
	pthread_mutex_unlock(&ws->lock);
}

/* --- the route --- */

/* Locked. Who has gone makes room. */
static int check_room(struct watches *ws, const struct uuid *floatingip, struct call *c, struct err *err)
{
	struct watcher *w, *next;
	size_t addresses = 0;
	bool there = false;

	DL_FOREACH_SAFE(ws->list, w, next)
	if (http_stream_pending(w->stream) < 0)
		drop(ws, w);
	DL_FOREACH(ws->list, w)
	{
		addresses += is_first_of_its_address(ws, w);
		there |= uuid_eq(&w->floatingip, floatingip);
	}
	if (!ws->stop && ws->count < WATCH_MAX && (there || addresses < PROBE_WATCHES))
		return 0;
	http_add_header(c->req, c->resp, "Retry-After", "10");
	if (!ws->stop && ws->count < WATCH_MAX)
		return err_api(
			err, 409, "Conflict",
			"Packets of %d other floating IPs are being looked at already; try again later.",
			PROBE_WATCHES);
	return err_api(err, 503, "ServiceUnavailable", "Too many look at packets already; try again later.");
}

static void add_watcher(struct watches *ws, struct call *c, const struct floatingip *fip)
{
	struct watcher *w = xalloc(sizeof(*w));

	w->stream = http_stream_open(c->req, c->resp, MAX_PENDING);
	w->token = xstrdup(console_token(c));
	w->project = c->caller.actor.project_id ? xstrdup(c->caller.actor.project_id) : NULL;
	w->allowed = (struct token_state){c->caller.admin, INT64_MAX};
	w->floatingip = fip->row.id;
	w->addr = fip->floating_ip_address;
	w->told_us = clock_mono_us();
	http_stream_write(w->stream, ":\n\n", 3); /* the client sees that it is let in */
	DL_APPEND(ws->list, w);
	ws->count++;
	ws->ask(&(struct probe_watch){.floatingip = w->floatingip});
	pthread_cond_signal(&ws->wake);
}

struct opening {
	struct call *c;
	struct probe_question question;
	enum probe_state state;
	bool answered;
};

static void on_answer(void *arg, const struct probe_answer *a)
{
	struct opening *o = arg;

	o->answered = a != NULL;
	if (a)
		o->state = (enum probe_state)a->state;
	http_resume(o->c->req);
}

static int opened(struct call *c, struct err *err)
{
	struct watches *ws = c->api->watches;
	struct opening *o = c->state;
	const struct row *row;
	int r = call_find(c, KIND_FLOATINGIP, c->arg[0], &row, err);

	if (r < 0)
		return r;
	if (!o->answered)
		return err_api(err, 504, "GatewayTimeout",
			       "The node has not answered: its agent is busy or does not run.");
	if (o->state == PROBE_NFT)
		return err_api(err, 501, "NotImplemented",
			       "nftables translates this floating IP: its packets are not seen.");
	c->resp->content_type = "text/event-stream";
	http_add_header(c->req, c->resp, "Cache-Control", "no-store");
	http_add_header(c->req, c->resp, "X-Accel-Buffering", "no"); /* nginx would collect it */
	if (strcmp(c->req->method_name, "HEAD") == 0)
		return 0;
	pthread_mutex_lock(&ws->lock);
	r = check_room(ws, &row->id, c, err);
	if (r == 0)
		add_watcher(ws, c, (const struct floatingip *)row);
	pthread_mutex_unlock(&ws->lock);
	return r;
}

/* The agent knows whether there will be packets to see: it is asked about one first. */
int watches_open(struct call *c, struct err *err)
{
	struct opening *o = talloc_zero(c->req->region, struct opening);
	const struct row *row;
	int r = call_find(c, KIND_FLOATINGIP, c->arg[0], &row, err);

	if (r < 0)
		return r;
	if (!c->api->watches || !c->api->asks)
		return err_api(err, 503, "ServiceUnavailable", "There is no agent to ask.");
	o->c = c;
	o->question.floatingip = row->id;
	o->question.packet =
		(struct probe_packet){.other = ((const struct floatingip *)row)->floating_ip_address,
				      .length = probe_length_min(IPPROTO_ICMP),
				      .protocol = IPPROTO_ICMP,
				      .ttl = 64};
	c->state = o;
	c->resumed = opened;
	r = asks_put(c->api->asks, &o->question, clock_mono_us() + WAIT_US, on_answer, o, err);
	return r < 0 ? r : CALL_WAIT;
}
