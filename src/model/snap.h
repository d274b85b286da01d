/* Snapshots: all rows at one revision, immutable, with their indexes.
 *
 * Every read (GET, filter, policy, address allocation, plan) works on one snapshot, so every answer is
 * consistent. A snapshot is a handful of copy-on-write trees: one by id for each kind, one for each index and
 * each order of the schema, and four that are derived from the rows:
 *   holdings  which row holds which address of which subnet (ports' fixed IPs, floating IPs, those that rest)
 *   free      the free ranges inside the allocation pools of each subnet: allocation is O(log n) whatever
 *             the pool's size
 *   usage     how many rows of a kind a project has: quota checks are O(log n)
 *   tagged    which floating IPs of a project have a tag
 * Pure; any thread may read a snapshot that it holds a reference on. */
#pragma once
#include "model/btree.h"
#include "model/codec.h"

/* Who holds an address. */
struct holding {
	atomic_uint refs;
	struct uuid subnet_id;
	struct ip ip;
	enum kind kind; /* KIND_PORT, KIND_FLOATINGIP or KIND_REST */
	struct uuid id;
};

/* A run of addresses that nobody holds inside an allocation pool, or no subnet has inside a subnet pool's
 * prefix. */
struct free_range {
	atomic_uint refs;
	struct uuid subnet_id; /* or the subnet pool's id */
	struct ip start, end;
};

/* A count: of a project's rows of a kind, or (KIND_NONE) of the addresses that are held in a subnet, whose id
 * stands in place of the project's. */
struct usage {
	atomic_uint refs;
	enum kind kind;
	int64_t count;
	char project_id[];
};

enum {
	TREE_INDEX = KINDS,
	TREE_ORDER = TREE_INDEX + INDEXES,
	TREE_HOLDING = TREE_ORDER + ORDERS,
	TREE_FREE,
	TREE_USAGE,
	TREE_TAGGED,
	TREES
};

struct snap {
	atomic_uint refs;
	uint64_t revision;
	struct btree tree[TREES];
};

struct snap *snap_new(void);
const struct snap *snap_take(const struct snap *s);
void snap_drop(const struct snap *s);
static inline void cleanup_snap(const struct snap **s)
{
	if (*s)
		snap_drop(*s);
}
#define AUTO_SNAP CLEANUP(cleanup_snap)

/* The row of that id, NULL when absent. Borrowed: valid while the snapshot is held. Cast to the kind's
 * struct. */
const void *snap_get(const struct snap *s, enum kind kind, const struct uuid *id);
size_t snap_count(const struct snap *s, enum kind kind);
/* How many rows of a kind a project owns. */
int64_t snap_usage(const struct snap *s, enum kind kind, const char *project_id);

/* A floating IP of the project on that network with that tag: one that a router translates, or one that is
 * free; the one with the lowest id. NULL: none. */
const struct floatingip *snap_tagged(const struct snap *s, const char *project_id,
				     const struct uuid *network_id, const char *tag, bool associated);

/* Walking rows in a stable order. */
struct scan {
	struct bcursor cursor;
	int tree;                /* which */
	const struct attr *attr; /* index scans: rows whose attribute equals the probe's */
	int order; /* scan_ordered: which, of which the first `same` attributes equal the probe's */
	unsigned same;
	union any_row probe;
};
/* All rows of a kind ordered by id; `after`: starts behind that id (NULL: at the first). */
const void *scan_kind(struct scan *scan, const struct snap *s, enum kind kind, const struct uuid *after);
/* Rows whose indexed attribute equals `value`, which points to what the member would hold (struct uuid *,
 * const char * for strings - the text itself -, struct ip *, ...), ordered by id, behind `after`. */
const void *scan_index(struct scan *scan, const struct snap *s, enum index_id index, const void *value,
		       const struct uuid *after);
/* Every row that an index holds, in its order, from the first on whose attribute is not before `value`. */
const void *scan_from(struct scan *scan, const struct snap *s, enum index_id index, const void *value);
/* Every row that an index holds, in its order. */
const void *scan_order(struct scan *scan, const struct snap *s, enum index_id index);
/* Rows in an order of the schema whose first `same` attributes are those of `like`, a zeroed struct of the
 * kind in which these members are set. */
const void *scan_ordered(struct scan *scan, const struct snap *s, enum order_id order, unsigned same,
			 const void *like);
const void *scan_next(struct scan *scan);
/* The first row of scan_index, without a scan to keep. */
const void *snap_find(const struct snap *s, enum index_id index, const void *value);

/* --- addresses (RFC 4632 prefixes; pools as Neutron's allocation_pools) --- */

/* Who holds the address; NULL: nobody. */
const struct holding *snap_holding(const struct snap *s, const struct uuid *subnet_id, const struct ip *ip);
/* The lowest free address of the subnet's pools. -ENOSPC when there is none. */
int snap_free_address(const struct snap *s, const struct uuid *subnet_id, struct ip *ret);
/* The lowest free prefix of that length in a subnet pool. -ENOSPC when there is none. */
int snap_free_prefix(const struct snap *s, const struct uuid *pool_id, uint8_t len, struct cidr *ret);
/* Whether all of the prefix is the pool's, and no subnet has any of it. */
bool snap_prefix_is_free(const struct snap *s, const struct uuid *pool_id, const struct cidr *cidr);
/* How many addresses of the subnet are held, inside its pools or not: O(log n). */
int64_t snap_held(const struct snap *s, const struct uuid *subnet_id);
/* Walks the holdings of one subnet in address order, from `from` (NULL: all). */
const struct holding *snap_first_holding(const struct snap *s, const struct uuid *subnet_id,
					 const struct ip *from, struct bcursor *cursor);
const struct holding *snap_next_holding(const struct uuid *subnet_id, struct bcursor *cursor);

/* --- changing a snapshot that nobody else holds yet: for txn.c and the loader --- */

/* A copy that may be changed, and the number that owns the changes. */
struct snap *snap_edit(const struct snap *base);
/* Replaces `old` (NULL: none) by `row` (NULL: none) in every tree. Takes its own references. Fails, with the
 * snapshot to be thrown away, when an address is held by somebody else already (409 IpAddressInUse). */
int snap_apply(struct snap *s, uint64_t owner, const struct row *old, const struct row *row, struct err *err);
