"""A run as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from math import isnan

from qa.evaluation.calibrate import Calibration, Half
from qa.evaluation.measures import MEASURES, Measure
from qa.evaluation.resampling import Difference
from qa.evaluation.run import Run


def run_text(run: Run, differences: Mapping[str, Difference] | None = None) -> str:
    """The measures with their intervals, and where the misses come from; with a baseline's differences beside them."""
    lines = [_heading(run), ""]
    columns = f"{'':24}{'value':>8}   {'95 % interval':16}"
    lines.append(columns + ("   against the baseline" if differences else ""))
    for group, measures in groupby(MEASURES.values(), key=lambda m: m.group):
        rows = [row for measure in measures if (row := _row(run, measure, differences))]
        lines += [group, *rows] if rows else []
    lines += ["", *_counts(run)]
    return "\n".join(lines)


def calibration_text(c: Calibration) -> str:
    """What was fitted, how sure it is, and what the other half says."""
    fitted, held_out = c.fitted, c.held_out
    lines = [
        f"decline_below = {c.decline_below:g}: with {c.certainty:.0%} certainty at most {c.bound:.1%} "
        f"of the answers given are wrong (allowed: {c.risk:.1%})",
        f"  fitted on {count(fitted.questions, 'question')}: {_answered(fitted)}",
        f"  held out, {count(held_out.questions, 'question')}: {_answered(held_out)}",
    ]
    if (c.slope, c.shift) != (1, 0):
        lines.append(
            f"confidence_slope = {c.slope:.4g}, confidence_shift = {c.shift:.4g}: "
            f"calibration error on the half held out {c.error_before:.3f} → {held_out.error:.3f}"
        )
    if c.only_answerable:
        lines.append(
            "Each of these questions has an answer: the threshold knows nothing of questions that have none. Add such "
            "questions, or --off-topic."
        )
    return "\n".join(lines)


def _answered(half: Half) -> str:
    return f"{half.answered:,} answered ({half.coverage:.0%}), {half.wrong:,} of them wrong ({half.risk:.1%})"


def count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _heading(run: Run) -> str:
    answerable = sum(record.question.answerable is True for record in run.records)
    unanswerable = sum(record.question.answerable is False for record in run.records)
    stopped = f" of {run.asked:,}, stopped before the end" if len(run.records) < run.asked else ""
    articles = count(run.settings["index"]["articles"], "article")
    total = count(len(run.records), "question")
    return f"{total}{stopped}: {answerable:,} answerable, {unanswerable:,} not; over {articles}"


def _row(run: Run, measure: Measure, differences: Mapping[str, Difference] | None) -> str | None:
    value = run.measures[measure.name]
    if isnan(value):
        return None
    low, high = (measure.shown(edge) for edge in run.intervals[measure.name])
    row = f"  {measure.name:22}{measure.shown(value):>8}   {f'{low} – {high}':16}"
    if differences and not isnan(differences[measure.name].value):
        row += f"   {differences[measure.name].shown(measure)}"
    return row


def _counts(run: Run) -> Iterator[str]:
    yield "outcomes: " + ", ".join(f"{n:,} {outcome}" for outcome, n in run.outcomes().most_common())
    if causes := run.causes():
        stages = ", ".join(f"{n:,} {cause}" for cause, n in causes.most_common())
        yield f"misses, by the stage that lost the answer: {stages}"
    still, judged = run.still_rejected()
    if judged:
        yield f"of {count(judged, 'answer')} that people called wrong, {still:,} still given"
