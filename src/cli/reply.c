/* What a refusal means: the error texts of the OpenStack services, of proxies and of nobody in particular.
 * Beside http.c; pure. */
#include "cli/http.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

static const char *text_of(const json_t *obj, const char *key)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s && *s ? s : NULL;
}

/* Message and type of an error body; either may stay NULL. */
static void find_message(const json_t *body, const char **ret_message, const char **ret_type)
{
	const char *key;
	json_t *v;

	if (text_of(body, "faultstring")) { /* Octavia */
		*ret_message = text_of(body, "faultstring");
		return;
	}
	if (text_of(body, "message")) { /* a middleware's own */
		*ret_message = text_of(body, "message");
		return;
	}
	json_object_foreach((json_t *)body, key, v)
	{
		if (json_is_string(v) && strstr(key, "rror")) { /* {"NeutronError": "text"} */
			*ret_message = json_string_value(v);
			return;
		}
		if (!text_of(v, "message"))
			continue;
		*ret_message = text_of(v, "message"); /* Neutron, Keystone, Nova */
		*ret_type = text_of(v, "type") ? text_of(v, "type") : text_of(v, "title");
		if (!*ret_type && strcmp(key, "error"))
			*ret_type = key;
		return;
	}
}

/* The first words of a body that is not JSON, tags of HTML left out. */
static void plain_message(const char *body, size_t len, char *ret, size_t size)
{
	size_t n = 0;
	bool tag = false, space = true;

	for (size_t i = 0; i < len && n + 2 < size; i++) {
		unsigned char c = body[i];

		if (c == '<')
			tag = true;
		if (!tag && isspace(c) && !space)
			ret[n++] = ' ';
		if (!tag && !isspace(c) && c >= 0x20)
			ret[n++] = (char)c;
		if (!tag)
			space = isspace(c);
		if (c == '>')
			tag = false;
	}
	ret[n] = 0;
}

static const char *status_word(int status)
{
	switch (status) {
	case 400:
		return "the server did not accept the request";
	case 401:
		return "the server does not accept who asks: check user, password and project, or the "
		       "token's age";
	case 403:
		return "this user may not do that";
	case 404:
		return "there is nothing there";
	case 409:
		return "that conflicts with what exists";
	case 413:
		return "the request is too large, or a quota is reached";
	case 429:
		return "too many requests: try again later";
	case 502:
	case 503:
	case 504:
		return "the service is not available at the moment";
	default:
		return status >= 500 ? "the server failed" : "unexpected answer";
	}
}

int reply_check(const struct http_reply *reply, struct err *err)
{
	json_auto_t *body = NULL;
	const char *message = NULL, *type = NULL;
	char plain[300], where[200], request[160] = "";
	int room;

	if (reply->status >= 200 && reply->status < 300)
		return 0;
	if (reply->len > 0)
		body = json_loadb(reply->body, reply->len, 0, NULL);
	if (body) {
		find_message(body, &message, &type);
	} else if (reply->len > 0) {
		plain_message(reply->body, reply->len, plain, sizeof(plain));
		message = plain[0] ? plain : NULL;
	}
	if (reply->status >= 300 && reply->status < 400 && reply->location) {
		snprintf(plain, sizeof(plain), "the server points to %.200s: use that address",
			 reply->location);
		message = plain;
	}
	if (reply->request_id[0])
		snprintf(request, sizeof(request), ", request %s", reply->request_id);
	snprintf(where, sizeof(where), "(%s%sHTTP %d%s)", type ? type : "", type ? ", " : "", reply->status,
		 request);
	room = (int)(sizeof(err->message) - strlen(where)) - 2; /* `where` stays whole */
	return err_api(err, reply->status, type ? type : "", "%.*s %s", room,
		       message ? message : status_word(reply->status), where);
}

void reply_split(void *mem, const struct err *err, char **ret_words, char **ret_request)
{
	const char *where = err->message, *id;

	for (const char *at = where; (at = strstr(at, " (")); at++)
		where = at;
	*ret_words = talloc_strndup(mem, err->message,
				    where == err->message ? strlen(where) : (size_t)(where - err->message));
	id = strstr(where, ", request ");
	*ret_request = id ? talloc_strndup(mem, id + strlen(", request "), strcspn(id + 10, ")")) : NULL;
}

int reply_parse(const struct http_reply *reply, json_t **ret, struct err *err)
{
	json_error_t mistake;
	json_t *v;

	if (reply->len == 0) {
		*ret = NULL;
		return 0;
	}
	v = json_loadb(reply->body, reply->len, 0, &mistake);
	if (!v)
		return err_set(err, -EPROTO, "the server's answer is not JSON (HTTP %d, line %d: %s)",
			       reply->status, mistake.line, mistake.text);
	*ret = v;
	return 0;
}
