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

#include "kernel/express.h"

#define ASK_AHEAD 256  /* so many instances are asked for before; of more the first packets wait for ARP */
#define WAIT_FOR  16   /* so many are waited for */
#define WAIT_US   1000 /* altogether */

/* --- reading --- */

/* Which slot counts: as `choose` of bpf/maps.h. */
static int choose(uint64_t a, uint64_t b, uint64_t generation)
{
	if (b <= generation && (a > generation || b > a))
		return 1;
	return a <= generation ? 0 : -1;
}

static const struct float_slot *float_slot_of(const struct float_entry *e, uint64_t generation)
{
	int at = choose(e->slot[0].generation, e->slot[1].generation, generation);

	return at >= 0 && e->slot[at].flags & FLOAT_SET ? &e->slot[at] : NULL;
}

static const struct fixed_slot *fixed_slot_of(const struct fixed_entry *e, uint64_t generation)
{
	int at = choose(e->slot[0].generation, e->slot[1].generation, generation);

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
	struct float_key *strays; /* entries without an association: left by who ended in between */
	size_t stray_count, stray_cap;
};

static sym device_name(const struct kernel_linux *k, uint32_t ifindex, bool tap)
{
	const struct link_row *row = ifindex ? link_table_at(&k->host_links, (int)ifindex) : NULL;

	if (!row || (tap && !row->tap[0]))
		return 0;
	return symtab_put(k->base.syms, tap ? row->tap : row->info.name);
}

static void note_stray(struct walk *w, const struct float_key *key)
{
	if (w->stray_count == w->stray_cap) {
		w->stray_cap = MAX(w->stray_cap * 2, (size_t)16);
		w->strays = xrealloc(w->strays, w->stray_cap * sizeof(*w->strays));
	}
	w->strays[w->stray_count++] = *key;
}

static int observe_one(void *arg, const void *key)
{
	struct walk *w = arg;
	struct express *x = w->k->express;
	struct float_entry entry;
	struct fixed_entry back;
	const struct float_slot *s;
	const struct fixed_slot *f;
	struct fixed_key fixed = {0};
	struct express_spec spec = {0};
	struct fact fact = {.kind = FACT_EXPRESS, .express = &spec};

	if (bpf_map_lookup_elem(x->maps[MAP_FLOATS], key, &entry) < 0)
		return 0;
	s = float_slot_of(&entry, x->state->generation);
	if (!s) {
		note_stray(w, key);
		return 0;
	}
	fixed.router = s->router;
	fixed.addr = s->fixed;
	fact.addr = get_ip(((const struct float_key *)key)->addr);
	spec.ns = express_router_ns(&w->routers, s->router);
	spec.tap = device_name(w->k, s->port, true);
	spec.fixed = get_ip(s->fixed);
	if (s->gateway)
		spec.gateway = get_ip(s->gateway);
	memcpy(&spec.outer, ((const struct float_key *)key)->mac, sizeof(spec.outer));
	memcpy(&spec.inner, s->leg, sizeof(spec.inner));
	spec.mtu_in = s->mtu;
	for (size_t i = 0; i < EXPRESS_DIRECTIONS; i++)
		spec.limits[i] = (struct rate_limit){entry.meter[i].rate_kbps, entry.meter[i].burst_kbit};
	if (bpf_map_lookup_elem(x->maps[MAP_FIXEDS], &fixed, &back) == 0 &&
	    (f = fixed_slot_of(&back, x->state->generation)) &&
	    !memcmp(&f->floating, key, sizeof(f->floating))) {
		spec.mtu_out = f->mtu;
		fact.dev = device_name(w->k, f->segment, false);
	}
	if (fact.dev)
		facts_add(w->ret, &fact);
	else /* its way back is gone, or its network: put anew, or nobody's */
		note_stray(w, key);
	return 0;
}

int express_observe(struct kernel_linux *k, struct netns *host, struct facts *ret, struct err *err)
{
	struct walk w = {.k = k, .ret = ret};
	int r;

	if (!k->express)
		return 0;
	r = express_routers(k, &w.routers, err);
	if (r < 0)
		return r;
	r = express_walk(k->express, MAP_FLOATS, sizeof(struct float_key), observe_one, &w);
	for (size_t i = 0; !k->express->only_looks && i < w.stray_count; i++)
		bpf_map_delete_elem(k->express->maps[MAP_FLOATS], &w.strays[i]);
	free(w.strays);
	free(w.routers.list);
	return r;
}

/* --- writing --- */

/* What is to be taken out when the new generation has begun. */
struct leftovers {
	struct float_key *floats;
	struct fixed_key *fixeds;
	size_t float_count, fixed_count;
};

struct job {
	struct kernel_linux *k;
	struct express *x;
	uint64_t generation; /* that will begin */
	struct leftovers left;
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

static int run_commit(struct express *x, struct express_order *o)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = o, .ctx_size_in = sizeof(*o));
	int r = bpf_prog_test_run_opts(x->programs[PROGRAM_COMMIT], &opts);

	if (r < 0)
		return -errno;
	return opts.retval ? -ENOENT : 0;
}

/* The entries that an association is written to. */
static int make_entries(struct express *x, const struct express_order *o)
{
	static const struct float_entry no_float;
	static const struct fixed_entry no_fixed;

	if (o->with_float &&
	    bpf_map_update_elem(x->maps[MAP_FLOATS], &o->floating, &no_float, BPF_NOEXIST) < 0 &&
	    errno != EEXIST)
		return -errno;
	if (o->with_fixed &&
	    bpf_map_update_elem(x->maps[MAP_FIXEDS], &o->fixed, &no_fixed, BPF_NOEXIST) < 0 &&
	    errno != EEXIST)
		return -errno;
	return 0;
}

static uint64_t stamp_now(void)
{
	return EXPRESS_STAMP((uint64_t)clock_mono_us() * 1000) << 48;
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
	return station | stamp_now();
}

static int device_index(struct kernel_linux *k, sym dev)
{
	return dev ? link_index(k->nss.host, dev, NULL) : 0;
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

static int fill_order(struct job *j, const struct fact *f, bool few, struct express_order *o)
{
	const struct express_spec *spec = f->express;
	int segment = device_index(j->k, f->dev), port = device_index(j->k, spec->tap);

	if (segment <= 0)
		return -ENODEV;
	*o = (struct express_order){.with_float = 1, .with_fixed = 1};
	o->floating = float_key_of(f);
	o->fixed = fixed_key_of(j->k, f);
	o->float_slot = (struct float_slot){
		.generation = j->generation,
		.router = o->fixed.router,
		.fixed = o->fixed.addr,
		.gateway = put_ip(&spec->gateway),
		.port = port > 0 ? (uint32_t)port : 0,
		.flags = FLOAT_SET,
		.mtu = spec->mtu_in,
		.station = few ? station_of(j->k, spec) : 0,
	};
	for (size_t i = 0; i < EXPRESS_DIRECTIONS; i++)
		o->meter[i] = meter_of(&spec->limits[i]);
	memcpy(o->float_slot.leg, &spec->inner, sizeof(o->float_slot.leg));
	if (port > 0 && j->x->xdp != XDP_NEVER && xdp_is_taken(j->k->nss.host, port))
		o->float_slot.flags |= FLOAT_XDP;
	o->fixed_slot = (struct fixed_slot){
		.generation = j->generation,
		.floating = o->floating,
		.segment = (uint32_t)segment,
		.flags = FLOAT_SET,
		.mtu = spec->mtu_out,
	};
	return 0;
}

static void stage(struct job *j, struct change *c, bool few)
{
	struct express_order o;
	int r = fill_order(j, c->want, few, &o);

	if (r == 0)
		r = make_entries(j->x, &o);
	if (r == 0)
		r = run_commit(j->x, &o);
	if (r < 0)
		change_fail(c, r, "express: %s", strerror(-r));
}

/* Whether an entry was written in this generation, or belongs to somebody else now. */
static bool is_float_taken(struct job *j, const struct float_key *key)
{
	struct float_entry e;

	return bpf_map_lookup_elem(j->x->maps[MAP_FLOATS], key, &e) < 0 ||
	       e.slot[0].generation == j->generation || e.slot[1].generation == j->generation;
}

static bool is_fixed_taken(struct job *j, const struct fixed_key *key, const struct float_key *owner)
{
	const struct fixed_slot *s;
	struct fixed_entry e;

	if (bpf_map_lookup_elem(j->x->maps[MAP_FIXEDS], key, &e) < 0 ||
	    e.slot[0].generation == j->generation || e.slot[1].generation == j->generation)
		return true;
	s = fixed_slot_of(&e, j->x->state->generation);
	return s && memcmp(&s->floating, owner, sizeof(*owner)) != 0;
}

/* What the fact had and nobody has in the new generation ends with it. */
static void end_association(struct job *j, const struct fact *have, bool take_out)
{
	struct express_order o = {.floating = float_key_of(have), .fixed = fixed_key_of(j->k, have)};
	struct leftovers *l = &j->left;

	o.with_float = !is_float_taken(j, &o.floating);
	o.with_fixed = !is_fixed_taken(j, &o.fixed, &o.floating);
	o.float_slot = (struct float_slot){.generation = j->generation, .flags = FLOAT_END};
	o.fixed_slot = (struct fixed_slot){.generation = j->generation, .flags = FLOAT_END};
	run_commit(j->x, &o);
	if (!take_out)
		return;
	if (o.with_float)
		l->floats[l->float_count++] = o.floating;
	if (o.with_fixed)
		l->fixeds[l->fixed_count++] = o.fixed;
}

static void take_out(struct job *j)
{
	for (size_t i = 0; i < j->left.float_count; i++)
		bpf_map_delete_elem(j->x->maps[MAP_FLOATS], &j->left.floats[i]);
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
	j->left.floats = xalloc(count * sizeof(*j->left.floats));
	j->left.fixeds = xalloc(count * sizeof(*j->left.fixeds));
}

/* The instant from which on everything counts. */
static void finish(struct job *j)
{
	__atomic_store_n(&j->x->state->generation, j->generation, __ATOMIC_RELEASE);
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

static void run(struct job *j, struct change **changes, size_t count)
{
	const struct changes *ends = j->x->ends;

	begin(j, count);
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

		if (!f || f->kind != FACT_EXPRESS || !f->express->leg || !f->express->tap ||
		    netns_get(&k->nss, f->express->ns, &ns, NULL) < 0)
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

struct counting {
	struct express *x;
	struct traffic *list;
	size_t count, cap;
};

static int count_one(void *arg, const void *key)
{
	struct counting *c = arg;
	const struct express_counter *in, *out;
	struct float_entry e;
	struct traffic *t;

	if (bpf_map_lookup_elem(c->x->maps[MAP_FLOATS], key, &e) < 0)
		return 0;
	if (c->count == c->cap) {
		c->cap = MAX(c->cap * 2, (size_t)64);
		c->list = xrealloc(c->list, c->cap * sizeof(*c->list));
	}
	t = &c->list[c->count++];
	in = &e.counter[EXPRESS_IN];
	out = &e.counter[EXPRESS_OUT];
	*t = (struct traffic){
		.floating_ip = get_ip(((const struct float_key *)key)->addr),
		.in_packets = in->packets,
		.in_bytes = in->bytes,
		.out_packets = out->packets,
		.out_bytes = out->bytes,
		.seen_ns = {[EXPRESS_IN] = in->seen_ns, [EXPRESS_OUT] = out->seen_ns},
	};
	memcpy(t->dropped, e.dropped, sizeof(t->dropped));
	return 0;
}

int express_traffic(struct kernel_linux *k, struct traffic **ret, size_t *ret_count, struct err *err)
{
	struct counting c = {.x = k->express, .list = *ret, .count = *ret_count, .cap = *ret_count};
	int r;

	if (!k->express)
		return 0;
	r = express_walk(k->express, MAP_FLOATS, sizeof(struct float_key), count_one, &c);
	*ret = c.list;
	*ret_count = c.count;
	return r;
}
