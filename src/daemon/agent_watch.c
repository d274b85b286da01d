/* Leases of watches, and looking at what the kernel has seen. See agent_watch.h. */
#include "daemon/agent_watch.h"

static struct watch_lease *find(struct agent_watch *w, const struct uuid *floatingip)
{
	for (size_t i = 0; i < w->count; i++)
		if (uuid_eq(&w->leases[i].floatingip, floatingip))
			return &w->leases[i];
	return NULL;
}

/* Tells the kernel; where it can not, nobody watches. */
static void tell_kernel(struct agent_watch *w, struct agent *a)
{
	struct ip list[PROBE_WATCHES];

	for (size_t i = 0; i < w->count; i++)
		list[i] = w->leases[i].addr;
	if (a->kernel->ops->watch(a->kernel, list, w->count, NULL) < 0)
		w->count = 0;
}

void agent_watch_renew(struct agent_watch *w, struct agent *a, const struct probe_watch *asked,
		       int64_t now_us)
{
	const struct floatingip *fip = snap_get(a->follow.snap, KIND_FLOATINGIP, &asked->floatingip);
	struct watch_lease *lease = find(w, &asked->floatingip);

	if (!lease && fip && ip_is_v4(&fip->floating_ip_address) && w->count < PROBE_WATCHES) {
		if (!w->count)
			w->next_us = now_us + AGENT_WATCH_PAUSE_US;
		lease = &w->leases[w->count++];
		*lease = (struct watch_lease){.floatingip = asked->floatingip,
					      .addr = fip->floating_ip_address};
		tell_kernel(w, a);
	}
	if (lease)
		lease->until_us = now_us + PROBE_LEASE_US;
}

int64_t agent_watch_next(const struct agent_watch *w)
{
	return w->count ? w->next_us : INT64_MAX;
}

size_t agent_watch_look(struct agent_watch *w, struct agent *a, int64_t now_us, struct probe_seen *ret)
{
	size_t n, kept = 0, had = w->count;

	w->room = MIN(w->room + 1, (size_t)AGENT_WATCH_MAX);
	n = a->kernel->ops->seen(a->kernel, ret, w->room);
	w->room -= n;
	w->next_us = now_us + AGENT_WATCH_PAUSE_US;
	for (size_t i = 0; i < w->count; i++)
		if (w->leases[i].until_us > now_us)
			w->leases[kept++] = w->leases[i];
	w->count = kept;
	if (kept != had)
		tell_kernel(w, a);
	return n;
}
