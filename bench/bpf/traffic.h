/* What the generator sends and the sink expects: shared by traffic.bpf.c and traffic.c. */
#pragma once
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/types.h>
#include <linux/udp.h>

#define TRAFFIC_PORT       9000 /* UDP, at the instance */
#define TRAFFIC_FIRST_PORT 1024 /* the source port of the first flow */
#define TRAFFIC_LENGTH     60   /* 64 bytes on a wire: its last 4 are the card's */
#define TRAFFIC_WORDS      8    /* of 8 bytes; the last one is half used */

/* The frame. Its parts are at their places without padding but for the end, which the layout needs, so the
 * fields after the Ethernet header are not aligned: BPF and x86 do not mind. */
struct traffic_frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
	__be32 which; /* floating IP number, which the sink compares with where the packet has come to */
	__u8 rest[TRAFFIC_LENGTH - 46];
} __attribute__((packed));

struct traffic_order {
	__u64 frame[TRAFFIC_WORDS]; /* as struct traffic_frame; what varies in it is 0 */
	__u32 ip_sum, udp_sum;      /* of what does not vary, not folded, not complemented */
	__u32 first;                /* address that number 0 is sent to, host byte order */
	__u32 expect;               /* address that number 0 must arrive at, after translation */
	__u32 addresses, flows;
	__u32 ifindex; /* the generator's end of the wire */
};

/* By CPU, counted by the sink. */
struct traffic_tally {
	__u64 right, wrong; /* at the address expected, at another one */
	__u64 bad_sum;      /* of those looked at: every TRAFFIC_LOOK-th */
};

#define TRAFFIC_LOOK 1024

/* The ceiling: all IPv4 frames for `router` go to one port with these addresses. */
struct traffic_shortcut {
	__u8 router[ETH_ALEN], instance[ETH_ALEN], from[ETH_ALEN];
	__u32 ifindex;
};
