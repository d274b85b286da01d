/* What the express data path's programs tell: events from the ring buffer.
 * Of trials (express_probe.c), and of the packets of floating IPs that somebody watches. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "kernel/express.h"

static int take(void *arg, void *data, size_t size)
{
	struct express *x = arg;
	const struct express_event *e = data;

	if (size != sizeof(*e))
		return 0; /* of another build's programs, before these took over */
	if (e->dry) {
		x->trial = *e;
		x->trial_told = true;
	}
	return 0;
}

int express_open_events(struct express *x, struct err *err)
{
	x->ring = ring_buffer__new(x->maps[MAP_EVENTS], take, x, NULL);
	return x->ring ? 0 : err_set(err, -errno, "the express events: %m");
}

void express_read_events(struct express *x)
{
	if (x->ring)
		ring_buffer__consume(x->ring);
}
