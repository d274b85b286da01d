"""The data paths that bench/datapath compares, each on a machine of its own (tools/private).

Every one has the same devices, made by buoyd: outside, uplink, external bridge, the router's leg qg, its namespace, its
leg qr, tenant bridge, port, instance. Where the data path is not ours, buoyd has gone, and so have its rules. Offloads
and sysctls are the same everywhere (treat_alike).
"""
import ctypes
import errno
import ipaddress
import json
import os
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass

import neutron
from machine import Machine, make_surroundings, poll, run

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "tests/net"))
from space import libc, ns  # noqa: E402 pylint: disable=wrong-import-position

UPLINK, WIRE = "out0", "eth0"  # the router's end, and the outside's
STXCSUM, STSO, SGRO = 0x17, 0x1f, 0x2c  # of linux/ethtool.h
READY_S = 900  # until a daemon with many floating IPs has put all of them into the kernel

# [network] of a buoyd's configuration. One that does not know a setting says so, and its rows are left out.
NFT = "datapath = nft"
TC = "datapath = bpf\nuplink_hook = tc"
XDP = "datapath = bpf\nuplink_hook = xdp"


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    kind: str  # which of World's make_ makes it
    columns: str
    floating: int = 1
    network: str = NFT  # what [network] has
    hook: str = ""  # where the uplink has a BPF program
    spread: bool = False  # packets go to all floating IPs, not to one


EVERY = "pps flows latency tcp-gso tcp-in tcp-out"
OVER_XDP = "pps flows latency tcp-in tcp-out cost"
ROWS = {row.name: row for row in (
    Row("neutron-1", "Neutron, iptables, 1 floating IP", "neutron", EVERY),
    Row("neutron-1000", "Neutron, iptables, 1,000", "neutron", "pps flows", 1000),
    Row("neutron-4000", "Neutron, iptables, 4,000", "neutron", "pps flows", 4000),
    Row("nft-1", "Buoy, nft, 1 floating IP", "buoy", EVERY),
    Row("nft-1000", "Buoy, nft, 1,000", "buoy", "pps flows", 1000),
    Row("tc-1", "Buoy, bpf on tc, 1 floating IP", "buoy", EVERY + " cost", network=TC, hook="tc"),
    Row("tc-1000", "Buoy, bpf on tc, 1,000", "buoy", "pps flows cost", 1000, TC, "tc"),
    Row("xdp-1", "Buoy, bpf on XDP, 1 floating IP", "buoy", OVER_XDP, network=XDP, hook="xdp"),
    Row("xdp-1000", "Buoy, bpf on XDP, 1,000", "buoy", "pps flows cost", 1000, XDP, "xdp"),
    Row("xdp-100000", "Buoy, bpf on XDP, spread over 100,000", "buoy", "pps cost", 100000, XDP, "xdp", True),
    Row("plain", "forwarding, no NAT", "plain", EVERY),
    Row("ceiling", "XDP redirect, no NAT: the ceiling", "ceiling", OVER_XDP, hook="xdp"),
    Row("ceiling-100000", "the ceiling, spread over 100,000", "ceiling", "pps", 100000, hook="xdp", spread=True),
)}


def set_ethtool(netns, device, command, on):
    value = (ctypes.c_uint32 * 2)(command, on)
    request = struct.pack("16sP", device.encode(), ctypes.addressof(value)).ljust(40, b"\0")
    with ns(netns), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        # Where the other end of a veth has an XDP program, there is no TSO to switch off.
        if libc.ioctl(s.fileno(), 0x8946, request) < 0 and (on or ctypes.get_errno() != errno.EOPNOTSUPP):
            raise OSError(ctypes.get_errno(), f"{device}: ethtool {command:#x}")


def set_sysctl(name, value):
    if os.path.exists(f"/proc/sys/{name}"):  # some kernels lack IPv6, or bridges that call iptables
        with open(f"/proc/sys/{name}", "w", encoding="ascii") as f:
            f.write(value)


def inside(netns, line, **more):
    return run(f"ip netns exec {netns} {line}", **more)


class World:
    """One row's machine. `target` is where requests go; `first` and `expect` are what the generator's packets go to and
    arrive at; `said` is what is worth to know about it."""

    def __init__(self, row, programs, folder, quick):
        self.row, self.programs = row, programs
        self.many = max(row.floating // 20, 10) if quick and row.floating > 1 else row.floating
        make_surroundings()
        self.machine = Machine(programs, os.path.join(folder, "buoy"), row.network)
        self.start()
        self.machine.make_topology()
        self.machine.plug_instance()
        self.fixed = self.machine.instance["fixed_ips"][0]["ip_address"]
        self.floating = self.machine.floating["floating_ip_address"]
        self.tap = "tap" + self.machine.instance["id"][:11]
        self.router = "qrouter-" + self.machine.router
        self.target = self.first = self.floating
        self.expect = self.fixed
        self.said = ""
        self.find_legs()
        self.treat_alike()
        getattr(self, "make_" + row.kind)()
        poll("an answer of " + self.target, self.reaches)

    def start(self):
        self.machine.start()
        self.machine.wait_agent(READY_S)
        self.machine.wait_api()

    def find_legs(self):
        self.qg, self.qr = poll("the router's legs", self.look_for_legs)
        self.gateway = self.qg["addr_info"][0]["local"]

    def look_for_legs(self):
        legs = {leg["ifname"][:3]: leg for leg in json.loads(run(f"ip -j -n {self.router} address"))
                if leg["addr_info"]}
        return (legs["qg-"], legs["qr-"]) if {"qg-", "qr-"} <= set(legs) else None

    def treat_alike(self):
        """Before any association, so that buoyd finds the devices as they are going to be.

        A frame that is led straight to a veth needs NAPI at the other end, which GRO brings. Where packets take the long
        way it makes them a little faster, too, so it is on everywhere. Bridged packets are not shown to the host's
        iptables: these have no rules here, and asking them would only slow down the long way. Without IPv6 nobody
        sends anything by himself."""
        ends = [(None, UPLINK), ("outside", WIRE), ("instance", "eth0"), (None, self.tap)]
        ends += [(self.router, leg["ifname"]) for leg in (self.qg, self.qr)]
        ends += [(None, "tap" + leg["ifname"][3:]) for leg in (self.qg, self.qr)]
        for netns, device in ends:
            set_ethtool(netns, device, SGRO, 1)
        for netns in None, "outside", "instance", self.router:
            with ns(netns):
                set_sysctl("net/ipv6/conf/all/disable_ipv6", "1")
        set_sysctl("net/bridge/bridge-nf-call-iptables", "0")
        self.set_wire(True)

    def set_wire(self, on):
        """What the outside sends is as off a wire: whole checksums, no packet larger than the MTU."""
        for command in STXCSUM, STSO:
            set_ethtool("outside", WIRE, command, 0 if on else 1)

    def reaches(self):
        return subprocess.run(["ip", "netns", "exec", "outside", "ping", "-nqc1", "-W1", self.target],
                              capture_output=True, check=False).returncode == 0

    # --- Buoy's own data paths ---

    def make_buoy(self):
        m = self.machine
        where = {"port_id": m.instance["id"]}
        if self.row.spread:
            m.ask("PUT", f"/v2.0/ports/{m.instance['id']}",
                  {"port": {"allowed_address_pairs": [{"ip_address": "10.128.0.0/14"}]}})
        m.ask("PUT", f"/v2.0/floatingips/{m.floating['id']}", {"floatingip": where})
        if self.many == 1:
            return
        m.stop()
        if self.row.spread:
            self.spread_addresses()
        else:
            m.populate(self.many - 1, 0)
        self.start()

    def spread_addresses(self):
        """As many floating IPs as packets go to, all of one port, each to an address of its own. The router knows all of
        these as neighbours: it would take no more than some thousand by asking."""
        self.expect = "10.129.0.0"
        made = self.machine.populate(self.many, 0, self.machine.instance["id"], self.expect)
        self.first = made[0]["address"]
        last = ipaddress.ip_address(self.first) + self.many - 1
        if made[-1]["address"] != str(last):
            raise RuntimeError("the floating IPs are not in a row")
        inner = (ipaddress.ip_address(self.expect) + i for i in range(self.many))
        mac, leg = self.machine.instance["mac_address"], self.qr["ifname"]
        self.batch("".join(f"neighbour replace {a} lladdr {mac} dev {leg} nud permanent\n" for a in inner))

    def batch(self, lines):
        run(f"ip -n {self.router} -batch -", input=lines)

    # --- the others ---

    def leave(self):
        """buoyd goes, with all that was its own: conntrack is gone as well."""
        self.machine.stop()
        inside(self.router, "nft delete table ip buoy")

    def make_plain(self):
        """A router that forwards: the address that a packet arrives at is the one that it was sent to."""
        self.leave()
        run(f"ip -n outside route add 10.128.0.0/14 via {self.gateway}")
        self.target = self.first = self.expect = self.fixed

    def make_ceiling(self):
        """Where the addresses of a spread row lead to does not matter: nobody looks at them."""
        self.make_plain()
        run(f"{self.programs}/bench/traffic ceiling {UPLINK} {self.tap} {self.qg['address']} "
            f"{self.machine.instance['mac_address']}")

    def make_neutron(self):
        """By the older of the two backends, where the kernel has it: here it is the faster one."""
        self.leave()
        pairs = neutron.around(self.floating, self.fixed, self.many)
        names = {"qg": self.qg["ifname"], "qr": self.qr["ifname"], "gateway": self.gateway}
        addresses = "".join(f"address replace {floating}/32 dev {names['qg']}\n" for floating, _ in pairs)
        self.batch(addresses)
        try:
            self.said = inside(self.router, "iptables-legacy -V").strip()
            inside(self.router, "iptables-legacy-restore", input=neutron.rules(names, pairs))
        except subprocess.CalledProcessError:
            self.said = inside(self.router, "iptables-nft -V").strip()
            inside(self.router, "iptables-nft-restore", input=neutron.rules(names, pairs))
