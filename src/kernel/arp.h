/* ARP as we send it: announcements and probes, and what is to be sent a second time.
 * arp.c sends, arp_guard.c has the timer. */
#pragma once
#include "kernel/internal.h"

enum arp_what {
	ARP_ANNOUNCEMENT, /* RFC 5227, 2.3: sender and target are the address */
	ARP_PROBE,        /* RFC 5227, 2.1.1: the sender is nobody yet */
};

/* Sends one frame per address out of a device without waiting; what the queue of the device does not take
 * is lost. Addresses in network order. */
int arp_send(struct netns *ns, sym dev, enum arp_what what, const uint32_t *addrs, size_t count,
	     struct err *err);

/* Sends `times` frames, a second apart, from the timer that guard_read serves: the first with the next tick.
 * Never blocks; when far too much waits already, it is dropped. */
void guard_queue_arp(struct guard *g, sym ns, sym dev, enum arp_what what, uint32_t addr, unsigned times,
		     bool later);
/* The address has left the device: what waits of its announcement is not sent. */
void guard_forget_arp(struct guard *g, sym ns, sym dev, uint32_t addr);
