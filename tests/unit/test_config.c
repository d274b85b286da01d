/* The configuration reader: what it accepts, and how it says what is wrong.
 * Unit test, no files. */
#include "daemon/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void defaults_are_complete(void **state)
{
	AUTO_CONFIG struct config c = {0};

	assert_int_equal(config_parse("", &c, NULL), 0);
	assert_string_equal(c.listen, "127.0.0.1:9696");
	assert_string_equal(c.public_url, "http://127.0.0.1:9696");
	assert_int_equal(c.api.quota.floatingip, 50);
	assert_int_equal(c.api.apply_wait_ms, 1000);
	assert_true(c.node.name[0]);
	assert_true(c.node.table_hash);
	assert_true(c.node.serve && ip_is_null(&c.publish.server));
	assert_int_equal(c.dhcp_lease_s, 86400);
	assert_string_equal(c.api.dns_domain, "openstacklocal");
	assert_null(c.api.physical_networks[0]);
}

static void publishing(void **state)
{
	AUTO_CONFIG struct config c = {0};

	assert_int_equal(
		config_parse("[dns]\nserver = 192.0.2.1\nkey_name = buoy\nkey_file = /k\nreverse = yes\n", &c,
			     NULL),
		0);
	assert_string_equal(c.publish.key_name, "buoy.");
	assert_string_equal(c.publish.algorithm, "hmac-sha256.");
	assert_true(c.publish.reverse && c.publish.port == 53 && c.publish.ttl_s == 300);
}

static void values_reach_their_place(void **state)
{
	AUTO_CONFIG struct config c = {0};
	struct err err = {0};

	if (config_parse("[api]\nlisten = [::1]:80\ntls_certificate = a\ntls_key = b\n"
			 "[network]\ntenant_network_type = vxlan\nvxlan_local = 10.0.0.1\nvxlan_peers = "
			 "10.0.0.2, 10.0.0.3\n"
			 "[physical_networks]\nphysnet1 = bridge:br-ex\nwan = nic:eth1\n[quota]\nfloatingip "
			 "= -1\n",
			 &c, &err) < 0)
		fail_msg("%s", err.message);
	assert_string_equal(c.public_url, "https://[::1]:80");
	assert_int_equal(c.node.vxlan_peer_count, 2);
	assert_int_equal(c.node.physical_count, 2);
	assert_int_equal(c.node.physical[1].type, PHYSICAL_NIC);
	assert_string_equal(c.node.physical[1].device, "eth1");
	assert_string_equal(c.api.physical_networks[1], "wan");
	assert_int_equal(c.api.quota.floatingip, -1);
}

#define NOVA(text)       "[nova_network]\n" text
#define NOVA_HOST(range) NOVA("public_interface = eth0\nfixed_bridge = virbr0\nfixed_range = " range "\n")

static void a_single_host_needs_three_lines(void **state)
{
	AUTO_CONFIG struct config c = {0};
	struct err err = {0};

	if (config_parse(NOVA_HOST("192.168.122.1/24") "metadata = 192.168.122.1:8775\n", &c, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(c.physical_count, 2);
	assert_int_equal(c.physical[0].type, PHYSICAL_HOST);
	assert_string_equal(c.physical[0].device, "eth0");
	assert_string_equal(c.api.nova_physical_network, c.physical[0].name);
	assert_string_equal(c.api.nova_interface, "eth0");
	assert_string_equal(c.api.nova_pool, "nova");
	assert_string_equal(c.nova_fixed_physical, c.physical[1].name);
	assert_string_equal(c.physical[1].device, "virbr0");
	assert_int_equal(c.nova_range.len, 24);
	assert_int_equal(c.node.metadata_port, 8775);
	assert_true(ip_is_null(&c.nova_gateway));
}

/* What is named already keeps its name. */
static void a_single_host_uses_the_names_that_are_there(void **state)
{
	AUTO_CONFIG struct config c = {0};

	assert_int_equal(config_parse(NOVA_HOST("10.0.0.0/24") "[physical_networks]\nwan = host:eth0\n"
							       "lan = bridge:virbr0\n",
				      &c, NULL),
			 0);
	assert_int_equal(c.physical_count, 2);
	assert_string_equal(c.api.nova_physical_network, "wan");
	assert_string_equal(c.nova_fixed_physical, "lan");
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"[api]\nlisn = x\n", "no key 'lisn' in a section [api]"},
		{"[api]\nthreads = many\n", "line 2"},
		{"[api]\nthreads = 0\n", "from 1 to 256"},
		{"[api]\ntls_key = k\n", "go together"},
		{"[identity]\nmode = ldap\n", "builtin|keystone"},
		{"[identity]\nmode = keystone\n", "keystone_url"},
		{"[network]\nvxlan_local = here\n", "no IP address"},
		{"[dhcp]\nserve = maybe\n", "yes|no"},
		{"[dhcp]\nlease_time_s = 1\n", "60"},
		{"[dns]\ndomain = a..b\n", "empty component"},
		{"[dns]\nupstream = 10.0.0.1, there\n", "'there'"},
		{"[dns]\nserver = there\n", "no IP address"},
		{"[dns]\nserver = 10.0.0.1\n", "key_name and key_file"},
		{"[dns]\nkey_algorithm = md5\n", "hmac-sha256"},
		{"[network]\nvxlan_peers = 10.0.0.1,x\n", "no IP address"},
		{"[network]\ntenant_network_type = vxlan\n", "vxlan_local"},
		{"[network]\nvni_min = 9\nvni_max = 3\n", "greater"},
		{"[physical_networks]\nphysnet1 = br-ex\n", "bridge:NAME"},
		{"[physical_networks]\nphysnet1 = bridge:\n", "bridge:NAME"},
		{"[physical_networks]\nphysnet1 = bridge:a-name-that-is-too-long\n", "15 characters"},
		{"[physical_networks]\nphysnet1 = nic:../eth0\n", "bridge:NAME"},
		{"[physical_networks]\nphysnet1 = host:\n", "host:NAME"},
		{NOVA("public_interface = eth0\n"), "go together"},
		{NOVA("fixed_bridge = virbr0\nfixed_range = 10.0.0.0/24\n"), "go together"},
		{"[history]\nkeep = 3", "keep in [history] is '3'"},
		{"[history]\nkeep = d", "keep in [history] is 'd'"},
		{"[history]\nkeep = -1d", "keep in [history] is '-1d'"},
		{"[history]\nkeep = 999999999y", "keep in [history] is '999999999y'"},
		{NOVA_HOST("10.0.0.0/31"), "fixed_range in [nova_network] is '10.0.0.0/31'"},
		{NOVA_HOST("fd00::/64"), "fixed_range"},
		{NOVA_HOST("10.0.0.0/24\nfixed_gateway = 10.0.1.1"), "fixed_gateway"},
		{NOVA_HOST("10.0.0.0/24\nfixed_bridge = eth0"), "the public interface already"},
		{NOVA_HOST("10.0.0.0/24\nphysical_network = physnet7"), "physnet7"},
		{NOVA_HOST("10.0.0.0/24\nmetadata = 10.0.0.1"), "ADDRESS:PORT"},
		{NOVA_HOST("10.0.0.0/24\nmetadata = 127.0.0.1:8775"), "loopback"},
		{NOVA_HOST("10.0.0.0/24\nmetadata = 10.0.0.1:99999"), "ADDRESS:PORT"},
		{NOVA_HOST("10.0.0.0/24") "[physical_networks]\npublic = bridge:br-ex\n", "'public'"},
		{NOVA("default_pool =\n"), "default_pool"},
		{"nonsense\n", "line 1"},
		{"[api]\nlisten\n", "line 2"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config c = {0};
		struct err err = {0};

		assert_true(config_parse(cases[i].text, &c, &err) < 0);
		if (!strstr(err.message, cases[i].says))
			fail_msg("'%s' gives '%s'", cases[i].text, err.message);
	}
}

static void a_missing_file_is_an_error(void **state)
{
	struct config c = {0};
	struct err err = {0};

	assert_true(config_load("/nonexistent/buoyd.conf", &c, &err) < 0);
	assert_non_null(strstr(err.message, "/nonexistent/buoyd.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_complete),
		cmocka_unit_test(publishing),
		cmocka_unit_test(values_reach_their_place),
		cmocka_unit_test(a_single_host_needs_three_lines),
		cmocka_unit_test(a_single_host_uses_the_names_that_are_there),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(a_missing_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
