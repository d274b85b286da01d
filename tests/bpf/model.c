/* The reference model: one function per header, in the order in which a router looks at them.
 * See model.h. Written to be obviously right, not to be fast: it shares no idea with the BPF programs. */
#include "model.h"

#include <string.h>

enum { ICMP = 1, TCP = 6, UDP = 17, DCCP = 33, UDPLITE = 136 };
enum { UNREACHABLE = 3, NO_NETWORK = 0, TOO_BIG = 4, TIME_EXCEEDED = 11, PARAMETER = 12 };
#define METADATA 0xa9fea9fe /* 169.254.169.254 */
enum { DF = 0x4000, MF = 0x2000, OFFSET = 0x1fff };

struct work {
	const struct model_world *w;
	unsigned in;
	struct model_result r;
	uint8_t *ip; /* in `out`, behind the Ethernet header */
	size_t hlen, total;
	const struct model_nat
		*to; /* of the destination, when it was a floating IP that came in from outside */
};

/* --- numbers in packets --- */

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint16_t n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

static void put32(uint8_t *p, uint32_t n)
{
	put16(p, (uint16_t)(n >> 16));
	put16(p + 2, (uint16_t)n);
}

/* --- checksums --- */

static uint64_t sum_words(const uint8_t *p, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += get16(p + i);
	return len % 2 ? sum + (uint64_t)(p[len - 1] << 8) : sum;
}

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint16_t model_checksum(const void *data, size_t len, uint32_t start)
{
	return (uint16_t)~fold(start + sum_words(data, len));
}

uint32_t model_pseudo(const uint8_t *ip, uint8_t protocol, size_t l4_len)
{
	return (uint32_t)(sum_words(ip + 12, 8) + protocol + l4_len);
}

/* RFC 1624, equation 3, for a 32-bit field. */
static uint16_t adjust(uint16_t sum, uint32_t from, uint32_t to)
{
	uint64_t s = (uint16_t)~sum;

	s += (uint16_t) ~(from >> 16) + (uint64_t)(uint16_t)~from;
	s += (to >> 16) + (uint64_t)(uint16_t)to;
	return (uint16_t)~fold(s);
}

/* --- L4 --- */

/* A checksum that covers the addresses. It counts as being there when all of the fixed header is. */
struct l4 {
	uint8_t protocol;
	uint8_t size;  /* of the fixed header */
	uint8_t at;    /* where the checksum stands */
	bool optional; /* 0: there is none */
	bool never_0;  /* 0 is written as ffff */
};

static const struct l4 *l4_of(uint8_t protocol)
{
	static const struct l4 list[] = {
		{TCP, 20, 16, false, false},
		{UDP, 8, 6, true, true},
		{DCCP, 12, 6, false, false},
		{UDPLITE, 8, 6, false, true},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i].protocol == protocol)
			return &list[i];
	return NULL;
}

/* How much of the L4 packet its checksum covers; 0: more than is there, or nothing that makes sense. */
static size_t l4_coverage(uint8_t protocol, const uint8_t *p, size_t len)
{
	size_t n = len;

	if (protocol == UDP)
		n = get16(p + 4);
	else if (protocol == UDPLITE && get16(p + 4))
		n = get16(p + 4);
	else if (protocol == DCCP && p[5] & 15)
		n = p[4] * 4U + ((p[5] & 15) - 1) * 4U;
	return n > len || n < 8 ? 0 : n;
}

static uint16_t l4_full(const uint8_t *ip, uint8_t protocol, const uint8_t *p, size_t len)
{
	/* UDP-Lite's pseudo-header has the length of the datagram, not of what is covered. */
	size_t said = protocol == UDP ? get16(p + 4) : len;

	return model_checksum(p, l4_coverage(protocol, p, len), model_pseudo(ip, protocol, said));
}

static bool l4_is_right(const uint8_t *ip, uint8_t protocol, const uint8_t *p, size_t len)
{
	return l4_coverage(protocol, p, len) && l4_full(ip, protocol, p, len) == 0;
}

/* One address of the IP header `ip`, at the offset `at`, becomes `to`, with what depends on it. `len` bytes
 * are there from the beginning of the header, of a packet that is `whole` or cut off somewhere. */
static void set_address(uint8_t *ip, size_t at, uint32_t to, size_t len, bool whole)
{
	size_t hlen = (ip[0] & 15) * 4U, l4_len = len - hlen;
	const struct l4 *l4 = get16(ip + 6) & OFFSET ? NULL : l4_of(ip[9]);
	uint8_t *p = ip + hlen;
	uint32_t from = get32(ip + at);
	bool ip_right = model_checksum(ip, hlen, 0) == 0;
	bool here = l4 && l4_len >= l4->size && !(l4->optional && get16(p + l4->at) == 0);
	bool right = here && whole && !(get16(ip + 6) & MF) && l4_is_right(ip, l4->protocol, p, l4_len);
	uint16_t sum = 0;

	put32(ip + at, to);
	if (ip_right) {
		put16(ip + 10, 0);
		put16(ip + 10, model_checksum(ip, hlen, 0));
	} else {
		put16(ip + 10, adjust(get16(ip + 10), from, to));
	}
	if (!here)
		return;
	if (right) {
		put16(p + l4->at, 0);
		sum = l4_full(ip, l4->protocol, p, l4_len);
	} else {
		sum = adjust(get16(p + l4->at), from, to);
	}
	put16(p + l4->at, l4->never_0 && !sum ? 0xffff : sum);
}

/* --- ICMP --- */

static bool icmp_is_error(uint8_t type)
{
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

/* The quoted IP header, when this packet is an ICMP error with one; `ret_len`: what is there from it on. */
static uint8_t *find_quote(const struct work *k, size_t *ret_len)
{
	uint8_t *icmp = k->ip + k->hlen, *quote = icmp + 8;
	size_t len = k->total - k->hlen;

	if (k->ip[9] != ICMP || get16(k->ip + 6) & OFFSET || len < 8 + 20 || !icmp_is_error(icmp[0]))
		return NULL;
	*ret_len = len - 8;
	if (quote[0] >> 4 != 4 || (quote[0] & 15) < 5 || (quote[0] & 15) * 4U > *ret_len)
		return NULL;
	return quote;
}

static void set_quoted_address(struct work *k, uint8_t *quote, size_t quote_len, size_t at, uint32_t to)
{
	uint8_t *icmp = k->ip + k->hlen;
	size_t len = k->total - k->hlen;
	bool right = !(get16(k->ip + 6) & MF) && model_checksum(icmp, len, 0) == 0;
	uint64_t sum = (uint16_t)~get16(icmp + 2);

	/* What was is taken off by adding its complement, word by word. */
	for (size_t i = 0; i < quote_len; i += 2)
		sum += (uint16_t)~fold(sum_words(quote + i, quote_len - i < 2 ? 1 : 2));
	set_address(quote, at, to, quote_len, false);
	sum += sum_words(quote, quote_len);
	put16(icmp + 2, (uint16_t)~fold(sum));
	if (right) {
		put16(icmp + 2, 0);
		put16(icmp + 2, model_checksum(icmp, len, 0));
	}
}

/* --- look-ups --- */

static const struct model_nat *nat_of_floating(const struct model_world *w, uint32_t address)
{
	for (size_t i = 0; i < w->nat_count; i++)
		if (w->nats[i].floating == address)
			return &w->nats[i];
	return NULL;
}

static const struct model_nat *nat_of_fixed(const struct model_world *w, uint32_t address)
{
	for (size_t i = 0; i < w->nat_count; i++)
		if (w->nats[i].fixed == address)
			return &w->nats[i];
	return NULL;
}

static uint32_t mask_of(uint8_t plen)
{
	return plen ? ~(uint32_t)0 << (32 - plen) : 0;
}

static bool is_own(const struct model_world *w, uint32_t address)
{
	for (size_t i = 0; i < w->leg_count; i++)
		if (w->legs[i].address == address)
			return true;
	return nat_of_floating(w, address) != NULL;
}

/* A network of the router's own, as a whole: its last address, or its first (RFC 1122, 3.2.1.3). */
static bool is_directed_broadcast(const struct model_world *w, uint32_t address)
{
	for (size_t i = 0; i < w->leg_count; i++) {
		uint32_t mask = mask_of(w->legs[i].plen);

		if (w->legs[i].plen < 31 && (address & mask) == (w->legs[i].address & mask) &&
		    ((address | mask) == ~(uint32_t)0 || !(address & ~mask)))
			return true;
	}
	return false;
}

/* The longest prefix. False: no route. */
static bool find_route(const struct model_world *w, uint32_t to, unsigned *ret_leg, uint32_t *ret_next)
{
	int best = -1;

	for (size_t i = 0; i < w->leg_count; i++)
		if (!((to ^ w->legs[i].address) & mask_of(w->legs[i].plen)) && w->legs[i].plen > best) {
			best = w->legs[i].plen;
			*ret_leg = (unsigned)i;
			*ret_next = to;
		}
	for (size_t i = 0; i < w->route_count; i++)
		if (!((to ^ w->routes[i].to) & mask_of(w->routes[i].plen)) && w->routes[i].plen > best) {
			best = w->routes[i].plen;
			*ret_leg = w->routes[i].leg;
			*ret_next = w->routes[i].via;
		}
	return best >= 0;
}

static const uint8_t *find_mac(const struct model_world *w, unsigned leg, uint32_t address)
{
	for (size_t i = 0; i < w->neighbour_count; i++)
		if (w->neighbours[i].leg == leg && w->neighbours[i].address == address)
			return w->neighbours[i].mac;
	return NULL;
}

/* --- verdicts; each is false, so that a step can return it --- */

static bool end(struct work *k, enum model_verdict verdict, const char *why)
{
	k->r.verdict = verdict;
	k->r.why = why;
	return false;
}

static bool nothing(struct work *k, const char *why)
{
	return end(k, MODEL_NOTHING, why);
}

/* Nobody is told about ICMP that is an error or may be one (RFC 1122, 3.2.2). */
static bool icmp_may_be_answered(uint8_t type)
{
	return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

/* Nor about a later fragment. What was sent to a floating IP is answered from there. */
static bool answer(struct work *k, struct model_answer a, const char *why)
{
	const uint8_t *icmp = k->ip[9] == ICMP ? k->ip + k->hlen : NULL;

	a.source = k->to ? k->to->floating : 0;
	if (get16(k->ip + 6) & OFFSET)
		a = (struct model_answer){0};
	if (icmp && (k->total == k->hlen || !icmp_may_be_answered(*icmp)))
		a = (struct model_answer){0};
	k->r.answer = a;
	return end(k, MODEL_ROUTER, why);
}

/* --- the steps of a router, in their order; false: the verdict is there --- */

/* Leaves the frame untagged. A priority tag (VLAN 0) is as good as none. */
static bool take_ethernet(struct work *k, uint8_t *frame, size_t *len)
{
	static const uint8_t group = 1;

	if (*len < 14)
		return nothing(k, "no Ethernet header");
	if (memcmp(frame, k->w->legs[k->in].mac, 6) != 0)
		return nothing(k, frame[0] & group ? "to a group" : "to another station");
	if (get16(frame + 12) == 0x8100 && *len >= 18 && !(get16(frame + 14) & 0xfff)) {
		memmove(frame + 12, frame + 16, *len - 16);
		*len -= 4;
	}
	if (get16(frame + 12) == 0x0806)
		return end(k, MODEL_ROUTER, "ARP");
	return get16(frame + 12) == 0x0800 || nothing(k, "not IPv4");
}

static bool take_ip(struct work *k, size_t len)
{
	if (len < 20 || k->ip[0] >> 4 != 4)
		return nothing(k, "no IPv4 header");
	k->hlen = (k->ip[0] & 15) * 4U;
	k->total = get16(k->ip + 2);
	if (k->hlen < 20 || k->hlen > len || k->total > len || k->total < k->hlen)
		return nothing(k, "bad length in the IPv4 header");
	return model_checksum(k->ip, k->hlen, 0) == 0 || nothing(k, "bad IPv4 checksum");
}

static bool take_source(struct work *k)
{
	uint32_t from = get32(k->ip + 12);

	if (k->w->legs[k->in].external && is_own(k->w, from))
		return end(k, MODEL_OPEN, "from outside, with one of the router's addresses as its source");
	if (nat_of_floating(k->w, from))
		return end(k, MODEL_STATEFUL, "from inside, with a floating IP as its source");
	if (!from || from >> 28 == 14 || from == 0xffffffff || from >> 24 == 127 || is_own(k->w, from))
		return nothing(k, "martian source");
	if (is_directed_broadcast(k->w, from))
		return end(k, MODEL_OPEN, "the source is a network's broadcast address");
	return true;
}

static bool take_destination(struct work *k)
{
	uint32_t to = get32(k->ip + 16);

	if (!to || to >> 24 == 127)
		return nothing(k, "martian destination");
	if (to >> 28 == 14 || to == 0xffffffff || is_directed_broadcast(k->w, to))
		return nothing(k, "to many");
	k->to = nat_of_floating(k->w, to);
	if (k->to && k->w->legs[k->in].external)
		return true;
	if (k->to)
		return end(k, MODEL_STATEFUL, "to a floating IP from inside");
	if (to == METADATA && !k->w->legs[k->in].external)
		return end(k, MODEL_STATEFUL, "to the metadata service");
	return !is_own(k->w, to) || end(k, MODEL_ROUTER, "to the router");
}

/* The later counts more. */
enum option_kind { OPTION_LEFT_ALONE, OPTION_REFUSED, OPTION_WRITTEN, OPTION_BAD };

static enum option_kind option_kind(const uint8_t *option, size_t left)
{
	static const uint8_t record_route = 7, timestamp = 68, loose = 131, cipso = 134, strict = 137;
	static const uint8_t router_alert = 148;

	if (left < 2 || option[1] < 2 || option[1] > left || (option[0] == router_alert && option[1] < 4))
		return OPTION_BAD;
	/* What is in them decides whether these are good, which is no subject of ours. */
	if (option[0] == record_route || option[0] == timestamp || option[0] == cipso)
		return OPTION_WRITTEN;
	if (option[0] == loose || option[0] == strict)
		return option[1] < 3 || option[2] < 4 ? OPTION_BAD : OPTION_REFUSED;
	return OPTION_LEFT_ALONE;
}

static bool judge_options(struct work *k, enum option_kind worst)
{
	switch (worst) {
	case OPTION_LEFT_ALONE:
		return true;
	case OPTION_REFUSED:
		return nothing(k, "source route");
	case OPTION_WRITTEN:
		return end(k, MODEL_OPEN, "an IP option that routers write to, or judge");
	case OPTION_BAD:
		break;
	}
	return answer(k, (struct model_answer){.type = PARAMETER}, "bad IP option");
}

static bool take_options(struct work *k)
{
	static const uint8_t last = 0, padding = 1;
	enum option_kind worst = OPTION_LEFT_ALONE;
	size_t i = 20;

	while (i < k->hlen && k->ip[i] != last) {
		enum option_kind kind;

		if (k->ip[i] == padding) {
			i++;
			continue;
		}
		kind = option_kind(k->ip + i, k->hlen - i);
		/* Nobody looks behind a bad one; and whether it comes to one is open behind an open one. */
		if (kind == OPTION_BAD)
			return judge_options(k, worst == OPTION_WRITTEN ? worst : kind);
		worst = kind > worst ? kind : worst;
		i += k->ip[i + 1];
	}
	/* Linux wipes what stands behind the end, and sees to the checksum when the TTL changes. */
	for (; i < k->hlen; i++)
		k->ip[i] = last;
	return judge_options(k, worst);
}

static bool take_route(struct work *k, uint32_t *ret_next)
{
	struct model_answer a = {0};
	const struct model_leg *leg;

	if (!find_route(k->w, k->to ? k->to->fixed : get32(k->ip + 16), &k->r.leg, ret_next)) {
		a.type = UNREACHABLE;
		a.code = NO_NETWORK;
		return answer(k, a, "no route");
	}
	leg = &k->w->legs[k->r.leg];
	if (k->ip[8] <= 1) {
		a.type = TIME_EXCEEDED;
		return answer(k, a, "the TTL ends here");
	}
	if (k->total > leg->mtu && get16(k->ip + 6) & DF) {
		a.type = UNREACHABLE;
		a.code = TOO_BIG;
		a.mtu = leg->mtu;
		return answer(k, a, "too large, and not to be fragmented");
	}
	if (k->total > leg->mtu)
		k->r.left = leg->mtu;
	return !(leg->external && k->w->legs[k->in].external) || nothing(k, "in and out by external legs");
}

static void count_down(struct work *k)
{
	k->ip[8]--;
	put16(k->ip + 10, 0);
	put16(k->ip + 10, model_checksum(k->ip, k->hlen, 0));
}

static void translate_in(struct work *k)
{
	size_t quote_len = 0;
	uint8_t *quote = find_quote(k, &quote_len);

	if (quote && get32(quote + 12) == k->to->floating)
		set_quoted_address(k, quote, quote_len, 12, k->to->fixed);
	set_address(k->ip, 16, k->to->fixed, k->total, true);
}

static bool translate_out(struct work *k)
{
	size_t quote_len = 0;
	uint8_t *quote = find_quote(k, &quote_len);
	const struct model_nat *from = nat_of_fixed(k->w, get32(k->ip + 12));
	const struct model_nat *about = quote ? nat_of_fixed(k->w, get32(quote + 16)) : NULL;

	if (about) {
		set_quoted_address(k, quote, quote_len, 16, about->floating);
		from = about;
	}
	if (from) {
		set_address(k->ip, 12, from->floating, k->total, true);
		return true;
	}
	return k->w->snat ? end(k, MODEL_STATEFUL, "many to one") : nothing(k, "no floating IP, no SNAT");
}

static bool put_ethernet(struct work *k, uint8_t *frame, uint32_t next)
{
	const uint8_t *mac = find_mac(k->w, k->r.leg, next);

	if (!mac)
		return nothing(k, "nobody has the next hop's address");
	memcpy(frame, mac, 6);
	memcpy(frame + 6, k->w->legs[k->r.leg].mac, 6);
	return true;
}

static bool forward(struct work *k, uint8_t *frame, size_t len)
{
	uint32_t next = 0;

	if (!take_ethernet(k, frame, &len) || !take_ip(k, len - 14) || !take_source(k) ||
	    !take_destination(k) || !take_options(k) || !take_route(k, &next))
		return false;
	count_down(k);
	if (k->to)
		translate_in(k);
	else if (k->w->legs[k->r.leg].external && !translate_out(k))
		return false;
	return put_ethernet(k, frame, next);
}

struct model_result model_translate(const struct model_world *w, unsigned in, const uint8_t *frame,
				    size_t len, uint8_t *out)
{
	struct work k = {.w = w, .in = in, .ip = out + 14};

	memcpy(out, frame, len);
	if (forward(&k, out, len)) {
		end(&k, MODEL_FORWARD, "forwarded");
		k.r.len = 14 + k.total;
	}
	return k.r;
}
