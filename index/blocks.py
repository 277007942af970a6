"""Text → blocks: headings, list items, table rows and paragraphs, with exact offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

WRAPPED_LINE = 50
"""Characters; a line this long without an end mark is taken for hard-wrapped, and read on into the next line."""

_LINE = re.compile(r"[^\n]+")
_ATX = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_ITEM = re.compile(r"(?:[-*+•–▪‣◦]|\(?\d{1,3}[.)]|\(?[a-z][.)])[ \t]+(?=\S)")
_RULE = re.compile(r"[\s|:=*_+~#-]*")
_END_MARK = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*$")
_DIGIT_OR_MARK = re.compile(r"[\d.!?…:;,|@/。！？]")


@dataclass(frozen=True, slots=True)
class Block:
    """Characters [start, end) of a text, marks and spaces around them left out; level: 1 to 6 for headings, else 0."""

    kind: Literal["heading", "item", "row", "paragraph"]
    start: int
    end: int
    level: int = 0


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a text, in order; blank lines, rules (---, |---|) and empty headings are left out.

    A heading is Markdown's ("## Leave"), or a line between blank lines of at most 8 words with neither digits nor
    punctuation, unless the text ends there (level 2). Hard-wrapped lines of a paragraph or list item are one block.
    """
    open_block: Block | None = None
    after_blank = True
    for line in _lines(text):
        if line is None:
            after_blank = True
            continue
        if open_block and not after_blank and line.kind == "paragraph" and _reads_on(text, open_block, line):
            open_block = replace(open_block, end=line.end)
            continue
        if open_block:
            yield _as_heading(text, open_block) if after_blank else open_block
        open_block, after_blank = line, False
    if open_block:
        yield open_block


def _lines(text: str) -> Iterator[Block | None]:
    """One block a line; None for a blank line or a rule."""
    at = 0
    for line in text.split("\n"):
        start, end = at, at + len(line)
        at = end + 1
        content = line.strip()
        if _RULE.fullmatch(content):
            yield None
            continue
        start += len(line) - len(line.lstrip())
        end = start + len(content)
        if mark := _ATX.match(content):
            closed = content.rstrip("#").rstrip()
            yield Block("heading", start + mark.end(), start + len(closed), len(mark[1]))
        elif mark := _ITEM.match(content):
            yield Block("item", start + mark.end(), end)
        elif content.startswith("|") or " | " in content:
            inner = content.strip("| \t")
            start += content.index(inner)
            yield Block("row", start, start + len(inner))
        else:
            yield Block("paragraph", start, end)


def _reads_on(text: str, block: Block, line: Block) -> bool:
    """Whether the line goes on where the block's last line was wrapped."""
    if block.kind not in ("paragraph", "item"):
        return False
    last = text[block.start : block.end].rpartition("\n")[2]
    return (len(last) >= WRAPPED_LINE and not _END_MARK.search(last)) or text[line.start].islower()


def _as_heading(text: str, block: Block) -> Block:
    """The block as a heading where a line between blank lines looks like one, else as it is."""
    line = text[block.start : block.end]
    is_heading = (
        block.kind == "paragraph"
        and "\n" not in line
        and len(line.split()) <= 8
        and line[0].isupper()
        and not _DIGIT_OR_MARK.search(line)
        and (block.start == 0 or text[: block.start].rstrip(" \t").endswith("\n\n"))
    )
    return replace(block, kind="heading", level=2) if is_heading else block
