/* The agent: wake -> plan -> diff -> apply -> report, for one node.
 *
 * It follows the store, keeps what it sees of its surroundings (taps, conflicts), plans what changed, applies
 * the difference and remembers what failed. It holds no list of what it has done: at the start, and from time
 * to time, it compares everything that is wanted with everything that is there. One thread; the clock is
 * passed in. */
#pragma once
#include "daemon/failures.h"
#include "kernel/kernel.h"
#include "plan/plan.h"
#include "store/follow.h"

struct agent {
	struct follow follow;
	struct kernel *kernel;  /* owned */
	struct symtab *syms;    /* owned */
	struct plan_node node;  /* what it points to is the configuration's */
	struct facts taps;      /* FACT_PLUG, sorted: the taps that are there */
	struct facts conflicts; /* FACT_GUARD, sorted: addresses that a stranger answers for */
	struct facts confirmed; /* FACT_GUARD: strangers that answered since conflicts were probed last */
	struct failures *failures;
	uint64_t failures_seen; /* their version when `dirty` was set for them */
	struct uuid *plugged;   /* ports whose tap is on its bridge, sorted */
	size_t plugged_count;
	bool resync;   /* a link was replaced, and what hung on it went with it, or somebody took away what is
			  ours: everything is compared anew */
	bool compared; /* everything was compared once: only from then on is the revision applied */
	unsigned dirty;              /* enum report_parts that changed since the last report */
	uint64_t healed[FACT_KINDS]; /* what differed without our doing, and was put right, since the start */
	int64_t recheck_us;          /* when conflicts are probed again */
	int64_t settle_us; /* when silence after a probe means that the conflict is over; 0: none was probed
			    */
};

/* Takes over the store, the kernel and the symbols, also on failure. `node` is copied. Loads; does not touch
 * the kernel yet. */
int agent_init(struct agent *a, struct store *st, struct kernel *k, struct symtab *syms,
	       const struct plan_node *node, struct err *err);
void agent_done(struct agent *a);

/* Everything: reads what the store has, observes the kernel, plans everything, applies the difference. At the
 * start and as a drift check. A store that can not be read does not keep it from the rest. *ret_changes (may
 * be NULL): how many changes were needed. */
int agent_resync(struct agent *a, int64_t now_us, size_t *ret_changes, struct err *err);
/* Applies the difference of what was compared again, and counts what it has put right. */
void agent_heal(struct agent *a, struct changes *changes, int64_t now_us);
/* Which taps are there now, and what that means. */
int agent_look_for_taps(struct agent *a, int64_t now_us, struct err *err);
/* The store has something new: plans and applies what it touches. */
int agent_follow(struct agent *a, int64_t now_us, struct err *err);
/* The revision that the kernel holds, but for what failed; 0 before the first comparison. */
uint64_t agent_applied(const struct agent *a);
/* The kernel's event descriptor is readable. */
int agent_events(struct agent *a, int64_t now_us, struct err *err);
/* Tries what failed again, and probes conflicts again, as far as they are due. */
void agent_tick(struct agent *a, int64_t now_us);
/* When agent_tick has something to do; INT64_MAX: nothing. The caller resyncs when a->resync is set. */
int64_t agent_next_tick(const struct agent *a);

/* What is planned from now; borrowed. */
struct plan_input agent_input(const struct agent *a);
/* What would change, without doing it: the difference of plan and kernel. The facts own what the changes
 * point to. */
int agent_preview(struct agent *a, struct facts *want, struct facts *have, struct changes *ret,
		  struct err *err);
