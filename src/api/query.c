/* Query strings of lists: filters, tags, sorting, paging parameters, and whether a row passes.
 * Between the URL and page.c, which walks the snapshot. */
#include "api/frame.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define bad(err, ...) err_api(err, 400, "HTTPBadRequest", __VA_ARGS__)

/* --- filters --- */

static bool is_own(const struct attr *a)
{
	return a->type == ATTR_LIST || a->type == ATTR_OBJECT || a->type == ATTR_JSON;
}

static struct query_filter *filter_get(struct query *q, const struct attr *a, const char *key,
				       const char *group)
{
	struct query_filter *f;

	for (size_t i = 0; i < q->filter_count; i++) {
		f = &q->filters[i];
		if (a ? f->attr == a : !f->attr && strcmp(f->group, group) == 0)
			return f;
	}
	q->filters = talloc_realloc(q->c->req->region, q->filters, struct query_filter, q->filter_count + 1);
	f = &q->filters[q->filter_count++];
	*f = (struct query_filter){.attr = a, .key = key, .group = group};
	f->hidden = a && a->flags & A_ADMIN_SEE && !q->c->caller.admin;
	return f;
}

/* Asks the resource about its own filter with a row that is empty, so that lists of nothing refuse it too. */
static int check_own(struct query *q, const char *key, const char *value, struct err *err)
{
	union any_row empty = {.row = {.kind = (uint16_t)q->shape->kind}};
	int r = q->res && q->res->filter ? q->res->filter(q->c, &empty.row, key, value, err) : -ENOENT;

	if (r == -ENOENT)
		return bad(err, "['%.80s'] is invalid attribute for filtering", key);
	return MIN(r, 0);
}

static int add_own(struct query *q, const char *key, const char *value, struct err *err)
{
	void *region = q->c->req->region;
	const char *equals = strchr(value, '=');
	const char *group =
		talloc_asprintf(region, "%s=%.*s", key, equals ? (int)(equals - value) : 0, value);
	struct query_filter *f;
	int r = check_own(q, key, value, err);

	if (r < 0)
		return r;
	f = filter_get(q, NULL, key, group);
	f->text = talloc_realloc(region, f->text, const char *, f->count + 1);
	f->text[f->count++] = value;
	return 0;
}

/* Whether the value is there already: rows must not be found twice. */
static bool has_value(const struct query_filter *f, const union any_row *row, bool known)
{
	for (size_t i = 0; i < f->count; i++)
		if (!known || (f->known[i] && attr_cmp(f->attr, &f->row[i], row) == 0))
			return true;
	return false;
}

static int add_plain(struct query *q, const struct attr *a, const char *key, const char *value,
		     struct err *err)
{
	void *region = q->c->req->region;
	struct query_filter *f = filter_get(q, a, key, NULL);
	union any_row row = {0};
	bool known = true;

	if (a->flags & A_COMPUTED) {
		f->text = talloc_realloc(region, f->text, const char *, f->count + 1);
		f->text[f->count++] = value;
		return 0;
	}
	/* An empty text asks for what is not set. */
	if (*value || a->type == ATTR_STR || a->type == ATTR_BOOL)
		known = attr_parse_text(a, value, region, &row) == 0;
	if (!known && a->type == ATTR_BOOL)
		return bad(err, "'%.80s' cannot be converted to boolean", value);
	if (!known && a->type == ATTR_INT)
		return bad(err, "'%.80s' is not an integer", value);
	if (f->count && has_value(f, &row, known))
		return 0;
	f->text = talloc_realloc(region, f->text, const char *, f->count + 1);
	f->row = talloc_realloc(region, f->row, union any_row, f->count + 1);
	f->known = talloc_realloc(region, f->known, bool, f->count + 1);
	f->text[f->count] = value;
	f->row[f->count] = row;
	f->known[f->count++] = known;
	return 0;
}

static int add_filter(struct query *q, const char *key, const char *value, struct err *err)
{
	const struct attr *a = shape_attr(q->shape, key);

	if (a && a->flags & A_FILTER && !is_own(a))
		return add_plain(q, a, key, value, err);
	return add_own(q, key, value, err);
}

/* --- tags, times, sorting, paging --- */

static void add_tags(struct query *q, enum tag_rule rule, const char *value)
{
	void *region = q->c->req->region;
	char *list = talloc_strdup(region, value), *save = NULL;

	for (char *tag = strtok_r(list, ",", &save); tag; tag = strtok_r(NULL, ",", &save)) {
		q->tags[rule] = talloc_realloc(region, q->tags[rule], const char *, q->tag_count[rule] + 1);
		q->tags[rule][q->tag_count[rule]++] = tag;
	}
}

static int add_sort_key(struct query *q, const char *value, struct err *err)
{
	const struct attr *a = shape_attr(q->shape, value);

	if (!*value)
		return 0;
	if (!a || !(a->flags & A_SORT) || (a->flags & A_ADMIN_SEE && !q->c->caller.admin))
		return bad(err, "['%.80s'] is invalid attribute for sort_keys", value);
	if (q->sort_count == ARRAY_SIZE(q->sort))
		return bad(err, "More than 8 sort keys");
	q->sort[q->sort_count++].attr = a;
	return 0;
}

static int add_sort_dir(struct query *q, size_t *at, const char *value, struct err *err)
{
	bool descending = strcasecmp(value, "desc") == 0;

	if (!*value)
		return 0;
	if (!descending && strcasecmp(value, "asc") != 0)
		return bad(err, "['%.80s'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'",
			   value);
	if (*at == ARRAY_SIZE(q->sort))
		return bad(err, "More than 8 sort directions");
	q->sort[(*at)++].descending = descending;
	return 0;
}

static int set_limit(struct query *q, const char *value, struct err *err)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (errno || end == value || *end || n < 0)
		return bad(err, "Limit must be an integer 0 or greater and not '%.40s'", value);
	q->limit = (uint64_t)n;
	return 0;
}

static int set_reverse(struct query *q, const char *value, struct err *err)
{
	q->reverse = strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;
	if (!q->reverse && strcasecmp(value, "false") != 0 && strcmp(value, "0") != 0 && *value)
		return bad(err, "'%.80s' cannot be converted to boolean", value);
	return 0;
}

static int set_changed_since(struct query *q, const char *value, struct err *err)
{
	/* The zone may be left out: it is UTC. */
	char text[TIME_TEXT + 8];

	snprintf(text, sizeof(text), "%.24s%s", value, strchr(value, 'Z') ? "" : "Z");
	if (time_parse(text, &q->changed_since) < 0)
		return bad(
			err,
			"The input changed_since must be in the format YYYY-MM-DDTHH:MM:SS and not '%.40s'",
			value);
	return 0;
}

static int tag_rule_of(const char *key)
{
	static const char *const names[TAG_RULES] = {"tags", "tags-any", "not-tags", "not-tags-any"};

	for (int i = 0; i < TAG_RULES; i++)
		if (strcmp(key, names[i]) == 0)
			return i;
	return -1;
}

static int set_marker(struct query *q, const char *value, struct err *err)
{
	if (!*value)
		return 0;
	if (q->res)
		return call_find(q->c, q->shape->kind, value, &q->marker, err);
	q->marker_id = value;
	return 0;
}

static int add_param(struct query *q, const struct http_param *p, size_t *dirs, struct err *err)
{
	int rule = tag_rule_of(p->key);

	if (rule >= 0)
		add_tags(q, (enum tag_rule)rule, p->value);
	else if (strcmp(p->key, "limit") == 0)
		return set_limit(q, p->value, err);
	else if (strcmp(p->key, "marker") == 0)
		return set_marker(q, p->value, err);
	else if (strcmp(p->key, "page_reverse") == 0)
		return set_reverse(q, p->value, err);
	else if (strcmp(p->key, "sort_key") == 0)
		return add_sort_key(q, p->value, err);
	else if (strcmp(p->key, "sort_dir") == 0)
		return add_sort_dir(q, dirs, p->value, err);
	else if (strcmp(p->key, "changed_since") == 0)
		return set_changed_since(q, p->value, err);
	else if (strcmp(p->key, "fields") != 0 && strcmp(p->key, "as_of") != 0)
		return add_filter(q, p->key, p->value, err);
	return 0;
}

/* Rows of a nested kind are those of the parent that the path names. */
static int add_parent(struct query *q, struct err *err)
{
	const struct attr *parent = shape_parent(q->shape);
	const struct row *row;
	int r;

	if (!parent)
		return 0;
	if ((r = call_find(q->c, parent->ref, q->c->arg[0], &row, err)) < 0)
		return r;
	return add_plain(q, parent, parent->name, q->c->arg[0], err);
}

int query_parse(struct call *c, enum kind kind, struct query *ret, struct err *err)
{
	struct query q = {
		.c = c, .res = resource_of(kind), .shape = shape_of(kind), .changed_since = INT64_MIN};
	size_t dirs = 0;
	int r = add_parent(&q, err);

	for (size_t i = 0; i < c->req->param_count && r == 0; i++)
		r = add_param(&q, &c->req->params[i], &dirs, err);
	if (r < 0)
		return r;
	if (dirs > q.sort_count)
		return bad(err, "The number of sort_keys and sort_dirs must be same");
	/* Ids are unique and lists come in their order anyway: nothing to sort. */
	if (q.sort_count && q.sort[0].attr == &q.shape->attrs[0] && !q.sort[0].descending)
		q.sort_count = 0;
	*ret = q;
	return 0;
}

/* --- whether a row passes --- */

static bool has_tag(const struct list *tags, const char *text)
{
	const struct tag_item *items = tags->items;

	for (uint32_t i = 0; i < tags->count; i++)
		if (strcmp(items[i].text, text) == 0)
			return true;
	return false;
}

static bool tags_pass(const struct query *q, const struct row *row)
{
	static const struct list none;
	const struct attr *a = shape_attr(q->shape, "tags");
	const struct list *tags = a ? attr_at(a, row) : &none;

	for (int rule = 0; rule < TAG_RULES; rule++) {
		size_t found = 0, count = q->tag_count[rule];

		if (!count)
			continue;
		for (size_t i = 0; i < count; i++)
			found += has_tag(tags, q->tags[rule][i]);
		if ((rule == TAGS_ALL && found < count) || (rule == TAGS_ANY && !found) ||
		    (rule == TAGS_NOT_ALL && found == count) || (rule == TAGS_NOT_ANY && found))
			return false;
	}
	return true;
}

static bool plain_passes(const struct query_filter *f, const struct row *row)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->known[i] && attr_cmp(f->attr, row, &f->row[i]) == 0)
			return true;
	return false;
}

static bool computed_passes(const struct query *q, const struct query_filter *f, const struct row *row)
{
	AUTO_BUF struct buf have = {0};

	if (!q->res || !q->res->show)
		return false;
	call_show(q->c, f->attr, row, &have);
	for (size_t i = 0; i < f->count; i++) {
		AUTO_BUF struct buf want = {0};

		buf_json_str(&want, f->text[i]);
		if (strcmp(buf_text(&have), buf_text(&want)) == 0)
			return true;
	}
	return false;
}

/* As the caller is shown it. */
static bool viewed_passes(const struct query *q, const struct query_filter *f, const struct row *row)
{
	AUTO_BUF struct buf have = {0};

	q->res->show(q->c, f->attr, row, &have);
	for (size_t i = 0; i < f->count; i++) {
		AUTO_BUF struct buf want = {0};

		print_attr(f->attr, &f->row[i], &want);
		if (f->known[i] && strcmp(buf_text(&have), buf_text(&want)) == 0)
			return true;
	}
	return false;
}

static int own_passes(const struct query *q, const struct query_filter *f, const struct row *row,
		      struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < f->count && r == 0; i++)
		r = q->res->filter(q->c, row, f->key, f->text[i], err);
	return r;
}

static int filter_passes(const struct query *q, const struct query_filter *f, const struct row *row,
			 struct err *err)
{
	if (f->hidden)
		return 0;
	if (!f->attr)
		return own_passes(q, f, row, err);
	if (f->attr->flags & A_VIEWED && f->attr->type == ATTR_BOOL)
		return viewed_passes(q, f, row);
	return f->attr->flags & A_COMPUTED ? computed_passes(q, f, row) : plain_passes(f, row);
}

int query_match(const struct query *q, const struct row *row, struct err *err)
{
	int r;

	for (size_t i = 0; i < q->filter_count; i++)
		if ((r = filter_passes(q, &q->filters[i], row, err)) != 1)
			return r;
	if (row->updated_at < q->changed_since || !tags_pass(q, row))
		return 0;
	return call_sees(q->c, q->c->snap, row);
}
