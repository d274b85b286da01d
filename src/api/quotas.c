/* Quotas: how many of each a project may have, and how many it has.
 * A project has the limits of its own row, or those of the configuration; verb_quota is asked by every
 * creation. */
#include "api/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* The kinds that are counted; their limits are the attributes of the same name. */
static const enum kind counted[] = {KIND_NETWORK,    KIND_SUBNET,     KIND_PORT,       KIND_ROUTER,
				    KIND_FLOATINGIP, KIND_SUBNETPOOL, KIND_RBAC_POLICY};

int64_t quota_default_limit(const struct quota_limits *q, enum kind kind)
{
	switch ((int)kind) {
	case KIND_NETWORK:
		return q->network;
	case KIND_SUBNET:
		return q->subnet;
	case KIND_PORT:
		return q->port;
	case KIND_ROUTER:
		return q->router;
	case KIND_FLOATINGIP:
		return q->floatingip;
	case KIND_SUBNETPOOL:
		return q->subnetpool;
	case KIND_RBAC_POLICY:
		return q->rbac_policy;
	}
	return -1;
}

static int64_t *limit_at(struct quota *row, enum kind kind)
{
	const struct attr *a = shape_attr(shape_of(KIND_QUOTA), shape_of(kind)->name);

	return (int64_t *)(void *)((char *)row + a->offset);
}

int64_t quota_limit(const struct api *api, const struct snap *s, const char *project_id, enum kind kind)
{
	const struct quota *row = snap_find(s, IX_QUOTA_PROJECT, project_id);

	return row ? *limit_at((struct quota *)(uintptr_t)row, kind)
		   : quota_default_limit(&api->config.quota, kind);
}

int verb_quota(struct verb *v, enum kind kind, const char *project_id, int64_t add, struct err *err)
{
	int64_t limit = quota_limit(v->c->api, v->t->work, project_id, kind);

	if (limit < 0 || snap_usage(v->t->work, kind, project_id) + add <= limit)
		return 0;
	return err_api(err, 409, "OverQuota", "Quota exceeded for resources: ['%s'].", shape_of(kind)->name);
}

/* --- reading --- */

/* A member sees its own project's numbers only. */
static int check_project(const struct call *c, const char *project_id, struct err *err)
{
	const char *own = c->caller.actor.project_id;

	if (c->caller.admin || (own && strcmp(own, project_id) == 0))
		return 0;
	return call_denied("get", "quota", err);
}

static void print_limits(struct call *c, const char *project_id, bool defaults)
{
	struct buf *b = &c->resp->body;

	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		buf_printf(b, "%s\"%s\":%" PRId64, i ? "," : "", shape_of(counted[i])->name,
			   defaults ? quota_default_limit(&c->api->config.quota, counted[i])
				    : quota_limit(c->api, c->snap, project_id, counted[i]));
}

static int show(struct call *c, bool defaults, struct err *err)
{
	int r = check_project(c, c->arg[0], err);

	if (r < 0)
		return r;
	buf_puts(&c->resp->body, "{\"quota\":{");
	print_limits(c, c->arg[0], defaults);
	buf_puts(&c->resp->body, "}}");
	return 0;
}

static int quota_show(struct call *c, struct err *err)
{
	return show(c, false, err);
}

static int quota_default(struct call *c, struct err *err)
{
	return show(c, true, err);
}

static int quota_details(struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;
	int r = check_project(c, c->arg[0], err);

	if (r < 0)
		return r;
	buf_puts(b, "{\"quota\":{");
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		buf_printf(b, "%s\"%s\":{\"limit\":%" PRId64 ",\"used\":%" PRId64 ",\"reserved\":0}",
			   i ? "," : "", shape_of(counted[i])->name,
			   quota_limit(c->api, c->snap, c->arg[0], counted[i]),
			   snap_usage(c->snap, counted[i], c->arg[0]));
	buf_puts(b, "}}");
	return 0;
}

static int quota_list(struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;
	const struct quota *row;
	struct scan scan;
	const char *separator = "";

	buf_puts(b, "{\"quotas\":[");
	for (row = scan_kind(&scan, c->snap, KIND_QUOTA, NULL); row; row = scan_next(&scan)) {
		buf_printf(b, "%s{", separator);
		print_limits(c, row->project_id, false);
		buf_puts(b, ",\"project_id\":");
		buf_json_str(b, row->project_id);
		buf_puts(b, ",\"tenant_id\":");
		buf_json_str(b, row->project_id);
		buf_putc(b, '}');
		separator = ",";
	}
	buf_puts(b, "]}");
	return 0;
}

/* Clients ask which project they are. */
static int own_project(struct call *c, const char *outer, const char *inner)
{
	buf_printf(&c->resp->body, "{\"%s\":{\"%s\":", outer, inner);
	buf_json_str(&c->resp->body, c->caller.actor.project_id);
	buf_puts(&c->resp->body, "}}");
	return 0;
}

static int quota_tenant(struct call *c, struct err *err)
{
	return own_project(c, "tenant", "tenant_id");
}

static int quota_project(struct call *c, struct err *err)
{
	return own_project(c, "project", "project_id");
}

/* --- writing --- */

static struct quota *new_row(struct verb *v, const char *project_id)
{
	struct quota *q = txn_new(v->t, KIND_QUOTA);

	q->project_id = project_id;
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		*limit_at(q, counted[i]) = quota_default_limit(&v->c->api->config.quota, counted[i]);
	return q;
}

/* Whether the limits that were given leave room for what is used already. */
static int check_usage(struct verb *v, const struct quota *row, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++) {
		const char *name = shape_of(counted[i])->name;
		int64_t limit = *limit_at((struct quota *)(uintptr_t)row, counted[i]);
		int64_t used = snap_usage(v->t->work, counted[i], row->project_id);

		if (verb_given(v, KIND_QUOTA, name) && limit >= 0 && used > limit)
			return err_api(err, 400, "HTTPBadRequest",
				       "Quota limit %" PRId64
				       " for %s must be greater than or equal to already used %" PRId64,
				       limit, name, used);
	}
	return 0;
}

int quota_write(struct verb *v, const char *project_id, const json_t *json, bool check, struct err *err)
{
	const struct quota *old = snap_find(v->t->work, IX_QUOTA_PROJECT, project_id);
	struct quota *draft = old ? txn_edit(v->t, old) : new_row(v, project_id);
	int r = decode_given(shape_of(KIND_QUOTA), json, DECODE_PUT, v->c->caller.admin, v->t->region, draft,
			     &v->given, err);

	if (r == 0 && check)
		r = check_usage(v, draft, err);
	return r < 0 ? r : txn_put(v->t, draft, err);
}

/* A PUT: the limits, and whether they are to be compared with what is used. */
struct quota_put {
	json_t *limits;
	bool check;
};

static int write_quota(struct verb *v, void *arg, struct err *err)
{
	const struct quota_put *put = arg;

	return quota_write(v, v->c->arg[0], put->limits, put->check, err);
}

/* Takes a member that says how to set limits out of the body. */
static int take_switch(json_t *json, const char *name, bool *ret, struct err *err)
{
	json_t *value = json_object_get(json, name);
	const char *text = json_string_value(value);

	if (!value)
		return 0;
	if (!json_is_boolean(value) &&
	    !(text && (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0)))
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for %s. Reason: it is not a boolean.", name);
	*ret = json_is_true(value) || (text && strcasecmp(text, "true") == 0);
	json_object_del(json, name);
	return 0;
}

static int reply_quota(struct call *c, struct err *err)
{
	return show(c, false, err);
}

static int quota_update(struct call *c, struct err *err)
{
	struct quota_put *put = talloc_zero(c->req->region, struct quota_put);
	bool force = false;
	json_t *body, *json;
	int r = call_body(c, &body, err);

	if (r < 0)
		return r;
	put->limits = json = json_object_get(body, "quota");
	if (!json_is_object(json))
		return err_api(err, 400, "HTTPBadRequest", "Unable to find 'quota' in request body");
	if (strlen(c->arg[0]) > 255)
		return err_api(err, 400, "HTTPBadRequest", "The project's id is too long");
	/* Not to look at what is used is what happens anyway. */
	if ((r = take_switch(json, "force", &force, err)) < 0 ||
	    (r = take_switch(json, "check_limit", &put->check, err)) < 0)
		return r;
	return call_write(c, write_quota, put, reply_quota, err);
}

static int remove_quota(struct verb *v, void *arg, struct err *err)
{
	const struct quota *old = snap_find(v->t->work, IX_QUOTA_PROJECT, v->c->arg[0]);
	struct uuid id;

	if (!old)
		return err_api(err, 404, "TenantQuotaNotFound", "Quota for tenant %.255s could not be found.",
			       v->c->arg[0]);
	id = old->row.id;
	return txn_del(v->t, KIND_QUOTA, &id, err);
}

static int reply_removed(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

static int quota_delete(struct call *c, struct err *err)
{
	return call_write(c, remove_quota, NULL, reply_removed, err);
}

#define QUOTA(method, path, fn, flags, ...)                                                                  \
	{                                                                                                    \
		HTTP_##method, "/v2.0/quotas" path, fn, flags, FAMILY_NETWORK, "quotas", KIND_QUOTA,         \
			__VA_ARGS__                                                                          \
	}

const struct route quota_routes[] = {
	QUOTA(GET, "", quota_list, ROUTE_ADMIN, "Lists projects that have limits of their own"),
	QUOTA(GET, "/tenant", quota_tenant, 0, "Shows which project the token belongs to"),
	QUOTA(GET, "/project", quota_project, 0, "Shows which project the token belongs to"),
	QUOTA(GET, "/{}", quota_show, 0, "Shows a project's limits"),
	QUOTA(PUT, "/{}", quota_update, ROUTE_ADMIN, "Changes a project's limits"),
	QUOTA(DELETE, "/{}", quota_delete, ROUTE_ADMIN, "Gives a project the default limits again"),
	QUOTA(GET, "/{}/default", quota_default, 0, "Shows the default limits"),
	QUOTA(GET, "/{}/details", quota_details, 0, "Shows a project's limits and what it uses of them"),
	{0},
};
