/* The table "buoy" itself: its constant rules and their version.
 * Below nft.c. */
#pragma once
#include "kernel/internal.h"

/* The version of the rules that are loaded: 0 when there is no table, 1 when somebody changed it or it cannot
 * be told. */
int nft_table_version(struct netns *ns, enum fact_family family, uint32_t *ret_version, struct err *err);
/* Loads our rules of this version in one transaction, in place of whichever is there; elements stay. */
int nft_table_put(struct netns *ns, enum fact_family family, uint32_t version, struct err *err);
/* Absent is success. */
int nft_table_del(struct netns *ns, enum fact_family family, struct err *err);
