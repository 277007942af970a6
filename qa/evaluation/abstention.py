"""How well confidence tells right from wrong, and what can be answered from what can't."""

from __future__ import annotations

from math import nan

import numpy as np

from qa.evaluation.table import Floats, Table

N_BINS = 10
"""Of confidence, for calibration."""


def auroc(t: Table) -> float:
    """From the ranks of the confidences, equal ones sharing theirs; nan where one kind of question is missing.

    Source: Mann & Whitney, Annals of Mathematical Statistics 1947; Hanley & McNeil, Radiology 1982.
    """
    from scipy.stats import rankdata  # takes half a second to import

    known = ~np.isnan(t["answerable"])
    answerable = t["answerable"][known] == 1
    n, of = int(answerable.sum()), len(answerable)
    if n in (0, of):
        return nan
    ranks = rankdata(t["confidence"][known])
    return float((ranks[answerable].sum() - n * (n + 1) / 2) / (n * (of - n)))


def risk_coverage(t: Table) -> tuple[Floats, Floats, Floats]:
    """(thresholds, coverage, risk): answering the i surest questions covers i / n of them and is wrong in `risk`.

    One point for each confidence that occurs, highest first. Source: El-Yaniv & Wiener, JMLR 2010.
    """
    known = ~np.isnan(t["right"])
    confidence, right = t["confidence"][known], t["right"][known]
    order = np.argsort(-confidence, kind="stable")
    confidence, wrong = confidence[order], np.cumsum(1 - right[order])
    last = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)) if len(confidence) else np.arange(0)
    return confidence[last], (last + 1) / max(1, len(confidence)), wrong[last] / (last + 1)


def aurc(t: Table) -> float:
    """Source: Geifman et al., ICLR 2019, arXiv:1805.08206."""
    _, coverage, risk = risk_coverage(t)
    return float(np.sum(risk * np.diff(coverage, prepend=0))) if len(risk) else nan


def reliability(t: Table) -> tuple[Floats, Floats, Floats]:
    """(mean confidence, share right, questions) of N_BINS equal bins of confidence; nan in empty ones."""
    known = ~np.isnan(t["right"])
    confidence, right = t["confidence"][known], t["right"][known]
    bins = np.minimum((confidence * N_BINS).astype(int), N_BINS - 1)
    count = np.bincount(bins, minlength=N_BINS).astype(float)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(bins, confidence, N_BINS) / count
        return mean, np.bincount(bins, right, N_BINS) / count, count


def ece(t: Table) -> float:
    """Source: Naeini et al., AAAI 2015; Guo et al., ICML 2017, arXiv:1706.04599."""
    mean, right, count = reliability(t)
    return float(np.nansum(np.abs(mean - right) * count) / count.sum()) if count.sum() else nan
