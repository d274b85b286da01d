/* The HTTP server's start and stop: the listening socket, certificates, libmicrohttpd's options.
 * Above: the daemon and the API's handlers. Requests are served by http_request.c. */
#include "api/http_int.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

/* Headers of 32 KiB (a token alone may have 16) and the library's own records of them and of the query's
 * parameters. The pages are taken from the kernel only when they are used. */
#define CONNECTION_MEMORY (128 * 1024)
#define MAX_PEM           (1024 * 1024)
/* Descriptors that the rest of the process needs. */
#define OTHER_FDS 256
/* At the end, clients of streams take what they were told last. */
#define STREAM_GRACE_US 200000

/* --- the listening socket --- */

static int split_listen(const char *listen, char *host, size_t size, const char **ret_port, struct err *err)
{
	const char *colon = strrchr(listen, ':');
	size_t len = colon ? (size_t)(colon - listen) : 0;

	if (!colon || !colon[1])
		return err_set(err, -EINVAL, "%s: a listen address is ADDRESS:PORT or [ADDRESS]:PORT",
			       listen);
	if (len >= 2 && listen[0] == '[' && listen[len - 1] == ']') {
		listen++;
		len -= 2;
	}
	if (len >= size)
		return err_set(err, -EINVAL, "the listen address is too long");
	memcpy(host, listen, len);
	host[len] = 0;
	*ret_port = colon + 1;
	return 0;
}

static int bind_one(const struct addrinfo *ai, unsigned backlog)
{
	AUTO_CLOSE int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1, off = 0, r;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* "[::]" serves IPv4 clients too, whatever the system's default is. */
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 || listen(fd, (int)backlog) < 0)
		return -errno;
	r = fd;
	fd = -1;
	return r;
}

static unsigned port_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		return 0;
	return ntohs(ss.ss_family == AF_INET ? ((struct sockaddr_in *)&ss)->sin_port
					     : ((struct sockaddr_in6 *)&ss)->sin6_port);
}

static int open_listener(struct http_server *server, int *ret_family, struct err *err)
{
	const char *listen_at = server->config.listen, *port = NULL;
	struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *ai;
	char host[256];
	int r, fd;

	r = split_listen(listen_at, host, sizeof(host), &port, err);
	if (r < 0)
		return r;
	r = getaddrinfo(*host ? host : NULL, port, &hints, &ai);
	if (r)
		return err_set(err, -EINVAL, "%s: %s", listen_at, gai_strerror(r));
	fd = bind_one(ai, 4096);
	*ret_family = ai->ai_family;
	freeaddrinfo(ai);
	if (fd < 0)
		return err_set(err, fd, "%s: %s", listen_at, strerror(-fd));
	server->listen_fd = fd;
	server->port = port_of(fd);
	return 0;
}

/* --- TLS --- */

static int read_pem(const char *path, char **ret, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO_FREE char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > MAX_PEM)
		return err_set(err, -EINVAL, "%s: not a PEM file", path);
	text = xalloc((size_t)st.st_size + 1);
	n = read(fd, text, (size_t)st.st_size);
	if (n < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	*ret = TAKE(text);
	return 0;
}

/* The library says nothing about a certificate it cannot use, so it is tried here first. */
static int try_certificate(const struct http_server *server, struct err *err)
{
	gnutls_datum_t cert = {(unsigned char *)server->cert, (unsigned)strlen(server->cert)};
	gnutls_datum_t key = {(unsigned char *)server->key, (unsigned)strlen(server->key)};
	gnutls_certificate_credentials_t creds;
	int r;

	if (gnutls_certificate_allocate_credentials(&creds) < 0)
		return err_set(err, -ENOMEM, "cannot prepare TLS");
	r = gnutls_certificate_set_x509_key_mem(creds, &cert, &key, GNUTLS_X509_FMT_PEM);
	gnutls_certificate_free_credentials(creds);
	if (r < 0)
		return err_set(err, -EINVAL, "certificate %s with key %s: %s", server->config.tls_cert,
			       server->config.tls_key, gnutls_strerror(r));
	return 0;
}

static int load_tls(struct http_server *server, struct err *err)
{
	const struct http_config *config = &server->config;
	int r;

	if (!config->tls_cert && !config->tls_key)
		return 0;
	if (!config->tls_cert || !config->tls_key)
		return err_set(err, -EINVAL, "TLS needs both a certificate and a key");
	r = read_pem(config->tls_cert, &server->cert, err);
	if (r == 0)
		r = read_pem(config->tls_key, &server->key, err);
	return r < 0 ? r : try_certificate(server, err);
}

/* --- start --- */

static int raise_fd_limit(unsigned connections, struct err *err)
{
	rlim_t need = (rlim_t)connections + OTHER_FDS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return err_set(err, -errno, "cannot read the limit of open files: %s", strerror(errno));
	if (limit.rlim_cur >= need)
		return 0;
	if (limit.rlim_max < need)
		return err_set(err, -EMFILE,
			       "%u connections need %llu open files, but the limit is %llu; lower the "
			       "connections or raise the limit",
			       connections, (unsigned long long)need, (unsigned long long)limit.rlim_max);
	limit.rlim_cur = need;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return err_set(err, -errno, "cannot raise the limit of open files: %s", strerror(errno));
	return 0;
}

PRINTF_LIKE(2, 0)
static void note_message(void *arg, const char *fmt, va_list ap)
{
	struct http_server *server = arg;

	if (atomic_load(&server->starting))
		vsnprintf(server->start_error, sizeof(server->start_error), fmt, ap);
}

/* Escapes are decoded by http_query.c, which refuses bad ones instead of keeping them. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *s)
{
	return strlen(s);
}

static int start_daemon(struct http_server *server, int family, struct err *err)
{
	const struct http_config *config = &server->config;
	struct MHD_OptionItem more[8];
	unsigned n = 0, flags;

	flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
	if (family == AF_INET6)
		flags |= MHD_USE_IPv6;
	if (config->threads > 1)
		more[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, config->threads, NULL};
	if (config->max_per_address)
		more[n++] = (struct MHD_OptionItem){MHD_OPTION_PER_IP_CONNECTION_LIMIT,
						    config->max_per_address, NULL};
	if (server->cert) {
		flags |= MHD_USE_TLS;
		more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, server->cert};
		more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, server->key};
	}
	more[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
	atomic_store(&server->starting, true);
	server->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, exchange_step, server, MHD_OPTION_EXTERNAL_LOGGER, note_message, server,
		MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
		config->max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_NOTIFY_CONNECTION, connection_event, server, MHD_OPTION_NOTIFY_COMPLETED,
		exchange_over, server, MHD_OPTION_URI_LOG_CALLBACK, exchange_new, server,
		MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
	atomic_store(&server->starting, false);
	if (!server->daemon)
		return err_set(err, -EIO, "%s: cannot start the HTTP server: %s", config->listen,
			       server->start_error);
	return 0;
}

static void free_server(struct http_server *server)
{
	if (server->conns)
		conns_free(server->conns);
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	if (server->key)
		explicit_bzero(server->key, strlen(server->key));
	pthread_cond_destroy(&server->quiet);
	free(server->key);
	free(server->cert);
	free(server);
}

static struct http_server *new_server(const struct http_config *config)
{
	struct http_server *server = xalloc(sizeof(*server));
	struct http_config *c = &server->config;
	pthread_condattr_t attr;

	*c = *config;
	c->threads = MAX(c->threads, 1u);
	/* The library deals the limit out to its threads; each needs a few. */
	c->max_connections = MAX(c->max_connections, 4 * c->threads);
	c->idle_timeout_s = c->idle_timeout_s ? c->idle_timeout_s : 60;
	c->request_timeout_s = c->request_timeout_s ? c->request_timeout_s : 30;
	c->stop_grace_ms = c->stop_grace_ms ? c->stop_grace_ms : 5000;
	server->listen_fd = -1;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&server->quiet, &attr);
	pthread_condattr_destroy(&attr);
	return server;
}

int http_start(const struct http_config *config, struct http_server **ret, struct err *err)
{
	struct http_server *server = new_server(config);
	const struct http_config *c = &server->config;
	struct conns_config limits = {.max = c->max_connections,
				      .threads = c->threads,
				      .idle_us = (int64_t)c->idle_timeout_s * 1000000,
				      .request_us = (int64_t)c->request_timeout_s * 1000000};
	int r, family = AF_INET;

	r = raise_fd_limit(c->max_connections, err);
	if (r == 0)
		r = load_tls(server, err);
	if (r == 0)
		r = open_listener(server, &family, err);
	if (r == 0 && c->bound)
		r = c->bound(c->bound_arg, err);
	if (r == 0)
		r = conns_new(&limits, &server->conns, err);
	if (r == 0)
		r = start_daemon(server, family, err);
	if (r < 0) {
		free_server(server);
		return r;
	}
	*ret = server;
	return 0;
}

unsigned http_port(const struct http_server *server)
{
	return server->port;
}

unsigned http_connections(const struct http_server *server)
{
	return conns_count(server->conns);
}

/* --- stop --- */

/* Holds exchange_lock. */
static void await_quiet(struct http_server *server, int64_t us)
{
	int64_t at = clock_mono_us() + us;
	struct timespec ts = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};

	while (server->active && pthread_cond_timedwait(&server->quiet, &exchange_lock, &ts) != ETIMEDOUT)
		;
}

/* Holds exchange_lock. */
static void await_streams(struct http_server *server, int64_t us)
{
	int64_t at = clock_mono_us() + us;
	struct timespec ts = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};

	while (server->streams && pthread_cond_timedwait(&server->quiet, &exchange_lock, &ts) != ETIMEDOUT)
		;
}

void http_stop(struct http_server *server)
{
	if (!server)
		return;
	/* The socket is ours again; clients are refused from now on instead of left to wait. */
	server->listen_fd = MHD_quiesce_daemon(server->daemon);
	if (server->listen_fd >= 0)
		shutdown(server->listen_fd, SHUT_RDWR);
	pthread_mutex_lock(&exchange_lock);
	server->closing = true;
	streams_end(server);
	await_quiet(server, (int64_t)server->config.stop_grace_ms * 1000);
	server->no_waiting = true;
	exchanges_abandon(server);
	await_quiet(server, 1000000);
	await_streams(server, STREAM_GRACE_US);
	streams_cut(server);
	pthread_mutex_unlock(&exchange_lock);
	MHD_stop_daemon(server->daemon);
	free_server(server);
}
