/* Takes passwords, secrets and tokens out of JSON before --debug shows it.
 * Beside http.c; pure. */
#include "cli/http.h"

#include <string.h>

static bool is_secret(const char *key, bool in_token)
{
	static const char *const keys[] = {"password", "original_password", "secret", "adminPass"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(key, keys[i]))
			return true;
	}
	return in_token && !strcmp(key, "id");
}

static void redact_value(json_t *v, bool in_token)
{
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach(v, key, member)
	{
		if (is_secret(key, in_token) && json_is_string(member))
			json_object_set_new(v, key, json_string("***"));
		else
			redact_value(member, !strcmp(key, "token"));
	}
	json_array_foreach(v, i, member) redact_value(member, false);
}

char *redact_json(const char *text, size_t len)
{
	json_auto_t *v = json_loadb(text, len, 0, NULL);
	char *out;

	if (!v)
		return xasprintf("(%zu bytes that are not JSON)", len);
	redact_value(v, false);
	out = json_dumps(v, JSON_COMPACT);
	return out ? out : xstrdup("");
}
