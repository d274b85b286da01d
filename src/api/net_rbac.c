/* RBAC policies: what may be shared, who may share it, and who depends on it.
 * Hooks of the generic verbs, and what networks and other objects ask about them. */
#include "api/frame.h"
#include "api/net.h"
#include "api/rbac.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define GRANT_TEXT (UUID_TEXT + 256 + 1)

/* What can be shared. The rows of `users` depend on it: their projects lose something with a policy. */
static const struct shareable {
	const char *type;
	enum kind kind;
	enum index_id users;
	bool external; /* has access_as_external, too; its users are the routers' gateways */
} shareables[] = {
	{"network", KIND_NETWORK, IX_PORT_NETWORK, true},
	{"subnetpool", KIND_SUBNETPOOL, IX_SUBNET_POOL, false},
	{"address_scope", KIND_ADDRESS_SCOPE, IX_SUBNETPOOL_SCOPE, false},
	{"qos_policy", KIND_QOS_POLICY, IX_FLOATINGIP_POLICY, false},
};

static const struct shareable *shareable_of(enum kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(shareables); i++)
		if (shareables[i].kind == kind)
			return &shareables[i];
	return NULL;
}

const char *rbac_type(enum kind kind)
{
	const struct shareable *what = shareable_of(kind);

	return what ? what->type : NULL;
}

/* --- grants --- */

static const char *print_grant(const struct uuid *object_id, const char *target, char text[GRANT_TEXT])
{
	char id[UUID_TEXT];

	snprintf(text, GRANT_TEXT, "%s %.255s", uuid_print(object_id, id), target);
	return text;
}

/* The policy for this target and action; action NULL: any. */
static const struct rbac_policy *find_grant(const struct snap *s, const struct uuid *object_id,
					    const char *target, const char *action)
{
	const struct rbac_policy *p;
	char text[GRANT_TEXT];
	struct scan scan;

	p = scan_index(&scan, s, IX_RBAC_GRANT, print_grant(object_id, target, text), NULL);
	while (p && action && strcmp(p->action, action) != 0)
		p = scan_next(&scan);
	return p;
}

static bool is_granted(const struct snap *s, const struct uuid *object_id, const char *project_id,
		       const char *action)
{
	return (project_id && find_grant(s, object_id, project_id, action)) ||
	       find_grant(s, object_id, RBAC_ALL, action);
}

bool rbac_sees(const struct snap *s, const struct uuid *object_id, const char *project_id)
{
	return is_granted(s, object_id, project_id, NULL);
}

bool rbac_shares(const struct snap *s, const struct uuid *object_id, const char *project_id)
{
	return is_granted(s, object_id, project_id, RBAC_SHARED);
}

void rbac_show_shared(const struct call *c, const struct row *row, struct buf *out)
{
	buf_puts(out, rbac_shares(c->snap, &row->id, c->caller.actor.project_id) ? "true" : "false");
}

/* --- the object's attributes --- */

static const char *owner_of(const struct row *row)
{
	return *(const char *const *)attr_at(shape_attr(shape_of(row->kind), "project_id"), row);
}

static bool *flag_at(void *draft, const char *attr)
{
	const struct row *row = draft;

	return (bool *)(void *)((char *)draft + shape_attr(shape_of(row->kind), attr)->offset);
}

static bool flag_of(const void *row, const char *attr)
{
	return *flag_at((void *)(uintptr_t)row, attr);
}

/* One policy changes: `except` goes, `added` comes; either may be NULL. */
struct change_of {
	const struct rbac_policy *except, *added;
};

static bool counts(const struct change_of *c, const struct rbac_policy *p)
{
	return !c->except || !uuid_eq(&c->except->row.id, &p->row.id);
}

static bool shared_with_all(const struct snap *s, const struct uuid *object_id, const struct change_of *c)
{
	const struct rbac_policy *p = find_grant(s, object_id, RBAC_ALL, RBAC_SHARED);

	return (c->added && strcmp(c->added->action, RBAC_SHARED) == 0 &&
		strcmp(c->added->target_tenant, RBAC_ALL) == 0) ||
	       (p && counts(c, p));
}

static bool external_to_any(const struct snap *s, const struct uuid *object_id, const struct change_of *c)
{
	const struct rbac_policy *p;
	struct scan scan;

	if (c->added && strcmp(c->added->action, RBAC_EXTERNAL) == 0)
		return true;
	for (p = scan_index(&scan, s, IX_RBAC_OBJECT, object_id, NULL); p; p = scan_next(&scan))
		if (strcmp(p->action, RBAC_EXTERNAL) == 0 && counts(c, p))
			return true;
	return false;
}

/* What the object says of itself follows; its revision counts the change of a policy. */
static int settle(struct verb *v, const struct shareable *what, const struct uuid *object_id,
		  const struct change_of *c, struct err *err)
{
	const struct row *row = snap_get(net_snap(v), what->kind, object_id);
	void *draft;
	int r;

	if (!row)
		return 0;
	draft = txn_edit(v->t, row);
	*flag_at(draft, "shared") = shared_with_all(net_snap(v), object_id, c);
	if (what->external) {
		bool external = external_to_any(net_snap(v), object_id, c);

		v->touches_kernel |= external != flag_of(row, "router:external");
		*flag_at(draft, "router:external") = external;
		*flag_at(draft, "is_default") &= external;
		/* No address of it is a floating IP's any more. */
		if (!external && flag_of(row, "router:external") &&
		    (r = net_rest_end_all(v, IX_REST_NETWORK, object_id, err)) < 0)
			return r;
	}
	r = txn_put(v->t, draft, err);
	return r < 0 ? r : txn_touch(v->t, what->kind, object_id, err);
}

/* --- who depends on a policy --- */

/* Of each project that uses the object is asked whether it still may, when `except` has gone and `added` has
 * come.
 */
struct losing {
	const struct snap *s;
	const struct shareable *what;
	const struct row *object;
	const char *action, *from; /* whom the policy that goes is for */
	struct change_of change;
};

static bool still_granted(const struct losing *l, const char *target)
{
	const struct rbac_policy *p;
	char text[GRANT_TEXT];
	struct scan scan;

	p = scan_index(&scan, l->s, IX_RBAC_GRANT, print_grant(&l->object->id, target, text), NULL);
	for (; p; p = scan_next(&scan))
		if (strcmp(p->action, l->action) == 0 && counts(&l->change, p))
			return true;
	return l->change.added && strcmp(l->change.added->target_tenant, target) == 0;
}

static bool loses(const struct losing *l, const char *project)
{
	if (!*project || strcmp(project, owner_of(l->object)) == 0 ||
	    (strcmp(l->from, RBAC_ALL) != 0 && strcmp(l->from, project) != 0))
		return false;
	return !still_granted(l, project) && !still_granted(l, RBAC_ALL);
}

static bool router_loses(const struct losing *l, const struct row *port)
{
	const struct port *p = (const struct port *)port;
	const struct router *r = net_is_router_gateway(p) ? net_router_of(l->s, p) : NULL;

	return r && loses(l, r->project_id);
}

/* Routers whose gateways have the QoS policy are thousands at the most. */
static bool gateway_loses(const struct losing *l)
{
	const struct router *r;
	struct scan scan;

	for (r = scan_kind(&scan, l->s, KIND_ROUTER, NULL); r; r = scan_next(&scan))
		if (router_has_policy(r, &l->object->id) && loses(l, r->project_id))
			return true;
	return false;
}

static bool somebody_loses(const struct losing *l)
{
	bool external = strcmp(l->action, RBAC_EXTERNAL) == 0;
	const struct row *row;
	struct scan scan;

	for (row = scan_index(&scan, l->s, l->what->users, &l->object->id, NULL); row; row = scan_next(&scan))
		if (external ? router_loses(l, row) : loses(l, owner_of(row)))
			return true;
	return l->what->kind == KIND_QOS_POLICY && gateway_loses(l);
}

bool rbac_in_use(const struct snap *s, const struct row *object)
{
	const struct losing l = {
		.s = s,
		.what = shareable_of(object->kind),
		.object = object,
		.action = RBAC_SHARED,
		.from = RBAC_ALL,
		.change.except = find_grant(s, &object->id, RBAC_ALL, RBAC_SHARED),
	};

	return somebody_loses(&l);
}

int rbac_is_in_use(const struct uuid *object_id, const char *details, struct err *err)
{
	char id[UUID_TEXT];

	return err_api(
		err, 409, "RbacPolicyInUse",
		"RBAC policy on object %s cannot be removed because other objects depend on it.\nDetails: %s",
		uuid_print(object_id, id), details);
}

/* With its last policy a network is no longer external, which nothing may be in the way of. */
static bool is_last_of_used(const struct snap *s, const struct rbac_policy *p, const struct change_of *c)
{
	const struct port *port;
	struct scan scan;

	if (external_to_any(s, &p->object_id, c))
		return false;
	for (port = scan_index(&scan, s, IX_PORT_NETWORK, &p->object_id, NULL); port; port = scan_next(&scan))
		if (net_is_router_gateway(port))
			return true;
	return snap_find(s, IX_FLOATINGIP_NETWORK, &p->object_id);
}

static int check_loss(const struct snap *s, const struct shareable *what, const struct rbac_policy *p,
		      const struct rbac_policy *added, struct err *err)
{
	const struct losing l = {
		.s = s,
		.what = what,
		.object = snap_get(s, what->kind, &p->object_id),
		.action = p->action,
		.from = p->target_tenant,
		.change = {p, added},
	};
	bool external = strcmp(p->action, RBAC_EXTERNAL) == 0;

	if (!l.object)
		return 0;
	if (somebody_loses(&l) || (external && is_last_of_used(s, p, &l.change)))
		return rbac_is_in_use(
			&p->object_id,
			external ? "There are routers or floating IPs on this network that depend on "
				   "this policy for access."
				 : "Other projects use what this policy shares with them.",
			err);
	return 0;
}

/* --- verbs --- */

static int invalid(struct err *err, const char *why)
{
	return err_api(err, 400, "InvalidInput", "Invalid input for operation: %s.", why);
}

static int find_type(struct rbac_policy *p, const struct shareable **ret, struct err *err)
{
	char name[32];
	const char *start = p->object_type + strspn(p->object_type, " ");
	size_t len = strcspn(start, " ");

	snprintf(name, sizeof(name), "%.*s", (int)MIN(len, sizeof(name) - 1), start);
	for (char *c = name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	for (size_t i = 0; i < ARRAY_SIZE(shareables); i++)
		if (strcmp(shareables[i].type, name) == 0) {
			*ret = &shareables[i];
			p->object_type = shareables[i].type;
			return 0;
		}
	return err_api(err, 400, "InvalidInput",
		       "Invalid input for operation: '%.60s' is not a valid RBAC object type.",
		       p->object_type);
}

static int check_action(const struct rbac_policy *p, const struct shareable *what, struct err *err)
{
	if (strcmp(p->action, RBAC_SHARED) == 0 || (what->external && strcmp(p->action, RBAC_EXTERNAL) == 0))
		return 0;
	return err_api(err, 400, "InvalidActionForType",
		       "Invalid action '%.60s' for object type '%s'. Valid actions: ('%s'%s)", p->action,
		       what->type, RBAC_SHARED, what->external ? ", '" RBAC_EXTERNAL "'" : ",");
}

/* Who sees an object because it was shared with him does not share it with others. */
static int check_object(struct verb *v, const struct rbac_policy *p, const struct shareable *what,
			struct err *err)
{
	const struct row *row = snap_get(net_snap(v), what->kind, &p->object_id);
	char id[UUID_TEXT];

	if (!row || !call_sees(v->c, net_snap(v), row))
		return err_api(err, 400, "InvalidInput",
			       "Invalid input for operation: %s %s could not be found.", what->type,
			       uuid_print(&p->object_id, id));
	if (!net_owns(net_who(v), owner_of(row)))
		return invalid(err,
			       what->kind == KIND_NETWORK
				       ? "Only admins can manipulate policies on networks they do not own"
				       : "Only admins can manipulate policies on objects they do not own");
	return 0;
}

static int check_target(struct verb *v, const struct rbac_policy *p, const char *verb, struct err *err)
{
	if (!net_who(v)->admin && strcmp(p->target_tenant, RBAC_ALL) == 0)
		return call_denied(verb, "rbac_policy:target_tenant", err);
	return 0;
}

static int check_new(struct verb *v, const struct rbac_policy *p, struct err *err)
{
	const struct rbac_policy *same = find_grant(net_snap(v), &p->object_id, p->target_tenant, p->action);

	if (same && !uuid_eq(&same->row.id, &p->row.id))
		return err_api(err, 409, "DuplicateRbacPolicy",
			       "An RBAC policy already exists with those values.");
	return 0;
}

/* Who may take subnets from a pool has to see the scope that they are in. */
static int check_pools_scope(const struct snap *s, const struct rbac_policy *p, struct err *err)
{
	const struct subnetpool *pool = snap_get(s, KIND_SUBNETPOOL, &p->object_id);
	const struct address_scope *scope = pool && !uuid_is_null(&pool->address_scope_id)
						    ? snap_get(s, KIND_ADDRESS_SCOPE, &pool->address_scope_id)
						    : NULL;
	char id[UUID_TEXT];

	if (!scope || strcmp(scope->project_id, p->target_tenant) == 0 ||
	    rbac_shares(s, &scope->row.id, strcmp(p->target_tenant, RBAC_ALL) == 0 ? NULL : p->target_tenant))
		return 0;
	return err_api(err, 400, "InvalidInput",
		       "Invalid input for operation: Failed to create RBAC policy on object %s because "
		       "target project "
		       "doesn't have access to associated address scope.",
		       uuid_print(&p->object_id, id));
}

static void set_grant(struct verb *v, struct rbac_policy *p)
{
	char text[GRANT_TEXT];

	p->grant = talloc_strdup(v->t->region, print_grant(&p->object_id, p->target_tenant, text));
}

static int policy_create(struct verb *v, void *draft, struct err *err)
{
	struct rbac_policy *p = draft;
	const struct shareable *what = NULL;
	int r;

	if ((r = find_type(p, &what, err)) < 0 || (r = check_target(v, p, "create", err)) < 0 ||
	    (r = check_object(v, p, what, err)) < 0 || (r = check_action(p, what, err)) < 0 ||
	    (r = check_pools_scope(net_snap(v), p, err)) < 0 || (r = check_new(v, p, err)) < 0)
		return r;
	set_grant(v, p);
	return settle(v, what, &p->object_id, &(struct change_of){.added = p}, err);
}

static const struct shareable *type_of(const struct rbac_policy *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(shareables); i++)
		if (strcmp(shareables[i].type, p->object_type) == 0)
			return &shareables[i];
	return &shareables[0]; /* none other is stored */
}

static int policy_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct rbac_policy *was = old;
	struct rbac_policy *p = draft;
	const struct shareable *what = type_of(was);
	int r;

	if (strcmp(was->target_tenant, p->target_tenant) == 0)
		return 0;
	if ((r = check_target(v, p, "update", err)) < 0 || (r = check_object(v, p, what, err)) < 0 ||
	    (r = check_loss(net_snap(v), what, was, p, err)) < 0 || (r = check_new(v, p, err)) < 0)
		return r;
	set_grant(v, p);
	return settle(v, what, &p->object_id, &(struct change_of){was, p}, err);
}

static int policy_remove(struct verb *v, const void *row, struct err *err)
{
	const struct rbac_policy *p = row;
	const struct shareable *what = type_of(p);
	int r = check_loss(net_snap(v), what, p, NULL, err);

	return r < 0 ? r : settle(v, what, &p->object_id, &(struct change_of){.except = p}, err);
}

const struct resource rbac_policy_resource = {
	.kind = KIND_RBAC_POLICY,
	.quota = KIND_RBAC_POLICY,
	.create = policy_create,
	.update = policy_update,
	.remove = policy_remove,
};

/* --- policies that follow from an object's attributes --- */

static int put_policy(struct txn *t, const struct row *object, const char *action, struct err *err)
{
	struct rbac_policy *p;
	char text[GRANT_TEXT];

	if (find_grant(t->work, &object->id, RBAC_ALL, action))
		return 0;
	p = txn_new(t, KIND_RBAC_POLICY);
	p->project_id = owner_of(object);
	p->object_type = rbac_type((enum kind)object->kind);
	p->object_id = object->id;
	p->action = action;
	p->target_tenant = RBAC_ALL;
	p->grant = talloc_strdup(t->region, print_grant(&object->id, RBAC_ALL, text));
	return txn_put(t, p, err);
}

/* Those of one action; target NULL: whomever they are for. */
static int drop_policies(struct txn *t, const struct uuid *object_id, const char *action, const char *target,
			 struct err *err)
{
	const struct rbac_policy *p;
	struct scan scan;
	int r = 0;

	/* Each look-up is a new one: a scan does not survive a change of its tree. */
	do {
		p = scan_index(&scan, t->work, IX_RBAC_OBJECT, object_id, NULL);
		while (p && ((action && strcmp(p->action, action) != 0) ||
			     (target && strcmp(p->target_tenant, target) != 0)))
			p = scan_next(&scan);
		if (p)
			r = txn_del(t, KIND_RBAC_POLICY, &p->row.id, err);
	} while (p && r == 0);
	return r;
}

int rbac_follow(struct verb *v, const void *old, const void *draft, struct err *err)
{
	const struct row *row = draft;
	bool was = old && flag_of(old, "shared"), is = flag_of(draft, "shared");
	int r = 0;

	if (is && !was)
		r = put_policy(v->t, row, RBAC_SHARED, err);
	else if (was && !is)
		r = drop_policies(v->t, &row->id, RBAC_SHARED, RBAC_ALL, err);
	if (r < 0 || !shareable_of((enum kind)row->kind)->external)
		return r;
	was = old && flag_of(old, "router:external");
	is = flag_of(draft, "router:external");
	if (is && !was)
		return put_policy(v->t, row, RBAC_EXTERNAL, err);
	return was && !is ? drop_policies(v->t, &row->id, RBAC_EXTERNAL, NULL, err) : 0;
}

int rbac_forget(struct verb *v, const struct uuid *object_id, struct err *err)
{
	return drop_policies(v->t, object_id, NULL, NULL, err);
}

/* --- databases from before --- */

static bool lacks(const struct snap *s, const struct row *row, const char *action)
{
	return strcmp(action, RBAC_SHARED) == 0 ? !find_grant(s, &row->id, RBAC_ALL, RBAC_SHARED)
						: !external_to_any(s, &row->id, &(struct change_of){0});
}

/* One network that says of itself what no policy says. They are few, and found once. */
static const struct row *find_network_without(const struct snap *s, enum index_id index, const char *action)
{
	static const bool yes = true;
	const struct row *row;
	struct scan scan;

	for (row = scan_index(&scan, s, index, &yes, NULL); row; row = scan_next(&scan))
		if (lacks(s, row, action))
			return row;
	return NULL;
}

static const struct row *find_policy_without(const struct snap *s)
{
	const struct qos_policy *p;
	struct scan scan;

	for (p = scan_kind(&scan, s, KIND_QOS_POLICY, NULL); p; p = scan_next(&scan))
		if (p->shared && lacks(s, &p->row, RBAC_SHARED))
			return &p->row;
	return NULL;
}

static int complete(struct txn *t, void *arg, struct err *err)
{
	const struct row *row;
	int r = 0;

	while (r == 0 && (row = find_network_without(t->work, IX_NETWORK_SHARED, RBAC_SHARED)))
		r = put_policy(t, row, RBAC_SHARED, err);
	while (r == 0 && (row = find_network_without(t->work, IX_NETWORK_EXTERNAL, RBAC_EXTERNAL)))
		r = put_policy(t, row, RBAC_EXTERNAL, err);
	while (r == 0 && (row = find_policy_without(t->work)))
		r = put_policy(t, row, RBAC_SHARED, err);
	return r;
}

int rbac_complete(struct ledger *ledger, struct err *err)
{
	const struct actor actor = {.user_name = "buoyd", .request_id = "upgrade", .admin = true};
	void *region = talloc_new(NULL);
	int r = ledger_write_sync(ledger, region, &actor, "upgrade", complete, NULL, err);

	talloc_free(region);
	return r;
}
