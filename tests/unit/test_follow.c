/* Those who only read: followers of all kinds or of some, and handles that can not write.
 * Uses a temporary folder for the SQLite ones. */
#include "store/follow.h"
#include "store_bed.h"

static void a_follower_sees_every_change(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	const struct snap *old;
	struct touched *touched;
	struct follow f;
	size_t count;

	write_sync(b, l, add_network, "one");
	assert_int_equal(follow_init(&f, open_store(b), KINDS_ALL, NULL), 0);
	assert_int_equal(snap_count(f.snap, KIND_NETWORK), 1);
	write_sync(b, l, add_network, "two");
	write_sync(b, l, add_network, "three");
	assert_int_equal(follow_poll(&f, &old, &touched, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_int_equal(snap_count(f.snap, KIND_NETWORK), 3);
	assert_int_equal(snap_count(old, KIND_NETWORK), 1);
	assert_int_equal(f.snap->revision, 3);
	free(touched);
	snap_drop(old);
	write_sync(b, l, add_network, "four");
	write_sync(b, l, delete_all, NULL);
	assert_int_equal(follow_poll(&f, &old, &touched, &count, NULL), 0);
	assert_int_equal(snap_count(f.snap, KIND_NETWORK), 0);
	assert_int_equal(snap_count(f.snap, KIND_NETWORK), 0);
	assert_int_equal(count, 4);
	free(touched);
	snap_drop(old);
	assert_int_equal(follow_poll(&f, &old, &touched, &count, NULL), 0);
	assert_int_equal(count, 0);
	free(touched);
	snap_drop(old);
	follow_done(&f);
	ledger_free(l);
}

static int add_both(struct txn *t, void *arg, struct err *err)
{
	struct secret *secret = txn_new(t, KIND_SECRET);
	int r = add_network(t, arg, err);

	secret->value = "$6$not-for-everybody";
	return r < 0 ? r : txn_put(t, secret, err);
}

static int delete_secrets(struct txn *t, void *arg, struct err *err)
{
	const struct secret *secret;
	struct scan scan;
	int r = 0;

	while (r == 0 && (secret = scan_kind(&scan, t->work, KIND_SECRET, NULL)))
		r = txn_del(t, KIND_SECRET, &secret->row.id, err);
	return r;
}

/* Polls, and says how many rows it was told of; all must be networks. */
static size_t poll_networks(struct follow *f)
{
	const struct snap *old;
	struct touched *touched;
	size_t count;

	assert_int_equal(follow_poll(f, &old, &touched, &count, NULL), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(touched[i].kind, KIND_NETWORK);
	assert_int_equal(snap_count(f->snap, KIND_SECRET), 0);
	free(touched);
	snap_drop(old);
	return count;
}

static void a_follower_of_some_kinds_sees_no_others(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	struct follow f, all;

	write_sync(b, l, add_both, "one");
	assert_int_equal(follow_init(&f, open_store(b), KIND_BIT(KIND_NETWORK) | KIND_BIT(KIND_PORT), NULL),
			 0);
	assert_int_equal(follow_init(&all, open_store(b), KINDS_ALL, NULL), 0);
	assert_int_equal(snap_count(all.snap, KIND_SECRET), 1);
	follow_done(&all);
	assert_int_equal(snap_count(f.snap, KIND_NETWORK), 1);
	assert_int_equal(snap_count(f.snap, KIND_SECRET), 0);
	write_sync(b, l, add_both, "two");
	assert_int_equal(poll_networks(&f), 1);
	assert_int_equal(snap_count(f.snap, KIND_NETWORK), 2);
	write_sync(b, l, delete_secrets, NULL);
	assert_int_equal(poll_networks(&f), 0);
	assert_int_equal(f.snap->revision, 3);
	write_sync(b, l, delete_all, NULL);
	assert_int_equal(poll_networks(&f), 2);
	assert_int_equal(snap_count(f.snap, KIND_NETWORK), 0);
	assert_int_equal(f.snap->revision, 4);
	follow_done(&f);
	ledger_free(l);
}

/* Also of a handle that has been taken over by somebody. */
static void a_reader_can_not_write(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	const struct store_change change = {.revision = 2, .action = "PUT /"};
	struct err err = {0};
	struct store *st;

	write_sync(b, l, add_network, "one");
	assert_int_equal(store_sqlite_open(b->path, true, &st, &err), 0);
	assert_true(st->ops->commit(st, 1, &change, 1, &err) < 0);
	assert_non_null(strstr(err.message, "readonly"));
	store_free(st);
	ledger_free(l);
}

/* So a copy of the file is whole after the end, whoever was the last to close it. */
static void the_end_leaves_nothing_in_the_log(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	const struct snap *s;
	struct err err = {0};
	char wal[128];
	struct store *st;

	write_sync(b, l, add_network, "one");
	assert_int_equal(store_sqlite_open(b->path, true, &st, &err), 0);
	ledger_free(l);
	store_free(st);
	snprintf(wal, sizeof(wal), "%s-wal", b->path);
	unlink(wal);
	l = open_ledger(b);
	s = ledger_snap(l);
	assert_int_equal(snap_count(s, KIND_NETWORK), 1);
	snap_drop(s);
	ledger_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_follower_sees_every_change),
		BOTH(a_follower_of_some_kinds_sees_no_others),
		cmocka_unit_test_setup_teardown(a_reader_can_not_write, setup_sqlite, teardown),
		cmocka_unit_test_setup_teardown(the_end_leaves_nothing_in_the_log, setup_sqlite, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
