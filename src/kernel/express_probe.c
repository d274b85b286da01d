/* Trials: the programs that are loaded, run on a made-up packet, and what the router's kernel would do with
 * what they leave to it.
 *
 * A program is run by its descriptor, as a stub would jump to it: what the stub writes to skb->cb comes with
 * the trial's context. skb->mark says that the packet is made up, so that it is told about but counts nowhere
 * and nothing is learnt from it. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "kernel/express.h"
#include "kernel/probe_frame.h"

/* The made-up sender's, locally administered. */
static const struct mac made_up = {{0x02, 0, 0, 0, 0, 0x01}};

struct trial {
	struct kernel_linux *k;
	struct express *x;
	const struct fact *fact; /* FACT_EXPRESS */
	const struct express_spec *spec;
	const struct probe_packet *packet;
	struct netns *ns; /* the router's; NULL: gone */
	struct probe_answer *answer;
	uint8_t frame[PROBE_FRAME_MAX];
	size_t size;
};

/* What a stub would say. */
struct place {
	uint32_t device;
	struct mac mac;
};

static void copy_name(const struct trial *t, sym name, char *to, size_t size)
{
	snprintf(to, size, "%s", name ? symtab_text(t->k->base.syms, name) : "");
}

static void host_device(const struct trial *t, uint32_t ifindex, char to[PROBE_DEVICE])
{
	struct link_row row;

	if (ifindex && link_row_at(t->k->nss.host, (int)ifindex, &row, NULL) == 0)
		snprintf(to, PROBE_DEVICE, "%s", row.info.name);
}

static void fill_context(const struct trial *t, const struct place *at, struct __sk_buff *ret)
{
	uint64_t router = express_router(t->k->base.syms, t->spec->ns);

	*ret = (struct __sk_buff){.mark = EXPRESS_DRY};
	ret->cb[CB_DEVICE] = at->device;
	ret->cb[CB_ROUTER_HIGH] = (uint32_t)(router >> 32);
	ret->cb[CB_ROUTER_LOW] = (uint32_t)router;
	memcpy(&ret->cb[CB_MAC_HIGH], at->mac.b, 4);
	memcpy(&ret->cb[CB_MAC_LOW], at->mac.b + 4, 2);
}

static void note_run(struct trial *t, struct probe_run *run)
{
	const struct express_event *e = &t->x->trial;

	run->ran = 1;
	run->told = t->x->trial_told;
	if (!run->told)
		return;
	run->verdict = e->verdict;
	run->reason = e->reason;
	t->answer->generation = e->generation;
	if (e->via)
		t->answer->via = ip_from_v4(ntohl(e->via));
}

/* Runs one program on the frame, which becomes what the program has made of it. *ret_mark (may be NULL): the
 * mark that it has left. */
static int run(struct trial *t, enum express_program program, enum probe_runs which, const struct place *at,
	       uint32_t *ret_mark, struct err *err)
{
	uint8_t out[PROBE_FRAME_MAX];
	struct __sk_buff in, after = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = t->frame, .data_size_in = (uint32_t)t->size,
		    .data_out = out, .data_size_out = sizeof(out), .ctx_in = &in, .ctx_size_in = sizeof(in),
		    .ctx_out = &after, .ctx_size_out = sizeof(after), .repeat = 1);
	int r;

	fill_context(t, at, &in);
	express_read_events(t->x); /* what others are told stays theirs */
	t->x->trial_told = false;
	r = bpf_prog_test_run_opts(t->x->programs[program], &opts);
	if (r < 0)
		return err_set(err, -errno, "trying a program: %m");
	express_read_events(t->x);
	note_run(t, &t->answer->run[which]);
	t->size = MIN(opts.data_size_out, (uint32_t)sizeof(out));
	memcpy(t->frame, out, t->size);
	if (ret_mark)
		*ret_mark = after.mark;
	return 0;
}

/* --- the router's kernel --- */

struct route {
	int out, type;
	struct ip via;
};

static int read_route(const struct nlmsghdr *nlh, void *arg)
{
	static const uint16_t min[RTA_MAX + 1] = {[RTA_OIF] = 4};
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[RTA_MAX + 1];
	struct route *ret = arg;

	nl_parse(nlh, sizeof(*rtm), tb, RTA_MAX, min);
	ret->type = rtm->rtm_type;
	if (tb[RTA_OIF])
		ret->out = (int)mnl_attr_get_u32(tb[RTA_OIF]);
	nl_get_ip(tb[RTA_GATEWAY], &ret->via);
	return 0;
}

/* As the kernel would decide for a packet that has come in at `leg`. */
static int ask_route(struct netns *ns, int leg, uint16_t way, const struct ip *from, const struct ip *to,
		     struct route *ret)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	nlh->nlmsg_type = RTM_GETROUTE;
	*rtm = (struct rtmsg){.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_src_len = 32};
	nl_put_ip(nlh, RTA_DST, to);
	nl_put_ip(nlh, RTA_SRC, from);
	mnl_attr_put_u32(nlh, RTA_IIF, (uint32_t)leg);
	if (way)
		mnl_attr_put_u32(nlh, RTA_MARK, way);
	return nl_request(ns->route, nlh, read_route, ret, NULL);
}

static void note_station(struct trial *t, const char *device, const struct ip *hop)
{
	struct mac mac;

	t->answer->station = neigh_get(t->ns, symtab_put(t->k->base.syms, device), hop, &mac) == 0;
	if (t->answer->station)
		memcpy(t->frame, &mac, sizeof(mac));
}

/* Routes the frame in the router's namespace; false: it ends there. */
static bool route(struct trial *t, sym leg, const struct ip *from, const struct ip *to)
{
	struct probe_answer *a = t->answer;
	struct route found = {0};
	struct link_row row;
	int at = t->ns ? link_index(t->ns, leg, NULL) : -ENODEV;

	a->routed = 1;
	a->route = at < 0 ? at : ask_route(t->ns, at, t->spec->way, from, to, &found);
	if (a->route < 0)
		return false;
	a->local = found.type == RTN_LOCAL;
	a->via = found.via;
	if (a->local || link_row_at(t->ns, found.out, &row, NULL) < 0)
		return false;
	snprintf(a->device, sizeof(a->device), "%s", row.info.name);
	memcpy(t->frame + sizeof(struct mac), row.info.mac, sizeof(row.info.mac));
	note_station(t, a->device, ip_is_null(&a->via) ? to : &a->via);
	probe_frame_hop(t->frame, t->size);
	return true;
}

/* --- the two directions --- */

static bool is_verdict(const struct trial *t, enum probe_runs which, enum express_verdict verdict)
{
	const struct probe_run *r = &t->answer->run[which];

	return r->told && r->verdict == verdict;
}

static void note_after(struct trial *t)
{
	t->answer->has_after = probe_frame_read(t->frame, t->size, &t->answer->after);
}

/* Sent past the router: the program names the device. */
static void note_redirect(struct trial *t)
{
	host_device(t, t->x->trial.port, t->answer->device);
	t->answer->station = 1;
	note_after(t);
}

/* What becomes of it is not a route's to say: the kernel does not pass it on, or nftables changes its
 * destination before. */
static bool ends_before_routing(const struct trial *t)
{
	const struct probe_run *r = &t->answer->run[PROBE_FIRST];

	return r->told && r->verdict == VERDICT_ROUTER &&
	       (r->reason == SLOW_TTL || r->reason == SLOW_HAIRPIN);
}

static int go_in(struct trial *t, struct err *err)
{
	struct place at = {.device = (uint32_t)MAX(link_index(t->k->nss.host, t->fact->dev, NULL), 0),
			   .mac = t->spec->outer};
	int r = run(t, PROGRAM_UPLINK, PROBE_FIRST, &at, NULL, err);

	if (r < 0)
		return r;
	copy_name(t, t->fact->dev, t->answer->from, sizeof(t->answer->from));
	if (!t->answer->run[PROBE_FIRST].told)
		t->answer->state = PROBE_MISSING;
	if (is_verdict(t, PROBE_FIRST, VERDICT_FORWARD))
		note_redirect(t);
	if (!is_verdict(t, PROBE_FIRST, VERDICT_ROUTER))
		return 0;
	r = run(t, PROGRAM_OUTER_IN, PROBE_LEG_IN, &at, NULL, err);
	if (r < 0 || !is_verdict(t, PROBE_LEG_IN, VERDICT_TRANSLATE) || ends_before_routing(t))
		return r;
	if (route(t, t->spec->out, &t->packet->other, &t->spec->fixed))
		note_after(t);
	return 0;
}

/* Behind the instance's port, in the router's namespace. */
static int go_out_by_router(struct trial *t, struct err *err)
{
	const struct place in = {.mac = t->spec->inner};
	const struct place out = {.device = (uint32_t)MAX(link_index(t->k->nss.host, t->fact->dev, NULL), 0),
				  .mac = t->spec->outer};
	uint32_t mark = 0;
	int r = run(t, PROGRAM_INNER_IN, PROBE_LEG_IN, &in, &mark, err);

	bool marked = (mark & ~EXPRESS_WAYS) == EXPRESS_MARK;

	t->answer->run[PROBE_LEG_IN].told = marked;
	t->answer->run[PROBE_LEG_IN].verdict = VERDICT_TRANSLATE;
	if (r < 0 || ends_before_routing(t) || !route(t, t->spec->leg, &t->spec->fixed, &t->packet->other))
		return r;
	if (marked && strcmp(t->answer->device, t->answer->leg_out) == 0)
		r = run(t, PROGRAM_OUTER_OUT, PROBE_LEG_OUT, &out, NULL, err);
	if (r == 0 && !is_verdict(t, PROBE_LEG_OUT, VERDICT_DROP))
		note_after(t);
	return r;
}

static int go_out(struct trial *t, struct err *err)
{
	const char *tap = t->spec->tap ? symtab_text(t->k->base.syms, t->spec->tap) : NULL;
	struct place at = {.mac = t->spec->inner};
	struct link_row row;
	int r;

	if (!t->spec->leg)
		return 0;
	if (!tap || link_row_get(t->k->nss.host, tap, &row, NULL) < 0)
		return go_out_by_router(t, err);
	snprintf(t->answer->from, sizeof(t->answer->from), "%s", row.info.name);
	at.device = (uint32_t)row.info.master;
	r = run(t, PROGRAM_PORT, PROBE_FIRST, &at, NULL, err);
	if (r == 0 && !t->answer->run[PROBE_FIRST].told)
		t->answer->state = PROBE_MISSING;
	if (r == 0 && is_verdict(t, PROBE_FIRST, VERDICT_FORWARD))
		note_redirect(t);
	if (r < 0 || !is_verdict(t, PROBE_FIRST, VERDICT_ROUTER))
		return r;
	return go_out_by_router(t, err);
}

static struct probe_frame frame_of(const struct trial *t)
{
	const struct probe_packet *p = t->packet;
	bool in = p->direction == PROBE_IN;

	return (struct probe_frame){
		.source_mac = made_up,
		.target_mac = in ? t->spec->outer : t->spec->inner,
		.source = in ? p->other : t->spec->fixed,
		.target = in ? t->fact->addr : p->other,
		.length = p->length,
		.source_port = p->source_port,
		.port = p->port,
		.protocol = p->protocol,
		.ttl = p->ttl,
		.do_not_fragment = p->do_not_fragment,
	};
}

int express_probe(struct kernel_linux *k, const struct fact *fact, const struct probe_packet *p,
		  struct probe_answer *ret, struct err *err)
{
	struct trial t = {
		.k = k, .x = k->express, .fact = fact, .spec = fact->express, .packet = p, .answer = ret};

	if (!k->express)
		return err_set(err, -EOPNOTSUPP, "the express data path is not there");
	if (netns_get(&k->nss, t.spec->ns, &t.ns, NULL) < 0)
		t.ns = NULL;
	copy_name(&t, t.spec->ns, ret->netns, sizeof(ret->netns));
	copy_name(&t, t.spec->out, ret->leg_out, sizeof(ret->leg_out));
	copy_name(&t, t.spec->leg, ret->leg_in, sizeof(ret->leg_in));
	ret->generation = k->express->state->generation;
	ret->before = frame_of(&t);
	t.size = probe_frame_make(&ret->before, t.frame);
	return p->direction == PROBE_IN ? go_in(&t, err) : go_out(&t, err);
}
