/* The planner: randomised changes of a small world, planned whole and by what was touched; impossible rows.
 * Unit test, no I/O, seeded. */
#include "facts_compare.h"

#include "plan/plan_int.h"

#include "plan_draw.h"

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
		{KIND_NETWORK, NETWORKS, 10},        {KIND_SUBNET, SUBNETS, 15},  {KIND_PORT, PORTS, 29},
		{KIND_ROUTER, ROUTERS, 15},          {KIND_FLOATINGIP, FIPS, 18}, {KIND_QOS_RULE, RULES, 4},
		{KIND_PORT_FORWARDING, FORWARDS, 6}, {KIND_SUBNETPOOL, POOLS, 3}};
	uint32_t roll = pick(100), k = 0, n;
	struct plan_touch t;
	struct fixed_ip ips[2];
	struct router_gateway more[MORE];
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
		draw_router(w->snap, n, &draft.router, routes, more);
	else if (t.kind == KIND_QOS_RULE)
		draw_rule(&draft.qos_rule);
	else if (t.kind == KIND_SUBNETPOOL)
		draft.subnetpool.address_scope_id = maybe(KIND_ADDRESS_SCOPE, 2, 60);
	else if (t.kind == KIND_PORT_FORWARDING)
		draw_forward(n, &draft.port_forwarding);
	else
		draw_fip(w->snap, n, &draft.floatingip);
	apply_row(w, t.kind, &t.id, chance(12) ? NULL : &draft.row);
	return t;
}

/* The agents of this node and of another: mostly their descriptions, seldom switched off. */
static struct plan_touch change_agent(struct world *w)
{
	uint32_t n = pick(3);
	struct plan_touch t = {KIND_AGENT, numbered(KIND_AGENT, n)};
	union any_row draft = {0};

	draft.net_agent.agent_type = n == 1 ? "DHCP agent" : "L3 agent";
	draft.net_agent.host = n == 2 ? "there" : "here";
	draft.net_agent.admin_state_up = chance(96);
	apply_row(w, t.kind, &t.id, draft.net_agent.admin_state_up && chance(50) ? NULL : &draft.row);
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

static void check_values(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct fact *it = &f->items[i];

		if (it->kind == FACT_ROUTE)
			assert_true(it->value.dev != 0 || (it->which && !it->plen));
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

/* Place by place it is the same. */
static void check_places(const struct plan_input *in, const struct facts *all)
{
	AUTO_FACTS struct facts places;
	const struct router *r;
	struct scan scan;

	facts_init(&places, all->syms);
	plan_place(in, NULL, &places);
	for (size_t i = 0; i < places.count; i++)
		assert_int_equal(fact_place(&places.items[i]), 0);
	for (r = scan_kind(&scan, in->snap, KIND_ROUTER, NULL); r; r = scan_next(&scan)) {
		AUTO_FACTS struct facts one;

		facts_init(&one, all->syms);
		plan_place(in, &r->row.id, &one);
		for (size_t i = 0; i < one.count; i++)
			facts_add(&places, &one.items[i]);
	}
	facts_sort(&places);
	must_be_equal(&places, all);
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
		touched[i] = chance(2)    ? change_agent(w)
			     : chance(80) ? change_row(w)
			     : chance(70) ? change_tap(w)
					  : change_conflict(w);
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
	if (round % 4 == 0)
		check_places(&b, &is_all);
}

/* What only one of the data paths has. */
static bool is_of_datapath(enum fact_kind kind, enum datapath datapath)
{
	bool express = kind == FACT_PATH || kind == FACT_EXPRESS || kind == FACT_HOOK;

	return kind == FACT_WAY ? datapath == DATAPATH_NFT : !express || datapath == DATAPATH_BPF;
}

/* What only routers of several gateways have. */
static bool has_ways(enum fact_kind kind)
{
	return kind == FACT_WAY || kind == FACT_SPREAD || kind == FACT_RULE;
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
		if ((facts[k] + host[k] > (has_ways(k) ? 0 : 100)) != is_of_datapath(k, datapath))
			fail_msg("%zu facts: %s", facts[k] + host[k], fact_kind_name(k));
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

/* A router that is the host, and one that would leave by the host's interface besides. */
static void the_host_has_one_gateway(void **state)
{
	struct router_gateway more = {.number = 2};
	AUTO_BUF struct buf all = {0};
	struct plan_input in;
	struct world w;

	for (int host_first = 0; host_first < 2; host_first++) {
		struct router r = {.row = {.kind = KIND_ROUTER}, .admin_state_up = true, .gateway_number = 1};
		struct uuid id = numbered(KIND_ROUTER, 0);
		char device[UUID_TEXT];

		world_init(&w, NULL, 0);
		put_network(&w, 0, "flat", host_first ? "uplink" : "bridged");
		put_network(&w, 1, "flat", host_first ? "bridged" : "uplink");
		for (uint32_t n = 0; n < 2; n++) {
			struct port p = {.row = {.kind = KIND_PORT},
					 .network_id = numbered(KIND_NETWORK, n),
					 .admin_state_up = true,
					 .device_owner = "network:router_gateway",
					 .device_id = uuid_print(&id, device),
					 .mac_address = {{2, 0, 0, 0, 0, (uint8_t)(n + 1)}}};
			struct uuid port = numbered(KIND_PORT, 2 * n);

			apply_row(&w, KIND_PORT, &port, &p.row);
		}
		r.gw_port_id = numbered(KIND_PORT, 0);
		r.external_gateway_info.network_id = numbered(KIND_NETWORK, 0);
		more.port_id = numbered(KIND_PORT, 2);
		more.network_id = numbered(KIND_NETWORK, 1);
		r.more_gateways = (struct list){&more, 1};
		apply_row(&w, KIND_ROUTER, &id, &r.row);
		in = input(&w);
		all.len = 0;
		plan_impossible(NULL, &in, NULL, 0, note, &all);
		assert_non_null(strstr(buf_text(&all),
				       host_first ? "the host itself, which can have one gateway only"
						  : "eth0 is the host's own interface: it can only be "
						    "a router's first gateway"));
		world_done(&w);
	}
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
		cmocka_unit_test(the_host_has_one_gateway),
		cmocka_unit_test(limits_are_what_rules_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
