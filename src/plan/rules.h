/* The constant nftables rules of a router, and their version: in a namespace of its own, with the express
 * data path beside them or without, or in the host's. The planner wants them (FACT_TABLE), src/kernel loads
 * them. Only the elements of their sets and maps vary: they are the facts FACT_GATEWAY, FACT_METADATA and
 * FACT_NAT. */
#pragma once
#include "base/util.h"

/* The mark of what came in by a leg in an address scope: this, and the scope's number (FACT_SCOPE). */
#define SCOPE_MARK 0x5c0e0000U

struct rules {
	const char *text; /* what `nft -f` reads: the whole table "ip buoy" without elements */
	unsigned count;   /* how many rules the chains hold together, to notice one that somebody took away */
};
extern const struct rules rules_netns, rules_express, rules_host;
/* Beside the first two: the table "ip6 buoy" of a router with IPv6 address scopes. */
extern const struct rules rules_scopes6;
/* What FACT_TABLE carries in value.num: a hash of the text, never 0 or 1. */
uint32_t rules_hash(const struct rules *rules);
