/* What every store does with rows and events: text out, rows in. */
#pragma once
#include "store/store.h"

/* What is no news: what changes of such a kind is in no event. */
static inline bool store_is_quiet(enum kind kind)
{
	return kind == KIND_SIGHTING;
}
/* The event's list of changes: [{"kind", "id", "old", "new"}, ...], secrets left out. */
void store_print_changes(const struct store_change *c, struct buf *out);
/* A stored row back as a sealed row (one reference, the caller's). */
int store_decode_row(const struct shape *shape, const struct uuid *id, uint64_t revision, const char *data,
		     size_t len, const struct row **ret, struct err *err);
/* How ids are spelt in the store: 8-4-4-4-12 for every kind. */
