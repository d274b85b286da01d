/* The command line's table printer: widths, wrapping, wide characters, hostile text.
 * Unit test, no I/O. */
#include "cli/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Prints a table of `n` columns into malloc'd text. */
static char *print(size_t n, int width, const char *const *cells, size_t n_cells)
{
	struct buf out = {0};
	struct table t;

	table_init(&t, n);
	for (size_t i = 0; i < n_cells; i++)
		table_add(&t, cells[i]);
	table_print(&t, width, &out);
	table_done(&t);
	return out.data ? buf_take(&out) : xstrdup("");
}

#define PRINT(n, width, ...)                                                                                 \
	print(n, width, (const char *const[]){__VA_ARGS__}, ARRAY_SIZE(((const char *const[]){__VA_ARGS__})))

/* Every line takes the same columns of the terminal; returns how many. */
static int even_width(const char *text)
{
	int width = -1;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (width >= 0)
			assert_int_equal(text_width(text, len), width);
		width = text_width(text, len);
		text += len + 1;
	}
	return width;
}

static void a_table_is_as_wide_as_its_cells(void **state)
{
	AUTO_FREE char *s = PRINT(2, 0, "id", "name", "1", "a long name", "22", "");

	assert_string_equal(s, "+----+-------------+\n"
			       "| id | name        |\n"
			       "+----+-------------+\n"
			       "| 1  | a long name |\n"
			       "| 22 |             |\n"
			       "+----+-------------+\n");
}

static void a_table_without_rows_has_its_headings(void **state)
{
	AUTO_FREE char *s = PRINT(1, 0, "id");

	assert_string_equal(s, "+----+\n| id |\n+----+\n+----+\n");
}

static void line_breaks_make_lines(void **state)
{
	AUTO_FREE char *s = PRINT(2, 0, "a", "b", "1\n22\n", "x");

	assert_string_equal(s, "+----+---+\n"
			       "| a  | b |\n"
			       "+----+---+\n"
			       "| 1  | x |\n"
			       "| 22 |   |\n"
			       "+----+---+\n");
}

static void wide_characters_count_twice(void **state)
{
	/* Hangul, Han and an emoji are wide; the combining accent takes no column. */
	AUTO_FREE char *s = PRINT(2, 0, "name", "x", "한국", "1", "e\xcc\x81", "2", "😀", "3");

	assert_int_equal(even_width(s), 12);
	assert_non_null(strstr(s, "| 한국 | 1 |"));
	assert_non_null(strstr(s, "| e\xcc\x81    | 2 |"));
}

static void cells_wrap_into_the_width(void **state)
{
	AUTO_FREE char *s = PRINT(2, 40, "id", "text", "7", "some words that are too many for one line");

	assert_true(even_width(s) <= 40);
	assert_non_null(strstr(s, "| 7  | some words that are too many    |"));
	assert_non_null(strstr(s, "|    | for one line                    |"));
}

static void wide_characters_wrap_whole(void **state)
{
	AUTO_FREE char *s = PRINT(1, 19, "n", "한국어한국어한국어한국어");

	assert_true(even_width(s) <= 19);
	assert_null(strstr(s, "\xef\xbf\xbd"));
}

static void ids_are_squeezed_last(void **state)
{
	const char *id = "b7f2f5a0-2f8d-4c1e-9d1a-0123456789ab";
	AUTO_FREE char *s = PRINT(3, 80, "id", "name", "text", id, "a name of many words, and more of them",
				  "words and words and words");
	AUTO_FREE char *narrow = PRINT(1, 20, "id", id);

	assert_true(even_width(s) <= 80);
	assert_non_null(strstr(s, id));
	assert_true(even_width(narrow) <= 20);
}

static void impossible_widths_still_print(void **state)
{
	for (int width = 1; width < 12; width++) {
		AUTO_FREE char *s =
			PRINT(3, width, "one", "two", "three", "11111111111", "2222222222", "한한한한");

		assert_true(even_width(s) > 0);
	}
}

static void control_characters_are_shown(void **state)
{
	AUTO_FREE char *s = PRINT(1, 0, "n", "a\x1b[31m\tb\x7f\xc2\x9b");

	assert_non_null(strstr(s, "a\\x1b[31m\\x09b\\x7f\\x9b"));
}

static void text_that_is_not_utf8_is_no_harm(void **state)
{
	AUTO_FREE char *s = PRINT(1, 8, "n", "\xff\xfe\xed\xa0\x80\xc3", "\xf0\x9f\x98");

	assert_true(even_width(s) > 0);
}

/* Where the odd column goes, for texts and columns of even and of odd width. */
static void headings_stand_in_the_middle(void **state)
{
	static const char *const cells[] = {"ab", "abc", "ab", "abc", "12345", "123456", "123456", "12345"};
	struct buf out = {0};
	struct table t;

	table_init(&t, 4);
	t.centred = true;
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		table_add(&t, cells[i]);
	table_print(&t, 0, &out);
	assert_non_null(strstr(buf_text(&out), "|   ab  |  abc   |   ab   |  abc  |\n"
					       "+-------+--------+--------+-------+\n"
					       "| 12345 | 123456 | 123456 | 12345 |\n"));
	table_done(&t);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_as_wide_as_its_cells),
		cmocka_unit_test(a_table_without_rows_has_its_headings),
		cmocka_unit_test(line_breaks_make_lines),
		cmocka_unit_test(wide_characters_count_twice),
		cmocka_unit_test(cells_wrap_into_the_width),
		cmocka_unit_test(wide_characters_wrap_whole),
		cmocka_unit_test(ids_are_squeezed_last),
		cmocka_unit_test(impossible_widths_still_print),
		cmocka_unit_test(control_characters_are_shown),
		cmocka_unit_test(text_that_is_not_utf8_is_no_harm),
		cmocka_unit_test(headings_stand_in_the_middle),
	};

	text_width_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
