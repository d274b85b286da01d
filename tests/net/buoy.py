"""A whole buoyd in a folder of its own, its processes, and a client of its API.

Used on a machine of one's own (space.enter_private); folder() goes with that machine.
"""
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time

from space import DEADLINE

PASSWORD = "sesame-of-the-test"
LISTEN = "127.0.0.1:9696"


def folder():
    """A folder that only this machine of one's own has, and that an ordinary user may enter."""
    os.makedirs("/mnt", exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/mnt"], check=True)
    return "/mnt"


def wait_for(condition, what, deadline=DEADLINE):
    """Polls until the condition holds; its value."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"did not happen: {what}")


class Reply(Exception):
    """An answer that was not expected."""

    def __init__(self, method, path, status, body):
        super().__init__(f"{method} {path}: {status} {body}")
        self.status, self.body = status, body


class Client:
    """One connection to the API with one token."""

    def __init__(self, user="admin", password=PASSWORD, project="admin", listen=LISTEN):
        self.listen = listen
        self.connection = None
        self.token = None
        if user:
            self.login(user, password, project)

    def send(self, method, path, body=None, headers=(), timeout=30):
        """The status, the headers and the body as text. What changes nothing is asked again when the server that
        the connection was to has gone."""
        if self.connection and method == "GET":
            try:
                return self.send_once(method, path, body, headers, timeout)
            except (OSError, http.client.HTTPException):
                pass
        return self.send_once(method, path, body, headers, timeout)

    def send_once(self, method, path, body, headers, timeout):
        if not self.connection:
            self.connection = http.client.HTTPConnection(self.listen, timeout=timeout)
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        send = {"X-Auth-Token": self.token} if self.token else {}
        if body is not None:
            send["Content-Type"] = "application/json"
        try:
            self.connection.request(method, path, body, {**send, **dict(headers)})
            answer = self.connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def login(self, user, password=PASSWORD, project="admin"):
        domain = {"id": "default"}
        body = {"auth": {"identity": {"methods": ["password"], "password": {
            "user": {"name": user, "domain": domain, "password": password}}}}}
        if project:
            body["auth"]["scope"] = {"project": {"name": project, "domain": domain}}
        status, headers, text = self.send("POST", "/identity/v3/auth/tokens", body)
        if status != 201:
            raise Reply("POST", "/identity/v3/auth/tokens", status, text)
        self.token = headers["X-Subject-Token"]
        token = json.loads(text)["token"]
        self.project = token["project"]["id"] if project else None
        self.user = token["user"]["id"]

    def call(self, method, path, body=None, expect=(200, 201, 202, 204)):
        """The body of an expected answer."""
        status, _, text = self.send(method, path, body)
        if status not in (expect if isinstance(expect, tuple) else (expect,)):
            raise Reply(method, path, status, text)
        return json.loads(text) if text else None

    # Network API: `kind` in the singular, as in a body.

    def create(self, kind, **attributes):
        return self.call("POST", f"/v2.0/{kind}s", {kind: attributes}, 201)[kind]

    def update(self, kind, identity, **attributes):
        return self.call("PUT", f"/v2.0/{kind}s/{identity}", {kind: attributes}, 200)[kind]

    def delete(self, kind, identity):
        self.call("DELETE", f"/v2.0/{kind}s/{identity}", None, 204)

    def show(self, kind, identity):
        return self.call("GET", f"/v2.0/{kind}s/{identity}", None, 200)[kind]

    def list(self, kind, query=""):
        return self.call("GET", f"/v2.0/{kind}s{query}", None, 200)[kind + "s"]

    def network(self, name, **attributes):
        return self.create("network", name=name, **attributes)

    def subnet(self, network, cidr, **attributes):
        return self.create("subnet", network_id=network, ip_version=4, cidr=cidr, **attributes)

    def interface(self, router, subnet, action="add"):
        return self.call("PUT", f"/v2.0/routers/{router}/{action}_router_interface", {"subnet_id": subnet}, 200)


class Daemon:
    """buoyd, stopped and started as a test wants. Its log is in the folder."""

    def __init__(self, buoyd, work, config="", listen=LISTEN, user="nobody"):
        self.buoyd, self.work, self.listen = os.path.abspath(buoyd), work, listen
        self.process = None
        self.config, self.log = f"{work}/buoyd.conf", f"{work}/buoyd.log"
        self.database = f"{work}/db/buoy.db"
        os.mkdir(f"{work}/db", 0o700)
        subprocess.run(["chown", user, f"{work}/db"], check=True)
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(f"[api]\nlisten = {listen}\nuser = {user}\n[database]\npath = {self.database}\n{config}\n")
        self.command("bootstrap", "--password-stdin", input=PASSWORD + "\n")

    def command(self, *words, **options):
        done = subprocess.run([self.buoyd, "-c", self.config, *words], capture_output=True, text=True, check=False,
                              **options)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def configure(self, **settings):
        """Other values for lines that the configuration has; for the next start."""
        with open(self.config, encoding="utf-8") as f:
            text = f.read()
        for name, value in settings.items():
            text = re.sub(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([self.buoyd, "-c", self.config], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        self.wait_up()
        return self

    def answers(self):
        assert self.process.poll() is None, "buoyd has ended: " + self.last_words()
        client = Client(None, listen=self.listen)
        try:
            return client.send("GET", "/", timeout=2)[0] in (200, 300)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            client.close()

    def wait_up(self):
        wait_for(self.answers, "an answer of the API")

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()[-2000:]

    def end_test(self, code):
        """The end of a test program: what the log said last if anything failed, no process left, the exit code."""
        if code:
            print(self.last_words())
        self.stop()
        sys.exit(code)

    def children(self):
        """Process ids by name: api, agent, responder."""
        pid, found = self.process.pid, {}
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
                for child in f.read().split():
                    with open(f"/proc/{child}/comm", encoding="ascii") as comm:
                        found[comm.read().strip()] = int(child)
        except (FileNotFoundError, ProcessLookupError):
            pass  # one that is just ending
        return found

    def pid_of(self, name):
        return wait_for(lambda: self.children().get(name), f"a process {name}")

    def kill(self, name):
        """kill -9 of the api, the agent, or the parent with both. Returns the process id that it was."""
        if name == "parent":
            pids = [self.process.pid, *self.children().values()]
            os.kill(self.process.pid, signal.SIGSTOP)  # so that nobody is started anew
            for pid in reversed(pids):
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
            return pids[0]
        pid = self.pid_of(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self):
        self.process.terminate()
        self.process.wait(DEADLINE)

    def applied(self, client):
        """True when the agent is alive and has applied what is written."""
        agents = client.list("agent", "?agent_type=L3%20agent")
        return bool(agents) and all(a["alive"] for a in agents)
