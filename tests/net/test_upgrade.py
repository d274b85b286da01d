#!/usr/bin/python3
"""Another buoyd takes the express data path over under traffic, and gives it back.

Usage: test_upgrade.py BUOYD BUOY OTHER... Each of the others has programs of its own, or maps of its own layout.
"""
import os
import sys
from functools import partial

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cloud import CloudWorld  # noqa: E402
from express import FOLDER, attached, bpftool, layout_folder, programs_folder  # noqa: E402
from packet_cases import FIP3, VM3  # noqa: E402
from packets import exchange, udp  # noqa: E402
from space import enter_private, run_cases  # noqa: E402
from streams import during  # noqa: E402


def only_of_this_build(w):
    """One set of maps, one of programs, and every program that is attached belongs to them."""
    assert len(os.listdir(FOLDER)) == 1, os.listdir(FOLDER)
    assert sum(name.startswith("programs-") for name in os.listdir(layout_folder())) == 1
    jumps = bpftool(None, f"map show pinned {layout_folder()}/jumps")["id"]
    for space in None, "qrouter-1", "qrouter-2":
        there = attached(space)
        assert there
        for device, direction, identity in there:
            assert bpftool(None, f"prog show id {identity}")["map_ids"] == [jumps], (space, device, direction)


def take_over(w, buoyd):
    def action():
        w.admin.close()
        w.daemon.stop()
        w.daemon.buoyd = buoyd
        w.daemon.start()
        w.agent_lives()

    before = programs_folder()
    during(w, action)
    assert programs_folder() != before
    only_of_this_build(w)
    plan = w.daemon.command("plan")
    assert plan.endswith(", 0 changes\n"), plan
    exchange(udp("outside"), udp("vm3", VM3, 7400), FIP3, 7400, "10.10.10.1")


def there_and_back(w, other):
    first = w.daemon.buoyd
    take_over(w, other)
    take_over(w, first)


def main():
    enter_private()
    w = CloudWorld(sys.argv[1], sys.argv[2], datapath="bpf")
    others = [os.path.abspath(other) for other in sys.argv[3:]]
    code = run_cases([(os.path.basename(other), partial(there_and_back, w, other)) for other in others], "")
    w.daemon.end_test(code)


if __name__ == "__main__":
    main()
