"""The values that flow through the index: an article, its sentences, its chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Article:
    """What the user supplies.

    text: Unicode NFC with "\\n" line ends; every offset in this project counts its code points.
    published: ISO 8601 date or date and time. language: ISO 639-1 code. groups: who may read it, empty for everyone.
    metadata: whatever else the source said, JSON values only.
    """

    id: str
    title: str
    text: str
    url: str | None = None
    author: str | None = None
    published: str | None = None
    section: str | None = None
    language: str | None = None
    groups: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is cited: characters [start, end) of the article's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is retrieved: consecutive sentences of one section of one article.

    sentences: at least one, in the order of the text. heading: the headings above them, outermost first, " › "
    between them, "" where there is none.
    """

    sentences: tuple[Sentence, ...]
    heading: str

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end
