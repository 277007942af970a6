"""An article as HTML, with the cited sentence marked. Everything that comes from the article is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby
from typing import Literal
from urllib.parse import urlsplit

from index.article import Article

HIGHLIGHT_ID = "qa-highlight"

Kind = Literal["heading", "item", "row", "paragraph"]

_HEADING = re.compile(r"(#{1,6})[ \t]+")
_ITEM = re.compile(r"[ \t]*-[ \t]+")
_CELL_EDGE = re.compile(r"[ \t]+\|[ \t]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text, without its "# " or "- ": characters [start, end). level: of a heading, from 1; else 0."""

    kind: Kind
    start: int
    end: int
    level: int = 0


def safe_url(url: str | None) -> str | None:
    """The url where it is an absolute http(s) one, else None: an article must not bring in javascript: or data:."""
    if url is None or any(ord(character) <= 32 or character == "\\" for character in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def readable_date(published: str | None) -> str | None:
    """ "2024-03-12T08:00:00Z" → "12 Mar 2024"; what is no ISO 8601 date stays as it is."""
    if not published:
        return None
    try:
        date = datetime.fromisoformat(published)
    except ValueError:
        return published
    return f"{date.day} {date:%b} {date.year}"


def original_link(url: str | None) -> str:
    """A link that opens the original in a new tab, "" where there is no safe url."""
    safe = safe_url(url)
    if safe is None:
        return ""
    return (
        f'<a class="qa-original" href="{escape(safe)}" target="_blank" rel="noopener noreferrer">'
        'Open original<span aria-hidden="true"> ↗</span><span class="qa-unseen"> (new tab)</span></a>'
    )


def locate(text: str, start: int, end: int, quoted: str) -> tuple[int, int] | None:
    """Where a quotation stands today: at [start, end) if the text still says so, else at the occurrence nearest to
    it, else None: a saved answer may be older than the article."""
    if not quoted:
        return None
    if start >= 0 and text[start:end] == quoted:
        return start, end
    found = [match.start() for match in re.finditer(re.escape(quoted), text)]
    if not found:
        return None
    nearest = min(found, key=lambda position: (abs(position - start), position))
    return nearest, nearest + len(quoted)


def article_html(article: Article, start: int, end: int) -> str:
    """The whole article; characters [start, end) of its text are in <mark>, the first of them with HIGHLIGHT_ID.

    A highlight over several lines becomes one <mark> in each. An empty or outlying span marks nothing.
    """
    lines = list(split_lines(article.text))
    if lines and _repeats_title(lines[0], article) and start >= lines[0].end:
        del lines[0]
    body = "\n".join(_blocks(article.text, lines, start, end))
    first_mark = body.replace("<mark>", f'<mark id="{HIGHLIGHT_ID}">', 1)
    return (
        f'<h2 class="qa-article-title" tabindex="-1">{escape(article.title)}</h2>\n'
        f"{_meta(article)}\n"
        f'<div class="qa-article-text" dir="auto">\n{first_mark}\n</div>'
    )


def split_lines(text: str) -> Iterator[Line]:
    """The lines that hold something, in order. A single row is a paragraph with a bar in it, not a table."""
    lines = []
    position = 0
    for raw in text.split("\n"):
        if raw.strip():
            lines.append(_line(raw, position))
        position += len(raw) + 1
    for kind, group in groupby(lines, key=lambda line: line.kind):
        run = list(group)
        if kind == "row" and len(run) == 1:
            run = [Line("paragraph", run[0].start, run[0].end)]
        yield from run


def _line(raw: str, position: int) -> Line:
    end = position + len(raw.rstrip())
    if heading := _HEADING.match(raw):
        return Line("heading", position + heading.end(), end, len(heading[1]))
    if item := _ITEM.match(raw):
        return Line("item", position + item.end(), end)
    start = position + len(raw) - len(raw.lstrip())
    return Line("row" if " | " in raw.strip() else "paragraph", start, end)


def _repeats_title(line: Line, article: Article) -> bool:
    words = article.text[line.start : line.end].split()
    return line.kind == "heading" and [w.casefold() for w in words] == [w.casefold() for w in article.title.split()]


def _blocks(text: str, lines: list[Line], start: int, end: int) -> Iterator[str]:
    for kind, group in groupby(lines, key=lambda line: line.kind):
        if kind == "item":
            items = "".join(f"<li>{_marked(text, line.start, line.end, start, end)}</li>" for line in group)
            yield f"<ul>{items}</ul>"
        elif kind == "row":
            head, *rest = group
            rows = _row("th", text, head, start, end) + "".join(_row("td", text, line, start, end) for line in rest)
            # The wrapper scrolls where a table is wider than the panel; a scrolling region must be reachable by key.
            yield f'<div class="qa-table" tabindex="0" role="group" aria-label="Table"><table>{rows}</table></div>'
        else:
            for line in group:
                # The article's title is the page's h2, so "# " is h3.
                tag = f"h{min(line.level + 2, 6)}" if kind == "heading" else "p"
                yield f"<{tag}>{_marked(text, line.start, line.end, start, end)}</{tag}>"


def _row(tag: str, text: str, line: Line, start: int, end: int) -> str:
    edges = [line.start]
    for edge in _CELL_EDGE.finditer(text, line.start, line.end):
        edges += [edge.start(), edge.end()]
    edges.append(line.end)
    pairs = zip(edges[::2], edges[1::2], strict=True)
    cells = "".join(f"<{tag}>{_marked(text, left, right, start, end)}</{tag}>" for left, right in pairs)
    return f"<tr>{cells}</tr>"


def _marked(text: str, left: int, right: int, start: int, end: int) -> str:
    """Characters [left, right), those of them in [start, end) marked."""
    start, end = max(left, start), min(right, end)
    if start >= end:
        return escape(text[left:right])
    return f"{escape(text[left:start])}<mark>{escape(text[start:end])}</mark>{escape(text[end:right])}"


def _meta(article: Article) -> str:
    parts = [escape(part) for part in (article.author, readable_date(article.published), article.section) if part]
    said = '<span aria-hidden="true"> · </span>'.join(f"<span>{part}</span>" for part in parts)
    link = original_link(article.url)
    return f'<p class="qa-meta">{said}{" " if said and link else ""}{link}</p>' if said or link else ""
