#!/usr/bin/python3
"""docs/single-host.md to the letter: its five commands on a machine with a bridge and a guest, then packets.

Usage: test_single_host.py BUOYD BUOY. `make install` and `systemctl` are played: the programs are in the PATH, and
the service is started as its unit says.
"""
import os
import re
import shlex
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from buoy import wait_for  # noqa: E402
from packets import echo, exchange, udp  # noqa: E402
from space import DEADLINE, TOP, enter_private, ip, plug, run, run_cases  # noqa: E402

GUEST, HOST, OUTSIDE, FIRST = "192.168.122.10", "203.0.113.2", "203.0.113.1", "203.0.113.17"
EXPECTED = ["make install", "buoyd single-host", "systemctl enable --now buoyd", "buoy port create",
            "buoy floating ip create"]


def make_machine():
    """What the reader has: a way out, libvirt's bridge, a guest. Folders that the commands write are laid over."""
    run("mount -t tmpfs -o mode=755 tmpfs /mnt")
    for folder in "etc", "var", "root":
        for part in "new", "work":
            os.makedirs(f"/mnt/{folder}/{part}")
        run(f"mount -t overlay overlay -o lowerdir=/{folder},upperdir=/mnt/{folder}/new,workdir=/mnt/{folder}/work "
            f"/{folder}")
    run("ip netns add outside")
    run("ip link add eth0 type veth peer name eth0 netns outside")
    run(f"ip address add {HOST}/24 dev eth0")
    run("ip link set eth0 up")
    ip("outside", f"address add {OUTSIDE}/24 dev eth0")
    ip("outside", "link set eth0 up")
    run(f"ip route add default via {OUTSIDE}")
    run("ip link add virbr0 type bridge forward_delay 0")
    run("ip address add 192.168.122.1/24 dev virbr0")
    run("ip link set virbr0 up")
    run("ip netns add guest")
    plug("guest", "eth0", f"{GUEST}/24", "virbr0")
    ip("guest", "route add default via 192.168.122.1")
    run("nft add table ip nat")
    run("nft add chain ip nat POSTROUTING { type nat hook postrouting priority srcnat ; }")
    run("nft add rule ip nat POSTROUTING ip saddr 192.168.122.0/24 ip daddr != 192.168.122.0/24 masquerade")


def commands():
    with open(f"{TOP}/docs/single-host.md", encoding="utf-8") as f:
        block = re.search(r"(?:^    .*\n)+", f.read(), re.M).group(0)
    return [line.strip() for line in block.splitlines()]


class Reader:
    """Types the commands. sudo and make are there already, systemd is not."""

    def __init__(self, buoyd, buoy):
        self.service = None
        self.bin = "/mnt/bin"
        os.mkdir(self.bin)
        for name, program in ("buoyd", buoyd), ("buoy", buoy):
            os.symlink(os.path.abspath(program), f"{self.bin}/{name}")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("OS_", "XDG_"))}
        self.environment.update(PATH=f"{self.bin}:{os.environ['PATH']}", HOME="/root")
        if not os.path.exists("/etc/buoy/buoyd.conf"):
            os.makedirs("/etc/buoy", exist_ok=True)
            subprocess.run(["cp", f"{TOP}/packaging/buoyd.conf", "/etc/buoy/"], check=True)

    def start(self):
        with open(f"{TOP}/packaging/buoyd.service", encoding="utf-8") as f:
            line = re.search(r"^ExecStart=@SBINDIR@/(.*)$", f.read(), re.M).group(1)
        with open("/mnt/log", "w", encoding="utf-8") as log:
            self.service = subprocess.Popen(shlex.split(line), env=self.environment, stdout=log, stderr=log,
                                            executable=f"{self.bin}/buoyd")
        wait_for(lambda: "listening" in open("/mnt/log", encoding="utf-8").read(), "the service", DEADLINE)

    def type(self, line):
        words = shlex.split(line)
        assert words.pop(0) == "sudo"
        if words[:2] == ["make", "install"]:
            return ""
        if words[0] == "systemctl":
            return self.start()
        done = subprocess.run(words, env=self.environment, cwd="/mnt", capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return done.stdout


reader = None
before = {}


def state():
    """What must stay: the bridge, its rules, and what is on it."""
    def out(line):
        return subprocess.run(line.split(), check=True, capture_output=True, text=True).stdout
    return {"nat": out("nft list table ip nat"), "bridge": out("ip -o -4 address show dev virbr0"),
            "ports": sorted(os.listdir("/sys/class/net/virbr0/brif"))}


def refused(*words):
    """What a mistake is told; it changes nothing in the file of the service."""
    with open("/etc/buoy/buoyd.conf", encoding="utf-8") as f:
        text = f.read()
    done = subprocess.run(["buoyd", "single-host", *words], env=reader.environment, cwd="/mnt", capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1 and done.stdout == "", (words, done)
    with open("/etc/buoy/buoyd.conf", encoding="utf-8") as f:
        assert f.read() == text, words
    assert os.listdir("/etc/buoy") == ["buoyd.conf"], os.listdir("/etc/buoy")
    return done.stderr


def case_mistakes_change_nothing():
    right = ["--public-interface", "eth0", "--bridge", "virbr0"]
    assert refused() == "buoyd: single-host needs --public-interface and --bridge\n"
    assert "no interface eth9" in refused("--public-interface", "eth9", "--bridge", "virbr0")
    assert "no bridge virbr9" in refused("--public-interface", "eth0", "--bridge", "virbr9")
    assert "eth0 is no bridge" in refused("--public-interface", "virbr0", "--bridge", "eth0")
    assert "the public interface already" in refused("--public-interface", "virbr0", "--bridge", "virbr0")
    assert "10.0.0.0/24" in refused(*right, "--range", "10.0.0.0/24")
    assert "nonsense" in refused(*right, "--range", "nonsense")
    assert "metadata" in refused(*right, "--metadata", "nonsense")
    assert "nonsense" in refused(*right, "--floating", "nonsense")
    assert not os.path.exists("/var/lib/buoy/buoy.db") and not os.path.exists("/etc/openstack")


def case_the_password_is_never_lost():
    """The administrator is there already when the file for it can not be written."""
    os.makedirs("/etc/openstack/clouds.yaml.new")
    done = subprocess.run(["buoyd", "single-host", "--public-interface", "eth0", "--bridge", "virbr0"],
                          env=reader.environment, cwd="/mnt", capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "clouds.yaml" in done.stderr, done
    password = re.search(r"the password of admin is (\S+)", done.stderr).group(1)
    assert len(password) > 15, done
    os.rmdir("/etc/openstack/clouds.yaml.new")
    os.rmdir("/etc/openstack")
    for name in os.listdir("/var/lib/buoy"):
        os.unlink(f"/var/lib/buoy/{name}")
    subprocess.run(["cp", f"{TOP}/packaging/buoyd.conf", "/etc/buoy/"], check=True)


def case_five_commands():
    before.update(state())
    lines = commands()
    assert len(lines) == 5, lines
    for line, start in zip(lines, EXPECTED):
        assert line.startswith("sudo " + start), line
        told = reader.type(line)
        if "single-host" in line:
            next_lines = [part.strip() for part in told.split("next:\n")[1].splitlines()]
            assert next_lines == [part.removeprefix("sudo ") for part in lines[2:]], next_lines
    assert FIRST in told, told
    # The agent has just been started: on a busy machine that takes longer than the answer waits.
    wait_for(lambda: "ACTIVE" in reader.type(f"sudo buoy floating ip show {FIRST}"), "the floating IP is ACTIVE")


def case_the_guest_has_a_public_address():
    echo("outside", FIRST, "guest", OUTSIDE)
    exchange(udp("outside"), udp("guest", GUEST, 5000), FIRST, 5000, OUTSIDE)
    exchange(udp("guest"), udp("outside", OUTSIDE, 5001), OUTSIDE, 5001, FIRST)
    exchange(udp(None), udp("outside", OUTSIDE, 5002), OUTSIDE, 5002, HOST)


def case_nothing_of_the_hosts_was_touched():
    assert state() == before, (state(), before)
    assert os.stat("/etc/openstack/clouds.yaml").st_mode & 0o777 == 0o600
    assert os.stat("/etc/openstack").st_mode & 0o777 == 0o755  # others may have files there
    assert os.stat("/etc/buoy/buoyd.conf").st_mode & 0o777 == 0o600
    assert os.stat("/var/lib/buoy").st_mode & 0o777 == 0o700


def case_what_the_page_shows():
    assert f"to:{GUEST}" in reader.type("sudo buoyd nat")
    assert reader.type("sudo buoyd plan").endswith(" 0 changes\n")
    assert f"private={GUEST}, {FIRST}" in reader.type("sudo buoy nova list")
    reader.type("sudo buoy nova-manage floating create --ip_range=203.0.113.40")
    assert "203.0.113.40" in reader.type("sudo buoy nova-manage floating list")
    reader.type("sudo buoyd single-host --public-interface eth0 --bridge virbr0 --floating 203.0.113.16/29")
    assert "something else" in refused("--public-interface", "eth0", "--bridge", "virbr0", "--metadata", "10.0.0.1:80")


def case_the_firewall_and_the_line_that_helps():
    """libvirt's rules in nftables: refused, found by check, let in by the line that check prints."""
    for line in ("add table ip libvirt_network", "add chain ip libvirt_network forward { type filter hook forward "
                 "priority filter ; }", "add chain ip libvirt_network guest_input",
                 "add rule ip libvirt_network forward counter jump guest_input",
                 'add rule ip libvirt_network guest_input oif "virbr0" ip daddr 192.168.122.0/24 ct state '
                 "established,related counter accept",
                 'add rule ip libvirt_network guest_input oif "virbr0" counter reject'):
        run("nft " + line)
    client, server = udp("outside"), udp("guest", GUEST, 5100)
    client.connect((FIRST, 5100))
    client.send(b"refused")
    try:
        client.settimeout(DEADLINE)
        client.recv(10)
        raise AssertionError("not refused")
    except ConnectionRefusedError:
        pass
    said = reader.type("sudo buoyd check").splitlines()
    line = next(part.strip() for part in said if part.startswith("  nft insert rule"))
    run(line)
    exchange(udp("outside"), server, FIRST, 5100, OUTSIDE)
    assert not [part for part in reader.type("sudo buoyd check").splitlines() if "nft insert" in part]
    run("nft delete table ip libvirt_network")
    # Docker's policy.
    run("nft add table ip filter")
    run("nft add chain ip filter FORWARD { type filter hook forward priority filter ; policy drop ; }")
    assert "iptables -I FORWARD -m conntrack --ctstate DNAT -j ACCEPT" in reader.type("sudo buoyd check")
    run("nft delete table ip filter")


def case_move_and_give_back():
    reader.type("sudo buoy port create --network private --fixed-ip ip-address=192.168.122.11 --device db "
                "--device-owner compute:nova db")
    reader.type(f"sudo buoy floating ip set --port db {FIRST}")
    reader.type(f"sudo buoy floating ip disassociate {FIRST}")
    reader.type(f"sudo buoy floating ip delete {FIRST}")
    out = subprocess.run(["ip", "address", "show", "dev", "eth0"], check=True, capture_output=True, text=True).stdout
    assert FIRST not in out


def case_cleanup():
    reader.service.terminate()
    reader.service.wait(DEADLINE)
    reader.type("sudo buoyd cleanup")
    assert state() == before
    left = subprocess.run(["nft", "list", "tables"], check=True, capture_output=True, text=True).stdout
    assert left == "table ip nat\n", left


def main():
    global reader
    enter_private()
    make_machine()
    reader = Reader(sys.argv[1], sys.argv[2])
    start = time.monotonic()
    code = run_cases([(name, case) for name, case in globals().items() if name.startswith("case_")], "")
    if code:
        print(open("/mnt/log", encoding="utf-8").read()[-1500:], f"{time.monotonic() - start:.1f} s")
    if reader.service and reader.service.poll() is None:
        reader.service.terminate()
        reader.service.wait(DEADLINE)
    sys.exit(code)


if __name__ == "__main__":
    main()
