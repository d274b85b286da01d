/* Routers, their gateways, interfaces and routes through the API: every rule, every refusal.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#define NET(fields)    "{'network':{" fields "}}"
#define SUBNET(fields) "{'subnet':{'network_id':'$net','ip_version':4," fields "}}"
#define PORT(fields)   "{'port':{'network_id':'$net'," fields "}}"

static void gateway(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state,
		  {"alice", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$net'}}}", 400,
		   "BadRequest"},
		  {"bob", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$net'}}}", 404,
		   "NetworkNotFound"},
		  {"alice", "POST routers",
		   "{'router':{'external_gateway_info':{'network_id':'$ext','enable_snat':false}}}", 403,
		   "PolicyNotAuthorized"},
		  {"alice", "POST routers",
		   "{'router':{'external_gateway_info':{'network_id':'$ext',"
		   "'external_fixed_ips':[{'ip_address':'10.10.10.4'}]}}}",
		   403, "PolicyNotAuthorized"},
		  {"alice", "POST routers", "{'router':{'routes':[]}}", 400, "HTTPBadRequest"},
		  {"admin", "POST routers",
		   "{'router':{'name':'o','external_gateway_info':{'network_id':'$ext',"
		   "'external_fixed_ips':[{'ip_address':'10.10.10.2'}]}}}",
		   409, "IpAddressInUse"},
		  {"admin", "POST routers",
		   "{'router':{'name':'o','external_gateway_info':{'network_id':'$ext','enable_snat':false,"
		   "'external_fixed_ips':[{'ip_address':'10.10.10.200'}]}}}",
		   201,
		   "router.external_gateway_info.external_fixed_ips.0.ip_address=10.10.10.200 "
		   "router.external_gateway_info.external_fixed_ips.0.subnet_id=$exts "
		   "router.external_gateway_info.enable_snat=false router.gw_port_id=absent",
		   "o"},
		  /* Settings change, the port stays. */
		  {"admin", "PUT routers/$o", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}",
		   200,
		   "router.external_gateway_info.external_fixed_ips.0.ip_address=10.10.10.200 "
		   "router.external_gateway_info.enable_snat=true"},
		  {"admin", "PUT routers/$o",
		   "{'router':{'external_gateway_info':{'network_id':'$ext',"
		   "'external_fixed_ips':[{'ip_address':'10.10.10.201'}]}}}",
		   200, "router.external_gateway_info.external_fixed_ips.0.ip_address=10.10.10.201"},
		  {"admin", "GET ports?device_id=$o", NULL, 200,
		   "ports.#=1 ports.0.fixed_ips.0.ip_address=10.10.10.201 ports.0.revision_number=2"},
		  {"admin", "PUT routers/$o", "{'router':{'external_gateway_info':{}}}", 200,
		   "router.external_gateway_info=null"},
		  {"admin", "GET ports?device_id=$o", NULL, 200, "ports.#=0"},
		  {"admin", "PUT routers/$o", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}",
		   200, "router.external_gateway_info.external_fixed_ips.0.ip_address=10.10.10.3"},
		  {"admin", "DELETE routers/$o", NULL, 204},
		  {"admin", "GET ports?device_id=$o", NULL, 200, "ports.#=0"},
		  {"alice", "DELETE routers/$r", NULL, 409, "RouterInUse"},
		  {"bob", "DELETE routers/$r", NULL, 404, "RouterNotFound"});
}

static void gateway_exhausted_or_overlapping(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state, {"alice", "POST subnets", SUBNET("'cidr':'10.10.0.0/16'"), 201, NULL, "clash"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$clash'}", 400, "BadRequest"},
		{"alice", "PUT routers/$r", "{'router':{'external_gateway_info':null}}", 200},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$clash'}", 200},
		{"alice", "PUT routers/$r", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}", 400,
		 "BadRequest"},
		{"admin", "POST networks", NET("'router:external':true"), 201, NULL, "empty"},
		{"bob", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$empty'}}}", 201,
		 "router.external_gateway_info.external_fixed_ips=[]"},
		{"admin", "PUT subnets/$exts", "{'subnet':{'allocation_pools':[]}}", 200},
		{"bob", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}", 409,
		 "IpAddressGenerationFailure"});
}

/* An external network gets another subnet while routers are attached to it. */
static void external_subnet_overlaps_interface(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state,
		{"admin", "POST subnets",
		 "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'172.16.0.0/16'}}", 400,
		 "InvalidInput"},
		{"admin", "POST subnets",
		 "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'172.17.0.0/16'}}", 201},
		{"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 200},
		{"admin", "POST subnets",
		 "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'172.16.0.0/16'}}", 201},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$sub'}", 400, "BadRequest"});
}

static void interfaces(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state, {"alice", "PUT routers/$r/add_router_interface", "{}", 400, "BadRequest"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$sub','port_id':'$p1'}", 400,
		 "BadRequest"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'x'}", 400, "HTTPBadRequest"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet':'$sub'}", 400, "HTTPBadRequest"},
		{"rita", "PUT routers/$r/add_router_interface", "{'subnet_id':'$sub'}", 403,
		 "PolicyNotAuthorized"},
		{"bob", "PUT routers/$r/add_router_interface", "{'subnet_id':'$sub'}", 404, "RouterNotFound"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$sub'}", 400, "BadRequest"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$r'}", 404, "SubnetNotFound"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$exts'}", 404,
		 "SubnetNotFound"},
		{"alice", "POST networks", NET("'name':'b'"), 201, NULL, "net"},
		{"alice", "POST subnets", SUBNET("'cidr':'172.16.100.128/25'"), 201, NULL, "over"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$over'}", 400, "BadRequest"},
		{"alice", "POST subnets", SUBNET("'cidr':'172.16.101.0/24','gateway_ip':null"), 201, NULL,
		 "nogw"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$nogw'}", 400, "BadRequest"},
		/* By port: an address, and nobody's yet. */
		{"alice", "POST ports", PORT("'fixed_ips':[]"), 201, NULL, "none"},
		{"alice", "PUT routers/$r/add_router_interface", "{'port_id':'$none'}", 400, "BadRequest"},
		{"alice", "POST ports", PORT("'fixed_ips':[{'subnet_id':'$nogw'},{'subnet_id':'$nogw'}]"),
		 201, NULL, "two"},
		{"alice", "PUT routers/$r/add_router_interface", "{'port_id':'$two'}", 400, "BadRequest"},
		{"alice", "POST ports", PORT("'fixed_ips':[{'subnet_id':'$nogw'}],'device_id':'vm'"), 201,
		 NULL, "vm"},
		{"alice", "PUT routers/$r/add_router_interface", "{'port_id':'$vm'}", 409, "PortInUse"},
		{"alice", "POST ports",
		 PORT("'fixed_ips':[{'subnet_id':'$nogw','ip_address':'172.16.101.254'}]"), 201, NULL, "leg"},
		{"alice", "PUT routers/$r/add_router_interface", "{'port_id':'$leg'}", 200,
		 "port_id=$leg subnet_id=$nogw"},
		{"alice", "GET ports/$leg", NULL, 200,
		 "port.device_owner=network:router_interface port.device_id=$r"},
		{"alice", "PUT routers/$r/add_router_interface", "{'port_id':'$leg'}", 409, "PortInUse"},
		/* Taking away. */
		{"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$over'}", 404,
		 "RouterInterfaceNotFoundForSubnet"},
		{"alice", "PUT routers/$r/remove_router_interface", "{'port_id':'$p1'}", 404,
		 "RouterInterfaceNotFound"},
		{"alice", "PUT routers/$r/remove_router_interface", "{'port_id':'$leg','subnet_id':'$sub'}",
		 400, "SubnetMismatchForPort"},
		{"alice", "PUT routers/$r/remove_router_interface", "{'port_id':'$leg','subnet_id':'$nogw'}",
		 200, "id=$r port_id=$leg subnet_id=$nogw project_id=alice"},
		{"alice", "GET ports/$leg", NULL, 404, "PortNotFound"},
		{"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 200},
		{"alice", "DELETE routers/$r", NULL, 204});
}

/* Two gateways can not have one address; a shared network's gateway is not for everybody to take. */
static void interface_addresses(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"alice", "POST routers", "{'router':{'name':'r2'}}", 201, NULL, "r2"},
		  {"alice", "PUT routers/$r2/add_router_interface", "{'subnet_id':'$sub'}", 409,
		   "IpAddressInUse"},
		  {"admin", "POST networks", NET("'shared':true"), 201, NULL, "net"},
		  {"admin", "POST subnets", SUBNET("'cidr':'10.9.0.0/24'"), 201, NULL, "s"},
		  {"alice", "PUT routers/$r2/add_router_interface", "{'subnet_id':'$s'}", 403,
		   "PolicyNotAuthorized"},
		  {"alice", "POST ports", PORT("'name':'leg'"), 201, NULL, "leg"},
		  {"alice", "PUT routers/$r2/add_router_interface", "{'port_id':'$leg'}", 200},
		  {"bob", "POST ports", PORT("'name':'bobs'"), 201, NULL, "bobs"},
		  {"alice", "PUT routers/$r2/add_router_interface", "{'port_id':'$bobs'}", 404,
		   "PortNotFound"});
}

/* An interface's port counts for the router's project, a gateway's for nobody. */
static void routers_ports_and_quota(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state, {"admin", "PUT quotas/alice", "{'quota':{'port':3}}", 200},
		{"alice", "POST ports", PORT("'name':'x'"), 409, "OverQuota"},
		{"alice", "POST networks", NET("'name':'b'"), 201, NULL, "net"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.0.0/24'"), 201, NULL, "s"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$s'}", 409, "OverQuota"},
		{"alice", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}", 201},
		{"alice", "DELETE ports/$p1", NULL, 204},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$s'}", 200});
}

#define ROUTES(list)             "{'router':{'routes':[" list "]}}"
#define TO(destination, nexthop) "{'destination':'" destination "','nexthop':'" nexthop "'}"

static void extra_routes(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state,
		{"alice", "PUT routers/$r", ROUTES(TO("1.0.0.0/8", "172.16.101.9")), 400, "InvalidRoutes"},
		{"alice", "PUT routers/$r", ROUTES(TO("1.0.0.0/8", "172.16.100.1")), 400, "InvalidRoutes"},
		{"alice", "PUT routers/$r", ROUTES(TO("1.0.0.0/8", "10.10.10.2")), 400, "InvalidRoutes"},
		{"alice", "PUT routers/$r", ROUTES(TO("1.2.0.0/8", "172.16.100.9")), 400, "HTTPBadRequest"},
		{"alice", "PUT routers/$r", ROUTES(TO("2001:db8::/32", "172.16.100.9")), 400,
		 "InvalidRoutes"},
		{"alice", "PUT routers/$r",
		 ROUTES(TO("1.0.0.0/8", "172.16.100.9") "," TO("1.0.0.0/8", "172.16.100.9")), 400,
		 "InvalidRoutes"},
		{"alice", "PUT routers/$r",
		 ROUTES(TO("1.0.0.0/8", "172.16.100.9") "," TO("2.0.0.0/8", "10.10.10.77")), 200,
		 "router.routes.#=2"},
		{"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 409,
		 "RouterInterfaceInUseByRoute"},
		{"alice", "PUT routers/$r", "{'router':{'external_gateway_info':null}}", 400,
		 "InvalidRoutes"},
		{"alice", "PUT routers/$r/add_extraroutes",
		 ROUTES(TO("1.0.0.0/8", "172.16.100.9") "," TO("3.0.0.0/8", "172.16.100.9")), 200,
		 "router.routes.#=3"},
		{"alice", "PUT routers/$r/add_extraroutes", ROUTES(TO("4.0.0.0/8", "9.9.9.9")), 400,
		 "InvalidRoutes"},
		{"alice", "PUT routers/$r/add_extraroutes", "{'router':{'name':'x'}}", 400, "HTTPBadRequest"},
		{"alice", "PUT routers/$r/add_extraroutes", "{'routes':[]}", 400, "HTTPBadRequest"},
		{"bob", "PUT routers/$r/add_extraroutes", ROUTES(TO("5.0.0.0/8", "172.16.100.9")), 404,
		 "RouterNotFound"},
		{"alice", "PUT routers/$r/remove_extraroutes",
		 ROUTES(TO("1.0.0.0/8", "172.16.100.9") "," TO("9.0.0.0/8", "172.16.100.9")), 200,
		 "router.id=$r router.routes.#=2 router.routes.0.destination=2.0.0.0/8"},
		{"alice", "PUT routers/$r", "{'router':{'routes':[]}}", 200, "router.routes.#=0"});
}

static void router_status(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(w, {"alice", "GET routers/$r", NULL, 200, "router.status=BUILD"},
		  {"alice", "POST routers", "{'router':{}}", 201, "router.status=ACTIVE"});
	world_report(w, NULL, NULL);
	WORLD_RUN(w, {"alice", "GET routers/$r", NULL, 200, "router.status=ACTIVE"});
	world_report(w, NULL, world_id(w, "r", 1));
	WORLD_RUN(w, {"alice", "GET routers?status=ERROR", NULL, 200, "routers.#=1"});
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(gateway),
		WORLD_TEST(gateway_exhausted_or_overlapping),
		WORLD_TEST(external_subnet_overlaps_interface),
		WORLD_TEST(interfaces),
		WORLD_TEST(interface_addresses),
		WORLD_TEST(routers_ports_and_quota),
		WORLD_TEST(extra_routes),
		WORLD_TEST(router_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
