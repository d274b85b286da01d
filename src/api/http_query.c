/* Request targets: paths and query strings, split and percent-decoded. Pure.
 * Called by http_request.c before a handler sees the request, and by the fuzzers. */
#include "api/http.h"

#include <string.h>
#include <talloc.h>

/* Decodes `len` bytes at `in` into `out`, which has room for len + 1; returns the end or NULL. */
static char *decode(char *out, const char *in, size_t len, bool plus_is_space)
{
	for (size_t i = 0; i < len; i++) {
		char c = in[i];

		if (c == '%') {
			int hi = len - i > 2 ? hex_digit(in[i + 1]) : -1;
			int lo = hi >= 0 ? hex_digit(in[i + 2]) : -1;

			if (lo < 0)
				return NULL;
			c = (char)(hi * 16 + lo);
			if (!c)
				return NULL;
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		*out++ = c;
	}
	*out = 0;
	return out;
}

static size_t count_pairs(const char *query)
{
	size_t n = 0;

	for (const char *p = query; *p; p += strcspn(p, "&")) {
		p += strspn(p, "&");
		n += *p != 0;
	}
	return n;
}

int http_parse_query(void *region, const char *query, const struct http_param **ret, size_t *ret_count,
		     struct err *err)
{
	struct http_param *params;
	size_t count, n = 0;
	char *text;

	count = query ? count_pairs(query) : 0;
	if (count > HTTP_MAX_PARAMS)
		return err_api(err, 400, "HTTPBadRequest", "The query string has more than %d parameters",
			       HTTP_MAX_PARAMS);
	if (!count) {
		*ret = NULL;
		*ret_count = 0;
		return 0;
	}
	params = talloc_array(region, struct http_param, count);
	/* Decoding never lengthens; each pair ends in '&' or NUL and has one '=' or needs one byte more. */
	text = talloc_size(params, strlen(query) + count + 1);
	for (const char *p = query; n < count; n++) {
		size_t len, key_len;

		p += strspn(p, "&");
		len = strcspn(p, "&");
		key_len = MIN(strcspn(p, "="), len);
		params[n].key = text;
		text = decode(text, p, key_len, true);
		if (!text)
			goto refuse;
		params[n].value = ++text;
		text = decode(text, p + MIN(key_len + 1, len), len - MIN(key_len + 1, len), true);
		if (!text)
			goto refuse;
		text++;
		p += len;
	}
	*ret = params;
	*ret_count = count;
	return 0;
refuse:
	talloc_free(params);
	return err_api(err, 400, "HTTPBadRequest", "The query string has a bad percent escape");
}

/* An absolute target ("http://host/path") is allowed to every HTTP/1.1 client (RFC 9112, 3.2.2). */
static const char *skip_authority(const char *target)
{
	if (!strncasecmp(target, "http://", 7))
		target += 7;
	else if (!strncasecmp(target, "https://", 8))
		target += 8;
	else
		return target;
	target += strcspn(target, "/?");
	return *target == '/' ? target : "/";
}

int http_parse_path(void *region, const char *target, const char **ret, struct err *err)
{
	size_t len;
	char *path, *end;

	target = skip_authority(target);
	len = strcspn(target, "?");
	if (*target != '/')
		return err_api(err, 400, "HTTPBadRequest", "The request target does not begin with a slash");
	path = talloc_size(region, len + 1);
	end = decode(path, target, len, false);
	if (!end) {
		talloc_free(path);
		return err_api(err, 400, "HTTPBadRequest", "The path has a bad percent escape");
	}
	while (end > path + 1 && end[-1] == '/')
		*--end = 0;
	*ret = path;
	return 0;
}
