/* A log-in and the calls made with it: token, catalogue, endpoints, pagination.
 * Between the verbs and http.c. The token lives in memory only. */
#pragma once
#include "cli/noun.h"
#include "cli/settings.h"

struct session;

/* Does not talk to anybody yet: the first call logs in. */
int session_new(void *mem, const struct settings *s, bool debug, long timeout_s, struct session **ret,
		struct err *err);
/* From here on no write of the network API is done: session_call answers each with -ECANCELED, and keeps what
 * the server says that it would do. Writes elsewhere are refused. */
void session_plan_only(struct session *s);
/* What was kept, a list of {"revision", "changes", "summary", "kernel"}; borrowed, NULL: nothing. */
const json_t *session_get_plans(const struct session *s);
/* From here on the network API is asked about then (a time or a revision), and writes are refused. */
void session_look_back(struct session *s, const char *as_of);
/* Logs in when that has not happened yet. */
int session_login(struct session *s, struct err *err);
/* The body of the token (user, project, catalog, expires_at), borrowed; NULL before the log-in and
 * where there is none (OS_AUTH_TYPE=admin_token or none). */
const json_t *session_get_token(const struct session *s);
const char *session_get_token_id(const struct session *s);

/* One request below the versioned endpoint of a service, e.g. "/networks?name=a". A non-2xx answer is an
 * error. `ret` (may be NULL) is a new reference, or NULL for an answer without a body. */
int session_call(struct session *s, enum service service, const char *method, const char *path,
		 const json_t *body, json_t **ret, struct err *err);
/* A GET whose answer has no end: `fn` is called for each line, as by http_listen. */
int session_listen(struct session *s, enum service service, const char *path,
		   int (*fn)(void *arg, const char *line), void *arg, struct err *err);
/* session_call for a path below the endpoint's root ("/v2.0/networks", "/v3/users", "/"). */
int session_call_raw(struct session *s, const char *method, const char *path, const json_t *body,
		     json_t **ret, struct err *err);
/* All rows of a list, links to next pages followed; stops after `limit` rows (0: no limit). */
int session_list(struct session *s, enum service service, const char *path, const char *key, size_t limit,
		 json_t **ret, struct err *err);
/* Ends a token, one's own or another. */
int session_revoke(struct session *s, const char *token, struct err *err);
/* The id of the project that the token is for; -EINVAL with advice when there is none. */
int session_get_project(struct session *s, const char **ret, struct err *err);
int session_get_user(struct session *s, const char **ret, struct err *err);
