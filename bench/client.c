/* HTTP/1.1 over a plain socket: whole requests in one write, answers by Content-Length.
 * Under load.c, mixed.c and echo.c. */
#include "client.h"

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

int client_try_open(struct client *c, const char *host, const char *port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
	int one = 1, r;

	*c = (struct client){.fd = -1};
	if (getaddrinfo(host, port, &hints, &list) != 0)
		errx(1, "no such address: %s:%s", host, port);
	c->fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	r = c->fd < 0 || connect(c->fd, list->ai_addr, list->ai_addrlen) < 0 ? -errno : 0;
	freeaddrinfo(list);
	if (r < 0) {
		client_close(c);
		return r;
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->cap = 1 << 16;
	c->buf = xalloc(c->cap);
	return 0;
}

void client_open(struct client *c, const char *host, const char *port)
{
	if (client_try_open(c, host, port) < 0)
		err(1, "connect to %s:%s", host, port);
}

void client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->buf);
	*c = (struct client){.fd = -1};
}

static int send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_more(struct client *c)
{
	ssize_t n;

	if (c->len + 1 == c->cap) {
		c->cap *= 2;
		c->buf = xrealloc(c->buf, c->cap);
	}
	do {
		n = recv(c->fd, c->buf + c->len, c->cap - c->len - 1, 0);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : -ECONNRESET;
	c->len += (size_t)n;
	c->buf[c->len] = '\0';
	return 0;
}

/* Length of the body, from the head's Content-Length. */
static size_t body_length(const char *head, const char *end)
{
	static const char name[] = "\r\nContent-Length:";

	for (const char *at = head; at && at < end; at = strstr(at + 2, "\r\n"))
		if (strncasecmp(at, name, sizeof(name) - 1) == 0)
			return strtoul(at + sizeof(name) - 1, NULL, 10);
	return 0;
}

int client_ask(struct client *c, const char *method, const char *path, const char *token, const char *body)
{
	AUTO_FREE char *request =
		xasprintf("%s %s HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
			  "Content-Length: %zu\r\n%s%s%s\r\n%s",
			  method, path, strlen(body), token ? "X-Auth-Token: " : "", token ? token : "",
			  token ? "\r\n" : "", body);
	size_t head, length;
	char *end;
	int r;

	if ((r = send_all(c->fd, request, strlen(request))) < 0)
		return r;
	c->len = 0;
	do {
		if ((r = read_more(c)) < 0)
			return r;
		end = strstr(c->buf, "\r\n\r\n");
	} while (!end);
	head = (size_t)(end - c->buf) + 4;
	length = body_length(c->buf, end);
	while (c->len < head + length)
		if ((r = read_more(c)) < 0)
			return r;
	c->body = c->buf + head;
	return c->len > 12 ? atoi(c->buf + 9) : 0;
}
