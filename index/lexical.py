"""BM25, served from an inverted form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from index.arrays import Named

Scores = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

EPSILON = 0.25
"""Of the mean idf: what a term weighs that most chunks hold, where it would weigh less than nothing (rank-bm25)."""

RARE = 8
"""A term that more than one in so many chunks hold says too little of which of them are best to be looked at."""

MAX_COUNTS = 4_096
"""Terms whose count is remembered: who asks for new ones again and again shall not fill the memory."""


@dataclass(frozen=True)
class Postings(Named):
    """Which of some chunks, numbered from 0, hold which terms.

    terms: uint64, (n_terms,), rising, a hash of each term: that two of a million terms share one has a chance of 3 in
    10⁸. starts: int64, (n_terms + 1,), where each term's postings begin. chunks: int32, the numbers of the chunks that
    hold it, rising; frequencies: beside them how often. lengths: int32, (n_chunks,), terms in each chunk.
    """

    terms: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    chunks: npt.NDArray[np.int32]
    frequencies: npt.NDArray[Any]  # uint8, or uint32 where that is not enough
    lengths: npt.NDArray[np.int32]

    @classmethod
    def build(cls, chunks: Sequence[Sequence[str]]) -> Postings:
        """From the terms of each chunk."""
        lengths = np.fromiter(map(len, chunks), np.int32, len(chunks))
        seen: dict[str, int] = {}
        words = np.fromiter((seen.setdefault(t, len(seen)) for t in chain(*chunks)), np.int64, int(lengths.sum()))
        hashes = np.fromiter(map(hashed, seen), np.uint64, len(seen))
        terms, place = np.unique(hashes, return_inverse=True)
        pairs = place[words] * len(chunks) + np.repeat(np.arange(len(chunks)), lengths) if len(seen) else words
        pairs, times = np.unique(pairs, return_counts=True)
        held = np.bincount(pairs // max(len(chunks), 1), minlength=len(terms))
        starts = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
        return cls(terms, starts, (pairs % max(len(chunks), 1)).astype(np.int32), _narrow(times), lengths)

    @classmethod
    def merge(cls, parts: Sequence[tuple[Postings, Mask]]) -> Postings:
        """The chunks of the masks, (n_chunks,) each, numbered through in the order of the parts."""
        kept = [postings.of(alive) for postings, alive in parts]
        terms = np.unique(np.concatenate([postings.terms for postings in kept]))
        held = np.zeros(len(terms), np.int64)
        places = [np.searchsorted(terms, postings.terms) for postings in kept]
        for postings, place in zip(kept, places, strict=True):
            held[place] += np.diff(postings.starts)
        starts = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
        chunks = np.empty(starts[-1], np.int32)
        frequencies = np.empty(starts[-1], np.result_type(*[postings.frequencies for postings in kept]))
        filled, first = starts[:-1].copy(), 0
        for postings, place in zip(kept, places, strict=True):
            held = np.diff(postings.starts)
            to = np.repeat(filled[place] - postings.starts[:-1], held) + np.arange(len(postings.chunks))
            chunks[to], frequencies[to] = postings.chunks + np.int32(first), postings.frequencies
            filled[place] += held
            first += len(postings.lengths)
        return cls(terms, starts, chunks, frequencies, np.concatenate([postings.lengths for postings in kept]))

    def of(self, alive: Mask) -> Postings:
        """The chunks of the mask alone, numbered anew."""
        if alive.all():
            return self
        stay = alive[self.chunks]
        held = np.add.reduceat(stay, self.starts[:-1], dtype=np.int64) if len(self.terms) else np.diff(self.starts)
        numbers = np.cumsum(alive, dtype=np.int32) - 1
        return Postings(
            self.terms[held > 0],
            np.concatenate([[0], np.cumsum(held[held > 0])]).astype(np.int64),
            numbers[self.chunks[stay]],
            self.frequencies[stay],
            self.lengths[alive],
        )

    def held(self, terms: npt.NDArray[np.uint64]) -> list[slice]:
        """Where the postings of each of these terms are."""
        if not len(self.terms):
            return [slice(0, 0)] * len(terms)
        places = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        starts, ends = self.starts[places], self.starts[places + 1]
        there = self.terms[places] == terms
        return [slice(first, last) for first, last in (np.stack([starts, ends], axis=1) * there[:, None]).tolist()]


class Lexical:
    """BM25Okapi over the chunks of several postings, numbered through from 0, with rank-bm25's own scores.

    Scoring every chunk in Python for every question does not scale; here a question costs as much as its terms have
    postings. visible: (n_chunks,), the chunks that count, None for all: the others are to the scores as if they did not
    exist. May be used from several threads. Source: rank-bm25 0.2.2; Robertson et al., TREC-3, 1994.
    """

    def __init__(self, parts: Sequence[Postings], k1: float, b: float, visible: Mask | None = None) -> None:
        self.k1, self.b = k1, b
        self._parts = [part for part in parts if len(part.lengths)]
        self._firsts = np.cumsum([0] + [len(part.lengths) for part in self._parts])[:-1].tolist()
        self._visible = visible
        self._counts: dict[str, int] = {}

    def within(self, visible: Mask) -> Lexical:
        """The same over the chunks of the mask, (n_chunks,), alone: scored as if the others did not exist."""
        return Lexical(self._parts, self.k1, self.b, visible)

    @cached_property
    def size(self) -> int:
        """How many chunks count."""
        return len(self._lengths) if self._visible is None else int(self._visible.sum())

    def count(self, term: str) -> int:
        """How many chunks hold the term."""
        count = self._counts.get(term)
        return self._held([term])[2][0] if count is None else count

    def scores(self, terms: Iterable[str]) -> Scores:
        """The score of every chunk, float64, (n_chunks,); 0 without a match. A term asked twice counts twice."""
        return self._scored(terms)[0]

    def top(self, terms: Iterable[str], n: int, wanted: Mask | None = None) -> tuple[Numbers, Scores]:
        """The chunks with the n highest scores above 0 and those level with the last of them, in no order, and the
        scores of all chunks. wanted: (n_chunks,), which of those that count may be found, None for all."""
        scores, held = self._scored(terms)
        least = 0.0
        for chunks in held:  # the n-th best that hold one term: no worse than the n-th best of all
            if n <= len(chunks) <= len(scores) // RARE:
                own = scores[chunks] if wanted is None else scores[chunks[wanted[chunks]]]
                if len(own) >= n:
                    least = max(least, float(np.partition(own, -n)[-n]))
        numbers = np.flatnonzero(scores >= least if least > 0 else scores > 0)
        return numbers if wanted is None else numbers[wanted[numbers]], scores

    def _scored(self, terms: Iterable[str]) -> tuple[Scores, list[npt.NDArray[np.int32]]]:
        """The scores, and the chunks that hold each of the terms."""
        times = sorted(Counter(terms).items())  # in one order, so that equal chunks have equal sums
        chunks, frequencies, counts = self._held([term for term, _ in times])
        if not len(chunks):
            return np.zeros(len(self._lengths)), []
        weights = [n * self._idf(count) * (self.k1 + 1) for (_, n), count in zip(times, counts, strict=True)]
        tf = frequencies.astype(np.float64)
        parts = np.repeat(weights, counts) * tf / (tf + self._norms[chunks])
        scores = np.bincount(chunks, parts, minlength=len(self._lengths)).astype(np.float64, copy=False)
        return scores, np.split(chunks, np.cumsum(counts)[:-1])

    def _held(self, terms: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[Any], list[int]]:
        """The chunks that hold each term, one term after the other, beside them how often; how many each."""
        hashes = np.array([hashed(term) for term in terms], np.uint64)
        slices = [part.held(hashes) for part in self._parts]
        chunks, frequencies, counts = [], [], []
        for number in range(len(terms)):
            count = 0
            for part, first, held in zip(self._parts, self._firsts, slices, strict=True):
                if (own := held[number]).stop:
                    numbers, times = part.chunks[own] + np.int32(first), part.frequencies[own]
                    if self._visible is not None:
                        seen = self._visible[numbers]
                        numbers, times = numbers[seen], times[seen]
                    chunks.append(numbers)
                    frequencies.append(times)
                    count += len(numbers)
            counts.append(count)
        if len(self._counts) > MAX_COUNTS:
            self._counts.clear()
        self._counts.update(zip(terms, counts, strict=True))
        if not chunks:
            return np.empty(0, np.int32), np.empty(0, np.uint8), counts
        return np.concatenate(chunks), np.concatenate(frequencies), counts

    def _idf(self, count: int) -> float:
        idf = float(_idfs(self.size, np.array([count]))[0])
        return idf if idf >= 0 else EPSILON * self._mean_idf

    @cached_property
    def _mean_idf(self) -> float:
        """Of all terms that a chunk holds; seldom needed, as no term that most chunks hold is a good one to ask for."""
        terms = np.concatenate([part.terms for part in self._parts])
        counts = np.concatenate([self._counted(p, first) for p, first in zip(self._parts, self._firsts, strict=True)])
        _, place = np.unique(terms, return_inverse=True)
        counts = np.bincount(place, weights=counts)
        return float(np.sort(_idfs(self.size, counts[counts > 0])).mean())

    def _counted(self, part: Postings, first: int) -> npt.NDArray[np.int64]:
        """How many chunks hold each of the part's terms."""
        if self._visible is None or not len(part.terms):
            return np.diff(part.starts)
        visible = self._visible[first : first + len(part.lengths)]
        return np.add.reduceat(visible[part.chunks], part.starts[:-1], dtype=np.int64)

    @cached_property
    def _lengths(self) -> npt.NDArray[np.int32]:
        return np.concatenate([np.empty(0, np.int32), *(part.lengths for part in self._parts)])

    @cached_property
    def _norms(self) -> Scores:
        """k1 · (1 - b + b · length / mean length) of each chunk, float64, (n_chunks,)."""
        counted = self._lengths if self._visible is None else self._lengths[self._visible]
        mean = int(counted.sum(dtype=np.int64)) / self.size
        return self.k1 * (1 - self.b + self.b * self._lengths.astype(np.float64) / mean)


def hashed(term: str) -> int:
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _idfs(size: int, counts: npt.NDArray[np.int64]) -> Scores:
    idfs: Scores = np.log(size - counts + 0.5) - np.log(counts + 0.5)
    return idfs


def _narrow(times: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    return times.astype(np.uint8 if not len(times) or times.max() < 256 else np.uint32)
