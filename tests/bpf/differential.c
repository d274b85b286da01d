/* Sends random packets through a real router, and compares what comes out with what the model says.
 *
 *	differential --world FILE --path nft|bpf [--seed S] [--from I] [--count N] [--only I] [--max-len N]
 *
 * Batches go in lockstep: a batch is sent, then everything that the model expects is waited for, and what
 *else came is looked at. An identification would not survive every packet here, so a batch is compared as a
 *set. Exits with 1 after the first few differences, each with the line that makes it again.
 *
 * packets.c makes the packets, model.c says what becomes of them, exclusions.c what a data path need not do.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare.h"
#include "exclusions.h"
#include "reassembly.h"
#include "wire.h"
#include "worldfile.h"

enum { ETH = 14, BATCH = 64, ROOM = MODEL_FRAME_MAX + 64, DEADLINE_MS = 1000, DIFFERENCES_MAX = 5 };

/* A frame that was sent, and what is to be seen of it. */
struct sent {
	uint64_t index;
	unsigned port;
	size_t len;
	uint8_t *frame; /* owned */
	struct model_result result;
	const struct exclusion *exclusion;
	unsigned out_port;
	size_t out_len; /* 0: nothing is expected as a frame of its own: it is a part of another, or not
			   forwarded */
	uint8_t *out;   /* owned */
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

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static bool is_ipv4(const uint8_t *frame, size_t len)
{
	return len >= ETH + 20 && get16(frame + 12) == 0x0800;
}

static bool is_leg_mac(const struct run *r, const uint8_t *mac)
{
	for (size_t i = 0; i < r->world.model.leg_count; i++)
		if (memcmp(r->world.legs[i].mac, mac, 6) == 0)
			return true;
	return false;
}

/* --- telling --- */

static void tell_how_again(const struct run *r, uint64_t index)
{
	printf("again: --path %s --seed %" PRIu64 " --only %" PRIu64 "\n", r->path->name, r->seed, index);
}

static void tell_missing(struct run *r, const struct sent *s)
{
	r->differences++;
	printf("\nframe %" PRIu64 ": %s\n", s->index, s->out_len ? "not seen" : "no ICMP error came back");
	compare_dump(stdout, "sent", s->frame, s->len, NULL, 0);
	if (s->out_len)
		compare_dump(stdout, "expected", s->out, s->out_len, s->frame, s->len);
	printf("at %s; the model: %s\n", r->world.ports[s->out_len ? s->out_port : s->port].name,
	       s->result.why);
	tell_how_again(r, s->index);
}

/* Which frame this has come from: one with its identification, and the same protocol. */
static const struct sent *find_origin(const struct batch *b, const uint8_t *frame, size_t len)
{
	for (size_t i = 0; is_ipv4(frame, len) && i < b->count; i++) {
		const struct sent *s = &b->items[i];

		if (is_ipv4(s->out, s->len) && get16(s->out + ETH + 4) == get16(frame + ETH + 4) &&
		    s->out[ETH + 9] == frame[ETH + 9])
			return s;
	}
	return NULL;
}

static void tell_unexpected(struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	const struct sent *s = find_origin(r->now, frame, len);

	if (!s)
		s = find_origin(r->before, frame, len);
	r->differences++;
	printf("\nunexpected at %s\n", r->world.ports[port].name);
	compare_dump(stdout, "seen", frame, len, s ? s->out : NULL, s ? s->out_len : 0);
	if (!s)
		return;
	compare_dump(stdout, "sent", s->frame, s->len, NULL, 0);
	printf("frame %" PRIu64 "; the model: %s\n", s->index, s->result.why);
	tell_how_again(r, s->index);
}

/* --- what is expected --- */

static unsigned port_of(const struct run *r, unsigned leg, const uint8_t *mac)
{
	const struct model_neighbour *n = world_find_mac(&r->world, leg, mac);

	return n ? r->world.neighbour_port[n - r->world.neighbours] : 0;
}

/* A path that puts fragments together delivers a datagram when it has the last one. */
static void expect_datagram(struct run *r, struct sent *s)
{
	static uint8_t whole[ROOM];
	size_t len;

	if (!r->path->reassembles || !reassembly_is_fragment(s->out, s->out_len))
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
	       !(r->path->reassembles && reassembly_is_fragment(s->out, s->len)) &&
	       !data_path_exclusion(r->path, ANSWER_IS_OPEN, ip, get16(ip + 2));
}

static void expect(struct run *r, struct sent *s)
{
	s->out = malloc(s->len + 4);
	s->result = model_translate(&r->world.model, r->world.ports[s->port].leg, s->frame, s->len, s->out);
	switch (s->result.verdict) {
	case MODEL_FORWARD:
		s->out_len = s->result.len;
		s->out_port = port_of(r, s->result.leg, s->out);
		expect_datagram(r, s);
		if (s->out_len)
			s->exclusion = data_path_exclusion(r->path, MAY_BE_MISSING | L4_IS_FREE, s->out + ETH,
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

/* --- what is seen --- */

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

/* What the model does not foretell in full; a private source must not get out even so. */
static bool is_of_open_verdict(const struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	const struct sent *s = find_origin(r->now, frame, len);

	if (!s)
		s = find_origin(r->before, frame, len);
	if (!s || (s->result.verdict != MODEL_STATEFUL && s->result.verdict != MODEL_OPEN))
		return false;
	return !r->world.legs[r->world.ports[port].leg].external ||
	       !is_inside_address(r, get32(frame + ETH + 12));
}

/* The header of an ICMP error, behind which an IP header is quoted; NULL: the frame is none. */
static const uint8_t *find_icmp_error(const uint8_t *frame, size_t len)
{
	const uint8_t *icmp = frame + ETH + (frame[ETH] & 15) * 4U;

	if (frame[ETH + 9] != 1 || frame + len < icmp + 8 + 20 ||
	    (icmp[0] != 3 && icmp[0] != 11 && icmp[0] != 12))
		return NULL;
	return icmp;
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
	s = find_origin(r->now, quote, sizeof(quote));
	if (!s)
		s = find_origin(r->before, quote, sizeof(quote));
	return s && s->result.verdict != MODEL_FORWARD && s->result.verdict != MODEL_NOTHING &&
	       !s->waited_for;
}

/* The router speaks for itself. */
static bool is_routers_own(const struct run *r, const uint8_t *frame, size_t len)
{
	const uint8_t *icmp = find_icmp_error(frame, len);

	return icmp ? is_open_error(r, icmp) : is_own_address(r, get32(frame + ETH + 12));
}

static bool is_tolerated(const struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	if (is_flooded(r, frame, len) || len < ETH + 20 || get16(frame + 12) == 0x86dd)
		return true;
	if (!is_ipv4(frame, len))
		return !is_leg_mac(r, frame + 6);
	return is_of_open_verdict(r, port, frame, len) || is_routers_own(r, frame, len);
}

/* --- receiving --- */

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

static bool something_was_cut(const struct run *r)
{
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < r->batches[i].count; j++)
			if (r->batches[i].items[j].result.left)
				return true;
	return false;
}

static void take(struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	static uint8_t whole[ROOM];

	if (len >= ETH && get16(frame + 12) == 0x0806) {
		answer_arp(r, port, frame, len);
		return;
	}
	if (reassembly_is_fragment(frame, len) && !is_flooded(r, frame, len)) {
		if (!r->path->reassembles && (match(r, port, frame, len) || !something_was_cut(r)))
			return;
		len = reassembly_add(&r->received, port, frame, len, whole);
		frame = whole;
		if (!len)
			return;
	}
	if (!match(r, port, frame, len))
		tell_unexpected(r, port, frame, len);
}

static void receive_all(struct run *r)
{
	static uint8_t frame[ROOM];
	bool more = true;

	while (more) {
		more = false;
		for (unsigned i = 0; i < r->world.port_count; i++) {
			ssize_t n = wire_receive(&r->wires[i], frame, sizeof(frame));

			if (n > 0) {
				take(r, i, frame, (size_t)n);
				more = true;
			}
		}
	}
}

static bool all_seen(const struct batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->items[i].waited_for && !b->items[i].seen)
			return false;
	return true;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void wait_for_batch(struct run *r)
{
	struct pollfd fds[WORLD_PORTS];
	int64_t end = now_ms() + DEADLINE_MS;

	for (unsigned i = 0; i < r->world.port_count; i++)
		fds[i] = (struct pollfd){.fd = r->wires[i].fd, .events = POLLIN};
	receive_all(r);
	while (!all_seen(r->now) && now_ms() < end) {
		poll(fds, r->world.port_count, 10);
		receive_all(r);
	}
}

/* --- batches --- */

static void clear(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		free(b->items[i].frame);
		free(b->items[i].out);
	}
	b->count = 0;
}

static void send_one(struct run *r, uint64_t index)
{
	struct sent *s = &r->now->items[r->now->count++];
	unsigned leg;
	int error;

	*s = (struct sent){.index = index, .frame = malloc(MODEL_FRAME_MAX)};
	s->len = packets_make(&r->world.packets, index, &leg, s->frame);
	s->port = port_of(r, leg, s->frame + 6);
	expect(r, s);
	error = wire_send(&r->wires[s->port], s->frame, s->len);
	if (error < 0) {
		fprintf(stderr, "frame %" PRIu64 " of %zu bytes into %s: %s\n", index, s->len,
			r->world.ports[s->port].name, strerror(-error));
		exit(2);
	}
}

static void end_batch(struct run *r)
{
	struct batch *old = r->before;

	wait_for_batch(r);
	for (size_t i = 0; i < r->now->count; i++) {
		const struct sent *s = &r->now->items[i];

		if (s->waited_for && !s->seen)
			tell_missing(r, s);
		r->excluded += !s->waited_for && s->exclusion && !s->seen;
		r->stateful += s->result.verdict == MODEL_STATEFUL;
		r->nothing += s->result.verdict == MODEL_NOTHING;
	}
	for (unsigned i = 0; i < r->world.port_count; i++)
		if (wire_lost(&r->wires[i])) {
			fprintf(stderr, "%s: too much came at once\n", r->world.ports[i].name);
			exit(2);
		}
	reassembly_age(&r->expected, 2);
	reassembly_age(&r->received, 3);
	clear(old);
	r->before = r->now;
	r->now = old;
}

static void run_all(struct run *r, uint64_t from, uint64_t count)
{
	for (uint64_t i = from; i < from + count && r->differences < DIFFERENCES_MAX;) {
		for (unsigned n = 0; n < BATCH && i < from + count; n++)
			send_one(r, i++);
		end_batch(r);
	}
	/* An empty batch, for what comes late. */
	poll(NULL, 0, 100);
	end_batch(r);
}

/* --- the command line --- */

struct options {
	const char *world, *path;
	uint64_t seed, from, count, max_len;
};

static void usage(void)
{
	fputs("differential --world FILE --path nft|bpf [--seed S] [--from I] [--count N] [--only I] "
	      "[--max-len N]\n",
	      stderr);
	exit(2);
}

static struct options read_options(int argc, char **argv)
{
	static const struct option list[] = {
		{"world", 1, NULL, 'w'},   {"path", 1, NULL, 'p'},
		{"seed", 1, NULL, 's'},    {"from", 1, NULL, 'f'},
		{"count", 1, NULL, 'c'},   {"only", 1, NULL, 'o'},
		{"max-len", 1, NULL, 'l'}, {0},
	};
	struct options o = {.seed = 1, .count = 20000, .max_len = MODEL_FRAME_MAX};
	int c;

	while ((c = getopt_long(argc, argv, "", list, NULL)) != -1) {
		uint64_t number = optarg ? strtoull(optarg, NULL, 0) : 0;

		switch (c) {
		case 'w':
			o.world = optarg;
			break;
		case 'p':
			o.path = optarg;
			break;
		case 's':
			o.seed = number;
			break;
		case 'f': /* whole groups: the fragments of a datagram are sent together */
			o.from = number - number % PACKETS_GROUP;
			break;
		case 'c':
			o.count = number;
			break;
		case 'o':
			o.from = number - number % PACKETS_GROUP;
			o.count = PACKETS_GROUP;
			break;
		case 'l':
			o.max_len = number;
			break;
		default:
			usage();
		}
	}
	if (!o.world || !o.path || o.max_len < 100 || o.max_len > MODEL_FRAME_MAX)
		usage();
	return o;
}

static void open_world(struct run *r, const char *name)
{
	FILE *file = strcmp(name, "-") ? fopen(name, "r") : stdin;

	if (!file || world_read(&r->world, file) < 0) {
		fprintf(stderr, "%s: not a world\n", name);
		exit(2);
	}
	if (file != stdin)
		fclose(file);
	for (unsigned i = 0; i < r->world.port_count; i++) {
		const struct world_port *p = &r->world.ports[i];
		int error = wire_open(p->ns, p->dev, &r->wires[i]);

		if (error < 0) {
			fprintf(stderr, "%s in %s: %s\n", p->dev, p->ns, strerror(-error));
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct options o = read_options(argc, argv);
	static struct run r;

	r.path = data_path_find(o.path);
	if (!r.path)
		usage();
	r.now = &r.batches[0];
	r.before = &r.batches[1];
	r.seed = o.seed;
	open_world(&r, o.world);
	r.world.packets.seed = o.seed;
	r.world.packets.max_len = o.max_len;
	run_all(&r, o.from, o.count);
	printf("%s: seed %" PRIu64 ": %" PRIu64 " frames as the model says, %" PRIu64 " answers, %" PRIu64
	       " to nobody, %" PRIu64 " stateful, %" PRIu64 " excluded, %u differences\n",
	       r.path->name, o.seed, r.compared, r.answers, r.nothing, r.stateful, r.excluded, r.differences);
	return r.differences ? 1 : 0;
}
