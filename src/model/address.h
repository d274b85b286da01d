/* Address bookkeeping inside a snapshot: holdings and free ranges.
 * Pure; used by snap.c only. What others ask is in snap.h. */
#pragma once
#include "model/snap.h"

extern const struct btree_type holding_tree, free_tree;

/* Counts addresses of a subnet that have come to be held (+1) or are given back (-1). In snap.c. */
void snap_count_held(struct snap *s, uint64_t owner, const struct uuid *subnet_id, int64_t step);
/* Follows a changed row (a port's fixed IPs, a floating IP's address, one that rests, a subnet's pools) in
 * both trees. */
int address_follow(struct snap *s, uint64_t owner, const struct row *old, const struct row *row,
		   struct err *err);
