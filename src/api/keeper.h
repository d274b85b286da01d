/* What ends by itself when its time has come: rests of released addresses, and whatever else has an end.
 *
 * One thread looks once a second at the first row of each index of such times, and writes only when something
 * is due: bounded batches, as the actor "buoy". Times are the wall clock's, kept in the rows, so that a
 * restart changes nothing. When that clock leaps ahead (KEEPER_LEAP_S more than has passed), nothing ends for
 * KEEPER_DOUBT_S: a wrong clock would take away what nobody can give back. */
#pragma once
#include "api/api.h"

#define KEEPER_LEAP_S  60
#define KEEPER_DOUBT_S 300

/* After the server has started; keeper_stop before it stops. A failure to start is logged nowhere: nothing
 * ends then but what is asked for. */
void keeper_start(struct api *api);
void keeper_stop(struct api *api);

/* One look, at `now_us` (wall clock): ends at most a batch of each kind. Returns how many rows. For the
 * thread, and for tests. */
size_t keeper_step(struct api *api, int64_t now_us);

/* Writes down when floating IPs last carried packets, as traffic.h has seen it: those for which what is
 * written is older than `coarse_s`. For the thread, once a minute with KEEPER_COARSE_S and at the end; and
 * for tests. */
#define KEEPER_COARSE_S (6 * 3600)
#define KEEPER_LAST_S   3600
void keeper_note_seen(struct api *api, int64_t coarse_s);

/* Whether the clock can be trusted, by what it said and what has passed. Pure. */
struct keeper_clock {
	int64_t wall_us, mono_us; /* at the last look; 0: none yet */
	int64_t doubt_until_us;   /* monotonic */
};
bool keeper_trusts(struct keeper_clock *k, int64_t wall_us, int64_t mono_us);
