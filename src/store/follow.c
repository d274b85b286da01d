/* Following a store: rows that changed since, laid over the snapshot.
 * Between the store and the agent. */
#include "store/follow.h"

struct gathered {
	enum kind kind;
	struct uuid id;
	const struct row *row; /* a reference of ours; NULL: deleted */
};

struct gather {
	struct gathered *items;
	size_t count, cap;
};

static int gather_one(void *arg, enum kind kind, const struct uuid *id, const struct row *row,
		      struct err *err)
{
	struct gather *g = arg;

	if (g->count == g->cap) {
		g->cap = MAX(g->cap * 2, (size_t)16);
		g->items = xrealloc(g->items, g->cap * sizeof(*g->items));
	}
	g->items[g->count++] = (struct gathered){kind, *id, row ? row_take(row) : NULL};
	return 0;
}

int follow_init(struct follow *f, struct store *st, uint64_t kinds, struct err *err)
{
	struct snap *s = snap_new();
	int r = st->ops->load(st, kinds, s, err);

	if (r < 0) {
		snap_drop(s);
		store_free(st);
		return r;
	}
	*f = (struct follow){.store = st, .kinds = kinds, .snap = s};
	return 0;
}

void follow_done(struct follow *f)
{
	snap_drop(f->snap);
	store_free(f->store);
	*f = (struct follow){0};
}

static int lay_over(struct snap *s, uint64_t owner, const struct gathered *g, bool remove, struct err *err)
{
	const struct row *old = snap_get(s, g->kind, &g->id);
	int r = 0;

	if (remove && old) {
		row_take(old);
		r = snap_apply(s, owner, old, NULL, err);
		row_drop(old);
	} else if (!remove && g->row && !old) {
		r = snap_apply(s, owner, NULL, g->row, err);
	}
	return r;
}

/* All old versions go first: an address may have moved from one row to another within one revision. */
static int apply_all(struct snap *s, uint64_t owner, const struct gather *g, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < g->count && r == 0; i++)
		r = lay_over(s, owner, &g->items[i], true, err);
	for (size_t i = 0; i < g->count && r == 0; i++)
		r = lay_over(s, owner, &g->items[i], false, err);
	return r;
}

static void gather_done(struct gather *g)
{
	for (size_t i = 0; i < g->count; i++)
		row_drop(g->items[i].row);
	free(g->items);
}

int follow_poll(struct follow *f, const struct snap **ret_old, struct touched **ret, size_t *ret_count,
		struct err *err)
{
	struct gather g = {0};
	struct snap *s;
	uint64_t revision;
	int r = f->store->ops->watch(f->store, f->kinds, f->snap->revision, gather_one, &g, &revision, err);

	if (r == 0) {
		s = snap_edit(f->snap);
		s->revision = revision;
		r = apply_all(s, revision, &g, err);
		if (r < 0) {
			snap_drop(s);
		} else {
			*ret = xalloc(g.count * sizeof(**ret));
			for (size_t i = 0; i < g.count; i++)
				(*ret)[i] = (struct touched){g.items[i].kind, g.items[i].id};
			*ret_count = g.count;
			*ret_old = f->snap;
			f->snap = s;
		}
	}
	gather_done(&g);
	return r;
}
