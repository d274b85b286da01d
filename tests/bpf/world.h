/* A small world for tests of the model and of what is compared with it: one router, one external leg, two
 * inside. The addresses are those of tests/net/world.py. */
#pragma once
#include "model.h"

#define ADDR(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

enum { QG, QA, QB };

static const struct model_leg world_legs[] = {
	[QG] = {{2, 0, 0, 0, 0, 1}, ADDR(10, 10, 10, 5), 24, 1500, true},
	[QA] = {{2, 0, 0, 0, 0, 2}, ADDR(172, 16, 100, 1), 24, 1500, false},
	[QB] = {{2, 0, 0, 0, 0, 3}, ADDR(172, 16, 101, 1), 24, 1400, false},
};
static const struct model_nat world_nats[] = {
	{ADDR(10, 10, 10, 3), ADDR(172, 16, 101, 3)},
	{ADDR(10, 10, 10, 4), ADDR(172, 16, 100, 3)},
	/* An address on loan, further away than the leg's own network. */
	{ADDR(203, 0, 113, 7), ADDR(172, 16, 101, 4)},
};
static const struct model_route world_routes[] = {
	{0, ADDR(10, 10, 10, 1), 0, QG},
	{ADDR(192, 0, 2, 0), ADDR(172, 16, 100, 9), 24, QA},
};
static const struct model_neighbour world_neighbours[] = {
	{ADDR(10, 10, 10, 1), QG, {2, 0, 0, 0, 0, 10}},   {ADDR(172, 16, 100, 3), QA, {2, 0, 0, 0, 0, 11}},
	{ADDR(172, 16, 101, 3), QB, {2, 0, 0, 0, 0, 12}}, {ADDR(172, 16, 100, 9), QA, {2, 0, 0, 0, 0, 13}},
	{ADDR(172, 16, 100, 4), QA, {2, 0, 0, 0, 0, 14}}, {ADDR(172, 16, 101, 4), QB, {2, 0, 0, 0, 0, 15}},
};

#define WORLD_ARRAY(member, array) .member##s = (array), .member##_count = sizeof(array) / sizeof((array)[0])
static const struct model_world world = {
	WORLD_ARRAY(leg, world_legs),
	WORLD_ARRAY(nat, world_nats),
	WORLD_ARRAY(route, world_routes),
	WORLD_ARRAY(neighbour, world_neighbours),
	.snat = true,
};
