/* Address scopes of networks and subnets.
 * Pure; the API shows them, the planner keeps them apart. */
#include "model/scope.h"

struct uuid subnet_scope(const struct snap *s, const struct subnet *subnet)
{
	const struct subnetpool *pool = uuid_is_null(&subnet->subnetpool_id)
						? NULL
						: snap_get(s, KIND_SUBNETPOOL, &subnet->subnetpool_id);

	return pool ? pool->address_scope_id : (struct uuid){{0}};
}

struct uuid network_scope(const struct snap *s, const struct uuid *network_id, bool v4)
{
	struct uuid scope = {{0}};
	const struct subnet *sub;
	struct scan scan;

	for (sub = scan_index(&scan, s, IX_SUBNET_NETWORK, network_id, NULL); sub && uuid_is_null(&scope);
	     sub = scan_next(&scan))
		if (ip_is_v4(&sub->cidr.addr) == v4)
			scope = subnet_scope(s, sub);
	return scope;
}
