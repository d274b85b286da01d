/* Application credentials: a name and a secret that stand for a user on one project, with some of its roles.
 * Routes below /v3/users/{}/application_credentials. */
#include "api/identity_int.h"

#include <string.h>
#include <talloc.h>

/* Everybody can make them, so there is an end to it. */
#define MAX_PER_USER 100

struct making {
	struct check check; /* first: c->state */
	json_t *json;
	struct role_set roles;
	const char *secret; /* shown once */
	struct uuid id;
};

static void print_cred(const struct call *c, const struct appcred *a, const char *secret, struct buf *b)
{
	const struct shape *shape = shape_of(KIND_APPCRED);
	const struct attr *expires = shape_attr(shape, "expires_at");
	const struct print_view view = {.admin = true, .fields = ~(1ULL << attr_bit(shape, expires))};
	const struct hexref_item *ids = a->role_ids.items;
	char text[MICROS_TEXT], user[HEXID_TEXT], id[HEXID_TEXT];
	bool first = true;

	print_row(&a->row, &view, b);
	b->len--; /* reopens the object */
	/* Keystone shows this time, unlike all others, without the final Z, and clients count on it. */
	if (a->expires_at)
		buf_printf(b, ",\"expires_at\":\"%.26s\"", micros_print(a->expires_at * 1000000, text));
	else
		buf_puts(b, ",\"expires_at\":null");
	buf_puts(b, ",\"roles\":[");
	for (uint32_t i = 0; i < a->role_ids.count; i++) {
		const struct role *role = snap_get(c->snap, KIND_ROLE, &ids[i].id);

		if (!role)
			continue;
		if (!first)
			buf_putc(b, ',');
		first = false;
		print_ref(b, &role->row.id, role->name, NULL);
	}
	buf_putc(b, ']');
	if (secret) {
		buf_puts(b, ",\"secret\":");
		buf_json_str(b, secret);
	}
	buf_puts(b, ",\"links\":{\"self\":");
	buf_json_str(b,
		     identity_url(c, talloc_asprintf(c->req->region, "/users/%s/application_credentials/%s",
						     hexid_print(&a->user_id, user),
						     hexid_print(&a->row.id, id))));
	buf_puts(b, "}}");
}

static int find_owner(struct call *c, const char *action, struct uuid *ret, struct err *err)
{
	struct uuid id;

	if (hexid_parse(c->arg[0], &id) < 0)
		return c->caller.admin ? call_not_found(KIND_USER, c->arg[0], err) : forbidden(err, action);
	*ret = id;
	return require_self(c, &id, action, err);
}

static int find_cred(struct call *c, const struct snap *s, const struct uuid *user_id,
		     const struct appcred **ret, struct err *err)
{
	const void *row;
	int r = row_by_id(s, KIND_APPCRED, c->arg[1], &row, err);

	if (r < 0)
		return r;
	*ret = row;
	return uuid_eq(&(*ret)->user_id, user_id) ? 0 : call_not_found(KIND_APPCRED, c->arg[1], err);
}

static const struct appcred *cred_by_name(const struct snap *s, const struct uuid *user_id, const char *name,
					  size_t *ret_count)
{
	const struct appcred *found = NULL;
	struct scan scan;

	*ret_count = 0;
	for (const struct appcred *a = scan_index(&scan, s, IX_APPCRED_USER, user_id, NULL); a;
	     a = scan_next(&scan)) {
		++*ret_count;
		if (strcmp(a->name, name) == 0)
			found = a;
	}
	return found;
}

int route_appcred_list(struct call *c, struct err *err)
{
	const char *name = http_param(c->req, "name");
	struct uuid user_id;
	struct scan scan;
	bool first;
	int r = find_owner(c, "list_application_credentials", &user_id, err);

	if (r < 0)
		return r;
	list_begin(c, "application_credentials", &first);
	for (const struct appcred *a = scan_index(&scan, c->snap, IX_APPCRED_USER, &user_id, NULL); a;
	     a = scan_next(&scan)) {
		if (name && strcmp(name, a->name) != 0)
			continue;
		list_next(c, &first);
		print_cred(c, a, NULL, &c->resp->body);
	}
	list_end(c);
	return 0;
}

static void reply_cred(struct call *c, const struct appcred *a, const char *secret)
{
	buf_puts(&c->resp->body, "{\"application_credential\":");
	print_cred(c, a, secret, &c->resp->body);
	buf_putc(&c->resp->body, '}');
}

int route_appcred_show(struct call *c, struct err *err)
{
	const struct appcred *a;
	struct uuid user_id;
	int r = find_owner(c, "get_application_credential", &user_id, err);

	if (r < 0 || (r = find_cred(c, c->snap, &user_id, &a, err)) < 0)
		return r;
	reply_cred(c, a, NULL);
	return 0;
}

/* --- making one --- */

static const struct role *named_role(const struct role_set *set, const json_t *spec)
{
	const char *id = json_string_value(json_object_get(spec, "id"));
	const char *name = json_string_value(json_object_get(spec, "name"));
	struct uuid u;

	if (id && hexid_parse(id, &u) < 0)
		return NULL;
	for (size_t i = 0; i < set->count && (id || name); i++)
		if (id ? uuid_eq(&set->list[i]->row.id, &u) : strcmp(set->list[i]->name, name) == 0)
			return set->list[i];
	return NULL;
}

/* The roles asked for, all of which the caller has here and now; without any, all that it has. */
static int read_roles(struct call *c, struct making *m, struct err *err)
{
	const json_t *list = json_object_get(m->json, "roles"), *one;
	const struct access *a = call_access(c);
	size_t i;

	if (list && !json_is_array(list) && !json_is_null(list))
		return bad_request(err, "roles must be a list.");
	json_array_foreach((json_t *)(uintptr_t)list, i, one)
	{
		const struct role *role = named_role(&a->roles, one);

		if (!role)
			return bad_request(
				err, "Invalid application credential: you do not have all of these roles "
				     "on this project.");
		roles_add(c->req->region, &m->roles, role);
	}
	if (!m->roles.count)
		m->roles = a->roles;
	json_object_del(m->json, "roles");
	return 0;
}

static int read_body(struct call *c, struct making *m, struct err *err)
{
	static const char *const unused[] = {"access_rules", "project_id", "links"};
	union any_row draft = {0};
	uint64_t given;
	int r = body_object(c, "application_credential", &m->json, err);

	if (r < 0 || (r = read_roles(c, m, err)) < 0)
		return r;
	if (json_array_size(json_object_get(m->json, "access_rules")))
		return bad_request(err, "Access rules are not offered.");
	for (size_t i = 0; i < ARRAY_SIZE(unused); i++)
		json_object_del(m->json, unused[i]);
	r = decode_given(shape_of(KIND_APPCRED), m->json, DECODE_POST, true, c->req->region, &draft, &given,
			 err);
	if (r < 0)
		return r;
	if (draft.appcred.expires_at && draft.appcred.expires_at <= clock_now_us() / 1000000)
		return bad_request(err, "expires_at is in the past.");
	m->secret = draft.appcred.secret;
	if (m->secret && !*m->secret)
		return bad_request(err, "A secret cannot be empty.");
	return 0;
}

static int write_cred(struct verb *v, void *arg, struct err *err)
{
	struct making *m = arg;
	struct appcred *draft = txn_new(v->t, KIND_APPCRED);
	struct hexref_item *ids = talloc_array(v->t->region, struct hexref_item, m->roles.count);
	const struct access *a = call_access(v->c);
	size_t count;
	int r = decode_given(shape_of(KIND_APPCRED), m->json, DECODE_POST, true, v->t->region, draft,
			     &v->given, err);

	if (r < 0)
		return r;
	/* Gone since the request began? */
	if (!txn_get(v->t, KIND_USER, &a->user->row.id) || !txn_get(v->t, KIND_PROJECT, &a->project->row.id))
		return unauthorized(err);
	draft->user_id = a->user->row.id;
	draft->project_id = a->project->row.id;
	draft->secret_hash = m->check.hashed;
	for (size_t i = 0; i < m->roles.count; i++)
		ids[i].id = m->roles.list[i]->row.id;
	draft->role_ids = (struct list){ids, (uint32_t)m->roles.count};
	if (cred_by_name(v->t->work, &draft->user_id, draft->name, &count))
		return err_api(err, 409, "Conflict",
			       "You have an application credential named %.100s already.", draft->name);
	if (count >= MAX_PER_USER)
		return err_api(err, 403, "Forbidden", "A user can have %d application credentials.",
			       MAX_PER_USER);
	m->id = draft->row.id;
	return txn_put(v->t, draft, err);
}

static int reply_made(struct call *c, struct err *err)
{
	const struct making *m = c->state;
	const struct appcred *a = snap_get(c->snap, KIND_APPCRED, &m->id);

	if (!a)
		return call_not_found(KIND_APPCRED, "", err);
	c->resp->status = 201;
	reply_cred(c, a, m->secret);
	return 0;
}

static int save_cred(struct call *c, struct err *err)
{
	return call_write(c, write_cred, c->state, reply_made, err);
}

/* A credential of a credential would outlive it; only one that was made for that may make others. */
static int may_change(struct call *c, const struct uuid *user_id, const char *action, struct err *err)
{
	const struct access *a = call_access(c);

	if (!uuid_eq(user_id, &a->user->row.id) &&
	    !(c->caller.admin && strcmp(action, "delete_application_credential") == 0))
		return forbidden(err, action);
	return a->appcred && !a->appcred->unrestricted ? forbidden(err, action) : 0;
}

int route_appcred_create(struct call *c, struct err *err)
{
	struct making *m = talloc_zero(c->req->region, struct making);
	char secret[SECRET_TEXT];
	struct uuid user_id;
	int r = find_owner(c, "create_application_credential", &user_id, err);

	if (r < 0 || (r = may_change(c, &user_id, "create_application_credential", err)) < 0)
		return r;
	if (!call_access(c)->project)
		return err_api(err, 403, "Forbidden",
			       "An application credential needs a token scoped to a project.");
	if ((r = read_body(c, m, err)) < 0)
		return r;
	c->state = m;
	if (m->secret) { /* chosen by a person: it may be weak */
		m->check.payer = c->caller.actor.user_id;
		m->check.wanted = m->secret;
		m->check.next = save_cred;
		return check_run(c, &m->check, err);
	}
	secret_make(secret);
	m->secret = talloc_strdup(c->req->region, secret);
	m->check.hashed = secret_hash(c->req->region, secret);
	return save_cred(c, err);
}

static int drop_cred(struct verb *v, void *arg, struct err *err)
{
	const struct appcred *a;
	int r = find_cred(v->c, v->t->work, arg, &a, err);

	return r < 0 ? r : txn_del(v->t, KIND_APPCRED, &a->row.id, err);
}

static int reply_dropped(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

int route_appcred_delete(struct call *c, struct err *err)
{
	struct uuid *user_id = talloc(c->req->region, struct uuid);
	int r = find_owner(c, "delete_application_credential", user_id, err);

	if (r < 0 || (r = may_change(c, user_id, "delete_application_credential", err)) < 0)
		return r;
	return call_write(c, drop_cred, user_id, reply_dropped, err);
}
