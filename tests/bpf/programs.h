/* The express programs in this process alone, with maps that say what a model world says: one router, its
 * legs, its floating IPs, and everybody heard just now. For tests; needs root.
 *
 * There is a network namespace of its own, with a tap for each leg's wire; everything ends with the process.
 * Frames are run through single programs as the stubs at devices would (express_hook.c), and what the kernel
 * does between two of them is imitated. Not to be seen here: VLAN tags outside of the frame, and checksums
 * that a device is to complete. */
#pragma once
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "kernel/express.h"
#include "model.h"
#include "run_prog.h"

#define PROGRAMS_ROUTER 0x1122334455667788ULL
#define PROGRAMS_LEGS   4
/* What stands for an ifindex of the bridge, or segment, of a leg: none that is there. */
#define PROGRAMS_SEGMENT(leg) (1000U + (leg))

struct programs {
	const struct model_world *world; /* borrowed */
	struct express_bpf *skel;        /* owned */
	struct express kernel;           /* as much of it as express_table.c looks at */
	/* A tap for each leg, and one more. A frame that a program sends can be read from it. */
	int taps[PROGRAMS_LEGS + 1];
	uint32_t ifindex[PROGRAMS_LEGS + 1];
	struct ring_buffer *ring;   /* owned */
	struct express_event event; /* the last that was told: programs_told */
	bool told;
};

/* Leaves the calling process in a network namespace of its own. 0 or a negative errno; then there is nothing
 * to close. */
int programs_open(struct programs *p, const struct model_world *w);
void programs_close(struct programs *p);
/* As it was when it was opened. */
void programs_reset(struct programs *p);

/* --- the maps --- */

/* Everybody is heard once more: stations and next hops are as fresh as can be, on the port of their leg. */
void programs_hear_all(struct programs *p);
/* A MAC address, as of `age` stamps ago. */
uint64_t programs_station(const struct programs *p, const uint8_t *mac, unsigned age);
/* The slots of an association as express_fip.c would fill them: the port is the tap of the instance's leg. */
struct float_slot programs_float_slot(const struct programs *p, const struct model_nat *nat);
struct fixed_slot programs_fixed_slot(const struct programs *p, const struct model_nat *nat);
/* What has it; made when there is none. */
struct float_entry *programs_entry(struct programs *p, uint32_t floating);
/* Puts a slot beside the one that counts, from `generation` on. */
void programs_put_float(struct programs *p, uint32_t floating, const struct float_slot *slot,
			uint64_t generation);
void programs_put_fixed(struct programs *p, uint32_t fixed, const struct fixed_slot *slot,
			uint64_t generation);
void programs_begin(struct programs *p, uint64_t generation);
/* Who is heard on a segment, and who is there as a next hop. False: nobody. */
bool programs_neighbour(const struct programs *p, unsigned leg, uint32_t address, struct neighbour *ret);
void programs_put_neighbour(const struct programs *p, unsigned leg, uint32_t address,
			    const struct neighbour *n);
void programs_forget_neighbour(const struct programs *p, unsigned leg, uint32_t address);

/* --- running --- */

/* The verdict of who leaves a packet to others. */
#define PROGRAMS_PASS ((uint32_t)TC_ACT_UNSPEC)

/* A frame at a leg, or on its wire. */
struct programs_packet {
	unsigned leg;
	const uint8_t *frame;
	size_t len;
	uint32_t mark, gso_size, gso_segs;
	bool elsewhere; /* at the tap that belongs to no leg */
	bool made_here; /* it came in by no device */
};

/* Which is an enum express_program, or PROGRAM_XDP. `out` has RUN_PROG_MAX bytes. */
void programs_run(const struct programs *p, int which, const struct programs_packet *in, uint8_t *out,
		  struct run_prog_result *ret);
/* The same where a frame comes in: at the uplink, or at the instance's port. */
void programs_fast(const struct programs *p, const struct programs_packet *in, uint8_t *out,
		   struct run_prog_result *ret);
/* Through the router's namespace: the program of the leg that it comes in by, one hop of the kernel towards
 * the station `to`, the program of the leg that it leaves by. False: it ended on the way, by a verdict, or
 * because the kernel would find a header wrong. */
bool programs_slow(const struct programs *p, const struct programs_packet *in, unsigned leg,
		   const uint8_t *to, uint8_t *out, struct run_prog_result *ret);
/* Whose packets are told of; 0: nobody's. */
void programs_watch(struct programs *p, uint32_t floating);
/* What was told of the last run; NULL: nothing. */
const struct express_event *programs_told(struct programs *p);
/* The next frame that was sent to the tap of a leg. Its length; 0: there is none. */
size_t programs_sent(const struct programs *p, unsigned leg, uint8_t *frame, size_t room);
