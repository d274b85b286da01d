"""--plan, --as-of and buoy history: what would change, what was, and whose an address was."""
import json

from cli_case import CliCase, run_tests

PLAN = {"revision": 41, "summary": {"create": 0, "update": 1, "delete": 0, "hidden": 2},
        "changes": [{"action": "update", "resource": "floatingip", "id": "f", "name": "10.10.10.3", "attributes": {
            "port_id": {"before": None, "after": "p2"}, "revision_number": {"before": 1, "after": 2}}}],
        "kernel": {"node": "node1", "summary": {"add": 1, "change": 1, "remove": 1, "hidden": 0},
                   "changes": [{"action": "add", "kind": "nat", "fact": "nat a", "was": None},
                               {"action": "change", "kind": "nat", "fact": "nat b", "was": "nat c"},
                               {"action": "remove", "kind": "address", "fact": "address d", "was": None}],
                   "impossible": [{"resource": "router", "id": "r", "name": "r1", "why": "no such bridge"}]}}


class Plan(CliCase):
    """--plan: the server is asked what it would do; what it says is shown, and nothing else happens."""

    def setUp(self):
        super().setUp()
        self.fip = self.cloud.add("floatingips", floating_ip_address="10.10.10.3")
        self.path = f"/v2.0/floatingips/{self.fip['id']}"
        for method in "PUT", "DELETE":
            self.cloud.answers[(method, self.path)] = (200, json.dumps({"plan": PLAN}).encode(), {})

    def query(self, method):
        return [r[2] for r in self.cloud.requests if r[0] == method and r[1] == self.path]

    def test_for_people(self):
        text = self.ok("fip", "disassociate", "10.10.10.3", "--plan")
        for line in ("~ floatingip f (10.10.10.3)", "    port_id: null -> p2", "(2 more of others: objects)", "kernel of node1:",
                     "+ nat a", "~ nat b", "    now nat c", "- address d", "! router r (r1): no such bridge",
                     "Nothing was done."):
            self.assertIn(line + "\n", text)
        self.assertNotIn("revision_number", text)
        self.assertEqual(self.query("PUT"), [[("plan", "1")]])

    def test_for_programs(self):
        self.assertEqual(self.json("fip", "set", "10.10.10.3", "--description", "x", "--plan"), PLAN)

    def test_every_deletion(self):
        other = self.cloud.add("floatingips", floating_ip_address="10.10.10.4")
        path = f"/v2.0/floatingips/{other['id']}"
        self.cloud.answers[("DELETE", path)] = (200, json.dumps({"plan": PLAN}).encode(), {})
        text = self.ok("fip", "delete", "10.10.10.3", "10.10.10.4", "--plan")
        self.assertEqual(text.count("~ floatingip f"), 2)

    def test_refusals_are_the_writes(self):
        error = {"NeutronError": {"type": "FloatingIPNotFound", "message": "gone", "detail": ""}}
        self.cloud.answers[("DELETE", self.path)] = (404, json.dumps(error).encode(), {})
        self.assertIn("gone", self.fails(1, "fip", "delete", "10.10.10.3", "--plan"))

    def test_a_server_without_plans(self):
        self.cloud.answers[("PUT", self.path)] = (200, json.dumps({"floatingip": self.fip}).encode(), {})
        self.assertIn("knows no plans", self.fails(1, "fip", "disassociate", "10.10.10.3", "--plan"))

    def test_the_network_only(self):
        self.assertIn("network API", self.fails(2, "project", "create", "x", "--plan"))

    def test_the_past_is_not_written(self):
        self.assertIn("past", self.fails(2, "fip", "disassociate", "10.10.10.3", "--as-of", "7"))


WHEN = {"time": "2026-11-28T10:00:00Z", "before": None, "revision": 7, "user_id": "u", "user_name": "alice", "project_id": "p",
        "request_id": "req-1", "action": "POST /v2.0/floatingips"}
ROW = {"floating_ip_address": "203.0.113.7", "floatingip_id": "f", "project_id": "p", "port_id": "o", "device_id": "vm",
       "fixed_ip_address": "10.0.0.3", "router_id": "r", "devices": [], "start": WHEN, "end": None}
OLD = {**ROW, "device_id": "older", "start": {**WHEN, "time": None, "before": "2026-01-01T00:00:00Z", "user_name": None}, "end": WHEN}


class History(CliCase):
    def setUp(self):
        super().setUp()
        self.path = "/v2.0/buoy/history"
        self.cloud.answers[("GET", self.path)] = (200, json.dumps({"history": [ROW, OLD]}).encode(), {})

    def asked(self):
        return [dict(r[2]) for r in self.cloud.requests if r[1].startswith(self.path)][-1]

    def test_for_people(self):
        text = self.ok("history", "203.0.113.7", "--at", "2026-11-28T10:00:00Z")
        self.assertEqual(self.asked(), {"address": "203.0.113.7", "at": "2026-11-28T10:00:00Z"})
        for part in "203.0.113.7", "2026-11-28T10:00:00Z", "before 2026-01-01T00:00:00Z", "older", "10.0.0.3":
            self.assertIn(part, text)

    def test_for_programs(self):
        self.assertEqual(self.json("history", "203.0.113.7"), [ROW, OLD])
        self.assertEqual(self.ok("history", "203.0.113.7", "-f", "value", "-c", "start", "-c", "started_by"),
                         "2026-11-28T10:00:00Z alice\nbefore 2026-01-01T00:00:00Z \n")

    def test_by_port_and_by_id(self):
        port = self.cloud.add("ports", name="web1")
        gone = "0d8e3f5c-7a63-4c39-a4ae-2c7a43a14e53"
        self.ok("history", "--port", "web1")
        self.assertEqual(self.asked(), {"port_id": port["id"]})
        self.ok("history", "--port", gone)
        self.assertEqual(self.asked(), {"port_id": gone})
        self.ok("history", gone)
        self.assertEqual(self.asked(), {"floatingip_id": gone})

    def test_mistakes(self):
        self.fails(2, "history")
        self.fails(2, "history", "203.0.113.7", "--port", "web1")
        self.assertIn("neither", self.fails(2, "history", "web1"))

    def test_export(self):
        text = "address,start\r\n\"203.0.113.7\",\"x\"\r\n"
        self.cloud.answers[("GET", self.path + "/export")] = (200, text.encode(), {})
        self.assertEqual(self.ok("history", "export", "--from", "2026-11-01T00:00:00Z").replace("\r", ""), text.replace("\r", ""))
        self.assertEqual(self.asked(), {"from": "2026-11-01T00:00:00Z", "format": "csv"})
        self.ok("history", "export", "--jsonl", "--address", "203.0.113.7")
        self.assertEqual(self.asked(), {"format": "jsonl", "address": "203.0.113.7"})


class AsOf(CliCase):
    def test_every_look(self):
        self.cloud.add("floatingips", floating_ip_address="10.10.10.3")
        self.ok("fip", "list", "--as-of", "2026-11-28T10:00:00+01:00")
        self.ok("fip", "show", "10.10.10.3", "--as-of", "41")
        asked = [dict(r[2])["as_of"] for r in self.cloud.requests if r[1].startswith("/v2.0/floatingips")]
        self.assertEqual(asked[0], "2026-11-28T10:00:00+01:00")
        self.assertEqual(set(asked[1:]), {"41"})


if __name__ == "__main__":
    run_tests()
