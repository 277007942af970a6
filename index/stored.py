"""How an article lies in the store's columns, and how what is damaged there is told from what is whole."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from index.article import Article, Chunk, Sentence
from index.errors import IndexBroken
from index.segment import Row

FIELDS = "id, title, text, url, author, published, section, language, groups, metadata"
"""The columns that an Article is made of."""

Value = str | bytes | int | float | None
"""What a column may hold, whatever its type says."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stored:
    """An article as it lies there, damaged or not; text that is not UTF-8 with surrogates.

    fields: the values of FIELDS, then its hashes. chunks: heading, sentences and vector of each, in the order of its
    text. checksum: as it was written; None where an earlier version wrote the article.
    """

    key: int
    fields: tuple[Value, ...]
    chunks: list[tuple[Value, ...]]
    checksum: Value

    @property
    def id(self) -> str:
        return str(self.fields[0]).encode(errors="surrogateescape").decode(errors="replace")


def checksum(fields: Iterable[Value], chunks: Iterable[Sequence[Value]]) -> bytes:
    """Of all that the store holds of an article but its source, which may change alone."""
    found = sha256()
    for value in chain(fields, *chunks):
        content = value if isinstance(value, bytes) else str(value).encode(errors="surrogateescape")
        found.update(f"{type(value).__name__} {len(content)} ".encode())
        found.update(content)
    return found.digest()


def fields_of(a: Article) -> tuple[str | None, ...]:
    """The values of FIELDS."""
    groups, metadata = json.dumps(a.groups), json.dumps(dict(a.metadata), ensure_ascii=False)
    return (a.id, a.title, a.text, a.url, a.author, a.published, a.section, a.language, groups, metadata)


def article_of(fields: Sequence[Any]) -> Article:
    """From the values of FIELDS. Raises ValueError where they are damaged."""
    _check_text(*fields[:3], *(value for value in fields[3:8] if value is not None))
    metadata: dict[str, Any] = _parsed(fields[9], dict, "metadata")
    return Article(*fields[:8], groups_of(fields[8]), metadata)  # type: ignore[call-arg]


def groups_of(stored: Value) -> tuple[str, ...]:
    """Raises ValueError where they are damaged."""
    groups: list[str] = _parsed(stored, list, "groups")
    _check_text(*groups)
    return tuple(groups)


def row_of(stored: Sequence[Any], size: int) -> Row:
    """size: of a vector, in bytes. Raises ValueError where it is damaged."""
    key, article, article_id, title, heading, text, groups, language, published, sentences, vector = stored
    spans = spans_of(sentences)
    start, end = int(spans[0, 0]), int(spans[-1, 1])
    words, language, published = text[start:end], language or "", published or ""
    _check_text(article_id, title, heading, words, language, published)
    if len(vector) != size:
        raise ValueError("a chunk's vector is of another size")
    return Row(key, article, article_id, end, title, heading, words, groups_of(groups), language, published, vector)


def packed(sentences: Sequence[Sentence]) -> bytes:
    return np.array([(s.start, s.end) for s in sentences], dtype="<i4").tobytes()


def chunk_of(heading: str, sentences: Value) -> Chunk:
    """Raises ValueError where it is damaged."""
    _check_text(heading)
    return Chunk(tuple(Sentence(start, end) for start, end in spans_of(sentences).tolist()), heading)


def spans_of(sentences: Value) -> npt.NDArray[np.int32]:
    """Start and end of each sentence, (n_sentences, 2), at least one. Raises ValueError where they are damaged."""
    if not isinstance(sentences, bytes) or not sentences or len(sentences) % 8:
        raise ValueError("a chunk's sentences can't be read")
    return np.frombuffer(sentences, "<i4").reshape(-1, 2)


def vector_of(stored: Value) -> npt.NDArray[np.float32]:
    """Raises ValueError where it is damaged."""
    if not isinstance(stored, bytes) or len(stored) % 4:
        raise ValueError("a chunk's vector can't be read")
    return np.frombuffer(stored, "<f4")


def _parsed(stored: Value, kind: type[T], name: str) -> T:
    try:
        found = json.loads(stored)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, kind):
        raise ValueError(f"its {name} can't be read")
    return found


def _check_text(*values: Any) -> None:
    try:
        "".join(values).encode()
    except (TypeError, ValueError):
        raise ValueError("it holds something else where text should be") from None


def remedy(article_id: str) -> str:
    return f"qa remove {shlex.quote(article_id)}, then qa index again"


@contextmanager
def named(article_id: str) -> Iterator[None]:
    """What is damaged, in the user's words."""
    try:
        yield
    except ValueError as error:
        raise IndexBroken(f"article {article_id} is damaged ({error}); {remedy(article_id)}") from error
