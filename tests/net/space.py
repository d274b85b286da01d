"""Network namespaces of this test alone, devices in them, and the loop over a test's cases.

Everything goes when the process ends: it runs on a machine of its own (tools/private). Sockets are made inside
a namespace with `with ns("vm3"):` and stay there.
"""
import contextlib
import ctypes
import errno
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time

SKIP = 77
DEADLINE = 10  # seconds that something which must happen may take
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
libc = ctypes.CDLL(None, use_errno=True)
aliases = {}  # short names of namespaces


def enter_private():
    """Starts this program again in its own namespaces, or returns when that was done."""
    if os.geteuid() != 0:
        print("needs root: skipped")
        sys.exit(SKIP)
    if os.environ.get("BUOY_PRIVATE") != "1":
        os.environ["BUOY_PRIVATE"] = "1"
        tool = os.path.join(TOP, "tools/private")
        os.execv(tool, [tool, sys.executable] + sys.argv)


def run_cases(cases, wanted):
    """Runs [(name, function)] whose name has `wanted` in it; prints a line for each. Returns the exit code."""
    failed = 0
    for name, case in cases:
        if wanted not in name:
            continue
        try:
            case()
            print("ok", name, flush=True)
        except Exception as e:  # each case is told, whatever it met
            failed += 1
            where = e.__traceback__
            trace = []
            while where:
                trace.append(f"{os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno}")
                where = where.tb_next
            print(f"not ok {name}: {type(e).__name__} {e} ({' '.join(trace[1:])})", flush=True)
    return 1 if failed else 0


def cases_of(module, prefix="test_"):
    """The functions of a module, in their order."""
    return [(name, function) for name, function in vars(module).items() if name.startswith(prefix)]


def run(line):
    subprocess.run(line.split(), check=True)


def ip(space, line):
    space = aliases.get(space, space)
    run(f"ip -n {space} {line}" if space else f"ip {line}")


@contextlib.contextmanager
def ns(name):
    """The calling thread is in this namespace inside the block; None: the machine's own."""
    name = aliases.get(name, name)
    if name is None:
        yield
        return
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
            # Where the other end of a veth has an XDP program, there is no TSO.
            if libc.ioctl(s.fileno(), 0x8946, request) < 0 and ctypes.get_errno() != errno.EOPNOTSUPP:
                raise OSError(ctypes.get_errno(), f"{dev}: offload {command:#x}")


def allow_many_errors(space):
    """ICMP errors of this namespace are not limited in their rate."""
    with ns(space):
        for name, value in ("icmp_ratelimit", "0"), ("icmp_msgs_per_sec", "100000"):
            try:
                with open(f"/proc/sys/net/ipv4/{name}", "w", encoding="ascii") as f:
                    f.write(value)
            except OSError:
                pass


class NftMonitor:
    """What the kernel tells of changes of a namespace's nf_tables rules."""

    def __init__(self, space):
        self.space, self.lines = space, []
        with ns(space):
            self.process = subprocess.Popen(["nft", "monitor"], stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def mark(self, word):
        """The place of a change of our own: everything from before it has been told by then."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            with ns(self.space):
                subprocess.run(["nft", f"add table ip {word}; delete table ip {word}"], check=True)
            for _ in range(10):
                found = [i for i, line in enumerate(self.lines[:]) if f"delete table ip {word}" in line]
                if found:
                    return found[-1]
                time.sleep(0.01)
        raise AssertionError("nft monitor is silent")

    def transactions(self, action):
        """How many transactions the namespace sees while the action runs."""
        self.mark("begins")
        action()
        self.mark("ends")
        self.process.kill()
        self.process.wait()
        lines = [line for line in self.lines if re.search("generation|begins|ends", line)]
        first = max(i for i, line in enumerate(lines) if "begins" in line)
        last = min(i for i, line in enumerate(lines) if "ends" in line)
        return sum("generation" in line for line in lines[first:last]) - 1  # that of the mark itself
