/* What is to be seen of a frame that is sent. See differential.h. */
#include <stdlib.h>
#include <string.h>

#include "differential.h"

unsigned port_of(const struct run *r, unsigned leg, const uint8_t *mac)
{
	const struct model_neighbour *n = world_find_mac(&r->world, leg, mac);

	return n ? r->world.neighbour_port[n - r->world.neighbours] : 0;
}

/* A path that puts fragments together delivers a datagram when it has the last one. */
static void expect_datagram(struct run *r, struct sent *s)
{
	static uint8_t whole[ROOM];
	size_t len;

	if (!s->path->reassembles || !s->fragment)
		return;
	len = reassembly_add(&r->expected, s->out_port, s->out, s->out_len, whole);
	s->out_len = len;
	if (len) {
		free(s->out);
		s->out = malloc(len);
		memcpy(s->out, whole, len);
	}
}

/* Only a neighbour, or who is behind one, can be sure to hear of it. */
static bool answer_is_for_neighbour(const struct run *r, const struct sent *s)
{
	uint32_t from = get32(s->out + ETH + 12);
	unsigned leg = r->world.ports[s->port].leg;

	for (size_t i = 0; i < r->world.model.neighbour_count; i++)
		if (r->world.neighbours[i].address == from)
			return r->world.neighbours[i].leg == leg;
	for (size_t i = 0; i < r->world.packets.peer_count; i++)
		if (r->world.peers[i] == from)
			return r->world.legs[leg].external;
	return false;
}

static bool answer_is_sure(const struct run *r, const struct sent *s)
{
	const uint8_t *ip = s->out + ETH;

	return s->result.answer.type && answer_is_for_neighbour(r, s) &&
	       !(s->path->reassembles && s->fragment) &&
	       !data_path_exclusion(s->path, ANSWER_IS_OPEN, ip, get16(ip + 2));
}

static bool is_odd(uint32_t address)
{
	return address >> 24 == 0 || address >> 24 == 127 || address >> 29 == 7;
}

/* The programs leave to the kernel's rules what is tagged, is not translated, or goes to an odd address. */
static const struct data_path *path_of(const struct run *r, const struct sent *s)
{
	const uint8_t *was = s->frame + ETH, *is = s->out + ETH;

	if (get16(s->frame + 12) == 0x8100)
		return r->path->others;
	if (s->result.verdict != MODEL_FORWARD)
		return s->result.answer.source ? r->path : r->path->others;
	return memcmp(was + 12, is + 12, 8) == 0 || is_odd(get32(was + 16)) ? r->path->others : r->path;
}

void expect(struct run *r, struct sent *s)
{
	s->out = malloc(s->len + 4);
	s->result = model_translate(&r->world.model, r->world.ports[s->port].leg, s->frame, s->len, s->out);
	s->path = path_of(r, s);
	s->fragment = reassembly_is_fragment(s->out, s->len);
	switch (s->result.verdict) {
	case MODEL_FORWARD:
		s->out_len = s->result.len;
		s->out_port = port_of(r, s->result.leg, s->out);
		expect_datagram(r, s);
		if (s->out_len)
			s->exclusion = data_path_exclusion(s->path, MAY_BE_MISSING | L4_IS_FREE, s->out + ETH,
							   s->out_len - ETH);
		s->waited_for = s->out_len && !(s->exclusion && s->exclusion->effects & MAY_BE_MISSING);
		break;
	case MODEL_ROUTER:
		s->waited_for = answer_is_sure(r, s);
		break;
	case MODEL_NOTHING:
	case MODEL_STATEFUL:
	case MODEL_OPEN:
		break;
	}
}
