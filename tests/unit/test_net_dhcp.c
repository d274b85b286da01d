/* DHCP options of ports through the API: what is accepted, refused, kept and taken away.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#define PORT(opts) "{'port':{'extra_dhcp_opts':[" opts "]}}"
#define OPT(n, v)  "{'opt_name':'" n "','opt_value':" v "}"

static void make_port(struct world *w, const char *opts, int status, const char *expect)
{
	static char body[2000];

	snprintf(body, sizeof(body), "{'port':{'network_id':'$n','extra_dhcp_opts':%s}}", opts);
	WORLD_RUN(w, {"alice", "POST ports", body, status, expect, status == 201 ? "p" : NULL});
}

static void make_network(struct world *w)
{
	WORLD_RUN(w, {"alice", "POST networks", "{'network':{}}", 201, "network.shared=false", "n"});
}

static void options_are_merged(void **state)
{
	struct world *w = *state;

	make_network(w);
	make_port(w, "[" OPT("bootfile-name", "'pxelinux.0'") "," OPT("mtu", "null") "]", 201,
		  "port.extra_dhcp_opts.#=1 port.extra_dhcp_opts.0.opt_name=bootfile-name "
		  "port.extra_dhcp_opts.0.opt_value=pxelinux.0 port.extra_dhcp_opts.0.ip_version=4");
	WORLD_RUN(w,
		  {"alice", "PUT ports/$p", PORT(OPT("tftp-server", "'123.123.123.123'")), 200,
		   "port.extra_dhcp_opts.#=2 port.extra_dhcp_opts.1.opt_name=tftp-server"},
		  {"alice", "PUT ports/$p", PORT(OPT("bootfile-name", "'other'")), 200,
		   "port.extra_dhcp_opts.#=2 port.extra_dhcp_opts.0.opt_value=other"},
		  {"alice", "PUT ports/$p", "{'port':{'name':'x','extra_dhcp_opts':null}}", 200,
		   "port.extra_dhcp_opts.#=2"},
		  {"alice", "PUT ports/$p", PORT(""), 200, "port.extra_dhcp_opts.#=2"},
		  {"alice", "PUT ports/$p", PORT(OPT("bootfile-name", "null") "," OPT("router", "''")), 200,
		   "port.extra_dhcp_opts.#=2 port.extra_dhcp_opts.0.opt_name=tftp-server "
		   "port.extra_dhcp_opts.1.opt_value="},
		  {"alice", "GET ports/$p", NULL, 200, "port.extra_dhcp_opts.#=2"});
}

/* As tempest's tests of an IPv6 network have it. */
static void ipv6_values(void **state)
{
	struct world *w = *state;

	make_network(w);
	make_port(w, "[" OPT("server-ip-address", "'2015::badd'") "," OPT("tftp-server", "'2015::dead'") "]",
		  201, "port.extra_dhcp_opts.#=2");
}

static void refused(void **state)
{
	static const char *const opts[] = {
		"[" OPT("no-such-option", "'x'") "]",
		"[" OPT("53", "'1'") "]",
		"[" OPT("mtu", "'big'") "]",
		"[" OPT("bootfile-name", "' '") "]",
		"[" OPT("bootfile-name", "''") "]",
		"[" OPT("bootfile-name", "'a\\nb'") "]",
		"[" OPT("", "'x'") "]",
		"[{'opt_name':'mtu'}]",
		"[{'opt_value':'1400'}]",
		"[{'opt_name':'mtu','opt_value':'1400','ip_version':6}]",
		"[{'opt_name':'mtu','opt_value':'1400','ip_version':5}]",
		"[{'opt_name':'mtu','opt_value':'1400','more':1}]",
		"[{'opt_name':'mtu','opt_value':1400}]",
		"'mtu'",
		"[7]",
	};
	struct world *w = *state;

	make_network(w);
	for (size_t i = 0; i < ARRAY_SIZE(opts); i++)
		make_port(w, opts[i], 400, "HTTPBadRequest");
	WORLD_RUN(w, {"alice", "GET ports", NULL, 200, "ports=[]"});
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(options_are_merged),
		WORLD_TEST(ipv6_values),
		WORLD_TEST(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
