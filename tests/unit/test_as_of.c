/* ?as_of=: what was listed then is listed now, for whom it was; errors; what has no past.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#define ROUNDS 60

static const char *const lists[] = {"networks",    "subnets",      "ports",        "routers",
				    "floatingips", "qos/policies", "quotas/alice", "networks/$net/tags"};
static const char *const people[] = {"admin", "alice", "bob"};

struct memory {
	uint64_t revision;
	json_t *seen[ARRAY_SIZE(people)][ARRAY_SIZE(lists)];
};

/* Of the past nobody knows what the nodes said. */
static void without_live(json_t *json)
{
	static const char *const names[] = {"status", "verified_at", "binding:vif_type",
					    "binding:vif_details"};
	const char *key;
	json_t *value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names) && json_is_object(json); i++)
		if (json_object_get(json, names[i]))
			json_object_set_new(json, names[i], json_null());
	json_object_foreach(json, key, value) without_live(value);
	json_array_foreach(json, i, value) without_live(value);
}

static void remember(struct world *w, struct memory *m)
{
	m->revision = world_revision(w);
	for (size_t p = 0; p < ARRAY_SIZE(people); p++)
		for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
			AUTO_FREE char *request = xasprintf("GET %s", lists[l]);

			world_send(w, w->curl, people[p], request, NULL, &m->seen[p][l]);
			without_live(m->seen[p][l]);
		}
}

static void expect_remembered(struct world *w, struct memory *m)
{
	for (size_t p = 0; p < ARRAY_SIZE(people); p++)
		for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
			AUTO_FREE char *request =
				xasprintf("GET %s?as_of=%lu", lists[l], (unsigned long)m->revision);
			json_t *have;

			world_send(w, w->curl, people[p], request, NULL, &have);
			if (!json_equal(have, m->seen[p][l]))
				fail_msg("%s as %s:\n%s\nnot\n%s", request, people[p], json_dumps(have, 0),
					 json_dumps(m->seen[p][l], 0));
			json_decref(have);
			json_decref(m->seen[p][l]);
		}
}

static unsigned roll(unsigned n)
{
	static uint32_t seed = 11;

	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Some of them are refused: that is no write. */
static void write_something(struct world *w)
{
	static const struct {
		const char *who, *request, *body;
	} writes[] = {
		{"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}"},
		{"bob", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}"},
		{"alice", "PUT floatingips/$f1", "{'floatingip':{'port_id':'$p1'}}"},
		{"alice", "PUT floatingips/$f1", "{'floatingip':{'port_id':'$p2'}}"},
		{"alice", "PUT floatingips/$f1", "{'floatingip':{'port_id':null}}"},
		{"alice", "PUT networks/$net", "{'network':{'name':'other'}}"},
		{"admin", "PUT networks/$net", "{'network':{'shared':true}}"},
		{"admin", "PUT networks/$net", "{'network':{'shared':false,'name':'mine'}}"},
		{"alice", "PUT networks/$net/tags/a", NULL},
		{"alice", "DELETE networks/$net/tags/a", NULL},
		{"alice", "POST networks", "{'network':{'name':'more'}}"},
		{"alice", "PUT routers/$r", "{'router':{'admin_state_up':false}}"},
		{"alice", "PUT routers/$r", "{'router':{'admin_state_up':true}}"},
		{"alice", "POST ports", "{'port':{'network_id':'$net','device_id':'vm'}}"},
		{"admin", "PUT quotas/alice", "{'quota':{'port':77}}"},
		{"admin", "DELETE quotas/alice", NULL},
		{"admin", "POST qos/policies", "{'policy':{'name':'slow','shared':true}}"},
		{"admin", "PUT floatingips/$f2", "{'floatingip':{'description':'x'}}"},
	};
	unsigned i = roll(ARRAY_SIZE(writes));
	json_t *json;

	world_send(w, w->curl, writes[i].who, writes[i].request, writes[i].body, &json);
	json_decref(json);
}

static void everything_as_it_was(void **state)
{
	struct world *w = *state;
	struct memory *memories = xalloc(ROUNDS * sizeof(*memories));

	world_furnish(w);
	world_report(w, NULL, NULL);
	WORLD_RUN(w,
		  {"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 201, NULL,
		   "f1"},
		  {"bob", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 201, NULL,
		   "f2"});
	for (int i = 0; i < ROUNDS; i++) {
		write_something(w);
		remember(w, &memories[i]);
	}
	/* All is gone now that can go. */
	WORLD_RUN(w, {"alice", "DELETE floatingips/$f1", NULL, 204},
		  {"bob", "DELETE floatingips/$f2", NULL, 204});
	/* Who saw the network then sees it now, too: otherwise it would not be seen
	 * (rights_are_those_of_now). */
	WORLD_RUN(w, {"admin", "PUT networks/$net", "{'network':{'shared':true}}", 200});
	for (int i = 0; i < ROUNDS; i++)
		expect_remembered(w, &memories[i]);
	free(memories);
}

/* What somebody else showed once, and shows no more, is not seen again; nor what came to be one's own later.
 */
static void rights_are_those_of_now(void **state)
{
	struct world *w = *state;
	uint64_t shared, before;
	AUTO_FREE char *get_shared = NULL, *list_shared = NULL, *get_before = NULL, *subnets = NULL;

	world_furnish(w);
	before = world_revision(w);
	WORLD_RUN(w, {"admin", "PUT networks/$net", "{'network':{'shared':true}}", 200},
		  {"bob", "GET networks/$net", NULL, 200});
	shared = world_revision(w);
	get_shared = xasprintf("GET networks/$net?as_of=%lu", (unsigned long)shared);
	get_before = xasprintf("GET networks/$net?as_of=%lu", (unsigned long)before);
	list_shared = xasprintf("GET networks?as_of=%lu&name=a", (unsigned long)shared);
	subnets = xasprintf("GET subnets?as_of=%lu&network_id=$net", (unsigned long)shared);
	WORLD_RUN(w, {"bob", get_shared, NULL, 200}, {"bob", list_shared, NULL, 200, "networks.#=1"},
		  {"bob", subnets, NULL, 200, "subnets.#=1"},
		  {"bob", get_before, NULL, 404, "NetworkNotFound"},
		  {"admin", "PUT networks/$net", "{'network':{'shared':false}}", 200},
		  {"bob", get_shared, NULL, 404, "NetworkNotFound"},
		  {"bob", list_shared, NULL, 200, "networks.#=0"}, {"bob", subnets, NULL, 200, "subnets.#=0"},
		  {"alice", get_shared, NULL, 200, "network.shared=true network.status=null"},
		  {"alice", get_before, NULL, 200, "network.shared=false"});
}

static void what_is_refused(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(w,
		  {"alice", "GET networks?as_of=99999", NULL, 400, "HTTPBadRequest:the newest revision is"},
		  {"alice", "GET networks?as_of=2999-01-01T00:00:00Z", NULL, 400, "HTTPBadRequest:future"},
		  {"alice", "GET networks?as_of=2020-01-01T00:00:00Z", NULL, 410,
		   "HistoryForgotten:begins with revision 0"},
		  {"alice", "GET networks?as_of=yesterday", NULL, 400, "HTTPBadRequest:neither"},
		  {"alice", "GET networks?as_of=", NULL, 400, "HTTPBadRequest"},
		  {"alice", "GET networks?as_of=2026-11-28T10:00:00+1", NULL, 400, "HTTPBadRequest"},
		  {"alice", "POST networks?as_of=1", "{'network':{}}", 400, "HTTPBadRequest:past"},
		  {"admin", "GET agents?as_of=1", NULL, 400, "HTTPBadRequest:present"},
		  {"alice", "GET networks?as_of=0", NULL, 200, "networks.#=0"});
}

static void by_time(void **state)
{
	struct world *w = *state;
	char now[TIME_TEXT];
	AUTO_FREE char *request = NULL;

	world_furnish(w);
	request = xasprintf("GET networks?as_of=%s&limit=1", time_print(clock_now_us() / 1000000, now));
	/* This second is not over: it is what is there. The pages are of the same past. */
	WORLD_RUN(w,
		  {"alice", request, NULL, 200,
		   "networks.#=1 networks.0.status=null networks_links.0.rel=next"},
		  {"alice", "GET networks?as_of=2", NULL, 200, "networks.#=1 networks.0.name=ext"});
}

static void forgotten(void **state)
{
	struct world *w = *state;
	struct err err = {0};
	bool more;

	world_furnish(w);
	assert_int_equal(w->history->ops->prune(w->history, clock_now_us(), &more, &err), 0);
	WORLD_RUN(w, {"alice", "GET networks?as_of=3", NULL, 410, "HistoryForgotten"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything_as_it_was, world_start, world_stop),
		cmocka_unit_test_setup_teardown(rights_are_those_of_now, world_start, world_stop),
		cmocka_unit_test_setup_teardown(what_is_refused, world_start, world_stop),
		cmocka_unit_test_setup_teardown(by_time, world_start, world_stop),
		cmocka_unit_test_setup_teardown(forgotten, world_start, world_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
