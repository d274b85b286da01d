/* POST /v3/auth/tokens: credentials and a scope become a token.
 * Parses, has the secret checked on a job, resolves the scope, seals. */
#include "api/identity_int.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

struct login {
	struct check check;      /* first: c->state */
	struct token token;      /* what is known of it so far */
	const struct user *user; /* of the call's snapshot; NULL: there is no such user */
	const json_t *scope;     /* NULL: none was given */
	int64_t limit_us;        /* the new token ends by then; 0: as configured */
	login_reply reply;
};

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* {"id": ...} or {"name": ...}; NULL when there is none such. */
static const struct domain *find_domain(const struct snap *s, const json_t *spec)
{
	const char *id = text_of(spec, "id"), *name = text_of(spec, "name");
	struct uuid u;

	if (id)
		return hexid_parse(id, &u) == 0 ? snap_get(s, KIND_DOMAIN, &u) : NULL;
	return name ? domain_by_name(s, name) : NULL;
}

/* The name that failures are counted under. Somebody who is not there has one too, and the same one however
 * the domain was given: otherwise the wait would tell who is. */
static const char *who_of(struct call *c, const struct user *user, const char *id, const char *name,
			  const struct domain *domain)
{
	char text[HEXID_TEXT];

	if (user)
		return talloc_strdup(c->req->region, hexid_print(&user->row.id, text));
	return talloc_asprintf(c->req->region, "%s/%s", domain ? hexid_print(&domain->row.id, text) : "",
			       id ? id : name);
}

/* {"id": ...} or {"name": ..., "domain": {...}}. Leaves l->user NULL when there is none. */
static int find_user(struct call *c, struct login *l, const json_t *spec, struct err *err)
{
	const char *id = text_of(spec, "id"), *name = text_of(spec, "name");
	const json_t *where = json_object_get(spec, "domain");
	const struct domain *domain = NULL;
	struct uuid u;

	if (!id && (!name || !json_is_object(where)))
		return bad_request(err, "A user is given by its id, or by its name and domain.");
	if (id) {
		l->user = hexid_parse(id, &u) == 0 ? snap_get(c->snap, KIND_USER, &u) : NULL;
	} else {
		domain = find_domain(c->snap, where);
		l->user = domain ? user_by_name(c->snap, &domain->row.id, name) : NULL;
	}
	l->check.who = who_of(c, l->user, id, name, domain);
	return 0;
}

/* --- the scope --- */

static int scope_project(struct call *c, struct login *l, const json_t *spec, struct err *err)
{
	const char *id = text_of(spec, "id"), *name = text_of(spec, "name");
	const struct project *project = NULL;
	const struct domain *domain;
	struct uuid u;

	if (!id && !name)
		return bad_request(err, "A project is given by its id, or by its name and domain.");
	if (id && hexid_parse(id, &u) == 0)
		project = snap_get(c->snap, KIND_PROJECT, &u);
	else if (!id && (domain = find_domain(c->snap, json_object_get(spec, "domain"))))
		project = project_by_name(c->snap, &domain->row.id, name);
	if (!project)
		return unauthorized(err);
	l->token.scope = SCOPE_PROJECT;
	l->token.scope_id = project->row.id;
	return 0;
}

static int scope_domain(struct call *c, struct login *l, const json_t *spec, struct err *err)
{
	const struct domain *domain = find_domain(c->snap, spec);

	if (!domain)
		return unauthorized(err);
	l->token.scope = SCOPE_DOMAIN;
	l->token.scope_id = domain->row.id;
	return 0;
}

/* The user's default project, if it can be used; otherwise unscoped, as Keystone does. */
static void scope_default(struct call *c, struct login *l)
{
	const struct uuid *id = &l->user->default_project_id;
	const struct project *project = uuid_is_null(id) ? NULL : snap_get(c->snap, KIND_PROJECT, id);

	if (!project || !project->enabled ||
	    !roles_on(c->snap, c->req->region, &l->user->row.id, SCOPE_PROJECT, id).count)
		return;
	l->token.scope = SCOPE_PROJECT;
	l->token.scope_id = *id;
}

static int resolve_scope(struct call *c, struct login *l, struct err *err)
{
	const json_t *spec;

	if (l->token.methods & METHOD_APPCRED)
		return 0;
	if (!l->scope) {
		scope_default(c, l);
		return 0;
	}
	if (json_is_string(l->scope) || json_object_get(l->scope, "unscoped"))
		return 0;
	if ((spec = json_object_get(l->scope, "project")))
		return scope_project(c, l, spec, err);
	if ((spec = json_object_get(l->scope, "domain")))
		return scope_domain(c, l, spec, err);
	/* Nobody has a role on the system, and there are no trusts. */
	return unauthorized(err);
}

/* --- the methods --- */

static int login_finish(struct call *c, struct err *err)
{
	struct login *l = c->state;
	struct token *t = &l->token;
	struct access access;
	int r = resolve_scope(c, l, err);

	if (r < 0)
		return r;
	t->user_id = l->user->row.id;
	/* Of the snapshot that the secret was checked against: a password that has changed since voids the
	 * token. */
	t->generation = l->user->tokens_after;
	t->issued_us = clock_now_us();
	t->expires_us = t->issued_us + c->api->config.token_lifetime_s * 1000000;
	if (l->limit_us)
		t->expires_us = MIN(t->expires_us, l->limit_us);
	randombytes_buf(t->audit_id.b, sizeof(t->audit_id.b));
	r = access_load(c->snap, c->req->region, t, t->issued_us, &access, err);
	if (r < 0)
		return r;
	c->req->log_user = talloc_strdup(c->req->region, access.user->name);
	return l->reply(c, &access, err);
}

static int reply_login(struct call *c, const struct access *access, struct err *err)
{
	char text[TOKEN_TEXT];

	token_seal(c->api->identity->token_key, &access->token, text);
	reply_token(c, access, text, 201);
	sodium_memzero(text, sizeof(text));
	return 0;
}

static int login_check(struct call *c, struct login *l, const char *secret, const char *hash,
		       const struct uuid *id, struct err *err)
{
	char text[HEXID_TEXT];

	if (strlen(secret) > PASSWORD_MAX)
		return unauthorized(err);
	if (l->user)
		l->check.payer = talloc_strdup(c->req->region, hexid_print(&l->user->row.id, text));
	l->check.secret = secret;
	l->check.hash = hash;
	l->check.next = login_finish;
	if (id)
		l->check.id = *id;
	return check_run(c, &l->check, err);
}

static int login_password(struct call *c, struct login *l, const json_t *spec, struct err *err)
{
	const json_t *user = json_object_get(spec, "user");
	const char *password = text_of(user, "password");
	int r;

	if (!password)
		return bad_request(err, "Expecting to find auth.identity.password.user.password.");
	if ((r = find_user(c, l, user, err)) < 0)
		return r;
	l->token.methods = METHOD_PASSWORD;
	return login_check(c, l, password, l->user ? l->user->password_hash : NULL,
			   l->user ? &l->user->row.id : NULL, err);
}

int login_by_password(struct call *c, const json_t *spec, const json_t *scope, login_reply reply,
		      struct err *err)
{
	struct login *l = talloc_zero(c->req->region, struct login);

	l->scope = scope;
	l->reply = reply;
	return login_password(c, l, spec, err);
}

static int login_token(struct call *c, struct login *l, const json_t *spec, struct err *err)
{
	const char *text = text_of(spec, "id");
	struct access access;
	int r;

	if (!text)
		return bad_request(err, "Expecting to find auth.identity.token.id.");
	r = access_open(c->api->identity, c->snap, c->req->region, text, &access, err);
	if (r < 0)
		return r;
	if (access.appcred)
		return err_api(err, 403, "Forbidden",
			       "A token of an application credential cannot be exchanged for another one.");
	l->user = access.user;
	l->token.methods = access.token.methods | METHOD_TOKEN;
	l->limit_us = access.token.expires_us;
	c->state = l;
	return login_finish(c, err);
}

static const struct appcred *find_appcred(struct call *c, const struct login *l, const json_t *spec)
{
	const char *id = text_of(spec, "id"), *name = text_of(spec, "name");
	struct scan scan;
	struct uuid u;

	if (id)
		return hexid_parse(id, &u) == 0 ? snap_get(c->snap, KIND_APPCRED, &u) : NULL;
	if (!l->user || !name)
		return NULL;
	for (const struct appcred *a = scan_index(&scan, c->snap, IX_APPCRED_USER, &l->user->row.id, NULL); a;
	     a = scan_next(&scan))
		if (strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

static int login_appcred(struct call *c, struct login *l, const json_t *spec, struct err *err)
{
	const char *secret = text_of(spec, "secret"), *id = text_of(spec, "id");
	const struct appcred *cred;
	int r = 0;

	if (!secret || (!id && !text_of(spec, "name")))
		return bad_request(err,
				   "An application credential is given by its id, or by its name and user, "
				   "and its secret.");
	if (l->scope)
		return unauthorized(err);
	if (!id)
		r = find_user(c, l, json_object_get(spec, "user"), err);
	if (r < 0)
		return r;
	cred = find_appcred(c, l, spec);
	/* A credential's failures are its own: they must not lock out the user's password. */
	l->check.who = talloc_asprintf(c->req->region, "credential %s/%s", id ? "" : l->check.who,
				       id ? id : text_of(spec, "name"));
	l->token.methods = METHOD_APPCRED;
	if (cred) {
		l->user = snap_get(c->snap, KIND_USER, &cred->user_id);
		l->token.appcred_id = cred->row.id;
		l->token.scope = SCOPE_PROJECT;
		l->token.scope_id = cred->project_id;
		l->limit_us = cred->expires_at * 1000000;
	}
	return login_check(c, l, secret, cred && l->user ? cred->secret_hash : NULL,
			   cred ? &cred->row.id : NULL, err);
}

static const struct {
	const char *name;
	int (*fn)(struct call *c, struct login *l, const json_t *spec, struct err *err);
} methods[] = {
	{"password", login_password},
	{"token", login_token},
	{"application_credential", login_appcred},
};

int route_login(struct call *c, struct err *err)
{
	struct login *l = talloc_zero(c->req->region, struct login);
	const json_t *identity, *list, *scope;
	json_t *auth;
	const char *name;
	int r;

	if (c->api->config.keystone)
		return err_api(err, 404, "HTTPNotFound", "Identity is served by %s",
			       c->api->config.keystone_url);
	if ((r = body_object(c, "auth", &auth, err)) < 0)
		return r;
	identity = json_object_get(auth, "identity");
	list = json_object_get(identity, "methods");
	scope = json_object_get(auth, "scope");
	if (!json_is_array(list) || !json_array_size(list))
		return bad_request(err, "Expecting to find auth.identity.methods, a list.");
	if (scope && !json_is_null(scope) && !json_is_object(scope) && !json_is_string(scope))
		return bad_request(err, "auth.scope must be an object.");
	l->scope = scope && !json_is_null(scope) ? scope : NULL;
	l->reply = reply_login;
	name = json_string_value(json_array_get(list, 0));
	for (size_t i = 0; name && json_array_size(list) == 1 && i < ARRAY_SIZE(methods); i++) {
		const json_t *spec = json_object_get(identity, name);

		if (strcmp(methods[i].name, name) != 0)
			continue;
		if (!json_is_object(spec))
			return bad_request(err, "Expecting to find auth.identity.%s.", methods[i].name);
		return methods[i].fn(c, l, spec, err);
	}
	return err_api(err, 401, "Unauthorized",
		       "Use one of the methods password, token and application_credential.");
}
