"""Labelled questions → batches of groups: a question with its gold passage and hard negatives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa.reader.sequence import Joined, PairTokenizer
from qa.reader.train.corpus import LOOSE, Labelled, Part
from qa.reader.train.pool import Bounds, Passage, Pool

Ints = npt.NDArray[np.int64]

SHARES = {
    "squad": 0.52,
    "new_wiki": 0.09,
    "qed": 0.17,
    "tydiqa": 0.09,
    "policyqa": 0.05,
    "amazon": 0.04,
    "reddit": 0.04,
}
"""Of the questions drawn. Those that people had before they saw a text (qed, tydiqa) count three times their number."""

BLOCK = 512
"""Questions that are drawn, sorted by length and cut into batches at once."""

WINDOW_WORDS = 55
WITHOUT_GOLD = 0.15
"""Share of groups that hold no gold passage."""


@dataclass(frozen=True, slots=True)
class Member:
    """A passage of a group. gold: [first, last] places in the sequence of each mention; none in a negative."""

    sequence: Joined
    gold: Sequence[Bounds]


@dataclass(frozen=True, slots=True)
class Batch:
    """ids, mask, types: (n, length). group: (n,), to which question a row belongs, from 0. text: (n, length) bool, the
    passage's own tokens. starts, ends: (n, length) bool, where gold mentions begin and end."""

    ids: Ints
    mask: Ints
    types: Ints
    group: Ints
    text: npt.NDArray[np.bool_]
    starts: npt.NDArray[np.bool_]
    ends: npt.NDArray[np.bool_]


class Sampler:
    """Draws questions by SHARES, each set without repeats until it is used up; the same seed, the same order."""

    def __init__(self, parts: Mapping[str, Part], seed: int) -> None:
        self._parts = parts
        self._seed = seed
        shares = np.array([SHARES[name] for name in parts])
        self._shares = shares / shares.sum()

    def blocks(self) -> Iterator[list[Labelled]]:
        """Without end, BLOCK questions each."""
        rng = np.random.default_rng(self._seed)
        names = list(self._parts)
        waiting: dict[str, list[int]] = {name: [] for name in names}
        while True:
            block = []
            for k in rng.choice(len(names), BLOCK, p=self._shares):
                name = names[k]
                if not waiting[name]:
                    waiting[name] = rng.permutation(len(self._parts[name].questions)).tolist()
                block.append(self._parts[name].questions[waiting[name].pop()])
            yield block


class Assembler:
    """Questions → batches. In windows: one stretch of about WINDOW_WORDS words a question; else whole chunks, the gold
    one with one or two negatives."""

    def __init__(self, pool: Pool, tokenizer: PairTokenizer, budget: int) -> None:
        """budget: tokens of a batch, padding included."""
        self._pool, self._tokenizer, self._budget = pool, tokenizer, budget

    def batches(self, block: Sequence[Labelled], windows: bool, rng: np.random.Generator) -> list[Batch]:
        """Groups of like length together, in random order."""
        ids = self._tokenizer.questions([q.text for q in block])
        make = self._window if windows else self._group
        groups = [g for q, i in zip(block, ids, strict=True) if (g := make(q, i, rng))]
        groups.sort(key=_length)
        cut: list[list[list[Member]]] = [[]]
        for group in groups:
            rows = sum(len(g) for g in cut[-1]) + len(group)
            if cut[-1] and rows * _length(group) > self._budget:
                cut.append([])
            cut[-1].append(group)
        found = [_batch(c) for c in cut]
        return [found[i] for i in rng.permutation(len(found))]

    def _window(self, q: Labelled, ids: npt.NDArray[np.int32], rng: np.random.Generator) -> list[Member]:
        gold = self._pool.gold(q)
        if not gold:
            return []
        if rng.random() < WITHOUT_GOLD:
            n = self._negatives(q, gold, 1, rng)
            return [self._member(q, ids, self._pool.passages[n[0]], True, rng)] if n else []
        return [self._member(q, ids, self._pool.passages[int(rng.choice(gold))], True, rng)]

    def _group(self, q: Labelled, ids: npt.NDArray[np.int32], rng: np.random.Generator) -> list[Member]:
        gold = self._pool.gold(q)
        if not gold:
            return []
        unanswerable = rng.random() < WITHOUT_GOLD
        n = self._negatives(q, gold, 2 if unanswerable else int(rng.integers(1, 3)), rng)
        chosen = n if unanswerable else [int(rng.choice(gold)), *n]
        return [self._member(q, ids, self._pool.passages[i], False, rng) for i in chosen]

    def _negatives(self, q: Labelled, gold: Sequence[int], n: int, rng: np.random.Generator) -> list[int]:
        """Drawn from what retrieval brings, the better ranked ones more often. Questions that make sense only beside
        their text, and policies, which all say the same, get any other passage of their set."""
        name = q.article.id.split("/")[0]
        if name in LOOSE or name == "policyqa":
            if rng.random() < 0.7:
                return []
            i = int(rng.integers(len(self._pool.passages)))
            return [] if self._pool.passages[i].article is q.article else [i]
        found = self._pool.negatives(q, gold)
        weights = 1 / (2.0 + np.arange(len(found)))
        return rng.choice(found, min(n, len(found)), replace=False, p=weights / weights.sum()).tolist() if found else []

    def _member(
        self, q: Labelled, ids: npt.NDArray[np.int32], passage: Passage, window: bool, rng: np.random.Generator
    ) -> Member:
        mentions = passage.mentions(q) if passage.article is q.article else []
        first, last = _stretch(passage, mentions, rng) if window else (0, len(passage.text.ids))
        joined = self._tokenizer.join(ids, passage.text, first, last)
        shift = joined.offset - first
        return Member(joined, [(a + shift, b + shift) for a, b in mentions if first <= a and b < last])


def _stretch(passage: Passage, mentions: Sequence[Bounds], rng: np.random.Generator) -> Bounds:
    """Neighbouring sentences of about WINDOW_WORDS words (1.3 tokens each), a mention among them if there is one."""
    bounds = passage.sentences
    if mentions:
        first, last = mentions[int(rng.integers(len(mentions)))]
        a = max(i for i, (s, _) in enumerate(bounds) if s <= first or i == 0)
        b = max(a, max(i for i, (s, _) in enumerate(bounds) if s <= last or i == 0))
    else:
        a = b = int(rng.integers(len(bounds)))
    limit = WINDOW_WORDS * 1.3
    while bounds[b][1] - bounds[a][0] < limit and (a > 0 or b + 1 < len(bounds)):
        before = a > 0 and (b + 1 == len(bounds) or rng.random() < 0.5)
        if bounds[b if before else b + 1][1] - bounds[a - 1 if before else a][0] > 1.5 * limit:
            break
        a, b = (a - 1, b) if before else (a, b + 1)
    return bounds[a][0], bounds[b][1]


def _length(group: Sequence[Member]) -> int:
    return max(len(m.sequence.ids) for m in group)


def _batch(groups: Sequence[Sequence[Member]]) -> Batch:
    members = [m for g in groups for m in g]
    shape = len(members), max(len(m.sequence.ids) for m in members)
    ids, mask, types = (np.zeros(shape, np.int64) for _ in range(3))
    text, starts, ends = (np.zeros(shape, np.bool_) for _ in range(3))
    for row, m in enumerate(members):
        s = m.sequence
        ids[row, : len(s.ids)], types[row, : len(s.ids)], mask[row, : len(s.ids)] = s.ids, s.types, 1
        text[row, s.offset : s.offset + s.n] = True
        for first, last in m.gold:
            starts[row, first], ends[row, last] = True, True
    group = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    return Batch(ids, mask, types, group, text, starts, ends)
