/* Rows and events as the stores keep them.
 * Between the model's codec and the stores. */
#include "store/encode.h"

#include <talloc.h>

static void print_or_null(const struct row *row, struct buf *out)
{
	if (row)
		encode_event(row, out);
	else
		buf_puts(out, "null");
}

void store_print_changes(const struct store_change *c, struct buf *out)
{
	const char *comma = "";
	char id[UUID_TEXT];

	buf_putc(out, '[');
	for (size_t i = 0; i < c->change_count; i++) {
		const struct row_change *rc = &c->changes[i];

		if (store_is_quiet(rc->kind))
			continue;
		buf_printf(out, "%s{\"kind\":\"%s\",\"id\":\"%s\",\"old\":", comma, shape_of(rc->kind)->name,
			   uuid_print(&rc->id, id));
		print_or_null(rc->old, out);
		buf_puts(out, ",\"new\":");
		print_or_null(rc->row, out);
		buf_putc(out, '}');
		comma = ",";
	}
	buf_putc(out, ']');
}

int store_decode_row(const struct shape *shape, const struct uuid *id, uint64_t revision, const char *data,
		     size_t len, const struct row **ret, struct err *err)
{
	void *region = talloc_new(NULL);
	union any_row draft = {0};
	int r = decode_stored(shape, data, len, region, &draft, err);

	if (r == 0) {
		draft.row.id = *id;
		draft.row.revision = revision;
		*ret = row_seal(shape->kind, &draft);
	}
	talloc_free(region);
	return r;
}
