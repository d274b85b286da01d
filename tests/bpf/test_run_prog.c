/* The runner of BPF programs, with two small programs. Needs root; skipped (77) without.
 * Test of a test's tool. */
#include "run_prog.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <net/if.h>

#define INSN(c, d, s, o, i)                                                                                  \
	((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define LOAD32(d, s, o)      INSN(BPF_LDX | BPF_MEM | BPF_W, d, s, o, 0)
#define STORE(size, d, o, i) INSN(BPF_ST | BPF_MEM | (size), d, 0, o, i)
#define MOVE(d, s)           INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i)            INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD(d, i)            INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define EXIT                 INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
/* Skips `n` instructions when the frame has no Ethernet header; r2: its beginning. */
#define FIND_FRAME(data, end, n)                                                                             \
	LOAD32(2, 1, data), LOAD32(3, 1, end), MOVE(4, 2), ADD(4, 14),                                       \
		INSN(BPF_JMP | BPF_JGT | BPF_X, 4, 3, n, 0)

static int load(enum bpf_prog_type type, const struct bpf_insn *insns, size_t count)
{
	int fd = bpf_prog_load(type, "test", "GPL", insns, count, NULL);

	assert_true(fd >= 0);
	return fd;
}

static void xdp_changes_and_sends_back(void **state)
{
	static const struct bpf_insn insns[] = {
		FIND_FRAME(offsetof(struct xdp_md, data), offsetof(struct xdp_md, data_end), 1),
		STORE(BPF_B, 2, 3, 0x42),
		SET(0, XDP_TX),
		EXIT,
	};
	struct run_prog p = {.fd = load(BPF_PROG_TYPE_XDP, insns, sizeof(insns) / sizeof(insns[0])),
			     .xdp = true};
	uint8_t frame[1514] = {1, 2, 3, 4}, out[RUN_PROG_MAX];
	struct run_prog_result r;

	assert_int_equal(run_prog(&p, frame, sizeof(frame), out, &r), 0);
	assert_int_equal(r.verdict, XDP_TX);
	assert_int_equal(r.len, sizeof(frame));
	assert_int_equal(out[3], 0x42);
	frame[3] = 0x42;
	assert_memory_equal(out, frame, sizeof(frame));
	close(p.fd);
}

static void tc_sees_the_device_and_marks(void **state)
{
	static const struct bpf_insn insns[] = {
		LOAD32(2, 1, offsetof(struct __sk_buff, ifindex)),
		INSN(BPF_STX | BPF_MEM | BPF_W, 1, 2, offsetof(struct __sk_buff, mark), 0),
		SET(0, TC_ACT_REDIRECT),
		EXIT,
	};
	struct run_prog p = {.fd = load(BPF_PROG_TYPE_SCHED_CLS, insns, sizeof(insns) / sizeof(insns[0])),
			     .ifindex = if_nametoindex("lo")};
	uint8_t frame[RUN_PROG_MAX] = {0}, out[RUN_PROG_MAX];
	struct run_prog_result r;

	for (size_t len = 14; len <= sizeof(frame); len += 677) {
		assert_int_equal(run_prog(&p, frame, len, out, &r), 0);
		assert_int_equal(r.verdict, TC_ACT_REDIRECT);
		assert_int_equal(r.len, len);
		assert_int_equal(r.mark, p.ifindex);
	}
	assert_int_equal(run_prog(&p, frame, 13, out, &r), -EINVAL);
	close(p.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xdp_changes_and_sends_back),
		cmocka_unit_test(tc_sees_the_device_and_marks),
	};

	if (geteuid() != 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
