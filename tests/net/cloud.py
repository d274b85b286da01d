"""A whole Buoy, made to look like packet_cases' drawing through its API, and the outside around it."""
import os
import subprocess

from buoy import LISTEN, PASSWORD, Client, Daemon, folder, wait_for
from space import aliases, allow_many_errors, bridge_end, ip, ns, plug, run, set_offload

CONFIG = """
[node]
read_back_s = 10
name = here
[network]
vxlan_local = 192.0.2.1
vxlan_peers = 192.0.2.2
[physical_networks]
physnet1 = bridge:br-ex
physnet2 = nic:nic0
[nova_network]
metadata = 10.10.10.1:8775
"""


def buoy_environment():
    return {**{k: v for k, v in os.environ.items() if not k.startswith("OS_")},
            "OS_AUTH_URL": f"http://{LISTEN}/identity/v3", "OS_USERNAME": "admin", "OS_PASSWORD": PASSWORD,
            "OS_PROJECT_NAME": "admin", "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default"}


def make_outside():
    """A bridge as an administrator would have made it, somebody on it, and a NIC with somebody behind it."""
    run("ip link add br-ex type bridge forward_delay 0")
    run("ip link set br-ex up")
    for space in "outside", "outside2":
        run(f"ip netns add {space}")
        ip(space, "link set lo up")
        allow_many_errors(space)
    plug("outside", "eth0", "10.10.10.1/24", "br-ex")
    # Further away than the floating IPs' own network.
    ip("outside", "address add 198.51.100.9/32 dev lo")
    run("ip link add nic0 type veth peer name eth0 netns outside2")
    run("ip link set nic0 up")
    run("ip address add 10.20.0.9/24 dev nic0")
    ip("outside2", "address add 10.20.0.1/24 dev eth0")
    ip("outside2", "link set eth0 up")


class CloudWorld:
    """packet_cases' world: every state is reached by requests."""

    def __init__(self, buoyd, buoy, daemon_config=CONFIG, datapath="nft", hook="tc"):
        self.buoy, self.datapath = os.path.abspath(buoy), datapath
        daemon_config = daemon_config.replace("[network]", f"[network]\ndatapath = {datapath}\nuplink_hook = {hook}")
        self.now, self.snat, self.policy = {}, True, None
        make_outside()
        self.daemon = Daemon(buoyd, folder(), daemon_config).start()
        self.admin = Client()
        self.other = self.make_project("other", "someone")
        self.make_networks()
        self.make_routers()
        self.make_instances()
        self.fips = {addr: self.floating_ip(addr) for addr in ("10.10.10.4", "10.10.10.3", "10.10.10.8")}
        for space, dev, other in self.ends() + self.other_ends():
            with ns(space):
                set_offload(dev, 0)
            set_offload(other, 0)

    # --- objects ---

    def make_project(self, project, user):
        """A client that is a member of a new project."""
        a = self.admin
        p = a.call("POST", "/identity/v3/projects", {"project": {"name": project}}, 201)["project"]["id"]
        u = a.call("POST", "/identity/v3/users", {"user": {"name": user, "password": PASSWORD}}, 201)["user"]["id"]
        role = a.call("GET", "/identity/v3/roles?name=member")["roles"][0]["id"]
        a.call("PUT", f"/identity/v3/projects/{p}/users/{u}/roles/{role}", None, 204)
        return Client(user, PASSWORD, project)

    def make_networks(self):
        a, self.net, self.sub = self.admin, {}, {}
        self.net["ext"] = a.network("ext_net", **{"router:external": True, "provider:network_type": "flat",
                                                  "provider:physical_network": "physnet1"})["id"]
        self.sub["ext"] = a.subnet(self.net["ext"], "10.10.10.0/24", gateway_ip="10.10.10.1", enable_dhcp=False,
                                   allocation_pools=[{"start": "10.10.10.2", "end": "10.10.10.199"}])["id"]
        for name, cidr, who in (("a", "172.16.100.0/24", a), ("b", "172.16.101.0/24", a),
                                ("c", "172.16.100.0/24", self.other)):
            self.net[name] = who.network("net-" + name)["id"]
            self.sub[name] = who.subnet(self.net[name], cidr)["id"]

    def gateway(self, addr, snat=True, network="ext"):
        return {"network_id": self.net[network], "enable_snat": snat,
                "external_fixed_ips": [{"subnet_id": self.sub[network], "ip_address": addr}]}

    def make_routers(self):
        self.router = {}
        for number, addr, subnets, who in ((1, "10.10.10.5", "ab", self.admin), (2, "10.10.10.6", "c", self.other)):
            r = who.create("router", name=f"r{number}")["id"]
            self.admin.update("router", r, external_gateway_info=self.gateway(addr))
            for name in subnets:
                who.interface(r, self.sub[name])
            self.router[number] = r
            aliases[f"qrouter-{number}"] = f"qrouter-{r}"
            self.wait_active("router", r)
            allow_many_errors(f"qrouter-{number}")

    def port(self, net, addr, who=None, **more):
        return (who or self.admin).create(
            "port", network_id=self.net[net], device_owner="compute:test",
            fixed_ips=[{"subnet_id": self.sub[net], "ip_address": a} for a in addr.split()], **more)

    def instance(self, space, port, dev="eth0"):
        """A namespace plugged by `buoy port plug`."""
        if not os.path.exists(f"/run/netns/{space}"):
            run(f"ip netns add {space}")
            allow_many_errors(space)
        self.cli("port", "plug", port["id"], "--netns", space, "--name", dev)
        self.wait_active("port", port["id"])

    def cli(self, *words):
        done = subprocess.run([self.buoy, *words], env=buoy_environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def wait_active(self, kind, identity):
        return wait_for(lambda: self.admin.show(kind, identity)["status"] == "ACTIVE", f"{kind} {identity} is ACTIVE")

    def agent_lives(self):
        """The agent is there and has applied everything: a write is answered ACTIVE."""
        def alive():
            agents = self.admin.list("agent", "?agent_type=L3%20agent")
            return agents and agents[0]["alive"] and \
                agents[0]["configurations"]["applied_revision"] == agents[0]["configurations"]["revision"]
        wait_for(alive, "the agent has applied all")

    def make_instances(self):
        self.ports = {}
        for vm, name, addr, who in (("vm1", "a", "172.16.100.3", None), ("vm2", "a", "172.16.100.4", None),
                                    ("vm3", "b", "172.16.101.3", None), ("vm4", "c", "172.16.100.3", self.other)):
            self.ports[vm] = self.port(name, addr, who, name=vm)
            self.instance(vm, self.ports[vm])

    def floating_ip(self, addr, network="ext", **more):
        return self.admin.create("floatingip", floating_network_id=self.net[network], floating_ip_address=addr,
                                 **more)["id"]

    def associate(self, addr, port, **more):
        f = self.admin.update("floatingip", self.fips[addr], port_id=port, **more)
        assert f["status"] == ("ACTIVE" if port else "DOWN"), f
        self.now[addr] = port
        return f

    # --- what the cases use ---

    def apply(self, nats=(), snat=True, nats2=()):
        if snat != self.snat:
            self.admin.update("router", self.router[1], external_gateway_info=self.gateway("10.10.10.5", snat))
            self.snat = snat
        by_addr = {self.ports[vm]["fixed_ips"][0]["ip_address"]: self.ports[vm]["id"] for vm in ("vm1", "vm2", "vm3")}
        want = {addr: by_addr[fixed] for addr, fixed in nats}
        want.update({addr: self.ports["vm4"]["id"] for addr, _ in nats2})
        for addr, port in list(self.now.items()):
            if port and addr not in want:
                self.associate(addr, None)
        for addr, port in want.items():
            if self.now.get(addr) != port:
                self.associate(addr, port)

    def limit(self, nats, addr, inwards=0, outwards=0):
        """As apply, with a QoS policy for a floating IP: rates in kbit/s; 0: none."""
        policies = "/v2.0/qos/policies"
        if not self.policy:
            self.policy = self.admin.call("POST", policies, {"policy": {"name": "limits"}}, 201)["policy"]["id"]
        self.apply(nats)
        rules = f"{policies}/{self.policy}/bandwidth_limit_rules"
        there = {r["direction"]: r["id"] for r in self.admin.call("GET", rules)["bandwidth_limit_rules"]}
        for direction, kbps in ("ingress", inwards), ("egress", outwards):
            if kbps and direction in there:
                body = {"bandwidth_limit_rule": {"max_kbps": kbps}}
                self.admin.call("PUT", f"{rules}/{there[direction]}", body, 200)
            elif kbps:
                body = {"bandwidth_limit_rule": {"max_kbps": kbps, "direction": direction}}
                self.admin.call("POST", rules, body, 201)
            elif direction in there:
                self.admin.call("DELETE", f"{rules}/{there[direction]}", None, 204)
        self.admin.update("floatingip", self.fips[addr], qos_policy_id=self.policy if inwards or outwards else None)

    def leg(self, number, name):
        """The port of a router's leg, gateway or interface of a subnet."""
        ports = self.admin.list("port", f"?device_id={self.router[number]}")
        return next(p for p in ports if p["fixed_ips"][0]["subnet_id"] == self.sub[name])

    def leg_names(self, number, name):
        port = self.leg(number, name)
        return ("qg-" if name == "ext" else "qr-") + port["id"][:11], "tap" + port["id"][:11]

    def ends(self):
        return [("outside", "eth0", bridge_end("outside", "eth0")),
                ("vm3", "eth0", "tap" + self.ports["vm3"]["id"][:11]),
                ("qrouter-1", *self.leg_names(1, "ext")), ("qrouter-1", *self.leg_names(1, "b"))]

    def other_ends(self):
        ends = [(vm, "eth0", "tap" + self.ports[vm]["id"][:11]) for vm in ("vm1", "vm2", "vm4")]
        return ends + [("qrouter-1", *self.leg_names(1, "a")), ("qrouter-2", *self.leg_names(2, "ext")),
                       ("qrouter-2", *self.leg_names(2, "c"))]

    def set_mtu_b(self, mtu):
        self.admin.update("network", self.net["b"], mtu=mtu)
