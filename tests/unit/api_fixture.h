/* A whole API over the store in memory, behind a real HTTP server on a free port, with tokens that are names.
 * Shared by the tests of the frame. */
#pragma once
#include "api/api.h"
#include "store/store.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include <cmocka.h>

#define PROJECT  "11111111111111111111111111111111"
#define STRANGER "22222222222222222222222222222222"
#define NOWHERE  "99999999-9999-4999-8999-999999999999"

struct fixture {
	struct ledger *ledger;
	struct store *history, *exports;
	struct nodes *nodes;
	struct api *api;
	struct http_server *server;
	CURL *curl;
	const char *token;    /* "admin", "member", "reader", "stranger"; NULL: none */
	const char *if_match; /* header, NULL: none */
	const char *once;     /* Idempotency-Key, NULL: none */
	/* Of the last reply. */
	int status;
	json_t *json; /* NULL: no JSON */
	struct buf text, headers;
	char path[128];
};

/* Who a test's token is. */
static int fake_authenticate(struct call *c, struct err *err)
{
	static const struct {
		const char *token, *project;
		bool admin, member;
	} who[] = {
		{"admin", "00000000000000000000000000000000", true, true},
		{"member", PROJECT, false, true},
		{"reader", PROJECT, false, false},
		{"stranger", STRANGER, false, true},
		{"unscoped", NULL, false, true},
	};
	const char *token = http_header(c->req, "X-Auth-Token");

	for (size_t i = 0; i < ARRAY_SIZE(who); i++)
		if (token && strcmp(who[i].token, token) == 0) {
			c->caller.actor.user_id = c->caller.actor.user_name = who[i].token;
			c->caller.actor.project_id = who[i].project;
			c->caller.admin = c->caller.actor.admin = who[i].admin;
			c->caller.member = who[i].member;
			c->caller.authenticated = true;
			return 0;
		}
	return err_api(err, 401, "Unauthorized", "The request you have made requires authentication.");
}

static struct api_config fixture_config(void)
{
	static const char *const physical[] = {"physnet1", "physnet2", NULL};

	return (struct api_config){
		.public_url = "http://buoy.test:9696",
		.region = "RegionOne",
		.node_name = "node1",
		.physical_networks = physical,
		.tenant_network_type = "local",
		.vni_min = 1,
		.vni_max = 1000,
		.mtu = 1500,
		.apply_wait_ms = 20000,
		.quota = {-1, -1, -1, -1, -1, -1, -1},
		.token_lifetime_s = 3600,
	};
}

static struct fixture *fixture_new(void)
{
	struct fixture *f = xalloc(sizeof(*f));
	struct api_config config = fixture_config();
	struct store *store = store_memory_new();
	struct err err = {0};

	f->history = store_memory_share(store);
	f->exports = store_memory_share(store);
	assert_int_equal(ledger_new(store, NULL, NULL, &f->ledger, &err), 0);
	f->nodes = nodes_new();
	f->api = api_new(&config, f->ledger, f->nodes, &err);
	if (!f->api)
		fail_msg("%s", err.message);
	f->api->authenticate = fake_authenticate;
	f->api->history = f->history;
	f->api->exports_store = f->exports;
	if (http_start(&(struct http_config){.listen = "127.0.0.1:0",
					     .threads = 2,
					     .max_connections = 128,
					     .max_body = 1 << 20,
					     .stop_grace_ms = 20,
					     .handler = api_handle,
					     .arg = f->api,
					     .done = api_done},
		       &f->server, &err) < 0)
		fail_msg("%s", err.message);
	f->curl = curl_easy_init();
	f->token = "admin";
	return f;
}

static void fixture_free(struct fixture *f)
{
	curl_easy_cleanup(f->curl);
	if (f->server)
		http_stop(f->server);
	api_free(f->api);
	nodes_free(f->nodes);
	store_free(f->history);
	store_free(f->exports);
	ledger_free(f->ledger);
	json_decref(f->json);
	buf_done(&f->text);
	buf_done(&f->headers);
	free(f);
}

UNUSED static int fixture_setup(void **state)
{
	*state = fixture_new();
	return 0;
}

UNUSED static int fixture_teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

static size_t take_bytes(char *data, size_t size, size_t count, void *arg)
{
	buf_add(arg, data, size * count);
	return size * count;
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
	AUTO_FREE char *line = value ? xasprintf("%s: %s", name, value) : NULL;

	return line ? curl_slist_append(list, line) : list;
}

/* One request with exactly these headers, which it frees; the reply stands in the fixture. Returns the
 * status. `body` NULL: none. */
static int request_with(struct fixture *f, const char *method, const char *path, struct curl_slist *headers,
			const char *body)
{
	AUTO_FREE char *url = xasprintf("http://127.0.0.1:%u%s", http_port(f->server), path);
	long status = 0;

	buf_done(&f->text);
	buf_done(&f->headers);
	json_decref(f->json);
	curl_easy_reset(f->curl);
	curl_easy_setopt(f->curl, CURLOPT_URL, url);
	curl_easy_setopt(f->curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(f->curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(f->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(f->curl, CURLOPT_NOBODY, (long)(strcmp(method, "HEAD") == 0));
	curl_easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(f->curl, CURLOPT_WRITEDATA, &f->text);
	curl_easy_setopt(f->curl, CURLOPT_HEADERDATA, &f->headers);
	if (body) {
		curl_easy_setopt(f->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
		curl_easy_setopt(f->curl, CURLOPT_POSTFIELDS, body);
	}
	assert_int_equal(curl_easy_perform(f->curl), CURLE_OK);
	curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	f->json = json_loadb(buf_text(&f->text), f->text.len, 0, NULL);
	f->status = (int)status;
	return f->status;
}

/* The same with the fixture's token. */
static int request(struct fixture *f, const char *method, const char *path, const char *body)
{
	struct curl_slist *headers = add_header(NULL, "X-Auth-Token", f->token);

	headers = add_header(headers, "If-Match", f->if_match);
	headers = add_header(headers, "Idempotency-Key", f->once);
	return request_with(f, method, path, headers, body);
}

/* The value at "floatingip.id" or "ports.0.id"; NULL when there is none. */
static const json_t *value_at(const struct fixture *f, const char *where)
{
	AUTO_FREE char *copy = xstrdup(where);
	const json_t *at = f->json;
	char *save = NULL;

	for (char *p = strtok_r(copy, ".", &save); p && at; p = strtok_r(NULL, ".", &save))
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(p)) : json_object_get(at, p);
	return at;
}

static const char *text_at(const struct fixture *f, const char *where)
{
	const char *s = json_string_value(value_at(f, where));

	return s ? s : "";
}

/* Names of the items of a list, joined: "a b c". */
UNUSED static const char *names_in(struct fixture *f, const char *list)
{
	static char names[4096];
	const json_t *item;
	size_t i;

	names[0] = '\0';
	json_array_foreach(json_object_get(f->json, list), i, item)
	{
		const char *name = json_string_value(json_object_get(item, "name"));
		size_t used = strlen(names);

		snprintf(names + used, sizeof(names) - used, "%s%s", i ? " " : "", name ? name : "?");
	}
	return names;
}

UNUSED static uint64_t revision(struct fixture *f)
{
	AUTO_SNAP const struct snap *s = ledger_snap(f->ledger);

	return s->revision;
}

/* Sends and insists on the status. */
static void expect_as(struct fixture *f, const char *token, int status, const char *method, const char *path,
		      const char *body)
{
	f->token = token;
	if (request(f, method, path, body) != status)
		fail_msg("%s %s as %s: %d instead of %d: %s", method, path, token ? token : "nobody",
			 f->status, status, buf_text(&f->text));
}

/* "/v2.0/networks/<id>" with the id of the last reply's object, in the fixture. */
UNUSED static const char *made(struct fixture *f, const char *plural, const char *name)
{
	AUTO_FREE char *where = xasprintf("%s.id", name);

	snprintf(f->path, sizeof(f->path), "/v2.0/%s/%s", plural, text_at(f, where));
	return f->path;
}

/* Creates and returns the id, malloc'd. */
UNUSED static char *create(struct fixture *f, const char *token, const char *plural, const char *name,
			   const char *body)
{
	AUTO_FREE char *path = xasprintf("/v2.0/%s", plural), *where = xasprintf("%s.id", name);

	expect_as(f, token, 201, "POST", path, body);
	return xstrdup(text_at(f, where));
}

/* An external network with a subnet, a network of PROJECT with one, a router between them, a port. */
struct world {
	char *external, *external_subnet, *network, *subnet, *router, *port, *floatingip;
};

UNUSED static struct world world_new(struct fixture *f)
{
	struct world w;
	AUTO_FREE char *a = NULL, *b = NULL, *c = NULL, *d = NULL, *e = NULL, *g = NULL;

	w.external = create(
		f, "admin", "networks", "network",
		"{\"network\": {\"name\": \"ext\", \"router:external\": true, \"provider:network_type\": "
		"\"flat\", \"provider:physical_network\": \"physnet1\"}}");
	a = xasprintf(
		"{\"subnet\": {\"name\": \"exts\", \"network_id\": \"%s\", \"ip_version\": 4, \"cidr\": "
		"\"10.10.0.0/16\"}}",
		w.external);
	w.external_subnet = create(f, "admin", "subnets", "subnet", a);
	w.network = create(f, "member", "networks", "network", "{\"network\": {\"name\": \"net\"}}");
	b = xasprintf("{\"subnet\": {\"name\": \"sub\", \"network_id\": \"%s\", \"ip_version\": 4, \"cidr\": "
		      "\"172.16.0.0/16\"}}",
		      w.network);
	w.subnet = create(f, "member", "subnets", "subnet", b);
	c = xasprintf("{\"router\": {\"name\": \"r\", \"external_gateway_info\": {\"network_id\": \"%s\"}}}",
		      w.external);
	w.router = create(f, "member", "routers", "router", c);
	d = xasprintf("/v2.0/routers/%s/add_router_interface", w.router);
	e = xasprintf("{\"subnet_id\": \"%s\"}", w.subnet);
	expect_as(f, "member", 200, "PUT", d, e);
	g = xasprintf("{\"port\": {\"name\": \"p\", \"network_id\": \"%s\"}}", w.network);
	w.port = create(f, "member", "ports", "port", g);
	free(TAKE(g));
	g = xasprintf("{\"floatingip\": {\"floating_network_id\": \"%s\"}}", w.external);
	w.floatingip = create(f, "member", "floatingips", "floatingip", g);
	return w;
}

UNUSED static void world_free(struct world *w)
{
	free(w->external);
	free(w->external_subnet);
	free(w->network);
	free(w->subnet);
	free(w->router);
	free(w->port);
	free(w->floatingip);
}
