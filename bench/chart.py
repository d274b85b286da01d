"""Bars with whiskers as SVG, from nothing but numbers: bench/datapath's pictures."""
import math
from html import escape

WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 900, 290, 150, 64, 22, 10
INK, FAINT, PAPER = "#1f2328", "#d0d7de", "#ffffff"
FONT = 'font-family="DejaVu Sans, Verdana, sans-serif"'


def steps_of(most, log_from):
    """Where the lines of the scale are."""
    if log_from:
        return [10 ** e for e in range(math.floor(math.log10(log_from)), math.ceil(math.log10(most)) + 1)]
    raw = most / 5
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * f for f in (1, 2, 5, 10) if size * f >= raw)
    return [step * i for i in range(math.ceil(most / step) + 1)]


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def text(x, y, words, size=13, anchor="start", fill=INK, weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" '
            f'font-weight="{weight}" {FONT}>{escape(words)}</text>')


def line(x1, y1, x2, y2, stroke, width=1):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" stroke-width="{width}"/>'


def bar(y, label, color, middle, low, high, place):
    """A bar to the median, a whisker from the least to the most."""
    half = y + BAR / 2
    yield text(LEFT - 10, half + 5, label, anchor="end")
    yield (f'<rect x="{LEFT}" y="{y}" width="{max(place(middle) - LEFT, 1):.1f}" height="{BAR}" rx="2" '
           f'fill="{color}"/>')
    yield line(place(low), half, place(high), half, INK, 1.5)
    yield from (line(place(x), half - 5, place(x), half + 5, INK, 1.5) for x in (low, high))
    yield text(place(high) + 8, half + 5, number(middle))


def draw(title, unit, bars, log=False):
    """`bars`: (label, color, median, least, most). A logarithmic scale begins at the power of ten below the least."""
    log_from = min(b[3] for b in bars) if log else 0
    steps = steps_of(max(b[4] for b in bars), log_from)
    scale = math.log10 if log else float
    first, span = scale(steps[0]), scale(steps[-1]) - scale(steps[0])

    def place(value):
        return LEFT + (WIDTH - LEFT - RIGHT) * (scale(value) - first) / span

    bottom = TOP + len(bars) * (BAR + GAP)
    height = bottom + 50
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
           f'viewBox="0 0 {WIDTH} {height}" role="img">',
           f"<title>{escape(title)}</title>", f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
           text(20, 30, title, 17, weight="bold")]
    for step in steps:
        out += [line(place(step), TOP - 8, place(step), bottom, FAINT),
                text(place(step), bottom + 18, number(step), 12, "middle")]
    for i, (label, color, *values) in enumerate(bars):
        out += bar(TOP + i * (BAR + GAP), label, color, *values, place)
    unit += ", logarithmic" if log else ""
    out += [text(LEFT, bottom + 38, unit + "; median, whiskers from least to most", 12), "</svg>"]
    return "\n".join(out) + "\n"
