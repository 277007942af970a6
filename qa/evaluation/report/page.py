"""Run → one HTML page that loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from math import isnan

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from qa.answer import Citation
from qa.evaluation.measures import MEASURES, Measure
from qa.evaluation.record import Record
from qa.evaluation.report import plots
from qa.evaluation.resampling import Difference
from qa.evaluation.run import Run

HEADLINES = ("first_citation", "f1", "answer_precision", "declined_unanswerable", "verbatim", "p95_ms")
OUTCOMES = (
    "right",
    "wrong span",
    "wrong sentence",
    "wrong article",
    "wrongly declined",
    "wrongly answered",
    "not judged",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A measure as it is shown. low, high: None where the value is not a share, else percent along its bar."""

    name: str
    formula: str
    value: str
    interval: str
    bar: tuple[float, float, float] | None
    difference: str
    verdict: str


def page(run: Run, differences: Mapping[str, Difference] | None = None) -> str:
    """The report; everything from questions and articles is escaped."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters |= {"quoted": _quoted, "percent": lambda value: f"{value:.0%}"}
    rows = {name: _row(run, measure, differences) for name, measure in MEASURES.items()}
    causes = run.causes().most_common()
    return environment.from_string(_text("report.html")).render(
        run=run,
        style=Markup(_text("report.css")),  # ours, not a reader's
        script=Markup(_text("report.js")),
        headlines=[rows[name] for name in HEADLINES if not isnan(run.measures[name])],
        groups=[
            (group, [rows[m.name] for m in measures if not isnan(run.measures[m.name])])
            for group, measures in groupby(MEASURES.values(), key=lambda m: m.group)
        ],
        compared=differences is not None,
        plots=list(_plots(run)),
        causes=causes,
        misses=sum(n for _, n in causes),
        outcomes=[(outcome, n) for outcome in OUTCOMES if (n := run.outcomes()[outcome])],
        answerable=sum(record.question.answerable is True for record in run.records),
        unanswerable=sum(record.question.answerable is False for record in run.records),
        first_relevant=_first_relevant,
    )


def _plots(run: Run) -> Iterator[tuple[str, str, Markup]]:
    """(title, explanation, plot)"""
    for title, plot in (
        ("Risk over coverage", plots.risk_over_coverage),
        ("Calibration", plots.calibration),
        ("Rank of the first relevant chunk", plots.first_relevant),
        ("Time of an answer", plots.latency),
    ):
        yield title, (plot.__doc__ or "").strip(), plot(run)


def _row(run: Run, measure: Measure, differences: Mapping[str, Difference] | None) -> Row:
    value, (low, high) = run.measures[measure.name], run.intervals[measure.name]
    unit = "" if measure.unit == "share" else f" {measure.unit}"
    bar = (100 * low, 100 * (high - low), 100 * value) if measure.unit == "share" and not isnan(low) else None
    difference, verdict = "", ""
    if differences and not isnan(differences[measure.name].value):
        d = differences[measure.name]
        difference = d.shown(measure)
        if d.p < 0.05:
            verdict = "better" if (d.value > 0) == (measure.better == "higher") else "worse"
    interval = f"{measure.shown(low)} – {measure.shown(high)}"
    return Row(measure.name, measure.formula, measure.shown(value) + unit, interval, bar, difference, verdict)


def _quoted(citation: Citation) -> Markup:
    """The sentence with its span in <mark>."""
    if citation.span is None:
        return escape(citation.sentence)
    start, end = citation.span[0] - citation.start, citation.span[1] - citation.start
    s = citation.sentence
    return Markup("{}<mark>{}</mark>{}").format(s[:start], s[start:end], s[end:])


def _first_relevant(record: Record) -> int:
    """Rank from 1; 0 where none was found."""
    return next((rank for rank, (item, _) in enumerate(record.found, 1) if item in record.qrels), 0)


def _text(name: str) -> str:
    return (files("qa.evaluation.report") / name).read_text(encoding="utf-8")
