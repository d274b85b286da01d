/* Whether two frames are the same to a receiver, and how to show where they are not. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* `got` is `expect`, which has no padding: bytes behind the IP datagram do not count, and a checksum of
 * 0x0000 is one of 0xffff, except UDP's, where 0 says that there is none. */
bool compare_frames(const uint8_t *expect, size_t expect_len, const uint8_t *got, size_t got_len);
/* Sixteen bytes a line, `label` before the first; lines whose bytes differ from `other` (may be NULL) end in
 * "<". */
void compare_dump(FILE *to, const char *label, const uint8_t *frame, size_t len, const uint8_t *other,
		  size_t other_len);
