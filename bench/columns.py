"""What bench/datapath measures in a World, one function a column; each returns {name of the figure: value}.

The generator, all that it causes in the kernel, and the sink run on one CPU: rates are packets a second of one CPU that
does everything, the generator's own work included.
"""
import json
import os
import subprocess

from machine import poll, run
from rows import percentile
from worlds import UPLINK, inside

KNOWN, NEW = 64, 60000  # flows
LOST = 0.01  # of what was sent; more, and the run is made anew
TRIES = 4
TCP_S = 2
PORT = 5201  # iperf3's


def traffic(world, command, *words):
    return run(" ".join((os.path.join(world.programs, "bench/traffic"), command, *map(str, words)))).split()


def one_cpu(world, command, flows, *words):
    """Packets a second at the sink. When another CPU took over some of the receiving, the generator does not wait for
    it any more and packets get lost: that is no figure of one CPU, so it is tried again."""
    addresses = world.many if world.row.spread else 1
    for _ in range(TRIES):
        traffic(world, "forget", world.router)
        out = traffic(world, command, "outside", "instance", world.qg["address"], world.first, world.expect,
                      addresses, flows, *words)
        sent, right, wrong, bad = map(int, out[:4])
        if wrong or bad:
            raise RuntimeError(f"{wrong} packets came to a wrong address, {bad} of some had wrong checksums")
        if right >= sent * (1 - LOST):
            break
    if not right:
        raise RuntimeError(f"nothing of {sent} packets arrived")
    return right / float(out[4]), 1 - right / max(sent, 1)


def measure_pps(world, quick):
    rate, lost = one_cpu(world, "flood", KNOWN, 0.2 if quick else 1)
    return {"pps": rate, "pps-lost": lost}


def measure_flows(world, quick):
    """60,000 flows, each by one packet, into a table that has none of them."""
    rate, lost = one_cpu(world, "flows", NEW // 10 if quick else NEW)
    return {"flows": rate, "flows-lost": lost}


def uplink_program(hook):
    """The id of the uplink's BPF program at this hook."""
    hooks = json.loads(run(f"bpftool -j net show dev {UPLINK}"))[0][hook]
    inward = [h for h in hooks if hook == "xdp" or "ingress" in h["kind"]]
    return inward[0]["id"]


def measure_cost(world, _):
    out = traffic(world, "cost", "outside", world.qg["address"], world.first, UPLINK, uplink_program(world.row.hook))
    return {"cost": float(out[0])}


def measure_latency(world, quick):
    out = run(f"{world.programs}/bench/pingpong outside instance {world.target} {1000 if quick else 20000}")
    times = [int(line) / 1e3 for line in out.splitlines()]
    return {"p50": percentile(times, 50), "p99": percentile(times, 99)}


# --- TCP ---

def busy_seconds():
    """Of all CPUs, since the machine's start; what a hypervisor took away was not ours."""
    with open("/proc/stat", encoding="ascii") as f:
        user, nice, system, _, _, irq, softirq = map(int, f.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def is_listening():
    return f":{PORT:04X} " in inside("instance", "cat /proc/net/tcp")


def iperf(world, seconds, *words):
    """(Gb/s, CPU seconds a gigabit). Client and server have a CPU each, where there are two."""
    client_cpu = min(os.cpu_count() - 1, 1)
    with subprocess.Popen(["ip", "netns", "exec", "instance", "iperf3", "-s1", "-B", world.fixed, "-A", "0"],
                          stdout=subprocess.DEVNULL) as server:
        try:
            poll("iperf3", is_listening)
            busy = busy_seconds()
            out = json.loads(inside("outside", f"iperf3 -Jc {world.target} -t {seconds} -A {client_cpu} "
                                    + " ".join(words), timeout=seconds + 20))
            busy = busy_seconds() - busy
            server.wait(10)
        finally:
            server.kill()
    got = out["end"]["sum_received"]
    return got["bits_per_second"] / 1e9, busy / (got["bytes"] * 8 / 1e9)


def measure_tcp(world, quick, name, *words):
    seconds = 1 if quick else TCP_S
    found = {}
    for streams in 1, 8:
        found[f"{name}-{streams}"], found[f"{name}-{streams}-cpu"] = iperf(world, seconds, "-P", str(streams), *words)
    return found


def measure_tcp_in(world, quick):
    return measure_tcp(world, quick, "in")


def measure_tcp_out(world, quick):
    return measure_tcp(world, quick, "out", "-R")


def measure_tcp_gso(world, quick):
    """Packets larger than the MTU, checksums not made yet, as between two local stacks: XDP can not take these."""
    world.set_wire(False)
    try:
        return measure_tcp(world, quick, "gso")
    finally:
        world.set_wire(True)


COLUMNS = {"pps": measure_pps, "flows": measure_flows, "latency": measure_latency, "tcp-gso": measure_tcp_gso,
           "tcp-in": measure_tcp_in, "tcp-out": measure_tcp_out, "cost": measure_cost}


def measure(world, column, quick):
    """After a look that packets come through at all, which also tells bridges and neighbours where everybody is."""
    poll("an answer of " + world.target, world.reaches)
    return COLUMNS[column](world, quick)
