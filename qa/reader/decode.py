"""Start and end scores of a chunk's tokens → its best spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

MAX_TOKENS = 40
"""Of a span. Longer gold answers than this: 1 in 100 of the training questions."""


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """Tokens [first, last] of a chunk's text, both included. score: start logit + end logit."""

    first: int
    last: int
    score: float


def best_spans(start: Floats, end: Floats, sentence: Ints, limit: int, max_tokens: int = MAX_TOKENS) -> list[TokenSpan]:
    """The `limit` best spans, each within one sentence, best first, no two with a token in common; equal scores: the
    earlier first.

    start, end: (n_tokens,). sentence: (n_tokens,), each token's sentence by number, rising. Gold answers that go over a
    sentence's end: 1 in 1,000.
    """
    n, width = len(start), min(max_tokens, len(start))
    if n == 0:
        return []
    apart = _windows(sentence, -1, width) != sentence[:, None]
    scores = np.where(apart, -np.inf, start[:, None] + _windows(end, -np.inf, width))
    taken = np.zeros(n, np.bool_)
    found: list[TokenSpan] = []
    for place in np.argsort(-scores, axis=None, kind="stable")[: 200 * limit]:
        first, length = divmod(int(place), width)
        last = first + length
        if scores[first, length] == -np.inf:
            break
        if taken[first : last + 1].any():
            continue
        taken[first : last + 1] = True
        found.append(TokenSpan(first, last, float(scores[first, length])))
        if len(found) == limit:
            break
    return found


def _windows(row: npt.NDArray[Any], beyond: float, width: int) -> npt.NDArray[Any]:
    """(n, width): for each place the values from there on, `beyond` behind the end."""
    padded = np.concatenate([row, np.full(width, beyond, row.dtype)])
    return np.lib.stride_tricks.sliding_window_view(padded, width)[: len(row)]
