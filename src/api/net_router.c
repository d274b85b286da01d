/* Routers: the gateway to an external network and its port, extra routes.
 * Hooks of the generic verbs; interfaces are in net_router_iface.c. */
#include "api/net.h"

#include <string.h>
#include <talloc.h>

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

static const struct port *gateway_port(const struct snap *s, const struct router *r)
{
	return uuid_is_null(&r->gw_port_id) ? NULL : snap_get(s, KIND_PORT, &r->gw_port_id);
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

int net_check_attached_overlap(const struct snap *s, const struct subnet *subnet, struct err *err)
{
	const struct router *router;
	const struct port *p;
	struct scan scan;
	char cidr[CIDR_TEXT];

	for (p = scan_index(&scan, s, IX_PORT_NETWORK, &subnet->network_id, NULL); p; p = scan_next(&scan)) {
		router = net_is_router_gateway(p) ? net_router_of(s, p) : NULL;
		if (router && net_check_interface_overlap(s, &router->row.id, subnet, NULL) < 0)
			return err_api(err, 400, "InvalidInput",
				       "Invalid input for operation: %s overlaps with a subnet of a router "
				       "whose gateway is on this network.",
				       cidr_print(&subnet->cidr, cidr));
	}
	return 0;
}

/* --- gateway --- */

/* What only an administrator may choose: the addresses, and to leave without translation. What stands already
 * may be said again. */
static int check_gateway_policy(const struct verb *v, const struct gateway *was, const struct gateway *is,
				struct err *err)
{
	bool same = was && uuid_eq(&was->network_id, &is->network_id);
	const struct list *now = &is->external_fixed_ips;

	if (net_who(v)->admin)
		return 0;
	if (!is->enable_snat && !(same && !was->enable_snat))
		return net_forbid("update_router:external_gateway_info:enable_snat", err);
	if (now->count &&
	    !(same && now->count == was->external_fixed_ips.count &&
	      memcmp(now->items, was->external_fixed_ips.items, now->count * sizeof(struct fixed_ip)) == 0))
		return net_forbid("update_router:external_gateway_info:external_fixed_ips", err);
	return 0;
}

static int gateway_network(struct verb *v, const struct router *router, const struct network **ret,
			   struct err *err)
{
	const struct uuid *id = &router->external_gateway_info.network_id;
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

static int check_no_overlap(const struct verb *v, const struct router *router, const struct network *n,
			    struct err *err)
{
	const struct subnet *sub;
	struct scan scan;
	int r = 0;

	for (sub = scan_index(&scan, net_snap(v), IX_SUBNET_NETWORK, &n->row.id, NULL); sub && r == 0;
	     sub = scan_next(&scan))
		r = net_check_interface_overlap(net_snap(v), &router->row.id, sub, err);
	return r;
}

/* Gives the gateway's port its addresses: those asked for, else one of the network's. A port that was there
 * without any keeps none: the host's own router leaves with the host's address. */
static int assign_gateway(struct verb *v, struct router *router, struct port *port, struct err *err)
{
	struct gateway *gw = &router->external_gateway_info;
	bool fresh = !uuid_eq(&router->gw_port_id, &port->row.id);
	struct list kept = port->fixed_ips;
	char id[UUID_TEXT];
	int r;

	if (gw->external_fixed_ips.count) {
		port->fixed_ips = gw->external_fixed_ips;
		r = net_assign_addresses(v, &port->network_id, &kept, &port->fixed_ips, err);
	} else if (kept.count == 0 && fresh) {
		r = net_assign_any(v, &port->network_id, &port->fixed_ips, err);
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
	router->gw_port_id = port->row.id;
	return r;
}

static int make_gateway(struct verb *v, struct router *router, struct err *err)
{
	const struct network *n = NULL;
	struct port *port;
	int r;

	if ((r = gateway_network(v, router, &n, err)) < 0 || (r = check_no_overlap(v, router, n, err)) < 0 ||
	    (r = net_new_router_port(v, router, OWNER_ROUTER_GATEWAY, "", &n->row.id, &port, err)) < 0)
		return r;
	return assign_gateway(v, router, port, err);
}

static int drop_gateway(struct verb *v, struct router *router, const struct uuid *network_id, struct err *err)
{
	char id[UUID_TEXT], network[UUID_TEXT];
	int r;

	if (snap_find(net_snap(v), IX_FLOATINGIP_ROUTER, &router->row.id))
		return err_api(
			err, 409, "RouterExternalGatewayInUseByFloatingIp",
			"Gateway cannot be updated for router %s, since a gateway to external network %s is "
			"required by one or more floating IPs.",
			uuid_print(&router->row.id, id), uuid_print(network_id, network));
	r = txn_del(v->t, KIND_PORT, &router->gw_port_id, err);
	router->gw_port_id = (struct uuid){0};
	return r;
}

/* The gateway as the body wants it: none, the same network with other settings, or another network. */
static int update_gateway(struct verb *v, const struct router *was, struct router *router, struct err *err)
{
	const struct gateway *old = &was->external_gateway_info;
	const struct gateway *now = &router->external_gateway_info;
	bool had = !uuid_is_null(&old->network_id), has = !uuid_is_null(&now->network_id);
	const struct port *port = gateway_port(net_snap(v), was);
	int r;

	if (has && (r = check_gateway_policy(v, had ? old : NULL, now, err)) < 0)
		return r;
	if (had && has && port && uuid_eq(&old->network_id, &now->network_id))
		return assign_gateway(v, router, txn_edit(v->t, port), err);
	if (had && (r = drop_gateway(v, router, &old->network_id, err)) < 0)
		return r;
	return has ? make_gateway(v, router, err) : 0;
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
	const struct port *p = gateway_port(s, router);
	struct interfaces walk;
	int r, found = p ? reaches(s, p, route, err) : 0;

	if (found < 0)
		return found;
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
	int r;

	v->touches_kernel = true;
	if (uuid_is_null(&router->external_gateway_info.network_id))
		return 0;
	r = check_gateway_policy(v, NULL, &router->external_gateway_info, err);
	return r < 0 ? r : make_gateway(v, router, err);
}

static int router_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct router *was = old;
	struct router *router = draft;
	bool gateway = verb_given(v, KIND_ROUTER, "external_gateway_info");
	int r;

	if (gateway && (r = update_gateway(v, was, router, err)) < 0)
		return r;
	v->touches_kernel |= gateway || verb_given(v, KIND_ROUTER, "routes") ||
			     was->admin_state_up != router->admin_state_up;
	return net_check_routes(v, router, err);
}

static int router_remove(struct verb *v, const void *row, struct err *err)
{
	const struct router *was = row;
	struct router *router = txn_edit(v->t, was);
	struct interfaces walk;
	char id[UUID_TEXT];

	if (net_first_interface(&walk, net_snap(v), &was->row.id))
		return err_api(err, 409, "RouterInUse", "Router %s still has ports",
			       uuid_print(&was->row.id, id));
	v->touches_kernel = true;
	if (uuid_is_null(&was->gw_port_id))
		return 0;
	return drop_gateway(v, router, &was->external_gateway_info.network_id, err);
}

/* --- showing --- */

/* Without gateway and interfaces there is nothing that a node could apply. */
static bool leads_nowhere(const struct call *c, const struct router *r)
{
	struct interfaces walk;

	return uuid_is_null(&r->gw_port_id) && !net_first_interface(&walk, c->snap, &r->row.id);
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

static void router_show(void *arg, const struct attr *attr, const struct row *row, struct buf *out)
{
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
