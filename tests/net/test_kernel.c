/* The real kernel behind its table of functions: what is put is observed, what is touched by hand is
 * healed, what others made survives. Runs as root in network and mount namespaces of its own. */
#include "kernel/kernel.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buf.h"
#include "plan/rules.h"

#define NETNS   "/run/netns"
#define ROUTER  "qrouter-1"
#define TAP     "tap01234567-89"
#define LEG     "qr-aaaaaaaa-aa"
#define LEG_TAP "tapaaaaaaaa-aa"

static struct symtab *syms;
static struct kernel *k;

static int run(const char *fmt, ...) PRINTF_LIKE(1, 2);
static int run(const char *fmt, ...)
{
	char cmd[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	return system(cmd);
}
#define sh(...)       assert_int_equal(run(__VA_ARGS__), 0)
#define sh_fails(...) assert_int_not_equal(run(__VA_ARGS__ " 2>/dev/null"), 0)

static sym s(const char *text)
{
	return symtab_put(syms, text);
}

static struct ip ip(const char *text)
{
	struct ip ret;

	assert_int_equal(ip_parse(text, &ret), 0);
	return ret;
}

/* --- the desired state --- */

static void add_link(struct facts *f, const char *ns, const char *dev, const struct link_spec *spec)
{
	facts_add(f, &(struct fact){.kind = FACT_LINK, .ns = s(ns), .dev = s(dev), .link = spec});
}

static void add_address(struct facts *f, const char *dev, const char *addr, uint8_t plen, uint32_t flags)
{
	facts_add(f, &(struct fact){.kind = FACT_ADDRESS,
				    .ns = s(ROUTER),
				    .dev = s(dev),
				    .addr = ip(addr),
				    .plen = plen,
				    .value.num = flags});
}

static void add_route(struct facts *f, const char *dst, uint8_t plen, const char *via, const char *dev)
{
	struct fact fact = {.kind = FACT_ROUTE, .ns = s(ROUTER), .addr = ip(dst), .plen = plen};

	if (via)
		fact.value.ip = ip(via);
	fact.value.dev = s(dev);
	facts_add(f, &fact);
}

static void add_host(struct facts *f)
{
	struct link_spec bridge = {.type = LINK_BRIDGE, .mtu = 1450};
	struct link_spec vxlan = {.type = LINK_VXLAN,
				  .mtu = 1450,
				  .master = s("brq1"),
				  .vni = 77,
				  .local = ip("192.0.2.1"),
				  .port = 4789};

	add_link(f, "", "brq1", &bridge);
	/* Sorts before its bridge: it was interned first. */
	add_link(f, "", "a-vxlan", &vxlan);
	for (int i = 2; i < 4; i++) {
		struct fact fdb = {.kind = FACT_FDB, .dev = s("a-vxlan")};

		fdb.addr = ip_from_v4(0xc0000200u + (uint32_t)i);
		facts_add(f, &fdb);
	}
	facts_add(f, &(struct fact){.kind = FACT_PLUG, .dev = s(TAP), .value.dev = s("brq1")});
}

static void add_router(struct facts *f)
{
	struct link_spec leg = {.type = LINK_VETH,
				.mtu = 1450,
				.mac = {{0xfa, 0x16, 0x3e, 0, 0, 1}},
				.peer = s(LEG_TAP),
				.peer_master = s("brq1")};
	struct link_spec gateway = {
		.type = LINK_MACVLAN, .mtu = 1500, .mac = {{0xfa, 0x16, 0x3e, 0, 0, 2}}, .parent = s("nic0")};
	struct fact fact = {.kind = FACT_NETNS, .ns = s(ROUTER)};

	facts_add(f, &fact);
	fact.kind = FACT_SYSCTL;
	fact.value.num = 1;
	facts_add(f, &fact);
	fact.which = SYSCTL_ARP_IGNORE_ALL;
	facts_add(f, &fact);
	add_link(f, ROUTER, LEG, &leg);
	add_link(f, ROUTER, "qg-1", &gateway);
	add_address(f, LEG, "172.16.100.1", 24, 0);
	add_address(f, "qg-1", "10.10.10.2", 24, ADDRESS_ANNOUNCE);
	add_address(f, "qg-1", "10.10.10.3", 32, ADDRESS_ANNOUNCE);
	add_address(f, LEG, "2001:db8::1", 64, 0);
	/* Through a next hop that only the second one leads to. */
	add_route(f, "0.0.0.0", 0, "203.0.113.1", "qg-1");
	add_route(f, "203.0.113.1", 32, NULL, "qg-1");
	add_route(f, "172.16.200.0", 24, "172.16.100.9", LEG);
	add_route(f, "2001:db8:9::", 48, "2001:db8::9", LEG);
}

/* --- comparing and applying --- */

struct step {
	struct facts have;
	struct changes changes;
};

static void step_done(struct step *step)
{
	changes_done(&step->changes);
	facts_done(&step->have);
}

static void diff(struct facts *want, struct step *step)
{
	struct err err = {0};

	*step = (struct step){0};
	facts_init(&step->have, syms);
	if (k->ops->observe(k, &step->have, &err) < 0)
		fail_msg("%s", err.message);
	facts_sort(want);
	facts_sort(&step->have);
	facts_diff(want, &step->have, &step->changes);
}

static void print_change(const struct change *c)
{
	AUTO_BUF struct buf b = {0};

	if (c->have)
		fact_print(c->have, syms, &b);
	buf_puts(&b, " -> ");
	if (c->want)
		fact_print(c->want, syms, &b);
	print_error("%s: %d %s\n", buf_text(&b), c->result, c->why ? c->why : "");
}

static void assert_no_difference(struct facts *want)
{
	CLEANUP(step_done) struct step step;

	diff(want, &step);
	for (size_t i = 0; i < step.changes.count; i++)
		print_change(&step.changes.items[i]);
	assert_int_equal(step.changes.count, 0);
}

/* Makes the kernel what is wanted; returns how many changes that took. */
static size_t make(struct facts *want)
{
	CLEANUP(step_done) struct step step;
	bool failed = false;

	diff(want, &step);
	k->ops->apply(k, &step.changes);
	for (size_t i = 0; i < step.changes.count; i++) {
		if (step.changes.items[i].result) {
			print_change(&step.changes.items[i]);
			failed = true;
		}
	}
	assert_false(failed);
	assert_no_difference(want);
	return step.changes.count;
}

/* The first change that fails does so as expected; those that need it may fail as well. */
static void assert_refused(struct facts *want, int errnum, const char *why)
{
	CLEANUP(step_done) struct step step;
	size_t failed = 0;

	diff(want, &step);
	k->ops->apply(k, &step.changes);
	for (size_t i = 0; i < step.changes.count; i++) {
		const struct change *c = &step.changes.items[i];

		if (!c->result || failed++)
			continue;
		if (c->result != errnum || !strstr(c->why, why))
			print_change(c);
		assert_int_equal(c->result, errnum);
		assert_non_null(strstr(c->why, why));
	}
	assert_true(failed > 0);
}

/* --- set-up --- */

static int set_up(void **state)
{
	struct err err = {0};

	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ||
	    mount("", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0)
		return -1;
	if (run("ip link set lo up && ip link add nic0 type veth peer name nic0-far && ip link set nic0-far "
		"up && ip link set nic0 up && "
		"ip tuntap add mode tap name " TAP))
		return -1;
	syms = symtab_new();
	s("a-vxlan");
	if (kernel_linux_new(syms, NETNS, &k, &err) < 0) {
		print_error("%s\n", err.message);
		return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	if (k)
		k->ops->free(k);
	symtab_free(syms);
	return 0;
}

/* After each test everything of ours goes, and nothing of ours may be left. */
static int clean(void **state)
{
	AUTO_FACTS struct facts none;

	facts_init(&none, syms);
	make(&none);
	sh_fails("ls " NETNS "/" ROUTER);
	sh_fails("ip link show brq1");
	sh_fails("ip link show a-vxlan");
	sh_fails("ip link show " LEG_TAP);
	sh("! ip link show " TAP " | grep -q master");
	return 0;
}

/* --- tests --- */

static void what_is_put_is_observed(void **state)
{
	AUTO_FACTS struct facts want;

	facts_init(&want, syms);
	add_host(&want);
	add_router(&want);
	make(&want);
	/* What an operator sees. */
	sh("ip -n " ROUTER " address show qg-1 | grep -q 'inet 10.10.10.3/32'");
	sh("ip -n " ROUTER " route get 198.51.100.1 | grep -q 'via 203.0.113.1 dev qg-1'");
	sh("ip link show " LEG_TAP " | grep -q 'master brq1'");
	sh("ip -d link show brq1 | grep -q 'forward_delay 0'");
	sh("ip netns exec " ROUTER " sysctl -n net.ipv4.ip_forward | grep -q 1");
	sh("bridge fdb show dev a-vxlan | grep -q '00:00:00:00:00:00 dst 192.0.2.2 self permanent'");
}

static void changes_by_hand_are_seen_and_healed(void **state)
{
	static const char *const by_hand[] = {
		"ip link set brq1 down",
		"ip link set brq1 type bridge stp_state 1",
		"ip link set brq1 mtu 1400",
		"ip link set a-vxlan nomaster",
		"ip link set a-vxlan type vxlan nolearning",
		"ip link del a-vxlan",
		"ip link del brq1",
		"bridge fdb del 00:00:00:00:00:00 dev a-vxlan dst 192.0.2.2",
		"ip link set " LEG_TAP " down",
		"ip link set " LEG_TAP " nomaster",
		"ip link set " LEG_TAP " mtu 1300",
		"ip link set " LEG_TAP " alias ''",
		"ip link del " LEG_TAP,
		"ip -n " ROUTER " link set " LEG " alias ''",
		"ip -n " ROUTER " link set " LEG " down",
		"ip -n " ROUTER " link set " LEG " address fa:16:3e:00:00:99",
		"ip -n " ROUTER " link set " LEG " mtu 1300",
		"ip -n " ROUTER " link del qg-1",
		"ip -n " ROUTER " link set qg-1 down",
		"ip -n " ROUTER " address del 10.10.10.3/32 dev qg-1",
		"ip -n " ROUTER " address flush dev qg-1",
		"ip -n " ROUTER " route del default",
		"ip -n " ROUTER " route replace 172.16.200.0/24 via 172.16.100.8 proto 66",
		"ip netns exec " ROUTER " sysctl -qw net.ipv4.ip_forward=0",
		"ip link set " TAP " nomaster",
		"ip link set " TAP " down",
	};
	AUTO_FACTS struct facts want;

	facts_init(&want, syms);
	add_host(&want);
	add_router(&want);
	make(&want);
	for (size_t i = 0; i < ARRAY_SIZE(by_hand); i++) {
		size_t changes;

		sh("%s", by_hand[i]);
		/* What takes links or addresses down with it may need a second round. */
		changes = make(&want);
		if (!changes)
			fail_msg("not seen: %s", by_hand[i]);
	}
}

/* The kernel takes a namespace apart in its own time; until then its macvlan holds the MAC address. */
static void a_namespace_removed_by_hand_comes_back(void **state)
{
	AUTO_FACTS struct facts want;
	int64_t deadline = clock_mono_us() + 30000000;
	bool same = false;

	facts_init(&want, syms);
	add_host(&want);
	add_router(&want);
	make(&want);
	sh("ip netns del " ROUTER);
	while (!same) {
		CLEANUP(step_done) struct step step;

		diff(&want, &step);
		k->ops->apply(k, &step.changes);
		same = step.changes.count == 0;
		assert_true(clock_mono_us() < deadline);
	}
}

static void what_others_made_survives(void **state)
{
	AUTO_FACTS struct facts want, none;

	facts_init(&want, syms);
	facts_init(&none, syms);
	add_host(&want);
	add_router(&want);
	make(&want);
	sh("ip netns add qrouter-neutron && ip -n qrouter-neutron link add qg-1 type bridge");
	sh("ip -n qrouter-neutron address add 10.9.9.9/32 dev lo");
	sh("ip link add br-ex type bridge && ip address add 10.8.8.8/24 dev br-ex");
	sh("ip -n " ROUTER " address add 10.10.10.77/32 dev qg-1");
	sh("ip -n " ROUTER " route add 198.51.100.0/24 dev qg-1");
	sh("ip -n " ROUTER " link add by-hand type bridge");
	assert_no_difference(&want);
	sh("ip -n " ROUTER " address show qg-1 | grep -q 10.10.10.77");
	make(&none);
	sh("ip -n qrouter-neutron address show lo | grep -q 10.9.9.9");
	sh("ip -n qrouter-neutron link show qg-1 >/dev/null");
	sh("ip address show br-ex | grep -q 10.8.8.8");
	sh("ip link show " TAP " >/dev/null && ip link show nic0 >/dev/null");
	sh("ip netns del qrouter-neutron && ip link del br-ex");
}

static void nothing_is_taken_over(void **state)
{
	AUTO_FACTS struct facts bridge, router;
	struct link_spec spec = {.type = LINK_BRIDGE, .mtu = 1500};

	facts_init(&bridge, syms);
	facts_init(&router, syms);
	sh("ip link add brq-other type bridge && ip netns add " ROUTER);
	add_link(&bridge, "", "brq-other", &spec);
	assert_refused(&bridge, -EEXIST, "link brq-other exists and is not Buoy's");
	facts_add(&router, &(struct fact){.kind = FACT_NETNS, .ns = s(ROUTER)});
	assert_refused(&router, -EEXIST, "netns " ROUTER " exists and is not Buoy's");
	sh("ip link del brq-other && ip netns del " ROUTER);
	add_host(&router);
	add_router(&router);
	/* The name of the host's end is taken. */
	sh("ip link add " LEG_TAP " type bridge");
	assert_refused(&router, -EEXIST, "link " LEG_TAP " exists and is not Buoy's");
	sh("ip link del " LEG_TAP);
	make(&router);
	sh("ip -n " ROUTER " address del 10.10.10.3/32 dev qg-1");
	sh("ip -n " ROUTER " address add 10.10.10.3/32 dev qg-1");
	assert_refused(&router, -EEXIST, "address 10.10.10.3/32 on qg-1 exists and is not Buoy's");
	sh("ip -n " ROUTER " address del 10.10.10.3/32 dev qg-1");
	sh("ip -n " ROUTER " route del default && ip -n " ROUTER " route add default dev qg-1");
	assert_refused(&router, -EEXIST, "route to 0.0.0.0/0 exists and is not Buoy's");
	sh("ip -n " ROUTER " route show default | grep -q 'scope link'");
	sh("ip -n " ROUTER " route del default");
	make(&router);
}

static void a_namespace_that_lost_its_name_goes(void **state)
{
	AUTO_FACTS struct facts want;
	int64_t deadline = clock_mono_us() + 10000000;

	facts_init(&want, syms);
	add_host(&want);
	add_router(&want);
	make(&want);
	sh("ip netns del " ROUTER);
	/* Nobody wants it any more, and observing it gone must not keep it alive. */
	facts_done(&want);
	make(&want);
	while (run("ip link show " LEG_TAP " >/dev/null 2>&1") == 0)
		assert_true(clock_mono_us() < deadline);
}

static void a_namespace_that_lost_its_mark_is_left_alone(void **state)
{
	AUTO_FACTS struct facts want;

	facts_init(&want, syms);
	add_host(&want);
	add_router(&want);
	make(&want);
	sh("ip -n " ROUTER " link set lo alias ''");
	assert_refused(&want, -EEXIST, "netns " ROUTER " exists and is not Buoy's");
	sh("ip -n " ROUTER " link set lo alias buoy");
	assert_no_difference(&want);
}

/* More than are kept open at a time. */
static void two_hundred_namespaces(void **state)
{
	AUTO_FACTS struct facts want;
	char name[32];

	facts_init(&want, syms);
	for (int i = 0; i < 200; i++) {
		struct fact fact = {.kind = FACT_NETNS};

		snprintf(name, sizeof(name), "qrouter-many-%d", i);
		fact.ns = s(name);
		facts_add(&want, &fact);
		facts_add(&want, &(struct fact){.kind = FACT_ADDRESS,
						.ns = fact.ns,
						.dev = s("lo"),
						.addr = ip("198.51.100.7"),
						.plen = 32});
	}
	assert_int_equal(make(&want), 400);
}

static void failures_do_not_stop_the_others(void **state)
{
	AUTO_FACTS struct facts want;

	facts_init(&want, syms);
	add_host(&want);
	add_router(&want);
	facts_add(&want,
		  &(struct fact){.kind = FACT_PLUG, .dev = s("tap99999999-99"), .value.dev = s("brq1")});
	assert_refused(&want, -ENODEV, "tap99999999-99");
	sh("ip -n " ROUTER " route get 198.51.100.1 | grep -q 'via 203.0.113.1 dev qg-1'");
}

static void a_leg_moves_to_another_namespace(void **state)
{
	AUTO_FACTS struct facts one, two;
	struct link_spec leg = {
		.type = LINK_VETH, .mtu = 1500, .mac = {{0xfa, 0x16, 0x3e, 0, 0, 1}}, .peer = s(LEG_TAP)};

	facts_init(&one, syms);
	facts_init(&two, syms);
	facts_add(&one, &(struct fact){.kind = FACT_NETNS, .ns = s(ROUTER)});
	facts_add(&two, &(struct fact){.kind = FACT_NETNS, .ns = s("qrouter-2")});
	add_link(&one, ROUTER, LEG, &leg);
	add_link(&two, "qrouter-2", LEG, &leg);
	make(&one);
	make(&two);
	sh("ip -n qrouter-2 link show " LEG " >/dev/null");
	/* Back as something else. */
	leg = (struct link_spec){.type = LINK_BRIDGE, .mtu = 1500};
	add_link(&two, "qrouter-2", LEG, &leg);
	two.sorted = false;
	make(&two);
	sh("ip -n qrouter-2 -d link show " LEG " | grep -q forward_delay");
}

static void taps_are_found_and_their_coming_is_told(void **state)
{
	AUTO_FACTS struct facts taps, want;
	struct err err = {0};
	bool changed = false;
	char name[] = "tapabcdef01-23";

	facts_init(&taps, syms);
	facts_init(&want, syms);
	sh("ip tuntap add mode tap name vnet7 && ip link property add dev vnet7 altname %s", name);
	assert_true(k->ops->event_fd(k) >= 0);
	assert_int_equal(k->ops->read_events(k, &changed, &taps, NULL, NULL, &err), 0);
	assert_true(changed);
	assert_int_equal(k->ops->taps(k, &taps, &err), 0);
	assert_int_equal(taps.count, 2);
	add_host(&want);
	facts_add(&want, &(struct fact){.kind = FACT_PLUG, .dev = s(name), .value.dev = s("brq1")});
	make(&want);
	sh("ip link show vnet7 | grep -q 'master brq1'");
	/* On a bridge that is not ours. */
	sh("ip link add br-ex type bridge");
	facts_add(&want, &(struct fact){.kind = FACT_PLUG, .dev = s(name), .value.dev = s("br-ex")});
	make(&want);
	sh("ip link show vnet7 | grep -q 'master br-ex'");
	facts_done(&want);
	make(&want);
	sh("! ip link show vnet7 | grep -q master");
	sh("ip link set vnet7 master br-ex");
	assert_no_difference(&want);
	k->ops->read_events(k, &changed, &taps, NULL, NULL, &err);
	sh("ip link del vnet7 && ip link del br-ex");
	k->ops->read_events(k, &changed, &taps, NULL, NULL, &err);
	assert_true(changed);
}

static void ten_thousand_addresses(void **state)
{
	AUTO_FACTS struct facts want;
	int64_t start;

	facts_init(&want, syms);
	add_host(&want);
	add_router(&want);
	make(&want);
	for (uint32_t i = 0; i < 10000; i++)
		facts_add(&want, &(struct fact){.kind = FACT_ADDRESS,
						.ns = s(ROUTER),
						.dev = s("qg-1"),
						.addr = ip_from_v4(0x0a140000u + i),
						.plen = 32});
	start = clock_mono_us();
	assert_int_equal(make(&want), 10000);
	print_message("put and observed twice: %ld ms\n", (long)((clock_mono_us() - start) / 1000));
	sh("ip -n " ROUTER " address del 10.20.0.77/32 dev qg-1");
	start = clock_mono_us();
	assert_int_equal(make(&want), 1);
	print_message("one put, observed twice: %ld ms\n", (long)((clock_mono_us() - start) / 1000));
}

static void one_address_is_quick(void **state)
{
	AUTO_FACTS struct facts want;
	struct fact fact = {.kind = FACT_ADDRESS,
			    .ns = s(ROUTER),
			    .dev = s("qg-1"),
			    .addr = ip("10.10.10.200"),
			    .plen = 32};
	struct change change = {.want = &fact};
	struct changes one = {.items = &change, .count = 1};
	int64_t start;

	facts_init(&want, syms);
	add_host(&want);
	add_router(&want);
	make(&want);
	start = clock_mono_us();
	for (int i = 0; i < 200; i++) {
		change.want = i % 2 ? NULL : &fact;
		change.have = i % 2 ? &fact : NULL;
		k->ops->apply(k, &one);
		assert_int_equal(change.result, 0);
	}
	print_message("a change of one address: %ld us\n", (long)((clock_mono_us() - start) / 200));
}

/* --- limits --- */

static void add_limit(struct facts *f, const char *ns, enum limit_direction which, uint32_t kbps,
		      uint32_t burst)
{
	facts_add(f, &(struct fact){.kind = FACT_LIMIT,
				    .ns = s(ns),
				    .addr = ip("10.10.10.3"),
				    .which = which,
				    .limit = {kbps, burst}});
	f->sorted = false;
}

static void add_limits(struct facts *f, uint32_t kbps, uint32_t burst)
{
	static const char *const spaces[] = {ROUTER, ""};

	facts_add(f, &(struct fact){.kind = FACT_NETNS, .ns = s(ROUTER)});
	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++) {
		const struct rules *rules = *spaces[i] ? &rules_netns : &rules_host;

		facts_add(f, &(struct fact){
				     .kind = FACT_TABLE, .ns = s(spaces[i]), .value.num = rules_hash(rules)});
		add_limit(f, spaces[i], LIMIT_IN, kbps, burst);
		add_limit(f, spaces[i], LIMIT_OUT, 2 * kbps, 2 * burst);
	}
}

/* From the smallest to the largest that the planner makes. */
static void limits_are_read_back(void **state)
{
	static const struct rate_limit limits[] = {
		{1, 525}, {1000, 1000}, {1000, 1800}, {50000000, 67000000}};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		AUTO_FACTS struct facts want;

		facts_init(&want, syms);
		add_limits(&want, limits[i].rate_kbps, limits[i].burst_kbit);
		assert_int_equal(make(&want), i ? 4 : 7);
	}
	sh("nft list set ip buoy limit_in | grep -q '10.10.10.3 limit rate over'");
}

static void limits_changed_by_hand_are_healed(void **state)
{
	static const char *const by_hand[] = {
		"delete element ip buoy limit_in { 10.10.10.3 }",
		"add element ip buoy limit_out { 10.10.10.4 limit rate over 125 kbytes/second burst 1 bytes "
		"}",
		"delete element ip buoy limit_in { 10.10.10.3 }; "
		"add element ip buoy limit_in { 10.10.10.3 limit rate over 9 mbytes/second burst 1 bytes }",
		"delete element ip buoy limit_in { 10.10.10.3 }; "
		"add element ip buoy limit_in { 10.10.10.3 limit rate over 125000 bytes/minute burst 100000 "
		"bytes }",
		"delete element ip buoy limit_in { 10.10.10.3 }; add element ip buoy limit_in { 10.10.10.3 }",
	};
	AUTO_FACTS struct facts want;

	facts_init(&want, syms);
	add_limits(&want, 1000, 1800);
	make(&want);
	for (size_t i = 0; i < ARRAY_SIZE(by_hand); i++) {
		sh("ip netns exec " ROUTER " nft '%s'", by_hand[i]);
		assert_int_equal(make(&want), 1);
	}
}

#include "kernel_scopes.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_put_is_observed, clean),
		cmocka_unit_test_teardown(changes_by_hand_are_seen_and_healed, clean),
		cmocka_unit_test_teardown(a_namespace_removed_by_hand_comes_back, clean),
		cmocka_unit_test_teardown(what_others_made_survives, clean),
		cmocka_unit_test_teardown(nothing_is_taken_over, clean),
		cmocka_unit_test_teardown(a_namespace_that_lost_its_name_goes, clean),
		cmocka_unit_test_teardown(a_namespace_that_lost_its_mark_is_left_alone, clean),
		cmocka_unit_test_teardown(two_hundred_namespaces, clean),
		cmocka_unit_test_teardown(failures_do_not_stop_the_others, clean),
		cmocka_unit_test_teardown(a_leg_moves_to_another_namespace, clean),
		cmocka_unit_test_teardown(taps_are_found_and_their_coming_is_told, clean),
		cmocka_unit_test_teardown(limits_are_read_back, clean),
		cmocka_unit_test_teardown(limits_changed_by_hand_are_healed, clean),
		cmocka_unit_test_teardown(scopes_changed_by_hand_are_healed, clean),
		cmocka_unit_test_teardown(ten_thousand_addresses, clean),
		cmocka_unit_test_teardown(one_address_is_quick, clean),
	};

	if (geteuid() != 0) {
		puts("needs root: skipped");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
