/* os-simple-tenant-usage: for how many hours servers have been known. What they use, Buoy does not know:
 * zero. Route functions of the compute API, over the inventory. */
#include "api/compute.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* From 2.40 on the list comes in pages, and clients ask for more until a page is empty. Ours is one page. */
static bool is_past_the_end(const struct call *c)
{
	return c->microversion >= 40 && http_param(c->req, "marker");
}

struct period {
	int64_t start, stop, now;
};

/* "2026-11-22T07:31:15", with or without a fraction, or only the day. */
static int read_time(const struct call *c, const char *key, int64_t *ret, struct err *err)
{
	const char *value = http_param(c->req, key);
	char text[TIME_TEXT];

	if (!value || !*value)
		return 0;
	if (strlen(value) == strlen("2026-11-22"))
		snprintf(text, sizeof(text), "%.10sT00:00:00Z", value);
	else
		snprintf(text, sizeof(text), "%.19sZ", value);
	/* Some clients write a blank in place of the T. */
	if (strlen(text) > 10 && text[10] == ' ')
		text[10] = 'T';
	if (time_parse(text, ret) == 0)
		return 0;
	return err_api(err, 400, "HTTPBadRequest", "Datetime is in invalid format");
}

static int read_period(const struct call *c, struct period *ret, struct err *err)
{
	struct period p = {.now = clock_now_us() / 1000000};
	int r;

	p.stop = p.now;
	p.start = p.now;
	if ((r = read_time(c, "start", &p.start, err)) < 0 || (r = read_time(c, "end", &p.stop, err)) < 0)
		return r;
	if (p.stop < p.start)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid start time. The start time cannot occur after "
			       "the end time.");
	*ret = p;
	return 0;
}

static double hours(const struct instance *s, const struct period *p)
{
	int64_t from = MAX(s->created, p->start), to = MIN(p->now, p->stop);

	return to > from ? (double)(to - from) / 3600 : 0;
}

static void print_server(struct call *c, const struct instance *s, const struct period *p)
{
	struct buf *b = &c->resp->body;

	buf_json_next(b);
	buf_putc(b, '{');
	buf_json_member(b, "instance_id", s->id);
	buf_json_member(b, "name", s->name);
	buf_json_member(b, "tenant_id", s->project_id);
	buf_json_member(b, "flavor", compute_flavor_of(s));
	compute_put_time(b, "started_at", s->created);
	buf_printf(b,
		   ",\"ended_at\":null,\"state\":\"active\",\"vcpus\":0,\"memory_mb\":0,\"local_gb\":0,"
		   "\"hours\":%.4f,\"uptime\":%lld}",
		   hours(s, p), (long long)MAX(p->now - s->created, (int64_t)0));
}

/* The servers of one project, which stand beside one another. */
static void print_usage(struct call *c, const struct instance *list, size_t count, const struct period *p,
			bool detailed)
{
	struct buf *b = &c->resp->body;
	double total = 0;

	for (size_t i = 0; i < count; i++)
		total += hours(&list[i], p);
	buf_putc(b, '{');
	buf_json_member(b, "tenant_id", list[0].project_id);
	compute_put_time(b, "start", p->start);
	compute_put_time(b, "stop", p->stop);
	buf_printf(b,
		   ",\"total_hours\":%.4f,\"total_vcpus_usage\":0.0,\"total_memory_mb_usage\":0.0,"
		   "\"total_local_gb_usage\":0.0",
		   total);
	if (detailed) {
		buf_puts(b, ",\"server_usages\":[");
		for (size_t i = 0; i < count; i++)
			print_server(c, &list[i], p);
		buf_putc(b, ']');
	}
	buf_putc(b, '}');
}

int compute_usage(struct call *c, struct err *err)
{
	const char *own = c->caller.actor.project_id;
	struct instances all;
	struct period period;
	int r;

	if (!c->caller.admin && (!own || strcmp(own, c->arg[0]) != 0))
		return err_api(
			err, 403, "Forbidden",
			"Policy doesn't allow os_compute_api:os-simple-tenant-usage:show to be performed.");
	if ((r = read_period(c, &period, err)) < 0)
		return r;
	all = compute_inventory(c->snap, c->req->region, c->arg[0]);
	buf_puts(&c->resp->body, "{\"tenant_usage\":");
	if (all.count && !is_past_the_end(c))
		print_usage(c, all.list, all.count, &period, true);
	else
		buf_puts(&c->resp->body, "{}");
	buf_putc(&c->resp->body, '}');
	return 0;
}

static int cmp_project(const void *a, const void *b)
{
	const struct instance *x = a, *y = b;

	return strcmp(x->project_id, y->project_id);
}

int compute_usages(struct call *c, struct err *err)
{
	const char *detailed = http_param(c->req, "detailed");
	struct instances all;
	struct period period;
	size_t end;
	int r = read_period(c, &period, err);

	if (r < 0)
		return r;
	all = compute_inventory(c->snap, c->req->region, NULL);
	if (all.count > 1)
		qsort(all.list, all.count, sizeof(*all.list), cmp_project);
	buf_puts(&c->resp->body, "{\"tenant_usages\":[");
	if (is_past_the_end(c))
		all.count = 0;
	for (size_t i = 0; i < all.count; i = end) {
		for (end = i + 1; end < all.count && cmp_project(&all.list[i], &all.list[end]) == 0; end++)
			;
		buf_json_next(&c->resp->body);
		print_usage(c, &all.list[i], end - i, &period, detailed && strcmp(detailed, "1") == 0);
	}
	buf_puts(&c->resp->body, "]}");
	return 0;
}
