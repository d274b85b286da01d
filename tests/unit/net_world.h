/* A whole API on a memory store, and a small table language to talk to it: who asks what, and what comes
 * back. Included by test_net.c and test_net_fip.c.
 *
 * In paths, bodies and expectations $name stands for the id that an earlier step saved under that name;
 * bodies are written with ' for ". Expectations are "path=value" pairs, separated by blanks, on the reply's
 * JSON; for an error its type, with a part of its message behind a colon when that matters. A path is behind
 * /v2.0/ unless it begins with a slash. */
#pragma once
#include "api/api.h"

#include <ctype.h>
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

struct name {
	char name[16], id[UUID_TEXT];
};

struct world {
	struct ledger *ledger;
	struct store *history, *exports;
	struct nodes *nodes;
	struct api *api;
	struct http_server *server;
	CURL *curl;
	const char *header; /* one more to send; NULL: none */
	struct name names[64];
	size_t name_count;
};

struct step {
	const char *who;     /* "admin", "alice", "bob", "rita" (reads only, alice's project) */
	const char *request; /* "POST networks", "PUT routers/$r/add_router_interface" */
	const char *body;    /* NULL: none */
	int status;
	const char *expect; /* an error's type, or pairs; NULL: nothing more */
	const char *save;   /* name for the id of what was made, or is the first of a list */
};

/* Who asks is what the token says: identity has tests of its own. */
static inline int world_authenticate(struct call *c, struct err *err)
{
	const char *token = http_header(c->req, "X-Auth-Token");
	bool admin = strcmp(token, "admin") == 0, reader = strcmp(token, "rita") == 0;

	c->caller.actor.user_id = c->caller.actor.user_name = token;
	c->caller.actor.project_id = c->caller.actor.project_name = reader ? "alice" : token;
	c->caller.admin = c->caller.actor.admin = admin;
	c->caller.member = !reader;
	c->caller.authenticated = true;
	return 0;
}

static inline int world_start(void **state)
{
	static const char *const physical[] = {"physnet1", "physnet2", NULL};
	static const struct api_config config = {.public_url = "http://127.0.0.1",
						 .region = "RegionOne",
						 .node_name = "node1",
						 .physical_networks = physical,
						 .vni_min = 100,
						 .vni_max = 103,
						 .tenant_network_type = "vxlan",
						 .mtu = 1500,
						 .apply_wait_ms = 100,
						 .quota = {-1, -1, -1, -1, -1, -1, -1},
						 .token_lifetime_s = 3600};
	struct world *w = xalloc(sizeof(*w));
	struct http_config http = {.listen = "127.0.0.1:0", .threads = 4, .max_body = 1 << 20};
	struct store *store = store_memory_new();
	struct err err = {0};

	w->history = store_memory_share(store);
	w->exports = store_memory_share(store);
	assert_int_equal(ledger_new(store, NULL, NULL, &w->ledger, &err), 0);
	w->nodes = nodes_new();
	w->api = api_new(&config, w->ledger, w->nodes, &err);
	assert_non_null(w->api);
	w->api->authenticate = world_authenticate;
	w->api->history = w->history;
	w->api->exports_store = w->exports;
	http.handler = api_handle;
	http.done = api_done;
	http.arg = w->api;
	http.max_connections = 64;
	assert_int_equal(http_start(&http, &w->server, &err), 0);
	w->curl = curl_easy_init();
	*state = w;
	return 0;
}

static inline int world_stop(void **state)
{
	struct world *w = *state;

	curl_easy_cleanup(w->curl);
	api_quiesce(w->api); /* it looks into the ledger */
	http_stop(w->server);
	ledger_free(w->ledger);
	api_free(w->api);
	store_free(w->history);
	store_free(w->exports);
	nodes_free(w->nodes);
	free(w);
	return 0;
}

/* The node says that it has applied everything, with these ports plugged and that row failed (NULL: none). */
static inline void world_report(struct world *w, const char *plugged, const char *failed)
{
	struct node_failure failure = {.fact = "fact", .why = "test"};
	struct node_report report = {.node = "node1", .applied = UINT64_MAX / 2};
	struct uuid port;

	if (plugged) {
		assert_int_equal(uuid_parse(plugged, &port), 0);
		report.plugged = &port;
		report.plugged_count = 1;
	}
	if (failed) {
		assert_int_equal(uuid_parse(failed, &failure.row), 0);
		report.failures = &failure;
		report.failure_count = 1;
	}
	nodes_report(w->nodes, &report);
}

static inline uint64_t world_revision(struct world *w)
{
	const struct snap *s = ledger_snap(w->ledger);
	uint64_t revision = s->revision;

	snap_drop(s);
	return revision;
}

static inline const char *world_id(const struct world *w, const char *name, size_t len)
{
	for (size_t i = w->name_count; i-- > 0;)
		if (strlen(w->names[i].name) == len && strncmp(w->names[i].name, name, len) == 0)
			return w->names[i].id;
	fail_msg("no $%.*s", (int)len, name);
	return "";
}

/* $names and quotes replaced. */
static inline char *world_text(const struct world *w, const char *text)
{
	struct buf b = {0};

	for (const char *p = text; *p; p++) {
		size_t n = 0;

		if (*p != '$') {
			buf_putc(&b, *p == '\'' ? '"' : *p);
			continue;
		}
		while (isalnum((unsigned char)p[n + 1]))
			n++;
		buf_puts(&b, world_id(w, p + 1, n));
		p += n;
	}
	buf_puts(&b, "");
	return buf_take(&b);
}

static inline size_t world_collect(char *data, size_t size, size_t n, void *arg)
{
	buf_add(arg, data, size * n);
	return size * n;
}

/* Sends one request with the given handle; *ret_json may be NULL (no body). Returns the status. */
static inline int world_send(struct world *w, CURL *curl, const char *who, const char *request,
			     const char *body, json_t **ret_json)
{
	const char *space = strchr(request, ' ');
	AUTO_FREE char *path = world_text(w, space + 1), *json = body ? world_text(w, body) : NULL;
	AUTO_FREE char *url = xasprintf("http://127.0.0.1:%u%s%s", http_port(w->server),
					*path == '/' ? "" : "/v2.0/", path);
	AUTO_FREE char *method = xasprintf("%.*s", (int)(space - request), request);
	AUTO_FREE char *token = xasprintf("X-Auth-Token: %s", who);
	struct curl_slist *headers = curl_slist_append(NULL, token);
	AUTO_BUF struct buf reply = {0};
	long status = 0;

	if (w->header)
		headers = curl_slist_append(headers, w->header);
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (json)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, json);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, world_collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	*ret_json = reply.len ? json_loads(buf_text(&reply), 0, NULL) : NULL;
	return (int)status;
}

/* "router.routes.0.nexthop" -> the value; "router.routes.#" is the list's length. */
static inline json_t *world_at(json_t *json, const char *path, size_t len, bool *ret_count)
{
	const char *end = path + len;

	while (json && path < end) {
		size_t n = strcspn(path, ".=");
		AUTO_FREE char *key = xasprintf("%.*s", (int)n, path);

		if (strcmp(key, "#") == 0)
			*ret_count = true;
		else if (json_is_array(json))
			json = json_array_get(json, (size_t)strtoul(key, NULL, 10));
		else
			json = json_object_get(json, key);
		path += n + 1;
	}
	return json;
}

static inline void world_check_pair(struct world *w, json_t *json, const char *pair, size_t len)
{
	size_t n = strcspn(pair, "=");
	AUTO_FREE char *want_raw = xasprintf("%.*s", (int)(len - n - 1), pair + n + 1);
	AUTO_FREE char *want = world_text(w, want_raw), *have = NULL;
	bool count = false;
	json_t *at = world_at(json, pair, n, &count);

	if (count)
		have = xasprintf("%zu", json_array_size(at));
	else if (json_is_string(at))
		have = xstrdup(json_string_value(at));
	else
		have = at ? json_dumps(at, JSON_ENCODE_ANY | JSON_COMPACT) : xstrdup("absent");
	if (strcmp(have, want) != 0)
		fail_msg("%.*s is %s, not %s", (int)n, pair, have, want);
}

/* The compute API's errors are named by their only member. */
static inline void world_refused(json_t *json, const char *expect)
{
	const char *name = json_object_iter_key(json_object_iter(json)), *type, *message;
	json_t *error = json_object_get(json, name ? name : "");
	size_t n = strcspn(expect, ":");

	type = json_string_value(json_object_get(error, "type"));
	message = json_string_value(json_object_get(error, "message"));
	type = type ? type : name ? name : "none";
	if (strlen(type) != n || strncmp(type, expect, n) != 0)
		fail_msg("the type is %s, not %s (%s)", type, expect, message);
	if (expect[n] && !strstr(message ? message : "", expect + n + 1))
		fail_msg("the message is %s, not %s", message, expect + n + 1);
}

static inline void world_expect(struct world *w, json_t *json, int status, const char *expect)
{
	if (status >= 400) {
		world_refused(json, expect);
		return;
	}
	for (const char *p = expect; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		world_check_pair(w, json, p, n);
		p += n;
	}
}

static inline void world_save(struct world *w, json_t *json, const char *name)
{
	json_t *row = json_object_iter_value(json_object_iter(json));
	const char *id =
		json_string_value(json_object_get(json_is_array(row) ? json_array_get(row, 0) : row, "id"));
	struct name *n = &w->names[w->name_count++];

	if (!id)
		id = json_string_value(json_object_get(json, "port_id"));
	assert_non_null(id);
	assert_true(w->name_count < ARRAY_SIZE(w->names));
	snprintf(n->name, sizeof(n->name), "%s", name);
	snprintf(n->id, sizeof(n->id), "%s", id);
}

static inline void world_step(struct world *w, const struct step *s)
{
	uint64_t before = world_revision(w);
	json_t *json;
	int status = world_send(w, w->curl, s->who, s->request, s->body, &json);
	AUTO_FREE char *text = json ? json_dumps(json, JSON_COMPACT) : xstrdup("");

	print_message("%s %s %.400s -> %d\n", s->who, s->request, s->body ? s->body : "", status);
	if (status != s->status)
		fail_msg("status %d, not %d: %s", status, s->status, text);
	if (status >= 400 && world_revision(w) != before)
		fail_msg("a refusal changed something");
	if (s->expect)
		world_expect(w, json, status, s->expect);
	if (s->save)
		world_save(w, json, s->save);
	json_decref(json);
}

static inline void world_run(struct world *w, const struct step *steps)
{
	for (; steps->who; steps++)
		world_step(w, steps);
}
#define WORLD_RUN(w, ...) world_run(w, (const struct step[]){__VA_ARGS__, {0}})

/* What most tests begin with: an external network with three addresses to give, and alice's network behind
 * her router, with two instances' ports. */
static inline void world_furnish(struct world *w)
{
	WORLD_RUN(w,
		  {"admin", "POST networks",
		   "{'network':{'name':'ext','router:external':true,'provider:network_type':'flat',"
		   "'provider:physical_network':'physnet1'}}",
		   201, NULL, "ext"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$ext','ip_version':4,'cidr':'10.10.10.0/24',"
		   "'allocation_pools':[{'start':'10.10.10.2','end':'10.10.10.5'}]}}",
		   201, "subnet.gateway_ip=10.10.10.1", "exts"},
		  {"alice", "POST networks", "{'network':{'name':'a'}}", 201, NULL, "net"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$net','ip_version':4,'cidr':'172.16.100.0/24'}}", 201, NULL,
		   "sub"},
		  {"alice", "POST routers",
		   "{'router':{'name':'r','external_gateway_info':{'network_id':'$ext'}}}", 201,
		   "router.external_gateway_info.external_fixed_ips.0.ip_address=10.10.10.2", "r"},
		  {"alice", "PUT routers/$r/add_router_interface", "{'subnet_id':'$sub'}", 200,
		   "id=$r subnet_id=$sub subnet_ids.0=$sub network_id=$net project_id=alice tenant_id=alice",
		   "iface"},
		  {"alice", "POST ports", "{'port':{'network_id':'$net','name':'one'}}", 201,
		   "port.fixed_ips.0.ip_address=172.16.100.2 port.status=DOWN", "p1"},
		  {"alice", "POST ports", "{'port':{'network_id':'$net','name':'two'}}", 201,
		   "port.fixed_ips.0.ip_address=172.16.100.3", "p2"});
}
