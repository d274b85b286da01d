/* Lists: the rows that a query finds, in order, one page of them, and the reply.
 * Behind query.c; walks as little of the snapshot as the filters allow. */
#include "api/frame.h"
#include "api/rbac.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* With more values than this, walking everything is no worse. */
#define MAX_LOOKUPS 64

/* Where the rows come from. */
enum source {
	FROM_ALL,   /* every row of the kind, by id */
	FROM_INDEX, /* an index, one value after the other */
	FROM_IDS,   /* ids were asked for */
	FROM_IP,    /* ports by a fixed IP: the snapshot knows who holds it */
	FROM_OPEN,  /* what a project sees of what can be shared: its own, what is open to all or to it */
};

struct page {
	const struct query *q;
	enum source source;
	enum index_id index;
	const struct query_filter *filter; /* whose values to look up; NULL: the caller's project */
	bool ordered;                      /* rows come in the order that is wanted */
	const struct row **rows;
	size_t count, room, stop_at;
};

/* --- choosing the source --- */

static bool usable(const struct query_filter *f)
{
	if (!f->attr || f->hidden || !f->row || f->count > MAX_LOOKUPS)
		return false;
	/* Rows where the attribute is not set, or false, stand in no index. */
	for (size_t i = 0; i < f->count; i++)
		if (!*f->text[i] || (f->known[i] && attr_is_null(f->attr, &f->row[i])))
			return false;
	return true;
}

static bool is_owner(const struct attr *a)
{
	return a->alias && strcmp(a->alias, "tenant_id") == 0;
}

/* Kinds that are seen by others than their owners: where to find what is one's own, and what is open to all.
 */
struct open_kind {
	enum kind kind, shared_kind; /* the second: which of them the policies are for */
	enum index_id own, own_shared;
	enum index_id open[2]; /* of shared_kind */
	size_t open_count;
};

static const struct open_kind *open_kind(const struct query *q)
{
	static const struct open_kind kinds[] = {
		{KIND_NETWORK,
		 KIND_NETWORK,
		 IX_NETWORK_PROJECT,
		 IX_NETWORK_PROJECT,
		 {IX_NETWORK_SHARED, IX_NETWORK_EXTERNAL},
		 2},
		{KIND_SUBNET,
		 KIND_NETWORK,
		 IX_SUBNET_PROJECT,
		 IX_NETWORK_PROJECT,
		 {IX_NETWORK_SHARED, IX_NETWORK_EXTERNAL},
		 2},
		{KIND_SUBNETPOOL,
		 KIND_SUBNETPOOL,
		 IX_SUBNETPOOL_PROJECT,
		 IX_SUBNETPOOL_PROJECT,
		 {IX_SUBNETPOOL_SHARED},
		 1},
		{KIND_ADDRESS_SCOPE,
		 KIND_ADDRESS_SCOPE,
		 IX_SCOPE_PROJECT,
		 IX_SCOPE_PROJECT,
		 {IX_SCOPE_SHARED},
		 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].kind == q->shape->kind)
			return &kinds[i];
	return NULL;
}

static bool sees_open(const struct query *q)
{
	return !q->c->caller.admin && q->c->caller.actor.project_id && open_kind(q);
}

static const void *index_value(const struct query_filter *f, size_t i)
{
	const void *at = attr_at(f->attr, &f->row[i]);

	return f->attr->type == ATTR_STR ? *(const char *const *)at : at;
}

static void try_index(struct page *p, const struct query_filter *f)
{
	for (int i = 0; i < INDEXES; i++) {
		if (index_kind((enum index_id)i) != p->q->shape->kind ||
		    index_attr((enum index_id)i) != f->attr)
			continue;
		/* What is open to the caller only stands in no index of what is open to all. */
		if (f->attr->flags & A_VIEWED && f->attr->type == ATTR_BOOL)
			continue;
		/* A project may own much; any other index finds fewer. */
		if (p->source == FROM_INDEX && is_owner(f->attr))
			continue;
		if (is_owner(f->attr) && sees_open(p->q))
			continue;
		p->source = FROM_INDEX;
		p->index = (enum index_id)i;
		p->filter = f;
	}
}

/* What the source would make us look at is more than `most` rows, counted no further than that. */
static bool finds_more(const struct page *p, int64_t most)
{
	const struct query_filter *f = p->filter;
	const struct snap *s = p->q->c->snap;
	struct scan scan;

	if (p->source == FROM_IDS)
		return false;
	if (p->source == FROM_IP)
		return (int64_t)(snap_count(s, KIND_SUBNET) * f->count) > most;
	for (size_t i = 0; i < f->count; i++) {
		const void *row =
			f->known[i] ? scan_index(&scan, s, p->index, index_value(f, i), NULL) : NULL;

		for (; row && most >= 0; row = scan_next(&scan))
			most--;
	}
	return most < 0;
}

/* Only what is shared with the caller was asked for, which an administrator need not search all rows for. */
static bool wants_shared(const struct query *q)
{
	for (size_t i = 0; i < q->filter_count; i++) {
		const struct query_filter *f = &q->filters[i];

		if (f->attr && f->attr->flags & A_VIEWED && f->attr->type == ATTR_BOOL && f->count == 1 &&
		    f->known[0] && !attr_is_null(f->attr, &f->row[0]))
			return true;
	}
	return false;
}

/* Who sees its project's rows only does not walk those of all others. */
static void try_project(struct page *p)
{
	const struct query *q = p->q;
	const char *own = q->c->caller.actor.project_id;

	if (q->c->caller.admin || !own) {
		if (p->source == FROM_ALL && open_kind(q) && wants_shared(q))
			p->source = FROM_OPEN;
		return;
	}
	if (sees_open(q)) {
		p->source = p->source == FROM_ALL ? FROM_OPEN : p->source;
		return;
	}
	if (p->source != FROM_ALL && !finds_more(p, snap_usage(q->c->snap, q->shape->kind, own)))
		return;
	for (int i = 0; i < INDEXES; i++)
		if (index_kind((enum index_id)i) == q->shape->kind &&
		    is_owner(index_attr((enum index_id)i))) {
			p->source = FROM_INDEX;
			p->index = (enum index_id)i;
			p->filter = NULL;
		}
}

#define BY_ADDRESS "ip_address="

static bool is_address(const struct query *q, const struct query_filter *f)
{
	return q->shape->kind == KIND_PORT && !f->attr && f->count <= MAX_LOOKUPS &&
	       strcmp(f->key, "fixed_ips") == 0 && strncmp(f->text[0], BY_ADDRESS, strlen(BY_ADDRESS)) == 0;
}

static void choose_filter(struct page *p)
{
	const struct query *q = p->q;

	for (size_t i = 0; i < q->filter_count; i++) {
		const struct query_filter *f = &q->filters[i];

		if (is_address(q, f)) {
			p->source = FROM_IP;
			p->filter = f;
			return;
		}
		if (!usable(f))
			continue;
		if (f->attr == &q->shape->attrs[0]) {
			p->source = FROM_IDS;
			p->filter = f;
			return;
		}
		try_index(p, f);
	}
}

static void choose(struct page *p)
{
	choose_filter(p);
	try_project(p);
}

/* --- walking --- */

/* 1: enough. */
static int take(struct page *p, const struct row *row, struct err *err)
{
	int r = query_match(p->q, row, err);

	if (r <= 0)
		return r;
	if (p->count == p->room) {
		p->room = MAX(2 * p->room, (size_t)64);
		p->rows = talloc_realloc(p->q->c->req->region, p->rows, const struct row *, p->room);
	}
	p->rows[p->count++] = row;
	return p->count >= p->stop_at;
}

static int walk(struct page *p, struct scan *scan, const struct row *row, struct err *err)
{
	int r = 0;

	for (; row && r == 0; row = scan_next(scan))
		r = take(p, row, err);
	return r;
}

static int walk_index(struct page *p, const struct uuid *after, struct err *err)
{
	const struct snap *s = p->q->c->snap;
	struct scan scan;
	int r = 0;

	if (!p->filter)
		return walk(p, &scan, scan_index(&scan, s, p->index, p->q->c->caller.actor.project_id, after),
			    err);
	for (size_t i = 0; i < p->filter->count && r == 0; i++)
		if (p->filter->known[i])
			r = walk(p, &scan, scan_index(&scan, s, p->index, index_value(p->filter, i), after),
				 err);
	return r;
}

static int walk_ids(struct page *p, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < p->filter->count && r == 0; i++) {
		const struct row *row = p->filter->known[i] ? snap_get(p->q->c->snap, p->q->shape->kind,
								       &p->filter->row[i].row.id)
							    : NULL;

		r = row ? take(p, row, err) : 0;
	}
	return r;
}

static int take_holders(struct page *p, const struct ip *ip, struct err *err)
{
	const struct snap *s = p->q->c->snap;
	const struct subnet *sub;
	struct scan scan;
	int r = 0;

	for (sub = scan_kind(&scan, s, KIND_SUBNET, NULL); sub && r == 0; sub = scan_next(&scan)) {
		const struct holding *h = snap_holding(s, &sub->row.id, ip);
		const struct row *row = h && h->kind == KIND_PORT ? snap_get(s, KIND_PORT, &h->id) : NULL;

		r = row ? take(p, row, err) : 0;
	}
	return r;
}

static int walk_addresses(struct page *p, struct err *err)
{
	struct ip ip;
	int r = 0;

	for (size_t i = 0; i < p->filter->count && r == 0; i++)
		if (ip_parse(p->filter->text[i] + strlen(BY_ADDRESS), &ip) == 0)
			r = take_holders(p, &ip, err);
	return r;
}

/* A network, or its subnets; or what else is shared. */
static int take_open(struct page *p, const struct row *row, struct err *err)
{
	struct scan scan;

	if (p->q->shape->kind == row->kind)
		return take(p, row, err);
	return walk(p, &scan, scan_index(&scan, p->q->c->snap, IX_SUBNET_NETWORK, &row->id, NULL), err);
}

static int walk_granted(struct page *p, const struct open_kind *open, const char *own, struct err *err)
{
	const char *type = rbac_type(open->shared_kind);
	const struct snap *s = p->q->c->snap;
	const struct rbac_policy *policy;
	struct scan scan;
	int r = 0;

	policy = scan_index(&scan, s, IX_RBAC_TARGET, own, NULL);
	for (; policy && r == 0; policy = scan_next(&scan)) {
		const struct row *row = strcmp(policy->object_type, type) == 0
						? snap_get(s, open->shared_kind, &policy->object_id)
						: NULL;

		r = row ? take_open(p, row, err) : 0;
	}
	return r;
}

static int walk_open(struct page *p, struct err *err)
{
	static const bool yes = true;
	const struct open_kind *open = open_kind(p->q);
	const char *project = p->q->c->caller.actor.project_id, *own = project ? project : "";
	const struct snap *s = p->q->c->snap;
	const struct row *row;
	struct scan scan;
	int r = 0;

	for (row = scan_index(&scan, s, open->own_shared, own, NULL); row && r == 0; row = scan_next(&scan))
		r = take_open(p, row, err);
	for (size_t i = 0; i < open->open_count && r == 0; i++)
		for (row = scan_index(&scan, s, open->open[i], &yes, NULL); row && r == 0;
		     row = scan_next(&scan))
			r = take_open(p, row, err);
	if (r == 0 && open->own != open->own_shared)
		r = walk(p, &scan, scan_index(&scan, s, open->own, own, NULL), err);
	return r ? r : walk_granted(p, open, own, err);
}

static int walk_source(struct page *p, const struct uuid *after, struct err *err)
{
	struct scan scan;

	switch (p->source) {
	case FROM_INDEX:
		return walk_index(p, after, err);
	case FROM_IDS:
		return walk_ids(p, err);
	case FROM_IP:
		return walk_addresses(p, err);
	case FROM_OPEN:
		return walk_open(p, err);
	case FROM_ALL:
		break;
	}
	return walk(p, &scan, scan_kind(&scan, p->q->c->snap, p->q->shape->kind, after), err);
}

/* --- order and page --- */

static int compare_rows(const struct query *q, const struct row *x, const struct row *y)
{
	for (size_t i = 0; i < q->sort_count; i++) {
		int c = attr_cmp(q->sort[i].attr, x, y);

		if (c)
			return q->sort[i].descending ? -c : c;
	}
	return uuid_cmp(&x->id, &y->id);
}

static int compare(const void *a, const void *b, void *arg)
{
	return compare_rows(arg, *(const struct row *const *)a, *(const struct row *const *)b);
}

/* A port may hold several of the addresses that were asked for, a network may be open in two ways: listed
 * once. */
static void drop_repeated(struct page *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++)
		if (!kept || p->rows[kept - 1] != p->rows[i])
			p->rows[kept++] = p->rows[i];
	p->count = kept;
}

/* Cuts what lies behind the marker (before it when going backwards), and of that one page. */
static void cut(struct page *p)
{
	const struct query *q = p->q;
	size_t from = 0, to = p->count;

	if (q->marker && q->reverse)
		for (to = 0; to < p->count && compare_rows(q, p->rows[to], q->marker) < 0;)
			to++;
	else if (q->marker)
		while (from < p->count && compare_rows(q, p->rows[from], q->marker) <= 0)
			from++;
	if (q->limit && to - from > q->limit) {
		if (q->reverse)
			from = to - q->limit;
		else
			to = from + q->limit;
	}
	if (from) /* an empty page has no rows to point into */
		p->rows += from;
	p->count = to - from;
}

int query_run(const struct query *q, const struct row ***ret, size_t *ret_count, struct err *err)
{
	struct page p = {.q = q, .stop_at = SIZE_MAX};
	const struct uuid *after = NULL;
	int r;

	choose(&p);
	p.ordered = !q->sort_count &&
		    (p.source == FROM_ALL || (p.source == FROM_INDEX && (!p.filter || p.filter->count == 1)));
	if (p.ordered && !q->reverse) {
		p.stop_at = q->limit ? q->limit : SIZE_MAX;
		after = q->marker ? &q->marker->id : NULL;
	}
	if ((r = walk_source(&p, after, err)) < 0)
		return r;
	if (!p.ordered && p.count)
		qsort_r(p.rows, p.count, sizeof(*p.rows), compare, (void *)(uintptr_t)q);
	drop_repeated(&p);
	cut(&p);
	*ret = p.rows;
	*ret_count = p.count;
	return 0;
}

static int find_marker(struct query *q, const struct row *const *rows, size_t count, struct err *err)
{
	struct uuid id;

	for (size_t i = 0; q->marker_id && uuid_parse(q->marker_id, &id) == 0 && i < count; i++)
		if (uuid_eq(&rows[i]->id, &id))
			q->marker = rows[i];
	return q->marker_id && !q->marker ? call_not_found(q->shape->kind, q->marker_id, err) : 0;
}

int query_over(struct query *q, const struct row **rows, size_t count, const struct row ***ret,
	       size_t *ret_count, struct err *err)
{
	struct page p = {.q = q, .stop_at = SIZE_MAX};
	int r = find_marker(q, rows, count, err);

	for (size_t i = 0; i < count && r == 0; i++)
		r = take(&p, rows[i], err);
	if (r < 0)
		return r;
	if (p.count)
		qsort_r(p.rows, p.count, sizeof(*p.rows), compare, q);
	cut(&p);
	*ret = p.rows;
	*ret_count = p.count;
	return 0;
}

/* --- the reply --- */

static void add_escaped(struct buf *b, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text))
			buf_putc(b, *text);
		else
			buf_printf(b, "%%%02X", (unsigned char)*text);
	}
}

static void print_link(const struct query *q, const char *rel, const struct row *marker, bool reverse)
{
	const struct http_request *req = q->c->req;
	AUTO_BUF struct buf url = {0};
	char id[UUID_TEXT], separator = '?';

	buf_printf(&url, "%s%s", q->c->api->config.public_url, req->path);
	for (size_t i = 0; i < req->param_count; i++) {
		const struct http_param *p = &req->params[i];

		if (strcmp(p->key, "marker") == 0 || strcmp(p->key, "page_reverse") == 0)
			continue;
		buf_putc(&url, separator);
		add_escaped(&url, p->key);
		buf_putc(&url, '=');
		add_escaped(&url, p->value);
		separator = '&';
	}
	if (marker)
		buf_printf(&url, "%cmarker=%s", separator, uuid_print(&marker->id, id));
	if (reverse)
		buf_printf(&url, "%cpage_reverse=True", marker ? '&' : separator);
	buf_printf(&q->c->resp->body, "{\"rel\":\"%s\",\"href\":", rel);
	buf_json_str(&q->c->resp->body, buf_text(&url));
	buf_putc(&q->c->resp->body, '}');
}

/* As Neutron: a page that is full may have a next one, and there is always a previous one but before the
 * first. */
static void print_links(const struct query *q, const struct row *const *rows, size_t count)
{
	struct buf *b = &q->c->resp->body;
	bool next = count >= q->limit || q->reverse, previous = count >= q->limit || !q->reverse;

	buf_printf(b, ",\"%s_links\":[", q->shape->plural);
	if (next)
		print_link(q, "next", count ? rows[count - 1] : NULL, false);
	if (next && previous)
		buf_putc(b, ',');
	if (previous)
		print_link(q, "previous", count ? rows[0] : NULL, true);
	buf_putc(b, ']');
}

void query_print(const struct query *q, const struct row *const *rows, size_t count)
{
	struct print_view view = call_view(q->c, q->shape->kind);
	struct buf *b = &q->c->resp->body;

	buf_printf(b, "{\"%s\":[", q->shape->plural);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_putc(b, ',');
		print_row(rows[i], &view, b);
	}
	buf_putc(b, ']');
	if (q->limit)
		print_links(q, rows, count);
	buf_putc(b, '}');
}
