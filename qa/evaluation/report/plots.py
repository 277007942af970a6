"""Plots as SVG that takes its colours from the page's style, so that it follows light, dark and print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from qa.evaluation.abstention import reliability, risk_coverage
from qa.evaluation.run import Run

WIDTH, HEIGHT = 460, 270
LEFT, RIGHT, TOP, BOTTOM = 58, 22, 12, 44
_RANKS = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, 100))


@dataclass(frozen=True, slots=True)
class Axis:
    """label: below or beside it. ticks: (value, text); the axis reaches from the first to the last."""

    label: str
    ticks: Sequence[tuple[float, str]]

    def place(self, value: float) -> float:
        """In [0, 1] along the axis."""
        first, last = self.ticks[0][0], self.ticks[-1][0]
        return (value - first) / ((last - first) or 1)


SHARE = [(i / 5, f"{i * 20} %") for i in range(6)]


def risk_over_coverage(run: Run) -> Markup:
    """The share of wrong answers if only the surest questions were answered; a dot where the threshold stands."""
    thresholds, coverage, risk = risk_coverage(run.table)
    x, y = Axis("questions answered", SHARE), Axis("of these, wrong", SHARE)
    answered = int(np.sum(thresholds >= run.settings["answer"]["decline_below"])) - 1
    parts = [_line([(x.place(c), y.place(r)) for c, r in zip(coverage, risk, strict=True)])]
    if answered >= 0:
        tip = f"at the threshold: {coverage[answered]:.0%} answered, {risk[answered]:.0%} of these wrong"
        parts.append(_dot(x.place(coverage[answered]), y.place(risk[answered]), tip))
    return _plot("Risk over coverage", x, y, parts)


def calibration(run: Run) -> Markup:
    """The share of right answers in each tenth of confidence; on the line, confidence means what it says."""
    mean, right, count = reliability(run.table)
    x, y = Axis("confidence", SHARE), Axis("right", SHARE)
    parts = [_line([(0, 0), (1, 1)], "ideal")]
    for i, n in enumerate(count):
        if n:
            tip = f"{int(n):,} questions, confidence {mean[i]:.0%} on average, {right[i]:.0%} right"
            parts.append(_bar(i / len(count), (i + 1) / len(count), right[i], tip))
    return _plot("Calibration", x, y, parts)


def first_relevant(run: Run) -> Markup:
    """At which rank the search brought the first relevant chunk."""
    ranks = [next((i for i, (item, _) in enumerate(r.found, 1) if item in r.qrels), 0) for r in run.records]
    ranks = [rank for rank, r in zip(ranks, run.records, strict=True) if r.question.answerable]
    names = [f"{a}" if a == b else f"{a}–{b}" for a, b in _RANKS]
    counts = [sum(a <= rank <= b for rank in ranks) for a, b in _RANKS]
    return _bars("Rank of the first relevant chunk", "rank", "questions", [*names, "none"], [*counts, ranks.count(0)])


def latency(run: Run) -> Markup:
    """How long the answers took, in 12 equal steps up to the 99th percentile."""
    ms = run.table["ms"]
    top = max(1.0, float(np.percentile(ms, 99)))
    counts, edges = np.histogram(np.minimum(ms, top), bins=12, range=(0, top))
    names = [f"{edge:.0f}" for edge in edges[1:]]
    names[-1] = f"≥ {edges[-2]:.0f}"
    return _bars("Time of an answer", "milliseconds, up to", "questions", names, counts.tolist())


def _bars(title: str, x_label: str, y_label: str, names: Sequence[str], counts: Sequence[int]) -> Markup:
    n, most = len(names), max(1, *counts)
    step = _step(most)
    top = step * (-(-most // step))
    y = Axis(y_label, [(value, f"{value:,}") for value in range(0, top + 1, step)])
    x = Axis(x_label, [(0, ""), *((i + 0.5, name) for i, name in enumerate(names)), (n, "")])
    bars = [_bar(i / n, (i + 1) / n, c / top, f"{names[i]}: {c:,}") for i, c in enumerate(counts) if c]
    return _plot(title, x, y, bars)


def _step(most: int) -> int:
    """A round step that gives at most six ticks."""
    size = 1
    while most / size > 5:
        size = size * 2 if str(size)[0] in "15" else size * 5 // 2
    return size


def _x(place: float) -> float:
    return LEFT + place * (WIDTH - LEFT - RIGHT)


def _y(place: float) -> float:
    return HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM)


def _line(points: Sequence[tuple[float, float]], kind: str = "series") -> Markup:
    path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    return Markup('<polyline class="{}" points="{}"/>').format(kind, path)


def _dot(x: float, y: float, tip: str) -> Markup:
    return Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="5"><title>{}</title></circle>').format(
        _x(x), _y(y), tip
    )


def _bar(left: float, right: float, height: float, tip: str) -> Markup:
    return Markup(
        '<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
    ).format(_x(left) + 1.5, _y(height), _x(right) - _x(left) - 3, _y(0) - _y(height), tip)


def _plot(title: str, x: Axis, y: Axis, parts: Sequence[Markup]) -> Markup:
    grid = [
        Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, WIDTH - RIGHT, at, at)
        + Markup('<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(LEFT - 6, at + 4, text)
        for at, text in ((_y(y.place(value)), text) for value, text in y.ticks)
    ]
    below = [
        Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            _x(x.place(value)), HEIGHT - BOTTOM + 16, text
        )
        for value, text in x.ticks
    ]
    names = Markup(
        '<text class="axis" x="{:.1f}" y="{}" text-anchor="middle">{}</text>'
        '<text class="axis" transform="translate(12 {:.1f}) rotate(-90)" text-anchor="middle">{}</text>'
    ).format(_x(0.5), HEIGHT - 8, x.label, _y(0.5), y.label)
    return Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, title, Markup("").join([*grid, *below, *parts, names])
    )
