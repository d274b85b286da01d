#!/usr/bin/python3
"""Every packet that must work, end to end: a whole buoyd, objects made by requests, real packets.

Usage: test_system.py BUOYD BUOY DATAPATH [CASE]. The cases of packet_cases.py, and those that need the whole.
DATAPATH: nft, bpf (at tc), or xdp (bpf, at XDP where a device can).
"""
import os
import sys
from functools import partial

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import address_cases  # noqa: E402
import change_set_cases  # noqa: E402
import explain_cases  # noqa: E402
import forwarding_cases  # noqa: E402
import packet_cases  # noqa: E402
import scope_cases  # noqa: E402
import system_cases  # noqa: E402
from cloud import CloudWorld  # noqa: E402
from space import cases_of, enter_private, run_cases  # noqa: E402


def main():
    enter_private()
    datapath, hook = {"nft": ("nft", "tc"), "bpf": ("bpf", "tc"), "xdp": ("bpf", "xdp")}[sys.argv[3]]
    world = CloudWorld(sys.argv[1], sys.argv[2], datapath=datapath, hook=hook)
    wanted = sys.argv[4] if len(sys.argv) > 4 else ""
    cases = cases_of(system_cases, "first_") + cases_of(packet_cases, "case_") + cases_of(system_cases, "case_")
    for more in change_set_cases, explain_cases, address_cases, forwarding_cases, scope_cases:
        cases += cases_of(more, "case_")
    cases += cases_of(system_cases, "last_")
    code = run_cases([(name, partial(case, world)) for name, case in cases], wanted)
    world.daemon.end_test(code)


if __name__ == "__main__":
    main()
