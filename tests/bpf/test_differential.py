#!/usr/bin/python3
"""Random packets through a real router, compared with the model.

Usage: test_differential.py DIFFERENTIAL nft FACTS_APPLY [ARGUMENT...]
       test_differential.py DIFFERENTIAL whole-nft|bpf|xdp BUOYD BUOY [ARGUMENT...]

nft: a router's rules alone; the others: a whole buoyd. The arguments are the program's own, such as
--seed 7 --count 1000000, or what it printed to make a difference again.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, os.path.join(HERE, "../net")]
from space import enter_private  # noqa: E402

WHOLE = {"whole-nft": ("nft", "tc"), "bpf": ("bpf", "tc"), "xdp": ("bpf", "xdp")}


def compare(program, path, world, arguments):
    done = subprocess.run([os.path.abspath(program), "--world", "-", "--path", path] + arguments, input=world,
                          text=True, check=False)
    return done.returncode


def main():
    enter_private()
    program, path = sys.argv[1:3]
    if path == "nft":
        import silent_world
        driver = silent_world.build(os.path.abspath(sys.argv[3]))
        code = compare(program, path, silent_world.describe(), sys.argv[4:])
        driver.process.stdin.close()
        sys.exit(code)
    import cloud_ends
    datapath, hook = WHOLE[path]
    world = cloud_ends.build(sys.argv[3], sys.argv[4], datapath, hook)
    world.daemon.end_test(compare(program, datapath, cloud_ends.describe(world), sys.argv[5:]))


if __name__ == "__main__":
    main()
