/* The network namespaces that the agent works in, opened on demand and kept open.
 * Between the dispatcher (kernel_linux.c) and the files of the kinds, which get a struct netns.
 *
 * Ours is a namespace whose file is in the run_netns folder, whose name starts with one of our prefixes,
 * and whose loopback carries the alias KERNEL_ALIAS. Any other is invisible and never changed. */
#pragma once
#include "base/symtab.h"
#include "kernel/netlink.h"

#include <net/if.h>
#include <sys/stat.h>
#include <uthash.h>

struct netns_set;

struct netns {
	UT_hash_handle hh;
	struct netns_set *set;
	sym name; /* 0: the host's */
	int fd;   /* of the namespace */
	dev_t dev;
	ino_t ino; /* both: which namespace this is, to notice when the name is given to another one */
	struct mnl_socket *route;
	struct mnl_socket *netfilter; /* use netns_netfilter() */
	int packet;    /* arp.c's AF_PACKET socket, kept since closing one waits for RCU; or -1 */
	int host_nsid; /* how links in here call the host's namespace (IFLA_LINK_NETNSID) */
};

struct netns_set {
	struct symtab *syms; /* borrowed */
	char *folder;        /* e.g. /run/netns */
	struct netns *host;
	struct netns *open; /* hash by name, least recently used first; without the host */
};

/* The current namespace of the thread becomes "the host". */
int netns_set_init(struct netns_set *set, struct symtab *syms, const char *folder, struct err *err);
void netns_set_done(struct netns_set *set);

/* Borrows a namespace: valid until the next netns_get or netns_del of a name other than 0. -ENOENT when there
 * is none of that name or it is not ours. */
int netns_get(struct netns_set *set, sym name, struct netns **ret, struct err *err);
/* Makes the namespace when it is missing, marks its loopback and sets that up. -EEXIST when somebody else's
 * has this name. */
int netns_put(struct netns_set *set, sym name, struct err *err);
/* Removes the name and closes what is open; the namespace goes with its last user. Absent is success,
 * somebody else's is -EPERM. */
int netns_del(struct netns_set *set, sym name, struct err *err);
/* The names of our namespaces, a malloc'd array. */
int netns_list(struct netns_set *set, sym **ret, size_t *ret_count, struct err *err);

/* The namespace's NETLINK_NETFILTER socket, opened at first use. */
int netns_netfilter(struct netns *ns, struct mnl_socket **ret, struct err *err);

/* Runs fn(ns, arg, err) with this thread inside the namespace and comes back; aborts the process when the
 * way back fails, because everything after would happen in the wrong place. Returns what fn returns. */
int netns_run(struct netns *ns, int (*fn)(struct netns *ns, void *arg, struct err *err), void *arg,
	      struct err *err);

/* What a link is, as far as others than link.c care. */
struct link_info {
	int index;
	int master;     /* 0: none */
	unsigned flags; /* IFF_* */
	uint32_t mtu;
	uint8_t mac[6];
	bool ours; /* carries the alias KERNEL_ALIAS */
	bool is_bridge;
	char name[IFNAMSIZ];
};
/* One link by name or alternative name, asked of the kernel (some microseconds): nothing is remembered from
 * one call to the next, so nothing can be out of date. -ENODEV. */
int link_get(struct netns *ns, const char *name, struct link_info *ret, struct err *err);
/* Its ifindex (> 0), or negative errno. Ask once per run of changes, not per change. */
int link_index(struct netns *ns, sym dev, struct err *err);
