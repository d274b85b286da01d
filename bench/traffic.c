/* The generator and the sink of bench/datapath, the same for every row, and what BPF programs cost.
 *
 *   traffic flood OUTSIDE INSTANCE MAC FIRST EXPECT ADDRESSES FLOWS SECONDS
 *   traffic flows OUTSIDE INSTANCE MAC FIRST EXPECT ADDRESSES FLOWS
 *   traffic cost OUTSIDE MAC FIRST DEVICE ID
 *   traffic ceiling DEVICE PORT ROUTER_MAC INSTANCE_MAC
 *   traffic forget NETNS
 *
 * OUTSIDE and INSTANCE are namespaces, each with its eth0. 64-byte UDP goes from the one to MAC (the router's
 * leg), to ADDRESSES addresses from FIRST on; the other counts what has arrived at the address that belongs
 * to it, from EXPECT on. flood: prints "SENT RIGHT WRONG BAD_SUM SECONDS" of a window after a warm-up. flows:
 * each of FLOWS once, the same line; the time is from the first arrival to the last. cost: nanoseconds of the
 * BPF program ID for such a frame that has come in at DEVICE. ceiling: an XDP program on DEVICE that leads
 * straight to PORT, until another takes its place. forget: no tracked connection is left in that namespace.
 */
#include "bpf/traffic.h"
#include "base/util.h"
#include "cost.h"
#include "place.h"
#include "traffic.skel.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#define DEVICE     "eth0"
#define WARM_UP_US 300000
#define QUIET_US   300000
#define POLL_US    20
#define BATCH      64 /* frames between two turns of the receiving side, a quarter of a veth's ring */

struct run {
	struct traffic_bpf *skel;
	const char *outside;
	unsigned frames; /* how many to send, at most */
	atomic_bool done;
};

static struct ether_addr parse_mac(const char *text)
{
	const struct ether_addr *mac = ether_aton(text);

	if (!mac)
		errx(2, "not a MAC address: %s", text);
	return *mac;
}

static uint32_t parse_address(const char *text)
{
	struct in_addr address;

	if (inet_pton(AF_INET, text, &address) != 1)
		errx(2, "not an address: %s", text);
	return ntohl(address.s_addr);
}

static struct traffic_bpf *open_programs(void)
{
	struct traffic_bpf *skel = traffic_bpf__open();

	if (!skel)
		err(1, "BPF programs");
	return skel;
}

static void load_programs(struct traffic_bpf *skel)
{
	if (traffic_bpf__load(skel) < 0)
		err(1, "loading BPF programs");
}

/* --- what is sent --- */

static struct ifreq ask_device(unsigned long request)
{
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq answer = {.ifr_name = DEVICE};

	if (fd < 0 || ioctl(fd, request, &answer) < 0)
		err(1, DEVICE);
	return answer;
}

static uint32_t sum_words(const void *at, size_t bytes)
{
	uint32_t sum = 0;
	uint16_t word;

	for (size_t i = 0; i < bytes; i += 2) {
		memcpy(&word, (const char *)at + i, 2);
		sum += word;
	}
	return sum;
}

/* The calling thread is in the outside's namespace, whose device's addresses are the source's. */
static void fill_frame(struct traffic_order *order, const char *mac)
{
	struct ifreq hardware = ask_device(SIOCGIFHWADDR), address = ask_device(SIOCGIFADDR);
	struct ether_addr to = parse_mac(mac);
	struct traffic_frame f = {
		.eth.h_proto = htons(ETH_P_IP),
		.ip = {.version = 4,
		       .ihl = 5,
		       .tot_len = htons(TRAFFIC_LENGTH - ETH_HLEN),
		       .ttl = 64,
		       .protocol = IPPROTO_UDP},
		.udp = {.dest = htons(TRAFFIC_PORT), .len = htons(TRAFFIC_LENGTH - ETH_HLEN - sizeof(f.ip))},
	};
	struct in_addr source = ((struct sockaddr_in *)&address.ifr_addr)->sin_addr;

	memcpy(f.eth.h_dest, &to, ETH_ALEN);
	memcpy(f.eth.h_source, hardware.ifr_hwaddr.sa_data, ETH_ALEN);
	f.ip.saddr = source.s_addr;
	memcpy(order->frame, &f, sizeof(f));
	order->ip_sum = sum_words(&f.ip, sizeof(f.ip));
	order->udp_sum = sum_words(&source, sizeof(source)) + htons(IPPROTO_UDP) + f.udp.len +
			 sum_words(&f.udp, TRAFFIC_LENGTH - ETH_HLEN - sizeof(f.ip));
	order->ifindex = if_nametoindex(DEVICE);
}

/* argv: OUTSIDE INSTANCE MAC FIRST EXPECT ADDRESSES FLOWS. Leaves the calling thread in INSTANCE, where the
 * sink is; returns what keeps it there. */
static int prepare(struct run *run, char **argv)
{
	LIBBPF_OPTS(bpf_link_create_opts, native, .flags = XDP_FLAGS_DRV_MODE);
	struct traffic_order order = {
		.first = parse_address(argv[3]),
		.expect = parse_address(argv[4]),
		.addresses = (uint32_t)strtoul(argv[5], NULL, 10),
		.flows = (uint32_t)strtoul(argv[6], NULL, 10),
	};
	int link;

	run->outside = argv[0];
	/* A receiving side that has work stays on the CPU that gave it the first piece. */
	place_pin(CPU_BUSY);
	place_enter(argv[0]);
	fill_frame(&order, argv[2]);
	run->skel = open_programs();
	memcpy((void *)&run->skel->rodata->order, &order, sizeof(order));
	load_programs(run->skel);
	place_enter(argv[1]);
	link = bpf_link_create(bpf_program__fd(run->skel->progs.sink), (int)if_nametoindex(DEVICE), BPF_XDP,
			       &native);
	if (link < 0)
		err(1, "the sink");
	return link;
}

/* --- the generator --- */

/* Live frames leave in the namespace of the calling thread. What they cause, down to the sink, runs on this
 * CPU between two batches: the generator goes no faster than the data path takes it. */
static void *generate(void *arg)
{
	struct run *run = arg;
	char frame[TRAFFIC_LENGTH] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = (int)run->frames, .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);

	place_pin(CPU_BUSY);
	place_enter(run->outside);
	if (bpf_prog_test_run_opts(bpf_program__fd(run->skel->progs.generate), &opts) < 0 && errno != EINTR)
		err(1, "the generator");
	run->done = true;
	return NULL;
}

static void wake(int sig UNUSED)
{
}

static pthread_t start(struct run *run)
{
	struct sigaction action = {.sa_handler = wake};
	pthread_t thread;

	sigaction(SIGUSR1, &action, NULL);
	if (pthread_create(&thread, NULL, generate, run) != 0)
		errx(1, "no thread");
	return thread;
}

/* --- the sink --- */

static struct traffic_tally count(const struct run *run)
{
	size_t cpus = (size_t)libbpf_num_possible_cpus();
	AUTO_FREE struct traffic_tally *each = xalloc(cpus * sizeof(*each));
	struct traffic_tally all = {0};
	__u32 key = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(run->skel->maps.tally), &key, each) < 0)
		err(1, "the sink's counters");
	for (size_t i = 0; i < cpus; i++) {
		all.right += each[i].right;
		all.wrong += each[i].wrong;
		all.bad_sum += each[i].bad_sum;
	}
	return all;
}

static void print_counts(uint64_t sent, struct traffic_tally from, struct traffic_tally to, int64_t us)
{
	printf("%llu %llu %llu %llu %.6f\n", (unsigned long long)sent, to.right - from.right,
	       to.wrong - from.wrong, to.bad_sum - from.bad_sum, (double)us / 1e6);
}

/* How fast known flows go: a window of an endless stream. */
static int run_flood(char **argv)
{
	struct run run = {.frames = INT32_MAX};
	AUTO_CLOSE UNUSED int link = prepare(&run, argv);
	pthread_t thread = start(&run);
	struct traffic_tally from, to;
	int64_t at;
	uint64_t sent;

	place_pin(CPU_OTHER);
	usleep(WARM_UP_US);
	at = clock_mono_us();
	from = count(&run);
	sent = run.skel->bss->sent;
	usleep((useconds_t)(atof(argv[7]) * 1e6));
	to = count(&run);
	sent = run.skel->bss->sent - sent;
	at = clock_mono_us() - at;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	print_counts(sent, from, to, at);
	traffic_bpf__destroy(run.skel);
	return 0;
}

/* How fast new flows are accepted: each is sent once, and the generator waits for the data path between two
 * batches, so the rate is the data path's own. From the first arrival, so that what starting the generator
 * takes does not count, to the last one; what got lost has not been accepted. */
static int run_flows(char **argv)
{
	struct run run = {.frames = (unsigned)strtoul(argv[6], NULL, 10)};
	AUTO_CLOSE UNUSED int link = prepare(&run, argv);
	pthread_t thread = start(&run);
	struct traffic_tally first = {0}, last = {0};
	int64_t first_us = 0, last_us = clock_mono_us();

	place_pin(CPU_OTHER);
	while (last.right + last.wrong < run.frames && (!run.done || clock_mono_us() - last_us < QUIET_US)) {
		struct traffic_tally now = count(&run);

		if (now.right + now.wrong > last.right + last.wrong) {
			last_us = clock_mono_us();
			last = now;
		}
		if (!first_us && last.right + last.wrong) {
			first_us = last_us;
			first = last;
		}
		usleep(POLL_US);
	}
	pthread_join(thread, NULL);
	print_counts(run.skel->bss->sent - first.right - first.wrong, first, last, last_us - first_us);
	traffic_bpf__destroy(run.skel);
	return 0;
}

/* --- the ceiling --- */

/* argv: DEVICE PORT ROUTER_MAC INSTANCE_MAC */
static int run_ceiling(char **argv)
{
	struct traffic_bpf *skel = open_programs();
	struct ether_addr router = parse_mac(argv[2]), instance = parse_mac(argv[3]);
	struct traffic_shortcut shortcut = {.ifindex = if_nametoindex(argv[1])};

	memcpy(shortcut.router, &router, ETH_ALEN);
	memcpy(shortcut.from, &router, ETH_ALEN);
	memcpy(shortcut.instance, &instance, ETH_ALEN);
	memcpy((void *)&skel->rodata->shortcut, &shortcut, sizeof(shortcut));
	load_programs(skel);
	if (bpf_xdp_attach((int)if_nametoindex(argv[0]), bpf_program__fd(skel->progs.ceiling),
			   XDP_FLAGS_DRV_MODE, NULL) < 0)
		err(1, "%s", argv[0]);
	traffic_bpf__destroy(skel);
	return 0;
}

/* --- costs --- */

/* argv: OUTSIDE MAC FIRST DEVICE ID. DEVICE is in the namespace that the program was started in. */
static int run_cost(char **argv)
{
	AUTO_CLOSE int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	struct traffic_bpf *skel = open_programs();
	struct traffic_order order = {0};
	struct traffic_frame *frame = (struct traffic_frame *)order.frame;

	place_pin(CPU_BUSY);
	place_enter(argv[0]);
	fill_frame(&order, argv[1]);
	if (here < 0 || setns(here, CLONE_NEWNET) < 0)
		err(1, "going back");
	load_programs(skel);
	frame->ip.daddr = htonl(parse_address(argv[2]));
	frame->udp.source = htons(TRAFFIC_FIRST_PORT);
	cost_print(skel, (unsigned)strtoul(argv[4], NULL, 10), argv[3], order.frame);
	traffic_bpf__destroy(skel);
	return 0;
}

/* --- tracked connections --- */

/* A deletion without a tuple is one of all. */
static int run_forget(char **argv)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	struct mnl_socket *s;

	place_enter(argv[0]);
	s = mnl_socket_open(NETLINK_NETFILTER);
	nlh->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	*nfg = (struct nfgenmsg){.nfgen_family = AF_INET, .version = NFNETLINK_V0};
	if (!s || mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(s, nlh, nlh->nlmsg_len) < 0)
		err(1, "conntrack");
	if (mnl_cb_run(buf, (size_t)mnl_socket_recvfrom(s, buf, sizeof(buf)), 0, mnl_socket_get_portid(s),
		       NULL, NULL) < 0)
		err(1, "forgetting tracked connections");
	mnl_socket_close(s);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int arguments;
		int (*run)(char **argv);
	} commands[] = {
		{"flood", 8, run_flood},     {"flows", 7, run_flows},   {"cost", 5, run_cost},
		{"ceiling", 4, run_ceiling}, {"forget", 1, run_forget},
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (argc == commands[i].arguments + 2 && strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argv + 2);
	errx(2,
	     "usage: traffic flood|flows|cost|ceiling|forget ...; the head of bench/traffic.c explains them");
}
