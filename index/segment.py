"""Some chunks, ready to be searched: written once, never changed, memory-mapped."""

from __future__ import annotations

import json
import os
import secrets
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.arrays import Named, mapped, to_bytes
from index.chunks import context
from index.dense import Dense
from index.lexical import Mask, Postings

FORMAT = 4
"""Raised by one when what a segment holds, or how, changes; segments of another format are made again."""

MAX_CHUNKS = 131_072
"""In one segment: bounds the memory that making one takes, some 600 MB."""

UNDATED = np.iinfo(np.int32).min

_ARRAYS, _DENSE = FILES = ("arrays.safetensors", "dense.faiss")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """A chunk as the store has it. vector: little-endian float32."""

    key: int
    article: int
    article_id: str
    end: int
    title: str
    heading: str
    text: str
    groups: tuple[str, ...]
    language: str
    published: str
    vector: bytes


@dataclass(frozen=True)
class Columns(Named):
    """One value a chunk. keys: in the store, rising. article: its article's key. order: decides between equal scores,
    from the article's id and the place in its text, so that it is the same whenever the chunk came in. audience,
    language: numbers in the segment's lists. published: days since 1970, or UNDATED."""

    keys: npt.NDArray[np.int64]
    article: npt.NDArray[np.int64]
    order: npt.NDArray[np.uint64]
    audience: npt.NDArray[np.int32]
    language: npt.NDArray[np.int32]
    published: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Segment:
    """audiences: the groups that articles are for, each once; languages: their languages, each once."""

    columns: Columns
    audiences: tuple[tuple[str, ...], ...]
    languages: tuple[str, ...]
    postings: Postings
    dense: Dense

    def __len__(self) -> int:
        return len(self.columns.keys)

    @classmethod
    def build(cls, rows: Iterable[Row], terms: Callable[[str], list[str]]) -> Segment | None:
        """From chunks in the order of their keys; None where there are none."""
        audiences: dict[tuple[str, ...], int] = {}
        languages: dict[str, int] = {}
        columns, counted, vectors = [], [], []
        for row in rows:
            columns.append((
                row.key, row.article, _order(row.article_id, row.end), audiences.setdefault(row.groups, len(audiences)),
                languages.setdefault(row.language, len(languages)), days(row.published),
            ))  # fmt: skip
            counted.append(terms("\n".join((context(row.title), row.heading, row.text))))
            vectors.append(np.frombuffer(row.vector, "<f4").astype(np.float16))
        if not columns:
            return None
        kinds = (np.int64, np.int64, np.uint64, np.int32, np.int32, np.int32)
        arrays = (np.array(values, kind) for values, kind in zip(zip(*columns, strict=True), kinds, strict=True))
        return cls(
            Columns(*arrays),
            tuple(audiences),
            tuple(languages),
            Postings.build(counted),
            Dense.build(np.stack(vectors)),
        )

    @classmethod
    def merge(cls, parts: Sequence[tuple[Segment, Mask]]) -> Segment:
        """One segment of the chunks of the masks, (n_chunks,) each; the parts in the order of their keys."""
        audiences: dict[tuple[str, ...], int] = {}
        languages: dict[str, int] = {}
        kept: list[Columns] = []
        for part, alive in parts:
            columns = Columns(**{name: array[alive] for name, array in part.columns.arrays().items()})
            kept.append(
                replace(
                    columns,
                    audience=renumbered(part.audiences, audiences)[columns.audience],
                    language=renumbered(part.languages, languages)[columns.language],
                )
            )
        joined = {f.name: np.concatenate([getattr(columns, f.name) for columns in kept]) for f in fields(Columns)}
        return cls(
            Columns(**joined),
            tuple(audiences),
            tuple(languages),
            Postings.merge([(part.postings, alive) for part, alive in parts]),
            Dense.build(np.concatenate([part.dense.vectors[alive] for part, alive in parts])),
        )

    def write(self, directory: Path) -> dict[str, int]:
        """Make the directory with the segment's files, safe on disk; returns their CRC-32. Raises OSError."""
        listed = np.frombuffer(json.dumps([self.audiences, self.languages]).encode(), np.uint8)
        postings = {f"postings {name}": array for name, array in self.postings.arrays().items()}
        arrays = {**self.columns.arrays(), **postings, "vectors": self.dense.vectors, "lists": listed}
        directory.parent.mkdir(exist_ok=True)  # no more than that: an index that is gone is not made again
        directory.mkdir()
        sums = {}
        for name, content in ((_ARRAYS, to_bytes(arrays)), (_DENSE, self.dense.to_bytes())):
            sums[name] = zlib.crc32(content)
            with (directory / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for folder in (directory, directory.parent):
            _to_disk(folder)
        return sums

    @classmethod
    def open(cls, directory: Path, sums: dict[str, int]) -> Segment | None:
        """None where a file is missing, torn, changed or of something else."""
        try:
            if set(sums) != set(FILES) or any(_crc32(directory / name) != sums[name] for name in FILES):
                return None
            return cls.mapped(directory)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError):
            return None

    @classmethod
    def mapped(cls, directory: Path) -> Segment:
        """The segment of files that are known to be whole."""
        arrays = mapped(directory / _ARRAYS)
        audiences, languages = json.loads(arrays["lists"].tobytes())
        return cls(
            Columns(*(arrays[field.name] for field in fields(Columns))),
            tuple(map(tuple, audiences)),
            tuple(languages),
            Postings(*(arrays[f"postings {field.name}"] for field in fields(Postings))),
            Dense.open(arrays["vectors"], directory / _DENSE),
        )


def new_name() -> str:
    return secrets.token_hex(6)


def days(published: str) -> int:
    """Of an ISO 8601 date, or date and time; UNDATED where it is none."""
    try:
        return date.fromisoformat(published[:10]).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return UNDATED


def renumbered(listed: Sequence[Any], numbers: dict[Any, int]) -> npt.NDArray[np.int32]:
    """Place in the list → number, (n,); what has none yet is given the next."""
    return np.array([numbers.setdefault(item, len(numbers)) for item in listed], np.int32)


def _to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _order(article_id: str, end: int) -> int:
    return int.from_bytes(sha256(article_id.encode()).digest()[:4]) << 32 | min(end, 2**32 - 1)


def _crc32(path: Path) -> int:
    """Read block by block: through a memory map all of it would count as this process's memory."""
    found = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            found = zlib.crc32(block, found)
    return found
