/* buoy history: whose an address was, as a table or as lines of a file.
 * Beside verbs.c. */
#include "cli/cli.h"
#include "cli/nouns.h"
#include "cli/table.h"

#include "model/value.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* Which of the three questions it is, as a query. */
static int ask_for(struct cli *cli, const struct call *call, char **path, struct err *err)
{
	const char *text = call_arg(call, 0), *port = call_get(call, "port"), *id;
	struct uuid uuid;
	struct ip ip;
	int r = 0;

	if (!text == !port)
		return err_set(err, -EINVAL,
			       "an address, a floating IP's id or --port PORT is needed, and one of them");
	if (port && uuid_parse(port, &uuid) == 0) {
		*path = query_add(*path, "port_id", port); /* it may be gone */
	} else if (port) {
		if ((r = resolve_port(cli, port, &id, NULL, err)) == 0)
			*path = query_add(*path, "port_id", id);
	} else if (ip_parse(text, &ip) == 0) {
		*path = query_add(*path, "address", text);
	} else if (uuid_parse(text, &uuid) == 0) {
		*path = query_add(*path, "floatingip_id", text);
	} else {
		r = err_set(err, -EINVAL, "'%s' is neither an address nor a floating IP's id", text);
	}
	return r;
}

static void put_moment(json_t *flat, const char *name, const char *by, const json_t *moment)
{
	const char *time = json_get_text(moment, "time"), *before = json_get_text(moment, "before");
	AUTO_FREE char *text = *time || !*before ? xstrdup(time) : xasprintf("before %s", before);

	json_object_set_new(flat, name, json_string(text));
	json_object_set_new(flat, by, json_string(json_get_text(moment, "user_name")));
}

/* For people: moments are times, and who brought them about. New reference. */
static json_t *flat_rows(const json_t *rows)
{
	json_t *list = json_array(), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_t *flat = json_copy(row);

		put_moment(flat, "start", "started_by", json_object_get(row, "start"));
		put_moment(flat, "end", "ended_by", json_object_get(row, "end"));
		json_array_append_new(list, flat);
	}
	return list;
}

int history_show(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	static const char *const passed[] = {"at", "limit"};
	json_auto_t *reply = NULL, *flat = NULL;
	char *path = talloc_strdup(cli->mem, noun->path);
	const char *columns = noun->columns;
	bool people;
	int r = ask_for(cli, call, &path, err);

	for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
		if (r == 0 && call_has(call, passed[i]))
			path = query_add(path, passed[i], call_get(call, passed[i]));
	if (r == 0)
		r = session_call(cli->session, noun->service, "GET", path, NULL, &reply, err);
	if (r)
		return r;
	if (!json_is_array(json_object_get(reply, "history")))
		return err_set(err, -EPROTO, "the server's answer has no 'history'");
	if (cli->out.all)
		columns = talloc_asprintf(cli->mem, "%s,%s", noun->columns, noun->more);
	people = cli->out.format != FORMAT_JSON && cli->out.format != FORMAT_YAML;
	flat = people ? flat_rows(json_object_get(reply, "history"))
		      : json_incref(json_object_get(reply, "history"));
	if (!cli->quiet)
		r = output_list(&cli->out, columns, flat, err);
	if (r == 0 && people && json_object_get(reply, "history_links"))
		fputs("There are older ones: --limit N shows more.\n", stderr);
	return r;
}

static int write_line(void *arg, const char *line)
{
	const struct cli *cli = arg;
	AUTO_BUF struct buf shown = {0};

	text_add_visible(&shown, line, true);
	puts(cli->out.visible ? buf_text(&shown) : line);
	return ferror(stdout);
}

int history_export(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	static const char *const passed[] = {"from", "to", "address"};
	char *path = talloc_asprintf(cli->mem, "%s/export", noun->path);
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
		if (call_has(call, passed[i]))
			path = query_add(path, passed[i], call_get(call, passed[i]));
	path = query_add(path, "format", call_has(call, "jsonl") ? "jsonl" : "csv");
	r = session_listen(cli->session, noun->service, path, write_line, cli, err);
	if (r == 0 && (fflush(stdout) || ferror(stdout)))
		return err_set(err, -EIO, "cannot write: %m");
	return r;
}
