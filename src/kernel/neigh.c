/* The kernel's neighbour tables: asking ahead, and reading one entry.
 * Used by the express data path before an association counts, so that its first packet does not wait for ARP.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "kernel/internal.h"

static struct ndmsg *start(struct nlmsghdr *nlh, int ifindex, const struct ip *addr)
{
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = AF_INET;
	ndm->ndm_ifindex = ifindex;
	mnl_attr_put_u32(nlh, NDA_DST, htonl(ip_to_v4(addr)));
	return ndm;
}

void neigh_ask(struct netns *ns, sym dev, const struct ip *addrs, size_t count)
{
	AUTO_NL_BATCH struct nl_batch b = {0};
	int ifindex = link_index(ns, dev, NULL);

	for (size_t i = 0; ifindex > 0 && i < count; i++) {
		struct nlmsghdr *nlh;

		if (!ip_is_v4(&addrs[i]))
			continue;
		nlh = nl_batch_begin(&b, RTM_NEWNEIGH, NLM_F_CREATE, NULL);
		start(nlh, ifindex, &addrs[i])->ndm_flags = NTF_USE;
		nl_batch_end(&b, nlh);
	}
	if (b.count)
		nl_batch_send(&b, ns->route, NULL);
}

static int read_mac(const struct nlmsghdr *nlh, void *arg)
{
	static const uint16_t min[NDA_MAX + 1] = {[NDA_LLADDR] = sizeof(struct mac)};
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NDA_MAX + 1];

	nl_parse(nlh, sizeof(*ndm), tb, NDA_MAX, min);
	if (tb[NDA_LLADDR] &&
	    ndm->ndm_state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT))
		memcpy(arg, mnl_attr_get_payload(tb[NDA_LLADDR]), sizeof(struct mac));
	return 0;
}

int neigh_get(struct netns *ns, sym dev, const struct ip *addr, struct mac *ret)
{
	int ifindex = link_index(ns, dev, NULL), r;
	struct mac mac = {{0}};
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	if (ifindex < 0 || !ip_is_v4(addr))
		return -ENOENT;
	nlh->nlmsg_type = RTM_GETNEIGH;
	start(nlh, ifindex, addr);
	r = nl_request(ns->route, nlh, read_mac, &mac, NULL);
	if (r < 0 || mac_is_null(&mac))
		return -ENOENT;
	*ret = mac;
	return 0;
}
