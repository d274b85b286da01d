"""packet_cases' world on a host that routes itself: bridge and public interface are the machine's own.

vm1 and vm2 are on virbr0, which the test made as libvirt would have, with a MASQUERADE rule as its users have it;
vm3 is on a network of Buoy's. outside is at the other end of the public interface eth0. What packet_cases calls
qrouter-1 is the machine itself.
"""
import os

from buoy import Client, Daemon, folder, wait_for
from cloud import CloudWorld
from space import aliases, allow_many_errors, bridge_end, ip, ns, plug, run, set_offload

METADATA = ("10.10.10.5", 8775)
CONFIG = f"""
[node]
name = here
[nova_network]
public_interface = eth0
fixed_bridge = virbr0
fixed_range = 172.16.100.0/24
metadata = {METADATA[0]}:{METADATA[1]}
"""


def make_host(rules="iptables"):
    """A machine with a way out, a bridge with two instances, and NAT for them, none of it Buoy's."""
    run("ip netns add outside")
    ip("outside", "link set lo up")
    run("ip link add eth0 type veth peer name eth0 netns outside")
    run("ip address add 10.10.10.5/24 dev eth0")
    run("ip link set eth0 up")
    ip("outside", "address add 10.10.10.1/24 dev eth0")
    ip("outside", "address add 198.51.100.9/32 dev lo")
    ip("outside", "link set eth0 up")
    run("ip route add default via 10.10.10.1")
    run("ip link add virbr0 type bridge forward_delay 0")
    run("ip address add 172.16.100.1/24 dev virbr0")
    run("ip link set virbr0 up")
    for vm, addr in ("vm1", "172.16.100.3"), ("vm2", "172.16.100.4"):
        run(f"ip netns add {vm}")
        ip(vm, "link set lo up")
        plug(vm, "eth0", addr + "/24", "virbr0")
        ip(vm, "route add default via 172.16.100.1")
    # As Incus makes it; libvirt and Proxmox have the same at the same place.
    run("nft add table inet other")
    run("nft add chain inet other pstrt { type nat hook postrouting priority srcnat ; }")
    run("nft add rule inet other pstrt ip saddr 172.16.100.0/24 ip daddr != 172.16.100.0/24 masquerade")


class HostWorld(CloudWorld):
    """Every state is reached by requests; networks and router of the bridge are there by themselves."""

    def __init__(self, buoyd, buoy, config=CONFIG):
        self.buoy = os.path.abspath(buoy)
        self.now, self.snat, self.policy = {}, True, None
        self.before = None
        make_host()
        aliases["qrouter-1"] = None
        self.daemon = Daemon(buoyd, folder(), config).start()
        self.admin = Client()
        self.find_networks()
        self.make_networks()
        self.ports = {"vm1": self.port("a", "172.16.100.3", name="vm1"), "vm2": self.port("a", "172.16.100.4", name="vm2"),
                      "vm3": self.port("b", "172.16.101.3", name="vm3")}
        self.instance("vm3", self.ports["vm3"])
        for space in "outside", "vm1", "vm2", "vm3", None:
            allow_many_errors(space)
        self.fips = {addr: self.floating_ip(addr) for addr in ("10.10.10.4", "10.10.10.3", "10.10.10.8")}
        wait_for(lambda: self.daemon.applied(self.admin), "the agent")
        for space, dev, other in self.ends() + [(vm, "eth0", bridge_end(vm, "eth0")) for vm in ("vm1", "vm2")]:
            with ns(space):
                set_offload(dev, 0)
            if other:
                set_offload(other, 0)

    def find_networks(self):
        a = self.admin
        self.net = {"ext": a.list("network", "?name=nova")[0]["id"], "a": a.list("network", "?name=private")[0]["id"]}
        self.sub = {"a": a.list("subnet", f"?network_id={self.net['a']}")[0]["id"]}
        self.router = {1: a.list("router", "?name=nova-network")[0]["id"]}

    def make_networks(self):
        a = self.admin
        self.sub["ext"] = a.subnet(self.net["ext"], "10.10.10.0/24", gateway_ip=None, enable_dhcp=False,
                                   allocation_pools=[{"start": "10.10.10.2", "end": "10.10.10.199"}])["id"]
        self.net["b"] = a.network("net-b")["id"]
        self.sub["b"] = a.subnet(self.net["b"], "172.16.101.0/24")["id"]
        a.interface(self.router[1], self.sub["b"])

    def gateway(self, addr, snat=True, network="ext"):
        return {"network_id": self.net[network], "enable_snat": snat}

    def ends(self):
        return [("outside", "eth0", "eth0"), ("vm3", "eth0", "tap" + self.ports["vm3"]["id"][:11])]
