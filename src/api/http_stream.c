/* Answers without an end: what is written waits in a bounded buffer until the client's connection takes it.
 * Between a source on any thread and libmicrohttpd, which is suspended while there is nothing to send. */
#include "api/http_int.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

#define BLOCK 16384

/* Guarded by exchange_lock, but for `refs`. */
struct http_stream {
	atomic_uint refs;
	struct http_server *server;
	struct MHD_Connection *mhd; /* not touched once `over` */
	int fd;
	struct buf pending;
	size_t taken; /* bytes of `pending` that are gone */
	size_t max;
	int64_t stalled_us; /* monotonic: since when something waits and nothing was taken */
	bool suspended;     /* the connection waits for something to send */
	bool ended;         /* nothing is added any more */
	bool cut;           /* and what waits is not sent either */
	bool over;          /* the request is */
	struct http_stream *prev, *next;
};

static void drop(struct http_stream *s)
{
	if (atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	buf_done(&s->pending);
	free(s);
}

/* --- the connection's side; everything holds exchange_lock --- */

static void wake(struct http_stream *s)
{
	if (!s->suspended)
		return;
	s->suspended = false;
	MHD_resume_connection(s->mhd);
}

static void end(struct http_stream *s)
{
	s->ended = true;
	if (!s->over)
		wake(s);
}

static void cut(struct http_stream *s)
{
	s->cut = true;
	if (!s->over)
		shutdown(s->fd, SHUT_RDWR);
	end(s);
}

static size_t waiting(const struct http_stream *s)
{
	return s->pending.len - s->taken;
}

/* A client of a stream has nothing more to say, so the end of its bytes is its end. */
static bool client_gone(const struct http_stream *s)
{
	struct pollfd p = {.fd = s->fd, .events = POLLRDHUP};

	return poll(&p, 1, 0) > 0;
}

static bool is_stalled(const struct http_stream *s)
{
	return waiting(s) &&
	       clock_mono_us() - s->stalled_us > (int64_t)s->server->config.request_timeout_s * 1000000;
}

/* Whether anything can reach the client still. */
static bool check(struct http_stream *s)
{
	if (!s->over && !s->ended && (client_gone(s) || is_stalled(s)))
		cut(s);
	return !s->over && !s->ended;
}

void streams_end(struct http_server *server)
{
	struct http_stream *s;

	DL_FOREACH(server->streams, s)
	end(s);
}

void streams_cut(struct http_server *server)
{
	struct http_stream *s;

	DL_FOREACH(server->streams, s)
	cut(s);
}

/* The library asks for the next bytes, on a server thread. */
static ssize_t read_stream(void *cls, uint64_t pos, char *to, size_t max)
{
	struct http_stream *s = cls;
	ssize_t n;

	pthread_mutex_lock(&exchange_lock);
	n = (ssize_t)MIN(waiting(s), max);
	if (s->cut) {
		n = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (n) {
		memcpy(to, s->pending.data + s->taken, (size_t)n);
		s->taken += (size_t)n;
		s->stalled_us = clock_mono_us();
		if (!waiting(s))
			s->taken = s->pending.len = 0;
	} else if (s->ended) {
		n = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		s->suspended = true;
		MHD_suspend_connection(s->mhd);
	}
	pthread_mutex_unlock(&exchange_lock);
	return n;
}

static void free_stream(void *cls)
{
	drop(cls);
}

struct MHD_Response *stream_response(struct http_stream *s)
{
	struct MHD_Response *mr =
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, s, free_stream);

	if (mr)
		atomic_fetch_add(&s->refs, 1);
	return mr;
}

struct http_stream *stream_new(struct http_server *server, struct MHD_Connection *mhd, size_t max_pending)
{
	struct http_stream *s = xalloc(sizeof(*s));

	s->refs = 2;
	s->server = server;
	s->mhd = mhd;
	s->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	s->max = max_pending;
	pthread_mutex_lock(&exchange_lock);
	s->ended = server->closing;
	DL_APPEND(server->streams, s);
	pthread_mutex_unlock(&exchange_lock);
	return s;
}

void stream_over(struct http_stream *s)
{
	pthread_mutex_lock(&exchange_lock);
	s->over = true;
	DL_DELETE(s->server->streams, s);
	if (!s->server->streams)
		pthread_cond_signal(&s->server->quiet);
	pthread_mutex_unlock(&exchange_lock);
	drop(s);
}

/* --- the source's side --- */

static void append(struct http_stream *s, const void *data, size_t len)
{
	if (!waiting(s))
		s->stalled_us = clock_mono_us();
	if (s->taken) {
		memmove(s->pending.data, s->pending.data + s->taken, waiting(s));
		s->pending.len -= s->taken;
		s->taken = 0;
	}
	buf_add(&s->pending, data, len);
}

int http_stream_write(struct http_stream *s, const void *data, size_t len)
{
	int r = -EPIPE;

	pthread_mutex_lock(&exchange_lock);
	if (check(s)) {
		if (waiting(s) + len > s->max) {
			cut(s);
		} else {
			append(s, data, len);
			wake(s);
			r = 0;
		}
	}
	pthread_mutex_unlock(&exchange_lock);
	return r;
}

ssize_t http_stream_pending(struct http_stream *s)
{
	ssize_t n;

	pthread_mutex_lock(&exchange_lock);
	n = check(s) ? (ssize_t)waiting(s) : -EPIPE;
	pthread_mutex_unlock(&exchange_lock);
	return n;
}

void http_stream_close(struct http_stream *s)
{
	pthread_mutex_lock(&exchange_lock);
	end(s);
	pthread_mutex_unlock(&exchange_lock);
	drop(s);
}
