/* FACT_HOOK: the express data path's programs at devices.
 * One row of the dispatcher's table, and the ports of uplinks that come and go.
 *
 * What is attached (clsact, direct action) is a stub of a few instructions: it says where it is and jumps to
 * the program of its role. What a stub says is read back from its instructions, so that the kernel alone is
 * the memory of what is attached where. The stubs' answer for what is not theirs is TC_ACT_UNSPEC: other
 * filters at the device go on as if they were not there. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kernel/express.h"

#define PRIORITY_UPLINK 45001
#define PRIORITY_PORT   45002
#define PRIORITY_LEG    45003
#define HANDLE          1

struct uplink {
	sym dev;
	int ifindex;
	struct uplink *next;
};

/* Where a role has its programs. */
struct place {
	enum bpf_tc_attach_point point;
	enum express_program program;
	uint32_t priority;
};
#define PLACES 2
static const struct place places[][PLACES] = {
	[HOOK_UPLINK] = {{BPF_TC_INGRESS, PROGRAM_UPLINK, PRIORITY_UPLINK}},
	[HOOK_PORT] = {{BPF_TC_INGRESS, PROGRAM_PORT, PRIORITY_PORT}},
	/* The way out first: what is marked on the way in must find it. */
	[HOOK_OUTER] = {{BPF_TC_EGRESS, PROGRAM_OUTER_OUT, PRIORITY_LEG},
			{BPF_TC_INGRESS, PROGRAM_OUTER_IN, PRIORITY_LEG}},
	[HOOK_INNER] = {{BPF_TC_EGRESS, PROGRAM_INNER_OUT, PRIORITY_LEG},
			{BPF_TC_INGRESS, PROGRAM_INNER_IN, PRIORITY_LEG}},
};

/* --- stubs --- */

struct stub {
	uint32_t cb[CBS];
	uint32_t program;
};

/* Writes the instructions; returns their number. */
static size_t write_stub(const struct stub *s, int jumps, struct bpf_insn *to)
{
	size_t n = 0;

	for (size_t i = 0; i < CBS; i++)
		to[n++] = (struct bpf_insn){.code = BPF_ST | BPF_MEM | BPF_W,
					    .dst_reg = BPF_REG_1,
					    .off = (int16_t)(offsetof(struct __sk_buff, cb) + i * 4),
					    .imm = (int32_t)s->cb[i]};
	to[n++] = (struct bpf_insn){.code = BPF_LD | BPF_DW | BPF_IMM,
				    .dst_reg = BPF_REG_2,
				    .src_reg = BPF_PSEUDO_MAP_FD,
				    .imm = jumps};
	to[n++] = (struct bpf_insn){0};
	to[n++] = (struct bpf_insn){
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = (int32_t)s->program};
	to[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call};
	to[n++] = (struct bpf_insn){
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = TC_ACT_UNSPEC};
	to[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
	return n;
}
#define STUB_SIZE (CBS + 6)

static int load_stub(const struct express *x, const struct stub *s, struct err *err)
{
	struct bpf_insn insns[STUB_SIZE];
	size_t count = write_stub(s, x->maps[MAP_JUMPS], insns);
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "buoy_stub", "GPL", insns, count, NULL);

	return fd < 0 ? err_set(err, -errno, "loading a stub: %m") : fd;
}

/* What an attached stub says. False: it is not one of these maps'. */
static bool read_stub(const struct express *x, uint32_t id, struct stub *ret)
{
	struct bpf_insn insns[64] = {0};
	uint32_t maps[4] = {0}, size;
	struct bpf_prog_info info = {0};
	int fd AUTO_CLOSE = bpf_prog_get_fd_by_id(id);
	size_t n = 0;

	info.xlated_prog_insns = (uint64_t)(uintptr_t)insns;
	info.xlated_prog_len = sizeof(insns);
	info.map_ids = (uint64_t)(uintptr_t)maps;
	info.nr_map_ids = ARRAY_SIZE(maps);
	size = sizeof(info);
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) < 0 || strcmp(info.name, "buoy_stub") != 0 ||
	    info.nr_map_ids != 1 || maps[0] != x->jumps_id)
		return false;
	*ret = (struct stub){.program = PROGRAMS};
	for (size_t i = 0; i < MIN(info.xlated_prog_len, (uint32_t)sizeof(insns)) / sizeof(insns[0]); i++) {
		if (insns[i].code == (BPF_ST | BPF_MEM | BPF_W) && n < CBS)
			ret->cb[n++] = (uint32_t)insns[i].imm;
		else if (insns[i].code == (BPF_ALU64 | BPF_MOV | BPF_K) && insns[i].dst_reg == BPF_REG_3)
			ret->program = (uint32_t)insns[i].imm;
	}
	return n == CBS;
}

/* --- tc --- */

struct hook_job {
	struct kernel_linux *k;
	struct express *x;
	const struct place *place;
	const char *name; /* of the device */
	int ifindex;
	int program; /* descriptor to attach */
};

/* Runs in the device's namespace, whose links libbpf's own socket sees. */
static int attach_inside(struct netns *ns, void *arg, struct err *err)
{
	struct hook_job *j = arg;
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = j->ifindex, .attach_point = j->place->point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = j->program, .handle = HANDLE,
		    .priority = j->place->priority, .flags = BPF_TC_F_REPLACE);
	int r = bpf_tc_hook_create(&hook);

	if (r == 0 || r == -EEXIST)
		r = bpf_tc_attach(&hook, &opts);
	return r < 0 ? err_set(err, r, "attaching to %s: %s", j->name, strerror(-r)) : 0;
}

static uint32_t parent_of(enum bpf_tc_attach_point point)
{
	return TC_H_MAKE(TC_H_CLSACT, point == BPF_TC_INGRESS ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
}

static int count_filter(const struct nlmsghdr *nlh, void *arg)
{
	++*(size_t *)arg;
	return 0;
}

static size_t count_filters(struct netns *ns, int ifindex, enum bpf_tc_attach_point point)
{
	size_t count = 0;
	char buf[128];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *t = mnl_nlmsg_put_extra_header(nlh, sizeof(*t));

	nlh->nlmsg_type = RTM_GETTFILTER;
	t->tcm_family = AF_UNSPEC;
	t->tcm_ifindex = ifindex;
	t->tcm_parent = parent_of(point);
	nl_dump(ns->route, nlh, count_filter, &count, NULL);
	return count;
}

/* The queueing discipline that holds filters goes with the last of them, whoever made it. */
static int detach_inside(struct netns *ns, void *arg, struct err *err)
{
	struct hook_job *j = arg;
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = j->ifindex, .attach_point = j->place->point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = j->place->priority);
	int r = bpf_tc_detach(&hook, &opts);

	if (r < 0 && r != -ENOENT && r != -EINVAL && r != -ENODEV)
		return err_set(err, r, "detaching from %s: %s", j->name, strerror(-r));
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	if (r == 0 && !count_filters(ns, j->ifindex, BPF_TC_INGRESS) &&
	    !count_filters(ns, j->ifindex, BPF_TC_EGRESS))
		bpf_tc_hook_destroy(&hook);
	return 0;
}

static int read_filter(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[TCA_MAX + 1], *options[TCA_BPF_MAX + 1];
	static const uint16_t no_min[TCA_MAX + 1], min[TCA_BPF_MAX + 1] = {[TCA_BPF_ID] = 4};

	nl_parse(nlh, sizeof(struct tcmsg), tb, TCA_MAX, no_min);
	if (!tb[TCA_OPTIONS])
		return 0;
	nl_parse_nested(tb[TCA_OPTIONS], options, TCA_BPF_MAX, min);
	if (options[TCA_BPF_ID])
		*(uint32_t *)arg = mnl_attr_get_u32(options[TCA_BPF_ID]);
	return 0;
}

/* The id of the program that is at a place; 0: none. Asked for every link at each comparison: libbpf would
 * open a socket for each, and that in a namespace that has to be entered. */
static uint32_t find_filter(struct netns *ns, int ifindex, const struct place *at)
{
	char buf[128];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *t = mnl_nlmsg_put_extra_header(nlh, sizeof(*t));
	uint32_t id = 0;

	nlh->nlmsg_type = RTM_GETTFILTER;
	t->tcm_family = AF_UNSPEC;
	t->tcm_ifindex = ifindex;
	t->tcm_parent = parent_of(at->point);
	t->tcm_handle = HANDLE;
	t->tcm_info = TC_H_MAKE(at->priority << 16, htons(ETH_P_ALL));
	mnl_attr_put_strz(nlh, TCA_KIND, "bpf");
	return nl_request(ns->route, nlh, read_filter, &id, NULL) < 0 ? 0 : id;
}

/* --- putting one role at one device --- */

static bool is_placed(const struct place *at)
{
	return at->priority != 0;
}

static int attach(struct kernel_linux *k, struct netns *ns, const struct link_info *link, enum hook_role role,
		  const struct stub *what, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < PLACES && is_placed(&places[role][i]); i++) {
		struct stub s = *what;
		struct hook_job j = {.k = k,
				     .x = k->express,
				     .place = &places[role][i],
				     .name = link->name,
				     .ifindex = link->index};

		s.program = places[role][i].program;
		j.program = r = load_stub(k->express, &s, err);
		if (r < 0)
			break;
		r = netns_run(ns, attach_inside, &j, err);
		close(j.program);
	}
	return r;
}

/* The way in first. */
static int detach(struct kernel_linux *k, struct netns *ns, const struct link_info *link, enum hook_role role,
		  struct err *err)
{
	int r = 0;

	for (size_t i = PLACES; i-- > 0;) {
		struct hook_job j = {.k = k,
				     .x = k->express,
				     .place = &places[role][i],
				     .name = link->name,
				     .ifindex = link->index};

		if (is_placed(&places[role][i]) && r == 0)
			r = netns_run(ns, detach_inside, &j, err);
	}
	return r;
}

/* The stub of one place; false when there is none that says what it should. */
static bool look(struct kernel_linux *k, struct netns *ns, int ifindex, const struct place *at,
		 struct stub *ret)
{
	uint32_t id = find_filter(ns, ifindex, at);

	if (!id)
		return false;
	if (!read_stub(k->express, id, ret) || ret->program != at->program)
		*ret = (struct stub){.program = PROGRAMS}; /* another build's layout: to be replaced */
	return true;
}

/* --- uplinks --- */

static struct uplink *find_uplink(const struct express *x, int ifindex)
{
	struct uplink *u = x->uplinks;

	while (u && u->ifindex != ifindex)
		u = u->next;
	return u;
}

static void remember_uplink(struct express *x, sym dev, int ifindex)
{
	struct uplink *u = find_uplink(x, ifindex);

	if (!u) {
		u = xalloc(sizeof(*u));
		u->ifindex = ifindex;
		u->next = x->uplinks;
		x->uplinks = u;
	}
	u->dev = dev;
}

static void forget_uplink(struct express *x, sym dev)
{
	for (struct uplink **at = &x->uplinks; *at;) {
		struct uplink *u = *at;

		if (u->dev == dev) {
			*at = u->next;
			free(u);
		} else {
			at = &u->next;
		}
	}
}

bool express_concerns(const struct kernel_linux *k, const struct link_row *row)
{
	return k->express &&
	       (find_uplink(k->express, row->info.master) || find_uplink(k->express, row->info.index));
}

/* The external bridge that a link is a port of, or the external NIC that it is itself; 0: neither. Everything
 * counts that comes to a bridge from elsewhere than our routers' legs. */
static int segment_of(const struct express *x, const struct link_row *row)
{
	if (row->info.ours && row->type == LINK_VETH)
		return 0;
	if (find_uplink(x, row->info.master))
		return row->info.master;
	return !row->info.is_bridge && find_uplink(x, row->info.index) ? row->info.index : 0;
}

static bool is_wire(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", name);
	return access(path, F_OK) == 0;
}

static bool wants_xdp(const struct express *x, const struct link_row *row)
{
	return x->xdp == XDP_ALWAYS || (x->xdp == XDP_AUTO && is_wire(row->info.name));
}

/* Whose XDP program is there: an id, 0: nobody's. */
static uint32_t xdp_at(int ifindex)
{
	uint32_t id = 0;

	return bpf_xdp_query_id(ifindex, XDP_FLAGS_DRV_MODE, &id) == 0 ? id : 0;
}

static bool is_our_xdp(uint32_t id)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);
	int fd AUTO_CLOSE = id ? bpf_prog_get_fd_by_id(id) : -1;

	return fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && !strcmp(info.name, "uplink_xdp");
}

static bool has_refused(const struct express *x, int ifindex)
{
	for (size_t i = 0; i < x->refused_count; i++)
		if (x->refused[i] == ifindex)
			return true;
	return false;
}

static void note_refusal(struct express *x, int ifindex)
{
	if (has_refused(x, ifindex))
		return;
	x->refused = xrealloc(x->refused, (x->refused_count + 1) * sizeof(*x->refused));
	x->refused[x->refused_count++] = ifindex;
}

/* Never in place of somebody else's program, and where the driver can not, tc does it alone. */
static void attach_xdp(struct express *x, int ifindex)
{
	uint32_t there = xdp_at(ifindex);
	int old AUTO_CLOSE = is_our_xdp(there) ? bpf_prog_get_fd_by_id(there) : -1;
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = old);

	if (there == x->xdp_id || (there && old < 0))
		return;
	if (bpf_xdp_attach(ifindex, x->programs[PROGRAM_XDP],
			   XDP_FLAGS_DRV_MODE | (there ? 0 : XDP_FLAGS_UPDATE_IF_NOEXIST),
			   there ? &opts : NULL) < 0)
		note_refusal(x, ifindex);
}

static void detach_xdp(int ifindex)
{
	uint32_t there = xdp_at(ifindex);

	if (is_our_xdp(there))
		bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
}

/* A device that has none is right when it would have none: that shows when it is tried. */
static bool is_xdp_right(const struct express *x, const struct link_row *row)
{
	uint32_t there = xdp_at(row->info.index);

	if (!wants_xdp(x, row))
		return !is_our_xdp(there);
	if (!there)
		return x->only_looks || has_refused(x, row->info.index);
	return there == x->xdp_id || !is_our_xdp(there);
}

static void put_xdp(struct express *x, const struct link_row *row)
{
	if (wants_xdp(x, row))
		attach_xdp(x, row->info.index);
	else
		detach_xdp(row->info.index);
}

static int attach_uplink_port(struct kernel_linux *k, const struct link_row *row, int segment,
			      struct err *err)
{
	struct stub s = {.cb = {[CB_DEVICE] = (uint32_t)segment}};

	return attach(k, k->nss.host, &row->info, HOOK_UPLINK, &s, err);
}

static int detach_uplink_port(struct kernel_linux *k, const struct link_row *row, struct err *err)
{
	detach_xdp(row->info.index);
	return detach(k, k->nss.host, &row->info, HOOK_UPLINK, err);
}

/* What an uplink's port has; false: no program of ours. */
static bool look_at_uplink(struct kernel_linux *k, const struct link_row *row, struct stub *ret)
{
	return !(row->info.ours && row->type == LINK_VETH) &&
	       look(k, k->nss.host, row->info.index, &places[HOOK_UPLINK][0], ret);
}

static bool is_stub_right(const struct stub *s, int segment)
{
	return s->program == PROGRAM_UPLINK && s->cb[CB_DEVICE] == (uint32_t)segment;
}

/* Makes a link what it should be, whatever it was before. */
static int refresh_uplink_port(struct kernel_linux *k, const struct link_row *row, struct err *err)
{
	int segment = segment_of(k->express, row), r = 0;
	struct stub s;
	bool there = look_at_uplink(k, row, &s);

	if (!segment)
		return there ? detach_uplink_port(k, row, err) : 0;
	if (!there || !is_stub_right(&s, segment))
		r = attach_uplink_port(k, row, segment, err);
	if (r == 0)
		put_xdp(k->express, row);
	return r;
}

/* One that fails, and may just have gone, does not keep it from the others. */
static int refresh_uplinks(struct kernel_linux *k, struct err *err)
{
	struct link_table links = {0};
	int r = link_table_read(k->nss.host, &links, err);

	for (size_t i = 0; i < links.count; i++) {
		int one = refresh_uplink_port(k, &links.rows[i], err);

		r = r == 0 ? one : r;
	}
	link_table_done(&links);
	return r;
}

void express_refresh_uplinks(struct kernel_linux *k)
{
	if (k->express)
		refresh_uplinks(k, NULL);
}

static int apply_uplink(struct kernel_linux *k, const struct change *c, struct err *err)
{
	const struct fact *f = change_fact(c);
	int segment = c->want ? link_index(k->nss.host, f->dev, err) : 0;

	if (segment < 0)
		return segment;
	if (c->want)
		remember_uplink(k->express, f->dev, segment);
	else
		forget_uplink(k->express, f->dev);
	return refresh_uplinks(k, err);
}

/* --- observing --- */

static sym name_at(const struct kernel_linux *k, uint32_t ifindex)
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

	if (!row->tap[0] || !look(k, k->nss.host, row->info.index, &places[HOOK_PORT][0], &s))
		return;
	f.dev = symtab_put(k->base.syms, row->tap);
	spec.device = name_at(k, s.cb[CB_DEVICE]);
	facts_add(ret, &f);
}

struct seen_uplink {
	int segment;
	bool whole;
};

static void see(struct seen_uplink *list, size_t *count, int segment, bool right)
{
	for (size_t i = 0; i < *count; i++)
		if (list[i].segment == segment) {
			list[i].whole &= right;
			return;
		}
	list[(*count)++] = (struct seen_uplink){segment, right};
}

/* An earlier process' programs tell which uplinks there are. */
static void recall_uplinks(struct kernel_linux *k)
{
	for (size_t i = 0; i < k->host_links.count; i++) {
		const struct link_row *row = &k->host_links.rows[i], *segment;
		struct stub s;

		if (segment_of(k->express, row) || !look_at_uplink(k, row, &s) || s.program != PROGRAM_UPLINK)
			continue;
		segment = link_table_at(&k->host_links, (int)s.cb[CB_DEVICE]);
		if (segment && (segment == row || segment->info.index == row->info.master))
			remember_uplink(k->express, symtab_put(k->base.syms, segment->info.name),
					segment->info.index);
	}
}

/* An uplink is there when each of its ports is as it should be; while one is not, it is something else. A
 * program at what is no uplink's port any more is one that nobody wants. */
static void observe_uplinks(struct kernel_linux *k, struct facts *ret)
{
	const struct link_table *links = &k->host_links;
	struct seen_uplink *seen AUTO_FREE = xalloc((2 * links->count + 1) * sizeof(*seen));
	size_t count = 0;

	recall_uplinks(k);
	for (const struct uplink *u = k->express->uplinks; u && count < links->count; u = u->next)
		if (link_table_at(links, u->ifindex))
			see(seen, &count, u->ifindex, true);
	for (size_t i = 0; i < links->count; i++) {
		const struct link_row *row = &links->rows[i];
		int segment = segment_of(k->express, row);
		struct stub s;
		bool there = look_at_uplink(k, row, &s);

		if (segment)
			see(seen, &count, segment,
			    there && is_stub_right(&s, segment) && is_xdp_right(k->express, row));
		else if (there)
			see(seen, &count, row->info.index, false);
	}
	for (size_t i = 0; i < count; i++) {
		struct hook_spec spec = {.role = HOOK_UPLINK};
		struct fact f = {
			.kind = FACT_HOOK, .dev = name_at(k, (uint32_t)seen[i].segment), .hook = &spec};

		if (!seen[i].whole)
			spec.device = f.dev;
		if (f.dev)
			facts_add(ret, &f);
	}
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
	bool found[PLACES], right = true;
	struct stub s[PLACES] = {0};

	for (size_t i = 0; i < PLACES; i++)
		found[i] = look(k, ns, row->info.index, &places[role][i], &s[i]);
	if (!found[0] && !found[1])
		return;
	f.dev = symtab_put(k->base.syms, row->info.name);
	for (size_t i = 0; i < PLACES; i++)
		right &= found[i] && s[i].program == places[role][i].program &&
			 !memcmp(s[i].cb, s[0].cb, sizeof(s[0].cb)) &&
			 s[i].cb[CB_ROUTER_HIGH] == router >> 32 &&
			 s[i].cb[CB_ROUTER_LOW] == (uint32_t)router;
	if (role == HOOK_INNER)
		right &= is_leg_known(k, &s[0], router);
	if (right) {
		spec.mac = mac_of(&s[0]);
		spec.device = name_at(k, s[0].cb[CB_DEVICE]);
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
		observe_uplinks(k, ret);
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

static int apply_device(struct kernel_linux *k, struct netns *ns, const struct change *c, struct err *err)
{
	const struct fact *f = change_fact(c);
	struct link_info link;
	int r = link_get(ns, symtab_text(k->base.syms, f->dev), &link, err), device;
	struct stub s;

	if (c->have)
		note_leg(k, c->have, false);
	if (r < 0)
		return r;
	if (!c->want)
		return detach(k, ns, &link, f->hook->role, err);
	device = link_index(k->nss.host, f->hook->device, err);
	if (device < 0)
		return device;
	note_leg(k, f, true);
	s = stub_of(k, f, device);
	return attach(k, ns, &link, f->hook->role, &s, err);
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
				r = change_fact(c)->hook->role == HOOK_UPLINK ? apply_uplink(k, c, &err)
									      : apply_device(k, ns, c, &err);
			if (r < 0 && (c->want || (r != -ENODEV && k->express)))
				change_fail_err(c, r, &err);
		}
}
