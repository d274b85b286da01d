/* Domains, projects, users, roles: unique names, what refers to what, what goes with what.
 * Called by identity_crud.c inside its transactions. */
#include "api/identity_hooks.h"

#include <inttypes.h>
#include <string.h>
#include <talloc.h>

static int duplicate(const char *what, const char *name, struct err *err)
{
	return err_api(err, 409, "Conflict",
		       "Conflict occurred attempting to store %s - there is one named %.100s.", what, name);
}

/* A row found by name stands in the way unless it is the draft's own. */
static bool in_the_way(const void *found, const void *draft)
{
	return found && !uuid_eq(&((const struct row *)found)->id, &((const struct row *)draft)->id);
}

static int need(struct verb *v, enum kind kind, const struct uuid *id, struct err *err)
{
	char text[HEXID_TEXT];

	if (txn_get(v->t, kind, id))
		return 0;
	return call_not_found(kind, hexid_print(id, text), err);
}

/* Deletes the rows that an index finds. Found again after each: the deletion changes the tree. */
static int drop_found(struct verb *v, enum index_id index, const struct uuid *id, struct err *err)
{
	const struct row *row;
	int r = 0;

	while (r == 0 && (row = snap_find(v->t->work, index, id)))
		r = txn_del(v->t, row->kind, &row->id, err);
	return r;
}

/* The same for what no index leads to: all rows are looked at, which is fine for what is rare. */
static int drop_matching(struct verb *v, enum kind kind,
			 bool (*match)(const void *row, const struct uuid *id), const struct uuid *id,
			 struct err *err)
{
	struct uuid *list = NULL;
	size_t count = 0;
	struct scan scan;
	int r = 0;

	for (const struct row *row = scan_kind(&scan, v->t->work, kind, NULL); row; row = scan_next(&scan))
		if (match(row, id)) {
			list = talloc_realloc(v->t->region, list, struct uuid, count + 1);
			list[count++] = row->id;
		}
	for (size_t i = 0; i < count && r == 0; i++)
		r = txn_del(v->t, kind, &list[i], err);
	return r;
}

/* --- domains --- */

static bool domain_visible(const struct call *c, const struct uuid *id)
{
	const struct access *a = call_access(c);

	return uuid_eq(id, &a->user_domain->row.id) || (a->domain && uuid_eq(id, &a->domain->row.id));
}

static int domain_check(struct verb *v, const void *old, void *draft, const char *hashed, struct err *err)
{
	const struct domain *d = draft;

	if (in_the_way(domain_by_name(v->t->work, d->name), d))
		return duplicate("domain", d->name, err);
	return 0;
}

static int domain_remove(struct verb *v, const void *row, struct err *err)
{
	const struct domain *d = row;
	struct scan scan;

	if (d->enabled || uuid_eq(&d->row.id, &hexid_default))
		return err_api(err, 403, "Forbidden",
			       "Cannot delete a domain that is enabled, or the default one.");
	for (const struct project *p = scan_kind(&scan, v->t->work, KIND_PROJECT, NULL); p;
	     p = scan_next(&scan))
		if (uuid_eq(&p->domain_id, &d->row.id))
			return err_api(err, 409, "Conflict", "The domain still has projects, %.100s for one.",
				       p->name);
	for (const struct user *u = scan_kind(&scan, v->t->work, KIND_USER, NULL); u; u = scan_next(&scan))
		if (uuid_eq(&u->domain_id, &d->row.id))
			return err_api(err, 409, "Conflict", "The domain still has users, %.100s for one.",
				       u->name);
	return 0;
}

/* --- projects --- */

static bool project_visible(const struct call *c, const struct uuid *id)
{
	const struct access *a = call_access(c);

	if (a->appcred)
		return uuid_eq(id, &a->project->row.id);
	return roles_on(c->snap, c->req->region, &a->user->row.id, SCOPE_PROJECT, id).count > 0;
}

static int project_check(struct verb *v, const void *old, void *draft, const char *hashed, struct err *err)
{
	const struct project *p = draft;
	int r = need(v, KIND_DOMAIN, &p->domain_id, err);

	if (r == 0 && in_the_way(project_by_name(v->t->work, &p->domain_id, p->name), p))
		return duplicate("project", p->name, err);
	return r;
}

static int project_is_empty(struct verb *v, const struct project *p, struct err *err)
{
	char id[HEXID_TEXT], left[160] = "";

	hexid_print(&p->row.id, id);
	/* Backwards: in the order in which they can be deleted. */
	for (enum kind k = KIND_SERVER; k > KIND_NONE; k--) {
		int64_t n = snap_usage(v->t->work, k, id);
		size_t at = strlen(left);

		if (n && k != KIND_QUOTA && k != KIND_REST)
			snprintf(left + at, sizeof(left) - at, "%s%" PRId64 " %s", at ? ", " : "", n,
				 n == 1 ? shape_of(k)->name : shape_of(k)->plural);
	}
	if (!*left)
		return 0;
	return err_api(err, 409, "Conflict", "The project still owns %s; delete them first.", left);
}

static bool appcred_of_project(const void *row, const struct uuid *id)
{
	return uuid_eq(&((const struct appcred *)row)->project_id, id);
}

/* Users whose default project goes log in without one. */
static int forget_default(struct verb *v, const struct uuid *id, struct err *err)
{
	const struct user **list = NULL;
	size_t count = 0;
	struct scan scan;
	int r = 0;

	for (const struct user *u = scan_kind(&scan, v->t->work, KIND_USER, NULL); u; u = scan_next(&scan))
		if (uuid_eq(&u->default_project_id, id)) {
			list = talloc_realloc(v->t->region, list, const struct user *, count + 1);
			list[count++] = u;
		}
	for (size_t i = 0; i < count && r == 0; i++) {
		struct user *draft = txn_edit(v->t, list[i]);

		draft->default_project_id = (struct uuid){0};
		r = txn_put(v->t, draft, err);
	}
	return r;
}

/* An address that the project has given back rests on; nobody may take it back any more. */
static int forget_rests(struct verb *v, const char *id, struct err *err)
{
	const struct rest *rest;
	int r = 0;

	/* Each look-up is a new one: a scan does not survive a change of its tree. */
	while (r == 0 && (rest = snap_find(v->t->work, IX_REST_PROJECT, id))) {
		struct rest *draft = txn_edit(v->t, rest);

		draft->project_id = "";
		r = txn_put(v->t, draft, err);
	}
	return r;
}

static int project_remove(struct verb *v, const void *row, struct err *err)
{
	const struct project *p = row;
	const struct quota *quota;
	char id[HEXID_TEXT];
	int r = project_is_empty(v, p, err);

	if (r < 0 || (r = drop_found(v, IX_ASSIGNMENT_PROJECT, &p->row.id, err)) < 0 ||
	    (r = drop_matching(v, KIND_APPCRED, appcred_of_project, &p->row.id, err)) < 0 ||
	    (r = forget_default(v, &p->row.id, err)) < 0 ||
	    (r = forget_rests(v, hexid_print(&p->row.id, id), err)) < 0)
		return r;
	quota = snap_find(v->t->work, IX_QUOTA_PROJECT, id);
	return quota ? txn_del(v->t, KIND_QUOTA, &quota->row.id, err) : 0;
}

/* --- users --- */

static bool user_visible(const struct call *c, const struct uuid *id)
{
	return uuid_eq(id, &call_access(c)->user->row.id);
}

static int user_check(struct verb *v, const void *old_row, void *draft, const char *hashed, struct err *err)
{
	const struct user *old = old_row;
	struct user *u = draft;
	bool given = verb_given(v, KIND_USER, "password");
	int r = need(v, KIND_DOMAIN, &u->domain_id, err);

	if (r == 0 && in_the_way(user_by_name(v->t->work, &u->domain_id, u->name), u))
		return duplicate("user", u->name, err);
	if (r == 0 && verb_given(v, KIND_USER, "default_project_id") && !uuid_is_null(&u->default_project_id))
		r = need(v, KIND_PROJECT, &u->default_project_id, err);
	if (given)
		u->password_hash = hashed;
	if (old && (given || (old->enabled && !u->enabled)))
		u->tokens_after = MAX(v->t->now_us, old->tokens_after + 1);
	return r;
}

static int user_remove(struct verb *v, const void *row, struct err *err)
{
	const struct user *u = row;
	int r = drop_found(v, IX_ASSIGNMENT_USER, &u->row.id, err);

	return r < 0 ? r : drop_found(v, IX_APPCRED_USER, &u->row.id, err);
}

/* --- roles --- */

static int role_check(struct verb *v, const void *old, void *draft, const char *hashed, struct err *err)
{
	const struct role *r = draft, *was = old;

	if (was && role_is_builtin(was) && strcmp(was->name, r->name) != 0)
		return err_api(err, 403, "Forbidden",
			       "The role %.100s cannot be renamed: the policy goes by it.", was->name);
	if (in_the_way(role_by_name(v->t->work, r->name), r))
		return duplicate("role", r->name, err);
	return 0;
}

static bool assignment_of_role(const void *row, const struct uuid *id)
{
	return uuid_eq(&((const struct assignment *)row)->role_id, id);
}

static int role_remove(struct verb *v, const void *row, struct err *err)
{
	const struct role *role = row;

	if (role_is_builtin(role))
		return err_api(err, 403, "Forbidden",
			       "The role %.100s cannot be deleted: the policy goes by it.", role->name);
	return drop_matching(v, KIND_ASSIGNMENT, assignment_of_role, &role->row.id, err);
}

const struct identity_hooks *identity_hooks_of(enum kind kind)
{
	static const struct identity_hooks domain = {domain_visible, domain_check, domain_remove},
					   project = {project_visible, project_check, project_remove},
					   user = {user_visible, user_check, user_remove},
					   role = {NULL, role_check, role_remove};

	if (kind == KIND_DOMAIN)
		return &domain;
	if (kind == KIND_PROJECT)
		return &project;
	return kind == KIND_USER ? &user : &role;
}
