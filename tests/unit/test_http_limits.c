/* The HTTP server over loopback: slow and many clients, listening, TLS.
 * A real server on a free port; clients are plain sockets and libcurl. */
#include "http_fixture.h"

#include <curl/curl.h>

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

static void large_bodies_share_a_budget(void **state)
{
	enum { BODY = 8 * 1024 * 1024, N = 10 };
	struct fixture *f = *state;
	struct http_config config = config_for(f);
	AUTO_BUF struct buf head = {0}, text = {0}, b = {0};
	struct pollfd fds[N];

	config.max_body = BODY;
	start(f, &config);
	/* All but the last byte: the requests stay under way, and 64 MiB have no room for all of them. */
	buf_printf(&head, "POST /l HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", BODY);
	buf_printf(&text, "%0*d", BODY - 1, 1);
	for (int i = 0; i < N; i++) {
		fds[i] = (struct pollfd){.fd = dial(f), .events = POLLIN};
		say(fds[i].fd, buf_text(&head));
		say(fds[i].fd, buf_text(&text));
	}
	assert_true(poll(fds, N, PATIENCE_MS) > 0);
	/* Small requests are served meanwhile. */
	talk(f, "PUT /s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", &b);
	assert_has(&b, "PUT /s without [hi]");
	for (int i = 0; i < N; i++)
		close(fds[i].fd);
	/* What they took is given back when they are gone. */
	for (int i = 0; http_connections(f->server) && i < PATIENCE_MS; i++)
		poll(NULL, 0, 1);
	f->fd = dial(f);
	say(f->fd, buf_text(&head));
	say(f->fd, buf_text(&text));
	say(f->fd, "1");
	buf_done(&b);
	assert_true(hear(f->fd, &b, "HTTP/1.1 200", 1));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		BARE(trickling_clients_are_closed),      BARE(silent_connections_do_not_keep_others_out),
		BARE(large_bodies_share_a_budget),       BARE(one_address_has_its_limit),
		BARE(listen_errors_are_clear),           BARE(curl_speaks_v6_and_expects_continue),
		BARE(tls_with_a_certificate_of_our_own),
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
