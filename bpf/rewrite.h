/* Reading and writing packets at tc, where checksums may be partial and packets whole sequences of segments:
 * by the kernel's helpers. Included once, by express.bpf.c. */
#pragma once
#include "tell.h"

static __always_inline bool load_head(struct __sk_buff *skb, struct frame *f, struct head *h)
{
	struct iphdr quote;
	__u8 type;

	if (!read_ip(h, &f->ip, skb->len - AT_ETHERNET))
		return false;
	if (may_quote(h) && bpf_skb_load_bytes(skb, AT_ETHERNET + h->ihl, &type, 1) == 0 &&
	    is_icmp_error(type) &&
	    bpf_skb_load_bytes(skb, AT_ETHERNET + h->ihl + 8, &quote, sizeof(quote)) == 0)
		read_quote(h, &quote);
	return true;
}

static __always_inline bool load_frame(struct __sk_buff *skb, struct frame *f)
{
	return !skb->vlan_present && skb->protocol == bpf_htons(ETH_P_IP) &&
	       bpf_skb_load_bytes(skb, 0, &f->eth, FRAME_SIZE) == 0;
}

/* Where there are options as well, the router looks at it. */
static __always_inline bool is_check_right(const struct frame *f)
{
	return f->ip.ihl * 4 != sizeof(f->ip) || is_sum_right(&f->ip);
}

static __always_inline void write_quoted_check(struct __sk_buff *skb, const struct head *h, __be32 was,
					       __be32 is)
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

/* The quoted addresses and their header's checksum change together: the sum over the quoted header, and with
 * it the ICMP checksum, stays. */
static __always_inline void write_quote(struct __sk_buff *skb, const struct head *h, __u32 at, __be32 was,
					__be32 is)
{
	__u32 quote = AT_ETHERNET + h->quote;

	bpf_l3_csum_replace(skb, quote + offsetof(struct iphdr, check), was, is, 4);
	bpf_skb_store_bytes(skb, quote + at, &is, sizeof(is), 0);
	if (h->quote_check)
		write_quoted_check(skb, h, was, is);
}

static __always_inline void write_address(struct __sk_buff *skb, const struct head *h, __u32 at, __be32 was,
					  __be32 is)
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
static __always_inline void write_out(struct __sk_buff *skb, const struct head *h, __be32 fixed,
				      __be32 floating)
{
	if (h->quote && h->quote_target == fixed)
		write_quote(skb, h, AT_TARGET, fixed, floating);
	write_address(skb, h, AT_SOURCE, h->source, floating);
}

/* One hop less, and the next link's addresses. */
static __always_inline void write_hop(struct __sk_buff *skb, struct frame *f, const __u8 *to,
				      const __u8 *from)
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
