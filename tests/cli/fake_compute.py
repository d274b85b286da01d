"""The compute part of the fake cloud: pools' addresses, floating IPs and servers, with Nova's words for refusals."""
import ipaddress
import uuid


def refuse(status, message):
    word = {400: "badRequest", 403: "forbidden", 404: "itemNotFound", 409: "conflictingRequest"}[status]
    return status, {word: {"code": status, "message": message}}, {}


class Compute:
    def __init__(self, project):
        self.project = project
        self.addresses = []  # rows of os-floating-ips-bulk, with the floating IP's id
        self.servers = []
        self.interfaces = {}  # server's id -> rows of os-interface
        self.flavors = [{"id": "1", "name": "m1.tiny"}]
        self.nodes = {}  # host -> addresses in use there

    def add_server(self, name, **row):
        row = dict({"id": str(uuid.uuid4()), "name": name, "status": "ACTIVE", "addresses": {}, "metadata": {}, "links": [],
                    "flavor": {"id": "1", "links": []}, "image": ""}, **row)
        self.servers.append(row)
        return row

    def answer(self, command, parts, query, body):
        what, rest = parts[0], parts[1:]
        handler = {"os-floating-ips": self.floating_ips, "os-floating-ips-bulk": self.bulk, "servers": self.server,
                   "os-floating-ip-pools": self.pools, "flavors": self.flavor}.get(what)
        return handler(command, rest, query, body) if handler else refuse(404, "The resource could not be found.")

    # --- floating IPs ---

    @staticmethod
    def floating_ip(row):
        return {"id": row["id"], "ip": row["address"], "fixed_ip": row["fixed_ip"], "instance_id": row["instance_uuid"],
                "pool": row["pool"]}

    def floating_ips(self, command, rest, query, body):
        mine = [a for a in self.addresses if a["project_id"] == self.project]
        if command == "POST":
            return self.allocate(body.get("pool"))
        if not rest:
            return 200, {"floating_ips": [self.floating_ip(a) for a in mine]}, {}
        found = next((a for a in mine if a["id"] == rest[0]), None)
        if not found:
            return refuse(404, "Floating IP not found for ID " + rest[0])
        if command == "DELETE":
            found.update(project_id=None, instance_uuid=None, fixed_ip=None)
            return 202, None, {}
        return 200, {"floating_ip": self.floating_ip(found)}, {}

    def allocate(self, pool):
        if pool and pool not in {a["pool"] for a in self.addresses}:
            return refuse(404, "Floating IP pool not found.")
        free = next((a for a in self.addresses if not a["project_id"] and a["pool"] == (pool or "nova")), None)
        if not free:
            return refuse(404, "No more floating IPs in pool %s." % pool if pool else "No more floating IPs available.")
        free["project_id"] = self.project
        return 200, {"floating_ip": self.floating_ip(free)}, {}

    def pools(self, command, rest, query, body):
        return 200, {"floating_ip_pools": [{"name": n} for n in sorted({a["pool"] for a in self.addresses})]}, {}

    # --- the pools' addresses ---

    def bulk(self, command, rest, query, body):
        if command == "POST":
            return self.bulk_create(body["floating_ips_bulk_create"])
        if command == "PUT":
            return self.bulk_delete(body["ip_range"])
        rows = self.addresses
        if rest:
            rows = [a for a in rows if a["address"] in self.nodes.get(rest[0], [])]
            if not rows:
                return refuse(404, "Floating IP not found for host %s." % rest[0])
        marker, limit = dict(query).get("marker"), int(dict(query).get("limit", len(rows)))
        start = 1 + [a["address"] for a in rows].index(marker) if marker else 0
        return 200, {"floating_ip_info": [{k: v for k, v in a.items() if k != "id"} for a in rows[start:start + limit]]}, {}

    @staticmethod
    def hosts(ip_range):
        if "/" not in ip_range:
            return [ip_range]
        net = ipaddress.ip_network(ip_range, strict=False)
        if net.num_addresses < 4:
            raise ValueError("/%d should be specified as single address(es) not in cidr format" % net.prefixlen)
        if net.num_addresses >= 1000000:
            raise ValueError("Too many IP addresses will be generated.  Please increase /%d to reduce the number generated."
                             % net.prefixlen)
        return [str(a) for a in net.hosts()]

    def bulk_create(self, wanted):
        try:
            hosts = self.hosts(wanted["ip_range"])
        except ValueError as e:
            return refuse(400, "Invalid input received: %s" % e)
        there = {a["address"] for a in self.addresses}
        for host in hosts:
            if host in there:
                return refuse(409, "Floating IP %s already exists." % host)
        full = {"ip_range": wanted["ip_range"], "pool": wanted.get("pool", "nova"), "interface": wanted.get("interface", "eth0")}
        self.addresses += [{"id": str(uuid.uuid4()), "address": h, "project_id": None, "instance_uuid": None, "fixed_ip": None,
                            "pool": full["pool"], "interface": full["interface"]} for h in hosts]
        return 200, {"floating_ips_bulk_create": full}, {}

    def bulk_delete(self, ip_range):
        hosts = set(self.hosts(ip_range))
        used = [a for a in self.addresses if a["address"] in hosts and a["project_id"]]
        if used:
            return refuse(409, "Floating IP %s is in use by project %s" % (used[0]["address"], used[0]["project_id"]))
        self.addresses = [a for a in self.addresses if a["address"] not in hosts]
        return 200, {"floating_ips_bulk_delete": ip_range}, {}

    # --- servers ---

    def server(self, command, rest, query, body):
        if not rest and command == "POST":
            wanted = body["server"]
            row = self.add_server(wanted["name"], metadata=wanted.get("metadata", {}))
            return 202, {"server": {"id": row["id"], "adminPass": "x"}}, {}
        if not rest or rest == ["detail"]:
            return 200, {"servers": self.servers if rest else [{k: s[k] for k in ("id", "name")} for s in self.servers]}, {}
        row = next((s for s in self.servers if s["id"] == rest[0]), None)
        if not row:
            return refuse(404, "Instance %s could not be found." % rest[0])
        if rest[1:] == ["action"]:
            return self.action(row, body)
        if rest[1:] == ["os-interface"]:
            return 200, {"interfaceAttachments": self.interfaces.get(row["id"], [])}, {}
        if command == "DELETE":
            self.servers.remove(row)
            return 204, None, {}
        return 200, {"server": row}, {}

    def action(self, row, body):
        (name, wanted), = body.items()
        found = next((a for a in self.addresses if a["address"] == wanted["address"] and a["project_id"]), None)
        if not found:
            return refuse(404, "floating IP not found")
        if name == "removeFloatingIp" and found["instance_uuid"] != row["id"]:
            return refuse(409, "Floating IP %s is not associated with instance %s." % (wanted["address"], row["id"]))
        add = name == "addFloatingIp"
        found.update(instance_uuid=row["id"] if add else None, fixed_ip=wanted.get("fixed_address", "10.200.2.5") if add else None)
        return 202, None, {}

    def flavor(self, command, rest, query, body):
        if not rest:
            return 200, {"flavors": self.flavors}, {}
        found = next((f for f in self.flavors if f["id"] == rest[0]), None)
        return (200, {"flavor": found}, {}) if found else refuse(404, "Flavor %s could not be found." % rest[0])
