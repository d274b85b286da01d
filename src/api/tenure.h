/* Whose an address was: tenures, made of the event log.
 *
 * A tenure is a time in which a floating IP had one project, one port and one fixed IP (or none of both). It
 * begins and ends with an event, or began before what is remembered. Tenures of one address do not overlap,
 * but for external networks that use the same addresses. Shapes: docs/history.md. One thread at a time for a
 * store's handle. */
#pragma once
#include "api/api.h"

/* Texts are the owner's. */
struct moment {
	uint64_t revision; /* 0: before what is remembered */
	int64_t time_us;
	const char *user_id, *user_name, *project_id, *request_id, *action;
	const char *given_to; /* the project that has it since and had not before; NULL: the same, or none */
};

/* A device that the port belonged to, and since when (0: from the beginning of the tenure). */
struct tenure_device {
	const char *device_id;
	int64_t since_us;
};

struct tenure {
	const struct floatingip *row; /* owned: as it was */
	struct moment start, end;
	bool ended;
	struct tenure_device *devices; /* the last one is the newest */
	size_t device_count;
};

struct tenures {
	void *region; /* talloc: owns everything */
	struct tenure *items;
	size_t count;
	bool more;     /* there are older ones, */
	uint64_t last; /* from before this revision */
	struct store_horizon horizon;
};

struct tenure_question {
	struct store *st;
	const struct snap *now; /* of at least the revision of the log */
	struct ip address;      /* null: not asked for */
	struct uuid port_id, floatingip_id;
	uint64_t before;        /* only what began before this revision; 0: all */
	uint64_t at;            /* only what was at this revision; 0: all */
	size_t limit;           /* events that are looked at, of those that are the project's */
	const char *project_id; /* only this project's, and nothing of others; NULL: all */
};

/* Newest first; talloc'd in `region`. */
int tenures_find(void *region, const struct tenure_question *q, struct tenures *ret, struct err *err);
/* One as JSON. */
void tenure_print(const struct tenure *t, const struct store_horizon *horizon, struct buf *out);
/* One as a line of CSV, and the line of the columns' names. Cells that a spreadsheet would take for a formula
 * have an apostrophe before them. */
void tenure_print_csv(const struct tenure *t, const struct store_horizon *horizon, struct buf *out);
extern const char tenure_csv_head[];
