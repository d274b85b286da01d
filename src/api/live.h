/* What the API tells by itself: GET /v2.0/buoy/live, server-sent events (text/event-stream).
 *
 *   event: traffic  data: {"time": "2026-11-22T04:17:39.250Z", "interval": 2.0,
 *                          "floatingips": {"<id>": [in_pps, in_bps, out_pps, out_bps], ...}}
 *       about every 2 s (less often where the agent would spend more than a hundredth of its time with the
 *       counters of very many): the floating IPs that the caller sees and whose rates are not zero, or have
 *       just become zero. Packets and bits a second, averaged over `interval` seconds. One for whom the last
 *       one still waits is not sent the next.
 *   event: change   data: {"revision": N}
 *       at once, and after something was written or the kernel has it (at most four a second): ask anew
 *   event: bye      data: {"reason": "session" | "shutdown"}
 *       before the server ends the stream: the token has expired or was revoked; buoyd stops
 *
 * A comment keeps a silent stream open. Streams are bounded: LIVE_MAX at once (503 beyond), LIVE_MAX_USER of
 * one user (429). One thread asks the agents for counters: every 2 s while somebody listens, once a minute
 * otherwise, for the history of traffic.h. Tokens are looked at every 2 s. */
#pragma once
#include "api/api.h"
#include "api/traffic.h"

#define LIVE_MAX      64
#define LIVE_MAX_USER 8

struct live;

/* Starts the thread; it asks when api->ask_traffic is there. */
int live_new(struct api *api, struct live **ret, struct err *err);
/* Says bye to everybody and ends the thread; later streams are refused. Before http_stop. */
void live_stop(struct live *live);
/* After http_stop. */
void live_free(struct live *live);

/* The counters, rates and history. */
struct traffic *live_traffic(struct live *live);

/* GET /v2.0/buoy/live */
int live_open(struct call *c, struct err *err);
