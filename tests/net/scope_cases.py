"""Address scopes, on a whole Buoy: what a router keeps apart, and what it routes as it is.

An external network, on a NIC of its own, and net d are in one scope, net e is in another, net f in none. outside2 knows
the way to all of them.
"""
import socket
import time

from packets import *  # noqa: F403
from space import DEADLINE, ip, ns

OUT, GATEWAY, FIP_E, FIP_D = "10.20.0.1", "10.20.0.20", "10.20.0.30", "10.20.0.31"
VM_D, VM_E, VM_F = "10.61.0.5", "10.62.0.5", "10.63.0.5"


def make(w, path, kind, **attributes):
    return w.admin.call("POST", f"/v2.0/{path}", {kind: attributes}, 201)[kind]["id"]


class Scopes:
    """The objects, and their end."""

    def __init__(self, w):
        self.w, a = w, w.admin
        self.scopes = [make(w, "address-scopes", "address_scope", name=n, ip_version=4) for n in ("s", "t")]
        self.pools = [make(w, "subnetpools", "subnetpool", name="p", prefixes=["10.20.0.0/24", "10.61.0.0/24"],
                           address_scope_id=self.scopes[0]),
                      make(w, "subnetpools", "subnetpool", name="q", prefixes=["10.62.0.0/24"],
                           address_scope_id=self.scopes[1])]
        self.ext = a.network("ext2", **{"router:external": True, "provider:network_type": "flat",
                                        "provider:physical_network": "physnet2"})["id"]
        a.subnet(self.ext, "10.20.0.0/24", subnetpool_id=self.pools[0], gateway_ip=OUT, enable_dhcp=False,
                 allocation_pools=[{"start": GATEWAY, "end": "10.20.0.99"}])
        self.router = a.create("router", name="scoped", external_gateway_info={"network_id": self.ext})["id"]
        assert a.show("router", self.router)["external_gateway_info"]["external_fixed_ips"][0]["ip_address"] == GATEWAY
        self.nets, self.ports = {}, {}
        for name, addr, pool in (("d", VM_D, self.pools[0]), ("e", VM_E, self.pools[1]), ("f", VM_F, None)):
            self.join(name, addr, pool)
            ip("outside2", f"route replace {addr}/32 via {GATEWAY}")
        w.wait_active("router", self.router)

    def join(self, name, addr, pool):
        w = self.w
        self.nets[name] = w.admin.network("scope-" + name)["id"]
        sub = w.admin.subnet(self.nets[name], addr.rsplit(".", 1)[0] + ".0/24", subnetpool_id=pool)["id"]
        w.admin.interface(self.router, sub)
        self.ports[name] = w.admin.create("port", network_id=self.nets[name], device_owner="compute:test",
                                          fixed_ips=[{"subnet_id": sub, "ip_address": addr}])
        w.instance("scope-" + name, self.ports[name])

    def set_pool(self, which, **attributes):
        self.w.admin.update("subnetpool", self.pools[which], **attributes)

    def done(self):
        a = self.w.admin
        for f in a.list("floatingip", f"?floating_network_id={self.ext}"):
            a.delete("floatingip", f["id"])
        for name, net in self.nets.items():
            a.delete("port", self.ports[name]["id"])
            a.interface(self.router, a.list("subnet", f"?network_id={net}")[0]["id"], "remove")
            a.delete("network", net)
        a.delete("router", self.router)
        a.delete("network", self.ext)
        for pool in self.pools:
            a.delete("subnetpool", pool)
        for scope in self.scopes:
            a.call("DELETE", f"/v2.0/address-scopes/{scope}", None, 204)


def passes(source, space, addr, port, seen_as):
    exchange(udp(source), udp(space, addr, port), addr, port, seen_as)


def dropped(source, space, addr, port):
    server = udp(space, addr, port)
    udp(source).sendto(b"no", (addr, port))
    assert silent(server), (source, addr)


def keep_apart(s):
    passes("scope-d", "outside2", OUT, 9500, VM_D)  # as it is: nobody else in the scope has the address
    passes("outside2", "scope-d", VM_D, 9501, OUT)
    passes("scope-e", "outside2", OUT, 9502, GATEWAY)
    passes("scope-f", "outside2", OUT, 9503, GATEWAY)
    spaces = {"scope-d": VM_D, "scope-e": VM_E, "scope-f": VM_F}
    for at, source in enumerate(("outside2", *spaces)):
        for space, addr in spaces.items():
            if space != source and (source, space) != ("outside2", "scope-d"):
                dropped(source, space, addr, 9510 + at)
    echo("scope-d", OUT, "outside2", VM_D)


def through_floating_ips(s):
    a = s.w.admin
    for addr, name in (FIP_E, "e"), (FIP_D, "d"):
        a.create("floatingip", floating_network_id=s.ext, floating_ip_address=addr, port_id=s.ports[name]["id"])
    exchange(udp("outside2"), udp("scope-e", VM_E, 9520), FIP_E, 9520, OUT)
    exchange(udp("scope-d"), udp("scope-e", VM_E, 9521), FIP_E, 9521, FIP_D)
    exchange(udp("scope-f"), udp("scope-e", VM_E, 9522), FIP_E, 9522, GATEWAY)
    passes("scope-e", "outside2", OUT, 9523, FIP_E)
    passes("scope-d", "outside2", OUT, 9524, FIP_D)
    dropped("scope-d", "scope-e", VM_E, 9525)
    for f in a.list("floatingip", f"?floating_network_id={s.ext}"):
        a.delete("floatingip", f["id"])
    passes("scope-d", "outside2", OUT, 9526, VM_D)


def with_snat_off(s):
    a = s.w.admin
    a.update("router", s.router, external_gateway_info={"network_id": s.ext, "enable_snat": False})
    passes("scope-d", "outside2", OUT, 9530, VM_D)
    passes("outside2", "scope-d", VM_D, 9531, OUT)
    dropped("scope-e", "outside2", OUT, 9532)
    dropped("scope-f", "outside2", OUT, 9533)
    a.update("router", s.router, external_gateway_info={"network_id": s.ext, "enable_snat": True})


def as_scopes_change(s):
    held = udp("scope-e")
    s.set_pool(1, address_scope_id=s.scopes[0])
    server = udp("scope-d", VM_D, 9540)
    exchange(held, server, VM_D, 9540, VM_E)
    passes("scope-d", "scope-e", VM_E, 9541, VM_D)
    passes("scope-e", "outside2", OUT, 9542, VM_E)
    s.set_pool(1, address_scope_id=s.scopes[1])
    held.sendto(b"no", (VM_D, 9540))  # a connection from before
    assert silent(server)
    s.set_pool(1, address_scope_id=None)
    passes("scope-e", "scope-f", VM_F, 9543, VM_E)
    dropped("scope-e", "scope-d", VM_D, 9544)
    s.set_pool(0, address_scope_id=None)
    passes("scope-d", "scope-e", VM_E, 9545, VM_D)
    passes("scope-d", "outside2", OUT, 9546, GATEWAY)


def case_address_scopes(w):
    w.apply([])
    s = Scopes(w)
    keep_apart(s)
    through_floating_ips(s)
    with_snat_off(s)
    as_scopes_change(s)
    s.done()


# --- IPv6 ---

def udp6(space, addr="::", port=0):
    with ns(space):
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.bind((addr, port))
        s.settimeout(0.5)
    return s


def passes6(source, space, addr, port):
    """Asked again, since who has just got an address makes sure that nobody else has it."""
    server, client, deadline = udp6(space, "::", port), udp6(source), time.monotonic() + DEADLINE
    while True:
        try:
            client.sendto(b"yes", (addr, port))
            return server.recvfrom(100)[1][0]
        except OSError:
            assert time.monotonic() < deadline, (source, addr)


def case_address_scopes_of_ipv6(w):
    a = w.admin
    w.apply([])
    scopes = [make(w, "address-scopes", "address_scope", name=n, ip_version=6) for n in ("s6", "t6")]
    pool = make(w, "subnetpools", "subnetpool", name="p6", prefixes=["fd00:61::/48"], address_scope_id=scopes[0])
    router = a.create("router", name="six")["id"]
    nets, ports = {}, {}
    for name, more in (("g", {"subnetpool_id": pool}), ("h", {"subnetpool_id": pool}), ("i", {"cidr": "fd00:63::/64"})):
        nets[name] = a.network("scope-" + name)["id"]
        sub = a.create("subnet", network_id=nets[name], ip_version=6, **more)["id"]
        a.interface(router, sub)
        gateway = a.show("subnet", sub)["gateway_ip"]
        addr = gateway[:-1] + "5"
        ports[name] = a.create("port", network_id=nets[name], device_owner="compute:test",
                               fixed_ips=[{"subnet_id": sub, "ip_address": addr}])
        w.instance("scope-" + name, ports[name])
        ip("scope-" + name, f"-6 address replace {addr}/64 dev eth0 nodad")
        ip("scope-" + name, f"-6 route replace default via {gateway}")
    at = {name: port["fixed_ips"][0]["ip_address"] for name, port in ports.items()}
    assert passes6("scope-g", "scope-h", at["h"], 9600) == at["g"]
    for source, to in ("g", "i"), ("i", "g"):
        server = udp6("scope-" + to, "::", 9601)
        udp6("scope-" + source).sendto(b"no", (at[to], 9601))
        assert silent(server), (source, to)
    a.update("subnetpool", pool, address_scope_id=None)
    assert passes6("scope-g", "scope-i", at["i"], 9602) == at["g"]
    a.update("subnetpool", pool, address_scope_id=scopes[1])
    server = udp6("scope-i", "::", 9603)
    udp6("scope-g").sendto(b"no", (at["i"], 9603))
    assert silent(server)
    for name, net in nets.items():
        a.delete("port", ports[name]["id"])
        a.interface(router, a.list("subnet", f"?network_id={net}")[0]["id"], "remove")
        a.delete("network", net)
    a.delete("router", router)
    a.delete("subnetpool", pool)
    for scope in scopes:
        a.call("DELETE", f"/v2.0/address-scopes/{scope}", None, 204)
