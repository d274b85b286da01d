/* FACT_PLUG: taps that a hypervisor or an administrator made, put on the bridge of their network.
 * One row of the dispatcher's table, and the list of taps that are there.
 *
 * A tap is somebody else's: it gets a master and goes up, nothing else, and carries no mark of ours. One
 * that is on a bridge of ours was plugged by us. On somebody else's bridge (a provider network's) only
 * those are known that this process plugged; after a restart they are plugged again, which changes nothing.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "kernel/internal.h"

struct plugged {
	UT_hash_handle hh;
	sym tap;
	sym bridge;
};

static struct plugged *recall(const struct kernel_linux *k, sym tap)
{
	struct plugged *p;

	HASH_FIND(hh, k->plugged, &tap, sizeof(tap), p);
	return p;
}

static void forget(struct kernel_linux *k, sym tap)
{
	struct plugged *p = recall(k, tap);

	if (p)
		HASH_DEL(k->plugged, p);
	free(p);
}

static void remember(struct kernel_linux *k, sym tap, sym bridge)
{
	struct plugged *p = recall(k, tap);

	if (!p) {
		p = xalloc(sizeof(*p));
		p->tap = tap;
		HASH_ADD(hh, k->plugged, tap, sizeof(tap), p);
	}
	p->bridge = bridge;
}

void plug_done(struct kernel_linux *k)
{
	struct plugged *p, *next;

	HASH_ITER (hh, k->plugged, p, next)
		forget(k, p->tap);
}

static bool plugged_by_us(const struct kernel_linux *k, sym tap, const struct link_info *bridge)
{
	const struct plugged *p;

	if (bridge->ours)
		return bridge->is_bridge;
	p = recall(k, tap);
	return p && !strcmp(symtab_text(k->base.syms, p->bridge), bridge->name);
}

int plug_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err)
{
	for (size_t i = 0; i < k->host_links.count; i++) {
		const struct link_row *row = &k->host_links.rows[i];
		const struct link_row *master = link_table_at(&k->host_links, row->info.master);
		struct fact fact = {.kind = FACT_PLUG, .ns = ns->name};

		if (!row->tap[0] || row->info.ours || !master || !(row->info.flags & IFF_UP))
			continue;
		fact.dev = symtab_put(k->base.syms, row->tap);
		if (!plugged_by_us(k, fact.dev, &master->info))
			continue;
		fact.value.dev = symtab_put(k->base.syms, master->info.name);
		facts_add(ret, &fact);
	}
	return 0;
}

int plug_taps(struct kernel_linux *k, struct facts *ret, struct err *err)
{
	for (size_t i = 0; i < k->host_links.count; i++) {
		const struct link_row *row = &k->host_links.rows[i];
		const struct link_row *master = link_table_at(&k->host_links, row->info.master);
		struct fact fact = {.kind = FACT_PLUG};

		if (!row->tap[0] || row->info.ours)
			continue;
		fact.dev = symtab_put(k->base.syms, row->tap);
		fact.value.num = (uint32_t)row->info.index;
		if (master && master->info.is_bridge)
			fact.value.dev = symtab_put(k->base.syms, master->info.name);
		facts_add(ret, &fact);
	}
	return 0;
}

/* --- changing --- */

static int set_master(struct netns *ns, int index, int master, bool up, struct err *err)
{
	char buf[128];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = RTM_NEWLINK;
	ifi->ifi_index = index;
	if (up)
		ifi->ifi_flags = ifi->ifi_change = IFF_UP;
	mnl_attr_put_u32(nlh, IFLA_MASTER, (uint32_t)master);
	return nl_request(ns->route, nlh, NULL, NULL, err);
}

static int put_plug(struct kernel_linux *k, struct netns *ns, const struct fact *want, struct err *err)
{
	const char *tap = symtab_text(k->base.syms, want->dev);
	const char *name = symtab_text(k->base.syms, want->value.dev);
	struct link_info link, bridge;
	int r = link_get(ns, tap, &link, err);

	if (r == 0 && link.ours)
		return err_set(err, -EEXIST, "link %s is Buoy's own, not an instance's", tap);
	if (r == 0)
		r = link_get(ns, name, &bridge, err);
	if (r == 0 && !bridge.is_bridge)
		r = err_set(err, -EINVAL, "link %s is not a bridge", name);
	if (r == 0)
		r = set_master(ns, link.index, bridge.index, true, err);
	if (r == 0)
		remember(k, want->dev, want->value.dev);
	return r;
}

static int del_plug(struct kernel_linux *k, struct netns *ns, const struct fact *have, struct err *err)
{
	struct link_row master = {0};
	struct link_info link;
	int r = link_get(ns, symtab_text(k->base.syms, have->dev), &link, err);

	if (r == 0 && link.master && !link.ours)
		r = link_row_at(ns, link.master, &master, err);
	if (r == 0 && master.info.index && plugged_by_us(k, have->dev, &master.info))
		r = set_master(ns, link.index, 0, false, err);
	if (r == 0 || r == -ENODEV)
		forget(k, have->dev);
	return r == -ENODEV ? 0 : r;
}

void plug_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct change *c = changes[i];
		struct err err = {0};
		int r = c->want ? put_plug(k, ns, c->want, &err) : del_plug(k, ns, c->have, &err);

		if (r < 0)
			change_fail_err(c, r, &err);
	}
}
