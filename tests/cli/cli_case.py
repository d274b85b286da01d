"""What every test of the command line needs: a fake cloud, a clean environment, the binary."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from fake_cloud import PASSWORD, Cloud

BUOY = None  # path of the binary; set by run_tests


class CliCase(unittest.TestCase):
    def setUp(self):
        self.cloud = Cloud().start()
        self.addCleanup(self.cloud.stop)
        folder = tempfile.TemporaryDirectory(prefix="buoy-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.env = {
            "OS_AUTH_URL": self.cloud.url + "/v3", "OS_USERNAME": "alice", "OS_PASSWORD": PASSWORD,
            "OS_PROJECT_NAME": "demo", "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_ID": "default",
        }

    def run_buoy(self, *words, stdin=None, **env):
        """Runs buoy in the test's own folder with only the variables that it is given."""
        base = {"PATH": os.environ["PATH"], "HOME": self.folder, "no_proxy": "*"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                base[name] = os.environ[name]
        base.update(self.env)
        base.update(env)
        return subprocess.run([BUOY, *words], env={k: v for k, v in base.items() if v is not None},
                              cwd=self.folder, input=stdin, capture_output=True, text=True, timeout=60)

    def ok(self, *words, stdin=None, **env):
        done = self.run_buoy(*words, stdin=stdin, **env)
        self.assertEqual(done.returncode, 0, "buoy %s\n%s" % (words, done.stderr))
        return done.stdout

    def json(self, *words, **env):
        return json.loads(self.ok(*words, "-f", "json", **env))

    def fails(self, code, *words, stdin=None, **env):
        """Runs a command that must fail with this exit code; gives what it says."""
        done = self.run_buoy(*words, stdin=stdin, **env)
        self.assertEqual(done.returncode, code, "buoy %s\n%s%s" % (words, done.stdout, done.stderr))
        return done.stderr

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def auth(self):
        """The body of the only log-in."""
        bodies = self.cloud.sent("POST", "/v3/auth/tokens")
        self.assertEqual(len(bodies), 1)
        return bodies[0]["auth"]


def run_tests():
    """For the end of a test file: the first argument is the binary."""
    global BUOY
    import cli_case  # the tests see this module, not __main__
    cli_case.BUOY = os.path.abspath(sys.argv.pop(1))
    unittest.main(module="__main__", verbosity=1)
