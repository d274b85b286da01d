/* Elements of the sets and maps of the table "buoy", as nf_tables messages and back.
 * Written with plain attributes: a message is made and read without allocating. */
#include "kernel/nft_elem.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#define METADATA_ADDR 0xa9fea9fe /* 169.254.169.254 */
#define METADATA_PORT 80
#define KBIT_BYTES    125

enum key_type {
	KEY_ADDRESS,
	KEY_LEG,
	KEY_PAIR,
	KEY_SCOPE,
	KEY_DIRECTION,
	KEY_METADATA,
	KEY_PORTS,
	KEY_RANGE,
};

/* An address and a port as nf_tables concatenates them. */
struct service {
	uint32_t addr;
	uint16_t port, zero;
};

/* An address, a protocol and a port. */
struct ports {
	uint32_t addr;
	uint8_t protocol, zero[3];
	uint16_t port, zero2;
};

/* A leg and a mark as nf_tables concatenates them. Marks are in the order of the host. */
struct scoped {
	char name[IFNAMSIZ];
	uint32_t mark;
};

static const struct {
	const char *name;
	enum key_type key;
	bool has_data, has_limit, is_ipv6, is_mark;
	bool has_port; /* in its data */
} sets[NFT_SETS] = {
	[SET_TO_FIXED] = {"to_fixed", KEY_ADDRESS, true},
	[SET_TO_FLOATING] = {"to_floating", KEY_ADDRESS, true},
	[SET_GATEWAYS] = {"gateways", KEY_LEG, true},
	[SET_HAIRPIN] = {"hairpin", KEY_DIRECTION, true},
	[SET_EXTERNAL] = {"external", KEY_LEG, false},
	[SET_CLOSED] = {"closed", KEY_LEG, false},
	[SET_TRAFFIC_IN] = {"traffic_in", KEY_ADDRESS, false},
	[SET_TRAFFIC_OUT] = {"traffic_out", KEY_ADDRESS, false},
	[SET_LIMIT_IN] = {"limit_in", KEY_ADDRESS, .has_limit = true},
	[SET_LIMIT_OUT] = {"limit_out", KEY_ADDRESS, .has_limit = true},
	[SET_WAYS] = {"ways", KEY_ADDRESS, .has_data = true, .is_mark = true},
	[SET_MARKS] = {"marks", KEY_LEG, .has_data = true, .is_mark = true},
	[SET_METADATA] = {"metadata", KEY_METADATA, true, .has_port = true},
	[SET_PORTS] = {"ports", KEY_PORTS, true, .has_port = true},
	[SET_PORTS_KEPT] = {"ports_kept", KEY_RANGE, true},
	[SET_PORTS_TO_ONE] = {"ports_to_one", KEY_RANGE, true, .has_port = true},
	[SET_SCOPES] = {"scopes", KEY_LEG, true, .is_mark = true},
	[SET_SCOPED] = {"scoped", KEY_SCOPE, .is_mark = true},
	[SET_SCOPES6] = {"scopes", KEY_LEG, true, .is_ipv6 = true, .is_mark = true},
	[SET_SCOPED6] = {"scoped", KEY_SCOPE, .is_ipv6 = true, .is_mark = true},
	[SET_FLOATING] = {"floating", KEY_ADDRESS, false},
	[SET_INSIDE] = {"inside", KEY_LEG, false},
	[SET_LEGS] = {"legs", KEY_PAIR, false},
	[SET_SOURCES] = {"sources", KEY_PAIR, true},
	[SET_OPEN] = {"open", KEY_PAIR, false},
	[SET_SHUT] = {"shut", KEY_PAIR, false},
};

static uint8_t family_of(enum nft_set set)
{
	return sets[set].is_ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

static void put_header(struct nlmsghdr *nlh, uint8_t family, uint16_t resource)
{
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));

	nfg->nfgen_family = family;
	nfg->version = NFNETLINK_V0;
	nfg->res_id = htons(resource);
}

static void put_value(struct nlmsghdr *nlh, uint16_t type, const void *data, size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put(nlh, NFTA_DATA_VALUE, len, data);
	mnl_attr_nest_end(nlh, nest);
}

static void put_ports(struct nlmsghdr *nlh, const struct nft_elem *e)
{
	struct ports key = {.addr = htonl(e->addr), .protocol = e->protocol, .port = htons(e->first)};

	put_value(nlh, NFTA_SET_ELEM_KEY, &key, sizeof(key));
	key.port = htons(e->last);
	if (sets[e->set].key == KEY_RANGE)
		put_value(nlh, NFTA_SET_ELEM_KEY_END, &key, sizeof(key));
}

static void put_key(struct nlmsghdr *nlh, const struct nft_elem *e, const struct symtab *syms)
{
	const struct service metadata = {htonl(METADATA_ADDR), htons(METADATA_PORT), 0};
	char name[2 * IFNAMSIZ] = "";
	struct scoped scoped = {.mark = e->data};
	uint32_t addr = htonl(e->addr);
	uint8_t original = 0; /* IP_CT_DIR_ORIGINAL */

	switch (sets[e->set].key) {
	case KEY_ADDRESS:
		put_value(nlh, NFTA_SET_ELEM_KEY, &addr, sizeof(addr));
		break;
	case KEY_LEG:
		strncpy(name, symtab_text(syms, e->dev), IFNAMSIZ - 1);
		put_value(nlh, NFTA_SET_ELEM_KEY, name, IFNAMSIZ);
		break;
	case KEY_PAIR:
		strncpy(name, symtab_text(syms, e->dev), IFNAMSIZ - 1);
		strncpy(name + IFNAMSIZ, symtab_text(syms, e->out), IFNAMSIZ - 1);
		put_value(nlh, NFTA_SET_ELEM_KEY, name, sizeof(name));
		break;
	case KEY_SCOPE:
		strncpy(scoped.name, symtab_text(syms, e->dev), IFNAMSIZ - 1);
		put_value(nlh, NFTA_SET_ELEM_KEY, &scoped, sizeof(scoped));
		break;
	case KEY_METADATA:
		put_value(nlh, NFTA_SET_ELEM_KEY, &metadata, sizeof(metadata));
		break;
	case KEY_PORTS:
	case KEY_RANGE:
		put_ports(nlh, e);
		break;
	case KEY_DIRECTION:
		put_value(nlh, NFTA_SET_ELEM_KEY, &original, sizeof(original));
		break;
	}
}

static void put_be64(struct nlmsghdr *nlh, uint16_t type, uint64_t value)
{
	mnl_attr_put_u64(nlh, type, htobe64(value));
}

/* An expression that matches what is faster. The kernel's bucket holds the burst and one second's bytes. */
static void put_limit(struct nlmsghdr *nlh, const struct rate_limit *limit)
{
	uint32_t burst = (limit->burst_kbit - MIN(limit->burst_kbit, limit->rate_kbps)) * KBIT_BYTES;
	struct nlattr *expr = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_EXPR), *data;

	mnl_attr_put_strz(nlh, NFTA_EXPR_NAME, "limit");
	data = mnl_attr_nest_start(nlh, NFTA_EXPR_DATA);
	put_be64(nlh, NFTA_LIMIT_RATE, (uint64_t)limit->rate_kbps * KBIT_BYTES);
	put_be64(nlh, NFTA_LIMIT_UNIT, 1);
	mnl_attr_put_u32(nlh, NFTA_LIMIT_BURST, htonl(burst));
	mnl_attr_put_u32(nlh, NFTA_LIMIT_TYPE, htonl(NFT_LIMIT_PKT_BYTES));
	mnl_attr_put_u32(nlh, NFTA_LIMIT_FLAGS, htonl(NFT_LIMIT_F_INV));
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, expr);
}

static void put_elem(struct nlmsghdr *nlh, const struct nft_elem *e, const struct symtab *syms,
		     bool with_data)
{
	struct nlattr *list, *item;
	const struct service service = {sets[e->set].is_mark ? e->data : htonl(e->data), htons(e->port), 0};

	put_header(nlh, family_of(e->set), 0);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, KERNEL_TABLE);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, sets[e->set].name);
	list = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_LIST_ELEMENTS);
	item = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
	put_key(nlh, e, syms);
	if (with_data && sets[e->set].has_data)
		put_value(nlh, NFTA_SET_ELEM_DATA, &service,
			  sets[e->set].has_port ? sizeof(service) : sizeof(service.addr));
	if (with_data && sets[e->set].has_limit)
		put_limit(nlh, &e->limit);
	mnl_attr_nest_end(nlh, item);
	mnl_attr_nest_end(nlh, list);
}

static uint16_t message_type(uint16_t type)
{
	return (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
}

void nft_elem_put(struct nl_batch *b, const struct nft_elem *e, const struct symtab *syms, void *arg)
{
	struct nlmsghdr *nlh = nl_batch_begin(b, message_type(NFT_MSG_NEWSETELEM), NLM_F_CREATE, arg);

	put_elem(nlh, e, syms, true);
	nl_batch_end(b, nlh);
}

void nft_elem_del(struct nl_batch *b, const struct nft_elem *e, const struct symtab *syms, void *arg)
{
	struct nlmsghdr *nlh = nl_batch_begin(b, message_type(NFT_MSG_DELSETELEM), 0, arg);

	put_elem(nlh, e, syms, false);
	nl_batch_end(b, nlh);
}

static void put_batch_mark(struct nl_batch *b, uint16_t type)
{
	struct nlmsghdr *nlh = nl_batch_begin(b, type, 0, NULL);

	put_header(nlh, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	nl_batch_end(b, nlh);
}

void nft_batch_begin(struct nl_batch *b)
{
	b->whole = true;
	put_batch_mark(b, NFNL_MSG_BATCH_BEGIN);
}

void nft_batch_end(struct nl_batch *b)
{
	b->ack_at = b->count - 1;
	put_batch_mark(b, NFNL_MSG_BATCH_END);
}

/* The value inside a key or data attribute, when it has this size. */
static bool read_value(const struct nlattr *attr, void *out, size_t len)
{
	const struct nlattr *tb[NFTA_DATA_MAX + 1];

	if (!attr)
		return false;
	nl_parse_nested(attr, tb, NFTA_DATA_MAX, NULL);
	if (!tb[NFTA_DATA_VALUE] || mnl_attr_get_payload_len(tb[NFTA_DATA_VALUE]) != len)
		return false;
	memcpy(out, mnl_attr_get_payload(tb[NFTA_DATA_VALUE]), len);
	return true;
}

static uint64_t read_be64(const struct nlattr *attr)
{
	uint64_t v = 0;

	if (attr && mnl_attr_get_payload_len(attr) == sizeof(v))
		memcpy(&v, mnl_attr_get_payload(attr), sizeof(v));
	return be64toh(v);
}

static uint32_t read_be32(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) == sizeof(uint32_t) ? ntohl(mnl_attr_get_u32(attr)) : 0;
}

static void read_counter(const struct nlattr *data, struct nft_elem *e)
{
	const struct nlattr *counter[NFTA_COUNTER_MAX + 1];

	nl_parse_nested(data, counter, NFTA_COUNTER_MAX, NULL);
	e->packets = read_be64(counter[NFTA_COUNTER_PACKETS]);
	e->bytes = read_be64(counter[NFTA_COUNTER_BYTES]);
}

/* The opposite of put_limit; leaves zeros where put_limit would not have put this. */
static void read_limit(const struct nlattr *data, struct nft_elem *e)
{
	const struct nlattr *limit[NFTA_LIMIT_MAX + 1];
	uint64_t rate, burst;

	nl_parse_nested(data, limit, NFTA_LIMIT_MAX, NULL);
	rate = read_be64(limit[NFTA_LIMIT_RATE]);
	burst = rate + read_be32(limit[NFTA_LIMIT_BURST]);
	if (read_be64(limit[NFTA_LIMIT_UNIT]) != 1 || rate % KBIT_BYTES || burst % KBIT_BYTES ||
	    burst / KBIT_BYTES > UINT32_MAX || read_be32(limit[NFTA_LIMIT_TYPE]) != NFT_LIMIT_PKT_BYTES ||
	    read_be32(limit[NFTA_LIMIT_FLAGS]) != NFT_LIMIT_F_INV)
		return;
	e->limit = (struct rate_limit){(uint32_t)(rate / KBIT_BYTES), (uint32_t)(burst / KBIT_BYTES)};
}

/* The expression that the element carries: a counter or a limit. */
static void read_expression(const struct nlattr *attr, struct nft_elem *e)
{
	const struct nlattr *expr[NFTA_EXPR_MAX + 1];
	char name[16];

	if (!attr)
		return;
	nl_parse_nested(attr, expr, NFTA_EXPR_MAX, NULL);
	if (!expr[NFTA_EXPR_DATA])
		return;
	nl_text(expr[NFTA_EXPR_NAME], name, sizeof(name));
	if (strcmp(name, "counter") == 0)
		read_counter(expr[NFTA_EXPR_DATA], e);
	else if (strcmp(name, "limit") == 0)
		read_limit(expr[NFTA_EXPR_DATA], e);
}

static bool read_ports(const struct nlattr *attr, const struct nlattr *end, struct nft_elem *e)
{
	struct ports key, last;

	if (!read_value(attr, &key, sizeof(key)))
		return false;
	if (!read_value(end, &last, sizeof(last)))
		last = key;
	e->addr = ntohl(key.addr);
	e->protocol = key.protocol;
	e->first = ntohs(key.port);
	e->last = ntohs(last.port);
	return true;
}

static bool read_key(const struct nlattr *attr, const struct nlattr *end, struct nft_elem *e,
		     struct symtab *syms)
{
	char name[2 * IFNAMSIZ + 1] = "";
	struct service service;
	struct scoped scoped;
	uint8_t direction;

	switch (sets[e->set].key) {
	case KEY_ADDRESS:
		if (!read_value(attr, &e->addr, sizeof(e->addr)))
			return false;
		e->addr = ntohl(e->addr);
		return true;
	case KEY_LEG:
		if (!read_value(attr, name, IFNAMSIZ))
			return false;
		e->dev = symtab_put(syms, name);
		return true;
	case KEY_PAIR:
		if (!read_value(attr, name, 2 * (size_t)IFNAMSIZ))
			return false;
		e->out = symtab_put(syms, name + IFNAMSIZ);
		name[IFNAMSIZ] = '\0';
		e->dev = symtab_put(syms, name);
		return true;
	case KEY_SCOPE:
		if (!read_value(attr, &scoped, sizeof(scoped)))
			return false;
		memcpy(name, scoped.name, IFNAMSIZ);
		e->dev = symtab_put(syms, name);
		e->data = scoped.mark;
		return true;
	case KEY_METADATA:
		return read_value(attr, &service, sizeof(service)) && service.addr == htonl(METADATA_ADDR) &&
		       service.port == htons(METADATA_PORT);
	case KEY_PORTS:
	case KEY_RANGE:
		return read_ports(attr, end, e);
	case KEY_DIRECTION:
		return read_value(attr, &direction, sizeof(direction)) && direction == 0;
	}
	return false;
}

static void read_data(const struct nlattr *attr, struct nft_elem *e)
{
	struct service service = {0};

	if (sets[e->set].is_mark && !sets[e->set].has_data) /* a part of the key */
		return;
	if (!read_value(attr, &service, sizeof(service)))
		read_value(attr, &service.addr, sizeof(service.addr));
	e->data = sets[e->set].is_mark ? service.addr : ntohl(service.addr);
	e->port = ntohs(service.port);
}

struct reader {
	enum nft_set set;
	struct symtab *syms;
	nft_elem_fn fn;
	void *arg;
};

static int read_elems(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[NFTA_SET_ELEM_LIST_MAX + 1], *elem[NFTA_SET_ELEM_MAX + 1], *item;
	const struct reader *r = arg;

	nl_parse(nlh, sizeof(struct nfgenmsg), tb, NFTA_SET_ELEM_LIST_MAX, NULL);
	if (!tb[NFTA_SET_ELEM_LIST_ELEMENTS])
		return 0;
	mnl_attr_for_each_nested(item, tb[NFTA_SET_ELEM_LIST_ELEMENTS])
	{
		struct nft_elem e = {.set = r->set};

		nl_parse_nested(item, elem, NFTA_SET_ELEM_MAX, NULL);
		if (!read_key(elem[NFTA_SET_ELEM_KEY], elem[NFTA_SET_ELEM_KEY_END], &e, r->syms))
			continue;
		read_data(elem[NFTA_SET_ELEM_DATA], &e);
		read_expression(elem[NFTA_SET_ELEM_EXPR], &e);
		r->fn(&e, r->arg);
	}
	return 0;
}

int nft_elem_dump(struct netns *ns, enum nft_set set, nft_elem_fn fn, void *arg, struct err *err)
{
	char buf[512];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct reader r = {.set = set, .syms = ns->set->syms, .fn = fn, .arg = arg};
	struct mnl_socket *sock;
	int e = netns_netfilter(ns, &sock, err);

	if (e < 0)
		return e;
	nlh->nlmsg_type = message_type(NFT_MSG_GETSETELEM);
	put_header(nlh, family_of(set), 0);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, KERNEL_TABLE);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, sets[set].name);
	e = nl_dump(sock, nlh, read_elems, &r, NULL);
	if (e < 0 && e != -ENOENT)
		return err_set(err, e, "nf_tables: set %s: %s", sets[set].name, strerror(-e));
	return 0;
}

struct found {
	struct nft_elem *to;
	bool yes;
};

static void take_found(const struct nft_elem *e, void *arg)
{
	struct found *f = arg;

	f->to->data = e->data;
	f->yes = true;
}

int nft_elem_get(struct netns *ns, struct nft_elem *e, struct err *err)
{
	char buf[NL_MESSAGE_MAX];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct found found = {.to = e};
	struct reader r = {.set = e->set, .syms = ns->set->syms, .fn = take_found, .arg = &found};
	struct mnl_socket *sock;
	int result = netns_netfilter(ns, &sock, err);

	if (result < 0)
		return result;
	nlh->nlmsg_type = message_type(NFT_MSG_GETSETELEM);
	put_elem(nlh, e, ns->set->syms, false);
	result = nl_request(sock, nlh, read_elems, &r, err);
	if (result < 0)
		return result;
	return found.yes ? 0 : err_set(err, -ENOENT, "nf_tables: no such element");
}
