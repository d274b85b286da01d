/* Tables as prettytable printed them for novaclient.
 * The last step of the verbs of `nova`. */
#include "cli/nova.h"
#include "cli/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

void nova_add_value(struct buf *b, const json_t *v)
{
	AUTO_FREE char *text = NULL;

	if (!v || json_is_null(v)) {
		buf_puts(b, "None");
	} else if (json_is_boolean(v)) {
		buf_puts(b, json_is_true(v) ? "True" : "False");
	} else if (json_is_string(v)) {
		buf_puts(b, json_string_value(v));
	} else {
		text = json_dumps(v, JSON_ENCODE_ANY);
		buf_puts(b, text ? text : "");
	}
}

/* Python's order: None before every text, texts by their characters. */
static int compare_values(const json_t *a, const json_t *b)
{
	AUTO_BUF struct buf x = {0}, y = {0};

	if (json_is_null(a) || json_is_null(b))
		return (int)json_is_null(b) - (int)json_is_null(a);
	nova_add_value(&x, a);
	nova_add_value(&y, b);
	return strcmp(buf_text(&x), buf_text(&y));
}

/* Rows are arrays of cells: by the first cell, then by the next. */
static int compare_rows(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int order = 0;

	for (size_t i = 0; order == 0 && i < json_array_size(x); i++)
		order = compare_values(json_array_get(x, i), json_array_get(y, i));
	return order;
}

static void add_text(struct table *t, const json_t *v)
{
	AUTO_BUF struct buf b = {0};

	nova_add_value(&b, v);
	table_add(t, buf_text(&b));
}

static int print_table(const struct nova_column *columns, size_t n_columns, const json_t *rows,
		       struct err *err)
{
	size_t n = json_array_size(rows);
	AUTO_FREE json_t **sorted = xalloc((n + 1) * sizeof(*sorted));
	AUTO_BUF struct buf out = {0};
	struct table t;

	table_init(&t, n_columns);
	t.centred = true;
	for (size_t c = 0; c < n_columns; c++)
		table_add(&t, columns[c].title);
	for (size_t i = 0; i < n; i++)
		sorted[i] = json_array_get(rows, i);
	qsort(sorted, n, sizeof(json_t *), compare_rows);
	for (size_t i = 0; i < n; i++) {
		for (size_t c = 0; c < n_columns; c++)
			add_text(&t, json_array_get(sorted[i], c));
	}
	table_print(&t, 0, &out);
	table_done(&t);
	if (fwrite(buf_text(&out), 1, out.len, stdout) != out.len || fflush(stdout))
		return err_set(err, -EIO, "writing the output: %m");
	return 0;
}

/* The cells of one row. An attribute that the answer does not have is an empty cell. */
static json_t *cells_of(const struct nova_column *columns, const json_t *row)
{
	json_t *cells = json_array();

	for (; columns->title; columns++) {
		json_t *v = json_object_get(row, columns->attr);

		json_array_append_new(cells, v ? json_incref(v) : json_string(""));
	}
	return cells;
}

/* For -f and -c: the rows as objects with the titles as keys. */
static int print_other(struct cli *cli, const struct nova_column *columns, const json_t *rows,
		       struct err *err)
{
	json_auto_t *objects = json_array();
	char *titles = talloc_strdup(cli->mem, "");
	size_t i, c;
	json_t *cells, *v;

	json_array_foreach(rows, i, cells)
	{
		json_t *object = json_object();

		json_array_foreach(cells, c, v) json_object_set(object, columns[c].title, v);
		json_array_append_new(objects, object);
	}
	for (c = 0; columns[c].title; c++)
		titles = talloc_asprintf_append(titles, "%s%s", c ? "," : "", columns[c].title);
	return output_list(&cli->out, titles, objects, err);
}

int nova_print_rows(struct cli *cli, const struct nova_column *columns, const json_t *rows, struct err *err)
{
	json_auto_t *cells = json_array();
	size_t i, n_columns = 0;
	json_t *row;

	if (cli->quiet)
		return 0;
	json_array_foreach(rows, i, row) json_array_append_new(cells, cells_of(columns, row));
	if (cli->out.format != FORMAT_TABLE || cli->out.n_columns > 0)
		return print_other(cli, columns, cells, err);
	while (columns[n_columns].title)
		n_columns++;
	return print_table(columns, n_columns, cells, err);
}

int nova_print_object(struct cli *cli, const json_t *row, struct err *err)
{
	static const struct nova_column columns[] = {{"Property", NULL}, {"Value", NULL}, {0}};
	json_auto_t *cells = json_array();
	const char *key;
	json_t *v;

	if (cli->quiet)
		return 0;
	if (cli->out.format != FORMAT_TABLE || cli->out.n_columns > 0)
		return output_object(&cli->out, row, err);
	json_object_foreach((json_t *)row, key, v) json_array_append_new(cells, json_pack("[s, O]", key, v));
	return print_table(columns, ARRAY_SIZE(columns) - 1, cells, err);
}
