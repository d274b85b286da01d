"""Cases of change sets: what packets meet while floating IPs are swapped, rotated and handed over by the API."""
from packet_cases import FIP1, FIP3, VM1, VM3
from packets import echo, exchange, udp
from space import NftMonitor
from system_cases import stream


def change(w, *associations):
    """One change set of (address, instance or None); all of it is in the kernel when this returns."""
    body = {"change_set": {"associations": [
        {"floating_ip_address": addr, "port_id": w.ports[vm]["id"] if vm else None} for addr, vm in associations]}}
    rows = w.admin.call("PUT", "/v2.0/buoy/change-sets", body, 200)["change_set"]["floatingips"]
    for row, (addr, vm) in zip(rows, associations):
        assert row["status"] == ("ACTIVE" if vm else "DOWN"), row
        w.now[addr] = row["port_id"]


def know_neighbours():
    """Nothing waits for ARP then."""
    for vm, addr, seen in ("vm1", VM1, "172.16.100.1"), ("vm3", VM3, "172.16.101.1"):
        echo("qrouter-1", addr, vm, seen)


def begin(w):
    w.apply([])
    change(w, (FIP3, "vm3"), (FIP1, "vm1"))


def swaps(w, times):
    pairs = [(("vm3", "vm1"), ("vm1", "vm3"))[i % 2] for i in range(times)]
    return [lambda a=a, b=b: change(w, (FIP3, b), (FIP1, a)) for a, b in pairs]


def case_swap_loses_nothing(w):
    """Flows to both addresses, swapped ten times: each packet arrives at one instance or the other."""
    begin(w)
    know_neighbours()
    sent, got = stream(w, 8120, swaps(w, 10), to=(FIP1, FIP3))
    lost = sorted(sent - got[0] - got[1])
    assert not lost, f"{len(lost)} of {len(sent)} lost: {lost[:20]}"
    for parity in 0, 1:
        assert all(any(n % 2 == parity for n in one) for one in got[:2]), "an address has never moved"


def case_swap_is_one_transaction(w):
    """And a swap is one instant: the kernel tells of one change of its rules for each."""
    def ten():
        for swap in swaps(w, 10):
            swap()

    begin(w)
    assert NftMonitor("qrouter-1").transactions(ten) == 10


def case_swap_turns_flows(w):
    """What was under way goes to the new instance, and what leaves has the new address."""
    begin(w)
    client, first, second = udp("outside"), udp("vm3", VM3, 8130), udp("vm1", VM1, 8130)
    exchange(client, first, FIP3, 8130, "10.10.10.1")
    change(w, (FIP3, "vm1"), (FIP1, "vm3"))
    exchange(client, second, FIP3, 8130, "10.10.10.1")
    exchange(client, first, FIP1, 8130, "10.10.10.1")
    exchange(first, client, "10.10.10.1", client.getsockname()[1], FIP1)
    exchange(second, client, "10.10.10.1", client.getsockname()[1], FIP3)
    change(w, (FIP3, "vm3"), (FIP1, "vm1"))


def case_rotation_with_one_that_leaves(w):
    begin(w)
    change(w, (FIP3, "vm1"), (FIP1, None))
    exchange(udp("outside"), udp("vm1", VM1, 8140), FIP3, 8140, "10.10.10.1")
    change(w, (FIP1, "vm1"), (FIP3, "vm3"))
    exchange(udp("outside"), udp("vm1", VM1, 8141), FIP1, 8141, "10.10.10.1")
    exchange(udp("vm3"), udp("outside", "10.10.10.1", 8142), "10.10.10.1", 8142, FIP3)
