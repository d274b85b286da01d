/* The host as its own router, seen from the daemon: its rows at the start, its address.
 * Between the configuration and src/api/nova_network.c. */
#include "api/nova_network.h"
#include "daemon/process.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

int nova_host_address(const char *interface, const struct cidr *range, struct ip *ret)
{
	struct ifaddrs *list, *at;
	int r = -ENOENT;

	if (getifaddrs(&list) < 0)
		return -errno;
	for (at = list; at && r < 0; at = at->ifa_next) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)at->ifa_addr;
		struct ip ip;

		if (!in || in->sin_family != AF_INET || strcmp(at->ifa_name, interface) != 0)
			continue;
		ip = ip_from_v4(ntohl(in->sin_addr.s_addr));
		if (!cidr_has(range, &ip))
			continue;
		*ret = ip;
		r = 0;
	}
	freeifaddrs(list);
	return r;
}

/* The bridge may come later than we do: then its address is the first of the range, as everybody has it. */
static struct ip gateway_of(const struct config *c)
{
	struct ip first = cidr_first(&c->nova_range), ip = c->nova_gateway;

	if (ip_is_null(&ip) && nova_host_address(c->fixed_bridge, &c->nova_range, &ip) < 0)
		ip = ip_add(&first, 1);
	return ip;
}

void nova_ensure(const struct config *c, struct api *api)
{
	const struct nova_network want = {
		.pool = c->default_pool,
		.public_physical = c->api.nova_physical_network,
		.fixed_network = c->fixed_network,
		.fixed_physical = c->nova_fixed_physical,
		.range = {cidr_first(&c->nova_range), c->nova_range.len, true},
		.gateway = gateway_of(c),
		.router = c->fixed_router,
	};
	struct err err = {0};

	if (c->public_interface[0] && nova_network_ensure(api, &want, &err) < 0)
		log_line("[nova_network]: %s", err.message);
}
