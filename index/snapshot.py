"""One generation of the index, ready to be searched."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from index.access import Groups, may_read
from index.database import State
from index.filter import Filter
from index.fuse import fuse
from index.lexical import Lexical, Mask, Scores
from index.segment import MAX_CHUNKS, UNDATED, Segment, days, renumbered
from index.store import Vectors

MAX_PARTS = 64
"""Kinds of readers of one generation that are remembered; each costs some bytes a chunk."""

RESCORED = 8
"""Chunks whose cosine is computed, in multiples of the depth: what FAISS says of large segments is an estimate. With 8,
recall@10 of the exact ranking is above 0.998 at a million chunks (tests/bench/scale.py)."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk's key in the store and its scores: fused (comparable within one question), cosine, BM25."""

    key: int
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True)
class Snapshot:
    """All segments of a generation, their chunks numbered through from 0.

    alive: (n_chunks,), those that have not been removed since; visible: those of them that the reader may read.
    audiences: the groups that articles are for, each once. audience: int32, (n_chunks,), the number of each chunk's.
    """

    state: State
    segments: tuple[Segment, ...]
    alive: Mask
    visible: Mask
    audiences: tuple[tuple[str, ...], ...]
    audience: npt.NDArray[np.int32]
    lexical: Lexical
    _parts: OrderedDict[tuple[int, ...], Snapshot] = field(default_factory=OrderedDict, repr=False)
    _turn: Lock = field(default_factory=Lock, repr=False)

    @classmethod
    def of(cls, state: State, segments: Sequence[tuple[Segment, Mask]], k1: float, b: float) -> Snapshot:
        """segments: each with the mask of its chunks that are still there."""
        numbers: dict[tuple[str, ...], int] = {}
        audience = [renumbered(s.audiences, numbers)[s.columns.audience] for s, _ in segments]
        alive = np.concatenate([np.empty(0, bool), *(mask for _, mask in segments)])
        lexical = Lexical([s.postings for s, _ in segments], k1, b, None if alive.all() else alive)
        joined = np.concatenate([np.empty(0, np.int32), *audience])
        return cls(state, tuple(s for s, _ in segments), alive, alive, tuple(numbers), joined, lexical)

    def seen_by(self, reader: Groups) -> Snapshot:
        """What a reader may find: every number in it is as if there were no other chunks.

        Readers who may read the same audiences share one.
        """
        readable = tuple(number for number, groups in enumerate(self.audiences) if may_read(reader, groups))
        if len(readable) == len(self.audiences):
            return self
        with self._turn:
            part = self._parts.get(readable)
            if part is None:
                visible = np.isin(self.audience, readable) & self.alive
                part = replace(self, visible=visible, lexical=self.lexical.within(visible))
                self._parts[readable] = part
                if len(self._parts) > MAX_PARTS:
                    self._parts.popitem(last=False)
            self._parts.move_to_end(readable)
        return part

    def search(
        self, vector: Vectors, terms: list[str], depth: int, dense_weight: float, only: Filter | None = None,
        articles: Sequence[int] | None = None,
    ) -> list[Ranked]:  # fmt: skip
        """The candidates of both sides, `depth` of each, best first; equal scores in the order of `Columns.order`.

        A chunk that only one side brought is given the other side's score too. only: what may be found; articles: the
        keys of those that it names. It narrows the search itself, and changes no score.
        """
        wanted = self.visible if only is None else self.visible & self._wanted(only, articles)
        if not wanted.any():
            return []
        matching, by_terms = self.lexical.top(terms, depth, None if only is None else wanted)
        matching = self._best(matching, by_terms[matching], depth)
        scored = np.union1d(self.near(vector, RESCORED * depth, wanted), matching)
        cosines = self.cosines(vector, scored)
        numbers = np.union1d(self._best(scored, cosines, depth), matching)
        numbers = numbers[np.argsort(self._order(numbers))]  # sums of scores don't depend on how chunks came in
        cosines = cosines[np.searchsorted(scored, numbers)]
        scores = fuse(cosines, by_terms[numbers], dense_weight)
        best = np.argsort(-scores, kind="stable")
        keys = self._gathered(numbers, np.int64, lambda segment, own: segment.columns.keys[own])
        columns = (keys[best], scores[best], cosines[best], by_terms[numbers[best]])
        return [Ranked(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]

    def near(self, vector: Vectors, n: int, wanted: Mask) -> Numbers:
        """About the n chunks with the highest cosines, in no order."""
        masks = [None if (mask := wanted[first:last]).all() else mask for _, first, last in self._places]
        search = _threads().map if len(self.alive) > MAX_CHUNKS else map
        found = list(search(lambda s, mask: s.dense.nearest(vector, n, mask), self.segments, masks))
        estimates = np.concatenate([estimates for estimates, _ in found])
        numbers = np.concatenate([own + first for (_, own), (_, first, _) in zip(found, self._places, strict=True)])
        if len(numbers) > n:
            numbers = numbers[np.argpartition(-estimates, n - 1)[:n]]
        return numbers

    def _best(self, numbers: Numbers, scores: Scores, n: int) -> Numbers:
        """Those with the n highest scores; of equal ones, those first in the order."""
        if len(numbers) <= n:
            return numbers
        limit = np.partition(scores, -n)[-n]
        above, level = numbers[scores > limit], numbers[scores == limit]
        if len(level) > n - len(above):
            level = level[np.argsort(self._order(level))[: n - len(above)]]
        return np.concatenate([above, level])

    def cosines(self, vector: Vectors, numbers: Numbers) -> Scores:
        return self._gathered(numbers, np.float64, lambda segment, own: segment.dense.scores(vector, own))

    def _order(self, numbers: Numbers) -> npt.NDArray[np.uint64]:
        return self._gathered(numbers, np.uint64, lambda segment, own: segment.columns.order[own])

    def _gathered(
        self, numbers: Numbers, kind: npt.DTypeLike, values: Callable[[Segment, Numbers], npt.NDArray[Any]]
    ) -> npt.NDArray[Any]:
        """What each segment says of those of these chunks that are its own, in its own numbers."""
        found = np.empty(len(numbers), kind)
        for segment, first, last in self._places:
            own = (numbers >= first) & (numbers < last)
            if own.any():
                found[own] = values(segment, numbers[own] - first)
        return found

    def _wanted(self, only: Filter, articles: Sequence[int] | None) -> Mask:
        """(n_chunks,), what the filter lets through."""
        masks = []
        for segment, _, _ in self._places:
            columns, mask = segment.columns, np.ones(len(segment), bool)
            if only.languages:
                numbers = [number for number, language in enumerate(segment.languages) if language in only.languages]
                mask &= np.isin(columns.language, numbers)
            if only.since or only.until:
                mask &= columns.published != UNDATED
            if only.since:
                mask &= columns.published >= days(only.since)
            if only.until:
                mask &= columns.published <= days(only.until)
            if articles is not None:
                mask &= np.isin(columns.article, articles)
            masks.append(mask)
        return np.concatenate(masks)

    @cached_property
    def _places(self) -> list[tuple[Segment, int, int]]:
        """Each segment and where its chunks' numbers begin and end."""
        lasts = np.cumsum([len(segment) for segment in self.segments]).tolist()
        return [(segment, last - len(segment), last) for segment, last in zip(self.segments, lasts, strict=True)]


@cache
def _threads() -> ThreadPoolExecutor:
    """FAISS looks for one question on one of the processors."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="faiss")
