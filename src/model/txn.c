/* Transactions: changes gathered on a copy of a snapshot.
 * Pure; between the verbs and the ledger. */
#include "model/txn.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

void txn_begin(struct txn *t, const struct snap *base, void *region, int64_t now_us,
	       void (*random)(void *buf, size_t len))
{
	*t = (struct txn){
		.region = region,
		.base = base,
		.work = snap_edit(base),
		.revision = base->revision + 1,
		.now_us = now_us,
		.random = random,
	};
	t->work->revision = t->revision;
}

void txn_abort(struct txn *t)
{
	if (t->work)
		snap_drop(t->work);
	t->work = NULL;
}

const void *txn_get(const struct txn *t, enum kind kind, const struct uuid *id)
{
	return snap_get(t->work, kind, id);
}

void *txn_new(struct txn *t, enum kind kind)
{
	struct row *draft = talloc_zero_size(t->region, sizeof(union any_row));
	uint8_t random[16];

	t->random(random, sizeof(random));
	draft->kind = (uint16_t)kind;
	draft->id = uuid_from_random(random);
	return draft;
}

void *txn_edit(struct txn *t, const void *row)
{
	const size_t skip = sizeof(atomic_uint); /* other threads count on it while we copy */
	const struct row *r = row;
	size_t size = shape_of(r->kind)->size;
	char *draft = talloc_zero_size(t->region, size);

	static_assert(offsetof(struct row, refs) == 0, "the count comes first");
	memcpy(draft + skip, (const char *)row + skip, size - skip);
	return draft;
}

/* The search begins behind what the last one found: who writes many rows twice does it in the same order, and
 * finds each at once. */
static struct row_change *find_change(struct txn *t, enum kind kind, const struct uuid *id)
{
	for (size_t i = 1; i <= t->change_count; i++) {
		size_t at = (t->found + i) % t->change_count;

		if (t->changes[at].kind == kind && uuid_eq(&t->changes[at].id, id)) {
			t->found = at;
			return &t->changes[at];
		}
	}
	return NULL;
}

/* `before` is what the transaction saw until now. Only a row that it has written or deleted already is looked
 * for among the changes, so that a large transaction stays linear. */
static void note_change(struct txn *t, enum kind kind, const struct uuid *id, const struct row *before,
			const struct row *row)
{
	const struct row *base = snap_get(t->base, kind, id);
	bool again = before != base;
	struct row_change *c = again ? find_change(t, kind, id) : NULL;

	if (!c) {
		if ((t->change_count & (t->change_count + 1)) == 0)
			t->changes = talloc_realloc(t->region, t->changes, struct row_change,
						    2 * t->change_count + 2);
		c = &t->changes[t->change_count++];
		*c = (struct row_change){.kind = kind, .id = *id, .old = base};
	}
	c->row = row;
}

/* Equal in everything that is stored, but for the header's counters: the draft takes over the row's. */
static bool same_content(const struct row *row, struct row *draft)
{
	AUTO_BUF struct buf x = {0}, y = {0};

	draft->created_at = row->created_at;
	draft->updated_at = row->updated_at;
	draft->revision_number = row->revision_number;
	encode_stored(row, &x);
	encode_stored(draft, &y);
	return x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
}

static void fill_header(const struct txn *t, const struct row *old, struct row *draft)
{
	const struct row *base = snap_get(t->base, draft->kind, &draft->id);
	int64_t now = t->now_us / 1000000;

	draft->created_at = old ? old->created_at : now;
	draft->revision_number = base ? base->revision_number + 1 : 1;
	draft->updated_at = base ? now : draft->created_at;
	draft->revision = t->revision;
}

static int drop_retired(const struct row **row)
{
	row_drop(*row);
	return 0;
}

/* Drafts borrow the strings of the row that they were copied from, so a row that this transaction replaces
 * lives as long as the drafts: until the region goes. Takes over the reference. */
static void retire(struct txn *t, const struct row *row)
{
	const struct row **slot = talloc(t->region, const struct row *);

	*slot = row;
	talloc_set_destructor(slot, drop_retired);
}

/* A new row of the draft; or the row that the transaction began with, when it is that one again. */
static const struct row *seal(const struct txn *t, const struct row *old, struct row *draft)
{
	const struct row *base = snap_get(t->base, draft->kind, &draft->id);

	if (base && base != old && same_content(base, draft))
		return row_take(base);
	fill_header(t, old, draft);
	return row_seal(draft->kind, draft);
}

/* Takes over `row`. */
static int write_row(struct txn *t, const struct row *old, const struct row *row, struct err *err)
{
	int r;

	if (old)
		retire(t, row_take(old));
	r = snap_apply(t->work, t->revision, old, row, err);
	if (r == 0)
		note_change(t, row->kind, &row->id, old, row);
	row_drop(row);
	return r;
}

int txn_put(struct txn *t, const void *draft, struct err *err)
{
	struct row *d = (struct row *)(uintptr_t)draft;
	const struct row *old = snap_get(t->work, d->kind, &d->id);

	return old && same_content(old, d) ? 0 : write_row(t, old, seal(t, old, d), err);
}

int txn_touch(struct txn *t, enum kind kind, const struct uuid *id, struct err *err)
{
	const struct row *old = snap_get(t->work, kind, id);
	struct row *draft = old ? txn_edit(t, old) : NULL;

	if (!draft)
		return 0;
	fill_header(t, old, draft);
	return write_row(t, old, row_seal(kind, draft), err);
}

int txn_del(struct txn *t, enum kind kind, const struct uuid *id, struct err *err)
{
	const struct row *old = snap_get(t->work, kind, id);
	int r;

	if (!old)
		return 0;
	retire(t, row_take(old));
	r = snap_apply(t->work, t->revision, old, NULL, err);
	if (r == 0)
		note_change(t, kind, id, old, NULL);
	return r;
}

struct snap *txn_finish(struct txn *t)
{
	struct snap *s = t->work;

	/* A row that came and went inside the transaction never was, one that came back never went. */
	size_t kept = 0;
	for (size_t i = 0; i < t->change_count; i++)
		if (t->changes[i].old != t->changes[i].row)
			t->changes[kept++] = t->changes[i];
	t->change_count = kept;
	if (!kept)
		return NULL;
	t->work = NULL;
	return s;
}
