/* Links as the kernel tells them: parsing, finding, whole tables.
 * link.c makes and observes links with it, the other kinds turn names into ifindexes and back. */
#pragma once
#include "kernel/netns.h"
#include "plan/fact.h"

struct link_row {
	struct link_info info;
	int type;       /* enum link_type, -1: another one */
	int under;      /* IFLA_LINK: a veth's peer, a macvlan's NIC; 0: none */
	int under_nsid; /* the namespace where `under` is; -1: the same */
	bool settings;  /* the settings that we always give are as we give them */
	uint32_t vni;
	struct ip local;
	uint16_t port;
	char tap[IFNAMSIZ]; /* its name, or alternative name, that looks like a tap's; or "" */
};

struct link_table {
	struct link_row *rows; /* sorted by ifindex; owned */
	size_t count;
};

/* All links of a namespace, instead of what the table held before. */
int link_table_read(struct netns *ns, struct link_table *t, struct err *err);
void link_table_done(struct link_table *t);
const struct link_row *link_table_at(const struct link_table *t, int index); /* NULL: none */

/* One link by name or alternative name. -ENODEV. */
int link_row_get(struct netns *ns, const char *name, struct link_row *ret, struct err *err);
int link_row_at(struct netns *ns, int index, struct link_row *ret, struct err *err);
/* Fills a row from an RTM_NEWLINK or RTM_DELLINK message. -EBADMSG when it is none. */
int link_row_parse(const struct nlmsghdr *nlh, struct link_row *ret);
/* "tap" and the first 11 characters of a UUID. */
bool link_is_tap_name(const char *name);

/* IP addresses in netlink attributes: 4 bytes for IPv4, 16 for IPv6. */
void nl_put_ip(struct nlmsghdr *nlh, uint16_t type, const struct ip *ip);
bool nl_get_ip(const struct nlattr *attr, struct ip *ret);
