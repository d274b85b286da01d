"""The whole Buoy of tests/net/cloud.py, its ends silenced for the packets of differential.c.

What instances and the outside are sent is seen by differential.c, and dropped before their own stacks see it; they
answer ARP still.
"""
import subprocess

from cloud import CloudWorld
from silent_world import mac_of, mtu_of, quiet_router, set_all
from space import aliases, ns

FIP1, FIP3 = "10.10.10.4", "10.10.10.3"
VM1, VM2, VM3 = "172.16.100.3", "172.16.100.4", "172.16.101.3"
NATS = {FIP3: VM3, FIP1: VM1}
ENDS = [("outside", "qg", ["10.10.10.1"]), ("vm1", "qr-a", [VM1]), ("vm2", "qr-a", [VM2]), ("vm3", "qr-b", [VM3])]
LEGS = [("qg", "ext", "10.10.10.5/24", "external"), ("qr-a", "a", "172.16.100.1/24", "inside"),
        ("qr-b", "b", "172.16.101.1/24", "inside")]


def silence(space):
    set_all(space, {"net/ipv6/conf/all/disable_ipv6": 1})
    with ns(space):
        subprocess.run(["nft", "add table ip silent; add chain ip silent everything "
                        "{ type filter hook prerouting priority -500; policy drop; }"], check=True)


def build(buoyd, buoy, datapath, hook):
    """To be called once, on a machine of its own. The world, whose daemon is to be stopped at the end."""
    world = CloudWorld(buoyd, buoy, datapath=datapath, hook=hook)
    world.apply(list(NATS.items()))
    for space, _, _ in ENDS:
        silence(space)
    quiet_router("qrouter-1", [world.leg_names(1, net)[0] for _, net, _, _ in LEGS])
    return world


def describe(world):
    """The world as worldfile.h wants it."""
    lines = []
    for leg, net, address, kind in LEGS:
        dev = world.leg_names(1, net)[0]
        lines.append(f"leg {leg} {mac_of('qrouter-1', dev)} {address} {mtu_of('qrouter-1', dev)} {kind}")
    for space, leg, people in ENDS:
        lines.append(f"port {space} {leg} {aliases.get(space, space)} eth0")
        lines += [f"neighbour {address} {mac_of(space, 'eth0')} {space}" for address in people]
    lines += [f"nat {a} {b}" for a, b in NATS.items()]
    lines += ["route 0.0.0.0/0 10.10.10.1 qg", "peer 10.10.10.1", "peer 198.51.100.9"]
    return "\n".join(lines) + "\n"
