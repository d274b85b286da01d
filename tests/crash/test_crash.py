#!/usr/bin/python3
"""kill -9 in the middle of a write load: nothing acknowledged is lost, nothing half-done is left.

Usage: test_crash.py BUOYD BUOY [SEED]. Each of eight clients knows what it was told; an answer that never came
leaves two possibilities. While they write, processes are killed, and the database is copied at moments when the
writer stands still in the middle of whatever it does.
"""
import http.client
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "net"))
from buoy import Client, Daemon, folder, wait_for  # noqa: E402
from space import enter_private, run, run_cases  # noqa: E402

WRITERS, PORTS, KILLS, COPIES = 8, 6, 15, 12
GONE = "gone"
CONFIG = "[quota]\nfloatingip = -1\nport = -1\n[network]\napply_wait_ms = 100\n" \
         "[physical_networks]\nphysnet1 = bridge:br-ex\n"


class Unknown(Exception):
    """No answer, or one that does not say whether it was done."""


class Writer(threading.Thread):
    """One client. `objects`: for each id of a floating IP the states that it may be in, each a port or None."""

    def __init__(self, world, number, seed):
        super().__init__()
        self.world, self.number = world, number
        self.random = random.Random(f"{seed}-{number}")
        self.client = Client(None)
        self.client.token = world.admin.token
        self.objects, self.kept, self.bulks, self.lost_posts = {}, set(), {}, set()
        self.ports = world.ports[number * PORTS:(number + 1) * PORTS]
        self.count = self.answered = 0
        self.problem = None

    def run(self):
        try:
            while not self.world.stop:
                self.step()
        except Exception as e:  # told by the test
            self.problem = repr(e)

    def ask(self, method, path, body, expect):
        try:
            status, _, text = self.client.send_once(method, path, body, (), 30)
        except (OSError, http.client.HTTPException):
            raise Unknown from None
        if status >= 500:
            raise Unknown
        self.answered += 1
        if status != expect:
            raise AssertionError(f"{method} {path} {body}: {status} {text}")
        return json.loads(text) if text else None

    def step(self):
        actions = [self.create, self.create, self.move, self.move, self.move, self.delete, self.create_many]
        try:
            self.random.choice(actions)()
        except Unknown:
            self.client.close()
            time.sleep(0.01)

    def certain(self):
        """Floating IPs of whose state there is no doubt, and which are not kept."""
        return [f for f, states in self.objects.items() if len(states) == 1 and states != {GONE}]

    def create(self):
        self.count += 1
        tag = f"w{self.number}-{self.count}"
        body = {"floatingip": {"floating_network_id": self.world.ext, "description": tag}}
        self.lost_posts.add(tag)
        f = self.ask("POST", "/v2.0/floatingips", body, 201)["floatingip"]
        self.lost_posts.discard(tag)
        self.objects[f["id"]] = {None}
        if self.random.random() < 0.3:
            self.kept.add(f["id"])

    def free_port(self):
        used = set().union(*self.objects.values()) if self.objects else set()
        return next((p for p in self.ports if p not in used), None)

    def move(self):
        known = self.certain()
        if not known:
            return
        f = self.random.choice(known)
        old, new = next(iter(self.objects[f])), self.free_port()
        if old and self.random.random() < 0.5:
            new = None
        self.objects[f] = {old, new}
        self.ask("PUT", f"/v2.0/floatingips/{f}", {"floatingip": {"port_id": new}}, 200)
        self.objects[f] = {new}

    def delete(self):
        known = [f for f in self.certain() if f not in self.kept]
        if not known:
            return
        f = self.random.choice(known)
        self.objects[f] = self.objects[f] | {GONE}
        self.ask("DELETE", f"/v2.0/floatingips/{f}", None, 204)
        self.objects[f] = {GONE}

    def create_many(self):
        self.count += 1
        name = f"bulk{self.number}-{self.count}"
        self.bulks[name] = {0, 5}
        self.ask("POST", "/v2.0/ports", {"ports": [{"network_id": self.world.net, "name": name}] * 5}, 201)
        self.bulks[name] = {5}


class World:
    def __init__(self, buoyd, seed):
        run("ip link add br-ex type bridge")
        run("ip link set br-ex up")
        self.daemon = Daemon(buoyd, folder(), CONFIG).start()
        self.admin, self.stop = Client(), False
        a = self.admin
        self.ext = a.network("ext", **{"router:external": True, "provider:network_type": "flat",
                                       "provider:physical_network": "physnet1"})["id"]
        a.subnet(self.ext, "10.8.0.0/14", enable_dhcp=False)
        self.net = a.network("net")["id"]
        self.router = a.create("router", external_gateway_info={"network_id": self.ext})["id"]
        a.interface(self.router, a.subnet(self.net, "10.64.0.0/14")["id"])
        made = a.call("POST", "/v2.0/ports", {"ports": [{"network_id": self.net, "name": f"p{i}"}
                                                        for i in range(WRITERS * PORTS)]}, 201)
        self.ports = [p["id"] for p in made["ports"]]
        self.writers = [Writer(self, i, seed) for i in range(WRITERS)]
        self.random = random.Random(seed)
        self.copies = 0

    def answered(self):
        return sum(w.answered for w in self.writers)

    def progress(self, least):
        goal = self.answered() + least
        wait_for(lambda: self.answered() >= goal or any(w.problem for w in self.writers), "answers", 60)
        problems = [w.problem for w in self.writers if w.problem]
        assert not problems, problems

    def kill(self):
        """At a moment that the seed decides, not the end of some answer."""
        self.progress(self.random.randrange(1, 150))
        time.sleep(self.random.random() * 0.01)
        if self.random.random() < 0.3:
            self.daemon.kill("parent")
            self.daemon.start()
        else:
            old = self.daemon.kill(self.random.choice(("api", "api", "agent")))
            wait_for(lambda: old not in self.daemon.children().values() and len(self.daemon.children()) == 3,
                     "a new process")

    def copy(self):
        """The files as a power failure would leave them: the writer does not move while they are copied."""
        self.progress(self.random.randrange(1, 50))
        kept = set().union(*[set(w.kept) for w in self.writers])
        pid = self.daemon.pid_of("api")
        try:
            os.kill(pid, signal.SIGSTOP)
        except ProcessLookupError:
            return
        folder_of_copy = f"{self.daemon.work}/copy{self.copies}"
        os.mkdir(folder_of_copy)
        try:
            wait_for(lambda: state_of(pid) in "TZ", "the API process stands still")
            for suffix in "", "-wal":
                if os.path.exists(self.daemon.database + suffix):
                    shutil.copy(self.daemon.database + suffix, f"{folder_of_copy}/buoy.db{suffix}")
        finally:
            os.kill(pid, signal.SIGCONT)
        check_file(f"{folder_of_copy}/buoy.db", kept)
        shutil.rmtree(folder_of_copy)
        self.copies += 1


def state_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        return f.read().rpartition(")")[2].split()[0]


def check_file(path, kept):
    """A whole database: every revision has its event, no row is newer than the last one, all kept rows are there."""
    db = sqlite3.connect(path)
    try:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        revision = db.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()[0]
        events = db.execute("SELECT count(*), max(revision) FROM events").fetchone()
        assert events == (revision, revision), (revision, events)
        assert db.execute("SELECT max(revision) FROM rows").fetchone()[0] <= revision
        there = {r[0] for r in db.execute("SELECT id FROM rows WHERE kind = 'floatingip' AND data IS NOT NULL")}
        missing = kept - there
        assert not missing, f"{len(missing)} of {len(kept)} acknowledged are missing"
        # Whose each address is can be asked: the index of addresses came with its events, or neither did.
        told = db.execute("SELECT count(*) FROM events e, json_each(e.changes) c WHERE c.value ->> '$.kind' = 'floatingip' "
                          "AND (c.value ->> '$.old' IS NULL OR c.value ->> '$.new' IS NULL)").fetchone()[0]
        found = db.execute("SELECT count(*) FROM tenures t JOIN events e ON e.revision = t.revision, json_each(e.changes) c "
                           "WHERE c.value ->> '$.kind' = 'floatingip' AND c.value ->> '$.id' = t.id AND (c.value ->> '$.old' IS NULL OR c.value ->> '$.new' IS NULL) "
                           "AND t.key = coalesce(c.value ->> '$.new.floating_ip_address', "
                           "c.value ->> '$.old.floating_ip_address')").fetchone()[0]
        assert told == found, (told, found)
    finally:
        db.close()


def check_floating_ips(world, rows):
    by_id = {f["id"]: f for f in rows}
    ports = {p["id"] for p in world.admin.list("port")}
    known = set()
    for w in world.writers:
        for identity, states in w.objects.items():
            known.add(identity)
            is_now = by_id[identity]["port_id"] if identity in by_id else GONE
            assert is_now in states, (identity, is_now, states)
    unknown = [f for f in rows if f["id"] not in known]
    lost_posts = set().union(*[w.lost_posts for w in world.writers])
    assert all(f["description"] in lost_posts for f in unknown), unknown
    for f in rows:
        if f["port_id"]:
            assert f["port_id"] in ports and f["router_id"] == world.router and f["fixed_ip_address"], f
        else:
            assert not f["router_id"] and not f["fixed_ip_address"], f
    used = [f["port_id"] for f in rows if f["port_id"]]
    assert len(used) == len(set(used)), "two floating IPs on one fixed IP"


def check_addresses(world, rows):
    """No address is held twice, and what is free can be had: the books agree with the rows."""
    ports = world.admin.list("port")
    held = [f["floating_ip_address"] for f in rows] + [i["ip_address"] for p in ports for i in p["fixed_ips"]]
    assert len(held) == len(set(held)), "an address is held twice"
    fresh = world.admin.create("floatingip", floating_network_id=world.ext)
    assert fresh["floating_ip_address"] not in held, fresh
    world.admin.delete("floatingip", fresh["id"])


def check_bulks(world):
    names = {}
    for p in world.admin.list("port"):
        names[p["name"]] = names.get(p["name"], 0) + 1
    for w in world.writers:
        for name, counts in w.bulks.items():
            assert names.get(name, 0) in counts, (name, names.get(name, 0), counts)


def main():
    enter_private()
    seed = sys.argv[3] if len(sys.argv) > 3 else str(time.time_ns() % 1000000)
    print("# seed", seed, flush=True)
    world = World(sys.argv[1], seed)
    for w in world.writers:
        w.start()

    def load():
        for i in range(KILLS):
            world.kill()
            if i < COPIES:
                world.copy()
        world.progress(20)

    def told_is_kept():
        rows = world.admin.list("floatingip")
        check_floating_ips(world, rows)
        check_addresses(world, rows)

    def after_one_more_kill():
        world.daemon.kill("parent")
        world.daemon.start()
        told_is_kept()

    try:
        code = run_cases([("load_with_kills_and_copies", load)], "")
    finally:
        world.stop = True
        for w in world.writers:
            w.join()
    print(f"# {world.answered()} answers, {world.copies} copies, "
          f"{sum(len(w.lost_posts) for w in world.writers)} posts without an answer", flush=True)
    world.daemon.wait_up()
    code |= run_cases([
        ("told_is_kept", told_is_kept), ("bulks_are_whole", lambda: check_bulks(world)),
        ("after_one_more_kill", after_one_more_kill),
        ("file", lambda: check_file(world.daemon.database, set().union(*[w.kept for w in world.writers])))], "")
    world.daemon.end_test(code)


if __name__ == "__main__":
    main()
