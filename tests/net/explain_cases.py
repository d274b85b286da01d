"""Cases about what Buoy says of packets: counters with reasons, explanations, packets seen as they come."""
import json

from buoy import wait_for
from packet_cases import FIP3, VM3
from packets import exchange, udp


def stats(w, addr=FIP3):
    return w.admin.call("GET", f"/v2.0/floatingips/{w.fips[addr]}/stats")["stats"]


def case_stats_count_what_the_limit_drops(w):
    w.limit([(FIP3, VM3)], FIP3, inwards=100)
    before = stats(w)["dropped"]["rate_in"]
    client, server = udp("outside"), udp("vm3", VM3, 8611)
    exchange(client, server, FIP3, 8611, "10.10.10.1")
    for _ in range(60):
        client.sendto(b"x" * 1200, (FIP3, 8611))
    if w.datapath == "nft":  # its limits do not count
        assert stats(w)["dropped"]["rate_in"] == 0
    else:
        dropped = wait_for(lambda: stats(w)["dropped"]["rate_in"] - before, "drops are counted", 15)
        assert 1 <= dropped <= 60, dropped
        metrics = w.admin.send("GET", "/metrics")[2]
        assert f'buoy_floating_ip_dropped_packets_total{{address="{FIP3}",reason="rate_in"}} ' in metrics
        assert json.loads(w.cli("fip", "stats", FIP3, "-f", "json"))["last_seen_in"], "exact where bpf counts"
    assert wait_for(lambda: stats(w)["last_seen"], "somebody was seen", 15)
    w.limit([(FIP3, VM3)], FIP3)
