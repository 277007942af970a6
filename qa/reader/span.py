"""The seam between retrieval and answering: whatever reads chunks gives spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.article import Article
from index.library import Hit


@dataclass(frozen=True, slots=True)
class Span:
    """Where an answer may stand: characters [start, end) of the article's text, inside the quotation around it.

    quote: characters [quote[0], quote[1]), whole sentences. score: higher is better, comparable only within one
    question. confidence: probability in [0, 1] that this answers the question.
    """

    article: Article
    start: int
    end: int
    quote: tuple[int, int]
    score: float
    confidence: float

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]


class Reader(Protocol):
    """Question and candidates → spans. Scores are comparable across the candidates, so reading also reranks."""

    def read(self, question: str, hits: Sequence[Hit], rarity: Mapping[str, float]) -> list[Span]:
        """Spans of different sentences, best first; equal scores in the order of the hits. Empty without hits.

        hits, rarity: what a search found, see `index.view.Found`.
        """
