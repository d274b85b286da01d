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

/* The program of the uplink's hook. With clsact there may be several; the first one is the one that is met.
 */
static int find_program(int ifindex, const char *hook)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, at, .handle = 1, .priority = 1);
	__u32 id = 0;

	if (strcmp(hook, "xdp") == 0) {
		if (bpf_xdp_query_id(ifindex, 0, &id) < 0)
			return -ENOENT;
	} else if (bpf_tc_query(&tc, &at) == 0) {
		id = at.prog_id;
	}
	return id ? bpf_prog_get_fd_by_id(id) : -ENOENT;
}

static int compare(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return (x > y) - (x < y);
}

/* The frame comes out translated, and a translated one takes another way through the program: so it is one
 * run a call, each with a fresh frame, rather than the kernel's own repetition. */
static double mean_ns(int fd, const char *hook, int ifindex, const __u64 frame[TRAFFIC_WORDS])
{
	AUTO_FREE __u32 *times = xalloc(RUNS * sizeof(*times));
	struct xdp_md xdp = {.data_end = TRAFFIC_LENGTH, .ingress_ifindex = (__u32)ifindex};
	struct __sk_buff skb = {.ifindex = (__u32)ifindex};
	bool is_xdp = strcmp(hook, "xdp") == 0;
	char out[4096];
	double sum = 0;

	for (int i = 0; i < RUNS; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = TRAFFIC_LENGTH,
			    .data_out = out, .data_size_out = sizeof(out), .repeat = 1,
			    .ctx_in = is_xdp ? (void *)&xdp : (void *)&skb,
			    .ctx_size_in = is_xdp ? sizeof(xdp) : sizeof(skb));

		if (bpf_prog_test_run_opts(fd, &opts) < 0)
			err(1, "running the program of %s", hook);
		times[i] = opts.duration;
	}
	qsort(times, RUNS, sizeof(*times), compare);
	for (int i = 0; i < CALM; i++)
		sum += times[i];
	return sum / CALM;
}

void cost_print(const struct traffic_bpf *skel, const char *device, const char *hook,
		const __u64 frame[TRAFFIC_WORDS])
{
	int ifindex = (int)if_nametoindex(device), fd = find_program(ifindex, hook);
	const struct bpf_program *nothing =
		strcmp(hook, "xdp") == 0 ? skel->progs.nothing_xdp : skel->progs.nothing_tc;
	double all, empty;

	if (fd < 0)
		errx(1, "%s has no program at %s", device, hook);
	all = mean_ns(fd, hook, ifindex, frame);
	empty = mean_ns(bpf_program__fd(nothing), hook, ifindex, frame);
	printf("%.1f\n", all - empty);
	close(fd);
}
