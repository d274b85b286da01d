/* Wakes and questions one way, reports and answers the other way, over a SOCK_SEQPACKET pair.
 * Between the API process and the agent. */
#include "daemon/channel.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_ITEMS    128
#define BUFFER_BYTES (4 << 20)
#define ROOM_WAIT_MS 1000

enum message_type {
	MSG_BEGIN,
	MSG_FAILURES,
	MSG_PLUGGED,
	MSG_TRAFFIC_ITEMS,
	MSG_VERIFIED,
	MSG_HEALED,
	MSG_END,
	MSG_ANSWER,
	MSG_SEEN,
	MSG_TYPES
};

struct wire_failure {
	struct uuid row;
	char fact[160], why[160];
};

struct message {
	uint32_t type, count;
	union {
		struct {
			char node[72];
			int64_t time_us;
			uint64_t applied;
			uint32_t parts, express;
		} begin;
		struct wire_failure failures[MAX_ITEMS];
		struct uuid plugged[MAX_ITEMS];
		struct node_traffic traffic[MAX_ITEMS];
		struct node_verified verified[MAX_ITEMS];
		struct node_healed healed[MAX_ITEMS];
		struct probe_answer answer;
		struct probe_seen seen[CHANNEL_SEEN_MAX];
	};
};

static const size_t item_sizes[] = {
	[MSG_BEGIN] = sizeof(((struct message *)0)->begin),
	[MSG_FAILURES] = sizeof(struct wire_failure),
	[MSG_PLUGGED] = sizeof(struct uuid),
	[MSG_TRAFFIC_ITEMS] = sizeof(struct node_traffic),
	[MSG_VERIFIED] = sizeof(struct node_verified),
	[MSG_HEALED] = sizeof(struct node_healed),
	[MSG_END] = 0,
	[MSG_ANSWER] = sizeof(struct probe_answer),
	[MSG_SEEN] = sizeof(struct probe_seen),
};
static_assert(ARRAY_SIZE(item_sizes) == MSG_TYPES, "each type has a size");

static size_t message_size(uint32_t type, uint32_t count)
{
	return offsetof(struct message, begin) + item_sizes[type] * count;
}

int channel_new(int ret_fds[2], struct err *err)
{
	int bytes = BUFFER_BYTES;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0)
		return err_set(err, -errno, "socketpair: %m");
	for (int i = 0; i < 2; i++)
		if (setsockopt(ret_fds[i], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
			setsockopt(ret_fds[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	return 0;
}

static bool send_bytes(int fd, const void *data, size_t len)
{
	return send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
}

static const size_t asked_sizes[ASKED_KINDS] = {
	[ASKED_WAKE] = sizeof(struct wake),
	[ASKED_PROBE] = sizeof(struct probe_question),
	[ASKED_WATCH] = sizeof(struct probe_watch),
};

static bool send_asked(int fd, const struct asked *a)
{
	return send_bytes(fd, a, offsetof(struct asked, wake) + asked_sizes[a->kind]);
}

bool channel_send_wake(int fd, const struct wake *w)
{
	struct asked a = {.kind = ASKED_WAKE, .wake = *w};

	return send_asked(fd, &a);
}

bool channel_send_probe(int fd, const struct probe_question *q)
{
	struct asked a = {.kind = ASKED_PROBE, .probe = *q};

	return send_asked(fd, &a);
}

bool channel_send_watch(int fd, const struct probe_watch *w)
{
	struct asked a = {.kind = ASKED_WATCH, .watch = *w};

	return send_asked(fd, &a);
}

int channel_read_asked(int fd, struct asked *ret)
{
	struct asked a = {0};
	ssize_t n = recv(fd, &a, sizeof(a), MSG_DONTWAIT | MSG_TRUNC);

	if (n <= 0)
		return n == 0 ? -EPIPE : 0;
	if ((size_t)n < offsetof(struct asked, wake) || a.kind >= ASKED_KINDS ||
	    (size_t)n != offsetof(struct asked, wake) + asked_sizes[a.kind])
		return -EBADMSG;
	*ret = a;
	return 1;
}

bool channel_send_answer(int fd, const struct probe_answer *a)
{
	struct message m;

	m.type = MSG_ANSWER;
	m.count = 1;
	m.answer = *a;
	return send_bytes(fd, &m, message_size(MSG_ANSWER, 1));
}

bool channel_send_seen(int fd, const struct probe_seen *list, size_t count)
{
	struct message m;

	m.type = MSG_SEEN;
	m.count = (uint32_t)MIN(count, (size_t)CHANNEL_SEEN_MAX);
	memcpy(m.seen, list, m.count * sizeof(*list));
	return send_bytes(fd, &m, message_size(MSG_SEEN, m.count));
}

/* --- sending a report --- */

/* The first message of a report does not wait: when nobody reads, we go on at once. */
static bool send_message(int fd, struct message *m, uint32_t type, uint32_t count)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	m->type = type;
	m->count = count;
	while (!send_bytes(fd, m, message_size(type, count)))
		if (type == MSG_BEGIN || errno != EAGAIN || poll(&p, 1, ROOM_WAIT_MS) <= 0)
			return false;
	return true;
}

static void fill_item(struct message *m, uint32_t type, uint32_t at, const struct node_report *r, size_t i)
{
	if (type == MSG_FAILURES) {
		struct wire_failure *f = &m->failures[at];

		memset(f, 0, sizeof(*f));
		f->row = r->failures[i].row;
		strncpy(f->fact, r->failures[i].fact ? r->failures[i].fact : "", sizeof(f->fact) - 1);
		strncpy(f->why, r->failures[i].why ? r->failures[i].why : "", sizeof(f->why) - 1);
	} else if (type == MSG_PLUGGED) {
		m->plugged[at] = r->plugged[i];
	} else if (type == MSG_VERIFIED) {
		m->verified[at] = r->verified[i];
	} else if (type == MSG_HEALED) {
		m->healed[at] = r->healed[i];
	} else {
		m->traffic[at] = r->traffic[i];
	}
}

static bool send_items(int fd, uint32_t type, const struct node_report *r, size_t count)
{
	struct message *m = xalloc(sizeof(*m));
	bool ok = true;

	for (size_t i = 0; i < count && ok;) {
		uint32_t n = 0;

		while (n < MAX_ITEMS && i < count)
			fill_item(m, type, n++, r, i++);
		ok = send_message(fd, m, type, n);
	}
	free(m);
	return ok;
}

bool channel_send_report(int fd, const struct node_report *r, unsigned parts)
{
	struct message m;

	memset(&m, 0, message_size(MSG_BEGIN, 1));
	strncpy(m.begin.node, r->node, sizeof(m.begin.node) - 1);
	m.begin.time_us = r->time_us;
	m.begin.applied = r->applied;
	m.begin.parts = parts;
	m.begin.express = r->express;
	if (!send_message(fd, &m, MSG_BEGIN, 1))
		return false;
	if (parts & REPORT_FAILURES && !send_items(fd, MSG_FAILURES, r, r->failure_count))
		return false;
	if (parts & REPORT_PLUGGED && !send_items(fd, MSG_PLUGGED, r, r->plugged_count))
		return false;
	if (parts & REPORT_TRAFFIC && !send_items(fd, MSG_TRAFFIC_ITEMS, r, r->traffic_count))
		return false;
	if (parts & REPORT_VERIFIED && !send_items(fd, MSG_VERIFIED, r, r->verified_count))
		return false;
	if (parts & REPORT_HEALED && !send_items(fd, MSG_HEALED, r, r->healed_count))
		return false;
	return send_message(fd, &m, MSG_END, 0);
}

/* --- reading reports --- */

struct items {
	char *data;
	size_t count, cap;
};

struct report_reader {
	struct report_sinks to;
	bool begun;
	unsigned known; /* parts that were sent at least once */
	struct message begin;
	struct items kept[MSG_END];     /* what the node last said of each part */
	struct items arriving[MSG_END]; /* of the report that is coming in */
	struct message in;
};

struct report_reader *report_reader_new(const struct report_sinks *to)
{
	struct report_reader *r = xalloc(sizeof(*r));

	r->to = *to;
	return r;
}

void report_reader_free(struct report_reader *r)
{
	for (int i = 0; i < MSG_END; i++) {
		free(r->kept[i].data);
		free(r->arriving[i].data);
	}
	free(r);
}

static unsigned part_of(uint32_t type)
{
	static const unsigned parts[MSG_END] = {
		[MSG_FAILURES] = REPORT_FAILURES,     [MSG_PLUGGED] = REPORT_PLUGGED,
		[MSG_TRAFFIC_ITEMS] = REPORT_TRAFFIC, [MSG_VERIFIED] = REPORT_VERIFIED,
		[MSG_HEALED] = REPORT_HEALED,
	};

	return parts[type];
}

static void finish(struct report_reader *r)
{
	static const struct node_traffic nothing;
	static const struct node_verified none_verified;
	static const struct node_healed none_healed;
	struct node_report report = {.node = r->begin.begin.node,
				     .time_us = r->begin.begin.time_us,
				     .applied = r->begin.begin.applied,
				     .express = r->begin.begin.express};
	const struct wire_failure *wire;
	struct node_failure *failures;

	r->begun = false;
	r->known |= r->begin.begin.parts;
	/* The agent sent this one to the API process before us; the answer to our hello follows. */
	if (~r->known & (REPORT_FAILURES | REPORT_PLUGGED))
		return;
	for (uint32_t t = MSG_FAILURES; t < MSG_END; t++) {
		if (!(r->begin.begin.parts & part_of(t)))
			continue;
		free(r->kept[t].data);
		r->kept[t] = r->arriving[t];
		r->arriving[t] = (struct items){0};
	}
	wire = (const void *)r->kept[MSG_FAILURES].data;
	failures = xalloc(r->kept[MSG_FAILURES].count * sizeof(*failures));
	for (size_t i = 0; i < r->kept[MSG_FAILURES].count; i++)
		failures[i] = (struct node_failure){wire[i].row, wire[i].fact, wire[i].why};
	report.failures = failures;
	report.failure_count = r->kept[MSG_FAILURES].count;
	report.plugged = (const void *)r->kept[MSG_PLUGGED].data;
	report.plugged_count = r->kept[MSG_PLUGGED].count;
	if (r->begin.begin.parts & REPORT_TRAFFIC) {
		/* No counters is something else than none said. */
		report.traffic = r->kept[MSG_TRAFFIC_ITEMS].count
					 ? (const void *)r->kept[MSG_TRAFFIC_ITEMS].data
					 : &nothing;
		report.traffic_count = r->kept[MSG_TRAFFIC_ITEMS].count;
	}
	if (r->begin.begin.parts & REPORT_VERIFIED) {
		report.verified_count = r->kept[MSG_VERIFIED].count;
		report.verified =
			report.verified_count ? (const void *)r->kept[MSG_VERIFIED].data : &none_verified;
	}
	if (r->begin.begin.parts & REPORT_HEALED) {
		report.healed_count = r->kept[MSG_HEALED].count;
		report.healed = report.healed_count ? (const void *)r->kept[MSG_HEALED].data : &none_healed;
		for (size_t i = 0; i < report.healed_count; i++)
			((struct node_healed *)(void *)r->kept[MSG_HEALED].data)[i].kind[15] = '\0';
	}
	nodes_report(r->to.nodes, &report);
	free(failures);
}

static void take_items(struct report_reader *r)
{
	struct items *to = &r->arriving[r->in.type];
	size_t size = item_sizes[r->in.type];

	if (to->count + r->in.count > to->cap) {
		to->cap = MAX(2 * to->cap, to->count + r->in.count);
		to->data = xrealloc(to->data, to->cap * size);
	}
	memcpy(to->data + to->count * size, &r->in.begin, r->in.count * size);
	to->count += r->in.count;
}

static void begin(struct report_reader *r)
{
	for (int i = 0; i < MSG_END; i++) {
		free(r->arriving[i].data);
		r->arriving[i] = (struct items){0};
	}
	r->begin = r->in;
	r->begin.begin.node[sizeof(r->begin.begin.node) - 1] = '\0';
	r->begun = true;
}

/* Messages that are no part of a report. */
static void take_between(struct report_reader *r)
{
	if (r->in.type == MSG_ANSWER && r->in.count == 1 && r->to.asks)
		asks_answer(r->to.asks, &r->in.answer);
	else if (r->in.type == MSG_SEEN && r->in.count <= CHANNEL_SEEN_MAX && r->to.watches)
		watches_seen(r->to.watches, r->in.seen, r->in.count);
}

int report_reader_step(struct report_reader *r, int fd)
{
	ssize_t n = recv(fd, &r->in, sizeof(r->in), MSG_DONTWAIT);

	if (n <= 0)
		return n == 0 ? -EPIPE : 0;
	if ((size_t)n < offsetof(struct message, begin) || r->in.type >= MSG_TYPES ||
	    r->in.count > MAX_ITEMS || (size_t)n != message_size(r->in.type, r->in.count))
		return -EBADMSG;
	if (r->in.type > MSG_END) {
		take_between(r);
	} else if (r->in.type == MSG_BEGIN && r->in.count == 1) {
		begin(r);
	} else if (r->begun && r->in.type == MSG_END) {
		finish(r);
	} else if (r->begun) {
		take_items(r);
	}
	return 1;
}
