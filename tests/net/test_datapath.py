#!/usr/bin/python3
"""Every packet that must work through a router's nft rules, with real packets.

Usage: test_datapath.py FACTS_APPLY [CASE]. The routers' rules come from the kernel layer (facts_apply.c); the
cases that hold for a whole Buoy as well are in packet_cases.py.
"""
import os
import socket
import subprocess
import sys
from functools import partial

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import packet_cases  # noqa: E402
from packet_cases import BOTH, FIP1, FIP3, VM1, VM3  # noqa: E402
from packets import exchange, receive, udp  # noqa: E402
from space import DEADLINE, NftMonitor, cases_of, enter_private, ns, run_cases  # noqa: E402
from world import KernelWorld, state  # noqa: E402

world = None


def traffic(addr):
    for line in world.driver.send("traffic qrouter-1"):
        word = line.split()
        if word[1] == addr:
            return int(word[3]), int(word[4]), int(word[6]), int(word[7])
    raise AssertionError(f"no counters of {addr}")


def test_swap():
    world.apply(BOTH)
    first, second = udp("vm3", VM3, 8200), udp("vm1", VM1, 8200)
    client = udp("outside")
    exchange(client, first, FIP3, 8200, "10.10.10.1")
    world.apply([(FIP3, VM1), (FIP1, VM3)])
    exchange(client, second, FIP3, 8200, "10.10.10.1")
    exchange(client, first, FIP1, 8200, "10.10.10.1")
    exchange(first, client, "10.10.10.1", client.getsockname()[1], FIP1)


def test_a_rotation_is_one_transaction():
    """However many: every one of 3000 fixed addresses gets its neighbour's floating IP."""
    def turned(by):
        return state([(f"10.10.{20 + i // 250}.{1 + i % 250}", f"172.16.{110 + n // 250}.{1 + n % 250}")
                      for i in range(3000) for n in [(i + by) % 3000]])

    world.driver.send(turned(0))
    assert NftMonitor("qrouter-1").transactions(lambda: world.driver.send(turned(1))) == 1
    assert world.driver.send(turned(1)) == []
    world.apply(BOTH)


def test_two_external_legs():
    """One of them serves the hairpins; neither is put again and again for that."""
    world.apply(BOTH)
    both = state(BOTH).replace("gateway qrouter-2", "gateway qrouter-1 qg-x 10.20.0.5\ngateway qrouter-2")
    world.driver.send(both)
    assert world.driver.send(both) == []
    world.driver.send("netns qrouter-1\nend")
    world.driver.send(both)
    assert world.driver.send(both) == []
    world.driver.send("netns qrouter-1\nend")
    world.apply(BOTH)


def test_damage_is_seen_and_mended():
    world.apply(BOTH)
    with ns("qrouter-1"):
        subprocess.run(["nft", "flush chain ip buoy leave; delete element ip buoy to_floating { 172.16.100.3 };"
                        "add element ip buoy to_floating { 172.16.100.99 : 10.10.10.4 };"
                        "delete element ip buoy hairpin { original };"
                        "add element ip buoy to_fixed { 10.10.10.77 : 1.1.1.1 }"], check=True)
    assert len(world.apply(BOTH)) == 4
    assert world.apply(BOTH) == []
    exchange(udp("vm1"), udp("outside", "10.10.10.1", 8400), "10.10.10.1", 8400, FIP1)


def test_rules_are_replaced_without_losing_elements():
    world.apply(BOTH)
    exchange(udp("outside"), udp("vm3", VM3, 8500), FIP3, 8500, "10.10.10.1")
    before = traffic(FIP3)
    with ns("qrouter-1"):
        subprocess.run(["nft", "add chain ip buoy version_00000005; delete chain ip buoy "
                        + version_chain() + "; add chain ip buoy old { type filter hook forward priority 5; "
                        "policy drop; }; insert rule ip buoy leave counter drop"], check=True)
    answer = world.apply(BOTH)
    assert len(answer) == 1 and answer[0].startswith("ok table"), answer
    assert traffic(FIP3) == before
    exchange(udp("outside"), udp("vm3", VM3, 8501), FIP3, 8501, "10.10.10.1")


def version_chain():
    with ns("qrouter-1"):
        text = subprocess.run(["nft", "list", "table", "ip", "buoy"], check=True, capture_output=True, text=True)
    return next(line.split()[1] for line in text.stdout.splitlines() if "chain version_" in line)


def test_counters_count_every_packet():
    world.apply([])
    world.apply(BOTH)
    client, server = udp("outside"), udp("vm3", VM3, 8600)
    for _ in range(5):
        exchange(client, server, FIP3, 8600, "10.10.10.1")
    exchange(udp("vm3"), udp("outside", "10.10.10.1", 8601), "10.10.10.1", 8601, FIP3)
    # Five of each and the one of its own making; 20 bytes IP, 8 UDP, "question" and "answer".
    assert traffic(FIP3) == (6, 5 * 36 + 34, 6, 5 * 34 + 36), traffic(FIP3)
    assert traffic(FIP1) == (0, 0, 0, 0)


def test_what_a_limit_drops_is_not_counted():
    world.apply([])
    world.limit(BOTH, FIP3, inwards=packet_cases.LIMIT)
    client, server = udp("outside"), udp("vm3", VM3, 8602)
    count, _ = packet_cases.flood(lambda body: client.sendto(body, (FIP3, 8602)), server,
                                  lambda: world.limit(BOTH, FIP3))
    assert traffic(FIP3)[0] == count + 1 < packet_cases.BURST, (traffic(FIP3), count)


def test_announcement():
    with ns("outside"):
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0806))
    wire.settimeout(DEADLINE)
    world.driver.send(f"announce qrouter-1 qg-1 {FIP3}")
    packet, peer = receive(wire, lambda p: p[14:18] == socket.inet_aton(FIP3))
    assert packet[6:8] == b"\0\1" and packet[24:28] == packet[14:18] and packet[8:14] == peer[4]


def main():
    global world
    enter_private()
    world = KernelWorld(os.path.abspath(sys.argv[1]))
    cases = [(name, partial(case, world)) for name, case in cases_of(packet_cases, "case_")]
    cases += cases_of(sys.modules[__name__])
    sys.exit(run_cases(cases, sys.argv[2] if len(sys.argv) > 2 else ""))


if __name__ == "__main__":
    main()
