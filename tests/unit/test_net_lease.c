/* Leases that end by themselves, and the report of those that nobody uses.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "api/keeper.h"
#include "api/live.h"
#include "net_world.h"

#define NEW(more) "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'" more "}}"
#define SECOND    1000000LL
#define DAY       (86400 * SECOND)

static int64_t time_at(struct world *w, const char *request, const char *what)
{
	json_t *json = NULL;
	const char *text;
	int64_t at = 0;

	assert_int_equal(world_send(w, w->curl, "alice", request, NULL, &json), 200);
	text = json_string_value(json_object_get(json_object_get(json, "floatingip"), what));
	if (text)
		assert_int_equal(time_parse(text, &at), 0);
	json_decref(json);
	return at;
}

static void a_lease_ends(void **state)
{
	struct world *w = *state;
	int64_t now = clock_now_us(), at;

	w->api->config.rest_s = 100000; /* longer than the keeper is told that it is later */
	world_furnish(w);
	world_report(w, NULL, NULL);
	WORLD_RUN(w,
		  {"alice", NEW(",'lease_seconds':3600,'port_id':'$p1'"), 201,
		   "floatingip.lease_seconds=absent", "f"},
		  {"alice", NEW(""), 201, "floatingip.expires_at=null", "g"});
	at = time_at(w, "GET floatingips/$f", "expires_at");
	assert_true(at >= now / SECOND + 3600 && at <= now / SECOND + 3610);
	assert_int_equal(keeper_step(w->api, now + 3500 * SECOND), 0);
	/* Renewed. */
	WORLD_RUN(w, {"alice", "PUT floatingips/$f", "{'floatingip':{'lease_seconds':7200}}", 200,
		      "floatingip.port_id=$p1"});
	assert_int_equal(keeper_step(w->api, now + 3700 * SECOND), 0);
	assert_int_equal(keeper_step(w->api, now + 7300 * SECOND), 1);
	WORLD_RUN(w, {"alice", "GET floatingips/$f", NULL, 404, "FloatingIPNotFound"},
		  {"alice", "GET floatingips/$g", NULL, 200},
		  {"alice", "GET buoy/quarantine", NULL, 200, "resting_addresses.0.id=$f"},
		  {"alice", "GET floatingips/$f/history", NULL, 200,
		   "history.#=3 history.0.user_name=buoy history.0.action=expire history.0.is=null "
		   "history.0.was.port_id=$p1"},
		  {"alice", "POST buoy/quarantine/$f/take-back", NULL, 201, "floatingip.expires_at=null"});
}

static void what_can_be_said(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(w, {"alice", NEW(",'expires_at':'2001-01-01T00:00:00Z'"), 400, "BadRequest:has passed"},
		  {"alice", NEW(",'expires_at':'2126-01-01T00:00:00Z','lease_seconds':1"), 400,
		   "BadRequest:cannot both"},
		  {"alice", NEW(",'lease_seconds':0"), 400, "HTTPBadRequest"},
		  {"alice", NEW(",'expires_at':'2126-01-01T00:00:00Z'"), 201,
		   "floatingip.expires_at=2126-01-01T00:00:00Z", "f"},
		  {"alice", "GET floatingips?expires_at=2126-01-01T00:00:00Z&sort_key=expires_at", NULL, 200,
		   "floatingips.#=1"},
		  {"bob", "PUT floatingips/$f", "{'floatingip':{'expires_at':null}}", 404,
		   "FloatingIPNotFound"},
		  {"alice", "PUT floatingips/$f", "{'floatingip':{'expires_at':'2001-01-01T00:00:00Z'}}", 400,
		   "BadRequest"},
		  {"alice", "PUT floatingips/$f", "{'floatingip':{'description':'x'}}", 200,
		   "floatingip.expires_at=2126-01-01T00:00:00Z"},
		  {"alice", "PUT floatingips/$f", "{'floatingip':{'expires_at':null}}", 200,
		   "floatingip.expires_at=null"});
	assert_int_equal(keeper_step(w->api, clock_now_us() + 40000 * DAY), 0);
}

static void port_forwardings_go_along(void **state)
{
	struct world *w = *state;

	w->api->config.rest_s = 100000;
	world_furnish(w);
	WORLD_RUN(w, {"alice", NEW(",'lease_seconds':60"), 201, NULL, "f"},
		  {"alice", NEW(",'lease_seconds':60"), 201, NULL, "g"},
		  {"alice", "POST floatingips/$g/port_forwardings",
		   "{'port_forwarding':{'protocol':'tcp','external_port':80,'internal_port':80,"
		   "'internal_port_id':'$p1','internal_ip_address':'172.16.100.2'}}",
		   201},
		  {"alice", "POST buoy/transfers", "{'transfer':{'floatingip_id':'$g'}}", 409,
		   "FloatingIPInUse"});
	assert_int_equal(keeper_step(w->api, clock_now_us() + 100 * SECOND), 2);
	WORLD_RUN(w, {"alice", "GET floatingips", NULL, 200, "floatingips.#=0"},
		  {"alice", "GET buoy/quarantine", NULL, 200, "resting_addresses.#=2"});
}

/* More than a batch. */
static void many_leases(void **state)
{
	struct world *w = *state;
	struct buf b = {0};
	AUTO_FREE char *body = NULL;

	world_furnish(w);
	buf_puts(&b, "{'floatingips':[");
	for (int i = 0; i < 700; i++)
		buf_printf(&b, "%s{'floating_network_id':'$ext2','lease_seconds':60}", i ? "," : "");
	buf_puts(&b, "]}");
	body = buf_take(&b);
	WORLD_RUN(w,
		  {"admin", "POST networks",
		   "{'network':{'name':'e2','router:external':true,'provider:network_type':'flat',"
		   "'provider:physical_network':'physnet2'}}",
		   201, NULL, "ext2"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$ext2','ip_version':4,'cidr':'10.20.0.0/16'}}", 201},
		  {"alice", "POST floatingips", body, 201, "floatingips.#=700"});
	assert_int_equal(keeper_step(w->api, clock_now_us() + 100 * SECOND), 500);
	assert_int_equal(keeper_step(w->api, clock_now_us() + 100 * SECOND), 200);
	assert_int_equal(keeper_step(w->api, clock_now_us() + 100 * SECOND), 0);
	WORLD_RUN(w, {"alice", "GET floatingips", NULL, 200, "floatingips.#=0"});
}

/* --- last packets, orphans --- */

/* Counters as a node reports them, of the floating IP saved under that name; until they have been taken in.
 */
static void carry(struct world *w, const char *name, const char *address, uint64_t in, uint64_t out)
{
	struct node_traffic t = {
		.in_packets = in, .in_bytes = 100 * in, .out_packets = out, .out_bytes = 100 * out};
	struct node_report report = {
		.node = "node1", .applied = UINT64_MAX / 2, .traffic = &t, .traffic_count = 1};
	struct traffic_stats stats = {0};
	int64_t deadline = clock_mono_us() + 10 * SECOND;
	struct uuid id, port;

	assert_int_equal(ip_parse(address, &t.floating_ip), 0);
	assert_int_equal(uuid_parse(world_id(w, name, strlen(name)), &id), 0);
	assert_int_equal(uuid_parse(world_id(w, "p1", 2), &port), 0);
	report.plugged = &port;
	report.plugged_count = 1;
	nodes_report(w->nodes, &report);
	while (clock_mono_us() < deadline &&
	       (stats.counter[IN_PACKETS] != in || stats.counter[OUT_PACKETS] != out)) {
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		traffic_read(live_traffic(w->api->live), &id, clock_now_us(), &stats);
	}
	assert_int_equal(stats.counter[IN_PACKETS], in);
}

/* As if it had all happened some days ago. */
static int age_rows(struct txn *t, void *arg, struct err *err)
{
	const int64_t *seconds = arg;
	const struct floatingip *f;
	struct scan scan;
	struct uuid ids[8];
	size_t count = 0;
	int r = 0;

	for (f = scan_kind(&scan, t->work, KIND_FLOATINGIP, NULL); f && count < 8; f = scan_next(&scan))
		ids[count++] = f->row.id;
	t->now_us -= *seconds * SECOND;
	for (size_t i = 0; i < count && r == 0; i++) {
		struct floatingip *draft = txn_edit(t, txn_get(t, KIND_FLOATINGIP, &ids[i]));
		struct uuid id = ids[i];

		/* A row that comes back as it was has never gone. */
		if (draft->associated_at)
			draft->associated_at -= *seconds;
		else
			draft->description = "aged";
		r = txn_del(t, KIND_FLOATINGIP, &id, err);
		if (r == 0)
			r = txn_put(t, draft, err);
	}
	return r;
}

static void let_days_pass(struct world *w, int64_t days)
{
	int64_t seconds = days * 86400;
	void *region = talloc_new(NULL);

	assert_int_equal(
		ledger_write_sync(w->ledger, region, &(struct actor){0}, "test", age_rows, &seconds, NULL),
		0);
	talloc_free(region);
}

static void orphans(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	world_report(w, world_id(w, "p1", 2), NULL);
	WORLD_RUN(w, {"alice", NEW(",'port_id':'$p1'"), 201, NULL, "plugged"},
		  {"alice", NEW(",'port_id':'$p2','description':'d'"), 201, NULL, "unplugged"},
		  {"bob", NEW(""), 201, NULL, "bobs"},
		  {"alice", "GET buoy/orphans", NULL, 200, "orphans.#=0 idle_seconds=604800"},
		  {"alice", "GET buoy/orphans?idle=0", NULL, 200, "orphans.#=2"});
	let_days_pass(w, 8);
	WORLD_RUN(w, {"admin", "GET buoy/orphans", NULL, 200, "orphans.#=3 orphans_links=absent"},
		  {"admin", "GET buoy/orphans?idle=9d", NULL, 200, "orphans.#=0"},
		  {"admin", "GET buoy/orphans?limit=2", NULL, 200, "orphans.#=2 orphans_links.0.rel=next"},
		  {"admin", "GET buoy/orphans?project_id=bob", NULL, 200,
		   "orphans.#=1 orphans.0.floatingip_id=$bobs orphans.0.reason=never_associated "
		   "orphans.0.port_id=null orphans.0.last_seen_in=null orphans.0.project_id=bob"},
		  {"alice", "GET buoy/orphans?project_id=bob", NULL, 403, "PolicyNotAuthorized"},
		  {"bob", "GET buoy/orphans?idle=7d", NULL, 200, "orphans.#=1"});
	/* Strangers' probes come to one, the other answers. */
	carry(w, "plugged", "10.10.10.3", 10, 10);
	carry(w, "plugged", "10.10.10.3", 20, 10);
	WORLD_RUN(w,
		  {"alice", "GET buoy/orphans", NULL, 200,
		   "orphans.#=1 orphans.0.floatingip_id=$unplugged orphans.0.reason=not_plugged "
		   "orphans.0.port_id=$p2 orphans.0.description=d"},
		  {"alice", "GET buoy/orphans?direction=out", NULL, 200, "orphans.#=2"});
	carry(w, "plugged", "10.10.10.3", 20, 11);
	WORLD_RUN(w, {"alice", "GET buoy/orphans?direction=out", NULL, 200, "orphans.#=1"},
		  {"alice", "PUT floatingips/$unplugged", "{'floatingip':{'port_id':null}}", 200},
		  {"alice", "GET buoy/orphans", NULL, 200, "orphans.0.reason=not_associated"});
}

static void bad_questions(void **state)
{
	static const char *const bad[] = {"idle=",    "idle=x",       "idle=-1d",   "idle=99999d",
					  "idle=7w",  "limit=0",      "limit=x",    "limit=99999",
					  "marker=5", "direction=up", "nonsense=1", "idle=999999999999999"};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_FREE char *request = xasprintf("GET buoy/orphans?%s", bad[i]);

		WORLD_RUN(w, {"admin", request, NULL, 400, "HTTPBadRequest"});
	}
}

static struct sighting sighting_of(struct world *w, const char *name)
{
	AUTO_SNAP const struct snap *s = ledger_snap(w->ledger);
	const struct sighting *seen;
	struct uuid id;

	assert_int_equal(uuid_parse(world_id(w, name, strlen(name)), &id), 0);
	seen = snap_get(s, KIND_SIGHTING, &id);
	return seen ? (struct sighting){.seen_in = seen->seen_in, .seen_out = seen->seen_out}
		    : (struct sighting){0};
}

/* What was seen outlives the daemon; little is written, and none of it is news. */
static void sightings(void **state)
{
	struct world *w = *state;
	int64_t now = clock_now_us() / SECOND;
	uint64_t before;

	world_furnish(w);
	WORLD_RUN(w, {"alice", NEW(""), 201, NULL, "f"});
	carry(w, "f", "10.10.10.3", 1, 1);
	before = world_revision(w);
	/* Counted before the start: nobody knows when. */
	keeper_note_seen(w->api, KEEPER_COARSE_S);
	assert_int_equal(world_revision(w), before);
	carry(w, "f", "10.10.10.3", 2, 1);
	keeper_note_seen(w->api, KEEPER_COARSE_S);
	assert_int_equal(world_revision(w), before + 1);
	assert_true(sighting_of(w, "f").seen_in >= now);
	assert_int_equal(sighting_of(w, "f").seen_out, 0);
	carry(w, "f", "10.10.10.3", 3, 1);
	keeper_note_seen(w->api, KEEPER_COARSE_S);
	assert_int_equal(world_revision(w), before + 1);
	carry(w, "f", "10.10.10.3", 3, 2);
	keeper_note_seen(w->api, KEEPER_COARSE_S);
	assert_int_equal(world_revision(w), before + 2);
	assert_true(sighting_of(w, "f").seen_out >= now);
	WORLD_RUN(w, {"alice", "GET floatingips/$f", NULL, 200, "floatingip.revision_number=1"},
		  {"alice", "GET floatingips/$f/history", NULL, 200, "history.#=1"},
		  {"alice", "DELETE floatingips/$f", NULL, 204});
	assert_int_equal(sighting_of(w, "f").seen_in, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lease_ends), TEST(what_can_be_said),
		TEST(many_leases),  TEST(port_forwardings_go_along),
		TEST(orphans),      TEST(bad_questions),
		TEST(sightings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
