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

_NO_KEY = 2**63 - 1  # SQLite's highest, which no chunk reaches


@dataclass(frozen=True, slots=True)
class Entry:
    """name: of its folder. first, last: it holds the chunks with keys from first to last, both included. recipe: what
    its terms were made with; "" where it has not been made yet. sums: file → CRC-32. dead: bits (packed,
    little-endian), the chunks removed since."""

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

    def entries(self) -> list[Entry]:
        """By their keys, which no two have in common; every chunk is in one."""
        made = self._made()
        gaps = zip([0, *(entry.last for entry in made)], [*(entry.first for entry in made), _NO_KEY], strict=True)
        unmade = [entry for gap in gaps if (keys := self._store.keys(*gap)) for entry in _unmade(*keys)]
        return sorted(made + unmade, key=lambda entry: entry.first)

    def _made(self) -> list[Entry]:
        """Those that the store has, by their keys."""
        if not self._store.database.execute("SELECT 1 FROM sqlite_master WHERE name = 'segment'").fetchone():
            return []
        rows = self._store.database.execute("SELECT name, first, last, recipe, sums, dead FROM segment ORDER BY first")
        return [Entry(n, first, last, recipe, _sums(sums), dead) for n, first, last, recipe, sums, dead in rows]

    def put(self, entry: Entry) -> None:
        """Add, or change, the one of this name."""
        self._store.database.execute(
            "INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?, ?, ?)",
            (entry.name, entry.first, entry.last, entry.recipe, json.dumps(entry.sums), entry.dead),
        )

    def drop(self, names: Iterable[str]) -> None:
        self._store.database.executemany("DELETE FROM segment WHERE name = ?", [(name,) for name in names])

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


def _unmade(first: int, last: int) -> Iterator[Entry]:
    for key in range(first, last + 1, MAX_CHUNKS):
        end = min(key + MAX_CHUNKS - 1, last)
        yield Entry(f"{key}-{end}", key, end, recipe="")


def _sums(stored: str) -> dict[str, int]:
    """None of them where they can't be read: the segment then counts as damaged."""
    try:
        found: dict[str, int] = json.loads(stored)
    except ValueError:
        return {}
    return found
