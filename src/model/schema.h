/* The API is data: one row per attribute of every resource.
 *
 * From the rows in resources.h come the C structs below, JSON decoding with precise errors, JSON printing,
 * storage encoding, filters, sorting, indexes, the audit difference, CLI columns and options, and the
 * negative tests that walk the table. A new attribute is one row; a new resource is its rows and a few hooks.
 *
 * All tables are constant; any thread may read them. */
#pragma once
#include "model/resources.h"
#include "model/value.h"

#include <stdatomic.h>

/* C type of the member, by attribute type:
 *   UUID, HEXID struct uuid      STR, JSON const char *     BOOL bool        INT, TIME int64_t
 *   IP struct ip   CIDR struct cidr   MAC struct mac        LIST struct list   OBJECT a struct
 * Null is the all-zero value; a null STR is NULL; INT 0 prints null when the row allows null. */
enum attr_type {
	ATTR_UUID,
	ATTR_HEXID, /* identity's ids: 32 hexadecimal digits */
	ATTR_STR,
	ATTR_BOOL,
	ATTR_INT,
	ATTR_IP,
	ATTR_CIDR,
	ATTR_MAC,
	ATTR_TIME,   /* seconds since the epoch; RFC 3339 text in JSON */
	ATTR_JSON,   /* an object that is kept as its JSON text */
	ATTR_LIST,   /* of the item shape; a shape whose only attribute has the name "" is a list of plain
			values */
	ATTR_OBJECT, /* null when its first attribute is null */
};

enum attr_flags {
	A_POST = 1 << 0,      /* may be given at creation */
	A_PUT = 1 << 1,       /* may be given at an update */
	A_REQ = 1 << 2,       /* must be given at creation */
	A_NULL = 1 << 3,      /* null is a value */
	A_ADMIN = 1 << 4,     /* only an administrator may set it */
	A_ADMIN_SEE = 1 << 5, /* only an administrator sees it */
	A_FILTER = 1 << 6,    /* lists can be filtered by it */
	A_SORT = 1 << 7,      /* lists can be sorted by it */
	A_COMPUTED = 1 << 8,  /* shown, not stored: the resource's show hook prints it */
	A_INPUT = 1 << 9,     /* accepted, neither stored nor shown */
	A_HIDDEN = 1 << 10,   /* stored, never shown */
	A_SECRET = 1 << 11,   /* stored, but not in the event log */
	A_PARENT = 1 << 12,   /* UUID of the row that this one is nested in; comes from the path, and next
				 after the id */
	A_VIEWED = 1 << 13,   /* stored, but shown as the resource's show hook prints it for the caller; BOOL:
				 filters find it so, too */
	A_UNSEEN = 1 << 14,   /* may name a row that the caller does not see: the hooks look for it */
	A_RW = A_POST | A_PUT,
	A_FS = A_FILTER | A_SORT,
};

struct shape;

#define KIND_NAME_(NAME, ...) KIND_##NAME,
enum kind { KIND_NONE, EVERY_KIND(KIND_NAME_) KINDS };

struct attr {
	const char *name;  /* as the API spells it */
	const char *alias; /* a second spelling that is accepted and printed ("tenant_id"); or NULL */
	enum attr_type type;
	unsigned flags;
	uint16_t offset;          /* of the member in its struct */
	enum kind ref;            /* the kind that a UUID refers to; KIND_NONE: no reference */
	const char *def;          /* JSON text of the default at creation, and of rows that were stored before
				     the attribute existed; NULL: null */
	int64_t min, max;         /* INT: bounds; STR: `max` bytes (0: 255); LIST: `max` items (0: 100) */
	const char *one_of;       /* STR: "a|b|c"; NULL: any */
	const struct shape *item; /* LIST, OBJECT */
	const char *doc;
};

/* A struct that the tables describe: a resource, or an item of a list. */
struct shape {
	const char *name, *plural; /* JSON names; plural NULL: not a resource */
	enum kind kind;
	uint16_t size;
	uint16_t count; /* attributes; at most 64 */
	const struct attr *attrs;
	const char *type; /* in error types: "FloatingIP" + "NotFound" */
};

struct list {
	const void *items; /* `count` structs of the item shape, adjacent */
	uint32_t count;
};

/* What every row starts with. Rows in a snapshot are immutable and one block of memory each. */
struct row {
	atomic_uint refs;
	uint16_t kind; /* enum kind */
	struct uuid id;
	uint64_t revision; /* of the store, when it was last written */
	int64_t created_at, updated_at;
	int64_t revision_number; /* of this row, counted by its changes: the API's revision_number */
};

/* --- the structs that come of it --- */

#define DECLARE_MEMBER_(S, ctype, member, ...) ctype member;
#define DECLARE_NOTHING_(S, member, ...)
#define DECLARE_ITEM_(NAME, S, shape_name, ...)                                                              \
	struct S {                                                                                           \
		SHAPE_##NAME(DECLARE_MEMBER_, DECLARE_NOTHING_, S)                                           \
	};                                                                                                   \
	extern const struct shape shape_name;
#define DECLARE_KIND_(NAME, S, ...)                                                                          \
	struct S {                                                                                           \
		struct row row;                                                                              \
		SHAPE_##NAME(DECLARE_MEMBER_, DECLARE_NOTHING_, S)                                           \
	};
EVERY_ITEM(DECLARE_ITEM_)
EVERY_KIND(DECLARE_KIND_)

#define UNION_MEMBER_(NAME, S, ...) struct S S;
/* Room for a row of any kind: drafts and index probes. */
union any_row {
	struct row row;
	EVERY_KIND(UNION_MEMBER_)
};

#define INDEX_NAME_(index, ...) index,
enum index_id { EVERY_INDEX(INDEX_NAME_) INDEXES };

/* More than one attribute makes an order: of the first's equals by the second, and so on. */
#define ORDER_NAME_(order, ...) order,
enum order_id { EVERY_ORDER(ORDER_NAME_) ORDERS };
#define ORDER_KEYS 3

/* KIND_NONE gives NULL. */
const struct shape *shape_of(enum kind kind);
/* NULL when there is no such kind (name is the singular: "floatingip"). */
const struct shape *shape_by_name(const char *name);
/* By API name or alias; NULL when absent. */
const struct attr *shape_attr(const struct shape *shape, const char *name);
/* Which attribute says what rows of the shape are nested in; NULL: they stand by themselves. */
const struct attr *shape_parent(const struct shape *shape);
/* Position of an attribute in its shape: the bit in the `given` masks. */
unsigned attr_bit(const struct shape *shape, const struct attr *attr);

static inline const void *attr_at(const struct attr *a, const void *object)
{
	return (const char *)object + a->offset;
}
bool attr_is_null(const struct attr *a, const void *object);
/* Never null, so that its absence from a stored row says that the row is older than the attribute. */
static inline bool attr_is_kept(const struct attr *a)
{
	return a->def && !(a->flags & A_NULL);
}
/* Orders two objects by one attribute. Lists, objects and JSON order as equal. */
int attr_cmp(const struct attr *a, const void *x, const void *y);

/* An index holds the rows of one kind ordered by one attribute, then by id; rows where it is null are left
 * out. */
enum kind index_kind(enum index_id index);
const struct attr *index_attr(enum index_id index);
/* The same for orders: `i` below ORDER_KEYS. */
enum kind order_kind(enum order_id order);
const struct attr *order_attr(enum order_id order, unsigned i);
