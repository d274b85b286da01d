/* Answers without an end: chunks, clients that go, read slowly or not at all, the server's stop.
 * A real server on a free port; the test's thread is the source. */
#include "http_fixture.h"

#include <curl/curl.h>

#define MAX_PENDING (64 * 1024)
#define GET         "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"

struct source {
	pthread_mutex_t lock;
	pthread_cond_t opened;
	struct http_stream *streams[64];
	size_t count;
	bool ended; /* no more will come */
};

static struct source source = {.lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER};

static enum http_verdict handle_stream(void *arg, struct http_request *req, struct http_response *resp)
{
	struct http_stream *s;

	if (strcmp(req->path, "/stream") != 0)
		return handle(arg, req, resp);
	resp->content_type = "text/event-stream";
	s = http_stream_open(req, resp, MAX_PENDING);
	pthread_mutex_lock(&source.lock);
	source.streams[source.count++] = s;
	pthread_cond_signal(&source.opened);
	pthread_mutex_unlock(&source.lock);
	return HTTP_DONE;
}

/* Waits for one; NULL when no more will come. */
static struct http_stream *next_stream(void)
{
	struct http_stream *s;

	pthread_mutex_lock(&source.lock);
	while (!source.count && !source.ended)
		pthread_cond_wait(&source.opened, &source.lock);
	s = source.count ? source.streams[--source.count] : NULL;
	pthread_mutex_unlock(&source.lock);
	return s;
}

static struct http_config stream_config(struct fixture *f)
{
	struct http_config config = config_for(f);

	config.handler = handle_stream;
	return config;
}

static int setup_streams(void **state)
{
	struct fixture *f = fixture_new();
	struct http_config config = stream_config(f);

	start(f, &config);
	*state = f;
	return 0;
}

#define STREAMED(test) cmocka_unit_test_setup_teardown(test, setup_streams, teardown)

static void write_text(struct http_stream *s, const char *text)
{
	assert_int_equal(http_stream_write(s, text, strlen(text)), 0);
}

/* Asks for a stream on f->fd. */
static struct http_stream *open_stream(struct fixture *f, const char *request)
{
	f->fd = dial(f);
	say(f->fd, request);
	return next_stream();
}

/* Until nothing can reach the client any more. */
static void await_broken(struct http_stream *s)
{
	for (int i = 0; http_stream_pending(s) >= 0; i++) {
		assert_true(i < PATIENCE_MS);
		poll(NULL, 0, 1);
	}
	assert_int_equal(http_stream_pending(s), -EPIPE);
	assert_int_equal(http_stream_write(s, "x", 1), -EPIPE);
}

static void chunks_go_out_as_they_come(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};
	struct http_stream *s = open_stream(f, GET);

	assert_true(hear(f->fd, &b, "\r\n\r\n", 1));
	assert_has(&b, "HTTP/1.1 200");
	assert_has(&b, "Transfer-Encoding: chunked");
	assert_has(&b, "Content-Type: text/event-stream");
	write_text(s, "one\n");
	assert_true(hear(f->fd, &b, "4\r\none\n\r\n", 1));
	write_text(s, "three\n");
	assert_true(hear(f->fd, &b, "6\r\nthree\n\r\n", 1));
	write_text(s, "end");
	http_stream_close(s);
	assert_true(hear(f->fd, &b, "3\r\nend\r\n0\r\n\r\n", 1));
	/* The connection goes on. */
	say(f->fd, "GET /after HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(hear(f->fd, &b, "GET /after without []", 1));
	s = (say(f->fd, GET), next_stream());
	write_text(s, "again");
	assert_true(hear(f->fd, &b, "again", 1));
	http_stream_close(s);
}

static void closed_before_it_begins(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};
	struct http_stream *s = open_stream(f, GET);

	http_stream_close(s);
	assert_true(hear(f->fd, &b, "0\r\n\r\n", 1));
}

static void old_clients_read_to_the_end(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};
	struct http_stream *s = open_stream(f, "GET /stream HTTP/1.0\r\n\r\n");

	write_text(s, "plain ");
	assert_true(hear(f->fd, &b, "plain ", 1));
	write_text(s, "text");
	http_stream_close(s);
	assert_false(hear(f->fd, &b, NULL, 0));
	assert_has(&b, "\r\n\r\nplain text");
	assert_null(strstr(buf_text(&b), "chunked"));
}

static void large_pieces_arrive_whole(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};
	struct http_stream *s = open_stream(f, "GET /stream HTTP/1.0\r\n\r\n");
	AUTO_FREE char *piece = xalloc(MAX_PENDING / 2);
	size_t sent = 0;

	memset(piece, 'p', MAX_PENDING / 2);
	for (int i = 0; i < 40; i++) {
		while (http_stream_pending(s) > 0) {
			char chunk[4096];
			ssize_t n = recv(f->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

			if (n > 0)
				buf_add(&b, chunk, (size_t)n);
		}
		assert_int_equal(http_stream_write(s, piece, MAX_PENDING / 2), 0);
		sent += MAX_PENDING / 2;
	}
	http_stream_close(s);
	assert_false(hear(f->fd, &b, NULL, 0));
	assert_int_equal(b.len - (size_t)(strstr(b.data, "\r\n\r\n") + 4 - b.data), sent);
}

static void who_goes_is_noticed(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = {0};
	struct http_stream *s = open_stream(f, GET);

	assert_true(hear(f->fd, &b, "\r\n\r\n", 1));
	assert_int_equal(http_stream_pending(s), 0);
	close(f->fd);
	f->fd = -1;
	await_broken(s);
	http_stream_close(s);
	for (int i = 0; http_connections(f->server) && i < PATIENCE_MS; i++)
		poll(NULL, 0, 1);
	assert_int_equal(http_connections(f->server), 0);
}

/* Asks, and reads nothing: soon what is written stays with the server. */
static struct http_stream *fill(struct fixture *f, size_t piece)
{
	AUTO_FREE char *data = xalloc(piece);
	struct http_stream *s;
	int small = 4096;

	f->fd = dial(f);
	setsockopt(f->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	say(f->fd, GET);
	s = next_stream();
	for (int i = 0; http_stream_pending(s) == 0; i++) {
		assert_true(i < 1000000);
		assert_int_equal(http_stream_write(s, data, piece), 0);
		for (int j = 0; http_stream_pending(s) > 0 && j < 100; j++)
			poll(NULL, 0, 1);
	}
	return s;
}

static void who_does_not_read_is_cut_off(void **state)
{
	struct fixture *f = *state;
	struct http_config config = stream_config(f);
	struct http_stream *s;

	config.request_timeout_s = 1;
	start(f, &config);
	s = fill(f, MAX_PENDING);
	await_broken(s);
	http_stream_close(s);
}

static void no_more_waits_than_agreed(void **state)
{
	struct fixture *f = *state;
	struct http_stream *s = fill(f, MAX_PENDING / 2);
	static const char data[MAX_PENDING / 2];
	int r = 0;

	for (int i = 0; r == 0 && i < 3; i++)
		r = http_stream_write(s, data, sizeof(data));
	assert_int_equal(r, -EPIPE);
	assert_int_equal(http_stream_pending(s), -EPIPE);
	http_stream_close(s);
}

static void stop_is_prompt(void **state)
{
	struct fixture *f = *state, *lazy = fixture_new();
	struct http_config config = stream_config(f);
	AUTO_BUF struct buf b = {0};
	struct http_stream *s, *full;

	config.stop_grace_ms = 3600 * 1000;
	start(f, &config);
	s = open_stream(f, GET);

	assert_true(hear(f->fd, &b, "\r\n\r\n", 1));
	lazy->server = f->server;
	full = fill(lazy, MAX_PENDING);
	write_text(s, "bye");
	/* The grace for answers under way is longer than a test may take. */
	http_stop(TAKE(f->server));
	assert_false(hear(f->fd, &b, NULL, 0));
	assert_has(&b, "3\r\nbye\r\n0\r\n\r\n");
	/* The handles outlive the server. */
	assert_int_equal(http_stream_write(s, "x", 1), -EPIPE);
	assert_int_equal(http_stream_pending(full), -EPIPE);
	http_stream_close(s);
	http_stream_close(full);
	close(lazy->fd);
	free(lazy);
}

/* --- several threads --- */

/* Serves streams until there will be no more. */
static void *write_some(void *arg)
{
	struct http_stream *s;

	for (int i = 0; (s = next_stream()); i++) {
		for (int j = 0; j < i % 7; j++)
			http_stream_write(s, "0123456789\n", 11);
		http_stream_pending(s);
		http_stream_close(s);
	}
	return NULL;
}

static size_t collect(char *data, size_t size, size_t count, void *arg)
{
	buf_add(arg, data, size * count);
	return size * count;
}

/* Asks over TLS, and reads to the end. */
static void fetch(const char *url, const char *ca, struct buf *b)
{
	CURL *curl = curl_easy_init();
	CURLcode r;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, b);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)PATIENCE_MS);
	curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
	r = curl_easy_perform(curl);
	if (r)
		fail_msg("%s: %s", url, curl_easy_strerror(r));
	curl_easy_cleanup(curl);
}

static void *write_slowly(void *arg)
{
	struct http_stream *s = next_stream();

	for (int i = 0; i < 5; i++) {
		http_stream_write(s, "0123456789", 10);
		/* Each piece on its own: the connection sleeps in between. */
		while (http_stream_pending(s) > 0)
			poll(NULL, 0, 1);
	}
	http_stream_close(s);
	return NULL;
}

static void tls_streams_too(void **state)
{
	struct fixture *f = *state;
	struct http_config config = stream_config(f);
	char dir[] = "/tmp/buoy-test-stream.XXXXXX", pem[64], url[64];
	AUTO_FREE char *command = NULL;
	AUTO_BUF struct buf b = {0};
	pthread_t thread;

	assert_non_null(mkdtemp(dir));
	snprintf(pem, sizeof(pem), "%s/both.pem", dir);
	command = xasprintf(
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
		"-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout %s -out %s.c 2>/dev/null && "
		"cat %s.c >>%s && rm %s.c",
		pem, pem, pem, pem, pem);
	assert_int_equal(system(command), 0);
	config.tls_cert = config.tls_key = pem;
	start(f, &config);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/stream", http_port(f->server));
	assert_int_equal(pthread_create(&thread, NULL, write_slowly, NULL), 0);
	fetch(url, pem, &b);
	pthread_join(thread, NULL);
	unlink(pem);
	rmdir(dir);
	assert_string_equal(buf_text(&b), "01234567890123456789012345678901234567890123456789");
}

static void clients_come_and_go(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[2];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_some, NULL), 0);
	for (int i = 0; i < 400; i++) {
		AUTO_CLOSE int fd = dial(f);
		AUTO_BUF struct buf b = {0};

		say(fd, GET);
		/* Some stay to the end, some go at once. */
		if (i % 3)
			assert_true(hear(fd, &b, "0\r\n\r\n", 1));
	}
	http_stop(TAKE(f->server));
	pthread_mutex_lock(&source.lock);
	source.ended = true;
	pthread_cond_broadcast(&source.opened);
	pthread_mutex_unlock(&source.lock);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STREAMED(chunks_go_out_as_they_come),
		STREAMED(closed_before_it_begins),
		STREAMED(old_clients_read_to_the_end),
		STREAMED(large_pieces_arrive_whole),
		STREAMED(who_goes_is_noticed),
		BARE(who_does_not_read_is_cut_off),
		STREAMED(no_more_waits_than_agreed),
		BARE(stop_is_prompt),
		BARE(tls_streams_too),
		STREAMED(clients_come_and_go),
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
