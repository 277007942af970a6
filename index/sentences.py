"""Blocks → sentences, with exact offsets."""

from __future__ import annotations

from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from index.article import Sentence
from index.blocks import Block


def sentences(text: str, block: Block, language: str | None = None) -> Iterator[Sentence]:
    at = block.start
    part = text[block.start:block.end]
    for b in get_sentence_boundaries(language or "en", part):
        s = b["text"]
        lead = len(s) - len(s.lstrip())
        body = s.strip()
        if body:
            i = text.index(body, at)
            yield Sentence(i, i + len(body))
            at = i + len(body)
