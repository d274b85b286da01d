/* Routers' external gateways through the API: several of them, who may choose what, what stands in the way,
 * and their QoS policies. Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#include "model/codec.h"
#include "model/gateway.h"

#define ADD             "PUT routers/$r/add_external_gateways"
#define UPDATE          "PUT routers/$r/update_external_gateways"
#define REMOVE          "PUT routers/$r/remove_external_gateways"
#define GATEWAYS(list)  "{'router':{'external_gateways':[" list "]}}"
#define TO(network)     "{'network_id':'$" network "'}"
#define AT(network, ip) "{'network_id':'$" network "','external_fixed_ips':[{'ip_address':'" ip "'}]}"

/* A second external network beside world_furnish's. */
static void furnish(struct world *w)
{
	world_furnish(w);
	WORLD_RUN(w,
		  {"admin", "POST networks",
		   "{'network':{'name':'two','router:external':true,'provider:network_type':'flat',"
		   "'provider:physical_network':'physnet2'}}",
		   201, NULL, "two"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$two','ip_version':4,'cidr':'10.30.0.0/24',"
		   "'allocation_pools':[{'start':'10.30.0.2','end':'10.30.0.9'}]}}",
		   201, NULL, "twos"});
}

static void added_changed_removed(void **state)
{
	furnish(*state);
	WORLD_RUN(
		*state,
		{"alice", "GET routers/$r", NULL, 200,
		 "router.external_gateways.#=1 router.external_gateways.0.network_id=$ext "
		 "router.external_gateways.0.enable_snat=true router.external_gateways.0.qos_policy_id=null "
		 "router.external_gateways.0.external_fixed_ips.0.ip_address=10.10.10.2 "
		 "router.enable_default_route_ecmp=false"},
		{"alice", ADD, GATEWAYS(TO("two")), 200,
		 "router.external_gateways.#=2 router.external_gateway_info.network_id=$ext "
		 "router.external_gateways.1.network_id=$two "
		 "router.external_gateways.1.external_fixed_ips.0.ip_address=10.30.0.2"},
		/* Another one on the same network. */
		{"admin", ADD, GATEWAYS(AT("two", "10.30.0.7")), 200,
		 "router.external_gateways.#=3 "
		 "router.external_gateways.2.external_fixed_ips.0.ip_address=10.30.0.7"},
		{"admin", ADD, GATEWAYS(AT("two", "10.30.0.7")), 409, "IpAddressInUse"},
		{"alice", REMOVE, GATEWAYS(TO("two")), 400, "UnableToMatchGateways:several"},
		{"alice", REMOVE, GATEWAYS(AT("two", "10.30.0.9")), 400, "UnableToMatchGateways"},
		{"alice", REMOVE, GATEWAYS(TO("net")), 400, "UnableToMatchGateways"},
		{"alice", REMOVE, GATEWAYS(AT("two", "10.30.0.2")), 200,
		 "router.external_gateways.#=2 "
		 "router.external_gateways.1.external_fixed_ips.0.ip_address=10.30.0.7"},
		/* The order is the list's; what is not in it goes. */
		{"alice", UPDATE, GATEWAYS(TO("two") "," TO("ext")), 200,
		 "router.external_gateways.#=2 router.external_gateway_info.network_id=$two "
		 "router.external_gateways.0.external_fixed_ips.0.ip_address=10.30.0.7 "
		 "router.external_gateways.1.external_fixed_ips.0.ip_address=10.10.10.2"},
		{"admin", UPDATE, GATEWAYS(AT("two", "10.30.0.7") "," AT("two", "10.30.0.7")), 400,
		 "UnableToMatchGateways:same gateway"},
		/* The first one goes: the next takes its place. */
		{"alice", REMOVE, GATEWAYS(TO("two")), 200,
		 "router.external_gateways.#=1 router.external_gateway_info.network_id=$ext"},
		{"alice", UPDATE, GATEWAYS(""), 200,
		 "router.external_gateways=[] router.external_gateway_info=null"},
		{"alice", REMOVE, GATEWAYS(TO("two")), 400, "UnableToRemoveGateways"},
		{"alice", ADD, GATEWAYS(TO("two") "," TO("ext")), 200,
		 "router.external_gateways.#=2 router.external_gateway_info.network_id=$two"},
		{"admin", "GET ports?device_id=$r&device_owner=network:router_gateway", NULL, 200,
		 "ports.#=2"});
}

static void as_one_gateway(void **state)
{
	furnish(*state);
	WORLD_RUN(*state, {"alice", ADD, GATEWAYS(TO("two")), 200},
		  /* Clients that know of one gateway change the first. */
		  {"alice", "PUT routers/$r", "{'router':{'external_gateway_info':null}}", 200,
		   "router.external_gateways.#=1 router.external_gateway_info.network_id=$two"},
		  {"alice", "PUT routers/$r", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}",
		   200, "router.external_gateways.#=1 router.external_gateway_info.network_id=$ext"},
		  {"alice", "PUT routers/$r", "{'router':{'external_gateways':[]}}", 400, "HTTPBadRequest"},
		  {"alice", "POST routers", "{'router':{'external_gateways':[]}}", 400, "HTTPBadRequest"},
		  {"alice", ADD, GATEWAYS(TO("two")), 200},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 200},
		  {"alice", "DELETE routers/$r", NULL, 204},
		  {"admin", "GET ports?device_owner=network:router_gateway", NULL, 200, "ports=[]"},
		  {"admin", "DELETE networks/$two", NULL, 204});
}

static void who_may(void **state)
{
	furnish(*state);
	WORLD_RUN(
		*state, {"bob", ADD, GATEWAYS(TO("two")), 404, "RouterNotFound"},
		{"rita", ADD, GATEWAYS(TO("two")), 403, "PolicyNotAuthorized"},
		{"alice", ADD, GATEWAYS(AT("two", "10.30.0.7")), 403, "PolicyNotAuthorized"},
		{"alice", ADD, GATEWAYS("{'network_id':'$two','enable_snat':false}"), 403,
		 "PolicyNotAuthorized"},
		{"admin", ADD, GATEWAYS("{'network_id':'$two','enable_snat':false}"), 200,
		 "router.external_gateways.1.enable_snat=false router.external_gateways.0.enable_snat=true"},
		{"alice", "PUT routers/$r", "{'router':{'enable_default_route_ecmp':true}}", 403,
		 "PolicyNotAuthorized"},
		{"admin", "PUT routers/$r", "{'router':{'enable_default_route_ecmp':true}}", 200,
		 "router.enable_default_route_ecmp=true"},
		{"alice", ADD, GATEWAYS(TO("net")), 400, "BadRequest:not an external network"},
		{"alice", ADD, GATEWAYS(TO("r")), 404, "NetworkNotFound"},
		{"alice", ADD, GATEWAYS("{'enable_snat':true}"), 400, "HTTPBadRequest"},
		{"alice", ADD, GATEWAYS("7"), 400, "HTTPBadRequest"},
		{"alice", ADD, "{'router':{}}", 400, "HTTPBadRequest"},
		{"alice", ADD, "{'router':{'external_gateways':[],'name':'x'}}", 400, "HTTPBadRequest"},
		{"alice", ADD, "{'external_gateways':[]}", 400, "HTTPBadRequest"},
		{"alice", ADD, GATEWAYS(""), 200, "router.external_gateways.#=2"});
}

static void there_are_only_so_many(void **state)
{
	furnish(*state);
	WORLD_RUN(*state, {"alice", ADD, GATEWAYS(TO("two") "," TO("two") "," TO("two") "," TO("two")), 200},
		  {"alice", ADD, GATEWAYS(TO("two") "," TO("two") "," TO("two") "," TO("two")), 400,
		   "UnableToAddExtraGateways:8"},
		  {"alice", ADD, GATEWAYS(TO("two") "," TO("two") "," TO("two")), 200,
		   "router.external_gateways.#=8"},
		  {"alice", ADD, GATEWAYS(TO("two")), 400, "UnableToAddExtraGateways"});
}

static void floating_ips_need_theirs(void **state)
{
	furnish(*state);
	WORLD_RUN(
		*state,
		{"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$two','port_id':'$p1'}}",
		 404, "ExternalGatewayForFloatingIPNotFound"},
		{"alice", ADD, GATEWAYS(TO("two")), 200},
		{"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$two','port_id':'$p1'}}",
		 201, "floatingip.router_id=$r", "f"},
		{"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext','port_id':'$p1'}}",
		 409, "FloatingIPPortAlreadyAssociated"},
		{"alice", REMOVE, GATEWAYS(TO("two")), 409, "RouterExternalGatewayInUseByFloatingIp"},
		{"alice", UPDATE, GATEWAYS(TO("ext")), 409, "RouterExternalGatewayInUseByFloatingIp"},
		{"alice", UPDATE, GATEWAYS(TO("two") "," TO("ext")), 200},
		{"alice", "PUT routers/$r", "{'router':{'external_gateway_info':null}}", 409,
		 "RouterExternalGatewayInUseByFloatingIp"},
		/* Not while another one is on that network. */
		{"alice", ADD, GATEWAYS(TO("two")), 200, "router.external_gateways.#=3"},
		{"alice", "PUT routers/$r", "{'router':{'external_gateway_info':null}}", 200,
		 "router.external_gateways.#=2"},
		{"alice", REMOVE, GATEWAYS(TO("ext")), 200}, {"alice", "DELETE floatingips/$f", NULL, 204},
		{"alice", REMOVE, GATEWAYS(TO("two")), 200, "router.external_gateways=[]"});
}

static void networks_do_not_overlap(void **state)
{
	furnish(*state);
	WORLD_RUN(*state, {"alice", ADD, GATEWAYS(TO("two")), 200},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'10.30.0.128/25'}}", 400,
		   "InvalidInput"},
		  {"alice", "POST networks", "{'network':{}}", 201, NULL, "other"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$other','ip_version':4,'cidr':'10.30.0.64/26'}}", 201, NULL,
		   "so"},
		  {"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$so'}", 400, "BadRequest"},
		  /* Next hops of all of them. */
		  {"alice", "PUT routers/$r",
		   "{'router':{'routes':[{'destination':'192.0.2.0/24','nexthop':'10.30.0.66'}]}}", 200},
		  {"alice", REMOVE, GATEWAYS(TO("two")), 400, "InvalidRoutes"},
		  {"alice", "PUT routers/$r", "{'router':{'routes':[]}}", 200},
		  {"alice", REMOVE, GATEWAYS(TO("two")), 200},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'10.30.0.128/25'}}", 201},
		  {"alice", ADD, GATEWAYS(TO("two")), 400, "BadRequest:overlaps"});
}

static void ports_stay_the_routers(void **state)
{
	furnish(*state);
	WORLD_RUN(*state, {"alice", ADD, GATEWAYS(TO("two")), 200},
		  {"alice", "PUT ports/$iface", "{'port':{'fixed_ips':[{'ip_address':'172.16.100.77'}]}}",
		   400, "BadRequest"},
		  {"admin", "PUT ports/$iface", "{'port':{'mac_address':'fa:16:3e:11:22:33'}}", 409,
		   "UnsupportedPortDeviceOwner"},
		  {"alice", "PUT ports/$iface", "{'port':{'name':'leg'}}", 200, "port.name=leg"},
		  {"alice", "GET extensions/l3-port-ip-change-not-allowed", NULL, 200},
		  {"alice", "GET extensions/external-gateway-multihoming", NULL, 200},
		  {"alice", "GET extensions/enable-default-route-ecmp", NULL, 200},
		  {"alice", "GET extensions/enable-default-route-bfd", NULL, 404, "ExtensionNotFound"},
		  {"alice", "GET extensions/qos-gateway-ip", NULL, 200});
}

/* --- QoS --- */

static void gateways_have_policies(void **state)
{
	furnish(*state);
	WORLD_RUN(*state, {"admin", "POST qos/policies", "{'policy':{'project_id':'alice'}}", 201, NULL, "p"},
		  {"admin", "POST qos/policies/$p/bandwidth_limit_rules",
		   "{'bandwidth_limit_rule':{'max_kbps':1000}}", 201, NULL, "e"},
		  {"admin", "POST qos/policies", "{'policy':{'project_id':'bob'}}", 201, NULL, "q"},
		  {"alice", "PUT routers/$r",
		   "{'router':{'external_gateway_info':{'network_id':'$ext','qos_policy_id':'$p'}}}", 200,
		   "router.external_gateway_info.qos_policy_id=$p "
		   "router.external_gateway_info.external_fixed_ips.0.ip_address=10.10.10.2"},
		  {"admin", "DELETE qos/policies/$p", NULL, 409, "QosPolicyInUse:is used by router"},
		  /* Not spoken of it stays. */
		  {"alice", "PUT routers/$r", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}",
		   200, "router.external_gateway_info.qos_policy_id=$p"},
		  {"alice", "PUT routers/$r", "{'router':{'name':'x'}}", 200,
		   "router.external_gateway_info.qos_policy_id=$p"},
		  {"alice", "PUT routers/$r",
		   "{'router':{'external_gateway_info':{'network_id':'$ext','qos_policy_id':'$q'}}}", 404,
		   "QosPolicyNotFound"},
		  {"alice", "PUT routers/$r",
		   "{'router':{'external_gateway_info':{'network_id':'$ext','qos_policy_id':null}}}", 200,
		   "router.external_gateway_info.qos_policy_id=null"},
		  {"alice", ADD, GATEWAYS("{'network_id':'$two','qos_policy_id':'$q'}"), 404,
		   "QosPolicyNotFound"},
		  {"alice", ADD, GATEWAYS("{'network_id':'$two','qos_policy_id':'$p'}"), 200,
		   "router.external_gateways.1.qos_policy_id=$p"},
		  {"alice", UPDATE, GATEWAYS(TO("ext") "," TO("two")), 200,
		   "router.external_gateways.1.qos_policy_id=$p"},
		  {"admin", "DELETE qos/policies/$p", NULL, 409, "QosPolicyInUse"},
		  {"alice", UPDATE, GATEWAYS(TO("ext") ",{'network_id':'$two','qos_policy_id':null}"), 200,
		   "router.external_gateways.1.qos_policy_id=null"},
		  {"admin", "DELETE qos/policies/$p", NULL, 204});
}

static void a_policy_of_others_stays_shared(void **state)
{
	furnish(*state);
	WORLD_RUN(*state,
		  {"admin", "POST qos/policies", "{'policy':{'shared':true,'project_id':'bob'}}", 201, NULL,
		   "p"},
		  {"alice", ADD, GATEWAYS("{'network_id':'$two','qos_policy_id':'$p'}"), 200},
		  {"admin", "PUT qos/policies/$p", "{'policy':{'shared':false}}", 409, "RbacPolicyInUse"},
		  {"alice", REMOVE, GATEWAYS(TO("two")), 200},
		  {"admin", "PUT qos/policies/$p", "{'policy':{'shared':false}}", 200});
}

/* --- rows of before --- */

/* A router that was stored when it could have one gateway only. */
static void older_rows_are_read(void **state)
{
	static const char text[] =
		"{\"name\":\"r\",\"admin_state_up\":true,\"external_gateway_info\":{\"network_id\":"
		"\"11111111-2222-3333-4444-555555555555\",\"enable_snat\":false,\"external_fixed_ips\":[{"
		"\"subnet_id\":\"21111111-2222-3333-4444-555555555555\",\"ip_address\":\"10.0.0.9\"}]},"
		"\"gw_port_id\":\"31111111-2222-3333-4444-555555555555\",\"routes\":[]}";
	void *region = talloc_new(NULL);
	struct router r = {.row = {.kind = KIND_ROUTER}};
	struct gateways g;
	struct err err = {0};

	assert_int_equal(decode_stored(shape_of(KIND_ROUTER), text, strlen(text), region, &r, &err), 0);
	router_gateways(&r, &g);
	assert_int_equal(g.count, 1);
	assert_int_equal(g.list[0].number, 1);
	assert_false(g.list[0].enable_snat);
	assert_true(uuid_is_null(&g.list[0].qos_policy_id));
	assert_int_equal(g.list[0].external_fixed_ips.count, 1);
	assert_int_equal(g.list[0].port_id.b[0], 0x31);
	assert_false(r.enable_default_route_ecmp);
	talloc_free(region);
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(added_changed_removed),
		WORLD(as_one_gateway),
		WORLD(who_may),
		WORLD(there_are_only_so_many),
		WORLD(floating_ips_need_theirs),
		WORLD(networks_do_not_overlap),
		WORLD(ports_stay_the_routers),
		WORLD(gateways_have_policies),
		WORLD(a_policy_of_others_stays_shared),
		cmocka_unit_test(older_rows_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
