"""Answer and Citation: what every door (Python, shell, HTTP, chat) shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Reason = Literal["nothing found", "unsure", "contradiction"]
"""Why a question is declined: no article is about it; what was read is not sure enough to answer; or articles say
different things, none of them surely."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A quotation and where it stands.

    n: its number in the answer, from 1. sentence: exactly the article's text[start:end]. span: where the answer
    stands, start <= span[0] < span[1] <= end. score: higher is better, comparable only within one question.
    """

    n: int
    article_id: str
    title: str
    url: str | None
    author: str | None
    published: str | None
    sentence: str
    start: int
    end: int
    span: tuple[int, int] | None
    score: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """The best different answer."""

    answer: str
    confidence: float
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked and what the articles say.

    answered: false means "not found in these articles"; then answer is None, citations are empty and closest holds
    the nearest sentences. confidence: probability in [0, 1] that the best sentence answers the question.
    timings_ms: milliseconds for "retrieve", "read" and "total". declined: why it is not answered; None where it is.
    """

    question: str
    standalone_question: str
    answered: bool
    answer: str | None
    confidence: float
    citations: tuple[Citation, ...]
    alternatives: tuple[Alternative, ...]
    closest: tuple[Citation, ...]
    timings_ms: dict[str, float]
    declined: Reason | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)
