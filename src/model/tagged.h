/* Which floating IPs have which tag, inside a snapshot.
 * Pure; used by snap.c only. What others ask is in snap.h. */
#pragma once
#include "model/snap.h"

extern const struct btree_type tagged_tree;

/* Follows a changed row. */
void tagged_follow(struct snap *s, uint64_t owner, const struct row *old, const struct row *row);
