/* The API process: opens what needs privilege, gives privilege up, then answers strangers.
 * Store -> ledger -> api -> HTTP; reads the agent's reports. */
#include "api/identity.h"
#include "api/keeper.h"
#include "api/rbac.h"
#include "daemon/channel.h"
#include "daemon/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NODE_SILENT_MS 15000
#define GREET_MS       500

static int wake_fd = -1;

static void wake_agent(void *arg, uint64_t revision)
{
	channel_send_wake(wake_fd, &(struct wake){.revision = revision});
}

static void ask_traffic(void)
{
	channel_send_wake(wake_fd, &(struct wake){.traffic = 1});
}

static bool ask_probe(const struct probe_question *q)
{
	return channel_send_probe(wake_fd, q);
}

static bool ask_watch(const struct probe_watch *w)
{
	return channel_send_watch(wake_fd, w);
}

static void done(void *arg, const struct http_request *req, const struct http_response *resp)
{
	AUTO_BUF struct buf line = {0};

	api_done(arg, req, resp);
	http_log_line(req, resp, &line);
	log_line("%s", buf_text(&line));
}

/* From here on nothing needs root; the server's threads are made after this. */
static int give_up_privileges(void *arg, struct err *err)
{
	const struct config *c = arg;

	return privileges_drop(c->user, err);
}

static struct http_config http_config_of(const struct config *c, struct api *api)
{
	return (struct http_config){
		.listen = c->listen,
		.tls_cert = c->tls_certificate[0] ? c->tls_certificate : NULL,
		.tls_key = c->tls_key[0] ? c->tls_key : NULL,
		.threads = (unsigned)c->threads,
		.max_connections = 4096,
		.max_per_address = 0,
		.idle_timeout_s = 60,
		.max_body = 1 << 20,
		.handler = api_handle,
		.print_error = api_print_error,
		.arg = api,
		.done = done,
		.bound = give_up_privileges,
		.bound_arg = (void *)(uintptr_t)c,
	};
}

static void read_reports(struct api *api, const char *node, int fd, int term_fd)
{
	struct nodes *nodes = api->nodes;
	struct report_reader *reader = report_reader_new(
		&(struct report_sinks){.nodes = nodes, .asks = api->asks, .watches = api->watches});
	bool greeted = false;
	struct pollfd fds[] = {{.fd = term_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};

	while (!fds[0].revents) {
		int n, r = 1;

		/* The channel may be full of what the last API process sent to an agent that is not reading.
		 */
		if (!greeted)
			greeted = channel_send_wake(fd, &(struct wake){.hello = 1});
		n = poll(fds, ARRAY_SIZE(fds), greeted ? NODE_SILENT_MS : GREET_MS);

		if (n < 0 && errno != EINTR)
			break;
		if (n == 0 && greeted)
			nodes_gone(nodes, node);
		while (fds[1].revents && (r = report_reader_step(reader, fd)) == 1)
			;
		if (r == -EPIPE)
			break;
	}
	report_reader_free(reader);
}

static int open_ledger(const struct config *c, struct ledger **ret, struct err *err)
{
	struct store *st;
	int r = store_sqlite_open(c->database, false, &st, err);

	/* It holds password hashes and the key of the tokens; one restored from a backup may be open to all.
	 */
	if (r == 0 && chmod(c->database, 0600) < 0)
		log_line("cannot make %s readable by its owner only: %m", c->database);

	r = r ? r : ledger_new(st, wake_agent, NULL, ret, err);
	if (r == 0)
		ledger_keep(*ret, c->keep_us);
	return r;
}

/* For whoever scrapes; NULL before and after it serves. */
static struct http_server *_Atomic serving;

static void sample_connections(void *arg, struct metrics_out *out)
{
	struct http_server *server = serving;

	if (server)
		metrics_sample(out, NULL, http_connections(server));
}

static struct api *new_api(const struct config *c, struct ledger *ledger, struct nodes *nodes,
			   struct err *err)
{
	struct api_config config = c->api;

	config.plan_kernel = foresee;
	config.plan_arg = &c->node;
	return api_new(&config, ledger, nodes, err);
}

/* Events are read beside the ledger's commits, by two threads. */
struct logs {
	struct store *history, *exports;
};

static int open_logs(const char *path, struct logs *ret, struct err *err)
{
	int r = store_sqlite_open(path, true, &ret->history, err);

	return r ? r : store_sqlite_open(path, true, &ret->exports, err);
}

static int serve(const struct config *c, struct ledger *ledger, const struct logs *logs, int fd, int term_fd,
		 struct err *err)
{
	struct nodes *nodes = nodes_new();
	struct http_server *server;
	struct http_config http;
	struct api *api = new_api(c, ledger, nodes, err);
	int r = api ? asks_new(ask_probe, &api->asks, err) : -EINVAL;

	if (r == 0)
		r = rbac_complete(ledger, err);
	if (r == 0)
		r = watches_new(api, ask_watch, &api->watches, err);
	if (r == 0) {
		api->ask_traffic = ask_traffic;
		api->history = logs->history;
		api->exports_store = logs->exports;
		if (nova_ensure(c, api, NULL, err) < 0)
			log_line("[nova_network]: %s", err->message);
		*err = (struct err){0};
		metrics_source(api->metrics, METRIC_CONNECTIONS, sample_connections, NULL);
		http = http_config_of(c, api);
		r = http_start(&http, &server, err);
	}
	if (r == 0) {
		serving = server;
		keeper_start(api);
		log_line("listening on %s", c->listen);
		read_reports(api, c->node_name, fd, term_fd);
		keeper_stop(api);
		serving = NULL; /* a scrape under way keeps http_stop waiting */
		api_quiesce(api);
		http_stop(server);
	}
	if (api)
		api_free(api);
	nodes_free(nodes);
	return r;
}

int api_process(const struct config *config, const struct process_ends *ends)
{
	int fd = ends->channel, term_fd = ends->term;
	struct logs logs = {0};
	struct ledger *ledger;
	struct err err = {0};
	int r;

	wake_fd = fd;
	privileges_limit();
	r = open_ledger(config, &ledger, &err);
	if (r == 0) {
		/* Once we are an ordinary user it is too late. */
		r = open_logs(config->database, &logs, &err);
		if (r == 0)
			r = serve(config, ledger, &logs, fd, term_fd, &err);
		store_free(logs.history);
		store_free(logs.exports);
		ledger_free(ledger);
	}
	if (r < 0)
		log_line("%s", err.message);
	return r < 0;
}
