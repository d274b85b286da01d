"""buoy fip stats and explain: what a floating IP carries, and why a packet of it arrives or does not."""
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


FRAME = {"source": "198.51.100.9", "target": "10.10.10.3", "protocol": "tcp", "source_port": 40000, "port": 443,
         "ttl": 64, "length": 84, "flags": "DF", "source_mac": "02:00:00:00:00:01", "target_mac": "02:00:00:00:00:02"}
TOLD = {"verdict": "forward", "summary": "Sent straight on",
        "steps": [{"what": "It is associated", "ok": True, "advice": None},
                  {"what": "The bucket is full", "ok": False, "advice": "Send less"}],
        "packet": {"before": FRAME, "after": {**FRAME, "target": "172.16.100.3", "ttl": 63}},
        "generation": 7, "datapath": "bpf"}


class Explain(FipCase):
    def setUp(self):
        super().setUp()
        self.path = self.answer("POST", "explain", {"explanation": TOLD})

    def sent(self, *words):
        self.ok("fip", "explain", "10.10.10.3", *words)
        return self.cloud.sent("POST", self.path)[-1]["explain"]

    def test_what_is_sent(self):
        self.assertEqual(self.sent("--from", "198.51.100.9", "--tcp", "443"),
                         {"direction": "in", "address": "198.51.100.9", "protocol": "tcp", "port": 443})
        self.assertEqual(self.sent("--to", "198.51.100.9", "--udp", "53", "--source-port", "5353", "--length", "1400",
                                   "--ttl", "2", "--df"),
                         {"direction": "out", "address": "198.51.100.9", "protocol": "udp", "port": 53, "source_port": 5353, "length": 1400,
                          "ttl": 2, "df": True})
        self.assertEqual(self.sent("--from", "198.51.100.9", "--icmp"), {"direction": "in", "address": "198.51.100.9", "protocol": "icmp"})
        self.assertEqual(self.sent("--from", "198.51.100.9", "--proto", "47"),
                         {"direction": "in", "address": "198.51.100.9", "protocol": 47})

    def test_for_people(self):
        text = self.ok("fip", "explain", "10.10.10.3", "--from", "198.51.100.9", "--tcp", "443")
        for part in ("before  tcp 198.51.100.9:40000 -> 10.10.10.3:443, TTL 64, 84 bytes, not to be fragmented",
                     "  ok    It is associated\n", "  no    The bucket is full\n        Send less\n",
                     "after   tcp 198.51.100.9:40000 -> 172.16.100.3:443, TTL 63", "forward: Sent straight on\n"):
            self.assertIn(part, text)

    def test_for_programs(self):
        words = "fip", "explain", "10.10.10.3", "--from", "198.51.100.9"
        self.assertEqual(self.json(*words), TOLD)
        self.assertEqual(self.ok(*words, "-f", "value", "-c", "verdict"), "forward\n")

    def listen(self, events, status=200, *words):
        path = f"/v2.0/floatingips/{self.fip['id']}/packets"
        self.cloud.answers[("GET", path)] = (status, events.encode(), {})
        return self.run_buoy("fip", "explain", "10.10.10.3", "--live", *words)

    def test_live(self):
        seen = {"time": "2026-11-22T04:17:39.250Z", "direction": "in", "verdict": "drop", "reason": "ttl",
                "summary": "Its time to live ends", "packet": FRAME, "via": None, "at": "br-ex", "to": None,
                "generation": 7, "missed": 12}
        events = ":\n\nevent: packet\ndata: %s\n\nevent: bye\ndata: {\"reason\": \"session\"}\n\n" % json.dumps(seen)
        done = self.listen(events)
        self.assertEqual(done.stdout, "(12 not shown)\n04:17:39.250  in   drop       tcp 198.51.100.9:40000 -> "
                         "10.10.10.3:443, TTL 64, 84 bytes, not to be fragmented: Its time to live ends\n")
        self.assertIn("the server ends it: session", done.stderr)
        self.assertEqual(json.loads(self.listen(events, 200, "-f", "json").stdout), seen)

    def test_live_refused(self):
        done = self.listen('{"NeutronError": {"type": "NotImplemented", "message": "no packets", "detail": ""}}', 501)
        self.assertIn("no packets", done.stderr)
        self.assertEqual(done.returncode, 1)

    def test_mistakes(self):
        words = "fip", "explain", "10.10.10.3"
        self.assertIn("--live", self.fails(2, *words, "--live", "--from", "a"))
        self.assertIn("--from", self.fails(2, *words))
        self.assertIn("--from", self.fails(2, *words, "--from", "a", "--to", "b"))
        self.assertIn("one protocol", self.fails(2, *words, "--from", "a", "--tcp", "1", "--icmp"))
        self.assertIn("no number", self.fails(2, *words, "--from", "a", "--tcp", "http"))
        self.assertIn("no number", self.fails(2, *words, "--from", "a", "--tcp", "65536"))


if __name__ == "__main__":
    run_tests()
