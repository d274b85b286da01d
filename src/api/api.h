/* From a request to its answer: the frame that every resource fits into.
 *
 *   route table -> authenticate -> route's function -> (write: ledger -> durable -> applied by the kernel) ->
 * reply
 *
 * A route's function decodes, checks and answers from one snapshot, or runs a write and leaves a `reply` to
 * be made when the write is durable and the kernel has it. It never blocks; what blocks goes to the jobs and
 * the call waits. Hooks (struct resource) hold the meaning of a resource; verbs.c holds everything that all
 * resources share. */
#pragma once
#include "api/asks.h"
#include "api/http.h"
#include "api/jobs.h"
#include "api/metrics.h"
#include "api/nodes.h"
#include "store/ledger.h"

/* How errors are spelt and versions announced. */
enum api_family { FAMILY_NETWORK, FAMILY_IDENTITY, FAMILY_COMPUTE, FAMILY_CONSOLE, FAMILY_PLAIN };

struct quota_limits {
	int64_t network, subnet, port, router, floatingip, subnetpool, rbac_policy; /* -1: no limit */
};

/* From one snapshot to another, by the rows that differ; all borrowed for the call. */
struct kernel_change {
	const struct snap *was, *is;
	const struct row_change *rows;
	size_t count;
};
/* One step that the kernel would take, in words; borrowed for the call. */
struct kernel_step {
	const char *kind;     /* of the fact: "nat" */
	const char *was, *is; /* the fact; NULL: not there */
	struct uuid row;      /* whose it is */
};

/* What the configuration file says to the API; all strings outlive the API. */
struct api_config {
	const char *public_url; /* "http://127.0.0.1:9696" */
	bool tls;               /* we serve TLS ourselves */
	const char *region;     /* "RegionOne" */
	const char *node_name;
	const char *availability_zone;        /* the node's; NULL: "nova" */
	const char *const *physical_networks; /* names, NULL-terminated */
	const char *tenant_network_type;      /* "local" or "vxlan" */
	int64_t vni_min, vni_max;
	int64_t mtu; /* of the physical networks; vxlan subtracts its overhead of 50 */
	int apply_wait_ms;
	const char *dns_domain; /* that instances' names end in, where nothing else is said; NULL: none */
	struct quota_limits quota;
	int64_t once_s; /* how long an Idempotency-Key is remembered; 0: a day */
	int64_t rest_s; /* how long released addresses rest where their network does not say; 0: they do not
			 */
	int64_t token_lifetime_s;
	const struct console *console; /* NULL: built without it */
	/* What nova-network's commands mean when they do not say it. NULL: "nova"; the physical network's
	 * name; the first of physical_networks. */
	const char *nova_pool;             /* the pool of a floating IP, and of a range */
	const char *nova_interface;        /* what lists call the interface of nova_physical_network */
	const char *nova_physical_network; /* where a pool that is made for a range is */
	/* What a change would do to this node's kernel: calls `step` in the order of the steps, and
	 * `impossible` for rows that can not be realised then (`why` NULL: can); either may be NULL. Any
	 * thread. NULL: nobody knows. */
	void (*plan_kernel)(const void *plan_arg, struct nodes *nodes, const struct kernel_change *change,
			    void (*step)(void *arg, const struct kernel_step *step),
			    void (*impossible)(void *arg, const struct uuid *row, const char *why),
			    void *arg);
	const void *plan_arg;
	bool keystone; /* tokens come from an existing Keystone */
	const char *keystone_url, *keystone_username, *keystone_password, *keystone_project, *keystone_domain;
};

struct identity;
struct call;
struct console;
struct exports;
struct keeper;
struct live;
struct past;
struct watches;

struct api {
	struct api_config config;
	/* identity_authenticate; tests put their own here before the first request. */
	int (*authenticate)(struct call *c, struct err *err);
	struct ledger *ledger;
	struct nodes *nodes;
	struct jobs *jobs;
	struct metrics *metrics;
	struct identity *identity;
	/* Asks the nodes for fresh counters, without waiting: the next scrape shows them. NULL: nobody to
	 * ask. */
	void (*_Atomic ask_traffic)(void);
	struct asks *asks;       /* asks.h; owned; NULL: there is no agent to ask */
	struct watches *watches; /* watch.h; owned; NULL: packets are not seen */
	struct live *live;       /* live.h */
	struct keeper *keeper;   /* keeper.h; NULL: nothing ends by itself */
	struct past *past;       /* past.h; owned */
	struct store *history;   /* a handle for its thread to read events, borrowed; NULL: there is none */
	struct exports *exports; /* history.h; owned */
	struct store *exports_store; /* another handle, for their thread; the same */
	unsigned under_way;          /* writes that will call back; api.c's */
};

/* Who asks, after authentication. Strings live in the request's region. */
struct caller {
	struct actor actor; /* for the event: user, project, request id, admin */
	const char *domain_id;
	bool admin;  /* has the role admin */
	bool member; /* may change things of its project; a reader may not */
	bool authenticated;
	void *token; /* identity's own */
};

struct route;

/* How an address stops resting by a write. */
enum rest_end { REST_TAKEN_BACK, REST_OWN, REST_OVER, REST_EXHAUSTED, REST_ENDS };

/* One request on its way. Lives in the request's region. */
struct call {
	struct api *api;
	struct http_request *req;
	struct http_response *resp;
	const struct route *route;
	const char *arg[3]; /* what stood at {} in the pattern, in order */
	const struct snap
		*snap; /* what reads look at: current when the call began, after a write the write's */
	const struct snap *now; /* with ?as_of= `snap` is of the past, and this is the present; else NULL */
	struct caller caller;
	/* A write that was queued. */
	struct ledger_ticket ticket;
	const char *action;
	bool wait_apply; /* the reply waits until the kernel has it */
	/* What a POST makes, set before call_write by those that an Idempotency-Key is for: where the write
	 * leaves the ids, and its status. A repetition is answered with those of the first, without the
	 * write: the reply may go by nothing else that the write would have set. once.c */
	struct {
		enum kind kind;
		struct uuid *ids;
		size_t stride, count; /* bytes from one id to the next; 0: the header is passed over */
		int status;
	} made;
	/* Keys that this request has made, which its reply shows and nothing ever again; in its region. */
	struct shown_key {
		struct uuid id; /* of the row that it is for */
		const char *text;
		struct shown_key *next;
	} * shown;
	unsigned rests_ended[REST_ENDS]; /* by the write; counted once it is durable. net_rest.c */
	/* Makes the reply once the write is durable (and applied); NULL: resp is complete already. */
	int (*reply)(struct call *c, struct err *err);
	/* After a job has finished: continues. */
	int (*resumed)(struct call *c, struct err *err);
	void *state;           /* the route function's own */
	void *past;            /* past.c's */
	void *planned;         /* planned.c's: the write is only told of */
	unsigned microversion; /* FAMILY_COMPUTE: the minor number of the 2.x that was asked for */
	int stage;             /* api.c's */
};

/* A route's function: 0 = answered (or a write was queued), CALL_WAIT = http_resume will come and c->resumed
 * goes on, negative errno = err says what to answer. */
#define CALL_WAIT 1
typedef int (*call_fn)(struct call *c, struct err *err);

enum route_flags {
	ROUTE_OPEN = 1,    /* no token needed */
	ROUTE_ADMIN = 2,   /* administrators only: others get 403 */
	ROUTE_WRITE = 4,   /* readers get 403 */
	ROUTE_NOW = 16,    /* tells of the present only: ?as_of= is refused */
	ROUTE_LOCAL = 8,   /* no token needed from this machine itself; administrators from elsewhere */
	ROUTE_HIDDEN = 32, /* GET of what only administrators see: others find an empty list, and 404 */
};

#define ROUTE_NO_BODY "" /* of a POST or PUT */

struct route {
	enum http_method method;
	const char *pattern; /* "/v2.0/floatingips/{}"; more literal patterns come first in a table */
	call_fn fn;
	unsigned flags;
	enum api_family family;
	const char *resource; /* label for metrics and log: "floatingips" */
	enum kind kind;       /* for the generic verbs */
	/* For the API's description (openapi.h), of routes that the generic verbs do not serve. */
	const char *about;         /* one sentence: "Adds an interface to the router" */
	const char *body, *answer; /* JSON schemas; NULL: any object; no body for GET and DELETE */
	int status;                /* of a good answer; 0: 200, or 204 for DELETE */
	const char *media;         /* of the answer when it is not JSON: "text/csv" */
};
/* Calls `fn` for each route of the tables. */
void routes_each(void (*fn)(void *arg, const struct route *route), void *arg);

/* Tables of routes, each ended by a row without fn. A segment of a pattern is a word,
 * "{}" (any id, of which a trailing ".json" is dropped) or "{=}" (any text as it is). A word wins over both.
 * "{*}", at the end, takes what is left of the path when nothing else fits. */
/* clang-format off */
#define EVERY_ROUTE_TABLE(X) \
	X(agent_routes)       \
	X(auto_routes)        \
	X(change_set_routes)  \
	X(compute_routes)     \
	X(console_routes)     \
	X(flavor_routes)      \
	X(hosting_routes)     \
	X(history_routes)     \
	X(identity_routes)    \
	X(image_routes)       \
	X(inventory_routes)   \
	X(network_routes)     \
	X(orphan_routes)      \
	X(qos_routes)         \
	X(quota_routes)       \
	X(rest_routes)        \
	X(router_routes)      \
	X(service_routes)     \
	X(stats_routes)       \
	X(subnetpool_routes)  \
	X(tag_routes)         \
	X(transfer_routes)
/* clang-format on */
#define DECLARE_ROUTES_(table) extern const struct route table[];
EVERY_ROUTE_TABLE(DECLARE_ROUTES_)

/* --- resources: the hooks --- */

/* What a hook works with inside a transaction. */
struct verb {
	struct call *c;
	struct txn *t;
	uint64_t given;      /* mask of the attributes in the body */
	const json_t *json;  /* of an update: the attributes as they came, for what is in them; borrowed */
	bool touches_kernel; /* a hook sets it when the reply has to wait for the kernel */
	bool no_quota;       /* what is made is nobody's in particular: quotas do not bind it */
};

struct resource {
	enum kind kind;
	enum kind quota; /* KIND_NONE: not counted */
	/* The attribute that names a row whose revision counts the changes of this one, too; NULL: none. A
	 * nested kind's parent is that without being named. */
	const char *part_of;
	bool admin_creates; /* others get 403, whatever they name */
	/* Of nested kinds neither this nor `writable` is asked, but the parent's.
	 * Whether a caller sees the row. Rows that it does not see do not exist for it: 404. NULL: its
	 * project's, or admin; lists for others than admins then walk the project's rows only. */
	bool (*visible)(const struct snap *s, const struct caller *who, const struct row *row);
	/* Whether a caller may change or delete a row that it sees; 403 otherwise. NULL: its project's, or
	 * admin. */
	bool (*writable)(const struct snap *s, const struct caller *who, const struct row *row);
	/* The draft holds the body; fills in, allocates, checks. verbs.c has set project_id, or the parent,
	 * and checked the quota, and calls txn_put(draft) afterwards. */
	int (*create)(struct verb *v, void *draft, struct err *err);
	/* Before create and its checks: a row that will do instead of a new one. 1: *ret_id is it; 0: there
	 * is none, and the draft is ready for create. NULL: never. */
	int (*reuse)(struct verb *v, void *draft, struct uuid *ret_id, struct err *err);
	/* The draft is the row with the body's attributes laid over it; `old` is the row. txn_put follows. */
	int (*update)(struct verb *v, const void *old, void *draft, struct err *err);
	/* Checks that nothing is in the way and takes along what goes with it. txn_del follows. */
	int (*remove)(struct verb *v, const void *row, struct err *err);
	/* Prints a computed attribute. `arg` is the call. */
	print_computed show;
	/* Filters that are not plain attributes. 1: the row passes, 0: it does not, -ENOENT: no such filter,
	 * -EINVAL: err is filled. NULL: none. */
	int (*filter)(struct call *c, const struct row *row, const char *key, const char *value,
		      struct err *err);
	/* Names an index that finds the rows for a filter attribute, so that lists need not walk everything;
	 * found by verbs.c from the schema. */
};
#define DECLARE_RESOURCE_(NAME, S, ...) extern const struct resource S##_resource;
EVERY_NETWORK_KIND(DECLARE_RESOURCE_)
EVERY_NESTED_KIND(DECLARE_RESOURCE_)
EVERY_BARE_KIND(DECLARE_RESOURCE_)
/* The table of them, by kind; NULL for kinds that the generic network verbs do not serve. */
const struct resource *resource_of(enum kind kind);

/* --- what route functions use --- */

/* The request's body as a JSON object, parsed once; borrowed, goes with the call. */
int call_body(struct call *c, json_t **ret, struct err *err);
/* Says where a write of one row leaves its id, for call->made. */
static inline void call_makes(struct call *c, enum kind kind, struct uuid *id)
{
	c->made.kind = kind;
	c->made.ids = id;
	c->made.count = 1;
}
/* Runs a write: `fn(v, arg, err)` inside a transaction. Then `c->reply` is called when it is durable and
 * applied. Before that the snapshot of the write becomes c->snap. */
int call_write(struct call *c, int (*fn)(struct verb *v, void *arg, struct err *err), void *arg,
	       int (*reply)(struct call *c, struct err *err), struct err *err);
/* Runs `fn` on a worker thread; c->resumed continues. Returns CALL_WAIT, or an error when the queue is full
 * (503). */
int call_job(struct call *c, void (*fn)(struct call *c), int (*resumed)(struct call *c, struct err *err),
	     struct err *err);
/* The same on other threads. */
int call_job_on(struct call *c, struct jobs *jobs, void (*fn)(struct call *c),
		int (*resumed)(struct call *c, struct err *err), struct err *err);
/* A 404 in the words of the kind: "FloatingIPNotFound", "Floating IP <id> could not be found". */
int call_not_found(enum kind kind, const char *id, struct err *err);
/* Parses an id from the path and finds the row if the caller sees it. Ids that are no UUIDs are 404 as well.
 * Kinds without a struct resource are found by their id alone: their routes decide who may see what. */
int call_find(struct call *c, enum kind kind, const char *id, const struct row **ret, struct err *err);
/* The same inside a transaction, with the check that the caller may change it (403 PolicyNotAuthorized). */
int verb_find(struct verb *v, enum kind kind, const char *id, const struct row **ret, struct err *err);
/* Both for the row that the path names: a nested one by its parent's id and its own. */
int call_find_named(struct call *c, enum kind kind, const struct row **ret, struct err *err);
int verb_find_named(struct verb *v, enum kind kind, const struct row **ret, struct err *err);
/* A row that an attribute refers to, if the caller sees it: 404 otherwise. */
int verb_ref(struct verb *v, enum kind kind, const struct uuid *id, const void **ret, struct err *err);
/* {"network": {...}} of one row as this caller sees it, with ?fields=. */
void call_print_row(struct call *c, const char *name, const struct row *row);
/* What POST, PUT and DELETE of a network resource do, inside a transaction: `json` has the attributes that a
 * body would have; decoding, references, quota and hooks are the same. Whether the caller may change the row
 * is asked by verb_find before. The row is borrowed from the transaction and may be gone afterwards. */
int verb_make(struct verb *v, enum kind kind, const json_t *json, struct uuid *ret_id, struct err *err);
int verb_change(struct verb *v, const struct row *old, const json_t *json, struct err *err);
int verb_drop(struct verb *v, const struct row *row, struct err *err);
/* True when the attribute stood in the body. */
bool verb_given(const struct verb *v, enum kind kind, const char *attr);
/* Checks quotas for `add` more rows of a kind: 409 OverQuota. */
int verb_quota(struct verb *v, enum kind kind, const char *project_id, int64_t add, struct err *err);
/* 202/204 and so on without a body. */
void call_status(struct call *c, int status);

/* --- the whole --- */

struct api *api_new(const struct api_config *config, struct ledger *ledger, struct nodes *nodes,
		    struct err *err);
/* Before http_stop: ends what the API tells by itself (live.h). */
void api_quiesce(struct api *api);
/* After http_stop. Waits for the writes that the ledger or the nodes still have to call back for. */
void api_free(struct api *api);
/* The http_handler and done of the server; arg is the api. */
enum http_verdict api_handle(void *arg, struct http_request *req, struct http_response *resp);
/* The server's print_error. */
void api_print_error(const char *path, int status, const char *title, const char *message, struct buf *out);
void api_done(void *arg, const struct http_request *req, const struct http_response *resp);
