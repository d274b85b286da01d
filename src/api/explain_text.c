/* What happens to a packet, in words: one function for each decision, in the order in which they are made.
 * From the facts of the database and the answer of the node; see explain.h. Pure. */
#include "api/explain.h"
#include "api/words.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

enum verdict { FORWARD, ROUTER, DROP, NOBODY };
static const char *const verdicts[] = {
	[FORWARD] = "forward", [ROUTER] = "router", [DROP] = "drop", [NOBODY] = "nobody"};

/* One explanation on its way. */
struct story {
	const struct explain_facts *f;
	const struct probe_packet *p;
	const struct probe_answer *a; /* NULL: the node was not asked */
	struct buf steps, summary;
	enum verdict verdict;
	bool over; /* nothing happens after this */
	char floating[IP_TEXT], fixed[IP_TEXT], other[IP_TEXT];
};

PRINTF_LIKE(1, 0)
static char *words(const char *fmt, va_list args)
{
	char *text;

	if (vasprintf(&text, fmt, args) < 0)
		abort();
	return text;
}

PRINTF_LIKE(4, 5)
static void step(struct story *s, bool ok, const char *advice, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list args;

	va_start(args, fmt);
	text = words(fmt, args);
	va_end(args);
	buf_puts(&s->steps, s->steps.len ? ", {\"what\": " : "{\"what\": ");
	buf_json_str(&s->steps, text);
	buf_printf(&s->steps, ", \"ok\": %s, \"advice\": ", ok ? "true" : "false");
	if (advice)
		buf_json_str(&s->steps, advice);
	else
		buf_puts(&s->steps, "null");
	buf_putc(&s->steps, '}');
}

PRINTF_LIKE(3, 4)
static void end(struct story *s, enum verdict verdict, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list args;

	va_start(args, fmt);
	text = words(fmt, args);
	va_end(args);
	buf_puts(&s->summary, text);
	s->verdict = verdict;
	s->over = true;
}

static bool goes_in(const struct story *s)
{
	return s->p->direction == PROBE_IN;
}

/* "the instance 172.16.100.3", or the address outside. */
static const char *receiver(const struct story *s)
{
	return goes_in(s) ? s->fixed : s->other;
}

/* --- what the database says --- */

static void tell_owner(struct story *s)
{
	const struct explain_facts *f = s->f;
	bool bad = f->failure || ((f->port || f->forwards) && strcmp(f->status, "ACTIVE") != 0);

	step(s, !bad,
	     f->failure ? f->failure
	     : bad      ? "The node has not applied it, or its agent does not run: 'buoy status'"
			: NULL,
	     "%s is a floating IP of project %s; its status is %s", s->floating, f->project, f->status);
}

/* Its ports lead to several instances. The router that has it is told of by the next chapter. */
static void tell_forwarding(struct story *s)
{
	const struct explain_facts *f = s->f;
	char name[4];
	const char *protocol = explain_protocol(s->p->protocol, name);

	if (!goes_in(s)) {
		step(s, true, NULL,
		     "It has port forwardings: only answers to what they forward leave with it");
		end(s, ROUTER, "What an instance begins itself leaves with the router's address, not with %s",
		    s->floating);
	} else if (f->forward) {
		step(s, true, NULL, "It has port forwardings: %s %u leads to port %s, %s, %s %u", protocol,
		     s->p->port, f->forward, s->fixed, protocol, f->forward_port);
	} else if (s->p->protocol == IPPROTO_ICMP) {
		step(s, true, NULL, "It has port forwardings, and is the router's own address for the rest");
		end(s, ROUTER, "The router itself answers pings to %s", s->floating);
	} else {
		step(s, false, "Forward it: 'buoy fip port-forwarding create'",
		     "It has port forwardings, but none for %s %u", protocol, s->p->port);
		end(s, NOBODY, "None of the port forwardings of %s is for %s %u", s->floating, protocol,
		    s->p->port);
	}
}

static void tell_association(struct story *s)
{
	const struct explain_facts *f = s->f;

	if (f->forwards) {
		tell_forwarding(s);
		return;
	}
	if (!f->port) {
		step(s, false, "Associate it: 'buoy fip associate'", "It is associated with no port");
		end(s, NOBODY, "%s is associated with no port, so nobody answers for it", s->floating);
		return;
	}
	step(s, f->port_up, f->port_up ? NULL : "Switch the port on: 'buoy port set --enable'",
	     "It belongs to port %s, fixed IP %s%s", f->port, s->fixed,
	     f->port_up ? "" : ", which is switched off");
}

static void tell_router(struct story *s)
{
	const struct explain_facts *f = s->f;

	if (!f->router) {
		step(s, false,
		     "Connect the port's subnet with a router that leads to the floating IP's network",
		     "No router leads to it");
		end(s, NOBODY, "No router leads to %s", s->floating);
	} else if (!f->router_up) {
		step(s, false, "Switch it on: 'buoy router set --enable'", "Router %s is switched off",
		     f->router);
		end(s, NOBODY, "Router %s, which has %s, is switched off", f->router, s->floating);
	} else if (s->a && s->a->leg_out[0]) {
		step(s, s->a->leg_in[0],
		     s->a->leg_in[0] ? NULL : "Connect the port's subnet with this router",
		     "Router %s translates it: external leg %s, inside leg %s", f->router, s->a->leg_out,
		     s->a->leg_in[0] ? s->a->leg_in : "none that is up");
	} else {
		step(s, true, NULL, "Router %s translates it", f->router);
	}
}

/* --- what the node has --- */

static void tell_nothing_planned(struct story *s)
{
	const char *why = s->f->failure ? s->f->failure
					: "The external network is not mapped on this node: 'buoy status'";

	step(s, false, why, "This node does not translate it");
	end(s, NOBODY, "This node does not serve %s", s->floating);
}

static void tell_nft(struct story *s)
{
	step(s, true, NULL, "This node translates with nftables, in the router's namespace or in the host");
	step(s, true, "Look there: 'nft list table ip buoy', 'tcpdump'",
	     "What nftables does can not be tried; this is what Buoy has set: %s becomes %s",
	     goes_in(s) ? s->floating : s->fixed, goes_in(s) ? s->fixed : s->floating);
	end(s, ROUTER, "nftables translates it in the router; %s should get it", receiver(s));
}

static void tell_missing(struct story *s)
{
	step(s, false, "'buoyd plan' shows what is missing; the agent repairs it at the next comparison",
	     "The data path has no entry for it");
	end(s, NOBODY, "The data path of this node has no entry for %s", s->floating);
}

static void tell_failed(struct story *s)
{
	step(s, false, s->a->why, "The packet could not be tried");
	end(s, NOBODY, "The packet could not be tried: %s", s->a->why);
}

static void tell_state(struct story *s)
{
	const struct probe_answer *a = s->a;

	if (s->f->forwards) {
		step(s, true, "Look there: 'nft list table ip buoy', 'conntrack -L'",
		     "nftables forwards it by connection, on either data path");
		end(s, ROUTER, "The router forwards it to %s, port %u", s->fixed, s->f->forward_port);
		return;
	}
	switch ((enum probe_state)a->state) {
	case PROBE_UNPLANNED:
		tell_nothing_planned(s);
		return;
	case PROBE_NFT:
		tell_nft(s);
		return;
	case PROBE_MISSING:
		tell_missing(s);
		return;
	case PROBE_FAILED:
		tell_failed(s);
		return;
	case PROBE_DONE:
		break;
	}
	step(s, true, NULL, "The packet comes in at %s, where its entry counts since generation %" PRIu64,
	     s->a->from[0] == '\0'        ? s->a->leg_in
	     : !goes_in(s) || s->f->admin ? s->a->from
					  : "the uplink",
	     a->generation);
}

/* --- what the programs decided --- */

static void tell_drop(struct story *s, uint8_t reason)
{
	const struct words *w = reason < DROP_REASONS ? &drop_words[reason] : &drop_words[DROP_MALFORMED];

	step(s, false, w->advice, "%s", w->text);
	end(s, DROP, "Dropped (%s): %s", w->name, w->text);
}

static void tell_limit(struct story *s)
{
	if (s->f->policy)
		step(s, true, NULL, "The limit of QoS policy %s has room for it", s->f->policy);
}

static void tell_rewrite(struct story *s)
{
	const struct probe_frame *b = &s->a->before, *a = &s->a->after;
	char from[IP_TEXT], to[IP_TEXT];

	if (!s->a->has_after)
		return;
	if (ip_eq(&b->source, &a->source) && ip_eq(&b->target, &a->target))
		step(s, true, NULL, "Its addresses stay; TTL %u becomes %u", b->ttl, a->ttl);
	else if (!ip_eq(&b->target, &a->target))
		step(s, true, NULL, "Its destination %s becomes %s, TTL %u becomes %u",
		     ip_print(&b->target, from), ip_print(&a->target, to), b->ttl, a->ttl);
	else
		step(s, true, NULL, "Its source %s becomes %s, TTL %u becomes %u", ip_print(&b->source, from),
		     ip_print(&a->source, to), b->ttl, a->ttl);
}

static void tell_hop(struct story *s)
{
	const struct probe_answer *a = s->a;
	char via[IP_TEXT], mac[MAC_TEXT];
	const char *hop = ip_is_null(&a->via) ? receiver(s) : ip_print(&a->via, via);
	const char *device = a->routed || goes_in(s) || s->f->admin ? a->device : "the uplink";

	if (!a->has_after)
		return;
	if (a->station)
		step(s, true, NULL, "It leaves by %s to %s, at %s", device, hop,
		     mac_print(&a->after.target_mac, mac));
	else
		step(s, false, "When nobody answers the ARP request, look at who should have the address",
		     "It leaves by %s to %s, whose MAC address is still to be asked for", device, hop);
}

static void tell_forward(struct story *s)
{
	tell_limit(s);
	tell_rewrite(s);
	tell_hop(s);
	end(s, FORWARD, "Rewritten and sent straight to %s, past the router", receiver(s));
}

/* Without a route, or with a source that does not belong where it comes from (EINVAL, EXDEV). */
static void tell_no_route(struct story *s)
{
	int r = -s->a->route;
	bool missing = r == ENETUNREACH || r == EHOSTUNREACH;

	step(s, false,
	     missing ? "Give the router a gateway or a route: 'buoy router show', 'buoy router add-route'"
		     : NULL,
	     "The router's kernel does not route it from %s to %s: %s", goes_in(s) ? s->other : s->fixed,
	     receiver(s), strerror(r));
	end(s, DROP, "Dropped: the router's kernel does not route it");
}

/* Where the slow way ends before it leaves the router; true when it does. */
static bool tell_end_there(struct story *s, uint8_t reason)
{
	const struct probe_answer *a = s->a;
	const struct probe_run *in = &a->run[PROBE_LEG_IN], *out = &a->run[PROBE_LEG_OUT];

	if (in->told && in->verdict == VERDICT_DROP)
		tell_drop(s, in->reason);
	else if (out->told && out->verdict == VERDICT_DROP)
		tell_drop(s, out->reason);
	else if (reason == SLOW_TTL)
		end(s, DROP, "Dropped (ttl): %s", drop_words[DROP_TTL].text);
	else if (reason == SLOW_MTU && s->p->do_not_fragment)
		tell_drop(s, DROP_TOO_BIG);
	else if (a->routed && a->route < 0)
		tell_no_route(s);
	return s->over;
}

static void tell_router_way(struct story *s, uint8_t reason)
{
	const struct words *w = &slow_words[reason < SLOW_REASONS ? reason : SLOW_MALFORMED];
	bool cut = reason == SLOW_MTU && s->p->do_not_fragment;

	step(s, reason != SLOW_TTL, w->advice, "%s: it goes on to the router's namespace, %s", w->text,
	     s->a->netns);
	if (!cut)
		step(s, reason != SLOW_TTL, NULL, "%s", w->there);
	if (tell_end_there(s, reason))
		return;
	tell_limit(s);
	if (s->a->local) {
		end(s, ROUTER, "The router takes it for itself");
		return;
	}
	tell_rewrite(s);
	tell_hop(s);
	end(s, ROUTER, "Through the router's namespace to %s: %s", receiver(s), w->text);
}

static void tell_programs(struct story *s)
{
	const struct probe_run *first = &s->a->run[PROBE_FIRST];

	/* An instance elsewhere: its packets come in at the router's leg only. */
	if (!first->ran) {
		tell_router_way(s, SLOW_PORT);
		return;
	}
	switch ((enum express_verdict)first->verdict) {
	case VERDICT_FORWARD:
		tell_forward(s);
		return;
	case VERDICT_DROP:
		tell_drop(s, first->reason);
		return;
	case VERDICT_ROUTER:
	case VERDICT_TRANSLATE:
	case VERDICTS:
		tell_router_way(s, first->reason);
		return;
	}
}

/* --- the answer --- */

static void print_mac(struct buf *b, const char *key, const struct mac *mac)
{
	char text[MAC_TEXT];

	buf_printf(b, ", \"%s\": ", key);
	if (mac_is_null(mac))
		buf_puts(b, "null");
	else
		buf_printf(b, "\"%s\"", mac_print(mac, text));
}

void explain_print_frame(struct buf *b, const struct probe_frame *f)
{
	char source[IP_TEXT], target[IP_TEXT], number[4];

	buf_printf(b, "{\"source\": \"%s\", \"target\": \"%s\", \"protocol\": \"%s\"",
		   ip_print(&f->source, source), ip_print(&f->target, target),
		   explain_protocol(f->protocol, number));
	if (probe_has_ports(f->protocol))
		buf_printf(b, ", \"source_port\": %u, \"port\": %u", f->source_port, f->port);
	else
		buf_puts(b, ", \"source_port\": null, \"port\": null");
	buf_printf(b, ", \"ttl\": %u, \"length\": %u, \"flags\": %s", f->ttl, f->length,
		   f->do_not_fragment ? "\"DF\"" : "null");
	print_mac(b, "source_mac", &f->source_mac);
	print_mac(b, "target_mac", &f->target_mac);
	buf_putc(b, '}');
}

/* What the packet would be, where no node has made it. */
static struct probe_frame wanted_frame(const struct story *s)
{
	return (struct probe_frame){.source = goes_in(s) ? s->p->other : s->f->fixed,
				    .target = goes_in(s) ? s->f->floating : s->p->other,
				    .length = s->p->length,
				    .source_port = s->p->source_port,
				    .port = s->p->port,
				    .protocol = s->p->protocol,
				    .ttl = s->p->ttl,
				    .do_not_fragment = s->p->do_not_fragment};
}

static void print_story(const struct story *s, struct buf *b)
{
	const struct probe_frame wanted = wanted_frame(s);
	const struct probe_answer *a = s->a;
	bool made = a && !ip_is_null(&a->before.source),
	     bpf = a && a->state != PROBE_UNPLANNED && a->state != PROBE_NFT;

	buf_printf(b, "{\"explanation\": {\"verdict\": \"%s\", \"summary\": ", verdicts[s->verdict]);
	buf_json_str(b, buf_text(&s->summary));
	buf_printf(b, ", \"steps\": [%s], \"packet\": {\"before\": ", buf_text(&s->steps));
	explain_print_frame(b, made ? &a->before : &wanted);
	buf_puts(b, ", \"after\": ");
	if (a && a->has_after && (s->verdict == FORWARD || s->verdict == ROUTER))
		explain_print_frame(b, &a->after);
	else
		buf_puts(b, "null");
	buf_puts(b, "}, \"generation\": ");
	if (bpf && a->generation)
		buf_printf(b, "%" PRIu64, a->generation);
	else
		buf_puts(b, "null");
	buf_printf(b, ", \"datapath\": %s}}",
		   bpf                          ? "\"bpf\""
		   : a && a->state == PROBE_NFT ? "\"nft\""
						: "null");
}

void explain_print(const struct explain_facts *f, const struct probe_packet *p, const struct probe_answer *a,
		   struct buf *b)
{
	static void (*const chapters[])(struct story * s) = {tell_owner, tell_association, tell_router,
							     tell_state, tell_programs};
	struct story s = {.f = f, .p = p, .a = a};

	ip_print(&f->floating, s.floating);
	ip_print(&f->fixed, s.fixed);
	ip_print(&p->other, s.other);
	for (size_t i = 0; i < ARRAY_SIZE(chapters) && !s.over; i++)
		chapters[i](&s);
	print_story(&s, b);
	buf_done(&s.steps);
	buf_done(&s.summary);
}
