/* The HTTP side: bytes in, a request; a response, bytes out. libmicrohttpd below, handlers above.
 *
 * A handler runs on one of the server's threads and must not block: a reply that has to wait (for the
 * durable commit, for the kernel, for a password hash) returns HTTP_WAIT and is called again with the same
 * request after http_resume. Everything of a request lives in its talloc context and goes with it. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct http_server;
struct http_stream;

/* A HEAD request reaches the handler as HTTP_GET with method_name "HEAD"; its body is not sent. */
enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_OTHER
};

/* One key=value pair of a query string, percent-decoded; both NUL-terminated. */
struct http_param {
	const char *key, *value;
};

struct http_request {
	void *region; /* talloc context of the request */
	enum http_method method;
	const char *method_name;
	const char *path; /* percent-decoded, "/" first, no query, no trailing slash but for "/" itself */
	const struct http_param *params;
	size_t param_count;
	const char *body; /* NUL-terminated; "" when there is none */
	size_t body_len;
	char id[41];      /* "req-<uuid>", printed in X-Openstack-Request-Id */
	char peer[64];    /* client address for the log */
	int64_t start_us; /* monotonic */
	void *state;      /* the handler's own, NULL at the first call; give it to `region` */
	/* Filled in by the handler for the log line and the metrics; may stay empty. */
	const char *log_user, *log_project, *log_resource;
	const char *log_error; /* what went wrong inside, when the reply only says that something did */
};

struct http_response {
	int status;               /* 200 when untouched */
	const char *content_type; /* "application/json" when NULL and there is a body */
	struct buf body;
	const void *fixed; /* sent instead of `body`: constant, there as long as the program */
	size_t fixed_len;
	struct http_stream *stream; /* sent instead of both: http_stream_open */
	struct http_header {
		const char *name, *value; /* talloc'd in the request's region */
	} headers[16];
	size_t header_count;
};

enum http_verdict { HTTP_DONE, HTTP_WAIT };
typedef enum http_verdict (*http_handler)(void *arg, struct http_request *req, struct http_response *resp);

struct http_config {
	const char *listen;             /* "127.0.0.1:9696", "[::1]:9696", "0.0.0.0:443" */
	const char *tls_cert, *tls_key; /* PEM files; both or neither */
	unsigned threads;               /* server threads, at least 1 */
	unsigned max_connections;       /* further ones wait in the accept queue */
	unsigned max_per_address;       /* connections from one client address; 0: no limit */
	unsigned idle_timeout_s;        /* a connection without a request is closed after so long; 0: 60 */
	/* A request has to arrive whole within this time, however steadily its bytes trickle in, and its
	 * answer to be taken (plus a second for each 64 KiB); otherwise the connection is closed. 0: 30 */
	unsigned request_timeout_s;
	unsigned stop_grace_ms; /* how long http_stop waits for answers under way, then 503; 0: 5000 */
	size_t max_body;        /* bytes; a larger one is answered 413 without being read */
	http_handler handler;
	void *arg;
	/* Prints the body of an error that the server finds itself, before the handler is asked (a body too
	 * large, a broken target: then the path is ""), in the form that the path's clients expect. NULL:
	 * {"error": ...}. */
	void (*print_error)(const char *path, int status, const char *title, const char *message,
			    struct buf *out);
	/* Called once a request, after its answer was queued, on a server thread. For log and metrics. */
	void (*done)(void *arg, const struct http_request *req, const struct http_response *resp);
	/* Called once by http_start, when the port and the certificate are open and nobody is served yet: the
	 * place to give privileges up. Its failure is http_start's. NULL: nothing to do. */
	int (*bound)(void *bound_arg, struct err *err);
	void *bound_arg;
};

int http_start(const struct http_config *config, struct http_server **ret, struct err *err);
/* Stops accepting, gives what is under way stop_grace_ms to be answered, answers the rest 503, closes.
 * A http_resume that comes for a request so answered, even after http_stop, is harmless. Not from a handler.
 */
void http_stop(struct http_server *server);
/* The port that is bound (config may say port 0). */
unsigned http_port(const struct http_server *server);
/* Connections open now. */
unsigned http_connections(const struct http_server *server);

/* Any thread. Lets a request that answered HTTP_WAIT run again. It may be called before the handler has
 * returned HTTP_WAIT; then the handler runs again at once. Exactly one call per HTTP_WAIT. */
void http_resume(struct http_request *req);

/* --- answers without an end --- */

/* Makes the answer one that has no end yet; the handler fills in status and headers and returns HTTP_DONE.
 * What is written goes out as it comes: chunked, or to a client of HTTP/1.0 until the connection is closed.
 *
 * Nothing is unbounded: at most `max_pending` bytes wait for the client; one that takes nothing for
 * request_timeout_s although something waits is cut off, and so is one for whom more would have to wait. A
 * client that has gone is noticed by the next http_stream_write or http_stream_pending, so the source calls
 * one of them at least every few seconds. http_stop ends all streams and lets them take what waits for a
 * moment; they do not count as answers under way.
 *
 * The handle is the caller's until http_stream_close; any thread, also after the request, the connection and
 * the server are gone. */
struct http_stream *http_stream_open(struct http_request *req, struct http_response *resp,
				     size_t max_pending);
/* -EPIPE: nothing will reach the client any more; close the handle. */
int http_stream_write(struct http_stream *s, const void *data, size_t len);
/* Bytes that wait for the client: one who finds many leaves out what can be left out. -EPIPE as above. */
ssize_t http_stream_pending(struct http_stream *s);
/* Ends the answer after what waits. The handle is gone. */
void http_stream_close(struct http_stream *s);

/* NULL when absent. Names are case-insensitive. */
const char *http_header(const struct http_request *req, const char *name);
/* The first parameter of that name, NULL when absent. */
const char *http_param(const struct http_request *req, const char *key);
/* Text is copied into the request's region. */
void http_add_header(struct http_request *req, struct http_response *resp, const char *name,
		     const char *value);
/* Splits and decodes a query string into `region`; bad percent escapes and NUL bytes are refused. Pure: the
 * fuzzers call it. At most HTTP_MAX_PARAMS pairs. */
#define HTTP_MAX_PARAMS 1024
int http_parse_query(void *region, const char *query, const struct http_param **ret, size_t *ret_count,
		     struct err *err);
/* Decodes the path of a request target (up to its '?') into `region`, as http_request.path promises.
 * Repeated slashes inside are kept. Bad escapes, NUL bytes and what does not begin with "/" are refused. */
int http_parse_path(void *region, const char *target, const char **ret, struct err *err);

/* Adds the log line of an answered request, without a newline: key=value pairs. Whatever a client chose is
 * quoted and escaped where needed, so that it can forge neither a pair nor a line. */
void http_log_line(const struct http_request *req, const struct http_response *resp, struct buf *b);
