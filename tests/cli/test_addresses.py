"""buoy quarantine, and what else a floating IP lives through."""
import json

from cli_case import CliCase, run_tests

REST = {"id": "11111111-1111-4111-8111-111111111111", "floating_ip_address": "10.10.10.3", "project_id": "p",
        "rests_until": "2026-11-28T17:10:00Z", "reason": ""}


class Quarantine(CliCase):
    PATH = "/v2.0/buoy/quarantine"

    def setUp(self):
        super().setUp()
        self.answer("GET", "", {"resting_addresses": [REST]})
        self.answer("PUT", "/" + REST["id"], {"resting_address": REST})

    def answer(self, method, below, body, status=200):
        self.cloud.answers[(method, self.PATH + below)] = (status, json.dumps(body).encode(), {})

    def test_list(self):
        rows = self.json("quarantine", "list")
        self.assertEqual([(row["floating_ip_address"], row["rests_until"]) for row in rows],
                         [("10.10.10.3", "2026-11-28T17:10:00Z")])

    def test_take_back(self):
        for which in "10.10.10.3", REST["id"]:
            self.answer("POST", f"/{which}/take-back", {"floatingip": {"id": REST["id"]}}, 201)
            self.assertEqual(self.json("fip", "take-back", which)["id"], REST["id"])
            self.assertEqual(len(self.cloud.sent("POST", f"{self.PATH}/{which}/take-back")), 1)

    def test_what_cannot_be_taken_back(self):
        self.answer("POST", "/10.10.10.3/take-back", {"NeutronError": {
            "type": "IpAddressInUse", "message": "It is held by an administrator.", "detail": ""}}, 409)
        self.assertIn("held by an administrator", self.fails(1, "fip", "take-back", "10.10.10.3"))

    def test_hold_shorten_and_let_go(self):
        self.ok("quarantine", "set", "10.10.10.3", "--hold", "--reason", "abuse")
        self.ok("quarantine", "set", "10.10.10.3", "--until", "2026-12-24T00:00:00Z")
        self.assertEqual(self.cloud.sent("PUT", f"{self.PATH}/{REST['id']}"), [
            {"resting_address": {"rests_until": None, "reason": "abuse"}},
            {"resting_address": {"rests_until": "2026-12-24T00:00:00Z"}}])
        self.answer("DELETE", "/" + REST["id"], None, 204)
        self.ok("quarantine", "delete", "10.10.10.3")
        self.assertEqual(len(self.cloud.sent("DELETE", f"{self.PATH}/{REST['id']}")), 1)

    def test_keep_a_free_one(self):
        net = self.cloud.add("networks", name="ext_net")
        self.answer("POST", "", {"resting_address": REST}, 201)
        self.ok("quarantine", "create", "ext_net", "--address", "10.10.10.3", "--reason", "poster")
        self.assertEqual(self.cloud.sent("POST", self.PATH), [{"resting_address": {
            "floating_network_id": net["id"], "floating_ip_address": "10.10.10.3", "reason": "poster"}}])

    def test_a_pool(self):
        net = self.cloud.add("networks", name="ext_net")
        self.ok("network", "set", "ext_net", "--rest-seconds", "60", "--rest-strict")
        self.assertEqual(self.cloud.sent("PUT", f"/v2.0/networks/{net['id']}"),
                         [{"network": {"buoy:rest_seconds": 60, "buoy:rest_strict": True}}])


class Reuse(CliCase):
    def test_by_tag(self):
        net = self.cloud.add("networks", name="ext_net")
        self.ok("fip", "create", "ext_net", "--reuse-tag", "web")
        self.assertEqual(self.cloud.sent("POST", "/v2.0/floatingips"),
                         [{"floatingip": {"floating_network_id": net["id"], "reuse_tag": "web"}}])


class Leases(CliCase):
    def test_lease(self):
        net = self.cloud.add("networks", name="ext_net")
        fip = self.cloud.add("floatingips", floating_ip_address="10.10.10.3")
        self.ok("fip", "set", "10.10.10.3", "--expires-at", "2126-01-01T00:00:00Z")
        self.ok("fip", "set", "10.10.10.3", "--no-expires-at")
        self.assertEqual(self.cloud.sent("PUT", f"/v2.0/floatingips/{fip['id']}"), [
            {"floatingip": {"expires_at": "2126-01-01T00:00:00Z"}}, {"floatingip": {"expires_at": None}}])
        self.ok("fip", "create", "ext_net", "--lease-seconds", "3600")
        self.assertEqual(self.cloud.sent("POST", "/v2.0/floatingips"),
                         [{"floatingip": {"floating_network_id": net["id"], "lease_seconds": 3600}}])

    def test_orphans(self):
        path = "/v2.0/buoy/orphans"
        row = {"floatingip_id": "f", "floating_ip_address": "10.10.10.3", "project_id": "p", "reason": "not_plugged",
               "idle_seconds": 700000, "last_seen_in": None, "last_seen_out": None}
        self.cloud.answers[("GET", path)] = (200, json.dumps({"idle_seconds": 1, "orphans": [row]}).encode(), {})
        self.assertIn("not_plugged", self.ok("fip", "orphans"))
        self.assertEqual(self.json("fip", "orphans", "--idle", "30d", "--out"), [row])
        self.assertEqual(dict(self.cloud.requests[-1][2]), {"idle": "30d", "direction": "out"})


class Transfers(CliCase):
    PATH = "/v2.0/buoy/transfers"
    ROW = {"id": "22222222-2222-4222-8222-222222222222", "name": "", "floating_ip_address": "10.10.10.3",
           "auth_key": "secret", "expires_at": None}

    def test_offer(self):
        fip = self.cloud.add("floatingips", floating_ip_address="10.10.10.3")
        self.cloud.answers[("POST", self.PATH)] = (201, json.dumps({"transfer": self.ROW}).encode(), {})
        self.assertEqual(self.json("transfer", "create", "10.10.10.3", "--no-expires-at")["auth_key"], "secret")
        self.assertEqual(self.cloud.sent("POST", self.PATH),
                         [{"transfer": {"floatingip_id": fip["id"], "expires_at": None}}])

    def test_accept(self):
        path = f"{self.PATH}/{self.ROW['id']}/accept"
        self.cloud.answers[("POST", path)] = (200, json.dumps({"floatingip": {"id": "f"}}).encode(), {})
        self.assertEqual(self.json("transfer", "accept", self.ROW["id"], "--auth-key", "k")["id"], "f")
        self.ok("transfer", "accept", self.ROW["id"], stdin="k\nmore\n")
        self.assertEqual(self.cloud.sent("POST", path), 2 * [{"accept": {"auth_key": "k"}}])
        self.assertIn("the key is missing", self.fails(2, "transfer", "accept", self.ROW["id"], stdin=""))


if __name__ == "__main__":
    run_tests()
