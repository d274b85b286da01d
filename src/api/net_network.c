/* Networks: provider attributes, MTU, sharing, what is in the way of a change; and who owns what.
 * Hooks of the generic verbs; a network's subnets go along with it. */
#include "api/agents.h"
#include "api/rbac.h"

#include "model/scope.h"

#include <string.h>

#define VXLAN_OVERHEAD 50
#define MOST_FLOATS    10000 /* floating IPs that are deleted with their network */

/* --- what the other network resources use too --- */

bool net_owns(const struct caller *who, const char *project_id)
{
	return who->admin || (project_id && project_id[0] && who->actor.project_id &&
			      strcmp(project_id, who->actor.project_id) == 0);
}

int net_forbid(const char *rule, struct err *err)
{
	return err_api(err, 403, "PolicyNotAuthorized", "rule:%s is disallowed by policy", rule);
}

struct cidr net_prefix(const struct cidr *cidr)
{
	struct cidr c = cidr_masked(cidr);

	c.set = true;
	return c;
}

int net_check_prefix(const char *attr, const struct cidr *cidr, struct err *err)
{
	char given[CIDR_TEXT], right[CIDR_TEXT];
	struct cidr c = net_prefix(cidr);

	if (ip_eq(&c.addr, &cidr->addr))
		return 0;
	return err_api(
		err, 400, "HTTPBadRequest",
		"Invalid input for %s. Reason: '%s' isn't a recognized IP subnet cidr, '%s' is recommended.",
		attr, cidr_print(cidr, given), cidr_print(&c, right));
}

bool net_uses_network(const struct snap *s, const struct caller *who, const struct network *n)
{
	return n->shared || net_owns(who, n->project_id) || rbac_shares(s, &n->row.id, who->actor.project_id);
}

bool net_sees_network(const struct snap *s, const struct caller *who, const struct row *row)
{
	const struct network *n = (const struct network *)row;

	return n->shared || net_owns(who, n->project_id) || rbac_sees(s, &row->id, who->actor.project_id);
}

/* --- provider attributes --- */

static int invalid(struct err *err, const char *why)
{
	return err_api(err, 400, "InvalidInput", "Invalid input for operation: %s.", why);
}

static bool known_physical(const struct api_config *config, const char *name)
{
	for (const char *const *p = config->physical_networks; p && *p; p++)
		if (strcmp(*p, name) == 0)
			return true;
	return false;
}

/* Flat networks are made by administrators, a few in a machine's life: walking all networks is cheap enough.
 */
static bool physical_in_use(const struct snap *s, const char *name)
{
	const struct network *n;
	struct scan scan;

	for (n = scan_kind(&scan, s, KIND_NETWORK, NULL); n; n = scan_next(&scan))
		if (n->physical_network && strcmp(n->physical_network, name) == 0)
			return true;
	return false;
}

static int check_flat(struct verb *v, const struct network *n, struct err *err)
{
	if (!n->physical_network)
		return invalid(err, "physical_network required for flat provider network");
	if (n->segmentation_id)
		return invalid(err, "segmentation_id specified for flat provider network");
	if (!known_physical(&v->c->api->config, n->physical_network))
		return err_api(err, 400, "InvalidInput",
			       "Invalid input for operation: physical_network '%s' unknown for flat provider "
			       "network.",
			       n->physical_network);
	if (physical_in_use(net_snap(v), n->physical_network))
		return err_api(err, 409, "FlatNetworkInUse",
			       "Unable to create the flat network. Physical network %s is in use.",
			       n->physical_network);
	return 0;
}

/* The lowest id that no network has: walks the index of segmentation ids from the range's start to the first
 * gap. */
static int64_t free_vni(const struct snap *s, const struct api_config *config)
{
	const struct network *n;
	int64_t vni = config->vni_min;
	struct scan scan;

	n = scan_index(&scan, s, IX_NETWORK_SEGMENT, &vni, NULL);
	scan.attr = NULL; /* go on past the rows of the first id */
	for (; n && n->segmentation_id == vni && vni <= config->vni_max; n = scan_next(&scan))
		vni++;
	return vni <= config->vni_max ? vni : 0;
}

static int check_vxlan(struct verb *v, struct network *n, struct err *err)
{
	if (n->physical_network)
		return invalid(err, "provider:physical_network specified for VXLAN network");
	if (n->segmentation_id && snap_find(net_snap(v), IX_NETWORK_SEGMENT, &n->segmentation_id))
		return err_api(err, 409, "TunnelIdInUse",
			       "Unable to create the network. The tunnel ID %lld is in use.",
			       (long long)n->segmentation_id);
	if (!n->segmentation_id)
		n->segmentation_id = free_vni(net_snap(v), &v->c->api->config);
	if (!n->segmentation_id)
		return err_api(
			err, 503, "NoNetworkAvailable",
			"Unable to create the network. No tenant network is available for allocation.");
	return 0;
}

static int check_provider(struct verb *v, struct network *n, struct err *err)
{
	if (!n->network_type && (n->physical_network || n->segmentation_id))
		return invalid(err, "network_type required");
	if (!n->network_type)
		n->network_type = v->c->api->config.tenant_network_type;
	if (strcmp(n->network_type, "flat") == 0)
		return check_flat(v, n, err);
	if (strcmp(n->network_type, "vxlan") == 0)
		return check_vxlan(v, n, err);
	if (n->physical_network || n->segmentation_id)
		return invalid(err, "physical_network and segmentation_id are not for local networks");
	return 0;
}

static int check_mtu(const struct verb *v, struct network *n, struct err *err)
{
	int64_t max = v->c->api->config.mtu;

	if (n->network_type && strcmp(n->network_type, "vxlan") == 0)
		max -= VXLAN_OVERHEAD;
	if (n->mtu == 0)
		n->mtu = max;
	if (n->mtu <= max)
		return 0;
	return err_api(err, 400, "InvalidInput",
		       "Invalid input for operation: Requested MTU is too big, maximum is %lld.",
		       (long long)max);
}

/* --- the default external network --- */

const struct network *net_default_external(const struct snap *s)
{
	static const bool yes = true;
	const struct network *n;
	struct scan scan;

	for (n = scan_index(&scan, s, IX_NETWORK_EXTERNAL, &yes, NULL); n; n = scan_next(&scan))
		if (n->is_default)
			return n;
	return NULL;
}

/* There is one. A network that is no longer external is no longer the default. */
static int settle_default(const struct verb *v, struct network *n, struct err *err)
{
	const struct network *other;
	char id[UUID_TEXT];

	if (n->is_default && !n->external && verb_given(v, KIND_NETWORK, "is_default"))
		return invalid(err, "is_default is for external networks");
	n->is_default &= n->external;
	other = n->is_default ? net_default_external(net_snap(v)) : NULL;
	if (!other || uuid_eq(&other->row.id, &n->row.id))
		return 0;
	return err_api(err, 409, "DefaultExternalNetworkExists",
		       "A default external network already exists: %s.", uuid_print(&other->row.id, id));
}

static int network_create(struct verb *v, void *draft, struct err *err)
{
	struct network *n = draft;
	int r = zones_check(v->c, &n->availability_zone_hints, err);

	v->touches_kernel = true;
	if (r == 0)
		r = check_provider(v, n, err);
	if (r < 0 || (r = settle_default(v, n, err)) < 0 ||
	    (r = net_check_dns_domain(v, "dns_domain", &n->dns_domain, err)) < 0 ||
	    (r = check_mtu(v, n, err)) < 0)
		return r;
	return rbac_follow(v, NULL, n, err);
}

/* --- changes --- */

static bool has_gateway(const struct snap *s, const struct uuid *network_id)
{
	const struct port *p;
	struct scan scan;

	for (p = scan_index(&scan, s, IX_PORT_NETWORK, network_id, NULL); p; p = scan_next(&scan))
		if (net_is_router_gateway(p))
			return true;
	return false;
}

static int network_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	const struct network *was = old;
	const struct snap *s = net_snap(v);
	struct network *n = draft;
	char id[UUID_TEXT];
	int r;

	if (was->external && !n->external &&
	    (snap_find(s, IX_FLOATINGIP_NETWORK, &n->row.id) || has_gateway(s, &n->row.id)))
		return err_api(err, 409, "ExternalNetworkInUse",
			       "External network %s cannot be updated to be made non-external, since it has "
			       "existing gateway ports.",
			       uuid_print(&n->row.id, id));
	if (was->shared && !n->shared && rbac_in_use(s, &was->row))
		return err_api(err, 409, "InvalidSharedSetting",
			       "Unable to reconfigure sharing settings for network %s. Multiple tenants are "
			       "using it.",
			       n->name);
	if (was->external && !n->external && (r = net_rest_end_all(v, IX_REST_NETWORK, &n->row.id, err)) < 0)
		return r;
	if ((r = settle_default(v, n, err)) < 0 ||
	    (r = net_check_dns_domain(v, "dns_domain", &n->dns_domain, err)) < 0)
		return r;
	v->touches_kernel |= was->mtu != n->mtu || was->admin_state_up != n->admin_state_up ||
			     was->external != n->external;
	r = rbac_follow(v, was, n, err);
	return r < 0 ? r : check_mtu(v, n, err);
}

static bool goes_along(const struct port *p)
{
	return strcmp(p->device_owner, "network:dhcp") == 0;
}

/* Floating IPs that lead nowhere go along, as many as one write may take. */
static bool floats_in_use(const struct snap *s, const struct uuid *id)
{
	const struct floatingip *f;
	struct scan scan;
	size_t n = 0;

	for (f = scan_index(&scan, s, IX_FLOATINGIP_NETWORK, id, NULL); f; f = scan_next(&scan))
		if (!uuid_is_null(&f->router_id) || ++n > MOST_FLOATS)
			return true;
	return false;
}

static int check_unused(const struct snap *s, const struct uuid *id, struct err *err)
{
	const struct port *p;
	struct scan scan;
	bool used = floats_in_use(s, id);
	char text[UUID_TEXT];

	for (p = scan_index(&scan, s, IX_PORT_NETWORK, id, NULL); p && !used; p = scan_next(&scan))
		used = !goes_along(p);
	if (!used)
		return 0;
	return err_api(
		err, 409, "NetworkInUse",
		"Unable to complete operation on network %s. There are one or more ports still in use on the "
		"network.",
		uuid_print(id, text));
}

static int network_remove(struct verb *v, const void *row, struct err *err)
{
	const struct uuid *id = &((const struct row *)row)->id;
	const struct row *child;
	int r = check_unused(net_snap(v), id, err);

	/* Each look-up is a new one: a scan does not survive a change of its tree. */
	while (r == 0 && (child = snap_find(net_snap(v), IX_PORT_NETWORK, id)))
		if ((r = net_disassociate_port(v, &child->id, err)) == 0)
			r = txn_del(v->t, KIND_PORT, &child->id, err);
	while (r == 0 && (child = snap_find(net_snap(v), IX_FLOATINGIP_NETWORK, id)))
		r = verb_drop(v, child, err);
	if (r == 0)
		r = net_rest_end_all(v, IX_REST_NETWORK, id, err);
	while (r == 0 && (child = snap_find(net_snap(v), IX_SUBNET_NETWORK, id)))
		r = txn_del(v->t, KIND_SUBNET, &child->id, err);
	v->touches_kernel = true;
	return r < 0 ? r : rbac_forget(v, id, err);
}

/* --- showing --- */

static const char *network_status(const struct call *c, const struct row *row)
{
	return nodes_state(c->api->nodes, &row->id, row->revision) == NODE_FAILED ? "ERROR" : "ACTIVE";
}

static void print_subnets(const struct call *c, const struct row *row, struct buf *out)
{
	const struct subnet *sub;
	struct scan scan;
	char id[UUID_TEXT];
	const char *comma = "";

	buf_putc(out, '[');
	for (sub = scan_index(&scan, c->snap, IX_SUBNET_NETWORK, &row->id, NULL); sub;
	     sub = scan_next(&scan)) {
		buf_printf(out, "%s\"%s\"", comma, uuid_print(&sub->row.id, id));
		comma = ",";
	}
	buf_putc(out, ']');
}

static void print_scope(const struct call *c, const struct row *row, bool v4, struct buf *out)
{
	struct uuid scope = network_scope(c->snap, &row->id, v4);
	char id[UUID_TEXT];

	if (uuid_is_null(&scope))
		buf_puts(out, "null");
	else
		buf_json_str(out, uuid_print(&scope, id));
}

static void network_show(void *arg, const struct attr *attr, const struct row *row, struct buf *out)
{
	const struct call *c = arg;

	if (strcmp(attr->name, "subnets") == 0)
		print_subnets(arg, row, out);
	else if (strcmp(attr->name, "availability_zones") == 0)
		zones_print(c, dhcp_is_hosted(c->snap, (const struct network *)row), out);
	else if (strcmp(attr->name, "shared") == 0)
		rbac_show_shared(arg, row, out);
	else if (strncmp(attr->name, "ipv", 3) == 0)
		print_scope(arg, row, attr->name[3] == '4', out);
	else
		buf_json_str(out, network_status(arg, row));
}

const struct resource network_resource = {
	.kind = KIND_NETWORK,
	.quota = KIND_NETWORK,
	.visible = net_sees_network,
	.create = network_create,
	.update = network_update,
	.remove = network_remove,
	.show = network_show,
};
