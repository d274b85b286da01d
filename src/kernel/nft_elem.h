/* Elements of the sets and maps of the table "buoy", as nf_tables messages and back.
 * Below nft.c, above netlink.h. */
#pragma once
#include "kernel/internal.h"
#include "plan/rules.h"

#define NFT_WRONG 1 /* in value.num of a fact whose elements do not agree: never what is wanted */

enum nft_set {
	SET_TO_FIXED,    /* floating IP -> fixed IP */
	SET_TO_FLOATING, /* fixed IP -> floating IP */
	SET_GATEWAYS,    /* external leg -> source of what has no floating IP */
	SET_HAIRPIN,     /* one element: the gateway address for DNATed connections that stay inside */
	SET_EXTERNAL,    /* external legs */
	SET_CLOSED,      /* external legs with SNAT off */
	SET_TRAFFIC_IN,  /* floating IPs with their counters */
	SET_TRAFFIC_OUT,
	SET_LIMIT_IN, /* floating IPs with their limits */
	SET_LIMIT_OUT,
	SET_WAYS,         /* fixed IP -> the mark by which it leaves */
	SET_MARKS,        /* external leg -> its mark */
	SET_METADATA,     /* one element: 169.254.169.254:80 -> the metadata service */
	SET_PORTS,        /* floating IP, protocol and port -> fixed IP and port */
	SET_PORTS_KEPT,   /* the same with a range of ports -> fixed IP */
	SET_PORTS_TO_ONE, /* -> fixed IP and port */
	SET_SCOPES,       /* leg -> its scope, as a mark */
	SET_SCOPED,       /* leg . that mark */
	SET_SCOPES6,      /* the same in the table of IPv6 */
	SET_SCOPED6,
	/* Only in the host's table, which has none of SET_GATEWAYS to SET_CLOSED, nor of those for scopes.
	 */
	SET_FLOATING, /* floating IPs, for looking them up without counting */
	SET_INSIDE,   /* inside legs */
	SET_LEGS,     /* inside leg . outside: what the others below are some of */
	SET_SOURCES,  /* -> source of what has no floating IP */
	SET_OPEN,     /* where that is the interface's own address */
	SET_SHUT,     /* where SNAT is off */
	NFT_SETS,
};

struct nft_elem {
	enum nft_set set;
	sym dev;          /* key of sets of legs */
	sym out;          /* second key of sets of pairs of legs */
	uint32_t addr;    /* key of sets of addresses; host order, like all here */
	uint32_t data;    /* value in maps, and the mark in SET_SCOPED */
	uint16_t port;    /* second value in SET_METADATA and the sets of ports */
	uint8_t protocol; /* second and third key of the sets of ports */
	uint16_t first, last;
	struct rate_limit limit; /* in sets of limits; zeros when it is none that we would put */
	uint64_t packets, bytes;
};

/* Appends a message that adds or deletes the element to a batch. */
void nft_elem_put(struct nl_batch *b, const struct nft_elem *e, const struct symtab *syms, void *arg);
void nft_elem_del(struct nl_batch *b, const struct nft_elem *e, const struct symtab *syms, void *arg);
/* The messages around a transaction; nft_batch_end also says where the acknowledgement is to come from. */
void nft_batch_begin(struct nl_batch *b);
void nft_batch_end(struct nl_batch *b);

/* Calls fn for each element of a set. A set or table that is not there has none. */
typedef void (*nft_elem_fn)(const struct nft_elem *e, void *arg);
int nft_elem_dump(struct netns *ns, enum nft_set set, nft_elem_fn fn, void *arg, struct err *err);
/* Fills in the data of the element whose key is given. -ENOENT when it is not there. */
int nft_elem_get(struct netns *ns, struct nft_elem *e, struct err *err);
