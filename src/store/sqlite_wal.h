/* Keeps SQLite's write-ahead log short beside the commits.
 *
 * Copying the log into the database takes tens of milliseconds and a sync of its own. SQLite would do it at
 * the end of some commit, and everybody whose write is in that one would wait. Here a thread with a handle of
 * its own does nearly all of it; only when the log has become long all the same, because writes never pause,
 * the committer copies the rest, which is then little, so that the log can begin anew.
 * https://www.sqlite.org/wal.html#checkpointing */
#pragma once
#include "base/err.h"

#include <sqlite3.h>

struct wal;

/* `db` is the committer's handle of the database `path`; it no longer checkpoints by itself. Opens the second
 * handle; the thread is started by the first commit that asks for it. */
int wal_new(sqlite3 *db, const char *path, struct wal **ret, struct err *err);
/* After each commit, on the committer's thread. */
void wal_committed(struct wal *w);
/* Waits for the thread. NULL is fine. Before `db` is closed. */
void wal_free(struct wal *w);
