/* What devices can do with XDP: the "netdev" family of generic netlink (Linux 6.3 and later).
 * Asked by express_fip.c for the ports that frames are redirected to. */
#include <errno.h>
#include <linux/genetlink.h>
#include <string.h>

#include "kernel/internal.h"

/* Of linux/netdev.h, which Debian 12 does not have. */
enum { DEV_GET = 1 };
enum { DEV_IFINDEX = 1, DEV_XDP_FEATURES = 3, DEV_MAX = 8 };
#define FEATURE_NDO_XMIT 4

struct answer {
	uint16_t family;
	uint64_t features;
};

static int read_family(const struct nlmsghdr *nlh, void *arg)
{
	static const uint16_t min[CTRL_ATTR_MAX + 1] = {[CTRL_ATTR_FAMILY_ID] = 2};
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];

	nl_parse(nlh, GENL_HDRLEN, tb, CTRL_ATTR_MAX, min);
	if (tb[CTRL_ATTR_FAMILY_ID])
		((struct answer *)arg)->family = mnl_attr_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	return 0;
}

static int read_features(const struct nlmsghdr *nlh, void *arg)
{
	static const uint16_t min[DEV_MAX + 1] = {[DEV_XDP_FEATURES] = 8};
	const struct nlattr *tb[DEV_MAX + 1];

	nl_parse(nlh, GENL_HDRLEN, tb, DEV_MAX, min);
	if (tb[DEV_XDP_FEATURES])
		((struct answer *)arg)->features = mnl_attr_get_u64(tb[DEV_XDP_FEATURES]);
	return 0;
}

static struct nlmsghdr *start(char *buf, uint16_t family, uint8_t command)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = family;
	genl->cmd = command;
	genl->version = 1;
	return nlh;
}

static int ask(struct netns *ns, void *arg, struct err *err)
{
	int ifindex = *(const int *)arg, r;
	struct answer answer = {0};
	struct mnl_socket *sock;
	struct nlmsghdr *nlh;
	char buf[256];

	r = nl_open(NETLINK_GENERIC, &sock, err);
	if (r < 0)
		return r;
	nlh = start(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, "netdev");
	r = nl_request(sock, nlh, read_family, &answer, err);
	if (r == 0 && answer.family) {
		nlh = start(buf, answer.family, DEV_GET);
		mnl_attr_put_u32(nlh, DEV_IFINDEX, (uint32_t)ifindex);
		r = nl_request(sock, nlh, read_features, &answer, err);
	}
	mnl_socket_close(sock);
	return r < 0 ? r : (answer.features & FEATURE_NDO_XMIT) != 0;
}

bool xdp_is_taken(struct netns *ns, int ifindex)
{
	return netns_run(ns, ask, &ifindex, NULL) > 0;
}
