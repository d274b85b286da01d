"""A Buoy to measure: one daemon, one physical bridge, an outside, an instance; all inside tools/private."""
import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request

HOST, PORT = "127.0.0.1", "9696"
DEADLINE = 60


def run(line, **more):
    return subprocess.run(line.split(), check=True, capture_output=True, text=True, **more).stdout


def poll(what, check, deadline=DEADLINE, pause=0.002):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        value = check()
        if value:
            return value
        time.sleep(pause)
    raise TimeoutError(f"waited {deadline} s for {what}")


def make_surroundings():
    """What an administrator has: the bridge of the physical network, and somebody outside."""
    run("ip link add br-ex type bridge forward_delay 0")
    run("ip link set br-ex up")
    run("ip netns add outside")
    run("ip link add out0 type veth peer name eth0 netns outside")
    run("ip link set out0 master br-ex up")
    run("ip -n outside link set lo up")
    run("ip -n outside link set eth0 up")
    run("ip -n outside address add 10.64.0.1/14 dev eth0")


class Machine:
    """The daemon on a database of its own in `folder`, which must be on a real disk."""

    def __init__(self, programs, folder, network=""):
        """`network`: lines of [network] in its configuration."""
        self.programs, self.folder = programs, folder
        self.log_path = os.path.join(folder, "buoyd.log")
        self.config = os.path.join(folder, "buoyd.conf")
        self.database = os.path.join(folder, "buoy.db")
        self.token = None
        self.process = None
        os.makedirs(folder)
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(f"[api]\nlisten = {HOST}:{PORT}\nuser = nobody\n[database]\npath = {self.database}\n"
                    f"[node]\nname = bench\n[network]\n{network}\n[physical_networks]\nphysnet1 = bridge:br-ex\n"
                    "[quota]\nnetwork = -1\nsubnet = -1\nport = -1\nrouter = -1\nfloatingip = -1\n")
        self.buoyd("bootstrap", "--password-stdin", input="bench\n")

    def program(self, name):
        return os.path.join(self.programs, name)

    def buoyd(self, *words, **more):
        done = subprocess.run([self.program("src/daemon/buoyd"), "-c", self.config, *words], capture_output=True,
                              text=True, **more)
        if done.returncode:
            raise RuntimeError(f"buoyd {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    # --- the daemon ---

    def start(self):
        """Starts the daemon; returns when this was, for started()."""
        self.mark = self.log_size()
        for name in [".", *os.listdir(self.folder)]:
            shutil.chown(os.path.join(self.folder, name), "nobody")
        with open(self.log_path, "ab") as log:
            at = time.monotonic()
            self.process = subprocess.Popen([self.program("src/daemon/buoyd"), "-c", self.config], stderr=log,
                                            stdout=log)
        return at

    def log_size(self):
        return os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0

    def log_line(self, pattern):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            f.seek(self.mark)
            return re.search(pattern, f.read())

    def wait_agent(self, deadline=DEADLINE):
        """Until the agent has said that the kernel holds what its database says. Returns that line."""
        found = poll("the agent", lambda: self.log_line(r"\[agent\] start: .*, (\d+) failed"), deadline)
        if found[1] != "0":
            raise RuntimeError(found[0])
        return found[0]

    def wait_api(self):
        poll("the API", lambda: self.log_line(r"listening on"))
        self.log_in()

    def children(self):
        """The process ids of the API process, the agent and the responder."""
        found = {}
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as f:
            for pid in f.read().split():
                with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
                    found[comm.read().strip()] = int(pid)
        return found

    def kill_agent(self):
        self.mark = self.log_size()
        at = time.monotonic()
        os.kill(self.children()["agent"], signal.SIGKILL)
        return at

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(DEADLINE)
        self.process = None

    def cleanup(self):
        self.buoyd("cleanup")

    # --- requests ---

    def ask(self, method, path, body=None, status=None):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["X-Auth-Token"] = self.token
        request = urllib.request.Request(f"http://{HOST}:{PORT}{path}", method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                text = answer.read().decode()
                self.token = answer.headers.get("X-Subject-Token", self.token)
                is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        except urllib.error.HTTPError as e:
            raise RuntimeError(f"{method} {path}: {e.code} {e.read().decode()}") from e
        return json.loads(text) if text and is_json else text

    def log_in(self):
        self.token = None
        domain = {"name": "Default"}
        self.ask("POST", "/identity/v3/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {
                "user": {"name": "admin", "domain": domain, "password": "bench"}}},
            "scope": {"project": {"name": "admin", "domain": domain}}}})

    def make(self, kind, **values):
        return self.ask("POST", f"/v2.0/{kind}s", {kind: values})[kind]

    def make_topology(self):
        """External network, router, tenant network, and an instance that answers on it."""
        self.external = self.make("network", name="ext_net", **{
            "router:external": True, "provider:network_type": "flat", "provider:physical_network": "physnet1"})["id"]
        self.make("subnet", network_id=self.external, ip_version=4, cidr="10.64.0.0/14", gateway_ip="10.64.0.1",
                  enable_dhcp=False)
        self.network = self.make("network", name="net")["id"]
        subnet = self.make("subnet", network_id=self.network, ip_version=4, cidr="10.128.0.0/14")["id"]
        self.router = self.make("router", name="router", external_gateway_info={"network_id": self.external})["id"]
        self.ask("PUT", f"/v2.0/routers/{self.router}/add_router_interface", {"subnet_id": subnet})
        self.instance = self.make("port", network_id=self.network, device_owner="compute:bench")
        self.floating = self.make("floatingip", floating_network_id=self.external)

    def plug_instance(self):
        """A namespace as the instance, at the tap that the port asks for."""
        tap, mac = "tap" + self.instance["id"][:11], self.instance["mac_address"]
        run("ip netns add instance")
        run(f"ip link add {tap} type veth peer name eth0 address {mac} netns instance")
        run(f"ip link set {tap} up")
        run("ip -n instance link set lo up")
        run("ip -n instance link set eth0 up")
        run(f"ip -n instance address add {self.instance['fixed_ips'][0]['ip_address']}/14 dev eth0")
        run("ip -n instance route add default via 10.128.0.1")

    def populate(self, associated, free, *port):
        """Floating IPs and ports, straight into the database. The daemon must be down. `port`: the one that all belong
        to, and the first of its addresses that they lead to."""
        out = run(f"{self.program('bench/populate')} {self.database} {self.network} {self.external} {self.router} "
                  f"{associated} {free} {' '.join(port)}")
        return [dict(zip(("id", "address", "port"), line.split())) for line in out.splitlines()]

    # --- many requests ---

    def load(self, clients, requests, text=""):
        """Sends all; returns (seconds until the last answer, latencies in milliseconds)."""
        lines = "".join(f"{method}\t{path}\t{json.dumps(body) if body is not None else ''}\n"
                        for method, path, body in requests)
        done = subprocess.run([self.program("bench/load"), HOST, PORT, str(clients), text], input=lines, text=True,
                              capture_output=True, env={**os.environ, "BUOY_TOKEN": self.token})
        if done.returncode:
            raise RuntimeError(f"load: {done.stderr}")
        times = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
        return max(end for _, end in times) / 1e6, [(end - start) / 1e3 for start, end in times]

    # --- memory ---

    def memory(self):
        """Kilobytes by process: {"api": {"Rss": .., "Pss": ..}, ...}."""
        found = {}
        for name, pid in {**self.children(), "parent": self.process.pid}.items():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
                found[name] = {k: int(v) for k, v in re.findall(r"^(Rss|Pss):\s+(\d+)", f.read(), re.M)}
        return found
