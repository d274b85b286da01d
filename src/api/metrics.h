/* Numbers for Prometheus: text exposition format 0.0.4.
 *
 * A metric is one row of the table in metrics.c and one word in the enum below. Two kinds of rows exist:
 * those that are counted where things happen (metrics_add, metrics_observe: no lock, a few nanoseconds), and
 * those whose samples are computed when somebody scrapes (metrics_source). Label values are for words of our
 * own tables (resource, method, status), never for what a client sent; should that go wrong, a metric holds
 * at most METRICS_MAX_SERIES combinations and everything further is counted under "other". */
#pragma once
#include "base/buf.h"

enum metric {
	METRIC_HTTP_REQUESTS, /* resource, method, status */
	METRIC_HTTP_SECONDS,  /* resource, method */
	METRIC_COMMIT_SECONDS,
	METRIC_REVISION,
	METRIC_APPLIED_REVISION,    /* node */
	METRIC_FAILED_FACTS,        /* node */
	METRIC_FLOATING_IP_PACKETS, /* address, direction */
	METRIC_FLOATING_IP_BYTES,   /* address, direction */
	METRIC_FLOATING_IP_DROPPED, /* address, reason */
	METRIC_RESTING,
	METRIC_RESTED,       /* end */
	METRIC_EXPIRED,      /* what */
	METRIC_DRIFT_HEALED, /* node, kind */
	METRIC_CONNECTIONS,
	METRIC_COUNT
};

#define METRICS_MAX_LABELS 3
#define METRICS_MAX_SERIES 1024

struct metrics;
struct metrics_out;

/* Label values in the order of the row; as many as the row has labels. Borrowed for the call. */
#define METRIC_LABELS(...) ((const char *const[]){__VA_ARGS__})

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* Any thread. `labels` is NULL for a row without labels. */
void metrics_add(struct metrics *m, enum metric id, const char *const *labels, uint64_t n);
void metrics_observe(struct metrics *m, enum metric id, const char *const *labels, int64_t us);

/* Writes the samples of a row when it is scraped; before the first scrape, one source a row. */
typedef void (*metrics_source_fn)(void *arg, struct metrics_out *out);
void metrics_source(struct metrics *m, enum metric id, metrics_source_fn fn, void *arg);
/* From within a source: one sample. */
void metrics_sample(struct metrics_out *out, const char *const *labels, int64_t value);

/* Adds all rows as text; content type METRICS_CONTENT_TYPE. Any thread. */
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
void metrics_print(struct metrics *m, struct buf *b);
