/* Making and reading the frames of trials. See probe_frame.h. */
#include "kernel/probe_frame.h"

#include <arpa/inet.h>
#include <linux/icmp.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <netinet/in.h>
#include <string.h>

/* Offsets of 16-bit members in transport headers. */
enum { AT_TCP_OFFSET = 12, AT_TCP_CHECK = 16, AT_UDP_LENGTH = 4, AT_UDP_CHECK = 6, AT_ICMP_CHECK = 2 };
#define TCP_SYN_HEADER 0x5002 /* five words, SYN */
#define IP_DF          0x4000

static uint32_t sum(const uint8_t *data, size_t size)
{
	uint32_t s = 0;

	for (size_t i = 0; i + 1 < size; i += 2)
		s += (uint32_t)data[i] << 8 | data[i + 1];
	return size % 2 ? s + ((uint32_t)data[size - 1] << 8) : s;
}

static void put16(uint8_t *to, uint32_t v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
}

static uint16_t get16(const uint8_t *from)
{
	return (uint16_t)(from[0] << 8 | from[1]);
}

/* RFC 1071. */
static void put_check(uint8_t *to, uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	put16(to, ~s);
}

static uint32_t pseudo_sum(const struct iphdr *ip, size_t size)
{
	return sum((const uint8_t *)&ip->saddr, 8) + ip->protocol + (uint32_t)size;
}

static void make_transport(const struct probe_frame *f, const struct iphdr *ip, uint8_t *to, size_t size)
{
	if (probe_has_ports(f->protocol)) {
		put16(to, f->source_port);
		put16(to + 2, f->port);
	}
	switch (f->protocol) {
	case IPPROTO_TCP:
		put16(to + AT_TCP_OFFSET, TCP_SYN_HEADER);
		put_check(to + AT_TCP_CHECK, sum(to, size) + pseudo_sum(ip, size));
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		put16(to + AT_UDP_LENGTH, (uint32_t)size);
		put_check(to + AT_UDP_CHECK, sum(to, size) + pseudo_sum(ip, size));
		break;
	case IPPROTO_ICMP:
		to[0] = ICMP_ECHO;
		put_check(to + AT_ICMP_CHECK, sum(to, size));
		break;
	default:
		break;
	}
}

static void sum_ip(struct iphdr *ip)
{
	ip->check = 0;
	put_check((uint8_t *)&ip->check, sum((const uint8_t *)ip, sizeof(*ip)));
}

size_t probe_frame_make(const struct probe_frame *f, uint8_t to[PROBE_FRAME_MAX])
{
	size_t size = sizeof(struct ethhdr) + f->length;
	struct ethhdr eth = {.h_proto = htons(ETH_P_IP)};
	struct iphdr ip = {.version = 4,
			   .ihl = sizeof(ip) / 4,
			   .tot_len = htons(f->length),
			   .frag_off = f->do_not_fragment ? htons(IP_DF) : 0,
			   .ttl = f->ttl,
			   .protocol = f->protocol,
			   .saddr = htonl(ip_to_v4(&f->source)),
			   .daddr = htonl(ip_to_v4(&f->target))};

	memset(to, 0, size);
	memcpy(eth.h_dest, &f->target_mac, sizeof(eth.h_dest));
	memcpy(eth.h_source, &f->source_mac, sizeof(eth.h_source));
	sum_ip(&ip);
	memcpy(to, &eth, sizeof(eth));
	memcpy(to + sizeof(eth), &ip, sizeof(ip));
	make_transport(f, &ip, to + sizeof(eth) + sizeof(ip), f->length - sizeof(ip));
	return size;
}

bool probe_frame_read(const uint8_t *frame, size_t size, struct probe_frame *ret)
{
	const uint8_t *transport = frame + sizeof(struct ethhdr) + sizeof(struct iphdr);
	struct ethhdr eth;
	struct iphdr ip;

	if (size < sizeof(eth) + sizeof(ip))
		return false;
	memcpy(&eth, frame, sizeof(eth));
	memcpy(&ip, frame + sizeof(eth), sizeof(ip));
	if (eth.h_proto != htons(ETH_P_IP) || ip.version != 4 || ip.ihl * 4 != sizeof(ip))
		return false;
	*ret = (struct probe_frame){.source = ip_from_v4(ntohl(ip.saddr)),
				    .target = ip_from_v4(ntohl(ip.daddr)),
				    .length = ntohs(ip.tot_len),
				    .protocol = ip.protocol,
				    .ttl = ip.ttl,
				    .do_not_fragment = (ntohs(ip.frag_off) & IP_DF) != 0};
	memcpy(&ret->source_mac, eth.h_source, sizeof(ret->source_mac));
	memcpy(&ret->target_mac, eth.h_dest, sizeof(ret->target_mac));
	if (probe_has_ports(ip.protocol) && size >= sizeof(eth) + sizeof(ip) + 4) {
		ret->source_port = get16(transport);
		ret->port = get16(transport + 2);
	}
	return true;
}

void probe_frame_hop(uint8_t *frame, size_t size)
{
	struct iphdr ip;

	if (size < sizeof(struct ethhdr) + sizeof(ip))
		return;
	memcpy(&ip, frame + sizeof(struct ethhdr), sizeof(ip));
	ip.ttl--;
	sum_ip(&ip);
	memcpy(frame + sizeof(struct ethhdr), &ip, sizeof(ip));
}
