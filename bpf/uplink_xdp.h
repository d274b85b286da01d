/* The uplink's program at XDP: what is most and plain, with the least that it takes; everything else comes by
 * the one at tc. Included once, by express.bpf.c. */
#pragma once
#include "tell.h"

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
	       length >=
		       sizeof(*ip) + 20 * (ip->protocol == IPPROTO_TCP) + 8 * (ip->protocol == IPPROTO_UDP) &&
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
