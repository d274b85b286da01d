"""Cases of a floating IP's life: leases that end, what is taken back or given away, who is idle; and what packets meet."""
import os
import signal

from buoy import Reply, wait_for
from packet_cases import VM1, VM4
from packets import exchange, silent, udp

REST = "/v2.0/buoy/quarantine"


def fresh(w, **more):
    return w.admin.create("floatingip", floating_network_id=w.net["ext"], **more)


def is_gone(w, identity):
    try:
        w.admin.show("floatingip", identity)
    except Reply as e:
        assert e.status == 404, e
        return True
    return False


def meet(w, vm, fixed, addr, port):
    exchange(udp("outside"), udp(vm, fixed, port), addr, port, "10.10.10.1")


def let_go(w, identity):
    """The address is free for the cases that follow."""
    w.admin.delete("floatingip", identity)
    w.admin.call("DELETE", f"{REST}/{identity}", None, 204)


def case_a_lease_ends(w):
    """Packets arrive until then and not after; the address comes back, and they arrive again."""
    w.apply([])
    fip = fresh(w, port_id=w.ports["vm1"]["id"], lease_seconds=3)
    addr = fip["floating_ip_address"]
    assert fip["status"] == "ACTIVE", fip
    meet(w, "vm1", VM1, addr, 8201)
    wait_for(lambda: is_gone(w, fip["id"]), "the end of the lease")
    wait_for(lambda: w.daemon.applied(w.admin), "the kernel has it")
    client, server = udp("outside"), udp("vm1", VM1, 8202)
    client.sendto(b"late", (addr, 8202))
    silent(server)
    assert w.admin.call("GET", f"{REST}/{fip['id']}")["resting_address"]["floating_ip_address"] == addr
    w.cli("fip", "take-back", addr)
    again = w.admin.update("floatingip", fip["id"], port_id=w.ports["vm1"]["id"])
    assert (again["status"], again["floating_ip_address"], again["expires_at"]) == ("ACTIVE", addr, None), again
    meet(w, "vm1", VM1, addr, 8203)
    let_go(w, fip["id"])


def case_an_address_rests(w):
    """Another project gets another address, and this one only when its rest is over."""
    w.apply([])
    first = fresh(w)
    w.admin.delete("floatingip", first["id"])
    theirs = w.other.create("floatingip", floating_network_id=w.net["ext"])
    assert theirs["floating_ip_address"] != first["floating_ip_address"]
    assert first["id"] not in [r["id"] for r in w.other.call("GET", REST)["resting_addresses"]]
    theirs_too = {"floating_network_id": w.net["ext"], "floating_ip_address": first["floating_ip_address"],
                  "project_id": theirs["project_id"]}
    try:
        w.admin.create("floatingip", **theirs_too)
        raise AssertionError("it was given although it rests")
    except Reply as e:
        assert e.status == 409 and "rests until" in e.body, e
    w.admin.call("PUT", f"{REST}/{first['id']}", {"resting_address": {"rests_until": "2020-01-01T00:00:00Z"}}, 200)
    wait_for(lambda: all(r["id"] != first["id"] for r in w.admin.call("GET", REST)["resting_addresses"]),
             "the keeper has ended it")
    let_go(w, w.admin.create("floatingip", **theirs_too)["id"])
    let_go(w, theirs["id"])


def case_given_to_another_project(w):
    """Offered, accepted, and put to an instance of the other's, behind the other's router."""
    w.apply([])
    fip = fresh(w)
    offer = w.admin.call("POST", "/v2.0/buoy/transfers", {"transfer": {"floatingip_id": fip["id"]}}, 201)["transfer"]
    assert w.other.call("GET", "/v2.0/buoy/transfers")["transfers"] == []
    taken = w.other.call("POST", f"/v2.0/buoy/transfers/{offer['id']}/accept",
                         {"accept": {"auth_key": offer["auth_key"]}}, 200)["floatingip"]
    assert taken["id"] == fip["id"] and taken["project_id"] != fip["project_id"], taken
    moved = w.other.update("floatingip", fip["id"], port_id=w.ports["vm4"]["id"])
    assert moved["status"] == "ACTIVE", moved
    meet(w, "vm4", VM4, fip["floating_ip_address"], 8210)
    let_go(w, fip["id"])


def orphan(w, identity):
    rows = w.admin.call("GET", "/v2.0/buoy/orphans?idle=0")["orphans"]
    return [row for row in rows if row["floatingip_id"] == identity][0]


def case_who_is_idle(w):
    """When the last packet came is known after a restart, too."""
    w.apply([])
    fip = fresh(w)
    assert orphan(w, fip["id"])["reason"] == "never_associated"
    w.admin.update("floatingip", fip["id"], port_id=w.ports["vm1"]["id"])
    assert orphan(w, fip["id"])["reason"] == "no_packets"
    count = iter(range(8220, 8999))

    def seen():
        w.admin.call("GET", f"/v2.0/floatingips/{fip['id']}/stats")  # asks the node for counters
        meet(w, "vm1", VM1, fip["floating_ip_address"], next(count))
        row = orphan(w, fip["id"])
        return row["last_seen_in"] and row["last_seen_out"] and row
    row = wait_for(seen, "a packet each way has been counted")
    old = w.daemon.pid_of("api")
    os.kill(old, signal.SIGTERM)
    wait_for(lambda: w.daemon.children().get("api", old) != old, "a new API process")
    w.daemon.wait_up()
    w.admin.close()
    again = orphan(w, fip["id"])
    for name in "last_seen_in", "last_seen_out":
        assert again[name] and again[name] >= row[name], (row, again)
    w.agent_lives()
    w.admin.update("floatingip", fip["id"], port_id=None)
    assert orphan(w, fip["id"])["reason"] == "not_associated"
    let_go(w, fip["id"])
