/* Sets of addresses as lists of prefixes (RFC 4632): what a subnet pool consists of.
 *
 * A list is compact when its prefixes are in order, do not overlap, and no two of them are the halves of one:
 * then a prefix is covered by the list exactly when one of its items covers it. All of one family. Pure. */
#pragma once
#include "model/schema.h"

/* Orders, drops what is covered and joins halves, in place; returns how many are left. */
uint32_t prefixes_compact(struct prefix *list, uint32_t count);
/* The rest of these want compact lists. */
bool prefixes_cover(const struct list *list, const struct cidr *what);
bool prefixes_cover_all(const struct list *list, const struct list *what);
bool prefixes_overlap(const struct list *a, const struct list *b);
/* Takes `what` out of the list: the prefixes that are left go to a compact list in `region`. -E2BIG when they
 * are more than `max`. */
int prefixes_without(void *region, const struct list *list, const struct list *what, uint32_t max,
		     struct list *ret);
/* Both halves of a prefix that is longer than one address. */
struct cidr cidr_half(const struct cidr *c, bool upper);
/* Whether `a` has all of `b`. */
bool cidr_covers(const struct cidr *a, const struct cidr *b);
