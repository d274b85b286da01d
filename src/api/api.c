/* The state machine of a call: route, authenticate, run, wait until durable and applied, reply.
 * Between the HTTP server's threads and the functions of the routes; see api.h. */
#include "api/compute.h"
#include "api/frame.h"
#include "api/history.h"
#include "api/identity.h"
#include "api/live.h"
#include "api/past.h"
#include "api/planned.h"
#include "api/watch.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* A hash of a password takes a core and much memory for a while: few at a time, and a queue that is soon
 * full. */
#define JOB_THREADS 2
#define JOB_QUEUE   64

/* Strangers may send as much as a login takes: their bodies wait, parsed, for a password hash. */
#define OPEN_BODY_MAX (64 * 1024)

enum stage {
	AT_START,
	AT_AUTH,  /* authentication asked for a job */
	AT_PAST,  /* the snapshot of the past is being made */
	AT_JOB,   /* the route's function did */
	AT_WRITE, /* a write is on its way to the disk and the kernel */
};

/* The call, and what only this file needs to know of it. */
struct exchange_call {
	struct call call; /* first */
	const struct snap *first, *written;
	json_t *body;
	bool queued;     /* a write is under way */
	struct err late; /* what the function answered although it had queued a write */
	int64_t written_us;
	int (*write_fn)(struct verb *v, void *arg, struct err *err);
	void *write_arg;
	void (*job_fn)(struct call *c);
};

static struct exchange_call *inner(struct call *c)
{
	return (struct exchange_call *)c;
}

static int drop_call(struct exchange_call *x)
{
	snap_drop(x->first);
	snap_drop(x->written);
	past_drop(&x->call);
	json_decref(x->body);
	return 0;
}

static struct call *call_of(struct api *api, struct http_request *req, struct http_response *resp)
{
	struct exchange_call *x = req->state;

	if (!x) {
		x = talloc_zero(req->region, struct exchange_call);
		x->call.api = api;
		x->call.req = req;
		x->call.caller.actor.request_id = req->id;
		req->state = x;
		talloc_set_destructor(x, drop_call);
	}
	x->call.resp = resp;
	return &x->call;
}

/* --- the ways of waiting --- */

static void run_job(void *arg)
{
	struct call *c = arg;

	inner(c)->job_fn(c);
	http_resume(c->req);
}

int call_job_on(struct call *c, struct jobs *jobs, void (*fn)(struct call *c),
		int (*resumed)(struct call *c, struct err *err), struct err *err)
{
	inner(c)->job_fn = fn;
	c->resumed = resumed;
	if (jobs_put(jobs, run_job, c) < 0)
		return err_api(err, 503, "ServiceUnavailable",
			       "Too many requests of this kind are waiting; try again");
	return CALL_WAIT;
}

int call_job(struct call *c, void (*fn)(struct call *c), int (*resumed)(struct call *c, struct err *err),
	     struct err *err)
{
	return call_job_on(c, c->api->jobs, fn, resumed, err);
}

/* Writes outlive their request when the server stops; the API must outlive the writes. One lock for all APIs,
 * because an API may go as soon as it is released. */
static pthread_mutex_t quiet_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t quiet = PTHREAD_COND_INITIALIZER;

static void count_write(struct api *api, int step)
{
	pthread_mutex_lock(&quiet_lock);
	api->under_way += (unsigned)step;
	if (!api->under_way)
		pthread_cond_broadcast(&quiet);
	pthread_mutex_unlock(&quiet_lock);
}

static void wait_quiet(struct api *api)
{
	pthread_mutex_lock(&quiet_lock);
	while (api->under_way)
		pthread_cond_wait(&quiet, &quiet_lock);
	pthread_mutex_unlock(&quiet_lock);
}

/* The call may be gone with this. */
static void end_write(struct call *c)
{
	struct api *api = c->api;

	http_resume(c->req);
	count_write(api, -1);
}

static void on_applied(void *arg)
{
	end_write(arg);
}

static void wait_applied(struct call *c, uint64_t revision)
{
	nodes_wait(c->api->nodes, revision, clock_mono_us() + 1000LL * c->api->config.apply_wait_ms,
		   on_applied, c);
}

/* On the committer's thread: goes straight on to wait for the kernel, without waking the request in between.
 */
static void on_durable(struct ledger_ticket *ticket)
{
	struct call *c = ticket->arg;

	metrics_observe(c->api->metrics, METRIC_COMMIT_SECONDS, NULL, clock_mono_us() - inner(c)->written_us);
	if (ticket->result == 0)
		rests_count(c);
	if (ticket->result == 0 && c->wait_apply)
		wait_applied(c, ticket->revision);
	else
		end_write(c);
}

static int write_in_txn(struct txn *t, void *arg, struct err *err)
{
	struct exchange_call *x = arg;
	struct verb v = {.c = &x->call, .t = t};
	int r = once_begin(&v, err);

	memset(x->call.rests_ended, 0, sizeof(x->call.rests_ended)); /* it may not be the first attempt */
	if (r == 0 && (r = x->write_fn(&v, x->write_arg, err)) == 0)
		r = once_end(&v, err);
	x->call.wait_apply = v.touches_kernel;
	return MIN(r, 0);
}

int call_write(struct call *c, int (*fn)(struct verb *v, void *arg, struct err *err), void *arg,
	       int (*reply)(struct call *c, struct err *err), struct err *err)
{
	struct exchange_call *x = inner(c);
	bool planned;
	int r = planned_asked(c, &planned, err);

	if (r < 0 || planned)
		return r < 0 ? r : planned_write(c, fn, arg, err);
	x->write_fn = fn;
	x->write_arg = arg;
	x->written_us = clock_mono_us();
	c->reply = reply;
	c->action = talloc_asprintf(c->req->region, "%s %s", c->req->method_name, c->req->path);
	c->ticket = (struct ledger_ticket){.done = on_durable, .arg = c};
	count_write(c->api, 1);
	r = ledger_write(c->api->ledger, c->req->region, &c->caller.actor, c->action, write_in_txn, x,
			 &c->ticket, err);
	if (r < 0) {
		count_write(c->api, -1);
		return r;
	}
	/* The read's snapshot stays until the end: drafts may still borrow from it. */
	snap_drop(x->written);
	c->snap = x->written = c->ticket.snap;
	x->queued = c->ticket.revision != 0 || c->wait_apply;
	if (!x->queued) {
		count_write(c->api, -1);
		return reply ? reply(c, err) : 0;
	}
	/* Nothing to change, but the answer tells what the kernel has: a client that asks again waits again.
	 */
	if (!c->ticket.revision)
		wait_applied(c, c->snap->revision);
	return 0;
}

/* --- the steps --- */

static bool is_local(const struct http_request *req)
{
	bool loopback = strncmp(req->peer, "127.", 4) == 0 || strcmp(req->peer, "::1") == 0;

	/* A proxy on this machine forwards strangers. */
	return loopback && !http_header(req, "X-Forwarded-For") && !http_header(req, "Forwarded");
}

static bool needs_no_token(const struct call *c)
{
	return c->route->flags & ROUTE_OPEN || (c->route->flags & ROUTE_LOCAL && is_local(c->req));
}

static const char *verb_name(enum http_method method)
{
	if (method == HTTP_POST)
		return "create";
	return method == HTTP_DELETE ? "delete" : method == HTTP_GET ? "get" : "update";
}

static int check_policy(struct call *c, struct err *err)
{
	unsigned flags = c->route->flags;
	const struct resource *res = resource_of(c->route->kind);
	const char *name = c->route->kind ? shape_of(c->route->kind)->name : c->route->resource;

	c->req->log_user = c->caller.actor.user_name ? c->caller.actor.user_name : c->caller.actor.user_id;
	c->req->log_project = c->caller.actor.project_id;
	if (needs_no_token(c) || c->caller.admin)
		return 0;
	if (flags & (ROUTE_ADMIN | ROUTE_LOCAL) || (flags & ROUTE_WRITE && !c->caller.member) ||
	    (c->req->method == HTTP_POST && res && res->admin_creates))
		return call_denied(verb_name(c->req->method), name, err);
	return 0;
}

/* What a route's function, or its continuation, has answered. */
static int after_function(struct call *c, int r, struct err *err)
{
	struct exchange_call *x = inner(c);

	if (x->queued) {
		if (r < 0)
			x->late = *err;
		c->stage = AT_WRITE;
		return CALL_WAIT;
	}
	if (r == CALL_WAIT)
		c->stage = AT_JOB;
	return r;
}

/* As in Neutron: clients ask without knowing what they may see. */
static int show_nothing(struct call *c, struct err *err)
{
	if (c->arg[0])
		return err_api(err, 404, "HTTPNotFound", "The resource could not be found.");
	buf_printf(&c->resp->body, "{\"%s\":[]}", c->route->resource);
	return 0;
}

static int run(struct call *c, struct err *err)
{
	int r;

	if (c->route->flags & ROUTE_HIDDEN && !c->caller.admin)
		return show_nothing(c, err);
	r = check_policy(c, err);
	if (r == 0 && c->route->family == FAMILY_COMPUTE)
		r = compute_prepare(c, err);
	if (r == 0 && (r = past_prepare(c, err)) == CALL_WAIT)
		c->stage = AT_PAST;
	if (r)
		return r;
	return after_function(c, c->route->fn(c, err), err);
}

static int start(struct call *c, struct err *err)
{
	int r = route_find(c, err);

	if (r < 0)
		return r;
	c->req->log_resource = c->route->resource;
	c->snap = inner(c)->first = ledger_snap(c->api->ledger);
	if (needs_no_token(c))
		return run(c, err);
	r = c->api->authenticate(c, err);
	if (r == CALL_WAIT)
		c->stage = AT_AUTH;
	return r == 0 ? run(c, err) : r;
}

static int finish_write(struct call *c, struct err *err)
{
	struct exchange_call *x = inner(c);

	if (c->ticket.result < 0) {
		*err = c->ticket.err;
		return c->ticket.result;
	}
	if (x->late.errnum) {
		*err = x->late;
		return x->late.errnum;
	}
	return c->reply ? c->reply(c, err) : 0;
}

static int step(struct call *c, struct err *err)
{
	int r = 0;

	switch ((enum stage)c->stage) {
	case AT_START:
		return start(c, err);
	case AT_AUTH:
		r = c->resumed(c, err);
		return r == 0 ? run(c, err) : r;
	case AT_PAST:
		r = c->resumed(c, err);
		return r == 0 ? after_function(c, c->route->fn(c, err), err) : r;
	case AT_JOB:
		return after_function(c, c->resumed(c, err), err);
	case AT_WRITE:
		return finish_write(c, err);
	}
	return r;
}

enum http_verdict api_handle(void *arg, struct http_request *req, struct http_response *resp)
{
	struct call *c = call_of(arg, req, resp);
	struct err err = {0};
	int r = step(c, &err);

	if (r == CALL_WAIT)
		return HTTP_WAIT;
	if (r < 0)
		call_error(c, c->route ? c->route->family : route_family(req->path), &err);
	return HTTP_DONE;
}

void api_done(void *arg, const struct http_request *req, const struct http_response *resp)
{
	static const char *const methods[] = {
		[HTTP_GET] = "GET",         [HTTP_HEAD] = "GET",    [HTTP_POST] = "POST",
		[HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
		[HTTP_OPTIONS] = "OPTIONS", [HTTP_OTHER] = "OTHER"};
	struct api *api = arg;
	const char *resource = req->log_resource ? req->log_resource : "none", *method = methods[req->method];
	char status[12];

	snprintf(status, sizeof(status), "%d", resp->status);
	metrics_add(api->metrics, METRIC_HTTP_REQUESTS, METRIC_LABELS(resource, method, status), 1);
	metrics_observe(api->metrics, METRIC_HTTP_SECONDS, METRIC_LABELS(resource, method),
			clock_mono_us() - req->start_us);
}

/* --- what route functions use --- */

int call_body(struct call *c, json_t **ret, struct err *err)
{
	struct exchange_call *x = inner(c);
	int r;

	if (!x->body && !c->req->body_len)
		return err_api(err, 400, "HTTPBadRequest", "The request needs a body, a JSON object");
	if (c->route->flags & ROUTE_OPEN && c->req->body_len > OPEN_BODY_MAX)
		return err_api(err, 413, "HTTPRequestEntityTooLarge", "The request body is too large");
	if (!x->body && (r = json_parse_object(c->req->body, c->req->body_len, &x->body, err)) < 0)
		return r;
	*ret = x->body;
	return 0;
}

void call_status(struct call *c, int status)
{
	c->resp->status = status;
}

/* --- the whole --- */

struct api *api_new(const struct api_config *config, struct ledger *ledger, struct nodes *nodes,
		    struct err *err)
{
	struct api *api = xalloc(sizeof(*api));

	api->config = *config;
	api->ledger = ledger;
	api->nodes = nodes;
	api->authenticate = identity_authenticate;
	api->metrics = metrics_new();
	api->exports = exports_new(api);
	service_metrics(api);
	if (jobs_new(JOB_THREADS, JOB_QUEUE, &api->jobs, err) < 0 ||
	    identity_new(api, &api->identity, err) < 0 || live_new(api, &api->live, err) < 0 ||
	    past_new(&api->past, err) < 0) {
		api_free(api);
		return NULL;
	}
	return api;
}

void api_quiesce(struct api *api)
{
	live_stop(api->live);
	exports_stop(api->exports);
	watches_stop(api->watches);
}

void api_free(struct api *api)
{
	if (!api)
		return;
	watches_free(api->watches);
	asks_free(api->asks);
	wait_quiet(api);
	live_free(api->live);
	exports_free(api->exports);
	past_free(api->past);
	if (api->jobs)
		jobs_free(api->jobs);
	if (api->identity)
		identity_free(api->identity);
	metrics_free(api->metrics);
	free(api);
}
