/* Where a thread of a measuring program is. Under traffic.c, cost.c and pingpong.c. */
#include "place.h"
#include "base/util.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>

void place_enter(const char *netns)
{
	AUTO_FREE char *path = xasprintf("/run/netns/%s", netns);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		err(1, "%s", path);
}

void place_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % sysconf(_SC_NPROCESSORS_ONLN), &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		err(1, "CPU %d", cpu);
}
