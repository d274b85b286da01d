/* Reports from one end of the channel to the other: whole ones only, however long.
 * Unit test; the reading side runs in a thread where it has to keep up. */
#include "daemon/channel.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include <poll.h>

#include <cmocka.h>

struct bed {
	int fds[2];
	struct nodes *nodes;
	struct report_reader *reader;
	pthread_t thread;
	atomic_bool stop;
};

static int setup(void **state)
{
	struct bed *b = xalloc(sizeof(*b));
	struct err err = {0};

	assert_int_equal(channel_new(b->fds, &err), 0);
	b->nodes = nodes_new();
	b->reader = report_reader_new(&(struct report_sinks){.nodes = b->nodes});
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bed *b = *state;

	report_reader_free(b->reader);
	nodes_free(b->nodes);
	close(b->fds[0]);
	close(b->fds[1]);
	free(b);
	return 0;
}

static void *read_all(void *arg)
{
	struct bed *b = arg;

	while (!b->stop) {
		struct pollfd p = {.fd = b->fds[1], .events = POLLIN};

		poll(&p, 1, 10);
		while (report_reader_step(b->reader, b->fds[1]) == 1)
			;
	}
	return NULL;
}

static struct uuid uuid_of(size_t i)
{
	struct uuid u = {{0}};

	for (int j = 0; j < 4; j++)
		u.b[j] = (uint8_t)(i >> (24 - 8 * j));
	return u;
}

/* More than the channel's buffer holds goes through while somebody reads. */
static void a_long_report_arrives(void **state)
{
	struct bed *b = *state;
	const size_t count = 60000;
	struct node_failure *list = xalloc(count * sizeof(*list));
	struct node_report report = {.node = "n", .applied = 7, .failures = list, .failure_count = count};
	struct uuid last = uuid_of(count - 1);
	int64_t deadline = clock_mono_us() + 30000000;
	bool sent;

	for (size_t i = 0; i < count; i++)
		list[i] = (struct node_failure){uuid_of(i), "fact", "why"};
	pthread_create(&b->thread, NULL, read_all, b);
	sent = channel_send_report(b->fds[0], &report, REPORT_FAILURES | REPORT_PLUGGED);
	while (sent && nodes_state(b->nodes, &last, 7) != NODE_FAILED && clock_mono_us() < deadline)
		poll(NULL, 0, 1);
	b->stop = true;
	pthread_join(b->thread, NULL);
	free(list);
	assert_true(sent);
	assert_int_equal(nodes_state(b->nodes, &last, 7), NODE_FAILED);
}

/* With nobody reading, sending fails in the end instead of waiting for ever, and the next try at once. */
static void nobody_reading_is_noticed(void **state)
{
	struct bed *b = *state;
	const size_t count = 60000;
	struct node_failure *list = xalloc(count * sizeof(*list));
	struct node_report report = {.node = "n", .failures = list, .failure_count = count};

	assert_false(channel_send_report(b->fds[0], &report, REPORT_FAILURES));
	free(list);
}

/* A new reader knows nothing of what an old one was told: status must not come from half of it. */
static void a_report_for_another_reader_is_not_taken_for_everything(void **state)
{
	struct bed *b = *state;
	struct node_failure failure = {uuid_of(1), "fact", "why"};
	struct node_report report = {.node = "n", .applied = 7, .failures = &failure, .failure_count = 1};

	channel_send_report(b->fds[0], &report, 0);
	while (report_reader_step(b->reader, b->fds[1]) == 1)
		;
	assert_int_equal(nodes_state(b->nodes, &failure.row, 7), NODE_PENDING);
	channel_send_report(b->fds[0], &report, REPORT_FAILURES | REPORT_PLUGGED);
	channel_send_report(b->fds[0], &report, 0);
	while (report_reader_step(b->reader, b->fds[1]) == 1)
		;
	assert_int_equal(nodes_state(b->nodes, &failure.row, 7), NODE_FAILED);
}

static void check_drops(void *arg, const struct node_traffic *t)
{
	assert_int_equal(t->dropped[DROP_RATE_OUT], 9);
	assert_int_equal(t->seen_us[EXPRESS_OUT], 12345);
	++*(int *)arg;
}

static void counters_arrive_with_drops(void **state)
{
	struct bed *b = *state;
	struct node_traffic t = {.seen_us = {[EXPRESS_OUT] = 12345}, .dropped = {[DROP_RATE_OUT] = 9}};
	struct node_report report = {.node = "n", .traffic = &t, .traffic_count = 1};
	int seen = 0;

	channel_send_report(b->fds[0], &report, REPORT_FAILURES | REPORT_PLUGGED | REPORT_TRAFFIC);
	while (report_reader_step(b->reader, b->fds[1]) == 1)
		;
	nodes_each_traffic(b->nodes, check_drops, &seen);
	assert_int_equal(seen, 1);
}

static void check_healed(void *arg, const char *node, const struct node_healed *h)
{
	assert_string_equal(node, "n");
	assert_string_equal(h->kind, "nat");
	*(uint64_t *)arg += h->count;
}

/* What was read back: kept until it is told of again, and forgotten when that is nothing. */
static void what_was_read_back_arrives(void **state)
{
	struct bed *b = *state;
	struct node_verified list[300];
	struct node_healed healed = {"nat", 5};
	struct node_report report = {.node = "n",
				     .verified = list,
				     .verified_count = ARRAY_SIZE(list),
				     .healed = &healed,
				     .healed_count = 1};
	struct uuid router = uuid_of(7), none = uuid_of(0);
	uint64_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		list[i] = (struct node_verified){.revision = 40, .time_us = (int64_t)(1000 + i)};
		list[i].router.b[14] = (uint8_t)(i >> 8);
		list[i].router.b[15] = (uint8_t)i;
	}
	list[299].router = router;
	list[299].router.b[0] = 0xff;
	router = list[299].router;
	channel_send_report(b->fds[0], &report,
			    REPORT_FAILURES | REPORT_PLUGGED | REPORT_VERIFIED | REPORT_HEALED);
	channel_send_report(b->fds[0], &report, REPORT_FAILURES);
	while (report_reader_step(b->reader, b->fds[1]) == 1)
		;
	assert_int_equal(nodes_verified(b->nodes, &router, 40), 1299);
	assert_int_equal(nodes_verified(b->nodes, &router, 41), 0); /* written since */
	assert_int_equal(nodes_verified(b->nodes, &list[0].router, 1), 1000);
	none.b[0] = 0xee;
	assert_int_equal(nodes_verified(b->nodes, &none, 1), 0);
	nodes_each_healed(b->nodes, check_healed, &count);
	assert_int_equal(count, 5);
	report.verified_count = 0;
	channel_send_report(b->fds[0], &report, REPORT_VERIFIED);
	while (report_reader_step(b->reader, b->fds[1]) == 1)
		;
	assert_int_equal(nodes_verified(b->nodes, &router, 40), 0);
}

/* --- what the agent is asked --- */

/* Of each kind; a message of another size or kind is skipped, and what comes after it is read. */
static void only_whole_questions_are_read(void **state)
{
	struct bed *b = *state;
	const struct probe_question q = {.id = 7, .packet = {.ttl = 3}};
	struct asked bad = {.kind = ASKED_KINDS}, got = {.kind = ASKED_KINDS};
	char long_one[sizeof(bad) + 100] = {0};

	assert_int_equal(channel_read_asked(b->fds[0], &got), 0);
	send(b->fds[1], &bad, sizeof(bad), 0);
	send(b->fds[1], &(uint32_t){ASKED_PROBE}, 4, 0);
	send(b->fds[1], "x", 1, 0);
	send(b->fds[1], long_one, sizeof(long_one), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(channel_read_asked(b->fds[0], &got), -EBADMSG);
	assert_int_equal(got.kind, ASKED_KINDS);
	assert_true(channel_send_probe(b->fds[1], &q));
	assert_true(channel_send_wake(b->fds[1], &(struct wake){.revision = 5}));
	assert_int_equal(channel_read_asked(b->fds[0], &got), 1);
	assert_int_equal(got.kind, ASKED_PROBE);
	assert_memory_equal(&got.probe, &q, sizeof(q));
	assert_int_equal(channel_read_asked(b->fds[0], &got), 1);
	assert_int_equal(got.kind, ASKED_WAKE);
	assert_int_equal(got.wake.revision, 5);
	shutdown(b->fds[1], SHUT_RDWR);
	assert_int_equal(channel_read_asked(b->fds[0], &got), -EPIPE);
}

static bool send_question(const struct probe_question *q)
{
	return true;
}

static void keep_answer(void *arg, const struct probe_answer *a)
{
	*(struct probe_answer *)arg = *a;
}

/* Also between the messages of a report. */
static void answers_find_their_question(void **state)
{
	struct bed *b = *state;
	struct probe_answer got = {0}, sent = {.state = PROBE_FAILED, .why = "because"};
	struct probe_question q = {0};
	struct report_reader *reader;
	struct asks *asks;

	assert_int_equal(asks_new(send_question, &asks, NULL), 0);
	reader = report_reader_new(&(struct report_sinks){.nodes = b->nodes, .asks = asks});
	assert_int_equal(asks_put(asks, &q, INT64_MAX, keep_answer, &got, NULL), 0);
	sent.id = q.id;
	assert_true(channel_send_answer(b->fds[0], &sent));
	assert_int_equal(report_reader_step(reader, b->fds[1]), 1);
	assert_memory_equal(&got, &sent, sizeof(got));
	report_reader_free(reader);
	asks_free(asks);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_long_report_arrives),
		CASE(nobody_reading_is_noticed),
		CASE(a_report_for_another_reader_is_not_taken_for_everything),
		CASE(counters_arrive_with_drops),
		CASE(what_was_read_back_arrives),
		CASE(only_whole_questions_are_read),
		CASE(answers_find_their_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
