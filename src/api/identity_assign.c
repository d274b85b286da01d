/* Role assignments: who has which role where.
 * Routes below projects, domains and /v3/role_assignments. */
#include "api/identity_int.h"

#include <string.h>
#include <talloc.h>

/* One assignment as a path names it. */
struct grant {
	enum token_scope scope;
	const struct user *user;
	const struct role *role; /* NULL: the path names none */
	struct uuid scope_id;
};

static const struct assignment *find_grant(const struct snap *s, const struct grant *g)
{
	struct scan scan;

	for (const struct assignment *a = scan_index(&scan, s, IX_ASSIGNMENT_USER, &g->user->row.id, NULL); a;
	     a = scan_next(&scan)) {
		const struct uuid *on = g->scope == SCOPE_PROJECT ? &a->project_id : &a->domain_id;

		if (uuid_eq(on, &g->scope_id) && uuid_eq(&a->role_id, &g->role->row.id))
			return a;
	}
	return NULL;
}

/* The path's project or domain, user and role; whichever is not there is a 404 of its own. */
static int read_path(const struct call *c, const struct snap *s, struct grant *ret, struct err *err)
{
	struct grant g = {.scope = c->route->kind == KIND_DOMAIN ? SCOPE_DOMAIN : SCOPE_PROJECT};
	const void *on, *user, *role = NULL;
	int r;

	if ((r = row_by_id(s, c->route->kind, c->arg[0], &on, err)) < 0 ||
	    (r = row_by_id(s, KIND_USER, c->arg[1], &user, err)) < 0)
		return r;
	if (c->arg[2] && (r = row_by_id(s, KIND_ROLE, c->arg[2], &role, err)) < 0)
		return r;
	g.scope_id = ((const struct row *)on)->id;
	g.user = user;
	g.role = role;
	*ret = g;
	return 0;
}

static int no_grant(const struct call *c, struct err *err)
{
	return err_api(err, 404, "RoleAssignmentNotFound",
		       "Could not find role assignment with role: %.40s, user: %.40s, %s: %.40s.", c->arg[2],
		       c->arg[1], c->route->kind == KIND_DOMAIN ? "domain" : "project", c->arg[0]);
}

int route_grants(struct call *c, struct err *err)
{
	struct grant g;
	struct scan scan;
	bool first;
	int r = read_path(c, c->snap, &g, err);

	if (r < 0)
		return r;
	list_begin(c, "roles", &first);
	for (const struct assignment *a =
		     scan_index(&scan, c->snap, IX_ASSIGNMENT_USER, &g.user->row.id, NULL);
	     a; a = scan_next(&scan)) {
		const struct uuid *on = g.scope == SCOPE_PROJECT ? &a->project_id : &a->domain_id;
		const struct row *role = snap_get(c->snap, KIND_ROLE, &a->role_id);

		if (!role || !uuid_eq(on, &g.scope_id))
			continue;
		list_next(c, &first);
		identity_print(c, role, &c->resp->body);
	}
	list_end(c);
	return 0;
}

int route_grant_check(struct call *c, struct err *err)
{
	struct grant g;
	int r = read_path(c, c->snap, &g, err);

	if (r < 0)
		return r;
	if (!find_grant(c->snap, &g))
		return no_grant(c, err);
	call_status(c, 204);
	return 0;
}

static int write_grant(struct verb *v, void *arg, struct err *err)
{
	struct assignment *draft;
	struct grant g;
	int r = read_path(v->c, v->t->work, &g, err);

	if (r < 0 || find_grant(v->t->work, &g))
		return r;
	draft = txn_new(v->t, KIND_ASSIGNMENT);
	draft->user_id = g.user->row.id;
	draft->role_id = g.role->row.id;
	if (g.scope == SCOPE_PROJECT)
		draft->project_id = g.scope_id;
	else
		draft->domain_id = g.scope_id;
	return txn_put(v->t, draft, err);
}

static int drop_grant(struct verb *v, void *arg, struct err *err)
{
	const struct assignment *a;
	struct grant g;
	int r = read_path(v->c, v->t->work, &g, err);

	if (r < 0)
		return r;
	if (!(a = find_grant(v->t->work, &g)))
		return no_grant(v->c, err);
	r = txn_del(v->t, KIND_ASSIGNMENT, &a->row.id, err);
	return r < 0 ? r : identity_keep_admin(v->t->work, err);
}

static int reply_done(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

int route_grant_put(struct call *c, struct err *err)
{
	return call_write(c, write_grant, NULL, reply_done, err);
}

int route_grant_delete(struct call *c, struct err *err)
{
	return call_write(c, drop_grant, NULL, reply_done, err);
}

/* --- /v3/role_assignments --- */

struct listing {
	struct call *c;
	bool first, names;
	const char *user, *project, *domain, *role; /* filters as given; NULL: any */
};

static bool flag(const struct call *c, const char *key)
{
	const char *value = http_param(c->req, key);

	return value && strcmp(value, "0") != 0 && strcasecmp(value, "false") != 0;
}

static bool id_passes(const char *want, const struct uuid *id)
{
	struct uuid u;

	return !want || (hexid_parse(want, &u) == 0 && uuid_eq(&u, id));
}

static void print_who(struct listing *l, const struct snap *s, const struct assignment *a, struct buf *b)
{
	const struct user *user = snap_get(s, KIND_USER, &a->user_id);

	buf_puts(b, ",\"user\":");
	print_ref(b, &a->user_id, l->names && user ? user->name : NULL,
		  l->names && user ? snap_get(s, KIND_DOMAIN, &user->domain_id) : NULL);
}

static void print_where(struct listing *l, const struct snap *s, const struct assignment *a, struct buf *b)
{
	const struct project *project = snap_get(s, KIND_PROJECT, &a->project_id);
	const struct domain *domain = snap_get(s, KIND_DOMAIN, &a->domain_id);

	if (!uuid_is_null(&a->project_id)) {
		buf_puts(b, ",\"scope\":{\"project\":");
		print_ref(b, &a->project_id, l->names && project ? project->name : NULL,
			  l->names && project ? snap_get(s, KIND_DOMAIN, &project->domain_id) : NULL);
	} else {
		buf_puts(b, ",\"scope\":{\"domain\":");
		print_ref(b, &a->domain_id, l->names && domain ? domain->name : NULL, NULL);
	}
	buf_putc(b, '}');
}

static void print_assignment(struct listing *l, const struct assignment *a, const struct role *role)
{
	bool project = !uuid_is_null(&a->project_id);
	char on[HEXID_TEXT], user[HEXID_TEXT], id[HEXID_TEXT];
	struct call *c = l->c;
	struct buf *b = &c->resp->body;
	char *path;

	if (!id_passes(l->role, &role->row.id))
		return;
	list_next(c, &l->first);
	buf_puts(b, "{\"role\":");
	print_ref(b, &role->row.id, l->names ? role->name : NULL, NULL);
	print_where(l, c->snap, a, b);
	print_who(l, c->snap, a, b);
	path = talloc_asprintf(c->req->region, "/%s/%s/users/%s/roles/%s", project ? "projects" : "domains",
			       hexid_print(project ? &a->project_id : &a->domain_id, on),
			       hexid_print(&a->user_id, user), hexid_print(&role->row.id, id));
	buf_puts(b, ",\"links\":{\"assignment\":");
	buf_json_str(b, identity_url(c, path));
	buf_puts(b, "}}");
}

/* With `effective`, what a role implies is listed as well. */
static void list_one(struct listing *l, const struct assignment *a, bool effective)
{
	const struct role *role = snap_get(l->c->snap, KIND_ROLE, &a->role_id);
	struct role_set set = {0};

	if (!role || !id_passes(l->user, &a->user_id) || !id_passes(l->project, &a->project_id) ||
	    !id_passes(l->domain, &a->domain_id))
		return;
	roles_add(l->c->req->region, &set, role);
	if (effective)
		roles_imply(l->c->snap, l->c->req->region, &set);
	for (size_t i = 0; i < set.count; i++)
		print_assignment(l, a, set.list[i]);
}

int route_assignments(struct call *c, struct err *err)
{
	static const char *const never[] = {"group.id", "scope.system", "scope.OS-INHERIT:inherited_to"};
	struct listing l = {
		.c = c,
		.names = flag(c, "include_names"),
		.user = http_param(c->req, "user.id"),
		.project = http_param(c->req, "scope.project.id"),
		.domain = http_param(c->req, "scope.domain.id"),
		.role = http_param(c->req, "role.id"),
	};
	bool none = false, effective = flag(c, "effective");
	struct scan scan;

	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		none |= http_param(c->req, never[i]) != NULL;
	list_begin(c, "role_assignments", &l.first);
	for (const struct assignment *a = none ? NULL : scan_kind(&scan, c->snap, KIND_ASSIGNMENT, NULL); a;
	     a = scan_next(&scan))
		list_one(&l, a, effective);
	list_end(c);
	return 0;
}
