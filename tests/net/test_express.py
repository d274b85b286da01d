#!/usr/bin/python3
"""The life of the express data path: switched on and off, damaged, its ports and neighbours coming and going.

Usage: test_express.py BUOYD BUOY [CASE].
"""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from buoy import wait_for  # noqa: E402
from cloud import CloudWorld  # noqa: E402
from packet_cases import BOTH, FIP3, VM3  # noqa: E402
from packets import exchange, udp  # noqa: E402
from space import cases_of, enter_private, ns, run_cases  # noqa: E402
from streams import during  # noqa: E402

w = None
FOLDER = "/sys/fs/bpf/buoy"
IN_FLIGHT = 5  # so many datagrams of a stream may be under way at one instant


# --- looking ---

def output(space, line):
    with ns(space):
        return subprocess.run(line.split(), check=True, capture_output=True, text=True).stdout


def agent_lives():
    """The agent is there and has applied everything."""
    def alive():
        agents = w.admin.list("agent")
        return agents and agents[0]["alive"] and \
            agents[0]["configurations"]["applied_revision"] == agents[0]["configurations"]["revision"]
    wait_for(alive, "the agent has applied all")


def stubs(space=None):
    """Where our programs are attached: (device, direction)."""
    there = json.loads(output(space, "bpftool -j net show"))[0]["tc"]
    return sorted((one["devname"], one["kind"].split("/")[1]) for one in there if one["name"].startswith("buoy_stub"))


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

def restart(datapath=None):
    w.admin.close()
    w.daemon.stop()
    if datapath:
        w.daemon.configure(datapath=datapath)
    w.daemon.start()
    agent_lives()


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





def main():
    global w
    enter_private()
    w = CloudWorld(sys.argv[1], sys.argv[2], datapath="bpf")
    code = run_cases(cases_of(sys.modules[__name__]), sys.argv[3] if len(sys.argv) > 3 else "")
    w.daemon.end_test(code)


if __name__ == "__main__":
    main()
