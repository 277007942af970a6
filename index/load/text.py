"""Plain text → article."""

from __future__ import annotations

from collections.abc import Iterator

from index.article import Article
from index.load.fields import article


def read(content: str, name: str) -> Iterator[Article]:
    """The title is the first line where a blank line follows it; it stays in the text."""
    first, _, rest = content.strip().partition("\n")
    has_title = len(first) <= 120 and rest.startswith("\n")
    yield article({"text": content, "title": first.strip() if has_title else ""}, name, stem(name))


def stem(name: str) -> str:
    """A title from a file's name: "hr/annual-leave.md" → "annual leave"."""
    return name.rpartition("/")[2].partition(".")[0].replace("-", " ").replace("_", " ").strip()
