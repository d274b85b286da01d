/* A router's external gateways: added, changed and removed some at a time. Route functions of
 * PUT /v2.0/routers/<id>/<action>, as Neutron's external-gateway-multihoming has them; the first gateway is
 * what clients without it know as external_gateway_info. What it is to have a gateway is in net_router.c. */
#include "api/frame.h"
#include "api/net.h"

#include <string.h>
#include <talloc.h>

/* Lives in the request's region. */
struct action {
	struct uuid router_id; /* first: router_reply reads it */
	const json_t *json;    /* the list; the call's */
	struct gateway_list body;
};

/* Neutron's exceptions of this subject have no status of their own there. */
static int unable(const char *type, const char *what, const struct uuid *router_id, const char *why,
		  struct err *err)
{
	char id[UUID_TEXT];

	return err_api(err, 400, type, "Unable to %s router %s: %s.", what, uuid_print(router_id, id), why);
}

static int unable_to_add(const struct uuid *router_id, const char *why, struct err *err)
{
	return unable("UnableToAddExtraGateways", "add extra gateways to a", router_id, why, err);
}

static int unable_to_match(const struct uuid *router_id, const char *why, struct err *err)
{
	return unable("UnableToMatchGateways", "match a requested gateway port to existing gateway ports for",
		      router_id, why, err);
}

/* --- body --- */

/* {"router": {"external_gateways": [...]}}. */
static int read_body(struct call *c, struct action *a, struct err *err)
{
	const json_t *router;
	json_t *body;
	uint64_t given;
	int r = call_body(c, &body, err);

	if (r < 0)
		return r;
	router = json_object_get(body, "router");
	a->json = json_object_get(router, "external_gateways");
	if (!json_is_object(router) || json_object_size(router) != 1 || !a->json)
		return err_api(err, 400, "HTTPBadRequest",
			       "The body must be {\"router\": {\"external_gateways\": [...]}}");
	return decode_given(&shape_gateway_list, router, DECODE_PUT, c->caller.admin, c->req->region,
			    &a->body, &given, err);
}

/* What a body names must be seen by who names it. */
static int check_refs(struct verb *v, const struct gateway *g, struct err *err)
{
	const struct fixed_ip *f = g->external_fixed_ips.items;
	int r = verb_ref(v, KIND_NETWORK, &g->network_id, NULL, err);

	if (r == 0 && !uuid_is_null(&g->qos_policy_id))
		r = verb_ref(v, KIND_QOS_POLICY, &g->qos_policy_id, NULL, err);
	for (uint32_t i = 0; i < g->external_fixed_ips.count && r == 0; i++)
		if (!uuid_is_null(&f[i].subnet_id))
			r = verb_ref(v, KIND_SUBNET, &f[i].subnet_id, NULL, err);
	return r;
}

static int find_router(struct verb *v, struct action *a, const struct router **ret, struct gateways *ret_old,
		       struct err *err)
{
	const struct gateway *given = a->body.external_gateways.items;
	const struct row *row;
	int r = verb_find(v, KIND_ROUTER, v->c->arg[0], &row, err);

	if (r == 0)
		r = verb_if_match(v, row, err);
	for (uint32_t i = 0; i < a->body.external_gateways.count && r == 0; i++)
		r = check_refs(v, &given[i], err);
	if (r < 0)
		return r;
	a->router_id = row->id;
	*ret = (const struct router *)row;
	router_gateways(*ret, ret_old);
	return 0;
}

/* --- which gateway is meant --- */

static bool means(const struct fixed_ip *asked, const struct fixed_ip *has)
{
	return ip_is_null(&asked->ip_address) ? uuid_eq(&asked->subnet_id, &has->subnet_id)
					      : ip_eq(&asked->ip_address, &has->ip_address);
}

/* Whether they have an address in common. */
static bool meets(const struct list *asked, const struct list *has)
{
	const struct fixed_ip *a = asked->items, *b = has->items;

	for (uint32_t i = 0; i < asked->count; i++)
		for (uint32_t j = 0; j < has->count; j++)
			if (means(&a[i], &b[j]))
				return true;
	return false;
}

/* The router's gateway that a body's element is about: by its network, and by an address where it names some
 * or has to. *ret NULL: there is none to the network. */
static int match(const struct gateways *old, const struct uuid *router_id, const struct gateway *asked,
		 const struct router_gateway **ret, struct err *err)
{
	const struct router_gateway *g = gateways_to(old, &asked->network_id, 0);
	bool only = g && !gateways_to(old, &asked->network_id, (uint32_t)(g - old->list) + 1);

	*ret = g;
	if (!g || (only && !asked->external_fixed_ips.count))
		return 0;
	if (!asked->external_fixed_ips.count)
		return unable_to_match(router_id,
				       "several gateways are on that network, so that external_fixed_ips has "
				       "to say which",
				       err);
	for (; g; g = gateways_to(old, &asked->network_id, (uint32_t)(g - old->list) + 1))
		if (meets(&asked->external_fixed_ips, &g->external_fixed_ips)) {
			*ret = g;
			return 0;
		}
	return unable_to_match(router_id, "no gateway on that network has one of the fixed IPs", err);
}

static int put(struct verb *v, const struct router *was, const struct gateways *old, struct gateways *want,
	       struct err *err)
{
	struct router *draft = txn_edit(v->t, was);
	int r = net_put_gateways(v, draft, old, want, err);

	if (r == 0)
		r = net_check_routes(v, draft, err);
	return r < 0 ? r : txn_put(v->t, draft, err);
}

/* --- adding --- */

static int add(struct verb *v, void *arg, struct err *err)
{
	struct action *a = arg;
	const struct gateway *given = a->body.external_gateways.items;
	const struct router *was;
	struct gateways old, want;
	int r = find_router(v, a, &was, &old, err);

	if (r < 0)
		return r;
	want = old;
	for (uint32_t i = 0; i < a->body.external_gateways.count; i++) {
		r = net_check_gateway_policy(v, "add_external_gateways:external_gateways", NULL, &given[i],
					     err);
		if (r < 0)
			return r;
		if (want.count == ROUTER_GATEWAYS_MAX)
			return unable_to_add(&a->router_id, "it can have 8 gateways", err);
		want.list[want.count++] = gateway_of_info(&given[i], NULL);
	}
	return put(v, was, &old, &want, err);
}

/* --- changing --- */

/* What the element says of a gateway that there is: addresses and a policy that it does not speak of stay. */
static struct router_gateway change(const struct gateway *asked, const json_t *json,
				    const struct router_gateway *was)
{
	struct router_gateway g = gateway_of_info(asked, was);

	if (!json_object_get(json, "qos_policy_id"))
		g.qos_policy_id = was->qos_policy_id;
	return g;
}

/* The list is what the router has afterwards, the first of it first; what is not in it goes. */
static int update(struct verb *v, void *arg, struct err *err)
{
	struct action *a = arg;
	const struct gateway *given = a->body.external_gateways.items;
	const struct router *was;
	const struct router_gateway *g;
	struct gateways old, want = {0};
	int r = find_router(v, a, &was, &old, err);

	for (uint32_t i = 0; i < a->body.external_gateways.count && r == 0; i++) {
		r = match(&old, &a->router_id, &given[i], &g, err);
		if (r == 0)
			r = net_check_gateway_policy(v, "update_external_gateways:external_gateways", g,
						     &given[i], err);
		if (r == 0 && g && gateways_at(&want, &g->port_id))
			r = unable_to_match(&a->router_id, "two of them are the same gateway", err);
		if (r == 0)
			want.list[want.count++] = g ? change(&given[i], json_array_get(a->json, i), g)
						    : gateway_of_info(&given[i], NULL);
	}
	return r < 0 ? r : put(v, was, &old, &want, err);
}

/* --- removing --- */

static void leave_out(struct gateways *g, const struct uuid *port_id)
{
	const struct router_gateway *at = gateways_at(g, port_id);
	uint32_t i = at ? (uint32_t)(at - g->list) : g->count;

	if (at)
		memmove(&g->list[i], &g->list[i + 1], (--g->count - i) * sizeof(*g->list));
}

/* When the first one goes, the next takes its place. */
static int remove_some(struct verb *v, void *arg, struct err *err)
{
	struct action *a = arg;
	const struct gateway *given = a->body.external_gateways.items;
	const struct router *was;
	const struct router_gateway *g;
	struct gateways old, want;
	int r = find_router(v, a, &was, &old, err);

	if (r == 0 && a->body.external_gateways.count && !old.count)
		return unable("UnableToRemoveGateways", "remove extra gateways from a", &a->router_id,
			      "it has none", err);
	want = old;
	for (uint32_t i = 0; i < a->body.external_gateways.count && r == 0; i++) {
		r = match(&old, &a->router_id, &given[i], &g, err);
		if (r == 0 && !g)
			r = unable_to_match(&a->router_id, "there is none on that network", err);
		if (r == 0)
			leave_out(&want, &g->port_id);
	}
	return r < 0 ? r : put(v, was, &old, &want, err);
}

/* --- routes --- */

int router_reply(struct call *c, struct err *err)
{
	const struct uuid *id = c->state;

	c->resp->status = 200;
	call_print_row(c, "router", snap_get(c->snap, KIND_ROUTER, id));
	return 0;
}

static int write_gateways(struct call *c, int (*fn)(struct verb *v, void *arg, struct err *err),
			  struct err *err)
{
	struct action *a = talloc_zero(c->req->region, struct action);
	int r = read_body(c, a, err);

	c->state = a;
	return r < 0 ? r : call_write(c, fn, a, router_reply, err);
}

int router_add_gateways(struct call *c, struct err *err)
{
	return write_gateways(c, add, err);
}

int router_update_gateways(struct call *c, struct err *err)
{
	return write_gateways(c, update, err);
}

int router_remove_gateways(struct call *c, struct err *err)
{
	return write_gateways(c, remove_some, err);
}
