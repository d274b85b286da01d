/* Rows and objects as a table, JSON, plain values, CSV or YAML on stdout.
 * The last step of a verb. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_VALUE, FORMAT_CSV, FORMAT_YAML };

struct output {
	enum format format;
	const char **columns; /* -c, as given; borrowed */
	size_t n_columns;
	int width;    /* of the terminal or --max-width; 0: do not fit */
	bool all;     /* --long */
	bool visible; /* stdout is a terminal: control characters are shown, not sent */
};

/* -EINVAL for a word that is no format. */
int format_parse(const char *word, enum format *ret, struct err *err);
/* The width to fit into: `max_width` when it is not NULL, else the terminal's, else 0. */
int output_find_width(const char *max_width, int *ret, struct err *err);
/* A list: `columns` ("a,b.c") unless -c says otherwise; JSON and YAML give whole rows without -c. */
int output_list(const struct output *o, const char *columns, const json_t *rows, struct err *err);
/* One object: every member, or those of -c. */
int output_object(const struct output *o, const json_t *row, struct err *err);
/* A value as JSON on one line, and out at once: one of many. */
int output_line(const json_t *value, struct err *err);
/* The first two into a buffer; for tests and for them. */
int output_list_to(const struct output *o, const char *columns, const json_t *rows, struct buf *out,
		   struct err *err);
int output_object_to(const struct output *o, const json_t *row, struct buf *out, struct err *err);
/* Writes the JSON value as block YAML. */
int yaml_write(const json_t *v, struct buf *out, struct err *err);
