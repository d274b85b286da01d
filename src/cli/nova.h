/* What the commands of `nova` and `nova-manage` share: their tables, their servers, their way of refusing.
 * Between their table rows (nouns_nova.c) and their verbs (verbs_nova*.c). Both are as python-novaclient 2.x
 * and nova-manage were in 2012 and 2013, for those whose scripts and habits come from there. */
#pragma once
#include "cli/cli.h"

/* A column of a table, or a row of the answer to `show`. */
struct nova_column {
	const char *title, *attr; /* the last one has a NULL title */
};

extern const struct dialect nova_dialect, nova_manage_dialect;

/* A request to Compute; see session_call(). */
int nova_call(struct cli *cli, const char *method, const char *path, const json_t *body, json_t **ret,
	      struct err *err);
/* The list `key` of an answer; a new reference. */
int nova_get_list(struct cli *cli, const char *path, const char *key, json_t **ret, struct err *err);
/* Path of a row and what is below it (NULL for nothing); talloc'd on cli->mem. */
const char *nova_path(struct cli *cli, const char *collection, const char *id, const char *below);
/* The server of this name or id; a new reference. -ENOENT and -ENOTUNIQ as novaclient words them. */
int nova_find_server(struct cli *cli, const char *text, json_t **ret, struct err *err);
/* The same for anything else that has a name and an id, e.g. ("flavors", "flavor"). */
int nova_find(struct cli *cli, const char *collection, const char *one, const char *text, json_t **ret,
	      struct err *err);

/* The addresses that pools have, of every project; with a host only those in use there. New reference. */
int bulk_list(struct cli *cli, const char *host, json_t **ret, struct err *err);
/* Gives a pool the addresses of a range; NULL for the server's own pool and interface. */
int bulk_create(struct cli *cli, const char *range, const char *pool, const char *interface, struct err *err);
int bulk_delete(struct cli *cli, const char *range, struct err *err);

/* Prints rows as prettytable did: titles in the middle, sorted by the first column. -f and -c work too. */
int nova_print_rows(struct cli *cli, const struct nova_column *columns, const json_t *rows, struct err *err);
/* Prints an object as a table of "Property" and "Value". */
int nova_print_object(struct cli *cli, const json_t *row, struct err *err);
/* A value as Python printed it: None, True, text as it is, all else as JSON. */
void nova_add_value(struct buf *b, const json_t *v);
