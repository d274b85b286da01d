/* A store for a test: in memory, or SQLite in a temporary folder; the same cases run against both. */
#pragma once
#include "store/ledger.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

struct bed {
	char dir[64], path[96];
	bool sqlite;
	struct store *memory; /* keeps the memory store's rows alive */
	void *region;
};

static inline struct store *open_store(struct bed *b)
{
	struct err err = {0};
	struct store *st;

	if (!b->sqlite)
		return store_memory_share(b->memory);
	if (store_sqlite_open(b->path, false, &st, &err) < 0)
		fail_msg("%s", err.message);
	return st;
}

static inline struct ledger *open_ledger(struct bed *b)
{
	struct err err = {0};
	struct ledger *l;

	if (ledger_new(open_store(b), NULL, NULL, &l, &err) < 0)
		fail_msg("%s", err.message);
	return l;
}

static inline int setup(void **state, bool sqlite)
{
	struct bed *b = xalloc(sizeof(*b));

	strcpy(b->dir, "/tmp/buoy-store-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/buoy.db", b->dir);
	b->sqlite = sqlite;
	b->memory = store_memory_new();
	b->region = talloc_new(NULL);
	*state = b;
	return 0;
}

static inline int setup_memory(void **state)
{
	return setup(state, false);
}

static inline int setup_sqlite(void **state)
{
	return setup(state, true);
}

static inline int teardown(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	struct bed *b = *state;
	char file[128];

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		snprintf(file, sizeof(file), "%s%s", b->path, suffixes[i]);
		unlink(file);
	}
	assert_int_equal(rmdir(b->dir), 0);
	store_free(b->memory);
	talloc_free(b->region);
	free(b);
	return 0;
}

static const struct actor somebody = {.user_id = "u", .project_id = "p", .request_id = "req-1"};

static inline int add_network(struct txn *t, void *arg, struct err *err)
{
	struct network *n = txn_new(t, KIND_NETWORK);

	n->name = arg;
	n->project_id = "p";
	return txn_put(t, n, err);
}

static inline int delete_all(struct txn *t, void *arg, struct err *err)
{
	const struct network *n;
	struct scan scan;
	int r = 0;

	while (r == 0 && (n = scan_kind(&scan, t->work, KIND_NETWORK, NULL)))
		r = txn_del(t, KIND_NETWORK, &n->row.id, err);
	return r;
}

static inline void write_sync(struct bed *b, struct ledger *l, int (*fn)(struct txn *, void *, struct err *),
			      void *arg)
{
	struct err err = {0};

	if (ledger_write_sync(l, b->region, &somebody, "POST /", fn, arg, &err) < 0)
		fail_msg("%s", err.message);
}

#define BOTH(fn)                                                                                             \
	cmocka_unit_test_setup_teardown(fn, setup_memory, teardown),                                         \
		cmocka_unit_test_setup_teardown(fn, setup_sqlite, teardown)
