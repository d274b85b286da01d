/* DNS names of networks, ports and floating IPs through the API: what is accepted, and what they come to.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#include <errno.h>

#include "model/names.h"

static void make_network(struct world *w)
{
	WORLD_RUN(w,
		  {"alice", "POST networks", "{'network':{'dns_domain':'Alice.Example.'}}", 201,
		   "network.dns_domain=alice.example.", "n"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$n','ip_version':4,'cidr':'10.0.0.0/24'}}", 201,
		   "subnet.ip_version=4", "s"});
}

static void ports_have_names(void **state)
{
	make_network(*state);
	WORLD_RUN(*state,
		  {"alice", "POST ports",
		   "{'port':{'network_id':'$n','fixed_ips':[{'ip_address':'10.0.0.9'}]}}", 201,
		   "port.dns_name= port.dns_domain= port.dns_assignment.#=1 "
		   "port.dns_assignment.0.ip_address=10.0.0.9 port.dns_assignment.0.hostname=host-10-0-0-9 "
		   "port.dns_assignment.0.fqdn=host-10-0-0-9.alice.example.",
		   "p"},
		  {"alice", "PUT ports/$p", "{'port':{'dns_name':'Web1'}}", 200,
		   "port.dns_name=web1 port.dns_assignment.0.hostname=web1 "
		   "port.dns_assignment.0.fqdn=web1.alice.example."},
		  {"alice", "PUT ports/$p", "{'port':{'dns_domain':'d.org.'}}", 200,
		   "port.dns_domain=d.org. port.dns_assignment.0.fqdn=web1.d.org."},
		  {"alice", "PUT ports/$p", "{'port':{'dns_name':'web1.d.org.'}}", 200,
		   "port.dns_assignment.0.fqdn=web1.d.org."},
		  {"alice", "PUT ports/$p", "{'port':{'dns_name':'web1.elsewhere.'}}", 400, "HTTPBadRequest"},
		  {"alice", "GET ports?dns_name=web1.d.org.", NULL, 200, "ports.0.id=$p"},
		  {"alice", "PUT ports/$p", "{'port':{'dns_assignment':[]}}", 400, "HTTPBadRequest"},
		  {"alice", "PUT ports/$p", "{'port':{'dns_name':'','dns_domain':''}}", 200,
		   "port.dns_assignment.0.fqdn=host-10-0-0-9.alice.example."},
		  {"alice", "PUT networks/$n", "{'network':{'dns_domain':''}}", 200, "network.dns_domain="},
		  {"alice", "GET ports/$p", NULL, 200, "port.dns_assignment.0.fqdn=host-10-0-0-9."},
		  {"alice", "PUT networks/$n", "{'network':{'dns_domain':'no-dot.example'}}", 400,
		   "HTTPBadRequest"});
}

static void floating_ips_have_names(void **state)
{
#define FIP(fields) "{'floatingip':{'floating_network_id':'$x'" fields "}}"
	WORLD_RUN(*state, {"admin", "POST networks", "{'network':{'router:external':true}}", 201, NULL, "x"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$x','ip_version':4,'cidr':'203.0.113.0/24'}}", 201, NULL, "xs"},
		  {"alice", "POST floatingips", FIP(",'dns_name':'WWW','dns_domain':'Example.org.'"), 201,
		   "floatingip.dns_name=www floatingip.dns_domain=example.org.", "f"},
		  {"alice", "POST floatingips", FIP(""), 201, "floatingip.dns_name= floatingip.dns_domain="},
		  {"alice", "POST floatingips", FIP(",'dns_name':'www'"), 400, "BadRequest"},
		  {"alice", "POST floatingips", FIP(",'dns_domain':'example.org.'"), 400, "BadRequest"},
		  {"alice", "POST floatingips", FIP(",'dns_name':'www.','dns_domain':'example.org.'"), 400,
		   "HTTPBadRequest"},
		  {"alice", "POST floatingips", FIP(",'dns_name':'www','dns_domain':'example.org'"), 400,
		   "HTTPBadRequest"},
		  {"alice", "PUT floatingips/$f", "{'floatingip':{'dns_name':'other'}}", 400,
		   "HTTPBadRequest"});
}

static void names_that_are_none(void **state)
{
	static const char *const bad[] = {"-a", "a-", "a..b", ".", "a_b", "a b", "a.1", "\xc3\xa4", "a.b.."};
	static const char *const good[] = {"", "a", "a.", "a.b", "1", "1.a", "A-1.example.", "a.1b"};
	char name[300];
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(names_check(bad[i], &err), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(names_check(good[i], &err), 0);
	memset(name, 'a', sizeof(name));
	name[63] = '\0';
	assert_int_equal(names_check(name, &err), 0);
	name[63] = 'a';
	name[64] = '\0';
	assert_int_equal(names_check(name, &err), -EINVAL);
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 2 ? '.' : 'a';
	name[255] = '\0';
	assert_int_equal(names_check(name, &err), 0);
	name[255] = '.';
	name[257] = '\0';
	assert_int_equal(names_check(name, &err), -EINVAL);
}

static void host_names(void **state)
{
	struct ip ip;

	assert_int_equal(names_parse_host("host-10-0-0-5.x.", &ip), 0);
	assert_int_equal(ip_to_v4(&ip), 0x0a000005);
	assert_int_equal(names_parse_host("host-10-0-0-05", &ip), -EINVAL);
	assert_int_equal(names_parse_host("host-10-0-0-256", &ip), -EINVAL);
	assert_int_equal(names_parse_host("host-", &ip), -EINVAL);
	assert_int_equal(names_parse_host("web-10-0-0-5", &ip), -EINVAL);
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(ports_have_names),
		WORLD_TEST(floating_ips_have_names),
		cmocka_unit_test(names_that_are_none),
		cmocka_unit_test(host_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
