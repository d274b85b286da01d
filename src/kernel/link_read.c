/* Reading links: RTM_NEWLINK messages into rows, one or all of them.
 * Under link.c, plug.c and everything that needs an ifindex. */
#include "kernel/link.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "kernel/kernel.h"

/* Counters are most of a link's message and of no use here. */
#ifndef RTEXT_FILTER_SKIP_STATS
#define RTEXT_FILTER_SKIP_STATS (1 << 3)
#endif
/* More alternative names than this on one link are not looked at. */
#define ALT_NAMES_MAX 64

void nl_put_ip(struct nlmsghdr *nlh, uint16_t type, const struct ip *ip)
{
	if (ip_is_v4(ip))
		mnl_attr_put(nlh, type, 4, ip->b + 12);
	else
		mnl_attr_put(nlh, type, 16, ip->b);
}

bool nl_get_ip(const struct nlattr *attr, struct ip *ret)
{
	uint32_t v4;

	if (attr && mnl_attr_get_payload_len(attr) == 4) {
		memcpy(&v4, mnl_attr_get_payload(attr), 4);
		*ret = ip_from_v4(ntohl(v4));
		return true;
	}
	if (attr && mnl_attr_get_payload_len(attr) == 16) {
		memcpy(ret->b, mnl_attr_get_payload(attr), 16);
		return true;
	}
	return false;
}

bool link_is_tap_name(const char *name)
{
	if (strlen(name) != 14 || strncmp(name, "tap", 3))
		return false;
	for (size_t i = 3; i < 14; i++)
		if (i == 11 ? name[i] != '-' : !isxdigit((unsigned char)name[i]))
			return false;
	return true;
}

static void find_tap_name(const struct nlattr *list, struct link_row *row)
{
	const struct nlattr *attr;
	char name[32];
	int seen = 0;

	if (link_is_tap_name(row->info.name)) {
		memcpy(row->tap, row->info.name, sizeof(row->tap));
		return;
	}
	if (!list)
		return;
	mnl_attr_for_each_nested(attr, list)
	{
		if (seen++ == ALT_NAMES_MAX)
			return;
		if (mnl_attr_get_type(attr) == IFLA_ALT_IFNAME &&
		    link_is_tap_name(nl_text(attr, name, sizeof(name)))) {
			memcpy(row->tap, name, 15);
			return;
		}
	}
}

static void parse_bridge(const struct nlattr *data, struct link_row *row)
{
	static const uint16_t min[IFLA_BR_MAX + 1] = {
		[IFLA_BR_STP_STATE] = 4, [IFLA_BR_FORWARD_DELAY] = 4, [IFLA_BR_MCAST_SNOOPING] = 1};
	const struct nlattr *tb[IFLA_BR_MAX + 1];

	nl_parse_nested(data, tb, IFLA_BR_MAX, min);
	/* A kernel without IGMP snooping does not tell of it. */
	row->settings = tb[IFLA_BR_STP_STATE] && !mnl_attr_get_u32(tb[IFLA_BR_STP_STATE]) &&
			tb[IFLA_BR_FORWARD_DELAY] && !mnl_attr_get_u32(tb[IFLA_BR_FORWARD_DELAY]) &&
			(!tb[IFLA_BR_MCAST_SNOOPING] || !mnl_attr_get_u8(tb[IFLA_BR_MCAST_SNOOPING]));
}

static void parse_macvlan(const struct nlattr *data, struct link_row *row)
{
	static const uint16_t min[IFLA_MACVLAN_MAX + 1] = {[IFLA_MACVLAN_MODE] = 4};
	const struct nlattr *tb[IFLA_MACVLAN_MAX + 1];

	nl_parse_nested(data, tb, IFLA_MACVLAN_MAX, min);
	row->settings =
		tb[IFLA_MACVLAN_MODE] && mnl_attr_get_u32(tb[IFLA_MACVLAN_MODE]) == MACVLAN_MODE_BRIDGE;
}

static void parse_vxlan(const struct nlattr *data, struct link_row *row)
{
	static const uint16_t min[IFLA_VXLAN_MAX + 1] = {
		[IFLA_VXLAN_ID] = 4, [IFLA_VXLAN_PORT] = 2, [IFLA_VXLAN_LEARNING] = 1};
	const struct nlattr *tb[IFLA_VXLAN_MAX + 1];

	nl_parse_nested(data, tb, IFLA_VXLAN_MAX, min);
	row->settings = tb[IFLA_VXLAN_LEARNING] && mnl_attr_get_u8(tb[IFLA_VXLAN_LEARNING]);
	if (tb[IFLA_VXLAN_ID])
		row->vni = mnl_attr_get_u32(tb[IFLA_VXLAN_ID]);
	if (tb[IFLA_VXLAN_PORT])
		row->port = ntohs(mnl_attr_get_u16(tb[IFLA_VXLAN_PORT]));
	if (!nl_get_ip(tb[IFLA_VXLAN_LOCAL], &row->local))
		nl_get_ip(tb[IFLA_VXLAN_LOCAL6], &row->local);
}

static void parse_kind(const struct nlattr *linkinfo, struct link_row *row)
{
	static const struct {
		const char *name;
		enum link_type type;
		void (*parse)(const struct nlattr *data, struct link_row *row);
	} kinds[] = {
		{"bridge", LINK_BRIDGE, parse_bridge},
		{"veth", LINK_VETH, NULL},
		{"macvlan", LINK_MACVLAN, parse_macvlan},
		{"vxlan", LINK_VXLAN, parse_vxlan},
	};
	const struct nlattr *tb[IFLA_INFO_MAX + 1];
	char kind[32];

	nl_parse_nested(linkinfo, tb, IFLA_INFO_MAX, NULL);
	nl_text(tb[IFLA_INFO_KIND], kind, sizeof(kind));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kind, kinds[i].name))
			continue;
		row->type = kinds[i].type;
		row->info.is_bridge = kinds[i].type == LINK_BRIDGE;
		row->settings = !kinds[i].parse;
		if (kinds[i].parse && tb[IFLA_INFO_DATA])
			kinds[i].parse(tb[IFLA_INFO_DATA], row);
	}
}

int link_row_parse(const struct nlmsghdr *nlh, struct link_row *ret)
{
	static const uint16_t min[IFLA_MAX + 1] = {[IFLA_MTU] = 4,
						   [IFLA_MASTER] = 4,
						   [IFLA_LINK] = 4,
						   [IFLA_LINK_NETNSID] = 4,
						   [IFLA_ADDRESS] = 6};
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[IFLA_MAX + 1];
	char alias[sizeof(KERNEL_ALIAS) + 1];
	struct link_row row = {.type = -1, .under_nsid = -1};

	if ((nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi))
		return -EBADMSG;
	nl_parse(nlh, sizeof(*ifi), tb, IFLA_MAX, min);
	row.info.index = ifi->ifi_index;
	row.info.flags = ifi->ifi_flags;
	nl_text(tb[IFLA_IFNAME], row.info.name, sizeof(row.info.name));
	row.info.ours = !strcmp(nl_text(tb[IFLA_IFALIAS], alias, sizeof(alias)), KERNEL_ALIAS);
	if (tb[IFLA_MTU])
		row.info.mtu = mnl_attr_get_u32(tb[IFLA_MTU]);
	if (tb[IFLA_MASTER])
		row.info.master = (int)mnl_attr_get_u32(tb[IFLA_MASTER]);
	if (tb[IFLA_LINK])
		row.under = (int)mnl_attr_get_u32(tb[IFLA_LINK]);
	if (tb[IFLA_LINK_NETNSID])
		row.under_nsid = (int)mnl_attr_get_u32(tb[IFLA_LINK_NETNSID]);
	if (tb[IFLA_ADDRESS])
		memcpy(row.info.mac, mnl_attr_get_payload(tb[IFLA_ADDRESS]), 6);
	if (tb[IFLA_LINKINFO])
		parse_kind(tb[IFLA_LINKINFO], &row);
	find_tap_name(tb[IFLA_PROP_LIST], &row);
	*ret = row;
	return 0;
}

static struct nlmsghdr *put_getlink(char *buf, int index)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = RTM_GETLINK;
	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = index;
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nlh;
}

static int take_one(const struct nlmsghdr *nlh, void *arg)
{
	return link_row_parse(nlh, arg);
}

int link_row_at(struct netns *ns, int index, struct link_row *ret, struct err *err)
{
	char buf[256];

	return nl_request(ns->route, put_getlink(buf, index), take_one, ret, err);
}

int link_row_get(struct netns *ns, const char *name, struct link_row *ret, struct err *err)
{
	char buf[512];
	struct nlmsghdr *nlh = put_getlink(buf, 0);
	int r;

	if (!name[0] || strlen(name) > 127)
		return err_set(err, -ENODEV, "\"%s\" is not a link's name", name);
	/* An alternative name may be longer than the other attribute takes. */
	mnl_attr_put_strz(nlh, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
	r = nl_request(ns->route, nlh, take_one, ret, err);
	if (r == -ENODEV)
		err_set(err, r, "there is no link %s", name);
	return r;
}

int link_get(struct netns *ns, const char *name, struct link_info *ret, struct err *err)
{
	struct link_row row = {0};
	int r = link_row_get(ns, name, &row, err);

	if (r == 0)
		*ret = row.info;
	return r;
}

int link_index(struct netns *ns, sym dev, struct err *err)
{
	struct link_info info = {0};
	int r = link_get(ns, symtab_text(ns->set->syms, dev), &info, err);

	return r < 0 ? r : info.index;
}

struct table_reader {
	struct link_table *table;
	size_t cap;
};

static int take_row(const struct nlmsghdr *nlh, void *arg)
{
	struct table_reader *reader = arg;
	struct link_table *t = reader->table;

	if (t->count == reader->cap) {
		reader->cap = MAX(reader->cap * 2, (size_t)16);
		t->rows = xrealloc(t->rows, reader->cap * sizeof(*t->rows));
	}
	if (link_row_parse(nlh, &t->rows[t->count]) == 0)
		t->count++;
	return 0;
}

static int by_index(const void *a, const void *b)
{
	int ia = ((const struct link_row *)a)->info.index, ib = ((const struct link_row *)b)->info.index;

	return (ia > ib) - (ia < ib);
}

int link_table_read(struct netns *ns, struct link_table *t, struct err *err)
{
	struct table_reader reader = {.table = t};
	char buf[256];
	int r;

	link_table_done(t);
	r = nl_dump(ns->route, put_getlink(buf, 0), take_row, &reader, err);
	if (r == 0 && t->count)
		qsort(t->rows, t->count, sizeof(*t->rows), by_index);
	return r;
}

void link_table_done(struct link_table *t)
{
	free(t->rows);
	*t = (struct link_table){0};
}

const struct link_row *link_table_at(const struct link_table *t, int index)
{
	struct link_row key = {.info = {.index = index}};

	return t->count ? bsearch(&key, t->rows, t->count, sizeof(key), by_index) : NULL;
}
