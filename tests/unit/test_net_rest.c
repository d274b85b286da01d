/* Released addresses: who gets which again, and when; taking back; holds; what goes along with a pool.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "api/keeper.h"
#include "net_world.h"

#define NEW         "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}"
#define DEL(f)      "DELETE floatingips/$" f, NULL, 204
#define IS(ip)      "floatingip.floating_ip_address=10.10.10." ip
#define BACK(which) "POST buoy/quarantine/" which "/take-back", NULL

static void furnish(struct world *w)
{
	w->api->config.rest_s = 600;
	world_furnish(w);
}

static const struct rest *rest_at(struct world *w, const struct snap *s, const char *name)
{
	struct uuid id;

	assert_int_equal(uuid_parse(world_id(w, name, strlen(name)), &id), 0);
	return snap_get(s, KIND_REST, &id);
}

/* A rest that began some time ago. */
static int set_until(struct txn *t, void *arg, struct err *err)
{
	const struct rest *old = arg;
	struct rest *draft = txn_edit(t, old);

	draft->rests_until = 1000;
	return txn_put(t, draft, err);
}

static void let_rest(struct world *w, const char *name)
{
	AUTO_SNAP const struct snap *s = ledger_snap(w->ledger);
	void *region = talloc_new(NULL);

	assert_int_equal(ledger_write_sync(w->ledger, region, &(struct actor){0}, "test", set_until,
					   (void *)(uintptr_t)rest_at(w, s, name), NULL),
			 0);
	talloc_free(region);
}

/* Free ones first, then the project's own, then others', the one whose rest ends next. */
static void who_gets_which(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(w, {"alice", NEW, 201, IS("3"), "f3"}, {"alice", DEL("f3")},
		  {"alice", "GET buoy/quarantine", NULL, 200,
		   "resting_addresses.#=1 resting_addresses.0.id=$f3 resting_addresses.0.project_id=alice "
		   "resting_addresses.0.floating_ip_address=10.10.10.3 resting_addresses.0.reason= "
		   "resting_addresses.0.floating_network_id=$ext resting_addresses.0.subnet_id=$exts"},
		  {"bob", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=0"},
		  {"bob", "GET buoy/quarantine/$f3", NULL, 404, "RestingAddressNotFound"},
		  {"bob", NEW, 201, IS("4"), "f4"}, {"bob", NEW, 201, IS("5"), "f5"}, {"bob", DEL("f4")},
		  /* Nothing is free: alice's own comes before bob's. */
		  {"alice", NEW, 201, IS("3"), "f3b"}, {"alice", NEW, 201, IS("4"), "f4b"},
		  {"alice", NEW, 400, "ExternalIpAddressExhausted"},
		  {"alice", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=0"}, {"alice", DEL("f4b")},
		  {"bob", DEL("f5")}, {"alice", DEL("f3b")},
		  /* The one whose rest ends next is given first. */
		  {"admin", "PUT buoy/quarantine/$f5",
		   "{'resting_address':{'rests_until':'2026-01-01T00:00:00Z'}}", 200},
		  {"carol", NEW, 201, IS("5")},
		  {"admin", "PUT buoy/quarantine/$f4b",
		   "{'resting_address':{'rests_until':'2126-01-01T00:00:00Z'}}", 200},
		  {"carol", NEW, 201, IS("3")}, {"carol", NEW, 201, IS("4")});
}

static void by_address(void **state)
{
#define FOR(project)                                                                                         \
	"{'floatingip':{'floating_network_id':'$ext','floating_ip_address':'10.10.10.4','project_id':"       \
	"'" project "'}}"
	static const char *const alice = FOR("alice"), *const bob = FOR("bob");
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(w, {"admin", "POST floatingips", alice, 201, IS("4"), "f4"}, {"alice", DEL("f4")},
		  /* An administrator is no way around it. */
		  {"admin", "POST floatingips", bob, 409, "IpAddressInUse:rests until"},
		  {"admin", "POST ports",
		   "{'port':{'network_id':'$ext','fixed_ips':[{'ip_address':'10.10.10.4'}]}}", 409,
		   "IpAddressInUse:rests until"},
		  {"admin", "POST floatingips", alice, 201, IS("4"), "f4b"}, {"alice", DEL("f4b")});
	let_rest(w, "f4b");
	WORLD_RUN(w, {"admin", "POST floatingips", bob, 201, IS("4")});
}

static void taking_back(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(w,
		  {"alice", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','description':'mine','port_id':'$p1'}}", 201,
		   IS("3"), "f3"},
		  {"alice", "PUT floatingips/$f3/tags", "{'tags':['a','b']}", 200}, {"alice", DEL("f3")},
		  {"alice", "GET floatingips/$f3", NULL, 404, "FloatingIPNotFound"},
		  {"bob", BACK("$f3"), 404, "RestingAddressNotFound"},
		  {"rita", BACK("$f3"), 403, "PolicyNotAuthorized"},
		  {"bob", BACK("10.10.10.3"), 404, "RestingAddressNotFound"},
		  {"alice", BACK("$f3"), 201,
		   IS("3") " floatingip.id=$f3 floatingip.description=mine floatingip.tags.0=a "
			   "floatingip.tags.1=b floatingip.port_id=null floatingip.status=DOWN"},
		  {"alice", BACK("$f3"), 404, "RestingAddressNotFound"},
		  {"alice", "PUT floatingips/$f3", "{'floatingip':{'port_id':'$p1'}}", 200},
		  {"alice", DEL("f3")}, {"alice", BACK("10.10.10.3"), 201, "floatingip.id=$f3"},
		  {"alice", BACK("10.10.10.99"), 404, "RestingAddressNotFound"},
		  {"alice", BACK("nonsense"), 404, "RestingAddressNotFound"}, {"alice", DEL("f3")},
		  /* A resting address is not counted, but one that comes back is. */
		  {"admin", "PUT quotas/alice", "{'quota':{'floatingip':1}}", 200},
		  {"alice", NEW, 201, IS("4"), "f4"}, {"alice", BACK("$f3"), 409, "OverQuota"},
		  {"alice", DEL("f4")}, {"admin", BACK("$f3"), 201, "floatingip.project_id=alice"},
		  {"alice", "GET floatingips/$f3/history", NULL, 200,
		   "history.0.was=null history.0.is.id=$f3"});
}

static void held(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(w, {"alice", NEW, 201, IS("3"), "f3"}, {"alice", DEL("f3")},
		  {"alice", "PUT buoy/quarantine/$f3", "{'resting_address':{'reason':'x'}}", 403,
		   "PolicyNotAuthorized"},
		  {"alice", "DELETE buoy/quarantine/$f3", NULL, 403, "PolicyNotAuthorized"},
		  {"alice", "POST buoy/quarantine",
		   "{'resting_address':{'floating_network_id':'$ext','floating_ip_address':'10.10.10.4'}}",
		   403, "PolicyNotAuthorized"},
		  {"admin", "PUT buoy/quarantine/$f3",
		   "{'resting_address':{'rests_until':null,'reason':'abuse'}}", 200,
		   "resting_address.rests_until=null resting_address.reason=abuse"},
		  {"alice", BACK("$f3"), 409, "IpAddressInUse:held by an administrator"},
		  {"admin", "POST buoy/quarantine",
		   "{'resting_address':{'floating_network_id':'$ext','floating_ip_address':'10.10.10.3'}}",
		   409, "IpAddressInUse:rests already"},
		  {"admin", "POST buoy/quarantine",
		   "{'resting_address':{'floating_network_id':'$ext','floating_ip_address':'10.10.10.2'}}",
		   409, "IpAddressInUse:in use"},
		  {"admin", "POST buoy/quarantine",
		   "{'resting_address':{'floating_network_id':'$net','floating_ip_address':'172.16.100.9'}}",
		   400, "InvalidIpForNetwork"},
		  /* Kept for a project until then. */
		  {"admin", "POST buoy/quarantine",
		   "{'resting_address':{'floating_network_id':'$ext','floating_ip_address':'10.10.10.4',"
		   "'project_id':'bob','rests_until':'2126-01-01T00:00:00Z'}}",
		   201, "resting_address.project_id=bob", "kept"},
		  {"alice", NEW, 201, IS("5"), "f5"}, {"bob", NEW, 201, IS("4"), "f4"},
		  /* Held ones are not given, however exhausted the pool is. */
		  {"bob", NEW, 400, "ExternalIpAddressExhausted"},
		  {"admin", "DELETE buoy/quarantine/$f3", NULL, 204}, {"bob", NEW, 201, IS("3")});
}

static void strict_pool(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(w,
		  {"admin", "PUT networks/$ext", "{'network':{'buoy:rest_strict':true}}", 200,
		   "network.buoy:rest_strict=true network.buoy:rest_seconds=-1"},
		  {"alice", NEW, 201, IS("3"), "f3"}, {"alice", DEL("f3")},
		  /* Its own comes before the free ones: nobody puts all of a strict pool to rest. */
		  {"alice", NEW, 201, IS("3"), "f3b"}, {"alice", DEL("f3b")}, {"bob", NEW, 201, IS("4")},
		  {"bob", NEW, 201, IS("5")},
		  {"bob", NEW, 400, "ExternalIpAddressExhausted:the pool is strict"});
	let_rest(w, "f3b");
	WORLD_RUN(w, {"bob", NEW, 201, IS("3")}, {"bob", NEW, 400, "ExternalIpAddressExhausted"});
}

static void not_at_all(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(w,
		  {"admin", "PUT networks/$ext", "{'network':{'buoy:rest_seconds':0}}", 200,
		   "network.buoy:rest_seconds=0"},
		  {"alice", NEW, 201, IS("3"), "f3"}, {"alice", DEL("f3")},
		  {"alice", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=0"},
		  {"bob", NEW, 201, IS("3")});
}

static void goes_along(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(w, {"alice", NEW, 201, IS("3"), "f3"}, {"alice", DEL("f3")},
		  {"alice", "DELETE routers/$r", NULL, 409, "RouterInUse"},
		  {"alice", "PUT routers/$r", "{'router':{'external_gateway_info':null}}", 200},
		  {"admin", "DELETE subnets/$exts", NULL, 204},
		  {"alice", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=0"},
		  {"alice", BACK("$f3"), 404, "RestingAddressNotFound"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'10.10.10.0/24'}}", 201, NULL,
		   "two"},
		  {"alice", NEW, 201, IS("2"), "f2"}, {"alice", DEL("f2")},
		  {"admin", "PUT networks/$ext", "{'network':{'router:external':false}}", 200},
		  {"admin", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=0"},
		  {"admin", "PUT networks/$ext", "{'network':{'router:external':true}}", 200},
		  {"alice", NEW, 201, IS("2"), "f2b"}, {"alice", DEL("f2b")},
		  {"admin", "DELETE networks/$ext", NULL, 204},
		  {"admin", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=0"});
}

/* nova-manage's ranges: a part of a subnet, and what is left of it. */
static void ranges(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(
		w, {"alice", NEW, 201, IS("3"), "f3"}, {"alice", DEL("f3")},
		{"admin", "GET /compute/v2.1/os-floating-ips-bulk", NULL, 200,
		 "floating_ip_info.#=3 floating_ip_info.0.address=10.10.10.3 "
		 "floating_ip_info.0.project_id=null"},
		{"admin", "PUT /compute/v2.1/os-floating-ips-bulk/delete", "{'ip_range':'10.10.10.3'}", 200},
		{"admin", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=0"},
		{"alice", NEW, 201, IS("4"), "f4"}, {"alice", DEL("f4")},
		{"alice", "POST /compute/v2.1/os-floating-ips", "{}", 200, "floating_ip.ip=10.10.10.5", "n5"},
		{"alice", "DELETE /compute/v2.1/os-floating-ips/$n5", NULL, 202},
		{"alice", "GET buoy/quarantine?sort_key=floating_ip_address&fields=floating_ip_address", NULL,
		 200, "resting_addresses.#=2 resting_addresses.1.floating_ip_address=10.10.10.5"},
		{"alice", "GET buoy/quarantine?floating_ip_address=10.10.10.5", NULL, 200,
		 "resting_addresses.#=1 resting_addresses.0.id=$n5"});
}

static void the_keeper(void **state)
{
	struct world *w = *state;
	int64_t now = clock_now_us();
	uint64_t before;

	furnish(w);
	WORLD_RUN(w, {"alice", NEW, 201, IS("3"), "f3"}, {"alice", NEW, 201, IS("4"), "f4"},
		  {"alice", DEL("f3")}, {"alice", DEL("f4")},
		  {"admin", "PUT buoy/quarantine/$f4", "{'resting_address':{'rests_until':null}}", 200});
	before = world_revision(w);
	assert_int_equal(keeper_step(w->api, now), 0);
	assert_int_equal(world_revision(w), before);
	assert_int_equal(keeper_step(w->api, now + 700 * 1000000LL), 1);
	assert_int_equal(world_revision(w), before + 1);
	WORLD_RUN(w, {"alice", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=1"},
		  {"bob", NEW, 201, IS("3")});
}

/* An external network that is there for some: with its policy the way back is gone, too, and with the last
 * policy every rest. */
static void no_longer_theirs(void **state)
{
#define FOR_WHOM(project)                                                                                    \
	"POST rbac-policies",                                                                                \
		"{'rbac_policy':{'object_type':'network','object_id':'$e','action':'access_as_external',"    \
		"'target_tenant':'" project "'}}",                                                           \
		201, NULL
#define NEW_E "POST floatingips", "{'floatingip':{'floating_network_id':'$e'}}", 201, NULL
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(w, {"admin", "POST networks", "{'network':{'name':'e'}}", 201, NULL, "e"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$e','ip_version':4,'cidr':'10.9.0.0/24'}}", 201, NULL, "es"},
		  {"admin", FOR_WHOM("alice"), "pa"}, {"admin", FOR_WHOM("carol"), "pc"},
		  {"alice", NEW_E, "f"}, {"alice", NEW_E, "g"}, {"alice", DEL("f")}, {"alice", DEL("g")},
		  {"admin", "DELETE rbac-policies/$pa", NULL, 204},
		  {"alice", BACK("$f"), 404, "NetworkNotFound"},
		  {"admin", BACK("$f"), 201, "floatingip.project_id=alice"}, {"alice", DEL("f")},
		  {"alice", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=2"},
		  {"admin", "DELETE rbac-policies/$pc", NULL, 204},
		  {"admin", "GET networks/$e", NULL, 200, "network.router:external=false"},
		  {"alice", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=0"});
}

/* However exhausted the pools are: what is in none of them, or is a gateway by now, is given to nobody
 * unasked. */
static void not_of_the_pools(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(w,
		  {"admin", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','floating_ip_address':'10.10.10.200',"
		   "'project_id':'alice'}}",
		   201, IS("200"), "f200"},
		  {"alice", DEL("f200")}, {"alice", NEW, 201, IS("3"), "f3"}, {"alice", DEL("f3")},
		  {"bob", NEW, 201, IS("4")}, {"bob", NEW, 201, IS("5")}, {"bob", NEW, 201, IS("3")},
		  {"bob", NEW, 400, "ExternalIpAddressExhausted"},
		  {"alice", NEW, 400, "ExternalIpAddressExhausted"}, {"alice", BACK("$f200"), 201, IS("200")},
		  {"alice", DEL("f200")});
	let_rest(w, "f200");
	WORLD_RUN(w, {"bob", NEW, 400, "ExternalIpAddressExhausted"});
}

static void a_clock_that_leaps(void **state)
{
	struct keeper_clock k = {0};
	const int64_t s = 1000000;

	(void)state;
	assert_true(keeper_trusts(&k, 1000 * s, 10 * s));
	assert_true(keeper_trusts(&k, 1001 * s, 11 * s));
	/* Suspended for a while, or set back: nothing to fear. */
	assert_true(keeper_trusts(&k, 900 * s, 12 * s));
	assert_true(keeper_trusts(&k, 950 * s, 62 * s));
	assert_false(keeper_trusts(&k, 9000 * s, 63 * s));
	assert_false(keeper_trusts(&k, 9001 * s, 64 * s));
	assert_true(keeper_trusts(&k, 9300 * s, (63 + KEEPER_DOUBT_S) * s));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_gets_which),   TEST(by_address),
		TEST(taking_back),      TEST(held),
		TEST(strict_pool),      TEST(not_at_all),
		TEST(goes_along),       TEST(ranges),
		TEST(no_longer_theirs), TEST(not_of_the_pools),
		TEST(the_keeper),       cmocka_unit_test(a_clock_that_leaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
