"""The snapshot of the present generation, whichever process made it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from threading import Lock

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
        self._mending = Lock()
        self._tried: State | None = None  # to mend this one; what is still missing then, nobody makes

    @contextmanager
    def present(self) -> Iterator[Snapshot]:
        """The snapshot and, as long as the context lasts, a view of the store of the same generation."""
        looked: State | None = None
        while True:
            with self._store.reading() as state:
                if self._snapshot is None or self._snapshot.state != state:
                    self._snapshot = self._opened(state)
                if self._snapshot is not None:
                    yield self._snapshot
                    return
            if looked == state:
                self._mend(state)
            looked = state

    def get(self) -> Snapshot:
        with self.present() as snapshot:
            return snapshot

    def _opened(self, state: State) -> Snapshot | None:
        """None where files are missing, which a writer may just have replaced, or which can be mended."""
        self._store.require("language", self._terms.language)
        found: dict[str, Segment] = {}
        parts: list[tuple[Segment, Mask]] = []
        for entry in self._catalog.entries():
            segment = self._segments.get(entry.name) or opened(self._catalog, entry, self._terms)
            if segment is not None:
                found[entry.name] = segment
                parts.append((segment, entry.alive(len(segment))))
                continue
            if self._tried != state:
                return None
            segment = Segment.build(self._store.rows(entry.first, entry.last), self._terms)
            if segment is not None:
                parts.append((segment, everything(segment)))
        self._segments = found
        return Snapshot.of(state, parts, self._search.bm25_k1, self._search.bm25_b)

    def _mend(self, state: State) -> None:
        """Have a writer make what is missing, unless somebody else is writing, or nobody may: this process then makes
        it for itself. The store is opened anew, so that who asks for something else need not wait."""
        with self._mending:
            if self._tried != state:
                with suppress(UserError, OSError), closing(Store.open(self._store.directory)) as store, store.writing():
                    Writer(store, self._terms)
                self._tried = state
