/* The copy-on-write B+tree behind every index.
 * Pure; items sit in the leaves, inner nodes hold children and each child's first item. */
#include "model/btree.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#define FANOUT 32

struct btnode {
	atomic_uint refs;
	uint16_t count;
	uint16_t height; /* 0: leaf */
	uint64_t owner;
	const void *item[FANOUT]; /* leaf: the items; inner: the first item below each child */
	struct btnode *child[];   /* inner: FANOUT of them */
};

static struct btnode *node_new(unsigned height, uint64_t owner)
{
	size_t size = sizeof(struct btnode) + (height ? FANOUT * sizeof(struct btnode *) : 0);
	struct btnode *n = xalloc(size);

	atomic_init(&n->refs, 1);
	n->height = (uint16_t)height;
	n->owner = owner;
	return n;
}

static void node_drop(const struct btree_type *type, struct btnode *n)
{
	if (atomic_fetch_sub_explicit(&n->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (int i = 0; i < n->count; i++) {
		if (n->height)
			node_drop(type, n->child[i]);
		else
			type->unref(n->item[i]);
	}
	free(n);
}

static void node_take(struct btnode *n)
{
	atomic_fetch_add_explicit(&n->refs, 1, memory_order_relaxed);
}

/* Makes *slot a node that this owner may change: itself, or a copy that replaces it. */
static struct btnode *node_edit(const struct btree_type *type, struct btnode **slot, uint64_t owner)
{
	struct btnode *old = *slot, *n;

	if (old->owner == owner && atomic_load_explicit(&old->refs, memory_order_acquire) == 1)
		return old;
	n = node_new(old->height, owner);
	n->count = old->count;
	memcpy(n->item, old->item, old->count * sizeof(old->item[0]));
	for (int i = 0; i < old->count; i++) {
		if (old->height) {
			n->child[i] = old->child[i];
			node_take(n->child[i]);
		} else {
			type->ref(n->item[i]);
		}
	}
	node_drop(type, old);
	*slot = n;
	return n;
}

struct btree btree_take(const struct btree *t)
{
	if (t->root)
		node_take(t->root);
	return *t;
}

void btree_drop(const struct btree_type *type, struct btree *t)
{
	if (t->root)
		node_drop(type, t->root);
	*t = (struct btree){0};
}

/* The first position whose item is > probe, or with `equal` >= probe. */
static int node_find(const struct btree_type *type, const struct btnode *n, const void *probe, bool equal)
{
	int lo = 0, hi = n->count;

	while (lo < hi) {
		int mid = (lo + hi) / 2, c = type->cmp(type->ctx, n->item[mid], probe);

		if (c < 0 || (c == 0 && !equal))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The child below which the probe is, or would be. */
static int node_child(const struct btree_type *type, const struct btnode *n, const void *probe)
{
	int i = node_find(type, n, probe, false);

	return i ? i - 1 : 0;
}

const void *btree_get(const struct btree_type *type, const struct btree *t, const void *probe)
{
	const struct btnode *n = t->root;
	int i;

	if (!n)
		return NULL;
	while (n->height)
		n = n->child[node_child(type, n, probe)];
	i = node_find(type, n, probe, true);
	if (i < n->count && type->cmp(type->ctx, n->item[i], probe) == 0)
		return n->item[i];
	return NULL;
}

static void slot_insert(struct btnode *n, int at, const void *item, struct btnode *child)
{
	int move = n->count - at;

	assert(n->count < FANOUT);
	memmove(n->item + at + 1, n->item + at, (size_t)move * sizeof(n->item[0]));
	n->item[at] = item;
	if (n->height) {
		memmove(n->child + at + 1, n->child + at, (size_t)move * sizeof(n->child[0]));
		n->child[at] = child;
	}
	n->count++;
}

static void slot_remove(struct btnode *n, int at)
{
	int move = n->count - at - 1;

	memmove(n->item + at, n->item + at + 1, (size_t)move * sizeof(n->item[0]));
	if (n->height)
		memmove(n->child + at, n->child + at + 1, (size_t)move * sizeof(n->child[0]));
	n->count--;
}

/* Moves the upper part of a full node into a new right sibling. `at` is where the next insertion goes:
 * appending in order keeps the left one nearly full. */
static struct btnode *node_split(struct btnode *n, int at, uint64_t owner)
{
	struct btnode *right = node_new(n->height, owner);
	int keep = at == n->count ? n->count - 1 : n->count / 2;

	right->count = (uint16_t)(n->count - keep);
	memcpy(right->item, n->item + keep, right->count * sizeof(n->item[0]));
	if (n->height)
		memcpy(right->child, n->child + keep, right->count * sizeof(n->child[0]));
	n->count = (uint16_t)keep;
	return right;
}

static void insert_or_split(struct btnode *n, int at, const void *item, struct btnode *child, uint64_t owner,
			    struct btnode **ret_right)
{
	struct btnode *right;

	if (n->count < FANOUT) {
		slot_insert(n, at, item, child);
		return;
	}
	right = node_split(n, at, owner);
	if (at > n->count)
		slot_insert(right, at - n->count, item, child);
	else
		slot_insert(n, at, item, child);
	*ret_right = right;
}

/* True when the set grew. *ret_right is a new sibling of *slot when it had to be split. */
static bool node_put(const struct btree_type *type, struct btnode **slot, uint64_t owner, const void *item,
		     struct btnode **ret_right)
{
	struct btnode *n = node_edit(type, slot, owner), *right = NULL;
	bool grew;
	int i;

	if (n->height) {
		i = node_child(type, n, item);
		grew = node_put(type, &n->child[i], owner, item, &right);
		n->item[i] = n->child[i]->item[0];
		if (right)
			insert_or_split(n, i + 1, right->item[0], right, owner, ret_right);
		return grew;
	}
	i = node_find(type, n, item, true);
	type->ref(item);
	if (i < n->count && type->cmp(type->ctx, n->item[i], item) == 0) {
		type->unref(n->item[i]);
		n->item[i] = item;
		return false;
	}
	insert_or_split(n, i, item, NULL, owner, ret_right);
	return true;
}

void btree_put(const struct btree_type *type, struct btree *t, uint64_t owner, const void *item)
{
	struct btnode *right = NULL, *root;

	if (!t->root)
		t->root = node_new(0, owner);
	t->count += node_put(type, &t->root, owner, item, &right);
	if (!right)
		return;
	root = node_new(t->root->height + 1U, owner);
	root->count = 2;
	root->item[0] = t->root->item[0];
	root->child[0] = t->root;
	root->item[1] = right->item[0];
	root->child[1] = right;
	t->root = root;
}

/* Merges child i+1 of n into child i when both fit into one node with room to spare. */
static void merge_children(const struct btree_type *type, struct btnode *n, int i, uint64_t owner)
{
	struct btnode *left, *right;

	if (i < 0 || i + 1 >= n->count || n->child[i]->count + n->child[i + 1]->count > FANOUT * 3 / 4)
		return;
	left = node_edit(type, &n->child[i], owner);
	right = node_edit(type, &n->child[i + 1], owner);
	memcpy(left->item + left->count, right->item, right->count * sizeof(left->item[0]));
	if (left->height)
		memcpy(left->child + left->count, right->child, right->count * sizeof(left->child[0]));
	left->count = (uint16_t)(left->count + right->count);
	right->count = 0; /* what it held has moved */
	node_drop(type, right);
	slot_remove(n, i + 1);
	n->item[i] = left->item[0];
}

static void node_del(const struct btree_type *type, struct btnode **slot, uint64_t owner, const void *probe)
{
	struct btnode *n = node_edit(type, slot, owner);
	int i;

	if (!n->height) {
		i = node_find(type, n, probe, true);
		const void *gone = n->item[i];

		slot_remove(n, i);
		type->unref(gone);
		return;
	}
	i = node_child(type, n, probe);
	node_del(type, &n->child[i], owner, probe);
	if (n->child[i]->count == 0) {
		node_drop(type, n->child[i]);
		slot_remove(n, i);
		return;
	}
	n->item[i] = n->child[i]->item[0];
	if (n->child[i]->count < FANOUT / 4) {
		merge_children(type, n, i, owner);
		merge_children(type, n, i - 1, owner);
	}
}

bool btree_del(const struct btree_type *type, struct btree *t, uint64_t owner, const void *probe)
{
	if (!btree_get(type, t, probe))
		return false;
	node_del(type, &t->root, owner, probe);
	t->count--;
	while (t->root->height && t->root->count == 1) {
		struct btnode *child = t->root->child[0];

		node_take(child);
		node_drop(type, t->root);
		t->root = child;
	}
	if (t->root->count == 0)
		btree_drop(type, t);
	return true;
}

/* --- cursors --- */

static const void *cursor_item(const struct bcursor *c)
{
	return c->depth ? c->node[c->depth - 1]->item[c->at[c->depth - 1]] : NULL;
}

/* Goes one step to the right (+1) or left (-1) of the leaf position, climbing where a node ends. */
static const void *cursor_step(struct bcursor *c, int step)
{
	int d = c->depth - 1;

	if (d < 0)
		return NULL;
	c->at[d] += step;
	while (c->at[d] < 0 || c->at[d] >= c->node[d]->count) {
		if (d-- == 0) {
			c->depth = 0;
			return NULL;
		}
		c->at[d] += step;
	}
	for (; c->node[d]->height; d++) {
		c->node[d + 1] = c->node[d]->child[c->at[d]];
		c->at[d + 1] = step > 0 ? 0 : c->node[d + 1]->count - 1;
	}
	return cursor_item(c);
}

const void *btree_next(struct bcursor *c)
{
	return cursor_step(c, 1);
}

const void *btree_prev(struct bcursor *c)
{
	return cursor_step(c, -1);
}

/* Descends towards the probe; the leaf position is left to the caller. */
static void cursor_descend(const struct btree_type *type, const struct btree *t, const void *probe, bool last,
			   struct bcursor *c)
{
	const struct btnode *n = t->root;

	c->depth = 0;
	while (n) {
		assert(c->depth < BTREE_DEPTH);
		c->node[c->depth] = n;
		if (!n->height)
			c->at[c->depth] = 0;
		else if (probe)
			c->at[c->depth] = node_child(type, n, probe);
		else
			c->at[c->depth] = last ? n->count - 1 : 0;
		n = n->height ? n->child[c->at[c->depth]] : NULL;
		c->depth++;
	}
}

const void *btree_seek(const struct btree_type *type, const struct btree *t, const void *probe,
		       struct bcursor *c)
{
	cursor_descend(type, t, probe, false, c);
	if (!c->depth)
		return NULL;
	if (probe)
		c->at[c->depth - 1] = node_find(type, c->node[c->depth - 1], probe, true);
	if (c->at[c->depth - 1] < c->node[c->depth - 1]->count)
		return cursor_item(c);
	c->at[c->depth - 1]--;
	return btree_next(c);
}

const void *btree_seek_last(const struct btree_type *type, const struct btree *t, const void *probe,
			    struct bcursor *c)
{
	int d;

	cursor_descend(type, t, probe, true, c);
	if (!c->depth)
		return NULL;
	d = c->depth - 1;
	c->at[d] = (probe ? node_find(type, c->node[d], probe, false) : c->node[d]->count) - 1;
	if (c->at[d] >= 0)
		return cursor_item(c);
	c->at[d] = 0;
	return btree_prev(c);
}
