"""The packets that must work through a router, on any world: the kernel layer alone, or a whole Buoy.

A world has apply(), which puts the routers into a state, and knows its devices. vm1 172.16.100.3 and vm2 .4,
vm3 172.16.101.3 are behind router 1 (qrouter-1, 10.10.10.5), vm4 172.16.100.3 is behind router 2 (10.10.10.6).
outside is 10.10.10.1.
"""
import errno
import os
import socket
import struct
import threading
import time

from packets import *  # noqa: F403
from space import DEADLINE, ip, ns, set_offload

FIP1, FIP3, FIP4 = "10.10.10.4", "10.10.10.3", "10.10.10.8"
VM1, VM2, VM3, VM4 = "172.16.100.3", "172.16.100.4", "172.16.101.3", "172.16.100.3"
BOTH = [(FIP3, VM3), (FIP1, VM1)]


def case_udp_from_outside(w):
    w.apply(BOTH)
    exchange(udp("outside"), udp("vm3", VM3, 5000), FIP3, 5000, "10.10.10.1")


def case_udp_without_checksum(w):
    w.apply(BOTH)
    client, server, wire = udp("outside"), udp("vm3", VM3, 5001), raw("vm3", socket.IPPROTO_UDP)
    back = raw("outside", socket.IPPROTO_UDP)
    for s in client, server:
        s.setsockopt(socket.SOL_SOCKET, 11, 1)  # SO_NO_CHECK
    exchange(client, server, FIP3, 5001, "10.10.10.1")
    for tap in wire, back:
        packet, _ = receive(tap)
        assert packet[26:28] == b"\0\0", packet.hex()


def case_tcp_from_outside(w):
    w.apply(BOTH)
    transfer(tcp("vm3", VM3, FIP3, 80))


def case_packets_larger_than_the_mtu(w):
    """GSO: checksums are partial and segments are cut behind the router."""
    w.apply(BOTH)
    # Where they pass in any case.
    with ns("outside"):
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    wire.settimeout(DEADLINE)
    for on in 1, 0:
        for space, dev, other in w.ends():
            with ns(space):
                set_offload(dev, on)
            set_offload(other, on)
        if on:
            transfer(tcp("vm3", VM3, FIP3, 82))
            receive(wire, lambda p: len(p) > 3000)


def case_disassociate_ends_tcp(w):
    w.apply(BOTH)
    client, peer = tcp("vm3", VM3, FIP3, 83)
    client.sendall(b"before")
    assert peer.recv(100) == b"before"
    w.apply([(FIP1, VM1)])
    client.sendall(b"after")
    peer.sendall(b"after")
    peer.settimeout(QUIET)
    client.settimeout(QUIET)
    for end in client, peer:
        try:
            assert not end.recv(100), "still connected"
        except (socket.timeout, ConnectionResetError):
            pass


def case_icmp_echo(w):
    w.apply(BOTH)
    echo("outside", FIP3, "vm3", "10.10.10.1")
    echo("vm3", "10.10.10.1", "outside", FIP3)


def case_other_protocols(w):
    """SCTP, GRE, ESP and one that nobody knows: only addresses change."""
    w.apply(BOTH)
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


def case_what_conntrack_calls_invalid(w):
    """Segments without flags, and ICMP of unknown kinds: translated like others, or not let out."""
    w.apply(BOTH)
    bodies = {socket.IPPROTO_TCP: struct.pack("!HHIIBBHHH", 4000, 5000, 1, 1, 0x50, 0, 100, 0, 0),
              socket.IPPROTO_ICMP: icmp(42, 0, struct.pack("!I", 4711), b"unknown")}
    for protocol, body in bodies.items():
        client, server, poor = raw("outside", protocol), raw("vm3", protocol), raw("vm2", protocol)
        client.sendto(body, (FIP3, 0))
        packet, _ = receive(server)
        assert addresses(packet) == ("10.10.10.1", VM3), (protocol, addresses(packet))
        # A right checksum stays right; this one was wrong by as much as its pseudo-header.
        if protocol == socket.IPPROTO_TCP:
            assert pseudo_error(packet) == pseudo_error(ip_header("10.10.10.1", FIP3, protocol, len(body)) + body)
        else:
            assert packet[20:] == body
        poor.sendto(body, ("10.10.10.1", 0))
        server.sendto(body, ("10.10.10.1", 0))
        packet, _ = receive(client)
        assert addresses(packet) == (FIP3, "10.10.10.1"), (protocol, addresses(packet))


def pseudo_error(packet):
    """How wrong a TCP checksum is; 0: right."""
    return checksum(packet[12:20] + struct.pack("!HH", 6, len(packet) - 20) + packet[20:])


def case_out_with_floating_ip(w):
    w.apply(BOTH)
    exchange(udp("vm3"), udp("outside", "10.10.10.1", 6000), "10.10.10.1", 6000, FIP3)


def case_out_through_gateway(w):
    w.apply(BOTH)
    exchange(udp("vm2"), udp("outside", "10.10.10.1", 6001), "10.10.10.1", 6001, "10.10.10.5")


def case_snat_off(w):
    w.apply(BOTH)
    closed, server = udp("vm2"), udp("outside", "10.10.10.1", 6002)
    exchange(closed, server, "10.10.10.1", 6002, "10.10.10.5")
    w.apply(BOTH, snat=False)
    for client in closed, udp("vm2"):  # a connection from before, and a new one
        client.sendto(b"no", ("10.10.10.1", 6002))
        assert silent(server)
    exchange(udp("vm3"), server, "10.10.10.1", 6002, FIP3)
    exchange(udp("outside"), udp("vm3", VM3, 6003), FIP3, 6003, "10.10.10.1")
    echo("qrouter-1", "10.10.10.1", "outside", "10.10.10.5")
    exchange(udp("vm2"), udp("vm3", VM3, 6004), VM3, 6004, VM2)
    # The way back of a hairpin needs some source even then.
    exchange(udp("vm2"), udp("vm1", VM1, 6005), FIP1, 6005, "172.16.100.1")


def case_between_subnets(w):
    w.apply(BOTH)
    exchange(udp("vm1"), udp("vm3", VM3, 6100), VM3, 6100, VM1)
    exchange(udp("vm2"), udp("vm3", VM3, 6101), VM3, 6101, VM2)


def case_hairpin(w):
    w.apply(BOTH, nats2=[(FIP4, VM4)])
    exchange(udp("vm1"), udp("vm3", VM3, 6200), FIP3, 6200, FIP1)
    own = udp("vm3", VM3, 6201)
    client = udp("vm3")
    exchange(client, own, FIP3, 6201, FIP3)
    exchange(udp("vm2"), udp("vm3", VM3, 6202), FIP3, 6202, "10.10.10.5")
    exchange(udp("vm2"), udp("vm1", VM1, 6203), FIP1, 6203, "10.10.10.5")  # the same subnet
    exchange(udp("vm1"), udp("vm4", VM4, 6204), FIP4, 6204, FIP1)
    exchange(udp("vm4"), udp("vm3", VM3, 6205), FIP3, 6205, FIP4)
    echo("vm1", FIP3, "vm3", FIP1)


def case_from_the_router_itself(w):
    w.apply(BOTH)
    exchange(udp("qrouter-1"), udp("vm3", VM3, 6300), FIP3, 6300, "10.10.10.5")


def case_same_subnet_on_two_routers(w):
    w.apply(BOTH, nats2=[(FIP4, VM4)])
    exchange(udp("outside"), udp("vm1", VM1, 6400), FIP1, 6400, "10.10.10.1")
    exchange(udp("outside"), udp("vm4", VM4, 6400), FIP4, 6400, "10.10.10.1")


def case_port_unreachable(w):
    w.apply(BOTH)
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


def case_errors_from_further_away(w):
    """TTL exceeded and fragmentation needed made by routers behind and before ours."""
    w.apply(BOTH)
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


def case_ttl_exceeded_by_the_router(w):
    """What a traceroute sees: the router answers, and quotes the packet as it was sent."""
    w.apply(BOTH)
    for space, to, source in ("outside", FIP3, "10.10.10.1"), ("vm3", "10.10.10.1", VM3):
        errors, client = raw(space, socket.IPPROTO_ICMP), udp(space)
        client.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
        client.sendto(b"probe", (to, 33434))
        got, _ = receive(errors, lambda p: p[20] == 11)
        assert addresses(got[28:]) == (source, to), addresses(got[28:])


def case_fragmentation_needed_by_the_router(w):
    w.apply(BOTH)
    w.set_mtu_b(1300)
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
        w.set_mtu_b(1500)
        ip("outside", "route flush cache")


def case_fragments(w):
    w.apply(BOTH)
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


def case_ip_options(w):
    w.apply(BOTH)
    client = udp("outside")
    client.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x01\x01\x01\x00")
    exchange(client, udp("vm3", VM3, 7300), FIP3, 7300, "10.10.10.1")


def case_disassociate_ends_flows(w):
    w.apply(BOTH)
    client, server = udp("outside"), udp("vm3", VM3, 8000)
    mine, there = udp("vm3"), udp("outside", "10.10.10.1", 8001)
    exchange(client, server, FIP3, 8000, "10.10.10.1")
    exchange(mine, there, "10.10.10.1", 8001, FIP3)
    w.apply([(FIP1, VM1)])
    client.sendto(b"late", (FIP3, 8000))
    assert silent(server)
    mine.sendto(b"late", ("10.10.10.1", 8001))
    _, peer = receive(there)
    assert peer[0] == "10.10.10.5", peer
    # Nothing that came meanwhile keeps the next association from working for the same flow.
    client.sendto(b"nobody", (FIP3, 8000))
    w.apply(BOTH)
    exchange(client, server, FIP3, 8000, "10.10.10.1")


def case_other_addresses_stay_untouched(w):
    """The flows of a floating IP live on when another one goes."""
    w.apply(BOTH)
    with ns("vm1"):
        server = socket.create_server((VM1, 81))
    with ns("outside"):
        client = socket.create_connection((FIP1, 81), DEADLINE)
    peer, _ = server.accept()
    w.apply([(FIP1, VM1)])
    client.sendall(b"still here")
    peer.settimeout(DEADLINE)
    assert peer.recv(100) == b"still here"
    server.close()


def case_move_loses_nothing(w):
    """A flow under way goes to the old or to the new instance, never to neither."""
    w.apply([(FIP3, VM3)])
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
            w.apply([(FIP3, target)])
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


def case_another_floating_ip_takes_the_instance_over(w):
    """The new one is put before the old one is deleted; its way back must survive that."""
    w.apply([(FIP3, VM3)])
    w.apply([(FIP1, VM3)])
    exchange(udp("vm3"), udp("outside", "10.10.10.1", 8300), "10.10.10.1", 8300, FIP1)
    exchange(udp("outside"), udp("vm3", VM3, 8301), FIP1, 8301, "10.10.10.1")


def case_unassociated_address_leaves_no_trace(w):
    w.apply([(FIP1, VM1)])
    ip("outside", f"route add {FIP3}/32 via 10.10.10.5")
    try:
        client, server = udp("outside"), udp("vm3", VM3, 8700)
        client.sendto(b"nobody", (FIP3, 8700))
        with ns("qrouter-1"), open("/proc/net/nf_conntrack") as f:
            assert "dport=8700" not in f.read()
        w.apply([(FIP1, VM1), (FIP3, VM3)])
        exchange(client, server, FIP3, 8700, "10.10.10.1")
    finally:
        ip("outside", f"route del {FIP3}/32 via 10.10.10.5")


LIMIT, BURST, BODY = 1000, 400, 1000  # kbit/s; packets at once; bytes in each


def flood(send, wire, lift=None):
    """Sends the burst: how many of it came, and how many seconds sending took. `lift` is called before the packet that
    shows that no other is on its way."""
    wire.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)  # SO_RCVBUFFORCE
    start = time.monotonic()
    for _ in range(BURST):
        send(b"." * BODY)
    took = time.monotonic() - start
    if lift:
        lift()
    send(b"last")
    count = 0
    while not receive(wire)[0].endswith(b"last"):
        count += 1
    return count, took


def expect_limited(w, got, length):
    """The bucket's worth came, and at most what flowed into it meanwhile: 80 % of a second's, or a whole second's where
    that is the least that nftables can hold."""
    count, took = got
    bucket = LIMIT * (100 if getattr(w, "datapath", "nft") == "bpf" else 125) / length
    assert bucket - 2 < count < bucket * (1.2 + took), got


def case_limit_inwards(w):
    w.limit(BOTH, FIP3, inwards=LIMIT)
    client, server = udp("outside"), udp("vm3", VM3, 8800)
    exchange(client, server, FIP3, 8800, "10.10.10.1")
    peer = "10.10.10.1", client.getsockname()[1]
    assert flood(lambda body: server.sendto(body, peer), client)[0] == BURST, "the other way"
    got = flood(lambda body: client.sendto(body, (FIP3, 8800)), server, lambda: w.limit(BOTH, FIP3))
    expect_limited(w, got, BODY + 28)
    assert flood(lambda body: client.sendto(body, (FIP3, 8800)), server)[0] == BURST, "without a limit"


def case_limit_outwards(w):
    """Of a protocol that nobody knows."""
    w.limit(BOTH, FIP3, outwards=LIMIT)
    client, server = raw("vm3", 253), raw("outside", 253)
    assert flood(lambda body: server.sendto(body, (FIP3, 0)), client)[0] == BURST, "the other way"
    got = flood(lambda body: client.sendto(body, ("10.10.10.1", 0)), server, lambda: w.limit(BOTH, FIP3))
    expect_limited(w, got, BODY + 20)
    assert flood(lambda body: client.sendto(body, ("10.10.10.1", 0)), server)[0] == BURST, "without a limit"


def case_limited_tcp_arrives(w):
    """More than the bucket holds, in both directions."""
    w.limit(BOTH, FIP3, inwards=16 * LIMIT, outwards=16 * LIMIT)
    client, peer = tcp("vm3", VM3, FIP3, 8802)
    transfer((client, peer))
    transfer((peer, client))
    w.limit(BOTH, FIP3)
