"""What the kernel shows of the express data path."""
import json
import os
import subprocess

from space import ns

FOLDER = "/sys/fs/bpf/buoy"


def output(space, line):
    with ns(space):
        return subprocess.run(line.split(), check=True, capture_output=True, text=True).stdout


def bpftool(space, line):
    return json.loads(output(space, "bpftool -j " + line))


def attached(space=None):
    """Our programs: device, direction, id."""
    return [(one["devname"], one["kind"].split("/")[1], one["id"]) for one in bpftool(space, "net show")[0]["tc"]
            if one["name"].startswith("buoy_stub")]


def stubs(space=None):
    """Where our programs are attached: (device, direction)."""
    return sorted((device, direction) for device, direction, _ in attached(space))


def layout_folder():
    """The one there is, when nothing is under way."""
    layout, *_ = (name for name in os.listdir(FOLDER) if name.startswith("layout-"))
    return f"{FOLDER}/{layout}"


def programs_folder():
    programs, = (name for name in os.listdir(layout_folder()) if name.startswith("programs-"))
    return f"{layout_folder()}/{programs}"
