#!/usr/bin/python3
"""Debian's `openstack` client, as it is, against a whole Buoy, and packets through what it has made.

Usage: test_openstack.py BUOYD BUOY [TEST...]. Runs the sandbox on a machine of its own (tools/private), so that
several can run at once and nothing stays behind. Skipped (77) without root or without the client.
"""
import json
import os
import subprocess
import sys
import unittest

import own_sandbox
from own_sandbox import openstack


def reaches(address, source="buoy-outside"):
    """Is an echo request answered? Asked once, since a change is in the kernel when the client returns."""
    return subprocess.run(["ip", "netns", "exec", source, "ping", "-n", "-c", "1", "-W", "2", address],
                          stdout=subprocess.DEVNULL, check=False).returncode == 0


class Client(unittest.TestCase):
    maxDiff = None

    def ok(self, line, **env):
        done = openstack(line, **env)
        self.assertEqual(done.returncode, 0, f"openstack {line}\n{done.stdout}{done.stderr}")
        return done.stdout

    def get(self, line, **env):
        return json.loads(self.ok(line + " -f json", **env))

    def refused(self, line, reason, **env):
        done = openstack(line, **env)
        self.assertNotEqual(done.returncode, 0, f"openstack {line}\n{done.stdout}")
        self.assertRegex(done.stdout + done.stderr, reason)


class FloatingIp(Client):
    def test_life_of_a_floating_ip(self):
        made = self.get("floating ip create ext_net --description first")
        address, identity = made["floating_ip_address"], made["id"]
        self.assertEqual((made["status"], made["port_id"], made["description"]), ("DOWN", None, "first"))
        self.assertFalse(reaches(address))

        self.ok(f"floating ip set --port cirros-vm3 {address}")
        shown = self.get(f"floating ip show {address}")
        self.assertEqual((shown["status"], shown["fixed_ip_address"]), ("ACTIVE", "172.16.101.3"))
        self.assertTrue(reaches(address))
        self.assertIn(identity, [row["ID"] for row in self.get("floating ip list")])
        self.assertEqual([row["ID"] for row in self.get("floating ip list --port cirros-vm3")], [identity])

        self.ok(f"floating ip set --port cirros-vm1 {address}")
        self.assertEqual(self.get(f"floating ip show {address}")["fixed_ip_address"], "172.16.100.3")
        self.assertTrue(reaches(address))

        self.ok(f"floating ip unset --port {address}")
        self.assertFalse(reaches(address))
        self.assertEqual(self.get(f"floating ip show {identity}")["port_id"], None)
        self.ok(f"floating ip delete {address}")
        self.refused(f"floating ip show {identity}", "No FloatingIP found|No ip found|could not be found")

    def test_a_certain_address_with_its_port(self):
        made = self.get("floating ip create ext_net --floating-ip-address 10.10.10.77 --port cirros-vm1")
        self.assertEqual((made["floating_ip_address"], made["fixed_ip_address"]), ("10.10.10.77", "172.16.100.3"))
        self.assertTrue(reaches("10.10.10.77"))
        self.refused("floating ip create ext_net --floating-ip-address 10.10.10.77", "409|in use|InUse")
        self.refused("floating ip create ext_net --port cirros-vm1", "409|already")
        self.ok("floating ip delete 10.10.10.77")

    def test_a_port_that_no_router_connects(self):
        self.ok("network create island")
        self.ok("subnet create island --network island --subnet-range 172.16.200.0/24")
        self.ok("port create stranded --network island")
        self.refused("floating ip create ext_net --port stranded", "404|not reachable|ExternalGateway")
        self.ok("port delete stranded")
        self.ok("network delete island")

    def test_tags(self):
        address = self.get("floating ip create ext_net --tag blue")["floating_ip_address"]
        self.ok(f"floating ip set --tag green {address}")
        self.assertEqual(sorted(self.get(f"floating ip show {address}")["tags"]), ["blue", "green"])
        self.assertEqual([row["Floating IP Address"] for row in self.get("floating ip list --tags green")], [address])
        self.ok(f"floating ip unset --tag blue {address}")
        self.assertEqual(self.get(f"floating ip show {address}")["tags"], ["green"])
        self.ok(f"floating ip delete {address}")


class QosPolicy(Client):
    def test_life_of_a_policy(self):
        self.ok("network qos policy create slow --description first --share")
        self.assertEqual(self.get("network qos policy show slow")["shared"], True)
        self.ok("network qos policy set slow --name slower --no-share")
        self.assertEqual([row["Name"] for row in self.get("network qos policy list")], ["slower"])
        self.ok("network qos policy delete slower")
        self.refused("network qos policy show slower", "No QoSPolicy found|No policy found|could not be found")

    def test_rules(self):
        self.ok("network qos policy create ruled")
        made = self.get("network qos rule create ruled --type bandwidth-limit --max-kbps 1000 --max-burst-kbits 900"
                        " --egress")
        self.assertEqual((made["max_kbps"], made["max_burst_kbps"], made["direction"]), (1000, 900, "egress"))
        self.refused("network qos rule create ruled --type bandwidth-limit --max-kbps 5 --egress", "409|conflicts")
        self.ok("network qos rule create ruled --type bandwidth-limit --max-kbps 2000 --ingress")
        self.assertEqual(len(self.get("network qos rule list ruled")), 2)
        self.ok(f"network qos rule set ruled {made['id']} --max-kbps 3000")
        self.assertEqual(self.get(f"network qos rule show ruled {made['id']}")["max_kbps"], 3000)
        self.ok(f"network qos rule delete ruled {made['id']}")
        self.assertEqual([row["Direction"] for row in self.get("network qos rule list ruled")], ["ingress"])
        self.ok("network qos policy delete ruled")

    def test_rule_types(self):
        self.assertEqual([row["Type"] for row in self.get("network qos rule type list")], ["bandwidth_limit"])
        shown = self.get("network qos rule type show bandwidth_limit")
        self.assertEqual(shown["drivers"][0]["name"], "buoy")

    def test_of_a_floating_ip(self):
        self.ok("network qos policy create limits")
        self.ok("network qos rule create limits --type bandwidth-limit --max-kbps 10000 --ingress")
        made = self.get("floating ip create ext_net --port cirros-vm3 --qos-policy limits")
        policy = self.get("network qos policy show limits")["id"]
        self.assertEqual((made["qos_policy_id"], made["status"]), (policy, "ACTIVE"))
        address = made["floating_ip_address"]
        self.assertTrue(reaches(address))
        self.refused("network qos policy delete limits", "409|used by|in use")
        self.ok(f"floating ip unset --qos-policy {address}")
        self.assertEqual(self.get(f"floating ip show {address}")["qos_policy_id"], None)
        self.ok(f"floating ip set --qos-policy limits {address}")
        self.assertEqual(self.get(f"floating ip show {address}")["qos_policy_id"], policy)
        self.ok(f"floating ip set --no-qos-policy {address}")
        self.ok(f"floating ip delete {address}")
        self.ok("network qos policy delete limits")


class Network(Client):
    def test_life_of_a_network(self):
        self.ok("network create n1 --description one --mtu 1400")
        self.ok("network set --name n2 n1")
        shown = self.get("network show n2")
        self.assertEqual((shown["description"], shown["mtu"], shown["status"]), ("one", 1400, "ACTIVE"))
        self.ok("subnet create s1 --network n2 --subnet-range 172.16.150.0/24 --dns-nameserver 9.9.9.9"
                " --allocation-pool start=172.16.150.10,end=172.16.150.20")
        self.assertEqual(self.get("subnet show s1")["gateway_ip"], "172.16.150.1")
        self.ok("port create p1 --network n2 --fixed-ip subnet=s1,ip-address=172.16.150.15")
        self.refused("port create p2 --network n2 --fixed-ip subnet=s1,ip-address=172.16.150.15", "409|in use|InUse")
        self.refused("port create p2 --network n2 --fixed-ip subnet=s1,ip-address=10.9.9.9", "400|not a valid")
        self.refused("network delete n2", "409|in use|InUse")
        self.ok("port set --name p2 p1")
        self.assertEqual([row["Name"] for row in self.get("port list --network n2")], ["p2"])
        self.ok("port delete p2")
        self.ok("subnet delete s1")
        self.ok("network delete n2")

    def test_lists_and_filters(self):
        self.assertEqual([row["Name"] for row in self.get("network list --external")], ["ext_net"])
        self.assertEqual(self.get("network list --name nothing"), [])
        names = [row["Name"] for row in self.get("subnet list --ip-version 4")]
        self.assertLessEqual({"ext_subnet", "net100", "net101"}, set(names))
        router_ports = self.get("port list --router router_100_101 --long")
        self.assertIn("network:router_interface", {row["Device Owner"] for row in router_ports})
        self.assertTrue(self.get("network agent list"))
        self.assertIn("router", {row["Alias"] for row in self.get("extension list --network")})


class Router(Client):
    def test_life_of_a_router(self):
        self.ok("network create rnet")
        self.ok("subnet create rsub --network rnet --subnet-range 172.16.160.0/24")
        self.ok("router create r1")
        self.ok("router set --external-gateway ext_net --disable-snat r1")
        shown = self.get("router show r1")
        self.assertEqual(shown["external_gateway_info"]["enable_snat"], False)
        self.assertEqual((shown["status"], shown["admin_state_up"]), ("ACTIVE", True))
        gateway = shown["external_gateway_info"]["external_fixed_ips"][0]["ip_address"]
        self.ok("router add subnet r1 rsub")
        self.assertTrue(reaches(gateway))
        self.ok("router set --route destination=192.168.7.0/24,gateway=172.16.160.9 r1")
        self.assertEqual(self.get("router show r1")["routes"],
                         [{"destination": "192.168.7.0/24", "nexthop": "172.16.160.9"}])
        self.ok("router unset --route destination=192.168.7.0/24,gateway=172.16.160.9 r1")
        self.refused("router delete r1", "409|in use|InUse|still has")
        self.ok("router remove subnet r1 rsub")
        self.ok("router unset --external-gateway r1")
        self.assertFalse(reaches(gateway))
        self.ok("router delete r1")
        self.ok("network delete rnet")


    def test_qos_of_a_gateway(self):
        self.ok("network qos policy create gate")
        self.ok("router create r3")
        self.ok("router set --external-gateway ext_net --qos-policy gate r3")
        policy = self.get("network qos policy show gate")["id"]
        self.assertEqual(self.get("router show r3")["external_gateway_info"]["qos_policy_id"], policy)
        self.refused("network qos policy delete gate", "409|used by|in use")
        self.ok("router set --no-qos-policy r3")
        self.assertIsNone(self.get("router show r3")["external_gateway_info"]["qos_policy_id"])
        self.ok("router set --qos-policy gate r3")
        self.ok("router unset --qos-policy r3")
        self.assertIsNone(self.get("router show r3")["external_gateway_info"]["qos_policy_id"])
        self.ok("router delete r3")
        self.ok("network qos policy delete gate")


class Tenants(Client):
    def test_projects_see_only_their_own(self):
        self.ok("project create shop")
        self.ok("user create clerk --password sesame")
        self.ok("role add --user clerk --project shop member")
        clerk = {"OS_USERNAME": "clerk", "OS_PASSWORD": "sesame", "OS_PROJECT_NAME": "shop"}
        self.assertTrue(self.ok("token issue -f value -c id", **clerk).strip())
        self.assertEqual([row["Name"] for row in self.get("network list", **clerk)], ["ext_net"])
        self.refused("network show net100", "No Network found|could not be found", **clerk)
        self.refused("network create mine --external", "403|not allowed|disallowed|forbidden", **clerk)
        self.refused("project create another", "403|not authorized|forbidden|not allowed", **clerk)
        self.assertEqual(self.get("network show ext_net")["provider:network_type"], "flat")
        self.assertIsNone(self.get("network show ext_net", **clerk)["provider:network_type"])
        self.ok("quota set --floating-ips 1 shop")
        address = self.get("floating ip create ext_net", **clerk)["floating_ip_address"]
        self.refused("floating ip create ext_net", "409|[Qq]uota", **clerk)
        self.ok(f"floating ip delete {address}", **clerk)
        self.refused("network list", "401|requires authentication", **{**clerk, "OS_PASSWORD": "wrong"})
        self.ok("user delete clerk")
        self.ok("project delete shop")

    def test_quota(self):
        shown = self.get("quota show admin")
        text = json.dumps(shown)
        self.assertIn("floating", text)
        self.assertIn("50", text)


class Server(Client):
    def test_what_owns_ports_is_a_server(self):
        shown = {row["Name"]: row for row in self.get("server list")}
        self.assertEqual(shown["cirros-vm1"]["Networks"], {"net100": ["172.16.100.3"]})
        self.assertEqual(self.get("server show cirros-vm1")["OS-EXT-STS:power_state"], 1)

        address = self.get("floating ip create ext_net")["floating_ip_address"]
        self.ok(f"server add floating ip cirros-vm1 {address}")
        self.assertTrue(reaches(address))
        self.assertIn(address, self.get("server show cirros-vm1")["addresses"]["net100"])
        self.assertEqual(len(self.get(f"server list --ip {address}")), 1)
        self.ok(f"server add floating ip cirros-vm3 {address}")
        self.assertEqual(self.get(f"floating ip show {address}")["fixed_ip_address"], "172.16.101.3")
        self.assertTrue(reaches(address))
        self.ok(f"server remove floating ip cirros-vm3 {address}")
        self.assertFalse(reaches(address))
        self.ok(f"floating ip delete {address}")

    def test_life_of_a_registered_server(self):
        self.ok("network create snet")
        self.ok("subnet create snet --network snet --subnet-range 172.16.180.0/24")
        net = self.get("network show snet")["id"]
        self.ok(f"server create --flavor registered --image registered --nic net-id={net} --wait web")
        self.assertEqual(self.get("server show web")["addresses"], {"snet": ["172.16.180.2"]})
        self.ok("server set --name www --property tier=front web")
        self.assertEqual(self.get("server show www")["properties"], {"tier": "front"})
        self.ok("port create sextra --network snet")
        self.ok("server add port www sextra")
        self.assertEqual(len(self.get("port list --server www")), 2)
        self.refused("server reboot www", "501|runs none")
        self.refused("server create --flavor registered --image registered --port nothing x", "No Port found|404")
        self.ok("server delete --wait www")
        self.assertEqual([row["Name"] for row in self.get("port list --network snet")], ["sextra"])
        self.ok("port delete sextra")
        self.ok("network delete snet")

    def test_what_dashboards_ask_for(self):
        limits = {row["Name"]: row["Value"] for row in self.get("limits show --absolute")}
        self.assertEqual(limits["maxTotalFloatingIps"], 50)
        self.assertEqual([row["Name"] for row in self.get("flavor list")], ["registered"])
        self.assertEqual({row["Zone Name"] for row in self.get("availability zone list")}, {"nova"})
        self.assertEqual(len(self.get("hypervisor list")), 1)
        self.assertEqual([row["Binary"] for row in self.get("compute service list")], ["buoy-agent"])
        self.assertEqual(self.get("usage show")["Project"], self.get("project show admin")["id"])
        self.assertEqual((self.get("keypair list"), self.get("server group list")), ([], []))


class Clouds(Client):
    def test_clouds_yaml(self):
        env = {k: "" for k in own_sandbox.credentials() if k.startswith("OS_")}
        env.update(OS_CLIENT_CONFIG_FILE=os.path.join(own_sandbox.FOLDER, "clouds.yaml"), OS_CLOUD="buoy-sandbox")
        self.assertIn("ext_net", [row["Name"] for row in self.get("network list", **env)])

    def test_another_user_by_variables(self):
        self.refused("token issue", "401|requires authentication", OS_USERNAME="nobody")
        self.refused("token issue", "401|requires authentication", OS_PASSWORD="wrong")

    def test_catalogue(self):
        self.assertEqual({row["Type"] for row in self.get("catalog list")} & {"network", "identity", "compute"},
                         {"network", "identity", "compute"})


def main():
    if not own_sandbox.inside():
        own_sandbox.start_again_inside(sys.argv[1], sys.argv[2], "openstack")
    with own_sandbox.sandbox():
        ok = unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2, exit=False).result.wasSuccessful()
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
