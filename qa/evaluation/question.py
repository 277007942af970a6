"""What is asked in an evaluation, and what counts as right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Turn = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known about its answer.

    answers: gold answers, the articles' own words; empty for a question that the articles do not answer, None where
    they are not known. article_ids, titles: of the articles that the answer may come from, any of them; both empty
    where it may come from anywhere. relevant: article id → grade above 0, judgements of whole articles in place of
    answers. history: earlier turns, oldest first. off_topic: asked with these articles taken away, so that there is no
    answer. rejected: quotations that people have called wrong.
    """

    id: str
    question: str
    answers: tuple[str, ...] | None = None
    article_ids: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    relevant: Mapping[str, int] = field(default_factory=dict)
    history: tuple[Turn, ...] = ()
    off_topic: bool = False
    rejected: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool | None:
        """Whether the articles hold an answer; None where that is not known."""
        if self.off_topic:
            return False
        if self.relevant:
            return True
        return None if self.answers is None else bool(self.answers)

    def is_from(self, article_id: str, title: str) -> bool:
        """Whether an answer from this article can be right."""
        if self.relevant:
            return article_id in self.relevant
        return not (self.article_ids or self.titles) or article_id in self.article_ids or title in self.titles
