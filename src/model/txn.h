/* Transactions: a write works on its own copy of the snapshot, and either all of it happens or none.
 *
 * A verb reads and writes the transaction's copy, checking everything against it. When a check fails the copy
 * is thrown away: there is no undo code. When all is well txn_finish gives the new snapshot and the list of
 * changed rows, which the ledger makes durable. Pure: time and randomness are passed in. One thread. */
#pragma once
#include "model/snap.h"

/* Who asks, for the event and for the rows. Strings are borrowed. */
struct actor {
	const char *user_id, *user_name, *project_id, *project_name, *request_id;
	bool admin;
};

struct row_change {
	enum kind kind;
	struct uuid id;
	const struct row *old; /* NULL: the row is new; borrowed from the base */
	const struct row *row; /* NULL: the row is deleted; borrowed from the new snapshot */
};

struct txn {
	void *region; /* talloc; drafts live here */
	const struct snap *base;
	struct snap *work; /* the copy; read it with snap_get and scans */
	uint64_t revision; /* that this transaction will have */
	int64_t now_us;    /* wall clock */
	void (*random)(void *buf, size_t len);
	struct row_change *changes; /* talloc'd in the region */
	size_t change_count;
	size_t found; /* where a row was last looked for among the changes */
};

/* `base` must outlive the transaction. The region is the caller's and must outlive it too. */
void txn_begin(struct txn *t, const struct snap *base, void *region, int64_t now_us,
	       void (*random)(void *buf, size_t len));
/* Throws the copy away. Safe after txn_finish and on a zeroed struct. */
void txn_abort(struct txn *t);

/* The row as this transaction sees it; NULL when absent. */
const void *txn_get(const struct txn *t, enum kind kind, const struct uuid *id);
/* A new draft, zeroed, with a new random id. Lives in the region. */
void *txn_new(struct txn *t, enum kind kind);
/* A draft to change: a shallow copy of the row. */
void *txn_edit(struct txn *t, const void *row);
/* Writes a draft: seals it and puts it into the copy. The header is filled in: revision, created_at and
 * updated_at, revision_number (+1; once a transaction). A draft that equals the row it came from is not
 * written, and a row that ends as it was before the transaction was not changed by it. Fails as snap_apply
 * does. */
int txn_put(struct txn *t, const void *draft, struct err *err);
/* Counts a change of a row whose attributes stay as they are: of what belongs to it. Absent: nothing. */
int txn_touch(struct txn *t, enum kind kind, const struct uuid *id, struct err *err);
/* Removes a row; references to it are the caller's business. */
int txn_del(struct txn *t, enum kind kind, const struct uuid *id, struct err *err);
/* The new snapshot, with one reference that becomes the caller's. Its changes stay in t->changes, borrowed
 * from both snapshots. NULL when nothing was changed. */
struct snap *txn_finish(struct txn *t);
