/* Domains, projects, users, roles: list, show, create, update, delete, by the schema's tables.
 * Route functions; what a kind means beyond being stored is in identity_hooks.c. */
#include "api/identity_hooks.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

struct edit {
	struct check check; /* first: c->state; a password to be hashed */
	json_t *json;       /* borrowed from the call's body */
	struct uuid id;
};

/* --- printing, filters --- */

/* What Keystone shows besides what is stored. */
static const char *constants_of(enum kind kind, const struct row *row)
{
	if (kind == KIND_DOMAIN)
		return ",\"options\":{},\"tags\":[]";
	if (kind == KIND_PROJECT)
		return ",\"options\":{},\"tags\":[],\"is_domain\":false";
	if (kind == KIND_USER)
		return ",\"options\":{},\"password_expires_at\":null";
	return role_is_builtin((const struct role *)(const void *)row)
		       ? ",\"options\":{\"immutable\":true},\"domain_id\":null"
		       : ",\"options\":{},\"domain_id\":null";
}

void identity_print(const struct call *c, const struct row *row, struct buf *b)
{
	const struct print_view view = {.admin = true, .fields = ~0ULL};
	const struct shape *shape = shape_of(row->kind);
	char id[HEXID_TEXT];

	print_row(row, &view, b);
	b->len--; /* reopens the object */
	buf_puts(b, constants_of(row->kind, row));
	if (row->kind == KIND_PROJECT) {
		hexid_print(&((const struct project *)(const void *)row)->domain_id, id);
		buf_printf(b, ",\"parent_id\":\"%s\"", id);
	}
	hexid_print(&row->id, id);
	buf_puts(b, ",\"links\":{\"self\":");
	buf_json_str(b, identity_url(c, talloc_asprintf(c->req->region, "/%s/%s", shape->plural, id)));
	buf_puts(b, "}}");
}

static bool is_false(const char *s)
{
	return strcmp(s, "0") == 0 || strcasecmp(s, "false") == 0;
}

static bool passes(const struct row *row, const char *key, const char *value)
{
	const struct shape *shape = shape_of(row->kind);
	const struct attr *a = shape_attr(shape, key);
	union any_row probe = {0};

	if (row->kind == KIND_PROJECT && strcmp(key, "parent_id") == 0)
		a = shape_attr(shape, "domain_id");
	if (row->kind == KIND_PROJECT && strcmp(key, "is_domain") == 0)
		return is_false(value);
	if (row->kind == KIND_ROLE && strcmp(key, "domain_id") == 0)
		return !*value;
	/* As Keystone, what is no filter changes nothing. */
	if (!a || !(a->flags & A_FILTER))
		return true;
	if (a->type == ATTR_STR) {
		const char *is = *(const char *const *)attr_at(a, row);

		return is && strcmp(is, value) == 0;
	}
	return attr_parse_text(a, value, NULL, &probe) == 0 && attr_cmp(a, row, &probe) == 0;
}

bool identity_filter(const struct call *c, const struct row *row)
{
	for (size_t i = 0; i < c->req->param_count; i++)
		if (!passes(row, c->req->params[i].key, c->req->params[i].value))
			return false;
	return true;
}

int route_list(struct call *c, struct err *err)
{
	enum kind kind = c->route->kind;
	struct scan scan;
	bool first;

	list_begin(c, shape_of(kind)->plural, &first);
	for (const struct row *row = scan_kind(&scan, c->snap, kind, NULL); row; row = scan_next(&scan)) {
		if (!identity_filter(c, row))
			continue;
		list_next(c, &first);
		identity_print(c, row, &c->resp->body);
	}
	list_end(c);
	return 0;
}

static void reply_row(struct call *c, const struct row *row)
{
	buf_printf(&c->resp->body, "{\"%s\":", shape_of(row->kind)->name);
	identity_print(c, row, &c->resp->body);
	buf_putc(&c->resp->body, '}');
}

int route_show(struct call *c, struct err *err)
{
	enum kind kind = c->route->kind;
	const struct identity_hooks *hooks = identity_hooks_of(kind);
	const void *row;
	struct uuid id;
	int r;

	if (!c->caller.admin &&
	    (!hooks->visible || hexid_parse(c->arg[0], &id) < 0 || !hooks->visible(c, &id)))
		return forbidden(err, talloc_asprintf(c->req->region, "get_%s", shape_of(kind)->name));
	if ((r = row_by_id(c->snap, kind, c->arg[0], &row, err)) < 0)
		return r;
	reply_row(c, row);
	return 0;
}

/* --- bodies --- */

/* Takes away what clients send and what means nothing here: what is empty, null or as it would be anyway. */
static int clean(json_t *json, enum kind kind, const struct row *old, struct err *err)
{
	static const char *const empty[] = {"options", "tags", "links"};
	const json_t *parent = json_object_get(json, "parent_id");
	const char *domain = json_string_value(json_object_get(json, "domain_id"));
	struct uuid a, b;

	for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
		json_object_del(json, empty[i]);
	if (json_is_null(json_object_get(json, "domain_id")))
		json_object_del(json, "domain_id");
	if (old && domain && hexid_parse(domain, &a) == 0) {
		const struct attr *attr = shape_attr(shape_of(kind), "domain_id");

		if (attr && memcmp(attr_at(attr, old), &a, sizeof(a)) == 0)
			json_object_del(json, "domain_id");
	}
	if (kind != KIND_PROJECT)
		return 0;
	if (json_is_true(json_object_get(json, "is_domain")))
		return bad_request(err, "A project that is a domain is made as a domain.");
	json_object_del(json, "is_domain");
	if (parent && !json_is_null(parent) &&
	    (!json_is_string(parent) || hexid_parse(json_string_value(parent), &a) < 0 ||
	     hexid_parse(domain ? domain : "default", &b) < 0 || !uuid_eq(&a, &b)))
		return bad_request(err, "Projects are not nested: parent_id can only be the domain.");
	json_object_del(json, "parent_id");
	return 0;
}

static int decode_body(struct call *c, struct edit *e, enum decode_mode mode, const struct row *old,
		       struct err *err)
{
	enum kind kind = c->route->kind;
	union any_row draft = {0};
	uint64_t given;
	int r;

	if ((r = body_object(c, shape_of(kind)->name, &e->json, err)) < 0 ||
	    (r = clean(e->json, kind, old, err)) < 0)
		return r;
	if (old)
		memcpy(&draft, old, shape_of(kind)->size);
	r = decode_given(shape_of(kind), e->json, mode, true, c->req->region, &draft, &given, err);
	if (r < 0 || kind != KIND_USER)
		return r;
	e->check.wanted = draft.user.password;
	if (e->check.wanted && !*e->check.wanted)
		return bad_request(err, "A password cannot be empty.");
	return 0;
}

/* --- writes --- */

static int write_create(struct verb *v, void *arg, struct err *err)
{
	struct edit *e = arg;
	enum kind kind = v->c->route->kind;
	struct row *draft = txn_new(v->t, kind);
	int r = decode_given(shape_of(kind), e->json, DECODE_POST, true, v->t->region, draft, &v->given, err);

	if (r < 0)
		return r;
	e->id = draft->id;
	if ((r = identity_hooks_of(kind)->check(v, NULL, draft, e->check.hashed, err)) < 0)
		return r;
	return txn_put(v->t, draft, err);
}

static int write_update(struct verb *v, void *arg, struct err *err)
{
	struct edit *e = arg;
	enum kind kind = v->c->route->kind;
	const void *old;
	struct row *draft;
	int r = row_by_id(v->t->work, kind, v->c->arg[0], &old, err);

	if (r < 0)
		return r;
	draft = txn_edit(v->t, old);
	r = decode_given(shape_of(kind), e->json, DECODE_PUT, true, v->t->region, draft, &v->given, err);
	if (r < 0 || (r = identity_hooks_of(kind)->check(v, old, draft, e->check.hashed, err)) < 0 ||
	    (r = txn_put(v->t, draft, err)) < 0)
		return r;
	return identity_keep_admin(v->t->work, err);
}

static int reply_written(struct call *c, struct err *err)
{
	const struct edit *e = c->state;
	const struct row *row = snap_get(c->snap, c->route->kind, &e->id);

	/* A later write of the same batch may have taken it away again. */
	if (!row)
		return call_not_found(c->route->kind, "", err);
	c->resp->status = c->req->method == HTTP_POST ? 201 : 200;
	reply_row(c, row);
	return 0;
}

static int write_edit(struct call *c, struct err *err)
{
	return call_write(c, c->req->method == HTTP_POST ? write_create : write_update, c->state,
			  reply_written, err);
}

static int run_edit(struct call *c, struct edit *e, struct err *err)
{
	c->state = e;
	e->check.next = write_edit;
	return e->check.wanted ? check_run(c, &e->check, err) : write_edit(c, err);
}

int route_create(struct call *c, struct err *err)
{
	struct edit *e = talloc_zero(c->req->region, struct edit);
	int r = decode_body(c, e, DECODE_POST, NULL, err);

	return r < 0 ? r : run_edit(c, e, err);
}

int route_update(struct call *c, struct err *err)
{
	struct edit *e = talloc_zero(c->req->region, struct edit);
	const void *old;
	int r = row_by_id(c->snap, c->route->kind, c->arg[0], &old, err);

	if (r < 0)
		return r;
	e->id = ((const struct row *)old)->id;
	r = decode_body(c, e, DECODE_PUT, old, err);
	return r < 0 ? r : run_edit(c, e, err);
}

static int write_delete(struct verb *v, void *arg, struct err *err)
{
	enum kind kind = v->c->route->kind;
	const void *row;
	int r = row_by_id(v->t->work, kind, v->c->arg[0], &row, err);

	if (r < 0 || (r = identity_hooks_of(kind)->remove(v, row, err)) < 0 ||
	    (r = txn_del(v->t, kind, &((const struct row *)row)->id, err)) < 0)
		return r;
	return identity_keep_admin(v->t->work, err);
}

static int reply_deleted(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

int route_delete(struct call *c, struct err *err)
{
	return call_write(c, write_delete, NULL, reply_deleted, err);
}

/* --- one's own password --- */

static int write_password(struct verb *v, void *arg, struct err *err)
{
	const struct edit *e = arg;
	const struct user *old = txn_get(v->t, KIND_USER, &e->id);
	struct user *draft;

	/* Somebody else has set another one meanwhile: what was checked is no longer it. */
	if (!old || !old->password_hash || strcmp(old->password_hash, e->check.hash) != 0)
		return unauthorized(err);
	draft = txn_edit(v->t, old);
	draft->password_hash = e->check.hashed;
	draft->tokens_after = MAX(v->t->now_us, old->tokens_after + 1);
	return txn_put(v->t, draft, err);
}

static int save_password(struct call *c, struct err *err)
{
	return call_write(c, write_password, c->state, reply_deleted, err);
}

int route_user_password(struct call *c, struct err *err)
{
	struct edit *e = talloc_zero(c->req->region, struct edit);
	const struct user *user = call_access(c)->user;
	const char *old, *new;
	struct uuid id;
	int r;

	/* An administrator uses PATCH: this one needs the password that is. */
	if (hexid_parse(c->arg[0], &id) < 0 || !uuid_eq(&id, &user->row.id))
		return forbidden(err, "change_password");
	if ((r = body_object(c, "user", &e->json, err)) < 0)
		return r;
	old = json_string_value(json_object_get(e->json, "original_password"));
	new = json_string_value(json_object_get(e->json, "password"));
	if (!old || !new || !*new || strlen(old) > PASSWORD_MAX || strlen(new) > PASSWORD_MAX)
		return bad_request(err, "user needs original_password and password, of at most %d bytes.",
				   PASSWORD_MAX);
	e->id = id;
	e->check = (struct check){.who = c->caller.actor.user_id,
				  .payer = c->caller.actor.user_id,
				  .id = id,
				  .hash = user->password_hash,
				  .secret = old,
				  .wanted = new,
				  .next = save_password};
	return check_run(c, &e->check, err);
}
