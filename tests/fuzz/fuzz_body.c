/* Fuzz target: request bodies. The first byte chooses the resource, the mode and who sends it; the rest is
 * the body. What is accepted must be printable, storable and readable again. */
#include "model/codec.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_all(const struct shape *shape, const void *object)
{
	const struct row *row = row_seal(shape->kind, object), *again;
	AUTO_BUF struct buf reply = {0}, stored = {0}, twice = {0};
	void *region = talloc_new(NULL);
	union any_row back = {.row = {.kind = (uint16_t)shape->kind}};

	print_row(row, &(struct print_view){.fields = UINT64_MAX}, &reply);
	encode_stored(row, &stored);
	assert(decode_stored(shape, stored.data, stored.len, region, &back, NULL) == 0);
	again = row_seal(shape->kind, &back);
	encode_stored(again, &twice);
	assert(strcmp(buf_text(&stored), buf_text(&twice)) == 0);
	row_drop(row);
	row_drop(again);
	talloc_free(region);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct shape *shape;
	enum decode_mode mode;
	union any_row object = {0};
	struct err err = {0};
	uint64_t given;
	json_t *json;
	void *region;

	if (size < 1 || json_parse_object((const char *)data + 1, size - 1, &json, &err) < 0)
		return 0;
	shape = shape_of((enum kind)(1 + data[0] % (KINDS - 1)));
	mode = data[0] & 0x40 ? DECODE_PUT : DECODE_POST;
	object.row.kind = (uint16_t)shape->kind;
	region = talloc_new(NULL);
	/* An update is laid over a row, which has at least its defaults. */
	if (mode == DECODE_PUT)
		assert(decode_stored(shape, "{}", 2, region, &object, NULL) == 0);
	if (decode_given(shape, json, mode, data[0] & 0x80, region, &object, &given, &err) == 0)
		print_all(shape, &object);
	else
		assert(err.status == 400 || err.status == 403);
	talloc_free(region);
	json_decref(json);
	return 0;
}
