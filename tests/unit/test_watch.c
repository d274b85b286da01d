/* Packets as they pass: who sees whose, how many at once, when it ends; and the agent's leases.
 * A whole API with identity built in; the test is the agent. */
#include "stream_fixture.h"

#include "api/watch.h"
#include "daemon/agent_watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

static struct asks *asks;
static _Atomic(enum probe_state) state_of_all;
static atomic_int renewals;

/* Answers at once. */
static void *answer_main(void *arg)
{
	struct probe_answer *a = arg;

	asks_answer(asks, a);
	free(a);
	return NULL;
}

static bool take_question(const struct probe_question *q)
{
	struct probe_answer *a = xalloc(sizeof(*a));
	pthread_t thread;

	a->id = q->id;
	a->state = (uint8_t)state_of_all;
	assert_int_equal(pthread_create(&thread, NULL, answer_main, a), 0);
	pthread_detach(thread);
	return true;
}

static bool take_watch(const struct probe_watch *w)
{
	renewals++;
	return true;
}

static int setup_watch(void **state)
{
	struct fixture *f;

	identity_setup(state);
	f = *state;
	assert_int_equal(asks_new(take_question, &f->api->asks, NULL), 0);
	assert_int_equal(watches_new(f->api, take_watch, &f->api->watches, NULL), 0);
	asks = f->api->asks;
	state_of_all = PROBE_DONE;
	renewals = 0;
	return 0;
}

static char *packets_of(const char *floatingip)
{
	return xasprintf("/v2.0/floatingips/%s/packets", floatingip);
}

static struct probe_seen packet_of(const struct ip *floating)
{
	return (struct probe_seen){.floating_ip = *floating,
				   .time_us = 1795321059250000,
				   .verdict = VERDICT_DROP,
				   .reason = DROP_TTL,
				   .missed = 3,
				   .at = "br-ex"};
}

static void packets_of_what_one_sees(void **state)
{
	struct fixture *f = *state;
	struct owners o = owners_new(f);
	AUTO_FREE char *bobs = packets_of(o.bobs), *admins = packets_of(o.admins);
	AUTO_CLOSE int bob = stream_open_as(f, bobs, o.people.token),
		       admin = stream_open_as(f, bobs, o.people.admin);
	const struct probe_seen list[] = {packet_of(&o.admins_ip), packet_of(&o.bobs_ip)};
	AUTO_BUF struct buf b = {0}, a = {0};

	expect_as(f, o.people.token, 404, "GET", admins, NULL);
	expect_as(f, NULL, 401, "GET", bobs, NULL);
	await_text(bob, &b, ":\n\n");
	await_text(admin, &a, ":\n\n");
	assert_true(renewals >= 2);
	watches_seen(f->api->watches, list, 2);
	await_text(bob, &b, "\"missed\": 3}");
	await_text(admin, &a, "\"missed\": 3}");
	assert_non_null(strstr(b.data, "Content-Type: text/event-stream"));
	assert_non_null(strstr(b.data, "\"direction\": \"in\", \"verdict\": \"drop\", \"reason\": \"ttl\""));
	assert_non_null(strstr(b.data, ".250Z\""));
	/* The node's devices are its administrators' business. */
	assert_without(&b, "br-ex");
	assert_non_null(strstr(a.data, "br-ex"));
	/* One packet each: the other floating IP's is not told. */
	assert_null(strstr(strstr(b.data, "event: packet") + 1, "event: packet"));
	owners_free(&o);
}

static void what_ends_a_stream(void **state)
{
	struct fixture *f = *state;
	struct owners o = owners_new(f);
	AUTO_FREE char *bobs = packets_of(o.bobs), *path = xasprintf("/v2.0/floatingips/%s", o.bobs);
	AUTO_CLOSE int gone = stream_open_as(f, bobs, o.people.token);
	AUTO_BUF struct buf b = {0};

	await_text(gone, &b, ":\n\n");
	expect_as(f, o.people.token, 204, "DELETE", path, NULL);
	await_text(gone, &b, "event: bye\ndata: {\"reason\": \"gone\"}");
	await_text(gone, &b, "\r\n0\r\n"); /* the last chunk */
	owners_free(&o);
}

static void the_end_of_the_server_is_told(void **state)
{
	struct fixture *f = *state;
	struct owners o = owners_new(f);
	AUTO_FREE char *bobs = packets_of(o.bobs);
	AUTO_CLOSE int fd = stream_open_as(f, bobs, o.people.token);
	AUTO_BUF struct buf b = {0};

	await_text(fd, &b, ":\n\n");
	watches_stop(f->api->watches);
	await_text(fd, &b, "\"shutdown\"");
	expect_as(f, o.people.token, 503, "GET", bobs, NULL);
	owners_free(&o);
}

static void where_nothing_is_seen(void **state)
{
	struct fixture *f = *state;
	struct owners o = owners_new(f);
	AUTO_FREE char *bobs = packets_of(o.bobs);

	state_of_all = PROBE_NFT;
	expect_as(f, o.people.token, 501, "GET", bobs, NULL);
	owners_free(&o);
}

/* --- the agent's side --- */

static struct ip watched[PROBE_WATCHES];
static size_t watched_count;
static bool can_not;

static int note_watch(struct kernel *k, const struct ip *list, size_t count, struct err *err)
{
	watched_count = count;
	memcpy(watched, list, count * sizeof(*list));
	return can_not ? -EOPNOTSUPP : 0;
}

static size_t see_much(struct kernel *k, struct probe_seen *ret, size_t max)
{
	return max;
}

static void leases_end_by_themselves(void **state)
{
	static const struct kernel_ops ops = {.watch = note_watch, .seen = see_much};
	struct fixture *f = *state;
	struct owners o = owners_new(f);
	AUTO_SNAP const struct snap *s = ledger_snap(f->ledger);
	struct kernel k = {.ops = &ops};
	struct agent agent = {.kernel = &k, .follow.snap = s};
	struct probe_seen seen[AGENT_WATCH_MAX];
	struct probe_watch bobs = {{{0}}}, nobodys = {{{1}}};
	struct agent_watch w = {.count = 0};
	size_t told = 0;

	assert_int_equal(uuid_parse(o.bobs, &bobs.floatingip), 0);
	assert_true(agent_watch_next(&w) == INT64_MAX);
	agent_watch_renew(&w, &agent, &nobodys, 0);
	assert_true(agent_watch_next(&w) == INT64_MAX);
	agent_watch_renew(&w, &agent, &bobs, 0);
	assert_int_equal(watched_count, 1);
	assert_true(ip_eq(&watched[0], &o.bobs_ip));
	/* Twenty a second, and what a rest has saved up. */
	for (int64_t t = agent_watch_next(&w); t < 2000000; t = agent_watch_next(&w))
		told += agent_watch_look(&w, &agent, t, seen);
	assert_true(told > 30 && told <= 40 + AGENT_WATCH_MAX);
	/* Renewed, it goes on; then it ends. */
	agent_watch_renew(&w, &agent, &bobs, 2000000);
	agent_watch_look(&w, &agent, PROBE_LEASE_US + 1000000, seen);
	assert_int_equal(watched_count, 1);
	agent_watch_look(&w, &agent, PROBE_LEASE_US + 2000000, seen);
	assert_int_equal(watched_count, 0);
	assert_true(agent_watch_next(&w) == INT64_MAX);
	/* Where the kernel sees no packets, nobody looks. */
	can_not = true;
	agent_watch_renew(&w, &agent, &bobs, 0);
	assert_true(agent_watch_next(&w) == INT64_MAX);
	can_not = false;
	owners_free(&o);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup_watch, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(packets_of_what_one_sees),      CASE(what_ends_a_stream),
		CASE(the_end_of_the_server_is_told), CASE(where_nothing_is_seen),
		CASE(leases_end_by_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
