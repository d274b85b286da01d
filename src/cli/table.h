/* Tables of text with borders, fitted into a width.
 * Under output.c. Pure but for wcwidth(), which reads the locale. */
#pragma once
#include "base/buf.h"

struct table {
	size_t n_columns;
	size_t n_cells; /* the first n_columns cells are the headings */
	char **cells;   /* owned, as is each text; use table_done() */
	bool centred;   /* headings stand in the middle of their columns */
};

void table_init(struct table *t, size_t n_columns);
void table_done(struct table *t);
/* Copies the text; control characters but for line breaks become visible escapes. */
void table_add(struct table *t, const char *text);
/* Prints with borders. `width` in columns of the terminal; 0: as wide as it needs. Cells too wide are
 * wrapped, those of identifiers last; a table of very many columns may still be wider. */
void table_print(const struct table *t, int width, struct buf *out);

/* Columns that a text takes on a terminal (East Asian wide characters take two, combining ones none). */
int text_width(const char *s, size_t len);
/* Makes text_width() independent of the user's locale; call once at start. */
void text_width_init(void);
/* Adds text with its control characters as \xNN; line breaks are kept when `lines`. */
void text_add_visible(struct buf *b, const char *s, bool lines);
