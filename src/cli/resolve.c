/* Names to ids: an id is tried as it is, then the name is asked for.
 * Used wherever the command line accepts either. */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

enum { CANDIDATES_MAX = 20 };

/* Could this be an id: a UUID, or Identity's 32 or 64 hexadecimal digits? */
static bool looks_like_id(const char *text)
{
	size_t digits = 0, len = strlen(text);

	for (size_t i = 0; i < len; i++) {
		if (isxdigit((unsigned char)text[i]))
			digits++;
		else if (text[i] != '-')
			return false;
	}
	return (digits == 32 && (len == 32 || len == 36)) || (digits == 64 && len == 64);
}

/* GET of one row. -ENOENT when there is none; the error is then not filled. */
static int get_row(struct cli *cli, const struct noun *noun, const char *id, json_t **ret, struct err *err)
{
	struct err refused = {0};
	json_auto_t *body = NULL;
	json_t *row;
	const char *path = noun_path(cli, noun, id, NULL, err);
	int r;

	if (!path)
		return -EINVAL;
	r = session_call(cli->session, noun->service, "GET", path, NULL, &body, &refused);
	if (r && (refused.status == 404 || refused.status == 400))
		return -ENOENT;
	if (r) {
		if (err)
			*err = refused;
		return r;
	}
	row = json_object_get(body, noun->one);
	if (!json_is_object(row))
		return err_set(err, -EPROTO, "the server's answer has no '%s'", noun->one);
	*ret = json_incref(row);
	return 0;
}

int noun_list(struct cli *cli, const struct noun *noun, const char *path, size_t limit, json_t **ret,
	      struct err *err)
{
	struct err refused = {0};
	int r = session_list(cli->session, noun->service, path, noun->many, limit, ret, &refused);

	if (r && refused.status == 403 && noun->own_path)
		return session_list(cli->session, noun->service, noun->own_path, noun->many, limit, ret, err);
	if (r && err)
		*err = refused;
	return r;
}

static int list_by(struct cli *cli, const struct noun *noun, const char *filter, const char *text,
		   json_t **ret, struct err *err)
{
	const char *base = noun_path(cli, noun, NULL, NULL, err);

	if (!base)
		return -EINVAL;
	return noun_list(cli, noun, query_add(talloc_strdup(cli->mem, base), filter, text), 0, ret, err);
}

/* Drops rows that the server gave although they are called otherwise (filters may be loose). */
static void keep_exact(json_t *rows, const char *attr, const char *text)
{
	for (size_t i = json_array_size(rows); i-- > 0;) {
		const char *value = json_string_value(json_object_get(json_array_get(rows, i), attr));

		if (value && strcmp(value, text))
			json_array_remove(rows, i);
	}
}

static int ambiguous(struct cli *cli, const struct noun *noun, const char *text, const json_t *rows,
		     struct err *err)
{
	size_t n = json_array_size(rows), i;
	char *note = talloc_strdup(cli->mem, "");
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		const char *project = json_get_text(row, "project_id");

		if (i >= CANDIDATES_MAX) {
			note = talloc_asprintf_append(note, "  and %zu more\n", n - i);
			break;
		}
		note = talloc_asprintf_append(note, "  %s  %s%s%s\n", json_get_text(row, noun_key(noun)),
					      noun->label ? json_get_text(row, noun->label) : "",
					      *project ? "  project " : "", project);
	}
	cli->note = note;
	return err_set(err, -ENOTUNIQ, "%zu %ss match '%s'; use the id of one:", n, noun->title, text);
}

/* Takes the only row of a list. */
static int take_one(struct cli *cli, const struct noun *noun, const char *text, const json_t *rows,
		    const char **ret_id, json_t **ret_row, struct err *err)
{
	json_t *row = json_array_get(rows, 0);

	if (json_array_size(rows) == 0)
		return err_set(err, -ENOENT, "there is no %s '%s'", noun->title, text);
	if (json_array_size(rows) > 1)
		return ambiguous(cli, noun, text, rows, err);
	*ret_id = talloc_strdup(cli->mem, json_get_text(row, noun_key(noun)));
	if (ret_row)
		*ret_row = json_incref(row);
	return 0;
}

/* Tries the text as an id; -ENOENT leaves the error alone. */
static int try_id(struct cli *cli, const struct noun *noun, const char *text, const char **ret_id,
		  json_t **ret_row, struct err *err)
{
	struct err refused = {0};
	json_auto_t *row = NULL;
	int r = get_row(cli, noun, text, &row, &refused);

	/* An ordinary user may not look at projects and users, but may name them by id. */
	if (r && refused.status == 403 && noun->service == SERVICE_IDENTITY && !ret_row) {
		*ret_id = talloc_strdup(cli->mem, text);
		return 0;
	}
	if (r && r != -ENOENT && err)
		*err = refused;
	if (r)
		return r;
	*ret_id = talloc_strdup(cli->mem, json_get_text(row, noun_key(noun)));
	if (ret_row)
		*ret_row = json_incref(row);
	return 0;
}

int resolve(struct cli *cli, const struct noun *noun, const char *text, const char **ret_id, json_t **ret_row,
	    struct err *err)
{
	json_auto_t *rows = NULL;
	bool id = looks_like_id(text) || !noun->label;
	int r;

	if (!*text)
		return err_set(err, -EINVAL, "an empty word is no %s", noun->title);
	if (id) {
		r = try_id(cli, noun, text, ret_id, ret_row, err);
		if (r != -ENOENT)
			return r;
	}
	if (!noun->label)
		return err_set(err, -ENOENT, "there is no %s '%s'", noun->title, text);
	r = list_by(cli, noun, noun->lookup ? noun->lookup : noun->label, text, &rows, err);
	if (r)
		return r;
	keep_exact(rows, noun->label, text);
	/* Some ids look like names: the domain "default", users from a directory. */
	if (json_array_size(rows) == 0 && !id && noun->service == SERVICE_IDENTITY) {
		r = try_id(cli, noun, text, ret_id, ret_row, err);
		if (r != -ENOENT)
			return r;
	}
	return take_one(cli, noun, text, rows, ret_id, ret_row, err);
}

int resolve_above(struct cli *cli, struct call *call, struct err *err)
{
	const struct arg *above = &call->noun->above;
	int r;

	if (!above->ref || !call->verb->only)
		return 0;
	r = resolve(cli, noun_find(above->ref), call_arg(call, 0), &cli->above, NULL, err);
	call->args++;
	call->n_args--;
	return r;
}

int resolve_port(struct cli *cli, const char *text, const char **ret_id, json_t **ret_row, struct err *err)
{
	const struct noun *port = noun_find("port");
	json_auto_t *rows = NULL;
	struct err not_found = {0};
	int r = resolve(cli, port, text, ret_id, ret_row, &not_found);

	if (r == -ENOENT) {
		r = list_by(cli, port, "device_id", text, &rows, err);
		if (r)
			return r;
		if (json_array_size(rows) > 0)
			return take_one(cli, port, text, rows, ret_id, ret_row, err);
		return err_set(err, -ENOENT, "there is no port '%s', and no instance of that name has one",
			       text);
	}
	if (r && err)
		*err = not_found;
	return r;
}
