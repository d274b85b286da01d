/* Rows and JSON, both ways, driven by the schema's tables.
 *
 * Decoding serves what strangers send (decode_given: POST and PUT bodies, with precise errors) and what the
 * store holds (decode_stored). Printing serves replies (with a mask of fields and a hook for computed
 * attributes) and the store. A decoded object is a draft: its strings and lists live in the region and it is
 * not a row yet; row_seal makes one. Pure; any thread. */
#pragma once
#include "base/buf.h"
#include "model/schema.h"

#include <jansson.h>

/* What a caller may do decides what it may set. */
enum decode_mode {
	DECODE_POST, /* defaults are filled in, missing required attributes are refused */
	DECODE_PUT,  /* only what is given is touched */
};

/* Reads a JSON object into a struct of the shape (zeroed for POST, a copy of the row for PUT) whose strings
 * go to `region` (talloc). Unknown attributes, wrong types, bounds and attributes that this mode may not set
 * are refused with 400 and a message in the manner of Neutron ("Invalid input for name. Reason: ..."); an
 * attribute for administrators with 403 unless `admin`. *ret_given: bit i for attribute i of the shape. */
int decode_given(const struct shape *shape, const json_t *json, enum decode_mode mode, bool admin,
		 void *region, void *object, uint64_t *ret_given, struct err *err);

/* Reads what encode_stored wrote; `text` is a JSON object. Unknown attributes are ignored, so that a newer
 * minor version's rows can be read. Anything else that does not fit is an error (a damaged database). */
int decode_stored(const struct shape *shape, const char *text, size_t len, void *region, void *object,
		  struct err *err);

/* The same of what is JSON already. */
int decode_stored_json(const struct shape *shape, const json_t *json, void *region, void *object,
		       struct err *err);

/* Prints computed attributes: writes the JSON value of `attr` of `row`. */
typedef void (*print_computed)(void *arg, const struct attr *attr, const struct row *row, struct buf *out);

/* Who looks: what is not for them is left out. `fields` is a mask of attribute bits (all ones: everything).
 */
struct print_view {
	bool admin;
	uint64_t fields;
	uint64_t no_name,
		no_alias;        /* of those: attributes that are asked for by one of their two names only */
	print_computed computed; /* NULL: computed attributes are left out */
	void *arg;
};

/* {"id": ..., ...} without the outer {"network": }. An alias is printed beside its attribute. */
void print_row(const struct row *row, const struct print_view *view, struct buf *out);
/* One attribute's JSON value, for nested and special uses. */
void print_attr(const struct attr *a, const void *object, struct buf *out);
/* What the store keeps: everything but computed and input attributes and nulls. What an older
 * version stored without an attribute that is never null reads as that attribute's default. */
void encode_stored(const struct row *row, struct buf *out);
/* The same for the event log: without secrets. */
void encode_event(const struct row *row, struct buf *out);

/* Parses a JSON text from a stranger: an object, depth and duplicate keys checked. The caller json_decrefs.
 */
int json_parse_object(const char *text, size_t len, json_t **ret, struct err *err);

/* Parses one plain value from a query string into the attribute's member of `object`. -EINVAL when it can not
 * be such a value. */
int attr_parse_text(const struct attr *a, const char *text, void *region, void *object);

/* --- rows --- */

/* Copies a draft with everything it points to into one block of memory: an immutable row with one reference.
 * Header fields are copied as they are. */
const struct row *row_seal(enum kind kind, const void *draft);
const struct row *row_take(const struct row *row);
void row_drop(const struct row *row);
/* Bytes that a row takes. */
size_t row_size(const struct row *row);
