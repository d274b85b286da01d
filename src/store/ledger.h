/* The ledger: the one place where the current snapshot lives and where writes become durable.
 *
 * Writers run one after another on the head snapshot, under a lock and without waiting for the disk; a
 * committer thread makes what has gathered durable in one go (group commit) and then publishes it. A reader
 * sees durable snapshots only. When a commit fails, everything in that batch fails and the head goes back to
 * what is durable; when it fails because somebody else wrote, to what is there now.
 *
 * Any thread may call; callbacks run on the committer thread and must be short. */
#pragma once
#include "store/store.h"

struct ledger;

/* What becomes of one write. Lives in the caller's memory until `done` was called. */
struct ledger_ticket {
	uint64_t revision;
	const struct snap
		*snap; /* the snapshot that holds the write; the caller drops it. Set by ledger_write */
	int result;    /* 0 durable, else a negative errno; valid once done was called */
	struct err err;
	/* Called once, on the committer thread, when the write is durable or lost. */
	void (*done)(struct ledger_ticket *ticket);
	void *arg;
	struct ledger_ticket *next; /* the ledger's */
};

/* Loads the store and starts the committer. Takes over the store. `wake` is called after each durable commit
 * (committer thread): it tells the agent. */
int ledger_new(struct store *st, void (*wake)(void *arg, uint64_t revision), void *arg, struct ledger **ret,
	       struct err *err);
/* Commits what is pending and stops. */
void ledger_free(struct ledger *l);

/* The current durable snapshot; drop it when done. */
const struct snap *ledger_snap(struct ledger *l);

/* Runs `fn` in a transaction on the head. When fn fails, or changes nothing, nothing is queued: its result is
 * returned and `done` is never called; with nothing changed ticket->snap is set (the head) and revision is 0
 * - but when the head is not durable yet, the write is queued with nothing in it, to wait for that. Otherwise
 * 0 is returned and `done` will be called, maybe before this returns. `region` is the transaction's and must
 * live until `done`. `action` is borrowed until then, and so are the actor's strings. */
int ledger_write(struct ledger *l, void *region, const struct actor *actor, const char *action,
		 int (*fn)(struct txn *t, void *arg, struct err *err), void *arg,
		 struct ledger_ticket *ticket, struct err *err);
/* The same, waiting for the disk: for bootstrap and tests. ticket->snap is dropped. */
int ledger_write_sync(struct ledger *l, void *region, const struct actor *actor, const char *action,
		      int (*fn)(struct txn *t, void *arg, struct err *err), void *arg, struct err *err);

/* From now on events that are older than `keep_us` are forgotten, a few at a time between commits; 0: none
 * are. */
void ledger_keep(struct ledger *l, int64_t keep_us);

/* For metrics: commits, transactions in them, and seconds spent, since the start. */
struct ledger_stats {
	uint64_t commits, transactions;
	double commit_seconds;
};
void ledger_stats(struct ledger *l, struct ledger_stats *ret);
/* Cryptographically strong bytes (getrandom(2)); the `random` of every transaction. */
void ledger_random(void *buf, size_t len);
