/* What the API process may still do after privileges_drop, on every one of its threads.
 * Unit test; each case runs in a child of its own, as root, and is skipped otherwise. */
#include "daemon/process.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

/* A thread that was there before the drop, asked after it. */
struct other {
	pthread_t thread;
	pthread_barrier_t dropped;
	int (*ask)(void);
	int answer;
};

static void *other_main(void *arg)
{
	struct other *o = arg;

	pthread_barrier_wait(&o->dropped);
	o->answer = o->ask();
	return NULL;
}

static int child(int (*ask)(void))
{
	struct other o = {.ask = ask};
	struct err err = {0};

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	privileges_limit();
	pthread_barrier_init(&o.dropped, NULL, 2);
	if (pthread_create(&o.thread, NULL, other_main, &o) != 0 || privileges_drop("nobody", &err) < 0)
		return 100;
	pthread_barrier_wait(&o.dropped);
	pthread_join(o.thread, NULL);
	return o.answer ? o.answer : ask();
}

static int after_drop(int (*ask)(void))
{
	pid_t pid;
	int status;

	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(child(ask));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A number of /proc/thread-self/status; -1: no such line. */
static long status_of(const char *name, int base)
{
	char line[256];
	long n = -1;
	FILE *f = fopen("/proc/thread-self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			n = strtol(line + strlen(name), NULL, base);
	if (f)
		fclose(f);
	return n;
}

static int filtered(void)
{
	if (status_of("Seccomp:", 10) != 2)
		return 1;
	return status_of("NoNewPrivs:", 10) == 1 ? 0 : 2;
}

static int without_capabilities(void)
{
	static const char *const sets[] = {"CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"};

	for (int i = 0; i < (int)ARRAY_SIZE(sets); i++)
		if (status_of(sets[i], 16) != 0)
			return i + 1;
	return getuid() == 0 || geteuid() == 0 || getgroups(0, NULL) != 0 ? 10 : 0;
}

/* A namespace of its own would bring capabilities back, within it. */
static int makes_namespaces(void)
{
	long pid;

	if (unshare(CLONE_NEWUSER) == 0 || errno != EPERM)
		return 1;
	pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0UL);
	if (pid == 0)
		_exit(0);
	if (pid > 0 || errno != EPERM)
		return 2;
	return syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS ? 0 : 3;
}

static void *nothing(void *arg)
{
	return arg;
}

static int makes_threads(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, nothing, NULL) || pthread_join(t, NULL);
}

static int main_dies_with_parent(void)
{
	int sig = 0;

	if (gettid() != getpid())
		return 0;
	return prctl(PR_GET_PDEATHSIG, &sig) < 0 || sig != SIGTERM;
}

static void every_thread_is_filtered(void **state)
{
	assert_int_equal(after_drop(filtered), 0);
}

static void no_thread_keeps_a_capability(void **state)
{
	assert_int_equal(after_drop(without_capabilities), 0);
}

static void no_thread_makes_namespaces(void **state)
{
	assert_int_equal(after_drop(makes_namespaces), 0);
}

static void threads_can_still_be_made(void **state)
{
	assert_int_equal(after_drop(makes_threads), 0);
}

static void it_still_ends_with_its_parent(void **state)
{
	assert_int_equal(after_drop(main_dies_with_parent), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_thread_is_filtered),
		cmocka_unit_test(no_thread_keeps_a_capability),
		cmocka_unit_test(no_thread_makes_namespaces),
		cmocka_unit_test(threads_can_still_be_made),
		cmocka_unit_test(it_still_ends_with_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
