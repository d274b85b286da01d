/* Stubs: what of the express data path is attached to devices, by tc's clsact and direct action.
 * Below express_hook.c and express_uplink.c; above libbpf. */
#include "kernel/express_stub.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>

#define PRIORITY_UPLINK 45001
#define PRIORITY_PORT   45002
#define PRIORITY_LEG    45003
#define HANDLE          1

/* Where a role has its programs. */
struct place {
	enum bpf_tc_attach_point point;
	enum express_program program;
	uint32_t priority;
};
static const struct place places[][STUB_PLACES] = {
	[HOOK_UPLINK] = {{BPF_TC_INGRESS, PROGRAM_UPLINK, PRIORITY_UPLINK}},
	[HOOK_PORT] = {{BPF_TC_INGRESS, PROGRAM_PORT, PRIORITY_PORT}},
	/* The way out first: what is marked on the way in must find it. */
	[HOOK_OUTER] = {{BPF_TC_EGRESS, PROGRAM_OUTER_OUT, PRIORITY_LEG},
			{BPF_TC_INGRESS, PROGRAM_OUTER_IN, PRIORITY_LEG}},
	[HOOK_INNER] = {{BPF_TC_EGRESS, PROGRAM_INNER_OUT, PRIORITY_LEG},
			{BPF_TC_INGRESS, PROGRAM_INNER_IN, PRIORITY_LEG}},
};

/* --- stubs --- */

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

/* Runs in the device's namespace, whose links libbpf's own socket sees. The kernel stops the device for a
 * moment when it gets its first queueing discipline for filters, and when that goes: neither is done without
 * need. */
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

int stub_attach(struct kernel_linux *k, struct netns *ns, const struct link_info *link, enum hook_role role,
		const struct stub *what, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < STUB_PLACES && is_placed(&places[role][i]); i++) {
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

int stub_detach(struct kernel_linux *k, struct netns *ns, const struct link_info *link, enum hook_role role,
		struct err *err)
{
	int r = 0;

	for (size_t i = STUB_PLACES; i-- > 0;) {
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

bool stub_look(struct kernel_linux *k, struct netns *ns, int ifindex, enum hook_role role, size_t which,
	       struct stub *ret)
{
	const struct place *at = &places[role][which];
	uint32_t id = is_placed(at) ? find_filter(ns, ifindex, at) : 0;

	if (!id)
		return false;
	if (!read_stub(k->express, id, ret) || ret->program != at->program)
		*ret = (struct stub){.program = PROGRAMS};
	return true;
}
