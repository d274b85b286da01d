/* The nouns of what there is to give and who serves it: agents, zones, pools of floating IPs, addresses left.
 * And the network that a project gets when it asks for any. Rows for noun.h's tables. */
#include "cli/nouns.h"

#include <stddef.h>

/* --- agents --- */

static const struct arg agent_router_args[] = {{"AGENT", "agent"}, {"ROUTER", "router"}, {0}};
static const struct arg agent_network_args[] = {{"AGENT", "agent"}, {"NETWORK", "network"}, {0}};
static const struct verb agent_verbs[] = {
	{"add-router", "Let an L3 %s serve a router again", agent_router_args, .run = below_add},
	{"remove-router", "Take a router from its L3 %s: it is gone from the kernel", agent_router_args,
	 .run = below_remove},
	{"add-network", "Let a DHCP %s serve a network again", agent_network_args, .run = below_add},
	{"remove-network", "Take a network from its DHCP %s", agent_network_args, .run = below_remove},
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

/* --- auto-allocated topologies --- */

static const struct arg auto_args[] = {{"PROJECT", "project", true}, {0}};
static const struct opt auto_opts[] = {
	{"check-resources", NULL, "Only say whether it could be made"},
	{0},
};
static const struct verb auto_verbs[] = {
	{"create", "Make the %s of a project, or your own; one that is there will do", auto_args, auto_opts,
	 .run = auto_create},
	{"delete", "Delete the %s of a project, or your own", auto_args, .run = auto_delete},
	{0},
};
static const char *const auto_examples[] = {
	"buoy network auto-allocated-topology create --check-resources",
	"buoy network auto-allocated-topology create demo",
	"buoy network auto-allocated-topology delete",
	NULL,
};
const struct noun noun_auto_topology = {
	.name = "network-auto-allocated-topology",
	.aliases = ",auto-allocated-topology,",
	.title = "auto-allocated topology",
	.service = SERVICE_NETWORK,
	.path = "/auto-allocated-topology",
	.one = "auto_allocated_topology",
	.own = auto_verbs,
	.examples = auto_examples,
	.about = "A network with subnets from the default subnet pools, and a router with a gateway on the "
		 "default external network. Its id is the network's.",
};

/* --- flavors --- */

static const struct arg flavor_profile_args[] = {{"FLAVOR", "flavor"}, {"PROFILE", "service-profile"}, {0}};
static const struct verb flavor_verbs[] = {
	{"add-profile", "Associate a service profile with a %s", flavor_profile_args, .run = below_add},
	{"remove-profile", "Take a service profile from a %s", flavor_profile_args, .run = below_remove},
	{0},
};
static const struct field flavor_fields[] = {
	{"name", .flags = FIELD_SAME | FIELD_ARG},
	{"enabled", "enable", "disable"},
	{0},
};
static const char *const flavor_examples[] = {
	"buoy flavor create plain --service-type L3_ROUTER_NAT",
	"buoy flavor add-profile plain 4fa3d2c0-9d1f-4a40-8c61-6e1f0b0c8a11",
	"buoy router create router1 --flavor plain",
	NULL,
};
const struct noun noun_flavor = {
	.name = "flavor",
	.aliases = ",flavors,network-flavor,",
	.title = "flavor",
	.service = SERVICE_NETWORK,
	.path = "/flavors",
	.one = "flavor",
	.many = "flavors",
	.label = "name",
	.columns = "id,name,enabled,service_type",
	.more = "description,service_profiles",
	.verbs = VERB_ALL,
	.kind = KIND_FLAVOR,
	.fields = flavor_fields,
	.own = flavor_verbs,
	.examples = flavor_examples,
	.about = "A flavor is a name for a way to provide a service. Administrators make them.",
};

static const struct field profile_fields[] = {{"enabled", "enable", "disable"}, {0}};
static const char *const profile_examples[] = {"buoy service-profile create --driver buoy", NULL};
const struct noun noun_service_profile = {
	.name = "service-profile",
	.aliases = ",service-profiles,flavor-profile,",
	.title = "service profile",
	.service = SERVICE_NETWORK,
	.path = "/service_profiles",
	.one = "service_profile",
	.many = "service_profiles",
	.columns = "id,driver,enabled,metainfo,description",
	.verbs = VERB_ALL,
	.kind = KIND_SERVICE_PROFILE,
	.fields = profile_fields,
	.examples = profile_examples,
};

const struct noun noun_service_provider = {
	.name = "service-provider",
	.aliases = ",service-providers,",
	.title = "service provider",
	.service = SERVICE_NETWORK,
	.path = "/service-providers",
	.one = "service_provider",
	.many = "service_providers",
	.key = "name",
	.columns = "service_type,name,default",
	.verbs = VERB_LIST,
	.kind = KIND_SERVICE_PROVIDER,
};
