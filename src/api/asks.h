/* Questions to a node's agent that a request waits for.
 * Between the routes (explain.c) and the daemon's channel, which sends them and brings the answers.
 *
 * Bounded: ASKS_MAX wait at once, one more is refused. An answer that comes too late, or that nobody has
 * asked for, is nobody's. Any thread. */
#pragma once
#include "model/probe.h"

#define ASKS_MAX 16

struct asks;

/* `send` gives a question to the agent without waiting; false when it can not now. */
int asks_new(bool (*send)(const struct probe_question *q), struct asks **ret, struct err *err);
/* Ends what waits, as if it had taken too long. */
void asks_free(struct asks *a);

/* Sends `q`, whose id is given here. `done(arg, answer)` is called once, on whichever thread, without a lock:
 * with the answer, or with NULL at `deadline_us` (monotonic). Not called when this fails: -EAGAIN, as the API
 * says it (503). */
int asks_put(struct asks *a, struct probe_question *q, int64_t deadline_us,
	     void (*done)(void *arg, const struct probe_answer *answer), void *arg, struct err *err);
/* An answer has come. */
void asks_answer(struct asks *a, const struct probe_answer *answer);
