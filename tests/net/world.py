"""Two routers, their networks and an outside, with nothing of Buoy's but the kernel layer."""
import subprocess

from space import *  # noqa: F403


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


def state(nats=(), gateway="10.10.10.5", nats2=(), limits=()):
    """What the routers are to have, as the driver's lines."""
    lines = ["netns qrouter-1", "netns qrouter-2", "table qrouter-1", "table qrouter-2",
             f"gateway qrouter-1 qg-1 {gateway}", "gateway qrouter-2 qg-2 10.10.10.6"]
    lines += [f"limit qrouter-1 {addr} {way} {kbps} {kbps}" for addr, way, kbps in limits if kbps]
    lines += [f"nat qrouter-1 {a} {b}" for a, b in nats]
    lines += [f"nat qrouter-2 {a} {b}" for a, b in nats2]
    return "\n".join(lines + ["end"])


def build(driver):
    driver.send("netns qrouter-1\nnetns qrouter-2\nend")
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
    for space in "outside", "vm1", "vm2", "vm3", "qrouter-1":
        allow_many_errors(space)


class KernelWorld:
    """The state of the routers by the kernel layer alone; the rest by hand."""

    def __init__(self, program):
        self.driver = Driver(program)
        self.there = []
        self.limits = ()
        build(self.driver)

    def apply(self, nats=(), snat=True, nats2=()):
        """Puts the routers into this state. The driver's answer.

        An address comes after its NAT and goes before it, as the planner orders it.
        """
        now = [("qrouter-1", "qg-1", addr) for addr, _ in nats] + [("qrouter-2", "qg-2", addr) for addr, _ in nats2]
        for space, leg, addr in self.there:
            if (space, leg, addr) not in now:
                ip(space, f"address del {addr}/32 dev {leg}")
        answer = self.driver.send(state(nats, "10.10.10.5" if snat else "", nats2, self.limits))
        for space, leg, addr in now:
            ip(space, f"address replace {addr}/32 dev {leg}")
        self.there = now
        return answer

    def limit(self, nats, addr, inwards=0, outwards=0):
        """The state with a floating IP of limited rates, in kbit/s; 0: none. Buckets hold one second."""
        self.limits = (addr, "in", inwards), (addr, "out", outwards)
        self.apply(nats)

    def ends(self):
        """Devices on the way from outside to vm3: namespace, name, other end."""
        ends = [("outside", "eth0"), ("vm3", "eth0"), ("qrouter-1", "qg-1"), ("qrouter-1", "qr-b")]
        return [(space, dev, bridge_end(space, dev)) for space, dev in ends]

    def set_mtu_b(self, mtu):
        ip("qrouter-1", f"link set qr-b mtu {mtu}")
