/* What one run of a BPF program costs. A part of traffic.c. */
#pragma once
#include "bpf/traffic.h"

struct traffic_bpf;

/* Prints the mean nanoseconds of the program that DEVICE has for what comes in, at "xdp" or "tc", for this
 * frame; what an empty program takes in the same way is taken off. Ends the program when there is none. */
void cost_print(const struct traffic_bpf *skel, const char *device, const char *hook,
		const __u64 frame[TRAFFIC_WORDS]);
