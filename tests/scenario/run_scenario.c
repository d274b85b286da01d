/* Plays a scenario: rows change, and what the planner and a fake kernel make of it is compared with the text.
 *
 *	run_scenario FILE		exit 0 when all is as the file says
 *	run_scenario --write FILE	prints the file with what really came out
 *
 * Lines that begin with a tab are what the command above them must answer; # begins a comment. Ids are
 *written short: a1 is a1000000-0000-0000-0000-000000000000.
 *
 *	physical NAME bridge|nic|host DEVICE
 *	datapath nft|bpf
 *	metadata ADDRESS PORT
 *	vxlan LOCAL PEER...
 *	put KIND ID ATTRIBUTE=VALUE...	makes a row, or changes these attributes of it. Beside the schema's
 *plain ones: fixed_ips=SUBNET/ADDRESS,... routes=PREFIX>NEXTHOP,... gateway=NETWORK snat=true|false
 *		interface_of=ROUTER gateway_of=ROUTER role=l3|dhcp
 *	del KIND ID
 *	tap +NAME | tap -NAME
 *	conflict +ADDRESS | conflict -ADDRESS	of a floating IP that is guarded
 *	plan [FACT KIND...]	the facts, sorted as text
 *	delta			what has changed since the last delta, apply or plan, in the order in which it
 *is done impossible		rows that can not be realised, and why
 *	fail [TEXT]		the kernel refuses facts with this in their words; nothing: none
 *	apply			how many changes the kernel was given, and what it refused */
#include "kernel/kernel.h"
#include "plan/plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define PHYSICAL_MAX 4
#define PEERS_MAX    4
#define ROUTER_OWNER "network:router_"

struct stage {
	struct snap *snap, *base;   /* base: at the last delta */
	struct plan_touch *touched; /* since then; owned */
	size_t touch_count;
	uint64_t owner;
	struct symtab *syms;
	struct facts taps, conflicts, base_taps, base_conflicts;
	struct kernel *kernel;
	struct physical_network physical[PHYSICAL_MAX];
	struct ip peers[PEERS_MAX];
	struct plan_node node;
	void *region; /* texts that rows and the node borrow */
};

/* The scenario itself is wrong. */
__attribute__((noreturn)) static void refuse(const char *what, const char *word)
{
	fprintf(stderr, "%s: %s\n", what, word ? word : "nothing");
	exit(2);
}

static struct plan_input now(const struct stage *st)
{
	return (struct plan_input){st->snap, &st->node, &st->taps, &st->conflicts};
}

static struct uuid short_id(const char *word)
{
	char text[] = "00000000-0000-0000-0000-000000000000";
	struct uuid id;

	if (!word || strlen(word) > 8)
		refuse("not an id", word);
	memcpy(text, word, strlen(word));
	if (uuid_parse(text, &id) < 0)
		refuse("not an id", word);
	return id;
}

static enum kind kind_named(const char *word)
{
	const struct shape *shape = shape_by_name(word ? word : "");

	if (!shape)
		refuse("not a kind", word);
	return shape->kind;
}

/* --- rows --- */

static void touch(struct stage *st, enum kind kind, const struct uuid *id)
{
	st->touched = xrealloc(st->touched, (st->touch_count + 1) * sizeof(*st->touched));
	st->touched[st->touch_count++] = (struct plan_touch){kind, *id};
}

static void apply_row(struct stage *st, enum kind kind, const struct uuid *id, const void *draft)
{
	struct snap *next = snap_edit(st->snap);
	const struct row *row = draft ? row_seal(kind, draft) : NULL;
	struct err err = {0};

	if (snap_apply(next, ++st->owner, snap_get(st->snap, kind, id), row, &err) < 0)
		refuse("row refused", err.message);
	row_drop(row);
	snap_drop(st->snap);
	st->snap = next;
	touch(st, kind, id);
}

static void parse_ip(const char *text, struct ip *ret)
{
	if (!text || ip_parse(text, ret) < 0)
		refuse("not an address", text);
}

static struct list parse_fixed_ips(struct stage *st, char *text)
{
	struct fixed_ip *ips = NULL;
	struct list list = {0};
	char *save = NULL;

	for (char *item = strtok_r(text, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
		char *slash = strchr(item, '/');

		if (!slash)
			refuse("not SUBNET/ADDRESS", item);
		*slash = '\0';
		ips = talloc_realloc(st->region, ips, struct fixed_ip, list.count + 1);
		ips[list.count].subnet_id = short_id(item);
		parse_ip(slash + 1, &ips[list.count++].ip_address);
	}
	list.items = ips;
	return list;
}

static struct list parse_routes(struct stage *st, char *text)
{
	struct ip_route *routes = NULL;
	struct list list = {0};
	char *save = NULL;

	for (char *item = strtok_r(text, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
		char *via = strchr(item, '>');

		if (!via)
			refuse("not PREFIX>NEXTHOP", item);
		*via = '\0';
		routes = talloc_realloc(st->region, routes, struct ip_route, list.count + 1);
		if (cidr_parse(item, &routes[list.count].destination) < 0)
			refuse("not a prefix", item);
		parse_ip(via + 1, &routes[list.count++].nexthop);
	}
	list.items = routes;
	return list;
}

static void make_leg(struct stage *st, struct port *port, const char *owner, const char *router)
{
	struct uuid id = short_id(router);

	port->device_owner = owner;
	port->device_id = uuid_print(&id, talloc_size(st->region, UUID_TEXT));
}

/* "PORT/NETWORK/NUMBER,...": the gateways after the first. */
static struct list parse_gateways(struct stage *st, char *value)
{
	struct router_gateway *list = talloc_zero_array(st->region, struct router_gateway, 8);
	uint32_t count = 0;
	char *save, *item;

	for (item = strtok_r(value, ",", &save); item && count < 8; item = strtok_r(NULL, ",", &save)) {
		char *network = strchr(item, '/'), *number = network ? strchr(network + 1, '/') : NULL;

		if (!number)
			refuse("not PORT/NETWORK/NUMBER", item);
		*network++ = *number++ = '\0';
		list[count++] = (struct router_gateway){.network_id = short_id(network),
							.enable_snat = true,
							.port_id = short_id(item),
							.number = atoi(number)};
	}
	return (struct list){list, count};
}

/* What the schema's plain values can not say. */
static bool set_special(struct stage *st, union any_row *draft, const char *key, char *value)
{
	if (strcmp(key, "fixed_ips") == 0)
		draft->port.fixed_ips = parse_fixed_ips(st, value);
	else if (strcmp(key, "interface_of") == 0)
		make_leg(st, &draft->port, ROUTER_OWNER "interface", value);
	else if (strcmp(key, "gateway_of") == 0)
		make_leg(st, &draft->port, ROUTER_OWNER "gateway", value);
	else if (strcmp(key, "routes") == 0)
		draft->router.routes = parse_routes(st, value);
	else if (strcmp(key, "gateway") == 0)
		draft->router.external_gateway_info.network_id = short_id(value);
	else if (strcmp(key, "role") == 0)
		draft->net_agent.agent_type = strcmp(value, "l3") == 0 ? "L3 agent" : "DHCP agent";
	else if (strcmp(key, "more_gateways") == 0)
		draft->router.more_gateways = parse_gateways(st, value);
	else if (strcmp(key, "gateway_policy") == 0)
		draft->router.external_gateway_info.qos_policy_id =
			*value ? short_id(value) : (struct uuid){{0}};
	else if (strcmp(key, "snat") == 0)
		draft->router.external_gateway_info.enable_snat = strcmp(value, "true") == 0;
	else
		return false;
	return true;
}

static void set_attribute(struct stage *st, enum kind kind, union any_row *draft, char *word)
{
	const struct shape *shape = shape_of(kind);
	char *value = strchr(word, '=');
	const struct attr *a;

	if (!value)
		refuse("not ATTRIBUTE=VALUE", word);
	*value++ = '\0';
	if (set_special(st, draft, word, value))
		return;
	a = shape_attr(shape, word);
	if (!a)
		refuse("no such attribute", word);
	if (a->type == ATTR_UUID)
		*(struct uuid *)(void *)((char *)draft + a->offset) =
			*value ? short_id(value) : (struct uuid){{0}};
	else if (!*value && a->type == ATTR_IP)
		*(struct ip *)(void *)((char *)draft + a->offset) = (struct ip){{0}};
	else if (attr_parse_text(a, value, st->region, draft) < 0)
		refuse("not a value", value);
}

static void set_defaults(enum kind kind, union any_row *draft)
{
	if (kind == KIND_NETWORK) {
		draft->network.admin_state_up = true;
		draft->network.mtu = 1500;
	} else if (kind == KIND_PORT) {
		draft->port.admin_state_up = true;
	} else if (kind == KIND_ROUTER) {
		draft->router.admin_state_up = true;
		draft->router.external_gateway_info.enable_snat = true;
		draft->router.gateway_number = 1;
	} else if (kind == KIND_AGENT) {
		draft->net_agent.host = "node1";
		draft->net_agent.admin_state_up = true;
	}
}

static void do_put(struct stage *st, char **save, struct buf *out)
{
	enum kind kind = kind_named(strtok_r(NULL, " ", save));
	struct uuid id = short_id(strtok_r(NULL, " ", save));
	const void *old = snap_get(st->snap, kind, &id);
	union any_row draft = {0};
	char *word;

	if (old)
		memcpy(&draft, old, shape_of(kind)->size);
	else
		set_defaults(kind, &draft);
	draft.row.id = id;
	while ((word = strtok_r(NULL, " ", save)))
		set_attribute(st, kind, &draft, word);
	apply_row(st, kind, &id, &draft);
}

static void do_del(struct stage *st, char **save, struct buf *out)
{
	enum kind kind = kind_named(strtok_r(NULL, " ", save));
	struct uuid id = short_id(strtok_r(NULL, " ", save));

	if (!snap_get(st->snap, kind, &id))
		refuse("no such row", shape_of(kind)->name);
	apply_row(st, kind, &id, NULL);
}

/* --- the node and its surroundings --- */

static void do_physical(struct stage *st, char **save, struct buf *out)
{
	const char *name = strtok_r(NULL, " ", save), *type = strtok_r(NULL, " ", save);
	const char *device = strtok_r(NULL, " ", save);

	if (!device || st->node.physical_count == PHYSICAL_MAX)
		refuse("not a physical network", name);
	st->physical[st->node.physical_count++] =
		(struct physical_network){talloc_strdup(st->region, name),
					  strcmp(type, "nic") == 0    ? PHYSICAL_NIC
					  : strcmp(type, "host") == 0 ? PHYSICAL_HOST
								      : PHYSICAL_BRIDGE,
					  talloc_strdup(st->region, device)};
}

static void do_datapath(struct stage *st, char **save, struct buf *out)
{
	const char *word = strtok_r(NULL, " ", save);

	if (!word || (strcmp(word, "nft") != 0 && strcmp(word, "bpf") != 0))
		refuse("not nft or bpf", word);
	st->node.datapath = strcmp(word, "bpf") == 0 ? DATAPATH_BPF : DATAPATH_NFT;
}

static void do_metadata(struct stage *st, char **save, struct buf *out)
{
	const char *address = strtok_r(NULL, " ", save), *port = strtok_r(NULL, " ", save);

	if (!port)
		refuse("not ADDRESS PORT", address);
	parse_ip(address, &st->node.metadata);
	st->node.metadata_port = (uint16_t)strtoul(port, NULL, 10);
}

static void do_vxlan(struct stage *st, char **save, struct buf *out)
{
	const char *word = strtok_r(NULL, " ", save);

	parse_ip(word, &st->node.vxlan_local);
	st->node.vxlan_port = 4789;
	while ((word = strtok_r(NULL, " ", save)) && st->node.vxlan_peer_count < PEERS_MAX)
		parse_ip(word, &st->peers[st->node.vxlan_peer_count++]);
}

static void copy_facts(const struct facts *from, struct facts *to)
{
	facts_done(to);
	facts_init(to, from->syms);
	for (size_t i = 0; i < from->count; i++)
		facts_add(to, &from->items[i]);
	facts_sort(to);
}

/* Adds the fact, or takes it away. */
static void put_or_del(struct facts *f, const struct fact *key, char sign)
{
	AUTO_FACTS struct facts kept;

	facts_init(&kept, f->syms);
	for (size_t i = 0; i < f->count; i++)
		if (fact_key_cmp(&f->items[i], key))
			facts_add(&kept, &f->items[i]);
	if (sign == '+')
		facts_add(&kept, key);
	else if (sign != '-')
		refuse("neither + nor -", NULL);
	copy_facts(&kept, f);
}

static void do_tap(struct stage *st, char **save, struct buf *out)
{
	const char *word = strtok_r(NULL, " ", save);
	struct fact tap = {.kind = FACT_PLUG};
	char id[9] = "";
	struct uuid port;

	if (!word || strlen(word) != 15)
		refuse("not a tap", word);
	tap.dev = symtab_put(st->syms, word + 1);
	put_or_del(&st->taps, &tap, word[0]);
	kernel_fake_tap(st->kernel, word + 1, word[0] == '+');
	memcpy(id, word + 4, 8);
	port = short_id(id);
	touch(st, KIND_PORT, &port);
}

static void do_conflict(struct stage *st, char **save, struct buf *out)
{
	const char *word = strtok_r(NULL, " ", save);
	struct plan_input in = now(st);
	AUTO_FACTS struct facts all;
	struct ip addr;

	parse_ip(word ? word + 1 : NULL, &addr);
	facts_init(&all, st->syms);
	plan_all(&in, &all);
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].kind == FACT_GUARD && ip_eq(&all.items[i].addr, &addr)) {
			put_or_del(&st->conflicts, &all.items[i], word[0]);
			touch(st, KIND_FLOATINGIP, &all.items[i].row);
			return;
		}
	refuse("not guarded", word);
}

/* --- answers --- */

static void rebase(struct stage *st)
{
	snap_drop(st->base);
	st->base = (struct snap *)(uintptr_t)snap_take(st->snap);
	copy_facts(&st->taps, &st->base_taps);
	copy_facts(&st->conflicts, &st->base_conflicts);
	st->touch_count = 0;
}

static int cmp_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool kind_wanted(enum fact_kind kind, const char *kinds)
{
	char word[32];

	snprintf(word, sizeof(word), " %s ", fact_kind_name(kind));
	return !kinds[0] || strstr(kinds, word);
}

static void print_sorted(const struct facts *f, const char *kinds, struct buf *out)
{
	char **lines AUTO_FREE = xalloc(f->count * sizeof(*lines));
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct buf line = {0};

		if (!kind_wanted((enum fact_kind)f->items[i].kind, kinds))
			continue;
		fact_print(&f->items[i], f->syms, &line);
		lines[n++] = buf_take(&line);
	}
	if (n > 1)
		qsort(lines, n, sizeof(*lines), cmp_text);
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "\t%s\n", lines[i]);
		free(lines[i]);
	}
}

static void do_plan(struct stage *st, char **save, struct buf *out)
{
	struct plan_input in = now(st);
	AUTO_FACTS struct facts all;
	AUTO_BUF struct buf kinds = {0};
	const char *word;

	while ((word = strtok_r(NULL, " ", save)))
		buf_printf(&kinds, " %s ", word);
	facts_init(&all, st->syms);
	plan_all(&in, &all);
	print_sorted(&all, buf_text(&kinds), out);
	rebase(st);
}

static void print_changes(const struct facts *want, const struct facts *have, struct buf *out)
{
	AUTO_CHANGES struct changes changes = {0};

	facts_diff(want, have, &changes);
	for (size_t i = 0; i < changes.count; i++) {
		const struct change *c = &changes.items[i];

		buf_puts(out, c->want && c->have ? "\t~ " : c->want ? "\t+ " : "\t- ");
		fact_print(c->want ? c->want : c->have, want->syms, out);
		buf_putc(out, '\n');
	}
}

/* The difference by what was touched must be that of everything. */
static void do_delta(struct stage *st, char **save, struct buf *out)
{
	struct plan_input is = now(st), was = {st->base, &st->node, &st->base_taps, &st->base_conflicts};
	AUTO_FACTS struct facts want, have, all_want, all_have;
	struct facts *list[] = {&want, &have, &all_want, &all_have};
	AUTO_BUF struct buf whole = {0};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		facts_init(list[i], st->syms);
	plan_all(&was, &all_have);
	plan_all(&is, &all_want);
	plan_delta(&was, &is, st->touched, st->touch_count, &have, &want);
	print_changes(&want, &have, out);
	print_changes(&all_want, &all_have, &whole);
	if (strcmp(buf_text(&whole), buf_text(out)) != 0)
		buf_printf(out, "\tBUT EVERYTHING ANEW SAYS\n%s", buf_text(&whole));
	rebase(st);
}

static void note_impossible(void *arg, const struct uuid *row, const char *why)
{
	char id[UUID_TEXT];

	uuid_print(row, id);
	for (size_t n = 8; n > 2 && id[n - 1] == '0'; n--)
		id[n - 1] = '\0';
	buf_printf(arg, "\t%.8s: %s\n", id, why);
}

static void do_impossible(struct stage *st, char **save, struct buf *out)
{
	struct plan_input in = now(st);

	plan_impossible(NULL, &in, NULL, 0, note_impossible, out);
}

static void do_fail(struct stage *st, char **save, struct buf *out)
{
	const char *text = strtok_r(NULL, "", save);

	kernel_fake_fail(st->kernel, text, EPERM);
}

static void do_apply(struct stage *st, char **save, struct buf *out)
{
	struct plan_input in = now(st);
	AUTO_FACTS struct facts want, have;
	AUTO_CHANGES struct changes changes = {0};

	facts_init(&want, st->syms);
	facts_init(&have, st->syms);
	plan_all(&in, &want);
	st->kernel->ops->observe(st->kernel, &have, NULL);
	facts_sort(&have);
	facts_diff(&want, &have, &changes);
	st->kernel->ops->apply(st->kernel, &changes);
	buf_printf(out, "\t%zu changes\n", changes.count);
	for (size_t i = 0; i < changes.count; i++) {
		const struct change *c = &changes.items[i];

		if (!c->result)
			continue;
		buf_puts(out, c->want ? "\tfailed + " : "\tfailed - ");
		fact_print(c->want ? c->want : c->have, st->syms, out);
		buf_printf(out, ": %s\n", c->why);
	}
	rebase(st);
}

/* --- playing --- */

static const struct {
	const char *name;
	void (*run)(struct stage *st, char **save, struct buf *out);
} commands[] = {
	{"physical", do_physical}, {"datapath", do_datapath}, {"metadata", do_metadata},
	{"vxlan", do_vxlan},       {"put", do_put},           {"del", do_del},
	{"tap", do_tap},           {"conflict", do_conflict}, {"plan", do_plan},
	{"delta", do_delta},       {"fail", do_fail},         {"impossible", do_impossible},
	{"apply", do_apply},
};

static void run_command(struct stage *st, char *line, struct buf *out)
{
	char *save = NULL, *word = strtok_r(line, " ", &save);

	for (size_t i = 0; word && i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, word) == 0) {
			commands[i].run(st, &save, out);
			return;
		}
	if (word)
		refuse("not a command", word);
}

static void stage_init(struct stage *st)
{
	*st = (struct stage){.snap = snap_new(), .base = snap_new(), .syms = symtab_new()};
	struct facts *list[] = {&st->taps, &st->conflicts, &st->base_taps, &st->base_conflicts};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		facts_init(list[i], st->syms);
	st->kernel = kernel_fake_new(st->syms);
	st->region = talloc_new(NULL);
	st->node = (struct plan_node){.name = "node1",
				      .serve = true,
				      .physical = st->physical,
				      .vxlan_peers = st->peers,
				      .table_hash = 0xb001,
				      .express_table_hash = 0xb003,
				      .host_table_hash = 0xb002};
}

static void stage_done(struct stage *st)
{
	struct facts *list[] = {&st->taps, &st->conflicts, &st->base_taps, &st->base_conflicts};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		facts_done(list[i]);
	st->kernel->ops->free(st->kernel);
	snap_drop(st->snap);
	snap_drop(st->base);
	symtab_free(st->syms);
	talloc_free(st->region);
	free(st->touched);
}

/* Compares one answer; returns whether it was the expected one. */
static bool check(const char *command, const struct buf *expected, const struct buf *out)
{
	if (strcmp(buf_text(expected), buf_text(out)) == 0)
		return true;
	printf("%s\nexpected:\n%scame out:\n%s\n", command, buf_text(expected), buf_text(out));
	return false;
}

static bool play(FILE *file, bool write)
{
	AUTO_BUF struct buf expected = {0}, out = {0};
	char *line AUTO_FREE = NULL, *command = xstrdup("");
	size_t cap = 0;
	bool fine = true;
	struct stage st;
	ssize_t n;

	stage_init(&st);
	do {
		n = getline(&line, &cap, file);
		if (n > 0 && line[0] == '\t') {
			buf_puts(&expected, line);
			continue;
		}
		if (write)
			printf("%s", buf_text(&out));
		else
			fine = check(command, &expected, &out) && fine;
		buf_done(&expected);
		buf_done(&out);
		free(command);
		command = xstrdup(n > 0 ? line : "");
		if (n > 0 && write)
			printf("%s", line);
		if (n > 0) {
			line[strcspn(line, "#\n")] = '\0';
			run_command(&st, line, &out);
		}
	} while (n > 0);
	free(command);
	stage_done(&st);
	return fine;
}

int main(int argc, char **argv)
{
	bool write = argc == 3 && strcmp(argv[1], "--write") == 0, fine;
	FILE *file = argc >= 2 ? fopen(argv[argc - 1], "r") : NULL;

	if (!file)
		refuse("can not read", argc >= 2 ? argv[argc - 1] : NULL);
	fine = play(file, write);
	fclose(file);
	return fine ? 0 : 1;
}
