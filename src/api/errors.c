/* Errors as replies, and who may see and change what.
 * Last step of a request that failed; asked by every verb. */
#include "api/frame.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

static const char *title_of(int status)
{
	static const struct {
		int status;
		const char *title;
	} titles[] = {
		{400, "Bad Request"},         {401, "Unauthorized"},        {403, "Forbidden"},
		{404, "Not Found"},           {405, "Method Not Allowed"},  {409, "Conflict"},
		{412, "Precondition Failed"}, {413, "Payload Too Large"},   {429, "Too Many Requests"},
		{501, "Not Implemented"},     {503, "Service Unavailable"}, {504, "Gateway Timeout"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		if (titles[i].status == status)
			return titles[i].title;
	return status < 500 ? "Bad Request" : "Internal Server Error";
}

/* Nova's names. What it has none for is a computeFault; a token is refused by Keystone's middleware before
 * Nova sees the request. */
static const char *compute_fault(int status)
{
	static const struct {
		int status;
		const char *name;
	} faults[] = {
		{400, "badRequest"},         {401, "error"},
		{403, "forbidden"},          {404, "itemNotFound"},
		{405, "badMethod"},          {409, "conflictingRequest"},
		{413, "overLimit"},          {415, "badMediaType"},
		{429, "overLimit"},          {501, "notImplemented"},
		{503, "serviceUnavailable"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		if (faults[i].status == status)
			return faults[i].name;
	return "computeFault";
}

static void print_error(struct buf *b, enum api_family family, int status, const char *type,
			const char *message)
{
	switch (family) {
	case FAMILY_NETWORK:
		buf_puts(b, "{\"NeutronError\": {\"type\": ");
		buf_json_str(b, type);
		buf_puts(b, ", \"message\": ");
		buf_json_str(b, message);
		buf_puts(b, ", \"detail\": \"\"}}");
		break;
	case FAMILY_IDENTITY:
		buf_printf(b, "{\"error\": {\"code\": %d, \"title\": \"%s\", \"message\": ", status,
			   title_of(status));
		buf_json_str(b, message);
		buf_puts(b, "}}");
		break;
	case FAMILY_COMPUTE:
		buf_printf(b, "{\"%s\": {\"code\": %d, \"message\": ", compute_fault(status), status);
		buf_json_str(b, message);
		if (status == 401)
			buf_puts(b, ", \"title\": \"Unauthorized\"");
		buf_puts(b, "}}");
		break;
	case FAMILY_CONSOLE:
	case FAMILY_PLAIN:
		buf_puts(b, "{\"error\": ");
		buf_json_str(b, message);
		buf_puts(b, "}");
		break;
	}
}

void api_print_error(const char *path, int status, const char *title, const char *message, struct buf *out)
{
	char type[64] = "HTTP";
	size_t n = 4;

	for (const char *p = title; *p && n + 1 < sizeof(type); p++)
		if (*p != ' ')
			type[n++] = *p;
	type[n] = '\0';
	print_error(out, route_family(path), status, type, message);
}

/* Where tokens come from. */
static void say_where(struct call *c)
{
	const struct api_config *config = &c->api->config;
	const char *value =
		config->keystone
			? talloc_asprintf(c->req->region, "Keystone uri=\"%s\"", config->keystone_url)
			: talloc_asprintf(c->req->region, "Keystone uri=\"%s/identity\"", config->public_url);

	http_add_header(c->req, c->resp, "WWW-Authenticate", value);
}

void call_error(struct call *c, enum api_family family, const struct err *err)
{
	int status = err->status ? err->status : 500;
	bool internal = !err->status;
	const char *message = err->message;

	buf_done(&c->resp->body);
	c->resp->status = status;
	c->resp->content_type = NULL;
	if (status == 401 && family == FAMILY_CONSOLE && c->req->method == HTTP_GET) {
		/* Whether anybody is logged in is a question that "nobody" answers; browsers complain of a
		 * 401. */
		c->resp->status = 204;
		return;
	}
	if (status == 401 && family == FAMILY_CONSOLE)
		message = console_unauthorized(c);
	else if (status == 401)
		say_where(c);
	if (internal) /* for the log line only: what went wrong inside is nobody's business outside */
		c->req->log_error = talloc_strdup(c->req->region, err->message);
	print_error(&c->resp->body, family, status,
		    internal       ? "HTTPInternalServerError"
		    : err->type[0] ? err->type
				   : "HTTPBadRequest",
		    internal ? "The server could not do this; its log says why, under this request's id."
			     : message);
}

int call_denied(const char *action, const char *name, struct err *err)
{
	return err_api(err, 403, "PolicyNotAuthorized", "(rule:%s_%s) is disallowed by policy", action, name);
}

int call_not_found(enum kind kind, const char *id, struct err *err)
{
	/* Neutron's exact words, where they are not the type: two of them end without a full stop. */
	static const struct {
		enum kind kind;
		const char *name, *end;
	} words[] = {
		{KIND_FLOATINGIP, "Floating IP", ""},
		{KIND_REST, "Resting address", "."},
		{KIND_ROUTER, "Router", ""},
		{KIND_QOS_POLICY, "QoS policy", "."},
		{KIND_QOS_RULE, "QoS rule", "."},
		{KIND_SERVICE_PROFILE, "Service Profile", "."},
		{KIND_RBAC_POLICY, "RBAC policy", "."},
		{KIND_PORT_FORWARDING, "Port Forwarding", "."},
		{KIND_SUBNETPOOL, "Subnet pool", "."},
		{KIND_ADDRESS_SCOPE, "Address scope", "."},
	};
	const struct shape *shape = shape_of(kind);
	char type[64];

	snprintf(type, sizeof(type), "%sNotFound", shape->type);
	if (kind >= KIND_DOMAIN)
		return err_api(err, 404, type, "Could not find %s: %.100s.", shape->name, id);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].kind == kind)
			return err_api(err, 404, type, "%s %.100s could not be found%s", words[i].name, id,
				       words[i].end);
	return err_api(err, 404, type, "%s %.100s could not be found.", shape->type, id);
}

/* --- who sees and changes what --- */

static const char *owner_of(const struct row *row)
{
	const struct attr *a = shape_attr(shape_of(row->kind), "project_id");

	return a && a->type == ATTR_STR ? *(const char *const *)attr_at(a, row) : NULL;
}

bool call_owns(const struct caller *who, const struct row *row)
{
	const char *owner = owner_of(row), *project = who->actor.project_id;

	return who->admin || (owner && *owner && project && strcmp(owner, project) == 0);
}

/* The row that decides: a nested one's parent; NULL when that is gone. */
static const struct row *deciding(const struct snap *s, const struct row *row)
{
	const struct attr *parent = shape_parent(shape_of(row->kind));

	return parent ? snap_get(s, parent->ref, attr_at(parent, row)) : row;
}

static bool is_visible(const struct call *c, const struct snap *s, const struct row *row)
{
	const struct resource *res = resource_of(row->kind);

	return res->visible ? res->visible(s, &c->caller, row) : call_owns(&c->caller, row);
}

/* What others showed then they must still be showing now. */
static bool saw(const struct call *c, const struct row *row)
{
	const struct row *is = snap_get(c->now, row->kind, &row->id);

	return call_owns(&c->caller, row) || (is && is_visible(c, c->now, is));
}

bool call_sees(const struct call *c, const struct snap *s, const struct row *row)
{
	if (!(row = deciding(s, row)))
		return false;
	if (!resource_of(row->kind))
		return true;
	return is_visible(c, s, row) && (!c->now || s != c->snap || saw(c, row));
}

bool call_may_write(const struct call *c, const struct snap *s, const struct row *row)
{
	const struct resource *res;

	if (!(row = deciding(s, row)) || (!c->caller.admin && !c->caller.member))
		return false;
	res = resource_of(row->kind);
	return res && res->writable ? res->writable(s, &c->caller, row) : call_owns(&c->caller, row);
}

static int parse_id(enum kind kind, const char *text, struct uuid *ret)
{
	return shape_of(kind)->attrs[0].type == ATTR_HEXID ? hexid_parse(text, ret) : uuid_parse(text, ret);
}

static int find_seen(struct call *c, const struct snap *s, enum kind kind, const char *id,
		     const struct row **ret, struct err *err)
{
	const struct row *row = NULL;
	struct uuid u;

	if (parse_id(kind, id, &u) == 0)
		row = snap_get(s, kind, &u);
	if (!row || !call_sees(c, s, row))
		return call_not_found(kind, id, err);
	*ret = row;
	return 0;
}

int call_find(struct call *c, enum kind kind, const char *id, const struct row **ret, struct err *err)
{
	return find_seen(c, c->snap, kind, id, ret, err);
}

static int check_writable(struct verb *v, const struct row *row, struct err *err)
{
	if (call_may_write(v->c, v->t->work, row))
		return 0;
	return call_denied(v->c->req->method == HTTP_DELETE ? "delete" : "update", shape_of(row->kind)->name,
			   err);
}

int verb_find(struct verb *v, enum kind kind, const char *id, const struct row **ret, struct err *err)
{
	const struct row *row;
	int r = find_seen(v->c, v->t->work, kind, id, &row, err);

	if (r < 0 || (r = check_writable(v, row, err)) < 0)
		return r;
	*ret = row;
	return 0;
}

static int find_named(struct call *c, const struct snap *s, enum kind kind, const struct row **ret,
		      struct err *err)
{
	const struct attr *parent = shape_parent(shape_of(kind));
	const struct row *above, *row;
	int r;

	if (!parent)
		return find_seen(c, s, kind, c->arg[0], ret, err);
	if ((r = find_seen(c, s, parent->ref, c->arg[0], &above, err)) < 0 ||
	    (r = find_seen(c, s, kind, c->arg[1], &row, err)) < 0)
		return r;
	if (!uuid_eq(attr_at(parent, row), &above->id))
		return call_not_found(kind, c->arg[1], err);
	*ret = row;
	return 0;
}

int call_find_named(struct call *c, enum kind kind, const struct row **ret, struct err *err)
{
	return find_named(c, c->snap, kind, ret, err);
}

int verb_find_named(struct verb *v, enum kind kind, const struct row **ret, struct err *err)
{
	const struct row *row;
	int r = find_named(v->c, v->t->work, kind, &row, err);

	if (r < 0 || (r = check_writable(v, row, err)) < 0)
		return r;
	*ret = row;
	return 0;
}

int verb_ref(struct verb *v, enum kind kind, const struct uuid *id, const void **ret, struct err *err)
{
	const struct row *row = snap_get(v->t->work, kind, id);
	char text[UUID_TEXT];

	if (!row || !call_sees(v->c, v->t->work, row)) {
		if (shape_of(kind)->attrs[0].type == ATTR_HEXID)
			hexid_print(id, text);
		else
			uuid_print(id, text);
		return call_not_found(kind, text, err);
	}
	if (ret)
		*ret = row;
	return 0;
}
