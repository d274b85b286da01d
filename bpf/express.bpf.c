/* The express data path: stateless 1:1 NAT at the uplink and at instances' ports, and, for what has to go
 * through a router's namespace, at its legs.
 *
 * A packet is either finished where it comes in (rewritten and redirected to the other side) or goes on
 * untouched: through the bridge to the router's leg, where it is translated without a connection, and the
 * kernel does the rest (ARP, TTL expiry, fragmentation needed, routes). Both halves of every flow between
 * outside and a floating IP are without state, whichever way each packet takes; flows to a floating IP from
 * inside the same router, and those without a floating IP, are nftables' alone, both halves. What decides
 * between the two is in the packet and in the maps, never in earlier packets.
 *
 * Loaded, attached and filled by src/kernel/express*.c. */
#include "maps.h"
#include "packet.h"
#include "rewrite.h"
#include "tell.h"

/* --- towards an instance, at the uplink --- */

/* Why the router is to have this packet, as far as XDP and tc agree. */
static __always_inline __u8 judge_in(const struct head *h, const struct float_slot *s)
{
	if (h->ihl != sizeof(struct iphdr))
		return SLOW_OPTIONS;
	if (h->ttl <= 1)
		return SLOW_TTL;
	if (is_special(h->source) || h->source == s->gateway)
		return SLOW_SOURCE;
	return s->port ? SLOW_NONE : SLOW_PORT;
}

static __always_inline bool start(struct work *w, const struct ethhdr *eth, __be32 floating)
{
	w->state = get_state();
	__builtin_memcpy(w->key.mac, eth->h_dest, 6);
	w->key.zero = 0;
	w->key.addr = floating;
	w->entry = find_float(&w->key);
	return w->entry && w->state;
}

static __always_inline int forward_in(struct __sk_buff *skb, struct work *w, struct frame *f,
				      const struct float_slot *s, struct telling *t)
{
	if (!has_room(skb, w, EXPRESS_IN))
		return drop(skb, w, t, DROP_RATE_IN);
	count_skb(skb, w, EXPRESS_IN);
	t->verdict = VERDICT_FORWARD;
	say(skb, w, t, 0);
	write_in(skb, &w->h, s->fixed);
	write_hop(skb, f, (const __u8 *)&s->station, s->leg);
	return bpf_redirect(s->port, 0);
}

static __always_inline int inbound(struct __sk_buff *skb, struct frame *f)
{
	struct work w = {.program = PROGRAM_UPLINK, .direction = EXPRESS_IN};
	struct telling t = {0};
	struct float_slot s;
	__u8 slow;

	if (!start(&w, &f->eth, f->ip.daddr) ||
	    !(w.generation = READ_SLOT(w.entry, READ(w.state->generation), &s)) || s.flags & FLOAT_END)
		return TC_ACT_UNSPEC;
	w.now = clock_ns();
	w.bytes = skb->len - AT_ETHERNET;
	t.fixed = s.fixed;
	t.generation = w.generation;
	t.port = s.port;
	if (!load_head(skb, f, &w.h) || !is_check_right(f))
		return pass_on(skb, &w, &t, SLOW_MALFORMED);
	slow = judge_in(&w.h, &s);
	if (slow)
		return pass_on(skb, &w, &t, slow);
	if (!fits(skb, &w.h, s.mtu))
		return pass_on(skb, &w, &t, SLOW_MTU);
	if (!is_fresh(s.station, w.now))
		return pass_on(skb, &w, &t, SLOW_STATION);
	return forward_in(skb, &w, f, &s, &t);
}

struct arp_frame {
	struct ethhdr eth;
	__be16 hardware, protocol;
	__u8 hardware_size, protocol_size;
	__be16 operation;
	__u8 sender_mac[6];
	__u8 sender[4];
	__u8 target_mac[6];
	__u8 target[4];
} __attribute__((packed));

static __always_inline bool load_arp(struct __sk_buff *skb, struct arp_frame *a)
{
	return bpf_skb_load_bytes(skb, 0, a, sizeof(*a)) == 0 && a->hardware == bpf_htons(ARP_ETHERNET) &&
	       a->protocol == bpf_htons(ETH_P_IP) && a->hardware_size == 6 && a->protocol_size == 4;
}

/* Remembers on which port a station is, and forgets a next hop that has moved: the router will know. */
static __always_inline void hear_arp(struct __sk_buff *skb, __u32 segment)
{
	struct neighbour_key at = {.segment = segment};
	struct station_key who = {.segment = segment};
	__u32 port = skb->ifindex, *known;
	struct neighbour *n;
	struct arp_frame a;
	__u64 mac = 0;

	if (!load_arp(skb, &a))
		return;
	__builtin_memcpy(who.mac, a.sender_mac, 6);
	known = bpf_map_lookup_elem(&stations, &who);
	if (!known || *known != port)
		bpf_map_update_elem(&stations, &who, &port, BPF_ANY);
	__builtin_memcpy(&at.addr, a.sender, 4);
	__builtin_memcpy(&mac, a.sender_mac, 6);
	n = bpf_map_lookup_elem(&neighbours, &at);
	if (n && ((n->station & 0xffffffffffff) != mac || n->port != port))
		bpf_map_delete_elem(&neighbours, &at);
}

SEC("tc")
int uplink(struct __sk_buff *skb)
{
	struct frame f;

	if (skb->protocol == bpf_htons(ETH_P_ARP) && !skb->vlan_present)
		hear_arp(skb, skb->cb[CB_DEVICE]);
	if (!load_frame(skb, &f))
		return TC_ACT_UNSPEC;
	return inbound(skb, &f);
}
#include "uplink_xdp.h"

/* --- from an instance, at its port --- */

/* The way of a destination from a router; false when that is not by its external leg, or is not forwarded
 * without a second thought. */
static __always_inline __u8 find_way(__u64 router, __u32 way, __be32 target, __be32 *ret_via)
{
	struct path_key key = {128, (__u32)(router >> 32), (__u32)router, way, target};
	const struct path *p;

	if (is_special(target))
		return SLOW_DESTINATION;
	p = bpf_map_lookup_elem(&paths, &key);
	if (!p || !p->external)
		return SLOW_INSIDE;
	*ret_via = p->via ? p->via : target;
	return SLOW_NONE;
}

/* A floating IP at another external leg of the router. */
static __noinline bool is_at_another(__u64 router, __u32 way, __be32 target)
{
	struct way_key at = {.router = router};
	struct float_key key = {.addr = target};
	struct way_leg *leg;

	for (at.way = 1; at.way <= EXPRESS_WAYS_MAX; at.way++) {
		leg = at.way == way ? NULL : bpf_map_lookup_elem(&ways, &at);
		if (!leg)
			continue;
		__builtin_memcpy(key.mac, leg->mac, sizeof(key.mac));
		if (find_float(&key))
			return true;
	}
	return false;
}

/* A floating IP of the router that has this one: nftables' business, both ways. */
static __always_inline bool is_hairpin(__u64 router, const struct fixed_slot *s, __be32 target)
{
	struct float_key key = s->floating;

	key.addr = target;
	return find_float(&key) || (s->way && is_at_another(router, s->way, target));
}

static __always_inline bool is_marked(const struct __sk_buff *skb)
{
	return (skb->mark & ~EXPRESS_WAYS) == EXPRESS_MARK;
}

/* The generation of the way back that counts; 0: there is none. */
static __always_inline __u64 find_fixed(__u64 router, __be32 addr, __u64 generation, struct fixed_slot *ret)
{
	struct fixed_key key = {.router = router, .addr = addr};
	struct fixed_entry *e = bpf_map_lookup_elem(&fixeds, &key);

	__u64 found = e ? READ_SLOT(e, generation, ret) : 0;

	return found && !(ret->flags & FLOAT_END) ? found : 0;
}

/* The instance speaks: it is there, or somewhere else. Once a second is enough. */
static __always_inline void hear_instance(struct float_entry *e, const struct frame *f, __u32 port, __u64 now)
{
	__u64 known, fresh = make_station(f->eth.h_source, now);

	for (int i = 0; i < 2; i++) {
		struct float_slot *s = &e->slot[i];

		known = READ(s->station);
		if (known && known != fresh && s->port == port && s->fixed == f->ip.saddr)
			WRITE(s->station, (known << 16) == (fresh << 16) ? fresh : 0);
	}
}

static __always_inline int forward_out(struct __sk_buff *skb, struct work *w, struct frame *f,
				       const struct fixed_slot *s, const struct neighbour *n,
				       struct telling *t)
{
	if (!has_room(skb, w, EXPRESS_OUT))
		return drop(skb, w, t, DROP_RATE_OUT);
	count_skb(skb, w, EXPRESS_OUT);
	t->verdict = VERDICT_FORWARD;
	t->port = n->port;
	say(skb, w, t, 0);
	write_out(skb, &w->h, w->h.source, s->floating.addr);
	write_hop(skb, f, (const __u8 *)&n->station, s->floating.mac);
	return bpf_redirect(n->port, 0);
}

static __always_inline int outbound(struct __sk_buff *skb, struct work *w, struct frame *f,
				    const struct fixed_slot *s, __u64 router, struct telling *t)
{
	struct neighbour_key hop = {.segment = s->segment};
	struct neighbour *n, copy;
	__u8 slow;

	if (!load_head(skb, f, &w->h) || !is_check_right(f))
		return pass_on(skb, w, t, SLOW_MALFORMED);
	if (w->h.ihl != sizeof(struct iphdr))
		return pass_on(skb, w, t, SLOW_OPTIONS);
	if (w->h.ttl <= 1)
		return pass_on(skb, w, t, SLOW_TTL);
	slow = find_way(router, s->way, w->h.target, &hop.addr);
	if (slow)
		return pass_on(skb, w, t, slow);
	t->via = hop.addr;
	if (is_hairpin(router, s, w->h.target))
		return pass_on(skb, w, t, SLOW_HAIRPIN);
	/* An error about another instance's packets leaves with that one's address. */
	if (w->h.quote && w->h.quote_target != w->h.source)
		return pass_on(skb, w, t, SLOW_ERROR);
	if (!fits(skb, &w->h, s->mtu))
		return pass_on(skb, w, t, SLOW_MTU);
	n = bpf_map_lookup_elem(&neighbours, &hop);
	if (!n || !is_fresh(n->station, w->now))
		return pass_on(skb, w, t, SLOW_NEIGHBOUR);
	copy = *n;
	return forward_out(skb, w, f, s, &copy, t);
}

SEC("tc")
int port(struct __sk_buff *skb)
{
	struct work w = {.program = PROGRAM_PORT, .direction = EXPRESS_OUT};
	struct leg_key leg = {.bridge = skb->cb[CB_DEVICE]};
	struct telling t = {0};
	struct fixed_slot s;
	struct frame f;
	__u64 *router;

	if (!load_frame(skb, &f))
		return TC_ACT_UNSPEC;
	__builtin_memcpy(leg.mac, f.eth.h_dest, 6);
	router = bpf_map_lookup_elem(&legs, &leg);
	w.state = get_state();
	if (!router || !w.state ||
	    !(w.generation = find_fixed(*router, f.ip.saddr, READ(w.state->generation), &s)))
		return TC_ACT_UNSPEC;
	w.key = s.floating;
	w.entry = find_float(&w.key);
	if (!w.entry)
		return TC_ACT_UNSPEC;
	w.now = clock_ns();
	w.bytes = skb->len - AT_ETHERNET;
	if (!is_dry(skb))
		hear_instance(w.entry, &f, skb->ifindex, w.now);
	t.fixed = f.ip.saddr;
	t.generation = w.generation;
	return outbound(skb, &w, &f, &s, *router, &t);
}

/* --- in a router's namespace --- */

static __always_inline __u64 router_of(const struct __sk_buff *skb)
{
	return (__u64)skb->cb[CB_ROUTER_HIGH] << 32 | skb->cb[CB_ROUTER_LOW];
}

static __always_inline void own_mac(const struct __sk_buff *skb, __u8 *mac)
{
	__u32 high = skb->cb[CB_MAC_HIGH], low = skb->cb[CB_MAC_LOW];

	__builtin_memcpy(mac, &high, 4);
	__builtin_memcpy(mac + 4, &low, 2);
}

/* Answers who asks for a floating IP of this leg's. The kernel hears the question too: it says where the
 * asker is. */
static __always_inline int answer_arp(struct __sk_buff *skb)
{
	struct float_key key = {0};
	struct float_entry *e;
	struct express_state *st = get_state();
	struct arp_frame ask, answer;
	struct float_slot s;

	if (!load_arp(skb, &ask) || ask.operation != bpf_htons(ARP_REQUEST) ||
	    __builtin_memcmp(ask.sender, ask.target, 4) == 0)
		return TC_ACT_UNSPEC;
	own_mac(skb, key.mac);
	__builtin_memcpy(&key.addr, ask.target, 4);
	e = find_float(&key);
	if (!e || !st || !READ_SLOT(e, READ(st->generation), &s) || s.flags & FLOAT_END)
		return TC_ACT_UNSPEC;
	answer = ask;
	answer.operation = bpf_htons(ARP_REPLY);
	__builtin_memcpy(answer.eth.h_dest, ask.sender_mac, 6);
	__builtin_memcpy(answer.eth.h_source, key.mac, 6);
	__builtin_memcpy(answer.sender_mac, key.mac, 6);
	__builtin_memcpy(answer.sender, ask.target, 4);
	__builtin_memcpy(answer.target_mac, ask.sender_mac, 6);
	__builtin_memcpy(answer.target, ask.sender, 4);
	bpf_skb_store_bytes(skb, 0, &answer, sizeof(answer), 0);
	bpf_clone_redirect(skb, skb->ifindex, 0);
	bpf_skb_store_bytes(skb, 0, &ask, sizeof(ask), 0);
	return TC_ACT_UNSPEC;
}

/* What the kernel will not pass on counts as dropped; the router answers it. */
static __always_inline void count_outer(struct __sk_buff *skb, struct work *w, __u32 mtu)
{
	if (is_dry(skb))
		return;
	if (w->h.ttl <= 1)
		__sync_fetch_and_add(&w->entry->dropped[DROP_TTL], 1);
	else if (!fits(skb, &w->h, mtu) && w->h.fragment & IP_DF)
		__sync_fetch_and_add(&w->entry->dropped[DROP_TOO_BIG], 1);
	else
		count(w->entry, EXPRESS_IN, w->bytes, w->now);
}

SEC("tc")
int outer_in(struct __sk_buff *skb)
{
	struct work w = {.program = PROGRAM_OUTER_IN, .direction = EXPRESS_IN};
	struct telling t = {0};
	struct float_slot s;
	struct frame f;

	if (skb->protocol == bpf_htons(ETH_P_ARP) && !skb->vlan_present)
		return answer_arp(skb);
	if (!load_frame(skb, &f) || !start(&w, &f.eth, f.ip.daddr) ||
	    !(w.generation = READ_SLOT(w.entry, READ(w.state->generation), &s)))
		return TC_ACT_UNSPEC;
	w.now = clock_ns();
	w.bytes = skb->len - AT_ETHERNET;
	t.fixed = s.fixed;
	t.generation = w.generation;
	if (s.flags & FLOAT_END)
		return TC_ACT_SHOT;
	if (!load_head(skb, &f, &w.h) || !is_check_right(&f))
		return drop(skb, &w, &t, DROP_MALFORMED);
	if (!has_room(skb, &w, EXPRESS_IN))
		return drop(skb, &w, &t, DROP_RATE_IN);
	count_outer(skb, &w, s.mtu);
	t.verdict = VERDICT_TRANSLATE;
	say(skb, &w, &t, 0);
	write_in(skb, &w.h, s.fixed);
	/* With the way, so that the router's own answer finds back. */
	skb->mark = EXPRESS_MARK | (s.way & EXPRESS_WAYS);
	return TC_ACT_UNSPEC;
}

/* Marks what leaves translated; the translation waits until the kernel has routed it. */
SEC("tc")
int inner_in(struct __sk_buff *skb)
{
	struct express_state *st = get_state();
	__u64 router = router_of(skb);
	struct fixed_slot s;
	struct frame f;
	struct head h;
	__be32 via;

	if (!load_frame(skb, &f) || !st || !load_head(skb, &f, &h))
		return TC_ACT_UNSPEC;
	if (!(h.quote && find_fixed(router, h.quote_target, READ(st->generation), &s)) &&
	    !find_fixed(router, h.source, READ(st->generation), &s))
		return TC_ACT_UNSPEC;
	if (find_way(router, s.way, h.target, &via) == SLOW_NONE && !is_hairpin(router, &s, h.target))
		skb->mark = EXPRESS_MARK | (s.way & EXPRESS_WAYS);
	return TC_ACT_UNSPEC;
}

/* What the kernel knows of the next hop, for those who send past it. Only where the station was heard on a
 * port: it may be the host itself, or another router of ours. */
static __always_inline void learn_neighbour(struct __sk_buff *skb, const struct ethhdr *eth, __be32 via,
					    __u64 now)
{
	struct station_key who = {.segment = skb->cb[CB_DEVICE]};
	struct neighbour_key at = {.segment = skb->cb[CB_DEVICE], .addr = via};
	struct neighbour n = {.station = make_station(eth->h_dest, now)};
	__u32 *port;

	__builtin_memcpy(who.mac, eth->h_dest, 6);
	port = bpf_map_lookup_elem(&stations, &who);
	if (!port)
		return;
	n.port = *port;
	bpf_map_update_elem(&neighbours, &at, &n, BPF_ANY);
}

/* An error that the router itself makes, about a packet that it has translated on the way in. */
static __always_inline bool is_own_error(const struct __sk_buff *skb, const struct head *h)
{
	return h->quote && skb->ingress_ifindex == 0;
}

SEC("tc")
int outer_out(struct __sk_buff *skb)
{
	struct work w = {.program = PROGRAM_OUTER_OUT, .direction = EXPRESS_OUT};
	struct telling t = {0};
	__u64 router = router_of(skb);
	struct fixed_slot s;
	struct frame f;
	__be32 fixed, via;
	bool marked = is_marked(skb) || is_dry(skb), own;

	if (!load_frame(skb, &f) || !load_head(skb, &f, &w.h))
		return TC_ACT_UNSPEC;
	own = is_own_error(skb, &w.h); /* may have the mark of what it is about */
	if (!marked && !own)
		return TC_ACT_UNSPEC;
	w.state = get_state();
	if (!w.state)
		return TC_ACT_UNSPEC;
	fixed = w.h.quote_target;
	if (!w.h.quote || !(w.generation = find_fixed(router, fixed, READ(w.state->generation), &s))) {
		fixed = w.h.source;
		if (!(w.generation = find_fixed(router, fixed, READ(w.state->generation), &s)))
			return marked && !own ? TC_ACT_SHOT : TC_ACT_UNSPEC; /* taken away on the way */
	}
	w.key = s.floating;
	w.entry = find_float(&w.key);
	w.now = clock_ns();
	w.bytes = skb->len - AT_ETHERNET;
	t.fixed = fixed;
	t.generation = w.generation;
	if (w.entry && marked && !own) {
		if (!has_room(skb, &w, EXPRESS_OUT))
			return drop(skb, &w, &t, DROP_RATE_OUT);
		count_skb(skb, &w, EXPRESS_OUT);
	}
	if (!is_dry(skb) && find_way(router, s.way, w.h.target, &via) == SLOW_NONE)
		learn_neighbour(skb, &f.eth, via, w.now);
	t.verdict = VERDICT_TRANSLATE;
	say(skb, &w, &t, 0);
	write_out(skb, &w.h, fixed, s.floating.addr);
	skb->mark = 0;
	return TC_ACT_UNSPEC;
}

/* Learns where an instance is from what the kernel sends it. */
SEC("tc")
int inner_out(struct __sk_buff *skb)
{
	struct express_state *st = get_state();
	struct float_entry *e;
	struct fixed_slot s;
	struct frame f;

	if (!st || !load_frame(skb, &f) || f.eth.h_dest[0] & 1 ||
	    !find_fixed(router_of(skb), f.ip.daddr, READ(st->generation), &s))
		return TC_ACT_UNSPEC;
	e = find_float(&s.floating);
	for (int i = 0; e && i < 2; i++)
		if (e->slot[i].fixed == f.ip.daddr)
			WRITE(e->slot[i].station, make_station(f.eth.h_dest, clock_ns()));
	if (is_marked(skb))
		skb->mark = 0;
	return TC_ACT_UNSPEC;
}

/* --- writing --- */

static __always_inline void barrier_full(void)
{
	static __u64 word;

	__sync_fetch_and_add(&word, 1);
}

/* Makes the slot that does not count nobody's, fills it, and gives it its generation, which has not begun.
 * The agent does the same with a float_entry, which it has mapped. */
SEC("syscall")
int commit(struct express_order *o)
{
	struct express_state *st = get_state();
	struct fixed_slot slot = o->slot;
	struct fixed_key key = o->key;
	struct fixed_entry *e;
	int at;

	e = bpf_map_lookup_elem(&fixeds, &key);
	if (!e || !st)
		return 1;
	at = choose(e->generation[0], e->generation[1], st->generation) == 0;
	WRITE(e->generation[at & 1], ~0ULL);
	barrier_full();
	e->slot[at & 1] = slot;
	barrier_full();
	WRITE(e->generation[at & 1], o->generation);
	return 0;
}

/* The programs' clock, for who wants to compare his own with it. */
SEC("syscall")
int clock(struct express_clock *c)
{
	c->now_ns = clock_ns();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
