#!/usr/bin/python3
"""A router with several gateways, end to end: a whole buoyd, two external networks with an outside each.

Usage: test_gateways.py BUOYD BUOY DATAPATH [CASE]. The cases of gateway_cases.py and gateway_mixed_cases.py. DATAPATH: nft or bpf.
"""
import os
import sys
from functools import partial

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gateway_cases  # noqa: E402
import gateway_mixed_cases  # noqa: E402
from cloud import CONFIG, CloudWorld  # noqa: E402
from gateway_cases import FAR, FIP1, FIP2  # noqa: E402
from space import allow_many_errors, cases_of, enter_private, ip, plug, run, run_cases  # noqa: E402


def make_second_outside():
    run("ip link add br-two type bridge forward_delay 0")
    run("ip link set br-two up")
    run("ip netns add outside3")
    ip("outside3", "link set lo up")
    allow_many_errors("outside3")
    plug("outside3", "eth0", "10.30.0.1/24", "br-two")
    ip("outside3", f"address add {FAR}/32 dev lo")


class GatewayWorld(CloudWorld):
    """As CloudWorld; router 1 may have a second external network, `two`."""

    def make_networks(self):
        super().make_networks()
        a = self.admin
        self.net["two"] = a.network("two", **{"router:external": True, "provider:network_type": "flat",
                                              "provider:physical_network": "physnet3"})["id"]
        # Its addresses are of a pool, which has no address scope at first.
        self.pool = a.call("POST", "/v2.0/subnetpools", {"subnetpool": {
            "name": "two", "prefixes": ["10.30.0.0/24", "10.61.0.0/24"]}}, 201)["subnetpool"]["id"]
        self.sub["two"] = a.subnet(self.net["two"], "10.30.0.0/24", gateway_ip="10.30.0.1", enable_dhcp=False,
                                   subnetpool_id=self.pool,
                                   allocation_pools=[{"start": "10.30.0.2", "end": "10.30.0.199"}])["id"]

    def associate_all(self, want, before=lambda: None):
        """Floating IPs of these instances; None: nobody's. `before` runs when nobody has one."""
        for addr in want:
            if self.now.get(addr):
                self.associate(addr, None)
        before()
        for addr, vm in want.items():
            if vm:
                self.associate(addr, self.ports[vm]["id"])


def main():
    enter_private()
    make_second_outside()
    config = CONFIG.replace("[nova_network]", "physnet3 = bridge:br-two\n[nova_network]")
    world = GatewayWorld(sys.argv[1], sys.argv[2], config, datapath=sys.argv[3])
    world.fips[FIP2] = world.floating_ip(FIP2, "two")
    assert FIP1 in world.fips
    wanted = sys.argv[4] if len(sys.argv) > 4 else ""
    cases = cases_of(gateway_cases, "case_") + cases_of(gateway_mixed_cases, "case_") + \
        cases_of(gateway_cases, "last_")
    code = run_cases([(name, partial(case, world)) for name, case in cases], wanted)
    world.daemon.end_test(code)


if __name__ == "__main__":
    main()
