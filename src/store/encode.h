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
/* The same of what the event log holds of it; *ret is NULL for JSON's null. */
int store_decode_past(const struct shape *shape, const struct uuid *id, const json_t *json,
		      const struct row **ret, struct err *err);
/* Whether a change of a floating IP makes it another's, or leads it elsewhere: it comes, goes, or has another
 * project, port or fixed IP. */
bool store_begins_tenure(const struct row_change *c);
/* By which words such a change is found: the address, the ports before and after. Fills at most three, each
 * of STORE_KEY bytes. */
size_t store_tenure_keys(const struct row_change *c, char ret[3][STORE_KEY]);
/* Whether the past of rows of this kind is looked at as a whole: those of the network API. */
static inline bool store_has_past(enum kind kind)
{
	return kind != KIND_NONE && kind < KIND_DOMAIN;
}
/* How ids are spelt in the store: 8-4-4-4-12 for every kind. */
