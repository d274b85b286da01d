/* Networks and their subnets: who sees them, what counts as their change, what goes along with them. */
#include "net_world.h"

#define NET(attrs)    "{'network':{" attrs "}}"
#define SUBNET(attrs) "{'subnet':{'network_id':'$net','ip_version':4," attrs "}}"

/* Addresses that lead nowhere end with their pool, whoever has them; one that leads somewhere keeps it. */
static void network_with_floating_ips(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state,
		{"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext','port_id':'$p1'}}",
		 201, NULL, "f"},
		{"bob", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 201, NULL, "g"},
		{"admin", "DELETE networks/$ext", NULL, 409, "NetworkInUse"},
		{"alice", "PUT floatingips/$f", "{'floatingip':{'port_id':null}}", 200},
		{"alice", "DELETE ports/$p1", NULL, 204}, {"alice", "DELETE ports/$p2", NULL, 204},
		{"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 200},
		{"alice", "DELETE routers/$r", NULL, 204}, {"admin", "DELETE networks/$ext", NULL, 204},
		{"bob", "GET floatingips", NULL, 200, "floatingips.#=0"},
		{"alice", "GET floatingips/$f", NULL, 404, "FloatingIPNotFound"},
		{"admin", "GET subnets/$exts", NULL, 404, "SubnetNotFound"});
}

/* A subnet's changes count for its network, an interface's for its router. */
static void revisions(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state,
		{"alice", "POST networks", NET("'name':'b'"), 201, "network.revision_number=1", "net"},
		{"alice", "POST subnets", SUBNET("'cidr':'172.16.101.0/24'"), 201, NULL, "s"},
		{"alice", "GET networks/$net", NULL, 200, "network.revision_number=2"},
		{"alice", "PUT subnets/$s", "{'subnet':{'name':'x'}}", 200, "subnet.revision_number=2"},
		{"alice", "PUT subnets/$s", "{'subnet':{'name':'x'}}", 200, "subnet.revision_number=2"},
		{"alice", "GET networks/$net", NULL, 200, "network.revision_number=3"},
		{"alice", "POST routers", "{'router':{'name':'r2'}}", 201, "router.revision_number=1", "r2"},
		{"alice", "PUT routers/$r2/add_router_interface", "{'subnet_id':'$s'}", 200},
		{"alice", "GET routers/$r2", NULL, 200, "router.revision_number=2"},
		{"alice", "PUT routers/$r2/remove_router_interface", "{'subnet_id':'$s'}", 200},
		{"alice", "GET routers/$r2", NULL, 200, "router.revision_number=3"},
		{"alice", "DELETE subnets/$s", NULL, 204},
		{"alice", "GET networks/$net", NULL, 200, "network.revision_number=4"});
}

/* Subnets can be found by whether their networks are shared, though they do not show it. */
static void shared_subnets(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"admin", "POST networks", NET("'shared':true"), 201, NULL, "net"},
		  {"admin", "POST subnets", SUBNET("'cidr':'10.9.0.0/24'"), 201, "subnet.shared=absent", "s"},
		  {"bob", "GET subnets?shared=True", NULL, 200, "subnets.#=1 subnets.0.id=$s"},
		  {"alice", "GET subnets?shared=false", NULL, 200, "subnets.#=1 subnets.0.id=$sub"},
		  {"alice", "GET subnets?shared=perhaps", NULL, 400, "HTTPBadRequest"});
}

/* Of a pool others see that it is there; its subnets are its owner's business. */
static void who_sees_subnets(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"bob", "GET networks/$ext", NULL, 200, "network.subnets.0=$exts"},
		  {"bob", "GET subnets", NULL, 200, "subnets.#=0"},
		  {"bob", "GET subnets/$exts", NULL, 404, "SubnetNotFound"},
		  {"admin", "GET subnets/$exts", NULL, 200},
		  {"admin", "PUT networks/$ext", NET("'shared':true"), 200},
		  {"bob", "GET subnets/$exts", NULL, 200});
}

#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(network_with_floating_ips),
		WORLD_TEST(who_sees_subnets),
		WORLD_TEST(revisions),
		WORLD_TEST(shared_subnets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
