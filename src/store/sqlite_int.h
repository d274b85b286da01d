/* What the files of the embedded store share. Private to sqlite*.c. */
#pragma once
#include "store/encode.h"

#include <sqlite3.h>

enum statement {
	ST_BASE,
	ST_SET_REVISION,
	ST_PUT,
	ST_EVENT,
	ST_EVENT_ROW,
	ST_TENURE,
	ST_LOAD,
	ST_WATCH,
	ST_EVENTS,
	ST_BEGIN,
	ST_COMMIT,
	ST_ROLLBACK,
	/* sqlite_past.c */
	ST_LOG_ID,
	ST_LOG_ID_UP,
	ST_LOG_KEY,
	ST_LOG_KEY_UP,
	ST_LOG_ALL,
	ST_LOG_ALL_UP,
	ST_CHANGED,
	ST_CHANGES,
	ST_META,
	ST_NEAR,
	ST_FIRST,
	ST_LAST,
	ST_OLDEST,
	ST_NEXT_ADDRESS,
	ST_PRUNE_TENURES,
	ST_PRUNE_ROWS,
	ST_PRUNE_EVENTS,
	ST_SET_META,
	STATEMENTS
};

struct sqlite_store {
	struct store store;
	sqlite3 *db;
	sqlite3_stmt *st[STATEMENTS];
	struct wal *wal; /* NULL: read only */
};

extern const char *const sqlite_past_texts[STATEMENTS];

/* The database's error. */
int sqlite_fail(struct sqlite_store *s, struct err *err);
/* Runs a statement that gives nothing, and resets it. */
int sqlite_step(struct sqlite_store *s, enum statement which, struct err *err);
static inline void sqlite_bind_text(sqlite3_stmt *st, int at, const char *text)
{
	sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC);
}
static inline const char *sqlite_text(sqlite3_stmt *st, int at)
{
	return (const char *)sqlite3_column_text(st, at);
}

/* The first nine columns of a row of the log; borrowed until the next step. */
static inline struct store_event sqlite_event(sqlite3_stmt *st)
{
	return (struct store_event){.revision = (uint64_t)sqlite3_column_int64(st, 0),
				    .time_us = sqlite3_column_int64(st, 1),
				    .user_id = sqlite_text(st, 2),
				    .user_name = sqlite_text(st, 3),
				    .project_id = sqlite_text(st, 4),
				    .request_id = sqlite_text(st, 5),
				    .action = sqlite_text(st, 6),
				    .was = sqlite_text(st, 7),
				    .is = sqlite_text(st, 8)};
}

int sqlite_log(struct store *store, const struct store_question *q,
	       int (*fn)(void *arg, const struct store_event *event, struct err *err), void *arg,
	       struct err *err);
int sqlite_past(struct store *store, uint64_t at,
		int (*fn)(void *arg, enum kind kind, const struct uuid *id, const struct row *row,
			  struct err *err),
		void *arg, struct err *err);
int sqlite_horizon(struct store *store, struct store_horizon *ret, struct err *err);
int sqlite_revision_at(struct store *store, int64_t time_us, uint64_t *ret, struct err *err);
int sqlite_next_address(struct store *store, const char *after, char ret[STORE_KEY], struct err *err);
int sqlite_prune(struct store *store, int64_t before_us, bool *ret_more, struct err *err);
