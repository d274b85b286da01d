/* Notices when somebody takes what is ours away from the host's own namespace.
 * Beside the monitor of links: an event means that everything is to be compared, which heals it. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/epoll.h>

#include "kernel/internal.h"

#define READ_MAX 100000 /* datagrams per call */

struct watch {
	struct netns *host; /* borrowed */
	struct mnl_socket *addresses, *rules;
	int epoll;
	bool table; /* there is to be one */
};

/* Of the events of nf_tables only the one that ends each transaction: elements are many. */
static int attach_filter(int fd)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = ARRAY_SIZE(code), .filter = code};

	/* The type is in the host's order, and the filter reads big-endian. */
	code[1].k = htons(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* The thread is in the host's namespace. */
static int join(int protocol, int group, int epoll, struct mnl_socket **ret)
{
	struct epoll_event event = {.events = EPOLLIN};
	int fd, r = nl_open(protocol, ret, NULL);

	if (r < 0)
		return r;
	fd = mnl_socket_get_fd(*ret);
	if (protocol == NETLINK_NETFILTER && attach_filter(fd) < 0)
		return -errno;
	if (mnl_socket_setsockopt(*ret, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	return 0;
}

struct watch *watch_new(struct netns *host)
{
	struct watch *w = xalloc(sizeof(*w));

	w->host = host;
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll < 0 || join(NETLINK_ROUTE, RTNLGRP_IPV4_IFADDR, w->epoll, &w->addresses) < 0 ||
	    join(NETLINK_NETFILTER, NFNLGRP_NFTABLES, w->epoll, &w->rules) < 0) {
		watch_free(w);
		return NULL;
	}
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	if (w->addresses)
		mnl_socket_close(w->addresses);
	if (w->rules)
		mnl_socket_close(w->rules);
	if (w->epoll >= 0)
		close(w->epoll);
	free(w);
}

int watch_fd(const struct watch *w)
{
	return w->epoll;
}

void watch_table(struct watch *w, bool there)
{
	if (w)
		w->table = there;
}

static bool is_our_address_going(const struct nlmsghdr *nlh)
{
	static const uint16_t min[IFA_PROTO + 1] = {[IFA_PROTO] = 1};
	const struct nlattr *tb[IFA_PROTO + 1];

	if (nlh->nlmsg_type != RTM_DELADDR || mnl_nlmsg_get_payload_len(nlh) < sizeof(struct ifaddrmsg))
		return false;
	nl_parse(nlh, sizeof(struct ifaddrmsg), tb, IFA_PROTO, min);
	return tb[IFA_PROTO] && mnl_attr_get_u8(tb[IFA_PROTO]) == KERNEL_PROTO;
}

/* How many of our addresses have gone. Lost events may have been anything. */
static size_t read_addresses(struct watch *w)
{
	char buf[NL_RECEIVE_SIZE];
	size_t gone = 0;

	for (int i = 0; i < READ_MAX; i++) {
		ssize_t n = nl_receive(w->addresses, buf, sizeof(buf), MSG_DONTWAIT);
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)buf;
		int left = (int)n;

		if (n == -ENOBUFS || n == -EMSGSIZE)
			return SIZE_MAX;
		else if (n < 0)
			break;
		for (; n > 0 && mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			gone += is_our_address_going(nlh);
	}
	return gone;
}

static bool table_is_gone(struct watch *w)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	struct mnl_socket *sock;

	nlh->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE;
	nfg->nfgen_family = NFPROTO_IPV4;
	nfg->version = NFNETLINK_V0;
	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, KERNEL_TABLE);
	return netns_netfilter(w->host, &sock, NULL) == 0 &&
	       nl_request(sock, nlh, NULL, NULL, NULL) == -ENOENT;
}

/* However many transactions there were, one question tells. */
static bool read_rules(struct watch *w)
{
	char buf[NL_RECEIVE_SIZE];
	bool any = false;

	for (int i = 0; i < READ_MAX; i++) {
		ssize_t n = nl_receive(w->rules, buf, sizeof(buf), MSG_DONTWAIT);

		if (n < 0 && n != -ENOBUFS && n != -EMSGSIZE)
			break;
		any = true;
	}
	return any && w->table && table_is_gone(w);
}

bool watch_read(struct watch *w, size_t own)
{
	bool gone;

	if (!w)
		return false;
	gone = read_addresses(w) > own;
	return read_rules(w) || gone;
}
