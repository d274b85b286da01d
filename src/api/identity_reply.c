/* Tokens as the API shows them, giving them back, and what a token can be exchanged for.
 * Last step of a login; routes under /v3/auth. */
#include "api/identity_int.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* Beyond so many revocations a user's tokens are voided all at once, which takes no room. */
#define MAX_REVOCATIONS 100000
/* Old revocations that a new one looks at. */
#define PURGE_STEPS 64

static void print_methods(const struct access *a, struct buf *b)
{
	static const char *const names[] = {"password", "token", "application_credential"};
	bool first = true;

	buf_puts(b, "\"methods\":[");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (a->token.methods & (1U << i)) {
			buf_printf(b, "%s\"%s\"", first ? "" : ",", names[i]);
			first = false;
		}
	buf_putc(b, ']');
}

static void print_roles(const struct access *a, struct buf *b)
{
	buf_puts(b, ",\"roles\":[");
	for (size_t i = 0; i < a->roles.count; i++) {
		if (i)
			buf_putc(b, ',');
		print_ref(b, &a->roles.list[i]->row.id, a->roles.list[i]->name, NULL);
	}
	buf_putc(b, ']');
}

static void print_user(const struct access *a, struct buf *b)
{
	char id[HEXID_TEXT];

	buf_printf(b, ",\"user\":{\"id\":\"%s\",\"name\":", hexid_print(&a->user->row.id, id));
	buf_json_str(b, a->user->name);
	buf_puts(b, ",\"domain\":");
	print_ref(b, &a->user_domain->row.id, a->user_domain->name, NULL);
	buf_puts(b, ",\"password_expires_at\":null}");
}

static void print_scope(const struct access *a, struct buf *b)
{
	if (a->project) {
		buf_puts(b, ",\"is_domain\":false,\"project\":");
		print_ref(b, &a->project->row.id, a->project->name, a->domain);
	} else if (a->domain) {
		buf_puts(b, ",\"domain\":");
		print_ref(b, &a->domain->row.id, a->domain->name, NULL);
	}
	if (a->appcred) {
		char id[HEXID_TEXT];

		buf_printf(b, ",\"application_credential\":{\"id\":\"%s\",\"name\":",
			   hexid_print(&a->appcred->row.id, id));
		buf_json_str(b, a->appcred->name);
		buf_printf(b, ",\"restricted\":%s}", a->appcred->unrestricted ? "false" : "true");
	}
}

void reply_token(struct call *c, const struct access *a, const char *text, int status)
{
	char audit[AUDIT_TEXT], issued[MICROS_TEXT], expires[MICROS_TEXT];
	struct buf *b = &c->resp->body;

	c->resp->status = status;
	http_add_header(c->req, c->resp, "X-Subject-Token", text);
	http_add_header(c->req, c->resp, "Vary", "X-Auth-Token");
	buf_puts(b, "{\"token\":{");
	print_methods(a, b);
	print_user(a, b);
	buf_printf(b, ",\"audit_ids\":[\"%s\"],\"issued_at\":\"%s\",\"expires_at\":\"%s\"",
		   token_audit(&a->token, audit), micros_print(a->token.issued_us, issued),
		   micros_print(a->token.expires_us, expires));
	print_scope(a, b);
	if (a->roles.count) {
		print_roles(a, b);
		if (!http_param(c->req, "nocatalog")) {
			buf_puts(b, ",\"catalog\":");
			print_catalog(c, b);
		}
	}
	buf_puts(b, "}}");
}

/* --- validation, revocation --- */

static int open_subject(struct call *c, struct access *ret, const char **ret_text, struct err *err)
{
	const char *text = http_header(c->req, "X-Subject-Token");

	if (!text || !*text)
		return bad_request(err, "The header X-Subject-Token is missing.");
	if (access_open(c->api->identity, c->snap, c->req->region, text, ret, NULL) < 0)
		return err_api(err, 404, "TokenNotFound", "This is not a valid token.");
	*ret_text = text;
	return require_self(c, &ret->user->row.id, "validate_token", err);
}

int route_token_get(struct call *c, struct err *err)
{
	struct access access = {0};
	const char *text = NULL;
	int r = open_subject(c, &access, &text, err);

	if (r == 0)
		reply_token(c, &access, text, 200);
	return r;
}

/* Starts at a random place, so that each revocation finds its share of what has expired. */
static int purge(struct txn *t, struct err *err)
{
	struct uuid old[PURGE_STEPS], from;
	size_t count = 0, steps = 0;
	struct scan scan;
	int r = 0;

	t->random(from.b, sizeof(from.b));
	for (const struct revocation *v = scan_kind(&scan, t->work, KIND_REVOCATION, &from);
	     v && steps < PURGE_STEPS; v = scan_next(&scan), steps++)
		if (v->expires_at < t->now_us / 1000000)
			old[count++] = v->row.id;
	for (size_t i = 0; i < count && r == 0; i++)
		r = txn_del(t, KIND_REVOCATION, &old[i], err);
	return r;
}

static int revoke_all(struct txn *t, const struct uuid *user_id, struct err *err)
{
	const struct user *old = txn_get(t, KIND_USER, user_id);
	struct user *draft;

	if (!old)
		return 0;
	draft = txn_edit(t, old);
	draft->tokens_after = MAX(t->now_us, old->tokens_after + 1);
	return txn_put(t, draft, err);
}

int token_revoke(struct verb *v, void *arg, struct err *err)
{
	const struct token *token = arg;
	struct revocation *draft;
	int r = purge(v->t, err);

	if (r < 0)
		return r;
	if (snap_count(v->t->work, KIND_REVOCATION) >= MAX_REVOCATIONS)
		return revoke_all(v->t, &token->user_id, err);
	draft = txn_new(v->t, KIND_REVOCATION);
	draft->row.id = token->audit_id;
	draft->expires_at = token->expires_us / 1000000 + 1;
	return txn_put(v->t, draft, err);
}

static int reply_revoked(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

int route_token_delete(struct call *c, struct err *err)
{
	struct access *access = talloc(c->req->region, struct access);
	const char *text;
	int r = open_subject(c, access, &text, err);

	return r < 0 ? r : call_write(c, token_revoke, &access->token, reply_revoked, err);
}

/* --- what the user can ask a token for --- */

const struct project **projects_of(const struct snap *s, void *region, const struct user *user, bool usable,
				   size_t *ret_count)
{
	const struct project **seen = NULL;
	size_t count = 0;
	struct scan scan;

	for (const struct assignment *a = scan_index(&scan, s, IX_ASSIGNMENT_USER, &user->row.id, NULL); a;
	     a = scan_next(&scan)) {
		const struct project *p =
			uuid_is_null(&a->project_id) ? NULL : snap_get(s, KIND_PROJECT, &a->project_id);
		bool again = false;

		for (size_t i = 0; i < count; i++)
			again |= seen[i] == p;
		if (!p || again || (usable && !p->enabled))
			continue;
		seen = talloc_realloc(region, seen, const struct project *, count + 1);
		seen[count++] = p;
	}
	*ret_count = count;
	return seen;
}

static void list_projects(struct call *c, const struct user *user, bool usable)
{
	size_t count;
	const struct project **list = projects_of(c->snap, c->req->region, user, usable, &count);
	bool first;

	list_begin(c, "projects", &first);
	for (size_t i = 0; i < count; i++)
		if (identity_filter(c, &list[i]->row)) {
			list_next(c, &first);
			identity_print(c, &list[i]->row, &c->resp->body);
		}
	list_end(c);
}

int route_auth_projects(struct call *c, struct err *err)
{
	list_projects(c, call_access(c)->user, true);
	return 0;
}

int route_user_projects(struct call *c, struct err *err)
{
	const void *user;
	struct uuid id;
	int r;

	/* Who asks for others learns nothing, not even that they exist. */
	if (hexid_parse(c->arg[0], &id) < 0 && !c->caller.admin)
		return forbidden(err, "list_user_projects");
	if (!c->caller.admin && (r = require_self(c, &id, "list_user_projects", err)) < 0)
		return r;
	if ((r = row_by_id(c->snap, KIND_USER, c->arg[0], &user, err)) < 0)
		return r;
	list_projects(c, user, false);
	return 0;
}

int route_auth_domains(struct call *c, struct err *err)
{
	const struct user *user = call_access(c)->user;
	struct scan scan;
	bool first;

	list_begin(c, "domains", &first);
	for (const struct domain *d = scan_kind(&scan, c->snap, KIND_DOMAIN, NULL); d; d = scan_next(&scan)) {
		if (!d->enabled ||
		    !roles_on(c->snap, c->req->region, &user->row.id, SCOPE_DOMAIN, &d->row.id).count)
			continue;
		list_next(c, &first);
		identity_print(c, &d->row, &c->resp->body);
	}
	list_end(c);
	return 0;
}

int route_auth_system(struct call *c, struct err *err)
{
	bool first;

	list_begin(c, "system", &first);
	list_end(c);
	return 0;
}

/* There are no groups; clients ask for them all the same. */
int route_groups(struct call *c, struct err *err)
{
	bool first;

	list_begin(c, "groups", &first);
	list_end(c);
	return 0;
}

int route_user_groups(struct call *c, struct err *err)
{
	const void *user;
	int r = row_by_id(c->snap, KIND_USER, c->arg[0], &user, err);

	return r < 0 ? r : route_groups(c, err);
}
