/* The web console, as the browser sees it: files under /console/, and a session in a cookie.
 * Routes in console_files.c and console_session.c; identity asks console_cookie.c for the token.
 *
 *   POST   /console/api/session {"username", "password", "domain"?: "Default", "project"?: name or id}
 *          201 SESSION and the cookie
 *   GET    /console/api/session                    200 SESSION, 204 when nobody is logged in
 *   PUT    /console/api/session {"project_id"}     200 SESSION and a new cookie, for that project
 *   DELETE /console/api/session                    204; the session is over, its tokens are revoked
 *
 *   SESSION = {"user": {"id", "name", "domain_id"}, "project": {"id", "name"} | null,
 *              "projects": [{"id", "name"}, ...] (to switch to), "roles": ["admin", ...], "admin": true,
 *              "regions": ["RegionOne"], "region": "RegionOne", "expires_at": "2026-11-22T05:17:39Z",
 *              "identity": "builtin" | "keystone"}
 *   An error is {"error": "a sentence that says what to do"}.
 *
 * The cookie `buoy_session` is an ordinary token: HttpOnly, SameSite=Strict, Path=/, Secure where clients
 * use TLS. It counts as X-Auth-Token, on every route, only in a request that
 *   - has the header `X-Buoy-Console: 1`, which no form and no image of another site can send, and
 *   - either has no Origin or one that is ours: the request's Host, or that of the public URL.
 * X-Auth-Token, when it is there, is what counts, whatever the cookie says. A log-in asks for the same, so
 * that another site can not log somebody in. Every log-in makes a new token: a cookie that was there before
 * (planted or not) is worth nothing afterwards either. Tokens of one built-in session share their audit id,
 * so that the log-out revokes all of them. */
#pragma once
#include "api/api.h"

/* --- static files --- */

enum console_coding { CONSOLE_PLAIN, CONSOLE_GZIP, CONSOLE_BROTLI, CONSOLE_CODINGS };

/* One file; its path is what follows "/console/". A coding that is not worth it has no data. */
struct console_file {
	const char *path, *type;
	const char *tag; /* of the content, without quotes: part of the ETag */
	bool hashed;     /* the name changes with the content: may be kept for ever */
	struct {
		const void *data;
		size_t len;
	} coding[CONSOLE_CODINGS];
};

/* Sorted by path; "index.html" is among them, or there are none: built without the console. */
struct console {
	const struct console_file *files;
	size_t count;
};

/* What this program was built with; in buoyd only. Made by tools/pack-console.mjs. */
extern const struct console console_files;

/* Answers GET /console/{*}. What is no file is a place in the page: index.html. */
int console_show_file(struct call *c, struct err *err);

/* --- console_cookie.c --- */

/* X-Auth-Token, else the cookie's token if it counts; NULL: none. In the request's region. */
const char *console_token(const struct call *c);
/* Whether the request comes from a page of ours, as said above. */
bool console_is_ours(const struct call *c);
/* Whether browsers reach the console by TLS, here or at a proxy in front. */
bool console_uses_tls(const struct call *c);
/* Sets the cookie for so many seconds; `token` "" and 0 take it away. */
void console_set_cookie(struct call *c, const char *token, int64_t seconds);
/* Whether a text of the form "scheme://host[:port]" names that host, with the scheme's own port left out or
 * not. Pure. */
bool console_same_host(const char *origin, const char *host);
/* The only cookie of that name in a Cookie header, in the region; NULL when there is none or more than one.
 * Pure. */
char *console_find_cookie(void *region, const char *header, const char *name);
