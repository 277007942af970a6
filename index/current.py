"""The snapshot of the present generation, whichever process made it."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock

from index import snapshot as snapshots
from index.errors import UserError
from index.settings import SearchSettings
from index.snapshot import Snapshot
from index.store import Store
from index.terms import Terms


class Current:
    """Shared by all views of an index. May be used from several threads."""

    def __init__(self, store: Store, terms: Terms, search: SearchSettings) -> None:
        self._store, self._terms, self._search = store, terms, search
        self._recipe = f"language {terms.language}, k1 {search.bm25_k1}, b {search.bm25_b}"
        self._snapshot: Snapshot | None = None
        self._loading = Lock()

    def get(self) -> Snapshot:
        """The snapshot of the present generation; while another process is still writing, the last one there was."""
        with self._loading:
            if self._snapshot is None or self._snapshot.generation != self._store.generation():
                self._snapshot = self._renewed(self._snapshot)
            return self._snapshot

    def publish(self) -> None:
        """Make sure that readers find the present generation's files; to be called by whoever holds the lock."""
        with self._loading:
            self._snapshot = snapshots.load(self._store, self._recipe)
            if self._snapshot is None:
                self._snapshot = self._built()
                self._keep(self._snapshot)

    def _renewed(self, old: Snapshot | None) -> Snapshot:
        if found := snapshots.load(self._store, self._recipe):
            return found
        if old is not None and self._store.lock.is_held():
            return old
        built = self._built()
        with suppress(UserError), self._store.lock.held():
            self._keep(built)
        return built

    def _built(self) -> Snapshot:
        return snapshots.build(self._store, self._terms, self._search.bm25_k1, self._search.bm25_b)

    def _keep(self, built: Snapshot) -> None:
        """Write the files where the disk lets us: without them the next opening takes longer, that is all."""
        with suppress(OSError):
            snapshots.save(built, self._store, self._recipe)
