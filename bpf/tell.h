/* A packet on its way through a program, and what who watches is told of it.
 * Included once, by express.bpf.c. */
#pragma once
#include "maps.h"
#include "packet.h"

#include <linux/pkt_cls.h>

#define AT_ETHERNET ETH_HLEN

struct frame {
	__u16 pad; /* the IP header is aligned */
	struct ethhdr eth;
	struct iphdr ip;
};
#define FRAME_SIZE (sizeof(struct ethhdr) + sizeof(struct iphdr))

/* One packet on its way through a program. */
struct work {
	struct head h;
	struct float_key key; /* the floating IP's */
	struct float_entry *entry;
	const struct express_state *state;
	__u64 now; /* coarse */
	__u32 bytes;
	__u64 generation; /* of the slot */
	__u8 program, direction;
};

/* --- telling who watches --- */

static __always_inline struct express_event *begin_event(const struct work *w, __u32 ifindex, __u32 length)
{
	struct express_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e)
		return NULL;
	__builtin_memset(e, 0, sizeof(*e));
	e->time_ns = w->now;
	e->floating = w->key;
	e->ifindex = ifindex;
	e->program = w->program;
	e->direction = w->direction;
	e->length = length;
	return e;
}

struct telling {
	__u8 verdict, reason;
	__be32 fixed, via;
	__u64 generation;
	__u32 port;
};

static __always_inline void end_event(struct express_event *e, const struct telling *t)
{
	e->verdict = t->verdict;
	e->reason = t->reason;
	e->fixed = t->fixed;
	e->via = t->via;
	e->generation = t->generation;
	e->port = t->port;
	bpf_ringbuf_submit(e, 0);
}

static __always_inline bool is_watched(const struct express_state *st, __be32 floating)
{
	if (!READ(st->watching))
		return false;
	for (int i = 0; i < EXPRESS_WATCHES; i++)
		if (READ(st->watch[i]) == floating)
			return true;
	return false;
}

/* How much of a frame is told. The compiler must not know, or it leaves out what the verifier looks for. */
static __always_inline __u32 snap_size(__u32 length)
{
	__u32 n = length < EXPRESS_SNAP ? length : EXPRESS_SNAP;

	asm volatile("" : "+r"(n));
	return n;
}

static __always_inline bool is_dry(const struct __sk_buff *skb)
{
	return skb->mark == EXPRESS_DRY;
}

static __noinline int tell_skb(struct __sk_buff *skb, const struct work *w, const struct telling *t)
{
	struct express_event *e;
	__u32 n = skb->len;

	if (!w || !t)
		return 0;
	e = begin_event(w, skb->ifindex, n);
	if (!e)
		return 0;
	n = snap_size(n);
	if (n >= FRAME_SIZE && n <= EXPRESS_SNAP)
		bpf_skb_load_bytes(skb, 0, e->was, n);
	e->dry = is_dry(skb);
	end_event(e, t);
	return 0;
}

/* Tells, and returns the verdict for tc. */
static __always_inline int say(struct __sk_buff *skb, const struct work *w, struct telling *t, int action)
{
	if (is_dry(skb) || is_watched(w->state, w->key.addr))
		tell_skb(skb, w, t);
	return action;
}

static __always_inline int pass_on(struct __sk_buff *skb, const struct work *w, struct telling *t,
				   __u8 reason)
{
	t->verdict = VERDICT_ROUTER;
	t->reason = reason;
	return say(skb, w, t, TC_ACT_UNSPEC);
}

static __always_inline int drop(struct __sk_buff *skb, struct work *w, struct telling *t, __u8 reason)
{
	t->verdict = VERDICT_DROP;
	t->reason = reason;
	if (!is_dry(skb))
		__sync_fetch_and_add(&w->entry->dropped[reason], 1);
	return say(skb, w, t, TC_ACT_SHOT);
}

/* Whether the limit of that direction lets it through: a made-up packet takes nothing from the bucket. */
static __always_inline bool has_room(struct __sk_buff *skb, struct work *w, int direction)
{
	struct express_meter *m = &w->entry->meter[direction];

	return is_dry(skb) ? !would_be_over(m, w->bytes) : !is_over(m, w->bytes);
}

static __always_inline void count_skb(struct __sk_buff *skb, struct work *w, int direction)
{
	if (!is_dry(skb))
		count(w->entry, direction, w->bytes, w->now);
}
