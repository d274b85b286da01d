/* Rows and objects as a table, JSON, plain values, CSV or YAML on stdout.
 * The last step of a verb. */
#include "cli/output.h"

#include "cli/cli.h"
#include "cli/table.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <talloc.h>

static const char *const format_names[] = {"table", "json", "value", "csv", "yaml"};

int format_parse(const char *word, enum format *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(format_names); i++) {
		if (!strcmp(word, format_names[i])) {
			*ret = (enum format)i;
			return 0;
		}
	}
	return err_set(err, -EINVAL, "-f %s: the formats are table, json, value, csv and yaml", word);
}

int output_find_width(const char *max_width, int *ret, struct err *err)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (max_width) {
		char *end;
		long n = strtol(max_width, &end, 10);

		if (*end || end == max_width || n < 0 || n > 100000)
			return err_set(err, -EINVAL,
				       "--max-width %s: a number of columns is needed, 0 for no limit",
				       max_width);
		*ret = (int)n;
		return 0;
	}
	if (!isatty(STDOUT_FILENO))
		*ret = 0;
	else if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		*ret = size.ws_col;
	else
		*ret = columns && atoi(columns) > 0 ? atoi(columns) : 80;
	return 0;
}

static void add_scalar(struct buf *b, const json_t *v, const char *null_text)
{
	if (!v || json_is_null(v))
		buf_puts(b, null_text);
	else if (json_is_string(v))
		buf_puts(b, json_string_value(v));
	else {
		AUTO_FREE char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);

		buf_puts(b, text ? text : "");
	}
}

static void add_inline(struct buf *b, const json_t *v);

/* {"a":1,"b":null}: "a=1, b=-". */
static void add_members(struct buf *b, const json_t *obj, const char *sep)
{
	const char *key, *before = "";
	json_t *v;

	json_object_foreach((json_t *)obj, key, v)
	{
		buf_printf(b, "%s%s=", before, key);
		add_inline(b, v);
		before = sep;
	}
}

/* What stands inside of something else. */
static void add_inline(struct buf *b, const json_t *v)
{
	size_t i;
	json_t *e;

	if (json_is_object(v)) {
		add_members(b, v, ", ");
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, e)
		{
			buf_puts(b, i ? "; " : "");
			add_inline(b, e);
		}
	} else {
		add_scalar(b, v, "-");
	}
}

/* What a person reads in a cell: one line for each element of a list and each member of an object. */
static void add_cell(struct buf *b, const json_t *v)
{
	size_t i;
	json_t *e;

	if (json_is_object(v)) {
		add_members(b, v, "\n");
		return;
	}
	if (!json_is_array(v)) {
		add_scalar(b, v, "-");
		return;
	}
	json_array_foreach(v, i, e)
	{
		buf_puts(b, i ? "\n" : "");
		add_inline(b, e);
	}
}

/* A value as text of the wanted format; malloc'd. */
static char *value_text(const struct output *o, const json_t *v)
{
	struct buf b = {0};

	if (o->format == FORMAT_TABLE)
		add_cell(&b, v);
	else
		add_scalar(&b, v, o->format == FORMAT_CSV ? "" : "None");
	return b.data ? buf_take(&b) : xstrdup("");
}

static void add_csv(struct buf *out, const char *text, bool quote)
{
	if (!quote) {
		buf_puts(out, text);
		return;
	}
	buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_putc(out, '"');
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

/* Does what was typed after -c mean this attribute? "Floating IP Address" means floating_ip_address. */
static bool column_is(const char *typed, const char *attr)
{
	for (; *typed && *attr; typed++, attr++) {
		char a = *typed == ' ' || *typed == '-' ? '_' : (char)tolower((unsigned char)*typed);
		char b = *attr == '-' ? '_' : (char)tolower((unsigned char)*attr);

		if (a != b)
			return false;
	}
	return !*typed && !*attr;
}

/* The attribute's own spelling, NULL where the row has none such. */
static const char *column_spelling(const char *typed, const json_t *row)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)row, key, v)
	{
		if (column_is(typed, key))
			return key;
	}
	return json_get_path(row, typed) ? typed : NULL;
}

/* The same for a list: some rows may lack a member that others have. */
static const char *list_spelling(const char *typed, const json_t *rows)
{
	const char *found;
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		found = column_spelling(typed, row);
		if (found)
			return found;
	}
	return NULL;
}

/* The columns to show, talloc'd on mem: those of -c, else the comma-separated default. */
static int list_columns(void *mem, const struct output *o, const char *columns, const json_t *rows,
			const char ***ret, size_t *ret_n, struct err *err)
{
	const char **names = NULL;
	size_t n = 0;

	if (o->n_columns > 0) {
		names = talloc_array(mem, const char *, o->n_columns);
		for (; n < o->n_columns; n++) {
			names[n] = list_spelling(o->columns[n], rows);
			if (!names[n] && json_array_size(rows) > 0)
				return err_set(err, -EINVAL, "-c %s: there is no such column", o->columns[n]);
			if (!names[n])
				names[n] = o->columns[n];
		}
	} else {
		char *copy = talloc_strdup(mem, columns), *save = NULL;

		for (char *c = strtok_r(copy, ",", &save); c; c = strtok_r(NULL, ",", &save)) {
			names = talloc_realloc(mem, names, const char *, n + 1);
			names[n++] = c;
		}
	}
	*ret = names;
	*ret_n = n;
	return 0;
}

static void list_table(const struct output *o, const char **columns, size_t n, const json_t *rows,
		       struct buf *out)
{
	struct table t;
	size_t i;
	json_t *row;

	table_init(&t, n);
	for (size_t c = 0; c < n; c++)
		table_add(&t, columns[c]);
	json_array_foreach(rows, i, row)
	{
		for (size_t c = 0; c < n; c++) {
			AUTO_FREE char *text = value_text(o, json_get_path(row, columns[c]));

			table_add(&t, text);
		}
	}
	table_print(&t, o->width, out);
	table_done(&t);
}

static void list_lines(const struct output *o, const char **columns, size_t n, const json_t *rows,
		       struct buf *out)
{
	bool csv = o->format == FORMAT_CSV;
	size_t i;
	json_t *row;

	for (size_t c = 0; csv && c < n; c++) {
		buf_puts(out, c ? "," : "");
		add_csv(out, columns[c], true);
	}
	buf_puts(out, csv ? "\n" : "");
	json_array_foreach(rows, i, row)
	{
		for (size_t c = 0; c < n; c++) {
			const json_t *v = json_get_path(row, columns[c]);
			AUTO_FREE char *text = value_text(o, v);

			if (c > 0)
				buf_putc(out, csv ? ',' : ' ');
			if (csv)
				add_csv(out, text, !json_is_number(v));
			else if (o->visible)
				text_add_visible(out, text, false);
			else
				buf_puts(out, text);
		}
		buf_putc(out, '\n');
	}
}

/* The row with only the columns of -c, new reference. */
static json_t *pick(const json_t *row, const char **columns, size_t n)
{
	json_t *picked = json_object();

	for (size_t c = 0; c < n; c++) {
		const json_t *v = json_get_path(row, columns[c]);

		json_object_set_new(picked, columns[c], v ? json_deep_copy(v) : json_null());
	}
	return picked;
}

static int write_tree(enum format format, const json_t *v, struct buf *out, struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (format == FORMAT_YAML)
		return yaml_write(v, out, err);
	text = json_dumps(v, JSON_INDENT(2) | JSON_ENCODE_ANY);
	buf_puts(out, text ? text : "null");
	buf_putc(out, '\n');
	return 0;
}

int output_list_to(const struct output *o, const char *columns, const json_t *rows, struct buf *out,
		   struct err *err)
{
	void *mem = talloc_new(NULL);
	const char **names = NULL;
	size_t n = 0, i;
	json_t *row;
	int r = list_columns(mem, o, columns, rows, &names, &n, err);

	if (r == 0 && o->format == FORMAT_TABLE) {
		list_table(o, names, n, rows, out);
	} else if (r == 0 && (o->format == FORMAT_JSON || o->format == FORMAT_YAML)) {
		json_auto_t *picked = json_array();

		json_array_foreach(rows, i, row) json_array_append_new(
			picked, o->n_columns > 0 ? pick(row, names, n) : json_incref(row));
		r = write_tree(o->format, picked, out, err);
	} else if (r == 0) {
		list_lines(o, names, n, rows, out);
	}
	talloc_free(mem);
	return r;
}

/* Said twice, or of use to programs only: not for the eye unless asked for with -c. */
static bool is_noise(const json_t *row, const char *key)
{
	return !strcmp(key, "links") || (!strcmp(key, "tenant_id") && json_object_get(row, "project_id"));
}

static void object_table(const struct output *o, const json_t *row, struct buf *out)
{
	struct table t;
	const char *key;
	json_t *v;

	table_init(&t, 2);
	table_add(&t, "field");
	table_add(&t, "value");
	json_object_foreach((json_t *)row, key, v)
	{
		AUTO_FREE char *text = value_text(o, v);

		if (o->n_columns == 0 && is_noise(row, key))
			continue;
		table_add(&t, key);
		table_add(&t, text);
	}
	table_print(&t, o->width, out);
	table_done(&t);
}

static void object_values(const struct output *o, const json_t *row, struct buf *out)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)row, key, v)
	{
		AUTO_FREE char *text = value_text(o, v);

		if (o->visible)
			text_add_visible(out, text, true);
		else
			buf_puts(out, text);
		buf_putc(out, '\n');
	}
}

static void object_csv(const struct output *o, const json_t *row, struct buf *out)
{
	const char *key, *sep = "";
	json_t *v;

	json_object_foreach((json_t *)row, key, v)
	{
		buf_puts(out, sep);
		add_csv(out, key, true);
		sep = ",";
	}
	buf_puts(out, "\n");
	sep = "";
	json_object_foreach((json_t *)row, key, v)
	{
		AUTO_FREE char *text = value_text(o, v);

		buf_puts(out, sep);
		add_csv(out, text, !json_is_number(v));
		sep = ",";
	}
	buf_puts(out, "\n");
}

int output_object_to(const struct output *o, const json_t *row, struct buf *out, struct err *err)
{
	json_auto_t *picked = NULL;

	if (o->n_columns > 0) {
		picked = json_object();
		for (size_t i = 0; i < o->n_columns; i++) {
			const char *name = column_spelling(o->columns[i], row);

			if (!name)
				return err_set(err, -EINVAL, "-c %s: there is no such field", o->columns[i]);
			json_object_set(picked, name, (json_t *)json_get_path(row, name));
		}
		row = picked;
	}
	switch (o->format) {
	case FORMAT_TABLE:
		object_table(o, row, out);
		return 0;
	case FORMAT_VALUE:
		object_values(o, row, out);
		return 0;
	case FORMAT_CSV:
		object_csv(o, row, out);
		return 0;
	case FORMAT_JSON:
	case FORMAT_YAML:
		return write_tree(o->format, row, out, err);
	}
	return 0;
}

static int flush(const struct buf *b, struct err *err)
{
	if (fwrite(buf_text(b), 1, b->len, stdout) != b->len || fflush(stdout))
		return err_set(err, -EIO, "writing the output: %m");
	return 0;
}

int output_list(const struct output *o, const char *columns, const json_t *rows, struct err *err)
{
	AUTO_BUF struct buf b = {0};
	int r = output_list_to(o, columns, rows, &b, err);

	return r ? r : flush(&b, err);
}

int output_object(const struct output *o, const json_t *row, struct err *err)
{
	AUTO_BUF struct buf b = {0};
	int r = output_object_to(o, row, &b, err);

	return r ? r : flush(&b, err);
}

int output_line(const json_t *value, struct err *err)
{
	AUTO_FREE char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	AUTO_BUF struct buf b = {0};

	buf_printf(&b, "%s\n", text ? text : "null");
	return flush(&b, err);
}
