/* The HTTP server over loopback: framing, limits, waiting requests, slow clients, TLS.
 * A real server on a free port; clients are plain sockets and libcurl. */
#include "api/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
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

static enum http_verdict wait_here(struct fixture *f, struct http_request *req)
{
	pthread_mutex_lock(&f->lock);
	f->waiting[f->waiting_count++] = req;
	pthread_cond_signal(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return HTTP_WAIT;
}

static enum http_verdict handle(void *arg, struct http_request *req, struct http_response *resp)
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

static void done(void *arg, const struct http_request *req, const struct http_response *resp)
{
	struct fixture *f = arg;
	AUTO_BUF struct buf line = {0};

	http_log_line(req, resp, &line);
	assert_non_null(strstr(buf_text(&line), req->id));
	f->done++;
}

static struct http_config config_for(struct fixture *f)
{
	return (struct http_config){.listen = "127.0.0.1:0",
				    .threads = 2,
				    .max_connections = 1000,
				    .max_body = MAX_BODY,
				    .handler = handle,
				    .arg = f,
				    .done = done};
}

static struct fixture *fixture_new(void)
{
	struct fixture *f = xalloc(sizeof(*f));

	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	f->fd = -1;
	return f;
}

static void start(struct fixture *f, const struct http_config *config)
{
	struct err err = {0};

	if (http_start(config, &f->server, &err) < 0)
		fail_msg("%s", err.message);
}

static int setup(void **state)
{
	struct fixture *f = fixture_new();
	struct http_config config = config_for(f);

	start(f, &config);
	*state = f;
	return 0;
}

static int setup_bare(void **state)
{
	*state = fixture_new();
	return 0;
}

static int teardown(void **state)
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

static int dial(struct fixture *f)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)http_port(f->server)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	for (size_t at = 0, len = strlen(text); at < len;) {
		ssize_t n = send(fd, text + at, len - at, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* the server may close at its limits; what it said is looked at */
		at += (size_t)n;
	}
}

static bool readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, PATIENCE_MS) > 0;
}

/* Reads until `needle` came `times` times, or, for NULL, until the end. False at the end or after
 * PATIENCE_MS. */
static bool hear(int fd, struct buf *b, const char *needle, int times)
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
static void talk(struct fixture *f, const char *text, struct buf *b)
{
	AUTO_CLOSE int fd = dial(f);

	say(fd, text);
	hear(fd, b, NULL, 0);
}

static void assert_has(const struct buf *b, const char *text)
{
	if (!strstr(buf_text(b), text))
		fail_msg("no \"%s\" in: %s", text, buf_text(b));
}

/* --- framing --- */

static void keep_alive_serves_many_requests(void **state)
{
	struct fixture *f = *state;

	f->fd = dial(f);
	for (int i = 0; i < 20; i++) {
		AUTO_BUF struct buf b = {0};

		say(f->fd, "PUT /a/b%20c/ HTTP/1.1\r\nHost: x\r\nX-Test: 1\r\nContent-Length: 3\r\n\r\nabc");
		assert_true(hear(f->fd, &b, "PUT /a/b c with [abc]", 1));
		assert_has(&b, "HTTP/1.1 200 OK\r\n");
		assert_has(&b, "X-Openstack-Request-Id: req-");
		assert_has(&b, "Content-Type: application/json\r\n");
		assert_has(&b, "X-Extra: yes\r\n");
		assert_has(&b, "Date: ");
	}
	assert_int_equal(http_connections(f->server), 1);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};
	const char *first, *second, *third;

	f->fd = dial(f);
	say(f->fd, "GET /one HTTP/1.1\r\nHost: x\r\n\r\nPOST /early HTTP/1.1\r\nHost: x\r\nContent-Length: "
		   "2\r\n\r\nhi"
		   "GET /three HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(hear(f->fd, &b, "/three without []", 1));
	first = strstr(buf_text(&b), "GET /one");
	second = strstr(buf_text(&b), "POST /early without [hi]");
	third = strstr(buf_text(&b), "GET /three");
	assert_true(first && second && third && first < second && second < third);
}

static void chunked_body_arrives_whole(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};

	f->fd = dial(f);
	say(f->fd, "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	say(f->fd, "2\r\nde\r\n0\r\n\r\n");
	assert_true(hear(f->fd, &b, "POST /c without [abcde]", 1));
}

static void body_at_the_limit_passes_and_one_byte_more_does_not(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf text = {0}, b = {0}, over = {0};

	f->fd = dial(f);
	buf_printf(&text, "POST /l HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%0*d", MAX_BODY, MAX_BODY,
		   7);
	say(f->fd, buf_text(&text));
	assert_true(hear(f->fd, &b, "0007]", 1));
	/* Not one byte of the body is sent: the answer cannot depend on it. */
	buf_done(&text);
	buf_printf(&text, "POST /l HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", MAX_BODY + 1);
	talk(f, buf_text(&text), &over);
	assert_has(&over, "HTTP/1.1 413 ");
	assert_has(&over, "X-Openstack-Request-Id: req-");
	assert_has(&over, "{\"error\": {\"code\": 413, ");
	assert_int_equal(f->handled, 1);
	assert_int_equal(f->done, 2);
}

static void chunked_body_over_the_limit_is_refused(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf text = {0}, b = {0};

	buf_puts(&text, "POST /l HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 3; i++)
		buf_printf(&text, "190\r\n%0400d\r\n", 1);
	talk(f, buf_text(&text), &b); /* its end is never sent */
	assert_has(&b, "HTTP/1.1 413 ");
	assert_has(&b, "X-Openstack-Request-Id: req-");
	assert_has(&b, "{\"error\": {\"code\": 413, ");
	assert_int_equal(f->handled, 0);
	assert_int_equal(f->done, 1);
}

static void ambiguous_or_bad_requests_are_refused(void **state)
{
	static const struct {
		const char *request, *answer;
	} cases[] = {
		{"GET /a%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		 "{\"error\": {\"code\": 400, "},
		{"GET /a%00b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		 "{\"error\": {\"code\": 400, "},
		{"GET /a?x=%4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		 "{\"error\": {\"code\": 400, "},
		{"GET a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", " 400 "},
		{"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		 " 400 "},
		{"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", " 400 "},
		{"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", " 501 "},
		{"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n", " 4"},
		{"GET /a\r\n\r\n", ""},
		{"\x16\x03\x01 rubbish\r\n\r\n", ""},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_CLOSE int fd = dial(f);
		AUTO_BUF struct buf b = {0};

		say(fd, cases[i].request);
		shutdown(fd, SHUT_WR);
		hear(fd, &b, NULL, 0);
		assert_has(&b, cases[i].answer);
	}
	assert_int_equal(f->handled, 0);
}

static void half_requests_leave_nothing_behind(void **state)
{
	static const char *const halves[] = {
		"GET /x HTTP/1.1\r\n",
		"GET /x HTTP/1.1\r\nHost: x\r\nX-A",
		"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
		"",
	};
	struct fixture *f = *state;
	struct http_config config = config_for(f);

	config.request_timeout_s = config.idle_timeout_s = 1;
	start(f, &config);
	for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
		AUTO_BUF struct buf b = {0};
		AUTO_CLOSE int fd = dial(f);

		say(fd, halves[i]);
		shutdown(fd, SHUT_WR);
		hear(fd, &b, NULL, 0);
	}
	assert_int_equal(f->handled, 0);
}

static void long_token_passes_and_huge_header_does_not(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf text = {0}, b = {0}, huge = {0};

	f->fd = dial(f);
	buf_printf(&text, "GET /t HTTP/1.1\r\nHost: x\r\nX-Auth-Token: %016384d\r\nX-Test: %015000d\r\n\r\n",
		   1, 1);
	say(f->fd, buf_text(&text));
	assert_true(hear(f->fd, &b, "GET /t with []", 1));
	buf_done(&text);
	buf_printf(&text, "GET /t HTTP/1.1\r\nHost: x\r\nX-Auth-Token: %0300000d\r\n\r\n", 1);
	talk(f, buf_text(&text), &huge);
	if (huge.len)
		assert_has(&huge, " 431 ");
	assert_int_equal(f->handled, 1);
}

static void head_is_get_without_its_body(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};

	talk(f, "HEAD /h HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &b);
	assert_has(&b, "HTTP/1.1 200 OK\r\n");
	assert_has(&b, "Content-Length: 18\r\n"); /* "HEAD /h without []" */
	assert_null(strstr(buf_text(&b), "without"));
}

static void empty_answers_have_no_body(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};

	talk(f, "DELETE /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &b);
	assert_has(&b, "HTTP/1.1 204 ");
	assert_null(strstr(buf_text(&b), "Content-Type"));
}

static void large_answer_arrives_whole(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};

	talk(f, "GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &b);
	assert_true(b.len > 1000000);
}

/* --- waiting --- */

static void await_waiting(struct fixture *f, size_t n)
{
	pthread_mutex_lock(&f->lock);
	while (f->waiting_count < n)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

static void resumed_early_and_late(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};

	f->fd = dial(f);
	say(f->fd, "GET /early HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(hear(f->fd, &b, "GET /early without []", 1));
	for (size_t i = 0; i < 200; i++) {
		AUTO_BUF struct buf late = {0};

		/* Nothing orders this resume against the handler's return: both orders happen. */
		say(f->fd, "PUT /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nz");
		await_waiting(f, i + 1);
		http_resume(f->waiting[i]);
		assert_true(hear(f->fd, &late, "PUT /wait without [z]", 1));
	}
	assert_int_equal(f->handled, 402);
}

static void five_hundred_wait_at_once(void **state)
{
	enum { N = 500 };
	struct fixture *f = *state;
	int fds[N];

	for (int i = 0; i < N; i++) {
		fds[i] = dial(f);
		say(fds[i], "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	await_waiting(f, N);
	for (int i = N - 1; i >= 0; i--)
		http_resume(f->waiting[i]);
	for (int i = 0; i < N; i++) {
		AUTO_BUF struct buf b = {0};

		assert_true(hear(fds[i], &b, "GET /wait without []", 1));
		close(fds[i]);
	}
}

static void client_that_leaves_while_waiting(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 20; i++) {
		int fd = dial(f);

		say(fd, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
		await_waiting(f, i + 1);
		if (i % 2) {
			struct linger hard = {.l_onoff = 1};

			setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		}
		close(fd);
	}
	for (size_t i = 0; i < 20; i++)
		http_resume(f->waiting[i]);
}

static void stop_does_not_hang_on_waiting_requests(void **state)
{
	struct fixture *f = *state;
	struct http_config config = config_for(f);
	AUTO_BUF struct buf b = {0};

	config.stop_grace_ms = 50;
	start(f, &config);
	f->fd = dial(f);
	say(f->fd, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
	await_waiting(f, 1);
	http_stop(TAKE(f->server));
	hear(f->fd, &b, NULL, 0);
	assert_has(&b, "HTTP/1.1 503 ");
	http_resume(f->waiting[0]); /* the late one is harmless, and frees */
}

static void *resume_first(void *arg)
{
	struct fixture *f = arg;

	http_resume(f->waiting[0]);
	return NULL;
}

static void stop_answers_what_is_under_way(void **state)
{
	struct fixture *f = *state;
	struct http_config config = config_for(f);
	AUTO_BUF struct buf b = {0};
	pthread_t thread;

	start(f, &config);
	f->fd = dial(f);
	say(f->fd, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
	await_waiting(f, 1);
	pthread_create(&thread, NULL, resume_first, f);
	http_stop(TAKE(f->server));
	pthread_join(thread, NULL);
	hear(f->fd, &b, NULL, 0);
	assert_has(&b, "HTTP/1.1 200 ");
}

/* --- slow and many clients --- */

static void trickling_clients_are_closed(void **state)
{
	static const char request[] = "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n";
	struct fixture *f = *state;
	struct http_config config = config_for(f);
	bool open = true;
	char c;

	config.request_timeout_s = 1;
	start(f, &config);
	f->fd = dial(f);
	say(f->fd, request);
	/* A byte whenever nothing came for 50 ms: each restarts a timeout that counts from the last byte. */
	for (int i = 0; open && i < PATIENCE_MS / 50; i++) {
		struct pollfd p = {.fd = f->fd, .events = POLLIN};

		if (poll(&p, 1, 50) > 0)
			open = recv(f->fd, &c, 1, 0) > 0;
		else
			say(f->fd, "x");
	}
	assert_false(open);
	assert_int_equal(f->handled, 0);
}

static void silent_connections_do_not_keep_others_out(void **state)
{
	enum { N = 200, MAX = 40 };
	struct fixture *f = *state;
	struct http_config config = config_for(f);
	int fds[N];

	config.max_connections = MAX;
	start(f, &config);
	for (int i = 0; i < N; i++) {
		fds[i] = dial(f);
		say(fds[i], i % 2 ? "GET /half HTTP/1.1\r\n" : "");
	}
	for (int i = 0; i < 20; i++) {
		AUTO_BUF struct buf b = {0};

		talk(f, "GET /me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &b);
		assert_has(&b, "GET /me without []");
	}
	assert_true(http_connections(f->server) <= MAX);
	for (int i = 0; i < N; i++)
		close(fds[i]);
}

static void one_address_has_its_limit(void **state)
{
	struct fixture *f = *state;
	struct http_config config = config_for(f);
	AUTO_BUF struct buf a = {0}, b = {0}, c = {0};
	AUTO_CLOSE int one = -1, two = -1, three = -1;

	config.max_per_address = 2;
	start(f, &config);
	one = dial(f);
	two = dial(f);
	say(one, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(hear(one, &a, "GET /1 without []", 1));
	say(two, "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(hear(two, &b, "GET /2 without []", 1));
	three = dial(f);
	assert_false(hear(three, &c, NULL, 0));
	assert_int_equal(c.len, 0);
}

/* --- listening, TLS --- */

static void listen_errors_are_clear(void **state)
{
	struct fixture *f = *state;
	struct http_config config = config_for(f);
	struct http_server *other = NULL;
	struct err err = {0};
	char listen[64], want[128];

	start(f, &config);
	snprintf(listen, sizeof(listen), "127.0.0.1:%u", http_port(f->server));
	snprintf(want, sizeof(want), "%s: Address already in use", listen);
	config.listen = listen;
	assert_int_equal(http_start(&config, &other, &err), -EADDRINUSE);
	assert_string_equal(err.message, want);
	config.listen = "nonsense";
	assert_int_equal(http_start(&config, &other, &err), -EINVAL);
	config.listen = "[::1]:0";
	config.tls_cert = "/nonexistent.pem";
	assert_true(http_start(&config, &other, &err) < 0);
	config.tls_key = "/nonexistent.pem";
	assert_int_equal(http_start(&config, &other, &err), -ENOENT);
	assert_string_equal(err.message, "/nonexistent.pem: No such file or directory");
	assert_null(other);
}

static size_t collect(char *data, size_t size, size_t n, void *arg)
{
	buf_add(arg, data, size * n);
	return size * n;
}

static long fetch(const char *url, const char *ca, const char *put, struct buf *b)
{
	CURL *curl = curl_easy_init();
	long status = 0;
	CURLcode r;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, b);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)PATIENCE_MS);
	if (ca)
		curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
	if (put) {
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, put);
	}
	r = curl_easy_perform(curl);
	if (r)
		fail_msg("%s: %s", url, curl_easy_strerror(r));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	return status;
}

static void curl_speaks_v6_and_expects_continue(void **state)
{
	struct fixture *f = *state;
	struct http_config config = config_for(f);
	struct err err = {0};
	AUTO_BUF struct buf body = {0}, b = {0}, big = {0};
	char url[64];

	config.listen = "[::1]:0";
	config.max_body = 2000000;
	if (http_start(&config, &f->server, &err) == -EADDRNOTAVAIL)
		skip();
	snprintf(url, sizeof(url), "http://[::1]:%u/v6", http_port(f->server));
	assert_int_equal(fetch(url, NULL, "hello", &b), 200);
	assert_string_equal(buf_text(&b), "PUT /v6 without [hello]");
	/* So large a body makes curl ask first (Expect: 100-continue). */
	buf_printf(&body, "%01500000d", 1);
	assert_int_equal(fetch(url, NULL, buf_text(&body), &big), 200);
	assert_int_equal(big.len, 1500000 + strlen("PUT /v6 without []"));
}

static void tls_with_a_certificate_of_our_own(void **state)
{
	struct fixture *f = *state;
	struct http_config config = config_for(f);
	char dir[] = "/tmp/buoy-test-http.XXXXXX", cert[64], key[64], url[64];
	AUTO_FREE char *command = NULL;
	AUTO_BUF struct buf b = {0};
	long status;

	assert_non_null(mkdtemp(dir));
	snprintf(cert, sizeof(cert), "%s/cert.pem", dir);
	snprintf(key, sizeof(key), "%s/key.pem", dir);
	command = xasprintf(
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
		"-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout %s -out %s 2>/dev/null",
		key, cert);
	assert_int_equal(system(command), 0);
	config.tls_cert = cert;
	config.tls_key = key;
	start(f, &config);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/tls", http_port(f->server));
	status = fetch(url, cert, "hello", &b);
	unlink(cert);
	unlink(key);
	rmdir(dir);
	assert_int_equal(status, 200);
	assert_string_equal(buf_text(&b), "PUT /tls without [hello]");
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define BARE(test)   cmocka_unit_test_setup_teardown(test, setup_bare, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(keep_alive_serves_many_requests),
		SERVED(pipelined_requests_are_answered_in_order),
		SERVED(chunked_body_arrives_whole),
		SERVED(body_at_the_limit_passes_and_one_byte_more_does_not),
		SERVED(chunked_body_over_the_limit_is_refused),
		SERVED(ambiguous_or_bad_requests_are_refused),
		BARE(half_requests_leave_nothing_behind),
		SERVED(long_token_passes_and_huge_header_does_not),
		SERVED(head_is_get_without_its_body),
		SERVED(empty_answers_have_no_body),
		SERVED(large_answer_arrives_whole),
		SERVED(resumed_early_and_late),
		SERVED(five_hundred_wait_at_once),
		SERVED(client_that_leaves_while_waiting),
		BARE(stop_does_not_hang_on_waiting_requests),
		BARE(stop_answers_what_is_under_way),
		BARE(trickling_clients_are_closed),
		BARE(silent_connections_do_not_keep_others_out),
		BARE(one_address_has_its_limit),
		BARE(listen_errors_are_clear),
		BARE(curl_speaks_v6_and_expects_continue),
		BARE(tls_with_a_certificate_of_our_own),
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
