/* Random frames for a router with floating IPs, well-formed and not, from a seed.
 *
 * Frame i of a seed depends on nothing but both and the world: a failure found among a million is made again
 * alone. Its IP identification is i modulo 32768, which survives translation. Frames come in groups of
 * PACKETS_GROUP: the frames of one group may be the fragments of one datagram, in order and complete, for
 * paths that put fragments together; these have 32768 and the
 * group's number as identification.
 *
 * Who talks with whom is chosen so that no flow of the one kind is the answer to a flow of the other: a data
 * path that keeps connections (conntrack) would rightly see an answer, where a stateless one sees two flows.
 * Ports are few, so that flows repeat and connection tables stay small. */
#pragma once
#include "model.h"

#define PACKETS_GROUP 4

/* Pure; any thread. */
struct packets {
	const struct model_world *world; /* borrowed. Needs a floating IP and a neighbour on each leg */
	const uint32_t *peers;           /* borrowed; hosts outside whom the router can reach */
	size_t peer_count;
	const uint32_t *remotes; /* borrowed; hosts behind the inside legs' routes, may be none */
	size_t remote_count;
	uint64_t seed;
	size_t max_len; /* of a frame, 100 to MODEL_FRAME_MAX; no packet is larger than its wire's MTU */
};

/* Makes frame i, in at most max_len bytes. Returns its length, at least 14; `ret_leg`: on whose wire it
 * starts. */
size_t packets_make(const struct packets *p, uint64_t i, unsigned *ret_leg, uint8_t *frame);
