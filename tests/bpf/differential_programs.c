/* Runs random frames through the express programs themselves, and compares what they make of them with what
 *the model says. No wires and no waiting: ten thousands of frames a second.
 *
 *	differential_programs [--seed S] [--from I] [--count N] [--only I] [--most N]
 *
 * Each frame takes every way that it could take: tc where it comes in (and XDP, at the uplink), as if
 *everybody were known, and then, as if nobody were, through the router's namespace. Where it comes in it is
 *either finished, and then has the model's bytes, or goes on untouched; in the namespace it comes out with
 *the model's bytes. Every third frame has some bits turned over or its end cut off, for what packets.c does
 *not think of: whatever is wrong with a frame, it is not forwarded unless the model forwards it.
 *
 * Exits with 1 after the first --most differences, each with the line that makes it again; with 77 when not
 * root. */
#include <getopt.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "packets.h"
#include "programs.h"
#include "world.h"

enum { HEAR_EACH = 1024, ETH = 14 };

enum way { WAY_TC, WAY_XDP, WAY_ROUTER, WAYS };
static const char *const way_names[WAYS] = {"tc", "XDP", "the router"};

struct run {
	struct programs programs;
	struct packets packets;
	uint64_t forwarded[WAYS], untouched[WAYS];
	uint64_t frames, turned;
	unsigned differences;
};

/* One frame, and what it is to be. */
struct item {
	uint64_t index;
	struct programs_packet packet;
	uint8_t expect[RUN_PROG_MAX + 4];
	struct model_result result;
};

static uint64_t mix(uint64_t x) /* splitmix64 */
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static void differ(struct run *r, const struct item *i, enum way way, const char *what, const uint8_t *got,
		   size_t len)
{
	static const char *const verdicts[] = {
		[MODEL_FORWARD] = "forward",   [MODEL_NOTHING] = "nothing", [MODEL_ROUTER] = "the router's",
		[MODEL_STATEFUL] = "stateful", [MODEL_OPEN] = "open",
	};
	bool forward = i->result.verdict == MODEL_FORWARD;

	r->differences++;
	printf("frame %" PRIu64 " by %s: %s\n", i->index, way_names[way], what);
	printf("  the model: %s, %s\n", verdicts[i->result.verdict], i->result.why);
	printf("  again: --seed %" PRIu64 " --only %" PRIu64 "\n", r->packets.seed, i->index);
	compare_dump(stdout, "in", i->packet.frame, i->packet.len, NULL, 0);
	if (forward)
		compare_dump(stdout, "expected", i->expect, i->result.len, got, len);
	compare_dump(stdout, "got", got, len, forward ? i->expect : NULL, i->result.len);
}

static bool is_as_expected(const struct item *i, const uint8_t *got, size_t len)
{
	return compare_frames(i->expect, i->result.len, got, len);
}

static bool is_untouched(const struct item *i, const uint8_t *got, const struct run_prog_result *result)
{
	return result->mark == 0 && result->len == i->packet.len &&
	       memcmp(got, i->packet.frame, result->len) == 0;
}

/* What nobody has decided, the programs may forward. What is too large for the next link they may not. */
static bool may_forward(const struct item *i)
{
	return i->result.verdict == MODEL_OPEN || (i->result.verdict == MODEL_FORWARD && !i->result.left);
}

static void judge_fast(struct run *r, const struct item *i, enum way way, bool forwards, bool passes,
		       const uint8_t *got, const struct run_prog_result *result)
{
	const char *what = NULL;

	if (forwards && !may_forward(i))
		what = "forwarded";
	else if (forwards && i->result.verdict == MODEL_FORWARD && !is_as_expected(i, got, result->len))
		what = "forwarded with other bytes";
	else if (!forwards && !passes)
		what = "neither forwarded nor passed on";
	else if (passes && !is_untouched(i, got, result))
		what = "passed on, but not as it was";
	if (what)
		differ(r, i, way, what, got, result->len);
	r->forwarded[way] += forwards;
	r->untouched[way] += passes;
}

/* See run_prog.h: the kernel refuses the others. */
static bool can_run_at_tc(const struct item *i)
{
	const uint8_t *f = i->packet.frame;
	bool ip4 = f[12] == 0x08 && f[13] == 0, ip6 = f[12] == 0x86 && f[13] == 0xdd;

	return i->packet.len >= ETH + (ip4 ? 20U : ip6 ? 40U : 0U);
}

static void try_tc(struct run *r, const struct item *i)
{
	struct run_prog_result result = {0};
	uint8_t got[RUN_PROG_MAX];

	programs_fast(&r->programs, &i->packet, got, &result);
	judge_fast(r, i, WAY_TC, result.verdict == TC_ACT_REDIRECT, result.verdict == PROGRAMS_PASS, got,
		   &result);
}

static void try_xdp(struct run *r, const struct item *i)
{
	struct run_prog_result result = {0};
	uint8_t got[RUN_PROG_MAX];

	if (!r->programs.world->legs[i->packet.leg].external)
		return;
	programs_run(&r->programs, PROGRAM_XDP, &i->packet, got, &result);
	judge_fast(r, i, WAY_XDP, result.verdict == XDP_REDIRECT, result.verdict == XDP_PASS, got, &result);
}

static bool is_tagged(const uint8_t *frame)
{
	return frame[12] == 0x81 && frame[13] == 0;
}

/* Whether it is translated without a connection. */
static bool is_express(const struct run *r, const struct item *i)
{
	const struct model_leg *legs = r->programs.world->legs;

	return i->result.verdict == MODEL_FORWARD &&
	       legs[i->packet.leg].external != legs[i->result.leg].external && !is_tagged(i->packet.frame);
}

/* An error is translated by what it quotes, whoever sends it: also who has taken a floating IP for himself.
 */
static bool is_error(const uint8_t *frame, size_t len)
{
	size_t l4 = ETH + (frame[ETH] & 15) * 4U;
	uint8_t type = l4 < len ? frame[l4] : 0;

	return frame[ETH + 9] == 1 && (type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
}

/* What depends on connections is nftables' to translate. */
static void try_leave_alone(struct run *r, const struct item *i)
{
	bool external = r->programs.world->legs[i->packet.leg].external;
	struct run_prog_result result;
	uint8_t got[RUN_PROG_MAX];

	programs_run(&r->programs, external ? PROGRAM_OUTER_IN : PROGRAM_INNER_IN, &i->packet, got, &result);
	if (result.verdict != PROGRAMS_PASS || !is_untouched(i, got, &result))
		differ(r, i, WAY_ROUTER, "touched", got, result.len);
	r->untouched[WAY_ROUTER]++;
}

static void try_router(struct run *r, const struct item *i)
{
	struct run_prog_result result = {0};
	uint8_t got[RUN_PROG_MAX];
	bool through;

	if (is_tagged(i->packet.frame) ||
	    (i->result.verdict == MODEL_STATEFUL && !is_error(i->packet.frame, i->packet.len)))
		try_leave_alone(r, i);
	if (i->result.verdict != MODEL_FORWARD || is_tagged(i->packet.frame))
		return;
	through = programs_slow(&r->programs, &i->packet, i->result.leg, i->expect, got, &result);
	if (!through || result.mark)
		differ(r, i, WAY_ROUTER, through ? "still marked" : "did not come through", got, result.len);
	else if (!is_as_expected(i, got, result.len))
		differ(r, i, WAY_ROUTER, "came through with other bytes", got, result.len);
	r->forwarded[WAY_ROUTER] += is_express(r, i);
}

/* --- frames --- */

/* Turns some bits over, in the headers mostly, or cuts the end off. The IP checksum is right again half of
 * the time: else hardly anything would be looked at. */
static size_t turn(uint64_t random, uint8_t *frame, size_t len)
{
	size_t most = len < 100 ? len : 100, hlen;
	uint16_t sum;

	if (random % 4 == 0)
		return ETH + mix(random) % (len - ETH + 1);
	for (unsigned n = 0; n <= random % 3; n++) {
		uint64_t at = mix(random + n) % (most * 8);

		frame[at / 8] ^= (uint8_t)(1U << at % 8);
	}
	hlen = len > ETH ? (frame[ETH] & 15) * 4U : 0;
	if (random >> 63 || hlen < 20 || hlen > len - ETH)
		return len;
	memset(frame + ETH + 10, 0, 2);
	sum = model_checksum(frame + ETH, hlen, 0);
	frame[ETH + 10] = (uint8_t)(sum >> 8);
	frame[ETH + 11] = (uint8_t)sum;
	return len;
}

static void run_one(struct run *r, uint64_t index)
{
	static uint8_t frame[MODEL_FRAME_MAX];
	struct item i = {.index = index, .packet.frame = frame};

	i.packet.len = packets_make(&r->packets, index, &i.packet.leg, frame);
	if (index % 3 == 0) {
		i.packet.len = turn(mix(r->packets.seed ^ index), frame, i.packet.len);
		r->turned++;
	}
	i.result = model_translate(r->programs.world, i.packet.leg, frame, i.packet.len, i.expect);
	try_xdp(r, &i);
	if (can_run_at_tc(&i)) {
		try_tc(r, &i);
		try_router(r, &i);
	}
	r->frames++;
}

struct options {
	uint64_t seed, from, count, most;
};

static struct options read_options(int argc, char **argv)
{
	static const struct option list[] = {
		{"seed", 1, NULL, 's'}, {"from", 1, NULL, 'f'}, {"count", 1, NULL, 'c'},
		{"only", 1, NULL, 'o'}, {"most", 1, NULL, 'm'}, {0},
	};
	struct options o = {.seed = 1, .count = 100000, .most = 5};
	int c;

	while ((c = getopt_long(argc, argv, "", list, NULL)) != -1) {
		uint64_t number = optarg ? strtoull(optarg, NULL, 0) : 0;

		switch (c) {
		case 's':
			o.seed = number;
			break;
		case 'f':
			o.from = number;
			break;
		case 'c':
			o.count = number;
			break;
		case 'o':
			o.from = number;
			o.count = 1;
			break;
		case 'm':
			o.most = number;
			break;
		default:
			fputs("differential_programs [--seed S] [--from I] [--count N] [--only I] [--most "
			      "N]\n",
			      stderr);
			exit(2);
		}
	}
	return o;
}

int main(int argc, char **argv)
{
	static const uint32_t peers[] = {ADDR(10, 10, 10, 1), ADDR(198, 51, 100, 9)};
	static const uint32_t remotes[] = {ADDR(192, 0, 2, 7)};
	struct options o = read_options(argc, argv);
	static struct run r;
	int error;

	if (geteuid() != 0)
		return 77;
	error = programs_open(&r.programs, &world);
	if (error < 0) {
		fprintf(stderr, "loading the programs: %s\n", strerror(-error));
		return 2;
	}
	r.packets = (struct packets){&world, peers, 2, remotes, 1, o.seed, 1514 + 16};
	for (uint64_t i = o.from; i < o.from + o.count && r.differences < o.most; i++) {
		if (i % HEAR_EACH == 0)
			programs_hear_all(&r.programs);
		run_one(&r, i);
	}
	printf("seed %" PRIu64 ": %" PRIu64 " frames, %" PRIu64 " of them broken on purpose\n", o.seed,
	       r.frames, r.turned);
	for (unsigned i = 0; i < WAYS; i++)
		printf("  %s: %" PRIu64 " forwarded, %" PRIu64 " left alone\n", way_names[i], r.forwarded[i],
		       r.untouched[i]);
	printf("  %u differences\n", r.differences);
	programs_close(&r.programs);
	return r.differences ? 1 : 0;
}
