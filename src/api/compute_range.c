/* What nova-manage takes for a range of floating IPs: one address, or a prefix, which stands for its hosts.
 * Pure; what strangers send reaches it through compute_bulk.c. */
#include "api/compute.h"

#include <errno.h>
#include <string.h>

/* nova-network's limits: below the first a prefix is mostly network and broadcast address, above the second a
 * slip of the keyboard. */
#define FEWEST 4
#define MOST   1000000

static int invalid(struct err *err, const char *why, const char *text)
{
	return err_api(err, 400, "InvalidInput", "Invalid input received: %s %.60s", why, text);
}

int compute_range_parse(const char *text, struct compute_range *ret, struct err *err)
{
	struct compute_range range = {0};
	uint64_t size;

	if (ip_parse(text, &range.first) == 0) {
		if (!ip_is_v4(&range.first))
			return invalid(err, "not an IPv4 address:", text);
		range.last = range.first;
		range.cidr = (struct cidr){range.first, 32, true};
		*ret = range;
		return 0;
	}
	if (!strchr(text, '/') || cidr_parse(text, &range.cidr) < 0 || !ip_is_v4(&range.cidr.addr))
		return invalid(err, "invalid IPNetwork", text);
	size = UINT64_C(1) << (32 - range.cidr.len);
	if (size < FEWEST)
		return err_api(
			err, 400, "InvalidInput",
			"Invalid input received: /%u should be specified as single address(es) not in cidr "
			"format",
			range.cidr.len);
	if (size >= MOST)
		return err_api(
			err, 400, "InvalidInput",
			"Invalid input received: Too many IP addresses will be generated.  Please increase "
			"/%u to reduce the number generated.",
			range.cidr.len);
	range.cidr = cidr_masked(&range.cidr);
	range.cidr.set = true;
	range.first = cidr_first(&range.cidr);
	range.first = ip_add(&range.first, 1);
	range.last = cidr_last(&range.cidr);
	range.last = ip_add(&range.last, -1);
	*ret = range;
	return 0;
}
