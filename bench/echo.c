/* Echo requests from outside to a floating IP, while it comes and goes or while the agent starts.
 *
 *   BUOY_TOKEN=... echo flip NETNS ADDRESS HOST PORT PATH BODY_ON BODY_OFF ROUNDS
 *   echo stream NETNS ADDRESS
 *
 * flip: associates and disassociates with one PUT each, an echo request under way every 0.2 ms, and prints a
 * line "on|off known|unknown ECHO ANSWER" for each PUT: microseconds from sending the PUT to the first (on)
 * or last (off) echo reply, and to the PUT's answer. Known: the outside has the address in its neighbour
 * table, as after a move; unknown: it waits for the gratuitous ARP. stream: an echo request a millisecond
 * until SIGTERM, then "SENT LOST". Used by bench/run. */
#include "client.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define ICMP_FILTER     1 /* linux/icmp.h does not go with net/if.h */
#define FLIP_PAUSE_US   200
#define STREAM_PAUSE_US 1000
#define QUIET_US        50000
#define DEADLINE_US     3000000

static int raw_fd, neighbour_fd;
static unsigned outside_index;
static struct in_addr floating;
static int pause_us;
static atomic_bool stop;
static atomic_uint_fast64_t sent, received;
static _Atomic int64_t armed_us, first_us, last_us; /* replies are counted as first from armed_us on */

/* --- the outside --- */

/* Sockets stay in the namespace that they were made in; the program goes back. */
static void open_outside(const char *netns)
{
	AUTO_FREE char *path = xasprintf("/run/netns/%s", netns);
	AUTO_CLOSE int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int there = open(path, O_RDONLY | O_CLOEXEC);
	uint32_t only_replies = ~(1u << ICMP_ECHOREPLY);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = floating};
	struct timeval wait = {.tv_usec = 20000};
	int size = 8 << 20;

	if (here < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0)
		err(1, "%s", path);
	raw_fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	neighbour_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	outside_index = if_nametoindex("eth0");
	if (raw_fd < 0 || neighbour_fd < 0 || setns(here, CLONE_NEWNET) < 0)
		err(1, "sockets in %s", path);
	if (setsockopt(raw_fd, SOL_RAW, ICMP_FILTER, &only_replies, sizeof(only_replies)) < 0 ||
	    setsockopt(raw_fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
	    setsockopt(raw_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
	    connect(raw_fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		err(1, "raw socket");
}

static void forget_neighbour(void)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ndmsg *nd;

	nlh->nlmsg_type = RTM_DELNEIGH;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nd = mnl_nlmsg_put_extra_header(nlh, sizeof(*nd));
	nd->ndm_family = AF_INET;
	nd->ndm_ifindex = (int)outside_index;
	mnl_attr_put_u32(nlh, NDA_DST, floating.s_addr);
	if (send(neighbour_fd, nlh, nlh->nlmsg_len, 0) < 0 || recv(neighbour_fd, buf, sizeof(buf), 0) < 0)
		err(1, "neighbour");
}

/* --- the stream --- */

static uint16_t checksum(const uint16_t *at, size_t words)
{
	uint32_t sum = 0;

	while (words--)
		sum += *at++;
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

static void *send_main(void *arg)
{
	uint16_t packet[32] = {0};
	struct icmphdr *icmp = (struct icmphdr *)packet;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (uint16_t seq = 1; !stop; seq++) {
		*icmp = (struct icmphdr){.type = ICMP_ECHO, .un.echo = {htons(4711), htons(seq)}};
		icmp->checksum = checksum(packet, ARRAY_SIZE(packet));
		/* An address that is not there yet gives errors; they are what is measured. */
		if (send(raw_fd, packet, sizeof(packet), MSG_DONTWAIT) >= 0)
			atomic_fetch_add(&sent, 1);
		next.tv_nsec += pause_us * 1000L;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	return NULL;
}

static void *receive_main(void *arg)
{
	char packet[256];

	while (!stop || clock_mono_us() - last_us < QUIET_US) {
		int64_t now;

		if (recv(raw_fd, packet, sizeof(packet), 0) < 0)
			continue;
		now = clock_mono_us();
		last_us = now;
		if (!first_us && armed_us && now >= armed_us)
			first_us = now;
		atomic_fetch_add(&received, 1);
	}
	return NULL;
}

static void start_threads(pthread_t threads[2])
{
	if (pthread_create(&threads[0], NULL, receive_main, NULL) != 0 ||
	    pthread_create(&threads[1], NULL, send_main, NULL) != 0)
		err(1, "thread");
}

static void end_threads(pthread_t threads[2])
{
	last_us = clock_mono_us();
	stop = true;
	pthread_join(threads[1], NULL);
	pthread_join(threads[0], NULL);
}

/* --- flip --- */

static void wait_quiet(int64_t since)
{
	while (clock_mono_us() - MAX(since, last_us) < QUIET_US)
		usleep(1000);
}

static int64_t put(struct client *c, char **args, const char *body, const char *must)
{
	int status = client_ask(c, "PUT", args[5], getenv("BUOY_TOKEN"), body);

	if (status != 200 || !strstr(c->body, must))
		errx(1, "PUT %s %s: %d %.400s", args[5], body, status, c->body);
	return clock_mono_us();
}

static void turn_on(struct client *c, char **args, const char *name)
{
	int64_t start = clock_mono_us(), answer;

	first_us = 0;
	armed_us = start;
	answer = put(c, args, args[6], "ACTIVE");
	while (!first_us && clock_mono_us() - start < DEADLINE_US)
		usleep(200);
	printf("on %s %ld %ld\n", name, first_us ? first_us - start : (int64_t)DEADLINE_US, answer - start);
	armed_us = 0;
	usleep(30000);
}

static void turn_off(struct client *c, char **args, const char *name)
{
	int64_t start = clock_mono_us(), answer = put(c, args, args[7], "DOWN"), late;

	wait_quiet(answer);
	late = MAX(last_us - start, (int64_t)0);
	printf("off %s %ld %ld\n", name, late, answer - start);
}

static int run_flip(char **args)
{
	int rounds = atoi(args[8]);
	struct client c;
	pthread_t threads[2];

	pause_us = FLIP_PAUSE_US;
	client_open(&c, args[3], args[4]);
	start_threads(threads);
	for (int i = 0; i < rounds; i++) {
		const char *name = i % 2 ? "known" : "unknown";

		if (i % 2 == 0)
			forget_neighbour();
		usleep(10000);
		turn_on(&c, args, name);
		turn_off(&c, args, name);
	}
	end_threads(threads);
	client_close(&c);
	return 0;
}

/* --- stream --- */

static int run_stream(void)
{
	pthread_t threads[2];
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pause_us = STREAM_PAUSE_US;
	start_threads(threads);
	sigwait(&set, &sig);
	end_threads(threads);
	printf("%lu %ld\n", (unsigned long)sent, (long)sent - (long)received);
	return 0;
}

int main(int argc, char **argv)
{
	bool flip = argc == 10 && strcmp(argv[1], "flip") == 0;

	if (!flip && (argc != 4 || strcmp(argv[1], "stream") != 0))
		errx(2, "usage: echo flip NETNS ADDRESS HOST PORT PATH BODY_ON BODY_OFF ROUNDS\n"
			"       echo stream NETNS ADDRESS");
	if (inet_pton(AF_INET, argv[3], &floating) != 1)
		errx(2, "not an address: %s", argv[3]);
	open_outside(argv[2]);
	/* args[0] is the mode, then as in the usage: 3 HOST, 4 PORT, 5 PATH, 6 BODY_ON, 7 BODY_OFF, 8 ROUNDS
	 */
	return flip ? run_flip(argv + 1) : run_stream();
}
