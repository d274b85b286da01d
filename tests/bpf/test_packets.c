/* The packet generator: reproducible, varied; and the model on what it makes.
 * Unit test, no I/O. */
#include "packets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint32_t peers[] = {ADDR(10, 10, 10, 1), ADDR(198, 51, 100, 9)};
static const uint32_t remotes[] = {ADDR(192, 0, 2, 7)};
static const struct packets packets = {
	.world = &world,
	.peers = peers,
	.peer_count = 2,
	.remotes = remotes,
	.remote_count = 1,
	.seed = 1,
	.max_len = 1514,
};

static uint8_t frame[MODEL_FRAME_MAX], out[MODEL_FRAME_MAX + 4];

static void a_frame_can_be_made_again_alone(void **state)
{
	enum { N = 3000 };
	static uint64_t sums[N];
	unsigned leg;

	for (uint64_t i = 0; i < N; i++) {
		size_t len = packets_make(&packets, i, &leg, frame);

		sums[i] = model_checksum(frame, len, 0) | (uint64_t)len << 32 | (uint64_t)leg << 60;
	}
	for (uint64_t i = N; i-- > 0;) {
		size_t len = packets_make(&packets, i, &leg, frame);

		assert_int_equal(sums[i],
				 model_checksum(frame, len, 0) | (uint64_t)len << 32 | (uint64_t)leg << 60);
	}
}

static bool is_plain_ip(const uint8_t *f, size_t len)
{
	return len >= 14 + 20 && f[12] == 8 && !f[13] && f[14] >> 4 == 4;
}

/* The L4 checksum of a whole datagram comes out as zero: it is right. 0xffff: it has none. */
static uint16_t l4_residue(const uint8_t *ip)
{
	size_t hlen = (ip[0] & 15) * 4U, len = (size_t)(ip[2] << 8 | ip[3]) - hlen;
	const uint8_t *p = ip + hlen;

	if (ip[6] & 0x3f || ip[7] || (ip[9] != 6 && ip[9] != 1) || len < (ip[9] == 6 ? 20 : 8))
		return 0xffff;
	return model_checksum(p, len, ip[9] == 6 ? model_pseudo(ip, 6, len) : 0);
}

/* How wrong a checksum is does not change, which includes not at all; the header's is always right. */
static void errors_stay_as_they_are(void **state)
{
	unsigned seen = 0, leg;

	for (uint64_t i = 0; i < 100000; i++) {
		size_t len = packets_make(&packets, i, &leg, frame);
		struct model_result r = model_translate(&world, leg, frame, len, out);

		if (r.verdict != MODEL_FORWARD || !is_plain_ip(frame, len))
			continue;
		assert_int_equal(model_checksum(out + 14, (out[14] & 15) * 4U, 0), 0);
		if (l4_residue(frame + 14) != l4_residue(out + 14))
			fail_msg("frame %u: %04x became %04x", (unsigned)i, l4_residue(frame + 14),
				 l4_residue(out + 14));
		seen++;
	}
	assert_true(seen > 30000);
}

/* Every verdict, every protocol, and every length is met. */
static void all_kinds_come(void **state)
{
	unsigned verdicts[5] = {0}, protocols[256] = {0}, answers[20] = {0}, legs[3] = {0}, cut = 0, leg;
	static const uint8_t wanted[] = {1, 6, 17, 33, 136, 132, 47, 50, 253};
	struct model_leg legs_of_large[COUNT(world_legs)];
	struct model_world of_large = world;
	struct packets large = packets;
	size_t longest = 0, shortest = SIZE_MAX;

	memcpy(legs_of_large, world_legs, sizeof(world_legs));
	legs_of_large[QG].mtu = 65535;
	of_large.legs = legs_of_large;
	large.world = &of_large;
	large.max_len = MODEL_FRAME_MAX;
	for (uint64_t i = 0; i < 20000; i++) {
		size_t len = packets_make(&large, i, &leg, frame);
		struct model_result r = model_translate(&of_large, leg, frame, len, out);

		verdicts[r.verdict]++;
		answers[r.answer.type % 20]++;
		legs[leg]++;
		cut += r.left != 0;
		longest = len > longest ? len : longest;
		shortest = len < shortest ? len : shortest;
		if (r.verdict == MODEL_FORWARD)
			protocols[out[23]]++;
	}
	for (size_t i = 0; i < 5; i++)
		assert_true(verdicts[i] > 20);
	for (size_t i = 0; i < 3; i++)
		assert_true(legs[i] > 2000);
	for (size_t i = 0; i < sizeof(wanted); i++)
		assert_true(protocols[wanted[i]] > 50);
	assert_true(answers[3] > 5 && answers[11] > 50 && answers[12] > 5 && cut > 20);
	assert_true(longest > 65000 && shortest == 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_can_be_made_again_alone),
		cmocka_unit_test(errors_stay_as_they_are),
		cmocka_unit_test(all_kinds_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
