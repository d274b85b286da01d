/* Floating IPs' rates and their last hour, from the counters that nodes report.
 * Fed by live.c each time counters come; read by the live stream and by GET /v2.0/floatingips/{id}/stats.
 *
 * A rate is the difference of two counters; one that went down was made anew (the floating IP was associated
 * again) and counts from zero. What came in between two reports is spread evenly over the time between them.
 * History is a slot a minute for the last hour, held for floating IPs with traffic only, and given up after
 * an hour without. A counter belongs to the floating IP that has the address now: one that is allocated anew
 * starts without a past. Any thread. */
#pragma once
#include "api/nodes.h"

#define TRAFFIC_MINUTES 60
/* Floating IPs with history at most: 1 KiB each. */
#define TRAFFIC_MAX_HISTORY 16384

struct traffic;

enum traffic_counter { IN_PACKETS, IN_BYTES, OUT_PACKETS, OUT_BYTES, TRAFFIC_COUNTERS };

struct traffic *traffic_new(void);
void traffic_free(struct traffic *t);

/* Takes in what the nodes have reported. `mono_us` is when it came, `now_us` the wall clock then. */
void traffic_sample(struct traffic *t, struct nodes *n, const struct snap *s, int64_t mono_us,
		    int64_t now_us);

/* Calls `fn` for each floating IP whose rates (a second) are not zero, or were not at the sample before.
 * Returns the seconds between the last two samples; 0: there were none. */
double traffic_each_rate(struct traffic *t,
			 void (*fn)(void *arg, const struct uuid *id, const double rate[TRAFFIC_COUNTERS]),
			 void *arg);

/* Wall clock of the last packet to, and from, a floating IP's instance, as far as it was seen since the
 * start; 0: none was. */
struct traffic_seen {
	int64_t us[EXPRESS_DIRECTIONS];
};
/* False, and zero, when nothing is known of it. */
bool traffic_last(struct traffic *t, const struct uuid *id, struct traffic_seen *ret);
/* Forgets it: whose it is now has nothing to do with what it carried. */
void traffic_forget(struct traffic *t, const struct uuid *id);
/* Each floating IP that has carried anything since the start. `fn` is called with a lock held: it returns
 * soon. */
void traffic_each_seen(struct traffic *t,
		       void (*fn)(void *arg, const struct uuid *id, const struct traffic_seen *seen),
		       void *arg);

struct traffic_stats {
	uint64_t counter[TRAFFIC_COUNTERS]; /* as the kernel has them */
	uint64_t dropped[DROP_REASONS];
	double rate[TRAFFIC_COUNTERS]; /* a second, between the last two samples */
	/* Wall clock of the last packet where the data path knows it, otherwise of the sample that counted
	 * last; 0: never. */
	int64_t last_seen_us;
	int64_t seen_us[EXPRESS_DIRECTIONS]; /* of each direction, where the data path knows it; 0: it does
						not */
	size_t minutes;                      /* in `history`, oldest first; the last one is not over */
	struct {
		int64_t time; /* seconds since the epoch, a minute's begin */
		double rate[TRAFFIC_COUNTERS];
	} history[TRAFFIC_MINUTES];
};
/* All zero for a floating IP that nothing is known of. */
void traffic_read(struct traffic *t, const struct uuid *id, int64_t now_us, struct traffic_stats *ret);
