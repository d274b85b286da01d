/* One HTTP exchange with libcurl, and what a refusal means.
 * Under session.c; knows nothing of tokens' meaning except that they are never printed. */
#pragma once
#include "base/err.h"

#include <jansson.h>

struct settings;
struct http;

struct http_request {
	const char *method, *url;
	const char *token;         /* X-Auth-Token, NULL for none */
	const char *subject_token; /* X-Subject-Token, NULL for none */
	const json_t *body;        /* borrowed, NULL for none */
};

struct http_reply {
	int status;
	char *body; /* talloc'd on the reply's mem, with a NUL after `len` bytes */
	size_t len;
	char request_id[128];
	char *subject_token; /* X-Subject-Token of the reply, NULL for none */
	char *location;      /* where a redirection points, NULL for none */
};

/* `debug`: each exchange is shown on stderr, with tokens and passwords taken out. */
int http_new(void *mem, const struct settings *s, bool debug, long timeout_s, struct http **ret,
	     struct err *err);
/* 0 when there was an answer, whatever its status. */
int http_send(struct http *h, const struct http_request *req, void *mem, struct http_reply *ret,
	      struct err *err);

/* One line of an answer that has no end, without what ends it. Not 0: no more is wanted. */
typedef int http_line_fn(void *arg, const char *line);
/* The same for such an answer: calls `fn` for each line as it comes, however long that takes. 0 when it has
 * ended or `fn` wants no more; an answer that is no 2xx is in *ret as above. */
int http_listen(struct http *h, const struct http_request *req, void *mem, http_line_fn *fn, void *arg,
		struct http_reply *ret, struct err *err);

/* 0 for a 2xx reply; else the error that the body (Neutron's, Keystone's, Octavia's, Nova's form, or any
 * text) describes, with the status and the request id. Pure. */
int reply_check(const struct http_reply *reply, struct err *err);
/* Takes a refusal of reply_check() apart: the server's own words and the request's id (both talloc'd on
 * mem; the id is NULL where the server named none). */
void reply_split(void *mem, const struct err *err, char **ret_words, char **ret_request);
/* The body as JSON; NULL *ret for an empty one. */
int reply_parse(const struct http_reply *reply, json_t **ret, struct err *err);
/* JSON text with the values of passwords, secrets and tokens replaced; malloc'd. Pure. */
char *redact_json(const char *text, size_t len);
