/* The real kernel: hands facts and changes to the row of their kind, namespace by namespace.
 * Between the agent and the files of the kinds. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "kernel/express.h"

static const struct kernel_kind kinds[FACT_KINDS] = {
	[FACT_NETNS] = {false, true, NULL, netns_apply},
	[FACT_SYSCTL] = {true, true, sysctl_observe, sysctl_apply},
	[FACT_LINK] = {true, true, link_observe, link_apply},
	[FACT_FDB] = {true, false, fdb_observe, fdb_apply},
	[FACT_PLUG] = {true, false, plug_observe, plug_apply},
	[FACT_PATH] = {true, false, path_observe, path_apply},
	[FACT_EXPRESS] = {true, false, express_observe, express_apply},
	[FACT_TABLE] = {true, true, nft_observe, nft_apply},
	[FACT_GATEWAY] = {true, true, NULL, nft_apply},
	[FACT_SCOPE] = {true, true, NULL, nft_apply},
	[FACT_METADATA] = {true, true, NULL, nft_apply},
	[FACT_LIMIT] = {true, true, NULL, nft_apply},
	[FACT_WAY] = {false, true, NULL, nft_apply},
	[FACT_FORWARD] = {true, true, NULL, nft_apply},
	[FACT_NAT] = {true, true, NULL, nft_apply},
	[FACT_HOOK] = {true, true, hook_observe, hook_apply},
	[FACT_ADDRESS] = {true, true, address_observe, address_apply},
	[FACT_ROUTE] = {true, true, route_observe, route_apply},
	[FACT_SPREAD] = {false, true, NULL, spread_apply},
	[FACT_RULE] = {false, true, rule_observe, rule_apply},
	[FACT_GUARD] = {true, false, guard_observe, guard_apply},
	[FACT_SERVE] = {true, false, serve_observe, serve_apply},
};

static struct kernel_linux *self(struct kernel *k)
{
	return (struct kernel_linux *)(void *)k;
}

/* --- results --- */

void change_fail(struct change *c, int errnum, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (c->result)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->result = errnum;
	free(c->why);
	c->why = xstrdup(text);
}

void change_fail_err(struct change *c, int errnum, const struct err *err)
{
	change_fail(c, errnum, "%s", err->message[0] ? err->message : strerror(-errnum));
}

static bool means_gone(int errnum)
{
	return errnum == -ENOENT || errnum == -ENODEV || errnum == -EADDRNOTAVAIL || errnum == -ESRCH;
}

void changes_take_results(const struct nl_batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct nl_result *r = &b->items[i];
		struct change *c = r->arg;

		if (c && r->result && (c->want || !means_gone(r->result)))
			change_fail(c, r->result, "%s", r->why ? r->why : strerror(-r->result));
	}
}

/* --- observing --- */

static int observe_netns(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err)
{
	int r = 0;

	if (ns->name) {
		struct fact fact = {.kind = FACT_NETNS, .ns = ns->name};

		r = link_table_read(ns, &k->netns_links, err);
		facts_add(ret, &fact);
	}
	for (size_t i = 0; r == 0 && i < FACT_KINDS; i++)
		if (kinds[i].observe && (ns->name ? kinds[i].in_netns : kinds[i].in_host))
			r = kinds[i].observe(k, ns, ret, err);
	if (r < 0 && ns->name)
		err_prefix(err, "netns %s", symtab_text(k->base.syms, ns->name));
	return r;
}

/* Calls fn for each of our namespaces; one that disappears meanwhile is passed over. */
static int each_netns(struct kernel_linux *k,
		      int (*fn)(struct kernel_linux *k, struct netns *ns, void *arg, struct err *err),
		      void *arg, struct err *err)
{
	sym *names AUTO_FREE = NULL;
	struct netns *ns;
	size_t count;
	int r = netns_list(&k->nss, &names, &count, err);

	for (size_t i = 0; r == 0 && i < count; i++) {
		struct err why = {0};

		r = netns_get(&k->nss, names[i], &ns, &why);
		if (r == 0)
			r = fn(k, ns, arg, err);
		else if (r == -ENOENT)
			r = 0;
		else
			err_set(err, r, "%s", why.message);
	}
	return r;
}

static int observe_named(struct kernel_linux *k, struct netns *ns, void *arg, struct err *err)
{
	return observe_netns(k, ns, arg, err);
}

static int observe(struct kernel *kernel, struct facts *ret, struct err *err)
{
	struct kernel_linux *k = self(kernel);
	int r = link_table_read(k->nss.host, &k->host_links, err);

	if (r == 0)
		r = observe_netns(k, k->nss.host, ret, err);
	if (r == 0)
		r = each_netns(k, observe_named, ret, err);
	link_table_done(&k->host_links);
	link_table_done(&k->netns_links);
	return r;
}

static int observe_place(struct kernel *kernel, sym name, struct facts *ret, struct err *err)
{
	struct kernel_linux *k = self(kernel);
	struct netns *ns = k->nss.host;
	int r = link_table_read(k->nss.host, &k->host_links, err);

	if (r == 0 && name && (r = netns_get(&k->nss, name, &ns, err)) == -ENOENT)
		r = 0;
	else if (r == 0)
		r = observe_netns(k, ns, ret, err);
	link_table_done(&k->host_links);
	link_table_done(&k->netns_links);
	return r;
}

static void note_taps(struct kernel_linux *k)
{
	k->tap_count = 0;
	k->tap_indexes = xrealloc(k->tap_indexes, (k->host_links.count + 1) * sizeof(int));
	for (size_t i = 0; i < k->host_links.count; i++)
		if (k->host_links.rows[i].tap[0] && !k->host_links.rows[i].info.ours)
			k->tap_indexes[k->tap_count++] = k->host_links.rows[i].info.index;
}

static int cmp_index(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* A tap that is there, or that was until its name was taken away. */
static bool concerns_tap(const struct kernel_linux *k, const struct link_row *row)
{
	return row->tap[0] || (k->tap_count && bsearch(&row->info.index, k->tap_indexes, k->tap_count,
						       sizeof(int), cmp_index));
}

static int taps(struct kernel *kernel, struct facts *ret, struct err *err)
{
	struct kernel_linux *k = self(kernel);
	int r = link_table_read(k->nss.host, &k->host_links, err);

	if (r == 0) {
		note_taps(k);
		r = plug_taps(k, ret, err);
	}
	link_table_done(&k->host_links);
	return r;
}

/* --- applying --- */

/* Changes of one apply and direction; `order` keeps the given order within a namespace. */
struct item {
	struct change *change;
	sym ns;
	size_t order;
};

static int by_netns(const void *a, const void *b)
{
	const struct item *ia = a, *ib = b;

	if (ia->ns != ib->ns)
		return ia->ns < ib->ns ? -1 : 1;
	return (ia->order > ib->order) - (ia->order < ib->order);
}

static int by_netns_down(const void *a, const void *b)
{
	const struct item *ia = a, *ib = b;

	if (ia->ns != ib->ns)
		return ia->ns > ib->ns ? -1 : 1;
	return (ia->order > ib->order) - (ia->order < ib->order);
}

static void apply_in(struct kernel_linux *k, const struct kernel_kind *kind, sym name,
		     struct change **changes, size_t count)
{
	struct err err = {0};
	struct netns *ns;
	/* Making and removing namespaces is done from the host's. */
	int r = netns_get(&k->nss, kind->apply == netns_apply ? 0 : name, &ns, &err);

	if (r == 0) {
		kind->apply(k, ns, changes, count);
		return;
	}
	/* What was in a namespace went with it. */
	for (size_t i = 0; i < count; i++)
		if (changes[i]->want || r != -ENOENT)
			change_fail_err(changes[i], r, &err);
}

static void apply_run(struct kernel_linux *k, struct change *changes, size_t count)
{
	const struct kernel_kind *kind = &kinds[change_fact(&changes[0])->kind];
	struct item *items AUTO_FREE = xalloc(count * sizeof(*items));
	struct change **list AUTO_FREE = xalloc(count * sizeof(*list));

	for (size_t i = 0; i < count; i++)
		items[i] = (struct item){&changes[i], change_fact(&changes[i])->ns, i};
	/* Everybody's ends hang on the host's bridges: these are there first and go last. */
	qsort(items, count, sizeof(*items), changes[0].want ? by_netns : by_netns_down);
	for (size_t i = 0; i < count; i++)
		list[i] = items[i].change;
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1; end < count && items[end].ns == items[first].ns; end++)
			;
		apply_in(k, kind, items[first].ns, list + first, end - first);
	}
}

static int by_place(const void *a, const void *b)
{
	return fact_key_cmp((*(const struct change *const *)a)->want,
			    (*(const struct change *const *)b)->want);
}

/* Pointers to the successful puts of a kind, sorted by key. */
static size_t select_puts(const struct changes *all, enum fact_kind kind, struct change ***ret)
{
	struct change **list = NULL;
	size_t count = 0, cap = 0;

	for (size_t i = 0; i < all->count; i++) {
		struct change *c = &all->items[i];

		if (!c->want || c->want->kind != kind || c->result)
			continue;
		if (count == cap) {
			cap = MAX(cap * 2, (size_t)16);
			list = xrealloc(list, cap * sizeof(struct change *));
		}
		list[count++] = c;
	}
	if (count)
		qsort(list, count, sizeof(*list), by_place);
	*ret = list;
	return count;
}

static bool has_nat(struct change **nats, size_t count, const struct fact *address)
{
	struct fact key = {.kind = FACT_NAT, .ns = address->ns, .addr = address->addr};
	struct change change = {.want = &key}, *at = &change;

	return count && bsearch(&at, nats, count, sizeof(*nats), by_place);
}

/* What neighbours are to be told: an address, and the link that it is at now. */
struct announcement {
	sym ns, dev;
	struct ip addr;
};

struct announcements {
	struct announcement *list;
	size_t count;
};

static int by_link(const void *a, const void *b)
{
	const struct announcement *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	return (x->dev > y->dev) - (x->dev < y->dev);
}

/* Addresses that were put, or whose NAT was; and floating IPs that the express data path answers for. */
static struct announcements collect_announcements(const struct changes *all)
{
	struct change **nats AUTO_FREE = NULL, **puts AUTO_FREE = NULL, **express AUTO_FREE = NULL;
	size_t count = select_puts(all, FACT_ADDRESS, &puts), more = select_puts(all, FACT_EXPRESS, &express);
	size_t nat_count = count ? select_puts(all, FACT_NAT, &nats) : 0;
	struct announcements ret = {.list = xalloc((count + more + 1) * sizeof(*ret.list))};

	for (size_t i = 0; i < count; i++) {
		const struct fact *f = puts[i]->want;

		if (f->value.num & ADDRESS_ANNOUNCE || has_nat(nats, nat_count, f))
			ret.list[ret.count++] = (struct announcement){f->ns, f->dev, f->addr};
	}
	for (size_t i = 0; i < more; i++) {
		const struct fact *f = express[i]->want;

		ret.list[ret.count++] = (struct announcement){f->express->ns, f->express->out, f->addr};
	}
	qsort(ret.list, ret.count, sizeof(*ret.list), by_link);
	return ret;
}

/* Tells the neighbours of the addresses that have just come to their links. A neighbour that does not hear
 * it asks when its entry has aged: no reason to call the put a failure. */
static void announce(struct kernel_linux *k, const struct changes *all)
{
	struct announcements a = collect_announcements(all);
	struct ip *addrs AUTO_FREE = xalloc((a.count + 1) * sizeof(*addrs));
	struct netns *ns;

	for (size_t first = 0, end; first < a.count; first = end) {
		for (end = first; end < a.count && by_link(&a.list[end], &a.list[first]) == 0; end++)
			addrs[end - first] = a.list[end].addr;
		if (netns_get(&k->nss, a.list[first].ns, &ns, NULL) == 0)
			arp_announce(ns, a.list[first].dev, addrs, end - first, NULL);
	}
	free(a.list);
}

/* Addresses that this call took from the host: their events are no news. */
static size_t count_own_deletions(const struct changes *changes)
{
	size_t n = 0;

	for (size_t i = 0; i < changes->count; i++) {
		const struct change *c = &changes->items[i];

		n += !c->want && c->have->kind == FACT_ADDRESS && !c->have->ns && !c->result;
	}
	return n;
}

static void apply(struct kernel *kernel, struct changes *changes)
{
	struct kernel_linux *k = self(kernel);
	bool announced = false;

	kernel->drift |= watch_read(k->watch, 0);
	express_begin(k, changes);
	for (size_t first = 0, end; first < changes->count; first = end) {
		const struct change *c = &changes->items[first];

		/* An address may be moving to another router: before the old one lets go, all send to the new
		 * one. */
		if (!c->want && !announced) {
			announce(k, changes);
			announced = true;
		}
		for (end = first; end < changes->count; end++) {
			struct change *next = &changes->items[end];

			if (kinds[change_fact(next)->kind].apply != kinds[change_fact(c)->kind].apply ||
			    !next->want != !c->want)
				break;
			next->result = 0;
			free(TAKE(next->why));
		}
		apply_run(k, &changes->items[first], end - first);
	}
	if (!announced)
		announce(k, changes);
	express_end(k, changes);
	kernel->drift |= watch_read(k->watch, count_own_deletions(changes));
}

/* --- counters and events --- */

struct traffic_list {
	struct traffic *items;
	size_t count;
};

static int traffic_of(struct kernel_linux *k, struct netns *ns, void *arg, struct err *err)
{
	struct traffic_list *list = arg;

	return nft_traffic(k, ns, &list->items, &list->count, err);
}

static int traffic(struct kernel *kernel, struct traffic **ret, size_t *ret_count, struct err *err)
{
	struct traffic_list list = {*ret, *ret_count};
	int r = nft_traffic(self(kernel), self(kernel)->nss.host, &list.items, &list.count, err);

	if (r == 0)
		r = each_netns(self(kernel), traffic_of, &list, err);
	if (r == 0)
		r = express_traffic(self(kernel), &list.items, &list.count, err);

	*ret = list.items;
	*ret_count = list.count;
	return r;
}

static int probe(struct kernel *kernel, const struct fact *floating, const struct probe_packet *p,
		 struct probe_answer *ret, struct err *err)
{
	return express_probe(self(kernel), floating, p, ret, err);
}

static int watch(struct kernel *kernel, const struct ip *floating_ips, size_t count, struct err *err)
{
	return express_watch(self(kernel), floating_ips, count, err);
}

static size_t seen(struct kernel *kernel, struct probe_seen *ret, size_t max)
{
	return express_take_seen(self(kernel), ret, max);
}

static int event_fd(struct kernel *kernel)
{
	return self(kernel)->epoll;
}

/* Reads the link events that are there: did a tap of somebody else's come, change or go? */
static void read_monitor(struct kernel_linux *k)
{
	char buf[NL_RECEIVE_SIZE];

	/* Bounded: what is left makes the descriptor readable again. */
	for (int i = 0; i < 1000; i++) {
		ssize_t n = nl_receive(k->monitor, buf, sizeof(buf), MSG_DONTWAIT);
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)buf;
		int left = (int)n;

		if (n == -ENOBUFS || n == -EMSGSIZE) /* events were lost: anything may have happened */
			k->taps_changed = true;
		else if (n < 0)
			return;
		for (; n > 0 && mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			const struct rtgenmsg *gen = mnl_nlmsg_get_payload(nlh);
			struct link_row row;

			/* AF_BRIDGE tells of a port of a bridge, which is no news of the link. */
			if (link_row_parse(nlh, &row) == 0 && gen->rtgen_family == AF_UNSPEC &&
			    !row.info.ours && concerns_tap(k, &row))
				k->taps_changed = true;
			k->uplinks_changed |= link_row_parse(nlh, &row) == 0 && express_concerns(k, &row);
		}
	}
}

static int read_events(struct kernel *kernel, bool *ret_taps_changed, struct facts *conflicts,
		       bool (*is_ours)(void *arg, const struct mac *mac), void *arg, struct err *err)
{
	struct kernel_linux *k = self(kernel);

	serve_read(k->serve);
	read_monitor(k);
	kernel->drift |= watch_read(k->watch, 0);
	if (k->uplinks_changed)
		express_refresh_uplinks(k);
	k->uplinks_changed = false;
	*ret_taps_changed = k->taps_changed;
	k->taps_changed = false;
	return k->guard ? guard_read(k, conflicts, is_ours, arg, err) : 0;
}

/* --- life --- */

static void kernel_linux_free(struct kernel *kernel)
{
	struct kernel_linux *k = self(kernel);

	if (k->epoll >= 0)
		close(k->epoll);
	if (k->monitor)
		mnl_socket_close(k->monitor);
	if (k->guard)
		guard_free(k->guard);
	watch_free(k->watch);
	serve_free(k->serve);
	express_close(k->express);
	plug_done(k);
	free(k->tap_indexes);
	link_table_done(&k->host_links);
	link_table_done(&k->netns_links);
	netns_set_done(&k->nss);
	free(k);
}

static int poll_fd(struct kernel_linux *k, int fd, struct err *err)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (fd >= 0 && epoll_ctl(k->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return err_set(err, -errno, "epoll: %m");
	return 0;
}

static int open_events(struct kernel_linux *k, struct err *err)
{
	int group = RTNLGRP_LINK, r;

	k->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (k->epoll < 0)
		return err_set(err, -errno, "epoll: %m");
	r = nl_open(NETLINK_ROUTE, &k->monitor, err);
	if (r < 0)
		return r;
	if (mnl_socket_setsockopt(k->monitor, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return err_set(err, -errno, "watching links: %m");
	k->guard = guard_new(&k->nss);
	r = poll_fd(k, mnl_socket_get_fd(k->monitor), err);
	if (r == 0 && k->guard)
		r = poll_fd(k, guard_fd(k->guard), err);
	k->watch = watch_new(k->nss.host);
	if (r == 0 && k->watch)
		r = poll_fd(k, watch_fd(k->watch), err);
	return r;
}

static const struct kernel_ops linux_ops = {
	.observe = observe,
	.observe_place = observe_place,
	.taps = taps,
	.apply = apply,
	.traffic = traffic,
	.probe = probe,
	.watch = watch,
	.seen = seen,
	.event_fd = event_fd,
	.read_events = read_events,
	.free = kernel_linux_free,
};

int kernel_linux_serve(struct kernel *kernel, const char *node, int fd, struct err *err)
{
	struct kernel_linux *k = self(kernel);

	k->serve = serve_new(node, fd);
	return poll_fd(k, fd, err);
}

int kernel_linux_open_express(struct kernel *kernel, const char *folder, enum express_open how,
			      enum express_xdp xdp, size_t wanted, struct err *err)
{
	struct kernel_linux *k = self(kernel);
	int r = k->express ? 0 : express_open(folder, how, wanted, &k->express, err);

	if (r == 0)
		k->express->xdp = xdp;
	return r;
}

bool kernel_linux_express_full(const struct kernel *kernel)
{
	const struct kernel_linux *k = (const struct kernel_linux *)(const void *)kernel;

	return k->express && k->express->full;
}

void kernel_linux_prune_express(struct kernel *kernel, bool all)
{
	if (self(kernel)->express)
		express_prune(self(kernel)->express, all);
}

int kernel_linux_new(struct symtab *syms, const char *run_netns, struct kernel **ret, struct err *err)
{
	struct kernel_linux *k = xalloc(sizeof(*k));
	int r;

	k->base = (struct kernel){.ops = &linux_ops, .syms = syms};
	k->epoll = -1;
	r = netns_set_init(&k->nss, syms, run_netns, err);
	if (r < 0) {
		free(k);
		return r;
	}
	r = open_events(k, err);
	if (r < 0)
		kernel_linux_free(&k->base);
	else
		*ret = &k->base;
	return r;
}
