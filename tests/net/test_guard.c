/* The duplicate address guard and the timer of all ARP, with a stranger on the same bridge.
 * Runs as root in network and mount namespaces of its own. */
#include "kernel/kernel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

#define DEADLINE_US 10000000
#define DEVICE      "br-ex" /* here a veth: its other end, "stranger", is the network */

static struct symtab *syms;
static struct kernel *k;
static int wire; /* what the stranger hears and says */

struct arp {
	uint8_t header[8];
	uint8_t sender_mac[6], sender[4], target_mac[6], target[4];
};

static void apply(enum fact_kind kind, const char *ns, const char *dev, uint32_t first, size_t count,
		  bool put)
{
	struct fact *facts = xalloc(count * sizeof(*facts));
	struct change *items = xalloc(count * sizeof(*items));
	struct changes c = {.items = items, .count = count, .cap = count};

	for (size_t i = 0; i < count; i++) {
		facts[i] = (struct fact){.kind = (uint8_t)kind, .ns = symtab_put(syms, ns), .plen = 32};
		facts[i].dev = symtab_put(syms, dev);
		facts[i].addr = ip_from_v4(first + (uint32_t)i);
		facts[i].row.b[0] = 42;
		if (kind == FACT_GUARD)
			facts[i].plen = 0;
		else
			facts[i].value.num = ADDRESS_ANNOUNCE;
		*(put ? &items[i].want : &items[i].have) = &facts[i];
	}
	k->ops->apply(k, &c);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(items[i].result, 0);
	free(facts);
	changes_done(&c);
}

static bool is_ours(void *arg, const struct mac *mac)
{
	return mac->b[5] == 0x01;
}

/* Reads events; appends conflicts. */
static void read_events(struct facts *conflicts)
{
	bool taps;

	assert_int_equal(k->ops->read_events(k, &taps, conflicts, is_ours, NULL, NULL), 0);
}

static void say(uint8_t last_mac, uint32_t sender)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETHERTYPE_ARP),
				 .sll_ifindex = (int)if_nametoindex("stranger"),
				 .sll_halen = 6,
				 .sll_addr = {255, 255, 255, 255, 255, 255}};
	struct arp arp = {.header = {0, 1, 8, 0, 6, 4, 0, 2}, .sender_mac = {2, 0, 0, 0, 0, last_mac}};

	sender = htonl(sender);
	memcpy(arp.sender, &sender, sizeof(sender));
	assert_int_equal(sendto(wire, &arp, sizeof(arp), 0, (struct sockaddr *)&to, sizeof(to)), sizeof(arp));
}

/* Reads events until `count` conflicts have come. */
static void wait_conflicts(struct facts *conflicts, size_t count)
{
	int64_t end = clock_mono_us() + DEADLINE_US;
	struct pollfd fd = {.fd = k->ops->event_fd(k), .events = POLLIN};

	while (conflicts->count < count && clock_mono_us() < end) {
		poll(&fd, 1, 100);
		read_events(conflicts);
	}
	assert_int_equal(conflicts->count, count);
}

/* Hears requests for [first, first + count) until each came `times` times; returns with probe_ok when every
 * sender was nobody, or the address itself in announcements. */
static void hear(uint32_t first, size_t count, unsigned times, bool announcement)
{
	unsigned *heard = xalloc(count * sizeof(*heard));
	struct pollfd fds[] = {{.fd = k->ops->event_fd(k), .events = POLLIN}, {.fd = wire, .events = POLLIN}};
	int64_t end = clock_mono_us() + DEADLINE_US;
	size_t complete = 0;
	AUTO_FACTS struct facts none;

	facts_init(&none, syms);
	while (complete < count && clock_mono_us() < end) {
		struct arp arp;

		poll(fds, ARRAY_SIZE(fds), 100);
		while (recv(wire, &arp, sizeof(arp), MSG_DONTWAIT) == sizeof(arp)) {
			uint32_t target, sender;

			memcpy(&target, arp.target, sizeof(target));
			memcpy(&sender, arp.sender, sizeof(sender));
			if (ntohl(target) - first >= count || arp.header[7] != 1)
				continue;
			assert_int_equal(sender, announcement ? target : 0);
			complete += ++heard[ntohl(target) - first] == times;
		}
		read_events(&none);
	}
	assert_int_equal(complete, count);
	free(heard);
}

static void an_address_is_probed_at_once_and_again(void **state)
{
	apply(FACT_GUARD, "", DEVICE, 0x0a0a0a03, 1, true);
	hear(0x0a0a0a03, 1, 2, false);
}

static void a_stranger_is_reported_once(void **state)
{
	AUTO_FACTS struct facts conflicts;

	facts_init(&conflicts, syms);
	say(0x01, 0x0a0a0a03); /* our own router */
	say(0x02, 0x0a0a0a04); /* nobody's concern */
	say(0x02, 0x0a0a0a03);
	wait_conflicts(&conflicts, 1);
	assert_int_equal(ip_to_v4(&conflicts.items[0].addr), 0x0a0a0a03);
	assert_int_equal(conflicts.items[0].row.b[0], 42);
	assert_int_equal(conflicts.items[0].dev, symtab_put(syms, DEVICE));
	/* Reported already; the second address shows that the first was read. */
	apply(FACT_GUARD, "", DEVICE, 0x0a0a0a05, 1, true);
	say(0x02, 0x0a0a0a03);
	say(0x02, 0x0a0a0a05);
	wait_conflicts(&conflicts, 2);
	assert_int_equal(ip_to_v4(&conflicts.items[1].addr), 0x0a0a0a05);
	/* Until it is probed again. */
	apply(FACT_GUARD, "", DEVICE, 0x0a0a0a03, 1, true);
	say(0x02, 0x0a0a0a03);
	wait_conflicts(&conflicts, 3);
	/* What is not guarded any more is nobody's concern. */
	apply(FACT_GUARD, "", DEVICE, 0x0a0a0a03, 1, false);
	apply(FACT_GUARD, "", DEVICE, 0x0a0a0a06, 1, true);
	say(0x02, 0x0a0a0a03);
	say(0x02, 0x0a0a0a06);
	wait_conflicts(&conflicts, 4);
	assert_int_equal(ip_to_v4(&conflicts.items[3].addr), 0x0a0a0a06);
}

static size_t count_guarded(void)
{
	AUTO_FACTS struct facts f;
	size_t n = 0;

	facts_init(&f, syms);
	assert_int_equal(k->ops->observe(k, &f, NULL), 0);
	for (size_t i = 0; i < f.count; i++)
		n += f.items[i].kind == FACT_GUARD;
	return n;
}

static void many_addresses_are_probed_in_turn(void **state)
{
	size_t before = count_guarded();

	apply(FACT_GUARD, "", DEVICE, 0x0a0b0000, 3000, true);
	assert_int_equal(count_guarded(), before + 3000);
	hear(0x0a0b0000, 3000, 2, false);
	apply(FACT_GUARD, "", DEVICE, 0x0a0b0000, 3000, false);
	assert_int_equal(count_guarded(), before);
}

static void announcements_come_twice(void **state)
{
	apply(FACT_NETNS, "qrouter-1", "", 0, 1, true);
	assert_int_equal(
		system("ip link set stranger2 netns qrouter-1 && ip -n qrouter-1 link set stranger2 up"), 0);
	apply(FACT_ADDRESS, "qrouter-1", "stranger2", 0x0a0c0000, 1500, true);
	hear(0x0a0c0000, 1500, 2, true);
}

static void a_device_of_the_same_name_is_another_one(void **state)
{
	apply(FACT_GUARD, "", "gone0", 0x0a0a0a03, 1, true);
	assert_true(count_guarded() > 0);
	assert_int_equal(system("ip link del gone0"), 0);
	for (int i = 0; i < 2; i++) {
		AUTO_FACTS struct facts f;

		facts_init(&f, syms);
		assert_int_equal(k->ops->observe(k, &f, NULL), 0);
		for (size_t n = 0; n < f.count; n++)
			assert_true(f.items[n].kind != FACT_GUARD ||
				    f.items[n].dev != symtab_put(syms, "gone0"));
		assert_int_equal(system("ip link add gone0 type veth peer name gone1 2>/dev/null || true"),
				 0);
	}
}

static int set_up(void **state)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE_ARP)};
	int size = 1 << 24;

	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 || mount("", "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0)
		return -1;
	mkdir("/run/netns", 0755);
	if (mount("tmpfs", "/run/netns", "tmpfs", 0, NULL) < 0 ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
		return -1;
	/* One network: the device watched, the stranger, and the leg of a router. */
	if (system("ip link add net type bridge forward_delay 0 && ip link set net up && "
		   "ip link add " DEVICE " type veth peer name p1 && ip link set p1 master net up && "
		   "ip link set " DEVICE " up && ip link add stranger type veth peer name p2 && "
		   "ip link set p2 master net up && ip link set stranger up && "
		   "ip link add stranger2 type veth peer name p3 && ip link set p3 master net up && "
		   "ip link add gone0 type veth peer name gone1 && ip link set gone0 up") != 0)
		return -1;
	wire = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(wire, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	at.sll_ifindex = (int)if_nametoindex("stranger");
	if (wire < 0 || bind(wire, (struct sockaddr *)&at, sizeof(at)) < 0)
		return -1;
	syms = symtab_new();
	return kernel_linux_new(syms, "/run/netns", &k, NULL);
}

static int tear_down(void **state)
{
	k->ops->free(k);
	symtab_free(syms);
	close(wire);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_probed_at_once_and_again),
		cmocka_unit_test(a_stranger_is_reported_once),
		cmocka_unit_test(many_addresses_are_probed_in_turn),
		cmocka_unit_test(announcements_come_twice),
		cmocka_unit_test(a_device_of_the_same_name_is_another_one),
	};

	if (geteuid() != 0) {
		puts("needs root: skipped");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
