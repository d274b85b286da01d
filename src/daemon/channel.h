/* The socket pair between the API process and the agent: SOCK_SEQPACKET, so that a message is whole or not
 * there, also when one side is started anew on the same descriptor.
 *
 *   API to agent   struct asked, of a few kinds, each a fixed number of bytes without pointers: the agent,
 * which has privileges, parses nothing else of what the API process says agent to API   a report, cut into
 * messages of a bounded number of items; answers to questions, also between the messages of a report
 *
 * Both processes are the same program started by one parent, so structs travel as they are. Sending a wake
 * never blocks; a report that has begun waits a moment for room, because a long one is more than the channel
 * holds. What does not go through is sent later. */
#pragma once
#include "api/asks.h"
#include "api/nodes.h"
#include "api/watch.h"

struct wake {
	uint64_t revision; /* the store has this one */
	uint32_t hello;    /* the API process is new: send everything */
	uint32_t traffic;  /* send the counters */
};

/* Makes the pair with large buffers. */
int channel_new(int ret_fds[2], struct err *err);

enum asked_kind { ASKED_WAKE, ASKED_PROBE, ASKED_WATCH, ASKED_KINDS };
struct asked {
	uint32_t kind; /* enum asked_kind */
	union {
		struct wake wake;
		struct probe_question probe;
		struct probe_watch watch;
	};
};

/* True when it was sent; false when the other side is not reading: try again when it polls writable. */
bool channel_send_wake(int fd, const struct wake *w);
bool channel_send_probe(int fd, const struct probe_question *q);
bool channel_send_watch(int fd, const struct probe_watch *w);
/* 1: read one, 0: nothing there, -EPIPE: closed, -EBADMSG: not one of ours, skipped. What it says is still to
 * be checked (probe_check). */
int channel_read_asked(int fd, struct asked *ret);
/* Agent to API; false as above: whoever has asked will notice by the time that it takes. */
bool channel_send_answer(int fd, const struct probe_answer *a);
/* The same; they are lost then. At most CHANNEL_SEEN_MAX. */
#define CHANNEL_SEEN_MAX 8
bool channel_send_seen(int fd, const struct probe_seen *list, size_t count);

/* What changed since the last report that went through decides what is sent again. */
enum report_parts {
	REPORT_FAILURES = 1,
	REPORT_PLUGGED = 2,
	REPORT_TRAFFIC = 4,
	REPORT_VERIFIED = 8,
	REPORT_HEALED = 16
};
bool channel_send_report(int fd, const struct node_report *report, unsigned parts);

/* The reading side: keeps what was not sent again and gives whole reports to nodes, from the first one on
 * after which it knows every part; answers to asks, and packets that were seen to watches. One thread. */
struct report_reader;
struct report_sinks { /* all borrowed */
	struct nodes *nodes;
	struct asks *asks;       /* NULL: nobody asks */
	struct watches *watches; /* NULL: nobody watches */
};
struct report_reader *report_reader_new(const struct report_sinks *to);
void report_reader_free(struct report_reader *r);
/* Reads one message; 1: read one, 0: nothing there, -EPIPE: closed, -EBADMSG: not one of ours, ignored. */
int report_reader_step(struct report_reader *r, int fd);
