/* ?as_of= on what reads the network API: the call's snapshot is one of the past.
 *
 * It is made of the present one, by what the event log says of the rows that have changed since, on a thread
 * of its own, and a few are kept. Rights are those of now: who sees a row of the past has owned it then, or
 * would see it both then and now (errors.c). Shapes: docs/history.md. */
#pragma once
#include "api/api.h"

struct past;

/* Threads of its own for whatever reads the event log: api->history is theirs alone. */
int past_new(struct past **ret, struct err *err);
void past_free(struct past *p);

/* Before a route's function. 0: the call is about now; CALL_WAIT: once c->resumed has answered 0 its snapshot
 * is one of the past; else an error: 400, 410 before what is remembered. */
int past_prepare(struct call *c, struct err *err);
/* After the call. */
void past_drop(struct call *c);
/* call_job on the thread that reads the event log. */
int past_job(struct call *c, void (*fn)(struct call *c), int (*resumed)(struct call *c, struct err *err),
	     struct err *err);
/* "2026-11-28T10:00:00Z", with an offset and a fraction as RFC 3339 allows; a whole second means its end.
 * Microseconds. */
int past_parse_time(const char *text, int64_t *ret_us);
/* A time or a revision of the past, on the thread that reads the event log: its revision. 400 and 410 as
 * above. */
int past_revision(struct call *c, const char *key, const char *text, uint64_t *ret, struct err *err);
/* The snapshot of a revision, a reference for the caller; on that thread. */
int past_snap(struct api *api, struct store *st, uint64_t revision, const struct snap **ret, struct err *err);
