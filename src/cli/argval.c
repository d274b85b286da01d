/* Options' texts as JSON: what goes into a body, and into a list's filter.
 * Between the parsed command line and the generic verbs. */
#include "cli/cli.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

static const json_t *get_slashed(const json_t *obj, const char *path)
{
	size_t len = strcspn(path, "/");

	if (!path[len])
		return json_object_get(obj, path);
	return get_slashed(json_object_getn(obj, path, len), path + len + 1);
}

static int parse_int(const char *option, const char *text, json_t **ret, struct err *err)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		return err_set(err, -EINVAL, "--%s %s: a whole number is needed", option, text);
	*ret = json_integer(n);
	return 0;
}

static int parse_ref(struct cli *cli, const struct field *f, const char *ref, const char *text, json_t **ret,
		     struct err *err)
{
	const char *id;
	int r = f->form == FORM_PORT ? resolve_port(cli, text, &id, NULL, err)
				     : resolve(cli, noun_find(ref), text, &id, NULL, err);

	if (r)
		return r;
	*ret = json_string(id);
	return 0;
}

static bool same_key(const char *typed, size_t len, const char *name)
{
	if (strlen(name) != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((typed[i] == '_' ? '-' : typed[i]) != name[i])
			return false;
	}
	return true;
}

static int unknown_key(const struct given *given, const char *part, size_t len, struct err *err)
{
	AUTO_BUF struct buf names = {0};

	for (const struct key *k = given->opt->field->keys; k->name; k++)
		buf_printf(&names, "%s%s", names.len ? ", " : "", k->name);
	return err_set(err, -EINVAL, "--%s: '%.*s' is not one of %s", given->opt->name, (int)len, part,
		       buf_text(&names));
}

/* Puts "key=value" into obj as the table of keys says. */
static int put_part(struct cli *cli, const struct given *given, const char *part, json_t *obj,
		    struct err *err)
{
	size_t len = strcspn(part, "=");
	const struct key *k = given->opt->field->keys;
	json_t *v = NULL;
	int r = 0;

	while (k->name && !same_key(part, len, k->name))
		k++;
	if (!k->name)
		return unknown_key(given, part, len, err);
	if (!part[len])
		return err_set(err, -EINVAL, "--%s: '%s' needs a value: %s=...", given->opt->name, k->name,
			       k->name);
	if (k->ref)
		r = parse_ref(cli, given->opt->field, k->ref, part + len + 1, &v, err);
	else if (k->number)
		r = parse_int(given->opt->name, part + len + 1, &v, err);
	else
		v = json_string(part + len + 1);
	if (r == 0)
		json_object_set_new(obj, k->attr, v);
	return r;
}

/* "key=value,key=value", or an object in JSON. New reference. */
static int parse_object(struct cli *cli, const struct given *given, json_t **ret, struct err *err)
{
	json_auto_t *obj = given->value[0] == '{' ? json_loads(given->value, 0, NULL) : json_object();
	char *copy = talloc_strdup(cli->mem, given->value), *save = NULL;

	if (!obj)
		return err_set(err, -EINVAL, "--%s: that is not a JSON object", given->opt->name);
	for (char *part = strtok_r(copy, ",", &save); part && given->value[0] != '{';
	     part = strtok_r(NULL, ",", &save)) {
		int r = put_part(cli, given, part, obj, err);

		if (r)
			return r;
	}
	*ret = json_incref(obj);
	return 0;
}

/* The list at the field's place, made when it is not there yet; borrowed. */
static json_t *list_at(json_t *body, const char *attr)
{
	const json_t *list = get_slashed(body, attr);

	if (!json_is_array(list)) {
		json_put_path(body, attr, json_array());
		list = get_slashed(body, attr);
	}
	return (json_t *)list;
}

static int append(struct cli *cli, const struct given *given, json_t *list, struct err *err)
{
	json_t *v = given->opt->field->form == FORM_TEXTS ? json_string(given->value) : NULL;
	int r = given->opt->field->form == FORM_OBJECTS ? parse_object(cli, given, &v, err) : 0;

	if (r)
		return r;
	json_array_append_new(list, v);
	return 0;
}

static int put_member(const struct given *given, json_t *body, struct err *err)
{
	const char *attr = given->opt->field->attr;
	size_t len = strcspn(given->value, "=");

	if (!given->value[len] || len == 0)
		return err_set(err, -EINVAL, "--%s %s: KEY=VALUE is needed", given->opt->name, given->value);
	if (!json_is_object(get_slashed(body, attr)))
		json_put_path(body, attr, json_object());
	json_object_setn_new((json_t *)get_slashed(body, attr), given->value, len,
			     json_string(given->value + len + 1));
	return 0;
}

static void put_off(const struct field *f, json_t *body)
{
	const char *slash = strchr(f->attr, '/');

	if (f->form == FORM_BOOL)
		json_put_path(body, f->attr, json_false());
	else if (f->form == FORM_TEXTS || f->form == FORM_OBJECTS)
		json_put_path(body, f->attr, json_array());
	else if (f->form == FORM_DICT)
		json_put_path(body, f->attr, json_object());
	else if (slash && f->flags & FIELD_ABOUT)
		json_object_setn_new(body, f->attr, (size_t)(slash - f->attr), json_null());
	else
		json_put_path(body, f->attr, json_null());
}

int argval_put(struct cli *cli, const struct given *given, json_t *body, struct err *err)
{
	const struct field *f = given->opt->field;
	json_t *v = NULL;
	int r = 0;

	if (given->opt->off) {
		put_off(f, body);
		return 0;
	}
	switch (f->form) {
	case FORM_AUTO:
	case FORM_TAGS:
		return 0;
	case FORM_DICT:
		return put_member(given, body, err);
	case FORM_TEXTS:
	case FORM_OBJECTS:
		return append(cli, given, list_at(body, f->attr), err);
	case FORM_TEXT:
		v = json_string(given->value);
		break;
	case FORM_BOOL:
		v = json_true();
		break;
	case FORM_INT:
		r = parse_int(given->opt->name, given->value, &v, err);
		break;
	case FORM_REF:
	case FORM_PORT:
		r = parse_ref(cli, f, f->ref, given->value, &v, err);
		break;
	}
	if (r)
		return r;
	json_put_path(body, f->attr, v);
	return 0;
}

/* A filter by members of a list: fixed_ips=ip_address=10.0.0.1. */
static int filter_object(struct cli *cli, const struct given *given, char **path, struct err *err)
{
	json_auto_t *obj = NULL;
	const char *key;
	json_t *v;
	int r = parse_object(cli, given, &obj, err);

	json_object_foreach(obj, key, v)
	{
		if (json_is_string(v))
			*path = query_add(*path, given->opt->field->attr,
					  talloc_asprintf(cli->mem, "%s=%s", key, json_string_value(v)));
	}
	return r;
}

int argval_filter(struct cli *cli, const struct given *given, char **path, struct err *err)
{
	const struct field *f = given->opt->field;
	json_auto_t *id = NULL;
	int r;

	if (f->form == FORM_BOOL) {
		*path = query_add(*path, f->attr, given->opt->off ? "false" : "true");
		return 0;
	}
	if (f->form == FORM_OBJECTS)
		return filter_object(cli, given, path, err);
	if (f->form == FORM_REF || f->form == FORM_PORT) {
		r = parse_ref(cli, f, f->ref, given->value, &id, err);
		if (r)
			return r;
	}
	*path = query_add(*path, f->attr, id ? json_string_value(id) : given->value);
	return 0;
}
