/* Idempotency-Key: what is done once, whose key it is, and how long.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "api/keeper.h"
#include "net_world.h"

#include <pthread.h>

#define KEY(key) "Idempotency-Key: " key
#define FIP      "{'floatingip':{'floating_network_id':'$ext'}}"

static void what_is_done_once(void **state)
{
	struct world *w = *state;
	uint64_t before;

	world_furnish(w);
	w->header = KEY("k1");
	WORLD_RUN(w, {"alice", "POST floatingips", FIP, 201, NULL, "f"});
	before = world_revision(w);
	WORLD_RUN(w, {"alice", "POST floatingips", FIP, 201, "floatingip.id=$f"},
		  {"alice", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','description':'x'}}", 422,
		   "IdempotencyKeyReused"});
	assert_int_equal(world_revision(w), before);
	/* Of another user it is another key, and of another path. */
	WORLD_RUN(w, {"bob", "POST floatingips", FIP, 201, "floatingip.project_id=bob", "g"},
		  {"alice", "POST ports", "{'port':{'network_id':'$net'}}", 201, NULL, "p"},
		  {"alice", "POST ports", "{'port':{'network_id':'$net'}}", 201, "port.id=$p"});
	/* What is shown is what is there now. */
	w->header = NULL;
	WORLD_RUN(w, {"alice", "PUT floatingips/$f", "{'floatingip':{'description':'later'}}", 200});
	w->header = KEY("k1");
	WORLD_RUN(w,
		  {"alice", "POST floatingips", FIP, 201, "floatingip.id=$f floatingip.description=later"});
}

static void nested_bulk_and_compute(void **state)
{
	static const char *const two = "{'ports':[{'network_id':'$net'},{'network_id':'$net'}]}";
	struct world *w = *state;
	uint64_t before;

	world_furnish(w);
	w->header = KEY("k2");
	WORLD_RUN(w, {"admin", "POST qos/policies", "{'policy':{'name':'q','shared':true}}", 201, NULL, "q"},
		  {"admin", "POST qos/policies/$q/bandwidth_limit_rules",
		   "{'bandwidth_limit_rule':{'max_kbps':1000}}", 201, NULL, "rule"},
		  {"admin", "POST qos/policies/$q/bandwidth_limit_rules",
		   "{'bandwidth_limit_rule':{'max_kbps':1000}}", 201, "bandwidth_limit_rule.id=$rule"},
		  {"alice", "POST ports", two, 201, "ports.#=2"},
		  {"alice", "POST /compute/v2.1/os-floating-ips", "{}", 200, NULL, "n"},
		  {"alice", "POST /compute/v2.1/servers",
		   "{'server':{'name':'s','networks':[{'uuid':'$net'}]}}", 202, NULL, "s"});
	before = world_revision(w);
	WORLD_RUN(w, {"alice", "POST ports", two, 201, "ports.#=2"},
		  {"alice", "POST /compute/v2.1/os-floating-ips", "{}", 200, "floating_ip.id=$n"},
		  {"alice", "POST /compute/v2.1/servers",
		   "{'server':{'name':'s','networks':[{'uuid':'$net'}]}}", 202, "server.id=$s"},
		  {"alice", "POST ports", "{'ports':[{'network_id':'$net'}]}", 422, "IdempotencyKeyReused"});
	assert_int_equal(world_revision(w), before);
}

static void what_is_gone(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	w->api->config.rest_s = 600;
	w->header = KEY("k3");
	WORLD_RUN(w, {"alice", "POST floatingips", FIP, 201, NULL, "f"},
		  {"alice", "DELETE floatingips/$f", NULL, 204},
		  {"alice", "POST floatingips", FIP, 410, "IdempotentResultGone"},
		  {"alice", "POST buoy/quarantine/$f/take-back", NULL, 201, "floatingip.id=$f"},
		  {"alice", "POST buoy/quarantine/$f/take-back", NULL, 201, "floatingip.id=$f"},
		  {"alice", "POST floatingips", FIP, 201, "floatingip.id=$f"});
}

/* What was refused is not remembered: the reason may be gone. */
static void refusals(void **state)
{
	struct world *w = *state;
	static char longest[300];

	world_furnish(w);
	w->header = KEY("k4");
	WORLD_RUN(w, {"admin", "PUT quotas/alice", "{'quota':{'floatingip':0}}", 200},
		  {"alice", "POST floatingips", FIP, 409, "OverQuota"},
		  {"admin", "PUT quotas/alice", "{'quota':{'floatingip':1}}", 200},
		  {"alice", "POST floatingips", FIP, 201, NULL, "f"},
		  {"alice", "POST floatingips", FIP, 201, "floatingip.id=$f"});
	w->header = KEY("\"\"");
	WORLD_RUN(w, {"alice", "POST floatingips", FIP, 400, "HTTPBadRequest:1 to 255"});
	snprintf(longest, sizeof(longest), "Idempotency-Key: %0256d", 1);
	w->header = longest;
	WORLD_RUN(w, {"alice", "POST floatingips", FIP, 400, "HTTPBadRequest:1 to 255"});
}

static void it_is_forgotten(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	w->api->config.once_s = 1000;
	w->header = KEY("k5");
	WORLD_RUN(w, {"alice", "POST floatingips", FIP, 201, NULL, "f"});
	assert_int_equal(keeper_step(w->api, clock_now_us() + 900 * 1000000LL), 0);
	assert_int_equal(keeper_step(w->api, clock_now_us() + 1100 * 1000000LL), 1);
	WORLD_RUN(w, {"alice", "POST floatingips", FIP, 201, "floatingip.floating_ip_address=10.10.10.4"});
}

static void *ask(void *arg)
{
	struct world *w = arg;
	CURL *curl = curl_easy_init();
	json_t *json = NULL;

	assert_int_equal(world_send(w, curl, "alice", "POST floatingips", FIP, &json), 201);
	curl_easy_cleanup(curl);
	return json;
}

static void many_at_once(void **state)
{
	struct world *w = *state;
	pthread_t threads[8];
	char first[UUID_TEXT] = "";

	world_furnish(w);
	w->header = KEY("k6");
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, w), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		void *json = NULL;
		const char *id;

		pthread_join(threads[i], &json);
		id = json_string_value(json_object_get(json_object_get(json, "floatingip"), "id"));
		assert_non_null(id);
		if (!*first)
			snprintf(first, sizeof(first), "%s", id);
		assert_string_equal(id, first);
		json_decref(json);
	}
	WORLD_RUN(w, {"alice", "GET floatingips", NULL, 200, "floatingips.#=1"});
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_done_once), TEST(nested_bulk_and_compute), TEST(what_is_gone),
		TEST(refusals),          TEST(it_is_forgotten),         TEST(many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
