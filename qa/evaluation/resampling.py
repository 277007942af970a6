"""How sure a measure is, and whether two runs differ: both by drawing the questions again and again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from qa.evaluation.measures import Measure, measured
from qa.evaluation.table import Floats, Table

DRAWS = 1000
CERTAINTY = 0.95

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Difference:
    """This run's measure minus the other's. p: how often as large a difference comes about by chance, in (0, 1]."""

    value: float
    low: float
    high: float
    p: float

    def shown(self, measure: Measure) -> str:
        value, low, high = (measure.shown(number, "+") for number in (self.value, self.low, self.high))
        return f"{value} [{low}, {high}], p = {self.p:.3f}"


def intervals(columns: Table, seed: int) -> dict[str, Interval]:
    """Percentile bootstrap intervals of every measure, with CERTAINTY, over DRAWS of n from n questions.

    Source: Efron, Annals of Statistics 1979.
    """
    return _percentiles([measured(_taken(columns, drawn)) for drawn in _draws(_size(columns), seed)])


def differences(columns: Table, other: Table, seed: int) -> dict[str, Difference]:
    """Of every measure over the same questions in the same order.

    Intervals: paired bootstrap. p: randomisation test, two-sided: each question's results are swapped between the runs
    by the toss of a coin. Source: Smucker et al., CIKM 2007, doi:10.1145/1321440.1321528.
    """
    value = _minus(columns, other)
    drawn = [_minus(_taken(columns, d), _taken(other, d)) for d in _draws(_size(columns), seed)]
    within = _percentiles(drawn)
    swapped = []
    tosses = np.random.default_rng(seed)
    for _ in range(DRAWS):
        swap = tosses.random(_size(columns)) < 0.5
        swapped.append(_minus(_mixed(columns, other, swap), _mixed(other, columns, swap)))
    return {
        name: Difference(value[name], *within[name], _p([draw[name] for draw in swapped], value[name]))
        for name in value
    }


def _p(by_chance: list[float], value: float) -> float:
    if np.isnan(value):
        return float("nan")
    as_large = sum(abs(chance) >= abs(value) - 1e-12 for chance in by_chance)
    return (as_large + 1) / (len(by_chance) + 1)


def _minus(a: Table, b: Table) -> dict[str, float]:
    of_b = measured(b)
    return {name: value - of_b[name] for name, value in measured(a).items()}


def _draws(n: int, seed: int) -> Iterator[np.ndarray]:
    generator = np.random.default_rng(seed)
    for _ in range(DRAWS):
        yield generator.integers(0, n, n)


def _percentiles(draws: list[dict[str, float]]) -> dict[str, Interval]:
    found = {}
    for name in draws[0]:
        values = np.array([draw[name] for draw in draws])
        values = values[~np.isnan(values)]
        edges = np.quantile(values, [(1 - CERTAINTY) / 2, (1 + CERTAINTY) / 2]) if len(values) else [np.nan, np.nan]
        found[name] = float(edges[0]), float(edges[1])
    return found


def _taken(columns: Table, drawn: np.ndarray) -> Table:
    return {name: column[drawn] for name, column in columns.items()}


def _mixed(columns: Table, other: Table, swap: np.ndarray) -> Table:
    return {name: np.where(swap, other[name], column) for name, column in columns.items()}


def _size(columns: Mapping[str, Floats]) -> int:
    return len(columns["answered"])
