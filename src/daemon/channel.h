/* The socket pair between the API process and the agent: SOCK_SEQPACKET, so that a message is whole or not
 * there, also when one side is started anew on the same descriptor.
 *
 *   API to agent   struct wake, a fixed number of bytes: the agent, which has privileges, parses nothing else
 * of what the API process says agent to API   a report, cut into messages of a bounded number of items
 *
 * Both processes are the same program started by one parent, so structs travel as they are. Sending a wake
 * never blocks; a report that has begun waits a moment for room, because a long one is more than the channel
 * holds. What does not go through is sent later. */
#pragma once
#include "api/nodes.h"

struct wake {
	uint64_t revision; /* the store has this one */
	uint32_t hello;    /* the API process is new: send everything */
	uint32_t traffic;  /* send the counters */
};

/* Makes the pair with large buffers. */
int channel_new(int ret_fds[2], struct err *err);

/* True when it was sent; false when the other side is not reading: try again when it polls writable. */
bool channel_send_wake(int fd, const struct wake *w);
/* 1: read one, 0: nothing there, -EPIPE: closed. */
int channel_read_wake(int fd, struct wake *ret);

/* What changed since the last report that went through decides what is sent again. */
enum report_parts { REPORT_FAILURES = 1, REPORT_PLUGGED = 2, REPORT_TRAFFIC = 4 };
bool channel_send_report(int fd, const struct node_report *report, unsigned parts);

/* The reading side: keeps what was not sent again and gives whole reports to nodes, from the first one on
 * after which it knows every part. One thread. */
struct report_reader;
struct report_reader *report_reader_new(struct nodes *nodes);
void report_reader_free(struct report_reader *r);
/* Reads one message; 1: read one, 0: nothing there, -EPIPE: closed, -EBADMSG: not one of ours, ignored. */
int report_reader_step(struct report_reader *r, int fd);
