/* Transfers of floating IPs between projects: who sees what, what it takes, what is refused.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "api/keeper.h"
#include "net_world.h"

#define NEW        "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}"
#define OFFER(fip) "POST buoy/transfers", "{'transfer':{'floatingip_id':'$" fip "'}}"

/* Offers a floating IP and returns the body that accepts it, malloc'd; the offer is saved under that name. */
static char *offer(struct world *w, const char *who, const char *fip, const char *save)
{
	AUTO_FREE char *body = xasprintf("{'transfer':{'floatingip_id':'$%s'}}", fip), *accept = NULL;
	json_t *json = NULL;
	const char *key;

	assert_int_equal(world_send(w, w->curl, who, "POST buoy/transfers", body, &json), 201);
	key = json_string_value(json_object_get(json_object_get(json, "transfer"), "auth_key"));
	assert_non_null(key);
	assert_int_equal(strlen(key), 43);
	accept = xasprintf("{'accept':{'auth_key':'%s'}}", key);
	world_save(w, json, save);
	json_decref(json);
	return TAKE(accept);
}

static void given_and_taken(void **state)
{
	struct world *w = *state;
	AUTO_FREE char *key = NULL;

	world_furnish(w);
	WORLD_RUN(w, {"alice", NEW, 201, NULL, "f"},
		  {"alice", "PUT floatingips/$f", "{'floatingip':{'description':'d','lease_seconds':9999}}",
		   200},
		  {"alice", "PUT floatingips/$f/tags", "{'tags':['web']}", 200});
	key = offer(w, "alice", "f", "t");
	WORLD_RUN(w,
		  {"alice", "GET buoy/transfers/$t", NULL, 200,
		   "transfer.floatingip_id=$f transfer.floating_ip_address=10.10.10.3 "
		   "transfer.project_id=alice "
		   "transfer.auth_key=null transfer.key_hash=absent"},
		  {"alice", "GET buoy/transfers", NULL, 200, "transfers.#=1 transfers.0.auth_key=null"},
		  {"alice", OFFER("f"), 409, "TransferExists"},
		  /* Who has no key does not learn that there is anything. */
		  {"bob", "GET buoy/transfers", NULL, 200, "transfers.#=0"},
		  {"bob", "GET buoy/transfers/$t", NULL, 404, "TransferNotFound"},
		  {"bob", "DELETE buoy/transfers/$t", NULL, 404, "TransferNotFound"},
		  {"bob", "POST buoy/transfers/$t/accept", "{'accept':{'auth_key':'x'}}", 404,
		   "TransferNotFound"},
		  {"bob", "POST buoy/transfers/$f/accept", key, 404, "TransferNotFound"},
		  {"bob", "POST buoy/transfers/nonsense/accept", key, 404, "TransferNotFound"},
		  {"bob", "GET floatingips/$f", NULL, 404, "FloatingIPNotFound"},
		  {"rita", "POST buoy/transfers/$t/accept", key, 403, "PolicyNotAuthorized"},
		  {"alice", "POST buoy/transfers/$t/accept", key, 409, "TransferToSameProject"},
		  {"bob", "POST buoy/transfers/$t/accept", key, 200,
		   "floatingip.id=$f floatingip.project_id=bob floatingip.tenant_id=bob "
		   "floatingip.description=d "
		   "floatingip.tags.0=web floatingip.floating_ip_address=10.10.10.3 "
		   "floatingip.revision_number=4"},
		  {"carol", "POST buoy/transfers/$t/accept", key, 404, "TransferNotFound"},
		  {"alice", "GET floatingips/$f", NULL, 404, "FloatingIPNotFound"},
		  {"alice", "GET buoy/transfers", NULL, 200, "transfers.#=0"},
		  {"bob", "GET floatingips", NULL, 200, "floatingips.#=1"},
		  {"bob", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','reuse_tag':'web'}}", 200,
		   "floatingip.id=$f"},
		  {"alice", "GET floatingips/$f/history", NULL, 200,
		   "history.0.was.project_id=alice history.0.is=null history.0.user_id=null "
		   "history.0.project_id=null history.0.action=null history.1.user_id=alice"},
		  {"bob", "GET floatingips/$f/history", NULL, 200,
		   "history.#=1 history.0.was=null history.0.is.project_id=bob history.0.user_id=bob"},
		  {"carol", "GET floatingips/$f/history", NULL, 404, "FloatingIPNotFound"});
}

static void what_is_in_the_way(void **state)
{
	struct world *w = *state;
	AUTO_FREE char *key = NULL, *second = NULL;

	world_furnish(w);
	WORLD_RUN(w,
		  {"alice", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','port_id':'$p1'}}", 201, NULL, "f"},
		  {"alice", OFFER("f"), 409, "FloatingIPInUse"},
		  {"bob", OFFER("f"), 404, "FloatingIPNotFound"},
		  {"rita", OFFER("f"), 403, "PolicyNotAuthorized"},
		  {"alice", "PUT floatingips/$f", "{'floatingip':{'port_id':null}}", 200});
	key = offer(w, "alice", "f", "t");
	WORLD_RUN(w, {"alice", "PUT floatingips/$f", "{'floatingip':{'port_id':'$p1'}}", 200},
		  {"bob", "POST buoy/transfers/$t/accept", key, 409, "FloatingIPInUse"},
		  {"alice", "PUT floatingips/$f", "{'floatingip':{'port_id':null}}", 200},
		  {"admin", "PUT quotas/bob", "{'quota':{'floatingip':0}}", 200},
		  {"bob", "POST buoy/transfers/$t/accept", key, 409, "OverQuota"},
		  {"bob", "POST buoy/transfers/$t/accept", "{'accept':{}}", 400, "HTTPBadRequest"},
		  {"bob", "POST buoy/transfers/$t/accept", "{'auth_key':'x'}", 400, "HTTPBadRequest"},
		  {"bob", "POST buoy/transfers/$t/accept", "{'accept':{'auth_key':'x','y':1}}", 400,
		   "HTTPBadRequest"},
		  {"admin", "PUT quotas/bob", "{'quota':{'floatingip':1}}", 200},
		  /* Cancelled. */
		  {"alice", "DELETE buoy/transfers/$t", NULL, 204},
		  {"bob", "POST buoy/transfers/$t/accept", key, 404, "TransferNotFound"});
	/* An offer goes with what it offers. */
	second = offer(w, "admin", "f", "t2");
	WORLD_RUN(w, {"alice", "GET buoy/transfers/$t2", NULL, 200, "transfer.project_id=alice"},
		  {"alice", "DELETE floatingips/$f", NULL, 204},
		  {"admin", "GET buoy/transfers", NULL, 200, "transfers.#=0"},
		  {"bob", "POST buoy/transfers/$t2/accept", second, 404, "TransferNotFound"});
}

static void a_policy_that_the_taker_does_not_see(void **state)
{
	struct world *w = *state;
	AUTO_FREE char *first = NULL, *second = NULL;

	world_furnish(w);
	WORLD_RUN(w,
		  {"admin", "POST qos/policies", "{'policy':{'name':'own','project_id':'alice'}}", 201, NULL,
		   "own"},
		  {"admin", "POST qos/policies", "{'policy':{'name':'all','shared':true}}", 201, NULL, "all"},
		  {"alice", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','qos_policy_id':'$own'}}", 201, NULL, "f"},
		  {"alice", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','qos_policy_id':'$all'}}", 201, NULL, "g"});
	first = offer(w, "alice", "f", "t");
	second = offer(w, "alice", "g", "u");
	WORLD_RUN(w, {"bob", "POST buoy/transfers/$t/accept", first, 200, "floatingip.qos_policy_id=null"},
		  {"bob", "POST buoy/transfers/$u/accept", second, 200, "floatingip.qos_policy_id=$all"});
}

/* A key does not open a network that is there for others only. */
static void a_network_that_the_taker_does_not_see(void **state)
{
#define FOR_WHOM(project)                                                                                    \
	"POST rbac-policies",                                                                                \
		"{'rbac_policy':{'object_type':'network','object_id':'$e','action':'access_as_external',"    \
		"'target_tenant':'" project "'}}"
	struct world *w = *state;
	AUTO_FREE char *key = NULL;

	world_furnish(w);
	WORLD_RUN(
		w, {"admin", "POST networks", "{'network':{'name':'e'}}", 201, NULL, "e"},
		{"admin", "POST subnets",
		 "{'subnet':{'network_id':'$e','ip_version':4,'cidr':'10.9.0.0/24'}}", 201},
		{"admin", FOR_WHOM("alice"), 201},
		{"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$e'}}", 201, NULL, "f"});
	key = offer(w, "alice", "f", "t");
	WORLD_RUN(w, {"bob", "POST buoy/transfers/$t/accept", key, 404, "NetworkNotFound"},
		  {"alice", "GET floatingips/$f", NULL, 200, "floatingip.project_id=alice"},
		  {"admin", FOR_WHOM("bob"), 201},
		  {"bob", "POST buoy/transfers/$t/accept", key, 200, "floatingip.project_id=bob"});
}

static void it_ends(void **state)
{
	static const int64_t second = 1000000;
	struct world *w = *state;
	int64_t now = clock_now_us();

	world_furnish(w);
	WORLD_RUN(w, {"alice", NEW, 201, NULL, "f"}, {"alice", NEW, 201, NULL, "g"},
		  {"alice", "POST buoy/transfers",
		   "{'transfer':{'floatingip_id':'$f','expires_at':'2001-01-01T00:00:00Z'}}", 400,
		   "BadRequest"},
		  {"alice", OFFER("f"), 201, NULL, "t"},
		  {"alice", "POST buoy/transfers", "{'transfer':{'floatingip_id':'$g','expires_at':null}}",
		   201, "transfer.expires_at=null", "u"});
	assert_int_equal(keeper_step(w->api, now + 86000 * second), 0);
	assert_int_equal(keeper_step(w->api, now + 87000 * second), 1);
	WORLD_RUN(w, {"alice", "GET buoy/transfers", NULL, 200, "transfers.#=1 transfers.0.id=$u"});
}

/* Sent again, it is accepted once; the key itself is not shown again. */
static void sent_again(void **state)
{
	struct world *w = *state;
	AUTO_FREE char *key = NULL;

	world_furnish(w);
	WORLD_RUN(w, {"alice", NEW, 201, NULL, "f"});
	w->header = "Idempotency-Key: k";
	key = offer(w, "alice", "f", "t");
	WORLD_RUN(w, {"alice", OFFER("f"), 201, "transfer.id=$t transfer.auth_key=null"},
		  {"bob", "POST buoy/transfers/$t/accept", key, 200, "floatingip.id=$f"},
		  {"bob", "POST buoy/transfers/$t/accept", key, 200, "floatingip.id=$f"},
		  {"bob", "POST buoy/transfers/$t/accept", "{'accept':{'auth_key':'x'}}", 422,
		   "IdempotencyKeyReused"});
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(given_and_taken),
		TEST(what_is_in_the_way),
		TEST(a_policy_that_the_taker_does_not_see),
		TEST(a_network_that_the_taker_does_not_see),
		TEST(it_ends),
		TEST(sent_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
