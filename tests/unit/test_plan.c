/* The planner: randomised changes of a small world, planned whole and by what was touched; impossible rows.
 * Unit test, no I/O, seeded. */
#include "plan/plan_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CHANGES  8000
#define NETWORKS 7
#define SUBNETS  (NETWORKS * 2)
#define ROUTERS  4
#define PORTS    24
#define FIPS     16
#define POLICIES 3
#define RULES    5
#define FORWARDS 12

static uint64_t seed = 88172645463325252ULL;

static uint32_t pick(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % below;
}

static bool chance(uint32_t percent)
{
	return pick(100) < percent;
}

/* --- rows --- */

/* Two ports each share the first 11 characters, and so the name of a tap. */
static struct uuid numbered(enum kind kind, uint32_t n)
{
	struct uuid id = {{(uint8_t)(0xa0 + kind), 0, 0, 0, (uint8_t)(kind == KIND_PORT ? n / 2 : n)}};

	id.b[15] = (uint8_t)(n + 1);
	return id;
}

static struct uuid maybe(enum kind kind, uint32_t count, uint32_t percent)
{
	return chance(percent) ? numbered(kind, pick(count)) : (struct uuid){{0}};
}

/* Subnets 2n and 2n + 1 are the network's; the second is IPv6 where n is odd. */
static struct ip address_in(uint32_t subnet, uint32_t host)
{
	struct ip ip = {{0x20, 1, 0x0d, 0xb8, 0, (uint8_t)subnet}};

	ip.b[15] = (uint8_t)host;
	return subnet % 4 == 3 ? ip : ip_from_v4(0x0a000000 + (subnet << 8) + host);
}

static struct cidr prefix_of(uint32_t subnet)
{
	return (struct cidr){address_in(subnet, 0), subnet % 4 == 3 ? 64 : 24, true};
}

static void draw_network(uint32_t n, struct network *net)
{
	static const char *const bridged[] = {"bridged", "b1", "b2", "b3", "b4", "b5", "b6"};
	static const char *const types[] = {"flat", "flat", "local", "vxlan", "local", "flat", "vxlan"};

	net->admin_state_up = true;
	net->network_type = types[chance(10) ? pick(NETWORKS) : n];
	net->physical_network = n == 0 ? "bridged" : n == 1 ? "nic" : "nowhere";
	/* Each its own: the API gives a physical network to one flat network. */
	if (chance(10))
		net->physical_network = bridged[n];
	if (n < 3 ? chance(60) : chance(10)) {
		net->network_type = "flat";
		net->physical_network = n % 2 ? "wan" : "uplink";
	}
	net->segmentation_id = chance(90) ? 100 + n : 0;
	net->mtu = pick(2) ? 1400 + pick(2) : 0;
}

static void draw_subnet(uint32_t n, struct subnet *sub)
{
	sub->network_id = numbered(KIND_NETWORK, n / 2);
	sub->cidr = prefix_of(n);
	sub->ip_version = n % 4 == 3 ? 6 : 4;
	sub->enable_dhcp = chance(70);
	/* Overlapping others', or public. */
	if (sub->ip_version == 4 && chance(15))
		sub->cidr.len = 20;
	else if (sub->ip_version == 4 && chance(5))
		sub->cidr.addr = ip_from_v4(0xc6336400);
	if (chance(80))
		sub->gateway_ip = chance(90) ? address_in(n, 1) : address_in((n + 4) % SUBNETS, 99);
}

static void draw_port(uint32_t n, struct port *port, struct fixed_ip *ips, char device[UUID_TEXT])
{
	static const char *const owners[] = {"network:router_interface", "network:router_gateway",
					     "compute:x", "", "network:dhcp"};
	struct uuid router = numbered(KIND_ROUTER, pick(ROUTERS));
	uint32_t network = pick(NETWORKS);

	port->network_id = numbered(KIND_NETWORK, network);
	port->admin_state_up = chance(85);
	/* Of two ports that share a name only one is a leg. */
	port->device_owner = owners[n % 2 ? 2 + pick(3) : pick(chance(30) ? 5 : 3)];
	port->device_id = uuid_print(&router, device);
	port->mac_address = (struct mac){{2, 0, 0, 0, 0, (uint8_t)(chance(95) ? 1 + n : 0)}};
	port->fixed_ips.items = ips;
	for (uint32_t i = 0; i < 2 && chance(75); i++) {
		uint32_t subnet = 2 * network + i;

		ips[i] = (struct fixed_ip){numbered(KIND_SUBNET, subnet),
					   address_in(subnet, chance(40) ? 1 : 10 + n)};
		port->fixed_ips.count++;
	}
}

/* A gateway that fits, where there is one. */
static struct uuid some_gateway(const struct snap *s, const struct uuid *router)
{
	const struct port *port;
	char text[UUID_TEXT];
	struct scan scan;

	for (port = scan_index(&scan, s, IX_PORT_DEVICE, uuid_print(router, text), NULL); port;
	     port = scan_next(&scan))
		if (strcmp(port->device_owner, "network:router_gateway") == 0)
			return port->row.id;
	return maybe(KIND_PORT, PORTS, 50);
}

static void draw_router(const struct snap *s, uint32_t n, struct router *r, struct ip_route *routes)
{
	struct uuid id = numbered(KIND_ROUTER, n);

	r->admin_state_up = chance(85);
	if (chance(85))
		r->gw_port_id = some_gateway(s, &id);
	r->external_gateway_info.enable_snat = chance(70);
	r->routes.items = routes;
	for (uint32_t i = 0; i < 3 && chance(40); i++) {
		uint32_t subnet = pick(SUBNETS);

		routes[i] = (struct ip_route){prefix_of(pick(4)), address_in(subnet, 77)};
		if (chance(20))
			routes[i].destination = (struct cidr){ip_from_v4(0), 0, true};
		else if (chance(20)) /* to a floating IP */
			routes[i].destination = (struct cidr){ip_from_v4(0xcb007100 + pick(FIPS)), 32, true};
		r->routes.count++;
	}
}

static void draw_fip(const struct snap *s, uint32_t n, struct floatingip *f)
{
	uint32_t network = pick(chance(20) ? NETWORKS : 3);
	struct router *r;

	f->router_id = maybe(KIND_ROUTER, ROUTERS, 80);
	r = (struct router *)(uintptr_t)snap_get(s, KIND_ROUTER, &f->router_id);
	f->floating_network_id = numbered(KIND_NETWORK, network);
	if (r && chance(80)) {
		const struct port *port = snap_get(s, KIND_PORT, &r->gw_port_id);

		if (port)
			f->floating_network_id = port->network_id;
	}
	f->floating_ip_address = chance(97) ? ip_from_v4(0xcb007100 + n) : address_in(3, n);
	f->subnet_id = numbered(KIND_SUBNET, 2 * network);
	if (chance(65))
		f->fixed_ip_address = ip_from_v4(0x0a000000 + pick(4));
	f->qos_policy_id = maybe(KIND_QOS_POLICY, POLICIES, 50);
}

/* No two have a port of a floating IP, whose they come to be. */
static void draw_forward(uint32_t n, struct port_forwarding *pf)
{
	static const char *const in[FORWARDS] = {"22:22",   "8080:8080", "80:89",   "7:7",
						 "500:502", "600:601",   "5:5",     "1000:60000",
						 "900:909", "1:1",       "800:800", "77:77"};
	static const char *const out[FORWARDS] = {"22:22",   "80:80",   "90:99",   "100:120",
						  "500:502", "610:611", "666:667", "1000:60000",
						  "905:914", "1:1",     "800:800", "78:78"};

	pf->floatingip_id = numbered(KIND_FLOATINGIP, pick(FIPS));
	pf->protocol = n % 3 == 0 ? "tcp" : n % 3 == 1 ? "udp" : "sctp";
	pf->internal_port_id = numbered(KIND_PORT, pick(PORTS));
	pf->internal_ip_address = ip_from_v4(0x0a000000 + pick(4));
	pf->internal_port_range = in[n];
	pf->external_port_range = out[n];
}

/* Two rules may be for one direction, which the API does not let happen: then one of them counts. */
static void draw_rule(struct qos_rule *rule)
{
	rule->qos_policy_id = numbered(KIND_QOS_POLICY, pick(POLICIES));
	rule->direction = chance(50) ? "ingress" : "egress";
	rule->max_kbps = chance(90) ? 1000 * (1 + pick(3)) : chance(50) ? 0 : 2147483647;
	rule->max_burst_kbps = chance(50) ? 0 : 1000 * pick(4);
}

/* --- the world --- */

struct world {
	struct snap *snap;
	struct symtab *syms;
	struct facts taps, conflicts;
	struct plan_node node;
	uint64_t owner;
	struct reason {
		struct uuid row;
		char *why;
	} reasons[64]; /* what was said to be impossible, as the changes came */
	size_t reason_count;
};

static const struct physical_network physical[] = {
	{"bridged", PHYSICAL_BRIDGE, "br-ex"}, {"b1", PHYSICAL_BRIDGE, "br-1"},
	{"b2", PHYSICAL_BRIDGE, "br-2"},       {"b3", PHYSICAL_BRIDGE, "br-3"},
	{"b4", PHYSICAL_BRIDGE, "br-4"},       {"b5", PHYSICAL_BRIDGE, "br-5"},
	{"b6", PHYSICAL_BRIDGE, "br-6"},       {"nic", PHYSICAL_NIC, "eth1"},
	{"uplink", PHYSICAL_HOST, "eth0"},     {"wan", PHYSICAL_HOST, "wan0"}};

static struct plan_input input(const struct world *w)
{
	return (struct plan_input){w->snap, &w->node, &w->taps, &w->conflicts};
}

static void world_init(struct world *w, const struct ip *peers, size_t peer_count)
{
	*w = (struct world){.snap = snap_new(), .syms = symtab_new()};
	facts_init(&w->taps, w->syms);
	facts_init(&w->conflicts, w->syms);
	w->node = (struct plan_node){.name = "here",
				     .physical = physical,
				     .physical_count = ARRAY_SIZE(physical),
				     .vxlan_peers = peers,
				     .vxlan_peer_count = peer_count,
				     .vxlan_local = peer_count ? peers[0] : (struct ip){{0}},
				     .vxlan_port = 4789,
				     .table_hash = 7,
				     .express_table_hash = 9,
				     .host_table_hash = 8,
				     .metadata = ip_from_v4(0x0a0a0a0a),
				     .metadata_port = 8775};
}

static void world_done(struct world *w)
{
	snap_drop(w->snap);
	facts_done(&w->taps);
	facts_done(&w->conflicts);
	symtab_free(w->syms);
	for (size_t i = 0; i < w->reason_count; i++)
		free(w->reasons[i].why);
}

/* A new value of a row, or its end. What the snapshot refuses (an address that somebody holds) is left. */
static bool apply_row(struct world *w, enum kind kind, const struct uuid *id, struct row *draft)
{
	struct snap *next = snap_edit(w->snap);
	const struct row *old = snap_get(w->snap, kind, id), *row = NULL;
	bool fine;

	if (draft) {
		draft->id = *id;
		row = row_seal(kind, draft);
	}
	fine = (old || row) && snap_apply(next, ++w->owner, old, row, NULL) == 0;
	if (row)
		row_drop(row);
	snap_drop(fine ? w->snap : next);
	if (fine)
		w->snap = next;
	return fine;
}

static struct plan_touch change_row(struct world *w)
{
	static const struct {
		enum kind kind;
		uint32_t count, weight;
	} kinds[] = {
		{KIND_NETWORK, NETWORKS, 10},       {KIND_SUBNET, SUBNETS, 15},  {KIND_PORT, PORTS, 32},
		{KIND_ROUTER, ROUTERS, 15},         {KIND_FLOATINGIP, FIPS, 18}, {KIND_QOS_RULE, RULES, 4},
		{KIND_PORT_FORWARDING, FORWARDS, 6}};
	uint32_t roll = pick(100), k = 0, n;
	struct plan_touch t;
	struct fixed_ip ips[2];
	struct ip_route routes[3];
	char device[UUID_TEXT];
	union any_row draft;

	while (roll >= kinds[k].weight)
		roll -= kinds[k++].weight;
	n = pick(kinds[k].count);
	t = (struct plan_touch){kinds[k].kind, numbered(kinds[k].kind, n)};
	memset(&draft, 0, sizeof(draft));
	memset(ips, 0, sizeof(ips));
	memset(routes, 0, sizeof(routes));
	if (t.kind == KIND_NETWORK)
		draw_network(n, &draft.network);
	else if (t.kind == KIND_SUBNET)
		draw_subnet(n, &draft.subnet);
	else if (t.kind == KIND_PORT)
		draw_port(n, &draft.port, ips, device);
	else if (t.kind == KIND_ROUTER)
		draw_router(w->snap, n, &draft.router, routes);
	else if (t.kind == KIND_QOS_RULE)
		draw_rule(&draft.qos_rule);
	else if (t.kind == KIND_PORT_FORWARDING)
		draw_forward(n, &draft.port_forwarding);
	else
		draw_fip(w->snap, n, &draft.floatingip);
	apply_row(w, t.kind, &t.id, chance(12) ? NULL : &draft.row);
	return t;
}

/* Adds the fact, or takes it away when it is there. */
static void toggle(struct facts *f, const struct fact *key)
{
	const struct fact *at = facts_find(f, key);
	size_t i = at ? (size_t)(at - f->items) : 0;

	if (!at) {
		facts_add(f, key);
		facts_sort(f);
		return;
	}
	memmove(&f->items[i], &f->items[i + 1], (f->count - i - 1) * sizeof(*f->items));
	f->count--;
}

static struct plan_touch change_tap(struct world *w)
{
	struct plan_touch t = {KIND_PORT, numbered(KIND_PORT, pick(PORTS))};
	struct fact tap = {.kind = FACT_PLUG};
	char name[DEV_TEXT];

	dev_name("tap", &t.id, name);
	tap.dev = symtab_put(w->syms, name);
	toggle(&w->taps, &tap);
	return t;
}

static struct plan_touch change_conflict(struct world *w)
{
	uint32_t n = pick(FIPS);
	struct plan_touch t = {KIND_FLOATINGIP, numbered(KIND_FLOATINGIP, n)};
	struct fact guard = {.kind = FACT_GUARD, .addr = ip_from_v4(0xcb007100 + n)};

	guard.dev = symtab_put(w->syms, pick(2) ? "br-ex" : pick(2) ? "eth1" : "eth0");
	toggle(&w->conflicts, &guard);
	return t;
}

/* --- comparing --- */

static char *all_text(const struct facts *f)
{
	struct buf text = {0};
	char id[UUID_TEXT];

	for (size_t i = 0; i < f->count; i++) {
		fact_print(&f->items[i], f->syms, &text);
		buf_printf(&text, " flags %u row %s\n",
			   f->items[i].kind == FACT_ADDRESS ? f->items[i].value.num : 0,
			   uuid_print(&f->items[i].row, id));
	}
	buf_puts(&text, "");
	return buf_take(&text);
}

static void must_be_equal(const struct facts *a, const struct facts *b)
{
	char *x AUTO_FREE = all_text(a), *y AUTO_FREE = all_text(b);

	assert_string_equal(x, y);
}

/* `all` without what is in `gone`, which must all be there. */
static void subtract(const struct facts *all, const struct facts *gone, struct facts *ret)
{
	size_t found = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct fact *there = facts_find(gone, &all->items[i]);

		if (!there) {
			facts_add(ret, &all->items[i]);
			continue;
		}
		assert_true(fact_value_eq(there, &all->items[i]));
		found++;
	}
	assert_int_equal(found, gone->count);
}

static void check_values(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct fact *it = &f->items[i];

		if (it->kind == FACT_ROUTE)
			assert_true(it->value.dev != 0);
		if (it->kind != FACT_LINK)
			continue;
		assert_true(it->link->mtu != 0);
		assert_true((it->link->type == LINK_VETH) <= (it->ns != 0));
		assert_int_equal(it->link->type == LINK_VETH || it->link->type == LINK_MACVLAN,
				 !mac_is_null(&it->link->mac));
	}
}

/* Each fact once, whichever way everything is planned. */
static void check_all(const struct plan_input *in, const struct facts *all)
{
	static const enum kind kinds[] = {KIND_PORT_FORWARDING, KIND_FLOATINGIP, KIND_PORT, KIND_NETWORK,
					  KIND_ROUTER};
	AUTO_FACTS struct facts units, again;
	AUTO_PLANNER struct planner p;
	const struct row *row;
	struct scan scan;
	size_t count;

	facts_init(&units, all->syms);
	facts_init(&again, all->syms);
	planner_init(&p, in, &units);
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (row = scan_kind(&scan, in->snap, kinds[k], NULL); row; row = scan_next(&scan))
			plan_unit(&p, &(struct plan_touch){kinds[k], row->id});
	count = units.count;
	facts_sort(&units);
	assert_int_equal(units.count, count);
	must_be_equal(&units, all);
	plan_everything(in, &again);
	assert_int_equal(again.count, count);
	facts_sort(&again);
	must_be_equal(&again, all);
	check_values(all);
}

/* As the agent keeps it. */
static void follow_reason(void *arg, const struct uuid *row, const char *why)
{
	struct world *w = arg;
	size_t i = 0;

	while (i < w->reason_count && !uuid_eq(&w->reasons[i].row, row))
		i++;
	if (i < w->reason_count) {
		free(w->reasons[i].why);
		w->reasons[i] = w->reasons[--w->reason_count];
	}
	if (!why)
		return;
	assert_true(w->reason_count < ARRAY_SIZE(w->reasons));
	w->reasons[w->reason_count++] = (struct reason){*row, xstrdup(why)};
}

static int by_row(const void *a, const void *b)
{
	return uuid_cmp(&((const struct reason *)a)->row, &((const struct reason *)b)->row);
}

/* The rows: words name other rows, whose names may change. */
static char *reasons_text(struct world *w)
{
	struct buf text = {0};
	char id[UUID_TEXT];

	qsort(w->reasons, w->reason_count, sizeof(w->reasons[0]), by_row);
	for (size_t i = 0; i < w->reason_count; i++)
		buf_printf(&text, "%s\n", uuid_print(&w->reasons[i].row, id));
	buf_puts(&text, "");
	return buf_take(&text);
}

/* What is impossible, told by what was touched, is what is impossible. */
static void check_reasons(struct world *w, const struct plan_input *was, const struct plan_touch *touched,
			  size_t count)
{
	struct plan_input is = input(w);
	struct world anew = {0};
	char *told, *all;

	for (size_t i = 0; i < count; i++)
		follow_reason(w, &touched[i].id, NULL);
	plan_impossible(was, &is, touched, count, follow_reason, w);
	plan_impossible(NULL, &is, NULL, 0, follow_reason, &anew);
	told = reasons_text(w);
	all = reasons_text(&anew);
	assert_string_equal(told, all);
	free(told);
	free(all);
	for (size_t i = 0; i < anew.reason_count; i++)
		free(anew.reasons[i].why);
}

static void step(struct world *w, size_t round)
{
	AUTO_FACTS struct facts old_taps, old_conflicts, was_all, is_all, was, is, rest;
	AUTO_SNAP const struct snap *old = snap_take(w->snap);
	struct plan_touch touched[4];
	size_t count = 1 + pick(ARRAY_SIZE(touched));
	struct plan_input a = {old, &w->node, &old_taps, &old_conflicts}, b;
	struct facts *list[] = {&old_taps, &old_conflicts, &was_all, &is_all, &was, &is, &rest};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		facts_init(list[i], w->syms);
	for (size_t i = 0; i < w->taps.count; i++)
		facts_add(&old_taps, &w->taps.items[i]);
	for (size_t i = 0; i < w->conflicts.count; i++)
		facts_add(&old_conflicts, &w->conflicts.items[i]);
	plan_all(&a, &was_all);
	for (size_t i = 0; i < count; i++)
		touched[i] = chance(80) ? change_row(w) : chance(70) ? change_tap(w) : change_conflict(w);
	b = input(w);
	plan_all(&b, &is_all);
	plan_delta(&a, &b, touched, count, &was, &is);
	check_reasons(w, &a, touched, count);
	subtract(&was_all, &was, &rest);
	for (size_t i = 0; i < is.count; i++)
		facts_add(&rest, &is.items[i]);
	count = rest.count;
	facts_sort(&rest);
	assert_int_equal(rest.count, count);
	must_be_equal(&rest, &is_all);
	if (round % 4 == 0)
		check_all(&b, &is_all);
}

/* What only one of the data paths has. */
static bool is_of_datapath(enum fact_kind kind, enum datapath datapath)
{
	bool express = kind == FACT_PATH || kind == FACT_EXPRESS || kind == FACT_HOOK;

	return !express || datapath == DATAPATH_BPF;
}

static void compare_many(enum datapath datapath)
{
	struct ip peers[] = {ip_from_v4(0xc0a80001), ip_from_v4(0xc0a80002), ip_from_v4(0xc0a80002)};
	size_t facts[FACT_KINDS] = {0}, host[FACT_KINDS] = {0};
	struct world w;

	world_init(&w, peers, ARRAY_SIZE(peers));
	w.node.datapath = datapath;
	w.node.serve = true;
	for (size_t round = 0; round < CHANGES; round++) {
		AUTO_FACTS struct facts all;
		struct plan_input in;

		facts_init(&all, w.syms);
		step(&w, round);
		if (round % 16)
			continue;
		in = input(&w);
		plan_all(&in, &all);
		for (size_t i = 0; i < all.count; i++)
			(all.items[i].ns ? facts : host)[all.items[i].kind]++;
	}
	/* The world was rich enough to show every kind. */
	for (int k = 0; k < FACT_KINDS; k++)
		assert_int_equal(facts[k] + host[k] > 100, is_of_datapath(k, datapath));
	assert_true(host[FACT_TABLE] > 10 && host[FACT_GATEWAY] > 10 && host[FACT_NAT] > 10 &&
		    host[FACT_ADDRESS] > 10);
	world_done(&w);
}

static void delta_equals_everything_anew(void **state)
{
	compare_many(DATAPATH_NFT);
}

static void delta_equals_everything_anew_express(void **state)
{
	compare_many(DATAPATH_BPF);
}

/* --- impossible rows --- */

static void note(void *arg, const struct uuid *row, const char *why)
{
	struct buf *text = arg;
	char id[UUID_TEXT];

	if (!why)
		return;
	buf_printf(text, "%.2s%s: %s\n", uuid_print(row, id), id + 34, why);
}

static void put_network(struct world *w, uint32_t n, const char *type, const char *physical_network)
{
	struct network net = {.network_type = type, .physical_network = physical_network, .name = "net"};
	struct uuid id = numbered(KIND_NETWORK, n);

	assert_true(apply_row(w, KIND_NETWORK, &id, &net.row));
}

static void put_fip(struct world *w, uint32_t n, uint32_t network)
{
	struct floatingip f = {.floating_network_id = numbered(KIND_NETWORK, network),
			       .floating_ip_address = ip_from_v4(0xcb007100 + n),
			       .subnet_id = numbered(KIND_SUBNET, network)};
	struct uuid id = numbered(KIND_FLOATINGIP, n);

	assert_true(apply_row(w, KIND_FLOATINGIP, &id, &f.row));
}

static void put_port(struct world *w, uint32_t n, uint32_t network, const char *host)
{
	struct port p = {
		.network_id = numbered(KIND_NETWORK, network), .admin_state_up = true, .host_id = host};
	struct uuid id = numbered(KIND_PORT, n);

	assert_true(apply_row(w, KIND_PORT, &id, &p.row));
}

static void what_is_impossible_is_said(void **state)
{
	struct fact guard = {.kind = FACT_GUARD, .addr = ip_from_v4(0xcb007101)};
	struct plan_touch touched[] = {{KIND_FLOATINGIP, numbered(KIND_FLOATINGIP, 1)},
				       {KIND_PORT, numbered(KIND_PORT, 5)}};
	AUTO_BUF struct buf all = {0}, some = {0};
	struct plan_input in;
	struct world w;

	world_init(&w, NULL, 0);
	put_network(&w, 0, "flat", "bridged");
	put_network(&w, 1, "flat", "nic");
	put_network(&w, 2, "flat", "nowhere");
	put_network(&w, 3, "vxlan", NULL);
	put_port(&w, 4, 0, "");
	put_port(&w, 5, 1, "");
	put_port(&w, 6, 1, "elsewhere");
	put_port(&w, 7, 2, "here");
	put_fip(&w, 0, 0);
	put_fip(&w, 1, 0);
	put_fip(&w, 2, 2);
	guard.dev = symtab_put(w.syms, "br-ex");
	toggle(&w.conflicts, &guard);
	in = input(&w);
	plan_impossible(NULL, &in, NULL, 0, note, &all);
	assert_string_equal(
		buf_text(&all),
		"a103: physical network nowhere is not mapped on this node\n"
		"a104: a vxlan network needs a segmentation id\n"
		"a306: instances can not be plugged into NIC eth1: map physical network nic to a bridge\n"
		"a308: physical network nowhere is not mapped on this node\n"
		"a602: another host on net answers for 203.0.113.1\n"
		"a603: physical network nowhere is not mapped on this node\n");
	plan_impossible(&in, &in, touched, ARRAY_SIZE(touched), note, &some);
	assert_string_equal(
		buf_text(&some),
		"a306: instances can not be plugged into NIC eth1: map physical network nic to a bridge\n"
		"a602: another host on net answers for 203.0.113.1\n");
	world_done(&w);
}

/* --- limits --- */

static void expect_limit(struct world *w, int64_t kbps, int64_t burst, struct rate_limit want)
{
	struct rate_limit got[LIMIT_DIRECTIONS];
	struct uuid rule_id = numbered(KIND_QOS_RULE, 0);
	struct qos_rule rule = {.qos_policy_id = numbered(KIND_QOS_POLICY, 0),
				.direction = "ingress",
				.max_kbps = kbps,
				.max_burst_kbps = burst};
	struct floatingip f = {.qos_policy_id = rule.qos_policy_id};

	assert_true(apply_row(w, KIND_QOS_RULE, &rule_id, &rule.row));
	plan_fip_limits(w->snap, &f, got);
	assert_int_equal(got[LIMIT_IN].rate_kbps, want.rate_kbps);
	assert_int_equal(got[LIMIT_IN].burst_kbit, want.burst_kbit);
	assert_int_equal(got[LIMIT_OUT].rate_kbps, 0);
	f.qos_policy_id = (struct uuid){0};
	plan_fip_limits(w->snap, &f, got);
	assert_int_equal(got[LIMIT_IN].rate_kbps, 0);
}

static void limits_are_what_rules_say(void **state)
{
	struct world w;

	world_init(&w, NULL, 0);
	expect_limit(&w, 10000, 2000, (struct rate_limit){10000, 2000});
	expect_limit(&w, 10000, 0, (struct rate_limit){10000, 8000});
	/* The largest packet fits in, and nothing is refused by arithmetic. */
	expect_limit(&w, 64, 0, (struct rate_limit){64, 525});
	expect_limit(&w, 10000, 1, (struct rate_limit){10000, 525});
	expect_limit(&w, 100000000, 2147483647, (struct rate_limit){100000000, UINT32_MAX / 125});
	expect_limit(&w, 0, 5000, (struct rate_limit){0, 0});
	expect_limit(&w, 2147483647, 0, (struct rate_limit){0, 0});
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delta_equals_everything_anew),
		cmocka_unit_test(delta_equals_everything_anew_express),
		cmocka_unit_test(what_is_impossible_is_said),
		cmocka_unit_test(limits_are_what_rules_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
