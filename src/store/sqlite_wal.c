/* The thread that copies SQLite's write-ahead log into the database.
 * Beside the embedded store; see sqlite_wal.h. */
#include "store/sqlite_wal.h"
#include "base/util.h"

#include <errno.h>
#include <pthread.h>

#define COPY_PAGES  1000 /* SQLite's own measure: 4 MiB */
#define RESET_PAGES 8000 /* the committer lends a hand: 32 MiB */

struct wal {
	sqlite3 *db;    /* the committer's */
	sqlite3 *other; /* the thread's */
	pthread_t thread;
	bool started;
	int pages; /* in the log, after the last commit; the committer's */
	pthread_mutex_t lock;
	pthread_cond_t work, idle;
	bool wanted, copying, stop;
};

static int note_pages(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct wal *w = arg;

	w->pages = pages;
	return SQLITE_OK;
}

/* What can not be copied now, because somebody still reads it, is left for the next time. */
static void checkpoint(sqlite3 *db)
{
	sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static void *wal_main(void *arg)
{
	struct wal *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		if (!w->wanted) {
			pthread_cond_wait(&w->work, &w->lock);
			continue;
		}
		w->wanted = false;
		w->copying = true;
		pthread_mutex_unlock(&w->lock);
		checkpoint(w->other);
		pthread_mutex_lock(&w->lock);
		w->copying = false;
		pthread_cond_signal(&w->idle);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

int wal_new(sqlite3 *db, const char *path, struct wal **ret, struct err *err)
{
	struct wal *w = xalloc(sizeof(*w));

	w->db = db;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_cond_init(&w->idle, NULL);
	if (sqlite3_open_v2(path, &w->other, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
		    SQLITE_OK ||
	    sqlite3_exec(w->other, "PRAGMA synchronous = FULL; PRAGMA cache_size = -64;", NULL, NULL, NULL) !=
		    SQLITE_OK) {
		int r = err_set(err, -EIO, "%s", sqlite3_errmsg(w->other));

		wal_free(w);
		return r;
	}
	/* Replaces SQLite's own checkpoints, which are such a hook too. */
	sqlite3_wal_hook(db, note_pages, w);
	*ret = w;
	return 0;
}

/* Two at a time do not go: the thread's copying is waited for, and the rest copied here. */
static void begin_anew(struct wal *w)
{
	while (w->copying)
		pthread_cond_wait(&w->idle, &w->lock);
	checkpoint(w->db);
}

void wal_committed(struct wal *w)
{
	if (w->pages < COPY_PAGES)
		return;
	if (!w->started)
		w->started = pthread_create(&w->thread, NULL, wal_main, w) == 0;
	pthread_mutex_lock(&w->lock);
	if (w->pages >= RESET_PAGES || !w->started) {
		begin_anew(w);
	} else {
		w->wanted = true;
		pthread_cond_signal(&w->work);
	}
	pthread_mutex_unlock(&w->lock);
}

void wal_free(struct wal *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	if (w->started)
		pthread_join(w->thread, NULL);
	if (w->pages)
		checkpoint(w->db); /* whoever closes the database last may only read, and leaves the log as it
				      is */
	sqlite3_close(w->other);
	pthread_cond_destroy(&w->work);
	pthread_cond_destroy(&w->idle);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
