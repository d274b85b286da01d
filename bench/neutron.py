"""What Neutron's l3-agent writes into the namespace of a legacy router, as `iptables-save` shows it there.

Chains, rules and their order are facts of Neutron (2023.1, no DVR, no address scopes); only addresses and device names
vary. Each floating IP has three rules, which the kernel reads one after another for the first packet of a flow.
"""
import ipaddress

SCOPE = "0x4000000/0xffff0000"
UNMARKED = "-m connmark --mark 0x0/0xffff0000"
SAVE = "-j CONNMARK --save-mark --nfmask 0xffff0000 --ctmask 0xffff0000"
RESTORE = "-j CONNMARK --restore-mark --nfmask 0xffff0000 --ctmask 0xffff0000"
METADATA = "-d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80"

# Table by table: chains of its own, the built-in chains that lead to one of the same name, other rules.
# {qg} and {qr} are the legs, {gateway} is the router's own address outside.
TABLES = {
    "raw": ("OUTPUT PREROUTING", "OUTPUT PREROUTING", ()),
    "mangle": ("FORWARD INPUT OUTPUT POSTROUTING PREROUTING float-snat floatingip mark scope",
               "FORWARD INPUT OUTPUT POSTROUTING PREROUTING", (
                   ("POSTROUTING", "-o {qg} " + UNMARKED + " " + SAVE),
                   ("PREROUTING", "-j neutron-l3-agent-mark"),
                   ("PREROUTING", "-j neutron-l3-agent-scope"),
                   ("PREROUTING", "-m connmark ! --mark 0x0/0xffff0000 " + RESTORE),
                   ("PREROUTING", "-j neutron-l3-agent-floatingip"),
                   ("PREROUTING", METADATA + " -j MARK --set-xmark 0x1/0xffff"),
                   ("float-snat", UNMARKED + " " + SAVE),
                   ("mark", "-i {qg} -j MARK --set-xmark 0x2/0xffff"),
                   ("scope", "-i {qr} -j MARK --set-xmark " + SCOPE),
                   ("scope", "-i {qg} -j MARK --set-xmark " + SCOPE))),
    "filter": ("FORWARD INPUT OUTPUT local scope", "INPUT FORWARD OUTPUT", (
        ("FORWARD", "-j neutron-l3-agent-scope"),
        ("INPUT", "-m mark --mark 0x1/0xffff -j ACCEPT"),
        ("INPUT", "-p tcp -m tcp --dport 9697 -j DROP"),
        ("scope", "-o {qr} -m mark ! --mark " + SCOPE + " -j DROP"))),
    "nat": ("OUTPUT POSTROUTING PREROUTING float-snat snat", "OUTPUT POSTROUTING PREROUTING", (
        ("POSTROUTING", "! -i {qg} ! -o {qg} -m conntrack ! --ctstate DNAT -j ACCEPT"),
        ("PREROUTING", METADATA + " -j REDIRECT --to-ports 9697"),
        ("snat", "-j neutron-l3-agent-float-snat"),
        ("snat", "-o {qg} -j SNAT --to-source {gateway} --random-fully"),
        ("snat", "-m mark ! --mark 0x2/0xffff -m conntrack --ctstate DNAT "
                 "-j SNAT --to-source {gateway} --random-fully"))),
}
FLOATING = (("OUTPUT", "-d {floating}/32 -j DNAT --to-destination {fixed}"),
            ("PREROUTING", "-d {floating}/32 -j DNAT --to-destination {fixed}"),
            ("float-snat", "-s {fixed}/32 -j SNAT --to-source {floating} --random-fully"))
# The chains that all of Neutron's agents share: before the agent's own rules, or after them.
SHARED_CHAINS = {"filter": ":neutron-filter-top - [0:0]", "nat": ":neutron-postrouting-bottom - [0:0]"}
SHARED_FIRST = {"filter": ("-A FORWARD -j neutron-filter-top", "-A OUTPUT -j neutron-filter-top",
                           "-A neutron-filter-top -j neutron-l3-agent-local")}
SHARED_LAST = {"nat": ("-A POSTROUTING -j neutron-postrouting-bottom",
                       "-A neutron-postrouting-bottom -m comment --comment "
                       "\"Perform source NAT on outgoing traffic.\" -j neutron-l3-agent-snat")}


def table_text(table, names, floating):
    chains, builtin, rules = TABLES[table]
    yield "*" + table
    if table in SHARED_CHAINS:
        yield SHARED_CHAINS[table]
    yield from (f":neutron-l3-agent-{chain} - [0:0]" for chain in chains.split())
    yield from SHARED_FIRST.get(table, ())
    yield from (f"-A {chain} -j neutron-l3-agent-{chain}" for chain in builtin.split())
    if table == "nat":
        yield from (f"-A neutron-l3-agent-{chain} " + rule.format(floating=a, fixed=b)
                    for a, b in floating for chain, rule in FLOATING)
    yield from (f"-A neutron-l3-agent-{chain} " + rule.format(**names) for chain, rule in rules)
    yield from SHARED_LAST.get(table, ())
    yield "COMMIT"


def rules(names, floating):
    """Input of iptables-restore. `names`: qg, qr, gateway; `floating`: pairs of floating and fixed IP."""
    return "\n".join(line for table in TABLES for line in table_text(table, names, floating)) + "\n"


def around(floating, fixed, count):
    """`count` pairs, the given one in their middle: what a flow's first packet meets on average."""
    outside, inside = ipaddress.ip_address(floating), ipaddress.ip_address(fixed)
    more = [(str(outside + i), str(inside + i)) for i in range(1, count)]
    return more[:count // 2] + [(floating, fixed)] + more[count // 2:]
