"""The reader without a trained model of its own: the sentence that a few weighed features like best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, log1p

import numpy as np
import numpy.typing as npt

from index.embed import Encoder
from index.library import Hit
from index.terms import Terms
from qa.reader.coverage import Coverage
from qa.reader.question import SIGNS, Kind, kind, shows
from qa.reader.quotation import opens_with_pronoun, quotation
from qa.reader.span import Span

Floats = npt.NDArray[np.float64]

WEIGHTS = {
    "chunk": 0.508,
    "chunk_rank": -0.114,
    "chunk_cosine": 7.686,
    "cosine": 2.599,
    "cosine_to_best": 2.323,
    "cover": 3.501,
    "cover_to_best": 2.152,
    "pairs": 1.031,
    "cover_by_title": 7.709,
    "cover_by_previous": 3.132,
    "cover_by_next": 1.73,
    "number": 2.736,
    "time": 2.61,
    "person": 2.107,
    "place": 0.567,
    "reason": 0.494,
    "short": 0.346,
    "length": 0.334,
    "pronoun": -0.361,
    "new_words": 0.147,
    "asks": 0.341,
}
"""Fitted by tests/bench/fit_reader.py; its docstring says on what. "cover" is the share of the question's terms, by
their rarity, that the sentence holds; by title, previous and next: further terms that only those hold; "to best": what
the best candidate has more."""

CONFIDENCE = {
    "constant": -7.053,
    "share": 3.947,
    "covered": 2.602,
    "cover": -0.945,
    "cosine": 3.464,
    "chunk_cosine": 2.783,
    "pairs": 0.129,
    "shows": -0.528,
    "chunk": -0.846,
}
"""Of the logistic regression behind `confidence`; fitted by the same script. "share" is the candidate's part in the
softmax over all scores."""

CELL_EDGE = " | "


@dataclass(frozen=True, slots=True)
class Candidate:
    """A found chunk's sentence number `place` (from 0). terms: its own; context: of title and headings; before, after:
    of its neighbours in the chunk. rank: the chunk's, from 0."""

    hit: Hit
    rank: int
    place: int
    terms: Sequence[str]
    context: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]

    @property
    def text(self) -> str:
        sentence = self.hit.chunk.sentences[self.place]
        return self.hit.article.text[sentence.start : sentence.end]


class SentenceScorer:
    """Scores every sentence of the found chunks by a weighted sum of features; see WEIGHTS."""

    def __init__(self, encoder: Encoder, terms: Terms) -> None:
        self._encoder, self._terms = encoder, terms

    def read(self, question: str, hits: Sequence[Hit], rarity: Mapping[str, float]) -> list[Span]:
        candidates = self.candidates(hits)
        if not candidates:
            return []
        features = self.features(question, candidates, rarity)
        scores = features @ np.array(list(WEIGHTS.values()))
        confidences = confidence(features, scores)
        wants_more = kind(question) in ("reason", "manner")
        spans = []
        for i in np.argsort(-scores, kind="stable"):
            c = candidates[i]
            answer, quote = quotation(c.hit.article.text, c.hit.chunk.sentences, c.place, wants_more)
            spans.append(Span(c.hit.article, *answer, quote, float(scores[i]), float(confidences[i])))
        return spans

    def candidates(self, hits: Sequence[Hit]) -> list[Candidate]:
        """The sentences of the hits, each once, in their best chunk; a table's head row is none, but belongs to what
        stands before each of its rows."""
        found: dict[tuple[str, int], Candidate] = {}
        for rank, hit in enumerate(hits):
            texts = [hit.article.text[s.start : s.end] for s in hit.chunk.sentences]
            terms = [self._terms(text) for text in texts]
            context = frozenset(self._terms(f"{hit.article.title}\n{hit.chunk.heading}"))
            for place, sentence in enumerate(hit.chunk.sentences):
                head = head_row(texts, place)
                if head == place:
                    continue
                before = {*(terms[place - 1] if place else ()), *(() if head is None else terms[head])}
                after = terms[place + 1] if place + 1 < len(terms) else ()
                found.setdefault(
                    (hit.article.id, sentence.start),
                    Candidate(hit, rank, place, terms[place], context, frozenset(before), frozenset(after)),
                )
        return list(found.values())

    def features(self, question: str, candidates: Sequence[Candidate], rarity: Mapping[str, float]) -> Floats:
        """float64, (n_candidates, n_features), in the order of WEIGHTS."""
        vector = self._encoder.questions([question])[0]
        cosines = self._encoder.documents([c.text for c in candidates]) @ vector
        terms = self._terms(question)
        coverage, asked = Coverage(terms, rarity), kind(question)
        rows = [self._row(c, cosine, coverage, asked) for c, cosine in zip(candidates, cosines, strict=True)]
        table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        table["chunk"] -= table["chunk"].max()
        table["cosine_to_best"] = table["cosine"] - table["cosine"].max()
        table["cover_to_best"] = table["cover"] - table["cover"].max()
        return np.stack([table[name] for name in WEIGHTS], axis=1)

    def _row(self, c: Candidate, cosine: float, coverage: Coverage, asked: Kind) -> dict[str, float]:
        own = frozenset(c.terms)
        text, words = c.text, len(c.text.split())
        return {
            "chunk": c.hit.score,
            "chunk_rank": log1p(c.rank),
            "chunk_cosine": c.hit.dense,
            "cosine": float(cosine),
            "cover": coverage.share(own),
            "pairs": coverage.pairs(c.terms),
            "cover_by_title": coverage.share(c.context, own),
            "cover_by_previous": coverage.share(c.before, own | c.context),
            "cover_by_next": coverage.share(c.after, own | c.context | c.before),
            **{sign: float(asked == sign and shows(text, asked)) for sign in SIGNS},
            "short": float(words < 6),
            "length": log(max(words, 1)),
            "pronoun": float(opens_with_pronoun(text)),
            "new_words": min(len(own - coverage.weights.keys()), 4),
            "asks": float(text.endswith("?")),
        }


def head_row(texts: Sequence[str], place: int) -> int | None:
    """The place of the head row of the table that the sentence at `place` belongs to, if it is a row and there is one:
    the first of several rows, without a digit."""
    first = place
    while first and CELL_EDGE in texts[first - 1]:
        first -= 1
    rows = texts[first : first + 2]
    is_head = len(rows) == 2 and all(CELL_EDGE in row for row in rows) and not any(c.isdigit() for c in rows[0])
    return first if is_head and CELL_EDGE in texts[place] else None


def confidence(features: Floats, scores: Floats) -> Floats:
    """Probability in [0, 1], for each candidate, that it answers the question: logistic in a few of the features.

    features, scores: as SentenceScorer makes them. Fitted with WEIGHTS, on questions half of which are unanswerable.
    """
    logits = confidence_features(features, scores) @ np.array(list(CONFIDENCE.values()))
    probabilities: Floats = 1 / (1 + np.exp(-logits))
    return probabilities


def confidence_features(features: Floats, scores: Floats) -> Floats:
    """float64, (n_candidates, n_features), in the order of CONFIDENCE."""
    column = dict(zip(WEIGHTS, features.T, strict=True))
    shifted = np.exp(scores - scores.max())
    table = {
        "constant": np.ones(len(scores)),
        "share": shifted / shifted.sum(),
        "covered": column["cover"] + column["cover_by_title"] + column["cover_by_previous"],
        "cover": column["cover"],
        "cosine": column["cosine"],
        "chunk_cosine": column["chunk_cosine"],
        "pairs": column["pairs"],
        "shows": sum(column[sign] for sign in SIGNS),
        "chunk": column["chunk"],
    }
    return np.stack([table[name] for name in CONFIDENCE], axis=1)
