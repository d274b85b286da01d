/* The maps, and how entries are read and counted. Included once, by express.bpf.c. */
#pragma once
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include <stdbool.h>
#include <stddef.h>

#include "express.h"

#define MANY 262144 /* entries are made when they are put: an empty map costs its buckets only */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct express_state);
} state SEC(".maps");

/* How many floating IPs there is room for, and places to find them: set by who loads this, a power of two. */
const volatile __u32 place_mask;
/* The length of the kernel's tick. */
const volatile __u32 tick_ns;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct float_entry);
} floats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MANY);
	__type(key, struct fixed_key);
	__type(value, struct fixed_entry);
} fixeds SEC(".maps");

/* Value: the router, as in fixed_key. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct leg_key);
	__type(value, __u64);
} legs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct way_key);
	__type(value, struct way_leg);
} ways SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MANY);
	__type(key, struct path_key);
	__type(value, struct path);
} paths SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct neighbour_key);
	__type(value, struct neighbour);
} neighbours SEC(".maps");

/* Value: ifindex of the port. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct station_key);
	__type(value, __u32);
} stations SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, PROGRAMS);
	__type(key, __u32);
	__type(value, __u32);
} jumps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 262144);
} events SEC(".maps");

#define READ(x)     (*(const volatile typeof(x) *)&(x))
#define WRITE(x, v) (*(volatile typeof(x) *)&(x) = (v))

static __always_inline struct express_state *get_state(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&state, &zero);
}

/* Which of two slots counts in `generation`: 0, 1, or -1 for none. */
static __always_inline int choose(__u64 a, __u64 b, __u64 generation)
{
	if (b <= generation && (a > generation || b > a))
		return 1;
	return a <= generation ? 0 : -1;
}

/* Copies the slot that counts; its generation, or 0 when none does. A slot is not written while it counts,
 * and not again before another one has counted: what is copied is whole unless this program was held up for
 * that long, which the second look at the generation shows. */
#define READ_SLOT(entry, now, ret)                                                                           \
	({                                                                                                   \
		int at_ = choose(READ((entry)->generation[0]), READ((entry)->generation[1]), now);           \
		__u64 is_ = 0;                                                                               \
		if (at_ >= 0) {                                                                              \
			is_ = READ((entry)->generation[at_ & 1]);                                            \
			*(ret) = *(volatile typeof(*(ret)) *)&(entry)->slot[at_ & 1];                        \
			if (READ((entry)->generation[at_ & 1]) != is_ ||                                     \
			    !((ret)->flags & (FLOAT_SET | FLOAT_END)))                                       \
				is_ = 0;                                                                     \
		}                                                                                            \
		is_;                                                                                         \
	})

/* A table of our own: half the time of the kernel's hash map, and nothing is moved when it is changed. The
 * key comes in words, so that it need not be put together in memory. */
static __always_inline struct float_entry *find_words(__u32 high, __u32 low, __be32 addr)
{
	__u32 place = float_hash(high, low, addr), at;
	__u64 *index;
	struct float_entry *e;
	const __u32 *key;

	for (int i = 0; i < FLOAT_PROBES; i++) {
		at = (place + i) & place_mask;
		index = bpf_map_lookup_elem(&places, &at);
		if (!index || !*index)
			return NULL;
		at = (__u32)READ(*index) - 1;
		e = bpf_map_lookup_elem(&floats, &at);
		if (!e)
			continue; /* FLOAT_GONE */
		key = (const __u32 *)&e->key;
		if (key[2] == addr && key[0] == high && key[1] == low)
			return e;
	}
	return NULL;
}

static __always_inline struct float_entry *find_float(const struct float_key *key)
{
	const __u32 *w = (const __u32 *)key;

	return find_words(w[0], w[1], w[2]);
}

static __always_inline __u64 clock_ns(void)
{
	return bpf_jiffies64() * tick_ns;
}

static __always_inline void count(struct float_entry *e, int direction, __u32 bytes, __u64 now)
{
	struct express_counter *c = &e->counter[direction];

	__sync_fetch_and_add(&c->packets, 1);
	__sync_fetch_and_add(&c->bytes, bytes);
	if (READ(c->seen_ns) != now)
		WRITE(c->seen_ns, now);
}

/* Takes `bytes` from the bucket. What finds it empty goes through whatever its size: a packet of many
 * segments may be larger than the bucket. */
static __always_inline bool is_over(struct express_meter *m, __u32 bytes)
{
	__u64 cost = m->cost * bytes >> 6, now, full, start;

	if (!cost)
		return false;
	now = bpf_ktime_get_ns() << 4;
	for (int i = 0; i < 4; i++) {
		full = READ(m->full);
		start = full > now ? full : now;
		if (start > now && start + cost > now + m->burst)
			return true;
		if (__sync_val_compare_and_swap(&m->full, full, start + cost) == full)
			return false;
	}
	return false;
}

/* Whether is_over would say so now. Takes nothing. */
static __always_inline bool would_be_over(const struct express_meter *m, __u32 bytes)
{
	__u64 cost = m->cost * bytes >> 6, now = bpf_ktime_get_ns() << 4, full = READ(m->full);

	return cost && full > now && full + cost > now + m->burst;
}

static __always_inline bool is_fresh(__u64 station, __u64 now)
{
	return station && ((EXPRESS_STAMP(now) - (station >> 48)) & 0xffff) <= EXPRESS_FRESH;
}

static __always_inline __u64 make_station(const __u8 *mac, __u64 now)
{
	__u64 s = EXPRESS_STAMP(now) << 48;

	__builtin_memcpy(&s, mac, 6); /* little endian: the lower 48 bits */
	return s;
}
