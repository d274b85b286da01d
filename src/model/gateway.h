/* A router's external gateways as one list: the first is its `external_gateway_info`, the others follow.
 * Pure; for the API's hooks and the planner, which both ask for all of them. */
#pragma once
#include "model/schema.h"

/* So many a router has at the most: each has a number from 1 to this, which is its own as long as it lives.
 */
#define ROUTER_GATEWAYS_MAX 8

struct gateways {
	struct router_gateway list[ROUTER_GATEWAYS_MAX];
	uint32_t count;
};

/* Their lists of addresses are the row's. */
void router_gateways(const struct router *r, struct gateways *ret);
/* Writes them into a draft; what is made for that is talloc'd in `region`. */
void router_set_gateways(struct router *draft, const struct gateways *g, void *region);
/* The first one to that network, from `from` on; NULL: none. */
const struct router_gateway *gateways_to(const struct gateways *g, const struct uuid *network_id,
					 uint32_t from);
/* The one whose port this is; NULL: none. */
const struct router_gateway *gateways_at(const struct gateways *g, const struct uuid *port_id);
/* A number that none of them has; 0: there are as many as there may be. */
int64_t gateways_free_number(const struct gateways *g);
/* As a body has it, without port and number. */
struct gateway gateway_info(const struct router_gateway *g);
/* The same with the port and the number of `of`; NULL: with neither. */
struct router_gateway gateway_of_info(const struct gateway *info, const struct router_gateway *of);
/* Whether one of the router's gateways has the QoS policy. */
bool router_has_policy(const struct router *r, const struct uuid *policy_id);
