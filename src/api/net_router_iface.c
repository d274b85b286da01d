/* A router's interfaces: attaching subnets and ports, detaching them; extra routes added and removed one by
 * one. Route functions of PUT /v2.0/routers/<id>/<action>; the reply is made when the kernel has it. */
#include "api/net.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

/* What the body says, and what the reply says. Lives in the request's region. */
struct action {
	struct uuid router_id;
	const char *subnet_text, *port_text; /* NULL: not given */
	struct uuid subnet_id, port_id, network_id;
	struct uuid done_port_id, done_subnet_id;
	const char *done_subnets; /* the ids of all, as JSON */
	const char *project_id;
	json_t *body; /* for extra routes; the call's */
};
static_assert(offsetof(struct action, router_id) == 0, "router_reply reads it");

static int bad_request(struct err *err, const char *why)
{
	return err_api(err, 400, "BadRequest", "Bad router request: %s.", why);
}

static int no_interface_on(const struct action *a, const struct uuid *subnet_id, struct err *err)
{
	char router[UUID_TEXT], subnet[UUID_TEXT];

	return err_api(err, 404, "RouterInterfaceNotFoundForSubnet",
		       "Router %s has no interface on subnet %s", uuid_print(&a->router_id, router),
		       uuid_print(subnet_id, subnet));
}

/* --- body --- */

static int read_id(const char *name, const json_t *json, const char **ret_text, struct uuid *ret,
		   struct err *err)
{
	const char *text = json_string_value(json);

	if (json_is_null(json))
		return 0;
	if (!text || uuid_parse(text, ret) < 0)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for %s. Reason: '%.100s' is not a valid UUID.", name,
			       text ? text : "?");
	*ret_text = text;
	return 0;
}

static int read_interface(struct call *c, struct action **ret, struct err *err)
{
	struct action *a = talloc_zero(c->req->region, struct action);
	json_t *body, *value;
	const char *key;
	int r;

	if ((r = call_body(c, &body, err)) < 0)
		return r;
	json_object_foreach(body, key, value)
	{
		if (strcmp(key, "subnet_id") == 0)
			r = read_id(key, value, &a->subnet_text, &a->subnet_id, err);
		else if (strcmp(key, "port_id") == 0)
			r = read_id(key, value, &a->port_text, &a->port_id, err);
		else
			r = err_api(err, 400, "HTTPBadRequest", "Unrecognized attribute(s) '%.100s'", key);
		if (r < 0)
			return r;
	}
	if (!a->subnet_text && !a->port_text)
		return bad_request(err, "Either subnet_id or port_id must be specified");
	*ret = a;
	return 0;
}

static void note_subnet(struct action *a, const struct uuid *id)
{
	char text[UUID_TEXT];

	a->done_subnet_id = *id;
	a->done_subnets = talloc_asprintf(a, "%s%s\"%s\"", a->done_subnets ? a->done_subnets : "",
					  a->done_subnets ? "," : "", uuid_print(id, text));
}

/* What becomes, or was, an interface: all of the port's addresses, or that in one subnet (NULL: all). */
static void note_done(struct action *a, const struct port *p, const struct uuid *subnet_id)
{
	const struct fixed_ip *f = p->fixed_ips.items;

	a->network_id = p->network_id;
	a->done_port_id = p->row.id;
	a->project_id = talloc_strdup(a, p->project_id);
	for (uint32_t i = 0; i < p->fixed_ips.count; i++)
		if (!subnet_id || uuid_eq(&f[i].subnet_id, subnet_id))
			note_subnet(a, &f[i].subnet_id);
}

static int reply_interface(struct call *c, struct err *err)
{
	const struct action *a = c->state;
	struct buf *out = &c->resp->body;
	char router[UUID_TEXT], port[UUID_TEXT], network[UUID_TEXT], subnet[UUID_TEXT];

	buf_printf(out, "{\"id\":\"%s\",\"tenant_id\":", uuid_print(&a->router_id, router));
	buf_json_str(out, a->project_id);
	buf_puts(out, ",\"project_id\":");
	buf_json_str(out, a->project_id);
	buf_printf(out, ",\"port_id\":\"%s\",\"network_id\":\"%s\",\"subnet_id\":\"%s\",\"subnet_ids\":[%s]}",
		   uuid_print(&a->done_port_id, port), uuid_print(&a->network_id, network),
		   uuid_print(&a->done_subnet_id, subnet), a->done_subnets);
	c->resp->status = 200;
	return 0;
}

/* --- adding --- */

static int check_overlap(const struct verb *v, const struct router *router, const struct subnet *sub,
			 struct err *err)
{
	int r = net_check_interface_overlap(net_snap(v), &router->row.id, sub, err);
	struct gateways gateways;

	router_gateways(router, &gateways);
	return r < 0 ? r : net_check_gateways_overlap(net_snap(v), &gateways, NULL, sub, err);
}

static int add_by_subnet(struct verb *v, struct action *a, const struct router *router, struct err *err)
{
	const struct network *n;
	const struct subnet *sub;
	struct fixed_ip *ip = talloc(v->t->region, struct fixed_ip);
	struct port *port;
	const void *row;
	int r;

	if ((r = verb_ref(v, KIND_SUBNET, &a->subnet_id, &row, err)) < 0)
		return r;
	sub = row;
	n = txn_get(v->t, KIND_NETWORK, &sub->network_id);
	/* The gateway's address is the network owner's to give; others bring a port of their own. */
	if (!net_owns(net_who(v), n->project_id))
		return net_forbid("add_router_interface:subnet_id", err);
	if (ip_is_null(&sub->gateway_ip))
		return bad_request(err, "Subnet for router interface must have a gateway IP");
	if ((r = check_overlap(v, router, sub, err)) < 0 ||
	    (r = verb_quota(v, KIND_PORT, router->project_id, 1, err)) < 0 ||
	    (r = net_new_router_port(v, router, OWNER_ROUTER_INTERFACE, router->project_id, &n->row.id, &port,
				     err)) < 0)
		return r;
	*ip = (struct fixed_ip){sub->row.id, sub->gateway_ip};
	port->fixed_ips = (struct list){ip, 1};
	note_done(a, port, &sub->row.id);
	return txn_put(v->t, port, err);
}

static int check_free_port(const struct verb *v, const struct port *p, struct err *err)
{
	char port[UUID_TEXT], network[UUID_TEXT];

	if (!p->device_id[0] && !p->device_owner[0] &&
	    !snap_find(net_snap(v), IX_FLOATINGIP_PORT, &p->row.id) &&
	    !snap_find(net_snap(v), IX_FORWARDING_PORT, &p->row.id))
		return 0;
	return err_api(err, 409, "PortInUse",
		       "Unable to complete operation on port %s for network %s. Port already has an attached "
		       "device %s.",
		       uuid_print(&p->row.id, port), uuid_print(&p->network_id, network), p->device_id);
}

/* The addresses with which a port becomes an interface: of one IPv4 subnet at most, and none that overlaps
 * with what the router knows already. */
static int check_addresses(const struct verb *v, const struct router *router, const struct port *p,
			   struct err *err)
{
	const struct fixed_ip *f = p->fixed_ips.items;
	unsigned v4 = 0;
	int r = 0;

	if (p->fixed_ips.count == 0)
		return bad_request(err, "Router port must have at least one fixed IP");
	for (uint32_t i = 0; i < p->fixed_ips.count && r == 0; i++) {
		v4 += ip_is_v4(&f[i].ip_address);
		r = v4 > 1 ? bad_request(err, "Cannot have multiple IPv4 subnets on router port")
			   : check_overlap(v, router, txn_get(v->t, KIND_SUBNET, &f[i].subnet_id), err);
	}
	return r;
}

static int add_by_port(struct verb *v, struct action *a, const struct router *router, struct err *err)
{
	struct port *draft;
	const void *row;
	char *id = talloc_size(v->t->region, UUID_TEXT);
	int r;

	if ((r = verb_ref(v, KIND_PORT, &a->port_id, &row, err)) < 0 ||
	    (r = check_free_port(v, row, err)) < 0 || (r = check_addresses(v, router, row, err)) < 0)
		return r;
	draft = txn_edit(v->t, row);
	draft->device_owner = OWNER_ROUTER_INTERFACE;
	draft->device_id = uuid_print(&router->row.id, id);
	note_done(a, draft, NULL);
	return txn_put(v->t, draft, err);
}

static int find_router(struct verb *v, struct action *a, const struct router **ret, struct err *err)
{
	const struct row *row;
	int r = verb_find(v, KIND_ROUTER, v->c->arg[0], &row, err);

	if (r < 0)
		return r;
	a->router_id = row->id;
	*ret = (const struct router *)row;
	return 0;
}

static int add_interface(struct verb *v, void *arg, struct err *err)
{
	struct action *a = arg;
	const struct router *router;
	int r;

	if ((r = find_router(v, a, &router, err)) < 0)
		return r;
	if (a->subnet_text && a->port_text)
		return bad_request(err, "Cannot specify both subnet-id and port-id");
	v->touches_kernel = true;
	r = a->port_text ? add_by_port(v, a, router, err) : add_by_subnet(v, a, router, err);
	return r < 0 ? r : txn_touch(v->t, KIND_ROUTER, &a->router_id, err);
}

int net_attach_subnet(struct verb *v, const struct router *router, const struct uuid *subnet_id,
		      struct err *err)
{
	struct action *a = talloc_zero(v->t->region, struct action);
	int r;

	a->router_id = router->row.id;
	a->subnet_id = *subnet_id;
	v->touches_kernel = true;
	r = add_by_subnet(v, a, router, err);
	return r < 0 ? r : txn_touch(v->t, KIND_ROUTER, &a->router_id, err);
}

int router_add_interface(struct call *c, struct err *err)
{
	struct action *a;
	int r = read_interface(c, &a, err);

	c->state = a;
	return r < 0 ? r : call_write(c, add_interface, a, reply_interface, err);
}

/* --- removing --- */

static const struct port *interface_on(const struct snap *s, const struct uuid *router_id,
				       const struct uuid *subnet_id)
{
	struct interfaces walk;
	const struct port *p;

	for (p = net_first_interface(&walk, s, router_id); p; p = net_next_interface(&walk))
		if (net_port_ip_in(p, subnet_id))
			return p;
	return NULL;
}

static int find_by_port(struct verb *v, const struct action *a, const struct port **ret, struct err *err)
{
	const struct port *p = txn_get(v->t, KIND_PORT, &a->port_id);
	char router[UUID_TEXT], port[UUID_TEXT];

	if (!p || !net_is_router_interface(p) || strcmp(p->device_id, uuid_print(&a->router_id, router)) != 0)
		return err_api(err, 404, "RouterInterfaceNotFound",
			       "Router %s does not have an interface with id %s",
			       uuid_print(&a->router_id, router), uuid_print(&a->port_id, port));
	if (a->subnet_text && !net_port_ip_in(p, &a->subnet_id))
		return err_api(err, 400, "SubnetMismatchForPort",
			       "Subnet on port %s does not match the requested subnet %s", a->port_text,
			       a->subnet_text);
	*ret = p;
	return 0;
}

/* Floating IPs and routes that need the interface. */
static int check_unneeded(const struct verb *v, const struct router *router, const struct subnet *sub,
			  struct err *err)
{
	const struct ip_route *route = router->routes.items;
	const struct floatingip *f;
	struct scan scan;
	char subnet[UUID_TEXT], id[UUID_TEXT];

	uuid_print(&sub->row.id, subnet);
	uuid_print(&router->row.id, id);
	for (f = scan_index(&scan, net_snap(v), IX_FLOATINGIP_ROUTER, &router->row.id, NULL); f;
	     f = scan_next(&scan))
		if (cidr_has(&sub->cidr, &f->fixed_ip_address) || net_forwards_into(net_snap(v), f, sub))
			return err_api(err, 409, "RouterInterfaceInUseByFloatingIP",
				       "Router interface for subnet %s on router %s cannot be deleted, as it "
				       "is required "
				       "by one or more floating IPs.",
				       subnet, id);
	for (uint32_t i = 0; i < router->routes.count; i++)
		if (cidr_has(&sub->cidr, &route[i].nexthop))
			return err_api(err, 409, "RouterInterfaceInUseByRoute",
				       "Router interface for subnet %s on router %s cannot be deleted, as it "
				       "is required "
				       "by one or more routes.",
				       subnet, id);
	return 0;
}

static int check_all_unneeded(const struct verb *v, const struct router *router, const struct port *p,
			      const struct uuid *subnet_id, struct err *err)
{
	const struct fixed_ip *f = p->fixed_ips.items;
	int r = 0;

	for (uint32_t i = 0; i < p->fixed_ips.count && r == 0; i++)
		if (!subnet_id || uuid_eq(&f[i].subnet_id, subnet_id))
			r = check_unneeded(v, router, txn_get(v->t, KIND_SUBNET, &f[i].subnet_id), err);
	return r;
}

/* An interface that is in other subnets, too, loses the address in this one and stays. */
static int leave_subnet(struct verb *v, const struct port *p, const struct uuid *subnet_id, struct err *err)
{
	const struct fixed_ip *f = p->fixed_ips.items;
	struct fixed_ip *left = talloc_array(v->t->region, struct fixed_ip, p->fixed_ips.count);
	struct port *draft = txn_edit(v->t, p);
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->fixed_ips.count; i++)
		if (!uuid_eq(&f[i].subnet_id, subnet_id))
			left[n++] = f[i];
	draft->fixed_ips = (struct list){left, n};
	return n ? txn_put(v->t, draft, err) : txn_del(v->t, KIND_PORT, &p->row.id, err);
}

static int remove_interface(struct verb *v, void *arg, struct err *err)
{
	struct action *a = arg;
	const struct router *router;
	const struct port *p = NULL;
	const struct uuid *only = a->port_text ? NULL : &a->subnet_id;
	int r;

	if ((r = find_router(v, a, &router, err)) < 0)
		return r;
	if (a->port_text && (r = find_by_port(v, a, &p, err)) < 0)
		return r;
	if (!p && !(p = interface_on(net_snap(v), &router->row.id, &a->subnet_id)))
		return no_interface_on(a, &a->subnet_id, err);
	if ((r = check_all_unneeded(v, router, p, only, err)) < 0)
		return r;
	note_done(a, p, only);
	v->touches_kernel = true;
	r = only ? leave_subnet(v, p, only, err) : txn_del(v->t, KIND_PORT, &p->row.id, err);
	return r < 0 ? r : txn_touch(v->t, KIND_ROUTER, &a->router_id, err);
}

int net_detach_subnet(struct verb *v, const struct router *router, const struct uuid *subnet_id,
		      struct err *err)
{
	const struct port *p = interface_on(net_snap(v), &router->row.id, subnet_id);
	struct uuid id = router->row.id;
	int r;

	if (!p)
		return 0;
	if ((r = check_all_unneeded(v, router, p, subnet_id, err)) < 0 ||
	    (r = leave_subnet(v, p, subnet_id, err)) < 0)
		return r;
	v->touches_kernel = true;
	return txn_touch(v->t, KIND_ROUTER, &id, err);
}

int router_remove_interface(struct call *c, struct err *err)
{
	struct action *a;
	int r = read_interface(c, &a, err);

	c->state = a;
	return r < 0 ? r : call_write(c, remove_interface, a, reply_interface, err);
}

/* --- extra routes, one by one --- */

/* {"router": {"routes": [...]}} as a router draft with these routes. */
static int read_routes(struct verb *v, const struct action *a, struct router *draft, struct err *err)
{
	const json_t *json = json_object_get(a->body, "router");
	uint64_t given;

	if (!json_is_object(json) || json_object_size(json) != 1 || !json_object_get(json, "routes"))
		return err_api(err, 400, "HTTPBadRequest",
			       "The body must be {\"router\": {\"routes\": [...]}}");
	return decode_given(shape_of(KIND_ROUTER), json, DECODE_PUT, net_who(v)->admin, v->t->region, draft,
			    &given, err);
}

static bool has_route(const struct ip_route *list, size_t count, const struct ip_route *route)
{
	for (size_t i = 0; i < count; i++)
		if (net_same_route(&list[i], route))
			return true;
	return false;
}

/* Routes that are there already, or not there to be removed, are no error: a retried request succeeds. */
static int change_routes(struct verb *v, struct action *a, bool add, struct err *err)
{
	const struct router *router;
	struct router body = {.row = {.kind = KIND_ROUTER}}, *draft;
	const struct ip_route *old, *given;
	struct ip_route *out;
	uint32_t n = 0;
	int r;

	if ((r = find_router(v, a, &router, err)) < 0 || (r = read_routes(v, a, &body, err)) < 0)
		return r;
	old = router->routes.items;
	given = body.routes.items;
	out = talloc_zero_array(v->t->region, struct ip_route, router->routes.count + body.routes.count + 1);
	for (uint32_t i = 0; i < router->routes.count; i++)
		if (add || !has_route(given, body.routes.count, &old[i]))
			out[n++] = old[i];
	for (uint32_t i = 0; add && i < body.routes.count; i++)
		if (!has_route(out, n, &given[i]))
			out[n++] = given[i];
	draft = txn_edit(v->t, router);
	draft->routes = (struct list){out, n};
	v->touches_kernel = true;
	r = net_check_routes(v, draft, err);
	return r < 0 ? r : txn_put(v->t, draft, err);
}

static int add_routes(struct verb *v, void *arg, struct err *err)
{
	return change_routes(v, arg, true, err);
}

static int remove_routes(struct verb *v, void *arg, struct err *err)
{
	return change_routes(v, arg, false, err);
}

static int write_routes(struct call *c, int (*fn)(struct verb *v, void *arg, struct err *err),
			struct err *err)
{
	struct action *a = talloc_zero(c->req->region, struct action);
	int r = call_body(c, &a->body, err);

	c->state = a;
	return r < 0 ? r : call_write(c, fn, a, router_reply, err);
}

int router_add_extraroutes(struct call *c, struct err *err)
{
	return write_routes(c, add_routes, err);
}

int router_remove_extraroutes(struct call *c, struct err *err)
{
	return write_routes(c, remove_routes, err);
}

#define ROUTER_ACTION(name, function, about)                                                                 \
	{                                                                                                    \
		HTTP_PUT, "/v2.0/routers/{}/" name, function, ROUTE_WRITE, FAMILY_NETWORK, "routers",        \
			KIND_ROUTER, about                                                                   \
	}

const struct route router_routes[] = {
	ROUTER_ACTION("add_router_interface", router_add_interface,
		      "Connects a subnet, by its id or by a port"),
	ROUTER_ACTION("remove_router_interface", router_remove_interface, "Takes an interface away"),
	ROUTER_ACTION("add_extraroutes", router_add_extraroutes, "Adds extra routes"),
	ROUTER_ACTION("remove_extraroutes", router_remove_extraroutes, "Takes extra routes away"),
	ROUTER_ACTION("add_external_gateways", router_add_gateways, "Adds external gateways"),
	ROUTER_ACTION("update_external_gateways", router_update_gateways,
		      "Makes the external gateways those of the list; the first is external_gateway_info"),
	ROUTER_ACTION("remove_external_gateways", router_remove_gateways, "Takes external gateways away"),
	{0},
};
