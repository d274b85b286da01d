/* FACT_FDB: the peers that a vxlan link floods to, its entries for the all-zero MAC address.
 * One row of the dispatcher's table. */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "kernel/internal.h"

static const uint8_t flood_mac[6];

struct observer {
	struct kernel_linux *k;
	struct netns *ns;
	struct facts *ret;
};

static int observe_one(const struct nlmsghdr *nlh, void *arg)
{
	static const uint16_t min[NDA_MAX + 1] = {[NDA_LLADDR] = 6};
	struct observer *o = arg;
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NDA_MAX + 1];
	const struct link_row *link;
	struct fact fact = {.kind = FACT_FDB, .ns = o->ns->name};

	if (nlh->nlmsg_type != RTM_NEWNEIGH || mnl_nlmsg_get_payload_len(nlh) < sizeof(*ndm) ||
	    ndm->ndm_family != AF_BRIDGE)
		return 0;
	link = link_table_at(kernel_links(o->k, o->ns), ndm->ndm_ifindex);
	if (!link || !link->info.ours || link->type != LINK_VXLAN)
		return 0;
	nl_parse(nlh, sizeof(*ndm), tb, NDA_MAX, min);
	if (!tb[NDA_LLADDR] || memcmp(mnl_attr_get_payload(tb[NDA_LLADDR]), flood_mac, 6) ||
	    !nl_get_ip(tb[NDA_DST], &fact.addr))
		return 0;
	fact.dev = symtab_put(o->k->base.syms, link->info.name);
	facts_add(o->ret, &fact);
	return 0;
}

static bool any_vxlan(const struct link_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].info.ours && t->rows[i].type == LINK_VXLAN)
			return true;
	return false;
}

int fdb_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err)
{
	struct observer o = {k, ns, ret};
	char buf[128];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	/* The dump has every address that every bridge has learned. */
	if (!any_vxlan(kernel_links(k, ns)))
		return 0;
	nlh->nlmsg_type = RTM_GETNEIGH;
	ndm->ndm_family = AF_BRIDGE;
	return nl_dump(ns->route, nlh, observe_one, &o, err);
}

static void put_message(struct nl_batch *b, int index, struct change *c)
{
	/* Appending: the entry is a list of peers. A peer that is in it already is no error. */
	struct nlmsghdr *nlh = c->want ? nl_batch_begin(b, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND, c)
				       : nl_batch_begin(b, RTM_DELNEIGH, 0, c);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = AF_BRIDGE;
	ndm->ndm_ifindex = index;
	ndm->ndm_state = NUD_PERMANENT | NUD_NOARP;
	ndm->ndm_flags = NTF_SELF;
	mnl_attr_put(nlh, NDA_LLADDR, sizeof(flood_mac), flood_mac);
	nl_put_ip(nlh, NDA_DST, &change_fact(c)->addr);
	nl_batch_end(b, nlh);
}

void fdb_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	struct err err = {0};
	int index = 0;
	sym dev = 0;

	for (size_t i = 0; i < count; i++) {
		sym name = change_fact(changes[i])->dev;

		if (!i || name != dev)
			index = link_index(ns, dev = name, &err);
		if (index > 0)
			put_message(&b, index, changes[i]);
		else if (changes[i]->want || index != -ENODEV)
			change_fail_err(changes[i], index, &err);
	}
	nl_batch_send(&b, ns->route, NULL);
	changes_take_results(&b);
}
