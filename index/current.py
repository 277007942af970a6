"""The snapshot of the present generation, whichever process made it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from index.catalog import Catalog, everything, opened
from index.database import State
from index.errors import UserError
from index.lexical import Mask
from index.segment import Segment
from index.settings import SearchSettings
from index.snapshot import Snapshot
from index.store import Store
from index.terms import Terms
from index.writer import Writer


class Current:
    """Shared by all views of an index. May be used from several threads."""

    def __init__(self, store: Store, terms: Terms, search: SearchSettings) -> None:
        self._store, self._terms, self._search = store, terms, search
        self._catalog = Catalog(store)
        self._snapshot: Snapshot | None = None
        self._segments: dict[str, Segment] = {}
        self._damaged: State | None = None

    @contextmanager
    def present(self) -> Iterator[Snapshot]:
        """The snapshot and, as long as the context lasts, a view of the store of the same generation."""
        while True:
            with self._store.reading() as state:
                if self._snapshot is None or self._snapshot.state != state:
                    self._snapshot = self._opened(state)
                if self._snapshot is not None:
                    yield self._snapshot
                    break
        if self._damaged == self._snapshot.state:
            self._repair()

    def get(self) -> Snapshot:
        with self.present() as snapshot:
            return snapshot

    def _opened(self, state: State) -> Snapshot | None:
        """None where files are missing that a writer may just have replaced: another look at the store will tell."""
        found: dict[str, Segment] = {}
        parts: list[tuple[Segment, Mask]] = []
        for entry in self._catalog.entries():
            segment = self._segments.get(entry.name) or opened(self._catalog, entry, self._terms)
            if segment is not None:
                found[entry.name] = segment
                parts.append((segment, entry.alive(len(segment))))
                continue
            if self._damaged != state:
                self._damaged = state
                return None
            segment = Segment.build(self._store.rows(entry.first, entry.last), self._terms)
            if segment is not None:
                parts.append((segment, everything(segment)))
        self._segments = found
        return Snapshot.of(state, parts, self._search.bm25_k1, self._search.bm25_b)

    def _repair(self) -> None:
        """Write what was damaged anew, unless somebody else is writing, who has then done so, or nobody may."""
        self._damaged = None
        with suppress(UserError, OSError), self._store.writing():
            Writer(self._store, self._terms)
