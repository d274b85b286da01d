/* Which address scope a network is in: that of the subnet pools that its subnets come from. Pure. */
#pragma once
#include "model/snap.h"

/* A network has one subnet pool, or one address scope, in each family. Null: none. */
struct uuid network_scope(const struct snap *s, const struct uuid *network_id, bool v4);
/* The scope of the pool that a subnet comes from; null: none. */
struct uuid subnet_scope(const struct snap *s, const struct subnet *subnet);
