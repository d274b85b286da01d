/* The console's session: log in, who am I, another project, log out.
 * Routes of console.h; the log-in itself is identity's. */
#include "api/console_int.h"
#include "api/frame.h"
#include "api/identity_int.h"

#include <string.h>
#include <talloc.h>

/* --- the answer --- */

static void print_object(struct buf *b, const struct session_ref *ref)
{
	buf_puts(b, "{\"id\":");
	buf_json_str(b, ref->id);
	buf_puts(b, ",\"name\":");
	buf_json_str(b, ref->name);
	buf_putc(b, '}');
}

static void print_user(struct buf *b, const struct session *s)
{
	buf_puts(b, "{\"user\":{\"id\":");
	buf_json_str(b, s->user.id);
	buf_puts(b, ",\"name\":");
	buf_json_str(b, s->user.name);
	buf_puts(b, ",\"domain_id\":");
	buf_json_str(b, s->domain_id);
	buf_puts(b, "},\"project\":");
	if (s->project.id)
		print_object(b, &s->project);
	else
		buf_puts(b, "null");
}

static void print_lists(struct buf *b, const struct session *s)
{
	buf_puts(b, ",\"projects\":[");
	for (size_t i = 0; i < s->project_count; i++) {
		buf_puts(b, i ? "," : "");
		print_object(b, &s->projects[i]);
	}
	buf_puts(b, "],\"roles\":[");
	for (size_t i = 0; i < s->role_count; i++) {
		buf_puts(b, i ? "," : "");
		buf_json_str(b, s->roles[i]);
	}
	buf_putc(b, ']');
}

void session_reply(struct call *c, const struct session *s, const char *token, int status)
{
	const struct api_config *config = &c->api->config;
	struct buf *b = &c->resp->body;
	char expires[TIME_TEXT];

	c->resp->status = status;
	http_add_header(c->req, c->resp, "Cache-Control", "no-store");
	if (token)
		console_set_cookie(c, token, MAX((s->expires_us - clock_now_us()) / 1000000, (int64_t)1));
	print_user(b, s);
	print_lists(b, s);
	buf_printf(b, ",\"admin\":%s,\"regions\":[", s->admin ? "true" : "false");
	buf_json_str(b, config->region);
	buf_puts(b, "],\"region\":");
	buf_json_str(b, config->region);
	buf_printf(b, ",\"expires_at\":\"%s\",\"identity\":\"%s\"}",
		   time_print(s->expires_us / 1000000, expires), config->keystone ? "keystone" : "builtin");
}

/* What a person who is not logged in is told, whatever was wrong exactly. */
const char *console_unauthorized(const struct call *c)
{
	if (c->req->method == HTTP_POST)
		return "The user name, the password, the domain or the project is not right.";
	return "You are not logged in, or your session has ended: log in.";
}

int session_no_project(struct err *err)
{
	return err_api(err, 404, "HTTPNotFound",
		       "You have no role on that project, or it is disabled: choose another one.");
}

/* --- built-in identity --- */

static struct session_ref ref_of(void *region, const struct uuid *id, const char *name)
{
	char text[HEXID_TEXT];

	return (struct session_ref){talloc_strdup(region, hexid_print(id, text)), name};
}

static void reply_access(struct call *c, const struct access *a, const char *token, int status)
{
	void *region = c->req->region;
	size_t count;
	const struct project **list = projects_of(c->snap, region, a->user, true, &count);
	struct session_ref *projects = talloc_array(region, struct session_ref, count + 1);
	const char **roles = talloc_array(region, const char *, a->roles.count + 1);
	struct session s = {.user = ref_of(region, &a->user->row.id, a->user->name),
			    .domain_id = ref_of(region, &a->user->domain_id, NULL).id,
			    .projects = projects,
			    .project_count = count,
			    .roles = roles,
			    .role_count = a->roles.count,
			    .admin = a->admin,
			    .expires_us = a->token.expires_us};

	if (a->project)
		s.project = ref_of(region, &a->project->row.id, a->project->name);
	for (size_t i = 0; i < count; i++)
		projects[i] = ref_of(region, &list[i]->row.id, list[i]->name);
	for (size_t i = 0; i < a->roles.count; i++)
		roles[i] = a->roles.list[i]->name;
	session_reply(c, &s, token, status);
}

static void reply_sealed(struct call *c, const struct access *a, int status)
{
	char text[TOKEN_TEXT];

	token_seal(c->api->identity->token_key, &a->token, text);
	reply_access(c, a, text, status);
	sodium_memzero(text, sizeof(text));
}

/* The same session for another project: same audit id, same end. */
static int move_to(struct call *c, const struct access *from, const struct uuid *project_id,
		   struct access *ret, struct err *err)
{
	struct token token = from->token;

	token.scope = SCOPE_PROJECT;
	token.scope_id = *project_id;
	return access_load(c->snap, c->req->region, &token, clock_now_us(), ret, err);
}

/* Who has no default project is shown the first one that works. */
static int reply_login(struct call *c, const struct access *access, struct err *err)
{
	struct access a = *access;
	size_t count = 0;
	const struct project **list = projects_of(c->snap, c->req->region, a.user, true, &count);

	for (size_t i = 0; i < count && !a.project; i++)
		move_to(c, access, &list[i]->row.id, &a, NULL);
	reply_sealed(c, &a, 201);
	return 0;
}

/* Borrowed JSON lives as long as the request. */
static int drop_json(json_t **held)
{
	json_decref(*held);
	return 0;
}

static json_t *keep(struct call *c, json_t *json)
{
	json_t **held = talloc(c->req->region, json_t *);

	*held = json;
	talloc_set_destructor(held, drop_json);
	return json;
}

static bool is_project_id(const struct call *c, const char *text)
{
	struct uuid id;

	return hexid_parse(text, &id) == 0 && snap_get(c->snap, KIND_PROJECT, &id);
}

static json_t *scope_for(const struct call *c, const struct session_login *l)
{
	if (!l->project)
		return NULL;
	if (is_project_id(c, l->project))
		return json_pack("{s:{s:s}}", "project", "id", l->project);
	return json_pack("{s:{s:s,s:{s:s}}}", "project", "name", l->project, "domain", "name", l->domain);
}

static int login_builtin(struct call *c, const struct session_login *l, struct err *err)
{
	json_t *scope = scope_for(c, l);
	json_t *spec = json_pack("{s:{s:s,s:s,s:{s:s}}}", "user", "name", l->username, "password",
				 l->password, "domain", "name", l->domain);

	return login_by_password(c, keep(c, spec), keep(c, scope), reply_login, err);
}

/* --- the routes --- */

static int read_text(const json_t *body, const char *key, bool needed, const char **ret, struct err *err)
{
	const json_t *value = json_object_get(body, key);

	if (json_is_string(value) && json_string_length(value)) {
		*ret = json_string_value(value);
		return 0;
	}
	if (needed || (value && !json_is_null(value) && !json_is_string(value)))
		return err_api(err, 400, "HTTPBadRequest", "%s is missing: it is a text.", key);
	return 0;
}

static int create_session(struct call *c, struct err *err)
{
	struct session_login l = {.domain = "Default"};
	json_t *body;
	int r;

	if (!console_is_ours(c))
		return err_api(err, 403, "Forbidden",
			       "Log in on the console's own page: this request came from somewhere else.");
	if ((r = call_body(c, &body, err)) < 0 ||
	    (r = read_text(body, "username", true, &l.username, err)) < 0 ||
	    (r = read_text(body, "password", true, &l.password, err)) < 0 ||
	    (r = read_text(body, "domain", false, &l.domain, err)) < 0 ||
	    (r = read_text(body, "project", false, &l.project, err)) < 0)
		return r;
	return c->api->config.keystone ? keystone_session_create(c, &l, err) : login_builtin(c, &l, err);
}

static int show_session(struct call *c, struct err *err)
{
	if (c->api->config.keystone)
		return keystone_session_show(c, err);
	reply_access(c, call_access(c), NULL, 200);
	return 0;
}

static int switch_session(struct call *c, struct err *err)
{
	const struct access *from = call_access(c);
	const char *project_id = NULL;
	struct access to;
	struct uuid id;
	json_t *body;
	int r;

	if ((r = call_body(c, &body, err)) < 0 ||
	    (r = read_text(body, "project_id", true, &project_id, err)) < 0)
		return r;
	if (c->api->config.keystone)
		return keystone_session_switch(c, project_id, err);
	if (from->appcred)
		return err_api(err, 403, "Forbidden",
			       "An application credential is for one project: log in with a password.");
	if (hexid_parse(project_id, &id) < 0 || move_to(c, from, &id, &to, NULL) < 0)
		return session_no_project(err);
	reply_sealed(c, &to, 200);
	return 0;
}

static int reply_ended(struct call *c, struct err *err)
{
	console_set_cookie(c, "", 0);
	call_status(c, 204);
	return 0;
}

static int end_session(struct call *c, struct err *err)
{
	if (c->api->config.keystone)
		return keystone_session_end(c, err);
	return call_write(c, token_revoke, (void *)(uintptr_t)&call_access(c)->token, reply_ended, err);
}

#define SESSION "/console/api/session"

const struct route console_routes[] = {
	{HTTP_POST, SESSION, create_session, ROUTE_OPEN, FAMILY_CONSOLE, "session", KIND_NONE},
	{HTTP_GET, SESSION, show_session, 0, FAMILY_CONSOLE, "session", KIND_NONE},
	{HTTP_PUT, SESSION, switch_session, 0, FAMILY_CONSOLE, "session", KIND_NONE},
	{HTTP_DELETE, SESSION, end_session, 0, FAMILY_CONSOLE, "session", KIND_NONE},
	{HTTP_GET, "/console", console_show_file, ROUTE_OPEN, FAMILY_CONSOLE, "console", KIND_NONE},
	{HTTP_GET, "/console/{*}", console_show_file, ROUTE_OPEN, FAMILY_CONSOLE, "console", KIND_NONE},
	{0},
};
