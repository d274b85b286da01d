/* QoS policies and their bandwidth limits: who may make them, one limit for each direction, what is in use.
 * Hooks of the generic verbs, and the routes of the rule types. What a limit does is the planner's
 * (plan_fip.c). */
#include "api/frame.h"
#include "api/net.h"
#include "api/rbac.h"

#include <string.h>

#define RULE_TYPE "bandwidth_limit"

/* --- policies --- */

static bool policy_visible(const struct snap *s, const struct caller *who, const struct row *row)
{
	const struct qos_policy *p = (const struct qos_policy *)row;

	return p->shared || net_owns(who, p->project_id) || rbac_sees(s, &row->id, who->actor.project_id);
}

/* A limit that its project could lift would be none. */
static bool policy_writable(const struct snap *s, const struct caller *who, const struct row *row)
{
	return who->admin;
}

/* Administrators make policies, a few in a cloud's life: walking all of them is cheap enough. */
static int check_default(struct verb *v, const struct qos_policy *p, struct err *err)
{
	const struct qos_policy *other;
	struct scan scan;

	if (!p->is_default)
		return 0;
	for (other = scan_kind(&scan, net_snap(v), KIND_QOS_POLICY, NULL); other; other = scan_next(&scan))
		if (other->is_default && !uuid_eq(&other->row.id, &p->row.id) &&
		    strcmp(other->project_id, p->project_id) == 0)
			return err_api(err, 409, "QoSPolicyDefaultAlreadyExists",
				       "A default QoS policy exists for project %s.", p->project_id);
	return 0;
}

static int policy_create(struct verb *v, void *draft, struct err *err)
{
	int r;

	if (!net_who(v)->admin)
		return call_denied("create", "policy", err);
	r = rbac_follow(v, NULL, draft, err);
	return r < 0 ? r : check_default(v, draft, err);
}

/* The next router after `after` (NULL: the first) one of whose gateways has the policy. Routers are thousands
 * at the most, and asked about when an administrator changes a policy. */
static const struct router *next_router(const struct snap *s, const struct uuid *policy_id,
					const struct router *after)
{
	const struct router *r;
	struct scan scan;

	for (r = scan_kind(&scan, s, KIND_ROUTER, after ? &after->row.id : NULL); r; r = scan_next(&scan))
		if (router_has_policy(r, policy_id))
			return r;
	return NULL;
}

/* A policy that others' floating IPs have stays shared. */
static int policy_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct qos_policy *was = old, *p = draft;
	int r;

	if (was->shared && !p->shared && rbac_in_use(net_snap(v), &was->row))
		return rbac_is_in_use(&p->row.id, "Other projects use it.", err);
	r = rbac_follow(v, was, p, err);
	return r < 0 ? r : check_default(v, p, err);
}

static int policy_remove(struct verb *v, const void *row, struct err *err)
{
	const struct uuid *id = &((const struct row *)row)->id;
	const struct row *user = snap_find(net_snap(v), IX_FLOATINGIP_POLICY, id), *rule;
	const struct router *router = user ? NULL : next_router(net_snap(v), id, NULL);
	char policy[UUID_TEXT], used_by[UUID_TEXT];
	int r = 0;

	if (router)
		user = &router->row;
	if (user)
		return err_api(err, 409, "QosPolicyInUse", "QoS Policy %s is used by %s %s.",
			       uuid_print(id, policy), router ? "router" : "floatingip",
			       uuid_print(&user->id, used_by));
	/* Each look-up is a new one: a scan does not survive a change of its tree. */
	while (r == 0 && (rule = snap_find(net_snap(v), IX_RULE_POLICY, id)))
		r = txn_del(v->t, KIND_QOS_RULE, &rule->id, err);
	return r < 0 ? r : rbac_forget(v, id, err);
}

static void print_rule(const struct qos_rule *rule, struct buf *out)
{
	char id[UUID_TEXT], policy[UUID_TEXT];

	buf_printf(out,
		   "{\"id\":\"%s\",\"qos_policy_id\":\"%s\",\"type\":\"" RULE_TYPE "\",\"max_kbps\":%lld,"
		   "\"max_burst_kbps\":%lld,\"direction\":\"%s\"}",
		   uuid_print(&rule->row.id, id), uuid_print(&rule->qos_policy_id, policy),
		   (long long)rule->max_kbps, (long long)rule->max_burst_kbps, rule->direction);
}

static void print_rules(const struct call *c, const struct row *row, struct buf *out)
{
	const struct qos_rule *rule;
	const char *comma = "";
	struct scan scan;

	buf_putc(out, '[');
	for (rule = scan_index(&scan, c->snap, IX_RULE_POLICY, &row->id, NULL); rule;
	     rule = scan_next(&scan)) {
		buf_puts(out, comma);
		print_rule(rule, out);
		comma = ",";
	}
	buf_putc(out, ']');
}

static void policy_show(void *arg, const struct attr *attr, const struct row *row, struct buf *out)
{
	if (strcmp(attr->name, "shared") == 0)
		rbac_show_shared(arg, row, out);
	else
		print_rules(arg, row, out);
}

const struct resource qos_policy_resource = {
	.kind = KIND_QOS_POLICY,
	.visible = policy_visible,
	.writable = policy_writable,
	.create = policy_create,
	.update = policy_update,
	.remove = policy_remove,
	.show = policy_show,
};

/* --- rules --- */

static int check_rule(struct verb *v, const struct qos_rule *rule, struct err *err)
{
	const struct qos_rule *other;
	char id[UUID_TEXT], policy[UUID_TEXT];
	struct scan scan;

	for (other = scan_index(&scan, net_snap(v), IX_RULE_POLICY, &rule->qos_policy_id, NULL); other;
	     other = scan_next(&scan))
		if (!uuid_eq(&other->row.id, &rule->row.id) && strcmp(other->direction, rule->direction) == 0)
			return err_api(
				err, 409, "QoSRulesConflict",
				"Rule " RULE_TYPE " conflicts with rule %s which already exists in QoS "
				"Policy %s.",
				uuid_print(&other->row.id, id), uuid_print(&rule->qos_policy_id, policy));
	return 0;
}

/* The answer waits for the kernel when there is anything for it to do. */
static void note_users(struct verb *v, const struct qos_rule *rule)
{
	v->touches_kernel |= snap_find(net_snap(v), IX_FLOATINGIP_POLICY, &rule->qos_policy_id) ||
			     next_router(net_snap(v), &rule->qos_policy_id, NULL);
}

static int rule_create(struct verb *v, void *draft, struct err *err)
{
	note_users(v, draft);
	return check_rule(v, draft, err);
}

static int rule_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	return rule_create(v, draft, err);
}

static int rule_remove(struct verb *v, const void *row, struct err *err)
{
	note_users(v, row);
	return 0;
}

const struct resource qos_rule_resource = {
	.kind = KIND_QOS_RULE,
	.admin_creates = true,
	.create = rule_create,
	.update = rule_update,
	.remove = rule_remove,
};

/* --- rule types --- */

static int list_rule_types(struct call *c, struct err *err)
{
	buf_puts(&c->resp->body, "{\"rule_types\":[{\"type\":\"" RULE_TYPE "\"}]}");
	return 0;
}

static void print_range(struct buf *b, const char *name)
{
	const struct attr *a = shape_attr(shape_of(KIND_QOS_RULE), name);

	buf_printf(b,
		   "{\"parameter_name\":\"%s\",\"parameter_type\":\"range\",\"parameter_values\":{\"start\":%"
		   "lld,"
		   "\"end\":%lld}},",
		   name, (long long)a->min, (long long)a->max);
}

static int show_rule_type(struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;

	if (strcmp(c->arg[0], RULE_TYPE) != 0)
		return err_api(err, 404, "QosRuleTypeNotFound", "QoS rule type %.100s could not be found.",
			       c->arg[0]);
	buf_puts(b, "{\"rule_type\":{\"type\":\"" RULE_TYPE
		    "\",\"drivers\":[{\"name\":\"buoy\",\"supported_parameters\":[");
	print_range(b, "max_kbps");
	print_range(b, "max_burst_kbps");
	buf_puts(b, "{\"parameter_name\":\"direction\",\"parameter_type\":\"choices\","
		    "\"parameter_values\":[\"ingress\",\"egress\"]}]}]}}");
	return 0;
}

const struct route qos_routes[] = {
	{HTTP_GET, "/v2.0/qos/rule-types", list_rule_types, 0, FAMILY_NETWORK, "rule_types", KIND_NONE,
	 "Lists the types of rules"},
	{HTTP_GET, "/v2.0/qos/rule-types/{}", show_rule_type, ROUTE_ADMIN, FAMILY_NETWORK, "rule_types",
	 KIND_NONE, "Shows a type of rules"},
	{0},
};
