/* FACT_LINK: bridges, veth pairs, macvlans and vxlans that carry our alias.
 * One row of the dispatcher's table; reading links is link_read.c's work.
 *
 * A link gets its alias in the same sendmsg that creates it, so that no end of this process, however
 * sudden, leaves a link that is nobody's. What the kernel can change in place is changed in place; only
 * what a link was made with (type, peer, NIC, tunnel) takes a new one. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>

#include "kernel/internal.h"

/* One change being carried out. */
struct work {
	struct netns_set *nss;
	struct netns *ns;
	struct change *change;
	const char *dev;
	const struct link_spec *spec;
};

static const char *text(const struct work *w, sym s)
{
	return symtab_text(w->nss->syms, s);
}

/* --- observing --- */

static sym name_of(const struct kernel_linux *k, const struct link_table *t, int index)
{
	const struct link_row *row = link_table_at(t, index);

	return row ? symtab_put(k->base.syms, row->info.name) : 0;
}

static bool under_is_in_host(const struct netns *ns, const struct link_row *row)
{
	return ns->name ? row->under_nsid >= 0 && row->under_nsid == ns->host_nsid : row->under_nsid < 0;
}

static void observe_peer(const struct kernel_linux *k, const struct link_row *row, struct link_spec *spec)
{
	const struct link_row *peer = link_table_at(&k->host_links, row->under);

	if (!peer || peer->type != LINK_VETH) {
		spec->flaws |= LINK_FLAW_ALIAS;
		return;
	}
	spec->peer = symtab_put(k->base.syms, peer->info.name);
	spec->peer_master = name_of(k, &k->host_links, peer->info.master);
	if (!(peer->info.flags & IFF_UP))
		spec->flaws |= LINK_FLAW_DOWN;
	if (!peer->info.ours)
		spec->flaws |= LINK_FLAW_ALIAS;
	if (peer->info.mtu != row->info.mtu)
		spec->flaws |= LINK_FLAW_SETTINGS;
}

static void observe_row(const struct kernel_linux *k, struct netns *ns, const struct link_row *row,
			struct link_spec *spec)
{
	*spec = (struct link_spec){.type = (enum link_type)row->type, .mtu = row->info.mtu};
	if (!(row->info.flags & IFF_UP))
		spec->flaws |= LINK_FLAW_DOWN;
	if (!row->settings)
		spec->flaws |= LINK_FLAW_SETTINGS;
	switch (spec->type) {
	case LINK_BRIDGE:
		break;
	case LINK_VETH:
		memcpy(spec->mac.b, row->info.mac, sizeof(spec->mac.b));
		if (under_is_in_host(ns, row))
			observe_peer(k, row, spec);
		break;
	case LINK_MACVLAN:
		memcpy(spec->mac.b, row->info.mac, sizeof(spec->mac.b));
		if (under_is_in_host(ns, row))
			spec->parent = name_of(k, &k->host_links, row->under);
		break;
	case LINK_VXLAN:
		spec->master = name_of(k, kernel_links(k, ns), row->info.master);
		spec->vni = row->vni;
		spec->local = row->local;
		spec->port = row->port;
		break;
	}
}

int link_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err)
{
	const struct link_table *t = kernel_links(k, ns);

	for (size_t i = 0; i < t->count; i++) {
		const struct link_row *row = &t->rows[i];
		struct link_spec spec;
		struct fact fact = {.kind = FACT_LINK, .ns = ns->name};

		/* A veth in the host is the far end of one that is reported where its near end is. */
		if (!row->info.ours || row->type < 0 || (!ns->name && row->type == LINK_VETH))
			continue;
		observe_row(k, ns, row, &spec);
		fact.dev = symtab_put(k->base.syms, row->info.name);
		fact.link = &spec;
		facts_add(ret, &fact);
	}
	return 0;
}

/* --- messages --- */

static struct nlmsghdr *begin_link(struct nl_batch *b, uint16_t flags, int index, struct change *c)
{
	struct nlmsghdr *nlh = nl_batch_begin(b, RTM_NEWLINK, flags, c);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_index = index;
	ifi->ifi_flags = ifi->ifi_change = IFF_UP;
	return nlh;
}

/* The message that marks a link and sets it up; by index, or by name when index is 0. */
static struct nlmsghdr *begin_mark(struct nl_batch *b, int index, const char *name, struct change *c)
{
	struct nlmsghdr *nlh = begin_link(b, 0, index, c);

	if (!index)
		mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mnl_attr_put_str(nlh, IFLA_IFALIAS, KERNEL_ALIAS);
	return nlh;
}

static void put_peer(const struct work *w, struct nlmsghdr *nlh)
{
	struct nlattr *peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);

	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, text(w, w->spec->peer));
	mnl_attr_put_u32(nlh, IFLA_MTU, w->spec->mtu);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)w->nss->host->fd);
	mnl_attr_nest_end(nlh, peer);
}

static void put_vxlan(const struct work *w, struct nlmsghdr *nlh, bool create)
{
	mnl_attr_put_u8(nlh, IFLA_VXLAN_LEARNING, 1);
	if (!create)
		return;
	mnl_attr_put_u32(nlh, IFLA_VXLAN_ID, w->spec->vni);
	mnl_attr_put_u16(nlh, IFLA_VXLAN_PORT, htons(w->spec->port));
	if (!ip_is_null(&w->spec->local))
		nl_put_ip(nlh, ip_is_v4(&w->spec->local) ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6,
			  &w->spec->local);
}

/* Turns STP off by itself: while it is on, the kernel refuses the forward delay of 0 that comes with it. */
static void put_stp_off(const struct work *w, struct nl_batch *b, int index)
{
	struct nlmsghdr *nlh = begin_link(b, 0, index, w->change);
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO), *data;

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_BR_STP_STATE, 0);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	nl_batch_end(b, nlh);
}

/* What the type of link is made with (create), or what of it can be set right afterwards. */
static void put_linkinfo(const struct work *w, struct nlmsghdr *nlh, bool create)
{
	static const char *const kinds[] = {
		[LINK_BRIDGE] = "bridge",
		[LINK_VETH] = "veth",
		[LINK_MACVLAN] = "macvlan",
		[LINK_VXLAN] = "vxlan",
	};
	struct nlattr *info, *data;

	if (w->spec->type == LINK_VETH && !create)
		return;
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kinds[w->spec->type]);
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	switch (w->spec->type) {
	case LINK_BRIDGE: /* nothing that holds up or drops a port's first packet */
		mnl_attr_put_u32(nlh, IFLA_BR_STP_STATE, 0);
		mnl_attr_put_u32(nlh, IFLA_BR_FORWARD_DELAY, 0);
		mnl_attr_put_u8(nlh, IFLA_BR_MCAST_SNOOPING, 0);
		break;
	case LINK_VETH:
		put_peer(w, nlh);
		break;
	case LINK_MACVLAN:
		mnl_attr_put_u32(nlh, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
		break;
	case LINK_VXLAN:
		put_vxlan(w, nlh, create);
		break;
	}
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
}

/* --- putting --- */

/* Sends what was prepared for one change; false when something of it failed. */
static bool send_work(struct nl_batch *b, struct netns *ns)
{
	struct err err = {0};

	nl_batch_send(b, ns->route, &err);
	changes_take_results(b);
	for (size_t i = 0; i < b->count; i++)
		if (b->items[i].result)
			return false;
	return true;
}

/* The ifindex of a link that the change refers to; 0 for no name; negative, with the change failed. */
static int need_index(const struct work *w, struct netns *ns, sym name)
{
	struct err err = {0};
	int index = name ? link_index(ns, name, &err) : 0;

	if (index < 0)
		change_fail_err(w->change, index, &err);
	return index;
}

/* The host's end: marked, on its bridge, up. index 0: by name, just created. */
static bool put_far_end(const struct work *w, int index)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	int master = need_index(w, w->nss->host, w->spec->peer_master);
	struct nlmsghdr *nlh = begin_mark(&b, index, text(w, w->spec->peer), w->change);

	mnl_attr_put_u32(nlh, IFLA_MTU, w->spec->mtu);
	if (master >= 0)
		mnl_attr_put_u32(nlh, IFLA_MASTER, (uint32_t)master);
	nl_batch_end(&b, nlh);
	return send_work(&b, w->nss->host) && master >= 0;
}

/* A link of the host that has the name that our new peer is to have: ours is a leftover, whose other end
 * is elsewhere, and goes. */
static bool clear_peer_name(const struct work *w)
{
	struct link_row row = {0};
	AUTO_NL_BATCH struct nl_batch b = {0};
	struct nlmsghdr *nlh;
	struct ifinfomsg *ifi;
	int r = link_row_get(w->nss->host, text(w, w->spec->peer), &row, NULL);

	if (r < 0)
		return true;
	if (!row.info.ours || row.type != LINK_VETH) {
		change_fail(w->change, -EEXIST, "link %s exists and is not Buoy's", text(w, w->spec->peer));
		return false;
	}
	nlh = nl_batch_begin(&b, RTM_DELLINK, 0, NULL);
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = row.info.index;
	nl_batch_end(&b, nlh);
	nl_batch_send(&b, w->nss->host->route, NULL);
	return true;
}

static void create(const struct work *w)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	struct nlmsghdr *nlh;
	int under = 0, master = need_index(w, w->ns, w->spec->master);

	if (w->spec->type == LINK_MACVLAN)
		under = need_index(w, w->nss->host, w->spec->parent);
	if (under < 0 || master < 0)
		return;
	if (w->spec->type == LINK_VETH && !clear_peer_name(w))
		return;
	nlh = begin_link(&b, NLM_F_CREATE | NLM_F_EXCL, 0, w->change);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, w->dev);
	if (w->spec->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, w->spec->mtu);
	if (!mac_is_null(&w->spec->mac))
		mnl_attr_put(nlh, IFLA_ADDRESS, 6, w->spec->mac.b);
	if (under)
		mnl_attr_put_u32(nlh, IFLA_LINK, (uint32_t)under);
	if (under && w->ns->name)
		mnl_attr_put_u32(nlh, IFLA_LINK_NETNSID, (uint32_t)w->ns->host_nsid);
	put_linkinfo(w, nlh, true);
	nl_batch_end(&b, nlh);
	nlh = begin_mark(&b, 0, w->dev, w->change);
	if (master)
		mnl_attr_put_u32(nlh, IFLA_MASTER, (uint32_t)master);
	nl_batch_end(&b, nlh);
	if (send_work(&b, w->ns) && w->spec->type == LINK_VETH)
		put_far_end(w, 0);
}

static void del_index(const struct work *w, struct netns *ns, int index)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	struct nlmsghdr *nlh = nl_batch_begin(&b, RTM_DELLINK, 0, w->change);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_index = index;
	nl_batch_end(&b, nlh);
	send_work(&b, ns);
}

/* Sets right what the kernel can change on a link that is there. `peer`: the host's end, or NULL. */
static void adjust(const struct work *w, const struct link_row *row, const struct link_row *peer)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	struct nlmsghdr *nlh;
	int master = need_index(w, w->ns, w->spec->master);

	if (master < 0)
		return;
	if (w->spec->type == LINK_BRIDGE && !row->settings)
		put_stp_off(w, &b, row->info.index);
	nlh = begin_mark(&b, row->info.index, w->dev, w->change);
	if (w->spec->mtu && w->spec->mtu != row->info.mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, w->spec->mtu);
	if (!mac_is_null(&w->spec->mac) && memcmp(w->spec->mac.b, row->info.mac, 6))
		mnl_attr_put(nlh, IFLA_ADDRESS, 6, w->spec->mac.b);
	if (master != row->info.master)
		mnl_attr_put_u32(nlh, IFLA_MASTER, (uint32_t)master);
	if (!row->settings)
		put_linkinfo(w, nlh, false);
	nl_batch_end(&b, nlh);
	if (send_work(&b, w->ns) && peer)
		put_far_end(w, peer->info.index);
}

/* Whether the link was made with what the spec says; the rest can be adjusted. */
static bool made_alike(const struct work *w, const struct link_row *row, const struct link_row *under)
{
	if (row->type != (int)w->spec->type)
		return false;
	switch (w->spec->type) {
	case LINK_BRIDGE:
		return true;
	case LINK_VETH:
		return under && under->type == LINK_VETH && !strcmp(under->info.name, text(w, w->spec->peer));
	case LINK_MACVLAN:
		return under && !strcmp(under->info.name, text(w, w->spec->parent));
	case LINK_VXLAN:
		return row->vni == w->spec->vni && row->port == w->spec->port &&
		       ip_eq(&row->local, &w->spec->local);
	}
	return false;
}

static void put_link(const struct work *w)
{
	struct link_row row = {0}, host_row = {0}, *under = NULL;
	struct err err = {0};
	int r = link_row_get(w->ns, w->dev, &row, &err);

	if (r == -ENODEV) {
		create(w);
		return;
	}
	if (r < 0) {
		change_fail_err(w->change, r, &err);
		return;
	}
	if (row.under && under_is_in_host(w->ns, &row) &&
	    link_row_at(w->nss->host, row.under, &host_row, NULL) == 0)
		under = &host_row;
	/* One end of a pair of ours may have lost its alias: the other one still tells. */
	if (!row.info.ours && !(row.type == LINK_VETH && w->ns->name && under && under->type == LINK_VETH &&
				under->info.ours)) {
		change_fail(w->change, -EEXIST, "link %s exists and is not Buoy's", w->dev);
		return;
	}
	if (made_alike(w, &row, under)) {
		adjust(w, &row, w->spec->type == LINK_VETH ? under : NULL);
		return;
	}
	del_index(w, w->ns, row.info.index);
	if (!w->change->result)
		create(w);
}

static void del_link(const struct work *w)
{
	struct link_info info;
	struct err err = {0};
	int r = link_get(w->ns, w->dev, &info, &err);

	if (r == -ENODEV)
		return;
	if (r < 0)
		change_fail_err(w->change, r, &err);
	else if (!info.ours)
		change_fail(w->change, -EPERM, "link %s is not Buoy's", w->dev);
	else
		del_index(w, w->ns, info.index);
}

static void apply_one(struct kernel_linux *k, struct netns *ns, struct change *c)
{
	const struct fact *fact = change_fact(c);
	struct work w = {
		.nss = &k->nss,
		.ns = ns,
		.change = c,
		.dev = symtab_text(k->base.syms, fact->dev),
		.spec = fact->link,
	};

	if (!c->want)
		del_link(&w);
	else if (!w.dev[0] || strlen(w.dev) >= IFNAMSIZ || strlen(text(&w, w.spec->peer)) >= IFNAMSIZ)
		change_fail(c, -EINVAL, "\"%s\" or \"%s\" is not a link's name", w.dev,
			    text(&w, w.spec->peer));
	else if (w.spec->type == LINK_VETH && !ns->name)
		change_fail(c, -EOPNOTSUPP, "a veth's near end is in a router's namespace");
	else
		put_link(&w);
}

void link_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	/* Others are plugged into bridges: these come first and go last. */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			bool bridge = change_fact(changes[i])->link->type == LINK_BRIDGE;
			bool now = changes[i]->want ? pass == 0 : pass == 1;

			if (bridge == now)
				apply_one(k, ns, changes[i]);
		}
	}
}
