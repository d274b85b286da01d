/* Opening, making and removing the network namespaces that are ours.
 * Used by the dispatcher, which hands each kind's file the namespace to work in. */
#include "kernel/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/net_namespace.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "kernel/internal.h"

#define OWN_NETNS "/proc/thread-self/ns/net"
/* Each costs up to four descriptors; those used least recently are closed. */
#define OPEN_MAX_COUNT 192

static bool has_our_prefix(const char *name)
{
	static const char *const prefixes[] = {"qrouter-", "qdhcp-"};

	if (strchr(name, '/') || strlen(name) > NAME_MAX)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static void go_back(const struct netns_set *set)
{
	if (setns(set->host->fd, CLONE_NEWNET) < 0) {
		perror("buoy: cannot return to the host's network namespace");
		abort();
	}
}

int netns_run(struct netns *ns, int (*fn)(struct netns *ns, void *arg, struct err *err), void *arg,
	      struct err *err)
{
	int r;

	if (!ns->name)
		return fn(ns, arg, err);
	if (setns(ns->fd, CLONE_NEWNET) < 0)
		return err_set(err, -errno, "cannot enter netns %s: %m",
			       symtab_text(ns->set->syms, ns->name));
	r = fn(ns, arg, err);
	go_back(ns->set);
	return r;
}

static int open_route_socket(struct netns *ns, void *arg, struct err *err)
{
	return nl_open(NETLINK_ROUTE, &ns->route, err);
}

static int open_netfilter_socket(struct netns *ns, void *arg, struct err *err)
{
	return nl_open(NETLINK_NETFILTER, &ns->netfilter, err);
}

int netns_netfilter(struct netns *ns, struct mnl_socket **ret, struct err *err)
{
	int r = ns->netfilter ? 0 : netns_run(ns, open_netfilter_socket, NULL, err);

	if (r == 0)
		*ret = ns->netfilter;
	return r;
}

static void close_netns(struct netns *ns)
{
	if (!ns)
		return;
	if (ns->route)
		mnl_socket_close(ns->route);
	if (ns->netfilter)
		mnl_socket_close(ns->netfilter);
	if (ns->packet >= 0)
		close(ns->packet);
	if (ns->fd >= 0)
		close(ns->fd);
	free(ns);
}

static void forget(struct netns_set *set, struct netns *ns)
{
	HASH_DEL(set->open, ns);
	close_netns(ns);
}

int netns_set_init(struct netns_set *set, struct symtab *syms, const char *folder, struct err *err)
{
	struct netns *host = xalloc(sizeof(*host));
	int r;

	*set = (struct netns_set){.syms = syms, .folder = xstrdup(folder), .host = host};
	host->set = set;
	host->host_nsid = host->packet = -1;
	host->fd = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	if (host->fd < 0)
		r = err_set(err, -errno, "%s: %m", OWN_NETNS);
	else
		r = open_route_socket(host, NULL, err);
	if (r < 0)
		netns_set_done(set);
	return r;
}

void netns_set_done(struct netns_set *set)
{
	struct netns *ns, *next;

	HASH_ITER (hh, set->open, ns, next)
		forget(set, ns);
	close_netns(set->host);
	free(set->folder);
	*set = (struct netns_set){0};
}

static char *path_of(const struct netns_set *set, const char *name)
{
	return xasprintf("%s/%s", set->folder, name);
}

static bool is_netns(int fd)
{
	struct statfs st;

	return fstatfs(fd, &st) == 0 && st.f_type == NSFS_MAGIC;
}

static int read_nsid(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[NETNSA_MAX + 1];
	static const uint16_t min[NETNSA_MAX + 1] = {[NETNSA_NSID] = 4};

	nl_parse(nlh, sizeof(struct rtgenmsg), tb, NETNSA_MAX, min);
	if (tb[NETNSA_NSID])
		*(int *)arg = (int)mnl_attr_get_u32(tb[NETNSA_NSID]);
	return 0;
}

/* Has the kernel number the host's namespace as seen from `ns`, and keeps the number: it never changes. */
static int number_host(struct netns *ns, struct err *err)
{
	char buf[128];
	int r = 0;

	for (int pass = 0; pass < 2 && (r == 0 || r == -EEXIST); pass++) {
		struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
		struct rtgenmsg *gen;

		nlh->nlmsg_type = pass ? RTM_GETNSID : RTM_NEWNSID;
		gen = mnl_nlmsg_put_extra_header(nlh, sizeof(*gen));
		gen->rtgen_family = AF_UNSPEC;
		mnl_attr_put_u32(nlh, NETNSA_FD, (uint32_t)ns->set->host->fd);
		if (!pass)
			mnl_attr_put_u32(nlh, NETNSA_NSID, (uint32_t)NETNSA_NSID_NOT_ASSIGNED);
		r = nl_request(ns->route, nlh, read_nsid, &ns->host_nsid, err);
	}
	return r;
}

/* Opens the namespace that the file names, whoever made it. */
static int open_named(struct netns_set *set, sym name, const char *path, struct netns **ret, struct err *err)
{
	struct netns *ns;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return err_set(err, -errno, "%s: %m", path);
	if (!is_netns(fd) || fstat(fd, &st) < 0) {
		close(fd);
		return err_set(err, -ENOENT, "%s is not a network namespace", path);
	}
	ns = xalloc(sizeof(*ns));
	*ns = (struct netns){.set = set, .name = name, .fd = fd, .dev = st.st_dev, .ino = st.st_ino};
	ns->host_nsid = ns->packet = -1;
	r = netns_run(ns, open_route_socket, NULL, err);
	if (r < 0)
		close_netns(ns);
	else
		*ret = ns;
	return r;
}

static bool still_the_same(const struct netns *ns, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == ns->dev && st.st_ino == ns->ino;
}

static int check_mark(struct netns *ns, struct err *err)
{
	struct link_info lo;
	int r = link_get(ns, "lo", &lo, err);

	if (r < 0)
		return r;
	if (!lo.ours)
		return err_set(err, -ENOENT, "netns %s exists and is not Buoy's",
			       symtab_text(ns->set->syms, ns->name));
	return number_host(ns, err);
}

int netns_get(struct netns_set *set, sym name, struct netns **ret, struct err *err)
{
	const char *text = symtab_text(set->syms, name);
	char *path AUTO_FREE = NULL;
	struct netns *ns = NULL;
	int r;

	if (!name) {
		*ret = set->host;
		return 0;
	}
	if (!has_our_prefix(text))
		return err_set(err, -ENOENT, "netns %s: not a name that Buoy gives", text);
	path = path_of(set, text);
	HASH_FIND(hh, set->open, &name, sizeof(name), ns);
	if (ns && !still_the_same(ns, path)) {
		forget(set, ns);
		ns = NULL;
	}
	if (ns) {
		HASH_DEL(set->open, ns); /* comes back as the one used last */
	} else {
		if (HASH_COUNT(set->open) >= OPEN_MAX_COUNT)
			forget(set, set->open);
		r = open_named(set, name, path, &ns, err);
		if (r < 0)
			return r;
		r = check_mark(ns, err);
		if (r == 0)
			r = number_host(ns, err);
		if (r < 0) {
			close_netns(ns);
			return r;
		}
	}
	HASH_ADD(hh, set->open, name, sizeof(name), ns);
	*ret = ns;
	return 0;
}

/* Makes the folder a shared mount point, so that the names made in it are seen in every mount namespace
 * that was copied from this one, and so that removing one removes it everywhere. As ip-netns(8) does. */
static int prepare_folder(const struct netns_set *set, struct err *err)
{
	if (mkdir(set->folder, 0755) < 0 && errno != EEXIST)
		return err_set(err, -errno, "%s: %m", set->folder);
	if (mount("", set->folder, "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	if (errno != EINVAL)
		return err_set(err, -errno, "mount --make-shared %s: %m", set->folder);
	if (mount(set->folder, set->folder, "none", MS_BIND | MS_REC, NULL) < 0 ||
	    mount("", set->folder, "none", MS_SHARED | MS_REC, NULL) < 0)
		return err_set(err, -errno, "mount --bind %s: %m", set->folder);
	return 0;
}

/* Inside the new namespace: the loopback gets our mark and goes up. */
static int mark_loopback(struct err *err)
{
	struct mnl_socket *sock;
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	int r = nl_open(NETLINK_ROUTE, &sock, err);

	if (r < 0)
		return r;
	nlh->nlmsg_type = RTM_NEWLINK;
	ifi->ifi_index = 1; /* always the loopback's */
	ifi->ifi_flags = ifi->ifi_change = IFF_UP;
	mnl_attr_put_str(nlh, IFLA_IFALIAS, KERNEL_ALIAS);
	r = nl_request(sock, nlh, NULL, NULL, err);
	mnl_socket_close(sock);
	return r;
}

/* Gives the thread's namespace its name. */
static int give_name(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0), r;

	if (fd < 0)
		return err_set(err, -errno, "%s: %m", path);
	close(fd);
	if (mount(OWN_NETNS, path, "none", MS_BIND, NULL) == 0)
		return 0;
	r = err_set(err, -errno, "mount %s: %m", path);
	unlink(path);
	return r;
}

int netns_put(struct netns_set *set, sym name, struct err *err)
{
	const char *text = symtab_text(set->syms, name);
	char *path AUTO_FREE = path_of(set, text);
	struct err why = {0};
	struct netns *ns;
	struct statfs st;
	int r = netns_get(set, name, &ns, &why);

	if (r == 0)
		return 0;
	/* A plain file is what an interrupted creation leaves; it is given a namespace below. */
	if (statfs(path, &st) == 0 && st.f_type == NSFS_MAGIC)
		return err_set(err, r == -ENOENT ? -EEXIST : r, "%s", why.message);
	if (!has_our_prefix(text))
		return err_set(err, -EINVAL, "%s", why.message);
	r = prepare_folder(set, err);
	if (r < 0)
		return r;
	if (unshare(CLONE_NEWNET) < 0)
		return err_set(err, -errno, "cannot make netns %s: %m", text);
	/* The mark before the name: whoever kills us in between leaves nothing that is nobody's. */
	r = mark_loopback(err);
	if (r == 0)
		r = give_name(path, err);
	go_back(set);
	return r;
}

int netns_del(struct netns_set *set, sym name, struct err *err)
{
	const char *text = symtab_text(set->syms, name);
	char *path AUTO_FREE = path_of(set, text);
	struct err why = {0};
	struct netns *ns;
	struct statfs st;
	int r;

	/* Without a name the path would be the folder with everybody's namespaces. */
	if (!*text)
		return err_set(err, -EINVAL, "the host's namespace is not deleted");
	r = netns_get(set, name, &ns, &why);
	if (r == 0)
		forget(set, ns);
	else if (r != -ENOENT)
		return err_set(err, r, "%s", why.message);
	else if (statfs(path, &st) < 0)
		return 0;
	else if (st.f_type == NSFS_MAGIC || !has_our_prefix(text))
		return err_set(err, -EPERM, "%s", why.message);
	if (umount2(path, MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT)
		return err_set(err, -errno, "umount %s: %m", path);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_set(err, -errno, "%s: %m", path);
	return 0;
}

static void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* A namespace lives as long as it is open here: one whose name somebody took away must not. */
static void close_nameless(struct netns_set *set)
{
	struct netns *ns, *next;

	HASH_ITER (hh, set->open, ns, next) {
		char *path AUTO_FREE = path_of(set, symtab_text(set->syms, ns->name));

		if (!still_the_same(ns, path))
			forget(set, ns);
	}
}

/* netns_get, and a second look at the mark of one that has been open for long. */
static int get_marked(struct netns_set *set, const char *name, struct netns **ret, struct err *err)
{
	int r = netns_get(set, symtab_put(set->syms, name), ret, err);

	if (r == 0 && (r = check_mark(*ret, err)) < 0)
		forget(set, *ret);
	return r;
}

int netns_list(struct netns_set *set, sym **ret, size_t *ret_count, struct err *err)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(set->folder);
	sym *names = NULL;
	size_t count = 0;
	const struct dirent *e;

	if (!dir && errno != ENOENT)
		return err_set(err, -errno, "%s: %m", set->folder);
	close_nameless(set);
	while (dir && (e = readdir(dir))) {
		struct err why = {0};
		struct netns *ns;
		int r;

		if (!has_our_prefix(e->d_name))
			continue;
		r = get_marked(set, e->d_name, &ns, &why);
		if (r == -ENOENT)
			continue;
		if (r < 0) {
			free(names);
			return err_set(err, r, "%s", why.message);
		}
		names = xrealloc(names, (count + 1) * sizeof(*names));
		names[count++] = ns->name;
	}
	*ret = names;
	*ret_count = count;
	return 0;
}

void netns_apply(struct kernel_linux *k, struct netns *host, struct change **changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct err err = {0};
		sym name = change_fact(changes[i])->ns;
		int r = changes[i]->want ? netns_put(&k->nss, name, &err) : netns_del(&k->nss, name, &err);

		if (r < 0)
			change_fail_err(changes[i], r, &err);
	}
}
