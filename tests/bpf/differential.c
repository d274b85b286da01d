/* Sends random packets through a real router, and compares what comes out with what the model says.
 *
 *	differential --world FILE --path nft|bpf [--seed S] [--from I] [--count N] [--only I] [--max-len N]
 *[--most N]
 *
 * Batches go in lockstep: a batch is sent, then everything that the model expects is waited for, and what
 *else came is looked at. An identification would not survive every packet here, so a batch is compared as a
 *set. Exits with 1 after the first --most differences, each with the line that makes it again.
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

#include "differential.h"

enum { DEADLINE_MS = 1000 };

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

static void run_all(struct run *r, uint64_t from, uint64_t count, unsigned most)
{
	for (uint64_t i = from; i < from + count && r->differences < most;) {
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
	uint64_t seed, from, count, max_len, most;
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
		{"world", 1, NULL, 'w'},   {"path", 1, NULL, 'p'},  {"seed", 1, NULL, 's'},
		{"from", 1, NULL, 'f'},    {"count", 1, NULL, 'c'}, {"only", 1, NULL, 'o'},
		{"max-len", 1, NULL, 'l'}, {"most", 1, NULL, 'm'},  {0},
	};
	struct options o = {.most = 5, .seed = 1, .count = 20000, .max_len = MODEL_FRAME_MAX};
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
		case 'm':
			o.most = number;
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
	run_all(&r, o.from, o.count, (unsigned)o.most);
	printf("%s: seed %" PRIu64 ": %" PRIu64 " frames as the model says, %" PRIu64 " answers, %" PRIu64
	       " to nobody, %" PRIu64 " stateful, %" PRIu64 " excluded, %u differences\n",
	       r.path->name, o.seed, r.compared, r.answers, r.nothing, r.stateful, r.excluded, r.differences);
	return r.differences ? 1 : 0;
}
