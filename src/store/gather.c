/* Rows gathered from a store and laid over a snapshot.
 * Beneath follow.c and api/past.c; see gather.h. */
#include "store/gather.h"

int gather_one(void *arg, enum kind kind, const struct uuid *id, const struct row *row, struct err *err)
{
	struct gather *g = arg;

	if (g->count == g->cap) {
		g->cap = MAX(g->cap * 2, (size_t)16);
		g->items = xrealloc(g->items, g->cap * sizeof(*g->items));
	}
	g->items[g->count++] = (struct gathered){kind, *id, row ? row_take(row) : NULL};
	return 0;
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
int gather_apply(struct snap *s, uint64_t owner, const struct gather *g, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < g->count && r == 0; i++)
		r = lay_over(s, owner, &g->items[i], true, err);
	for (size_t i = 0; i < g->count && r == 0; i++)
		r = lay_over(s, owner, &g->items[i], false, err);
	return r;
}

void gather_done(struct gather *g)
{
	for (size_t i = 0; i < g->count; i++)
		row_drop(g->items[i].row);
	free(g->items);
}
