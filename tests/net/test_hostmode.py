#!/usr/bin/python3
"""Every packet that must work on a host that routes itself, end to end: nova-network's mode.

Usage: test_hostmode.py BUOYD BUOY [CASE]. packet_cases.py's cases, and host_cases.py's.
"""
import os
import sys
from functools import partial

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import host_cases  # noqa: E402
import packet_cases  # noqa: E402
from host_world import HostWorld  # noqa: E402
from space import cases_of, enter_private, run_cases  # noqa: E402


def main():
    enter_private()
    world = HostWorld(sys.argv[1], sys.argv[2])
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    ours = dict(cases_of(host_cases, "case_"))
    cases = cases_of(host_cases, "first_")
    cases += [(name, ours.pop(name, case)) for name, case in cases_of(packet_cases, "case_")
              if name not in host_cases.LEFT_OUT]
    cases += list(ours.items()) + cases_of(host_cases, "last_")
    code = run_cases([(name, partial(case, world)) for name, case in cases], wanted)
    world.daemon.end_test(code)


if __name__ == "__main__":
    main()
