/* A bounded pool of threads for what blocks: a password hash, a question to an external Keystone.
 * Handlers put a job, answer HTTP_WAIT, and the job ends with http_resume. The bound is what keeps
 * log-in attempts from exhausting CPU and memory: a full queue is an answer (503), not a longer queue. */
#pragma once
#include "base/err.h"

struct jobs;

int jobs_new(unsigned threads, unsigned max_queue, struct jobs **ret, struct err *err);
/* Finishes what is queued, then ends the threads. Not from a job. */
void jobs_free(struct jobs *j);
/* Any thread. Runs fn(arg) once on one of the threads; -EAGAIN when max_queue jobs wait already. */
int jobs_put(struct jobs *j, void (*fn)(void *arg), void *arg);
