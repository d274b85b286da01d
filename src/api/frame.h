/* What the files of the frame share: routes, errors as replies, queries, the network resources' common reads.
 * Private to api.c, routes.c, errors.c, verbs.c, query.c and the small resources beside them. */
#pragma once
#include "api/api.h"

/* --- routes.c --- */

#define ROUTE_MAX_SEGMENTS 8

/* Finds the route of a path and method. Fills c->route and c->arg; 404 or 405 (with Allow) otherwise. Pure
 * apart from the response's headers. Any thread. */
int route_find(struct call *c, struct err *err);
/* How errors of a path are spelt that no route knows. */
enum api_family route_family(const char *path);

/* --- errors.c --- */

/* Replaces the response by the error, in the family's form. Internal errors become one sentence. */
void call_error(struct call *c, enum api_family family, const struct err *err);
/* 403 in Neutron's words: "(rule:update_network) is disallowed by policy". */
int call_denied(const char *action, const char *name, struct err *err);
/* Whether the caller sees, or may change, a row of any kind. */
bool call_sees(const struct call *c, const struct snap *s, const struct row *row);
bool call_may_write(const struct call *c, const struct snap *s, const struct row *row);
/* The default of both: the project's own, or an administrator. */
bool call_owns(const struct caller *who, const struct row *row);
/* Whether an attribute tells what the nodes say now: it is null of the past. */
bool call_is_live(const struct attr *a);
/* The resource's show hook, for rows of the call's snapshot, whether that is of the past or not. */
void call_show(void *call, const struct attr *a, const struct row *row, struct buf *out);
/* The view to print rows with: who looks, ?fields=, computed attributes. */
struct print_view call_view(struct call *c, enum kind kind);

/* --- query.c, page.c --- */

struct query_filter {
	const struct attr *attr; /* NULL: the resource's own filter */
	const char *key;         /* as given */
	const char *group;       /* own filters: values of one group are alternatives */
	const char **text;       /* the values as given */
	union any_row *row;      /* the values parsed, in attr's member */
	bool *known;             /* false: no row can have that value */
	size_t count;
	bool hidden; /* the caller does not see the attribute: nothing matches */
};

enum tag_rule { TAGS_ALL, TAGS_ANY, TAGS_NOT_ALL, TAGS_NOT_ANY, TAG_RULES };

struct query {
	struct call *c;
	const struct resource *res;
	const struct shape *shape;
	struct query_filter *filters;
	size_t filter_count;
	const char **tags[TAG_RULES];
	size_t tag_count[TAG_RULES];
	int64_t changed_since; /* seconds; INT64_MIN: not given */
	struct {
		const struct attr *attr;
		bool descending;
	} sort[8];
	size_t sort_count;
	uint64_t limit; /* 0: none */
	const struct row *marker;
	const char *marker_id; /* of made rows, which are not there yet: query_over finds it */
	bool reverse;
};

/* Reads the query string for a list of `kind`. 400 for what is unknown. Everything goes to the request's
 * region. */
int query_parse(struct call *c, enum kind kind, struct query *ret, struct err *err);
/* 1: the row passes the filters and the caller sees it; 0: not; negative errno. */
int query_match(const struct query *q, const struct row *row, struct err *err);
/* The rows of the page in order, in the request's region. */
int query_run(const struct query *q, const struct row ***ret, size_t *ret_count, struct err *err);
/* The same for rows that were made for this question (EVERY_MADE_KIND): filtered, in order, the page. `rows`
 * is changed. 404 for a marker that is none of them. */
int query_over(struct query *q, const struct row **rows, size_t count, const struct row ***ret,
	       size_t *ret_count, struct err *err);
/* {"networks": [...], "networks_links": [...]} */
void query_print(const struct query *q, const struct row *const *rows, size_t count);

/* --- once.c --- */

/* Inside a write's transaction, before what it does: 1 when this POST was made before under its
 * Idempotency-Key: c->made holds what came of it; 0: it was not, or has no key. 422 when it had another body,
 * 410 when what it made is gone. */
int once_begin(struct verb *v, struct err *err);
/* After it: remembers c->made under the key. */
int once_end(struct verb *v, struct err *err);

/* --- net_rest.c --- */

/* Counts the rests that a write has ended, for the metrics. Committer thread. */
void rests_count(const struct call *c);

/* --- quotas.c --- */

/* How many of a kind a project may have, of its own row or the configuration's; -1: no limit. */
int64_t quota_limit(const struct api *api, const struct snap *s, const char *project_id, enum kind kind);
int64_t quota_default_limit(const struct quota_limits *q, enum kind kind);
/* What PUT /v2.0/quotas/<project> does; `json` has the limits. `check`: 400 for one below what is used. */
int quota_write(struct verb *v, const char *project_id, const json_t *json, bool check, struct err *err);

/* --- route functions, by the tables' files --- */

int verb_list(struct call *c, struct err *err);
int verb_show(struct call *c, struct err *err);
int verb_create(struct call *c, struct err *err);
int verb_update(struct call *c, struct err *err);
int verb_delete(struct call *c, struct err *err);
int extensions_list(struct call *c, struct err *err);
int extensions_show(struct call *c, struct err *err);
/* If-Match: revision_number=N. 412 when the row has another. */
int verb_if_match(struct verb *v, const struct row *row, struct err *err);
/* The same for a number that stands in a body. */
int verb_check_revision(const struct row *row, int64_t wanted, struct err *err);

/* What a person who is not logged in is told by the console. console_session.c */
const char *console_unauthorized(const struct call *c);
/* Registers what is computed when somebody scrapes. service.c */
void service_metrics(struct api *api);
