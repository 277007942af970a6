"""The trained reader: the exact words that answer, in the sentence they stand in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
import numpy.typing as npt

from index.library import Hit
from index.terms import Terms
from qa.normalised import normalised
from qa.reader.coverage import Coverage
from qa.reader.decode import best_spans
from qa.reader.question import wants_a_sentence
from qa.reader.quotation import quotation
from qa.reader.span import Span
from qa.reader.span_model import SpanModel

Floats = npt.NDArray[np.float64]

PER_CHUNK = 4
"""Spans taken from each chunk."""

MARGIN = 1.5
"""A chunk whose fused score is further than this below the best one's is not read. Of 8 chunks found, 1 to 4 are read
so, and on the tuning articles as many answers are right as when all are read."""

WEIGHTS = {
    "span": 0.368,
    "answerable": 0.029,
    "chunk": -0.064,
    "chunk_rank": -0.429,
    "chunk_cosine": 3.893,
    "cover": 2.213,
    "cover_by_title": 1.494,
    "pairs": -0.515,
}
"""Fitted by tests/bench/fit_reader.py; its docstring says on what. "span" is the sum of start and end logit,
"answerable" the chunk's logit, "chunk" its fused score; "cover" is the share of the question's terms, by their rarity,
that the quotation holds; by title: further terms that only title and headings hold."""

CONFIDENCE = {
    "constant": -5.217,
    "share": 3.73,
    "agree": 4.946,
    "span": -0.413,
    "answerable": 2.046,
    "covered": -0.308,
    "cover": 2.223,
    "chunk": 0.117,
    "chunk_cosine": 4.517,
    "pairs": 0.293,
}
"""Of the logistic regression behind `confidence`; fitted by the same script. "share" is the span's part in the softmax
over all scores, "agree" that of other spans with the same words."""


_ABBREVIATION = re.compile(r"\b[^\W\d](?:\.[^\W\d])+$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Characters [start, end) of a found chunk's article. quote: the whole sentences around it. span: its start and end
    logits' sum; answerable: the chunk's logit. rank: the chunk's, from 0. place: its first sentence's in the chunk."""

    hit: Hit
    rank: int
    start: int
    end: int
    place: int
    quote: tuple[int, int]
    span: float
    answerable: float

    @property
    def text(self) -> str:
        return self.hit.article.text[self.start : self.end]

    @property
    def quoted(self) -> str:
        return self.hit.article.text[self.quote[0] : self.quote[1]]


class SpanReader:
    """Reads the found chunks with a trained model; orders what it finds by a weighted sum of features, see WEIGHTS."""

    def __init__(self, model: SpanModel, terms: Terms) -> None:
        self._model, self._terms = model, terms

    def read(self, question: str, hits: Sequence[Hit], rarity: Mapping[str, float]) -> list[Span]:
        candidates = self.candidates(question, hits)
        if not candidates:
            return []
        features = self.features(question, candidates, rarity)
        scores = features @ np.array(list(WEIGHTS.values()))
        sure = confidence(confidence_features(candidates, features, scores))
        whole = wants_a_sentence(question)
        seen: set[tuple[str, tuple[int, int]]] = set()
        spans = []
        for i in np.argsort(-scores, kind="stable"):
            c = candidates[i]
            if (key := (c.hit.article.id, c.quote)) not in seen:
                seen.add(key)
                answer, quote = (c.start, c.end), c.quote
                if whole:
                    answer, quote = quotation(c.hit.article.text, c.hit.chunk.sentences, c.place, wants_more=True)
                spans.append(Span(c.hit.article, *answer, quote, float(scores[i]), float(sure[i])))
        return spans

    def candidates(self, question: str, hits: Sequence[Hit]) -> list[Candidate]:
        """The best spans of every hit within MARGIN, in the order of the hits, in each the best first; one that two
        overlapping chunks hold only once, where its logits are higher."""
        hits = [hit for hit in hits if hit.score >= hits[0].score - MARGIN]
        tokenizer = self._model.tokenizer
        texts = tokenizer.texts([(hit.article, hit.chunk) for hit in hits])
        (ids,) = tokenizer.questions([question])
        scores = self._model.scores([tokenizer.join(ids, text) for text in texts])
        found: dict[tuple[str, int, int], Candidate] = {}
        for rank, (hit, text, s) in enumerate(zip(hits, texts, scores, strict=True)):
            sentence = np.searchsorted([x.start for x in hit.chunk.sentences], text.starts, side="right")
            for best in best_spans(s.start, s.end, sentence, PER_CHUNK):
                a, b = whole_words(hit.article.text, int(text.starts[best.first]), int(text.ends[best.last]))
                place, quote = _quoted(hit, a)
                c = Candidate(hit, rank, a, min(b, quote[1]), place, quote, best.score, s.answerable)
                key = (hit.article.id, c.start, c.end)
                if key not in found or found[key].span < c.span:
                    found[key] = c
        return list(found.values())

    def features(self, question: str, candidates: Sequence[Candidate], rarity: Mapping[str, float]) -> Floats:
        """float64, (n_candidates, n_features), in the order of WEIGHTS."""
        coverage = Coverage(self._terms(question), rarity)
        rows = [self._row(c, coverage) for c in candidates]
        table = {name: np.array([row[name] for row in rows]) for name in WEIGHTS}
        table["chunk"] -= table["chunk"].max()
        return np.stack([table[name] for name in WEIGHTS], axis=1)

    def _row(self, c: Candidate, coverage: Coverage) -> dict[str, float]:
        terms = self._terms(c.quoted)
        own, context = frozenset(terms), frozenset(self._terms(f"{c.hit.article.title}\n{c.hit.chunk.heading}"))
        return {
            "span": c.span,
            "answerable": c.answerable,
            "chunk": c.hit.score,
            "chunk_rank": log1p(c.rank),
            "chunk_cosine": c.hit.dense,
            "cover": coverage.share(own),
            "cover_by_title": coverage.share(context, own),
            "pairs": coverage.pairs(terms),
        }


def confidence_features(candidates: Sequence[Candidate], features: Floats, scores: Floats) -> Floats:
    """(n_candidates, n_confidence_features), in the order of CONFIDENCE. features, scores: of the candidates."""
    column = dict(zip(WEIGHTS, features.T, strict=True))
    shifted = np.exp(scores - scores.max())
    share = shifted / shifted.sum()
    words = [normalised(c.text) for c in candidates]
    same = {word: sum(float(s) for w, s in zip(words, share, strict=True) if w == word) for word in set(words)}
    table = {
        "constant": np.ones(len(candidates)),
        "share": share,
        "agree": np.array([same[word] for word in words]) - share,
        "span": column["span"] / 10,
        "answerable": column["answerable"] / 5,
        "covered": column["cover"] + column["cover_by_title"],
        "cover": column["cover"],
        "chunk": column["chunk"],
        "chunk_cosine": column["chunk_cosine"],
        "pairs": column["pairs"],
    }
    return np.stack([table[name] for name in CONFIDENCE], axis=1)


def confidence(features: Floats) -> Floats:
    """Probability in [0, 1] that each candidate answers, from its confidence features: logistic."""
    probabilities: Floats = 1 / (1 + np.exp(-(features @ np.array(list(CONFIDENCE.values())))))
    return probabilities


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """[start, end) widened to where no word is cut, nor an abbreviation: p.m. keeps its last dot."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    if text[end : end + 1] == "." and _ABBREVIATION.search(text, start, end):
        end += 1
    return start, end


def _quoted(hit: Hit, start: int) -> tuple[int, tuple[int, int]]:
    """The place of the sentence that a span begins in, and [start, end) of the quotation around it."""
    sentences = hit.chunk.sentences
    place = max(0, bisect_right(sentences, start, key=lambda s: s.start) - 1)
    return place, quotation(hit.article.text, sentences, place, wants_more=False)[1]
