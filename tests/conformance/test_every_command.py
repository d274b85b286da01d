#!/usr/bin/python3
"""Every network command of Debian's `openstack` client, once, against a whole Buoy, and what it prints.

Usage: test_every_command.py BUOYD BUOY [WORD...]. Which commands there are is asked of the client: one that neither the
table (every_command.py) has, nor the list of those that are not ours, fails the test. A part of the table whose
extension is not offered waits until it is. With WORDs only parts that have one of them in their names are run. All
commands run in one process, since the client takes longer to begin than to do anything.
Skipped (77) without root or without the client.
"""
import contextlib
import io
import json
import logging
import os
import shlex
import sys
import time

import own_sandbox
from every_command import COMMON, NOT_OURS, PARTS

GROUP = "openstack.network.v2"


class Failed(Exception):
    """A command did not do what the table says; the text tells which."""


# ---- running

def openstack(words):
    """Runs one command in this process. Returns (exit status, standard output, what else it said)."""
    from openstackclient import shell
    out, err = io.StringIO(), io.StringIO()
    root = logging.getLogger()
    before = list(root.handlers)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = shell.main(words)
        except SystemExit as e:  # of the parser of arguments
            status = e.code
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
    return status, out.getvalue(), err.getvalue()


def value_at(thing, path):
    """a.0.b in what JSON was; a missing part is None."""
    for part in path.split("."):
        if isinstance(thing, list):
            thing = thing[int(part)] if part.isdigit() and int(part) < len(thing) else None
        else:
            thing = thing.get(part) if isinstance(thing, dict) else None
    return thing


def holds(thing, expected):
    """Whether a row, or an object, has all of the pairs PATH=VALUE."""
    for pair in shlex.split(expected):
        path, value = pair.split("=", 1)
        seen = value_at(thing, path.replace("_", " ")) if value_at(thing, path) is None else value_at(thing, path)
        if (json.dumps(seen) if isinstance(seen, (dict, list, bool)) or seen is None else str(seen)) != value:
            return False
    return True


def check(line, out, expected):
    """Compares what a command printed. Returns it, parsed; None when nothing was expected."""
    if expected is None:
        if out.strip():
            raise Failed(f"{line}\nshould print nothing: {out}")
        return None
    try:
        thing = json.loads(out)
    except ValueError:
        raise Failed(f"{line}\nprints no JSON: {out}") from None
    absent = expected.startswith("!")
    rows = thing if isinstance(thing, list) else [thing]
    if any(holds(row, expected.lstrip("!")) for row in rows) == absent:
        raise Failed(f"{line}\nshould have {expected}:\n{json.dumps(thing, indent=1)}")
    return thing


def run_step(step, names):
    """(line, what is expected[, {name: path}]): see every_command.py."""
    line, expected, saved = (*step, {})[:3]
    line = line.format(**names)
    fails = expected is not None and expected.startswith("refused:")
    words = shlex.split(line) + ([] if expected is None or fails else ["-f", "json"])
    status, out, err = openstack(words)
    if fails:
        if status == 0 or expected.split(":", 1)[1].strip() not in out + err:
            raise Failed(f"{line}\nshould be {expected}, but {status}: {out}{err}")
        return
    if status != 0:
        raise Failed(f"{line}\nfailed: {out}{err}")
    thing = check(line, out, expected.format(**names) if expected else expected)
    names.update({name: value_at(thing, path) for name, path in saved.items()})


def run_part(name, steps, names):
    """All steps. After a failure the rest is run as well, since it cleans up. Returns the failures."""
    failures = []
    for step in steps:
        try:
            run_step(step, names)
        except Failed as e:
            failures.append(f"{name}: {e}")
        except KeyError as e:
            failures.append(f"{name}: {step[0]}: there is no {e}")
    return failures


# ---- which there are

def all_commands():
    """Of the client, and those of its common part that concern the network."""
    status, out, err = openstack(["command", "list", "--group", GROUP, "-f", "json"])
    if status != 0:
        raise Failed(err)
    return [name for row in json.loads(out) for name in row["Commands"]] + COMMON


def missing(commands):
    """Those that no step begins with, and that nobody has disowned."""
    lines = [step[0] for _, _, steps in PARTS for step in steps]
    gone = []
    for command in commands:
        if not any(line == command or line.startswith(command + " ") for line in lines) and \
                not any(command.startswith(prefix + " ") for prefix, _, _ in NOT_OURS):
            gone.append(f"no case for: openstack {command}")
    return gone


def test(only):
    """Returns what is wrong."""
    os.environ.update(own_sandbox.credentials())
    offered, started = own_sandbox.aliases(), time.monotonic()
    wrong = missing(all_commands())
    wrong += [f"{alias} is offered, so it needs cases: openstack {prefix}" for prefix, alias, _ in NOT_OURS
              if alias in offered]
    for name, alias, steps in PARTS:
        if only and not any(word in name for word in only):
            continue
        if alias and alias not in offered:
            print(f"{name}: waits for {alias}")
            continue
        failures = run_part(name, steps, {})
        print(f"{name}: {len(steps)} commands{', FAILED' if failures else ''}", flush=True)
        wrong += failures
    print(f"{time.monotonic() - started:.0f} s")
    return wrong


def main():
    if not own_sandbox.inside():
        own_sandbox.start_again_inside(sys.argv[1], sys.argv[2], "openstack")
    with own_sandbox.sandbox():
        wrong = test(sys.argv[3:])
    for text in wrong:
        print(text)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
