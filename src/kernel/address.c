/* FACT_ADDRESS: addresses of protocol KERNEL_PROTO on our links.
 * One row of the dispatcher's table. Ten thousand floating IPs on one leg are its normal load. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "kernel/arp.h"

#define ADDRESS_ATTRS (IFA_PROTO + 1)

struct parsed {
	int index;
	uint8_t plen, scope;
	struct ip addr;
	bool ours;
};

static bool parse(const struct nlmsghdr *nlh, struct parsed *ret)
{
	static const uint16_t min[ADDRESS_ATTRS] = {[IFA_PROTO] = 1};
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[ADDRESS_ATTRS];

	if (nlh->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifa))
		return false;
	nl_parse(nlh, sizeof(*ifa), tb, ADDRESS_ATTRS - 1, min);
	*ret = (struct parsed){
		.index = (int)ifa->ifa_index, .plen = ifa->ifa_prefixlen, .scope = ifa->ifa_scope};
	ret->ours = tb[IFA_PROTO] && mnl_attr_get_u8(tb[IFA_PROTO]) == KERNEL_PROTO;
	return nl_get_ip(tb[tb[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS], &ret->addr);
}

static struct nlmsghdr *put_getaddr(char *buf, int index)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	nlh->nlmsg_type = RTM_GETADDR;
	ifa->ifa_family = AF_UNSPEC;
	ifa->ifa_index = (uint32_t)index;
	return nlh;
}

struct observer {
	const struct link_table *links;
	const struct link_row *link; /* the last one: addresses come link by link */
	struct symtab *syms;
	struct facts *ret;
	struct fact fact;
};

static int observe_one(const struct nlmsghdr *nlh, void *arg)
{
	struct observer *o = arg;
	struct parsed p;

	if (!parse(nlh, &p) || !p.ours)
		return 0;
	if (!o->link || o->link->info.index != p.index) {
		o->link = link_table_at(o->links, p.index);
		o->fact.dev = o->link ? symtab_put(o->syms, o->link->info.name) : 0;
	}
	/* A floating IP is on the host's own interface. */
	if (!o->link || (!o->link->info.ours && (o->fact.ns || p.scope != RT_SCOPE_LINK)))
		return 0;
	o->fact.addr = p.addr;
	o->fact.plen = p.plen;
	facts_add(o->ret, &o->fact);
	return 0;
}

int address_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err)
{
	struct observer o = {
		.links = kernel_links(k, ns),
		.syms = k->base.syms,
		.ret = ret,
		.fact = {.kind = FACT_ADDRESS, .ns = ns->name},
	};
	char buf[128];

	return nl_dump(ns->route, put_getaddr(buf, 0), observe_one, &o, err);
}

/* --- others' --- */

void foreign_add(struct foreign *f, const struct foreign_address *at)
{
	/* Room is doubled at each power of two. */
	if ((f->count & (f->count - 1)) == 0)
		f->list = xrealloc(f->list, MAX(f->count * 2, (size_t)1) * sizeof(*f->list));
	f->list[f->count++] = *at;
}

static int collect_foreign(const struct nlmsghdr *nlh, void *arg)
{
	struct parsed p;

	if (!parse(nlh, &p) || p.ours || !ip_is_v4(&p.addr))
		return 0;
	foreign_add(arg, &(struct foreign_address){{p.addr, p.plen, true}, p.index});
	return 0;
}

int address_list_foreign(struct netns *ns, struct foreign *ret, struct err *err)
{
	char buf[128];

	return nl_dump(ns->route, put_getaddr(buf, 0), collect_foreign, ret, err);
}

/* --- changing --- */

/* Who asks for the address of an interface gets the first one that is labelled with its name alone, and those
 * of scope link come first. */
static void put_label(struct nlmsghdr *nlh, const char *dev)
{
	const char *mark = strlen(dev) + strlen(":buoy") < IFNAMSIZ ? ":buoy" : ":";
	char label[2 * IFNAMSIZ];

	snprintf(label, sizeof(label), "%s%s", dev, mark);
	if (strlen(label) < IFNAMSIZ)
		mnl_attr_put_strz(nlh, IFA_LABEL, label);
}

static void put_message(struct nl_batch *b, const struct symtab *syms, int index, struct change *c)
{
	const struct fact *f = change_fact(c);
	bool v4 = ip_is_v4(&f->addr);
	struct nlmsghdr *nlh = c->want ? nl_batch_begin(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, c)
				       : nl_batch_begin(b, RTM_DELADDR, 0, c);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = v4 ? AF_INET : AF_INET6;
	ifa->ifa_prefixlen = f->plen;
	ifa->ifa_index = (uint32_t)index;
	if (c->want && f->value.num & ADDRESS_LINK)
		ifa->ifa_scope = RT_SCOPE_LINK;
	nl_put_ip(nlh, IFA_LOCAL, &f->addr);
	nl_put_ip(nlh, IFA_ADDRESS, &f->addr);
	if (c->want && f->value.num & ADDRESS_LINK)
		put_label(nlh, symtab_text(syms, f->dev));
	if (c->want) {
		mnl_attr_put_u8(nlh, IFA_PROTO, KERNEL_PROTO);
		/* Nobody else has what we allocated: no waiting for duplicates. */
		if (!v4)
			mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_NODAD);
	}
	nl_batch_end(b, nlh);
}

struct search {
	const struct fact *fact;
	int index;
	bool ours;
};

static int search_one(const struct nlmsghdr *nlh, void *arg)
{
	struct search *s = arg;
	struct parsed p;

	if (parse(nlh, &p) && p.index == s->index && p.plen == s->fact->plen &&
	    ip_eq(&p.addr, &s->fact->addr))
		s->ours = p.ours;
	return 0;
}

/* The kernel has the address already. When it is ours the caller's view was old, and all is well. */
static void judge_existing(struct netns *ns, int index, struct change *c)
{
	struct search s = {.fact = c->want, .index = index};
	char buf[128], text[IP_TEXT];

	if (nl_dump(ns->route, put_getaddr(buf, index), search_one, &s, NULL) == 0 && s.ours)
		return;
	change_fail(c, -EEXIST, "address %s/%u on %s exists and is not Buoy's",
		    ip_print(&c->want->addr, text), c->want->plen, symtab_text(ns->set->syms, c->want->dev));
}

void address_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	struct err err = {0};
	int *index_of AUTO_FREE = xalloc(count * sizeof(int)), index = 0;
	sym dev = 0;
	size_t sent = 0;

	if (!ns->name)
		host_refuse(ns, changes, count);
	for (size_t i = 0; i < count; i++) {
		const struct fact *f = change_fact(changes[i]);

		if (changes[i]->result)
			continue;
		if (!i || f->dev != dev) {
			dev = f->dev;
			index = link_index(ns, dev, &err);
		}
		if (index < 0 && !(index == -ENODEV && !changes[i]->want))
			change_fail_err(changes[i], index, &err);
		if (index < 0)
			continue;
		if (!changes[i]->want && k->guard && ip_is_v4(&f->addr))
			guard_forget_arp(k->guard, ns->name, dev, htonl(ip_to_v4(&f->addr)));
		index_of[sent++] = index;
		put_message(&b, k->base.syms, index, changes[i]);
	}
	nl_batch_send(&b, ns->route, NULL);
	for (size_t i = 0; i < b.count; i++) {
		struct change *c = b.items[i].arg;

		if (c->want && b.items[i].result == -EEXIST) {
			b.items[i].arg = NULL;
			judge_existing(ns, index_of[i], c);
		}
	}
	changes_take_results(&b);
}
