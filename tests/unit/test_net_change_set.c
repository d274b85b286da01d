/* Change sets through the API: swaps and rotations, all or nothing, who may, what is refused and why.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#define PUT             "PUT buoy/change-sets"
#define SET(...)        "{'change_set':{'associations':[" __VA_ARGS__ "]}}"
#define ITEM(fip, port) "{'floatingip_id':'$" fip "','port_id':'$" port "'}"
#define GET(fip)        "alice", "GET floatingips/$" fip, NULL, 200
#define REFUSED(body, ...)                                                                                   \
	{                                                                                                    \
		"alice", PUT, body, __VA_ARGS__                                                              \
	}

/* Three instances, each with its floating IP: f1 at p1, f2 at p2, f3 at p3. */
static void furnish(struct world *w)
{
#define NEW(port)                                                                                            \
	"POST floatingips", "{'floatingip':{'floating_network_id':'$ext','port_id':'$" port "'}}", 201
	world_furnish(w);
	world_report(w, NULL, NULL);
	WORLD_RUN(w, {"alice", "POST ports", "{'port':{'network_id':'$net'}}", 201, NULL, "p3"},
		  {"alice", NEW("p1"), "floatingip.status=ACTIVE", "f1"}, {"alice", NEW("p2"), NULL, "f2"},
		  {"alice", NEW("p3"), NULL, "f3"});
#undef NEW
}

static void swap(void **state)
{
	struct world *w = *state;
	uint64_t before;

	furnish(w);
	before = world_revision(w);
	WORLD_RUN(w,
		  {"alice", "PUT floatingips/$f1", "{'floatingip':{'port_id':'$p2'}}", 409,
		   "FloatingIPPortAlreadyAssociated"},
		  {"alice", PUT, SET(ITEM("f1", "p2") "," ITEM("f2", "p1")), 200,
		   "change_set.associations.#=2 change_set.associations.0.floatingip_id=$f1 "
		   "change_set.associations.0.floating_ip_address=10.10.10.3 "
		   "change_set.associations.0.port_id=$p2 "
		   "change_set.associations.0.fixed_ip_address=172.16.100.3 "
		   "change_set.associations.0.revision_number=2 change_set.floatingips.#=2 "
		   "change_set.floatingips.0.id=$f1 change_set.floatingips.0.port_id=$p2 "
		   "change_set.floatingips.0.status=ACTIVE change_set.floatingips.0.router_id=$r "
		   "change_set.floatingips.0.port_details.name=two change_set.floatingips.1.id=$f2 "
		   "change_set.floatingips.1.port_id=$p1 "
		   "change_set.floatingips.1.fixed_ip_address=172.16.100.2"});
	assert_int_equal(world_revision(w), before + 1);
	WORLD_RUN(w, {GET("f1"), "floatingip.port_id=$p2 floatingip.revision_number=2"},
		  {GET("f2"), "floatingip.port_id=$p1 floatingip.revision_number=2"},
		  {GET("f3"), "floatingip.port_id=$p3 floatingip.revision_number=1"});
}

/* What the log says of a swap: one event, without the step between. */
static void one_event(void **state)
{
	furnish(*state);
	WORLD_RUN(*state,
		  {"alice", PUT, SET(ITEM("f1", "p2") "," ITEM("f2", "p1") "," ITEM("f3", "p3")), 200},
		  {"alice", "GET floatingips/$f1/history", NULL, 200,
		   "history.#=2 history.0.user_id=alice history.0.was.port_id=$p1 "
		   "history.0.was.fixed_ip_address=172.16.100.2 history.0.was.revision_number=1 "
		   "history.0.is.port_id=$p2 history.0.is.fixed_ip_address=172.16.100.3 "
		   "history.0.is.revision_number=2 history.1.was=null"},
		  {"alice", "GET floatingips/$f3/history", NULL, 200, "history.#=1"});
}

static void rotation(void **state)
{
	furnish(*state);
	/* By address, and in any order. */
	WORLD_RUN(*state,
		  {"alice", PUT,
		   SET("{'floating_ip_address':'10.10.10.5','port_id':'$p1'}," ITEM("f1", "p2") "," ITEM(
			   "f2", "p3")),
		   200,
		   "change_set.floatingips.0.id=$f3 change_set.floatingips.0.port_id=$p1 "
		   "change_set.floatingips.1.port_id=$p2 change_set.floatingips.2.port_id=$p3"},
		  /* One that comes in, one that leaves, one that moves up. */
		  {"alice", "PUT floatingips/$f3", "{'floatingip':{'port_id':null}}", 200},
		  {"alice", PUT,
		   SET(ITEM("f3", "p3") "," ITEM("f2", "p1") ",{'floatingip_id':'$f1','port_id':null}"), 200,
		   "change_set.associations.2.port_id=null change_set.associations.2.fixed_ip_address=null "
		   "change_set.floatingips.2.status=DOWN change_set.floatingips.2.router_id=null"},
		  {GET("f1"), "floatingip.port_id=null floatingip.revision_number=3"},
		  {GET("f2"), "floatingip.port_id=$p1 floatingip.revision_number=3"},
		  {GET("f3"), "floatingip.port_id=$p3 floatingip.revision_number=4"});
}

static void fixed_addresses(void **state)
{
	furnish(*state);
	WORLD_RUN(*state,
		  {"alice", "PUT ports/$p1",
		   "{'port':{'fixed_ips':[{'ip_address':'172.16.100.2'},{'ip_address':'172.16.100.20'}]}}",
		   200},
		  /* Two of one port; then what is said again without the fixed address keeps it. */
		  {"alice", PUT,
		   SET("{'floatingip_id':'$f1','port_id':'$p1','fixed_ip_address':'172.16.100.20'}," ITEM(
			   "f2", "p1")),
		   200,
		   "change_set.floatingips.0.fixed_ip_address=172.16.100.20 "
		   "change_set.floatingips.1.fixed_ip_address=172.16.100.2"},
		  {"alice", PUT, SET(ITEM("f1", "p1") "," ITEM("f2", "p2")), 200,
		   "change_set.floatingips.0.fixed_ip_address=172.16.100.20 "
		   "change_set.floatingips.0.revision_number=2 change_set.floatingips.1.revision_number=3"},
		  {"alice", PUT, SET("{'floatingip_id':'$f1','port_id':'$p1','fixed_ip_address':null}"), 200,
		   "change_set.floatingips.0.fixed_ip_address=172.16.100.2"},
		  REFUSED(SET("{'floatingip_id':'$f1','port_id':'$p1','fixed_ip_address':'172.16.100.99'}"),
			  400, "BadRequest:associations[0]: Bad floatingip request: Port"),
		  REFUSED(SET("{'floatingip_id':'$f1','port_id':null,'fixed_ip_address':'172.16.100.2'}"),
			  400, "BadRequest:associations[0]"));
}

/* What is there already is no change, however it is said. */
static void nothing_to_do(void **state)
{
	struct world *w = *state;
	uint64_t before;

	furnish(w);
	before = world_revision(w);
	WORLD_RUN(w, {"alice", PUT,
		      SET(ITEM("f1",
			       "p1") ",{'floatingip_id':'$f2','floating_ip_address':'10.10.10.4','port_id':"
				     "'$p2','fixed_ip_address':'172.16.100.3','revision_number':1}"),
		      200,
		      "change_set.floatingips.0.revision_number=1 change_set.floatingips.1.revision_number=1 "
		      "change_set.floatingips.1.status=ACTIVE"});
	assert_int_equal(world_revision(w), before);
}

/* Each refusal leaves everything as it was (net_world.h looks), and says whose fault it is. */
static void all_or_nothing(void **state)
{
	furnish(*state);
	WORLD_RUN(
		*state,
		/* f3 stays at p3, so that f2 can not come. */
		REFUSED(SET(ITEM("f1", "p2") "," ITEM("f2", "p3")), 409,
			"FloatingIPPortAlreadyAssociated:associations[1]: Cannot associate"),
		REFUSED(SET(ITEM("f1", "p2") "," ITEM("f2", "p2")), 409,
			"FloatingIPPortAlreadyAssociated:associations[1]"),
		REFUSED(SET(ITEM("f1", "p2") "," ITEM("f2", "p1") "," ITEM("net", "p3")), 404,
			"FloatingIPNotFound:associations[2]: Floating IP"),
		REFUSED(SET(ITEM("f1", "p2") ",{'floating_ip_address':'10.10.10.99','port_id':null}"), 404,
			"FloatingIPNotFound:associations[1]: Floating IP 10.10.10.99"),
		REFUSED(SET(ITEM("f1", "net")), 404, "PortNotFound:associations[0]"),
		REFUSED(SET(ITEM("f2", "p1") "," ITEM("f1", "iface")), 400, "BadRequest:associations[1]"),
		REFUSED(SET("{'floatingip_id':'$f1','floating_ip_address':'10.10.10.4','port_id':null}"), 400,
			"BadRequest:associations[0]"),
		/* Twice the same, under two names. */
		REFUSED(SET(ITEM("f1", "p2") "," ITEM("f2", "p1") "," ITEM("f1", "p1")), 400,
			"BadRequest:associations[2]: Bad floatingip request: Floating IP"),
		REFUSED(SET(ITEM("f1", "p2") ",{'floating_ip_address':'10.10.10.3','port_id':null}"), 400,
			"BadRequest:as associations[0]"),
		{GET("f1"), "floatingip.port_id=$p1 floatingip.revision_number=1 floatingip.status=ACTIVE"});
}

static void revisions(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(
		w,
		REFUSED(SET(ITEM("f1", "p2") ",{'floatingip_id':'$f2','port_id':'$p1','revision_number':7}"),
			412, "RevisionNumberConstraintFailed:associations[1]: Constrained to 7, but current"),
		{"alice", PUT,
		 SET(ITEM("f1", "p2") ",{'floatingip_id':'$f2','port_id':'$p1','revision_number':1}"), 200});
	w->header = "If-Match: revision_number=2";
	WORLD_RUN(w, REFUSED(SET(ITEM("f1", "p1")), 400, "HTTPBadRequest:give each association"));
	w->header = NULL;
}

static void who_may(void **state)
{
	furnish(*state);
	WORLD_RUN(
		*state,
		{"admin", "PUT subnets/$exts",
		 "{'subnet':{'allocation_pools':[{'start':'10.10.10.2','end':'10.10.10.20'}]}}", 200},
		{"bob", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 201, NULL, "b"},
		/* Another project's floating IP is none, by its id or its address; so is its port. */
		REFUSED(SET(ITEM("f1", "p2") "," ITEM("b", "p1")), 404, "FloatingIPNotFound:associations[1]"),
		REFUSED(SET("{'floating_ip_address':'10.10.10.6','port_id':null}"), 404,
			"FloatingIPNotFound:associations[0]"),
		{"bob", PUT, SET(ITEM("b", "p1")), 404, "PortNotFound:associations[0]"},
		{"rita", PUT, SET(ITEM("f1", "p2")), 403, "PolicyNotAuthorized"},
		{"admin", PUT,
		 SET(ITEM("b", "p1") "," ITEM("f1", "p2") ",{'floatingip_id':'$f2','port_id':null}"), 200,
		 "change_set.floatingips.0.port_id=$p1"});
}

/* Two external networks that number alike. */
static void same_address_twice(void **state)
{
	furnish(*state);
	WORLD_RUN(*state,
		  {"admin", "POST networks", "{'network':{'router:external':true}}", 201, NULL, "ext2"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$ext2','ip_version':4,'cidr':'10.10.10.0/24'}}", 201},
		  {"admin", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext2','floating_ip_address':'10.10.10.3'}}", 201,
		   NULL, "g"},
		  {"admin", PUT, SET("{'floating_ip_address':'10.10.10.3','port_id':'$p2'}"), 409,
		   "FloatingIPAddressNotUnique:associations[0]"},
		  {"alice", PUT, SET("{'floating_ip_address':'10.10.10.3','port_id':null}"), 200,
		   "change_set.floatingips.0.id=$f1"});
}

static void malformed(void **state)
{
	static const char *const bodies[] = {
		"[]",
		"{}",
		"{'change_set':null}",
		"{'change_set':[]}",
		"{'change_set':'x'}",
		"{'change_set':{}}",
		"{'change_set':{'associations':{}}}",
		"{'change_set':{'associations':null}}",
		"{'change_set':{'associations':7}}",
		"{'change_set':{'associations':[],'force':true}}",
		SET(),
		SET("null"),
		SET("7"),
		SET("[]"),
		SET("{}"),
		SET("{'port_id':'$p1'}"),
		SET("{'floatingip_id':'$f1'}"),
		SET("{'floatingip_id':'$f1','fixed_ip_address':'172.16.100.2'}"),
		SET("{'floatingip_id':null,'port_id':'$p1'}"),
		SET("{'floatingip_id':7,'port_id':'$p1'}"),
		SET("{'floatingip_id':'f1','port_id':'$p1'}"),
		SET("{'floatingip_id':{'a':[]},'port_id':'$p1'}"),
		SET("{'floating_ip_address':'10.10.10','port_id':'$p1'}"),
		SET("{'floating_ip_address':'::','port_id':'$p1'}"),
		SET("{'floating_ip_address':[1],'port_id':'$p1'}"),
		SET("{'floatingip_id':'$f1','port_id':7}"),
		SET("{'floatingip_id':'$f1','port_id':''}"),
		SET("{'floatingip_id':'$f1','port_id':true}"),
		SET("{'floatingip_id':'$f1','port_id':'$p1','fixed_ip_address':1}"),
		SET("{'floatingip_id':'$f1','port_id':'$p1','fixed_ip_address':'2001:db8::1'}"),
		SET("{'floatingip_id':'$f1','port_id':'$p1','revision_number':'x'}"),
		SET("{'floatingip_id':'$f1','port_id':'$p1','revision_number':-1}"),
		SET("{'floatingip_id':'$f1','port_id':'$p1','revision_number':1.5}"),
		SET("{'floatingip_id':'$f1','port_id':'$p1','description':'x'}"),
		SET("{'floatingip_id':'$f1','port_id':'$p1','status':'ACTIVE'}"),
		SET("{'floatingip_id':'$f1','floatingip_id':'$f2','port_id':'$p1'}"),
	};
	struct world *w = *state;

	furnish(w);
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		WORLD_RUN(w, {"alice", PUT, bodies[i], 400});
	WORLD_RUN(
		w, REFUSED(NULL, 400),
		REFUSED(SET("{'floatingip_id':'$f1'}"), 400, "HTTPBadRequest:'port_id'"),
		REFUSED(SET(ITEM("f1", "p1") ",{'port_id':null}"), 400,
			"HTTPBadRequest:associations[1]: Which floating IP?"),
		{"alice", "GET buoy/change-sets", NULL, 405}, {"alice", "POST buoy/change-sets", "{}", 405},
		{"alice", "GET extensions/buoy-change-sets", NULL, 200, "extension.alias=buoy-change-sets"});
}

static char *repeat(const char *item, size_t count)
{
	struct buf b = {0};

	buf_puts(&b, "{'change_set':{'associations':[");
	for (size_t i = 0; i < count; i++) {
		buf_puts(&b, i ? "," : "");
		buf_puts(&b, item);
	}
	buf_puts(&b, "]}}");
	return buf_take(&b);
}

static void too_many(void **state)
{
	AUTO_FREE char *most = repeat("{'floatingip_id':'$f1','port_id':null}", 10000);
	AUTO_FREE char *more = repeat("{'floatingip_id':'$f1','port_id':null}", 10001);

	furnish(*state);
	WORLD_RUN(*state,
		  REFUSED(most, 400, "BadRequest:associations[1]: Bad floatingip request: Floating IP"),
		  REFUSED(more, 400, "HTTPBadRequest:10001 associations are more than the 10000"));
}

/* --- many --- */

#define MANY 2000

/* Sends a body that may be large; the reply, which the caller decrefs. */
static json_t *send_json(struct world *w, const char *request, json_t *body, int status)
{
	AUTO_FREE char *text = json_dumps(body, JSON_COMPACT);
	json_t *reply;

	json_decref(body);
	assert_int_equal(world_send(w, w->curl, "alice", request, text, &reply), status);
	return reply;
}

/* `count` objects in one request. */
static json_t *create_many(struct world *w, const char *plural, json_t *list)
{
	AUTO_FREE char *request = xasprintf("POST %s", plural);
	json_t *reply = send_json(w, request, json_pack("{s:o}", plural, list), 201);
	json_t *made = json_incref(json_object_get(reply, plural));

	json_decref(reply);
	return made;
}

static const char *member(const json_t *list, size_t i, const char *name)
{
	return json_string_value(json_object_get(json_array_get(list, i), name));
}

static void furnish_many(struct world *w, json_t **ret_ports, json_t **ret_fips)
{
	json_t *ports = json_array(), *fips = json_array();

	world_furnish(w);
	WORLD_RUN(w,
		  {"admin", "PUT subnets/$exts",
		   "{'subnet':{'allocation_pools':[{'start':'10.10.10.2','end':"
		   "'10.10.10.2'}]}}",
		   200},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'10.20.0.0/16'}}", 201},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$net','ip_version':4,'cidr':'172.20.0.0/16'}}", 201, NULL,
		   "big"},
		  {"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$big'}", 200});
	for (int i = 0; i < MANY; i++)
		json_array_append_new(ports,
				      json_pack("{s:s, s:[{s:s}]}", "network_id", world_id(w, "net", 3),
						"fixed_ips", "subnet_id", world_id(w, "big", 3)));
	*ret_ports = create_many(w, "ports", ports);
	for (size_t i = 0; i < MANY; i++)
		json_array_append_new(fips,
				      json_pack("{s:s, s:s}", "floating_network_id", world_id(w, "ext", 3),
						"port_id", member(*ret_ports, i, "id")));
	*ret_fips = create_many(w, "floatingips", fips);
}

/* Everybody moves to the next port, and nobody needs to wait for anybody. */
static void a_large_rotation(void **state)
{
	struct world *w = *state;
	json_t *ports, *fips, *list = json_array(), *reply, *now;
	uint64_t before;
	int64_t start;

	furnish_many(w, &ports, &fips);
	for (size_t i = 0; i < MANY; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "floating_ip_address",
						      member(fips, i, "floating_ip_address"), "port_id",
						      member(ports, (i + 1) % MANY, "id")));
	before = world_revision(w);
	start = clock_mono_us();
	reply = send_json(w, PUT, json_pack("{s:{s:o}}", "change_set", "associations", list), 200);
	print_message("%d associations: %d ms\n", MANY, (int)((clock_mono_us() - start) / 1000));
	assert_int_equal(world_revision(w), before + 1);
	now = json_object_get(json_object_get(reply, "change_set"), "floatingips");
	assert_int_equal(json_array_size(now), MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_string_equal(member(now, i, "id"), member(fips, i, "id"));
		assert_string_equal(member(now, i, "port_id"), member(ports, (i + 1) % MANY, "id"));
	}
	json_decref(reply);
	json_decref(fips);
	json_decref(ports);
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(swap),
		WORLD_TEST(one_event),
		WORLD_TEST(rotation),
		WORLD_TEST(fixed_addresses),
		WORLD_TEST(nothing_to_do),
		WORLD_TEST(all_or_nothing),
		WORLD_TEST(revisions),
		WORLD_TEST(who_may),
		WORLD_TEST(same_address_twice),
		WORLD_TEST(malformed),
		WORLD_TEST(too_many),
		WORLD_TEST(a_large_rotation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
