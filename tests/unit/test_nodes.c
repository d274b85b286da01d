/* Reports of nodes: states, waiting with deadlines, what is listed.
 * Alone, without a daemon. */
#include "api/nodes.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct counter {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int count;
};

static void count_one(void *arg)
{
	struct counter *c = arg;

	pthread_mutex_lock(&c->lock);
	c->count++;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

static int counted(struct counter *c)
{
	int n;

	pthread_mutex_lock(&c->lock);
	n = c->count;
	pthread_mutex_unlock(&c->lock);
	return n;
}

static void wait_for(struct counter *c, int count)
{
	pthread_mutex_lock(&c->lock);
	while (c->count < count)
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

static const struct uuid row_a = {{1}}, row_b = {{2}}, port_a = {{3}}, port_b = {{4}};

static void report(struct nodes *n, const char *node, uint64_t applied)
{
	nodes_report(n, &(struct node_report){.node = node, .time_us = 1000000, .applied = applied});
}

#define FAR (clock_mono_us() + 60000000)

static void test_wait(void **state)
{
	struct nodes *n = nodes_new();
	struct counter c = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

	nodes_wait(n, 5, FAR, count_one, &c); /* nobody is alive */
	assert_int_equal(counted(&c), 1);
	report(n, "a", 4);
	report(n, "b", 6);
	nodes_wait(n, 4, FAR, count_one, &c);
	assert_int_equal(counted(&c), 2);
	nodes_wait(n, 5, FAR, count_one, &c);
	nodes_wait(n, 6, FAR, count_one, &c);
	assert_int_equal(counted(&c), 2);
	report(n, "a", 5);
	assert_int_equal(counted(&c), 3);
	nodes_gone(n, "a"); /* who is dead holds nobody up */
	assert_int_equal(counted(&c), 4);
	nodes_wait(n, 7, clock_mono_us() + 1000, count_one, &c);
	nodes_wait(n, 7, clock_mono_us() - 1, count_one, &c);
	wait_for(&c, 6);
	nodes_wait(n, 7, FAR, count_one, &c);
	nodes_wait(n, 7, clock_mono_us() + 1000, count_one, &c); /* earlier than the one before */
	wait_for(&c, 7);
	nodes_free(n);
	assert_int_equal(counted(&c), 8);
}

static void test_states(void **state)
{
	struct nodes *n = nodes_new();
	const struct node_failure failures[] = {{row_b, "fact b", "why b"}, {row_a, "fact a", "why a"}};
	const struct uuid plugged[] = {port_a};
	char why[8];

	assert_int_equal(nodes_state(n, &row_a, 0), NODE_PENDING);
	nodes_report(n, &(struct node_report){.node = "a",
					      .applied = 3,
					      .failures = failures,
					      .failure_count = 2,
					      .plugged = plugged,
					      .plugged_count = 1});
	assert_int_equal(nodes_state(n, &row_a, 3), NODE_FAILED);
	assert_int_equal(nodes_state(n, &row_a, 4), NODE_PENDING);
	assert_int_equal(nodes_state(n, &port_a, 3), NODE_APPLIED);
	assert_true(nodes_failure(n, &row_a, why, sizeof(why)));
	assert_string_equal(why, "why a");
	assert_false(nodes_failure(n, &port_a, why, sizeof(why)));
	assert_true(nodes_plugged(n, &port_a));
	assert_false(nodes_plugged(n, &port_b));
	report(n, "a", 4); /* replaces all of the former report */
	assert_int_equal(nodes_state(n, &row_a, 4), NODE_APPLIED);
	assert_false(nodes_plugged(n, &port_a));
	nodes_gone(n, "a");
	assert_int_equal(nodes_state(n, &row_a, 4), NODE_PENDING);
	nodes_free(n);
}

static void add_name(void *arg, const struct node_info *node)
{
	char *names = arg;
	size_t used = strlen(names);

	snprintf(names + used, 64 - used, "%s%c%d ", node->name, node->alive ? '+' : '-', (int)node->applied);
}

static void add_traffic(void *arg, const struct node_traffic *t)
{
	*(uint64_t *)arg += t->in_packets;
}

static void test_each(void **state)
{
	struct nodes *n = nodes_new();
	const struct node_traffic traffic[] = {{.in_packets = 5}, {.in_packets = 7}};
	char names[64] = "";
	uint64_t packets = 0;

	report(n, "b", 2);
	report(n, "a", 1);
	nodes_report(
		n, &(struct node_report){.node = "b", .applied = 3, .traffic = traffic, .traffic_count = 2});
	report(n, "b", 4); /* traffic stays */
	nodes_gone(n, "a");
	nodes_gone(n, "nobody");
	nodes_each(n, add_name, names);
	assert_string_equal(names, "a-1 b+4 ");
	nodes_each_traffic(n, add_traffic, &packets);
	assert_int_equal(packets, 12);
	nodes_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
