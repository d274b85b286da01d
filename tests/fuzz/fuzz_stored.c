/* Fuzz target: stored rows. The first byte chooses the kind; the rest is a row's text as a damaged database
 * has it. What is read must survive being written and read again. */
#include "model/codec.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union any_row first = {0}, second = {0};
	AUTO_BUF struct buf once = {0}, twice = {0};
	const struct shape *shape;
	const struct row *row;
	struct err err = {0};
	void *region;

	if (size < 1)
		return 0;
	shape = shape_of((enum kind)(1 + data[0] % (KINDS - 1)));
	first.row.kind = second.row.kind = (uint16_t)shape->kind;
	region = talloc_new(NULL);
	if (decode_stored(shape, (const char *)data + 1, size - 1, region, &first, &err) == 0) {
		row = row_seal(shape->kind, &first);
		encode_stored(row, &once);
		row_drop(row);
		assert(decode_stored(shape, once.data, once.len, region, &second, &err) == 0);
		row = row_seal(shape->kind, &second);
		encode_stored(row, &twice);
		row_drop(row);
		assert(strcmp(buf_text(&once), buf_text(&twice)) == 0);
	} else {
		assert(err.message[0]);
	}
	talloc_free(region);
	return 0;
}
