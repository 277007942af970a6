"""BM25, served from an inverted form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rank_bm25 import BM25Okapi

Scores = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

EPSILON = 0.25
"""Of the mean idf: what a term weighs that most chunks hold, where it would weigh less than nothing (rank-bm25)."""

_ARRAYS = ("starts", "postings", "frequencies", "lengths")


@dataclass(frozen=True)
class Lexical:
    """BM25Okapi over chunks numbered from 0, with rank-bm25's own scores.

    Scoring every chunk in Python for every question does not scale; here a question costs as much as its terms have
    postings. vocabulary: all terms, sorted. starts: int64, (n_terms + 1,), where each term's postings begin.
    postings: int32, the numbers of the chunks that hold it, rising; frequencies: int32, beside them how often.
    lengths: int32, (n_chunks,), terms in each chunk. visible: the chunks that count, None for all: the others are to
    the scores as if they did not exist. Source: rank-bm25 0.2.2; Robertson et al., TREC-3, 1994.
    """

    k1: float
    b: float
    vocabulary: Sequence[str]
    starts: npt.NDArray[np.int64]
    postings: npt.NDArray[np.int32]
    frequencies: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]
    visible: Mask | None = None

    @classmethod
    def build(cls, chunks: Sequence[Sequence[str]], k1: float, b: float) -> Lexical:
        """From the terms of each chunk."""
        if not any(chunks):  # rank-bm25 divides by the number of terms
            none = np.empty(0, np.int32)
            return cls(k1, b, [], np.zeros(1, np.int64), none, none, np.zeros(len(chunks), np.int32))
        bm25 = BM25Okapi(chunks, k1=k1, b=b, epsilon=EPSILON)
        held: dict[str, list[tuple[int, int]]] = {term: [] for term in sorted(bm25.idf)}
        for number, frequencies in enumerate(bm25.doc_freqs):
            for term, frequency in frequencies.items():
                held[term].append((number, frequency))
        pairs = np.array([pair for pairs in held.values() for pair in pairs], dtype=np.int32)
        return cls(
            k1,
            b,
            list(held),
            np.cumsum([0] + [len(pairs) for pairs in held.values()], dtype=np.int64),
            pairs[:, 0].copy(),
            pairs[:, 1].copy(),
            np.array(bm25.doc_len, dtype=np.int32),
        )

    def within(self, visible: Mask) -> Lexical:
        """The same over the chunks of the mask, (n_chunks,), alone: scored as if the others did not exist."""
        return replace(self, visible=visible)

    @cached_property
    def size(self) -> int:
        """How many chunks count."""
        return len(self.lengths) if self.visible is None else int(self.visible.sum())

    def scores(self, terms: Iterable[str]) -> Scores:
        """The score of every chunk, float64, (n_chunks,); 0 without a match. A term asked twice counts twice."""
        scores = np.zeros(len(self.lengths))
        for term, times in Counter(terms).items():
            number = self._numbers.get(term)
            if number is None or not self._counts[number]:
                continue
            held = slice(self.starts[number], self.starts[number + 1])
            chunks, tf = self.postings[held], self.frequencies[held]
            scores[chunks] += (times * self._idf[number] * (self.k1 + 1)) * tf / (tf + self._norms[chunks])
        if self.visible is not None:
            scores[~self.visible] = 0
        return scores

    def count(self, term: str) -> int:
        """How many chunks hold the term."""
        number = self._numbers.get(term)
        return 0 if number is None else int(self._counts[number])

    def save(self, path: Path) -> None:
        """One .npz file, nothing pickled."""
        words = np.frombuffer("\n".join(self.vocabulary).encode(), dtype=np.uint8)
        settings = np.array([self.k1, self.b])
        with path.open("wb") as file:
            np.savez(file, settings=settings, words=words, **{name: getattr(self, name) for name in _ARRAYS})

    @classmethod
    def load(cls, path: Path) -> Lexical:
        with np.load(path, allow_pickle=False) as saved:
            words = saved["words"].tobytes().decode()
            k1, b = map(float, saved["settings"])
            return cls(k1, b, words.split("\n") if words else [], *(saved[name] for name in _ARRAYS))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {term: number for number, term in enumerate(self.vocabulary)}

    @cached_property
    def _counts(self) -> npt.NDArray[np.int64]:
        """How many chunks hold each term, (n_terms,)."""
        if self.visible is None or not len(self.postings):
            return np.diff(self.starts)
        return np.add.reduceat(self.visible[self.postings], self.starts[:-1], dtype=np.int64)

    @cached_property
    def _idf(self) -> Scores:
        """float64, (n_terms,); of terms that no chunk holds it means nothing."""
        held = self._counts > 0
        idf = np.log(self.size - self._counts + 0.5) - np.log(self._counts + 0.5)
        return np.where(idf < 0, EPSILON * idf[held].mean() if held.any() else 0.0, idf)

    @cached_property
    def _norms(self) -> Scores:
        """k1 · (1 - b + b · length / mean length) of each chunk, float64, (n_chunks,)."""
        counted = self.lengths if self.visible is None else self.lengths[self.visible]
        mean = int(counted.sum(dtype=np.int64)) / self.size
        return self.k1 * (1 - self.b + self.b * self.lengths.astype(np.float64) / mean)
