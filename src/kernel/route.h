/* Routes with one next hop (route.c) and with several (route_spread.c). */
#pragma once
#include "kernel/internal.h"

enum route_there { ROUTE_NOT_OURS, ROUTE_SINGLE, ROUTE_SPREAD };
/* What there is of ours to the fact's destination, in its table. */
enum route_there route_look(struct netns *ns, const struct fact *to);
/* Appends a FACT_SPREAD: `route` has its place and destination, `hops` are the kernel's. */
void spread_observe(struct kernel_linux *k, const struct link_table *links, const struct nlattr *hops,
		    const struct fact *route, struct facts *ret);
