/* Commands that are no resource: status, api, help, complete.
 * Beside verbs.c. */
#include "cli/cli.h"
#include "cli/nouns.h"
#include "cli/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { BODY_MAX = 16 << 20 };

/* A member of an agent, wherever the server keeps it: on top or below `configurations`. */
static json_t *agent_member(const json_t *agent, const char *key)
{
	json_t *v = json_object_get(agent, key);

	return v ? v : json_object_get(json_object_get(agent, "configurations"), key);
}

/* One row of the status; new reference. */
static json_t *status_row(const json_t *agent)
{
	const json_t *failures = agent_member(agent, "failures");

	return json_pack("{s:O?, s:O?, s:O?, s:O?, s:I, s:O}", "node", json_object_get(agent, "host"),
			 "alive", json_object_get(agent, "alive"), "applied_revision",
			 agent_member(agent, "applied_revision"), "revision", agent_member(agent, "revision"),
			 "failed", (json_int_t)json_array_size(failures), "failures",
			 json_is_array(failures) ? failures : json_array());
}

/* What could not be done, one line each: the row that wanted it, what it is, why. */
static void print_failures(const json_t *rows)
{
	size_t i, j;
	json_t *row, *failure;

	json_array_foreach(rows, i, row)
	{
		json_array_foreach(json_object_get(row, "failures"), j, failure)
		{
			AUTO_BUF struct buf b = {0};
			/* Empty: it was not even tried, for a reason that is no kernel object's. */
			const char *fact = json_get_text(failure, "fact");
			AUTO_FREE char *line = xasprintf("%s: %s: %s%s%s", json_get_text(row, "node"),
							 json_get_text(failure, "id"), fact,
							 *fact ? ": " : "", json_get_text(failure, "why"));

			text_add_visible(&b, line, false);
			puts(buf_text(&b));
		}
	}
}

int status_show(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *agents = NULL, *rows = json_array();
	size_t i, bad = 0;
	json_t *agent;
	int r = session_list(cli->session, SERVICE_NETWORK, "/agents?agent_type=L3%20agent", "agents", 0,
			     &agents, err);

	if (r)
		return r;
	json_array_foreach(agents, i, agent)
	{
		json_t *row = status_row(agent);

		if (!json_is_true(json_object_get(row, "alive")) ||
		    json_integer_value(json_object_get(row, "failed")))
			bad++;
		json_array_append_new(rows, row);
	}
	if (!cli->quiet)
		r = output_list(&cli->out, "node,alive,revision,applied_revision,failed", rows, err);
	if (r == 0 && !cli->quiet && cli->out.format == FORMAT_TABLE)
		print_failures(rows);
	if (r == 0 && bad)
		return err_set(err, -EIO, "%zu of %zu nodes do not report or have failures", bad,
			       json_array_size(agents));
	return r;
}

char *read_all(void *mem, const char *path, struct err *err)
{
	FILE *f = path ? fopen(path, "re") : stdin;
	char *text = NULL;
	size_t n;

	if (!f) {
		err_set(err, -errno, "%s: %m", path);
		return NULL;
	}
	text = talloc_size(mem, BODY_MAX + 1);
	n = fread(text, 1, BODY_MAX, f);
	text[n] = 0;
	if (ferror(f)) {
		err_set(err, -EIO, "%s: %m", path ? path : "standard input");
		text = NULL;
	}
	if (path)
		fclose(f);
	return text;
}

static int read_body(struct cli *cli, const char *text, json_t **ret, struct err *err)
{
	json_error_t mistake;

	if (!strcmp(text, "-"))
		text = read_all(cli->mem, NULL, err);
	else if (*text == '@')
		text = read_all(cli->mem, text + 1, err);
	if (!text)
		return -EIO;
	*ret = json_loads(text, JSON_DECODE_ANY, &mistake);
	return *ret ? 0
		    : err_set(err, -EINVAL, "the body is not JSON: line %d, column %d: %s", mistake.line,
			      mistake.column, mistake.text);
}

int api_call(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};
	const char *path = call_arg(call, 1), *method = NULL;
	json_auto_t *body = NULL, *reply = NULL;
	AUTO_FREE char *text = NULL;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (!strcasecmp(call_arg(call, 0), methods[i]))
			method = methods[i];
	}
	if (!method)
		return err_set(err, -EINVAL, "%s: the methods are GET, POST, PUT, PATCH, DELETE and HEAD",
			       call_arg(call, 0));
	if (*path != '/')
		return err_set(err, -EINVAL, "%s: a path starts with '/', e.g. /v2.0/networks", path);
	if (call_arg(call, 2))
		r = read_body(cli, call_arg(call, 2), &body, err);
	if (r == 0)
		r = session_call_raw(cli->session, method, path, body, &reply, err);
	if (r || !reply || cli->quiet)
		return r;
	text = json_dumps(reply, JSON_INDENT(2) | JSON_ENCODE_ANY);
	puts(text ? text : "");
	return 0;
}

int complete_run(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	complete_print();
	return 0;
}

int help_run(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *about = call_arg(call, 0), *name = NULL;
	const char *both = call->n_args > 1 ? talloc_asprintf(cli->mem, "%s-%s", about, call->args[1]) : NULL;
	const struct verb *verb = NULL;
	const struct noun *of = both ? noun_find(both) : NULL; /* nouns and verbs may be two words */
	size_t used = of ? 2 : 1;

	if (!of && about)
		of = noun_find(about);
	for (size_t i = used; i < call->n_args; i++)
		name = name ? talloc_asprintf(cli->mem, "%s-%s", name, call->args[i]) : call->args[i];
	if (call_has(call, "man")) {
		man_print();
		return 0;
	}
	if (about && !of)
		return err_set(err, -EINVAL, "'%s' is not a command", about);
	if (of && name)
		verb = noun_find_verb(of, name);
	if (of && name && !verb)
		return err_set(err, -EINVAL, "'%s' is not a verb of '%s'", name, about);
	help_print(of, verb);
	return 0;
}
