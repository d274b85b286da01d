/* The reference model against exact bytes, and its verdicts against a table.
 * Unit test, no I/O. */
#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "frames.h"
#include "world.h"

static void translations_are_exact(void **state)
{
	for (size_t i = 0; i < translation_count; i++) {
		const struct translation *t = &translations[i];
		uint8_t frame[300], expect[300], out[304];
		size_t len = frames_from_hex(t->frame, frame),
		       expect_len = frames_from_hex(t->expect, expect);
		struct model_result r = model_translate(&world, t->in, frame, len, out);

		if (r.verdict != MODEL_FORWARD || r.leg != t->leg || r.len != expect_len ||
		    memcmp(out, expect, expect_len) != 0)
			fail_msg("%s: %s", t->name, r.verdict == MODEL_FORWARD ? "other bytes" : r.why);
	}
}

/* A good UDP datagram, with something changed. */
static const struct outcome {
	const char *name;
	unsigned in;
	struct patch changes[3];
	enum model_verdict verdict;
	struct model_answer answer;
} outcomes[] = {
	{"nothing changed", QG, {{0}}, MODEL_FORWARD, {0}},
	{"another station", QG, {{TO_MAC, 0x02000009, 4}}, MODEL_NOTHING, {0}},
	{"broadcast frame", QG, {{TO_MAC, 0xffffffff, 4}}, MODEL_NOTHING, {0}},
	{"ARP", QG, {{TYPE, 0x0806, 2}}, MODEL_ROUTER, {0}},
	{"IPv6", QG, {{TYPE, 0x86dd, 2}}, MODEL_NOTHING, {0}},
	{"tagged", QG, {{TYPE, 0x8100, 2}, {14, 5, 2}}, MODEL_NOTHING, {0}},
	{"version 6", QG, {{VERSION, 0x6f, 1}}, MODEL_NOTHING, {0}},
	{"IHL 4", QG, {{VERSION, 0x44, 1}}, MODEL_NOTHING, {0}},
	{"longer than the frame", QG, {{TOTAL, 65, 2}}, MODEL_NOTHING, {0}},
	{"shorter than its header", QG, {{TOTAL, 39, 2}}, MODEL_NOTHING, {0}},
	{"from 0.0.0.0", QG, {{FROM, 0, 4}}, MODEL_NOTHING, {0}},
	{"from loopback", QG, {{FROM, ADDR(127, 0, 0, 1), 4}}, MODEL_NOTHING, {0}},
	{"from a group", QG, {{FROM, ADDR(224, 0, 0, 5), 4}}, MODEL_NOTHING, {0}},
	{"from everybody", QG, {{FROM, 0xffffffff, 4}}, MODEL_NOTHING, {0}},
	{"from the router", QG, {{FROM, ADDR(10, 10, 10, 5), 4}}, MODEL_OPEN, {0}},
	{"from the router, inside", QA, {{FROM, ADDR(10, 10, 10, 5), 4}}, MODEL_NOTHING, {0}},
	{"from a floating IP", QG, {{FROM, ADDR(10, 10, 10, 4), 4}}, MODEL_OPEN, {0}},
	{"from a floating IP, inside", QA, {{FROM, ADDR(10, 10, 10, 4), 4}}, MODEL_STATEFUL, {0}},
	{"from a network", QG, {{FROM, ADDR(10, 10, 10, 255), 4}}, MODEL_OPEN, {0}},
	{"from class E", QG, {{FROM, ADDR(240, 0, 0, 9), 4}}, MODEL_FORWARD, {0}},
	{"to 0.0.0.0", QG, {{TO, 0, 4}}, MODEL_NOTHING, {0}},
	{"to loopback", QG, {{TO, ADDR(127, 0, 0, 1), 4}}, MODEL_NOTHING, {0}},
	{"to a group", QG, {{TO, ADDR(224, 0, 0, 5), 4}}, MODEL_NOTHING, {0}},
	{"to a network", QG, {{TO, ADDR(172, 16, 101, 255), 4}}, MODEL_NOTHING, {0}},
	{"to the router", QG, {{TO, ADDR(10, 10, 10, 5), 4}}, MODEL_ROUTER, {0}},
	{"to another external address", QG, {{TO, ADDR(10, 10, 10, 77), 4}}, MODEL_NOTHING, {0}},
	{"to nobody inside", QG, {{TO, ADDR(172, 16, 101, 77), 4}}, MODEL_NOTHING, {0}},
	{"TTL 0", QG, {{TTL, 0, 1}}, MODEL_ROUTER, {11, 0, ADDR(10, 10, 10, 3), 0}},
	{"TTL 1", QG, {{TTL, 1, 1}}, MODEL_ROUTER, {11, 0, ADDR(10, 10, 10, 3), 0}},
	{"TTL 1, a later fragment", QG, {{TTL, 1, 1}, {FRAGMENT, 1, 2}}, MODEL_ROUTER, {0}},
	{"TTL 1, an echo",
	 QG,
	 {{TTL, 0x0101, 2}, {54, 0x0800, 2}},
	 MODEL_ROUTER,
	 {11, 0, ADDR(10, 10, 10, 3), 0}},
	{"TTL 1, an error", QG, {{TTL, 0x0101, 2}, {54, 0x0301, 2}}, MODEL_ROUTER, {0}},
	{"TTL 1, unknown ICMP", QG, {{TTL, 0x0101, 2}, {54, 0x2a00, 2}}, MODEL_ROUTER, {0}},
	{"option without end", QG, {{OPTIONS, 0x8828, 2}}, MODEL_ROUTER, {12, 0, ADDR(10, 10, 10, 3), 0}},
	{"option of length 1", QG, {{OPTIONS, 0x8801, 2}}, MODEL_ROUTER, {12, 0, ADDR(10, 10, 10, 3), 0}},
	{"loose source route", QG, {{OPTIONS, 0x830304, 3}}, MODEL_NOTHING, {0}},
	{"something bad behind a source route",
	 QG,
	 {{OPTIONS, 0x830304, 3}, {OPTIONS + 3, 0x8801, 2}},
	 MODEL_ROUTER,
	 {12, 0, ADDR(10, 10, 10, 3), 0}},
	{"record route", QG, {{OPTIONS, 0x070704, 3}}, MODEL_OPEN, {0}},
	{"from an instance to a floating IP", QA, {{TO, ADDR(10, 10, 10, 3), 4}}, MODEL_STATEFUL, {0}},
	{"from an instance without one", QA, {{TO, ADDR(8, 8, 8, 8), 4}}, MODEL_STATEFUL, {0}},
};

static size_t make(const struct outcome *o, uint8_t *frame)
{
	size_t len = frames_from_hex(
		"02000000000102000000000a0800 4a00003c12340000401100000a0a0a090a0a0a03"
		"0101010101010101010101010101010101010101 040100350014000061626364 65666768696a6b6c",
		frame);

	frame[TO_MAC + 5] = world_legs[o->in].mac[5];
	if (o->in != QG)
		memcpy(frame + FROM, (uint8_t[]){172, 16, 100, 4}, 4);
	frames_patch(frame, o->changes, COUNT(o->changes));
	frames_put_sum(frame, 40);
	return len;
}

static bool same_answer(const struct model_answer *a, const struct model_answer *b)
{
	return a->type == b->type && a->code == b->code && a->source == b->source && a->mtu == b->mtu;
}

static void verdicts_are_as_listed(void **state)
{
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		const struct outcome *o = &outcomes[i];
		uint8_t frame[100] = {0}, out[104];
		struct model_result r = model_translate(&world, o->in, frame, make(o, frame), out);

		if (r.verdict != o->verdict)
			fail_msg("%s: verdict %d, %s", o->name, r.verdict, r.why);
		if (!same_answer(&r.answer, &o->answer))
			fail_msg("%s: answered by type %u code %u", o->name, r.answer.type, r.answer.code);
	}
}

/* A full datagram of 1480 bytes and no fragments, to a leg whose MTU is 1400. */
static void large_datagrams_are_told_or_cut(void **state)
{
	uint8_t frame[1494] = {0}, out[1498];
	struct model_result r;

	frames_from_hex("02000000000102000000000a0800 450005c812344000401100000a0a0a010a0a0a03", frame);
	frames_put_sum(frame, 20);
	r = model_translate(&world, QG, frame, sizeof(frame), out);
	assert_int_equal(r.verdict, MODEL_ROUTER);
	assert_int_equal(r.answer.type, 3);
	assert_int_equal(r.answer.code, 4);
	assert_int_equal(r.answer.mtu, 1400);
	assert_int_equal(r.answer.source, world_nats[0].floating);
	frame[FRAGMENT] = 0; /* may be cut */
	frames_put_sum(frame, 20);
	r = model_translate(&world, QG, frame, sizeof(frame), out);
	assert_int_equal(r.verdict, MODEL_FORWARD);
	assert_int_equal(r.left, 1400);
	assert_int_equal(r.len, sizeof(frame));
}

static void without_snat_only_floating_ips_leave(void **state)
{
	struct model_world closed = world;
	struct outcome o = {.in = QA, .changes = {{TO, ADDR(8, 8, 8, 8), 4}}};
	uint8_t frame[100] = {0}, out[104];

	closed.snat = false;
	assert_int_equal(model_translate(&closed, QA, frame, make(&o, frame), out).verdict, MODEL_NOTHING);
}

/* Whatever the length, nothing is read or written beyond it; run with the address sanitizer this shows. */
static void every_length_is_survived(void **state)
{
	for (size_t i = 0; i < translation_count; i++) {
		uint8_t frame[300];
		size_t len = frames_from_hex(translations[i].frame, frame);

		for (size_t cut = 0; cut <= len; cut++) {
			uint8_t *exact = test_malloc(cut + 1), *out = test_malloc(cut + 4);

			memcpy(exact, frame, cut);
			assert_true(model_translate(&world, translations[i].in, exact, cut, out).why != NULL);
			test_free(exact);
			test_free(out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(translations_are_exact),
		cmocka_unit_test(verdicts_are_as_listed),
		cmocka_unit_test(large_datagrams_are_told_or_cut),
		cmocka_unit_test(without_snat_only_floating_ips_leave),
		cmocka_unit_test(every_length_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
