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

struct log {
	pthread_mutex_t lock;
	unsigned handles;
	uint64_t revision;
	struct entry *entries;
	size_t count, cap;
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

static int memory_commit(struct store *st, uint64_t base, const struct store_change *list, size_t count,
			 struct err *err)
{
	struct log *l = log_of(st);
	int r = 0;

	pthread_mutex_lock(&l->lock);
	if (l->revision != base)
		r = err_set(err, -ESTALE, "the store is at another revision: somebody else wrote");
	for (size_t i = 0; i < count && r == 0; i++) {
		for (size_t j = 0; j < list[i].change_count; j++)
			log_add(l, list[i].revision, &list[i].changes[j]);
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

static int memory_watch(struct store *st, uint64_t from,
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

		if (e->revision <= from || !is_newest(l, i))
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

static int memory_load(struct store *st, struct snap *s, struct err *err)
{
	return memory_watch(st, 0, load_one, s, &s->revision, err);
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
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static const struct store_ops memory_ops = {memory_load, memory_commit, memory_watch, memory_free};

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
