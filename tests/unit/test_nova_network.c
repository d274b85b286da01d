/* The rows of a host that routes itself: made once, left alone, brought up to date, refused with a reason.
 * Unit test on a memory store. */
#include "api/identity.h"
#include "api/nova_network.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

struct world {
	struct ledger *ledger;
	struct nodes *nodes;
	struct api *api;
	struct nova_network want;
};

static int start(void **state)
{
	static const char *const physical[] = {"public", "fixed", NULL};
	static const struct api_config config = {.public_url = "http://127.0.0.1",
						 .region = "RegionOne",
						 .node_name = "node1",
						 .physical_networks = physical,
						 .nova_physical_network = "public",
						 .nova_interface = "eth0",
						 .nova_pool = "nova",
						 .tenant_network_type = "local",
						 .mtu = 1500,
						 .quota = {0, 0, 0, 0, 0},
						 .token_lifetime_s = 3600};
	struct world *w = xalloc(sizeof(*w));
	struct err err = {0};

	assert_int_equal(ledger_new(store_memory_new(), NULL, NULL, &w->ledger, &err), 0);
	w->nodes = nodes_new();
	w->api = api_new(&config, w->ledger, w->nodes, &err);
	assert_non_null(w->api);
	w->want = (struct nova_network){.pool = "nova",
					.public_physical = "public",
					.fixed_network = "private",
					.fixed_physical = "fixed",
					.range = {ip_from_v4(0xc0a87a00), 24, true},
					.gateway = ip_from_v4(0xc0a87a01),
					.router = "nova-network"};
	*state = w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;

	api_free(w->api);
	ledger_free(w->ledger);
	nodes_free(w->nodes);
	free(w);
	return 0;
}

static void bootstrap(struct world *w)
{
	const struct bootstrap b = {"admin", "admin", "sesame"};
	void *region = talloc_new(NULL);
	const char *password;

	assert_int_equal(identity_bootstrap(w->ledger, region, &b, &password, NULL), 0);
	talloc_free(region);
}

static void must(struct world *w)
{
	struct err err = {0};

	if (nova_network_ensure(w->api, &w->want, &err) < 0)
		fail_msg("%s", err.message);
}

static void must_not(struct world *w, int result, const char *says)
{
	struct err err = {0};
	AUTO_SNAP const struct snap *before = ledger_snap(w->ledger);
	AUTO_SNAP const struct snap *after = NULL;

	assert_int_equal(nova_network_ensure(w->api, &w->want, &err), result);
	if (!strstr(err.message, says))
		fail_msg("'%s' does not say '%s'", err.message, says);
	after = ledger_snap(w->ledger);
	assert_int_equal(before->revision, after->revision);
}

static const struct network *network_named(const struct snap *s, const char *name)
{
	return snap_find(s, IX_NETWORK_NAME, name);
}

static const struct router *the_router(const struct snap *s)
{
	struct scan scan;

	assert_int_equal(snap_count(s, KIND_ROUTER), 1);
	return scan_kind(&scan, s, KIND_ROUTER, NULL);
}

static void all_is_made_at_once(void **state)
{
	struct world *w = *state;
	AUTO_SNAP const struct snap *s = NULL;
	const struct router *r;
	const struct port *gateway;
	uint64_t before;

	must_not(w, -EAGAIN, "bootstrap");
	bootstrap(w);
	w->want.floating = "203.0.113.16/29";
	s = ledger_snap(w->ledger);
	before = s->revision;
	snap_drop(s);
	must(w);
	s = ledger_snap(w->ledger);
	assert_int_equal(s->revision, before + 1);
	assert_true(network_named(s, "nova")->external);
	assert_true(network_named(s, "private")->shared);
	assert_int_equal(snap_count(s, KIND_SUBNET), 2);
	r = the_router(s);
	assert_string_equal(r->name, "nova-network");
	gateway = snap_get(s, KIND_PORT, &r->gw_port_id);
	assert_int_equal(gateway->fixed_ips.count, 0);
	assert_int_equal(snap_count(s, KIND_PORT), 2);
	/* Again: nothing changes, although the range is there already. */
	must(w);
	snap_drop(s);
	s = ledger_snap(w->ledger);
	assert_int_equal(s->revision, before + 1);
}

static void a_changed_configuration_is_followed(void **state)
{
	struct world *w = *state;
	AUTO_SNAP const struct snap *s = NULL;
	const struct subnet *sub;
	const struct holding *h;

	bootstrap(w);
	must(w);
	w->want.pool = "pool2";
	w->want.fixed_network = "guests";
	w->want.router = "host";
	w->want.gateway = ip_from_v4(0xc0a87afe);
	must(w);
	s = ledger_snap(w->ledger);
	assert_non_null(network_named(s, "pool2"));
	assert_null(network_named(s, "nova"));
	assert_string_equal(the_router(s)->name, "host");
	sub = snap_find(s, IX_SUBNET_NETWORK, &network_named(s, "guests")->row.id);
	assert_true(ip_eq(&sub->gateway_ip, &w->want.gateway));
	h = snap_holding(s, &sub->row.id, &w->want.gateway);
	assert_non_null(h);
	assert_int_equal(h->kind, KIND_PORT);
}

static void what_is_in_the_way_is_said(void **state)
{
	struct world *w = *state;

	bootstrap(w);
	must(w);
	w->want.range.len = 16;
	must_not(w, -EEXIST, "192.168.122.0/24");
	w->want.range.len = 24;
	w->want.public_physical = "fixed";
	must_not(w, -EEXIST, "not external");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_is_made_at_once),
		TEST(a_changed_configuration_is_followed),
		TEST(what_is_in_the_way_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
