/* What one run of a BPF program costs. A part of traffic.c. */
#pragma once
#include "bpf/traffic.h"

struct traffic_bpf;

/* Prints the mean nanoseconds that the program with this id (XDP, or of a tc filter) takes for this frame,
 * which has come in at DEVICE; what an empty program takes in the same way is taken off. */
void cost_print(const struct traffic_bpf *skel, unsigned id, const char *device,
		const __u64 frame[TRAFFIC_WORDS]);
