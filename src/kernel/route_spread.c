/* FACT_SPREAD: a route over several next hops, of protocol KERNEL_PROTO.
 * One row of the dispatcher's table; route.c reads it. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "kernel/route.h"

/* --- observing --- */

static void read_hop(struct kernel_linux *k, const struct link_table *links, const struct rtnexthop *nh,
		     struct spread_hop *ret)
{
	const struct link_row *out = link_table_at(links, nh->rtnh_ifindex);
	const struct nlattr *attr;
	int left = nh->rtnh_len - (int)sizeof(*nh);

	if (out)
		ret->dev = symtab_put(k->base.syms, out->info.name);
	for (attr = (const struct nlattr *)(const void *)(nh + 1); mnl_attr_ok(attr, left);
	     left -= MNL_ALIGN(attr->nla_len), attr = mnl_attr_next(attr))
		if (mnl_attr_get_type(attr) == RTA_GATEWAY)
			nl_get_ip(attr, &ret->via);
}

void spread_observe(struct kernel_linux *k, const struct link_table *links, const struct nlattr *hops,
		    const struct fact *route, struct facts *ret)
{
	const struct rtnexthop *nh = mnl_attr_get_payload(hops);
	size_t left = mnl_attr_get_payload_len(hops);
	struct spread_spec spec = {0};
	struct fact f = {.kind = FACT_SPREAD,
			 .ns = route->ns,
			 .which = route->which,
			 .addr = route->addr,
			 .plen = route->plen,
			 .spread = &spec};

	while (left >= sizeof(*nh) && nh->rtnh_len >= sizeof(*nh) && nh->rtnh_len <= left &&
	       spec.count < SPREAD_MAX) {
		size_t step = MIN((size_t)MNL_ALIGN(nh->rtnh_len), left);

		read_hop(k, links, nh, &spec.hop[spec.count++]);
		left -= step;
		nh = (const struct rtnexthop *)(const void *)((const char *)nh + step);
	}
	facts_add(ret, &f);
}

/* --- changing --- */

static int put_hops(struct nlmsghdr *nlh, struct netns *ns, const struct spread_spec *spec, struct err *err)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, RTA_MULTIPATH);

	for (uint32_t i = 0; i < spec->count; i++) {
		struct rtnexthop *nh = mnl_nlmsg_get_payload_tail(nlh);
		int out = link_index(ns, spec->hop[i].dev, err);

		if (out < 0)
			return out;
		*nh = (struct rtnexthop){.rtnh_ifindex = out};
		nlh->nlmsg_len += MNL_ALIGN(sizeof(*nh));
		nl_put_ip(nlh, RTA_GATEWAY, &spec->hop[i].via);
		nh->rtnh_len = (uint16_t)((char *)mnl_nlmsg_get_payload_tail(nlh) - (char *)nh);
	}
	mnl_attr_nest_end(nlh, nest);
	return 0;
}

static void apply_one(struct netns *ns, struct change *c)
{
	const struct fact *f = change_fact(c);
	enum route_there there = route_look(ns, f);
	AUTO_NL_BATCH struct nl_batch b = {0};
	struct err err = {0};
	struct nlmsghdr *nlh;
	struct rtmsg *rtm;
	int r = 0;

	/* A route with one next hop has taken its place. */
	if (!c->want && there != ROUTE_SPREAD)
		return;
	nlh = nl_batch_begin(&b, c->want ? RTM_NEWROUTE : RTM_DELROUTE,
			     !c->want                  ? 0
			     : there == ROUTE_NOT_OURS ? NLM_F_CREATE | NLM_F_EXCL
						       : NLM_F_CREATE | NLM_F_REPLACE,
			     c);
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = AF_INET;
	rtm->rtm_dst_len = f->plen;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = KERNEL_PROTO;
	rtm->rtm_type = RTN_UNICAST;
	rtm->rtm_scope = c->want ? RT_SCOPE_UNIVERSE : RT_SCOPE_NOWHERE;
	if (f->plen)
		nl_put_ip(nlh, RTA_DST, &f->addr);
	if (c->want)
		r = put_hops(nlh, ns, c->want->spread, &err);
	if (r < 0) {
		nl_batch_cancel(&b);
		change_fail_err(c, r, &err);
		return;
	}
	nl_batch_end(&b, nlh);
	nl_batch_send(&b, ns->route, NULL);
	changes_take_results(&b);
}

void spread_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		apply_one(ns, changes[i]);
}
