/* Rows: one immutable block of memory each, copied together from a draft by the schema's tables.
 * Pure; between drafts and snapshots. */
#include "model/codec.h"

#include <assert.h>
#include <malloc.h>
#include <string.h>

/* Where the next piece goes. With `at` NULL only the size is counted. */
struct packer {
	char *at;
	size_t used;
};

static size_t padded(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static void *pack(struct packer *p, const void *data, size_t len, size_t room)
{
	char *to = p->at ? p->at + p->used : NULL;

	if (to && len)
		memcpy(to, data, len);
	p->used += room;
	return to;
}

/* Copies what `object` points to behind it; `object` is already the copy when p->at is set. */
static void pack_pointers(struct packer *p, const struct shape *shape, void *object)
{
	for (unsigned i = 0; i < shape->count; i++) {
		const struct attr *a = &shape->attrs[i];
		void *at = (char *)object + a->offset;

		if (a->flags & (A_COMPUTED | A_INPUT))
			continue;
		if (a->type == ATTR_OBJECT) {
			pack_pointers(p, a->item, at);
		} else if (a->type == ATTR_STR || a->type == ATTR_JSON) {
			const char **s = at;
			size_t len = *s ? strlen(*s) + 1 : 0;
			const char *copy = *s ? pack(p, *s, len, padded(len)) : NULL;

			if (p->at)
				*s = copy;
		} else if (a->type == ATTR_LIST) {
			struct list *l = at;
			size_t len = (size_t)l->count * a->item->size;
			char *copy = pack(p, l->items, len, padded(len));
			char *items = p->at ? copy : (char *)(uintptr_t)l->items;

			for (uint32_t j = 0; j < l->count; j++)
				pack_pointers(p, a->item, items + (size_t)j * a->item->size);
			if (p->at)
				l->items = l->count ? copy : NULL;
		}
	}
}

/* Input attributes end with the draft: what they point to is not copied. */
static void clear_input(const struct shape *shape, void *object)
{
	for (unsigned i = 0; i < shape->count; i++)
		if (shape->attrs[i].flags & A_INPUT && shape->attrs[i].type == ATTR_STR)
			*(const char **)(void *)((char *)object + shape->attrs[i].offset) = NULL;
}

const struct row *row_seal(enum kind kind, const void *draft)
{
	const struct shape *shape = shape_of(kind);
	struct packer count = {.used = padded(shape->size)}, p = {.used = padded(shape->size)};
	union any_row copy;
	struct row *row;

	memcpy(&copy, draft, shape->size);
	pack_pointers(&count, shape, &copy);
	row = xalloc(count.used);
	memcpy(row, draft, shape->size);
	clear_input(shape, row);
	row->kind = (uint16_t)kind;
	atomic_init(&row->refs, 1);
	p.at = (char *)row;
	pack_pointers(&p, shape, row);
	assert(p.used == count.used);
	return row;
}

const struct row *row_take(const struct row *row)
{
	atomic_fetch_add_explicit(&((struct row *)(uintptr_t)row)->refs, 1, memory_order_relaxed);
	return row;
}

void row_drop(const struct row *row)
{
	struct row *r = (struct row *)(uintptr_t)row;

	if (r && atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1)
		free(r);
}

size_t row_size(const struct row *row)
{
	return malloc_usable_size((void *)(uintptr_t)row);
}
