/* FACT_EXPRESS: associations in the express data path's maps, and their counters.
 * One row of the dispatcher's table; the maps `floats` and `fixeds`, written by the program `commit`.
 *
 * All changes of one call count from one instant on: each is put beside what counts, under a generation that
 * has not begun; then that begins, with one store. Associations that end in the same call end at that
 * instant, too: they are told of before (express.ends). What ended is taken out of the maps after that. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "kernel/arp.h"
#include "kernel/express.h"

#define ASK_AHEAD 256  /* so many instances are asked for before; of more the first packets wait for ARP */
#define WAIT_FOR  16   /* so many are waited for */
#define WAIT_US   1000 /* altogether */

/* --- reading --- */

/* Which slot counts: as `choose` of bpf/maps.h. */
static int choose(const __u64 generation[2], uint64_t now)
{
	if (generation[1] <= now && (generation[0] > now || generation[1] > generation[0]))
		return 1;
	return generation[0] <= now ? 0 : -1;
}

static const struct float_slot *float_slot_of(const struct float_entry *e, uint64_t now)
{
	int at = choose(e->generation, now);

	return at >= 0 && e->slot[at].flags & FLOAT_SET ? &e->slot[at] : NULL;
}

static const struct fixed_slot *fixed_slot_of(const struct fixed_entry *e, uint64_t now)
{
	int at = choose(e->generation, now);

	return at >= 0 && e->slot[at].flags & FLOAT_SET ? &e->slot[at] : NULL;
}

static struct ip get_ip(__be32 addr)
{
	return ip_from_v4(ntohl(addr));
}

static __be32 put_ip(const struct ip *ip)
{
	return ip_is_null(ip) ? 0 : htonl(ip_to_v4(ip));
}

/* --- observing --- */

struct walk {
	struct kernel_linux *k;
	struct express_routers routers;
	struct facts *ret;
};

static sym device_name(const struct kernel_linux *k, uint32_t ifindex, bool tap)
{
	const struct link_row *row = ifindex ? link_table_at(&k->host_links, (int)ifindex) : NULL;

	if (!row || (tap && !row->tap[0]))
		return 0;
	return symtab_put(k->base.syms, tap ? row->tap : row->info.name);
}

/* The way back of an entry that counts: its network's device, 0 when that is not as it should be. */
static sym read_back(const struct walk *w, const struct float_entry *e, const struct fixed_key *key,
		     struct express_spec *spec)
{
	const struct express *x = w->k->express;
	const struct fixed_slot *s;
	struct fixed_entry back;

	if (bpf_map_lookup_elem(x->maps[MAP_FIXEDS], key, &back) < 0)
		return 0;
	s = fixed_slot_of(&back, x->state->generation);
	if (!s || memcmp(&s->floating, &e->key, sizeof(e->key)) != 0)
		return 0;
	spec->mtu_out = s->mtu;
	spec->way = (uint16_t)s->way;
	return device_name(w->k, s->segment, false);
}

/* False: there is nothing that can be told of. */
static bool observe_entry(const struct walk *w, const struct float_entry *e)
{
	uint64_t now = w->k->express->state->generation;
	const struct float_slot *s = float_slot_of(e, now);
	struct express_spec spec = {0};
	struct fact fact = {.kind = FACT_EXPRESS, .express = &spec};
	struct fixed_key key = {0};

	if (!s)
		return false;
	key.router = e->router[s - e->slot];
	key.addr = s->fixed;
	fact.addr = get_ip(e->key.addr);
	spec.ns = express_router_ns(&w->routers, key.router);
	spec.tap = device_name(w->k, s->port, true);
	spec.fixed = get_ip(s->fixed);
	if (s->gateway)
		spec.gateway = get_ip(s->gateway);
	memcpy(&spec.outer, e->key.mac, sizeof(spec.outer));
	memcpy(&spec.inner, s->leg, sizeof(spec.inner));
	spec.mtu_in = s->mtu;
	for (size_t i = 0; i < EXPRESS_DIRECTIONS; i++)
		spec.limits[i] = (struct rate_limit){e->meter[i].rate_kbps, e->meter[i].burst_kbit};
	fact.dev = read_back(w, e, &key, &spec);
	if (fact.dev)
		facts_add(w->ret, &fact);
	return fact.dev;
}

int express_observe(struct kernel_linux *k, struct netns *host, struct facts *ret, struct err *err)
{
	struct walk w = {.k = k, .ret = ret};
	const struct float_entry *e;
	size_t at = 0;
	int r;

	if (!k->express)
		return 0;
	r = express_routers(k, &w.routers, err);
	if (r < 0)
		return r;
	/* What can not be told of is left from who ended in between, or its way back, or its network, is
	 * gone. */
	while ((e = express_table_next(k->express->table, &at)))
		if (!observe_entry(&w, e) && !k->express->only_looks)
			express_table_del(k->express->table, &e->key);
	free(w.routers.list);
	return 0;
}

/* --- writing --- */

/* What is to be taken out when the new generation has begun. */
struct leftovers {
	struct float_key *floats;
	struct fixed_key *fixeds;
	size_t float_count, fixed_count;
};

struct device {
	sym name;
	int index;      /* <= 0: it is not there */
	bool takes_xdp; /* frames from XDP; a port's only */
};

struct job {
	struct kernel_linux *k;
	struct express *x;
	uint64_t generation; /* that will begin */
	struct leftovers left;
	struct device segment, port; /* the last ones: many associations have the same */
};

static struct float_key float_key_of(const struct fact *f)
{
	struct float_key key = {.addr = put_ip(&f->addr)};

	memcpy(key.mac, &f->express->outer, sizeof(key.mac));
	return key;
}

static struct fixed_key fixed_key_of(const struct kernel_linux *k, const struct fact *f)
{
	return (struct fixed_key){
		.router = express_router(k->base.syms, f->express->ns),
		.addr = put_ip(&f->express->fixed),
	};
}

static int put_fixed(struct job *j, const struct fixed_key *key, const struct fixed_slot *slot)
{
	static const struct fixed_entry nothing;
	struct express_order o = {.key = *key, .generation = j->generation, .slot = *slot};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &o, .ctx_size_in = sizeof(o));

	if (bpf_map_update_elem(j->x->maps[MAP_FIXEDS], key, &nothing, BPF_NOEXIST) < 0 && errno != EEXIST)
		return -errno;
	if (bpf_prog_test_run_opts(j->x->programs[PROGRAM_COMMIT], &opts) < 0)
		return -errno;
	return opts.retval ? -ENOENT : 0;
}

/* Makes the slot that does not count nobody's, fills it, and gives it its generation, which has not begun. */
static void put_float(struct job *j, struct float_entry *e, const struct float_slot *slot, uint64_t router)
{
	int at = choose(e->generation, j->x->state->generation) == 0;

	__atomic_store_n(&e->generation[at], UINT64_MAX, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	e->slot[at] = *slot;
	e->router[at] = router;
	__atomic_store_n(&e->generation[at], j->generation, __ATOMIC_RELEASE);
}

static uint64_t stamp_now(const struct express *x)
{
	return EXPRESS_STAMP((uint64_t)(clock_mono_us() * 1000 - x->clock_ns)) << 48;
}

/* The instance's MAC, when the router's kernel knows it already: then no packet needs to go through there. */
static uint64_t station_of(struct kernel_linux *k, const struct express_spec *spec)
{
	struct netns *ns;
	struct mac mac;
	uint64_t station = 0;

	if (!spec->leg || !spec->tap || netns_get(&k->nss, spec->ns, &ns, NULL) < 0 ||
	    neigh_get(ns, spec->leg, &spec->fixed, &mac) < 0)
		return 0;
	memcpy(&station, &mac, sizeof(mac));
	return station | stamp_now(k->express);
}

static void ask_segment(struct job *j, sym name)
{
	if (j->segment.name != name)
		j->segment = (struct device){.name = name, .index = link_index(j->k->nss.host, name, NULL)};
}

static void ask_port(struct job *j, sym name)
{
	struct netns *host = j->k->nss.host;

	if (j->port.name == name)
		return;
	j->port = (struct device){.name = name, .index = name ? link_index(host, name, NULL) : 0};
	if (j->port.index > 0 && j->x->xdp != XDP_NEVER)
		j->port.takes_xdp = xdp_is_taken(host, j->port.index);
}

/* In the units of struct express_meter: 64 bytes at rate_kbps take 64 * 8 / rate_kbps ms. */
static struct express_meter meter_of(const struct rate_limit *l)
{
	const uint64_t units_per_ms = 16000000;

	return (struct express_meter){
		.cost = l->rate_kbps ? MAX(64 * 8 * units_per_ms / l->rate_kbps, (uint64_t)1) : 0,
		.burst = l->rate_kbps ? l->burst_kbit * 1000 * units_per_ms / l->rate_kbps : 0,
		.rate_kbps = l->rate_kbps,
		.burst_kbit = l->burst_kbit,
	};
}

static void fill_float(struct job *j, const struct fact *f, bool few, struct float_slot *ret)
{
	const struct express_spec *spec = f->express;

	ask_port(j, spec->tap);
	*ret = (struct float_slot){
		.fixed = put_ip(&spec->fixed),
		.gateway = put_ip(&spec->gateway),
		.port = (uint32_t)MAX(j->port.index, 0),
		.flags = FLOAT_SET | (j->port.takes_xdp ? FLOAT_XDP : 0),
		.mtu = spec->mtu_in,
		.way = spec->way,
		.station = few ? station_of(j->k, spec) : 0,
	};
	memcpy(ret->leg, &spec->inner, sizeof(ret->leg));
}

static int fill_fixed(struct job *j, const struct fact *f, struct fixed_slot *ret)
{
	ask_segment(j, f->dev);
	if (j->segment.index <= 0)
		return -ENODEV;
	*ret = (struct fixed_slot){
		.floating = float_key_of(f),
		.segment = (uint32_t)j->segment.index,
		.flags = FLOAT_SET,
		.mtu = f->express->mtu_out,
		.way = f->express->way,
	};
	return 0;
}

static void set_meters(struct float_entry *e, const struct express_spec *spec)
{
	for (size_t i = 0; i < EXPRESS_DIRECTIONS; i++) {
		struct express_meter m = meter_of(&spec->limits[i]);

		e->meter[i].burst = m.burst;
		e->meter[i].cost = m.cost;
		e->meter[i].rate_kbps = m.rate_kbps;
		e->meter[i].burst_kbit = m.burst_kbit;
	}
}

static int put_association(struct job *j, const struct fact *f, bool few)
{
	struct fixed_key back = fixed_key_of(j->k, f);
	struct float_key key = float_key_of(f);
	struct fixed_slot fixed;
	struct float_slot slot;
	struct float_entry *e;
	int r = fill_fixed(j, f, &fixed);

	if (r < 0)
		return r;
	fill_float(j, f, few, &slot);
	e = express_table_put(j->x->table, &key);
	if (!e) {
		j->x->full = true;
		return -ENOSPC;
	}
	r = put_fixed(j, &back, &fixed);
	if (r < 0)
		return r;
	put_float(j, e, &slot, back.router);
	set_meters(e, f->express);
	return 0;
}

static void stage(struct job *j, struct change *c, bool few)
{
	int r = put_association(j, c->want, few);

	if (r < 0)
		change_fail(c, r, "express: %s", strerror(-r));
}

/* Whether an entry was written in this generation. */
static bool is_new(const struct job *j, const __u64 generation[2])
{
	return generation[0] == j->generation || generation[1] == j->generation;
}

/* Whether the way back was written in this generation, is gone, or belongs to somebody else now. */
static bool is_fixed_taken(struct job *j, const struct fixed_key *key, const struct float_key *owner)
{
	const struct fixed_slot *s;
	struct fixed_entry e;

	if (bpf_map_lookup_elem(j->x->maps[MAP_FIXEDS], key, &e) < 0 || is_new(j, e.generation))
		return true;
	s = fixed_slot_of(&e, j->x->state->generation);
	return s && memcmp(&s->floating, owner, sizeof(*owner)) != 0;
}

/* What the fact had and nobody has in the new generation ends with it. */
static void end_association(struct job *j, const struct fact *have, bool take_out)
{
	const struct fixed_slot no_fixed = {.flags = FLOAT_END};
	const struct float_slot no_float = {.flags = FLOAT_END};
	struct fixed_key fixed = fixed_key_of(j->k, have);
	struct float_key floating = float_key_of(have);
	struct float_entry *e = express_table_find(j->x->table, &floating);
	struct leftovers *l = &j->left;

	if (e && !is_new(j, e->generation)) {
		put_float(j, e, &no_float, 0);
		if (take_out)
			l->floats[l->float_count++] = floating;
	}
	if (!is_fixed_taken(j, &fixed, &floating)) {
		put_fixed(j, &fixed, &no_fixed);
		if (take_out)
			l->fixeds[l->fixed_count++] = fixed;
	}
}

static void take_out(struct job *j)
{
	for (size_t i = 0; i < j->left.float_count; i++)
		express_table_del(j->x->table, &j->left.floats[i]);
	for (size_t i = 0; i < j->left.fixed_count; i++)
		bpf_map_delete_elem(j->x->maps[MAP_FIXEDS], &j->left.fixeds[i]);
}

static bool is_ending(const struct change *c)
{
	return !c->want && c->have->kind == FACT_EXPRESS;
}

static void begin(struct job *j, size_t count)
{
	j->generation = j->x->state->generation + 1;
	j->x->state->staging = 1;
	j->left.floats = xalloc(count * sizeof(*j->left.floats));
	j->left.fixeds = xalloc(count * sizeof(*j->left.fixeds));
}

/* The instant from which on everything counts. */
static void finish(struct job *j)
{
	__atomic_store_n(&j->x->state->generation, j->generation, __ATOMIC_RELEASE);
	j->x->state->staging = 0;
	take_out(j);
	free(j->left.floats);
	free(j->left.fixeds);
}

/* Whether the address gets another leg: those outside go on sending to the old one until they have heard of
 * that, and are served there until then. */
static bool moves_router(const struct change *c)
{
	return c->want && c->have &&
	       memcmp(&c->want->express->outer, &c->have->express->outer, sizeof(struct mac)) != 0;
}

/* The leg that an address leaves must not announce it once more. */
static void hush(struct kernel_linux *k, const struct change *c)
{
	const struct fact *f = c->have;

	if (k->guard && f && f->express->out && (!c->want || moves_router(c)))
		guard_forget_arp(k->guard, f->express->ns, f->express->out, put_ip(&f->addr));
}

static void run(struct job *j, struct change **changes, size_t count)
{
	const struct changes *ends = j->x->ends;

	begin(j, count);
	for (size_t i = 0; i < count; i++)
		hush(j->k, changes[i]);
	for (size_t i = 0; i < count; i++)
		if (changes[i]->want)
			stage(j, changes[i], count <= ASK_AHEAD);
	for (size_t i = 0; i < count; i++)
		if (changes[i]->have && !changes[i]->result && !moves_router(changes[i]))
			end_association(j, changes[i]->have, true);
	/* Those in a later run of deletions: they end now, and are taken out there, when nftables has let go
	 * of them as well. */
	for (size_t i = 0; ends && changes[0]->want && i < ends->count; i++)
		if (is_ending(&ends->items[i]))
			end_association(j, ends->items[i].have, false);
	finish(j);
}

void express_apply(struct kernel_linux *k, struct netns *host, struct change **changes, size_t count)
{
	struct job j = {.k = k, .x = k->express};

	for (size_t i = 0; !k->express && i < count; i++)
		if (changes[i]->want)
			change_fail(changes[i], -EOPNOTSUPP, "the express data path is not there");
	if (k->express)
		run(&j, changes, count);
}

void express_end(struct kernel_linux *k, const struct changes *all)
{
	struct job j = {.k = k, .x = k->express};
	size_t count = 0;

	for (size_t i = 0; k->express && i < all->count; i++) {
		const struct change *c = &all->items[i];

		if (change_fact(c)->kind != FACT_EXPRESS || c->result || !moves_router(c))
			continue;
		if (!count++)
			begin(&j, all->count);
		end_association(&j, c->have, true);
	}
	if (count)
		finish(&j);
	if (k->express)
		k->express->ends = NULL;
}

/* --- before a call's changes --- */

/* Asks for the instances that are to be reached next. */
static size_t ask_ahead(struct kernel_linux *k, const struct changes *all, const struct express_spec **asked)
{
	size_t n = 0;

	for (size_t i = 0; i < all->count && n < ASK_AHEAD; i++) {
		const struct fact *f = all->items[i].want;
		struct netns *ns;
		struct mac mac;

		/* What is known is not asked for: an administrator's permanent entry would be one no longer.
		 */
		if (!f || f->kind != FACT_EXPRESS || !f->express->leg || !f->express->tap ||
		    netns_get(&k->nss, f->express->ns, &ns, NULL) < 0 ||
		    neigh_get(ns, f->express->leg, &f->express->fixed, &mac) == 0)
			continue;
		neigh_ask(ns, f->express->leg, &f->express->fixed, 1);
		asked[n++] = f->express;
	}
	return n;
}

/* Gives instances a moment to answer: packets for them would queue up in the meantime. */
static void wait_for_answers(struct kernel_linux *k, const struct express_spec **asked, size_t count)
{
	int64_t end_us = clock_mono_us() + WAIT_US;
	const struct timespec pause = {.tv_nsec = 50000};
	struct netns *ns;
	struct mac mac;

	for (size_t i = 0; i < count; i++)
		while (clock_mono_us() < end_us && netns_get(&k->nss, asked[i]->ns, &ns, NULL) == 0 &&
		       neigh_get(ns, asked[i]->leg, &asked[i]->fixed, &mac) < 0)
			nanosleep(&pause, NULL);
}

void express_begin(struct kernel_linux *k, const struct changes *all)
{
	const struct express_spec *asked[ASK_AHEAD];
	size_t count;

	if (!k->express)
		return;
	k->express->ends = all;
	count = ask_ahead(k, all, asked);
	if (count <= WAIT_FOR)
		wait_for_answers(k, asked, count);
}

/* --- counters --- */

/* In CLOCK_MONOTONIC. */
static uint64_t seen_ns(const struct express *x, const struct express_counter *c)
{
	return c->seen_ns ? (uint64_t)((int64_t)c->seen_ns + x->clock_ns) : 0;
}

int express_traffic(struct kernel_linux *k, struct traffic **ret, size_t *ret_count, struct err *err)
{
	size_t at = 0, cap = *ret_count;
	const struct float_entry *e;

	while (k->express && (e = express_table_next(k->express->table, &at))) {
		const struct express_counter *in = &e->counter[EXPRESS_IN], *out = &e->counter[EXPRESS_OUT];
		struct traffic *t;

		if (*ret_count == cap) {
			cap = MAX(cap * 2, (size_t)64);
			*ret = xrealloc(*ret, cap * sizeof(**ret));
		}
		t = &(*ret)[(*ret_count)++];
		*t = (struct traffic){
			.floating_ip = get_ip(e->key.addr),
			.in_packets = in->packets,
			.in_bytes = in->bytes,
			.out_packets = out->packets,
			.out_bytes = out->bytes,
			.seen_ns = {[EXPRESS_IN] = seen_ns(k->express, in),
				    [EXPRESS_OUT] = seen_ns(k->express, out)},
		};
		memcpy(t->dropped, e->dropped, sizeof(t->dropped));
	}
	return 0;
}

/* --- what an earlier process has left --- */

static void forget_generation(__u64 generation[2], uint64_t now)
{
	for (size_t i = 0; i < 2; i++)
		if (generation[i] > now)
			generation[i] = 0;
}

static int settle_fixed(void *arg, const void *key)
{
	struct express *x = arg;
	struct fixed_entry e;

	if (bpf_map_lookup_elem(x->maps[MAP_FIXEDS], key, &e) < 0 ||
	    (e.generation[0] <= x->state->generation && e.generation[1] <= x->state->generation))
		return 0;
	forget_generation(e.generation, x->state->generation);
	bpf_map_update_elem(x->maps[MAP_FIXEDS], key, &e, BPF_EXIST);
	return 0;
}

void express_settle(struct express *x)
{
	struct float_entry *e;
	size_t at = 0;

	if (!x->state->staging)
		return;
	while ((e = express_table_next(x->table, &at)))
		forget_generation(e->generation, x->state->generation);
	express_walk(x, MAP_FIXEDS, sizeof(struct fixed_key), settle_fixed, x);
	x->state->staging = 0;
}
