/* Tables of text with borders, fitted into a width.
 * Under output.c. */
#include "cli/table.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

enum {
	NARROWEST = 5,  /* no column is squeezed below this */
	ID_WIDTH = 36,  /* columns of UUIDs are squeezed last: a broken id cannot be copied */
	TEXT_FLOOR = 12 /* how far the others are squeezed before the ids are */
};

void text_width_init(void)
{
	/* wcwidth() knows nothing beyond ASCII in the C locale, and our texts are UTF-8 whatever LANG says.
	 */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "");
}

/* Decodes one character; returns its bytes (1 for a byte that is not UTF-8) and its columns. */
static size_t next_char(const char *s, size_t len, int *ret_columns)
{
	mbstate_t state = {0};
	wchar_t wc;
	size_t n = mbrtowc(&wc, s, len, &state);

	if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
		*ret_columns = 1;
		return 1;
	}
	*ret_columns = MAX(wcwidth(wc), 0);
	return n;
}

int text_width(const char *s, size_t len)
{
	int columns = 0;

	for (size_t i = 0; i < len;) {
		int w;

		i += next_char(s + i, len - i, &w);
		columns += w;
	}
	return columns;
}

void text_add_visible(struct buf *b, const char *s, bool lines)
{
	for (; *s; s++) {
		unsigned char c = *s;

		/* C1 controls are two bytes in UTF-8: 0xc2 0x80..0x9f. */
		if (c == 0xc2 && (unsigned char)s[1] >= 0x80 && (unsigned char)s[1] < 0xa0)
			buf_printf(b, "\\x%02x", (unsigned char)*++s);
		else if ((c < 0x20 && !(lines && c == '\n')) || c == 0x7f)
			buf_printf(b, "\\x%02x", c);
		else
			buf_putc(b, *s);
	}
}

void table_init(struct table *t, size_t n_columns)
{
	*t = (struct table){.n_columns = n_columns};
}

void table_done(struct table *t)
{
	for (size_t i = 0; i < t->n_cells; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct table){0};
}

void table_add(struct table *t, const char *text)
{
	struct buf b = {0};

	text_add_visible(&b, text, true);
	if ((t->n_cells & (t->n_cells + 1)) == 0) /* sizes grow by doubling */
		t->cells = xrealloc(t->cells, (2 * t->n_cells + 1) * sizeof(*t->cells));
	t->cells[t->n_cells++] = b.data ? buf_take(&b) : xstrdup("");
}

/* The widest line of a cell. */
static int cell_width(const char *s)
{
	int widest = 0;

	for (;;) {
		size_t len = strcspn(s, "\n");

		widest = MAX(widest, text_width(s, len));
		if (!s[len])
			return widest;
		s += len + 1;
	}
}

/* Length in bytes of the next piece of `s` that fits into `width`; `ret_next`: where to go on. */
static size_t next_piece(const char *s, int width, const char **ret_next)
{
	size_t end = strcspn(s, "\n"), i = 0, space = 0;
	int used = 0;

	while (i < end) {
		int w;
		size_t n = next_char(s + i, end - i, &w);

		if (used + w > width && i > 0)
			break;
		used += w;
		i += n;
		if (s[i - 1] == ' ' || s[i - 1] == ',' || s[i - 1] == '_')
			space = i;
	}
	if (i >= end) {
		*ret_next = s[end] ? s + end + 1 : s + end;
		return end;
	}
	if (s[i] == ' ') {
		*ret_next = s + i + 1;
		return i;
	}
	if (space > i / 2)
		i = space;
	*ret_next = s + i;
	return i;
}

static int sum_capped(const int *natural, size_t n, int cap_text, int cap_id)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += MIN(natural[i], natural[i] == ID_WIDTH ? cap_id : cap_text);
	return sum;
}

/* Caps the widest columns so that all fit: the texts first, then the identifiers too. */
static void fit_columns(int *widths, size_t n, int available)
{
	int cap_text = 0, cap_id = ID_WIDTH;

	for (size_t i = 0; i < n; i++)
		cap_text = MAX(cap_text, widths[i]);
	while (cap_text > TEXT_FLOOR && sum_capped(widths, n, cap_text, cap_id) > available)
		cap_text--;
	while (cap_id > NARROWEST && sum_capped(widths, n, cap_text, cap_id) > available) {
		cap_id--;
		cap_text = MAX(MIN(cap_text, cap_id), NARROWEST);
	}
	for (size_t i = 0; i < n; i++)
		widths[i] = MIN(widths[i], widths[i] == ID_WIDTH ? cap_id : cap_text);
}

static void print_border(const int *widths, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_putc(out, '+');
		for (int k = 0; k < widths[i] + 2; k++)
			buf_putc(out, '-');
	}
	buf_puts(out, "+\n");
}

static void print_padded(const char *s, size_t len, int width, bool centred, struct buf *out)
{
	int room = MAX(width - text_width(s, len), 0);
	/* What cannot be halved goes left in a column of odd width, as Python's str.center() has it. */
	int left = centred ? room / 2 + (room & width & 1) : 0;

	buf_printf(out, "| %*s", left, "");
	buf_add(out, s, len);
	buf_printf(out, "%*s ", room - left, "");
}

/* One row: as many lines as its tallest cell. */
static void print_row(char *const *cells, const int *widths, size_t n, bool centred, struct buf *out)
{
	AUTO_FREE const char **rest = xalloc(n * sizeof(*rest));
	bool more = true;

	for (size_t i = 0; i < n; i++)
		rest[i] = cells[i];
	while (more) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			const char *piece = rest[i];
			size_t len = next_piece(piece, widths[i], &rest[i]);

			print_padded(piece, len, widths[i], centred, out);
			if (*rest[i])
				more = true;
		}
		buf_puts(out, "|\n");
	}
}

void table_print(const struct table *t, int width, struct buf *out)
{
	size_t n = t->n_columns;
	AUTO_FREE int *widths = NULL;

	if (n == 0)
		return;
	widths = xalloc(n * sizeof(*widths));
	for (size_t i = 0; i < t->n_cells; i++)
		widths[i % n] = MAX(widths[i % n], cell_width(t->cells[i]));
	if (width > 0)
		fit_columns(widths, n, width - (int)(3 * n + 1));
	print_border(widths, n, out);
	for (size_t i = 0; i + n <= t->n_cells; i += n) {
		print_row(t->cells + i, widths, n, t->centred && i == 0, out);
		if (i == 0)
			print_border(widths, n, out);
	}
	print_border(widths, n, out);
}
