"""`buoy port plug` and `unplug` with real devices, in namespaces of the test's own; skipped without root."""
import json
import os
import subprocess
import sys
import unittest

from cli_case import CliCase, run_tests

INSIDE = "BUOY_TEST_INSIDE"
PRIVATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/private")


def ip(*words):
    done = subprocess.run(["ip", "-j", *words], capture_output=True, text=True, check=True)
    return json.loads(done.stdout) if done.stdout.strip() else []


@unittest.skipUnless(INSIDE in os.environ, "needs root and namespaces")
class Plug(CliCase):
    def setUp(self):
        super().setUp()
        net = self.cloud.add("networks", name="net100", mtu=1400)
        sub = self.cloud.add("subnets", name="s4", cidr="172.16.100.0/24", gateway_ip="172.16.100.1", host_routes=[
            {"destination": "192.168.7.0/24", "nexthop": "172.16.100.9"}])
        six = self.cloud.add("subnets", name="s6", cidr="2001:db8::/64", gateway_ip=None, host_routes=[])
        self.port = self.cloud.add("ports", name="web1", network_id=net["id"], mac_address="fa:16:3e:01:02:03", fixed_ips=[
            {"subnet_id": sub["id"], "ip_address": "172.16.100.3"}, {"subnet_id": six["id"], "ip_address": "2001:db8::3"}])
        self.tap = "tap" + self.port["id"][:11]
        subprocess.run(["ip", "netns", "add", "web1"], check=True)
        self.addCleanup(subprocess.run, ["ip", "netns", "delete", "web1"], check=True)

    def test_netns(self):
        self.assertEqual(self.ok("port", "plug", "web1", "--netns", "web1"), self.tap + "\n")
        inside = ip("-n", "web1", "address", "show", "dev", "eth0")[0]
        self.assertEqual((inside["address"], inside["mtu"]), ("fa:16:3e:01:02:03", 1400))
        addresses = ["%s/%d" % (a["local"], a["prefixlen"]) for a in inside["addr_info"] if a["scope"] == "global"]
        self.assertEqual(addresses, ["172.16.100.3/24", "2001:db8::3/64"])
        routes = {r["dst"]: r.get("gateway") for r in ip("-n", "web1", "route", "show")}
        self.assertEqual((routes["default"], routes["192.168.7.0/24"]), ("172.16.100.1", "172.16.100.9"))
        outside = ip("link", "show", "dev", self.tap)[0]
        self.assertIn("UP", outside["flags"])
        self.assertNotEqual(outside["address"], "fa:16:3e:01:02:03")
        self.assertIn("plugged on this machine already", self.fails(1, "port", "plug", "web1", "--netns", "web1"))
        self.ok("port", "unplug", "web1")
        self.assertEqual([l["ifname"] for l in ip("-n", "web1", "link", "show")], ["lo"])

    def test_netns_options(self):
        self.ok("port", "plug", "web1", "--netns", "web1", "--name", "net0", "--no-address")
        self.assertFalse([a for a in ip("-n", "web1", "address", "show", "dev", "net0")[0]["addr_info"] if a["scope"] == "global"])
        self.ok("port", "unplug", "web1")

    def test_missing_namespace(self):
        said = self.fails(1, "port", "plug", "web1", "--netns", "nowhere")
        self.assertIn("ip netns add nowhere", said)
        self.fails(2, "port", "plug", "web1", "--netns", "../web1")

    def test_failure_leaves_nothing(self):
        subprocess.run(["ip", "-n", "web1", "link", "add", "eth0", "type", "bridge"], check=True)
        self.fails(1, "port", "plug", "web1", "--netns", "web1")
        self.assertEqual([l["ifname"] for l in ip("link", "show")], ["lo"])
        self.cloud.rows["subnets"][self.port["fixed_ips"][0]["subnet_id"]]["cidr"] = "broken/x"
        self.fails(1, "port", "plug", "web1", "--netns", "web1", "--name", "eth1")
        self.assertEqual([l["ifname"] for l in ip("link", "show")], ["lo"])

    def test_tap(self):
        subprocess.run(["ip", "tuntap", "add", "vnet3", "mode", "tap"], check=True)
        self.addCleanup(subprocess.run, ["ip", "link", "delete", "vnet3"], check=True)
        for _ in range(2):
            self.ok("port", "plug", "web1", "--tap", "vnet3")
        self.assertEqual(ip("link", "show", "dev", "vnet3")[0]["altnames"], [self.tap])
        self.ok("port", "unplug", "web1")
        self.assertNotIn("altnames", ip("link", "show", "dev", "vnet3")[0])
        self.assertIn("there is no device", self.fails(1, "port", "plug", "web1", "--tap", "vnet4"))
        self.assertIn("not plugged", self.fails(1, "port", "unplug", "web1"))

    def test_a_foreign_device_stays(self):
        subprocess.run(["ip", "link", "add", self.tap, "type", "bridge"], check=True)
        self.addCleanup(subprocess.run, ["ip", "link", "delete", self.tap], check=True)
        self.assertIn("was not made by", self.fails(1, "port", "unplug", "web1"))

    def test_usage(self):
        self.fails(2, "port", "plug", "web1")
        self.fails(2, "port", "plug", "web1", "--netns", "a", "--tap", "b")
        self.fails(2, "port", "plug", "web1", "--tap", "b", "--name", "c")


def enter():
    """Runs this file again as if on a machine of its own; returns when that is not possible."""
    if INSIDE in os.environ or os.geteuid() != 0:
        return
    if subprocess.run([PRIVATE, "true"], capture_output=True).returncode == 0:
        os.environ[INSIDE] = "1"
        files = [os.path.abspath(a) for a in sys.argv[:2]]
        os.execv(PRIVATE, [PRIVATE, sys.executable, "-B"] + files + sys.argv[2:])


if __name__ == "__main__":
    enter()
    run_tests()
