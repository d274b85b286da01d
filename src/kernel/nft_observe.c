/* What the table "buoy" of a namespace says, as facts, and its counters.
 * One NAT fact is four elements, a gateway up to three: only when they agree is it what somebody wanted. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "kernel/nft_elem.h"
#include "kernel/nft_table.h"

struct elems {
	struct nft_elem *items;
	size_t count, cap;
};

static void cleanup_elems(struct elems *e)
{
	free(e->items);
}

static void collect(const struct nft_elem *e, void *arg)
{
	struct elems *to = arg;

	if (to->count == to->cap) {
		to->cap = MAX(to->cap * 2, (size_t)64);
		to->items = xrealloc(to->items, to->cap * sizeof(*to->items));
	}
	to->items[to->count++] = *e;
}

/* Which fact an element belongs to: the floating IP or the leg. */
static uint32_t owner(const struct nft_elem *e)
{
	switch (e->set) {
	case SET_TO_FLOATING:
		return e->data;
	case SET_GATEWAYS:
	case SET_EXTERNAL:
	case SET_CLOSED:
	case SET_MARKS:
	case SET_INSIDE:
	case SET_LEGS:
	case SET_SOURCES:
	case SET_OPEN:
	case SET_SHUT:
	case SET_SCOPES:
	case SET_SCOPED:
	case SET_SCOPES6:
	case SET_SCOPED6:
		return e->dev;
	case SET_TO_FIXED:
	case SET_TRAFFIC_IN:
	case SET_TRAFFIC_OUT:
	case SET_LIMIT_IN:
	case SET_LIMIT_OUT:
	case SET_FLOATING:
	case SET_WAYS:
		return e->addr;
	case SET_HAIRPIN:
	case SET_METADATA:
	case SET_PORTS:
	case SET_PORTS_KEPT:
	case SET_PORTS_TO_ONE:
	case NFT_SETS:
		break;
	}
	return 0;
}

static int by_owner(const void *a, const void *b)
{
	uint32_t x = owner(a), y = owner(b);

	return x != y ? (x > y) - (x < y)
		      : (int)((const struct nft_elem *)a)->set - (int)((const struct nft_elem *)b)->set;
}

static int load(struct netns *ns, const enum nft_set *which, size_t count, struct elems *ret, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		int r = nft_elem_dump(ns, which[i], collect, ret, err);

		if (r < 0)
			return r;
	}
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), by_owner);
	return 0;
}

/* The end of the elements that belong to the same fact as items[i]. */
static size_t group_end(const struct elems *e, size_t i)
{
	size_t end = i + 1;

	while (end < e->count && owner(&e->items[end]) == owner(&e->items[i]))
		end++;
	return end;
}

/* Only counted: its ports are forwarded. */
static bool is_by_port(const struct netns *ns, const struct nft_elem *e, size_t count)
{
	return count == (ns->name ? 2 : 3) && e[0].set == SET_TRAFFIC_IN && e[1].set == SET_TRAFFIC_OUT &&
	       (ns->name || e[2].set == SET_FLOATING);
}

static void add_nat(struct netns *ns, const struct nft_elem *e, size_t count, struct facts *ret)
{
	struct fact f = {.kind = FACT_NAT, .ns = ns->name, .addr = ip_from_v4(owner(e))};
	bool right = count == (ns->name ? 4 : 5) && e[0].set == SET_TO_FIXED && e[1].set == SET_TO_FLOATING &&
		     e[2].set == SET_TRAFFIC_IN && e[3].set == SET_TRAFFIC_OUT && e[0].data == e[1].addr &&
		     (ns->name || e[4].set == SET_FLOATING);

	if (e[0].set == SET_TO_FIXED)
		f.value.ip = ip_from_v4(e[0].data);
	else if (e[0].set == SET_TO_FLOATING)
		f.value.ip = ip_from_v4(e[0].addr);
	f.value.num = right || is_by_port(ns, e, count) ? 0 : NFT_WRONG;
	facts_add(ret, &f);
}

static int observe_nat(struct netns *ns, struct facts *ret, struct err *err)
{
	static const enum nft_set which[] = {SET_TO_FIXED, SET_TO_FLOATING, SET_TRAFFIC_IN, SET_TRAFFIC_OUT,
					     SET_FLOATING};
	CLEANUP(cleanup_elems) struct elems e = {0};
	int r = load(ns, which, ARRAY_SIZE(which) - (ns->name != 0), &e, err);

	for (size_t i = 0, end; r == 0 && i < e.count; i = end) {
		end = group_end(&e, i);
		add_nat(ns, &e.items[i], end - i, ret);
	}
	return r;
}

/* The order in a group is gateways, external, closed, marks. */
static struct fact gateway_of(struct netns *ns, const struct nft_elem *e, size_t count)
{
	struct fact f = {.kind = FACT_GATEWAY, .ns = ns->name, .dev = e->dev};
	uint32_t way = e[count - 1].set == SET_MARKS ? e[--count].data : 0;
	bool open = count == 2 && e[0].set == SET_GATEWAYS && e[1].set == SET_EXTERNAL;
	bool closed = count == 2 && e[0].set == SET_EXTERNAL && e[1].set == SET_CLOSED;

	if (e[0].set == SET_GATEWAYS)
		f.value.ip = ip_from_v4(e[0].data);
	f.value.num = way << 8 | (open || closed ? 0 : NFT_WRONG);
	return f;
}

static int observe_gateways(struct netns *ns, struct facts *ret, struct err *err)
{
	static const enum nft_set which[] = {SET_GATEWAYS, SET_EXTERNAL, SET_CLOSED, SET_MARKS};
	CLEANUP(cleanup_elems) struct elems e = {0}, hairpin = {0};
	bool open = false, agrees = false;
	size_t first = ret->count;
	int r = load(ns, which, ARRAY_SIZE(which), &e, err);

	if (r == 0)
		r = nft_elem_dump(ns, SET_HAIRPIN, collect, &hairpin, err);
	if (r < 0)
		return r;
	for (size_t i = 0, end; i < e.count; i = end) {
		struct fact f;

		end = group_end(&e, i);
		f = gateway_of(ns, &e.items[i], end - i);
		facts_add(ret, &f);
		if (ip_is_null(&f.value.ip))
			continue;
		open = true;
		agrees = agrees || (hairpin.count && hairpin.items[0].data == ip_to_v4(&f.value.ip));
	}
	/* The one hairpin address is a gateway's, whichever: else all of them are asked for again. */
	if (open != (hairpin.count > 0) || (open && !agrees))
		for (size_t i = first; i < ret->count; i++)
			ret->items[i].value.num |= NFT_WRONG;
	return 0;
}

/* The order in a group is inside, legs, and one of sources, open, shut. */
static struct fact host_gateway_of(const struct nft_elem *e, size_t count)
{
	struct fact f = {.kind = FACT_GATEWAY, .dev = e->dev};
	const struct nft_elem *mode = &e[count - 1];

	f.value.dev = mode->out;
	if (mode->set == SET_SOURCES || mode->set == SET_OPEN)
		f.value.ip = ip_from_v4(mode->data);
	f.value.num = count == 3 && e[0].set == SET_INSIDE && e[1].set == SET_LEGS && mode->set > SET_LEGS &&
				      e[1].out == mode->out
			      ? 0
			      : NFT_WRONG;
	return f;
}

static int observe_host_gateways(struct netns *ns, struct facts *ret, struct err *err)
{
	static const enum nft_set which[] = {SET_INSIDE, SET_LEGS, SET_SOURCES, SET_OPEN, SET_SHUT};
	CLEANUP(cleanup_elems) struct elems e = {0};
	int r = load(ns, which, ARRAY_SIZE(which), &e, err);

	for (size_t i = 0, end; r == 0 && i < e.count; i = end) {
		struct fact f;

		end = group_end(&e, i);
		f = host_gateway_of(&e.items[i], end - i);
		facts_add(ret, &f);
	}
	return r;
}

/* The order in a group is scopes, scoped. A number that the two do not agree about is none. */
static int observe_scopes(struct netns *ns, enum fact_family family, struct facts *ret, struct err *err)
{
	static const enum nft_set which[][2] = {
		[FACT_IPV4] = {SET_SCOPES, SET_SCOPED}, [FACT_IPV6] = {SET_SCOPES6, SET_SCOPED6}};
	CLEANUP(cleanup_elems) struct elems e = {0};
	int r = load(ns, which[family], ARRAY_SIZE(which[family]), &e, err);

	for (size_t i = 0, end; r == 0 && i < e.count; i = end) {
		struct fact f = {.kind = FACT_SCOPE, .ns = ns->name, .dev = e.items[i].dev};
		const struct nft_elem *at = &e.items[i];

		end = group_end(&e, i);
		f.which = (uint16_t)family;
		if (end - i == 2 && at[0].set == which[family][0] && at[1].set == which[family][1] &&
		    at[0].data == at[1].data)
			f.value.num = at[0].data & ~SCOPE_MARK;
		facts_add(ret, &f);
	}
	return r;
}

/* The table of IPv6 is there only where there are scopes of IPv6. */
static int observe_scopes6(struct netns *ns, struct facts *ret, struct err *err)
{
	struct fact table = {.kind = FACT_TABLE, .ns = ns->name, .which = FACT_IPV6};
	int r = nft_table_version(ns, FACT_IPV6, &table.value.num, err);

	if (r < 0 || !table.value.num)
		return r;
	facts_add(ret, &table);
	return observe_scopes(ns, FACT_IPV6, ret, err);
}

static int observe_metadata(struct netns *ns, struct facts *ret, struct err *err)
{
	CLEANUP(cleanup_elems) struct elems e = {0};
	struct fact f = {.kind = FACT_METADATA, .ns = ns->name};
	int r = nft_elem_dump(ns, SET_METADATA, collect, &e, err);

	if (r < 0 || !e.count)
		return r;
	f.value.ip = ip_from_v4(e.items[0].data);
	f.value.num = e.items[0].port;
	facts_add(ret, &f);
	return 0;
}

static int observe_ways(struct netns *ns, struct facts *ret, struct err *err)
{
	CLEANUP(cleanup_elems) struct elems e = {0};
	int r = ns->name ? nft_elem_dump(ns, SET_WAYS, collect, &e, err) : 0;

	for (size_t i = 0; r == 0 && i < e.count; i++) {
		struct fact f = {.kind = FACT_WAY, .ns = ns->name, .addr = ip_from_v4(e.items[i].addr)};

		f.value.num = e.items[i].data;
		facts_add(ret, &f);
	}
	return r;
}

struct forwards {
	sym ns;
	struct facts *ret;
};

static int observe_limits(struct netns *ns, struct facts *ret, struct err *err)
{
	static const enum nft_set which[LIMIT_DIRECTIONS] = {
		[LIMIT_IN] = SET_LIMIT_IN, [LIMIT_OUT] = SET_LIMIT_OUT};
	CLEANUP(cleanup_elems) struct elems e = {0};
	int r = load(ns, which, ARRAY_SIZE(which), &e, err);

	for (size_t i = 0; r == 0 && i < e.count; i++) {
		struct fact f = {.kind = FACT_LIMIT, .ns = ns->name, .addr = ip_from_v4(e.items[i].addr)};

		f.which = e.items[i].set == SET_LIMIT_IN ? LIMIT_IN : LIMIT_OUT;
		f.limit = e.items[i].limit;
		facts_add(ret, &f);
	}
	return r;
}

static void add_forward(const struct nft_elem *e, void *arg)
{
	struct forwards *to = arg;
	struct fact f = {.kind = FACT_FORWARD, .ns = to->ns, .addr = ip_from_v4(e->addr)};
	uint16_t port = e->set == SET_PORTS && e->port == e->first ? 0 : e->port;

	f.plen = e->protocol;
	f.which = e->first;
	f.value.ip = ip_from_v4(e->data);
	f.value.num = forward_num(e->last, port);
	facts_add(to->ret, &f);
}

/* Where a port is in two sets, which nobody wanted, the range is what is seen, and so taken away. */
static int observe_forwards(struct netns *ns, struct facts *ret, struct err *err)
{
	static const enum nft_set which[] = {SET_PORTS, SET_PORTS_KEPT, SET_PORTS_TO_ONE};
	struct forwards to = {ns->name, ret};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(which) && r == 0; i++)
		r = nft_elem_dump(ns, which[i], add_forward, &to, err);
	return r;
}

int nft_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err)
{
	struct fact table = {.kind = FACT_TABLE, .ns = ns->name};
	int r = ns->name ? observe_scopes6(ns, ret, err) : 0;

	if (r == 0)
		r = nft_table_version(ns, FACT_IPV4, &table.value.num, err);
	if (r < 0 || !table.value.num)
		return r;
	facts_add(ret, &table);
	if (!ns->name)
		watch_table(k->watch, true);
	r = ns->name ? observe_gateways(ns, ret, err) : observe_host_gateways(ns, ret, err);
	if (r == 0 && ns->name)
		r = observe_scopes(ns, FACT_IPV4, ret, err);
	if (r == 0)
		r = observe_metadata(ns, ret, err);
	if (r == 0)
		r = observe_limits(ns, ret, err);
	if (r == 0)
		r = observe_ways(ns, ret, err);
	if (r == 0)
		r = observe_forwards(ns, ret, err);
	return r < 0 ? r : observe_nat(ns, ret, err);
}

int nft_traffic(struct kernel_linux *k, struct netns *ns, struct traffic **ret, size_t *ret_count,
		struct err *err)
{
	static const enum nft_set which[] = {SET_TRAFFIC_IN, SET_TRAFFIC_OUT};
	CLEANUP(cleanup_elems) struct elems e = {0};
	int r = load(ns, which, ARRAY_SIZE(which), &e, err);

	if (r < 0 || !e.count)
		return r;
	*ret = xrealloc(*ret, (*ret_count + e.count) * sizeof(**ret));
	for (size_t i = 0, end; i < e.count; i = end) {
		struct traffic *t = &(*ret)[(*ret_count)++];

		end = group_end(&e, i);
		*t = (struct traffic){.floating_ip = ip_from_v4(e.items[i].addr), .ns = ns->name};
		for (size_t at_i = i; at_i < end; at_i++) {
			const struct nft_elem *at = &e.items[at_i];

			if (at->set == SET_TRAFFIC_IN) {
				t->in_packets = at->packets;
				t->in_bytes = at->bytes;
			} else {
				t->out_packets = at->packets;
				t->out_bytes = at->bytes;
			}
		}
	}
	return 0;
}
