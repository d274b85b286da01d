/* The nouns of what there is to give and who serves it: agents, zones, pools of floating IPs, addresses left.
 * Rows for noun.h's tables. */
#include "cli/nouns.h"

#include <stddef.h>

/* --- agents --- */

static const struct arg agent_router_args[] = {{"AGENT", "agent"}, {"ROUTER", "router"}, {0}};
static const struct arg agent_network_args[] = {{"AGENT", "agent"}, {"NETWORK", "network"}, {0}};
static const struct verb agent_verbs[] = {
	{"add-router", "Let an L3 %s serve a router again", agent_router_args, .run = agent_add},
	{"remove-router", "Take a router from its L3 %s: it is gone from the kernel", agent_router_args,
	 .run = agent_remove},
	{"add-network", "Let a DHCP %s serve a network again", agent_network_args, .run = agent_add},
	{"remove-network", "Take a network from its DHCP %s", agent_network_args, .run = agent_remove},
	{0},
};
static const struct field agent_fields[] = {
	{"admin_state_up", "enable", "disable",
	 .doc = "Switch it on; the opposite switches it off: it serves nothing"},
	{0},
};
static const char *const agent_examples[] = {
	"buoy agent list --agent-type 'L3 agent'",
	"buoy agent set 4fa3d2c0-9d1f-4a40-8c61-6e1f0b0c8a11 --disable",
	"buoy agent remove-router 4fa3d2c0-9d1f-4a40-8c61-6e1f0b0c8a11 router1",
	NULL,
};
const struct noun noun_agent = {
	.name = "agent",
	.aliases = ",agents,network-agent,",
	.title = "agent",
	.service = SERVICE_NETWORK,
	.path = "/agents",
	.one = "agent",
	.many = "agents",
	.columns = "id,agent_type,host,availability_zone,alive,admin_state_up",
	.more = "binary,description,started_at,heartbeat_timestamp",
	.verbs = VERB_LIST | VERB_SHOW | VERB_SET | VERB_DELETE,
	.kind = KIND_AGENT,
	.fields = agent_fields,
	.own = agent_verbs,
	.examples = agent_examples,
	.about = "Each node has two: one for routers, one for DHCP.",
};

/* --- zones, pools, addresses --- */

const struct noun noun_zone = {
	.name = "availability-zone",
	.aliases = ",availability-zones,zone,",
	.title = "availability zone",
	.service = SERVICE_NETWORK,
	.path = "/availability_zones",
	.one = "availability_zone",
	.many = "availability_zones",
	.key = "name",
	.columns = "name,resource,state",
	.verbs = VERB_LIST,
	.kind = KIND_ZONE,
};

const struct noun noun_fip_pool = {
	.name = "fip-pool",
	.aliases = ",fip-pools,floating-ip-pool,",
	.title = "pool of floating IPs",
	.service = SERVICE_NETWORK,
	.path = "/floatingip_pools",
	.one = "floatingip_pool",
	.many = "floatingip_pools",
	.key = "subnet_id",
	.columns = "subnet_id,subnet_name,network_id,cidr",
	.more = "project_id",
	.verbs = VERB_LIST,
	.kind = KIND_FIP_POOL,
};

static const char *const availability_examples[] = {
	"buoy ip-availability list --ip-version 4",
	"buoy ip-availability show ext_net",
	NULL,
};
const struct noun noun_ip_availability = {
	.name = "ip-availability",
	.title = "network's address count",
	.service = SERVICE_NETWORK,
	.path = "/network-ip-availabilities",
	.one = "network_ip_availability",
	.many = "network_ip_availabilities",
	.key = "network_id",
	.label = "network_name",
	.columns = "network_id,network_name,total_ips,used_ips",
	.more = "project_id,subnet_ip_availability",
	.verbs = VERB_LIST | VERB_SHOW,
	.kind = KIND_IP_AVAILABILITY,
	.examples = availability_examples,
};
