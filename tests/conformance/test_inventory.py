#!/usr/bin/python3
"""Debian's `openstack` client, as it is: agents, zones, pools of floating IPs, addresses left, quotas, topologies made
when somebody asks, extensions.

Usage: test_inventory.py BUOYD BUOY [TEST...]; what test_openstack.py says of itself holds here, too.
"""
from test_openstack import Client, main, reaches


def by(rows, key, value):
    return [row for row in rows if row[key] == value]


class Agent(Client):
    def l3(self):
        return by(self.get("network agent list"), "Agent Type", "L3 agent")[0]["ID"]

    def test_list_show_set(self):
        rows = self.get("network agent list --agent-type l3")
        self.assertEqual([(r["Agent Type"], r["Alive"], r["State"], r["Binary"]) for r in rows],
                         [("L3 agent", True, True, "buoyd")])
        host = rows[0]["Host"]
        self.assertEqual(len(self.get(f"network agent list --host {host} --agent-type dhcp")), 1)
        self.assertEqual(self.get("network agent list --host nowhere"), [])
        agent = rows[0]["ID"]
        self.ok(f"network agent set {agent} --description ours")
        shown = self.get(f"network agent show {agent}")
        self.assertEqual((shown["description"], shown["availability_zone"], shown["host"]), ("ours", "nova", host))
        self.ok(f"network agent delete {agent}")
        self.assertEqual(self.get(f"network agent show {agent}")["description"], None)
        self.refused("network agent show nothing", "No .*found|could not be found")

    def test_a_router_is_taken_and_given(self):
        agent = self.l3()
        address = self.get("floating ip create ext_net --port cirros-vm1")["floating_ip_address"]
        self.assertTrue(reaches(address))
        self.assertEqual([r["ID"] for r in self.get("network agent list --router router_100_101")], [agent])
        self.assertIn("router_100_101", [r["Name"] for r in self.get(f"router list --agent {agent}")])
        self.ok(f"network agent remove router --l3 {agent} router_100_101")
        self.assertFalse(reaches(address))
        self.assertEqual(self.get(f"floating ip show {address}")["status"], "DOWN")
        self.assertEqual(self.get("network agent list --router router_100_101"), [])
        self.assertNotIn("router_100_101", [r["Name"] for r in self.get(f"router list --agent {agent}")])
        self.ok(f"network agent add router --l3 {agent} router_100_101")
        self.assertTrue(reaches(address))
        self.ok(f"floating ip delete {address}")

    def test_switched_off(self):
        agent = self.l3()
        address = self.get("floating ip create ext_net --port cirros-vm1")["floating_ip_address"]
        self.ok(f"network agent set {agent} --disable")
        self.assertFalse(reaches(address))
        self.assertEqual({r["Zone Status"] for r in self.get("availability zone list --network --long")
                          if r["Zone Resource"] == "router"}, {"not available"})
        self.ok(f"network agent set {agent} --enable")
        self.assertTrue(reaches(address))
        self.ok(f"floating ip delete {address}")


class Zone(Client):
    def test_zones(self):
        rows = by(self.get("availability zone list --network --long"), "Zone Resource", "router")
        self.assertEqual([(r["Zone Name"], r["Zone Status"]) for r in rows], [("nova", "available")])
        made = self.get("router create zoned --availability-zone-hint nova")
        self.assertEqual((made["availability_zone_hints"], made["availability_zones"]), (["nova"], ["nova"]))
        self.ok("router delete zoned")
        self.refused("network create zoned --availability-zone-hint mars", "AvailabilityZone mars could not be found")
        self.assertEqual(self.get("network create zoned --availability-zone-hint nova")["availability_zone_hints"],
                         ["nova"])
        self.ok("network delete zoned")


class Addresses(Client):
    def test_availability(self):
        self.ok("network create counted")
        self.ok("subnet create counted --network counted --subnet-range 172.16.190.0/29")
        self.ok("port create counted --network counted")
        shown = self.get("ip availability show counted")
        self.assertEqual((shown["total_ips"], shown["used_ips"]), (5, 1))
        self.assertEqual(shown["subnet_ip_availability"][0]["cidr"], "172.16.190.0/29")
        row = by(self.get("ip availability list --ip-version 4"), "Network Name", "counted")[0]
        self.assertEqual((row["Total IPs"], row["Used IPs"]), (5, 1))
        self.assertEqual(by(self.get("ip availability list --ip-version 6"), "Network Name", "counted"), [])
        self.assertEqual(len(self.get("ip availability list --project admin")) > 1, True)
        self.ok("port delete counted")
        self.assertEqual(self.get("ip availability show counted")["used_ips"], 0)
        self.ok("network delete counted")


class Quota(Client):
    def test_quota(self):
        self.ok("project create limited")
        self.assertEqual(self.get("quota show --default limited")["floating-ips"], 50)
        self.ok("quota set --networks 7 --floating-ips 3 limited")
        self.assertEqual(self.get("quota show limited")["networks"], 7)
        self.assertEqual(self.get("quota show --default limited")["networks"], 100)
        rows = {row["Resource"]: row for row in self.get("quota list --network --detail --project admin")}
        self.assertTrue(rows["networks"]["In Use"] >= 1, rows)
        self.refused("quota set --networks 0 --check-limit admin", "400|already used")
        self.assertTrue(by(self.get("quota list --network"), "Networks", 7))
        self.ok("project delete limited")


class Flavor(Client):
    def test_flavors(self):
        self.assertEqual([(r["Service Type"], r["Name"], r["Default"])
                          for r in self.get("network service provider list")], [("L3_ROUTER_NAT", "buoy", True)])
        made = self.get("network flavor create plain --service-type L3_ROUTER_NAT --description one")
        self.assertEqual((made["service_type"], made["enabled"]), ("L3_ROUTER_NAT", True))
        profile = self.get("network flavor profile create --driver buoy --description two")["id"]
        self.assertEqual([r["Driver"] for r in self.get("network flavor profile list")], ["buoy"])
        self.ok(f"network flavor profile set {profile} --metainfo more")
        self.assertEqual(self.get(f"network flavor profile show {profile}")["meta_info"], "more")
        self.ok(f"network flavor add profile plain {profile}")
        self.assertEqual(self.get("network flavor show plain")["service_profile_ids"], [profile])
        self.refused(f"network flavor profile delete {profile}", "409|used by|1 of 1")
        self.ok(f"network flavor remove profile plain {profile}")
        self.ok("network flavor set plain --disable --name simple")
        self.assertEqual([(r["Name"], r["Enabled"]) for r in self.get("network flavor list")], [("simple", False)])
        self.refused("network flavor create other --service-type MAGIC", "400|Invalid")
        self.ok("network flavor delete simple")
        self.ok(f"network flavor profile delete {profile}")
        self.assertEqual(self.get("network flavor list") + self.get("network flavor profile list"), [])


class AutoTopology(Client):
    def test_asked_for_used_and_deleted(self):
        create = "network auto allocated topology create"
        self.refused(f"{create} --check-resources", "No default router:external network")
        self.ok("network set ext_net --external --default")
        self.refused(f"{create} --check-resources", "No default subnetpools defined")
        self.refused(create, "Unable to provide tenant private network")
        self.ok("subnet pool create usual --pool-prefix 172.16.160.0/20 --default-prefix-length 26 --default")
        self.assertEqual(self.get(f"{create} --check-resources")["dry_run"], "pass")
        network = self.get(create)["id"]
        self.assertEqual(self.get(create)["id"], network)
        self.ok(f"port create auto1 --network {network}")
        address = self.get("floating ip create ext_net --port auto1")["floating_ip_address"]
        self.assertEqual(self.get(f"floating ip show {address}")["status"], "ACTIVE")
        self.refused("network auto allocated topology delete", "required by one or more floating IPs")
        self.ok(f"floating ip delete {address}")
        self.ok("port delete auto1")
        self.ok("network auto allocated topology delete")
        self.assertEqual(by(self.get("router list"), "Name", "auto_allocated_router"), [])
        self.ok("network auto allocated topology delete")
        self.ok("subnet pool delete usual")
        self.ok("network set ext_net --external --no-default")


class Extension(Client):
    def test_extensions(self):
        aliases = {row["Alias"] for row in self.get("extension list --network")}
        self.assertLessEqual({"floatingip-pools", "network-ip-availability", "quota-check-limit", "agent",
                              "l3_agent_scheduler", "availability_zone", "network_availability_zone",
                              "router_availability_zone"}, aliases)
        self.assertEqual(self.get("extension show network-ip-availability")["name"], "Network IP Availability")
        self.refused("extension show no-such", "could not|No Extension|does not exist")


if __name__ == "__main__":
    main()
