/* What the files of this layer share: one row of functions per kind of fact.
 * kernel_linux.c walks the rows; everything else is behind one of them. */
#pragma once
#include "kernel/kernel.h"
#include "kernel/link.h"
#include "kernel/netns.h"

struct plugged;
struct watch;   /* watch.c: what of ours somebody takes away from the host */
struct guard;   /* arp_guard.c: the sockets and the addresses that they watch */
struct serve;   /* serve.c: the sockets of the responder */
struct express; /* express.h: the express data path */

struct kernel_linux {
	struct kernel base; /* first */
	struct netns_set nss;
	/* The links of the host, and of the namespace being observed: read before the kinds are asked. */
	struct link_table host_links, netns_links;
	struct plugged *plugged;    /* plug.c's: the taps that we put on somebody else's bridge */
	struct guard *guard;        /* guard_new; may be NULL */
	struct watch *watch;        /* watch_new; may be NULL */
	struct serve *serve;        /* serve_new; NULL: nothing is served */
	struct express *express;    /* may be NULL: there is nothing of it, and nothing is wanted */
	struct mnl_socket *monitor; /* link events of the host */
	int epoll;
	bool taps_changed, uplinks_changed;
	int *tap_indexes; /* of the taps that were there when they were listed last */
	size_t tap_count;
};

/* The links of the namespace being observed. */
static inline const struct link_table *kernel_links(const struct kernel_linux *k, const struct netns *ns)
{
	return ns->name ? &k->netns_links : &k->host_links;
}

struct kernel_kind {
	/* Where the facts of this kind can be; observe is called there. */
	bool in_host, in_netns;
	/* Appends what is ours in this namespace. NULL: another kind's observe reports it too. */
	int (*observe)(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err);
	/* Does `count` changes of one namespace, all puts or all deletions, in their order (neighbours in
	 * enum fact_kind with the same apply are done together: table, gateway and NAT are one transaction):
	 * for each sets result, and why (change_fail) when that is not 0. `result` is 0 on entry.
	 * A thing to be deleted that is gone already is a success. */
	void (*apply)(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);
};

/* Sets result and why, unless the change has failed already (the first reason stays). */
void change_fail(struct change *c, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same from an error object. */
void change_fail_err(struct change *c, int errnum, const struct err *err);
/* The fact that a change is about: want, or have when it is a deletion. */
static inline const struct fact *change_fact(const struct change *c)
{
	return c->want ? c->want : c->have;
}
/* Copies the results of a batch to the changes that are its messages' args (NULL args are skipped). In a
 * deletion the errnos that mean "gone already" (ENOENT, ENODEV, EADDRNOTAVAIL, ESRCH) count as success. */
void changes_take_results(const struct nl_batch *b);

/* rtnetlink, one file each. */
void netns_apply(struct kernel_linux *k, struct netns *host, struct change **changes, size_t count);
int sysctl_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err);
void sysctl_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);
int link_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err);
void link_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);
int fdb_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err);
void fdb_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);
int plug_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err);
int plug_taps(struct kernel_linux *k, struct facts *ret, struct err *err);
void plug_done(struct kernel_linux *k);
void plug_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);
int address_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err);
void address_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);
/* IPv4 addresses, or destinations of routes, that are not ours. */
struct foreign {
	struct foreign_address {
		struct cidr at; /* the address, with its prefix */
		int index;
	} * list; /* malloc'd */
	size_t count;
};
void foreign_add(struct foreign *f, const struct foreign_address *at);
int address_list_foreign(struct netns *ns, struct foreign *ret, struct err *err);
/* Routes that somebody made: neither default routes nor those that come with an address. */
int route_list_foreign(struct netns *ns, struct foreign *ret, struct err *err);
/* host_own.c: refuses what would take the host's own addresses and networks from it. Before such changes are
 * applied in the host's namespace. */
void host_refuse(struct netns *host, struct change **changes, size_t count);
int route_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err);
void route_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);

/* route_spread.c; observed by route_observe. */
void spread_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);
int rule_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err);
void rule_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);

/* nft.c: table, gateway, metadata and nat facts of one namespace; one nf_tables transaction per call (with a
 * fall-back to smaller ones when an element fails, so that a failure does not stop the others). nft_apply
 * also ends the tracked connections of each floating IP whose NAT it deleted or changed. */
int nft_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err);
void nft_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);
/* Appends the counters of one namespace. */
int nft_traffic(struct kernel_linux *k, struct netns *ns, struct traffic **ret, size_t *ret_count,
		struct err *err);

/* express_path.c, express_fip.c, express_hook.c: the express data path's facts. Without it their observe has
 * nothing to say, and their puts fail. */
int path_observe(struct kernel_linux *k, struct netns *host, struct facts *ret, struct err *err);
void path_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);
int express_observe(struct kernel_linux *k, struct netns *host, struct facts *ret, struct err *err);
void express_apply(struct kernel_linux *k, struct netns *host, struct change **changes, size_t count);
int hook_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err);
void hook_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count);
/* Appends the counters of all floating IPs. */
int express_traffic(struct kernel_linux *k, struct traffic **ret, size_t *ret_count, struct err *err);

/* express_probe.c: kernel_ops.probe. */
int express_probe(struct kernel_linux *k, const struct fact *fact, const struct probe_packet *p,
		  struct probe_answer *ret, struct err *err);

/* express_event.c: kernel_ops.watch and .seen. */
int express_watch(struct kernel_linux *k, const struct ip *floating_ips, size_t count, struct err *err);
size_t express_take_seen(struct kernel_linux *k, struct probe_seen *ret, size_t max);

/* neigh.c: has the kernel ask for stations that will be needed soon, and reads what it knows: a MAC address,
 * or -ENOENT when it has none that it would use. */
void neigh_ask(struct netns *ns, sym dev, const struct ip *addrs, size_t count);
int neigh_get(struct netns *ns, sym dev, const struct ip *addr, struct mac *ret);

/* xdp.c: whether frames that XDP redirects to the device arrive: it, or a veth's other end, takes them. */
bool xdp_is_taken(struct netns *ns, int ifindex);

/* conntrack.c: makes the kernel load the module, if it can and has not, as any question to it does. */
int conntrack_load(struct netns *ns, struct err *err);
/* Ends the connections that were opened to these ports: what they are forwarded to is another thing now. */
struct forwarded {
	struct ip addr; /* IPv4 */
	uint8_t protocol;
	uint16_t first, last;
};
int conntrack_flush_ports(struct netns *ns, const struct forwarded *list, size_t count, struct err *err);
/* Ends the connections whose original destination or reply destination is one of these. */
int conntrack_flush_floating(struct netns *ns, const struct ip *addrs, size_t count, struct err *err);

/* arp.c: gratuitous ARP for addresses that are on this device now, without waiting. */
int arp_announce(struct netns *ns, sym dev, const struct ip *addrs, size_t count, struct err *err);

/* watch.c: notices at once when somebody takes our addresses or our table away from the host: an interface
 * that is configured anew, a firewall that loads its rules. Any may be called with NULL. watch_table says
 * whether there is to be a table. watch_read reads what has happened; `own`: so many addresses have we just
 * taken away ourselves. True: something of ours has gone. */
struct watch *watch_new(struct netns *host);
void watch_free(struct watch *w);
int watch_fd(const struct watch *w);
void watch_table(struct watch *w, bool there);
bool watch_read(struct watch *w, size_t own);

/* serve.c. serve_read reads what the responder says; it may be called with NULL. */
struct serve *serve_new(const char *node, int fd);
void serve_free(struct serve *s);
void serve_read(struct serve *s);
int serve_observe(struct kernel_linux *k, struct netns *host, struct facts *ret, struct err *err);
void serve_apply(struct kernel_linux *k, struct netns *host, struct change **changes, size_t count);

/* arp_guard.c. guard_fd is one pollable descriptor for all (an epoll), or -1. guard_read appends the
 * conflicts since the last call and does not block. */
struct guard *guard_new(struct netns_set *nss);
void guard_free(struct guard *g);
int guard_fd(struct guard *g);
int guard_read(struct kernel_linux *k, struct facts *conflicts,
	       bool (*is_ours)(void *arg, const struct mac *mac), void *arg, struct err *err);
int guard_observe(struct kernel_linux *k, struct netns *host, struct facts *ret, struct err *err);
void guard_apply(struct kernel_linux *k, struct netns *host, struct change **changes, size_t count);
