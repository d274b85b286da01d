/* The description of the API: paths, parameters, answers; the schemas themselves are made by
 * openapi_schema.c. Beside the routes; made once, at the first request. */
#include "api/openapi.h"
#include "api/frame.h"
#include "api/openapi_schema.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const char *const method_words[] = {
	[HTTP_GET] = "get", [HTTP_POST] = "post", [HTTP_PUT] = "put", [HTTP_DELETE] = "delete"};

/* --- paths --- */

/* "floatingips/{}" is a floatingip_id, "policies/{}" a policy_id. */
static void parameter_name(const char *before, size_t len, char *ret, size_t size)
{
	const char *ending = "_id";
	size_t n = 0;

	if (len > 3 && strncmp(before + len - 3, "ies", 3) == 0) {
		len -= 3;
		ending = "y_id";
	} else if (len > 1 && before[len - 1] == 's') {
		len--;
	}
	for (size_t i = 0; i < len && n + 6 < size; i++)
		ret[n++] = isalnum((unsigned char)before[i]) ? before[i] : '_';
	strcpy(ret + n, ending);
}

/* The pattern with names in its braces; each name becomes a parameter in `list`. */
static char *path_of(const char *pattern, json_t *list)
{
	struct buf b = {0};
	const char *before = "", *p = pattern;
	size_t before_len = 0;

	while (*p) {
		size_t len = strcspn(p, "/");
		char name[64];

		if (*p == '{') {
			parameter_name(before, before_len, name, sizeof(name));
			buf_printf(&b, "{%s}", name);
			json_array_append_new(list,
					      json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", name, "in",
							"path", "required", 1, "schema", "type", "string"));
		} else {
			buf_add(&b, p, len);
		}
		before = p;
		before_len = len;
		p += len;
		if (*p == '/')
			buf_putc(&b, *p++);
	}
	return buf_take(&b);
}

/* --- parameters --- */

static void add_query(json_t *list, const char *name, const char *about, json_t *schema)
{
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "name", name, "in", "query",
					      "description", about, "schema", schema));
}

static json_t *typed(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static json_t *texts(void)
{
	return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");
}

static void add_filters(json_t *list, const struct shape *shape)
{
	for (unsigned i = 0; i < shape->count; i++) {
		const struct attr *a = &shape->attrs[i];

		/* Values are texts: repeated, one of them has to be it. */
		if (a->flags & A_FILTER && !(a->flags & A_HIDDEN) && a->type != ATTR_LIST)
			add_query(list, a->name, a->doc, texts());
	}
}

/* What every list takes. */
static const struct {
	const char *name, *about, *type;
} list_words[] = {
	{"limit", "At most so many; 0: all", "integer"},
	{"marker", "Id of the last one of the page before", "string"},
	{"page_reverse", "Pages backwards", "boolean"},
	{"sort_key", "Attribute to sort by; may be repeated", NULL},
	{"sort_dir", "asc or desc, one for each sort_key", NULL},
	{"fields", "Attribute to show; may be repeated", NULL},
};
static const struct {
	const char *name, *about, *type;
} tag_words[] = {
	{"tags", "Has all of these tags, with commas between them", "string"},
	{"tags-any", "Has one of these tags", "string"},
	{"not-tags", "Has not all of these tags", "string"},
	{"not-tags-any", "Has none of these tags", "string"},
};

static void add_list_parameters(json_t *list, const struct shape *shape)
{
	for (size_t i = 0; i < ARRAY_SIZE(list_words); i++)
		add_query(list, list_words[i].name, list_words[i].about,
			  list_words[i].type ? typed(list_words[i].type) : texts());
	for (size_t i = 0; i < ARRAY_SIZE(tag_words) && shape_attr(shape, "tags"); i++)
		add_query(list, tag_words[i].name, tag_words[i].about, typed(tag_words[i].type));
	add_filters(list, shape);
}

static bool reads(const struct route *route)
{
	return route->method == HTTP_GET || route->method == HTTP_HEAD;
}

static json_t *parameters(const struct route *route, json_t *list)
{
	if (reads(route) && !(route->flags & (ROUTE_NOW | ROUTE_OPEN)))
		add_query(list, "as_of", "A time (RFC 3339) or a revision of the past", typed("string"));
	if (!reads(route) && !(route->flags & ROUTE_NOW))
		add_query(list, "plan", "1: only told what it would do, with 200 and a plan; nothing is done",
			  typed("string"));
	if (route->fn == verb_list)
		add_list_parameters(list, shape_of(route->kind));
	if (route->fn == verb_show)
		add_query(list, "fields", "Attribute to show; may be repeated", texts());
	if (route->fn == verb_update || route->fn == verb_delete)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:{s:s}}", "name", "If-Match", "in",
						      "header", "description",
						      "revision_number=N: only while it is at that revision",
						      "schema", "type", "string"));
	if (route->fn == verb_create)
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:{s:s}}", "name", "Idempotency-Key", "in",
						"header", "description", "A repetition gets the first answer",
						"schema", "type", "string"));
	return list;
}

/* --- bodies and answers --- */

/* {"floatingip": {...}} */
static json_t *wrapped(const char *name, json_t *schema)
{
	return json_pack("{s:s, s:[s], s:{s:o}}", "type", "object", "required", name, "properties", name,
			 schema);
}

static json_t *listed(const char *plural, json_t *schema)
{
	return wrapped(plural, json_pack("{s:s, s:o}", "type", "array", "items", schema));
}

static json_t *content(json_t *schema)
{
	return json_pack("{s:{s:o}}", "application/json", "schema", schema);
}

static json_t *own_schema(const char *text)
{
	return text ? json_loads(text, 0, NULL) : typed("object");
}

static json_t *body_of(const struct route *route)
{
	const struct shape *shape = shape_of(route->kind);

	if (route->fn == verb_create)
		return json_pack("{s:[o, o]}", "oneOf",
				 wrapped(shape->name, schema_ref(shape, SCHEMA_CREATE)),
				 listed(shape->plural, schema_ref(shape, SCHEMA_CREATE)));
	if (route->fn == verb_update)
		return wrapped(shape->name, schema_ref(shape, SCHEMA_UPDATE));
	if (route->body && !*route->body)
		return NULL;
	return route->body || route->method == HTTP_POST || route->method == HTTP_PUT
		       ? own_schema(route->body)
		       : NULL;
}

static json_t *answer_of(const struct route *route)
{
	const struct shape *shape = shape_of(route->kind);

	if (route->fn == verb_list)
		return listed(shape->plural, schema_ref(shape, SCHEMA_SHOW));
	if (route->fn == verb_create)
		return json_pack("{s:[o, o]}", "oneOf", wrapped(shape->name, schema_ref(shape, SCHEMA_SHOW)),
				 listed(shape->plural, schema_ref(shape, SCHEMA_SHOW)));
	if (route->fn == verb_show || route->fn == verb_update)
		return wrapped(shape->name, schema_ref(shape, SCHEMA_SHOW));
	return own_schema(route->answer);
}

static int status_of(const struct route *route)
{
	if (route->status)
		return route->status;
	return route->fn == verb_create ? 201 : route->method == HTTP_DELETE ? 204 : 200;
}

static json_t *responses(const struct route *route)
{
	json_t *all = json_object(), *good = json_pack("{s:s}", "description", "Done");
	int status = status_of(route);
	char text[8];

	if (status != 204)
		json_object_set_new(good, "content",
				    route->media ? json_pack("{s:{}}", route->media)
						 : content(answer_of(route)));
	snprintf(text, sizeof(text), "%d", status);
	json_object_set_new(all, text, good);
	json_object_set_new(all, "default", json_pack("{s:s}", "$ref", "#/components/responses/Error"));
	return all;
}

/* --- operations --- */

static char *summary_of(const struct route *route)
{
	static const struct {
		call_fn fn;
		const char *text;
	} generic[] = {
		{verb_list, "Lists %s"},       {verb_create, "Makes a %s, or several"},
		{verb_show, "Shows a %s"},     {verb_update, "Changes a %s"},
		{verb_delete, "Deletes a %s"},
	};
	const struct shape *shape = shape_of(route->kind);

	for (size_t i = 0; i < ARRAY_SIZE(generic); i++)
		if (generic[i].fn == route->fn) {
			const char *percent = strchr(generic[i].text, '%');

			return xasprintf("%.*s%s%s", (int)(percent - generic[i].text), generic[i].text,
					 i ? shape->name : shape->plural, percent + 2);
		}
	return xstrdup(route->about ? route->about : "");
}

/* "get_v2_0_floatingips_floatingip_id": unique, and a name in most languages. */
static char *operation_id(const struct route *route, const char *path)
{
	char *id = xasprintf("%s%s", method_words[route->method], path), *to = id;

	for (const char *from = id; *from; from++)
		if (*from != '{' && *from != '}')
			*to++ = isalnum((unsigned char)*from) ? *from : '_';
	*to = '\0';
	return id;
}

static void add_route(void *arg, const struct route *route)
{
	json_t *paths = arg, *list, *item, *operation, *body;
	AUTO_FREE char *path = NULL, *summary = NULL, *id = NULL;

	/* What others describe is left to them: identity, compute, images. */
	if (route->family != FAMILY_NETWORK && !(route->family == FAMILY_PLAIN && route->about))
		return;
	list = json_array();
	path = path_of(route->pattern, list);
	summary = summary_of(route);
	id = operation_id(route, path);
	item = json_object_get(paths, path);
	if (!item) {
		item = json_object();
		json_object_set_new(paths, path, item);
	}
	operation = json_pack("{s:s, s:s, s:[s], s:o, s:o}", "operationId", id, "summary", summary, "tags",
			      route->resource, "parameters", parameters(route, list), "responses",
			      responses(route));
	if ((body = body_of(route)))
		json_object_set_new(operation, "requestBody", json_pack("{s:o}", "content", content(body)));
	if (route->flags & (ROUTE_OPEN | ROUTE_LOCAL))
		json_object_set_new(operation, "security", json_array());
	if (route->flags & ROUTE_ADMIN)
		json_object_set_new(operation, "description", json_string("Administrators only."));
	json_object_set_new(item, method_words[route->method], operation);
}

static json_t *components(void)
{
	json_t *error =
		wrapped("NeutronError",
			json_pack("{s:s, s:[s, s, s], s:{s:{s:s}, s:{s:s}, s:{s:s}}}", "type", "object",
				  "required", "type", "message", "detail", "properties", "type", "type",
				  "string", "message", "type", "string", "detail", "type", "string"));

	return json_pack("{s:o, s:{s:{s:s, s:s, s:s, s:s}}, s:{s:{s:s, s:o}}}", "schemas",
			 schema_components(), "securitySchemes", "token", "type", "apiKey", "in", "header",
			 "name", "X-Auth-Token", "description",
			 "From POST /identity/v3/auth/tokens, in the answer's X-Subject-Token", "responses",
			 "Error", "description", "Refused; nothing has changed", "content", content(error));
}

static struct buf document;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int append(const char *data, size_t size, void *arg)
{
	buf_add(arg, data, size);
	return 0;
}

static void make_document(void)
{
	json_t *paths = json_object(), *doc;

	routes_each(add_route, paths);
	doc = json_pack(
		"{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:[{s:[]}], s:o, s:o}", "openapi", "3.1.0",
		"info", "title", "Buoy", "version", BUOY_VERSION, "description",
		"The network API, as OpenStack Networking v2.0 has it, with extensions of its own (buoy-*). "
		"The identity and compute APIs beside it are OpenStack's v3 and v2.1.",
		"license", "name", "GPL-2.0-or-later", "identifier", "GPL-2.0-or-later", "servers", "url",
		"/", "security", "token", "paths", paths, "components", components());
	json_dump_callback(doc, append, &document, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(doc);
}

int openapi_show(struct call *c, struct err *err)
{
	pthread_once(&once, make_document);
	buf_add(&c->resp->body, document.data, document.len);
	return 0;
}
