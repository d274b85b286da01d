"""Two routers, their networks and an outside, in namespaces of this process alone.

Used by the data path tests. Sockets are made inside a namespace with `with ns("vm3"):` and stay there.
Everything goes when the process ends: it runs in mount, network and process namespaces of its own.
"""
import contextlib
import ctypes
import os
import select
import socket
import struct
import subprocess
import sys
import time

SKIP = 77
DEADLINE = 10  # seconds that something which must happen may take
QUIET = 0.25  # seconds without a packet that show that none comes
libc = ctypes.CDLL(None, use_errno=True)


def enter_private():
    """Starts this program again in its own namespaces, or returns when that was done."""
    if os.geteuid() != 0:
        print("needs root: skipped")
        sys.exit(SKIP)
    if os.environ.get("BUOY_PRIVATE") == "1":
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        os.makedirs("/run/netns", exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"], check=True)
        subprocess.run(["mount", "-t", "sysfs", "sysfs", "/sys"], check=True)
        return
    os.environ["BUOY_PRIVATE"] = "1"
    os.execvp("unshare", ["unshare", "-mnp", "--fork", "--kill-child", "--mount-proc",
                          sys.executable] + sys.argv)


def run(line):
    subprocess.run(line.split(), check=True)


def ip(space, line):
    run(f"ip -n {space} {line}" if space else f"ip {line}")


@contextlib.contextmanager
def ns(name):
    """The calling thread is in this namespace inside the block."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        if libc.setns(there, 0):
            raise OSError(ctypes.get_errno(), "setns")
        yield
    finally:
        libc.setns(here, 0)
        os.close(here)
        os.close(there)


def bridge_end(space, dev):
    return f"{space}-{dev}"[-15:]


def plug(space, dev, addr, bridge, mtu=1500):
    """A veth: `dev` with an address in the namespace, its other end on the bridge."""
    other = bridge_end(space, dev)
    run(f"ip link add {other} mtu {mtu} type veth peer name {dev} netns {space}")
    run(f"ip link set {other} master {bridge} up")
    ip(space, f"address add {addr} dev {dev}")
    ip(space, f"link set {dev} mtu {mtu} up")
    # Checksums are really made and really checked.
    with ns(space):
        set_offload(dev, 0)
    set_offload(other, 0)


def set_offload(dev, on):
    """Transmit checksums (ETHTOOL_STXCSUM), TSO and GSO. Off, no packet carries a promise instead of a checksum."""
    for command in 0x17, 0x16, 0x1f, 0x24:  # checksums, scatter-gather, TSO, GSO
        value = (ctypes.c_uint32 * 2)(command, on)
        request = struct.pack("16sP", dev.encode(), ctypes.addressof(value)).ljust(40, b"\0")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            if libc.ioctl(s.fileno(), 0x8946, request) < 0:
                raise OSError(ctypes.get_errno(), f"{dev}: offload {command:#x}")


class Driver:
    """The kernel layer under test, behind its line protocol."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, text):
        self.process.stdin.write(text + "\ndone\n")
        self.process.stdin.flush()
        answer = []
        for line in self.process.stdout:
            if line == "done\n":
                break
            answer.append(line.strip())
        else:
            raise AssertionError("the driver has ended")
        bad = [a for a in answer if a.startswith(("failed", "still"))]
        assert not bad, bad
        return answer


def state(nats=(), gateway="10.10.10.5", nats2=()):
    """What the routers are to have, as the driver's lines."""
    lines = ["netns qrouter-1", "netns qrouter-2", "table qrouter-1", "table qrouter-2",
             f"gateway qrouter-1 qg-1 {gateway}", "gateway qrouter-2 qg-2 10.10.10.6"]
    lines += [f"nat qrouter-1 {a} {b}" for a, b in nats]
    lines += [f"nat qrouter-2 {a} {b}" for a, b in nats2]
    return "\n".join(lines + ["end"])


def build(driver):
    driver.send("netns qrouter-1\nnetns qrouter-2\nend")
    run("ip link set lo up")
    for bridge in "br-ex", "br-a", "br-b", "br-c":
        run(f"ip link add {bridge} type bridge forward_delay 0")
        run(f"ip link set {bridge} up")
    for space in "outside", "vm1", "vm2", "vm3", "vm4":
        run(f"ip netns add {space}")
        ip(space, "link set lo up")
    plug("outside", "eth0", "10.10.10.1/24", "br-ex")
    for space, leg in ("qrouter-1", "qg-1"), ("qrouter-2", "qg-2"):
        for name in "all", "default":
            with ns(space), open(f"/proc/sys/net/ipv4/conf/{name}/rp_filter", "w") as f:
                f.write("0")
            with ns(space), open(f"/proc/sys/net/ipv4/conf/{name}/send_redirects", "w") as f:
                f.write("0")
        with ns(space), open("/proc/sys/net/ipv4/ip_forward", "w") as f:
            f.write("1")
    plug("qrouter-1", "qg-1", "10.10.10.5/24", "br-ex")
    plug("qrouter-2", "qg-2", "10.10.10.6/24", "br-ex")
    plug("qrouter-1", "qr-a", "172.16.100.1/24", "br-a")
    plug("qrouter-1", "qr-b", "172.16.101.1/24", "br-b")
    plug("qrouter-2", "qr-c", "172.16.100.1/24", "br-c")
    ip("qrouter-1", "route add default via 10.10.10.1")
    ip("qrouter-2", "route add default via 10.10.10.1")
    for vm, addr, bridge in (("vm1", "172.16.100.3", "br-a"), ("vm2", "172.16.100.4", "br-a"),
                             ("vm3", "172.16.101.3", "br-b"), ("vm4", "172.16.100.3", "br-c")):
        plug(vm, "eth0", addr + "/24", bridge)
        ip(vm, f"route add default via {addr.rsplit('.', 1)[0]}.1")
    # Past a second host outside: errors that come from further away than the floating IP's network.
    ip("outside", "address add 198.51.100.9/32 dev lo")
    # ICMP errors must not be rare.
    for space in "outside", "vm1", "vm2", "vm3", "qrouter-1":
        with ns(space):
            for name in "icmp_ratelimit", "icmp_msgs_per_sec":
                try:
                    with open(f"/proc/sys/net/ipv4/{name}", "w") as f:
                        f.write("0" if name == "icmp_ratelimit" else "100000")
                except OSError:
                    pass


# --- packets ---

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
