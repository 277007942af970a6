"""Records made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qa.answer import Answer, Citation
from qa.evaluation import Question, Record, Run

SETTINGS = {
    "search": {"top_k": 6, "dense_weight": 0.5},
    "answer": {"decline_below": 0.5, "confidence_slope": 1.0, "confidence_shift": 0.0},
    "model": "words",
    "index": {"articles": 2, "chunks": 3, "generation": 1},
}
QUESTION = Question("q", "When?", ("noon",), ("a",))


def made(
    question: Question = QUESTION,
    sentence: str = "Soup is served at noon.",
    article_id: str = "a",
    confidence: float = 0.9,
    span: str | None = None,
    found: tuple[str, ...] = ("a#0-23", "b#0-9"),
    qrels: tuple[str, ...] = ("a#0-23",),
    source: str = "a#0-23",
    ms: float = 10,
) -> Record:
    """A record whose only quotation is this sentence; answered from a confidence of 0.5. span: its own words."""
    start = sentence.index(span) if span else 0
    end = start + len(span or sentence)
    cited = Citation(
        1, article_id, f"Title {article_id}", None, None, None, sentence, 0, len(sentence), (start, end), 1.0
    )
    given = confidence >= 0.5
    answer = Answer(
        question.question, question.question, given, sentence[start:end] if given else None, confidence,
        (cited,) if given else (), (), () if given else (cited,), {"retrieve": 1.0, "read": 1.0, "total": ms},
    )  # fmt: skip
    ranking = tuple((item, 1 / rank) for rank, item in enumerate(found, 1))
    return Record(question, answer, ranking, found[:6], source, dict.fromkeys(qrels, 1), (), 1, 1)


@pytest.fixture
def record() -> Callable[..., Record]:
    return made


@pytest.fixture
def run() -> Callable[..., Run]:
    """A run of these records, as if nothing else had been asked."""

    def run_of(*records: Record, **changes: Any) -> Run:
        return Run(records, SETTINGS, len(records), **changes)

    return run_of
