/* How noisy the machine is: the same work again and again, and the disk's fdatasync.
 *
 *   noise FOLDER
 *
 * Prints lines "loop MICROSECONDS" and "sync MICROSECONDS". Used by bench/run: a figure is worth what the
 * machine's own spread leaves of it. */
#include "base/util.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define LOOPS 100
#define SYNCS 200

static uint64_t work(uint64_t x)
{
	for (int i = 0; i < 2000000; i++)
		x = x * 6364136223846793005u + 1442695040888963407u;
	return x;
}

static void measure_loop(void)
{
	volatile uint64_t x = 1;

	for (int i = 0; i < LOOPS; i++) {
		int64_t start = clock_mono_us();

		x = work(x);
		printf("loop %ld\n", clock_mono_us() - start);
	}
}

static void measure_sync(const char *folder)
{
	AUTO_FREE char *path = xasprintf("%s/noise.XXXXXX", folder);
	AUTO_CLOSE int fd = mkstemp(path);
	char page[4096];

	if (fd < 0)
		err(1, "%s", path);
	unlink(path);
	memset(page, 'x', sizeof(page));
	for (int i = 0; i < SYNCS; i++) {
		int64_t start = clock_mono_us();

		if (write(fd, page, sizeof(page)) != (ssize_t)sizeof(page) || fdatasync(fd) < 0)
			err(1, "write");
		printf("sync %ld\n", clock_mono_us() - start);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: noise FOLDER");
	measure_loop();
	measure_sync(argv[1]);
	return 0;
}
