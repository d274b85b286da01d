/* The agent on a memory store and the fake kernel: following, failures with their back-off, taps, conflicts.
 * Unit test; time is passed in. */
#include "daemon/agent_verify.h"
#include "daemon/channel.h"
#include "store/ledger.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

#define EXT        "00000000-0000-0000-0000-0000000000e1"
#define EXT_SUBNET "00000000-0000-0000-0000-0000000000e2"
#define GW_PORT    "00000000-0000-0000-0000-0000000000e3"
#define NET        "00000000-0000-0000-0000-0000000000a1"
#define SUBNET     "00000000-0000-0000-0000-0000000000a2"
#define IF_PORT    "00000000-0000-0000-0000-0000000000a3"
#define ROUTER     "00000000-0000-0000-0000-0000000000b1"
#define VM         "0badcafe-0000-0000-0000-0000000000c1"
#define FIP        "00000000-0000-0000-0000-0000000000d1"

static const struct {
	enum kind kind;
	const char *json;
} world[] = {
	{KIND_NETWORK,
	 "{\"id\":\"" EXT "\",\"name\":\"ext\",\"admin_state_up\":true,\"router:external\":true,\"mtu\":1500,"
	 "\"provider:network_type\":\"flat\",\"provider:physical_network\":\"physnet1\"}"},
	{KIND_SUBNET,
	 "{\"id\":\"" EXT_SUBNET "\",\"network_id\":\"" EXT "\",\"ip_version\":4,\"cidr\":\"10.10.10.0/24\","
	 "\"gateway_ip\":\"10.10.10.1\"}"},
	{KIND_PORT, "{\"id\":\"" GW_PORT "\",\"network_id\":\"" EXT "\",\"admin_state_up\":true,"
		    "\"mac_address\":\"fa:16:3e:00:00:01\",\"device_id\":\"" ROUTER "\","
		    "\"device_owner\":\"network:router_gateway\",\"fixed_ips\":[{\"subnet_id\":\"" EXT_SUBNET
		    "\",\"ip_address\":\"10.10.10.2\"}]}"},
	{KIND_NETWORK, "{\"id\":\"" NET "\",\"name\":\"net\",\"admin_state_up\":true,\"mtu\":1500,"
		       "\"provider:network_type\":\"local\"}"},
	{KIND_SUBNET,
	 "{\"id\":\"" SUBNET "\",\"network_id\":\"" NET "\",\"ip_version\":4,\"cidr\":\"172.16.101.0/24\","
	 "\"gateway_ip\":\"172.16.101.1\"}"},
	{KIND_PORT, "{\"id\":\"" IF_PORT "\",\"network_id\":\"" NET "\",\"admin_state_up\":true,"
		    "\"mac_address\":\"fa:16:3e:00:00:02\",\"device_id\":\"" ROUTER "\","
		    "\"device_owner\":\"network:router_interface\",\"fixed_ips\":[{\"subnet_id\":\"" SUBNET
		    "\",\"ip_address\":\"172.16.101.1\"}]}"},
	{KIND_PORT,
	 "{\"id\":\"" VM "\",\"network_id\":\"" NET "\",\"admin_state_up\":true,"
	 "\"mac_address\":\"fa:16:3e:00:00:03\",\"device_id\":\"vm\",\"device_owner\":\"compute:nova\","
	 "\"fixed_ips\":[{\"subnet_id\":\"" SUBNET "\",\"ip_address\":\"172.16.101.3\"}]}"},
	{KIND_ROUTER,
	 "{\"id\":\"" ROUTER "\",\"name\":\"r\",\"admin_state_up\":true,\"gw_port_id\":\"" GW_PORT "\","
	 "\"external_gateway_info\":{\"network_id\":\"" EXT "\",\"enable_snat\":true,"
	 "\"external_fixed_ips\":[{\"subnet_id\":\"" EXT_SUBNET "\",\"ip_address\":\"10.10.10.2\"}]}}"},
	{KIND_FLOATINGIP,
	 "{\"id\":\"" FIP "\",\"floating_network_id\":\"" EXT "\",\"floating_ip_address\":\"10.10.10.3\","
	 "\"subnet_id\":\"" EXT_SUBNET "\"}"},
};

static int put_json(struct txn *t, enum kind kind, const char *json, struct err *err)
{
	void *draft = txn_new(t, kind);
	int r = decode_stored(shape_of(kind), json, strlen(json), t->region, draft, err);

	return r ? r : txn_put(t, draft, err);
}

static int put_world(struct txn *t, void *arg, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(world) && r == 0; i++)
		r = put_json(t, world[i].kind, world[i].json, err);
	return r;
}

static int associate(struct txn *t, void *arg, struct err *err)
{
	struct uuid id;
	struct floatingip *f;

	uuid_parse(FIP, &id);
	f = txn_edit(t, txn_get(t, KIND_FLOATINGIP, &id));
	uuid_parse(VM, &f->port_id);
	uuid_parse(ROUTER, &f->router_id);
	ip_parse("172.16.101.3", &f->fixed_ip_address);
	if (!arg) {
		f->port_id = f->router_id = (struct uuid){0};
		f->fixed_ip_address = (struct ip){0};
	}
	return txn_put(t, f, err);
}

struct bed {
	void *region;
	struct ledger *ledger;
	struct agent agent;
	struct physical_network physical;
	struct plan_node node;
};

static void write_rows(struct bed *b, int (*fn)(struct txn *t, void *arg, struct err *err), void *arg)
{
	const struct actor nobody = {0};
	struct err err = {0};

	if (ledger_write_sync(b->ledger, b->region, &nobody, "", fn, arg, &err) < 0)
		fail_msg("%s", err.message);
}

static int setup(void **state)
{
	struct bed *b = xalloc(sizeof(*b));
	struct symtab *syms = symtab_new();
	struct store *st = store_memory_new();
	struct err err = {0};

	b->region = talloc_new(NULL);
	b->physical = (struct physical_network){"physnet1", PHYSICAL_BRIDGE, "br-ex"};
	b->node = (struct plan_node){
		.name = "n", .physical = &b->physical, .physical_count = 1, .table_hash = 7};
	assert_int_equal(ledger_new(store_memory_share(st), NULL, NULL, &b->ledger, &err), 0);
	write_rows(b, put_world, NULL);
	if (agent_init(&b->agent, st, kernel_fake_new(syms), syms, &b->node, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(agent_resync(&b->agent, 0, NULL, &err), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bed *b = *state;

	agent_done(&b->agent);
	ledger_free(b->ledger);
	talloc_free(b->region);
	free(b);
	return 0;
}

/* How many facts of the kernel have this text in them. */
static int in_kernel(struct bed *b, const char *text)
{
	AUTO_FACTS struct facts have;
	int n = 0;

	facts_init(&have, b->agent.syms);
	assert_int_equal(b->agent.kernel->ops->observe(b->agent.kernel, &have, NULL), 0);
	for (size_t i = 0; i < have.count; i++) {
		AUTO_BUF struct buf line = {0};

		fact_print(&have.items[i], b->agent.syms, &line);
		n += strstr(buf_text(&line), text) != NULL;
	}
	return n;
}

static void follow(struct bed *b, int64_t now_us)
{
	struct err err = {0};

	if (agent_follow(&b->agent, now_us, &err) < 0)
		fail_msg("%s", err.message);
}

static void an_association_is_followed_both_ways(void **state)
{
	struct bed *b = *state;
	size_t changes = 99;

	assert_int_equal(in_kernel(b, "10.10.10.3/32"), 0);
	write_rows(b, associate, b);
	follow(b, 0);
	assert_int_equal(in_kernel(b, "10.10.10.3/32"), 1);
	assert_true(in_kernel(b, "172.16.101.3") >= 1);
	assert_int_equal(agent_resync(&b->agent, 0, &changes, NULL), 0);
	assert_int_equal(changes, 0);
	write_rows(b, associate, NULL);
	follow(b, 0);
	assert_int_equal(in_kernel(b, "10.10.10.3/32"), 0);
	assert_int_equal(in_kernel(b, "172.16.101.3"), 0);
	assert_int_equal(failures_count(b->agent.failures), 0);
}

static void a_failure_is_reported_and_tried_again_later_and_later(void **state)
{
	struct bed *b = *state;
	struct node_failure *list;
	char id[UUID_TEXT];
	int64_t first;
	size_t n;

	kernel_fake_fail(b->agent.kernel, "10.10.10.3/32", -EBUSY);
	write_rows(b, associate, b);
	follow(b, 1000);
	list = failures_list(b->agent.failures, &n);
	assert_int_equal(n, 1);
	assert_string_equal(uuid_print(&list[0].row, id), FIP);
	free(list);
	assert_true(b->agent.dirty & REPORT_FAILURES);
	assert_true(in_kernel(b, "172.16.101.3") >= 1); /* the others went on */
	first = agent_next_tick(&b->agent);
	agent_tick(&b->agent, first - 1);
	assert_int_equal(agent_next_tick(&b->agent), first);
	agent_tick(&b->agent, first);
	assert_true(agent_next_tick(&b->agent) - first > first - 1000); /* doubled */
	kernel_fake_fail(b->agent.kernel, NULL, 0);
	agent_tick(&b->agent, agent_next_tick(&b->agent));
	assert_int_equal(failures_count(b->agent.failures), 0);
	assert_int_equal(in_kernel(b, "10.10.10.3/32"), 1);
	assert_int_equal(agent_next_tick(&b->agent), INT64_MAX);
}

/* What failed and is no longer wanted must not come back. */
static void a_failure_that_is_no_longer_wanted_is_forgotten(void **state)
{
	struct bed *b = *state;

	kernel_fake_fail(b->agent.kernel, "10.10.10.3/32", -EBUSY);
	write_rows(b, associate, b);
	follow(b, 0);
	kernel_fake_fail(b->agent.kernel, NULL, 0);
	write_rows(b, associate, NULL);
	follow(b, 0);
	assert_int_equal(failures_count(b->agent.failures), 0);
	agent_tick(&b->agent, 100000000);
	assert_int_equal(in_kernel(b, "10.10.10.3/32"), 0);
}

static void a_tap_is_plugged_when_it_appears(void **state)
{
	struct bed *b = *state;
	struct err err = {0};
	char id[UUID_TEXT];

	assert_int_equal(b->agent.plugged_count, 0);
	kernel_fake_tap(b->agent.kernel, "tap0badcafe-00", true);
	assert_int_equal(agent_events(&b->agent, 0, &err), 0);
	assert_int_equal(in_kernel(b, "tap0badcafe-00"), 1);
	assert_int_equal(b->agent.plugged_count, 1);
	assert_string_equal(uuid_print(b->agent.plugged, id), VM);
	kernel_fake_tap(b->agent.kernel, "tap0badcafe-00", false);
	assert_int_equal(agent_events(&b->agent, 0, &err), 0);
	assert_int_equal(in_kernel(b, "tap0badcafe-00"), 0);
	assert_int_equal(b->agent.plugged_count, 0);
	assert_int_equal(failures_count(b->agent.failures), 0);
}

static void an_address_that_a_stranger_answers_for_is_withdrawn(void **state)
{
	struct bed *b = *state;
	struct ip addr;
	size_t n;

	write_rows(b, associate, b);
	follow(b, 0);
	assert_int_equal(in_kernel(b, "10.10.10.3/32"), 1);
	ip_parse("10.10.10.3", &addr);
	kernel_fake_conflict(b->agent.kernel, &addr);
	assert_int_equal(agent_events(&b->agent, 0, NULL), 0);
	assert_int_equal(in_kernel(b, "10.10.10.3/32"), 0);
	free(failures_list(b->agent.failures, &n));
	assert_int_equal(n, 1);
	/* asked again, and silence: it is ours again */
	agent_tick(&b->agent, agent_next_tick(&b->agent));
	agent_tick(&b->agent, agent_next_tick(&b->agent));
	assert_int_equal(in_kernel(b, "10.10.10.3/32"), 1);
	assert_int_equal(failures_count(b->agent.failures), 0);
	assert_int_equal(agent_next_tick(&b->agent), INT64_MAX);
}

static void a_stranger_that_stays_keeps_the_address_away(void **state)
{
	struct bed *b = *state;
	struct ip addr;

	write_rows(b, associate, b);
	follow(b, 0);
	ip_parse("10.10.10.3", &addr);
	kernel_fake_conflict(b->agent.kernel, &addr);
	agent_events(&b->agent, 0, NULL);
	for (int i = 0; i < 5; i++) {
		int64_t now_us = agent_next_tick(&b->agent);

		agent_tick(&b->agent, now_us);
		kernel_fake_conflict(b->agent.kernel, &addr);
		agent_events(&b->agent, now_us + 1000, NULL);
		assert_int_equal(in_kernel(b, "10.10.10.3/32"), 0);
	}
}

static int put_second(struct txn *t, void *arg, struct err *err)
{
	return put_json(t, KIND_FLOATINGIP,
			"{\"id\":\"00000000-0000-0000-0000-0000000000d2\",\"floating_network_id\":\"" EXT
			"\",\"floating_ip_address\":\"10.10.10.4\",\"subnet_id\":\"" EXT_SUBNET "\"}",
			err);
}

/* One stranger that stays must not keep another address away, nor postpone the question by speaking often. */
static void a_stranger_that_leaves_is_noticed_although_another_stays(void **state)
{
	struct bed *b = *state;
	struct ip gone, stays;
	int64_t now_us = 0;

	write_rows(b, associate, b);
	write_rows(b, put_second, NULL);
	follow(b, 0);
	ip_parse("10.10.10.3", &gone);
	ip_parse("10.10.10.4", &stays);
	kernel_fake_conflict(b->agent.kernel, &gone);
	agent_events(&b->agent, now_us, NULL);
	for (; now_us < 120000000; now_us += 1000000) {
		kernel_fake_conflict(b->agent.kernel, &stays);
		agent_events(&b->agent, now_us, NULL);
		agent_tick(&b->agent, now_us);
	}
	assert_int_equal(in_kernel(b, "10.10.10.3/32"), 1);
	assert_int_equal(b->agent.conflicts.count, 1);
}

static int is_broken(struct kernel *k, struct facts *ret, struct err *err)
{
	return err_set(err, -EIO, "broken");
}

/* A kernel that could not be looked at holds nothing that is known: no revision is applied yet. */
static void nothing_is_applied_before_the_first_comparison(void **state)
{
	struct bed *b = *state;
	const struct kernel_ops *ops = b->agent.kernel->ops;
	struct kernel_ops broken = *ops;
	struct err err = {0};

	b->agent.compared = false;
	broken.observe = is_broken;
	b->agent.kernel->ops = &broken;
	assert_true(agent_resync(&b->agent, 0, NULL, &err) < 0);
	assert_int_equal(agent_applied(&b->agent), 0);
	b->agent.kernel->ops = ops;
	assert_int_equal(agent_resync(&b->agent, 0, NULL, &err), 0);
	assert_int_equal(agent_applied(&b->agent), b->agent.follow.snap->revision);
}

static void what_nobody_was_woken_for_is_found_by_a_comparison(void **state)
{
	struct bed *b = *state;

	write_rows(b, associate, b);
	assert_int_equal(agent_resync(&b->agent, 0, NULL, NULL), 0);
	assert_int_equal(in_kernel(b, "10.10.10.3/32"), 1);
}

static void failures_that_stay_the_same_are_not_sent_again(void **state)
{
	struct bed *b = *state;

	kernel_fake_fail(b->agent.kernel, "10.10.10.3/32", -EBUSY);
	write_rows(b, associate, b);
	follow(b, 0);
	b->agent.dirty = 0;
	agent_tick(&b->agent, agent_next_tick(&b->agent));
	assert_int_equal(failures_count(b->agent.failures), 1);
	assert_int_equal(b->agent.dirty, 0);
	kernel_fake_fail(b->agent.kernel, NULL, 0);
	agent_tick(&b->agent, agent_next_tick(&b->agent));
	assert_int_equal(b->agent.dirty, REPORT_FAILURES);
}

/* --- reading back --- */

static struct buf told; /* what was logged */

static void note_line(const char *line)
{
	buf_puts(&told, line);
	buf_putc(&told, '\n');
}

/* Somebody takes away, or changes, what has this in its words. Returns how many that were. */
static size_t meddle(struct bed *b, const char *words)
{
	AUTO_FACTS struct facts have;
	AUTO_CHANGES struct changes gone = {0};
	struct err err = {0};

	facts_init(&have, b->agent.syms);
	assert_int_equal(b->agent.kernel->ops->observe(b->agent.kernel, &have, &err), 0);
	gone.items = xalloc(have.count * sizeof(*gone.items));
	for (size_t i = 0; i < have.count; i++) {
		AUTO_BUF struct buf text = {0};

		fact_print(&have.items[i], b->agent.syms, &text);
		if (strstr(buf_text(&text), words))
			gone.items[gone.count++] = (struct change){.have = &have.items[i]};
	}
	b->agent.kernel->ops->apply(b->agent.kernel, &gone);
	return gone.count;
}

/* Until every place was looked at: the host, the router. */
static void whole_round(struct agent_verify *v, struct bed *b, int64_t wall_us)
{
	for (int i = 0; i < 4; i++)
		agent_verify_step(v, &b->agent, v->next_us, wall_us, note_line);
}

static void what_differs_is_put_right(void **state)
{
	struct bed *b = *state;
	struct agent_verify v;
	struct err err = {0};
	uint64_t revision;

	write_rows(b, associate, b);
	assert_int_equal(agent_follow(&b->agent, 0, &err), 0);
	revision = b->agent.follow.snap->revision;
	agent_verify_init(&v, 300000000);
	agent_verify_step(&v, &b->agent, 0, 5000, note_line);
	assert_int_equal(v.count, 0); /* the host only */
	agent_verify_step(&v, &b->agent, 0, 6000, note_line);
	assert_int_equal(v.count, 1);
	assert_int_equal(v.routers[0].time_us, 5000); /* of the two the older counts */
	assert_int_equal(v.routers[0].revision, revision);
	assert_int_equal(told.len, 0);
	whole_round(&v, b, 7000);
	assert_int_equal(v.routers[0].time_us, 7000);

	assert_int_equal(meddle(b, "nat 10.10.10.3 "), 1);
	/* Next is the host, which is right; then the router, which is not, and is once it was looked at
	 * again. */
	agent_verify_step(&v, &b->agent, 0, 8000, note_line);
	agent_verify_step(&v, &b->agent, 0, 9000, note_line);
	assert_int_equal(v.routers[0].time_us, 7000);
	assert_string_equal(buf_text(&told), "drift: was not there: nat 10.10.10.3 to 172.16.101.3 netns "
					     "qrouter-" ROUTER "; put right\n");
	assert_int_equal(b->agent.healed[FACT_NAT], 1);
	assert_true(b->agent.dirty & REPORT_HEALED);
	agent_verify_step(&v, &b->agent, 0, 10000, note_line);
	assert_int_equal(v.routers[0].time_us, 8000);
	assert_int_equal(meddle(b, "nat 10.10.10.3 "), 1); /* it was there again */
	buf_done(&told);
	agent_verify_done(&v);
}

/* What fails again and again is no drift, and is not counted each time. */
static void what_can_not_be_put_right(void **state)
{
	struct bed *b = *state;
	struct agent_verify v;
	struct err err = {0};

	write_rows(b, associate, b);
	assert_int_equal(agent_follow(&b->agent, 0, &err), 0);
	agent_verify_init(&v, 300000000);
	whole_round(&v, b, 1000);
	assert_int_equal(meddle(b, "nat 10.10.10.3 "), 1);
	kernel_fake_fail(b->agent.kernel, "nat 10.10.10.3", -EBUSY);
	whole_round(&v, b, 2000);
	whole_round(&v, b, 3000);
	assert_int_equal(b->agent.healed[FACT_NAT], 0);
	assert_int_equal(failures_count(b->agent.failures), 1);
	assert_non_null(strstr(buf_text(&told), "it can not be put right"));
	assert_null(strstr(strstr(buf_text(&told), "drift") + 1, "drift")); /* told once */
	kernel_fake_fail(b->agent.kernel, NULL, 0);
	buf_done(&told);
	agent_verify_done(&v);
}

static void a_whole_namespace(void **state)
{
	struct bed *b = *state;
	struct agent_verify v;

	agent_verify_init(&v, 300000000);
	whole_round(&v, b, 1000);
	assert_true(meddle(b, "qrouter-") > 5);
	whole_round(&v, b, 2000);
	whole_round(&v, b, 3000);
	assert_int_equal(b->agent.healed[FACT_NETNS], 1);
	assert_int_equal(v.routers[0].time_us, 3000);
	buf_done(&told);
	agent_verify_done(&v);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_differs_is_put_right, setup, teardown),
		cmocka_unit_test_setup_teardown(what_can_not_be_put_right, setup, teardown),
		cmocka_unit_test_setup_teardown(a_whole_namespace, setup, teardown),
		CASE(a_stranger_that_leaves_is_noticed_although_another_stays),
		CASE(nothing_is_applied_before_the_first_comparison),
		CASE(what_nobody_was_woken_for_is_found_by_a_comparison),
		CASE(failures_that_stay_the_same_are_not_sent_again),
		CASE(an_association_is_followed_both_ways),
		CASE(a_failure_is_reported_and_tried_again_later_and_later),
		CASE(a_failure_that_is_no_longer_wanted_is_forgotten),
		CASE(a_tap_is_plugged_when_it_appears),
		CASE(an_address_that_a_stranger_answers_for_is_withdrawn),
		CASE(a_stranger_that_stays_keeps_the_address_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
