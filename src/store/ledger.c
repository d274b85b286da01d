/* The ledger: writers queue on the head snapshot, a committer makes them durable together.
 * Between the verbs and the store. */
#include "store/ledger.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <talloc.h>

#define IDLE_US        1000000 /* between two looks whether another process has written */
#define PRUNE_US       100000  /* between two steps of forgetting, while there is more to forget */
#define PRUNE_REST_US  1000000
#define PRUNE_RETRY_US 60000000

struct pending {
	struct ledger_ticket *ticket;
	struct store_change change;
};

struct batch {
	struct pending *items;
	size_t count, cap;
};

struct ledger {
	struct store *store; /* the committer's, once started */
	pthread_t committer;
	pthread_mutex_t lock; /* head, batch, stats, stop; held while a write's function runs */
	pthread_cond_t work;
	const struct snap *head; /* what the next write sees */
	pthread_mutex_t reading; /* durable; taken inside `lock`, so that no read waits for a write */
	const struct snap *durable;
	struct batch batch;
	bool stop;
	_Atomic int64_t keep_us; /* 0: for ever */
	int64_t prune_us;        /* the committer's: when something is forgotten next */
	struct ledger_stats stats;
	void (*wake)(void *arg, uint64_t revision);
	void *arg;
};

void ledger_random(void *buf, size_t len)
{
	while (len) {
		ssize_t n = getrandom(buf, len, 0);

		if (n < 0 && errno != EINTR)
			abort();
		if (n > 0) {
			buf = (char *)buf + n;
			len -= (size_t)n;
		}
	}
}

static void replace(const struct snap **slot, const struct snap *s)
{
	const struct snap *old = *slot;

	*slot = snap_take(s);
	snap_drop(old);
}

static void publish(struct ledger *l, const struct snap *s)
{
	pthread_mutex_lock(&l->reading);
	replace(&l->durable, s);
	pthread_mutex_unlock(&l->reading);
}

static int commit_batch(struct ledger *l, const struct batch *b, uint64_t base, struct err *err)
{
	AUTO_FREE struct store_change *list = xalloc(b->count * sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < b->count; i++)
		if (b->items[i].change.change_count)
			list[n++] = b->items[i].change;
	return n ? l->store->ops->commit(l->store, base, list, n, err) : 0;
}

/* Somebody else wrote (`buoyd bootstrap` beside a running daemon): from then on we go by what is there. NULL
 * when that can not be read either. */
static const struct snap *load_again(struct ledger *l)
{
	struct snap *s = snap_new();

	if (l->store->ops->load(l->store, KINDS_ALL, s, NULL) == 0)
		return s;
	snap_drop(s);
	return NULL;
}

/* A lost batch takes everything along that was built on it: the head goes back to what is durable. */
static void lose_pending(struct ledger *l, struct batch *lost)
{
	for (size_t i = 0; i < l->batch.count; i++) {
		if (lost->count == lost->cap) {
			lost->cap = MAX(lost->cap * 2, (size_t)8);
			lost->items = xrealloc(lost->items, lost->cap * sizeof(*lost->items));
		}
		lost->items[lost->count++] = l->batch.items[i];
	}
	l->batch.count = 0;
	replace(&l->head, l->durable);
}

static void finish_batch(struct ledger *l, struct batch *b, int result, const struct err *err, double seconds)
{
	const struct snap *again = result == -ESTALE ? load_again(l) : NULL;
	uint64_t revision = 0;

	pthread_mutex_lock(&l->lock);
	if (again)
		publish(l, again);
	if (result == 0) {
		const struct snap *s = b->items[b->count - 1].ticket->snap;

		revision = s->revision;
		publish(l, s);
		l->stats.commits++;
		l->stats.transactions += b->count;
		l->stats.commit_seconds += seconds;
	} else {
		lose_pending(l, b);
	}
	pthread_mutex_unlock(&l->lock);
	snap_drop(again);
	if (result == 0 && l->wake)
		l->wake(l->arg, revision);
	for (size_t i = 0; i < b->count; i++) {
		struct ledger_ticket *t = b->items[i].ticket;

		t->result = result;
		if (result < 0)
			t->err = *err;
		t->done(t);
	}
}

static int ignore_row(void *arg, enum kind kind, const struct uuid *id, const struct row *row,
		      struct err *err)
{
	return 0;
}

/* Nothing to commit: has another process written? Readers must see that too. */
static void look_for_foreign(struct ledger *l, uint64_t base)
{
	const struct snap *again = NULL;
	uint64_t revision = base;

	if (l->store->ops->watch(l->store, KINDS_ALL, base, ignore_row, NULL, &revision, NULL) == 0 &&
	    revision != base)
		again = load_again(l);
	if (!again)
		return;
	pthread_mutex_lock(&l->lock);
	if (!l->batch.count) { /* otherwise the commit will find out and tell */
		publish(l, again);
		replace(&l->head, again);
	}
	pthread_mutex_unlock(&l->lock);
	snap_drop(again);
	if (l->wake)
		l->wake(l->arg, revision);
}

/* Under the lock: waits for work; false when a second, or less, went by without. */
static bool wait_for_work(struct ledger *l)
{
	int64_t rest_us = l->keep_us ? l->prune_us - clock_mono_us() : IDLE_US;
	int64_t until_us = clock_now_us() + MAX(MIN(rest_us, (int64_t)IDLE_US), (int64_t)10000);
	struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};

	while (!l->batch.count && !l->stop)
		if (pthread_cond_timedwait(&l->work, &l->lock, &until) == ETIMEDOUT)
			return l->batch.count || l->stop;
	return true;
}

static void forget_some(struct ledger *l)
{
	int64_t now_us = clock_mono_us(), keep_us = l->keep_us;
	bool more = false;

	if (!keep_us || now_us < l->prune_us)
		return;
	if (l->store->ops->prune(l->store, clock_now_us() - keep_us, &more, NULL) < 0)
		l->prune_us = now_us + PRUNE_RETRY_US;
	else
		l->prune_us = now_us + (more ? PRUNE_US : PRUNE_REST_US);
}

void ledger_keep(struct ledger *l, int64_t keep_us)
{
	l->keep_us = keep_us;
}

static void *committer_main(void *arg)
{
	struct ledger *l = arg;
	struct batch b = {0};

	for (;;) {
		struct batch empty = b;
		struct err err = {0};
		int64_t start;
		int r;

		empty.count = 0;
		pthread_mutex_lock(&l->lock);
		bool work = wait_for_work(l);
		b = l->batch;
		l->batch = empty;
		uint64_t base = l->durable->revision;
		pthread_mutex_unlock(&l->lock);
		if (!work) {
			look_for_foreign(l, base);
			forget_some(l);
			continue;
		}
		if (!b.count)
			break;
		start = clock_mono_us();
		r = commit_batch(l, &b, base, &err);
		finish_batch(l, &b, r, &err, (double)(clock_mono_us() - start) / 1e6);
		forget_some(l);
	}
	free(b.items);
	return NULL;
}

int ledger_new(struct store *st, void (*wake)(void *arg, uint64_t revision), void *arg, struct ledger **ret,
	       struct err *err)
{
	struct snap *s = snap_new();
	struct ledger *l;
	int r = st->ops->load(st, KINDS_ALL, s, err);

	if (r < 0) {
		snap_drop(s);
		store_free(st);
		return r;
	}
	l = xalloc(sizeof(*l));
	l->store = st;
	l->head = snap_take(s);
	l->durable = s;
	l->wake = wake;
	l->arg = arg;
	pthread_mutex_init(&l->lock, NULL);
	pthread_mutex_init(&l->reading, NULL);
	pthread_cond_init(&l->work, NULL);
	if (pthread_create(&l->committer, NULL, committer_main, l) != 0)
		abort();
	*ret = l;
	return 0;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->stop = true;
	pthread_cond_signal(&l->work);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->committer, NULL);
	snap_drop(l->head);
	snap_drop(l->durable);
	free(l->batch.items);
	store_free(l->store);
	pthread_cond_destroy(&l->work);
	pthread_mutex_destroy(&l->reading);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

const struct snap *ledger_snap(struct ledger *l)
{
	const struct snap *s;

	pthread_mutex_lock(&l->reading);
	s = snap_take(l->durable);
	pthread_mutex_unlock(&l->reading);
	return s;
}

void ledger_stats(struct ledger *l, struct ledger_stats *ret)
{
	pthread_mutex_lock(&l->lock);
	*ret = l->stats;
	pthread_mutex_unlock(&l->lock);
}

/* Under the lock. Takes over `s` as the new head and queues its changes. */
static void queue(struct ledger *l, struct snap *s, const struct txn *t, const struct actor *actor,
		  const char *action, struct ledger_ticket *ticket)
{
	struct batch *b = &l->batch;

	replace(&l->head, s);
	ticket->snap = s;
	ticket->revision = s->revision;
	if (b->count == b->cap) {
		b->cap = MAX(b->cap * 2, (size_t)8);
		b->items = xrealloc(b->items, b->cap * sizeof(*b->items));
	}
	b->items[b->count++] = (struct pending){
		.ticket = ticket,
		.change = {.revision = s->revision,
			   .changes = t->changes,
			   .change_count = t->change_count,
			   .time_us = t->now_us,
			   .actor = *actor,
			   .action = action},
	};
	pthread_cond_signal(&l->work);
}

int ledger_write(struct ledger *l, void *region, const struct actor *actor, const char *action,
		 int (*fn)(struct txn *t, void *arg, struct err *err), void *arg,
		 struct ledger_ticket *ticket, struct err *err)
{
	struct txn t;
	struct snap *s;
	int r;

	ticket->snap = NULL;
	ticket->revision = 0;
	pthread_mutex_lock(&l->lock);
	txn_begin(&t, l->head, region, clock_now_us(), ledger_random);
	r = fn(&t, arg, err);
	if (r == 0) {
		s = txn_finish(&t);
		/* With nothing to change, the answer still is about what others wrote: it waits until that is
		 * durable. */
		if (!s && l->head != l->durable)
			s = (struct snap *)(uintptr_t)snap_take(l->head);
		if (s)
			queue(l, s, &t, actor, action, ticket);
		else
			ticket->snap = snap_take(l->head);
	}
	txn_abort(&t);
	pthread_mutex_unlock(&l->lock);
	return r;
}

/* --- waiting for the disk --- */

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool done;
};

static void wake_waiter(struct ledger_ticket *t)
{
	struct waiter *w = t->arg;

	pthread_mutex_lock(&w->lock);
	w->done = true;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->lock);
}

int ledger_write_sync(struct ledger *l, void *region, const struct actor *actor, const char *action,
		      int (*fn)(struct txn *t, void *arg, struct err *err), void *arg, struct err *err)
{
	struct waiter w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
	struct ledger_ticket ticket = {.done = wake_waiter, .arg = &w};
	int r = ledger_write(l, region, actor, action, fn, arg, &ticket, err);

	if (r == 0 && ticket.revision) {
		pthread_mutex_lock(&w.lock);
		while (!w.done)
			pthread_cond_wait(&w.cond, &w.lock);
		pthread_mutex_unlock(&w.lock);
		r = ticket.result;
		if (r < 0 && err)
			*err = ticket.err;
	}
	snap_drop(ticket.snap);
	return r;
}
