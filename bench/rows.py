"""The rows of the table: each measures one thing and says what came out."""
import json
import os
import re
import signal
import statistics
import subprocess
import threading
import time

from machine import HOST, PORT, Machine, poll, run


HERE = os.path.dirname(os.path.realpath(__file__))
STABLE = 10.5  # seconds after which a process that ends is started again at once, as after its first end
LAST_WAIT = 30  # seconds for 100,000 floating IPs: their memory is measured, not their start


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p / 100))]


def spread(values, unit, digits=0):
    return (f"{statistics.median(values):,.{digits}f} {unit} "
            f"[{min(values):,.{digits}f}..{max(values):,.{digits}f}] {len(values)} runs")


def p50_p99(values):
    return (f"p50 {percentile(values, 50):.2f} ms, p99 {percentile(values, 99):.2f} ms, "
            f"max {max(values):.1f} ms, {len(values)} times")


class Rows:
    def __init__(self, programs, folder, quick, network=""):
        """`network`: lines of [network] in the configuration of the machine that most rows use."""
        self.programs, self.folder, self.quick, self.network = programs, folder, quick, network
        self.many = 1000 if quick else 10000
        self.huge = 5000 if quick else 100000
        self.runs = 1 if quick else 5
        self.table = []
        self.machine = None

    def note(self, what, target, measured, ok=None):
        """One line of the table; ok None: no bound of its own."""
        self.table.append((what, target, measured, "" if ok is None else "ok" if ok else "MISSED"))

    # --- the machine that most rows use ---

    def prepare(self):
        self.machine = m = Machine(self.programs, os.path.join(self.folder, "many"), self.network)
        m.start()
        m.wait_agent()
        m.wait_api()
        m.make_topology()
        m.plug_instance()
        m.stop()
        made = m.populate(self.many, 1000)
        self.busy, self.free = made[:self.many], made[self.many:]
        m.start()
        m.wait_agent(600)
        m.wait_api()

    def finish(self):
        if self.machine:
            self.machine.stop()
            self.machine.cleanup()
            run("ip netns delete instance")
            self.machine = None

    # --- requests ---

    def puts(self, rows, on):
        return [("PUT", f"/v2.0/floatingips/{r['id']}", {"floatingip": {"port_id": r["port"] if on else None}})
                for r in rows]

    def row_associate(self):
        rows = self.free[:200] if self.quick else self.free
        _, on = self.machine.load(1, self.puts(rows, True), '"status":"ACTIVE"')
        _, off = self.machine.load(1, self.puts(rows, False), '"port_id":null')
        part = max(len(on) // 5, 1)
        medians = [statistics.median(on[i:i + part]) for i in range(0, len(on), part)]
        self.note(f"PUT that associates, kernel has it, {self.many:,} floating IPs on the router",
                  "p50 < 5 ms, p99 < 20 ms", p50_p99(on), percentile(on, 50) < 5 and percentile(on, 99) < 20)
        self.note("  medians of five parts of these", "", spread(medians, "ms", 2))
        self.note("PUT that disassociates", "", p50_p99(off))

    def flip(self):
        """Associates and disassociates under a stream of echo requests; the lines that bench/echo.c prints."""
        m = self.machine
        rounds = 20 if self.quick else 200
        body = {on: json.dumps({"floatingip": {"port_id": m.instance["id"] if on else None}}) for on in (True, False)}
        out = subprocess.run(
            [m.program("bench/echo"), "flip", "outside", m.floating["floating_ip_address"], HOST, PORT,
             f"/v2.0/floatingips/{m.floating['id']}", body[True], body[False], str(rounds)],
            check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "BUOY_TOKEN": m.token}).stdout
        return [line.split() for line in out.splitlines()]

    def row_echo(self):
        rows = self.flip()
        for way, what in ("on", "associating PUT to the first echo reply"), ("off", "disassociating PUT to the last"):
            times = [int(r[2]) / 1e3 for r in rows if r[0] == way]
            self.note(what, "p99 < 25 ms", p50_p99(times), percentile(times, 99) < 25)
            for known in ("unknown", "known") if way == "on" else ():
                some = [int(r[2]) / 1e3 for r in rows if r[:2] == [way, known]]
                self.note(f"  the outside's neighbour entry {known}", "", p50_p99(some))
            late = [(int(r[2]) - int(r[3])) / 1e3 for r in rows if r[0] == way]
            self.note("  echo reply after the answer (negative: before)", "",
                      f"p50 {percentile(late, 50):.2f} ms, p99 {percentile(late, 99):.2f} ms")

    def row_burst(self):
        rows = self.free[:100] if self.quick else self.free[:500]
        on, off = [], []
        for _ in range(self.runs):
            on.append(self.machine.load(8, self.puts(rows, True), '"status":"ACTIVE"')[0])
            off.append(self.machine.load(8, self.puts(rows, False), '"port_id":null')[0])
        self.note(f"burst of {len(rows)} associations, 8 clients", "< 2 s", spread(on, "s", 3),
                  statistics.median(on) < 2)
        self.note(f"burst of {len(rows)} disassociations", "", spread(off, "s", 3))

    def row_create(self):
        count = 500 if self.quick else 3000
        request = ("POST", "/v2.0/floatingips", {"floatingip": {"floating_network_id": self.machine.external}})
        rates, times = [], []
        for _ in range(self.runs):
            seconds, some = self.machine.load(8, [request] * count)
            rates.append(count / seconds)
            times += some
        self.note("POST /floatingips, durable, 8 clients", "> 1,000 a second", spread(rates, "a second"),
                  statistics.median(rates) > 1000)
        self.note("  each", "", p50_p99(times))

    def row_list(self):
        _, times = self.machine.load(1, [("GET", "/v2.0/floatingips?limit=1000", None)] * (10 if self.quick else 100),
                                     '"floatingips_links"')
        self.note("GET of 1,000 floating IPs", "< 15 ms", p50_p99(times), percentile(times, 50) < 15)

    # --- the API alone, from many clients ---

    def api_machine(self, name):
        """One without a node to speak of: no instance, nothing associated."""
        self.finish()
        m = Machine(self.programs, os.path.join(self.folder, name))
        m.start()
        m.wait_agent()
        m.wait_api()
        m.make_topology()
        return m

    def row_many(self):
        """Lists of very many floating IPs, and new ones from 64 clients beside them."""
        m = self.api_machine("api")
        m.stop()
        made = m.populate(0, self.huge)
        m.start()
        m.wait_api()
        pages = [("GET", f"/v2.0/floatingips?limit=1000&marker={r['id']}", None)
                 for r in sorted(made, key=lambda r: r["id"])[:-1000:max(self.huge // 100, 1)]]
        _, times = m.load(1, pages * self.runs, '"floatingips_links"')
        self.note(f"GET of {self.huge:,} floating IPs, a page of 1,000", "< 20 ms a page", p50_p99(times),
                  percentile(times, 50) < 20)
        by_address = [("GET", f"/v2.0/floatingips?floating_ip_address={r['address']}", None)
                      for r in made[::max(self.huge // 1000, 1)]]
        _, times = m.load(1, by_address, '"floating_ip_address"')
        self.note("  one found by its address", "< 2 ms", p50_p99(times), percentile(times, 50) < 2)
        request = ("POST", "/v2.0/floatingips", {"floatingip": {"floating_network_id": m.external}})
        rates, every = [], []
        for _ in range(self.runs):
            seconds, times = m.load(64, [request] * (500 if self.quick else 10000))
            rates.append(len(times) / seconds)
            every += times
        self.note(f"POST /floatingips, durable, 64 clients, beside {self.huge:,}", "> 4,000 a second",
                  spread(rates, "a second"), statistics.median(rates) > 4000)
        self.note("  each", "", p50_p99(every))
        m.stop()
        m.cleanup()

    def mixed(self, m, seconds):
        return json.loads(subprocess.run(
            [m.program("bench/mixed"), HOST, PORT, "64", str(seconds), m.external], check=True,
            stdout=subprocess.PIPE, text=True, env={**os.environ, "BUOY_TOKEN": m.token}).stdout)

    def row_mixed(self):
        m = self.api_machine("mixed")
        found = self.mixed(m, 5 if self.quick else 60)
        rate = found["requests"] / found["seconds"]
        self.note("reads (70 %) and writes from 64 clients for a minute, all acknowledged checked",
                  "> 10,000 a second, p99 < 25 ms, no error",
                  f"{rate:,.0f} a second ({100 * found['reads'] / found['requests']:.0f} % reads), "
                  f"p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms, p99.9 {found['p999']:.1f} ms, "
                  f"{found['wrong'] + found['broken']} errors",
                  rate > 10000 and found["p99"] < 25 and found["wrong"] + found["broken"] == 0)
        m.stop()
        m.cleanup()

    def row_killed(self):
        """As above, with an end to the API process every five seconds."""
        m = self.api_machine("killed")
        seconds, killed, over = 11 if self.quick else 60, [], threading.Event()

        def kill():
            while not over.wait(5):
                api = m.children().get("api")
                if api:
                    os.kill(api, signal.SIGKILL)
                    killed.append(api)
        killer = threading.Thread(target=kill)
        killer.start()
        try:
            found = self.mixed(m, seconds)
        finally:
            over.set()
            killer.join()
        self.note(f"the same, the API process killed {len(killed)} times", "nothing acknowledged lost",
                  f"{found['requests'] / found['seconds']:,.0f} a second, {found['wrong']} wrong answers, "
                  f"{found['broken']} connections broken, {found['refused']} refused, {found['made']:,} made",
                  found["wrong"] == 0 and len(killed) > 1)
        m.stop()
        m.cleanup()

    def row_tracked(self):
        """Ending the connections of one floating IP takes the kernel a walk over all that it tracks."""
        m = self.machine
        rows = self.free[:30] if self.quick else self.free[:100]
        self.set_instance(True)
        poll("the instance", self.reaches)
        run(f"ip netns exec outside {os.path.join(HERE, 'flood.py')} {m.floating['floating_ip_address']} 100000")
        _, on = m.load(1, self.puts(rows, True), '"status":"ACTIVE"')
        tracked = int(run(f"ip netns exec qrouter-{m.router} sysctl -n net.netfilter.nf_conntrack_count"))
        _, off = m.load(1, self.puts(rows, False), '"port_id":null')
        self.set_instance(False)
        self.note(f"PUT that associates, {tracked:,} connections tracked", "", p50_p99(on))
        self.note("PUT that disassociates, the same", "", p50_p99(off))

    # --- plan ---

    def row_plan(self):
        out = run(os.path.join(self.programs, "bench/bench_plan"))
        bounds = {10000: 10, 100000: 100}
        for line in out.splitlines():
            found = re.match(r" *(\d+) floating IPs, .*together +([0-9.]+)", line)
            count, ms = int(found[1]), float(found[2])
            if count in bounds:
                self.note(f"plan and difference, {count:,} floating IPs", f"< {bounds[count]} ms",
                          f"{ms:.1f} ms; {' '.join(line.split(':', 1)[1].split())}", ms < bounds[count])

    # --- starts ---

    def stream(self):
        m = self.machine
        return subprocess.Popen([m.program("bench/echo"), "stream", "outside", m.floating["floating_ip_address"]],
                                stdout=subprocess.PIPE, text=True)

    def set_instance(self, on):
        m = self.machine
        m.ask("PUT", f"/v2.0/floatingips/{m.floating['id']}",
              {"floatingip": {"port_id": m.instance["id"] if on else None}})

    def reaches(self):
        return subprocess.run(["ip", "netns", "exec", "outside", "ping", "-nqc1", "-W1",
                               self.machine.floating["floating_ip_address"]], capture_output=True,
                              check=False).returncode == 0

    def row_restart(self):
        m = self.machine
        self.set_instance(True)
        poll("the instance", self.reaches)
        stream = self.stream()
        time.sleep(0.5)
        times = []
        for i in range(min(self.runs, 3)):
            if i:
                time.sleep(STABLE)
            at = m.kill_agent()
            line = m.wait_agent()
            times.append((time.monotonic() - at) * 1e3)
        time.sleep(0.5)
        stream.send_signal(signal.SIGTERM)
        sent, lost = map(int, stream.communicate()[0].split())
        self.set_instance(False)
        self.note(f"agent killed and started, {self.many:,} floating IPs in the kernel", "< 1 s, no packet lost",
                  f"{spread(times, 'ms')}; {lost} of {sent:,} echoes lost",
                  statistics.median(times) < 1000 and lost == 0)
        self.note("  the last one says", "", line)

    def row_empty(self):
        m = self.machine
        self.set_instance(True)
        times = []
        for _ in range(min(self.runs, 3)):
            m.stop()
            m.cleanup()
            at = m.start()
            line = m.wait_agent(600)
            times.append(time.monotonic() - at)
            poll("the instance", self.reaches)
            m.wait_api()
        self.set_instance(False)
        self.note(f"buoyd started, {self.many:,} floating IPs, empty kernel", "< 5 s", spread(times, "s", 2),
                  statistics.median(times) < 5)
        self.note("  the last one says", "", line)

    # --- the web console ---

    def row_console(self):
        """1,000 floating IPs in a real browser."""
        self.finish()
        modules = os.path.join(os.path.dirname(HERE), "console/node_modules")
        m = Machine(self.programs, os.path.join(self.folder, "console"))
        m.start()
        m.wait_agent()
        m.wait_api()
        m.make_topology()
        m.stop()
        m.populate(999, 0)
        m.start()
        m.wait_agent(600)
        m.wait_api()
        out = subprocess.run(["node", os.path.join(HERE, "bench_console.mjs"), modules, f"http://{HOST}:{PORT}", "admin",
                              "bench", str(self.runs)], check=True, stdout=subprocess.PIPE, text=True).stdout
        m.stop()
        m.cleanup()
        self.note_console(json.loads(out))

    def note_console(self, found):
        kilobytes = [n / 1e3 for n in found["files"]]
        self.note("console: bytes over the wire, log-in to floating IPs, nothing cached", "< 600 kB",
                  spread(kilobytes, "kB"), max(kilobytes) < 600)
        self.note("  API answers beside these, 1,000 floating IPs", "", spread([n / 1e3 for n in found["answers"]], "kB"))
        for key, what, bound in (("login", "console: interactive, the log-in page, nothing cached", 1000),
                                 ("page", "console: interactive, 1,000 floating IPs, nothing cached", 1000),
                                 ("render", "console: 1,000 floating IPs: click to painted, request and all", 300)):
            self.note(what, f"< {bound} ms", spread(found[key], "ms"), statistics.median(found[key]) < bound)
        keys = [t for t in found["keys"] if t is not None]
        self.note("console: 1,000 floating IPs: filter keystroke to its rows painted", "< 50 ms",
                  p50_p99(keys), statistics.median(keys) < 50)
        slow = found["events"]
        self.note("  as the browser counts it (Event Timing, steps of 8 ms)", "",
                  f"{len(slow)} of {len(keys)} over 16 ms" + (f", the slowest {max(slow):.0f} ms" if slow else ""))

    # --- memory ---

    def note_memory(self, what, bound_mb, found):
        rss = sum(v["Rss"] for name, v in found.items() if name != "parent") / 1024
        each = ", ".join(f"{n} {v['Rss'] / 1024:.1f} (Pss {v['Pss'] / 1024:.1f})" for n, v in sorted(found.items()))
        self.note(f"resident memory of the {len(found) - 1} processes, {what}", f"< {bound_mb} MB", f"{rss:.1f} MB: {each}",
                  rss < bound_mb)

    # --- one router with very many, on the express data path ---

    def timed(self, what, action):
        at = time.monotonic()
        found = action()
        self.note(f"  {what}", "", f"{time.monotonic() - at:.1f} s")
        return found

    def applied(self, m, kind, identity, **values):
        """A change of one row, until the kernel has all that it means."""
        def done():
            agent = m.ask("GET", "/v2.0/agents?agent_type=L3%20agent")["agents"][0]["configurations"]
            return agent["applied_revision"] == agent["revision"]
        m.ask("PUT", f"/v2.0/{kind}s/{identity}", {kind: values})
        poll("the agent", done, 600)

    def row_hundred(self):
        self.finish()
        m = Machine(self.programs, os.path.join(self.folder, "hundred"), "datapath = bpf")
        m.start()
        m.wait_agent()
        m.wait_api()
        m.make_topology()
        m.stop()
        m.populate(self.huge, 0)
        self.note(f"{self.huge:,} floating IPs on one router, express data path", "", "")
        m.start()
        self.timed("the kernel has them, from the start of buoyd", lambda: m.wait_agent(600))
        m.wait_api()
        plan = self.timed("buoyd plan", lambda: m.buoyd("plan"))
        if not plan.endswith(", 0 changes\n"):
            raise RuntimeError(f"something is to be changed: {plan[-300:]}")
        m.kill_agent()
        said = m.wait_agent(600)
        self.note("  all is compared by a new agent", "", said)
        self.timed("all are changed (the network's MTU)", lambda: self.applied(m, "network", m.network, mtu=1400))
        self.timed("all their counters are in the metrics", lambda: poll(
            "the counters", lambda: m.ask("GET", "/metrics").count('direction="in"') >= self.huge, 120, 0.2))
        self.timed("all are taken away (the router is down)",
                   lambda: self.applied(m, "router", m.router, admin_state_up=False))
        self.timed("and come back", lambda: self.applied(m, "router", m.router, admin_state_up=True))
        self.timed("the router is deleted from the kernel", lambda: (m.stop(), m.cleanup()))

    def row_memory(self):
        self.finish()
        m = Machine(self.programs, os.path.join(self.folder, "huge"))
        m.start()
        m.wait_agent()
        m.wait_api()
        m.make_topology()
        m.stop()
        m.cleanup()
        m.start()
        m.wait_agent()
        m.wait_api()
        self.note_memory("idle", 30, m.memory())
        m.stop()
        m.populate(self.huge, 0)
        at = m.start()
        m.wait_api()
        try:
            said = m.wait_agent(LAST_WAIT)
            said += f" ({time.monotonic() - at:.1f} s from the start of buoyd)"
        except TimeoutError:
            # The kernel walks an interface's list of addresses for each address that is added.
            said = f"has planned, and after {LAST_WAIT} s is still adding addresses to the kernel"
        m.ask("GET", "/v2.0/floatingips?limit=1000")
        self.note_memory(f"{self.huge:,} floating IPs", 250, m.memory())
        self.note("  the agent", "", said)
        m.stop()
        m.cleanup()
