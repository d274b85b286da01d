/* Networks, subnets and ports through the API: every rule, every refusal.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#define NET(fields)    "{'network':{" fields "}}"
#define SUBNET(fields) "{'subnet':{'network_id':'$net','ip_version':4," fields "}}"
#define PORT(fields)   "{'port':{'network_id':'$net'," fields "}}"
#define VXLAN          "'provider:network_type':'vxlan'"
#define FLAT           "'provider:network_type':'flat'"

/* --- networks --- */

static void provider_attributes(void **state)
{
	WORLD_RUN(*state,
		  {"alice", "POST networks",
		   NET("'name':'x',"
		       "'provider:network_type':'local'"),
		   403, "PolicyNotAuthorized"},
		  {"admin", "POST networks", NET(FLAT ",'provider:physical_network':'nowhere'"), 400,
		   "InvalidInput"},
		  {"admin", "POST networks", NET(FLAT), 400, "InvalidInput"},
		  {"admin", "POST networks", NET("'provider:physical_network':'physnet1'"), 400,
		   "InvalidInput"},
		  {"admin", "POST networks",
		   NET(FLAT ",'provider:physical_network':'physnet1','provider:segmentation_id':7"), 400,
		   "InvalidInput"},
		  {"admin", "POST networks", NET(FLAT ",'provider:physical_network':'physnet1'"), 201,
		   "network.mtu=1500 network.status=ACTIVE network.provider:physical_network=physnet1"},
		  {"admin", "POST networks", NET(FLAT ",'provider:physical_network':'physnet1'"), 409,
		   "FlatNetworkInUse"},
		  {"admin", "POST networks", NET("'provider:network_type':'local'"), 201,
		   "network.provider:segmentation_id=null"},
		  {"admin", "POST networks",
		   NET("'provider:network_type':'local','provider:segmentation_id':5"), 400, "InvalidInput"},
		  {"admin", "POST networks", NET(VXLAN ",'provider:physical_network':'physnet2'"), 400,
		   "InvalidInput"});
}

static void lowest_free_vni(void **state)
{
	WORLD_RUN(*state,
		  {"admin", "POST networks", NET("'name':'1'"), 201, "network.provider:segmentation_id=100",
		   "n1"},
		  {"admin", "POST networks", NET(VXLAN ",'provider:segmentation_id':102"), 201,
		   "network.provider:segmentation_id=102"},
		  {"admin", "POST networks", NET(VXLAN ",'provider:segmentation_id':102"), 409,
		   "TunnelIdInUse"},
		  {"alice", "POST networks", NET("'name':'2'"), 201,
		   "network.provider:segmentation_id=absent", "n2"},
		  {"admin", "GET networks/$n2", NULL, 200, "network.provider:segmentation_id=101"},
		  {"admin", "POST networks", NET("'name':'3'"), 201, "network.provider:segmentation_id=103"},
		  {"admin", "POST networks", NET("'name':'4'"), 503, "NoNetworkAvailable"},
		  {"admin", "POST networks", NET(VXLAN ",'provider:segmentation_id':5000"), 201,
		   "network.provider:segmentation_id=5000"},
		  {"admin", "DELETE networks/$n1", NULL, 204},
		  {"admin", "POST networks", NET("'name':'5'"), 201, "network.provider:segmentation_id=100"});
}

static void mtu(void **state)
{
	WORLD_RUN(*state, {"alice", "POST networks", NET("'name':'a'"), 201, "network.mtu=1450", "n"},
		  {"alice", "POST networks", NET("'mtu':1451"), 400, "InvalidInput"},
		  {"alice", "PUT networks/$n", NET("'mtu':1451"), 400, "InvalidInput"},
		  {"alice", "PUT networks/$n", NET("'mtu':1400"), 200, "network.mtu=1400"},
		  {"admin", "POST networks", NET("'provider:network_type':'local','mtu':1500"), 201,
		   "network.mtu=1500"});
}

static void who_sees_networks(void **state)
{
	WORLD_RUN(
		*state, {"admin", "POST networks", NET("'router:external':true"), 201, NULL, "ext"},
		{"admin", "POST networks", NET("'shared':true"), 201, NULL, "shared"},
		{"alice", "POST networks", NET("'name':'a'"), 201, NULL, "net"},
		{"alice", "POST networks", NET("'shared':true"), 403, "PolicyNotAuthorized"},
		{"alice", "POST networks", NET("'router:external':true"), 403, "PolicyNotAuthorized"},
		{"rita", "POST networks", NET("'name':'a'"), 403, "PolicyNotAuthorized"},
		{"bob", "GET networks/$net", NULL, 404, "NetworkNotFound"},
		{"bob", "PUT networks/$net", NET("'name':'b'"), 404, "NetworkNotFound"},
		{"bob", "DELETE networks/$net", NULL, 404, "NetworkNotFound"},
		{"bob", "GET networks", NULL, 200, "networks.#=2"},
		{"rita", "GET networks", NULL, 200, "networks.#=3"},
		{"bob", "PUT networks/$shared", NET("'name':'b'"), 403, "PolicyNotAuthorized"},
		{"bob", "DELETE networks/$ext", NULL, 403, "PolicyNotAuthorized"},
		{"bob", "POST subnets", SUBNET("'cidr':'10.0.0.0/24'"), 404, "NetworkNotFound"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.0.0/24'"), 201, NULL, "sub"},
		{"bob", "GET subnets/$sub", NULL, 404, "SubnetNotFound"},
		{"bob", "POST subnets",
		 "{'subnet':{'network_id':'$shared','ip_version':4,'cidr':'10.0.0.0/24'}}", 403,
		 "PolicyNotAuthorized"},
		{"bob", "POST ports", PORT("'name':'x'"), 404, "NetworkNotFound"},
		{"bob", "POST ports", "{'port':{'network_id':'$ext'}}", 403, "PolicyNotAuthorized"},
		{"bob", "POST ports", "{'port':{'network_id':'$shared'}}", 201, "port.fixed_ips.#=0", "bobs"},
		{"alice", "GET ports/$bobs", NULL, 404, "PortNotFound"},
		{"admin", "PUT networks/$shared", NET("'shared':false"), 409, "InvalidSharedSetting"},
		{"bob", "DELETE ports/$bobs", NULL, 204},
		{"admin", "PUT networks/$shared", NET("'shared':false"), 200, "network.shared=false"});
}

static void network_in_use(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"alice", "DELETE networks/$net", NULL, 409, "NetworkInUse"},
		  {"admin", "DELETE networks/$ext", NULL, 409, "NetworkInUse"},
		  {"admin", "PUT networks/$ext", NET("'router:external':false"), 409, "ExternalNetworkInUse"},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 200},
		  {"alice", "DELETE ports/$p1", NULL, 204}, {"alice", "DELETE ports/$p2", NULL, 204},
		  {"alice", "GET networks/$net", NULL, 200, "network.subnets.0=$sub"},
		  {"alice", "DELETE networks/$net", NULL, 204},
		  {"alice", "GET subnets/$sub", NULL, 404, "SubnetNotFound"},
		  {"admin", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 201, NULL,
		   "f"},
		  {"alice", "DELETE routers/$r", NULL, 204},
		  {"admin", "PUT networks/$ext", NET("'router:external':false"), 409, "ExternalNetworkInUse"},
		  {"admin", "DELETE floatingips/$f", NULL, 204},
		  {"admin", "PUT networks/$ext", NET("'router:external':false"), 200},
		  {"admin", "DELETE networks/$ext", NULL, 204});
}

/* --- subnets --- */

#define POOL(start, end)                                                                                     \
	SUBNET("'cidr':'10.1.0.0/24','allocation_pools':[{'start':'" start "','end':'" end "'}]")

static void subnet_prefix_and_gateway(void **state)
{
	WORLD_RUN(
		*state, {"alice", "POST networks", NET("'name':'a'"), 201, NULL, "net"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.0.5/24'"), 400, "HTTPBadRequest"},
		{"alice", "POST subnets", SUBNET("'cidr':'2001:db8::/64'"), 400, "InvalidInput"},
		{"alice", "POST subnets",
		 "{'subnet':{'network_id':'$net','ip_version':5,'cidr':'10.0.0.0/24'}}", 400,
		 "HTTPBadRequest"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.0.0/31'"), 400, "InvalidInput"},
		{"alice", "POST subnets", SUBNET("'cidr':'127.0.0.0/24'"), 400, "InvalidInput"},
		{"alice", "POST subnets", SUBNET("'cidr':'0.0.0.0/0'"), 400, "InvalidInput"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.0.0/24'"), 201,
		 "subnet.gateway_ip=10.0.0.1 subnet.allocation_pools.0.start=10.0.0.2 "
		 "subnet.allocation_pools.0.end=10.0.0.254 subnet.allocation_pools.#=1"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.0.128/25'"), 400, "InvalidInput"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.0.0/16'"), 400, "InvalidInput"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.1.0/24','gateway_ip':'10.0.1.9'"), 201,
		 "subnet.allocation_pools.0.end=10.0.1.8 subnet.allocation_pools.1.start=10.0.1.10", "s1"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.2.0/30','gateway_ip':null"), 201,
		 "subnet.gateway_ip=null subnet.allocation_pools.0.start=10.0.2.1 "
		 "subnet.allocation_pools.0.end=10.0.2.2"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.3.0/24','gateway_ip':'10.0.4.1'"), 400,
		 "InvalidInput"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.3.0/24','gateway_ip':'10.0.3.0'"), 400,
		 "InvalidInput"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.3.0/24','gateway_ip':'10.0.3.255'"), 400,
		 "InvalidInput"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.0.3.0/24','ipv6_ra_mode':'slaac'"), 400,
		 "InvalidInput"},
		{"alice", "POST subnets",
		 "{'subnet':{'network_id':'$net','ip_version':6,'cidr':'2001:db8::/"
		 "64','ipv6_ra_mode':'slaac'}}",
		 201,
		 "subnet.gateway_ip=2001:db8::1 subnet.allocation_pools.0.start=2001:db8::2 "
		 "subnet.allocation_pools.0.end=2001:db8::ffff:ffff:ffff:ffff"},
		{"alice", "POST subnets",
		 SUBNET("'cidr':'10.0.3.0/24','host_routes':[{'destination':'1.0.0.0/8','nexthop':'::1'}]"),
		 400, "InvalidInput"},
		{"alice", "PUT subnets/$s1", "{'subnet':{'gateway_ip':'10.0.1.20'}}", 409,
		 "GatewayConflictWithAllocationPools"},
		{"alice", "PUT subnets/$s1", "{'subnet':{'gateway_ip':null}}", 200, "subnet.gateway_ip=null"},
		{"alice", "PUT subnets/$s1", "{'subnet':{'name':'x','dns_nameservers':['9.9.9.9']}}", 200,
		 "subnet.name=x subnet.dns_nameservers.0=9.9.9.9"});
}

static void allocation_pools(void **state)
{
	WORLD_RUN(*state, {"alice", "POST networks", NET("'name':'a'"), 201, NULL, "net"},
		  {"alice", "POST subnets", POOL("10.1.0.10", "10.1.0.9"), 400, "InvalidAllocationPool"},
		  {"alice", "POST subnets", POOL("10.1.0.10", "::1"), 400, "InvalidAllocationPool"},
		  {"alice", "POST subnets", POOL("10.1.0.10", "10.1.1.9"), 400, "OutOfBoundsAllocationPool"},
		  {"alice", "POST subnets", POOL("10.1.0.0", "10.1.0.9"), 400, "OutOfBoundsAllocationPool"},
		  {"alice", "POST subnets", POOL("10.1.0.9", "10.1.0.255"), 400, "OutOfBoundsAllocationPool"},
		  {"alice", "POST subnets", POOL("10.1.0.1", "10.1.0.9"), 409,
		   "GatewayConflictWithAllocationPools"},
		  {"alice", "POST subnets",
		   SUBNET("'cidr':'10.1.0.0/24','allocation_pools':[{'start':'10.1.0.20','end':'10.1.0.30'},"
			  "{'start':'10.1.0.5','end':'10.1.0.20'}]"),
		   409, "OverlappingAllocationPools"},
		  {"alice", "POST subnets",
		   SUBNET("'cidr':'10.1.0.0/24','allocation_pools':[{'start':'10.1.0.20','end':'10.1.0.30'},"
			  "{'start':'10.1.0.5','end':'10.1.0.5'}]"),
		   201, "subnet.allocation_pools.0.start=10.1.0.5", "s"},
		  {"alice", "POST ports", PORT("'name':'1'"), 201, "port.fixed_ips.0.ip_address=10.1.0.5",
		   "p1"},
		  {"alice", "POST ports", PORT("'name':'2'"), 201, "port.fixed_ips.0.ip_address=10.1.0.20",
		   "p2"},
		  {"alice", "PUT subnets/$s",
		   "{'subnet':{'allocation_pools':[{'start':'10.1.0.40','end':'10.1.0.41'}]}}", 200},
		  {"alice", "POST ports", PORT("'name':'3'"), 201, "port.fixed_ips.0.ip_address=10.1.0.40"},
		  {"alice", "DELETE ports/$p1", NULL, 204},
		  {"alice", "POST ports", PORT("'name':'4'"), 201, "port.fixed_ips.0.ip_address=10.1.0.41"},
		  {"alice", "POST ports", PORT("'name':'5'"), 409, "IpAddressGenerationFailure"},
		  {"alice", "POST ports", PORT("'fixed_ips':[{'subnet_id':'$s'}]"), 409,
		   "IpAddressGenerationFailure"},
		  {"alice", "DELETE subnets/$s", NULL, 409, "SubnetInUse"});
}

static void subnet_in_use(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state,
		  {"alice", "PUT subnets/$sub", "{'subnet':{'gateway_ip':null}}", 409, "GatewayIpInUse"},
		  {"alice", "DELETE ports/$p1", NULL, 204}, {"alice", "DELETE ports/$p2", NULL, 204},
		  {"alice", "DELETE subnets/$sub", NULL, 409, "SubnetInUse"},
		  {"alice", "PUT routers/$r/remove_router_interface", "{'subnet_id':'$sub'}", 200},
		  {"alice", "DELETE subnets/$sub", NULL, 204},
		  {"bob", "DELETE subnets/$exts", NULL, 404, "SubnetNotFound"},
		  {"admin", "DELETE subnets/$exts", NULL, 409, "SubnetInUse"},
		  {"alice", "PUT routers/$r", "{'router':{'external_gateway_info':null}}", 200},
		  {"admin", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','floating_ip_address':'10.10.10.9'}}", 201},
		  {"admin", "PUT subnets/$exts", "{'subnet':{'gateway_ip':'10.10.10.9'}}", 409,
		   "IpAddressInUse"},
		  {"admin", "DELETE subnets/$exts", NULL, 409, "SubnetInUse"});
}

/* --- ports --- */

static void port_addresses(void **state)
{
	WORLD_RUN(
		*state, {"alice", "POST networks", NET("'name':'a'"), 201, NULL, "net"},
		{"alice", "POST networks", NET("'name':'b'"), 201, NULL, "net2"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.2.0.0/29'"), 201, NULL, "s2"},
		{"alice", "POST subnets", SUBNET("'cidr':'10.1.0.0/29'"), 201, NULL, "s1"},
		{"alice", "POST subnets",
		 "{'subnet':{'network_id':'$net2','ip_version':4,'cidr':'10.3.0.0/29'}}", 201, NULL, "s3"},
		{"alice", "POST ports", PORT("'fixed_ips':[]"), 201, "port.fixed_ips.#=0"},
		{"alice", "POST ports",
		 PORT("'fixed_ips':[{'subnet_id':'$s1'},{'subnet_id':'$s1'},{'ip_address':'10.1.0.3'},"
		      "{'subnet_id':'$s2'}]"),
		 201,
		 "port.fixed_ips.0.ip_address=10.1.0.2 port.fixed_ips.1.ip_address=10.1.0.4 "
		 "port.fixed_ips.2.subnet_id=$s1 port.fixed_ips.3.ip_address=10.2.0.2",
		 "p"},
		{"alice", "POST ports", PORT("'fixed_ips':[{'ip_address':'10.1.0.3'}]"), 409,
		 "IpAddressInUse"},
		{"alice", "POST ports", PORT("'fixed_ips':[{'ip_address':'10.3.0.3'}]"), 400,
		 "InvalidIpForNetwork"},
		{"alice", "POST ports", PORT("'fixed_ips':[{'ip_address':'10.1.0.3','subnet_id':'$s2'}]"),
		 400, "InvalidIpForSubnet"},
		{"alice", "POST ports", PORT("'fixed_ips':[{'ip_address':'10.1.0.0'}]"), 400,
		 "InvalidIpForSubnet"},
		{"alice", "POST ports", PORT("'fixed_ips':[{'ip_address':'10.1.0.7'}]"), 400,
		 "InvalidIpForSubnet"},
		{"alice", "POST ports", PORT("'fixed_ips':[{'subnet_id':'$s3'}]"), 400, "InvalidInput"},
		{"alice", "POST ports", PORT("'fixed_ips':[{}]"), 400, "InvalidInput"},
		{"alice", "POST ports",
		 PORT("'fixed_ips':[{'ip_address':'10.1.0.5'},{'ip_address':'10.1.0.5'}]"), 400,
		 "InvalidInput"},
		/* What the port has it may keep; a subnet alone means one of those. */
		{"alice", "PUT ports/$p",
		 "{'port':{'fixed_ips':[{'ip_address':'10.1.0.4'},{'subnet_id':'$s2'}]}}", 200,
		 "port.fixed_ips.#=2 port.fixed_ips.1.ip_address=10.2.0.2"},
		{"alice", "POST ports", PORT("'name':'x'"), 201, "port.fixed_ips.0.ip_address=10.1.0.2", "x"},
		{"alice", "PUT ports/$x", "{'port':{'fixed_ips':[{'ip_address':'10.1.0.4'}]}}", 409,
		 "IpAddressInUse"},
		/* The lower subnet fills up first, then the next. */
		{"alice", "POST ports", PORT("'name':'y'"), 201, "port.fixed_ips.0.ip_address=10.1.0.3"},
		{"alice", "POST ports", PORT("'fixed_ips':[{'subnet_id':'$s1'},{'subnet_id':'$s1'}]"), 201,
		 "port.fixed_ips.1.ip_address=10.1.0.6"},
		{"alice", "POST ports", PORT("'name':'z'"), 201, "port.fixed_ips.0.ip_address=10.2.0.3"});
}

static void too_many_fixed_ips(void **state)
{
	AUTO_BUF struct buf body = {0};

	world_furnish(*state);
	buf_puts(&body, "{'port':{'network_id':'$net','fixed_ips':[{'subnet_id':'$sub'}");
	for (int i = 0; i < 100; i++)
		buf_puts(&body, ",{'subnet_id':'$sub'}");
	buf_puts(&body, "]}}");
	WORLD_RUN(*state, {"alice", "POST ports", buf_text(&body), 400, "InvalidInput"});
}

/* What clients send without meaning it. */
static void defaults_said_aloud(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state,
		{"alice", "POST networks", "{'network':{'shared':false,'router:external':false}}", 201,
		 "network.shared=false", "n"},
		{"alice", "POST networks", "{'network':{'shared':true}}", 403, "PolicyNotAuthorized"},
		{"alice", "POST networks", "{'network':{'router:external':true}}", 403,
		 "PolicyNotAuthorized"},
		{"alice", "PUT networks/$n", "{'network':{'shared':false}}", 403, "PolicyNotAuthorized"},
		{"alice", "POST ports", "{'port':{'network_id':'$net','binding:host_id':''}}", 201},
		{"alice", "POST ports", "{'port':{'network_id':'$net','binding:host_id':'h'}}", 403,
		 "PolicyNotAuthorized"},
		{"admin", "PUT ports/$p1", "{'port':{'binding:host_id':'h'}}", 200, "port.binding:host_id=h"},
		{"admin", "PUT ports/$p1", "{'port':{'binding:host_id':null}}", 200, "port.binding:host_id="},
		{"admin", "POST ports", "{'port':{'network_id':'$net','binding:host_id':null}}", 201,
		 "port.binding:host_id="});
}

static void port_mac_and_owner(void **state)
{
	WORLD_RUN(*state, {"alice", "POST networks", NET("'name':'a'"), 201, NULL, "net"},
		  {"alice", "POST networks", NET("'name':'b'"), 201, NULL, "net2"},
		  {"alice", "POST ports", PORT("'mac_address':'02:00:00:00:00:01'"), 201,
		   "port.mac_address=02:00:00:00:00:01", "p"},
		  {"alice", "POST ports", PORT("'mac_address':'02:00:00:00:00:01'"), 409, "MacAddressInUse"},
		  {"alice", "POST ports", PORT("'mac_address':'03:00:00:00:00:01'"), 400, "HTTPBadRequest"},
		  {"alice", "POST ports", PORT("'mac_address':'00:00:00:00:00:00'"), 400, "HTTPBadRequest"},
		  {"alice", "POST ports", "{'port':{'network_id':'$net2','mac_address':'02:00:00:00:00:01'}}",
		   201},
		  {"alice", "PUT ports/$p", "{'port':{'mac_address':'02:00:00:00:00:02'}}", 403,
		   "PolicyNotAuthorized"},
		  {"admin", "PUT ports/$p", "{'port':{'mac_address':'02:00:00:00:00:02'}}", 200,
		   "port.mac_address=02:00:00:00:00:02 port.binding:vif_type=unbound"},
		  {"alice", "POST ports", PORT("'device_owner':'network:dhcp'"), 403, "PolicyNotAuthorized"},
		  {"alice", "PUT ports/$p", "{'port':{'device_owner':'network:dhcp'}}", 403,
		   "PolicyNotAuthorized"},
		  {"admin", "POST ports", PORT("'device_owner':'network:router_gateway'"), 400, "BadRequest"},
		  {"admin", "PUT ports/$p", "{'port':{'device_owner':'network:router_interface'}}", 400,
		   "BadRequest"},
		  {"admin", "POST ports", PORT("'device_owner':'network:dhcp'"), 201},
		  {"alice", "PUT ports/$p", "{'port':{'device_owner':'compute:nova','device_id':'vm'}}", 200},
		  {"alice", "POST ports", PORT("'allowed_address_pairs':[{'ip_address':'x'}]"), 400,
		   "HTTPBadRequest"},
		  {"alice", "POST ports",
		   PORT("'allowed_address_pairs':[{'ip_address':'1.1.1.1'},{'ip_address':'1.1.1.1'}]"), 400,
		   "DuplicateAddressPairInRequest"},
		  {"alice", "PUT ports/$p",
		   "{'port':{'allowed_address_pairs':[{'ip_address':'10.0.0.0/8'}]}}", 200,
		   "port.allowed_address_pairs.0.mac_address=02:00:00:00:00:02"},
		  {"alice", "GET ports/$p", NULL, 200,
		   "port.binding:host_id=absent port.binding:vif_type=absent"});
}

/* On a network that is shared with them, others take what they are given. */
static void port_on_shared_network(void **state)
{
	WORLD_RUN(
		*state, {"admin", "POST networks", NET("'shared':true"), 201, NULL, "net"},
		{"admin", "POST subnets", SUBNET("'cidr':'10.0.0.0/24'"), 201, NULL, "s"},
		{"bob", "POST ports", PORT("'mac_address':'02:00:00:00:00:01'"), 403, "PolicyNotAuthorized"},
		{"bob", "POST ports", PORT("'fixed_ips':[{'ip_address':'10.0.0.9'}]"), 403,
		 "PolicyNotAuthorized"},
		{"bob", "POST ports", PORT("'allowed_address_pairs':[{'ip_address':'10.0.0.9'}]"), 403,
		 "PolicyNotAuthorized"},
		{"bob", "POST ports", PORT("'fixed_ips':[{'subnet_id':'$s'}]"), 201,
		 "port.fixed_ips.0.ip_address=10.0.0.2", "p"},
		{"bob", "PUT ports/$p", "{'port':{'fixed_ips':[{'ip_address':'10.0.0.9'}]}}", 403,
		 "PolicyNotAuthorized"},
		{"bob", "PUT ports/$p", "{'port':{'allowed_address_pairs':[{'ip_address':'10.0.0.9'}]}}", 403,
		 "PolicyNotAuthorized"},
		{"bob", "PUT ports/$p", "{'port':{'allowed_address_pairs':[],'name':'x'}}", 200,
		 "port.name=x"});
}

static void port_status_and_filters(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	world_report(w, world_id(w, "p1", 2), world_id(w, "p2", 2));
	WORLD_RUN(w, {"admin", "GET ports/$p1", NULL, 200, "port.status=ACTIVE port.binding:vif_type=bridge"},
		  {"alice", "GET ports/$p2", NULL, 200, "port.status=ERROR"},
		  {"alice", "GET ports?device_owner=network:router_interface", NULL, 200,
		   "ports.#=1 ports.0.status=ACTIVE ports.0.id=$iface"},
		  {"alice", "PUT ports/$p1", "{'port':{'admin_state_up':false}}", 200, "port.status=DOWN"},
		  {"alice", "GET ports?status=DOWN", NULL, 200, "ports.#=1 ports.0.id=$p1"},
		  {"alice", "GET ports?fixed_ips=ip_address%3D172.16.100.3", NULL, 200,
		   "ports.#=1 ports.0.id=$p2"},
		  {"alice",
		   "GET ports?fixed_ips=ip_address%3D172.16.100.3&fixed_ips=ip_address%3D172.16.100.2", NULL,
		   200, "ports.#=2"},
		  {"alice", "GET ports?fixed_ips=subnet_id%3D$sub", NULL, 200, "ports.#=3"},
		  {"alice", "GET ports?fixed_ips=subnet_id%3D$sub&fixed_ips=ip_address%3D172.16.100.2", NULL,
		   200, "ports.#=1"},
		  {"alice", "GET ports?fixed_ips=subnet_id%3D$exts&fixed_ips=ip_address%3D172.16.100.2", NULL,
		   200, "ports.#=0"},
		  {"alice", "GET ports?fixed_ips=ip_address_substr%3D100.3", NULL, 200, "ports.#=1"},
		  {"alice", "GET ports?fixed_ips=nonsense%3D1", NULL, 400, "HTTPBadRequest"},
		  {"admin", "GET ports?binding:vif_type=bridge", NULL, 200, "ports.#=3"},
		  {"alice", "GET ports?binding:vif_type=bridge", NULL, 400, "HTTPBadRequest"},
		  {"bob", "GET ports", NULL, 200, "ports.#=0"});
}

static void routers_ports_are_the_routers(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state, {"alice", "DELETE ports/$iface", NULL, 409, "ServicePortInUse"},
		  {"alice", "PUT ports/$iface", "{'port':{'fixed_ips':[{'ip_address':'172.16.100.9'}]}}", 400,
		   "BadRequest"},
		  {"alice", "PUT ports/$iface", "{'port':{'device_owner':''}}", 400, "BadRequest"},
		  {"alice", "PUT ports/$iface", "{'port':{'device_id':'x'}}", 400, "BadRequest"},
		  {"alice", "PUT ports/$iface", "{'port':{'name':'leg'}}", 200, "port.name=leg"},
		  {"alice", "GET ports?device_owner=network:router_gateway", NULL, 200, "ports.#=0"},
		  {"admin", "GET ports?device_owner=network:router_gateway", NULL, 200,
		   "ports.#=1 ports.0.project_id= ports.0.device_id=$r "
		   "ports.0.fixed_ips.0.ip_address=10.10.10.2"});
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(provider_attributes),
		WORLD_TEST(lowest_free_vni),
		WORLD_TEST(mtu),
		WORLD_TEST(who_sees_networks),
		WORLD_TEST(network_in_use),
		WORLD_TEST(subnet_prefix_and_gateway),
		WORLD_TEST(allocation_pools),
		WORLD_TEST(subnet_in_use),
		WORLD_TEST(port_addresses),
		WORLD_TEST(defaults_said_aloud),
		WORLD_TEST(port_mac_and_owner),
		WORLD_TEST(port_on_shared_network),
		WORLD_TEST(port_status_and_filters),
		WORLD_TEST(routers_ports_are_the_routers),
		WORLD_TEST(too_many_fixed_ips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
