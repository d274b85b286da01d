/* The kernel behind one table of functions: observe it as facts, apply changes to it.
 *
 * The real one (kernel_linux_new) speaks rtnetlink, nf_tables and ctnetlink in the namespaces that the
 * facts name; the fake one (kernel_fake_new) is an array in memory for tests. Only objects that carry
 * Buoy's mark are reported and touched: namespaces whose loopback has our alias, links with the alias
 * "buoy", addresses and routes of protocol KERNEL_PROTO, the nft table "buoy". Everything an
 * administrator made by hand stays invisible here, and so stays.
 *
 * One thread: the agent's. */
#pragma once
#include "bpf/verdict.h"
#include "model/probe.h"
#include "plan/fact.h"

#define KERNEL_PROTO 66 /* route protocol (rtnetlink(7)) and address protocol (IFA_PROTO) */
#define KERNEL_ALIAS "buoy"
#define KERNEL_TABLE "buoy"

/* Packets and bytes of one floating IP since its counters were made. nftables tells neither when the last
 * packet was nor what a limit has dropped. */
struct traffic {
	struct ip floating_ip;
	sym ns;
	uint64_t in_packets, in_bytes, out_packets, out_bytes;
	uint64_t seen_ns[EXPRESS_DIRECTIONS]; /* CLOCK_MONOTONIC, some ms exact; 0: never, or not known */
	uint64_t dropped[DROP_REASONS];       /* packets */
};

struct kernel;
struct kernel_ops {
	/* Appends every fact that is ours; the caller sorts. 0 or negative errno. */
	int (*observe)(struct kernel *k, struct facts *ret, struct err *err);
	/* The same for one place (fact_place): the host (0), or a namespace; nothing when that is not there.
	 */
	int (*observe_place)(struct kernel *k, sym ns, struct facts *ret, struct err *err);
	/* Appends a FACT_PLUG (value.dev: the bridge it is on now, or 0; value.num: its ifindex) for every
	 * link of the host that somebody else made and whose name or alternative name is "tap" and 11
	 * characters of a UUID. */
	int (*taps)(struct kernel *k, struct facts *ret, struct err *err);
	/* Does the changes in order; nft changes of one namespace go in one transaction, rtnetlink ones in
	 * batches. Sets result and why of each; a failure does not stop the others. What ends an
	 * association (a NAT fact deleted, or given another fixed IP) also ends its tracked connections.
	 * An address put with ADDRESS_ANNOUNCE, or whose NAT was put in the same call, is announced. */
	void (*apply)(struct kernel *k, struct changes *changes);
	/* Appends the counters of all NAT facts to a malloc'd array. */
	int (*traffic)(struct kernel *k, struct traffic **ret, size_t *ret_count, struct err *err);
	/* Tries what the data path does with a made-up packet of a floating IP (FACT_EXPRESS, as planned),
	 * and fills the answer but for its id. `p` has passed probe_check. -EOPNOTSUPP where nothing can be
	 * tried. */
	int (*probe)(struct kernel *k, const struct fact *floating, const struct probe_packet *p,
		     struct probe_answer *ret, struct err *err);
	/* Whose packets are to be told of from now on: PROBE_WATCHES at most; 0: nobody's. What is told waits
	 * in a bounded buffer for `seen`. -EOPNOTSUPP where packets are not seen. */
	int (*watch)(struct kernel *k, const struct ip *floating_ips, size_t count, struct err *err);
	/* Takes what was seen since: fills at most `max`, counts the others as missed. Returns how many. */
	size_t (*seen)(struct kernel *k, struct probe_seen *ret, size_t max);
	/* A descriptor that polls readable when the host's taps, or a guarded address, changed; -1: none. */
	int (*event_fd)(struct kernel *k);
	/* Reads what is pending; sets `drift` of the kernel. `taps_changed`: a tap came or went, ask for taps
	 * again. Conflicts: guarded addresses that a stranger answered for since the last call, appended as
	 * FACT_GUARD facts whose value.ip is unused. `is_ours(arg, mac)` tells our own MAC addresses. */
	int (*read_events)(struct kernel *k, bool *ret_taps_changed, struct facts *conflicts,
			   bool (*is_ours)(void *arg, const struct mac *mac), void *arg, struct err *err);
	void (*free)(struct kernel *k);
};

struct kernel {
	const struct kernel_ops *ops;
	struct symtab *syms; /* borrowed */
	bool drift;          /* somebody took something of ours away: whoever compares everything clears it */
};

/* Opens the sockets in the current network namespace, which is "the host". `run_netns` is the folder of
 * named namespaces, "/run/netns" in production. */
int kernel_linux_new(struct symtab *syms, const char *run_netns, struct kernel **ret, struct err *err);

/* Where DHCP and DNS are answered: a process without privileges, which is handed a socket for each network.
 * `fd`: our end of a SOCK_SEQPACKET pair, borrowed; `node`: its name makes the MAC address that is answered
 * from. Without this call FACT_SERVE can not be put. What is sent to the responder is one struct each, with
 * the socket as ancillary data of SERVE_PUT; what it sends to us is a byte, when it has read all there was:
 * SERVE_HELLO also asks for everything anew. */
enum serve_what {
	SERVE_RESET, /* forget every socket */
	SERVE_PUT,   /* the socket of this network, instead of one from before */
	SERVE_DROP,
};
#define SERVE_HELLO 'h'
#define SERVE_MORE  'm'
struct serve_message {
	uint32_t what; /* enum serve_what */
	struct uuid network;
	struct mac mac; /* that answers come from */
};
/* The address that instances find DHCP and DNS at (RFC 3927), on each network. */
#define SERVE_ADDRESS 0xa9fea9fdu /* 169.254.169.253, host order */
int kernel_linux_serve(struct kernel *k, const char *node, int fd, struct err *err);

/* The express data path (bpf/express.h), whose programs and maps are in `folder` of a BPF file system,
 * usually /sys/fs/bpf/buoy. Without it facts of its kinds are neither observed nor put. Negative errno
 * with the reason where the kernel can not. `wanted`: so many floating IPs there are. */
enum express_xdp {
	XDP_AUTO,   /* at uplinks whose packets come off a wire, where the driver can */
	XDP_ALWAYS, /* at every uplink whose driver can: wrong where a local stack sends from (partial
		       checksums) */
	XDP_NEVER,
};
enum express_open {
	EXPRESS_MAKE, /* it is wanted */
	EXPRESS_TAKE, /* what is there from before is to be taken away: -ENOENT when nothing is */
	EXPRESS_LOOK, /* what is there is only looked at: -ENOENT when nothing is */
};
int kernel_linux_open_express(struct kernel *k, const char *folder, enum express_open how,
			      enum express_xdp xdp, size_t wanted, struct err *err);
/* Whether there was no room for a floating IP: a kernel that is opened anew makes more. */
bool kernel_linux_express_full(const struct kernel *k);
/* Whether this kernel has what it takes. */
bool kernel_linux_can_express(void);
/* Removes what earlier builds have left there; `all`: everything, when nothing is attached any more. */
void kernel_linux_prune_express(struct kernel *k, bool all);

/* An in-memory kernel. It refuses nothing by itself; kernel_fake_fail makes the changes whose printed
 * fact contains `text` fail with `errnum` until called with NULL. kernel_fake_tap makes a tap appear or go;
 * kernel_fake_conflict makes a stranger answer for an address. */
struct kernel *kernel_fake_new(struct symtab *syms);
void kernel_fake_fail(struct kernel *k, const char *text, int errnum);
void kernel_fake_tap(struct kernel *k, const char *name, bool present);
void kernel_fake_conflict(struct kernel *k, const struct ip *addr);
