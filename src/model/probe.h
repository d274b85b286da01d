/* A made-up packet, and what the data path of a node would do with it: the question and the answer that the
 * API process and the agent exchange, as they are, of fixed size and without pointers. And real packets,
 * which the agent tells of while somebody watches.
 *
 * The agent trusts its own database about everything but the packet, so a question names a floating IP by its
 * id and no device, router or MAC address. probe_check is run on either side. Pure; any thread. */
#pragma once
#include "model/value.h"

/* The longest IP packet that a program can be tried on: what the kernel gives a trial's buffer. */
#define PROBE_LENGTH_MAX 3400

enum probe_direction { PROBE_IN, PROBE_OUT }; /* to the floating IP; from its instance */

struct probe_packet {
	struct ip other;            /* IPv4: who sends it; or, outwards, whom it is for */
	uint16_t length;            /* bytes of IP */
	uint16_t source_port, port; /* of protocols that have ports; else 0 */
	uint8_t protocol, ttl;
	uint8_t do_not_fragment; /* 0 or 1 */
	uint8_t direction;       /* enum probe_direction */
};

/* Whether the protocol's header begins with two ports. */
bool probe_has_ports(uint8_t protocol);
/* The shortest packet of that protocol, its whole header included. Bytes of IP. */
uint16_t probe_length_min(uint8_t protocol);
/* 400 for what no packet can be. */
int probe_check(const struct probe_packet *p, struct err *err);

struct probe_question {
	uint64_t id; /* the answer has it, too */
	struct uuid floatingip;
	struct probe_packet packet;
};

/* What a frame says of itself. */
struct probe_frame {
	struct mac source_mac, target_mac;
	struct ip source, target;
	uint16_t length, source_port, port;
	uint8_t protocol, ttl, do_not_fragment, zero;
};

enum probe_state {
	PROBE_DONE,
	PROBE_NFT,       /* nftables translates it: there is nothing that could be tried */
	PROBE_UNPLANNED, /* this node's plan has nothing for it: see the rows why */
	PROBE_MISSING,   /* it should be in the maps, and is not */
	PROBE_FAILED,    /* `why` */
};

/* One program's run. */
struct probe_run {
	uint8_t ran, told; /* `told`: verdict and reason are there; otherwise it was none of its packets */
	uint8_t verdict;   /* enum express_verdict */
	uint8_t reason;    /* enum express_drop or express_slow */
};

enum probe_runs {
	PROBE_FIRST,   /* where it comes in: the uplink, or the instance's port */
	PROBE_LEG_IN,  /* then, in the router's namespace, where it comes in there */
	PROBE_LEG_OUT, /* and where it leaves by the external leg */
	PROBE_RUNS,
};

#define PROBE_DEVICE 16 /* IFNAMSIZ */

struct probe_answer {
	uint64_t id, generation;
	uint8_t state; /* enum probe_state */
	uint8_t has_after;
	uint8_t routed;   /* the router's kernel was asked: `route` and `device` are its answer */
	uint8_t local;    /* and it is for the router itself */
	int32_t route;    /* 0, or why it has no route: negative errno */
	uint32_t station; /* 1: the MAC address of the next hop is known; 0: to be asked for by ARP */
	struct probe_run run[PROBE_RUNS];
	struct probe_frame before, after;
	struct ip via;              /* next hop; null: the destination itself */
	char from[PROBE_DEVICE];    /* where it comes in: of the host */
	char device[PROBE_DEVICE];  /* out of which it goes: of the host, or when `routed` of the router */
	char leg_out[PROBE_DEVICE]; /* the router's external leg */
	char leg_in[PROBE_DEVICE];  /* and its inside one, or "" */
	char netns[48];             /* the router's namespace */
	char why[160];
};

/* --- real packets --- */

/* So many floating IPs are watched at once on a node. */
#define PROBE_WATCHES 4

/* Whose packets are to be told of for the next PROBE_LEASE_US; then, unless it is asked for again, no more.
 */
#define PROBE_LEASE_US 6000000
struct probe_watch {
	struct uuid floatingip;
};

/* One of its packets; not all are told of. */
struct probe_seen {
	int64_t time_us; /* wall clock */
	struct ip floating_ip;
	uint64_t generation;
	uint64_t missed; /* so many of any that are watched were seen since the last one, and not told of */
	struct probe_frame frame; /* as it came */
	struct ip via;            /* outwards: next hop; null: not known here */
	uint8_t direction;        /* enum probe_direction */
	uint8_t verdict, reason;  /* as in probe_run */
	uint8_t whole;            /* `frame` is there: a header without options */
	char at[PROBE_DEVICE];    /* of the host, where it was seen; "": at the router's leg */
	char to[PROBE_DEVICE];    /* of the host, where it was sent to; "": to nowhere yet */
};
