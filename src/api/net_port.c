/* Ports: addresses, who may set what, routers' ports, status from what the nodes report.
 * Hooks of the generic verbs. */
#include "api/net.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* --- what the other network resources use too --- */

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

bool net_is_router_interface(const struct port *port)
{
	return same_text(port->device_owner, OWNER_ROUTER_INTERFACE);
}

bool net_is_router_gateway(const struct port *port)
{
	return same_text(port->device_owner, OWNER_ROUTER_GATEWAY);
}

static bool is_routers(const struct port *port)
{
	return net_is_router_interface(port) || net_is_router_gateway(port);
}

const struct fixed_ip *net_port_ip_in(const struct port *port, const struct uuid *subnet_id)
{
	const struct fixed_ip *f = port->fixed_ips.items;

	for (uint32_t i = 0; i < port->fixed_ips.count; i++)
		if (uuid_eq(&f[i].subnet_id, subnet_id))
			return &f[i];
	return NULL;
}

bool net_port_has(const struct port *port, const struct ip *ip)
{
	const struct fixed_ip *f = port->fixed_ips.items;

	for (uint32_t i = 0; i < port->fixed_ips.count; i++)
		if (ip_eq(&f[i].ip_address, ip))
			return true;
	return false;
}

/* A pair's address is one address or a prefix. */
static int parse_pair(const char *text, struct cidr *ret)
{
	struct ip ip;

	if (ip_parse(text, &ip) < 0)
		return cidr_parse(text, ret);
	*ret = (struct cidr){ip, ip_is_v4(&ip) ? 32 : 128, true};
	return 0;
}

bool net_pair_allows(const struct port *port, const struct ip *ip)
{
	const struct pair *pair = port->allowed_address_pairs.items;
	struct cidr c;

	for (uint32_t i = 0; i < port->allowed_address_pairs.count; i++)
		if (parse_pair(pair[i].ip_address, &c) == 0 && cidr_has(&c, ip))
			return true;
	return false;
}

int net_new_router_port(struct verb *v, const struct router *router, const char *device_owner,
			const char *project_id, const struct uuid *network_id, struct port **ret,
			struct err *err)
{
	struct port *p = txn_new(v->t, KIND_PORT);
	char *id = talloc_size(v->t->region, UUID_TEXT);
	int r;

	p->network_id = *network_id;
	p->project_id = project_id;
	p->device_owner = device_owner;
	p->device_id = uuid_print(&router->row.id, id);
	p->name = p->description = p->host_id = p->dns_name = p->dns_domain = "";
	p->vnic_type = "normal";
	p->binding_profile = "{}";
	p->admin_state_up = true;
	if ((r = net_assign_mac(v, p, false, err)) == 0)
		*ret = p;
	return r;
}

/* --- policy --- */

/* Who does not own the network (it is shared with them) takes what it is given there: otherwise it could
 * stand in for somebody else's machine. */
static int check_policy(struct verb *v, const struct network *n, const struct port *p, const char *verb,
			struct err *err)
{
	const struct fixed_ip *f = p->fixed_ips.items;

	if (net_owns(net_who(v), n->project_id))
		return 0;
	for (uint32_t i = 0; verb_given(v, KIND_PORT, "fixed_ips") && i < p->fixed_ips.count; i++)
		if (!ip_is_null(&f[i].ip_address))
			return err_api(err, 403, "PolicyNotAuthorized",
				       "rule:%s_port:fixed_ips:ip_address is disallowed by policy", verb);
	if (verb_given(v, KIND_PORT, "mac_address"))
		return err_api(err, 403, "PolicyNotAuthorized",
			       "rule:%s_port:mac_address is disallowed by policy", verb);
	if (verb_given(v, KIND_PORT, "allowed_address_pairs") && p->allowed_address_pairs.count)
		return err_api(err, 403, "PolicyNotAuthorized",
			       "rule:%s_port:allowed_address_pairs is disallowed by policy", verb);
	return 0;
}

/* Routers' ports come and go with what routers do; the other "network:" owners are the administrator's. */
static int check_owner(struct verb *v, const struct port *p, const char *verb, struct err *err)
{
	if (is_routers(p))
		return err_api(
			err, 400, "BadRequest",
			"Bad port request: device_owner %s is given by the router's own operations only.",
			p->device_owner);
	if (strncmp(p->device_owner, "network:", strlen("network:")) == 0 && !net_who(v)->admin)
		return err_api(err, 403, "PolicyNotAuthorized",
			       "rule:%s_port:device_owner is disallowed by policy", verb);
	return 0;
}

/* --- allowed address pairs --- */

static bool same_pair(const struct pair *a, const struct pair *b)
{
	return strcmp(a->ip_address, b->ip_address) == 0 && memcmp(&a->mac_address, &b->mac_address, 6) == 0;
}

/* Checks the pairs and fills in the port's own MAC address where none was given. */
static int fill_pairs(struct verb *v, struct port *p, struct err *err)
{
	uint32_t n = p->allowed_address_pairs.count;
	struct pair *pair;
	char mac[MAC_TEXT];
	struct cidr c;

	if (n == 0)
		return 0;
	pair = talloc_memdup(v->t->region, p->allowed_address_pairs.items, n * sizeof(*pair));
	for (uint32_t i = 0; i < n; i++) {
		if (parse_pair(pair[i].ip_address, &c) < 0)
			return err_api(
				err, 400, "HTTPBadRequest",
				"Invalid input for allowed_address_pairs. Reason: '%.100s' is not a valid IP "
				"address or subnet.",
				pair[i].ip_address);
		if (mac_is_null(&pair[i].mac_address))
			pair[i].mac_address = p->mac_address;
		for (uint32_t j = 0; j < i; j++)
			if (same_pair(&pair[i], &pair[j]))
				return err_api(err, 400, "DuplicateAddressPairInRequest",
					       "Request contains duplicate address pair: mac_address %s "
					       "ip_address %s.",
					       mac_print(&pair[i].mac_address, mac), pair[i].ip_address);
	}
	p->allowed_address_pairs.items = pair;
	return 0;
}

/* --- verbs --- */

/* Clients unbind with null as well. */
static void unbound_is_empty(struct port *p)
{
	if (!p->host_id)
		p->host_id = "";
}

/* Tags that a body brings: each once, and none is empty. */
static int check_tags(struct verb *v, struct port *p, struct err *err)
{
	const struct tag_item *given = p->tags.items;
	struct tag_item *kept;
	uint32_t n = 0;

	if (p->tags.count == 0)
		return 0;
	kept = talloc_array(v->t->region, struct tag_item, p->tags.count);
	for (uint32_t i = 0; i < p->tags.count; i++) {
		bool repeated = false;

		if (!*given[i].text)
			return err_api(err, 400, "HTTPBadRequest",
				       "Invalid input for tags. Reason: a tag has 1 to 255 bytes.");
		for (uint32_t j = 0; j < n; j++)
			repeated |= strcmp(kept[j].text, given[i].text) == 0;
		if (!repeated)
			kept[n++] = given[i];
	}
	p->tags = (struct list){kept, n};
	return 0;
}

static int port_create(struct verb *v, void *draft, struct err *err)
{
	struct port *p = draft;
	const struct network *n;
	const void *row;
	int r;

	unbound_is_empty(p);
	if ((r = check_tags(v, p, err)) < 0 || (r = verb_ref(v, KIND_NETWORK, &p->network_id, &row, err)) < 0)
		return r;
	n = row;
	if (!net_uses_network(net_snap(v), net_who(v), n))
		return net_forbid("create_port", err);
	if ((r = check_policy(v, n, p, "create", err)) < 0 || (r = check_owner(v, p, "create", err)) < 0 ||
	    (r = net_assign_mac(v, p, verb_given(v, KIND_PORT, "mac_address"), err)) < 0 ||
	    (r = fill_pairs(v, p, err)) < 0 ||
	    (r = net_merge_dhcp_opts(v, NULL, &p->extra_dhcp_opts, err)) < 0 ||
	    (r = net_check_port_dns(v, p, n, err)) < 0)
		return r;
	if (verb_given(v, KIND_PORT, "fixed_ips"))
		r = net_assign_addresses(v, &n->row.id, NULL, &p->fixed_ips, err);
	else
		r = net_assign_any(v, &n->row.id, p->device_owner, &p->fixed_ips, err);
	return r < 0 ? r : net_assign_automatic(v, p, err);
}

static bool same_addresses(const struct list *a, const struct list *b)
{
	return a->count == b->count &&
	       (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(struct fixed_ip)) == 0);
}

/* A router's port is the router's: its addresses are known to routes, floating IPs and instances. */
static int check_routers_port(const struct port *was, const struct port *p, struct err *err)
{
	char id[UUID_TEXT];

	if (!is_routers(was))
		return 0;
	if (memcmp(&was->mac_address, &p->mac_address, sizeof(p->mac_address)) != 0)
		return err_api(
			err, 409, "UnsupportedPortDeviceOwner",
			"Operation mac address update is not supported for device_owner %s on port %s.",
			was->device_owner, uuid_print(&p->row.id, id));
	if (same_addresses(&was->fixed_ips, &p->fixed_ips) && same_text(was->device_id, p->device_id) &&
	    same_text(was->device_owner, p->device_owner))
		return 0;
	return err_api(
		err, 400, "BadRequest",
		"Bad port request: addresses and device of port %s with device owner %s cannot be updated.",
		uuid_print(&p->row.id, id), was->device_owner);
}

static int update_mac(struct verb *v, const struct port *was, struct port *p, struct err *err)
{
	if (memcmp(&was->mac_address, &p->mac_address, sizeof(p->mac_address)) == 0)
		return 0;
	if (!net_who(v)->admin)
		return net_forbid("update_port:mac_address", err);
	return net_assign_mac(v, p, true, err);
}

static int port_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct port *was = old;
	struct port *p = draft;
	const struct network *n = txn_get(v->t, KIND_NETWORK, &p->network_id);
	bool pairs = verb_given(v, KIND_PORT, "allowed_address_pairs");
	int r;

	unbound_is_empty(p);
	if (verb_given(v, KIND_PORT, "fixed_ips") && !same_addresses(&was->fixed_ips, &p->fixed_ips) &&
	    ((r = check_policy(v, n, p, "update", err)) < 0 ||
	     (r = net_assign_addresses(v, &n->row.id, &was->fixed_ips, &p->fixed_ips, err)) < 0))
		return r;
	if (!same_text(was->device_owner, p->device_owner) && (r = check_owner(v, p, "update", err)) < 0)
		return r;
	if ((r = check_routers_port(was, p, err)) < 0 || (r = update_mac(v, was, p, err)) < 0)
		return r;
	if (pairs && ((r = check_policy(v, n, p, "update", err)) < 0 || (r = fill_pairs(v, p, err)) < 0))
		return r;
	if (verb_given(v, KIND_PORT, "extra_dhcp_opts") &&
	    (r = net_merge_dhcp_opts(v, &was->extra_dhcp_opts, &p->extra_dhcp_opts, err)) < 0)
		return r;
	if ((r = net_check_port_dns(v, p, n, err)) < 0 || (r = net_assign_automatic(v, p, err)) < 0)
		return r;
	v->touches_kernel = true;
	if ((r = net_check_port_keeps(v, p, err)) < 0)
		return r;
	return net_drop_forwardings(v, &p->row.id, p, err);
}

static int port_remove(struct verb *v, const void *row, struct err *err)
{
	const struct port *p = row;
	char id[UUID_TEXT];
	int r;

	if (is_routers(p))
		return err_api(err, 409, "ServicePortInUse",
			       "Port %s cannot be deleted directly via the port API: has device owner %s.",
			       uuid_print(&p->row.id, id), p->device_owner);
	v->touches_kernel = true;
	r = net_disassociate_port(v, &p->row.id, err);
	return r < 0 ? r : net_drop_forwardings(v, &p->row.id, NULL, err);
}

/* --- showing --- */

const char *net_port_status(const struct call *c, const struct port *port)
{
	enum node_state state = nodes_state(c->api->nodes, &port->row.id, port->row.revision);

	if (!port->admin_state_up)
		return "DOWN";
	if (state == NODE_FAILED)
		return "ERROR";
	if (is_routers(port))
		return state == NODE_APPLIED ? "ACTIVE" : "DOWN";
	return nodes_plugged(c->api->nodes, &port->row.id) ? "ACTIVE" : "DOWN";
}

static bool is_bound(const struct call *c, const struct port *p)
{
	return is_routers(p) || (p->host_id && p->host_id[0]) || nodes_plugged(c->api->nodes, &p->row.id);
}

static void port_show(void *arg, const struct attr *attr, const struct row *row, struct buf *out)
{
	const struct port *p = (const struct port *)row;

	if (strcmp(attr->name, "status") == 0)
		buf_json_str(out, net_port_status(arg, p));
	else if (strcmp(attr->name, "dns_assignment") == 0)
		net_print_dns_assignment(arg, p, out);
	else if (strcmp(attr->name, "binding:vif_type") == 0)
		buf_json_str(out, is_bound(arg, p) ? "bridge" : "unbound");
	else
		buf_puts(out, is_bound(arg, p) ? "{\"connectivity\":\"l2\",\"port_filter\":false}" : "{}");
}

/* --- filters --- */

static bool has_substring(const struct port *p, const char *part)
{
	const struct fixed_ip *f = p->fixed_ips.items;
	char text[IP_TEXT];

	for (uint32_t i = 0; i < p->fixed_ips.count; i++)
		if (strstr(ip_print(&f[i].ip_address, text), part))
			return true;
	return false;
}

/* Whether one condition ("ip_address=10.0.0.3") holds. -EINVAL when it is none. */
static int fixed_ip_matches(const struct port *p, const char *condition, struct err *err)
{
	const char *eq = strchr(condition, '=');
	const char *value = eq ? eq + 1 : condition;
	size_t n = eq ? (size_t)(eq - condition) : 0;
	struct uuid subnet;
	struct ip ip;

	if (n == strlen("ip_address") && strncmp(condition, "ip_address", n) == 0)
		return ip_parse(value, &ip) == 0 && net_port_has(p, &ip);
	if (n == strlen("subnet_id") && strncmp(condition, "subnet_id", n) == 0)
		return uuid_parse(value, &subnet) == 0 && net_port_ip_in(p, &subnet);
	if (n == strlen("ip_address_substr") && strncmp(condition, "ip_address_substr", n) == 0)
		return has_substring(p, value);
	return err_api(err, 400, "HTTPBadRequest", "Invalid filter fixed_ips=%.100s", condition);
}

static int port_filter(struct call *c, const struct row *row, const char *key, const char *value,
		       struct err *err)
{
	const struct port *p = (const struct port *)row;

	if (strcmp(key, "fixed_ips") == 0)
		return fixed_ip_matches(p, value, err);
	if (strcmp(key, "ip_allocation") == 0)
		return strcmp(value, p->fixed_ips.count ? "immediate" : "none") == 0;
	if (strcmp(key, "binding:vif_type") == 0 && c->caller.admin)
		return !c->now && strcmp(value, is_bound(c, p) ? "bridge" : "unbound") == 0;
	return -ENOENT;
}

const struct resource port_resource = {
	.kind = KIND_PORT,
	.quota = KIND_PORT,
	/* A gateway's port belongs to no project: only administrators see it. */
	.visible = NULL,
	.create = port_create,
	.update = port_update,
	.remove = port_remove,
	.show = port_show,
	.filter = port_filter,
};
