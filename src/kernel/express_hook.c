/* FACT_HOOK: the express data path's programs at devices.
 * One row of the dispatcher's table; what is attached is express_stub.c's. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "kernel/express_stub.h"

/* --- observing --- */

sym express_link_name(const struct kernel_linux *k, uint32_t ifindex)
{
	const struct link_row *row = link_table_at(&k->host_links, (int)ifindex);

	return row ? symtab_put(k->base.syms, row->info.name) : 0;
}

static struct mac mac_of(const struct stub *s)
{
	struct mac mac;

	memcpy(mac.b, &s->cb[CB_MAC_HIGH], 4);
	memcpy(mac.b + 4, &s->cb[CB_MAC_LOW], 2);
	return mac;
}

static void observe_port(struct kernel_linux *k, const struct link_row *row, struct facts *ret)
{
	struct hook_spec spec = {.role = HOOK_PORT};
	struct fact f = {.kind = FACT_HOOK, .hook = &spec};
	struct stub s;

	if (!row->tap[0] || !stub_look(k, k->nss.host, row->info.index, HOOK_PORT, 0, &s))
		return;
	f.dev = symtab_put(k->base.syms, row->tap);
	spec.device = express_link_name(k, s.cb[CB_DEVICE]);
	facts_add(ret, &f);
}

/* The way of an external leg, as programs know it; 0: it has none. */
static uint16_t way_of(const struct kernel_linux *k, const struct stub *s, uint64_t router)
{
	struct way_key key = {.router = router};
	struct mac mac = mac_of(s);
	struct way_leg leg;

	for (key.way = 1; key.way <= EXPRESS_WAYS_MAX; key.way++)
		if (bpf_map_lookup_elem(k->express->maps[MAP_WAYS], &key, &leg) == 0 &&
		    memcmp(leg.mac, mac.b, sizeof(leg.mac)) == 0)
			return (uint16_t)key.way;
	return 0;
}

/* Whether an inside leg is among those that ports look for. */
static bool is_leg_known(const struct kernel_linux *k, const struct stub *s, uint64_t router)
{
	struct leg_key key = {.bridge = s->cb[CB_DEVICE]};
	struct mac mac = mac_of(s);
	uint64_t there;

	memcpy(key.mac, &mac, sizeof(mac));
	return bpf_map_lookup_elem(k->express->maps[MAP_LEGS], &key, &there) == 0 && there == router;
}

static void observe_leg(struct kernel_linux *k, struct netns *ns, const struct link_row *row,
			enum hook_role role, struct facts *ret)
{
	struct hook_spec spec = {.role = role};
	struct fact f = {.kind = FACT_HOOK, .ns = ns->name, .hook = &spec};
	uint64_t router = express_router(k->base.syms, ns->name);
	bool found[STUB_PLACES], right = true;
	struct stub s[STUB_PLACES] = {0};

	for (size_t i = 0; i < STUB_PLACES; i++)
		found[i] = stub_look(k, ns, row->info.index, role, i, &s[i]);
	if (!found[0] && !found[1])
		return;
	f.dev = symtab_put(k->base.syms, row->info.name);
	for (size_t i = 0; i < STUB_PLACES; i++)
		right &= found[i] && s[i].program != PROGRAMS && !memcmp(s[i].cb, s[0].cb, sizeof(s[0].cb)) &&
			 s[i].cb[CB_ROUTER_HIGH] == router >> 32 &&
			 s[i].cb[CB_ROUTER_LOW] == (uint32_t)router;
	if (role == HOOK_INNER)
		right &= is_leg_known(k, &s[0], router);
	if (right) {
		spec.mac = mac_of(&s[0]);
		spec.device = express_link_name(k, s[0].cb[CB_DEVICE]);
		spec.way = role == HOOK_OUTER ? way_of(k, &s[0], router) : 0;
	}
	facts_add(ret, &f);
}

int hook_observe(struct kernel_linux *k, struct netns *ns, struct facts *ret, struct err *err)
{
	const struct link_table *links = kernel_links(k, ns);

	if (!k->express)
		return 0;
	for (size_t i = 0; i < links->count; i++) {
		const struct link_row *row = &links->rows[i];

		if (!ns->name)
			observe_port(k, row, ret);
		else if (!strncmp(row->info.name, "qg-", 3))
			observe_leg(k, ns, row, HOOK_OUTER, ret);
		else if (!strncmp(row->info.name, "qr-", 3))
			observe_leg(k, ns, row, HOOK_INNER, ret);
	}
	if (!ns->name)
		express_observe_uplinks(k, ret);
	return 0;
}

/* --- applying --- */

static struct stub stub_of(struct kernel_linux *k, const struct fact *f, int device)
{
	uint64_t router = f->ns ? express_router(k->base.syms, f->ns) : 0;
	struct stub s = {.cb = {[CB_DEVICE] = (uint32_t)device,
				[CB_ROUTER_HIGH] = (uint32_t)(router >> 32),
				[CB_ROUTER_LOW] = (uint32_t)router}};

	memcpy(&s.cb[CB_MAC_HIGH], f->hook->mac.b, 4);
	memcpy(&s.cb[CB_MAC_LOW], f->hook->mac.b + 4, 2);
	return s;
}

/* Ports know an inside leg by its MAC address. */
static void note_leg(struct kernel_linux *k, const struct fact *f, bool put)
{
	struct leg_key key = {.bridge = 0};
	uint64_t router = express_router(k->base.syms, f->ns);
	int bridge = f->hook->device ? link_index(k->nss.host, f->hook->device, NULL) : 0;

	if (f->hook->role != HOOK_INNER || bridge <= 0)
		return;
	memcpy(key.mac, f->hook->mac.b, sizeof(key.mac));
	key.bridge = (uint32_t)bridge;
	if (put)
		bpf_map_update_elem(k->express->maps[MAP_LEGS], &key, &router, BPF_ANY);
	else
		bpf_map_delete_elem(k->express->maps[MAP_LEGS], &key);
}

/* And floating IPs of one external leg know the others. */
static void note_way(struct kernel_linux *k, const struct fact *f, bool put)
{
	struct way_key key = {.router = express_router(k->base.syms, f->ns), .way = f->hook->way};
	struct way_leg leg = {.zero = 0};

	memcpy(leg.mac, f->hook->mac.b, sizeof(leg.mac));
	if (key.way && put)
		bpf_map_update_elem(k->express->maps[MAP_WAYS], &key, &leg, BPF_ANY);
	else if (key.way)
		bpf_map_delete_elem(k->express->maps[MAP_WAYS], &key);
}

static int apply_device(struct kernel_linux *k, struct netns *ns, const struct change *c, struct err *err)
{
	const struct fact *f = change_fact(c);
	struct link_info link;
	int r = link_get(ns, symtab_text(k->base.syms, f->dev), &link, err), device;
	struct stub s;

	if (c->have) {
		note_leg(k, c->have, false);
		note_way(k, c->have, false);
	}
	if (r < 0)
		return r;
	if (!c->want)
		return stub_detach(k, ns, &link, f->hook->role, err);
	device = link_index(k->nss.host, f->hook->device, err);
	if (device < 0)
		return device;
	note_leg(k, f, true);
	note_way(k, f, true);
	s = stub_of(k, f, device);
	return stub_attach(k, ns, &link, f->hook->role, &s, err);
}

/* What goes out of a router must be looked at before what comes in is marked, and longer. */
static bool is_turn(const struct change *c, int pass)
{
	enum hook_role role = change_fact(c)->hook->role;

	return (role == HOOK_OUTER) == ((pass == 0) == (c->want != NULL));
}

void hook_apply(struct kernel_linux *k, struct netns *ns, struct change **changes, size_t count)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count; i++) {
			struct change *c = changes[i];
			struct err err = {0};
			int r = -EOPNOTSUPP;

			if (!is_turn(c, pass))
				continue;
			if (!k->express)
				err_set(&err, r, "the express data path is not there");
			else
				r = change_fact(c)->hook->role == HOOK_UPLINK
					    ? express_apply_uplink(k, c, &err)
					    : apply_device(k, ns, c, &err);
			if (r < 0 && (c->want || (r != -ENODEV && k->express)))
				change_fail_err(c, r, &err);
		}
}
