"""A small OpenStack in one process: Identity v3, Network v2.0 and Compute v2.1, enough to test a client against.
It keeps rows in dictionaries, records every request, and answers as a test tells it to."""
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from fake_compute import Compute

NETWORK = {"networks": "network", "subnets": "subnet", "ports": "port", "routers": "router",
           "floatingips": "floatingip", "agents": "agent", "extensions": "extension",
           "policies": "policy", "bandwidth_limit_rules": "bandwidth_limit_rule",
           "port_forwardings": "port_forwarding"}
IDENTITY = {"users": "user", "projects": "project", "domains": "domain", "roles": "role",
            "role_assignments": "role_assignment"}
PASSWORD = "correct horse"
TOKEN = "gAAAA-the-token"


class Cloud:
    """The state that tests look at and change."""

    def __init__(self):
        self.rows = {plural: {} for plural in list(NETWORK) + list(IDENTITY)}
        self.requests = []  # (method, path, query as list of pairs, body, headers)
        self.answers = {}  # (method, path) -> (status, body bytes, headers): what to answer instead
        self.page = None  # rows on a page, None: all
        self.catalog = True
        self.quota = {"network": 10, "floatingip": 50}
        self.project = self.add("projects", name="demo", domain_id="default")
        self.compute = Compute(self.project["id"])
        self.user = self.add("users", name="alice", domain_id="default")
        self.add("domains", id="default", name="Default")

    def start(self):
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def handle_any(self):
                cloud.handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, plural, **row):
        row.setdefault("id", str(uuid.uuid4()) if plural in NETWORK else uuid.uuid4().hex)
        self.rows[plural][row.get("alias", row["id"])] = row
        return row

    def sent(self, method, path):
        """Bodies of the requests with this method and path."""
        return [r[3] for r in self.requests if r[0] == method and r[1] == path]

    # --- the server ---

    def handle(self, http):
        url = urlsplit(http.path)
        raw = http.rfile.read(int(http.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else None
        query = parse_qsl(url.query, keep_blank_values=True)
        path = unquote(url.path)
        self.requests.append((http.command, path, query, body, dict(http.headers)))
        if (http.command, path) in self.answers:
            status, data, headers = self.answers[(http.command, path)]
        else:
            status, data, headers = self.answer(http, path, query, body)
            data = b"" if data is None else json.dumps(data).encode()
        http.send_response(status)
        http.send_header("X-Openstack-Request-Id", "req-11111111-2222-3333-4444-555555555555")
        http.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            http.send_header(name, value)
        http.end_headers()
        if http.command != "HEAD":
            http.wfile.write(data)

    def answer(self, http, path, query, body):
        if path == "/v3/auth/tokens" and http.command == "POST":
            return self.log_in(body["auth"])
        if http.headers.get("X-Auth-Token") != TOKEN:
            return 401, {"error": {"code": 401, "title": "Unauthorized", "message": "No such token."}}, {}
        if path == "/v3/auth/tokens":
            return 204, None, {}
        if path == "/v2.0/quotas" or path.startswith("/v2.0/quotas/"):
            return self.quotas(http.command, path, body)
        parts = path.strip("/").split("/")
        if len(parts) >= 4 and parts[1] == "users" and parts[3] == "application_credentials":
            return 201, {"application_credential": dict(body["application_credential"], id="ac1", secret="s3")}, {}
        if len(parts) == 7 and parts[5] == "roles":
            return 204, None, {}
        if parts[:2] == ["compute", "v2.1"] and len(parts) > 2:
            return self.compute.answer(http.command, parts[2:], query, body)
        if parts[:2] == ["v2.0", "qos"]:
            parts.remove("qos")
        if len(parts) > 3 and parts[3] in NETWORK:  # nested in another
            del parts[1:3]
        kinds = {"v2.0": NETWORK, "v3": IDENTITY}.get(parts[0], {})
        if len(parts) >= 2 and parts[1] in kinds:
            return self.resource(http.command, kinds[parts[1]], parts[1], parts[2:], query, body, path)
        return 404, {"NeutronError": {"type": "HTTPNotFound", "message": "No such path", "detail": ""}}, {}

    def log_in(self, auth):
        identity = auth["identity"]
        method = identity["methods"][0]
        given = identity[method]
        good = {"password": lambda: given["user"].get("password") == PASSWORD,
                "token": lambda: given["id"] == TOKEN,
                "application_credential": lambda: given["secret"] == PASSWORD}[method]()
        if not good:
            return 401, {"error": {"code": 401, "title": "Unauthorized",
                                   "message": "The request you have made requires authentication."}}, {}
        token = {"expires_at": "2030-01-01T00:00:00.000000Z", "user": {"id": self.user["id"], "name": "alice"}}
        if "scope" in auth or method == "application_credential":
            token["project"] = {"id": self.project["id"], "name": "demo"}
            token["catalog"] = [
                {"type": kind, "name": name, "endpoints": [
                    {"interface": i, "region": r, "region_id": r, "url": self.url + suffix}
                    for r in ("one", "two") for i in ("public", "internal")]}
                for kind, name, suffix in (("network", "neutron", ""), ("identity", "keystone", "/v3"), ("compute", "nova", "/compute/v2.1"))
            ] if self.catalog else []
        return 201, {"token": token}, {"X-Subject-Token": TOKEN}

    def quotas(self, command, path, body):
        if path.endswith("/details"):
            return 200, {"quota": {k: {"limit": v, "used": 1, "reserved": 0} for k, v in self.quota.items()}}, {}
        if path == "/v2.0/quotas":
            return 200, {"quotas": [dict(self.quota, project_id=self.project["id"])]}, {}
        if command == "PUT":
            self.quota.update(body["quota"])
        return (204, None, {}) if command == "DELETE" else (200, {"quota": self.quota}, {})

    def resource(self, command, one, many, rest, query, body, path):
        if not rest and command == "POST":
            row = self.add(many, **body[one])
            return 201, {one: row}, {}
        if not rest:
            return self.listing(many, query, path)
        row = self.rows[many].get(rest[0])
        if not row:
            name = one.capitalize()
            return 404, {"NeutronError": {"type": name + "NotFound", "detail": "",
                                          "message": "%s %s could not be found" % (name, rest[0])}}, {}
        if len(rest) > 1:
            return self.action(row, one, rest[1], body)
        if command == "DELETE":
            del self.rows[many][rest[0]]
            return 204, None, {}
        if command in ("PUT", "PATCH"):
            row.update(body[one])
        return 200, {one: row}, {}

    @staticmethod
    def action(row, one, what, body):
        if what == "tags":
            row["tags"] = body["tags"]
            return 200, {"tags": row["tags"]}, {}
        if what in ("add_extraroutes", "remove_extraroutes"):
            return 200, {one: dict(row, routes=body[one]["routes"])}, {}
        return 200, dict(body, id=row["id"]), {}

    def listing(self, many, query, path):
        control = ("marker", "limit", "sort_key", "sort_dir", "include_names")
        wanted = {}
        for key, value in query:
            if key not in control:
                wanted.setdefault(key, []).append(value)
        rows = [r for r in self.rows[many].values()
                if all(str(r[k]).lower() in [v.lower() for v in vs] for k, vs in wanted.items() if k in r)]
        marker = dict(query).get("marker")
        if marker:
            ids = [r["id"] for r in rows]
            rows = rows[ids.index(marker) + 1:]
        size = min(x for x in (self.page, int(dict(query).get("limit", 10**9))) if x)
        page, more = rows[:size], len(rows) > size
        reply = {many: page}
        if more:
            # The host is wrong on purpose, as behind a careless proxy: a client must not go there.
            link = "http://elsewhere.invalid%s?marker=%s" % (path, page[-1]["id"])
            if many in IDENTITY:
                reply["links"] = {"next": link, "previous": None}
            else:
                reply[many + "_links"] = [{"rel": "next", "href": link}]
        return 200, reply, {}
