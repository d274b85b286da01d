/* The parts of the comparison of a real router with the model. See differential.c.
 * One thread. Frames are compared at the ports of a struct world. */
#pragma once
#include "exclusions.h"
#include "reassembly.h"
#include "wire.h"
#include "worldfile.h"

enum { ETH = 14, BATCH = 64, ROOM = MODEL_FRAME_MAX + 64 };

/* A frame that was sent, and what is to be seen of it. */
struct sent {
	uint64_t index;
	unsigned port;
	size_t len;
	uint8_t *frame; /* owned */
	struct model_result result;
	const struct data_path *path; /* that it takes */
	const struct exclusion *exclusion;
	unsigned out_port;
	size_t out_len; /* 0: nothing is expected as a frame of its own: it is a part of another, or not
			   forwarded */
	uint8_t *out;   /* owned */
	bool fragment;  /* what was sent is one */
	bool waited_for, seen;
};

struct batch {
	struct sent items[BATCH];
	size_t count;
};

struct run {
	struct world world;
	const struct data_path *path;
	uint64_t seed;
	struct wire wires[WORLD_PORTS];
	struct batch batches[2]; /* this one, and the last, of which something may come late */
	struct batch *now, *before;
	struct reassembly expected, received;
	uint64_t compared, excluded, answers, stateful, nothing;
	unsigned differences;
};

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static inline bool is_ipv4(const uint8_t *frame, size_t len)
{
	return len >= ETH + 20 && get16(frame + 12) == 0x0800;
}

/* differential_expect.c: asks the model, and fills in what is to be seen of a frame. */
void expect(struct run *r, struct sent *s);
/* The port behind which this station is. */
unsigned port_of(const struct run *r, unsigned leg, const uint8_t *mac);

/* differential_seen.c: takes a frame that came in at a port: as expected, as allowed, or a difference. */
void take(struct run *r, unsigned port, const uint8_t *frame, size_t len);

/* differential_tell.c: prints a difference and counts it. */
void tell_missing(struct run *r, const struct sent *s);
void tell_unexpected(struct run *r, unsigned port, const uint8_t *frame, size_t len);
/* Which frame of the two batches this has come from: one with its identification and protocol. May be NULL.
 */
const struct sent *find_origin(const struct run *r, const uint8_t *frame, size_t len);
