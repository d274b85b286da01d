/* Request targets and log lines: decoding, refusals, and text that tries to forge a line.
 * Unit test, no I/O. */
#include "api/http.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

static void queries_are_decoded(void **state)
{
	/* The pairs, printed as [key]=[value]. */
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", ""},
		{"&&", ""},
		{"a=b", "[a]=[b]"},
		{"a=b&a=c&", "[a]=[b][a]=[c]"},
		{"a&b=", "[a]=[][b]=[]"},
		{"=x&=", "[]=[x][]=[]"},
		{"a=b=c", "[a]=[b=c]"},
		{"a%3db=c%26d", "[a=b]=[c&d]"},
		{"n=%ed%95%9C+x%2B", "[n]=[\xed\x95\x9c x+]"},
		{"fixed_ips=ip_address%3D10.0.0.1&x;y=z", "[fixed_ips]=[ip_address=10.0.0.1][x;y]=[z]"},
		{"a=b?c/d", "[a]=[b?c/d]"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		void *region = talloc_new(NULL);
		const struct http_param *params;
		AUTO_BUF struct buf b = {0};
		size_t count;

		assert_int_equal(http_parse_query(region, cases[i].in, &params, &count, NULL), 0);
		for (size_t k = 0; k < count; k++)
			buf_printf(&b, "[%s]=[%s]", params[k].key, params[k].value);
		assert_string_equal(buf_text(&b), cases[i].out);
		talloc_free(region);
	}
}

static void bad_queries_are_refused(void **state)
{
	static const char *const cases[] = {
		"%", "a=%", "a=%4", "a=%4g", "%g4=", "a=%00", "%00", "a=b&c=%2&d", "%2=34"};
	const struct http_param *params = NULL;
	AUTO_BUF struct buf many = {0};
	struct err err = {0};
	size_t count = 77;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(http_parse_query(NULL, cases[i], &params, &count, &err), -EINVAL);
		assert_int_equal(err.status, 400);
	}
	for (int i = 0; i <= HTTP_MAX_PARAMS; i++)
		buf_puts(&many, "a&");
	assert_int_equal(http_parse_query(NULL, buf_text(&many), &params, &count, &err), -EINVAL);
	assert_null(params);
	assert_int_equal(count, 77);
	many.data[many.len - 2] = 0;
	assert_int_equal(http_parse_query(NULL, buf_text(&many), &params, &count, &err), 0);
	assert_int_equal(count, HTTP_MAX_PARAMS);
	talloc_free((void *)params);
}

static void paths(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: refused */
	} cases[] = {
		{"/", "/"},
		{"//", "/"},
		{"/v2.0/", "/v2.0"},
		{"/a//b///", "/a//b"},
		{"/a%20b+c?x=/", "/a b+c"},
		{"/a/%2e%2e/", "/a/.."},
		{"http://host:9696/v3/auth?x", "/v3/auth"},
		{"HTTPS://host", "/"},
		{"https://host?x", "/"},
		{"", NULL},
		{"*", NULL},
		{"?x", NULL},
		{"a/b", NULL},
		{"/%", NULL},
		{"/%0", NULL},
		{"/%00", NULL},
		{"/%4?1", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = NULL;
		struct err err = {0};
		int r = http_parse_path(NULL, cases[i].in, &path, &err);

		assert_int_equal(r, cases[i].out ? 0 : -EINVAL);
		assert_int_equal(err.status, cases[i].out ? 0 : 400);
		if (cases[i].out)
			assert_string_equal(path, cases[i].out);
		talloc_free((void *)path);
	}
}

static void log_lines_cannot_be_forged(void **state)
{
	struct http_request req = {.method_name = "GET",
				   .path = "/a b\n2026 status=200 \"\\\xff",
				   .log_user = "ann",
				   .log_project = "x id=req-0",
				   .peer = "2001:db8::1",
				   .id = "req-1"};
	struct http_response resp = {.status = 404};
	AUTO_BUF struct buf b = {0};

	http_log_line(&req, &resp, &b);
	assert_non_null(strstr(
		buf_text(&b), "Z method=GET path=\"/a b\\x0a2026 status=200 \\\"\\\\\\xff\" status=404 ms="));
	assert_non_null(
		strstr(buf_text(&b), " bytes=0 user=ann project=\"x id=req-0\" peer=2001:db8::1 id=req-1"));
	assert_null(strchr(buf_text(&b), '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_are_decoded),
		cmocka_unit_test(bad_queries_are_refused),
		cmocka_unit_test(paths),
		cmocka_unit_test(log_lines_cannot_be_forged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
