/* Auto-allocated topologies: a network with subnets from the default subnet pools, behind a router with a
 * gateway on the default external network. Made whole, in one write, when a project asks for its own; there
 * is one of each project. GET and DELETE /v2.0/auto-allocated-topology/<project>.
 *
 * A network's auto_router_id says that it is one, and goes with it. */
#include "api/frame.h"
#include "api/identity.h"
#include "api/net.h"

#include <string.h>
#include <talloc.h>

#define DRY_RUN "dry-run"

/* In the request's region. */
struct topology {
	const char *project_id;
	struct uuid network_id;
};

static int failed(struct err *err, const char *why)
{
	return err_api(err, 409, "AutoAllocationFailure", "Deployment error: %s.", why);
}

/* What is wrong with the deployment, not with the project's limits, is told in one sentence. */
static int made_or_failed(int r, const char *why, struct err *err)
{
	bool deployment =
		err->status == 400 || err->status == 404 || strcmp(err->type, "SubnetAllocationError") == 0;

	return r < 0 && deployment ? failed(err, why) : r;
}

/* --- whose --- */

static int read_topology(struct call *c, struct topology **ret, struct err *err)
{
	struct topology *t = talloc_zero(c->req->region, struct topology);
	const char *own = c->caller.actor.project_id, *named = c->arg[0];

	/* Some clients have no project to name. */
	t->project_id = strcmp(named, "null") == 0 || strcmp(named, "None") == 0 ? own : named;
	if (!t->project_id)
		return err_api(err, 403, "PolicyNotAuthorized",
			       "The token belongs to no project, so the request has to name one");
	if (!net_owns(&c->caller, t->project_id))
		return err_api(err, 403, "NotAuthorized", "Not authorized.");
	c->state = t;
	*ret = t;
	return 0;
}

static const struct network *network_of(const struct snap *s, const char *project_id)
{
	const struct network *n;
	struct scan scan;

	for (n = scan_index(&scan, s, IX_NETWORK_PROJECT, project_id, NULL); n; n = scan_next(&scan))
		if (!uuid_is_null(&n->auto_router_id))
			return n;
	return NULL;
}

/* --- what it needs --- */

/* The default pool, when the caller may use it. */
static const struct subnetpool *pool_of(struct verb *v, int64_t version)
{
	const struct subnetpool *p = net_default_subnetpool(v, version);

	return p && verb_ref(v, KIND_SUBNETPOOL, &p->row.id, NULL, &(struct err){0}) == 0 ? p : NULL;
}

static int check_external(const struct snap *s, struct err *err)
{
	return net_default_external(s) ? 0 : failed(err, "No default router:external network");
}

static int check_resources(struct verb *v, struct err *err)
{
	int r = check_external(net_snap(v), err);

	if (r == 0 && !pool_of(v, 4) && !pool_of(v, 6))
		r = failed(err, "No default subnetpools defined");
	return r;
}

/* --- making --- */

/* Takes `json`. */
static int make(struct verb *v, enum kind kind, const char *project_id, json_t *json, struct uuid *ret_id,
		struct err *err)
{
	int r;

	json_object_set_new(json, "project_id", json_string(project_id));
	r = verb_make(v, kind, json, ret_id, err);
	json_decref(json);
	return r;
}

static int make_subnet(struct verb *v, const struct topology *t, int64_t version, struct uuid *ret_id,
		       struct err *err)
{
	const struct subnetpool *pool = pool_of(v, version);
	char network[UUID_TEXT], id[UUID_TEXT];

	*ret_id = (struct uuid){{0}};
	if (!pool)
		return 0;
	return make(v, KIND_SUBNET, t->project_id,
		    json_pack("{s:s, s:s, s:I, s:s}", "name",
			      version == 4 ? "auto_allocated_subnet_v4" : "auto_allocated_subnet_v6",
			      "network_id", uuid_print(&t->network_id, network), "ip_version",
			      (json_int_t)version, "subnetpool_id", uuid_print(&pool->row.id, id)),
		    ret_id, err);
}

static int make_inside(struct verb *v, struct topology *t, struct uuid subnets[2], struct err *err)
{
	int r = make(v, KIND_NETWORK, t->project_id, json_pack("{s:s}", "name", "auto_allocated_network"),
		     &t->network_id, err);

	if (r == 0)
		r = make_subnet(v, t, 4, &subnets[0], err);
	if (r == 0)
		r = make_subnet(v, t, 6, &subnets[1], err);
	if (r == 0 && uuid_is_null(&subnets[0]) && uuid_is_null(&subnets[1]))
		r = err_api(err, 404, "NotFound", "There is no default subnet pool.");
	return r;
}

static int make_router(struct verb *v, const struct topology *t, const struct uuid subnets[2],
		       struct uuid *ret_id, struct err *err)
{
	char external[UUID_TEXT];
	int r;

	uuid_print(&net_default_external(net_snap(v))->row.id, external);
	r = make(v, KIND_ROUTER, t->project_id,
		 json_pack("{s:s, s:{s:s}}", "name", "auto_allocated_router", "external_gateway_info",
			   "network_id", external),
		 ret_id, err);
	for (unsigned i = 0; i < 2 && r == 0; i++)
		if (!uuid_is_null(&subnets[i]))
			r = net_attach_subnet(v, txn_get(v->t, KIND_ROUTER, ret_id), &subnets[i], err);
	return r;
}

static int make_topology(struct verb *v, void *arg, struct err *err)
{
	struct topology *t = arg;
	const struct network *n = network_of(net_snap(v), t->project_id);
	struct uuid subnets[2], router_id;
	struct network *draft;
	int r;

	if (n) { /* somebody else was faster */
		t->network_id = n->row.id;
		return 0;
	}
	if ((r = identity_check_owner(v, t->project_id, err)) < 0 ||
	    (r = check_external(net_snap(v), err)) < 0)
		return r;
	r = made_or_failed(make_inside(v, t, subnets, err), "Unable to provide tenant private network", err);
	if (r == 0)
		r = made_or_failed(make_router(v, t, subnets, &router_id, err),
				   "Unable to provide external connectivity", err);
	if (r < 0)
		return r;
	draft = txn_edit(v->t, txn_get(v->t, KIND_NETWORK, &t->network_id));
	draft->auto_router_id = router_id;
	v->touches_kernel = true;
	return txn_put(v->t, draft, err);
}

/* `more`: further members, as JSON. */
static void print_topology(struct call *c, const char *id, const char *project_id, const char *more)
{
	struct buf *out = &c->resp->body;

	buf_puts(out, "{\"auto_allocated_topology\":{\"id\":");
	buf_json_str(out, id);
	buf_puts(out, ",\"tenant_id\":");
	buf_json_str(out, project_id);
	buf_puts(out, ",\"project_id\":");
	buf_json_str(out, project_id);
	buf_printf(out, "%s}}", more);
}

static int reply_topology(struct call *c, struct err *err)
{
	const struct topology *t = c->state;
	char id[UUID_TEXT];

	print_topology(c, uuid_print(&t->network_id, id), t->project_id, "");
	return 0;
}

/* --- routes --- */

static int reply_checked(struct call *c, struct err *err)
{
	/* The id is what Neutron says; clients show dry_run. */
	print_topology(c, "dry-run=pass", ((const struct topology *)c->state)->project_id,
		       ",\"dry_run\":\"pass\"");
	return 0;
}

/* Looks only. That it stands in the writer's queue keeps it true of what a request would find now. */
static int check_topology(struct verb *v, void *arg, struct err *err)
{
	const struct topology *t = arg;
	int r = identity_check_owner(v, t->project_id, err);

	return r < 0 ? r : check_resources(v, err);
}

static int show_topology(struct call *c, struct err *err)
{
	const char *fields = http_param(c->req, "fields");
	const struct network *n;
	struct topology *t;
	int r = read_topology(c, &t, err);

	if (r < 0)
		return r;
	if (fields && strcmp(fields, DRY_RUN) == 0)
		return call_write(c, check_topology, t, reply_checked, err);
	if (fields && *fields)
		return err_api(err, 400, "BadRequest", "Bad auto_allocate request: Unrecognized field.");
	n = network_of(c->snap, t->project_id);
	if (n) {
		t->network_id = n->row.id;
		return reply_topology(c, err);
	}
	if (!c->caller.member && !c->caller.admin)
		return call_denied("create", "auto_allocated_topology", err);
	return call_write(c, make_topology, t, reply_topology, err);
}

static int drop_router(struct verb *v, const struct uuid *id, const struct uuid *network_id, struct err *err)
{
	const struct subnet *sub;
	const struct row *router;
	struct scan scan;
	int r = 0;

	/* The walk is of subnets; what changes are ports and the router. */
	for (sub = scan_index(&scan, net_snap(v), IX_SUBNET_NETWORK, network_id, NULL); sub && r == 0;
	     sub = scan_next(&scan))
		if ((router = txn_get(v->t, KIND_ROUTER, id)))
			r = net_detach_subnet(v, (const struct router *)router, &sub->row.id, err);
	router = r == 0 ? txn_get(v->t, KIND_ROUTER, id) : NULL;
	return router ? verb_drop(v, router, err) : r;
}

static int drop_topology(struct verb *v, void *arg, struct err *err)
{
	const struct topology *t = arg;
	const struct network *n = network_of(net_snap(v), t->project_id);
	struct uuid id;
	int r;

	if (!n)
		return 0;
	id = n->row.id;
	r = drop_router(v, &n->auto_router_id, &id, err);
	return r < 0 ? r : verb_drop(v, txn_get(v->t, KIND_NETWORK, &id), err);
}

static int reply_dropped(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

static int delete_topology(struct call *c, struct err *err)
{
	struct topology *t;
	int r = read_topology(c, &t, err);

	return r < 0 ? r : call_write(c, drop_topology, t, reply_dropped, err);
}

const struct route auto_routes[] = {
	{HTTP_GET, "/v2.0/auto-allocated-topology/{}", show_topology, ROUTE_NOW, FAMILY_NETWORK,
	 "auto_allocated_topology", KIND_NONE,
	 "Shows the network that is a project's own by itself, and makes it, with subnets and a router, "
	 "where "
	 "there is none; ?fields=dry-run says whether that could be done"},
	{HTTP_DELETE, "/v2.0/auto-allocated-topology/{}", delete_topology, ROUTE_WRITE, FAMILY_NETWORK,
	 "auto_allocated_topology", KIND_NONE, "Deletes that network, its subnets and its router"},
	{0},
};
