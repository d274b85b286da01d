/* Allocate or reuse: a floating IP by its tag.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#include <pthread.h>

#define REUSE(more)                                                                                          \
	"POST floatingips", "{'floatingip':{'floating_network_id':'$ext','reuse_tag':'web'" more "}}"

static void by_tag(void **state)
{
	struct world *w = *state;
	uint64_t before;

	world_furnish(w);
	WORLD_RUN(w, {"alice", REUSE(",'description':'first'"), 201,
		      "floatingip.tags.0=web floatingip.tags.#=1 floatingip.reuse_tag=absent", "f"});
	before = world_revision(w);
	WORLD_RUN(w, {"alice", REUSE(""), 200, "floatingip.id=$f floatingip.description=first"});
	assert_int_equal(world_revision(w), before);
	/* Another project's tag is another, and so is one on another network. */
	WORLD_RUN(w, {"bob", REUSE(""), 201, "floatingip.project_id=bob", "g"},
		  {"bob", REUSE(""), 200, "floatingip.id=$g"},
		  {"admin", REUSE(",'project_id':'alice'"), 200, "floatingip.id=$f"},
		  /* Tags come and go. */
		  {"alice", "PUT floatingips/$f/tags", "{'tags':['other']}", 200},
		  {"alice", REUSE(""), 201, "floatingip.floating_ip_address=10.10.10.5", "h"},
		  {"alice", "DELETE floatingips/$h", NULL, 204},
		  {"alice", "PUT floatingips/$f/tags/web", NULL, 201},
		  {"alice", REUSE(""), 200, "floatingip.id=$f floatingip.tags.#=2"},
		  {"alice", "DELETE floatingips/$f", NULL, 204}, {"alice", REUSE(""), 201});
}

/* With a port: the port's own, else one at rest, else a new one; never one that is in use. */
static void with_a_port(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	world_report(w, NULL, NULL);
	WORLD_RUN(w, {"alice", REUSE(",'port_id':'$p1'"), 201, "floatingip.port_id=$p1", "f"},
		  {"alice", REUSE(",'port_id':'$p1'"), 200, "floatingip.id=$f floatingip.revision_number=1"},
		  {"alice", REUSE(",'port_id':'$p2'"), 201, "floatingip.port_id=$p2", "g"},
		  {"alice", "PUT floatingips/$f", "{'floatingip':{'port_id':null}}", 200},
		  {"alice", REUSE(",'port_id':'$p2'"), 200, "floatingip.id=$g"},
		  {"alice", REUSE(",'port_id':'$p1','fixed_ip_address':'172.16.100.2'"), 200,
		   "floatingip.id=$f floatingip.port_id=$p1 floatingip.status=ACTIVE"},
		  /* Without a port any will do, the one that is not in use first. */
		  {"alice", REUSE(""), 200},
		  {"alice", "PUT floatingips/$g", "{'floatingip':{'port_id':null}}", 200},
		  {"alice", REUSE(""), 200, "floatingip.id=$g floatingip.port_id=null"},
		  {"alice", REUSE(",'port_id':'$iface'"), 400, "BadRequest"});
}

static void what_is_refused(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(
		w, {"alice", REUSE(",'subnet_id':'$exts'"), 400, "BadRequest:reuse_tag goes with neither"},
		{"admin", REUSE(",'floating_ip_address':'10.10.10.4'"), 400, "BadRequest"},
		{"rita", REUSE(""), 403, "PolicyNotAuthorized"},
		{"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext','reuse_tag':''}}",
		 400, "HTTPBadRequest"},
		{"alice", "POST floatingips",
		 "{'floatingip':{'floating_network_id':'$net','reuse_tag':'web'}}", 400, "BadRequest"},
		{"admin", "PUT quotas/alice", "{'quota':{'floatingip':1}}", 200},
		{"alice", REUSE(""), 201, NULL, "f"}, {"alice", REUSE(""), 200, "floatingip.id=$f"},
		{"alice", "POST floatingips",
		 "{'floatingip':{'floating_network_id':'$ext','reuse_tag':'two'}}", 409, "OverQuota"},
		{"alice", "PUT floatingips/$f", "{'floatingip':{'reuse_tag':'web'}}", 400, "HTTPBadRequest"},
		{"alice", "POST floatingips",
		 "{'floatingips':[{'floating_network_id':'$ext','reuse_tag':'web'},"
		 "{'floating_network_id':'$ext','reuse_tag':'web'}]}",
		 200, "floatingips.0.id=$f floatingips.1.id=$f"});
}

static void *ask(void *arg)
{
	CURL *curl = curl_easy_init();
	json_t *json = NULL;
	long status = world_send(arg, curl, "alice", REUSE(""), &json);

	curl_easy_cleanup(curl);
	json_decref(json);
	return (void *)status;
}

static void many_at_once(void **state)
{
	struct world *w = *state;
	pthread_t threads[8];
	size_t made = 0;

	world_furnish(w);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, w), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		void *status = NULL;

		pthread_join(threads[i], &status);
		made += (long)status == 201;
	}
	assert_int_equal(made, 1);
	WORLD_RUN(w, {"alice", "GET floatingips", NULL, 200, "floatingips.#=1"});
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(by_tag), TEST(with_a_port), TEST(what_is_refused),
					   TEST(many_at_once)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
