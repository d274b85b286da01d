/* The past, as the embedded store remembers it: the event log asked, gone back through, and forgotten.
 * Beside sqlite.c, behind store.h. */
#include "store/sqlite_int.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EVENT_COLUMNS                                                                                        \
	"e.revision, e.time_us, e.user_id, e.user_name, e.project_id, e.request_id, e.action, "              \
	"json_extract(c.value, '$.old'), json_extract(c.value, '$.new'), json_extract(c.value, '$.id') "
/* ?1 the word, ?2 after, ?3 before, ?4 how many, ?5 the kind, ?6 whose, with a word */
#define LOG_ID(order)                                                                                        \
	"SELECT " EVENT_COLUMNS "FROM event_rows r JOIN events e ON e.revision = r.revision, "               \
	"json_each(e.changes) c WHERE r.id = ?1 AND r.revision > ?2 AND r.revision < ?3 "                    \
	"AND json_extract(c.value, '$.id') = ?1 AND json_extract(c.value, '$.kind') = ?5 "                   \
	"ORDER BY r.revision " order " LIMIT ?4"
#define LOG_KEY(order)                                                                                       \
	"SELECT " EVENT_COLUMNS "FROM tenures t JOIN events e ON e.revision = t.revision, "                  \
	"json_each(e.changes) c WHERE t.key = ?1 AND t.revision > ?2 AND t.revision < ?3 "                   \
	"AND (?6 IS NULL OR t.id = ?6) "                                                                     \
	"AND json_extract(c.value, '$.id') = t.id AND json_extract(c.value, '$.kind') = ?5 "                 \
	"ORDER BY t.revision " order ", t.id LIMIT ?4"
#define LOG_ALL(order)                                                                                       \
	"SELECT " EVENT_COLUMNS "FROM events e, json_each(e.changes) c WHERE e.revision > ?2 AND "           \
	"e.revision < ?3 AND ?1 IS NULL AND json_extract(c.value, '$.kind') = ?5 "                           \
	"ORDER BY e.revision " order " LIMIT ?4"
/* Events that go at once: few enough that no writer waits long, and one at the least. */
#define PRUNE_EVENTS 100
#define PRUNE_BYTES  (1 << 20)

const char *const sqlite_past_texts[STATEMENTS] = {
	[ST_LOG_ID] = LOG_ID("DESC"),
	[ST_LOG_ID_UP] = LOG_ID("ASC"),
	[ST_LOG_KEY] = LOG_KEY("DESC"),
	[ST_LOG_KEY_UP] = LOG_KEY("ASC"),
	[ST_LOG_ALL] = LOG_ALL("DESC"),
	[ST_LOG_ALL_UP] = LOG_ALL("ASC"),
	/* The first event of each row that has changed since says what it was. */
	[ST_CHANGED] = "SELECT r.kind, r.id, (SELECT min(x.revision) FROM event_rows x WHERE x.id = r.id AND "
		       "x.revision > ?1) AS first FROM rows r WHERE r.revision > ?1 ORDER BY first",
	[ST_CHANGES] = "SELECT changes FROM events WHERE revision = ?1",
	[ST_META] = "SELECT value FROM meta WHERE key = ?1",
	[ST_NEAR] = "SELECT revision, time_us FROM events WHERE revision >= ?1 ORDER BY revision LIMIT 1",
	[ST_FIRST] = "SELECT min(revision) FROM events",
	[ST_LAST] = "SELECT max(revision) FROM events",
	[ST_OLDEST] = "SELECT revision, time_us, length(changes) FROM events ORDER BY revision LIMIT ?1",
	/* The other words are ids. */
	[ST_NEXT_ADDRESS] =
		"SELECT key FROM tenures WHERE key > ?1 AND key NOT LIKE '%-%' ORDER BY key LIMIT 1",
	[ST_PRUNE_TENURES] =
		"DELETE FROM tenures WHERE revision <= ?1 AND key IN (SELECT w.value FROM events e, "
		"json_each(e.changes) c, json_each(json_array("
		"json_extract(c.value, '$.new.floating_ip_address'), json_extract(c.value, "
		"'$.old.floating_ip_address'), json_extract(c.value, '$.new.port_id'), "
		"json_extract(c.value, '$.old.port_id'))) w WHERE e.revision <= ?1 AND w.value IS NOT NULL "
		"AND "
		"json_extract(c.value, '$.kind') = 'floatingip')",
	[ST_PRUNE_ROWS] =
		"DELETE FROM event_rows WHERE revision <= ?1 AND id IN (SELECT json_extract(c.value, "
		"'$.id') FROM events e, json_each(e.changes) c WHERE e.revision <= ?1)",
	[ST_PRUNE_EVENTS] = "DELETE FROM events WHERE revision <= ?1",
	[ST_SET_META] = "UPDATE meta SET value = ?2 WHERE key = ?1",
};

/* --- the log --- */

static enum statement statement_of(const struct store_question *q)
{
	if (q->id && !q->key)
		return q->oldest_first ? ST_LOG_ID_UP : ST_LOG_ID;
	if (q->key)
		return q->oldest_first ? ST_LOG_KEY_UP : ST_LOG_KEY;
	return q->oldest_first ? ST_LOG_ALL_UP : ST_LOG_ALL;
}

static int give_event(sqlite3_stmt *st,
		      int (*fn)(void *arg, const struct store_event *event, struct err *err), void *arg,
		      struct err *err)
{
	struct store_event e = sqlite_event(st);

	if (!sqlite_text(st, 9) || uuid_parse(sqlite_text(st, 9), &e.id) < 0)
		return err_set(err, -EBADMSG, "database: an event tells of no id");
	return fn(arg, &e, err);
}

static int64_t bound(uint64_t revision)
{
	return revision && revision < INT64_MAX ? (int64_t)revision : INT64_MAX;
}

int sqlite_log(struct store *store, const struct store_question *q,
	       int (*fn)(void *arg, const struct store_event *event, struct err *err), void *arg,
	       struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	sqlite3_stmt *st = s->st[statement_of(q)];
	char id[UUID_TEXT];
	int code, r = 0;

	if (q->id)
		uuid_print(q->id, id);
	sqlite_bind_text(st, 1, q->key ? q->key : q->id ? id : NULL);
	sqlite3_bind_int64(st, 2, (int64_t)MIN(q->after, (uint64_t)INT64_MAX));
	sqlite3_bind_int64(st, 3, bound(q->before));
	sqlite3_bind_int64(st, 4, (int64_t)MIN(q->limit, (size_t)INT32_MAX));
	sqlite_bind_text(st, 5, shape_of(q->kind)->name);
	if (q->key)
		sqlite_bind_text(st, 6, q->id ? id : NULL);
	while (r == 0 && (code = sqlite3_step(st)) != SQLITE_DONE)
		r = code != SQLITE_ROW ? sqlite_fail(s, err) : give_event(st, fn, arg, err);
	sqlite3_reset(st);
	return r;
}

int sqlite_next_address(struct store *store, const char *after, char ret[STORE_KEY], struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	sqlite3_stmt *st = s->st[ST_NEXT_ADDRESS];
	int code, r;

	sqlite_bind_text(st, 1, after);
	code = sqlite3_step(st);
	r = code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : sqlite_fail(s, err);
	if (r == 1)
		snprintf(ret, STORE_KEY, "%s", sqlite_text(st, 0));
	sqlite3_reset(st);
	return r;
}

/* --- how far back --- */

static int read_meta(struct sqlite_store *s, const char *key, int64_t *ret, struct err *err)
{
	sqlite3_stmt *st = s->st[ST_META];
	int code, r = 0;

	sqlite_bind_text(st, 1, key);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*ret = sqlite3_column_int64(st, 0);
	else
		r = code == SQLITE_DONE ? 0 : sqlite_fail(s, err);
	sqlite3_reset(st);
	return r;
}

/* The first event at or behind a revision; *ret_revision 0: there is none. */
static int read_near(struct sqlite_store *s, uint64_t from, uint64_t *ret_revision, int64_t *ret_us,
		     struct err *err)
{
	sqlite3_stmt *st = s->st[ST_NEAR];
	int code, r = 0;

	*ret_revision = 0;
	sqlite3_bind_int64(st, 1, (int64_t)MIN(from, (uint64_t)INT64_MAX));
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		*ret_revision = (uint64_t)sqlite3_column_int64(st, 0);
		*ret_us = sqlite3_column_int64(st, 1);
	} else if (code != SQLITE_DONE) {
		r = sqlite_fail(s, err);
	}
	sqlite3_reset(st);
	return r;
}

int sqlite_horizon(struct store *store, struct store_horizon *ret, struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	int64_t revision = 0, time_us = 0;
	uint64_t first;
	int r = read_meta(s, "forgotten", &revision, err);

	if (r == 0)
		r = read_meta(s, "forgotten_us", &time_us, err);
	/* Nothing is forgotten: before the first event there was nothing. */
	if (r == 0 && !revision)
		r = read_near(s, 0, &first, &time_us, err);
	if (r == 0)
		*ret = (struct store_horizon){(uint64_t)revision, time_us};
	return r;
}

static int read_edge(struct sqlite_store *s, enum statement which, uint64_t *ret, struct err *err)
{
	sqlite3_stmt *st = s->st[which];
	int r = 0;

	if (sqlite3_step(st) == SQLITE_ROW)
		*ret = (uint64_t)sqlite3_column_int64(st, 0);
	else
		r = sqlite_fail(s, err);
	sqlite3_reset(st);
	return r;
}

/* Revisions come in the order of time, so that no index of times is needed: a search among them. */
int sqlite_revision_at(struct store *store, int64_t time_us, uint64_t *ret, struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	uint64_t first = 0, last = 0, low, high;
	int64_t forgotten = 0;
	int r = read_edge(s, ST_FIRST, &first, err);

	if (r == 0)
		r = read_edge(s, ST_LAST, &last, err);
	if (r == 0)
		r = read_meta(s, "forgotten", &forgotten, err);
	/* The answer is before `high` always, and `low` or behind it. */
	for (low = (uint64_t)forgotten, high = last + 1; r == 0 && first && low + 1 < high;) {
		uint64_t middle = low + (high - low) / 2, at;
		int64_t at_us;

		r = read_near(s, middle, &at, &at_us, err);
		if (r == 0 && at && at < high && at_us <= time_us)
			low = at;
		else
			high = middle;
	}
	if (r == 0)
		*ret = low;
	return r;
}

/* --- everything as it was --- */

/* A row that has changed since, and the event that says what it was before that. */
struct changed {
	enum kind kind;
	struct uuid id;
	uint64_t first;
	bool told;
};

struct changed_list {
	struct changed *items;
	size_t count, cap;
};

static int note_changed(struct changed_list *l, sqlite3_stmt *st, struct err *err)
{
	const char *name = sqlite_text(st, 0), *id = sqlite_text(st, 1);
	const struct shape *shape = name ? shape_by_name(name) : NULL;
	struct changed c = {.first = (uint64_t)sqlite3_column_int64(st, 2)};

	if (!shape || !store_has_past(shape->kind))
		return 0;
	c.kind = shape->kind;
	if (!id || uuid_parse(id, &c.id) < 0)
		return err_set(err, -EBADMSG, "database: a %s has the id '%s'", name, id ? id : "");
	if (l->count == l->cap) {
		l->cap = MAX(l->cap * 2, (size_t)64);
		l->items = xrealloc(l->items, l->cap * sizeof(*l->items));
	}
	l->items[l->count++] = c;
	return 0;
}

static int cmp_changed(const void *a, const void *b)
{
	const struct changed *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->kind != y->kind ? (int)x->kind - (int)y->kind : uuid_cmp(&x->id, &y->id);
}

static int list_changed(struct sqlite_store *s, uint64_t at, struct changed_list *l, struct err *err)
{
	sqlite3_stmt *st = s->st[ST_CHANGED];
	int code, r = 0;

	sqlite3_bind_int64(st, 1, (int64_t)MIN(at, (uint64_t)INT64_MAX));
	while (r == 0 && (code = sqlite3_step(st)) != SQLITE_DONE)
		r = code != SQLITE_ROW ? sqlite_fail(s, err) : note_changed(l, st, err);
	sqlite3_reset(st);
	if (r == 0 && l->count > 1)
		qsort(l->items, l->count, sizeof(*l->items), cmp_changed);
	return r;
}

typedef int (*row_fn)(void *arg, enum kind kind, const struct uuid *id, const struct row *row,
		      struct err *err);

static int tell(const struct changed *c, const json_t *old, row_fn fn, void *arg, struct err *err)
{
	const struct row *row;
	int r = store_decode_past(shape_of(c->kind), &c->id, old, &row, err);

	if (r == 0)
		r = fn(arg, c->kind, &c->id, row, err);
	row_drop(row);
	return r;
}

/* Tells of those rows of the group, all of one event, that the event tells of. */
static int tell_group(struct changed *group, size_t count, const json_t *changes, row_fn fn, void *arg,
		      struct err *err)
{
	const json_t *one;
	size_t i;
	int r = 0;

	json_array_foreach(changes, i, one)
	{
		const char *name = json_string_value(json_object_get(one, "kind"));
		const char *id = json_string_value(json_object_get(one, "id"));
		const struct shape *shape = name ? shape_by_name(name) : NULL;
		struct changed probe = {.kind = shape ? shape->kind : KIND_NONE, .first = group->first}, *c;

		if (!shape || !id || uuid_parse(id, &probe.id) < 0)
			continue;
		c = bsearch(&probe, group, count, sizeof(*group), cmp_changed);
		if (!c || c->told)
			continue;
		c->told = true;
		if ((r = tell(c, json_object_get(one, "old"), fn, arg, err)) < 0)
			return r;
	}
	return r;
}

static int read_group(struct sqlite_store *s, struct changed *group, size_t count, row_fn fn, void *arg,
		      struct err *err)
{
	sqlite3_stmt *st = s->st[ST_CHANGES];
	json_t *changes = NULL;
	int r = 0;

	sqlite3_bind_int64(st, 1, (int64_t)group->first);
	if (sqlite3_step(st) == SQLITE_ROW)
		changes = json_loadb(sqlite_text(st, 0), (size_t)sqlite3_column_bytes(st, 0), 0, NULL);
	sqlite3_reset(st);
	if (!json_is_array(changes))
		r = err_set(err, -EBADMSG, "database: event %" PRIu64 " can not be read", group->first);
	else
		r = tell_group(group, count, changes, fn, arg, err);
	json_decref(changes);
	return r;
}

struct first_event {
	struct changed *c;
	row_fn fn;
	void *arg;
};

static int tell_first(void *arg, const struct store_event *e, struct err *err)
{
	struct first_event *f = arg;
	json_t *old = e->was ? json_loads(e->was, 0, NULL) : NULL;
	int r = tell(f->c, old, f->fn, f->arg, err);

	json_decref(old);
	return r;
}

/* Two kinds may share an id (a project and its quota): the first event was the other one's. */
static int read_alone(struct sqlite_store *s, uint64_t at, struct changed *c, row_fn fn, void *arg,
		      struct err *err)
{
	struct first_event f = {c, fn, arg};

	return sqlite_log(
		&s->store,
		&(struct store_question){
			.kind = c->kind, .id = &c->id, .after = at, .limit = 1, .oldest_first = true},
		tell_first, &f, err);
}

static int read_past(struct sqlite_store *s, uint64_t at, row_fn fn, void *arg, struct err *err)
{
	struct changed_list l = {0};
	int r = list_changed(s, at, &l, err);

	for (size_t i = 0, end; i < l.count && r == 0; i = end) {
		for (end = i + 1; end < l.count && l.items[end].first == l.items[i].first; end++)
			;
		r = read_group(s, &l.items[i], end - i, fn, arg, err);
		for (size_t k = i; k < end && r == 0; k++)
			if (!l.items[k].told)
				r = read_alone(s, at, &l.items[k], fn, arg, err);
	}
	free(l.items);
	return r;
}

int sqlite_past(struct store *store, uint64_t at, row_fn fn, void *arg, struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	int64_t forgotten = 0;
	int r;

	if (sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fail(s, err);
	r = read_meta(s, "forgotten", &forgotten, err);
	if (r == 0 && at < (uint64_t)forgotten)
		r = err_set(err, -ESTALE, "what was before revision %" PRId64 " is forgotten", forgotten);
	if (r == 0)
		r = read_past(s, at, fn, arg, err);
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

/* --- forgetting --- */

/* The newest of the events that go now; *ret 0: none. */
static int choose_old(struct sqlite_store *s, int64_t before_us, uint64_t *ret, int64_t *ret_us,
		      bool *ret_more, struct err *err)
{
	sqlite3_stmt *st = s->st[ST_OLDEST];
	int64_t bytes = 0;
	size_t n = 0;
	int code, r = 0;

	*ret = 0;
	*ret_more = false;
	sqlite3_bind_int64(st, 1, PRUNE_EVENTS + 1);
	while (r == 0 && (code = sqlite3_step(st)) != SQLITE_DONE) {
		if (code != SQLITE_ROW) {
			r = sqlite_fail(s, err);
			break;
		}
		if (sqlite3_column_int64(st, 1) >= before_us)
			break;
		bytes += sqlite3_column_int64(st, 2);
		if (n == PRUNE_EVENTS || (n && bytes > PRUNE_BYTES)) {
			*ret_more = true;
			break;
		}
		n++;
		*ret = (uint64_t)sqlite3_column_int64(st, 0);
		*ret_us = sqlite3_column_int64(st, 1);
	}
	sqlite3_reset(st);
	return r;
}

static int forget(struct sqlite_store *s, uint64_t upto, int64_t time_us, struct err *err)
{
	static const enum statement order[] = {ST_PRUNE_TENURES, ST_PRUNE_ROWS, ST_PRUNE_EVENTS};
	const struct {
		const char *key;
		int64_t value;
	} metas[] = {{"forgotten", (int64_t)upto}, {"forgotten_us", time_us}};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(order) && r == 0; i++) {
		sqlite3_bind_int64(s->st[order[i]], 1, (int64_t)upto);
		r = sqlite_step(s, order[i], err);
	}
	for (size_t i = 0; i < ARRAY_SIZE(metas) && r == 0; i++) {
		sqlite_bind_text(s->st[ST_SET_META], 1, metas[i].key);
		sqlite3_bind_int64(s->st[ST_SET_META], 2, metas[i].value);
		r = sqlite_step(s, ST_SET_META, err);
	}
	return r;
}

int sqlite_prune(struct store *store, int64_t before_us, bool *ret_more, struct err *err)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	uint64_t upto;
	int64_t time_us;
	int r = choose_old(s, before_us, &upto, &time_us, ret_more, err);

	if (r < 0 || !upto)
		return r;
	r = sqlite_step(s, ST_BEGIN, err);
	if (r < 0)
		return r;
	r = forget(s, upto, time_us, err);
	if (r == 0)
		r = sqlite_step(s, ST_COMMIT, err);
	if (r < 0 && !sqlite3_get_autocommit(s->db))
		sqlite_step(s, ST_ROLLBACK, NULL);
	return r;
}
