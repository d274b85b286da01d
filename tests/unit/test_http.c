/* The HTTP server over loopback: framing, refusals, requests that wait, stopping.
 * A real server on a free port; the client is a plain socket. */
#include "http_fixture.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
