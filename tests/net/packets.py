"""Packets and sockets: what the network tests send, and what they expect."""
import os
import select
import socket
import struct
import threading
import time

from space import DEADLINE, ns

QUIET = 0.25  # seconds without a packet that show that none comes


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def icmp(kind, code, rest, body):
    head = struct.pack("!BBH", kind, code, 0) + rest + body
    return head[:2] + struct.pack("!H", checksum(head)) + head[4:]


def ip_header(source, target, protocol, length, ttl=64):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 77, 0x4000, ttl, protocol, 0,
                       socket.inet_aton(source), socket.inet_aton(target))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:]


def addresses(packet):
    return socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])


def udp(space, addr="0.0.0.0", port=0):
    with ns(space):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((addr, port))
    s.settimeout(DEADLINE)
    return s


def raw(space, protocol, addr=None):
    with ns(space):
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
    if addr:
        s.bind((addr, 0))
    s.settimeout(DEADLINE)
    return s


def receive(sock, accept=lambda data: True):
    """The next datagram that is accepted, and its sender."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        data, peer = sock.recvfrom(65535)
        if accept(data):
            return data, peer
    raise AssertionError("nothing came")


def silent(sock, accept=lambda data: True):
    """True when nothing acceptable comes for a while."""
    end = time.monotonic() + QUIET
    while (left := end - time.monotonic()) > 0:
        if select.select([sock], [], [], left)[0] and accept(sock.recvfrom(65535)[0]):
            return False
    return True


def exchange(client, server, to, port, client_seen_as):
    """A datagram and its answer. The server sees the client as expected; the client sees the address asked."""
    client.sendto(b"question", (to, port))
    data, peer = receive(server)
    assert data == b"question" and peer[0] == client_seen_as, peer
    server.sendto(b"answer", peer)
    data, peer = receive(client)
    assert data == b"answer" and peer == (to, port), peer


def tcp(space, fixed, floating, port, outside="outside", seen_as="10.10.10.1"):
    """A connection from outside to the floating IP of an instance: both ends."""
    with ns(space):
        server = socket.create_server((fixed, port))
    with ns(outside):
        client = socket.create_connection((floating, port), DEADLINE)
    peer, address = server.accept()
    server.close()
    peer.settimeout(DEADLINE)
    assert address[0] == seen_as
    return client, peer


def transfer(ends):
    """Many segments from the second end to the first."""
    client, peer = ends
    body = os.urandom(3_000_000)
    sender = threading.Thread(target=peer.sendall, args=(body,))
    sender.start()
    got = b""
    while len(got) < len(body):
        got += client.recv(1 << 20)
    sender.join()
    assert got == body


def echo(space, to, seen_at, seen_as, ident=7):
    """ICMP echo to `to`; the target's namespace `seen_at` sees it come from `seen_as`."""
    client, wire = raw(space, socket.IPPROTO_ICMP), raw(seen_at, socket.IPPROTO_ICMP)
    client.sendto(icmp(8, 0, struct.pack("!HH", ident, 1), b"payload"), (to, 0))
    packet, _ = receive(wire, lambda p: p[20] == 8)
    assert addresses(packet)[0] == seen_as, addresses(packet)
    packet, peer = receive(client, lambda p: p[20] == 0 and p[24:26] == struct.pack("!H", ident))
    assert peer[0] == to, peer
    assert checksum(packet[20:]) == 0


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


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


def error_for(packet, kind, code, rest=b"\0\0\0\0"):
    return icmp(kind, code, rest, packet[:28])
