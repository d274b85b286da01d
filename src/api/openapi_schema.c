/* The kinds' tables as JSON schemas.
 * Beneath openapi.c. */
#include "api/openapi_schema.h"
#include "api/api.h"

#include <stdio.h>
#include <string.h>

static json_t *of_item(const struct shape *shape, enum schema_use use);

/* The type's own words; a list's and an object's parts as well. */
static json_t *of_type(const struct attr *a, enum schema_use use)
{
	switch (a->type) {
	case ATTR_UUID:
		return json_pack("{s:s, s:s}", "type", "string", "format", "uuid");
	case ATTR_HEXID:
		return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9a-f]{32}$");
	case ATTR_STR:
		return json_pack("{s:s, s:I}", "type", "string", "maxLength",
				 (json_int_t)(a->max ? a->max : 255));
	case ATTR_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case ATTR_INT:
		return a->max ? json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)a->min,
					  "maximum", (json_int_t)a->max)
			      : json_pack("{s:s}", "type", "integer");
	case ATTR_IP:
		return json_pack("{s:s, s:[{s:s}, {s:s}]}", "type", "string", "anyOf", "format", "ipv4",
				 "format", "ipv6");
	case ATTR_CIDR:
		return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9a-fA-F:.]+/[0-9]+$");
	case ATTR_MAC:
		return json_pack("{s:s, s:s}", "type", "string", "pattern",
				 "^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$");
	case ATTR_TIME:
		return json_pack("{s:s, s:s}", "type", "string", "format", "date-time");
	case ATTR_JSON:
		return json_pack("{s:s}", "type", "object");
	case ATTR_LIST:
		return json_pack("{s:s, s:I, s:o}", "type", "array", "maxItems",
				 (json_int_t)(a->max ? a->max : 100), "items", of_item(a->item, use));
	case ATTR_OBJECT:
		return of_item(a->item, use);
	}
	return json_object();
}

/* As print_attr: what shows null when it is not set. */
static bool shows_null(const struct attr *a)
{
	if (a->type == ATTR_BOOL || a->type == ATTR_LIST || (a->type == ATTR_INT && !(a->flags & A_NULL)))
		return false;
	return !attr_is_kept(a);
}

static void allow_null(json_t *schema)
{
	const char *type = json_string_value(json_object_get(schema, "type"));

	json_object_set_new(schema, "type", json_pack("[s, s]", type, "null"));
	if (json_object_get(schema, "enum"))
		json_array_append_new(json_object_get(schema, "enum"), json_null());
}

static json_t *words_of(const char *one_of)
{
	json_t *list = json_array();

	for (const char *p = one_of; *p; p += *p == '|') {
		size_t len = strcspn(p, "|");

		json_array_append_new(list, json_stringn(p, len));
		p += len;
	}
	return list;
}

static json_t *of_attr(const struct attr *a, enum schema_use use)
{
	bool other =
		a->flags & A_COMPUTED || (a->flags & A_VIEWED && a->type != ATTR_BOOL && use == SCHEMA_SHOW);
	json_t *schema = other ? json_object() : of_type(a, use);
	bool null = use == SCHEMA_SHOW ? shows_null(a) : (a->flags & A_NULL) != 0;

	if (a->one_of)
		json_object_set_new(schema, "enum", words_of(a->one_of));
	if (null && json_object_get(schema, "type"))
		allow_null(schema);
	if (a->doc)
		json_object_set_new(schema, "description", json_string(a->doc));
	if (use == SCHEMA_CREATE && a->def)
		json_object_set_new(schema, "default", json_loads(a->def, JSON_DECODE_ANY, NULL));
	if (use != SCHEMA_SHOW && a->flags & A_ADMIN)
		json_object_set_new(schema, "x-buoy-admin", json_true());
	return schema;
}

static bool belongs(const struct attr *a, enum schema_use use)
{
	if (use == SCHEMA_SHOW)
		return !(a->flags & (A_HIDDEN | A_INPUT));
	return a->flags & (use == SCHEMA_CREATE ? A_POST : A_PUT);
}

static bool is_required(const struct attr *a, enum schema_use use)
{
	return use == SCHEMA_SHOW ? !(a->flags & A_ADMIN_SEE) : use == SCHEMA_CREATE && a->flags & A_REQ;
}

static void add_named(json_t *properties, json_t *required, const char *name, const struct attr *a,
		      enum schema_use use)
{
	json_object_set_new(properties, name, of_attr(a, use));
	if (is_required(a, use))
		json_array_append_new(required, json_string(name));
}

static json_t *of_shape(const struct shape *shape, enum schema_use use)
{
	json_t *properties = json_object(), *required = json_array();

	for (unsigned i = 0; i < shape->count; i++) {
		const struct attr *a = &shape->attrs[i];

		if (!belongs(a, use))
			continue;
		add_named(properties, required, a->name, a, use);
		if (a->alias)
			add_named(properties, required, a->alias, a, use);
	}
	return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0, "properties",
			 properties, "required", required);
}

/* A shape of one attribute without a name stands for plain values. */
static json_t *of_item(const struct shape *shape, enum schema_use use)
{
	return shape->attrs[0].name[0] ? of_shape(shape, use) : of_type(&shape->attrs[0], use);
}

static void name_of(const struct shape *shape, enum schema_use use, char *ret, size_t size)
{
	static const char *const endings[] = {
		[SCHEMA_SHOW] = "", [SCHEMA_CREATE] = "Create", [SCHEMA_UPDATE] = "Update"};

	snprintf(ret, size, "%s%s", shape->type, endings[use]);
}

json_t *schema_ref(const struct shape *shape, enum schema_use use)
{
	char name[64], ref[96];

	name_of(shape, use, name, sizeof(name));
	snprintf(ref, sizeof(ref), "#/components/schemas/%s", name);
	return json_pack("{s:s}", "$ref", ref);
}

json_t *schema_components(void)
{
	json_t *all = json_object();

	for (int kind = KIND_NONE + 1; kind < KINDS; kind++)
		for (enum schema_use use = SCHEMA_SHOW; use <= SCHEMA_UPDATE && resource_of(kind); use++) {
			char name[64];

			name_of(shape_of(kind), use, name, sizeof(name));
			json_object_set_new(all, name, of_shape(shape_of(kind), use));
		}
	return all;
}
