/* Where floating IPs come from, and how many addresses each network has left.
 * Lists made of subnets and of what the snapshot counts; no address is walked. */
#include "api/inventory.h"

#include <string.h>
#include <talloc.h>

/* --- pools of floating IPs --- */

static void add_pools(struct made *m, const struct network *n)
{
	const struct subnet *sub;
	struct scan scan;

	for (sub = scan_index(&scan, m->c->snap, IX_SUBNET_NETWORK, &n->row.id, NULL); sub;
	     sub = scan_next(&scan)) {
		struct fip_pool *pool;

		if (!net_subnet_serves(sub, OWNER_FLOATINGIP))
			continue;
		pool = made_add(m, &sub->row.id);
		pool->subnet_name = sub->name;
		pool->project_id = sub->project_id;
		pool->network_id = n->row.id;
		pool->cidr = sub->cidr;
	}
}

static int list_pools(struct call *c, struct err *err)
{
	static const bool yes = true;
	const struct network *n;
	struct scan scan;
	struct made m;

	made_init(&m, c, KIND_FIP_POOL);
	for (n = scan_index(&scan, c->snap, IX_NETWORK_EXTERNAL, &yes, NULL); n; n = scan_next(&scan))
		if (net_sees_network(c->snap, &c->caller, &n->row))
			add_pools(&m, n);
	return made_reply(&m, err);
}

/* --- addresses --- */

/* Of an IPv6 subnet there may be more than a number holds: then it is the largest one. */
static int64_t add_up(int64_t sum, uint64_t more)
{
	return more > (uint64_t)(INT64_MAX - sum) ? INT64_MAX : sum + (int64_t)more;
}

static int64_t total_of(const struct subnet *sub)
{
	const struct pool *p = sub->allocation_pools.items;
	struct ip first = cidr_first(&sub->cidr), last = cidr_last(&sub->cidr);
	int64_t sum = 0;

	for (uint32_t i = 0; i < sub->allocation_pools.count; i++)
		sum = add_up(sum, ip_range_count(&p[i].start, &p[i].end));
	return sub->allocation_pools.count ? sum : add_up(0, ip_range_count(&first, &last));
}

/* The ?ip_version= that subnets must have one of. */
struct versions {
	const char *text[8];
	size_t count;
};

static bool version_passes(const struct versions *v, int64_t version)
{
	const char *text = version == 4 ? "4" : "6";

	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->text[i], text) == 0)
			return true;
	return v->count == 0;
}

static void add_network(struct made *m, const struct versions *v, const struct network *n)
{
	struct ip_availability *row = made_add(m, &n->row.id);
	struct subnet_use *uses = NULL;
	const struct subnet *sub;
	struct scan scan;
	uint32_t count = 0;

	row->network_name = n->name;
	row->project_id = n->project_id;
	for (sub = scan_index(&scan, m->c->snap, IX_SUBNET_NETWORK, &n->row.id, NULL); sub;
	     sub = scan_next(&scan)) {
		struct subnet_use use = {sub->row.id, sub->name,     sub->ip_version,
					 sub->cidr,   total_of(sub), snap_held(m->c->snap, &sub->row.id)};

		if (!version_passes(v, sub->ip_version))
			continue;
		uses = talloc_realloc(m->c->req->region, uses, struct subnet_use, count + 1);
		uses[count++] = use;
		row->total_ips = add_up(row->total_ips, (uint64_t)use.total_ips);
		row->used_ips += use.used_ips;
		row->ip_version = sub->ip_version;
	}
	row->subnets = (struct list){uses, count};
}

static int list_availability(struct call *c, struct err *err)
{
	struct versions versions = {0};
	const struct network *n;
	struct scan scan;
	struct made m;

	versions.count = made_params(c, "ip_version", versions.text, ARRAY_SIZE(versions.text));
	made_init(&m, c, KIND_IP_AVAILABILITY);
	for (n = scan_kind(&scan, c->snap, KIND_NETWORK, NULL); n; n = scan_next(&scan))
		add_network(&m, &versions, n);
	return made_reply(&m, err);
}

static int show_availability(struct call *c, struct err *err)
{
	static const struct versions all;
	const struct row *network;
	struct made m;
	int r = call_find(c, KIND_NETWORK, c->arg[0], &network, err);

	if (r < 0)
		return r;
	made_init(&m, c, KIND_IP_AVAILABILITY);
	add_network(&m, &all, (const struct network *)network);
	call_print_row(c, shape_of(m.kind)->name, m.rows[0]);
	return 0;
}

#define ROW(path, fn, flags, plural, about)                                                                  \
	{                                                                                                    \
		HTTP_GET, "/v2.0/" path, fn, flags, FAMILY_NETWORK, plural, KIND_NONE, about                 \
	}

const struct route inventory_routes[] = {
	/* Neutron has it at the first, its documentation at the second. */
	ROW("floatingip-pools", list_pools, 0, "floatingip_pools",
	    "Lists the subnets that floating IPs come from"),
	ROW("floatingip_pools", list_pools, 0, "floatingip_pools",
	    "Lists the subnets that floating IPs come from"),
	ROW("network-ip-availabilities", list_availability, ROUTE_ADMIN, "network_ip_availabilities",
	    "Lists how many addresses networks have, and have given"),
	ROW("network-ip-availabilities/{}", show_availability, ROUTE_ADMIN, "network_ip_availabilities",
	    "Shows how many addresses a network has, and has given"),
	{0},
};
