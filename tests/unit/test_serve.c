/* What the responder answers: frames, ARP, DHCP, byte by byte; and what it keeps silent about. */
#include "serve/serve.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model/dhcp_option.h"
#include "serve/dns.h"
#include "serve/record.h"
#include "serve_world.h"

/* --- messages --- */

struct message {
	uint8_t data[600];
	size_t len;
};

static void option(struct message *m, uint8_t code, const void *data, uint8_t len)
{
	m->data[m->len++] = code;
	m->data[m->len++] = len;
	memcpy(m->data + m->len, data, len);
	m->len += len;
}

static struct message message(const struct world *w, uint8_t type)
{
	static const uint8_t cookie[] = {99, 130, 83, 99};
	struct message m = {.data = {1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef}, .len = 240};

	memcpy(m.data + 28, w->mac.b, 6);
	memcpy(m.data + 236, cookie, 4);
	option(&m, 53, &type, 1);
	return m;
}

struct told {
	uint8_t data[DHCP_MESSAGE_MAX];
	struct datagram d;
};

static bool ask(const struct world *w, const struct message *m, struct told *ret)
{
	struct datagram asked = {
		.to = UINT32_MAX, .from_port = 68, .to_port = 67, .data = m->data, .len = m->len};

	return dhcp_answer(&w->at, &asked, ret->data, &ret->d);
}

/* The option's data, put together from its pieces; its length in *ret_len, -1: it is not there. */
static const uint8_t *find(const struct told *t, uint8_t code, int *ret_len)
{
	static uint8_t whole[2000];
	int len = 0;
	bool there = false;

	for (size_t i = 240; i < t->d.len && t->data[i] != 255; i += 2u + t->data[i + 1])
		if (t->data[i] == code) {
			memcpy(whole + len, t->data + i + 2, t->data[i + 1]);
			len += t->data[i + 1];
			there = true;
		}
	*ret_len = there ? len : -1;
	return whole;
}

static void assert_option(const struct told *t, uint8_t code, const void *data, int len)
{
	int has;
	const uint8_t *at = find(t, code, &has);

	assert_int_equal(has, len);
	assert_memory_equal(at, data, (size_t)len);
}

static void assert_absent(const struct told *t, uint8_t code)
{
	int has;

	find(t, code, &has);
	assert_int_equal(has, -1);
}

static void offer(void **state)
{
	struct world w;
	struct message m;
	struct told t;

	build(&w, NULL);
	m = message(&w, 1);
	assert_true(ask(&w, &m, &t));
	assert_memory_equal(t.data, "\2\1\6\0\xde\xad\xbe\xef", 8);
	assert_memory_equal(t.data + 16, "\x0a\0\0\5", 4);
	assert_option(&t, 53, "\2", 1);
	assert_option(&t, 54, "\xa9\xfe\xa9\xfd", 4);
	assert_option(&t, 51, "\0\0\x0e\x10", 4);
	assert_option(&t, 58, "\0\0\7\x08", 4);
	assert_option(&t, 59, "\0\0\x0c\x4e", 4);
	assert_option(&t, 1, "\xff\xff\xff\0", 4);
	assert_option(&t, 3, "\x0a\0\0\1", 4);
	assert_option(&t, 6, "\xa9\xfe\xa9\xfd", 4);
	assert_option(&t, 26, "\5\x78", 2);
	assert_option(&t, 15, "cloud.example", 13);
	assert_option(&t, 12, "host-10-0-0-5", 13);
	assert_option(&t, 28, "\x0a\0\0\xff", 4);
	assert_option(&t, 121, "\x20\xa9\xfe\xa9\xfd\0\0\0\0\0\x0a\0\0\1", 14);
	assert_option(&t, 249, "\x20\xa9\xfe\xa9\xfd\0\0\0\0\0\x0a\0\0\1", 14);
	assert_memory_equal(&t.d.to_mac, &w.mac, 6);
	assert_int_equal(t.d.to, 0x0a000005);
	assert_int_equal(t.d.to_port, 68);
	assert_true(t.d.len >= 300);
	/* Who can not take a packet for an address that it has not yet. */
	m.data[10] = 0x80;
	assert_true(ask(&w, &m, &t));
	assert_int_equal(t.d.to, UINT32_MAX);
	assert_int_equal(t.d.to_mac.b[0], 0xff);
	done(&w);
}

static void only_what_is_wished(void **state)
{
	struct world w;
	struct message m;
	struct told t;

	build(&w, NULL);
	m = message(&w, 1);
	option(&m, 55, "\1\3", 2);
	assert_true(ask(&w, &m, &t));
	assert_option(&t, 3, "\x0a\0\0\1", 4);
	for (size_t i = 0; i < 7; i++)
		assert_absent(&t, (uint8_t[]){6, 12, 15, 26, 28, 121, 249}[i]);
	done(&w);
}

/* Each kind of REQUEST (RFC 2131, 4.3.2), with the right address and with another one. */
static void requests(void **state)
{
	static const struct {
		const char *server, *requested;
		uint32_t client;
		int answer; /* 0: silence */
	} cases[] = {
		{"\xa9\xfe\xa9\xfd", "\x0a\0\0\5", 0, 5},
		{"\xa9\xfe\xa9\xfd", "\x0a\0\0\6", 0, 6},
		{"\x0a\0\0\1", "\x0a\0\0\5", 0, 0},
		{NULL, "\x0a\0\0\5", 0, 5},
		{NULL, "\x0a\0\0\6", 0, 6},
		{NULL, NULL, 5, 5},
		{NULL, NULL, 6, 6},
		{NULL, NULL, 0, 6},
	};
	struct world w;

	build(&w, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct message m = message(&w, 3);
		struct told t;

		if (cases[i].server)
			option(&m, 54, cases[i].server, 4);
		if (cases[i].requested)
			option(&m, 50, cases[i].requested, 4);
		if (cases[i].client)
			memcpy(m.data + 12, (uint8_t[]){10, 0, 0, (uint8_t)cases[i].client}, 4);
		assert_int_equal(ask(&w, &m, &t), cases[i].answer != 0);
		if (!cases[i].answer)
			continue;
		assert_option(&t, 53, (uint8_t[]){(uint8_t)cases[i].answer}, 1);
		if (cases[i].answer == 6) {
			assert_int_equal(t.d.to, UINT32_MAX);
			assert_absent(&t, 51);
		}
		if (cases[i].client == 5)
			assert_int_equal(t.d.to, 0x0a000005);
	}
	done(&w);
}

static void inform(void **state)
{
	struct world w;
	struct message m;
	struct told t;

	build(&w, NULL);
	m = message(&w, 8);
	memcpy(m.data + 12, "\x0a\0\0\5", 4);
	assert_true(ask(&w, &m, &t));
	assert_option(&t, 53, "\5", 1);
	assert_absent(&t, 51);
	assert_memory_equal(t.data + 16, "\0\0\0\0", 4);
	assert_option(&t, 6, "\xa9\xfe\xa9\xfd", 4);
	for (uint8_t type = 4; type <= 7; type += 3) { /* DECLINE, RELEASE */
		m = message(&w, type);
		assert_false(ask(&w, &m, &t));
	}
	done(&w);
}

static void tweak_off(struct network *n, struct subnet *s, struct port *p)
{
	p->admin_state_up = false;
}

static void tweak_no_dhcp(struct network *n, struct subnet *s, struct port *p)
{
	s->enable_dhcp = false;
}

static void tweak_router(struct network *n, struct subnet *s, struct port *p)
{
	p->device_owner = "network:router_interface";
}

static void silence(void **state)
{
	void (*const tweaks[])(struct network * n, struct subnet * s,
			       struct port * p) = {tweak_off, tweak_no_dhcp, tweak_router};
	struct world w;
	struct message m;
	struct told t;

	for (size_t i = 0; i < ARRAY_SIZE(tweaks); i++) {
		build(&w, tweaks[i]);
		m = message(&w, 1);
		assert_false(ask(&w, &m, &t));
		done(&w);
	}
	build(&w, NULL);
	w.mac.b[5]++;
	m = message(&w, 1);
	assert_false(ask(&w, &m, &t));
	w.mac.b[5]--;
	m = message(&w, 1);
	m.data[24] = 10; /* a relay's */
	assert_false(ask(&w, &m, &t));
	m.data[24] = 0;
	/* Cut at every length: nothing is read behind the end, and only the whole is answered. */
	for (size_t len = 0; len < 243; len++) {
		struct message cut = m;

		cut.len = len;
		assert_false(ask(&w, &cut, &t));
	}
	assert_true(ask(&w, &m, &t));
	/* An option that is longer than the message. */
	m.data[m.len++] = 55;
	m.data[m.len++] = 200;
	assert_false(ask(&w, &m, &t));
	done(&w);
}

static struct ip_route many_routes[20];

static void tweak_many(struct network *n, struct subnet *s, struct port *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(many_routes); i++) {
		many_routes[i].destination =
			(struct cidr){ip_from_v4(0x0b000000 + (uint32_t)i * 4), 30, true};
		many_routes[i].nexthop = ip_from_v4(0x0a000009);
	}
	many_routes[19].destination.len = 0;
	s->host_routes = (struct list){many_routes, ARRAY_SIZE(many_routes)};
}

/* An option of more than 255 bytes goes in pieces where it has room, and is left out where it has not. */
static void long_option(void **state)
{
	struct world w;
	struct message m;
	struct told t;
	int len;

	build(&w, tweak_many);
	m = message(&w, 1);
	option(&m, 55, "\x79", 1);
	option(&m, 57, "\5\xdc", 2);
	assert_true(ask(&w, &m, &t));
	find(&t, 121, &len);
	assert_int_equal(len, 9 + 19 * 9 + 5); /* ours, theirs, and their default route instead of ours */
	done(&w);
}

/* --- frames --- */

static void frames(void **state)
{
	struct datagram d = {.from = 0x0a000005,
			     .to = SERVER,
			     .from_port = 68,
			     .to_port = 67,
			     .data = (const uint8_t *)"hello",
			     .len = 5},
			got;
	uint8_t frame[SERVE_FRAME_MAX], other[SERVE_FRAME_MAX];
	size_t n = frame_write(&d, frame);

	assert_int_equal(n, 14 + 20 + 8 + 5);
	assert_int_equal(frame_read(frame, n, false, &got), 0);
	assert_int_equal(got.from, d.from);
	assert_int_equal(got.to, d.to);
	assert_int_equal(got.to_port, 67);
	assert_int_equal(got.len, 5);
	assert_memory_equal(got.data, "hello", 5);
	/* Cut short anywhere, or one bit turned over anywhere behind the addresses of the link. */
	for (size_t len = 0; len < n; len++)
		assert_int_equal(frame_read(frame, len, false, &got), -EBADMSG);
	for (size_t bit = 12 * 8; bit < n * 8; bit++) {
		memcpy(other, frame, n);
		other[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(frame_read(other, n, false, &got), -EBADMSG);
	}
	other[n - 1] ^= 0x80; /* whole again, then without a checksum that is worth a look */
	memcpy(other, frame, n);
	other[40] ^= 1;
	assert_int_equal(frame_read(other, n, true, &got), 0);
	d.len = SERVE_FRAME_MAX;
	assert_int_equal(frame_write(&d, other), 0);
}

static void arp(void **state)
{
	uint8_t ask_frame[42] = {255, 255, 255, 255, 255, 255, 1, 2, 3, 4, 5,    6,    8,    6,
				 0,   1,   8,   0,   6,   4,   0, 1, 1, 2, 3,    4,    5,    6,
				 10,  0,   0,   5,   0,   0,   0, 0, 0, 0, 0xa9, 0xfe, 0xa9, 0xfd};
	uint8_t out[SERVE_FRAME_MAX];
	struct world w;

	build(&w, NULL);
	assert_int_equal(frame_answer_arp(&w.at, ask_frame, 41, out), 0);
	assert_int_equal(frame_answer_arp(&w.at, ask_frame, 42, out), 42);
	assert_memory_equal(
		out,
		"\1\2\3\4\5\6\2\x62\x75\0\0\1\x08\6\0\1\x08\0\6\4\0\2\2\x62\x75\0\0\1\xa9\xfe\xa9\xfd"
		"\1\2\3\4\5\6\x0a\0\0\5",
		42);
	ask_frame[41]++;
	assert_int_equal(frame_answer_arp(&w.at, ask_frame, 42, out), 0);
	done(&w);
}

/* --- DNS --- */

static void tweak_named(struct network *n, struct subnet *s, struct port *p)
{
	n->dns_domain = "net.example.";
	p->dns_name = "web1";
}

static struct message question(const char *name, uint8_t type)
{
	struct message m = {.data = {0, 7, 1, 0, 0, 1}, .len = 12};

	while (*name) {
		size_t n = strcspn(name, ".");

		m.data[m.len++] = (uint8_t)n;
		memcpy(m.data + m.len, name, n);
		m.len += n;
		name += n + (name[n] == '.');
	}
	m.data[m.len++] = 0;
	m.data[m.len + 1] = type;
	m.data[m.len + 3] = 1;
	m.len += 4;
	return m;
}

/* What is answered to whom: a verdict, the RCODE, how many records, and the bytes that the last one ends
 * with. */
static void names(void **state)
{
	static const struct {
		const char *name;
		uint8_t type;
		enum dns_verdict verdict;
		uint8_t rcode, count;
		const char *end;
	} cases[] = {
		{"web1.net.example", 1, DNS_ANSWER, 0, 1, "\x0a\0\0\5"},
		{"WEB1.net.Example", 1, DNS_ANSWER, 0, 1, "\x0a\0\0\5"},
		{"web1.net.example", 28, DNS_ANSWER, 0, 0, NULL},
		{"web1.net.example", 15, DNS_ANSWER, 0, 0, NULL},
		{"web2.net.example", 1, DNS_FORWARD, 0, 0, NULL},
		{"host-10-0-0-5.net.example", 1, DNS_FORWARD, 0, 0, NULL},
		{"web1.cloud.example", 1, DNS_FORWARD, 0, 0, NULL},
		{"web1", 1, DNS_ANSWER, 3, 0, NULL},
		{"x.openstacklocal", 1, DNS_ANSWER, 3, 0, NULL},
		{"5.0.0.10.in-addr.arpa", 12, DNS_ANSWER, 0, 1, "ple\0"},
		{"6.0.0.10.in-addr.arpa", 12, DNS_ANSWER, 3, 0, NULL},
		{"8.8.8.8.in-addr.arpa", 12, DNS_FORWARD, 0, 0, NULL},
		{"300.0.0.10.in-addr.arpa", 12, DNS_FORWARD, 0, 0, NULL},
	};
	uint8_t out[DNS_MESSAGE_MAX];
	struct world w;

	build(&w, tweak_named);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct message m = question(cases[i].name, cases[i].type);
		struct datagram d = {
			.from_mac = w.mac, .to = SERVER, .to_port = 53, .data = m.data, .len = m.len};
		size_t len = 0;

		assert_int_equal(dns_answer(&w.at, &d, out, &len), cases[i].verdict);
		if (cases[i].verdict != DNS_ANSWER)
			continue;
		assert_int_equal(out[3] & 15, cases[i].rcode);
		assert_int_equal(out[7], cases[i].count);
		assert_true(dns_is_answer(m.data, m.len, m.data, out, len));
		if (cases[i].end)
			assert_memory_equal(out + len - 4, cases[i].end, 4);
		d.from_mac.b[0] ^= 2; /* somebody else's */
		assert_int_equal(dns_answer(&w.at, &d, out, &len), DNS_SILENCE);
	}
	done(&w);
}

/* --- records outside --- */

static void tweak_outside(struct network *n, struct subnet *s, struct port *p)
{
	tweak_named(n, s, p);
	n->network_type = "flat";
	n->physical_network = "physnet1";
}

static void records(void **state)
{
	struct floatingip f = {.dns_name = "www", .dns_domain = "example.org."};
	char name[DNS_NAME_TEXT], zone[DNS_NAME_TEXT];
	struct record r, same;
	struct world w;

	/* Of a network that is nowhere outside nothing is published: its addresses may be anybody's. */
	build(&w, tweak_named);
	f.floating_network_id = w.at.network;
	f.floating_ip_address = ip_from_v4(0xcb007103);
	assert_false(record_of(w.snap, &f, &r));
	done(&w);
	build(&w, tweak_outside);
	f.floating_network_id = w.at.network;
	assert_true(record_of(w.snap, &f, &r));
	assert_string_equal(r.name, "www.example.org.");
	assert_string_equal(r.zone, "example.org.");
	record_reverse(&r, name, zone);
	assert_string_equal(name, "3.113.0.203.in-addr.arpa.");
	assert_string_equal(zone, "113.0.203.in-addr.arpa.");
	assert_true(record_of(w.snap, &f, &same) && record_eq(&r, &same) && !record_is_wanted(w.snap, &r));
	f.dns_name = f.dns_domain = "";
	assert_false(record_of(w.snap, &f, &r));
	f.port_id = w.port;
	assert_true(record_of(w.snap, &f, &r));
	assert_string_equal(r.name, "web1.net.example.");
	assert_false(record_eq(&r, &same));
	done(&w);
}

/* --- options --- */

static void option_values(void **state)
{
	static const struct {
		const char *name, *value, *bytes;
		int len; /* -1: refused */
	} cases[] = {
		{"router", "10.0.0.1, 10.0.0.2", "\x0a\0\0\1\x0a\0\0\2", 8},
		{"router", "", "", 0},
		{"router", "ten", "", -1},
		{"mtu", "1400", "\5\x78", 2},
		{"mtu", "65536", "", -1},
		{"mtu", "-1", "", -1},
		{"time-offset", "-1", "\xff\xff\xff\xff", 4},
		{"bootfile-name", "pxelinux.0", "pxelinux.0", 10},
		{"option:67", "x", "x", 1},
		{"classless-static-route", "10.1.0.0/16,10.0.0.9,0.0.0.0/0,10.0.0.1",
		 "\x10\x0a\1\x0a\0\0\x09\0\x0a\0\0\1", 12},
		{"classless-static-route", "10.1.0.0/16", "", -1},
		{"domain-search", "a.example,b", "\1a\7example\0\1b\0", 14},
		{"domain-search", "a..b", "", -1},
		{"224", "01:0a:ff", "\1\x0a\xff", 3},
		{"224", "300", "\1\x2c", 2},
		{"224", "10.0.0.1", "\x0a\0\0\1", 4},
		{"224", "words", "words", 5},
		{"server-ip-address", "10.0.0.9", "\x0a\0\0\x09", 4},
		{"server-ip-address", "10.0.0.9,10.0.0.8", "", -1},
	};
	uint8_t out[DHCP_OPTION_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int n = dhcp_option_encode(dhcp_option_number(cases[i].name), cases[i].value, out, NULL);

		assert_int_equal(n < 0 ? -1 : n, cases[i].len);
		if (n > 0)
			assert_memory_equal(out, cases[i].bytes, (size_t)n);
	}
	assert_int_equal(dhcp_option_number("no-such"), -ENOENT);
	assert_int_equal(dhcp_option_number("256"), -ENOENT);
	assert_int_equal(dhcp_option_number("-3"), -ENOENT);
	assert_int_equal(dhcp_option_number("53"), -EPERM);
	assert_int_equal(dhcp_option_number("Router"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offer),         cmocka_unit_test(only_what_is_wished),
		cmocka_unit_test(requests),      cmocka_unit_test(inform),
		cmocka_unit_test(silence),       cmocka_unit_test(long_option),
		cmocka_unit_test(frames),        cmocka_unit_test(arp),
		cmocka_unit_test(option_values), cmocka_unit_test(names),
		cmocka_unit_test(records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
