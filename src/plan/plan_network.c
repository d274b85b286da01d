/* Networks and instances' ports: where a network is on this node, its bridge, its tunnels, its taps.
 * Two of the planner's units. */
#include "model/hosting.h"
#include "plan/plan_int.h"

#include <stdio.h>
#include <string.h>

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static bool type_is(const struct network *n, const char *type)
{
	return strcmp(n->network_type ? n->network_type : "local", type) == 0;
}

static const struct physical_network *find_physical(const struct plan_node *node, const struct network *n)
{
	for (size_t i = 0; i < node->physical_count; i++)
		if (strcmp(node->physical[i].name, text_or_empty(n->physical_network)) == 0)
			return &node->physical[i];
	return NULL;
}

static const enum place_type place_types[] = {
	[PHYSICAL_BRIDGE] = PLACE_BRIDGE,
	[PHYSICAL_NIC] = PLACE_NIC,
	[PHYSICAL_HOST] = PLACE_HOST,
};

struct place place_of(const struct plan_input *in, const struct network *n)
{
	struct place place = {PLACE_NONE, ""};
	const struct physical_network *physical;

	if (!n)
		return place;
	if (type_is(n, "flat")) {
		physical = find_physical(in->node, n);
		if (!physical)
			return place;
		place.type = place_types[physical->type];
		snprintf(place.device, sizeof(place.device), "%s", physical->device);
	} else if (type_is(n, "local") ||
		   (type_is(n, "vxlan") && n->segmentation_id && !ip_is_null(&in->node->vxlan_local))) {
		place.type = PLACE_OWN;
		dev_name("brq", &n->row.id, place.device);
	}
	return place;
}

bool place_eq(const struct place *a, const struct place *b)
{
	return a->type == b->type && strcmp(a->device, b->device) == 0;
}

void place_explain(const struct plan_input *in, const struct network *n, struct buf *out)
{
	if (!n)
		buf_puts(out, "its network does not exist");
	else if (type_is(n, "flat"))
		buf_printf(out, "physical network %s is not mapped on this node",
			   text_or_empty(n->physical_network));
	else if (type_is(n, "vxlan") && !n->segmentation_id)
		buf_puts(out, "a vxlan network needs a segmentation id");
	else if (type_is(n, "vxlan"))
		buf_puts(out, "this node has no local address for vxlan");
	else
		buf_printf(out, "networks of type %s are not known here", n->network_type);
}

uint32_t network_mtu(const struct network *n)
{
	return n->mtu > 0 ? (uint32_t)n->mtu : 1500;
}

/* --- taps --- */

bool port_is_instance(const struct port *port)
{
	return strncmp(text_or_empty(port->device_owner), "network:", strlen("network:")) != 0;
}

/* 11 characters of an id are its first 5 bytes. */
bool port_alike(const struct port *port, const struct uuid *id)
{
	return memcmp(port->row.id.b, id->b, 5) == 0;
}

const struct port *port_first_alike(const struct snap *s, const struct uuid *id)
{
	struct uuid first = {{0}};
	const struct port *port;
	struct scan scan;

	memcpy(first.b, id->b, 5);
	port = snap_get(s, KIND_PORT, &first);
	if (!port)
		port = scan_kind(&scan, s, KIND_PORT, &first);
	return port && port_alike(port, id) ? port : NULL;
}

static const struct port *port_of_tap(const struct snap *s, const char *name)
{
	char text[UUID_TEXT] = "00000000-0000-0000-0000-000000000000";
	struct uuid id;

	if (strlen(name) != 14 || strncmp(name, "tap", 3) != 0)
		return NULL;
	memcpy(text, name + 3, 11);
	return uuid_parse(text, &id) < 0 ? NULL : port_first_alike(s, &id);
}

static bool wants_plug(const struct port *port)
{
	return port && port->admin_state_up && port_is_instance(port);
}

static int cmp_uuid(const void *a, const void *b)
{
	return uuid_cmp(a, b);
}

static void read_tap_networks(struct planner *p)
{
	p->tap_networks = xalloc(p->tap_count * sizeof(*p->tap_networks));
	for (size_t i = 0; i < p->tap_count; i++)
		if (wants_plug(p->taps[i].port))
			p->tap_networks[p->tap_network_count++] = p->taps[i].port->network_id;
	if (p->tap_network_count > 1)
		qsort(p->tap_networks, p->tap_network_count, sizeof(*p->tap_networks), cmp_uuid);
}

static void read_taps(struct planner *p)
{
	const struct facts *taps = p->in->taps;

	if (p->taps_read || !taps)
		return;
	p->taps_read = true;
	p->taps = xalloc(taps->count * sizeof(*p->taps));
	for (; p->tap_count < taps->count; p->tap_count++) {
		sym name = taps->items[p->tap_count].dev;

		p->taps[p->tap_count] = (struct tap){name, port_of_tap(p->s, symtab_text(taps->syms, name))};
	}
	read_tap_networks(p);
}

static void plan_port_hook(struct planner *p, const struct tap *tap, sym bridge)
{
	struct hook_spec spec = {.role = HOOK_PORT, .device = bridge};
	struct fact f = {.kind = FACT_HOOK, .dev = tap->name, .hook = &spec};

	plan_add(p, &f, &tap->port->row.id);
}

static void plan_tap(struct planner *p, const struct tap *tap)
{
	struct fact f = {.kind = FACT_PLUG, .dev = tap->name};
	struct place place;

	if (!wants_plug(tap->port))
		return;
	place = place_of(p->in, snap_get(p->s, KIND_NETWORK, &tap->port->network_id));
	if (place.type != PLACE_OWN && place.type != PLACE_BRIDGE)
		return;
	f.value.dev = symtab_put(p->syms, place.device);
	plan_add(p, &f, &tap->port->row.id);
	if (is_express(p->in))
		plan_port_hook(p, tap, f.value.dev);
}

sym port_tap(struct planner *p, const struct port *port)
{
	enum place_type place = place_of(p->in, snap_get(p->s, KIND_NETWORK, &port->network_id)).type;
	struct fact key = {.kind = FACT_PLUG};

	if (!p->in->taps || !wants_plug(port) || (place != PLACE_OWN && place != PLACE_BRIDGE) ||
	    port_first_alike(p->s, &port->row.id) != port)
		return 0;
	key.dev = dev_sym(p, "tap", &port->row.id);
	return facts_find(p->in->taps, &key) ? key.dev : 0;
}

void plan_port(struct planner *p, const struct port *port)
{
	if (!wants_plug(port))
		return;
	read_taps(p);
	for (size_t i = 0; i < p->tap_count; i++)
		if (p->taps[i].port == port)
			plan_tap(p, &p->taps[i]);
}

void plan_taps(struct planner *p)
{
	read_taps(p);
	for (size_t i = 0; i < p->tap_count; i++)
		plan_tap(p, &p->taps[i]);
}

/* --- bridges --- */

/* The usual leg is the one at a subnet's gateway address. */
static bool has_leg_at_gateway(const struct planner *p, const struct network *n)
{
	const struct subnet *sub;
	struct scan scan;

	for (sub = scan_index(&scan, p->s, IX_SUBNET_NETWORK, &n->row.id, NULL); sub;
	     sub = scan_next(&scan)) {
		const struct holding *h = snap_holding(p->s, &sub->row.id, &sub->gateway_ip);
		const struct port *port =
			h && h->kind == KIND_PORT ? snap_get(p->s, KIND_PORT, &h->id) : NULL;

		if (port && uuid_eq(&port->network_id, &n->row.id) && port_is_live_leg(p->in, port))
			return true;
	}
	return false;
}

static bool has_tap(struct planner *p, const struct network *n)
{
	read_taps(p);
	return p->tap_network_count &&
	       bsearch(&n->row.id, p->tap_networks, p->tap_network_count, sizeof(*p->tap_networks), cmp_uuid);
}

static bool has_any_leg(const struct planner *p, const struct network *n)
{
	const struct port *port;
	struct scan scan;

	for (port = scan_index(&scan, p->s, IX_PORT_NETWORK, &n->row.id, NULL); port; port = scan_next(&scan))
		if (port_is_live_leg(p->in, port))
			return true;
	return false;
}

/* A floating IP is guarded on its network's bridge, even before there is a router. The questions are in the
 * order of their cost: the last one walks the network's ports and is asked of networks that nobody uses. */
static bool is_needed(struct planner *p, const struct network *n)
{
	return snap_find(p->s, IX_FLOATINGIP_NETWORK, &n->row.id) || has_leg_at_gateway(p, n) ||
	       has_tap(p, n) || has_any_leg(p, n);
}

static bool is_repeated_peer(const struct plan_node *node, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (ip_eq(&node->vxlan_peers[i], &node->vxlan_peers[at]))
			return true;
	return ip_eq(&node->vxlan_peers[at], &node->vxlan_local);
}

static void plan_vxlan(struct planner *p, const struct network *n, sym bridge)
{
	const struct plan_node *node = p->in->node;
	struct link_spec spec = {
		.type = LINK_VXLAN,
		.mtu = network_mtu(n),
		.master = bridge,
		.vni = (uint32_t)n->segmentation_id,
		.local = node->vxlan_local,
		.port = node->vxlan_port,
	};
	struct fact link = {.kind = FACT_LINK, .link = &spec};
	char name[DEV_TEXT];

	snprintf(name, sizeof(name), "vxlan-%u", spec.vni);
	link.dev = symtab_put(p->syms, name);
	plan_add(p, &link, &n->row.id);
	for (size_t i = 0; i < node->vxlan_peer_count; i++) {
		struct fact fdb = {.kind = FACT_FDB, .dev = link.dev, .addr = node->vxlan_peers[i]};

		/* Every node may be given the same list, itself in it. */
		if (!is_repeated_peer(node, i))
			plan_add(p, &fdb, &n->row.id);
	}
}

/* Where an external network comes in, once it has floating IPs. */
static void plan_uplink(struct planner *p, const struct network *n, const struct place *place)
{
	struct hook_spec spec = {.role = HOOK_UPLINK};
	struct fact f = {.kind = FACT_HOOK, .hook = &spec};

	if (!is_express(p->in) || place->type == PLACE_NONE || place->type == PLACE_HOST ||
	    !snap_find(p->s, IX_FLOATINGIP_NETWORK, &n->row.id))
		return;
	f.dev = symtab_put(p->syms, place->device);
	plan_add(p, &f, &n->row.id);
}

/* --- DHCP and DNS --- */

static bool has_dhcp(const struct planner *p, const struct network *n)
{
	const struct subnet *sub;
	struct scan scan;

	for (sub = scan_index(&scan, p->s, IX_SUBNET_NETWORK, &n->row.id, NULL); sub; sub = scan_next(&scan))
		if (sub->enable_dhcp && sub->ip_version == 4)
			return true;
	return false;
}

/* Where an instance of this node is on the network: each node serves its own. */
static void plan_serve(struct planner *p, const struct network *n, const struct place *place)
{
	struct fact f = {.kind = FACT_SERVE};

	if (!p->in->node->serve || (place->type != PLACE_OWN && place->type != PLACE_BRIDGE) ||
	    !n->admin_state_up || !has_dhcp(p, n) || !dhcp_is_served(p->s, p->in->node->name, n) ||
	    !has_tap(p, n))
		return;
	f.dev = symtab_put(p->syms, place->device);
	memcpy(f.addr.b, n->row.id.b, sizeof(f.addr.b));
	plan_add(p, &f, &n->row.id);
}

void plan_network(struct planner *p, const struct network *n)
{
	struct place place = place_of(p->in, n);
	struct link_spec spec = {.type = LINK_BRIDGE, .mtu = network_mtu(n)};
	struct fact bridge = {.kind = FACT_LINK, .link = &spec};

	plan_uplink(p, n, &place);
	plan_serve(p, n, &place);
	if (place.type != PLACE_OWN || !is_needed(p, n))
		return;
	bridge.dev = symtab_put(p->syms, place.device);
	plan_add(p, &bridge, &n->row.id);
	if (type_is(n, "vxlan"))
		plan_vxlan(p, n, bridge.dev);
}
