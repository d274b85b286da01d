/* The past as the stores tell it: against snapshots that were kept while it was made, by address and by port,
 * by time, and after some of it was forgotten. The same cases for every store.
 * Uses a temporary folder for the SQLite ones. */
#include "store/ledger.h"

#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

#define WRITES   300
#define PROJECTS 3
#define PORTS    6

struct bed {
	char dir[64], path[96];
	bool sqlite;
	struct store *memory;
	struct ledger *ledger;
	struct store *st; /* to ask */
	uint32_t seed;
	const struct snap *kept[WRITES + 1]; /* by revision */
	int64_t times[WRITES + 1];
};

static struct store *open_store(struct bed *b, bool read_only)
{
	struct err err = {0};
	struct store *st;

	if (!b->sqlite)
		return store_memory_share(b->memory);
	if (store_sqlite_open(b->path, read_only, &st, &err) < 0)
		fail_msg("%s", err.message);
	return st;
}

static int setup(void **state, bool sqlite)
{
	struct bed *b = xalloc(sizeof(*b));
	struct err err = {0};

	strcpy(b->dir, "/tmp/buoy-past-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/buoy.db", b->dir);
	b->sqlite = sqlite;
	b->seed = 7;
	b->memory = store_memory_new();
	if (ledger_new(open_store(b, false), NULL, NULL, &b->ledger, &err) < 0)
		fail_msg("%s", err.message);
	b->st = open_store(b, true);
	*state = b;
	return 0;
}

static int setup_memory(void **state)
{
	return setup(state, false);
}

static int setup_sqlite(void **state)
{
	return setup(state, true);
}

static int teardown(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	struct bed *b = *state;
	char file[128];

	store_free(b->st);
	ledger_free(b->ledger);
	for (size_t i = 0; i < ARRAY_SIZE(b->kept); i++)
		snap_drop(b->kept[i]);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		snprintf(file, sizeof(file), "%s%s", b->path, suffixes[i]);
		unlink(file);
	}
	rmdir(b->dir);
	store_free(b->memory);
	free(b);
	return 0;
}

static unsigned roll(struct bed *b, unsigned n)
{
	b->seed = b->seed * 1103515245 + 12345;
	return (b->seed >> 16) % n;
}

/* --- random writes --- */

static struct uuid numbered(unsigned kind, unsigned i)
{
	return (struct uuid){{(uint8_t)kind, 0, 0, 0, 0, 0, 0x40, 0, 0x80, [15] = (uint8_t)i}};
}

static struct ip address(unsigned i)
{
	struct ip ip = {0};

	ip.b[10] = ip.b[11] = 0xff;
	ip.b[12] = 203;
	ip.b[14] = 113;
	ip.b[15] = (uint8_t)i;
	return ip;
}

static const char *project(unsigned i)
{
	static const char *const names[PROJECTS] = {"p0", "p1", "p2"};

	return names[i];
}

static void lead_to(struct bed *b, struct floatingip *f)
{
	unsigned port = roll(b, PORTS + 1);

	f->port_id = port < PORTS ? numbered(2, port) : (struct uuid){0};
	f->fixed_ip_address = port < PORTS ? address(200 + port) : (struct ip){0};
}

static int write_fip(struct bed *b, struct txn *t, struct err *err)
{
	struct uuid id = numbered(1, roll(b, 8));
	const struct floatingip *old = txn_get(t, KIND_FLOATINGIP, &id);
	struct floatingip *f;

	if (old && roll(b, 4) == 0)
		return txn_del(t, KIND_FLOATINGIP, &id, err);
	f = old ? txn_edit(t, old) : txn_new(t, KIND_FLOATINGIP);
	if (!old) {
		f->row.id = id;
		f->project_id = project(roll(b, PROJECTS));
		f->floating_ip_address =
			address(id.b[15] / 2 * 2); /* two share one, in networks of their own */
		f->floating_network_id = numbered(3, id.b[15] % 2);
		f->subnet_id = numbered(4, id.b[15] % 2);
	}
	if (roll(b, 3) == 0)
		f->project_id = project(roll(b, PROJECTS));
	if (roll(b, 3) == 0)
		lead_to(b, f);
	f->description = roll(b, 2) ? "a" : "b";
	f->dns_name = f->dns_domain = "";
	return txn_put(t, f, err);
}

static int write_some(struct txn *t, void *arg, struct err *err)
{
	struct bed *b = arg;
	struct network *n = txn_new(t, KIND_NETWORK);
	struct user *u = txn_new(t, KIND_USER);
	int r = 0;

	u->row.id = numbered(5, 1);
	u->name = roll(b, 2) ? "somebody" : "else";
	for (unsigned i = roll(b, 4) + 1; i > 0 && r == 0; i--)
		r = write_fip(b, t, err);
	n->row.id = numbered(6, roll(b, 3));
	n->name = roll(b, 2) ? "x" : "y";
	n->description = n->dns_domain = "";
	if (r == 0)
		r = txn_put(t, n, err);
	return r ? r : txn_put(t, u, err);
}

static void make_past(struct bed *b)
{
	struct actor actor = {.user_id = "u", .user_name = "user", .project_id = "p0", .request_id = "req-1"};
	struct err err = {0};

	b->kept[0] = ledger_snap(b->ledger);
	for (int i = 1; i <= WRITES; i++) {
		void *region = talloc_new(NULL);
		const struct snap *s;

		do {
			if (ledger_write_sync(b->ledger, region, &actor, "POST /", write_some, b, &err) < 0)
				fail_msg("%s", err.message);
			s = ledger_snap(b->ledger);
			if (s->revision != (uint64_t)i)
				snap_drop(s); /* it changed nothing: another try */
		} while (s->revision != (uint64_t)i);
		b->kept[i] = s;
		b->times[i] = clock_now_us();
		while (clock_now_us() == b->times[i])
			; /* the next write has another time */
		talloc_free(region);
	}
}

/* --- gone back --- */

struct rebuilt {
	struct snap *s;
	const struct row *rows[64];
	struct {
		enum kind kind;
		struct uuid id;
	} who[64];
	size_t count;
};

static int note_row(void *arg, enum kind kind, const struct uuid *id, const struct row *row, struct err *err)
{
	struct rebuilt *r = arg;

	assert_true(r->count < ARRAY_SIZE(r->rows));
	assert_int_not_equal(kind, KIND_USER);
	for (size_t i = 0; i < r->count; i++)
		assert_false(r->who[i].kind == kind && uuid_eq(&r->who[i].id, id));
	r->who[r->count].kind = kind;
	r->who[r->count].id = *id;
	r->rows[r->count++] = row ? row_take(row) : NULL;
	return 0;
}

static void go_back(struct bed *b, uint64_t at, struct rebuilt *ret)
{
	const struct snap *now = ledger_snap(b->ledger);
	struct err err = {0};

	*ret = (struct rebuilt){.s = snap_edit(now)};
	if (b->st->ops->past(b->st, at, note_row, ret, &err) < 0)
		fail_msg("%s", err.message);
	for (size_t i = 0; i < ret->count; i++) {
		const struct row *row = snap_get(ret->s, ret->who[i].kind, &ret->who[i].id);

		if (row)
			assert_int_equal(snap_apply(ret->s, 1000, row, NULL, &err), 0);
	}
	for (size_t i = 0; i < ret->count; i++) {
		if (ret->rows[i])
			assert_int_equal(snap_apply(ret->s, 1000, NULL, ret->rows[i], &err), 0);
		row_drop(ret->rows[i]);
	}
	snap_drop(now);
}

static void print_kind(const struct snap *s, enum kind kind, struct buf *out)
{
	const struct row *row;
	struct scan scan;

	for (row = scan_kind(&scan, s, kind, NULL); row; row = scan_next(&scan)) {
		char id[UUID_TEXT];

		buf_puts(out, uuid_print(&row->id, id));
		encode_event(row, out);
		buf_putc(out, '\n');
	}
}

static void expect_same(const struct snap *a, const struct snap *b)
{
	AUTO_BUF struct buf x = {0}, y = {0};

	print_kind(a, KIND_FLOATINGIP, &x);
	print_kind(a, KIND_NETWORK, &x);
	print_kind(b, KIND_FLOATINGIP, &y);
	print_kind(b, KIND_NETWORK, &y);
	assert_string_equal(buf_text(&x), buf_text(&y));
	for (unsigned i = 0; i < PROJECTS; i++)
		assert_int_equal(snap_usage(a, KIND_FLOATINGIP, project(i)),
				 snap_usage(b, KIND_FLOATINGIP, project(i)));
}

static void every_revision_is_as_it_was(void **state)
{
	struct bed *b = *state;

	make_past(b);
	for (uint64_t at = 0; at <= WRITES; at++) {
		struct rebuilt r;

		go_back(b, at, &r);
		expect_same(r.s, b->kept[at]);
		snap_drop(r.s);
	}
}

static void a_time_is_a_revision(void **state)
{
	struct bed *b = *state;
	struct store_horizon h;
	uint64_t revision;
	struct err err = {0};

	assert_int_equal(b->st->ops->horizon(b->st, &h, &err), 0);
	assert_int_equal(h.time_us, 0);
	assert_int_equal(b->st->ops->revision_at(b->st, clock_now_us(), &revision, &err), 0);
	assert_int_equal(revision, 0);
	make_past(b);
	for (int i = 1; i <= WRITES; i++) {
		assert_int_equal(b->st->ops->revision_at(b->st, b->times[i], &revision, &err), 0);
		assert_int_equal(revision, i);
	}
	assert_int_equal(b->st->ops->horizon(b->st, &h, &err), 0);
	assert_int_equal(h.revision, 0);
	assert_true(h.time_us > 0 && h.time_us <= b->times[1]);
	assert_int_equal(b->st->ops->revision_at(b->st, h.time_us - 1, &revision, &err), 0);
	assert_int_equal(revision, 0);
}

/* --- whose an address was --- */

struct told {
	struct bed *b;
	struct buf text;
};

static int note_event(void *arg, const struct store_event *e, struct err *err)
{
	struct told *t = arg;
	char id[UUID_TEXT];

	buf_printf(&t->text, "%d %s %d%d\n", (int)e->revision, uuid_print(&e->id, id) + 34, e->was != NULL,
		   e->is != NULL);
	return 0;
}

static bool differs(const struct floatingip *was, const struct floatingip *is)
{
	if (!was || !is)
		return was != is;
	return strcmp(was->project_id, is->project_id) != 0 || !uuid_eq(&was->port_id, &is->port_id);
}

static bool leads(const struct floatingip *f, const struct uuid *port)
{
	return f && uuid_eq(&f->port_id, port);
}

/* What the kept snapshots say; `port` NULL: by address. */
static void expect_log(struct bed *b, const char *key, const struct ip *ip, const struct uuid *port,
		       uint64_t after)
{
	struct told wanted = {.b = b}, have = {.b = b};
	struct err err = {0};

	for (uint64_t at = after + 1; at <= WRITES; at++)
		for (unsigned i = 0; i < 8; i++) {
			struct uuid id = numbered(1, i);
			const struct floatingip *was = snap_get(b->kept[at - 1], KIND_FLOATINGIP, &id);
			const struct floatingip *is = snap_get(b->kept[at], KIND_FLOATINGIP, &id);
			struct store_event e = {
				.revision = at, .id = id, .was = was ? "" : NULL, .is = is ? "" : NULL};

			if (!differs(was, is) ||
			    (port ? !leads(was, port) && !leads(is, port)
				  : ip_cmp(&(is ? is : was)->floating_ip_address, ip) != 0))
				continue;
			note_event(&wanted, &e, NULL);
		}
	if (b->st->ops->log(b->st,
			    &(struct store_question){.kind = KIND_FLOATINGIP,
						     .key = key,
						     .after = after,
						     .limit = 100000,
						     .oldest_first = true},
			    note_event, &have, &err) < 0)
		fail_msg("%s", err.message);
	/* Within one revision the order is nobody's business: sort by lines is what both do. */
	if (b->sqlite)
		assert_string_equal(buf_text(&have.text), buf_text(&wanted.text));
	else
		assert_int_equal(have.text.len, wanted.text.len);
	buf_done(&wanted.text);
	buf_done(&have.text);
}

static void expect_logs(struct bed *b, uint64_t after)
{
	char text[64];

	for (unsigned i = 0; i < 8; i += 2) {
		struct ip ip = address(i);

		expect_log(b, ip_print(&ip, text), &ip, NULL, after);
	}
	for (unsigned i = 0; i < PORTS; i++) {
		struct uuid port = numbered(2, i);

		expect_log(b, uuid_print(&port, text), NULL, &port, after);
	}
}

static void whose_it_was(void **state)
{
	struct bed *b = *state;

	make_past(b);
	expect_logs(b, 0);
}

/* --- forgetting --- */

static void what_is_forgotten(void **state)
{
	struct bed *b = *state;
	struct store_horizon h;
	struct err err = {0};
	struct rebuilt none = {0}, r;
	bool more = true;
	struct store *writer;

	make_past(b);
	writer = open_store(b, false);
	while (more)
		assert_int_equal(writer->ops->prune(writer, b->times[200], &more, &err), 0);
	store_free(writer);
	assert_int_equal(b->st->ops->horizon(b->st, &h, &err), 0);
	assert_int_equal(h.revision, 200);
	assert_true(h.time_us <= b->times[200]);
	assert_int_equal(b->st->ops->past(b->st, 199, note_row, &none, &err), -ESTALE);
	for (uint64_t at = 200; at <= WRITES; at++) {
		go_back(b, at, &r);
		expect_same(r.s, b->kept[at]);
		snap_drop(r.s);
	}
	expect_logs(b, 200);
	{
		uint64_t revision;

		assert_int_equal(b->st->ops->revision_at(b->st, b->times[200], &revision, &err), 0);
		assert_int_equal(revision, 200);
		assert_int_equal(b->st->ops->revision_at(b->st, b->times[250], &revision, &err), 0);
		assert_int_equal(revision, 250);
	}
}

static void the_ledger_forgets_by_itself(void **state)
{
	struct bed *b = *state;
	struct store_horizon h = {0};
	struct err err = {0};
	int64_t deadline_us = clock_mono_us() + 20000000;

	make_past(b);
	ledger_keep(b->ledger, 1);
	while (h.revision != WRITES && clock_mono_us() < deadline_us) {
		assert_int_equal(b->st->ops->horizon(b->st, &h, &err), 0);
		usleep(10000);
	}
	assert_int_equal(h.revision, WRITES);
	{
		struct rebuilt r;

		go_back(b, WRITES, &r);
		expect_same(r.s, b->kept[WRITES]);
		snap_drop(r.s);
	}
}

/* --- SQLite only --- */

static char *sql_text(const struct bed *b, const char *query)
{
	struct buf out = {0};
	sqlite3_stmt *st;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, query, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++)
			buf_printf(&out, "%s ", (const char *)sqlite3_column_text(st, i));
		buf_putc(&out, '\n');
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	buf_puts(&out, "");
	return buf_take(&out);
}

static void an_older_database_comes_to_the_same(void **state)
{
	static const char *const all = "SELECT * FROM tenures";
	struct bed *b = *state;
	AUTO_FREE char *before = NULL, *after = NULL;
	sqlite3 *db;

	make_past(b);
	before = sql_text(b, all);
	store_free(b->st);
	ledger_free(TAKE(b->ledger));
	assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "DROP TABLE tenures; DELETE FROM meta WHERE key LIKE 'forgotten%';"
				      "PRAGMA user_version = 2",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	store_free(open_store(b, false));
	after = sql_text(b, all);
	assert_true(strlen(before) > 1000);
	assert_string_equal(before, after);
	b->st = open_store(b, true);
}

/* Forgotten altogether: nothing of it stays behind in any table. */
static void nothing_is_left_over(void **state)
{
	struct bed *b = *state;
	AUTO_FREE char *counts = NULL;
	struct store *writer = open_store(b, false);
	struct err err = {0};
	bool more = true;

	make_past(b);
	while (more)
		assert_int_equal(writer->ops->prune(writer, INT64_MAX, &more, &err), 0);
	store_free(writer);
	counts = sql_text(b, "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM event_rows), "
			     "(SELECT count(*) FROM tenures)");
	assert_string_equal(counts, "0 0 0 \n");
}

#define BOTH(fn)                                                                                             \
	cmocka_unit_test_setup_teardown(fn, setup_memory, teardown),                                         \
		cmocka_unit_test_setup_teardown(fn, setup_sqlite, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(every_revision_is_as_it_was),
		BOTH(a_time_is_a_revision),
		BOTH(whose_it_was),
		BOTH(what_is_forgotten),
		BOTH(the_ledger_forgets_by_itself),
		cmocka_unit_test_setup_teardown(an_older_database_comes_to_the_same, setup_sqlite, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_left_over, setup_sqlite, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
