"""What bench/datapath found, as tables, ratios against their targets, and pictures."""
import os
import statistics

import chart
from worlds import ROWS

COLORS = {"neutron": "#8c959f", "buoy": "#2f81f7", "plain": "#bf8700", "ceiling": "#57ab5a"}

# A table: its title, and (figure, heading, factor, digits) for each column.
TABLES = (
    ("64-byte UDP, one CPU for everything", (
        ("pps", "known flows, Mpps", 1e-6, 3), ("flows", "new flows, 1,000/s", 1e-3, 1),
        ("cost", "BPF program, ns/packet", 1, 1), ("p50", "request p50, us", 1, 1), ("p99", "p99, us", 1, 1))),
    ("TCP to the instance", (
        ("in-1", "one stream, Gb/s", 1, 2), ("in-8", "eight", 1, 2), ("in-1-cpu", "CPU s/Gb, one stream", 1, 3),
        ("gso-1", "big packets: one", 1, 2), ("gso-8", "eight", 1, 2), ("gso-1-cpu", "CPU s/Gb, one", 1, 3))),
    ("TCP from the instance", (
        ("out-1", "one stream, Gb/s", 1, 2), ("out-8", "eight", 1, 2), ("out-1-cpu", "CPU s/Gb, one stream", 1, 3),
        ("out-8-cpu", "CPU s/Gb, eight", 1, 3))),
)
CPU_UNIT = "CPU seconds a gigabit, both ends included"
# File, figure, title, unit, factor, whether the scale is logarithmic.
PICTURES = (
    ("packets", "pps", "64-byte UDP, known flows, one CPU", "million packets a second", 1e-6, False),
    ("flows", "flows", "New flows accepted, one CPU", "flows a second", 1, True),
    ("tcp-in", "in-1", "TCP to the instance, one stream, packets as off a wire", "Gb/s", 1, False),
    ("tcp-big", "gso-1", "TCP to the instance, one stream, packets larger than the MTU", "Gb/s", 1, False),
    ("tcp-out", "out-1", "TCP from the instance, one stream", "Gb/s", 1, False),
    ("cpu-in", "in-1-cpu", "CPU time, TCP to the instance, one stream", CPU_UNIT, 1, False),
    ("cpu-out", "out-1-cpu", "CPU time, TCP from the instance, one stream", CPU_UNIT, 1, False),
    ("cost", "cost", "A BPF program's time for one packet", "nanoseconds, BPF_PROG_TEST_RUN", 1, False),
    ("latency", "p50", "A request and its answer, UDP, median", "microseconds", 1, False),
)
# What, (row, figure) over (row, figure), what the ratio must be; None: told only.
RATIOS = (
    ("bpf on XDP / ceiling, packets, one floating IP", ("xdp-1", "pps"), ("ceiling", "pps"), 0.90),
    ("bpf on XDP / ceiling, packets, 100,000", ("xdp-100000", "pps"), ("ceiling-100000", "pps"), 0.75),
    ("bpf on XDP / Neutron, packets", ("xdp-1", "pps"), ("neutron-1", "pps"), 6),
    ("bpf on tc / Neutron, packets", ("tc-1", "pps"), ("neutron-1", "pps"), 2),
    ("bpf on tc / Neutron, TCP in, big packets, one stream", ("tc-1", "gso-1"), ("neutron-1", "gso-1"), 1.2),
    ("bpf on tc / Neutron, TCP in, one stream", ("tc-1", "in-1"), ("neutron-1", "in-1"), 1.2),
    ("bpf on tc / Neutron, TCP out, one stream", ("tc-1", "out-1"), ("neutron-1", "out-1"), 1.2),
    ("bpf on XDP / Neutron, new flows, 1,000 floating IPs", ("xdp-1000", "flows"), ("neutron-1000", "flows"), 40),
    ("bpf on tc / Neutron, new flows, 1,000 floating IPs", ("tc-1000", "flows"), ("neutron-1000", "flows"), None),
    ("nft / Neutron, packets", ("nft-1", "pps"), ("neutron-1", "pps"), 1),
    ("nft / Neutron, new flows, 1,000 floating IPs", ("nft-1000", "flows"), ("neutron-1000", "flows"), 5),
    ("nft / Neutron, new flows, one floating IP", ("nft-1", "flows"), ("neutron-1", "flows"), None),
)
PUT_MS = 10  # p99 from a PUT that associates to the first packet


def cell(values, factor, digits):
    if not values:
        return "-"
    values = [v * factor for v in values]
    return f"{statistics.median(values):,.{digits}f} [{min(values):,.{digits}f}..{max(values):,.{digits}f}]"


def align(lines):
    widths = [max(len(row[i]) for row in lines) for i in range(len(lines[0]))]
    return [" | ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in lines]


def table_lines(found):
    for title, columns in TABLES:
        rows = [[ROWS[name].title] + [cell(figures.get(c[0]), c[2], c[3]) for c in columns]
                for name, figures in found.items() if any(figures.get(c[0]) for c in columns)]
        if rows:
            yield from ["", title + ": median [least..most]"]
            yield from align([["data path"] + [c[1] for c in columns]] + rows)


def median_of(found, row, figure):
    values = found.get(row, {}).get(figure)
    return statistics.median(values) if values else None


def ratio_lines(found):
    """Those that could be measured; a target that is missed is said to be, and is no error."""
    rows = []
    for what, over, under, target in RATIOS:
        top, bottom = median_of(found, *over), median_of(found, *under)
        if top and bottom:
            ratio = top / bottom
            verdict = "" if target is None else "ok" if ratio >= target else "MISSED"
            rows.append([what, "" if target is None else f">= {target:g}", f"{ratio:.2f}", verdict])
    return ["", "ratios of medians"] + align([["what", "target", "measured", ""]] + rows) if rows else []


def put_lines(puts):
    rows = [[f"{name}, {p['many']:,} floating IPs", f"p99 < {PUT_MS} ms",
             f"p50 {p['p50']:.2f} ms, p99 {p['p99']:.2f} ms, max {p['max']:.1f} ms, {p['count']} times",
             "ok" if p["p99"] < PUT_MS else "MISSED"] for name, p in puts.items()]
    return ["", "a PUT that associates, to the first packet"] + align(
        [["data path", "target", "measured", ""]] + rows) if rows else []


def lost_lines(found):
    for name, figures in found.items():
        for figure in "pps-lost", "flows-lost":
            if max(figures.get(figure, [0])) > 0.01:
                yield (f"{ROWS[name].title}: {figure[:-5]}: up to {max(figures[figure]):.0%} was sent and did not "
                       "arrive; only what arrived counts")


def draw_all(found, folder):
    for name, figure, title, unit, factor, log in PICTURES:
        bars = [(ROWS[row].title, COLORS[ROWS[row].kind], *(f(values) * factor for f in (statistics.median, min, max)))
                for row, figures in found.items() for values in [figures.get(figure)] if values]
        if bars:
            with open(os.path.join(folder, name + ".svg"), "w", encoding="utf-8") as f:
                f.write(chart.draw(title, unit, bars, log))


def write(found, puts, notes, folder):
    lines = [*notes, *table_lines(found), *ratio_lines(found), *put_lines(puts)]
    lost = list(lost_lines(found))
    lines += ["", *lost] if lost else []
    print("\n".join(lines))
    with open(os.path.join(folder, "datapath.txt"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    draw_all(found, folder)
