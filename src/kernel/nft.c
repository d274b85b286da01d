/* Router rules in the kernel: changes of table, gateway, limit and NAT facts become nf_tables transactions.
 * Between the dispatcher (kernel_linux.c) and nft_elem.c, nft_table.c; after it, conntrack.c.
 *
 * A transaction holds some thousand changes, each as a whole, with all deletions of elements before all
 * additions: any number of addresses may be swapped or rotated in one call, and a packet meets the old or the
 * new. An address that is released altogether comes after those that have moved, in a transaction of its own,
 * because it must be gone from the router before its translation is. A set is never
 * listed to change it, except where we were told that its elements do not agree. The kernel refuses a
 * transaction as a whole and names the guilty messages: what is gone already is left out, what is in the way
 * is replaced, what cannot be is given up with its change, and the others are sent again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/nft_elem.h"
#include "kernel/nft_table.h"

/* Changes per transaction, of up to 7 elements each: what a change set can have (api/net_change_set.c), and
 * what has come in beside it. Some 14 MB of messages at most, which the socket (netlink.c) takes in one
 * piece. */
#define CHUNK     16384
#define MAX_TRIES 8

struct op {
	struct nft_elem elem;
	struct change *change;
	bool del;
	bool dropped;  /* not to be sent any more */
	bool replaces; /* a deletion of what was in the way goes before it */
};

struct ops {
	struct op *items;
	size_t count, cap;
};

struct job {
	struct kernel_linux *k;
	struct netns *ns;
	struct ops dels, adds;
	struct ip *ended; /* floating IPs whose connections are to end */
	struct change **ended_by;
	size_t ended_count, ended_cap;
	bool forwards; /* and those of forwarded ports are, as the changes say */
};

static void add_op(struct ops *ops, struct change *c, bool del, struct nft_elem elem)
{
	if (ops->count == ops->cap) {
		ops->cap = MAX(ops->cap * 2, (size_t)16);
		ops->items = xrealloc(ops->items, ops->cap * sizeof(*ops->items));
	}
	ops->items[ops->count++] = (struct op){.elem = elem, .change = c, .del = del};
}

static void put(struct job *j, struct change *c, struct nft_elem elem)
{
	add_op(&j->adds, c, false, elem);
}

static void del(struct job *j, struct change *c, struct nft_elem elem)
{
	add_op(&j->dels, c, true, elem);
}

/* Deletes the element only while it says `data`: another fact of ours may have taken the key over. */
static void del_own(struct job *j, struct change *c, struct nft_elem elem)
{
	uint32_t own = elem.data;

	if (nft_elem_get(j->ns, &elem, NULL) == 0 && elem.data == own)
		del(j, c, elem);
}

/* Whose connections end: a floating IP's, and those that left with a gateway's address, which is not there
 * any more: they begin anew with another one's. NULL: nobody's. */
static const struct ip *address_of_ended(const struct job *j, const struct change *c)
{
	const struct fact *f = change_fact(c), *have = c->have;

	if (f->kind == FACT_NAT)
		return &f->addr;
	if (f->kind != FACT_GATEWAY || !j->ns->name || !have || ip_is_null(&have->value.ip) ||
	    (c->want && ip_eq(&c->want->value.ip, &have->value.ip)))
		return NULL;
	return &have->value.ip;
}

static void end_connections(struct job *j, struct change *c)
{
	const struct ip *ended = address_of_ended(j, c);

	j->forwards |= change_fact(c)->kind == FACT_FORWARD;
	if (!ended || (j->ended_count && j->ended_by[j->ended_count - 1] == c))
		return;
	if (j->ended_count == j->ended_cap) {
		j->ended_cap = MAX(j->ended_cap * 2, (size_t)16);
		j->ended = xrealloc(j->ended, j->ended_cap * sizeof(*j->ended));
		j->ended_by = xrealloc(j->ended_by, j->ended_cap * sizeof(struct change *));
	}
	j->ended_by[j->ended_count] = c;
	j->ended[j->ended_count++] = *ended;
}

/* --- what a fact is in elements --- */

static bool is_host(const struct job *j)
{
	return j->ns->name == 0;
}

static struct nft_elem leg(enum nft_set set, sym dev, uint32_t data)
{
	return (struct nft_elem){.set = set, .dev = dev, .data = data};
}

static struct nft_elem address(enum nft_set set, uint32_t addr, uint32_t data)
{
	return (struct nft_elem){.set = set, .addr = addr, .data = data};
}

static struct nft_elem pair(enum nft_set set, const struct fact *gateway, uint32_t data)
{
	return (struct nft_elem){.set = set, .dev = gateway->dev, .out = gateway->value.dev, .data = data};
}

static enum nft_set host_mode(const struct fact *gateway)
{
	if (ip_is_null(&gateway->value.ip))
		return SET_SHUT;
	return ip_to_v4(&gateway->value.ip) ? SET_SOURCES : SET_OPEN;
}

static void clean_host_gateway(struct job *j, struct change *c, const struct fact *have)
{
	static const enum nft_set modes[] = {SET_SOURCES, SET_OPEN, SET_SHUT};

	if (!c->want)
		del(j, c, leg(SET_INSIDE, have->dev, 0));
	del(j, c, pair(SET_LEGS, have, 0));
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (have->value.num || modes[i] == host_mode(have))
			del(j, c, pair(modes[i], have, 0));
}

static void put_host_gateway(struct job *j, struct change *c)
{
	const struct fact *f = c->want;

	put(j, c, leg(SET_INSIDE, f->dev, 0));
	put(j, c, pair(SET_LEGS, f, 0));
	put(j, c, pair(host_mode(f), f, ip_is_null(&f->value.ip) ? 0 : ip_to_v4(&f->value.ip)));
}

static void clean_gateway(struct job *j, struct change *c, const struct fact *have)
{
	if (is_host(j)) {
		clean_host_gateway(j, c, have);
		return;
	}
	if (!c->want)
		del(j, c, leg(SET_EXTERNAL, have->dev, 0));
	if (have->value.num >> 8)
		del(j, c, leg(SET_MARKS, have->dev, 0));
	if (ip_is_null(&have->value.ip) || have->value.num & NFT_WRONG)
		del(j, c, leg(SET_CLOSED, have->dev, 0));
	if (ip_is_null(&have->value.ip))
		return;
	del(j, c, leg(SET_GATEWAYS, have->dev, 0));
	del_own(j, c, leg(SET_HAIRPIN, 0, ip_to_v4(&have->value.ip)));
}

static void put_gateway(struct job *j, struct change *c)
{
	uint32_t source;

	if (is_host(j)) {
		put_host_gateway(j, c);
		return;
	}
	put(j, c, leg(SET_EXTERNAL, c->want->dev, 0));
	if (c->want->value.num >> 8)
		put(j, c, leg(SET_MARKS, c->want->dev, c->want->value.num >> 8));
	if (ip_is_null(&c->want->value.ip)) {
		put(j, c, leg(SET_CLOSED, c->want->dev, 0));
		return;
	}
	source = ip_to_v4(&c->want->value.ip);
	put(j, c, leg(SET_GATEWAYS, c->want->dev, source));
	put(j, c, leg(SET_HAIRPIN, 0, source));
}

static void clean_nat(struct job *j, struct change *c, const struct fact *have)
{
	uint32_t floating = ip_to_v4(&have->addr);

	if (!ip_is_null(&have->value.ip) || have->value.num)
		del(j, c, address(SET_TO_FIXED, floating, 0));
	if (!c->want) {
		del(j, c, address(SET_TRAFFIC_IN, floating, 0));
		del(j, c, address(SET_TRAFFIC_OUT, floating, 0));
		if (is_host(j))
			del(j, c, address(SET_FLOATING, floating, 0));
	}
	/* Broken ones have their way back looked for in one go, clean_strays. */
	if (!have->value.num && !ip_is_null(&have->value.ip))
		del_own(j, c, address(SET_TO_FLOATING, ip_to_v4(&have->value.ip), floating));
}

static void put_nat(struct job *j, struct change *c)
{
	uint32_t floating = ip_to_v4(&c->want->addr), fixed;

	if (!ip_is_null(&c->want->value.ip)) {
		fixed = ip_to_v4(&c->want->value.ip);
		put(j, c, address(SET_TO_FIXED, floating, fixed));
		put(j, c, address(SET_TO_FLOATING, fixed, floating));
	}
	put(j, c, address(SET_TRAFFIC_IN, floating, 0));
	put(j, c, address(SET_TRAFFIC_OUT, floating, 0));
	if (is_host(j))
		put(j, c, address(SET_FLOATING, floating, 0));
}

struct scoped_leg {
	struct job *j;
	struct change *c;
};

/* What a leg lets through beside what its own element says, or without it. */
static void take_scoped(const struct nft_elem *e, void *arg)
{
	struct scoped_leg *l = arg;

	if (e->dev == change_fact(l->c)->dev)
		del(l->j, l->c, *e);
}

/* Two elements of one number: what comes in by the leg has it as a mark, what has it may leave by the leg. */
static void change_scope(struct job *j, struct change *c)
{
	const struct fact *f = change_fact(c);
	enum nft_set in = f->which == FACT_IPV6 ? SET_SCOPES6 : SET_SCOPES;
	enum nft_set out = f->which == FACT_IPV6 ? SET_SCOPED6 : SET_SCOPED;

	if (c->have)
		del(j, c, leg(in, f->dev, 0));
	if (c->have && c->have->value.num)
		del(j, c, leg(out, f->dev, SCOPE_MARK | c->have->value.num));
	else if (c->have)
		nft_elem_dump(j->ns, out, take_scoped, &(struct scoped_leg){j, c}, NULL);
	if (!c->want)
		return;
	put(j, c, leg(in, f->dev, SCOPE_MARK | c->want->value.num));
	put(j, c, leg(out, f->dev, SCOPE_MARK | c->want->value.num));
}

static void change_metadata(struct job *j, struct change *c)
{
	struct nft_elem e = {.set = SET_METADATA};

	if (c->have)
		del(j, c, e);
	if (!c->want)
		return;
	e.data = ip_to_v4(&c->want->value.ip);
	e.port = (uint16_t)c->want->value.num;
	put(j, c, e);
}

static void change_way(struct job *j, struct change *c)
{
	const struct fact *f = change_fact(c);

	if (c->have)
		del(j, c, address(SET_WAYS, ip_to_v4(&f->addr), 0));
	if (c->want)
		put(j, c, address(SET_WAYS, ip_to_v4(&f->addr), f->value.num));
}

/* A limit can not be changed where it is: the kernel takes the element for the one that it has. */
static void change_limit(struct job *j, struct change *c)
{
	const struct fact *f = change_fact(c);
	struct nft_elem e =
		address(f->which == LIMIT_IN ? SET_LIMIT_IN : SET_LIMIT_OUT, ip_to_v4(&f->addr), 0);

	if (c->have)
		del(j, c, e);
	if (!c->want)
		return;
	e.limit = c->want->limit;
	put(j, c, e);
}

static struct nft_elem ports(const struct fact *f)
{
	uint16_t last = forward_last(f->value.num), to = forward_to(f->value.num);
	struct nft_elem e = {.addr = ip_to_v4(&f->addr), .data = ip_to_v4(&f->value.ip)};

	e.set = last == f->which ? SET_PORTS : to ? SET_PORTS_TO_ONE : SET_PORTS_KEPT;
	e.protocol = f->plen;
	e.first = f->which;
	e.last = last;
	e.port = to ? to : f->which;
	return e;
}

/* A host, or a router with other ports of the address, has answered by itself before, and remembers that. */
static void change_forward(struct job *j, struct change *c)
{
	if (c->have)
		del(j, c, ports(c->have));
	if (c->want)
		put(j, c, ports(c->want));
	end_connections(j, c);
}

struct strays {
	struct job *j;
	struct change **by_addr; /* the changes of broken facts, sorted by floating IP */
	size_t count;
};

static int by_address(const void *a, const void *b)
{
	const struct change *x = *(struct change *const *)a, *y = *(struct change *const *)b;

	return ip_cmp(&change_fact(x)->addr, &change_fact(y)->addr);
}

static void take_stray(const struct nft_elem *e, void *arg)
{
	struct strays *s = arg;
	struct fact key = {.addr = ip_from_v4(e->data)};
	struct change probe = {.have = &key}, *at = &probe, **found;

	found = bsearch(&at, s->by_addr, s->count, sizeof(struct change *), by_address);
	if (found)
		del(s->j, *found, *e);
}

/* What leads back to a floating IP whose elements did not agree, however many fixed addresses that are. */
static void clean_strays(struct job *j, struct change **changes, size_t count)
{
	struct strays s = {.j = j, .by_addr = xalloc(count * sizeof(struct change *))};

	for (size_t i = 0; i < count; i++)
		if (changes[i]->have && changes[i]->have->kind == FACT_NAT && changes[i]->have->value.num)
			s.by_addr[s.count++] = changes[i];
	if (s.count) {
		qsort(s.by_addr, s.count, sizeof(struct change *), by_address);
		nft_elem_dump(j->ns, SET_TO_FLOATING, take_stray, &s, NULL);
	}
	free(s.by_addr);
}

static bool is_v4(const struct fact *f)
{
	if (!f || (f->kind != FACT_NAT && f->kind != FACT_LIMIT && f->kind != FACT_FORWARD))
		return true;
	if (f->kind == FACT_FORWARD)
		return ip_is_v4(&f->addr) && ip_is_v4(&f->value.ip);
	return ip_is_v4(&f->addr) &&
	       (f->kind == FACT_LIMIT || f->value.num || ip_is_null(&f->value.ip) || ip_is_v4(&f->value.ip));
}

static void expand(struct job *j, struct change *c)
{
	if (!is_v4(c->want) || !is_v4(c->have)) {
		change_fail(c, -EAFNOSUPPORT, "NAT is between IPv4 addresses");
		return;
	}
	if (change_fact(c)->kind == FACT_GATEWAY) {
		if (c->have)
			clean_gateway(j, c, c->have);
		end_connections(j, c);
		if (c->want)
			put_gateway(j, c);
	} else if (change_fact(c)->kind == FACT_SCOPE) {
		change_scope(j, c);
	} else if (change_fact(c)->kind == FACT_METADATA) {
		change_metadata(j, c);
	} else if (change_fact(c)->kind == FACT_LIMIT) {
		change_limit(j, c);
	} else if (change_fact(c)->kind == FACT_WAY) {
		change_way(j, c);
	} else if (change_fact(c)->kind == FACT_FORWARD) {
		change_forward(j, c);
	} else {
		/* A namespace drops what comes in for an address that nobody has; the host may have let it by
		 * and remember the connection. */
		if (is_host(j))
			end_connections(j, c);
		if (c->have) {
			clean_nat(j, c, c->have);
			end_connections(j, c);
		}
		if (c->want)
			put_nat(j, c);
	}
}

/* --- transactions --- */

static void append(struct job *j, struct nl_batch *b, struct ops *ops)
{
	for (size_t i = 0; i < ops->count; i++) {
		struct op *op = &ops->items[i];

		if (op->dropped || op->change->result)
			continue;
		if (op->del)
			nft_elem_del(b, &op->elem, j->ns->set->syms, op);
		else
			nft_elem_put(b, &op->elem, j->ns->set->syms, op);
	}
}

static const char *reason(const struct nl_result *r)
{
	return r->why ? r->why : strerror(-r->result);
}

struct overlap {
	struct job *j;
	const struct op *op;
};

static void take_overlap(const struct nft_elem *e, void *arg)
{
	const struct overlap *o = arg;
	const struct nft_elem *mine = &o->op->elem;

	if (e->addr == mine->addr && e->protocol == mine->protocol && e->first <= mine->last &&
	    mine->first <= e->last)
		del(o->j, o->op->change, *e);
}

/* Ranges that overlap with a new one: of a forwarding that has gone, and whose deletion comes later. */
static void clear_way(struct job *j, struct op *op)
{
	struct overlap o = {j, op};

	if (op->elem.set == SET_PORTS_KEPT || op->elem.set == SET_PORTS_TO_ONE)
		nft_elem_dump(j->ns, op->elem.set, take_overlap, &o, NULL);
	else
		del(j, op->change, op->elem);
}

/* Deals with one refused message. Those of deletions must come before those of additions, which may move
 * the array of deletions: that is their order in the batch. */
static void mend(struct job *j, const struct nl_result *r)
{
	struct op *op = r->arg;

	if (op->del && r->result == -ENOENT) {
		op->dropped = true;
	} else if (!op->del && !op->replaces && (r->result == -EBUSY || r->result == -EEXIST)) {
		op->replaces = true;
		clear_way(j, op);
		end_connections(j, op->change);
	} else if (!op->del && op->elem.set == SET_HAIRPIN && (r->result == -EBUSY || r->result == -EEXIST)) {
		op->dropped = true; /* another leg of the same call has put its own, which does as well */
	} else {
		change_fail(op->change, r->result, "nf_tables: %s", reason(r));
	}
}

static void fail_all(struct job *j, int errnum, const char *why)
{
	struct ops *all[] = {&j->dels, &j->adds};

	for (size_t a = 0; a < ARRAY_SIZE(all); a++)
		for (size_t i = 0; i < all[a]->count; i++)
			change_fail(all[a]->items[i].change, errnum, "nf_tables: %s", why);
}

/* One attempt: true when there is nothing left to do. */
static bool attempt(struct job *j, struct mnl_socket *sock)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	struct err err = {0};
	bool refused = false;

	nft_batch_begin(&b);
	append(j, &b, &j->dels);
	append(j, &b, &j->adds);
	if (b.count == 1)
		return true;
	nft_batch_end(&b);
	if (nl_batch_send(&b, sock, &err) < 0) {
		fail_all(j, err.errnum, err.message);
		return true;
	}
	for (size_t i = 0; i < b.count; i++) {
		if (!b.items[i].result)
			continue;
		refused = true;
		if (!b.items[i].arg) {
			fail_all(j, b.items[i].result, reason(&b.items[i]));
			return true;
		}
	}
	for (size_t i = 0; refused && i < b.count; i++)
		if (b.items[i].result)
			mend(j, &b.items[i]);
	return !refused;
}

static void apply_chunk(struct job *j, struct change **changes, size_t count)
{
	struct err err = {0};
	struct mnl_socket *sock;
	int r = netns_netfilter(j->ns, &sock, &err);

	j->dels.count = j->adds.count = 0;
	for (size_t i = 0; i < count; i++) {
		if (r < 0)
			change_fail_err(changes[i], r, &err);
		else if (change_fact(changes[i])->kind != FACT_TABLE && !changes[i]->result)
			expand(j, changes[i]);
	}
	if (r < 0)
		return;
	clean_strays(j, changes, count);
	for (int i = 0; i < MAX_TRIES; i++)
		if (attempt(j, sock))
			return;
	fail_all(j, -EAGAIN, "refused too often");
}

/* The table first: everything else is in it. Returns whether the elements are still to be done. */
static bool apply_tables(struct job *j, struct change **changes, size_t count)
{
	bool more = true;

	for (size_t i = 0; i < count; i++) {
		struct err err = {0};
		enum fact_family family;
		int r;

		if (change_fact(changes[i])->kind != FACT_TABLE)
			continue;
		family = (enum fact_family)change_fact(changes[i])->which;
		r = changes[i]->want ? nft_table_put(j->ns, family, changes[i]->want->value.num, &err)
				     : nft_table_del(j->ns, family, &err);
		if (is_host(j) && r == 0)
			watch_table(j->k->watch, changes[i]->want != NULL);
		if (r < 0)
			change_fail_err(changes[i], r, &err);
		else if (!changes[i]->want && family == FACT_IPV4)
			more = false; /* its elements went with it */
	}
	for (size_t i = 0; !more && i < count; i++)
		end_connections(j, changes[i]);
	return more;
}

/* The connections of the ports that the changes are about. */
static void finish_forwards(struct job *j, struct change **changes, size_t count)
{
	struct forwarded *list AUTO_FREE = xalloc((2 * count + 1) * sizeof(*list));
	struct err err = {0};
	size_t n = 0;
	int r;

	if (!j->forwards)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct fact *sides[] = {changes[i]->have, changes[i]->want};

		for (size_t s = 0; s < ARRAY_SIZE(sides); s++)
			if (sides[s] && sides[s]->kind == FACT_FORWARD)
				list[n++] =
					(struct forwarded){sides[s]->addr, sides[s]->plen, sides[s]->which,
							   forward_last(sides[s]->value.num)};
	}
	r = conntrack_flush_ports(j->ns, list, n, &err);
	for (size_t i = 0; r < 0 && i < count; i++)
		if (change_fact(changes[i])->kind == FACT_FORWARD)
			change_fail_err(changes[i], r, &err);
}

static void finish_connections(struct job *j)
{
	struct err err = {0};
	int r;

	if (!j->ended_count)
		return;
	r = conntrack_flush_floating(j->ns, j->ended, j->ended_count, &err);
	for (size_t i = 0; r < 0 && i < j->ended_count; i++)
		change_fail_err(j->ended_by[i], r, &err);
}

void nft_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	struct job j = {.k = k, .ns = ns};

	if (is_host(&j))
		host_refuse(ns, changes, count);
	if (apply_tables(&j, changes, count))
		for (size_t i = 0; i < count; i += CHUNK)
			apply_chunk(&j, &changes[i], MIN(count - i, (size_t)CHUNK));
	finish_connections(&j);
	finish_forwards(&j, changes, count);
	free(j.dels.items);
	free(j.adds.items);
	free(j.ended);
	free(j.ended_by);
}
