"""The index as a whole: open, sync, search, remove."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import log1p
from pathlib import Path
from threading import Lock

from index import snapshot as snapshots
from index.article import Article, Chunk
from index.embed import Embedder
from index.errors import UserError
from index.load import find
from index.settings import IndexSettings, SearchSettings
from index.snapshot import Ranked, Snapshot
from index.store import Counts, Store
from index.sync import Progress, SyncReport, sync
from index.terms import Terms


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, with its article. score: fused; dense: cosine in [-1, 1]; lexical: BM25."""

    article: Article
    chunk: Chunk
    score: float
    dense: float
    lexical: float

    @property
    def text(self) -> str:
        return self.article.text[self.chunk.start : self.chunk.end]


class Library:
    """An index directory, opened. May be used from several threads; picks up what another process has indexed."""

    def __init__(self, store: Store, embedder: Embedder, index: IndexSettings, search: SearchSettings) -> None:
        self.embedder = embedder
        self._store = store
        self._index, self._search = index, search
        self._recipe = f"language {index.language}, k1 {search.bm25_k1}, b {search.bm25_b}"
        self._snapshot: Snapshot | None = None
        self._loading = Lock()

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
        return cls(store, embedder, index, search)

    def close(self) -> None:
        self._store.close()

    @property
    def directory(self) -> Path:
        return self._store.directory

    @cached_property
    def terms(self) -> Terms:
        """How this index turns texts and questions into BM25's terms."""
        return Terms(self._index.language)

    @property
    def generation(self) -> int:
        """Rises with every change; while it stays the same, so do the articles."""
        return self._store.generation()

    def counts(self) -> Counts:
        return self._store.counts()

    def article(self, article_id: str) -> Article | None:
        return self._store.article(article_id)

    def titles(self) -> dict[str, str]:
        """Article id → title, by id."""
        return self._store.titles()

    def chunks(self, article_id: str) -> list[Chunk]:
        """An article's chunks in the order of its text."""
        return self._store.chunks_of(article_id)

    def sync(self, paths: Sequence[str], progress: Progress = lambda *_: None) -> SyncReport:
        """Index these folders, files and patterns; see `index.sync.sync`. Raises UserError."""
        inputs = find(paths, self.directory.resolve())
        with self._store.writing():
            self._store.bind("model", self.embedder.name)
            report = sync(self._store, self.embedder, self._index, inputs, progress)
            self._publish()
        return report

    def remove(self, ids: Iterable[str]) -> list[str]:
        """Remove articles until a sync brings them again; returns the ids that were there. Raises UserError."""
        with self._store.writing():
            removed = self._store.remove(ids)
            self._publish()
        return removed

    def search(self, question: str, top_k: int, admit: Callable[[Article], bool] = lambda article: True) -> list[Hit]:
        """The top_k chunks for a question, best first; both sides of the index are asked.

        admit: articles that it refuses are passed over. A chunk that was changed or removed a moment ago is left out
        rather than quoted.
        """
        snapshot = self._current()
        if not len(snapshot.keys):
            return []
        self._store.require("model checksum", self.embedder.checksum)
        vector = self.embedder.questions([question])[0]
        s = self._search
        ranked = snapshot.search(vector, self.terms(question), max(s.depth, top_k), s.dense_weight)
        with self._store.reading():
            hits = (hit for hit in self._hits(ranked) if admit(hit.article))
            return list(islice(hits, top_k))

    def _hits(self, ranked: Iterable[Ranked]) -> Iterator[Hit]:
        """Those that are still there, in the store's present view."""
        articles: dict[str, Article | None] = {}
        for r in ranked:
            if found := self._store.chunk(r.key):
                article_id, chunk = found
                if article_id not in articles:
                    articles[article_id] = self._store.article(article_id)
                if article := articles[article_id]:
                    yield Hit(article, chunk, r.score, r.dense, r.lexical)

    def rarity(self, term: str) -> float:
        """A term's weight: ln(1 + (N - n + 0.5) / (n + 0.5)), above 0, for the n of N chunks that hold it."""
        lexical = self._current().lexical
        n = lexical.count(term)
        return log1p((lexical.size - n + 0.5) / (n + 0.5))

    def _current(self) -> Snapshot:
        """The snapshot of the present generation; while another process is still writing, the last one there was."""
        with self._loading:
            if self._snapshot is None or self._snapshot.generation != self._store.generation():
                self._snapshot = self._renewed(self._snapshot)
            return self._snapshot

    def _renewed(self, old: Snapshot | None) -> Snapshot:
        if found := snapshots.load(self._store, self._recipe):
            return found
        if old is not None and self._store.lock.is_held():
            return old
        built = self._built()
        with suppress(UserError), self._store.lock.held():
            self._keep(built)
        return built

    def _publish(self) -> None:
        """Make sure that readers find the present generation's files; to be called by whoever holds the lock."""
        with self._loading:
            self._snapshot = snapshots.load(self._store, self._recipe)
            if self._snapshot is None:
                self._snapshot = self._built()
                self._keep(self._snapshot)

    def _built(self) -> Snapshot:
        return snapshots.build(self._store, self.terms, self._search.bm25_k1, self._search.bm25_b)

    def _keep(self, built: Snapshot) -> None:
        """Write the files where the disk lets us: without them the next opening takes longer, that is all."""
        with suppress(OSError):
            snapshots.save(built, self._store, self._recipe)
