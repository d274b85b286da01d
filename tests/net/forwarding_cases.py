"""Cases of port forwardings: ports of one floating IP lead to ports of several instances, by connection, on any data
path. Floating IPs with an instance of their own and the gateway's SNAT go on beside them on the same router."""
import socket
import struct
import time

from buoy import wait_for
from packet_cases import FIP1, FIP3, FIP4, VM1, VM3, VM4
from packets import QUIET, checksum, crc32c, exchange, icmp, raw, receive, refused, silent, transfer, udp
from space import DEADLINE, ip, ns
from system_cases import ETH_P_ARP, mac_of, output, wire

PFIP = "10.10.10.20"
GATEWAY = "10.10.10.5"
SPARE = "172.16.100.77"


def forwardings(w):
    """Its path; the floating IP is made once."""
    if PFIP not in w.fips:
        w.fips[PFIP] = w.floating_ip(PFIP)
    return f"/v2.0/floatingips/{w.fips[PFIP]}/port_forwardings"


def spare(w):
    """One more instance beside vm1; vm2 has a floating IP of its own meanwhile (first_stranger)."""
    if "spare" not in w.ports:
        w.ports["spare"] = w.port("a", SPARE, name="spare")
        w.instance("spare", w.ports["spare"])
    return "spare"


def forward(w, vm, inside, outside, protocol="tcp"):
    """One more; it works when this returns. Numbers are ports, texts ranges."""
    body = {"protocol": protocol, "internal_port_id": w.ports[vm]["id"]}
    for end, value in ("internal", inside), ("external", outside):
        body[f"{end}_port" if isinstance(value, int) else f"{end}_port_range"] = value
    pf = w.admin.call("POST", forwardings(w), {"port_forwarding": body}, 201)["port_forwarding"]
    f = w.admin.show("floatingip", w.fips[PFIP])
    assert (f["status"], f["router_id"], f["port_id"]) == ("ACTIVE", w.router[1], None), f
    return pf["id"]


def change(w, identity, **body):
    w.admin.call("PUT", f"{forwardings(w)}/{identity}", {"port_forwarding": body}, 200)


def remove(w, identity):
    w.admin.call("DELETE", f"{forwardings(w)}/{identity}", None, 204)


def begin(w, nats=()):
    """None is there."""
    w.apply(list(nats))
    for pf in w.admin.call("GET", forwardings(w))["port_forwardings"]:
        remove(w, pf["id"])


def connect(space, to, port, vm, fixed, inside, seen_as):
    """A TCP connection through the forwarding: both ends."""
    with ns(vm):
        server = socket.create_server((fixed, inside))
    with ns(space):
        client = socket.create_connection((to, port), DEADLINE)
    peer, address = server.accept()
    server.close()
    peer.settimeout(DEADLINE)
    assert address[0] == seen_as, address
    assert client.getpeername() == (to, port)
    return client, peer


def ends(client, peer):
    """What was under way is no more: nothing passes, either way."""
    for end in client, peer:
        end.settimeout(QUIET)
        try:
            end.sendall(b"after")
        except OSError:
            pass
    for end in client, peer:
        try:
            assert not end.recv(100), "still connected"
        except (socket.timeout, ConnectionError):
            pass


def answers_arp(w):
    """Only the router does, with its leg's address."""
    leg, _ = w.leg_names(1, "ext")
    asker = wire("outside", "eth0", ETH_P_ARP)
    mac = mac_of("outside", "eth0")
    asker.send(b"\xff" * 6 + mac + struct.pack("!HHHBBH6s4s6s4s", ETH_P_ARP, 1, 0x0800, 6, 4, 1, mac,
                                               socket.inet_aton("10.10.10.1"), b"\0" * 6, socket.inet_aton(PFIP)))
    frame, _ = receive(asker, lambda f: f[20:22] == b"\0\2" and f[28:32] == socket.inet_aton(PFIP))
    return frame[22:28] == mac_of("qrouter-1", leg)


# --- cases ---

def case_forwarding_tcp_to_several_instances(w):
    begin(w)
    forward(w, "vm1", 80, 8001)
    forward(w, "vm3", 80, 8003)
    assert answers_arp(w)
    transfer(connect("outside", PFIP, 8001, "vm1", VM1, 80, "10.10.10.1"))
    transfer(connect("outside", PFIP, 8003, "vm3", VM3, 80, "10.10.10.1"))
    # From further away than the external network itself.
    with ns("outside"):
        client = socket.socket()
    client.bind(("198.51.100.9", 0))
    with ns("vm1"):
        server = socket.create_server((VM1, 80))
    client.settimeout(DEADLINE)
    client.connect((PFIP, 8001))
    assert server.accept()[1][0] == "198.51.100.9"


def case_forwarding_udp(w):
    begin(w)
    forward(w, "vm1", 53, 5353, "udp")
    forward(w, spare(w), 53, 53, "udp")
    exchange(udp("outside"), udp("vm1", VM1, 53), PFIP, 5353, "10.10.10.1")
    exchange(udp("outside"), udp(spare(w), SPARE, 53), PFIP, 53, "10.10.10.1")
    # The same numbers of another protocol are not forwarded.
    with ns("outside"):
        client = socket.socket()
    client.settimeout(DEADLINE)
    try:
        client.connect((PFIP, 5353))
        raise AssertionError("somebody has answered")
    except ConnectionRefusedError:
        pass


def sctp_init(source, target):
    init = struct.pack("!HHI", source, target, 0)
    body = struct.pack("!BBHIIHHI", 1, 0, 20, 1, 65535, 1, 1, 1)
    return init + struct.pack("<I", crc32c(init + b"\0\0\0\0" + body)) + body


def case_forwarding_sctp(w):
    """An INIT arrives at the other port, with its checksum made anew."""
    begin(w)
    forward(w, "vm1", 7000, 9000, "sctp")
    client, server = raw("outside", 132), raw("vm1", 132)
    client.sendto(sctp_init(4000, 9000), (PFIP, 0))
    packet, peer = receive(server)
    assert peer[0] == "10.10.10.1" and packet[20:] == sctp_init(4000, 7000), packet.hex()


def case_forwarding_ranges(w):
    begin(w)
    forward(w, "vm1", "6000:6009", "6000:6009", "udp")  # each to its own number
    forward(w, spare(w), 700, "7000:7009", "udp")  # all of them to one
    forward(w, "vm3", "800:809", "8000:8009", "udp")  # moved
    for n in 0, 5, 9:
        exchange(udp("outside"), udp("vm1", VM1, 6000 + n), PFIP, 6000 + n, "10.10.10.1")
        exchange(udp("outside"), udp(spare(w), SPARE, 700), PFIP, 7000 + n, "10.10.10.1")
        exchange(udp("outside"), udp("vm3", VM3, 800 + n), PFIP, 8000 + n, "10.10.10.1")
    for port in 5999, 6010, 6999, 7010, 7999, 8010:
        client = udp("outside")
        client.connect((PFIP, port))
        assert refused(client), port


def case_forwarding_range_replaced_by_one_that_overlaps(w):
    """The old one is still there while the new one is put."""
    begin(w)
    pf = forward(w, "vm1", "6100:6110", "6100:6110", "udp")
    change(w, pf, external_port_range="6105:6120", internal_port_range="6105:6120")
    exchange(udp("outside"), udp("vm1", VM1, 6120), PFIP, 6120, "10.10.10.1")
    one = udp("outside")
    one.connect((PFIP, 6100))
    assert refused(one)
    change(w, pf, external_port_range="6110:6130", internal_port_range="22")
    exchange(udp("outside"), udp("vm1", VM1, 22), PFIP, 6130, "10.10.10.1")
    change(w, pf, external_port=6110, internal_port=23)
    exchange(udp("outside"), udp("vm1", VM1, 23), PFIP, 6110, "10.10.10.1")
    assert PFIP not in w.daemon.command("plan")


def case_forwarding_from_inside(w):
    """Instances of the same router reach it like anybody else: with the address that they leave with."""
    begin(w, [(FIP3, VM3)])
    forward(w, "vm1", 90, 9001, "udp")
    forward(w, "vm1", 90, 9001)
    exchange(udp(spare(w)), udp("vm1", VM1, 90), PFIP, 9001, GATEWAY)
    exchange(udp("vm3"), udp("vm1", VM1, 90), PFIP, 9001, FIP3)
    exchange(udp("vm1"), udp("vm1", VM1, 90), PFIP, 9001, GATEWAY)
    transfer(connect("vm3", PFIP, 9001, "vm1", VM1, 90, FIP3))
    transfer(connect(spare(w), PFIP, 9001, "vm1", VM1, 90, GATEWAY))
    # And of another router: it is outside.
    exchange(udp("vm4"), udp("vm1", VM1, 90), PFIP, 9001, "10.10.10.6")
    w.apply([(FIP3, VM3)], nats2=[(FIP4, VM4)])
    for _ in range(3):
        exchange(udp("vm4"), udp("vm1", VM1, 90), PFIP, 9001, FIP4)
    transfer(connect("vm4", PFIP, 9001, "vm1", VM1, 90, FIP4))


def case_forwarding_beside_others(w):
    """What its instances begin themselves leaves as before, and other floating IPs know nothing of it."""
    begin(w, [(FIP3, VM3)])
    spare(w)
    w.associate(FIP1, w.ports["spare"]["id"])
    forward(w, "vm1", 91, 9101, "udp")
    exchange(udp("vm1"), udp("outside", "10.10.10.1", 9102), "10.10.10.1", 9102, GATEWAY)
    exchange(udp("vm1", VM1, 91), udp("outside", "10.10.10.1", 9103), "10.10.10.1", 9103, GATEWAY)
    exchange(udp("vm3"), udp("outside", "10.10.10.1", 9104), "10.10.10.1", 9104, FIP3)
    exchange(udp("outside"), udp("vm3", VM3, 9101), FIP3, 9101, "10.10.10.1")
    exchange(udp("outside"), udp(spare(w), SPARE, 9101), FIP1, 9101, "10.10.10.1")
    exchange(udp("outside"), udp("vm1", VM1, 91), PFIP, 9101, "10.10.10.1")
    exchange(udp("vm1"), udp("vm3", VM3, 9105), FIP3, 9105, GATEWAY)
    w.associate(FIP1, None)


def case_forwarding_removal_ends_flows(w):
    """Of that one only."""
    begin(w)
    first, second = forward(w, "vm1", 80, 8201), forward(w, "vm3", 80, 8203)
    gone, stays = (connect("outside", PFIP, port, vm, fixed, 80, "10.10.10.1")
                   for port, vm, fixed in ((8201, "vm1", VM1), (8203, "vm3", VM3)))
    remove(w, first)
    ends(*gone)
    transfer(stays)
    remove(w, second)
    ends(*stays)
    assert PFIP not in output("qrouter-1", "ip", "-4", "address")
    assert PFIP not in output("qrouter-1", "nft", "list", "table", "ip", "buoy")
    assert w.admin.show("floatingip", w.fips[PFIP])["status"] == "DOWN"


def case_forwarding_change_turns_flows(w):
    """The next packet of a client that goes on goes to the new instance."""
    begin(w)
    pf = forward(w, "vm1", 53, 8301, "udp")
    client, first, second = udp("outside"), udp("vm1", VM1, 53), udp("vm3", VM3, 54)
    exchange(client, first, PFIP, 8301, "10.10.10.1")
    change(w, pf, internal_port_id=w.ports["vm3"]["id"], internal_port=54)
    exchange(client, second, PFIP, 8301, "10.10.10.1")
    assert silent(first)
    change(w, pf, external_port=8302)
    client.sendto(b"too late", (PFIP, 8301))
    assert silent(second)
    exchange(client, second, PFIP, 8302, "10.10.10.1")


def case_forwarding_client_that_was_there_before(w):
    """Who has sent to the port before it was forwarded does not have to stop first."""
    begin(w)
    forward(w, "vm1", 53, 8401, "udp")
    client, server = udp("outside"), udp("vm3", VM3, 53)
    client.connect((PFIP, 8402))
    assert refused(client)
    client.settimeout(DEADLINE)
    forward(w, "vm3", 53, 8402, "udp")
    try:
        client.send(b"again")
    except ConnectionRefusedError:
        client.send(b"again")
    assert receive(server)[0] == b"again"


def case_forwarding_icmp(w):
    """The router answers pings, as Neutron's does; errors about what is forwarded find their way."""
    begin(w)
    forward(w, "vm1", 53, 8501, "udp")
    client = raw("outside", socket.IPPROTO_ICMP)
    client.sendto(icmp(8, 0, struct.pack("!HH", 11, 1), b"payload"), (PFIP, 0))
    packet, peer = receive(client, lambda p: p[20] == 0 and p[24:26] == struct.pack("!H", 11))
    assert peer[0] == PFIP and checksum(packet[20:]) == 0
    closed = udp("outside")  # nobody listens at the instance
    closed.connect((PFIP, 8501))
    assert refused(closed)
    # And one from outside about an answer: the client has gone.
    server = udp("vm1", VM1, 53)
    gone = udp("outside")
    gone.sendto(b"question", (PFIP, 8501))
    _, peer = receive(server)
    server.connect(peer)
    gone.close()
    assert refused(server)


def case_forwarding_odd_segments_are_nobodys(w):
    """What belongs to no connection is not answered by the router on the instance's behalf."""
    begin(w)
    forward(w, "vm1", 80, 8601)
    client, wire_in = raw("outside", socket.IPPROTO_TCP), raw("vm1", socket.IPPROTO_TCP)
    head = struct.pack("!HHIIBBHHH", 4001, 8601, 1, 1, 5 << 4, 0, 1000, 0, 0)
    pseudo = socket.inet_aton("10.10.10.1") + socket.inet_aton(PFIP) + struct.pack("!BBH", 0, 6, len(head))
    head = head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:]
    client.sendto(head, (PFIP, 0))
    assert silent(wire_in, lambda p: p[20:22] == struct.pack("!H", 4001))
    assert silent(client, lambda p: p[22:24] == struct.pack("!H", 4001))


def case_forwarding_limit(w):
    """A QoS policy holds for all that is forwarded together."""
    begin(w)
    forward(w, "vm1", 53, 8701, "udp")
    if not w.policy:
        w.limit([], FIP3, 0, 0)
    rules = f"/v2.0/qos/policies/{w.policy}/bandwidth_limit_rules"
    rule = w.admin.call("POST", rules, {"bandwidth_limit_rule": {"max_kbps": 1000, "direction": "ingress"}},
                        201)["bandwidth_limit_rule"]["id"]
    w.admin.update("floatingip", w.fips[PFIP], qos_policy_id=w.policy)
    client, server = udp("outside"), udp("vm1", VM1, 53)
    for _ in range(600):  # 7 Mbit, of which a second's worth and the burst pass
        client.sendto(b"x" * 1400, (PFIP, 8701))
    got = 0
    server.settimeout(QUIET)
    try:
        while True:
            server.recv(2000)
            got += 1
    except socket.timeout:
        pass
    assert 10 < got < 300, got
    w.admin.update("floatingip", w.fips[PFIP], qos_policy_id=None)
    w.admin.call("DELETE", f"{rules}/{rule}", None, 204)


def case_forwarding_deleted_instance_takes_them_along(w):
    begin(w)
    port = w.port("a", "172.16.100.50")
    forward(w, "vm1", 53, 8801, "udp")
    w.ports["brief"] = port
    forward(w, "brief", 53, 8802, "udp")
    w.admin.delete("port", port["id"])
    del w.ports["brief"]
    f = w.admin.show("floatingip", w.fips[PFIP])
    assert [pf["external_port"] for pf in f["port_forwardings"]] == [8801], f
    exchange(udp("outside"), udp("vm1", VM1, 53), PFIP, 8801, "10.10.10.1")
    client = udp("outside")
    client.connect((PFIP, 8802))
    assert refused(client)


def case_forwarding_router_down_and_up(w):
    begin(w, [(FIP3, VM3)])
    forward(w, "vm1", 53, 8901, "udp")
    forward(w, "vm1", "5500:5509", "5600:5609", "udp")
    w.admin.update("router", w.router[1], admin_state_up=False)
    assert w.admin.show("floatingip", w.fips[PFIP])["status"] == "DOWN"
    w.admin.update("router", w.router[1], admin_state_up=True)
    w.wait_active("floatingip", w.fips[PFIP])
    exchange(udp("outside"), udp("vm1", VM1, 53), PFIP, 8901, "10.10.10.1")
    exchange(udp("outside"), udp("vm1", VM1, 5509), PFIP, 5609, "10.10.10.1")
    exchange(udp("outside"), udp("vm3", VM3, 8902), FIP3, 8902, "10.10.10.1")


def case_forwarding_drift_is_repaired(w):
    """Somebody empties the maps: what is read back shows it, and it is put right."""
    begin(w)
    forward(w, "vm1", 53, 9301, "udp")
    forward(w, "vm1", "9400:9409", "9400:9409", "udp")
    forward(w, "vm1", 22, "9500:9509", "udp")
    for name in "ports", "ports_kept", "ports_to_one":
        output("qrouter-1", "nft", "flush", "map", "ip", "buoy", name)
    wait_for(lambda: w.daemon.command("plan").endswith(", 0 changes\n"), "what is missing is put again", 30)
    for port, inside in (9301, 53), (9405, 9405), (9505, 22):
        exchange(udp("outside"), udp("vm1", VM1, inside), PFIP, port, "10.10.10.1")


def case_forwarding_ten_thousand(w):
    """All of them at once, then one more, which is not as much work again."""
    begin(w)
    path, crowd = forwardings(w), w.port("a", "172.16.100.60")["id"]
    ip("vm1", "address add 172.16.100.60/32 dev eth0")
    start = time.monotonic()
    for first in range(0, 10000, 2500):
        rows = [{"protocol": "udp", "internal_port_id": crowd, "internal_port": 20000 + n,
                 "external_port": 40000 + n} for n in range(first, first + 2500)]
        made = w.admin.call("POST", path, {"port_forwardings": rows}, 201)["port_forwardings"]
        assert len(made) == 2500
    w.wait_active("floatingip", w.fips[PFIP])
    many = time.monotonic() - start
    exchange(udp("outside"), udp("vm1", "172.16.100.60", 29999), PFIP, 49999, "10.10.10.1")
    body = {"port_forwarding": {"protocol": "udp", "internal_port_id": w.ports["vm3"]["id"], "internal_port": 53,
                                "external_port": 9999}}
    start = time.monotonic()
    pf = w.admin.call("POST", path, body, 201)["port_forwarding"]["id"]
    one = time.monotonic() - start
    exchange(udp("outside"), udp("vm3", VM3, 53), PFIP, 9999, "10.10.10.1")
    print(f"10,000 forwardings: {many:.2f} s; one more: {one * 1000:.0f} ms")
    assert one < 0.5, one
    start = time.monotonic()
    w.admin.delete("port", crowd)
    print(f"all of them taken along: {time.monotonic() - start:.2f} s")
    exchange(udp("outside"), udp("vm3", VM3, 53), PFIP, 9999, "10.10.10.1")
    remove(w, pf)
    ip("vm1", "address del 172.16.100.60/32 dev eth0")
