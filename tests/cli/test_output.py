"""Formats, columns, widths, the completion script and the manual page."""
import csv
import fcntl
import io
import json
import os
import pty
import shutil
import struct
import subprocess
import termios
import unittest

from cli_case import CliCase, run_tests


class Formats(CliCase):
    def setUp(self):
        super().setUp()
        self.net = self.cloud.add("networks", name='a, "b" 한국', status="ACTIVE", subnets=["s1", "s2"], mtu=1500,
                                  shared=False, description=None)

    def test_table(self):
        lines = self.ok("network", "list").splitlines()
        self.assertEqual([c.strip() for c in lines[1].split("|")[1:-1]], ["id", "name", "status", "subnets"])
        self.assertEqual([c.strip() for c in lines[4].split("|")[1:-1]], ["", "", "", "s2"])
        self.assertTrue(all(line[0] + line[-1] in ("++", "||") for line in lines))

    def test_objects_and_noise(self):
        self.cloud.add("routers", id="r1", name="r", project_id="p", tenant_id="p", links={"self": "x"},
                       external_gateway_info={"enable_snat": True, "external_fixed_ips": [{"a": 1, "b": None}, {"a": 2}]})
        out = self.ok("router", "show", "r")
        self.assertIn("| enable_snat=true ", out)
        self.assertIn("| external_fixed_ips=a=1, b=-; a=2", out)
        self.assertNotIn("tenant_id", out)
        self.assertNotIn("links", out)
        self.assertIn("tenant_id", self.ok("router", "show", "r", "-c", "tenant_id"))
        self.assertIn("tenant_id", self.json("router", "show", "r"))

    def test_json_has_the_whole_row(self):
        self.assertEqual(self.json("network", "list"), [self.net])
        self.assertEqual(self.json("network", "list", "-c", "mtu", "-c", "NAME"), [{"mtu": 1500, "name": self.net["name"]}])

    def test_csv(self):
        rows = list(csv.reader(io.StringIO(self.ok("network", "list", "-f", "csv", "-c", "name", "-c", "mtu"))))
        self.assertEqual(rows, [["name", "mtu"], [self.net["name"], "1500"]])

    def test_value(self):
        self.assertEqual(self.ok("network", "list", "-f", "value", "-c", "mtu", "-c", "shared", "-c", "description"),
                         "1500 false None\n")
        self.assertEqual(self.ok("network", "show", self.net["id"], "-f", "value", "-c", "id"), self.net["id"] + "\n")

    def test_yaml(self):
        out = self.ok("network", "show", self.net["id"], "-f", "yaml", "-c", "mtu", "-c", "status", "-c", "subnets")
        self.assertEqual(out, 'mtu: 1500\nstatus: "ACTIVE"\nsubnets:\n- "s1"\n- "s2"\n')

    def test_column_as_the_openstack_client_spells_it(self):
        self.cloud.add("floatingips", floating_ip_address="10.0.0.1")
        self.assertEqual(self.ok("fip", "list", "-f", "value", "-c", "Floating IP Address"), "10.0.0.1\n")

    def test_unknown_column(self):
        self.fails(2, "network", "list", "-c", "nme")
        self.fails(2, "network", "show", self.net["id"], "-c", "nme")

    def test_empty_lists(self):
        self.assertEqual(self.json("port", "list"), [])
        self.assertEqual(self.ok("port", "list", "-f", "value"), "")
        self.assertEqual(len(self.ok("port", "list").splitlines()), 4)

    def test_quiet(self):
        self.assertEqual(self.ok("network", "create", "x", "-q"), "")

    def test_max_width(self):
        for line in self.ok("network", "list", "--long", "--max-width", "100").splitlines():
            self.assertLessEqual(len(line), 100)

    def test_full_disk(self):
        done = self.run_buoy("network", "list")
        with open("/dev/full", "w") as full:
            import cli_case
            env = dict(self.env, PATH=os.environ["PATH"], HOME=self.folder)
            code = subprocess.run([cli_case.BUOY, "network", "list"], env=env, cwd=self.folder, stdout=full,
                                  stderr=subprocess.DEVNULL).returncode
        self.assertEqual((done.returncode, code), (0, 1))


class Terminal(CliCase):
    def on_terminal(self, width, *words):
        import cli_case
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        env = dict(self.env, PATH=os.environ["PATH"], HOME=self.folder)
        child = subprocess.Popen([cli_case.BUOY, *words], env=env, cwd=self.folder, stdout=theirs,
                                 stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs)
        out = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            out += part
        os.close(ours)
        self.assertEqual(child.wait(20), 0)
        return out.decode()

    def test_fits_the_terminal(self):
        self.cloud.add("networks", name="a name of many words " * 5, status="ACTIVE", subnets=[])
        lines = self.on_terminal(80, "network", "list").splitlines()
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertTrue(any(len(line.split("|")[1].strip()) == 36 for line in lines[3:4]), "the id is whole")

    def test_no_escape_reaches_the_terminal(self):
        self.cloud.add("networks", name="evil\x1b]0;x\x07\x9b31m", status="ACTIVE", subnets=[])
        for form in ("table", "value"):
            out = self.on_terminal(80, "network", "list", "-f", form)
            for c in "\x1b\x07\x9b":
                self.assertNotIn(c, out)


class Generated(CliCase):
    def complete(self, *words):
        """What bash offers for the last word."""
        script = self.write("complete.bash", self.ok("complete"))
        import cli_case
        os.makedirs(os.path.join(self.folder, "bin"), exist_ok=True)
        link = os.path.join(self.folder, "bin/buoy")
        if not os.path.exists(link):
            os.symlink(cli_case.BUOY, link)
        env = dict(self.env, PATH=os.path.dirname(link) + ":" + os.environ["PATH"], HOME=self.folder)
        quoted = " ".join("'%s'" % w for w in ("buoy",) + words)
        done = subprocess.run(["bash", "--norc", "-c", 'source "$1"; COMP_WORDS=(%s); COMP_CWORD=%d; _buoy; '
                               'printf "%%s\\n" "${COMPREPLY[@]}"' % (quoted, len(words)), "bash", script],
                              env=env, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split("\n")[:-1]

    def test_completion(self):
        self.assertEqual(self.complete("netw"), ["network", "network-rbac", "network-auto-allocated-topology"])
        self.assertEqual(self.complete("fip", "assoc"), ["associate"])
        self.assertIn("--allocation-pool", self.complete("subnet", "create", "--"))
        self.assertIn("--os-cloud", self.complete("subnet", "create", "--os"))
        self.assertEqual(self.complete("--os-cloud", "x", "floatingip", "dis"), ["disassociate"])
        self.assertEqual(self.complete("network", "list", "-f", "j"), ["json"])

    def test_completion_of_verbs_of_two_words(self):
        self.assertEqual(self.complete("nova-manage", "floating", "cr"), ["create"])
        self.assertEqual(self.complete("nova-manage", "floating", "create", "--ip"), ["--ip_range"])
        self.assertEqual(self.complete("router", "add", "sub"), ["subnet"])
        self.assertEqual(self.complete("nova", "floating-ip-c"), ["floating-ip-create"])

    def test_completion_of_names(self):
        self.cloud.add("networks", name="net100")
        self.cloud.add("networks", name="other")
        self.assertEqual(self.complete("network", "show", "ne"), ["net100"])
        self.cloud.add("floatingips", floating_ip_address="10.10.10.3")
        self.assertEqual(self.complete("fip", "associate", "10"), ["10.10.10.3"])

    @unittest.skipUnless(shutil.which("man"), "there is no man(1)")
    def test_manual_page(self):
        page = self.ok("help", "--man")
        path = self.write("buoy.1", page)
        done = subprocess.run(["man", "--warnings", "-l", path], capture_output=True, text=True, timeout=60,
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANPAGER": "cat"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("buoy fip associate FIP PORT|INSTANCE", done.stdout)


if __name__ == "__main__":
    run_tests()
