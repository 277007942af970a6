"""Measures that a run must reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite

from qa.evaluation.measures import MEASURES
from qa.evaluation.run import Run


@dataclass(frozen=True, slots=True)
class Requirement:
    """value: the least that is allowed, or the most where lower is better."""

    name: str
    value: float

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """From "f1=0.7". Raises ValueError, in words for whoever wrote it."""
        name, _, value = text.partition("=")
        if name not in MEASURES:
            raise ValueError(f"there is no measure {name!r}; there are {', '.join(MEASURES)}")
        try:
            number = float(value)
        except ValueError:
            raise ValueError(f"{text!r} is not NAME=VALUE with a number, as in f1=0.7") from None
        if not isfinite(number):
            raise ValueError(f"{text!r} asks for something that no measure can be")
        return cls(name, number)


def missed(run: Run, requirements: Iterable[Requirement]) -> Iterator[str]:
    """A line for each requirement that the run falls short of; a measure that no question bears on does."""
    for required in requirements:
        measure, value = MEASURES[required.name], run.measures[required.name]
        higher = measure.better == "higher"
        reached = value >= required.value if higher else value <= required.value
        if not reached:
            bound = "at least" if higher else "at most"
            yield f"{required.name} is {value:.4g}, required: {bound} {required.value:g}"
