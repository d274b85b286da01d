/* What the session's two ways share: identity built in, and an existing Keystone's.
 * Private to console_session.c and console_keystone.c. */
#pragma once
#include "api/console.h"

struct session_ref {
	const char *id, *name;
};

/* What SESSION shows; everything is borrowed for the call. */
struct session {
	struct session_ref user, project; /* project.id NULL: none */
	const char *domain_id;            /* the user's */
	const struct session_ref *projects;
	size_t project_count;
	const char *const *roles;
	size_t role_count;
	bool admin;
	int64_t expires_us; /* wall clock */
};

/* What a log-in was asked with. */
struct session_login {
	const char *username, *password, *domain;
	const char *project; /* NULL: any */
};

/* The answer: SESSION, and the cookie when there is a `token`. */
void session_reply(struct call *c, const struct session *s, const char *token, int status);
/* 404 unless the user has that project. */
int session_no_project(struct err *err);

/* The routes with an existing Keystone. */
int keystone_session_create(struct call *c, const struct session_login *login, struct err *err);
int keystone_session_show(struct call *c, struct err *err);
int keystone_session_switch(struct call *c, const char *project_id, struct err *err);
int keystone_session_end(struct call *c, struct err *err);
