"""Cases of a whole Buoy beyond the packets of packet_cases: what is answered, announced, refused, counted."""
import os
import re
import select
import socket
import struct
import subprocess
import threading
import time

from buoy import wait_for
from packet_cases import BOTH, FIP1, FIP3, FIP4, VM1, VM2, VM3, VM4
from packets import QUIET, checksum, echo, exchange, raw, receive, tcp, transfer, udp
from space import DEADLINE, aliases, ip, ns, run
from tap_instance import TapInstance

ETH_P_ALL, ETH_P_IP, ETH_P_ARP = 3, 0x0800, 0x0806


def wire(space, dev, kind, timeout=DEADLINE):
    """Whole frames of a device."""
    with ns(space):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(kind))
        s.bind((dev, kind))
    s.settimeout(timeout)
    return s


def mac_of(space, dev):
    s = wire(space, dev, ETH_P_ARP)
    mac = s.getsockname()[4]
    s.close()
    return mac


def arp(operation, sender_mac, sender, target_mac, target):
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, operation, sender_mac, socket.inet_aton(sender),
                       target_mac, socket.inet_aton(target))


def output(space, *words):
    done = subprocess.run(["ip", "netns", "exec", aliases.get(space, space), *words] if space else words,
                          capture_output=True, text=True, check=True)
    return done.stdout


# --- strangers ---

STRANGER = "10.10.10.150"  # an address of outside, that Buoy does not know of


def failures(w):
    agent = w.admin.list("agent", "?agent_type=L3%20agent")[0]
    return [f for f in agent["configurations"]["failures"] if f["id"] == w.fips.get(STRANGER)]


def first_stranger(w):
    """Somebody answers for the address: ERROR, told why, not claimed. last_ tells how it ends."""
    ip("outside", f"address add {STRANGER}/32 dev eth0")
    w.fips[STRANGER] = w.floating_ip(STRANGER)
    wait_for(lambda: w.admin.show("floatingip", w.fips[STRANGER])["status"] == "ERROR", "a conflict is seen")
    f = w.admin.update("floatingip", w.fips[STRANGER], port_id=w.ports["vm2"]["id"])
    assert f["status"] == "ERROR", f
    told = failures(w)
    assert told and "answers" in str(told), told
    assert STRANGER not in output("qrouter-1", "ip", "-4", "address")
    assert STRANGER not in output("qrouter-1", "nft", "list", "table", "ip", "buoy")
    exchange(udp("vm1"), udp("outside", STRANGER, 5999), STRANGER, 5999, "10.10.10.5")


def first_stranger_leaves(w):
    """From here on nobody answers; the agent asks again by itself, and last_stranger_has_gone looks."""
    ip("outside", f"address del {STRANGER}/32 dev eth0")


def last_stranger_has_gone(w):
    wait_for(lambda: w.admin.show("floatingip", w.fips[STRANGER])["status"] == "ACTIVE", "the address is taken", 60)
    assert not failures(w), failures(w)
    exchange(udp("outside"), udp("vm2", VM2, 5998), STRANGER, 5998, "10.10.10.1")


def last_plan_has_nothing_to_change(w):
    w.apply(BOTH, nats2=[(FIP4, VM4)])
    text = w.daemon.command("plan")
    assert text.endswith(", 0 changes\n"), text


def case_stranger_on_an_address_allocated_anew(w):
    """Released and allocated again the address is claimed at once, when the stranger has gone meanwhile."""
    addr = "10.10.10.151"
    ip("outside", f"address add {addr}/32 dev eth0")
    f = w.floating_ip(addr, port_id=w.ports["vm4"]["id"])
    wait_for(lambda: w.admin.show("floatingip", f)["status"] == "ERROR", "a conflict is seen")
    ip("outside", f"address del {addr}/32 dev eth0")
    w.admin.delete("floatingip", f)
    f = w.floating_ip(addr, port_id=w.ports["vm4"]["id"])
    w.wait_active("floatingip", f)
    exchange(udp("outside"), udp("vm4", VM4, 5997), addr, 5997, "10.10.10.1")
    w.admin.delete("floatingip", f)


# --- what operators see ---

def case_address_and_nat_are_visible(w):
    w.apply(BOTH)
    leg, _ = w.leg_names(1, "ext")
    is_there = re.search(rf"inet {FIP3}/32 scope global {leg}", output("qrouter-1", "ip", "-4", "address"))
    assert bool(is_there) == (w.datapath == "nft")
    rules = output("qrouter-1", "nft", "list", "table", "ip", "buoy")
    assert f"{FIP3} : {VM3}" in rules and f"{VM3} : {FIP3}" in rules, rules
    f = w.admin.show("floatingip", w.fips[FIP3])
    assert (f["fixed_ip_address"], f["router_id"], f["status"]) == (VM3, w.router[1], "ACTIVE"), f
    w.apply([(FIP1, VM1)])
    assert FIP3 not in output("qrouter-1", "ip", "-4", "address")
    assert FIP3 not in output("qrouter-1", "nft", "list", "table", "ip", "buoy")


def case_counters_in_metrics(w):
    w.apply([])
    w.apply(BOTH)
    client, server = udp("outside"), udp("vm3", VM3, 8600)
    for _ in range(5):
        exchange(client, server, FIP3, 8600, "10.10.10.1")

    def count(direction):
        text = w.admin.send("GET", "/metrics")[2]
        found = re.search(rf'^buoy_floating_ip_packets\S*{{[^}}]*{FIP3}[^}}]*"{direction}"[^}}]*}} (\d+)$', text, re.M)
        return found and int(found[1])

    wait_for(lambda: (count("in"), count("out")) == (5, 5), "5 packets each way are counted", 15)


def healed(w, kind):
    text = w.admin.send("GET", "/metrics")[2]
    found = re.search(rf'^buoy_drift_healed_total{{[^}}]*kind="{kind}"[^}}]*}} (\d+)$', text, re.M)
    return int(found[1]) if found else 0


def verified(w, addr):
    return w.admin.show("floatingip", w.fips[addr])["verified_at"]


def case_what_somebody_changes_is_put_right(w):
    """An address, a route, and what translates, taken away by hand: read back, healed, counted, seen right again."""
    w.apply(BOTH)
    wait_for(lambda: verified(w, FIP3), "it was read back", 30)
    inside, _ = w.leg_names(1, "a")
    address = w.leg(1, "a")["fixed_ips"][0]["ip_address"] + "/24"
    before = healed(w, "address")
    ip("qrouter-1", f"address del {address} dev {inside}")
    wait_for(lambda: address in output("qrouter-1", "ip", "-4", "address"), "the address is there again", 30)
    wait_for(lambda: healed(w, "address") > before, "it is counted", 30)
    with open(w.daemon.log, encoding="utf-8", errors="replace") as f:
        assert f"drift: was not there: address {address} dev {inside}" in f.read()
    if w.datapath == "nft":
        output("qrouter-1", "nft", "flush", "map", "ip", "buoy", "to_fixed")
        wait_for(lambda: healed(w, "nat"), "the translation is there again", 30)
    time_of = verified(w, FIP3)
    wait_for(lambda: (verified(w, FIP3) or "") > (time_of or ""), "it is seen right again", 30)
    exchange(udp("outside"), udp("vm3", VM3, 8700), FIP3, 8700, "10.10.10.1")
    assert verified(w, FIP3) in w.cli("fip", "show", FIP3)


def revision(w):
    return w.admin.list("agent", "?agent_type=L3%20agent")[0]["configurations"]["revision"]


def case_before_and_after(w):
    """A plan comes about as it was told, the past is read back, and whose the address was, by the command line."""
    w.apply([(FIP1, VM1)])
    w.cli("fip", "show", FIP3)
    before = revision(w)
    told = w.cli("fip", "associate", FIP3, w.ports["vm3"]["id"], "--plan")
    assert f"port_id: null -> {w.ports['vm3']['id']}" in told and "Nothing was done." in told, told
    facts = [line for line in told.splitlines() if line.startswith("+ ")]
    assert any(f"{FIP3} " in line or f"{FIP3}/" in line for line in facts), told
    assert revision(w) == before
    w.apply(BOTH)
    was = w.cli("fip", "show", FIP3, "--as-of", str(before), "-f", "value", "-c", "port_id", "-c", "fixed_ip_address")
    assert VM3 not in was, was
    assert VM3 in w.cli("fip", "show", FIP3, "-f", "value", "-c", "fixed_ip_address")
    rows = w.cli("history", FIP3, "-f", "value", "-c", "fixed_ip_address", "-c", "end").splitlines()
    assert rows[0].split() == [VM3] and len(rows) > 1, rows
    then = w.cli("history", FIP3, "--at", str(before), "-f", "value", "-c", "fixed_ip_address").splitlines()
    assert len(then) == 1 and VM3 not in then[0], then
    lines = w.cli("history", "export", "--address", FIP3).splitlines()
    assert lines[0].startswith("address,start,end,") and len(lines) == len(rows) + 1, lines


# --- ARP ---

def case_arp_is_answered_by_the_router_only(w):
    w.apply(BOTH)
    router = mac_of("qrouter-1", w.leg_names(1, "ext")[0])
    for addr in FIP1, FIP3, "10.10.10.5":
        s = wire("outside", "eth0", ETH_P_ARP)
        mine = s.getsockname()[4]
        s.send(b"\xff" * 6 + mine + b"\x08\x06" + arp(1, mine, "10.10.10.1", b"\0" * 6, addr))
        seen, end = set(), time.monotonic() + QUIET
        while (left := end - time.monotonic()) > 0:
            if select.select([s], [], [], left)[0]:
                frame = s.recv(100)
                if frame[20:22] == b"\0\2" and frame[28:32] == socket.inet_aton(addr):
                    seen.add(frame[22:28])
        assert seen == {router}, (addr, seen)


def case_associations_are_announced(w):
    """A gratuitous ARP of the router's leg, after each association and each move to another router."""
    w.apply([])
    s = wire("outside", "eth0", ETH_P_ARP)
    for number, vm in ((1, "vm3"), (2, "vm4"), (1, "vm1")):
        mac = mac_of(f"qrouter-{number}", w.leg_names(number, "ext")[0])
        w.associate(FIP3, w.ports[vm]["id"])
        frame, _ = receive(s, lambda f, m=mac: f[28:32] == f[38:42] == socket.inet_aton(FIP3) and f[22:28] == m)
        assert frame[:6] == b"\xff" * 6 and frame[6:12] == mac, frame.hex()


# --- moving ---

def l3_agent(w):
    return w.admin.list("agent", "?agent_type=L3%20agent")[0]["id"]


def gone(w, why):
    """The router is not in the kernel, and says so; what was associated does not answer."""
    assert aliases.get("qrouter-1", "qrouter-1") not in output(None, "ip", "netns"), why
    assert w.admin.show("floatingip", w.fips[FIP1])["status"] == "DOWN", why


def back(w):
    assert w.admin.show("floatingip", w.fips[FIP1])["status"] == "ACTIVE"
    exchange(udp("outside"), udp("vm1", VM1, 5997), FIP1, 5997, "10.10.10.1")


def case_a_router_taken_from_its_agent(w):
    w.apply(BOTH)
    agent, router = l3_agent(w), w.router[1]
    back(w)
    w.admin.call("DELETE", f"/v2.0/agents/{agent}/l3-routers/{router}", None, 204)
    gone(w, "taken")
    w.admin.call("POST", f"/v2.0/agents/{agent}/l3-routers", {"router_id": router}, 201)
    back(w)


def case_an_agent_switched_off(w):
    w.apply(BOTH)
    agent = l3_agent(w)
    w.admin.update("agent", agent, admin_state_up=False)
    gone(w, "switched off")
    w.admin.update("agent", agent, admin_state_up=True)
    back(w)


def stream(w, port, moves, to=(FIP3,)):
    """Numbered packets to addresses in turn while they move; the numbers sent, and those that came to vm3, vm1, vm4."""
    servers = [udp("vm3", VM3, port), udp("vm1", VM1, port), udp("vm4", VM4, port)]
    for s in servers:
        s.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
        s.setblocking(False)
    client, stop, sent = udp("outside"), threading.Event(), [0]

    def send():
        while not stop.is_set():
            client.sendto(struct.pack("!I", sent[0]), (to[sent[0] % len(to)], port))
            sent[0] += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        for move in moves:
            before = sent[0]
            wait_for(lambda b=before: sent[0] > b + 20, "some packets in between")
            move()
        before = sent[0]
        wait_for(lambda: sent[0] > before + 20, "some packets at the end")
    finally:
        stop.set()
        thread.join()
    got = [set(), set(), set()]
    end = time.monotonic() + 1
    while time.monotonic() < end and len(set.union(*got)) < sent[0]:
        for i, s in enumerate(servers):
            try:
                got[i].add(struct.unpack("!I", s.recv(10))[0])
            except BlockingIOError:
                pass
    return set(range(sent[0])), got


def case_move_to_another_router_loses_nothing(w):
    w.apply([(FIP3, VM3)])
    for space, addr, seen in ("qrouter-1", VM3, "172.16.101.1"), ("qrouter-2", VM4, "172.16.100.1"):
        echo(space, addr, "vm3" if addr == VM3 else "vm4", seen)  # neighbours are known
    moves = [lambda vm=vm: w.associate(FIP3, w.ports[vm]["id"]) for vm in ("vm4", "vm3") * 5]
    sent, got = stream(w, 8110, moves)
    assert got[0] and got[2], "never moved"
    lost = sorted(sent - set.union(*got))
    assert not lost, f"{len(lost)} of {len(sent)} lost: {lost[:20]}"


# --- ports and addresses ---

def case_a_port_with_several_addresses(w):
    w.apply([])
    port = w.port("a", "172.16.100.51 172.16.100.52")
    w.instance("vm5", port)
    for addr in "172.16.100.51", "172.16.100.52":
        w.associate(FIP3, port["id"], fixed_ip_address=addr)
        exchange(udp("outside"), udp("vm5", addr, 9000), FIP3, 9000, "10.10.10.1")
    w.associate(FIP1, port["id"], fixed_ip_address="172.16.100.51")
    exchange(udp("vm5", "172.16.100.51"), udp("outside", "10.10.10.1", 9001), "10.10.10.1", 9001, FIP1)
    exchange(udp("vm5", "172.16.100.52"), udp("outside", "10.10.10.1", 9002), "10.10.10.1", 9002, FIP3)
    w.apply([])
    w.admin.delete("port", port["id"])


def case_an_instance_with_several_ports(w):
    w.apply([])
    ports = w.port("a", "172.16.100.61"), w.port("b", "172.16.101.61")
    for port, dev in zip(ports, ("eth0", "eth1")):
        w.instance("vm6", port, dev)
    ip("vm6", "route add default via 172.16.101.1 table 7")
    ip("vm6", "rule add from 172.16.101.61 table 7")
    w.associate(FIP1, ports[0]["id"])
    w.associate(FIP3, ports[1]["id"])
    for addr, floating in ("172.16.100.61", FIP1), ("172.16.101.61", FIP3):
        exchange(udp("outside"), udp("vm6", addr, 9100), floating, 9100, "10.10.10.1")
        exchange(udp("vm6", addr), udp("outside", "10.10.10.1", 9101), "10.10.10.1", 9101, floating)
    w.apply([])
    for port in ports:
        w.admin.delete("port", port["id"])


def case_an_address_that_is_allowed_on_a_port(w):
    """The address of a port that is nowhere (a virtual address), allowed on vm2's: whoever has it gets it."""
    w.apply([])
    virtual = w.port("a", "172.16.100.70")
    pairs = [{"ip_address": "172.16.100.70"}]
    w.admin.update("port", w.ports["vm2"]["id"], allowed_address_pairs=pairs)
    w.admin.update("port", w.ports["vm1"]["id"], allowed_address_pairs=pairs)
    w.associate(FIP3, virtual["id"])
    for vm in "vm2", "vm1":
        ip(vm, "address add 172.16.100.70/24 dev eth0")
        announce(vm, "172.16.100.70")
        exchange(udp("outside"), udp(vm, "172.16.100.70", 9200), FIP3, 9200, "10.10.10.1")
        ip(vm, "address del 172.16.100.70/24 dev eth0")
        w.admin.update("port", w.ports[vm]["id"], allowed_address_pairs=[])
    w.apply([])
    w.admin.delete("port", virtual["id"])


def announce(space, addr):
    """A gratuitous ARP, as who takes an address over sends it."""
    s = wire(space, "eth0", ETH_P_ARP)
    mac = s.getsockname()[4]
    s.send(b"\xff" * 6 + mac + b"\x08\x06" + arp(1, mac, addr, b"\0" * 6, addr))
    s.close()


def case_a_tap_device(w):
    """As a hypervisor has it: a TAP whose frames are handled by a program, plugged under its own name."""
    if not os.path.exists("/dev/net/tun"):
        return
    w.apply([])
    port = w.port("b", "172.16.101.80")
    with TapInstance("vnet7", port["mac_address"], "172.16.101.80", "172.16.101.1") as tap:
        w.cli("port", "plug", port["id"], "--tap", "vnet7")
        w.wait_active("port", port["id"])
        w.associate(FIP3, port["id"])
        client = udp("outside")
        client.sendto(b"question", (FIP3, 9300))
        data, peer = receive(client)
        assert data == b"noitseuq" and peer == (FIP3, 9300), (data, peer)
        assert tap.seen == [("10.10.10.1", "172.16.101.80")], tap.seen
        w.cli("port", "unplug", port["id"])
        wait_for(lambda: "master" not in output(None, "ip", "link", "show", "vnet7"), "the TAP is off the bridge")
        w.cli("port", "plug", port["id"], "--tap", "vnet7")
        w.wait_active("port", port["id"])
    wait_for(lambda: w.admin.show("port", port["id"])["status"] == "DOWN", "the port is down when its tap has gone")
    w.apply([])
    w.admin.delete("port", port["id"])


def case_a_device_that_appears(w):
    """Nobody says `plug`: a device that has the port's name is taken into the port's network."""
    w.apply([])
    port = w.port("b", "172.16.101.90")
    tap = "tap" + port["id"][:11]
    run("ip netns add vm9")
    run(f"ip link add {tap} type veth peer name eth0 netns vm9 address {port['mac_address']}")
    ip("vm9", "link set eth0 up")
    ip("vm9", "address add 172.16.101.90/24 dev eth0")
    ip("vm9", "route add default via 172.16.101.1")
    w.wait_active("port", port["id"])
    w.associate(FIP3, port["id"])
    exchange(udp("outside"), udp("vm9", "172.16.101.90", 9400), FIP3, 9400, "10.10.10.1")
    w.apply([])
    w.admin.delete("port", port["id"])
    # It is somebody else's device: it stays, off the bridge.
    wait_for(lambda: "master" not in output(None, "ip", "link", "show", tap), "the device is off the bridge")
    run("ip netns del vm9")


# --- who asks from where ---

def case_from_the_node_through_the_external_bridge(w):
    """A process on the node, where the external bridge has an address."""
    w.apply(BOTH)
    run("ip address add 10.10.10.200/24 dev br-ex")
    try:
        exchange(udp(None), udp("vm3", VM3, 9500), FIP3, 9500, "10.10.10.200")
        exchange(udp("vm3"), udp(None, "10.10.10.200", 9501), "10.10.10.200", 9501, FIP3)
    finally:
        run("ip address del 10.10.10.200/24 dev br-ex")


def case_traceroute(w):
    """Hop by hop through a floating IP: the router, then the instance under its public address."""
    w.apply(BOTH)
    for space, to, hops in (("outside", FIP3, {1: ("10.10.10.5", FIP3), 2: (FIP3,)}),
                            ("vm3", "198.51.100.9", {1: ("172.16.101.1",), 2: ("198.51.100.9", "10.10.10.1")})):
        errors = raw(space, socket.IPPROTO_ICMP)
        for ttl, expected in hops.items():
            client = udp(space)
            client.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
            port = 33434 + ttl
            client.sendto(b"probe", (to, port))
            got, peer = receive(errors, lambda p, n=port: p[20] in (3, 11) and p[50:52] == struct.pack("!H", n))
            assert peer[0] in expected, (ttl, peer)
            assert got[20] == (11 if ttl == 1 else 3) and checksum(got[20:]) == 0


def case_untranslated_packets_are_untouched(w):
    """What no floating IP concerns arrives byte for byte, one hop older."""
    w.apply([(FIP1, VM1)])
    ip("outside", "route add 172.16.101.0/24 via 10.10.10.5")
    try:
        server = raw("vm3", socket.IPPROTO_UDP)
        sent = wire("outside", "eth0", ETH_P_ALL)
        client = udp("outside")
        client.sendto(b"as it is", (VM3, 9600))
        before, _ = receive(sent, lambda f: f[36:38] == struct.pack("!H", 9600))
        after, _ = receive(server, lambda p: p[22:24] == struct.pack("!H", 9600))
        before = before[14:]
        assert after[8] == before[8] - 1 and after[:8] == before[:8] and after[12:] == before[12:], (before, after)
    finally:
        ip("outside", "route del 172.16.101.0/24 via 10.10.10.5")


def case_tenants_know_nothing_of_each_other(w):
    w.apply(BOTH, nats2=[(FIP4, VM4)])
    hidden = [("port", w.ports["vm1"]["id"]), ("network", w.net["a"]), ("router", w.router[1]),
              ("floatingip", w.fips[FIP3])]
    for kind, identity in hidden:
        for method, body in ("GET", None), ("PUT", {kind: {"description": "mine"}}), ("DELETE", None):
            status = w.other.send(method, f"/v2.0/{kind}s/{identity}", body)[0]
            assert status == 404, (method, kind, status)
        assert identity not in [o["id"] for o in w.other.list(kind)]
    # Nor can the other's port be had by a floating IP of one's own.
    mine = w.other.create("floatingip", floating_network_id=w.net["ext"])["id"]
    status = w.other.send("PUT", f"/v2.0/floatingips/{mine}", {"floatingip": {"port_id": w.ports["vm2"]["id"]}})[0]
    assert status == 404, status
    w.other.delete("floatingip", mine)
    exchange(udp("outside"), udp("vm4", VM4, 9700), FIP4, 9700, "10.10.10.1")
    exchange(udp("outside"), udp("vm1", VM1, 9700), FIP1, 9700, "10.10.10.1")


# --- other networks ---

def case_a_nic_that_stays_untouched(w):
    w.apply([])
    before = output(None, "ip", "-details", "address", "show", "nic0")
    w.net["ext2"] = w.admin.network("ext2", **{"router:external": True, "provider:network_type": "flat",
                                               "provider:physical_network": "physnet2"})["id"]
    w.sub["ext2"] = w.admin.subnet(w.net["ext2"], "10.20.0.0/24", gateway_ip="10.20.0.1", enable_dhcp=False,
                                   allocation_pools=[{"start": "10.20.0.20", "end": "10.20.0.99"}])["id"]
    net = w.net["d"] = w.admin.network("net-d")["id"]
    w.sub["d"] = w.admin.subnet(net, "172.16.103.0/24")["id"]
    router = w.admin.create("router", name="r3", external_gateway_info=w.gateway("10.20.0.5", network="ext2"))["id"]
    w.admin.interface(router, w.sub["d"])
    port = w.port("d", "172.16.103.3")
    w.instance("vm7", port)
    exchange(udp("vm7"), udp("outside2", "10.20.0.1", 9800), "10.20.0.1", 9800, "10.20.0.5")
    f = w.admin.create("floatingip", floating_network_id=w.net["ext2"], floating_ip_address="10.20.0.30",
                       port_id=port["id"])
    w.wait_active("floatingip", f["id"])
    exchange(udp("outside2"), udp("vm7", "172.16.103.3", 9801), "10.20.0.30", 9801, "10.20.0.1")
    exchange(udp("vm7"), udp("outside2", "10.20.0.1", 9802), "10.20.0.1", 9802, "10.20.0.30")
    client, peer = tcp("vm7", "172.16.103.3", "10.20.0.30", 9803, "outside2", "10.20.0.1")
    transfer((client, peer))
    transfer((peer, client))
    now = output(None, "ip", "-details", "address", "show", "nic0")
    now = re.sub(r" xdp/id:\d+|\n +prog/xdp.*", "", now)  # the program of the express data path, where it is at XDP
    assert now.replace("promiscuity 1", "promiscuity 0") == before.replace("promiscuity 1", "promiscuity 0"), now
    w.admin.delete("floatingip", f["id"])
    w.admin.interface(router, w.sub["d"], "remove")
    w.admin.delete("router", router)
    w.admin.delete("port", port["id"])
    assert output(None, "ip", "-details", "address", "show", "nic0") == before
    for name in "d", "ext2":
        w.admin.delete("network", w.net[name])


def case_vxlan(w):
    """Frames of a vxlan network leave encapsulated to the peer, and its answers come in."""
    run("ip netns add peer")
    run("ip link add under0 type veth peer name eth0 netns peer")
    run("ip address add 192.0.2.1/24 dev under0")
    run("ip link set under0 up")
    ip("peer", "address add 192.0.2.2/24 dev eth0")
    ip("peer", "link set eth0 up")
    ip("peer", "link add vx type vxlan id 777 local 192.0.2.2 remote 192.0.2.1 dstport 4789")
    ip("peer", "address add 172.16.104.9/24 dev vx")
    ip("peer", "link set vx up")
    net = w.net["v"] = w.admin.network("net-v", mtu=1450, **{"provider:network_type": "vxlan",
                                                             "provider:segmentation_id": 777})["id"]
    w.sub["v"] = w.admin.subnet(net, "172.16.104.0/24")["id"]
    port = w.port("v", "172.16.104.3")
    w.instance("vm8", port)
    s = wire("peer", "eth0", ETH_P_IP)
    exchange(udp("vm8"), udp("peer", "172.16.104.9", 9900), "172.16.104.9", 9900, "172.16.104.3")
    frame, _ = receive(s, lambda f: f[23] == 17 and f[36:38] == struct.pack("!H", 4789))
    assert frame[26:34] == socket.inet_aton("192.0.2.1") + socket.inet_aton("192.0.2.2")
    assert frame[42:50] == struct.pack("!II", 0x08000000, 777 << 8), frame.hex()
    assert re.search(r"00:00:00:00:00:00 dst 192\.0\.2\.2", output(None, "bridge", "fdb", "show", "dev", "vxlan-777"))
    w.admin.delete("port", port["id"])
    w.admin.delete("network", net)
    assert "vxlan-777" not in output(None, "ip", "link")


def case_metadata(w):
    """169.254.169.254, TCP 80, goes to the configured service, from a router with SNAT and for each instance."""
    w.apply(BOTH)
    with ns("outside"):
        server = socket.create_server(("10.10.10.1", 8775))
    server.settimeout(DEADLINE)
    for vm, seen_as in ("vm3", "10.10.10.5"), ("vm2", "10.10.10.5"):
        with ns(vm):
            client = socket.create_connection(("169.254.169.254", 80), DEADLINE)
        peer, address = server.accept()
        assert address[0] == seen_as, address
        peer.sendall(b"here")
        assert client.recv(10) == b"here"
        peer.close()
        client.close()
    server.close()
