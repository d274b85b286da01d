/* Ranges of transport ports in text. See port_range.h. */
#include "model/port_range.h"

#include <errno.h>
#include <stdio.h>

/* Reads up to five digits; NULL when that is no port. */
static const char *read_port(const char *s, uint16_t *ret)
{
	const char *p = s;
	unsigned n = 0;

	for (; *p >= '0' && *p <= '9' && p - s < 5; p++)
		n = n * 10 + (unsigned)(*p - '0');
	*ret = (uint16_t)n;
	return n >= 1 && n <= UINT16_MAX ? p : NULL;
}

int port_range_parse(const char *s, struct port_range *ret)
{
	struct port_range r;
	const char *p = read_port(s, &r.first);

	r.last = r.first;
	if (p && *p == ':')
		p = read_port(p + 1, &r.last);
	if (!p || *p || r.first > r.last)
		return -EINVAL;
	*ret = r;
	return 0;
}

char *port_range_print(const struct port_range *r, char out[PORT_RANGE_TEXT])
{
	snprintf(out, PORT_RANGE_TEXT, "%u:%u", r->first, r->last);
	return out;
}
