"""Streams both ways that go on while something happens to Buoy, and what they lost."""
import socket
import struct
import threading
import time

from buoy import wait_for
from packet_cases import BOTH, FIP3, VM3
from packets import tcp, udp


class Echo:
    """Numbered datagrams from a client every 2 ms, sent back by a server; neither is touched by Buoy's restarts."""

    def __init__(self, client, server, to):
        self.client, self.server, self.to = client, server, to
        self.sent, self.back, self.stopping = 0, set(), False
        client.settimeout(0.1)
        server.settimeout(0.1)
        self.threads = [threading.Thread(target=f, daemon=True) for f in (self.send, self.serve, self.collect)]
        for t in self.threads:
            t.start()

    def send(self):
        while not self.stopping:
            self.client.sendto(struct.pack("!I", self.sent), self.to)
            self.sent += 1
            time.sleep(0.002)

    def serve(self):
        while not self.stopping or len(self.back) < self.sent and time.monotonic() < self.end:
            try:
                data, peer = self.server.recvfrom(100)
                self.server.sendto(data, peer)
            except socket.timeout:
                pass

    def collect(self):
        while not self.stopping or len(self.back) < self.sent and time.monotonic() < self.end:
            try:
                self.back.add(struct.unpack("!I", self.client.recv(100))[0])
            except socket.timeout:
                pass

    def some_more(self, count=50):
        goal = self.sent + count
        wait_for(lambda: self.sent >= goal, "packets are sent")

    def finish(self):
        """The numbers that did not come back."""
        self.end = time.monotonic() + 2
        self.stopping = True
        for t in self.threads:
            t.join()
        return sorted(set(range(self.sent)) - self.back)


def read(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


class Talk:
    """A TCP connection from outside to an instance whose ends answer each other all the time."""

    def __init__(self, space, fixed, floating, port, **more):
        self.ends = tcp(space, fixed, floating, port, **more)
        self.rounds, self.stopping, self.problem = 0, False, None
        self.thread = threading.Thread(target=self.talk, daemon=True)
        self.thread.start()

    def talk(self):
        client, server = self.ends
        try:
            while not self.stopping:
                for one, other in (client, server), (server, client):
                    one.sendall(b"word" * 500)
                    assert read(other, 2000) == b"word" * 500
                self.rounds += 1
                time.sleep(0.002)
        except (OSError, AssertionError) as e:
            self.problem = e

    def some_more(self, count=20):
        goal = self.rounds + count
        wait_for(lambda: self.problem or self.rounds >= goal, "the connection goes on")

    def finish(self):
        self.stopping = True
        self.thread.join()
        for end in self.ends:
            end.close()
        return [self.problem] if self.problem else []


def losses(streams, action):
    """What each of the streams lost while it happened."""
    try:
        for s in streams:
            s.some_more()
        action()
        for s in streams:
            s.some_more()
    finally:
        lost = [s.finish() for s in streams]
    return lost


def all_ways(w):
    """From outside through a floating IP, from an instance through SNAT, from one with a floating IP; and TCP."""
    w.apply(BOTH)
    return [Echo(udp("outside"), udp("vm3", VM3, 7000), (FIP3, 7000)),
            Echo(udp("vm2"), udp("outside", "10.10.10.1", 7001), ("10.10.10.1", 7001)),
            Echo(udp("vm3"), udp("outside", "10.10.10.1", 7002), ("10.10.10.1", 7002)),
            Talk("vm3", VM3, FIP3, 7003)]


def during(w, action, may_lose=0):
    """While it happens no packet is lost, or only so many of each stream, and the connection goes on."""
    *datagrams, connection = losses(all_ways(w), action)
    assert not connection, connection
    for lost in datagrams:
        assert len(lost) <= may_lose, f"{len(lost)} lost: {lost[:20]}"
