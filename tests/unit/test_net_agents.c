/* Agents: what is shown of them, switching them, taking routers and networks from them; availability zones.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

static void name_agent(struct world *w, const char *name, const char *request)
{
	struct name *n = &w->names[w->name_count++];
	bool count = false;
	json_t *json;

	assert_int_equal(world_send(w, w->curl, "admin", request, NULL, &json), 200);
	snprintf(n->name, sizeof(n->name), "%s", name);
	snprintf(n->id, sizeof(n->id), "%s",
		 json_string_value(world_at(json, "agents.0.id", strlen("agents.0.id"), &count)));
	json_decref(json);
}

static void make_all(struct world *w)
{
	world_report(w, NULL, NULL);
	WORLD_RUN(
		w,
		{"admin", "POST networks",
		 "{'network':{'name':'ext','router:external':true,'provider:network_type':'flat',"
		 "'provider:physical_network':'physnet1'}}",
		 201, NULL, "ext"},
		{"admin", "POST subnets",
		 "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'10.10.0.0/24','enable_dhcp':false}}",
		 201},
		{"alice", "POST networks", "{'network':{'name':'net'}}", 201, NULL, "net"},
		{"alice", "POST subnets",
		 "{'subnet':{'network_id':'$net','ip_version':4,'cidr':'10.0.0.0/24'}}", 201, NULL, "sub"},
		{"alice", "POST routers",
		 "{'router':{'name':'r','external_gateway_info':{'network_id':'$ext'}}}", 201, NULL, "r"},
		{"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$sub'}", 200},
		{"alice", "POST ports", "{'port':{'network_id':'$net'}}", 201, NULL, "p"},
		{"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext','port_id':'$p'}}",
		 201, NULL, "f"},
		{"admin", "GET agents?agent_type=L3%20agent", NULL, 200, "agents.#=1"},
		{"admin", "GET agents?agent_type=DHCP%20agent", NULL, 200, "agents.#=1"});
	name_agent(w, "l3", "GET agents?agent_type=L3%20agent");
	name_agent(w, "dhcp", "GET agents?agent_type=DHCP%20agent");
}

/* --- agents --- */

static void shown(void **state)
{
	make_all(*state);
	WORLD_RUN(
		*state,
		{"admin", "GET agents/$l3", NULL, 200,
		 "agent.id=$l3 agent.host=node1 agent.binary=buoyd agent.topic=l3_agent agent.alive=true "
		 "agent.admin_state_up=true agent.description=null agent.availability_zone=nova "
		 "agent.configurations.routers=1 agent.configurations.failures=[]"},
		{"admin", "GET agents/$dhcp", NULL, 200, "agent.topic=dhcp_agent"},
		{"admin", "GET agents?alive=true&host=node1", NULL, 200, "agents.#=2"},
		{"admin", "GET agents?alive=false", NULL, 200, "agents=[]"},
		{"admin", "GET agents?host=other", NULL, 200, "agents=[]"},
		{"admin", "GET agents?nonsense=1", NULL, 400, "HTTPBadRequest"},
		{"admin", "GET agents?sort_key=agent_type&limit=1", NULL, 200,
		 "agents.#=1 agents.0.id=$dhcp"},
		{"admin", "GET agents?sort_key=agent_type&limit=1&marker=$dhcp", NULL, 200,
		 "agents.0.id=$l3"},
		{"admin", "GET agents/$net", NULL, 404, "AgentNotFound:Agent"},
		{"admin", "GET agents/x", NULL, 404, "AgentNotFound"},
		{"alice", "GET agents", NULL, 200, "agents=[]"}, {"alice", "GET agents/$l3", NULL, 404},
		{"alice", "PUT agents/$l3", "{'agent':{'admin_state_up':false}}", 403, "PolicyNotAuthorized"},
		{"alice", "DELETE agents/$l3", NULL, 403, "PolicyNotAuthorized"},
		{"alice", "GET agents/$l3/l3-routers", NULL, 403, "PolicyNotAuthorized"},
		{"alice", "GET routers/$r/l3-agents", NULL, 403, "PolicyNotAuthorized"});
}

static void switched(void **state)
{
	make_all(*state);
	WORLD_RUN(*state, {"alice", "GET floatingips/$f", NULL, 200, "floatingip.status=ACTIVE"},
		  {"admin", "PUT agents/$l3", "{'agent':{'admin_state_up':false,'description':'rest'}}", 200,
		   "agent.admin_state_up=false agent.description=rest agent.alive=true"},
		  {"alice", "GET floatingips/$f", NULL, 200, "floatingip.status=DOWN"},
		  {"alice", "GET availability_zones?resource=router", NULL, 200,
		   "availability_zones.#=1 availability_zones.0.name=nova "
		   "availability_zones.0.state=unavailable "
		   "availability_zones.0.id=absent"},
		  {"alice", "GET availability_zones?state=available", NULL, 200,
		   "availability_zones.#=1 availability_zones.0.resource=network"},
		  {"admin", "GET agents?admin_state_up=false", NULL, 200, "agents.#=1 agents.0.id=$l3"},
		  {"admin", "PUT agents/$l3", "{'agent':{'host':'x'}}", 400, "HTTPBadRequest"},
		  {"admin", "PUT agents/$l3", "{'agent':{'admin_state_up':'maybe'}}", 400, "HTTPBadRequest"},
		  {"admin", "PUT agents/$l3", "{}", 400, "HTTPBadRequest"},
		  {"admin", "PUT agents/x", "{'agent':{}}", 404, "AgentNotFound"},
		  {"admin", "DELETE agents/$l3", NULL, 204},
		  {"admin", "GET agents/$l3", NULL, 200, "agent.admin_state_up=true agent.description=null"},
		  {"alice", "GET floatingips/$f", NULL, 200, "floatingip.status=ACTIVE"});
}

static void forgotten(void **state)
{
	struct world *w = *state;

	make_all(w);
	nodes_gone(w->nodes, "node1");
	WORLD_RUN(w, {"admin", "GET agents?alive=false", NULL, 200, "agents.#=2"},
		  {"admin", "PUT agents/$dhcp", "{'agent':{'description':'kept'}}", 200},
		  {"admin", "DELETE agents/$l3", NULL, 204},
		  {"admin", "GET agents/$l3", NULL, 404, "AgentNotFound"},
		  {"admin", "GET agents", NULL, 200,
		   "agents.#=1 agents.0.description=kept agents.0.alive=false"},
		  {"admin", "DELETE agents/$dhcp", NULL, 204},
		  {"admin", "GET agents", NULL, 200, "agents=[]"});
}

/* --- what they serve --- */

static void routers_taken_and_given(void **state)
{
	make_all(*state);
	WORLD_RUN(*state,
		  {"admin", "GET agents/$l3/l3-routers", NULL, 200,
		   "routers.#=1 routers.0.id=$r routers.0.name=r"},
		  {"admin", "GET routers/$r/l3-agents", NULL, 200, "agents.#=1 agents.0.id=$l3"},
		  {"admin", "POST agents/$l3/l3-routers", "{'router_id':'$r'}", 201},
		  {"admin", "DELETE agents/$l3/l3-routers/$r", NULL, 204},
		  {"admin", "GET agents/$l3/l3-routers", NULL, 200, "routers=[]"},
		  {"admin", "GET routers/$r/l3-agents", NULL, 200, "agents=[]"},
		  {"alice", "GET routers/$r", NULL, 200,
		   "router.availability_zones=[] router.status=ACTIVE router.unhosted=absent"},
		  {"alice", "GET floatingips/$f", NULL, 200, "floatingip.status=DOWN"},
		  {"admin", "DELETE agents/$l3/l3-routers/$r", NULL, 204},
		  {"admin", "POST agents/$l3/l3-routers", "{'router_id':'$net'}", 404, "RouterNotFound"},
		  {"admin", "POST agents/$l3/l3-routers", "{}", 400, "HTTPBadRequest"},
		  {"admin", "POST agents/$dhcp/l3-routers", "{'router_id':'$r'}", 404, "InvalidL3Agent"},
		  {"admin", "POST agents/$net/l3-routers", "{'router_id':'$r'}", 404, "AgentNotFound"},
		  {"admin", "PUT agents/$l3", "{'agent':{'admin_state_up':false}}", 200},
		  {"admin", "POST agents/$l3/l3-routers", "{'router_id':'$r'}", 404,
		   "InvalidL3Agent:is not a L3 Agent or has been disabled"},
		  {"admin", "PUT agents/$l3", "{'agent':{'admin_state_up':true}}", 200},
		  {"admin", "POST agents/$l3/l3-routers", "{'router_id':'$r'}", 201},
		  {"alice", "GET routers/$r", NULL, 200, "router.availability_zones.0=nova"},
		  {"alice", "GET floatingips/$f", NULL, 200, "floatingip.status=ACTIVE"},
		  {"admin", "DELETE agents/$l3/l3-routers/x", NULL, 404, "RouterNotFound"},
		  {"admin", "GET agents/$dhcp/l3-routers", NULL, 200, "routers=[]"},
		  {"admin", "GET routers/x/l3-agents", NULL, 404, "RouterNotFound"});
}

static void networks_taken_and_given(void **state)
{
	make_all(*state);
	WORLD_RUN(
		*state, {"admin", "GET agents/$dhcp/dhcp-networks", NULL, 200, "networks.#=2"},
		{"admin", "GET networks/$net/dhcp-agents", NULL, 200, "agents.#=1 agents.0.id=$dhcp"},
		{"admin", "GET networks/$ext/dhcp-agents", NULL, 200, "agents.#=1"},
		{"admin", "POST agents/$dhcp/dhcp-networks", "{'network_id':'$net'}", 409,
		 "NetworkHostedByDHCPAgent:has been already hosted by the DHCP Agent"},
		{"admin", "DELETE agents/$dhcp/dhcp-networks/$net", NULL, 204},
		{"admin", "DELETE agents/$dhcp/dhcp-networks/$net", NULL, 409, "NetworkNotHostedByDhcpAgent"},
		{"admin", "GET agents/$dhcp/dhcp-networks", NULL, 200, "networks.#=1"},
		{"admin", "GET networks/$net/dhcp-agents", NULL, 200, "agents=[]"},
		{"alice", "GET networks/$net", NULL, 200,
		 "network.availability_zones=[] network.no_dhcp_agent=absent"},
		{"admin", "POST agents/$l3/dhcp-networks", "{'network_id':'$net'}", 404, "InvalidDHCPAgent"},
		{"admin", "POST agents/$dhcp/dhcp-networks", "{'network_id':'$net'}", 201},
		{"alice", "GET networks/$net", NULL, 200, "network.availability_zones.0=nova"},
		{"alice", "POST agents/$dhcp/dhcp-networks", "{'network_id':'$net'}", 403,
		 "PolicyNotAuthorized"},
		{"alice", "GET networks/$net/dhcp-agents", NULL, 403, "PolicyNotAuthorized"});
}

/* --- zones --- */

static void zones(void **state)
{
	make_all(*state);
	WORLD_RUN(*state, {"alice", "GET availability_zones", NULL, 200, "availability_zones.#=2"},
		  {"alice", "POST networks", "{'network':{'availability_zone_hints':['nova']}}", 201,
		   "network.availability_zone_hints.0=nova network.availability_zones=[]", "n"},
		  {"alice", "PUT networks/$n", "{'network':{'availability_zone_hints':[]}}", 400,
		   "HTTPBadRequest"},
		  {"alice", "POST networks", "{'network':{'availability_zone_hints':['mars']}}", 404,
		   "AvailabilityZoneNotFound:AvailabilityZone mars could not be found."},
		  {"alice", "POST routers", "{'router':{'availability_zone_hints':['nova']}}", 201,
		   "router.availability_zone_hints.0=nova router.availability_zones.0=nova"},
		  {"alice", "POST routers", "{'router':{'availability_zone_hints':['mars']}}", 404,
		   "AvailabilityZoneNotFound"});
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(shown),
		WORLD_TEST(switched),
		WORLD_TEST(forgotten),
		WORLD_TEST(routers_taken_and_given),
		WORLD_TEST(networks_taken_and_given),
		WORLD_TEST(zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
