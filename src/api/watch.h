/* Real packets of a floating IP as they pass: GET /v2.0/floatingips/{id}/packets, server-sent events.
 *
 *   event: packet  data: {"time": "...", "direction": "in" | "out", "verdict": "forward" | "drop" | "router"
 * | "translate", "reason": "ttl" | ... | null, "summary": "...", "packet": {...} | null, "via": ADDRESS |
 * null, "at": DEVICE | null, "to": DEVICE | null, "generation": n, "missed": n} a sample: 20 a second on a
 * node, of all that are watched. One that goes through the router's namespace is seen twice: where it comes
 * in, and at the leg ("translate"). Devices of the node are for administrators. event: bye     data:
 * {"reason": "session" | "gone" | "shutdown"} before the server ends the stream: the token is worth nothing
 * any more; the floating IP is the caller's no longer; buoyd stops
 *
 * The agent tells of packets while it is asked to, again and again, which this does as long as somebody
 * listens: a client that is gone costs nothing after some seconds. PROBE_WATCHES floating IPs at once (409
 * beyond), WATCH_MAX streams (503). 501 where nftables translates. Any thread. */
#pragma once
#include "api/api.h"

#define WATCH_MAX 16

struct watches;

/* Starts the thread that asks. `ask` sends without waiting. */
int watches_new(struct api *api, bool (*ask)(const struct probe_watch *w), struct watches **ret,
		struct err *err);
/* Says bye to everybody; later streams are refused. Before http_stop. May be NULL. */
void watches_stop(struct watches *w);
/* After http_stop. May be NULL. */
void watches_free(struct watches *w);
/* The agent has seen packets. */
void watches_seen(struct watches *w, const struct probe_seen *list, size_t count);

/* The route. */
int watches_open(struct call *c, struct err *err);
