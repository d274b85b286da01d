/* The compute API: versions, servers, registrations, numbers for dashboards, and what is refused.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#include "api/compute.h"

#define NOVA "/compute/v2.1/"

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
		   "limits.absolute.maxTotalFloatingIps=absent limits.absolute.maxTotalInstances=1000"},
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

/* A server that was registered hides nobody's own of that id: what is listed is shown. */
static void own_server_of_anothers_id(void **state)
{
	struct world *w = *state;

	WORLD_RUN(w,
		  {"alice", "POST " NOVA "servers", "{'server':{'name':'s','networks':'none'}}", 202, NULL,
		   "s"},
		  {"bob", "POST networks", "{'network':{'name':'b'}}", 201, NULL, "bnet"},
		  {"bob", "GET " NOVA "servers/$s", NULL, 404, "itemNotFound"},
		  {"bob", "POST ports", "{'port':{'network_id':'$bnet','device_id':'$s'}}", 201, NULL, "bp"},
		  {"bob", "GET " NOVA "servers", NULL, 200, "servers.#=1 servers.0.id=$s"},
		  {"bob", "GET " NOVA "servers/$s", NULL, 200, "server.id=$s server.tenant_id=bob"},
		  {"bob", "DELETE " NOVA "servers/$s", NULL, 409, "conflictingRequest"},
		  {"alice", "GET " NOVA "servers/$s", NULL, 200, "server.tenant_id=alice server.name=s"},
		  {"admin", "GET " NOVA "servers/$s", NULL, 200, "server.tenant_id=alice"});
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
		{"alice", "GET " NOVA "servers?ip=1&ip=0&ip=.&ip=10&ip=0.0&ip=1.*2&name=w&name=1&name=b",
		 NULL, 400, "badRequest:filters"},
		{"alice", "GET " NOVA "servers?no-such-filter=1", NULL, 200, "servers.#=3"},
		/* An administrator who names a project means it; members mean their own whatever they name.
		 */
		{"admin", "GET " NOVA "servers?tenant_id=alice", NULL, 200, "servers.#=3"},
		{"admin", "GET " NOVA "servers?tenant_id=alice&all_tenants=0", NULL, 200, "servers.#=0"},
		{"bob", "GET " NOVA "servers?tenant_id=alice", NULL, 200, "servers.#=0"},
		{"alice", "GET " NOVA "servers?tenant_id=bob", NULL, 200, "servers.#=3"});
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
	/* The same with stars: none of them needs to be there, and the end does. */
	memcpy(longest + 254, "b", 2);
	for (int i = 1; i < 254; i += 2)
		longest[i] = '*';
	assert_true(compute_matches(longest, "b"));
	assert_true(compute_matches(longest, "aaab"));
	assert_false(compute_matches(longest, "aaa"));
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

/* What an administrator attaches belongs to whom the server belongs to. */
static void interfaces_by_an_administrator(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(w,
		  {"alice", "POST " NOVA "servers", "{'server':{'name':'s','networks':'none'}}", 202, NULL,
		   "s"},
		  {"admin", "POST " NOVA "servers/$s/os-interface",
		   "{'interfaceAttachment':{'net_id':'$net'}}", 200},
		  {"alice", "GET " NOVA "servers/$s/os-interface", NULL, 200, "interfaceAttachments.#=1"},
		  {"admin", "POST networks", "{'network':{'name':'own'}}", 201, NULL, "own"},
		  {"admin", "POST ports", "{'port':{'network_id':'$own'}}", 201, NULL, "ap"},
		  {"admin", "POST " NOVA "servers/$s/os-interface",
		   "{'interfaceAttachment':{'port_id':'$ap'}}", 400, "badRequest:another project"},
		  {"admin", "GET ports/$ap", NULL, 200, "port.device_id="},
		  {"alice", "DELETE " NOVA "servers/$s", NULL, 204});
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
		 "quota_set.id=alice quota_set.floating_ips=-1 quota_set.instances=1000"},
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
		{"admin", "DELETE " NOVA "os-quota-sets/bob", NULL, 202});
}

static void usage(void **state)
{
	struct world *w = *state;

	WORLD_RUN(w, {"alice", "POST " NOVA "servers", "{'server':{'name':'s'}}", 202, NULL, "s"},
		  {"alice", "GET " NOVA "os-simple-tenant-usage/alice", NULL, 200,
		   "tenant_usage.tenant_id=alice tenant_usage.server_usages.#=1"},
		  {"alice",
		   "GET " NOVA "os-simple-tenant-usage/alice?start=2026-01-01&end=2026-01-02T00:00:00.5",
		   NULL, 200, "tenant_usage.total_hours=0.0"},
		  {"alice", "GET " NOVA "os-simple-tenant-usage/alice?start=x", NULL, 400, "badRequest"},
		  {"alice", "GET " NOVA "os-simple-tenant-usage/alice?start=2026-01-02&end=2026-01-01", NULL,
		   400, "badRequest"},
		  {"bob", "GET " NOVA "os-simple-tenant-usage/bob", NULL, 200, "tenant_usage={}"},
		  {"bob", "GET " NOVA "os-simple-tenant-usage/alice", NULL, 403, "forbidden"},
		  {"bob", "GET " NOVA "os-simple-tenant-usage", NULL, 403, "forbidden"},
		  {"admin", "GET " NOVA "os-simple-tenant-usage?detailed=1", NULL, 200,
		   "tenant_usages.#=1 tenant_usages.0.server_usages.#=1"});
}

/* What is made up, and what the nodes say. */
static void furniture(void **state)
{
	struct world *w = *state;

	world_report(w, NULL, NULL);
	WORLD_RUN(
		w, {"alice", "GET " NOVA "flavors", NULL, 200, "flavors.#=1 flavors.0.id=registered"},
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
		TEST(own_server_of_anothers_id),
		TEST(lists),
		cmocka_unit_test(patterns),
		TEST(registration),
		TEST(registration_refused),
		TEST(interfaces),
		TEST(interfaces_by_an_administrator),
		TEST(metadata),
		TEST(numbers),
		TEST(usage),
		TEST(furniture),
		TEST(usage_in_pages),
		TEST(image),
		cmocka_unit_test(older_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
