#!/usr/bin/python3
"""Random packets through a router's nft rules, compared with the model.

Usage: test_differential.py FACTS_APPLY DIFFERENTIAL [ARGUMENT...]; the arguments are the program's own, such as
--seed 7 --count 1000000, or what it printed to make a difference again.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, os.path.join(HERE, "../net")]
from space import enter_private  # noqa: E402


def main():
    enter_private()
    import silent_world
    driver = silent_world.build(os.path.abspath(sys.argv[1]))
    arguments = sys.argv[3:] if "--path" in sys.argv else ["--path", "nft"] + sys.argv[3:]
    done = subprocess.run([os.path.abspath(sys.argv[2]), "--world", "-"] + arguments,
                          input=silent_world.describe(), text=True, check=False)
    driver.process.stdin.close()
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
