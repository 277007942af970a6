"""Question → record: asks the assistant and notes what was found, read and quoted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from index import Article, Hit
from index.errors import QuestionInvalid
from qa.answer import Answer, Citation
from qa.assistant import Assistant, Trace
from qa.evaluation.gold import holds
from qa.evaluation.question import Question
from qa.evaluation.record import Candidate, Record

DEPTH = 100
"""Chunks searched for each question, however few are read."""

N_CANDIDATES = 5


class Judge:
    """Asks one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def record(self, question: Question) -> Record:
        """A question that the assistant refuses (too long) counts as declined."""

        def admit(article: Article) -> bool:
            return not (question.off_topic and question.is_from(article.id, article.title))

        try:
            trace = self._assistant.trace(question.question, question.history, admit)
        except QuestionInvalid:
            return Record(question, _refused(question.question), (), (), None, {}, (), 0, 0)
        hits = self._assistant.library.search(trace.answer.standalone_question, DEPTH, admit)
        by_article = bool(question.relevant)
        shown = _shown(trace.answer)
        return Record(
            question,
            trace.answer,
            found=tuple(_items(hits, by_article)),
            read=tuple(item for item, _ in _items(trace.hits, by_article)),
            source=_source(trace, by_article),
            qrels={} if question.off_topic else self._qrels(question, hits),
            candidates=tuple(_candidates(trace)),
            quotations=len(shown),
            verbatim=sum(self._is_verbatim(citation) for citation in shown),
        )

    def _qrels(self, question: Question, hits: Sequence[Hit]) -> Mapping[str, int]:
        """The chunks of the right articles that hold a gold answer; where no article is named, those found."""
        if question.relevant:
            return question.relevant
        if not question.answers:
            return {}
        if not question.article_ids and not question.titles:
            return {_item(hit): 1 for hit in hits if holds(hit.text, question.answers)}
        articles = (self._assistant.article(i) for i, title in self._titles.items() if question.is_from(i, title))
        return {
            _chunk_item(article.id, chunk.start, chunk.end): 1
            for article in articles
            if article is not None
            for chunk in self._assistant.library.chunks(article.id)
            if holds(article.text[chunk.start : chunk.end], question.answers)
        }

    @cached_property
    def _titles(self) -> dict[str, str]:
        return self._assistant.library.titles()

    def _is_verbatim(self, citation: Citation) -> bool:
        article = self._assistant.article(citation.article_id)
        return article is not None and article.text[citation.start : citation.end] == citation.sentence


def off_topic(questions: Iterable[Question]) -> Iterator[Question]:
    """Each answerable question whose articles are known once more, to be asked with these articles taken away."""
    for question in questions:
        if question.answerable and (question.article_ids or question.titles or question.relevant):
            yield replace(question, id=f"{question.id} off-topic", answers=(), off_topic=True)


def _refused(question: str) -> Answer:
    nothing = {"retrieve": 0.0, "read": 0.0, "total": 0.0}
    return Answer(question, question, False, None, 0.0, (), (), (), nothing)


def _shown(answer: Answer) -> tuple[Citation, ...]:
    return (*answer.citations, *answer.closest, *(c for other in answer.alternatives for c in other.citations))


def _items(hits: Iterable[Hit], by_article: bool) -> Iterator[tuple[str, float]]:
    """Chunks, or their articles, each in the place of its best chunk."""
    best: dict[str, float] = {}
    for hit in hits:
        best.setdefault(hit.article.id if by_article else _item(hit), round(hit.score, 4))
    yield from best.items()


def _source(trace: Trace, by_article: bool) -> str | None:
    """The first item read that the best span stands in."""
    for span in trace.spans[:1]:
        for hit in trace.hits:
            if hit.article.id == span.article.id and hit.chunk.start <= span.start < span.end <= hit.chunk.end:
                return hit.article.id if by_article else _item(hit)
    return None


def _candidates(trace: Trace) -> Iterator[Candidate]:
    for span in trace.spans[:N_CANDIDATES]:
        quote = span.article.text[slice(*span.quote)]
        yield Candidate(span.text, quote, span.article.id, round(span.score, 4), round(span.confidence, 4))


def _item(hit: Hit) -> str:
    return _chunk_item(hit.article.id, hit.chunk.start, hit.chunk.end)


def _chunk_item(article_id: str, start: int, end: int) -> str:
    return f"{article_id}#{start}-{end}"
