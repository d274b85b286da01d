/* A world for the model and the wires that lead into it, as text: what a script that has set one up writes
 *down.
 *
 *	leg NAME MAC ADDRESS/LEN MTU external|inside	a leg of the router
 *	port NAME LEG NETNS DEVICE			the end of a wire there ("-": this namespace)
 *	neighbour ADDRESS MAC PORT			who is behind it
 *	nat FLOATING FIXED
 *	route ADDRESS/LEN VIA LEG
 *	peer ADDRESS					a host outside, that routes lead to
 *	remote ADDRESS					a host inside, behind a route
 *	snat off					the router lets nobody out without a floating IP
 *
 * A name is known from its line on. "#" begins a comment. */
#pragma once
#include <stdio.h>

#include "packets.h"

#define WORLD_PORTS 16
#define WORLD_ROWS  256

struct world_port {
	char name[32], ns[64], dev[32];
	unsigned leg;
};

struct world {
	struct model_world model; /* points to the arrays below */
	struct packets packets;   /* too; seed and max_len are the caller's */
	struct world_port ports[WORLD_PORTS];
	unsigned port_count;
	unsigned neighbour_port[WORLD_ROWS]; /* the ports of model.neighbours */
	char leg_names[WORLD_PORTS][32];
	struct model_leg legs[WORLD_PORTS];
	struct model_nat nats[WORLD_ROWS];
	struct model_route routes[WORLD_ROWS];
	struct model_neighbour neighbours[WORLD_ROWS];
	uint32_t peers[WORLD_ROWS], remotes[WORLD_ROWS];
};

/* Reads until the end of the file. 0; or -1, and a line on standard error. */
int world_read(struct world *w, FILE *file);
/* The neighbour with this MAC address on the leg, NULL when there is none. */
const struct model_neighbour *world_find_mac(const struct world *w, unsigned leg, const uint8_t *mac);
