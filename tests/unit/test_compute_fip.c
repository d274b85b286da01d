/* The compute API's floating IPs: nova-network's allocation, association, pools and ranges.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#include "api/compute.h"

#define NOVA     "/compute/v2.1/"
#define RANGE(r) "{'floating_ips_bulk_create':{'ip_range':'" r "'}}"

/* --- floating IPs --- */

static void floating_ips(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(
		w,
		{"alice", "GET " NOVA "os-floating-ip-pools", NULL, 200,
		 "floating_ip_pools.#=1 floating_ip_pools.0.name=ext"},
		{"alice", "POST " NOVA "os-floating-ips", "{'pool':'nova'}", 404,
		 "itemNotFound:Floating IP pool not found."},
		{"alice", "POST " NOVA "os-floating-ips", "{'pool':5}", 400, "badRequest"},
		{"rita", "POST " NOVA "os-floating-ips", "{'pool':'ext'}", 403, "forbidden"},
		{"alice", "POST " NOVA "os-floating-ips", "{'pool':'ext'}", 200,
		 "floating_ip.ip=10.10.10.3 floating_ip.fixed_ip=null floating_ip.instance_id=null "
		 "floating_ip.pool=ext",
		 "f"},
		{"bob", "POST " NOVA "os-floating-ips", NULL, 200, "floating_ip.ip=10.10.10.4", "g"},
		{"alice", "POST " NOVA "os-floating-ips", "{'pool':'$ext'}", 200,
		 "floating_ip.ip=10.10.10.5"},
		{"alice", "POST " NOVA "os-floating-ips", "{'pool':'ext'}", 404,
		 "itemNotFound:No more floating IPs in pool ext."},
		{"alice", "POST " NOVA "os-floating-ips", "{}", 404,
		 "itemNotFound:No more floating IPs available."},
		{"alice", "GET " NOVA "os-floating-ips", NULL, 200,
		 "floating_ips.#=2 floating_ips.0.ip=10.10.10.3 floating_ips.1.ip=10.10.10.5"},
		{"admin", "GET " NOVA "os-floating-ips", NULL, 200, "floating_ips.#=0"},
		{"alice", "GET " NOVA "os-floating-ips/$f", NULL, 200, "floating_ip.id=$f"},
		{"bob", "GET " NOVA "os-floating-ips/$f", NULL, 404,
		 "itemNotFound:Floating IP not found for ID"},
		{"alice", "GET " NOVA "os-floating-ips/17", NULL, 404,
		 "itemNotFound:Floating IP not found for ID 17"},
		{"bob", "DELETE " NOVA "os-floating-ips/$f", NULL, 404, "itemNotFound"},
		{"rita", "DELETE " NOVA "os-floating-ips/$f", NULL, 403, "forbidden"},
		{"alice", "DELETE " NOVA "os-floating-ips/$f", NULL, 202},
		{"alice", "DELETE " NOVA "os-floating-ips/$f", NULL, 404, "itemNotFound"},
		{"admin", "PUT " NOVA "os-quota-sets/alice", "{'quota_set':{'floating_ips':1}}", 200,
		 "quota_set.floating_ips=1"},
		{"alice", "GET quotas/alice", NULL, 200, "quota.floatingip=1"},
		{"alice", "POST " NOVA "os-floating-ips", "{'pool':'ext'}", 403,
		 "forbidden:IP allocation over quota in pool ext."},
		{"alice", "POST " NOVA "os-floating-ips", "{}", 403, "forbidden:IP allocation over quota."});
}

static void several_pools(void **state)
{
	WORLD_RUN(*state,
		  {"bob", "POST " NOVA "os-floating-ips", NULL, 404,
		   "itemNotFound:Floating IP pool not found."},
		  {"admin", "POST networks", "{'network':{'name':'x','router:external':true}}", 201, NULL,
		   "x1"},
		  {"bob", "POST " NOVA "os-floating-ips", NULL, 404, "itemNotFound:No more"},
		  {"admin", "POST networks", "{'network':{'name':'x','router:external':true}}", 201, NULL,
		   "x2"},
		  {"bob", "POST " NOVA "os-floating-ips", NULL, 404,
		   "itemNotFound:Floating IP pool not found."},
		  {"bob", "POST " NOVA "os-floating-ips", "{'pool':'x'}", 409, "conflictingRequest:Multiple"},
		  {"bob", "POST " NOVA "os-floating-ips", "{'pool':'$x2'}", 404,
		   "itemNotFound:No more floating IPs in pool x."},
		  {"bob", "GET " NOVA "os-floating-ip-pools", NULL, 200, "floating_ip_pools.#=2"});
}

#define ADD(fields)    "{'addFloatingIp':{" fields "}}"
#define REMOVE(fields) "{'removeFloatingIp':{" fields "}}"
#define ACTION(id)     "POST " NOVA "servers/" id "/action"

static void association(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	world_report(w, NULL, NULL);
	WORLD_RUN(
		w, {"alice", "PUT ports/$p1", "{'port':{'device_id':'vm1'}}", 200},
		{"alice", "PUT ports/$p2", "{'port':{'device_id':'vm2'}}", 200},
		{"alice", "POST " NOVA "os-floating-ips", NULL, 200, "floating_ip.ip=10.10.10.3", "f"},
		{"bob", "POST " NOVA "os-floating-ips", NULL, 200, "floating_ip.ip=10.10.10.4", "g"},
		{"rita", ACTION("vm1"), ADD("'address':'10.10.10.3'"), 403, "forbidden"},
		{"bob", ACTION("vm1"), ADD("'address':'10.10.10.4'"), 404,
		 "itemNotFound:Instance vm1 could not be found."},
		{"alice", ACTION("vm1"), ADD("'address':'10.10.10.4'"), 404,
		 "itemNotFound:floating IP not found"},
		{"alice", ACTION("vm1"), ADD("'address':'x'"), 404, "itemNotFound:floating IP not found"},
		{"alice", ACTION("vm1"), ADD(""), 400, "badRequest"},
		{"alice", ACTION("vm1"), ADD("'address':7"), 400, "badRequest"},
		{"alice", ACTION("vm1"), ADD("'address':'10.10.10.3','fixed_address':'172.16.100.3'"), 400,
		 "badRequest:Specified fixed address not assigned to instance"},
		{"alice", ACTION("vm1"), REMOVE("'address':'10.10.10.3'"), 409,
		 "conflictingRequest:Floating IP 10.10.10.3 is not associated with instance vm1."},
		{"alice", ACTION("vm1"), ADD("'address':'10.10.10.3'"), 202},
		{"alice", "GET floatingips/$f", NULL, 200,
		 "floatingip.status=ACTIVE floatingip.port_id=$p1 floatingip.fixed_ip_address=172.16.100.2"},
		{"alice", "GET " NOVA "os-floating-ips/$f", NULL, 200,
		 "floating_ip.instance_id=vm1 floating_ip.fixed_ip=172.16.100.2"},
		{"alice", "GET " NOVA "servers/vm1", NULL, 200,
		 "server.addresses.a.#=2 server.addresses.a.1.addr=10.10.10.3 "
		 "server.addresses.a.1.OS-EXT-IPS:type=floating"},
		{"alice", "GET " NOVA "servers?ip=10.10.10.3", NULL, 200, "servers.#=1"},
		/* It moves. */
		{"alice", ACTION("vm2"), ADD("'address':'10.10.10.3','fixed_address':'172.16.100.3'"), 202},
		{"alice", "GET floatingips/$f", NULL, 200, "floatingip.port_id=$p2"},
		{"alice", ACTION("vm1"), REMOVE("'address':'10.10.10.3'"), 409, "conflictingRequest"},
		/* A fixed address that has one gets no second. */
		{"alice", "POST " NOVA "os-floating-ips", NULL, 200, "floating_ip.ip=10.10.10.5", "h"},
		{"alice", ACTION("vm2"), ADD("'address':'10.10.10.5'"), 400,
		 "badRequest:Unable to associate floating IP 10.10.10.5 to fixed IP 172.16.100.3 for "
		 "instance vm2. Error:"},
		{"alice", ACTION("vm2"), REMOVE("'address':'10.10.10.3'"), 202},
		{"alice", "GET floatingips/$f", NULL, 200, "floatingip.port_id=null floatingip.status=DOWN"},
		{"alice", ACTION("vm2"), REMOVE("'address':'10.10.10.99'"), 404,
		 "itemNotFound:floating IP not found"},
		/* Released while it is associated. */
		{"alice", ACTION("vm2"), ADD("'address':'10.10.10.3'"), 202},
		{"alice", "DELETE " NOVA "os-floating-ips/$f", NULL, 202},
		{"alice", "GET " NOVA "servers/vm2", NULL, 200, "server.addresses.a.#=1"},
		/* A server that is deleted leaves its floating IP to the project. */
		{"alice", "POST " NOVA "servers", "{'server':{'name':'s','networks':[{'uuid':'$net'}]}}", 202,
		 NULL, "s"},
		{"alice", ACTION("$s"), ADD("'address':'10.10.10.5'"), 202},
		{"alice", "DELETE " NOVA "servers/$s", NULL, 204},
		{"alice", "GET floatingips/$h", NULL, 200, "floatingip.port_id=null"});
}

static void what_can_not_be_associated(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(w, {"alice", "POST " NOVA "os-floating-ips", NULL, 200, NULL, "f"},
		  {"alice", "POST " NOVA "servers", "{'server':{'name':'s','networks':'none'}}", 202, NULL,
		   "s"},
		  {"alice", ACTION("$s"), ADD("'address':'10.10.10.3'"), 400,
		   "badRequest:No fixed IPs associated to instance"},
		  {"alice", "POST networks", "{'network':{'name':'island'}}", 201, NULL, "i"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$i','ip_version':4,'cidr':'172.30.0.0/24'}}", 201},
		  {"alice", "POST " NOVA "servers", "{'server':{'name':'t','networks':[{'uuid':'$i'}]}}", 202,
		   NULL, "t"},
		  {"alice", ACTION("$t"), ADD("'address':'10.10.10.3'"), 400,
		   "badRequest:is not reachable from subnet"},
		  {"alice", ACTION("$s"), "{'reboot':{'type':'SOFT'}}", 501,
		   "notImplemented:Buoy registers servers"},
		  {"alice", ACTION("$s"), "{'os-start':null}", 501, "notImplemented"},
		  {"alice", ACTION("$s"), "{'dance':null}", 400, "badRequest"},
		  {"alice", ACTION("$s"), "{}", 400, "badRequest"},
		  {"alice", ACTION("$s"), NULL, 400, "badRequest"},
		  {"alice", ACTION("$s"), "{'addFloatingIp':5}", 400, "badRequest"},
		  {"alice", ACTION("$s"), "{'addFloatingIp':{},'removeFloatingIp':{}}", 400, "badRequest"},
		  {"alice", "POST " NOVA "servers/$s/remote-consoles", "{}", 501, "notImplemented"});
}

/* --- ranges --- */

static void ranges_parse(void **state)
{
	static const struct {
		const char *text, *first, *last; /* NULL: refused */
	} cases[] = {
		{"10.200.3.0/24", "10.200.3.1", "10.200.3.254"},
		{"10.200.3.77/24", "10.200.3.1", "10.200.3.254"},
		{"10.200.3.0/30", "10.200.3.1", "10.200.3.2"},
		{"10.200.3.7", "10.200.3.7", "10.200.3.7"},
		{"10.0.0.0/13", "10.0.0.1", "10.7.255.254"},
		{"10.0.0.0/12", NULL, NULL},
		{"0.0.0.0/0", NULL, NULL},
		{"10.200.3.0/31", NULL, NULL},
		{"10.200.3.0/32", NULL, NULL},
		{"10.200.3.0/33", NULL, NULL},
		{"10.200.3", NULL, NULL},
		{"", NULL, NULL},
		{"x/24", NULL, NULL},
		{"2001:db8::/64", NULL, NULL},
		{"2001:db8::1", NULL, NULL},
		{"10.0.0.1-10.0.0.9", NULL, NULL},
	};
	struct compute_range range;
	char first[IP_TEXT], last[IP_TEXT];
	struct err err;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = compute_range_parse(cases[i].text, &range, &err);

		if ((r == 0) != (cases[i].first != NULL))
			fail_msg("%s: %d", cases[i].text, r);
		if (r < 0) {
			assert_int_equal(err.status, 400);
			continue;
		}
		assert_string_equal(ip_print(&range.first, first), cases[i].first);
		assert_string_equal(ip_print(&range.last, last), cases[i].last);
	}
}

static void bulk(void **state)
{
	struct world *w = *state;

	WORLD_RUN(w, {"alice", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.3.0/29"), 403, "forbidden"},
		  {"alice", "GET " NOVA "os-floating-ips-bulk", NULL, 403, "forbidden"},
		  {"alice", "PUT " NOVA "os-floating-ips-bulk/delete", "{'ip_range':'10.200.3.1'}", 403,
		   "forbidden"},
		  {"admin", "GET " NOVA "os-floating-ips-bulk", NULL, 200, "floating_ip_info.#=0"},
		  {"admin", "POST " NOVA "os-floating-ips-bulk", "{}", 400, "badRequest"},
		  {"admin", "POST " NOVA "os-floating-ips-bulk", "{'floating_ips_bulk_create':{}}", 400,
		   "badRequest"},
		  {"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.3.0/31"), 400,
		   "badRequest:Invalid input received: /31 should be specified as single address(es) not in "
		   "cidr format"},
		  {"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("10.0.0.0/8"), 400,
		   "badRequest:Too many IP addresses will be generated.  Please increase /8 to reduce the "
		   "number generated."},
		  {"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("224.0.0.0/24"), 400, "badRequest"},
		  /* The pool is made. */
		  {"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.3.0/29"), 200,
		   "floating_ips_bulk_create.ip_range=10.200.3.0/29 floating_ips_bulk_create.pool=nova "
		   "floating_ips_bulk_create.interface=physnet1"},
		  {"admin", "GET networks?name=nova", NULL, 200,
		   "networks.#=1 networks.0.router:external=true networks.0.provider:network_type=flat"},
		  {"admin", "GET " NOVA "os-floating-ips-bulk", NULL, 200,
		   "floating_ip_info.#=6 floating_ip_info.0.address=10.200.3.1 "
		   "floating_ip_info.0.project_id=null "
		   "floating_ip_info.0.instance_uuid=null floating_ip_info.0.pool=nova "
		   "floating_ip_info.0.interface=physnet1 floating_ip_info.5.address=10.200.3.6"},
		  {"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.3.0/28"), 409,
		   "conflictingRequest:Floating IP 10.200.3.1 already exists."},
		  {"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.3.6"), 409,
		   "conflictingRequest:Floating IP 10.200.3.6 already exists."},
		  {"admin", "POST " NOVA "os-floating-ips-bulk",
		   "{'floating_ips_bulk_create':{'ip_range':'10.200.4.1','interface':'eth9'}}", 400,
		   "badRequest:on the interface physnet1, not on eth9"},
		  {"admin", "POST " NOVA "os-floating-ips-bulk",
		   "{'floating_ips_bulk_create':{'ip_range':'10.200.4.1','pool':'p','interface':'eth9'}}",
		   400, "badRequest"},
		  {"admin", "POST " NOVA "os-floating-ips-bulk",
		   "{'floating_ips_bulk_create':{'ip_range':'10.200.4.9','pool':'p','interface':'physnet2'}}",
		   200, "floating_ips_bulk_create.interface=physnet2"});
}

/* Pools one after the other, and one address at a time. */
static void bulk_listed(void **state)
{
	struct world *w = *state;

	WORLD_RUN(
		w, {"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.3.0/29"), 200},
		{"admin", "POST " NOVA "os-floating-ips-bulk",
		 "{'floating_ips_bulk_create':{'ip_range':'10.200.4.9','pool':'p','interface':'physnet2'}}",
		 200},
		{"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.2.1"), 200},
		{"bob", "POST " NOVA "os-floating-ips", "{'pool':'nova'}", 200, "floating_ip.ip=10.200.2.1",
		 "f"},
		{"bob", "POST " NOVA "os-floating-ips", "{'pool':'p'}", 200, "floating_ip.ip=10.200.4.9"},
		{"bob", "POST " NOVA "os-floating-ips", "{'pool':'nova'}", 200, "floating_ip.ip=10.200.3.1"},
		{"admin", "GET " NOVA "os-floating-ips-bulk", NULL, 200,
		 "floating_ip_info.#=8 floating_ip_info.0.address=10.200.2.1 "
		 "floating_ip_info.0.project_id=bob "
		 "floating_ip_info.7.address=10.200.4.9 floating_ip_info.7.pool=p"},
		{"admin", "GET " NOVA "os-floating-ips-bulk?limit=2", NULL, 200,
		 "floating_ip_info.#=2 floating_ip_info.1.address=10.200.3.1"},
		{"admin", "GET " NOVA "os-floating-ips-bulk?limit=2&marker=10.200.3.1", NULL, 200,
		 "floating_ip_info.#=2 floating_ip_info.0.address=10.200.3.2"},
		{"admin", "GET " NOVA "os-floating-ips-bulk?marker=10.200.4.8", NULL, 200,
		 "floating_ip_info.#=1"},
		{"admin", "GET " NOVA "os-floating-ips-bulk?marker=x", NULL, 400, "badRequest"},
		{"admin", "GET " NOVA "os-floating-ips-bulk?limit=0", NULL, 400, "badRequest"},
		{"admin", "GET " NOVA "os-floating-ips-bulk/node1", NULL, 404,
		 "itemNotFound:Floating IP not found for host node1."});
}

#define TAKE_AWAY(r) "{'ip_range':'" r "'}"

static void bulk_delete(void **state)
{
	struct world *w = *state;

	WORLD_RUN(w, {"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.3.0/28"), 200},
		  {"bob", "POST " NOVA "os-floating-ips", NULL, 200, "floating_ip.ip=10.200.3.1", "f"},
		  {"admin", "PUT " NOVA "os-floating-ips-bulk/delete", TAKE_AWAY("10.200.3.0/28"), 409,
		   "conflictingRequest:Floating IP 10.200.3.1 is in use by project bob"},
		  {"admin", "PUT " NOVA "os-floating-ips-bulk/delete", "{}", 400, "badRequest"},
		  {"admin", "PUT " NOVA "os-floating-ips-bulk/delete", TAKE_AWAY("10.200.3.7"), 200,
		   "floating_ips_bulk_delete=10.200.3.7"},
		  {"admin", "PUT " NOVA "os-floating-ips-bulk/delete", TAKE_AWAY("10.200.3.12/30"), 200},
		  /* What is not there, Nova deleted as well. */
		  {"admin", "PUT " NOVA "os-floating-ips-bulk/delete", TAKE_AWAY("10.200.9.0/24"), 200},
		  {"admin", "GET " NOVA "os-floating-ips-bulk?marker=10.200.3.5", NULL, 200,
		   "floating_ip_info.#=6 floating_ip_info.0.address=10.200.3.6 "
		   "floating_ip_info.1.address=10.200.3.8 "
		   "floating_ip_info.5.address=10.200.3.12"},
		  /* Back into its hole: one run again. */
		  {"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.3.7"), 200},
		  {"admin", "GET subnets?cidr=10.200.3.0/28", NULL, 200,
		   "subnets.#=1 subnets.0.allocation_pools.#=1 subnets.0.allocation_pools.0.end=10.200.3.12 "
		   "subnets.0.gateway_ip=null subnets.0.enable_dhcp=false"},
		  {"bob", "DELETE " NOVA "os-floating-ips/$f", NULL, 202},
		  {"admin", "PUT " NOVA "os-floating-ips-bulk/delete", TAKE_AWAY("10.200.0.0/16"), 200},
		  {"admin", "GET " NOVA "os-floating-ips-bulk", NULL, 200, "floating_ip_info.#=0"},
		  {"admin", "GET subnets", NULL, 200, "subnets.#=0"},
		  {"admin", "GET networks", NULL, 200, "networks.#=1"},
		  {"bob", "POST " NOVA "os-floating-ips", NULL, 404,
		   "itemNotFound:No more floating IPs available."},
		  {"admin", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.3.0/24"), 200},
		  {"admin", "GET " NOVA "os-floating-ips-bulk", NULL, 200, "floating_ip_info.#=254"});
}

/* A pool of the network API: its router's gateway is no floating IP, and keeps the subnet. */
static void bulk_and_neutron(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(w,
		  {"admin", "GET " NOVA "os-floating-ips-bulk", NULL, 200,
		   "floating_ip_info.#=3 floating_ip_info.0.address=10.10.10.3"},
		  {"admin", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','floating_ip_address':'10.10.10.77','project_"
		   "id':'alice',"
		   "'port_id':'$p1'}}",
		   201, NULL, "f"},
		  {"alice", "PUT ports/$p1", "{'port':{'device_id':'vm'}}", 200},
		  {"admin", "GET " NOVA "os-floating-ips-bulk", NULL, 200,
		   "floating_ip_info.#=4 floating_ip_info.3.address=10.10.10.77 "
		   "floating_ip_info.3.project_id=alice "
		   "floating_ip_info.3.instance_uuid=vm floating_ip_info.3.fixed_ip=172.16.100.2"},
		  {"admin", "GET " NOVA "os-floating-ips-bulk/node1", NULL, 200,
		   "floating_ip_info.#=1 floating_ip_info.0.address=10.10.10.77"},
		  {"admin", "GET " NOVA "os-floating-ips-bulk/node2", NULL, 404, "itemNotFound"},
		  {"admin", "POST " NOVA "os-floating-ips-bulk",
		   "{'floating_ips_bulk_create':{'ip_range':'10.10.10.77','pool':'ext'}}", 409,
		   "conflictingRequest"},
		  {"admin", "PUT " NOVA "os-floating-ips-bulk/delete", TAKE_AWAY("10.10.10.77"), 409,
		   "conflictingRequest"},
		  {"admin", "DELETE floatingips/$f", NULL, 204},
		  {"admin", "PUT " NOVA "os-floating-ips-bulk/delete", TAKE_AWAY("10.10.10.0/24"), 200},
		  {"admin", "GET subnets/$exts", NULL, 200, "subnet.allocation_pools.#=0"},
		  {"admin", "POST " NOVA "os-floating-ips-bulk",
		   "{'floating_ips_bulk_create':{'ip_range':'10.10.10.9','pool':'ext'}}", 200},
		  {"admin", "GET subnets/$exts", NULL, 200, "subnet.allocation_pools.0.start=10.10.10.9"},
		  {"alice", "POST " NOVA "os-floating-ips", NULL, 200, "floating_ip.ip=10.10.10.9"});
}

/* Pages by address stay whole where two pools have the same addresses. */
static void bulk_pages(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 2; i++)
		WORLD_RUN(w,
			  {"admin", "POST networks", "{'network':{'name':'x','router:external':true}}", 201,
			   NULL, "x"},
			  {"admin", "POST subnets",
			   "{'subnet':{'network_id':'$x','ip_version':4,'cidr':'10.1.0.0/"
			   "29','gateway_ip':null}}",
			   201});
	WORLD_RUN(w,
		  {"admin", "GET " NOVA "os-floating-ips-bulk?limit=3", NULL, 200,
		   "floating_ip_info.#=4 floating_ip_info.0.address=10.1.0.1 "
		   "floating_ip_info.1.address=10.1.0.1 "
		   "floating_ip_info.3.address=10.1.0.2"},
		  {"admin", "GET " NOVA "os-floating-ips-bulk?limit=20&marker=10.1.0.2", NULL, 200,
		   "floating_ip_info.#=8 floating_ip_info.0.address=10.1.0.3"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$x','ip_version':4,'cidr':'10.128.0.0/13','gateway_ip':null}}",
		   201},
		  {"admin", "GET " NOVA "os-floating-ips-bulk", NULL, 400, "badRequest:limit and marker"},
		  {"admin", "GET " NOVA "os-floating-ips-bulk?limit=99999999", NULL, 200,
		   "floating_ip_info.#=10000"});
}

/* Subnets of one and of two addresses, where nothing needs a gateway. */
static void small_subnets(void **state)
{
	WORLD_RUN(
		*state,
		{"admin", "POST networks", "{'network':{'name':'x','router:external':true}}", 201, NULL, "x"},
		{"admin", "POST subnets",
		 "{'subnet':{'network_id':'$x','ip_version':4,'cidr':'10.1.0.5/32'}}", 400, "InvalidInput"},
		{"admin", "POST subnets",
		 "{'subnet':{'network_id':'$x','ip_version':4,'cidr':'10.1.0.5/32','gateway_ip':null}}", 400,
		 "InvalidInput"},
		{"admin", "POST subnets",
		 "{'subnet':{'network_id':'$x','ip_version':4,'cidr':'10.1.0.5/32','gateway_ip':null,"
		 "'enable_dhcp':false}}",
		 201, "subnet.allocation_pools.0.start=10.1.0.5 subnet.allocation_pools.0.end=10.1.0.5"},
		{"admin", "POST subnets",
		 "{'subnet':{'network_id':'$x','ip_version':4,'cidr':'10.1.0.8/31','gateway_ip':null,"
		 "'enable_dhcp':false}}",
		 201, "subnet.allocation_pools.0.start=10.1.0.8 subnet.allocation_pools.0.end=10.1.0.9"},
		{"bob", "POST floatingips", "{'floatingip':{'floating_network_id':'$x'}}", 201,
		 "floatingip.floating_ip_address=10.1.0.5"},
		{"admin", "POST floatingips",
		 "{'floatingip':{'floating_network_id':'$x','floating_ip_address':'10.1.0.9'}}", 201});
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(floating_ips),
		TEST(several_pools),
		TEST(association),
		TEST(what_can_not_be_associated),
		cmocka_unit_test(ranges_parse),
		TEST(bulk),
		TEST(bulk_listed),
		TEST(bulk_delete),
		TEST(bulk_and_neutron),
		TEST(bulk_pages),
		TEST(small_subnets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
