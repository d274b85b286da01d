/* DHCPv4: what a client's message is answered with (RFC 2131, options of RFC 2132, 3442, 3396).
 * Between frames and the rows of the snapshot. */
#include "serve/serve.h"

#include <errno.h>
#include <string.h>

#include "model/dhcp_option.h"
#include "model/names.h"

enum {
	OP = 0,
	HTYPE = 1,
	HLEN = 2,
	FLAGS = 10,
	CIADDR = 12,
	YIADDR = 16,
	SIADDR = 20,
	GIADDR = 24,
	CHADDR = 28
};
enum { SNAME = 44, SNAME_SIZE = 64, FILE_NAME = 108, FILE_SIZE = 128, COOKIE = 236, OPTIONS = 240 };
enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6, INFORM = 8 };
enum { SERVER_PORT = 67, CLIENT_PORT = 68, SHORTEST = 300, USUAL_MAX = 548 };
enum option_number {
	OPT_MASK = 1,
	OPT_ROUTER = 3,
	OPT_DNS = 6,
	OPT_HOST = 12,
	OPT_DOMAIN = 15,
	OPT_MTU = 26,
	OPT_BROADCAST = 28,
	OPT_REQUESTED = 50,
	OPT_LEASE = 51,
	OPT_TYPE = 53,
	OPT_SERVER = 54,
	OPT_WISHES = 55,
	OPT_LARGEST = 57,
	OPT_T1 = 58,
	OPT_T2 = 59,
	OPT_TFTP = 66,
	OPT_FILE = 67,
	OPT_ROUTES = 121,
	OPT_MS_ROUTES = 249,
	OPT_END = 255,
};
#define METADATA 0xa9fea9feu /* 169.254.169.254 */

static const uint8_t cookie[] = {99, 130, 83, 99};
static const struct mac everybody = {{255, 255, 255, 255, 255, 255}};

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* --- the question --- */

struct question {
	const uint8_t *head;
	struct mac mac;
	uint8_t type;
	uint32_t client, requested, server; /* addresses; 0: not given */
	const uint8_t *wishes;              /* which options it wants; NULL: it has not said */
	size_t wish_count, max;             /* bytes that an answer may have */
	bool broadcast;
};

static void read_option(struct question *q, uint8_t code, const uint8_t *data, size_t len)
{
	if (code == OPT_TYPE && len == 1) {
		q->type = data[0];
	} else if (code == OPT_REQUESTED && len == 4) {
		q->requested = get32(data);
	} else if (code == OPT_SERVER && len == 4) {
		q->server = get32(data);
	} else if (code == OPT_WISHES && len) {
		q->wishes = data;
		q->wish_count = len;
	} else if (code == OPT_LARGEST && len == 2) {
		size_t packet = (size_t)(data[0] << 8 | data[1]);

		q->max = MIN(MAX(packet, (size_t)576) - 28, (size_t)DHCP_MESSAGE_MAX);
	}
}

static int read_question(const uint8_t *p, size_t len, struct question *q)
{
	*q = (struct question){.head = p, .max = USUAL_MAX};
	if (len < OPTIONS || p[OP] != 1 || p[HTYPE] != 1 || p[HLEN] != 6 || get32(p + GIADDR) ||
	    memcmp(p + COOKIE, cookie, sizeof(cookie)) != 0)
		return -EBADMSG;
	memcpy(q->mac.b, p + CHADDR, sizeof(q->mac.b));
	q->client = get32(p + CIADDR);
	q->broadcast = p[FLAGS] & 0x80;
	for (size_t i = OPTIONS; i < len && p[i] != OPT_END; i++) {
		if (p[i] == 0)
			continue;
		if (i + 2 > len || i + 2 + p[i + 1] > len)
			return -EBADMSG;
		read_option(q, p[i], p + i + 2, p[i + 1]);
		i += 1u + p[i + 1];
	}
	return 0;
}

/* --- the answer --- */

struct answer {
	const struct question *q;
	uint8_t *at;
	size_t len, max;
	uint8_t there[32]; /* options that are in it, or must not be, by number */
};

static bool is_there(const struct answer *a, int code)
{
	return a->there[code / 8] & 1 << code % 8;
}

static void set_there(struct answer *a, int code)
{
	a->there[code / 8] |= (uint8_t)(1 << code % 8);
}

/* What is longer than 255 bytes goes in several pieces. What has no room is left out. */
static void add(struct answer *a, int code, const uint8_t *data, size_t len)
{
	size_t pieces = (len + 254) / 255;

	if (!len || is_there(a, code) || a->len + len + 2 * pieces + 1 > a->max)
		return;
	set_there(a, code);
	for (size_t n; len; data += n, len -= n) {
		n = MIN(len, (size_t)255);
		a->at[a->len] = (uint8_t)code;
		a->at[a->len + 1] = (uint8_t)n;
		memcpy(a->at + a->len + 2, data, n);
		a->len += n + 2;
	}
}

static bool is_wished(const struct question *q, int code)
{
	return !q->wishes || memchr(q->wishes, code, q->wish_count);
}

static void add_wished(struct answer *a, int code, const void *data, size_t len)
{
	if (is_wished(a->q, code))
		add(a, code, data, len);
}

static void add_address(struct answer *a, int code, uint32_t address)
{
	uint8_t b[4];

	put32(b, address);
	add(a, code, b, sizeof(b));
}

static void add_text(struct answer *a, int code, const char *text)
{
	add_wished(a, code, text, strlen(text));
}

/* --- what a subnet says --- */

static void add_dns(struct answer *a, const struct serve_at *at, const struct subnet *sub)
{
	const struct address_item *list = sub->dns_nameservers.items;
	uint8_t out[64];
	size_t n = 0;

	for (uint32_t i = 0; i < sub->dns_nameservers.count && n + 4 <= sizeof(out); i++)
		if (ip_is_v4(&list[i].ip)) {
			put32(out + n, ip_to_v4(&list[i].ip));
			n += 4;
		}
	if (!n) {
		put32(out, at->settings->address);
		n = 4;
	} else if (get32(out) == 0) { /* 0.0.0.0: there is to be none */
		return;
	}
	add_wished(a, OPT_DNS, out, n);
}

struct routes {
	uint8_t data[DHCP_OPTION_MAX];
	size_t len;
	bool has_default;
};

static void add_route(struct routes *r, uint32_t to, uint8_t prefix, uint32_t hop)
{
	size_t octets = (prefix + 7u) / 8;
	uint8_t b[4];

	if (r->len + 9 > sizeof(r->data))
		return;
	put32(b, to);
	r->data[r->len++] = prefix;
	memcpy(r->data + r->len, b, octets);
	put32(r->data + r->len + octets, hop);
	r->len += octets + 4;
	r->has_default |= prefix == 0;
}

/* The address of a router in the subnet, where no gateway is told; 0: none. */
static uint32_t find_router(const struct serve_at *at, const struct subnet *sub)
{
	const struct port *p;
	struct scan scan;
	int looked = 0;

	for (p = scan_index(&scan, at->snap, IX_PORT_NETWORK, &at->network, NULL); p && looked < 10000;
	     p = scan_next(&scan), looked++) {
		const struct fixed_ip *f = p->fixed_ips.items;

		if (strcmp(p->device_owner ? p->device_owner : "", "network:router_interface") != 0)
			continue;
		for (uint32_t i = 0; i < p->fixed_ips.count; i++)
			if (uuid_eq(&f[i].subnet_id, &sub->row.id) && ip_is_v4(&f[i].ip_address))
				return ip_to_v4(&f[i].ip_address);
	}
	return 0;
}

/* A client that takes these does not look at the router option, so the default route is among them. Ours is
 * on the link, wherever the default route leads. */
static void add_routes(struct answer *a, const struct serve_at *at, const struct subnet *sub)
{
	const struct ip_route *list = sub->host_routes.items;
	uint32_t gateway = ip_is_v4(&sub->gateway_ip) ? ip_to_v4(&sub->gateway_ip) : 0, router;
	struct routes r = {0};

	if (!is_wished(a->q, OPT_ROUTES) && !is_wished(a->q, OPT_MS_ROUTES))
		return;
	add_route(&r, at->settings->address, 32, 0);
	for (uint32_t i = 0; i < sub->host_routes.count; i++)
		if (ip_is_v4(&list[i].destination.addr) && ip_is_v4(&list[i].nexthop))
			add_route(&r, ip_to_v4(&list[i].destination.addr), list[i].destination.len,
				  ip_to_v4(&list[i].nexthop));
	if (gateway && !r.has_default)
		add_route(&r, 0, 0, gateway);
	else if (!gateway && (router = find_router(at, sub)))
		add_route(&r, METADATA, 32, router);
	add_wished(a, OPT_ROUTES, r.data, r.len);
	add_wished(a, OPT_MS_ROUTES, r.data, r.len);
}

static void add_subnet(struct answer *a, const struct serve_at *at, const struct lease *l)
{
	uint32_t mask = l->subnet->cidr.len ? UINT32_MAX << (32 - l->subnet->cidr.len) : 0;
	uint16_t mtu = (uint16_t)(l->network->mtu ? l->network->mtu : 1500);
	const uint8_t mtu_bytes[] = {(uint8_t)(mtu >> 8), (uint8_t)mtu};
	const struct ip ip = ip_from_v4(l->address);
	char text[DNS_NAME_TEXT];

	add_address(a, OPT_MASK, mask);
	if (!ip_is_null(&l->subnet->gateway_ip) && ip_is_v4(&l->subnet->gateway_ip) &&
	    is_wished(a->q, OPT_ROUTER))
		add_address(a, OPT_ROUTER, ip_to_v4(&l->subnet->gateway_ip));
	add_routes(a, at, l->subnet);
	add_dns(a, at, l->subnet);
	add_wished(a, OPT_MTU, mtu_bytes, sizeof(mtu_bytes));
	add_text(a, OPT_DOMAIN, names_domain(l->port, l->network, at->settings->domain, text));
	names_host(l->port, &ip, text);
	text[strcspn(text, ".")] = '\0'; /* of a whole name the host's part */
	add_text(a, OPT_HOST, text);
	if (l->subnet->cidr.len < 31 && is_wished(a->q, OPT_BROADCAST))
		add_address(a, OPT_BROADCAST, l->address | ~mask);
}

static void add_times(struct answer *a, uint32_t lease_s)
{
	add_address(a, OPT_LEASE, lease_s);
	add_address(a, OPT_T1, lease_s / 2);
	add_address(a, OPT_T2, (uint32_t)((uint64_t)lease_s * 7 / 8));
}

/* --- what the port says --- */

/* A boot loader looks into the header. */
static void fill_header(struct answer *a, int number, const char *value, const uint8_t *data, int len)
{
	size_t n = strlen(value);

	if (number == DHCP_OPTION_SIADDR && len == 4)
		memcpy(a->at + SIADDR, data, 4);
	else if (number == OPT_TFTP && n < SNAME_SIZE)
		memcpy(a->at + SNAME, value, n);
	else if (number == OPT_FILE && n < FILE_SIZE)
		memcpy(a->at + FILE_NAME, value, n);
}

/* Before everything that they stand in place of; an empty one keeps it away. Sent whether wished for or not:
 * somebody meant them. */
static void add_extra(struct answer *a, const struct port *p)
{
	const struct dhcp_opt *o = p->extra_dhcp_opts.items;
	uint8_t data[DHCP_OPTION_MAX];

	for (uint32_t i = 0; i < p->extra_dhcp_opts.count; i++) {
		const char *value = o[i].opt_value ? o[i].opt_value : "";
		int number = dhcp_option_number(o[i].opt_name), len;

		if (o[i].ip_version == 6 || number < 0 ||
		    (len = dhcp_option_encode(number, value, data, NULL)) < 0)
			continue;
		fill_header(a, number, value, data, len);
		if (number == DHCP_OPTION_SIADDR)
			continue;
		add(a, number, data, (size_t)len);
		set_there(a, number);
		if (number == OPT_ROUTES) {
			add_wished(a, OPT_MS_ROUTES, data, (size_t)len);
			set_there(a, OPT_MS_ROUTES);
		}
	}
}

static void begin(struct answer *a, const struct question *q, uint8_t *out, uint8_t type, uint32_t server)
{
	*a = (struct answer){.q = q, .at = out, .len = OPTIONS, .max = q->max};
	memset(out, 0, DHCP_MESSAGE_MAX);
	memcpy(out, q->head, 4); /* op, hardware type and length, hops */
	memcpy(out + 4, q->head + 4, 4);
	memcpy(out + FLAGS, q->head + FLAGS, 2);
	memcpy(out + CHADDR, q->head + CHADDR, 16);
	memcpy(out + COOKIE, cookie, sizeof(cookie));
	out[OP] = 2;
	out[3] = 0;
	add(a, OPT_TYPE, &type, 1);
	add_address(a, OPT_SERVER, server);
}

static size_t finish(struct answer *a)
{
	a->at[a->len++] = OPT_END;
	return MAX(a->len, (size_t)SHORTEST);
}

/* --- which answer --- */

/* What a REQUEST asks for; false: not of us. */
static bool read_request(const struct question *q, uint32_t server, uint32_t *ret)
{
	*ret = q->client ? q->client : q->requested;
	return !q->server || q->server == server;
}

static void address(const struct question *q, uint8_t type, uint32_t yours, struct datagram *d)
{
	d->to_mac = q->mac;
	d->to = q->client ? q->client : yours;
	if (type == NAK || (!q->client && q->broadcast)) {
		d->to_mac = everybody;
		d->to = UINT32_MAX;
	}
}

bool dhcp_answer(const struct serve_at *at, const struct datagram *asked, uint8_t out[DHCP_MESSAGE_MAX],
		 struct datagram *ret)
{
	uint32_t server = at->settings->address, wanted;
	struct question q;
	struct answer a;
	struct lease l;
	uint8_t type;

	if (asked->to_port != SERVER_PORT || read_question(asked->data, asked->len, &q) < 0)
		return false;
	if (q.type != DISCOVER && q.type != REQUEST && q.type != INFORM)
		return false; /* RELEASE, DECLINE: there is nothing to forget */
	if ((q.type == REQUEST && !read_request(&q, server, &wanted)))
		return false;
	if (q.type != REQUEST)
		wanted = q.requested;
	if (lease_find(at, &q.mac, wanted, &l) < 0)
		return false;
	type = q.type == DISCOVER ? OFFER : q.type == REQUEST && wanted != l.address ? NAK : ACK;
	begin(&a, &q, out, type, server);
	if (type != NAK) {
		add_extra(&a, l.port);
		if (q.type != INFORM) {
			put32(out + YIADDR, l.address);
			add_times(&a, at->settings->lease_s);
		}
		if (q.client)
			put32(out + CIADDR, q.client);
		add_subnet(&a, at, &l);
	}
	*ret = (struct datagram){.from_mac = at->mac,
				 .from = server,
				 .from_port = SERVER_PORT,
				 .to_port = CLIENT_PORT,
				 .data = out};
	address(&q, type, l.address, ret);
	ret->len = finish(&a);
	return true;
}
