/* The embedded store: one SQLite database in WAL mode, synchronous=FULL, one transaction a commit.
 * Behind store.h. Rows are JSON text, so that sqlite3(1) can read them. */
#include "store/sqlite_int.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_wal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

static const char *const texts[STATEMENTS] = {
	[ST_BASE] = "SELECT value FROM meta WHERE key = 'revision'",
	[ST_SET_REVISION] = "UPDATE meta SET value = ?1 WHERE key = 'revision'",
	[ST_PUT] = "INSERT INTO rows (kind, id, revision, data) VALUES (?1, ?2, ?3, ?4) "
		   "ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, data = excluded.data",
	[ST_EVENT] = "INSERT INTO events (revision, time_us, user_id, user_name, project_id, request_id, "
		     "action, changes) "
		     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[ST_EVENT_ROW] = "INSERT OR IGNORE INTO event_rows (id, revision) VALUES (?1, ?2)",
	[ST_TENURE] = "INSERT OR IGNORE INTO tenures (key, revision, id) VALUES (?1, ?2, ?3)",
	/* The primary key begins with the kind. */
	[ST_LOAD] = "SELECT kind, id, revision, data FROM rows "
		    "WHERE kind IN (SELECT value FROM json_each(?1)) AND data IS NOT NULL",
	/* The plus keeps to the revisions' index: what has changed is little, of a kind there are many. */
	[ST_WATCH] = "SELECT kind, id, revision, data FROM rows "
		     "WHERE revision > ?2 AND +kind IN (SELECT value FROM json_each(?1)) ORDER BY revision",
	[ST_EVENTS] = "SELECT e.revision, e.time_us, e.user_id, e.user_name, e.project_id, e.request_id, "
		      "e.action, json_extract(c.value, '$.old'), json_extract(c.value, '$.new') "
		      "FROM event_rows r JOIN events e ON e.revision = r.revision, json_each(e.changes) c "
		      "WHERE r.id = ?1 AND r.revision < ?2 AND json_extract(c.value, '$.id') = ?1 "
		      "AND json_extract(c.value, '$.kind') = ?4 "
		      "ORDER BY r.revision DESC LIMIT ?3",
	[ST_BEGIN] = "BEGIN IMMEDIATE",
	[ST_COMMIT] = "COMMIT",
	[ST_ROLLBACK] = "ROLLBACK",
};

int sqlite_fail(struct sqlite_store *s, struct err *err)
{
	int code = sqlite3_extended_errcode(s->db);

	return err_set(err, code == SQLITE_FULL ? -ENOSPC : -EIO, "database: %s", sqlite3_errmsg(s->db));
}

int sqlite_step(struct sqlite_store *s, enum statement which, struct err *err)
{
	int code = sqlite3_step(s->st[which]), r = 0;

	if (code != SQLITE_DONE && code != SQLITE_ROW)
		r = sqlite_fail(s, err);
	sqlite3_reset(s->st[which]);
	return r;
}

static int read_revision(struct sqlite_store *s, uint64_t *ret, struct err *err)
{
	sqlite3_stmt *st = s->st[ST_BASE];
	int r = 0;

	if (sqlite3_step(st) == SQLITE_ROW)
		*ret = (uint64_t)sqlite3_column_int64(st, 0);
	else
		r = sqlite_fail(s, err);
	sqlite3_reset(st);
	return r;
}

static int put_row(struct sqlite_store *s, uint64_t revision, const struct row_change *c, struct err *err)
{
	sqlite3_stmt *st = s->st[ST_PUT];
	AUTO_BUF struct buf data = {0};
	char id[UUID_TEXT];

	if (c->row)
		encode_stored(c->row, &data);
	sqlite_bind_text(st, 1, shape_of(c->kind)->name);
	sqlite_bind_text(st, 2, uuid_print(&c->id, id));
	sqlite3_bind_int64(st, 3, (int64_t)revision);
	sqlite_bind_text(st, 4, c->row ? data.data : NULL);
	return sqlite_step(s, ST_PUT, err);
}

/* Whose the address is from here on. */
static int put_tenure(struct sqlite_store *s, uint64_t revision, const struct row_change *c, struct err *err)
{
	char keys[3][STORE_KEY], id[UUID_TEXT];
	sqlite3_stmt *st = s->st[ST_TENURE];
	size_t n;
	int r = 0;

	if (!store_begins_tenure(c))
		return 0;
	n = store_tenure_keys(c, keys);
	for (size_t i = 0; i < n && r == 0; i++) {
		sqlite_bind_text(st, 1, keys[i]);
		sqlite3_bind_int64(st, 2, (int64_t)revision);
		sqlite_bind_text(st, 3, uuid_print(&c->id, id));
		r = sqlite_step(s, ST_TENURE, err);
	}
	return r;
}

static int put_event(struct sqlite_store *s, const struct store_change *c, struct err *err)
{
	AUTO_BUF struct buf changes = {0};
	sqlite3_stmt *st = s->st[ST_EVENT];
	int r;

	store_print_changes(c, &changes);
	sqlite3_bind_int64(st, 1, (int64_t)c->revision);
	sqlite3_bind_int64(st, 2, c->time_us);
	sqlite_bind_text(st, 3, c->actor.user_id);
	sqlite_bind_text(st, 4, c->actor.user_name);
	sqlite_bind_text(st, 5, c->actor.project_id);
	sqlite_bind_text(st, 6, c->actor.request_id);
	sqlite_bind_text(st, 7, c->action);
	sqlite_bind_text(st, 8, changes.data);
	r = sqlite_step(s, ST_EVENT, err);
	for (size_t i = 0; i < c->change_count && r == 0; i++) {
		char id[UUID_TEXT];

		if (store_is_quiet(c->changes[i].kind))
			continue;
		sqlite_bind_text(s->st[ST_EVENT_ROW], 1, uuid_print(&c->changes[i].id, id));
		sqlite3_bind_int64(s->st[ST_EVENT_ROW], 2, (int64_t)c->revision);
		r = sqlite_step(s, ST_EVENT_ROW, err);
		if (r == 0)
			r = put_tenure(s, c->revision, &c->changes[i], err);
	}
	return r;
}

static int put_change(struct sqlite_store *s, const struct store_change *c, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < c->change_count && r == 0; i++)
		r = put_row(s, c->revision, &c->changes[i], err);
	return r ? r : put_event(s, c, err);
}

static int put_all(struct sqlite_store *s, uint64_t base, const struct store_change *list, size_t count,
		   struct err *err)
{
	uint64_t at = 0;
	int r = read_revision(s, &at, err);

	if (r == 0 && at != base)
		r = err_set(err, -ESTALE,
			    "the database is at revision %" PRIu64 ", not %" PRIu64 ": somebody else wrote",
			    at, base);
	for (size_t i = 0; i < count && r == 0; i++)
		r = put_change(s, &list[i], err);
	if (r == 0) {
		sqlite3_bind_int64(s->st[ST_SET_REVISION], 1, (int64_t)list[count - 1].revision);
		r = sqlite_step(s, ST_SET_REVISION, err);
	}
	return r;
}

static int sqlite_commit(struct store *store, uint64_t base, const struct store_change *list, size_t count,
			 struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	int r;

	if (!count)
		return 0;
	r = sqlite_step(s, ST_BEGIN, err);
	if (r < 0)
		return r;
	r = put_all(s, base, list, count, err);
	if (r == 0)
		r = sqlite_step(s, ST_COMMIT, err);
	if (r < 0 && !sqlite3_get_autocommit(s->db))
		sqlite_step(s, ST_ROLLBACK, NULL);
	if (r == 0)
		wal_committed(s->wal);
	return r;
}

/* One result row of ST_LOAD or ST_WATCH. Kinds that this version does not know are passed over. */
static int read_row(sqlite3_stmt *st, enum kind *ret_kind, struct uuid *ret_id, const struct row **ret,
		    struct err *err)
{
	const char *kind = (const char *)sqlite3_column_text(st, 0),
		   *id = (const char *)sqlite3_column_text(st, 1);
	const char *data = (const char *)sqlite3_column_text(st, 3);
	const struct shape *shape = kind ? shape_by_name(kind) : NULL;

	*ret = NULL;
	*ret_kind = KIND_NONE;
	if (!shape)
		return 0;
	if (!id || uuid_parse(id, ret_id) < 0)
		return err_set(err, -EBADMSG, "database: a %s has the id '%s'", kind, id ? id : "");
	*ret_kind = shape->kind;
	if (!data)
		return 0;
	return store_decode_row(shape, ret_id, (uint64_t)sqlite3_column_int64(st, 2), data,
				(size_t)sqlite3_column_bytes(st, 3), ret, err);
}

typedef int (*row_fn)(void *arg, enum kind kind, const struct uuid *id, const struct row *row,
		      struct err *err);

static int each_row(struct sqlite_store *s, enum statement which, row_fn fn, void *arg, struct err *err)
{
	int code, r = 0;

	while (r == 0 && (code = sqlite3_step(s->st[which])) != SQLITE_DONE) {
		const struct row *row;
		struct uuid id;
		enum kind kind;

		if (code != SQLITE_ROW) {
			r = sqlite_fail(s, err);
			break;
		}
		r = read_row(s->st[which], &kind, &id, &row, err);
		if (r == 0 && kind != KIND_NONE)
			r = fn(arg, kind, &id, row, err);
		row_drop(row);
	}
	sqlite3_reset(s->st[which]);
	return r;
}

static int load_one(void *arg, enum kind kind, const struct uuid *id, const struct row *row, struct err *err)
{
	return snap_apply(arg, 1, NULL, row, err);
}

/* A JSON list of their names. */
static void print_kinds(uint64_t kinds, struct buf *b)
{
	const char *comma = "";

	buf_puts(b, "[");
	for (enum kind k = KIND_NONE + 1; k < KINDS; k++) {
		if (!(kinds & KIND_BIT(k)))
			continue;
		buf_printf(b, "%s\"%s\"", comma, shape_of(k)->name);
		comma = ",";
	}
	buf_puts(b, "]");
}

/* Reading inside one transaction, so that rows and revision belong together. */
static int read_all(struct sqlite_store *s, enum statement which, uint64_t kinds, row_fn fn, void *arg,
		    uint64_t *ret_revision, struct err *err)
{
	AUTO_BUF struct buf names = {0};
	uint64_t revision = 0;
	int r;

	print_kinds(kinds, &names);
	sqlite_bind_text(s->st[which], 1, names.data);
	if (sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fail(s, err);
	r = read_revision(s, &revision, err);
	if (r == 0)
		r = each_row(s, which, fn, arg, err);
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	if (r == 0)
		*ret_revision = revision;
	return r;
}

static int sqlite_load(struct store *store, uint64_t kinds, struct snap *snap, struct err *err)
{
	return read_all((struct sqlite_store *)store, ST_LOAD, kinds, load_one, snap, &snap->revision, err);
}

static int sqlite_watch(struct store *store, uint64_t kinds, uint64_t from, row_fn fn, void *arg,
			uint64_t *ret_revision, struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	sqlite3_bind_int64(s->st[ST_WATCH], 2, (int64_t)from);
	return read_all(s, ST_WATCH, kinds, fn, arg, ret_revision, err);
}

static int sqlite_events(struct store *store, enum kind kind, const struct uuid *id, uint64_t before,
			 size_t limit, int (*fn)(void *arg, const struct store_event *event, struct err *err),
			 void *arg, struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	sqlite3_stmt *st = s->st[ST_EVENTS];
	char text[UUID_TEXT];
	int code, r = 0;

	sqlite_bind_text(st, 1, uuid_print(id, text));
	sqlite3_bind_int64(st, 2, before && before < INT64_MAX ? (int64_t)before : INT64_MAX);
	sqlite3_bind_int64(st, 3, (int64_t)MIN(limit, (size_t)INT32_MAX));
	sqlite_bind_text(st, 4, shape_of(kind)->name);
	while (r == 0 && (code = sqlite3_step(st)) != SQLITE_DONE) {
		struct store_event e;

		if (code != SQLITE_ROW) {
			r = sqlite_fail(s, err);
			break;
		}
		e = sqlite_event(st);
		e.id = *id;
		r = fn(arg, &e, err);
	}
	sqlite3_reset(st);
	return r;
}

static void sqlite_free(struct store *store)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	wal_free(s->wal);
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->st[i]);
	sqlite3_close(s->db);
	free(s);
}

static const struct store_ops sqlite_ops = {
	.load = sqlite_load,
	.commit = sqlite_commit,
	.watch = sqlite_watch,
	.events = sqlite_events,
	.log = sqlite_log,
	.past = sqlite_past,
	.horizon = sqlite_horizon,
	.revision_at = sqlite_revision_at,
	.next_address = sqlite_next_address,
	.prune = sqlite_prune,
	.free = sqlite_free,
};

static int prepare_all(struct sqlite_store *s, struct err *err)
{
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(s->db, texts[i] ? texts[i] : sqlite_past_texts[i], -1,
				       SQLITE_PREPARE_PERSISTENT, &s->st[i], NULL) != SQLITE_OK)
			return sqlite_fail(s, err);
	return 0;
}

/* SQLite syncs the folder when it first syncs a new log, but by then we may be a user who can not open the
 * folder, and SQLite goes on without. The log is there since the first read, so its name is made durable
 * here. */
static int sync_folder(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *folder = slash ? strndup(path, (size_t)MAX(slash - path, 1)) : strdup(".");
	AUTO_CLOSE int fd = open(folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_set(err, -errno, "database %s: cannot sync its folder: %m", path);
	return 0;
}

int store_sqlite_open(const char *path, bool read_only, struct store **ret, struct err *err)
{
	struct sqlite_store *s = xalloc(sizeof(*s));
	int how = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, r = 0;

	s->store.ops = &sqlite_ops;
	if (sqlite3_open_v2(path, &s->db, how | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		r = err_set(err, -EIO, "database %s: %s", path, sqlite3_errmsg(s->db));
	if (r == 0 && (r = sqlite_schema_open(s->db, read_only, err)) < 0)
		err_prefix(err, "database %s", path);
	if (r == 0)
		r = prepare_all(s, err);
	if (r == 0 && !read_only && (r = sync_folder(path, err)) == 0)
		r = wal_new(s->db, path, &s->wal, err);
	if (r < 0) {
		sqlite_free(&s->store);
		return r;
	}
	*ret = &s->store;
	return 0;
}
