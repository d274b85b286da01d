/* Talking to an existing Keystone.
 * Between identity_keystone.c, which caches, and the network. */
#pragma once
#include "api/identity_int.h"

struct keystone_client;

enum keystone_verdict {
	KEYSTONE_GOOD,
	KEYSTONE_BAD,  /* Keystone does not know the token */
	KEYSTONE_DOWN, /* it did not answer, or not in a way that can be understood */
};

/* What Keystone says about a token; strings are malloc'd, and NULL where it says nothing. */
struct keystone_user {
	char *user_id, *user_name, *project_id, *project_name;
	char *domain_id; /* of the project, else the user's */
	char *user_domain_id;
	char **roles;
	size_t role_count;
	int64_t expires_us; /* wall clock */
};
void keystone_user_done(struct keystone_user *u);

int keystone_client_new(const struct api_config *config, struct keystone_client **ret, struct err *err);
void keystone_client_free(struct keystone_client *c);
/* Any thread; blocks for some seconds at most. Fills *ret when the token is good. */
enum keystone_verdict keystone_client_ask(struct keystone_client *c, const char *token,
					  struct keystone_user *ret);
/* One exchange, for what else is asked; any thread, blocks like keystone_client_ask. False: no answer. */
struct curl_slist;
struct keystone_answer {
	long status;
	struct buf body;
	char *subject; /* X-Subject-Token */
};
bool keystone_client_talk(struct keystone_client *c, const char *method, const char *path,
			  struct curl_slist *headers, const char *body, struct keystone_answer *ret);
void keystone_answer_done(struct keystone_answer *a);

/* Reads the body of Keystone's answer; -EBADMSG when it can not be one. Pure: the fuzzers call it. */
int keystone_user_parse(const char *text, size_t len, struct keystone_user *ret);

/* --- keystone_session.c: what a person does there; blocking, on jobs --- */

struct keystone_project {
	char *id, *name;
};

/* A person's token, what it allows, and the projects to switch to. Strings are malloc'd. */
struct keystone_session {
	char *token;
	struct keystone_user user;
	struct keystone_project *projects; /* the enabled ones */
	size_t project_count;
};
void keystone_session_done(struct keystone_session *s);

/* Logs in; on the project of that id or name, NULL: the user's default, else the first one there is.
 * KEYSTONE_BAD when name, password, domain or project are not right. */
enum keystone_verdict keystone_session_login(struct keystone_client *c, const char *username,
					     const char *password, const char *domain, const char *project,
					     struct keystone_session *ret);
/* What a token is, and the projects. */
enum keystone_verdict keystone_session_read(struct keystone_client *c, const char *token,
					    struct keystone_session *ret);
/* A new token for another project; KEYSTONE_BAD when Keystone does not give one. */
enum keystone_verdict keystone_session_move(struct keystone_client *c, const char *token,
					    const char *project_id, struct keystone_session *ret);
/* The token is worth nothing any more. False when Keystone did not say so. */
bool keystone_session_revoke(struct keystone_client *c, const char *token);
/* The client of a keystone, for jobs. identity_keystone.c */
struct keystone_client *keystone_client_of(struct keystone *k);
/* Forgets what was known of a token: it is asked for anew. identity_keystone.c */
void keystone_forget(struct keystone *k, const char *token);
