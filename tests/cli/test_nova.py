"""`buoy nova` and `buoy nova-manage`: their tables, requests, refusals and exit codes, to the character."""
import json
import os
import subprocess
import unittest

import cli_case
from cli_case import CliCase, run_tests

REQUEST = "req-11111111-2222-3333-4444-555555555555"


class NovaCase(CliCase):
    def nova(self, *words, **env):
        return self.ok("nova", *words, **env)

    def manage(self, *words, **env):
        return self.ok("nova-manage", *words, **env)

    def compute(self, method, path):
        return self.cloud.sent(method, "/compute/v2.1" + path)

    def refused(self, message, *words, **env):
        """`nova` says exactly this and exits with 1."""
        done = self.run_buoy("nova", *words, **env)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", "ERROR: %s\n" % message))

    def misread(self, message, *words):
        """`nova` shows how it is called, and exits with 2."""
        lines = self.fails(2, *words).splitlines()
        self.assertTrue(lines[0].startswith("usage: buoy nova"), lines)
        self.assertEqual(lines[1], "error: " + message)
        self.assertRegex(lines[2], "^Try 'buoy nova(-manage)? (help|--help)( [a-z-]+)*' for more information.$")
        self.assertEqual(len(lines), 3)


class FloatingIps(NovaCase):
    def setUp(self):
        super().setUp()
        self.manage("floating", "create", "--ip_range=10.200.3.0/28")
        self.server = self.cloud.compute.add_server("web1", id="6618a76e-a1d3-4912-a71f-42dc3daf893b")

    def test_create(self):
        self.assertEqual(self.nova("floating-ip-create"), """\
+------------+-------------+----------+------+
|     Ip     | Instance Id | Fixed Ip | Pool |
+------------+-------------+----------+------+
| 10.200.3.1 | None        | None     | nova |
+------------+-------------+----------+------+
""")
        self.nova("floating-ip-create", "nova")
        self.assertEqual(self.compute("POST", "/os-floating-ips"), [{"pool": None}, {"pool": "nova"}])
        self.refused("Floating IP pool not found. (HTTP 404) (Request-ID: %s)" % REQUEST, "floating-ip-create", "other")

    def test_none_left(self):
        for _ in range(14):
            self.nova("floating-ip-create")
        self.refused("No more floating IPs available. (HTTP 404) (Request-ID: %s)" % REQUEST, "floating-ip-create")
        # Sorted as text, as prettytable did.
        column = [line.split("|")[1].strip() for line in self.nova("floating-ip-list").splitlines()[3:-1]]
        self.assertEqual(column, sorted("10.200.3.%d" % n for n in range(1, 15)))
        self.assertEqual(column[:3], ["10.200.3.1", "10.200.3.10", "10.200.3.11"])

    def test_add_and_remove(self):
        for _ in range(2):
            self.nova("floating-ip-create")
        self.assertEqual(self.nova("add-floating-ip", self.server["id"], "10.200.3.2"), "")
        self.assertEqual(self.nova("floating-ip-list"), """\
+------------+--------------------------------------+------------+------+
|     Ip     |             Instance Id              |  Fixed Ip  | Pool |
+------------+--------------------------------------+------------+------+
| 10.200.3.1 | None                                 | None       | nova |
| 10.200.3.2 | 6618a76e-a1d3-4912-a71f-42dc3daf893b | 10.200.2.5 | nova |
+------------+--------------------------------------+------------+------+
""")
        self.assertEqual(self.nova("remove-floating-ip", "web1", "10.200.3.2"), "")
        self.nova("floating-ip-associate", "--fixed-address", "10.200.2.7", "web1", "10.200.3.1")
        self.nova("floating-ip-disassociate", "web1", "10.200.3.1")
        self.assertEqual(self.compute("POST", "/servers/%s/action" % self.server["id"]), [
            {"addFloatingIp": {"address": "10.200.3.2"}}, {"removeFloatingIp": {"address": "10.200.3.2"}},
            {"addFloatingIp": {"address": "10.200.3.1", "fixed_address": "10.200.2.7"}},
            {"removeFloatingIp": {"address": "10.200.3.1"}}])

    def test_refusals_of_add(self):
        self.refused("No server with a name or ID of 'x' exists.", "add-floating-ip", "x", "10.200.3.1")
        self.refused("No server with a name or ID of '6618a76e-0000-0000-0000-000000000000' exists.", "remove-floating-ip",
                     "6618a76e-0000-0000-0000-000000000000", "10.200.3.1")
        self.cloud.compute.add_server("web1")
        self.refused("Multiple server matches found for 'web1', use an ID to be more specific.", "add-floating-ip", "web1", "10.200.3.1")
        self.refused("floating IP not found (HTTP 404) (Request-ID: %s)" % REQUEST, "add-floating-ip", self.server["id"], "10.9.9.9")
        self.nova("floating-ip-create")
        self.refused("Floating IP 10.200.3.1 is not associated with instance %s. (HTTP 409) (Request-ID: %s)" %
                     (self.server["id"], REQUEST), "remove-floating-ip", self.server["id"], "10.200.3.1")

    def test_long_refusals(self):
        words = "Unable to associate it. " + "Because of this and that. " * 15
        self.nova("floating-ip-create")
        self.cloud.answers[("POST", "/compute/v2.1/servers/%s/action" % self.server["id"])] = (
            400, json.dumps({"badRequest": {"code": 400, "message": words.strip()}}).encode(), {})
        said = self.fails(1, "nova", "add-floating-ip", "web1", "10.200.3.1")
        self.assertTrue(said.startswith("ERROR: " + words[:380]), said)
        self.assertTrue(said.endswith(" (HTTP 400) (Request-ID: %s)\n" % REQUEST), said)

    def test_a_server_whose_id_is_any_text(self):
        self.cloud.compute.add_server("the name", id="vm7")
        self.nova("floating-ip-create")
        for name in ("vm7", "the name"):
            self.nova("add-floating-ip", name, "10.200.3.1")
        self.assertEqual(len(self.compute("POST", "/servers/vm7/action")), 2)

    def test_delete(self):
        self.nova("floating-ip-create")
        self.assertEqual(self.nova("floating-ip-delete", "10.200.3.1"), "")
        self.assertEqual(self.nova("floating-ip-list").splitlines()[3:], ["+----+-------------+----------+------+"])
        self.refused("Floating ip 10.200.3.1 not found.", "floating-ip-delete", "10.200.3.1")

    def test_pools(self):
        self.manage("floating", "create", "--ip_range", "192.0.2.7", "--pool", "another", "--interface", "eth1")
        self.assertEqual(self.nova("floating-ip-pool-list"), """\
+---------+
|   name  |
+---------+
| another |
| nova    |
+---------+
""")

    def test_other_formats(self):
        self.nova("floating-ip-create")
        self.assertEqual(self.json("nova", "floating-ip-list"), [
            {"Ip": "10.200.3.1", "Instance Id": None, "Fixed Ip": None, "Pool": "nova"}])
        self.assertEqual(self.nova("floating-ip-list", "-f", "value", "-c", "Ip", "-c", "Pool"), "10.200.3.1 nova\n")

    def test_control_characters_are_shown(self):
        self.cloud.compute.addresses[0]["pool"] = "\x1b[2J\t"
        self.assertIn("None\t10.200.3.1\tNone\t\\x1b[2J\\x09\teth0\n", self.manage("floating", "list"))
        self.assertIn("| \\x1b[2J\\x09 |", self.nova("floating-ip-pool-list"))


class Manage(NovaCase):
    def test_the_document(self):
        self.assertEqual(self.manage("floating", "create", "--ip_range=10.200.3.0/24"), "")
        self.assertEqual(self.compute("POST", "/os-floating-ips-bulk"), [{"floating_ips_bulk_create": {"ip_range": "10.200.3.0/24"}}])
        self.assertEqual(self.manage("floating", "list"), "".join("None\t10.200.3.%d\tNone\tnova\teth0\n" % n for n in range(1, 255)))
        project = self.cloud.project["id"]
        server = self.cloud.compute.add_server("web1")["id"]
        self.nova("floating-ip-create")
        self.nova("floating-ip-create")
        self.nova("add-floating-ip", server, "10.200.3.2")
        self.assertEqual(self.manage("floating", "list").splitlines()[:3], [
            project + "\t10.200.3.1\tNone\tnova\teth0", "%s\t10.200.3.2\t%s\tnova\teth0" % (project, server),
            "None\t10.200.3.3\tNone\tnova\teth0"])
        self.cloud.compute.nodes["gw1"] = ["10.200.3.2"]
        for words in (["--host", "gw1"], ["--host=gw1"], ["gw1"]):
            self.assertEqual(self.manage("floating", "list", *words), "%s\t10.200.3.2\t%s\tnova\teth0\n" % (project, server))

    def test_options_and_places(self):
        self.manage("floating", "create", "192.0.2.1", "p1", "eth1")
        self.manage("floating", "create", "--pool=p2", "--interface", "eth2", "--ip_range", "192.0.2.2")
        self.manage("floating", "create", "--pool=p3", "192.0.2.3", "eth3")
        self.assertEqual(self.manage("floating", "list"), "None\t192.0.2.1\tNone\tp1\teth1\nNone\t192.0.2.2\tNone\tp2\teth2\n"
                         "None\t192.0.2.3\tNone\tp3\teth3\n")
        self.manage("floating", "delete", "--ip_range=192.0.2.1")
        self.manage("floating", "delete", "192.0.2.2")
        self.assertEqual(self.manage("floating", "list"), "None\t192.0.2.3\tNone\tp3\teth3\n")

    def test_nothing_there(self):
        self.assertEqual(self.manage("floating", "list"), "No floating IP addresses have been defined.\n")

    def manage_fails(self, stdout, stderr, *words):
        done = self.run_buoy("nova-manage", "floating", *words)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, stdout, stderr))

    def test_refusals(self):
        self.manage("floating", "create", "--ip_range=192.0.2.1")
        self.manage_fails("error: Floating IP 192.0.2.1 already exists.\n", "", "create", "--ip_range=192.0.2.0/29")
        self.assertEqual(len(self.cloud.compute.addresses), 1)
        why = "error: Invalid input received: /31 should be specified as single address(es) not in cidr format\n"
        self.manage_fails("", why, "create", "--ip_range=192.0.2.0/31")
        self.manage_fails("", "error: Invalid input received: Too many IP addresses will be generated.  Please increase /8 to "
                          "reduce the number generated.\n", "create", "--ip_range=10.0.0.0/8")
        self.manage_fails("", "error: Floating IP not found for host h.\n", "list", "--host=h")

    def test_for_administrators(self):
        self.cloud.answers[("GET", "/compute/v2.1/os-floating-ips-bulk")] = (
            403, b'{"forbidden": {"code": 403, "message": "Not for you"}}', {})
        self.manage_fails("", "error: Not for you; nova-manage needs the credentials of an administrator\n", "list")

    def test_one_in_use_stays(self):
        self.manage("floating", "create", "--ip_range=192.0.2.0/29")
        self.nova("floating-ip-create")
        said = self.run_buoy("nova-manage", "floating", "delete", "--ip_range=192.0.2.0/29")
        self.assertEqual((said.returncode, said.stderr), (1, ""))
        self.assertIn("error: Floating IP 192.0.2.1 is in use by project", said.stdout)

    def test_missing_range(self):
        for verb in ("create", "delete"):
            done = self.run_buoy("nova-manage", "floating", verb)
            self.assertEqual((done.returncode, done.stderr), (1, "error: An argument is missing: --ip_range\n"))
            self.assertIn("--ip_range <range>", done.stdout)

    def test_misread(self):
        self.misread("too few arguments", "nova-manage")
        self.misread("'floating' is not a verb of 'nova-manage'", "nova-manage", "floating")
        self.misread("--x: there is no such option here", "nova-manage", "floating", "list", "--x")
        self.misread("unrecognized arguments: b", "nova-manage", "floating", "delete", "a", "b")

    def test_many_pages(self):
        """More addresses than one answer has."""
        self.cloud.compute.bulk_create({"ip_range": "10.0.0.0/18"})
        lines = self.manage("floating", "list").splitlines()
        self.assertEqual(len(lines), 2**14 - 2)
        self.assertEqual(len(set(lines)), 2**14 - 2)
        self.assertEqual(len(self.compute("GET", "/os-floating-ips-bulk")), 2)

    def test_bulk_commands_of_novaclient(self):
        self.nova("floating-ip-bulk-create", "192.0.2.8/30", "--pool", "p", "--interface", "eth1")
        self.cloud.compute.addresses[1]["project_id"] = "c99bd5af477d403e9421f6924836412a"
        self.assertEqual(self.nova("floating-ip-bulk-list"), """\
+----------------------------------+------------+---------------+------+-----------+
|            project_id            |  address   | instance_uuid | pool | interface |
+----------------------------------+------------+---------------+------+-----------+
| None                             | 192.0.2.9  | None          | p    | eth1      |
| c99bd5af477d403e9421f6924836412a | 192.0.2.10 | None          | p    | eth1      |
+----------------------------------+------------+---------------+------+-----------+
""")
        self.nova("floating-ip-bulk-delete", "192.0.2.9")
        self.assertEqual([a["address"] for a in self.cloud.compute.addresses], ["192.0.2.10"])


class Servers(NovaCase):
    def add(self, name, number, **more):
        address = {"OS-EXT-IPS:type": "fixed", "version": 4, "addr": "10.200.2.%d" % number}
        floating = {"OS-EXT-IPS:type": "floating", "version": 4, "addr": "10.200.3.2"}
        return self.cloud.compute.add_server(name, id="00000000-0000-0000-0000-%012d" % number, addresses={
            "private": [address, floating], "admin": [dict(address, addr="10.1.0.%d" % number)], "empty": []}, **more)

    def test_list(self):
        self.add("b", 2)
        self.add("z", 1)
        self.assertEqual(self.nova("list"), """\
+--------------------------------------+------+--------+------------------------------------------------+
|                  ID                  | Name | Status |                    Networks                    |
+--------------------------------------+------+--------+------------------------------------------------+
| 00000000-0000-0000-0000-000000000001 | z    | ACTIVE | admin=10.1.0.1; private=10.200.2.1, 10.200.3.2 |
| 00000000-0000-0000-0000-000000000002 | b    | ACTIVE | admin=10.1.0.2; private=10.200.2.2, 10.200.3.2 |
+--------------------------------------+------+--------+------------------------------------------------+
""")

    def test_list_options(self):
        self.nova("list", "--all-tenants", "--name", "web", "--status=ACTIVE", "--ip", "10.", "--flavor", "m1.tiny")
        self.nova("list", "--all-tenants", "1", "--tenant", "p1")
        self.nova("list", "--all_tenants=0", "--host", "n1")
        queries = [dict(r[2]) for r in self.cloud.requests if r[1].endswith("/servers/detail")]
        self.assertEqual(queries, [{"all_tenants": "1", "name": "web", "status": "ACTIVE", "ip": "10.", "flavor": "1"},
                                   {"all_tenants": "1", "project_id": "p1"}, {"host": "n1"}])
        self.nova("list", "--flavor", "unknown")
        self.assertIn(("flavor", "unknown"), self.cloud.requests[-1][2])

    def test_empty_list(self):
        self.assertEqual(self.nova("list"), """\
+----+------+--------+----------+
| ID | Name | Status | Networks |
+----+------+--------+----------+
+----+------+--------+----------+
""")

    def test_show(self):
        self.add("web1", 1, accessIPv4="", progress=0, tenant_id="p1", **{
            "OS-EXT-STS:task_state": None, "security_groups": [{"name": "default"}], "metadata": {"a": "b"}})
        self.assertEqual(self.nova("show", "web1"), """\
+-----------------------+-------------------------------------------------+
|        Property       |                      Value                      |
+-----------------------+-------------------------------------------------+
| OS-EXT-STS:task_state | None                                            |
| accessIPv4            |                                                 |
| admin network         | 10.1.0.1                                        |
| empty network         |                                                 |
| flavor                | m1.tiny (1)                                     |
| id                    | 00000000-0000-0000-0000-000000000001            |
| image                 | Attempt to boot from volume - no image supplied |
| metadata              | {"a": "b"}                                      |
| name                  | web1                                            |
| private network       | 10.200.2.1, 10.200.3.2                          |
| progress              | 0                                               |
| security_groups       | [{"name": "default"}]                           |
| status                | ACTIVE                                          |
| tenant_id             | p1                                              |
+-----------------------+-------------------------------------------------+
""")
        self.assertIn("| flavor                | 1 ", self.nova("show", "--minimal", "web1"))

    def test_image_that_nobody_knows(self):
        self.add("web1", 1, image={"id": "i1", "links": []}, flavor={"id": "77"})
        shown = self.json("nova", "show", "web1")
        self.assertEqual((shown["image"], shown["flavor"]), ("Image not found (i1)", "77"))

    def test_boot(self):
        net = self.cloud.add("networks", name="fixed")
        out = self.nova("boot", "--flavor", "m1.tiny", "--image", "i1", "--nic", "net-id=%s,v4-fixed-ip=10.200.2.5" % net["id"],
                        "--nic", "port-id=p1", "--nic", "net-name=fixed", "--meta", "a=b=c", "--key-name", "k", "--poll", "web1")
        self.assertEqual(self.compute("POST", "/servers"), [{"server": {
            "name": "web1", "flavorRef": "1", "imageRef": "i1", "key_name": "k", "metadata": {"a": "b=c"},
            "networks": [{"uuid": net["id"], "fixed_ip": "10.200.2.5"}, {"port": "p1"}, {"uuid": net["id"]}]}}])
        self.assertRegex(out, r"\| name +\| web1 ")
        self.assertIn("boots nothing", self.nova("help", "boot"))
        self.assertIn("boots nothing", self.nova("--help"))
        self.nova("boot", "web2", "--flavor", "any")
        self.assertEqual(self.compute("POST", "/servers")[1], {"server": {"name": "web2", "metadata": {}, "flavorRef": "any"}})

    def test_boot_refusals(self):
        form = ("Nic arguments must be of the form --nic <net-id=net-uuid,v4-fixed-ip=ip-addr,port-id=port-uuid>, with at minimum "
                "net-id or port-id specified.")
        for nic in ("net=x", "net-id", "v4-fixed-ip=10.0.0.1", "net-id=a,port-id=b", ""):
            self.refused("Invalid nic argument '%s'. %s" % (nic, form), "boot", "--nic", nic, "x")
        self.refused("'a' is not in the format of key=value", "boot", "--meta", "a", "x")
        self.assertEqual(self.compute("POST", "/servers"), [])

    def test_delete(self):
        for n, name in enumerate("abc"):
            self.add(name, n)
        self.assertEqual(self.nova("delete", "a"), "")
        self.refused("No server with a name or ID of 'a' exists.", "delete", "a")
        self.assertEqual(self.fails(1, "nova", "delete", "a", "b"), "ERROR: No server with a name or ID of 'a' exists.\n"
                         "ERROR: Unable to delete some of the specified servers.\n")
        self.assertIn("Unable to delete any of the specified servers.", self.fails(1, "nova", "delete", "x", "y"))
        self.assertEqual([s["name"] for s in self.cloud.compute.servers], ["c"])

    def test_interface_list(self):
        server = self.add("web1", 1)
        self.cloud.compute.interfaces[server["id"]] = [
            {"port_state": "ACTIVE", "port_id": "p1", "net_id": "n1", "mac_addr": "fa:16:3e:00:00:01",
             "fixed_ips": [{"subnet_id": "s", "ip_address": "10.200.2.5"}, {"subnet_id": "s", "ip_address": "10.200.2.6"}]}]
        self.assertEqual(self.nova("interface-list", "web1"), """\
+------------+---------+--------+-----------------------+-------------------+
| Port State | Port ID | Net ID |      IP addresses     |      MAC Addr     |
+------------+---------+--------+-----------------------+-------------------+
| ACTIVE     | p1      | n1     | 10.200.2.5,10.200.2.6 | fa:16:3e:00:00:01 |
+------------+---------+--------+-----------------------+-------------------+
""")

    def test_pages(self):
        first = {"servers": [{"id": "a", "name": "a"}], "servers_links": [{"rel": "next", "href": self.cloud.url + "/x?marker=a"}]}
        self.cloud.answers[("GET", "/compute/v2.1/servers")] = (200, json.dumps(first).encode(), {})
        # The same answer again and again: the second link leads nowhere new, so the list ends.
        self.refused("No server with a name or ID of 'web1' exists.", "show", "web1")


class Words(NovaCase):
    """How it is called: options, help, links, log-in."""

    def link(self, name, *words, **env):
        path = os.path.join(self.folder, name)
        if not os.path.lexists(path):
            os.symlink(cli_case.BUOY, path)
        base = dict(self.env, PATH=os.environ["PATH"], HOME=self.folder, no_proxy="*", **env)
        return subprocess.run([path, *words], env=base, cwd=self.folder, capture_output=True, text=True, timeout=60)

    def test_links(self):
        self.assertEqual(self.link("nova-manage", "floating", "create", "--ip_range=192.0.2.1").returncode, 0)
        self.assertIn("| 192.0.2.1 |", self.link("nova", "floating-ip-create").stdout)
        done = self.link("nova", "add-floating-ip", "x")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, "usage: nova add-floating-ip <server> <address> [options]\nerror: too few arguments\n"
                         "Try 'nova help add-floating-ip' for more information.\n")
        self.assertTrue(self.link("nova").stdout.startswith("Usage: nova VERB"))
        self.assertEqual(self.link("nova").returncode, 0)
        # Any other name is buoy's own.
        self.assertIn("is not a command", self.link("novax", "list").stderr)

    def test_options_of_old(self):
        base = dict(OS_PROJECT_NAME=None, OS_PROJECT_DOMAIN_ID=None)
        self.nova("--os_tenant_name", "demo", "--os-compute-api-version", "2", "--no-cache", "floating-ip-list", **base)
        self.assertEqual(self.auth()["scope"], {"project": {"name": "demo", "domain": {"id": "default"}}})
        self.cloud.requests.clear()
        self.nova("--os-tenant-id=p1", "--endpoint-type", "internalURL", "list", **base)
        self.assertEqual(self.auth()["scope"], {"project": {"id": "p1"}})
        self.cloud.requests.clear()
        self.nova("list", OS_TENANT_NAME="demo", **base)
        self.assertEqual(self.auth()["scope"]["project"]["name"], "demo")
        self.nova("--bypass-url", self.cloud.url + "/compute/v2.1", "list")

    def test_endpoints(self):
        self.nova("list", OS_COMPUTE_ENDPOINT_OVERRIDE=self.cloud.url + "/compute")
        self.nova("list", OS_COMPUTE_ENDPOINT_OVERRIDE=self.cloud.url + "/compute/v2.1/")
        self.nova("list", OS_AUTH_TYPE="admin_token", OS_TOKEN="gAAAA-the-token", OS_ENDPOINT=self.cloud.url + "/v2.0")
        paths = [r[1] for r in self.cloud.requests if "servers" in r[1]]
        self.assertEqual(paths, 3 * ["/compute/v2.1/servers/detail"])
        self.cloud.answers[("GET", "/v2/p1/servers/detail")] = (200, b'{"servers": []}', {})
        self.nova("list", OS_COMPUTE_ENDPOINT_OVERRIDE=self.cloud.url + "/v2/p1")
        self.cloud.catalog = False
        self.assertIn("no public endpoint of type 'compute'", self.fails(1, "nova", "list"))

    def test_log_in(self):
        self.refused("Invalid OpenStack Nova credentials.", "list", OS_PASSWORD="wrong")
        done = self.run_buoy("nova", "list", OS_USERNAME=None)
        self.assertEqual(done.returncode, 1)
        self.assertIn("ERROR: the user is missing", done.stderr)
        self.cloud.stop()
        self.assertTrue(self.fails(1, "nova", "list").startswith("ERROR: "))

    def test_misread(self):
        self.misread("too few arguments", "nova", "remove-floating-ip", "x")
        self.misread("unrecognized arguments: c", "nova", "add-floating-ip", "a", "b", "c")
        self.misread("'floating-ip-lst' is not a verb of 'nova'; did you mean 'floating-ip-list'?", "nova", "floating-ip-lst")
        self.misread("--fixd-address: there is no such option here; did you mean --fixed-address?", "nova", "add-floating-ip",
                     "a", "b", "--fixd-address=c")
        self.misread("--fixed-address needs a value: <fixed_address>", "nova", "add-floating-ip", "a", "b", "--fixed-address")
        self.assertEqual(self.cloud.requests, [])

    def test_help(self):
        everything = self.nova("help")
        self.assertEqual(everything, self.nova())
        self.assertEqual(everything, self.nova("--help"))
        for verb in ("floating-ip-create", "floating-ip-bulk-list", "add-floating-ip", "boot"):
            self.assertIn("  %s " % verb, everything)
        self.assertIn("--fixed-address <fixed_address>", self.nova("help", "add-floating-ip"))
        self.assertEqual(self.nova("help", "boot"), self.nova("boot", "--help"))
        self.refused("'x' is not a valid subcommand", "help", "x")
        self.assertIn("Usage: buoy nova-manage floating create", self.ok("help", "nova-manage", "floating", "create"))
        self.assertIn("floating create", self.manage("--help"))
        self.assertEqual(self.cloud.requests, [])


if __name__ == "__main__":
    run_tests()
