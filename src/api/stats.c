/* What a floating IP carries, and what happened to it: /stats and /history below a floating IP.
 * Routes; the numbers are traffic.c's, the past is the store's event log. */
#include "api/explain.h"
#include "api/frame.h"
#include "api/live.h"
#include "api/past.h"
#include "api/watch.h"
#include "api/words.h"
#include "store/encode.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#define DEFAULT_EVENTS 50
#define MAX_EVENTS     500

/* --- stats --- */

static void print_counters(struct buf *b, const struct traffic_stats *stats)
{
	static const char *const names[TRAFFIC_COUNTERS] = {"in_packets", "in_bytes", "out_packets",
							    "out_bytes"};

	for (int i = 0; i < TRAFFIC_COUNTERS; i++)
		buf_printf(b, "\"%s\":%" PRIu64 ",", names[i], stats->counter[i]);
	buf_puts(b, "\"dropped\":{");
	for (int i = 0; i < DROP_REASONS; i++)
		buf_printf(b, "%s\"%s\":%" PRIu64, i ? "," : "", drop_words[i].name, stats->dropped[i]);
	buf_puts(b, "},");
}

static void print_rates(struct buf *b, const double rate[TRAFFIC_COUNTERS])
{
	buf_printf(b, "\"in_pps\":%.1f,\"in_bps\":%.0f,\"out_pps\":%.1f,\"out_bps\":%.0f", rate[IN_PACKETS],
		   rate[IN_BYTES] * 8, rate[OUT_PACKETS], rate[OUT_BYTES] * 8);
}

static void print_seen(struct buf *b, const char *name, int64_t at_us)
{
	char time[TIME_TEXT];

	buf_printf(b, "\"%s\":", name);
	if (at_us)
		buf_printf(b, "\"%s\",", time_print(at_us / 1000000, time));
	else
		buf_puts(b, "null,");
}

static void print_minutes(struct buf *b, const struct traffic_stats *stats)
{
	char time[TIME_TEXT];

	for (size_t i = 0; i < stats->minutes; i++) {
		buf_printf(b, "%s{\"time\":\"%s\",", i ? "," : "", time_print(stats->history[i].time, time));
		print_rates(b, stats->history[i].rate);
		buf_putc(b, '}');
	}
}

static int show_stats(struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;
	const struct floatingip *fip;
	struct traffic_stats stats;
	const struct row *row;
	char text[UUID_TEXT], ip[IP_TEXT];
	int r = call_find(c, KIND_FLOATINGIP, c->arg[0], &row, err);

	if (r < 0)
		return r;
	fip = (const struct floatingip *)row;
	if (c->api->ask_traffic)
		c->api->ask_traffic(); /* who asks again sees more */
	traffic_read(live_traffic(c->api->live), &row->id, clock_now_us(), &stats);
	buf_printf(b, "{\"stats\":{\"floatingip_id\":\"%s\",\"floating_ip_address\":\"%s\",",
		   uuid_print(&row->id, text), ip_print(&fip->floating_ip_address, ip));
	print_counters(b, &stats);
	print_seen(b, "last_seen", stats.last_seen_us);
	print_seen(b, "last_seen_in", stats.seen_us[EXPRESS_IN]);
	print_seen(b, "last_seen_out", stats.seen_us[EXPRESS_OUT]);
	buf_puts(b, "\"rates\":{");
	print_rates(b, stats.rate);
	buf_puts(b, "},\"interval\":60,\"history\":[");
	print_minutes(b, &stats);
	buf_puts(b, "]}}");
	return 0;
}

/* --- history --- */

struct history {
	struct uuid id;
	uint64_t before;
	size_t limit;
	size_t printed, seen;
	bool more;
	uint64_t last;
	struct buf text;
	struct err err;
	int result;
	struct call *c;
};

static int drop_history(struct history *h)
{
	buf_done(&h->text);
	return 0;
}

static void print_version(struct history *h, const char *name, const char *json)
{
	const struct shape *shape = shape_of(KIND_FLOATINGIP);
	struct print_view view = {.admin = h->c->caller.admin, .fields = ~0ULL};
	const struct row *row = NULL;

	buf_printf(&h->text, ",\"%s\":", name);
	if (json && store_decode_row(shape, &h->id, 0, json, strlen(json), &row, NULL) == 0)
		print_row(row, &view, &h->text);
	else
		buf_puts(&h->text, "null");
	row_drop(row);
}

static bool is_owner(const struct history *h, const char *json)
{
	const struct row *row = NULL;
	bool owns =
		json &&
		store_decode_row(shape_of(KIND_FLOATINGIP), &h->id, 0, json, strlen(json), &row, NULL) == 0 &&
		call_owns(&h->c->caller, row);

	row_drop(row);
	return owns;
}

static int print_event(void *arg, const struct store_event *e, struct err *err)
{
	struct history *h = arg;
	struct buf *b = &h->text;
	char time[TIME_TEXT];
	bool owned, owns, hidden;

	if (h->seen == h->limit) {
		h->more = true;
		return 0;
	}
	h->seen++;
	h->last = e->revision;
	owned = is_owner(h, e->was);
	owns = is_owner(h, e->is);
	if (!owned && !owns)
		return 0;
	/* Who of another project took it over, and what he has made of it, is that one's affair. */
	hidden = e->is && !owns;
	buf_printf(b, "%s{\"revision\":%" PRIu64 ",\"time\":\"%s\",\"user_id\":", h->printed++ ? "," : "",
		   e->revision, time_print(e->time_us / 1000000, time));
	buf_json_str(b, hidden ? NULL : e->user_id);
	buf_puts(b, ",\"user_name\":");
	buf_json_str(b, hidden ? NULL : e->user_name);
	buf_puts(b, ",\"project_id\":");
	buf_json_str(b, hidden ? NULL : e->project_id);
	buf_puts(b, ",\"request_id\":");
	buf_json_str(b, hidden ? NULL : e->request_id);
	buf_puts(b, ",\"action\":");
	buf_json_str(b, hidden ? NULL : e->action);
	print_version(h, "was", owned ? e->was : NULL);
	print_version(h, "is", owns ? e->is : NULL);
	buf_putc(b, '}');
	return 0;
}

/* On the thread that reads the event log. */
static void history_job(struct call *c)
{
	struct history *h = c->state;
	struct store *st = c->api->history;

	/* One more than are shown: whether there is another page. */
	h->result = st->ops->events(st, KIND_FLOATINGIP, &h->id, h->before, h->limit + 1, print_event, h,
				    &h->err);
}

static int history_done(struct call *c, struct err *err)
{
	struct history *h = c->state;
	struct buf *b = &c->resp->body;
	const struct row *row;

	if (h->result < 0) {
		*err = h->err;
		return h->result;
	}
	/* Nothing of it is this caller's: there is no such floating IP, unless there is. */
	if (!h->printed && call_find(c, KIND_FLOATINGIP, c->arg[0], &row, err) < 0)
		return -ENOENT;
	buf_puts(b, "{\"history\":[");
	buf_add(b, buf_text(&h->text), h->text.len);
	buf_putc(b, ']');
	if (h->more)
		buf_printf(b,
			   ",\"history_links\":[{\"rel\":\"next\",\"href\":\"%s%s?limit=%zu&marker=%" PRIu64
			   "\"}]",
			   c->api->config.public_url, c->req->path, h->limit, h->last);
	buf_putc(b, '}');
	return 0;
}

static int read_number(const struct call *c, const char *key, uint64_t *ret, struct err *err)
{
	const char *text = http_param(c->req, key);
	char *end;

	if (!text)
		return 0;
	if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 18)
		return err_api(err, 400, "HTTPBadRequest", "Invalid input for %s: it is a number.", key);
	*ret = strtoull(text, &end, 10);
	return 0;
}

static int show_history(struct call *c, struct err *err)
{
	struct history *h = talloc_zero(c->req->region, struct history);
	uint64_t limit = DEFAULT_EVENTS;
	int r;

	talloc_set_destructor(h, drop_history);
	if ((r = read_number(c, "limit", &limit, err)) < 0 ||
	    (r = read_number(c, "marker", &h->before, err)) < 0)
		return r;
	if (uuid_parse(c->arg[0], &h->id) < 0)
		return call_not_found(KIND_FLOATINGIP, c->arg[0], err);
	h->c = c;
	h->limit = (size_t)MIN(MAX(limit, 1UL), (uint64_t)MAX_EVENTS);
	c->state = h;
	return past_job(c, history_job, history_done, err);
}

const struct route stats_routes[] = {
	{HTTP_GET, "/v2.0/floatingips/{}/stats", show_stats, ROUTE_NOW, FAMILY_NETWORK, "stats",
	 KIND_FLOATINGIP, "Shows what passes a floating IP, and what is dropped"},
	{HTTP_GET, "/v2.0/floatingips/{}/history", show_history, ROUTE_NOW, FAMILY_NETWORK, "history",
	 KIND_FLOATINGIP, "Shows who did what with a floating IP"},
	{HTTP_POST, "/v2.0/floatingips/{}/explain", explain_open, ROUTE_NOW, FAMILY_NETWORK, "explain",
	 KIND_FLOATINGIP, "Explains what becomes of a packet"},
	{HTTP_GET, "/v2.0/floatingips/{}/packets", watches_open, ROUTE_NOW, FAMILY_NETWORK, "packets",
	 KIND_FLOATINGIP, "Tells of packets as they pass", .media = "text/event-stream"},
	{HTTP_GET, "/v2.0/buoy/live", live_open, ROUTE_NOW, FAMILY_NETWORK, "live", KIND_NONE,
	 "Tells of rates and changes as they happen", .media = "text/event-stream"},
	{0},
};
