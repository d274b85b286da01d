#!/usr/bin/python3
"""Every packet that must work through a router's nft rules, with real packets.

Usage: test_datapath.py FACTS_APPLY [TEST]. The routers' rules come from the kernel layer (facts_apply.c).
vm1 172.16.100.3 and vm2 .4, vm3 172.16.101.3 are behind router 1 (10.10.10.5), vm4 172.16.100.3 is behind
router 2 (10.10.10.6). outside is 10.10.10.1.
"""
import errno
import os
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import *  # noqa: E402,F403

FIP1, FIP3, FIP4 = "10.10.10.4", "10.10.10.3", "10.10.10.8"
VM1, VM2, VM3, VM4 = "172.16.100.3", "172.16.100.4", "172.16.101.3", "172.16.100.3"
BOTH = [(FIP3, VM3), (FIP1, VM1)]
driver = None


def apply(nats=(), gateway="10.10.10.5", nats2=()):
    """Puts the routers into this state; addresses after the NAT as the planner orders it."""
    answer = driver.send(state(nats, gateway, nats2))
    for space, leg, pairs in ("qrouter-1", "qg-1", nats), ("qrouter-2", "qg-2", nats2):
        for addr, _ in pairs:
            ip(space, f"address replace {addr}/32 dev {leg}")
    return answer


def traffic(addr):
    for line in driver.send("traffic qrouter-1"):
        word = line.split()
        if word[1] == addr:
            return int(word[3]), int(word[4]), int(word[6]), int(word[7])
    raise AssertionError(f"no counters of {addr}")


def exchange(client, server, to, port, client_seen_as):
    """A datagram and its answer. The server sees the client as expected; the client sees the address asked."""
    client.sendto(b"question", (to, port))
    data, peer = receive(server)
    assert data == b"question" and peer[0] == client_seen_as, peer
    server.sendto(b"answer", peer)
    data, peer = receive(client)
    assert data == b"answer" and peer == (to, port), peer


def test_udp_from_outside():
    apply(BOTH)
    exchange(udp("outside"), udp("vm3", VM3, 5000), FIP3, 5000, "10.10.10.1")


def test_udp_without_checksum():
    apply(BOTH)
    client, server, wire = udp("outside"), udp("vm3", VM3, 5001), raw("vm3", socket.IPPROTO_UDP)
    back = raw("outside", socket.IPPROTO_UDP)
    for s in client, server:
        s.setsockopt(socket.SOL_SOCKET, 11, 1)  # SO_NO_CHECK
    exchange(client, server, FIP3, 5001, "10.10.10.1")
    for tap in wire, back:
        packet, _ = receive(tap)
        assert packet[26:28] == b"\0\0", packet.hex()


def tcp(port):
    """A connection from outside to FIP3: both ends."""
    with ns("vm3"):
        server = socket.create_server((VM3, port))
    with ns("outside"):
        client = socket.create_connection((FIP3, port), DEADLINE)
    peer, address = server.accept()
    server.close()
    peer.settimeout(DEADLINE)
    assert address[0] == "10.10.10.1"
    return client, peer


def transfer(port):
    client, peer = tcp(port)
    body = os.urandom(3_000_000)
    sender = threading.Thread(target=peer.sendall, args=(body,))
    sender.start()
    got = b""
    while len(got) < len(body):
        got += client.recv(1 << 20)
    sender.join()
    assert got == body


def test_tcp_from_outside():
    apply(BOTH)
    transfer(80)


def test_packets_larger_than_the_mtu():
    """GSO: checksums are partial and segments are cut behind the router."""
    apply(BOTH)
    ends = [("outside", "eth0"), ("vm3", "eth0"), ("qrouter-1", "qg-1"), ("qrouter-1", "qr-b")]
    with ns("qrouter-1"):
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    wire.settimeout(DEADLINE)
    for on in 1, 0:
        for space, dev in ends:
            with ns(space):
                set_offload(dev, on)
            set_offload(bridge_end(space, dev), on)
        if on:
            transfer(82)
            receive(wire, lambda p: len(p) > 3000)


def test_disassociate_ends_tcp():
    apply(BOTH)
    client, peer = tcp(83)
    client.sendall(b"before")
    assert peer.recv(100) == b"before"
    apply([(FIP1, VM1)])
    client.sendall(b"after")
    peer.sendall(b"after")
    peer.settimeout(QUIET)
    client.settimeout(QUIET)
    for end in client, peer:
        try:
            assert not end.recv(100), "still connected"
        except (socket.timeout, ConnectionResetError):
            pass


def echo(space, to, seen_at, seen_as, ident=7):
    """ICMP echo to `to`; the target's namespace `seen_at` sees it come from `seen_as`."""
    client, wire = raw(space, socket.IPPROTO_ICMP), raw(seen_at, socket.IPPROTO_ICMP)
    client.sendto(icmp(8, 0, struct.pack("!HH", ident, 1), b"payload"), (to, 0))
    packet, _ = receive(wire, lambda p: p[20] == 8)
    assert addresses(packet)[0] == seen_as, addresses(packet)
    packet, peer = receive(client, lambda p: p[20] == 0 and p[24:26] == struct.pack("!H", ident))
    assert peer[0] == to, peer
    assert checksum(packet[20:]) == 0


def test_icmp_echo():
    apply(BOTH)
    echo("outside", FIP3, "vm3", "10.10.10.1")
    echo("vm3", "10.10.10.1", "outside", FIP3)


def test_other_protocols():
    """SCTP, GRE, ESP and one that nobody knows: only addresses change."""
    apply(BOTH)
    vtag = struct.pack("!HHI", 4000, 5000, 0)
    init = vtag + struct.pack("!I", 0) + struct.pack("!BBHIIHHI", 1, 0, 20, 1, 65535, 1, 1, 1)
    sctp = vtag + struct.pack("<I", crc32c(init)) + init[12:]
    bodies = {132: sctp, 47: struct.pack("!HH", 0, 0x0800) + b"inner", 50: struct.pack("!II", 99, 1) + b"x" * 32,
              253: b"anything"}
    for protocol, body in bodies.items():
        client, server = raw("outside", protocol), raw("vm3", protocol)
        client.sendto(body, (FIP3, 0))
        packet, _ = receive(server)
        assert addresses(packet) == ("10.10.10.1", VM3), (protocol, addresses(packet))
        if protocol == 132:
            plain = packet[20:28] + b"\0\0\0\0" + packet[32:]
            assert packet[28:32] == struct.pack("<I", crc32c(plain)), "SCTP checksum"
            continue
        assert packet[20:] == body
        server.sendto(body, ("10.10.10.1", 0))
        packet, _ = receive(client)
        assert addresses(packet) == (FIP3, "10.10.10.1"), (protocol, addresses(packet))


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def test_out_with_floating_ip():
    apply(BOTH)
    exchange(udp("vm3"), udp("outside", "10.10.10.1", 6000), "10.10.10.1", 6000, FIP3)


def test_out_through_gateway():
    apply(BOTH)
    exchange(udp("vm2"), udp("outside", "10.10.10.1", 6001), "10.10.10.1", 6001, "10.10.10.5")


def test_snat_off():
    apply(BOTH)
    closed, server = udp("vm2"), udp("outside", "10.10.10.1", 6002)
    exchange(closed, server, "10.10.10.1", 6002, "10.10.10.5")
    apply(BOTH, gateway="")
    for client in closed, udp("vm2"):  # a connection from before, and a new one
        client.sendto(b"no", ("10.10.10.1", 6002))
        assert silent(server)
    exchange(udp("vm3"), server, "10.10.10.1", 6002, FIP3)
    exchange(udp("outside"), udp("vm3", VM3, 6003), FIP3, 6003, "10.10.10.1")
    echo("qrouter-1", "10.10.10.1", "outside", "10.10.10.5")
    exchange(udp("vm2"), udp("vm3", VM3, 6004), VM3, 6004, VM2)
    # The way back of a hairpin needs some source even then.
    exchange(udp("vm2"), udp("vm1", VM1, 6005), FIP1, 6005, "172.16.100.1")


def test_between_subnets():
    apply(BOTH)
    exchange(udp("vm1"), udp("vm3", VM3, 6100), VM3, 6100, VM1)
    exchange(udp("vm2"), udp("vm3", VM3, 6101), VM3, 6101, VM2)


def test_hairpin():
    apply(BOTH, nats2=[(FIP4, VM4)])
    exchange(udp("vm1"), udp("vm3", VM3, 6200), FIP3, 6200, FIP1)
    own = udp("vm3", VM3, 6201)
    client = udp("vm3")
    exchange(client, own, FIP3, 6201, FIP3)
    exchange(udp("vm2"), udp("vm3", VM3, 6202), FIP3, 6202, "10.10.10.5")
    exchange(udp("vm2"), udp("vm1", VM1, 6203), FIP1, 6203, "10.10.10.5")  # the same subnet
    exchange(udp("vm1"), udp("vm4", VM4, 6204), FIP4, 6204, FIP1)
    exchange(udp("vm4"), udp("vm3", VM3, 6205), FIP3, 6205, FIP4)
    echo("vm1", FIP3, "vm3", FIP1)


def test_from_the_router_itself():
    apply(BOTH)
    exchange(udp("qrouter-1"), udp("vm3", VM3, 6300), FIP3, 6300, "10.10.10.5")


def test_same_subnet_on_two_routers():
    apply(BOTH, nats2=[(FIP4, VM4)])
    exchange(udp("outside"), udp("vm1", VM1, 6400), FIP1, 6400, "10.10.10.1")
    exchange(udp("outside"), udp("vm4", VM4, 6400), FIP4, 6400, "10.10.10.1")


def refused(client):
    """The kernel of the client took an ICMP error for this socket's own: the quoted header was right."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        try:
            client.send(b"anyone")
            client.settimeout(0.2)
            client.recv(10)
        except socket.timeout:
            continue
        except ConnectionRefusedError:
            return True
    return False


def test_port_unreachable():
    apply(BOTH)
    client = udp("outside")
    client.connect((FIP3, 9))
    errors = raw("outside", socket.IPPROTO_ICMP)
    assert refused(client)
    packet, peer = receive(errors, lambda p: p[20] == 3)
    assert peer[0] == FIP3 and addresses(packet[28:]) == ("10.10.10.1", FIP3)
    assert checksum(packet[20:]) == 0 and checksum(packet[28:48]) == 0
    client = udp("vm3")
    client.connect(("10.10.10.1", 9))
    assert refused(client)


def error_for(packet, kind, code, rest=b"\0\0\0\0"):
    return icmp(kind, code, rest, packet[:28])


def test_errors_from_further_away():
    """TTL exceeded and fragmentation needed made by routers behind and before ours."""
    apply(BOTH)
    client, server = udp("outside"), raw("vm3", socket.IPPROTO_UDP)
    client.sendto(b"question", (FIP3, 7000))
    packet, _ = receive(server)
    inside, outside = raw("vm3", socket.IPPROTO_ICMP), raw("outside", socket.IPPROTO_ICMP)
    for kind, code, rest in (11, 0, b"\0\0\0\0"), (3, 4, struct.pack("!HH", 0, 1400)):
        inside.sendto(error_for(packet, kind, code, rest), ("10.10.10.1", 0))
        got, peer = receive(outside, lambda p, k=kind: p[20] == k)
        assert peer[0] == FIP3 and addresses(got[28:]) == ("10.10.10.1", FIP3), addresses(got[28:])
        assert got[24:28] == rest and checksum(got[20:]) == 0 and checksum(got[28:48]) == 0
    client, server = udp("vm3"), raw("outside", socket.IPPROTO_UDP)
    client.sendto(b"question", ("10.10.10.1", 7001))
    packet, _ = receive(server, lambda p: p[22:24] == struct.pack("!H", 7001))
    for kind, code, rest in (11, 0, b"\0\0\0\0"), (3, 4, struct.pack("!HH", 0, 1300)):
        outside.sendto(error_for(packet, kind, code, rest), (FIP3, 0))
        got, peer = receive(inside, lambda p, k=kind: p[20] == k)
        assert peer[0] == "10.10.10.1" and addresses(got[28:]) == (VM3, "10.10.10.1"), addresses(got[28:])
        assert got[24:28] == rest and checksum(got[20:]) == 0 and checksum(got[28:48]) == 0


def test_ttl_exceeded_by_the_router():
    """What a traceroute sees: the router answers, and quotes the packet as it was sent."""
    apply(BOTH)
    for space, to, source in ("outside", FIP3, "10.10.10.1"), ("vm3", "10.10.10.1", VM3):
        errors, client = raw(space, socket.IPPROTO_ICMP), udp(space)
        client.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
        client.sendto(b"probe", (to, 33434))
        got, _ = receive(errors, lambda p: p[20] == 11)
        assert addresses(got[28:]) == (source, to), addresses(got[28:])


def test_fragmentation_needed_by_the_router():
    apply(BOTH)
    ip("qrouter-1", "link set qr-b mtu 1300")
    ip("outside", "route flush cache")
    try:
        client, server = udp("outside"), udp("vm3", VM3, 7100)
        client.setsockopt(socket.IPPROTO_IP, 10, 2)  # IP_MTU_DISCOVER: IP_PMTUDISC_DO
        client.connect((FIP3, 7100))
        end = time.monotonic() + DEADLINE
        told = False
        while not told and time.monotonic() < end:
            try:
                client.send(b"x" * 1400)
                time.sleep(0.01)
            except OSError as e:
                told = e.errno == errno.EMSGSIZE
        assert told, "path MTU not learnt"
        assert client.getsockopt(socket.IPPROTO_IP, 14) == 1300  # IP_MTU
        try:
            client.send(b"x" * 1200)
        except OSError:  # one more error than was asked for
            client.send(b"x" * 1200)
        assert len(receive(server)[0]) == 1200
    finally:
        ip("qrouter-1", "link set qr-b mtu 1500")
        ip("outside", "route flush cache")


def test_fragments():
    apply(BOTH)
    client, server = udp("outside"), udp("vm3", VM3, 7200)
    body = os.urandom(9000)
    for s in client, server:
        s.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_PMTUDISC_DONT
    client.sendto(body, (FIP3, 7200))
    data, peer = receive(server)
    assert data == body and peer[0] == "10.10.10.1"
    server.sendto(body, peer)
    data, peer = receive(client)
    assert data == body and peer == (FIP3, 7200)


def test_ip_options():
    apply(BOTH)
    client = udp("outside")
    client.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x01\x01\x01\x00")
    exchange(client, udp("vm3", VM3, 7300), FIP3, 7300, "10.10.10.1")


def test_disassociate_ends_flows():
    apply(BOTH)
    client, server = udp("outside"), udp("vm3", VM3, 8000)
    mine, there = udp("vm3"), udp("outside", "10.10.10.1", 8001)
    exchange(client, server, FIP3, 8000, "10.10.10.1")
    exchange(mine, there, "10.10.10.1", 8001, FIP3)
    ip("qrouter-1", f"address del {FIP3}/32 dev qg-1")
    apply([(FIP1, VM1)])
    client.sendto(b"late", (FIP3, 8000))
    assert silent(server)
    mine.sendto(b"late", ("10.10.10.1", 8001))
    _, peer = receive(there)
    assert peer[0] == "10.10.10.5", peer
    # Nothing that came meanwhile keeps the next association from working for the same flow.
    client.sendto(b"nobody", (FIP3, 8000))
    apply(BOTH)
    exchange(client, server, FIP3, 8000, "10.10.10.1")


def test_other_addresses_stay_untouched():
    """The flows of a floating IP live on when another one goes."""
    apply(BOTH)
    with ns("vm1"):
        server = socket.create_server((VM1, 81))
    with ns("outside"):
        client = socket.create_connection((FIP1, 81), DEADLINE)
    peer, _ = server.accept()
    apply([(FIP1, VM1)])
    client.sendall(b"still here")
    peer.settimeout(DEADLINE)
    assert peer.recv(100) == b"still here"
    server.close()


def test_move_loses_nothing():
    """A flow under way goes to the old or to the new instance, never to neither."""
    apply([(FIP3, VM3)])
    servers = [udp("vm3", VM3, 8100), udp("vm1", VM1, 8100)]
    for s in servers:
        s.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
        s.settimeout(0)
    client, stop, sent = udp("outside"), threading.Event(), [0]

    def send():
        while not stop.is_set():
            client.sendto(struct.pack("!I", sent[0]), (FIP3, 8100))
            sent[0] += 1
            if sent[0] % 8 == 0:
                time.sleep(0.001)

    # Neighbours are known before, so that nothing waits for ARP.
    echo("qrouter-1", VM1, "vm1", "172.16.100.1")
    echo("qrouter-1", VM3, "vm3", "172.16.101.1")
    thread = threading.Thread(target=send)
    thread.start()
    try:
        for target in (VM1, VM3) * 5:
            time.sleep(0.02)
            driver.send(state([(FIP3, target)]))
    finally:
        stop.set()
        thread.join()
    got = [set(), set()]
    end = time.monotonic() + DEADLINE
    while len(got[0] | got[1]) < sent[0] and time.monotonic() < end:
        for i, s in enumerate(servers):
            try:
                got[i].add(struct.unpack("!I", s.recv(10))[0])
            except BlockingIOError:
                pass
    lost = set(range(sent[0])) - got[0] - got[1]
    assert not lost, f"{len(lost)} of {sent[0]} lost"
    assert got[0] and got[1], "never moved"


def test_swap():
    apply(BOTH)
    first, second = udp("vm3", VM3, 8200), udp("vm1", VM1, 8200)
    client = udp("outside")
    exchange(client, first, FIP3, 8200, "10.10.10.1")
    apply([(FIP3, VM1), (FIP1, VM3)])
    exchange(client, second, FIP3, 8200, "10.10.10.1")
    exchange(client, first, FIP1, 8200, "10.10.10.1")
    exchange(first, client, "10.10.10.1", client.getsockname()[1], FIP1)


def test_another_floating_ip_takes_the_instance_over():
    """The new one is put before the old one is deleted; its way back must survive that."""
    apply([(FIP3, VM3)])
    apply([(FIP1, VM3)])
    exchange(udp("vm3"), udp("outside", "10.10.10.1", 8300), "10.10.10.1", 8300, FIP1)
    exchange(udp("outside"), udp("vm3", VM3, 8301), FIP1, 8301, "10.10.10.1")


def test_two_external_legs():
    """One of them serves the hairpins; neither is put again and again for that."""
    apply(BOTH)
    both = state(BOTH).replace("gateway qrouter-2", "gateway qrouter-1 qg-x 10.20.0.5\ngateway qrouter-2")
    driver.send(both)
    assert driver.send(both) == []
    driver.send("netns qrouter-1\nend")
    driver.send(both)
    assert driver.send(both) == []
    driver.send("netns qrouter-1\nend")
    apply(BOTH)


def test_damage_is_seen_and_mended():
    apply(BOTH)
    with ns("qrouter-1"):
        subprocess.run(["nft", "flush chain ip buoy leave; delete element ip buoy to_floating { 172.16.100.3 };"
                        "add element ip buoy to_floating { 172.16.100.99 : 10.10.10.4 };"
                        "delete element ip buoy hairpin { original };"
                        "add element ip buoy to_fixed { 10.10.10.77 : 1.1.1.1 }"], check=True)
    assert len(apply(BOTH)) == 4
    assert apply(BOTH) == []
    exchange(udp("vm1"), udp("outside", "10.10.10.1", 8400), "10.10.10.1", 8400, FIP1)


def test_rules_are_replaced_without_losing_elements():
    apply(BOTH)
    exchange(udp("outside"), udp("vm3", VM3, 8500), FIP3, 8500, "10.10.10.1")
    before = traffic(FIP3)
    with ns("qrouter-1"):
        subprocess.run(["nft", "add chain ip buoy version_00000005; delete chain ip buoy "
                        + version_chain() + "; add chain ip buoy old { type filter hook forward priority 5; "
                        "policy drop; }; insert rule ip buoy forward counter drop"], check=True)
    answer = apply(BOTH)
    assert len(answer) == 1 and answer[0].startswith("ok table"), answer
    assert traffic(FIP3) == before
    exchange(udp("outside"), udp("vm3", VM3, 8501), FIP3, 8501, "10.10.10.1")


def version_chain():
    with ns("qrouter-1"):
        text = subprocess.run(["nft", "list", "table", "ip", "buoy"], check=True, capture_output=True, text=True)
    return next(line.split()[1] for line in text.stdout.splitlines() if "chain version_" in line)


def test_counters_count_every_packet():
    apply([])
    apply(BOTH)
    client, server = udp("outside"), udp("vm3", VM3, 8600)
    for _ in range(5):
        exchange(client, server, FIP3, 8600, "10.10.10.1")
    exchange(udp("vm3"), udp("outside", "10.10.10.1", 8601), "10.10.10.1", 8601, FIP3)
    # Five of each and the one of its own making; 20 bytes IP, 8 UDP, "question" and "answer".
    assert traffic(FIP3) == (6, 5 * 36 + 34, 6, 5 * 34 + 36), traffic(FIP3)
    assert traffic(FIP1) == (0, 0, 0, 0)


def test_unassociated_address_leaves_no_trace():
    apply([(FIP1, VM1)])
    for addr in FIP3,:
        subprocess.run(["ip", "-n", "qrouter-1", "address", "del", f"{addr}/32", "dev", "qg-1"],
                       capture_output=True, check=False)
    ip("outside", f"route add {FIP3}/32 via 10.10.10.5")
    try:
        client, server = udp("outside"), udp("vm3", VM3, 8700)
        client.sendto(b"nobody", (FIP3, 8700))
        with ns("qrouter-1"), open("/proc/net/nf_conntrack") as f:
            assert "dport=8700" not in f.read()
        apply([(FIP1, VM1), (FIP3, VM3)])
        exchange(client, server, FIP3, 8700, "10.10.10.1")
    finally:
        ip("outside", f"route del {FIP3}/32 via 10.10.10.5")


def test_announcement():
    with ns("outside"):
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0806))
    wire.settimeout(DEADLINE)
    driver.send(f"announce qrouter-1 qg-1 {FIP3}")
    packet, peer = receive(wire, lambda p: p[14:18] == socket.inet_aton(FIP3))
    assert packet[6:8] == b"\0\1" and packet[24:28] == packet[14:18] and packet[8:14] == peer[4]


def main():
    global driver
    program = os.path.abspath(sys.argv[1])
    enter_private()
    driver = Driver(program)
    build(driver)
    failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_") or (len(sys.argv) > 2 and sys.argv[2] not in name):
            continue
        try:
            test()
            print("ok", name, flush=True)
        except Exception as e:  # each test is told, whatever it met
            failed += 1
            where = e.__traceback__
            while where.tb_next:
                where = where.tb_next
            print(f"FAILED {name}: {type(e).__name__} {e} "
                  f"({os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno})", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
