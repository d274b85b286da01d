/* Address bookkeeping: who holds which address, and which ranges of the pools are free.
 * Pure; follows the rows of a snapshot as they change, in any order. */
#include "model/address.h"

#include <errno.h>
#include <string.h>

static int cmp_holding(const void *ctx, const void *a, const void *b)
{
	const struct holding *x = a, *y = b;
	int c = uuid_cmp(&x->subnet_id, &y->subnet_id);

	return c ? c : ip_cmp(&x->ip, &y->ip);
}

/* Ranges of one subnet never overlap, so the start alone orders them. */
static int cmp_free(const void *ctx, const void *a, const void *b)
{
	const struct free_range *x = a, *y = b;
	int c = uuid_cmp(&x->subnet_id, &y->subnet_id);

	return c ? c : ip_cmp(&x->start, &y->start);
}

/* Both items begin with their reference count. */
static void item_ref(const void *item)
{
	atomic_fetch_add((atomic_uint *)(uintptr_t)item, 1);
}

static void item_unref(const void *item)
{
	if (atomic_fetch_sub((atomic_uint *)(uintptr_t)item, 1) == 1)
		free((void *)(uintptr_t)item);
}

const struct btree_type holding_tree = {cmp_holding, item_ref, item_unref, NULL};
const struct btree_type free_tree = {cmp_free, item_ref, item_unref, NULL};

const struct holding *snap_holding(const struct snap *s, const struct uuid *subnet_id, const struct ip *ip)
{
	struct holding probe = {.subnet_id = *subnet_id, .ip = *ip};

	return btree_get(&holding_tree, &s->tree[TREE_HOLDING], &probe);
}

static const struct holding *same_subnet(const struct holding *h, const struct uuid *subnet_id)
{
	return h && uuid_eq(&h->subnet_id, subnet_id) ? h : NULL;
}

const struct holding *snap_first_holding(const struct snap *s, const struct uuid *subnet_id,
					 const struct ip *from, struct bcursor *cursor)
{
	struct holding probe = {.subnet_id = *subnet_id};

	if (from)
		probe.ip = *from;
	return same_subnet(btree_seek(&holding_tree, &s->tree[TREE_HOLDING], &probe, cursor), subnet_id);
}

const struct holding *snap_next_holding(const struct uuid *subnet_id, struct bcursor *cursor)
{
	return same_subnet(btree_next(cursor), subnet_id);
}

int snap_free_address(const struct snap *s, const struct uuid *subnet_id, struct ip *ret)
{
	struct free_range probe = {.subnet_id = *subnet_id};
	const struct free_range *r;
	struct bcursor cursor;

	r = btree_seek(&free_tree, &s->tree[TREE_FREE], &probe, &cursor);
	if (!r || !uuid_eq(&r->subnet_id, subnet_id))
		return -ENOSPC;
	*ret = r->start;
	return 0;
}

/* --- free ranges --- */

static void range_put(struct snap *s, uint64_t owner, const struct uuid *subnet_id, const struct ip *start,
		      const struct ip *end)
{
	struct free_range *r;

	if (ip_cmp(start, end) > 0)
		return;
	r = xalloc(sizeof(*r));
	r->subnet_id = *subnet_id;
	r->start = *start;
	r->end = *end;
	btree_put(&free_tree, &s->tree[TREE_FREE], owner, r);
}

static void range_del(struct snap *s, uint64_t owner, const struct free_range *r)
{
	struct free_range probe = {.subnet_id = r->subnet_id, .start = r->start};

	btree_del(&free_tree, &s->tree[TREE_FREE], owner, &probe);
}

/* The free range that begins at or before the address. */
static const struct free_range *range_before(const struct snap *s, const struct uuid *subnet_id,
					     const struct ip *ip)
{
	struct free_range probe = {.subnet_id = *subnet_id, .start = *ip};
	const struct free_range *r;
	struct bcursor cursor;

	r = btree_seek_last(&free_tree, &s->tree[TREE_FREE], &probe, &cursor);
	return r && uuid_eq(&r->subnet_id, subnet_id) ? r : NULL;
}

/* Ranges lie inside one free range, or are taken already. */
static void range_taken(struct snap *s, uint64_t owner, const struct uuid *subnet_id, const struct ip *first,
			const struct ip *last)
{
	const struct free_range *r = range_before(s, subnet_id, first);
	struct ip start, end, before = ip_add(first, -1), after = ip_add(last, 1);

	if (!r || ip_cmp(&r->end, last) < 0)
		return;
	start = r->start;
	end = r->end;
	range_del(s, owner, r);
	/* The neighbours of the first and of the last address of all are at the other end. */
	if (ip_cmp(&start, first) < 0)
		range_put(s, owner, subnet_id, &start, &before);
	if (ip_cmp(last, &end) < 0)
		range_put(s, owner, subnet_id, &after, &end);
}

/* Joined with its free neighbours, as far as `within` goes. */
static void range_given_back(struct snap *s, uint64_t owner, const struct uuid *subnet_id,
			     const struct free_range *back, const struct pool *within)
{
	struct ip start = back->start, end = back->end, before = ip_add(&start, -1), after = ip_add(&end, 1);
	const struct free_range *r = range_before(s, subnet_id, &before);

	if (r && ip_eq(&r->end, &before) && ip_cmp(&within->start, &before) <= 0) {
		start = r->start;
		range_del(s, owner, r);
	}
	r = range_before(s, subnet_id, &after);
	if (r && ip_eq(&r->start, &after) && ip_cmp(&after, &within->end) <= 0) {
		end = r->end;
		range_del(s, owner, r);
	}
	range_put(s, owner, subnet_id, &start, &end);
}

static void address_taken(struct snap *s, uint64_t owner, const struct uuid *subnet_id, const struct ip *ip)
{
	range_taken(s, owner, subnet_id, ip, ip);
}

static const struct pool *pool_with(const struct subnet *subnet, const struct ip *ip)
{
	const struct pool *p = subnet->allocation_pools.items;

	for (uint32_t i = 0; i < subnet->allocation_pools.count; i++)
		if (ip_cmp(&p[i].start, ip) <= 0 && ip_cmp(ip, &p[i].end) <= 0)
			return &p[i];
	return NULL;
}

static void address_given_back(struct snap *s, uint64_t owner, const struct uuid *subnet_id,
			       const struct ip *ip)
{
	const struct subnet *subnet = snap_get(s, KIND_SUBNET, subnet_id);
	const struct pool *pool = subnet ? pool_with(subnet, ip) : NULL;
	struct free_range back = {.start = *ip, .end = *ip};

	if (pool)
		range_given_back(s, owner, subnet_id, &back, pool);
}

static void pools_clear(struct snap *s, uint64_t owner, const struct uuid *subnet_id)
{
	struct ip last;
	const struct free_range *r;

	memset(&last, 0xff, sizeof(last));
	while ((r = range_before(s, subnet_id, &last)))
		range_del(s, owner, r);
}

/* The pools without what is held already: subnets and their ports load in any order. */
static void pools_fill(struct snap *s, uint64_t owner, const struct subnet *subnet)
{
	const struct pool *p = subnet->allocation_pools.items;
	const struct holding *h;
	struct bcursor cursor;

	for (uint32_t i = 0; i < subnet->allocation_pools.count; i++)
		range_put(s, owner, &subnet->row.id, &p[i].start, &p[i].end);
	for (h = snap_first_holding(s, &subnet->row.id, NULL, &cursor); h;
	     h = snap_next_holding(&subnet->row.id, &cursor))
		address_taken(s, owner, &subnet->row.id, &h->ip);
}

static bool same_pools(const struct subnet *a, const struct subnet *b)
{
	return a->allocation_pools.count == b->allocation_pools.count &&
	       (a->allocation_pools.count == 0 ||
		memcmp(a->allocation_pools.items, b->allocation_pools.items,
		       a->allocation_pools.count * sizeof(struct pool)) == 0);
}

/* --- subnet pools: the same trees, with the pool's id --- */

static const struct prefix *prefix_with(const struct subnetpool *pool, const struct cidr *c)
{
	const struct prefix *p = pool->prefixes.items;

	for (uint32_t i = 0; i < pool->prefixes.count; i++)
		if (cidr_overlaps(&p[i].cidr, c) && p[i].cidr.len <= c->len)
			return &p[i];
	return NULL;
}

static void prefix_taken(struct snap *s, uint64_t owner, const struct subnet *subnet)
{
	struct ip first = cidr_first(&subnet->cidr), last = cidr_last(&subnet->cidr);

	range_taken(s, owner, &subnet->subnetpool_id, &first, &last);
}

static void prefix_given_back(struct snap *s, uint64_t owner, const struct subnet *subnet)
{
	const struct subnetpool *pool = snap_get(s, KIND_SUBNETPOOL, &subnet->subnetpool_id);
	const struct prefix *p = pool ? prefix_with(pool, &subnet->cidr) : NULL;
	struct free_range back = {.start = cidr_first(&subnet->cidr), .end = cidr_last(&subnet->cidr)};

	if (p)
		range_given_back(s, owner, &subnet->subnetpool_id, &back,
				 &(struct pool){cidr_first(&p->cidr), cidr_last(&p->cidr)});
}

/* The prefixes without what subnets have taken already: pools and their subnets load in any order. */
static void prefixes_fill(struct snap *s, uint64_t owner, const struct subnetpool *pool)
{
	const struct prefix *p = pool->prefixes.items;
	const struct subnet *sub;
	struct scan scan;

	for (uint32_t i = 0; i < pool->prefixes.count; i++) {
		struct ip first = cidr_first(&p[i].cidr), last = cidr_last(&p[i].cidr);

		range_put(s, owner, &pool->row.id, &first, &last);
	}
	for (sub = scan_index(&scan, s, IX_SUBNET_POOL, &pool->row.id, NULL); sub; sub = scan_next(&scan))
		prefix_taken(s, owner, sub);
}

static bool same_prefixes(const struct subnetpool *a, const struct subnetpool *b)
{
	return a->prefixes.count == b->prefixes.count &&
	       (a->prefixes.count == 0 ||
		memcmp(a->prefixes.items, b->prefixes.items, a->prefixes.count * sizeof(struct prefix)) == 0);
}

static void subnetpool_apply(struct snap *s, uint64_t owner, const struct subnetpool *old,
			     const struct subnetpool *pool)
{
	if (old && pool && same_prefixes(old, pool))
		return;
	if (old)
		pools_clear(s, owner, &old->row.id);
	if (pool)
		prefixes_fill(s, owner, pool);
}

bool snap_prefix_is_free(const struct snap *s, const struct uuid *pool_id, const struct cidr *cidr)
{
	struct ip first = cidr_first(cidr), last = cidr_last(cidr);
	const struct free_range *r = range_before(s, pool_id, &first);

	return r && ip_cmp(&last, &r->end) <= 0;
}

int snap_free_prefix(const struct snap *s, const struct uuid *pool_id, uint8_t len, struct cidr *ret)
{
	struct free_range probe = {.subnet_id = *pool_id};
	const struct free_range *r;
	struct bcursor cursor;

	for (r = btree_seek(&free_tree, &s->tree[TREE_FREE], &probe, &cursor);
	     r && uuid_eq(&r->subnet_id, pool_id); r = btree_next(&cursor)) {
		struct cidr c = {r->start, len, true};
		struct ip first = cidr_first(&c), last = cidr_last(&c);

		if (!ip_eq(&first, &r->start)) { /* the next one that begins where such prefixes begin */
			c.addr = ip_add(&last, 1);
			last = cidr_last(&c);
		}
		if (ip_cmp(&r->start, &c.addr) > 0 || ip_cmp(&last, &r->end) > 0)
			continue;
		*ret = c;
		return 0;
	}
	return -ENOSPC;
}

/* The prefix and the pool of a subnet never change while it lives. */
static void subnet_prefix(struct snap *s, uint64_t owner, const struct subnet *old,
			  const struct subnet *subnet)
{
	if (old && !subnet && !uuid_is_null(&old->subnetpool_id))
		prefix_given_back(s, owner, old);
	if (subnet && !old && !uuid_is_null(&subnet->subnetpool_id))
		prefix_taken(s, owner, subnet);
}

static void subnet_apply(struct snap *s, uint64_t owner, const struct subnet *old,
			 const struct subnet *subnet)
{
	subnet_prefix(s, owner, old, subnet);
	if (old && subnet && same_pools(old, subnet))
		return;
	if (old)
		pools_clear(s, owner, &old->row.id);
	if (subnet)
		pools_fill(s, owner, subnet);
}

/* --- holdings --- */

/* The addresses that a row holds: an array of struct fixed_ip. */
static struct list held_by(const struct row *row, struct fixed_ip *room)
{
	if (row && row->kind == KIND_PORT)
		return ((const struct port *)row)->fixed_ips;
	if (row && row->kind == KIND_FLOATINGIP) {
		const struct floatingip *f = (const struct floatingip *)row;

		*room = (struct fixed_ip){f->subnet_id, f->floating_ip_address};
		return (struct list){room, 1};
	}
	if (row && row->kind == KIND_REST) {
		const struct rest *f = (const struct rest *)row;

		*room = (struct fixed_ip){f->subnet_id, f->floating_ip_address};
		return (struct list){room, 1};
	}
	return (struct list){0};
}

static bool list_has(const struct list *list, const struct fixed_ip *ip)
{
	const struct fixed_ip *f = list->items;

	for (uint32_t i = 0; i < list->count; i++)
		if (memcmp(&f[i], ip, sizeof(*ip)) == 0)
			return true;
	return false;
}

static void release(struct snap *s, uint64_t owner, const struct fixed_ip *ip, const struct row *row)
{
	struct holding probe = {.subnet_id = ip->subnet_id, .ip = ip->ip_address};
	const struct holding *h = btree_get(&holding_tree, &s->tree[TREE_HOLDING], &probe);

	if (!h || !uuid_eq(&h->id, &row->id))
		return;
	btree_del(&holding_tree, &s->tree[TREE_HOLDING], owner, &probe);
	address_given_back(s, owner, &ip->subnet_id, &ip->ip_address);
	snap_count_held(s, owner, &ip->subnet_id, -1);
}

static int hold(struct snap *s, uint64_t owner, const struct fixed_ip *ip, const struct row *row,
		struct err *err)
{
	char text[IP_TEXT], subnet[UUID_TEXT];
	struct holding *h;

	if (snap_holding(s, &ip->subnet_id, &ip->ip_address))
		return err_api(err, 409, "IpAddressInUse", "IP address %s is already in use on subnet %s.",
			       ip_print(&ip->ip_address, text), uuid_print(&ip->subnet_id, subnet));
	h = xalloc(sizeof(*h));
	h->subnet_id = ip->subnet_id;
	h->ip = ip->ip_address;
	h->kind = row->kind;
	h->id = row->id;
	btree_put(&holding_tree, &s->tree[TREE_HOLDING], owner, h);
	address_taken(s, owner, &ip->subnet_id, &ip->ip_address);
	snap_count_held(s, owner, &ip->subnet_id, 1);
	return 0;
}

int address_follow(struct snap *s, uint64_t owner, const struct row *old, const struct row *row,
		   struct err *err)
{
	struct fixed_ip old_room, new_room;
	struct list was = held_by(old, &old_room), is = held_by(row, &new_room);
	const struct fixed_ip *f = was.items, *g = is.items;
	int r = 0;

	if ((old ? old : row)->kind == KIND_SUBNET)
		subnet_apply(s, owner, (const struct subnet *)old, (const struct subnet *)row);
	if ((old ? old : row)->kind == KIND_SUBNETPOOL)
		subnetpool_apply(s, owner, (const struct subnetpool *)old, (const struct subnetpool *)row);
	for (uint32_t i = 0; i < was.count; i++)
		if (!list_has(&is, &f[i]))
			release(s, owner, &f[i], old);
	for (uint32_t i = 0; i < is.count && r == 0; i++)
		if (!list_has(&was, &g[i]))
			r = hold(s, owner, &g[i], row, err);
	return r;
}
