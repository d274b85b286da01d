/* Paths and query strings, percent-encoded as RFC 3986 asks, and reading JSON by path.
 * Small helpers of the verbs. */
#include "cli/cli.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>

char *percent_encode(void *mem, const char *text)
{
	char *out = talloc_size(mem, 3 * strlen(text) + 1), *to = out;

	for (; *text; text++) {
		unsigned char c = *text;

		if (c < 0x80 && (isalnum(c) || strchr("-._~", c))) {
			*to++ = (char)c;
		} else {
			*to++ = '%';
			*to++ = "0123456789ABCDEF"[c >> 4];
			*to++ = "0123456789ABCDEF"[c & 15];
		}
	}
	*to = 0;
	return out;
}

char *query_add(char *path, const char *key, const char *value)
{
	char *k = percent_encode(path, key), *v = percent_encode(path, value);

	return talloc_asprintf_append(path, "%c%s=%s", strchr(path, '?') ? '&' : '?', k, v);
}

const char *noun_path(struct cli *cli, const struct noun *noun, const char *id, const char *below,
		      struct err *err)
{
	const char *fill = cli->above, *mark = strchr(noun->path, '{');
	char *path;

	if (!mark) {
		path = talloc_strdup(cli->mem, noun->path);
	} else {
		if (strncmp(mark, "{user}", 6) == 0 && session_get_user(cli->session, &fill, err))
			return NULL;
		path = talloc_asprintf(cli->mem, "%.*s%s%s", (int)(mark - noun->path), noun->path,
				       percent_encode(cli->mem, fill), strchr(mark, '}') + 1);
	}
	if (!id && noun->among)
		path = talloc_asprintf_append(path, "?%s", noun->among);
	if (id)
		path = talloc_asprintf_append(path, "/%s", percent_encode(path, id));
	if (below)
		path = talloc_asprintf_append(path, "/%s", below);
	return path;
}

const json_t *json_get_path(const json_t *row, const char *path)
{
	const json_t *v = json_object_get(row, path);
	size_t len;

	if (v || !json_is_object(row))
		return v;
	len = strcspn(path, ".");
	if (!path[len])
		return NULL;
	return json_get_path(json_object_getn(row, path, len), path + len + 1);
}

const char *json_get_text(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s ? s : "";
}

void json_put_path(json_t *obj, const char *path, json_t *value)
{
	const char *slash = strchr(path, '/');
	json_t *inner;

	if (!slash) {
		json_object_set_new(obj, path, value);
		return;
	}
	inner = json_object_getn(obj, path, (size_t)(slash - path));
	if (!json_is_object(inner)) {
		inner = json_object();
		json_object_setn_new(obj, path, (size_t)(slash - path), inner);
	}
	json_put_path(inner, slash + 1, value);
}
