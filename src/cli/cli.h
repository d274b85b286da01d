/* One run of buoy: what every verb gets, and the helpers that verbs share.
 * main.c makes it, command line in, exit code out. */
#pragma once
#include "cli/options.h"
#include "cli/output.h"
#include "cli/session.h"

#include <stdio.h>

struct cli {
	void *mem; /* talloc root of the run */
	struct settings *settings;
	struct session *session;
	struct output out;
	const char *above; /* id of the row that the command's noun is in; NULL: it is in none */
	bool quiet;
	char *note; /* lines that follow the error message, e.g. the candidates of an ambiguous name */
};

/* resolve.c: `text` is an id or a name of `noun`; the row is a new reference when asked for.
 * -ENOENT when there is none, -ENOTUNIQ when there are several (cli->note lists them). */
int resolve(struct cli *cli, const struct noun *noun, const char *text, const char **ret_id, json_t **ret_row,
	    struct err *err);
/* As resolve() for a port; an instance's name or id (the port's device_id) is accepted too. */
int resolve_port(struct cli *cli, const char *text, const char **ret_id, json_t **ret_row, struct err *err);
/* Takes what the noun's rows are in off the arguments; cli->above is its id from here on. */
int resolve_above(struct cli *cli, struct call *call, struct err *err);
/* session_list() of a noun; what an ordinary user may not list is asked for among his own. */
int noun_list(struct cli *cli, const struct noun *noun, const char *path, size_t limit, json_t **ret,
	      struct err *err);
/* Path of a noun, optionally of one row and of something below it; every part is percent-encoded. */
const char *noun_path(struct cli *cli, const struct noun *noun, const char *id, const char *below,
		      struct err *err);

/* verbs_plan.c: what --plan has brought: like a difference, or as the other formats say it. */
int plans_show(struct cli *cli, const json_t *plans, struct err *err);

/* query.c */
char *percent_encode(void *mem, const char *text);
/* Appends "?key=value" or "&key=value"; returns the new string, talloc'd as the old one was. */
char *query_add(char *path, const char *key, const char *value);

/* argval.c: sets in `body` what one given option says. */
int argval_put(struct cli *cli, const struct given *given, json_t *body, struct err *err);
/* Appends to `path` the filter that one given option says. */
int argval_filter(struct cli *cli, const struct given *given, char **path, struct err *err);
/* Puts a value at "a/b" of an object; takes over the reference. */
void json_put_path(json_t *obj, const char *path, json_t *value);

/* verbs.c: the generic verbs, and steps of them for the others. */
int verb_create(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err);
int verb_list(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err);
int verb_show(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err);
int verb_set(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err);
int verb_delete(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err);
/* Sends {one: body} to a path and prints the row that comes back; takes no reference. */
int send_and_show(struct cli *cli, const struct noun *noun, const char *method, const char *path,
		  const json_t *body, struct err *err);
/* Fills a body with all fields among the given options (tags are left out). */
int body_from_call(struct cli *cli, const struct call *call, json_t *body, struct err *err);
/* The list of tags that the call sets; NULL when it says nothing of tags. New reference. */
json_t *tags_from_call(const struct call *call);
const json_t *json_get_path(const json_t *row, const char *path);
/* A string member, "" when it is missing or not a string. */
const char *json_get_text(const json_t *row, const char *key);

/* verbs_misc.c: the whole of a file, or of the standard input for NULL, talloc'd; NULL with err filled. */
char *read_all(void *mem, const char *path, struct err *err);

/* help.c, man.c, complete.c: text on stdout, made from the tables. */
void help_print(const struct noun *noun, const struct verb *verb);
/* What stands before a noun in a command: "buoy ", or nothing for a program of the noun's own name. */
void help_set_program(const char *prefix);
const char *help_get_program(void);
/* "buoy fip associate FIP PORT [options]" and a line's end. */
void help_synopsis(FILE *to, const struct noun *noun, const struct verb *verb);
void help_usage(const struct noun *noun, const struct verb *verb);
void man_print(void);
void complete_print(void);
