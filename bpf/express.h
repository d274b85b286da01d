/* The layout of the express data path's maps: what the programs (express.bpf.c) and src/kernel/express*.c
 * share. Plain C for both compilers.
 *
 * Addresses are in network order as in a packet, everything else in host order. Whoever changes a layout here
 * raises EXPRESS_LAYOUT: programs and maps of another layout live side by side in another folder until the
 * new ones have taken over. */
#pragma once
#include <linux/types.h>

#include "verdict.h"

#ifndef EXPRESS_LAYOUT /* a test builds another one */
#define EXPRESS_LAYOUT 4
#endif

/* skb->mark between the two legs of a router's namespace: translated here, without a connection. Its lowest
 * bits are the way (FACT_RULE), by which the kernel routes; 0: the router has one gateway. */
#define EXPRESS_MARK 0xb00f1b00
#define EXPRESS_WAYS 0xf
/* And of a made-up packet: told about, counted nowhere, nothing is learnt from it. */
#define EXPRESS_DRY 0xb00f1bdd

/* --- what a floating IP is --- */

/* At the external leg: its MAC address and the floating IP. That a frame has this destination MAC is what
 * makes it the router's, so both are one question. */
struct float_key {
	__u8 mac[6];
	__u16 zero;
	__be32 addr;
};

enum float_flags {
	FLOAT_SET = 1, /* associated */
	FLOAT_XDP = 2, /* the port takes frames from XDP */
	FLOAT_END = 4, /* was taken away in this generation: not for anybody any more */
};

/* One association. Of the two that an entry holds the one with the highest generation that has begun (struct
 * express_state) counts. One with a generation still to come is nobody's to read, so it can be written while
 * packets pass; all slots of one generation count from one instant on, however many they are. */
struct float_slot {
	__be32 fixed;
	__be32 gateway; /* the router's own address at that leg: nobody outside may use it as his */
	__u32 port;     /* ifindex of the instance's port; 0: not on this node, the router finds the way */
	__u16 flags;    /* enum float_flags */
	__u16 mtu;      /* of the inside leg */
	__u8 leg[6];    /* MAC of the inside leg: the source of what the instance gets */
	__u16 way;      /* of the external leg, where the router has several; 0: it has one */
	/* Where the instance is, as the router's own neighbour table had it: MAC in the lower 48 bits, above
	 * it when that was (EXPRESS_STAMP). 0: not known. Changes while the slot counts. */
	__u64 station;
};

struct express_counter {
	__u64 packets, bytes; /* bytes of IP */
	__u64 seen_ns;        /* of the programs' clock (struct express_clock); 0: never */
};

/* A bucket that drains at a rate, as the time until which it is full: one word, changed without a lock.
 * Times are in 1/16 ns. */
struct express_meter {
	__u64 cost;                  /* of 64 bytes; 0: no limit */
	__u64 burst;                 /* how far ahead of the clock the bucket may be filled */
	__u64 full;                  /* until then it is */
	__u32 rate_kbps, burst_kbit; /* what that was made of */
};

/* Entries are found by their key through `places`, an open hash table of indexes into `floats`. What each
 * packet to the instance needs is in the first 64 bytes, what it counts in the next. */
struct float_entry {
	struct float_key key;
	__u32 zero;
	__u64 generation[2]; /* of the slots */
	struct float_slot slot[2];
	struct express_counter counter[EXPRESS_DIRECTIONS];
	struct express_meter meter[EXPRESS_DIRECTIONS];
	__u64 dropped[DROP_REASONS];
	__u64 router[2]; /* of the slots; as in fixed_key */
} __attribute__((aligned(64)));

/* What is in `places` (64 bits each, as an array map has them anyway): 0: nothing, and nothing further on;
 * else the index of an entry plus 1, or FLOAT_GONE. */
#define FLOAT_GONE   0xffffffff
#define FLOAT_PROBES 16 /* so many places are looked at */

/* Of a key as three words. */
static inline __u32 float_hash(__u32 high, __u32 low, __u32 addr)
{
	__u64 h = (((__u64)high << 32 | addr) ^ (__u64)low << 16) * 0x9e3779b97f4a7c15ULL;

	return (__u32)(h >> 32);
}

/* --- what a fixed IP is --- */

struct fixed_key {
	__u64 router; /* the first 8 bytes of its id */
	__be32 addr;
	__u32 zero;
};

struct fixed_slot {
	struct float_key floating; /* also the key of its float_entry */
	__u32 segment;             /* ifindex of the external bridge or NIC */
	__u16 flags;               /* enum float_flags */
	__u16 mtu;                 /* of the external leg */
	__u32 way;                 /* as in float_slot */
};

struct fixed_entry {
	__u64 generation[2];
	struct fixed_slot slot[2];
};

/* --- where a packet goes --- */

/* An inside leg, by its MAC address and the bridge that it is on: the destination of frames to be routed. */
struct leg_key {
	__u8 mac[6];
	__u16 zero;
	__u32 bridge; /* ifindex */
};

/* The external legs of a router that has several: what is a floating IP at one of them is the router's
 * business for all who leave by another. */
struct way_key {
	__u64 router;
	__u32 way;
	__u32 zero;
};

struct way_leg {
	__u8 mac[6];
	__u16 zero;
};
#define EXPRESS_WAYS_MAX 8

/* Longest prefix; `bits` counts from the router on. */
struct path_key {
	__u32 bits;
	__u32 router_high, router_low;
	__u32 way; /* of who asks */
	__be32 addr;
};

struct path {
	__be32 via;     /* next hop; 0: the destination itself */
	__u32 external; /* leaves by the external leg; otherwise the router's own business */
};

/* Who is where on an external segment. What is in `stations` comes from ARP that was seen on a port, what is
 * in `neighbours` from the routers' own tables, where that agrees with `stations`: learnt, and forgotten. */
struct neighbour_key {
	__u32 segment;
	__be32 addr;
};

struct neighbour {
	__u64 station; /* as in float_slot */
	__u32 port;
	__u32 zero;
};

struct station_key {
	__u32 segment;
	__u8 mac[6];
	__u16 zero;
};

/* A stamp is some seconds of 2^30 ns in 16 bits. */
#define EXPRESS_STAMP(ns) ((ns) >> 30 & 0xffff)
#define EXPRESS_FRESH     14 /* so long is a station believed; then the router is asked again */

/* --- the programs --- */

/* Slots of the programs that stubs jump to. A stub is a few instructions of its own for each attachment: it
 * says where it is (skb->cb) and jumps, so that an exchange of programs is one write for all of them. */
enum express_program {
	PROGRAM_PORT,     /* an instance's port, from it */
	PROGRAM_UPLINK,   /* a port of an external bridge, or an external NIC, from outside */
	PROGRAM_OUTER_IN, /* a router's external leg */
	PROGRAM_OUTER_OUT,
	PROGRAM_INNER_IN, /* and its inside legs */
	PROGRAM_INNER_OUT,
	PROGRAMS,
};

/* What a stub writes to skb->cb[]. */
enum express_cb {
	CB_DEVICE,      /* PORT: ifindex of the bridge; UPLINK and OUTER: the segment */
	CB_MAC_HIGH,    /* OUTER: the leg's MAC, first 4 bytes, network order */
	CB_MAC_LOW,     /* and the last two */
	CB_ROUTER_HIGH, /* INNER and OUTER */
	CB_ROUTER_LOW,
	CBS,
};

#define EXPRESS_WATCHES 4
struct express_state {
	__u64 generation; /* the highest one that has begun */
	__u64 staging;    /* the agent's: something of a generation to come is, or was left, in the entries */
	/* Floating IPs whose packets somebody looks at; unused ones are 0. */
	__u32 watching; /* how many */
	__u32 zero;
	__be32 watch[EXPRESS_WATCHES];
};

/* --- writing: the program `commit` --- */

/* Puts one way back into its entry, beside what counts now. The entry must be there. */
struct express_order {
	struct fixed_key key;
	__u64 generation;
	struct fixed_slot slot;
};

/* The programs' clock is the kernel's tick: cheap, coarse, and of an origin of its own. */
struct express_clock {
	__u64 now_ns;
};

/* --- watching --- */

#define EXPRESS_SNAP 96

struct express_event {
	__u64 time_ns; /* of the programs' clock */
	struct float_key floating;
	__be32 fixed;
	__u64 generation;
	__u32 ifindex; /* where it was seen */
	__u32 port;    /* where it goes */
	__u8 program;  /* enum express_program; PROGRAMS: XDP */
	__u8 verdict, reason, direction;
	__u32 length;
	__be32 via;             /* next hop, outwards */
	__u32 dry;              /* of a made-up packet */
	__u8 was[EXPRESS_SNAP]; /* the frame as it came, as much as there is room for */
};
