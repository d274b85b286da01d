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
 * load and watch take a set of kinds: rows of others are neither read nor told of, whatever the revision is.
 *
 * A store handle belongs to one thread. Several processes may have handles on one SQLite database; only one
 * of them commits (the API process), which `commit` checks with the base revision. */
#pragma once
#include "model/txn.h"

#define STORE_SCHEMA_VERSION 3

struct store;

/* A set of kinds: a bit for each. */
#define KIND_BIT(kind) (UINT64_C(1) << (kind))
#define KINDS_ALL      UINT64_MAX
_Static_assert(KINDS <= 64, "a set of kinds is one word");

#define STORE_KEY 64 /* bytes of a word that events are found by */

/* One transaction as the store takes it. */
struct store_change {
	uint64_t revision;
	const struct row_change *changes;
	size_t change_count;
	int64_t time_us;
	struct actor actor;
	const char *action; /* "PUT /v2.0/floatingips/<id>" */
};

/* One event, as far as it concerns one row; borrowed for the call. */
struct store_event {
	uint64_t revision;
	struct uuid id; /* whose */
	int64_t time_us;
	const char *user_id, *user_name, *project_id, *request_id, *action; /* NULL: not known */
	const char *was, *is; /* the row as encode_event printed it; NULL: was not there, is gone */
};

/* Which events: those of one row, or those that a word finds (store_tenure_keys: of floating IPs, and only
 * where they come to be somebody else's or lead elsewhere), or with neither all of the kind. */
struct store_question {
	enum kind kind;
	const struct uuid *id;
	const char *key;
	uint64_t after, before; /* revisions between them, without them; before 0: to the newest */
	size_t limit;
	bool oldest_first;
};

/* How far back the log goes. What was before is forgotten (prune). */
struct store_horizon {
	uint64_t revision; /* the oldest that can be looked at */
	int64_t time_us;   /* and since when things were so; with nothing in the log 0 */
};

struct store_ops {
	/* Appends all rows of `kinds` into `s` (a new snapshot from snap_new) and sets its revision. */
	int (*load)(struct store *st, uint64_t kinds, struct snap *s, struct err *err);
	/* Makes transactions durable, in order. -ESTALE when the store is not at `base`: somebody else wrote.
	 */
	int (*commit)(struct store *st, uint64_t base, const struct store_change *list, size_t count,
		      struct err *err);
	/* Calls `fn` once for each row of `kinds` that changed after `from`, in order of revision: `row` is a
	 * sealed row (borrowed for the call), or NULL when {kind, id} was deleted. *ret_revision: where the
	 * store stands. */
	int (*watch)(struct store *st, uint64_t kinds, uint64_t from,
		     int (*fn)(void *arg, enum kind kind, const struct uuid *id, const struct row *row,
			       struct err *err),
		     void *arg, uint64_t *ret_revision, struct err *err);
	/* Calls `fn` for the events that tell of a row, newest first, at most `limit` of those before
	 * revision `before` (0: all). It does not matter whether the row is there still. */
	int (*events)(struct store *st, enum kind kind, const struct uuid *id, uint64_t before, size_t limit,
		      int (*fn)(void *arg, const struct store_event *event, struct err *err), void *arg,
		      struct err *err);
	/* The same for more questions. With `key` `was` and `is` are of the floating IP that the event is
	 * about.
	 */
	int (*log)(struct store *st, const struct store_question *q,
		   int (*fn)(void *arg, const struct store_event *event, struct err *err), void *arg,
		   struct err *err);
	/* The past of everything: calls `fn` once for each row of the network API that has changed after
	 * revision `at`, with what it was then: a sealed row (borrowed for the call), or NULL when it was not
	 * there. -ESTALE when that is forgotten. The work is bounded by the rows that have changed since. */
	int (*past)(struct store *st, uint64_t at,
		    int (*fn)(void *arg, enum kind kind, const struct uuid *id, const struct row *row,
			      struct err *err),
		    void *arg, struct err *err);
	int (*horizon)(struct store *st, struct store_horizon *ret, struct err *err);
	/* The newest revision whose time is not after `time_us`; 0 when there is none. */
	int (*revision_at)(struct store *st, int64_t time_us, uint64_t *ret, struct err *err);
	/* The next address behind `after` ("": the first) that a word finds: 1, or 0 when there is none. */
	int (*next_address)(struct store *st, const char *after, char ret[STORE_KEY], struct err *err);
	/* Forgets events from before `before_us`, the oldest first and a bounded number of them; *ret_more:
	 * there are others. For the handle that commits. */
	int (*prune)(struct store *st, int64_t before_us, bool *ret_more, struct err *err);
	void (*free)(struct store *st);
};

struct store {
	const struct store_ops *ops;
};

/* Opens or creates the database. A schema of an older version is migrated; one of a newer version is refused
 * with a message that says which version is needed. `read_only`: opened for reading only; never creates,
 * migrates or writes. */
int store_sqlite_open(const char *path, bool read_only, struct store **ret, struct err *err);
/* A store in memory. Several handles made from one another share the rows (store_memory_share). */
struct store *store_memory_new(void);
struct store *store_memory_share(struct store *st);
void store_free(struct store *st);
