/* Rows and events as the stores keep them.
 * Between the model's codec and the stores. */
#include "store/encode.h"

#include <string.h>
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

int store_decode_past(const struct shape *shape, const struct uuid *id, const json_t *json,
		      const struct row **ret, struct err *err)
{
	void *region = talloc_new(NULL);
	union any_row draft = {0};
	int r = 0;

	*ret = NULL;
	if (json_is_object(json) && (r = decode_stored_json(shape, json, region, &draft, err)) == 0) {
		draft.row.id = *id;
		*ret = row_seal(shape->kind, &draft);
	}
	talloc_free(region);
	return r;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

bool store_begins_tenure(const struct row_change *c)
{
	const struct floatingip *was = (const struct floatingip *)c->old,
				*is = (const struct floatingip *)c->row;

	if (c->kind != KIND_FLOATINGIP)
		return false;
	return !was || !is || !same_text(was->project_id, is->project_id) ||
	       !uuid_eq(&was->port_id, &is->port_id) ||
	       ip_cmp(&was->fixed_ip_address, &is->fixed_ip_address) ||
	       ip_cmp(&was->floating_ip_address, &is->floating_ip_address);
}

size_t store_tenure_keys(const struct row_change *c, char ret[3][STORE_KEY])
{
	const struct floatingip *sides[] = {(const struct floatingip *)c->row,
					    (const struct floatingip *)c->old};
	size_t n = 0;

	ip_print(&(sides[0] ? sides[0] : sides[1])->floating_ip_address, ret[n++]);
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		if (!sides[i] || uuid_is_null(&sides[i]->port_id))
			continue;
		if (i && sides[0] && uuid_eq(&sides[0]->port_id, &sides[1]->port_id))
			continue;
		uuid_print(&sides[i]->port_id, ret[n++]);
	}
	return n;
}
