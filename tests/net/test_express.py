#!/usr/bin/python3
"""The life of the express data path: switched on and off, damaged, its ports and neighbours coming and going.

Usage: test_express.py BUOYD BUOY [CASE].
"""
import ctypes
import json
import os
import re
import shutil
import signal
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from buoy import wait_for  # noqa: E402
from cloud import CONFIG, CloudWorld  # noqa: E402
from express import FOLDER, bpftool, layout_folder, output, programs_folder, stubs  # noqa: E402
from packet_cases import BOTH, FIP3, VM3  # noqa: E402
from packets import exchange, udp  # noqa: E402
from space import cases_of, enter_private, ip, libc, ns, run, run_cases  # noqa: E402
from streams import during  # noqa: E402
from system_cases import announce  # noqa: E402

w = None
# The kernel stops a device for some milliseconds when it gets or loses the queueing discipline that filters hang on, and
# a stream passes up to five of those: so many datagrams, one every 2 ms, are under way there altogether.
IN_FLIGHT = 25


# --- looking ---

def qdiscs(space=None):
    return re.findall(r"clsact \S+ dev (\S+)", output(space, "tc qdisc show"))


SPACES = None, "qrouter-1", "qrouter-2"


def express_is_gone():
    for space in SPACES:
        assert not stubs(space) and not qdiscs(space), (space, stubs(space), qdiscs(space))
    assert not os.path.exists(FOLDER), os.listdir(FOLDER)


def nothing_to_change():
    plan = w.daemon.command("plan")
    assert plan.endswith(", 0 changes\n"), plan


def has_address():
    return FIP3 in output("qrouter-1", "ip -o address")


def works(port=7100):
    exchange(udp("outside"), udp("vm3", VM3, port), FIP3, port, "10.10.10.1")
    exchange(udp("vm3"), udp("outside", "10.10.10.1", port), "10.10.10.1", port, FIP3)


# --- doing ---

def restart(datapath="bpf", hook="tc"):
    w.admin.close()
    w.daemon.stop()
    w.daemon.configure(datapath=datapath, uplink_hook=hook)
    w.daemon.start()
    w.agent_lives()


# --- switching ---

def test_switch_and_back():
    """Under traffic; nothing is left of what is not used, and nothing is to be changed."""
    w.apply(BOTH)
    assert stubs() and not has_address()
    during(w, lambda: restart("nft"), may_lose=IN_FLIGHT)
    express_is_gone()
    nothing_to_change()
    assert has_address()
    works()
    during(w, lambda: restart("bpf"), may_lose=IN_FLIGHT)
    assert stubs() and not has_address()
    nothing_to_change()
    works()





# --- ports that come and go ---

def in_time(condition, what):
    """By an event, long before anything is compared."""
    wait_for(condition, what, 1)


def has_stub(dev):
    return (dev, "ingress") in stubs()


def neighbour(space, addr):
    """Somebody outside who is on a port of his own that is not on the bridge yet."""
    run(f"ip netns add {space}")
    run(f"ip link add {space} type veth peer name eth0 netns {space}")
    run(f"ip link set {space} up")
    ip(space, f"address add {addr}/24 dev eth0")
    ip(space, "link set eth0 up")


def test_an_uplink_joins_and_leaves():
    restart()  # one whose uplinks were another process' work
    w.apply(BOTH)
    neighbour("second", "10.10.10.210")
    assert not has_stub("second")
    run("ip link set second master br-ex")
    in_time(lambda: has_stub("second"), "the new port has the program")
    exchange(udp("second"), udp("vm3", VM3, 7110), FIP3, 7110, "10.10.10.210")
    exchange(udp("vm3"), udp("second", "10.10.10.210", 7111), "10.10.10.210", 7111, FIP3)
    nothing_to_change()
    run("ip link set second nomaster")
    in_time(lambda: not has_stub("second") and "second" not in qdiscs(), "what left has no program")
    nothing_to_change()
    run("ip link set second master br-ex")
    in_time(lambda: has_stub("second"), "it is back")
    run("ip link del second")
    nothing_to_change()
    works(7112)


def test_uplinks_change_while_nobody_looks():
    w.apply(BOTH)
    for space, addr in ("third", "10.10.10.211"), ("fourth", "10.10.10.214"):
        neighbour(space, addr)
    run("ip link set third master br-ex")
    in_time(lambda: has_stub("third"), "the new port has the program")
    w.admin.close()
    w.daemon.stop()
    run("ip link set third nomaster")
    run("ip link set fourth master br-ex")
    w.daemon.start()
    w.agent_lives()
    assert not has_stub("third") and "third" not in qdiscs() and has_stub("fourth")
    nothing_to_change()
    for space in "third", "fourth":
        run(f"ip link del {space}")


def test_an_instance_on_the_external_network():
    w.apply(BOTH)
    port = w.port("ext", "10.10.10.180")
    w.instance("vm5", port)
    exchange(udp("vm5"), udp("vm3", VM3, 7120), FIP3, 7120, "10.10.10.180")
    exchange(udp("vm3"), udp("vm5", "10.10.10.180", 7121), "10.10.10.180", 7121, FIP3)
    w.admin.delete("port", port["id"])
    run("ip netns del vm5")
    works(7122)


def test_the_next_hop_moves():
    """As a pair of gateways hands an address over: what instances send goes to the new one at once."""
    w.apply(BOTH)
    for space in "left", "right":
        neighbour(space, "10.10.10.212" if space == "left" else "10.10.10.213")
        run(f"ip link set {space} master br-ex")
    shared, sender = "10.10.10.220", udp("vm3")
    for i, space in enumerate(("left", "right", "left", "right")):
        ip(space, f"address add {shared}/24 dev eth0")
        server = udp(space, shared, 7130)
        announce(space, shared)
        for _ in range(10):
            exchange(sender, server, shared, 7130, FIP3)
        server.close()
        ip(space, f"address del {shared}/24 dev eth0")
    for space in "left", "right":
        run(f"ip link del {space}")


# --- instances' ports ---

def replace_port(addr, mac):
    """The instance starts anew: another device of the same name."""
    tap = "tap" + w.ports["vm3"]["id"][:11]
    run(f"ip link del {tap}")
    run(f"ip link add {tap} type veth peer name eth0 netns vm3 address {mac}")
    ip("vm3", f"address add {addr}/24 dev eth0")
    ip("vm3", "link set eth0 up")
    ip("vm3", "route add default via 172.16.101.1")
    return tap


def test_a_port_is_replaced():
    w.apply(BOTH)
    works(7140)
    tap = replace_port(VM3, w.ports["vm3"]["mac_address"])
    in_time(lambda: has_stub(tap), "the new device has the program")
    works(7141)
    nothing_to_change()


def test_a_port_is_replaced_between_two_looks():
    w.apply(BOTH)
    works(7142)
    agent = w.daemon.pid_of("agent")
    os.kill(agent, signal.SIGSTOP)
    tap = replace_port(VM3, w.ports["vm3"]["mac_address"])
    os.kill(agent, signal.SIGCONT)
    in_time(lambda: has_stub(tap), "the new device has the program")
    works(7143)
    nothing_to_change()


# --- damage and its repair ---

def bpf_map(name, *words):
    return output(None, " ".join(("bpftool -j map", words[0], "pinned", f"{layout_folder()}/{name}", *words[1:])))


def entries(name):
    """Keys and values as lists of hexadecimal bytes."""
    return [[[byte[2:] for byte in entry[part]] for part in ("key", "value")]
            for entry in json.loads(bpf_map(name, "dump"))]


def drop_filter(space, dev, priority, direction="ingress"):
    with ns(space):
        run(f"tc filter del dev {dev} {direction} pref {priority}")


def forget_entries(name):
    for key, _ in entries(name):
        bpf_map(name, "delete", "key", "hex", *key)


def forget_places():
    for key, value in entries("places"):
        if any(int(byte, 16) for byte in value):
            bpf_map("places", "update", "key", "hex", *key, "value", "hex", *["00"] * 8)


DAMAGE = {
    "uplink": lambda: drop_filter(None, "outside-eth0", 45001),
    "uplink's clsact": lambda: run("tc qdisc del dev outside-eth0 clsact"),
    "port": lambda: drop_filter(None, "tap" + w.ports["vm3"]["id"][:11], 45002),
    "outer leg, in": lambda: drop_filter("qrouter-1", w.leg_names(1, "ext")[0], 45003),
    "outer leg, out": lambda: drop_filter("qrouter-1", w.leg_names(1, "ext")[0], 45003, "egress"),
    "outer leg": lambda: ip_tc("qrouter-1", f"qdisc del dev {w.leg_names(1, 'ext')[0]} clsact"),
    "inner leg, in": lambda: drop_filter("qrouter-1", w.leg_names(1, "b")[0], 45003),
    "inner leg": lambda: ip_tc("qrouter-1", f"qdisc del dev {w.leg_names(1, 'b')[0]} clsact"),
    "paths": lambda: forget_entries("paths"),
    "legs": lambda: forget_entries("legs"),
    "fixeds": lambda: forget_entries("fixeds"),
    "places": lambda: forget_places(),
    "a program": lambda: os.unlink(f"{programs_folder()}/uplink"),
    "a jump": lambda: bpf_map("jumps", "delete", "key", "hex", "01 00 00 00"),
    "a map": lambda: os.unlink(f"{layout_folder()}/fixeds"),
    "the folder": lambda: shutil.rmtree(FOLDER),
}
# Packets to and from floating IPs take the router's own way then.
HARMLESS = "uplink", "uplink's clsact", "port", "inner leg, in", "paths", "legs", "a program", "the folder", "a map"


def ip_tc(space, line):
    with ns(space):
        run("tc " + line)


def test_damage_is_mended():
    """By a restart, as by the next comparison; what has another way takes it until then."""
    w.apply(BOTH)
    port = 7200
    for what, damage in DAMAGE.items():
        try:
            damage()
            if what in HARMLESS:
                works(port)
            restart()
            nothing_to_change()
            works(port + 1)
        except Exception as e:
            raise AssertionError(f"{what}: {e}") from e
        port += 2


# --- what others made ---

class Program:
    """An administrator's own BPF program, of two instructions."""

    def __init__(self, kind, answer):
        instructions = struct.pack("<BBhi", 0xb7, 0, 0, answer) + struct.pack("<BBhi", 0x95, 0, 0, 0)
        code, licence = ctypes.create_string_buffer(instructions), ctypes.create_string_buffer(b"GPL")
        request = struct.pack("<IIQQIIQII16s", kind, 2, ctypes.addressof(code), ctypes.addressof(licence), 0, 0, 0, 0, 0,
                              b"his")
        self.fd = libc.syscall(321, 5, ctypes.create_string_buffer(request), len(request))  # BPF_PROG_LOAD
        assert self.fd >= 0, os.strerror(ctypes.get_errno())

    def pin(self, path):
        name = ctypes.create_string_buffer(path.encode())
        request = struct.pack("<QII", ctypes.addressof(name), self.fd, 0)
        assert libc.syscall(321, 6, ctypes.create_string_buffer(request), len(request)) == 0  # BPF_OBJ_PIN
        os.close(self.fd)


TC, XDP = 3, 6  # kinds of programs
GO_ON, PASS = -1, 2
HIS = [("outside-eth0", "ingress", 10), ("outside-eth0", "ingress", 60000), ("outside-eth0", "egress", 10)]


def his_filters():
    return [output(None, f"tc filter show dev {dev} {way} pref {at}") for dev, way, at in HIS]


def xdp_at(dev):
    there = [one for one in bpftool(None, "net show")[0]["xdp"] if one["devname"] == dev]
    return bpftool(None, f"prog show id {there[0]['id']}")["name"] if there else None


def test_filters_of_others():
    """His filters before and behind ours, and his queueing discipline with them."""
    w.apply(BOTH)
    Program(TC, GO_ON).pin("/sys/fs/bpf/his")
    for dev, way, at in HIS:
        run(f"tc filter add dev {dev} {way} pref {at} bpf da pinned /sys/fs/bpf/his")
    before = his_filters()
    works(7500)
    restart()
    works(7501)
    restart("nft")
    assert not stubs() and his_filters() == before
    restart("bpf")
    works(7502)
    assert his_filters() == before
    w.admin.close()
    w.daemon.stop()
    w.daemon.command("cleanup")
    assert not stubs() and not os.path.exists(FOLDER) and qdiscs() == ["outside-eth0"] and his_filters() == before
    w.daemon.start()
    w.agent_lives()
    for vm in "vm1", "vm2", "vm3", "vm4":
        w.wait_active("port", w.ports[vm]["id"])
    works(7503)
    for dev, way, at in HIS:
        run(f"tc filter del dev {dev} {way} pref {at}")
    os.unlink("/sys/fs/bpf/his")


def test_xdp_of_others():
    """His program at XDP stays, tc does it then; when his goes ours comes, and comes back when it is taken away."""
    w.apply(BOTH)
    Program(XDP, PASS).pin("/sys/fs/bpf/his")
    run("ip link set dev outside-eth0 xdpdrv pinned /sys/fs/bpf/his")
    restart(hook="xdp")
    assert xdp_at("outside-eth0") == "his" and has_stub("outside-eth0")
    nothing_to_change()
    works(7510)
    run("ip link set dev outside-eth0 xdpdrv off")
    in_time(lambda: xdp_at("outside-eth0") == "uplink_xdp", "ours is there")
    works(7511)
    w.admin.close()
    w.daemon.stop()
    run("ip link set dev outside-eth0 xdpdrv off")
    w.daemon.start()
    w.agent_lives()
    assert xdp_at("outside-eth0") == "uplink_xdp"
    works(7512)
    restart(hook="tc")
    assert xdp_at("outside-eth0") is None
    nothing_to_change()
    works(7513)
    os.unlink("/sys/fs/bpf/his")


# --- a stranger ---

def knows(addr):
    """Whether the programs find an entry for a floating IP: struct float_key has the address behind a MAC."""
    places = [int.from_bytes(bytes.fromhex("".join(value)), "little") for _, value in entries("places")]
    floats = [value for _, value in entries("floats")]
    wanted = [f"{int(part):02x}" for part in addr.split(".")]
    return any(floats[place - 1][8:12] == wanted for place in places if 0 < place <= len(floats))


def test_a_stranger_takes_a_floating_ip():
    """He answers for one that works: it is an error, and nobody's here until he has gone."""
    w.apply(BOTH)
    works(7520)
    assert knows(FIP3)
    neighbour("stranger", "10.10.10.215")
    run("ip link set stranger master br-ex")
    ip("stranger", f"address add {FIP3}/32 dev eth0")
    announce("stranger", FIP3)

    def status():
        return w.admin.show("floatingip", w.fips[FIP3])["status"]
    wait_for(lambda: status() == "ERROR", "a conflict is seen")
    assert not knows(FIP3)
    ip("outside", "neigh flush dev eth0")
    exchange(udp("outside"), udp("stranger", FIP3, 7521), FIP3, 7521, "10.10.10.1")
    run("ip link del stranger")
    restart()  # asks at once; without that it is asked every 30 s
    w.wait_active("floatingip", w.fips[FIP3])
    assert knows(FIP3)
    ip("outside", "neigh flush dev eth0")
    works(7522)
    nothing_to_change()


# --- growth ---

MANY = 4500  # the first table has room for 4096


def make_room():
    """Addresses for many floating IPs, and an instance among those that they lead to."""
    a = w.admin
    w.sub["wide"] = a.subnet(w.net["ext"], "10.30.0.0/16", gateway_ip=None, enable_dhcp=False)["id"]
    w.net["many"] = a.network("net-many")["id"]
    w.sub["many"] = a.subnet(w.net["many"], "172.20.0.0/16")["id"]
    a.interface(w.router[1], w.sub["many"])
    w.ports["vm6"] = w.port("many", "172.20.255.1")
    w.instance("vm6", w.ports["vm6"])


def nth(first, n):
    return f"{first}.{1 + n // 250}.{1 + n % 250}"


def bulk(kind, rows):
    return w.admin.call("POST", f"/v2.0/{kind}s", {f"{kind}s": rows}, 201)[f"{kind}s"]


def make_many():
    for first in range(0, MANY, 500):
        some = range(first, min(first + 500, MANY))
        ports = bulk("port", [{"network_id": w.net["many"], "fixed_ips": [
            {"subnet_id": w.sub["many"], "ip_address": nth("172.20", n)}]} for n in some])
        bulk("floatingip", [{"floating_network_id": w.net["ext"], "subnet_id": w.sub["wide"], "port_id": port["id"],
                             "floating_ip_address": nth("10.30", n)} for n, port in zip(some, ports)])


def all_active():
    return all(f["status"] == "ACTIVE" for f in w.admin.list("floatingip", f"?router_id={w.router[1]}"))


def test_more_than_there_was_room_for():
    """The agent starts anew by itself, with more room; nobody's packets are lost meanwhile."""
    def action():
        make_many()
        wait_for(lambda: layout_folder() != small, "a larger table", 30)
        w.agent_lives()
        wait_for(all_active, "all are ACTIVE", 30)

    make_room()
    w.apply(BOTH)
    small = layout_folder()
    during(w, action)
    nothing_to_change()
    for n in 0, MANY - 1:
        fixed, floating = nth("172.20", n), nth("10.30", n)
        ip("outside", f"route replace {floating}/32 dev eth0")
        ip("vm6", f"address add {fixed}/16 dev eth0")
        exchange(udp("outside"), udp("vm6", fixed, 7300), floating, 7300, "10.10.10.1")
    works(7301)


def main():
    global w
    enter_private()
    config = CONFIG.replace("read_back_s = 10", "read_back_s = 0")  # what is damaged stays so until somebody compares
    w = CloudWorld(sys.argv[1], sys.argv[2], config + "[quota]\nport = -1\nfloatingip = -1\n", datapath="bpf")
    code = run_cases(cases_of(sys.modules[__name__]), sys.argv[3] if len(sys.argv) > 3 else "")
    w.daemon.end_test(code)


if __name__ == "__main__":
    main()
