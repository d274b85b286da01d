#!/usr/bin/python3
"""kill -9 while leases end and while clients repeat their requests: an address is in one place, and a request is done once.

Usage: test_life.py BUOYD BUOY [SEED].
"""
import http.client
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "net"))
from buoy import Client, Daemon, folder, wait_for  # noqa: E402
from space import enter_private, run, run_cases  # noqa: E402

LEASES, CLIENTS, KEYS, KILLS = 900, 6, 40, 12
CONFIG = "[quota]\nfloatingip = -1\n[network]\napply_wait_ms = 100\n[physical_networks]\nphysnet1 = bridge:br-ex\n"
FIPS, REST = "/v2.0/floatingips", "/v2.0/buoy/quarantine"


class World:
    def __init__(self, buoyd, seed):
        run("ip link add br-ex type bridge")
        run("ip link set br-ex up")
        self.random = random.Random(seed)
        self.daemon = Daemon(buoyd, folder(), CONFIG).start()
        self.admin = Client()
        self.ext = self.admin.network("ext", **{"router:external": True, "provider:network_type": "flat",
                                                "provider:physical_network": "physnet1"})["id"]
        self.admin.subnet(self.ext, "10.8.0.0/16", enable_dhcp=False)

    def kill(self):
        time.sleep(self.random.random() * 0.3)
        if self.random.random() < 0.3:
            self.daemon.kill("parent")
            self.daemon.start()
            return
        old = self.daemon.kill("api")
        wait_for(lambda: self.daemon.children().get("api", old) != old, "a new API process")
        self.daemon.wait_up()

    def rows(self):
        return (self.admin.call("GET", FIPS)["floatingips"],
                self.admin.call("GET", REST)["resting_addresses"])


def leases_end_once(w):
    """Those with a lease end, each in one place at any moment; those without stay."""
    bulk = [{"floating_network_id": w.ext, "lease_seconds": 1 + i % 6} for i in range(LEASES)]
    made = {f["id"]: f for f in w.admin.call("POST", FIPS, {"floatingips": bulk}, 201)["floatingips"]}
    kept = w.admin.create("floatingip", floating_network_id=w.ext)["id"]
    for _ in range(KILLS):
        w.kill()
        fips, rests = w.rows()
        # Between the two answers some may have ended; none may be gone, and none have another address.
        there = {f["id"] for f in fips} | {r["id"] for r in rests}
        assert set(made) <= there, "a floating IP is nowhere"
        for row in rests:
            assert row["floating_ip_address"] == made[row["id"]]["floating_ip_address"], row
    rests = wait_for(lambda: [r for r in [w.rows()[1]] if len(r) == LEASES], "the end of all leases", 30)[0]
    fips = w.rows()[0]
    assert {r["id"] for r in rests} == set(made) and [f["id"] for f in fips] == [kept]
    history = w.admin.call("GET", f"{FIPS}/{rests[0]['id']}/history")["history"]
    assert [(e["user_name"], e["action"]) for e in history[:1]] == [("buoy", "expire")], history[0]
    assert len(history) == 2, "it ended more than once"


def taken_back_after_kills(w):
    fips, rests = w.rows()
    for row in rests[:5]:
        w.kill()
        w.admin.close()
        back = w.admin.call("POST", f"{REST}/{row['floating_ip_address']}/take-back", None, 201)["floatingip"]
        assert (back["id"], back["expires_at"]) == (row["id"], None), back
    assert len(w.rows()[0]) == len(fips) + 5


class Repeater(threading.Thread):
    """A client that asks under a key until it is answered, and then once more."""

    def __init__(self, world, number):
        super().__init__()
        self.world, self.number, self.ids, self.repeats, self.problem = world, number, [], 0, None
        self.client = Client(None)
        self.client.token = world.admin.token

    def ask(self, key):
        body = {"floatingip": {"floating_network_id": self.world.ext, "description": key}}
        while True:
            try:
                status, _, text = self.client.send_once("POST", FIPS, body, {"Idempotency-Key": key}, 30)
            except (OSError, http.client.HTTPException):
                self.repeats += 1
                time.sleep(0.02)
                continue
            if status >= 500:
                continue
            assert status == 201, text
            return text.split('"id":"')[1][:36]

    def run(self):
        try:
            for i in range(KEYS):
                key = f"c{self.number}-{i}"
                first = self.ask(key)
                assert self.ask(key) == first, key
                self.ids.append(first)
                time.sleep(0.02)
        except Exception as e:  # told by the test
            self.problem = repr(e)


def repeated_requests_are_done_once(w):
    before = len(w.rows()[0])
    clients = [Repeater(w, i) for i in range(CLIENTS)]
    for c in clients:
        c.start()
    while any(c.is_alive() for c in clients):
        w.kill()
    problems = [c.problem for c in clients if c.problem]
    assert not problems, problems
    ids = [one for c in clients for one in c.ids]
    assert len(ids) == len(set(ids)) == CLIENTS * KEYS
    assert len(w.rows()[0]) == before + CLIENTS * KEYS
    print(f"# {sum(c.repeats for c in clients)} requests without an answer", flush=True)


def main():
    enter_private()
    seed = sys.argv[3] if len(sys.argv) > 3 else str(time.time_ns() % 1000000)
    print("# seed", seed, flush=True)
    world = World(sys.argv[1], seed)
    cases = [leases_end_once, taken_back_after_kills, repeated_requests_are_done_once]
    code = run_cases([(case.__name__, lambda case=case: case(world)) for case in cases], "")
    world.daemon.end_test(code)


if __name__ == "__main__":
    main()
