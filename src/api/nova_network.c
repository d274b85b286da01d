/* nova-network's mode: pool, fixed network and router exist without anybody making them by hand.
 * Called once, after the ledger is there and before anybody is answered; goes through the resources' hooks.
 */
#include "api/nova_network.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "api/compute.h"
#include "api/identity_int.h"
#include "api/net.h"

struct ensuring {
	struct verb v;
	const struct nova_network *want;
	const char *project_id;
	struct uuid external, fixed, subnet;
};

/* --- whose --- */

static const struct assignment *first_administrator(const struct snap *s)
{
	const struct role *admin = role_by_name(s, "admin");
	const struct assignment *a;
	struct scan scan;

	for (a = admin ? scan_kind(&scan, s, KIND_ASSIGNMENT, NULL) : NULL; a; a = scan_next(&scan))
		if (uuid_eq(&a->role_id, &admin->row.id) && !uuid_is_null(&a->project_id))
			return a;
	return NULL;
}

/* With an external Keystone the rows are nobody's: administrators see them, and the networks are shared. */
static int choose_project(struct ensuring *e, struct err *err)
{
	const struct snap *s = e->v.t->work;
	const struct project *p = project_by_name(s, &hexid_default, "admin");
	const struct assignment *a = p ? NULL : first_administrator(s);
	char *text = talloc_size(e->v.t->region, HEXID_TEXT);

	if (e->v.c->api->config.keystone)
		e->project_id = "";
	else if (p || a)
		e->project_id = hexid_print(p ? &p->row.id : &a->project_id, text);
	else
		return err_set(err, -EAGAIN, "nobody administers yet: see buoyd bootstrap");
	e->v.c->caller.actor.project_id = e->project_id;
	return 0;
}

/* --- networks --- */

static const struct network *on_physical(const struct snap *s, const char *physical)
{
	const struct network *n;
	struct scan scan;

	for (n = scan_kind(&scan, s, KIND_NETWORK, NULL); n; n = scan_next(&scan))
		if (n->physical_network && strcmp(n->physical_network, physical) == 0)
			return n;
	return NULL;
}

static int make(struct ensuring *e, enum kind kind, json_t *json, struct uuid *ret, struct err *err)
{
	int r = json ? verb_make(&e->v, kind, json, ret, err) : err_set(err, -ENOMEM, "no memory");

	json_decref(json);
	return r;
}

static int change(struct ensuring *e, const struct row *row, json_t *json, struct err *err)
{
	int r = json ? verb_change(&e->v, row, json, err) : err_set(err, -ENOMEM, "no memory");

	json_decref(json);
	return r;
}

static int ensure_external(struct ensuring *e, struct err *err)
{
	const struct nova_network *w = e->want;
	const struct network *n = on_physical(e->v.t->work, w->public_physical);

	if (!n)
		return make(e, KIND_NETWORK,
			    json_pack("{s:s, s:b, s:b, s:s, s:s}", "name", w->pool, "router:external", 1,
				      "shared", 0, "provider:network_type", "flat",
				      "provider:physical_network", w->public_physical),
			    &e->external, err);
	e->external = n->row.id;
	if (!n->external)
		return err_set(err, -EEXIST, "network %s is on physical network %s, but not external",
			       n->name, w->public_physical);
	if (strcmp(n->name, w->pool) != 0)
		return change(e, &n->row, json_pack("{s:s}", "name", w->pool), err);
	return 0;
}

static int ensure_fixed(struct ensuring *e, struct err *err)
{
	const struct nova_network *w = e->want;
	const struct network *n = on_physical(e->v.t->work, w->fixed_physical);

	if (!n)
		return make(e, KIND_NETWORK,
			    json_pack("{s:s, s:b, s:s, s:s}", "name", w->fixed_network, "shared", 1,
				      "provider:network_type", "flat", "provider:physical_network",
				      w->fixed_physical),
			    &e->fixed, err);
	e->fixed = n->row.id;
	if (n->external)
		return err_set(err, -EEXIST, "network %s on physical network %s is external", n->name,
			       w->fixed_physical);
	if (strcmp(n->name, w->fixed_network) != 0)
		return change(e, &n->row, json_pack("{s:s}", "name", w->fixed_network), err);
	return 0;
}

/* --- subnet and router --- */

static const struct port *interface_at(const struct snap *s, const struct subnet *sub)
{
	const struct holding *h = snap_holding(s, &sub->row.id, &sub->gateway_ip);
	const struct port *p = h && h->kind == KIND_PORT ? snap_get(s, KIND_PORT, &h->id) : NULL;

	return p && net_is_router_interface(p) ? p : NULL;
}

/* All addresses of the range but the gateway's. */
static json_t *pools_around(const struct subnet *sub, const struct ip *gateway)
{
	const struct ip first = net_first_host(sub), last = net_last_host(sub);
	const struct ip before = ip_add(gateway, -1), after = ip_add(gateway, 1);
	const struct pool parts[] = {{first, before}, {after, last}};
	json_t *list = json_array();
	char start[IP_TEXT], end[IP_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (ip_cmp(&parts[i].start, &parts[i].end) <= 0)
			json_array_append_new(list, json_pack("{s:s, s:s}", "start",
							      ip_print(&parts[i].start, start), "end",
							      ip_print(&parts[i].end, end)));
	return list;
}

/* The bridge has another address now: the router's interface moves to it, and the subnet follows. */
static int move_gateway(struct ensuring *e, const struct subnet *sub, struct err *err)
{
	const struct port *p = interface_at(e->v.t->work, sub);
	struct fixed_ip *ip = talloc(e->v.t->region, struct fixed_ip);
	char text[IP_TEXT];
	struct port *draft;
	int r = 0;

	if (p) {
		draft = txn_edit(e->v.t, p);
		*ip = (struct fixed_ip){sub->row.id, e->want->gateway};
		draft->fixed_ips = (struct list){ip, 1};
		r = txn_put(e->v.t, draft, err);
	}
	if (r < 0)
		return r;
	return change(e, &sub->row,
		      json_pack("{s:s, s:o}", "gateway_ip", ip_print(&e->want->gateway, text),
				"allocation_pools", pools_around(sub, &e->want->gateway)),
		      err);
}

static int ensure_subnet(struct ensuring *e, struct err *err)
{
	const struct nova_network *w = e->want;
	char want[CIDR_TEXT], have[CIDR_TEXT], network[UUID_TEXT], gateway[IP_TEXT];
	const struct subnet *sub;
	struct scan scan;

	cidr_print(&w->range, want);
	for (sub = scan_index(&scan, e->v.t->work, IX_SUBNET_NETWORK, &e->fixed, NULL); sub;
	     sub = scan_next(&scan)) {
		if (cidr_overlaps(&sub->cidr, &w->range) && strcmp(cidr_print(&sub->cidr, have), want) != 0)
			return err_set(err, -EEXIST,
				       "network %s has the subnet %s, which fixed_range %s overlaps with: "
				       "delete that subnet, or say the same range",
				       w->fixed_network, have, want);
		if (strcmp(cidr_print(&sub->cidr, have), want) != 0)
			continue;
		e->subnet = sub->row.id;
		return ip_eq(&sub->gateway_ip, &w->gateway) ? 0 : move_gateway(e, sub, err);
	}
	return make(e, KIND_SUBNET,
		    json_pack("{s:s, s:s, s:i, s:s, s:s, s:b}", "name", w->fixed_network, "network_id",
			      uuid_print(&e->fixed, network), "ip_version", 4, "cidr", want, "gateway_ip",
			      ip_print(&w->gateway, gateway), "enable_dhcp", 0),
		    &e->subnet, err);
}

/* Without an address of its own: instances leave with the host's. */
static int add_gateway(struct ensuring *e, const struct router *was, struct err *err)
{
	struct router *router = txn_edit(e->v.t, was);
	struct port *port;
	int r = net_new_router_port(&e->v, was, OWNER_ROUTER_GATEWAY, "", &e->external, &port, err);

	if (r == 0)
		r = txn_put(e->v.t, port, err);
	if (r < 0)
		return r;
	router->gw_port_id = port->row.id;
	router->external_gateway_info = (struct gateway){.network_id = e->external, .enable_snat = true};
	return txn_put(e->v.t, router, err);
}

static int add_interface(struct ensuring *e, const struct router *router, struct err *err)
{
	struct fixed_ip *ip = talloc(e->v.t->region, struct fixed_ip);
	struct port *port;
	int r = net_new_router_port(&e->v, router, OWNER_ROUTER_INTERFACE, e->project_id, &e->fixed, &port,
				    err);

	if (r < 0)
		return r;
	*ip = (struct fixed_ip){e->subnet, e->want->gateway};
	port->fixed_ips = (struct list){ip, 1};
	return txn_put(e->v.t, port, err);
}

static int make_router(struct ensuring *e, struct err *err)
{
	struct uuid id;
	int r = make(e, KIND_ROUTER, json_pack("{s:s}", "name", e->want->router), &id, err);

	if (r == 0)
		r = add_gateway(e, txn_get(e->v.t, KIND_ROUTER, &id), err);
	return r < 0 ? r : add_interface(e, txn_get(e->v.t, KIND_ROUTER, &id), err);
}

static int ensure_router(struct ensuring *e, struct err *err)
{
	const struct snap *s = e->v.t->work;
	const struct port *port = interface_at(s, snap_get(s, KIND_SUBNET, &e->subnet));
	const struct router *router = port ? net_router_of(s, port) : NULL;

	if (!router)
		return make_router(e, err);
	if (uuid_is_null(&router->gw_port_id))
		return add_gateway(e, router, err);
	if (!uuid_eq(&router->external_gateway_info.network_id, &e->external))
		return err_set(
			err, -EEXIST,
			"router %s leads from %s to another external network than %s: change its gateway",
			router->name, e->want->fixed_network, e->want->pool);
	if (strcmp(router->name, e->want->router) != 0)
		return change(e, &router->row, json_pack("{s:s}", "name", e->want->router), err);
	return 0;
}

static int ensure_floating(struct ensuring *e, struct err *err)
{
	struct err why = {0};
	int r = compute_bulk_make(&e->v, e->want->floating, e->want->pool, &why);

	if (r == 0 || why.status == 409)
		return 0;
	return err_set(err, r, "%s", why.message);
}

static int ensure(struct txn *t, void *arg, struct err *err)
{
	struct ensuring *e = arg;
	int r;

	e->v.t = t;
	if ((r = choose_project(e, err)) < 0 || (r = ensure_external(e, err)) < 0 ||
	    (r = ensure_fixed(e, err)) < 0 || (r = ensure_subnet(e, err)) < 0)
		return r;
	r = ensure_router(e, err);
	return r < 0 || !e->want->floating ? r : ensure_floating(e, err);
}

int nova_network_ensure(struct api *api, const struct nova_network *want, struct err *err)
{
	void *region = talloc_new(NULL);
	struct http_request request = {.region = region};
	struct call call = {
		.api = api,
		.req = &request,
		.caller = {
			.actor = {.user_name = "nova-network", .request_id = "nova-network", .admin = true},
			.admin = true,
			.member = true,
			.authenticated = true}};
	struct ensuring e = {.v = {.c = &call, .no_quota = true}, .want = want};
	int r = ledger_write_sync(api->ledger, region, &call.caller.actor, "nova_network", ensure, &e, err);

	talloc_free(region);
	return r;
}
