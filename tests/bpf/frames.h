/* Frames byte by byte, for tables of tests: written as hexadecimal text, and changed here and there.
 * Addresses and legs are those of world.h. Pure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What comes in, and how it must leave: translations.inc. */
struct translation {
	const char *name;
	unsigned in;
	const char *frame;
	unsigned leg;
	const char *expect;
};
extern const struct translation translations[];
extern const size_t translation_count;

/* Offsets in a frame whose IP header has no options. */
enum { TO_MAC = 0, TYPE = 12, VERSION = 14, TOTAL = 16, FRAGMENT = 20, TTL = 22, PROTOCOL = 23, SUM = 24 };
enum { FROM = 26, TO = 30, OPTIONS = 34, L4 = 34 };

/* So many bytes at an offset become a number; 0 bytes: nothing. */
struct patch {
	unsigned at;
	uint32_t value;
	unsigned bytes;
};

/* Blanks may be anywhere between bytes. Returns the length. */
size_t frames_from_hex(const char *text, uint8_t *out);
void frames_patch(uint8_t *frame, const struct patch *changes, size_t count);
/* Makes the checksum of an IP header of this length right. */
void frames_put_sum(uint8_t *frame, size_t header_len);
