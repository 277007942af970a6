"""Blocks → sentences, with exact offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from index.article import Sentence
from index.blocks import Block

MAX_WORDS = 120
"""A longer sentence is a run-on or a dump of data: it is cut, as nobody would read it as a quotation."""

_WORD = re.compile(r"\S+")
_MARKS = (".!?;", ":,–—")  # where to cut: the first kind if there is one, else the second


def sentences(text: str, block: Block, language: str | None = None) -> Iterator[Sentence]:
    """The sentences of a block, in order, without the spaces around them.

    language: ISO 639-1, English where it is not known. A table row is one sentence.
    """
    if block.kind == "row":
        yield Sentence(block.start, block.end)
        return
    for found in get_sentence_boundaries(language or "en", text[block.start : block.end]):
        own = found["text"]
        start = block.start + found["start_index"] + len(own) - len(own.lstrip())
        end = start + len(own.strip())
        if end > start:
            yield from _cut(text, Sentence(start, end))


def _cut(text: str, sentence: Sentence) -> Iterator[Sentence]:
    """The sentence in parts of at most MAX_WORDS words, cut behind a mark in their second half if there is one."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(text, sentence.start, sentence.end)]
    first = 0
    while len(words) - first > MAX_WORDS:
        half, limit = first + MAX_WORDS // 2, first + MAX_WORDS
        ends = [[n for n in range(half, limit) if text[words[n][1] - 1] in marks] for marks in _MARKS]
        last = next((found[-1] for found in ends if found), limit - 1)
        yield Sentence(words[first][0], words[last][1])
        first = last + 1
    yield Sentence(words[first][0], sentence.end)
