#!/usr/bin/python3
"""Debian's `openstack` client, as it is: what is shared among projects, subnet pools, address scopes.

Usage: test_sharing.py BUOYD BUOY [TEST...]. Everything as in test_openstack.py, which this runs on.
"""
import os
import subprocess

import own_sandbox
from test_openstack import Client, main


def buoy(line):
    """The project's own client, against the same sandbox."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
    env.update(OS_CLIENT_CONFIG_FILE=os.path.join(own_sandbox.FOLDER, "clouds.yaml"), OS_CLOUD="buoy-sandbox")
    return subprocess.run([os.path.join(os.environ["SANDBOX_BIN"], "buoy"), *line.split()], env=env, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)


class Sharing(Client):
    """A second project, and what it sees."""

    @classmethod
    def setUpClass(cls):
        cls.clerk = {"OS_USERNAME": "keeper", "OS_PASSWORD": "sesame", "OS_PROJECT_NAME": "market"}
        made = cls()
        made.ok("project create market")
        made.ok("user create keeper --password sesame")
        made.ok("role add --user keeper --project market member")

    @classmethod
    def tearDownClass(cls):
        made = cls()
        made.ok("user delete keeper")
        made.ok("project delete market")

    def buoy(self, line):
        done = buoy(line)
        self.assertEqual(done.returncode, 0, f"buoy {line}\n{done.stdout}{done.stderr}")
        return done.stdout

    def names(self, line, **env):
        return [row["Name"] for row in self.get(line, **env)]


class NetworkRbac(Sharing):
    def test_a_shared_network(self):
        self.ok("network create open1")
        self.ok("subnet create open1 --network open1 --subnet-range 172.16.170.0/24")
        self.assertNotIn("open1", self.names("network list", **self.clerk))
        made = self.get("network rbac create open1 --type network --action access_as_shared"
                        " --target-project market")
        self.assertEqual((made["object_type"], made["action"]), ("network", "access_as_shared"))
        identity = made["id"]
        self.assertIn("open1", self.names("network list", **self.clerk))
        self.assertIn("open1", self.names("network list --share", **self.clerk))
        self.assertNotIn("open1", self.names("network list --share"))
        self.assertEqual(self.get("network show open1", **self.clerk)["shared"], True)
        self.assertEqual(self.get("network show open1")["shared"], False)
        self.assertIn("open1", self.names("subnet list", **self.clerk))
        self.ok("port create there --network open1", **self.clerk)
        self.refused(f"network rbac delete {identity}", "409|cannot be removed")
        self.ok("port delete there", **self.clerk)

        rows = self.get("network rbac list --type network --action access_as_shared --long")
        self.assertEqual([row["Object ID"] for row in rows], [self.get("network show open1")["id"]])
        self.assertEqual(self.get(f"network rbac show {identity}")["id"], identity)
        project = self.get("project show admin")["id"]
        self.ok(f"network rbac set --target-project admin {identity}")
        self.assertIn(project, self.get(f"network rbac show {identity}").values())
        self.assertNotIn("open1", self.names("network list", **self.clerk))
        self.ok(f"network rbac delete {identity}")
        self.refused(f"network rbac show {identity}", "No RBACPolicy found|No rbac_policy found|could not be found")
        self.ok("network delete open1")

    def test_an_external_network_of_one_project(self):
        self.ok("network create dock")
        self.ok("subnet create dock --network dock --subnet-range 10.77.0.0/24")
        made = self.get("network rbac create dock --type network --action access_as_external --target-project market")
        self.assertEqual(self.get("network show dock", **self.clerk)["router:external"], True)
        self.ok("router create way", **self.clerk)
        self.ok("router set --external-gateway dock way", **self.clerk)
        address = self.get("floating ip create dock", **self.clerk)["floating_ip_address"]
        self.refused(f"network rbac delete {made['id']}", "409|cannot be removed")
        self.ok(f"floating ip delete {address}", **self.clerk)
        self.ok("router delete way", **self.clerk)
        self.ok(f"network rbac delete {made['id']}")
        self.assertEqual(self.get("network show dock")["router:external"], False)
        self.ok("network delete dock")

    def test_for_all(self):
        self.ok("network create open2")
        self.ok("network rbac create open2 --type network --action access_as_shared --target-all-projects")
        self.assertIn("open2", self.names("network list --share", **self.clerk))
        self.ok("network set --no-share open2")
        self.assertEqual(self.get("network rbac list --type network --action access_as_shared"), [])
        self.refused("network rbac create nothing --type network --action access_as_shared --target-project market",
                     "No Network found|404")
        self.ok("network create mine", **self.clerk)
        self.refused("network rbac create mine --type network --action access_as_shared --target-all-projects",
                     "403|disallowed", **self.clerk)
        self.ok("network delete mine", **self.clerk)
        self.ok("network delete open2")

    def test_qos_policy(self):
        self.ok("network qos policy create lent")
        made = self.get("network rbac create lent --type qos_policy --action access_as_shared --target-project market")
        self.assertIn("lent", self.names("network qos policy list", **self.clerk))
        self.ok(f"network rbac delete {made['id']}")
        self.assertEqual(self.names("network qos policy list", **self.clerk), [])
        self.ok("network qos policy delete lent")

    def test_by_buoy(self):
        self.ok("network create open3")
        identity = self.buoy("network rbac create open3 --type network --action access_as_shared"
                             " --target-project market -f value -c id").strip()
        self.assertIn("open3", self.names("network list", **self.clerk))
        self.assertIn(identity, self.buoy("network rbac list"))
        self.buoy(f"network rbac set {identity} --target-all-projects")
        self.assertIn("*", self.buoy(f"network rbac show {identity}"))
        self.buoy(f"network rbac delete {identity}")
        self.ok("network delete open3")


class SubnetPool(Sharing):
    def test_life_of_a_pool(self):
        made = self.get("subnet pool create lab --pool-prefix 10.40.0.0/16 --default-prefix-length 24"
                        " --min-prefix-length 20 --max-prefix-length 28 --description first --tag blue")
        self.assertEqual((made["prefixes"], made["ip_version"]), (["10.40.0.0/16"], 4))
        self.assertEqual([made[k] for k in ("default_prefixlen", "min_prefixlen", "max_prefixlen")],
                         [24, 20, 28])
        self.ok("subnet pool set --name lab2 --pool-prefix 10.41.0.0/16 --default-prefix-length 25 lab")
        shown = self.get("subnet pool show lab2")
        self.assertEqual((shown["prefixes"], shown["default_prefixlen"], shown["tags"]),
                         (["10.40.0.0/15"], 25, ["blue"]))
        self.ok("subnet pool unset --tag blue lab2")
        self.assertEqual(self.names("subnet pool list"), ["lab2"])
        self.assertEqual(self.names("subnet pool list", **self.clerk), [])
        self.ok("network create pooled")
        made = self.get("subnet create s1 --network pooled --subnet-pool lab2")
        self.assertEqual((made["cidr"], made["subnetpool_id"]), ("10.40.0.0/25", shown["id"]))
        self.assertEqual(self.get("subnet create s2 --network pooled --subnet-pool lab2 --prefix-length 28")["cidr"],
                         "10.40.0.128/28")
        self.assertEqual(self.get("subnet create s3 --network pooled --subnet-pool lab2"
                                  " --subnet-range 10.41.7.0/24")["cidr"], "10.41.7.0/24")
        self.refused("subnet create s4 --network pooled --subnet-pool lab2 --subnet-range 10.41.7.0/25",
                     "409|Cannot allocate")
        self.refused("subnet create s4 --network pooled --subnet-range 192.168.9.0/24", "400|same subnet pool")
        self.assertEqual(len(self.get(f"subnet list --subnet-pool lab2")), 3)
        self.refused("subnet pool delete lab2", "400|existing allocations")
        self.ok("network delete pooled")
        self.ok("subnet pool delete lab2")
        self.refused("subnet pool show lab2", "No SubnetPool found|No subnetpool found|could not be found")

    def test_the_default_pool(self):
        self.ok("subnet pool create usual --pool-prefix 10.44.0.0/16 --default --share --default-prefix-length 24")
        self.assertEqual(self.names("subnet pool list --default", **self.clerk), ["usual"])
        self.ok("network create mine2", **self.clerk)
        made = self.get("subnet create mine2 --network mine2 --use-default-subnet-pool", **self.clerk)
        self.assertEqual(made["cidr"], "10.44.0.0/24")
        self.ok("network delete mine2", **self.clerk)
        self.ok("subnet pool set --no-default usual")
        self.assertEqual(self.get("subnet pool show usual")["is_default"], False)
        self.ok("subnet pool delete usual")

    def test_a_pool_for_one_project(self):
        self.ok("subnet pool create lent2 --pool-prefix fd00:40::/48")
        made = self.get("network rbac create lent2 --type subnetpool --action access_as_shared"
                        " --target-project market")
        self.assertEqual(self.names("subnet pool list", **self.clerk), ["lent2"])
        self.ok("network create six", **self.clerk)
        self.assertEqual(self.get("subnet create six --network six --subnet-pool lent2 --ip-version 6",
                                  **self.clerk)["cidr"], "fd00:40::/64")
        self.refused(f"network rbac delete {made['id']}", "409|cannot be removed")
        self.ok("network delete six", **self.clerk)
        self.ok(f"network rbac delete {made['id']}")
        self.ok("subnet pool delete lent2")

    def test_by_buoy(self):
        self.buoy("subnet pool create b1 --pool-prefix 10.45.0.0/16 --default-prefix-length 26")
        self.buoy("subnet pool set b1 --pool-prefix 10.47.0.0/16")
        self.assertEqual(self.get("subnet pool show b1")["prefixes"], ["10.45.0.0/16", "10.47.0.0/16"])
        self.buoy("network create bnet")
        self.assertIn("10.45.0.0/26", self.buoy("subnet create bsub --network bnet --subnet-pool b1"))
        self.assertIn("10.45.0.64/28", self.buoy("subnet create b2 --network bnet --subnet-pool b1"
                                                 " --prefix-length 28"))
        self.assertIn("b1", self.buoy("subnet pool list"))
        self.buoy("network delete bnet")
        self.buoy("subnet pool delete b1")


class AddressScope(Sharing):
    def test_life_of_a_scope(self):
        made = self.get("address scope create routed")
        self.assertEqual((made["ip_version"], made["shared"]), (4, False))
        self.ok("address scope set --name routed2 routed")
        self.ok("subnet pool create scoped --pool-prefix 10.50.0.0/16 --default-prefix-length 24"
                " --address-scope routed2")
        self.assertEqual(self.get("subnet pool show scoped")["address_scope_id"], made["id"])
        self.refused("subnet pool create other --pool-prefix 10.50.3.0/24 --address-scope routed2",
                     "409|unique prefixes")
        self.refused("address scope delete routed2", "409|in use")
        self.ok("network create snet2")
        self.ok("subnet create snet2 --network snet2 --subnet-pool scoped")
        self.assertEqual(self.get("network show snet2")["ipv4_address_scope"], made["id"])
        self.ok("subnet pool set --no-address-scope scoped")
        self.assertIsNone(self.get("network show snet2")["ipv4_address_scope"])
        self.ok("network delete snet2")
        self.ok("subnet pool delete scoped")
        self.assertEqual(self.names("address scope list --ip-version 4"), ["routed2"])
        self.assertEqual(self.names("address scope list", **self.clerk), [])
        self.ok("address scope set --share routed2")
        self.assertEqual(self.names("address scope list --share", **self.clerk), ["routed2"])
        self.ok("address scope delete routed2")
        self.refused("address scope show routed2", "No AddressScope found|No address_scope found|could not be found")

    def test_by_buoy(self):
        self.buoy("address scope create bs")
        self.assertIn("bs", self.buoy("address scope list"))
        made = self.get("network rbac create bs --type address_scope --action access_as_shared"
                        " --target-project market")
        self.assertEqual(self.names("address scope list", **self.clerk), ["bs"])
        self.ok(f"network rbac delete {made['id']}")
        self.buoy("address scope delete bs")


if __name__ == "__main__":
    main()
