/* Random frames, from a seed. See packets.h.
 * A frame is built from the outside in: addresses, IP header, L4; then something in it may be broken. */
#include "packets.h"

#include <string.h>

enum { ICMP = 1, IGMP = 2, TCP = 6, UDP = 17, DCCP = 33, GRE = 47, ESP = 50, SCTP = 132, UDPLITE = 136 };
enum {
	TAG_AND_PADDING = 12,
	/* In identifications: no lone fragment has that of fragments which belong together. */
	TRAIN_ID = 0x8000,
	/* The first fragment has the L4 checksum: nobody can adjust it who sees it in the second. */
	PIECE_MIN = 24,
};
enum { ETH = 14, IP = 20, DF = 0x4000, MF = 0x2000 };

/* What a frame is made of, while it is being made. */
struct maker {
	const struct packets *p;
	uint64_t random;
	uint64_t number; /* of the frame */
	unsigned leg;
	uint32_t from, to;
	bool plain; /* not with an ICMP error: this is what one quotes, or is cut into fragments, of which
		       only the first would be translated */
};

/* --- chance --- */

static uint64_t mix(uint64_t x) /* splitmix64 */
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static uint32_t random32(struct maker *m)
{
	m->random = mix(m->random);
	return (uint32_t)(m->random >> 32);
}

static uint32_t below(struct maker *m, size_t n)
{
	return (uint32_t)((uint64_t)random32(m) * n >> 32);
}

static bool one_in(struct maker *m, uint32_t n)
{
	return below(m, n) == 0;
}

/* A row of a table whose rows begin with their weights. */
static const void *pick_row(struct maker *m, const void *table, size_t row_size, size_t count)
{
	const char *rows = table;
	unsigned total = 0;
	uint32_t left;

	for (size_t i = 0; i < count; i++)
		total += *(const unsigned *)(rows + i * row_size);
	left = below(m, total);
	for (; left >= *(const unsigned *)rows; rows += row_size)
		left -= *(const unsigned *)rows;
	return rows;
}
#define PICK_ROW(m, table) pick_row(m, table, sizeof((table)[0]), sizeof(table) / sizeof((table)[0]))

static void random_bytes(struct maker *m, uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)random32(m);
}

static void put16(uint8_t *p, uint32_t n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

static void put32(uint8_t *p, uint32_t n)
{
	put16(p, n >> 16);
	put16(p + 2, n & 0xffff);
}

/* --- addresses --- */

static uint32_t any_floating(struct maker *m)
{
	return m->p->world->nats[below(m, m->p->world->nat_count)].floating;
}

static uint32_t any_fixed(struct maker *m)
{
	return m->p->world->nats[below(m, m->p->world->nat_count)].fixed;
}

static uint32_t any_peer(struct maker *m)
{
	return m->p->peers[below(m, m->p->peer_count)];
}

static uint32_t any_remote(struct maker *m)
{
	return m->p->remote_count ? m->p->remotes[below(m, m->p->remote_count)] : any_peer(m);
}

static uint32_t any_router(struct maker *m)
{
	return m->p->world->legs[below(m, m->p->world->leg_count)].address;
}

/* Nobody to whom anybody else sends. */
static uint32_t any_stranger(struct maker *m)
{
	return 0xcb007100 | (200 + below(m, 4)); /* 203.0.113.0/24, RFC 5737 */
}

/* The same for senders inside. */
static uint32_t any_foreign(struct maker *m)
{
	return 0xc6336400 | (200 + below(m, 4)); /* 198.51.100.0/24, RFC 5737 */
}

/* An address of this leg's network that has no floating IP, and may have no owner. */
static uint32_t any_neighbour(struct maker *m)
{
	const struct model_leg *leg = &m->p->world->legs[m->leg];

	return (leg->address & ~(uint32_t)0xff) | (200 + below(m, 4));
}

static uint32_t any_odd(struct maker *m)
{
	static const uint32_t odd[] = {0,          0xffffffff, 0x7f000001, 0xe0000001, 0xe00000fb,
				       0xefffffff, 0x00000001, 0xf0000001, 0x7fffffff};

	return odd[below(m, sizeof(odd) / sizeof(odd[0]))];
}

static uint32_t metadata_service(struct maker *m)
{
	return 0xa9fea9fe; /* 169.254.169.254 */
}

static uint32_t any_broadcast(struct maker *m)
{
	return any_router(m) | 0xff;
}

/* The fixed IP of an instance on this leg's own wire, where there is one. */
static uint32_t fixed_here(struct maker *m)
{
	const struct model_leg *leg = &m->p->world->legs[m->leg];

	for (int tries = 0; tries < 8; tries++) {
		uint32_t fixed = any_fixed(m);

		if ((fixed ^ leg->address) >> (32 - leg->plen) == 0)
			return fixed;
	}
	return any_neighbour(m);
}

typedef uint32_t pick_fn(struct maker *m);

/* Who talks with whom: one row in proportion to its weight. */
struct pair {
	unsigned weight;
	pick_fn *from, *to;
};

static const struct pair pairs_outside[] = {
	{70, any_peer, any_floating},    {4, any_stranger, any_fixed},     {3, any_peer, any_router},
	{2, any_peer, any_neighbour},    {2, any_peer, any_stranger},      {4, any_odd, any_floating},
	{2, any_floating, any_floating}, {2, any_router, any_floating},    {2, any_neighbour, any_floating},
	{2, any_stranger, any_odd},      {2, any_stranger, any_broadcast}, {1, any_broadcast, any_floating},
};
/* Nobody with a floating IP to one: NAT may give such a flow another port, and then later flows from there
 * too. */
static const struct pair pairs_inside[] = {
	{64, fixed_here, any_peer},        {8, fixed_here, any_fixed},    {4, fixed_here, any_remote},
	{4, any_neighbour, any_floating},  {3, fixed_here, any_router},   {4, any_neighbour, any_peer},
	{2, any_neighbour, any_fixed},     {2, any_odd, any_peer},        {2, any_floating, any_peer},
	{1, any_router, any_peer},         {2, fixed_here, any_odd},      {2, fixed_here, any_broadcast},
	{1, fixed_here, metadata_service}, {1, any_foreign, any_foreign}, {1, any_broadcast, any_peer},
};

static void choose_addresses(struct maker *m)
{
	bool outside = m->p->world->legs[m->leg].external;
	const struct pair *pair = outside ? PICK_ROW(m, pairs_outside) : PICK_ROW(m, pairs_inside);

	m->from = pair->from(m);
	m->to = pair->to(m);
}

/* --- L4: each writes at most `room` bytes and returns how many --- */

static void put_ports(struct maker *m, uint8_t *p)
{
	put16(p, 1024 + below(m, 4));
	put16(p + 2, 53 + below(m, 4));
}

/* The addresses' part of the pseudo-header, as model_pseudo wants it. */
static uint16_t l4_checksum(struct maker *m, uint8_t protocol, const uint8_t *p, size_t covered, size_t said)
{
	uint8_t ip[IP];

	put32(ip + 12, m->from);
	put32(ip + 16, m->to);
	return model_checksum(p, covered, model_pseudo(ip, protocol, said));
}

static size_t make_tcp(struct maker *m, uint8_t *p, size_t len)
{
	size_t hlen = one_in(m, 4) ? 20 + below(m, 11) * 4U : 20;

	hlen = len < hlen ? len & ~(size_t)3 : hlen;
	if (hlen < 20)
		return len;
	put_ports(m, p);
	p[12] = (uint8_t)(hlen / 4 << 4);
	p[13] = one_in(m, 4) ? (uint8_t)random32(m) : (uint8_t[]){0x02, 0x10, 0x18, 0x12}[below(m, 4)];
	put16(p + 16, 0);
	memset(p + 20, 1, hlen - 20);
	put16(p + 16, l4_checksum(m, TCP, p, len, len));
	return len;
}

static size_t make_udp(struct maker *m, uint8_t *p, size_t len)
{
	uint16_t sum;

	if (len < 8)
		return len;
	put_ports(m, p);
	put16(p + 4, (uint32_t)len);
	put16(p + 6, 0);
	sum = l4_checksum(m, UDP, p, len, len);
	if (!one_in(m, 5))
		put16(p + 6, sum ? sum : 0xffff);
	return len;
}

static size_t make_udplite(struct maker *m, uint8_t *p, size_t len)
{
	size_t covered = len;
	uint16_t sum;

	if (len < 8)
		return len;
	if (one_in(m, 2))
		covered = 8 + below(m, len - 7);
	put_ports(m, p);
	put16(p + 4, covered == len ? 0 : (uint32_t)covered);
	put16(p + 6, 0);
	sum = l4_checksum(m, UDPLITE, p, covered, len);
	put16(p + 6, sum ? sum : 0xffff);
	return len;
}

static size_t make_dccp(struct maker *m, uint8_t *p, size_t len)
{
	static const size_t hlen = 16;
	size_t covered = len;

	if (len < hlen)
		return len;
	put_ports(m, p);
	p[4] = (uint8_t)(hlen / 4);
	p[5] = (uint8_t)below(m, 4);
	if (p[5])
		covered = hlen + (p[5] - 1) * 4U;
	if (covered > len) {
		p[5] = 0;
		covered = len;
	}
	put16(p + 6, 0);
	put16(p + 6, l4_checksum(m, DCCP, p, covered, len));
	return len;
}

/* A checksum that is wrong is as good as a right one here: the router must not touch it. */
static size_t make_sctp(struct maker *m, uint8_t *p, size_t len)
{
	if (len >= 4)
		put_ports(m, p);
	return len;
}

static size_t make_gre(struct maker *m, uint8_t *p, size_t len)
{
	if (len >= 4)
		put32(p, 0x00000800);
	return len;
}

static size_t make_anything(struct maker *m, uint8_t *p, size_t len)
{
	return len;
}

static size_t make_ip(struct maker *m, uint8_t *ip, size_t room);

/* The packet that the error is about: one that the receiver of the error has sent, or any other; cut off
 * somewhere, as routers do. */
static size_t make_quote(struct maker *m, uint8_t *p, size_t room)
{
	struct maker inner = *m;
	size_t len;

	inner.plain = true;
	inner.from = one_in(m, 6) ? any_floating(m) : m->to;
	inner.to = m->from;
	if (one_in(m, 3))
		inner.to = m->p->world->legs[m->leg].external ? any_peer(m) : any_fixed(m);
	if (room < IP)
		return 0;
	len = make_ip(&inner, p, room);
	m->random = inner.random;
	switch (below(m, 4)) {
	case 0:
		return len < IP + 8 ? len : IP + 8;
	case 1:
		return below(m, len + 1);
	default:
		return len;
	}
}

static size_t make_icmp(struct maker *m, uint8_t *p, size_t len)
{
	static const uint8_t types[] = {8, 0, 13, 14, 15, 16, 17, 18, 9, 10, 1, 2, 6, 7, 19, 40, 255};
	static const uint8_t errors[] = {3, 3, 11, 11, 12, 4, 5};
	bool error = !m->plain && one_in(m, 2);

	if (m->plain && one_in(m, 12))
		error = true; /* an error about an error: bytes that look like one, and no quote */
	if (len < 8)
		return len;
	p[0] = error ? errors[below(m, sizeof(errors))]
		     : types[one_in(m, 3) ? below(m, sizeof(types)) : below(m, 2)];
	p[1] = p[0] == 3 ? (uint8_t)below(m, 6) : 0;
	put16(p + 4, p[0] == 3 && p[1] == 4 ? 0 : below(m, 4));
	put16(p + 6, p[0] == 3 && p[1] == 4 ? 1300 : 1);
	if (error && !m->plain)
		len = 8 + make_quote(m, p + 8, len < 300 ? 300 : len);
	put16(p + 2, 0);
	put16(p + 2, model_checksum(p, len, 0));
	return len;
}

static const struct l4_maker {
	unsigned weight;
	uint8_t protocol;
	size_t (*make)(struct maker *m, uint8_t *p, size_t len);
	uint8_t sum_at; /* where the checksum stands; 0: none */
} l4_makers[] = {
	{24, TCP, make_tcp, 16},       {20, UDP, make_udp, 6},     {30, ICMP, make_icmp, 2},
	{6, UDPLITE, make_udplite, 6}, {6, DCCP, make_dccp, 6},    {4, SCTP, make_sctp, 8},
	{4, GRE, make_gre, 0},         {3, ESP, make_anything, 0}, {1, IGMP, make_anything, 0},
	{2, 253, make_anything, 0},
};

/* The most an ICMP error takes when its quote is long; small frames have room for it as well. */
enum { L4_SLACK = 320 };

static size_t choose_length(struct maker *m, size_t room)
{
	size_t most = one_in(m, 12) ? room : one_in(m, 3) ? 1480 : 80;

	return below(m, (most < room ? most : room) + 1);
}

static size_t make_l4(struct maker *m, uint8_t *protocol, uint8_t *p, size_t len)
{
	const struct l4_maker *at = PICK_ROW(m, l4_makers);

	/* Content that tells whose it is: the frame's number, over and over. */
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(m->number >> 8 * (i % 4)) ^ (uint8_t)(i / 4 * 7);
	*protocol = at->protocol;
	len = at->make(m, p, len);
	if (at->sum_at && len >= at->sum_at + 2U && one_in(m, 8))
		put16(p + at->sum_at, one_in(m, 3) ? (uint32_t[]){0, 0xffff, 1}[below(m, 3)] : random32(m));
	return len;
}

/* --- IP --- */

static size_t make_options(struct maker *m, uint8_t *p)
{
	static const uint8_t list[][8] = {
		{1, 1, 1, 0},
		{1, 1, 1, 1, 1, 1, 1, 1},
		{148, 4, 0, 0},             /* router alert */
		{136, 4, 0, 7},             /* stream identifier */
		{130, 3, 1, 1, 1, 0, 9, 9}, /* something behind the end */
		{7, 7, 4, 0, 0, 0, 0, 0},   /* record route */
		{68, 8, 5, 0, 0, 0, 0, 0},  /* timestamp */
		{131, 3, 4, 0},             /* loose source route */
		{88, 40, 0, 0},             /* longer than the header */
		{88, 1, 0, 0},              /* shorter than itself */
		{94, 8, 1, 2, 3, 4, 5, 6},  /* experiment */
	};
	size_t len = 4 + 4 * below(m, 2);

	memcpy(p, list[one_in(m, 2) ? below(m, 4) : below(m, sizeof(list) / sizeof(list[0]))], 8);
	return len;
}

static void put_ip(struct maker *m, uint8_t *ip, size_t hlen, size_t total, uint8_t protocol)
{
	static const uint8_t ttls[] = {64, 64, 64, 64, 64, 255, 128, 2, 1, 0, 3, 64};

	ip[0] = (uint8_t)(0x40 | hlen / 4);
	ip[1] = one_in(m, 4) ? (uint8_t)random32(m) : 0;
	put16(ip + 2, (uint32_t)total);
	put16(ip + 4, m->number & 0xffff);
	put16(ip + 6, one_in(m, 3) ? DF : 0);
	ip[8] = ttls[below(m, sizeof(ttls))];
	ip[9] = protocol;
	put32(ip + 12, m->from);
	put32(ip + 16, m->to);
}

static void put_ip_checksum(uint8_t *ip)
{
	size_t hlen = (ip[0] & 15) * 4U;

	put16(ip + 10, 0);
	put16(ip + 10, model_checksum(ip, hlen, 0));
}

/* `room` is at least IP. The buffer has L4_SLACK bytes more. */
static size_t make_ip(struct maker *m, uint8_t *ip, size_t room)
{
	size_t hlen = IP, len;
	uint8_t protocol;

	if (room >= IP + 8 && one_in(m, 16))
		hlen += make_options(m, ip + IP);
	len = choose_length(m, room - hlen);
	len = make_l4(m, &protocol, ip + hlen, len);
	if (len > room - hlen)
		len = room - hlen;
	put_ip(m, ip, hlen, hlen + len, protocol);
	if (one_in(m, 30)) /* a fragment of something that nobody sends the rest of */
		put16(ip + 6, (uint32_t[]){MF, MF | 3, 60, 1}[below(m, 4)]);
	put_ip_checksum(ip);
	return hlen + len;
}

/* One fragment of a datagram whose other fragments are the group's other frames. */
static size_t make_fragment(struct maker *m, uint8_t *ip, size_t room, unsigned which, unsigned count)
{
	/* Whole where a datagram is made from, since an L4 checksum covers all of it. */
	static _Thread_local uint8_t whole[IP + 1200 + L4_SLACK];
	size_t piece, at, len;
	uint8_t protocol;

	len = make_l4(m, &protocol, whole, count * PIECE_MIN + below(m, room < 1200 ? room / 2 : 600));
	if (len < count * PIECE_MIN) /* a short ICMP error */
		len = count * PIECE_MIN;
	piece = (len / count) & ~(size_t)7;
	at = piece * which;
	put_ip(m, ip, IP, 0, protocol);
	ip[8] = 64;
	len = which + 1 == count ? len - at : piece;
	put16(ip + 2, (uint32_t)(IP + len));
	put16(ip + 6, (which + 1 == count ? 0 : MF) | (uint32_t)(at / 8));
	put_ip_checksum(ip);
	memcpy(ip + IP, whole + at, len);
	return IP + len;
}

/* --- what is broken, and what is not IP --- */

static size_t break_ip(struct maker *m, uint8_t *ip, size_t len, size_t room)
{
	switch (below(m, 8)) {
	case 0:
		ip[0] = (uint8_t)(random32(m) & 0xf0) | (ip[0] & 15);
		break;
	case 1:
		ip[0] = (uint8_t)(0x40 | below(m, 16));
		break;
	case 2:
		put16(ip + 2, below(m, len + 1));
		break;
	case 3:
		put16(ip + 2, (uint32_t)len + below(m, 100));
		break;
	case 4:
		put16(ip + 10, random32(m));
		return len;
	case 5:
		return below(m, len);
	default: /* padding */
		if (len + 8 > room)
			return len;
		memset(ip + len, 0xee, 8);
		return len + 8;
	}
	if ((ip[0] & 15) * 4U <= len)
		put_ip_checksum(ip);
	return len;
}

/* Who sends this: whose address it is, or, as routers do for others, anybody on that wire. */
static const uint8_t *station_of(struct maker *m)
{
	const struct model_world *w = m->p->world;
	const uint8_t *any = NULL;

	for (size_t i = 0; i < w->neighbour_count; i++) {
		if (w->neighbours[i].leg != m->leg)
			continue;
		if (w->neighbours[i].address == m->from || !any)
			any = w->neighbours[i].mac;
		if (w->neighbours[i].address == m->from)
			break;
	}
	return any;
}

/* Returns the length of the tag. */
static size_t put_ethernet(struct maker *m, uint8_t *frame)
{
	const struct model_world *w = m->p->world;
	bool tagged = one_in(m, 40);

	memcpy(frame, w->legs[m->leg].mac, 6);
	memcpy(frame + 6, station_of(m), 6);
	if (one_in(m, 50)) /* to somebody else, or to everybody */
		memset(frame, one_in(m, 2) ? 0xff : 0x06, 6);
	put16(frame + 12, tagged ? 0x8100 : 0x0800);
	if (!tagged)
		return 0;
	put16(frame + 14, one_in(m, 2) ? 0xa000 : 5);
	put16(frame + 16, 0x0800);
	return 4;
}

static size_t make_garbage(struct maker *m, uint8_t *frame, size_t room)
{
	static const uint16_t types[] = {0x0800, 0x0800, 0x0806, 0x86dd, 0x8100, 0x88cc, 0x1234};
	size_t len = below(m, room < 200 ? room : 200);

	put_ethernet(m, frame);
	put16(frame + 12, types[below(m, sizeof(types) / sizeof(types[0]))]);
	random_bytes(m, frame + ETH, len);
	return ETH + len;
}

/* `m` has the group's chance, the same for all of its frames. Returns how many of them are fragments. */
static unsigned choose_group(struct maker *m)
{
	m->leg = one_in(m, 2) ? 0 : below(m, m->p->world->leg_count);
	return one_in(m, 12) ? 2 + below(m, PACKETS_GROUP - 1) : 0;
}

static size_t room_on(const struct packets *p, unsigned leg)
{
	size_t most = p->max_len - ETH - TAG_AND_PADDING;

	return p->world->legs[leg].mtu < most ? p->world->legs[leg].mtu : most;
}

static size_t make_train(struct maker *m, uint8_t *frame, size_t room, unsigned which, unsigned count)
{
	m->number |= TRAIN_ID;
	m->plain = true;
	choose_addresses(m);
	put_ethernet(m, frame);
	put16(frame + 12, 0x0800); /* never tagged */
	return ETH + make_fragment(m, frame + ETH, room, which, count);
}

static size_t make_single(struct maker *m, uint8_t *frame, size_t room)
{
	size_t at, len;

	choose_addresses(m);
	if (one_in(m, 50))
		return make_garbage(m, frame, room);
	at = ETH + put_ethernet(m, frame);
	len = make_ip(m, frame + at, room);
	return at + (one_in(m, 10) ? break_ip(m, frame + at, len, room) : len);
}

size_t packets_make(const struct packets *p, uint64_t i, unsigned *ret_leg, uint8_t *frame)
{
	static _Thread_local uint8_t roomy[MODEL_FRAME_MAX + L4_SLACK + 64];
	uint64_t group = i / PACKETS_GROUP;
	struct maker m = {.p = p, .random = mix(p->seed) ^ mix(group), .number = group};
	unsigned fragments = choose_group(&m), which = i % PACKETS_GROUP;
	size_t room = room_on(p, m.leg), len;

	memset(roomy, 0, ETH + 64);
	if (which < fragments) {
		len = make_train(&m, roomy, room, which, fragments);
	} else {
		m.number = i & ~(uint64_t)TRAIN_ID;
		m.random = mix(p->seed) ^ mix(~i);
		len = make_single(&m, roomy, room);
	}
	memcpy(frame, roomy, len);
	*ret_leg = m.leg;
	return len;
}
