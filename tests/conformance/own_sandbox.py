"""A sandbox for one test program: a whole Buoy on a machine of its own (tools/private), with the credentials of its
administrator. What it makes is gone when the program ends, so that several can run at once.
"""
import contextlib
import functools
import io
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


def run_client(words):
    """Runs a command of the `openstack` client in this process. Returns its exit status."""
    from openstackclient import shell
    try:
        return shell.main(words) or 0
    except SystemExit as e:  # of the parser of arguments
        return e.code if isinstance(e.code, int) else 1


def become_client(words, env, out, err):
    """The forked process of openstack(): never returns."""
    status = 1
    try:
        os.environ.clear()
        os.environ.update(env)
        for fd, name in (out.fileno(), "stdout"), (err.fileno(), "stderr"):
            setattr(sys, name, os.fdopen(fd, "w", closefd=False))
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        status = run_client(words)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


@functools.cache
def load_client():
    """Most of a command's time goes into loading the client: done once, here. Nothing is asked of the server: what
    the client makes for one user it would keep for others."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        run_client(["network", "list", "--help"])
        run_client(["user", "list", "--help"])


def openstack(line, **env):
    """Runs one command of Debian's client in a process of its own, forked from this one; words are separated by
    blanks. Returns the finished process, as subprocess.run."""
    load_client()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        pid = os.fork()
        if pid == 0:
            become_client(line.split(), {**credentials(), **env}, out, err)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(line, status, out.read(), err.read())
