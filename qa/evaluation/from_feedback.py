"""Verdicts from the chat → questions with known answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from index import Article
from qa.answer import Answer, Citation
from qa.evaluation.question import Question
from qa.feedback import Feedback


def questions(feedback: Iterable[Feedback], article: Callable[[str], Article | None]) -> list[Question]:
    """The judged answers as a test set, the last verdict on each question; verdicts that were taken back don't count.

    Thumbs up for an answer: it is the gold answer, and its articles are the right ones, as long as they still say so.
    Thumbs up for "not found": unanswerable. Thumbs down for an answer: not known, but its quotations are rejected.
    Thumbs down for "not found" says nothing that could be checked.
    """
    last: dict[tuple[str, str], Feedback] = {}
    for given in feedback:
        last[given.answer.question, given.answer.standalone_question] = given
    made = (_question(given, article) for given in last.values())
    return [question for question in made if question is not None]


def _question(given: Feedback, article: Callable[[str], Article | None]) -> Question | None:
    answer = given.answer
    name = f"feedback {given.time}"
    if given.verdict == "down" and answer.answered:
        quotations = tuple(citation.sentence for citation in answer.citations)
        return Question(name, answer.question, None, history=given.history, rejected=quotations)
    if given.verdict == "up" and not answer.answered:
        return Question(name, answer.question, (), history=given.history)
    if given.verdict == "up" and _stands(answer, article):
        articles = tuple(dict.fromkeys(citation.article_id for citation in answer.citations))
        return Question(name, answer.question, (answer.answer or "",), articles, history=given.history)
    return None


def _stands(answer: Answer, article: Callable[[str], Article | None]) -> bool:
    """Whether the first quotation holds the answer and is still in its article: what came from a browser proves
    nothing by itself."""

    def is_there(citation: Citation) -> bool:
        found = article(citation.article_id)
        return found is not None and found.text[citation.start : citation.end] == citation.sentence

    return bool(answer.answer) and any(
        is_there(c) and (answer.answer or "") in c.sentence for c in answer.citations[:1]
    )
