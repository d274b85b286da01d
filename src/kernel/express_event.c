/* What the express data path's programs tell: events from the ring buffer.
 * Of trials (express_probe.c), and of the packets of floating IPs that somebody watches. Nobody is woken up
 * by an event: whoever watches looks from time to time, and what had no room in between is missed. */
#include <arpa/inet.h>
#include <assert.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kernel/express.h"
#include "kernel/probe_frame.h"

static_assert(EXPRESS_WATCHES == PROBE_WATCHES, "as many as the API lets in");
static_assert((int)EXPRESS_IN == (int)PROBE_IN && (int)EXPRESS_OUT == (int)PROBE_OUT, "one order");

/* xorshift; as good as a sample needs. */
static uint64_t roll(struct express *x, uint64_t sides)
{
	x->dice ^= x->dice << 13;
	x->dice ^= x->dice >> 7;
	x->dice ^= x->dice << 17;
	return x->dice % sides;
}

/* Each of those that came has the same chance to be among those that are kept. */
static void keep(struct express *x, const struct express_event *e)
{
	uint64_t at = x->seen_total < EXPRESS_SEEN ? x->seen_total : roll(x, x->seen_total + 1);

	if (at < EXPRESS_SEEN)
		x->seen[at] = (struct express_seen){x->seen_total, *e};
	x->seen_total++;
}

static int take(void *arg, void *data, size_t size)
{
	struct express *x = arg;
	const struct express_event *e = data;

	if (size != sizeof(*e))
		return 0; /* of another build's programs, before these took over */
	if (e->dry) {
		x->trial = *e;
		x->trial_told = true;
	} else {
		keep(x, e);
	}
	return 0;
}

int express_open_events(struct express *x, struct err *err)
{
	x->ring = ring_buffer__new(x->maps[MAP_EVENTS], take, x, NULL);
	if (!x->ring)
		return err_set(err, -errno, "the express events: %m");
	x->dice = (uint64_t)clock_mono_us() | 1;
	x->state->watching = 0; /* by one that ended while it watched */
	return 0;
}

void express_read_events(struct express *x)
{
	if (x->ring)
		ring_buffer__consume(x->ring);
}

/* --- watching --- */

int express_watch(struct kernel_linux *k, const struct ip *floating_ips, size_t count, struct err *err)
{
	struct express_state *st = k->express ? k->express->state : NULL;

	if (!st || !k->express->ring)
		return err_set(err, -EOPNOTSUPP, "the express data path is not there");
	for (size_t i = 0; i < EXPRESS_WATCHES; i++)
		__atomic_store_n(&st->watch[i], i < count ? htonl(ip_to_v4(&floating_ips[i])) : 0,
				 __ATOMIC_RELAXED);
	__atomic_store_n(&st->watching, (uint32_t)MIN(count, (size_t)EXPRESS_WATCHES), __ATOMIC_RELEASE);
	return 0;
}

static void name_device(struct kernel_linux *k, uint32_t ifindex, char to[PROBE_DEVICE])
{
	struct link_row row;

	if (ifindex && link_row_at(k->nss.host, (int)ifindex, &row, NULL) == 0)
		snprintf(to, PROBE_DEVICE, "%s", row.info.name);
}

/* Programs at a router's leg see its namespace's numbers. */
static bool is_at_leg(const struct express_event *e)
{
	return e->program >= PROGRAM_OUTER_IN && e->program < PROGRAMS;
}

/* `ahead_ns`: how far the wall clock is before that of the programs. */
static struct probe_seen seen_of(struct kernel_linux *k, const struct express_event *e, int64_t ahead_ns)
{
	struct probe_seen s = {
		.time_us = ((int64_t)e->time_ns + ahead_ns) / 1000,
		.floating_ip = ip_from_v4(ntohl(e->floating.addr)),
		.generation = e->generation,
		.direction = e->direction,
		.verdict = e->verdict,
		.reason = e->reason,
	};

	s.whole = probe_frame_read(e->was, MIN(e->length, (uint32_t)EXPRESS_SNAP), &s.frame);
	if (e->via)
		s.via = ip_from_v4(ntohl(e->via));
	if (!is_at_leg(e))
		name_device(k, e->ifindex, s.at);
	if (e->verdict == VERDICT_FORWARD)
		name_device(k, e->port, s.to);
	return s;
}

static int by_order(const void *a, const void *b)
{
	const struct express_seen *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

/* Brings a random choice of those that are kept to the front, in their order. */
static size_t choose(struct express *x, size_t max)
{
	size_t count = MIN(x->seen_total, (uint64_t)EXPRESS_SEEN), n = MIN(count, max);

	for (size_t i = 0; i < n && n < count; i++) {
		size_t other = i + roll(x, count - i);
		struct express_seen swap = x->seen[i];

		x->seen[i] = x->seen[other];
		x->seen[other] = swap;
	}
	if (n > 1)
		qsort(x->seen, n, sizeof(x->seen[0]), by_order);
	return n;
}

size_t express_take_seen(struct kernel_linux *k, struct probe_seen *ret, size_t max)
{
	struct express *x = k->express;
	int64_t ahead_ns = (clock_now_us() - clock_mono_us()) * 1000;
	size_t n;

	if (!x)
		return 0;
	ahead_ns += x->clock_ns;
	express_read_events(x);
	n = choose(x, max);
	for (size_t i = 0; i < n; i++)
		ret[i] = seen_of(k, &x->seen[i].event, ahead_ns);
	x->missed += x->seen_total - n;
	x->seen_total = 0;
	if (n) {
		ret[n - 1].missed = x->missed;
		x->missed = 0;
	}
	return n;
}
