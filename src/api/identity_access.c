/* What a token allows: the user, the scope and the roles behind it, looked up in one snapshot.
 * Between an opened token and the caller; also what a login goes through before its token is made. */
#include "api/identity_int.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* Each implies the next. */
static const char *const builtin[] = {"admin", "member", "reader"};

bool role_is_builtin(const struct role *role)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (strcmp(role->name, builtin[i]) == 0)
			return true;
	return false;
}

const struct role *role_by_name(const struct snap *s, const char *name)
{
	struct scan scan;

	for (const struct role *r = scan_kind(&scan, s, KIND_ROLE, NULL); r; r = scan_next(&scan))
		if (strcmp(r->name, name) == 0)
			return r;
	return NULL;
}

const struct domain *domain_by_name(const struct snap *s, const char *name)
{
	struct scan scan;

	for (const struct domain *d = scan_kind(&scan, s, KIND_DOMAIN, NULL); d; d = scan_next(&scan))
		if (strcmp(d->name, name) == 0)
			return d;
	return NULL;
}

const struct project *project_by_name(const struct snap *s, const struct uuid *domain_id, const char *name)
{
	struct scan scan;

	for (const struct project *p = scan_index(&scan, s, IX_PROJECT_NAME, name, NULL); p;
	     p = scan_next(&scan))
		if (uuid_eq(&p->domain_id, domain_id))
			return p;
	return NULL;
}

const struct user *user_by_name(const struct snap *s, const struct uuid *domain_id, const char *name)
{
	struct scan scan;

	for (const struct user *u = scan_index(&scan, s, IX_USER_NAME, name, NULL); u; u = scan_next(&scan))
		if (uuid_eq(&u->domain_id, domain_id))
			return u;
	return NULL;
}

/* --- roles --- */

bool roles_have(const struct role_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->list[i]->name, name) == 0)
			return true;
	return false;
}

void roles_add(void *region, struct role_set *set, const struct role *role)
{
	for (size_t i = 0; i < set->count; i++)
		if (uuid_eq(&set->list[i]->row.id, &role->row.id))
			return;
	set->list = talloc_realloc(region, set->list, const struct role *, set->count + 1);
	set->list[set->count++] = role;
}

void roles_imply(const struct snap *s, void *region, struct role_set *set)
{
	for (size_t i = 0; i + 1 < ARRAY_SIZE(builtin); i++) {
		const struct role *next = role_by_name(s, builtin[i + 1]);

		if (next && roles_have(set, builtin[i]))
			roles_add(region, set, next);
	}
}

struct role_set roles_on(const struct snap *s, void *region, const struct uuid *user_id,
			 enum token_scope scope, const struct uuid *scope_id)
{
	struct role_set set = {0};
	struct scan scan;

	for (const struct assignment *a = scan_index(&scan, s, IX_ASSIGNMENT_USER, user_id, NULL); a;
	     a = scan_next(&scan)) {
		const struct uuid *on = scope == SCOPE_PROJECT ? &a->project_id : &a->domain_id;
		const struct role *role = snap_get(s, KIND_ROLE, &a->role_id);

		if (role && !uuid_is_null(on) && uuid_eq(on, scope_id))
			roles_add(region, &set, role);
	}
	roles_imply(s, region, &set);
	return set;
}

/* A credential lends at most what its user still has. */
static struct role_set roles_lent(const struct snap *s, void *region, const struct role_set *has,
				  const struct appcred *cred)
{
	const struct hexref_item *lent = cred->role_ids.items;
	struct role_set named = {0}, set = {0};

	for (uint32_t i = 0; i < cred->role_ids.count; i++) {
		const struct role *role = snap_get(s, KIND_ROLE, &lent[i].id);

		if (role)
			roles_add(region, &named, role);
	}
	roles_imply(s, region, &named);
	for (size_t i = 0; i < named.count; i++)
		if (roles_have(has, named.list[i]->name))
			roles_add(region, &set, named.list[i]);
	return set;
}

/* --- administrators --- */

static bool domain_is_open(const struct snap *s, const struct uuid *id)
{
	const struct domain *d = snap_get(s, KIND_DOMAIN, id);

	return d && d->enabled;
}

/* Whether the user can log in with a password, and to where the assignment is. */
static bool is_usable(const struct snap *s, const struct assignment *a)
{
	const struct user *user = snap_get(s, KIND_USER, &a->user_id);
	const struct project *project = snap_get(s, KIND_PROJECT, &a->project_id);

	if (!user || !user->enabled || !user->password_hash || !domain_is_open(s, &user->domain_id))
		return false;
	if (uuid_is_null(&a->project_id))
		return domain_is_open(s, &a->domain_id);
	return project && project->enabled && domain_is_open(s, &project->domain_id);
}

int identity_keep_admin(const struct snap *s, struct err *err)
{
	const struct role *admin = role_by_name(s, "admin");
	struct scan scan;

	for (const struct assignment *a = scan_kind(&scan, s, KIND_ASSIGNMENT, NULL); a; a = scan_next(&scan))
		if (admin && uuid_eq(&a->role_id, &admin->row.id) && is_usable(s, a))
			return 0;
	return err_api(err, 409, "Conflict",
		       "This would leave nobody who can log in as an administrator. Give somebody else the "
		       "role admin first.");
}

/* --- tokens --- */

static int load_user(const struct snap *s, struct access *a, struct err *err)
{
	a->user = snap_get(s, KIND_USER, &a->token.user_id);
	if (!a->user || !a->user->enabled || a->user->tokens_after != a->token.generation)
		return unauthorized(err);
	a->user_domain = snap_get(s, KIND_DOMAIN, &a->user->domain_id);
	if (!a->user_domain || !a->user_domain->enabled)
		return unauthorized(err);
	return 0;
}

static int load_scope(const struct snap *s, struct access *a, struct err *err)
{
	const struct uuid *domain_id = &a->token.scope_id;

	if (a->token.scope == SCOPE_NONE)
		return 0;
	if (a->token.scope == SCOPE_PROJECT) {
		a->project = snap_get(s, KIND_PROJECT, &a->token.scope_id);
		if (!a->project || !a->project->enabled)
			return unauthorized(err);
		domain_id = &a->project->domain_id;
	}
	a->domain = snap_get(s, KIND_DOMAIN, domain_id);
	if (!a->domain || !a->domain->enabled)
		return unauthorized(err);
	return 0;
}

static int load_appcred(const struct snap *s, struct access *a, int64_t now_us, struct err *err)
{
	if (!(a->token.methods & METHOD_APPCRED))
		return 0;
	a->appcred = snap_get(s, KIND_APPCRED, &a->token.appcred_id);
	if (!a->appcred || !uuid_eq(&a->appcred->user_id, &a->token.user_id) || !a->project ||
	    !uuid_eq(&a->appcred->project_id, &a->project->row.id))
		return unauthorized(err);
	if (a->appcred->expires_at && a->appcred->expires_at <= now_us / 1000000)
		return unauthorized(err);
	return 0;
}

static int load_roles(const struct snap *s, void *region, struct access *a, struct err *err)
{
	if (a->token.scope == SCOPE_NONE)
		return 0;
	a->roles = roles_on(s, region, &a->user->row.id, a->token.scope, &a->token.scope_id);
	if (a->appcred)
		a->roles = roles_lent(s, region, &a->roles, a->appcred);
	if (!a->roles.count)
		return unauthorized(err);
	a->admin = roles_have(&a->roles, "admin");
	a->member = a->admin || roles_have(&a->roles, "member");
	return 0;
}

int access_load(const struct snap *s, void *region, const struct token *token, int64_t now_us,
		struct access *ret, struct err *err)
{
	struct access a = {.token = *token};
	int r;

	if (token->expires_us <= now_us || snap_get(s, KIND_REVOCATION, &token->audit_id))
		return unauthorized(err);
	if ((r = load_user(s, &a, err)) < 0 || (r = load_scope(s, &a, err)) < 0 ||
	    (r = load_appcred(s, &a, now_us, err)) < 0 || (r = load_roles(s, region, &a, err)) < 0)
		return r;
	*ret = a;
	return 0;
}

int access_open(const struct identity *id, const struct snap *s, void *region, const char *text,
		struct access *ret, struct err *err)
{
	struct token token;

	if (token_open(id->token_key, text, &token) < 0)
		return unauthorized(err);
	return access_load(s, region, &token, clock_now_us(), ret, err);
}
