/* Lists that are made when they are asked for: pools of floating IPs, how many addresses networks have; and
 * what a limit is compared with. Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

static void make_networks(struct world *w)
{
	WORLD_RUN(w,
		  {"admin", "POST networks",
		   "{'network':{'name':'ext','router:external':true,'provider:network_type':'flat',"
		   "'provider:physical_network':'physnet1'}}",
		   201, NULL, "ext"},
		  {"admin", "POST subnets",
		   "{'subnet':{'name':'exts','network_id':'$ext','ip_version':4,'cidr':'10.10.0.0/24',"
		   "'allocation_pools':[{'start':'10.10.0.10','end':'10.10.0.19'}]}}",
		   201, NULL, "exts"},
		  {"alice", "POST networks", "{'network':{'name':'net'}}", 201, NULL, "net"},
		  {"alice", "POST subnets",
		   "{'subnet':{'name':'four','network_id':'$net','ip_version':4,'cidr':'10.0.0.0/29'}}", 201,
		   NULL, "four"},
		  {"alice", "POST subnets",
		   "{'subnet':{'name':'six','network_id':'$net','ip_version':6,'cidr':'fd00::/64'}}", 201,
		   NULL, "six"},
		  {"alice", "POST networks", "{'network':{'name':'bare'}}", 201, NULL, "bare"});
}

/* --- pools --- */

static void pools(void **state)
{
	make_networks(*state);
	WORLD_RUN(*state,
		  {"bob", "GET floatingip_pools", NULL, 200,
		   "floatingip_pools.#=1 floatingip_pools.0.subnet_id=$exts "
		   "floatingip_pools.0.subnet_name=exts "
		   "floatingip_pools.0.network_id=$ext floatingip_pools.0.cidr=10.10.0.0/24 "
		   "floatingip_pools.0.project_id=admin floatingip_pools.0.tenant_id=admin "
		   "floatingip_pools.0.id=absent"},
		  {"bob", "GET floatingip_pools?subnet_name=exts&fields=cidr", NULL, 200,
		   "floatingip_pools.0.cidr=10.10.0.0/24 floatingip_pools.0.subnet_id=absent"},
		  {"bob", "GET floatingip_pools?network_id=$net", NULL, 200, "floatingip_pools=[]"},
		  {"bob", "GET floatingip_pools?nonsense=1", NULL, 400, "HTTPBadRequest:nonsense"},
		  {"bob", "GET floatingip_pools/$exts", NULL, 404, "HTTPNotFound"},
		  {"bob", "POST floatingip_pools", "{}", 405, "HTTPMethodNotAllowed"});
}

static void pools_in_pages(void **state)
{
	make_networks(*state);
	WORLD_RUN(*state,
		  {"admin", "POST subnets",
		   "{'subnet':{'name':'more','network_id':'$ext','ip_version':4,'cidr':'10.10.1.0/24'}}", 201,
		   NULL, "more"},
		  {"bob", "GET floatingip_pools?sort_key=subnet_name&sort_dir=desc", NULL, 200,
		   "floatingip_pools.0.subnet_name=more floatingip_pools.1.subnet_name=exts"},
		  {"bob", "GET floatingip_pools?sort_key=subnet_name&limit=1", NULL, 200,
		   "floatingip_pools.#=1 floatingip_pools.0.subnet_name=exts"},
		  {"bob", "GET floatingip_pools?sort_key=subnet_name&limit=1&marker=$exts", NULL, 200,
		   "floatingip_pools.#=1 floatingip_pools.0.subnet_name=more"},
		  {"bob", "GET floatingip_pools?limit=1&marker=$net", NULL, 404, "FloatingIPPoolNotFound"},
		  {"bob", "GET floatingip_pools?marker=x", NULL, 404, "FloatingIPPoolNotFound"});
}

/* --- addresses --- */

#define USE "network_ip_availability"

static void counts_follow_addresses(void **state)
{
	make_networks(*state);
	WORLD_RUN(*state,
		  {"admin", "GET network-ip-availabilities/$ext", NULL, 200,
		   USE ".network_id=$ext " USE ".network_name=ext " USE ".project_id=admin " USE
		       ".tenant_id=admin " USE ".total_ips=10 " USE ".used_ips=0 " USE
		       ".subnet_ip_availability.0.subnet_id=$exts " USE
		       ".subnet_ip_availability.0.subnet_name=exts " USE
		       ".subnet_ip_availability.0.cidr=10.10.0.0/24 " USE
		       ".subnet_ip_availability.0.ip_version=4 " USE
		       ".subnet_ip_availability.0.total_ips=10"},
		  {"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 201, NULL,
		   "f"},
		  {"admin", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','floating_ip_address':'10.10.0.200'}}", 201},
		  {"alice", "POST ports",
		   "{'port':{'network_id':'$net','fixed_ips':[{'subnet_id':'$four'},{'subnet_id':'$four'}]}}",
		   201, NULL, "p"},
		  {"admin", "GET network-ip-availabilities/$ext", NULL, 200,
		   USE ".total_ips=10 " USE ".used_ips=2"},
		  {"admin", "GET network-ip-availabilities/$net?fields=used_ips", NULL, 200,
		   USE ".used_ips=2 " USE ".total_ips=absent"},
		  {"alice", "PUT ports/$p", "{'port':{'fixed_ips':[{'subnet_id':'$four'}]}}", 200},
		  {"alice", "DELETE floatingips/$f", NULL, 204},
		  {"admin", "GET network-ip-availabilities/$ext", NULL, 200, USE ".used_ips=1"},
		  {"admin", "GET network-ip-availabilities?network_id=$net&ip_version=4", NULL, 200,
		   "network_ip_availabilities.#=1 network_ip_availabilities.0.total_ips=5 "
		   "network_ip_availabilities.0.used_ips=1 "
		   "network_ip_availabilities.0.subnet_ip_availability.#=1"},
		  {"alice", "DELETE ports/$p", NULL, 204},
		  {"admin", "GET network-ip-availabilities/$net", NULL, 200, USE ".used_ips=0"});
}

static void availability_in_lists(void **state)
{
	make_networks(*state);
	WORLD_RUN(*state,
		  {"admin", "GET network-ip-availabilities", NULL, 200, "network_ip_availabilities.#=3"},
		  {"admin", "GET network-ip-availabilities?network_name=bare", NULL, 200,
		   "network_ip_availabilities.#=1 network_ip_availabilities.0.total_ips=0 "
		   "network_ip_availabilities.0.subnet_ip_availability=[]"},
		  {"admin", "GET network-ip-availabilities?ip_version=6", NULL, 200,
		   "network_ip_availabilities.#=1 network_ip_availabilities.0.network_id=$net "
		   "network_ip_availabilities.0.subnet_ip_availability.0.subnet_id=$six"},
		  {"admin", "GET network-ip-availabilities?ip_version=6&ip_version=4", NULL, 200,
		   "network_ip_availabilities.#=2"},
		  {"admin", "GET network-ip-availabilities?tenant_id=alice", NULL, 200,
		   "network_ip_availabilities.#=2"},
		  {"admin", "GET network-ip-availabilities?network_id=$four", NULL, 200,
		   "network_ip_availabilities=[]"},
		  {"alice", "GET network-ip-availabilities", NULL, 403, "PolicyNotAuthorized"},
		  {"alice", "GET network-ip-availabilities/$net", NULL, 403, "PolicyNotAuthorized"},
		  {"admin", "GET network-ip-availabilities/x", NULL, 404, "NetworkNotFound"});
}

/* --- subnets for some --- */

static void subnets_for_some(void **state)
{
	make_networks(*state);
	WORLD_RUN(*state,
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$net','ip_version':4,'cidr':'10.1.0.0/"
		   "24','service_types':['vm']}}",
		   400,
		   "InvalidSubnetServiceType:Subnet service type vm does not correspond to a valid device "
		   "owner."},
		  {"alice", "PUT subnets/$four", "{'subnet':{'service_types':['compute:x']}}", 200,
		   "subnet.service_types.0=compute:x"},
		  {"admin", "PUT subnets/$four", "{'subnet':{'service_types':['compute:nova']}}", 200,
		   "subnet.service_types.0=compute:nova"},
		  {"alice", "POST ports", "{'port':{'network_id':'$net','device_owner':'compute:nova'}}", 201,
		   "port.fixed_ips.0.subnet_id=$four"},
		  {"alice", "POST ports", "{'port':{'network_id':'$net'}}", 201,
		   "port.fixed_ips.0.subnet_id=$six port.fixed_ips.#=1"},
		  {"admin", "PUT subnets/$six", "{'subnet':{'service_types':['compute:nova']}}", 200},
		  {"alice", "POST ports", "{'port':{'network_id':'$net'}}", 409,
		   "IpAddressGenerationFailureNoMatchingSubnet"},
		  {"alice", "POST ports",
		   "{'port':{'network_id':'$net','fixed_ips':[{'subnet_id':'$four'}]}}", 201},
		  {"admin", "PUT subnets/$exts", "{'subnet':{'service_types':['network:router_gateway']}}",
		   200},
		  {"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 400,
		   "ExternalIpAddressExhausted"},
		  {"bob", "GET floatingip_pools", NULL, 200, "floatingip_pools=[]"},
		  {"alice", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}", 201,
		   "router.external_gateway_info.external_fixed_ips.0.subnet_id=$exts"},
		  {"admin", "POST subnets",
		   "{'subnet':{'name':'fips','network_id':'$ext','ip_version':4,'cidr':'10.10.9.0/24',"
		   "'service_types':['network:floatingip']}}",
		   201, NULL, "fips"},
		  {"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 201,
		   "floatingip.floating_ip_address=10.10.9.2"},
		  {"alice", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}", 201,
		   "router.external_gateway_info.external_fixed_ips.0.subnet_id=$exts"},
		  {"bob", "GET floatingip_pools", NULL, 200,
		   "floatingip_pools.#=1 floatingip_pools.0.subnet_id=$fips"});
}

/* --- tags at creation --- */

static void ports_are_made_with_tags(void **state)
{
	make_networks(*state);
	WORLD_RUN(
		*state,
		{"alice", "POST ports",
		 "{'ports':[{'network_id':'$net','tags':['red','blue','red']},{'network_id':'$net'}]}", 201,
		 "ports.0.tags.#=2 ports.0.tags.0=red ports.0.tags.1=blue ports.1.tags=[]"},
		{"alice", "GET ports?tags=blue", NULL, 200, "ports.#=1"},
		{"alice", "POST ports", "{'port':{'network_id':'$net','tags':['']}}", 400, "HTTPBadRequest"},
		{"alice", "POST ports", "{'port':{'network_id':'$net','tags':'red'}}", 400, "HTTPBadRequest"},
		{"alice", "POST networks", "{'network':{'tags':['red']}}", 400, "HTTPBadRequest"});
}

/* --- limits --- */

static void limits_below_what_is_used(void **state)
{
	make_networks(*state);
	WORLD_RUN(
		*state,
		{"admin", "PUT quotas/alice", "{'quota':{'network':1,'check_limit':true}}", 400,
		 "HTTPBadRequest:Quota limit 1 for network must be greater than or equal to already used 2"},
		{"admin", "GET quotas/alice", NULL, 200, "quota.network=-1"},
		{"admin", "PUT quotas/alice", "{'quota':{'network':2,'check_limit':'True'}}", 200,
		 "quota.network=2"},
		{"admin", "PUT quotas/alice", "{'quota':{'network':-1,'check_limit':true}}", 200,
		 "quota.network=-1"},
		{"admin", "PUT quotas/alice", "{'quota':{'network':1,'force':true}}", 200, "quota.network=1"},
		{"admin", "PUT quotas/alice", "{'quota':{'port':5,'check_limit':true}}", 200, "quota.port=5"},
		{"admin", "PUT quotas/alice", "{'quota':{'port':5,'check_limit':7}}", 400, "HTTPBadRequest"},
		{"admin", "PUT quotas/alice", "{'quota':{'port':5,'force':'maybe'}}", 400, "HTTPBadRequest"});
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(pools),
		WORLD_TEST(pools_in_pages),
		WORLD_TEST(counts_follow_addresses),
		WORLD_TEST(availability_in_lists),
		WORLD_TEST(subnets_for_some),
		WORLD_TEST(ports_are_made_with_tags),
		WORLD_TEST(limits_below_what_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
