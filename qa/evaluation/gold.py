"""A text against gold answers: normalised as SQuAD does, exact match, F1, and whether it holds one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from qa.normalised import normalised


def exact_match(answer: str, answers: Iterable[str]) -> float:
    """1 where the normalised answer equals one of the gold answers, else 0; without gold, where it is empty."""
    return max(float(normalised(answer) == normalised(gold)) for gold in _gold(answers))


def f1(answer: str, answers: Iterable[str]) -> float:
    """Best over the gold answers of 2PR / (P + R) between bags of normalised words, in [0, 1].

    Where either side is empty: 1 if both are, else 0. Without gold answers the right answer is the empty one.
    """
    return max(_f1(normalised(answer).split(), normalised(gold).split()) for gold in _gold(answers))


def holds(text: str, answers: Iterable[str]) -> bool:
    """Whether a gold answer stands in the text: as it is, but a single word not inside another, or its normalised words
    in a row.

    Source: after DPR's has_answer; Karpukhin et al., EMNLP 2020, arXiv:2004.04906.
    """
    folded, words = text.casefold(), f" {normalised(text)} "
    return any(_stands(gold.casefold().strip(), folded) or f" {normalised(gold)} " in words for gold in _gold(answers))


def _stands(gold: str, text: str) -> bool:
    if " " in gold:  # people who mark answers cut into words now and then
        return gold in text
    before, after = (r"(?<!\w)" if gold[:1].isalnum() else ""), (r"(?!\w)" if gold[-1:].isalnum() else "")
    return bool(gold) and re.search(before + re.escape(gold) + after, text) is not None


def _gold(answers: Iterable[str]) -> list[str]:
    return [gold for gold in answers if normalised(gold)] or [""]


def _f1(answer: list[str], gold: list[str]) -> float:
    if not answer or not gold:
        return float(answer == gold)
    common = sum((Counter(answer) & Counter(gold)).values())
    return 2 * common / (len(answer) + len(gold))
