/* One request from its first line to its answer: body, handler, waiting, reply.
 * Called by libmicrohttpd on the server's threads; calls the handler of http.h. */
#include "api/http_int.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <utlist.h>

/* A body counts as large from here on, and those that are under way share BODY_BUDGET. A client is known only
 * when its request is whole, so without this, strangers could make us hold max_body bytes a connection;
 * ordinary requests are small and go on whatever they do. */
#define SMALL_BODY  (16 * 1024)
#define BODY_BUDGET (64 * 1024 * 1024)

/* The region of a request is the exchange itself. */
struct exchange {
	struct http_request req; /* first: http_resume finds the exchange through it */
	struct http_response resp;
	struct http_server *server;
	struct MHD_Connection *mhd;
	struct conn *conn;
	const char *target; /* as received, undecoded */
	size_t body_room;
	size_t charged; /* to server->large_bodies */
	bool begun;     /* the headers were looked at */
	bool counted;   /* in server->active */
	/* Guarded by exchange_lock. */
	bool suspended; /* in server->waiting */
	bool resumed;   /* http_resume came before the handler had returned */
	bool abandoned; /* to be answered 503: http_stop has waited long enough */
	bool owed;      /* abandoned, and its http_resume has not come yet ... */
	bool over;      /* ... and when it comes finds that the request has ended: it frees */
	struct exchange *prev, *next;
};

pthread_mutex_t exchange_lock = PTHREAD_MUTEX_INITIALIZER;

static void make_id(char id[41])
{
	unsigned char b[16];

	randombytes_buf(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(id, 41, "req-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
		 b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
}

static void print_peer(struct MHD_Connection *mhd, char *peer, size_t size)
{
	const union MHD_ConnectionInfo *info;
	const struct sockaddr_in6 *in6;
	const struct in6_addr *a;

	info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (!info || !info->client_addr)
		return;
	if (info->client_addr->sa_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)info->client_addr)->sin_addr, peer, size);
		return;
	}
	in6 = (const struct sockaddr_in6 *)info->client_addr;
	a = &in6->sin6_addr;
	if (IN6_IS_ADDR_V4MAPPED(a))
		inet_ntop(AF_INET, &a->s6_addr[12], peer, size);
	else
		inet_ntop(AF_INET6, a, peer, size);
}

static struct conn *conn_of(struct MHD_Connection *mhd)
{
	return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

void *exchange_new(void *cls, const char *uri, struct MHD_Connection *mhd)
{
	struct exchange *ex = talloc_zero(NULL, struct exchange);

	ex->server = cls;
	ex->mhd = mhd;
	ex->conn = conn_of(mhd);
	ex->target = talloc_strdup(ex, uri);
	ex->resp.status = 200;
	ex->req.region = ex;
	ex->req.body = "";
	ex->req.start_us = clock_mono_us();
	make_id(ex->req.id);
	print_peer(mhd, ex->req.peer, sizeof(ex->req.peer));
	conns_enter(ex->server->conns, ex->conn, CONN_RECEIVING, 0);
	return ex;
}

static enum http_method method_of(const char *name)
{
	static const struct {
		const char *name;
		enum http_method method;
	} rows[] = {
		{"GET", HTTP_GET},     {"HEAD", HTTP_GET},      {"POST", HTTP_POST},       {"PUT", HTTP_PUT},
		{"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE}, {"OPTIONS", HTTP_OPTIONS},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].name, name))
			return rows[i].method;
	return HTTP_OTHER;
}

/* --- the answer --- */

static void count_active(struct exchange *ex)
{
	if (ex->counted)
		return;
	ex->counted = true;
	pthread_mutex_lock(&exchange_lock);
	ex->server->active++;
	pthread_mutex_unlock(&exchange_lock);
}

/* An answer without an end is nothing to wait for. */
static void uncount_active(struct exchange *ex)
{
	pthread_mutex_lock(&exchange_lock);
	if (ex->counted && !--ex->server->active)
		pthread_cond_signal(&ex->server->quiet);
	ex->counted = false;
	pthread_mutex_unlock(&exchange_lock);
}

static struct MHD_Response *make_body(struct exchange *ex)
{
	struct http_response *r = &ex->resp;

	if (r->stream)
		return stream_response(r->stream);
	if (r->fixed)
		return MHD_create_response_from_buffer(r->fixed_len, (void *)(uintptr_t)r->fixed,
						       MHD_RESPMEM_PERSISTENT);
	/* The library frees the text when the last byte is sent: nothing is copied. */
	return MHD_create_response_from_buffer(r->body.len, r->body.len ? r->body.data : (char[]){""},
					       r->body.len ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY);
}

static struct MHD_Response *make_response(struct exchange *ex)
{
	struct http_response *r = &ex->resp;
	struct MHD_Response *mr = make_body(ex);
	bool closing;

	if (!mr)
		return NULL;
	MHD_add_response_header(mr, "X-Openstack-Request-Id", ex->req.id);
	if (r->content_type || r->body.len)
		MHD_add_response_header(mr, "Content-Type",
					r->content_type ? r->content_type : "application/json");
	for (size_t i = 0; i < r->header_count; i++)
		MHD_add_response_header(mr, r->headers[i].name, r->headers[i].value);
	pthread_mutex_lock(&exchange_lock);
	closing = ex->server->closing;
	pthread_mutex_unlock(&exchange_lock);
	if (closing)
		MHD_add_response_header(mr, "Connection", "close");
	return mr;
}

static enum MHD_Result reply(struct exchange *ex)
{
	const struct http_config *config = &ex->server->config;
	struct MHD_Response *mr = make_response(ex);
	enum MHD_Result r;

	if (!mr)
		return MHD_NO;
	count_active(ex);
	conns_enter(ex->server->conns, ex->conn, ex->resp.stream ? CONN_STREAMING : CONN_SENDING,
		    ex->resp.fixed ? ex->resp.fixed_len : ex->resp.body.len);
	r = MHD_queue_response(ex->mhd, (unsigned)ex->resp.status, mr);
	if (config->done)
		config->done(config->arg, &ex->req, &ex->resp);
	/* The text belongs to the library's response, which may end with the next line. */
	if (ex->resp.body.len)
		ex->resp.body = (struct buf){0};
	MHD_destroy_response(mr);
	if (ex->resp.stream)
		uncount_active(ex);
	return r;
}

static void fill_error(struct exchange *ex, int status, const char *title, const char *message)
{
	struct http_response *r = &ex->resp;

	buf_done(&r->body);
	*r = (struct http_response){.status = status};
	if (ex->server->config.print_error) {
		ex->server->config.print_error(ex->req.path ? ex->req.path : "", status, title, message,
					       &r->body);
		return;
	}
	buf_printf(&r->body, "{\"error\": {\"code\": %d, \"title\": \"%s\", \"message\": ", status, title);
	buf_json_str(&r->body, message);
	buf_puts(&r->body, "}}");
}

static enum MHD_Result refuse(struct exchange *ex, int status, const char *title, const char *message)
{
	fill_error(ex, status, title, message);
	return reply(ex);
}

/* --- the handler, and waiting --- */

static enum MHD_Result wait_or_refuse(struct exchange *ex, bool *ret_again)
{
	struct http_server *server = ex->server;
	bool refused = false;

	pthread_mutex_lock(&exchange_lock);
	if (ex->resumed) {
		ex->resumed = false;
		*ret_again = true;
	} else if (server->no_waiting) {
		ex->abandoned = ex->owed = refused = true;
	} else {
		ex->suspended = true;
		DL_APPEND(server->waiting, ex);
		MHD_suspend_connection(ex->mhd);
	}
	/* From here on, http_resume may run the request on: nothing of it is touched but when refused. */
	pthread_mutex_unlock(&exchange_lock);
	return refused ? refuse(ex, 503, "Service Unavailable", "The server is stopping") : MHD_YES;
}

static enum MHD_Result run(struct exchange *ex)
{
	const struct http_config *config = &ex->server->config;
	enum MHD_Result r = MHD_YES;
	bool again;

	count_active(ex);
	if (ex->abandoned)
		return refuse(ex, 503, "Service Unavailable", "The server is stopping");
	conns_enter(ex->server->conns, ex->conn, CONN_HANDLING, 0);
	do {
		again = false;
		if (config->handler(config->arg, &ex->req, &ex->resp) == HTTP_DONE)
			return reply(ex);
		r = wait_or_refuse(ex, &again);
	} while (again);
	return r;
}

void http_resume(struct http_request *req)
{
	struct exchange *ex = (struct exchange *)req, *dead = NULL;

	pthread_mutex_lock(&exchange_lock);
	if (ex->owed) {
		ex->owed = false;
		if (ex->over)
			dead = ex;
	} else if (ex->suspended) {
		ex->suspended = false;
		DL_DELETE(ex->server->waiting, ex);
		MHD_resume_connection(ex->mhd);
	} else {
		ex->resumed = true;
	}
	pthread_mutex_unlock(&exchange_lock);
	talloc_free(dead);
}

void exchanges_abandon(struct http_server *server)
{
	struct exchange *ex;

	while ((ex = server->waiting)) {
		DL_DELETE(server->waiting, ex);
		ex->suspended = false;
		ex->abandoned = ex->owed = true;
		MHD_resume_connection(ex->mhd);
	}
}

void exchange_over(void *cls, struct MHD_Connection *mhd, void **con_cls, enum MHD_RequestTerminationCode toe)
{
	struct http_server *server = cls;
	struct exchange *ex = *con_cls;

	if (!ex)
		return;
	*con_cls = NULL;
	if (ex->resp.stream)
		stream_over(ex->resp.stream);
	conns_enter(server->conns, ex->conn, CONN_IDLE, 0);
	buf_done(&ex->resp.body);
	atomic_fetch_sub(&server->large_bodies, ex->charged);
	pthread_mutex_lock(&exchange_lock);
	if (ex->counted && !--server->active)
		pthread_cond_signal(&server->quiet);
	ex->over = true;
	if (ex->owed)
		ex = NULL;
	pthread_mutex_unlock(&exchange_lock);
	talloc_free(ex);
}

void connection_event(void *cls, struct MHD_Connection *mhd, void **context,
		      enum MHD_ConnectionNotificationCode event)
{
	struct http_server *server = cls;

	if (event == MHD_CONNECTION_NOTIFY_STARTED)
		*context = conns_add(
			server->conns,
			MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
	else
		conns_del(server->conns, TAKE(*context));
}

/* --- receiving --- */

struct framing {
	unsigned lengths, encodings;
	bool chunked;
	uint64_t length;
};

static enum MHD_Result see_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct framing *f = cls;
	char *end;

	if (!strcasecmp(name, "Content-Length")) {
		f->lengths++;
		f->length = strtoull(value ? value : "", &end, 10);
	} else if (!strcasecmp(name, "Transfer-Encoding")) {
		f->encodings++;
		f->chunked = value && !strcasecmp(value, "chunked");
	}
	return MHD_YES;
}

/* Two ways to tell where a body ends are how requests are smuggled through proxies (RFC 9112, 6.3). */
static enum MHD_Result check_framing(struct exchange *ex)
{
	struct framing f = {0};

	MHD_get_connection_values(ex->mhd, MHD_HEADER_KIND, see_header, &f);
	if (f.lengths + f.encodings > 1)
		return refuse(ex, 400, "Bad Request", "The length of the body is given more than once");
	if (f.encodings && !f.chunked)
		return refuse(ex, 501, "Not Implemented", "The only transfer encoding is chunked");
	if (f.length > ex->server->config.max_body)
		return refuse(ex, 413, "Request Entity Too Large", "The request body is too large");
	return MHD_YES;
}

static enum MHD_Result begin(struct exchange *ex, const char *method)
{
	struct http_request *req = &ex->req;
	struct err err = {0};
	const char *query = strchr(ex->target, '?');

	ex->begun = true;
	req->method_name = talloc_strdup(ex, method);
	req->method = method_of(method);
	req->path = "";
	if (http_parse_path(ex, ex->target, &req->path, &err) < 0 ||
	    http_parse_query(ex, query ? query + 1 : "", &req->params, &req->param_count, &err) < 0)
		return refuse(ex, 400, "Bad Request", err.message);
	return check_framing(ex);
}

/* The library takes no answer while a body is coming in: the refusal goes to the socket directly (a fresh
 * send buffer takes it whole) and the connection is closed. */
static enum MHD_Result refuse_midway(struct exchange *ex, int status, const char *title, const char *message)
{
	const struct http_config *config = &ex->server->config;
	const union MHD_ConnectionInfo *tls, *fd;
	AUTO_BUF struct buf b = {0};

	fill_error(ex, status, title, message);
	buf_printf(&b,
		   "HTTP/1.1 %d %s\r\nConnection: close\r\nX-Openstack-Request-Id: %s\r\n"
		   "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		   status, title, ex->req.id, ex->resp.body.len, buf_text(&ex->resp.body));
	tls = MHD_get_connection_info(ex->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	fd = MHD_get_connection_info(ex->mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (tls && tls->tls_session)
		gnutls_record_send(tls->tls_session, b.data, b.len);
	else if (fd)
		send(fd->connect_fd, b.data, b.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (config->done)
		config->done(config->arg, &ex->req, &ex->resp);
	return MHD_NO;
}

/* Accounts for a large body; false when too much of them is under way. */
static bool charge(struct exchange *ex, size_t room)
{
	size_t more = room > SMALL_BODY ? room - ex->charged : 0;

	if (atomic_fetch_add(&ex->server->large_bodies, more) + more >
	    MAX(BODY_BUDGET, ex->server->config.max_body)) {
		atomic_fetch_sub(&ex->server->large_bodies, more);
		return false;
	}
	ex->charged += more;
	return true;
}

/* Room grows with what has arrived, not with what was announced: a lie about the length costs nothing. */
static enum MHD_Result take_body(struct exchange *ex, const char *data, size_t *data_len)
{
	struct http_request *req = &ex->req;
	size_t len = req->body_len + *data_len, room = MAX(len + 1, ex->body_room * 2);
	char *body = req->body_len ? (char *)req->body : NULL;

	if (len > ex->server->config.max_body)
		return refuse_midway(ex, 413, "Request Entity Too Large", "The request body is too large");
	if (len >= ex->body_room) {
		room = MIN(room, ex->server->config.max_body + 1);
		if (!charge(ex, room))
			return refuse_midway(ex, 503, "Service Unavailable",
					     "Too many large requests are under way; try again");
		ex->body_room = room;
		body = talloc_realloc(ex, body, char, room);
	}
	memcpy(body + req->body_len, data, *data_len);
	body[len] = 0;
	req->body = body;
	req->body_len = len;
	*data_len = 0;
	return MHD_YES;
}

enum MHD_Result exchange_step(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
			      const char *version, const char *data, size_t *data_len, void **con_cls)
{
	struct exchange *ex = *con_cls;

	if (!ex->begun)
		return begin(ex, method);
	if (*data_len)
		return take_body(ex, data, data_len);
	return run(ex);
}

/* --- what handlers ask --- */

struct http_stream *http_stream_open(struct http_request *req, struct http_response *resp, size_t max_pending)
{
	struct exchange *ex = (struct exchange *)req;

	resp->stream = stream_new(ex->server, ex->mhd, max_pending);
	return resp->stream;
}

const char *http_header(const struct http_request *req, const char *name)
{
	return MHD_lookup_connection_value(((const struct exchange *)req)->mhd, MHD_HEADER_KIND, name);
}

const char *http_param(const struct http_request *req, const char *key)
{
	for (size_t i = 0; i < req->param_count; i++)
		if (!strcmp(req->params[i].key, key))
			return req->params[i].value;
	return NULL;
}

void http_add_header(struct http_request *req, struct http_response *resp, const char *name,
		     const char *value)
{
	struct http_header *h;

	assert(resp->header_count < ARRAY_SIZE(resp->headers));
	h = &resp->headers[resp->header_count++];
	h->name = talloc_strdup(req->region, name);
	h->value = talloc_strdup(req->region, value);
}
