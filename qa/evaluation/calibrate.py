"""Records of questions → the threshold that keeps a risk, and confidence that means what it says."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log, nan
from pathlib import Path

import numpy as np
import tomlkit
from tomlkit.exceptions import ParseError

from index.errors import ConfigInvalid, RiskUnreachable
from qa.confidence import log_odds, recalibrated
from qa.evaluation.abstention import ece
from qa.evaluation.run import Run
from qa.evaluation.table import Floats, Table

ENOUGH = 30
"""Right and wrong answers each, of the half that is fitted, from which on confidence is fitted too."""


N_LEVELS = 20
"""Thresholds that are tried, so many equal parts of the questions apart."""


@dataclass(frozen=True, slots=True)
class Half:
    """One half of the questions at the threshold. error: expected calibration error."""

    questions: int
    answered: int
    wrong: int
    error: float

    @property
    def coverage(self) -> float:
        return self.answered / self.questions if self.questions else nan

    @property
    def risk(self) -> float:
        return self.wrong / self.answered if self.answered else nan


@dataclass(frozen=True, slots=True)
class Calibration:
    """decline_below, slope, shift: as the configuration takes them. bound: what the share of wrong answers is at most,
    with that certainty. fitted: the half that chose them, held_out: the one that checked; error_before: its calibration
    error as it was. only_answerable: no question was without an answer."""

    risk: float
    certainty: float
    decline_below: float
    slope: float
    shift: float
    bound: float
    fitted: Half
    held_out: Half
    error_before: float
    only_answerable: bool


def calibrate(run: Run, risk: float, certainty: float = 0.95) -> Calibration:
    """Fit on a random half of the run's judged questions, check on the other.

    risk: the share of wrong among the answers given that is allowed, in (0, 1). Raises RiskUnreachable where no
    threshold keeps it with that certainty.
    """
    judged = np.flatnonzero(~np.isnan(run.table["right"]))
    shuffled = np.random.default_rng(run.seed).permutation(judged)
    half = (len(shuffled) + 1) // 2
    fitting, checking = (_taken(run.table, part) for part in (shuffled[:half], shuffled[half:]))
    threshold, bound = guaranteed(fitting["confidence"], fitting["right"], risk, certainty)
    slope, shift = _logistic(fitting)
    error_before = ece(checking)
    fitting, checking = (_recalibrated(part, slope, shift) for part in (fitting, checking))
    # Confidence is given with four digits; rounded down, the threshold still takes in the one that it was fitted to.
    decline_below = floor(1e4 * recalibrated(threshold, slope, shift)) / 1e4
    old = run.settings["answer"]
    return Calibration(
        risk,
        certainty,
        decline_below,
        slope * old["confidence_slope"],
        slope * old["confidence_shift"] + shift,
        bound,
        _half(fitting, decline_below),
        _half(checking, decline_below),
        error_before,
        bool((run.table["answerable"][judged] == 1).all()),
    )


def guaranteed(confidence: Floats, right: Floats, risk: float, certainty: float) -> tuple[float, float]:
    """(threshold, bound): the lowest threshold for which the share of wrong answers at or above it is at most `risk`,
    with `certainty` over draws of the questions; bound is that share's upper confidence limit.

    Thresholds that would answer 1, 2, … of N_LEVELS equal parts of the questions are each tested by an exact binomial
    limit at its part of the uncertainty (Bonferroni). Raises RiskUnreachable.
    Source: after Geifman & El-Yaniv, NeurIPS 2017, arXiv:1705.08500; Angelopoulos et al., 2021, arXiv:2110.01052.
    """
    uncertainty = (1 - certainty) / N_LEVELS
    levels = np.arange(N_LEVELS) / N_LEVELS if len(confidence) else np.empty(0)
    for threshold in np.quantile(confidence, levels, method="higher"):
        given = right[confidence >= threshold]
        bound = _upper_limit(int((1 - given).sum()), len(given), uncertainty)
        if bound <= risk:
            return float(threshold), bound
    needed = ceil(log(uncertainty) / log(1 - risk))
    raise RiskUnreachable(
        f"no threshold keeps wrong answers at or below {risk:.1%} with {certainty:.0%} certainty: "
        f"of the {len(right):,} questions fitted on, at least {needed:,} would have to be answered, all rightly; "
        "allow more risk, or ask more questions"
    )


def write_config(calibration: Calibration, path: Path) -> None:
    """Set decline_below, confidence_slope and confidence_shift in a config.toml, all else as it is.

    Raises ConfigInvalid where the file cannot be read or written.
    """
    try:
        document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
        answer = document.setdefault("answer", tomlkit.table())
        answer["decline_below"] = calibration.decline_below
        answer["confidence_slope"] = round(calibration.slope, 4)
        answer["confidence_shift"] = round(calibration.shift, 4)
        path.write_text(tomlkit.dumps(document), "utf-8")
    except OSError as error:
        raise ConfigInvalid(f"cannot write {path} ({error.strerror}); name another with --config") from error
    except (ParseError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path} is not TOML: {error}") from error


def _upper_limit(wrong: int, given: int, uncertainty: float) -> float:
    """Of a binomial share, one-sided. Source: Clopper & Pearson, Biometrika 1934."""
    from scipy.stats import beta  # takes half a second to import

    return 1.0 if wrong >= given else float(beta.ppf(1 - uncertainty, wrong + 1, given - wrong))


def _logistic(columns: Table) -> tuple[float, float]:
    """(slope, shift) of confidence's log-odds.

    (1, 0) where there are not ENOUGH answers, or where each fifth of them is foretold worse by a fit on the others than
    by confidence as it is.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss
    from sklearn.model_selection import cross_val_predict

    right = columns["right"]
    if min(right.sum(), (1 - right).sum()) < ENOUGH:
        return 1.0, 0.0
    odds = np.array([[log_odds(c)] for c in columns["confidence"]])
    logistic = LogisticRegression(C=np.inf)
    crossed = cross_val_predict(logistic, odds, right, cv=5, method="predict_proba")[:, 1]
    logistic.fit(odds, right)
    slope, shift = float(logistic.coef_[0, 0]), float(logistic.intercept_[0])
    if slope <= 0 or log_loss(right, crossed) >= log_loss(right, columns["confidence"]):
        return 1.0, 0.0
    return round(slope, 4), round(shift, 4)


def _recalibrated(columns: Table, slope: float, shift: float) -> Table:
    confidence = np.array([round(recalibrated(c, slope, shift), 4) for c in columns["confidence"]])
    return {**columns, "confidence": confidence}


def _half(columns: Table, decline_below: float) -> Half:
    given = columns["confidence"] >= decline_below
    return Half(len(given), int(given.sum()), int((1 - columns["right"][given]).sum()), ece(columns))


def _taken(columns: Table, rows: np.ndarray) -> Table:
    return {name: column[rows] for name, column in columns.items()}
