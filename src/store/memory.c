/* The store in memory: a log of rows, shared by its handles. For tests, and the plainest reading of the
 * contract. Behind store.h. */
#include "store/encode.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

struct entry {
	uint64_t revision;
	enum kind kind;
	struct uuid id;
	char *data; /* NULL: deleted */
};

/* What one event says of one row; texts are owned. */
struct past {
	enum kind kind;
	struct uuid id;
	struct store_event event;
	char keys[3][STORE_KEY]; /* that find it */
	size_t key_count;
};

struct log {
	pthread_mutex_t lock;
	unsigned handles;
	uint64_t revision;
	struct entry *entries;
	size_t count, cap;
	struct past *past;
	size_t past_count, past_cap;
	struct store_horizon forgotten; /* events are marked by a revision of 0 */
};

struct memory {
	struct store store;
	struct log *log;
};

static struct log *log_of(struct store *st)
{
	return ((struct memory *)st)->log;
}

static void log_add(struct log *l, uint64_t revision, const struct row_change *c)
{
	struct buf data = {0};

	if (c->row)
		encode_stored(c->row, &data);
	if (l->count == l->cap) {
		l->cap = MAX(l->cap * 2, (size_t)64);
		l->entries = xrealloc(l->entries, l->cap * sizeof(*l->entries));
	}
	l->entries[l->count++] = (struct entry){
		.revision = revision, .kind = c->kind, .id = c->id, .data = c->row ? buf_take(&data) : NULL};
}

static const char *copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static const char *event_text(const struct row *row)
{
	struct buf b = {0};

	if (!row)
		return NULL;
	encode_event(row, &b);
	return buf_take(&b);
}

static void past_add(struct log *l, const struct store_change *c, const struct row_change *rc)
{
	if (l->past_count == l->past_cap) {
		l->past_cap = MAX(l->past_cap * 2, (size_t)64);
		l->past = xrealloc(l->past, l->past_cap * sizeof(*l->past));
	}
	l->past[l->past_count++] = (struct past){
		.kind = rc->kind,
		.id = rc->id,
		.event = {.revision = c->revision,
			  .id = rc->id,
			  .time_us = c->time_us,
			  .user_id = copy(c->actor.user_id),
			  .user_name = copy(c->actor.user_name),
			  .project_id = copy(c->actor.project_id),
			  .request_id = copy(c->actor.request_id),
			  .action = copy(c->action),
			  .was = event_text(rc->old),
			  .is = event_text(rc->row)},
	};
	if (store_begins_tenure(rc))
		l->past[l->past_count - 1].key_count = store_tenure_keys(rc, l->past[l->past_count - 1].keys);
}

static void past_free(struct log *l)
{
	for (size_t i = 0; i < l->past_count; i++) {
		const struct store_event *e = &l->past[i].event;
		const char *const texts[] = {e->user_id, e->user_name, e->project_id, e->request_id,
					     e->action,  e->was,       e->is};

		for (size_t j = 0; j < ARRAY_SIZE(texts); j++)
			free((char *)(uintptr_t)texts[j]);
	}
	free(l->past);
}

static int memory_events(struct store *st, enum kind kind, const struct uuid *id, uint64_t before,
			 size_t limit, int (*fn)(void *arg, const struct store_event *event, struct err *err),
			 void *arg, struct err *err)
{
	struct log *l = log_of(st);
	int r = 0;

	pthread_mutex_lock(&l->lock);
	for (size_t i = l->past_count; i-- > 0 && limit && r == 0;) {
		const struct past *p = &l->past[i];

		if (p->kind != kind || !uuid_eq(&p->id, id) || !p->event.revision ||
		    (before && p->event.revision >= before))
			continue;
		limit--;
		r = fn(arg, &p->event, err);
	}
	pthread_mutex_unlock(&l->lock);
	return r;
}

static bool is_asked(const struct past *p, const struct store_question *q)
{
	bool found = !q->key;

	for (size_t i = 0; i < p->key_count && !found; i++)
		found = strcmp(p->keys[i], q->key) == 0;
	return found && p->kind == q->kind && (!q->id || uuid_eq(&p->id, q->id)) &&
	       p->event.revision > q->after && (!q->before || p->event.revision < q->before);
}

static int memory_log(struct store *st, const struct store_question *q,
		      int (*fn)(void *arg, const struct store_event *event, struct err *err), void *arg,
		      struct err *err)
{
	struct log *l = log_of(st);
	size_t left = q->limit;
	int r = 0;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->past_count && left && r == 0; i++) {
		const struct past *p = &l->past[q->oldest_first ? i : l->past_count - 1 - i];

		if (!is_asked(p, q))
			continue;
		left--;
		r = fn(arg, &p->event, err);
	}
	pthread_mutex_unlock(&l->lock);
	return r;
}

/* Whether an event since `at` has told of the row already. */
static bool told_before(const struct log *l, size_t upto, uint64_t at)
{
	for (size_t i = 0; i < upto; i++)
		if (l->past[i].event.revision > at && l->past[i].kind == l->past[upto].kind &&
		    uuid_eq(&l->past[i].id, &l->past[upto].id))
			return true;
	return false;
}

static int memory_past(struct store *st, uint64_t at,
		       int (*fn)(void *arg, enum kind kind, const struct uuid *id, const struct row *row,
				 struct err *err),
		       void *arg, struct err *err)
{
	struct log *l = log_of(st);
	int r = 0;

	pthread_mutex_lock(&l->lock);
	if (at < l->forgotten.revision)
		r = err_set(err, -ESTALE, "that is forgotten");
	for (size_t i = 0; i < l->past_count && r == 0; i++) {
		const struct past *p = &l->past[i];
		const struct row *row = NULL;

		if (p->event.revision <= at || !store_has_past(p->kind) || told_before(l, i, at))
			continue;
		if (p->event.was)
			r = store_decode_row(shape_of(p->kind), &p->id, 0, p->event.was, strlen(p->event.was),
					     &row, err);
		if (r == 0)
			r = fn(arg, p->kind, &p->id, row, err);
		row_drop(row);
	}
	pthread_mutex_unlock(&l->lock);
	return r;
}

static int memory_horizon(struct store *st, struct store_horizon *ret, struct err *err)
{
	struct log *l = log_of(st);

	pthread_mutex_lock(&l->lock);
	*ret = l->forgotten;
	if (!ret->revision && l->past_count)
		ret->time_us = l->past[0].event.time_us;
	pthread_mutex_unlock(&l->lock);
	return 0;
}

static int memory_revision_at(struct store *st, int64_t time_us, uint64_t *ret, struct err *err)
{
	struct log *l = log_of(st);

	pthread_mutex_lock(&l->lock);
	*ret = l->forgotten.revision;
	for (size_t i = 0; i < l->past_count; i++)
		if (l->past[i].event.time_us <= time_us)
			*ret = MAX(*ret, l->past[i].event.revision);
	pthread_mutex_unlock(&l->lock);
	return 0;
}

static int memory_next_address(struct store *st, const char *after, char ret[STORE_KEY], struct err *err)
{
	struct log *l = log_of(st);
	const char *best = NULL;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->past_count; i++)
		for (size_t k = 0; k < l->past[i].key_count && l->past[i].event.revision; k++) {
			const char *key = l->past[i].keys[k];

			if (!strchr(key, '-') && strcmp(key, after) > 0 && (!best || strcmp(key, best) < 0))
				best = key;
		}
	if (best)
		strcpy(ret, best);
	pthread_mutex_unlock(&l->lock);
	return best != NULL;
}

static int memory_prune(struct store *st, int64_t before_us, bool *ret_more, struct err *err)
{
	struct log *l = log_of(st);

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->past_count && l->past[i].event.time_us < before_us; i++) {
		if (!l->past[i].event.revision)
			continue;
		l->forgotten = (struct store_horizon){l->past[i].event.revision, l->past[i].event.time_us};
		l->past[i].event.revision = 0;
	}
	pthread_mutex_unlock(&l->lock);
	*ret_more = false;
	return 0;
}

static int memory_commit(struct store *st, uint64_t base, const struct store_change *list, size_t count,
			 struct err *err)
{
	struct log *l = log_of(st);
	int r = 0;

	pthread_mutex_lock(&l->lock);
	if (l->revision != base)
		r = err_set(err, -ESTALE, "the store is at another revision: somebody else wrote");
	for (size_t i = 0; i < count && r == 0; i++) {
		for (size_t j = 0; j < list[i].change_count; j++) {
			log_add(l, list[i].revision, &list[i].changes[j]);
			if (!store_is_quiet(list[i].changes[j].kind))
				past_add(l, &list[i], &list[i].changes[j]);
		}
		l->revision = list[i].revision;
	}
	pthread_mutex_unlock(&l->lock);
	return r;
}

static bool is_newest(const struct log *l, size_t at)
{
	for (size_t i = at + 1; i < l->count; i++)
		if (l->entries[i].kind == l->entries[at].kind &&
		    uuid_eq(&l->entries[i].id, &l->entries[at].id))
			return false;
	return true;
}

static int memory_watch(struct store *st, uint64_t kinds, uint64_t from,
			int (*fn)(void *arg, enum kind kind, const struct uuid *id, const struct row *row,
				  struct err *err),
			void *arg, uint64_t *ret_revision, struct err *err)
{
	struct log *l = log_of(st);
	int r = 0;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->count && r == 0; i++) {
		const struct entry *e = &l->entries[i];
		const struct row *row = NULL;

		if (e->revision <= from || !(kinds & KIND_BIT(e->kind)) || !is_newest(l, i))
			continue;
		if (e->data)
			r = store_decode_row(shape_of(e->kind), &e->id, e->revision, e->data, strlen(e->data),
					     &row, err);
		if (r == 0)
			r = fn(arg, e->kind, &e->id, row, err);
		row_drop(row);
	}
	if (r == 0)
		*ret_revision = l->revision;
	pthread_mutex_unlock(&l->lock);
	return r;
}

static int load_one(void *arg, enum kind kind, const struct uuid *id, const struct row *row, struct err *err)
{
	return row ? snap_apply(arg, 1, NULL, row, err) : 0;
}

static int memory_load(struct store *st, uint64_t kinds, struct snap *s, struct err *err)
{
	return memory_watch(st, kinds, 0, load_one, s, &s->revision, err);
}

static void memory_free(struct store *st)
{
	struct log *l = log_of(st);
	unsigned left;

	pthread_mutex_lock(&l->lock);
	left = --l->handles;
	pthread_mutex_unlock(&l->lock);
	free(st);
	if (left)
		return;
	for (size_t i = 0; i < l->count; i++)
		free(l->entries[i].data);
	free(l->entries);
	past_free(l);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static const struct store_ops memory_ops = {
	.load = memory_load,
	.commit = memory_commit,
	.watch = memory_watch,
	.events = memory_events,
	.log = memory_log,
	.past = memory_past,
	.horizon = memory_horizon,
	.revision_at = memory_revision_at,
	.next_address = memory_next_address,
	.prune = memory_prune,
	.free = memory_free,
};

static struct store *handle_on(struct log *l)
{
	struct memory *m = xalloc(sizeof(*m));

	m->store.ops = &memory_ops;
	m->log = l;
	l->handles++;
	return &m->store;
}

struct store *store_memory_new(void)
{
	struct log *l = xalloc(sizeof(*l));

	pthread_mutex_init(&l->lock, NULL);
	return handle_on(l);
}

struct store *store_memory_share(struct store *st)
{
	struct log *l = log_of(st);
	struct store *other;

	pthread_mutex_lock(&l->lock);
	other = handle_on(l);
	pthread_mutex_unlock(&l->lock);
	return other;
}

void store_free(struct store *st)
{
	if (st)
		st->ops->free(st);
}
