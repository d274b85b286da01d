/* Ethernet, ARP, IPv4 and UDP as far as the responder speaks them.
 * The outermost layer of what it reads and writes. */
#include "serve/serve.h"

#include <errno.h>
#include <string.h>

enum { ETHERNET = 14, IP_HEADER = 20, UDP_HEADER = 8, ARP_FRAME = 42 };

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

/* The ones' complement sum of RFC 1071, not yet folded. */
static uint32_t sum(const uint8_t *p, size_t len, uint32_t s)
{
	for (; len > 1; p += 2, len -= 2)
		s += get16(p);
	return len ? s + (uint32_t)(p[0] << 8) : s;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

/* Over the pseudo header, too; `ip` is the IPv4 header. */
static uint16_t udp_sum(const uint8_t *ip, const uint8_t *udp, size_t len)
{
	return fold(sum(udp, len, sum(ip + 12, 8, 17 + (uint32_t)len)));
}

int frame_read(const uint8_t *frame, size_t len, bool partial, struct datagram *ret)
{
	const uint8_t *ip = frame + ETHERNET, *udp;
	size_t header, total, size;

	if (len < ETHERNET + IP_HEADER || get16(frame + 12) != 0x0800 || ip[0] >> 4 != 4)
		return -EBADMSG;
	header = (size_t)(ip[0] & 15) * 4;
	total = get16(ip + 2);
	/* A frame is padded: the header says where the packet ends. */
	if (header < IP_HEADER || total < header + UDP_HEADER || total > len - ETHERNET || ip[9] != 17 ||
	    get16(ip + 6) & 0x3fff || fold(sum(ip, header, 0)) != 0)
		return -EBADMSG;
	udp = ip + header;
	size = get16(udp + 4);
	if (size < UDP_HEADER || size > total - header ||
	    (!partial && get16(udp + 6) && udp_sum(ip, udp, size) != 0))
		return -EBADMSG;
	*ret = (struct datagram){.from = get32(ip + 12),
				 .to = get32(ip + 16),
				 .from_port = get16(udp),
				 .to_port = get16(udp + 2),
				 .data = udp + UDP_HEADER,
				 .len = size - UDP_HEADER};
	memcpy(ret->to_mac.b, frame, sizeof(ret->to_mac.b));
	memcpy(ret->from_mac.b, frame + 6, sizeof(ret->from_mac.b));
	return 0;
}

size_t frame_write(const struct datagram *d, uint8_t out[SERVE_FRAME_MAX])
{
	uint8_t *ip = out + ETHERNET, *udp = ip + IP_HEADER;
	size_t size = UDP_HEADER + d->len;
	uint16_t check;

	if (ETHERNET + IP_HEADER + size > SERVE_FRAME_MAX)
		return 0;
	memset(out, 0, ETHERNET + IP_HEADER + UDP_HEADER);
	memcpy(out, d->to_mac.b, 6);
	memcpy(out + 6, d->from_mac.b, 6);
	put16(out + 12, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, (uint16_t)(IP_HEADER + size));
	ip[8] = 64;
	ip[9] = 17;
	put32(ip + 12, d->from);
	put32(ip + 16, d->to);
	put16(ip + 10, fold(sum(ip, IP_HEADER, 0)));
	put16(udp, d->from_port);
	put16(udp + 2, d->to_port);
	put16(udp + 4, (uint16_t)size);
	memcpy(udp + UDP_HEADER, d->data, d->len);
	check = udp_sum(ip, udp, size);
	put16(udp + 6, check ? check : 0xffff);
	return ETHERNET + IP_HEADER + size;
}

size_t frame_answer_arp(const struct serve_at *at, const uint8_t *frame, size_t len,
			uint8_t out[SERVE_FRAME_MAX])
{
	static const uint8_t head[] = {0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1};
	const uint8_t *asker = frame + 22;

	if (len < ARP_FRAME || memcmp(frame + 12, head, sizeof(head)) != 0 ||
	    get32(frame + 38) != at->settings->address)
		return 0;
	memcpy(out, asker, 6);
	memcpy(out + 6, at->mac.b, 6);
	memcpy(out + 12, head, sizeof(head));
	out[21] = 2;
	memcpy(out + 22, at->mac.b, 6);
	put32(out + 28, at->settings->address);
	memcpy(out + 32, asker, 10);
	return ARP_FRAME;
}
