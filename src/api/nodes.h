/* What the nodes report: the revision that each has applied, what failed, which ports are plugged, traffic.
 * Ephemeral: held in memory by the API process, never stored. Status in replies is computed from it.
 * Any thread. */
#pragma once
#include "bpf/verdict.h"
#include "model/snap.h"

struct nodes;

struct nodes *nodes_new(void);
void nodes_free(struct nodes *n);

/* One report of a node, as it comes over the socket pair from the agent; replaces the node's former one.
 * Arrays are copied. */
struct node_failure {
	struct uuid row;
	const char *fact; /* printed */
	const char *why;
};
struct node_traffic {
	struct ip floating_ip;
	uint64_t in_packets, in_bytes, out_packets, out_bytes;
	int64_t seen_us[EXPRESS_DIRECTIONS]; /* wall clock of the last packet; 0: never, or not known */
	uint64_t dropped[DROP_REASONS];      /* packets; all 0 where the data path does not count them */
};
/* A router that was seen as it should be, with its floating IPs but those that failed. */
struct node_verified {
	struct uuid router;
	uint64_t revision; /* of the store; what was written later was not seen */
	int64_t time_us;   /* wall clock */
};
/* So many things of a kind differed, and were put right, since the agent started. */
struct node_healed {
	char kind[16];
	uint64_t count;
};
struct node_report {
	const char *node;
	int64_t time_us;
	uint64_t applied;
	bool express; /* floating IPs are translated by the express data path */
	const struct node_failure *failures;
	size_t failure_count;
	const struct uuid *plugged; /* ports whose tap is on its bridge, sorted */
	size_t plugged_count;
	const struct node_verified *verified; /* sorted by router; NULL: unchanged */
	size_t verified_count;
	const struct node_healed *healed; /* NULL: unchanged */
	size_t healed_count;
	const struct node_traffic *traffic; /* NULL: unchanged */
	size_t traffic_count;
};
void nodes_report(struct nodes *n, const struct node_report *report);
/* `fn` is called after each report (`traffic`: with counters), without a lock, on the reporter's thread;
 * NULL: nobody. Returns when no call to the former one is under way. */
void nodes_watch(struct nodes *n, void (*fn)(void *arg, bool traffic), void *arg);
/* Counts what changed in what rows' status is computed from: applied revisions, failures, plugged ports. */
uint64_t nodes_version(struct nodes *n);
/* The agent's connection ended: the node is not alive until it reports again. */
void nodes_gone(struct nodes *n, const char *node);

/* Forgets a node that is not alive; one that is stays. */
void nodes_forget(struct nodes *n, const char *node);

/* How a row stands on the nodes: applied (revision reached and no failure), failed, or not yet. */
enum node_state { NODE_PENDING, NODE_APPLIED, NODE_FAILED };
enum node_state nodes_state(struct nodes *n, const struct uuid *row, uint64_t revision);
bool nodes_plugged(struct nodes *n, const struct uuid *port_id);
/* When a router, at that revision of one of its rows or a later one, was last seen as it should be by all
 * nodes that are alive. Microseconds, wall clock; 0: not yet. */
int64_t nodes_verified(struct nodes *n, const struct uuid *router, uint64_t revision);
/* Copies why a row failed; false when it has not. */
bool nodes_failure(struct nodes *n, const struct uuid *row, char *why, size_t len);

/* Waits without blocking: `done(arg)` is called once, from whichever thread, as soon as every alive node has
 * applied `revision`, or at `deadline_us` (monotonic), or at once when no node is alive. */
void nodes_wait(struct nodes *n, uint64_t revision, int64_t deadline_us, void (*done)(void *arg), void *arg);

/* One node for the agents list and the metrics; strings are borrowed for the call. */
struct node_info {
	const char *name;
	bool alive;
	int64_t heartbeat_us, started_us;
	uint64_t applied;
	bool express;
	const struct node_failure *failures;
	size_t failure_count;
	const struct uuid *plugged; /* sorted */
	size_t plugged_count;
};
void nodes_each(struct nodes *n, void (*fn)(void *arg, const struct node_info *node), void *arg);
void nodes_each_healed(struct nodes *n,
		       void (*fn)(void *arg, const char *node, const struct node_healed *healed), void *arg);
void nodes_each_traffic(struct nodes *n, void (*fn)(void *arg, const struct node_traffic *t), void *arg);
