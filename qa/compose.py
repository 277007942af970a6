"""Spans → what is shown: the answer, its citations, a different answer, or the closest sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from qa.answer import Alternative, Citation
from qa.reader import Span

N_CLOSEST = 3

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def supporting(
    spans: Sequence[Span], asked: frozenset[str], terms: Callable[[str], list[str]], limit: int
) -> list[Span]:
    """The best span and up to limit - 1 others, of other sentences, that say the same.

    asked: the question's terms. Others must be half as sure at least.
    """
    best = spans[0]
    chosen = [best]
    for span in spans[1:]:
        if len(chosen) == limit or span.confidence < best.confidence / 2:
            break
        if not any(_overlap(span, other) for other in chosen) and _agree(best, span, asked, terms):
            chosen.append(span)
    return chosen


def different(
    spans: Sequence[Span], cited: Sequence[Span], asked: frozenset[str], terms: Callable[[str], list[str]], least: float
) -> Span | None:
    """The best span that says something else, from another article; None where none is sure enough (least)."""
    for span in spans[1:]:
        if span.confidence < least:
            break
        elsewhere = all(span.article.id != other.article.id for other in cited)
        if elsewhere and not _agree(spans[0], span, asked, terms):
            return span
    return None


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


def _agree(a: Span, b: Span, asked: frozenset[str], terms: Callable[[str], list[str]]) -> bool:
    """Whether both bring the same news: a number in common where the first has one, else a third of their new terms."""
    numbers_a, numbers_b = set(_NUMBER.findall(a.text)) - asked, set(_NUMBER.findall(b.text)) - asked
    if numbers_a:
        return not numbers_a.isdisjoint(numbers_b)
    news_a, news_b = set(terms(a.text)) - asked, set(terms(b.text)) - asked
    return len(news_a & news_b) * 3 >= min(len(news_a), len(news_b)) > 0
