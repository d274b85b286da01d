/* Made-up frames: Ethernet, IPv4 without options, and the headers of the usual protocols with right
 * checksums. Under express_probe.c. Pure. */
#pragma once
#include "model/probe.h"

#define PROBE_FRAME_MAX (14 + PROBE_LENGTH_MAX)

/* A frame of `f`, whose length probe_check has found possible. Returns its size in bytes; the rest of the
 * packet is zeros. TCP is a SYN, ICMP an echo request. */
size_t probe_frame_make(const struct probe_frame *f, uint8_t to[PROBE_FRAME_MAX]);
/* False when it is no IPv4 packet without options. */
bool probe_frame_read(const uint8_t *frame, size_t size, struct probe_frame *ret);
/* One hop: what a kernel does to a packet that it forwards, at Layer 3. */
void probe_frame_hop(uint8_t *frame, size_t size);
