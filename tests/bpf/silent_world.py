"""A router between ends that say nothing by themselves: what is seen there, the router has sent.

outside - br-ex - qg-1 [qrouter-1] qr-a - br-a - two ports
                                   qr-b - br-b - one port

The router is made of the kernel layer's nft rules (tests/net/facts_apply.c), addresses and routes by hand. The ends
are devices without addresses in the namespace "ends", for the packets of differential.c.
"""
import json
import os
import subprocess

from space import aliases, allow_many_errors, bridge_end, ip, ns, plug, run, set_offload
from world import Driver

LEGS = [  # name, bridge, address, MTU, kind
    ("qg-1", "br-ex", "10.10.10.5/24", 65535, "external"),
    ("qr-a", "br-a", "172.16.100.1/24", 1500, "inside"),
    ("qr-b", "br-b", "172.16.101.1/24", 9000, "inside"),
]
PORTS = [  # device, leg, who is behind it
    ("out0", "qg-1", {"10.10.10.1": "02:00:00:00:01:01", "10.10.10.9": "02:00:00:00:01:02"}),
    ("a0", "qr-a", {"172.16.100.3": "02:00:00:00:02:01"}),
    ("a1", "qr-a", {"172.16.100.4": "02:00:00:00:02:02", "172.16.100.9": "02:00:00:00:02:03"}),
    ("b0", "qr-b", {"172.16.101.3": "02:00:00:00:03:01", "172.16.101.4": "02:00:00:00:03:02"}),
]
NATS = {"10.10.10.3": "172.16.101.3", "10.10.10.4": "172.16.100.3", "10.10.10.6": "172.16.100.9"}
ROUTES = [("0.0.0.0/0", "10.10.10.1", "qg-1"), ("192.0.2.0/24", "172.16.100.9", "qr-a")]
PEERS = ["10.10.10.1", "10.10.10.9", "198.51.100.9", "198.51.100.10"]
REMOTES = ["192.0.2.7"]

# As the planner sets them (plan_router.c).
SETTINGS = {
    "net/ipv4/ip_forward": 1, "net/ipv4/conf/all/rp_filter": 0, "net/ipv4/conf/default/rp_filter": 0,
    "net/ipv4/conf/all/send_redirects": 0, "net/ipv4/conf/default/send_redirects": 0,
    "net/netfilter/nf_conntrack_checksum": 0, "net/netfilter/nf_conntrack_tcp_be_liberal": 1,
}


def set_all(space, settings):
    with ns(space):
        for name, value in settings.items():
            with open(f"/proc/sys/{name}", "w", encoding="ascii") as f:
                f.write(str(value))


def quiet_router(space, legs):
    """The router tells everything that it has to tell, and keeps nothing for long."""
    allow_many_errors(space)
    set_all(space, {"net/ipv4/ipfrag_time": 1, "net/ipv4/ipfrag_high_thresh": 1 << 28,
                    "net/ipv4/icmp_msgs_burst": 100000})
    # Answers to whom nobody knows would wait for ARP, and take the room of others.
    set_all(space, {f"net/ipv4/neigh/{leg}/unres_qlen_bytes": 0 for leg in legs})
    if os.path.exists("/proc/sys/net/bridge"):  # bridges pass frames on as they are
        set_all(None, {"net/bridge/bridge-nf-call-iptables": 0})


def build(facts_apply):
    """Makes all of it; to be called once, on a machine of its own (tools/private)."""
    driver = Driver(facts_apply)
    driver.send("netns qrouter-1\nend")
    run("ip netns add ends")
    set_all("ends", {"net/ipv6/conf/all/disable_ipv6": 1, "net/ipv6/conf/default/disable_ipv6": 1})
    set_all("qrouter-1", SETTINGS)
    for leg, bridge, address, mtu, _ in LEGS:
        run(f"ip link add {bridge} type bridge forward_delay 0 mcast_snooping 0")
        run(f"ip link set {bridge} up")
        plug("qrouter-1", leg, address, bridge, mtu)
    quiet_router("qrouter-1", [leg for leg, *_ in LEGS])
    for dev, leg, people in PORTS:
        add_port(dev, next(entry for entry in LEGS if entry[0] == leg), people)
    for to, via, _ in ROUTES:
        ip("qrouter-1", f"route add {to} via {via}")
    driver.send("\n".join(["netns qrouter-1", "table qrouter-1", "gateway qrouter-1 qg-1 10.10.10.5"]
                          + [f"nat qrouter-1 {a} {b}" for a, b in NATS.items()] + ["end"]))
    for floating in NATS:
        ip("qrouter-1", f"address add {floating}/32 dev qg-1")
    return driver


def add_port(dev, leg, people):
    name, bridge, _, mtu, _ = leg
    other = bridge_end("ends", dev)
    run(f"ip link add {other} mtu {mtu} type veth peer name {dev} netns ends")
    run(f"ip link set {other} master {bridge} up")
    ip("ends", f"link set {dev} mtu {mtu} up")
    with ns("ends"):
        set_offload(dev, 0)
    set_offload(other, 0)
    for address, mac in people.items():
        ip("qrouter-1", f"neigh replace {address} lladdr {mac} dev {name} nud permanent")
        run(f"bridge fdb replace {mac} dev {other} master static")


def link(space, dev):
    text = subprocess.run(["ip", "-n", aliases.get(space, space), "-j", "link", "show", dev], check=True,
                          capture_output=True).stdout
    return json.loads(text)[0]


def mac_of(space, dev):
    return link(space, dev)["address"]


def mtu_of(space, dev):
    return link(space, dev)["mtu"]


def describe():
    """The world as worldfile.h wants it."""
    lines = [f"leg {leg} {mac_of('qrouter-1', leg)} {address} {mtu} {kind}" for leg, _, address, mtu, kind in LEGS]
    for dev, leg, people in PORTS:
        lines.append(f"port {dev} {leg} ends {dev}")
        lines += [f"neighbour {address} {mac} {dev}" for address, mac in people.items()]
    lines += [f"nat {a} {b}" for a, b in NATS.items()]
    lines += [f"route {to} {via} {leg}" for to, via, leg in ROUTES]
    lines += [f"peer {a}" for a in PEERS] + [f"remote {a}" for a in REMOTES]
    return "\n".join(lines) + "\n"
