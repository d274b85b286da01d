"""Cases of a router with several gateways: who leaves where, who comes back where, what changes do to streams.

outside is on the first external network, outside3 on the third (`two`); both have 198.51.100.9, as if there were an
internet behind either. vm3 has a floating IP of `two`, vm1 one of the first, vm2 none.
"""
import select
import socket
import struct
import time

from buoy import Reply, wait_for
from explain_cases import explain, said
from express import output
from packet_cases import BODY, BURST, LIMIT, VM1, VM2, VM3, expect_limited, flood
from packets import addresses, exchange, icmp, raw, receive, silent, tcp, transfer, udp
from space import DEADLINE, ip
from streams import Echo, Talk, losses

FAR = "198.51.100.9"
FIP1, FIP2 = "10.10.10.3", "10.30.0.100"
GATE1, GATE2 = "10.10.10.5", "10.30.0.5"


def gateways(w, action, *infos):
    body = {"router": {"external_gateways": list(infos)}}
    return w.admin.call("PUT", f"/v2.0/routers/{w.router[1]}/{action}_external_gateways", body, 200)["router"]


def put_all(w, *names, ecmp=False):
    """The router has gateways to these networks, in this order."""
    addresses_of = {"ext": GATE1, "two": GATE2}
    infos = [w.gateway(addresses_of[n], network=n) for n in names]
    w.associate_all({FIP1: "vm1" if "ext" in names else None, FIP2: "vm3" if "two" in names else None},
                    before=lambda: gateways(w, "update", *infos))
    w.admin.update("router", w.router[1], enable_default_route_ecmp=ecmp)
    r = w.admin.show("router", w.router[1])
    assert r["status"] == "ACTIVE", r
    assert [g["external_fixed_ips"][0]["ip_address"] for g in r["external_gateways"]] == \
        [addresses_of[n] for n in names], r
    assert r["external_gateway_info"] == r["external_gateways"][0], r


def who_sees(w, client, port, servers):
    """Which of the outsides gets a datagram to the far address, and as whose; it answers, and that arrives."""
    client.sendto(b"question", (FAR, port))
    ready, _, _ = select.select(list(servers.values()), [], [], DEADLINE)
    assert len(ready) == 1, ready
    data, peer = ready[0].recvfrom(100)
    assert data == b"question", data
    ready[0].sendto(b"answer", peer)
    assert receive(client) == (b"answer", (FAR, port))
    return next(name for name, s in servers.items() if s is ready[0]), peer[0]


def far(port):
    return {space: udp(space, FAR, port) for space in ("outside", "outside3")}


def case_everyone_leaves_by_his_own(w):
    put_all(w, "ext", "two")
    servers = far(6100)
    assert who_sees(w, udp("vm1"), 6100, servers) == ("outside", FIP1)
    assert who_sees(w, udp("vm2"), 6100, servers) == ("outside", GATE1)
    assert who_sees(w, udp("vm3"), 6100, servers) == ("outside3", FIP2)
    exchange(udp("outside3"), udp("vm3", VM3, 6101), FIP2, 6101, "10.30.0.1")
    exchange(udp("outside3", FAR), udp("vm3", VM3, 6102), FIP2, 6102, FAR)
    exchange(udp("outside", FAR), udp("vm1", VM1, 6103), FIP1, 6103, FAR)
    transfer(tcp("vm3", VM3, FIP2, 6104, outside="outside3", seen_as="10.30.0.1"))


def case_the_other_network_itself(w):
    """Who has a floating IP does not leave by another network's link, even to who is on that; who has none does."""
    put_all(w, "ext", "two")
    at_two, at_one = udp("outside3", "10.30.0.1", 6110), udp("outside", "10.10.10.1", 6110)
    exchange(udp("vm2"), at_two, "10.30.0.1", 6110, GATE2)
    client = udp("vm1")
    client.sendto(b"to two", ("10.30.0.1", 6110))
    assert silent(at_two)
    client = udp("vm3")
    client.sendto(b"to one", ("10.10.10.1", 6110))
    assert silent(at_one)


def case_floating_ips_of_both_meet(w):
    put_all(w, "ext", "two")
    exchange(udp("vm1"), udp("vm3", VM3, 6120), FIP2, 6120, FIP1)
    exchange(udp("vm3"), udp("vm1", VM1, 6121), FIP1, 6121, FIP2)
    exchange(udp("vm2"), udp("vm3", VM3, 6122), FIP2, 6122, GATE1)
    exchange(udp("vm1"), udp("vm3", VM3, 6123), VM3, 6123, VM1)


def case_the_router_answers_where_it_was_asked(w):
    put_all(w, "ext", "two")
    for space, gate in ("outside", GATE1), ("outside3", GATE2):
        client, other = raw(space, socket.IPPROTO_ICMP, FAR), {"outside": "outside3", "outside3": "outside"}[space]
        wire = raw(other, socket.IPPROTO_ICMP, FAR)
        client.sendto(icmp(8, 0, struct.pack("!HH", 9, 1), b"payload"), (gate, 0))
        _, peer = receive(client, lambda p: p[20] == 0)
        assert peer[0] == gate, peer
        assert silent(wire, lambda p: p[20] == 0)


def case_errors_by_the_router(w):
    """TTL exceeded on the way to a floating IP goes back by its network."""
    put_all(w, "ext", "two")
    for space, to in ("outside", FIP1), ("outside3", FIP2):
        errors, client = raw(space, socket.IPPROTO_ICMP, FAR), udp(space, FAR)
        client.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
        client.sendto(b"probe", (to, 33434))
        got, _ = receive(errors, lambda p: p[20] == 11)
        assert addresses(got[28:]) == (FAR, to), addresses(got[28:])


def case_the_first_is_the_default(w):
    """Changing the order changes the default, and what is under way stays where it is."""
    put_all(w, "ext", "two")
    servers = far(6130)
    old = udp("vm2")
    assert who_sees(w, old, 6130, servers) == ("outside", GATE1)
    put_all(w, "two", "ext")
    assert who_sees(w, udp("vm2"), 6130, servers) == ("outside3", GATE2)
    assert who_sees(w, old, 6130, servers) == ("outside", GATE1)
    assert who_sees(w, udp("vm1"), 6130, servers) == ("outside", FIP1)
    put_all(w, "ext", "two")


def case_ecmp_spreads(w):
    put_all(w, "ext", "two", ecmp=True)
    servers, seen = far(6140), {}
    clients = [udp("vm2") for _ in range(40)]
    for c in clients:
        seen[c] = who_sees(w, c, 6140, servers)
    assert set(seen.values()) == {("outside", GATE1), ("outside3", GATE2)}, seen.values()
    for c in clients:
        assert who_sees(w, c, 6140, servers) == seen[c], "a flow has moved"
    for _ in range(10):
        assert who_sees(w, udp("vm1"), 6140, servers) == ("outside", FIP1)
        assert who_sees(w, udp("vm3"), 6140, servers) == ("outside3", FIP2)
    # Without: new ones by the first only, and the old ones where they were.
    w.admin.update("router", w.router[1], enable_default_route_ecmp=False)
    for c in clients:
        assert who_sees(w, c, 6140, servers) == seen[c], "a flow has moved"
    for _ in range(10):
        assert who_sees(w, udp("vm2"), 6140, servers) == ("outside", GATE1)


def case_two_gateways_on_one_network(w):
    put_all(w, "two", ecmp=True)
    r = gateways(w, "add", w.gateway("10.30.0.6", network="two"))
    assert [g["network_id"] for g in r["external_gateways"]] == [w.net["two"]] * 2, r
    servers = {"outside3": udp("outside3", FAR, 6150)}
    seen = {who_sees(w, udp("vm2"), 6150, servers)[1] for _ in range(40)}
    assert seen == {GATE2, "10.30.0.6"}, seen
    exchange(udp("outside3", FAR), udp("vm3", VM3, 6151), FIP2, 6151, FAR)
    # A floating IP does not need the one that goes.
    gateways(w, "remove", w.gateway(GATE2, network="two"))
    first = w.admin.show("router", w.router[1])["external_gateway_info"]
    assert first["external_fixed_ips"] == w.gateway("10.30.0.6", network="two")["external_fixed_ips"], first
    exchange(udp("outside3", FAR), udp("vm3", VM3, 6152), FIP2, 6152, FAR)
    assert who_sees(w, udp("vm2"), 6150, servers) == ("outside3", "10.30.0.6")
    w.associate_all({FIP2: None})
    gateways(w, "update")


def case_adding_and_removing_loses_nothing(w):
    """A gateway comes and goes while streams pass by the other."""
    put_all(w, "two")
    streams = [Echo(udp("outside3"), udp("vm3", VM3, 6160), (FIP2, 6160)),
               Echo(udp("vm2"), udp("outside3", "10.30.0.1", 6161), ("10.30.0.1", 6161)),
               Echo(udp("vm3"), udp("outside3", FAR, 6162), (FAR, 6162)),
               Talk("vm3", VM3, FIP2, 6163, outside="outside3", seen_as="10.30.0.1")]

    def come_and_go():
        for _ in range(3):
            gateways(w, "add", w.gateway(GATE1))
            time.sleep(0.05)
            gateways(w, "remove", {"network_id": w.net["ext"]})
            time.sleep(0.05)

    *datagrams, connection = losses(streams, come_and_go)
    assert not connection, connection
    for lost in datagrams:
        assert not lost, f"{len(lost)} lost: {lost[:20]}"


def case_the_first_one_goes(w):
    """Its successor becomes the default; floating IPs of that do not notice. What left by the first begins anew."""
    put_all(w, "ext", "two")
    w.associate_all({FIP1: None, FIP2: "vm3"})
    servers, old = far(6172), udp("vm2")
    assert who_sees(w, old, 6172, servers) == ("outside", GATE1)
    streams = [Echo(udp("outside3"), udp("vm3", VM3, 6170), (FIP2, 6170)),
               Echo(udp("vm3"), udp("outside3", FAR, 6171), (FAR, 6171))]
    for lost in losses(streams, lambda: gateways(w, "remove", {"network_id": w.net["ext"]})):
        assert not lost, f"{len(lost)} lost: {lost[:20]}"
    r = w.admin.show("router", w.router[1])
    assert r["external_gateway_info"]["network_id"] == w.net["two"] and len(r["external_gateways"]) == 1, r
    for client in udp("vm2"), old:
        assert who_sees(w, client, 6172, servers) == ("outside3", GATE2)


def case_forwarded_ports_answer_by_their_network(w):
    """Of a floating IP of the second network, to an instance that leaves by the first."""
    put_all(w, "ext", "two")
    addr = "10.30.0.101"
    f = w.floating_ip(addr, "two")
    path = f"/v2.0/floatingips/{f}/port_forwardings"
    vm2 = w.ports["vm2"]
    body = {"protocol": "udp", "internal_port_id": vm2["id"], "internal_port": 6230, "external_port": 6231,
            "internal_ip_address": vm2["fixed_ips"][0]["ip_address"]}
    pf = w.admin.call("POST", path, {"port_forwarding": body}, 201)["port_forwarding"]["id"]
    server = udp("vm2", VM2, 6230)
    exchange(udp("outside3", FAR), server, addr, 6231, FAR)
    exchange(udp("outside3"), server, addr, 6231, "10.30.0.1")
    assert who_sees(w, udp("vm2"), 6232, far(6232)) == ("outside", GATE1)
    # vm1, with a floating IP of the first network, is on the same router.
    exchange(udp("vm1"), server, addr, 6231, FIP1)
    w.admin.call("DELETE", f"{path}/{pf}", None, 204)
    w.admin.delete("floatingip", f)


def case_explained_by_its_way(w):
    """What trying a packet tells is what happens to it: next hops are those of the floating IP's network."""
    put_all(w, "ext", "two")
    if w.datapath == "nft":  # nothing is tried there
        return
    for addr, vm, at, hop in (FIP1, "vm1", "outside", "10.10.10.1"), (FIP2, "vm3", "outside3", "10.30.0.1"):
        assert who_sees(w, udp(vm), 6240, far(6240)) == (at, addr)
        text = said(explain(w, addr, to=FAR))
        assert f" to {hop}, " in text and "past the router" in text, text
    text = said(explain(w, FIP1, to="10.30.0.77"))  # on the other one's link
    assert " to 10.10.10.1, " in text, text
    text = said(explain(w, FIP2, to="10.30.0.78"))  # nobody has met it
    assert "router's namespace" in text and w.leg(1, "two")["id"][:11] in text, text
    text = said(explain(w, FIP1, to=FIP2))
    assert "floating IP of the same router" in text, text


def case_in_use(w):
    put_all(w, "ext", "two")
    for body in ({"network_id": w.net["two"]}, {"network_id": w.net["ext"]}):
        try:
            gateways(w, "remove", body)
        except Reply as e:
            assert e.status == 409 and "RouterExternalGatewayInUseByFloatingIp" in str(e), e
        else:
            raise AssertionError("a gateway went that floating IPs need")
    assert who_sees(w, udp("vm3"), 6180, far(6180)) == ("outside3", FIP2)


class Nft:
    """SNAT and port forwardings are nftables' on both data paths."""
    datapath = "nft"


def make_policy(w):
    """Limits of both directions."""
    policies = "/v2.0/qos/policies"
    policy = w.admin.call("POST", policies, {"policy": {"name": "gate"}}, 201)["policy"]["id"]
    for direction in "ingress", "egress":
        body = {"bandwidth_limit_rule": {"max_kbps": LIMIT, "direction": direction}}
        w.admin.call("POST", f"{policies}/{policy}/bandwidth_limit_rules", body, 201)
    return policy


def case_gateway_limit(w):
    """Of what leaves with the gateway's address and comes back to it; floating IPs have their own."""
    put_all(w, "ext", "two")
    policy = make_policy(w)
    gate = {"network_id": w.net["ext"], "qos_policy_id": policy}

    def limit(on):
        gate["qos_policy_id"] = policy if on else None
        w.admin.update("router", w.router[1], external_gateway_info=gate)

    server, client, free = udp("outside", FAR, 6190), udp("vm2"), udp("vm1")
    exchange(client, server, FAR, 6190, GATE1)
    peer = GATE1, client.getsockname()[1]
    limit(True)
    got = flood(lambda body: client.sendto(body, (FAR, 6190)), server, lambda: limit(False))
    expect_limited(Nft, got, BODY + 28)
    limit(True)
    got = flood(lambda body: server.sendto(body, peer), client, lambda: limit(False))
    expect_limited(Nft, got, BODY + 28)
    limit(True)
    assert flood(lambda body: free.sendto(body, (FAR, 6190)), server)[0] == BURST, "the floating IP's"
    limit(False)
    assert flood(lambda body: client.sendto(body, (FAR, 6190)), server)[0] == BURST, "without a limit"
    w.admin.call("DELETE", f"/v2.0/qos/policies/{policy}", None, 204)


def last_it_all_survives_a_restart(w):
    put_all(w, "ext", "two", ecmp=True)
    servers, clients = far(6200), [udp("vm2") for _ in range(20)]
    seen = {c: who_sees(w, c, 6200, servers) for c in clients}
    streams = [Echo(udp("outside3"), udp("vm3", VM3, 6201), (FIP2, 6201)),
               Echo(udp("vm1"), udp("outside", FAR, 6202), (FAR, 6202))]

    def restart():
        w.daemon.kill("parent")
        w.daemon.start()
        w.agent_lives()

    for lost in losses(streams, restart):
        assert not lost, f"{len(lost)} lost: {lost[:20]}"
    for c in clients:
        assert who_sees(w, c, 6200, servers) == seen[c], "a flow has moved"
    text = w.daemon.command("plan")
    assert text.endswith(", 0 changes\n"), text


def last_what_somebody_takes_away_is_missed(w):
    put_all(w, "ext", "two", ecmp=True)
    ip("qrouter-1", "rule del pref 10001")
    ip("qrouter-1", "route del default table 2")
    text = w.daemon.command("plan")
    assert "rule fwmark 1/0xff" in text and "table 2" in text and text.endswith(", 2 changes\n"), text
    w.daemon.kill("agent")
    wait_for(lambda: w.daemon.command("plan").endswith(", 0 changes\n"), "they are put again", 30)


def last_nothing_is_left(w):
    """One gateway again: no rules, no tables."""
    put_all(w, "ext")
    assert w.daemon.command("plan").endswith(", 0 changes\n")
    rules = output("qrouter-1", "ip rule").splitlines()
    routes = output("qrouter-1", "ip route show table all proto 66")
    assert len(rules) == 3 and "table" not in routes, (rules, routes)
    assert who_sees(w, udp("vm2"), 6210, far(6210)) == ("outside", GATE1)
    assert who_sees(w, udp("vm1"), 6210, far(6210)) == ("outside", FIP1)
