"""What came of one question, and what was right about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from qa.answer import Answer, Citation
from qa.evaluation.gold import f1, holds
from qa.evaluation.question import Question

Outcome = Literal[
    "right", "wrong span", "wrong sentence", "wrong article", "wrongly declined", "wrongly answered", "not judged"
]
Cause = Literal["not retrieved", "retrieved, not read", "read, wrong span", "declined"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that the answer was chosen from. quote: the sentence around it. confidence: in [0, 1]."""

    text: str
    quote: str
    article_id: str
    score: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Record:
    """A question, its answer, and the way there.

    Items are chunks, or articles where whole articles are judged. found: (item, score), best first, at most
    judge.DEPTH. read: the items that were read, best first. source: the item that the best quotation was taken from.
    qrels: item → grade above 0, of all relevant items. candidates: the best few spans. quotations, verbatim: how many
    were shown, and how many of them equal the article's text.
    """

    question: Question
    answer: Answer
    found: tuple[tuple[str, float], ...]
    read: tuple[str, ...]
    source: str | None
    qrels: Mapping[str, int]
    candidates: tuple[Candidate, ...]
    quotations: int
    verbatim: int

    @property
    def best(self) -> Citation | None:
        """The best quotation, whether it was given as an answer or only as the closest sentence."""
        return next(iter((*self.answer.citations, *self.answer.closest)), None)

    @property
    def best_text(self) -> str:
        """The answer, or what it would have been."""
        best = self.best
        if best is None or best.span is None:
            return best.sentence if best else ""
        return best.sentence[best.span[0] - best.start : best.span[1] - best.start]

    def cites_rightly(self, citation: Citation | None) -> bool:
        """Whether the quotation is of a right article and, where answers are known, holds one of them."""
        if citation is None or not self.question.answerable:
            return False
        if not self.question.is_from(citation.article_id, citation.title):
            return False
        answers = self.question.answers
        return answers is None or holds(citation.sentence, answers)

    @property
    def right(self) -> bool:
        """Whether the best quotation is right, and its span shares a word with a gold answer."""
        answers = self.question.answers
        return self.cites_rightly(self.best) and (answers is None or f1(self.best_text, answers) > 0)

    @property
    def outcome(self) -> Outcome:
        question, best = self.question, self.best
        if question.answerable is None:
            return "not judged"
        if not question.answerable:
            return "wrongly answered" if self.answer.answered else "right"
        if not self.answer.answered:
            return "wrongly declined"
        if self.right:
            return "right"
        if self.cites_rightly(best):
            return "wrong span"
        is_there = best is not None and question.is_from(best.article_id, best.title)
        return "wrong sentence" if is_there else "wrong article"

    @property
    def cause(self) -> Cause | None:
        """The first stage that lost the answer; None where the outcome is right or nothing could be found."""
        if not self.question.answerable or self.outcome == "right":
            return None
        if self.right:
            return "declined"
        if self.qrels.keys().isdisjoint(self.read):
            return "not retrieved"
        return "read, wrong span" if self.source in self.qrels else "retrieved, not read"
