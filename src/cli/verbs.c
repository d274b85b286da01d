/* The generic verbs: create, list, show, set, delete of any noun.
 * Between the parsed command line and the session. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

static const struct opt list_opts[] = {
	{"limit", "N", "Stop after this many rows", 0, false},
	{"sort", "COLUMN[:desc]", "Order of the rows; may be repeated", 0, true},
	{0},
};

const struct verb generic_verbs[] = {
	{.name = "create",
	 .summary = "Make a %s",
	 .fields = FIELD_POST,
	 .only = VERB_CREATE,
	 .run = verb_create},
	{.name = "list",
	 .summary = "List every %s that you may see",
	 .opts = list_opts,
	 .fields = FIELD_FILTER,
	 .only = VERB_LIST,
	 .run = verb_list},
	{.name = "show", .summary = "Show one %s", .only = VERB_SHOW, .run = verb_show},
	{.name = "set", .summary = "Change a %s", .fields = FIELD_PUT, .only = VERB_SET, .run = verb_set},
	{.name = "delete", .summary = "Delete a %s, or several", .only = VERB_DELETE, .run = verb_delete},
	{0},
};

int body_from_call(struct cli *cli, const struct call *call, json_t *body, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < call->n_given && r == 0; i++) {
		if (call->given[i].opt->field)
			r = argval_put(cli, &call->given[i], body, err);
	}
	return r;
}

json_t *tags_from_call(const struct call *call)
{
	json_t *tags = NULL;

	for (size_t i = 0; i < call->n_given; i++) {
		const struct optspec *o = call->given[i].opt;

		if (!o->field || o->field->form != FORM_TAGS)
			continue;
		tags = tags ? tags : json_array();
		if (!o->off)
			json_array_append_new(tags, json_string(call->given[i].value));
	}
	return tags;
}

/* Sets the tags that the call names, and shows them in `row`. */
static int put_tags(struct cli *cli, const struct noun *noun, const char *id, const struct call *call,
		    json_t *row, struct err *err)
{
	json_auto_t *tags = tags_from_call(call), *body = NULL;
	const char *path;

	if (!tags)
		return 0;
	path = noun_path(cli, noun, id, "tags", err);
	body = json_pack("{s:O}", "tags", tags);
	if (row)
		json_object_set(row, "tags", tags);
	return path ? session_call(cli->session, noun->service, "PUT", path, body, NULL, err) : -EINVAL;
}

/* Sends {one: body}; the row that comes back is a new reference. */
static int send_row(struct cli *cli, const struct noun *noun, const char *method, const char *path,
		    const json_t *body, json_t **ret, struct err *err)
{
	json_auto_t *wrapped = json_object(), *reply = NULL;
	json_t *row;
	int r;

	json_object_set(wrapped, noun->one, (json_t *)body);
	r = session_call(cli->session, noun->service, method, path, wrapped, &reply, err);
	if (r)
		return r;
	row = json_object_get(reply, noun->one);
	if (!json_is_object(row))
		return err_set(err, -EPROTO, "the server's answer has no '%s'", noun->one);
	*ret = json_incref(row);
	return 0;
}

static int show_row(struct cli *cli, const json_t *row, struct err *err)
{
	return cli->quiet ? 0 : output_object(&cli->out, row, err);
}

int send_and_show(struct cli *cli, const struct noun *noun, const char *method, const char *path,
		  const json_t *body, struct err *err)
{
	json_auto_t *row = NULL;
	int r = send_row(cli, noun, method, path, body, &row, err);

	return r ? r : show_row(cli, row, err);
}

/* The positional argument of create goes where the field marked FIELD_ARG says. */
static int put_create_arg(struct cli *cli, const struct noun *noun, const struct call *call, json_t *body,
			  struct err *err)
{
	for (const struct field *f = noun_fields(noun); f->attr && call_arg(call, 0); f++) {
		struct optspec spec = {.name = f->option, .field = f};

		if (f->flags & FIELD_ARG)
			return argval_put(cli, &(struct given){&spec, call_arg(call, 0)}, body, err);
	}
	return 0;
}

int verb_create(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *body = json_object(), *row = NULL;
	const char *path;
	int r = put_create_arg(cli, noun, call, body, err);

	if (r == 0)
		r = body_from_call(cli, call, body, err);
	if (r == 0 && noun->prepare)
		r = noun->prepare(cli, call, NULL, body, err);
	if (r)
		return r;
	path = noun_path(cli, noun, NULL, NULL, err);
	r = path ? send_row(cli, noun, "POST", path, body, &row, err) : -EINVAL;
	if (r == 0)
		r = put_tags(cli, noun, json_get_text(row, noun_key(noun)), call, row, err);
	return r ? r : show_row(cli, row, err);
}

/* "name:desc" as sort_key and sort_dir. */
static char *add_sort(struct cli *cli, char *path, const char *text)
{
	size_t len = strcspn(text, ":");

	path = query_add(path, "sort_key", talloc_strndup(cli->mem, text, len));
	return query_add(path, "sort_dir", text[len] ? text + len + 1 : "asc");
}

static int list_path(struct cli *cli, const struct noun *noun, const struct call *call, char **ret,
		     size_t *ret_limit, struct err *err)
{
	const char *base = noun_path(cli, noun, NULL, NULL, err), *limit = call_get(call, "limit");
	char *path, *end;
	int r = 0;

	if (!base)
		return -EINVAL;
	path = talloc_strdup(cli->mem, base);
	for (size_t i = 0; i < call->n_given && r == 0; i++) {
		const struct given *g = &call->given[i];

		if (!strcmp(g->opt->name, "sort"))
			path = add_sort(cli, path, g->value);
		else if (g->opt->field)
			r = argval_filter(cli, g, &path, err);
	}
	if (r == 0 && limit) {
		*ret_limit = strtoul(limit, &end, 10);
		if (*end || end == limit || *limit == '-' || *ret_limit == 0)
			return err_set(err, -EINVAL, "--limit %s: a number above 0 is needed", limit);
		path = query_add(path, "limit", limit);
	}
	*ret = path;
	return r;
}

int verb_list(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *rows = NULL;
	const char *columns = noun->columns;
	size_t limit = 0;
	char *path = NULL;
	int r = list_path(cli, noun, call, &path, &limit, err);

	if (r == 0)
		r = noun_list(cli, noun, path, limit, &rows, err);
	if (r)
		return r;
	if (cli->out.all && noun->more)
		columns = talloc_asprintf(cli->mem, "%s,%s", noun->columns, noun->more);
	return cli->quiet ? 0 : output_list(&cli->out, columns, rows, err);
}

int verb_show(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *row = NULL;
	const char *id;
	int r = resolve(cli, noun, call_arg(call, 0), &id, &row, err);

	return r ? r : show_row(cli, row, err);
}

int verb_set(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	json_auto_t *body = json_object(), *row = NULL, *tags = tags_from_call(call);
	const char *id, *path, *method = noun->service == SERVICE_IDENTITY ? "PATCH" : "PUT";
	int r = body_from_call(cli, call, body, err);

	if (r == 0)
		r = resolve(cli, noun, call_arg(call, 0), &id, &row, err);
	if (r == 0 && noun->prepare)
		r = noun->prepare(cli, call, id, body, err);
	if (r == 0 && json_object_size(body) == 0 && !tags)
		return err_set(err, -EINVAL, "nothing to change: give an option; '--help' lists them");
	if (r)
		return r;
	path = noun_path(cli, noun, id, NULL, err);
	if (!path)
		return -EINVAL;
	if (json_object_size(body) > 0) {
		json_decref(row);
		row = NULL;
		r = send_row(cli, noun, method, path, body, &row, err);
	}
	if (r == 0 || (r == -ECANCELED && tags)) /* done, or planned */
		r = put_tags(cli, noun, id, call, row, err);
	return r ? r : show_row(cli, row, err);
}

static int delete_one(struct cli *cli, const struct noun *noun, const char *text, struct err *err)
{
	const char *id, *path;
	int r = resolve(cli, noun, text, &id, NULL, err);

	if (r)
		return r;
	path = noun_path(cli, noun, id, NULL, err);
	return path ? session_call(cli->session, noun->service, "DELETE", path, NULL, NULL, err) : -EINVAL;
}

int verb_delete(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	char *lines = talloc_strdup(cli->mem, "");
	size_t failed = 0;

	for (size_t i = 0; i < call->n_args; i++) {
		struct err one = {0};
		int r;

		cli->note = NULL;
		r = delete_one(cli, noun, call->args[i], &one);
		if (r == 0 || r == -ECANCELED) /* done, or planned */
			continue;
		failed++;
		lines = talloc_asprintf_append(lines, "  %s: %s\n%s", call->args[i], one.message,
					       cli->note ? cli->note : "");
		if (call->n_args == 1) {
			*err = one;
			return one.errnum;
		}
	}
	cli->note = lines;
	return failed ? err_set(err, -EIO, "%zu of %zu could not be deleted:", failed, call->n_args) : 0;
}
