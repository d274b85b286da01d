/* Listening to answers without an end, and a world with two owners whose floating IPs are in them.
 * For tests over a whole API with identity built in. */
#pragma once
#include "identity_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#define PATIENCE_MS 20000

/* --- listening --- */

/* Header lines end with "\n"; the connection. */
static inline int stream_open(struct fixture *f, const char *method, const char *path, const char *lines)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)http_port(f->server)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	AUTO_FREE char *text = xasprintf("%s %s HTTP/1.1\r\nHost: x\n%s\n\n", method, path, lines);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	return fd;
}

static inline int stream_open_as(struct fixture *f, const char *path, const char *token)
{
	AUTO_FREE char *line = xasprintf("X-Auth-Token: %s", token);

	return stream_open(f, "GET", path, line);
}

/* Reads until the text has come; NULL: to the end. */
static inline void await_text(int fd, struct buf *b, const char *text)
{
	while (!text || !strstr(buf_text(b), text)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		char chunk[4096];
		ssize_t n;

		if (poll(&p, 1, PATIENCE_MS) <= 0)
			fail_msg("\"%s\" did not come; so far: %s", text ? text : "the end", buf_text(b));
		n = recv(fd, chunk, sizeof(chunk), 0);
		if (n <= 0 && !text)
			return;
		if (n <= 0)
			fail_msg("the end came, but no \"%s\": %s", text, buf_text(b));
		buf_add(b, chunk, (size_t)n);
	}
}

static inline void assert_without(const struct buf *b, const char *text)
{
	if (strstr(buf_text(b), text))
		fail_msg("\"%s\" in: %s", text, buf_text(b));
}

/* --- a world with two owners --- */

struct owners {
	struct people people;          /* bob of the project demo */
	char *network, *bobs, *admins; /* floating IPs */
	struct ip bobs_ip, admins_ip;
};

static inline struct ip address_of(struct fixture *f)
{
	struct ip ip = {0};

	assert_int_equal(ip_parse(text_at(f, "floatingip.floating_ip_address"), &ip), 0);
	return ip;
}

static inline struct owners owners_new(struct fixture *f)
{
	struct owners o = {.people = people_new(f)};
	AUTO_FREE char *subnet = NULL, *body = NULL;

	o.network = create(f, o.people.admin, "networks", "network",
			   "{\"network\": {\"router:external\": true, \"provider:network_type\": \"flat\", "
			   "\"provider:physical_network\": \"physnet1\"}}");
	subnet = xasprintf(
		"{\"subnet\": {\"network_id\": \"%s\", \"ip_version\": 4, \"cidr\": \"10.10.0.0/16\"}}",
		o.network);
	free(create(f, o.people.admin, "subnets", "subnet", subnet));
	body = xasprintf("{\"floatingip\": {\"floating_network_id\": \"%s\"}}", o.network);
	o.bobs = create(f, o.people.token, "floatingips", "floatingip", body);
	o.bobs_ip = address_of(f);
	o.admins = create(f, o.people.admin, "floatingips", "floatingip", body);
	o.admins_ip = address_of(f);
	return o;
}

static inline void owners_free(struct owners *o)
{
	people_free(&o->people);
	free(o->network);
	free(o->bobs);
	free(o->admins);
}
