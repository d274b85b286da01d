/* Rows that a store tells of, kept until they are laid over a snapshot: what changed since a revision
 * (follow.h), or what was there at one (api/past.h). One thread. */
#pragma once
#include "store/store.h"

struct gathered {
	enum kind kind;
	struct uuid id;
	const struct row *row; /* a reference of ours; NULL: it is not, or was not, there */
};

struct gather {
	struct gathered *items;
	size_t count, cap;
};

/* The function that a store calls for each row; `arg` is the gather, zeroed at first. */
int gather_one(void *arg, enum kind kind, const struct uuid *id, const struct row *row, struct err *err);
/* Makes `s`, which nobody else holds yet, have these rows as they were gathered. `owner`: of its changes, as
 * for snap_apply; on failure the snapshot is to be thrown away. */
int gather_apply(struct snap *s, uint64_t owner, const struct gather *g, struct err *err);
void gather_done(struct gather *g);
