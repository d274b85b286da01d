#!/usr/bin/python3
"""Packets go on while Buoy's processes end and start, and what others made stays.

Usage: test_restart.py BUOYD BUOY DATAPATH [CASE].
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from buoy import wait_for  # noqa: E402
from cloud import CONFIG, CloudWorld  # noqa: E402
from packet_cases import BOTH, FIP3, VM1, VM3  # noqa: E402
from packets import exchange, udp  # noqa: E402
from space import aliases, cases_of, enter_private, ip, ns, run, run_cases  # noqa: E402
from streams import during  # noqa: E402

w = None


def works():
    """A floating IP can be moved, at once, and packets follow."""
    w.apply([(FIP3, VM1)])
    exchange(udp("outside"), udp("vm1", VM1, 7100), FIP3, 7100, "10.10.10.1")
    w.apply(BOTH)


def test_kill_agent():
    def action():
        pid = w.daemon.kill("agent")
        wait_for(lambda: w.daemon.children().get("agent") not in (None, pid), "a new agent")
        w.agent_lives()
    during(w, action)
    works()


def test_kill_api():
    def action():
        pid = w.daemon.kill("api")
        wait_for(lambda: w.daemon.children().get("api") not in (None, pid), "a new API process")
        w.daemon.wait_up()
        w.agent_lives()
    w.admin.close()
    during(w, action)
    works()


def test_kill_parent():
    def action():
        w.daemon.kill("parent")
        w.daemon.start()
        w.agent_lives()
    w.admin.close()
    during(w, action)
    works()


def runs(pid):
    """Whether a process is there and no zombie, which nobody here waits for."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_kill_only_the_parent():
    """Its children end with it: a second daemon never meets the first one's."""
    def action():
        children = w.daemon.children()
        os.kill(w.daemon.process.pid, 9)
        w.daemon.process.wait()
        wait_for(lambda: not any(runs(pid) for pid in children.values()), "the children end")
        w.daemon.start()
        w.agent_lives()
    w.admin.close()
    during(w, action)
    works()


def test_stop_and_start():
    def action():
        w.daemon.stop()
        w.daemon.start()
        w.agent_lives()
    w.admin.close()
    during(w, action)
    works()


def test_tokens_survive():
    """Tokens are sealed with a key that is in the database: nobody has to log in again."""
    token = w.admin.token
    w.admin.close()
    w.daemon.stop()
    w.daemon.start()
    assert w.admin.token == token and w.admin.list("network")
    w.agent_lives()


# --- damage and its repair ---

def nft(text):
    with ns("qrouter-1"):
        subprocess.run(["nft", text], check=True)


def test_damage_is_shown_and_mended():
    """With nftables alone; test_express.py damages the other data path."""
    if w.datapath != "nft":
        return
    w.apply(BOTH)
    leg = w.leg_names(1, "ext")[0]
    nft(f"delete element ip buoy to_fixed {{ {FIP3} }}")
    ip("qrouter-1", f"address del {FIP3}/32 dev {leg}")
    nft("add element ip buoy to_fixed { 10.10.10.90 : 172.16.100.99 }")
    before = w.daemon.command("plan")
    lines = before.splitlines()
    assert any(line[0] in "+~" and FIP3 in line and "nat" in line for line in lines), before
    assert any(line.startswith(f"+ address {FIP3}/32") for line in lines), before
    assert any(line.startswith("- nat 10.10.10.90 ") for line in lines), before
    assert f"because of floatingip {w.fips[FIP3]} ({FIP3})" in before, before
    assert "because nothing in the database wants it" in before, before
    w.admin.close()
    w.daemon.stop()
    w.daemon.start()
    w.agent_lives()
    exchange(udp("outside"), udp("vm3", VM3, 7200), FIP3, 7200, "10.10.10.1")
    assert w.daemon.command("plan").endswith(", 0 changes\n")


def test_an_empty_kernel_is_filled():
    """As after a reboot."""
    w.apply(BOTH)
    w.admin.close()
    w.daemon.stop()
    w.daemon.command("cleanup")
    assert not ours(), ours()
    w.daemon.start()
    w.agent_lives()
    for vm in "vm1", "vm2", "vm3", "vm4":
        w.wait_active("port", w.ports[vm]["id"])
    exchange(udp("outside"), udp("vm3", VM3, 7300), FIP3, 7300, "10.10.10.1")
    exchange(udp("vm2"), udp("outside", "10.10.10.1", 7301), "10.10.10.1", 7301, "10.10.10.5")


def test_one_buoyd_on_a_host():
    """A second one, or a cleanup, beside a running one would take apart what the first has made."""
    w.apply(BOTH)
    before = ours()
    for word in "run", "cleanup":
        done = subprocess.run([w.daemon.buoyd, "-c", w.daemon.config, word], capture_output=True, text=True,
                              check=False, timeout=30)
        assert done.returncode == 1 and "runs on this host already" in done.stderr, (word, done)
    assert before and ours() == before
    exchange(udp("outside"), udp("vm3", VM3, 7400), FIP3, 7400, "10.10.10.1")


# --- foreign objects ---

def ours():
    """Links with Buoy's mark, and namespaces that it made."""
    links = json.loads(subprocess.run(["ip", "-j", "-d", "link"], check=True, capture_output=True).stdout)
    found = [link["ifname"] for link in links if link.get("ifalias") == "buoy"]
    return found + [n for n in os.listdir("/run/netns") if n.startswith(("qrouter-", "qdhcp-")) and n != FOREIGN]


FOREIGN = "qrouter-00000000-1111-2222-3333-444444444444"


def foreign_state():
    def show(*words):
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return (show("ip", "-o", "link", "show", "brq00000000-11").split("state")[0],
            show("ip", "-o", "-4", "address", "show", "brq00000000-11"),
            show("ip", "-o", "-4", "address", "show", "br-ex"),
            show("ip", "-n", FOREIGN, "-o", "address"), show("ip", "-n", FOREIGN, "route"),
            show("ip", "netns", "exec", FOREIGN, "nft", "list", "ruleset"),
            show("ip", "route", "show", "192.0.2.128/25"), show("nft", "list", "ruleset"))


def test_what_others_made_stays():
    """An administrator's, or a Neutron's, beside ours and even inside our router."""
    w.apply(BOTH)
    router, leg = aliases["qrouter-1"], w.leg_names(1, "ext")[0]
    run("ip link add brq00000000-11 type bridge")
    run("ip link set brq00000000-11 up")
    run("ip address add 192.0.2.77/24 dev brq00000000-11")
    run("ip address add 10.10.10.201/24 dev br-ex")
    run("ip route add 192.0.2.128/25 via 192.0.2.99")
    run("nft add table ip buoy_not")
    run(f"ip netns add {FOREIGN}")
    ip(FOREIGN, "link set lo up")
    ip(FOREIGN, "address add 10.10.10.99/32 dev lo")
    ip(FOREIGN, "route add 198.51.100.0/24 dev lo")
    with ns(FOREIGN):
        subprocess.run(["nft", "add table ip buoy; add chain ip buoy mine"], check=True)
    nft("add table ip by_hand; add chain ip by_hand mine { type filter hook forward priority 5; }")
    ip("qrouter-1", f"address add 10.10.10.91/32 dev {leg}")
    ip("qrouter-1", f"route add 203.0.113.0/24 via 10.10.10.1 dev {leg}")
    before = foreign_state()
    for action in (lambda: w.apply([]), lambda: w.apply(BOTH), restart):
        action()
        show = subprocess.run(["ip", "-n", router, "-o", "address"], check=True, capture_output=True, text=True).stdout
        assert "10.10.10.91/32" in show, show
        show = subprocess.run(["ip", "-n", router, "route"], check=True, capture_output=True, text=True).stdout
        assert "203.0.113.0/24" in show, show
        with ns("qrouter-1"):
            assert "by_hand" in subprocess.run(["nft", "list", "tables"], check=True, capture_output=True,
                                               text=True).stdout
        assert foreign_state() == before
    delete_everything()
    assert not ours(), ours()
    assert foreign_state() == before
    w.admin.close()
    w.daemon.stop()
    assert w.daemon.command("cleanup") == "removed 0 of 0\n"
    assert foreign_state() == before
    w.daemon.start()
    # Instances' own devices are theirs.
    for vm in "vm1", "vm2", "vm3", "vm4":
        link = subprocess.run(["ip", "link", "show", "tap" + w.ports[vm]["id"][:11]], check=True, capture_output=True,
                              text=True).stdout
        assert "master" not in link, link


def restart():
    w.admin.close()
    w.daemon.stop()
    w.daemon.start()
    w.agent_lives()


def delete_everything():
    a = w.admin
    for f in a.list("floatingip"):
        a.delete("floatingip", f["id"])
    for r in a.list("router"):
        for p in a.list("port", f"?device_id={r['id']}&device_owner=network:router_interface"):
            a.call("PUT", f"/v2.0/routers/{r['id']}/remove_router_interface", {"port_id": p["id"]}, 200)
        a.delete("router", r["id"])
    for p in a.list("port"):
        a.delete("port", p["id"])
    for n in a.list("network"):
        a.delete("network", n["id"])
    w.agent_lives()


def main():
    global w
    enter_private()
    # What is damaged is to stay so until somebody compares.
    w = CloudWorld(sys.argv[1], sys.argv[2], CONFIG.replace("read_back_s = 10", "read_back_s = 0"), datapath=sys.argv[3])
    code = run_cases(cases_of(sys.modules[__name__]), sys.argv[4] if len(sys.argv) > 4 else "")
    w.daemon.end_test(code)


if __name__ == "__main__":
    main()
