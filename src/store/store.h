/* The store: a durable, revisioned set of rows behind three calls.
 *
 *   load    every row, and the revision they stand at
 *   commit  changes and their events, based on a revision; all durable when it returns, or none
 *   watch   what has changed since a revision
 *
 * Nothing above knows which store it is: SQLite is the embedded one, memory is for tests. A row is kept as
 * the JSON that model/codec.h writes. A deletion stays as a tombstone, so that a watcher that was away learns
 * of it. Each commit also appends one event per transaction (revision, time, who, request id, what was, what
 * is).
 *
 * A store handle belongs to one thread. Several processes may have handles on one SQLite database; only one
 * of them commits (the API process), which `commit` checks with the base revision. */
#pragma once
#include "model/txn.h"

#define STORE_SCHEMA_VERSION 2

struct store;

/* One transaction as the store takes it. */
struct store_change {
	uint64_t revision;
	const struct row_change *changes;
	size_t change_count;
	int64_t time_us;
	struct actor actor;
	const char *action; /* "PUT /v2.0/floatingips/<id>" */
};

struct store_ops {
	/* Appends all rows into `s` (a new snapshot from snap_new) and sets its revision. */
	int (*load)(struct store *st, struct snap *s, struct err *err);
	/* Makes transactions durable, in order. -ESTALE when the store is not at `base`: somebody else wrote.
	 */
	int (*commit)(struct store *st, uint64_t base, const struct store_change *list, size_t count,
		      struct err *err);
	/* Calls `fn` once for each row that changed after `from`, in order of revision: `row` is a sealed row
	 * (borrowed for the call), or NULL when {kind, id} was deleted. *ret_revision: where the store
	 * stands. */
	int (*watch)(struct store *st, uint64_t from,
		     int (*fn)(void *arg, enum kind kind, const struct uuid *id, const struct row *row,
			       struct err *err),
		     void *arg, uint64_t *ret_revision, struct err *err);
	void (*free)(struct store *st);
};

struct store {
	const struct store_ops *ops;
};

/* Opens or creates the database. A schema of an older version is migrated; one of a newer version is refused
 * with a message that says which version is needed. `read_only`: never creates, migrates or writes rows. */
int store_sqlite_open(const char *path, bool read_only, struct store **ret, struct err *err);
/* A store in memory. Several handles made from one another share the rows (store_memory_share). */
struct store *store_memory_new(void);
struct store *store_memory_share(struct store *st);
void store_free(struct store *st);
