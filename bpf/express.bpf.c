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

#include <linux/pkt_cls.h>

#define AT_ETHERNET ETH_HLEN

struct frame {
	__u16 pad; /* the IP header is aligned */
	struct ethhdr eth;
	struct iphdr ip;
};
#define FRAME_SIZE (sizeof(struct ethhdr) + sizeof(struct iphdr))

/* One packet on its way through a program. */
struct work {
	struct head h;
	struct float_key key; /* the floating IP's */
	struct float_entry *entry;
	const struct express_state *state;
	__u64 now; /* coarse */
	__u32 bytes;
	__u64 generation; /* of the slot */
	__u8 program, direction;
};

/* --- telling who watches --- */

static __always_inline struct express_event *begin_event(const struct work *w, __u32 ifindex, __u32 length)
{
	struct express_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e)
		return NULL;
	__builtin_memset(e, 0, sizeof(*e));
	e->time_ns = w->now;
	e->floating = w->key;
	e->ifindex = ifindex;
	e->program = w->program;
	e->direction = w->direction;
	e->length = length;
	return e;
}

struct telling {
	__u8 verdict, reason;
	__be32 fixed, via;
	__u64 generation;
	__u32 port;
};

static __always_inline void end_event(struct express_event *e, const struct telling *t)
{
	e->verdict = t->verdict;
	e->reason = t->reason;
	e->fixed = t->fixed;
	e->via = t->via;
	e->generation = t->generation;
	e->port = t->port;
	bpf_ringbuf_submit(e, 0);
}

static __always_inline bool is_watched(const struct express_state *st, __be32 floating)
{
	if (!READ(st->watching))
		return false;
	for (int i = 0; i < EXPRESS_WATCHES; i++)
		if (READ(st->watch[i]) == floating)
			return true;
	return false;
}

/* How much of a frame is told. The compiler must not know, or it leaves out what the verifier looks for. */
static __always_inline __u32 snap_size(__u32 length)
{
	__u32 n = length < EXPRESS_SNAP ? length : EXPRESS_SNAP;

	asm volatile("" : "+r"(n));
	return n;
}

static __always_inline bool is_dry(const struct __sk_buff *skb)
{
	return skb->mark == EXPRESS_DRY;
}

static __noinline int tell_skb(struct __sk_buff *skb, const struct work *w, const struct telling *t)
{
	struct express_event *e;
	__u32 n = skb->len;

	if (!w || !t)
		return 0;
	e = begin_event(w, skb->ifindex, n);
	if (!e)
		return 0;
	n = snap_size(n);
	if (n >= FRAME_SIZE && n <= EXPRESS_SNAP)
		bpf_skb_load_bytes(skb, 0, e->was, n);
	e->dry = is_dry(skb);
	end_event(e, t);
	return 0;
}

/* Tells, and returns the verdict for tc. */
static __always_inline int say(struct __sk_buff *skb, const struct work *w, struct telling *t, int action)
{
	if (is_dry(skb) || is_watched(w->state, w->key.addr))
		tell_skb(skb, w, t);
	return action;
}

static __always_inline int pass_on(struct __sk_buff *skb, const struct work *w, struct telling *t, __u8 reason)
{
	t->verdict = VERDICT_ROUTER;
	t->reason = reason;
	return say(skb, w, t, TC_ACT_UNSPEC);
}

static __always_inline int drop(struct __sk_buff *skb, struct work *w, struct telling *t, __u8 reason)
{
	t->verdict = VERDICT_DROP;
	t->reason = reason;
	if (!is_dry(skb))
		__sync_fetch_and_add(&w->entry->dropped[reason], 1);
	return say(skb, w, t, TC_ACT_SHOT);
}

/* Whether the limit of that direction lets it through: a made-up packet takes nothing from the bucket. */
static __always_inline bool has_room(struct __sk_buff *skb, struct work *w, int direction)
{
	struct express_meter *m = &w->entry->meter[direction];

	return is_dry(skb) ? !would_be_over(m, w->bytes) : !is_over(m, w->bytes);
}

static __always_inline void count_skb(struct __sk_buff *skb, struct work *w, int direction)
{
	if (!is_dry(skb))
		count(w->entry, direction, w->bytes, w->now);
}

/* --- reading and writing at tc --- */

static __always_inline bool load_head(struct __sk_buff *skb, struct frame *f, struct head *h)
{
	struct iphdr quote;
	__u8 type;

	if (!read_ip(h, &f->ip, skb->len - AT_ETHERNET))
		return false;
	if (may_quote(h) && bpf_skb_load_bytes(skb, AT_ETHERNET + h->ihl, &type, 1) == 0 && is_icmp_error(type) &&
	    bpf_skb_load_bytes(skb, AT_ETHERNET + h->ihl + 8, &quote, sizeof(quote)) == 0)
		read_quote(h, &quote);
	return true;
}

static __always_inline bool load_frame(struct __sk_buff *skb, struct frame *f)
{
	return !skb->vlan_present && skb->protocol == bpf_htons(ETH_P_IP) &&
	       bpf_skb_load_bytes(skb, 0, &f->eth, FRAME_SIZE) == 0;
}

static __always_inline void write_quoted_check(struct __sk_buff *skb, const struct head *h, __be32 was, __be32 is)
{
	__u32 at = AT_ETHERNET + h->quote_check;
	__u16 old, new;

	if (bpf_skb_load_bytes(skb, at, &old, sizeof(old)) < 0 || (h->quote_udp && !old))
		return;
	new = update(old, was, is);
	if (h->quote_udp && !new)
		new = 0xffff;
	bpf_skb_store_bytes(skb, at, &new, sizeof(new), 0);
	bpf_l3_csum_replace(skb, AT_ETHERNET + h->ihl + 2, old, new, 2);
}

/* The quoted addresses and their header's checksum change together: the sum over the quoted header, and with it
 * the ICMP checksum, stays. */
static __always_inline void write_quote(struct __sk_buff *skb, const struct head *h, __u32 at, __be32 was, __be32 is)
{
	__u32 quote = AT_ETHERNET + h->quote;

	bpf_l3_csum_replace(skb, quote + offsetof(struct iphdr, check), was, is, 4);
	bpf_skb_store_bytes(skb, quote + at, &is, sizeof(is), 0);
	if (h->quote_check)
		write_quoted_check(skb, h, was, is);
}

static __always_inline void write_address(struct __sk_buff *skb, const struct head *h, __u32 at, __be32 was, __be32 is)
{
	__u64 flags = BPF_F_PSEUDO_HDR | 4 | (is_zero_allowed(h->protocol) ? BPF_F_MARK_MANGLED_0 : 0);

	if (h->check)
		bpf_l4_csum_replace(skb, AT_ETHERNET + h->check, was, is, flags);
	bpf_l3_csum_replace(skb, AT_ETHERNET + offsetof(struct iphdr, check), was, is, 4);
	bpf_skb_store_bytes(skb, AT_ETHERNET + at, &is, sizeof(is), 0);
}

#define AT_SOURCE offsetof(struct iphdr, saddr)
#define AT_TARGET offsetof(struct iphdr, daddr)

/* Towards the instance: the floating IP becomes the fixed one. */
static __always_inline void write_in(struct __sk_buff *skb, const struct head *h, __be32 fixed)
{
	if (h->quote && h->quote_source == h->target)
		write_quote(skb, h, AT_SOURCE, h->target, fixed);
	write_address(skb, h, AT_TARGET, h->target, fixed);
}

/* And back. An error about packets to the floating IP comes from there, whoever inside has sent it. */
static __always_inline void write_out(struct __sk_buff *skb, const struct head *h, __be32 fixed, __be32 floating)
{
	if (h->quote && h->quote_target == fixed)
		write_quote(skb, h, AT_TARGET, fixed, floating);
	write_address(skb, h, AT_SOURCE, h->source, floating);
}

/* One hop less, and the next link's addresses. */
static __always_inline void write_hop(struct __sk_buff *skb, struct frame *f, const __u8 *to, const __u8 *from)
{
	__u16 was = f->ip.ttl | f->ip.protocol << 8, is = (__u16)(was - 1);
	__u8 ttl = f->ip.ttl - 1;

	bpf_l3_csum_replace(skb, AT_ETHERNET + offsetof(struct iphdr, check), was, is, 2);
	bpf_skb_store_bytes(skb, AT_ETHERNET + offsetof(struct iphdr, ttl), &ttl, 1, 0);
	__builtin_memcpy(f->eth.h_dest, to, 6);
	__builtin_memcpy(f->eth.h_source, from, 6);
	bpf_skb_store_bytes(skb, 0, &f->eth, 12, 0);
}

/* Whether each packet that the link gets is small enough for it. */
static __always_inline bool fits(struct __sk_buff *skb, const struct head *h, __u32 mtu)
{
	__u32 header = 8;
	__u8 offset;

	if (!skb->gso_size)
		return h->length <= mtu;
	if (h->protocol == IPPROTO_TCP) {
		if (bpf_skb_load_bytes(skb, AT_ETHERNET + h->ihl + 12, &offset, 1) < 0)
			return false;
		header = (offset >> 4) * 4;
	}
	return h->ihl + header + skb->gso_size <= mtu;
}

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

static __always_inline int forward_in(struct __sk_buff *skb, struct work *w, struct frame *f, const struct float_slot *s,
				      struct telling *t)
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

	if (!start(&w, &f->eth, f->ip.daddr) || !(w.generation = READ_SLOT(w.entry, READ(w.state->generation), &s)) || s.flags & FLOAT_END)
		return TC_ACT_UNSPEC;
	w.now = clock_ns();
	w.bytes = skb->len - AT_ETHERNET;
	t.fixed = s.fixed;
	t.generation = w.generation;
	t.port = s.port;
	if (!load_head(skb, f, &w.h) || !is_sum_right(&f->ip))
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

/* --- the same at XDP --- */

static __noinline int tell_xdp(struct xdp_md *ctx, const struct work *w, const struct telling *t)
{
	struct express_event *e;
	__u32 n = (__u32)bpf_xdp_get_buff_len(ctx);

	if (!w || !t)
		return 0;
	e = begin_event(w, ctx->ingress_ifindex, n);
	if (!e)
		return 0;
	n = snap_size(n);
	if (n >= FRAME_SIZE && n <= EXPRESS_SNAP)
		bpf_xdp_load_bytes(ctx, 0, e->was, n);
	end_event(e, t);
	return 0;
}

struct xdp_work {
	struct float_entry *entry;
	struct express_state *state;
	__u64 generation, now;
	__u32 bytes;
	struct float_slot s;
};

/* Only for who watches: the rest of struct work is put together now. */
static __always_inline void say_xdp(struct xdp_md *ctx, const struct xdp_work *x, __u8 verdict, __u8 reason)
{
	struct telling t = {.verdict = verdict,
			    .reason = reason,
			    .fixed = x->s.fixed,
			    .generation = x->generation,
			    .port = x->s.port};
	struct work w = {.program = PROGRAMS, .direction = EXPRESS_IN, .now = x->now};

	if (!is_watched(x->state, x->entry->key.addr))
		return;
	w.key = x->entry->key;
	tell_xdp(ctx, &w, &t);
}

static __always_inline void write_ip(struct iphdr *ip, __be32 fixed)
{
	__u64 sum = (__u64)(__u16)~ip->check + (__u32)~ip->daddr + fixed + (__u16)~1U;

	ip->daddr = fixed;
	ip->ttl--;
	ip->check = (__u16)~fold(sum);
}

/* The transport's checksum for the new address. False when it is not where it should be. */
static __always_inline bool xdp_write_check(struct iphdr *ip, void *end, __be32 fixed)
{
	__u16 *check = (void *)(ip + 1) + (ip->protocol == IPPROTO_TCP ? 16 : 6);

	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return ip->protocol != IPPROTO_UDPLITE && ip->protocol != IPPROTO_DCCP;
	if ((void *)(check + 1) > end)
		return false;
	if (ip->protocol == IPPROTO_UDP && !*check)
		return true;
	*check = update(*check, ip->daddr, fixed);
	if (ip->protocol == IPPROTO_UDP && !*check)
		*check = 0xffff;
	return true;
}

/* What XDP finishes: whole datagrams without options, of every protocol but ICMP. The rest comes by tc. */
static __always_inline bool is_plain(const struct iphdr *ip, const void *end)
{
	__u32 room = end - (void *)ip, length = bpf_ntohs(ip->tot_len);

	return *(const __u8 *)ip == 0x45 && ip->ttl > 1 && ip->protocol != IPPROTO_ICMP && length <= room &&
	       length >= sizeof(*ip) + 20 * (ip->protocol == IPPROTO_TCP) + 8 * (ip->protocol == IPPROTO_UDP) &&
	       !(ip->frag_off & bpf_htons(IP_MF | IP_OFFSET)) && !is_special(ip->saddr) && is_sum_right(ip);
}

/* Says why not, where that is not what tc says as well. */
static __always_inline bool may_finish(struct xdp_md *ctx, const struct xdp_work *x, __be32 source)
{
	if (!x->s.port || x->bytes > x->s.mtu || source == x->s.gateway || !is_fresh(x->s.station, x->now))
		return false;
	if (x->s.flags & FLOAT_XDP)
		return true;
	say_xdp(ctx, x, VERDICT_ROUTER, SLOW_XDP);
	return false;
}

static __always_inline bool xdp_start(struct xdp_work *x, const struct ethhdr *eth, const struct iphdr *ip)
{
	x->state = get_state();
	x->entry = find_words(*(const __u32 *)eth->h_dest, *(const __u16 *)(eth->h_dest + 4), ip->daddr);
	if (!x->entry || !x->state)
		return false;
	x->generation = READ_SLOT(x->entry, READ(x->state->generation), &x->s);
	return x->generation && !(x->s.flags & FLOAT_END);
}

SEC("xdp")
int uplink_xdp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct ethhdr *eth = data;
	struct xdp_work x;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || !xdp_start(&x, eth, ip) ||
	    !is_plain(ip, end))
		return XDP_PASS;
	x.now = clock_ns();
	x.bytes = bpf_ntohs(ip->tot_len);
	if (!may_finish(ctx, &x, ip->saddr))
		return XDP_PASS;
	if (is_over(&x.entry->meter[EXPRESS_IN], x.bytes)) {
		__sync_fetch_and_add(&x.entry->dropped[DROP_RATE_IN], 1);
		say_xdp(ctx, &x, VERDICT_DROP, DROP_RATE_IN);
		return XDP_DROP;
	}
	say_xdp(ctx, &x, VERDICT_FORWARD, SLOW_NONE);
	/* After a function of its own the verifier knows the packet no longer. */
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	eth = data;
	ip = data + sizeof(*eth);
	if ((void *)(ip + 1) > end || !xdp_write_check(ip, end, x.s.fixed))
		return XDP_PASS;
	write_ip(ip, x.s.fixed);
	__builtin_memcpy(eth->h_dest, &x.s.station, 6);
	__builtin_memcpy(eth->h_source, x.s.leg, 6);
	count(x.entry, EXPRESS_IN, x.bytes, x.now);
	return bpf_redirect(x.s.port, 0);
}

/* --- from an instance, at its port --- */

/* The way of a destination from a router; false when that is not by its external leg, or is not forwarded
 * without a second thought. */
static __always_inline __u8 find_way(__u64 router, __be32 target, __be32 *ret_via)
{
	struct path_key key = {96, (__u32)(router >> 32), (__u32)router, target};
	const struct path *p;

	if (is_special(target))
		return SLOW_DESTINATION;
	p = bpf_map_lookup_elem(&paths, &key);
	if (!p || !p->external)
		return SLOW_INSIDE;
	*ret_via = p->via ? p->via : target;
	return SLOW_NONE;
}

/* A floating IP of the router that has this one: nftables' business, both ways. */
static __always_inline bool is_hairpin(const struct float_key *leg, __be32 target)
{
	struct float_key key = *leg;

	key.addr = target;
	return find_float(&key);
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
				       const struct fixed_slot *s, const struct neighbour *n, struct telling *t)
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

static __always_inline int outbound(struct __sk_buff *skb, struct work *w, struct frame *f, const struct fixed_slot *s,
				    __u64 router, struct telling *t)
{
	struct neighbour_key hop = {.segment = s->segment};
	struct neighbour *n, copy;
	__u8 slow;

	if (!load_head(skb, f, &w->h) || !is_sum_right(&f->ip))
		return pass_on(skb, w, t, SLOW_MALFORMED);
	if (w->h.ihl != sizeof(struct iphdr))
		return pass_on(skb, w, t, SLOW_OPTIONS);
	if (w->h.ttl <= 1)
		return pass_on(skb, w, t, SLOW_TTL);
	slow = find_way(router, w->h.target, &hop.addr);
	if (slow)
		return pass_on(skb, w, t, slow);
	t->via = hop.addr;
	if (is_hairpin(&s->floating, w->h.target))
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
	if (!router || !w.state || !(w.generation = find_fixed(*router, f.ip.saddr, READ(w.state->generation), &s)))
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

/* Answers who asks for a floating IP of this leg's. The kernel hears the question too: it says where the asker
 * is. */
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
	if (!load_head(skb, &f, &w.h))
		return drop(skb, &w, &t, DROP_MALFORMED);
	if (!has_room(skb, &w, EXPRESS_IN))
		return drop(skb, &w, &t, DROP_RATE_IN);
	count_outer(skb, &w, s.mtu);
	t.verdict = VERDICT_TRANSLATE;
	say(skb, &w, &t, 0);
	write_in(skb, &w.h, s.fixed);
	skb->mark = EXPRESS_MARK;
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
	if (find_way(router, h.target, &via) == SLOW_NONE && !is_hairpin(&s.floating, h.target))
		skb->mark = EXPRESS_MARK;
	return TC_ACT_UNSPEC;
}

/* What the kernel knows of the next hop, for those who send past it. Only where the station was heard on a port:
 * it may be the host itself, or another router of ours. */
static __always_inline void learn_neighbour(struct __sk_buff *skb, const struct ethhdr *eth, __be32 via, __u64 now)
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
	bool marked = skb->mark == EXPRESS_MARK || is_dry(skb);

	if (!load_frame(skb, &f) || !load_head(skb, &f, &w.h))
		return TC_ACT_UNSPEC;
	if (!marked && !is_own_error(skb, &w.h))
		return TC_ACT_UNSPEC;
	w.state = get_state();
	if (!w.state)
		return TC_ACT_UNSPEC;
	fixed = w.h.quote_target;
	if (!w.h.quote || !(w.generation = find_fixed(router, fixed, READ(w.state->generation), &s))) {
		fixed = w.h.source;
		if (!(w.generation = find_fixed(router, fixed, READ(w.state->generation), &s)))
			return marked ? TC_ACT_SHOT : TC_ACT_UNSPEC; /* taken away on the way */
	}
	w.key = s.floating;
	w.entry = find_float(&w.key);
	w.now = clock_ns();
	w.bytes = skb->len - AT_ETHERNET;
	t.fixed = fixed;
	t.generation = w.generation;
	if (w.entry && marked) {
		if (!has_room(skb, &w, EXPRESS_OUT))
			return drop(skb, &w, &t, DROP_RATE_OUT);
		count_skb(skb, &w, EXPRESS_OUT);
	}
	if (!is_dry(skb) && find_way(router, w.h.target, &via) == SLOW_NONE)
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
	if (skb->mark == EXPRESS_MARK)
		skb->mark = 0;
	return TC_ACT_UNSPEC;
}

/* --- writing --- */

static __always_inline void barrier_full(void)
{
	static __u64 word;

	__sync_fetch_and_add(&word, 1);
}

/* Makes the slot that does not count nobody's, fills it, and gives it its generation, which has not begun. The
 * agent does the same with a float_entry, which it has mapped. */
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
