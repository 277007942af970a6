"""Verdicts from the chat → questions with known answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from index import Article
from qa.answer import Answer, Citation
from qa.evaluation.question import Question
from qa.feedback import Feedback, quoted, stands
from qa.followup import Turn


def questions(feedback: Iterable[Feedback], article: Callable[[str], Article | None]) -> list[Question]:
    """The judged answers as a test set, the last verdict on each question; verdicts that were taken back don't count.

    Thumbs up for an answer: it is the gold answer, and its articles are the right ones, as long as they still say so.
    Thumbs up for "not found": unanswerable. Thumbs down for an answer: not known, but those of its quotations that
    still stand are rejected. Thumbs down for "not found" says nothing that could be checked.

    article: by its id; None where there is none, or none for whoever evaluates. A verdict on an answer that quotes such
    an article anywhere is as if it had not been given: a report must not show what its readers may not read.
    """
    last: dict[tuple[str, str], Feedback] = {}
    for given in feedback:
        if all(article(citation.article_id) is not None for citation in quoted(given.answer)):
            last[given.answer.question, given.answer.standalone_question] = given
    made = (_question(given, article) for given in last.values())
    return [question for question in made if question is not None]


def _question(given: Feedback, article: Callable[[str], Article | None]) -> Question | None:
    answer = given.answer
    standing = [citation for citation in answer.citations if stands(citation, article(citation.article_id))]
    name, history = f"feedback {given.time}", _asked(given.history)
    if given.verdict == "down" and answer.answered and standing:
        quotations = tuple(citation.sentence for citation in standing)
        return Question(name, answer.question, None, history=history, rejected=quotations)
    if given.verdict == "up" and not answer.answered:
        return Question(name, answer.question, (), history=history)
    if given.verdict == "up" and _is_gold(answer, standing):
        articles = tuple(dict.fromkeys(citation.article_id for citation in answer.citations))
        return Question(name, answer.question, (answer.answer or "",), articles, history=history)
    return None


def _is_gold(answer: Answer, standing: Sequence[Citation]) -> bool:
    """Whether the first quotation is one of those that stand, and holds the answer."""
    return bool(answer.answer) and any(
        first in standing and (answer.answer or "") in first.sentence for first in answer.citations[:1]
    )


def _asked(history: Iterable[Turn]) -> tuple[Turn, ...]:
    """Without the answers: nothing says which articles they quote, and only questions complete a later one."""
    return tuple({"question": turn.get("question"), "answer": None} for turn in history)
