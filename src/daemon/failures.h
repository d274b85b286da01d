/* What could not be done: kept with a back-off and tried again, reported with the id of its row.
 * Part of the agent; one thread. Time is passed in (monotonic microseconds). */
#pragma once
#include "api/nodes.h"
#include "plan/fact.h"

struct failures;

struct failures *failures_new(struct symtab *syms);
void failures_free(struct failures *f);
size_t failures_count(const struct failures *f);
/* Another number whenever what failures_list gives has changed. */
uint64_t failures_version(const struct failures *f);

/* Takes the results of an apply: what failed is kept (with a longer delay when it had failed before), what
 * was done is forgotten. */
void failures_take(struct failures *f, const struct changes *done, int64_t now_us);
/* Whether something with this fact's key has failed and is kept. */
bool failures_has(const struct failures *f, const struct fact *fact);
/* Forgets everything: before a full resync. */
void failures_clear(struct failures *f);
/* The failed changes that are due, in the order in which they must be done; `owner` holds the facts that they
 * point to. Empty when none is. */
void failures_due(const struct failures *f, int64_t now_us, struct facts *owner, struct changes *ret);
/* When the next one is due; INT64_MAX: nothing failed. */
int64_t failures_next(const struct failures *f);

/* Rows that can not be realised here, which no retry changes: the plan said so. */
void failures_set_row(struct failures *f, const struct uuid *row, const char *why);
void failures_clear_row(struct failures *f, const struct uuid *row);
void failures_clear_rows(struct failures *f);

/* For the report: a malloc'd array, texts borrowed until the next change, sorted by row. */
struct node_failure *failures_list(const struct failures *f, size_t *ret_count);
