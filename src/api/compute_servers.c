/* Reading servers: lists with filters, order and pages; one server; its addresses.
 * Route functions of the compute API, over the inventory. */
#include "api/compute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* As Nova: a list has at most so many; a link leads to the rest. */
#define MAX_LIMIT      1000
#define MAX_SORT       4
#define MAX_CONDITIONS 8

struct order {
	int (*cmp)(const struct instance *a, const struct instance *b);
	bool ascending;
};

struct filter;

struct condition {
	const struct filter *filter;
	const char *value;
};

struct listing {
	struct call *c;
	struct condition conditions[MAX_CONDITIONS];
	size_t condition_count;
	bool all_projects;
	size_t limit;
	struct order order[MAX_SORT];
	size_t order_count;
};

static int bad_parameter(const char *name, const char *value, struct err *err)
{
	return err_api(err, 400, "HTTPBadRequest", "Invalid input for query parameters %s. Value: %.100s.",
		       name, value);
}

/* --- order --- */

static int cmp_int(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_created(const struct instance *a, const struct instance *b)
{
	return cmp_int(a->created, b->created);
}

static int by_updated(const struct instance *a, const struct instance *b)
{
	return cmp_int(a->updated, b->updated);
}

static int by_name(const struct instance *a, const struct instance *b)
{
	return strcmp(a->name, b->name);
}

static int by_id(const struct instance *a, const struct instance *b)
{
	return strcmp(a->id, b->id);
}

static int by_project(const struct instance *a, const struct instance *b)
{
	return strcmp(a->project_id, b->project_id);
}

/* What all servers have alike. */
static int by_nothing(const struct instance *a, const struct instance *b)
{
	return 0;
}

static const struct sort_key {
	const char *name;
	int (*cmp)(const struct instance *a, const struct instance *b);
} sort_keys[] = {
	{"created_at", by_created},
	{"launched_at", by_created},
	{"updated_at", by_updated},
	{"display_name", by_name},
	{"name", by_name},
	{"hostname", by_name},
	{"uuid", by_id},
	{"id", by_id},
	{"project_id", by_project},
	{"tenant_id", by_project},
	{"user_id", by_nothing},
	{"vm_state", by_nothing},
	{"status", by_nothing},
	{"task_state", by_nothing},
	{"power_state", by_nothing},
	{"host", by_nothing},
	{"node", by_nothing},
	{"availability_zone", by_nothing},
	{"image_ref", by_nothing},
	{"instance_type_id", by_nothing},
	{"key_name", by_nothing},
	{"locked_by", by_nothing},
	{"progress", by_nothing},
	{"root_device_name", by_nothing},
	{"access_ip_v4", by_nothing},
	{"access_ip_v6", by_nothing},
	{"config_drive", by_nothing},
};

static int add_order(struct listing *l, const char *key, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(sort_keys); i++)
		if (strcmp(sort_keys[i].name, key) == 0) {
			if (l->order_count < MAX_SORT)
				l->order[l->order_count++].cmp = sort_keys[i].cmp;
			return 0;
		}
	return bad_parameter("sort_key", key, err);
}

static int read_order(struct listing *l, struct err *err)
{
	const struct http_request *req = l->c->req;
	size_t directions = 0;
	int r = 0;

	for (size_t i = 0; i < req->param_count && r == 0; i++) {
		const char *value = req->params[i].value;

		if (strcmp(req->params[i].key, "sort_key") == 0)
			r = add_order(l, value, err);
		if (strcmp(req->params[i].key, "sort_dir") != 0)
			continue;
		if (strcasecmp(value, "asc") != 0 && strcasecmp(value, "desc") != 0)
			return bad_parameter("sort_dir", value, err);
		if (directions < MAX_SORT)
			l->order[directions++].ascending = strcasecmp(value, "asc") == 0;
	}
	if (l->order_count == 0)
		l->order[l->order_count++].cmp = by_created;
	return r;
}

static int cmp_listed(const void *a, const void *b, void *arg)
{
	const struct listing *l = arg;
	int r = 0;

	for (size_t i = 0; i < l->order_count && r == 0; i++) {
		r = l->order[i].cmp(a, b);
		r = l->order[i].ascending ? r : -r;
	}
	if (r == 0)
		r = by_id(a, b);
	return r ? r : by_project(a, b);
}

/* --- filters --- */

static bool has_address(const struct call *c, const struct instance *s, const char *pattern, bool v4)
{
	char text[IP_TEXT];

	for (size_t i = 0; i < s->port_count; i++) {
		const struct fixed_ip *f = s->ports[i]->fixed_ips.items;
		const struct floatingip *fip;
		struct scan scan;

		for (uint32_t k = 0; k < s->ports[i]->fixed_ips.count; k++)
			if (ip_is_v4(&f[k].ip_address) == v4 &&
			    compute_matches(pattern, ip_print(&f[k].ip_address, text)))
				return true;
		for (fip = scan_index(&scan, c->snap, IX_FLOATINGIP_PORT, &s->ports[i]->row.id, NULL); fip;
		     fip = scan_next(&scan))
			if (ip_is_v4(&fip->floating_ip_address) == v4 &&
			    compute_matches(pattern, ip_print(&fip->floating_ip_address, text)))
				return true;
	}
	return false;
}

static bool keep_name(const struct call *c, const struct instance *s, const char *value)
{
	return compute_matches(value, s->name);
}

static bool keep_ip(const struct call *c, const struct instance *s, const char *value)
{
	return has_address(c, s, value, true);
}

static bool keep_ip6(const struct call *c, const struct instance *s, const char *value)
{
	return has_address(c, s, value, false);
}

static bool keep_status(const struct call *c, const struct instance *s, const char *value)
{
	return strcasecmp(value, "ACTIVE") == 0;
}

static bool keep_uuid(const struct call *c, const struct instance *s, const char *value)
{
	return strcmp(s->id, value) == 0;
}

/* Only administrators may ask; for others, as in Nova, the filter is not there. */
static bool keep_host(const struct call *c, const struct instance *s, const char *value)
{
	return !c->caller.admin || strcmp(compute_host(c, s), value) == 0;
}

static bool keep_flavor(const struct call *c, const struct instance *s, const char *value)
{
	return strcmp(compute_flavor_of(s), value) == 0;
}

static bool keep_image(const struct call *c, const struct instance *s, const char *value)
{
	return s->row && strcmp(s->row->image, value) == 0;
}

static bool keep_project(const struct call *c, const struct instance *s, const char *value)
{
	return !c->caller.admin || strcmp(s->project_id, value) == 0;
}

static bool keep_zone(const struct call *c, const struct instance *s, const char *value)
{
	return strcmp(value, COMPUTE_ZONE) == 0;
}

static bool keep_deleted(const struct call *c, const struct instance *s, const char *value)
{
	return strcasecmp(value, "true") != 0 && strcmp(value, "1") != 0;
}

static bool time_of(const char *value, int64_t *ret)
{
	char text[TIME_TEXT];

	if (strlen(value) < TIME_TEXT - 2)
		return false;
	snprintf(text, sizeof(text), "%.19sZ", value);
	return time_parse(text, ret) == 0;
}

static bool keep_changed(const struct call *c, const struct instance *s, const char *value)
{
	int64_t since;

	return time_of(value, &since) && s->updated >= since;
}

static const struct filter {
	const char *key;
	bool (*keep)(const struct call *c, const struct instance *s, const char *value);
} filters[] = {
	{"name", keep_name},
	{"display_name", keep_name},
	{"ip", keep_ip},
	{"ip6", keep_ip6},
	{"status", keep_status},
	{"vm_state", keep_status},
	{"uuid", keep_uuid},
	{"host", keep_host},
	{"flavor", keep_flavor},
	{"image", keep_image},
	{"project_id", keep_project},
	{"tenant_id", keep_project},
	{"availability_zone", keep_zone},
	{"deleted", keep_deleted},
	{"changes-since", keep_changed},
};

static const struct filter *filter_of(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (strcmp(filters[i].key, key) == 0)
			return &filters[i];
	return NULL;
}

/* What is no filter is passed over, as Nova does. */
static int read_filters(struct listing *l, struct err *err)
{
	const struct http_request *req = l->c->req;
	int64_t when;

	for (size_t i = 0; i < req->param_count; i++) {
		const struct http_param *p = &req->params[i];
		const struct filter *f = *p->value ? filter_of(p->key) : NULL;

		if (!f)
			continue;
		if (f->keep == keep_changed && !time_of(p->value, &when))
			return bad_parameter(p->key, p->value, err);
		/* Each is asked of each server. */
		if (l->condition_count == MAX_CONDITIONS)
			return err_api(err, 400, "HTTPBadRequest", "There are more than %d filters.",
				       MAX_CONDITIONS);
		l->conditions[l->condition_count++] = (struct condition){f, p->value};
	}
	return 0;
}

/* Several statuses are alternatives; everything else has to hold. */
static bool keep(const struct listing *l, const struct instance *s)
{
	bool status_given = false, status = false;

	for (size_t i = 0; i < l->condition_count; i++) {
		const struct condition *n = &l->conditions[i];
		bool ok = n->filter->keep(l->c, s, n->value);

		if (n->filter->keep == keep_status) {
			status_given = true;
			status = status || ok;
		} else if (!ok) {
			return false;
		}
	}
	return !status_given || status;
}

/* --- the page --- */

static int read_limit(struct listing *l, struct err *err)
{
	const char *value = http_param(l->c->req, "limit");

	l->limit = MAX_LIMIT;
	if (!value || !*value)
		return 0;
	if (strlen(value) > 9 || strspn(value, "0123456789") != strlen(value))
		return bad_parameter("limit", value, err);
	l->limit = MIN((size_t)strtoul(value, NULL, 10), (size_t)MAX_LIMIT);
	return 0;
}

/* "all_tenants", "all_tenants=1", "all_tenants=True"; an administrator's tenant_id says it, too. */
static int read_scope(struct listing *l, struct err *err)
{
	const char *value = http_param(l->c->req, "all_tenants");

	l->all_projects = !value && l->c->caller.admin && http_param(l->c->req, "tenant_id");
	if (!value || strcmp(value, "0") == 0 || strcasecmp(value, "false") == 0)
		return 0;
	if (!l->c->caller.admin)
		return err_api(err, 403, "Forbidden",
			       "Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be "
			       "performed.");
	l->all_projects = true;
	return 0;
}

static int skip_to_marker(const struct listing *l, const struct instances *all, size_t *ret, struct err *err)
{
	const char *marker = http_param(l->c->req, "marker");

	*ret = 0;
	if (!marker || !*marker)
		return 0;
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->list[i].id, marker) == 0) {
			*ret = i + 1;
			return 0;
		}
	return err_api(err, 400, "MarkerNotFound", "Marker %.100s could not be found.", marker);
}

static void put_escaped(struct buf *b, const char *text)
{
	for (; *text; text++)
		if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
		    (*text >= '0' && *text <= '9') || strchr("-._~", *text))
			buf_putc(b, *text);
		else
			buf_printf(b, "%%%02X", (unsigned char)*text);
}

/* The same question, with another marker. */
static void print_next(struct call *c, const char *plural, const char *marker)
{
	AUTO_BUF struct buf url = {0};

	buf_printf(&url, "%s/compute/v2.1/%s?", c->api->config.public_url, plural);
	for (size_t i = 0; i < c->req->param_count; i++) {
		const struct http_param *p = &c->req->params[i];

		if (strcmp(p->key, "marker") == 0)
			continue;
		put_escaped(&url, p->key);
		buf_putc(&url, '=');
		put_escaped(&url, p->value);
		buf_putc(&url, '&');
	}
	buf_puts(&url, "marker=");
	put_escaped(&url, marker);
	buf_puts(&c->resp->body, ",\"servers_links\":[{\"rel\":\"next\",\"href\":");
	buf_json_str(&c->resp->body, buf_text(&url));
	buf_puts(&c->resp->body, "}]");
}

static void print_page(struct listing *l, const struct instances *all, size_t first, const char *plural,
		       void (*print)(struct call *c, const struct instance *s))
{
	size_t end = MIN(all->count, first + l->limit);

	buf_puts(&l->c->resp->body, "{\"servers\":[");
	for (size_t i = first; i < end; i++) {
		buf_json_next(&l->c->resp->body);
		print(l->c, &all->list[i]);
	}
	buf_putc(&l->c->resp->body, ']');
	if (end < all->count && end > first)
		print_next(l->c, plural, all->list[end - 1].id);
	buf_putc(&l->c->resp->body, '}');
}

static int list(struct call *c, const char *plural, void (*print)(struct call *c, const struct instance *s),
		struct err *err)
{
	struct listing l = {.c = c};
	struct instances all;
	size_t kept = 0, first;
	int r;

	if ((r = read_scope(&l, err)) < 0 || (r = read_limit(&l, err)) < 0 || (r = read_order(&l, err)) < 0 ||
	    (r = read_filters(&l, err)) < 0)
		return r;
	if (!l.all_projects && !c->caller.actor.project_id)
		return err_api(err, 403, "Forbidden", "The token belongs to no project.");
	all = compute_inventory(c->snap, c->req->region, l.all_projects ? NULL : c->caller.actor.project_id);
	for (size_t i = 0; i < all.count; i++)
		if (keep(&l, &all.list[i]))
			all.list[kept++] = all.list[i];
	all.count = kept;
	if (kept > 1)
		qsort_r(all.list, kept, sizeof(*all.list), cmp_listed, &l);
	if ((r = skip_to_marker(&l, &all, &first, err)) == 0)
		print_page(&l, &all, first, plural, print);
	return r;
}

int compute_servers(struct call *c, struct err *err)
{
	return list(c, "servers", compute_print_brief, err);
}

int compute_servers_detail(struct call *c, struct err *err)
{
	return list(c, "servers/detail", compute_print_server, err);
}

/* --- one server --- */

int compute_server(struct call *c, struct err *err)
{
	struct instance s;
	int r = compute_find(c, c->snap, c->req->region, c->arg[0], &s, err);

	if (r < 0)
		return r;
	buf_puts(&c->resp->body, "{\"server\":");
	compute_print_server(c, &s);
	buf_putc(&c->resp->body, '}');
	return 0;
}

int compute_ips(struct call *c, struct err *err)
{
	struct instance s;
	int r = compute_find(c, c->snap, c->req->region, c->arg[0], &s, err);

	if (r < 0)
		return r;
	buf_puts(&c->resp->body, "{\"addresses\":");
	compute_print_addresses(c, &s, NULL, false);
	buf_putc(&c->resp->body, '}');
	return 0;
}

int compute_ips_of(struct call *c, struct err *err)
{
	struct instance s;
	int r = compute_find(c, c->snap, c->req->region, c->arg[0], &s, err);

	if (r < 0)
		return r;
	compute_print_addresses(c, &s, c->arg[1], false);
	if (c->resp->body.len > strlen("{}"))
		return 0;
	return err_api(err, 404, "HTTPNotFound", "Instance is not a member of specified network");
}

int compute_nothing_of_server(struct call *c, struct err *err)
{
	struct instance s;
	int r = compute_find(c, c->snap, c->req->region, c->arg[0], &s, err);

	return r < 0 ? r : compute_nothing(c, err);
}
