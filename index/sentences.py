"""Blocks → sentences, with exact offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from index.article import Sentence
from index.blocks import Block

MAX_WORDS = 120
"""A longer sentence is a run-on or a dump of data: it is cut, as nobody would read it as a quotation."""

PIECE = 10_000
"""Characters: sentencex takes time with the square of their number where they are Chinese or Japanese (0.5 million at
once: 23 s)."""

MARGIN = 1_000
"""Characters: what it finds nearer than this to the end of a piece may depend on what comes after it, as a quotation's
closing mark."""

_WORD = re.compile(r"\S+")
_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f](?=\.)")  # as in "vitamin B\u00a0.", at which sentencex panics
_MARKS = (".!?;", ":,–—")  # where to cut: the first kind if there is one, else the second


def sentences(text: str, block: Block, language: str | None = None) -> Iterator[Sentence]:
    """The sentences of a block, in order, without the spaces around them.

    language: ISO 639-1, English where it is not known. A table row is one sentence.
    """
    if block.kind == "row":
        yield Sentence(block.start, block.end)
        return
    for first, last in _split(text, block.start, block.end, language or "en"):
        own = text[first:last]
        start = first + len(own) - len(own.lstrip())
        end = start + len(own.strip())
        if end > start:
            yield from _cut(text, Sentence(start, end))


def _split(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    """The sentences in [start, end), spaces included, piece by piece: each begins where the last sentence ended that
    was clear of the end of the piece before."""
    while end - start > PIECE:
        piece = _piece(text, start)
        found = [s for s in _found(piece, start, language) if s[1] <= start + PIECE - MARGIN]
        if not found:  # one sentence, longer than that
            space = max(piece.rfind(" "), piece.rfind("\n"))
            found = [(start, start + (space + 1 or len(piece)))]
        yield from found
        start = found[-1][1]
    yield from _found(text[start:end], start, language)


def _found(piece: str, at: int, language: str) -> Iterator[tuple[int, int]]:
    plain = _WIDE_SPACE.sub(" ", piece)
    return ((at + s["start_index"], at + s["end_index"]) for s in get_sentence_boundaries(language, plain))


def _piece(text: str, start: int) -> str:
    """Of a long text, without a last quotation that it would cut in two: an odd mark makes sentencex doubt them all."""
    piece = text[start : start + PIECE]
    mark = piece.rfind('"', PIECE - MARGIN)
    return piece[:mark] if mark > 0 and piece.count('"') % 2 else piece


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
