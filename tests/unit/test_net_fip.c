/* Floating IPs through the API: addresses, association, what stands in the way of what they need, races.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#include <pthread.h>

#define FIP(fields) "{'floatingip':{'floating_network_id':'$ext'" fields "}}"
#define PUT(fields) "{'floatingip':{" fields "}}"

/* --- addresses --- */

static void address_choice(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"alice", "POST floatingips", "{'floatingip':{}}", 400, "HTTPBadRequest"},
		  {"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$net'}}", 400,
		   "BadRequest"},
		  {"bob", "POST floatingips", "{'floatingip':{'floating_network_id':'$net'}}", 404,
		   "NetworkNotFound"},
		  {"rita", "POST floatingips", FIP(), 403, "PolicyNotAuthorized"},
		  {"bob", "POST floatingips", FIP(), 201,
		   "floatingip.floating_ip_address=10.10.10.3 floatingip.status=DOWN floatingip.port_id=null "
		   "floatingip.fixed_ip_address=null floatingip.router_id=null floatingip.port_details=null "
		   "floatingip.project_id=bob floatingip.tenant_id=bob floatingip.subnet_id=absent",
		   "f"},
		  {"alice", "GET floatingips/$f", NULL, 404, "FloatingIPNotFound"},
		  {"alice", "DELETE floatingips/$f", NULL, 404, "FloatingIPNotFound"},
		  {"alice", "POST floatingips", FIP(",'floating_ip_address':'10.10.10.9'"), 403,
		   "PolicyNotAuthorized"},
		  {"admin", "POST floatingips", FIP(",'floating_ip_address':'10.10.10.3'"), 409,
		   "IpAddressInUse"},
		  {"admin", "POST floatingips", FIP(",'floating_ip_address':'10.10.10.2'"), 409,
		   "IpAddressInUse"},
		  {"admin", "POST floatingips", FIP(",'floating_ip_address':'10.10.11.9'"), 400,
		   "InvalidIpForNetwork"},
		  {"admin", "POST floatingips", FIP(",'floating_ip_address':'10.10.10.1'"), 400,
		   "InvalidIpForSubnet"},
		  {"admin", "POST floatingips", FIP(",'floating_ip_address':'10.10.10.0'"), 400,
		   "InvalidIpForSubnet"},
		  {"admin", "POST floatingips", FIP(",'floating_ip_address':'10.10.10.255'"), 400,
		   "InvalidIpForSubnet"},
		  {"admin", "POST floatingips",
		   FIP(",'floating_ip_address':'10.10.10.4','project_id':'alice'"), 201,
		   "floatingip.project_id=alice", "g"},
		  {"admin", "POST floatingips", FIP(",'floating_ip_address':'10.10.10.77'"), 201,
		   "floatingip.floating_ip_address=10.10.10.77"},
		  {"alice", "POST floatingips", FIP(",'subnet_id':'$exts'"), 201,
		   "floatingip.floating_ip_address=10.10.10.5"},
		  {"alice", "POST floatingips", FIP(",'subnet_id':'$sub'"), 400, "InvalidInput"},
		  {"bob", "POST floatingips", FIP(",'subnet_id':'$sub'"), 400, "InvalidInput"},
		  {"bob", "POST floatingips", FIP(",'subnet_id':'$exts'"), 400, "ExternalIpAddressExhausted"},
		  {"bob", "POST floatingips", FIP(), 400, "ExternalIpAddressExhausted"},
		  {"alice", "PUT floatingips/$g", PUT("'floating_ip_address':'10.10.10.99'"), 400,
		   "HTTPBadRequest"},
		  /* A body that says nothing ends an association. */
		  {"alice", "PUT floatingips/$g", PUT("'port_id':'$p1'"), 200, "floatingip.port_id=$p1"},
		  {"alice", "PUT floatingips/$g", PUT("'description':'x'"), 200, "floatingip.port_id=$p1"},
		  {"alice", "PUT floatingips/$g", PUT(""), 200,
		   "floatingip.port_id=null floatingip.router_id=null"},
		  {"alice", "DELETE floatingips/$g", NULL, 204},
		  {"bob", "POST floatingips", FIP(), 201, "floatingip.floating_ip_address=10.10.10.4"});
}

static void several_subnets_with_gaps(void **state)
{
	WORLD_RUN(*state,
		  {"admin", "POST networks", "{'network':{'router:external':true}}", 201, NULL, "ext"},
		  {"bob", "POST floatingips", FIP(), 400, "BadRequest"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'10.2.0.0/24',"
		   "'allocation_pools':[{'start':'10.2.0.9','end':'10.2.0.9'}]}}",
		   201, NULL, "s2"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'10.1.0.0/24',"
		   "'allocation_pools':[{'start':'10.1.0.7','end':'10.1.0.7'},{'start':'10.1.0.3','end':'10."
		   "1.0.4'}]}}",
		   201, NULL, "s1"},
		  {"bob", "POST floatingips", FIP(), 201, "floatingip.floating_ip_address=10.1.0.3"},
		  {"bob", "POST floatingips", FIP(), 201, "floatingip.floating_ip_address=10.1.0.4", "gap"},
		  {"bob", "POST floatingips", FIP(), 201, "floatingip.floating_ip_address=10.1.0.7"},
		  {"bob", "POST floatingips", FIP(",'subnet_id':'$s1'"), 400, "ExternalIpAddressExhausted"},
		  {"bob", "POST floatingips", FIP(), 201, "floatingip.floating_ip_address=10.2.0.9"},
		  {"bob", "POST floatingips", FIP(), 400, "ExternalIpAddressExhausted"},
		  {"bob", "DELETE floatingips/$gap", NULL, 204},
		  {"admin", "POST floatingips", FIP(",'floating_ip_address':'10.1.0.4','subnet_id':'$s2'"),
		   400, "InvalidIpForSubnet"},
		  {"bob", "POST floatingips", FIP(), 201, "floatingip.floating_ip_address=10.1.0.4"});
}

/* --- association --- */

static void association(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	world_report(w, world_id(w, "p1", 2), NULL);
	WORLD_RUN(
		w,
		{"alice", "POST floatingips", FIP(",'port_id':'$p1'"), 201,
		 "floatingip.status=ACTIVE floatingip.router_id=$r floatingip.fixed_ip_address=172.16.100.2 "
		 "floatingip.port_details.name=one floatingip.port_details.network_id=$net "
		 "floatingip.port_details.status=ACTIVE floatingip.port_details.admin_state_up=true "
		 "floatingip.port_details.device_id= floatingip.port_details.device_owner=",
		 "f"},
		{"alice", "POST floatingips", FIP(), 201, "floatingip.status=DOWN", "g"},
		/* One fixed IP, one floating IP. */
		{"alice", "PUT floatingips/$g", PUT("'port_id':'$p1'"), 409,
		 "FloatingIPPortAlreadyAssociated"},
		{"alice", "POST floatingips", FIP(",'port_id':'$p1'"), 409,
		 "FloatingIPPortAlreadyAssociated"},
		/* Again the same, and only a description: nothing moves. */
		{"alice", "PUT floatingips/$f", PUT("'port_id':'$p1'"), 200, "floatingip.revision_number=1"},
		{"alice", "PUT floatingips/$f", PUT("'description':'d'"), 200,
		 "floatingip.port_id=$p1 floatingip.revision_number=2"},
		/* To another port, and away. */
		{"alice", "PUT floatingips/$f", PUT("'port_id':'$p2'"), 200,
		 "floatingip.port_id=$p2 floatingip.fixed_ip_address=172.16.100.3"},
		{"alice", "PUT floatingips/$f", PUT("'port_id':null,'fixed_ip_address':'172.16.100.3'"), 400,
		 "BadRequest"},
		{"alice", "PUT floatingips/$f", PUT("'port_id':null"), 200,
		 "floatingip.port_id=null floatingip.fixed_ip_address=null floatingip.router_id=null "
		 "floatingip.status=DOWN floatingip.port_details=null"},
		{"alice", "PUT floatingips/$f", PUT("'port_id':null"), 200, "floatingip.revision_number=4"},
		{"alice", "PUT floatingips/$f", PUT("'fixed_ip_address':'172.16.100.2'"), 400, "BadRequest"},
		{"alice", "POST floatingips", FIP(",'fixed_ip_address':'172.16.100.2'"), 400, "BadRequest"},
		{"alice", "PUT floatingips/$f", PUT("'port_id':'$iface'"), 400, "BadRequest"},
		{"alice", "PUT floatingips/$f", PUT("'port_id':'$net'"), 404, "PortNotFound"},
		{"alice", "GET floatingips?status=DOWN", NULL, 200, "floatingips.#=2"});
	WORLD_RUN(w,
		  {"alice", "PUT floatingips/$f", PUT("'port_id':'$p1'"), 200, "floatingip.status=ACTIVE"});
	world_report(w, NULL, world_id(w, "f", 1));
	WORLD_RUN(w, {"alice", "GET floatingips/$f", NULL, 200, "floatingip.status=ERROR"},
		  {"alice", "DELETE floatingips/$f", NULL, 204},
		  {"alice", "PUT floatingips/$g", PUT("'port_id':'$p1'"), 200});
}

/* ACTIVE is a fact: while the node has not applied it the answer says DOWN, once it has, ACTIVE. */
static void status_waits_for_the_node(void **state)
{
	struct world *w = *state;
	struct node_report report = {.node = "node1"};

	world_furnish(w);
	report.applied = world_revision(w);
	nodes_report(w->nodes, &report);
	WORLD_RUN(w,
		  {"alice", "POST floatingips", FIP(",'port_id':'$p1'"), 201, "floatingip.status=DOWN", "f"});
	report.applied = world_revision(w);
	nodes_report(w->nodes, &report);
	WORLD_RUN(w, {"alice", "GET floatingips/$f", NULL, 200, "floatingip.status=ACTIVE"},
		  {"alice", "PUT floatingips/$f", PUT("'port_id':'$p2'"), 200, "floatingip.status=DOWN"},
		  {"alice", "PUT floatingips/$f", PUT("'port_id':null"), 200, "floatingip.status=DOWN"});
}

static void several_fixed_ips(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state,
		{"alice", "POST ports",
		 "{'port':{'network_id':'$net','fixed_ips':[{'ip_address':'172.16.100.20'},"
		 "{'ip_address':'172.16.100.10'}],'allowed_address_pairs':[{'ip_address':'172.16.100.64/26'},"
		 "{'ip_address':'192.168.0.1'}]}}",
		 201, NULL, "p"},
		{"alice", "POST ports", "{'port':{'network_id':'$net','fixed_ips':[]}}", 201, NULL, "none"},
		{"alice", "POST floatingips", FIP(",'port_id':'$none'"), 400, "BadRequest"},
		{"alice", "POST floatingips", FIP(",'port_id':'$p','fixed_ip_address':'172.16.100.2'"), 400,
		 "BadRequest"},
		{"alice", "POST floatingips", FIP(",'port_id':'$p','fixed_ip_address':'2001:db8::1'"), 400,
		 "BadRequest"},
		{"alice", "POST floatingips", FIP(",'port_id':'$p'"), 201,
		 "floatingip.fixed_ip_address=172.16.100.20", "f"},
		{"alice", "POST floatingips", FIP(",'port_id':'$p','fixed_ip_address':'172.16.100.10'"), 201,
		 NULL, "g"},
		{"alice", "PUT floatingips/$f", PUT("'fixed_ip_address':'172.16.100.10'"), 409,
		 "FloatingIPPortAlreadyAssociated"},
		/* An allowed pair's address counts, inside the network's subnets. */
		{"alice", "PUT floatingips/$g", PUT("'fixed_ip_address':'172.16.100.70'"), 200,
		 "floatingip.fixed_ip_address=172.16.100.70 floatingip.router_id=$r"},
		{"alice", "PUT floatingips/$g", PUT("'port_id':'$p'"), 200,
		 "floatingip.fixed_ip_address=172.16.100.70"},
		{"alice", "PUT floatingips/$g", PUT("'fixed_ip_address':'192.168.0.1'"), 400, "BadRequest"},
		{"alice", "PUT ports/$p2",
		 "{'port':{'allowed_address_pairs':[{'ip_address':'172.16.100.0/24'}]}}", 200},
		{"alice", "POST floatingips", FIP(",'port_id':'$p2','fixed_ip_address':'172.16.100.1'"), 400,
		 "BadRequest"},
		/* Two ports may both allow it; one floating IP only leads there. */
		{"alice", "PUT ports/$p2",
		 "{'port':{'allowed_address_pairs':[{'ip_address':'172.16.100.70'}]}}", 200},
		{"alice", "POST floatingips", FIP(",'port_id':'$p2','fixed_ip_address':'172.16.100.70'"), 409,
		 "FloatingIPPortAlreadyAssociated"},
		{"alice", "PUT ports/$p", "{'port':{'allowed_address_pairs':[]}}", 409,
		 "FixedIpInUseByFloatingIP"},
		{"alice", "PUT ports/$p",
		 "{'port':{'fixed_ips':[{'ip_address':'172.16.100.10'}],'name':'x'}}", 409,
		 "FixedIpInUseByFloatingIP"},
		{"alice", "PUT ports/$p",
		 "{'port':{'fixed_ips':[{'ip_address':'172.16.100.20'}],'name':'x'}}", 200,
		 "port.fixed_ips.#=1"},
		{"alice", "PUT floatingips/$f", PUT("'fixed_ip_address':null,'description':'x'"), 200,
		 "floatingip.port_id=$p floatingip.fixed_ip_address=172.16.100.20"});
}

static void whose_port(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state, {"bob", "POST floatingips", FIP(",'port_id':'$p1'"), 404, "PortNotFound"},
		{"bob", "POST floatingips", FIP(), 201, NULL, "f"},
		{"bob", "PUT floatingips/$f", PUT("'port_id':'$p1'"), 404, "PortNotFound"},
		{"alice", "PUT floatingips/$f", PUT("'port_id':'$p1'"), 404, "FloatingIPNotFound"},
		{"rita", "PUT floatingips/$f", PUT("'port_id':'$p1'"), 403, "PolicyNotAuthorized"},
		{"admin", "PUT floatingips/$f", PUT("'port_id':'$p1'"), 200, "floatingip.router_id=$r"},
		{"bob", "PUT floatingips/$f", PUT("'fixed_ip_address':'172.16.100.3'"), 404, "PortNotFound"},
		{"bob", "PUT floatingips/$f", PUT("'description':'mine'"), 200, "floatingip.port_id=$p1"},
		{"bob", "PUT floatingips/$f", PUT("'port_id':null"), 200, "floatingip.port_id=null"});
}

static void unreachable(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state, {"bob", "POST networks", "{'network':{'name':'b'}}", 201, NULL, "bnet"},
		{"bob", "POST subnets",
		 "{'subnet':{'network_id':'$bnet','ip_version':4,'cidr':'10.0.0.0/24'}}", 201, NULL, "bsub"},
		{"bob", "POST ports", "{'port':{'network_id':'$bnet'}}", 201, NULL, "bp"},
		{"bob", "POST floatingips", FIP(",'port_id':'$bp'"), 404,
		 "ExternalGatewayForFloatingIPNotFound"},
		{"bob", "POST routers", "{'router':{'name':'br'}}", 201, NULL, "br"},
		{"bob", "PUT routers/$br/add_router_interface", "{'subnet_id':'$bsub'}", 200},
		{"bob", "POST floatingips", FIP(",'port_id':'$bp'"), 404,
		 "ExternalGatewayForFloatingIPNotFound"},
		{"bob", "PUT routers/$br", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}", 200},
		{"bob", "POST floatingips", FIP(",'port_id':'$bp'"), 201, "floatingip.router_id=$br"});
}

/* The router at the subnet's gateway address comes first; one that is attached by a port serves when it is
 * alone. */
static void which_router(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state,
		  {"alice", "POST ports",
		   "{'port':{'network_id':'$net','fixed_ips':[{'ip_address':'172.16.100.254'}]}}", 201, NULL,
		   "leg"},
		  {"alice", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}", 201,
		   NULL, "r2"},
		  {"alice", "PUT routers/$r2/add_router_interface", "{'port_id':'$leg'}", 200},
		  {"alice", "POST floatingips", FIP(",'port_id':'$p1'"), 201, "floatingip.router_id=$r", "f"},
		  {"alice", "PUT floatingips/$f", PUT("'port_id':null"), 200},
		  {"alice", "PUT routers/$r", "{'router':{'external_gateway_info':null}}", 200},
		  {"alice", "PUT floatingips/$f", PUT("'port_id':'$p1'"), 200, "floatingip.router_id=$r2"},
		  {"alice", "PUT routers/$r2/remove_router_interface", "{'port_id':'$leg'}", 409,
		   "RouterInterfaceInUseByFloatingIP"},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 200});
}

static void what_it_needs_stays(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"alice", "POST floatingips", FIP(",'port_id':'$p1'"), 201, NULL, "f"},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 409,
		   "RouterInterfaceInUseByFloatingIP"},
		  {"alice", "PUT routers/$r", "{'router':{'external_gateway_info':null}}", 409,
		   "RouterExternalGatewayInUseByFloatingIp"},
		  {"admin", "PUT routers/$r",
		   "{'router':{'external_gateway_info':{'network_id':'$ext','enable_snat':false}}}", 200,
		   "router.external_gateway_info.enable_snat=false"},
		  {"alice", "DELETE routers/$r", NULL, 409, "RouterInUse"},
		  {"alice", "PUT ports/$p1", "{'port':{'fixed_ips':[{'ip_address':'172.16.100.9'}]}}", 409,
		   "FixedIpInUseByFloatingIP"},
		  {"alice", "PUT ports/$p1", "{'port':{'fixed_ips':[]}}", 409, "FixedIpInUseByFloatingIP"},
		  {"alice", "POST networks", "{'network':{'name':'c'}}", 201, NULL, "c"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$c','ip_version':4,'cidr':'10.77.0.0/24'}}", 201, NULL, "cs"},
		  {"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$cs'}", 200},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$cs'}", 200},
		  /* The port takes its association along. */
		  {"alice", "DELETE ports/$p1", NULL, 204},
		  {"alice", "GET floatingips/$f", NULL, 200,
		   "floatingip.port_id=null floatingip.fixed_ip_address=null floatingip.router_id=null "
		   "floatingip.status=DOWN floatingip.floating_ip_address=10.10.10.3"},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 200},
		  {"alice", "DELETE routers/$r", NULL, 204});
}

/* Two projects number alike: their floating IPs do not know of each other. */
static void same_subnet_twice(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"bob", "POST networks", "{'network':{'name':'b'}}", 201, NULL, "bnet"},
		  {"bob", "POST subnets",
		   "{'subnet':{'network_id':'$bnet','ip_version':4,'cidr':'172.16.100.0/24'}}", 201, NULL,
		   "bsub"},
		  {"bob", "POST ports", "{'port':{'network_id':'$bnet'}}", 201,
		   "port.fixed_ips.0.ip_address=172.16.100.2", "bp"},
		  {"bob", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}", 201,
		   NULL, "br"},
		  {"bob", "PUT routers/$br/add_router_interface", "{'subnet_id':'$bsub'}", 200},
		  {"alice", "POST floatingips", FIP(",'port_id':'$p1'"), 201, "floatingip.router_id=$r"},
		  {"bob", "POST floatingips", FIP(",'port_id':'$bp'"), 201,
		   "floatingip.router_id=$br floatingip.fixed_ip_address=172.16.100.2"});
}

/* --- races --- */

#define RACERS 8

struct racer {
	struct world *w;
	pthread_t thread;
	const char *request, *body;
	int status;
};

static void *race(void *arg)
{
	struct racer *r = arg;
	CURL *curl = curl_easy_init();
	json_t *json;

	r->status = world_send(r->w, curl, "alice", r->request, r->body, &json);
	json_decref(json);
	curl_easy_cleanup(curl);
	return NULL;
}

/* How many of eight at once are answered with `status`. */
static int run_race(struct world *w, const char *const requests[RACERS], const char *body, int status)
{
	struct racer racers[RACERS];
	int n = 0;

	for (int i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){.w = w, .request = requests[i], .body = body};
		assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	}
	for (int i = 0; i < RACERS; i++) {
		pthread_join(racers[i].thread, NULL);
		n += racers[i].status == status;
	}
	return n;
}

static void last_address_goes_to_one(void **state)
{
	static const char *const posts[RACERS] = {[0 ... RACERS - 1] = "POST floatingips"};
	struct world *w = *state;
	json_t *json, *only;

	world_furnish(w);
	for (int round = 0; round < 20; round++) {
		WORLD_RUN(w, {"admin", "PUT subnets/$exts",
			      "{'subnet':{'allocation_pools':[{'start':'10.10.10.50','end':'10.10.10.50'}]}}",
			      200});
		assert_int_equal(run_race(w, posts, FIP(), 201), 1);
		WORLD_RUN(w,
			  {"alice", "GET floatingips", NULL, 200,
			   "floatingips.#=1 floatingips.0.floating_ip_address=10.10.10.50"},
			  {"alice", "POST floatingips", FIP(), 400, "ExternalIpAddressExhausted"});
		assert_int_equal(world_send(w, w->curl, "alice", "GET floatingips", NULL, &json), 200);
		only = json_array_get(json_object_get(json, "floatingips"), 0);
		AUTO_FREE char *request =
			xasprintf("DELETE floatingips/%s", json_string_value(json_object_get(only, "id")));
		json_decref(json);
		assert_int_equal(world_send(w, w->curl, "alice", request, NULL, &json), 204);
		json_decref(json);
	}
}

static void one_port_goes_to_one(void **state)
{
	char requests[RACERS][64];
	const char *list[RACERS];
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(w, {"admin", "PUT subnets/$exts",
		      "{'subnet':{'allocation_pools':[{'start':'10.10.10.50','end':'10.10.10.99'}]}}", 200});
	for (int i = 0; i < RACERS; i++) {
		char name[8];

		snprintf(name, sizeof(name), "f%d", i);
		WORLD_RUN(w, {"alice", "POST floatingips", FIP(), 201, NULL, name});
		snprintf(requests[i], sizeof(requests[i]), "PUT floatingips/%s", world_id(w, name, 2));
		list[i] = requests[i];
	}
	assert_int_equal(run_race(w, list, PUT("'port_id':'$p1'"), 200), 1);
	WORLD_RUN(w, {"alice", "GET floatingips?port_id=$p1", NULL, 200, "floatingips.#=1"});
}

/* Who shares a network does not publish what others have on it. */
static void pair_over_anothers_address(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state, {"admin", "PUT networks/$net", "{'network':{'shared':true}}", 200},
		{"bob", "POST ports", "{'port':{'network_id':'$net'}}", 201,
		 "port.fixed_ips.0.ip_address=172.16.100.4", "b"},
		{"alice", "PUT ports/$p1",
		 "{'port':{'allowed_address_pairs':[{'ip_address':'172.16.100.0/24'}]}}", 200},
		{"alice", "POST floatingips", FIP(",'port_id':'$p1','fixed_ip_address':'172.16.100.4'"), 400,
		 "BadRequest"},
		{"alice", "POST floatingips", FIP(",'port_id':'$p1','fixed_ip_address':'172.16.100.3'"), 201},
		{"bob", "POST floatingips", FIP(",'port_id':'$b'"), 201,
		 "floatingip.fixed_ip_address=172.16.100.4"});
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(address_choice),
		WORLD_TEST(several_subnets_with_gaps),
		WORLD_TEST(association),
		WORLD_TEST(status_waits_for_the_node),
		WORLD_TEST(several_fixed_ips),
		WORLD_TEST(whose_port),
		WORLD_TEST(unreachable),
		WORLD_TEST(which_router),
		WORLD_TEST(what_it_needs_stays),
		WORLD_TEST(same_subnet_twice),
		WORLD_TEST(last_address_goes_to_one),
		WORLD_TEST(one_port_goes_to_one),
		WORLD_TEST(pair_over_anothers_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
