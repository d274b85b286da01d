/* GET /v2.0/buoy/orphans: floating IPs that nobody seems to use, and why it looks so.
 * Route; walks the rows of one snapshot on a worker thread, a page at a time. */
#include "api/frame.h"
#include "api/live.h"
#include "api/net.h"

#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#define DEFAULT_IDLE_S (7 * 86400)
#define MAX_IDLE_S     (10LL * 365 * 86400)
#define DEFAULT_LIMIT  1000
#define MAX_LIMIT      10000

struct orphans {
	struct call *c;
	int64_t now_s, idle_s;
	bool out;               /* only what instances send counts */
	const char *project_id; /* NULL: all */
	struct uuid after;
	bool has_after;
	size_t limit, count;
	struct uuid last;
	bool more;
	struct buf text;
};

static int drop_orphans(struct orphans *o)
{
	buf_done(&o->text);
	return 0;
}

/* --- one floating IP --- */

struct seen {
	int64_t in, out; /* seconds; 0: never */
};

/* What this daemon has seen, and what was written down before. */
static struct seen seen_of(const struct orphans *o, const struct uuid *id)
{
	const struct sighting *s = snap_get(o->c->snap, KIND_SIGHTING, id);
	struct traffic_seen now;

	traffic_last(live_traffic(o->c->api->live), id, &now);
	return (struct seen){MAX(now.us[EXPRESS_IN] / 1000000, s ? s->seen_in : 0),
			     MAX(now.us[EXPRESS_OUT] / 1000000, s ? s->seen_out : 0)};
}

static int64_t last_use(const struct orphans *o, const struct floatingip *f, const struct seen *seen)
{
	int64_t packet = o->out ? seen->out : MAX(seen->in, seen->out);

	return MAX(packet, MAX(f->associated_at, f->row.created_at));
}

static const char *reason_of(const struct orphans *o, const struct floatingip *f)
{
	if (uuid_is_null(&f->port_id) && !uuid_is_null(&f->router_id)) /* it forwards ports */
		return "no_packets";
	if (uuid_is_null(&f->port_id))
		return f->associated_at ? "not_associated" : "never_associated";
	return nodes_plugged(o->c->api->nodes, &f->port_id) ? "no_packets" : "not_plugged";
}

static void print_time(struct buf *b, const char *name, int64_t at)
{
	char time[TIME_TEXT];

	if (at)
		buf_printf(b, ",\"%s\":\"%s\"", name, time_print(at, time));
	else
		buf_printf(b, ",\"%s\":null", name);
}

static void print_orphan(struct orphans *o, const struct floatingip *f, const struct seen *seen, int64_t idle)
{
	struct buf *b = &o->text;
	char id[UUID_TEXT], network[UUID_TEXT], port[UUID_TEXT], ip[IP_TEXT];

	buf_printf(
		b,
		"%s{\"floatingip_id\":\"%s\",\"floating_ip_address\":\"%s\",\"floating_network_id\":\"%s\",",
		o->count ? "," : "", uuid_print(&f->row.id, id), ip_print(&f->floating_ip_address, ip),
		uuid_print(&f->floating_network_id, network));
	buf_puts(b, "\"project_id\":");
	buf_json_str(b, f->project_id);
	buf_puts(b, ",\"description\":");
	buf_json_str(b, f->description);
	if (uuid_is_null(&f->port_id))
		buf_puts(b, ",\"port_id\":null");
	else
		buf_printf(b, ",\"port_id\":\"%s\"", uuid_print(&f->port_id, port));
	buf_printf(b, ",\"reason\":\"%s\",\"idle_seconds\":%" PRId64, reason_of(o, f), idle);
	print_time(b, "last_seen_in", seen->in);
	print_time(b, "last_seen_out", seen->out);
	print_time(b, "associated_at", f->associated_at);
	print_time(b, "created_at", f->row.created_at);
	print_time(b, "expires_at", f->expires_at);
	buf_putc(b, '}');
}

/* False: the page is full. */
static bool look_at(struct orphans *o, const struct floatingip *f)
{
	struct seen seen = seen_of(o, &f->row.id);
	int64_t idle = o->now_s - last_use(o, f, &seen);

	if (idle < o->idle_s)
		return true;
	if (o->count == o->limit) {
		o->more = true;
		return false;
	}
	print_orphan(o, f, &seen, idle);
	o->count++;
	o->last = f->row.id;
	return true;
}

/* --- all of them --- */

static void walk_job(struct call *c)
{
	struct orphans *o = c->state;
	const struct uuid *after = o->has_after ? &o->after : NULL;
	const struct floatingip *f;
	struct scan scan;

	f = o->project_id ? scan_index(&scan, c->snap, IX_FLOATINGIP_PROJECT, o->project_id, after)
			  : scan_kind(&scan, c->snap, KIND_FLOATINGIP, after);
	for (; f && look_at(o, f); f = scan_next(&scan))
		;
}

static void print_next(struct orphans *o)
{
	struct call *c = o->c;
	char id[UUID_TEXT];

	buf_printf(&c->resp->body,
		   ",\"orphans_links\":[{\"rel\":\"next\",\"href\":\"%s%s?idle=%" PRId64
		   "&direction=%s&limit=%zu&marker=%s",
		   c->api->config.public_url, c->req->path, o->idle_s, o->out ? "out" : "any", o->limit,
		   uuid_print(&o->last, id));
	if (c->caller.admin && o->project_id)
		buf_printf(&c->resp->body, "&project_id=%s", o->project_id);
	buf_puts(&c->resp->body, "\"}]");
}

static int walked(struct call *c, struct err *err)
{
	struct orphans *o = c->state;

	buf_printf(&c->resp->body, "{\"idle_seconds\":%" PRId64 ",\"orphans\":[", o->idle_s);
	buf_add(&c->resp->body, buf_text(&o->text), o->text.len);
	buf_putc(&c->resp->body, ']');
	if (o->more)
		print_next(o);
	buf_putc(&c->resp->body, '}');
	return 0;
}

/* --- what is asked --- */

static int bad(struct err *err, const char *key, const char *what)
{
	return err_api(err, 400, "HTTPBadRequest", "Invalid input for %s: it is %s.", key, what);
}

static int read_number(const char *text, size_t len, int64_t max, int64_t *ret)
{
	int64_t n = 0;

	if (len == 0 || len > 12)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		n = n * 10 + (text[i] - '0');
	}
	*ret = n;
	return n > max ? -1 : 0;
}

/* "7d", "12h", "30m", "90s", or seconds. */
static int read_idle(const char *text, int64_t *ret, struct err *err)
{
	static const char letters[] = "smhd";
	static const int64_t seconds[] = {1, 60, 3600, 86400};
	size_t len = strlen(text);
	const char *unit = len ? strchr(letters, text[len - 1]) : NULL;
	int64_t n, each = unit ? seconds[unit - letters] : 1;

	if (read_number(text, unit ? len - 1 : len, MAX_IDLE_S / each, &n) < 0)
		return bad(err, "idle",
			   "a time, as 7d, 12h, 30m or a number of seconds, of ten years at most");
	*ret = n * each;
	return 0;
}

static int read_param(struct orphans *o, const struct http_param *p, struct err *err)
{
	int64_t n;

	if (strcmp(p->key, "idle") == 0)
		return read_idle(p->value, &o->idle_s, err);
	if (strcmp(p->key, "direction") == 0) {
		o->out = strcmp(p->value, "out") == 0;
		return o->out || strcmp(p->value, "any") == 0 ? 0 : bad(err, "direction", "any or out");
	}
	if (strcmp(p->key, "marker") == 0) {
		o->has_after = true;
		return uuid_parse(p->value, &o->after) == 0 ? 0 : bad(err, "marker", "a floating IP's id");
	}
	if (strcmp(p->key, "limit") == 0) {
		if (read_number(p->value, strlen(p->value), MAX_LIMIT, &n) < 0 || n == 0)
			return bad(err, "limit", "a number from 1 to 10000");
		o->limit = (size_t)n;
		return 0;
	}
	if (strcmp(p->key, "project_id") == 0 || strcmp(p->key, "tenant_id") == 0) {
		if (strspn(p->value, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") !=
		    strlen(p->value))
			return bad(err, p->key, "a project's id");
		o->project_id = p->value;
		return 0;
	}
	return err_api(err, 400, "HTTPBadRequest", "['%.80s'] is invalid attribute for filtering", p->key);
}

static int list_orphans(struct call *c, struct err *err)
{
	struct orphans *o = talloc_zero(c->req->region, struct orphans);
	const char *own = c->caller.actor.project_id ? c->caller.actor.project_id : "";
	int r = 0;

	talloc_set_destructor(o, drop_orphans);
	o->c = c;
	o->now_s = clock_now_us() / 1000000;
	o->idle_s = DEFAULT_IDLE_S;
	o->limit = DEFAULT_LIMIT;
	for (size_t i = 0; i < c->req->param_count && r == 0; i++)
		r = read_param(o, &c->req->params[i], err);
	if (r < 0)
		return r;
	if (!c->caller.admin && o->project_id && strcmp(o->project_id, own) != 0)
		return call_denied("get", "orphans", err);
	if (!c->caller.admin)
		o->project_id = own;
	c->state = o;
	return call_job(c, walk_job, walked, err);
}

const struct route orphan_routes[] = {
	{HTTP_GET, "/v2.0/buoy/orphans", list_orphans, ROUTE_NOW, FAMILY_NETWORK, "orphans", KIND_NONE,
	 "Lists floating IPs that nobody seems to use, and why"},
	{0},
};
