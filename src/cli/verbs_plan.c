/* What --plan shows: objects and kernel facts that would come, change and go.
 * After a verb, in main.c. */
#include "cli/cli.h"
#include "cli/table.h"

#include <string.h>
#include <talloc.h>

static char sign_of(const char *action)
{
	if (!strcmp(action, "create") || !strcmp(action, "add"))
		return '+';
	return !strcmp(action, "delete") || !strcmp(action, "remove") ? '-' : '~';
}

static void add_value(struct buf *b, const json_t *value)
{
	AUTO_FREE char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	buf_puts(b, json_is_string(value) ? json_string_value(value) : text ? text : "null");
}

/* Every change counts these. */
static bool is_counter(const char *name)
{
	return !strcmp(name, "updated_at") || !strcmp(name, "created_at") || !strcmp(name, "revision_number");
}

static bool is_nothing(const json_t *value)
{
	return json_is_null(value) || (json_is_string(value) && !*json_string_value(value)) ||
	       (json_is_array(value) && !json_array_size(value));
}

/* "    port_id: a -> b"; of what comes or goes only what says something. */
static void add_attribute(struct buf *b, char sign, const char *name, const json_t *sides)
{
	const json_t *before = json_object_get(sides, "before"), *after = json_object_get(sides, "after");

	if (is_counter(name) || (sign != '~' && is_nothing(sign == '+' ? after : before)))
		return;
	buf_printf(b, "    %s: ", name);
	if (sign != '+')
		add_value(b, before);
	if (sign == '~')
		buf_puts(b, " -> ");
	if (sign != '-')
		add_value(b, after);
	buf_putc(b, '\n');
}

static void add_name(struct buf *b, const json_t *change)
{
	const char *name = json_get_text(change, "name");

	buf_printf(b, "%s %s", json_get_text(change, "resource"), json_get_text(change, "id"));
	if (*name)
		buf_printf(b, " (%s)", name);
}

static void add_object(struct buf *b, const json_t *change)
{
	char sign = sign_of(json_get_text(change, "action"));
	const char *name;
	json_t *sides;

	buf_printf(b, "%c ", sign);
	add_name(b, change);
	buf_putc(b, '\n');
	json_object_foreach(json_object_get(change, "attributes"), name, sides)
		add_attribute(b, sign, name, sides);
}

static void add_fact(struct buf *b, const json_t *change)
{
	buf_printf(b, "%c %s\n", sign_of(json_get_text(change, "action")), json_get_text(change, "fact"));
	if (*json_get_text(change, "was"))
		buf_printf(b, "    now %s\n", json_get_text(change, "was"));
}

static void add_hidden(struct buf *b, const json_t *of, const char *what)
{
	json_int_t n = json_integer_value(json_get_path(of, "summary.hidden"));

	if (n)
		buf_printf(b, "(%" JSON_INTEGER_FORMAT " more of others: %s)\n", n, what);
}

static void add_plan(struct buf *b, const json_t *plan)
{
	const json_t *kernel = json_object_get(plan, "kernel"), *change;
	size_t i;

	json_array_foreach(json_object_get(plan, "changes"), i, change) add_object(b, change);
	add_hidden(b, plan, "objects");
	if (!json_array_size(json_object_get(plan, "changes")))
		buf_puts(b, "no object changes\n");
	buf_printf(b, "kernel of %s:\n", json_get_text(kernel, "node"));
	json_array_foreach(json_object_get(kernel, "changes"), i, change) add_fact(b, change);
	add_hidden(b, kernel, "facts");
	json_array_foreach(json_object_get(kernel, "impossible"), i, change)
	{
		buf_puts(b, "! ");
		add_name(b, change);
		buf_printf(b, ": %s\n", json_get_text(change, "why"));
	}
	if (!json_array_size(json_object_get(kernel, "changes")))
		buf_puts(b, "nothing changes\n");
}

int plans_show(struct cli *cli, const json_t *plans, struct err *err)
{
	AUTO_BUF struct buf b = {0}, shown = {0};
	const json_t *plan;
	size_t i;

	*err = (struct err){0};
	if (cli->out.format != FORMAT_TABLE || cli->out.n_columns > 0)
		return json_array_size(plans) == 1 ? output_object(&cli->out, json_array_get(plans, 0), err)
						   : output_list(&cli->out, "revision,summary", plans, err);
	json_array_foreach(plans, i, plan) add_plan(&b, plan);
	buf_puts(&b, "Nothing was done.\n");
	text_add_visible(&shown, buf_text(&b), true);
	fputs(buf_text(cli->out.visible ? &shown : &b), stdout);
	return 0;
}
