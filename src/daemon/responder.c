/* The responder process: answers what instances ask by DHCP and DNS, without any privilege.
 *
 * The agent hands it a packet socket for each network; the answers follow from the database, which it only
 * reads. It remembers nothing: a new one goes on where the last one was ended. */
#include "daemon/responder.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <uthash.h>

#include "daemon/process.h"
#include "daemon/responder_dns.h"
#include "kernel/kernel.h"
#include "serve/dns.h"

#define FRAMES_A_TURN 32 /* of one socket, before the others' turn */
#define EVENTS_A_TURN 64
#define HELLO_MS      1000
#define FOLLOW_MS     5000 /* also without a question, so that there is never much to catch up with */
#define COMPLAIN_US   10000000

static void drop_link(struct responder *r, struct served_link *l)
{
	HASH_DEL(r->links, l);
	forwarder_forget(r->forwarder, l);
	epoll_ctl(r->epoll, EPOLL_CTL_DEL, l->fd, NULL); /* the agent has it open, too */
	close(l->fd);
	l->fd = -1;
	l->next_dropped = r->dropped; /* events that are being gone through may name it */
	r->dropped = l;
}

static void free_dropped(struct responder *r)
{
	struct served_link *l;

	while ((l = r->dropped)) {
		r->dropped = l->next_dropped;
		free(l);
	}
}

static void drop_network(struct responder *r, const struct uuid *network)
{
	struct served_link *l;

	HASH_FIND(hh, r->links, network, sizeof(*network), l);
	if (l)
		drop_link(r, l);
}

static void drop_all(struct responder *r)
{
	struct served_link *l, *next;

	HASH_ITER (hh, r->links, l, next)
		drop_link(r, l);
}

/* --- the agent --- */

/* The descriptor that came along; -1: none. */
static int take_fd(struct msghdr *msg)
{
	int fd = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(fd)))
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static void take_link(struct responder *r, const struct serve_message *m, int fd)
{
	struct served_link *l;
	struct epoll_event event = {.events = EPOLLIN};

	drop_network(r, &m->network);
	if (fd < 0)
		return;
	l = xalloc(sizeof(*l));
	*l = (struct served_link){.network = m->network, .mac = m->mac, .fd = fd};
	event.data.ptr = l;
	HASH_ADD(hh, r->links, network, sizeof(l->network), l);
	if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		drop_link(r, l);
}

static void take_message(struct responder *r, const struct serve_message *m, int fd)
{
	if (m->what == SERVE_PUT) {
		take_link(r, m, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
	if (m->what == SERVE_RESET)
		drop_all(r);
	else
		drop_network(r, &m->network);
}

/* False when the agent's end is closed for good. */
static bool read_agent(struct responder *r)
{
	bool any = false;

	for (;;) {
		struct serve_message m;
		union {
			struct cmsghdr align;
			char data[CMSG_SPACE(sizeof(int))];
		} control;
		struct iovec iov = {&m, sizeof(m)};
		struct msghdr msg = {.msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = &control,
				     .msg_controllen = sizeof(control)};
		ssize_t n = recvmsg(r->agent_fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (n < 0)
			break;
		if (n == 0)
			return false;
		r->greeted = any = true;
		if (n == (ssize_t)sizeof(m))
			take_message(r, &m, take_fd(&msg));
	}
	if (any)
		send(r->agent_fd, &(char){SERVE_MORE}, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	return true;
}

/* --- instances --- */

/* Once in a while: whoever asks in a flood is not to fill the log. */
static void complain(struct responder *r, const struct err *err)
{
	int64_t now_us = clock_mono_us();

	if (now_us < r->complain_us)
		return;
	r->complain_us = now_us + COMPLAIN_US;
	log_line("database: %s", err->message);
}

/* Answers what has changed since as well: whoever asks may just have been made. */
static void follow(struct responder *r)
{
	const struct snap *old;
	struct touched *rows;
	struct err err = {0};
	size_t count;

	if (follow_poll(&r->follow, &old, &rows, &count, &err) < 0) {
		complain(r, &err);
		return;
	}
	if (r->publisher)
		publisher_touch(r->publisher, old, r->follow.snap, rows, count);
	snap_drop(old);
	free(rows);
}

/* Whether the sender has left the checksum to its network card. */
static bool is_partial(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA ||
		    c->cmsg_len < CMSG_LEN(sizeof(aux)))
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		return aux.tp_status & TP_STATUS_CSUMNOTREADY;
	}
	return false;
}

struct serve_at responder_at(const struct responder *r, const struct served_link *l)
{
	return (struct serve_at){
		.snap = r->follow.snap, .settings = &r->settings, .network = l->network, .mac = l->mac};
}

void responder_send(const struct served_link *l, const struct datagram *d)
{
	uint8_t out[SERVE_FRAME_MAX];
	size_t n = frame_write(d, out);

	/* Who does not get an answer asks again. */
	if (n)
		send(l->fd, out, n, MSG_DONTWAIT);
}

static void answer_dns(struct responder *r, struct served_link *l, const struct datagram *asked)
{
	struct serve_at at = responder_at(r, l);
	uint8_t out[DNS_MESSAGE_MAX];
	struct datagram told = {.from_mac = l->mac,
				.to_mac = asked->from_mac,
				.from = asked->to,
				.to = asked->from,
				.from_port = asked->to_port,
				.to_port = asked->from_port,
				.data = out};
	enum dns_verdict verdict = dns_answer(&at, asked, out, &told.len);

	if (verdict == DNS_ANSWER)
		responder_send(l, &told);
	else if (verdict == DNS_FORWARD)
		forwarder_ask(r->forwarder, l, asked);
}

static void answer(struct responder *r, struct served_link *l, const uint8_t *frame, size_t len, bool partial)
{
	struct serve_at at = responder_at(r, l);
	uint8_t out[SERVE_FRAME_MAX], message[DHCP_MESSAGE_MAX];
	struct datagram asked, told;
	size_t n = frame_answer_arp(&at, frame, len, out);

	if (n) {
		send(l->fd, out, n, MSG_DONTWAIT);
		return;
	}
	if (frame_read(frame, len, partial, &asked) < 0)
		return;
	if (asked.to_port == 53)
		answer_dns(r, l, &asked);
	else if (dhcp_answer(&at, &asked, message, &told))
		responder_send(l, &told);
}

static void read_link(struct responder *r, struct served_link *l)
{
	uint8_t frame[2048];

	for (int i = 0; i < FRAMES_A_TURN && l->fd >= 0; i++) {
		union {
			struct cmsghdr align;
			char data[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		} control;
		struct iovec iov = {frame, sizeof(frame)};
		struct msghdr msg = {.msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = &control,
				     .msg_controllen = sizeof(control)};
		ssize_t n = recvmsg(l->fd, &msg, MSG_DONTWAIT);

		if (n < 0 && errno == ENETDOWN)
			continue; /* said once; the agent brings another socket when the bridge comes again */
		if (n < 0)
			return;
		if (!(msg.msg_flags & MSG_TRUNC))
			answer(r, l, frame, (size_t)n, is_partial(&msg));
	}
}

/* --- life --- */

/* How long there is nothing to do. */
static int wait_ms(struct responder *r)
{
	int ms = r->greeted ? FOLLOW_MS : HELLO_MS, forward_ms = forwarder_tick(r->forwarder);

	if (forward_ms >= 0)
		ms = MIN(ms, forward_ms);
	return r->publisher ? MIN(ms, publisher_step(r->publisher, r->follow.snap)) : ms;
}

static bool turn(struct responder *r)
{
	struct epoll_event events[EVENTS_A_TURN];
	int n = epoll_wait(r->epoll, events, EVENTS_A_TURN, wait_ms(r));
	bool alive = true;

	if (n == 0 && !r->greeted)
		send(r->agent_fd, &(char){SERVE_HELLO}, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	follow(r);
	for (int i = 0; i < n && alive; i++) {
		if (r->publisher && events[i].data.ptr == r->publisher)
			continue; /* its step reads */
		if (events[i].data.ptr == &r->term_fd)
			alive = false;
		else if (events[i].data.ptr == &r->agent_fd)
			alive = read_agent(r);
		else if (forwarder_owns(r->forwarder, events[i].data.ptr))
			forwarder_read(r->forwarder, events[i].data.ptr);
		else
			read_link(r, events[i].data.ptr);
	}
	free_dropped(r);
	return alive && (n >= 0 || errno == EINTR);
}

static int watch(struct responder *r, int *fd, struct err *err)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};

	if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, *fd, &event) < 0)
		return err_set(err, -errno, "epoll: %m");
	return 0;
}

/* What the answers follow from: never who somebody is, or how that is proven. */
static uint64_t followed(const struct config *c)
{
	uint64_t kinds = KIND_BIT(KIND_NETWORK) | KIND_BIT(KIND_SUBNET) | KIND_BIT(KIND_PORT);

	if (!ip_is_null(&c->publish.server))
		kinds |= KIND_BIT(KIND_FLOATINGIP) | KIND_BIT(KIND_REST);
	return kinds;
}

/* The API process makes the database; until it has, there is nothing to follow. 1: we are to end. */
static int open_follow(struct responder *r, const struct config *c)
{
	for (;;) {
		struct pollfd term = {.fd = r->term_fd, .events = POLLIN};
		struct err err = {0};
		struct store *st;

		if (store_sqlite_open(c->database, true, &st, &err) == 0 &&
		    follow_init(&r->follow, st, followed(c), &err) == 0)
			return 0;
		if (poll(&term, 1, 100) > 0)
			return 1;
	}
}

/* The secret is root's to read. */
static int read_secret(struct responder *r, const char *path)
{
	FILE *f = fopen(path, "re");
	bool read = f && fgets(r->secret, sizeof(r->secret), f);

	if (!read)
		log_line("cannot read the key in %s: %m; no names are published", path);
	if (f)
		fclose(f);
	r->secret[strcspn(r->secret, " \r\n")] = '\0';
	return read && r->secret[0] ? 0 : -EINVAL;
}

static void start_publishing(struct responder *r, const struct config *c)
{
	struct epoll_event event = {.events = EPOLLIN};

	r->publish = c->publish;
	r->publish.secret = r->secret;
	if (ip_is_null(&r->publish.server) || read_secret(r, c->dns_key_file) < 0)
		return;
	r->publisher = publisher_new(&r->publish, r->follow.snap);
	event.data.ptr = r->publisher;
	epoll_ctl(r->epoll, EPOLL_CTL_ADD, publisher_fd(r->publisher), &event);
}

int responder_process(const struct config *config, const struct process_ends *ends)
{
	struct responder r = {.agent_fd = ends->serve, .term_fd = ends->term};
	struct err err = {0};
	int code;

	privileges_limit();
	r.settings = (struct serve_settings){.address = SERVE_ADDRESS,
					     .lease_s = (uint32_t)config->dhcp_lease_s,
					     .domain = config->dns_domain};
	if (open_follow(&r, config))
		return 0;
	r.forwarder = forwarder_new(&r, config->dns_upstream);
	r.epoll = epoll_create1(EPOLL_CLOEXEC);
	start_publishing(&r, config);
	code = privileges_drop(config->user, &err);
	if (code == 0)
		code = watch(&r, &r.term_fd, &err);
	if (code == 0)
		code = watch(&r, &r.agent_fd, &err);
	if (code == 0) {
		send(r.agent_fd, &(char){SERVE_HELLO}, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		while (turn(&r))
			;
	} else {
		log_line("%s", err.message);
	}
	drop_all(&r);
	free_dropped(&r);
	forwarder_free(r.forwarder);
	publisher_free(r.publisher);
	follow_done(&r.follow);
	close(r.epoll);
	return code < 0;
}
