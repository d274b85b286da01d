/* What is seen at the ports: what the model expects, what it leaves open, and what is different. See
 * differential.h. */
#include <string.h>

#include "compare.h"
#include "differential.h"

/* --- what is expected --- */

static bool same_but_for_l4(const struct sent *s, const uint8_t *frame, size_t len)
{
	static uint8_t copy[ROOM];
	size_t at = ETH + (s->out[ETH] & 15) * 4U + s->exclusion->free_at, n = s->exclusion->free_len;

	if (len < s->out_len || s->out_len < at)
		return false;
	if (n > s->out_len - at)
		n = s->out_len - at;
	memcpy(copy, frame, s->out_len);
	memcpy(copy + at, s->out + at, n);
	return compare_frames(s->out, s->out_len, copy, s->out_len);
}

static bool is_as_expected(const struct sent *s, const uint8_t *frame, size_t len)
{
	if (compare_frames(s->out, s->out_len, frame, len))
		return true;
	return s->exclusion && s->exclusion->effects & L4_IS_FREE && same_but_for_l4(s, frame, len);
}

static bool match_frame(struct run *r, struct batch *b, unsigned port, const uint8_t *frame, size_t len)
{
	for (size_t i = 0; i < b->count; i++) {
		struct sent *s = &b->items[i];

		if (s->seen || !s->out_len || s->out_port != port || !is_as_expected(s, frame, len))
			continue;
		s->seen = true;
		r->compared++;
		return true;
	}
	return false;
}

static bool is_quoted(const uint8_t *ip, const uint8_t *quote, size_t len)
{
	uint8_t a[ETH + 68] = {0}, b[ETH + 68] = {0};

	memcpy(a + ETH, ip, len);
	memcpy(b + ETH, quote, len);
	return compare_frames(a, ETH + len, b, ETH + len);
}

/* Whether an ICMP error is the answer to this frame, and quotes it as it was sent. */
static bool is_answer(const struct sent *s, const uint8_t *ip, size_t len)
{
	const struct model_answer *a = &s->result.answer;
	const uint8_t *icmp = ip + 20, *was = s->out + ETH;
	size_t total = get16(was + 2), quoted = (was[0] & 15) * 4U + 8;

	if (s->result.verdict != MODEL_ROUTER || !a->type || icmp[0] != a->type || icmp[1] != a->code ||
	    (a->mtu && get16(icmp + 6) != a->mtu) || (a->source && get32(ip + 12) != a->source))
		return false;
	if (quoted > total)
		quoted = total;
	return len >= 28 + quoted && is_quoted(was, icmp + 8, quoted) && memcmp(ip + 16, was + 12, 4) == 0 &&
	       model_checksum(ip, 20, 0) == 0 && model_checksum(icmp, get16(ip + 2) - 20U, 0) == 0;
}

static bool match_answer(struct run *r, struct batch *b, const uint8_t *frame, size_t len)
{
	if (!is_ipv4(frame, len) || len < ETH + 28 || frame[ETH] != 0x45 || frame[ETH + 9] != 1 ||
	    get16(frame + ETH + 2) > len - ETH || get16(frame + ETH + 2) < 28)
		return false;
	for (size_t i = 0; i < b->count; i++) {
		struct sent *s = &b->items[i];

		if (s->seen || s->out_len || !is_answer(s, frame + ETH, get16(frame + ETH + 2)))
			continue;
		s->seen = true;
		r->answers++;
		return true;
	}
	return false;
}

/* --- what else may be seen --- */

/* Bridges show every port what is for everybody, or for somebody whom they do not know; padding may be gone.
 */
static bool is_flooded(const struct run *r, const uint8_t *frame, size_t len)
{
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < r->batches[i].count; j++) {
			const struct sent *s = &r->batches[i].items[j];

			if (s->len >= len && memcmp(s->frame, frame, len) == 0)
				return true;
		}
	return false;
}

static bool is_inside_address(const struct run *r, uint32_t address)
{
	for (size_t i = 0; i < r->world.model.leg_count; i++) {
		const struct model_leg *leg = &r->world.legs[i];

		if (!leg->external && (address ^ leg->address) >> (32 - leg->plen) == 0)
			return true;
	}
	return false;
}

static bool is_own_address(const struct run *r, uint32_t address)
{
	for (size_t i = 0; i < r->world.model.leg_count; i++)
		if (r->world.legs[i].address == address)
			return true;
	return false;
}

static bool is_floating_ip_of(const struct run *r, uint32_t fixed, uint32_t floating)
{
	for (size_t i = 0; i < r->world.model.nat_count; i++)
		if (r->world.nats[i].fixed == fixed && r->world.nats[i].floating == floating)
			return true;
	return false;
}

static bool is_icmp_error(const uint8_t *frame)
{
	uint8_t type = frame[ETH + (frame[ETH] & 15) * 4U];

	return frame[ETH + 9] == 1 && !(get16(frame + ETH + 6) & 0x1fff) &&
	       (type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
}

/* What the model does not foretell in full. Nobody gets out with an address that is not his even so: only
 * ICMP errors have the address of whom they are about. */
static bool is_of_open_verdict(const struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	const struct sent *s = find_origin(r, frame, len);
	uint32_t from = get32(frame + ETH + 12);

	if (!s || (s->result.verdict != MODEL_STATEFUL && s->result.verdict != MODEL_OPEN))
		return false;
	if (!r->world.legs[r->world.ports[port].leg].external)
		return true;
	if (s->result.verdict == MODEL_OPEN || is_icmp_error(frame))
		return !is_inside_address(r, from);
	return is_own_address(r, from) || is_floating_ip_of(r, get32(s->out + ETH + 12), from);
}

/* The header of an ICMP error, behind which an IP header is quoted; NULL: the frame is none. */
static const uint8_t *find_icmp_error(const uint8_t *frame, size_t len)
{
	const uint8_t *icmp = frame + ETH + (frame[ETH] & 15) * 4U;

	return frame + len >= icmp + 8 + 20 && is_icmp_error(frame) ? icmp : NULL;
}

/* An ICMP error whose reason is not one that the model foretells, or that is about a packet which the model
 * does not follow to its end. */
static bool is_open_error(const struct run *r, const uint8_t *icmp)
{
	bool foretold = (icmp[0] == 3 && (icmp[1] == 0 || icmp[1] == 4)) || (icmp[0] == 11 && icmp[1] == 0) ||
			icmp[0] == 12;
	uint8_t quote[ETH + 20] = {[12] = 8};
	const struct sent *s;

	if (!foretold)
		return true;
	memcpy(quote + ETH, icmp + 8, 20);
	s = find_origin(r, quote, sizeof(quote));
	return s && s->result.verdict != MODEL_FORWARD && s->result.verdict != MODEL_NOTHING &&
	       !s->waited_for;
}

/* The router speaks for itself. */
static bool is_routers_own(const struct run *r, const uint8_t *frame, size_t len)
{
	const uint8_t *icmp = find_icmp_error(frame, len);

	return icmp ? is_open_error(r, icmp) : is_own_address(r, get32(frame + ETH + 12));
}

static bool is_leg_mac(const struct run *r, const uint8_t *mac)
{
	for (size_t i = 0; i < r->world.model.leg_count; i++)
		if (memcmp(r->world.legs[i].mac, mac, 6) == 0)
			return true;
	return false;
}

/* Every host on a wire says which groups it listens to. */
static bool is_igmp(const uint8_t *frame)
{
	return frame[ETH + 9] == 2 && get32(frame + ETH + 16) >> 8 == 0xe00000;
}

static bool is_tolerated(const struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	if (is_flooded(r, frame, len) || len < ETH + 20 || get16(frame + 12) == 0x86dd)
		return true;
	if (!is_ipv4(frame, len))
		return !is_leg_mac(r, frame + 6);
	return is_igmp(frame) || is_of_open_verdict(r, port, frame, len) || is_routers_own(r, frame, len);
}

/* --- taking what comes --- */

/* Nobody else answers for who the neighbours are. */
static void answer_arp(const struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	uint8_t reply[42];

	if (len < sizeof(reply) || get16(frame + 20) != 1)
		return;
	for (size_t i = 0; i < r->world.model.neighbour_count; i++) {
		const struct model_neighbour *n = &r->world.neighbours[i];

		if (r->world.neighbour_port[i] != port || n->address != get32(frame + 38))
			continue;
		memcpy(reply, frame, sizeof(reply));
		memcpy(reply, frame + 6, 6);
		memcpy(reply + 6, n->mac, 6);
		reply[21] = 2;
		memcpy(reply + 32, frame + 22, 10);
		memcpy(reply + 22, n->mac, 6);
		memcpy(reply + 28, frame + 38, 4);
		wire_send(&r->wires[port], reply, sizeof(reply));
		return;
	}
}

static bool match(struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	return match_frame(r, r->now, port, frame, len) || match_frame(r, r->before, port, frame, len) ||
	       match_answer(r, r->now, frame, len) || match_answer(r, r->before, frame, len) ||
	       is_tolerated(r, port, frame, len);
}

/* Some router cuts datagrams, or puts them together and cuts them anew. */
static bool something_is_cut(const struct run *r)
{
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < r->batches[i].count; j++) {
			const struct sent *s = &r->batches[i].items[j];

			if (s->result.left || (s->path->reassembles && s->fragment))
				return true;
		}
	return false;
}

/* A fragment that is not expected is a part of something that the router has cut, or a difference: true. */
static bool tell_if_not_cut(struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	if (something_is_cut(r))
		return false;
	tell_unexpected(r, port, frame, len);
	return true;
}

void take(struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	static uint8_t whole[ROOM];

	if (len >= ETH && get16(frame + 12) == 0x0806) {
		answer_arp(r, port, frame, len);
		return;
	}
	if (reassembly_is_fragment(frame, len) && !is_flooded(r, frame, len)) {
		if (!r->path->reassembles &&
		    (match(r, port, frame, len) || tell_if_not_cut(r, port, frame, len)))
			return;
		len = reassembly_add(&r->received, port, frame, len, whole);
		frame = whole;
		if (!len)
			return;
	}
	if (!match(r, port, frame, len))
		tell_unexpected(r, port, frame, len);
}
