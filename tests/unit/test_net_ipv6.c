/* IPv6 addresses: one that is chosen for a port, and those that its instance will make from its MAC address.
 */
#include "net_world.h"

#define NET(attrs)    "{'network':{" attrs "}}"
#define SUBNET6(cidr) "{'subnet':{'network_id':'$net','ip_version':6,'cidr':'" cidr "'}}"
#define AUTOMATIC(cidr, mode)                                                                                \
	"{'subnet':{'network_id':'$net','ip_version':6,'cidr':'" cidr "','ipv6_address_mode':'" mode         \
	"','ipv6_ra_mode':'" mode "'}}"
#define PORT(attrs) "{'port':{'network_id':'$net'" attrs "}}"
#define MAC(last)   ",'mac_address':'fa:16:3e:00:00:" last "'"

static void one_of_each_family(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"alice", "POST networks", NET("'name':'six'"), 201, NULL, "net"},
		  {"alice", "POST subnets", SUBNET6("2001:db8:1::/64"), 201, NULL, "six"},
		  {"alice", "POST ports", PORT(""), 201,
		   "port.fixed_ips.#=1 port.fixed_ips.0.ip_address=2001:db8:1::2"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$net','ip_version':4,'cidr':'10.6.0.0/24'}}", 201, NULL, "four"},
		  {"alice", "POST subnets", SUBNET6("2001:db8:2::/64"), 201},
		  {"alice", "POST ports", PORT(""), 201,
		   "port.fixed_ips.#=2 port.fixed_ips.0.ip_address=10.6.0.2 "
		   "port.fixed_ips.1.ip_address=2001:db8:1::3"});
}

static void made_from_the_mac_address(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"alice", "POST networks", NET("'name':'six'"), 201, NULL, "net"},
		  {"alice", "POST subnets", AUTOMATIC("2001:db8:1::/80", "slaac"), 400, "InvalidInput"},
		  {"alice", "POST subnets", AUTOMATIC("2001:db8:1::/64", "slaac"), 201, NULL, "s"},
		  {"alice", "POST ports", PORT(MAC("01")), 201,
		   "port.fixed_ips.#=1 port.fixed_ips.0.ip_address=2001:db8:1:0:f816:3eff:fe00:1", "p"},
		  /* Asked for or not: it is there, and no other. */
		  {"alice", "POST ports", PORT(MAC("02") ",'fixed_ips':[]"), 201,
		   "port.fixed_ips.0.ip_address=2001:db8:1:0:f816:3eff:fe00:2"},
		  {"alice", "POST ports", PORT(MAC("03") ",'fixed_ips':[{'subnet_id':'$s'}]"), 201,
		   "port.fixed_ips.#=1 port.fixed_ips.0.ip_address=2001:db8:1:0:f816:3eff:fe00:3"},
		  {"alice", "POST ports", PORT(",'fixed_ips':[{'ip_address':'2001:db8:1::9'}]"), 400,
		   "InvalidInput:automatic addresses"},
		  {"alice", "PUT ports/$p", "{'port':{'fixed_ips':[]}}", 200,
		   "port.fixed_ips.0.ip_address=2001:db8:1:0:f816:3eff:fe00:1"},
		  {"alice", "PUT ports/$p",
		   "{'port':{'fixed_ips':[{'subnet_id':'$s','ip_address':'2001:db8:1:0:f816:3eff:fe00:1'}]}}",
		   200, "port.fixed_ips.#=1"},
		  {"admin", "PUT ports/$p", "{'port':{'mac_address':'fa:16:3e:00:00:09'}}", 200,
		   "port.fixed_ips.0.ip_address=2001:db8:1:0:f816:3eff:fe00:9"});
}

/* A port that is there already: the subnet comes and goes, its other addresses stay. */
static void subnet_comes_and_goes(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"alice", "POST networks", NET("'name':'six'"), 201, NULL, "net"},
		  {"alice", "POST subnets", SUBNET6("2001:db8:1::/64"), 201, NULL, "chosen"},
		  {"alice", "POST ports", PORT(MAC("01")), 201, NULL, "p"},
		  {"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$chosen'}", 200},
		  {"alice", "POST subnets", AUTOMATIC("2001:db8:2::/64", "dhcpv6-stateless"), 201, NULL, "s"},
		  {"alice", "GET ports/$p", NULL, 200,
		   "port.fixed_ips.#=2 port.fixed_ips.0.ip_address=2001:db8:1::2 "
		   "port.fixed_ips.1.ip_address=2001:db8:2:0:f816:3eff:fe00:1"},
		  {"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$s'}", 200},
		  {"alice", "DELETE subnets/$s", NULL, 409, "SubnetInUse"},
		  {"alice", "GET ports/$p", NULL, 200, "port.fixed_ips.#=2"},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$s'}", 200},
		  {"alice", "DELETE subnets/$s", NULL, 204},
		  {"alice", "GET ports/$p", NULL, 200,
		   "port.fixed_ips.#=1 port.fixed_ips.0.ip_address=2001:db8:1::2"},
		  {"alice", "DELETE subnets/$chosen", NULL, 409, "SubnetInUse"});
}

/* An address that a router was given is nobody else's to make. */
static void taken_by_a_router(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"alice", "POST networks", NET("'name':'six'"), 201, NULL, "net"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$net','ip_version':6,'cidr':'2001:db8:1::/"
		   "64','ipv6_address_mode':'slaac',"
		   "'gateway_ip':'2001:db8:1:0:f816:3eff:fe00:7'}}",
		   201, NULL, "s"},
		  {"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$s'}", 200},
		  {"alice", "POST ports", PORT(MAC("07")), 409, "IpAddressInUse"},
		  {"alice", "POST ports", PORT(MAC("08")), 201});
}

/* An interface by port may be in several IPv6 subnets and one IPv4 subnet, and leave them one by one. */
static void interface_in_several_subnets(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state, {"alice", "POST networks", NET("'name':'six'"), 201, NULL, "net"},
		{"alice", "POST subnets",
		 "{'subnet':{'network_id':'$net','ip_version':4,'cidr':'10.6.0.0/24'}}", 201, NULL, "four"},
		{"alice", "POST subnets", SUBNET6("2001:db8:1::/64"), 201, NULL, "six"},
		{"alice", "POST ports", PORT(""), 201, "port.fixed_ips.#=2", "leg"},
		{"alice", "PUT routers/$r/add_router_interface", "{'port_id':'$leg'}", 200,
		 "port_id=$leg subnet_ids.#=2"},
		{"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$four'}", 200,
		 "subnet_id=$four subnet_ids.#=1"},
		{"alice", "GET ports/$leg", NULL, 200, "port.fixed_ips.#=1 port.fixed_ips.0.subnet_id=$six"},
		{"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$four'}", 404,
		 "RouterInterfaceNotFoundForSubnet"},
		{"alice", "PUT routers/$r/remove_router_interface", "{'port_id':'$leg'}", 200,
		 "subnet_id=$six subnet_ids.#=1"},
		{"alice", "GET ports/$leg", NULL, 404, "PortNotFound"});
}

/* A gateway has an address of each family that the pool has. */
static void gateway_of_both_families(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state,
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$ext','ip_version':6,'cidr':'2001:db8:e::/64'}}", 201},
		  {"alice", "POST routers",
		   "{'router':{'name':'x','external_gateway_info':{'network_id':'$ext'}}}", 201,
		   "router.external_gateway_info.external_fixed_ips.#=2 "
		   "router.external_gateway_info.external_fixed_ips.1.ip_address=2001:db8:e::2"});
}

#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(one_of_each_family),           WORLD_TEST(made_from_the_mac_address),
		WORLD_TEST(subnet_comes_and_goes),        WORLD_TEST(taken_by_a_router),
		WORLD_TEST(interface_in_several_subnets), WORLD_TEST(gateway_of_both_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
