/* The SQL schema: one step of SQL for each version, applied in order.
 * Part of the embedded store. */
#include "store/sqlite_schema.h"
#include "store/store.h"

#include <errno.h>
#include <sqlite3.h>

/* steps[n] leads from version n to n + 1. A step, once released, never changes. */
static const char *const steps[STORE_SCHEMA_VERSION] = {
	/* rows: the present, and tombstones (data NULL); events: what happened */
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	"INSERT INTO meta VALUES ('revision', 0);"
	"CREATE TABLE rows (kind TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, data TEXT,"
	"  PRIMARY KEY (kind, id)) WITHOUT ROWID;"
	"CREATE INDEX rows_revision ON rows (revision);"
	"CREATE TABLE events (revision INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, user_id TEXT, "
	"user_name TEXT,"
	"  project_id TEXT, request_id TEXT, action TEXT, changes TEXT NOT NULL);",
	/* which events tell of a row */
	"CREATE TABLE event_rows (id TEXT NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (id, revision)) "
	"WITHOUT ROWID;"
	"INSERT OR IGNORE INTO event_rows SELECT json_extract(c.value, '$.id'), e.revision"
	"  FROM events e, json_each(e.changes) c;",
	/* whose an address was: changes of floating IPs by address and by port; what is forgotten */
	"CREATE TABLE tenures (key TEXT NOT NULL, revision INTEGER NOT NULL, id TEXT NOT NULL,"
	"  PRIMARY KEY (key, revision, id)) WITHOUT ROWID;"
	"INSERT INTO meta VALUES ('forgotten', 0), ('forgotten_us', 0);"
	"CREATE TEMP TABLE boundaries AS"
	"  SELECT e.revision AS revision, json_extract(c.value, '$.id') AS id,"
	"    json_extract(c.value, '$.old.floating_ip_address') AS was,"
	"    json_extract(c.value, '$.new.floating_ip_address') AS is_,"
	"    json_extract(c.value, '$.old.port_id') AS port_was,"
	"    json_extract(c.value, '$.new.port_id') AS port_is"
	"  FROM events e, json_each(e.changes) c WHERE json_extract(c.value, '$.kind') = 'floatingip' AND ("
	"    json_extract(c.value, '$.old') IS NULL OR json_extract(c.value, '$.new') IS NULL"
	"    OR json_extract(c.value, '$.old.project_id') IS NOT json_extract(c.value, '$.new.project_id')"
	"    OR json_extract(c.value, '$.old.port_id') IS NOT json_extract(c.value, '$.new.port_id')"
	"    OR json_extract(c.value, '$.old.fixed_ip_address') IS NOT"
	"       json_extract(c.value, '$.new.fixed_ip_address'));"
	"INSERT OR IGNORE INTO tenures SELECT coalesce(is_, was), revision, id FROM boundaries;"
	"INSERT OR IGNORE INTO tenures SELECT port_was, revision, id FROM boundaries WHERE port_was IS NOT "
	"NULL;"
	"INSERT OR IGNORE INTO tenures SELECT port_is, revision, id FROM boundaries WHERE port_is IS NOT "
	"NULL;"
	"DROP TABLE boundaries;",
};

static int run(sqlite3 *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return err_set(err, -EIO, "%s", sqlite3_errmsg(db));
	return 0;
}

static int read_version(sqlite3 *db, int *ret, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		*ret = sqlite3_column_int(st, 0);
	else
		r = err_set(err, -EIO, "%s", sqlite3_errmsg(db));
	sqlite3_finalize(st);
	return r;
}

static int migrate(sqlite3 *db, int version, struct err *err)
{
	for (; version < STORE_SCHEMA_VERSION; version++) {
		AUTO_FREE char *sql = xasprintf("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; COMMIT;",
						steps[version], version + 1);
		int r = run(db, sql, err);

		if (r < 0) {
			sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
			return err_prefix(err, "cannot migrate from schema version %d to %d", version,
					  version + 1);
		}
	}
	return 0;
}

int sqlite_schema_open(sqlite3 *db, bool read_only, struct err *err)
{
	int version = 0, r;

	sqlite3_busy_timeout(db, 5000);
	r = read_version(db, &version, err);
	if (r < 0)
		return r;
	if (version > STORE_SCHEMA_VERSION)
		return err_set(err, -EPROTO,
			       "made by a newer Buoy (schema version %d, this one knows up to %d): install "
			       "that version, or "
			       "restore a backup made by this one",
			       version, STORE_SCHEMA_VERSION);
	if (read_only && version < STORE_SCHEMA_VERSION)
		return err_set(err, -EPROTO, "schema version %d, not yet migrated to %d by buoyd", version,
			       STORE_SCHEMA_VERSION);
	r = run(db,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;"
		"PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;",
		err);
	return r ? r : migrate(db, version, err);
}
