"""BM25, served from an inverted form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rank_bm25 import BM25Okapi

Scores = npt.NDArray[np.float64]

_ARRAYS = ("idf", "starts", "postings", "weights")


@dataclass(frozen=True)
class Lexical:
    """BM25Okapi over chunks numbered from 0, with rank-bm25's own scores.

    Scoring every chunk in Python for every question does not scale; here a question costs as much as its terms have
    postings. vocabulary: all terms, sorted. idf: float64, (n_terms,). starts: int64, (n_terms + 1,), where each term's
    postings begin. postings: int32, the numbers of the chunks that hold it, rising. weights: float64, beside them
    tf · (k1 + 1) / (tf + k1 · (1 - b + b · length / mean length)). size: chunks.
    Source: rank-bm25 0.2.2; Robertson et al., TREC-3, 1994.
    """

    size: int
    vocabulary: Sequence[str]
    idf: Scores
    starts: npt.NDArray[np.int64]
    postings: npt.NDArray[np.int32]
    weights: Scores

    @classmethod
    def build(cls, chunks: Sequence[Sequence[str]], k1: float, b: float) -> Lexical:
        """From the terms of each chunk."""
        if not any(chunks):  # rank-bm25 divides by the number of terms
            none = np.empty(0)
            return cls(len(chunks), [], none, np.zeros(1, np.int64), none.astype(np.int32), none)
        bm25 = BM25Okapi(chunks, k1=k1, b=b)
        held: dict[str, list[tuple[int, int]]] = {term: [] for term in sorted(bm25.idf)}
        for number, frequencies in enumerate(bm25.doc_freqs):
            for term, frequency in frequencies.items():
                held[term].append((number, frequency))
        pairs = np.array([pair for pairs in held.values() for pair in pairs], dtype=np.int32)
        postings, tf = pairs[:, 0].copy(), pairs[:, 1].astype(np.float64)
        lengths = np.array(bm25.doc_len)[postings]
        return cls(
            len(chunks),
            list(held),
            np.array([bm25.idf[term] for term in held]),
            np.cumsum([0] + [len(pairs) for pairs in held.values()], dtype=np.int64),
            postings,
            tf * (k1 + 1) / (tf + k1 * (1 - b + b * lengths / bm25.avgdl)),
        )

    def scores(self, terms: Iterable[str]) -> Scores:
        """The score of every chunk, float64, (n_chunks,); 0 without a match. A term asked twice counts twice."""
        scores = np.zeros(self.size)
        for term, times in Counter(terms).items():
            number = self._numbers.get(term)
            if number is not None:
                held = slice(self.starts[number], self.starts[number + 1])
                scores[self.postings[held]] += times * self.idf[number] * self.weights[held]
        return scores

    def count(self, term: str) -> int:
        """How many chunks hold the term."""
        number = self._numbers.get(term)
        return 0 if number is None else int(self.starts[number + 1] - self.starts[number])

    def save(self, path: Path) -> None:
        """One .npz file, nothing pickled."""
        words = np.frombuffer("\n".join(self.vocabulary).encode(), dtype=np.uint8)
        with path.open("wb") as file:
            np.savez(file, size=np.array(self.size), words=words, **{name: getattr(self, name) for name in _ARRAYS})

    @classmethod
    def load(cls, path: Path) -> Lexical:
        with np.load(path, allow_pickle=False) as saved:
            words = saved["words"].tobytes().decode()
            return cls(int(saved["size"]), words.split("\n") if words else [], *(saved[name] for name in _ARRAYS))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {term: number for number, term in enumerate(self.vocabulary)}
