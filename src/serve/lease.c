/* Which port asks, and for which of its addresses. Under DHCP. */
#include "serve/serve.h"

#include <errno.h>
#include <string.h>

#define ADDRESSES_MAX 256 /* of a port that are looked at */

static bool is_instance(const struct port *p)
{
	return p->admin_state_up && strncmp(p->device_owner ? p->device_owner : "", "network:", 8) != 0;
}

static const struct port *find_port(const struct serve_at *at, const struct mac *mac)
{
	const struct port *p;
	struct scan scan;

	for (p = scan_index(&scan, at->snap, IX_PORT_MAC, mac, NULL); p; p = scan_next(&scan))
		if (uuid_eq(&p->network_id, &at->network))
			return is_instance(p) ? p : NULL;
	return NULL;
}

static bool is_first_of_subnet(const struct fixed_ip *list, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (uuid_eq(&list[k].subnet_id, &list[i].subnet_id))
			return false;
	return true;
}

int lease_find(const struct serve_at *at, const struct mac *mac, uint32_t wanted, struct lease *ret)
{
	const struct port *p = find_port(at, mac);
	const struct fixed_ip *f = p ? p->fixed_ips.items : NULL;
	struct lease l = {.port = p, .network = snap_get(at->snap, KIND_NETWORK, &at->network)};
	bool found = false;

	for (uint32_t i = 0; p && l.network && i < MIN(p->fixed_ips.count, (uint32_t)ADDRESSES_MAX); i++) {
		const struct subnet *sub = snap_get(at->snap, KIND_SUBNET, &f[i].subnet_id);

		if (!sub || !sub->enable_dhcp || !ip_is_v4(&f[i].ip_address) || !is_first_of_subnet(f, i) ||
		    (found && ip_to_v4(&f[i].ip_address) != wanted))
			continue;
		l.subnet = sub;
		l.address = ip_to_v4(&f[i].ip_address);
		found = true;
	}
	if (!found)
		return -ENOENT;
	*ret = l;
	return 0;
}
