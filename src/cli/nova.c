/* What the commands of `nova` and `nova-manage` share: finding servers, and refusing as those programs did.
 * Between their table rows and their verbs. */
#include "cli/nova.h"

#include "cli/http.h"
#include "cli/table.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, UUID_LEN = 36 };

int nova_call(struct cli *cli, const char *method, const char *path, const json_t *body, json_t **ret,
	      struct err *err)
{
	return session_call(cli->session, SERVICE_COMPUTE, method, path, body, ret, err);
}

int nova_get_list(struct cli *cli, const char *path, const char *key, json_t **ret, struct err *err)
{
	return session_list(cli->session, SERVICE_COMPUTE, path, key, 0, ret, err);
}

const char *nova_path(struct cli *cli, const char *collection, const char *id, const char *below)
{
	return talloc_asprintf(cli->mem, "/%s/%s%s%s", collection, percent_encode(cli->mem, id),
			       below ? "/" : "", below ? below : "");
}

/* --- names --- */

static bool is_uuid(const char *text)
{
	if (strlen(text) != UUID_LEN)
		return false;
	for (size_t i = 0; i < UUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

/* GET of one row; -ENOENT without words when there is none. */
static int get_one(struct cli *cli, const char *collection, const char *one, const char *id, json_t **ret,
		   struct err *err)
{
	json_auto_t *reply = NULL;
	struct err refused = {0};
	json_t *row;
	int r = nova_call(cli, "GET", nova_path(cli, collection, id, NULL), NULL, &reply, &refused);

	if (r && refused.status == 404)
		return -ENOENT;
	if (r && err)
		*err = refused;
	if (r)
		return r;
	row = json_object_get(reply, one);
	if (!json_is_object(row))
		return err_set(err, -EPROTO, "the server's answer has no '%s'", one);
	*ret = json_incref(row);
	return 0;
}

/* The id of the only row that has this name, or else of the one that has this id: a workload's id is any
 * text. */
static int pick_id(const json_t *rows, const char *one, const char *text, const char **ret, struct err *err)
{
	const char *named = NULL, *same = NULL;
	size_t i, n = 0;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		const char *id = json_get_text(row, "id");

		if (!strcmp(id, text))
			same = id;
		if (!strcmp(json_get_text(row, "name"), text)) {
			named = id;
			n++;
		}
	}
	if (!same && n > 1)
		return err_set(err, -ENOTUNIQ,
			       "Multiple %s matches found for '%s', use an ID to be more specific.", one,
			       text);
	if (!same && !named)
		return err_set(err, -ENOENT, "No %s with a name or ID of '%s' exists.", one, text);
	*ret = same ? same : named;
	return 0;
}

int nova_find(struct cli *cli, const char *collection, const char *one, const char *text, json_t **ret,
	      struct err *err)
{
	json_auto_t *rows = NULL;
	const char *id = "";
	int r = is_uuid(text) ? get_one(cli, collection, one, text, ret, err) : -ENOENT;

	if (r != -ENOENT)
		return r;
	r = nova_get_list(cli, talloc_asprintf(cli->mem, "/%s", collection), collection, &rows, err);
	if (r == 0)
		r = pick_id(rows, one, text, &id, err);
	if (r)
		return r;
	r = get_one(cli, collection, one, id, ret, err);
	return r != -ENOENT ? r : err_set(err, r, "No %s with a name or ID of '%s' exists.", one, text);
}

int nova_find_server(struct cli *cli, const char *text, json_t **ret, struct err *err)
{
	return nova_find(cli, "servers", "server", text, ret, err);
}

/* --- what went wrong --- */

/* What others said may hold control characters; none reaches the terminal. */
static void say(FILE *to, const char *prefix, const char *text)
{
	AUTO_BUF struct buf b = {0};

	text_add_visible(&b, text, false);
	fprintf(to, "%s%s\n", prefix, buf_text(&b));
}

/* Too few words, too many, or what the parser says. */
static const char *misreading(void *mem, const struct call *call, const struct err *err)
{
	struct arg args[8];
	size_t n = call->verb ? noun_list_args(call->noun, call->verb, args, ARRAY_SIZE(args)) : 0, need = 0;

	while (need < n && !args[need].optional)
		need++;
	if (!call->verb && !err->errnum)
		return "too few arguments";
	if (call->verb && call->n_args < need && strstr(err->message, "is missing"))
		return "too few arguments";
	if (call->verb && call->n_args > n && strstr(err->message, "too many"))
		return talloc_asprintf(mem, "unrecognized arguments: %s", call->args[n]);
	return err->message;
}

static int misread(const struct call *call, const struct err *err)
{
	void *mem = talloc_new(NULL);

	fputs("usage: ", stderr);
	help_synopsis(stderr, call->noun, call->verb);
	say(stderr, "error: ", misreading(mem, call, err));
	fprintf(stderr, "Try '%s%s %s%s%s' for more information.\n", help_get_program(), call->noun->name,
		noun_find_verb(call->noun, "help") ? "help" : "--help", call->verb ? " " : "",
		call->verb ? call->verb->name : "");
	talloc_free(mem);
	return EXIT_USAGE;
}

static int nova_misread(const struct call *call, const struct err *err)
{
	if (err->errnum || call->verb)
		return misread(call, err);
	help_print(call->noun, NULL);
	return 0;
}

static int nova_failed(struct cli *cli, const struct err *err)
{
	char *words, *request;

	if (err->status == 401 && !strncmp(err->message, "log-in: ", 8)) {
		say(stderr, "ERROR: ", "Invalid OpenStack Nova credentials.");
		return EXIT_FAILED;
	}
	if (!err->status) {
		say(stderr, "ERROR: ", err->message);
		return EXIT_FAILED;
	}
	reply_split(cli->mem, err, &words, &request);
	words = talloc_asprintf_append(words, " (HTTP %d)", err->status);
	if (request)
		words = talloc_asprintf_append(words, " (Request-ID: %s)", request);
	say(stderr, "ERROR: ", words);
	return EXIT_FAILED;
}

/* An address that exists was told on the standard output; all else came as an exception. */
static int nova_manage_failed(struct cli *cli, const struct err *err)
{
	char *words = talloc_strdup(cli->mem, err->message), *request;

	if (err->status)
		reply_split(cli->mem, err, &words, &request);
	if (err->status == 403)
		words = talloc_asprintf_append(words,
					       "; nova-manage needs the credentials of an administrator");
	say(err->status == 409 ? stdout : stderr, "error: ", words);
	return EXIT_FAILED;
}

const struct dialect nova_dialect = {nova_misread, nova_failed};
const struct dialect nova_manage_dialect = {misread, nova_manage_failed};
