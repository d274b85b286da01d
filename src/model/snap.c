/* Snapshots: trees of rows, and what is looked up in them.
 * Pure; between the transaction that makes them and everything that reads. */
#include "model/snap.h"
#include "model/address.h"
#include "model/tagged.h"

#include <errno.h>
#include <string.h>

static void row_unref(const void *row)
{
	row_drop(row);
}

static void row_ref(const void *row)
{
	row_take(row);
}

static int cmp_id(const void *ctx, const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return uuid_cmp(&x->id, &y->id);
}

static int cmp_index(const void *ctx, const void *a, const void *b)
{
	int c = attr_cmp(ctx, a, b);

	return c ? c : cmp_id(NULL, a, b);
}

/* `ctx` points into this, so that it says which order. */
static const char order_ids[ORDERS + 1];

static int cmp_first(enum order_id order, unsigned count, const void *a, const void *b)
{
	int c = 0;

	for (unsigned i = 0; i < count && c == 0; i++)
		c = attr_cmp(order_attr(order, i), a, b);
	return c;
}

static int cmp_order(const void *ctx, const void *a, const void *b)
{
	int c = cmp_first((enum order_id)((const char *)ctx - order_ids), ORDER_KEYS, a, b);

	return c ? c : cmp_id(NULL, a, b);
}

static int cmp_usage(const void *ctx, const void *a, const void *b)
{
	const struct usage *x = a, *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->project_id, y->project_id);
}

static void usage_ref(const void *item)
{
	atomic_fetch_add(&((struct usage *)(uintptr_t)item)->refs, 1);
}

static void usage_unref(const void *item)
{
	struct usage *u = (struct usage *)(uintptr_t)item;

	if (atomic_fetch_sub(&u->refs, 1) == 1)
		free(u);
}

static struct btree_type types[TREES];

__attribute__((constructor)) static void fill_types(void)
{
	for (int i = 0; i < KINDS; i++)
		types[i] = (struct btree_type){cmp_id, row_ref, row_unref, NULL};
	for (int i = 0; i < INDEXES; i++)
		types[TREE_INDEX + i] =
			(struct btree_type){cmp_index, row_ref, row_unref, index_attr((enum index_id)i)};
	for (int i = 0; i < ORDERS; i++)
		types[TREE_ORDER + i] = (struct btree_type){cmp_order, row_ref, row_unref, &order_ids[i]};
	types[TREE_HOLDING] = holding_tree;
	types[TREE_FREE] = free_tree;
	types[TREE_TAGGED] = tagged_tree;
	types[TREE_USAGE] = (struct btree_type){cmp_usage, usage_ref, usage_unref, NULL};
}

struct snap *snap_new(void)
{
	struct snap *s = xalloc(sizeof(*s));

	atomic_init(&s->refs, 1);
	return s;
}

const struct snap *snap_take(const struct snap *s)
{
	atomic_fetch_add_explicit(&((struct snap *)(uintptr_t)s)->refs, 1, memory_order_relaxed);
	return s;
}

void snap_drop(const struct snap *snap)
{
	struct snap *s = (struct snap *)(uintptr_t)snap;

	if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (int i = 0; i < TREES; i++)
		btree_drop(&types[i], &s->tree[i]);
	free(s);
}

struct snap *snap_edit(const struct snap *base)
{
	struct snap *s = snap_new();

	s->revision = base->revision;
	for (int i = 0; i < TREES; i++)
		s->tree[i] = btree_take(&base->tree[i]);
	return s;
}

const void *snap_get(const struct snap *s, enum kind kind, const struct uuid *id)
{
	struct row probe = {.id = *id};

	return btree_get(&types[kind], &s->tree[kind], &probe);
}

size_t snap_count(const struct snap *s, enum kind kind)
{
	return s->tree[kind].count;
}

/* --- scans --- */

static bool is_within(const struct scan *scan, const void *row)
{
	if (scan->same)
		return cmp_first((enum order_id)scan->order, scan->same, row, &scan->probe) == 0;
	return !scan->attr || attr_cmp(scan->attr, row, &scan->probe) == 0;
}

const void *scan_next(struct scan *scan)
{
	const void *row = btree_next(&scan->cursor);

	return row && is_within(scan, row) ? row : NULL;
}

static const void *scan_start(struct scan *scan, const struct snap *s, const struct uuid *after)
{
	const struct row *row;

	scan->same = 0;
	if (after)
		scan->probe.row.id = *after;
	row = btree_seek(&types[scan->tree], &s->tree[scan->tree], &scan->probe, &scan->cursor);
	if (row && !is_within(scan, row))
		return NULL;
	if (row && after && uuid_eq(&row->id, after))
		return scan_next(scan);
	return row;
}

const void *scan_kind(struct scan *scan, const struct snap *s, enum kind kind, const struct uuid *after)
{
	memset(&scan->probe, 0, sizeof(scan->probe));
	scan->attr = NULL;
	scan->tree = kind;
	return scan_start(scan, s, after);
}

static size_t plain_room(const struct attr *a)
{
	if (a->type == ATTR_MAC)
		return sizeof(struct mac);
	if (a->type == ATTR_BOOL) /* such indexes hold what is true */
		return sizeof(bool);
	return a->type == ATTR_INT || a->type == ATTR_TIME ? sizeof(int64_t) : sizeof(struct uuid);
}

static void set_probe(struct scan *scan, enum index_id index, const void *value)
{
	void *at;

	memset(&scan->probe, 0, sizeof(scan->probe));
	scan->attr = index_attr(index);
	scan->tree = TREE_INDEX + (int)index;
	at = (char *)&scan->probe + scan->attr->offset;
	if (scan->attr->type == ATTR_STR)
		*(const char **)at = value;
	else
		memcpy(at, value, plain_room(scan->attr));
}

const void *scan_index(struct scan *scan, const struct snap *s, enum index_id index, const void *value,
		       const struct uuid *after)
{
	set_probe(scan, index, value);
	return scan_start(scan, s, after);
}

const void *scan_from(struct scan *scan, const struct snap *s, enum index_id index, const void *value)
{
	set_probe(scan, index, value);
	scan->attr = NULL;
	return scan_start(scan, s, NULL);
}

const void *scan_order(struct scan *scan, const struct snap *s, enum index_id index)
{
	scan->attr = NULL;
	scan->same = 0;
	scan->tree = TREE_INDEX + (int)index;
	return btree_seek(&types[scan->tree], &s->tree[scan->tree], NULL, &scan->cursor);
}

const void *scan_ordered(struct scan *scan, const struct snap *s, enum order_id order, unsigned same,
			 const void *like)
{
	const void *row;

	scan->attr = NULL;
	scan->order = (int)order;
	scan->same = same;
	scan->tree = TREE_ORDER + (int)order;
	memset(&scan->probe, 0, sizeof(scan->probe));
	memcpy(&scan->probe, like, shape_of(order_kind(order))->size);
	row = btree_seek(&types[scan->tree], &s->tree[scan->tree], &scan->probe, &scan->cursor);
	return row && is_within(scan, row) ? row : NULL;
}

const void *snap_find(const struct snap *s, enum index_id index, const void *value)
{
	struct scan scan;

	return scan_index(&scan, s, index, value, NULL);
}

/* --- usage --- */

/* A usage item used as a probe or made anew; the caller frees a probe. */
static struct usage *usage_make(enum kind kind, const char *project_id, int64_t count)
{
	struct usage *u = xalloc(sizeof(*u) + strlen(project_id) + 1);

	u->kind = kind;
	u->count = count;
	strcpy(u->project_id, project_id);
	return u;
}

int64_t snap_usage(const struct snap *s, enum kind kind, const char *project_id)
{
	AUTO_FREE struct usage *probe = usage_make(kind, project_id, 0);
	const struct usage *u = btree_get(&types[TREE_USAGE], &s->tree[TREE_USAGE], probe);

	return u ? u->count : 0;
}

static const char *owner_of(const struct row *row)
{
	const struct attr *a = shape_attr(shape_of(row->kind), "project_id");

	return a && a->type == ATTR_STR ? *(const char *const *)attr_at(a, row) : NULL;
}

static void count_more(struct snap *s, uint64_t owner, enum kind kind, const char *key, int64_t step)
{
	struct usage *u;

	if (!step)
		return;
	u = usage_make(kind, key, snap_usage(s, kind, key) + step);
	if (u->count) {
		btree_put(&types[TREE_USAGE], &s->tree[TREE_USAGE], owner, u);
	} else {
		btree_del(&types[TREE_USAGE], &s->tree[TREE_USAGE], owner, u);
		free(u);
	}
}

static void usage_count(struct snap *s, uint64_t owner, const struct row *row, int step)
{
	const char *project_id = row ? owner_of(row) : NULL;

	if (project_id)
		count_more(s, owner, row->kind, project_id, step);
}

int64_t snap_held(const struct snap *s, const struct uuid *subnet_id)
{
	char key[UUID_TEXT];

	return snap_usage(s, KIND_NONE, uuid_print(subnet_id, key));
}

void snap_count_held(struct snap *s, uint64_t owner, const struct uuid *subnet_id, int64_t step)
{
	char key[UUID_TEXT];

	count_more(s, owner, KIND_NONE, uuid_print(subnet_id, key), step);
}

/* --- changes --- */

static void index_apply(struct snap *s, uint64_t owner, const struct row *old, const struct row *row)
{
	enum kind kind = old ? old->kind : row->kind;

	for (int i = 0; i < INDEXES; i++) {
		const struct attr *a = index_attr((enum index_id)i);
		int t = TREE_INDEX + i;

		if (index_kind((enum index_id)i) != kind)
			continue;
		if (old && !attr_is_null(a, old) && (!row || attr_cmp(a, old, row) != 0))
			btree_del(&types[t], &s->tree[t], owner, old);
		if (row && !attr_is_null(a, row))
			btree_put(&types[t], &s->tree[t], owner, row);
	}
}

static bool is_ordered(enum order_id order, const struct row *row)
{
	for (unsigned i = 0; i < ORDER_KEYS; i++)
		if (attr_is_null(order_attr(order, i), row))
			return false;
	return true;
}

static void order_apply(struct snap *s, uint64_t owner, const struct row *old, const struct row *row)
{
	enum kind kind = old ? old->kind : row->kind;

	for (int i = 0; i < ORDERS; i++) {
		enum order_id order = (enum order_id)i;
		int t = TREE_ORDER + i;
		bool was = old && order_kind(order) == kind && is_ordered(order, old);
		bool is = row && order_kind(order) == kind && is_ordered(order, row);

		if (was && (!is || cmp_first(order, ORDER_KEYS, old, row) != 0))
			btree_del(&types[t], &s->tree[t], owner, old);
		if (is)
			btree_put(&types[t], &s->tree[t], owner, row);
	}
}

int snap_apply(struct snap *s, uint64_t owner, const struct row *old, const struct row *row, struct err *err)
{
	enum kind kind = old ? old->kind : row->kind;

	index_apply(s, owner, old, row);
	order_apply(s, owner, old, row);
	usage_count(s, owner, old, -1);
	usage_count(s, owner, row, 1);
	tagged_follow(s, owner, old, row);
	if (row)
		btree_put(&types[kind], &s->tree[kind], owner, row);
	else
		btree_del(&types[kind], &s->tree[kind], owner, old);
	return address_follow(s, owner, old, row, err);
}
