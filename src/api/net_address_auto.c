/* IPv6 addresses that nobody chooses: in a subnet with SLAAC or stateless DHCPv6 an instance makes its
 * address from its MAC address (RFC 4862, RFC 4291 appendix A), so its port has that one and no other there.
 * Used by ports and subnets inside a transaction. */
#include "api/net.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

static bool is_automatic(const char *mode)
{
	return mode && (strcmp(mode, "slaac") == 0 || strcmp(mode, "dhcpv6-stateless") == 0);
}

bool net_is_automatic(const struct subnet *s)
{
	return is_automatic(s->ipv6_address_mode) || is_automatic(s->ipv6_ra_mode);
}

/* The modified EUI-64 address in a /64. */
static struct ip eui64(const struct subnet *s, const struct mac *mac)
{
	struct ip ip = s->cidr.addr;

	memcpy(ip.b + 8, mac->b, 3);
	ip.b[8] ^= 2;
	ip.b[11] = 0xff;
	ip.b[12] = 0xfe;
	memcpy(ip.b + 13, mac->b + 3, 3);
	return ip;
}

/* The port's address in the subnet, unless somebody else has it: a router may have been given any. */
static int address_in(struct verb *v, const struct port *p, const struct subnet *s, struct fixed_ip *ret,
		      struct err *err)
{
	struct ip ip = eui64(s, &p->mac_address);
	const struct holding *h = snap_holding(net_snap(v), &s->row.id, &ip);
	char text[IP_TEXT], network[UUID_TEXT];

	if (h && !uuid_eq(&h->id, &p->row.id))
		return err_api(err, 409, "IpAddressInUse",
			       "Unable to complete operation for network %s. The IP address %s is in use.",
			       uuid_print(&p->network_id, network), ip_print(&ip, text));
	*ret = (struct fixed_ip){s->row.id, ip};
	return 0;
}

static bool serves(const struct subnet *s, const struct port *p)
{
	return net_is_automatic(s) && net_subnet_serves(s, p->device_owner);
}

int net_assign_automatic(struct verb *v, struct port *p, struct err *err)
{
	uint32_t n = 0, automatic = 0;
	const struct fixed_ip *chosen = p->fixed_ips.items;
	const struct subnet *s;
	struct fixed_ip *ips;
	struct scan scan;
	int r = 0;

	for (s = scan_index(&scan, net_snap(v), IX_SUBNET_NETWORK, &p->network_id, NULL); s;
	     s = scan_next(&scan))
		automatic += serves(s, p);
	if (automatic == 0 || net_is_router_interface(p))
		return 0;
	ips = talloc_array(v->t->region, struct fixed_ip, p->fixed_ips.count + automatic);
	for (uint32_t i = 0; i < p->fixed_ips.count; i++)
		if (!net_is_automatic(txn_get(v->t, KIND_SUBNET, &chosen[i].subnet_id)))
			ips[n++] = chosen[i];
	for (s = scan_index(&scan, net_snap(v), IX_SUBNET_NETWORK, &p->network_id, NULL); s && r == 0;
	     s = scan_next(&scan))
		if (serves(s, p))
			r = address_in(v, p, s, &ips[n++], err);
	p->fixed_ips = (struct list){ips, n};
	return r;
}

/* --- subnets that come and go --- */

/* The ids of a network's ports to which the subnet is of use, but its routers' interfaces; they are changed
 * one by one, and a scan does not survive a change of its tree. */
static size_t ports_of(struct verb *v, const struct subnet *s, struct uuid **ret)
{
	const struct port *p;
	struct uuid *ids = NULL;
	struct scan scan;
	size_t n = 0;

	for (p = scan_index(&scan, net_snap(v), IX_PORT_NETWORK, &s->network_id, NULL); p;
	     p = scan_next(&scan)) {
		if (net_is_router_interface(p) || !net_subnet_serves(s, p->device_owner))
			continue;
		ids = talloc_realloc(v->t->region, ids, struct uuid, n + 1);
		ids[n++] = p->row.id;
	}
	*ret = ids;
	return n;
}

int net_give_automatic(struct verb *v, const struct subnet *s, struct err *err)
{
	struct uuid *ids;
	size_t n = net_is_automatic(s) ? ports_of(v, s, &ids) : 0;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		struct port *p = txn_edit(v->t, txn_get(v->t, KIND_PORT, &ids[i]));
		uint32_t count = p->fixed_ips.count;
		struct fixed_ip *ips = talloc_array(v->t->region, struct fixed_ip, count + 1);

		if (count)
			memcpy(ips, p->fixed_ips.items, count * sizeof(*ips));
		r = address_in(v, p, s, &ips[count], err);
		p->fixed_ips = (struct list){ips, count + 1};
		if (r == 0)
			r = txn_put(v->t, p, err);
	}
	v->touches_kernel |= n > 0;
	return r;
}

/* A port that has an address in the subnet and can do without: not a router's. */
static const struct port *port_in(const struct verb *v, const struct uuid *subnet_id)
{
	struct bcursor cursor;
	const struct holding *h = snap_first_holding(net_snap(v), subnet_id, NULL, &cursor);
	const struct port *p;

	for (; h; h = snap_next_holding(subnet_id, &cursor)) {
		p = h->kind == KIND_PORT ? txn_get(v->t, KIND_PORT, &h->id) : NULL;
		if (p && !net_is_router_interface(p) && !net_is_router_gateway(p))
			return p;
	}
	return NULL;
}

int net_take_automatic(struct verb *v, const struct subnet *s, struct err *err)
{
	const struct port *was;
	int r = 0;

	while (r == 0 && net_is_automatic(s) && (was = port_in(v, &s->row.id))) {
		struct port *p = txn_edit(v->t, was);
		struct fixed_ip *ips =
			talloc_memdup(v->t->region, p->fixed_ips.items, p->fixed_ips.count * sizeof(*ips));
		uint32_t n = 0;

		for (uint32_t i = 0; i < p->fixed_ips.count; i++)
			if (!uuid_eq(&ips[i].subnet_id, &s->row.id))
				ips[n++] = ips[i];
		p->fixed_ips = (struct list){ips, n};
		r = txn_put(v->t, p, err);
	}
	return r;
}
