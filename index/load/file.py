"""File → articles, or why there are none."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from index.article import Article
from index.load import html, markdown, records, text
from index.load.fields import Empty, NotArticles, ReadersUnclear, Unusable
from index.load.find import File

MAX_BYTES = 256 * 2**20
"""Of one file, unpacked: more is a mistake or an attack (a gzip file can unpack to a thousand times its size)."""

READERS: dict[str, Callable[[str, str], Iterable[Article | Unusable]]] = {
    ".txt": text.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".html": html.read,
    ".htm": html.read,
    ".json": records.read_json,
    ".jsonl": records.read_jsonl,
    ".ndjson": records.read_jsonl,
    ".csv": records.read_csv,
}
"""What is read, by the end of the file's name; each also with .gz behind it."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Input that was not indexed, and why.

    kind: "failed", "empty" and "refused" (it is not clear who may read it) are for the user to mend; a "duplicate" is
    there already; "ignored" was never an article.
    """

    source: str
    reason: str
    kind: Literal["failed", "empty", "refused", "duplicate", "ignored"]


def read(file: File) -> Iterator[Article | Skipped]:
    """The articles of a file in its order. Never raises for what the file holds."""
    suffixes = [suffix.lower() for suffix in PurePath(file.name).suffixes]
    packed = suffixes[-1:] == [".gz"]
    suffix = "".join(suffixes[-2:-1] if packed else suffixes[-1:])
    reader = READERS.get(suffix)
    if not _is_text(str(file.path)):
        yield Skipped(file.name, "its name is not UTF-8; rename it", "failed")
        return
    if reader is None:
        kinds = ", ".join(READERS)
        yield Skipped(
            file.name, f"not a kind of file that is read ({kinds})", "failed" if file.asked_for else "ignored"
        )
        return
    declared = html.charset if reader is html.read else None
    try:
        for found in reader(_decoded(_bytes(file, packed), declared), file.name):
            yield _skipped(file, found) if isinstance(found, Unusable) else found
    except Unusable as problem:
        yield _skipped(file, problem)


def _is_text(name: str) -> bool:
    """Whether a path can be stored: the operating system allows bytes that are no text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _skipped(file: File, problem: Unusable) -> Skipped:
    match problem:
        case NotArticles():
            return Skipped(file.name, str(problem), "ignored")
        case Empty():
            return Skipped(file.name, str(problem), "empty")
        case ReadersUnclear():
            return Skipped(file.name, str(problem), "refused")
    return Skipped(file.name, str(problem), "failed")


def _bytes(file: File, packed: bool) -> bytes:
    try:
        with (gzip.open if packed else open)(file.path, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unusable(f"damaged gzip file ({error})") from error
    except OSError as error:
        raise Unusable(f"unreadable ({error.strerror or error})") from error
    if len(content) > MAX_BYTES:
        raise Unusable(f"larger than {MAX_BYTES // 2**20} MiB")
    if not content.strip():
        raise Empty
    return content


def _decoded(content: bytes, declared: Callable[[bytes], str | None] | None) -> str:
    """By the byte order mark, else by what the file declares, else as UTF-8."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return _strictly(content[len(mark) :], encoding)
    if b"\0" in content[:8192]:
        raise Unusable("binary")
    return _strictly(content, (declared(content) if declared else None) or "utf-8")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except LookupError:
        raise Unusable(f"declares an unknown encoding ({encoding!r}); save it as UTF-8") from None
    except UnicodeDecodeError as error:
        raise Unusable(f"not {encoding.upper()} (at byte {error.start:,}); save it as UTF-8") from error
