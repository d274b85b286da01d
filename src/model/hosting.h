/* Who serves what: the agents of nodes, and the routers and networks that were taken from them.
 *
 * A node has an agent for each role. It serves every router and every network with DHCP unless an
 * administrator has taken it away (a mark on the row), or has switched the agent off (its row; an agent
 * without a row is on). The API shows and changes this; the planner asks. Pure; any thread. */
#pragma once
#include "model/snap.h"

enum agent_role { AGENT_L3, AGENT_DHCP, AGENT_ROLES };

/* As the API spells it: "L3 agent". */
const char *agent_type(enum agent_role role);
/* What was said about the agent of a node; NULL: nothing. `host` may be NULL: nowhere. */
const struct net_agent *agent_row(const struct snap *s, const char *host, enum agent_role role);
/* Whether the agent is switched on. */
bool agent_is_on(const struct snap *s, const char *host, enum agent_role role);
/* Whether the node's L3 agent serves the router, when that is switched on itself. */
bool router_is_hosted(const struct snap *s, const char *host, const struct router *r);
/* Whether the node's DHCP agent serves the network, where a subnet of it has DHCP. */
bool dhcp_is_served(const struct snap *s, const char *host, const struct network *n);
/* The same without a look at the agent's switch: what the agent has, on or off. */
bool dhcp_is_hosted(const struct snap *s, const struct network *n);
