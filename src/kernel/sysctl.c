/* FACT_SYSCTL: the network settings of a namespace, below /proc/sys.
 * One row of the dispatcher's table. Which namespace /proc/sys/net shows is decided when a file in it is
 * looked up, by the thread's: everything here runs inside. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "kernel/internal.h"

static const char *const paths[SYSCTL_KINDS] = {
	[SYSCTL_IP_FORWARD] = "/proc/sys/net/ipv4/ip_forward",
	[SYSCTL_RP_FILTER_ALL] = "/proc/sys/net/ipv4/conf/all/rp_filter",
	[SYSCTL_RP_FILTER_DEFAULT] = "/proc/sys/net/ipv4/conf/default/rp_filter",
	[SYSCTL_ARP_IGNORE_ALL] = "/proc/sys/net/ipv4/conf/all/arp_ignore",
	[SYSCTL_ARP_ANNOUNCE_ALL] = "/proc/sys/net/ipv4/conf/all/arp_announce",
	[SYSCTL_SEND_REDIRECTS_ALL] = "/proc/sys/net/ipv4/conf/all/send_redirects",
	[SYSCTL_SEND_REDIRECTS_DEFAULT] = "/proc/sys/net/ipv4/conf/default/send_redirects",
	[SYSCTL_CONNTRACK_CHECKSUM] = "/proc/sys/net/netfilter/nf_conntrack_checksum",
	[SYSCTL_CONNTRACK_TCP_BE_LIBERAL] = "/proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal",
	[SYSCTL_FWMARK_REFLECT] = "/proc/sys/net/ipv4/fwmark_reflect",
	[SYSCTL_MULTIPATH_HASH] = "/proc/sys/net/ipv4/fib_multipath_hash_policy",
	[SYSCTL_IP6_FORWARD] = "/proc/sys/net/ipv6/conf/all/forwarding",
};

/* Not every kernel has these at all times: it may be without IPv6, and conntrack's come with its module. */
static bool may_lack(uint16_t which)
{
	return which == SYSCTL_IP6_FORWARD || which == SYSCTL_MULTIPATH_HASH ||
	       which == SYSCTL_CONNTRACK_CHECKSUM || which == SYSCTL_CONNTRACK_TCP_BE_LIBERAL;
}

static int read_number(const char *path, uint32_t *ret, struct err *err)
{
	int fd AUTO_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t n;

	if (fd < 0)
		return err_set(err, -errno, "%s: %m", path);
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return err_set(err, -errno, "%s: %m", path);
	text[n] = '\0';
	*ret = (uint32_t)strtoul(text, NULL, 10);
	return 0;
}

static int write_number(const char *path, uint32_t number, struct err *err)
{
	int fd AUTO_CLOSE = open(path, O_WRONLY | O_CLOEXEC), len;
	char text[32];

	if (fd < 0)
		return err_set(err, -errno, "%s: %m", path);
	len = snprintf(text, sizeof(text), "%u\n", number);
	if (write(fd, text, (size_t)len) < 0)
		return err_set(err, -errno, "%s: %m", path);
	return 0;
}

static int observe_inside(struct netns *ns, void *arg, struct err *err)
{
	struct facts *ret = arg;

	for (uint16_t i = 0; i < SYSCTL_KINDS; i++) {
		struct fact fact = {.kind = FACT_SYSCTL, .ns = ns->name, .which = i};
		struct err why = {0};
		int r = read_number(paths[i], &fact.value.num, &why);

		if (r == -ENOENT && may_lack(i))
			continue;
		if (r < 0)
			return err_set(err, r, "%s", why.message);
		facts_add(ret, &fact);
	}
	return 0;
}

int sysctl_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err)
{
	return netns_run(ns, observe_inside, ret, err);
}

/* The module that conntrack's settings come with is loaded when they are wanted, before the rules need it. */
static int put_number(struct netns *ns, uint16_t which, uint32_t number, struct err *err)
{
	int r = write_number(paths[which], number, err);

	if (r != -ENOENT || which == SYSCTL_IP6_FORWARD || !may_lack(which))
		return r;
	r = conntrack_load(ns, err);
	return r < 0 ? r : write_number(paths[which], number, err);
}

struct run {
	struct change **changes;
	size_t count;
};

static int apply_inside(struct netns *ns, void *arg, struct err *err)
{
	const struct run *run = arg;

	for (size_t i = 0; i < run->count; i++) {
		const struct fact *want = run->changes[i]->want;
		struct err why = {0};
		int r;

		if (!want) /* a setting is never taken back: it goes with its namespace */
			continue;
		r = want->which < SYSCTL_KINDS
			    ? put_number(ns, want->which, want->value.num, &why)
			    : err_set(&why, -EINVAL, "no sysctl has the number %u", want->which);
		if (r < 0)
			change_fail_err(run->changes[i], r, &why);
	}
	return 0;
}

void sysctl_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	struct run run = {changes, count};
	struct err err = {0};
	int r = netns_run(ns, apply_inside, &run, &err);

	for (size_t i = 0; r < 0 && i < count; i++)
		change_fail_err(changes[i], r, &err);
}
