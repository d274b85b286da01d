/* How long a request through the data path takes: one UDP packet there and one back, again and again.
 *
 *   pingpong OUTSIDE INSTANCE ADDRESS ROUNDS
 *
 * Prints nanoseconds, one line a round. Both ends ask for packets all the time instead of sleeping until one
 * comes: waking up a CPU would take several times what is measured. Used by bench/datapath. */
#include "base/util.h"
#include "place.h"

#include <arpa/inet.h>
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#define PORT        9001
#define DEADLINE_NS 1000000000
#define FIRST_ROUNDS                                                                                         \
	200 /* not printed: the first ones find nothing in a cache, and no connection tracked                \
	     */

static const char *instance;
static atomic_bool ready, stop;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

static void *answer(void *arg UNUSED)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PORT)}, from;
	int fd;

	place_pin(CPU_OTHER);
	place_enter(instance);
	fd = open_socket();
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		err(1, "bind");
	ready = true;
	while (!stop) {
		socklen_t length = sizeof(from);
		int64_t round;

		if (recvfrom(fd, &round, sizeof(round), 0, (struct sockaddr *)&from, &length) ==
		    sizeof(round))
			sendto(fd, &round, sizeof(round), 0, (struct sockaddr *)&from, length);
	}
	close(fd);
	return NULL;
}

static int64_t ask(int fd, int64_t round)
{
	int64_t start = now_ns(), answer = -1;

	if (send(fd, &round, sizeof(round), 0) != sizeof(round))
		err(1, "send");
	while (answer != round) {
		if (recv(fd, &answer, sizeof(answer), 0) < 0 && now_ns() - start > DEADLINE_NS)
			errx(1, "round %ld got no answer", round);
	}
	return now_ns() - start;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	pthread_t thread;
	int fd, rounds;

	if (argc != 5 || inet_pton(AF_INET, argv[3], &to.sin_addr) != 1)
		errx(2, "usage: pingpong OUTSIDE INSTANCE ADDRESS ROUNDS");
	instance = argv[2];
	rounds = atoi(argv[4]);
	if (pthread_create(&thread, NULL, answer, NULL) != 0)
		errx(1, "no thread");
	place_pin(CPU_BUSY);
	place_enter(argv[1]);
	fd = open_socket();
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		err(1, "%s", argv[3]);
	while (!ready)
		usleep(1000);
	for (int i = 0; i < FIRST_ROUNDS + rounds; i++) {
		int64_t ns = ask(fd, i);

		if (i >= FIRST_ROUNDS)
			printf("%ld\n", ns);
	}
	stop = true;
	pthread_join(thread, NULL);
	close(fd);
	return 0;
}
