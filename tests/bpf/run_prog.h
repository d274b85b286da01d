/* One frame through a loaded BPF program, without a device: BPF_PROG_TEST_RUN. For tests; needs root. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the kernel takes: it must fit a page, with room for its own. */
#define RUN_PROG_MAX 3400

struct run_prog {
	int fd;           /* borrowed; of the type sched_cls or xdp */
	bool xdp;         /* the latter */
	uint32_t ifindex; /* the device that the frame is at; must exist here. 0: the kernel's choice (lo) */
	/* sched_cls only: what else the program finds in its struct __sk_buff. */
	uint32_t ingress; /* ifindex of the device that the packet came in by; 0: it was made here */
	uint32_t mark, cb[5];
	uint32_t gso_size, gso_segs; /* one of many segments; 0: an ordinary packet */
};

struct run_prog_result {
	uint32_t verdict; /* TC_ACT_* or XDP_* */
	size_t len;       /* of `out` */
	uint32_t mark;    /* sched_cls: skb->mark behind the program */
};

/* Runs the program once on `frame`, 14 to RUN_PROG_MAX bytes. `out`, of RUN_PROG_MAX bytes, gets the frame as
 * the program left it. 0, or a negative errno of bpf(2). A redirect's target is not told by the kernel: the
 * verdict says TC_ACT_REDIRECT or XDP_REDIRECT, and nothing is sent. As everywhere, the kernel sets a
 * sched_cls program's skb->protocol from the frame, and shows a packet to it with the VLAN tag inside the
 * frame. And it refuses (-EINVAL) what says it is IPv4 or IPv6 and has not even that header, to a sched_cls
 * program. */
int run_prog(const struct run_prog *p, const uint8_t *frame, size_t len, uint8_t *out,
	     struct run_prog_result *ret);
