/* The schema as tables: what resources.h says, turned into arrays.
 * Pure; constant data and look-ups in it. */
#include "model/schema.h"

#include <string.h>

#define ATTR_ROW_(S, ctype, member_, name_, type_, flags_, ...)                                              \
	{.name = name_,                                                                                      \
	 .type = ATTR_##type_,                                                                               \
	 .flags = (flags_),                                                                                  \
	 .offset = offsetof(struct S, member_),                                                              \
	 __VA_ARGS__},
#define ATTR_HEADER_(S, member_, ...) ATTR_ROW_(S, , member_, __VA_ARGS__)

#define ITEM_TABLE_(NAME, S, shape_name, name_, ...)                                                         \
	static const struct attr attrs_##shape_name[] = {SHAPE_##NAME(ATTR_ROW_, ATTR_HEADER_, S)};          \
	const struct shape shape_name = {                                                                    \
		.name = name_,                                                                               \
		.size = sizeof(struct S),                                                                    \
		.count = ARRAY_SIZE(attrs_##shape_name),                                                     \
		.attrs = attrs_##shape_name,                                                                 \
		.type = "",                                                                                  \
	};
EVERY_ITEM(ITEM_TABLE_)

#define KIND_TABLE_(NAME, S, ...)                                                                            \
	static const struct attr attrs_##S[] = {SHAPE_##NAME(ATTR_ROW_, ATTR_HEADER_, S)};
EVERY_KIND(KIND_TABLE_)

#define KIND_SHAPE_(NAME, S, name_, plural_, type_, ...)                                                     \
	[KIND_##NAME] = {.name = name_,                                                                      \
			 .plural = plural_,                                                                  \
			 .kind = KIND_##NAME,                                                                \
			 .size = sizeof(struct S),                                                           \
			 .count = ARRAY_SIZE(attrs_##S),                                                     \
			 .attrs = attrs_##S,                                                                 \
			 .type = type_},
static const struct shape kinds[KINDS] = {EVERY_KIND(KIND_SHAPE_)};

/* Which row of its kind's table an index goes by is found from the member's offset, once, before main. */
#define INDEX_OFFSET_(index, NAME, S, member) [index] = {KIND_##NAME, offsetof(struct S, member)},
static struct {
	enum kind kind;
	uint16_t offset;
	const struct attr *attr;
} indexes[INDEXES] = {EVERY_INDEX(INDEX_OFFSET_)};

#define ORDER_OFFSET_(order, NAME, S, a, b, c)                                                               \
	[order] = {KIND_##NAME, {offsetof(struct S, a), offsetof(struct S, b), offsetof(struct S, c)}},
static struct {
	enum kind kind;
	uint16_t offset[ORDER_KEYS];
	const struct attr *attr[ORDER_KEYS];
} orders[ORDERS] = {EVERY_ORDER(ORDER_OFFSET_)};

static const struct attr *attr_with_offset(const struct shape *s, uint16_t offset)
{
	for (unsigned j = 0; j < s->count; j++)
		if (s->attrs[j].offset == offset && !(s->attrs[j].flags & A_COMPUTED))
			return &s->attrs[j];
	return NULL;
}

/* Before the other constructors: snap.c's takes what this one finds, whatever the order of linking. */
__attribute__((constructor(101))) static void find_index_attrs(void)
{
	for (int i = 0; i < INDEXES; i++)
		indexes[i].attr = attr_with_offset(&kinds[indexes[i].kind], indexes[i].offset);
	for (int i = 0; i < ORDERS; i++)
		for (int j = 0; j < ORDER_KEYS; j++)
			orders[i].attr[j] = attr_with_offset(&kinds[orders[i].kind], orders[i].offset[j]);
}

const struct shape *shape_of(enum kind kind)
{
	return kind > KIND_NONE && kind < KINDS ? &kinds[kind] : NULL;
}

const struct shape *shape_by_name(const char *name)
{
	for (int k = KIND_NONE + 1; k < KINDS; k++)
		if (strcmp(kinds[k].name, name) == 0)
			return &kinds[k];
	return NULL;
}

const struct attr *shape_attr(const struct shape *shape, const char *name)
{
	for (unsigned i = 0; i < shape->count; i++) {
		const struct attr *a = &shape->attrs[i];

		if (strcmp(a->name, name) == 0 || (a->alias && strcmp(a->alias, name) == 0))
			return a;
	}
	return NULL;
}

const struct attr *shape_parent(const struct shape *shape)
{
	return shape->count > 1 && shape->attrs[1].flags & A_PARENT ? &shape->attrs[1] : NULL;
}

unsigned attr_bit(const struct shape *shape, const struct attr *attr)
{
	return (unsigned)(attr - shape->attrs);
}

enum kind index_kind(enum index_id index)
{
	return indexes[index].kind;
}

const struct attr *index_attr(enum index_id index)
{
	return indexes[index].attr;
}

enum kind order_kind(enum order_id order)
{
	return orders[order].kind;
}

const struct attr *order_attr(enum order_id order, unsigned i)
{
	return orders[order].attr[i];
}

static size_t plain_size(const struct attr *a)
{
	switch (a->type) {
	case ATTR_UUID:
	case ATTR_HEXID:
		return sizeof(struct uuid);
	case ATTR_IP:
		return sizeof(struct ip);
	case ATTR_CIDR:
		return sizeof(struct cidr);
	case ATTR_MAC:
		return sizeof(struct mac);
	case ATTR_INT:
	case ATTR_TIME:
		return sizeof(int64_t);
	case ATTR_BOOL:
		return sizeof(bool);
	case ATTR_STR:
	case ATTR_JSON:
	case ATTR_LIST:
	case ATTR_OBJECT:
		break;
	}
	return 0;
}

bool attr_is_null(const struct attr *a, const void *object)
{
	const unsigned char *p = attr_at(a, object);

	if (a->type == ATTR_STR || a->type == ATTR_JSON)
		return !*(const char *const *)(const void *)p;
	if (a->type == ATTR_LIST)
		return ((const struct list *)(const void *)p)->count == 0;
	if (a->type == ATTR_OBJECT)
		return attr_is_null(&a->item->attrs[0], p);
	for (size_t i = 0; i < plain_size(a); i++)
		if (p[i])
			return false;
	return true;
}

static int str_cmp(const char *x, const char *y)
{
	return strcmp(x ? x : "", y ? y : "");
}

int attr_cmp(const struct attr *a, const void *x, const void *y)
{
	const void *p = attr_at(a, x), *q = attr_at(a, y);

	switch (a->type) {
	case ATTR_STR:
		return str_cmp(*(const char *const *)p, *(const char *const *)q);
	case ATTR_INT:
	case ATTR_TIME: {
		int64_t m = *(const int64_t *)p, n = *(const int64_t *)q;

		return (m > n) - (m < n);
	}
	case ATTR_UUID:
	case ATTR_HEXID:
	case ATTR_IP:
	case ATTR_CIDR:
	case ATTR_MAC:
	case ATTR_BOOL:
		return memcmp(p, q, plain_size(a));
	case ATTR_JSON:
	case ATTR_LIST:
	case ATTR_OBJECT:
		break;
	}
	return 0;
}
