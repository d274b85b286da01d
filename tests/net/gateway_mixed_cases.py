"""One router with all of it: two gateways, address scopes, port forwardings, limits. Each has marks of its own.

The second network and net d are in one scope, net e is in another, the rest in none.
"""
import socket

from gateway_cases import FAR, FIP1, FIP2, GATE1, GATE2, Nft, far, make_policy, put_all, who_sees
from packet_cases import BODY, BURST, VM1, VM2, VM3, expect_limited, flood
from packets import addresses, exchange, raw, receive, udp
from scope_cases import dropped, make
from space import ip
from streams import Echo, losses

VM_D, VM_E = "10.61.0.5", "10.62.0.5"
NOBODY_D, NOBODY_E = "10.61.0.6", "10.62.0.6"
PF1, PF2, PF3, FIP_NOBODY = "10.10.10.30", "10.30.0.130", "10.30.0.131", "10.30.0.132"


class Mixed:
    """The objects, and their end."""

    def __init__(self, w):
        self.w, a = w, w.admin
        put_all(w, "ext", "two")
        self.scopes = [make(w, "address-scopes", "address_scope", name=n, ip_version=4) for n in ("s", "t")]
        self.pool = make(w, "subnetpools", "subnetpool", name="e", prefixes=["10.62.0.0/24"],
                         address_scope_id=self.scopes[1])
        a.update("subnetpool", w.pool, address_scope_id=self.scopes[0])
        self.policy, self.subs, self.fips = make_policy(w), [], {}
        for name, pool, *addrs in ("d", w.pool, VM_D, NOBODY_D), ("e", self.pool, VM_E, NOBODY_E):
            self.join(name, pool, *addrs)
        ip("outside3", f"route replace 10.61.0.0/24 via {GATE2} src {FAR}")
        ip("outside", f"route replace 10.61.0.0/24 via {GATE1}")
        w.wait_active("router", w.router[1])

    def join(self, name, pool, addr, nobody):
        """One more network with an instance and a port that nobody has plugged."""
        w = self.w
        w.net[name] = w.admin.network("net-" + name)["id"]
        w.sub[name] = w.admin.subnet(w.net[name], addr[:-1] + "0/24", subnetpool_id=pool)["id"]
        w.admin.interface(w.router[1], w.sub[name])
        w.ports["vm-" + name] = w.port(name, addr)
        w.ports["nobody-" + name] = w.port(name, nobody)
        w.instance("vm-" + name, w.ports["vm-" + name])

    def forward(self, addr, network, vm, fixed, inside, outside):
        self.fips[addr] = self.w.floating_ip(addr, network)
        body = {"protocol": "udp", "internal_port_id": self.w.ports[vm]["id"], "internal_ip_address": fixed,
                "internal_port": inside, "external_port": outside}
        self.w.admin.call("POST", f"/v2.0/floatingips/{self.fips[addr]}/port_forwardings", {"port_forwarding": body}, 201)

    def done(self):
        w = self.w
        for f in self.fips.values():
            path = f"/v2.0/floatingips/{f}/port_forwardings"
            for pf in w.admin.call("GET", path)["port_forwardings"]:
                w.admin.call("DELETE", f"{path}/{pf['id']}", None, 204)
            w.admin.delete("floatingip", f)
        for name in "de":
            for port in "vm-", "nobody-":
                w.admin.delete("port", w.ports.pop(port + name)["id"])
            w.admin.interface(w.router[1], w.sub.pop(name), "remove")
            w.admin.delete("network", w.net.pop(name))
        w.admin.update("subnetpool", w.pool, address_scope_id=None)
        w.admin.delete("subnetpool", self.pool)
        for scope in self.scopes:
            w.admin.call("DELETE", f"/v2.0/address-scopes/{scope}", None, 204)
        w.admin.call("DELETE", f"/v2.0/qos/policies/{self.policy}", None, 204)


def hairpin(client, server, to, port):
    """Who has no floating IP comes as one of the gateways; which, depends on what was there before."""
    client.sendto(b"question", (to, port))
    data, peer = receive(server)
    assert data == b"question" and peer[0] in (GATE1, GATE2), (data, peer)
    server.sendto(b"answer", peer)
    assert receive(client) == (b"answer", (to, port))


def ways_and_scopes(w):
    servers = far(6300)
    for vm, want in (("vm1", ("outside", FIP1)), ("vm2", ("outside", GATE1)), ("vm3", ("outside3", FIP2)),
                     ("vm-d", ("outside", GATE1)), ("vm-e", ("outside", GATE1))):
        assert who_sees(w, udp(vm), 6300, servers) == want, vm
    # Within the scope as they are, in and out by its leg, from further away as well.
    exchange(udp("vm-d"), udp("outside3", "10.30.0.1", 6301), "10.30.0.1", 6301, VM_D)
    for addr in "10.30.0.1", FAR:
        exchange(udp("outside3", addr), udp("vm-d", VM_D, 6302), VM_D, 6302, addr)
    exchange(udp("vm-e"), udp("outside3", "10.30.0.1", 6303), "10.30.0.1", 6303, GATE2)
    for source, to, addr in (("outside", "vm-d", VM_D), ("vm-d", "vm-e", VM_E), ("vm-e", "vm-d", VM_D),
                             ("vm2", "vm-d", VM_D), ("vm-e", "vm2", VM2), ("vm3", "vm-d", VM_D)):
        dropped(source, to, addr, 6304)
    hairpin(udp("vm-e"), udp("vm3", VM3, 6305), FIP2, 6305)
    exchange(udp("vm1"), udp("vm3", VM3, 6306), FIP2, 6306, FIP1)
    exchange(udp("outside3", FAR), udp("vm3", VM3, 6307), FIP2, 6307, FAR)
    exchange(udp("outside", FAR), udp("vm1", VM1, 6308), FIP1, 6308, FAR)


def forwarded_ports(w, m):
    """Into any scope; who was asked by the second network answers by it."""
    m.forward(PF1, "ext", "vm-d", VM_D, 6310, 6320)
    m.forward(PF2, "two", "vm-e", VM_E, 6311, 6321)
    m.forward(PF3, "two", "vm2", VM2, 6312, 6322)
    d, e, two = udp("vm-d", VM_D, 6310), udp("vm-e", VM_E, 6311), udp("vm2", VM2, 6312)
    for addr in FAR, "10.10.10.1":
        exchange(udp("outside", addr), d, PF1, 6320, addr)
    for addr in FAR, "10.30.0.1":
        exchange(udp("outside3", addr), e, PF2, 6321, addr)
        exchange(udp("outside3", addr), two, PF3, 6322, addr)
    hairpin(udp("vm-d"), e, PF2, 6321)
    exchange(udp("vm1"), two, PF3, 6322, FIP1)
    exchange(udp("vm3"), d, PF1, 6320, FIP2)


def limits(w, m):
    """Of a floating IP, of an address of forwarded ports, of the gateway: each of its own, in both directions."""
    a, fip, pf = w.admin, w.fips[FIP2], m.fips[PF2]
    out, inside, forwarded = udp("outside3", FAR, 6330), udp("vm3", VM3, 6331), udp("vm-e", VM_E, 6311)
    exchange(out, inside, FIP2, 6331, FAR)
    exchange(out, forwarded, PF2, 6321, FAR)
    for identity, addr, port, server, how, link in ((fip, FIP2, 6331, inside, w, 0), (pf, PF2, 6321, forwarded, Nft, 0)):
        def limit(on, identity=identity):
            a.update("floatingip", identity, qos_policy_id=m.policy if on else None)
        limit(True)
        got = flood(lambda body, to=(addr, port): out.sendto(body, to), server, lambda: limit(False))
        expect_limited(how, got, BODY + 28 + link)
        limit(True)
        got = flood(lambda body, s=server: s.sendto(body, (FAR, 6330)), out, lambda: limit(False))
        expect_limited(how, got, BODY + 28 + link)
    assert flood(lambda body: out.sendto(body, (PF2, 6321)), forwarded)[0] == BURST
    gate = {"network_id": w.net["ext"], "qos_policy_id": m.policy}
    server, d, e = udp("outside", FAR, 6332), udp("vm-d"), udp("vm-e")
    exchange(e, server, FAR, 6332, GATE1)
    a.update("router", w.router[1], external_gateway_info=gate)
    got = flood(lambda body: e.sendto(body, (FAR, 6332)), server,
                lambda: a.update("router", w.router[1], external_gateway_info={**gate, "qos_policy_id": None}))
    expect_limited(Nft, got, BODY + 28)
    link = udp("outside3", "10.30.0.1", 6333)
    exchange(d, link, "10.30.0.1", 6333, VM_D)
    assert flood(lambda body: d.sendto(body, ("10.30.0.1", 6333)), link)[0] == BURST


def errors_find_back(w, m):
    """Nobody answers ARP inside: the router says so by the network that it was asked by, whatever scope that is in."""
    port = w.ports["nobody-e"]["id"]
    m.fips[FIP_NOBODY] = w.floating_ip(FIP_NOBODY, "two", port_id=port)
    for addr in FIP_NOBODY, NOBODY_D:
        errors, client = raw("outside3", socket.IPPROTO_ICMP, FAR), udp("outside3", FAR)
        errors.settimeout(10)
        client.sendto(b"anybody?", (addr, 6340))
        got, _ = receive(errors, lambda p: p[20] == 3)
        assert got[21] == 1 and addresses(got[28:]) == (FAR, addr), (got[21], addresses(got[28:]))


def case_all_of_it_on_one_router(w):
    m = Mixed(w)
    ways_and_scopes(w)
    forwarded_ports(w, m)
    limits(w, m)
    errors_find_back(w, m)
    streams = [Echo(udp("outside3"), udp("vm3", VM3, 6350), (FIP2, 6350)),
               Echo(udp("vm1"), udp("outside", FAR, 6351), (FAR, 6351)),
               Echo(udp("outside3", FAR), udp("vm-d", VM_D, 6352), (VM_D, 6352)),
               Echo(udp("outside3", FAR), udp("vm2", VM2, 6312), (PF3, 6322))]
    assert w.daemon.command("plan").endswith(", 0 changes\n")

    def change():
        w.admin.update("subnetpool", m.pool, address_scope_id=None)
        w.admin.update("router", w.router[1], enable_default_route_ecmp=True)
        w.admin.update("router", w.router[1], enable_default_route_ecmp=False)

    for lost in losses(streams, change):
        assert not lost, f"{len(lost)} lost: {lost[:20]}"
    m.done()
    ways = far(6360)
    assert who_sees(w, udp("vm2"), 6360, ways) == ("outside", GATE1)
    assert w.daemon.command("plan").endswith(", 0 changes\n")
