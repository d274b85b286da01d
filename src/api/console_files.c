/* The console's files, as they were packed into the program when it was built.
 * Routes below /console/; tools/pack-console.mjs makes the table. */
#include "api/console.h"
#include "api/frame.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define FOREVER  "public, max-age=31536000, immutable"
#define ASK_BACK "no-cache"

/* No exception: every script, style, image and font is a file of ours, and the only server that scripts talk
 * to is this one. */
#define POLICY                                                                                               \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "         \
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

static const char *const coding_names[CONSOLE_CODINGS] = {
	[CONSOLE_PLAIN] = "identity", [CONSOLE_GZIP] = "gzip", [CONSOLE_BROTLI] = "br"};

static const struct console_file *find_file(const struct console *console, const char *path)
{
	size_t from = 0, to = console->count;

	while (from < to) {
		size_t at = (from + to) / 2;
		int order = strcmp(path, console->files[at].path);

		if (order == 0)
			return &console->files[at];
		if (order < 0)
			to = at;
		else
			from = at + 1;
	}
	return NULL;
}

/* --- which coding --- */

/* Whether the element of a comma-separated list is refused: "gzip;q=0", "gzip; q=0.000". */
static bool is_refused(const char *params, size_t len)
{
	const char *q = memmem(params, len, "q=", 2);

	if (!q)
		return false;
	for (q += 2; q < params + len && (*q == '0' || *q == '.'); q++)
		;
	return q == params + len || *q < '1' || *q > '9';
}

static bool accepts(const char *header, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = header; p && *p;) {
		size_t len;

		p += strspn(p, " \t,");
		len = strcspn(p, ",");
		if (len >= n && strncasecmp(p, name, n) == 0 && (len == n || strchr("; \t", p[n])))
			return !is_refused(p + n, len - n);
		p += len;
	}
	return false;
}

static enum console_coding choose(const struct call *c, const struct console_file *file)
{
	const char *accept = http_header(c->req, "Accept-Encoding");

	for (int i = CONSOLE_BROTLI; i > CONSOLE_PLAIN; i--)
		if (file->coding[i].data && accepts(accept, coding_names[i]))
			return (enum console_coding)i;
	return CONSOLE_PLAIN;
}

/* --- answers --- */

static void add(struct call *c, const char *name, const char *value)
{
	http_add_header(c->req, c->resp, name, value);
}

static void add_security(struct call *c)
{
	add(c, "Content-Security-Policy", POLICY);
	add(c, "X-Content-Type-Options", "nosniff");
	add(c, "X-Frame-Options", "DENY");
	add(c, "Referrer-Policy", "no-referrer");
	/* Without TLS browsers do not heed it, and complain of it. */
	if (console_uses_tls(c))
		add(c, "Cross-Origin-Opener-Policy", "same-origin");
	add(c, "Cross-Origin-Resource-Policy", "same-origin");
}

/* If-None-Match compares weakly (RFC 9110, 13.1.2), so a proxy's W/ in front changes nothing. */
static bool has_it(const struct call *c, const char *etag)
{
	const char *have = http_header(c->req, "If-None-Match");

	return have && (strcmp(have, "*") == 0 || strstr(have, etag));
}

static void serve(struct call *c, const struct console_file *file)
{
	enum console_coding coding = choose(c, file);
	const char *etag = talloc_asprintf(c->req->region, "\"%s-%s\"", file->tag, coding_names[coding]);

	add_security(c);
	add(c, "ETag", etag);
	add(c, "Vary", "Accept-Encoding");
	add(c, "Cache-Control", file->hashed ? FOREVER : ASK_BACK);
	if (has_it(c, etag)) {
		c->resp->status = 304;
		return;
	}
	c->resp->content_type = file->type;
	if (coding != CONSOLE_PLAIN)
		add(c, "Content-Encoding", coding_names[coding]);
	c->resp->fixed = file->coding[coding].data;
	c->resp->fixed_len = file->coding[coding].len;
}

static int say_not_built(struct call *c)
{
	add_security(c);
	add(c, "Cache-Control", "no-store");
	c->resp->status = 404;
	c->resp->content_type = "text/plain; charset=utf-8";
	buf_puts(&c->resp->body,
		 "This buoyd was built without the web console.\n\n"
		 "Building it needs Node.js 18 or later and npm. In Buoy's sources:\n\n"
		 "    sudo make deps\n"
		 "    make && sudo make install && sudo systemctl restart buoyd\n\n"
		 "The API is there all the same: see /v2.0, /identity/v3 and /compute/v2.1.\n");
	return 0;
}

/* The page finds its way by itself: what is no file is a place in it. What looks like a file, or like the
 * API, is not there. */
static bool is_place(const char *path)
{
	const char *last = strrchr(path, '/'), *dot = strrchr(last ? last : path, '.');

	return strcmp(path, "api") != 0 && strncmp(path, "api/", 4) != 0 &&
	       strncmp(path, "assets/", 7) != 0 && !(dot && isalpha((unsigned char)dot[1]));
}

int console_show_file(struct call *c, struct err *err)
{
	const struct console *console = c->api->config.console;
	const char *path = c->arg[0] ? c->arg[0] : "";
	const struct console_file *file;

	if (!console || !console->count)
		return say_not_built(c);
	file = find_file(console, *path ? path : "index.html");
	if (!file && is_place(path))
		file = find_file(console, "index.html");
	if (!file)
		return err_api(err, 404, "HTTPNotFound", "There is no such page.");
	serve(c, file);
	return 0;
}
