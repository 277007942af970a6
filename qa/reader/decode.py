"""Start and end scores of a chunk's tokens → its best spans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MAX_TOKENS = 40
"""Of a span. Longer gold answers than this: 1 in 100 of the training questions."""


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """Tokens [first, last] of a chunk's text, both included. score: start logit + end logit."""

    first: int
    last: int
    score: float


def best_spans(start: Floats, end: Floats, limit: int, max_tokens: int = MAX_TOKENS) -> list[TokenSpan]:
    """The `limit` best spans, best first, no two of them with a token in common; equal scores: the earlier first.

    start, end: (n_tokens,).
    """
    n, width = len(start), min(max_tokens, len(start))
    if n == 0:
        return []
    padded = np.concatenate([end, np.full(width, -np.inf, end.dtype)])
    scores = start[:, None] + np.lib.stride_tricks.sliding_window_view(padded, width)[:n]
    taken = np.zeros(n, np.bool_)
    found: list[TokenSpan] = []
    for place in np.argsort(-scores, axis=None, kind="stable")[: 200 * limit]:
        first, length = divmod(int(place), width)
        last = first + length
        if last >= n or taken[first : last + 1].any():
            continue
        taken[first : last + 1] = True
        found.append(TokenSpan(first, last, float(scores[first, length])))
        if len(found) == limit:
            break
    return found
