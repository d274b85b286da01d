/* What the express data path decides about a packet: the words that its programs, the agent and the API
 * share. Numbers only, in map values and events (express.h); the API says them in words. */
#pragma once

enum express_direction { EXPRESS_IN, EXPRESS_OUT, EXPRESS_DIRECTIONS };

/* Why a packet of a floating IP did not get through. Each is counted at its floating IP. */
enum express_drop {
	DROP_RATE_IN,   /* more than the QoS policy allows towards the instance */
	DROP_RATE_OUT,  /* and from it */
	DROP_TTL,       /* expired here; the router answers */
	DROP_TOO_BIG,   /* bigger than the next MTU and not to be fragmented; the router answers */
	DROP_MALFORMED, /* its IP header is wrong */
	DROP_REASONS,
};

/* What happened to a packet. In words: src/api/explain_text.c. */
enum express_verdict {
	VERDICT_FORWARD,
	VERDICT_DROP,      /* by reason: enum express_drop */
	VERDICT_ROUTER,    /* to the router's namespace, untouched: enum express_slow */
	VERDICT_TRANSLATE, /* in the router's namespace, without a connection; the kernel goes on */
	VERDICTS,
};

/* Why a packet is left to the router's namespace. */
enum express_slow {
	SLOW_NONE,
	SLOW_OPTIONS,     /* IP options */
	SLOW_TTL,         /* expires */
	SLOW_MTU,         /* too big for the next link */
	SLOW_SOURCE,      /* a source address that the kernel judges */
	SLOW_MALFORMED,   /* a header that the kernel judges */
	SLOW_PORT,        /* the instance has no port on this node */
	SLOW_XDP,         /* its port takes no frames from XDP: the same at tc */
	SLOW_STATION,     /* the instance's MAC is to be asked for */
	SLOW_NEIGHBOUR,   /* the next hop's MAC is to be asked for */
	SLOW_INSIDE,      /* not by the external leg */
	SLOW_HAIRPIN,     /* to a floating IP of the same router */
	SLOW_DESTINATION, /* a destination that the kernel judges: broadcast, multicast */
	SLOW_ERROR,       /* an ICMP error about another's packets */
	SLOW_REASONS,
};
