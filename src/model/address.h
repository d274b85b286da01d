/* Address bookkeeping inside a snapshot: holdings and free ranges.
 * Pure; used by snap.c only. What others ask is in snap.h. */
#pragma once
#include "model/snap.h"

extern const struct btree_type holding_tree, free_tree;

/* Follows a changed row (a port's fixed IPs, a floating IP's address, one that rests, a subnet's pools) in both trees. */
int address_follow(struct snap *s, uint64_t owner, const struct row *old, const struct row *row,
		   struct err *err);
