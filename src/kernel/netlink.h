/* Netlink as this layer needs it: many requests in one sendmsg with one result each, and whole dumps.
 * Below every kind's file, above libmnl.
 *
 * The kernel carries a request out inside sendmsg, so every answer is queued when that returns. A batch
 * asks for an acknowledgement of its last message only: errors come by themselves, and a message that
 * nothing was said about has succeeded. Ten thousand additions cost a few system calls and a few answers. */
#pragma once
#include "base/err.h"

#include <libmnl/libmnl.h>

#define NL_RECEIVE_SIZE 65536 /* holds every datagram of the kernel's */
#define NL_MESSAGE_MAX  4096  /* bytes one request may have, header included */

/* A socket in the network namespace of the calling thread: big buffers, extended and capped
 * acknowledgements, strict checking of dump requests. `protocol`: NETLINK_ROUTE, NETLINK_NETFILTER.
 * 0 or negative errno. */
int nl_open(int protocol, struct mnl_socket **ret, struct err *err);

struct nl_result {
	void *arg;     /* the caller's, usually its struct change */
	int result;    /* 0 or negative errno */
	char *why;     /* the kernel's own words when it gave some; owned by the batch; may be NULL */
	size_t offset; /* of the message in the data */
};

/* Requests waiting to be sent. Zero-initialised; nl_batch_done when no longer needed. */
struct nl_batch {
	char *data;
	size_t len, cap;
	struct nl_result *items; /* one per message, in order */
	size_t count, items_cap;
	bool whole;    /* one sendmsg for all (an nf_tables transaction); otherwise split where sensible */
	size_t ack_at; /* `whole` only: index of the message to ask for acknowledgement, e.g. the last one
			  before NFNL_MSG_BATCH_END */
};

void nl_batch_done(struct nl_batch *b);
#define AUTO_NL_BATCH CLEANUP(nl_batch_done)

/* Starts a message: NLM_F_REQUEST and `flags` are set, NL_MESSAGE_MAX bytes are there for it. The pointer
 * is valid until nl_batch_end, which must follow when the message is complete. */
struct nlmsghdr *nl_batch_begin(struct nl_batch *b, uint16_t type, uint16_t flags, void *arg);
void nl_batch_end(struct nl_batch *b, struct nlmsghdr *nlh);
/* Takes back the message that nl_batch_begin started. */
void nl_batch_cancel(struct nl_batch *b);

/* Sends everything and fills in the result of each message. Returns 0 when the kernel answered, whatever
 * the answers; a negative errno when the sending itself failed (it is every unanswered message's result
 * too). The batch keeps its messages until nl_batch_done. */
int nl_batch_send(struct nl_batch *b, struct mnl_socket *sock, struct err *err);

/* One request, its answer to `cb` when it has one (cb may be NULL). 0 or negative errno, with the kernel's
 * words in err. */
typedef int (*nl_cb)(const struct nlmsghdr *nlh, void *arg); /* 0, or negative errno, which ends it */
int nl_request(struct mnl_socket *sock, struct nlmsghdr *nlh, nl_cb cb, void *arg, struct err *err);

/* A dump: collects all messages, starts again when the kernel says that the data changed meanwhile, then
 * calls cb once per message of the consistent whole. Sets NLM_F_REQUEST | NLM_F_DUMP. */
int nl_dump(struct mnl_socket *sock, struct nlmsghdr *nlh, nl_cb cb, void *arg, struct err *err);

/* Receives one datagram that the kernel sent (others' are dropped): its length, or negative errno. */
ssize_t nl_receive(struct mnl_socket *sock, void *buf, size_t size, int flags);

/* Parses attributes into `tb` (indices 0..max, NULL where absent). Attributes shorter than `min[type]` bytes
 * are as if absent (min may be NULL), unknown ones are skipped. Never reads behind the message. */
void nl_parse(const struct nlmsghdr *nlh, size_t header, const struct nlattr **tb, uint16_t max,
	      const uint16_t *min);
void nl_parse_nested(const struct nlattr *nest, const struct nlattr **tb, uint16_t max, const uint16_t *min);
/* The text of a string attribute, NUL-terminated within `size` bytes; "" when attr is NULL. */
const char *nl_text(const struct nlattr *attr, char *out, size_t size);
