/* Reading a packet's headers, and the 1:1 translation of one address in it: RFC 3022, RFC 5508 (ICMP errors).
 * All of it that is the same at XDP and at tc; the two ways of writing are in express.bpf.c. */
#pragma once
#include <linux/bpf.h>

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>

#include <bpf/bpf_endian.h>

/* linux/icmp.h and linux/if_arp.h take the C library with them. */
enum { ICMP_UNREACHABLE = 3, ICMP_QUENCH = 4, ICMP_REDIRECT = 5, ICMP_EXCEEDED = 11, ICMP_PARAMETER = 12 };
enum { ARP_ETHERNET = 1, ARP_REQUEST = 1, ARP_REPLY = 2 };

#define IP_DF     0x4000
#define IP_MF     0x2000
#define IP_OFFSET 0x1fff

/* What of a packet decides where it goes. Offsets are from the begin of the IP header. */
struct head {
	__be32 source, target;
	__u16 length; /* of the IP packet */
	__u16 fragment;
	__u8 protocol, ttl, ihl;
	__u8 check; /* of the transport's checksum; 0: none that covers addresses */
	/* An ICMP error: what it quotes. */
	__u8 quote;       /* 0: nothing */
	__u8 quote_check; /* of the quoted transport checksum; 0: none */
	__u8 quote_udp;   /* whose 0 means none */
	__be32 quote_source, quote_target;
};

static __always_inline __u32 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* RFC 1624, equation 3: a wrong checksum stays equally wrong. */
static __always_inline __u16 update(__u16 check, __be32 was, __be32 is)
{
	return (__u16)~fold((__u64)(__u16)~check + (__u32)~was + is);
}

static __always_inline bool is_sum_right(const struct iphdr *ip)
{
	const __u32 *w = (const __u32 *)ip;

	return fold((__u64)w[0] + w[1] + w[2] + w[3] + w[4]) == 0xffff;
}

/* Where a transport header has the checksum that covers the addresses, and how much of the header must be
 * there. */
static __always_inline __u8 check_at(__u8 protocol, __u8 *ret_size)
{
	switch (protocol) {
	case IPPROTO_TCP:
		*ret_size = 20;
		return 16;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		*ret_size = 8;
		return 6;
	case IPPROTO_DCCP:
		*ret_size = 12;
		return 6;
	default:
		*ret_size = 0;
		return 0;
	}
}

static __always_inline bool is_zero_allowed(__u8 protocol)
{
	return protocol == IPPROTO_UDP;
}

static __always_inline bool is_icmp_error(__u8 type)
{
	return type == ICMP_UNREACHABLE || type == ICMP_QUENCH || type == ICMP_REDIRECT ||
	       type == ICMP_EXCEEDED || type == ICMP_PARAMETER;
}

/* The fixed part. False when the kernel is to judge it: it drops such packets. */
static __always_inline bool read_ip(struct head *h, const struct iphdr *ip, __u32 room)
{
	__u8 size;

	h->source = ip->saddr;
	h->target = ip->daddr;
	h->length = bpf_ntohs(ip->tot_len);
	h->fragment = bpf_ntohs(ip->frag_off);
	h->protocol = ip->protocol;
	h->ttl = ip->ttl;
	h->ihl = (__u8)(ip->ihl * 4);
	h->quote = h->quote_check = 0;
	h->check = 0;
	if (ip->version != 4 || h->ihl < 20 || h->length < h->ihl || h->length > room)
		return false;
	if (!(h->fragment & IP_OFFSET)) {
		h->check = check_at(h->protocol, &size);
		if (h->check && h->length - h->ihl >= size)
			h->check += h->ihl;
		else
			h->check = 0;
	}
	return true;
}

/* Whether the payload may begin with an ICMP error that quotes a whole IP header. */
static __always_inline bool may_quote(const struct head *h)
{
	return h->protocol == IPPROTO_ICMP && !(h->fragment & IP_OFFSET) && h->length >= h->ihl + 28;
}

static __always_inline void read_quote(struct head *h, const struct iphdr *ip)
{
	__u8 ihl = (__u8)(ip->ihl * 4), size, check;

	if (ip->version != 4 || ihl < 20 || h->length < h->ihl + 8 + ihl)
		return;
	h->quote = h->ihl + 8;
	h->quote_source = ip->saddr;
	h->quote_target = ip->daddr;
	if (bpf_ntohs(ip->frag_off) & IP_OFFSET)
		return;
	check = check_at(ip->protocol, &size);
	if (check && h->length >= h->quote + ihl + size)
		h->quote_check = h->quote + ihl + check;
	h->quote_udp = is_zero_allowed(ip->protocol);
}

static __always_inline __u8 first_byte(__be32 addr)
{
	return *(const __u8 *)&addr;
}

/* What no router forwards: this host, loopback, multicast, everybody. And the metadata service. All others
 * are forwarded by Linux, link-local, 0/8 and class E, too: what comes from there to a floating IP is without
 * a connection, so what goes there has to be. */
static __always_inline bool is_special(__be32 addr)
{
	__u8 first = first_byte(addr);

	return !addr || first == 127 || first >> 4 == 14 || addr == bpf_htonl(0xffffffff) ||
	       addr == bpf_htonl(0xa9fea9fe);
}
