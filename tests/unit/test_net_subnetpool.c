/* Subnet pools and address scopes through the API: prefixes, bounds, what subnets take from them, who may use
 * them. Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#include "model/prefix.h"

#include <errno.h>

#define POOL(fields)  "{'subnetpool':{" fields "}}"
#define SCOPE(fields) "{'address_scope':{" fields "}}"
#define TEN           "'name':'p','prefixes':['10.0.0.0/16']"
/* A subnet from $p on a network of its own, which has to be there. */
#define FROM(net, fields) "{'subnet':{'network_id':'$" net "','ip_version':4,'subnetpool_id':'$p'" fields "}}"
#define NET(name, who)                                                                                       \
	{                                                                                                    \
		who, "POST networks", "{'network':{'name':'" name "'}}", 201, NULL, name                     \
	}

/* --- the pool itself --- */

static void life_of_a_pool(void **state)
{
	WORLD_RUN(*state,
		  {"alice", "POST subnetpools",
		   POOL("'name':'p','prefixes':['10.0.1.0/24','10.0.0.0/24','10.0.0.128/25','10.9.0.0/24']"),
		   201,
		   "subnetpool.prefixes=[\"10.0.0.0/23\",\"10.9.0.0/24\"] subnetpool.ip_version=4 "
		   "subnetpool.min_prefixlen=8 subnetpool.default_prefixlen=8 subnetpool.max_prefixlen=32 "
		   "subnetpool.default_quota=null subnetpool.shared=false subnetpool.is_default=false "
		   "subnetpool.address_scope_id=null subnetpool.project_id=alice subnetpool.tags=[]",
		   "p"},
		  {"bob", "GET subnetpools/$p", NULL, 404, "SubnetPoolNotFound:Subnet pool"},
		  {"bob", "GET subnetpools", NULL, 200, "subnetpools=[]"},
		  {"alice", "GET subnetpools?min_prefixlen=8&ip_version=4", NULL, 200, "subnetpools.#=1"},
		  {"alice", "PUT subnetpools/$p",
		   POOL("'name':'q','default_prefixlen':26,'min_prefixlen':24"), 200,
		   "subnetpool.name=q subnetpool.default_prefixlen=26 subnetpool.min_prefixlen=24"},
		  {"alice", "PUT subnetpools/$p", POOL("'prefixes':['10.0.0.0/22']"), 400,
		   "IllegalSubnetPoolPrefixUpdate"},
		  {"alice", "PUT subnetpools/$p", POOL("'prefixes':['10.0.0.0/8']"), 200,
		   "subnetpool.prefixes=[\"10.0.0.0/8\"]"},
		  {"alice", "PUT subnetpools/$p", POOL("'prefixes':['10.0.0.0/8','fd00::/64']"), 400,
		   "PrefixVersionMismatch"},
		  {"alice", "PUT subnetpools/$p", POOL("'shared':true"), 400, "HTTPBadRequest"},
		  {"alice", "PUT subnetpools/$p/tags/blue", NULL, 201},
		  {"alice", "DELETE subnetpools/$p", NULL, 204},
		  {"alice", "GET subnetpools", NULL, 200, "subnetpools=[]"});
}

static void bounds(void **state)
{
	WORLD_RUN(*state,
		  {"alice", "POST subnetpools", POOL("'name':'p','prefixes':[]"), 400,
		   "EmptySubnetPoolPrefixList"},
		  {"alice", "POST subnetpools", POOL("'name':'','prefixes':['10.0.0.0/8']"), 400,
		   "HTTPBadRequest"},
		  {"alice", "POST subnetpools", POOL("'name':'p','prefixes':['10.0.0.1/8']"), 201,
		   "subnetpool.prefixes.0=10.0.0.0/8"},
		  {"alice", "POST subnetpools", POOL("'name':'p','prefixes':['::/0']"), 400, "InvalidInput"},
		  {"alice", "POST subnetpools", POOL(TEN ",'min_prefixlen':30,'max_prefixlen':20"), 400,
		   "IllegalSubnetPoolPrefixBounds:min_prefixlen=30, max_prefixlen=20"},
		  {"alice", "POST subnetpools", POOL(TEN ",'max_prefixlen':33"), 400,
		   "IllegalSubnetPoolPrefixBounds:ip_version_max=32"},
		  {"alice", "POST subnetpools", POOL(TEN ",'default_prefixlen':4"), 400,
		   "IllegalSubnetPoolPrefixBounds"},
		  {"alice", "POST subnetpools", POOL(TEN ",'default_prefixlen':30,'max_prefixlen':28"), 400,
		   "IllegalSubnetPoolPrefixBounds"},
		  {"alice", "POST subnetpools", POOL("'name':'six','prefixes':['2001:db8::/32']"), 201,
		   "subnetpool.ip_version=6 subnetpool.min_prefixlen=64 subnetpool.max_prefixlen=128"},
		  {"admin", "PUT quotas/alice", "{'quota':{'subnetpool':3}}", 200, "quota.subnetpool=3"},
		  {"alice", "POST subnetpools", POOL(TEN), 201},
		  {"alice", "POST subnetpools", POOL(TEN), 409, "OverQuota"});
}

static void prefix_ops(void **state)
{
	WORLD_RUN(
		*state,
		{"alice", "POST subnetpools", POOL("'name':'p','prefixes':['10.0.0.0/24']"), 201, NULL, "p"},
		NET("n", "alice"),
		{"alice", "POST subnets", FROM("n", ",'prefixlen':26"), 201, "subnet.cidr=10.0.0.0/26", "s"},
		{"alice", "PUT subnetpools/$p/add_prefixes", "{'prefixes':['10.0.1.0/24','10.5.0.0/16']}",
		 200, "prefixes=[\"10.0.0.0/23\",\"10.5.0.0/16\"]"},
		{"alice", "PUT subnetpools/$p/remove_prefixes", "{'prefixes':['10.0.0.32/27']}", 400,
		 "IllegalSubnetPoolPrefixUpdate:in use"},
		{"alice", "PUT subnetpools/$p/remove_prefixes", "{'prefixes':['10.0.0.64/26','10.5.0.0/16']}",
		 200, "prefixes=[\"10.0.0.0/26\",\"10.0.0.128/25\",\"10.0.1.0/24\"]"},
		{"alice", "PUT subnetpools/$p/remove_prefixes", "{'prefixes':['192.168.0.0/24']}", 200,
		 "prefixes.#=3"},
		{"alice", "PUT subnetpools/$p/remove_prefixes", "{'prefixes':[]}", 400, "HTTPBadRequest"},
		{"alice", "PUT subnetpools/$p/add_prefixes", "{'prefixes':['x']}", 400, "HTTPBadRequest"},
		{"alice", "PUT subnetpools/$p/add_prefixes", "{'prefixes':['fd00::/64']}", 400,
		 "PrefixVersionMismatch"},
		{"bob", "PUT subnetpools/$p/add_prefixes", "{'prefixes':['10.6.0.0/16']}", 404,
		 "SubnetPoolNotFound"},
		{"alice", "POST subnets", FROM("n", ",'prefixlen':26"), 201, "subnet.cidr=10.0.0.128/26"},
		{"alice", "DELETE subnetpools/$p", NULL, 400, "SubnetPoolDeleteError"});
}

/* --- subnets from it --- */

static void taking(void **state)
{
	WORLD_RUN(
		*state,
		{"alice", "POST subnetpools", POOL(TEN ",'default_prefixlen':24,'min_prefixlen':20"), 201,
		 NULL, "p"},
		NET("n", "alice"),
		{"alice", "POST subnets", FROM("n", ""), 201,
		 "subnet.cidr=10.0.0.0/24 subnet.subnetpool_id=$p subnet.gateway_ip=10.0.0.1 "
		 "subnet.prefixlen=absent "
		 "subnet.use_default_subnetpool=absent",
		 "a"},
		{"alice", "POST subnets", FROM("n", ",'prefixlen':28"), 201, "subnet.cidr=10.0.1.0/28", "b"},
		{"alice", "POST subnets", FROM("n", ",'prefixlen':'24'"), 201, "subnet.cidr=10.0.2.0/24",
		 "c"},
		{"alice", "POST subnets", FROM("n", ",'prefixlen':28"), 201, "subnet.cidr=10.0.1.16/28"},
		{"alice", "POST subnets", FROM("n", ",'cidr':'10.0.77.0/24'"), 201,
		 "subnet.cidr=10.0.77.0/24"},
		{"alice", "POST subnets", FROM("n", ",'cidr':'10.0.77.0/25'"), 409, "SubnetAllocationError"},
		{"alice", "POST subnets", FROM("n", ",'cidr':'10.1.0.0/24'"), 409, "SubnetAllocationError"},
		{"alice", "POST subnets", FROM("n", ",'cidr':'10.0.0.0/20'"), 409, "SubnetAllocationError"},
		{"alice", "POST subnets", FROM("n", ",'prefixlen':19"), 400,
		 "MinPrefixSubnetAllocationError"},
		{"alice", "POST subnets", FROM("n", ",'prefixlen':33"), 400,
		 "MaxPrefixSubnetAllocationError"},
		{"alice", "POST subnets", FROM("n", ",'prefixlen':24,'cidr':'10.0.5.0/24'"), 400,
		 "BadRequest"},
		{"alice", "POST subnets",
		 FROM("n", ",'allocation_pools':[{'start':'10.0.3.2','end':'10.0.3.3'}]"), 400,
		 "BadRequest:allocation_pools"},
		{"alice", "POST subnets",
		 "{'subnet':{'network_id':'$n','ip_version':6,'subnetpool_id':'$p'}}", 400,
		 "BadRequest:Cannot allocate IPv6"},
		{"alice", "POST subnets", "{'subnet':{'network_id':'$n','ip_version':4}}", 400,
		 "BadRequest:a subnetpool"},
		{"alice", "DELETE subnets/$a", NULL, 204},
		{"alice", "POST subnets", FROM("n", ""), 201, "subnet.cidr=10.0.0.0/24"},
		{"alice", "GET subnets?subnetpool_id=$p", NULL, 200, "subnets.#=5"},
		{"alice", "DELETE networks/$n", NULL, 204}, {"alice", "DELETE subnetpools/$p", NULL, 204});
}

static void of_one_pool(void **state)
{
	WORLD_RUN(*state, {"alice", "POST subnetpools", POOL(TEN ",'default_prefixlen':24"), 201, NULL, "p"},
		  {"alice", "POST subnetpools", POOL("'name':'six','prefixes':['fd00::/48']"), 201, NULL,
		   "six"},
		  NET("n", "alice"), NET("m", "alice"), {"alice", "POST subnets", FROM("n", ""), 201},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$n','ip_version':4,'cidr':'192.168.0.0/24'}}", 400,
		   "NetworkSubnetPoolAffinityError"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$n','ip_version':6,'subnetpool_id':'$six'}}", 201,
		   "subnet.cidr=fd00::/64"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$m','ip_version':4,'cidr':'192.168.0.0/24'}}", 201},
		  {"alice", "POST subnets", FROM("m", ""), 400, "NetworkSubnetPoolAffinityError"});
}

static void default_pool(void **state)
{
	WORLD_RUN(*state, NET("n", "alice"),
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$n','ip_version':4,'use_default_subnetpool':true}}", 400,
		   "BadRequest:No default subnetpool found for IPv4"},
		  {"alice", "POST subnetpools", POOL(TEN ",'is_default':true"), 403, "PolicyNotAuthorized"},
		  {"admin", "POST subnetpools", POOL(TEN ",'is_default':true,'default_prefixlen':24"), 201,
		   NULL, "p"},
		  {"admin", "POST subnetpools", POOL(TEN ",'is_default':true"), 400,
		   "InvalidInput:default subnetpool"},
		  {"admin", "POST subnetpools", POOL("'name':'6','prefixes':['fd00::/48'],'is_default':true"),
		   201},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$n','ip_version':4,'use_default_subnetpool':true}}", 400,
		   "BadRequest"},
		  {"admin", "POST rbac-policies",
		   "{'rbac_policy':{'object_type':'subnetpool','object_id':'$p','action':'access_as_shared','"
		   "target_tenant':"
		   "'alice'}}",
		   201, NULL, "r"},
		  {"alice", "GET subnetpools/$p", NULL, 200, "subnetpool.shared=true"},
		  {"alice", "GET subnetpools", NULL, 200, "subnetpools.#=1"},
		  {"alice", "PUT subnetpools/$p", POOL("'name':'mine'"), 403, "PolicyNotAuthorized"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$n','ip_version':4,'use_default_subnetpool':true,'subnetpool_id'"
		   ":'$p'}}",
		   400, "BadRequest"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$n','ip_version':4,'use_default_subnetpool':true}}", 201,
		   "subnet.cidr=10.0.0.0/24 subnet.subnetpool_id=$p", "s"},
		  {"admin", "DELETE rbac-policies/$r", NULL, 409, "RbacPolicyInUse"},
		  {"alice", "DELETE subnets/$s", NULL, 204}, {"admin", "DELETE rbac-policies/$r", NULL, 204});
}

static void quota_of_a_pool(void **state)
{
	WORLD_RUN(*state,
		  {"admin", "POST subnetpools",
		   POOL(TEN ",'default_quota':512,'shared':true,'default_prefixlen':24"), 201,
		   "subnetpool.default_quota=512 subnetpool.shared=true", "p"},
		  NET("n", "alice"), NET("m", "bob"), {"alice", "POST subnets", FROM("n", ""), 201},
		  {"alice", "POST subnets", FROM("n", ",'prefixlen':23"), 409, "SubnetPoolQuotaExceeded"},
		  {"alice", "POST subnets", FROM("n", ""), 201},
		  {"alice", "POST subnets", FROM("n", ",'prefixlen':30"), 409, "SubnetPoolQuotaExceeded"},
		  {"bob", "POST subnets", FROM("m", ""), 201, "subnet.cidr=10.0.2.0/24"},
		  {"admin", "PUT subnetpools/$p", POOL("'default_quota':null"), 200,
		   "subnetpool.default_quota=null"},
		  {"alice", "POST subnets", FROM("n", ",'prefixlen':22"), 201, "subnet.cidr=10.0.4.0/22"});
}

/* --- address scopes --- */

static void life_of_a_scope(void **state)
{
	WORLD_RUN(
		*state,
		{"alice", "POST address-scopes", SCOPE("'name':'a','ip_version':4"), 201,
		 "address_scope.name=a address_scope.ip_version=4 address_scope.shared=false "
		 "address_scope.project_id=alice "
		 "address_scope.description=absent",
		 "a"},
		{"alice", "POST address-scopes", SCOPE("'ip_version':5"), 400, "HTTPBadRequest"},
		{"alice", "POST address-scopes", SCOPE("'ip_version':4,'shared':true"), 403,
		 "PolicyNotAuthorized"},
		{"bob", "GET address-scopes/$a", NULL, 404, "AddressScopeNotFound"},
		{"bob", "GET address-scopes", NULL, 200, "address_scopes=[]"},
		{"alice", "PUT address-scopes/$a", SCOPE("'name':'b'"), 200, "address_scope.name=b"},
		{"alice", "PUT address-scopes/$a", SCOPE("'ip_version':6"), 400, "HTTPBadRequest"},
		{"admin", "PUT address-scopes/$a", SCOPE("'shared':true"), 200, "address_scope.shared=true"},
		{"admin", "GET rbac-policies?object_type=address_scope", NULL, 200, "rbac_policies.#=1"},
		{"bob", "GET address-scopes", NULL, 200, "address_scopes.#=1"},
		{"admin", "PUT address-scopes/$a", SCOPE("'shared':false"), 400, "AddressScopeUpdateError"},
		{"alice", "POST subnetpools", POOL(TEN ",'address_scope_id':'$a'"), 201,
		 "subnetpool.address_scope_id=$a", "p"},
		{"alice", "DELETE address-scopes/$a", NULL, 409, "AddressScopeInUse"},
		{"bob", "POST subnetpools",
		 POOL("'name':'x','prefixes':['10.0.5.0/24'],'address_scope_id':'$a'"), 409,
		 "AddressScopePrefixConflict"},
		{"bob", "POST subnetpools",
		 POOL("'name':'x','prefixes':['fd00::/48'],'address_scope_id':'$a'"), 400,
		 "IllegalSubnetPoolIpVersionAssociationToAddressScope"},
		{"bob", "POST subnetpools",
		 POOL("'name':'x','prefixes':['10.1.0.0/24'],'address_scope_id':'$a'"), 201, NULL, "x"},
		{"bob", "PUT subnetpools/$x", POOL("'name':'y'"), 400, "IllegalSubnetPoolUpdate"},
		{"bob", "PUT subnetpools/$x/add_prefixes", "{'prefixes':['10.0.0.0/24']}", 400,
		 "IllegalSubnetPoolUpdate"},
		{"admin", "PUT subnetpools/$x/add_prefixes", "{'prefixes':['10.0.0.0/24']}", 409,
		 "AddressScopePrefixConflict"},
		{"bob", "DELETE subnetpools/$x", NULL, 204}, {"alice", "DELETE subnetpools/$p", NULL, 204},
		{"alice", "DELETE address-scopes/$a", NULL, 204},
		{"admin", "GET rbac-policies", NULL, 200, "rbac_policies=[]"});
}

static void scopes_of_networks(void **state)
{
	WORLD_RUN(
		*state, {"alice", "POST address-scopes", SCOPE("'ip_version':4"), 201, NULL, "a"},
		{"alice", "POST address-scopes", SCOPE("'ip_version':4"), 201, NULL, "b"},
		{"alice", "POST subnetpools", POOL(TEN ",'default_prefixlen':24,'address_scope_id':'$a'"),
		 201, NULL, "p"},
		{"alice", "POST subnetpools",
		 POOL("'name':'q','prefixes':['10.1.0.0/16'],'default_prefixlen':24,'address_scope_id':'$a'"),
		 201, NULL, "q"},
		{"alice", "POST subnetpools",
		 POOL("'name':'r','prefixes':['10.2.0.0/16'],'address_scope_id':'$b'"), 201, NULL, "r"},
		NET("n", "alice"),
		{"alice", "GET networks/$n", NULL, 200,
		 "network.ipv4_address_scope=null network.ipv6_address_scope=null"},
		{"alice", "POST subnets", FROM("n", ""), 201},
		{"alice", "GET networks/$n", NULL, 200,
		 "network.ipv4_address_scope=$a network.ipv6_address_scope=null"},
		{"alice", "POST subnets",
		 "{'subnet':{'network_id':'$n','ip_version':4,'subnetpool_id':'$q'}}", 201},
		{"alice", "POST subnets",
		 "{'subnet':{'network_id':'$n','ip_version':4,'subnetpool_id':'$r'}}", 400,
		 "NetworkAddressScopeAffinityError"},
		{"alice", "PUT subnetpools/$p", POOL("'address_scope_id':'$b'"), 400,
		 "NetworkAddressScopeAffinityError"},
		{"alice", "PUT subnetpools/$r", POOL("'address_scope_id':null"), 200,
		 "subnetpool.address_scope_id=null"},
		{"alice", "PUT subnetpools/$r", POOL("'address_scope_id':'$a'"), 200,
		 "subnetpool.address_scope_id=$a"});
}

/* --- sets of prefixes --- */

static struct list prefixes(struct prefix *room, const char *text)
{
	struct list l = {room, 0};
	char copy[256], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save))
		assert_int_equal(cidr_parse(p, &room[l.count++].cidr), 0);
	l.count = prefixes_compact(room, l.count);
	return l;
}

static void assert_prefixes(const struct list *l, const char *want)
{
	AUTO_BUF struct buf have = {0};
	const struct prefix *p = l->items;
	char text[CIDR_TEXT];

	for (uint32_t i = 0; i < l->count; i++)
		buf_printf(&have, "%s%s", i ? " " : "", cidr_print(&p[i].cidr, text));
	assert_string_equal(buf_text(&have), want);
}

static void sets(void **state)
{
	struct prefix a[16], b[16];
	struct list x, y, left;
	void *region = talloc_new(NULL);

	x = prefixes(a, "10.0.3.0/24 10.0.1.0/24 10.0.2.0/24 10.0.0.0/24 10.0.0.0/25 fd00::/64");
	assert_prefixes(&x, "10.0.0.0/22 fd00::/64");
	x = prefixes(a, "10.0.1.0/24 10.0.2.0/24");
	assert_prefixes(&x, "10.0.1.0/24 10.0.2.0/24");
	y = prefixes(b, "10.0.2.128/25");
	assert_true(prefixes_overlap(&x, &y) && prefixes_cover_all(&x, &y) && !prefixes_cover_all(&y, &x));
	assert_int_equal(prefixes_without(region, &x, &y, 1000, &left), 0);
	assert_prefixes(&left, "10.0.1.0/24 10.0.2.0/25");
	y = prefixes(b, "0.0.0.0/0");
	assert_int_equal(prefixes_without(region, &x, &y, 1000, &left), 0);
	assert_prefixes(&left, "");
	x = prefixes(a, "0.0.0.0/0");
	assert_prefixes(&x, "0.0.0.0/0");
	y = prefixes(b, "255.255.255.255/32");
	assert_int_equal(prefixes_without(region, &x, &y, 1000, &left), 0);
	assert_int_equal(left.count, 32);
	assert_int_equal(prefixes_without(region, &x, &y, 31, &left), -E2BIG);
	x = prefixes(a, "2000::/3");
	y = prefixes(b, "2000::/128");
	assert_int_equal(prefixes_without(region, &x, &y, 1000, &left), 0);
	assert_int_equal(left.count, 125);
	talloc_free(region);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(life_of_a_pool),   CASE(bounds),          CASE(prefix_ops),
		CASE(taking),           CASE(of_one_pool),     CASE(default_pool),
		CASE(quota_of_a_pool),  CASE(life_of_a_scope), CASE(scopes_of_networks),
		cmocka_unit_test(sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
