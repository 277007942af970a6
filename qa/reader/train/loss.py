"""The loss: the softmax shared over all passages of a question, and whether each holds an answer."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from qa.reader.train.model import IMPOSSIBLE

ANSWERABLE_WEIGHT = 0.5


def span_loss(logits: Tensor, text: Tensor, gold: Tensor, group: Tensor) -> Tensor:
    """Mean over the groups with a gold place of -log Σ p(gold places); p is a softmax over the text tokens of the whole
    group. logits: (n, length) float; text, gold: (n, length) bool; group: (n,), rising from 0.

    Source: Clark & Gardner, ACL 2018, doi:10.18653/v1/P18-1078 (shared-normalisation, summed over mentions).
    """
    every = _log_sum(logits.masked_fill(~text, IMPOSSIBLE), group)
    right = _log_sum(logits.masked_fill(~gold, IMPOSSIBLE), group)
    answerable = torch.zeros_like(every, dtype=torch.bool).index_put((group,), gold.any(1), accumulate=True)
    return (every - right)[answerable].sum() / max(1, int(answerable.sum()))


def answerable_loss(logits: Tensor, gold: Tensor) -> Tensor:
    """Binary cross-entropy, mean over the passages. logits: (n,); gold: (n, length) bool."""
    return binary_cross_entropy_with_logits(logits, gold.any(1).float())


def _log_sum(logits: Tensor, group: Tensor) -> Tensor:
    """Log of the sum of exp over all tokens of each group, (n_groups,)."""
    rows = logits.logsumexp(1)
    size = int(group.max()) + 1
    top = rows.new_full((size,), IMPOSSIBLE * 2).scatter_reduce(0, group, rows.detach(), "amax")
    return rows.new_zeros(size).index_add(0, group, (rows - top[group]).exp()).log() + top
