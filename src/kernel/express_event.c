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

static int take(void *arg, void *data, size_t size)
{
	struct express *x = arg;
	const struct express_event *e = data;

	if (size != sizeof(*e))
		return 0; /* of another build's programs, before these took over */
	if (e->dry) {
		x->trial = *e;
		x->trial_told = true;
	} else if (x->seen_count < EXPRESS_SEEN) {
		x->seen[x->seen_count++] = *e;
	} else {
		x->missed++;
	}
	return 0;
}

int express_open_events(struct express *x, struct err *err)
{
	x->ring = ring_buffer__new(x->maps[MAP_EVENTS], take, x, NULL);
	if (!x->ring)
		return err_set(err, -errno, "the express events: %m");
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

static struct probe_seen seen_of(struct kernel_linux *k, const struct express_event *e, int64_t ahead_us)
{
	struct probe_seen s = {
		.time_us = (int64_t)(e->time_ns / 1000) + ahead_us,
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

size_t express_seen(struct kernel_linux *k, struct probe_seen *ret, size_t max)
{
	int64_t ahead_us = clock_now_us() - clock_mono_us();
	struct express *x = k->express;
	size_t n = 0;

	if (!x)
		return 0;
	express_read_events(x);
	for (; n < MIN(x->seen_count, max); n++)
		ret[n] = seen_of(k, &x->seen[n], ahead_us);
	/* What was left out now comes after these. */
	if (n) {
		ret[0].missed = x->missed;
		x->missed = 0;
	}
	x->missed += x->seen_count - n;
	x->seen_count = 0;
	return n;
}
