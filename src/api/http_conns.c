/* The table of open connections: deadlines, and who is closed when it is full.
 * Fed by http_request.c from the library's callbacks; closes by shutdown(2), which the library sees as EOF.
 */
#include "api/http_conns.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <utlist.h>

/* A client that takes an answer slower than this is treated as one that takes nothing. */
#define MIN_BYTES_PER_S (64 * 1024)
/* When room is needed, a sender is closed only if it has been at it for so long. */
#define SENDING_GRACE_US 1000000

struct conn {
	int fd;
	enum conn_phase phase;
	int64_t since, deadline;
	bool ended; /* the last sweep saw the end of the client's bytes, in this phase */
	struct conn *prev, *next;
};

struct conns {
	struct conns_config config;
	unsigned room; /* more live connections than this, and the oldest goes */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool stop;
	unsigned count, closing;
	/* One list a phase, in the order of entering: the head is the oldest. */
	struct conn *phases[CONN_CLOSING + 1];
};

static void move(struct conns *c, struct conn *conn, enum conn_phase phase)
{
	DL_DELETE(c->phases[conn->phase], conn);
	c->closing += (phase == CONN_CLOSING) - (conn->phase == CONN_CLOSING);
	conn->phase = phase;
	DL_APPEND(c->phases[phase], conn);
}

static void close_conn(struct conns *c, struct conn *conn)
{
	shutdown(conn->fd, SHUT_RDWR);
	move(c, conn, CONN_CLOSING);
}

static struct conn *oldest(struct conns *c, int64_t now)
{
	struct conn *idle = c->phases[CONN_IDLE], *receiving = c->phases[CONN_RECEIVING];
	struct conn *sending = c->phases[CONN_SENDING];

	if (idle && receiving)
		return idle->since < receiving->since ? idle : receiving;
	if (idle || receiving)
		return idle ? idle : receiving;
	return sending && now - sending->since > SENDING_GRACE_US ? sending : NULL;
}

static int64_t time_for(const struct conns *c, enum conn_phase phase, size_t bytes)
{
	switch (phase) {
	case CONN_IDLE:
		return c->config.idle_us;
	case CONN_RECEIVING:
		return c->config.request_us;
	case CONN_SENDING:
		return c->config.request_us + (int64_t)(bytes / MIN_BYTES_PER_S) * 1000000;
	case CONN_HANDLING:
	case CONN_STREAMING:
	case CONN_CLOSING:
		break;
	}
	return INT64_MAX / 2;
}

static void set_deadline(struct conns *c, struct conn *conn, size_t bytes)
{
	conn->ended = false;
	conn->since = clock_mono_us();
	conn->deadline = conn->since + time_for(c, conn->phase, bytes);
}

struct conn *conns_add(struct conns *c, int fd)
{
	struct conn *conn = xalloc(sizeof(*conn)), *victim;

	conn->fd = fd;
	conn->phase = CONN_IDLE;
	pthread_mutex_lock(&c->lock);
	set_deadline(c, conn, 0);
	if (c->count - c->closing >= c->room && (victim = oldest(c, conn->since)))
		close_conn(c, victim);
	DL_APPEND(c->phases[CONN_IDLE], conn);
	if (!c->count++)
		pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	return conn;
}

void conns_del(struct conns *c, struct conn *conn)
{
	pthread_mutex_lock(&c->lock);
	DL_DELETE(c->phases[conn->phase], conn);
	c->closing -= conn->phase == CONN_CLOSING;
	c->count--;
	pthread_mutex_unlock(&c->lock);
	free(conn);
}

void conns_enter(struct conns *c, struct conn *conn, enum conn_phase phase, size_t bytes)
{
	pthread_mutex_lock(&c->lock);
	if (conn->phase != CONN_CLOSING) {
		move(c, conn, phase);
		set_deadline(c, conn, bytes);
	}
	pthread_mutex_unlock(&c->lock);
}

unsigned conns_count(struct conns *c)
{
	unsigned n;

	pthread_mutex_lock(&c->lock);
	n = c->count;
	pthread_mutex_unlock(&c->lock);
	return n;
}

/* The library misses the end of a connection when it arrives together with the last bytes (its epoll is
 * edge-triggered), and would hold half a request until the deadline. Seen twice, with a sweep between, no
 * server thread can still be busy with those bytes. */
static bool client_gone(struct conn *conn)
{
	bool before = conn->ended;
	char byte;

	conn->ended = recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
	return before && conn->ended;
}

static void sweep(struct conns *c)
{
	static const enum conn_phase unfinished[] = {CONN_IDLE, CONN_RECEIVING};
	int64_t now = clock_mono_us();
	struct conn *conn, *next;

	for (size_t i = 0; i < ARRAY_SIZE(unfinished); i++)
		DL_FOREACH_SAFE(c->phases[unfinished[i]], conn, next)
		{
			if (conn->deadline <= now || client_gone(conn))
				close_conn(c, conn);
		}
	DL_FOREACH_SAFE(c->phases[CONN_SENDING], conn, next)
	{
		if (conn->deadline <= now)
			close_conn(c, conn);
	}
}

/* Looking eight times in the shortest timeout, at most once a second, closes nothing late by more than
 * an eighth and costs nothing. Without connections the thread sleeps until one comes. */
static void *watch(void *arg)
{
	struct conns *c = arg;
	int64_t tick = MIN(MIN(c->config.idle_us, c->config.request_us) / 8, 1000000);

	tick = MAX(tick, 10000);
	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		int64_t at = clock_mono_us() + tick;
		struct timespec ts = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};

		if (c->count)
			pthread_cond_timedwait(&c->wake, &c->lock, &ts);
		else
			pthread_cond_wait(&c->wake, &c->lock);
		sweep(c);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

int conns_new(const struct conns_config *config, struct conns **ret, struct err *err)
{
	struct conns *c = xalloc(sizeof(*c));
	unsigned reserve = MAX(config->max / 16, config->threads);
	pthread_condattr_t attr;
	int r;

	c->config = *config;
	c->room = config->max > reserve ? config->max - reserve : 1;
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->wake, &attr);
	pthread_condattr_destroy(&attr);
	r = pthread_create(&c->thread, NULL, watch, c);
	if (r) {
		pthread_cond_destroy(&c->wake);
		pthread_mutex_destroy(&c->lock);
		free(c);
		return err_set(err, -r, "cannot start a thread: %s", strerror(r));
	}
	*ret = c;
	return 0;
}

void conns_free(struct conns *c)
{
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
