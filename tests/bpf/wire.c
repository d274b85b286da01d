/* AF_PACKET sockets. See wire.h. */
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int set_up(int fd, const char *dev)
{
	struct sockaddr_ll addr = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct packet_mreq promiscuous = {.mr_type = PACKET_MR_PROMISC};
	int one = 1, room = 256 << 20;

	addr.sll_ifindex = promiscuous.mr_ifindex = (int)if_nametoindex(dev);
	if (!addr.sll_ifindex)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof(promiscuous)) < 0 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return 0;
}

static int make_socket(const char *dev)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r;

	if (fd < 0)
		return -errno;
	r = set_up(fd, dev);
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

/* A socket belongs to the namespace that it was made in. */
static int make_socket_in(int here, int there, const char *dev)
{
	int r;

	if (here < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0)
		return -errno;
	r = make_socket(dev);
	if (setns(here, CLONE_NEWNET) < 0)
		return -errno;
	return r;
}

int wire_open(const char *ns, const char *dev, struct wire *ret)
{
	char path[300];
	int here, there, r;

	if (!ns || !strcmp(ns, "-")) {
		r = make_socket(dev);
	} else {
		snprintf(path, sizeof(path), "/run/netns/%s", ns);
		here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		there = open(path, O_RDONLY | O_CLOEXEC);
		r = make_socket_in(here, there, dev);
		close(here);
		close(there);
	}
	if (r < 0)
		return r;
	ret->fd = r;
	return 0;
}

void wire_close(struct wire *w)
{
	close(w->fd);
	w->fd = -1;
}

int wire_send(const struct wire *w, const uint8_t *frame, size_t len)
{
	return send(w->fd, frame, len, 0) < 0 ? -errno : 0;
}

/* The kernel takes a tag off before anybody sees the frame. */
static size_t put_tag_back(struct msghdr *msg, uint8_t *frame, size_t len)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		struct tpacket_auxdata aux;
		uint16_t tag[2];

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			return len;
		tag[0] = htons(aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETHERTYPE_VLAN);
		tag[1] = htons(aux.tp_vlan_tci);
		memmove(frame + 16, frame + 12, len - 12);
		memcpy(frame + 12, tag, 4);
		return len + 4;
	}
	return len;
}

ssize_t wire_receive(const struct wire *w, uint8_t *frame, size_t room)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct iovec part = {.iov_base = frame, .iov_len = room - 4};
	struct msghdr msg = {.msg_iov = &part,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(w->fd, &msg, 0);

	if (n < 0)
		return -errno;
	return n < ETH_HLEN ? n : (ssize_t)put_tag_back(&msg, frame, (size_t)n);
}

unsigned wire_lost(const struct wire *w)
{
	struct tpacket_stats stats = {0};
	socklen_t len = sizeof(stats);

	getsockopt(w->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len);
	return stats.tp_drops;
}
