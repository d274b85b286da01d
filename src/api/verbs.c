/* Create, show, list, update, delete for every network resource, by the schema and the resource's hooks.
 * The functions of most routes; the meaning of a resource is in its own file. */
#include "api/frame.h"
#include "api/identity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define RESOURCE_ROW_(NAME, S, ...) [KIND_##NAME] = &S##_resource,

const struct resource *resource_of(enum kind kind)
{
	static const struct resource *const resources[KINDS] = {EVERY_NETWORK_KIND(
		RESOURCE_ROW_) EVERY_NESTED_KIND(RESOURCE_ROW_) EVERY_BARE_KIND(RESOURCE_ROW_)};

	return kind < KINDS ? resources[kind] : NULL;
}

/* --- printing --- */

/* ?fields=, repeated; names that do not exist are passed over, as Neutron does. */
static void want_fields(const struct call *c, const struct shape *shape, struct print_view *view)
{
	uint64_t named = 0, aliased = 0;
	bool any = false;

	for (size_t i = 0; i < c->req->param_count; i++) {
		const struct http_param *p = &c->req->params[i];
		const struct attr *a;

		if (strcmp(p->key, "fields") != 0 || !*p->value)
			continue;
		any = true;
		a = shape_attr(shape, p->value);
		if (a)
			*(strcmp(p->value, a->name) == 0 ? &named : &aliased) |= 1ULL << attr_bit(shape, a);
	}
	view->fields = any ? named | aliased : UINT64_MAX;
	view->no_name = aliased & ~named;
	view->no_alias = named & ~aliased;
}

bool call_is_live(const struct attr *a)
{
	return strcmp(a->name, "status") == 0 || strcmp(a->name, "verified_at") == 0 ||
	       strncmp(a->name, "binding:vif_", strlen("binding:vif_")) == 0;
}

void call_show(void *arg, const struct attr *a, const struct row *row, struct buf *out)
{
	const struct call *c = arg;

	if (c->now && call_is_live(a))
		buf_puts(out, "null");
	else
		resource_of(row->kind)->show(arg, a, row, out);
}

struct print_view call_view(struct call *c, enum kind kind)
{
	const struct resource *res = resource_of(kind);
	struct print_view view = {
		.admin = c->caller.admin,
		.computed = res && res->show ? call_show : NULL,
		.arg = c,
	};

	want_fields(c, shape_of(kind), &view);
	return view;
}

void call_print_row(struct call *c, const char *name, const struct row *row)
{
	struct print_view view = call_view(c, row->kind);
	struct buf *b = &c->resp->body;

	buf_putc(b, '{');
	buf_json_str(b, name);
	buf_putc(b, ':');
	print_row(row, &view, b);
	buf_putc(b, '}');
}

/* --- what writes share --- */

bool verb_given(const struct verb *v, enum kind kind, const char *attr)
{
	const struct shape *shape = shape_of(kind);
	const struct attr *a = shape_attr(shape, attr);

	return a && v->given & (1ULL << attr_bit(shape, a));
}

static int check_refs(struct verb *v, const struct shape *shape, uint64_t given, const void *object,
		      struct err *err);

static int check_ref(struct verb *v, const struct attr *a, const void *object, struct err *err)
{
	int r = 0;

	if (attr_is_null(a, object))
		return 0;
	if (a->type == ATTR_OBJECT)
		return check_refs(v, a->item, UINT64_MAX, attr_at(a, object), err);
	if (a->type == ATTR_LIST) {
		const struct list *l = attr_at(a, object);

		for (uint32_t i = 0; i < l->count && r == 0; i++)
			r = check_refs(v, a->item, UINT64_MAX,
				       (const char *)l->items + (size_t)i * a->item->size, err);
		return r;
	}
	return a->ref && !(a->flags & A_UNSEEN) ? verb_ref(v, a->ref, attr_at(a, object), NULL, err) : 0;
}

/* What a body names must exist and be seen by the caller. */
static int check_refs(struct verb *v, const struct shape *shape, uint64_t given, const void *object,
		      struct err *err)
{
	int r = 0;

	for (unsigned i = 0; i < shape->count && r == 0; i++)
		if (given & (1ULL << i) && !(shape->attrs[i].flags & A_COMPUTED))
			r = check_ref(v, &shape->attrs[i], object, err);
	return r;
}

int verb_check_revision(const struct row *row, int64_t wanted, struct err *err)
{
	if (wanted == row->revision_number)
		return 0;
	return err_api(err, 412, "RevisionNumberConstraintFailed",
		       "Constrained to %" PRId64 ", but current revision is %" PRId64, wanted,
		       row->revision_number);
}

/* What is nested in a row is a part of it, and so is what the resource says. */
static int touch_parent(struct verb *v, const struct row *row, struct err *err)
{
	const char *name = resource_of(row->kind)->part_of;
	const struct attr *parent =
		name ? shape_attr(shape_of(row->kind), name) : shape_parent(shape_of(row->kind));

	return parent ? txn_touch(v->t, parent->ref, attr_at(parent, row), err) : 0;
}

static int put_row(struct verb *v, struct row *draft, struct err *err)
{
	const void *was = txn_get(v->t, draft->kind, &draft->id);
	int r = txn_put(v->t, draft, err);

	if (r < 0 || txn_get(v->t, draft->kind, &draft->id) == was)
		return r;
	return touch_parent(v, draft, err);
}

int verb_if_match(struct verb *v, const struct row *row, struct err *err)
{
	const char *value = http_header(v->c->req, "If-Match"), *prefix = "revision_number=";
	char *end;
	long long wanted;

	if (!value)
		return 0;
	if (strncmp(value, prefix, strlen(prefix)) != 0)
		return err_api(err, 400, "HTTPBadRequest",
			       "The If-Match header must be revision_number=NUMBER");
	errno = 0;
	wanted = strtoll(value + strlen(prefix), &end, 10);
	if (errno || end == value + strlen(prefix) || *end)
		return err_api(err, 400, "HTTPBadRequest",
			       "The If-Match header must be revision_number=NUMBER");
	return verb_check_revision(row, wanted, err);
}

static int body_object(const struct call *c, const json_t *body, const char *name, json_t **ret,
		       struct err *err)
{
	*ret = json_object_get(body, name);
	if (!*ret || json_is_null(*ret))
		return err_api(err, 400, "HTTPBadRequest", "Unable to find '%s' in request body", name);
	return 0;
}

/* --- create --- */

struct creation {
	enum kind kind;
	bool bulk;
	size_t count;
	bool fresh; /* one of them was made, none was there already */
	struct {
		union any_row draft; /* decoded before the transaction, so that others need not wait for it */
		uint64_t given;
		struct uuid id;
	} * items;
};

/* NULL: nested rows have no owner of their own. */
static const char **owner_at(enum kind kind, void *draft)
{
	const struct attr *a = shape_attr(shape_of(kind), "project_id");

	return a ? (const char **)(void *)((char *)draft + a->offset) : NULL;
}

static int set_owner(const struct call *c, enum kind kind, void *draft, struct err *err)
{
	const char **owner = owner_at(kind, draft), *own = c->caller.actor.project_id;

	if (!owner)
		return 0;
	if (!*owner)
		*owner = own;
	if (!*owner)
		return err_api(err, 403, "PolicyNotAuthorized",
			       "The token belongs to no project, so the request has to name one");
	if (!c->caller.admin && (!own || strcmp(*owner, own) != 0))
		return err_api(
			err, 400, "HTTPBadRequest",
			"Specifying 'project_id' or 'tenant_id' other than the authenticated project in "
			"request requires admin privileges");
	return 0;
}

static int decode_new(struct call *c, struct creation *n, size_t i, const json_t *json, struct err *err)
{
	const struct shape *shape = shape_of(n->kind);
	int r = decode_given(shape, json, DECODE_POST, c->caller.admin, c->req->region, &n->items[i].draft,
			     &n->items[i].given, err);

	return r < 0 ? r : set_owner(c, n->kind, &n->items[i].draft, err);
}

static int decode_all(struct call *c, struct creation *n, const json_t *list, struct err *err)
{
	const char *name = shape_of(n->kind)->name;
	int r = 0;

	n->bulk = true;
	n->count = json_array_size(list);
	if (!json_is_array(list) || n->count == 0)
		return err_api(err, 400, "HTTPBadRequest", "Resources required");
	n->items = talloc_zero_size(c->req->region, n->count * sizeof(*n->items));
	for (size_t i = 0; i < n->count && r == 0; i++) {
		const json_t *one = json_array_get(list, i), *inner = json_object_get(one, name);

		/* {"networks": [{"network": {...}}]} is how some clients write it. */
		r = decode_new(c, n, i, inner ? inner : one, err);
	}
	return r;
}

static int decode_creation(struct call *c, struct creation *n, struct err *err)
{
	const struct shape *shape = shape_of(n->kind);
	json_t *body, *one;
	int r = call_body(c, &body, err);

	if (r < 0)
		return r;
	if (json_object_get(body, shape->plural))
		return decode_all(c, n, json_object_get(body, shape->plural), err);
	if ((r = body_object(c, body, shape->name, &one, err)) < 0)
		return r;
	n->count = 1;
	n->items = talloc_zero_size(c->req->region, sizeof(*n->items));
	return decode_new(c, n, 0, one, err);
}

/* The rest of a creation, when the draft holds the body and the owner: checks, the hook, the write. */
static int put_new(struct verb *v, struct row *draft, uint64_t given, struct err *err)
{
	enum kind kind = draft->kind;
	const struct resource *res = resource_of(kind);
	const char **owner = owner_at(kind, draft);
	int r;

	v->given = given;
	if ((owner && (r = identity_check_owner(v, *owner, err)) < 0) ||
	    (r = check_refs(v, shape_of(kind), given, draft, err)) < 0)
		return r;
	if (owner && res->quota && !v->no_quota && (r = verb_quota(v, res->quota, *owner, 1, err)) < 0)
		return r;
	if (res->create && (r = res->create(v, draft, err)) < 0)
		return r;
	return put_row(v, draft, err);
}

/* The parent that the path names: who may change it may make what it consists of. */
static int set_parent(struct verb *v, struct row *draft, struct err *err)
{
	const struct attr *a = shape_parent(shape_of(draft->kind));
	const struct row *parent;
	int r;

	if (!a)
		return 0;
	if ((r = verb_find(v, a->ref, v->c->arg[0], &parent, err)) < 0)
		return r;
	memcpy((char *)draft + a->offset, &parent->id, sizeof(parent->id));
	return 0;
}

/* 1: a row that is there already will do, and its id is in the item. */
static int find_reusable(struct verb *v, struct row *draft, struct uuid *ret_id, struct err *err)
{
	const struct resource *res = resource_of(draft->kind);

	return res->reuse ? res->reuse(v, draft, ret_id, err) : 0;
}

static int create_one(struct verb *v, struct creation *n, size_t i, struct err *err)
{
	struct row *draft = txn_new(v->t, n->kind);
	struct row head = {.kind = draft->kind, .id = draft->id};
	int r;

	n->items[i].id = head.id;
	memcpy(draft, &n->items[i].draft, shape_of(n->kind)->size);
	draft->kind = head.kind;
	draft->id = head.id;
	if ((r = set_parent(v, draft, err)) < 0)
		return r;
	r = find_reusable(v, draft, &n->items[i].id, err);
	if (r != 0)
		return MIN(r, 0);
	n->fresh = true;
	return put_new(v, draft, n->items[i].given, err);
}

int verb_make(struct verb *v, enum kind kind, const json_t *json, struct uuid *ret_id, struct err *err)
{
	struct row *draft = txn_new(v->t, kind);
	struct uuid id = draft->id;
	uint64_t given;
	int r = decode_given(shape_of(kind), json, DECODE_POST, v->c->caller.admin, v->t->region, draft,
			     &given, err);

	if (r < 0 || (r = set_owner(v->c, kind, draft, err)) < 0 || (r = put_new(v, draft, given, err)) < 0)
		return r;
	*ret_id = id;
	return 0;
}

static int create_all(struct verb *v, void *arg, struct err *err)
{
	struct creation *n = arg;
	int r = 0;

	for (size_t i = 0; i < n->count && r == 0; i++)
		r = create_one(v, n, i, err);
	v->c->made.status = n->fresh ? 201 : 200;
	return r;
}

static int reply_created(struct call *c, struct err *err)
{
	const struct creation *n = c->state;
	const struct shape *shape = shape_of(n->kind);
	struct print_view view = call_view(c, n->kind);
	struct buf *b = &c->resp->body;

	buf_printf(b, "{\"%s\":%s", n->bulk ? shape->plural : shape->name, n->bulk ? "[" : "");
	for (size_t i = 0; i < n->count; i++) {
		if (i)
			buf_putc(b, ',');
		print_row(snap_get(c->snap, n->kind, &n->items[i].id), &view, b);
	}
	buf_puts(b, n->bulk ? "]}" : "}");
	c->resp->status = c->made.status;
	return 0;
}

int verb_create(struct call *c, struct err *err)
{
	struct creation *n = talloc_zero(c->req->region, struct creation);
	int r;

	n->kind = c->route->kind;
	c->state = n;
	if ((r = decode_creation(c, n, err)) < 0)
		return r;
	call_makes(c, n->kind, &n->items[0].id);
	c->made.count = n->count;
	c->made.stride = sizeof(n->items[0]);
	return call_write(c, create_all, n, reply_created, err);
}

/* --- show, list --- */

int verb_show(struct call *c, struct err *err)
{
	const struct row *row;
	int r = call_find_named(c, c->route->kind, &row, err);

	if (r == 0)
		call_print_row(c, shape_of(row->kind)->name, row);
	return r;
}

int verb_list(struct call *c, struct err *err)
{
	const struct row **rows;
	struct query q;
	size_t count;
	int r = query_parse(c, c->route->kind, &q, err);

	if (r < 0 || (r = query_run(&q, &rows, &count, err)) < 0)
		return r;
	query_print(&q, rows, count);
	return 0;
}

/* --- update --- */

struct update {
	enum kind kind;
	json_t *json;
	struct uuid id;
};

int verb_change(struct verb *v, const struct row *old, const json_t *json, struct err *err)
{
	const struct shape *shape = shape_of(old->kind);
	const struct resource *res = resource_of(old->kind);
	void *draft = txn_edit(v->t, old);
	int r = decode_given(shape, json, DECODE_PUT, v->c->caller.admin, v->t->region, draft, &v->given,
			     err);

	v->json = json;
	if (r < 0 || (r = check_refs(v, shape, v->given, draft, err)) < 0)
		return r;
	if (res->update && (r = res->update(v, old, draft, err)) < 0)
		return r;
	return put_row(v, draft, err);
}

/* A body that is not well-formed is refused before anybody looks for the row: `err` then says so. */
static int look_at_body(struct verb *v, const struct update *u, struct err *err)
{
	union any_row scratch = {0};
	struct err form = {0};
	uint64_t given;
	int r = decode_given(shape_of(u->kind), u->json, DECODE_PUT, v->c->caller.admin, v->t->region,
			     &scratch, &given, &form);

	if (r < 0 && form.status == 400)
		*err = form;
	return err->errnum;
}

static int update_row(struct verb *v, void *arg, struct err *err)
{
	struct update *u = arg;
	const struct row *old;
	int r = verb_find_named(v, u->kind, &old, err);

	if (r < 0)
		return look_at_body(v, u, err);
	if ((r = verb_if_match(v, old, err)) < 0)
		return r;
	u->id = old->id;
	return verb_change(v, old, u->json, err);
}

static int reply_updated(struct call *c, struct err *err)
{
	const struct update *u = c->state;

	call_print_row(c, shape_of(u->kind)->name, snap_get(c->snap, u->kind, &u->id));
	return 0;
}

int verb_update(struct call *c, struct err *err)
{
	struct update *u = talloc_zero(c->req->region, struct update);
	json_t *body;
	int r = call_body(c, &body, err);

	u->kind = c->route->kind;
	c->state = u;
	if (r < 0 || (r = body_object(c, body, shape_of(u->kind)->name, &u->json, err)) < 0)
		return r;
	return call_write(c, update_row, u, reply_updated, err);
}

/* --- delete --- */

int verb_drop(struct verb *v, const struct row *row, struct err *err)
{
	const struct resource *res = resource_of(row->kind);
	enum kind kind = row->kind;
	struct uuid id = row->id;
	int r = res->remove ? res->remove(v, row, err) : 0;

	if (r < 0 || (r = touch_parent(v, row, err)) < 0)
		return r;
	return txn_del(v->t, kind, &id, err);
}

static int delete_row(struct verb *v, void *arg, struct err *err)
{
	const struct row *row;
	int r = verb_find_named(v, v->c->route->kind, &row, err);

	if (r < 0 || (r = verb_if_match(v, row, err)) < 0)
		return r;
	return verb_drop(v, row, err);
}

static int reply_deleted(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

int verb_delete(struct call *c, struct err *err)
{
	return call_write(c, delete_row, NULL, reply_deleted, err);
}

/* --- routes --- */

#define ROUTE_(method, path, fn, flags, NAME, plural)                                                        \
	{HTTP_##method, "/v2.0/" path, fn, flags, FAMILY_NETWORK, plural, KIND_##NAME},
#define ROUTES_(NAME, S, name, plural, type, path)                                                           \
	ROUTE_(GET, path, verb_list, 0, NAME, plural)                                                        \
	ROUTE_(POST, path, verb_create, ROUTE_WRITE, NAME, plural)                                           \
	ROUTE_(GET, path "/{}", verb_show, 0, NAME, plural)                                                  \
	ROUTE_(PUT, path "/{}", verb_update, ROUTE_WRITE, NAME, plural)                                      \
	ROUTE_(DELETE, path "/{}", verb_delete, ROUTE_WRITE, NAME, plural)

const struct route network_routes[] = {
	{HTTP_GET, "/v2.0/extensions", extensions_list, ROUTE_OPEN | ROUTE_NOW, FAMILY_NETWORK, "extensions",
	 KIND_NONE, "Lists the extensions that work"},
	{HTTP_GET, "/v2.0/extensions/{}", extensions_show, ROUTE_OPEN | ROUTE_NOW, FAMILY_NETWORK,
	 "extensions", KIND_NONE, "Shows an extension"},
	EVERY_NETWORK_KIND(ROUTES_) EVERY_NESTED_KIND(ROUTES_) EVERY_BARE_KIND(ROUTES_){0},
};
