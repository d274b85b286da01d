/* The stores and the ledger: the same cases against every store.
 * Uses a temporary folder for the SQLite ones. */
#include "store_bed.h"

#include <pthread.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>

static int add_and_fail(struct txn *t, void *arg, struct err *err)
{
	add_network(t, "lost", err);
	return err_set(err, -EINVAL, "changed my mind");
}

static int do_nothing(struct txn *t, void *arg, struct err *err)
{
	return 0;
}

/* After somebody else has written, one write fails; then we go on from what is there. */
static void another_writer_stops_us_once(void **state)
{
	struct bed *b = *state;
	struct ledger *ours = open_ledger(b), *theirs = open_ledger(b);
	const struct snap *s;

	write_sync(b, theirs, add_network, "theirs");
	ledger_free(theirs);
	assert_int_equal(ledger_write_sync(ours, b->region, &somebody, "", add_network, "lost", NULL),
			 -ESTALE);
	write_sync(b, ours, add_network, "ours");
	s = ledger_snap(ours);
	assert_int_equal(snap_count(s, KIND_NETWORK), 2);
	assert_non_null(snap_find(s, IX_NETWORK_NAME, "theirs"));
	assert_non_null(snap_find(s, IX_NETWORK_NAME, "ours"));
	snap_drop(s);
	ledger_free(ours);
}

/* A store whose commits wait for us, and then fail. */
struct slow {
	struct store store, *below;
	pthread_mutex_t gate;
};

static int slow_load(struct store *st, uint64_t kinds, struct snap *s, struct err *err)
{
	struct slow *slow = (struct slow *)st;

	return slow->below->ops->load(slow->below, kinds, s, err);
}

static int slow_commit(struct store *st, uint64_t base, const struct store_change *list, size_t count,
		       struct err *err)
{
	struct slow *slow = (struct slow *)st;

	pthread_mutex_lock(&slow->gate);
	pthread_mutex_unlock(&slow->gate);
	return err_set(err, -EIO, "the disk is gone");
}

static void slow_free(struct store *st)
{
	store_free(((struct slow *)st)->below);
}

static void count_done(struct ledger_ticket *ticket)
{
	atomic_fetch_add((atomic_int *)ticket->arg, ticket->result < 0 ? 1 : 100);
}

/* Whoever was told nothing yet is told of the loss, also who changed nothing but saw what was lost. */
static void a_lost_commit_is_told_to_everybody_who_saw_it(void **state)
{
	static const struct store_ops ops = {.load = slow_load, .commit = slow_commit, .free = slow_free};
	struct bed *b = *state;
	struct slow slow = {{&ops}, open_store(b), PTHREAD_MUTEX_INITIALIZER};
	atomic_int done = 0;
	struct ledger_ticket tickets[3] = {{.done = count_done, .arg = &done},
					   {.done = count_done, .arg = &done},
					   {.done = count_done, .arg = &done}};
	int (*const fns[])(struct txn *, void *, struct err *) = {add_network, do_nothing, add_network};
	const struct snap *s;
	struct ledger *l;

	assert_int_equal(ledger_new(&slow.store, NULL, NULL, &l, NULL), 0);
	pthread_mutex_lock(&slow.gate);
	for (size_t i = 0; i < ARRAY_SIZE(tickets); i++)
		assert_int_equal(ledger_write(l, b->region, &somebody, "", fns[i], "n", &tickets[i], NULL),
				 0);
	assert_int_equal(done, 0);
	pthread_mutex_unlock(&slow.gate);
	while (done < 3)
		sched_yield();
	assert_int_equal(done, 3);
	s = ledger_snap(l);
	assert_int_equal(snap_count(s, KIND_NETWORK), 0);
	snap_drop(s);
	for (size_t i = 0; i < ARRAY_SIZE(tickets); i++)
		snap_drop(tickets[i].snap);
	ledger_free(l);
}

static void what_was_written_is_there_after_reopening(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	const struct network *n;
	const struct snap *s;

	write_sync(b, l, add_network, "one");
	write_sync(b, l, add_network, "two");
	assert_true(ledger_write_sync(l, b->region, &somebody, "POST /", add_and_fail, NULL, NULL) < 0);
	write_sync(b, l, do_nothing, NULL);
	ledger_free(l);
	l = open_ledger(b);
	s = ledger_snap(l);
	assert_int_equal(snap_count(s, KIND_NETWORK), 2);
	assert_int_equal(s->revision, 2);
	n = snap_find(s, IX_NETWORK_NAME, "two");
	assert_int_equal(n->row.revision, 2);
	assert_int_equal(n->row.revision_number, 1);
	assert_true(n->row.created_at > 1700000000);
	snap_drop(s);
	ledger_free(l);
}

/* Two ledgers on one store: the second to write must not overwrite what it has not seen. */
static void a_second_writer_is_refused(void **state)
{
	struct bed *b = *state;
	struct ledger *one = open_ledger(b), *two = open_ledger(b);
	struct err err = {0};

	write_sync(b, one, add_network, "one");
	assert_int_equal(ledger_write_sync(two, b->region, &somebody, "", add_network, "two", &err), -ESTALE);
	ledger_free(two);
	write_sync(b, one, add_network, "three");
	ledger_free(one);
}

/* `buoyd bootstrap` beside a running daemon: readers see it although nobody writes here. */
static void a_foreign_write_is_seen_without_writing(void **state)
{
	struct bed *b = *state;
	struct ledger *one = open_ledger(b), *two = open_ledger(b);
	int64_t deadline = clock_mono_us() + 20000000;
	size_t count = 0;

	write_sync(b, two, add_network, "foreign");
	while (!count && clock_mono_us() < deadline) {
		const struct snap *s = ledger_snap(one);

		count = snap_count(s, KIND_NETWORK);
		snap_drop(s);
		usleep(20000);
	}
	assert_int_equal(count, 1);
	write_sync(b, one, add_network, "own");
	ledger_free(one);
	ledger_free(two);
}

#define WRITERS 8
#define WRITES  100

struct writer {
	struct ledger *ledger;
	void *region;
};

static void *write_many(void *arg)
{
	struct writer *w = arg;
	intptr_t failed = 0;

	for (int i = 0; i < WRITES; i++)
		failed += ledger_write_sync(w->ledger, w->region, &somebody, "", add_network, "n", NULL) < 0;
	return (void *)failed;
}

static void writers_do_not_lose_each_other(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	struct writer w[WRITERS];
	pthread_t threads[WRITERS];
	struct ledger_stats stats;
	const struct snap *s;

	for (int i = 0; i < WRITERS; i++) {
		w[i] = (struct writer){l, talloc_new(NULL)};
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, &w[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	for (int i = 0; i < WRITERS; i++)
		talloc_free(w[i].region);
	s = ledger_snap(l);
	assert_int_equal(snap_count(s, KIND_NETWORK), WRITERS * WRITES);
	assert_int_equal(s->revision, WRITERS * WRITES);
	assert_int_equal(snap_usage(s, KIND_NETWORK, "p"), WRITERS * WRITES);
	snap_drop(s);
	ledger_stats(l, &stats);
	assert_int_equal(stats.transactions, WRITERS * WRITES);
	assert_true(stats.commits <= stats.transactions);
	ledger_free(l);
}

/* --- SQLite only --- */

static void sql(const struct bed *b, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static int64_t sql_number(const struct bed *b, const char *text)
{
	sqlite3_stmt *st;
	int64_t n;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static void a_newer_database_is_refused_and_untouched(void **state)
{
	struct bed *b = *state;
	struct err err = {0};
	struct store *st;

	store_free(open_store(b));
	sql(b, "PRAGMA user_version = 99");
	assert_true(store_sqlite_open(b->path, false, &st, &err) < 0);
	assert_non_null(strstr(err.message, "newer Buoy"));
	assert_int_equal(sql_number(b, "PRAGMA user_version"), 99);
}

static void an_older_database_is_migrated(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	struct err err = {0};
	struct store *st;

	write_sync(b, l, add_network, "old");
	ledger_free(l);
	/* What version 1 looked like. */
	sql(b, "DROP TABLE event_rows; DROP TABLE tenures; DELETE FROM meta WHERE key LIKE 'forgotten%'; "
	       "PRAGMA user_version = 1;");
	assert_true(store_sqlite_open(b->path, true, &st, &err) < 0);
	l = open_ledger(b);
	assert_int_equal(sql_number(b, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
	assert_int_equal(sql_number(b, "SELECT count(*) FROM event_rows"), 1);
	write_sync(b, l, add_network, "new");
	ledger_free(l);
	assert_int_equal(sql_number(b, "SELECT count(*) FROM event_rows"), 2);
}

/* 500 networks, each with a name of its own: some hundred pages of the log. */
static int add_many(struct txn *t, void *arg, struct err *err)
{
	int r = 0;

	for (int i = 0; i < 500 && r == 0; i++)
		r = add_network(t, talloc_asprintf(t->region, "%0200d", i), err);
	return r;
}

/* SQLite's own checkpoints are switched off: the log is copied by a thread, and begins anew without a pause
 * of the writers. */
static void the_log_does_not_grow_without_end(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	AUTO_FREE char *log = xasprintf("%s-wal", b->path);
	off_t largest = 0, written = 0;
	struct stat st;

	for (int i = 0; i < 100; i++) {
		write_sync(b, l, add_many, NULL);
		assert_int_equal(stat(log, &st), 0);
		largest = MAX(largest, st.st_size);
	}
	ledger_free(l);
	assert_int_equal(stat(b->path, &st), 0);
	written = st.st_size;
	if (largest > 45 * 1024 * 1024 || written < 55 * 1024 * 1024)
		fail_msg("a log of %jd bytes for %jd bytes of rows", (intmax_t)largest, (intmax_t)written);
	assert_int_equal(stat(log, &st), -1);
}

static int add_user(struct txn *t, void *arg, struct err *err)
{
	struct user *u = txn_new(t, KIND_USER);

	u->name = "admin";
	u->password = "plain-word";
	u->password_hash = "hashed-word";
	return txn_put(t, u, err);
}

static void events_tell_who_did_what_without_secrets(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);

	write_sync(b, l, add_network, "n");
	write_sync(b, l, add_user, NULL);
	ledger_free(l);
	assert_int_equal(
		sql_number(b, "SELECT count(*) FROM events WHERE user_id = 'u' AND request_id = 'req-1'"), 2);
	assert_int_equal(sql_number(b,
				    "SELECT count(*) FROM events WHERE changes ->> '$[0].new.name' = 'n' AND "
				    "changes ->> '$[0].old' IS NULL"),
			 1);
	assert_int_equal(sql_number(b, "SELECT count(*) FROM events WHERE changes LIKE '%-word%'"), 0);
	assert_int_equal(sql_number(b, "SELECT count(*) FROM rows WHERE data LIKE '%plain-word%'"), 0);
	assert_int_equal(sql_number(b, "SELECT count(*) FROM rows WHERE data LIKE '%hashed-word%'"), 1);
}

/* --- what happened to one row --- */

struct past {
	struct buf text; /* "revision action was>is" of each event */
	int fail_at;
};

static const char *name_in(const char *json, char *out, size_t size)
{
	const char *at = json ? strstr(json, "\"name\":\"") : NULL;

	if (at)
		sscanf(at, "\"name\":\"%15[^\"]", out);
	else
		snprintf(out, size, "%s", json ? "?" : "-");
	return out;
}

static int note_event(void *arg, const struct store_event *e, struct err *err)
{
	struct past *p = arg;
	char was[16], is[16];

	if (p->fail_at && !--p->fail_at)
		return err_set(err, -EIO, "enough");
	assert_string_equal(e->user_id, "u");
	assert_string_equal(e->request_id, "req-1");
	assert_true(e->time_us > 0);
	buf_printf(&p->text, "%d %s %s>%s\n", (int)e->revision, e->action, name_in(e->was, was, sizeof(was)),
		   name_in(e->is, is, sizeof(is)));
	return 0;
}

static void expect_past(struct store *st, enum kind kind, const struct uuid *id, uint64_t before,
			size_t limit, const char *wanted)
{
	struct past p = {0};
	struct err err = {0};

	assert_int_equal(st->ops->events(st, kind, id, before, limit, note_event, &p, &err), 0);
	assert_string_equal(buf_text(&p.text), wanted);
	buf_done(&p.text);
}

static int rename_all(struct txn *t, void *arg, struct err *err)
{
	struct scan scan;
	const struct network *n = scan_kind(&scan, t->work, KIND_NETWORK, NULL);
	struct network *draft = txn_edit(t, n);

	draft->name = arg;
	return txn_put(t, draft, err);
}

static void the_past_of_a_row_is_read_back(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	struct err err = {0};
	struct past stop = {.fail_at = 2};
	struct store *st = open_store(b);
	struct uuid id, other = {{1}};

	write_sync(b, l, add_network, "a");
	{
		AUTO_SNAP const struct snap *s = ledger_snap(l);
		struct scan scan;

		id = ((const struct row *)scan_kind(&scan, s, KIND_NETWORK, NULL))->id;
	}
	write_sync(b, l, rename_all, "b");
	write_sync(b, l, add_user, NULL);
	write_sync(b, l, delete_all, NULL);
	expect_past(st, KIND_NETWORK, &id, 0, 10, "4 POST / b>-\n2 POST / a>b\n1 POST / ->a\n");
	expect_past(st, KIND_NETWORK, &id, 0, 2, "4 POST / b>-\n2 POST / a>b\n");
	expect_past(st, KIND_NETWORK, &id, 2, 2, "1 POST / ->a\n");
	expect_past(st, KIND_NETWORK, &id, 1, 2, "");
	expect_past(st, KIND_NETWORK, &id, UINT64_MAX, 1, "4 POST / b>-\n");
	expect_past(st, KIND_NETWORK, &id, 0, 0, "");
	expect_past(st, KIND_NETWORK, &other, 0, 10, "");
	/* An id is one of a kind. */
	expect_past(st, KIND_FLOATINGIP, &id, 0, 10, "");
	/* Who has enough ends it; the next question begins anew. */
	assert_int_equal(st->ops->events(st, KIND_NETWORK, &id, 0, 10, note_event, &stop, &err), -EIO);
	buf_done(&stop.text);
	expect_past(st, KIND_NETWORK, &id, 0, 1, "4 POST / b>-\n");
	store_free(st);
	ledger_free(l);
}

static int add_alike(struct txn *t, void *arg, struct err *err)
{
	struct network *n = txn_new(t, KIND_NETWORK);
	struct port *p = txn_new(t, KIND_PORT);
	int r;

	n->name = p->name = "alike";
	n->project_id = p->project_id = "p";
	n->row.id = p->row.id = *(const struct uuid *)arg;
	r = txn_put(t, n, err);
	return r < 0 ? r : txn_put(t, p, err);
}

/* A row may follow one of another kind under its id. */
static void rows_of_two_kinds_may_share_an_id(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	struct store *st = open_store(b);
	struct uuid id = {{7}};

	write_sync(b, l, add_alike, &id);
	expect_past(st, KIND_NETWORK, &id, 0, 10, "1 POST / ->alike\n");
	expect_past(st, KIND_PORT, &id, 0, 10, "1 POST / ->alike\n");
	store_free(st);
	ledger_free(l);
}

static void a_damaged_row_is_reported_not_ignored(void **state)
{
	struct bed *b = *state;
	struct ledger *l = open_ledger(b);
	struct err err = {0};

	write_sync(b, l, add_network, "n");
	ledger_free(l);
	sql(b, "UPDATE rows SET data = substr(data, 1, 10)");
	assert_true(ledger_new(open_store(b), NULL, NULL, &l, &err) < 0);
	assert_non_null(strstr(err.message, "not JSON"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(what_was_written_is_there_after_reopening),
		BOTH(a_second_writer_is_refused),
		BOTH(another_writer_stops_us_once),
		BOTH(a_lost_commit_is_told_to_everybody_who_saw_it),
		BOTH(a_foreign_write_is_seen_without_writing),
		BOTH(writers_do_not_lose_each_other),
		BOTH(the_past_of_a_row_is_read_back),
		BOTH(rows_of_two_kinds_may_share_an_id),
		cmocka_unit_test_setup_teardown(a_newer_database_is_refused_and_untouched, setup_sqlite,
						teardown),
		cmocka_unit_test_setup_teardown(an_older_database_is_migrated, setup_sqlite, teardown),
		cmocka_unit_test_setup_teardown(events_tell_who_did_what_without_secrets, setup_sqlite,
						teardown),
		cmocka_unit_test_setup_teardown(the_log_does_not_grow_without_end, setup_sqlite, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_row_is_reported_not_ignored, setup_sqlite,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
