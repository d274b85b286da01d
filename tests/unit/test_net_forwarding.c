/* Port forwardings of floating IPs through the API: ports and ranges, what collides, what they exclude and
 * what takes them along. Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#define PF(fields)     "{'port_forwarding':{" fields "}}"
#define PFS            "floatingips/$f/port_forwardings"
#define TO(port)       "'protocol':'tcp','internal_port_id':'$" port "'"
#define PORTS(in, ex)  ",'internal_port':" in ",'external_port':" ex
#define RANGES(in, ex) ",'internal_port_range':'" in "','external_port_range':'" ex "'"
#define FIP(fields)    "{'floatingip':{'floating_network_id':'$ext'" fields "}}"

static void furnish(struct world *w)
{
	world_furnish(w);
	WORLD_RUN(w, {"alice", "POST floatingips", FIP(), 201,
		      "floatingip.port_forwardings=[] floatingip.router_id=null", "f"});
}

/* --- life --- */

static void life(void **state)
{
	struct world *w = *state;

	furnish(w);
	world_report(w, NULL, NULL);
	WORLD_RUN(w,
		  {"alice", "POST " PFS, PF(TO("p1") PORTS("80", "8080")), 201,
		   "port_forwarding.protocol=tcp port_forwarding.internal_port_id=$p1 "
		   "port_forwarding.internal_ip_address=172.16.100.2 port_forwarding.internal_port=80 "
		   "port_forwarding.external_port=8080 port_forwarding.internal_port_range=80:80 "
		   "port_forwarding.external_port_range=8080:8080 port_forwarding.description= "
		   "port_forwarding.floatingip_id=absent port_forwarding.project_id=absent",
		   "a"},
		  {"alice", "GET floatingips/$f", NULL, 200,
		   "floatingip.status=ACTIVE floatingip.router_id=$r floatingip.port_id=null "
		   "floatingip.fixed_ip_address=null floatingip.port_forwardings.#=1 "
		   "floatingip.port_forwardings.0.id=$a floatingip.port_forwardings.0.protocol=tcp "
		   "floatingip.port_forwardings.0.internal_port=80 "
		   "floatingip.port_forwardings.0.external_port=8080 "
		   "floatingip.port_forwardings.0.internal_ip_address=172.16.100.2 "
		   "floatingip.port_forwardings.0.internal_port_id=$p1 "
		   "floatingip.port_forwardings.0.external_port_range=absent floatingip.revision_number=2"},
		  {"alice", "GET " PFS "/$a", NULL, 200, "port_forwarding.id=$a"},
		  {"alice", "GET " PFS, NULL, 200, "port_forwardings.#=1 port_forwardings.0.id=$a"},
		  {"alice", "PUT " PFS "/$a", PF("'internal_port':3333"), 200,
		   "port_forwarding.internal_port=3333 port_forwarding.internal_port_range=3333:3333 "
		   "port_forwarding.external_port=8080"},
		  {"alice", "PUT " PFS "/$a", PF("'description':'web'"), 200,
		   "port_forwarding.description=web"},
		  {"alice", "PUT " PFS "/$a", PF("'protocol':'udp','external_port':'53'"), 200,
		   "port_forwarding.protocol=udp port_forwarding.external_port=53"},
		  /* To another port: to its first address. */
		  {"alice", "PUT " PFS "/$a", PF("'internal_port_id':'$p2'"), 200,
		   "port_forwarding.internal_ip_address=172.16.100.3"},
		  {"alice", "DELETE floatingips/$f", NULL, 409,
		   "FipInUseByPortForwarding:in use by Port Forwarding resources."},
		  {"alice", "DELETE " PFS "/$a", NULL, 204},
		  {"alice", "GET " PFS "/$a", NULL, 404, "PortForwardingNotFound:Port Forwarding"},
		  {"alice", "DELETE " PFS "/$a", NULL, 404, "PortForwardingNotFound"},
		  {"alice", "GET floatingips/$f", NULL, 200,
		   "floatingip.port_forwardings=[] floatingip.router_id=null floatingip.status=DOWN"},
		  {"alice", "DELETE floatingips/$f", NULL, 204},
		  {"alice", "GET " PFS, NULL, 404, "FloatingIPNotFound"});
}

/* The router is left with the last one only. */
static void several(void **state)
{
	furnish(*state);
	WORLD_RUN(*state, {"alice", "POST " PFS, PF(TO("p1") PORTS("80", "80")), 201, NULL, "a"},
		  {"alice", "POST " PFS, PF(TO("p2") PORTS("80", "81")), 201, NULL, "b"},
		  {"alice", "POST " PFS, PF("'protocol':'udp','internal_port_id':'$p2'" PORTS("80", "81")),
		   201, NULL, "c"},
		  {"alice", "GET " PFS "?external_port=81&protocol=udp", NULL, 200,
		   "port_forwardings.#=1 port_forwardings.0.id=$c"},
		  {"alice", "GET " PFS "?internal_port_id=$p1", NULL, 200,
		   "port_forwardings.#=1 port_forwardings.0.id=$a"},
		  {"alice", "GET " PFS "?sort_key=external_port&sort_dir=desc&limit=1&fields=external_port",
		   NULL, 200, "port_forwardings.0.external_port=81 port_forwardings.0.id=absent"},
		  {"alice", "GET " PFS "?internal_port=80", NULL, 400, "HTTPBadRequest"},
		  {"alice", "DELETE " PFS "/$b", NULL, 204}, {"alice", "DELETE " PFS "/$a", NULL, 204},
		  {"alice", "GET floatingips/$f", NULL, 200,
		   "floatingip.router_id=$r floatingip.port_forwardings.#=1"},
		  {"alice", "DELETE " PFS "/$c", NULL, 204},
		  {"alice", "GET floatingips/$f", NULL, 200, "floatingip.router_id=null"},
		  {"alice", "POST " PFS,
		   "{'port_forwardings':[{" TO("p1") PORTS("1", "1") "},{" TO("p1") PORTS("2", "2") "}]}",
		   201, "port_forwardings.#=2"},
		  {"alice", "POST " PFS,
		   "{'port_forwardings':[{" TO("p1") PORTS("3", "3") "},{" TO("p1") PORTS("4", "3") "}]}",
		   400, "BadRequest:external_port_range"},
		  {"alice", "GET " PFS, NULL, 200, "port_forwardings.#=2"});
}

/* --- ranges --- */

static void ranges(void **state)
{
	furnish(*state);
	WORLD_RUN(*state,
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("100:110", "200:210")), 201,
		   "port_forwarding.internal_port=null port_forwarding.external_port=null "
		   "port_forwarding.internal_port_range=100:110 port_forwarding.external_port_range=200:210",
		   "a"},
		  {"alice", "GET floatingips/$f", NULL, 200,
		   "floatingip.port_forwardings.0.external_port=absent "
		   "floatingip.port_forwardings.0.external_port_range=200:210 "
		   "floatingip.port_forwardings.0.internal_port_range=100:110"},
		  /* All of them to one. */
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("22", "300:310")), 201,
		   "port_forwarding.internal_port=22 port_forwarding.internal_port_range=22:22 "
		   "port_forwarding.external_port=null",
		   "b"},
		  {"alice", "POST " PFS, PF(TO("p1") ",'internal_port':23,'external_port_range':'400:401'"),
		   201, "port_forwarding.external_port_range=400:401", "c"},
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("24:24", "402:402")), 201,
		   "port_forwarding.internal_port=24 port_forwarding.external_port=402"},
		  {"alice", "GET " PFS "?external_port_range=200:210", NULL, 200, "port_forwardings.0.id=$a"},
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("500:510", "600:611")), 400,
		   "BadRequest:N-N or 1-N"},
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("500:510", "600")), 400, "BadRequest:N-N or 1-N"},
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("510:500", "600:610")), 400, "HTTPBadRequest"},
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("0:10", "600:610")), 400, "HTTPBadRequest"},
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("1:65536", "1:65536")), 400, "HTTPBadRequest"},
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("1:2:3", "1:2")), 400, "HTTPBadRequest"},
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("", "1:2")), 400, "HTTPBadRequest"},
		  {"alice", "POST " PFS, PF(TO("p1") PORTS("0", "1")), 400, "HTTPBadRequest"},
		  {"alice", "POST " PFS, PF(TO("p1") PORTS("1", "65536")), 400, "HTTPBadRequest"},
		  {"alice", "POST " PFS, PF(TO("p1") ",'external_port':5"), 400, "BadRequest:internal_port"},
		  {"alice", "POST " PFS, PF(TO("p1") ",'internal_port':5"), 400, "BadRequest:external_port"},
		  {"alice", "POST " PFS, PF(TO("p1") PORTS("5", "6") RANGES("5:6", "6:6")), 400,
		   "BadRequest:do not say the same"},
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("10000:14096", "20000:24096")), 400,
		   "BadRequest:4096"},
		  {"alice", "POST " PFS, PF(TO("p1") RANGES("10000:14095", "20000:24095")), 201},
		  {"alice", "POST " PFS,
		   PF("'protocol':'udp','internal_port_id':'$p1'" RANGES("1:65535", "1:65535")), 201,
		   "port_forwarding.external_port_range=1:65535"},
		  /* One form replaces the other. */
		  {"alice", "PUT " PFS "/$a", PF("'internal_port':100,'external_port':200"), 200,
		   "port_forwarding.internal_port_range=100:100 port_forwarding.external_port=200"},
		  {"alice", "PUT " PFS "/$a", PF("'external_port_range':'200:204'"), 200,
		   "port_forwarding.external_port=null port_forwarding.internal_port=100"},
		  {"alice", "PUT " PFS "/$a",
		   PF("'external_port':null,'internal_port':null,'external_port_range':'200:201',"
		      "'internal_port_range':'100:101'"),
		   200, "port_forwarding.internal_port_range=100:101"},
		  {"alice", "PUT " PFS "/$a", PF("'external_port_range':'200:205'"), 400, "BadRequest:N-N"});
}

/* --- what collides --- */

static void collisions(void **state)
{
	furnish(*state);
	WORLD_RUN(*state, {"alice", "POST floatingips", FIP(), 201, NULL, "g"},
		  {"alice", "POST " PFS, PF(TO("p1") PORTS("1111", "2222")), 201, NULL, "a"},
		  {"alice", "POST " PFS, PF(TO("p2") PORTS("3333", "2222")), 400,
		   "BadRequest:There is a port collision with the external_port_range. The following ranges "
		   "collides: 2222:2222 and 2222:2222"},
		  {"alice", "POST " PFS, PF(TO("p2") RANGES("2000:3000", "2000:3000")), 400,
		   "BadRequest:external_port_range"},
		  {"alice", "POST " PFS, PF(TO("p1") PORTS("1111", "5555")), 400,
		   "BadRequest:internal_port_range"},
		  /* Whichever floating IP it is. */
		  {"alice", "POST floatingips/$g/port_forwardings", PF(TO("p1") PORTS("1111", "5555")), 400,
		   "BadRequest:internal_port_range"},
		  {"alice", "POST floatingips/$g/port_forwardings", PF(TO("p1") PORTS("1112", "2222")), 201},
		  {"alice", "POST " PFS,
		   PF("'protocol':'udp','internal_port_id':'$p1'" PORTS("1111", "2222")), 201},
		  {"alice", "POST " PFS, PF(TO("p2") PORTS("1111", "2223")), 201, NULL, "b"},
		  {"alice", "PUT " PFS "/$b", PF("'external_port':2222"), 400,
		   "BadRequest:external_port_range"},
		  {"alice", "PUT " PFS "/$b", PF("'internal_port_id':'$p1'"), 400,
		   "BadRequest:internal_port_range"},
		  {"alice", "PUT " PFS "/$b", PF("'external_port':2223"), 200},
		  {"alice", "GET floatingips/$g/port_forwardings/$b", NULL, 404, "PortForwardingNotFound"});
}

/* --- either associated or with forwardings --- */

static void exclusion(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(
		w, {"alice", "POST floatingips", FIP(",'port_id':'$p1'"), 201, NULL, "g"},
		{"alice", "POST floatingips/$g/port_forwardings", PF(TO("p2") PORTS("1", "1")), 409,
		 "FloatingIPPortAlreadyAssociated"},
		{"alice", "POST " PFS, PF(TO("p1") PORTS("1", "1")), 409,
		 "PortHasBindingFloatingIP:that port already has a binding floating IP."},
		{"alice", "POST " PFS, PF(TO("p2") PORTS("1", "1")), 201, NULL, "a"},
		{"alice", "PUT " PFS "/$a", PF("'internal_port_id':'$p1'"), 409, "PortHasBindingFloatingIP"},
		{"alice", "PUT floatingips/$g", "{'floatingip':{'port_id':'$p2'}}", 400,
		 "PortHasPortForwarding:because it already has a Port Forwarding binding."},
		{"alice", "POST floatingips", FIP(",'port_id':'$p2'"), 400, "PortHasPortForwarding"},
		{"alice", "PUT floatingips/$f", "{'floatingip':{'port_id':'$p2'}}", 409,
		 "FipInUseByPortForwarding"},
		{"alice", "PUT floatingips/$f", "{'floatingip':{'port_id':null}}", 200,
		 "floatingip.router_id=$r floatingip.port_forwardings.#=1"},
		{"alice", "PUT floatingips/$f", "{'floatingip':{'description':'d'}}", 200,
		 "floatingip.router_id=$r floatingip.description=d"},
		{"alice", "PUT buoy/change-sets",
		 "{'change_set':{'associations':[{'floatingip_id':'$f','port_id':'$p2'}]}}", 409,
		 "FipInUseByPortForwarding:associations[0]"},
		{"alice", "PUT buoy/change-sets",
		 "{'change_set':{'associations':[{'floatingip_id':'$f','port_id':null},"
		 "{'floatingip_id':'$g','port_id':null}]}}",
		 200, "change_set.floatingips.0.router_id=$r change_set.floatingips.1.router_id=null"},
		/* An address that another port may use as well. */
		{"alice", "POST ports",
		 "{'port':{'network_id':'$net','allowed_address_pairs':[{'ip_address':'172.16.100.3'}]}}",
		 201, NULL, "vip"},
		{"alice", "PUT floatingips/$g",
		 "{'floatingip':{'port_id':'$vip','fixed_ip_address':'172.16.100.3'}}", 400,
		 "PortHasPortForwarding"},
		{"alice", "DELETE " PFS "/$a", NULL, 204},
		{"alice", "PUT floatingips/$g",
		 "{'floatingip':{'port_id':'$vip','fixed_ip_address':'172.16.100.3'}}", 200},
		{"alice", "POST " PFS, PF(TO("p2") PORTS("1", "1")), 409, "PortHasBindingFloatingIP"},
		{"alice", "PUT floatingips/$f", "{'floatingip':{'port_id':'$p1'}}", 200,
		 "floatingip.port_id=$p1"});
}

/* A floating IP with forwardings is not one that nobody uses. */
static void not_reused(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"alice", "POST floatingips", FIP(",'reuse_tag':'web'"), 201, NULL, "f"},
		  {"alice", "POST " PFS, PF(TO("p1") PORTS("1", "1")), 201, NULL, "a"},
		  {"alice", "POST floatingips", FIP(",'reuse_tag':'web','port_id':'$p2'"), 201,
		   "floatingip.port_forwardings=[] floatingip.port_id=$p2", "g"},
		  {"alice", "POST floatingips", FIP(",'reuse_tag':'web'"), 200, "floatingip.tags=[\"web\"]"},
		  {"alice", "DELETE floatingips/$g", NULL, 204}, {"alice", "DELETE " PFS "/$a", NULL, 204},
		  {"alice", "POST floatingips", FIP(",'reuse_tag':'web','port_id':'$p2'"), 200,
		   "floatingip.id=$f floatingip.port_id=$p2"});
}

/* --- what it needs, and what takes it along --- */

static void what_it_needs(void **state)
{
	furnish(*state);
	WORLD_RUN(*state, {"alice", "POST " PFS, PF(TO("p1") PORTS("1", "1")), 201, NULL, "a"},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 409,
		   "RouterInterfaceInUseByFloatingIP"},
		  {"alice", "PUT routers/$r", "{'router':{'external_gateway_info':null}}", 409,
		   "RouterExternalGatewayInUseByFloatingIp"},
		  {"alice", "PUT routers/$r/add_router_interface", "{'port_id':'$p1'}", 409, "PortInUse"},
		  /* Another address: the one that it had is not the port's any more. */
		  {"alice", "PUT ports/$p1", "{'port':{'name':'still'}}", 200},
		  {"alice", "GET " PFS, NULL, 200, "port_forwardings.#=1"},
		  {"alice", "PUT ports/$p1",
		   "{'port':{'fixed_ips':[{'ip_address':'172.16.100.2'},{'ip_address':'172.16.100.20'}]}}",
		   200},
		  {"alice", "POST " PFS,
		   PF(TO("p1") PORTS("1", "2") ",'internal_ip_address':'172.16.100.20'"), 201, NULL, "b"},
		  {"alice", "PUT " PFS "/$b", PF("'internal_ip_address':'172.16.100.9'"), 400, "BadRequest"},
		  {"alice", "PUT ports/$p1", "{'port':{'fixed_ips':[{'ip_address':'172.16.100.20'}]}}", 200},
		  {"alice", "GET " PFS, NULL, 200, "port_forwardings.#=1 port_forwardings.0.id=$b"},
		  {"alice", "GET floatingips/$f", NULL, 200, "floatingip.router_id=$r"},
		  {"alice", "DELETE ports/$p1", NULL, 204},
		  {"alice", "GET " PFS, NULL, 200, "port_forwardings=[]"},
		  {"alice", "GET floatingips/$f", NULL, 200, "floatingip.router_id=null"},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 200});
}

static void bad_ones(void **state)
{
	furnish(*state);
	WORLD_RUN(
		*state, {"alice", "POST " PFS, PF("'protocol':'tcp'" PORTS("1", "1")), 400, "HTTPBadRequest"},
		{"alice", "POST " PFS, PF("'internal_port_id':'$p1'" PORTS("1", "1")), 400, "HTTPBadRequest"},
		{"alice", "POST " PFS, PF("'protocol':'icmp','internal_port_id':'$p1'" PORTS("1", "1")), 400,
		 "HTTPBadRequest"},
		{"alice", "POST " PFS, PF(TO("net") PORTS("1", "1")), 404, "PortNotFound"},
		{"alice", "POST " PFS, PF(TO("p1") PORTS("1", "1") ",'internal_ip_address':'172.16.100.3'"),
		 400, "BadRequest:is not suitable"},
		{"alice", "POST " PFS, PF(TO("iface") PORTS("1", "1")), 400, "BadRequest"},
		{"alice", "POST ports", "{'port':{'network_id':'$net','fixed_ips':[]}}", 201, NULL, "bare"},
		{"alice", "POST " PFS, PF(TO("bare") PORTS("1", "1")), 400, "BadRequest:IPv4"},
		/* Behind no router, and behind another one. */
		{"alice", "POST networks", "{'network':{}}", 201, NULL, "net2"},
		{"alice", "POST subnets",
		 "{'subnet':{'network_id':'$net2','ip_version':4,'cidr':'10.9.0.0/24'}}", 201, NULL, "sub2"},
		{"alice", "POST ports", "{'port':{'network_id':'$net2'}}", 201, NULL, "far"},
		{"alice", "POST " PFS, PF(TO("far") PORTS("1", "1")), 400,
		 "BadRequest:is not reachable from"},
		{"alice", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}", 201,
		 NULL, "r2"},
		{"alice", "PUT routers/$r2/add_router_interface", "{'subnet_id':'$sub2'}", 200},
		{"alice", "POST " PFS, PF(TO("p1") PORTS("1", "1")), 201, NULL, "a"},
		{"alice", "POST " PFS, PF(TO("far") PORTS("2", "2")), 400,
		 "BadRequest:had been set on router"},
		{"alice", "PUT " PFS "/$a", PF("'internal_port_id':'$far'"), 400,
		 "BadRequest:can not reach it"});
}

/* --- what is said of a packet --- */

#define ASK(fields) "{'explain':{'address':'198.51.100.9'," fields "}}"

static void explained(void **state)
{
	struct world *w = *state;
	json_t *json;
	static const struct {
		const char *body, *text;
	} questions[] = {
		{ASK("'protocol':'tcp','port':8080"), "tcp 8080 leads to port one, 172.16.100.2, tcp 80"},
		{ASK("'protocol':'tcp','port':8080"), "The router forwards it to 172.16.100.2, port 80"},
		{ASK("'protocol':'udp','port':205"), "The router forwards it to 172.16.100.3, port 105"},
		{ASK("'protocol':'udp','port':307"), "The router forwards it to 172.16.100.3, port 53"},
		{ASK("'protocol':'udp','port':8080"), "None of the port forwardings of"},
		{ASK("'protocol':'icmp'"), "The router itself answers pings"},
		{ASK("'direction':'out','protocol':'tcp','port':80"), "leaves with the router's address"},
	};

	furnish(w);
	world_report(w, NULL, NULL);
	WORLD_RUN(w, {"alice", "POST " PFS, PF(TO("p1") PORTS("80", "8080")), 201},
		  {"alice", "POST " PFS,
		   PF("'protocol':'udp','internal_port_id':'$p2'" RANGES("100:109", "200:209")), 201},
		  {"alice", "POST " PFS,
		   PF("'protocol':'udp','internal_port_id':'$p2'" RANGES("53", "300:309")), 201});
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		AUTO_FREE char *text = NULL;

		assert_int_equal(world_send(w, w->curl, "alice", "POST floatingips/$f/explain",
					    questions[i].body, &json),
				 200);
		text = json_dumps(json, JSON_COMPACT);
		if (!strstr(text, questions[i].text))
			fail_msg("%s is not in %s", questions[i].text, text);
		json_decref(json);
	}
}

/* --- whose --- */

static void whose(void **state)
{
	furnish(*state);
	WORLD_RUN(*state, {"alice", "POST " PFS, PF(TO("p1") PORTS("1", "1")), 201, NULL, "a"},
		  {"bob", "GET " PFS, NULL, 404, "FloatingIPNotFound"},
		  {"bob", "GET " PFS "/$a", NULL, 404, "FloatingIPNotFound"},
		  {"bob", "POST " PFS, PF(TO("p1") PORTS("2", "2")), 404, "FloatingIPNotFound"},
		  {"bob", "DELETE " PFS "/$a", NULL, 404, "FloatingIPNotFound"},
		  {"rita", "GET " PFS "/$a", NULL, 200, "port_forwarding.id=$a"},
		  {"rita", "POST " PFS, PF(TO("p1") PORTS("2", "2")), 403, "PolicyNotAuthorized"},
		  {"rita", "PUT " PFS "/$a", PF("'external_port':2"), 403, "PolicyNotAuthorized"},
		  {"rita", "DELETE " PFS "/$a", NULL, 403, "PolicyNotAuthorized"},
		  {"bob", "POST floatingips", FIP(), 201, NULL, "mine"},
		  {"bob", "POST floatingips/$mine/port_forwardings", PF(TO("p1") PORTS("2", "2")), 404,
		   "PortNotFound"},
		  {"admin", "POST " PFS, PF(TO("p1") PORTS("2", "2")), 201},
		  {"admin", "GET extensions/floating-ip-port-forwarding-port-ranges", NULL, 200});
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		TEST(life),          TEST(several),  TEST(ranges), TEST(collisions), TEST(exclusion),
		TEST(what_it_needs), TEST(bad_ones), TEST(whose),  TEST(explained),  TEST(not_reused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
