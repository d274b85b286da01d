#!/usr/bin/python3
"""OpenStack's own tests of the network API, as Debian packages them, against a whole Buoy.

Usage: run_tempest.py BUOYD BUOY SUITE [REGEX...]

SUITE is a name in SUITES below. Runs `tempest` with users, projects and networks that it makes through our own API,
in a sandbox on a machine of its own, so that several can run at once and nothing stays behind. Passed when every test
did what it should: succeed, or what the suite's list says (skips.txt explains its form). With REGEX only tests that
match are run, and those of the list that were not run are not missed.
Skipped (77) without root or tempest.
"""
import configparser
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import own_sandbox  # noqa: E402  pylint: disable=wrong-import-position

# Suite: the package that the tests are in, and the list of what need not succeed.
SUITES = {
    "network": ("tempest.api.network", "skips.txt"),
    "neutron": ("neutron_tempest_plugin.api", "skips_neutron.txt"),
    "identity": ("tempest.api.identity", None),
}
WORKERS = 2
WORDS = {"skipped": "skip", "differs": "fail", "left out": "absent", "without": "skip"}


# ---- the list

class Line:
    """What the list says of a test or of a class."""

    def __init__(self, name, word, text):
        self.name, self.outcome, self.text = name, WORDS[word], text

    def fits(self, status, details):
        return status == self.outcome and self.text in details


def read_list(path, package, aliases):
    """{test or class: Line}, by whole names, though in the file they begin below the package. Without those that wait for an extension which is offered."""
    lines, word, held = {}, None, True
    with open(path, encoding="utf-8") as f:
        for number, text in enumerate(f, 1):
            text = text.split("#")[0].rstrip()
            if not text:
                continue
            if not text[0].isspace():
                head, reason = text.split(": ", 1)
                word, _, alias = head.partition(" ") if head.startswith("without ") else (head, "", "")
                held = alias not in aliases
                if word not in WORDS or not reason:
                    raise ValueError(f"{path}:{number}: not as skips.txt says")
                continue
            name, _, failure = f"{package}.{text.strip()}".partition(": ")
            if word is None or name in lines or (failure and WORDS[word] == "absent"):
                raise ValueError(f"{path}:{number}: not as skips.txt says")
            if held:
                lines[name] = Line(name, "differs" if failure else word, failure)
    return lines


# ---- configuration

def configuration(work, aliases):
    """What tempest must be told of this cloud: who administrates it, and what there is in it."""
    env, api = own_sandbox.credentials(), own_sandbox.address()
    network = subprocess.run(["openstack", "network", "show", "ext_net", "-f", "value", "-c", "id"], env=env, check=True,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout.strip()
    return {
        "DEFAULT": {"log_file": f"{work}/tempest.log", "debug": "True"},
        "oslo_concurrency": {"lock_path": f"{work}/locks"},
        "auth": {
            "use_dynamic_credentials": "True", "create_isolated_networks": "True",
            "admin_username": env["OS_USERNAME"], "admin_password": env["OS_PASSWORD"],
            "admin_project_name": env["OS_PROJECT_NAME"], "admin_domain_name": env["OS_USER_DOMAIN_NAME"],
        },
        "identity": {
            "auth_version": "v3", "uri_v3": f"{api}/identity/v3", "region": env["OS_REGION_NAME"],
            "v3_endpoint_type": "public",
        },
        "identity-feature-enabled": {"api_v2": "False", "api_v3": "True", "application_credentials": "True"},
        "service_available": {"neutron": "True", "nova": "True", "glance": "True", "cinder": "False", "swift": "False",
                              "horizon": "False"},
        "network": {"public_network_id": network, "floating_network_name": "ext_net"},
        "network-feature-enabled": {
            "api_extensions": ",".join(sorted(aliases)), "ipv6": "True", "ipv6_subnet_attributes": "True",
            "port_security": str("port-security" in aliases),
        },
        "neutron_plugin_options": {"available_type_drivers": "vxlan,flat", "agent_availability_zone": "nova",
                                   "create_shared_resources": "True"},
    }


def write_workspace(work):
    """The folder in which `tempest run` is at home. Returns the configuration's path."""
    path, parser = f"{work}/tempest.conf", configparser.ConfigParser(interpolation=None, default_section="")
    parser.read_dict(configuration(work, own_sandbox.aliases()))
    with open(path, "w", encoding="utf-8") as f:
        parser.write(f)
    os.mkdir(f"{work}/locks")
    with open(f"{work}/.stestr.conf", "w", encoding="utf-8") as f:
        f.write(f"[DEFAULT]\ntest_path={HERE}/discover\ntop_dir={HERE}/discover\ngroup_regex=([^\\.]*\\.)*\n")
    return path


# ---- running

class Outcomes:
    """What became of each test."""

    def __init__(self):
        self.seen, self.details, self.started = {}, {}, time.monotonic()

    def add(self, test):
        """`test` as testtools.StreamToDict gives it."""
        name = plain(test["id"])
        if test["status"] == "exists" or not name:
            return
        if self.seen.get(name) != "fail":
            self.seen[name] = test["status"]
        texts = [d.as_text() for key, d in sorted(test["details"].items()) if key == "reason" or "traceback" in key]
        self.details[name] = "\n".join(texts).strip()


def plain(identity):
    """A test's name without its labels; of a class that was skipped or failed as a whole, the class's name."""
    whole = re.match(r"(?:setUp|tearDown)Class \((.*)\)$", identity)
    return whole.group(1) if whole else identity.split("[")[0]


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(line + "\n" for line in lines))
    return path


def run(package, regexes, without):
    """Runs what matches and is not in `without`. What went wrong with tempest itself is printed."""
    import subunit  # Debian's python3-subunit, which tempest depends on
    import testtools
    with tempfile.TemporaryDirectory(prefix="tempest-", dir=own_sandbox.FOLDER) as work:
        config = write_workspace(work)
        command = ["tempest", "run", "--config-file", config, "--concurrency", str(WORKERS), "--subunit",
                   "--include-list", write_lines(f"{work}/selected", regexes),
                   "--exclude-list", write_lines(f"{work}/left-out", [f"^{re.escape(name)}\\b" for name in without])]
        env = {**os.environ, "HOME": work, "PYTHON": "/usr/bin/python3", "TEMPEST_PACKAGE": package}
        outcomes = Outcomes()
        with open(f"{work}/errors", "w+", encoding="utf-8") as errors:
            with subprocess.Popen(command, cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=errors) as process:
                result = testtools.StreamToDict(outcomes.add)
                result.startTestRun()
                subunit.ByteStreamToStreamResult(process.stdout, non_subunit_name="stdout").run(result)
                result.stopTestRun()
            errors.seek(0)
            if not outcomes.seen:
                print(errors.read())
        keep = os.environ.get("TEMPEST_LOG")
        if keep:
            subprocess.run(["cp", f"{work}/tempest.log", keep], check=False)
        return outcomes


# ---- judging

def line_of(name, lines):
    """What the list says of a test: of itself, or of its class."""
    return lines.get(name) or lines.get(name.rsplit(".", 1)[0])


def judge(outcomes, lines, everything):
    """The complaints."""
    complaints, used = [], set()
    for name, status in sorted(outcomes.seen.items()):
        line, details = line_of(name, lines), outcomes.details[name]
        if line and line.fits(status, details):
            used.add(line)
        elif status == "skip":
            complaints.append(f"skipped, and not on the list: {name}\n    {details}")
        elif status != "success":
            complaints.append(f"{status}: {name}\n{details}")
    for line in sorted(set(lines.values()) - used, key=lambda one: one.name):
        seen = any(line_of(name, {line.name: line}) for name in outcomes.seen)
        if line.outcome != "absent" and (everything or seen):
            complaints.append(f"on the list, and not {line.outcome}: {line.name}")
    return complaints


def test(suite, regexes):
    """Runs a suite, or what matches in it. Returns whether all was as it should be."""
    package, path = SUITES[suite]
    with own_sandbox.sandbox():
        lines = read_list(os.path.join(HERE, path), package, own_sandbox.aliases()) if path else {}
        outcomes = run(package, regexes or ["."],
                       [name for name, line in lines.items() if line.outcome == "absent"])
    complaints = judge(outcomes, lines, not regexes)
    for text in complaints:
        print(text)
    counts = {s: list(outcomes.seen.values()).count(s) for s in sorted(set(outcomes.seen.values()))}
    print(f"{suite}: {counts}, {len(complaints)} not as they should be, "
          f"{time.monotonic() - outcomes.started:.0f} s")
    return outcomes.seen and not complaints


def main():
    if not own_sandbox.inside():
        own_sandbox.start_again_inside(sys.argv[1], sys.argv[2], "tempest", "openstack")
    sys.exit(0 if test(sys.argv[3], sys.argv[4:]) else 1)


if __name__ == "__main__":
    main()
