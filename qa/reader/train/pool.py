"""Articles → their chunks as tokens, searched by BM25: where gold passages and hard negatives come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.article import Article, Chunk
from index.chunks import chunks
from index.lexical import Lexical, Postings
from index.settings import SearchSettings
from index.sync import embedded_text
from index.terms import Terms
from qa.reader.sequence import PairTokenizer, Text
from qa.reader.train.corpus import LOOSE, Labelled, Part

Bounds = tuple[int, int]

SEARCHED = 30
"""Chunks that BM25 brings for a question; negatives are drawn from them."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk with its tokens. sentences: [first, last) tokens of each of its sentences."""

    article: Article
    chunk: Chunk
    text: Text
    sentences: tuple[Bounds, ...]

    def mentions(self, question: Labelled) -> list[Bounds]:
        """[first, last] tokens, both included, of every place where a gold answer stands here; none where no labelled
        one does."""
        start, end = self.chunk.start, self.chunk.end
        if not any(start <= s and e <= end for s, e in question.spans):
            return []
        own = self.article.text
        found = {s for s in question.spans if start <= s[0] and s[1] <= end}
        for answer in question.answers:
            pattern = re.compile(rf"(?<!\w){re.escape(answer)}(?!\w)")
            found |= {(m.start(), m.end()) for m in pattern.finditer(own, start, end)}
        return sorted({b for s, e in found if (b := self._tokens(s, e))})

    def _tokens(self, start: int, end: int) -> Bounds | None:
        first = int(np.searchsorted(self.text.ends, start, side="right"))
        last = int(np.searchsorted(self.text.starts, end, side="left")) - 1
        return (first, last) if first <= last < len(self.text.ids) else None


class Pool:
    """The passages of several parts, numbered from 0."""

    def __init__(self, parts: Sequence[Part], tokenizer: PairTokenizer) -> None:
        pairs = [(a, c) for part in parts for a in part.articles for c in chunks(a)]
        texts = tokenizer.texts(pairs)
        self.passages = [Passage(a, c, t, _sentences(c, t)) for (a, c), t in zip(pairs, texts, strict=True)]
        self._of: dict[str, list[int]] = {}
        for number, (article, _) in enumerate(pairs):
            self._of.setdefault(article.id, []).append(number)
        self._lower = [a.text[c.start : c.end].lower() for a, c in pairs]
        self._terms = Terms("en")
        s = SearchSettings()
        counted = [
            [] if a.id.split("/")[0] in (*LOOSE, "policyqa") else self._terms(embedded_text(a, c)) for a, c in pairs
        ]
        self._lexical = Lexical([Postings.build(counted)], s.bm25_k1, s.bm25_b)

    def gold(self, question: Labelled) -> list[int]:
        """The passages that hold a labelled answer."""
        return [n for n in self._of.get(question.article.id, ()) if self.passages[n].mentions(question)]

    def negatives(self, question: Labelled, gold: Sequence[int]) -> list[int]:
        """Passages that retrieval brings for the question and that hold no answer string, best first."""
        answers = [a.lower() for a in question.answers]
        ranked = _best(self._lexical.scores(self._terms(question.text)), SEARCHED)
        return [n for n in ranked if n not in gold and not any(a in self._lower[n] for a in answers)]


def _best(scores: npt.NDArray[np.float64], n: int) -> Iterator[int]:
    n = min(n, len(scores))
    found = np.argpartition(-scores, n - 1)[:n]
    for number in found[np.argsort(-scores[found], kind="stable")]:
        if scores[number] > 0:
            yield int(number)


def _sentences(chunk: Chunk, text: Text) -> tuple[Bounds, ...]:
    starts = [int(np.searchsorted(text.starts, s.start)) for s in chunk.sentences]
    return tuple((a, b) for a, b in zip(starts, [*starts[1:], len(text.ids)], strict=True) if b > a)
