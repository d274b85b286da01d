/* The generator and the sink of every row of bench/datapath, and the row that is the ceiling.
 *
 * The generator is run by BPF_PROG_TEST_RUN with live frames: what it redirects leaves by a veth, and comes
 * in at the other end, the uplink, as frames off a wire do. Their pages come back with whatever the last
 * receiver left in them, so every frame is written whole. */
#include "traffic.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>
#include <linux/in.h>

volatile const struct traffic_order order;
volatile const struct traffic_shortcut shortcut;
__u64 sent; /* one thread runs the generator */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct traffic_tally);
} tally SEC(".maps");

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)(sum + (sum >> 16));
}

/* Which address the n-th packet goes to: scattered, since neighbours in a row would find each other's cache
 * lines. The multiplier is 2^64 divided by the golden ratio. */
static __always_inline __u32 scatter(__u64 n)
{
	__u64 high = (n * 0x9e3779b97f4a7c15ULL) >> 32;

	return (__u32)((high * order.addresses) >> 32);
}

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct traffic_frame *frame = data;
	__u64 n = sent, *to = data;
	__u16 port = bpf_htons((__u16)(TRAFFIC_FIRST_PORT + n % order.flows));
	__u32 which = scatter(n), address = bpf_htonl(order.first + which), varies;

	if (data + TRAFFIC_LENGTH > data_end)
		return XDP_ABORTED;
	sent = n + 1;
	which = bpf_htonl(which);
#pragma unroll
	for (int i = 0; i < TRAFFIC_WORDS - 1; i++)
		to[i] = order.frame[i];
	*(__u32 *)&to[TRAFFIC_WORDS - 1] = (__u32)order.frame[TRAFFIC_WORDS - 1];
	frame->ip.daddr = address;
	frame->udp.source = port;
	frame->which = which;
	varies = (address & 0xffff) + (address >> 16);
	frame->ip.check = (__u16)~fold(order.ip_sum + varies);
	varies += port + (which & 0xffff) + (which >> 16);
	frame->udp.check = (__u16)~fold(order.udp_sum + varies);
	return bpf_redirect(order.ifindex, 0);
}

static __always_inline __u32 sum_words(const void *at, int words)
{
	const __u16 *word = at;
	__u32 sum = 0;

#pragma unroll
	for (int i = 0; i < words; i++)
		sum += word[i];
	return sum;
}

/* Both checksums, as the instance would see them. */
static __always_inline int is_sound(const struct traffic_frame *frame)
{
	__u32 udp = sum_words(&frame->ip.saddr, 4) + bpf_htons(IPPROTO_UDP) + frame->udp.len +
		    sum_words(&frame->udp, (TRAFFIC_LENGTH - 34) / 2);

	return fold(sum_words(&frame->ip, 10)) == 0xffff && fold(udp) == 0xffff && frame->udp.check != 0;
}

/* At the instance's end of its port. What is not the generator's goes on: ARP must work. */
SEC("xdp")
int sink(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	const struct traffic_frame *frame = data;
	struct traffic_tally *t;
	__u32 key = 0;

	if (data + TRAFFIC_LENGTH > data_end || frame->eth.h_proto != bpf_htons(ETH_P_IP) ||
	    frame->ip.ihl != 5 || frame->ip.protocol != IPPROTO_UDP ||
	    frame->udp.dest != bpf_htons(TRAFFIC_PORT))
		return XDP_PASS;
	t = bpf_map_lookup_elem(&tally, &key);
	if (!t)
		return XDP_ABORTED;
	if (bpf_ntohl(frame->ip.daddr) - order.expect != bpf_ntohl(frame->which)) {
		t->wrong++;
		return XDP_DROP;
	}
	t->right++;
	if (t->right % TRAFFIC_LOOK == 0 && !is_sound(frame))
		t->bad_sum++;
	return XDP_DROP;
}

static __always_inline int is_same(const __u8 *mac, const volatile __u8 *other)
{
	for (int i = 0; i < ETH_ALEN; i++)
		if (mac[i] != other[i])
			return 0;
	return 1;
}

/* Nothing that translates can be faster: one look at the frame, its addresses, and out. */
SEC("xdp")
int ceiling(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if (data + sizeof(*eth) > data_end || eth->h_proto != bpf_htons(ETH_P_IP) ||
	    !is_same(eth->h_dest, shortcut.router))
		return XDP_PASS;
	for (int i = 0; i < ETH_ALEN; i++) {
		eth->h_dest[i] = shortcut.instance[i];
		eth->h_source[i] = shortcut.from[i];
	}
	return bpf_redirect(shortcut.ifindex, 0);
}

/* What running a program costs before it does anything: taken off by `traffic cost`. */
SEC("xdp")
int nothing_xdp(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("tc")
int nothing_tc(struct __sk_buff *skb)
{
	return 0;
}

char licence[] SEC("license") = "GPL";
