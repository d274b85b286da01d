/* The base helpers: buffers, errors, symbols.
 * Unit test, no I/O. */
#include "base/buf.h"
#include "base/err.h"
#include "base/symtab.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void json_strings_are_escaped(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{NULL, "null"},
		{"", "\"\""},
		{"a\"b\\c\n\x01", "\"a\\\"b\\\\c\\n\\u0001\""},
		{"\xed\x95\x9c \xe4\xb8\xad \xf0\x9f\x98\x80",
		 "\"\xed\x95\x9c \xe4\xb8\xad \xf0\x9f\x98\x80\""},
		{"\xff"
		 "a\xc3",
		 "\"\xef\xbf\xbd"
		 "a\xef\xbf\xbd\""},
		{"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_BUF struct buf b = {0};

		buf_json_str(&b, cases[i].in);
		assert_string_equal(buf_text(&b), cases[i].out);
	}
}

static void json_integers_reach_both_ends(void **state)
{
	AUTO_BUF struct buf b = {0};

	buf_json_int(&b, INT64_MIN);
	buf_putc(&b, ' ');
	buf_json_int(&b, INT64_MAX);
	buf_putc(&b, ' ');
	buf_json_int(&b, 0);
	assert_string_equal(buf_text(&b), "-9223372036854775808 9223372036854775807 0");
}

static void errors_map_status_to_errno(void **state)
{
	struct err err = {0};

	assert_int_equal(err_api(&err, 404, "PortNotFound", "Port %d", 7), -ENOENT);
	assert_string_equal(err.message, "Port 7");
	assert_int_equal(err_prefix(&err, "node %s", "a"), -ENOENT);
	assert_string_equal(err.message, "node a: Port 7");
	assert_int_equal(err_set(NULL, -EIO, "nobody listens"), -EIO);
}

static void symbols_are_stable(void **state)
{
	AUTO_SYMTAB struct symtab *t = symtab_new();
	sym a = symtab_put(t, "qrouter");

	for (int i = 0; i < 1000; i++) {
		AUTO_FREE char *s = xasprintf("tap%d", i);

		symtab_put(t, s);
	}
	assert_int_equal(symtab_put(t, NULL), 0);
	assert_int_equal(symtab_put(t, "qrouter"), a);
	assert_string_equal(symtab_text(t, a), "qrouter");
	assert_string_equal(symtab_text(t, 999999), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_strings_are_escaped),
		cmocka_unit_test(json_integers_reach_both_ends),
		cmocka_unit_test(errors_map_status_to_errno),
		cmocka_unit_test(symbols_are_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
