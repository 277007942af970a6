"""Which segments an index has: a table of the store, so that articles and what finds them change at one stroke."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from index.lexical import Mask
from index.segment import FORMAT, MAX_CHUNKS, Segment
from index.store import Store
from index.terms import Terms

FOLDER = "segments"


@dataclass(frozen=True, slots=True)
class Entry:
    """name: of its folder. first, last: it holds the chunks with keys from first to last, both included. recipe: what
    its terms were made with. sums: file → CRC-32. dead: bits (packed, little-endian), the chunks removed since."""

    name: str
    first: int
    last: int
    recipe: str
    sums: dict[str, int] = field(default_factory=dict)
    dead: bytes | None = None

    def alive(self, size: int) -> Mask:
        """(size,), which of its chunks are still there. Raises ValueError where it has another size."""
        if self.dead is None:
            return np.ones(size, bool)
        return ~np.unpackbits(np.frombuffer(self.dead, np.uint8), count=size, bitorder="little").astype(bool)

    def without(self, alive: Mask) -> Entry:
        """The same with another mask."""
        return replace(self, dead=None if alive.all() else np.packbits(~alive, bitorder="little").tobytes())


class Catalog:
    """To be read inside `Store.reading`, and changed inside `changing` or `rearranging`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._db = store.database

    def entries(self) -> list[Entry]:
        """By their keys, which no two have in common."""
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'segment'").fetchone():
            return list(_unmade(self._store.last_key()))
        rows = self._db.execute("SELECT name, first, last, recipe, sums, dead FROM segment ORDER BY first")
        return [Entry(n, first, last, recipe, json.loads(sums), dead) for n, first, last, recipe, sums, dead in rows]

    def put(self, entry: Entry) -> None:
        """Add, or change, the one of this name."""
        self._db.execute(
            "INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?, ?, ?)",
            (entry.name, entry.first, entry.last, entry.recipe, json.dumps(entry.sums), entry.dead),
        )

    def drop(self, names: Iterable[str]) -> None:
        self._db.executemany("DELETE FROM segment WHERE name = ?", [(name,) for name in names])

    def prepare(self) -> None:
        """Give an index of format 1 its table; its segments are made from the store when something needs them."""
        if self._store.meta("format") == "1":
            with self._store.rearranging():
                self._db.execute(
                    "CREATE TABLE segment (name TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, "
                    "recipe TEXT NOT NULL, sums TEXT NOT NULL, dead BLOB) WITHOUT ROWID"
                )
                for entry in _unmade(self._store.last_key()):
                    self.put(entry)
                self._db.execute("UPDATE meta SET value = '2' WHERE name = 'format'")

    def folder(self, name: str) -> Path:
        return self._store.directory / FOLDER / name

    def orphans(self) -> list[str]:
        """Folders that no entry names: of a writer that was killed, or is at work."""
        named = {entry.name for entry in self.entries()}
        return sorted(f.name for f in (self._store.directory / FOLDER).glob("*") if f.name not in named)

    def sweep(self) -> None:
        """Remove what no entry names; to be called by whoever holds the lock."""
        for name in self.orphans():
            shutil.rmtree(self.folder(name), ignore_errors=True)
        for folder in self._store.directory.glob("derived-*"):  # of format 1
            shutil.rmtree(folder, ignore_errors=True)


def recipe(terms: Terms) -> str:
    """What a segment depends on besides its articles."""
    return f"format {FORMAT}, language {terms.language}"


def opened(catalog: Catalog, entry: Entry, terms: Terms) -> Segment | None:
    """None where its files are not whole or were made in another way."""
    return Segment.open(catalog.folder(entry.name), entry.sums) if entry.recipe == recipe(terms) else None


def everything(segment: Segment) -> Mask:
    """The mask of all its chunks."""
    return np.ones(len(segment), bool)


def _unmade(last_key: int) -> Iterator[Entry]:
    for first in range(1, last_key + 1, MAX_CHUNKS):
        last = min(first + MAX_CHUNKS - 1, last_key)
        yield Entry(f"{first}-{last}", first, last, recipe="")
