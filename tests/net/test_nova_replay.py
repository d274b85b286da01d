#!/usr/bin/python3
"""The transcript of a nova-network tutorial, replayed word for word, then proved with packets.

nova_transcript.txt has its commands and what they print. They run against a buoyd whose host is its own router:
the fixed network's bridge br100 and the public interface eth0 are the host's, as they were on a nova-network node.
What differs by nature is mapped: the project's id, iptables (the rules are in nftables: `buoyd nat` prints what the
kernel holds), and tabs, which a web page shows as spaces. All else is compared to the character.

    outside (ns) 10.200.1.1 --- eth0 10.200.1.9 [host] br100 10.200.2.1 --- guest (ns) 10.200.2.5
"""
import os
import re
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from buoy import Client, Daemon, folder, wait_for  # noqa: E402
from cloud import buoy_environment  # noqa: E402
from packets import echo, exchange, silent, udp  # noqa: E402
from space import DEADLINE, TOP, cases_of, enter_private, ip, ns, plug, run, run_cases, set_offload  # noqa: E402

TRANSCRIPT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "nova_transcript.txt")
PROJECT, SERVER = "c99bd5af477d403e9421f6924836412a", "6618a76e-a1d3-4912-a71f-42dc3daf893b"
OUTSIDE, HOST, GUEST, FLOATING = "10.200.1.1", "10.200.1.9", "10.200.2.5", "10.200.3.2"
BUOYD, BUOY = (os.path.abspath(p) for p in sys.argv[1:3])


def read_config():
    """The file of the guide, as its reader copies it; in each language the same."""
    found = set()
    for name in "nova-network.md", "nova-network.ko.md":
        with open(f"{TOP}/docs/{name}", encoding="utf-8") as f:
            section = re.search(r"^    \[nova_network\]\n(?:    .*\n)+", f.read(), re.M).group(0)
        found.add("\n".join(line.strip() for line in section.splitlines() if not line.startswith("    #")))
    assert len(found) == 1, found
    return f"[node]\nname = here\n{found.pop()}\n"


def make_host():
    """What the document's reader had already: a public interface, and a bridge with a guest on it."""
    for name in "outside", "guest":
        run(f"ip netns add {name}")
        ip(name, "link set lo up")
    run("ip link add eth0 type veth peer name eth0 netns outside")
    run(f"ip address add {HOST}/24 dev eth0")
    run("ip link set eth0 up")
    ip("outside", f"address add {OUTSIDE}/24 dev eth0")
    ip("outside", "link set eth0 up")
    # The pool is on the same wire, as a provider gives it.
    ip("outside", "route add 10.200.3.0/24 dev eth0")
    run("ip link add br100 type bridge forward_delay 0")
    run("ip address add 10.200.2.1/24 dev br100")
    run("ip link set br100 up")
    plug("guest", "eth0", f"{GUEST}/24", "br100")
    ip("guest", "route add default via 10.200.2.1")
    for name in "outside", None:
        with ns(name):
            set_offload("eth0", 0)


class Replay:
    def __init__(self):
        make_host()
        self.daemon = Daemon(BUOYD, folder(), read_config()).start()
        self.admin = Client()
        # Before there is an agent no answer waits for one.
        wait_for(lambda: self.daemon.applied(self.admin), "the agent is there")
        bin_folder = "/mnt/bin"
        os.mkdir(bin_folder)
        for name in "nova", "nova-manage", "buoy":
            os.symlink(BUOY, f"{bin_folder}/{name}")
        self.env = dict(buoy_environment(), PATH=f"{bin_folder}:{os.environ['PATH']}")
        network = wait_for(lambda: self.admin.list("network", "?name=private"), "the fixed network's row")[0]
        self.admin.create("port", network_id=network["id"], device_id=SERVER, device_owner="compute:nova", name="web1",
                          fixed_ips=[{"ip_address": GUEST}])

    def run(self, command):
        """What a command prints, with the project called as in the document."""
        if command == "iptables -L -t nat":
            out = self.daemon.command("nat")
        else:
            done = subprocess.run(command.split(), env=self.env, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), (command, done.stdout, done.stderr)
            out = done.stdout
        return out.replace(self.admin.project, PROJECT).expandtabs()


def steps(text):
    """[(command, the lines that it prints)]"""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def matches(expected, printed):
    """Are these the lines? Dots, with the empty lines around them, stand for any others."""
    parts = re.split(r"\n*^\.{3,}\n+", "".join(line + "\n" for line in expected), flags=re.M)
    pattern = r"(.*\n)*?".join(re.escape(part.rstrip("\n")) + r"\n" if part else "" for part in parts)
    return re.fullmatch(pattern, printed)


def test_transcript():
    with open(TRANSCRIPT, encoding="utf-8") as f:
        script = steps(f.read())
    assert len(script) == 7, script
    for command, expected in script:
        printed = REPLAY.run(command)
        assert matches(expected, printed), f"\n$ {command}\n{printed}\nbut should be\n" + "\n".join(expected)


def test_pages_say_the_same():
    """What the readers of docs/nova-network.md follow is what ran here."""
    with open(TRANSCRIPT, encoding="utf-8") as f:
        script = f.read().split("$ iptables")[0]
    for name in "nova-network.md", "nova-network.ko.md":
        with open(os.path.join(TOP, "docs", name), encoding="utf-8") as f:
            page = re.findall(r"^    (.*)", f.read(), re.M)
        block = [line for command, printed in steps(script) for line in ["$ " + command, *printed]]
        assert any(page[i:i + len(block)] == block for i in range(len(page))), name


def test_ping_from_outside_reaches_the_guest():
    echo("outside", FLOATING, "guest", OUTSIDE)


def test_guest_leaves_with_its_floating_ip():
    echo("guest", OUTSIDE, "outside", FLOATING)
    exchange(udp("guest"), udp("outside", OUTSIDE, 6000), OUTSIDE, 6000, FLOATING)


def test_host_itself_reaches_the_guest():
    """The OUTPUT chain of the document."""
    exchange(udp(None), udp("guest", GUEST, 6001), FLOATING, 6001, "10.200.2.1")


def test_metadata_arrives_at_the_configured_address_and_port():
    with socket.create_server((HOST, 8775)) as service:
        with ns("guest"):
            client = socket.create_connection(("169.254.169.254", 80), DEADLINE)
        service.settimeout(DEADLINE)
        server, (source, _) = service.accept()
        assert source == GUEST, source  # it is how a metadata service knows who asks
        client.sendall(b"GET /")
        assert server.recv(100) == b"GET /"


def test_address_that_is_allocated_and_not_associated_leads_nowhere():
    client, wire = udp("outside"), udp("guest", GUEST, 6003)
    client.sendto(b"x", ("10.200.3.1", 6003))
    assert silent(wire)


def test_boot_registers_as_the_page_says():
    """By this the reader's guest becomes known; web1 was made with the document's id."""
    out = REPLAY.run("nova boot --nic net-name=private,v4-fixed-ip=10.200.2.6 web2")
    assert re.search(r"\| private network +\| 10\.200\.2\.6 +\|", out), out
    assert re.search(r"\| web2 +\| ACTIVE \| private=10\.200\.2\.6 +\|", REPLAY.run("nova list"))
    REPLAY.run("nova add-floating-ip web2 10.200.3.1")
    REPLAY.run("nova delete web2")
    assert f"| {SERVER} | web1 | ACTIVE | private=10.200.2.5, 10.200.3.2 |" in REPLAY.run("nova list")
    assert f"{PROJECT:<40}10.200.3.1      None    nova    eth0\n" in REPLAY.run("nova-manage floating list")


def test_remove_stops_it_at_once():
    client, server = udp("outside"), udp("guest", GUEST, 6004)
    exchange(client, server, FLOATING, 6004, OUTSIDE)
    assert REPLAY.run(f"nova remove-floating-ip {SERVER} {FLOATING}") == ""
    client.sendto(b"too late", (FLOATING, 6004))
    assert silent(server)
    assert f"{PROJECT:<40}{FLOATING}      None    nova    eth0\n" in REPLAY.run("nova-manage floating list")
    nat = REPLAY.run("iptables -L -t nat")
    assert FLOATING not in nat and "169.254.169.254" in nat, nat
    # Without one the guest leaves with the host's own address.
    exchange(udp("guest"), udp("outside", OUTSIDE, 6005), OUTSIDE, 6005, HOST)


def test_and_again():
    """The document once more, from the association on, and back to nothing."""
    REPLAY.run(f"nova add-floating-ip {SERVER} {FLOATING}")
    echo("outside", FLOATING, "guest", OUTSIDE)
    REPLAY.run(f"nova floating-ip-delete {FLOATING}")
    REPLAY.run("nova floating-ip-delete 10.200.3.1")
    assert "| 10." not in REPLAY.run("nova floating-ip-list")
    client, wire = udp("outside"), udp("guest", GUEST, 6006)
    client.sendto(b"x", (FLOATING, 6006))
    assert silent(wire)
    REPLAY.run("nova-manage floating delete --ip_range=10.200.3.0/24")
    assert REPLAY.run("nova-manage floating list") == "No floating IP addresses have been defined.\n"


if __name__ == "__main__":
    enter_private()
    REPLAY = Replay()
    code = run_cases(cases_of(sys.modules[__name__]), sys.argv[3] if len(sys.argv) > 3 else "")
    REPLAY.daemon.end_test(code)
