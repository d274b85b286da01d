/* What the planner's files of routers share. Private to plan_router.c and plan_ways.c. */
#pragma once
#include "plan/plan_int.h"

/* One router being planned. */
struct work {
	struct planner *p;
	const struct router *router;
	sym ns;
	struct legs legs;
	bool ways;                      /* several gateways are up */
	bool spread;                    /* so is what has no way */
	uint16_t way;                   /* whose routes are being added; 0: those of the main table */
	size_t first_fact, first_route; /* of this router in the facts, of this table */
	bool ipv6;
};

/* --- plan_router.c --- */

/* The first one to a destination counts. `via` NULL: on link; `leg` NULL: unreachable. */
void router_add_route(struct work *w, const struct cidr *to, const struct ip *via, const struct leg *leg);
void router_add_extra_routes(struct work *w, const struct leg *way);
void router_add_on_link_routes(struct work *w, const struct leg *leg);
void router_add_default_routes(struct work *w, const struct leg *leg);
/* The leg's own addresses, as the express data path knows them: the router's business. */
void router_add_own_paths(struct work *w, const struct leg *leg);
/* Where what leaves by the external leg goes to first, IPv4; NULL: nowhere but to what is on link. */
const struct ip *router_next_hop(struct work *w, const struct leg *leg);

/* --- routers of several gateways (plan_ways.c) --- */

/* In place of the default route, unless the user gave one. Nothing where fewer than two legs lead on. */
void router_add_spread(struct work *w);
void router_add_ways(struct work *w);
