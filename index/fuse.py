"""Two rankings → one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def fuse(dense: Floats, lexical: Floats, dense_weight: float) -> Floats:
    """Convex combination of standardised scores: weight · z(dense) + (1 - weight) · z(lexical).

    dense, lexical: both scores of the same candidates, (n,), aligned. Returns (n,), mean 0; a side whose scores are all
    equal counts for nothing. Source: Bruch et al., TOIS 2023, doi:10.1145/3596512.
    """
    return dense_weight * _standardised(dense) + (1 - dense_weight) * _standardised(lexical)


def _standardised(scores: Floats) -> Floats:
    spread = float(scores.std()) if len(scores) else 0.0
    if spread < 1e-12:
        return np.zeros(len(scores))
    standard: Floats = (scores - scores.mean()) / spread
    return standard
