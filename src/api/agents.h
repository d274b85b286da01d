/* Agents, as Neutron shows them: two for each node, of what it reports and of what was said about them; and
 * the zones that they are in. Called on the request's thread. */
#pragma once
#include "api/inventory.h"
#include "model/hosting.h"

/* The agent of a role on a node: made of the two names, so that it survives restarts. */
struct uuid agent_id(const char *host, enum agent_role role);
/* Finds an agent by its id: its node's name goes to the request's region. 404 AgentNotFound. */
int agent_find(struct call *c, const char *id, const char **ret_host, enum agent_role *ret_role,
	       struct err *err);
/* Appends one agent to a list that is made (KIND_AGENT). */
void agent_add(struct made *m, const char *host, enum agent_role role);
/* The zone that this node is in. */
const char *node_zone(const struct call *c);
/* 404 AvailabilityZoneNotFound for a hint (a list of texts) that is no zone. */
int zones_check(const struct call *c, const struct list *hints, struct err *err);
/* ["nova"], or [] for what is `in` none. */
void zones_print(const struct call *c, bool in, struct buf *out);
/* Which resources a role's zones are for: "router", "network". */
const char *zone_resource(enum agent_role role);
