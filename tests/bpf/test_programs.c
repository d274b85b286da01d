/* What the express programs make of a frame, byte by byte, and what they leave to the router, and why.
 * Needs root; skipped (77) without. What the maps do over time is in test_programs_state.c. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "compare.h"
#include "frames.h"
#include "programs.h"
#include "world.h"

static struct programs programs;

static uint64_t dropped(enum express_drop reason)
{
	return programs_entry(&programs, world_nats[0].floating)->dropped[reason];
}

static void assert_frame(const char *name, const char *way, const uint8_t *expect, size_t expect_len,
			 const uint8_t *got, size_t len)
{
	if (compare_frames(expect, expect_len, got, len))
		return;
	compare_dump(stderr, "expected", expect, expect_len, got, len);
	compare_dump(stderr, "got", got, len, expect, expect_len);
	fail_msg("%s, by %s: other bytes", name, way);
}

static void assert_untouched(const char *name, const struct programs_packet *packet, const uint8_t *got,
			     const struct run_prog_result *r, uint32_t verdict)
{
	if (r->verdict != verdict)
		fail_msg("%s: verdict %d", name, (int)r->verdict);
	if (r->len != packet->len || memcmp(packet->frame, got, r->len) != 0 || r->mark != packet->mark)
		fail_msg("%s: not as it was", name);
}

/* --- what is translated: translations.inc --- */

/* Those of them that are not finished where they come in. */
static const char *const by_router[] = {
	"in: options",
	"out: options",
	"options end early",
	"a priority tag",
	"between subnets",
	"from outside straight to a fixed IP",
	"behind a route",
	"out: error sent by a router inside",
	"out: error sent by another floating IP",
};

static bool is_by_router(const char *name)
{
	for (size_t i = 0; i < COUNT(by_router); i++)
		if (!strcmp(by_router[i], name))
			return true;
	return false;
}

/* Whole datagrams, but for ICMP; and those of protocols whose checksum it knows have their header. */
static bool is_by_xdp(const uint8_t *frame, size_t len)
{
	enum { ICMP = 1, TCP = 6, UDP = 17, DCCP = 33, UDPLITE = 136 };
	static const uint8_t not_whole = 0x3f;
	static const uint8_t header[256] = {[TCP] = 20, [UDP] = 8};
	uint8_t protocol = frame[PROTOCOL];

	return protocol != ICMP && protocol != DCCP && protocol != UDPLITE &&
	       !(frame[FRAGMENT] & not_whole) && !frame[FRAGMENT + 1] && len >= L4 + (size_t)header[protocol];
}

static void by_xdp(const struct translation *t, const struct programs_packet *packet, const uint8_t *expect,
		   size_t expect_len)
{
	struct run_prog_result r = {0};
	uint8_t got[RUN_PROG_MAX];

	programs_run(&programs, PROGRAM_XDP, packet, got, &r);
	if (is_by_router(t->name) || !is_by_xdp(packet->frame, packet->len)) {
		assert_untouched(t->name, packet, got, &r, XDP_PASS);
		return;
	}
	assert_int_equal(r.verdict, XDP_REDIRECT);
	assert_frame(t->name, "XDP", expect, expect_len, got, r.len);
}

static void by_tc(const struct translation *t, const struct programs_packet *packet, const uint8_t *expect,
		  size_t expect_len)
{
	struct run_prog_result r = {0};
	uint8_t got[RUN_PROG_MAX];

	programs_fast(&programs, packet, got, &r);
	if (is_by_router(t->name)) {
		assert_untouched(t->name, packet, got, &r, PROGRAMS_PASS);
		return;
	}
	if (r.verdict != TC_ACT_REDIRECT)
		fail_msg("%s: verdict %d", t->name, (int)r.verdict);
	assert_frame(t->name, "tc", expect, expect_len, got, r.len);
}

static void each_translation(void (*fn)(const struct translation *t, const struct programs_packet *packet,
					const uint8_t *expect, size_t expect_len))
{
	for (size_t i = 0; i < translation_count; i++) {
		const struct translation *t = &translations[i];
		uint8_t frame[300], expect[300];
		size_t expect_len = frames_from_hex(t->expect, expect);
		struct programs_packet packet = {.leg = t->in, .frame = frame};

		packet.len = frames_from_hex(t->frame, frame);
		fn(t, &packet, expect, expect_len);
	}
}

static void translations_are_exact_where_they_come_in(void **state)
{
	each_translation(by_tc);
}

static void by_xdp_from_outside(const struct translation *t, const struct programs_packet *packet,
				const uint8_t *expect, size_t expect_len)
{
	if (world_legs[t->in].external)
		by_xdp(t, packet, expect, expect_len);
}

static void translations_are_exact_at_xdp(void **state)
{
	each_translation(by_xdp_from_outside);
}

/* Everything goes that way while nobody is known. A tagged frame is none of theirs. */
static void through_router(const struct translation *t, const struct programs_packet *packet,
			   const uint8_t *expect, size_t expect_len)
{
	struct run_prog_result r = {0};
	uint8_t got[RUN_PROG_MAX];

	if (!strcmp(t->name, "a priority tag")) {
		programs_run(&programs, PROGRAM_OUTER_IN, packet, got, &r);
		assert_untouched(t->name, packet, got, &r, PROGRAMS_PASS);
		return;
	}
	if (!programs_slow(&programs, packet, t->leg, expect, got, &r))
		fail_msg("%s: does not come through the router", t->name);
	assert_frame(t->name, "the router", expect, expect_len, got, r.len);
	assert_int_equal(r.mark, 0);
}

static void translations_are_exact_in_the_router(void **state)
{
	each_translation(through_router);
}

/* --- what is not: a good UDP datagram, with something changed --- */

#define GOOD_IN                                                                                              \
	"02000000000102000000000a0800 4500002012340000401140820a0a0a010a0a0a03 04010035000cfac564617461"
#define GOOD_OUT                                                                                             \
	"02000000000302000000000c0800 45000020123400004011437bac1065030a0a0a01 04010035000cfdbe64617461"

enum { NOT_OURS = SLOW_REASONS };

struct untouched {
	const char *name;
	int reason; /* enum express_slow; or NOT_OURS */
	struct patch changes[3];
	size_t len; /* of the frame; 0: as it is */
	bool wrong_sum;
};

static const struct untouched untouched_in[] = {
	{"options", SLOW_OPTIONS, {{VERSION, 0x46, 1}, {OPTIONS, 0x01010100, 4}}},
	{"TTL 1", SLOW_TTL, {{TTL, 1, 1}}},
	{"TTL 0", SLOW_TTL, {{TTL, 0, 1}}},
	{"too large", SLOW_MTU, {{TOTAL, 1401, 2}}, 1415},
	{"too large, not to be fragmented", SLOW_MTU, {{TOTAL, 1401, 2}, {FRAGMENT, 0x4000, 2}}, 1415},
	{"from the router", SLOW_SOURCE, {{FROM, ADDR(10, 10, 10, 5), 4}}},
	{"from 0.0.0.0", SLOW_SOURCE, {{FROM, 0, 4}}},
	{"from loopback", SLOW_SOURCE, {{FROM, ADDR(127, 0, 0, 1), 4}}},
	{"from a group", SLOW_SOURCE, {{FROM, ADDR(224, 0, 0, 5), 4}}},
	{"from everybody", SLOW_SOURCE, {{FROM, 0xffffffff, 4}}},
	{"from the metadata service", SLOW_SOURCE, {{FROM, ADDR(169, 254, 169, 254), 4}}},
	{"version 6", SLOW_MALFORMED, {{VERSION, 0x65, 1}}},
	{"IHL 4", SLOW_MALFORMED, {{VERSION, 0x44, 1}}},
	{"longer than the frame", SLOW_MALFORMED, {{TOTAL, 33, 2}}},
	{"shorter than its header", SLOW_MALFORMED, {{TOTAL, 19, 2}}},
	{"wrong IP checksum", SLOW_MALFORMED, {{0}}, 0, true},
	{"another station", NOT_OURS, {{TO_MAC, 0x02000009, 4}}},
	{"to all stations", NOT_OURS, {{TO_MAC, 0xffffffff, 4}, {TO_MAC + 4, 0xffff, 2}}},
	{"tagged", NOT_OURS, {{TYPE, 0x8100, 2}, {14, 5, 2}}},
	{"IPv6", NOT_OURS, {{TYPE, 0x86dd, 2}}, 60},
	{"ARP that is none", NOT_OURS, {{TYPE, 0x0806, 2}}},
	{"to the router", NOT_OURS, {{TO, ADDR(10, 10, 10, 5), 4}}},
	{"to nobody", NOT_OURS, {{TO, ADDR(10, 10, 10, 77), 4}}},
	{"to a fixed IP", NOT_OURS, {{TO, ADDR(172, 16, 101, 3), 4}}},
	{"to everybody", NOT_OURS, {{TO, 0xffffffff, 4}}},
};

static const struct untouched untouched_out[] = {
	{"options", SLOW_OPTIONS, {{VERSION, 0x46, 1}, {OPTIONS, 0x01010100, 4}}},
	{"TTL 1", SLOW_TTL, {{TTL, 1, 1}}},
	{"too large", SLOW_MTU, {{TOTAL, 1501, 2}}, 1515},
	{"too large, not to be fragmented", SLOW_MTU, {{TOTAL, 1501, 2}, {FRAGMENT, 0x4000, 2}}, 1515},
	{"version 6", SLOW_MALFORMED, {{VERSION, 0x65, 1}}},
	{"IHL 4", SLOW_MALFORMED, {{VERSION, 0x44, 1}}},
	{"longer than the frame", SLOW_MALFORMED, {{TOTAL, 33, 2}}},
	{"shorter than its header", SLOW_MALFORMED, {{TOTAL, 19, 2}}},
	{"wrong IP checksum", SLOW_MALFORMED, {{0}}, 0, true},
	{"to everybody", SLOW_DESTINATION, {{TO, 0xffffffff, 4}}},
	{"to a group", SLOW_DESTINATION, {{TO, ADDR(224, 0, 0, 5), 4}}},
	{"to loopback", SLOW_DESTINATION, {{TO, ADDR(127, 0, 0, 1), 4}}},
	{"to 0.0.0.0", SLOW_DESTINATION, {{TO, 0, 4}}},
	{"to the metadata service", SLOW_DESTINATION, {{TO, ADDR(169, 254, 169, 254), 4}}},
	{"to another subnet", SLOW_INSIDE, {{TO, ADDR(172, 16, 100, 3), 4}}},
	{"to its own subnet", SLOW_INSIDE, {{TO, ADDR(172, 16, 101, 4), 4}}},
	{"behind a route inside", SLOW_INSIDE, {{TO, ADDR(192, 0, 2, 7), 4}}},
	{"to its own floating IP", SLOW_HAIRPIN, {{TO, ADDR(10, 10, 10, 3), 4}}},
	{"to another floating IP", SLOW_HAIRPIN, {{TO, ADDR(10, 10, 10, 4), 4}}},
	{"to one on loan", SLOW_HAIRPIN, {{TO, ADDR(203, 0, 113, 7), 4}}},
	{"to who is not known", SLOW_NEIGHBOUR, {{TO, ADDR(10, 10, 10, 77), 4}}},
	{"to the router", SLOW_NEIGHBOUR, {{TO, ADDR(10, 10, 10, 5), 4}}},
	{"to a network", SLOW_NEIGHBOUR, {{TO, ADDR(10, 10, 10, 255), 4}}},
	{"another station", NOT_OURS, {{TO_MAC, 0x02000009, 4}}},
	{"to all stations", NOT_OURS, {{TO_MAC, 0xffffffff, 4}, {TO_MAC + 4, 0xffff, 2}}},
	{"another leg's MAC", NOT_OURS, {{TO_MAC + 5, 2, 1}}},
	{"tagged", NOT_OURS, {{TYPE, 0x8100, 2}, {14, 5, 2}}},
	{"IPv6", NOT_OURS, {{TYPE, 0x86dd, 2}}, 60},
	{"no floating IP", NOT_OURS, {{FROM, ADDR(172, 16, 101, 77), 4}}},
	{"from its floating IP", NOT_OURS, {{FROM, ADDR(10, 10, 10, 3), 4}}},
};

static size_t make(const char *good, const struct patch *changes, size_t count, uint8_t *frame)
{
	size_t len = frames_from_hex(good, frame);

	frames_patch(frame, changes, count);
	if (frame[TYPE] == 8 && frame[TYPE + 1] == 0)
		frames_put_sum(frame, (frame[VERSION] & 15) * 4U);
	return len;
}

static void assert_reason(const struct untouched *u)
{
	const struct express_event *e = programs_told(&programs);

	if (!e && u->reason != NOT_OURS)
		fail_msg("%s: not seen at all", u->name);
	if (e && (e->verdict != VERDICT_ROUTER || e->reason != u->reason))
		fail_msg("%s: verdict %u, reason %u", u->name, e->verdict, e->reason);
}

static void each_is_untouched(unsigned leg, const char *good, const struct untouched *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct untouched *u = &list[i];
		uint8_t frame[RUN_PROG_MAX] = {0}, got[RUN_PROG_MAX];
		struct programs_packet packet = {.leg = leg, .frame = frame, .mark = 7};
		struct run_prog_result r;

		packet.len = make(good, u->changes, COUNT(u->changes), frame);
		packet.len = u->len ? u->len : packet.len;
		frame[SUM] ^= u->wrong_sum;
		programs_fast(&programs, &packet, got, &r);
		assert_untouched(u->name, &packet, got, &r, PROGRAMS_PASS);
		assert_reason(u);
		if (!world_legs[leg].external)
			continue;
		packet.mark = r.mark = 0;
		programs_run(&programs, PROGRAM_XDP, &packet, got, &r);
		assert_untouched(u->name, &packet, got, &r, XDP_PASS);
		assert_null(programs_told(&programs));
	}
}

static void what_is_not_ours_is_untouched(void **state)
{
	each_is_untouched(QG, GOOD_IN, untouched_in, COUNT(untouched_in));
	each_is_untouched(QB, GOOD_OUT, untouched_out, COUNT(untouched_out));
}

static void good_ones_go_to_their_port(void **state)
{
	uint8_t frame[100], got[RUN_PROG_MAX];
	struct programs_packet packet = {.leg = QG, .frame = frame};
	struct run_prog_result r;
	const struct express_event *e;

	packet.len = frames_from_hex(GOOD_IN, frame);
	programs_fast(&programs, &packet, got, &r);
	e = programs_told(&programs);
	assert_non_null(e);
	assert_int_equal(e->verdict, VERDICT_FORWARD);
	assert_int_equal(e->port, programs.ifindex[QB]);
	assert_memory_equal(e->was, frame, packet.len);
	programs_run(&programs, PROGRAM_XDP, &packet, got, &r);
	e = programs_told(&programs);
	assert_int_equal(r.verdict, XDP_REDIRECT);
	assert_non_null(e);
	assert_int_equal(e->port, programs.ifindex[QB]);
	packet.leg = QB;
	packet.len = frames_from_hex(GOOD_OUT, frame);
	programs_fast(&programs, &packet, got, &r);
	e = programs_told(&programs);
	assert_non_null(e);
	assert_int_equal(e->verdict, VERDICT_FORWARD);
	assert_int_equal(e->port, programs.ifindex[QG]);
}

/* --- packets of many segments --- */

/* So much TCP that no link takes it in one piece. */
static size_t make_large(bool out, uint8_t *frame)
{
	size_t len = 14 + 3000;

	memset(frame, 0, len);
	frames_from_hex(out ? GOOD_OUT : GOOD_IN, frame);
	frames_patch(frame, (struct patch[]){{TOTAL, 3000, 2}, {PROTOCOL, 6, 1}, {L4 + 12, 0x50, 1}}, 3);
	frames_put_sum(frame, 20);
	return len;
}

/* The model knows no segments: to it, one wire takes all of it. */
static struct model_result translate_large(unsigned leg, const uint8_t *frame, size_t len, uint8_t *out)
{
	struct model_leg legs[COUNT(world_legs)];
	struct model_world wide = world;

	memcpy(legs, world_legs, sizeof(legs));
	for (size_t i = 0; i < COUNT(legs); i++)
		legs[i].mtu = 65535;
	wide.legs = legs;
	return model_translate(&wide, leg, frame, len, out);
}

static void large_packets_go_as_a_whole(void **state)
{
	static const struct {
		unsigned leg;
		uint32_t size; /* of a segment, without headers */
		bool fits;
	} list[] = {{QG, 1360, true}, {QG, 1361, false}, {QB, 1460, true}, {QB, 1461, false}, {QG, 0, false}};

	for (size_t i = 0; i < COUNT(list); i++) {
		uint8_t frame[RUN_PROG_MAX], got[RUN_PROG_MAX], expect[RUN_PROG_MAX + 4];
		struct programs_packet packet = {.leg = list[i].leg,
						 .frame = frame,
						 .gso_size = list[i].size,
						 .gso_segs = list[i].size ? 3 : 0};
		struct run_prog_result r;
		struct model_result m;

		packet.len = make_large(list[i].leg == QB, frame);
		m = translate_large(list[i].leg, frame, packet.len, expect);
		programs_fast(&programs, &packet, got, &r);
		if (list[i].fits) {
			assert_int_equal(r.verdict, TC_ACT_REDIRECT);
			assert_frame("segments", "tc", expect, m.len, got, r.len);
		} else {
			assert_untouched("segments", &packet, got, &r, PROGRAMS_PASS);
		}
	}
}

/* --- the legs --- */

static const struct {
	const char *name;
	struct patch change;
	bool marked;
} ways_out[] = {
	{"outside", {0}, true},
	{"class E", {TO, ADDR(240, 0, 0, 1), 4}, true},
	{"to another subnet", {TO, ADDR(172, 16, 100, 3), 4}, false},
	{"behind a route inside", {TO, ADDR(192, 0, 2, 7), 4}, false},
	{"to its own floating IP", {TO, ADDR(10, 10, 10, 3), 4}, false},
	{"to another floating IP", {TO, ADDR(10, 10, 10, 4), 4}, false},
	{"to the metadata service", {TO, ADDR(169, 254, 169, 254), 4}, false},
	{"to a group", {TO, ADDR(224, 0, 0, 5), 4}, false},
	{"no floating IP", {FROM, ADDR(172, 16, 101, 77), 4}, false},
	{"tagged", {TYPE, 0x8100, 2}, false},
	{"TTL 1", {TTL, 1, 1}, true},
	{"half a header", {TOTAL, 19, 2}, false},
};

/* Only what will leave with the floating IP is kept from conntrack; nothing is written yet. */
static void who_leaves_is_marked(void **state)
{
	for (size_t i = 0; i < COUNT(ways_out); i++) {
		uint8_t frame[100], got[RUN_PROG_MAX];
		struct programs_packet packet = {.leg = QB, .frame = frame};
		struct run_prog_result r;

		packet.len = make(GOOD_OUT, &ways_out[i].change, 1, frame);
		programs_run(&programs, PROGRAM_INNER_IN, &packet, got, &r);
		if (r.mark != (ways_out[i].marked ? EXPRESS_MARK : 0))
			fail_msg("%s: mark %x", ways_out[i].name, r.mark);
		assert_memory_equal(frame, got, packet.len);
	}
}

/* Translated, for the kernel to answer; its answer is translated back. */
static void what_the_router_answers_is_counted(void **state)
{
	static const struct {
		struct patch changes[2];
		size_t len;
		enum express_drop reason;
		uint32_t verdict;
		bool wrong_sum;
	} list[] = {
		{{{TTL, 1, 1}}, 0, DROP_TTL, PROGRAMS_PASS},
		{{{TOTAL, 1401, 2}, {FRAGMENT, 0x4000, 2}}, 1415, DROP_TOO_BIG, PROGRAMS_PASS},
		{{{VERSION, 0x44, 1}}, 0, DROP_MALFORMED, TC_ACT_SHOT},
		{{{TOTAL, 33, 2}}, 0, DROP_MALFORMED, TC_ACT_SHOT},
		{{{0}}, 0, DROP_MALFORMED, TC_ACT_SHOT, true},
	};

	for (size_t i = 0; i < COUNT(list); i++) {
		uint8_t frame[RUN_PROG_MAX] = {0}, got[RUN_PROG_MAX];
		struct programs_packet packet = {.leg = QG, .frame = frame};
		uint64_t before = dropped(list[i].reason);
		struct run_prog_result r;

		packet.len = make(GOOD_IN, list[i].changes, COUNT(list[i].changes), frame);
		packet.len = list[i].len ? list[i].len : packet.len;
		frame[SUM] ^= list[i].wrong_sum;
		programs_run(&programs, PROGRAM_OUTER_IN, &packet, got, &r);
		assert_int_equal(r.verdict, list[i].verdict);
		assert_int_equal(dropped(list[i].reason), before + 1);
		if (r.verdict == TC_ACT_SHOT)
			continue;
		assert_int_equal(r.mark, EXPRESS_MARK);
		assert_memory_equal(got + TO, ((uint8_t[]){172, 16, 101, 3}), 4);
	}
}

/* It will be cut into fragments, and get through. */
static void what_may_be_cut_is_not_dropped(void **state)
{
	uint8_t frame[RUN_PROG_MAX] = {0}, got[RUN_PROG_MAX];
	struct programs_packet packet = {.leg = QG, .frame = frame, .len = 1415};
	const struct float_entry *e = programs_entry(&programs, world_nats[0].floating);
	uint64_t before = dropped(DROP_TOO_BIG), packets = e->counter[EXPRESS_IN].packets;
	struct run_prog_result r;

	make(GOOD_IN, &(struct patch){TOTAL, 1401, 2}, 1, frame);
	programs_run(&programs, PROGRAM_OUTER_IN, &packet, got, &r);
	assert_int_equal(r.mark, EXPRESS_MARK);
	assert_int_equal(dropped(DROP_TOO_BIG), before);
	assert_int_equal(e->counter[EXPRESS_IN].packets, packets + 1);
}

/* From the router's own address, about what it has translated: as the row says that the instance's would be.
 */
static void errors_of_the_router_come_from_the_floating_ip(void **state)
{
	const struct translation *t = translations;
	uint8_t frame[300], expect[300], got[RUN_PROG_MAX];
	struct programs_packet packet = {.leg = QG, .frame = frame, .made_here = true};
	struct run_prog_result r;
	size_t expect_len;

	while (strcmp(t->name, "out: time exceeded about UDP") != 0)
		t++;
	packet.len = frames_from_hex(t->frame, frame);
	expect_len = frames_from_hex(t->expect, expect);
	memcpy(frame, expect, 14);
	frames_patch(frame, (struct patch[]){{FROM, ADDR(10, 10, 10, 5), 4}, {TTL, expect[TTL], 1}}, 2);
	frames_put_sum(frame, 20);
	programs_run(&programs, PROGRAM_OUTER_OUT, &packet, got, &r);
	assert_int_equal(r.verdict, PROGRAMS_PASS);
	assert_frame(t->name, "outer_out", expect, expect_len, got, r.len);
	/* Who only passes by, without the mark, is nftables' to translate. */
	packet.made_here = false;
	programs_run(&programs, PROGRAM_OUTER_OUT, &packet, got, &r);
	assert_untouched("not marked", &packet, got, &r, PROGRAMS_PASS);
}

static int set_up(void **state)
{
	int r = programs_open(&programs, &world);

	if (r < 0)
		print_error("loading the programs: %s\n", strerror(-r));
	programs_watch(&programs, world_nats[0].floating);
	return r;
}

static int tear_down(void **state)
{
	programs_close(&programs);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(translations_are_exact_where_they_come_in),
		cmocka_unit_test(translations_are_exact_at_xdp),
		cmocka_unit_test(translations_are_exact_in_the_router),
		cmocka_unit_test(what_is_not_ours_is_untouched),
		cmocka_unit_test(good_ones_go_to_their_port),
		cmocka_unit_test(large_packets_go_as_a_whole),
		cmocka_unit_test(who_leaves_is_marked),
		cmocka_unit_test(what_the_router_answers_is_counted),
		cmocka_unit_test(what_may_be_cut_is_not_dropped),
		cmocka_unit_test(errors_of_the_router_come_from_the_floating_ip),
	};

	if (geteuid() != 0)
		return 77;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
