/* An ordered set that never changes in place: a copy-on-write B+tree.
 *
 * A snapshot's indexes are such trees. Taking a tree is one reference; changing it copies the few nodes on
 * the way down and leaves every older tree as it was. Inside one transaction (`owner`) a node is copied once.
 * Items are borrowed pointers with a reference count kept by the callbacks; the tree holds one reference on
 * each item per leaf that contains it.
 *
 * A tree value may be read by any thread that holds a reference on it; changed by one thread only. */
#pragma once
#include "base/util.h"

struct btnode;

struct btree_type {
	/* Order of two items (or of a probe and an item): <0, 0, >0. `ctx` is the type's own. */
	int (*cmp)(const void *ctx, const void *a, const void *b);
	void (*ref)(const void *item);
	void (*unref)(const void *item);
	const void *ctx;
};

struct btree {
	struct btnode *root; /* NULL: empty */
	size_t count;
};

/* A second reference on the same tree. */
struct btree btree_take(const struct btree *t);
void btree_drop(const struct btree_type *type, struct btree *t);

/* The item equal to the probe; NULL when absent. */
const void *btree_get(const struct btree_type *type, const struct btree *t, const void *probe);
/* Adds, or replaces the equal item. `owner` is a number unique to the transaction, not 0. */
void btree_put(const struct btree_type *type, struct btree *t, uint64_t owner, const void *item);
/* Removes the equal item; false when there was none. */
bool btree_del(const struct btree_type *type, struct btree *t, uint64_t owner, const void *probe);

/* A position in a tree; valid as long as the tree is held and not changed. */
#define BTREE_DEPTH 12
struct bcursor {
	const struct btnode *node[BTREE_DEPTH];
	int at[BTREE_DEPTH];
	int depth; /* 0: at the end */
};

/* Positions on the first item >= probe (NULL: the very first). Returns it, or NULL at the end. */
const void *btree_seek(const struct btree_type *type, const struct btree *t, const void *probe,
		       struct bcursor *c);
/* Positions on the last item <= probe (NULL: the very last). */
const void *btree_seek_last(const struct btree_type *type, const struct btree *t, const void *probe,
			    struct bcursor *c);
const void *btree_next(struct bcursor *c);
const void *btree_prev(struct bcursor *c);
