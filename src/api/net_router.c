/* Routers: the gateway to an external network and its port, extra routes.
 * Hooks of the generic verbs; interfaces are in net_router_iface.c. */
#include "api/agents.h"

#include <stdio.h>
#include <string.h>

#define MAX_ROUTES 30

/* --- what the other network resources use too --- */

const struct router *net_router_of(const struct snap *s, const struct port *port)
{
	struct uuid id;

	return uuid_parse(port->device_id, &id) == 0 ? snap_get(s, KIND_ROUTER, &id) : NULL;
}

static const struct port *skip_to_interface(struct interfaces *walk, const struct port *p)
{
	while (p && !net_is_router_interface(p))
		p = scan_next(&walk->scan);
	return p;
}

const struct port *net_first_interface(struct interfaces *walk, const struct snap *s,
				       const struct uuid *router_id)
{
	uuid_print(router_id, walk->device_id);
	return skip_to_interface(walk, scan_index(&walk->scan, s, IX_PORT_DEVICE, walk->device_id, NULL));
}

const struct port *net_next_interface(struct interfaces *walk)
{
	return skip_to_interface(walk, scan_next(&walk->scan));
}

static const struct port *gateway_port(const struct snap *s, const struct router_gateway *g)
{
	return uuid_is_null(&g->port_id) ? NULL : snap_get(s, KIND_PORT, &g->port_id);
}

/* --- overlaps --- */

static int overlaps(const struct subnet *a, const struct subnet *b, struct err *err)
{
	char id_a[UUID_TEXT], id_b[UUID_TEXT], cidr_a[CIDR_TEXT], cidr_b[CIDR_TEXT];

	if (!cidr_overlaps(&a->cidr, &b->cidr))
		return 0;
	return err_api(err, 400, "BadRequest",
		       "Bad router request: Cidr %s of subnet %s overlaps with cidr %s of subnet %s.",
		       cidr_print(&a->cidr, cidr_a), uuid_print(&a->row.id, id_a),
		       cidr_print(&b->cidr, cidr_b), uuid_print(&b->row.id, id_b));
}

int net_check_interface_overlap(const struct snap *s, const struct uuid *router_id,
				const struct subnet *subnet, struct err *err)
{
	struct interfaces walk;
	const struct port *p;
	char id[UUID_TEXT];
	int r = 0;

	for (p = net_first_interface(&walk, s, router_id); p && r == 0; p = net_next_interface(&walk)) {
		const struct fixed_ip *f = p->fixed_ips.items;

		for (uint32_t i = 0; i < p->fixed_ips.count && r == 0; i++) {
			const struct subnet *other = snap_get(s, KIND_SUBNET, &f[i].subnet_id);

			if (other && uuid_eq(&other->row.id, &subnet->row.id))
				return err_api(err, 400, "BadRequest",
					       "Bad router request: Router already has a port on subnet %s.",
					       uuid_print(&subnet->row.id, id));
			if (other)
				r = overlaps(subnet, other, err);
		}
	}
	return r;
}

int net_check_gateway_overlap(const struct snap *s, const struct uuid *network_id,
			      const struct subnet *subnet, struct err *err)
{
	const struct subnet *other;
	struct scan scan;
	int r = 0;

	for (other = scan_index(&scan, s, IX_SUBNET_NETWORK, network_id, NULL); other && r == 0;
	     other = scan_next(&scan))
		r = overlaps(subnet, other, err);
	return r;
}

int net_check_gateways_overlap(const struct snap *s, const struct gateways *g, const struct uuid *but,
			       const struct subnet *subnet, struct err *err)
{
	int r = 0;

	for (uint32_t i = 0; i < g->count && r == 0; i++)
		if (!but || !uuid_eq(&g->list[i].network_id, but))
			r = net_check_gateway_overlap(s, &g->list[i].network_id, subnet, err);
	return r;
}

/* Behind the router, or at another one of its gateways. */
static bool is_in_the_way(const struct snap *s, const struct router *router, const struct subnet *subnet)
{
	struct gateways gateways;

	router_gateways(router, &gateways);
	return net_check_interface_overlap(s, &router->row.id, subnet, NULL) < 0 ||
	       net_check_gateways_overlap(s, &gateways, &subnet->network_id, subnet, NULL) < 0;
}

int net_check_attached_overlap(const struct snap *s, const struct subnet *subnet, struct err *err)
{
	const struct router *router;
	const struct port *p;
	struct scan scan;
	char cidr[CIDR_TEXT];

	for (p = scan_index(&scan, s, IX_PORT_NETWORK, &subnet->network_id, NULL); p; p = scan_next(&scan)) {
		router = net_is_router_gateway(p) ? net_router_of(s, p) : NULL;
		if (router && is_in_the_way(s, router, subnet))
			return err_api(err, 400, "InvalidInput",
				       "Invalid input for operation: %s overlaps with a subnet of a router "
				       "whose gateway is on this network.",
				       cidr_print(&subnet->cidr, cidr));
	}
	return 0;
}

/* --- gateway --- */

int net_check_gateway_policy(const struct verb *v, const char *rule, const struct router_gateway *was,
			     const struct gateway *is, struct err *err)
{
	bool same = was && uuid_eq(&was->network_id, &is->network_id);
	const struct list *now = &is->external_fixed_ips;
	char text[128];

	if (net_who(v)->admin)
		return 0;
	if (!is->enable_snat && !(same && !was->enable_snat)) {
		snprintf(text, sizeof(text), "%s:enable_snat", rule);
		return net_forbid(text, err);
	}
	if (now->count &&
	    !(same && now->count == was->external_fixed_ips.count &&
	      memcmp(now->items, was->external_fixed_ips.items, now->count * sizeof(struct fixed_ip)) == 0)) {
		snprintf(text, sizeof(text), "%s:external_fixed_ips", rule);
		return net_forbid(text, err);
	}
	return 0;
}

static int gateway_network(struct verb *v, const struct uuid *id, const struct network **ret, struct err *err)
{
	const void *row;
	char text[UUID_TEXT];
	int r;

	if ((r = verb_ref(v, KIND_NETWORK, id, &row, err)) < 0)
		return r;
	if (!((const struct network *)row)->external)
		return err_api(err, 400, "BadRequest",
			       "Bad router request: Network %s is not an external network.",
			       uuid_print(id, text));
	*ret = row;
	return 0;
}

/* Several gateways may be on one network; two networks with the same addresses could not be told apart. */
static int check_no_overlap(const struct verb *v, const struct router *router, const struct gateways *all,
			    const struct network *n, struct err *err)
{
	const struct subnet *sub;
	struct scan scan;
	int r = 0;

	for (sub = scan_index(&scan, net_snap(v), IX_SUBNET_NETWORK, &n->row.id, NULL); sub && r == 0;
	     sub = scan_next(&scan)) {
		r = net_check_interface_overlap(net_snap(v), &router->row.id, sub, err);
		if (r == 0)
			r = net_check_gateways_overlap(net_snap(v), all, &n->row.id, sub, err);
	}
	return r;
}

/* Gives the gateway's port its addresses: those asked for, else one of the network's. A port that was there
 * without any keeps none: the host's own router leaves with the host's address. */
static int assign_gateway(struct verb *v, struct router_gateway *gw, struct port *port, struct err *err)
{
	bool fresh = !uuid_eq(&gw->port_id, &port->row.id);
	struct list kept = port->fixed_ips;
	char id[UUID_TEXT];
	int r;

	if (gw->external_fixed_ips.count) {
		port->fixed_ips = gw->external_fixed_ips;
		r = net_assign_addresses(v, &port->network_id, &kept, &port->fixed_ips, err);
	} else if (kept.count == 0 && fresh) {
		r = net_assign_any(v, &port->network_id, port->device_owner, &port->fixed_ips, err);
	} else {
		r = 0;
	}
	if (r == 0 && (fresh || port->fixed_ips.count))
		r = net_assign_automatic(v, port, err);
	/* In a network without subnets a gateway has none, as in Neutron: they may come later. */
	if (r == 0 && port->fixed_ips.count == 0 && fresh &&
	    snap_find(net_snap(v), IX_SUBNET_NETWORK, &port->network_id))
		r = err_api(err, 400, "BadRequest",
			    "Bad router request: No IPs available for external network %s.",
			    uuid_print(&port->network_id, id));
	if (r == 0)
		r = txn_put(v->t, port, err);
	gw->external_fixed_ips = port->fixed_ips;
	gw->port_id = port->row.id;
	return r;
}

static int make_gateway(struct verb *v, const struct router *router, const struct gateways *all,
			struct router_gateway *gw, struct err *err)
{
	const struct network *n = NULL;
	struct port *port;
	int r;

	if ((r = gateway_network(v, &gw->network_id, &n, err)) < 0 ||
	    (r = check_no_overlap(v, router, all, n, err)) < 0 ||
	    (r = net_new_router_port(v, router, OWNER_ROUTER_GATEWAY, "", &n->row.id, &port, err)) < 0)
		return r;
	return assign_gateway(v, gw, port, err);
}

/* Whether a floating IP of the network leads through the router. Those of the router and those of the network
 * are walked side by side: the shorter walk is complete, and where there is one gateway the first one says
 * it. */
static bool is_needed(const struct snap *s, const struct uuid *router_id, const struct uuid *network_id)
{
	const struct floatingip *a, *b;
	struct scan of_router, of_network;

	a = scan_index(&of_router, s, IX_FLOATINGIP_ROUTER, router_id, NULL);
	b = scan_index(&of_network, s, IX_FLOATINGIP_NETWORK, network_id, NULL);
	for (; a && b; a = scan_next(&of_router), b = scan_next(&of_network))
		if (uuid_eq(&a->floating_network_id, network_id) || uuid_eq(&b->router_id, router_id))
			return true;
	return false;
}

static int drop_gateway(struct verb *v, const struct router *router, const struct router_gateway *gw,
			const struct gateways *left, struct err *err)
{
	char id[UUID_TEXT], network[UUID_TEXT];

	if (!gateways_to(left, &gw->network_id, 0) &&
	    is_needed(net_snap(v), &router->row.id, &gw->network_id))
		return err_api(
			err, 409, "RouterExternalGatewayInUseByFloatingIp",
			"Gateway cannot be updated for router %s, since a gateway to external network %s is "
			"required by one or more floating IPs.",
			uuid_print(&router->row.id, id), uuid_print(&gw->network_id, network));
	return txn_del(v->t, KIND_PORT, &gw->port_id, err);
}

int net_put_gateways(struct verb *v, struct router *draft, const struct gateways *was, struct gateways *want,
		     struct err *err)
{
	int r = 0;

	v->touches_kernel = true;
	for (uint32_t i = 0; i < was->count && r == 0; i++)
		if (!gateways_at(want, &was->list[i].port_id))
			r = drop_gateway(v, draft, &was->list[i], want, err);
	for (uint32_t i = 0; i < want->count && r == 0; i++) {
		struct router_gateway *gw = &want->list[i];
		const struct port *port = gateway_port(net_snap(v), gw);

		if (!gw->number)
			gw->number = gateways_free_number(want);
		r = port ? assign_gateway(v, gw, txn_edit(v->t, port), err)
			 : make_gateway(v, draft, want, gw, err);
	}
	if (r == 0)
		router_set_gateways(draft, want, v->t->region);
	return r;
}

/* A policy that is not spoken of stays; null takes it away. */
static void keep_policy(const struct verb *v, const struct router_gateway *old, struct gateway *now)
{
	if (!json_object_get(json_object_get(v->json, "external_gateway_info"), "qos_policy_id"))
		now->qos_policy_id = old->qos_policy_id;
}

/* The first gateway as the body wants it: none, so that the next one takes its place; the same network with
 * other settings; or another network. */
static int update_gateway(struct verb *v, const struct router *was, struct router *router, struct err *err)
{
	struct gateway *now = &router->external_gateway_info;
	struct gateways old, want;
	bool has = !uuid_is_null(&now->network_id);
	int r;

	router_gateways(was, &old);
	want = old;
	if (has && (r = net_check_gateway_policy(v, "update_router:external_gateway_info",
						 old.count ? &old.list[0] : NULL, now, err)) < 0)
		return r;
	if (has && old.count)
		keep_policy(v, &old.list[0], now);
	if (has && old.count && uuid_eq(&old.list[0].network_id, &now->network_id)) {
		want.list[0] = gateway_of_info(now, &old.list[0]);
	} else if (has) {
		want.list[0] = gateway_of_info(now, NULL);
		want.count = MAX(want.count, 1U);
	} else if (old.count) {
		memmove(want.list, want.list + 1, --want.count * sizeof(*want.list));
	}
	return net_put_gateways(v, router, &old, &want, err);
}

/* --- extra routes --- */

static int invalid_route(const struct ip_route *route, const char *why, struct err *err)
{
	char destination[CIDR_TEXT], nexthop[IP_TEXT];

	return err_api(err, 400, "InvalidRoutes", "Invalid format for routes: %s via %s, %s",
		       cidr_print(&route->destination, destination), ip_print(&route->nexthop, nexthop), why);
}

/* Whether a port's subnets have the next hop: 1, 0, or -EINVAL when it is the port's own address. */
static int reaches(const struct snap *s, const struct port *p, const struct ip_route *route, struct err *err)
{
	const struct fixed_ip *f = p->fixed_ips.items;
	int found = 0;

	for (uint32_t i = 0; i < p->fixed_ips.count; i++) {
		const struct subnet *sub = snap_get(s, KIND_SUBNET, &f[i].subnet_id);

		if (ip_eq(&f[i].ip_address, &route->nexthop))
			return invalid_route(route, "the nexthop is used by router", err);
		if (sub && cidr_has(&sub->cidr, &route->nexthop))
			found = 1;
	}
	return found;
}

static int check_nexthop(const struct verb *v, const struct router *router, const struct ip_route *route,
			 struct err *err)
{
	const struct snap *s = net_snap(v);
	const struct port *p;
	struct gateways gateways;
	struct interfaces walk;
	int r, found = 0;

	router_gateways(router, &gateways);
	for (uint32_t i = 0; i < gateways.count; i++) {
		p = gateway_port(s, &gateways.list[i]);
		if ((r = p ? reaches(s, p, route, err) : 0) < 0)
			return r;
		found |= r;
	}
	for (p = net_first_interface(&walk, s, &router->row.id); p; p = net_next_interface(&walk)) {
		if ((r = reaches(s, p, route, err)) < 0)
			return r;
		found |= r;
	}
	return found ? 0 : invalid_route(route, "the nexthop is not connected with router", err);
}

bool net_same_route(const struct ip_route *a, const struct ip_route *b)
{
	return ip_eq(&a->destination.addr, &b->destination.addr) &&
	       a->destination.len == b->destination.len && ip_eq(&a->nexthop, &b->nexthop);
}

int net_check_routes(struct verb *v, const struct router *router, struct err *err)
{
	const struct ip_route *route = router->routes.items;
	char id[UUID_TEXT];
	int r = 0;

	if (router->routes.count > MAX_ROUTES)
		return err_api(
			err, 400, "RoutesExhausted",
			"Unable to complete operation for %s. The number of routes exceeds the maximum %d.",
			uuid_print(&router->row.id, id), MAX_ROUTES);
	for (uint32_t i = 0; i < router->routes.count && r == 0; i++) {
		if ((r = net_check_prefix("routes", &route[i].destination, err)) < 0)
			return r;
		if (ip_is_v4(&route[i].destination.addr) != ip_is_v4(&route[i].nexthop))
			return invalid_route(&route[i], "destination and nexthop are not of one family", err);
		for (uint32_t j = 0; j < i; j++)
			if (net_same_route(&route[i], &route[j]))
				return invalid_route(&route[i], "it is there twice", err);
		r = check_nexthop(v, router, &route[i], err);
	}
	return r;
}

/* --- verbs --- */

static int router_create(struct verb *v, void *draft, struct err *err)
{
	struct router *router = draft;
	struct gateways none = {0}, want = {.count = 1};
	int r;

	v->touches_kernel = true;
	if ((r = zones_check(v->c, &router->availability_zone_hints, err)) < 0 ||
	    (r = net_check_flavor(v, &router->flavor_id, err)) < 0 ||
	    uuid_is_null(&router->external_gateway_info.network_id))
		return r;
	r = net_check_gateway_policy(v, "create_router:external_gateway_info", NULL,
				     &router->external_gateway_info, err);
	want.list[0] = gateway_of_info(&router->external_gateway_info, NULL);
	return r < 0 ? r : net_put_gateways(v, router, &none, &want, err);
}

static int router_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct router *was = old;
	struct router *router = draft;
	bool gateway = verb_given(v, KIND_ROUTER, "external_gateway_info");
	int r;

	if (gateway && (r = update_gateway(v, was, router, err)) < 0)
		return r;
	v->touches_kernel |= verb_given(v, KIND_ROUTER, "routes") ||
			     was->enable_default_route_ecmp != router->enable_default_route_ecmp ||
			     was->admin_state_up != router->admin_state_up;
	return net_check_routes(v, router, err);
}

static int router_remove(struct verb *v, const void *row, struct err *err)
{
	const struct router *was = row;
	struct gateways old, none = {0};
	struct interfaces walk;
	char id[UUID_TEXT];

	if (net_first_interface(&walk, net_snap(v), &was->row.id))
		return err_api(err, 409, "RouterInUse", "Router %s still has ports",
			       uuid_print(&was->row.id, id));
	router_gateways(was, &old);
	return net_put_gateways(v, txn_edit(v->t, was), &old, &none, err);
}

/* --- showing --- */

/* Without gateway and interfaces there is nothing that a node could apply. */
static bool leads_nowhere(const struct call *c, const struct router *r)
{
	struct interfaces walk;

	return !router_is_hosted(c->snap, c->api->config.node_name, r) ||
	       (uuid_is_null(&r->gw_port_id) && !net_first_interface(&walk, c->snap, &r->row.id));
}

/* Neutron has no DOWN for routers, and clients that wait for ACTIVE take BUILD for "not yet", anything else
 * for a failure. */
static const char *router_status(const struct call *c, const struct row *row)
{
	switch (nodes_state(c->api->nodes, &row->id, row->revision)) {
	case NODE_APPLIED:
		return "ACTIVE";
	case NODE_FAILED:
		return "ERROR";
	case NODE_PENDING:
		break;
	}
	return leads_nowhere(c, (const struct router *)row) ? "ACTIVE" : "BUILD";
}

/* Elements of the shape of external_gateway_info. */
static void print_gateways(const struct router *r, struct buf *out)
{
	struct gateway infos[ROUTER_GATEWAYS_MAX];
	struct gateway_list list = {{infos, 0}};
	struct gateways gateways;

	router_gateways(r, &gateways);
	for (; list.external_gateways.count < gateways.count; list.external_gateways.count++)
		infos[list.external_gateways.count] =
			gateway_info(&gateways.list[list.external_gateways.count]);
	print_attr(&shape_gateway_list.attrs[0], &list, out);
}

static void router_show(void *arg, const struct attr *attr, const struct row *row, struct buf *out)
{
	if (strcmp(attr->name, "availability_zones") == 0)
		zones_print(arg, !((const struct router *)row)->unhosted, out);
	else if (strcmp(attr->name, "external_gateways") == 0)
		print_gateways((const struct router *)row, out);
	else
		buf_json_str(out, router_status(arg, row));
}

const struct resource router_resource = {
	.kind = KIND_ROUTER,
	.quota = KIND_ROUTER,
	.create = router_create,
	.update = router_update,
	.remove = router_remove,
	.show = router_show,
};
