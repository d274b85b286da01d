/* What the tests of the HTTP server share: a server on a free port, its handler, a client of plain sockets.
 * Included by test_http.c and test_http_limits.c. */
#pragma once
#include "api/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>

#include <cmocka.h>

#define MAX_BODY    1000
#define PATIENCE_MS 20000

struct fixture {
	struct http_server *server;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct http_request *waiting[1024];
	size_t waiting_count;
	atomic_int done, handled;
	int fd;
};

static inline enum http_verdict wait_here(struct fixture *f, struct http_request *req)
{
	pthread_mutex_lock(&f->lock);
	f->waiting[f->waiting_count++] = req;
	pthread_cond_signal(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return HTTP_WAIT;
}

static inline enum http_verdict handle(void *arg, struct http_request *req, struct http_response *resp)
{
	struct fixture *f = arg;

	f->handled++;
	if (!req->state && !strcmp(req->path, "/wait")) {
		req->state = talloc_strdup(req->region, "second time");
		return wait_here(f, req);
	}
	if (!req->state && !strcmp(req->path, "/early")) {
		req->state = req->region;
		http_resume(req);
		return HTTP_WAIT;
	}
	if (!strcmp(req->path, "/big"))
		for (int i = 0; i < 100000; i++)
			buf_puts(&resp->body, "0123456789");
	else if (!strcmp(req->path, "/nothing"))
		resp->status = 204;
	else
		buf_printf(&resp->body, "%s %s %s [%s]", req->method_name, req->path,
			   http_header(req, "x-test") ? "with" : "without", req->body);
	http_add_header(req, resp, "X-Extra", "yes");
	return HTTP_DONE;
}

static inline void done(void *arg, const struct http_request *req, const struct http_response *resp)
{
	struct fixture *f = arg;
	AUTO_BUF struct buf line = {0};

	http_log_line(req, resp, &line);
	assert_non_null(strstr(buf_text(&line), req->id));
	f->done++;
}

static inline struct http_config config_for(struct fixture *f)
{
	return (struct http_config){.listen = "127.0.0.1:0",
				    .threads = 2,
				    .max_connections = 1000,
				    .max_body = MAX_BODY,
				    .handler = handle,
				    .arg = f,
				    .done = done};
}

static inline struct fixture *fixture_new(void)
{
	struct fixture *f = xalloc(sizeof(*f));

	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	f->fd = -1;
	return f;
}

static inline void start(struct fixture *f, const struct http_config *config)
{
	struct err err = {0};

	if (http_start(config, &f->server, &err) < 0)
		fail_msg("%s", err.message);
}

static inline int setup(void **state)
{
	struct fixture *f = fixture_new();
	struct http_config config = config_for(f);

	start(f, &config);
	*state = f;
	return 0;
}

static inline int setup_bare(void **state)
{
	*state = fixture_new();
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->fd >= 0)
		close(f->fd);
	http_stop(f->server);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	free(f);
	return 0;
}

/* --- a client of plain sockets --- */

static inline int dial(struct fixture *f)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)http_port(f->server)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static inline void say(int fd, const char *text)
{
	for (size_t at = 0, len = strlen(text); at < len;) {
		ssize_t n = send(fd, text + at, len - at, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* the server may close at its limits; what it said is looked at */
		at += (size_t)n;
	}
}

static inline bool readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, PATIENCE_MS) > 0;
}

/* Reads until `needle` came `times` times, or, for NULL, until the end. False at the end or after
 * PATIENCE_MS. */
static inline bool hear(int fd, struct buf *b, const char *needle, int times)
{
	char chunk[4096];
	ssize_t n;

	for (;;) {
		const char *p = buf_text(b);
		int seen = 0;

		while (needle && (p = strstr(p, needle))) {
			p += strlen(needle);
			seen++;
		}
		if (needle && seen >= times)
			return true;
		if (!readable(fd))
			fail_msg("no answer; so far: %s", buf_text(b));
		n = recv(fd, chunk, sizeof(chunk), 0);
		if (n <= 0)
			return false;
		buf_add(b, chunk, (size_t)n);
	}
}

/* Sends and reads to the end of the connection. */
static inline void talk(struct fixture *f, const char *text, struct buf *b)
{
	AUTO_CLOSE int fd = dial(f);

	say(fd, text);
	hear(fd, b, NULL, 0);
}

static inline void assert_has(const struct buf *b, const char *text)
{
	if (!strstr(buf_text(b), text))
		fail_msg("no \"%s\" in: %s", text, buf_text(b));
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define BARE(test)   cmocka_unit_test_setup_teardown(test, setup_bare, teardown)
