"""What must hold on a host that routes itself beside packet_cases: the host's own traffic, its firewall, its addresses.

Cases with a name of packet_cases' take its place: there the router is a namespace of its own.
"""
import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess
import threading

from buoy import Client, wait_for
from forwarding_cases import PFIP, begin, forward
from host_world import METADATA
from packet_cases import BOTH, FIP1, FIP3, VM1, VM2, VM3
from packets import QUIET, echo, exchange, receive, silent, tcp, udp
from space import DEADLINE, bridge_end, ip, ns, run

LEFT_OUT = ("case_same_subnet_on_two_routers",)  # one host has one 172.16.100.0/24


def nft(text):
    return subprocess.run(["nft", *text.split()], check=True, capture_output=True, text=True).stdout


def addresses(dev):
    out = subprocess.run(["ip", "-j", "-4", "address", "show", "dev", dev], check=True, capture_output=True, text=True)
    return {a["local"]: a for link in json.loads(out.stdout or "[]") for a in link.get("addr_info", ())}


def has(addr, dev="eth0"):
    return addr in addresses(dev)


def first_the_network_node(w):
    """No router objects made by hand, no namespace, and what was there is as it was."""
    assert not [n for n in os.listdir("/run/netns") if n.startswith("qrouter")]
    router = w.admin.show("router", w.router[1])
    assert router["status"] == "ACTIVE" and router["external_gateway_info"]["external_fixed_ips"] == []
    assert set(addresses("virbr0")) == {"172.16.100.1"} and set(addresses("eth0")) == {"10.10.10.5"}
    with open("/proc/sys/net/ipv4/ip_forward", encoding="ascii") as f:
        assert f.read() == "1\n"
    w.apply(BOTH)
    found = addresses("eth0")[FIP3]
    assert found["prefixlen"] == 32 and found["scope"] == "link", found


def bridged_packets_meet_rules(on):
    """What Docker's module br_netfilter does, where the kernel has it."""
    path = "/proc/sys/net/bridge/bridge-nf-call-iptables"
    if os.path.exists(path):
        with open(path, "w", encoding="ascii") as f:
            f.write(str(on))


def case_hairpin(w):
    w.apply(BOTH)
    for on in 1, 0:
        bridged_packets_meet_rules(on)
        exchange(udp("vm1"), udp("vm3", VM3, 6210 + on), FIP3, 6210 + on, FIP1)
        exchange(udp("vm2"), udp("vm3", VM3, 6212 + on), FIP3, 6212 + on, "172.16.101.1")
        exchange(udp("vm2"), udp("vm1", VM1, 6214 + on), FIP1, 6214 + on, "172.16.100.1")
        w.apply([(FIP1, VM1), (FIP3, VM2)])
        exchange(udp("vm2"), udp("vm1", VM1, 6216 + on), FIP1, 6216 + on, FIP3)  # the same bridge
        w.apply(BOTH)


def case_own_floating_ip(w):
    """With br_netfilter only where the bridge may send a packet back through the port it came by."""
    w.apply(BOTH)
    port = bridge_end("vm1", "eth0")
    run(f"bridge link set dev {port} hairpin on")
    exchange(udp("vm1"), udp("vm1", VM1, 6205), FIP1, 6205, FIP1)
    run(f"bridge link set dev {port} hairpin off")
    bridged_packets_meet_rules(0)
    own = udp("vm3", VM3, 6201)
    exchange(udp("vm3"), own, FIP3, 6201, FIP3)
    exchange(udp("vm1"), udp("vm1", VM1, 6204), FIP1, 6204, FIP1)
    echo("vm1", FIP3, "vm3", FIP1)
    bridged_packets_meet_rules(1)


def case_from_the_router_itself(w):
    w.apply(BOTH)
    exchange(udp(None), udp("vm3", VM3, 6300), FIP3, 6300, "172.16.101.1")
    exchange(udp(None), udp("vm1", VM1, 6301), FIP1, 6301, "172.16.100.1")


def case_unassociated_address_leaves_no_trace(w):
    """A range that is routed to the host: what came before the association does not keep it from working."""
    w.apply([(FIP1, VM1)])
    ip("outside", f"route add {FIP3}/32 via 10.10.10.5")
    try:
        client, server = udp("outside"), udp("vm3", VM3, 8700)
        client.sendto(b"nobody", (FIP3, 8700))
        w.apply([(FIP1, VM1), (FIP3, VM3)])
        exchange(client, server, FIP3, 8700, "10.10.10.1")
    finally:
        ip("outside", f"route del {FIP3}/32 via 10.10.10.5")


def case_the_hosts_own_traffic(w):
    """It leaves with its own address and reaches instances with the bridge's, whoever has a floating IP."""
    w.apply(BOTH)
    exchange(udp(None), udp("outside", "10.10.10.1", 6500), "10.10.10.1", 6500, "10.10.10.5")
    exchange(udp(None), udp("vm1", VM1, 6501), VM1, 6501, "172.16.100.1")
    exchange(udp("outside"), udp(None, "10.10.10.5", 6502), "10.10.10.5", 6502, "10.10.10.1")
    # The host's address changes; the floating IPs come first then, and still are nobody's source.
    run("ip address del 10.10.10.5/24 dev eth0")
    run("ip address add 10.10.10.5/24 dev eth0")
    run("ip route replace default via 10.10.10.1")
    exchange(udp(None), udp("outside", "198.51.100.9", 6503), "198.51.100.9", 6503, "10.10.10.5")
    exchange(udp("vm2"), udp("outside", "198.51.100.9", 6504), "198.51.100.9", 6504, "10.10.10.5")
    exchange(udp("vm1"), udp("outside", "198.51.100.9", 6505), "198.51.100.9", 6505, FIP1)


def case_whose_address_the_interface_has(w):
    """Programs that ask for the address of eth0, and not for its addresses, get the host's."""
    w.apply(BOTH)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        answer = fcntl.ioctl(s, 0x8915, struct.pack("16s24x", b"eth0"))  # SIOCGIFADDR
    assert socket.inet_ntoa(answer[20:24]) == "10.10.10.5", socket.inet_ntoa(answer[20:24])


def case_other_peoples_translation(w):
    """A port that the host publishes, and a container's network of somebody else's, are as without Buoy."""
    w.apply(BOTH)
    run("ip netns add ct")
    try:
        run("ip link add docker0 type veth peer name eth0 netns ct")
        run("ip address add 172.17.0.1/24 dev docker0")
        run("ip link set docker0 up")
        ip("ct", "address add 172.17.0.2/24 dev eth0")
        ip("ct", "link set eth0 up")
        ip("ct", "route add default via 172.17.0.1")
        nft("add chain inet other pre { type nat hook prerouting priority dstnat ; }")
        # As a container's published port, which would take the floating IPs' too.
        nft("add rule inet other pre fib daddr type local udp dport 6601 dnat ip to 172.17.0.2")
        exchange(udp("outside"), udp("ct", "172.17.0.2", 6601), "10.10.10.5", 6601, "10.10.10.1")
        exchange(udp("outside"), udp("vm3", VM3, 6601), FIP3, 6601, "10.10.10.1")
        # Out of the container nothing is translated, and it reaches floating IPs with its own address.
        ip("outside", "route add 172.17.0.0/24 via 10.10.10.5")
        exchange(udp("ct"), udp("outside", "10.10.10.1", 6602), "10.10.10.1", 6602, "172.17.0.2")
        exchange(udp("ct"), udp("vm3", VM3, 6603), FIP3, 6603, "172.17.0.2")
        w.apply(BOTH, snat=False)
        exchange(udp("ct"), udp("outside", "10.10.10.1", 6604), "10.10.10.1", 6604, "172.17.0.2")
        exchange(udp("outside"), udp("ct", "172.17.0.2", 6605), "172.17.0.2", 6605, "10.10.10.1")
    finally:
        w.apply(BOTH)
        nft("delete chain inet other pre")
        run("ip netns del ct")
        subprocess.run(["ip", "-n", "outside", "route", "del", "172.17.0.0/24"], check=False)


def case_masquerade_does_not_win(w):
    """The rule of libvirt, Proxmox or Incus stays, for those without a floating IP and for nobody else."""
    w.apply(BOTH)
    assert "masquerade" in nft("list chain inet other pstrt")
    exchange(udp("vm1"), udp("outside", "10.10.10.1", 6700), "10.10.10.1", 6700, FIP1)
    exchange(udp("vm2"), udp("outside", "10.10.10.1", 6701), "10.10.10.1", 6701, "10.10.10.5")


def serve_once(server, seen):
    peer, address = server.accept()
    seen.append(address[0])
    peer.recv(1000)
    peer.sendall(b"HTTP/1.0 200 OK\r\n\r\nmetadata")
    peer.close()


def case_metadata(w):
    """169.254.169.254, TCP 80: the service sees the fixed IP, floating IP or not, and SNAT or not."""
    with ns(None):
        server = socket.create_server(METADATA)
    server.settimeout(DEADLINE)
    for snat in True, False:
        w.apply(BOTH, snat=snat)
        for vm, fixed in ("vm1", VM1), ("vm2", VM2), ("vm3", VM3):
            seen = []
            thread = threading.Thread(target=serve_once, args=(server, seen))
            thread.start()
            with ns(vm):
                client = socket.create_connection(("169.254.169.254", 80), DEADLINE)
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert client.recv(1000).endswith(b"metadata")
            thread.join()
            assert seen == [fixed], seen
    w.apply(BOTH)
    server.close()


def case_metadata_elsewhere(w):
    """A service on another host sees the fixed IP, too; who is no instance is not led there."""
    w.daemon.stop()
    with open(w.daemon.config, encoding="utf-8") as f:
        text = f.read()
    try:
        with open(w.daemon.config, "w", encoding="utf-8") as f:
            f.write(text.replace(f"metadata = {METADATA[0]}", "metadata = 10.10.10.1"))
        ip("outside", "route add 172.16.0.0/16 via 10.10.10.5")
        nft("flush chain inet other pstrt")
        w.daemon.start()
        with ns("outside"):
            server = socket.create_server(("10.10.10.1", METADATA[1]))
        server.settimeout(DEADLINE)
        wait_for(lambda: "10.10.10.1 . 8775" in nft("list map ip buoy metadata"), "the new address")
        seen = []
        thread = threading.Thread(target=serve_once, args=(server, seen))
        thread.start()
        with ns("vm1"):
            client = socket.create_connection(("169.254.169.254", 80), DEADLINE)
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert client.recv(1000).endswith(b"metadata")
        thread.join()
        assert seen == [VM1], seen
        server.close()
    finally:
        w.daemon.stop()
        with open(w.daemon.config, "w", encoding="utf-8") as f:
            f.write(text)
        ip("outside", "route del 172.16.0.0/16")
        nft("add rule inet other pstrt ip saddr 172.16.100.0/24 ip daddr != 172.16.100.0/24 masquerade")
        w.daemon.start()
        wait_for(lambda: w.daemon.applied(w.admin), "the agent")


def case_arp(w):
    """The host alone answers, and tells the neighbours at each association."""
    w.apply([(FIP1, VM1)])
    with ns("outside"):
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0806))
    wire.settimeout(DEADLINE)
    w.apply(BOTH)
    packet, _ = receive(wire, lambda p: p[14:18] == socket.inet_aton(FIP3) == p[24:28])
    with open("/sys/class/net/eth0/address", encoding="ascii") as f:
        own = bytes.fromhex(f.read().strip().replace(":", ""))
    assert packet[8:14] == own
    ip("outside", "neigh flush all")
    exchange(udp("outside"), udp("vm3", VM3, 6800), FIP3, 6800, "10.10.10.1")
    w.apply([(FIP1, VM1)])
    ip("outside", "neigh flush all")
    with ns("outside"):
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0806))
    wire.settimeout(DEADLINE)
    udp("outside").sendto(b"anyone", (FIP3, 6801))
    receive(wire, lambda p: p[6:8] == b"\0\1" and p[24:28] == socket.inet_aton(FIP3))
    assert silent(wire, lambda p: p[6:8] == b"\0\2" and p[14:18] == socket.inet_aton(FIP3))


def case_a_stranger_has_the_address(w):
    """Asked for when the address is allocated, by ARP on the public interface; our own answers are no stranger's."""
    w.apply([(FIP1, VM1)])
    ip("outside", "address add 10.10.10.9/32 dev eth0")
    f = w.floating_ip("10.10.10.9", port_id=w.ports["vm3"]["id"])
    try:
        wait_for(lambda: w.admin.show("floatingip", f)["status"] == "ERROR", "ERROR")
        wait_for(lambda: not has("10.10.10.9"), "the address is not claimed")
    finally:
        ip("outside", "address del 10.10.10.9/32 dev eth0")
        w.admin.delete("floatingip", f)
    w.apply(BOTH)
    ip("outside", "neigh flush all")
    echo("outside", FIP3, "vm3", "10.10.10.1")
    assert w.admin.show("floatingip", w.fips[FIP3])["status"] == "ACTIVE"


def case_the_hosts_own_address_is_refused(w):
    """Nobody takes the host away from its administrator."""
    w.apply([(FIP1, VM1)])
    f = w.floating_ip("10.10.10.5")
    try:
        w.admin.update("floatingip", f, port_id=w.ports["vm3"]["id"])
        wait_for(lambda: w.admin.show("floatingip", f)["status"] == "ERROR", "ERROR")
        exchange(udp("outside"), udp(None, "10.10.10.5", 6900), "10.10.10.5", 6900, "10.10.10.1")
    finally:
        w.admin.delete("floatingip", f)
    exchange(udp("outside"), udp(None, "10.10.10.5", 6901), "10.10.10.5", 6901, "10.10.10.1")
    assert has("10.10.10.5")


def case_the_hosts_networks_are_refused(w):
    """A project calls the host's own network its own: neither does the host lose it, nor is it let in by a floating
    IP. Not its connected networks, and not somebody else's bridge."""
    w.apply([(FIP1, VM1)])
    a = w.admin
    run("ip link add lan0 type bridge")
    run("ip address add 192.168.7.1/24 dev lan0")
    run("ip link set lan0 up")
    net = a.network("clash")["id"]
    sub = a.subnet(net, "192.168.0.0/16", gateway_ip="192.168.9.1")["id"]
    a.interface(w.router[1], sub)
    port = a.create("port", network_id=net, fixed_ips=[{"ip_address": "192.168.7.7"}])["id"]
    f = w.floating_ip("10.10.10.12", port_id=port)
    try:
        wait_for(lambda: a.show("floatingip", f)["status"] == "ERROR", "ERROR")
        leg = a.list("port", f"?network_id={net}&device_owner=network:router_interface")[0]
        assert leg["status"] != "ACTIVE", leg
        assert "192.168.9.1" not in addresses("brq" + net[:11]) and not has("10.10.10.12")
    finally:
        a.delete("floatingip", f)
        a.delete("port", port)
        a.interface(w.router[1], sub, "remove")
        a.delete("network", net)
        run("ip link del lan0")
    w.apply(BOTH)
    exchange(udp("outside"), udp("vm3", VM3, 6950), FIP3, 6950, "10.10.10.1")


def case_the_hosts_routes_are_refused(w):
    """What the host reaches by somebody's route (a VPN, an office) stays there."""
    w.apply([(FIP1, VM1)])
    a = w.admin
    run("ip route add 192.168.70.0/24 via 10.10.10.1")
    net = a.network("office")["id"]
    sub = a.subnet(net, "192.168.70.0/25")["id"]
    a.interface(w.router[1], sub)
    try:
        leg = a.list("port", f"?network_id={net}&device_owner=network:router_interface")[0]
        wait_for(lambda: a.show("port", leg["id"])["status"] == "ERROR", "ERROR")
        out = subprocess.run(["ip", "route", "get", "192.168.70.7"], check=True, capture_output=True, text=True).stdout
        assert "via 10.10.10.1 dev eth0" in out, out
    finally:
        a.interface(w.router[1], sub, "remove")
        a.delete("network", net)
        run("ip route del 192.168.70.0/24 via 10.10.10.1")
    w.apply(BOTH)


def case_led_nowhere_else(w):
    """A floating IP leads to an inside network: not out again to whoever has that address in the world, and it says
    so. The interface is refused because its range is the world's."""
    w.apply([(FIP1, VM1)])
    a = w.admin
    net = a.network("world")["id"]
    sub = a.subnet(net, "198.51.100.0/24")["id"]
    a.interface(w.router[1], sub)
    port = a.create("port", network_id=net, fixed_ips=[{"ip_address": "198.51.100.9"}])["id"]
    f = w.floating_ip("10.10.10.12", port_id=port)
    server = udp("outside", "198.51.100.9", 6960)
    try:
        wait_for(lambda: a.show("floatingip", f)["status"] == "ERROR", "ERROR")
        for client in "outside", "vm2":
            udp(client).sendto(b"out again", ("10.10.10.12", 6960))
        with contextlib.suppress(PermissionError):  # a process of the host is told
            udp(None).sendto(b"out again", ("10.10.10.12", 6960))
        server.settimeout(QUIET)
        assert silent(server)
        exchange(udp("outside"), udp("vm1", VM1, 6961), FIP1, 6961, "10.10.10.1")
    finally:
        a.delete("floatingip", f)
        a.delete("port", port)
        a.interface(w.router[1], sub, "remove")
        a.delete("network", net)
    w.apply(BOTH)
    exchange(udp("outside"), udp("vm3", VM3, 6962), FIP3, 6962, "10.10.10.1")


def case_down_and_up(w):
    """The kernel keeps the addresses of an interface that goes down; one that is configured anew loses them."""
    w.apply(BOTH)
    run("ip link set eth0 down")
    run("ip link set eth0 up")
    run("ip route replace default via 10.10.10.1")
    assert has(FIP3)
    exchange(udp("outside"), udp("vm3", VM3, 7000), FIP3, 7000, "10.10.10.1")
    run("ip address flush dev eth0")
    run("ip address add 10.10.10.5/24 dev eth0")
    run("ip route replace default via 10.10.10.1")
    wait_for(lambda: has(FIP3) and has(FIP1), "the addresses are back")
    exchange(udp("outside"), udp("vm3", VM3, 7001), FIP3, 7001, "10.10.10.1")


def case_a_firewall_that_starts_anew(w):
    """`nft flush ruleset`, as the service nftables does it."""
    w.apply(BOTH)
    others = nft("list table inet other")
    nft("flush ruleset")
    wait_for(lambda: "to_fixed" in nft("list ruleset"), "the table is back")
    subprocess.run(["nft", "-f", "-"], input=others, text=True, check=True)
    exchange(udp("outside"), udp("vm3", VM3, 7100), FIP3, 7100, "10.10.10.1")
    exchange(udp("vm1"), udp("outside", "10.10.10.1", 7101), "10.10.10.1", 7101, FIP1)


def case_killed_and_started_anew(w):
    """Connections live on, whichever process ends, and a start changes nothing in the kernel."""
    w.apply(BOTH)
    client, peer = tcp("vm3", VM3, FIP3, 84)
    for who in "agent", "api", "parent":
        pid = w.daemon.kill(who)
        if who != "parent":
            wait_for(lambda p=pid, name=who: w.daemon.children().get(name, p) != p, f"another {who}")
        client.sendall(b"ping")
        assert peer.recv(10) == b"ping"
    before = nft("list table ip buoy"), addresses("eth0").keys()
    w.daemon.start()
    w.admin = Client()
    wait_for(lambda: w.daemon.applied(w.admin), "the agent")
    wait_for(lambda: "start: revision" in w.daemon.last_words(), "the comparison")
    client.sendall(b"after")
    assert peer.recv(10) == b"after"
    assert addresses("eth0").keys() == before[1]
    assert w.daemon.command("plan").splitlines()[-1].endswith(" 0 changes")
    client.close()


def case_nat_is_listed(w):
    w.apply(BOTH)
    assert w.daemon.command("nat") == f"""Chain nova-network-OUTPUT (1 references)
target     prot opt source               destination         
DNAT       all  --  anywhere             {FIP3}           to:{VM3}
DNAT       all  --  anywhere             {FIP1}           to:{VM1}

Chain nova-network-PREROUTING (1 references)
target     prot opt source               destination         
DNAT       tcp  --  anywhere             169.254.169.254      tcp dpt:http to:{METADATA[0]}:{METADATA[1]}
DNAT       all  --  anywhere             {FIP3}           to:{VM3}
DNAT       all  --  anywhere             {FIP1}           to:{VM1}

Chain nova-network-float-snat (1 references)
target     prot opt source               destination         
SNAT       all  --  {VM3}         anywhere             to:{FIP3}
SNAT       all  --  {VM1}         anywhere             to:{FIP1}
"""


def case_counters(w):
    w.apply(BOTH)
    before = traffic(w)
    exchange(udp("outside"), udp("vm3", VM3, 7200), FIP3, 7200, "10.10.10.1")
    wait_for(lambda: all(now > was for now, was in zip(traffic(w), before)), "packets each way")


def traffic(w):
    _, _, text = w.admin.send("GET", "/metrics")
    found = {}
    for line in text.splitlines():
        if FIP3 in line and line.startswith("buoy_floating_ip_packets"):
            found["in" if 'direction="in"' in line else "out"] = int(float(line.rsplit(" ", 1)[1]))
    return found.get("in", 0), found.get("out", 0)


def last_cleanup(w):
    """Everything of Buoy's goes, and nothing else."""
    w.apply(BOTH)
    w.daemon.stop()
    others = nft("list table inet other")
    w.daemon.command("cleanup")
    assert nft("list tables") == "table inet other\n", nft("list tables")
    assert nft("list table inet other") == others
    assert set(addresses("eth0")) == {"10.10.10.5"} and set(addresses("virbr0")) == {"172.16.100.1"}
    assert not [n for n in os.listdir("/sys/class/net") if n.startswith("brq")]
    exchange(udp("vm1"), udp("outside", "10.10.10.1", 7300), "10.10.10.1", 7300, "10.10.10.5")
    client, server = udp("outside"), udp("vm1", VM1, 7301)
    client.sendto(b"late", (FIP1, 7301))
    server.settimeout(QUIET)
    assert silent(server)
    w.daemon.start()
    w.admin = Client()
    wait_for(lambda: has(FIP1) and has(FIP3), "all is back")
    exchange(udp("outside"), udp("vm1", VM1, 7302), FIP1, 7302, "10.10.10.1")


def case_port_forwarding(w):
    """Ports of one address to several instances; what is not forwarded is not the host's own either."""
    begin(w, [(FIP3, VM3)])
    forward(w, "vm1", 53, 5353, "udp")
    forward(w, "vm2", "6000:6009", "6000:6009", "udp")
    forward(w, "vm1", "700:709", "7000:7009", "udp")
    assert has(PFIP)
    exchange(udp("outside"), udp("vm1", VM1, 53), PFIP, 5353, "10.10.10.1")
    exchange(udp("outside"), udp("vm2", VM2, 6009), PFIP, 6009, "10.10.10.1")
    exchange(udp("outside"), udp("vm1", VM1, 704), PFIP, 7004, "10.10.10.1")
    exchange(udp("vm3"), udp("vm1", VM1, 53), PFIP, 5353, FIP3)
    exchange(udp("vm1"), udp("vm2", VM2, 6000), PFIP, 6000, "172.16.100.1")
    exchange(udp(None), udp("vm1", VM1, 53), PFIP, 5353, "172.16.100.1")
    own = udp(None, "0.0.0.0", 5354)
    stranger = udp("outside")
    stranger.sendto(b"question", (PFIP, 5354))
    assert silent(own)
    exchange(stranger, own, "10.10.10.5", 5354, "10.10.10.1")
    assert "udp dpts:6000:6009 to:172.16.100.4" in w.daemon.command("nat")
    text = w.daemon.command("plan")
    assert text.endswith(", 0 changes\n"), text
    begin(w)
    assert not has(PFIP)
