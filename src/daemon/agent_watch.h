/* Real packets of floating IPs that somebody looks at, a few of them.
 * Between the channel's questions and the kernel. A watch ends by itself when it is not asked for again, so
 * that nothing is told on behalf of a client, or an API process, that is gone. One thread: the agent's. */
#pragma once
#include "daemon/agent.h"

#define AGENT_WATCH_PAUSE_US                                                                                 \
	50000             /* between two looks; in the long run each tells of one packet: 20 a second */
#define AGENT_WATCH_MAX 8 /* of one look, after a rest */

struct agent_watch {
	struct watch_lease {
		struct uuid floatingip;
		struct ip addr;
		int64_t until_us; /* monotonic */
	} leases[PROBE_WATCHES];
	size_t count;
	size_t room;     /* packets that may be told of now */
	int64_t next_us; /* when there is something to do; meaningful while count > 0 */
};

/* Begins, or goes on. One more than PROBE_WATCHES, and one that is not there, is not watched. */
void agent_watch_renew(struct agent_watch *w, struct agent *a, const struct probe_watch *asked,
		       int64_t now_us);
/* When agent_watch_look is to be called; INT64_MAX: nobody watches. */
int64_t agent_watch_next(const struct agent_watch *w);
/* Ends what was not asked for again, and fills in what was seen: at most AGENT_WATCH_MAX. */
size_t agent_watch_look(struct agent_watch *w, struct agent *a, int64_t now_us, struct probe_seen *ret);
