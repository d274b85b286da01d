/* The host as its own router, seen from the daemon: its rows at the start, its address.
 * Between the configuration and src/api/nova_network.c. */
#include "api/nova_network.h"
#include "daemon/process.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

static uint32_t v4_of(const struct sockaddr *address)
{
	return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr);
}

/* A floating IP is an address of its own, not the host's. */
static bool is_usable(const struct ifaddrs *at, const char *interface)
{
	return at->ifa_addr && at->ifa_addr->sa_family == AF_INET && at->ifa_netmask &&
	       strcmp(at->ifa_name, interface) == 0 && v4_of(at->ifa_netmask) != UINT32_MAX;
}

int nova_host_address(const char *interface, const struct cidr *range, struct cidr *ret)
{
	struct ifaddrs *list, *at;
	int r = -ENOENT;

	if (getifaddrs(&list) < 0)
		return -errno;
	for (at = list; at && r < 0; at = at->ifa_next) {
		struct cidr found;

		if (!is_usable(at, interface))
			continue;
		found = (struct cidr){ip_from_v4(v4_of(at->ifa_addr)),
				      (uint8_t)__builtin_popcount(v4_of(at->ifa_netmask)), true};
		if (range && !cidr_has(range, &found.addr))
			continue;
		*ret = found;
		r = 0;
	}
	freeifaddrs(list);
	return r;
}

/* The bridge may come later than we do: then its address is the first of the range, as everybody has it. */
static struct ip gateway_of(const struct config *c)
{
	struct ip first = cidr_first(&c->nova_range);
	struct cidr found;

	if (!ip_is_null(&c->nova_gateway))
		return c->nova_gateway;
	return nova_host_address(c->fixed_bridge, &c->nova_range, &found) == 0 ? found.addr
									       : ip_add(&first, 1);
}

int nova_ensure(const struct config *c, struct api *api, const char *floating, struct err *err)
{
	const struct nova_network want = {
		.pool = c->default_pool,
		.public_physical = c->api.nova_physical_network,
		.fixed_network = c->fixed_network,
		.fixed_physical = c->nova_fixed_physical,
		.range = {cidr_first(&c->nova_range), c->nova_range.len, true},
		.gateway = gateway_of(c),
		.router = c->fixed_router,
		.floating = floating,
	};

	return c->public_interface[0] ? nova_network_ensure(api, &want, err) : 0;
}
