/* BPF_PROG_TEST_RUN for one frame. See run_prog.h. */
#include "run_prog.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include <bpf/bpf.h>

static int is_xdp(int fd, int *ret)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0)
		return -errno;
	*ret = info.type == BPF_PROG_TYPE_XDP;
	return 0;
}

int run_prog(const struct run_prog *p, const uint8_t *frame, size_t len, uint8_t *out,
	     struct run_prog_result *ret)
{
	struct __sk_buff skb = {.ifindex = p->ifindex, .ingress_ifindex = p->ifindex}, skb_out = {0};
	struct xdp_md md = {.data_end = (__u32)len, .ingress_ifindex = p->ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = (__u32)len, .data_out = out,
		    .data_size_out = RUN_PROG_MAX);
	int xdp = 0, r = is_xdp(p->fd, &xdp);

	if (r < 0)
		return r;
	if (p->ifindex) {
		opts.ctx_in = xdp ? (void *)&md : (void *)&skb;
		opts.ctx_size_in = xdp ? sizeof(md) : sizeof(skb);
	}
	if (!xdp) {
		opts.ctx_out = &skb_out;
		opts.ctx_size_out = sizeof(skb_out);
	}
	if (bpf_prog_test_run_opts(p->fd, &opts) < 0)
		return -errno;
	ret->verdict = opts.retval;
	ret->len = opts.data_size_out;
	ret->mark = skb_out.mark;
	return 0;
}
