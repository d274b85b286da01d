/* What domains, projects, users and roles mean beyond being stored.
 * Called by identity_crud.c inside its transactions. */
#pragma once
#include "api/identity_int.h"

struct identity_hooks {
	/* Whether a caller who is no administrator may see the row of that id, which need not exist. NULL:
	 * never. */
	bool (*visible)(const struct call *c, const struct uuid *id);
	/* The draft holds the body; `old` is NULL at creation. `hashed`: the new password, NULL: none was
	 * given. */
	int (*check)(struct verb *v, const void *old, void *draft, const char *hashed, struct err *err);
	/* Checks that nothing is in the way and takes along what goes with the row. */
	int (*remove)(struct verb *v, const void *row, struct err *err);
};

const struct identity_hooks *identity_hooks_of(enum kind kind);
