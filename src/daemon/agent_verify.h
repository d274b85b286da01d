/* Reading back: the kernel is compared with the plan all the time, a place after the other.
 *
 * A place is a router's namespace, or the host (plan_place). One round goes through all of them in a set
 * time; each step costs what that place has. What differs is put right, counted and told, and the place is
 * looked at again at once. So each router has a time at which it was last seen as it should be: with it, all
 * its floating IPs but those that failed. One thread: the agent's. */
#pragma once
#include "daemon/agent.h"

/* Between two steps: as long as the round allows, but no longer than it takes for this to cost a
 * two-thousandth of a core: a change that comes during a step waits for it. And not less than... */
#define VERIFY_PAUSE_US 1000000
#define VERIFY_REST     2000
#define VERIFY_AGAIN_US 20000 /* what was put right is looked at again */

struct agent_verify {
	int64_t round_us;              /* how long a round may take; 0: nothing is read back */
	int64_t next_us;               /* monotonic: the next step */
	bool first;                    /* the first round is not over: nobody waits */
	struct uuid at;                /* the router that was looked at last; null: the host is next */
	bool again;                    /* it is looked at again: it was not as it should be */
	uint64_t host_revision;        /* at which the host was right last; 0: never */
	int64_t host_us;               /* and when, wall clock */
	struct node_verified *routers; /* sorted by router; owned */
	size_t count, cap;
	bool changed; /* since it was reported last */
};

void agent_verify_init(struct agent_verify *v, int64_t round_us);
void agent_verify_done(struct agent_verify *v);
int64_t agent_verify_next(const struct agent_verify *v);
/* One place. `log` is told what differed, a line each, some of very many. */
void agent_verify_step(struct agent_verify *v, struct agent *a, int64_t now_us, int64_t wall_us,
		       void (*log)(const char *line));
/* Everything was compared and is right but for what failed. */
void agent_verify_all(struct agent_verify *v, const struct agent *a, int64_t wall_us);
