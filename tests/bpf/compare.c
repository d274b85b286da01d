/* Comparing frames. See compare.h. */
#include "compare.h"

#include <string.h>

enum { ETH = 14 };

/* Where a checksum stands in an L4 header, from its beginning; 0: nowhere that the translation writes to. */
static size_t sum_offset(uint8_t protocol)
{
	static const uint8_t at[256] = {[1] = 2, [6] = 16, [33] = 6, [136] = 6};

	return at[protocol];
}

/* Adds the places of the checksums of an IP packet at `ip`, and of one that it quotes. */
static size_t find_sums(const uint8_t *frame, size_t ip, size_t len, size_t *places)
{
	size_t count = 0, l4 = ip + (frame[ip] & 15) * 4U, at = sum_offset(frame[ip + 9]);

	places[count++] = ip + 10;
	if (frame[ip + 6] & 0x1f || frame[ip + 7])
		return count;
	if (at && l4 + at + 2 <= len)
		places[count++] = l4 + at;
	if (ip == ETH && frame[ip + 9] == 1 && l4 + 8 + 20 <= len)
		count += find_sums(frame, l4 + 8, len, places + count);
	return count;
}

static bool same_sum(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, 2) == 0 || ((a[0] | a[1]) == 0 && (b[0] & b[1]) == 0xff) ||
	       ((b[0] | b[1]) == 0 && (a[0] & a[1]) == 0xff);
}

static bool is_sum(const uint8_t *a, const uint8_t *b, size_t at, const size_t *places, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (at - places[i] < 2)
			return same_sum(a + places[i], b + places[i]);
	return false;
}

bool compare_frames(const uint8_t *expect, size_t expect_len, const uint8_t *got, size_t got_len)
{
	size_t places[4], count;

	if (got_len < expect_len)
		return false;
	if (memcmp(expect, got, expect_len) == 0)
		return true;
	if (expect_len < ETH + 20)
		return false;
	count = find_sums(expect, ETH, expect_len, places);
	for (size_t i = 0; i < expect_len; i++)
		if (expect[i] != got[i] && !is_sum(expect, got, i, places, count))
			return false;
	return true;
}

void compare_dump(FILE *to, const char *label, const uint8_t *frame, size_t len, const uint8_t *other,
		  size_t other_len)
{
	static const size_t most = 512;

	fprintf(to, "%s, %zu bytes\n", label, len);
	for (size_t i = 0; i < len && i < most; i += 16) {
		size_t n = len - i < 16 ? len - i : 16;

		fprintf(to, "  %04zx ", i);
		for (size_t j = i; j < i + n; j++)
			fprintf(to, " %02x", frame[j]);
		fputs(other && (i + n > other_len || memcmp(frame + i, other + i, n) != 0) ? "  <\n" : "\n",
		      to);
	}
}
