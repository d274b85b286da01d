/* What history.c's routes and history_export.c share, and the frame: the export runs on a thread of its own.
 */
#pragma once
#include "api/api.h"

struct exports;

struct exports *exports_new(struct api *api);
/* Ends an export under way; there will be none after it. */
void exports_stop(struct exports *x);
void exports_free(struct exports *x);
/* GET /v2.0/buoy/history/export?from=&to=&address=&format=csv|jsonl: a stream. One at a time: 503. */
int history_export(struct call *c, struct err *err);
