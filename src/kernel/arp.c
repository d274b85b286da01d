/* Gratuitous ARP and ARP probes as raw frames.
 * Called when addresses have come to their links, and by the guard's timer. */
#include "kernel/arp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/socket.h>

#define FRAMES_AT_ONCE 64   /* per system call */
#define SEND_AT_ONCE   1024 /* announcements in one apply; the timer sends the others */
#define SOCKET_BUFFER  (4 << 20)

struct arp_packet {
	struct arphdr header;
	uint8_t sender_mac[6];
	uint8_t sender[4];
	uint8_t target_mac[6];
	uint8_t target[4];
} __attribute__((packed));

/* A socket that receives nothing: protocol 0. */
static int open_socket(struct netns *ns, void *arg, struct err *err)
{
	int size = SOCKET_BUFFER;

	ns->packet = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ns->packet < 0)
		return err_set(err, -errno, "packet socket: %m");
	setsockopt(ns->packet, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	return 0;
}

static void fill(struct arp_packet *p, enum arp_what what, const uint8_t *mac, uint32_t addr)
{
	*p = (struct arp_packet){.header = {.ar_hrd = htons(ARPHRD_ETHER),
					    .ar_pro = htons(ETHERTYPE_IP),
					    .ar_hln = 6,
					    .ar_pln = 4,
					    .ar_op = htons(ARPOP_REQUEST)}};
	memcpy(p->sender_mac, mac, sizeof(p->sender_mac));
	if (what == ARP_ANNOUNCEMENT)
		memcpy(p->sender, &addr, sizeof(p->sender));
	memcpy(p->target, &addr, sizeof(p->target));
}

static int send_some(int fd, const struct link_info *link, enum arp_what what, const uint32_t *addrs,
		     size_t count)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETHERTYPE_ARP),
				 .sll_ifindex = link->index,
				 .sll_halen = 6,
				 .sll_addr = {255, 255, 255, 255, 255, 255}};
	struct arp_packet packets[FRAMES_AT_ONCE];
	struct iovec iov[FRAMES_AT_ONCE];
	struct mmsghdr messages[FRAMES_AT_ONCE] = {0};
	int n;

	for (size_t i = 0; i < count; i++) {
		fill(&packets[i], what, link->mac, addrs[i]);
		iov[i] = (struct iovec){&packets[i], sizeof(packets[i])};
		messages[i].msg_hdr = (struct msghdr){
			.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov[i], .msg_iovlen = 1};
	}
	n = sendmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT);
	return n < 0 ? -errno : 0;
}

int arp_send(struct netns *ns, sym dev, enum arp_what what, const uint32_t *addrs, size_t count,
	     struct err *err)
{
	const char *name = symtab_text(ns->set->syms, dev);
	struct link_info link;
	int r = link_get(ns, name, &link, err);

	if (r == 0 && ns->packet < 0)
		r = netns_run(ns, open_socket, NULL, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i += FRAMES_AT_ONCE) {
		r = send_some(ns->packet, &link, what, &addrs[i], MIN(count - i, (size_t)FRAMES_AT_ONCE));
		if (r < 0 && r != -ENOBUFS && r != -EAGAIN)
			return err_set(err, r, "ARP on %s: %s", name, strerror(-r));
	}
	return 0;
}

int arp_announce(struct netns *ns, sym dev, const struct ip *addrs, size_t count, struct err *err)
{
	struct kernel_linux *k =
		(struct kernel_linux *)(void *)((char *)ns->set - offsetof(struct kernel_linux, nss));
	uint32_t *list AUTO_FREE = xalloc(count * sizeof(*list));
	size_t n = 0;
	int r;

	for (size_t i = 0; i < count; i++)
		if (ip_is_v4(&addrs[i]))
			list[n++] = htonl(ip_to_v4(&addrs[i]));
	r = arp_send(ns, dev, ARP_ANNOUNCEMENT, list, MIN(n, (size_t)SEND_AT_ONCE), err);
	/* Once more a second later, as RFC 5227 has it: the first may have met a bridge port that did not
	 * forward yet. */
	for (size_t i = 0; r == 0 && k->guard && i < n; i++)
		guard_queue_arp(k->guard, ns->name, dev, ARP_ANNOUNCEMENT, list[i], i < SEND_AT_ONCE ? 1 : 2,
				i < SEND_AT_ONCE);
	return r;
}
