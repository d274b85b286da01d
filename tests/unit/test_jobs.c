/* The pool for what blocks: everything put is done once, and the queue has an end.
 * Unit test, no I/O. */
#include "api/jobs.h"

#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

struct gate {
	sem_t entered, open;
	atomic_int done;
};

static void pass(void *arg)
{
	struct gate *gate = arg;

	sem_post(&gate->entered);
	sem_wait(&gate->open);
	gate->done++;
}

static void full_queue_refuses_and_free_finishes(void **state)
{
	struct gate gate = {.done = 0};
	struct jobs *jobs = NULL;

	sem_init(&gate.entered, 0, 0);
	sem_init(&gate.open, 0, 0);
	assert_int_equal(jobs_new(2, 3, &jobs, NULL), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(jobs_put(jobs, pass, &gate), 0);
		sem_wait(&gate.entered);
	}
	for (int i = 0; i < 3; i++)
		assert_int_equal(jobs_put(jobs, pass, &gate), 0);
	assert_int_equal(jobs_put(jobs, pass, &gate), -EAGAIN);
	for (int i = 0; i < 5; i++)
		sem_post(&gate.open);
	jobs_free(jobs);
	assert_int_equal(gate.done, 5);
	sem_destroy(&gate.entered);
	sem_destroy(&gate.open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_queue_refuses_and_free_finishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
