/* Fuzz target: paths and query strings. The input is a request target; the first byte says who asks.
 * Every list is run against a small snapshot; pages must hold what passes the filters. Every GET of the
 * compute API is answered with JSON, or refused. */
#include "api/compute.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define P     "11111111111111111111111111111111"
#define ID(n) "\"id\": \"0000000" n "-0000-4000-8000-000000000000\""

static const struct {
	enum kind kind;
	const char *text;
} rows[] = {
	{KIND_NETWORK, "{" ID("1") ", \"name\": \"a\", \"project_id\": \"" P "\", \"tags\": [\"x\", \"y\"]}"},
	{KIND_NETWORK,
	 "{" ID("2") ", \"name\": \"b\", \"project_id\": \"other\", \"shared\": true, \"mtu\": 1400}"},
	{KIND_SUBNET,
	 "{" ID("3") ", \"network_id\": \"00000001-0000-4000-8000-000000000000\", \"ip_version\": 4, "
		     "\"cidr\": \"10.0.0.0/24\", \"project_id\": \"" P "\"}"},
	{KIND_PORT,
	 "{" ID("4") ", \"network_id\": \"00000001-0000-4000-8000-000000000000\", \"project_id\": \"" P "\", "
		     "\"device_id\": \"d\", \"mac_address\": \"02:00:00:00:00:01\", \"fixed_ips\": "
		     "[{\"subnet_id\": "
		     "\"00000003-0000-4000-8000-000000000000\", \"ip_address\": \"10.0.0.5\"}]}"},
	{KIND_ROUTER, "{" ID("5") ", \"name\": \"r\", \"project_id\": \"" P "\"}"},
	{KIND_SERVER,
	 "{" ID("7") ", \"name\": \"s\", \"project_id\": \"" P "\", \"metadata\": {\"k\": \"v\"}}"},
	{KIND_NETWORK,
	 "{" ID("8") ", \"name\": \"pool\", \"router:external\": true, \"project_id\": \"other\"}"},
	{KIND_SUBNET,
	 "{" ID("9") ", \"network_id\": \"00000008-0000-4000-8000-000000000000\", \"ip_version\": 4, "
		     "\"cidr\": \"10.9.0.0/29\", \"allocation_pools\": [{\"start\": \"10.9.0.1\", \"end\": "
		     "\"10.9.0.6\"}]}"},
	{KIND_FLOATINGIP, "{" ID("6") ", \"project_id\": \"" P "\", \"floating_ip_address\": \"10.10.0.9\", "
				      "\"floating_network_id\": \"00000002-0000-4000-8000-000000000000\"}"},
};

static void add_row(struct snap *s, size_t i)
{
	union any_row draft = {.row = {.kind = (uint16_t)rows[i].kind}};
	void *region = talloc_new(NULL);
	const struct row *row;

	assert(decode_stored(shape_of(rows[i].kind), rows[i].text, strlen(rows[i].text), region, &draft,
			     NULL) == 0);
	row = row_seal(rows[i].kind, &draft);
	assert(snap_apply(s, 1, NULL, row, NULL) == 0);
	row_drop(row);
	talloc_free(region);
}

static const struct snap *small_snapshot(void)
{
	static struct snap *s;

	if (s)
		return s;
	s = snap_new();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		add_row(s, i);
	return s;
}

static void list(struct call *c)
{
	const struct row **found;
	struct err err = {0};
	struct query q;
	size_t count;
	json_t *json;
	int r = query_parse(c, c->route->kind, &q, &err);

	if (r == 0)
		r = query_run(&q, &found, &count, &err);
	if (r < 0) {
		assert(err.status == 400 || err.status == 404);
		return;
	}
	assert(!q.limit || count <= q.limit);
	for (size_t i = 0; i < count; i++)
		assert(query_match(&q, found[i], &err) == 1);
	query_print(&q, found, count);
	json = json_loadb(c->resp->body.data, c->resp->body.len, JSON_REJECT_DUPLICATES, NULL);
	assert(json);
	json_decref(json);
}

/* The ways of reading a server, addresses, limits: whatever the query string says. */
static void read_compute(struct call *c)
{
	struct err err = {0};
	json_t *json;

	c->microversion = c->caller.admin ? 1 : COMPUTE_MAX_MINOR;
	if (c->route->fn(c, &err) < 0) {
		assert(err.status == 400 || err.status == 403 || err.status == 404);
		return;
	}
	json = json_loadb(c->resp->body.data, c->resp->body.len, JSON_REJECT_DUPLICATES, NULL);
	assert(json);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum http_method methods[] = {HTTP_GET, HTTP_PUT, HTTP_DELETE, HTTP_OTHER};
	static struct nodes *nodes;
	struct api api = {.config = {.public_url = "http://h:1", .node_name = "n"}};
	struct http_response resp = {0};
	struct http_request req = {.method_name = "METHOD"};
	struct call c = {.api = &api, .req = &req, .resp = &resp, .snap = small_snapshot()};
	struct err err = {0};
	const char *target, *query;

	if (size < 1)
		return 0;
	if (!nodes)
		nodes = nodes_new();
	api.nodes = nodes;
	req.region = talloc_new(NULL);
	req.method = methods[data[0] >> 6];
	c.caller = (struct caller){.actor = {.project_id = data[0] & 1 ? P : NULL}, .admin = data[0] & 2};
	target = talloc_strndup(req.region, (const char *)data + 1, size - 1);
	query = strchr(target, '?');
	if (http_parse_path(req.region, target, &req.path, NULL) == 0 &&
	    http_parse_query(req.region, query ? query + 1 : "", &req.params, &req.param_count, NULL) == 0) {
		if (route_find(&c, &err) < 0)
			assert(err.status == 404 || err.status == 405);
		else if (c.route->fn == verb_list)
			list(&c);
		else if (c.route->family == FAMILY_COMPUTE && c.route->method == HTTP_GET)
			read_compute(&c);
	}
	buf_done(&resp.body);
	talloc_free(req.region);
	return 0;
}
