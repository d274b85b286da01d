/* Tags of network resources: the list as a whole, and one tag at a time.
 * Routes below each resource that has tags. */
#include "api/frame.h"

#include <string.h>
#include <talloc.h>

#define TAG_MAX_BYTES 255

#define HAS_TAGS_(NAME, S, ...) _Static_assert(sizeof(((struct S *)0)->tags), "has ROW_STANDARD");
EVERY_NETWORK_KIND(HAS_TAGS_)

static struct list *tags_of(enum kind kind, const void *row)
{
	return (struct list *)(uintptr_t)attr_at(shape_attr(shape_of(kind), "tags"), row);
}

static const struct tag_item *find_tag(const struct list *tags, const char *text)
{
	const struct tag_item *items = tags->items;

	for (uint32_t i = 0; i < tags->count; i++)
		if (strcmp(items[i].text, text) == 0)
			return &items[i];
	return NULL;
}

static int check_tag(const char *text, struct err *err)
{
	if (!*text || strlen(text) > TAG_MAX_BYTES)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for tags. Reason: a tag has 1 to %d bytes.", TAG_MAX_BYTES);
	return 0;
}

static int check_count(enum kind kind, uint32_t count, struct err *err)
{
	int64_t max = shape_attr(shape_of(kind), "tags")->max;

	if (count > max)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for tags. Reason: more than %d items.", (int)max);
	return 0;
}

static int tag_not_found(const char *tag, struct err *err)
{
	return err_api(err, 404, "TagNotFound", "Tag %.255s could not be found.", tag);
}

/* --- reading --- */

static int show_tags(struct call *c, struct err *err)
{
	enum kind kind = c->route->kind;
	const struct row *row;
	int r = call_find(c, kind, c->arg[0], &row, err);

	if (r < 0)
		return r;
	buf_puts(&c->resp->body, "{\"tags\":");
	print_attr(shape_attr(shape_of(kind), "tags"), row, &c->resp->body);
	buf_putc(&c->resp->body, '}');
	return 0;
}

static int has_tag(struct call *c, struct err *err)
{
	const struct row *row;
	int r = call_find(c, c->route->kind, c->arg[0], &row, err);

	if (r < 0)
		return r;
	if (!find_tag(tags_of(c->route->kind, row), c->arg[1]))
		return tag_not_found(c->arg[1], err);
	call_status(c, 204);
	return 0;
}

/* --- writing --- */

static int edit_row(struct verb *v, void **ret_draft, struct list **ret_tags, struct err *err)
{
	enum kind kind = v->c->route->kind;
	const struct row *row;
	int r = verb_find(v, kind, v->c->arg[0], &row, err);

	if (r < 0 || (r = verb_if_match(v, row, err)) < 0)
		return r;
	*ret_draft = txn_edit(v->t, row);
	*ret_tags = tags_of(kind, *ret_draft);
	return 0;
}

static int write_tags(struct verb *v, void *arg, struct err *err)
{
	struct list *tags;
	void *draft;
	int r = edit_row(v, &draft, &tags, err);

	if (r < 0)
		return r;
	*tags = *(const struct list *)arg;
	return txn_put(v->t, draft, err);
}

static int decode_tags(struct call *c, const json_t *json, struct list *ret, struct err *err)
{
	size_t n = json_array_size(json);
	struct tag_item *items = talloc_zero_array(c->req->region, struct tag_item, n + 1);
	int r = check_count(c->route->kind, (uint32_t)MIN(n, (size_t)UINT32_MAX), err);

	for (size_t i = 0; i < n && r == 0; i++) {
		const char *text = json_string_value(json_array_get(json, i));

		if (!text)
			return err_api(err, 400, "HTTPBadRequest",
				       "Invalid input for tags. Reason: a tag is not a valid string.");
		if (find_tag(&(struct list){items, (uint32_t)i}, text))
			return err_api(
				err, 400, "HTTPBadRequest",
				"Invalid input for tags. Reason: Duplicate items in the list: '%.60s'.",
				text);
		r = check_tag(text, err);
		items[i].text = text;
	}
	*ret = (struct list){items, (uint32_t)n};
	return r;
}

static int reply_tags(struct call *c, struct err *err)
{
	return show_tags(c, err);
}

static int replace_tags(struct call *c, struct err *err)
{
	struct list *tags = talloc_zero(c->req->region, struct list);
	json_t *body, *json;
	int r = call_body(c, &body, err);

	if (r < 0)
		return r;
	json = json_object_get(body, "tags");
	if (!json_is_array(json) || json_object_size(body) != 1)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for tags. Reason: the body is "
			       "{\"tags\": [\"...\"]}.");
	if ((r = decode_tags(c, json, tags, err)) < 0)
		return r;
	return call_write(c, write_tags, tags, reply_tags, err);
}

static int reply_none(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

static int delete_tags(struct call *c, struct err *err)
{
	return call_write(c, write_tags, talloc_zero(c->req->region, struct list), reply_none, err);
}

static int write_one(struct verb *v, void *arg, struct err *err)
{
	const char *text = v->c->arg[1];
	struct tag_item *items;
	struct list *tags;
	void *draft;
	int r = edit_row(v, &draft, &tags, err);

	if (r < 0 || find_tag(tags, text) || (r = check_count(v->c->route->kind, tags->count + 1, err)) < 0)
		return r;
	items = talloc_zero_array(v->t->region, struct tag_item, tags->count + 1);
	if (tags->count)
		memcpy(items, tags->items, tags->count * sizeof(*items));
	items[tags->count].text = text;
	*tags = (struct list){items, tags->count + 1};
	return txn_put(v->t, draft, err);
}

static int reply_created(struct call *c, struct err *err)
{
	call_status(c, 201);
	return 0;
}

static int add_tag(struct call *c, struct err *err)
{
	int r = check_tag(c->arg[1], err);

	return r < 0 ? r : call_write(c, write_one, NULL, reply_created, err);
}

static int remove_one(struct verb *v, void *arg, struct err *err)
{
	const char *text = v->c->arg[1];
	struct tag_item *items;
	const struct tag_item *gone;
	struct list *tags;
	void *draft;
	size_t at;
	int r = edit_row(v, &draft, &tags, err);

	if (r < 0)
		return r;
	gone = find_tag(tags, text);
	if (!gone)
		return tag_not_found(text, err);
	at = (size_t)(gone - (const struct tag_item *)tags->items);
	items = talloc_memdup(v->t->region, tags->items, tags->count * sizeof(*items));
	memmove(items + at, items + at + 1, (tags->count - at - 1) * sizeof(*items));
	*tags = (struct list){items, tags->count - 1};
	return txn_put(v->t, draft, err);
}

static int remove_tag(struct call *c, struct err *err)
{
	return call_write(c, remove_one, NULL, reply_none, err);
}

#define ROUTE_(method, path, fn, flags, NAME, plural, ...)                                                   \
	{HTTP_##method, "/v2.0/" path, fn, flags, FAMILY_NETWORK, plural, KIND_##NAME, __VA_ARGS__},
#define TAGS_                                                                                                \
	"{\"type\": \"object\", \"required\": [\"tags\"], \"properties\": {\"tags\": {\"type\": \"array\", " \
	"\"items\": {\"type\": \"string\", \"maxLength\": 255}}}}"
#define ROUTES_(NAME, S, name, plural, type, path)                                                           \
	ROUTE_(GET, path "/{}/tags", show_tags, 0, NAME, plural, "Lists the tags", .answer = TAGS_)          \
	ROUTE_(PUT, path "/{}/tags", replace_tags, ROUTE_WRITE, NAME, plural, "Replaces all tags", TAGS_,    \
	       TAGS_)                                                                                        \
	ROUTE_(DELETE, path "/{}/tags", delete_tags, ROUTE_WRITE, NAME, plural, "Takes all tags away")       \
	ROUTE_(GET, path "/{}/tags/{=}", has_tag, 0, NAME, plural, "Has it this tag? 404 when not",          \
	       .status = 204)                                                                                \
	ROUTE_(PUT, path "/{}/tags/{=}", add_tag, ROUTE_WRITE, NAME, plural, "Adds a tag", ROUTE_NO_BODY,    \
	       .status = 201, .media = "text/plain")                                                         \
	ROUTE_(DELETE, path "/{}/tags/{=}", remove_tag, ROUTE_WRITE, NAME, plural, "Takes a tag away")

/* Neutron has those of QoS policies here, without the "qos/" of everything else. */
const struct route tag_routes[] = {EVERY_NETWORK_KIND(ROUTES_) ROUTES_(
	QOS_POLICY, qos_policy, "policy", "policies", "QosPolicy", "policies"){0}};
