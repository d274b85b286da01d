/* The section [nova_network]: its checks, and the physical networks that follow from it.
 * Part of reading buoyd.conf, after the table of keys. */
#include "daemon/config_nova.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

static int wrong(struct err *err, const char *key, const char *value, const char *why)
{
	return err_set(err, -EINVAL, "%s in [nova_network] is '%s', %s", key, value, why);
}

static int check_device(const char *key, const char *name, struct err *err)
{
	if (strlen(name) >= IFNAMSIZ || strpbrk(name, "/ :"))
		return wrong(err, key, name, "which is no interface's name (at most 15 characters)");
	return 0;
}

static const struct physical_network *find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->physical_count; i++)
		if (strcmp(c->physical[i].name, name) == 0)
			return &c->physical[i];
	return NULL;
}

/* The physical network that leads to the device: one from [physical_networks], or one more. */
static int find_or_add(struct config *c, const char *name, enum physical_type type, const char *device,
		       const char **ret, struct err *err)
{
	for (size_t i = 0; i < c->physical_count; i++)
		if (c->physical[i].type == type && strcmp(c->physical[i].device, device) == 0) {
			*ret = c->physical[i].name;
			return 0;
		}
	if (find(c, name))
		return err_set(
			err, -EINVAL,
			"[nova_network] calls %s the physical network '%s', and [physical_networks] has "
			"that name for something else: name %s there",
			device, name, device);
	config_add_physical(c, name, type, device);
	*ret = name;
	return 0;
}

static int derive_range(struct config *c, struct err *err)
{
	struct cidr *range = &c->nova_range;

	if (cidr_parse(c->fixed_range, range) < 0 || !ip_is_v4(&range->addr) || range->len > 30)
		return wrong(
			err, "fixed_range", c->fixed_range,
			"but must be an IPv4 range with the bridge's address in it, as 192.168.122.0/24");
	if (!c->fixed_gateway[0])
		return 0;
	if (ip_parse(c->fixed_gateway, &c->nova_gateway) < 0 || !cidr_has(range, &c->nova_gateway))
		return wrong(err, "fixed_gateway", c->fixed_gateway,
			     "but must be the host's address in fixed_range");
	return 0;
}

/* The host's own network: all of it, or nothing. */
static int derive_host(struct config *c, struct err *err)
{
	int r;

	if (!c->public_interface[0] && !c->fixed_bridge[0] && !c->fixed_range[0])
		return 0;
	if (!c->public_interface[0] || !c->fixed_bridge[0] || !c->fixed_range[0])
		return err_set(
			err, -EINVAL,
			"public_interface, fixed_bridge and fixed_range in [nova_network] go together");
	r = check_device("public_interface", c->public_interface, err);
	if (r == 0)
		r = check_device("fixed_bridge", c->fixed_bridge, err);
	if (r == 0 && strcmp(c->public_interface, c->fixed_bridge) == 0)
		r = wrong(err, "fixed_bridge", c->fixed_bridge, "which is the public interface already");
	if (r == 0)
		r = derive_range(c, err);
	if (r == 0)
		r = find_or_add(c, "public", PHYSICAL_HOST, c->public_interface,
				&c->api.nova_physical_network, err);
	if (r == 0)
		r = find_or_add(c, "fixed", PHYSICAL_BRIDGE, c->fixed_bridge, &c->nova_fixed_physical, err);
	return r;
}

/* Where a pool is made that does not exist yet: as asked for, or the host's, or the only one there is. */
static int derive_pool(struct config *c, struct err *err)
{
	struct api_config *a = &c->api;
	const struct physical_network *p;

	if (c->pool_physical_network[0])
		a->nova_physical_network = c->pool_physical_network;
	if (!a->nova_physical_network && c->physical_count)
		a->nova_physical_network = c->physical[0].name;
	a->nova_pool = c->default_pool;
	p = a->nova_physical_network ? find(c, a->nova_physical_network) : NULL;
	if (!c->default_pool[0])
		return wrong(err, "default_pool", "", "but must be a name");
	if (c->pool_physical_network[0] && !p)
		return wrong(err, "physical_network", c->pool_physical_network,
			     "which [physical_networks] does not name");
	if (c->public_interface[0] && c->pool_physical_network[0] &&
	    (p->type != PHYSICAL_HOST || strcmp(p->device, c->public_interface) != 0))
		return wrong(err, "physical_network", c->pool_physical_network,
			     "but public_interface is another one");
	a->nova_interface = p && p->type == PHYSICAL_HOST ? p->device : a->nova_physical_network;
	return 0;
}

static int derive_metadata(struct config *c, struct err *err)
{
	char *text = talloc_strdup(c->region, c->metadata), *colon = strrchr(text, ':'), *end;
	struct ip *ip = &c->node.metadata;
	unsigned long port;

	if (!text[0])
		return 0;
	if (!colon || colon[1] < '1' || colon[1] > '9')
		return wrong(err, "metadata", c->metadata, "but must be ADDRESS:PORT, as 192.168.122.1:8775");
	*colon = '\0';
	port = strtoul(colon + 1, &end, 10);
	if (*end || port > 65535 || ip_parse(text, ip) < 0 || !ip_is_v4(ip) || ip_to_v4(ip) == 0)
		return wrong(err, "metadata", c->metadata, "but must be ADDRESS:PORT, as 192.168.122.1:8775");
	/* The kernel forwards nothing to 127.0.0.0/8. */
	if (ip_to_v4(ip) >> 24 == 127)
		return wrong(
			err, "metadata", c->metadata,
			"but instances can not be led to the loopback: take another address of the host");
	c->node.metadata_port = (uint16_t)port;
	return 0;
}

int config_derive_nova(struct config *c, struct err *err)
{
	int r = derive_host(c, err);

	if (r == 0)
		r = derive_pool(c, err);
	return r < 0 ? r : derive_metadata(c, err);
}
