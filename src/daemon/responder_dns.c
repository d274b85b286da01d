/* Forwarding DNS: a question goes out by a socket of its own (so from a port that nobody can guess), under an
 * id of its own, and only an answer to it from whom it was asked goes back, to who asked.
 *
 * A fixed number of questions may wait; of one network only a part of these, so that nobody takes all. */
#include "daemon/responder_dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "daemon/process.h"
#include "serve/dns.h"

#define WAITING_MAX   512
#define OF_A_LINK_MAX 64
#define WAIT_US       5000000
#define UPSTREAMS_MAX 3
#define REREAD_US     10000000

struct waiting {
	struct served_link *link; /* NULL: free */
	int fd;
	int64_t until_us;
	struct datagram asked; /* without its data */
	uint8_t id[2];
	uint8_t question[DNS_QUESTION_MAX];
	size_t len;
	unsigned upstream; /* which of them was asked */
};

struct forwarder {
	struct responder *r;
	struct waiting list[WAITING_MAX];
	size_t count;
	struct ip upstream[UPSTREAMS_MAX];
	size_t upstream_count;
	bool from_file;
	int64_t read_us; /* when the file was read; 0: never */
};

/* --- whom to ask --- */

static void add_upstream(struct forwarder *f, const char *text)
{
	if (f->upstream_count < UPSTREAMS_MAX && ip_parse(text, &f->upstream[f->upstream_count]) == 0)
		f->upstream_count++;
}

static void read_file(struct forwarder *f, int64_t now_us)
{
	FILE *file;
	char line[256], name[64];

	if (f->read_us && now_us < f->read_us + REREAD_US)
		return;
	f->read_us = now_us;
	file = fopen("/etc/resolv.conf", "re");
	if (!file)
		return;
	f->upstream_count = 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " nameserver %63s", name) == 1)
			add_upstream(f, name);
	fclose(file);
}

struct forwarder *forwarder_new(struct responder *r, const char *upstream)
{
	struct forwarder *f = xalloc(sizeof(*f));
	char *text = xstrdup(upstream), *save = NULL;

	f->r = r;
	f->from_file = !upstream[0];
	for (char *p = strtok_r(text, ", ", &save); p; p = strtok_r(NULL, ", ", &save))
		add_upstream(f, p);
	free(text);
	return f;
}

static int open_upstream(const struct ip *ip)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(53)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
	bool is_v4 = ip_is_v4(ip);
	int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (is_v4)
		v4.sin_addr.s_addr = htonl(ip_to_v4(ip));
	memcpy(v6.sin6_addr.s6_addr, ip->b, sizeof(ip->b));
	if (fd >= 0 && connect(fd, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
			       is_v4 ? sizeof(v4) : sizeof(v6)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* --- who waits --- */

static void end(struct forwarder *f, struct waiting *w)
{
	close(w->fd);
	w->link = NULL;
	f->count--;
}

void forwarder_forget(struct forwarder *f, const struct served_link *l)
{
	for (size_t i = 0; f && i < WAITING_MAX; i++)
		if (f->list[i].link == l)
			end(f, &f->list[i]);
}

void forwarder_free(struct forwarder *f)
{
	for (size_t i = 0; f && i < WAITING_MAX; i++)
		if (f->list[i].link)
			end(f, &f->list[i]);
	free(f);
}

int forwarder_tick(struct forwarder *f)
{
	int64_t now_us = clock_mono_us(), next = INT64_MAX;

	for (size_t i = 0; f->count && i < WAITING_MAX; i++) {
		struct waiting *w = &f->list[i];

		if (w->link && w->until_us <= now_us)
			end(f, w);
		if (w->link)
			next = MIN(next, w->until_us);
	}
	return next == INT64_MAX ? -1 : (int)((next - now_us) / 1000) + 1;
}

static void tell(struct served_link *l, const struct datagram *asked, const uint8_t *message, size_t len)
{
	responder_send(l, &(struct datagram){.from_mac = l->mac,
					     .to_mac = asked->from_mac,
					     .from = asked->to,
					     .to = asked->from,
					     .from_port = asked->to_port,
					     .to_port = asked->from_port,
					     .data = message,
					     .len = len});
}

static void fail(struct served_link *l, const struct datagram *asked)
{
	uint8_t out[DNS_MESSAGE_MAX];
	size_t n = dns_refuse(asked->data, asked->len, DNS_SERVFAIL, false, out);

	if (n)
		tell(l, asked, out, n);
}

static bool is_repeated(const struct waiting *w, const struct served_link *l, const struct datagram *asked)
{
	return w->link == l && w->asked.from == asked->from && w->asked.from_port == asked->from_port &&
	       w->len == asked->len && memcmp(w->question, asked->data, w->len) == 0;
}

/* A place for the question. One that is asked again goes to the next server. NULL: there is none. */
static struct waiting *find_place(struct forwarder *f, const struct served_link *l,
				  const struct datagram *asked, unsigned *ret_upstream)
{
	struct waiting *place = NULL;
	size_t of_link = 0;

	*ret_upstream = 0;
	for (size_t i = 0; i < WAITING_MAX; i++) {
		struct waiting *w = &f->list[i];

		if (is_repeated(w, l, asked)) {
			*ret_upstream = w->upstream + 1;
			end(f, w);
			return w;
		}
		of_link += w->link == l;
		if (!w->link && !place)
			place = w;
	}
	return of_link < OF_A_LINK_MAX ? place : NULL;
}

static bool start(struct forwarder *f, struct waiting *w)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = w};
	uint8_t out[DNS_QUESTION_MAX];

	if (getrandom(w->id, sizeof(w->id), 0) != sizeof(w->id))
		return false;
	memcpy(out, w->question, w->len);
	memcpy(out, w->id, sizeof(w->id));
	return send(w->fd, out, w->len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)w->len &&
	       epoll_ctl(f->r->epoll, EPOLL_CTL_ADD, w->fd, &event) == 0;
}

void forwarder_ask(struct forwarder *f, struct served_link *l, const struct datagram *asked)
{
	int64_t now_us = clock_mono_us();
	unsigned upstream;
	struct waiting *w;

	forwarder_tick(f);
	if (f->from_file)
		read_file(f, now_us);
	if (!f->upstream_count || asked->len > DNS_QUESTION_MAX) {
		fail(l, asked);
		return;
	}
	w = find_place(f, l, asked, &upstream);
	if (!w)
		return; /* asked again when there is room */
	*w = (struct waiting){.link = l, .until_us = now_us + WAIT_US, .asked = *asked, .len = asked->len};
	w->asked.data = NULL;
	w->upstream = upstream % (unsigned)f->upstream_count;
	memcpy(w->question, asked->data, asked->len);
	w->fd = open_upstream(&f->upstream[w->upstream]);
	f->count++;
	if (w->fd < 0 || !start(f, w)) {
		end(f, w);
		fail(l, asked);
	}
}

/* --- answers --- */

bool forwarder_owns(const struct forwarder *f, const void *event)
{
	return (const char *)event >= (const char *)f->list &&
	       (const char *)event < (const char *)&f->list[WAITING_MAX];
}

/* An answer too large for one packet is said to be cut short: who asked may ask by TCP elsewhere, or for
 * less. */
void forwarder_read(struct forwarder *f, void *event)
{
	struct waiting *w = event;
	uint8_t message[4096], cut[DNS_MESSAGE_MAX];
	ssize_t n;

	if (!w->link)
		return;
	n = recv(w->fd, message, sizeof(message), MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN) {
		/* Nobody is there. */
		w->asked.data = w->question;
		w->asked.len = w->len;
		fail(w->link, &w->asked);
		end(f, w);
		return;
	}
	if (n <= 0 || !dns_is_answer(w->question, w->len, w->id, message, (size_t)n))
		return;
	memcpy(message, w->question, 2);
	if ((size_t)n <= DNS_MESSAGE_MAX)
		tell(w->link, &w->asked, message, (size_t)n);
	else if ((n = (ssize_t)dns_refuse(message, (size_t)n, message[3] & 15, true, cut)) > 0)
		tell(w->link, &w->asked, cut, (size_t)n);
	end(f, w);
}
