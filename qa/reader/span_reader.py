"""The trained reader: the exact words that answer, in the sentence they stand in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.article import Sentence
from index.library import Hit
from qa.reader.decode import best_spans
from qa.reader.quotation import MAX_SENTENCES
from qa.reader.sequence import Encoder, Joined
from qa.reader.span import Span

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Scorer = Callable[[Ints, Ints, Ints], tuple[Floats, Floats, Floats]]
"""ids, mask, types, (n, length) → start and end logits (n, length) and answerable logits (n,)."""

PER_CHUNK = 4
"""Spans taken from each chunk."""

BATCH = 4
"""Chunks read at once, of like length: less padding than all in one."""

WEIGHTS = {"span": 1.0, "answerable": 0.0, "chunk": 3.0}
"""Of the sum that orders spans. Chosen by tests/bench/reader.py --tune."""

CONFIDENCE = {"constant": 0.0, "answerable": 1.0, "span": 0.0, "share": 0.0, "cosine": 0.0}
"""Of the logistic regression behind `confidence`; fitted by the same script. "share" is the span's part in the softmax
over the scores of all spans, "cosine" the chunk's to the question."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Characters [start, end) of the hit's article. span: start + end logit; answerable: the chunk's logit; both
    without bounds. quote: the whole sentences around it."""

    hit: Hit
    start: int
    end: int
    quote: tuple[int, int]
    span: float
    answerable: float

    @property
    def score(self) -> float:
        return WEIGHTS["span"] * self.span + WEIGHTS["answerable"] * self.answerable + WEIGHTS["chunk"] * self.hit.score


class SpanReader:
    """Reads the found chunks with a span model."""

    def __init__(self, encoder: Encoder, scorer: Scorer) -> None:
        self._encoder, self._scorer = encoder, scorer

    def read(self, question: str, hits: Sequence[Hit]) -> list[Span]:
        candidates = self.candidates(question, hits)
        if not candidates:
            return []
        scores = np.array([c.score for c in candidates])
        sure = confidence(features(candidates, scores))
        seen: set[tuple[str, tuple[int, int]]] = set()
        spans = []
        for i in np.argsort(-scores, kind="stable"):
            c = candidates[i]
            if (key := (c.hit.article.id, c.quote)) not in seen:
                seen.add(key)
                spans.append(Span(c.hit.article, c.start, c.end, c.quote, float(scores[i]), float(sure[i])))
        return spans

    def candidates(self, question: str, hits: Sequence[Hit]) -> list[Candidate]:
        """The best spans of every hit, in the order of the hits, in each the best first."""
        texts = self._encoder.texts([(hit.article, hit.chunk) for hit in hits])
        (ids,) = self._encoder.questions([question])
        joined = [self._encoder.join(ids, text) for text in texts]
        found = []
        for hit, text, j, (start, end, answerable) in zip(hits, texts, joined, self._scores(joined), strict=True):
            own = slice(j.offset, j.offset + j.n)
            for s in best_spans(start[own], end[own], PER_CHUNK):
                a, b = whole_words(hit.article.text, int(text.starts[s.first]), int(text.ends[s.last]))
                quote = around(hit.chunk.sentences, a, b)
                found.append(Candidate(hit, a, min(b, quote[1]), quote, s.score, answerable))
        return found

    def _scores(self, joined: Sequence[Joined]) -> list[tuple[Floats, Floats, float]]:
        """Start and end logits and the answerable logit of each sequence; read in batches of like length."""
        order = sorted(range(len(joined)), key=lambda i: len(joined[i].ids))
        scores: dict[int, tuple[Floats, Floats, float]] = {}
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            shape = len(rows), len(joined[rows[-1]].ids)
            ids, mask, types = (np.zeros(shape, np.int64) for _ in range(3))
            for row, i in enumerate(rows):
                n = len(joined[i].ids)
                ids[row, :n], types[row, :n], mask[row, :n] = joined[i].ids, joined[i].types, 1
            start, end, answerable = self._scorer(ids, mask, types)
            scores.update({i: (start[row], end[row], float(answerable[row])) for row, i in enumerate(rows)})
        return [scores[i] for i in range(len(joined))]


def features(candidates: Sequence[Candidate], scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of the confidence, (n_candidates, n_features), in the order of CONFIDENCE. scores: (n_candidates,)."""
    shifted = np.exp(scores - scores.max())
    table = {
        "constant": np.ones(len(candidates)),
        "answerable": np.array([c.answerable for c in candidates]),
        "span": np.array([c.span for c in candidates]) / 10,
        "share": shifted / shifted.sum(),
        "cosine": np.array([c.hit.dense for c in candidates]),
    }
    return np.stack([table[name] for name in CONFIDENCE], axis=1)


def confidence(found: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probability in [0, 1] that each candidate answers, from its `features`: logistic."""
    logits = found @ np.array(list(CONFIDENCE.values()))
    probabilities: npt.NDArray[np.float64] = 1 / (1 + np.exp(-logits))
    return probabilities


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """[start, end) widened to where no word is cut."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def around(sentences: Sequence[Sentence], start: int, end: int) -> tuple[int, int]:
    """[start, end) of the sentences that a span stands in, MAX_SENTENCES at most."""
    first = max((i for i, s in enumerate(sentences) if s.start <= start), default=0)
    last = max((i for i, s in enumerate(sentences) if s.start < end), default=first)
    last = min(max(first, last), first + MAX_SENTENCES - 1)
    return sentences[first].start, sentences[last].end
