/* The frame of the API: routes, tokens, statuses, error types, bulk, If-Match, quotas, tags, waiting.
 * Over HTTP against the store in memory; what resources mean is tested elsewhere. */
#include "api_fixture.h"

#include <pthread.h>

/* Who sends what, and what comes back: the status, and the text that stands somewhere in the reply. */
static const struct {
	const char *token, *method, *path, *body;
	int status;
	const char *where, *text; /* what stands where in the reply */
} exchanges[] = {
	{NULL, "GET", "/", NULL, 200, "versions.0.id", "v2.0"},
	{NULL, "HEAD", "/", NULL, 200, NULL, NULL},
	{NULL, "GET", "/v2.0", NULL, 200, "resources.4.links.0.href",
	 "http://buoy.test:9696/v2.0/qos/policies"},
	{NULL, "GET", "/v2.0/", NULL, 200, "resources.0.name", "network"},
	{NULL, "GET", "/healthz", NULL, 200, "status", "ok"},
	{NULL, "GET", "/metrics", NULL, 200, NULL, NULL},
	{NULL, "GET", "/v2.0/extensions", NULL, 200, "extensions.0.alias", "router"},
	{NULL, "GET", "/v2.0/extensions/quotas", NULL, 200, "extension.alias", "quotas"},
	{NULL, "GET", "/v2.0/extensions/trunk", NULL, 404, "NeutronError.type", "ExtensionNotFound"},
	{NULL, "GET", "/v2.0/networks", NULL, 401, "NeutronError.type", "Unauthorized"},
	{"wrong", "POST", "/v2.0/networks", "{\"network\": {}}", 401, "NeutronError.type", "Unauthorized"},
	{"member", "GET", "/nothing", NULL, 404, "error", "The resource could not be found."},
	{"member", "GET", "/v2.0/nothing", NULL, 404, "NeutronError.type", "HTTPNotFound"},
	{"member", "GET", "/v2.0/networks//tags", NULL, 404, "NeutronError.type", "HTTPNotFound"},
	{"member", "GET", "/v2.0/a/b/c/d/e/f/g/h/i/j", NULL, 404, "NeutronError.type", "HTTPNotFound"},
	{"member", "PATCH", "/v2.0/networks", "{}", 405, "NeutronError.type", "HTTPMethodNotAllowed"},
	{"member", "NONSENSE", "/v2.0/networks", NULL, 405, "NeutronError.type", "HTTPMethodNotAllowed"},
	{"member", "GET", "/v2.0/networks/x", NULL, 404, "NeutronError.type", "NetworkNotFound"},
	{"member", "GET", "/v2.0/subnets/" NOWHERE, NULL, 404, "NeutronError.message",
	 "Subnet " NOWHERE " could not be found."},
	{"member", "PUT", "/v2.0/ports/" NOWHERE ".json", "{\"port\": {}}", 404, "NeutronError.message",
	 "Port " NOWHERE " could not be found."},
	{"member", "DELETE", "/v2.0/routers/" NOWHERE, NULL, 404, "NeutronError.message",
	 "Router " NOWHERE " could not be found"},
	{"member", "DELETE", "/v2.0/floatingips/" NOWHERE, NULL, 404, "NeutronError.message",
	 "Floating IP " NOWHERE " could not be found"},
	{"reader", "POST", "/v2.0/networks", "{\"network\": {}}", 403, "NeutronError.type",
	 "PolicyNotAuthorized"},
	{"reader", "DELETE", "/v2.0/networks/" NOWHERE, NULL, 403, "NeutronError.type",
	 "PolicyNotAuthorized"},
	{"reader", "GET", "/v2.0/networks", NULL, 200, NULL, NULL},
	{"member", "GET", "/v2.0/agents", NULL, 200, NULL, NULL},
	{"member", "GET", "/v2.0/agents/" NOWHERE, NULL, 404, "NeutronError.type", "HTTPNotFound"},
	{"member", "GET", "/v2.0/quotas", NULL, 403, "NeutronError.type", "PolicyNotAuthorized"},
	{"unscoped", "POST", "/v2.0/networks", "{\"network\": {}}", 403, "NeutronError.type",
	 "PolicyNotAuthorized"},
	{"member", "POST", "/v2.0/networks", "{\"network\": {\"project_id\": \"" STRANGER "\"}}", 400,
	 "NeutronError.type", "HTTPBadRequest"},
	{"member", "POST", "/v2.0/networks", "{\"network\": {\"tenant_id\": \"" PROJECT "\"}}", 201,
	 "network.project_id", PROJECT},
	{"admin", "POST", "/v2.0/networks",
	 "{\"network\": {\"tenant_id\": \"" STRANGER "\", \"project_id\": \"" PROJECT "\"}}", 400,
	 "NeutronError.message", "'project_id' and 'tenant_id' do not match"},
	{"admin", "POST", "/v2.0/networks", "{\"network\": {\"tenant_id\": \"" STRANGER "\"}}", 201,
	 "network.tenant_id", STRANGER},
	{"member", "POST", "/v2.0/networks", "{\"net\": {}}", 400, "NeutronError.message",
	 "Unable to find 'network' in request body"},
	{"member", "POST", "/v2.0/subnets",
	 "{\"subnet\": {\"network_id\": \"" NOWHERE "\", \"ip_version\": 4, \"cidr\": \"10.0.0.0/24\"}}", 404,
	 "NeutronError.type", "NetworkNotFound"},
	{"member", "POST", "/v2.0/routers",
	 "{\"router\": {\"external_gateway_info\": {\"network_id\": \"" NOWHERE "\"}}}", 404,
	 "NeutronError.type", "NetworkNotFound"},
};

static void test_table(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(exchanges); i++) {
		expect_as(f, exchanges[i].token, exchanges[i].status, exchanges[i].method, exchanges[i].path,
			  exchanges[i].body);
		if (exchanges[i].where && strcmp(text_at(f, exchanges[i].where), exchanges[i].text) != 0)
			fail_msg("%s %s: %s", exchanges[i].method, exchanges[i].path, buf_text(&f->text));
		assert_non_null(strstr(buf_text(&f->headers), "X-Openstack-Request-Id: req-"));
	}
}

static void test_headers(void **state)
{
	struct fixture *f = *state;

	expect_as(f, NULL, 401, "GET", "/v2.0/networks", NULL);
	assert_non_null(strstr(buf_text(&f->headers),
			       "WWW-Authenticate: Keystone uri=\"http://buoy.test:9696/identity\""));
	expect_as(f, "member", 405, "DELETE", "/v2.0/networks", NULL);
	assert_non_null(strstr(buf_text(&f->headers), "Allow: GET, HEAD, POST\r\n"));
	expect_as(f, "member", 200, "GET", "/v2.0/networks", NULL);
	assert_non_null(strstr(buf_text(&f->headers), "Content-Type: application/json"));
}

static void test_owner(void **state)
{
	struct fixture *f = *state;
	struct world w = world_new(f);
	AUTO_FREE char *own = xasprintf("/v2.0/networks/%s", w.network);
	AUTO_FREE char *external = xasprintf("/v2.0/networks/%s", w.external);
	AUTO_FREE char *fip = xasprintf("/v2.0/floatingips/%s", w.floatingip);
	const char *body = "{\"network\": {\"name\": \"mine\"}}";

	expect_as(f, "stranger", 404, "GET", own, NULL);
	expect_as(f, "stranger", 404, "PUT", own, body);
	expect_as(f, "stranger", 404, "DELETE", own, NULL);
	expect_as(f, "stranger", 404, "GET", fip, NULL);
	/* Seen by all, changed by its owner only. */
	expect_as(f, "stranger", 200, "GET", external, NULL);
	expect_as(f, "stranger", 403, "PUT", external, body);
	assert_string_equal(text_at(f, "NeutronError.message"),
			    "(rule:update_network) is disallowed by policy");
	expect_as(f, "stranger", 403, "DELETE", external, NULL);
	assert_string_equal(text_at(f, "NeutronError.type"), "PolicyNotAuthorized");
	expect_as(f, "reader", 200, "GET", own, NULL);
	expect_as(f, "reader", 403, "PUT", own, body);
	expect_as(f, "member", 200, "PUT", own, body);
	assert_string_equal(text_at(f, "network.name"), "mine");
	expect_as(f, "member", 204, "DELETE", fip, NULL);
	assert_int_equal(f->text.len, 0);
	expect_as(f, "member", 404, "DELETE", fip, NULL);
	world_free(&w);
}

static void test_bulk(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	expect_as(f, "member", 201, "POST", "/v2.0/networks",
		  "{\"networks\": [{\"name\": \"a\"}, {\"network\": {\"name\": \"b\"}}]}");
	assert_string_equal(names_in(f, "networks"), "a b");
	before = revision(f);
	expect_as(f, "member", 400, "POST", "/v2.0/networks",
		  "{\"networks\": [{\"name\": \"c\"}, {\"name\": \"d\", \"mtu\": 1}]}");
	expect_as(f, "member", 400, "POST", "/v2.0/networks",
		  "{\"networks\": [{\"name\": \"c\"}, {\"name\": \"d\", \"project_id\": \"x\"}]}");
	/* The second is refused inside the transaction: the first goes with it. */
	expect_as(f, "admin", 200, "PUT", "/v2.0/quotas/" PROJECT, "{\"quota\": {\"network\": 3}}");
	before = revision(f);
	expect_as(f, "member", 409, "POST", "/v2.0/networks",
		  "{\"networks\": [{\"name\": \"c\"}, {\"name\": \"d\"}]}");
	assert_int_equal(revision(f), before);
	expect_as(f, "member", 200, "GET", "/v2.0/networks?sort_key=name", NULL);
	assert_string_equal(names_in(f, "networks"), "a b");
}

static void test_once(void **state)
{
	struct fixture *f = *state;
	const char *body = "{\"networks\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}";
	AUTO_FREE char *first = NULL;
	uint64_t before;

	f->once = "key";
	expect_as(f, "member", 201, "POST", "/v2.0/networks", body);
	first = xstrdup(buf_text(&f->text));
	before = revision(f);
	expect_as(f, "member", 201, "POST", "/v2.0/networks", body);
	assert_string_equal(buf_text(&f->text), first);
	assert_int_equal(revision(f), before);
	/* Another body is another request. */
	expect_as(f, "member", 422, "POST", "/v2.0/networks", "{\"network\": {\"name\": \"a\"}}");
	assert_string_equal(text_at(f, "NeutronError.type"), "IdempotencyKeyReused");
	f->once = "\"key\""; /* as a structured header writes it */
	expect_as(f, "member", 201, "POST", "/v2.0/networks", body);
	assert_string_equal(buf_text(&f->text), first);
	assert_int_equal(revision(f), before);
	f->once = "key";
	/* Another caller, another path, another key, none: something new. */
	expect_as(f, "member", 201, "POST", "/v2.0/routers", "{\"router\": {\"name\": \"a\"}}");
	expect_as(f, "stranger", 201, "POST", "/v2.0/networks", body);
	f->once = "other";
	expect_as(f, "member", 201, "POST", "/v2.0/networks", body);
	f->once = NULL;
	expect_as(f, "member", 201, "POST", "/v2.0/networks", body);
	assert_int_equal(revision(f), before + 4);
}

static void test_if_match(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *id = create(f, "member", "networks", "network", "{\"network\": {\"name\": \"a\"}}");
	AUTO_FREE char *path = xasprintf("/v2.0/networks/%s", id);
	uint64_t before;

	f->if_match = "revision_number=1";
	expect_as(f, "member", 200, "PUT", path, "{\"network\": {\"name\": \"b\"}}");
	assert_int_equal(json_integer_value(value_at(f, "network.revision_number")), 2);
	expect_as(f, "member", 412, "PUT", path, "{\"network\": {\"name\": \"c\"}}");
	assert_string_equal(text_at(f, "NeutronError.type"), "RevisionNumberConstraintFailed");
	expect_as(f, "member", 412, "DELETE", path, NULL);
	f->if_match = "nonsense";
	expect_as(f, "member", 400, "DELETE", path, NULL);
	f->if_match = "revision_number=2x";
	expect_as(f, "member", 400, "DELETE", path, NULL);
	f->if_match = NULL;
	/* The same again changes nothing. */
	before = revision(f);
	expect_as(f, "member", 200, "PUT", path, "{\"network\": {\"name\": \"b\"}}");
	expect_as(f, "member", 200, "PUT", path, "{\"network\": {}}");
	assert_int_equal(json_integer_value(value_at(f, "network.revision_number")), 2);
	assert_int_equal(revision(f), before);
	f->if_match = "revision_number=2";
	expect_as(f, "member", 204, "DELETE", path, NULL);
	f->if_match = NULL;
}

static void test_quotas(void **state)
{
	struct fixture *f = *state;

	expect_as(f, "member", 200, "GET", "/v2.0/quotas/" PROJECT, NULL);
	assert_int_equal(json_integer_value(value_at(f, "quota.floatingip")), -1);
	assert_int_equal(json_object_size(value_at(f, "quota")), 7);
	expect_as(f, "stranger", 403, "GET", "/v2.0/quotas/" PROJECT, NULL);
	expect_as(f, "stranger", 403, "GET", "/v2.0/quotas/" PROJECT "/details", NULL);
	expect_as(f, "member", 403, "PUT", "/v2.0/quotas/" PROJECT, "{\"quota\": {\"network\": 3}}");
	expect_as(f, "admin", 400, "PUT", "/v2.0/quotas/" PROJECT, "{\"quota\": {\"trunk\": 3}}");
	expect_as(f, "admin", 400, "PUT", "/v2.0/quotas/" PROJECT, "{\"quota\": {\"network\": -2}}");
	expect_as(f, "admin", 400, "PUT", "/v2.0/quotas/" PROJECT, "{\"quota\": {\"network\": null}}");
	expect_as(f, "admin", 400, "PUT", "/v2.0/quotas/" PROJECT, "{\"quota\": 5}");
	expect_as(f, "admin", 200, "PUT", "/v2.0/quotas/" PROJECT, "{\"quota\": {\"network\": 1}}");
	assert_int_equal(json_integer_value(value_at(f, "quota.network")), 1);
	assert_int_equal(json_integer_value(value_at(f, "quota.port")), -1);
	expect_as(f, "member", 201, "POST", "/v2.0/networks", "{\"network\": {}}");
	expect_as(f, "member", 409, "POST", "/v2.0/networks", "{\"network\": {}}");
	assert_string_equal(text_at(f, "NeutronError.type"), "OverQuota");
	assert_string_equal(text_at(f, "NeutronError.message"), "Quota exceeded for resources: ['network'].");
	expect_as(f, "stranger", 201, "POST", "/v2.0/networks", "{\"network\": {}}");
	expect_as(f, "reader", 200, "GET", "/v2.0/quotas/" PROJECT "/details.json", NULL);
	assert_int_equal(json_integer_value(value_at(f, "quota.network.used")), 1);
	assert_int_equal(json_integer_value(value_at(f, "quota.network.limit")), 1);
	assert_int_equal(json_integer_value(value_at(f, "quota.network.reserved")), 0);
	expect_as(f, "member", 200, "GET", "/v2.0/quotas/" PROJECT "/default", NULL);
	assert_int_equal(json_integer_value(value_at(f, "quota.network")), -1);
	expect_as(f, "member", 200, "GET", "/v2.0/quotas/tenant", NULL);
	assert_string_equal(text_at(f, "tenant.tenant_id"), PROJECT);
	expect_as(f, "member", 200, "GET", "/v2.0/quotas/project.json", NULL);
	assert_string_equal(text_at(f, "project.project_id"), PROJECT);
	expect_as(f, "admin", 200, "GET", "/v2.0/quotas", NULL);
	assert_string_equal(text_at(f, "quotas.0.project_id"), PROJECT);
	expect_as(f, "member", 403, "DELETE", "/v2.0/quotas/" PROJECT, NULL);
	expect_as(f, "admin", 204, "DELETE", "/v2.0/quotas/" PROJECT, NULL);
	expect_as(f, "admin", 404, "DELETE", "/v2.0/quotas/" PROJECT, NULL);
	expect_as(f, "member", 201, "POST", "/v2.0/networks", "{\"network\": {}}");
}

/* Of one resource, at `path` with "/tags" behind it. */
static void check_tags(struct fixture *f, const char *path)
{
	AUTO_FREE char *a = xasprintf("%s/a", path), *json = xasprintf("%s/x.json", path);
	AUTO_BUF struct buf many = {0}, longest = {0};

	buf_printf(&longest, "%s/%0256d", path, 0);
	buf_puts(&many, "{\"tags\": [");
	for (int i = 0; i < 51; i++)
		buf_printf(&many, "%s\"%d\"", i ? "," : "", i);
	buf_puts(&many, "]}");
	expect_as(f, "member", 201, "PUT", a, NULL);
	expect_as(f, "member", 201, "PUT", a, NULL);
	expect_as(f, "member", 201, "PUT", json, NULL);
	expect_as(f, "reader", 204, "GET", a, NULL);
	expect_as(f, "reader", 204, "HEAD", json, NULL);
	expect_as(f, "reader", 403, "DELETE", a, NULL);
	expect_as(f, "reader", 200, "GET", path, NULL);
	assert_string_equal(buf_text(&f->text), "{\"tags\":[\"a\",\"x.json\"]}");
	expect_as(f, "stranger", 404, "GET", path, NULL);
	expect_as(f, "stranger", 404, "PUT", a, NULL);
	expect_as(f, "member", 400, "PUT", longest.data, NULL);
	expect_as(f, "member", 400, "PUT", path, many.data);
	expect_as(f, "member", 400, "PUT", path, "{\"tags\": [\"a\", \"a\"]}");
	expect_as(f, "member", 400, "PUT", path, "{\"tags\": [\"\"]}");
	expect_as(f, "member", 400, "PUT", path, "{\"tags\": [5]}");
	expect_as(f, "member", 400, "PUT", path, "{\"tags\": 5}");
	expect_as(f, "member", 400, "PUT", path, "{\"tag\": []}");
	expect_as(f, "member", 204, "DELETE", a, NULL);
	expect_as(f, "member", 404, "DELETE", a, NULL);
	assert_string_equal(text_at(f, "NeutronError.type"), "TagNotFound");
	expect_as(f, "member", 404, "GET", a, NULL);
	expect_as(f, "member", 200, "PUT", path, "{\"tags\": [\"b\", \"c\"]}");
	assert_string_equal(buf_text(&f->text), "{\"tags\":[\"b\",\"c\"]}");
	expect_as(f, "member", 204, "DELETE", path, NULL);
	expect_as(f, "member", 200, "GET", path, NULL);
	assert_string_equal(buf_text(&f->text), "{\"tags\":[]}");
}

static void test_tags(void **state)
{
	struct fixture *f = *state;
	struct world w = world_new(f);
	const struct {
		const char *plural, *id;
	} rows[] = {{"networks", w.network},
		    {"subnets", w.subnet},
		    {"ports", w.port},
		    {"routers", w.router},
		    {"floatingips", w.floatingip}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *path = xasprintf("/v2.0/%s/%s/tags", rows[i].plural, rows[i].id);

		check_tags(f, path);
	}
	world_free(&w);
}

/* --- waiting for the kernel --- */

static void report(struct fixture *f, uint64_t applied, const struct uuid *failed)
{
	struct node_failure failure = {.fact = "address 10.10.0.5/32", .why = "File exists"};

	if (failed)
		failure.row = *failed;
	nodes_report(f->nodes, &(struct node_report){.node = "node1",
						     .time_us = clock_now_us(),
						     .applied = applied,
						     .failures = &failure,
						     .failure_count = failed ? 1 : 0});
}

/* A node that applies the first revision after one, a little later. */
struct late_node {
	struct fixture *f;
	uint64_t before;
};

static void *node_main(void *arg)
{
	struct late_node *node = arg;
	const int64_t deadline = clock_mono_us() + 20000000;

	while (revision(node->f) == node->before && clock_mono_us() < deadline)
		usleep(1000);
	report(node->f, revision(node->f), NULL);
	return NULL;
}

static void test_applied(void **state)
{
	struct fixture *f = *state;
	struct world w = world_new(f);
	AUTO_FREE char *path = xasprintf("/v2.0/floatingips/%s", w.floatingip);
	AUTO_FREE char *body = xasprintf("{\"floatingip\": {\"port_id\": \"%s\"}}", w.port);
	struct late_node late = {f, revision(f)};
	struct uuid id;
	pthread_t node;

	uuid_parse(w.floatingip, &id);
	report(f, late.before, NULL);
	pthread_create(&node, NULL, node_main, &late);
	expect_as(f, "member", 200, "PUT", path, body);
	pthread_join(node, NULL);
	assert_string_equal(text_at(f, "floatingip.status"), "ACTIVE");
	report(f, revision(f), &id);
	expect_as(f, "member", 200, "GET", path, NULL);
	assert_string_equal(text_at(f, "floatingip.status"), "ERROR");
	/* The list of agents says why. */
	expect_as(f, "admin", 200, "GET", "/v2.0/agents?agent_type=L3%20agent", NULL);
	assert_string_equal(text_at(f, "agents.0.host"), "node1");
	assert_true(json_is_true(value_at(f, "agents.0.alive")));
	assert_string_equal(text_at(f, "agents.0.configurations.failures.0.id"), w.floatingip);
	assert_string_equal(text_at(f, "agents.0.configurations.failures.0.why"), "File exists");
	AUTO_FREE char *agent = xasprintf("/v2.0/agents/%s", text_at(f, "agents.0.id"));
	expect_as(f, "admin", 200, "GET", agent, NULL);
	assert_string_equal(text_at(f, "agent.host"), "node1");
	expect_as(f, "admin", 404, "GET", "/v2.0/agents/" NOWHERE, NULL);
	/* A node that does not answer holds a write up until the deadline only; then it is not ACTIVE. */
	f->api->config.apply_wait_ms = 10;
	report(f, revision(f), NULL);
	expect_as(f, "member", 200, "PUT", path, "{\"floatingip\": {\"port_id\": null}}");
	expect_as(f, "member", 200, "PUT", path, body);
	assert_string_equal(text_at(f, "floatingip.status"), "DOWN");
	world_free(&w);
}

struct client {
	struct fixture own; /* shares the server of the test's fixture */
	char *path, *body;
};

static void *client_main(void *arg)
{
	struct client *client = arg;

	request(&client->own, "PUT", client->path, client->body);
	return NULL;
}

/* The server stops while a write waits for the kernel: nothing hangs, nothing is used after it is gone. */
static void test_stop(void **state)
{
	struct fixture *f = fixture_new();
	struct world w = world_new(f);
	struct client client = {.own = {.server = f->server, .curl = curl_easy_init(), .token = "member"},
				.path = xasprintf("/v2.0/floatingips/%s", w.floatingip),
				.body = xasprintf("{\"floatingip\": {\"port_id\": \"%s\"}}", w.port)};
	const int64_t deadline = clock_mono_us() + 20000000;
	uint64_t before = revision(f);
	pthread_t thread;

	report(f, before, NULL);
	pthread_create(&thread, NULL, client_main, &client);
	while (revision(f) == before && clock_mono_us() < deadline)
		usleep(1000);
	assert_int_equal(revision(f), before + 1);
	http_stop(TAKE(f->server));
	pthread_join(thread, NULL);
	report(f, before + 1, NULL); /* too late for the client */
	fixture_free(f);
	assert_int_equal(client.own.status, 503);
	curl_easy_cleanup(client.own.curl);
	json_decref(client.own.json);
	buf_done(&client.own.text);
	buf_done(&client.own.headers);
	free(client.path);
	free(client.body);
	world_free(&w);
}

static void test_metrics(void **state)
{
	struct fixture *f = *state;

	expect_as(f, "member", 201, "POST", "/v2.0/networks", "{\"network\": {}}");
	report(f, 7, NULL);
	expect_as(f, NULL, 200, "GET", "/metrics", NULL);
	assert_non_null(
		strstr(buf_text(&f->text),
		       "buoy_http_requests_total{resource=\"networks\",method=\"POST\",status=\"201\"} 1\n"));
	assert_non_null(strstr(buf_text(&f->text), "buoy_applied_revision{node=\"node1\"} 7\n"));
	assert_non_null(strstr(buf_text(&f->text), "buoy_commit_seconds_count 1\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_table, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_headers, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_owner, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_bulk, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_once, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_if_match, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_quotas, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_tags, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_applied, fixture_setup, fixture_teardown),
		cmocka_unit_test(test_stop),
		cmocka_unit_test_setup_teardown(test_metrics, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
