/* What one run of a BPF program costs, by BPF_PROG_TEST_RUN. A part of traffic.c. */
#include "cost.h"
#include "base/util.h"
#include "traffic.skel.h"

#include <bpf/bpf.h>
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define RUNS 50000
#define CALM (RUNS * 9 / 10) /* the slowest runs were interrupted; they do not count */

static bool is_xdp(int fd)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		err(1, "about a BPF program");
	return info.type == BPF_PROG_TYPE_XDP;
}

static int compare(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return (x > y) - (x < y);
}

/* The frame comes out translated, and a translated one takes another way through the program: so it is one
 * run a call, each with a fresh frame, rather than the kernel's own repetition. */
static double mean_ns(int fd, const char *device, const __u64 frame[TRAFFIC_WORDS])
{
	AUTO_FREE __u32 *times = xalloc(RUNS * sizeof(*times));
	__u32 ifindex = if_nametoindex(device);
	struct xdp_md xdp = {.data_end = TRAFFIC_LENGTH, .ingress_ifindex = ifindex};
	struct __sk_buff skb = {.ifindex = ifindex};
	bool at_xdp = is_xdp(fd);
	char out[4096];
	double sum = 0;

	for (int i = 0; i < RUNS; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = TRAFFIC_LENGTH,
			    .data_out = out, .data_size_out = sizeof(out), .repeat = 1,
			    .ctx_in = at_xdp ? (void *)&xdp : (void *)&skb,
			    .ctx_size_in = at_xdp ? sizeof(xdp) : sizeof(skb));

		if (bpf_prog_test_run_opts(fd, &opts) < 0)
			err(1, "running a BPF program");
		times[i] = opts.duration;
	}
	qsort(times, RUNS, sizeof(*times), compare);
	for (int i = 0; i < CALM; i++)
		sum += times[i];
	return sum / CALM;
}

void cost_print(const struct traffic_bpf *skel, unsigned id, const char *device,
		const __u64 frame[TRAFFIC_WORDS])
{
	AUTO_CLOSE int fd = bpf_prog_get_fd_by_id(id);
	const struct bpf_program *empty;

	if (fd < 0)
		err(1, "BPF program %u", id);
	empty = is_xdp(fd) ? skel->progs.nothing_xdp : skel->progs.nothing_tc;
	printf("%.1f\n", mean_ns(fd, device, frame) - mean_ns(bpf_program__fd(empty), device, frame));
}
