/* Floating IPs: choosing the public address, and what it is to associate one with a port.
 * Hooks of the generic verbs; look-ups only, since there may be hundreds of thousands. */
#include "api/net.h"
#include "model/hosting.h"

#include <string.h>
#include <talloc.h>

static int bad_request(struct err *err, const char *why, const struct uuid *id)
{
	char text[UUID_TEXT];

	return err_api(err, 400, "BadRequest", "Bad floatingip request: %s %s.", why, uuid_print(id, text));
}

/* --- the public address --- */

static int exhausted(const struct uuid *network_id, bool strict, struct err *err)
{
	char id[UUID_TEXT];

	if (strict)
		return err_api(
			err, 400, "ExternalIpAddressExhausted",
			"Unable to find any IP address on external network %s: those that are not in use "
			"rest, and the pool is strict.",
			uuid_print(network_id, id));
	return err_api(err, 400, "ExternalIpAddressExhausted",
		       "Unable to find any IP address on external network %s.", uuid_print(network_id, id));
}

/* The subnet that the body names. Whoever sees the pool may, though it sees none of the pool's subnets: so
 * one that is not there is as one of another network. */
static int named_subnet(struct verb *v, const struct floatingip *f, const struct subnet **ret,
			struct err *err)
{
	const struct subnet *sub = txn_get(v->t, KIND_SUBNET, &f->subnet_id);
	char subnet[UUID_TEXT], network[UUID_TEXT];

	if (!sub || !uuid_eq(&sub->network_id, &f->floating_network_id) || sub->ip_version != 4)
		return err_api(err, 400, "InvalidInput",
			       "Invalid input for operation: subnet %s is no IPv4 subnet of network %s.",
			       uuid_print(&f->subnet_id, subnet),
			       uuid_print(&f->floating_network_id, network));
	*ret = sub;
	return 0;
}

/* An address that the body names: any of the subnet that a host may have, inside the pools or not. */
static int take_given(struct verb *v, struct floatingip *f, const struct subnet *sub, struct err *err)
{
	char ip[IP_TEXT], network[UUID_TEXT];

	ip_print(&f->floating_ip_address, ip);
	if (!sub && !(sub = net_subnet_with(net_snap(v), &f->floating_network_id, &f->floating_ip_address)))
		return err_api(
			err, 400, "InvalidIpForNetwork",
			"IP address %s is not a valid IP for any of the subnets on the specified network.",
			ip);
	if (sub->ip_version != 4 || !net_usable(sub, &f->floating_ip_address) ||
	    ip_eq(&sub->gateway_ip, &f->floating_ip_address))
		return err_api(err, 400, "InvalidIpForSubnet",
			       "IP address %s is not a valid IP for the specified subnet.", ip);
	if (net_rest_at(net_snap(v), &sub->row.id, &f->floating_ip_address)) {
		int r = net_rest_yield(v, sub, &f->floating_ip_address, f->project_id, err);

		if (r < 0)
			return r;
	}
	if (snap_holding(net_snap(v), &sub->row.id, &f->floating_ip_address))
		return err_api(err, 409, "IpAddressInUse",
			       "Unable to complete operation for network %s. The IP address %s is in use.",
			       uuid_print(&f->floating_network_id, network), ip);
	f->subnet_id = sub->row.id;
	return 0;
}

/* `sub` NULL: of any of the network's. */
static int take_any(struct verb *v, struct floatingip *f, const struct subnet *sub, struct err *err)
{
	struct subnets subs = {&sub, 1};
	bool strict = false;

	if (!sub)
		subs = net_ipv4_subnets(net_snap(v), v->t->region, &f->floating_network_id);
	if (subs.count == 0)
		return bad_request(err, "There is no IPv4 subnet on network", &f->floating_network_id);
	if (uuid_is_null(&f->subnet_id))
		net_keep_serving(&subs, OWNER_FLOATINGIP);
	if (net_take_free(v, &subs, f->project_id, &f->floating_ip_address, &sub, &strict) < 0)
		return exhausted(&f->floating_network_id, strict, err);
	f->subnet_id = sub->row.id;
	return 0;
}

static int choose_address(struct verb *v, struct floatingip *f, struct err *err)
{
	const struct subnet *sub = NULL;
	int r;

	if (!uuid_is_null(&f->subnet_id) && (r = named_subnet(v, f, &sub, err)) < 0)
		return r;
	if (!ip_is_null(&f->floating_ip_address))
		return take_given(v, f, sub, err);
	return take_any(v, f, sub, err);
}

/* --- the fixed address --- */

static const struct fixed_ip *first_ipv4(const struct port *p)
{
	const struct fixed_ip *f = p->fixed_ips.items;

	for (uint32_t i = 0; i < p->fixed_ips.count; i++)
		if (ip_is_v4(&f[i].ip_address))
			return &f[i];
	return NULL;
}

/* A pair may be a whole prefix; a router's own address, and what another project's port has on a shared
 * network, are none of the port's for all that. */
static bool is_anothers(const struct snap *s, const struct subnet *sub, const struct ip *ip,
			const struct port *port)
{
	const struct holding *h = snap_holding(s, &sub->row.id, ip);
	const struct port *p = h && h->kind == KIND_PORT ? snap_get(s, KIND_PORT, &h->id) : NULL;

	return p && (net_is_router_interface(p) || net_is_router_gateway(p) ||
		     strcmp(p->project_id, port->project_id) != 0);
}

/* The subnet of the port's network in which the port answers for the address: as its own, or by an allowed
 * pair. */
static const struct subnet *subnet_of_fixed(const struct snap *s, const struct port *p, const struct ip *ip)
{
	const struct subnet *sub = net_subnet_with(s, &p->network_id, ip);

	if (!sub || !net_usable(sub, ip))
		return NULL;
	if (net_port_has(p, ip))
		return sub;
	return net_pair_allows(p, ip) && !is_anothers(s, sub, ip, p) ? sub : NULL;
}

static int choose_fixed(struct verb *v, const struct port *p, struct floatingip *f, const struct subnet **ret,
			struct err *err)
{
	const struct fixed_ip *first = first_ipv4(p);
	char id[UUID_TEXT], ip[IP_TEXT];

	if (ip_is_null(&f->fixed_ip_address)) {
		if (!first)
			return err_api(err, 400, "BadRequest",
				       "Bad floatingip request: Cannot add floating IP to port %s that has "
				       "no fixed IPv4 "
				       "addresses.",
				       uuid_print(&p->row.id, id));
		f->fixed_ip_address = first->ip_address;
	}
	if (!ip_is_v4(&f->fixed_ip_address))
		return err_api(err, 400, "BadRequest",
			       "Bad floatingip request: Cannot process floating IP association with %s, "
			       "since that is "
			       "not an IPv4 address.",
			       ip_print(&f->fixed_ip_address, ip));
	*ret = subnet_of_fixed(net_snap(v), p, &f->fixed_ip_address);
	if (*ret)
		return 0;
	return err_api(err, 400, "BadRequest", "Bad floatingip request: Port %s does not have fixed ip %s.",
		       uuid_print(&p->row.id, id), ip_print(&f->fixed_ip_address, ip));
}

/* --- the router --- */

/* The router of an interface port, if one of its gateways is on the external network. */
static const struct router *leads_to(const struct snap *s, const struct port *p, const struct uuid *external)
{
	const struct router *router = p && net_is_router_interface(p) ? net_router_of(s, p) : NULL;
	struct gateways gateways;

	if (!router)
		return NULL;
	router_gateways(router, &gateways);
	return gateways_to(&gateways, external, 0) ? router : NULL;
}

/* One that is not at the subnet's gateway address takes a walk over the network's ports. */
const struct router *net_find_router(const struct snap *s, const struct subnet *sub,
				     const struct uuid *external)
{
	const struct holding *h = snap_holding(s, &sub->row.id, &sub->gateway_ip);
	const struct router *router = NULL;
	const struct port *p;
	struct scan scan;

	if (h && h->kind == KIND_PORT)
		router = leads_to(s, snap_get(s, KIND_PORT, &h->id), external);
	if (router)
		return router;
	for (p = scan_index(&scan, s, IX_PORT_NETWORK, &sub->network_id, NULL); p && !router;
	     p = scan_next(&scan))
		if (net_is_router_interface(p) && net_port_ip_in(p, &sub->row.id))
			router = leads_to(s, p, external);
	return router;
}

/* --- association --- */

/* Two floating IPs of one network, or of one router, can not share a fixed address: what leaves from it could
 * have only one of them as its source. */
static bool clashes(const struct floatingip *f, const struct floatingip *other)
{
	return !uuid_eq(&f->row.id, &other->row.id) &&
	       ip_eq(&f->fixed_ip_address, &other->fixed_ip_address) &&
	       (uuid_eq(&f->router_id, &other->router_id) ||
		(uuid_eq(&f->port_id, &other->port_id) &&
		 uuid_eq(&f->floating_network_id, &other->floating_network_id)));
}

/* Floating IPs with that fixed address (many where every project numbers alike) and those of the router (many
 * where there is one router) are walked side by side: the shorter walk ends both, and either is complete for
 * the router. Those of the port are few. */
const struct floatingip *net_fixed_taken_by(const struct snap *s, const struct floatingip *f)
{
	const struct floatingip *a, *b;
	struct scan same_fixed, same_router;

	for (a = scan_index(&same_fixed, s, IX_FLOATINGIP_PORT, &f->port_id, NULL); a;
	     a = scan_next(&same_fixed))
		if (clashes(f, a))
			return a;
	a = scan_index(&same_fixed, s, IX_FLOATINGIP_FIXED, &f->fixed_ip_address, NULL);
	b = scan_index(&same_router, s, IX_FLOATINGIP_ROUTER, &f->router_id, NULL);
	for (; a && b; a = scan_next(&same_fixed), b = scan_next(&same_router))
		if (clashes(f, a) || clashes(f, b))
			return clashes(f, a) ? a : b;
	return NULL;
}

static int taken(const struct floatingip *f, struct err *err)
{
	char address[IP_TEXT], fixed[IP_TEXT], id[UUID_TEXT], port[UUID_TEXT], network[UUID_TEXT];

	return err_api(err, 409, "FloatingIPPortAlreadyAssociated",
		       "Cannot associate floating IP %s (%s) with port %s using fixed IP %s, as that fixed "
		       "IP already "
		       "has a floating IP on external network %s.",
		       ip_print(&f->floating_ip_address, address), uuid_print(&f->row.id, id),
		       uuid_print(&f->port_id, port), ip_print(&f->fixed_ip_address, fixed),
		       uuid_print(&f->floating_network_id, network));
}

static int unreachable(const struct floatingip *f, const struct subnet *sub, struct err *err)
{
	char network[UUID_TEXT], subnet[UUID_TEXT], port[UUID_TEXT];

	return err_api(err, 404, "ExternalGatewayForFloatingIPNotFound",
		       "External network %s is not reachable from subnet %s. Therefore, cannot associate "
		       "Port %s with a "
		       "Floating IP.",
		       uuid_print(&f->floating_network_id, network), uuid_print(&sub->row.id, subnet),
		       uuid_print(&f->port_id, port));
}

/* What was so before the transaction is nothing new, whatever was between. */
static void note_association(const struct verb *v, struct floatingip *f)
{
	const struct floatingip *base = snap_get(v->t->base, KIND_FLOATINGIP, &f->row.id);
	bool same = base && uuid_eq(&base->port_id, &f->port_id) &&
		    ip_eq(&base->fixed_ip_address, &f->fixed_ip_address) &&
		    uuid_eq(&base->router_id, &f->router_id);

	f->associated_at = same ? base->associated_at : v->t->now_us / 1000000;
}

/* Fills in the fixed address (when null) and the router for f->port_id. */
static int associate(struct verb *v, struct floatingip *f, struct err *err)
{
	const struct router *router;
	const struct subnet *sub;
	const struct port *p;
	const void *row;
	int r;

	if ((r = verb_ref(v, KIND_PORT, &f->port_id, &row, err)) < 0)
		return r;
	p = row;
	if (net_is_router_interface(p) || net_is_router_gateway(p))
		return bad_request(err, "Cannot associate a floating IP with the router's own port",
				   &p->row.id);
	if ((r = choose_fixed(v, p, f, &sub, err)) < 0)
		return r;
	if (!(router = net_find_router(net_snap(v), sub, &f->floating_network_id)))
		return unreachable(f, sub, err);
	f->router_id = router->row.id;
	if ((r = net_check_forwardings(net_snap(v), p, sub, &f->fixed_ip_address, err)) < 0)
		return r;
	note_association(v, f);
	return net_fixed_taken_by(net_snap(v), f) ? taken(f, err) : 0;
}

static void disassociate(struct floatingip *f)
{
	f->port_id = (struct uuid){0};
	f->fixed_ip_address = (struct ip){0};
	f->router_id = (struct uuid){0};
}

static int fixed_without_port(struct err *err)
{
	return err_api(err, 400, "BadRequest",
		       "Bad floatingip request: fixed_ip_address cannot be specified without a port_id.");
}

int net_disassociate(struct verb *v, const struct floatingip *f, struct err *err)
{
	struct floatingip *draft = txn_edit(v->t, f);

	disassociate(draft);
	return txn_put(v->t, draft, err);
}

int net_disassociate_port(struct verb *v, const struct uuid *port_id, struct err *err)
{
	const struct floatingip *f;
	int r = 0;

	/* Each look-up is a new one: a scan does not survive a change of its tree. */
	while (r == 0 && (f = snap_find(net_snap(v), IX_FLOATINGIP_PORT, port_id)))
		r = net_disassociate(v, f, err);
	return r;
}

int net_check_port_keeps(struct verb *v, const struct port *port, struct err *err)
{
	const struct floatingip *f;
	struct scan scan;
	char id[UUID_TEXT], ip[IP_TEXT];

	for (f = scan_index(&scan, net_snap(v), IX_FLOATINGIP_PORT, &port->row.id, NULL); f;
	     f = scan_next(&scan))
		if (!net_port_has(port, &f->fixed_ip_address) && !net_pair_allows(port, &f->fixed_ip_address))
			return err_api(
				err, 409, "FixedIpInUseByFloatingIP",
				"Cannot remove fixed IP %s from port %s, as it is required by a floating IP.",
				ip_print(&f->fixed_ip_address, ip), uuid_print(&port->row.id, id));
	return 0;
}

/* --- allocate or reuse --- */

static int bad_tag(struct err *err)
{
	return err_api(
		err, 400, "BadRequest",
		"Bad floatingip request: reuse_tag goes with neither subnet_id nor floating_ip_address.");
}

static bool has_tag(const struct floatingip *f, const char *tag)
{
	const struct tag_item *items = f->tags.items;

	for (uint32_t i = 0; i < f->tags.count; i++)
		if (strcmp(items[i].text, tag) == 0)
			return true;
	return false;
}

/* The port's own, else one that is not associated; without a port, any. */
static const struct floatingip *find_tagged(const struct snap *s, const struct floatingip *like)
{
	const char *tag = like->reuse_tag;
	const struct floatingip *f;
	struct scan scan;

	if (!uuid_is_null(&like->port_id))
		for (f = scan_index(&scan, s, IX_FLOATINGIP_PORT, &like->port_id, NULL); f;
		     f = scan_next(&scan))
			if (uuid_eq(&f->floating_network_id, &like->floating_network_id) &&
			    strcmp(f->project_id, like->project_id) == 0 && has_tag(f, tag))
				return f;
	f = snap_tagged(s, like->project_id, &like->floating_network_id, tag, false);
	if (!f && uuid_is_null(&like->port_id))
		f = snap_tagged(s, like->project_id, &like->floating_network_id, tag, true);
	return f;
}

/* As PUT would. */
static int reassociate(struct verb *v, const struct floatingip *f, const struct floatingip *like,
		       struct err *err)
{
	char port[UUID_TEXT], fixed[IP_TEXT];
	json_t *json;
	int r;

	if (uuid_is_null(&like->port_id))
		return 0;
	json = json_pack("{s:s}", "port_id", uuid_print(&like->port_id, port));
	if (!ip_is_null(&like->fixed_ip_address))
		json_object_set_new(json, "fixed_ip_address",
				    json_string(ip_print(&like->fixed_ip_address, fixed)));
	r = verb_change(v, &f->row, json, err);
	json_decref(json);
	return r;
}

static int floatingip_reuse(struct verb *v, void *draft, struct uuid *ret_id, struct err *err)
{
	struct floatingip *f = draft;
	const struct floatingip *found;
	struct tag_item *tag;
	int r;

	if (!f->reuse_tag)
		return 0;
	if (!ip_is_null(&f->floating_ip_address) || !uuid_is_null(&f->subnet_id))
		return bad_tag(err);
	if ((r = verb_ref(v, KIND_NETWORK, &f->floating_network_id, NULL, err)) < 0)
		return r;
	found = find_tagged(net_snap(v), f);
	if (found) {
		*ret_id = found->row.id;
		r = reassociate(v, found, f, err);
		return r < 0 ? r : 1;
	}
	tag = talloc(v->t->region, struct tag_item);
	tag->text = f->reuse_tag;
	f->tags = (struct list){tag, 1};
	return 0;
}

/* --- verbs --- */

static int floatingip_create(struct verb *v, void *draft, struct err *err)
{
	struct floatingip *f = draft;
	const void *network;
	int r;

	if ((r = verb_ref(v, KIND_NETWORK, &f->floating_network_id, &network, err)) < 0)
		return r;
	if (!((const struct network *)network)->external) {
		char id[UUID_TEXT];

		return err_api(err, 400, "BadRequest",
			       "Bad floatingip request: Network %s is not a valid external network.",
			       uuid_print(&f->floating_network_id, id));
	}
	if ((r = net_check_floatingip_dns(v, f, err)) < 0 || (r = net_settle_lease(v, f, err)) < 0 ||
	    (r = choose_address(v, f, err)) < 0)
		return r;
	if (uuid_is_null(&f->port_id))
		return ip_is_null(&f->fixed_ip_address) ? 0 : fixed_without_port(err);
	v->touches_kernel = true;
	return associate(v, f, err);
}

static int used_by_forwardings(const struct floatingip *f, struct err *err)
{
	char id[UUID_TEXT];

	return err_api(err, 409, "FipInUseByPortForwarding",
		       "Floating IP %s in use by Port Forwarding resources.", uuid_print(&f->row.id, id));
}

/* A port without a fixed address keeps the one that it has with the same port: saying it again changes
 * nothing. */
static void settle_fixed(struct verb *v, const struct floatingip *was, struct floatingip *f)
{
	const struct port *p = txn_get(v->t, KIND_PORT, &f->port_id);

	if (verb_given(v, KIND_FLOATINGIP, "fixed_ip_address") && !ip_is_null(&f->fixed_ip_address))
		return;
	if (uuid_eq(&was->port_id, &f->port_id) && p &&
	    subnet_of_fixed(net_snap(v), p, &was->fixed_ip_address) &&
	    !verb_given(v, KIND_FLOATINGIP, "fixed_ip_address"))
		f->fixed_ip_address = was->fixed_ip_address;
	else
		f->fixed_ip_address = (struct ip){0};
}

static int floatingip_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct floatingip *was = old;
	struct floatingip *f = draft;
	bool port = verb_given(v, KIND_FLOATINGIP, "port_id");
	bool fixed = verb_given(v, KIND_FLOATINGIP, "fixed_ip_address");
	int r = net_settle_lease(v, f, err);

	if (r < 0)
		return r;
	v->touches_kernel |= verb_given(v, KIND_FLOATINGIP, "qos_policy_id") && !uuid_is_null(&f->router_id);
	if (!port && !fixed && v->given)
		return 0;
	/* A body that says nothing at all ends an association, as it always has with Neutron. */
	if (!v->given)
		f->port_id = (struct uuid){0};
	if (uuid_is_null(&f->port_id)) {
		if (fixed && !ip_is_null(&f->fixed_ip_address))
			return fixed_without_port(err);
		/* Forwardings are taken away one by one. */
		if (!net_has_forwardings(was))
			disassociate(f);
	} else if (net_has_forwardings(was)) {
		return used_by_forwardings(was, err);
	} else {
		settle_fixed(v, was, f);
		r = associate(v, f, err);
	}
	/* Said again it changes nothing, but the answer still waits for the kernel: the first may have been
	 * in vain. */
	v->touches_kernel = true;
	return r;
}

static int floatingip_remove(struct verb *v, const void *row, struct err *err)
{
	struct uuid id = ((const struct row *)row)->id;
	int r = txn_del(v->t, KIND_SIGHTING, &id, err);

	if (r < 0 || (r = net_transfer_end(v, &id, err)) < 0)
		return r;
	v->touches_kernel |= !uuid_is_null(&((const struct floatingip *)row)->port_id);
	if (net_has_forwardings(row))
		return used_by_forwardings(row, err);
	return net_rest_begin(v, row, err);
}

/* --- showing --- */

/* Associated through a router that is switched on: only then there is something for the kernel to have. */
static bool is_served(const struct call *c, const struct floatingip *f)
{
	const struct router *router = snap_get(c->snap, KIND_ROUTER, &f->router_id);

	return router && router->admin_state_up &&
	       router_is_hosted(c->snap, c->api->config.node_name, router);
}

const char *net_floatingip_status(const struct call *c, const struct floatingip *f)
{
	/* An address that a stranger answers for is an error before anybody associates it. */
	switch (nodes_state(c->api->nodes, &f->row.id, f->row.revision)) {
	case NODE_APPLIED:
		return is_served(c, f) ? "ACTIVE" : "DOWN";
	case NODE_FAILED:
		return "ERROR";
	case NODE_PENDING:
		break;
	}
	return "DOWN";
}

static void print_port_details(const struct call *c, const struct floatingip *f, struct buf *out)
{
	const struct port *p = uuid_is_null(&f->port_id) ? NULL : snap_get(c->snap, KIND_PORT, &f->port_id);
	char network[UUID_TEXT], mac[MAC_TEXT];

	if (!p) {
		buf_puts(out, "null");
		return;
	}
	buf_puts(out, "{\"name\":");
	buf_json_str(out, p->name);
	buf_printf(out, ",\"network_id\":\"%s\",\"mac_address\":\"%s\",\"admin_state_up\":%s,\"status\":",
		   uuid_print(&p->network_id, network), mac_print(&p->mac_address, mac),
		   p->admin_state_up ? "true" : "false");
	buf_json_str(out, c->now ? NULL : net_port_status(c, p));
	buf_puts(out, ",\"device_id\":");
	buf_json_str(out, p->device_id);
	buf_puts(out, ",\"device_owner\":");
	buf_json_str(out, p->device_owner);
	buf_putc(out, '}');
}

/* A router that is as it should be has its floating IPs, but those that failed. */
static void print_verified(const struct call *c, const struct floatingip *f, struct buf *out)
{
	int64_t us = uuid_is_null(&f->router_id)
			     ? 0
			     : nodes_verified(c->api->nodes, &f->router_id, f->row.revision);
	char time[TIME_TEXT], why[1];

	if (us && nodes_failure(c->api->nodes, &f->row.id, why, sizeof(why)))
		us = 0;
	buf_json_str(out, us ? time_print(us / 1000000, time) : NULL);
}

static void floatingip_show(void *arg, const struct attr *attr, const struct row *row, struct buf *out)
{
	const struct floatingip *f = (const struct floatingip *)row;

	if (strcmp(attr->name, "port_details") == 0)
		print_port_details(arg, f, out);
	else if (strcmp(attr->name, "port_forwardings") == 0)
		net_print_forwardings(((const struct call *)arg)->snap, &f->row.id, out);
	else if (strcmp(attr->name, "verified_at") == 0)
		print_verified(arg, f, out);
	else
		buf_json_str(out, net_floatingip_status(arg, f));
}

const struct resource floatingip_resource = {
	.kind = KIND_FLOATINGIP,
	.quota = KIND_FLOATINGIP,
	.reuse = floatingip_reuse,
	.create = floatingip_create,
	.update = floatingip_update,
	.remove = floatingip_remove,
	.show = floatingip_show,
};
