/* Structs into JSON, by the schema's tables: replies and stored rows.
 * Pure; between rows and bytes. */
#include "model/codec.h"

#include <string.h>

static void print_object(const struct shape *shape, const void *object, struct buf *out)
{
	for (unsigned i = 0; i < shape->count; i++) {
		buf_putc(out, i ? ',' : '{');
		buf_json_str(out, shape->attrs[i].name);
		buf_putc(out, ':');
		print_attr(&shape->attrs[i], object, out);
	}
	buf_putc(out, '}');
}

static void print_list(const struct shape *item, const struct list *list, struct buf *out)
{
	buf_putc(out, '[');
	for (uint32_t i = 0; i < list->count; i++) {
		const void *object = (const char *)list->items + (size_t)i * item->size;

		if (i)
			buf_putc(out, ',');
		if (item->attrs[0].name[0] == '\0')
			print_attr(&item->attrs[0], object, out);
		else
			print_object(item, object, out);
	}
	buf_putc(out, ']');
}

static void print_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	buf_puts(out, text);
	buf_putc(out, '"');
}

static void print_value(const struct attr *a, const void *at, struct buf *out)
{
	char text[64];

	switch (a->type) {
	case ATTR_UUID:
		print_quoted(out, uuid_print(at, text));
		break;
	case ATTR_HEXID:
		print_quoted(out, hexid_print(at, text));
		break;
	case ATTR_IP:
		print_quoted(out, ip_print(at, text));
		break;
	case ATTR_CIDR:
		print_quoted(out, cidr_print(at, text));
		break;
	case ATTR_MAC:
		print_quoted(out, mac_print(at, text));
		break;
	case ATTR_TIME:
		print_quoted(out, time_print(*(const int64_t *)at, text));
		break;
	case ATTR_STR:
		buf_json_str(out, *(const char *const *)at);
		break;
	case ATTR_JSON:
		buf_puts(out, *(const char *const *)at);
		break;
	case ATTR_BOOL:
		buf_puts(out, *(const bool *)at ? "true" : "false");
		break;
	case ATTR_INT:
		buf_json_int(out, *(const int64_t *)at);
		break;
	case ATTR_OBJECT:
		print_object(a->item, at, out);
		break;
	case ATTR_LIST:
		print_list(a->item, at, out);
		break;
	}
}

void print_attr(const struct attr *a, const void *object, struct buf *out)
{
	bool never_null =
		a->type == ATTR_BOOL || a->type == ATTR_LIST || (a->type == ATTR_INT && !(a->flags & A_NULL));

	if (!never_null && attr_is_null(a, object))
		buf_puts(out, "null");
	else
		print_value(a, attr_at(a, object), out);
}

static void print_named(const char *name, bool *first, struct buf *out)
{
	buf_putc(out, *first ? '{' : ',');
	*first = false;
	print_quoted(out, name);
	buf_putc(out, ':');
}

static void print_one(const struct attr *a, const struct row *row, const struct print_view *view,
		      struct buf *out)
{
	if (view->computed && a->flags & (A_COMPUTED | A_VIEWED))
		view->computed(view->arg, a, row, out);
	else
		print_attr(a, row, out);
}

void print_row(const struct row *row, const struct print_view *view, struct buf *out)
{
	const struct shape *shape = shape_of(row->kind);
	bool first = true;

	for (unsigned i = 0; i < shape->count; i++) {
		const struct attr *a = &shape->attrs[i];

		if (a->flags & (A_HIDDEN | A_INPUT) || !(view->fields & (1ULL << i)))
			continue;
		if ((a->flags & A_ADMIN_SEE && !view->admin) || (a->flags & A_COMPUTED && !view->computed))
			continue;
		if (!(view->no_name & (1ULL << i))) {
			print_named(a->name, &first, out);
			print_one(a, row, view, out);
		}
		if (a->alias && !(view->no_alias & (1ULL << i))) {
			print_named(a->alias, &first, out);
			print_one(a, row, view, out);
		}
	}
	buf_puts(out, first ? "{}" : "}");
}

/* Types of which zero is a value. */
static bool zero_is_kept(const struct attr *a)
{
	return attr_is_kept(a) && (a->type == ATTR_BOOL || a->type == ATTR_INT || a->type == ATTR_LIST);
}

static void encode(const struct row *row, unsigned skip, struct buf *out)
{
	const struct shape *shape = shape_of(row->kind);
	bool first = true;

	for (unsigned i = 0; i < shape->count; i++) {
		const struct attr *a = &shape->attrs[i];

		if (a->flags & skip || (attr_is_null(a, row) && !zero_is_kept(a)))
			continue;
		print_named(a->name, &first, out);
		print_value(a, attr_at(a, row), out);
	}
	buf_puts(out, first ? "{}" : "}");
}

void encode_stored(const struct row *row, struct buf *out)
{
	encode(row, A_COMPUTED | A_INPUT, out);
}

void encode_event(const struct row *row, struct buf *out)
{
	encode(row, A_COMPUTED | A_INPUT | A_SECRET, out);
}
