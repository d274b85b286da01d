/* Facts: the sorted arrays in which desired and observed kernel state are compared, and their words.
 * Filled by the planner and by src/kernel, compared in diff.c. */
#include "plan/fact.h"

#include <assert.h>
#include <endian.h>
#include <string.h>
#include <talloc.h>

#include "base/buf.h"

static_assert(offsetof(struct fact, value) == FACT_KEY_SIZE, "the key is the first bytes of a fact");

#define SPEC_POOL 4096 /* the first specs in one piece */

void facts_init(struct facts *f, struct symtab *syms)
{
	*f = (struct facts){.syms = syms, .sorted = true};
}

void facts_done(struct facts *f)
{
	free(f->items);
	talloc_free(f->specs);
	*f = (struct facts){.syms = f->syms, .sorted = true};
}

/* Kinds whose value is a structure of its own. */
static const size_t spec_sizes[FACT_KINDS] = {
	[FACT_LINK] = sizeof(struct link_spec),
	[FACT_EXPRESS] = sizeof(struct express_spec),
	[FACT_HOOK] = sizeof(struct hook_spec),
	[FACT_SPREAD] = sizeof(struct spread_spec),
};

struct fact *facts_add(struct facts *f, const struct fact *fact)
{
	struct fact *to;

	if (f->count == f->cap) {
		/* `fact` may be one of ours, which the growth would move away. */
		struct fact copy = *fact;

		f->cap = MAX(f->cap * 2, (size_t)64);
		f->items = xrealloc(f->items, f->cap * sizeof(*f->items));
		to = &f->items[f->count++];
		*to = copy;
	} else {
		to = &f->items[f->count++];
		*to = *fact;
	}
	if (spec_sizes[to->kind] && to->spec) {
		if (!f->specs)
			f->specs = talloc_pool(NULL, SPEC_POOL);
		to->spec = talloc_memdup(f->specs, to->spec, spec_sizes[to->kind]);
		if (!to->spec)
			abort();
	}
	f->sorted = false;
	return to;
}

/* A key as three numbers that compare in the order of the facts, and where its fact is. */
struct sort_key {
	uint64_t head; /* kind, namespace */
	uint64_t addr; /* the last 8 bytes of the address: an IPv4 address differs only there */
	uint32_t dev;
	uint32_t index : 31;
	uint32_t wide : 1; /* the first 8 bytes of the address are not zero */
};

static uint64_t key_head(const struct fact *f)
{
	return (uint64_t)f->kind << 32 | f->ns;
}

static uint64_t load_be64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static inline int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static inline int key_cmp(const struct fact *a, const struct fact *b)
{
	uint64_t ha = key_head(a), hb = key_head(b);

	if (ha != hb)
		return order(ha, hb);
	if (a->dev != b->dev)
		return order(a->dev, b->dev);
	ha = load_be64(a->addr.b);
	hb = load_be64(b->addr.b);
	if (ha != hb)
		return order(ha, hb);
	ha = load_be64(a->addr.b + 8);
	hb = load_be64(b->addr.b + 8);
	if (ha != hb)
		return order(ha, hb);
	if (a->plen != b->plen)
		return order(a->plen, b->plen);
	return order(a->which, b->which);
}

int fact_key_cmp(const struct fact *a, const struct fact *b)
{
	return key_cmp(a, b);
}

static inline int sort_key_cmp(const struct sort_key *a, const struct sort_key *b, const struct fact *items)
{
	if (a->head != b->head)
		return order(a->head, b->head);
	if (a->dev != b->dev)
		return order(a->dev, b->dev);
	/* Most comparisons end here: going on to the facts costs cache misses. */
	if (!a->wide && !b->wide && a->addr != b->addr)
		return order(a->addr, b->addr);
	return key_cmp(&items[a->index], &items[b->index]);
}

/* Merges the neighbouring runs [a, b) and [b, c) into `out`; equal keys keep their order. */
static void merge_runs(const struct sort_key *in, size_t a, size_t b, size_t c, struct sort_key *out,
		       const struct fact *items)
{
	size_t left = a, right = b, to = a;

	while (left < b && right < c)
		out[to++] = sort_key_cmp(&in[right], &in[left], items) < 0 ? in[right++] : in[left++];
	memcpy(&out[to], &in[left], (b - left) * sizeof(*in));
	to += b - left;
	memcpy(&out[to], &in[right], (c - right) * sizeof(*in));
}

/* Writes where each ascending run starts, and the end of the array; returns the number of runs. */
static size_t find_runs(const struct sort_key *keys, size_t count, const struct fact *items, size_t *starts)
{
	size_t runs = 0;

	for (size_t i = 0; i < count; i++)
		if (!i || sort_key_cmp(&keys[i], &keys[i - 1], items) < 0)
			starts[runs++] = i;
	starts[runs] = count;
	return runs;
}

/* Natural merge sort: the planner and the kernel's dumps append long sorted runs, and a run that is
 * there already costs nothing. Returns whichever of the two arrays holds the result. */
static struct sort_key *sort_keys(struct sort_key *keys, struct sort_key *spare, size_t count,
				  const struct fact *items)
{
	size_t *starts AUTO_FREE = xalloc((count + 1) * sizeof(*starts));
	size_t runs = find_runs(keys, count, items, starts);

	while (runs > 1) {
		struct sort_key *swap = keys;
		size_t merged = 0;

		for (size_t r = 0; r < runs; r += 2) {
			size_t a = starts[r], b = starts[r + 1], c = r + 1 < runs ? starts[r + 2] : b;

			merge_runs(keys, a, b, c, spare, items);
			starts[merged++] = a;
		}
		starts[merged] = count;
		runs = merged;
		keys = spare;
		spare = swap;
	}
	return keys;
}

/* Facts come in groups (address, NAT, guard of one floating IP): distributing them by kind first makes
 * one long run per kind of what was appended in some order of its own. */
static void fill_keys(const struct facts *f, struct sort_key *keys)
{
	size_t at[FACT_KINDS + 1] = {0};

	for (size_t i = 0; i < f->count; i++)
		at[f->items[i].kind + 1]++;
	for (size_t k = 1; k <= FACT_KINDS; k++)
		at[k] += at[k - 1];
	for (size_t i = 0; i < f->count; i++) {
		const struct fact *it = &f->items[i];

		keys[at[it->kind]++] = (struct sort_key){
			.head = key_head(it),
			.addr = load_be64(it->addr.b + 8),
			.dev = it->dev,
			.index = (uint32_t)i & INT32_MAX,
			.wide = load_be64(it->addr.b) != 0,
		};
	}
}

static bool is_sorted(const struct facts *f)
{
	for (size_t i = 1; i < f->count; i++)
		if (key_cmp(&f->items[i - 1], &f->items[i]) >= 0)
			return false;
	return true;
}

void facts_sort(struct facts *f)
{
	struct sort_key *keys, *sorted;
	struct fact *items;
	size_t count = 0;

	if (f->sorted || is_sorted(f)) {
		f->sorted = true;
		return;
	}
	keys = xalloc(2 * f->count * sizeof(*keys));
	fill_keys(f, keys);
	sorted = sort_keys(keys, keys + f->count, f->count, f->items);
	items = xrealloc(NULL, f->count * sizeof(*items));
	for (size_t i = 0; i < f->count; i++) {
		const struct fact *it = &f->items[sorted[i].index];

		if (count && !key_cmp(&items[count - 1], it))
			count--;
		items[count++] = *it;
	}
	free(keys);
	free(f->items);
	f->items = items;
	f->cap = f->count;
	f->count = count;
	f->sorted = true;
}

const struct fact *facts_find(const struct facts *f, const struct fact *key)
{
	size_t low = 0, high = f->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int cmp = key_cmp(&f->items[middle], key);

		if (!cmp)
			return &f->items[middle];
		if (cmp < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static bool link_spec_eq(const struct link_spec *a, const struct link_spec *b)
{
	return a->type == b->type && a->mtu == b->mtu && !memcmp(&a->mac, &b->mac, sizeof(a->mac)) &&
	       a->master == b->master && a->peer == b->peer && a->peer_master == b->peer_master &&
	       a->parent == b->parent && a->vni == b->vni &&
	       !memcmp(&a->local, &b->local, sizeof(a->local)) && a->port == b->port && a->flaws == b->flaws;
}

static bool express_spec_eq(const struct express_spec *a, const struct express_spec *b)
{
	return a->ns == b->ns && a->tap == b->tap && ip_eq(&a->fixed, &b->fixed) &&
	       ip_eq(&a->gateway, &b->gateway) && !memcmp(&a->outer, &b->outer, sizeof(a->outer)) &&
	       !memcmp(&a->inner, &b->inner, sizeof(a->inner)) && a->mtu_in == b->mtu_in &&
	       a->mtu_out == b->mtu_out && a->way == b->way &&
	       !memcmp(a->limits, b->limits, sizeof(a->limits));
}

static bool hook_spec_eq(const struct hook_spec *a, const struct hook_spec *b)
{
	return a->role == b->role && !memcmp(&a->mac, &b->mac, sizeof(a->mac)) && a->device == b->device &&
	       a->way == b->way;
}

/* The order of next hops is the kernel's business. */
static bool spread_spec_eq(const struct spread_spec *a, const struct spread_spec *b)
{
	bool eq = a->count == b->count;

	for (uint32_t i = 0; i < a->count && eq; i++) {
		bool found = false;

		for (uint32_t j = 0; j < b->count; j++)
			found |= a->hop[i].dev == b->hop[j].dev && ip_eq(&a->hop[i].via, &b->hop[j].via);
		eq = found;
	}
	return eq;
}

bool fact_value_eq(const struct fact *a, const struct fact *b)
{
	uint32_t num_mask = UINT32_MAX;

	switch ((enum fact_kind)a->kind) {
	case FACT_NETNS:
	case FACT_FDB:
	case FACT_GUARD:
	case FACT_SERVE:
		return true;
	case FACT_LINK:
		return a->link == b->link || (a->link && b->link && link_spec_eq(a->link, b->link));
	case FACT_EXPRESS:
		return a->express == b->express ||
		       (a->express && b->express && express_spec_eq(a->express, b->express));
	case FACT_HOOK:
		return a->hook == b->hook || (a->hook && b->hook && hook_spec_eq(a->hook, b->hook));
	case FACT_SPREAD:
		return a->spread == b->spread ||
		       (a->spread && b->spread && spread_spec_eq(a->spread, b->spread));
	case FACT_LIMIT:
		return a->limit.rate_kbps == b->limit.rate_kbps && a->limit.burst_kbit == b->limit.burst_kbit;
	case FACT_ADDRESS:
		/* An announcement is an act, not a state: nothing in the kernel shows it. */
		num_mask = ~(uint32_t)(ADDRESS_ANNOUNCE | ADDRESS_LINK | ADDRESS_FLOATING);
		break;
	case FACT_SYSCTL:
	case FACT_PLUG:
	case FACT_TABLE:
	case FACT_GATEWAY:
	case FACT_SCOPE:
	case FACT_METADATA:
	case FACT_WAY:
	case FACT_FORWARD:
	case FACT_NAT:
	case FACT_PATH:
	case FACT_ROUTE:
	case FACT_RULE:
	case FACT_KINDS:
		break;
	}
	return !memcmp(&a->value.ip, &b->value.ip, sizeof(a->value.ip)) && a->value.dev == b->value.dev &&
	       (a->value.num & num_mask) == (b->value.num & num_mask);
}
