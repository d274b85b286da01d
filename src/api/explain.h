/* Why a packet of a floating IP arrives, or does not: POST /v2.0/floatingips/{id}/explain.
 *
 *   {"explain": {"direction": "in", "address": "198.51.100.9", "protocol": "tcp", "port": 443}}
 *       a packet to the floating IP, from there
 *   {"explain": {"direction": "out", "address": "198.51.100.9", "protocol": "udp", "port": 53}}
 *       one that its instance sends there
 *
 * and, as one likes, source_port, length (bytes of IP), ttl, df (do not fragment); protocol is a name or a
 * number, icmp when nothing is said. The node tries the programs that it has loaded on such a packet; nobody
 * gets it, and it is counted nowhere. The answer:
 *
 *   {"explanation": {"verdict": "forward" | "router" | "drop" | "nobody", "summary": "...",
 *     "steps": [{"what": "...", "ok": true, "advice": null}, ...],
 *     "packet": {"before": {...}, "after": {...} | null}, "generation": n | null, "datapath": "bpf" | "nft" |
 * null}}
 *
 * explain.c is the route, explain_text.c makes the text from what the database says and the node answers. */
#pragma once
#include "api/api.h"

/* What is known without asking the node. Strings are borrowed. */
struct explain_facts {
	struct ip floating, fixed; /* fixed: null when it is not associated */
	const char *project, *status;
	const char *failure;       /* why it is in ERROR; NULL: it is not */
	const char *port, *router; /* names, or ids; NULL: none */
	const char *policy;        /* QoS policy; NULL: none */
	bool forwards;             /* it has port forwardings; then: */
	const char *forward;   /* the port that the packet's leads to; NULL: none. `fixed` is its address */
	uint16_t forward_port; /* 0: to no port, as `forward` is NULL */
	bool router_up, port_up, plugged; /* administratively; `plugged`: the port's status is ACTIVE */
	bool admin;                       /* may know the node's own devices */
};

/* Prints the whole answer. `a` NULL: nobody was asked, as nothing is to be tried. Pure. */
void explain_print(const struct explain_facts *f, const struct probe_packet *p, const struct probe_answer *a,
		   struct buf *b);
/* {"source": ..., "target": ..., ...}: a packet as it is in an answer. */
void explain_print_frame(struct buf *b, const struct probe_frame *f);
/* Reads the body. 400 with the member that is wrong. Pure: the fuzzer calls it. */
int explain_parse(const json_t *body, struct probe_packet *ret, struct err *err);
/* "tcp"; a number for those without a name here. */
const char *explain_protocol(uint8_t protocol, char out[4]);

/* The route. */
int explain_open(struct call *c, struct err *err);
