#!/usr/bin/python3
"""`openstack floating ip port forwarding`, as Debian has it, against a whole Buoy, and connections through it.

Usage: test_port_forwarding.py BUOYD BUOY [TEST...]; test_openstack.py says what it runs in.
"""
import subprocess
import sys

from test_openstack import Client, main

SERVER = """
import socket
s = socket.create_server(('0.0.0.0', {port}))
print('listening', flush=True)
c, peer = s.accept()
c.sendall(peer[0].encode())
c.close()
"""
CLIENT = "import socket; c = socket.create_connection(('{addr}', {port}), 3); print(c.recv(100).decode())"


def asked_by(instance, inside, addr, port):
    """Whom the instance's server sees when somebody outside connects; None when nobody answers."""
    server = subprocess.Popen(["ip", "netns", "exec", "buoy-" + instance, sys.executable, "-c", SERVER.format(port=inside)],
                              stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == "listening\n"
        done = subprocess.run(["ip", "netns", "exec", "buoy-outside", sys.executable, "-c",
                               CLIENT.format(addr=addr, port=port)], capture_output=True, text=True, check=False)
        return done.stdout.strip() or None
    finally:
        server.kill()
        server.communicate()


class PortForwarding(Client):
    def setUp(self):
        self.fip = self.get("floating ip create ext_net")
        self.address = self.fip["floating_ip_address"]
        self.addCleanup(self.clean)

    def clean(self):
        rows = self.get(f"floating ip port forwarding list {self.address}")
        if rows:
            ids = " ".join(row["ID"] for row in rows)
            self.ok(f"floating ip port forwarding delete {self.address} {ids}")
        self.ok(f"floating ip delete {self.address}")

    def create(self, port, inside, outside, fixed, more=""):
        return self.get(f"floating ip port forwarding create {self.address} --port {port} --internal-ip-address {fixed}"
                        f" --internal-protocol-port {inside} --external-protocol-port {outside} --protocol tcp {more}")

    def test_life(self):
        made = self.create("cirros-vm1", 80, 8001, "172.16.100.3", "--description web")
        self.assertEqual((made["internal_port"], made["external_port"], made["protocol"], made["internal_ip_address"],
                          made["description"]), (80, 8001, "tcp", "172.16.100.3", "web"))
        other = self.create("cirros-vm3", 80, 8003, "172.16.101.3")
        shown = self.get(f"floating ip show {self.address}")
        self.assertEqual((shown["status"], shown["port_id"]), ("ACTIVE", None))
        self.assertEqual(asked_by("cirros-vm1", 80, self.address, 8001), "10.10.10.1")
        self.assertEqual(asked_by("cirros-vm3", 80, self.address, 8003), "10.10.10.1")

        listed = self.get(f"floating ip port forwarding list {self.address} --port cirros-vm3")
        self.assertEqual([row["ID"] for row in listed], [other["id"]])
        listed = self.get(f"floating ip port forwarding list {self.address} --external-protocol-port 8001"
                          " --protocol tcp")
        self.assertEqual([(row["ID"], row["Internal Port"]) for row in listed], [(made["id"], 80)])

        self.ok(f"floating ip port forwarding set {self.address} {made['id']} --external-protocol-port 8002"
                " --internal-protocol-port 81 --description changed")
        shown = self.get(f"floating ip port forwarding show {self.address} {made['id']}")
        self.assertEqual((shown["internal_port"], shown["external_port"], shown["description"]), (81, 8002, "changed"))
        self.assertEqual(asked_by("cirros-vm1", 81, self.address, 8002), "10.10.10.1")
        self.assertEqual(asked_by("cirros-vm1", 81, self.address, 8001), None)
        self.ok(f"floating ip port forwarding set {self.address} {made['id']} --port cirros-vm3"
                " --internal-ip-address 172.16.101.3 --protocol udp")

        self.ok(f"floating ip port forwarding delete {self.address} {made['id']} {other['id']}")
        self.refused(f"floating ip port forwarding show {self.address} {made['id']}", "No PortForwarding found|could not")
        self.assertEqual(self.get(f"floating ip show {self.address}")["status"], "DOWN")

    def test_what_is_refused(self):
        made = self.create("cirros-vm1", 80, 8001, "172.16.100.3")
        create = f"floating ip port forwarding create {self.address} --protocol tcp"
        self.refused(f"{create} --port cirros-vm3 --internal-ip-address 172.16.101.3 --internal-protocol-port 1"
                     " --external-protocol-port 8001", "400|port collision")
        self.refused(f"{create} --port cirros-vm1 --internal-ip-address 172.16.100.3 --internal-protocol-port 80"
                     " --external-protocol-port 9", "400|port collision")
        self.refused(f"{create} --port cirros-vm1 --internal-ip-address 172.16.100.9 --internal-protocol-port 5"
                     " --external-protocol-port 5", "400|not suitable")
        self.refused(f"floating ip delete {self.address}", "409|in use by Port Forwarding")
        self.refused(f"floating ip set --port cirros-vm3 {self.address}", "409|in use by Port Forwarding")
        self.refused("floating ip create ext_net --port cirros-vm1", "400|already has a Port Forwarding")
        self.ok(f"floating ip port forwarding delete {self.address} {made['id']}")
        self.ok(f"floating ip set --port cirros-vm3 {self.address}")
        self.refused(f"{create} --port cirros-vm1 --internal-ip-address 172.16.100.3 --internal-protocol-port 5"
                     " --external-protocol-port 5", "409|already")

    def test_ranges(self):
        """By properties of its own: the client has no options for them yet."""
        made = self.get(f"floating ip port forwarding create {self.address} --port cirros-vm1"
                        " --internal-ip-address 172.16.100.3 --internal-protocol-port 7000 --external-protocol-port 7000"
                        " --protocol tcp")
        self.ok(f"floating ip port forwarding set {self.address} {made['id']}"
                " --extra-property type=str,name=external_port_range,value=7000:7009"
                " --extra-property type=str,name=internal_port_range,value=7000:7009")
        self.assertEqual(asked_by("cirros-vm1", 7009, self.address, 7009), "10.10.10.1")

    def test_extensions(self):
        aliases = {row["Alias"] for row in self.get("extension list --network")}
        self.assertLessEqual({"floating-ip-port-forwarding", "floating-ip-port-forwarding-description",
                              "floating-ip-port-forwarding-detail", "floating-ip-port-forwarding-port-ranges",
                              "expose-port-forwarding-in-fip"}, aliases)


if __name__ == "__main__":
    main()
