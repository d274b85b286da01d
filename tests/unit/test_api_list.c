/* Lists: filters, fields, sorting, tags, pages forwards and backwards.
 * Over HTTP, against rows made through the API. */
#include "api_fixture.h"

/* Lists and compares the names that come; `query` begins with "?" or is empty. */
static void expect_names(struct fixture *f, const char *token, const char *plural, const char *query,
			 const char *names)
{
	AUTO_FREE char *path = xasprintf("/v2.0/%s%s", plural, query);

	expect_as(f, token, 200, "GET", path, NULL);
	if (strcmp(names_in(f, plural), names) != 0)
		fail_msg("%s as %s: \"%s\" instead of \"%s\"", path, token, names_in(f, plural), names);
}

static void expect_refusal(struct fixture *f, const char *query, const char *words)
{
	AUTO_FREE char *path = xasprintf("/v2.0/networks%s", query);

	expect_as(f, "member", 400, "GET", path, NULL);
	if (!strstr(text_at(f, "NeutronError.message"), words))
		fail_msg("%s: %s", path, text_at(f, "NeutronError.message"));
}

static void make_networks(struct fixture *f)
{
	static const char *const bodies[] = {
		"{\"network\": {\"name\": \"a\", \"description\": \"x\", \"mtu\": 1400}}",
		"{\"network\": {\"name\": \"b\", \"description\": \"\", \"mtu\": 1300}}",
		("{\"network\": {\"name\": \"c\", \"description\": \"x\", \"mtu\": 1300, "
		 "\"admin_state_up\": false}}"),
	};
	static const char *const tags[] = {"{\"tags\": [\"red\", \"blue\"]}", "{\"tags\": [\"red\"]}"};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		expect_as(f, "member", 201, "POST", "/v2.0/networks", bodies[i]);
		if (i < ARRAY_SIZE(tags)) {
			AUTO_FREE char *path = xasprintf("%s/tags", made(f, "networks", "network"));

			expect_as(f, "member", 200, "PUT", path, tags[i]);
		}
	}
	expect_as(f, "stranger", 201, "POST", "/v2.0/networks", "{\"network\": {\"name\": \"foreign\"}}");
	expect_as(f, "admin", 201, "POST", "/v2.0/networks",
		  "{\"network\": {\"name\": \"flat\", \"shared\": true, \"provider:network_type\": \"flat\", "
		  "\"provider:physical_network\": \"physnet1\"}}");
}

static void test_filters(void **state)
{
	static const struct {
		const char *query, *names;
	} rows[] = {
		{"?name=b", "b"},
		{"?sort_key=name&name=b&name=a", "a b"},
		{"?sort_key=name&name=b&name=b", "b"},
		{"?name=nothing", ""},
		{"?name=", ""},
		{"?description=&sort_key=name", "b flat"},
		{"?description=x&mtu=1300", "c"},
		{"?mtu=1300&sort_key=name", "b c"},
		{"?admin_state_up=False", "c"},
		{"?admin_state_up=true&sort_key=name&mtu=1400", "a"},
		{"?admin_state_up=0", "c"},
		{"?shared=1", "flat"},
		{"?status=ERROR", ""},
		{"?sort_key=name&project_id=" PROJECT, "a b c"},
		{"?sort_key=name&tenant_id=" PROJECT "&tenant_id=" STRANGER, "a b c"},
		{"?id=zz", ""},
		{"?id=" NOWHERE, ""},
		{"?provider:physical_network=physnet1", ""},
		{"?tags=red,blue", "a"},
		{"?tags=red&sort_key=name", "a b"},
		{"?tags-any=blue,green", "a"},
		{"?not-tags=red,blue&sort_key=name", "b c flat"},
		{"?not-tags-any=red,blue&sort_key=name", "c flat"},
		{"?sort_key=mtu&sort_dir=asc&sort_key=name&sort_dir=desc&project_id=" PROJECT, "c b a"},
		{"?sort_key=name&sort_dir=desc&fields=name", "flat c b a"},
		{"?changed_since=2000-01-01T00:00:00&name=a", "a"},
		{"?changed_since=2200-01-01T00:00:00Z", ""},
		{".json?name=a", "a"},
	};
	struct fixture *f = *state;

	make_networks(f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect_names(f, "member", "networks", rows[i].query, rows[i].names);
	expect_names(f, "admin", "networks", "?provider:physical_network=physnet1", "flat");
	expect_names(f, "admin", "networks", "?sort_key=name", "a b c flat foreign");
	expect_names(f, "stranger", "networks", "?sort_key=name", "flat foreign");
}

static void test_refusals(void **state)
{
	struct fixture *f = *state;

	expect_refusal(f, "?nonsense=1", "['nonsense'] is invalid attribute for filtering");
	expect_refusal(f, "?subnets=1", "is invalid attribute for filtering");
	expect_refusal(f, "?admin_state_up=maybe", "cannot be converted to boolean");
	expect_refusal(f, "?mtu=x", "is not an integer");
	expect_refusal(f, "?sort_key=nonsense", "['nonsense'] is invalid attribute for sort_keys");
	expect_refusal(f, "?sort_key=status", "is invalid attribute for sort_keys");
	expect_refusal(f, "?sort_key=provider:segmentation_id", "is invalid attribute for sort_keys");
	expect_refusal(f, "?sort_key=name&sort_dir=up", "is invalid value for sort_dirs");
	expect_refusal(f, "?sort_dir=asc", "must be same");
	expect_refusal(f, "?limit=-1", "Limit must be an integer 0 or greater and not '-1'");
	expect_refusal(f, "?limit=x", "Limit must be");
	expect_refusal(f, "?page_reverse=x", "boolean");
	expect_refusal(f, "?changed_since=yesterday", "changed_since");
	expect_as(f, "member", 404, "GET", "/v2.0/networks?limit=1&marker=" NOWHERE, NULL);
	expect_as(f, "member", 404, "GET", "/v2.0/networks?marker=zz", NULL);
}

static void test_fields(void **state)
{
	struct fixture *f = *state;
	struct world w = world_new(f);
	AUTO_FREE char *one =
		xasprintf("/v2.0/networks/%s?fields=name&fields=mtu&fields=nonsense", w.network);

	expect_as(f, "member", 200, "GET", one, NULL);
	assert_int_equal(json_object_size(value_at(f, "network")), 2);
	expect_as(f, "member", 200, "GET", "/v2.0/networks?fields=tenant_id", NULL);
	assert_int_equal(json_object_size(value_at(f, "networks.0")), 1);
	assert_non_null(value_at(f, "networks.0.tenant_id"));
	expect_as(f, "member", 200, "GET", "/v2.0/networks?fields=project_id&fields=tenant_id", NULL);
	assert_int_equal(json_object_size(value_at(f, "networks.0")), 2);
	expect_as(f, "member", 200, "GET", "/v2.0/networks?fields=project_id", NULL);
	assert_non_null(value_at(f, "networks.0.project_id"));
	assert_null(value_at(f, "networks.0.tenant_id"));
	/* What only administrators see is left out for others. */
	expect_as(f, "member", 200, "GET", "/v2.0/networks", NULL);
	assert_null(value_at(f, "networks.0.provider:network_type"));
	expect_as(f, "admin", 200, "GET", "/v2.0/networks", NULL);
	assert_non_null(value_at(f, "networks.0.provider:network_type"));
	world_free(&w);
}

static void test_indexed(void **state)
{
	struct fixture *f = *state;
	struct world w = world_new(f);
	AUTO_FREE char *path = xasprintf("/v2.0/floatingips/%s", w.floatingip);
	AUTO_FREE char *body = xasprintf("{\"floatingip\": {\"port_id\": \"%s\"}}", w.port);
	AUTO_FREE char *by_port = xasprintf("/v2.0/floatingips?port_id=%s", w.port);
	AUTO_FREE char *by_network = xasprintf("?network_id=%s&device_owner=&name=p", w.network);
	AUTO_FREE char *by_device = xasprintf("/v2.0/ports?device_id=%s", w.router);
	AUTO_FREE char *by_address = NULL, *by_fixed = NULL, *two = NULL,
		       *port = xasprintf("/v2.0/ports/%s", w.port);

	expect_as(f, "member", 200, "PUT", path, body);
	expect_as(f, "member", 200, "GET", by_port, NULL);
	assert_string_equal(text_at(f, "floatingips.0.id"), w.floatingip);
	by_address = xasprintf("/v2.0/floatingips?floating_ip_address=%s",
			       text_at(f, "floatingips.0.floating_ip_address"));
	expect_as(f, "member", 200, "GET", by_address, NULL);
	assert_string_equal(text_at(f, "floatingips.0.id"), w.floatingip);
	expect_as(f, "member", 200, "GET", "/v2.0/floatingips?port_id=", NULL);
	assert_int_equal(json_array_size(value_at(f, "floatingips")), 0);
	expect_as(f, "stranger", 200, "GET", by_port, NULL);
	assert_int_equal(json_array_size(value_at(f, "floatingips")), 0);
	expect_names(f, "member", "ports", by_network, "p");
	two = xasprintf(
		"{\"port\": {\"fixed_ips\": [{\"subnet_id\": \"%s\", \"ip_address\": \"172.16.0.77\"}, "
		"{\"subnet_id\": \"%s\", \"ip_address\": \"172.16.0.78\"}]}}",
		w.subnet, w.subnet);
	expect_as(f, "admin", 200, "PUT", path, "{\"floatingip\": {\"port_id\": null}}");
	expect_as(f, "member", 200, "PUT", port, two);
	by_fixed = xasprintf("?fixed_ips=ip_address=172.16.0.77&fixed_ips=ip_address=172.16.0.78&"
			     "fixed_ips=ip_address=1.2.3.4&fixed_ips=subnet_id=%s",
			     w.subnet);
	expect_names(f, "member", "ports", by_fixed, "p");
	expect_names(f, "stranger", "ports", by_fixed, "");
	expect_names(f, "member", "ports", "?fixed_ips=ip_address=172.16.99.99", "");
	expect_names(f, "member", "ports", "?fixed_ips=ip_address=zz", "");
	expect_names(f, "member", "ports", "?fixed_ips=ip_address_substr=172.16&device_owner=", "p");
	expect_as(f, "admin", 200, "GET", by_device, NULL);
	assert_int_equal(json_array_size(value_at(f, "ports")), 2);
	expect_as(f, "member", 200, "GET", by_device, NULL);
	assert_int_equal(json_array_size(value_at(f, "ports")), 1);
	world_free(&w);
}

/* --- pages --- */

#define ROWS 1000

static void make_many(struct fixture *f)
{
	AUTO_BUF struct buf b = {0};

	buf_puts(&b, "{\"networks\": [");
	for (int i = 0; i < ROWS; i++)
		buf_printf(&b, "%s{\"name\": \"n%04d\", \"mtu\": %d}", i ? "," : "", (i * 7919) % ROWS,
			   1000 + i % 3);
	buf_puts(&b, "]}");
	expect_as(f, "member", 201, "POST", "/v2.0/networks", b.data);
	assert_int_equal(json_array_size(value_at(f, "networks")), ROWS);
	expect_as(f, "stranger", 201, "POST", "/v2.0/networks", b.data);
}

/* The href of that rel, without the host; malloc'd, NULL when there is none. */
static char *link_of(struct fixture *f, const char *rel)
{
	const json_t *link;
	size_t i;

	json_array_foreach(value_at(f, "networks_links"), i, link)
	{
		const char *href = json_string_value(json_object_get(link, "href"));

		if (strcmp(json_string_value(json_object_get(link, "rel")), rel) != 0)
			continue;
		assert_int_equal(strncmp(href, "http://buoy.test:9696/", 22), 0);
		return xstrdup(href + 21);
	}
	return NULL;
}

/* Follows links of `rel` and puts the names of all pages after (or before) each other; returns the number. */
static size_t follow(struct fixture *f, const char *first, const char *rel, json_t *names)
{
	bool back = strcmp(rel, "previous") == 0;
	AUTO_FREE char *path = xstrdup(first);
	size_t pages = 0;

	while (path) {
		const json_t *list;
		size_t count;

		expect_as(f, "member", 200, "GET", path, NULL);
		list = value_at(f, "networks");
		count = json_array_size(list);
		for (size_t i = 0; i < count; i++) {
			json_t *name = json_object_get(json_array_get(list, i), "name");

			if (back)
				json_array_insert(names, i, name);
			else
				json_array_append(names, name);
		}
		pages++;
		free(path);
		path = count ? link_of(f, rel) : NULL;
	}
	return pages;
}

static void check_pages(struct fixture *f, const char *query)
{
	AUTO_FREE char *whole = xasprintf("/v2.0/networks?%s", query);
	AUTO_FREE char *forwards = xasprintf("/v2.0/networks?limit=100&%s", query);
	AUTO_FREE char *backwards = xasprintf("/v2.0/networks?limit=100&page_reverse=True&%s", query);
	json_t *all = json_array(), *there = json_array(), *back = json_array();

	follow(f, whole, "next", all);
	assert_int_equal(json_array_size(all), ROWS);
	assert_int_equal(follow(f, forwards, "next", there), ROWS / 100 + 1);
	assert_int_equal(follow(f, backwards, "previous", back), ROWS / 100 + 1);
	assert_true(json_equal(all, there));
	assert_true(json_equal(all, back));
	json_decref(all);
	json_decref(there);
	json_decref(back);
}

static size_t listed(struct fixture *f, const char *token, const char *plural, const char *query)
{
	AUTO_FREE char *path = xasprintf("/v2.0/%s?%s", plural, query);

	expect_as(f, token, 200, "GET", path, NULL);
	return json_array_size(value_at(f, plural));
}

/* Whatever is walked to find them, a project lists the same rows: its own, and what lies on open networks. */
static void test_sources(void **state)
{
	struct fixture *f = *state;
	struct world w = world_new(f);
	AUTO_FREE char *on_ext = xasprintf("floating_network_id=%s", w.external),
		       *on_net = xasprintf("network_id=%s", w.network),
		       *ext_subs = xasprintf("network_id=%s", w.external);
	AUTO_FREE char *fip = xasprintf("{\"floatingip\": {\"floating_network_id\": \"%s\"}}", w.external);
	AUTO_FREE char *both = xasprintf("/v2.0/networks/%s", w.external);

	for (int i = 0; i < 3; i++)
		expect_as(f, "stranger", 201, "POST", "/v2.0/floatingips", fip);
	expect_as(f, "admin", 200, "PUT", both, "{\"network\": {\"shared\": true}}");
	assert_int_equal(listed(f, "member", "floatingips", on_ext), 1);
	assert_int_equal(listed(f, "stranger", "floatingips", on_ext), 3);
	assert_int_equal(listed(f, "admin", "floatingips", on_ext), 4);
	assert_int_equal(listed(f, "stranger", "floatingips", "project_id=" PROJECT), 0);
	assert_int_equal(listed(f, "stranger", "ports", on_net), 0);
	assert_int_equal(listed(f, "member", "ports", on_net), 2);
	assert_int_equal(listed(f, "stranger", "ports", "fixed_ips=ip_address%3D172.16.0.2"), 0);
	assert_int_equal(listed(f, "member", "ports", "fixed_ips=ip_address%3D172.16.0.2"), 1);
	assert_int_equal(listed(f, "member", "networks", ""), 2);
	assert_int_equal(listed(f, "stranger", "networks", ""), 1);
	assert_int_equal(listed(f, "stranger", "networks", "project_id=" PROJECT), 0);
	assert_int_equal(listed(f, "stranger", "networks", "shared=True"), 1);
	assert_int_equal(listed(f, "member", "networks", "router:external=False"), 1);
	assert_int_equal(listed(f, "admin", "networks", "router:external=False"), 1);
	assert_int_equal(listed(f, "member", "subnets", ""), 2);
	assert_int_equal(listed(f, "stranger", "subnets", ""), 1);
	assert_int_equal(listed(f, "stranger", "subnets", ext_subs), 1);
	assert_int_equal(listed(f, "stranger", "subnets", on_net), 0);
	world_free(&w);
}

static void test_pages(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *next = NULL;

	make_many(f);
	check_pages(f, "project_id=" PROJECT);
	check_pages(f, "shared=False");
	check_pages(f, "sort_key=name&sort_dir=asc");
	check_pages(f, "sort_key=mtu&sort_dir=desc");
	check_pages(f, "sort_key=mtu&sort_dir=asc&sort_key=name&sort_dir=desc");
	check_pages(f, "sort_key=id&sort_dir=desc&mtu=1000&mtu=1001&mtu=1002");
	/* Other parameters stay, escaped. */
	expect_as(f, "member", 200, "GET", "/v2.0/networks?limit=2&tags-any=a%26b,%C3%A9%20", NULL);
	assert_null(next = link_of(f, "next"));
	expect_as(f, "member", 200, "GET", "/v2.0/networks?not-tags=a%26b,%C3%A9%20&limit=2", NULL);
	next = link_of(f, "next");
	assert_non_null(strstr(next, "/v2.0/networks?not-tags=a%26b%2C%C3%A9%20&limit=2&marker="));
	expect_as(f, "member", 200, "GET", "/v2.0/networks?limit=0", NULL);
	assert_null(value_at(f, "networks_links"));
	assert_int_equal(json_array_size(value_at(f, "networks")), ROWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_filters, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_refusals, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_fields, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_indexed, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_sources, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_pages, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
