"""Spans → what is shown: the answer, its citations, a different answer, or the closest sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from qa.answer import Alternative, Citation
from qa.normalised import normalised
from qa.reader import Span

N_CLOSEST = 3

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def supporting(
    spans: Sequence[Span], asked: frozenset[str], terms: Callable[[str], list[str]], limit: int
) -> list[Span]:
    """The best span and up to limit - 1 others, of other sentences, that say the same.

    asked: the question's terms. Others must be half as sure at least; with the very same words, a quarter.
    """
    best = spans[0]
    chosen = [best]
    for span in spans[1:]:
        if len(chosen) == limit:
            break
        least = best.confidence / (4 if _same(best, span) else 2)
        apart = not any(_overlap(span, other) for other in chosen)
        if apart and span.confidence >= least and _agree(best, span, asked, terms):
            chosen.append(span)
    return chosen


def different(
    spans: Sequence[Span], cited: Sequence[Span], asked: frozenset[str], terms: Callable[[str], list[str]], least: float
) -> Span | None:
    """The best span that says something else, from another article; None where none is sure enough (least)."""
    for span in spans[1:]:
        elsewhere = all(span.article.id != other.article.id for other in cited)
        if elsewhere and span.confidence >= least and not _agree(spans[0], span, asked, terms):
            return span
    return None


def contradict(spans: Sequence[Span], asked: frozenset[str], terms: Callable[[str], list[str]], enough: float) -> bool:
    """Whether another article gives another number, half as surely as the best one does at least, where both together
    would be sure enough and both quote half of the question's terms."""
    best = spans[0]
    other = different(spans, spans[:1], asked, terms, max(best.confidence / 2, enough - best.confidence))
    return other is not None and all(_numbers(s, asked) and _cover(s, asked, terms) >= 0.5 for s in (best, other))


def _cover(span: Span, asked: frozenset[str], terms: Callable[[str], list[str]]) -> float:
    return len(asked & set(terms(span.article.text[span.quote[0] : span.quote[1]]))) / max(1, len(asked))


def _numbers(span: Span, asked: frozenset[str]) -> set[str]:
    return set(_NUMBER.findall(span.text)) - asked


def distinct(spans: Sequence[Span], limit: int) -> list[Span]:
    """The best spans whose quotations don't overlap."""
    chosen: list[Span] = []
    for span in spans:
        if len(chosen) < limit and not any(_overlap(span, other) for other in chosen):
            chosen.append(span)
    return chosen


def citations(spans: Sequence[Span], first: int = 1) -> tuple[Citation, ...]:
    """Numbered from `first`."""
    return tuple(_citation(span, n) for n, span in enumerate(spans, first))


def alternatives(span: Span | None, first: int) -> Iterator[Alternative]:
    if span is not None:
        yield Alternative(span.text, round(span.confidence, 4), citations([span], first))


def _citation(span: Span, n: int) -> Citation:
    a = span.article
    start, end = span.quote
    return Citation(
        n, a.id, a.title, a.url, a.author, a.published, a.text[start:end], start, end, (span.start, span.end),
        round(span.score, 4),
    )  # fmt: skip


def _overlap(a: Span, b: Span) -> bool:
    return a.article.id == b.article.id and a.quote[0] < b.quote[1] and b.quote[0] < a.quote[1]


def _same(a: Span, b: Span) -> bool:
    words = normalised(a.text)
    return bool(words) and words == normalised(b.text)


def _agree(a: Span, b: Span, asked: frozenset[str], terms: Callable[[str], list[str]]) -> bool:
    """Whether both say the same or bring the same news: a number in common where the first has one, else a third of
    their new terms."""
    if _same(a, b):
        return True
    if numbers := _numbers(a, asked):
        return not numbers.isdisjoint(_numbers(b, asked))
    news_a, news_b = set(terms(a.text)) - asked, set(terms(b.text)) - asked
    return len(news_a & news_b) * 3 >= min(len(news_a), len(news_b)) > 0
