/* JSON into structs, by the schema's tables: what strangers send, and what the store holds.
 * Pure; between the API's bodies (or the store's rows) and the verbs. */
#include "model/codec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define MAX_ATTRS        64
#define DEFAULT_STR_MAX  255
#define DEFAULT_LIST_MAX 100
#define JSON_MAX_DEPTH   32
#define JSON_MAX_VALUES  131072

struct decoder {
	void *region;
	enum decode_mode mode;
	bool stored; /* our own row: every attribute may be set, unknown ones are ignored */
	bool admin;
};

static int decode_object(const struct decoder *d, const struct shape *shape, const json_t *json, void *object,
			 uint64_t *ret_given, struct err *err);

/* Neutron's words for a value that does not fit. */
static int invalid(const struct attr *a, const char *reason, const json_t *json, struct err *err)
{
	char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
	int r = err_api(err, 400, "HTTPBadRequest", "Invalid input for %s. Reason: '%.100s' %s.", a->name,
			text ? text : "?", reason);

	free(text);
	return r;
}

static bool one_of(const char *list, const char *s)
{
	size_t n = strlen(s);

	for (const char *p = list; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (strncmp(p, s, n) == 0 && (p[n] == '|' || p[n] == '\0'))
			return true;
	return false;
}

static int decode_str(const struct decoder *d, const struct attr *a, const json_t *json, void *at,
		      struct err *err)
{
	const char *s = json_string_value(json);
	size_t max = a->max ? (size_t)a->max : DEFAULT_STR_MAX;

	if (!s)
		return invalid(a, "is not a valid string", json, err);
	if (json_string_length(json) > max && !d->stored)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for %s. Reason: '%.60s...' exceeds maximum length of %zu.",
			       a->name, s, max);
	if (json_string_length(json) < (size_t)a->min)
		return invalid(a, "is too short", json, err);
	if (a->one_of && !one_of(a->one_of, s))
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for %s. Reason: '%.60s' is not in %s.", a->name, s, a->one_of);
	*(const char **)at = talloc_strdup(d->region, s);
	return 0;
}

static int parse_bool(const char *s, bool *ret)
{
	if (strcasecmp(s, "true") == 0 || strcmp(s, "1") == 0)
		*ret = true;
	else if (strcasecmp(s, "false") == 0 || strcmp(s, "0") == 0)
		*ret = false;
	else
		return -EINVAL;
	return 0;
}

static int decode_bool(const struct attr *a, const json_t *json, bool *at, struct err *err)
{
	if (json_is_boolean(json))
		*at = json_is_true(json);
	else if (json_is_integer(json) && (json_integer_value(json) == 0 || json_integer_value(json) == 1))
		*at = json_integer_value(json) == 1;
	else if (!json_is_string(json) || parse_bool(json_string_value(json), at) < 0)
		return invalid(a, "cannot be converted to boolean", json, err);
	return 0;
}

static int parse_int(const char *s, int64_t *ret)
{
	char *end;
	int64_t n;

	errno = 0;
	n = strtoll(s, &end, 10);
	if (errno || end == s || *end || *s == ' ' || *s == '+')
		return -EINVAL;
	*ret = n;
	return 0;
}

static int decode_int(const struct attr *a, const json_t *json, int64_t *at, struct err *err)
{
	int64_t n = json_integer_value(json);

	if (!json_is_integer(json) && (!json_is_string(json) || parse_int(json_string_value(json), &n) < 0))
		return invalid(a, "is not an integer", json, err);
	if (a->max && (n < a->min || n > a->max))
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for %s. Reason: '%" PRId64 "' is not between %" PRId64
			       " and %" PRId64 ".",
			       a->name, n, a->min, a->max);
	*at = n;
	return 0;
}

static int parse_plain(const struct attr *a, const char *s, void *at)
{
	switch (a->type) {
	case ATTR_UUID:
		return uuid_parse(s, at);
	case ATTR_HEXID:
		return hexid_parse(s, at);
	case ATTR_IP:
		return ip_parse(s, at);
	case ATTR_CIDR:
		return cidr_parse(s, at);
	case ATTR_MAC:
		return mac_parse(s, at);
	case ATTR_TIME:
		return time_parse(s, at);
	case ATTR_BOOL:
		return parse_bool(s, at);
	case ATTR_INT:
		return parse_int(s, at);
	case ATTR_STR:
	case ATTR_JSON:
	case ATTR_LIST:
	case ATTR_OBJECT:
		break;
	}
	return -EINVAL;
}

static const char *type_reason(enum attr_type type)
{
	switch (type) {
	case ATTR_UUID:
		return "is not a valid UUID";
	case ATTR_HEXID:
		return "is not a valid id";
	case ATTR_IP:
		return "is not a valid IP address";
	case ATTR_CIDR:
		return "is not a valid IP subnet";
	case ATTR_MAC:
		return "is not a valid MAC address";
	case ATTR_TIME:
		return "is not a valid time";
	case ATTR_STR:
	case ATTR_BOOL:
	case ATTR_INT:
	case ATTR_JSON:
	case ATTR_LIST:
	case ATTR_OBJECT:
		break;
	}
	return "is not valid";
}

static int decode_json(const struct decoder *d, const struct attr *a, const json_t *json, void *at,
		       struct err *err)
{
	AUTO_FREE char *text = NULL;

	if (!json_is_object(json))
		return invalid(a, "is not a dictionary", json, err);
	text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text || (!d->stored && strlen(text) > (a->max ? (size_t)a->max : DEFAULT_STR_MAX)))
		return invalid(a, "is too long", json, err);
	*(const char **)at = talloc_strdup(d->region, text);
	return 0;
}

static bool is_plain_list(const struct shape *item)
{
	return item->attrs[0].name[0] == '\0';
}

static int decode_value(const struct decoder *d, const struct attr *a, const json_t *json, void *object,
			struct err *err);

static int decode_list(const struct decoder *d, const struct attr *a, const json_t *json, struct list *ret,
		       struct err *err)
{
	size_t n = json_array_size(json), max = a->max ? (size_t)a->max : DEFAULT_LIST_MAX;
	char *items;
	int r = 0;

	if (json_is_null(json)) {
		*ret = (struct list){0};
		return 0;
	}
	if (!json_is_array(json))
		return invalid(a, "is not a list", json, err);
	if (n > max && !d->stored)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for %s. Reason: more than %zu items.", a->name, max);
	items = talloc_zero_size(d->region, MAX(n, (size_t)1) * a->item->size);
	for (size_t i = 0; i < n && r == 0; i++) {
		const json_t *one = json_array_get(json, i);
		void *object = items + i * a->item->size;

		if (is_plain_list(a->item))
			r = decode_value(d, &a->item->attrs[0], one, object, err);
		else
			r = decode_object(d, a->item, one, object, NULL, err);
		if (r < 0 && is_plain_list(a->item) && err && err->status == 400)
			return invalid(a, "holds an item that is not valid", one, err);
	}
	if (r == 0)
		*ret = (struct list){items, (uint32_t)n};
	return r;
}

static int decode_null(const struct decoder *d, const struct attr *a, void *object, struct err *err)
{
	static const size_t sizes[] = {
		[ATTR_UUID] = sizeof(struct uuid), [ATTR_HEXID] = sizeof(struct uuid),
		[ATTR_STR] = sizeof(char *),       [ATTR_BOOL] = sizeof(bool),
		[ATTR_INT] = sizeof(int64_t),      [ATTR_IP] = sizeof(struct ip),
		[ATTR_CIDR] = sizeof(struct cidr), [ATTR_MAC] = sizeof(struct mac),
		[ATTR_TIME] = sizeof(int64_t),     [ATTR_JSON] = sizeof(char *),
		[ATTR_LIST] = sizeof(struct list),
	};

	if (!(a->flags & A_NULL) && !d->stored)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for %s. Reason: 'None' is not allowed.", a->name);
	memset((char *)object + a->offset, 0, a->type == ATTR_OBJECT ? a->item->size : sizes[a->type]);
	return 0;
}

static int decode_value(const struct decoder *d, const struct attr *a, const json_t *json, void *object,
			struct err *err)
{
	void *at = (char *)object + a->offset;

	if (a->type == ATTR_LIST)
		return decode_list(d, a, json, at, err);
	if (json_is_null(json))
		return decode_null(d, a, object, err);
	switch (a->type) {
	case ATTR_STR:
		return decode_str(d, a, json, at, err);
	case ATTR_BOOL:
		return decode_bool(a, json, at, err);
	case ATTR_INT:
		return decode_int(a, json, at, err);
	case ATTR_JSON:
		return decode_json(d, a, json, at, err);
	case ATTR_OBJECT:
		if (json_is_object(json) && json_object_size(json) == 0)
			return decode_null(d, a, object, err);
		memset(at, 0, a->item->size);
		return decode_object(d, a->item, json, at, NULL, err);
	case ATTR_UUID:
	case ATTR_HEXID:
	case ATTR_IP:
	case ATTR_CIDR:
	case ATTR_MAC:
	case ATTR_TIME:
	case ATTR_LIST:
		break;
	}
	if (!json_is_string(json) || parse_plain(a, json_string_value(json), at) < 0)
		return invalid(a, type_reason(a->type), json, err);
	return 0;
}

/* Who may not choose may still say what it would be anyway. */
static bool is_default(const struct attr *a, const json_t *json)
{
	json_t *def = a->def ? json_loads(a->def, JSON_DECODE_ANY, NULL) : NULL;
	bool same = def && json_equal(def, json);

	json_decref(def);
	return same;
}

static int check_may_set(const struct decoder *d, const struct shape *shape, const struct attr *a,
			 const json_t *json, struct err *err)
{
	unsigned need = d->mode == DECODE_POST ? A_POST : A_PUT;

	if (d->stored)
		return 0;
	if (a->flags & A_HIDDEN && !(a->flags & A_RW))
		return err_api(err, 400, "HTTPBadRequest", "Unrecognized attribute(s) '%s'", a->name);
	if (!(a->flags & need) && d->mode == DECODE_POST)
		return err_api(err, 400, "HTTPBadRequest", "Attribute '%s' not allowed in POST", a->name);
	if (!(a->flags & need))
		return err_api(err, 400, "HTTPBadRequest", "Cannot update read-only attribute %s", a->name);
	if (a->flags & A_ADMIN && !d->admin && !(d->mode == DECODE_POST && is_default(a, json)))
		return err_api(err, 403, "PolicyNotAuthorized", "(rule:%s_%s:%s) is disallowed by policy",
			       d->mode == DECODE_POST ? "create" : "update", shape->name, a->name);
	return 0;
}

static int fill_default(const struct decoder *d, const struct shape *shape, const struct attr *a,
			void *object, struct err *err)
{
	json_t *json;
	int r;

	if (a->flags & A_REQ && !d->stored)
		return err_api(err, 400, "HTTPBadRequest",
			       "Failed to parse request. Required attribute '%s' not specified", a->name);
	if (!a->def || (d->stored && !attr_is_kept(a)))
		return 0;
	json = json_loads(a->def, JSON_DECODE_ANY, NULL);
	r = decode_value(&(struct decoder){.region = d->region, .stored = true}, a, json, object, err);
	json_decref(json);
	return r;
}

static int decode_object(const struct decoder *d, const struct shape *shape, const json_t *json, void *object,
			 uint64_t *ret_given, struct err *err)
{
	bool item = !shape->plural;
	uint64_t given = 0;
	const char *key;
	json_t *value;
	int r;

	if (!json_is_object(json))
		return err_api(err, 400, "HTTPBadRequest", "Invalid input for %s. Reason: not a dictionary.",
			       shape->name);
	json_object_foreach((json_t *)json, key, value)
	{
		const struct attr *a = shape_attr(shape, key);

		if (d->stored && (!a || (attr_is_kept(a) && json_is_null(value))))
			continue;
		if (!a)
			return err_api(err, 400, "HTTPBadRequest", "Unrecognized attribute(s) '%.100s'", key);
		if (a->alias && given & (1ULL << attr_bit(shape, a)) &&
		    json_equal(json_object_get(json, a->name), json_object_get(json, a->alias)))
			continue;
		if (given & (1ULL << attr_bit(shape, a)) && !d->stored)
			return err_api(err, 400, "HTTPBadRequest", "'%s' and '%s' do not match", a->name,
				       a->alias ? a->alias : a->name);
		if (!item && (r = check_may_set(d, shape, a, value, err)) < 0)
			return r;
		if ((r = decode_value(d, a, value, object, err)) < 0)
			return r;
		given |= 1ULL << attr_bit(shape, a);
	}
	for (unsigned i = 0; i < shape->count && (d->mode == DECODE_POST || d->stored || item); i++)
		if (!(given & (1ULL << i)) && (r = fill_default(d, shape, &shape->attrs[i], object, err)) < 0)
			return r;
	if (ret_given)
		*ret_given = given;
	return 0;
}

int decode_given(const struct shape *shape, const json_t *json, enum decode_mode mode, bool admin,
		 void *region, void *object, uint64_t *ret_given, struct err *err)
{
	const struct decoder d = {.region = region, .mode = mode, .admin = admin};

	return decode_object(&d, shape, json, object, ret_given, err);
}

int decode_stored_json(const struct shape *shape, const json_t *json, void *region, void *object,
		       struct err *err)
{
	const struct decoder d = {.region = region, .mode = DECODE_PUT, .stored = true, .admin = true};

	return decode_object(&d, shape, json, object, NULL, err);
}

int decode_stored(const struct shape *shape, const char *text, size_t len, void *region, void *object,
		  struct err *err)
{
	json_error_t je;
	json_t *json = json_loadb(text, len, 0, &je);
	int r;

	if (!json)
		return err_set(err, -EBADMSG, "stored %s is not JSON: %s", shape->name, je.text);
	r = decode_stored_json(shape, json, region, object, err);
	json_decref(json);
	return r;
}

/* jansson's own limit of 2048 levels is more than our printing of errors wants to walk. */
static bool too_deep(const json_t *json, int left)
{
	const char *key;
	json_t *value;
	size_t i;

	if (left == 0)
		return true;
	json_object_foreach((json_t *)json, key, value) if (too_deep(value, left - 1)) return true;
	json_array_foreach(json, i, value) if (too_deep(value, left - 1)) return true;
	return false;
}

/* "{}," takes a hundred times more memory parsed than as text, so what would become too many values is not
 * parsed at all. What stands in strings is counted as well: no real body comes near. */
static bool too_many(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '{' || text[i] == '[' || text[i] == ',';
	return n > JSON_MAX_VALUES;
}

int json_parse_object(const char *text, size_t len, json_t **ret, struct err *err)
{
	json_error_t je;
	json_t *json;

	if (too_many(text, len))
		return err_api(err, 400, "HTTPBadRequest", "The request body holds more than %d values",
			       JSON_MAX_VALUES);
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);
	if (!json)
		return err_api(err, 400, "HTTPBadRequest",
			       "The request body is not valid JSON: %s (line %d, column %d)", je.text,
			       je.line, je.column);
	if (!json_is_object(json) || too_deep(json, JSON_MAX_DEPTH)) {
		json_decref(json);
		return err_api(err, 400, "HTTPBadRequest",
			       "The request body must be a JSON object, nested at most %d deep",
			       JSON_MAX_DEPTH);
	}
	*ret = json;
	return 0;
}

int attr_parse_text(const struct attr *a, const char *text, void *region, void *object)
{
	void *at = (char *)object + a->offset;

	if (a->type == ATTR_STR) {
		*(const char **)at = talloc_strdup(region, text);
		return 0;
	}
	return parse_plain(a, text, at);
}
