/* The constant nftables rules of a router's namespace, and their version.
 * The planner wants them (FACT_TABLE), src/kernel loads them. Only the elements of their sets and maps vary:
 * they are the facts FACT_GATEWAY and FACT_NAT. */
#pragma once
#include "base/util.h"

/* What `nft -f` reads: the whole table "ip buoy" without elements. */
extern const char rules_nft[];
/* How many rules the chains hold together, to notice a rule that somebody took away. */
#define RULES_NFT_COUNT 12
/* What FACT_TABLE carries in value.num: a hash of the text, never 0 or 1. */
uint32_t rules_nft_hash(void);
