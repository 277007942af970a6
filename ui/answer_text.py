"""Answer → plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from qa import Answer, Citation
from qa.answer import Reason

NOT_FOUND = "Not found in these articles."

WHY: dict[Reason, str] = {
    "nothing found": "None of them is about this.",
    "unsure": "None of what comes closest is surely an answer.",
    "contradiction": "The closest ones say different things.",
}


def answer_text(answer: Answer, *, with_question: bool = False) -> str:
    """The exact words that answer, unless they are the whole sentence, and the quotations with numbers and sources;
    with_question: under the question, as one of many."""
    return "\n".join(_lines(answer, with_question))


def percent(confidence: float) -> str:
    """An estimate is never certain: 99% at most."""
    return f"{min(confidence, 0.99):.0%}"


def _lines(answer: Answer, with_question: bool) -> Iterator[str]:
    if with_question:
        yield printable(f"? {answer.question}")
    if answer.answered:
        if answer.answer and answer.answer != answer.citations[0].sentence:
            yield printable(answer.answer)
        for citation in answer.citations:
            yield from _citation(citation)
        yield f"confidence {percent(answer.confidence)}"
        for alternative in answer.alternatives:
            yield f"another article says (confidence {percent(alternative.confidence)}):"
            for citation in alternative.citations:
                yield from _citation(citation)
    else:
        yield f"{NOT_FOUND} {WHY[answer.declined]}" if answer.declined else NOT_FOUND
        if answer.closest:
            yield "closest:"
        for citation in answer.closest:
            yield from _citation(citation)
    if with_question:
        yield ""


def _citation(citation: Citation) -> Iterator[str]:
    yield printable(f"[{citation.n}] “{citation.sentence}”")
    source = (citation.title, citation.author, citation.published, citation.url or citation.article_id)
    yield f"    {printable(' · '.join(filter(None, source)))}"


def printable(text: str) -> str:
    """One line without control characters: an article or a file's name must not steer the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))
