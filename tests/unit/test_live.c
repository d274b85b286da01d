/* The live stream, /stats and /history: who sees what, how much, until when.
 * A whole API with identity built in; the test is the agent and the listeners. */
#include "stream_fixture.h"

#include "api/live.h"
#include "console_fixture.h"

#define LIVE "/v2.0/buoy/live"

static int listen_with(struct fixture *f, const char *method, const char *lines)
{
	return stream_open(f, method, LIVE, lines);
}

static int listen_as(struct fixture *f, const char *token)
{
	return stream_open_as(f, LIVE, token);
}

/* What the agent says: so many packets for each, of 100 bytes. */
static void report(struct fixture *f, const struct owners *o, uint64_t packets)
{
	const struct node_traffic t[] = {{o->bobs_ip, packets, packets * 100, packets, packets * 100},
					 {o->admins_ip, packets, packets * 100, packets, packets * 100}};

	nodes_report(f->nodes, &(struct node_report){.node = "n", .traffic = t, .traffic_count = 2});
}

/* Until the text has come, counters go on. */
static void report_until(struct fixture *f, const struct owners *o, uint64_t *packets, int fd, struct buf *b,
			 const char *text)
{
	for (int i = 0; !strstr(buf_text(b), text); i++) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		char chunk[4096];
		ssize_t n;

		if (i == PATIENCE_MS / 10)
			fail_msg("\"%s\" did not come; so far: %s", text, buf_text(b));
		report(f, o, *packets += 10);
		if (poll(&p, 1, 10) > 0 && (n = recv(fd, chunk, sizeof(chunk), 0)) > 0)
			buf_add(b, chunk, (size_t)n);
	}
}

/* --- the stream --- */

static void changes_are_told(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *page = log_in(f, "admin", ADMIN_PASSWORD), *event = NULL;
	AUTO_CLOSE int fd = listen_with(f, "GET", page);
	AUTO_BUF struct buf b = {0};

	await_text(fd, &b, "event: change\ndata: {\"revision\": ");
	assert_non_null(strstr(b.data, "HTTP/1.1 200"));
	assert_non_null(strstr(b.data, "Content-Type: text/event-stream"));
	assert_non_null(strstr(b.data, "Cache-Control: no-store"));
	expect_browse(f, 201, "POST", "/v2.0/networks", page, "{\"network\": {}}");
	event = xasprintf("event: change\ndata: {\"revision\": %lu}\n\n", (unsigned long)revision(f));
	await_text(fd, &b, event);
	/* So does what the kernel has. */
	buf_done(&b);
	nodes_report(f->nodes, &(struct node_report){.node = "n", .applied = 1});
	await_text(fd, &b, event);
}

static void head_and_strangers_get_no_stream(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *token = admin_token(f);

	expect_as(f, token, 200, "HEAD", LIVE, NULL);
	expect_as(f, NULL, 401, "GET", LIVE, NULL);
	expect_as(f, "wrong", 401, "GET", LIVE, NULL);
	expect_as(f, token, 405, "POST", LIVE, "{}");
}

static void rates_of_what_one_sees(void **state)
{
	struct fixture *f = *state;
	struct owners o = owners_new(f);
	AUTO_CLOSE int bob = listen_as(f, o.people.token), admin = listen_as(f, o.people.admin);
	AUTO_BUF struct buf b = {0}, a = {0};
	AUTO_FREE char *bobs = xasprintf("\"%s\":[", o.bobs), *admins = xasprintf("\"%s\":[", o.admins);
	uint64_t packets = 0;

	await_text(bob, &b, "event: change");
	await_text(admin, &a, "event: change");
	report_until(f, &o, &packets, bob, &b, bobs);
	assert_non_null(strstr(b.data, "event: traffic\ndata: {\"time\":\""));
	report_until(f, &o, &packets, admin, &a, admins);
	report_until(f, &o, &packets, admin, &a, bobs);
	assert_without(&b, o.admins);
	assert_without(&b, "[-");
	/* Counters that begin anew give no negative rates either. */
	b.len = 0;
	packets = 0;
	report_until(f, &o, &packets, bob, &b, bobs);
	await_text(bob, &b, "}}\n\n");
	assert_null(strstr(strstr(b.data, bobs) + strlen(bobs), "[-"));
	assert_without(&b, ",-");
	owners_free(&o);
}

static void a_session_ends_its_stream(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *page = log_in(f, "admin", ADMIN_PASSWORD),
		       *other = log_in(f, "admin", ADMIN_PASSWORD);
	AUTO_CLOSE int fd = listen_with(f, "GET", page), stays = listen_with(f, "GET", other);
	AUTO_BUF struct buf b = {0}, s = {0};

	await_text(fd, &b, "event: change");
	await_text(stays, &s, "event: change");
	expect_browse(f, 204, "DELETE", SESSION, page, NULL);
	await_text(fd, &b, "event: bye\ndata: {\"reason\": \"session\"}\n\n");
	await_text(fd, &b, "0\r\n\r\n");
	assert_without(&s, "bye");
}

static void a_token_ends_its_stream(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *token = NULL;
	AUTO_CLOSE int fd = -1;
	AUTO_BUF struct buf b = {0};

	f->api->config.token_lifetime_s = 2;
	token = admin_token(f);
	fd = listen_as(f, token);
	await_text(fd, &b, "event: change");
	await_text(fd, &b, "event: bye\ndata: {\"reason\": \"session\"}\n\n");
}

static void stop_says_bye(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *token = admin_token(f);
	AUTO_CLOSE int fd = listen_as(f, token);
	AUTO_BUF struct buf b = {0};

	await_text(fd, &b, "event: change");
	api_quiesce(f->api);
	await_text(fd, &b, "event: bye\ndata: {\"reason\": \"shutdown\"}\n\n");
	await_text(fd, &b, "0\r\n\r\n");
	expect_as(f, token, 503, "GET", LIVE, NULL);
	/* The rest goes on until http_stop. */
	expect_as(f, token, 200, "GET", "/v2.0/networks", NULL);
}

/* --- limits --- */

static void one_user_has_eight(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *token = admin_token(f), *again = admin_token(f);
	int fds[LIVE_MAX_USER];
	AUTO_CLOSE int one = -1;
	AUTO_BUF struct buf last = {0};

	for (int i = 0; i < LIVE_MAX_USER; i++) {
		AUTO_BUF struct buf b = {0};

		fds[i] = listen_as(f, token);
		await_text(fds[i], &b, "event: change");
	}
	/* However many tokens. */
	expect_as(f, again, 429, "GET", LIVE, NULL);
	assert_non_null(strcasestr(buf_text(&f->headers), "Retry-After"));
	/* Who has gone makes room at once. */
	close(fds[0]);
	one = listen_as(f, again);
	await_text(one, &last, "event: change");
	for (int i = 1; i < LIVE_MAX_USER; i++)
		close(fds[i]);
}

static char *make_user(struct fixture *f, const struct people *p, int i)
{
	AUTO_FREE char *user = xasprintf("{\"user\": {\"name\": \"u%d\", \"password\": \"pw\"}}", i);
	AUTO_FREE char *login =
		xasprintf("{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": "
			  "{\"user\": {\"name\": \"u%d\", \"domain\": {\"name\": \"Default\"}, "
			  "\"password\": \"pw\"}}}" ON_PROJECT("demo") "}}",
			  i);
	AUTO_FREE char *id = make(f, p->admin, "users", "user", user);

	grant(f, p->admin, 204, "PUT", p->project, id, p->member);
	return token_from(f, login);
}

static void all_together_have_64(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	int fds[LIVE_MAX];

	for (int u = 0; u < LIVE_MAX / LIVE_MAX_USER; u++) {
		AUTO_FREE char *token = make_user(f, &p, u);

		for (int i = 0; i < LIVE_MAX_USER; i++) {
			int *fd = &fds[u * LIVE_MAX_USER + i];
			AUTO_BUF struct buf b = {0};

			*fd = listen_as(f, token);
			await_text(*fd, &b, "event: change");
		}
	}
	expect_as(f, p.admin, 503, "GET", LIVE, NULL);
	/* Everything else is answered. */
	expect_as(f, p.admin, 200, "GET", "/v2.0/networks", NULL);
	for (int i = 0; i < LIVE_MAX; i++)
		close(fds[i]);
	people_free(&p);
}

/* --- below a floating IP --- */

static void stats_of_what_one_sees(void **state)
{
	struct fixture *f = *state;
	struct owners o = owners_new(f);
	AUTO_FREE char *bobs = xasprintf("/v2.0/floatingips/%s/stats", o.bobs);
	AUTO_FREE char *admins = xasprintf("/v2.0/floatingips/%s/stats", o.admins);

	expect_as(f, o.people.token, 200, "GET", bobs, NULL);
	assert_string_equal(text_at(f, "stats.floatingip_id"), o.bobs);
	assert_true(json_is_null(value_at(f, "stats.last_seen")));
	assert_int_equal(json_array_size(value_at(f, "stats.history")), 0);
	for (uint64_t n = 1; json_array_size(value_at(f, "stats.history")) == 0; n++) {
		assert_true(n < PATIENCE_MS / 10);
		report(f, &o, n * 100);
		poll(NULL, 0, 10);
		expect_as(f, o.people.admin, 200, "GET", bobs, NULL);
	}
	assert_true(json_integer_value(value_at(f, "stats.in_packets")) > 0);
	assert_int_equal(json_integer_value(value_at(f, "stats.interval")), 60);
	assert_true(json_number_value(value_at(f, "stats.history.0.in_bps")) > 0);
	assert_string_not_equal(text_at(f, "stats.last_seen"), "");
	assert_int_equal(json_integer_value(value_at(f, "stats.dropped.rate_in")), 0);
	assert_true(json_is_null(value_at(f, "stats.last_seen_in")));
	assert_true(json_number_value(value_at(f, "stats.rates.in_pps")) > 0);
	expect_as(f, o.people.token, 404, "GET", admins, NULL);
	expect_as(f, o.people.token, 404, "GET", "/v2.0/floatingips/none/stats", NULL);
	expect_as(f, NULL, 401, "GET", bobs, NULL);
	owners_free(&o);
}

static void history_of_what_was_ones_own(void **state)
{
	struct fixture *f = *state;
	struct owners o = owners_new(f);
	AUTO_FREE char *path = xasprintf("/v2.0/floatingips/%s", o.bobs);
	AUTO_FREE char *history = xasprintf("%s/history", path), *first = xasprintf("%s?limit=1", history);
	AUTO_FREE char *next = NULL, *admins = xasprintf("/v2.0/floatingips/%s/history", o.admins);
	AUTO_FREE char *all = xasprintf("%s?limit=4", history);

	expect_as(f, o.people.token, 200, "PUT", path, "{\"floatingip\": {\"description\": \"one\"}}");
	expect_as(f, o.people.admin, 200, "PUT", path, "{\"floatingip\": {\"description\": \"two\"}}");
	expect_as(f, o.people.token, 200, "GET", history, NULL);
	assert_int_equal(json_array_size(value_at(f, "history")), 3);
	assert_string_equal(text_at(f, "history.0.user_name"), "admin");
	assert_string_equal(text_at(f, "history.0.was.description"), "one");
	assert_string_equal(text_at(f, "history.0.is.description"), "two");
	assert_string_equal(text_at(f, "history.1.user_name"), "bob");
	assert_non_null(strstr(text_at(f, "history.1.action"), "PUT /v2.0/floatingips/"));
	assert_true(json_is_null(value_at(f, "history.2.was")));
	/* Page by page. */
	expect_as(f, o.people.token, 200, "GET", first, NULL);
	assert_int_equal(json_array_size(value_at(f, "history")), 1);
	assert_string_equal(text_at(f, "history.0.is.description"), "two");
	next = xstrdup(strstr(text_at(f, "history_links.0.href"), "/v2.0/"));
	expect_as(f, o.people.token, 200, "GET", next, NULL);
	assert_string_equal(text_at(f, "history.0.is.description"), "one");
	/* It outlives the floating IP, for whom it belonged to. */
	expect_as(f, o.people.token, 204, "DELETE", path, NULL);
	expect_as(f, o.people.token, 200, "GET", history, NULL);
	assert_int_equal(json_array_size(value_at(f, "history")), 4);
	assert_true(json_is_null(value_at(f, "history.0.is")));
	/* A page that holds the last of it leads to no other. */
	expect_as(f, o.people.token, 200, "GET", all, NULL);
	assert_int_equal(json_array_size(value_at(f, "history")), 4);
	assert_null(value_at(f, "history_links"));
	expect_as(f, o.people.token, 404, "GET", admins, NULL);
	expect_as(f, o.people.token, 404, "GET", "/v2.0/floatingips/" NOWHERE "/history", NULL);
	expect_as(f, o.people.admin, 404, "GET", "/v2.0/floatingips/none/history", NULL);
	owners_free(&o);
}

static void history_is_of_floating_ips_alone(void **state)
{
	static const char *const odd[] = {"limit=x", "limit=-1", "marker=1e9",
					  "limit=", "marker=99999999999999999999"};
	struct fixture *f = *state;
	struct owners o = owners_new(f);
	/* Secrets and hashes have rows, too. */
	AUTO_FREE char *user =
		xasprintf("/v2.0/floatingips/%.8s-%.4s-%.4s-%.4s-%s/history", o.people.bob, o.people.bob + 8,
			  o.people.bob + 12, o.people.bob + 16, o.people.bob + 20);

	expect_as(f, o.people.admin, 404, "GET", user, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		AUTO_FREE char *path = xasprintf("/v2.0/floatingips/%s/history?%s", o.bobs, odd[i]);

		expect_as(f, o.people.admin, 400, "GET", path, NULL);
	}
	owners_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IDENTITY(changes_are_told),
		IDENTITY(head_and_strangers_get_no_stream),
		IDENTITY(rates_of_what_one_sees),
		IDENTITY(a_session_ends_its_stream),
		IDENTITY(a_token_ends_its_stream),
		IDENTITY(stop_says_bye),
		IDENTITY(one_user_has_eight),
		IDENTITY(all_together_have_64),
		IDENTITY(stats_of_what_one_sees),
		IDENTITY(history_of_what_was_ones_own),
		IDENTITY(history_is_of_floating_ips_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
