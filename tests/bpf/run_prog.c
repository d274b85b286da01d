/* BPF_PROG_TEST_RUN for one frame. See run_prog.h. */
#include "run_prog.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include <bpf/bpf.h>

static int run(int fd, struct bpf_test_run_opts *opts, struct run_prog_result *ret)
{
	if (bpf_prog_test_run_opts(fd, opts) < 0)
		return -errno;
	ret->verdict = opts->retval;
	ret->len = opts->data_size_out;
	return 0;
}

static int run_xdp(const struct run_prog *p, struct bpf_test_run_opts *opts, struct run_prog_result *ret)
{
	struct xdp_md md = {.data_end = opts->data_size_in, .ingress_ifindex = p->ifindex};

	if (p->ifindex) {
		opts->ctx_in = &md;
		opts->ctx_size_in = sizeof(md);
	}
	return run(p->fd, opts, ret);
}

static int run_tc(const struct run_prog *p, struct bpf_test_run_opts *opts, struct run_prog_result *ret)
{
	struct __sk_buff in = {.ifindex = p->ifindex,
			       .ingress_ifindex = p->ingress,
			       .mark = p->mark,
			       .gso_size = p->gso_size,
			       .gso_segs = p->gso_segs};
	struct __sk_buff out = {0};
	int r;

	memcpy(in.cb, p->cb, sizeof(in.cb));
	opts->ctx_in = &in;
	opts->ctx_size_in = sizeof(in);
	opts->ctx_out = &out;
	opts->ctx_size_out = sizeof(out);
	r = run(p->fd, opts, ret);
	if (r == 0)
		ret->mark = out.mark;
	return r;
}

int run_prog(const struct run_prog *p, const uint8_t *frame, size_t len, uint8_t *out,
	     struct run_prog_result *ret)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = (__u32)len, .data_out = out,
		    .data_size_out = RUN_PROG_MAX);

	return p->xdp ? run_xdp(p, &opts, ret) : run_tc(p, &opts, ret);
}
