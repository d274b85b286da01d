/* The in-memory kernel keeps the contract of the real one.
 * Unit test, no I/O. */
#include "kernel/kernel.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct world {
	struct symtab *syms;
	struct kernel *kernel;
	struct facts want;
};

static int set_up(void **state)
{
	struct world *w = xalloc(sizeof(*w));

	w->syms = symtab_new();
	w->kernel = kernel_fake_new(w->syms);
	facts_init(&w->want, w->syms);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	w->kernel->ops->free(w->kernel);
	facts_done(&w->want);
	symtab_free(w->syms);
	free(w);
	return 0;
}

static void want(struct world *w, enum fact_kind kind, const char *ns, uint32_t addr, uint32_t to)
{
	struct fact f = {.kind = (uint8_t)kind, .ns = symtab_put(w->syms, ns), .addr = ip_from_v4(addr)};

	f.value.ip = ip_from_v4(to);
	facts_add(&w->want, &f);
}

/* Applies the difference; returns how many changes failed. */
static size_t apply(struct world *w, size_t *ret_count)
{
	AUTO_FACTS struct facts have;
	AUTO_CHANGES struct changes c = {0};
	size_t failed = 0;

	facts_init(&have, w->syms);
	assert_int_equal(w->kernel->ops->observe(w->kernel, &have, NULL), 0);
	facts_sort(&have);
	facts_sort(&w->want);
	facts_diff(&w->want, &have, &c);
	w->kernel->ops->apply(w->kernel, &c);
	for (size_t i = 0; i < c.count; i++)
		failed += c.items[i].result != 0;
	*ret_count = c.count;
	return failed;
}

static void what_was_put_is_observed(void **state)
{
	struct world *w = *state;
	size_t count;

	want(w, FACT_NETNS, "qrouter-1", 0, 0);
	want(w, FACT_NAT, "qrouter-1", 3, 7);
	assert_int_equal(apply(w, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(apply(w, &count), 0);
	assert_int_equal(count, 0);
	w->want.count = 0;
	want(w, FACT_NAT, "qrouter-1", 3, 8);
	assert_int_equal(apply(w, &count), 0);
	assert_int_equal(count, 2);
	/* The namespace went, and with it what was in it. */
	assert_int_equal(apply(w, &count), 0);
	assert_int_equal(count, 1);
}

static void a_failure_stops_only_itself(void **state)
{
	struct world *w = *state;
	size_t count;

	want(w, FACT_NAT, "qrouter-1", 0x0a000001, 7);
	want(w, FACT_NAT, "qrouter-1", 0x0a000002, 8);
	kernel_fake_fail(w->kernel, "10.0.0.1 to", EPERM);
	assert_int_equal(apply(w, &count), 1);
	assert_int_equal(count, 2);
	kernel_fake_fail(w->kernel, NULL, 0);
	assert_int_equal(apply(w, &count), 0);
	assert_int_equal(count, 1);
}

static bool nobody(void *arg, const struct mac *mac)
{
	return false;
}

static void events_are_told_once(void **state)
{
	struct world *w = *state;
	AUTO_FACTS struct facts conflicts, taps;
	struct ip addr = ip_from_v4(9);
	size_t count;
	bool changed;

	facts_init(&conflicts, w->syms);
	facts_init(&taps, w->syms);
	want(w, FACT_GUARD, "", 9, 0);
	assert_int_equal(apply(w, &count), 0);
	kernel_fake_tap(w->kernel, "tap01234567-89", true);
	kernel_fake_conflict(w->kernel, &addr);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			w->kernel->ops->read_events(w->kernel, &changed, &conflicts, nobody, NULL, NULL), 0);
		assert_int_equal(changed, !i);
		assert_int_equal(conflicts.count, 1);
	}
	assert_int_equal(w->kernel->ops->taps(w->kernel, &taps, NULL), 0);
	assert_int_equal(taps.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_put_is_observed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failure_stops_only_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(events_are_told_once, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
