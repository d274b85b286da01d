/* Lists that are made when they are asked for: of other rows, of what nodes report, of the configuration.
 * The schema (EVERY_MADE_KIND) prints, filters, sorts and pages them as it does stored rows. Rows live in the
 * request's region and are what c->snap says. Called on the request's thread. */
#pragma once
#include "api/net.h"

struct made {
	struct call *c;
	enum kind kind;
	const struct row **rows; /* in the request's region */
	size_t count;
};

void made_init(struct made *m, struct call *c, enum kind kind);
/* A new row of the kind, zeroed, with this id. Its texts may be borrowed from c->snap. */
void *made_add(struct made *m, const struct uuid *id);
/* {"<plural>": [...]} by the request's query string. */
int made_reply(struct made *m, struct err *err);
/* A stable id for what has a name only; `what` keeps ids of different kinds apart. */
struct uuid made_id(const char *what, const char *name);
/* The values of a query parameter, repeated or not, until `ret` is full; returns how many. */
size_t made_params(const struct call *c, const char *key, const char **ret, size_t room);
