"""An article as HTML, with the cited sentence marked. Everything that comes from the article is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from urllib.parse import urlsplit

from index.article import Article
from index.blocks import Block, blocks

HIGHLIGHT_ID = "qa-highlight"
CHANGED = '<p class="qa-note">The article has changed since this answer.</p>'

_CELL_EDGE = re.compile(r"[ \t]*\|[ \t]*")


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
    found = list(blocks(article.text))
    if found and _repeats_title(found[0], article) and start >= found[0].end:
        del found[0]
    body = "\n".join(_body(article.text, found, start, end))
    first_mark = body.replace("<mark>", f'<mark id="{HIGHLIGHT_ID}">', 1)
    return (
        f'<h2 class="qa-article-title" tabindex="-1">{escape(article.title)}</h2>\n'
        f"{_meta(article)}\n"
        f'<div class="qa-article-text" dir="auto">\n{first_mark}\n</div>'
    )


def _repeats_title(block: Block, article: Article) -> bool:
    words = article.text[block.start : block.end].split()
    return block.kind == "heading" and [w.casefold() for w in words] == [w.casefold() for w in article.title.split()]


def _body(text: str, found: Sequence[Block], start: int, end: int) -> Iterator[str]:
    for (kind, numbered), group in groupby(found, key=lambda block: (block.kind, _numbered(text, block))):
        run = list(group)
        if kind == "item":
            items = "".join(f"<li>{_marked(text, item.start, item.end, start, end)}</li>" for item in run)
            yield f"<ol>{items}</ol>" if numbered else f"<ul>{items}</ul>"
        elif kind == "row" and len(run) > 1:
            rows = _row("th", text, run[0], start, end) + "".join(_row("td", text, row, start, end) for row in run[1:])
            # The wrapper scrolls where a table is wider than the panel; a scrolling region must be reachable by key.
            yield f'<div class="qa-table" tabindex="0" role="group" aria-label="Table"><table>{rows}</table></div>'
        else:
            for block in run:
                # The article's title is the page's h2, so "# " is h3.
                tag = f"h{min(block.level + 2, 6)}" if kind == "heading" else "p"
                yield f"<{tag}>{_marked(text, block.start, block.end, start, end)}</{tag}>"


def _numbered(text: str, block: Block) -> bool:
    """Whether it is a list item with a number before it."""
    mark = text[text.rfind("\n", 0, block.start) + 1 : block.start]
    return block.kind == "item" and any(character.isalnum() for character in mark)


def _row(tag: str, text: str, row: Block, start: int, end: int) -> str:
    edges = [row.start]
    for edge in _CELL_EDGE.finditer(text, row.start, row.end):
        edges += [edge.start(), edge.end()]
    edges.append(row.end)
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
