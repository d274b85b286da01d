/* Topologies that are made when a project asks for its own, and the default external network that they need.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#define NET(more)  "{'network':{" more "}}"
#define POOL(more) "{'subnetpool':{'is_default':true," more "}}"
#define MINE       "auto-allocated-topology/null"
#define TOP        "auto_allocated_topology"

static void make_external(struct world *w)
{
	WORLD_RUN(w,
		  {"admin", "POST networks",
		   NET("'name':'ext','router:external':true,'is_default':true,'provider:network_type':'flat',"
		       "'provider:physical_network':'physnet1'"),
		   201, "network.is_default=true", "ext"},
		  {"admin", "POST subnets",
		   "{'subnet':{'name':'exts','network_id':'$ext','ip_version':4,'cidr':'10.10.0.0/24'}}", 201,
		   NULL, "exts"});
}

static void make_pools(struct world *w)
{
	WORLD_RUN(w,
		  {"admin", "POST subnetpools",
		   POOL("'name':'four','shared':true,'prefixes':['10.1.0.0/16'],'default_prefixlen':26"), 201,
		   NULL, "four"},
		  {"admin", "POST subnetpools", POOL("'name':'six','shared':true,'prefixes':['fd00::/48']"),
		   201, NULL, "six"});
}

static void one_default(void **state)
{
	make_external(*state);
	WORLD_RUN(*state, {"alice", "POST networks", NET("'name':'n'"), 201, "network.is_default=false", "n"},
		  {"alice", "POST networks", NET("'is_default':false"), 201, "network.is_default=false"},
		  {"alice", "POST networks", NET("'is_default':true"), 403, "PolicyNotAuthorized"},
		  {"alice", "PUT networks/$n", NET("'is_default':true"), 403, "PolicyNotAuthorized"},
		  {"admin", "PUT networks/$n", NET("'is_default':true"), 400, "InvalidInput:external"},
		  {"admin", "PUT networks/$n", NET("'is_default':true,'router:external':true"), 409,
		   "DefaultExternalNetworkExists:already exists"},
		  {"admin", "POST networks", NET("'is_default':true,'router:external':true"), 409,
		   "DefaultExternalNetworkExists"},
		  {"admin", "PUT networks/$ext", NET("'is_default':true"), 200, "network.is_default=true"},
		  {"bob", "GET networks?is_default=true", NULL, 200, "networks.#=1 networks.0.id=$ext"},
		  {"admin", "PUT networks/$ext", NET("'router:external':false"), 200,
		   "network.is_default=false"},
		  {"admin", "PUT networks/$n", NET("'is_default':true,'router:external':true"), 200,
		   "network.is_default=true"},
		  {"admin", "GET rbac-policies?object_id=$n", NULL, 200, "rbac_policies.#=1"},
		  {"admin", "PUT networks/$n", NET("'is_default':false"), 200, "network.is_default=false"},
		  {"admin", "PUT networks/$ext", NET("'is_default':true,'router:external':true"), 200});
}

/* An external network may be external by a policy only. */
static void default_ends_with_its_policy(void **state)
{
	WORLD_RUN(*state, {"admin", "POST networks", NET("'name':'n'"), 201, NULL, "n"},
		  {"admin", "POST rbac-policies",
		   "{'rbac_policy':{'object_type':'network','object_id':'$n','action':'access_as_external',"
		   "'target_tenant':'alice'}}",
		   201, NULL, "r"},
		  {"admin", "PUT networks/$n", NET("'is_default':true"), 200, "network.is_default=true"},
		  {"admin", "DELETE rbac-policies/$r", NULL, 204},
		  {"admin", "GET networks/$n", NULL, 200,
		   "network.router:external=false network.is_default=false"});
}

static void what_is_missing(void **state)
{
	WORLD_RUN(*state,
		  {"alice", "GET " MINE, NULL, 409,
		   "AutoAllocationFailure:Deployment error: No default router:external network."},
		  {"alice", "GET " MINE "?fields=dry-run", NULL, 409,
		   "AutoAllocationFailure:No default router:external network"});
	make_external(*state);
	WORLD_RUN(*state,
		  {"alice", "GET " MINE, NULL, 409,
		   "AutoAllocationFailure:Unable to provide tenant private network"},
		  {"alice", "GET " MINE "?fields=dry-run", NULL, 409,
		   "AutoAllocationFailure:No default subnetpools defined"},
		  {"admin", "POST subnetpools", POOL("'name':'own','prefixes':['10.1.0.0/16']"), 201, NULL,
		   "p"},
		  {"alice", "GET " MINE "?fields=dry-run", NULL, 409,
		   "AutoAllocationFailure:No default subnetpools defined"},
		  {"alice", "GET networks?name=auto_allocated_network", NULL, 200, "networks=[]"},
		  {"alice", "GET " MINE "?fields=id", NULL, 400, "BadRequest:Unrecognized field"},
		  {"alice", "DELETE " MINE, NULL, 204}, {"alice", "POST " MINE, "{}", 405},
		  {"alice", "GET auto-allocated-topology", NULL, 404});
}

static void made_once(void **state)
{
	make_external(*state);
	make_pools(*state);
	WORLD_RUN(*state,
		  {"rita", "GET " MINE "?fields=dry-run", NULL, 200,
		   TOP ".id=dry-run=pass " TOP ".tenant_id=alice"},
		  {"rita", "GET " MINE, NULL, 403, "PolicyNotAuthorized"},
		  {"alice", "GET networks?name=auto_allocated_network", NULL, 200, "networks=[]"},
		  {"alice", "GET auto-allocated-topology/alice", NULL, 200,
		   TOP ".tenant_id=alice " TOP ".project_id=alice", "n"},
		  {"alice", "GET " MINE, NULL, 200, TOP ".id=$n"},
		  {"rita", "GET auto-allocated-topology/None", NULL, 200, TOP ".id=$n"},
		  {"alice", "GET networks/$n", NULL, 200,
		   "network.name=auto_allocated_network network.admin_state_up=true network.subnets.#=2 "
		   "network.project_id=alice network.shared=false network.is_default=false "
		   "network.auto_router_id=absent"},
		  {"alice", "GET networks?name=auto_allocated_network", NULL, 200, "networks.#=1"},
		  {"alice", "GET subnets?network_id=$n&ip_version=4", NULL, 200,
		   "subnets.#=1 subnets.0.cidr=10.1.0.0/26 subnets.0.name=auto_allocated_subnet_v4 "
		   "subnets.0.subnetpool_id=$four"},
		  {"alice", "GET subnets?network_id=$n&ip_version=6", NULL, 200,
		   "subnets.0.cidr=fd00::/64 subnets.0.name=auto_allocated_subnet_v6"},
		  {"alice", "GET routers", NULL, 200,
		   "routers.#=1 routers.0.name=auto_allocated_router "
		   "routers.0.external_gateway_info.network_id=$ext routers.0.project_id=alice"},
		  {"alice", "GET ports?device_owner=network:router_interface", NULL, 200, "ports.#=2"},
		  {"bob", "GET auto-allocated-topology/alice", NULL, 403, "NotAuthorized"},
		  {"bob", "DELETE auto-allocated-topology/alice", NULL, 403, "NotAuthorized"},
		  {"rita", "DELETE " MINE, NULL, 403, "PolicyNotAuthorized"},
		  {"admin", "GET auto-allocated-topology/alice", NULL, 200, TOP ".id=$n"},
		  {"admin", "GET auto-allocated-topology/bob", NULL, 200, TOP ".tenant_id=bob", "b"},
		  {"bob", "GET " MINE, NULL, 200, TOP ".id=$b"},
		  {"bob", "GET subnets?network_id=$b&ip_version=4", NULL, 200,
		   "subnets.0.cidr=10.1.0.64/26 subnets.0.project_id=bob"});
}

static void deleted_whole(void **state)
{
	make_external(*state);
	make_pools(*state);
	WORLD_RUN(*state, {"alice", "GET " MINE, NULL, 200, NULL, "n"},
		  {"alice", "POST ports", "{'port':{'network_id':'$n'}}", 201, NULL, "p"},
		  {"alice", "DELETE " MINE, NULL, 409, "NetworkInUse"},
		  {"alice", "GET routers", NULL, 200, "routers.#=1"},
		  {"alice", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','port_id':'$p'}}", 201, NULL, "f"},
		  {"alice", "DELETE " MINE, NULL, 409, "RouterInterfaceInUseByFloatingIP"},
		  {"alice", "DELETE ports/$p", NULL, 204}, {"alice", "DELETE " MINE, NULL, 204},
		  {"alice", "GET routers", NULL, 200, "routers=[]"},
		  {"alice", "GET ports", NULL, 200, "ports=[]"},
		  {"alice", "GET networks/$n", NULL, 404, "NetworkNotFound"},
		  {"alice", "DELETE " MINE, NULL, 204}, {"alice", "GET " MINE, NULL, 200, NULL, "m"},
		  {"alice", "GET networks/$m", NULL, 200, "network.subnets.#=2"});
}

/* As a person would, with interfaces first. */
static void drop_auto_router(struct world *w)
{
	WORLD_RUN(w, {"alice", "GET routers?name=auto_allocated_router", NULL, 200, "routers.#=1", "r"},
		  {"alice", "GET subnets?name=auto_allocated_subnet_v4", NULL, 200, NULL, "v4"},
		  {"alice", "GET subnets?name=auto_allocated_subnet_v6", NULL, 200, NULL, "v6"},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$v4'}", 200},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$v6'}", 200},
		  {"alice", "DELETE routers/$r", NULL, 204});
}

/* What is left of one that its owner has taken apart. */
static void taken_apart(void **state)
{
	make_external(*state);
	make_pools(*state);
	WORLD_RUN(*state, {"alice", "GET " MINE, NULL, 200, NULL, "n"},
		  {"alice", "POST routers", "{'router':{'name':'other'}}", 201, NULL, "o"},
		  {"alice", "GET subnets?network_id=$n&ip_version=4", NULL, 200, "subnets.#=1"},
		  {"alice", "POST subnets",
		   "{'subnet':{'name':'third','network_id':'$n','ip_version':4,'subnetpool_id':'$four'}}",
		   201, NULL, "s"},
		  {"alice", "PUT routers/$o/add_router_interface", "{'subnet_id':'$s'}", 200},
		  {"alice", "DELETE " MINE, NULL, 409, "NetworkInUse"},
		  {"alice", "GET routers?name=auto_allocated_router", NULL, 200, "routers.#=1"},
		  {"alice", "PUT routers/$o/remove_router_interface", "{'subnet_id':'$s'}", 200},
		  {"alice", "DELETE " MINE, NULL, 204}, {"alice", "GET " MINE, NULL, 200, NULL, "m"},
		  {"alice", "DELETE networks/$m", NULL, 409, "NetworkInUse"});
	drop_auto_router(*state);
	WORLD_RUN(*state, {"alice", "GET " MINE, NULL, 200, "auto_allocated_topology.id=$m"},
		  {"alice", "DELETE networks/$m", NULL, 204},
		  {"alice", "POST networks", NET("'name':'auto_allocated_network'"), 201, NULL, "x"},
		  {"alice", "DELETE " MINE, NULL, 204}, {"alice", "GET networks/$x", NULL, 200},
		  {"alice", "GET " MINE, NULL, 200});
}

static void limits_hold(void **state)
{
	make_external(*state);
	make_pools(*state);
	WORLD_RUN(*state, {"admin", "PUT quotas/alice", "{'quota':{'router':0}}", 200},
		  {"alice", "GET " MINE, NULL, 409, "OverQuota"},
		  {"alice", "GET networks?name=auto_allocated_network", NULL, 200, "networks=[]"},
		  {"admin", "PUT quotas/alice", "{'quota':{'router':1}}", 200},
		  {"alice", "GET " MINE, NULL, 200});
}

/* A pool without room is the deployment's fault, and so is an external network without addresses. */
static void no_room(void **state)
{
	make_external(*state);
	WORLD_RUN(*state,
		  {"admin", "POST subnetpools",
		   POOL("'name':'four','shared':true,'prefixes':['10.1.0.0/26'],'default_prefixlen':26"), 201,
		   NULL, "four"},
		  {"alice", "GET " MINE, NULL, 200}, {"bob", "GET " MINE, NULL, 409, "AutoAllocationFailure"},
		  {"bob", "GET networks?name=auto_allocated_network", NULL, 200, "networks=[]"});
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(one_default),     WORLD_TEST(default_ends_with_its_policy),
		WORLD_TEST(what_is_missing), WORLD_TEST(made_once),
		WORLD_TEST(deleted_whole),   WORLD_TEST(taken_apart),
		WORLD_TEST(limits_hold),     WORLD_TEST(no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
