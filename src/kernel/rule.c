/* FACT_RULE: routing rules of protocol KERNEL_PROTO in routers' namespaces: which mark looks into which
 * table. One row of the dispatcher's table. */
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "kernel/internal.h"

#define MARK_MASK  0xff
#define FIRST_PREF 10000 /* before the main table's */

struct observer {
	sym ns;
	struct facts *ret;
};

static int observe_one(const struct nlmsghdr *nlh, void *arg)
{
	static const uint16_t min[FRA_MAX + 1] = {
		[FRA_PROTOCOL] = 1, [FRA_FWMARK] = 4, [FRA_FWMASK] = 4, [FRA_TABLE] = 4, [FRA_PRIORITY] = 4};
	const struct nlattr *tb[FRA_MAX + 1];
	const struct observer *o = arg;
	struct fact found = {.kind = FACT_RULE, .ns = o->ns};
	uint32_t table, mark;

	if (nlh->nlmsg_type != RTM_NEWRULE || mnl_nlmsg_get_payload_len(nlh) < sizeof(struct fib_rule_hdr))
		return 0;
	nl_parse(nlh, sizeof(struct fib_rule_hdr), tb, FRA_MAX, min);
	if (!tb[FRA_PROTOCOL] || mnl_attr_get_u8(tb[FRA_PROTOCOL]) != KERNEL_PROTO || !tb[FRA_TABLE])
		return 0;
	table = mnl_attr_get_u32(tb[FRA_TABLE]);
	mark = tb[FRA_FWMARK] ? mnl_attr_get_u32(tb[FRA_FWMARK]) : 0;
	if (!mark || mark > MARK_MASK)
		return 0;
	found.which = (uint16_t)mark;
	/* Of ours, but not as we make them: never what is wanted. */
	found.value.num = table != mark || !tb[FRA_FWMASK] || mnl_attr_get_u32(tb[FRA_FWMASK]) != MARK_MASK ||
			  !tb[FRA_PRIORITY] || mnl_attr_get_u32(tb[FRA_PRIORITY]) != FIRST_PREF + mark;
	facts_add(o->ret, &found);
	return 0;
}

int rule_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err)
{
	struct observer o = {ns->name, ret};
	struct err why = {0};
	char buf[128];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct fib_rule_hdr *rule = mnl_nlmsg_put_extra_header(nlh, sizeof(*rule));
	int r;

	nlh->nlmsg_type = RTM_GETRULE;
	rule->family = AF_INET;
	r = nl_dump(ns->route, nlh, observe_one, &o, &why);
	/* A kernel without rules has none. */
	if (r < 0 && r != -EOPNOTSUPP && r != -EAFNOSUPPORT)
		return err_set(err, r, "rules: %s", why.message);
	return 0;
}

static void put_message(struct nl_batch *b, uint16_t type, uint16_t flags, const struct fact *f,
			struct change *c)
{
	struct nlmsghdr *nlh = nl_batch_begin(b, type, flags, c);
	struct fib_rule_hdr *rule = mnl_nlmsg_put_extra_header(nlh, sizeof(*rule));

	rule->family = AF_INET;
	rule->action = FR_ACT_TO_TBL;
	rule->table = (uint8_t)f->which;
	mnl_attr_put_u8(nlh, FRA_PROTOCOL, KERNEL_PROTO);
	mnl_attr_put_u32(nlh, FRA_FWMARK, f->which);
	if (!f->value.num) {
		mnl_attr_put_u32(nlh, FRA_FWMASK, MARK_MASK);
		mnl_attr_put_u32(nlh, FRA_PRIORITY, FIRST_PREF + f->which);
	}
	nl_batch_end(b, nlh);
}

void rule_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	AUTO_NL_BATCH struct nl_batch b = {0};

	for (size_t i = 0; i < count; i++) {
		struct change *c = changes[i];

		if (c->have)
			put_message(&b, RTM_DELRULE, 0, c->have, c->want ? NULL : c);
		if (c->want)
			put_message(&b, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, c->want, c);
	}
	nl_batch_send(&b, ns->route, NULL);
	changes_take_results(&b);
}
