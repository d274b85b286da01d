/* The express data path's programs and maps, as this layer's files share them.
 *
 * They live in a BPF file system: <folder>/layout-<n>/ has the maps, and below it programs-<hash>/ the
 * programs of one build. Who starts takes what is there, so that packets go on whatever happens to this
 * process; a newer build puts its programs into the places that the attached stubs jump to, and its map
 * layout, when it has another one, beside the old one. Between the dispatcher (kernel_linux.c) and libbpf.
 * One thread: the agent's. */
#pragma once
#include "bpf/express.h"
#include "kernel/internal.h"

/* Files below layout-<n>/, and what they are. */
enum express_map {
	MAP_STATE,
	MAP_FLOATS,
	MAP_PLACES,
	MAP_FIXEDS,
	MAP_LEGS,
	MAP_WAYS,
	MAP_PATHS,
	MAP_NEIGHBOURS,
	MAP_STATIONS,
	MAP_JUMPS,
	MAP_EVENTS,
	EXPRESS_MAPS,
};

/* Programs that stubs do not jump to come after those that they do. */
enum {
	PROGRAM_XDP = PROGRAMS,
	PROGRAM_COMMIT,
	PROGRAM_CLOCK,
	EXPRESS_PROGRAMS,
};

/* Places in the table for each floating IP that there is room for. */
#define PLACES_EACH 4

struct express_table; /* express_table.c */
#define EXPRESS_SEEN 32

struct express {
	char *folder;      /* owned */
	uint32_t capacity; /* so many floating IPs there is room for; a power of two */
	bool full;         /* there was none for one */
	int64_t clock_ns;  /* CLOCK_MONOTONIC when the programs' clock is zero */
	struct express_table *table;
	int maps[EXPRESS_MAPS];
	int programs[EXPRESS_PROGRAMS];
	uint32_t xdp_id, jumps_id;
	struct express_state *state; /* mapped */
	enum express_xdp xdp;
	bool only_looks;            /* changes nothing */
	struct ring_buffer *ring;   /* express_event.c; NULL: nothing is told */
	struct express_event trial; /* what the last trial told, if it did */
	bool trial_told;
	struct express_seen {
		uint64_t order;
		struct express_event event;
	} seen[EXPRESS_SEEN]; /* a sample of what was told of real packets since the last look */
	uint64_t seen_total;  /* so many were told */
	uint64_t missed;      /* of earlier ones, which nobody was told of */
	uint64_t dice;
	struct uplink *uplinks; /* express_uplink.c */
	int *refused;           /* the same: devices that took no program at XDP when that was tried */
	size_t refused_count;
	const struct changes *ends; /* being applied: associations that end with what is put now */
};

/* Opens what is in the folder, or makes it, mounting a BPF file system where there is none. With room for
 * `wanted` floating IPs and as many again: what is there and has not is left to be replaced. */
int express_open(const char *folder, enum express_open how, size_t wanted, struct express **ret,
		 struct err *err);
void express_close(struct express *x);
/* Removes programs of other builds, and, when nothing is attached any more (`all`), everything. */
void express_prune(struct express *x, bool all);

/* The first 8 bytes of the id in "qrouter-<id>", as the maps have it; 0: not such a name. */
uint64_t express_router(const struct symtab *syms, sym ns);
/* The name that belongs to a number, among our namespaces that are there; 0: none. */
struct express_routers {
	struct express_router_name {
		uint64_t router;
		sym ns;
	} * list; /* sorted; malloc'd */
	size_t count;
};
int express_routers(struct kernel_linux *k, struct express_routers *ret, struct err *err);
sym express_router_ns(const struct express_routers *r, uint64_t router);

/* The table of floating IPs. Entries are written while programs read: see float_slot. */
int express_table_open(struct express *x, struct err *err);
void express_table_close(struct express_table *t);
struct float_entry *express_table_find(const struct express_table *t, const struct float_key *key);
/* The entry, new and all zero when there was none; NULL: no room. */
struct float_entry *express_table_put(struct express_table *t, const struct float_key *key);
void express_table_del(struct express_table *t, const struct float_key *key);
/* All of them: begin with *at = 0; NULL: no more. */
struct float_entry *express_table_next(const struct express_table *t, size_t *at);

/* Walks a map: calls fn for each key until it returns a negative errno. */
int express_walk(struct express *x, enum express_map map, size_t key_size,
		 int (*fn)(void *arg, const void *key), void *arg);

/* Whoever made the maps may have ended between writing and beginning a generation: what he wrote must not
 * begin with the next one. */
void express_settle(struct express *x);
/* express_event.c: reads what the programs have told. Not where it is only looked at. */
int express_open_events(struct express *x, struct err *err);
void express_read_events(struct express *x);

/* Before the changes of one call are applied: asks for instances, and notes which associations end. */
void express_begin(struct kernel_linux *k, const struct changes *all);
/* After them: what has moved to another router leaves the old one. */
void express_end(struct kernel_linux *k, const struct changes *all);

/* At the end: all that is remembered of them. */
void express_free_uplinks(struct express *x);
/* The ports of uplinks that came or went since. */
void express_refresh_uplinks(struct kernel_linux *k);
/* Whether it is a port of an uplink, or one: its coming and going is to be told to express_refresh_uplinks.
 */
bool express_concerns(const struct kernel_linux *k, const struct link_row *row);
/* The fact that a device is an uplink, with all of its ports. */
void express_observe_uplinks(struct kernel_linux *k, struct facts *ret);
int express_apply_uplink(struct kernel_linux *k, const struct change *c, struct err *err);
/* The name of a host's link, while everything is observed; 0: there is none. */
sym express_link_name(const struct kernel_linux *k, uint32_t ifindex);
