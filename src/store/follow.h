/* Following a store from another process: a snapshot that is brought up to date on demand.
 * The agent's side of the store interface. One thread. */
#pragma once
#include "store/store.h"

struct follow {
	struct store *store;     /* owned */
	uint64_t kinds;          /* that are followed; there is nothing of others in `snap` */
	const struct snap *snap; /* current */
};

/* One row that differs between two snapshots. */
struct touched {
	enum kind kind;
	struct uuid id;
};

/* Loads the rows of `kinds` (KIND_BIT, KINDS_ALL). Takes over the store, also on failure. */
int follow_init(struct follow *f, struct store *st, uint64_t kinds, struct err *err);
void follow_done(struct follow *f);
/* Reads what has changed. *ret_old: the former snapshot (the caller drops it), and the rows that differ in a
 * malloc'd array; with nothing new *ret_count is 0 and *ret_old the same snapshot. On failure nothing has
 * changed. */
int follow_poll(struct follow *f, const struct snap **ret_old, struct touched **ret, size_t *ret_count,
		struct err *err);
