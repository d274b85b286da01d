/* The console's cookie: when it counts as a token, and how it is set.
 * Asked by identity for each request; see console.h for the rules. */
#include "api/console.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define COOKIE "buoy_session"

/* --- where a request comes from --- */

struct host {
	const char *name, *port;
	size_t name_len, port_len;
};

/* "name", "name:port", "[address]:port"; an empty port is none. */
static struct host split_host(const char *text)
{
	struct host h = {.name = text, .name_len = strcspn(text, "/?#")};
	const char *colon = memrchr(text, ':', h.name_len), *bracket = memrchr(text, ']', h.name_len);

	if (colon && (!bracket || colon > bracket)) {
		h.port = colon + 1;
		h.port_len = h.name_len - (size_t)(h.port - text);
		h.name_len = (size_t)(colon - text);
	}
	return h;
}

static bool same_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

bool console_same_host(const char *origin, const char *host)
{
	bool tls = strncasecmp(origin, "https://", 8) == 0;
	const char *usual = tls ? "443" : "80";
	struct host a, b;

	if (!tls && strncasecmp(origin, "http://", 7) != 0)
		return false;
	a = split_host(origin + (tls ? 8 : 7));
	b = split_host(host);
	if (!a.port_len)
		a = (struct host){a.name, usual, a.name_len, strlen(usual)};
	if (!b.port_len)
		b = (struct host){b.name, usual, b.name_len, strlen(usual)};
	return a.name_len && same_text(a.name, a.name_len, b.name, b.name_len) &&
	       same_text(a.port, a.port_len, b.port, b.port_len);
}

/* Behind a proxy Host may be our own address; the public URL is what browsers know. */
static bool origin_is_ours(const struct call *c)
{
	const char *origin = http_header(c->req, "Origin"), *host = http_header(c->req, "Host");
	const char *public = c->api->config.public_url, *name = public ? strstr(public, "://") : NULL;

	if (!origin)
		return true;
	if (host && console_same_host(origin, host) &&
	    (!c->api->config.tls || strncasecmp(origin, "https:", 6) == 0))
		return true;
	return name && strncasecmp(origin, public, (size_t)(name - public) + 3) == 0 &&
	       console_same_host(origin, name + 3);
}

bool console_is_ours(const struct call *c)
{
	const char *mark = http_header(c->req, "X-Buoy-Console");

	return mark && strcmp(mark, "1") == 0 && origin_is_ours(c);
}

/* --- the cookie --- */

char *console_find_cookie(void *region, const char *header, const char *name)
{
	size_t n = strlen(name);
	char *found = NULL;

	for (const char *p = header; *p;) {
		size_t len;

		p += strspn(p, " \t;");
		len = strcspn(p, ";");
		if (len > n && strncmp(p, name, n) == 0 && p[n] == '=') {
			const char *value = p + n + 1;
			size_t size = len - n - 1;

			while (size && (value[size - 1] == ' ' || value[size - 1] == '\t'))
				size--;
			if (found)
				return NULL;
			found = talloc_strndup(region, value, size);
		}
		p += len;
	}
	return found;
}

const char *console_token(const struct call *c)
{
	const char *token = http_header(c->req, "X-Auth-Token");
	const char *cookies = http_header(c->req, "Cookie");

	if (token || !cookies || !console_is_ours(c))
		return token;
	return console_find_cookie(c->req->region, cookies, COOKIE);
}

bool console_uses_tls(const struct call *c)
{
	const struct api_config *config = &c->api->config;

	return config->tls || (config->public_url && strncasecmp(config->public_url, "https:", 6) == 0);
}

void console_set_cookie(struct call *c, const char *token, int64_t seconds)
{
	http_add_header(c->req, c->resp, "Set-Cookie",
			talloc_asprintf(c->req->region,
					COOKIE "=%s; Path=/; Max-Age=%" PRId64
					       "; HttpOnly; SameSite=Strict%s",
					token, seconds, console_uses_tls(c) ? "; Secure" : ""));
}
