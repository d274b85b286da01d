"""Cases about what Buoy says of packets: counters with reasons, explanations, packets seen as they come."""
import http.client
import json
import select
import socket
import subprocess
import time

from buoy import LISTEN, wait_for
from cloud import buoy_environment
from packet_cases import BOTH, FIP1, FIP3, VM1, VM3
from packets import exchange, udp
from space import DEADLINE
from system_cases import output


def stats(w, addr=FIP3):
    return w.admin.call("GET", f"/v2.0/floatingips/{w.fips[addr]}/stats")["stats"]


def case_stats_count_what_the_limit_drops(w):
    w.limit([(FIP3, VM3)], FIP3, inwards=100)
    before = stats(w)["dropped"]["rate_in"]
    client, server = udp("outside"), udp("vm3", VM3, 8611)
    exchange(client, server, FIP3, 8611, "10.10.10.1")
    for _ in range(60):
        client.sendto(b"x" * 1200, (FIP3, 8611))
    if w.datapath == "nft":  # its limits do not count
        assert stats(w)["dropped"]["rate_in"] == 0
    else:
        dropped = wait_for(lambda: stats(w)["dropped"]["rate_in"] - before, "drops are counted", 15)
        assert 1 <= dropped <= 60, dropped
        metrics = w.admin.send("GET", "/metrics")[2]
        assert f'buoy_floating_ip_dropped_packets_total{{address="{FIP3}",reason="rate_in"}} ' in metrics
        assert json.loads(w.cli("fip", "stats", FIP3, "-f", "json"))["last_seen_in"], "exact where bpf counts"
    assert wait_for(lambda: stats(w)["last_seen"], "somebody was seen", 15)
    w.limit([(FIP3, VM3)], FIP3)


# --- explanations ---

def explain(w, addr=FIP3, expect=200, **packet):
    """Inwards from an address, or outwards `to` one."""
    if "to" in packet:
        packet.update(direction="out", address=packet.pop("to"))
    body = {"explain": {"protocol": "udp", "port": 8612, **packet}}
    answer = w.admin.call("POST", f"/v2.0/floatingips/{w.fips[addr]}/explain", body, expect)
    return answer["explanation"] if expect == 200 else answer


def said(explanation):
    return " / ".join(s["what"] for s in explanation["steps"]) + " => " + explanation["summary"]


def warm(w, addr=FIP3, fixed=VM3, vm="vm3"):
    """Both halves have met their neighbours, so that nothing waits for ARP."""
    client, server = udp("outside"), udp(vm, fixed, 8613)
    for _ in range(3):
        exchange(client, server, addr, 8613, "10.10.10.1")
        exchange(server, client, "10.10.10.1", client.getsockname()[1], addr)


def bpf_only(case):
    def run(w):
        if w.datapath == "bpf":
            case(w)
    return run


def case_explain_with_nftables(w):
    if w.datapath == "bpf":
        return
    w.apply(BOTH)
    told = explain(w, address="10.10.10.1")
    assert (told["verdict"], told["datapath"]) == ("router", "nft"), told
    assert told["packet"]["before"]["target"] == FIP3 and "nftables" in said(told), told


@bpf_only
def case_explain_inwards(w):
    w.apply([])
    w.apply(BOTH)  # counters from 0
    warm(w)
    told = explain(w, address="10.10.10.1")
    assert told["verdict"] == "forward" and told["datapath"] == "bpf" and told["generation"] > 0, told
    was, becomes = told["packet"]["before"], told["packet"]["after"]
    assert (was["target"], becomes["target"], becomes["source"]) == (FIP3, VM3, "10.10.10.1"), told
    assert (was["ttl"], becomes["ttl"], becomes["port"]) == (64, 63, 8612), told
    assert becomes["target_mac"] == output("vm3", "cat", "/sys/class/net/eth0/address").strip(), told
    assert "tap" + w.ports["vm3"]["id"][:11] in said(told), told
    assert all(s["ok"] for s in told["steps"]), told
    wait_for(lambda: (stats(w)["in_packets"], stats(w)["out_packets"]) == (6, 6), "only real packets are counted", 15)


@bpf_only
def case_explain_outwards(w):
    w.apply(BOTH)
    warm(w)
    told = explain(w, to="10.10.10.1", ttl=9)
    assert told["verdict"] == "forward", told
    was, becomes = told["packet"]["before"], told["packet"]["after"]
    assert (was["source"], becomes["source"], becomes["ttl"]) == (VM3, FIP3, 8), told
    # Its way is not by the external leg.
    told = explain(w, to="172.16.100.3")
    assert told["verdict"] == "router" and told["packet"]["after"]["source"] == VM3, told
    # A next hop that nobody has heard of: the leg's programs translate.
    told = explain(w, to="10.10.10.77")
    assert told["verdict"] == "router" and told["packet"]["after"]["source"] == FIP3, told
    assert "ARP" in said(told), told


@bpf_only
def case_explain_what_is_not_forwarded(w):
    w.apply([(FIP1, VM1)])
    told = explain(w, address="10.10.10.1")
    assert told["verdict"] == "nobody" and "no port" in said(told) and not told["packet"]["after"], told
    w.apply(BOTH)
    warm(w)
    told = explain(w, address="10.10.10.1", ttl=1)
    assert told["verdict"] == "drop" and "time to live" in said(told), told
    told = explain(w, address="10.10.10.1", length=2000, df=True)
    assert told["verdict"] == "drop" and "fragmentation needed" in said(told), told
    told = explain(w, address="10.10.10.1", length=2000)
    assert told["verdict"] == "router" and "fragments" in said(told), told
    told = explain(w, address="10.10.10.5")
    assert told["verdict"] != "forward" and "source" in said(told), told
    told = explain(w, to=FIP1)
    assert told["verdict"] == "router" and "same router" in said(told), told


@bpf_only
def case_explain_a_limit(w):
    w.limit([(FIP3, VM3)], FIP3, inwards=100)
    warm(w)
    client, server = udp("outside"), udp("vm3", VM3, 8614)

    def is_full():
        for _ in range(60):
            client.sendto(b"x" * 1200, (FIP3, 8614))
        told = explain(w, address="10.10.10.1")
        return told if told["verdict"] == "drop" else None

    told = wait_for(is_full, "the bucket is full")
    assert "QoS policy" in said(told) and "rate_in" in told["summary"], told
    server.close()
    w.limit([(FIP3, VM3)], FIP3)


def case_explain_refuses_what_is_no_packet(w):
    for wrong in ({"address": None}, {"address": "::1"}, {"address": "x"}, {"address": 1}, {"direction": "up"}, {"ttl": 0},
                  {"length": 27}, {"length": 9000}, {"protocol": "tpc"}, {"device": "br-ex"}, {"protocol": "icmp"}):
        explain(w, expect=400, **{"address": "10.10.10.1", **wrong})
    path = f"/v2.0/floatingips/{w.fips[FIP3]}/explain"
    w.other.call("POST", path, {"explain": {"address": "10.10.10.1"}}, 404)


# --- packets as they pass ---

class Watcher:
    """`buoy fip explain ADDRESS --live`, whose lines are objects."""

    def __init__(self, w, addr):
        self.process = subprocess.Popen([w.buoy, "fip", "explain", addr, "--live", "-f", "json"], text=True,
                                        env=buoy_environment(), stdout=subprocess.PIPE, bufsize=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def see(self, send, *wanted):
        """Sends until a packet of each wanted direction and verdict was seen; those."""
        found, end = {}, time.monotonic() + DEADLINE
        while set(wanted) - set(found):
            assert time.monotonic() < end, (wanted, found)
            send()
            while select.select([self.process.stdout], [], [], 0.1)[0]:
                line = self.process.stdout.readline()
                assert line, "the stream ended"
                p = json.loads(line)
                found.setdefault((p["direction"], p["verdict"]), p)
        return [found[key] for key in wanted]


def case_live_shows_real_packets(w):
    w.apply(BOTH)
    if w.datapath == "nft":
        status = w.admin.send("GET", f"/v2.0/floatingips/{w.fips[FIP3]}/packets")[0]
        assert status == 501, status
        return
    warm(w)
    client, server = udp("outside"), udp("vm3", VM3, 8615)
    with Watcher(w, FIP3) as watcher:
        came, went = watcher.see(lambda: exchange(client, server, FIP3, 8615, "10.10.10.1"),
                                 ("in", "forward"), ("out", "forward"))
    assert (came["packet"]["target"], came["packet"]["port"], came["packet"]["ttl"]) == (FIP3, 8615, 64), came
    assert (went["packet"]["source"], went["via"]) == (VM3, "10.10.10.1"), went
    assert came["to"] == "tap" + w.ports["vm3"]["id"][:11] and came["generation"] > 0, came
    # Through the router: seen where it comes in, and at the leg. And what a limit drops.
    w.limit([(FIP3, VM3)], FIP3, inwards=100)
    short = udp("outside")
    short.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
    with Watcher(w, FIP3) as watcher:
        slow, _ = watcher.see(lambda: short.sendto(b"x", (FIP3, 8615)), ("in", "router"), ("in", "translate"))
        assert slow["reason"] == "ttl", slow
        dropped, = watcher.see(lambda: [client.sendto(b"x" * 1200, (FIP3, 8615)) for _ in range(60)], ("in", "drop"))
        assert dropped["reason"] == "rate_in", dropped
    w.limit([(FIP3, VM3)], FIP3)


def open_stream(w, identity, client=None):
    """The status, and the connection to close."""
    connection = http.client.HTTPConnection(LISTEN, timeout=DEADLINE)
    connection.request("GET", f"/v2.0/floatingips/{identity}/packets", headers={"X-Auth-Token": (client or w.admin).token})
    return connection.getresponse().status, connection


@bpf_only
def case_live_is_bounded_and_ends(w):
    w.apply(BOTH)
    assert open_stream(w, w.fips[FIP3], w.other)[0] == 404
    more = [w.floating_ip(f"10.10.10.{n}") for n in (181, 182, 183, 184)]
    streams = [open_stream(w, f) for f in [w.fips[FIP3], w.fips[FIP3], *more[:3]]]
    assert [status for status, _ in streams] == [200] * 5, streams
    assert open_stream(w, more[3])[0] == 409
    for _, connection in streams:
        connection.close()
    # Who has gone makes room; and a floating IP that is gone ends its stream.
    status, connection = wait_for(lambda: (s := open_stream(w, more[3]))[0] == 200 and s, "there is room again")
    for f in more:
        w.admin.delete("floatingip", f)
    connection.sock.settimeout(DEADLINE)
    text = b""
    while b"gone" not in text:
        chunk = connection.sock.recv(1000)
        assert chunk, text
        text += chunk
    connection.close()
