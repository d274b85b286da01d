/* ?plan=1 on a write of the network API: what it would change, and nothing done. The shape of the answer is
 * in docs/history.md. Private to api.c and planned.c. */
#pragma once
#include "api/api.h"

/* Whether the request asks for a plan. 400 for what is neither yes nor no, and for other APIs' writes: what
 * was only to be looked at is never done. */
int planned_asked(const struct call *c, bool *ret, struct err *err);
/* In place of call_write: runs `fn` on a copy of the call's snapshot, on a job, and answers 200 with the
 * differences, or with fn's error. */
int planned_write(struct call *c, int (*fn)(struct verb *v, void *arg, struct err *err), void *arg,
		  struct err *err);
