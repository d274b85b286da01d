/* Ends the tracked connections of floating IPs that were taken away or moved.
 * Runs after the nf_tables transaction: what comes next is a new connection and meets the new rules. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

#include "kernel/internal.h"

/* One address costs two walks over the kernel's table; any number of them one dump of it. Measured with
 * 60,000 entries: 27 ms ended by the kernel, 43 ms found by the kernel, 125 ms for the dump. */
/* With few entries the walk is 0.3 ms, and a dump still 8 ms. */
#define FEW_ENTRIES  2000
#define END_FEW_MAX  32
#define END_ONE_MAX  4        /* so many addresses are ended one by one, by the kernel itself */
#define FIND_ONE_MAX 2        /* so many are looked for one by one, where it cannot */
#define FILTER_DST   (1 << 1) /* CTA_FILTER_*_FLAGS: compare the destination; not in the kernel's headers */

struct flush {
	struct nl_batch batch; /* deletions */
	const uint32_t *addrs; /* network order, sorted; NULL: the kernel has chosen already */
	size_t count;
	const struct forwarded *ports; /* sorted, none overlaps with another; NULL: whole addresses */
	size_t port_count;
};

static void put_header(struct nlmsghdr *nlh)
{
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));

	nfg->nfgen_family = AF_INET;
	nfg->version = NFNETLINK_V0;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The destination of a tuple is one of ours. */
static bool is_ours(const struct flush *f, const struct nlattr *tuple)
{
	const struct nlattr *tb[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1];
	uint32_t addr;

	if (!tuple)
		return false;
	nl_parse_nested(tuple, tb, CTA_TUPLE_MAX, NULL);
	if (!tb[CTA_TUPLE_IP])
		return false;
	nl_parse_nested(tb[CTA_TUPLE_IP], ip, CTA_IP_MAX, NULL);
	if (!ip[CTA_IP_V4_DST] || mnl_attr_get_payload_len(ip[CTA_IP_V4_DST]) != sizeof(addr))
		return false;
	memcpy(&addr, mnl_attr_get_payload(ip[CTA_IP_V4_DST]), sizeof(addr));
	return bsearch(&addr, f->addrs, f->count, sizeof(addr), by_value);
}

static int by_port(const void *a, const void *b)
{
	const struct forwarded *x = a, *y = b;
	int order = ip_cmp(&x->addr, &y->addr);

	if (order == 0)
		order = x->protocol - y->protocol;
	return order ? order : x->first - y->first;
}

/* For bsearch: a port that lies within is found. */
static int by_range(const void *port, const void *range)
{
	const struct forwarded *p = port, *r = range;
	int order = by_port(p, r);

	return order > 0 && p->first <= r->last && p->protocol == r->protocol && ip_eq(&p->addr, &r->addr)
		       ? 0
		       : order;
}

/* The ports that a connection was opened to. */
static bool is_forwarded(const struct flush *f, const struct nlattr *tuple)
{
	const struct nlattr *tb[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1], *proto[CTA_PROTO_MAX + 1];
	struct forwarded at = {0};

	nl_parse_nested(tuple, tb, CTA_TUPLE_MAX, NULL);
	if (!tb[CTA_TUPLE_IP] || !tb[CTA_TUPLE_PROTO])
		return false;
	nl_parse_nested(tb[CTA_TUPLE_IP], ip, CTA_IP_MAX, NULL);
	nl_parse_nested(tb[CTA_TUPLE_PROTO], proto, CTA_PROTO_MAX, NULL);
	if (!ip[CTA_IP_V4_DST] || mnl_attr_get_payload_len(ip[CTA_IP_V4_DST]) != sizeof(uint32_t) ||
	    !proto[CTA_PROTO_NUM] || !proto[CTA_PROTO_DST_PORT] ||
	    mnl_attr_get_payload_len(proto[CTA_PROTO_DST_PORT]) != sizeof(uint16_t))
		return false;
	at.addr = ip_from_v4(ntohl(mnl_attr_get_u32(ip[CTA_IP_V4_DST])));
	at.protocol = mnl_attr_get_u8(proto[CTA_PROTO_NUM]);
	at.first = ntohs(mnl_attr_get_u16(proto[CTA_PROTO_DST_PORT]));
	return bsearch(&at, f->ports, f->port_count, sizeof(at), by_range);
}

static bool is_meant(const struct flush *f, const struct nlattr *orig, const struct nlattr *reply)
{
	if (f->ports)
		return is_forwarded(f, orig);
	return !f->addrs || is_ours(f, orig) || is_ours(f, reply);
}

static void copy_attr(struct nlmsghdr *nlh, const struct nlattr *attr)
{
	if (attr)
		mnl_attr_put(nlh, attr->nla_type, mnl_attr_get_payload_len(attr), mnl_attr_get_payload(attr));
}

static int take_entry(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[CTA_MAX + 1];
	struct flush *f = arg;
	struct nlmsghdr *out;

	nl_parse(nlh, sizeof(struct nfgenmsg), tb, CTA_MAX, NULL);
	if (!tb[CTA_TUPLE_ORIG])
		return 0;
	if (!is_meant(f, tb[CTA_TUPLE_ORIG], tb[CTA_TUPLE_REPLY]))
		return 0;
	out = nl_batch_begin(&f->batch, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, 0, NULL);
	put_header(out);
	copy_attr(out, tb[CTA_TUPLE_ORIG]);
	copy_attr(out, tb[CTA_ZONE]);
	copy_attr(out, tb[CTA_ID]); /* not one that took its place meanwhile */
	nl_batch_end(&f->batch, out);
	return 0;
}

/* Asks for the entries one of whose destinations is this address: CTA_TUPLE_ORIG or CTA_TUPLE_REPLY. */
static void put_filter(struct nlmsghdr *nlh, uint32_t addr, uint16_t tuple)
{
	struct nlattr *outer = mnl_attr_nest_start(nlh, tuple);
	struct nlattr *inner = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);

	mnl_attr_put_u32(nlh, CTA_IP_V4_DST, addr);
	mnl_attr_nest_end(nlh, inner);
	mnl_attr_nest_end(nlh, outer);
	outer = mnl_attr_nest_start(nlh, CTA_FILTER);
	mnl_attr_put_u32(nlh, tuple == CTA_TUPLE_ORIG ? CTA_FILTER_ORIG_FLAGS : CTA_FILTER_REPLY_FLAGS,
			 FILTER_DST);
	mnl_attr_nest_end(nlh, outer);
}

static struct nlmsghdr *start(char *buf, uint16_t type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	put_header(nlh);
	return nlh;
}

static const uint16_t tuples[] = {CTA_TUPLE_ORIG, CTA_TUPLE_REPLY};

/* Newer kernels (not yet 6.1) delete what a filter matches in one walk over their table. An older one takes
 * the tuple for that of one entry, and refuses it as incomplete. */
static int end_few(struct mnl_socket *sock, const uint32_t *addrs, size_t count)
{
	char buf[256];
	int r = 0;

	for (size_t i = 0; r == 0 && i < count * ARRAY_SIZE(tuples); i++) {
		struct nlmsghdr *nlh = start(buf, IPCTNL_MSG_CT_DELETE);

		put_filter(nlh, addrs[i / ARRAY_SIZE(tuples)], tuples[i % ARRAY_SIZE(tuples)]);
		r = nl_request(sock, nlh, NULL, NULL, NULL);
	}
	return r;
}

static int find_few(struct mnl_socket *sock, const uint32_t *addrs, size_t count, struct flush *f,
		    struct err *err)
{
	char buf[256];
	int r = 0;

	for (size_t i = 0; r == 0 && i < count * ARRAY_SIZE(tuples); i++) {
		struct nlmsghdr *nlh = start(buf, IPCTNL_MSG_CT_GET);

		put_filter(nlh, addrs[i / ARRAY_SIZE(tuples)], tuples[i % ARRAY_SIZE(tuples)]);
		r = nl_dump(sock, nlh, take_entry, f, err);
	}
	return r;
}

/* Those that were opened to the address. */
static int find_opened(struct mnl_socket *sock, uint32_t addr, struct flush *f, struct err *err)
{
	char buf[256];
	struct nlmsghdr *nlh = start(buf, IPCTNL_MSG_CT_GET);

	put_filter(nlh, addr, CTA_TUPLE_ORIG);
	return nl_dump(sock, nlh, take_entry, f, err);
}

static int find_many(struct mnl_socket *sock, struct flush *f, struct err *err)
{
	char buf[256];

	return nl_dump(sock, start(buf, IPCTNL_MSG_CT_GET), take_entry, f, err);
}

static int send_deletions(struct mnl_socket *sock, struct flush *f, struct err *err)
{
	int r = nl_batch_send(&f->batch, sock, err);

	for (size_t i = 0; r == 0 && i < f->batch.count; i++) {
		const struct nl_result *at = &f->batch.items[i];

		/* Ended by itself, or found twice. */
		if (at->result && at->result != -ENOENT)
			r = err_set(err, at->result, "conntrack: %s", strerror(-at->result));
	}
	return r;
}

static int take_count(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[CTA_STATS_GLOBAL_MAX + 1];
	static const uint16_t min[CTA_STATS_GLOBAL_MAX + 1] = {[CTA_STATS_GLOBAL_ENTRIES] = sizeof(uint32_t)};

	nl_parse(nlh, sizeof(struct nfgenmsg), tb, CTA_STATS_GLOBAL_MAX, min);
	if (tb[CTA_STATS_GLOBAL_ENTRIES])
		*(uint32_t *)arg = ntohl(mnl_attr_get_u32(tb[CTA_STATS_GLOBAL_ENTRIES]));
	return 0;
}

/* How many entries the namespace has, those of packets under way included; many when the kernel does not
 * say. */
static uint32_t count_entries(struct mnl_socket *sock)
{
	char buf[256];
	uint32_t count = UINT32_MAX;

	nl_request(sock, start(buf, IPCTNL_MSG_CT_GET_STATS), take_count, &count, NULL);
	return count;
}

int conntrack_load(struct netns *ns, struct err *err)
{
	struct mnl_socket *sock;
	int r = netns_netfilter(ns, &sock, err);

	if (r == 0)
		count_entries(sock);
	return r;
}

int conntrack_flush_floating(struct netns *ns, const struct ip *addrs, size_t count, struct err *err)
{
	uint32_t *sorted AUTO_FREE = xalloc(count * sizeof(*sorted));
	struct flush f = {0};
	struct mnl_socket *sock;
	uint32_t entries;
	int r = netns_netfilter(ns, &sock, err);

	if (r < 0)
		return r;
	entries = count_entries(sock);
	if (entries == 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (ip_is_v4(&addrs[i]))
			sorted[f.count++] = htonl(ip_to_v4(&addrs[i]));
	if (f.count <= (entries < FEW_ENTRIES ? END_FEW_MAX : END_ONE_MAX) &&
	    end_few(sock, sorted, f.count) == 0)
		return 0;
	if (f.count <= FIND_ONE_MAX) {
		r = find_few(sock, sorted, f.count, &f, err);
	} else {
		qsort(sorted, f.count, sizeof(*sorted), by_value);
		f.addrs = sorted;
		r = find_many(sock, &f, err);
	}
	if (r == 0)
		r = send_deletions(sock, &f, err);
	nl_batch_done(&f.batch);
	return r;
}

/* Sorts and unites what overlaps; returns how many are left. */
static size_t unite(struct forwarded *list, size_t count)
{
	size_t n = 0;

	qsort(list, count, sizeof(*list), by_port);
	for (size_t i = 0; i < count; i++) {
		struct forwarded *last = n ? &list[n - 1] : NULL;

		if (last && ip_eq(&last->addr, &list[i].addr) && last->protocol == list[i].protocol &&
		    list[i].first <= last->last)
			last->last = MAX(last->last, list[i].last);
		else
			list[n++] = list[i];
	}
	return n;
}

int conntrack_flush_ports(struct netns *ns, const struct forwarded *list, size_t count, struct err *err)
{
	struct forwarded *sorted AUTO_FREE = xalloc((count + 1) * sizeof(*sorted));
	struct flush f = {.ports = sorted};
	struct mnl_socket *sock;
	uint32_t addr;
	int r = netns_netfilter(ns, &sock, err);

	if (r < 0 || !count || count_entries(sock) == 0)
		return r;
	memcpy(sorted, list, count * sizeof(*sorted));
	f.port_count = unite(sorted, count);
	addr = htonl(ip_to_v4(&sorted[0].addr));
	/* The ports of one floating IP: the kernel leaves out who is not for it. Of its two ways to ask only
	 * the original direction is meant. */
	if (ip_eq(&sorted[0].addr, &sorted[f.port_count - 1].addr))
		r = find_opened(sock, addr, &f, err);
	else
		r = find_many(sock, &f, err);
	if (r == 0)
		r = send_deletions(sock, &f, err);
	nl_batch_done(&f.batch);
	return r;
}
