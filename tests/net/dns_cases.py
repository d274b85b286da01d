"""Cases of DNS for instances: names of their network, and everything else by a name server outside."""
import os
import socket
import struct
import subprocess
import threading

from buoy import wait_for
from dhcp_world import SERVER
from space import ns, run

UPSTREAM = "192.0.2.53"


class NameServer(threading.Thread):
    """Answers A questions with 203.0.113.77; says what it saw. Some names: big, silent, forged."""

    def __init__(self):
        super().__init__(daemon=True)
        run(f"ip address replace {UPSTREAM}/32 dev lo")
        run("ip link set lo up")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((UPSTREAM, 53))
        self.seen = []  # (id, port, name)
        self.start()

    def run(self):
        while True:
            data, peer = self.socket.recvfrom(4096)
            name, i = [], 12
            while data[i]:
                name.append(data[i + 1:i + 1 + data[i]].decode())
                i += 1 + data[i]
            self.seen.append((data[:2], peer[1], ".".join(name)))
            question = data[12:i + 5]
            if name[0] == "silent":
                continue
            record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 30, 4) + socket.inet_aton("203.0.113.77")
            head = data[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, 100 if name[0] == "big" else 1, 0, 0)
            answer = head + question + record * (100 if name[0] == "big" else 1)
            if name[0] == "forged":  # another id, another question; then the right one
                self.socket.sendto(bytes([data[0] ^ 1]) + answer[1:].replace(b"\xcb\0\x71\x4d", b"\6\6\6\6"), peer)
                self.socket.sendto(answer.replace(b"forged", b"forgot").replace(b"\xcb\0\x71\x4d", b"\6\6\6\6"), peer)
            self.socket.sendto(answer, peer)


def start(w):
    if not hasattr(w, "names"):
        w.names = NameServer()
        w.dns_net = w.admin.network("named", dns_domain="named.example.")
        w.dns_sub = w.admin.subnet(w.dns_net["id"], "10.6.0.0/24", gateway_ip=None)
        w.vm, w.vm_port = w.instance(w.dns_net, dns_name="web1")
        assert w.udhcpc(w.vm)
    return w.names


def dig(w, *words, space=None):
    done = subprocess.run(["ip", "netns", "exec", space or w.vm, "dig", "+time=2", "+tries=2", f"@{SERVER}", *words],
                          capture_output=True, text=True, check=False)
    return done.stdout


def short(w, *words, **more):
    return [line for line in dig(w, "+short", *words, **more).splitlines() if line[0] != ";"]


def case_names_of_the_network(w):
    start(w)
    addr = w.vm_port["fixed_ips"][0]["ip_address"]
    assert w.vm_port["dns_assignment"] == [{"hostname": "web1", "ip_address": addr, "fqdn": "web1.named.example."}]
    assert short(w, "web1.named.example") == [addr]
    assert short(w, "WEB1.Named.Example") == [addr]
    assert short(w, "-x", addr) == ["web1.named.example."]
    assert "status: NOERROR" in dig(w, "web1.named.example", "AAAA") and "ANSWER: 0" in dig(w, "web1.named.example", "AAAA")
    assert "status: NXDOMAIN" in dig(w, "web1")
    assert "status: NXDOMAIN" in dig(w, "-x", "10.6.0.250")
    # A name is there as soon as the answer of the API is.
    other = w.admin.create("port", network_id=w.dns_net["id"], device_owner="compute:x")
    ip = other["fixed_ips"][0]["ip_address"]
    assert short(w, f"host-{ip.replace('.', '-')}.named.example") == [ip]
    w.admin.update("port", other["id"], dns_name="db", dns_domain="other.example.")
    assert short(w, "db.other.example") == [ip] and short(w, "-x", ip) == ["db.other.example."]
    assert not w.names.seen, w.names.seen
    w.admin.delete("port", other["id"])
    assert short(w, "db.other.example") == ["203.0.113.77"], "now it is somebody else's to say"


def case_only_of_its_own_network(w):
    start(w)
    w.names.seen.clear()
    space, _ = w.instance(w.lonely)
    assert w.udhcpc(space)
    assert short(w, "web1.named.example", space=space) == ["203.0.113.77"]
    assert [name for _, _, name in w.names.seen] == ["web1.named.example"]


def case_forwarded(w):
    start(w)
    w.names.seen.clear()
    for i in range(20):
        assert short(w, f"n{i}.example.org") == ["203.0.113.77"]
    assert len(w.names.seen) == 20
    assert len({port for _, port, _ in w.names.seen}) > 10 and len({i for i, _, _ in w.names.seen}) > 10
    assert short(w, "forged.example.org") == ["203.0.113.77"]
    assert "ANSWER: 1" in dig(w, "+bufsize=1232", "n.example.org")
    assert ";; Truncated" in dig(w, "+notcp", "+ignore", "+bufsize=4096", "big.example.org") or \
        " tc " in dig(w, "+ignore", "+bufsize=4096", "big.example.org").replace("flags: qr tc", "flags: qr tc ")


def case_with_a_router_and_a_floating_ip(w):
    """Instances behind a router ask the same address; the data path leaves it alone."""
    start(w)
    space, port = w.instance(w.routed)
    assert w.udhcpc(space)
    assert short(w, "a.example.org", space=space) == ["203.0.113.77"]
    fip = w.admin.create("floatingip", floating_network_id=w.ext["id"], port_id=port["id"])
    assert fip["status"] == "ACTIVE"
    assert short(w, "b.example.org", space=space) == ["203.0.113.77"]


def case_many_wait(w):
    """Questions that nobody answers: bounded, and the others are answered meanwhile."""
    start(w)
    with ns(w.vm):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for i in range(2000):
        name = b"\6silent" + bytes([len(str(i))]) + str(i).encode() + b"\7example\0"
        s.sendto(struct.pack("!HHHHHH", i, 0x100, 1, 0, 0, 0) + name + b"\0\1\0\1", (SERVER, 53))
    space, _ = w.instance(w.lonely)
    assert w.udhcpc(space)
    assert short(w, "c.example.org", space=space) == ["203.0.113.77"]
    assert len(os.listdir(f"/proc/{w.daemon.pid_of('responder')}/fd")) < 200
    wait_for(lambda: short(w, "d.example.org") == ["203.0.113.77"], "room again", 20)
    s.close()


def case_strangers_and_garbage(w):
    """No answer to who is not of the network, to what is no query, and none from outside."""
    start(w)
    pid = w.daemon.pid_of("responder")
    with ns(w.vm):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(0.3)
    good = struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"\4web1\5named\7example\0\0\1\0\1"
    bad = [good[:n] for n in range(len(good))]
    bad += [good[:2] + b"\x81\x80" + good[4:], good[:2] + b"\x29\0" + good[4:],  # an answer, an update
            good[:5] + b"\2" + good[6:], good[:12] + b"\xc0\x0c\0\1\0\1"]
    bad += [good[:12] + os.urandom(i % 60) for i in range(1000)]
    for message in bad:
        s.sendto(message, (SERVER, 53))
    addr = socket.inet_aton(w.vm_port["fixed_ips"][0]["ip_address"])

    def answered():
        s.sendto(good, (SERVER, 53))
        try:
            return addr in s.recv(2000)
        except TimeoutError:
            return False
    wait_for(answered, "an answer behind the garbage")
    s.close()
    with ns(w.vm):
        subprocess.run("ip link set eth0 address 02:00:00:00:00:98".split(), check=True)
    assert not short(w, "+tries=1", "+time=1", "web1.named.example")
    with ns(w.vm):
        subprocess.run(f"ip link set eth0 address {w.vm_port['mac_address']}".split(), check=True)
    assert w.udhcpc(w.vm), "an address again"
    answer = dig(w, "web1.named.example")
    assert "ANSWER: 1" in answer, answer
    assert w.daemon.pid_of("responder") == pid
