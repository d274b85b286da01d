/* Netlink requests in batches, single requests, dumps; attribute parsing that trusts nothing.
 * Used by every file that talks to the kernel. */
#include "kernel/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Bytes and messages per sendmsg: the answers to one piece must fit the receive buffer. */
#define PIECE_BYTES   65536
#define PIECE_COUNT   1024
#define SOCKET_BUFFER (16 << 20)
#define DUMP_TRIES    10

static _Thread_local uint32_t next_seq = 1;

static void set_buffer(int fd, int forced, int polite)
{
	int size = SOCKET_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, forced, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, polite, &size, sizeof(size));
}

int nl_open(int protocol, struct mnl_socket **ret, struct err *err)
{
	struct mnl_socket *sock = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	int on = 1;

	if (!sock)
		return err_set(err, -errno, "netlink socket: %m");
	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		int errnum = -errno;

		mnl_socket_close(sock);
		return err_set(err, errnum, "netlink socket: %s", strerror(-errnum));
	}
	set_buffer(mnl_socket_get_fd(sock), SO_SNDBUFFORCE, SO_SNDBUF);
	set_buffer(mnl_socket_get_fd(sock), SO_RCVBUFFORCE, SO_RCVBUF);
	mnl_socket_setsockopt(sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(sock, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(sock, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	*ret = sock;
	return 0;
}

ssize_t nl_receive(struct mnl_socket *sock, void *buf, size_t size, int flags)
{
	for (;;) {
		struct sockaddr_nl from = {0};
		struct iovec iov = {.iov_base = buf, .iov_len = size};
		struct msghdr msg = {
			.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1};
		ssize_t n = recvmsg(mnl_socket_get_fd(sock), &msg, flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (from.nl_pid != 0)
			continue;
		return msg.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
	}
}

static int send_all(struct mnl_socket *sock, const void *data, size_t len)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK};
	ssize_t n;

	do
		n = sendto(mnl_socket_get_fd(sock), data, len, 0, (struct sockaddr *)&to, sizeof(to));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* Drops what an earlier, failed exchange may have left. */
static void drain(struct mnl_socket *sock)
{
	char buf[256];

	for (int i = 0; i < 100000; i++) {
		ssize_t n = nl_receive(sock, buf, sizeof(buf), MSG_DONTWAIT);

		if (n < 0 && n != -EMSGSIZE && n != -ENOBUFS)
			return;
	}
}

void nl_parse_nested(const struct nlattr *nest, const struct nlattr **tb, uint16_t max, const uint16_t *min)
{
	const struct nlattr *attr;

	memset(tb, 0, sizeof(*tb) * (max + 1U));
	mnl_attr_for_each_nested(attr, nest)
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type <= max && (!min || mnl_attr_get_payload_len(attr) >= min[type]))
			tb[type] = attr;
	}
}

void nl_parse(const struct nlmsghdr *nlh, size_t header, const struct nlattr **tb, uint16_t max,
	      const uint16_t *min)
{
	const struct nlattr *attr;

	memset(tb, 0, sizeof(*tb) * (max + 1U));
	if (mnl_nlmsg_get_payload_len(nlh) < header)
		return;
	mnl_attr_for_each(attr, nlh, (unsigned)header)
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type <= max && (!min || mnl_attr_get_payload_len(attr) >= min[type]))
			tb[type] = attr;
	}
}

const char *nl_text(const struct nlattr *attr, char *out, size_t size)
{
	size_t len = attr ? strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)) : 0;

	len = MIN(len, size - 1);
	if (len)
		memcpy(out, mnl_attr_get_payload(attr), len);
	out[len] = '\0';
	return out;
}

/* The answer that an NLMSG_ERROR message carries: 0 or negative errno; `why` gets the kernel's words. */
static int read_ack(const struct nlmsghdr *nlh, char *why, size_t size)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	size_t header = sizeof(*e);

	why[0] = '\0';
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*e))
		return -EBADMSG;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && e->msg.nlmsg_len > sizeof(e->msg))
		header += MNL_ALIGN(e->msg.nlmsg_len - sizeof(e->msg));
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS) {
		nl_parse(nlh, header, tb, NLMSGERR_ATTR_MAX, NULL);
		nl_text(tb[NLMSGERR_ATTR_MSG], why, size);
	}
	return e->error > 0 ? -EBADMSG : e->error;
}

/* --- batches --- */

void nl_batch_done(struct nl_batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		free(b->items[i].why);
	free(b->items);
	free(b->data);
	*b = (struct nl_batch){0};
}

struct nlmsghdr *nl_batch_begin(struct nl_batch *b, uint16_t type, uint16_t flags, void *arg)
{
	struct nlmsghdr *nlh;

	if (b->len + NL_MESSAGE_MAX > b->cap) {
		b->cap = MAX(b->cap * 2, (size_t)4 * NL_MESSAGE_MAX);
		b->data = xrealloc(b->data, b->cap);
	}
	if (b->count == b->items_cap) {
		b->items_cap = MAX(b->items_cap * 2, (size_t)16);
		b->items = xrealloc(b->items, b->items_cap * sizeof(*b->items));
	}
	b->items[b->count++] = (struct nl_result){.arg = arg, .offset = b->len};
	nlh = mnl_nlmsg_put_header(b->data + b->len);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return nlh;
}

void nl_batch_end(struct nl_batch *b, struct nlmsghdr *nlh)
{
	b->len += MNL_ALIGN(nlh->nlmsg_len);
}

void nl_batch_cancel(struct nl_batch *b)
{
	b->len = b->items[--b->count].offset;
}

static struct nlmsghdr *message_at(struct nl_batch *b, size_t i)
{
	return (struct nlmsghdr *)(void *)(b->data + b->items[i].offset);
}

static size_t end_of(const struct nl_batch *b, size_t i)
{
	return i + 1 < b->count ? b->items[i + 1].offset : b->len;
}

/* Takes the answers of messages [first, end), whose first has sequence number `seq`. */
static int collect(struct nl_batch *b, size_t first, size_t end, size_t ack_at, uint32_t seq,
		   struct mnl_socket *sock)
{
	char buf[NL_RECEIVE_SIZE], why[256];
	bool acked = false;

	while (!acked) {
		ssize_t n = nl_receive(sock, buf, sizeof(buf), MSG_DONTWAIT);
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)buf;
		int left = (int)n;

		if (n == -EAGAIN)
			break;
		if (n < 0)
			return (int)n;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			uint32_t i = nlh->nlmsg_seq - seq;
			struct nl_result *r;

			if (nlh->nlmsg_type != NLMSG_ERROR || i >= end - first)
				continue;
			r = &b->items[first + i];
			r->result = read_ack(nlh, why, sizeof(why));
			if (r->result && why[0] && !r->why)
				r->why = xstrdup(why);
			/* A transaction that failed early answers out of order: read until nothing is left.
			 */
			acked = acked || (first + i == ack_at && !b->whole);
			if (first + i == ack_at)
				ack_at = SIZE_MAX;
		}
	}
	return ack_at == SIZE_MAX ? 0 : -ENOMSG;
}

static bool any_failed(const struct nl_batch *b, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		if (b->items[i].result)
			return true;
	return false;
}

/* Messages [first, end) in one sendmsg. */
static int send_piece(struct nl_batch *b, size_t first, size_t end, struct mnl_socket *sock, struct err *err)
{
	size_t ack_at = b->whole && b->ack_at < end ? b->ack_at : end - 1;
	uint32_t seq = next_seq;
	int r;

	next_seq += (uint32_t)(end - first);
	for (size_t i = first; i < end; i++)
		message_at(b, i)->nlmsg_seq = seq + (uint32_t)(i - first);
	message_at(b, ack_at)->nlmsg_flags |= NLM_F_ACK;
	r = send_all(sock, b->data + b->items[first].offset, end_of(b, end - 1) - b->items[first].offset);
	if (r == 0)
		r = collect(b, first, end, ack_at, seq, sock);
	/* A transaction refused as a whole has said so of one of its messages. */
	if (r == -ENOMSG && any_failed(b, first, end))
		return 0;
	if (r == 0)
		return 0;
	drain(sock);
	for (size_t i = first; i < end; i++)
		if (!b->items[i].result)
			b->items[i].result = r;
	return err_set(err, r, "netlink: %s", strerror(-r));
}

int nl_batch_send(struct nl_batch *b, struct mnl_socket *sock, struct err *err)
{
	int result = 0;

	for (size_t first = 0, end; first < b->count; first = end) {
		int r;

		for (end = first + 1; end < b->count; end++)
			if (!b->whole && (end - first == PIECE_COUNT ||
					  end_of(b, end) - b->items[first].offset > PIECE_BYTES))
				break;
		r = send_piece(b, first, end, sock, err);
		if (r < 0)
			result = r;
	}
	return result;
}

/* --- single requests --- */

int nl_request(struct mnl_socket *sock, struct nlmsghdr *nlh, nl_cb cb, void *arg, struct err *err)
{
	char buf[NL_RECEIVE_SIZE], why[256];
	int r, result = 0;

	nlh->nlmsg_seq = next_seq++;
	nlh->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	r = send_all(sock, nlh, nlh->nlmsg_len);
	while (r == 0) {
		ssize_t n = nl_receive(sock, buf, sizeof(buf), MSG_DONTWAIT);
		const struct nlmsghdr *in = (const struct nlmsghdr *)(const void *)buf;
		int left = (int)n;

		if (n < 0) {
			r = n == -EAGAIN ? -ENOMSG : (int)n;
			break;
		}
		for (; mnl_nlmsg_ok(in, left); in = mnl_nlmsg_next(in, &left)) {
			if (in->nlmsg_seq != nlh->nlmsg_seq)
				continue;
			if (in->nlmsg_type == NLMSG_ERROR) {
				r = read_ack(in, why, sizeof(why));
				if (r < 0)
					return err_set(err, r, "%s", why[0] ? why : strerror(-r));
				return result;
			}
			if (cb && result == 0)
				result = cb(in, arg);
		}
	}
	drain(sock);
	return err_set(err, r, "netlink: %s", strerror(-r));
}

/* --- dumps --- */

struct dump {
	char *data; /* whole datagrams, one behind the other, each aligned */
	size_t len, cap;
};

static void cleanup_dump(struct dump *d)
{
	free(d->data);
}

enum dump_state { DUMP_MORE = 1, DUMP_DONE = 0 };

/* Looks at one datagram: DUMP_MORE, DUMP_DONE, -EINTR when the data changed under the dump, or the error. */
static int scan_part(const struct nlmsghdr *nlh, int left, uint32_t seq, bool *interrupted, char *why,
		     size_t size)
{
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_seq != seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			*interrupted = true;
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			int r = read_ack(nlh, why, size);

			return r < 0 ? r : DUMP_DONE;
		}
		if (nlh->nlmsg_type == NLMSG_DONE) {
			int r = mnl_nlmsg_get_payload_len(nlh) >= sizeof(int)
					? *(int *)mnl_nlmsg_get_payload(nlh)
					: 0;

			return r < 0 ? r : DUMP_DONE;
		}
	}
	return DUMP_MORE;
}

static int dump_once(struct mnl_socket *sock, struct nlmsghdr *nlh, struct dump *d, char *why, size_t size)
{
	bool interrupted = false;
	int r;

	d->len = 0;
	why[0] = '\0';
	nlh->nlmsg_seq = next_seq++;
	r = send_all(sock, nlh, nlh->nlmsg_len);
	if (r < 0)
		return r;
	do {
		ssize_t n;

		if (d->len + NL_RECEIVE_SIZE > d->cap) {
			d->cap = MAX(d->cap * 2, (size_t)2 * NL_RECEIVE_SIZE);
			d->data = xrealloc(d->data, d->cap);
		}
		n = nl_receive(sock, d->data + d->len, NL_RECEIVE_SIZE, MSG_DONTWAIT);
		if (n < 0)
			return n == -EAGAIN ? -ENOMSG : (int)n;
		r = scan_part((const struct nlmsghdr *)(const void *)(d->data + d->len), (int)n,
			      nlh->nlmsg_seq, &interrupted, why, size);
		d->len += MNL_ALIGN((size_t)n);
	} while (r == DUMP_MORE);
	return r < 0 ? r : interrupted ? -EINTR : 0;
}

static int dump_deliver(const struct dump *d, uint32_t seq, nl_cb cb, void *arg)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)d->data;
	int left = (int)d->len;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		int r;

		if (nlh->nlmsg_seq != seq || nlh->nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		r = cb(nlh, arg);
		if (r < 0)
			return r;
	}
	return 0;
}

int nl_dump(struct mnl_socket *sock, struct nlmsghdr *nlh, nl_cb cb, void *arg, struct err *err)
{
	CLEANUP(cleanup_dump) struct dump d = {0};
	char why[256] = "";
	int r = -EINTR;

	nlh->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
	for (int i = 0; i < DUMP_TRIES && r == -EINTR; i++) {
		if (i > 0)
			drain(sock);
		r = dump_once(sock, nlh, &d, why, sizeof(why));
	}
	if (r < 0) {
		drain(sock);
		return err_set(err, r, "netlink dump: %s", why[0] ? why : strerror(-r));
	}
	r = dump_deliver(&d, nlh->nlmsg_seq, cb, arg);
	if (r < 0)
		err_set(err, r, "netlink dump: %s", strerror(-r));
	return r;
}
