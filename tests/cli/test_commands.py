"""The verbs: what they send, names and ids, pagination, errors and exit codes."""
import json
import unittest

from cli_case import CliCase, run_tests


class Generic(CliCase):
    def test_create_sends_what_is_given(self):
        net = self.cloud.add("networks", name="net1")
        self.ok("subnet", "create", "sub1", "--network", "net1", "--cidr", "10.0.0.0/24", "--no-dhcp", "--gateway",
                "10.0.0.1", "--allocation-pool", "start=10.0.0.3,end=10.0.0.9", "--allocation-pool",
                "start=10.0.0.20,end=10.0.0.30", "--dns-nameserver", "9.9.9.9", "--host-route",
                "destination=10.9.0.0/16,gateway=10.0.0.7")
        self.assertEqual(self.cloud.sent("POST", "/v2.0/subnets")[0], {"subnet": {
            "name": "sub1", "network_id": net["id"], "cidr": "10.0.0.0/24", "ip_version": 4, "enable_dhcp": False,
            "gateway_ip": "10.0.0.1", "dns_nameservers": ["9.9.9.9"],
            "allocation_pools": [{"start": "10.0.0.3", "end": "10.0.0.9"}, {"start": "10.0.0.20", "end": "10.0.0.30"}],
            "host_routes": [{"destination": "10.9.0.0/16", "nexthop": "10.0.0.7"}]}})

    def test_subnet_version_and_no_gateway(self):
        self.cloud.add("networks", name="net1")
        self.ok("subnet", "create", "--network", "net1", "--cidr", "2001:db8::/64", "--no-gateway")
        body = self.cloud.sent("POST", "/v2.0/subnets")[0]["subnet"]
        self.assertEqual((body["ip_version"], body["gateway_ip"]), (6, None))

    def test_dhcp_options_of_a_port(self):
        port = self.cloud.add("ports", name="p")
        self.ok("port", "set", "p", "--extra-dhcp-option", "name=mtu,value=1400", "--extra-dhcp-option",
                "name=router,ip-version=4")
        self.assertEqual(self.cloud.sent("PUT", f"/v2.0/ports/{port['id']}")[0]["port"], {"extra_dhcp_opts": [
            {"opt_name": "mtu", "opt_value": "1400"}, {"opt_name": "router", "ip_version": 4, "opt_value": None}]})

    def test_port_with_addresses(self):
        net, sub = self.cloud.add("networks", name="n"), self.cloud.add("subnets", name="s")
        self.ok("port", "create", "p", "--network", net["id"], "--fixed-ip", "subnet=s,ip-address=10.0.0.5",
                "--fixed-ip", "subnet_id=" + sub["id"], "--allowed-address", "ip-address=10.1.0.0/16",
                "--binding-profile", "a=b", "--binding-profile", "c=d=e", "--disable")
        self.assertEqual(self.cloud.sent("POST", "/v2.0/ports")[0]["port"], {
            "name": "p", "network_id": net["id"], "admin_state_up": False,
            "fixed_ips": [{"subnet_id": sub["id"], "ip_address": "10.0.0.5"}, {"subnet_id": sub["id"]}],
            "allowed_address_pairs": [{"ip_address": "10.1.0.0/16"}], "binding:profile": {"a": "b", "c": "d=e"}})

    def test_tags_are_a_request_of_their_own(self):
        self.assertEqual(self.json("network", "create", "n", "--tag", "x", "--tag", "y")["tags"], ["x", "y"])
        net = next(iter(self.cloud.rows["networks"].values()))
        self.assertEqual(self.cloud.sent("PUT", "/v2.0/networks/%s/tags" % net["id"]), [{"tags": ["x", "y"]}])
        self.ok("network", "set", "n", "--no-tag")
        self.assertEqual(net["tags"], [])

    def test_set_sends_only_what_is_given(self):
        net = self.cloud.add("networks", name="n")
        self.ok("network", "set", "n", "--mtu", "1400", "--share", "--internal")
        self.assertEqual(self.cloud.sent("PUT", "/v2.0/networks/" + net["id"]),
                         [{"network": {"mtu": 1400, "shared": True, "router:external": False}}])
        self.assertIn("nothing to change", self.fails(2, "network", "set", "n"))

    def test_identity_is_patched(self):
        self.ok("user", "set", "alice", "--disable", "--email", "a@b")
        self.assertEqual(self.cloud.sent("PATCH", "/v3/users/" + self.cloud.user["id"]),
                         [{"user": {"enabled": False, "email": "a@b"}}])

    def test_user_create(self):
        self.ok("user", "create", "bob", "--password", "pw", "--default-project", "demo", "--domain", "Default")
        self.assertEqual(self.cloud.sent("POST", "/v3/users")[0]["user"], {
            "name": "bob", "password": "pw", "default_project_id": self.cloud.project["id"], "domain_id": "default"})

    def test_user_password_from_a_pipe(self):
        self.ok("user", "create", "bot", "--password-stdin", stdin="from the pipe\n")
        self.assertEqual(self.cloud.sent("POST", "/v3/users")[0]["user"]["password"], "from the pipe")
        self.fails(2, "user", "set", "bot", "--password-stdin", "--password", "x", stdin="y\n")

    def test_filters(self):
        net = self.cloud.add("networks", name="n")
        self.ok("port", "list", "--network", "n", "--status", "DOWN", "--fixed-ip", "ip-address=10.0.0.1", "--sort",
                "name:desc", "--tags", "a,b", "--enable", "--name", "x", "--name", "y")
        query = [r[2] for r in self.cloud.requests if r[1] == "/v2.0/ports"][0]
        self.assertCountEqual(query, [
            ("network_id", net["id"]), ("status", "DOWN"), ("fixed_ips", "ip_address=10.0.0.1"), ("sort_key", "name"),
            ("sort_dir", "desc"), ("tags", "a,b"), ("admin_state_up", "true"), ("name", "x"), ("name", "y")])

    def test_special_characters_are_encoded(self):
        self.cloud.add("networks", name="a b&c=d/é?%")
        self.assertEqual(self.json("network", "show", "a b&c=d/é?%")["name"], "a b&c=d/é?%")
        self.assertIn("could not be found", self.fails(1, "extension", "show", "../networks") + "could not be found")
        self.assertIn("/v2.0/extensions/../networks", [r[1] for r in self.cloud.requests])

    def test_delete_goes_on_after_a_failure(self):
        for name in ("a", "b"):
            self.cloud.add("networks", name=name)
        said = self.fails(1, "network", "delete", "a", "missing", "b")
        self.assertIn("1 of 3", said)
        self.assertIn("there is no network 'missing'", said)
        self.assertEqual(self.cloud.rows["networks"], {})


class Names(CliCase):
    def test_id_name_and_nothing(self):
        net = self.cloud.add("networks", name="n")
        self.assertEqual(self.json("network", "show", net["id"])["id"], net["id"])
        self.assertEqual(self.json("network", "show", "n")["id"], net["id"])
        self.assertIn("there is no network 'm'", self.fails(1, "network", "show", "m"))

    def test_a_name_may_look_like_an_id(self):
        name = "00000000-0000-0000-0000-000000000001"
        net = self.cloud.add("networks", name=name)
        self.assertEqual(self.json("network", "show", name)["id"], net["id"])

    def test_ambiguous_name_lists_the_candidates(self):
        nets = [self.cloud.add("networks", name="twin", project_id="p%d" % i) for i in range(2)]
        said = self.fails(1, "network", "delete", "twin")
        for net in nets:
            self.assertIn(net["id"], said)
        self.assertIn("project p1", said)
        self.assertEqual(len(self.cloud.rows["networks"]), 2)

    def test_floating_ip_by_address(self):
        fip = self.cloud.add("floatingips", floating_ip_address="10.10.10.3")
        self.assertEqual(self.json("fip", "show", "10.10.10.3")["id"], fip["id"])
        self.assertIn(("floating_ip_address", "10.10.10.3"), self.cloud.requests[-1][2])

    def test_identity_ids_that_are_words(self):
        self.assertEqual(self.json("domain", "show", "default")["name"], "Default")

    def test_project_id_of_one_who_may_not_look(self):
        pid = "0123456789abcdef0123456789abcdef"
        self.cloud.answers[("GET", "/v3/projects/" + pid)] = (
            403, b'{"error": {"message": "You are not authorized", "title": "Forbidden"}}', {})
        self.ok("network", "create", "n", "--project", pid)
        self.assertEqual(self.cloud.sent("POST", "/v2.0/networks")[0]["network"]["project_id"], pid)

    def test_own_project_by_name_of_one_who_may_not_look(self):
        no = (403, b'{"error": {"message": "You are not authorized", "title": "Forbidden"}}', {})
        self.cloud.answers[("GET", "/v3/projects")] = no
        self.cloud.answers[("GET", "/v3/auth/projects")] = (200, b'{"projects": [{"id": "p9", "name": "mine"}]}', {})
        self.ok("network", "create", "n", "--project", "mine")
        self.assertEqual(self.cloud.sent("POST", "/v2.0/networks")[0]["network"]["project_id"], "p9")
        self.assertEqual(self.ok("project", "list", "-f", "value"), "p9 mine\n")
        self.cloud.answers[("GET", "/v3/users")] = no
        self.assertIn("not authorized", self.fails(1, "user", "list"))

    def test_two_words_and_aliases(self):
        self.assertEqual(self.json("floating", "ip", "list"), [])
        self.assertEqual(self.json("floatingip", "list"), [])
        self.assertEqual(self.json("role", "assignment", "list"), [])


class FloatingIps(CliCase):
    def setUp(self):
        super().setUp()
        self.net = self.cloud.add("networks", name="ext_net")
        self.port = self.cloud.add("ports", name="web1", device_id="vm7")
        self.fip = self.cloud.add("floatingips", floating_ip_address="10.10.10.3")
        self.path = "/v2.0/floatingips/" + self.fip["id"]

    def test_create(self):
        self.ok("fip", "create", "ext_net", "--address", "10.10.10.4", "--port", "web1", "--fixed-ip", "10.0.0.1",
                "--description", "d")
        self.assertEqual(self.cloud.sent("POST", "/v2.0/floatingips")[0]["floatingip"], {
            "floating_network_id": self.net["id"], "floating_ip_address": "10.10.10.4", "port_id": self.port["id"],
            "fixed_ip_address": "10.0.0.1", "description": "d"})

    def test_associate_by_port_and_by_instance(self):
        for name in ("web1", "vm7", self.port["id"]):
            self.ok("fip", "associate", "10.10.10.3", name, "--fixed-ip", "10.0.0.1")
        self.assertEqual(self.cloud.sent("PUT", self.path), 3 * [
            {"floatingip": {"port_id": self.port["id"], "fixed_ip_address": "10.0.0.1"}}])

    def test_associate_with_an_instance_of_two_ports(self):
        other = self.cloud.add("ports", name="", device_id="vm7")
        said = self.fails(1, "fip", "associate", "10.10.10.3", "vm7")
        self.assertIn(other["id"], said)
        self.assertIn("no instance of that name", self.fails(1, "fip", "associate", "10.10.10.3", "vm8"))

    def test_disassociate(self):
        self.ok("fip", "disassociate", "10.10.10.3")
        self.assertEqual(self.cloud.sent("PUT", self.path), [{"floatingip": {"port_id": None}}])
        self.ok("fip", "set", "10.10.10.3", "--no-port")
        self.assertEqual(self.cloud.sent("PUT", self.path)[1], {"floatingip": {"port_id": None}})


class ChangeSets(CliCase):
    PATH = "/v2.0/buoy/change-sets"

    def setUp(self):
        super().setUp()
        self.ports = [self.cloud.add("ports", name="web%d" % i, device_id="vm%d" % i) for i in (1, 2)]
        self.fips = [self.cloud.add("floatingips", floating_ip_address="10.10.10.%d" % (2 + i), revision_number=i,
                                    port_id=self.ports[i - 1]["id"], fixed_ip_address="10.0.0.%d" % i)
                     for i in (1, 2)]
        self.answer(200, {"change_set": {"associations": [], "floatingips": self.fips}})

    def answer(self, status, body):
        self.cloud.answers[("PUT", self.PATH)] = (status, json.dumps(body).encode(), {})

    def refuse(self, status, kind, message):
        self.answer(status, {"NeutronError": {"type": kind, "message": message, "detail": ""}})

    def sent(self):
        return [body["change_set"]["associations"] for body in self.cloud.sent("PUT", self.PATH)]

    def apply(self, text):
        """Through a file and through the standard input: both ask for the same."""
        self.ok("apply", "-", stdin=text)
        self.ok("apply", self.write("set.yaml", text))
        sent = self.sent()[-2:]
        self.assertEqual(sent[0], sent[1])
        return sent[0]

    def misapply(self, code, text):
        """Both fail alike, and nothing is asked for."""
        path = self.write("set.yaml", text)
        self.assertIn("standard input", self.fails(code, "apply", "-", stdin=text))
        said = self.fails(code, "apply", path)
        self.assertIn(path, said)
        self.assertEqual(self.sent(), [])
        return said

    def test_swap(self):
        rows = self.json("fip", "swap", "10.10.10.3", self.fips[1]["id"])
        self.assertEqual([row["floating_ip_address"] for row in rows], ["10.10.10.3", "10.10.10.4"])
        self.assertEqual(self.sent(), [[
            {"floatingip_id": self.fips[0]["id"], "port_id": self.ports[1]["id"], "fixed_ip_address": "10.0.0.2",
             "revision_number": 1},
            {"floatingip_id": self.fips[1]["id"], "port_id": self.ports[0]["id"], "fixed_ip_address": "10.0.0.1",
             "revision_number": 2}]])
        self.assertEqual(self.ok("fip", "swap", "10.10.10.3", "10.10.10.4", "--quiet"), "")

    def test_swap_with_one_that_has_no_port(self):
        self.fips[1].update(port_id=None, fixed_ip_address=None)
        self.ok("fip", "swap", "10.10.10.3", "10.10.10.4")
        self.assertEqual(self.sent()[0][0],
                         {"floatingip_id": self.fips[0]["id"], "port_id": None, "revision_number": 1})
        self.fips[0].update(port_id=None, fixed_ip_address=None)
        self.assertIn("nothing to exchange", self.fails(1, "fip", "swap", "10.10.10.3", "10.10.10.4"))

    def test_swap_that_makes_no_sense(self):
        self.assertIn("the same floating IP", self.fails(2, "fip", "swap", "10.10.10.3", self.fips[0]["id"]))
        self.assertIn("there is no floating IP '10.9.9.9'", self.fails(1, "fip", "swap", "10.10.10.3", "10.9.9.9"))
        self.assertIn("OTHER", self.fails(2, "fip", "swap", "10.10.10.3"))
        self.assertEqual(self.sent(), [])

    def test_swap_that_somebody_overtakes(self):
        self.refuse(412, "RevisionNumberConstraintFailed", "associations[0]: Constrained to 1, but current is 2")
        self.assertIn("changed by somebody else meanwhile, so nothing was done: associations[0]: Constrained to 1",
                      self.fails(1, "fip", "swap", "10.10.10.3", "10.10.10.4"))

    def test_apply(self):
        self.assertEqual(self.apply("# who has what\n10.10.10.3: web2\n%s: {port: vm1, fixed-ip: 10.0.0.9}\n"
                                    "10.10.10.5: null\n10.10.10.6:\n" % self.fips[1]["id"]), [
            {"floating_ip_address": "10.10.10.3", "port_id": self.ports[1]["id"]},
            {"floatingip_id": self.fips[1]["id"], "port_id": self.ports[0]["id"], "fixed_ip_address": "10.0.0.9"},
            {"floating_ip_address": "10.10.10.5", "port_id": None},
            {"floating_ip_address": "10.10.10.6", "port_id": None}])

    def test_apply_json_and_lists(self):
        want = [{"floating_ip_address": "10.10.10.3", "port_id": self.ports[0]["id"], "revision_number": 7},
                {"floating_ip_address": "10.10.10.4", "port_id": None}]
        self.assertEqual(self.apply('{"10.10.10.3": {"port": "web1", "revision": 7}, "10.10.10.4": null}'), want)
        self.assertEqual(self.apply("- 10.10.10.3: {port: web1, revision: 7}\n- 10.10.10.4: ~\n"), want)

    def test_apply_what_is_not_understood(self):
        for text, words in (
                ("", "names no floating IP"), ("[]", "names no floating IP"), ("# nothing\n", "names no floating IP"),
                ("web1", "an entry is FLOATING-IP: PORT"), ("- web1", "an entry is FLOATING-IP: PORT"),
                ("10.10.10.3: [web1]", "10.10.10.3: a port is a name, an id or null"),
                ("web1: 10.10.10.3", "web1: this is neither the address nor the id of a floating IP"),
                ("10.10.10.3: {fixed-ip: 10.0.0.1}", "10.10.10.3: port is missing"),
                ("10.10.10.3: {port: web1, speed: 7}", "10.10.10.3: 'speed' is none of port, fixed-ip and revision"),
                ("10.10.10.3: {port: web1, revision: -1}", "10.10.10.3: revision is a number"),
                ("10.10.10.3: {port: web1, fixed_ip: null}", "10.10.10.3: fixed-ip is an address"),
                ("10.10.10.3: web1\n10.10.10.4: web2\n10.10.10.3: web2\n", "line 3: '10.10.10.3' stands here a second"),
                ("10.10.10.3: {", "line 2:"), ("a: &x [*x]", "nested too deeply")):
            with self.subTest(text):
                self.assertIn(words, self.misapply(2, text))

    def test_apply_names_that_are_not_there(self):
        said = self.misapply(1, "10.10.10.3: web1\n10.10.10.4: web9\n")
        self.assertIn("10.10.10.4: there is no port 'web9'", said)
        self.assertIn("nowhere.yaml: No such file", self.fails(1, "apply", "nowhere.yaml"))
        self.assertIn("FILE", self.fails(2, "apply"))

    def test_what_the_server_says(self):
        self.refuse(409, "FloatingIPPortAlreadyAssociated", "associations[1]: Cannot associate floating IP 10.10.10.4")
        self.assertIn("associations[1]: Cannot associate", self.fails(1, "apply", "-", stdin="10.10.10.4: web1"))
        self.refuse(404, "FloatingIPNotFound", "associations[0]: Floating IP 10.9.9.9 could not be found")
        self.assertIn("could not be found", self.fails(1, "apply", "-", stdin="10.9.9.9: web1"))
        self.answer(404, {"message": "The resource could not be found."})
        self.assertIn("this server knows no change sets", self.fails(1, "apply", "-", stdin="10.10.10.4: web1"))


class Routers(CliCase):
    def setUp(self):
        super().setUp()
        self.net = self.cloud.add("networks", name="ext")
        self.sub = self.cloud.add("subnets", name="s")
        self.router = self.cloud.add("routers", name="r", external_gateway_info={"network_id": self.net["id"]})
        self.path = "/v2.0/routers/" + self.router["id"]

    def test_interfaces(self):
        port = self.cloud.add("ports", name="p")
        for verb in ("add", "remove"):
            self.ok("router", verb + "-subnet", "r", "s")
            self.ok("router", verb, "port", "r", "p")
            self.assertEqual(self.cloud.sent("PUT", "%s/%s_router_interface" % (self.path, verb)),
                             [{"subnet_id": self.sub["id"]}, {"port_id": port["id"]}])

    def test_gateway(self):
        self.ok("router", "set-gateway", "r", "ext", "--disable-snat", "--fixed-ip", "subnet=s,ip-address=1.2.3.4")
        self.ok("router", "set", "r", "--enable-snat")
        self.ok("router", "unset", "gateway", "r")
        self.ok("router", "set", "r", "--no-external-gateway")
        self.assertEqual([b["router"]["external_gateway_info"] for b in self.cloud.sent("PUT", self.path)], [
            {"network_id": self.net["id"], "enable_snat": False,
             "external_fixed_ips": [{"subnet_id": self.sub["id"], "ip_address": "1.2.3.4"}]},
            {"network_id": self.net["id"], "enable_snat": True}, None, None])

    def test_several_gateways(self):
        self.ok("router", "add", "gateway", "r", "ext", "--fixed-ip", "ip-address=1.2.3.4", "--disable-snat")
        self.ok("router", "remove-gateway", "r", "ext", "--fixed-ip", "ip-address=1.2.3.4")
        one = {"network_id": self.net["id"], "external_fixed_ips": [{"ip_address": "1.2.3.4"}]}
        self.assertEqual(self.cloud.sent("PUT", self.path + "/add_external_gateways"),
                         [{"router": {"external_gateways": [{**one, "enable_snat": False}]}}])
        self.assertEqual(self.cloud.sent("PUT", self.path + "/remove_external_gateways"),
                         [{"router": {"external_gateways": [one]}}])

    def test_gateway_qos_and_ecmp(self):
        self.ok("router", "set", "r", "--no-qos-policy", "--enable-default-route-ecmp")
        self.ok("router", "set", "r", "--disable-default-route-ecmp")
        self.assertEqual([b["router"] for b in self.cloud.sent("PUT", self.path)], [
            {"external_gateway_info": {"network_id": self.net["id"], "qos_policy_id": None},
             "enable_default_route_ecmp": True},
            {"enable_default_route_ecmp": False}])

    def test_create_with_gateway(self):
        self.ok("router", "create", "r2", "--external-gateway", "ext")
        self.assertEqual(self.cloud.sent("POST", "/v2.0/routers")[0]["router"],
                         {"name": "r2", "external_gateway_info": {"network_id": self.net["id"]}})
        self.assertIn("--external-gateway", self.fails(2, "router", "create", "r3", "--disable-snat"))

    def test_routes(self):
        self.ok("router", "add-route", "r", "--route", "destination=10.9.0.0/16,gateway=10.0.0.7")
        self.assertEqual(self.cloud.sent("PUT", self.path + "/add_extraroutes"),
                         [{"router": {"routes": [{"destination": "10.9.0.0/16", "nexthop": "10.0.0.7"}]}}])
        self.assertIn("--route", self.fails(2, "router", "remove-route", "r"))


class Qos(CliCase):
    def setUp(self):
        super().setUp()
        self.policy = self.cloud.add("policies", name="slow")
        self.rules = "/v2.0/qos/policies/%s/bandwidth_limit_rules" % self.policy["id"]

    def test_policy(self):
        self.ok("qos", "policy", "create", "fast", "--share", "--default")
        self.assertEqual(self.cloud.sent("POST", "/v2.0/qos/policies"),
                         [{"policy": {"name": "fast", "shared": True, "is_default": True}}])
        self.ok("qos-policy", "set", "fast", "--no-share", "--tag", "gold")
        self.assertEqual(self.json("qos", "policy", "show", "fast")["tags"], ["gold"])
        self.ok("qos", "policy", "delete", "fast")
        self.assertEqual(list(self.cloud.rows["policies"].values()), [self.policy])

    def test_rules_of_a_policy(self):
        self.ok("qos", "rule", "create", "slow", "--max-kbps", "1000", "--direction", "ingress")
        self.assertEqual(self.cloud.sent("POST", self.rules),
                         [{"bandwidth_limit_rule": {"max_kbps": 1000, "direction": "ingress"}}])
        rule, = self.json("qos", "rule", "list", self.policy["id"])
        self.ok("qos", "rule", "set", "slow", "ingress", "--max-burst-kbps", "500")
        self.ok("qos", "rule", "set", "slow", rule["id"], "--max-kbps", "7")
        self.assertEqual(self.cloud.sent("PUT", self.rules + "/" + rule["id"]),
                         [{"bandwidth_limit_rule": {"max_burst_kbps": 500}}, {"bandwidth_limit_rule": {"max_kbps": 7}}])
        self.assertEqual(self.json("qos", "rule", "show", "slow", "ingress")["max_kbps"], 7)
        self.ok("qos", "rule", "delete", "slow", "ingress")
        self.assertEqual(self.json("qos", "rule", "list", "slow"), [])

    def test_what_is_missing(self):
        self.assertIn("POLICY is missing", self.fails(2, "qos", "rule", "list"))
        self.assertIn("DIRECTION|ID is missing", self.fails(2, "qos", "rule", "show", "slow"))
        self.assertIn("--max-kbps is missing", self.fails(2, "qos", "rule", "create", "slow"))
        self.assertIn("there is no QoS policy 'fast'", self.fails(1, "qos", "rule", "list", "fast"))

    def test_of_a_floating_ip(self):
        fip = self.cloud.add("floatingips", floating_ip_address="10.10.10.3")
        self.ok("fip", "set", "10.10.10.3", "--qos-policy", "slow")
        self.ok("fip", "set", "10.10.10.3", "--no-qos-policy")
        self.assertEqual(self.cloud.sent("PUT", "/v2.0/floatingips/" + fip["id"]), [
            {"floatingip": {"qos_policy_id": self.policy["id"]}}, {"floatingip": {"qos_policy_id": None}}])


class PortForwarding(CliCase):
    def setUp(self):
        super().setUp()
        self.fip = self.cloud.add("floatingips", floating_ip_address="10.10.10.3")
        self.port = self.cloud.add("ports", name="web1")
        self.path = "/v2.0/floatingips/%s/port_forwardings" % self.fip["id"]

    def create(self, *words):
        self.ok("fip", "port-forwarding", "create", "10.10.10.3", "--protocol", "tcp", "--port", "web1", *words)
        return self.cloud.sent("POST", self.path)[-1]["port_forwarding"]

    def test_life(self):
        self.assertEqual(self.create("--external-port", "2201", "--internal-port", "22", "--fixed-ip", "172.16.0.3"),
                         {"protocol": "tcp", "internal_port_id": self.port["id"], "external_port": 2201,
                          "internal_port": 22, "internal_ip_address": "172.16.0.3"})
        row, = self.json("fip", "port-forwarding", "list", "10.10.10.3")
        self.ok("fip", "port-forwarding", "set", "10.10.10.3", "2201", "--internal-port", "23", "--description", "d")
        self.assertEqual(self.cloud.sent("PUT", self.path + "/" + row["id"]),
                         [{"port_forwarding": {"internal_port": 23, "description": "d"}}])
        self.assertEqual(self.json("port-forwarding", "show", "10.10.10.3", row["id"])["internal_port"], 23)
        self.ok("fip", "port-forwarding", "delete", self.fip["id"], "2201")
        self.assertEqual(self.json("fip", "port-forwarding", "list", "10.10.10.3"), [])

    def test_ranges(self):
        sent = self.create("--external-port-range", "5000:5009", "--internal-port-range", "6000:6009")
        self.assertEqual((sent["external_port_range"], sent["internal_port_range"]), ("5000:5009", "6000:6009"))

    def test_what_is_missing(self):
        self.assertIn("FIP is missing", self.fails(2, "fip", "port-forwarding", "list"))
        self.assertIn("PORT|ID is missing", self.fails(2, "fip", "port-forwarding", "show", "10.10.10.3"))
        self.assertIn("--protocol is missing", self.fails(2, "fip", "port-forwarding", "create", "10.10.10.3"))


class Others(CliCase):
    def test_quota(self):
        rows = self.json("quota", "show", "--usage")
        self.assertEqual(rows[0], {"resource": "network", "limit": 10, "used": 1, "reserved": 0})
        self.ok("quota", "set", "demo", "--floatingip", "-1")
        self.assertEqual(self.cloud.sent("PUT", "/v2.0/quotas/" + self.cloud.project["id"]),
                         [{"quota": {"floatingip": -1}}])
        self.assertEqual(self.json("quota", "show")["floatingip"], -1)

    def test_roles(self):
        role = self.cloud.add("roles", name="member")
        path = "/v3/projects/%s/users/%s/roles/%s" % (self.cloud.project["id"], self.cloud.user["id"], role["id"])
        self.ok("role", "add", "--user", "alice", "--project", "demo", "member")
        self.ok("role", "remove", "member", "--user", "alice", "--project", "demo")
        self.assertEqual(self.cloud.requests[-1][:2], ("DELETE", path))
        self.assertEqual(len(self.cloud.sent("PUT", path)), 1)
        self.fails(2, "role", "add", "member", "--user", "alice")

    def test_role_assignments(self):
        self.cloud.add("role_assignments", role={"id": "r", "name": "member"}, user={"id": "u", "name": "alice"},
                       scope={"project": {"id": "p", "name": "demo"}})
        out = self.ok("role-assignment", "list", "--user", "alice", "-f", "value")
        self.assertEqual(out, "member alice demo None\n")
        self.assertIn(("user.id", self.cloud.user["id"]), self.cloud.requests[-1][2])

    def test_application_credential(self):
        self.assertEqual(self.json("application", "credential", "create", "ci", "--role", "member")["secret"], "s3")
        path = "/v3/users/%s/application_credentials" % self.cloud.user["id"]
        self.assertEqual(self.cloud.sent("POST", path), [
            {"application_credential": {"name": "ci", "roles": [{"name": "member"}]}}])

    def test_token(self):
        self.assertEqual(self.json("token", "issue")["project_id"], self.cloud.project["id"])
        self.ok("token", "revoke", "some-token")
        self.assertEqual(self.cloud.requests[-1][4]["X-Subject-Token"], "some-token")

    def test_catalog(self):
        self.assertEqual(len(self.json("catalog", "list")), 12)

    def test_status(self):
        self.cloud.add("agents", host="a", alive=True, configurations={"applied_revision": 7, "failures": []})
        self.assertIn("7", self.ok("status"))
        self.cloud.add("agents", host="b", alive=True, configurations={
            "applied_revision": 6, "failures": [{"id": "f1", "fact": "link tap1", "why": "no such device"},
                                                 {"id": "f2", "fact": "", "why": "nobody has it"}]})
        done = self.run_buoy("status")
        self.assertEqual(done.returncode, 1)
        self.assertIn("b: f1: link tap1: no such device", done.stdout)
        self.assertIn("b: f2: nobody has it", done.stdout)

    def test_raw(self):
        self.cloud.add("networks", name="n")
        self.assertEqual(len(json.loads(self.ok("api", "get", "/v2.0/networks?name=n"))["networks"]), 1)
        self.ok("api", "POST", "/v2.0/networks", '{"network": {"name": "m"}}')
        self.ok("api", "POST", "/v2.0/networks", "-", stdin='{"network": {"name": "k"}}')
        self.assertEqual(self.ok("api", "GET", "/v3/users")[0], "{")
        self.assertEqual(len(self.cloud.rows["networks"]), 3)
        self.fails(2, "api", "GET", "networks")
        self.fails(2, "api", "POST", "/v2.0/networks", "{")
        self.fails(1, "api", "GET", "/v2.0/nothing")


class Pages(CliCase):
    def test_links_are_followed(self):
        self.cloud.page = 7
        for i in range(30):
            self.cloud.add("networks", name="n%d" % i)
            self.cloud.add("users", name="u%d" % i)
        self.assertEqual(len(self.json("network", "list")), 30)
        self.assertEqual(len(self.json("user", "list")), 31)
        self.assertEqual(len(self.json("network", "list", "--limit", "12")), 12)

    def test_a_link_to_itself_ends(self):
        self.cloud.answers[("GET", "/v2.0/networks")] = (200, json.dumps(
            {"networks": [{"id": "1"}], "networks_links": [{"rel": "next", "href": "http://x/?a=1"}]}).encode(), {})
        self.assertEqual(len(self.json("network", "list")), 2)


class Errors(CliCase):
    def says(self, status, body, headers=None):
        self.cloud.answers[("GET", "/v2.0/networks")] = (status, body, headers or {})
        return self.fails(1, "network", "list")

    def test_bodies(self):
        for status, body, text in (
            (409, b'{"NeutronError": {"type": "NetworkInUse", "message": "It is in use.", "detail": ""}}', "It is in use."),
            (500, b'{"NeutronError": "Request Failed"}', "Request Failed"),
            (403, b'{"error": {"code": 403, "title": "Forbidden", "message": "Not for you."}}', "Not for you."),
            (404, b'{"itemNotFound": {"code": 404, "message": "No server."}}', "No server."),
            (400, b'{"faultcode": "Client", "faultstring": "Bad port."}', "Bad port."),
            (400, b'{"message": "Unparsable", "code": "400"}', "Unparsable"),
            (502, b"<html><head><title>502 Bad Gateway</title></head></html>", "502 Bad Gateway"),
            (503, b"", "not available"),
            (500, b'{"half', '{"half'),
        ):
            said = self.says(status, body)
            self.assertIn(text, said)
            self.assertIn("HTTP %d" % status, said)
            self.assertIn("request req-11111111-2222-3333-4444-555555555555", said)

    def test_type_is_shown(self):
        self.assertIn("NetworkInUse", self.says(409, b'{"NeutronError": {"type": "NetworkInUse", "message": "m"}}'))

    def test_broken_success(self):
        self.assertIn("not JSON", self.says(200, b"{"))
        self.assertIn("no list 'networks'", self.says(200, b"{}"))
        self.assertIn("no list 'networks'", self.says(200, b"[]"))

    def test_redirection(self):
        self.assertIn("http://there/", self.says(301, b"", {"Location": "http://there/"}))

    def test_no_control_characters(self):
        said = self.says(400, b'{"message": "a\\u001b[31mb"}')
        self.assertNotIn("\x1b", said)
        self.assertIn("a\\x1b[31mb", said)

    def test_long_message(self):
        self.assertIn("HTTP 400", self.says(400, b'{"message": "%s"}' % (b"x" * 100000)))


class Usage(CliCase):
    def test_exit_codes(self):
        for words in ([], ["netwrk"], ["network"], ["network", "lst"], ["network", "show"], ["network", "show", "a", "b"],
                      ["network", "list", "--nme", "x"], ["network", "list", "--name"], ["subnet", "create", "x"],
                      ["network", "list", "-f", "xml"], ["network", "list", "--long=1"], ["network", "create", "a", "--mtu", "x"],
                      ["network", "list", "--limit", "0"], ["network", "create", "a", "--mtu", "1", "--mtu", "2"],
                      ["network", "list", "--max-width", "-1"], ["network", "list", "--timeout", "soon"]):
            self.fails(2, *words)

    def test_advice(self):
        self.assertIn("did you mean 'network'", self.fails(2, "netwrk", "list"))
        self.assertIn("did you mean 'list'", self.fails(2, "network", "lst"))
        self.assertIn("did you mean --name", self.fails(2, "network", "list", "--nme", "x"))
        self.cloud.add("networks", name="x")
        said = self.fails(2, "subnet", "create", "--network", "x", "--cidr", "y", "--allocation-pool", "begin=1")
        self.assertIn("start, end", said)

    def test_help_everywhere(self):
        top = self.ok("--help", OS_AUTH_URL=None)
        self.assertEqual(top, self.ok("help"))
        nouns = [l.split()[0] for l in top.split("Commands:")[1].split("\n\n")[0].splitlines()
                 if l.startswith("  ") and not l.startswith("   ")]
        self.assertGreater(len(nouns), 15)
        for noun in nouns:
            text = self.ok("help", noun)
            self.assertIn("buoy " + noun, text)
            for line in text.partition("Verbs:")[2].split("\n\n")[0].splitlines():
                if line.startswith("  "):
                    verb = line.strip().partition("  ")[0]  # one word or two
                    self.assertIn("Usage: buoy %s %s" % (noun, verb), self.ok(noun, *verb.split(), "--help"))
        self.assertEqual(self.cloud.requests, [])

    def test_words_that_are_not_utf8(self):
        self.assertIn("not UTF-8", self.fails(2, "network", "create", b"\xff"))

    def test_version(self):
        self.assertRegex(self.ok("--version"), r"^buoy \d+\.\d+\.\d+\n$")

    def test_two_dashes_end_the_options(self):
        self.ok("network", "create", "--", "--odd")
        self.assertEqual(self.cloud.sent("POST", "/v2.0/networks")[0], {"network": {"name": "--odd"}})


if __name__ == "__main__":
    run_tests()
