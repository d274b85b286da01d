/* FACT_ROUTE: routes of protocol KERNEL_PROTO in the main table, and in those of a router's ways.
 * One row of the dispatcher's table; what has several next hops is route_spread.c's. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "kernel/route.h"

/* `table` 0: all. */
static struct nlmsghdr *put_getroute(char *buf, uint8_t family, uint8_t table)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	nlh->nlmsg_type = RTM_GETROUTE;
	rtm->rtm_family = family;
	rtm->rtm_protocol = KERNEL_PROTO;
	rtm->rtm_table = table;
	return nlh;
}

struct parsed {
	struct fact fact; /* without ns and names */
	int out;
	const struct nlattr *hops; /* several next hops; NULL: one */
};

/* False for what is not a plain route of ours, which a kernel that does not filter dumps may send. */
static bool parse(const struct nlmsghdr *nlh, uint8_t family, struct parsed *ret)
{
	static const uint16_t min[RTA_MAX + 1] = {[RTA_OIF] = 4, [RTA_TABLE] = 4};
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[RTA_MAX + 1];
	uint32_t table;

	if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm) ||
	    rtm->rtm_family != family || rtm->rtm_protocol != KERNEL_PROTO || rtm->rtm_flags & RTM_F_CLONED)
		return false;
	nl_parse(nlh, sizeof(*rtm), tb, RTA_MAX, min);
	table = tb[RTA_TABLE] ? mnl_attr_get_u32(tb[RTA_TABLE]) : rtm->rtm_table;
	if (table > UINT16_MAX)
		return false;
	*ret = (struct parsed){.fact = {.kind = FACT_ROUTE, .plen = rtm->rtm_dst_len},
			       .hops = tb[RTA_MULTIPATH]};
	ret->fact.which = table == RT_TABLE_MAIN ? 0 : (uint16_t)table;
	if (!nl_get_ip(tb[RTA_DST], &ret->fact.addr) && family == AF_INET)
		ret->fact.addr = ip_from_v4(0);
	nl_get_ip(tb[RTA_GATEWAY], &ret->fact.value.ip);
	if (tb[RTA_OIF])
		ret->out = (int)mnl_attr_get_u32(tb[RTA_OIF]);
	return true;
}

struct observer {
	struct kernel_linux *k;
	const struct link_table *links;
	sym ns;
	uint8_t family;
	struct facts *ret;
};

static int observe_one(const struct nlmsghdr *nlh, void *arg)
{
	struct observer *o = arg;
	const struct link_row *out;
	struct parsed p;

	if (!parse(nlh, o->family, &p) || (!o->ns && p.fact.which))
		return 0;
	p.fact.ns = o->ns;
	if (p.hops) {
		spread_observe(o->k, o->links, p.hops, &p.fact, o->ret);
		return 0;
	}
	out = link_table_at(o->links, p.out);
	p.fact.value.dev = out ? symtab_put(o->k->base.syms, out->info.name) : 0;
	facts_add(o->ret, &p.fact);
	return 0;
}

int route_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err)
{
	static const uint8_t families[] = {AF_INET, AF_INET6};
	struct observer o = {.k = k, .links = kernel_links(k, ns), .ns = ns->name, .ret = ret};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct err why = {0};
		char buf[128];
		int r;

		o.family = families[i];
		r = nl_dump(ns->route, put_getroute(buf, families[i], ns->name ? 0 : RT_TABLE_MAIN),
			    observe_one, &o, &why);
		/* No table yet, or a kernel without IPv6: no routes. */
		if (r < 0 && r != -ENOENT && r != -EOPNOTSUPP && r != -EAFNOSUPPORT)
			return err_set(err, r, "%s", why.message);
	}
	return 0;
}

/* --- others' --- */

/* Default routes, and the halves of the world that some VPNs have instead, are in nobody's way. */
#define SHORTEST_FOREIGN 8

static int collect_foreign(const struct nlmsghdr *nlh, void *arg)
{
	static const uint16_t min[RTA_MAX + 1] = {[RTA_OIF] = 4, [RTA_TABLE] = 4};
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[RTA_MAX + 1];
	struct foreign_address at = {{.len = rtm->rtm_dst_len, .set = true}, 0};

	if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm) ||
	    rtm->rtm_family != AF_INET || rtm->rtm_type != RTN_UNICAST || rtm->rtm_flags & RTM_F_CLONED ||
	    rtm->rtm_protocol == KERNEL_PROTO || rtm->rtm_protocol == RTPROT_KERNEL ||
	    rtm->rtm_dst_len < SHORTEST_FOREIGN)
		return 0;
	nl_parse(nlh, sizeof(*rtm), tb, RTA_MAX, min);
	if ((tb[RTA_TABLE] ? mnl_attr_get_u32(tb[RTA_TABLE]) : rtm->rtm_table) != RT_TABLE_MAIN ||
	    !nl_get_ip(tb[RTA_DST], &at.at.addr))
		return 0;
	if (tb[RTA_OIF])
		at.index = (int)mnl_attr_get_u32(tb[RTA_OIF]);
	foreign_add(arg, &at);
	return 0;
}

int route_list_foreign(struct netns *ns, struct foreign *ret, struct err *err)
{
	char buf[128];
	struct nlmsghdr *nlh = put_getroute(buf, AF_INET, RT_TABLE_MAIN);

	((struct rtmsg *)mnl_nlmsg_get_payload(nlh))->rtm_protocol = RTPROT_UNSPEC;
	return nl_dump(ns->route, nlh, collect_foreign, ret, err);
}

/* --- changing --- */

static void put_message(struct nl_batch *b, int out, uint16_t flags, struct change *c)
{
	const struct fact *f = change_fact(c);
	bool on_link = ip_is_null(&f->value.ip);
	struct nlmsghdr *nlh = nl_batch_begin(b, c->want ? RTM_NEWROUTE : RTM_DELROUTE, flags, c);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	rtm->rtm_family = ip_is_v4(&f->addr) ? AF_INET : AF_INET6;
	rtm->rtm_dst_len = f->plen;
	rtm->rtm_table = f->which ? (uint8_t)f->which : RT_TABLE_MAIN;
	rtm->rtm_protocol = KERNEL_PROTO;
	rtm->rtm_type = f->value.dev ? RTN_UNICAST : RTN_UNREACHABLE;
	rtm->rtm_scope = on_link && f->value.dev ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	if (!c->want)
		rtm->rtm_scope = RT_SCOPE_NOWHERE; /* any */
	if (f->plen)
		nl_put_ip(nlh, RTA_DST, &f->addr);
	if (!on_link)
		nl_put_ip(nlh, RTA_GATEWAY, &f->value.ip);
	if (out)
		mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)out);
	nl_batch_end(b, nlh);
}

struct search {
	const struct fact *fact;
	uint8_t family;
	bool ours, spread;
};

static int search_one(const struct nlmsghdr *nlh, void *arg)
{
	struct search *s = arg;
	struct parsed p;

	if (parse(nlh, s->family, &p) && p.fact.which == s->fact->which && p.fact.plen == s->fact->plen &&
	    ip_eq(&p.fact.addr, &s->fact->addr)) {
		s->ours = true;
		s->spread = p.hops;
	}
	return 0;
}

enum route_there route_look(struct netns *ns, const struct fact *to)
{
	struct search s = {.fact = to, .family = ip_is_v4(&to->addr) ? AF_INET : AF_INET6};
	char buf[128];

	nl_dump(ns->route, put_getroute(buf, s.family, to->which ? (uint8_t)to->which : RT_TABLE_MAIN),
		search_one, &s, NULL);
	if (!s.ours)
		return ROUTE_NOT_OURS;
	return s.spread ? ROUTE_SPREAD : ROUTE_SINGLE;
}

/* There is a route to that destination: ours is replaced, somebody else's is left. */
static void judge_existing(struct netns *ns, int out, struct change *c)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	char text[IP_TEXT];

	if (route_look(ns, c->want) == ROUTE_NOT_OURS) {
		change_fail(c, -EEXIST, "route to %s/%u exists and is not Buoy's",
			    ip_print(&c->want->addr, text), c->want->plen);
		return;
	}
	put_message(&b, out, NLM_F_CREATE | NLM_F_REPLACE, c);
	nl_batch_send(&b, ns->route, NULL);
	changes_take_results(&b);
}

/* A next hop may need the on-link route that leads to it: those come first and go last. */
static bool in_this_pass(const struct change *c, int pass)
{
	bool on_link = ip_is_null(&change_fact(c)->value.ip);

	return on_link == (c->want ? pass == 0 : pass == 1);
}

/* A route that several next hops have taken the place of is gone already: the kernel would take those. */
static bool is_replaced(struct netns *ns, const struct change *c)
{
	const struct fact *f = change_fact(c);

	return !c->want && !f->plen && !f->which && ip_is_v4(&f->addr) && ns->name &&
	       route_look(ns, f) == ROUTE_SPREAD;
}

static void apply_pass(struct netns *ns, struct change **changes, size_t count, int pass)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	struct err err = {0};
	int *out_of AUTO_FREE = xalloc(count * sizeof(int)), out = 0;
	sym dev = 0;

	for (size_t i = 0; i < count; i++) {
		struct change *c = changes[i];
		const struct fact *f = change_fact(c);

		if (!in_this_pass(c, pass) || is_replaced(ns, c))
			continue;
		if (f->value.dev != dev) {
			dev = f->value.dev;
			out = dev ? link_index(ns, dev, &err) : 0;
		}
		if (out < 0 && !(out == -ENODEV && !c->want))
			change_fail_err(c, out, &err);
		if (out < 0)
			continue;
		out_of[b.count] = out;
		/* Only what is known to be ours may be replaced. */
		put_message(&b, out,
			    !c->want  ? 0
			    : c->have ? NLM_F_CREATE | NLM_F_REPLACE
				      : NLM_F_CREATE | NLM_F_EXCL,
			    c);
	}
	nl_batch_send(&b, ns->route, NULL);
	for (size_t i = 0; i < b.count; i++) {
		struct change *c = b.items[i].arg;

		if (c->want && b.items[i].result == -EEXIST) {
			b.items[i].arg = NULL;
			judge_existing(ns, out_of[i], c);
		}
	}
	changes_take_results(&b);
}

void route_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	for (int pass = 0; pass < 2; pass++)
		apply_pass(ns, changes, count, pass);
}
