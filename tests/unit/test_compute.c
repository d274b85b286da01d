/* The compute API: servers, nova-network's floating IPs and ranges, what is refused and in which words.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#include "api/compute.h"

#define NOVA     "/compute/v2.1/"
#define RANGE(r) "{'floating_ips_bulk_create':{'ip_range':'" r "'}}"

static void speak(struct world *w, const char *header)
{
	w->header = header;
}

/* --- versions --- */

static void versions(void **state)
{
	struct world *w = *state;

	WORLD_RUN(w,
		  {"admin", "GET /compute", NULL, 200,
		   "versions.0.id=v2.1 versions.0.version=2.60 versions.0.min_version=2.1"},
		  {"admin", "GET /compute/v2.1/", NULL, 200, "version.status=CURRENT version.version=2.60"},
		  {"alice", "GET " NOVA "nothing", NULL, 404, "itemNotFound"},
		  {"alice", "PATCH " NOVA "servers", NULL, 405, "badMethod"});
	speak(w, "X-OpenStack-Nova-API-Version: 2.61");
	WORLD_RUN(w, {"alice", "GET " NOVA "servers", NULL, 406,
		      "computeFault:Version 2.61 is not supported by the API. Minimum is 2.1 and maximum is "
		      "2.60."});
	speak(w, "X-OpenStack-Nova-API-Version: 3.1");
	WORLD_RUN(w, {"alice", "GET " NOVA "servers", NULL, 406, "computeFault"});
	speak(w, "OpenStack-API-Version: compute 2.x");
	WORLD_RUN(w, {"alice", "GET " NOVA "servers", NULL, 400,
		      "badRequest:API Version String 2.x is of invalid format"});
	speak(w, "OpenStack-API-Version: compute 2.01");
	WORLD_RUN(w, {"alice", "GET " NOVA "servers", NULL, 400, "badRequest"});
	speak(w, "OpenStack-API-Version: compute 99999.1");
	WORLD_RUN(w, {"alice", "GET " NOVA "servers", NULL, 400, "badRequest"});
	speak(w, "OpenStack-API-Version: volume 3.0, compute latest");
	WORLD_RUN(w, {"alice", "GET " NOVA "servers", NULL, 200, "servers.#=0"},
		  {"alice", "GET " NOVA "os-floating-ips", NULL, 404, "itemNotFound"});
	speak(w, "OpenStack-API-Version: volume 9.9");
	WORLD_RUN(w, {"alice", "GET " NOVA "os-floating-ips", NULL, 200, "floating_ips.#=0"});
	speak(w, NULL);
}

/* What Nova ended, it ended at a certain version. */
static void ended(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(w, {"alice", "PUT ports/$p1", "{'port':{'device_id':'vm'}}", 200});
	speak(w, "X-OpenStack-Nova-API-Version: 2.36");
	WORLD_RUN(w, {"alice", "GET " NOVA "os-floating-ips", NULL, 404, "itemNotFound"},
		  {"alice", "POST " NOVA "os-floating-ips", "{'pool':'ext'}", 404, "itemNotFound"},
		  {"alice", "GET " NOVA "os-floating-ip-pools", NULL, 404, "itemNotFound"},
		  {"alice", "GET " NOVA "images", NULL, 404, "itemNotFound"},
		  {"alice", "GET " NOVA "limits", NULL, 200,
		   "limits.absolute.maxTotalFloatingIps=absent limits.absolute.maxTotalInstances=10000"},
		  {"admin", "GET " NOVA "os-floating-ips-bulk", NULL, 200},
		  {"alice", "POST " NOVA "servers/vm/action", "{'removeFloatingIp':{'address':'10.10.10.9'}}",
		   404, "itemNotFound:floating IP not found"});
	speak(w, "X-OpenStack-Nova-API-Version: 2.44");
	WORLD_RUN(w,
		  {"alice", "POST " NOVA "servers/vm/action", "{'removeFloatingIp':{'address':'10.10.10.9'}}",
		   404, "itemNotFound:The resource could not be found."});
	speak(w, "X-OpenStack-Nova-API-Version: 2.47");
	WORLD_RUN(w, {"alice", "GET " NOVA "servers/vm", NULL, 200,
		      "server.flavor.original_name=registered server.locked=false server.description=null"});
	speak(w, NULL);
	WORLD_RUN(w, {"alice", "GET " NOVA "servers/vm", NULL, 200,
		      "server.flavor.id=registered server.locked=absent server.description=absent"});
}

static void old_paths(void **state)
{
	struct world *w = *state;

	/* The project's id has to look like one; a test's are plain names. */
	WORLD_RUN(w,
		  {"alice", "GET " NOVA "11111111111111111111111111111111/servers", NULL, 400,
		   "badRequest:doesn't match Context's project_id"},
		  {"alice", "GET " NOVA "alice/servers", NULL, 404, "itemNotFound"});
}

/* --- servers that nobody registered --- */

static void inventory(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	world_report(w, world_id(w, "p1", 2), NULL);
	WORLD_RUN(
		w, {"alice", "GET " NOVA "servers/detail", NULL, 200, "servers.#=0"},
		{"alice", "PUT ports/$p1", "{'port':{'device_id':'vm','device_owner':'compute:x'}}", 200},
		{"alice", "GET " NOVA "servers/detail", NULL, 200,
		 "servers.#=1 servers.0.id=vm servers.0.name=one servers.0.status=ACTIVE "
		 "servers.0.tenant_id=alice "
		 "servers.0.addresses.a.0.addr=172.16.100.2 servers.0.addresses.a.0.OS-EXT-IPS:type=fixed "
		 "servers.0.addresses.a.0.version=4 servers.0.OS-EXT-STS:power_state=1 "
		 "servers.0.OS-EXT-SRV-ATTR:host=absent servers.0.image="},
		{"alice", "PUT ports/$p2", "{'port':{'device_id':'vm','name':''}}", 200},
		{"alice", "GET " NOVA "servers", NULL, 200,
		 "servers.#=1 servers.0.id=vm servers.0.status=absent servers.0.links.#=2"},
		{"alice", "GET " NOVA "servers/vm/os-interface", NULL, 200,
		 "interfaceAttachments.#=2 interfaceAttachments.0.net_id=$net"},
		{"alice", "GET " NOVA "servers/vm/os-interface/$p2", NULL, 200,
		 "interfaceAttachment.port_id=$p2 interfaceAttachment.fixed_ips.0.ip_address=172.16.100.3 "
		 "interfaceAttachment.port_state=DOWN"},
		{"alice", "GET " NOVA "servers/vm/os-interface/$net", NULL, 404, "itemNotFound"},
		{"alice", "GET " NOVA "servers/vm/ips", NULL, 200, "addresses.a.#=2"},
		{"alice", "GET " NOVA "servers/vm/ips/a", NULL, 200, "a.#=2 a.0.OS-EXT-IPS:type=absent"},
		{"alice", "GET " NOVA "servers/vm/ips/b", NULL, 404, "itemNotFound"},
		{"alice", "GET " NOVA "servers/vm/os-instance-actions", NULL, 200, "instanceActions.#=0"},
		/* A router is no server, though its ports have a device. */
		{"alice", "GET " NOVA "servers/$r", NULL, 404, "itemNotFound:Instance"},
		/* Others: not there. */
		{"bob", "GET " NOVA "servers/vm", NULL, 404, "itemNotFound:Instance vm could not be found."},
		{"bob", "GET " NOVA "servers", NULL, 200, "servers.#=0"},
		{"rita", "GET " NOVA "servers/vm", NULL, 200, "server.id=vm"},
		{"admin", "GET " NOVA "servers/vm", NULL, 200,
		 "server.tenant_id=alice server.OS-EXT-SRV-ATTR:host=node1"},
		{"admin", "GET " NOVA "servers", NULL, 200, "servers.#=0"},
		{"admin", "GET " NOVA "servers?all_tenants=1", NULL, 200, "servers.#=1"},
		{"alice", "GET " NOVA "servers?all_tenants=1", NULL, 403, "forbidden"},
		/* What was not registered can not be renamed or taken off. */
		{"alice", "PUT " NOVA "servers/vm", "{'server':{'name':'x'}}", 409, "conflictingRequest"},
		{"alice", "DELETE " NOVA "servers/vm", NULL, 409, "conflictingRequest"},
		{"alice", "PUT " NOVA "servers/vm/metadata", "{'metadata':{}}", 409, "conflictingRequest"},
		{"alice", "GET " NOVA "servers/vm/metadata", NULL, 200, "metadata={}"},
		{"alice", "PUT ports/$p1", "{'port':{'device_id':''}}", 200},
		{"alice", "GET " NOVA "servers/vm", NULL, 200, "server.name=vm"});
}

/* A port of one's own with another's device_id adds nothing to the other's server. */
static void no_stranger_in_a_server(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(w, {"alice", "PUT ports/$p1", "{'port':{'device_id':'vm'}}", 200},
		  {"bob", "POST networks", "{'network':{'name':'b'}}", 201, NULL, "bnet"},
		  {"bob", "POST subnets",
		   "{'subnet':{'network_id':'$bnet','ip_version':4,'cidr':'172.16.9.0/24'}}", 201},
		  {"bob", "POST ports", "{'port':{'network_id':'$bnet','device_id':'vm'}}", 201},
		  {"alice", "GET " NOVA "servers/vm", NULL, 200,
		   "server.tenant_id=alice server.addresses.b=absent"},
		  {"bob", "GET " NOVA "servers/vm", NULL, 200,
		   "server.tenant_id=bob server.addresses.a=absent"},
		  {"admin", "GET " NOVA "servers?all_tenants", NULL, 200, "servers.#=2"},
		  {"admin", "GET " NOVA "servers?all_tenants=1&project_id=bob", NULL, 200, "servers.#=1"});
}

/* --- lists --- */

static void make_servers(struct world *w)
{
	WORLD_RUN(w, {"alice", "POST networks", "{'network':{'name':'n'}}", 201, NULL, "n"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$n','ip_version':4,'cidr':'10.0.0.0/24'}}", 201},
		  {"alice", "POST ports", "{'port':{'network_id':'$n','device_id':'a','name':'web1'}}", 201},
		  {"alice", "POST ports", "{'port':{'network_id':'$n','device_id':'b','name':'web2'}}", 201},
		  {"alice", "POST ports", "{'port':{'network_id':'$n','device_id':'c','name':'db'}}", 201});
}

static void lists(void **state)
{
	struct world *w = *state;

	make_servers(w);
	WORLD_RUN(
		w,
		{"alice", "GET " NOVA "servers?sort_key=display_name&sort_dir=asc", NULL, 200,
		 "servers.#=3 servers.0.id=c servers.1.id=a servers.2.id=b servers_links=absent"},
		{"alice", "GET " NOVA "servers?sort_key=name&sort_dir=desc", NULL, 200, "servers.0.id=b"},
		{"alice", "GET " NOVA "servers?sort_key=uuid&sort_dir=asc&limit=2", NULL, 200,
		 "servers.#=2 servers.1.id=b servers_links.0.rel=next "
		 "servers_links.0.href=http://127.0.0.1/compute/v2.1/"
		 "servers?sort_key=uuid&sort_dir=asc&limit=2&marker=b"},
		{"alice", "GET " NOVA "servers?sort_key=uuid&sort_dir=asc&limit=2&marker=b", NULL, 200,
		 "servers.#=1 servers.0.id=c servers_links=absent"},
		{"alice", "GET " NOVA "servers?limit=0", NULL, 200, "servers.#=0 servers_links=absent"},
		{"alice", "GET " NOVA "servers?marker=x", NULL, 400, "badRequest"},
		{"alice", "GET " NOVA "servers?limit=x", NULL, 400, "badRequest"},
		{"alice", "GET " NOVA "servers?limit=-1", NULL, 400, "badRequest"},
		{"alice", "GET " NOVA "servers?sort_key=secret", NULL, 400, "badRequest"},
		{"alice", "GET " NOVA "servers?sort_key=name&sort_dir=up", NULL, 400, "badRequest"},
		{"alice", "GET " NOVA "servers?name=web", NULL, 200, "servers.#=2"},
		{"alice", "GET " NOVA "servers?name=%5Eweb.%24", NULL, 200, "servers.#=2"},
		{"alice", "GET " NOVA "servers?name=%5Eeb", NULL, 200, "servers.#=0"},
		{"alice", "GET " NOVA "servers?name=w.*2", NULL, 200, "servers.#=1 servers.0.id=b"},
		{"alice", "GET " NOVA "servers?ip=10.0.0.2", NULL, 200, "servers.#=1 servers.0.id=a"},
		{"alice", "GET " NOVA "servers?ip6=fe80", NULL, 200, "servers.#=0"},
		{"alice", "GET " NOVA "servers?status=ACTIVE", NULL, 200, "servers.#=3"},
		{"alice", "GET " NOVA "servers?status=ERROR&status=active", NULL, 200, "servers.#=3"},
		{"alice", "GET " NOVA "servers?status=ERROR", NULL, 200, "servers.#=0"},
		{"alice", "GET " NOVA "servers?uuid=b", NULL, 200, "servers.#=1"},
		{"alice", "GET " NOVA "servers?host=elsewhere", NULL, 200, "servers.#=3"},
		{"admin", "GET " NOVA "servers?all_tenants=1&host=elsewhere", NULL, 200, "servers.#=0"},
		{"alice", "GET " NOVA "servers?flavor=registered&deleted=false", NULL, 200, "servers.#=3"},
		{"alice", "GET " NOVA "servers?deleted=True", NULL, 200, "servers.#=0"},
		{"alice", "GET " NOVA "servers?image=x", NULL, 200, "servers.#=0"},
		{"alice", "GET " NOVA "servers?changes-since=2100-01-01T00:00:00Z", NULL, 200, "servers.#=0"},
		{"alice", "GET " NOVA "servers?changes-since=2001-01-01T00:00:00Z", NULL, 200, "servers.#=3"},
		{"alice", "GET " NOVA "servers?changes-since=yesterday", NULL, 400, "badRequest"},
		{"alice", "GET " NOVA "servers?no-such-filter=1", NULL, 200, "servers.#=3"});
}

static void patterns(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{"", "", true},          {"", "abc", true},
		{"b", "abc", true},      {"d", "abc", false},
		{"^b", "abc", false},    {"^a", "abc", true},
		{"c$", "abc", true},     {"b$", "abc", false},
		{"^abc$", "abc", true},  {"^ab$", "abc", false},
		{"a.c", "abc", true},    {"a.d", "abc", false},
		{"a*", "bbb", true},     {"^a*$", "aaa", true},
		{"^a*$", "aab", false},  {"^a*b$", "b", true},
		{"x.*z", "axyyz", true}, {"x.*z", "axyy", false},
		{"^$", "", true},        {"^$", "a", false},
		{".*", "", true},        {".", "", false},
		{"*", "a*", true},       {"a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaac", false},
	};
	char longest[600];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (compute_matches(cases[i].pattern, cases[i].text) != cases[i].matches)
			fail_msg("%s on %s", cases[i].pattern, cases[i].text);
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_false(compute_matches(longest, longest));
	longest[255] = '\0';
	assert_true(compute_matches(longest, longest));
}

/* --- registration --- */

static void registration(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(w,
		  {"alice", "POST " NOVA "servers",
		   "{'server':{'name':'web','flavorRef':1,'imageRef':'i','metadata':{'k':'v'},"
		   "'networks':[{'uuid':'$net','fixed_ip':'172.16.100.77','tag':'eth0'},{'port':'$p1'}]}}",
		   202, "server.adminPass=absent server.links.#=2", "s"},
		  {"alice", "GET " NOVA "servers/$s", NULL, 200,
		   "server.name=web server.flavor.id=1 server.image.id=i server.metadata.k=v "
		   "server.user_id=alice "
		   "server.addresses.a.#=2 server.addresses.a.0.addr=172.16.100.77 "
		   "server.addresses.a.1.addr=172.16.100.2"},
		  {"alice", "GET ports?device_id=$s", NULL, 200,
		   "ports.#=2 ports.0.device_owner=compute:nova ports.1.device_owner=compute:nova"},
		  {"alice", "GET " NOVA "servers/$s/os-interface", NULL, 200,
		   "interfaceAttachments.1.port_id=$p1"},
		  {"bob", "GET " NOVA "servers/$s", NULL, 404, "itemNotFound"},
		  {"bob", "DELETE " NOVA "servers/$s", NULL, 404, "itemNotFound"},
		  {"rita", "DELETE " NOVA "servers/$s", NULL, 403, "forbidden"},
		  {"rita", "POST " NOVA "servers", "{'server':{'name':'x'}}", 403, "forbidden"},
		  {"alice", "PUT " NOVA "servers/$s", "{'server':{'name':'www'}}", 200, "server.name=www"},
		  {"alice", "PUT " NOVA "servers/$s", "{'server':{'name':''}}", 400, "badRequest"},
		  {"alice", "PUT " NOVA "servers/$s", "{'server':{'name':5}}", 400, "badRequest"},
		  {"alice", "GET " NOVA "servers?name=www", NULL, 200, "servers.#=1"},
		  /* Used by one server, a port is not another's. */
		  {"alice", "POST " NOVA "servers", "{'server':{'name':'y','networks':[{'port':'$p1'}]}}",
		   409, "conflictingRequest:still in use"},
		  /* All or nothing: the first of these two ports is not there afterwards. */
		  {"alice", "POST " NOVA "servers",
		   "{'server':{'name':'y','networks':[{'uuid':'$net'},{'uuid':'$s'}]}}", 400,
		   "badRequest:could not be found"},
		  {"alice", "POST " NOVA "servers",
		   "{'server':{'name':'y','networks':[{'uuid':'$net','fixed_ip':'10.9.9.9'}]}}", 400,
		   "badRequest"},
		  {"alice", "POST " NOVA "servers",
		   "{'server':{'name':'y','networks':[{'uuid':'$net','fixed_ip':'172.16.100.77'}]}}", 409,
		   "conflictingRequest"},
		  {"alice", "GET ports?network_id=$net", NULL, 200, "ports.#=4"},
		  {"alice", "DELETE " NOVA "servers/$s", NULL, 204},
		  {"alice", "GET " NOVA "servers/$s", NULL, 404, "itemNotFound"},
		  /* What it made has gone, what it was given has stayed. */
		  {"alice", "GET ports?network_id=$net", NULL, 200, "ports.#=3"},
		  {"alice", "GET ports/$p1", NULL, 200, "port.device_id= port.device_owner="},
		  {"alice", "GET ports?device_id=$s", NULL, 200, "ports.#=0"});
}

static void registration_refused(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(
		w, {"alice", "POST " NOVA "servers", NULL, 400, "badRequest"},
		{"alice", "POST " NOVA "servers", "{}", 400, "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':5}", 400, "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{}}", 400, "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':[]}}", 400, "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'x','networks':'all'}}", 400,
		 "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'x','networks':5}}", 400, "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'x','networks':[5]}}", 400,
		 "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'x','networks':[{}]}}", 400,
		 "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'x','networks':[{'uuid':5}]}}", 400,
		 "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'x','metadata':[]}}", 400, "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'x','metadata':{'a':1}}}", 400,
		 "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'x','min_count':2}}", 400, "badRequest"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'x','flavorRef':{}}}", 400,
		 "badRequest"},
		{"bob", "POST " NOVA "servers", "{'server':{'name':'x','networks':[{'uuid':'$net'}]}}", 400,
		 "badRequest:could not be found"},
		{"bob", "POST " NOVA "servers", "{'server':{'name':'x','networks':[{'port':'$p1'}]}}", 400,
		 "badRequest:could not be found"},
		{"bob", "POST " NOVA "servers", "{'server':{'name':'x','networks':[{'uuid':'$ext'}]}}", 403,
		 "forbidden"},
		/* Without networks: the only one there is, or none; two are too many to guess. */
		{"bob", "POST " NOVA "servers", "{'server':{'name':'x'}}", 202, NULL, "b"},
		{"bob", "GET " NOVA "servers/$b", NULL, 200,
		 "server.addresses={} server.OS-EXT-STS:power_state=0"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'x','networks':'auto'}}", 202, NULL,
		 "x"},
		{"alice", "GET " NOVA "servers/$x", NULL, 200, "server.addresses.a.#=1"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'y','networks':'none'}}", 202, NULL,
		 "y"},
		{"alice", "GET " NOVA "servers/$y", NULL, 200, "server.addresses={}"},
		{"alice", "POST networks", "{'network':{'name':'second'}}", 201},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'z'}}", 409,
		 "conflictingRequest:Multiple possible networks found"});
}

static void interfaces(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(
		w,
		{"alice", "POST " NOVA "servers", "{'server':{'name':'s','networks':'none'}}", 202, NULL,
		 "s"},
		{"alice", "POST " NOVA "servers/$s/os-interface",
		 "{'interfaceAttachment':{'net_id':'$net',"
		 "'fixed_ips':[{'ip_address':'172.16.100.50'}]}}",
		 200,
		 "interfaceAttachment.fixed_ips.0.ip_address=172.16.100.50 interfaceAttachment.net_id=$net"},
		{"alice", "POST " NOVA "servers/$s/os-interface", "{'interfaceAttachment':{'port_id':'$p1'}}",
		 200, "interfaceAttachment.port_id=$p1"},
		{"alice", "POST " NOVA "servers/$s/os-interface", "{'interfaceAttachment':{}}", 400,
		 "badRequest"},
		{"alice", "POST " NOVA "servers/$s/os-interface",
		 "{'interfaceAttachment':{'net_id':'$net',"
		 "'fixed_ips':[5]}}",
		 400, "badRequest"},
		{"alice", "POST " NOVA "servers/nobody/os-interface",
		 "{'interfaceAttachment':{'port_id':'$p2'}}", 404, "itemNotFound"},
		{"alice", "GET " NOVA "servers/$s", NULL, 200, "server.addresses.a.#=2"},
		{"bob", "DELETE " NOVA "servers/$s/os-interface/$p1", NULL, 404, "itemNotFound"},
		{"alice", "DELETE " NOVA "servers/$s/os-interface/$p2", NULL, 404, "itemNotFound"},
		{"alice", "DELETE " NOVA "servers/$s/os-interface/$p1", NULL, 202},
		{"alice", "GET ports/$p1", NULL, 200, "port.device_id="},
		{"alice", "GET " NOVA "servers/$s", NULL, 200, "server.addresses.a.#=1"},
		{"alice", "PUT ports/$p2", "{'port':{'device_id':'$s'}}", 200},
		{"alice", "GET " NOVA "servers/$s", NULL, 200, "server.addresses.a.#=2"},
		{"alice", "DELETE " NOVA "servers/$s", NULL, 204},
		{"alice", "GET ports/$p2", NULL, 200, "port.device_id="},
		{"alice", "GET ports?network_id=$net", NULL, 200, "ports.#=3"});
}

static void metadata(void **state)
{
	struct world *w = *state;

	WORLD_RUN(w, {"alice", "POST " NOVA "servers", "{'server':{'name':'s'}}", 202, NULL, "s"},
		  {"alice", "POST " NOVA "servers/$s/metadata", "{'metadata':{'a':'1','b':'2'}}", 200,
		   "metadata.a=1"},
		  {"alice", "POST " NOVA "servers/$s/metadata", "{'metadata':{'a':'3'}}", 200,
		   "metadata.a=3 metadata.b=2"},
		  {"alice", "GET " NOVA "servers/$s/metadata/b", NULL, 200, "meta.b=2"},
		  {"alice", "GET " NOVA "servers/$s/metadata/c", NULL, 404, "itemNotFound"},
		  {"alice", "PUT " NOVA "servers/$s/metadata/c", "{'meta':{'c':'4'}}", 200, "meta.c=4"},
		  {"alice", "PUT " NOVA "servers/$s/metadata/c", "{'meta':{'d':'4'}}", 400, "badRequest"},
		  {"alice", "DELETE " NOVA "servers/$s/metadata/a", NULL, 204},
		  {"alice", "DELETE " NOVA "servers/$s/metadata/a", NULL, 404, "itemNotFound"},
		  {"alice", "PUT " NOVA "servers/$s/metadata", "{'metadata':{'z':'9'}}", 200,
		   "metadata.z=9 metadata.b=absent"},
		  {"alice", "PUT " NOVA "servers/$s/metadata", "{'metadata':{'z':9}}", 400, "badRequest"},
		  {"rita", "PUT " NOVA "servers/$s/metadata", "{'metadata':{}}", 403, "forbidden"},
		  {"bob", "GET " NOVA "servers/$s/metadata", NULL, 404, "itemNotFound"});
}

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

	WORLD_RUN(
		w, {"alice", "POST " NOVA "os-floating-ips-bulk", RANGE("10.200.3.0/29"), 403, "forbidden"},
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
		 "{'floating_ips_bulk_create':{'ip_range':'10.200.4.1','pool':'p','interface':'eth9'}}", 400,
		 "badRequest"},
		{"admin", "POST " NOVA "os-floating-ips-bulk",
		 "{'floating_ips_bulk_create':{'ip_range':'10.200.4.9','pool':'p','interface':'physnet2'}}",
		 200, "floating_ips_bulk_create.interface=physnet2"},
		/* One address at a time, also where the subnet has room for it. */
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

/* --- numbers for dashboards --- */

static void numbers(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	world_report(w, NULL, NULL);
	WORLD_RUN(
		w, {"alice", "POST " NOVA "os-floating-ips", NULL, 200, NULL, "f"},
		{"alice", "POST " NOVA "servers", "{'server':{'name':'s'}}", 202, NULL, "s"},
		{"alice", "GET " NOVA "limits", NULL, 200,
		 "limits.rate.#=0 limits.absolute.totalFloatingIpsUsed=1 "
		 "limits.absolute.maxTotalFloatingIps=-1 "
		 "limits.absolute.totalInstancesUsed=1 limits.absolute.maxTotalCores=-1"},
		{"alice", "GET " NOVA "limits?tenant_id=bob", NULL, 403, "forbidden"},
		{"admin", "GET " NOVA "limits?tenant_id=alice", NULL, 200,
		 "limits.absolute.totalFloatingIpsUsed=1"},
		{"alice", "GET " NOVA "os-quota-sets/alice", NULL, 200,
		 "quota_set.id=alice quota_set.floating_ips=-1 quota_set.instances=10000"},
		{"alice", "GET " NOVA "os-quota-sets/alice/detail", NULL, 200,
		 "quota_set.floating_ips.in_use=1 quota_set.floating_ips.limit=-1 "
		 "quota_set.instances.in_use=1"},
		{"alice", "GET " NOVA "os-quota-sets/alice/defaults", NULL, 200, "quota_set.floating_ips=-1"},
		{"alice", "GET " NOVA "os-quota-class-sets/default", NULL, 200, "quota_class_set.cores=-1"},
		{"alice", "GET " NOVA "os-quota-sets/bob", NULL, 403, "forbidden"},
		{"alice", "PUT " NOVA "os-quota-sets/alice", "{'quota_set':{'floating_ips':9}}", 403,
		 "forbidden"},
		{"admin", "PUT " NOVA "os-quota-sets/alice", "{'quota_set':{'instances':9}}", 400,
		 "badRequest"},
		{"admin", "PUT " NOVA "os-quota-sets/alice", "{'quota_set':{'floating_ips':'9'}}", 400,
		 "badRequest"},
		{"admin", "PUT " NOVA "os-quota-sets/alice", "{'quota_set':{'floating_ips':-2}}", 400,
		 "badRequest"},
		{"admin", "PUT " NOVA "os-quota-sets/alice", "{'quota_set':{'floating_ips':9,'force':true}}",
		 200, "quota_set.floating_ips=9"},
		{"admin", "DELETE " NOVA "os-quota-sets/alice", NULL, 202},
		{"admin", "GET " NOVA "os-quota-sets/alice", NULL, 200, "quota_set.floating_ips=-1"},
		{"admin", "DELETE " NOVA "os-quota-sets/bob", NULL, 202},
		{"alice", "GET " NOVA "os-simple-tenant-usage/alice", NULL, 200,
		 "tenant_usage.tenant_id=alice tenant_usage.server_usages.#=1"},
		{"alice",
		 "GET " NOVA "os-simple-tenant-usage/alice?start=2026-01-01&end=2026-01-02T00:00:00.5", NULL,
		 200, "tenant_usage.total_hours=0.0"},
		{"alice", "GET " NOVA "os-simple-tenant-usage/alice?start=x", NULL, 400, "badRequest"},
		{"alice", "GET " NOVA "os-simple-tenant-usage/alice?start=2026-01-02&end=2026-01-01", NULL,
		 400, "badRequest"},
		{"bob", "GET " NOVA "os-simple-tenant-usage/bob", NULL, 200, "tenant_usage={}"},
		{"bob", "GET " NOVA "os-simple-tenant-usage/alice", NULL, 403, "forbidden"},
		{"bob", "GET " NOVA "os-simple-tenant-usage", NULL, 403, "forbidden"},
		{"admin", "GET " NOVA "os-simple-tenant-usage?detailed=1", NULL, 200,
		 "tenant_usages.#=1 tenant_usages.0.server_usages.#=1"},
		{"alice", "GET " NOVA "flavors", NULL, 200, "flavors.#=1 flavors.0.id=registered"},
		{"alice", "GET " NOVA "flavors/detail", NULL, 200, "flavors.0.vcpus=0"},
		{"alice", "GET " NOVA "flavors/registered", NULL, 200, "flavor.name=registered"},
		{"alice", "GET " NOVA "flavors/m1.tiny", NULL, 404, "itemNotFound"},
		{"alice", "GET " NOVA "flavors/registered/os-extra_specs", NULL, 200, "extra_specs={}"},
		{"alice", "GET " NOVA "os-availability-zone", NULL, 200,
		 "availabilityZoneInfo.0.zoneName=nova availabilityZoneInfo.0.hosts=null"},
		{"alice", "GET " NOVA "os-availability-zone/detail", NULL, 403, "forbidden"},
		{"admin", "GET " NOVA "os-availability-zone/detail", NULL, 200,
		 "availabilityZoneInfo.0.hosts.node1.buoy-agent.active=true"},
		{"alice", "GET " NOVA "extensions", NULL, 200, "extensions.0.alias=servers"},
		{"alice", "GET " NOVA "extensions/os-floating-ips", NULL, 200, "extension.name=FloatingIps"},
		{"alice", "GET " NOVA "extensions/none", NULL, 404, "itemNotFound"},
		{"admin", "GET " NOVA "os-services", NULL, 200, "services.0.host=node1 services.0.state=up"},
		{"bob", "GET " NOVA "os-services", NULL, 403, "forbidden"},
		{"admin", "GET " NOVA "os-hypervisors", NULL, 200, "hypervisors.0.id=1"},
		{"admin", "GET " NOVA "os-hypervisors/detail", NULL, 200, "hypervisors.0.vcpus=0"},
		{"admin", "GET " NOVA "os-hypervisors/1", NULL, 200, "hypervisor.hypervisor_hostname=node1"},
		{"admin", "GET " NOVA "os-hypervisors/9", NULL, 404, "itemNotFound"},
		{"admin", "GET " NOVA "os-hypervisors/statistics", NULL, 200,
		 "hypervisor_statistics.count=1"},
		{"alice", "GET " NOVA "os-keypairs", NULL, 200, "keypairs.#=0"},
		{"alice", "GET " NOVA "os-keypairs/k", NULL, 404, "itemNotFound"},
		{"alice", "POST " NOVA "os-keypairs", "{'keypair':{'name':'k'}}", 501, "notImplemented"},
		{"alice", "GET " NOVA "images/detail", NULL, 200, "images.#=0"},
		{"alice", "GET " NOVA "os-server-groups", NULL, 200, "server_groups.#=0"});
}

/* Clients of newer versions ask for pages until one is empty. */
static void usage_in_pages(void **state)
{
	struct world *w = *state;

	make_servers(w);
	speak(w, "X-OpenStack-Nova-API-Version: 2.40");
	WORLD_RUN(
		w,
		{"alice", "GET " NOVA "os-simple-tenant-usage/alice", NULL, 200,
		 "tenant_usage.server_usages.#=3"},
		{"alice", "GET " NOVA "os-simple-tenant-usage/alice?marker=c", NULL, 200, "tenant_usage={}"},
		{"admin", "GET " NOVA "os-simple-tenant-usage?marker=c", NULL, 200, "tenant_usages.#=0"});
	speak(w, NULL);
}

/* The one image, without which the openstack client lists no servers. */
static void image(void **state)
{
	WORLD_RUN(*state, {"alice", "GET /image", NULL, 200, "versions.0.id=v2.9"},
		  {"alice", "GET /image/v2/images", NULL, 200, "images.#=1 images.0.name=registered"},
		  {"alice", "GET /image/v2/images?name=registered", NULL, 200, "images.#=1"},
		  {"alice", "GET /image/v2/images?name=cirros", NULL, 200, "images.#=0"},
		  {"alice", "GET /image/v2/images/registered", NULL, 404},
		  {"alice", "GET /image/v2/images/00000000-0000-4000-8000-627561796f6d", NULL, 200,
		   "status=active"});
}

/* What an older version stored without an attribute has its default. */
static void older_rows(void **state)
{
	static const char row[] = "{\"id\": \"00000001-0000-4000-8000-000000000000\", \"name\": \"old\"}";
	union any_row draft = {.row = {.kind = KIND_SERVER}};
	void *region = talloc_new(NULL);

	assert_int_equal(decode_stored(shape_of(KIND_SERVER), row, strlen(row), region, &draft, NULL), 0);
	assert_string_equal(draft.server.flavor, "");
	assert_string_equal(draft.server.image, "");
	assert_string_equal(draft.server.user_id, "");
	assert_string_equal(draft.server.metadata, "{}");
	assert_int_equal(draft.server.nics.count, 0);
	talloc_free(region);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(versions),
		TEST(ended),
		TEST(old_paths),
		TEST(inventory),
		TEST(no_stranger_in_a_server),
		TEST(lists),
		cmocka_unit_test(patterns),
		TEST(registration),
		TEST(registration_refused),
		TEST(interfaces),
		TEST(metadata),
		TEST(floating_ips),
		TEST(several_pools),
		TEST(association),
		TEST(what_can_not_be_associated),
		cmocka_unit_test(ranges_parse),
		TEST(bulk),
		TEST(bulk_delete),
		TEST(bulk_and_neutron),
		TEST(bulk_pages),
		TEST(small_subnets),
		TEST(numbers),
		TEST(usage_in_pages),
		TEST(image),
		cmocka_unit_test(older_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
