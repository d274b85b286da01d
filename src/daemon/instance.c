/* One buoyd on a host: what an agent wants gone is everything of Buoy's that its own database does not want,
 * so a second one would take apart what the first has made. Used by `run` and `cleanup`. */
#include "daemon/process.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define RETRY_US 50000

/* An abstract name (unix(7)) belongs to the network namespace and goes with the process, so it says exactly
 * what is meant: one for each host, and nothing to clean up after kill -9. */
static const char name[] = "\0buoyd";

int instance_take(int64_t wait_us, struct err *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1;
	int64_t until_us = clock_mono_us() + wait_us;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = fd < 0 ? -errno : 0;

	memcpy(addr.sun_path, name, sizeof(name) - 1);
	while (r == 0 && bind(fd, (struct sockaddr *)&addr, len) < 0) {
		if (errno != EADDRINUSE || clock_mono_us() >= until_us)
			r = -errno;
		else
			usleep(RETRY_US);
	}
	if (r == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return r == -EADDRINUSE
		       ? err_set(err, r, "a buoyd runs on this host already; stop it first")
		       : err_set(err, r, "cannot tell whether a buoyd runs already: %s", strerror(-r));
}
