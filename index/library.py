"""The index as a whole: open, sync, remove; what it holds, it shows as a View."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from pathlib import Path

from index.current import Current
from index.embed import Embedder
from index.load import find
from index.settings import IndexSettings, SearchSettings
from index.store import Store
from index.sync import Progress, SyncReport, sync
from index.terms import Terms
from index.verify import Progress as Verified
from index.verify import verify
from index.view import Hit, View
from index.writer import Writer

__all__ = ["Hit", "Library"]


class Library(View):
    """An index directory, opened, with everything in it. May be used from several threads."""

    def __init__(self, store: Store, embedder: Embedder, index: IndexSettings, search: SearchSettings) -> None:
        terms = Terms(index.language)
        super().__init__(store, embedder, search, terms, Current(store, terms, search), reader=None)
        self._index = index

    @classmethod
    def open(
        cls,
        directory: Path,
        embedder: Embedder,
        index: IndexSettings = IndexSettings(),
        search: SearchSettings = SearchSettings(),
        *,
        create: bool = False,
    ) -> Library:
        """create: make an empty index where there is none. Raises UserError."""
        store = Store.create(directory) if create else Store.open(directory)
        store.require("model", embedder.name)
        store.require("language", index.language)
        return cls(store, embedder, index, search)

    def sync(
        self, paths: Sequence[str], progress: Progress = lambda *_: None, changed: Set[Path] | None = None
    ) -> SyncReport:
        """Index these folders, files and patterns; see `index.sync.sync`. Raises UserError.

        changed: look only at these files, there or not, and at what is in these folders; None: at all.
        """
        inputs = find(paths, self.directory.resolve())
        if changed is not None:
            inputs = inputs.narrowed(changed)
        with self._writing() as writer:
            self._store.bind("model", self.embedder.name)
            return sync(self._store, writer, self.embedder, self._index, inputs, progress)

    def remove(self, ids: Iterable[str]) -> list[str]:
        """Remove articles until a sync brings them again; returns the ids that were there. Raises UserError."""
        with self._writing() as writer:
            return writer.remove(ids)

    def verify(self, progress: Verified = lambda *_: None) -> list[str]:
        """What does not hold in this index, a line each; see `index.verify.verify`."""
        return verify(self._store, self.terms, progress)

    @contextmanager
    def _writing(self) -> Iterator[Writer]:
        """What is written can be found at once; then, in the background of whoever writes, the files are tidied up."""
        with self._store.writing():
            writer = Writer(self._store, self.terms)
            yield writer
            while writer.tidy():
                pass
