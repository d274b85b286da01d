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

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MANY);
	__type(key, struct float_key);
	__type(value, struct float_entry);
} floats SEC(".maps");

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

#define READ(x)	    (*(const volatile typeof(x) *)&(x))
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

/* Copies the slot that counts; false when none does. A slot is not written while it counts, and not again
 * before another one has counted: what is copied is whole unless this program was held up for that long, which
 * the second look at the generation shows. */
#define READ_SLOT(entry, now, ret)                                                               \
	({                                                                                       \
		int at_ = choose(READ((entry)->slot[0].generation), READ((entry)->slot[1].generation), now); \
		bool ok_ = at_ >= 0;                                                             \
		if (ok_) {                                                                       \
			*(ret) = *(volatile typeof(*(ret)) *)&(entry)->slot[at_ & 1];                \
			ok_ = READ((entry)->slot[at_ & 1].generation) == (ret)->generation;          \
		}                                                                                \
		ok_ && (ret)->flags & (FLOAT_SET | FLOAT_END);                                   \
	})

static __always_inline void count(struct float_entry *e, int direction, __u32 bytes, __u64 now)
{
	struct express_counter *c = &e->counter[direction];

	__sync_fetch_and_add(&c->packets, 1);
	__sync_fetch_and_add(&c->bytes, bytes);
	if (READ(c->seen_ns) != now)
		WRITE(c->seen_ns, now);
}

/* Takes `bytes` from the bucket. What finds it empty goes through whatever its size: a packet of many segments
 * may be larger than the bucket. */
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
