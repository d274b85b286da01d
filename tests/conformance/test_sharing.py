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


if __name__ == "__main__":
    main()
