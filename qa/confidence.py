"""Confidence, fitted anew to the user's own questions."""

from __future__ import annotations

from math import exp, log

_LEAST = 5e-5
"""Half of the last digit that a confidence is given with: its log-odds stay finite."""


def log_odds(confidence: float) -> float:
    """Of a probability in [0, 1]."""
    p = min(max(confidence, _LEAST), 1 - _LEAST)
    return log(p / (1 - p))


def recalibrated(confidence: float, slope: float, shift: float) -> float:
    """The probability whose log-odds are slope · log-odds + shift; the same order for any slope above 0.

    Source: Platt, Advances in Large Margin Classifiers, 1999.
    """
    if (slope, shift) == (1, 0):
        return confidence
    return 1 / (1 + exp(-slope * log_odds(confidence) - shift))
