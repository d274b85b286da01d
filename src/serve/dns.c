/* Answers about the names of a network's own instances.
 * Between the responder and the rows of the snapshot. */
#include "serve/dns.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ldns/ldns.h>

#include "model/names.h"

#define TTL         60
#define LOOK_MAX    10000 /* ports of one name, over all networks */
#define SUBNETS_MAX 64
enum { HEADER = 12 };

/* --- the message as bytes --- */

size_t dns_question_len(const uint8_t *message, size_t len)
{
	size_t i = HEADER;

	if (len < HEADER + 5 || message[4] || message[5] != 1)
		return 0;
	/* Labels; a question has no use for a pointer. */
	while (i < len && message[i]) {
		if (message[i] > 63)
			return 0;
		i += 1u + message[i];
	}
	return i + 5 <= len && i - HEADER < 255 ? i + 5 : 0;
}

/* Letters of either size are the same; length bytes are below any letter. */
static bool same_name(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (tolower(a[i]) != tolower(b[i]))
			return false;
	return true;
}

bool dns_is_answer(const uint8_t *question, size_t question_len, const uint8_t *id, const uint8_t *message,
		   size_t len)
{
	size_t n = dns_question_len(question, question_len);

	return n && dns_question_len(message, len) == n && message[2] & 0x80 && memcmp(message, id, 2) == 0 &&
	       same_name(question + HEADER, message + HEADER, n - HEADER);
}

size_t dns_refuse(const uint8_t *question, size_t len, uint8_t rcode, bool cut, uint8_t out[DNS_MESSAGE_MAX])
{
	size_t n = dns_question_len(question, len);

	if (!n || n > DNS_MESSAGE_MAX)
		return 0;
	memcpy(out, question, n);
	memset(out + 6, 0, 6); /* no records */
	out[2] = (uint8_t)(0x80 | (question[2] & 0x79) | (cut ? 2 : 0));
	out[3] = (uint8_t)(0x80 | rcode);
	return n;
}

/* --- who is asked for --- */

static bool is_here(const struct serve_at *at, const struct port *p)
{
	return p && uuid_eq(&p->network_id, &at->network) &&
	       strncmp(p->device_owner ? p->device_owner : "", "network:", 8) != 0;
}

/* The port that has the address on this network. */
static const struct port *port_with(const struct serve_at *at, const struct ip *ip)
{
	const struct subnet *sub;
	struct scan scan;
	int looked = 0;

	for (sub = scan_index(&scan, at->snap, IX_SUBNET_NETWORK, &at->network, NULL);
	     sub && looked < SUBNETS_MAX; sub = scan_next(&scan), looked++) {
		const struct holding *h = snap_holding(at->snap, &sub->row.id, ip);
		const struct port *p =
			h && h->kind == KIND_PORT ? snap_get(at->snap, KIND_PORT, &h->id) : NULL;

		if (is_here(at, p))
			return p;
	}
	return NULL;
}

static bool is_called(const struct serve_at *at, const struct port *p, const struct ip *ip, const char *name)
{
	const struct network *n = snap_get(at->snap, KIND_NETWORK, &at->network);
	char whole[DNS_NAME_TEXT];

	return strcasecmp(names_whole(p, n, ip, at->settings->domain, whole), name) == 0;
}

/* What is gathered of one name. */
struct found {
	bool any; /* the name is there, whatever records it has */
	struct ip list[16];
	size_t count;
};

static void take_addresses(const struct serve_at *at, const struct port *p, const char *name, bool six,
			   struct found *f)
{
	const struct fixed_ip *ip = p->fixed_ips.items;

	for (uint32_t i = 0; i < MIN(p->fixed_ips.count, 64u); i++) {
		if (!is_called(at, p, &ip[i].ip_address, name))
			continue;
		f->any = true;
		if (ip_is_v4(&ip[i].ip_address) == !six && f->count < ARRAY_SIZE(f->list))
			f->list[f->count++] = ip[i].ip_address;
	}
}

/* Ports whose dns_name is `key`, which the whole name begins with. */
static void find_named(const struct serve_at *at, const char *key, const char *name, bool six,
		       struct found *f)
{
	const struct port *p;
	struct scan scan;
	int looked = 0;

	for (p = scan_index(&scan, at->snap, IX_PORT_DNS_NAME, key, NULL); p && looked < LOOK_MAX;
	     p = scan_next(&scan), looked++)
		if (is_here(at, p))
			take_addresses(at, p, name, six, f);
}

/* `name` in small letters, with its final dot. A dns_name may have dots: each beginning of the name is tried.
 */
static void find_name(const struct serve_at *at, const char *name, bool six, struct found *f)
{
	char key[DNS_NAME_TEXT];
	struct ip ip;

	if (names_parse_host(name, &ip) == 0) {
		const struct port *p = port_with(at, &ip);

		if (p)
			take_addresses(at, p, name, six, f);
	}
	for (const char *dot = strchr(name, '.'); dot && !f->any; dot = strchr(dot + 1, '.')) {
		snprintf(key, sizeof(key), "%.*s", (int)(dot - name), name);
		find_named(at, key, name, six, f);
	}
	if (!f->any)
		find_named(at, name, name, six, f);
}

/* "5.0.0.10.in-addr.arpa." -EINVAL when it is something else. */
static int parse_reverse(const char *name, struct ip *ret)
{
	unsigned b[4];
	int end = 0;

	if (sscanf(name, "%3u.%3u.%3u.%3u.in-addr.arpa.%n", &b[0], &b[1], &b[2], &b[3], &end) != 4 || !end ||
	    name[end])
		return -1;
	for (int i = 0; i < 4; i++)
		if (b[i] > 255)
			return -1;
	*ret = ip_from_v4(b[3] << 24 | b[2] << 16 | b[1] << 8 | b[0]);
	return 0;
}

/* Addresses that nobody outside could say anything about (RFC 6303). */
static bool is_private(const struct ip *ip)
{
	uint32_t a = ip_to_v4(ip);

	return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe;
}

/* --- answers --- */

struct reply {
	ldns_pkt *pkt;
	const char *name; /* as it was asked for */
};

static void push(struct reply *r, const char *type, const char *data)
{
	char line[DNS_NAME_TEXT * 3];
	ldns_rr *rr = NULL;

	snprintf(line, sizeof(line), "%s %d IN %s %s", r->name, TTL, type, data);
	if (ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL) == LDNS_STATUS_OK)
		ldns_pkt_push_rr(r->pkt, LDNS_SECTION_ANSWER, rr);
}

static void push_addresses(struct reply *r, const struct found *f, bool six)
{
	char text[IP_TEXT];

	for (size_t i = 0; i < f->count; i++)
		push(r, six ? "AAAA" : "A", ip_print(&f->list[i], text));
}

static enum dns_verdict answer_reverse(const struct serve_at *at, const struct ip *ip, bool wants_name,
				       struct reply *r)
{
	const struct port *p = port_with(at, ip);
	char whole[DNS_NAME_TEXT];

	if (!p && !is_private(ip))
		return DNS_FORWARD;
	if (p && wants_name)
		push(r, "PTR",
		     names_whole(p, snap_get(at->snap, KIND_NETWORK, &at->network), ip, at->settings->domain,
				 whole));
	ldns_pkt_set_rcode(r->pkt, p ? LDNS_RCODE_NOERROR : LDNS_RCODE_NXDOMAIN);
	return DNS_ANSWER;
}

/* What nobody is called that has no more than one label, or would be in the domain that is made up, is not
 * asked of others. */
static bool is_only_ours(const char *name)
{
	static const char made_up[] = ".openstacklocal.";
	size_t n = strlen(name);

	return strchr(name, '.') == name + n - 1 ||
	       (n >= sizeof(made_up) && strcmp(name + n - (sizeof(made_up) - 1), made_up) == 0);
}

static enum dns_verdict answer_name(const struct serve_at *at, const char *name, ldns_rr_type type,
				    struct reply *r)
{
	struct found f = {0};
	struct ip ip;

	if (parse_reverse(name, &ip) == 0)
		return answer_reverse(at, &ip, type == LDNS_RR_TYPE_PTR || type == LDNS_RR_TYPE_ANY, r);
	find_name(at, name, type == LDNS_RR_TYPE_AAAA, &f);
	if (!f.any && !is_only_ours(name))
		return DNS_FORWARD;
	if (type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_AAAA || type == LDNS_RR_TYPE_ANY)
		push_addresses(r, &f, type == LDNS_RR_TYPE_AAAA);
	ldns_pkt_set_rcode(r->pkt, f.any ? LDNS_RCODE_NOERROR : LDNS_RCODE_NXDOMAIN);
	return DNS_ANSWER;
}

static size_t write_reply(ldns_pkt *pkt, const ldns_pkt *asked, uint8_t out[DNS_MESSAGE_MAX])
{
	uint8_t *wire = NULL;
	size_t len = 0;

	ldns_pkt_set_id(pkt, ldns_pkt_id(asked));
	ldns_pkt_set_qr(pkt, true);
	ldns_pkt_set_aa(pkt, true);
	ldns_pkt_set_ra(pkt, true);
	ldns_pkt_set_rd(pkt, ldns_pkt_rd(asked));
	if (ldns_pkt_edns(asked))
		ldns_pkt_set_edns_udp_size(pkt, 1232);
	if (ldns_pkt2wire(&wire, pkt, &len) != LDNS_STATUS_OK || len > 512)
		len = 0;
	memcpy(out, wire ? wire : out, len);
	free(wire);
	return len;
}

static enum dns_verdict answer_question(const struct serve_at *at, const ldns_pkt *asked, ldns_rr *question,
					uint8_t out[DNS_MESSAGE_MAX], size_t *ret_len)
{
	struct reply r = {.pkt = ldns_pkt_new()};
	char *name = ldns_rdf2str(ldns_rr_owner(question)), *small = name ? xstrdup(name) : NULL;
	enum dns_verdict verdict = DNS_SILENCE;

	for (char *p = small; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	r.name = name;
	if (r.pkt && name && strlen(name) < DNS_NAME_TEXT) {
		ldns_pkt_push_rr(r.pkt, LDNS_SECTION_QUESTION, ldns_rr_clone(question));
		verdict = answer_name(at, small, ldns_rr_get_type(question), &r);
	}
	if (verdict == DNS_ANSWER && (*ret_len = write_reply(r.pkt, asked, out)) == 0)
		verdict = DNS_SILENCE;
	ldns_pkt_free(r.pkt);
	free(name);
	free(small);
	return verdict;
}

/* A resolver answers the ports of its own network, and nobody else. */
static bool is_instance(const struct serve_at *at, const struct mac *mac)
{
	const struct port *p;
	struct scan scan;

	for (p = scan_index(&scan, at->snap, IX_PORT_MAC, mac, NULL); p; p = scan_next(&scan))
		if (is_here(at, p))
			return p->admin_state_up;
	return false;
}

enum dns_verdict dns_answer(const struct serve_at *at, const struct datagram *asked,
			    uint8_t out[DNS_MESSAGE_MAX], size_t *ret_len)
{
	enum dns_verdict verdict = DNS_SILENCE;
	const uint8_t *m = asked->data;
	ldns_rr_list *questions;
	ldns_pkt *pkt = NULL;

	/* An ordinary query with one question: neither an answer, nor an update, nor anything in it but EDNS.
	 */
	if (asked->to_port != 53 || asked->to != at->settings->address || asked->len > DNS_QUESTION_MAX ||
	    !dns_question_len(m, asked->len) || m[2] & 0xf8 || m[6] || m[7] || m[8] || m[9] || m[10] ||
	    m[11] > 1 || !is_instance(at, &asked->from_mac))
		return DNS_SILENCE;
	if (ldns_wire2pkt(&pkt, m, asked->len) != LDNS_STATUS_OK)
		return DNS_SILENCE;
	questions = ldns_pkt_question(pkt);
	if (ldns_rr_list_rr_count(questions) == 1 &&
	    ldns_rr_get_class(ldns_rr_list_rr(questions, 0)) == LDNS_RR_CLASS_IN)
		verdict = answer_question(at, pkt, ldns_rr_list_rr(questions, 0), out, ret_len);
	ldns_pkt_free(pkt);
	return verdict;
}
