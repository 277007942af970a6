"""Named fields, as a format gives them → Article."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from index.article import Article

MAX_CHARACTERS = 5_000_000
"""Of one article's text; far longer than any book chapter."""

_TEXTS = ("url", "author", "section", "language")


class Unusable(Exception):
    """This input is no article; says why, for the user."""


class Empty(Unusable):
    """There is nothing in it."""

    def __init__(self) -> None:
        super().__init__("empty")


class ReadersUnclear(Unusable):
    """It says who may read it, but not in a way that holds."""


class NotArticles(Unusable):
    """It was never meant as articles."""


def article(fields: Mapping[str, Any], default_id: str, default_title: str = "") -> Article:
    """The article that these fields describe; fields it does not know become metadata.

    Text is stored as given but for Unicode NFC and line ends. groups: None or an empty list for everybody, as exporters
    write it. Raises Unusable.
    """
    groups = _groups(fields)
    rest = {name: value for name, value in fields.items() if name != "groups" and value not in (None, "", [], {})}
    text = plain(rest.pop("text", ""), "text")
    if not text.strip():
        raise Empty
    if len(text) > MAX_CHARACTERS:
        raise Unusable(f"longer than {MAX_CHARACTERS:,} characters")
    if "\0" in text:
        raise Unusable("binary")
    known: dict[str, Any] = {name: one_line(rest.pop(name), name) for name in _TEXTS if name in rest}
    published = _published(rest.pop("published", None))
    if isinstance(published, Mapping):
        rest.update(published)
        published = None
    return Article(
        id=one_line(rest.pop("id", default_id), "id") or default_id,
        title=one_line(rest.pop("title", ""), "title") or default_title or default_id,
        text=text,
        published=published,
        groups=groups,
        metadata={str(name): _json(value) for name, value in sorted(rest.items(), key=lambda item: str(item[0]))},
        **known,
    )


def plain(value: Any, name: str) -> str:
    """Text in NFC with \\n line ends. Raises Unusable for anything but text and numbers."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Unusable(f'"{name}" is not text')
    try:
        str(value).encode()
    except UnicodeEncodeError:
        raise Unusable(f'"{name}" holds half a character (a lone surrogate)') from None
    return unicodedata.normalize("NFC", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def one_line(value: Any, name: str) -> str:
    """Like `plain`, with every run of white space as one space."""
    return " ".join(plain(", ".join(map(str, value)) if isinstance(value, list) else value, name).split())


def _published(value: Any) -> str | Mapping[str, Any] | None:
    """ISO 8601; where it is something else, it is kept as metadata rather than guessed at."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    try:
        datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None if value is None else {"published": value}
    return str(value).strip()


def _groups(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Raises Unusable for anything but names: an article must never be open to more people than was meant."""
    for field in map(str, fields):
        if field != "groups" and field.strip().casefold() in ("group", "groups"):
            raise ReadersUnclear(f'{field!r} would restrict nobody; write it as "groups"')
    value = fields.get("groups")
    names = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ReadersUnclear('"groups" is not a list of names')
    if not all(name.strip() for name in names):
        raise ReadersUnclear('"groups" is blank; name the groups, or leave it out where everybody may read this')
    return tuple(sorted({name.strip() for name in names}))


def _json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))
