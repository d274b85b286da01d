/* GET /v2.0/buoy/history: whose an address was, when, and where it led.
 * Routes; the intervals are tenure.c's, the export's stream history_export.c's. */
#include "api/history.h"
#include "api/frame.h"
#include "api/past.h"
#include "api/tenure.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#define DEFAULT_LIMIT 50
#define MAX_LIMIT     500

struct asking {
	struct call *c;
	struct tenure_question q;
	const char *at;
	struct tenures found;
	int result;
	struct err err;
};

static int refuse(struct err *err, const char *key, const char *why)
{
	return err_api(err, 400, "HTTPBadRequest", "Invalid input for %.40s: %s", key, why);
}

static int take_number(const char *key, const char *text, uint64_t *ret, struct err *err)
{
	if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 18)
		return refuse(err, key, "it is a number.");
	*ret = strtoull(text, NULL, 10);
	return 0;
}

static int take_id(const char *key, const char *text, struct uuid *ret, struct err *err)
{
	return uuid_parse(text, ret) < 0 || uuid_is_null(ret) ? refuse(err, key, "it is no id.") : 0;
}

static int take_param(struct asking *a, const struct http_param *p, struct err *err)
{
	struct tenure_question *q = &a->q;
	uint64_t limit;
	int r = 0;

	if (strcmp(p->key, "address") == 0)
		r = ip_parse(p->value, &q->address) < 0 ? refuse(err, p->key, "it is no IP address.") : 0;
	else if (strcmp(p->key, "floatingip_id") == 0)
		r = take_id(p->key, p->value, &q->floatingip_id, err);
	else if (strcmp(p->key, "port_id") == 0)
		r = take_id(p->key, p->value, &q->port_id, err);
	else if (strcmp(p->key, "at") == 0)
		a->at = p->value;
	else if (strcmp(p->key, "marker") == 0)
		r = take_number(p->key, p->value, &q->before, err);
	else if (strcmp(p->key, "limit") == 0 && (r = take_number(p->key, p->value, &limit, err)) == 0)
		q->limit = (size_t)MIN(MAX(limit, 1UL), (uint64_t)MAX_LIMIT);
	else if (strcmp(p->key, "limit") != 0)
		r = refuse(err, p->key, "there is no such parameter.");
	return r;
}

/* The address of a floating IP that may be gone. */
static int take_address(void *arg, const struct store_event *e, struct err *err)
{
	struct asking *a = arg;
	json_t *row = json_loads(e->is ? e->is : e->was ? e->was : "{}", 0, NULL);
	const char *text = json_string_value(json_object_get(row, "floating_ip_address"));

	if (text)
		ip_parse(text, &a->q.address);
	json_decref(row);
	return 0;
}

static int find_address(struct asking *a, struct err *err)
{
	const struct floatingip *f = snap_get(a->c->snap, KIND_FLOATINGIP, &a->q.floatingip_id);
	struct store_question q = {.kind = KIND_FLOATINGIP, .id = &a->q.floatingip_id, .limit = 1};

	if (!f)
		return a->q.st->ops->log(a->q.st, &q, take_address, a, err);
	a->q.address = f->floating_ip_address;
	return 0;
}

static int find(struct asking *a, struct err *err)
{
	int r = 0;

	if (!uuid_is_null(&a->q.floatingip_id) && (r = find_address(a, err)) < 0)
		return r;
	if (a->at && (r = past_revision(a->c, "at", a->at, &a->q.at, err)) < 0)
		return r;
	if (a->at && !a->q.at)
		return 0; /* before the first write */
	/* Nothing has had it, whatever it is. */
	if (ip_is_null(&a->q.address) && uuid_is_null(&a->q.port_id))
		return 0;
	return tenures_find(a->c->req->region, &a->q, &a->found, err);
}

static void find_job(struct call *c)
{
	struct asking *a = c->state;

	a->result = find(a, &a->err);
}

static void print_next(const struct asking *a, struct buf *b)
{
	const struct http_request *req = a->c->req;
	char separator = '?';

	buf_printf(b, ",\"history_links\":[{\"rel\":\"next\",\"href\":\"%s%s", a->c->api->config.public_url,
		   req->path);
	for (size_t i = 0; i < req->param_count; i++) {
		const struct http_param *p = &req->params[i];

		if (strcmp(p->key, "marker") == 0)
			continue;
		buf_printf(b, "%c%s=%s", separator, p->key, p->value); /* ids, addresses, numbers */
		separator = '&';
	}
	buf_printf(b, "%cmarker=%" PRIu64 "\"}]", separator, a->found.last);
}

static int show_found(struct call *c, struct err *err)
{
	const struct asking *a = c->state;
	struct buf *b = &c->resp->body;
	char time[TIME_TEXT];

	if (a->result < 0) {
		*err = a->err;
		return a->result;
	}
	buf_puts(b, "{\"history\":[");
	for (size_t i = 0; i < a->found.count; i++) {
		if (i)
			buf_putc(b, ',');
		tenure_print(&a->found.items[i], &a->found.horizon, b);
	}
	buf_printf(b, "],\"horizon\":{\"revision\":%" PRIu64 ",\"time\":", a->found.horizon.revision);
	buf_json_str(b,
		     a->found.horizon.time_us ? time_print(a->found.horizon.time_us / 1000000, time) : NULL);
	buf_putc(b, '}');
	if (a->found.more)
		print_next(a, b);
	buf_putc(b, '}');
	return 0;
}

static int show_history(struct call *c, struct err *err)
{
	struct asking *a = talloc_zero(c->req->region, struct asking);
	struct tenure_question *q = &a->q;
	int r = 0;

	a->c = c;
	*q = (struct tenure_question){.st = c->api->history, .now = c->snap, .limit = DEFAULT_LIMIT};
	if (!c->caller.admin) {
		q->project_id = c->caller.actor.project_id;
		if (!q->project_id)
			return err_api(err, 403, "PolicyNotAuthorized", "The token belongs to no project");
	}
	for (size_t i = 0; i < c->req->param_count && r == 0; i++)
		r = take_param(a, &c->req->params[i], err);
	if (r < 0)
		return r;
	if (!ip_is_null(&q->address) + !uuid_is_null(&q->port_id) + !uuid_is_null(&q->floatingip_id) != 1)
		return err_api(err, 400, "HTTPBadRequest",
			       "One of address, floatingip_id and port_id is needed.");
	c->state = a;
	return past_job(c, find_job, show_found, err);
}

const struct route history_routes[] = {
	{HTTP_GET, "/v2.0/buoy/history", show_history, ROUTE_NOW, FAMILY_NETWORK, "address_history",
	 KIND_NONE, "Shows who had an address, when, and where it led"},
	{HTTP_GET, "/v2.0/buoy/history/export", history_export, ROUTE_NOW | ROUTE_ADMIN, FAMILY_NETWORK,
	 "address_history", KIND_NONE, "Exports who had which address, as CSV or JSON lines",
	 .media = "text/csv"},
	{0},
};
