/* A growable byte buffer, and JSON text written straight into it.
 * Replies and stored rows are printed with it from the schema's tables. */
#pragma once
#include "base/util.h"

struct buf {
	char *data; /* owned; always NUL-terminated once anything was added; may be NULL */
	size_t len; /* bytes, without the NUL */
	size_t cap; /* bytes allocated */
};

void buf_done(struct buf *b);
#define AUTO_BUF CLEANUP(buf_done)

void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A JSON string with its quotes, escaped as RFC 8259 asks; NULL prints null. Text that is not UTF-8
 * has its bad bytes replaced by U+FFFD. */
void buf_json_str(struct buf *b, const char *s);
void buf_json_int(struct buf *b, int64_t v);
/* Goes on to the next item or member: a comma unless the list or object has just been opened. */
void buf_json_next(struct buf *b);
/* That, and the member's name with its colon; or the whole member. */
void buf_json_key(struct buf *b, const char *key);
void buf_json_member(struct buf *b, const char *key, const char *text);
/* The text, never NULL. Valid until the next change. */
const char *buf_text(const struct buf *b);
/* Hands the malloc'd text to the caller and empties the buffer. */
char *buf_take(struct buf *b);
