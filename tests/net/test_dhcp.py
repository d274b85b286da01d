#!/usr/bin/python3
"""DHCP and DNS for instances, by real clients: udhcpc, dhclient and dig, in namespaces that hang on taps.

Usage: test_dhcp.py BUOYD BUOY DATAPATH [CASE]
"""
import os
import sys
from functools import partial

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dhcp_cases  # noqa: E402
import dns_cases  # noqa: E402
from dhcp_world import DhcpWorld  # noqa: E402
from space import cases_of, enter_private, run_cases  # noqa: E402


def main():
    enter_private()
    world = DhcpWorld(sys.argv[1], sys.argv[2], sys.argv[3])
    wanted = sys.argv[4] if len(sys.argv) > 4 else ""
    code = run_cases([(name, partial(case, world)) for name, case in
                      cases_of(dhcp_cases, "case_") + cases_of(dns_cases, "case_")], wanted)
    world.daemon.end_test(code)


if __name__ == "__main__":
    main()
