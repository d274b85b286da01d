/* What the two halves of the HTTP server share: http.c starts and stops it, http_request.c serves.
 * Private to the HTTP server. */
#pragma once
#include "api/http.h"
#include "api/http_conns.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

struct exchange;

struct http_server {
	struct http_config config;
	struct MHD_Daemon *daemon;
	int listen_fd;
	unsigned port;
	char *cert, *key; /* texts of the PEM files; NULL without TLS */
	struct conns *conns;
	atomic_size_t large_bodies; /* bytes taken by large bodies under way */
	/* Below: guarded by exchange_lock. */
	struct exchange *waiting; /* suspended requests */
	unsigned active;          /* requests that arrived whole and are not over */
	pthread_cond_t quiet;     /* signalled when active becomes 0, or the last stream is over */
	struct http_stream *streams;
	bool closing;    /* answers say "Connection: close" */
	bool no_waiting; /* HTTP_WAIT is answered 503 */
	/* What the library printed while starting; empty otherwise. */
	atomic_bool starting;
	char start_error[256];
};

/* One for all servers, because http_resume may come when its server is gone. */
extern pthread_mutex_t exchange_lock;

/* The library's callbacks; `cls` is the server. */
void *exchange_new(void *cls, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result exchange_step(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
			      const char *version, const char *data, size_t *data_len, void **con_cls);
void exchange_over(void *cls, struct MHD_Connection *mhd, void **con_cls,
		   enum MHD_RequestTerminationCode toe);
void connection_event(void *cls, struct MHD_Connection *mhd, void **context,
		      enum MHD_ConnectionNotificationCode event);

/* Answers every suspended request 503 when its connection's thread comes to it. Holds exchange_lock. */
void exchanges_abandon(struct http_server *server);

/* --- http_stream.c --- */

/* Three hold a stream: its source, its request until stream_over, the library until it drops the response. */
struct http_stream *stream_new(struct http_server *server, struct MHD_Connection *mhd, size_t max_pending);
/* NULL when memory is out. */
struct MHD_Response *stream_response(struct http_stream *s);
/* The request is over: the connection is not touched from here on. */
void stream_over(struct http_stream *s);
/* For http_stop; both hold exchange_lock. Lets every stream end after what waits; cuts all of them off. */
void streams_end(struct http_server *server);
void streams_cut(struct http_server *server);
