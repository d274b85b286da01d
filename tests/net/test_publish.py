#!/usr/bin/python3
"""Names of floating IPs at a real name server (Knot DNS), by signed dynamic updates, and read back by dig.

Usage: test_publish.py BUOYD BUOY [CASE]
"""
import base64
import os
import subprocess
import sys
import time
from functools import partial

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from buoy import wait_for  # noqa: E402
from dhcp_world import CONFIG, DhcpWorld  # noqa: E402
from space import enter_private, run, run_cases  # noqa: E402

SERVER, SECRET = "192.0.2.60", base64.b64encode(b"a secret of the test's own").decode()
KNOT = """
server:
    listen: {server}@53
    rundir: "{work}"
log:
  - target: stderr
    any: warning
database:
    storage: "{work}"
key:
  - id: buoy.
    algorithm: hmac-sha256
    secret: {secret}
acl:
  - id: update
    key: buoy.
    action: update
template:
  - id: default
    storage: "{work}"
    zonefile-sync: -1
    acl: [update]
zone:
  - domain: pub.example
  - domain: 10.10.10.in-addr.arpa
"""
ZONE = "$ORIGIN {0}.\n@ 60 IN SOA ns.{0}. h.{0}. 1 3600 600 86400 1\n@ 60 IN NS ns.example.\n"


class Knot:
    def __init__(self, work):
        run(f"ip address replace {SERVER}/32 dev lo")
        run("ip link set lo up")
        self.work, self.process = f"{work}/knot", None
        os.mkdir(self.work)
        for zone in "pub.example", "10.10.10.in-addr.arpa":
            with open(f"{self.work}/{zone}.zone", "w", encoding="ascii") as f:
                f.write(ZONE.format(zone))
        self.configure(SECRET)
        self.start()

    def configure(self, secret):
        with open(f"{self.work}/knot.conf", "w", encoding="ascii") as f:
            f.write(KNOT.format(server=SERVER, work=self.work, secret=secret))

    def start(self):
        with open(f"{self.work}/log", "a", encoding="ascii") as log:
            self.process = subprocess.Popen(["knotd", "-c", f"{self.work}/knot.conf"], stdout=log, stderr=log)
        wait_for(lambda: ask("pub.example", "SOA"), "the name server")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def ask(*words):
    done = subprocess.run(["dig", "+short", "+time=1", "+tries=1", f"@{SERVER}", *words], capture_output=True, text=True,
                          check=False)
    return sorted(line for line in done.stdout.splitlines() if line[0] != ";")


def floating_ip(w, name, **more):
    return w.admin.create("floatingip", floating_network_id=w.ext["id"], dns_name=name, dns_domain="pub.example.", **more)


def case_published_and_removed(w):
    f = floating_ip(w, "www")
    addr = f["floating_ip_address"]
    wait_for(lambda: ask("www.pub.example") == [addr], "the name")
    wait_for(lambda: ask("-x", addr) == ["www.pub.example."], "the address")
    # Two floating IPs of one name, and a record that is none of ours: each is taken away for itself.
    g = floating_ip(w, "www")
    both = sorted([addr, g["floating_ip_address"]])
    wait_for(lambda: ask("www.pub.example") == both, "both addresses")
    w.admin.delete("floatingip", f["id"])
    wait_for(lambda: ask("www.pub.example") == [g["floating_ip_address"]], "one again")
    wait_for(lambda: not ask("-x", addr), "no address")
    w.admin.delete("floatingip", g["id"])
    wait_for(lambda: not ask("www.pub.example"), "no name")


def case_by_its_port(w):
    """A port's name in its network's domain is the floating IP's while they are associated."""
    port = w.admin.create("port", network_id=w.routed["id"], dns_name="vm", device_owner="compute:x")
    f = w.admin.create("floatingip", floating_network_id=w.ext["id"], port_id=port["id"])
    addr = f["floating_ip_address"]
    assert not ask("vm.pub.example")
    w.admin.update("network", w.routed["id"], dns_domain="pub.example.")
    wait_for(lambda: ask("vm.pub.example") == [addr], "the port's name")
    w.admin.update("port", port["id"], dns_name="other")
    wait_for(lambda: ask("other.pub.example") == [addr] and not ask("vm.pub.example"), "another name")
    wait_for(lambda: ask("-x", addr) == ["other.pub.example."], "the address")
    w.admin.update("floatingip", f["id"], port_id=None)
    wait_for(lambda: not ask("other.pub.example"), "no name")
    w.admin.delete("floatingip", f["id"])


def case_server_away(w):
    """Answers of the API wait for nobody; what could not be sent is sent later, in both directions."""
    gone = floating_ip(w, "gone")
    wait_for(lambda: ask("gone.pub.example"), "the name")
    w.knot.stop()
    begun = time.monotonic()
    f = floating_ip(w, "late")
    w.admin.delete("floatingip", gone["id"])
    assert time.monotonic() - begun < 2
    wait_for(lambda: "does not answer" in w.daemon.last_words(), "a line in the log")
    w.knot.start()
    wait_for(lambda: ask("late.pub.example") == [f["floating_ip_address"]], "the name", 40)
    wait_for(lambda: not ask("gone.pub.example"), "no name")
    w.admin.delete("floatingip", f["id"])
    wait_for(lambda: not ask("late.pub.example"), "no name")


def case_refused(w):
    """A zone that is not there is told, and in nobody's way."""
    f = w.admin.create("floatingip", floating_network_id=w.ext["id"], dns_name="a", dns_domain="no-such.example.")
    g = floating_ip(w, "fine")
    wait_for(lambda: ask("fine.pub.example"), "the name")
    wait_for(lambda: "no-such.example." in open(w.daemon.log, encoding="utf-8").read(), "a line in the log")
    for one in f, g:
        w.admin.delete("floatingip", one["id"])


def case_responder_killed(w):
    """A new responder knows what is wanted, and of what was released meanwhile."""
    keep, go = floating_ip(w, "keep"), floating_ip(w, "go")
    wait_for(lambda: ask("keep.pub.example") and ask("go.pub.example"), "both names")
    w.knot.stop()
    w.admin.delete("floatingip", go["id"])
    w.daemon.kill("responder")
    w.knot.start()
    wait_for(lambda: not ask("go.pub.example"), "no name", 40)
    assert ask("keep.pub.example") == [keep["floating_ip_address"]]
    w.admin.delete("floatingip", keep["id"])


def case_wrong_key(w):
    w.knot.stop()
    w.knot.configure(base64.b64encode(b"another").decode())
    w.knot.start()
    f = floating_ip(w, "unsigned")
    wait_for(lambda: "unsigned.pub.example" in open(w.daemon.log, encoding="utf-8").read(), "a line in the log")
    assert not ask("unsigned.pub.example")
    w.knot.stop()
    w.knot.configure(SECRET)
    w.knot.start()
    wait_for(lambda: ask("unsigned.pub.example") == [f["floating_ip_address"]], "the name", 40)


def main():
    enter_private()
    import dhcp_world
    dhcp_world.CONFIG = CONFIG.replace("[dns]", f"[dns]\nserver = {SERVER}\nkey_name = buoy\nkey_file = /mnt/key\n"
                                       "reverse = yes\nttl_s = 60")
    world = DhcpWorld(sys.argv[1], sys.argv[2], "nft", before=lambda work: start_knot(work))
    world.knot = knots[0]
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    cases = [(name, partial(case, world)) for name, case in globals().items() if name.startswith("case_")]
    code = run_cases(cases, wanted)
    world.knot.stop()
    if code:
        print(open(f"{world.knot.work}/log", encoding="utf-8").read()[-1500:])
    world.daemon.end_test(code)


knots = []


def start_knot(work):
    with open(f"{work}/key", "w", encoding="ascii") as f:
        f.write(SECRET + "\n")
    os.chmod(f"{work}/key", 0o600)
    knots.append(Knot(work))


if __name__ == "__main__":
    main()
