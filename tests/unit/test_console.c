/* The console's session and files: what the cookie is worth and when, what a browser is told.
 * A whole API behind a real HTTP server, identity built in. */
#include "identity_fixture.h"

#include "console_fixture.h"

#define ADMIN_LOGIN "{\"username\": \"admin\", \"password\": \"" ADMIN_PASSWORD "\"}"

/* --- log in --- */

static void log_in_and_out(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *page = log_in(f, "admin", ADMIN_PASSWORD), *line = reply_header(f, "Set-Cookie");
	AUTO_FREE char *store = reply_header(f, "Cache-Control"), *gone = NULL;

	assert_non_null(strstr(line, "; Path=/;"));
	assert_non_null(strstr(line, "; HttpOnly"));
	assert_non_null(strstr(line, "; SameSite=Strict"));
	assert_non_null(strstr(line, "; Max-Age=3"));
	assert_null(strstr(line, "Secure")); /* plain HTTP */
	assert_null(strstr(line, "Domain"));
	assert_string_equal(store, "no-store");
	assert_string_equal(text_at(f, "user.name"), "admin");
	assert_string_equal(text_at(f, "user.domain_id"), "default");
	assert_string_equal(text_at(f, "project.name"), "admin");
	assert_string_equal(text_at(f, "projects.0.name"), "admin");
	assert_string_equal(text_at(f, "region"), "RegionOne");
	assert_string_equal(text_at(f, "identity"), "builtin");
	assert_true(json_is_true(value_at(f, "admin")));
	expect_browse(f, 200, "GET", SESSION, page, NULL);
	assert_string_equal(text_at(f, "roles.0"), "admin");
	expect_browse(f, 200, "GET", "/v2.0/networks", page, NULL);
	expect_browse(f, 200, "GET", V3 "/users", page, NULL);
	/* The end is for good, also for who has kept the cookie. */
	expect_browse(f, 204, "DELETE", SESSION, page, NULL);
	gone = reply_header(f, "Set-Cookie");
	assert_non_null(strstr(gone, COOKIE_NAME "=;"));
	assert_non_null(strstr(gone, "Max-Age=0"));
	expect_browse(f, 401, "GET", "/v2.0/networks", page, NULL);
	expect_browse(f, 204, "GET", SESSION, page, NULL);
	expect_browse(f, 401, "DELETE", SESSION, page, NULL);
}

static void secure_where_clients_use_tls(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *page = NULL, *line = NULL;

	f->api->config.public_url = "https://buoy.test";
	page = log_in(f, "admin", ADMIN_PASSWORD);
	line = reply_header(f, "Set-Cookie");
	assert_non_null(strstr(line, "; Secure"));
}

static void log_in_is_refused(void **state)
{
	static const char *const wrong[] = {
		"{\"username\": \"admin\", \"password\": \"wrong\"}",
		"{\"username\": \"nobody\", \"password\": \"wrong\"}",
		"{\"username\": \"admin\", \"password\": \"" ADMIN_PASSWORD "\", \"project\": \"none\"}",
		"{\"username\": \"admin\", \"password\": \"" ADMIN_PASSWORD "\", \"domain\": \"none\"}",
	};
	static const char *const bad[] = {
		"{}",
		"{\"username\": \"admin\"}",
		"{\"username\": 7, \"password\": \"x\"}",
		"{\"username\": \"admin\", \"password\": \"x\", \"project\": 7}",
	};
	struct fixture *f = *state;
	AUTO_FREE char *first = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		AUTO_FREE char *cookie = NULL;

		expect_browse(f, 401, "POST", SESSION, MARK, wrong[i]);
		cookie = reply_header(f, "Set-Cookie");
		assert_null(cookie);
		/* Nothing tells which part was wrong. */
		if (first)
			assert_string_equal(first, text_at(f, "error"));
		else
			first = xstrdup(text_at(f, "error"));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_browse(f, 400, "POST", SESSION, MARK, bad[i]);
	expect_browse(f, 400, "POST", SESSION, MARK, NULL);
}

static void guessing_is_throttled(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *wait = NULL;

	for (int i = 0; i < 50 && f->status != 429; i++)
		browse(f, "POST", SESSION, MARK, "{\"username\": \"admin\", \"password\": \"guess\"}");
	assert_int_equal(f->status, 429);
	wait = reply_header(f, "Retry-After");
	assert_non_null(wait);
	/* It is the same counter as that of /v3/auth/tokens. */
	expect_as(f, NULL, 429, "POST", V3 "/auth/tokens", LOGIN("admin", "guess", ""));
}

/* --- what a cookie is worth --- */

static void other_sites_get_nowhere(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *page = log_in(f, "admin", ADMIN_PASSWORD), *cookie = cookie_of(f);
	AUTO_FREE char *form = xasprintf("Cookie: " COOKIE_NAME "=%s", cookie);
	AUTO_FREE char *mark = xasprintf("%s\nX-Buoy-Console: 2", form);
	AUTO_FREE char *foreign = xasprintf("%s\nOrigin: http://evil.test", page);
	AUTO_FREE char *null_origin = xasprintf("%s\nOrigin: null", page);
	AUTO_FREE char *port = xasprintf("%s\nOrigin: http://127.0.0.1:1", page);
	AUTO_FREE char *ours = xasprintf("%s\nOrigin: http://127.0.0.1:%u", page, http_port(f->server));
	AUTO_FREE char *public = xasprintf("%s\nOrigin: http://buoy.test:9696", page);
	const char *refused[] = {form, mark, foreign, null_origin, port};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		expect_browse(f, 401, "GET", "/v2.0/networks", refused[i], NULL);
		expect_browse(f, 401, "POST", "/v2.0/networks", refused[i],
			      "{\"network\": {\"name\": \"evil\"}}");
		expect_browse(f, 401, "GET", "/v2.0/buoy/live", refused[i], NULL);
		expect_browse(f, 401, "DELETE", SESSION, refused[i], NULL);
		expect_browse(f, 401, "PUT", SESSION, refused[i], "{\"project_id\": \"x\"}");
	}
	expect_browse(f, 200, "GET", "/v2.0/networks", ours, NULL);
	expect_browse(f, 200, "GET", "/v2.0/networks", public, NULL);
	expect_browse(f, 200, "GET", SESSION, page, NULL);
}

static void nobody_is_logged_in_by_another_site(void **state)
{
	struct fixture *f = *state;

	expect_browse(f, 403, "POST", SESSION, NULL, ADMIN_LOGIN);
	expect_browse(f, 403, "POST", SESSION, MARK "\nOrigin: http://evil.test", ADMIN_LOGIN);
	expect_browse(f, 403, "POST", SESSION, "Content-Type: text/plain", ADMIN_LOGIN);
	expect_browse(f, 201, "POST", SESSION, MARK, ADMIN_LOGIN);
}

static void a_planted_cookie_stays_worthless(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *page = NULL, *cookie = NULL;

	expect_browse(f, 201, "POST", SESSION, MARK "\nCookie: " COOKIE_NAME "=planted", ADMIN_LOGIN);
	cookie = cookie_of(f);
	assert_string_not_equal(cookie, "planted");
	expect_browse(f, 401, "GET", "/v2.0/networks", MARK "\nCookie: " COOKIE_NAME "=planted", NULL);
	/* Two logs-in are two sessions. */
	page = log_in(f, "admin", ADMIN_PASSWORD);
	assert_null(strstr(page, cookie));
	expect_browse(f, 204, "DELETE", SESSION, page, NULL);
	free(TAKE(page));
	page = as_page(cookie);
	expect_browse(f, 200, "GET", SESSION, page, NULL);
}

static void the_token_comes_before_the_cookie(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *page = log_in(f, "admin", ADMIN_PASSWORD);
	AUTO_FREE char *both = xasprintf("%s\nX-Auth-Token: %s", page, p.token);
	AUTO_FREE char *wrong = xasprintf("%s\nX-Auth-Token: wrong", page);
	AUTO_FREE char *empty = xasprintf("%s\nX-Auth-Token;", page);

	expect_browse(f, 200, "GET", SESSION, both, NULL);
	assert_string_equal(text_at(f, "user.name"), "bob");
	expect_browse(f, 401, "GET", "/v2.0/networks", wrong, NULL);
	expect_browse(f, 401, "GET", "/v2.0/networks", empty, NULL);
	people_free(&p);
}

static void odd_cookies_are_no_session(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *page = log_in(f, "admin", ADMIN_PASSWORD), *cookie = cookie_of(f);
	AUTO_FREE char *twice = xasprintf("%s; " COOKIE_NAME "=%s", page, cookie);
	AUTO_FREE char *among =
		xasprintf(MARK "\nCookie: a=b; " COOKIE_NAME "=%s ; x" COOKIE_NAME "=y", cookie);
	AUTO_FREE char *prefix = xasprintf(MARK "\nCookie: x" COOKIE_NAME "=%s", cookie);
	AUTO_BUF struct buf huge = {0}, huger = {0};

	expect_browse(f, 401, "GET", "/v2.0/networks", twice, NULL);
	expect_browse(f, 200, "GET", "/v2.0/networks", among, NULL);
	expect_browse(f, 401, "GET", "/v2.0/networks", prefix, NULL);
	expect_browse(f, 401, "GET", "/v2.0/networks", MARK "\nCookie: " COOKIE_NAME "=", NULL);
	expect_browse(f, 401, "GET", "/v2.0/networks", MARK "\nCookie: ;;;=;" COOKIE_NAME, NULL);
	buf_printf(&huge, MARK "\nCookie: " COOKIE_NAME "=%030000d", 1);
	expect_browse(f, 401, "GET", "/v2.0/networks", buf_text(&huge), NULL);
	buf_printf(&huger, MARK "\nCookie: " COOKIE_NAME "=%0200000d", 1);
	browse(f, "GET", "/v2.0/networks", buf_text(&huger), NULL);
	assert_in_range(f->status, 400, 499);
	expect_browse(f, 200, "GET", "/v2.0/networks", page, NULL);
}

/* --- projects --- */

static void another_project_is_the_same_session(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *other =
		make(f, p.admin, "projects", "project", "{\"project\": {\"name\": \"other\"}}");
	AUTO_FREE char *closed = make(f, p.admin, "projects", "project",
				      "{\"project\": {\"name\": \"closed\", \"enabled\": false}}");
	AUTO_FREE char *page = NULL, *moved = NULL, *cookie = NULL, *to = NULL, *shut = NULL;

	grant(f, p.admin, 204, "PUT", other, p.bob, p.reader);
	grant(f, p.admin, 204, "PUT", closed, p.bob, p.reader);
	/* No default project: the first one that works. */
	page = log_in(f, "bob", "pw");
	assert_int_equal(json_array_size(value_at(f, "projects")), 2);
	assert_string_not_equal(text_at(f, "project.id"), "");
	to = xasprintf("{\"project_id\": \"%s\"}", other);
	expect_browse(f, 200, "PUT", SESSION, page, to);
	assert_string_equal(text_at(f, "project.name"), "other");
	assert_string_equal(text_at(f, "roles.0"), "reader");
	assert_false(json_is_true(value_at(f, "admin")));
	cookie = cookie_of(f);
	moved = as_page(cookie);
	expect_browse(f, 403, "POST", "/v2.0/networks", moved, "{\"network\": {}}");
	/* What was under way with the old cookie goes on ... */
	expect_browse(f, 200, "GET", "/v2.0/networks", page, NULL);
	shut = xasprintf("{\"project_id\": \"%s\"}", closed);
	expect_browse(f, 404, "PUT", SESSION, moved, shut);
	expect_browse(f, 404, "PUT", SESSION, moved, "{\"project_id\": \"" STRANGER "\"}");
	expect_browse(f, 404, "PUT", SESSION, moved, "{\"project_id\": \"none\"}");
	expect_browse(f, 400, "PUT", SESSION, moved, "{}");
	/* ... until the log-out, which ends both. */
	expect_browse(f, 204, "DELETE", SESSION, moved, NULL);
	expect_browse(f, 401, "GET", "/v2.0/networks", page, NULL);
	expect_browse(f, 401, "GET", "/v2.0/networks", moved, NULL);
	people_free(&p);
}

static void log_in_on_a_project(void **state)
{
	struct fixture *f = *state;
	struct people p = people_new(f);
	AUTO_FREE char *by_id = xasprintf(
		"{\"username\": \"bob\", \"password\": \"pw\", \"project\": \"%s\", \"domain\": null}",
		p.project);

	expect_browse(f, 201, "POST", SESSION, MARK, by_id);
	assert_string_equal(text_at(f, "project.name"), "demo");
	expect_browse(f, 201, "POST", SESSION, MARK,
		      "{\"username\": \"bob\", \"password\": \"pw\", \"project\": \"demo\"}");
	assert_string_equal(text_at(f, "project.id"), p.project);
	expect_browse(f, 401, "POST", SESSION, MARK,
		      "{\"username\": \"bob\", \"password\": \"pw\", \"project\": \"admin\"}");
	/* Without any project there is a session all the same. */
	grant(f, p.admin, 204, "DELETE", p.project, p.bob, p.member);
	expect_browse(f, 201, "POST", SESSION, MARK, "{\"username\": \"bob\", \"password\": \"pw\"}");
	assert_true(json_is_null(value_at(f, "project")));
	people_free(&p);
}

/* --- files --- */

static const struct console_file files[] = {
	{"assets/app-0123abcd.js",
	 "text/javascript; charset=utf-8",
	 "aa",
	 true,
	 {{"plain script", 12}, {"gz", 2}, {"b", 1}}},
	{"assets/font-0123abcd.woff2", "font/woff2", "bb", true, {{"font", 4}}},
	{"index.html", "text/html; charset=utf-8", "cc", false, {{"<p>page", 7}, {"gzip", 4}}},
	{"robots.txt", "text/plain; charset=utf-8", "dd", false, {{"none", 4}}},
};
static const struct console console = {files, ARRAY_SIZE(files)};

static int setup_files(void **state)
{
	struct fixture *f = identity_fixture();

	f->api->config.console = &console;
	*state = f;
	return 0;
}

static void expect_header(const struct fixture *f, const char *name, const char *value)
{
	AUTO_FREE char *is = reply_header(f, name);

	if (!value && is)
		fail_msg("%s: %s", name, is);
	else if (value && (!is || strcmp(is, value) != 0))
		fail_msg("%s: %s instead of %s", name, is ? is : "nothing", value);
}

static void files_are_served(void **state)
{
	static const char *const places[] = {"/console",
					     "/console/",
					     "/console/index.html",
					     "/console/floating-ips",
					     "/console/floating-ips/10.0.0.1",
					     "/console/a/b/c?x=y"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		expect_browse(f, 200, "GET", places[i], NULL, NULL);
		assert_string_equal(buf_text(&f->text), "<p>page");
		expect_header(f, "Content-Type", "text/html; charset=utf-8");
		expect_header(f, "Cache-Control", "no-cache");
		expect_header(f, "X-Content-Type-Options", "nosniff");
		expect_header(f, "Referrer-Policy", "no-referrer");
		expect_header(f, "Cross-Origin-Opener-Policy", NULL);
		expect_header(f, "Content-Security-Policy",
			      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
			      "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
			      "frame-ancestors 'none'");
	}
	expect_browse(f, 200, "GET", "/console/assets/app-0123abcd.js", NULL, NULL);
	assert_string_equal(buf_text(&f->text), "plain script");
	expect_header(f, "Cache-Control", "public, max-age=31536000, immutable");
	expect_header(f, "Content-Encoding", NULL);
	expect_browse(f, 200, "HEAD", "/console/assets/app-0123abcd.js", NULL, NULL);
	expect_header(f, "Content-Length", "12");
	assert_int_equal(f->text.len, 0);
	expect_browse(f, 405, "POST", "/console/index.html", NULL, "x");
	/* Browsers heed it where there is TLS, and complain of it where there is none. */
	f->api->config.public_url = "https://buoy.test";
	expect_browse(f, 200, "GET", "/console/", NULL, NULL);
	expect_header(f, "Cross-Origin-Opener-Policy", "same-origin");
}

static void codings(void **state)
{
	static const struct {
		const char *accept, *coding;
	} rows[] = {
		{"br, gzip", "br"},
		{"gzip, deflate, br", "br"},
		{"gzip", "gzip"},
		{"gzip;q=1.0, br;q=0", "gzip"},
		{"br;q=0.0,gzip; q=0", NULL},
		{"deflate", NULL},
		{"brotli, xgzip", NULL},
		{"", NULL},
		{"BR", "br"},
		{"br;q=0.5", "br"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *line = xasprintf("Accept-Encoding: %s", rows[i].accept);

		expect_browse(f, 200, "GET", "/console/assets/app-0123abcd.js", line, NULL);
		expect_header(f, "Content-Encoding", rows[i].coding);
		expect_header(f, "Vary", "Accept-Encoding");
	}
	/* What is not packed in a coding goes out as it is. */
	expect_browse(f, 200, "GET", "/console/assets/font-0123abcd.woff2", "Accept-Encoding: br, gzip",
		      NULL);
	expect_header(f, "Content-Encoding", NULL);
	assert_string_equal(buf_text(&f->text), "font");
	expect_browse(f, 200, "GET", "/console/", "Accept-Encoding: br, gzip", NULL);
	expect_header(f, "Content-Encoding", "gzip");
}

static void what_is_known_is_not_sent_again(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *tag = NULL, *line = NULL, *weak = NULL;

	expect_browse(f, 200, "GET", "/console/", NULL, NULL);
	tag = reply_header(f, "ETag");
	line = xasprintf("If-None-Match: \"x\", %s", tag);
	weak = xasprintf("If-None-Match: W/%s", tag);
	expect_browse(f, 304, "GET", "/console/", line, NULL);
	expect_header(f, "ETag", tag);
	expect_header(f, "Cache-Control", "no-cache");
	assert_int_equal(f->text.len, 0);
	expect_browse(f, 304, "GET", "/console/", weak, NULL);
	expect_browse(f, 304, "GET", "/console/", "If-None-Match: *", NULL);
	expect_browse(f, 200, "GET", "/console/", "If-None-Match: \"x\"", NULL);
	/* Another coding is another text. */
	free(TAKE(line));
	line = xasprintf("Accept-Encoding: gzip\nIf-None-Match: %s", tag);
	expect_browse(f, 200, "GET", "/console/", line, NULL);
}

static void nothing_else_is_served(void **state)
{
	static const char *const nowhere[] = {
		"/console/assets/none.js",
		"/console/assets/none",
		"/console/api",
		"/console/api/none",
		"/console/api/session/x",
		"/console/none.css",
		"/console/%2e%2e/etc/passwd.txt",
		"/console/../etc/passwd.conf",
		"/console//etc",
		"/console/assets/../index.html",
		"/console/assets%2fapp-0123abcd.js%00",
		"/consolex",
		"/console/1/2/3/4/5/6/7/8/9",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(nowhere); i++) {
		browse(f, "GET", nowhere[i], NULL, NULL);
		if (f->status != 404 && f->status != 400)
			fail_msg("%s: %d", nowhere[i], f->status);
	}
	expect_browse(f, 404, "GET", "/console/api/none", NULL, NULL);
	assert_string_equal(text_at(f, "error"), "There is no such page.");
}

static void without_files_it_says_how_to_build_them(void **state)
{
	static const struct console none = {NULL, 0};
	struct fixture *f = *state;

	expect_browse(f, 404, "GET", "/console/", NULL, NULL);
	assert_non_null(strstr(buf_text(&f->text), "sudo make deps"));
	f->api->config.console = &none;
	expect_browse(f, 404, "GET", "/console/some/place", NULL, NULL);
	expect_header(f, "Content-Type", "text/plain; charset=utf-8");
	/* The session is there all the same. */
	expect_browse(f, 201, "POST", SESSION, MARK, ADMIN_LOGIN);
}

static void browsers_are_shown_the_console(void **state)
{
	struct fixture *f = *state;

	expect_browse(f, 303, "GET", "/", "Accept: text/html,application/xhtml+xml,*/*;q=0.8", NULL);
	expect_header(f, "Location", "/console/");
	expect_browse(f, 200, "GET", "/", "Accept: application/json", NULL);
	assert_string_equal(text_at(f, "versions.0.id"), "v2.0");
	expect_browse(f, 200, "GET", "/", "Accept: */*", NULL);
	expect_browse(f, 200, "GET", "/", "Accept:", NULL);
	expect_header(f, "Vary", "Accept");
}

/* --- pure --- */

static void hosts_are_compared(void **state)
{
	static const struct {
		const char *origin, *host;
		bool same;
	} rows[] = {
		{"http://a.test", "a.test", true},
		{"http://a.test:80", "a.test", true},
		{"https://a.test", "a.test:443", true},
		{"https://A.Test", "a.tEST", true},
		{"http://[::1]:9696", "[::1]:9696", true},
		{"http://[::1]", "[::1]:80", true},
		{"http://a.test:9696", "a.test:9696", true},
		{"http://a.test:9697", "a.test:9696", false},
		{"http://a.test", "a.test:443", false},
		{"http://a.test.evil", "a.test", false},
		{"http://evil-a.test", "a.test", false},
		{"http://", "", false},
		{"null", "a.test", false},
		{"ftp://a.test", "a.test", false},
		{"a.test", "a.test", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (console_same_host(rows[i].origin, rows[i].host) != rows[i].same)
			fail_msg("%s and %s", rows[i].origin, rows[i].host);
}

#define FILES(test) cmocka_unit_test_setup_teardown(test, setup_files, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IDENTITY(log_in_and_out),
		IDENTITY(secure_where_clients_use_tls),
		IDENTITY(log_in_is_refused),
		IDENTITY(guessing_is_throttled),
		IDENTITY(other_sites_get_nowhere),
		IDENTITY(nobody_is_logged_in_by_another_site),
		IDENTITY(a_planted_cookie_stays_worthless),
		IDENTITY(the_token_comes_before_the_cookie),
		IDENTITY(odd_cookies_are_no_session),
		IDENTITY(another_project_is_the_same_session),
		IDENTITY(log_in_on_a_project),
		FILES(files_are_served),
		FILES(codings),
		FILES(what_is_known_is_not_sent_again),
		FILES(nothing_else_is_served),
		IDENTITY(without_files_it_says_how_to_build_them),
		IDENTITY(browsers_are_shown_the_console),
		cmocka_unit_test(hosts_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
