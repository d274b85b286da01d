/* Agents, and what they serve.
 * Between the rows that the API writes and who asks: the API's lists and the planner. */
#include "model/hosting.h"

#include <string.h>

const char *agent_type(enum agent_role role)
{
	static const char *const types[AGENT_ROLES] = {"L3 agent", "DHCP agent"};

	return types[role];
}

const struct net_agent *agent_row(const struct snap *s, const char *host, enum agent_role role)
{
	const struct net_agent *a;
	struct scan scan;

	if (!host || !snap_count(s, KIND_AGENT))
		return NULL;
	for (a = scan_index(&scan, s, IX_AGENT_HOST, host, NULL); a; a = scan_next(&scan))
		if (strcmp(a->agent_type, agent_type(role)) == 0)
			return a;
	return NULL;
}

bool agent_is_on(const struct snap *s, const char *host, enum agent_role role)
{
	const struct net_agent *a = agent_row(s, host, role);

	return !a || a->admin_state_up;
}

bool router_is_hosted(const struct snap *s, const char *host, const struct router *r)
{
	return !r->unhosted && agent_is_on(s, host, AGENT_L3);
}

bool dhcp_is_hosted(const struct snap *s, const struct network *n)
{
	const struct subnet *sub;
	struct scan scan;

	if (n->no_dhcp_agent)
		return false;
	for (sub = scan_index(&scan, s, IX_SUBNET_NETWORK, &n->row.id, NULL); sub; sub = scan_next(&scan))
		if (sub->enable_dhcp)
			return true;
	return false;
}

bool dhcp_is_served(const struct snap *s, const char *host, const struct network *n)
{
	return dhcp_is_hosted(s, n) && agent_is_on(s, host, AGENT_DHCP);
}
