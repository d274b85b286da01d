/* Limits, quota sets and usage: numbers for dashboards. Buoy counts floating IPs and registered servers; the
 * rest has no limit because there is none of it. Route functions of the compute API; the floating IPs' quota
 * is the network API's. */
#include "api/compute.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* --- the numbers --- */

enum number { NO_LIMIT, SERVERS, FLOATING_IPS };

static const struct quota_item {
	const char *name;
	enum number number;
	unsigned until; /* the last microversion that shows it */
} items[] = {
	{"instances", SERVERS, 99},
	{"cores", NO_LIMIT, 99},
	{"ram", NO_LIMIT, 99},
	{"metadata_items", NO_LIMIT, 99},
	{"key_pairs", NO_LIMIT, 99},
	{"server_groups", NO_LIMIT, 99},
	{"server_group_members", NO_LIMIT, 99},
	{"injected_files", NO_LIMIT, 56},
	{"injected_file_content_bytes", NO_LIMIT, 56},
	{"injected_file_path_bytes", NO_LIMIT, 56},
	{"floating_ips", FLOATING_IPS, 35},
	{"fixed_ips", NO_LIMIT, 35},
	{"security_groups", NO_LIMIT, 35},
	{"security_group_rules", NO_LIMIT, 35},
};

static int64_t limit_of(const struct call *c, enum number n, const char *project_id, bool defaults)
{
	switch (n) {
	case SERVERS:
		return COMPUTE_MAX_SERVERS;
	case FLOATING_IPS:
		return defaults ? quota_default_limit(&c->api->config.quota, KIND_FLOATINGIP)
				: quota_limit(c->api, c->snap, project_id, KIND_FLOATINGIP);
	case NO_LIMIT:
		break;
	}
	return -1;
}

static int64_t used_of(const struct call *c, enum number n, const char *project_id)
{
	if (n == NO_LIMIT)
		return 0;
	return snap_usage(c->snap, n == SERVERS ? KIND_SERVER : KIND_FLOATINGIP, project_id);
}

/* A member sees its own project's numbers only. */
static int check_project(const struct call *c, const char *project_id, const char *rule, struct err *err)
{
	const char *own = c->caller.actor.project_id;

	if (c->caller.admin || (own && strcmp(own, project_id) == 0))
		return 0;
	return err_api(err, 403, "Forbidden", "Policy doesn't allow %s to be performed.", rule);
}

/* --- quota sets --- */

enum shown { LIMITS, DETAILS, DEFAULTS };

static void print_set(struct call *c, const char *project_id, enum shown what)
{
	struct buf *b = &c->resp->body;

	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		int64_t limit = limit_of(c, items[i].number, project_id, what == DEFAULTS);

		if (c->microversion > items[i].until)
			continue;
		buf_json_key(b, items[i].name);
		if (what == DETAILS)
			buf_printf(b, "{\"limit\":%" PRId64 ",\"in_use\":%" PRId64 ",\"reserved\":0}", limit,
				   used_of(c, items[i].number, project_id));
		else
			buf_json_int(b, limit);
	}
}

static int show_set(struct call *c, const char *outer, enum shown what, bool with_id, struct err *err)
{
	int r = check_project(c, c->arg[0], "os_compute_api:os-quota-sets:show", err);

	if (r < 0)
		return r;
	buf_printf(&c->resp->body, "{\"%s\":{", outer);
	if (with_id)
		buf_json_member(&c->resp->body, "id", c->arg[0]);
	print_set(c, c->arg[0], what);
	buf_puts(&c->resp->body, "}}");
	return 0;
}

int compute_quota(struct call *c, struct err *err)
{
	return show_set(c, "quota_set", LIMITS, true, err);
}

int compute_quota_detail(struct call *c, struct err *err)
{
	return show_set(c, "quota_set", DETAILS, true, err);
}

int compute_quota_defaults(struct call *c, struct err *err)
{
	return show_set(c, "quota_set", DEFAULTS, true, err);
}

int compute_quota_class(struct call *c, struct err *err)
{
	buf_puts(&c->resp->body, "{\"quota_class_set\":{");
	buf_json_member(&c->resp->body, "id", c->arg[0]);
	print_set(c, c->arg[0], DEFAULTS);
	buf_puts(&c->resp->body, "}}");
	return 0;
}

/* --- writing: the floating IPs' quota --- */

static int write_floating(struct verb *v, void *arg, struct err *err)
{
	json_t *json = json_pack("{s:O}", "floatingip", (json_t *)arg);
	int r = quota_write(v, v->c->arg[0], json, false, err);

	json_decref(json);
	return r;
}

static int reply_set(struct call *c, struct err *err)
{
	return show_set(c, "quota_set", LIMITS, false, err);
}

static int check_known(const struct call *c, const json_t *set, struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(
		(json_t *)(uintptr_t)set, key,
		value) if (strcmp(key, "force") != 0 && strcmp(key, "tenant_id") != 0 &&
			   (strcmp(key, "floating_ips") != 0 ||
			    c->microversion >
				    35)) return err_api(err, 400, "HTTPBadRequest",
							"Buoy has no quota for %.60s: of this API's quotas "
							"there is floating_ips, "
							"up to 2.35; the others are at /v2.0/quotas.",
							key);
	return 0;
}

int compute_quota_update(struct call *c, struct err *err)
{
	json_t *set, *value;
	int r = compute_object(c, "quota_set", &set, err);

	if (r < 0 || (r = check_known(c, set, err)) < 0)
		return r;
	value = json_object_get(set, "floating_ips");
	if (!value)
		return reply_set(c, err);
	if (strlen(c->arg[0]) > 255)
		return err_api(err, 400, "HTTPBadRequest", "The project's id is too long");
	if (!json_is_integer(value))
		return err_api(
			err, 400, "HTTPBadRequest",
			"Invalid input for field/attribute floating_ips. It is not of type 'integer'.");
	return call_write(c, write_floating, value, reply_set, err);
}

static int write_default(struct verb *v, void *arg, struct err *err)
{
	json_t *value;
	int r;

	if (!snap_find(v->t->work, IX_QUOTA_PROJECT, v->c->arg[0]))
		return 0;
	value = json_integer(quota_default_limit(&v->c->api->config.quota, KIND_FLOATINGIP));
	r = write_floating(v, value, err);
	json_decref(value);
	return r;
}

int compute_quota_reset(struct call *c, struct err *err)
{
	return call_write(c, write_default, NULL, compute_accepted, err);
}

/* --- limits --- */

static const struct limit_item {
	const char *limit, *used; /* NULL: not shown */
	enum number number;
	unsigned until;
} limits[] = {
	{"maxTotalInstances", "totalInstancesUsed", SERVERS, 99},
	{"maxTotalCores", "totalCoresUsed", NO_LIMIT, 99},
	{"maxTotalRAMSize", "totalRAMUsed", NO_LIMIT, 99},
	{"maxServerGroups", "totalServerGroupsUsed", NO_LIMIT, 99},
	{"maxServerGroupMembers", NULL, NO_LIMIT, 99},
	{"maxTotalKeypairs", NULL, NO_LIMIT, 99},
	{"maxServerMeta", NULL, NO_LIMIT, 99},
	{"maxPersonality", NULL, NO_LIMIT, 56},
	{"maxPersonalitySize", NULL, NO_LIMIT, 56},
	{"maxImageMeta", NULL, NO_LIMIT, 38},
	{"maxTotalFloatingIps", "totalFloatingIpsUsed", FLOATING_IPS, 35},
	{"maxSecurityGroups", "totalSecurityGroupsUsed", NO_LIMIT, 35},
	{"maxSecurityGroupRules", NULL, NO_LIMIT, 35},
};

int compute_limits(struct call *c, struct err *err)
{
	const char *asked = http_param(c->req, "tenant_id"), *own = c->caller.actor.project_id;
	const char *project_id = asked && *asked ? asked : own ? own : "";
	struct buf *b = &c->resp->body;
	int r = check_project(c, project_id, "os_compute_api:limits:other_project", err);

	if (r < 0)
		return r;
	buf_puts(b, "{\"limits\":{\"rate\":[],\"absolute\":{");
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		if (c->microversion > limits[i].until)
			continue;
		buf_json_key(b, limits[i].limit);
		buf_json_int(b, limit_of(c, limits[i].number, project_id, false));
		if (!limits[i].used)
			continue;
		buf_json_key(b, limits[i].used);
		buf_json_int(b, used_of(c, limits[i].number, project_id));
	}
	buf_puts(b, "}}}");
	return 0;
}
