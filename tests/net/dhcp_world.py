"""A buoyd with one network that has no router, one that has, and clients of DHCP in namespaces."""
import os
import signal
import subprocess

from buoy import Client, Daemon, folder, wait_for
from cloud import buoy_environment, make_outside
from space import ip, run

SERVER = "169.254.169.253"
CONFIG = """
[node]
name = here
[network]
datapath = {datapath}
[physical_networks]
physnet1 = bridge:br-ex
[dhcp]
lease_time_s = 3600
[dns]
domain = cloud.example
upstream = {upstream}
"""
# What udhcpc calls: it says what it was given, and configures as Debian's does.
SCRIPT = """#!/bin/sh
env | sort > "$OUT.$1"
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip address replace "$ip/$mask" dev "$interface"
set -- $staticroutes
while [ "$2" ]; do
    if [ "$2" = 0.0.0.0 ]; then ip route replace "$1" dev "$interface"
    else ip route replace "$1" via "$2" dev "$interface" onlink; fi
    shift 2
done
"""


def settings(path):
    """The variables that udhcpc gave its script."""
    with open(path, encoding="utf-8") as f:
        return dict(line.rstrip("\n").split("=", 1) for line in f if "=" in line)


class DhcpWorld:
    def __init__(self, buoyd, buoy, datapath, upstream="192.0.2.53", before=None):
        self.buoy = os.path.abspath(buoy)
        make_outside()
        self.work = folder()
        if before:
            before(self.work)
        self.script = f"{self.work}/script"
        with open(self.script, "w", encoding="utf-8") as f:
            f.write(SCRIPT)
        os.chmod(self.script, 0o755)
        self.daemon = Daemon(buoyd, self.work, CONFIG.format(datapath=datapath, upstream=upstream)).start()
        self.admin = a = Client()
        self.lonely = a.network("lonely", mtu=1400)
        self.lonely_sub = a.subnet(self.lonely["id"], "10.1.0.0/24", gateway_ip=None,
                                   host_routes=[{"destination": "10.9.0.0/16", "nexthop": "10.1.0.9"}])
        self.ext = a.network("ext", **{"router:external": True, "provider:network_type": "flat",
                                       "provider:physical_network": "physnet1"})
        a.subnet(self.ext["id"], "10.10.10.0/24", gateway_ip="10.10.10.1", enable_dhcp=False,
                 allocation_pools=[{"start": "10.10.10.2", "end": "10.10.10.199"}])
        self.routed = a.network("routed")
        self.routed_sub = a.subnet(self.routed["id"], "10.2.0.0/24", dns_nameservers=["192.0.2.1", "192.0.2.2"])
        self.router = a.create("router", name="r", external_gateway_info={"network_id": self.ext["id"]})
        a.interface(self.router["id"], self.routed_sub["id"])
        self.made = 0

    def instance(self, network, **more):
        """A port that is plugged without an address, and its namespace."""
        self.made += 1
        space = f"vm{self.made}"
        port = self.admin.create("port", network_id=network["id"], device_owner="compute:test", **more)
        run(f"ip netns add {space}")
        done = subprocess.run([self.buoy, "port", "plug", port["id"], "--netns", space, "--name", "eth0",
                               "--no-address"], env=buoy_environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        wait_for(lambda: self.admin.show("port", port["id"])["status"] == "ACTIVE", "the port is plugged")
        return space, port

    def udhcpc(self, space, *more, timeout=20):
        """Asks once; what it was given, or None."""
        out = f"{self.work}/{space}"
        for word in "bound", "nak", "renew":
            if os.path.exists(f"{out}.{word}"):
                os.unlink(f"{out}.{word}")
        subprocess.run(["ip", "netns", "exec", space, "busybox", "udhcpc", "-f", "-n", "-q", "-i", "eth0", "-t", "3",
                        "-T", "1", "-s", self.script, "-O", "mtu", "-O", "staticroutes", *more],
                       env={**os.environ, "OUT": out}, capture_output=True, timeout=timeout, check=False)
        return settings(out + ".bound") if os.path.exists(out + ".bound") else None

    def stay(self, space):
        """An udhcpc that goes on; end() ends it."""
        out = f"{self.work}/{space}"
        process = subprocess.Popen(["ip", "netns", "exec", space, "busybox", "udhcpc", "-f", "-i", "eth0", "-s",
                                    self.script, "-O", "staticroutes"], env={**os.environ, "OUT": out},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(out + ".bound"), "an address")
        return process

    @staticmethod
    def end(process):
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def addresses(space):
    return subprocess.run(["ip", "-n", space, "-4", "-o", "address", "show", "dev", "eth0"], capture_output=True,
                          text=True, check=True).stdout


def flush(space):
    ip(space, "address flush dev eth0")
