/* A new subnet's prefix: from a subnet pool, or as it was given; and which pools may meet on a network.
 * The first step of net_subnet.c's creation. */
#include "api/net.h"

#include "model/scope.h"

#include <inttypes.h>
#include <string.h>

static int bad(struct err *err, const char *why)
{
	return err_api(err, 400, "BadRequest", "Bad subnets request: %s.", why);
}

int net_scope_affinity(struct err *err)
{
	return err_api(err, 400, "NetworkAddressScopeAffinityError",
		       "Subnets of the same address family hosted on the same network must all participate "
		       "in the same "
		       "address scope.");
}

/* --- which pool --- */

static int default_pool(struct verb *v, const struct subnet *s, const struct subnetpool **ret,
			struct err *err)
{
	int64_t version = s->cidr.set ? (ip_is_v4(&s->cidr.addr) ? 4 : 6) : s->ip_version;
	const struct subnetpool *pool = net_default_subnetpool(v, version);

	if (!uuid_is_null(&s->subnetpool_id))
		return bad(err, "subnetpool_id and use_default_subnetpool cannot both be specified");
	if (!pool || verb_ref(v, KIND_SUBNETPOOL, &pool->row.id, NULL, &(struct err){0}) < 0)
		return err_api(err, 400, "BadRequest",
			       "Bad subnets request: No default subnetpool found for IPv%" PRId64 ".",
			       version);
	*ret = pool;
	return 0;
}

/* NULL: none. */
static int find_pool(struct verb *v, struct subnet *s, const struct subnetpool **ret, struct err *err)
{
	const void *row = NULL;
	int r = 0;

	*ret = NULL;
	if (s->use_default_subnetpool)
		return default_pool(v, s, ret, err);
	if (!uuid_is_null(&s->subnetpool_id))
		r = verb_ref(v, KIND_SUBNETPOOL, &s->subnetpool_id, &row, err);
	*ret = row;
	return r;
}

/* --- what may meet on a network --- */

static int check_affinity(const struct snap *s, const struct subnet *sub, const struct subnetpool *pool,
			  struct err *err)
{
	struct uuid scope = network_scope(s, &sub->network_id, sub->ip_version == 4), none = {{0}};
	const struct uuid *id = pool ? &pool->row.id : &none;
	const struct subnet *other;
	struct scan scan;

	if (pool && !uuid_is_null(&scope))
		return uuid_eq(&pool->address_scope_id, &scope) ? 0 : net_scope_affinity(err);
	for (other = scan_index(&scan, s, IX_SUBNET_NETWORK, &sub->network_id, NULL); other;
	     other = scan_next(&scan))
		if (other->ip_version == sub->ip_version && !uuid_eq(&other->subnetpool_id, id))
			return err_api(err, 400, "NetworkSubnetPoolAffinityError",
				       "Subnets hosted on the same network must be allocated from the same "
				       "subnet pool.");
	return 0;
}

/* --- taking --- */

/* In addresses, or, in IPv6, in /64s, of which a longer prefix is a part. Saturated. */
static uint64_t units(const struct subnetpool *pool, int64_t len)
{
	int64_t unit = pool->ip_version == 4 ? 32 : 64, bits = unit - len;

	if (bits < 0)
		return 0;
	return bits > 62 ? (uint64_t)1 << 62 : (uint64_t)1 << bits;
}

static int check_quota(const struct snap *s, const struct subnetpool *pool, const char *project_id,
		       int64_t len, struct err *err)
{
	uint64_t used = units(pool, len);
	const struct subnet *sub;
	struct scan scan;

	if (!pool->default_quota)
		return 0;
	for (sub = scan_index(&scan, s, IX_SUBNET_POOL, &pool->row.id, NULL);
	     sub && used <= (uint64_t)pool->default_quota; sub = scan_next(&scan))
		if (strcmp(sub->project_id, project_id) == 0)
			used += units(pool, sub->cidr.len);
	if (used <= (uint64_t)pool->default_quota)
		return 0;
	return err_api(err, 409, "SubnetPoolQuotaExceeded", "Per-tenant subnet pool prefix quota exceeded.");
}

static int check_length(const struct subnetpool *pool, int64_t len, struct err *err)
{
	if (len > pool->max_prefixlen)
		return err_api(err, 400, "MaxPrefixSubnetAllocationError",
			       "Unable to allocate subnet with prefix length %" PRId64
			       ", maximum allowed prefix is %" PRId64 ".",
			       len, pool->max_prefixlen);
	if (len < pool->min_prefixlen)
		return err_api(err, 400, "MinPrefixSubnetAllocationError",
			       "Unable to allocate subnet with prefix length %" PRId64
			       ", minimum allowed prefix is %" PRId64 ".",
			       len, pool->min_prefixlen);
	return 0;
}

static int take(struct verb *v, struct subnet *s, const struct subnetpool *pool, struct err *err)
{
	int64_t len = s->cidr.set ? s->cidr.len : s->prefixlen;
	int r;

	if (!s->cidr.set && !verb_given(v, KIND_SUBNET, "prefixlen"))
		len = pool->default_prefixlen;
	if ((r = check_length(pool, len, err)) < 0 ||
	    (r = check_quota(net_snap(v), pool, s->project_id, len, err)) < 0)
		return r;
	if (s->cidr.set && !snap_prefix_is_free(net_snap(v), &pool->row.id, &s->cidr))
		return err_api(err, 409, "SubnetAllocationError",
			       "Failed to allocate subnet: Cannot allocate requested subnet from the "
			       "available set of "
			       "prefixes.");
	if (!s->cidr.set && snap_free_prefix(net_snap(v), &pool->row.id, (uint8_t)len, &s->cidr) < 0)
		return err_api(err, 409, "SubnetAllocationError",
			       "Failed to allocate subnet: Insufficient prefix space to allocate subnet size "
			       "/%" PRId64 ".",
			       len);
	return 0;
}

int net_choose_prefix(struct verb *v, struct subnet *s, struct err *err)
{
	bool sized = verb_given(v, KIND_SUBNET, "prefixlen"),
	     ranged = verb_given(v, KIND_SUBNET, "allocation_pools");
	const struct subnetpool *pool;
	int r;

	if (s->cidr.set && sized)
		return bad(err, "cidr and prefixlen must not be supplied together");
	if ((r = find_pool(v, s, &pool, err)) < 0)
		return r;
	if (!pool && !s->cidr.set)
		return bad(err, "a subnetpool must be specified in the absence of a cidr");
	if (pool && !s->cidr.set && ranged)
		return bad(err, "allocation_pools allowed only for specific subnet requests");
	if (pool && s->ip_version != pool->ip_version)
		return err_api(err, 400, "BadRequest",
			       "Bad subnets request: Cannot allocate IPv%" PRId64 " subnet from IPv%" PRId64
			       " subnet pool.",
			       s->ip_version, pool->ip_version);
	if ((r = check_affinity(net_snap(v), s, pool, err)) < 0)
		return r;
	s->subnetpool_id = pool ? pool->row.id : (struct uuid){{0}};
	if (s->cidr.set && (r = net_check_prefix("cidr", &s->cidr, err)) < 0)
		return r;
	return pool ? take(v, s, pool, err) : 0;
}
