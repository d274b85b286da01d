/* The console's session with an existing Keystone: each step asks it, on a job.
 * Called by the routes of console_session.c when the configuration names a Keystone. */
#include "api/console_int.h"
#include "api/frame.h"
#include "api/identity_keystone.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* Browsers keep cookies of up to 4096 bytes, attributes included. */
#define COOKIE_MAX 3800
/* Log-ins that anybody begins share two threads and their queue with the tokens of those who are logged in.
 */
#define MAX_LOGINS 8

struct work {
	struct session_login login;
	const char *who, *token, *project_id;
	enum keystone_verdict verdict;
	bool revoked;
	struct keystone_session session;
};

static int drop_work(struct work *w)
{
	keystone_session_done(&w->session);
	return 0;
}

static struct work *new_work(struct call *c)
{
	struct work *w = talloc_zero(c->req->region, struct work);

	talloc_set_destructor(w, drop_work);
	w->token = console_token(c);
	c->state = w;
	return w;
}

static struct keystone *keystone_of(const struct call *c)
{
	return c->api->identity->keystone;
}

static struct keystone_client *client_of(const struct call *c)
{
	return keystone_client_of(keystone_of(c));
}

/* --- the answer --- */

static int unavailable(struct call *c, struct err *err)
{
	http_add_header(c->req, c->resp, "Retry-After", "5");
	return err_api(err, 503, "ServiceUnavailable",
		       "Keystone, which knows the users, does not answer: try again in a few seconds.");
}

static bool has_admin(const struct keystone_user *u)
{
	for (size_t i = 0; i < u->role_count; i++)
		if (strcasecmp(u->roles[i], "admin") == 0)
			return true;
	return false;
}

static int reply(struct call *c, const struct keystone_session *k, const char *token, int status,
		 struct err *err)
{
	const struct keystone_user *u = &k->user;
	struct session_ref *projects = talloc_array(c->req->region, struct session_ref, k->project_count + 1);
	struct session s = {.user = {u->user_id, u->user_name},
			    .project = {u->project_id, u->project_name},
			    .domain_id = u->user_domain_id,
			    .projects = projects,
			    .project_count = k->project_count,
			    .roles = (const char *const *)u->roles,
			    .role_count = u->role_count,
			    .admin = has_admin(u),
			    .expires_us = u->expires_us};

	if (token && strlen(token) > COOKIE_MAX)
		return err_api(err, 501, "NotImplemented",
			       "Keystone's tokens are too long for a cookie: set it up for Fernet tokens.");
	for (size_t i = 0; i < k->project_count; i++)
		projects[i] = (struct session_ref){k->projects[i].id, k->projects[i].name};
	c->req->log_user = talloc_strdup(c->req->region, u->user_name ? u->user_name : u->user_id);
	session_reply(c, &s, token, status);
	return 0;
}

/* --- log in --- */

static void login_job(struct call *c)
{
	struct work *w = c->state;
	const struct session_login *l = &w->login;

	w->verdict = keystone_session_login(client_of(c), l->username, l->password, l->domain, l->project,
					    &w->session);
	atomic_fetch_sub(&c->api->identity->logins, 1);
}

static int login_done(struct call *c, struct err *err)
{
	struct work *w = c->state;

	if (w->verdict == KEYSTONE_DOWN)
		return unavailable(c, err);
	throttle_note(c->api->identity->passwords, w->who, c->req->peer, w->verdict == KEYSTONE_GOOD,
		      clock_mono_us());
	if (w->verdict == KEYSTONE_BAD)
		return unauthorized(err);
	return reply(c, &w->session, w->session.token, 201, err);
}

static int too_many(struct call *c, int wait_s, const char *what, struct err *err)
{
	char seconds[16];

	snprintf(seconds, sizeof(seconds), "%d", wait_s);
	http_add_header(c->req, c->resp, "Retry-After", seconds);
	return err_api(err, 429, "TooManyRequests", "%s; try again in %d s", what, wait_s);
}

int keystone_session_create(struct call *c, const struct session_login *login, struct err *err)
{
	struct work *w = new_work(c);
	int wait_s, r;

	w->login = *login;
	w->who = talloc_asprintf(c->req->region, "keystone %s/%s", login->domain, login->username);
	if (strlen(login->password) > PASSWORD_MAX)
		return unauthorized(err);
	wait_s = throttle_wait(c->api->identity->passwords, w->who, c->req->peer, clock_mono_us());
	if (wait_s)
		return too_many(c, wait_s, "Too many failed attempts", err);
	if (atomic_fetch_add(&c->api->identity->logins, 1) >= MAX_LOGINS)
		r = too_many(c, 1, "Too many log in at once", err);
	else
		r = call_job(c, login_job, login_done, err);
	if (r != CALL_WAIT)
		atomic_fetch_sub(&c->api->identity->logins, 1);
	return r;
}

/* --- who am I --- */

static void show_job(struct call *c)
{
	struct work *w = c->state;

	w->verdict = keystone_session_read(client_of(c), w->token, &w->session);
}

static int show_done(struct call *c, struct err *err)
{
	struct work *w = c->state;

	if (w->verdict == KEYSTONE_GOOD)
		return reply(c, &w->session, NULL, 200, err);
	return w->verdict == KEYSTONE_BAD ? unauthorized(err) : unavailable(c, err);
}

int keystone_session_show(struct call *c, struct err *err)
{
	new_work(c);
	return call_job(c, show_job, show_done, err);
}

/* --- another project --- */

static void switch_job(struct call *c)
{
	struct work *w = c->state;

	w->verdict = keystone_session_move(client_of(c), w->token, w->project_id, &w->session);
	/* The browser forgets the old one with the answer; nobody else is to use it. */
	if (w->verdict == KEYSTONE_GOOD)
		keystone_session_revoke(client_of(c), w->token);
}

static int switch_done(struct call *c, struct err *err)
{
	struct work *w = c->state;

	if (w->verdict == KEYSTONE_DOWN)
		return unavailable(c, err);
	if (w->verdict == KEYSTONE_BAD)
		return session_no_project(err);
	keystone_forget(keystone_of(c), w->token);
	return reply(c, &w->session, w->session.token, 200, err);
}

int keystone_session_switch(struct call *c, const char *project_id, struct err *err)
{
	struct work *w = new_work(c);

	w->project_id = project_id;
	return call_job(c, switch_job, switch_done, err);
}

/* --- log out --- */

static void end_job(struct call *c)
{
	struct work *w = c->state;

	w->revoked = keystone_session_revoke(client_of(c), w->token);
}

static int end_done(struct call *c, struct err *err)
{
	struct work *w = c->state;

	keystone_forget(keystone_of(c), w->token);
	if (!w->revoked)
		return unavailable(c, err);
	console_set_cookie(c, "", 0);
	call_status(c, 204);
	return 0;
}

int keystone_session_end(struct call *c, struct err *err)
{
	new_work(c);
	return call_job(c, end_job, end_done, err);
}
