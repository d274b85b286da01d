"""buoy fip stats: what a floating IP carries."""
import json
import subprocess

import cli_case
from cli_case import CliCase, run_tests

STATS = {
    "floatingip_id": "f", "floating_ip_address": "10.10.10.3",
    "in_packets": 1200, "in_bytes": 90000, "out_packets": 7, "out_bytes": 700,
    "dropped": {"rate_in": 3, "rate_out": 0, "ttl": 0, "too_big": 1, "malformed": 0},
    "last_seen": "2026-11-22T04:17:39Z", "last_seen_in": "2026-11-22T04:17:39Z", "last_seen_out": None,
    "rates": {"in_pps": 12345.6, "in_bps": 98765432.0, "out_pps": 0.5, "out_bps": 0.0}, "interval": 60, "history": []}


class FipCase(CliCase):
    def setUp(self):
        super().setUp()
        self.fip = self.cloud.add("floatingips", floating_ip_address="10.10.10.3")

    def answer(self, method, below, body, status=200):
        path = f"/v2.0/floatingips/{self.fip['id']}/{below}"
        self.cloud.answers[(method, path)] = (status, json.dumps(body).encode(), {})
        return path


class Stats(FipCase):
    def test_for_people(self):
        self.answer("GET", "stats", {"stats": STATS})
        text = self.ok("fip", "stats", "10.10.10.3")
        for part in "10.10.10.3", "| to the instance   | 1200 ", "12 k", "99 M", "rate_in", "too_big", "04:17:39":
            self.assertIn(part, text)
        self.assertNotIn("malformed", text)

    def test_nothing_dropped(self):
        self.answer("GET", "stats", {"stats": {**STATS, "dropped": {"rate_in": 0}}})
        self.assertIn("nothing dropped", self.ok("fip", "stats", "10.10.10.3"))

    def test_for_programs(self):
        self.answer("GET", "stats", {"stats": STATS})
        self.assertEqual(self.json("fip", "stats", "10.10.10.3"), STATS)
        self.assertEqual(self.ok("fip", "stats", "10.10.10.3", "-f", "value", "-c", "in_packets"), "1200\n")

    def test_watch_is_a_line_each_time(self):
        path = self.answer("GET", "stats", {"stats": STATS})
        with subprocess.Popen([cli_case.BUOY, "fip", "stats", "10.10.10.3", "--watch", "-f", "json"], text=True,
                              stdout=subprocess.PIPE, env={**self.env, "HOME": self.folder}) as watch:
            self.assertEqual([json.loads(watch.stdout.readline()) for _ in range(2)], [STATS, STATS])
            watch.terminate()
        self.assertGreaterEqual(len(self.cloud.sent("GET", path)), 2)

    def test_what_does_not_exist(self):
        self.assertIn("there is no floating IP", self.fails(1, "fip", "stats", "10.9.9.9"))


if __name__ == "__main__":
    run_tests()
