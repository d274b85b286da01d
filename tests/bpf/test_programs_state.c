/* What the express programs do over time: generations, limits, counters, and what they learn.
 * Needs root; skipped (77) without. What they make of one frame is in test_programs.c. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "frames.h"
#include "programs.h"
#include "world.h"

static struct programs programs;

/* From the next hop to the first floating IP, and back: 32 bytes of UDP in IP. */
#define GOOD_IN                                                                                              \
	"02000000000102000000000a0800 4500002012340000401140820a0a0a010a0a0a03 04010035000cfac564617461"
#define GOOD_OUT                                                                                             \
	"02000000000302000000000c0800 45000020123400004011437bac1065030a0a0a01 04010035000cfdbe64617461"
enum { GOOD_BYTES = 32 };

static const struct model_nat *const nat = &world_nats[0], *const other = &world_nats[2];
static const uint8_t instance_mac[] = {2, 0, 0, 0, 0, 12};
static const uint32_t gateway = ADDR(10, 10, 10, 1);

/* One frame, and what has become of it. */
struct ran {
	uint8_t frame[RUN_PROG_MAX], out[RUN_PROG_MAX];
	struct programs_packet packet;
	struct run_prog_result result;
	const struct express_event *event; /* NULL: nothing was told */
};

static void prepare(struct ran *r, unsigned leg, const char *good)
{
	*r = (struct ran){.packet = {.leg = leg, .frame = r->frame}};
	r->packet.len = frames_from_hex(good, r->frame);
}

static void patch(struct ran *r, unsigned at, uint32_t value, unsigned bytes)
{
	frames_patch(r->frame, &(struct patch){at, value, bytes}, 1);
	frames_put_sum(r->frame, 20);
}

static uint32_t run(struct ran *r, int program)
{
	programs_run(&programs, program, &r->packet, r->out, &r->result);
	r->event = programs_told(&programs);
	return r->result.verdict;
}

static void assert_address(const struct ran *r, unsigned at, uint32_t address)
{
	uint32_t there;

	memcpy(&there, r->out + at, sizeof(there));
	assert_int_equal(ntohl(there), address);
}

static uint32_t run_in(struct ran *r, uint32_t to)
{
	prepare(r, QG, GOOD_IN);
	patch(r, TO, to, 4);
	return run(r, PROGRAM_UPLINK);
}

static uint32_t run_out(struct ran *r, uint32_t from)
{
	prepare(r, QB, GOOD_OUT);
	patch(r, FROM, from, 4);
	return run(r, PROGRAM_PORT);
}

/* What comes for `floating` gets to `fixed`, and what that sends is from there. 0: nobody has it. */
static void assert_pair(uint32_t floating, uint32_t fixed)
{
	struct ran r;

	if (!fixed) {
		assert_int_equal(run_in(&r, floating), PROGRAMS_PASS);
		return;
	}
	assert_int_equal(run_in(&r, floating), TC_ACT_REDIRECT);
	assert_address(&r, TO, fixed);
	assert_int_equal(run_out(&r, fixed), TC_ACT_REDIRECT);
	assert_address(&r, FROM, floating);
}

/* --- generations --- */

static void put_pair(uint32_t floating, uint32_t fixed, uint64_t generation)
{
	const struct model_nat pair = {floating, fixed};
	struct float_slot slot = programs_float_slot(&programs, &pair);
	struct fixed_slot back = programs_fixed_slot(&programs, &pair);

	programs_put_float(&programs, floating, &slot, generation);
	programs_put_fixed(&programs, fixed, &back, generation);
}

/* The flag alone says so; express_fip.c leaves the rest empty. */
static void end_pair(const struct model_nat *n, uint64_t generation)
{
	struct float_slot slot = programs_float_slot(&programs, n);
	struct fixed_slot back = programs_fixed_slot(&programs, n);

	slot.flags = back.flags = FLOAT_END;
	programs_put_float(&programs, n->floating, &slot, generation);
	programs_put_fixed(&programs, n->fixed, &back, generation);
}

static void two_that_are_swapped_are_so_at_once(void **state)
{
	put_pair(nat->floating, other->fixed, 2);
	put_pair(other->floating, nat->fixed, 2);
	assert_pair(nat->floating, nat->fixed);
	assert_pair(other->floating, other->fixed);
	programs_begin(&programs, 2);
	assert_pair(nat->floating, other->fixed);
	assert_pair(other->floating, nat->fixed);
}

static void what_has_never_counted_is_nobodys(void **state)
{
	const uint32_t floating = ADDR(10, 10, 10, 50), fixed = ADDR(172, 16, 101, 50);
	struct float_slot slot = programs_float_slot(&programs, nat);
	struct ran r;

	slot.fixed = htonl(fixed);
	programs_entry(&programs, floating);
	assert_pair(floating, 0); /* an entry without anything */
	put_pair(floating, fixed, 2);
	programs_put_float(&programs, floating, &slot, 2);
	assert_pair(floating, 0);
	assert_int_equal(run_out(&r, fixed), PROGRAMS_PASS);
	assert_null(r.event);
	programs_begin(&programs, 2);
	assert_pair(floating, fixed);
}

/* The agent is at it: the slot has no generation yet. What counted goes on to. */
static void what_is_being_written_is_not_read(void **state)
{
	struct float_entry *e = programs_entry(&programs, nat->floating);
	struct float_slot *s;

	put_pair(nat->floating, other->fixed, 2);
	s = e->generation[0] == 2 ? &e->slot[0] : &e->slot[1];
	e->generation[s - e->slot] = ~0ULL;
	memset(s, 0xee, sizeof(*s));
	programs_begin(&programs, 2);
	assert_pair(nat->floating, nat->fixed);
}

static void what_ends_is_nobodys_at_once(void **state)
{
	struct ran r;

	end_pair(nat, 2);
	assert_pair(nat->floating, nat->fixed);
	programs_begin(&programs, 2);
	assert_pair(nat->floating, 0);
	assert_int_equal(run_out(&r, nat->fixed), PROGRAMS_PASS);
	prepare(&r, QG, GOOD_IN);
	assert_int_equal(run(&r, PROGRAM_XDP), XDP_PASS);
	/* The kernel, which would take the packet for its own, must not see it. */
	assert_int_equal(run(&r, PROGRAM_OUTER_IN), TC_ACT_SHOT);
	/* And this one, which was on its way, must not get out as it is. */
	prepare(&r, QG, GOOD_OUT);
	r.packet.mark = EXPRESS_MARK;
	assert_int_equal(run(&r, PROGRAM_OUTER_OUT), TC_ACT_SHOT);
	prepare(&r, QB, GOOD_OUT);
	assert_int_equal(run(&r, PROGRAM_INNER_IN), PROGRAMS_PASS);
	assert_int_equal(r.result.mark, 0);
	put_pair(nat->floating, nat->fixed, 3);
	assert_pair(nat->floating, 0);
	programs_begin(&programs, 3);
	assert_pair(nat->floating, nat->fixed);
}

/* --- limits --- */

/* Full after so many good packets; a year until there is room for another. */
static void set_meter(enum express_direction direction, uint64_t packets)
{
	static const uint64_t year = 365ULL * 86400 * 1000000000 * 16;
	struct express_meter *m = &programs_entry(&programs, nat->floating)->meter[direction];
	uint64_t each = year * GOOD_BYTES >> 6;

	*m = (struct express_meter){.cost = year, .burst = packets * each + each / 2};
}

static const struct limited {
	int program;
	unsigned leg;
	const char *good;
	uint32_t mark;
	uint32_t through, dropped; /* verdicts */
	enum express_direction direction;
} limited[] = {
	{PROGRAM_UPLINK, QG, GOOD_IN, 0, TC_ACT_REDIRECT, TC_ACT_SHOT, EXPRESS_IN},
	{PROGRAM_XDP, QG, GOOD_IN, 0, XDP_REDIRECT, XDP_DROP, EXPRESS_IN},
	{PROGRAM_OUTER_IN, QG, GOOD_IN, 0, PROGRAMS_PASS, TC_ACT_SHOT, EXPRESS_IN},
	{PROGRAM_PORT, QB, GOOD_OUT, 0, TC_ACT_REDIRECT, TC_ACT_SHOT, EXPRESS_OUT},
	{PROGRAM_OUTER_OUT, QG, GOOD_OUT, EXPRESS_MARK, PROGRAMS_PASS, TC_ACT_SHOT, EXPRESS_OUT},
};

static enum express_drop reason_of(const struct limited *l)
{
	return l->direction == EXPRESS_IN ? DROP_RATE_IN : DROP_RATE_OUT;
}

static uint32_t run_limited(const struct limited *l)
{
	struct ran r;
	uint32_t verdict;

	prepare(&r, l->leg, l->good);
	r.packet.mark = l->mark;
	verdict = run(&r, l->program);
	if (verdict == l->dropped) {
		assert_non_null(r.event);
		assert_int_equal(r.event->verdict, VERDICT_DROP);
		assert_int_equal(r.event->reason, reason_of(l));
	}
	return verdict;
}

/* Each program counts what it lets through, and what it drops by reason; and both to the same bucket. */
static void limits_drop_what_is_over(void **state)
{
	enum { ROOM = 10, MORE = 7 };

	for (size_t i = 0; i < COUNT(limited); i++) {
		const struct limited *l = &limited[i];
		struct float_entry *e = programs_entry(&programs, nat->floating);
		struct express_counter *c = &e->counter[l->direction];
		uint64_t dropped = e->dropped[reason_of(l)], packets = c->packets, bytes = c->bytes;

		set_meter(l->direction, ROOM);
		for (int n = 0; n < ROOM + MORE; n++)
			assert_int_equal(run_limited(l), n < ROOM ? l->through : l->dropped);
		assert_int_equal(e->dropped[reason_of(l)], dropped + MORE);
		assert_int_equal(c->packets, packets + ROOM);
		assert_int_equal(c->bytes, bytes + (uint64_t)ROOM * GOOD_BYTES);
		assert_true(c->seen_ns != 0);
	}
}

/* What finds the bucket empty goes through whatever its size. */
static void one_packet_always_goes_through(void **state)
{
	set_meter(EXPRESS_IN, 0);
	assert_int_equal(run_limited(&limited[0]), TC_ACT_REDIRECT);
	assert_int_equal(run_limited(&limited[0]), TC_ACT_SHOT);
	programs_entry(&programs, nat->floating)->meter[EXPRESS_IN].full = 1; /* long ago */
	assert_int_equal(run_limited(&limited[0]), TC_ACT_REDIRECT);
}

static void directions_have_their_own_limits(void **state)
{
	set_meter(EXPRESS_IN, 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(run_limited(&limited[3]), TC_ACT_REDIRECT);
}

/* What is left to the router has been counted there, not here. */
static void what_is_left_alone_is_not_counted(void **state)
{
	struct float_entry *e = programs_entry(&programs, nat->floating);
	const struct float_entry before = *e;
	struct ran r;

	prepare(&r, QG, GOOD_IN);
	patch(&r, TTL, 1, 1);
	assert_int_equal(run(&r, PROGRAM_UPLINK), PROGRAMS_PASS);
	assert_int_equal(run(&r, PROGRAM_XDP), XDP_PASS);
	prepare(&r, QB, GOOD_OUT);
	patch(&r, TTL, 1, 1);
	assert_int_equal(run(&r, PROGRAM_PORT), PROGRAMS_PASS);
	assert_memory_equal(e->counter, before.counter, sizeof(before.counter));
	assert_memory_equal(e->dropped, before.dropped, sizeof(before.dropped));
}

/* Told of though nobody watches, and nothing else. */
static void made_up_packets_count_nowhere(void **state)
{
	struct float_entry *e = programs_entry(&programs, nat->floating), before;
	struct ran r;

	set_meter(EXPRESS_IN, 0);
	set_meter(EXPRESS_OUT, 0);
	before = *e;
	programs_watch(&programs, 0);
	for (size_t i = 0; i < COUNT(limited); i++) {
		if (limited[i].program != PROGRAM_UPLINK && limited[i].program != PROGRAM_PORT)
			continue;
		for (int n = 0; n < 2; n++) {
			prepare(&r, limited[i].leg, limited[i].good);
			r.packet.mark = EXPRESS_DRY;
			memset(r.frame + 6, 6, 6); /* from nobody who is there */
			assert_int_equal(run(&r, limited[i].program), TC_ACT_REDIRECT);
			assert_non_null(r.event);
			assert_true(r.event->dry);
		}
	}
	assert_memory_equal(e, &before, sizeof(before));
}

/* --- where instances are --- */

static struct float_slot *slot_now(void)
{
	struct float_entry *e = programs_entry(&programs, nat->floating);

	return &e->slot[e->generation[1] > e->generation[0]];
}

static void assert_slow(struct ran *r, enum express_slow reason)
{
	assert_int_equal(r->result.verdict, PROGRAMS_PASS);
	assert_memory_equal(r->frame, r->out, r->packet.len);
	assert_non_null(r->event);
	assert_int_equal(r->event->verdict, VERDICT_ROUTER);
	assert_int_equal(r->event->reason, reason);
}

static void what_the_router_sends_tells_where_instances_are(void **state)
{
	struct ran r;

	slot_now()->station = 0;
	run_in(&r, nat->floating);
	assert_slow(&r, SLOW_STATION);
	prepare(&r, QG, GOOD_IN);
	assert_int_equal(run(&r, PROGRAM_XDP), XDP_PASS);
	/* What the router makes of it, on its way to the instance. */
	prepare(&r, QB, GOOD_IN);
	memcpy(r.frame, instance_mac, 6);
	patch(&r, TO, nat->fixed, 4);
	r.packet.mark = EXPRESS_MARK;
	assert_int_equal(run(&r, PROGRAM_INNER_OUT), PROGRAMS_PASS);
	assert_int_equal(r.result.mark, 0);
	assert_memory_equal(r.frame, r.out, r.packet.len);
	assert_memory_equal(&slot_now()->station, instance_mac, 6);
	assert_int_equal(run_in(&r, nat->floating), TC_ACT_REDIRECT);
	assert_memory_equal(r.out, instance_mac, 6);
}

static void a_group_is_no_station(void **state)
{
	struct ran r;

	slot_now()->station = 0;
	prepare(&r, QB, GOOD_IN);
	memset(r.frame, 0xff, 6);
	patch(&r, TO, nat->fixed, 4);
	run(&r, PROGRAM_INNER_OUT);
	assert_int_equal(slot_now()->station, 0);
}

static void stations_are_believed_for_a_while(void **state)
{
	static const struct {
		unsigned age; /* in stamps; one may pass while this runs */
		bool fresh;
	} list[] = {{0, true},
		    {EXPRESS_FRESH - 1, true},
		    {EXPRESS_FRESH + 1, false},
		    {1000, false},
		    {60000, false}};
	struct ran r;

	for (size_t i = 0; i < COUNT(list); i++) {
		slot_now()->station = programs_station(&programs, instance_mac, list[i].age);
		run_in(&r, nat->floating);
		assert_int_equal(r.result.verdict == TC_ACT_REDIRECT, list[i].fresh);
		prepare(&r, QG, GOOD_IN);
		assert_int_equal(run(&r, PROGRAM_XDP) == XDP_REDIRECT, list[i].fresh);
	}
}

/* An instance that speaks is there: as long as it does, the router need not ask. With another MAC address it
 * is asked for again; and what another port sends says nothing. */
static void instances_are_heard_at_their_port(void **state)
{
	uint64_t old = programs_station(&programs, instance_mac, EXPRESS_FRESH - 2);
	struct ran r;

	slot_now()->station = old;
	prepare(&r, QB, GOOD_OUT);
	r.packet.elsewhere = true;
	run(&r, PROGRAM_PORT);
	assert_int_equal(slot_now()->station, old);
	run_out(&r, nat->fixed);
	assert_true(slot_now()->station != old);
	assert_memory_equal(&slot_now()->station, instance_mac, 6);
	prepare(&r, QB, GOOD_OUT);
	frames_patch(r.frame, &(struct patch){6, 0x02000077, 4}, 1);
	assert_int_equal(run(&r, PROGRAM_PORT), TC_ACT_REDIRECT);
	assert_int_equal(slot_now()->station, 0);
	run_in(&r, nat->floating);
	assert_slow(&r, SLOW_STATION);
	/* Who was not known is still not: ARP decides who it is. */
	run_out(&r, nat->fixed);
	assert_int_equal(slot_now()->station, 0);
}

static void instances_elsewhere_are_the_routers_to_find(void **state)
{
	struct ran r;

	slot_now()->port = 0;
	run_in(&r, nat->floating);
	assert_slow(&r, SLOW_PORT);
	prepare(&r, QG, GOOD_IN);
	assert_int_equal(run(&r, PROGRAM_XDP), XDP_PASS);
}

static void ports_may_not_take_from_xdp(void **state)
{
	struct ran r;

	slot_now()->flags = FLOAT_SET;
	prepare(&r, QG, GOOD_IN);
	assert_int_equal(run(&r, PROGRAM_XDP), XDP_PASS);
	assert_non_null(r.event);
	assert_int_equal(r.event->reason, SLOW_XDP);
	assert_memory_equal(r.frame, r.out, r.packet.len);
	assert_int_equal(run_in(&r, nat->floating), TC_ACT_REDIRECT);
}

/* --- next hops --- */

static void leave_by_router(struct ran *r)
{
	prepare(r, QG, GOOD_OUT);
	memcpy(r->frame, world_neighbours[0].mac, 6);
	memcpy(r->frame + 6, world_legs[QG].mac, 6);
	r->packet.mark = EXPRESS_MARK;
	assert_int_equal(run(r, PROGRAM_OUTER_OUT), PROGRAMS_PASS);
	assert_int_equal(r->result.mark, 0);
}

static void forget_station(const uint8_t *mac)
{
	struct station_key key = {.segment = PROGRAMS_SEGMENT(QG)};

	memcpy(key.mac, mac, sizeof(key.mac));
	bpf_map_delete_elem(programs.kernel.maps[MAP_STATIONS], &key);
}

static void what_the_router_sends_tells_where_next_hops_are(void **state)
{
	struct neighbour n;
	struct ran r;

	programs_forget_neighbour(&programs, QG, gateway);
	run_out(&r, nat->fixed);
	assert_slow(&r, SLOW_NEIGHBOUR);
	leave_by_router(&r);
	assert_true(programs_neighbour(&programs, QG, gateway, &n));
	assert_memory_equal(&n.station, world_neighbours[0].mac, 6);
	assert_int_equal(n.port, programs.ifindex[QG]);
	assert_int_equal(run_out(&r, nat->fixed), TC_ACT_REDIRECT);
}

/* It may be the host itself, or another router of ours. */
static void next_hops_that_no_port_has_heard_are_not_learnt(void **state)
{
	struct neighbour n;
	struct ran r;

	programs_forget_neighbour(&programs, QG, gateway);
	forget_station(world_neighbours[0].mac);
	leave_by_router(&r);
	assert_false(programs_neighbour(&programs, QG, gateway, &n));
	run_out(&r, nat->fixed);
	assert_slow(&r, SLOW_NEIGHBOUR);
}

static void next_hops_are_believed_for_a_while(void **state)
{
	struct neighbour n = {.port = programs.ifindex[QG]};
	struct ran r;

	n.station = programs_station(&programs, world_neighbours[0].mac, EXPRESS_FRESH - 1);
	programs_put_neighbour(&programs, QG, gateway, &n);
	assert_int_equal(run_out(&r, nat->fixed), TC_ACT_REDIRECT);
	n.station = programs_station(&programs, world_neighbours[0].mac, EXPRESS_FRESH + 1);
	programs_put_neighbour(&programs, QG, gateway, &n);
	run_out(&r, nat->fixed);
	assert_slow(&r, SLOW_NEIGHBOUR);
}

/* --- ARP --- */

/* The gateway asks for the first floating IP. */
#define ARP_ASK    "ffffffffffff02000000000a0806 0001080006040001 02000000000a0a0a0a01 0000000000000a0a0a03"
#define ARP_ANSWER "02000000000a0200000000010806 0001080006040002 0200000000010a0a0a03 02000000000a0a0a0a01"
enum {
	ARP_HARDWARE = 14,
	ARP_SIZE = 18,
	ARP_OPERATION = 20,
	ARP_SENDER_MAC = 22,
	ARP_SENDER = 28,
	ARP_TARGET = 38
};

static void prepare_arp(struct ran *r, const struct patch *p)
{
	prepare(r, QG, ARP_ASK);
	if (p)
		frames_patch(r->frame, p, 1);
}

static void floating_ips_are_answered_for(void **state)
{
	uint8_t answer[100], got[1600];
	struct ran r;

	frames_from_hex(ARP_ANSWER, answer);
	prepare_arp(&r, NULL);
	assert_int_equal(run(&r, PROGRAM_OUTER_IN), PROGRAMS_PASS);
	assert_memory_equal(r.frame, r.out, r.packet.len); /* the kernel hears it, too */
	assert_int_equal(programs_sent(&programs, QG, got, sizeof(got)), r.packet.len);
	assert_memory_equal(got, answer, r.packet.len);
	assert_int_equal(programs_sent(&programs, QG, got, sizeof(got)), 0);
}

static void others_are_not_answered_for(void **state)
{
	static const struct patch list[] = {
		{ARP_TARGET, ADDR(10, 10, 10, 5), 4}, /* the kernel's own */
		{ARP_TARGET, ADDR(10, 10, 10, 77), 4},
		{ARP_TARGET, ADDR(172, 16, 101, 3), 4},
		{ARP_OPERATION, 2, 2},
		{ARP_SENDER, ADDR(10, 10, 10, 3), 4},
		{ARP_HARDWARE, 6, 2},
		{ARP_SIZE, 8, 1},
		{TYPE, 0x8035, 2},
	};
	uint8_t got[1600];
	struct ran r;

	for (size_t i = 0; i < COUNT(list); i++) {
		prepare_arp(&r, &list[i]);
		assert_int_equal(run(&r, PROGRAM_OUTER_IN), PROGRAMS_PASS);
		assert_memory_equal(r.frame, r.out, r.packet.len);
		assert_int_equal(programs_sent(&programs, QG, got, sizeof(got)), 0);
	}
	end_pair(nat, 2);
	programs_begin(&programs, 2);
	prepare_arp(&r, NULL);
	run(&r, PROGRAM_OUTER_IN);
	assert_int_equal(programs_sent(&programs, QG, got, sizeof(got)), 0);
}

static uint32_t port_of(const uint8_t *mac)
{
	struct station_key key = {.segment = PROGRAMS_SEGMENT(QG)};
	uint32_t port = 0;

	memcpy(key.mac, mac, sizeof(key.mac));
	bpf_map_lookup_elem(programs.kernel.maps[MAP_STATIONS], &key, &port);
	return port;
}

/* Whether the gateway is still known as a next hop after this was heard. */
static bool hear(const struct patch *p, bool elsewhere)
{
	struct neighbour n;
	struct ran r;

	prepare_arp(&r, p);
	r.packet.elsewhere = elsewhere;
	assert_int_equal(run(&r, PROGRAM_UPLINK), PROGRAMS_PASS);
	assert_memory_equal(r.frame, r.out, r.packet.len);
	return programs_neighbour(&programs, QG, gateway, &n);
}

static void arp_tells_where_stations_are(void **state)
{
	static const uint8_t mac[] = {2, 0, 0, 0, 0, 10}, strange[] = {6, 6, 6, 6, 0, 10};
	static const struct patch malformed = {ARP_SIZE, 8, 1}, moved = {ARP_SENDER_MAC, 0x06060606, 4};

	forget_station(mac);
	assert_true(hear(&malformed, false));
	assert_int_equal(port_of(mac), 0);
	assert_true(hear(NULL, false));
	assert_int_equal(port_of(mac), programs.ifindex[QG]);
	/* With another MAC address it is no next hop until the router knows; nor on another port. */
	assert_false(hear(&moved, false));
	assert_int_equal(port_of(strange), programs.ifindex[QG]);
	programs_hear_all(&programs);
	assert_false(hear(NULL, true));
	assert_int_equal(port_of(mac), programs.ifindex[PROGRAMS_LEGS]);
}

static int set_up(void **state)
{
	int r = programs_open(&programs, &world);

	if (r < 0)
		print_error("loading the programs: %s\n", strerror(-r));
	return r;
}

/* What one test changes would count in the next. */
static int begin_anew(void **state)
{
	programs_reset(&programs);
	programs_watch(&programs, nat->floating);
	return 0;
}

static int tear_down(void **state)
{
	programs_close(&programs);
	return 0;
}

#define ANEW(test) cmocka_unit_test_setup(test, begin_anew)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ANEW(two_that_are_swapped_are_so_at_once),
		ANEW(what_has_never_counted_is_nobodys),
		ANEW(what_is_being_written_is_not_read),
		ANEW(what_ends_is_nobodys_at_once),
		ANEW(limits_drop_what_is_over),
		ANEW(one_packet_always_goes_through),
		ANEW(directions_have_their_own_limits),
		ANEW(what_is_left_alone_is_not_counted),
		ANEW(made_up_packets_count_nowhere),
		ANEW(what_the_router_sends_tells_where_instances_are),
		ANEW(a_group_is_no_station),
		ANEW(stations_are_believed_for_a_while),
		ANEW(instances_are_heard_at_their_port),
		ANEW(instances_elsewhere_are_the_routers_to_find),
		ANEW(ports_may_not_take_from_xdp),
		ANEW(what_the_router_sends_tells_where_next_hops_are),
		ANEW(next_hops_that_no_port_has_heard_are_not_learnt),
		ANEW(next_hops_are_believed_for_a_while),
		ANEW(floating_ips_are_answered_for),
		ANEW(others_are_not_answered_for),
		ANEW(arp_tells_where_stations_are),
	};

	if (geteuid() != 0)
		return 77;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
