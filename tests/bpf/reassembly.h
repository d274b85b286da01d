/* IPv4 fragments put together again (RFC 791, 3.2), to compare datagrams where fragments may be cut anew. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of unfinished datagrams. All zero is an empty one. */
struct reassembly {
	struct unfinished *first; /* owned */
};

/* Whether an Ethernet frame, whose header is good, is an IPv4 fragment. */
bool reassembly_is_fragment(const uint8_t *frame, size_t len);
/* Takes a copy of a fragment that came by `where`. Returns the length of the whole frame, which `out` (65535
 * + 14 bytes) then holds with its header made whole, or 0 when some of it is still missing. */
size_t reassembly_add(struct reassembly *r, unsigned where, const uint8_t *frame, size_t len, uint8_t *out);
/* Forgets all that has not been finished within `calls` calls of this. */
void reassembly_age(struct reassembly *r, unsigned calls);
