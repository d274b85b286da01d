/* The agent process: privileged, listens to nobody but the API's wake.
 * Waits for the store, the kernel and the clock, and reports. */
#include "daemon/agent_probe.h"
#include "daemon/agent_verify.h"
#include "daemon/agent_watch.h"
#include "daemon/channel.h"
#include "daemon/process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define HEARTBEAT_US     5000000
#define RESYNC_US        3600000000 /* besides what is read back all the time */
#define VERIFIED_US      1000000    /* between two reports of that */
#define TRAFFIC_PAUSE_US 2000000
#define TRAFFIC_REST     100 /* pause for so many times what the counters took: others wait meanwhile */
#define TRAFFIC_MAX_US   10000000
#define RETRY_US         1000000

struct process {
	struct agent agent;
	const struct config *config;
	int fd;
	int64_t resync_us, heartbeat_us, traffic_us;
	int64_t compared_us; /* when everything was compared last */
	struct agent_watch watch;
	struct agent_verify verify;
	int64_t verified_us; /* when it may be reported what was read back */
	bool want_traffic;
	bool report_due; /* something to say, or the last report did not fit */
};

static void say(const struct err *err, const char *what)
{
	log_line("%s: %s", what, err->message);
}

/* Which data path it is to be, and the express one opened if it is. */
static int choose_datapath(const struct config *c, enum express_open how, struct agent *a, struct err *err)
{
	static const struct {
		const char *word;
		enum express_xdp xdp;
	} hooks[] = {{"auto", XDP_AUTO}, {"xdp", XDP_ALWAYS}, {"tc", XDP_NEVER}};
	bool nft = strcmp(c->datapath, "nft") == 0, only_bpf = strcmp(c->datapath, "bpf") == 0;
	enum express_xdp xdp = XDP_AUTO;
	struct err why = {0};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++)
		if (strcmp(hooks[i].word, c->uplink_hook) == 0)
			xdp = hooks[i].xdp;
	/* After a change to nft: what is there is to be taken away. */
	r = kernel_linux_open_express(a->kernel, c->bpf_folder,
				      nft && how == EXPRESS_MAKE ? EXPRESS_TAKE : how, xdp,
				      snap_count(a->follow.snap, KIND_FLOATINGIP), &why);
	a->node.datapath = nft ? DATAPATH_NFT : DATAPATH_BPF;
	if (r == 0 || nft)
		return 0;
	if (how == EXPRESS_LOOK) { /* nothing there yet: would there be? */
		a->node.datapath = only_bpf || kernel_linux_can_express() ? DATAPATH_BPF : DATAPATH_NFT;
		return 0;
	}
	if (only_bpf)
		return err_set(err, r, "datapath = bpf: %s", why.message);
	log_line("this kernel can not do the express data path (%s): datapath is nft", why.message);
	a->node.datapath = DATAPATH_NFT;
	return 0;
}

int agent_open(const struct config *c, enum express_open express, struct agent *ret, struct err *err)
{
	struct symtab *syms = symtab_new();
	struct kernel *k;
	struct store *st;
	int r = kernel_linux_new(syms, c->run_netns, &k, err);

	if (r < 0) {
		symtab_free(syms);
		return r;
	}
	r = store_sqlite_open(c->database, true, &st, err);
	if (r < 0) {
		k->ops->free(k);
		symtab_free(syms);
		return r;
	}
	r = agent_init(ret, st, k, syms, &c->node, err);
	if (r == 0 && (r = choose_datapath(c, express, ret, err)) < 0)
		agent_done(ret);
	return r;
}

/* --- reports --- */

static int cmp_traffic(const void *a, const void *b)
{
	const struct node_traffic *x = a, *y = b;

	return ip_cmp(&x->floating_ip, &y->floating_ip);
}

/* What nftables counted and what the express data path did are one address' traffic. */
static size_t sum_traffic(struct node_traffic *list, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct node_traffic *last = n ? &list[n - 1] : NULL;

		if (!last || ip_cmp(&last->floating_ip, &list[i].floating_ip) != 0) {
			list[n++] = list[i];
			continue;
		}
		last->in_packets += list[i].in_packets;
		last->in_bytes += list[i].in_bytes;
		last->out_packets += list[i].out_packets;
		last->out_bytes += list[i].out_bytes;
		for (size_t k = 0; k < EXPRESS_DIRECTIONS; k++)
			last->seen_us[k] = MAX(last->seen_us[k], list[i].seen_us[k]);
		for (size_t k = 0; k < DROP_REASONS; k++)
			last->dropped[k] += list[i].dropped[k];
	}
	return n;
}

/* `ahead_us`: how far the wall clock is before the monotonic one. */
static struct node_traffic node_traffic_of(const struct traffic *t, int64_t ahead_us)
{
	struct node_traffic n = {.floating_ip = t->floating_ip,
				 .in_packets = t->in_packets,
				 .in_bytes = t->in_bytes,
				 .out_packets = t->out_packets,
				 .out_bytes = t->out_bytes};

	for (size_t i = 0; i < EXPRESS_DIRECTIONS; i++)
		n.seen_us[i] = t->seen_ns[i] ? (int64_t)(t->seen_ns[i] / 1000) + ahead_us : 0;
	memcpy(n.dropped, t->dropped, sizeof(n.dropped));
	return n;
}

static struct node_traffic *read_traffic(struct process *p, size_t *ret_count)
{
	struct kernel *k = p->agent.kernel;
	struct traffic *list = NULL;
	struct node_traffic *out;
	int64_t ahead_us = clock_now_us() - clock_mono_us();
	struct err err = {0};
	size_t n = 0;

	if (k->ops->traffic(k, &list, &n, &err) < 0) {
		say(&err, "counters");
		n = 0;
	}
	out = xalloc(n * sizeof(*out));
	for (size_t i = 0; i < n; i++)
		out[i] = node_traffic_of(&list[i], ahead_us);
	if (n > 1)
		qsort(out, n, sizeof(*out), cmp_traffic);
	free(list);
	*ret_count = sum_traffic(out, n);
	return out;
}

/* So many of each kind as were any. */
static size_t list_healed(const struct agent *a, struct node_healed list[FACT_KINDS])
{
	size_t n = 0;

	for (int k = 0; k < FACT_KINDS; k++) {
		if (!a->healed[k])
			continue;
		list[n] = (struct node_healed){.count = a->healed[k]};
		snprintf(list[n++].kind, sizeof(list->kind), "%s", fact_kind_name((enum fact_kind)k));
	}
	return n;
}

static bool verified_due(const struct process *p, int64_t now_us)
{
	return p->verify.changed && now_us >= p->verified_us;
}

static void report(struct process *p, int64_t now_us)
{
	struct agent *a = &p->agent;
	struct node_healed healed[FACT_KINDS];
	AUTO_FREE struct node_traffic *traffic = NULL;
	AUTO_FREE struct node_failure *failures = NULL;
	struct node_report r = {.node = p->config->node_name, .time_us = clock_now_us()};
	unsigned parts = a->dirty;
	int64_t begun_us = clock_mono_us();

	if (p->want_traffic && now_us >= p->traffic_us) {
		traffic = read_traffic(p, &r.traffic_count);
		r.traffic = traffic;
		parts |= REPORT_TRAFFIC;
	}
	if (parts & REPORT_FAILURES)
		failures = failures_list(a->failures, &r.failure_count);
	if (verified_due(p, now_us))
		parts |= REPORT_VERIFIED;
	r.verified = p->verify.routers;
	r.verified_count = p->verify.count;
	r.healed = healed;
	r.healed_count = list_healed(a, healed);
	r.failures = failures;
	r.plugged = a->plugged;
	r.plugged_count = a->plugged_count;
	r.applied = agent_applied(a);
	r.express = a->node.datapath == DATAPATH_BPF;
	p->report_due = !channel_send_report(p->fd, &r, parts);
	if (p->report_due)
		return;
	a->dirty = 0;
	if (parts & REPORT_VERIFIED) {
		p->verify.changed = false;
		p->verified_us = now_us + VERIFIED_US;
	}
	p->heartbeat_us = now_us + HEARTBEAT_US;
	if (parts & REPORT_TRAFFIC) {
		int64_t rest_us = (clock_mono_us() - begun_us) * TRAFFIC_REST;

		p->want_traffic = false;
		p->traffic_us =
			now_us + MIN(MAX(rest_us, (int64_t)TRAFFIC_PAUSE_US), (int64_t)TRAFFIC_MAX_US);
	}
}

/* --- what happens --- */

static void resync(struct process *p, int64_t now_us, const char *why)
{
	struct err err = {0};
	int64_t start = clock_mono_us();
	size_t changes = 0;

	p->agent.resync = false;
	p->compared_us = now_us;
	p->resync_us = now_us + RESYNC_US;
	if (agent_resync(&p->agent, now_us, &changes, &err) < 0) {
		say(&err, why);
		p->resync_us = now_us + RETRY_US;
	} else {
		log_line("%s: revision %lu, %zu changes in %.1f ms, %zu failed", why,
			 p->agent.follow.snap->revision, changes, (double)(clock_mono_us() - start) / 1e3,
			 failures_count(p->agent.failures));
	}
	if (!changes)
		agent_verify_all(&p->verify, &p->agent, clock_now_us());
	/* What nothing is attached to any more. */
	if (!failures_count(p->agent.failures))
		kernel_linux_prune_express(p->agent.kernel, p->agent.node.datapath == DATAPATH_NFT);
	p->report_due = true;
}

static void follow(struct process *p, int64_t now_us)
{
	struct err err = {0};

	if (agent_follow(&p->agent, now_us, &err) < 0) {
		say(&err, "database");
		p->resync_us = MIN(p->resync_us, now_us + RETRY_US);
	}
	p->report_due = true;
}

static void take_wake(struct process *p, const struct wake *w)
{
	p->want_traffic |= w->traffic != 0;
	if (w->hello)
		p->agent.dirty |= REPORT_FAILURES | REPORT_PLUGGED | REPORT_VERIFIED | REPORT_HEALED;
}

/* With what the store has now: whoever asks has just written, perhaps. */
static void answer(struct process *p, const struct probe_question *q, int64_t now_us)
{
	struct probe_answer a;

	follow(p, now_us);
	agent_probe(&p->agent, q, &a);
	channel_send_answer(p->fd, &a);
}

static int read_channel(struct process *p, int64_t now_us)
{
	bool woken = false;
	struct asked asked;
	int r;

	while ((r = channel_read_asked(p->fd, &asked)) > 0 || r == -EBADMSG) {
		if (r == -EBADMSG)
			continue;
		woken |= asked.kind == ASKED_WAKE;
		if (asked.kind == ASKED_WAKE)
			take_wake(p, &asked.wake);
		else if (asked.kind == ASKED_PROBE)
			answer(p, &asked.probe, now_us);
		else if (asked.kind == ASKED_WATCH)
			agent_watch_renew(&p->watch, &p->agent, &asked.watch, now_us);
	}
	if (woken)
		follow(p, now_us);
	return r;
}

static int wait_ms(const struct process *p, int64_t now_us)
{
	int64_t next = MIN(MIN(p->resync_us, p->heartbeat_us), agent_next_tick(&p->agent));

	if (p->report_due)
		next = MIN(next, now_us + 20000); /* the channel was full */
	if (p->want_traffic)
		next = MIN(next, p->traffic_us);
	next = MIN(next, agent_watch_next(&p->watch));
	next = MIN(next, agent_verify_next(&p->verify));
	return (int)MIN(MAX((next - now_us + 999) / 1000, (int64_t)0), (int64_t)60000);
}

static void look(struct process *p, int64_t now_us)
{
	struct probe_seen seen[AGENT_WATCH_MAX];
	size_t n = agent_watch_look(&p->watch, &p->agent, now_us, seen);

	if (n)
		channel_send_seen(p->fd, seen, n);
}

static void log_drift(const char *line)
{
	log_line("%s", line);
}

static void read_back(struct process *p, int64_t now_us)
{
	agent_verify_step(&p->verify, &p->agent, now_us, clock_now_us(), log_drift);
	p->report_due |= p->agent.dirty != 0 || verified_due(p, now_us);
}

static void on_time(struct process *p, int64_t now_us)
{
	if (agent_verify_next(&p->verify) <= now_us)
		read_back(p, now_us);
	if (agent_watch_next(&p->watch) <= now_us)
		look(p, now_us);
	if (agent_next_tick(&p->agent) <= now_us) {
		agent_tick(&p->agent, now_us);
		p->report_due |= p->agent.dirty != 0;
	}
	/* An API process that ended between its commit and its wake has told nobody. */
	if (p->heartbeat_us <= now_us)
		follow(p, now_us);
	/* A link that is replaced again and again must not keep us comparing without a pause. */
	if (p->agent.resync)
		p->resync_us = MIN(p->resync_us, p->compared_us + RETRY_US);
	if (p->resync_us <= now_us)
		resync(p, now_us, p->agent.resync ? "resync" : "drift check");
	if (p->report_due || p->heartbeat_us <= now_us || (p->want_traffic && p->traffic_us <= now_us))
		report(p, now_us);
}

/* More floating IPs than there is room for. Nothing is lost: packets go on, and the next agent makes room. */
static bool is_full(const struct process *p)
{
	if (!kernel_linux_express_full(p->agent.kernel))
		return false;
	log_line("more floating IPs than there was room for: starting anew");
	return true;
}

static void loop(struct process *p, int term_fd)
{
	enum { TERM, CHANNEL, KERNEL };
	struct pollfd fds[] = {
		[TERM] = {.fd = term_fd, .events = POLLIN},
		[CHANNEL] = {.fd = p->fd, .events = POLLIN},
		[KERNEL] = {.fd = p->agent.kernel->ops->event_fd(p->agent.kernel), .events = POLLIN},
	};

	while (!fds[TERM].revents && !is_full(p)) {
		struct err err = {0};
		int64_t now_us;

		if (poll(fds, ARRAY_SIZE(fds), wait_ms(p, clock_mono_us())) < 0 && errno != EINTR)
			return;
		now_us = clock_mono_us();
		if (fds[CHANNEL].revents && read_channel(p, now_us) < 0)
			return;
		if (fds[KERNEL].revents) {
			if (agent_events(&p->agent, now_us, &err) < 0)
				say(&err, "kernel events");
			p->report_due |= p->agent.dirty != 0;
		}
		on_time(p, clock_mono_us());
	}
}

int agent_process(const struct config *config, const struct process_ends *ends)
{
	struct process p = {.config = config, .fd = ends->channel};
	int term_fd = ends->term;
	struct err err = {0}, said = {0};
	int r;

	umask(0022); /* the folder of network namespaces is everybody's to read, as ip-netns(8) makes it */
	/* The API process makes and migrates the database; until it has, there is nothing to follow. */
	while ((r = agent_open(config, EXPRESS_MAKE, &p.agent, &err)) < 0) {
		struct pollfd term = {.fd = term_fd, .events = POLLIN};

		if (access(config->database, F_OK) == 0 && strcmp(err.message, said.message) != 0) {
			say(&err, "start");
			said = err;
		}
		if (poll(&term, 1, 100) > 0)
			return 0;
	}
	if (ends->serve >= 0 && kernel_linux_serve(p.agent.kernel, config->node_name, ends->serve, &err) < 0)
		say(&err, "DHCP and DNS");
	agent_verify_init(&p.verify, config->read_back_s * 1000000);
	resync(&p, clock_mono_us(), "start");
	report(&p, clock_mono_us());
	loop(&p, term_fd);
	agent_verify_done(&p.verify);
	agent_done(&p.agent);
	return 0;
}
