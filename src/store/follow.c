/* Following a store: rows that changed since, laid over the snapshot.
 * Between the store and the agent. */
#include "store/follow.h"
#include "store/gather.h"

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
		r = gather_apply(s, revision, &g, err);
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
