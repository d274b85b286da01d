/* One line of log for an answered request.
 * Composed here from what http_request.c knows; the daemon writes it. */
#include "api/http.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void add_text(struct buf *b, const char *key, const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:@%+,*";

	if (!text || !*text)
		return;
	buf_printf(b, " %s=", key);
	if (!text[strspn(text, plain)]) {
		buf_puts(b, text);
		return;
	}
	buf_putc(b, '"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c < 0x20 || c > 0x7e)
			buf_printf(b, "\\x%02x", c);
		else
			buf_putc(b, (char)c);
	}
	buf_putc(b, '"');
}

void http_log_line(const struct http_request *req, const struct http_response *resp, struct buf *b)
{
	int64_t now = clock_now_us(), took = clock_mono_us() - req->start_us;
	time_t seconds = (time_t)(now / 1000000);
	struct tm tm;
	char text[32];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	buf_printf(b, "%s.%03dZ", text, (int)(now / 1000 % 1000));
	add_text(b, "method", req->method_name);
	add_text(b, "path", req->path);
	buf_printf(b, " status=%d ms=%d.%03d bytes=%zu", resp->status, (int)(took / 1000), (int)(took % 1000),
		   resp->fixed ? resp->fixed_len : resp->body.len);
	add_text(b, "user", req->log_user);
	add_text(b, "project", req->log_project);
	add_text(b, "peer", req->peer);
	add_text(b, "error", req->log_error);
	add_text(b, "id", req->id);
}
