/* Choosing addresses: fixed IPs from subnets' pools, and MAC addresses.
 * Used by ports, routers' ports and floating IPs inside a transaction; what is free comes from the snapshot's
 * trees. */
#include "api/net.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* Addresses of one port are compared with one another; a writer must not be held up by that. */
#define MAX_FIXED_IPS 100

/* --- subnets --- */

static int cmp_subnet(const void *a, const void *b)
{
	const struct subnet *x = *(const struct subnet *const *)a, *y = *(const struct subnet *const *)b;

	return ip_cmp(&x->cidr.addr, &y->cidr.addr);
}

/* Those of one IP version from which addresses are chosen. */
static struct subnets subnets_of(const struct snap *s, void *region, const struct uuid *network_id,
				 int version)
{
	struct subnets ret = {0};
	const struct subnet *sub;
	struct scan scan;

	for (sub = scan_index(&scan, s, IX_SUBNET_NETWORK, network_id, NULL); sub; sub = scan_next(&scan)) {
		if (sub->ip_version != version || net_is_automatic(sub))
			continue;
		ret.list = talloc_realloc(region, ret.list, const struct subnet *, ret.count + 1);
		ret.list[ret.count++] = sub;
	}
	if (ret.count > 1)
		qsort(ret.list, ret.count, sizeof(*ret.list), cmp_subnet);
	return ret;
}

bool net_subnet_serves(const struct subnet *sub, const char *device_owner)
{
	const struct text_item *t = sub->service_types.items;

	if (strcmp(device_owner, "network:dhcp") == 0 && sub->enable_dhcp)
		return true;
	for (uint32_t i = 0; i < sub->service_types.count; i++)
		if (strcmp(t[i].text, device_owner) == 0)
			return true;
	return sub->service_types.count == 0;
}

void net_keep_serving(struct subnets *subs, const char *device_owner)
{
	size_t kept = 0;

	for (size_t i = 0; i < subs->count; i++)
		if (net_subnet_serves(subs->list[i], device_owner))
			subs->list[kept++] = subs->list[i];
	subs->count = kept;
}

struct subnets net_ipv4_subnets(const struct snap *s, void *region, const struct uuid *network_id)
{
	return subnets_of(s, region, network_id, 4);
}

/* One address, or the two ends of a link (RFC 3021): nothing is set aside for the network and its broadcast.
 */
static bool has_hosts_only(const struct subnet *s)
{
	return s->cidr.len >= (s->ip_version == 4 ? 31 : 127);
}

struct ip net_first_host(const struct subnet *s)
{
	struct ip first = cidr_first(&s->cidr);

	return has_hosts_only(s) ? first : ip_add(&first, 1);
}

struct ip net_last_host(const struct subnet *s)
{
	struct ip last = cidr_last(&s->cidr);

	return s->ip_version == 4 && !has_hosts_only(s) ? ip_add(&last, -1) : last;
}

bool net_usable(const struct subnet *subnet, const struct ip *ip)
{
	struct ip first = net_first_host(subnet), last = net_last_host(subnet);

	return ip_cmp(&first, ip) <= 0 && ip_cmp(ip, &last) <= 0;
}

const struct subnet *net_subnet_with(const struct snap *s, const struct uuid *network_id, const struct ip *ip)
{
	const struct subnet *sub;
	struct scan scan;

	for (sub = scan_index(&scan, s, IX_SUBNET_NETWORK, network_id, NULL); sub; sub = scan_next(&scan))
		if (cidr_has(&sub->cidr, ip))
			return sub;
	return NULL;
}

/* --- one address --- */

/* The port's addresses as far as they are chosen; items whose address is still null are not. */
struct choice {
	struct verb *v;
	const struct uuid *network_id;
	const struct list *kept; /* may be NULL */
	struct fixed_ip *ips;
	uint32_t count;
};

static bool is_chosen(const struct choice *c, const struct ip *ip)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (ip_eq(&c->ips[i].ip_address, ip))
			return true;
	return false;
}

static bool is_kept(const struct choice *c, const struct uuid *subnet_id, const struct ip *ip)
{
	const struct fixed_ip *f = c->kept ? c->kept->items : NULL;

	for (uint32_t i = 0; f && i < c->kept->count; i++)
		if (uuid_eq(&f[i].subnet_id, subnet_id) && ip_eq(&f[i].ip_address, ip))
			return true;
	return false;
}

/* The lowest free address from `from` on in one pool: steps over what is held, in address order. */
static bool free_in_pool(const struct choice *c, const struct subnet *sub, const struct pool *pool,
			 struct ip from, struct ip *ret)
{
	const struct holding *h;
	struct bcursor cursor;

	if (ip_cmp(&from, &pool->start) < 0)
		from = pool->start;
	h = snap_first_holding(net_snap(c->v), &sub->row.id, &from, &cursor);
	for (; ip_cmp(&from, &pool->end) <= 0; from = ip_add(&from, 1)) {
		bool held = h && ip_eq(&h->ip, &from);

		if (held)
			h = snap_next_holding(&sub->row.id, &cursor);
		if (held || is_chosen(c, &from))
			continue;
		*ret = from;
		return true;
	}
	return false;
}

/* The lowest free address of a subnet. Only a port with several addresses in one subnet, which the snapshot
 * does not know of yet, has to look further than the first free one. */
static int choose_free(const struct choice *c, const struct subnet *sub, struct ip *ret)
{
	const struct pool *pools = sub->allocation_pools.items;
	struct ip lowest;

	if (net_take_free(c->v, &(struct subnets){&sub, 1}, NULL, &lowest, NULL, NULL) < 0)
		return -ENOSPC;
	if (!is_chosen(c, &lowest)) {
		*ret = lowest;
		return 0;
	}
	for (uint32_t i = 0; i < sub->allocation_pools.count; i++)
		if (free_in_pool(c, sub, &pools[i], lowest, ret))
			return 0;
	return -ENOSPC;
}

static int exhausted(const struct uuid *network_id, struct err *err)
{
	char id[UUID_TEXT];

	return err_api(err, 409, "IpAddressGenerationFailure",
		       "No more IP addresses available on network %s.", uuid_print(network_id, id));
}

/* --- what a body asks for --- */

static const struct subnet *asked_subnet(const struct choice *c, const struct fixed_ip *ask, struct err *err)
{
	const struct subnet *sub;
	char subnet[UUID_TEXT], network[UUID_TEXT], ip[IP_TEXT];

	if (!uuid_is_null(&ask->subnet_id)) {
		sub = txn_get(c->v->t, KIND_SUBNET, &ask->subnet_id);
		if (sub && uuid_eq(&sub->network_id, c->network_id))
			return sub;
		err_api(err, 400, "InvalidInput",
			"Invalid input for operation: Failed to create port on network %s, because fixed_ips "
			"included "
			"invalid subnet %s.",
			uuid_print(c->network_id, network), uuid_print(&ask->subnet_id, subnet));
		return NULL;
	}
	sub = ip_is_null(&ask->ip_address) ? NULL
					   : net_subnet_with(net_snap(c->v), c->network_id, &ask->ip_address);
	if (!sub && ip_is_null(&ask->ip_address))
		err_api(err, 400, "InvalidInput",
			"Invalid input for operation: IP allocation requires subnet_id or ip_address.");
	else if (!sub)
		err_api(err, 400, "InvalidIpForNetwork",
			"IP address %s is not a valid IP for any of the subnets on the specified network.",
			ip_print(&ask->ip_address, ip));
	return sub;
}

static int take_given(struct choice *c, const struct subnet *sub, struct fixed_ip *slot,
		      const struct ip *want, struct err *err)
{
	char ip[IP_TEXT], network[UUID_TEXT];

	if (net_is_automatic(sub) && !is_kept(c, &sub->row.id, want))
		return err_api(
			err, 400, "InvalidInput",
			"Invalid input for operation: IPv6 address %s can not be directly assigned to a port "
			"on subnet %s since the subnet is configured for automatic addresses.",
			ip_print(want, ip), uuid_print(&sub->row.id, network));
	if (!net_usable(sub, want))
		return err_api(err, 400, "InvalidIpForSubnet",
			       "IP address %s is not a valid IP for the specified subnet.",
			       ip_print(want, ip));
	if (is_chosen(c, want))
		return err_api(err, 400, "InvalidInput",
			       "Invalid input for operation: Duplicate IP address '%s' in fixed_ips.",
			       ip_print(want, ip));
	if (net_rest_at(net_snap(c->v), &sub->row.id, want)) {
		int r = net_rest_yield(c->v, sub, want, NULL, err);

		if (r < 0)
			return r;
	}
	if (snap_holding(net_snap(c->v), &sub->row.id, want) && !is_kept(c, &sub->row.id, want))
		return err_api(err, 409, "IpAddressInUse",
			       "Unable to complete operation for network %s. The IP address %s is in use.",
			       uuid_print(c->network_id, network), ip_print(want, ip));
	slot->ip_address = *want;
	return 0;
}

/* A subnet without an address: one that the port has there already, else the lowest free one. */
static int take_any(struct choice *c, const struct subnet *sub, struct fixed_ip *slot, struct err *err)
{
	const struct fixed_ip *f = c->kept ? c->kept->items : NULL;
	struct ip ip;

	if (net_is_automatic(sub))
		return 0;
	for (uint32_t i = 0; f && i < c->kept->count; i++)
		if (uuid_eq(&f[i].subnet_id, &sub->row.id) && !is_chosen(c, &f[i].ip_address)) {
			slot->ip_address = f[i].ip_address;
			return 0;
		}
	if (choose_free(c, sub, &ip) < 0)
		return exhausted(c->network_id, err);
	slot->ip_address = ip;
	return 0;
}

/* What was asked for in an automatic subnet is left out unless the port has it: net_assign_automatic knows
 * the address. */
static struct list without_automatic(const struct choice *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->count; i++)
		if (!ip_is_null(&c->ips[i].ip_address))
			c->ips[n++] = c->ips[i];
	return (struct list){c->ips, n};
}

/* Given addresses go first, so that none of them is chosen for an item that takes any. */
int net_assign_addresses(struct verb *v, const struct uuid *network_id, const struct list *kept,
			 struct list *fixed_ips, struct err *err)
{
	const struct fixed_ip *ask = fixed_ips->items;
	struct choice c = {v, network_id, kept,
			   talloc_zero_array(v->t->region, struct fixed_ip, MAX(fixed_ips->count, 1U)),
			   fixed_ips->count};
	int r = 0;

	if (c.count > MAX_FIXED_IPS)
		return err_api(
			err, 400, "InvalidInput",
			"Invalid input for operation: Exceeded maximum amount of fixed ips per port (%d).",
			MAX_FIXED_IPS);
	for (uint32_t i = 0; i < c.count && r == 0; i++) {
		const struct subnet *sub = asked_subnet(&c, &ask[i], err);

		if (!sub)
			return -EINVAL;
		c.ips[i].subnet_id = sub->row.id;
		if (!ip_is_null(&ask[i].ip_address))
			r = take_given(&c, sub, &c.ips[i], &ask[i].ip_address, err);
	}
	for (uint32_t i = 0; i < c.count && r == 0; i++)
		if (ip_is_null(&ask[i].ip_address))
			r = take_any(&c, txn_get(v->t, KIND_SUBNET, &c.ips[i].subnet_id), &c.ips[i], err);
	if (r == 0)
		*fixed_ips = without_automatic(&c);
	return r;
}

static int no_match(const struct uuid *network_id, const char *device_owner, struct err *err)
{
	char id[UUID_TEXT];

	return err_api(err, 409, "IpAddressGenerationFailureNoMatchingSubnet",
		       "No valid service subnet for the given device owner, network %s, service type %.100s.",
		       uuid_print(network_id, id), device_owner);
}

/* What net_assign_any chooses, one address of each IP version at the most. */
struct any {
	const struct uuid *network_id;
	const char *device_owner;
	struct fixed_ip *ips;
	uint32_t count;
	bool has_subnets; /* whether for this kind of port or not */
};

static int add_any(struct verb *v, struct any *any, int version, struct err *err)
{
	struct subnets subs = subnets_of(net_snap(v), v->t->region, any->network_id, version);
	const struct subnet *sub;
	struct ip ip;

	any->has_subnets |= subs.count > 0;
	net_keep_serving(&subs, any->device_owner);
	if (subs.count == 0)
		return 0;
	if (net_take_free(v, &subs, NULL, &ip, &sub, NULL) < 0)
		return exhausted(any->network_id, err);
	any->ips[any->count++] = (struct fixed_ip){sub->row.id, ip};
	return 0;
}

int net_assign_any(struct verb *v, const struct uuid *network_id, const char *device_owner,
		   struct list *fixed_ips, struct err *err)
{
	struct any any = {network_id, device_owner, talloc_zero_array(v->t->region, struct fixed_ip, 2)};
	int r = add_any(v, &any, 4, err);

	if (r == 0)
		r = add_any(v, &any, 6, err);
	if (r == 0 && any.count == 0 && any.has_subnets)
		return no_match(network_id, device_owner, err);
	*fixed_ips = (struct list){any.ips, any.count};
	return r;
}

/* --- MAC addresses --- */

static bool mac_in_use(const struct verb *v, const struct port *port, const struct mac *mac)
{
	const struct port *p;
	struct scan scan;

	for (p = scan_index(&scan, net_snap(v), IX_PORT_MAC, mac, NULL); p; p = scan_next(&scan))
		if (uuid_eq(&p->network_id, &port->network_id) && !uuid_eq(&p->row.id, &port->row.id))
			return true;
	return false;
}

int net_assign_mac(struct verb *v, struct port *port, bool given, struct err *err)
{
	char mac[MAC_TEXT], network[UUID_TEXT];

	if (!given) {
		do {
			port->mac_address = (struct mac){{0xfa, 0x16, 0x3e}};
			v->t->random(port->mac_address.b + 3, 3);
		} while (mac_in_use(v, port, &port->mac_address));
		return 0;
	}
	if (mac_is_null(&port->mac_address) || port->mac_address.b[0] & 1)
		return err_api(
			err, 400, "HTTPBadRequest",
			"Invalid input for mac_address. Reason: '%s' is not a valid MAC address of one host.",
			mac_print(&port->mac_address, mac));
	if (mac_in_use(v, port, &port->mac_address))
		return err_api(err, 409, "MacAddressInUse",
			       "Unable to complete operation for network %s. The mac address %s is in use.",
			       uuid_print(&port->network_id, network), mac_print(&port->mac_address, mac));
	return 0;
}
