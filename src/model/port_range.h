/* Ranges of transport ports, as Neutron writes them: "80:90".
 * Shared by what takes them in (src/api), what plans them (src/plan) and what shows them. Pure. */
#pragma once
#include <stdint.h>

struct port_range {
	uint16_t first, last; /* 1 to 65535, first <= last */
};

#define PORT_RANGE_TEXT 12 /* bytes with the NUL */

/* "80:90", or "80" for one port. 0 or -EINVAL. */
int port_range_parse(const char *s, struct port_range *ret);
/* "80:90", and "80:80" for one port. Returns out. */
char *port_range_print(const struct port_range *r, char out[PORT_RANGE_TEXT]);

static inline unsigned port_range_count(const struct port_range *r)
{
	return r->last - r->first + 1U;
}
static inline int port_range_overlaps(const struct port_range *a, const struct port_range *b)
{
	return a->first <= b->last && b->first <= a->last;
}
