"""The assistant's own page of an article: where a citation leads when the article has no address."""

from __future__ import annotations

from html import escape

from index.article import Article
from ui.article_view import CHANGED, article_html


def article_page(article: Article, start: int, end: int, check: int | None, root_path: str) -> str:
    """A whole page without scripts; characters [start, end) are marked, see `article_html`.

    check: what `checked` gives of the quotation; where it is not that of these characters, nothing is marked.
    """
    note = ""
    if check is not None and checked(article.text[start:end]) != check:
        note, start, end = CHANGED, 0, 0
    return own_page(article.title, note + article_html(article, start, end), root_path, article.language or "en")


def checked(text: str) -> int:
    """A number of 32 bits, as quotation.js computes it: what has changed since must not be marked at will."""
    found = 7
    for character in text:
        found = (found * 31 + ord(character)) % 4_294_967_291
    return found


def own_page(title: str, body: str, root_path: str, language: str = "en") -> str:
    """body: HTML, escaped where it needs it."""
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="stylesheet" href="{escape(root_path)}/page.css">\n</head>\n'
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
