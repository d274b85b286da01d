/* Which updates are due, and how often they are tried.
 * Between the rows that the responder follows and the name server. */
#include "daemon/publish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <uthash.h>
#include <utlist.h>

#include "daemon/process.h"
#include "daemon/publish_message.h"

#define ANSWER_US   3000000
#define SHORTEST_US 1000000
#define LONGEST_US  300000000
#define RESEND_US   3600000000ll
#define IDLE_MS     1000
#define STEPS_MAX   4

/* A floating IP that has, wants or had a record. */
struct item {
	UT_hash_handle hh;
	struct item *prev, *next; /* of the queue that it is in */
	struct uuid id;
	struct record *was; /* what was last sent; NULL: nothing that we know of */
	bool force;         /* is sent whether it has changed or not */
	bool again;         /* it has changed while it was under way */
	bool ready, late;   /* in which queue it is */
	unsigned failures;
	int64_t due_us; /* of `late` */
};

/* One update of an item: a record added or deleted in a zone. */
struct step {
	char zone[DNS_NAME_TEXT], rr[DNS_NAME_TEXT * 2 + 64];
	bool add;
};

struct publisher {
	const struct publish_settings *settings;
	struct item *items;
	struct item *ready, *late; /* in the order of their time; late: of their failure */
	int fd;
	/* What is under way: of the first of `ready`. */
	struct step steps[STEPS_MAX];
	size_t step_count, step;
	struct record want;
	bool has_want, sent;
	struct update update;
	int64_t sent_us, resend_us;
	unsigned silent; /* updates without an answer, one after another */
};

/* --- items --- */

static void make_ready(struct publisher *p, struct item *i)
{
	if (i->late)
		DL_DELETE(p->late, i);
	i->late = false;
	if (!i->ready)
		DL_APPEND(p->ready, i);
	i->ready = true;
}

static struct item *get_item(struct publisher *p, const struct uuid *id)
{
	struct item *i;

	HASH_FIND(hh, p->items, id, sizeof(*id), i);
	if (i)
		return i;
	i = xalloc(sizeof(*i));
	i->id = *id;
	HASH_ADD(hh, p->items, id, sizeof(i->id), i);
	return i;
}

static void drop_item(struct publisher *p, struct item *i)
{
	if (i->ready)
		DL_DELETE(p->ready, i);
	if (i->late)
		DL_DELETE(p->late, i);
	HASH_DEL(p->items, i);
	free(i->was);
	free(i);
}

static void remember(struct item *i, const struct record *r)
{
	free(i->was);
	i->was = NULL;
	if (!r)
		return;
	i->was = xalloc(sizeof(*r));
	*i->was = *r;
}

/* Of what was released while nobody looked only what rests is known. */
static void send_all(struct publisher *p, const struct snap *s)
{
	const struct floatingip *f;
	const struct rest *rest;
	struct record r;
	struct scan scan;

	for (f = scan_kind(&scan, s, KIND_FLOATINGIP, NULL); f; f = scan_next(&scan))
		if (record_of(s, f, &r)) {
			struct item *i = get_item(p, &f->row.id);

			i->force = true;
			make_ready(p, i);
		}
	for (rest = scan_kind(&scan, s, KIND_REST, NULL); rest; rest = scan_next(&scan))
		if (record_of_rest(s, rest, &r) && !snap_get(s, KIND_FLOATINGIP, &rest->row.id)) {
			struct item *i = get_item(p, &rest->row.id);

			remember(i, &r);
			make_ready(p, i);
		}
	p->resend_us = clock_mono_us() + RESEND_US;
}

struct touch {
	struct publisher *p;
	const struct snap *was, *is;
};

static void touch_fip(void *arg, const struct uuid *id)
{
	const struct touch *t = arg;
	const struct floatingip *a = snap_get(t->was, KIND_FLOATINGIP, id),
				*b = snap_get(t->is, KIND_FLOATINGIP, id);
	struct record ra, rb;
	bool had = a && record_of(t->was, a, &ra), has = b && record_of(t->is, b, &rb);
	struct item *i;

	if (!had && !has)
		return;
	i = get_item(t->p, id);
	i->failures = 0;
	i->again = i == t->p->ready && t->p->step_count;
	make_ready(t->p, i);
}

void publisher_touch(struct publisher *p, const struct snap *was, const struct snap *is,
		     const struct touched *rows, size_t count)
{
	struct touch t = {p, was, is};

	for (size_t i = 0; i < count; i++)
		record_touch(was, is, rows[i].kind, &rows[i].id, touch_fip, &t);
}

/* --- steps --- */

static void add_step(struct publisher *p, bool add, const char *zone, const char *name, const char *type,
		     const char *data)
{
	struct step *s = &p->steps[p->step_count++];

	s->add = add;
	snprintf(s->zone, sizeof(s->zone), "%s", zone);
	snprintf(s->rr, sizeof(s->rr), "%.255s %u IN %s %.255s", name, p->settings->ttl_s, type, data);
}

static void add_steps(struct publisher *p, bool add, const struct record *r)
{
	char text[IP_TEXT], name[DNS_NAME_TEXT], zone[DNS_NAME_TEXT];

	add_step(p, add, r->zone, r->name, "A", ip_print(&r->address, text));
	if (!p->settings->reverse)
		return;
	record_reverse(r, name, zone);
	add_step(p, add, zone, name, "PTR", r->name);
}

/* What the item takes: first what is no more, unless another one wants it by now. */
static void plan_steps(struct publisher *p, const struct item *i, const struct snap *s)
{
	const struct floatingip *f = snap_get(s, KIND_FLOATINGIP, &i->id);
	bool same;

	p->step = p->step_count = 0;
	p->has_want = f && record_of(s, f, &p->want);
	same = p->has_want && i->was && record_eq(i->was, &p->want);
	if (i->was && !same && !record_is_wanted(s, i->was))
		add_steps(p, false, i->was);
	if (p->has_want && (!same || i->force))
		add_steps(p, true, &p->want);
}

static void finish(struct publisher *p, struct item *i)
{
	bool again = i->again;

	remember(i, p->has_want ? &p->want : NULL);
	i->force = i->again = i->ready = false;
	i->failures = 0;
	p->step = p->step_count = 0;
	DL_DELETE(p->ready, i);
	if (again)
		make_ready(p, i);
	else if (!p->has_want)
		drop_item(p, i);
}

static int64_t pause_us(unsigned failures)
{
	return MIN((int64_t)SHORTEST_US << MIN(failures, 20u), (int64_t)LONGEST_US);
}

/* What has been added, or may have been, is to be deleted later, whatever comes of the rest. */
static void stop_steps(struct publisher *p, struct item *i)
{
	if (p->step < p->step_count && p->steps[p->step].add) {
		remember(i, &p->want);
		i->force = true;
	}
	p->step = p->step_count = 0;
	p->sent = i->again = false;
}

/* Only this one: others may be accepted. */
static void postpone(struct publisher *p, struct item *i, const char *why)
{
	int64_t wait_us = pause_us(i->failures++);

	if (i->failures == 1)
		log_line("%s in %s: %s; trying again", p->steps[p->step].rr, p->steps[p->step].zone, why);
	DL_DELETE(p->ready, i);
	i->ready = false;
	i->due_us = clock_mono_us() + wait_us;
	DL_APPEND(p->late, i);
	i->late = true;
	stop_steps(p, i);
}

static void wake_late(struct publisher *p, int64_t now_us)
{
	struct item *i, *next;

	DL_FOREACH_SAFE(p->late, i, next)
	if (i->due_us <= now_us)
		make_ready(p, i);
}

/* --- the server --- */

static void read_answers(struct publisher *p)
{
	uint8_t wire[4096];
	char why[128];
	ssize_t n;

	while ((n = recv(p->fd, wire, sizeof(wire), MSG_DONTWAIT)) >= 0) {
		int r = p->sent ? update_read(p->settings, &p->update, wire, (size_t)n, why) : -EAGAIN;

		if (r == -EAGAIN)
			continue;
		if (p->silent)
			log_line("the name server answers again");
		p->silent = 0;
		p->sent = false;
		if (r < 0)
			postpone(p, p->ready, why);
		else
			p->step++;
	}
}

/* The next update of what is first. False: there is none. */
static bool send_next(struct publisher *p, const struct snap *s)
{
	char no_sense[] = "it can not be made into an update";

	while (p->ready) {
		struct item *i = p->ready;

		if (p->step == p->step_count && p->step)
			finish(p, i);
		else if (p->step_count == 0 && (plan_steps(p, i, s), p->step_count == 0))
			finish(p, i);
		else if (update_make(p->settings, p->steps[p->step].zone, p->steps[p->step].rr,
				     p->steps[p->step].add, &p->update) < 0)
			postpone(p, i, no_sense);
		else
			break;
	}
	if (!p->ready)
		return false;
	send(p->fd, p->update.wire, p->update.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	p->sent = true;
	p->sent_us = clock_mono_us();
	return true;
}

/* Nobody answers: everything waits, longer and longer, and begins with what was under way. */
static bool is_waiting(struct publisher *p, int64_t now_us)
{
	if (!p->sent)
		return false;
	if (now_us < p->sent_us + ANSWER_US + (p->silent ? pause_us(p->silent) : 0))
		return true;
	if (!p->silent++)
		log_line("the name server does not answer; trying again");
	stop_steps(p, p->ready);
	return false;
}

int publisher_step(struct publisher *p, const struct snap *s)
{
	int64_t now_us = clock_mono_us();

	read_answers(p);
	wake_late(p, now_us);
	if (now_us >= p->resend_us)
		send_all(p, s);
	if (!is_waiting(p, now_us))
		send_next(p, s);
	return IDLE_MS;
}

int publisher_fd(const struct publisher *p)
{
	return p->fd;
}

/* --- life --- */

static int open_server(const struct publish_settings *s)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(s->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(s->port)};
	bool is_v4 = ip_is_v4(&s->server);
	int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (is_v4)
		v4.sin_addr.s_addr = htonl(ip_to_v4(&s->server));
	memcpy(v6.sin6_addr.s6_addr, s->server.b, sizeof(s->server.b));
	if (fd >= 0 && connect(fd, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
			       is_v4 ? sizeof(v4) : sizeof(v6)) < 0)
		log_line("the name server can not be reached yet: %m");
	return fd;
}

struct publisher *publisher_new(const struct publish_settings *settings, const struct snap *s)
{
	struct publisher *p = xalloc(sizeof(*p));

	p->settings = settings;
	p->fd = open_server(settings);
	send_all(p, s);
	return p;
}

void publisher_free(struct publisher *p)
{
	struct item *i, *next;

	if (!p)
		return;
	HASH_ITER (hh, p->items, i, next)
		drop_item(p, i);
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}
