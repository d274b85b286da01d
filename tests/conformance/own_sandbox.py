"""A sandbox for one test program: a whole Buoy on a machine of its own (tools/private), with the credentials of its
administrator. What it makes is gone when the program ends, so that several can run at once.
"""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
SKIP = 77
FOLDER = os.environ.get("SANDBOX_DIR", "")


def inside():
    """Is this process on the private machine already?"""
    return bool(FOLDER)


def start_again_inside(buoyd, buoy, *clients):
    """Runs this program anew on a machine of its own; the folder goes when that has ended. Never returns: it exits as
    the program did, with 77 (skipped) without root or when one of the clients is not installed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that `with` cleans up
    missing = [name for name in clients if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        print("skipped: needs root" + "".join(f" and {name}" for name in missing))
        sys.exit(SKIP)
    with tempfile.TemporaryDirectory(prefix="buoy-conformance-") as work:
        os.chmod(work, 0o755)
        for name, path in ("buoyd", buoyd), ("buoy", buoy):
            os.symlink(os.path.realpath(path), os.path.join(work, name))
        env = {**os.environ, "SANDBOX_DIR": os.path.join(work, "sandbox"), "SANDBOX_BIN": work}
        done = subprocess.run([os.path.join(TOP, "tools/private"), sys.executable, *sys.argv], env=env, check=False)
    sys.exit(done.returncode)


@contextlib.contextmanager
def sandbox():
    """Up while the block runs."""
    tool = os.path.join(TOP, "tools/sandbox")
    subprocess.run([tool, "up"], check=True, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        subprocess.run([tool, "down"], check=True, stdin=subprocess.DEVNULL)


def credentials():
    """The variables of the sandbox's openrc, on top of ours."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
    with open(os.path.join(FOLDER, "openrc"), encoding="utf-8") as f:
        for line in f:
            if line.startswith("export "):
                key, value = line[len("export "):].strip().split("=", 1)
                env[key] = value
    return env


def address():
    """Where the API is, without a path."""
    return credentials()["OS_AUTH_URL"].rsplit("/identity", 1)[0]


def aliases():
    """Of the extensions that are offered."""
    with urllib.request.urlopen(address() + "/v2.0/extensions", timeout=20) as answer:
        return {e["alias"] for e in json.load(answer)["extensions"]}
