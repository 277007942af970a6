"""HTML → article: the main text of a page as served, without its menus, banners and footers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from logging import CRITICAL, getLogger
from typing import Any

from index.article import Article
from index.load.fields import Empty, article
from index.load.text import stem

getLogger("trafilatura").setLevel(CRITICAL)  # what it finds wrong with a page is said in the skip's reason

_CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_TEXTS = ("title", "author", "url")


def charset(content: bytes) -> str | None:
    """The encoding that a page declares in its first 4096 bytes."""
    found = _CHARSET.search(content[:4096])
    return found[1].decode("ascii") if found else None


def read(content: str, name: str) -> Iterator[Article]:
    """Main text and metadata by trafilatura, which tests/bench/extraction.py measures beside others.

    Visitors' comments are left out; the date is one that the page states, not one guessed from its text. Headings begin
    with # marks, list items with "- " or their number, the cells of a table row stand between " | ".
    """
    from trafilatura import bare_extraction, load_html  # takes a quarter of a second to import

    tree = load_html(content)
    page: Any = bare_extraction(
        tree, include_comments=False, with_metadata=True, date_extraction_params={"extensive_search": False}
    )
    if tree is None or not page:
        raise Empty
    lines = "\n".join(_lines(page.body)).strip()
    fields = {
        **{name: getattr(page, name) for name in _TEXTS},
        "published": page.date,
        "language": (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "")[:2].lower(),
        "text": re.sub(r"\n{3,}", "\n\n", lines) + "\n",
    }
    yield article(fields, name, stem(name))


def _lines(element: Any) -> Iterator[str]:
    """The blocks below an element of trafilatura's tree, one a line, blank lines between them."""
    text = element.text or ""
    for child in element:
        block = _BLOCKS.get(child.tag)
        if block is None:
            text += ("" if child.tag == "graphic" else "".join(child.itertext())) + (child.tail or "")
            continue
        yield from filter(None, [_words(text)])
        yield from block(child)
        text = child.tail or ""
    yield from filter(None, [_words(text)])


def _paragraph(element: Any) -> Iterator[str]:
    yield from _lines(element)
    yield ""


def _heading(element: Any) -> Iterator[str]:
    level = str(element.get("rend"))[1:]
    yield f"{'#' * int(level) if level in set('123456') else '##'} {_words(' '.join(element.itertext()))}"
    yield ""


def _list(element: Any) -> Iterator[str]:
    for number, item in enumerate(element, 1):
        first, *below = [line for line in _lines(item) if line] or [""]
        yield (f"{number}. " if element.get("rend") == "ol" else "- ") + first
        yield from (f"  {line}" for line in below)
    yield ""


def _table(element: Any) -> Iterator[str]:
    for row in element.iter("row"):
        yield " | ".join(_words(" ".join(cell.itertext())) for cell in row.iter("cell"))
    yield ""


_BLOCKS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "p": _paragraph,
    "quote": _paragraph,
    "code": _paragraph,
    "div": _paragraph,
    "head": _heading,
    "list": _list,
    "table": _table,
    "lb": lambda _: iter(()),
}


def _words(text: str) -> str:
    return " ".join(text.split())
